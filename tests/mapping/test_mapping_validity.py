"""Whether what descriptions become is valid: SDP of browsers and others, mapped and judged by both profiles."""

from __future__ import annotations

from collections import Counter

import pytest
from lxml import etree
from mapping_corpus import recorded, sip_files
from schema_support import excuse

import jinglecodec as jc
from jinglecodec.errors import JinglecodecError
from jinglecodec.findings import Finding, Severity
from jinglecodec.xml.schema import Profile

pytestmark = [pytest.mark.corpus, pytest.mark.usefixtures("corpus")]

BY_THE_DESCRIPTION = {
    "missing-content": "no section, or none that has a form in Jingle",
    "missing-credentials": "candidates without a=ice-ufrag or a=ice-pwd, against RFC 8839 5.4",
    "unnamed-payload-type": "a dynamic payload type without a=rtpmap, against RFC 3551 6",
}
"Rules that a request breaks because the description does."


def errors(jingle: jc.Jingle, profile: Profile) -> list[Finding]:
    return [finding for finding in jc.validate(jingle, profile).findings if finding.severity is Severity.ERROR]


@pytest.mark.parametrize("carry", [False, True], ids=["plain", "carried"])
def test_what_browsers_say_is_valid_as_deployed(carry: bool) -> None:
    for one in recorded()[carry::2]:
        if jc.sdp.loads(one.text).media:
            jingle = one.to_jingle(carry=carry).value
            assert not jc.validate(jc.Iq(type=jc.IqType.SET, id="i", payload=jingle)).findings, one.name


def test_what_browsers_say_fails_as_published_by_rows_of_the_tables_only() -> None:
    fates: Counter[str] = Counter()
    for one in recorded()[::3]:
        jingle = one.to_jingle().value
        for finding in errors(jingle, "published") if jingle.contents else ():
            fates[excuse(etree.fromstring(jc.dumps(jingle)), finding)] += 1
    assert fates.keys() == {"Differences"}


def test_what_others_say_is_valid_unless_they_break_a_rule_themselves() -> None:
    valid = 0
    for path in sip_files()[::3]:
        try:
            description = jc.sdp.loads(path.read_bytes())
            jingle = jc.mapping.to_jingle(description, action="session-initiate", sid="s", role="initiator").value
        except JinglecodecError:
            continue
        found = errors(jingle, "deployed")
        assert {finding.code for finding in found} <= BY_THE_DESCRIPTION.keys(), path.name
        valid += not found
    assert valid > 250
