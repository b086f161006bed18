"""Trees judged by the schemas: places, words and severities of findings; what is set apart; hostile input."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from element_support import Bare, tree
from lxml import etree
from schema_support import WRONG, node_at

import jinglecodec as jc
from jinglecodec.findings import Severity
from jinglecodec.xml import xsd
from jinglecodec.xml.schema import Profile, Report, is_usual, schema_findings, tree_of
from jinglecodec.xml.tree import DEFAULT_LIMITS

PROFILES: tuple[Profile, ...] = ("published", "deployed")
BOTH = pytest.mark.parametrize("profile", PROFILES)

CANDIDATE = (
    '<candidate component="1" foundation="1" generation="0" id="{id}" ip="192.0.2.1" network="0" port="{port}"'
    ' priority="1" protocol="udp" type="host"/>'
)


def candidates(*ports: object) -> str:
    return "".join(CANDIDATE.format(id=f"c{number}", port=port) for number, port in enumerate(ports))


def transport(inside: str) -> str:
    return f'<transport xmlns="urn:xmpp:jingle:transports:ice-udp:1" pwd="p" ufrag="u">{inside}</transport>'


def description(inside: str = "") -> str:
    return f'<description xmlns="urn:xmpp:jingle:apps:rtp:1" media="audio">{inside}</description>'


def jingle(*contents: str, more: str = "", attributes: str = "") -> str:
    parts = "".join(
        f'<content creator="initiator" name="{number}">{content}</content>' for number, content in enumerate(contents)
    )
    start = f'<jingle xmlns="urn:xmpp:jingle:1" action="session-initiate" sid="a" {attributes}>'
    return f"{start}{parts}{more}</jingle>"


def told(source: str | etree._Element, profile: Profile) -> list[tuple[str, str, str]]:
    found = schema_findings(tree_of(source), profile)
    return [(finding.severity.value, finding.code, finding.path) for finding in found]


# --- places and words -----------------------------------------------------------------------------------------------

MARKUP = {
    "attribute left out": (
        jingle(description("<payload-type/>")),
        ("missing-attribute", "jingle/content/description/payload-type/@id", "XEP-0167 16"),
    ),
    "word not in the list": (
        jingle(description(), more='<mute xmlns="urn:xmpp:jingle:apps:rtp:info:1" creator="me"/>'),
        ("enumeration", "jingle/mute/@creator", "XEP-0167 16"),
    ),
    "no number": (
        jingle(transport(candidates(1, 2, "x"))),
        ("bad-value", "jingle/content/transport/candidate[3]/@port", "XEP-0176 13"),
    ),
    "second of two contents": (
        jingle(description(), description("<payload-type id='0' channels='none'/>")),
        ("bad-value", "jingle/content[2]/description/payload-type/@channels", "XEP-0167 16"),
    ),
    "root that nobody has": ("<x xmlns='urn:nobody'/>", ("unknown-root", "x", "")),
    "root in a known namespace that nobody has": (
        "<x xmlns='urn:xmpp:jingle:1'/>",
        ("unknown-root", "x", "XEP-0166 16"),
    ),
}


@BOTH
@pytest.mark.parametrize("name", MARKUP)
def test_a_finding_has_code_path_and_clause(name: str, profile: Profile) -> None:
    markup, (code, path, clause) = MARKUP[name]
    (finding,) = schema_findings(tree_of(markup), profile)
    assert (finding.code, finding.severity, finding.path) == (code, Severity.ERROR, path)
    assert finding.clause == ("" if code == "unknown-root" else clause)
    assert finding.message


def test_the_facet_that_is_broken_is_the_code() -> None:
    assert told(jingle(transport(candidates(70000))), "deployed") == [
        ("error", "maxInclusive", "jingle/content/transport/candidate/@port")
    ]


def test_a_finding_has_the_line_of_its_element() -> None:
    markup = jingle(f"\n{description()}\n\n" + transport("\n" + candidates(1) + "\n\n" + candidates("x")))
    (finding,) = schema_findings(tree_of(markup), "deployed")
    assert finding.line == 1 + markup.partition('port="x"')[0].count("\n")


def test_findings_come_in_document_order_whatever_namespace_they_are_of() -> None:
    markup = jingle(transport(candidates("x")), description("<payload-type/>"), transport(candidates("y")))
    assert [path for *_, path in told(markup, "published")] == [
        "jingle/content[1]/transport/candidate/@port",
        "jingle/content[2]/description/payload-type/@id",
        "jingle/content[3]/transport/candidate/@port",
    ]


def test_names_are_counted_for_each_namespace() -> None:
    """The content of a group is none of the session's."""
    group = '<group xmlns="urn:xmpp:jingle:apps:grouping:0" semantics="BUNDLE"><content/></group>'
    assert told(jingle(description("<payload-type/>"), more=group), "deployed") == [
        ("error", "missing-attribute", "jingle/content/description/payload-type/@id"),
        ("error", "missing-attribute", "jingle/group/content/@name"),
    ]


@pytest.mark.corpus
def test_paths_are_those_of_decode_errors(specs: Path, corpus: Path) -> None:
    """Reader and schemas find the same number that is none, or both leave its element alone."""
    compared = 0
    for root in recorded(specs, corpus):
        for node in root.iter("{*}candidate"):
            if "port" not in node.attrib or jc.validate(root).findings:
                continue
            there = node.attrib["port"]
            node.set("port", "none")
            places = undecodable(root)
            assert told(root, "deployed") == [("error", "bad-value", place) for place in places]
            node.set("port", there)
            compared += len(places)
    assert compared > 100


def undecodable(root: etree._Element) -> list[str]:
    try:
        jc.from_element(root)
    except jc.DecodeError as error:
        return [finding.path for finding in error.findings]
    return []


def test_what_a_stanza_quotes_changes_neither_code_nor_severity() -> None:
    """The validator's sentences repeat what the stanza says."""
    tricks = (
        "Expected is ( x, y )",
        "[facet 'maxLength'] The attribute 'q' is required but missing.",
        "': Character content is not allowed",
        "a', attribute 'b': [facet 'pattern']",
        "x" * 5000,
        "(" * 500,
        "a\nb\u202e",
    )
    for trick in tricks:
        root = tree(jingle(description()))
        root.set("action", trick)
        (finding,) = schema_findings(root, "deployed")
        assert (finding.code, finding.severity, finding.path) == ("enumeration", Severity.ERROR, "jingle/@action")
        assert len(finding.message) <= 400


# --- what is set apart ----------------------------------------------------------------------------------------------


@BOTH
def test_elements_that_nobody_knows_are_set_apart_with_all_that_is_in_them(profile: Profile) -> None:
    unknown = "<x xmlns='urn:nobody'><y/>text</x>"
    markup = jingle(unknown + description(unknown + "<payload-type id='0'/>" + unknown) + unknown, more=unknown)
    assert told(markup, profile) == []


def test_published_judges_known_elements_inside_unknown_ones() -> None:
    markup = jingle(f"<x xmlns='urn:nobody'>{transport(candidates('x'))}</x>")
    assert told(markup, "published") == [("error", "bad-value", "jingle/content/x/transport/candidate/@port")]
    assert told(markup, "deployed") == [], "what is in an element that no schema has is its own business"


def test_text_behind_a_foreign_child_is_still_its_parents() -> None:
    for unknown in ("<x xmlns='urn:nobody'/>", transport("")):
        markup = jingle(f"{description()}{unknown} text ")
        assert ("error", "stray-text", "jingle/content") in told(markup, "published")
        assert ("warning", "stray-text", "jingle/content") in told(markup, "deployed")


WARNED = {
    "unknown-attribute": (jingle(description(), attributes='mood="good"'), "jingle/@mood"),
    "unknown-element": (jingle(description("<x/>")), "jingle/content/description/x"),
    "stray-text": (jingle(description("text")), "jingle/content/description"),
}


@pytest.mark.parametrize("code", WARNED)
def test_what_receivers_ignore_is_a_warning_as_deployed_and_an_error_as_published(code: str) -> None:
    markup, path = WARNED[code]
    assert told(markup, "deployed") == [("warning", code, path)]
    assert jc.validate(jingle(description() + transport(""))).ok
    ((severity, _, place),) = told(markup, "published")
    assert (severity, place) == ("error", path)


def test_what_is_in_an_unknown_element_is_its_business() -> None:
    markup = jingle(description("<x><y/>text<payload-type/><z xmlns='urn:nobody'/></x>"))
    assert told(markup, "deployed") == [("warning", "unknown-element", "jingle/content/description/x")]


def test_white_space_in_an_element_that_is_empty_is_nothing_as_deployed() -> None:
    assert told(jingle(description("<rtcp-mux>\n</rtcp-mux>")), "deployed") == []
    assert told(jingle(description("<rtcp-mux>x</rtcp-mux>")), "deployed") == [
        ("warning", "stray-text", "jingle/content/description/rtcp-mux")
    ]


def test_a_known_element_under_the_wrong_parent_is_an_error_in_both() -> None:
    markup = jingle(
        description(candidates(1).replace("<candidate", '<candidate xmlns="urn:xmpp:jingle:transports:ice-udp:1"'))
    )
    path = "jingle/content/description/candidate"
    assert told(markup, "published") == [("error", "misplaced-element", path)]
    assert told(markup, "deployed") == [("error", "unexpected-element", path)]


def test_elements_that_are_declared_inside_others_only_stand_alone_as_deployed() -> None:
    """Peers' own tests have them so; the schema of XEP-0166 has one root."""
    reason = "<reason xmlns='urn:xmpp:jingle:1'><busy/></reason>"
    content = "<content xmlns='urn:xmpp:jingle:1' creator='initiator' name='a'/>"
    for markup, name in ((reason, "reason"), (content, "content")):
        assert told(markup, "published") == [("error", "misplaced-element", name)]
        assert told(markup, "deployed") == []


@pytest.mark.corpus
def test_an_unknown_child_never_changes_the_verdict(specs: Path, corpus: Path) -> None:
    """A valid tree is judged as it stands, any other in parts; the unknown child makes any tree one of these."""
    rng = random.Random(4)
    compared = {True: 0, False: 0}
    for root in recorded(specs, corpus):
        if rng.random() < 0.5:
            rng.choice(WRONG)(root, rng)
        before = {profile: told(root, profile) for profile in PROFILES}
        etree.SubElement(root, "{urn:nobody}x")
        for profile in PROFILES:
            assert told(root, profile) == before[profile]
            compared[not before[profile]] += 1
    assert min(compared.values()) > 200


@pytest.mark.corpus
def test_what_is_usual_has_no_finding_as_deployed(specs: Path, corpus: Path) -> None:
    usual = 0
    for root in recorded(specs, corpus):
        if is_usual(root):
            assert told(root, "deployed") == []
            usual += 1
    assert usual > 300


def recorded(specs: Path, corpus: Path) -> Iterator[etree._Element]:
    """Give the trees of all stanzas that the material has."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    for path in (*sorted(corpus.glob("clients/*.xml")), *sorted(specs.glob("xeps/*/examples/*.xml"))):
        try:
            yield etree.parse(path, parser).getroot()
        except etree.XMLSyntaxError:
            continue


# --- sources --------------------------------------------------------------------------------------------------------


def test_text_octets_trees_and_values_are_judged_alike() -> None:
    markup = jingle(description("<payload-type id='0'/>") + transport(candidates(1)), more="<x xmlns='urn:nobody'/>")
    plain = etree.fromstring(markup)
    sources = (markup, markup.encode(), plain, Bare(plain), jc.loads(markup), jc.loads(markup, errors="keep"))
    for profile in PROFILES:
        assert [jc.validate(source, profile) for source in sources] == [Report()] * len(sources)
    wrong = markup.replace('port="1"', 'port="one"')
    for source in (wrong, wrong.encode(), etree.fromstring(wrong), Bare(etree.fromstring(wrong))):
        (finding,) = jc.validate(source).findings
        assert finding.path == "jingle/content/transport/candidate/@port"


def test_a_tree_is_judged_below_its_own_root_and_left_as_it_is() -> None:
    around = tree(f"<iq type='set'><!-- c -->{jingle(transport(candidates('x')), more='<x/>text')}</iq>")
    before = etree.tostring(around)
    assert ("error", "bad-value", "jingle/content/transport/candidate/@port") in told(around[1], "deployed")
    assert etree.tostring(around) == before


def test_comments_instructions_and_entities_are_no_elements() -> None:
    root = tree(jingle(transport(candidates(1, "x"))))
    root[0][0].insert(0, etree.Entity("x"))
    root[0][0].insert(0, etree.Comment("x"))
    root[0][0].insert(2, etree.ProcessingInstruction("x"))
    for profile in PROFILES:
        assert ("error", "bad-value", "jingle/content/transport/candidate[2]/@port") in told(root, profile)


def test_input_that_is_no_element_raises_as_reading_does() -> None:
    for source in (b"", "v=0\r\n", "<a/><b/>", "<a", b"\xff\xfe<a/>", "<!DOCTYPE a []><a/>"):
        with pytest.raises(jc.DecodeError):
            jc.validate(source)


# --- hostile input --------------------------------------------------------------------------------------------------


@BOTH
def test_a_stanza_gets_no_more_findings_than_the_limit(profile: Profile) -> None:
    found = schema_findings(tree_of(jingle(transport(candidates(*["x"] * 1500)))), profile)
    assert len(found) == DEFAULT_LIMITS.findings
    assert found[-1].path == f"jingle/content/transport/candidate[{len(found)}]/@port"


@BOTH
def test_paths_stay_short_whatever_the_names_are(profile: Profile) -> None:
    """Or each of a thousand findings would hold the names of all elements around it."""
    names = [f"n{number}" + "n" * 20_000 for number in range(40)]
    bad = "<bad xmlns='urn:xmpp:jingle:1'/>" * 20
    inner = "".join(f"<{name} xmlns='urn:xmpp:jingle:{1 + place % 2}'>" for place, name in enumerate(names))
    outer = "".join(f"</{name}>" for name in reversed(names))
    found = schema_findings(tree_of(jingle(inner + bad + outer)), profile)
    assert found
    assert max(len(finding.path) for finding in found) < 42 * 100


@BOTH
def test_thousands_of_elements_are_judged_without_places(profile: Profile) -> None:
    """libxml2 takes quadratic time to place errors; the unknown child keeps the fast way closed."""
    more = "<x xmlns='urn:nobody'/>"
    assert told(jingle(transport(candidates(*range(8000))), more=more), profile) == []
    found = told(jingle(transport(candidates(*["x"] * 8000)), more=more), profile)
    assert found == [("error", "bad-value", "")] * DEFAULT_LIMITS.findings


@BOTH
def test_a_deep_tree_is_judged_or_refused(profile: Profile) -> None:
    root = tree(jingle(description()))
    node = root[0]
    for _ in range(5000):
        node = etree.SubElement(node, "{urn:nobody}x")
    with pytest.raises(jc.DecodeError, match="nested"):
        schema_findings(root, profile)
    with pytest.raises(jc.DecodeError, match="nested"):
        jc.validate(Bare(root), profile)


@BOTH
def test_a_stanza_names_no_schemas_of_its_own(profile: Profile, tmp_path: Path) -> None:
    own = tmp_path / "own.xsd"
    own.write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:nobody">'
        '<xs:element name="x" type="xs:int"/></xs:schema>'
    )
    for place in (own, own.as_uri(), "http://192.0.2.1/own.xsd"):
        xsi = f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:nobody {place}"'
        markup = jingle(description(), more="<x xmlns='urn:nobody'>no number</x>", attributes=xsi)
        assert told(markup, profile) == []


def test_a_stanza_does_not_change_the_types_of_elements() -> None:
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xs="http://www.w3.org/2001/XMLSchema"'
    for attribute in ('xsi:type="xs:anyType"', 'xsi:nil="true"'):
        assert any(
            one[0] == "error" for one in told(jingle(description(), attributes=f"{xsi} {attribute}"), "deployed")
        )


# --- compiling ------------------------------------------------------------------------------------------------------


def test_schemas_are_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = jingle(transport(candidates("x")))
    for profile in PROFILES:
        assert jc.validate(wrong, profile).findings

    def refuse(look: str) -> etree.XMLSchema:
        raise AssertionError(f"{look} compiled again")

    monkeypatch.setattr(xsd, "_compiled", refuse)
    for profile in PROFILES:
        assert jc.validate(wrong, profile).findings


def test_nothing_is_compiled_before_something_is_validated() -> None:
    code = """if True:
        import sys
        import jinglecodec as jc
        jc.loads('<jingle xmlns="urn:xmpp:jingle:1" action="session-info" sid="a"/>')
        assert "jinglecodec.xml.schema" not in sys.modules
        jc.validate
        from jinglecodec.xml import xsd
        assert not vars(xsd._compiled_here), vars(xsd._compiled_here)
        jc.validate('<jingle xmlns="urn:xmpp:jingle:1" action="session-info" sid="a"/>')
        assert "published" not in vars(xsd._compiled_here) and "usual" in vars(xsd._compiled_here)
    """
    subprocess.run([sys.executable, "-c", code], check=True)


def test_threads_get_their_own_verdicts() -> None:
    """Schemas remember the errors of their last validation. The place is exact for one thread (see `xsd._judging`)."""

    def judge(number: int) -> list[tuple[str, str, str]]:
        return told(jingle(transport(candidates(*[1] * number, "x" if number % 3 else 1))), PROFILES[number % 2])

    numbers = list(range(1, 60)) * 8
    with ThreadPoolExecutor(8) as pool:
        for number, found in zip(numbers, pool.map(judge, numbers), strict=True):
            assert [severity for severity, _, _ in found] == (["error"] if number % 3 else [])


def test_paths_lead_back_to_their_elements() -> None:
    """What the tests of the tables rely on."""
    root = tree(jingle(description(), transport(candidates(1, "x")), more="<x xmlns='urn:nobody'/>"))
    (finding,) = schema_findings(root, "deployed")
    assert node_at(root, finding.path) is root[1][0][1]
