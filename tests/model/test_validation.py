"""What `jc.validate` says beyond the schemas, and what the library writes judged by both profiles."""

from __future__ import annotations

import copy
import random
from collections import Counter
from functools import cache
from pathlib import Path

import attrs
import pytest
from element_support import Bare, tree
from hypothesis import given
from lxml import etree
from schema_support import WRONG, excuse

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec.findings import Finding, Severity
from jinglecodec.model.checks import RULES, offences
from jinglecodec.strategies import from_class
from jinglecodec.xml.schema import Profile, is_usual

MUTATIONS = 2000

CANDIDATE = (
    "<candidate component='1' foundation='1' generation='0' id='a' ip='192.0.2.1' network='0' port='1' priority='1'"
    " protocol='udp' type='host'/>"
)
OPUS = "<payload-type id='111' name='opus' clockrate='48000' channels='2'/>"
PRINT = "<fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-256' setup='{}'>AB:CD</fingerprint>"
GROUP = "<group xmlns='urn:xmpp:jingle:apps:grouping:0' semantics='BUNDLE'><content name='{}'/></group>"
WEBRTC = "<transport xmlns='urn:xmpp:jingle:transports:webrtc:1'/>"
MESSAGE = "urn:xmpp:jingle-message:0"


def rtp(inside: str = OPUS) -> str:
    return f"<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'>{inside}</description>"


def ice(inside: str = "", attributes: str = "pwd='p' ufrag='u'") -> str:
    return f"<transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' {attributes}>{inside}</transport>"


PARTS = rtp() + ice(CANDIDATE)


def content(inside: str = PARTS, attributes: str = "", name: str = "a") -> str:
    return f"<content creator='initiator' name='{name}' {attributes}>{inside}</content>"


def jingle(inside: str | None = None, action: str = "session-initiate", attributes: str = "sid='s'") -> str:
    inside = content() if inside is None else inside
    return f"<jingle xmlns='urn:xmpp:jingle:1' action='{action}' {attributes}>{inside}</jingle>"


def iq(inside: str | None = None, kind: str = "set", attributes: str = "id='i'") -> str:
    return f"<iq xmlns='jabber:client' type='{kind}' {attributes}>{jingle() if inside is None else inside}</iq>"


def error(inside: str) -> str:
    return f"<error type='cancel'>{inside}</error>"


CONDITION = "<bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"


def source(attributes: str) -> str:
    return rtp(f"{OPUS}<source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' {attributes}/>") + ice()


def encryption(inside: str) -> str:
    return rtp(f"{OPUS}<encryption required='1'>{inside}</encryption>") + ice()


def channel(attributes: str) -> str:
    return ice(f"<channel xmlns='urn:xmpp:jingle:transports:webrtc-datachannel:0' id='1' {attributes}/>")


CRYPTO = "<crypto crypto-suite='AES_CM_128_HMAC_SHA1_80' key-params='inline:a' tag='1'/>"
EXPIRED = "<reason xmlns='urn:xmpp:jingle:1'><expired/></reason>"


@attrs.frozen
class Case:
    """A rule broken, where, and the same as it should be."""

    code: str
    clause: str
    broken: str
    path: str
    kept: str


CASES = (
    Case("payload-count", "RFC 6120 8.2.3", iq(""), "iq", iq()),
    Case("payload-count", "RFC 6120 8.2.3", iq(jingle() * 2), "iq", iq()),
    Case("payload-count", "RFC 6120 8.2.3", iq("<a xmlns='urn:a'/>" * 2, "result"), "iq", iq("", "result")),
    Case("missing-id", "RFC 6120 8.1.3", iq(attributes=""), "iq/@id", iq()),
    Case("missing-error", "RFC 6120 8.3.1", iq("", "error"), "iq", iq(error(CONDITION), "error")),
    Case("missing-condition", "RFC 6120 8.3.2", iq(error(""), "error"), "iq/error", iq(error(CONDITION), "error")),
    Case("not-set", "XEP-0166 6", iq(kind="get"), "iq/@type", iq()),
    Case("missing-sid", "XEP-0166 7.1", jingle(attributes=""), "jingle/@sid", jingle("", "session-terminate", "")),
    Case("missing-content", "XEP-0166 7.2", jingle(""), "jingle", jingle("", "session-info")),
    Case("missing-content", "XEP-0166 7.2", jingle("", "transport-info"), "jingle", jingle(action="transport-info")),
    Case("missing-description", "XEP-0166 7.2.8", jingle(content(ice())), "jingle/content", jingle(content(WEBRTC))),
    Case("missing-transport", "XEP-0166 7.2.8", jingle(content(rtp())), "jingle/content", jingle()),
    Case(
        "missing-transport",
        "XEP-0166 7.2.8",
        jingle(content() + content(rtp(), name="b"), "session-accept"),
        "jingle/content[2]",
        jingle(content(rtp()), "content-modify").replace("name", "senders='both' name"),
    ),
    Case("repeated-part", "XEP-0166 7.2.8", jingle(content(PARTS + ice())), "jingle/content", jingle()),
    Case("repeated-part", "XEP-0166 7.2.8", jingle(content(PARTS + rtp())), "jingle/content", jingle()),
    Case(
        "no-session",
        "XEP-0166 7.2.10",
        jingle(content(attributes="disposition='early-session'")),
        "jingle",
        jingle(content(attributes="disposition='early-session'") + content(name="b")),
    ),
    Case(
        "repeated-content",
        "XEP-0166 7.3",
        jingle(content() * 2),
        "jingle/content[2]/@name",
        jingle(content() + content().replace("initiator", "responder")),
    ),
    Case(
        "missing-senders",
        "XEP-0166 7.3",
        jingle(content(""), "content-modify"),
        "jingle/content/@senders",
        jingle(content("", "senders='both'"), "content-modify"),
    ),
    Case(
        "missing-condition",
        "XEP-0166 7.4",
        jingle("<reason><text>gone</text></reason>", "session-terminate"),
        "jingle/reason",
        jingle("<reason><text>gone</text><gone/></reason>", "session-terminate"),
    ),
    Case(
        "unnamed-payload-type",
        "XEP-0167 4",
        jingle(content(rtp("<payload-type id='96'/>") + ice())),
        "jingle/content/description/payload-type/@name",
        jingle(content(rtp("<payload-type id='0'/>") + ice())),
    ),
    Case(
        "missing-crypto",
        "XEP-0167 7",
        jingle(content(encryption(""))),
        "jingle/content/description/encryption",
        jingle(content(encryption(CRYPTO))),
    ),
    Case(
        "missing-credentials",
        "XEP-0176 5.3",
        jingle(content(rtp() + ice(CANDIDATE, "pwd='p'"))),
        "jingle/content/transport",
        jingle(content(rtp() + ice("", ""))),
    ),
    Case(
        "actpass-in-answer",
        "RFC 5763 5",
        jingle(content(rtp() + ice(PRINT.format("actpass"))), "session-accept"),
        "jingle/content/transport/fingerprint/@setup",
        jingle(content(rtp() + ice(PRINT.format("active"))), "session-accept"),
    ),
    Case(
        "unknown-content",
        "XEP-0338 2",
        jingle(content() + content(name="b") + GROUP.format("c")),
        "jingle/group/content/@name",
        jingle(content() + content(name="b") + GROUP.format("b")),
    ),
    Case(
        "unnamed-source",
        "XEP-0339 2.1",
        jingle(content(source(""))),
        "jingle/content/description/source/@ssrc",
        jingle(content(source("rid='1'"))),
    ),
    Case(
        "limited-twice",
        "RFC 8864 6.2",
        jingle(content(rtp() + channel("maxPacketLifeTime='1' maxRetransmits='1'"))),
        "jingle/content/transport/channel",
        jingle(content(rtp() + channel("maxPacketLifeTime='1'"))),
    ),
    Case(
        "missing-description",
        "XEP-0353 3.1",
        f"<message><propose xmlns='{MESSAGE}' id='a'/></message>",
        "message/propose",
        f"<message><propose xmlns='{MESSAGE}' id='a'>{rtp()}</propose></message>",
    ),
    Case(
        "tie-break-reason",
        "XEP-0353 4.1",
        f"<reject xmlns='{MESSAGE}' id='a'><tie-break/></reject>",
        "reject",
        f"<reject xmlns='{MESSAGE}' id='a'><tie-break/>{EXPIRED}</reject>",
    ),
)

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}, {case.clause}")


def breaks(source: object, case: Case) -> list[str]:
    """Return the places where the rule of a case is broken."""
    found = jc.validate(source).findings  # type: ignore[arg-type]
    return [finding.path for finding in found if (finding.code, finding.clause) == (case.code, case.clause)]


# --- rules ----------------------------------------------------------------------------------------------------------


@each_case
def test_a_rule_is_told_where_it_is_broken(case: Case) -> None:
    for source in (case.broken, etree.fromstring(case.broken), Bare(etree.fromstring(case.broken))):
        assert breaks(source, case) == [case.path]


@each_case
def test_a_rule_that_is_kept_is_not_told(case: Case) -> None:
    assert not breaks(case.kept, case)


@each_case
def test_a_value_is_judged_as_what_is_written_of_it(case: Case) -> None:
    for markup in (case.broken, case.kept):
        value = jc.loads(markup, errors="keep")
        assert jc.validate(value) == jc.validate(jc.dumps(value))


@each_case
def test_a_rule_holds_whatever_is_unusual_elsewhere(case: Case) -> None:
    """What is usual is judged by fewer rules, since the schema has judged the others."""
    for markup in (case.broken, case.kept):
        root = tree(markup)
        before = breaks(root, case)
        etree.SubElement(root, "{urn:nobody}x")
        if case.code != "payload-count":
            assert breaks(root, case) == before


def test_every_rule_has_its_case() -> None:
    assert {(rule.code, rule.clause) for rule in RULES} == {(case.code, case.clause) for case in CASES}


def test_every_rule_has_a_sentence_of_its_own() -> None:
    assert len({rule.message for rule in RULES}) == len(RULES)
    assert all(rule.clause.startswith(("XEP-", "RFC ")) for rule in RULES)


def test_a_rule_that_is_a_warning_leaves_a_stanza_valid() -> None:
    report = jc.validate(iq(kind="get"))
    assert [finding.severity for finding in report.findings] == [Severity.WARNING]
    assert report.ok


def test_rules_are_judged_as_published_too() -> None:
    assert breaks(jingle(content(rtp())), CASES[11]) == ["jingle/content"]
    assert not jc.validate(jingle(content(rtp())), "published").ok


def test_what_the_schema_tells_of_an_attribute_is_told_once() -> None:
    """RFC 6120's schema requires the id, and so does a rule."""
    for profile, severity in (("published", Severity.ERROR), ("deployed", Severity.WARNING)):
        (finding,) = jc.validate(iq(attributes=""), profile).findings  # type: ignore[arg-type]
        assert (finding.path, finding.severity) == ("iq/@id", severity)


def test_a_finding_has_the_line_of_its_element() -> None:
    (finding,) = jc.validate(jingle("\n\n" + content(rtp()))).findings
    assert finding.line == 3


@pytest.mark.corpus
def test_what_is_usual_breaks_the_same_rules_whichever_way_it_is_looked_at(specs: Path, corpus: Path) -> None:
    rng = random.Random(5)
    usual = broken = 0
    for name, data in stanzas(specs, corpus):
        root = etree.fromstring(data)
        for _ in range(4):
            if is_usual(root):
                assert set(offences(root, usual=True)) == set(offences(root)), name
                usual += 1
                broken += bool(offences(root))
            shuffle(root, rng)
    assert usual > 1500
    assert broken > 300


def shuffle(root: etree._Element, rng: random.Random) -> None:
    """Take an element or an attribute out, or put another action in: most stanzas stay valid as far as schemas go."""
    nodes = list(root.iter(etree.Element))
    node = rng.choice(nodes)
    parent = node.getparent()
    actions = [one for one in nodes if "action" in one.attrib]
    if actions and rng.random() < 0.3:
        rng.choice(actions).set("action", rng.choice(["session-initiate", "session-accept", "content-modify"]))
    elif node.attrib and rng.random() < 0.5:
        del node.attrib[rng.choice(sorted(map(str, node.attrib)))]
    elif parent is not None and rng.random() < 0.5:
        parent.remove(node)
    elif parent is not None:
        node.addnext(copy.deepcopy(node))


# --- calls ----------------------------------------------------------------------------------------------------------


def test_an_unknown_profile_is_told_with_the_two_there_are() -> None:
    with pytest.raises(jc.LocalError, match="'strict' is no profile; there are published and deployed") as caught:
        jc.validate(jingle(), "strict")  # type: ignore[arg-type]
    assert isinstance(caught.value, ValueError)
    for call in (jc.loads, jc.read):
        with pytest.raises(jc.LocalError, match="published and deployed"):
            call(jingle(), validate="strict")  # type: ignore[call-overload]


def test_reading_and_writing_validate_where_asked() -> None:
    wrong = jingle(content(rtp()))
    for call in (
        lambda profile: jc.loads(wrong, validate=profile),
        lambda profile: jc.read(wrong, validate=profile),
        lambda profile: jc.from_element(etree.fromstring(wrong), validate=profile),
        lambda profile: jc.dumps(jc.loads(wrong), validate=profile),
    ):
        call(None)
        with pytest.raises(jc.ValidationError, match="a content offered or accepted has a transport") as caught:
            call("deployed")
        assert caught.value.findings == jc.validate(wrong).findings


def test_reading_and_writing_go_on_with_what_is_valid() -> None:
    right = jingle()
    value = jc.loads(right)
    for profile in ("published", "deployed"):
        assert jc.loads(right, jc.Jingle, validate=profile) == value
        assert jc.read(right, validate=profile).value == value
        assert jc.from_element(etree.fromstring(right), validate=profile) == value
        assert jc.dumps(value, validate=profile) == jc.dumps(value)


def test_warnings_do_not_keep_from_reading() -> None:
    assert jc.loads(iq(kind="get"), validate="deployed") == jc.loads(iq(kind="get"))


def test_what_passes_one_profile_may_fail_the_other() -> None:
    jitsi = jingle(action="source-add")
    jc.loads(jitsi, validate="deployed")
    with pytest.raises(jc.ValidationError) as caught:
        jc.loads(jitsi, validate="published")
    assert [finding.path for finding in caught.value.findings] == ["jingle/@action"]


def test_what_is_no_stanza_is_told_clearly() -> None:
    (finding,) = jc.validate("<html xmlns='http://www.w3.org/1999/xhtml'/>").findings
    assert (finding.code, finding.path) == ("unknown-root", "html")
    for source in ("", "<iq/><iq/>", "hello", b"<iq \xff/>"):
        with pytest.raises(jc.DecodeError):
            jc.validate(source)


@given(from_class(jc.Jingle))
def test_every_value_has_a_report(value: jc.Jingle) -> None:
    for profile in ("published", "deployed"):
        report = jc.validate(value, profile)
        assert report.ok == all(finding.severity is not Severity.ERROR for finding in report.findings)
        assert all(finding.clause or finding.code == "unknown-root" for finding in report.findings)


# --- what the library writes ----------------------------------------------------------------------------------------

UNJUDGED = {ns.DISCO_INFO}
"Namespaces of stanzas' roots that no schema here has."

LEFT_OUT = {"missing-senders": "a content-modify that says both: Content leaves its default out, XEP-0166 7.3 does not"}
"Rules that a stanza breaks only after it was read and written."

TOLD = frozenset(rule.code for rule in RULES)


@cache
def stanzas(specs: Path, corpus: Path) -> tuple[tuple[str, bytes], ...]:
    """Return the stanzas of the material that can be read."""
    found = []
    for path in (
        *sorted(corpus.glob("clients/*.xml")),
        *sorted(corpus.glob("jingle/**/*.xml")),
        *sorted(specs.glob("xeps/*/examples/*.xml")),
    ):
        data = path.read_bytes()
        try:
            root = jc.read(data).value
        except jc.DecodeError:
            continue
        if jc.to_element(root).tag[1:].partition("}")[0] not in UNJUDGED:
            found.append(("/".join(path.parts[-3:]), data))
    return tuple(found)


def errors(data: bytes, profile: Profile) -> list[Finding]:
    return [finding for finding in jc.validate(data, profile).findings if finding.severity is Severity.ERROR]


@pytest.mark.corpus
def test_what_is_written_passes_as_deployed_unless_the_peer_broke_a_rule(specs: Path, corpus: Path) -> None:
    refused: Counter[bool] = Counter()
    for name, data in stanzas(specs, corpus):
        found = {finding.code for finding in errors(jc.dumps(jc.loads(data)), "deployed")}
        assert found <= TOLD, name
        assert found - {finding.code for finding in errors(data, "deployed")} <= LEFT_OUT.keys(), name
        refused[bool(found)] += 1
    assert refused[True] < 45
    assert refused[False] > 1300


@pytest.mark.corpus
def test_what_is_written_fails_as_published_by_rows_of_the_tables_only(specs: Path, corpus: Path) -> None:
    """Or by a rule, which are the same as deployed."""
    fates: Counter[str] = Counter()
    for name, data in stanzas(specs, corpus):
        written = jc.dumps(jc.loads(data))
        for finding in errors(written, "published"):
            fate = "rule" if finding.code in TOLD else excuse(etree.fromstring(written), finding)
            assert fate, (name, str(finding))
            fates[fate] += 1
    assert fates["Differences"] > 200
    assert fates["rule"] < 50


@pytest.mark.corpus
def test_deployed_refuses_stanzas_made_wrong_on_purpose(specs: Path, corpus: Path) -> None:
    rng = random.Random(176)
    valid = [
        root
        for _, data in stanzas(specs, corpus)
        if b"jingle" in data and jc.validate(root := etree.fromstring(data)).ok
    ]
    for wrong in WRONG:
        made = 0
        while made < MUTATIONS // len(WRONG):
            root = copy.deepcopy(rng.choice(valid))
            where = wrong(root, rng)
            if where is not None:
                assert not jc.validate(root).ok, where
                made += 1
