"""Transactions over UDP: the timers of RFC 3261 17 and RFC 6026, each at the second that the tables say (T1 0.5 s)."""

from __future__ import annotations

import pytest
from sip_support import ALICE, BOB, SDP, sent, sip, start_lines, told

from jinglecodec.machine import DatagramReceived, SendDatagram, TimerFired
from jinglecodec.sip.messages import Request, read
from jinglecodec.sip.transactions import (
    AckReceived,
    Forget,
    Key,
    RequestReceived,
    Respond,
    ResponseReceived,
    SendRequest,
    Side,
    State,
    TransactionFailed,
    TransactionRefused,
    Transactions,
)
from jinglecodec.testing.laws import check_all


def message(method: str, branch: str = "z9hG4bKa", body: bytes = b"") -> Request:
    text = f"""
        {method} sip:romeo@example.net SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.1:5060;branch={branch};rport
        From: <sip:juliet@example.com>;tag=t1
        To: <sip:romeo@example.net>
        Call-ID: c1
        CSeq: 1 {method}
    """
    request = read(sip(text, body))
    assert isinstance(request, Request)
    return request


def reply(request: Request, status: int, tag: str = "t2") -> DatagramReceived:
    return DatagramReceived(0, BOB, request.response(status, tag=tag).encode())


def arrival(request: Request) -> DatagramReceived:
    return DatagramReceived(0, BOB, request.encode())


def times(layer: Transactions, until: float) -> list[tuple[float, list[str], list[object]]]:
    """Return when what is sent and told, from deadline to deadline."""
    found = []
    while layer.deadline is not None and layer.deadline <= until:
        at = layer.deadline
        outputs = layer.handle(TimerFired(), at)
        if outputs:
            found.append((at, start_lines(outputs), told(outputs)))
    return found


INVITE, OPTIONS = message("INVITE", body=SDP), message("OPTIONS")
CALL, QUERY = Key(Side.CLIENT, "z9hG4bKa", "INVITE"), Key(Side.CLIENT, "z9hG4bKa", "OPTIONS")


def test_timer_a_doubles_and_timer_b_ends_an_invite() -> None:
    """17.1.1.2: retransmissions "at 0, T1, 3*T1, 7*T1, 15*T1, 31*T1, and 63*T1", timer B at 64*T1."""
    layer = Transactions()
    assert start_lines(layer.handle(SendRequest(INVITE, BOB), 0.0)) == ["INVITE"]
    sent_at = times(layer, 100.0)
    assert [at for at, lines, _ in sent_at if lines] == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert sent_at[-1] == (32.0, [], [TransactionFailed(CALL)])
    assert len(layer) == 0


def test_timer_e_is_capped_by_t2_and_timer_f_ends_another_request() -> None:
    """17.1.2.2: "500 ms, 1 s, 2 s, 4 s, 4 s, 4 s ..."."""
    layer = Transactions()
    layer.handle(SendRequest(OPTIONS, BOB), 0.0)
    sent_at = times(layer, 100.0)
    assert [at for at, lines, _ in sent_at if lines] == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert sent_at[-1] == (32.0, [], [TransactionFailed(QUERY)])


def test_a_provisional_response_stops_the_retransmission_of_an_invite() -> None:
    layer = Transactions()
    layer.handle(SendRequest(INVITE, BOB), 0.0)
    (received,) = layer.handle(reply(INVITE, 180), 0.1)
    assert isinstance(received, ResponseReceived)
    assert (received.key, received.response.status) == (CALL, 180)
    assert layer.deadline is None
    layer.handle(Forget(CALL), 1.0)
    assert len(layer) == 0


def test_a_provisional_response_slows_another_request_down() -> None:
    layer = Transactions()
    layer.handle(SendRequest(OPTIONS, BOB), 0.0)
    layer.handle(reply(OPTIONS, 100), 0.1)
    assert [at for at, lines, _ in times(layer, 20.0) if lines] == [0.5, 4.5, 8.5, 12.5, 16.5]


def test_a_failure_is_acknowledged_each_time_and_told_once() -> None:
    """17.1.1.3: the ACK has branch, Request-URI and CSeq number of the INVITE, and the To of the response."""
    layer = Transactions()
    layer.handle(SendRequest(INVITE, BOB), 0.0)
    first = layer.handle(reply(INVITE, 486), 0.25)
    (ack,) = (one for one in sent(first) if isinstance(one, Request))
    assert (ack.method, ack.uri, ack.cseq, ack.via.branch, ack.to.tag) == ("ACK", INVITE.uri, 1, "z9hG4bKa", "t2")
    assert [type(one) for one in told(first)] == [ResponseReceived]
    again = layer.handle(reply(INVITE, 486), 2.0)
    assert start_lines(again) == ["ACK"]
    assert told(again) == []
    assert layer.deadline == 32.25  # timer D, at least 32 s
    times(layer, 33.0)
    assert len(layer) == 0


def test_every_2xx_is_told_until_timer_m() -> None:
    """RFC 6026 7.2: "a 2xx response received while in the Accepted state MUST be passed to the TU"."""
    layer = Transactions()
    layer.handle(SendRequest(INVITE, BOB), 0.0)
    for at, tag in ((0.25, "t2"), (1.5, "t2"), (2.0, "t3")):
        (received,) = layer.handle(reply(INVITE, 200, tag), at)
        assert isinstance(received, ResponseReceived)
        assert received.response.to.tag == tag
    assert layer.state(CALL) is State.ACCEPTED
    assert layer.handle(reply(INVITE, 486), 3.0) == ()
    assert layer.deadline == 32.25


def test_timer_k_absorbs_further_responses() -> None:
    layer = Transactions()
    layer.handle(SendRequest(OPTIONS, BOB), 0.0)
    assert len(layer.handle(reply(OPTIONS, 200), 0.25)) == 1
    assert layer.handle(reply(OPTIONS, 200), 2.0) == ()
    assert layer.deadline == 5.25
    layer.handle(TimerFired(), 5.25)
    (stray,) = layer.handle(reply(OPTIONS, 200), 7.0)
    assert isinstance(stray, ResponseReceived)
    assert stray.key is None


def server_key(outputs: tuple[object, ...]) -> Key:
    (received,) = (one for one in outputs if isinstance(one, RequestReceived))
    return received.key


def test_a_failure_is_sent_again_until_its_ack_and_timer_h() -> None:
    """17.2.1: timer G doubles up to T2, timer H is 64*T1."""
    layer = Transactions()
    told_at_once = layer.handle(arrival(INVITE), 0.0)
    assert start_lines(told_at_once) == ["100 INVITE"]
    key = server_key(told_at_once)
    layer.handle(Respond(key, INVITE.response(486, tag="t2")), 0.0)
    sent_at = times(layer, 100.0)
    assert [at for at, lines, _ in sent_at if lines] == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert sent_at[-1] == (32.0, [], [TransactionFailed(key)])


def test_timer_i_absorbs_the_ack_of_a_failure() -> None:
    layer = Transactions()
    key = server_key(layer.handle(arrival(INVITE), 0.0))
    layer.handle(Respond(key, INVITE.response(486, tag="t2")), 0.0)
    for at in (0.1, 1.0):
        assert layer.handle(arrival(message("ACK")), at) == ()
    assert layer.state(key) is State.CONFIRMED
    assert layer.deadline == 5.1
    layer.handle(TimerFired(), 5.1)
    assert len(layer) == 0


def test_the_ack_of_a_2xx_goes_up_each_time_and_timer_l_ends_it() -> None:
    layer = Transactions()
    key = server_key(layer.handle(arrival(INVITE), 0.0))
    assert start_lines(layer.handle(Respond(key, INVITE.response(200, tag="t2")), 1.0)) == ["200 INVITE"]
    assert layer.handle(arrival(INVITE), 2.0) == ()  # absorbed (RFC 6026 7.1)
    assert start_lines(layer.handle(Respond(key, INVITE.response(200, tag="t2")), 3.0)) == ["200 INVITE"]
    for at in (4.0, 5.0):
        assert [type(one) for one in layer.handle(arrival(message("ACK")), at)] == [AckReceived]
    assert layer.deadline == 33.0


def test_a_request_that_comes_again_gets_the_same_answer_and_goes_up_once() -> None:
    layer = Transactions()
    key = server_key(layer.handle(arrival(OPTIONS), 0.0))
    assert layer.handle(arrival(OPTIONS), 0.5) == ()
    (first,) = layer.handle(Respond(key, OPTIONS.response(200, tag="x")), 1.0)
    assert layer.handle(arrival(OPTIONS), 2.0) == (first,)
    assert layer.handle(Respond(key, OPTIONS.response(500)), 2.0) == ()
    assert layer.deadline == 33.0  # timer J


def test_a_branch_is_the_senders_own() -> None:
    """17.2.3: sent-by is "part of the matching process because there could be ... duplication of branch parameters"."""
    layer = Transactions()
    layer.handle(arrival(OPTIONS), 0.0)
    other = read(OPTIONS.encode().replace(b"UDP 192.0.2.1", b"UDP 192.0.2.7"))
    assert isinstance(other, Request)
    assert [type(one) for one in layer.handle(arrival(other), 0.0)] == [RequestReceived]
    assert len(layer) == 2


def test_peers_of_rfc_2543_are_told_apart_without_the_cookie() -> None:
    layer = Transactions()
    key = server_key(layer.handle(arrival(message("INVITE", "1")), 0.0))
    assert [start_lines((one,)) for one in layer.handle(arrival(message("INVITE", "1")), 0.5)] == [["100 INVITE"]]
    layer.handle(Respond(key, INVITE.response(486, tag="t2")), 1.0)
    assert layer.handle(arrival(message("ACK", "1")), 1.25) == ()
    assert layer.state(key) is State.CONFIRMED


def test_malformed_requests_get_400_and_other_garbage_nothing() -> None:
    layer = Transactions()
    bad = OPTIONS.encode().replace(b"Content-Length: 0", b"Content-Length: 10")
    assert start_lines(layer.handle(DatagramReceived(0, ALICE, bad), 0.0)) == ["400 OPTIONS"]
    for junk in (b"", b"\r\n\r\n", b"\x00\x01\x00\x00", bad.replace(b"OPTIONS", b"ACK")):
        assert layer.handle(DatagramReceived(0, ALICE, junk), 0.0) == ()
    assert len(layer) == 0


def test_a_flood_is_answered_without_a_transaction() -> None:
    layer = Transactions(limit=10)
    for number in range(20):
        outputs = layer.handle(arrival(message("OPTIONS", f"z9hG4bK{number}")), 0.0)
        if number >= 10:
            assert start_lines(outputs) == ["503 OPTIONS"]
            assert told(outputs) == [TransactionRefused(BOB)]
    assert len(layer) == 10


@pytest.mark.parametrize("request_", [INVITE, OPTIONS], ids=["invite", "options"])
def test_the_laws_of_machines_hold(request_: Request) -> None:
    other = message(request_.method, "z9hG4bKother")
    key = server_key(Transactions().handle(arrival(other), 0.0))
    script: list[tuple[object, float]] = [
        (SendRequest(request_, BOB), 0.0),
        (arrival(other), 0.2),
        (TimerFired(), 0.5),
        (Respond(key, other.response(486, tag="t")), 0.7),
        (reply(request_, 100), 0.9),
        (arrival(other), 1.0),
        (reply(request_, 200), 2.0),
        (TimerFired(), 40.0),
    ]
    check_all(Transactions, script, most=6)
    layer = Transactions()
    for event, now in script:
        outputs = layer.handle(event, now)  # type: ignore[arg-type]
        assert all(
            isinstance(one, (SendDatagram, ResponseReceived, RequestReceived, TransactionFailed)) for one in outputs
        )
    assert len(layer) == 0
