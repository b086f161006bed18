"""XEP-0176: ICE over UDP."""

from __future__ import annotations

import pytest
from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

SRFLX = jc.Candidate(
    component=1,
    foundation="2",
    generation=0,
    id="y3s2b30v3r",
    ip="192.0.2.3",
    network=1,
    port=45664,
    priority=1694498815,
    protocol="udp",
    rel_addr="10.0.1.1",
    rel_port=8998,
    type=jc.CandidateType.SRFLX,
)

GOLDENS = (
    Golden(
        "XEP-0176 5.2, example 1",
        """<candidate xmlns='urn:xmpp:jingle:transports:ice-udp:1' component='1' foundation='2' generation='0'
                      id='y3s2b30v3r' ip='192.0.2.3' network='1' port='45664' priority='1694498815' protocol='udp'
                      rel-addr='10.0.1.1' rel-port='8998' type='srflx'/>""",
        SRFLX,
    ),
    Golden(
        "XEP-0371 5.3",
        """<candidate xmlns='urn:xmpp:jingle:transports:ice-udp:1' component='2' foundation='1' generation='255'
                      id='a' ip='2001:db8::9:1' port='9' priority='1' protocol='tcp' tcptype='active' type='host'/>""",
        jc.Candidate(
            component=2,
            foundation="1",
            generation=255,
            id="a",
            ip="2001:db8::9:1",
            port=9,
            priority=1,
            protocol="tcp",
            tcptype=jc.TcpType.ACTIVE,
            type=jc.CandidateType.HOST,
        ),
    ),
    Golden(
        "XEP-0176 5.7, example 4",
        """<remote-candidate xmlns='urn:xmpp:jingle:transports:ice-udp:1' component='1' ip='10.0.1.2'
                             port='9001'/>""",
        jc.RemoteCandidate(component=1, ip="10.0.1.2", port=9001),
    ),
    Golden(
        "XEP-0343 4.1, examples 1 and 2; XEP-0176 5.2, 5.7",
        """
        <transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' pwd='asd88fgpdd777uzjYhagZg' ufrag='8hhy'>
          <fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-256' setup='actpass'>02:1A</fingerprint>
          <sctpmap xmlns='urn:xmpp:jingle:transports:dtls-sctp:1' number='5000' protocol='webrtc-datachannel'
                   streams='1024'/>
          <channel xmlns='urn:xmpp:jingle:transports:webrtc-datachannel:0' id='1' negotiated='true'/>
          <candidate component='1' foundation='2' generation='0' id='y3s2b30v3r' ip='192.0.2.3' network='1'
                     port='45664' priority='1694498815' protocol='udp' rel-addr='10.0.1.1' rel-port='8998'
                     type='srflx'/>
          <remote-candidate component='1' ip='10.0.1.2' port='9001'/>
        </transport>
        """,
        jc.IceUdpTransport(
            pwd="asd88fgpdd777uzjYhagZg",
            ufrag="8hhy",
            fingerprints=(jc.Fingerprint(hash="sha-256", setup=jc.Setup.ACTPASS, value="02:1A"),),
            sctpmaps=(jc.SctpMap(number=5000, protocol="webrtc-datachannel", streams=1024),),
            channels=(jc.Channel(id=1, negotiated=True),),
            candidates=(SRFLX,),
            remote_candidates=(jc.RemoteCandidate(component=1, ip="10.0.1.2", port=9001),),
        ),
    ),
)

ATTRIBUTES = {
    "component": "1",
    "foundation": "1",
    "generation": "0",
    "id": "a",
    "ip": "10.0.1.1",
    "port": "8998",
    "priority": "2130706431",
    "protocol": "udp",
    "type": "host",
}


def candidate(**changes: str | None) -> jc.Decoded[jc.Candidate]:
    pairs = {**ATTRIBUTES, **{name.replace("__", "-"): text for name, text in changes.items()}}
    written = " ".join(f'{name}="{text}"' for name, text in pairs.items() if text is not None)
    return jc.read(f"<candidate xmlns='{ns.ICE_UDP}' {written}/>", expect=jc.Candidate)


def codes(decoded: jc.Decoded[jc.Candidate]) -> list[tuple[str, str]]:
    return [(finding.code, finding.path) for finding in decoded.findings]


def test_a_candidate_as_the_schema_wants_it_has_no_findings() -> None:
    assert codes(candidate()) == []


@pytest.mark.parametrize("identifier", ["60581fe4", "11b72719-6a1b-4c51-8ae6-9f1538047568", "a/b+c", ""])
def test_ids_that_are_no_ncname_are_kept_as_they_came(identifier: str) -> None:
    decoded = candidate(id=identifier)
    assert decoded.value.id == identifier
    assert codes(decoded) == [("unusual-identifier", "candidate/@id")]
    assert jc.loads(jc.dumps(decoded.value)) == decoded.value


def test_what_stanza_and_monocles_leave_out_is_filled_in_or_absent() -> None:
    decoded = candidate(id=None, generation=None)
    assert decoded.value.id is None
    assert decoded.value.generation == 0
    assert codes(decoded) == [
        ("missing-attribute", "candidate/@generation"),
        ("missing-attribute", "candidate/@id"),
    ]
    assert b'generation="0"' in jc.dumps(decoded.value)


def test_the_underscore_of_old_rust_clients_is_understood() -> None:
    decoded = candidate(rel_port="8998", rel__addr="10.0.1.1")
    assert (decoded.value.rel_addr, decoded.value.rel_port) == ("10.0.1.1", 8998)
    assert codes(decoded) == [("sloppy-name", "candidate/@rel_port")]


@pytest.mark.parametrize("text", ["UDP", " udp "])
def test_protocols_are_lower_case(text: str) -> None:
    decoded = candidate(protocol=text)
    assert decoded.value.protocol == "udp"
    assert codes(decoded) == [("sloppy-word", "candidate/@protocol")]


def test_protocols_of_later_documents_are_no_quirk() -> None:
    """XEP-0176 5.3: future specifications might define other values."""
    assert candidate(protocol="ssltcp", tcptype="passive").findings == ()


@pytest.mark.parametrize(("text", "priority"), [("21149780477", 21149780477), ("0", 0), (str(2**64 - 1), 2**64 - 1)])
def test_priorities_beyond_rfc_8445_are_kept_and_never_wrapped(text: str, priority: int) -> None:
    """The first is that of XEP-0176 5.8, example 5."""
    decoded = candidate(priority=text)
    assert decoded.value.priority == priority
    assert codes(decoded) == [("unusual-value", "candidate/@priority")]
    assert jc.loads(jc.dumps(decoded.value)) == decoded.value


def test_component_256_of_rfc_8445_is_taken() -> None:
    assert candidate(component="256") == jc.Decoded(
        jc.Candidate(
            component=256,
            foundation="1",
            id="a",
            ip="10.0.1.1",
            port=8998,
            priority=2130706431,
            protocol="udp",
            type=jc.CandidateType.HOST,
        )
    )


@pytest.mark.parametrize(
    ("name", "text", "range_"),
    [
        ("component", "257", "0..256"),
        ("generation", "256", "0..255"),
        ("port", "65536", "0..65535"),
        ("port", "-1", "0..65535"),
        ("priority", "18446744073709551616", "0..18446744073709551615"),
        ("network", "256", "0..255"),
    ],
)
def test_numbers_out_of_range_are_refused_with_their_place(name: str, text: str, range_: str) -> None:
    with pytest.raises(jc.DecodeError, match=f"^candidate/@{name}: '{text}' is not an integer in {range_}$"):
        candidate(**{name: text})


def test_a_transport_with_nothing_in_it_is_legal() -> None:
    """XEP-0176 5.2: MAY instead be empty."""
    assert jc.read(f"<transport xmlns='{ns.ICE_UDP}'/>") == jc.Decoded(jc.IceUdpTransport())


def test_children_of_other_documents_are_kept_in_the_transport() -> None:
    inner = "<pace ms='50'/><web-socket xmlns='urn:example:a' url='wss://x'/>"
    assert jc.loads(f"<transport xmlns='{ns.ICE_UDP}'>{inner}</transport>").extra.children == (
        jc.Raw("{urn:example:a}web-socket", (("url", "wss://x"),)),
        jc.Raw(f"{{{ns.ICE_UDP}}}pace", (("ms", "50"),)),
    )
