"""Findings: every problem of a stanza in one error, each with its path, in document order; quirks beside a value."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from element_support import Bare, parts, tree
from xml_zoo import CODEC, ZOO, Lion

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec.findings import Severity
from jinglecodec.xml.tree import Limits

ICE = "foundation='1' generation='0' id='a' ip='::1' priority='1' protocol='udp'"

BROKEN = f"""<iq xmlns='jabber:client' type='set' id='1'>
 <jingle xmlns='{ns.JINGLE}' action='session-frobnicate' sid='x'>
  <content creator='initiator' name='a'>
   <description xmlns='{ns.RTP}' media='audio'>
    <payload-type id='256'/>
    <payload-type clockrate='fast'/>
   </description>
   <transport xmlns='{ns.ICE_UDP}'>
    <candidate {ICE} component='1' port='99999' type='host'/>
    <candidate {ICE} port='1_0' type='loud'/>
   </transport>
  </content>
  <content creator='nobody'>
   <description xmlns='{ns.RTP}'/>
   <description xmlns='{ns.RTP}' media='video'/>
  </content>
  <reason><success/><busy/></reason>
 </jingle>
</iq>"""

PROBLEMS = [
    ("iq/jingle/@action", 2, "bad-value"),
    ("iq/jingle/content[1]/description/payload-type[1]/@id", 5, "bad-value"),
    ("iq/jingle/content[1]/description/payload-type[2]/@clockrate", 6, "bad-value"),
    ("iq/jingle/content[1]/description/payload-type[2]/@id", 6, "missing-attribute"),
    ("iq/jingle/content[1]/transport/candidate[1]/@port", 9, "bad-value"),
    ("iq/jingle/content[1]/transport/candidate[2]/@port", 10, "bad-value"),
    ("iq/jingle/content[1]/transport/candidate[2]/@type", 10, "bad-value"),
    ("iq/jingle/content[1]/transport/candidate[2]/@component", 10, "missing-attribute"),
    ("iq/jingle/content[2]/@creator", 13, "bad-value"),
    ("iq/jingle/content[2]/@name", 13, "missing-attribute"),
    ("iq/jingle/content[2]/description[1]/@media", 14, "missing-attribute"),
    ("iq/jingle/reason/busy", 17, "repeated-element"),
]


def broken(data: str) -> jc.DecodeError:
    with pytest.raises(jc.DecodeError) as caught:
        jc.loads(data)
    return caught.value


def test_one_error_names_every_problem_in_document_order() -> None:
    error = broken(BROKEN)
    assert [(finding.path, finding.line, finding.code) for finding in error.findings] == PROBLEMS
    assert str(error).splitlines()[4:6] == [
        "iq/jingle/content[1]/transport/candidate[1]/@port: '99999' is not an integer in 0..65535",
        "iq/jingle/content[1]/transport/candidate[2]/@port: '1_0' is not an integer in 0..65535",
    ]


def test_trees_without_lines_give_the_same_paths() -> None:
    for node in (ET.fromstring(BROKEN), Bare(tree(BROKEN))):  # noqa: S314
        with pytest.raises(jc.DecodeError) as caught:
            jc.from_element(node)
        assert [(finding.path, finding.code) for finding in caught.value.findings] == [
            (path, code) for path, _, code in PROBLEMS
        ]
        assert {finding.line for finding in caught.value.findings} == {None}


def test_read_refuses_what_loads_refuses() -> None:
    with pytest.raises(jc.DecodeError) as caught:
        jc.read(BROKEN)
    assert caught.value.findings == broken(BROKEN).findings


def test_an_element_that_cannot_be_decoded_stays_raw_and_the_rest_is_typed() -> None:
    decoded = jc.read(BROKEN.replace("session-frobnicate", "session-initiate"), expect=jc.Iq, errors="keep")
    assert isinstance(decoded.value, jc.Iq)
    problems = [finding for finding in decoded.findings if finding.severity is Severity.ERROR]
    assert [(finding.path, finding.line, finding.code) for finding in problems] == PROBLEMS[1:]
    jingle = decoded.value.payload
    assert isinstance(jingle, jc.Jingle)
    (content,) = jingle.contents
    assert isinstance(content.description, jc.RtpDescription)
    assert isinstance(content.transport, jc.IceUdpTransport)
    assert (content.description.payload_types, content.transport.candidates) == ((), ())
    raw = [(part.name, part.get("id")) for part in parts(decoded.value) if isinstance(part, jc.Raw)]
    assert sorted(raw, key=str) == [
        ("busy", None),
        ("candidate", "a"),
        ("candidate", "a"),
        ("content", None),
        ("description", None),
        ("description", None),
        ("payload-type", "256"),
        ("payload-type", None),
        ("reason", None),
        ("success", None),
    ]


def test_what_was_kept_is_written_back() -> None:
    kept = jc.loads(BROKEN, errors="keep")
    assert jc.loads(jc.dumps(kept), errors="keep") == kept
    with pytest.raises(jc.DecodeError) as caught:
        jc.loads(jc.dumps(kept))
    assert {finding.path for finding in caught.value.findings} == {path for path, _, _ in PROBLEMS}


def test_a_root_that_cannot_be_decoded_is_kept_as_raw() -> None:
    decoded = jc.read("<iq xmlns='jabber:client'><a/></iq>", errors="keep")
    assert isinstance(decoded.value, jc.Raw)
    assert decoded.value.tag == "{jabber:client}iq"
    assert [(f.path, f.severity) for f in decoded.findings if f.severity is Severity.ERROR] == [
        ("iq/@type", Severity.ERROR)
    ]


def test_a_root_that_nobody_knows_is_kept_as_raw_without_findings() -> None:
    assert jc.read("<a xmlns='urn:x'/>", errors="keep") == jc.Decoded(jc.Raw("{urn:x}a"))
    assert jc.loads("<a xmlns='urn:x'/>", errors="keep") == jc.Raw("{urn:x}a")


QUIRKS = f"""<jingle xmlns='{ns.JINGLE}' action=' session-initiate' sid='a/b' mood='good'>
 <content name='a' senders='Both'>text<transport xmlns='{ns.ICE_UDP}'>
   <candidate component=' 1' foundation='1' generation='+0' id='1' ip='::1' port='007' priority='0' protocol='UDP'
              type='HOST' rel_port='9'/>
  </transport>
 </content>
</jingle>"""


def test_each_quirk_is_a_warning_beside_the_value() -> None:
    decoded = jc.read(QUIRKS, expect=jc.Jingle)
    assert {finding.severity for finding in decoded.findings} == {Severity.WARNING}
    candidate = "jingle/content/transport/candidate"
    assert [(finding.path, finding.code) for finding in decoded.findings] == [
        ("jingle/@action", "sloppy-word"),
        ("jingle/@sid", "unusual-identifier"),
        ("jingle/content/@senders", "sloppy-word"),
        ("jingle/content/@creator", "missing-attribute"),
        ("jingle/content", "stray-text"),
        (f"{candidate}/@component", "sloppy-integer"),
        (f"{candidate}/@generation", "sloppy-integer"),
        (f"{candidate}/@id", "unusual-identifier"),
        (f"{candidate}/@priority", "unusual-value"),
        (f"{candidate}/@protocol", "sloppy-word"),
        (f"{candidate}/@type", "sloppy-word"),
        (f"{candidate}/@rel_port", "sloppy-name"),
    ]
    assert decoded.value == jc.loads(QUIRKS)
    assert decoded.value.extra.attributes == (("mood", "good"),)
    again = jc.read(jc.dumps(decoded.value))
    assert again.value == decoded.value
    assert {finding.code for finding in again.findings} <= {"unusual-identifier", "unusual-value", "stray-text"}


def test_problems_and_quirks_come_together_when_both_are_asked_for() -> None:
    markup = f"<jingle xmlns='{ns.JINGLE}' action='session-info' sid='a/b'><content name='x' senders='all'/></jingle>"
    kept = jc.read(markup, errors="keep")
    assert [finding.code for finding in kept.findings] == ["unusual-identifier", "bad-value", "missing-attribute"]
    assert [finding.code for finding in broken(markup).findings] == ["bad-value"]


HDREXT = f"<rtp-hdrext xmlns='{ns.RTP_HDREXT}' uri='u' {{}}/>"


@pytest.mark.parametrize(
    "trap", ["1_0", "\u0661", "\uff11", "1.0", "0x1", "", " ", "-1", "+-1", "++1", "1 0", "9" * 5000]
)
def test_what_int_would_take_is_refused(trap: str) -> None:
    error = broken(HDREXT.format(f"id='{trap}'"))
    assert [(finding.path, finding.code) for finding in error.findings] == [("rtp-hdrext/@id", "bad-value")]


@pytest.mark.parametrize("text", ["+1", " 1", "1\n", "\t1 "])
def test_sloppy_integers_are_read_with_a_finding(text: str) -> None:
    decoded = jc.read(HDREXT.format(f"id='{text}'").replace("\n", "&#10;").replace("\t", "&#9;"))
    assert decoded.value == jc.HeaderExtension(id=1, uri="u")
    assert [finding.code for finding in decoded.findings] == ["sloppy-integer"]


def test_a_field_that_was_refused_is_not_missing_as_well() -> None:
    for attributes in ("id='x'", "id='x' other='y'"):
        assert len(broken(HDREXT.format(attributes)).findings) == 1


def test_repeated_children_are_numbered_by_the_name_that_the_path_shows() -> None:
    kids = "<parameter xmlns='urn:x'/><parameter name='a'/><parameter value='b'/>"
    error = broken(f"<rtp-hdrext xmlns='{ns.RTP_HDREXT}' id='1' uri='u'>{kids}</rtp-hdrext>")
    assert [finding.path for finding in error.findings] == ["rtp-hdrext/parameter[3]/@name"]


def test_findings_of_one_stanza_are_counted_and_cut() -> None:
    """A stanza of half a megabyte could otherwise have 400,000 of them."""
    markup = f"<transport xmlns='{ns.ICE_UDP}'>{'<candidate/>' * 2000}</transport>"
    assert len(broken(markup).findings) == 1000
    kept = jc.read(markup, errors="keep")
    by_severity = [finding.severity for finding in kept.findings]
    assert (by_severity.count(Severity.ERROR), by_severity.count(Severity.WARNING)) == (1000, 1000)
    few = jc.Codec.default().within(Limits(findings=1))
    with pytest.raises(jc.DecodeError) as caught:
        few.loads(markup)
    assert [finding.path for finding in caught.value.findings] == ["transport/candidate[1]/@component"]


def test_quirks_never_hide_a_problem_behind_the_limit() -> None:
    quirks = "<content name='a'/>" * 5
    markup = (
        f"<jingle xmlns='{ns.JINGLE}' action='session-info' sid='s'>{quirks}<content name='b' creator='x'/></jingle>"
    )
    with pytest.raises(jc.DecodeError) as caught:
        jc.Codec.default().within(Limits(findings=2)).read(markup)
    assert [finding.path for finding in caught.value.findings] == ["jingle/content[6]/@creator"]


ANIMAL = "<animal xmlns='urn:example:lion' age='1'>{}</animal>"


@pytest.mark.parametrize(
    ("inner", "value", "codes"),
    [
        ("<meat/>", Lion(age=1, food=CODEC.loads(ANIMAL.format("<meat/>"), expect=Lion).food), []),
        ("<meat> raw </meat>", None, []),
        ("<flesh>raw</flesh>", None, ["sloppy-name"]),
        ("<meat x='1'>raw</meat>", None, ["unexpected-content"]),
        ("<meat>raw<b/></meat>", None, ["unexpected-content"]),
        ("<plants>green</plants>", None, ["unexpected-content"]),
        ("<other><note>a</note></other>", None, []),
        ("<other>b<note>a</note></other>", None, ["unexpected-content"]),
        ("<other><note>a</note><note>b</note></other>", None, ["unexpected-content"]),
        ("<other><more/></other>", None, ["unexpected-content"]),
        ("<other x='1'><note>a</note></other>", None, ["unexpected-content"]),
    ],
)
def test_what_a_case_cannot_keep_is_reported(inner: str, value: Lion | None, codes: list[str]) -> None:
    decoded = CODEC.read(ANIMAL.format(inner), expect=Lion)
    assert [finding.code for finding in decoded.findings] == codes
    assert value is None or decoded.value == value
    for node in (tree(ANIMAL.format(inner)), Bare(tree(ANIMAL.format(inner)))):
        assert CODEC.from_element(node) == decoded.value


def test_an_alias_of_an_attribute_is_understood_where_the_name_itself_is_absent() -> None:
    for attributes, age, extra in (("years='3'", 3, ()), ("age='2' years='3'", 2, (("years", "3"),))):
        value = CODEC.loads(f"<animal xmlns='urn:example:lion' {attributes}/>", expect=Lion)
        assert (value.age, value.extra.attributes) == (age, extra)


def test_what_a_flag_or_text_child_cannot_keep_is_reported() -> None:
    space = "urn:example:it's"
    inner = (
        "<guard name='b'/>"
        f'<keepers-wanted xmlns="{space}" x="1">soon</keepers-wanted><keepers-wanted xmlns="{space}"/>'
        f'<motto>a<b/>c</motto><rating xmlns="{space}"> 5</rating>'
        "<animal xmlns='urn:example:lion' age='1'/>"
    )
    markup = f"<zoo xmlns='{ZOO}' name='a' code='b' size='7'>{inner}</zoo>"
    decoded = CODEC.read(markup)
    assert [(finding.path, finding.code) for finding in decoded.findings] == [
        ("zoo/guard", "sloppy-name"),
        ("zoo/keepers-wanted[1]", "unexpected-content"),
        ("zoo/keepers-wanted[1]", "unexpected-content"),
        ("zoo/keepers-wanted[2]", "repeated-element"),
        ("zoo/motto", "unexpected-content"),
        ("zoo/rating", "sloppy-integer"),
    ]


def test_missing_children_are_named_by_their_field() -> None:
    with pytest.raises(jc.DecodeError) as caught:
        CODEC.loads(f"<zoo xmlns='{ZOO}' name='a'/>")
    assert str(caught.value).splitlines() == [
        "zoo: keeper is missing",
        "zoo: motto is missing",
        "zoo: first is missing",
    ]


def test_a_required_child_with_problems_is_not_missing_as_well() -> None:
    inner = "<keeper/><motto/><animal xmlns='urn:example:lion' age='x'/>"
    markup = f"<zoo xmlns='{ZOO}' name='a' code='b'>{inner}</zoo>"
    with pytest.raises(jc.DecodeError) as caught:
        CODEC.read(markup)
    kept = CODEC.read(markup, errors="keep")
    for findings in (caught.value.findings, kept.findings):
        assert [finding.path for finding in findings] == ["zoo/keeper/@name", "zoo/animal/@age"]
    assert isinstance(kept.value, jc.Raw)
