"""ICE restarts (RFC 8445 9 and 12.1, RFC 7675 5.1)."""

from __future__ import annotations

import pytest
from ice_bench import LOCAL, REMOTE, THEIRS, Bench, candidate, state_of
from ice_support import Peer, connected, introduce

from jinglecodec import ice, stun
from jinglecodec.addresses import Address
from jinglecodec.testing.network import Behavior, Host, Link, Nat, Network, Node, Start, StunServer

STUN = Address("192.0.2.200", 3478)
NEW = ice.Credentials("anew", "n" * 22)
ELSEWHERE = Address("192.0.2.77", 9000)


def selected(role: ice.Role = ice.Role.CONTROLLING) -> Bench:
    bench = Bench(role, candidate())
    bench.connect()
    bench.run(bench.now + 4.0)  # sockets and candidates that are not used are gone
    return bench


def restarted() -> tuple[Bench, ice.Credentials]:
    """Return an agent that has restarted and has not heard of the peer yet, and its credentials before."""
    bench = selected()
    before = bench.agent.local_credentials(1)
    bench.do(ice.Restart(1))
    return bench, before


def test_a_restart_changes_both_credentials_and_signals_candidates_again() -> None:
    """RFC 8445 9: "an agent MUST change both the password and the username fragment"."""
    bench, before = restarted()
    after = bench.agent.local_credentials(1)
    assert before.ufrag != after.ufrag
    assert before.pwd != after.pwd
    bench.tick()
    assert [told.candidate.address for told in bench.told(ice.CandidateFound)] == [LOCAL, LOCAL]
    assert len(bench.told(ice.GatheringDone)) == 2


def test_data_and_consent_go_on_over_the_old_pair_until_a_new_one_is_selected() -> None:
    """RFC 8445 12.1; RFC 7675 5.1: "MUST continue to perform consent freshness on that candidate pair"."""
    bench, _ = restarted()
    assert state_of(bench) is ice.StreamState.COMPLETED
    bench.do(ice.SendData(1, 1, b"waiting"))
    for request in bench.run(bench.now + 25.0):
        assert request.message.verify(THEIRS.pwd.encode()), "consent is asked for with the old credentials"
        bench.answer(request)
    bench.do(ice.AddRemoteCandidate(1, candidate(ELSEWHERE)))
    bench.do(ice.SetRemoteCredentials(1, NEW.ufrag, NEW.pwd))
    assert state_of(bench) is ice.StreamState.RUNNING
    bench.do(ice.SendData(1, 1, b"checking"))
    (check,) = [each for each in bench.run(bench.now + 0.01) if each.remote == ELSEWHERE]
    assert check.message.verify(NEW.pwd.encode())
    bench.answer(check, key=NEW.pwd)
    bench.do(ice.SendData(1, 1, b"valid"))
    (nomination,) = [each for each in bench.run(bench.now + 0.1) if each.nominates]
    bench.answer(nomination, key=NEW.pwd)
    bench.do(ice.SendData(1, 1, b"selected"))
    assert bench.payloads == [
        *((REMOTE, data) for data in (b"waiting", b"checking", b"valid")),
        (ELSEWHERE, b"selected"),
    ]
    assert state_of(bench) is ice.StreamState.COMPLETED


def test_checks_of_the_old_session_are_answered_until_the_new_one_has_settled() -> None:
    bench, before = restarted()
    (response,) = bench.check(ufrag=before.ufrag, key=before.pwd)
    assert response.message.message_class is stun.MessageClass.SUCCESS
    assert response.message.verify(before.pwd.encode())
    bench.receive(b"old data")
    assert bench.told(ice.DataReceived) == [ice.DataReceived(1, 1, b"old data")]
    bench.do(ice.AddRemoteCandidate(1, candidate()))
    bench.do(ice.SetRemoteCredentials(1, NEW.ufrag, NEW.pwd))
    for _ in range(2):
        for request in bench.run(bench.now + 0.1):
            bench.answer(request, key=NEW.pwd)
    assert state_of(bench) is ice.StreamState.COMPLETED
    (response,) = bench.check(ufrag=before.ufrag, key=before.pwd)
    assert response.message.message_class is stun.MessageClass.SUCCESS
    bench.run(bench.now + 3.5)
    (response,) = bench.check(ufrag=before.ufrag, key=before.pwd)
    assert response.message[stun.ERROR_CODE].code == 401


def test_the_role_is_kept() -> None:
    """RFC 8445 9: all states are flushed "excluding the roles of the agents"."""
    bench = selected(ice.Role.CONTROLLED)
    bench.do(ice.Restart(1))
    assert bench.agent.snapshot().role is ice.Role.CONTROLLED


def test_other_credentials_of_the_peer_are_a_restart_that_is_followed() -> None:
    bench = selected(ice.Role.CONTROLLED)
    before = bench.agent.local_credentials(1)
    bench.do(ice.SetRemoteCredentials(1, NEW.ufrag, NEW.pwd))
    assert bench.told(ice.RestartDetected) == [ice.RestartDetected(1)]
    after = bench.agent.local_credentials(1)
    assert after.ufrag != before.ufrag
    bench.do(ice.Restart(1))
    assert bench.agent.local_credentials(1) == after, "it has restarted already"
    bench.do(ice.SetRemoteCredentials(1, NEW.ufrag, NEW.pwd))
    assert len(bench.told(ice.RestartDetected)) == 1, "the same credentials are no news"


def test_an_answer_to_a_restart_is_none() -> None:
    bench, _ = restarted()
    ours = bench.agent.local_credentials(1)
    bench.do(ice.SetRemoteCredentials(1, NEW.ufrag, NEW.pwd))
    assert not bench.told(ice.RestartDetected)
    assert bench.agent.local_credentials(1) == ours


def test_the_old_path_may_die_during_a_restart() -> None:
    bench, _ = restarted()
    bench.run(bench.now + 31.0)
    assert not bench.told(ice.ConsentLost)
    bench.do(ice.SendData(1, 1, b"lost"))
    assert bench.payloads == []
    bench.do(ice.AddRemoteCandidate(1, candidate(ELSEWHERE)))
    bench.do(ice.SetRemoteCredentials(1, NEW.ufrag, NEW.pwd))
    (check,) = bench.tick()
    bench.answer(check, key=NEW.pwd)
    bench.do(ice.SendData(1, 1, b"found"))
    assert bench.payloads == [(ELSEWHERE, b"found")]


def test_a_failed_restart_ends_the_old_path() -> None:
    """RFC 8445 12.1: "the agent MUST NOT continue sending data" where no pair could be selected."""
    bench, _ = restarted()
    bench.do(ice.EndRemoteCandidates(1))
    bench.do(ice.SetRemoteCredentials(1, NEW.ufrag, NEW.pwd))
    start = bench.now
    while bench.now < start + 40.0:
        for request in bench.run(bench.now + 1.0):
            bench.answer(request)
    assert state_of(bench) is ice.StreamState.FAILED
    bench.do(ice.SendData(1, 1, b"no"))
    assert bench.payloads == []


def test_restarts_one_after_another_leave_nothing_behind() -> None:
    network = Network(seed=1)
    left = Peer(Host(network.internet, "192.0.2.1", link=Link(latency=0.01)))
    right = Peer(Host(network.internet, "192.0.2.2"), ice.Role.CONTROLLED, seed=2)
    introduce(left, right)
    network.run(10.0)
    sizes = []
    for _ in range(4):
        for initiator in (left, right):
            initiator.do(ice.Restart())
            initiator.signal_credentials()
            network.run(network.now + 10.0)
            assert connected(left, right)
        state = left.agent.snapshot()
        sizes.append((state.pairs, len(state.streams[0].local_candidates), len(left.agent._gathering.bases)))
    assert sizes == [(1, 1, 1)] * 4


# --- data in a stream that never stops -----------------------------------------------------------------------------


class Talk:
    """Two peers behind NATs, each of which sends a numbered datagram every 100 ms."""

    def __init__(self) -> None:
        network = self.network = Network(seed=2)
        Node(Host(network.internet, STUN.host), StunServer(STUN)).handle(Start())
        self.nats = [
            Nat(
                network.internet,
                f"198.51.100.{side}",
                mapping=Behavior.ENDPOINT_INDEPENDENT,
                filtering=Behavior.ADDRESS_AND_PORT_DEPENDENT,
                link=Link(latency=0.02),
            )
            for side in (1, 2)
        ]
        self.left, self.right = (
            Peer(Host(nat.inside, f"10.0.{side}.1"), role, seed=side, servers=[STUN])
            for side, nat, role in ((1, self.nats[0], ice.Role.CONTROLLING), (2, self.nats[1], ice.Role.CONTROLLED))
        )
        introduce(self.left, self.right)
        network.run(5.0)
        assert connected(self.left, self.right)
        for number in range(600):
            for peer in (self.left, self.right):
                network.call_at(5.0 + number / 10, peer.do, ice.SendData(1, 1, number.to_bytes(4)))

    def missing(self, peer: Peer) -> list[float]:
        """Return when the datagrams were sent that did not come to a peer."""
        got = {int.from_bytes(data) for _, data in peer.data}
        return [5.0 + number / 10 for number in range(600) if number not in got]

    def restart(self, peer: Peer) -> None:
        peer.do(ice.Restart())
        peer.signal_credentials()


@pytest.mark.parametrize("who", ["left", "right"])
def test_no_datagram_is_lost_through_a_restart(who: str) -> None:
    talk = Talk()
    talk.network.call_at(20.01, talk.restart, getattr(talk, who))
    talk.network.run(70.0)
    assert connected(talk.left, talk.right)
    assert talk.missing(talk.left) == []
    assert talk.missing(talk.right) == []


def test_a_change_of_address_costs_what_the_path_is_dead_for() -> None:
    """The address goes at 20 s; the new one is known, and the restart begins, at 20.5 s."""
    talk = Talk()
    talk.network.call_at(20.01, talk.left.host.detach, "10.0.1.1")
    talk.network.call_at(20.5, talk.left.host.attach, talk.nats[0].inside, "10.0.1.2")
    talk.network.call_at(20.5, talk.left.do, ice.AddLocalAddress("10.0.1.2"))
    talk.network.call_at(20.51, talk.restart, talk.left)
    talk.network.run(70.0)
    assert connected(talk.left, talk.right)
    for peer in (talk.left, talk.right):
        missing = talk.missing(peer)
        assert min(missing) >= 19.9
        assert max(missing) < 22.0


def test_a_rebinding_nat_costs_what_the_path_is_dead_for() -> None:
    """The NAT forgets its mappings at 20 s; the restart begins when consent is in doubt."""
    talk = Talk()
    talk.network.call_at(20.01, talk.nats[0].rebind)
    talk.network.run(34.0)
    for peer in (talk.left, talk.right):
        assert peer.state() is ice.StreamState.DISCONNECTED
    start = talk.network.now
    talk.restart(talk.left)
    talk.network.run(70.0)
    assert connected(talk.left, talk.right)
    for peer in (talk.left, talk.right):
        missing = talk.missing(peer)
        assert min(missing) >= 19.9
        assert max(missing) < start + 1.5
