"""XEP-0371: ICE over UDP and TCP."""

from __future__ import annotations

from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

TCP = jc.IceCandidate(
    component=1,
    foundation="58AA96B8FA5A",
    generation=1,
    id="y3s2b30v3r",
    ip="192.0.2.3",
    network=1,
    port=45664,
    priority=1694498815,
    protocol="tcp",
    rel_addr="10.0.1.1",
    rel_port=8998,
    tcptype=jc.TcpType.SO,
    type=jc.CandidateType.SRFLX,
)
REMOTE = (
    jc.IceRemoteCandidate(component=1, ip="10.0.1.2", port=9001),
    jc.IceRemoteCandidate(component=2, ip="10.0.1.2", port=9002),
)

GOLDENS = (
    Golden(
        "XEP-0371 5.2, example 1, and 5.3",
        """<candidate xmlns='urn:xmpp:jingle:transports:ice:0' component='1' foundation='58AA96B8FA5A' generation='1'
                      id='y3s2b30v3r' ip='192.0.2.3' network='1' port='45664' priority='1694498815' protocol='tcp'
                      rel-addr='10.0.1.1' rel-port='8998' tcptype='so' type='srflx'/>""",
        TCP,
    ),
    Golden(
        "XEP-0371 5.8, example 4",
        "<remote-candidate xmlns='urn:xmpp:jingle:transports:ice:0' component='1' ip='10.0.1.2' port='9001'/>",
        REMOTE[0],
    ),
    Golden(
        "XEP-0371 7, example 17: with remaining candidates; XEP-0320 1",
        """
        <transport xmlns='urn:xmpp:jingle:transports:ice:0' pwd='asd88fgpdd777uzjYhagZg' ufrag='8hhy' ice2='true'>
          <fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-256' setup='active'>02:1A</fingerprint>
          <gathering-complete/>
          <candidate component='1' foundation='58AA96B8FA5A' generation='1' id='y3s2b30v3r' ip='192.0.2.3'
                     network='1' port='45664' priority='1694498815' protocol='tcp' rel-addr='10.0.1.1'
                     rel-port='8998' tcptype='so' type='srflx'/>
        </transport>
        """,
        jc.IceTransport(
            pwd="asd88fgpdd777uzjYhagZg",
            ufrag="8hhy",
            ice2=True,
            fingerprints=(jc.Fingerprint(hash="sha-256", setup=jc.Setup.ACTIVE, value="02:1A"),),
            gathering_complete=True,
            candidates=(TCP,),
        ),
    ),
    Golden(
        "XEP-0371 5.8, example 4",
        """
        <transport xmlns='urn:xmpp:jingle:transports:ice:0' pwd='asd88fgpdd777uzjYhagZg' ufrag='8hhy'>
          <remote-candidate component='1' ip='10.0.1.2' port='9001'/>
          <remote-candidate component='2' ip='10.0.1.2' port='9002'/>
        </transport>
        """,
        jc.IceTransport(pwd="asd88fgpdd777uzjYhagZg", ufrag="8hhy", remote_candidates=REMOTE),
    ),
)

CANDIDATE = "component='1' foundation='1' ip='10.0.1.1' port='8998' priority='1' protocol='udp' type='host'"


def test_id_and_generation_are_optional_here_and_network_is_not() -> None:
    """XEP-0371 14, where XEP-0176 13 has it the other way round."""
    decoded = jc.read(f"<candidate xmlns='{ns.ICE}' {CANDIDATE}/>", expect=jc.IceCandidate)
    assert (decoded.value.id, decoded.value.generation, decoded.value.network) == (None, 0, None)
    assert [finding.path for finding in decoded.findings] == ["candidate/@network"]


def test_a_candidate_of_the_other_ice_is_no_candidate_of_the_transport() -> None:
    markup = f"<transport xmlns='{ns.ICE}'><candidate xmlns='{ns.ICE_UDP}' {CANDIDATE}/></transport>"
    value = jc.loads(markup, expect=jc.IceTransport)
    assert value.candidates == ()
    assert [type(kid) for kid in value.extra.children] == [jc.Candidate]


def test_both_transports_are_one_to_whoever_does_not_mind() -> None:
    spaces = (ns.ICE, ns.ICE_UDP)
    values = [jc.loads(f"<transport xmlns='{space}' ufrag='8hhy'/>", expect=jc.IceBase) for space in spaces]
    assert [value.ufrag for value in values] == ["8hhy", "8hhy"]
    assert not isinstance(values[0], jc.IceUdpTransport)
