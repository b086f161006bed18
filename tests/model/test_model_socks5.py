"""XEP-0260: SOCKS5 bytestreams."""

from __future__ import annotations

import pytest
from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

PROXY = jc.Socks5Candidate(
    cid="xmdh4b7i",
    host="123.456.7.8",
    jid="streamer.shakespeare.lit",
    port=7625,
    priority=7878787,
    type=jc.Socks5CandidateType.PROXY,
)

GOLDENS = (
    Golden(
        "XEP-0260 2.2, example 1; the mode is not the default",
        """
        <transport xmlns='urn:xmpp:jingle:transports:s5b:1' dstaddr='972b7bf47291ca609517f67f86b5081086052dad'
                   mode='udp' sid='vj3hs98y'>
          <candidate cid='hft54dqy' host='192.168.4.1' jid='romeo@montague.lit/orchard' priority='8257636'/>
          <candidate cid='xmdh4b7i' host='123.456.7.8' jid='streamer.shakespeare.lit' port='7625' priority='7878787'
                     type='proxy'/>
        </transport>
        """,
        jc.Socks5Transport(
            dstaddr="972b7bf47291ca609517f67f86b5081086052dad",
            mode=jc.Socks5Mode.UDP,
            sid="vj3hs98y",
            candidates=(
                jc.Socks5Candidate(
                    cid="hft54dqy", host="192.168.4.1", jid="romeo@montague.lit/orchard", priority=8257636
                ),
                PROXY,
            ),
        ),
    ),
    Golden(
        "XEP-0260 2.2, example 1",
        """<candidate xmlns='urn:xmpp:jingle:transports:s5b:1' cid='xmdh4b7i' host='123.456.7.8'
                      jid='streamer.shakespeare.lit' port='7625' priority='7878787' type='proxy'/>""",
        PROXY,
    ),
    Golden(
        "XEP-0260 2.3, 2.4, examples 5, 7, 11 and 12 in one",
        """
        <transport xmlns='urn:xmpp:jingle:transports:s5b:1' sid='vj3hs98y'>
          <activated cid='xmdh4b7i'/>
          <candidate-error/>
          <candidate-used cid='hr65dqyd'/>
          <proxy-error/>
        </transport>
        """,
        jc.Socks5Transport(
            sid="vj3hs98y",
            activated=jc.Socks5Activated(cid="xmdh4b7i"),
            candidate_error=True,
            candidate_used=jc.Socks5CandidateUsed(cid="hr65dqyd"),
            proxy_error=True,
        ),
    ),
    Golden(
        "XEP-0260 2.3, example 5",
        "<candidate-used xmlns='urn:xmpp:jingle:transports:s5b:1' cid='hr65dqyd'/>",
        jc.Socks5CandidateUsed(cid="hr65dqyd"),
    ),
    Golden(
        "XEP-0260 2.4, example 11",
        "<activated xmlns='urn:xmpp:jingle:transports:s5b:1' cid='xmdh4b7i'/>",
        jc.Socks5Activated(cid="xmdh4b7i"),
    ),
)


def candidate(attributes: str) -> jc.Decoded[jc.Socks5Candidate]:
    return jc.read(f"<candidate xmlns='{ns.S5B}' {attributes}/>", expect=jc.Socks5Candidate)


def test_types_stand_in_the_order_of_their_preference() -> None:
    """XEP-0260 2.2: 126, 120, 110, 10."""
    assert [kind.value for kind in jc.Socks5CandidateType] == ["direct", "assisted", "tunnel", "proxy"]


def test_a_link_local_address_keeps_its_zone() -> None:
    """Dino sends fe80::...%d1."""
    decoded = candidate("cid='a' host='fe80::1c2d%d1' jid='a@b/c' port='1' priority='1'")
    assert decoded.value.host == "fe80::1c2d%d1"
    assert decoded.findings == ()


def test_priority_0_is_a_quirk() -> None:
    decoded = candidate("cid='a' host='b' jid='c' priority='0'")
    assert decoded.value.priority == 0
    assert [(finding.code, finding.path) for finding in decoded.findings] == [("unusual-value", "candidate/@priority")]


@pytest.mark.parametrize("missing", ["cid", "host", "jid", "priority"])
def test_a_candidate_needs_all_but_port_and_type(missing: str) -> None:
    names = {"cid": "a", "host": "b", "jid": "c", "priority": "1"}
    with pytest.raises(jc.DecodeError, match=f"^candidate/@{missing}: is missing$"):
        candidate(" ".join(f"{name}='{text}'" for name, text in names.items() if name != missing))
