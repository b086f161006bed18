"""The call flows that the specifications print, message by message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ice_bench import LOCAL, Bench, candidate
from ice_support import Peer, connected, requests, shown

from jinglecodec import ice, stun
from jinglecodec.addresses import Address
from jinglecodec.testing.network import Behavior, Fate, Host, Link, Nat, Network, Node, Start, StunServer

if TYPE_CHECKING:
    from jinglecodec.testing.network import Tap

STUN = Address("192.0.2.2", 3478)


def topology(left_credentials: ice.Credentials | None, right_credentials: ice.Credentials | None) -> tuple[Peer, Peer]:
    """Return L behind a NAT, and R, as in RFC 8445 figure 7: mapping endpoint-independent, filtering by address."""
    network = Network(seed=1)
    Node(Host(network.internet, STUN.host), StunServer(STUN)).handle(Start())
    nat = Nat(
        network.internet,
        "192.0.2.3",
        mapping=Behavior.ENDPOINT_INDEPENDENT,
        filtering=Behavior.ADDRESS_DEPENDENT,
        link=Link(latency=0.01),
        name="NAT",
    )
    left = Peer(
        Host(nat.inside, "10.0.1.1", name="L"),
        ice.Role.CONTROLLING,
        seed=1,
        servers=[STUN],
        streams=[ice.AddStream(1, credentials=left_credentials)],
    )
    right = Peer(
        Host(network.internet, "192.0.2.1", name="R", link=Link(latency=0.01)),
        ice.Role.CONTROLLED,
        seed=2,
        servers=[STUN],
        streams=[ice.AddStream(1, credentials=right_credentials)],
    )
    left.other, right.other = right, left
    return left, right


def exchanges(tap: Tap, names: dict[str, str]) -> list[list[str]]:
    """Return what hosts sent and the NAT passed on, transaction by transaction, with names for addresses."""
    found: dict[bytes, list[str]] = {}
    for seen in tap.records:
        if seen.fate in (Fate.SENT, Fate.TRANSLATED):
            line = shown(seen.packet)
            for address, name in names.items():
                line = line.replace(address, name)
            found.setdefault(stun.decode(seen.packet.data).transaction_id, []).append(line)
    return list(found.values())


def test_the_flow_of_rfc_8445_15_1() -> None:
    """Figure 8. R begins a moment before L, as there; every exchange is there, and in order, but for the pace."""
    left, right = topology(None, None)
    network = left.network
    # 1 to 4, 6 to 7: both gather.
    tap = network.tap()
    left.do(ice.Gather())
    network.run(0.1)
    ((_, host), (_, reflexive)) = left.told(ice.CandidateFound)
    mapped = str(reflexive.candidate.address)
    names = {
        str(host.candidate.address): "L-PRIV-1",
        mapped: "NAT-PUB-1",
        str(STUN): "STUN-PUB-1",
        "192.0.2.1:49152": "R-PUB-1",
    }
    assert exchanges(tap, names) == [
        [
            "Req L-PRIV-1 > STUN-PUB-1",
            "Req NAT-PUB-1 > STUN-PUB-1",
            "Res STUN-PUB-1 > NAT-PUB-1 MA=NAT-PUB-1",
            "Res STUN-PUB-1 > L-PRIV-1 MA=NAT-PUB-1",
        ]
    ]
    right.do(ice.Gather())
    network.run(0.2)
    ((_, found),) = right.told(ice.CandidateFound)  # "R's server-reflexive candidate will be identical"
    assert str(found.candidate.address) == "192.0.2.1:49152"
    # 5 and 8: the candidates were signalled; the credentials start the checks, of R first.
    network.taps.remove(tap)
    tap = network.tap()
    left.signal_credentials()
    network.call_at(0.205, right.signal_credentials)
    network.run(0.65)
    assert exchanges(tap, names) == [
        ["Req R-PUB-1 > L-PRIV-1"],  # 9, dropped
        [
            "Req L-PRIV-1 > R-PUB-1",  # 10
            "Req NAT-PUB-1 > R-PUB-1",
            "Res R-PUB-1 > NAT-PUB-1 MA=NAT-PUB-1",  # 12
            "Res R-PUB-1 > L-PRIV-1 MA=NAT-PUB-1",
        ],
        [
            "Req R-PUB-1 > NAT-PUB-1",  # 14
            "Req R-PUB-1 > L-PRIV-1",
            "Res L-PRIV-1 > R-PUB-1 MA=R-PUB-1",  # 16
            "Res NAT-PUB-1 > R-PUB-1 MA=R-PUB-1",
        ],
        [
            "Req L-PRIV-1 > R-PUB-1 USE-CAND",  # 18
            "Req NAT-PUB-1 > R-PUB-1 USE-CAND",
            "Res R-PUB-1 > NAT-PUB-1 MA=NAT-PUB-1",  # 20
            "Res R-PUB-1 > L-PRIV-1 MA=NAT-PUB-1",
        ],
    ]
    assert connected(left, right)
    # "L creates a new pair (L2) [...] NAT_PUB_1 R_PUB_1", while the pair checked was L-PRIV-1 to R-PUB-1.
    (pair,) = left.agent.snapshot().streams[0].selected
    assert (str(pair.local.address), str(pair.remote.address)) == (names_of(names, "L-PRIV-1"), "192.0.2.1:49152")
    assert pair.valid is not None
    assert str(pair.valid.address) == mapped


def names_of(names: dict[str, str], wanted: str) -> str:
    return next(address for address, name in names.items() if name == wanted)


ROMEO = ice.Credentials("8hhy", "asd88fgpdd777uzjYhagZg")
JULIET = ice.Credentials("9uB6", "YH75Fviy6338Vbrhrlp8Yh")


def test_the_credentials_of_xep_0176_5_6() -> None:
    """Rule 7: Romeo's checks have username "9uB6:8hhy" and Juliet's password, hers "8hhy:9uB6" and Romeo's."""
    left, right = topology(ROMEO, JULIET)
    tap = left.network.tap()
    for peer in (left, right):
        peer.do(ice.Gather())
        peer.signal_credentials()
    left.network.run(2.0)
    assert connected(left, right)
    for place, username, password in (("L", "9uB6:8hhy", JULIET.pwd), ("R", "8hhy:9uB6", ROMEO.pwd)):
        sent = [message for _, packet, message in requests(tap, place) if packet.destination != STUN]
        assert sent
        for message in sent:
            assert message[stun.USERNAME] == username
            assert message.verify(password.encode())
            assert stun.PRIORITY in message  # rule 2
            assert (stun.ICE_CONTROLLING in message) is (place == "L")  # rules 5 and 6
            assert (stun.ICE_CONTROLLED in message) is (place == "R")


def test_the_checks_of_xep_0176_5_6() -> None:
    """The diagram, with an initiator that nominates with its first check, as there; the agent is the responder."""
    host = candidate(Address("10.0.1.1", 8998))
    mapped = Address("192.0.2.3", 45664)
    reflexive = candidate(mapped, 1694498815, kind=ice.CandidateType.SERVER_REFLEXIVE, foundation="2")
    responder = Bench(ice.Role.CONTROLLED, host, reflexive, hosts=["192.0.2.1"])
    (first,) = responder.tick()  # from 192.0.2.1:3478 to 10.0.1.1:8998 (dropped)
    assert (first.remote, first.nominates) == (host.address, False)
    (response,) = responder.check(mapped, nominate=True, priority=1862270975)
    assert (response.remote, response.message[stun.XOR_MAPPED_ADDRESS]) == (mapped, mapped)
    (triggered,) = responder.tick()
    assert (triggered.remote, triggered.nominates) == (mapped, False)
    assert not responder.told(ice.PairSelected)
    responder.answer(triggered)
    (selected,) = responder.told(ice.PairSelected)
    assert (selected.local.address, selected.remote) == (LOCAL, reflexive)
    responder.do(ice.SendData(1, 1, b"media"))  # Media Now Can Flow
    assert responder.payloads == [(mapped, b"media")]
