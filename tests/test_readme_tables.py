"""What the tables of the README say of specifications and limits, held against the code and the tests."""

from __future__ import annotations

import ast
import inspect
import pkgutil
import re
from pathlib import Path
from types import ModuleType

import pytest

import jinglecodec as jc
from jinglecodec import endpoint, ice, sdp, session
from jinglecodec.sip.legs import Settings

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "jinglecodec"
README = (ROOT / "README.md").read_text(encoding="utf-8")

DEVIATIONS = {
    "security-required (9) is understood and never sent": (
        "session/test_session_examples.py test_security_required_is_told"
    ),
    "several `bandwidth` are read and written: SDP has several `b=`": (
        "model/test_model_rtp.py test_several_bandwidths_are_kept_though_the_schema_allows_one"
    ),
    "`tcptype` is read and written, as deployed": (
        "model/test_model_ice_udp.py test_protocols_of_later_documents_are_no_quirk"
    ),
    "data is taken from the host only that was signalled": (
        "endpoint/test_endpoint_paths.py test_data_without_ice_is_taken_from_the_host_that_was_signalled"
    ),
    "header extension senders follow XEP-0166 7.3, not the example of XEP-0294": (
        "mapping/test_mapping_goldens.py test_header_extensions_have_the_senders_of_their_direction"
    ),
    "`sctpmap` comes back as `a=sctp-port` (RFC 8841)": (
        "mapping/test_mapping_goldens.py test_data_channels_are_written_as_rfc_8841_has_it_whatever_they_are_for"
    ),
    "of XEP-0280, 0297 and 0334 what that takes": "model/test_model_hints.py test_other_hints_stay_as_they_came",
    "`tests/model/test_everything.py` has what is modelled and what is not": (
        "model/test_everything.py test_every_element_of_these_documents_is_modelled_or_listed"
    ),
    "read in any stream namespace, or none": (
        "model/test_model_envelopes.py test_envelopes_stay_in_the_namespace_of_their_stream"
    ),
    "other attributes are kept as text": (
        "sdp/test_sdp_attributes.py test_a_line_says_and_is_written_as_its_specification_has_it"
    ),
    "OpaqueString leaves out most of the zero-width non-joiner rule": (
        "stun/test_stun_strings.py test_opaque_string_refuses_what_freeform_class_does_not_hold"
    ),
    "UDP only": "ice/test_ice_candidates.py test_what_cannot_be_used_is_ignored_with_a_reason",
    "the check that nominates is repeated, not retransmitted": (
        "ice/test_ice_nomination.py test_a_lost_nomination_is_repeated"
    ),
    "pairs worse than a valid one are checked only when the peer does": (
        "ice/test_ice_nomination.py test_pairs_that_are_worse_than_a_valid_one_are_not_checked"
    ),
    "when pairs are discarded for the limit, some of every kind of candidate stay": (
        "ice/test_ice_checklist.py test_the_limit_leaves_pairs_of_every_kind"
    ),
    "a path that gave no consent twice is checked once more with retransmissions": (
        "ice/test_ice_consent.py test_a_path_in_doubt_is_checked_with_retransmissions"
    ),
    "a refused channel leaves indications (12.3 recommends another allocation)": (
        "ice/test_ice_relay.py test_channel_that_is_refused_leaves_indications"
    ),
    "foundations beyond 255 go on counting": (
        "sip/test_sip_negotiation.py test_foundations_are_counted_and_the_257th_goes_on"
    ),
    "no authentication, no UPDATE, no session timers": (
        "sip/test_sip_gateway_laws.py test_bad_requests_are_answered_and_the_xmpp_side_is_untouched"
    ),
}
"What is done otherwise -> the test that shows it."

LEFT_OUT = {
    "of XEP-0030 disco#info",
    "no file is transferred",
    "the sense of `k=` is obsolete",
    "no EVEN-PORT, RESERVATION-TOKEN, DONT-FRAGMENT or ICMP",
    "names are left to the SIP server",
}
"What there is not, so that no test shows it."


def table(section: str) -> list[list[str]]:
    """Return the rows of the table of a section, without its head."""
    text = README.partition(f"## {section}\n")[2].partition("\n## ")[0]
    rows = [re.split(r" \| ?", line.removeprefix("| ")) for line in text.splitlines() if line.startswith("| ")]
    return rows[1:]


def named(text: str) -> list[str]:
    """Return the specifications that a text names; where one of a series is a bare number, in full."""
    found, series = [], ""
    for kind, number, draft in re.findall(r"\b(XEP-|RFC )?(\d{4})\b|(draft-[\w-]+)", text):
        series = kind or series
        found.append(draft or series + number)
    return found


SPECIFICATIONS = table("Specifications")


@pytest.mark.parametrize("row", SPECIFICATIONS, ids=lambda row: row[0][:40])
def test_modules_cite_the_specifications_of_their_row(row: list[str]) -> None:
    """So that from the row a reader finds the code, and from the code the clause."""
    first, *others = re.findall(r"`([a-z_.A-Z]+)`", row[1])
    family = first.partition(".")[0]
    source = "".join(map(source_of, [first, *(family + name if name[0] == "." else name for name in others)]))
    assert [one for one in named(row[0]) if one not in source] == []


def source_of(name: str) -> str:
    """Return the text of a module, of a whole package, or of the module of a class or function."""
    found = pkgutil.resolve_name(f"jinglecodec.{name}")
    if isinstance(found, ModuleType) and hasattr(found, "__path__"):
        return "".join(path.read_text(encoding="utf-8") for path in sorted(Path(found.__path__[0]).glob("**/*.py")))
    return Path(inspect.getsourcefile(found) or "").read_text(encoding="utf-8")


def test_every_document_that_a_model_is_of_has_a_row() -> None:
    listed = {one for row in SPECIFICATIONS for one in named(f"{row[0]}; {row[3]}")}
    heads = [ast.get_docstring(ast.parse(path.read_bytes())) for path in sorted((PACKAGE / "model").glob("*.py"))]
    cited = {one for head in heads for one in re.findall(r"XEP-\d{4}", head or "")}
    assert len(cited) > 30
    assert cited - listed == set()


def test_every_deviation_is_shown_by_a_test_or_left_out() -> None:
    cells = [row[3].rstrip(" |") for row in SPECIFICATIONS]
    assert {one for cell in cells for one in cell.split("; ") if one} == DEVIATIONS.keys() | LEFT_OUT
    for place in DEVIATIONS.values():
        file, name = place.split()
        assert f"\ndef {name}(" in (ROOT / "tests" / file).read_text(encoding="utf-8"), place


def test_numbers_of_actions_and_conditions_are_those_of_the_enumerations() -> None:
    of_jitsi = {jc.Action.SOURCE_ADD, jc.Action.SOURCE_REMOVE}
    assert f"| {len(set(jc.Action) - of_jitsi)} actions, {len(jc.Condition)} conditions, " in README


def test_limits_are_the_defaults() -> None:
    """Each cell of the table as the code has it."""
    stanza, agent, account, proposals = jc.Limits(), ice.Config(), session.Config(), session.ProposalConfig()
    text = {name: one.default for name, one in inspect.signature(sdp.loads).parameters.items()}
    assert dict(row[:2] for row in table("Limits")) == {
        "a stanza": (
            f"{stanza.size >> 20} MiB, {stanza.depth} levels, {stanza.tags:,} tags, "
            f"{stanza.attributes} attributes an element, {stanza.namespace} characters a namespace"
        ),
        "a description": (
            f"{text['max_size'] >> 20} MiB, {text['max_lines']:,} lines, {text['max_line']:,} characters a line"
        ),
        "an ICE agent": f"{agent.pairs} pairs; {agent.remote_candidates} candidates of the peer a stream",
        "an account": (
            f"{account.sessions} sessions, {account.sessions_per_peer} with one peer; {account.contents} contents "
            f"a session, {account.requests:,} requests unanswered; {proposals.proposals} proposals, "
            f"{proposals.proposals_per_peer} with one peer"
        ),
        "an endpoint": f"{endpoint.Config().addresses} addresses of this host",
        "a gateway": f"{inspect.signature(Settings).parameters['calls'].default:,} calls",
    }
