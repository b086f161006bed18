"""Calls of the SIP user agent: alone against messages written out, and two of them in virtual time with loss."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sip_support import ALICE, BOB, JULIET, ROMEO, SDP, Wire, agent, sent, sip, start_lines, told

from jinglecodec.addresses import Address
from jinglecodec.machine import DatagramReceived, SendDatagram, TimerFired
from jinglecodec.sip.legs import (
    Answer,
    Answered,
    Ended,
    Failed,
    HangUp,
    Invite,
    Invited,
    Offer,
    OfferFailed,
    OfferWithdrawn,
    Overloaded,
    Rang,
    Reject,
    Reoffered,
    Ring,
)
from jinglecodec.sip.messages import Request, Response
from jinglecodec.sip.useragent import UserAgent

A_SDP, B_SDP, C_SDP = (SDP.replace(b"o=-", b"o=" + name) for name in (b"a", b"b", b"c"))


class Caller:
    """The user agent of Juliet with a call to Romeo on, and Romeo's side by hand."""

    def __init__(self, ring_time: float = 180.0) -> None:
        self.agent = agent(ALICE, BOB, ring_time=ring_time)
        self.now = 0.0
        (self.invite,) = sent(self.agent.handle(Invite("c1", JULIET, ROMEO, SDP), 0.0))
        assert isinstance(self.invite, Request)

    def answer(
        self, status: int, tag: str, body: bytes = b"", request: Request | None = None, extra: str = ""
    ) -> tuple[object, ...]:
        asked = request or self.invite
        assert isinstance(asked, Request)
        fields = [("Contact", f"<sip:romeo@192.0.2.{10 + len(tag)}:5070>"), ("Content-Type", "application/sdp")]
        fields += [tuple(line.split(": ", 1)) for line in extra.splitlines()]  # type: ignore[misc]
        data = asked.response(status, tag=tag, fields=tuple(fields), body=body).encode()
        self.now += 0.01
        return self.agent.handle(DatagramReceived(0, BOB, data), self.now)

    def do(self, event: object) -> tuple[object, ...]:
        self.now += 0.01
        return self.agent.handle(event, self.now)  # type: ignore[arg-type]

    def request(self, method: str, tag: str, number: int, body: bytes = b"") -> tuple[object, ...]:
        """Hand in a request of Romeo within the dialog with `tag`."""
        assert isinstance(self.invite, Request)
        text = f"""
            {method} sip:juliet@192.0.2.1 SIP/2.0
            Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK{method}{number}
            From: <sip:romeo@example.net>;tag={tag}
            To: {self.invite.one("from")}
            Call-ID: c1
            CSeq: {number} {method}
            Contact: <sip:romeo@192.0.2.77>
            Content-Type: application/sdp
        """
        return self.do(DatagramReceived(0, BOB, sip(text, body)))


def test_an_invite_says_what_rfc_3261_8_1_1_demands() -> None:
    invite = Caller().invite
    assert isinstance(invite, Request)
    text = invite.encode().decode()
    assert text.startswith("INVITE sip:romeo@example.net SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK")
    assert "Max-Forwards: 70\r\nFrom: <sip:juliet@example.com>;tag=" in text
    assert "\r\nTo: <sip:romeo@example.net>\r\nCall-ID: c1\r\nCSeq: 1 INVITE\r\n" in text
    assert "Contact: <sip:juliet@192.0.2.1:5060>\r\n" in text
    assert invite.sdp == SDP


def test_of_a_fork_the_first_2xx_counts_and_others_are_ended() -> None:
    """RFC 3261 13.2.2.4: one ACK for each 2xx; "the UAC ... BYE" for dialogs that it does not want."""
    caller = Caller()
    assert told(caller.answer(180, "a")) == [Rang("c1")]
    assert told(caller.answer(180, "bb")) == []
    assert told(caller.answer(183, "ccc", C_SDP)) == []
    first = caller.answer(200, "bb", B_SDP)
    assert told(first) == [Answered("c1", B_SDP)]
    (ack,) = sent(first)
    assert isinstance(ack, Request)
    assert (ack.method, ack.uri, ack.to.tag, ack.cseq) == ("ACK", "sip:romeo@192.0.2.12:5070", "bb", 1)
    second = caller.answer(200, "a", A_SDP)
    assert told(second) == []
    late, bye = sent(second)
    assert isinstance(late, Request)
    assert isinstance(bye, Request)
    assert [(one.method, one.to.tag, one.cseq) for one in (late, bye)] == [("ACK", "a", 1), ("BYE", "a", 2)]
    assert start_lines(caller.answer(200, "a", A_SDP)) == ["ACK"]  # again, with no second BYE
    again = caller.answer(200, "bb", B_SDP)
    assert again == tuple(one for one in first if isinstance(one, SendDatagram))


def test_the_bye_of_a_late_fork_is_numbered_after_its_prack() -> None:
    """RFC 3261 12.2.1.1: "CSeq sequence numbers ... MUST be strictly monotonically increasing" in each dialog."""
    caller = Caller()
    reliable = "Require: 100rel\nRSeq: 7"
    (prack,) = sent(caller.answer(180, "a", extra=reliable))
    caller.answer(200, "bb", B_SDP)
    ack, bye = sent(caller.answer(200, "a", A_SDP))
    assert [(one.cseq_method, one.cseq) for one in (prack, ack, bye)] == [("PRACK", 2), ("ACK", 1), ("BYE", 3)]


def test_an_answer_to_an_offer_that_comes_after_bye_is_acknowledged_and_no_more() -> None:
    """RFC 3261 13.2.2.4: an ACK for each 2xx; its dialog has ended, and has had the next CSeq (12.2.1.1)."""
    caller = Caller()
    caller.answer(200, "a", A_SDP)
    (offer,) = sent(caller.do(Offer("c1", B_SDP)))
    assert isinstance(offer, Request)
    assert [(one.cseq_method, one.cseq) for one in sent(caller.do(HangUp("c1")))] == [("BYE", 3)]
    assert start_lines(caller.answer(200, "a", A_SDP, request=offer)) == ["ACK"]


def test_cancel_waits_for_a_provisional_response() -> None:
    """RFC 3261 9.1: without one "the CANCEL request MUST NOT be sent; rather, the client MUST wait"."""
    caller = Caller()
    assert caller.do(HangUp("c1")) == ()
    (cancel,) = sent(caller.answer(100, ""))
    assert isinstance(cancel, Request)
    assert isinstance(caller.invite, Request)
    assert (cancel.method, cancel.uri, cancel.cseq, cancel.to.tag) == ("CANCEL", caller.invite.uri, 1, "")
    assert cancel.via.branch == caller.invite.via.branch
    assert start_lines(caller.answer(200, "a", request=cancel)) == []
    assert start_lines(caller.answer(487, "a")) == ["ACK"]
    drain(caller.agent, 100.0)
    assert (caller.agent.pending, caller.agent.calls) == (0, frozenset())


def test_a_2xx_that_crosses_cancel_is_acknowledged_and_ended() -> None:
    caller = Caller()
    caller.answer(180, "a")
    assert start_lines(caller.do(HangUp("c1"))) == ["CANCEL"]
    crossing = caller.answer(200, "a", A_SDP)
    assert start_lines(crossing) == ["ACK", "BYE"]
    assert told(crossing) == []


def test_a_reliable_response_is_acknowledged_once_and_its_sdp_is_the_answer() -> None:
    """RFC 3262 4: PRACK with RAck, not for those out of order. RFC 3261 13.2.1: the first description is the answer."""
    caller = Caller()
    reliable = "Require: 100rel\nRSeq: 7"
    (prack,) = sent(caller.answer(183, "a", A_SDP, extra=reliable))
    assert isinstance(prack, Request)
    assert (prack.method, prack.one("rack"), prack.cseq, prack.to.tag) == ("PRACK", "7 1 INVITE", 2, "a")
    assert sent(caller.answer(183, "a", A_SDP, extra=reliable)) == []
    assert sent(caller.answer(183, "a", A_SDP, extra=reliable.replace("7", "9"))) == []
    assert start_lines(caller.answer(180, "a", extra=reliable.replace("7", "8"))) == ["PRACK"]
    final = caller.answer(200, "a")
    assert told(final) == [Answered("c1", A_SDP)]
    (bye,) = sent(caller.do(HangUp("c1")))
    assert bye.cseq == 4


@pytest.mark.parametrize("status", [404, 486, 503, 603])
def test_a_failure_is_told(status: int) -> None:
    caller = Caller()
    assert told(caller.answer(status, "a")) == [Failed("c1", status)]


def test_nobody_answers() -> None:
    caller = Caller()
    assert [event for _, event in drain(caller.agent, 100.0)] == [Failed("c1", 408)]
    caller = Caller(ring_time=60.0)
    caller.answer(180, "a")
    assert [event for _, event in drain(caller.agent, 1000.0)] == [Failed("c1", 408)]
    assert (caller.agent.pending, caller.agent.calls) == (0, frozenset())


def drain(machine: UserAgent, until: float) -> list[tuple[float, object]]:
    """Run all timers up to a time; return what is told."""
    found: list[tuple[float, object]] = []
    while machine.deadline is not None and machine.deadline <= until:
        at = machine.deadline
        found += ((at, event) for event in told(machine.handle(TimerFired(), at)))
    return found


def active() -> Caller:
    caller = Caller()
    caller.answer(200, "a", A_SDP)
    return caller


def test_offers_cross_and_both_are_refused_with_491() -> None:
    """RFC 3261 14.1, 14.2: the owner of the Call-ID tries again after 2.1 to 4 s."""
    caller = active()
    (offer,) = sent(caller.do(Offer("c1", C_SDP)))
    assert isinstance(offer, Request)
    assert (offer.cseq, offer.uri, offer.sdp) == (2, "sip:romeo@192.0.2.11:5070", C_SDP)
    assert "491 INVITE" in start_lines(caller.request("INVITE", "a", 1, B_SDP))
    begin = caller.now
    assert start_lines(caller.answer(491, "a", request=offer)) == ["ACK"]
    while True:
        at = caller.agent.deadline
        assert at is not None
        outputs = caller.agent.handle(TimerFired(), at)
        if "INVITE" in start_lines(outputs):
            break
    assert 2.1 <= at - begin <= 4.1
    (again,) = (one for one in sent(outputs) if isinstance(one, Request))
    assert (again.cseq, again.sdp) == (3, C_SDP)
    assert told(caller.answer(200, "a", B_SDP, request=again)) == [Answered("c1", B_SDP)]


def test_the_offer_of_the_other_party_comes_before_one_that_waits() -> None:
    caller = active()
    (offer,) = sent(caller.do(Offer("c1", C_SDP)))
    assert isinstance(offer, Request)
    caller.answer(491, "a", request=offer)
    outputs = caller.request("INVITE", "a", 1, B_SDP)
    assert told(outputs) == [OfferFailed("c1", 491), Reoffered("c1", B_SDP)]
    (answer,) = sent(caller.do(Answer("c1", A_SDP)))
    assert isinstance(answer, Response)
    assert (answer.status, answer.sdp) == (200, A_SDP)
    (bye,) = sent(caller.request("ACK", "a", 1) + caller.do(HangUp("c1")))
    assert isinstance(bye, Request)
    assert bye.uri == "sip:romeo@192.0.2.77"  # the target of the re-INVITE (12.2.1.2)


def test_a_second_reinvite_waits_for_the_first() -> None:
    """RFC 3261 14.2: "MUST return a 500 ... with a Retry-After"."""
    caller = active()
    caller.request("INVITE", "a", 1, B_SDP)
    outputs = caller.request("INVITE", "a", 2, B_SDP)
    (response,) = (one for one in sent(outputs) if isinstance(one, Response) and one.status >= 200)
    assert response.status == 500
    assert 0 <= int(response.one("retry-after")) <= 10


def test_a_request_out_of_order_gets_500_and_one_of_no_dialog_481() -> None:
    caller = active()
    assert start_lines(caller.request("OPTIONS", "a", 5)) == ["200 OPTIONS"]
    assert start_lines(caller.request("OPTIONS", "a", 4)) == ["500 OPTIONS"]
    assert start_lines(caller.request("BYE", "zzz", 9)) == ["481 BYE"]
    bye = caller.request("BYE", "a", 6)
    assert (start_lines(bye), told(bye)) == (["200 BYE"], [Ended("c1")])
    assert start_lines(caller.request("BYE", "a", 7)) == ["481 BYE"]


@pytest.mark.parametrize(("status", "event"), [(488, OfferFailed("c1", 488)), (481, Ended("c1")), (408, Ended("c1"))])
def test_a_refused_offer_changes_nothing_unless_the_dialog_is_gone(status: int, event: object) -> None:
    """RFC 3261 12.2.1.2: 481 and 408 end the dialog."""
    caller = active()
    (offer,) = sent(caller.do(Offer("c1", C_SDP)))
    assert isinstance(offer, Request)
    outputs = caller.answer(status, "a", request=offer)
    assert told(outputs) == [event]
    assert ("BYE" in start_lines(outputs)) is isinstance(event, Ended)


def test_offers_may_be_refused_again_and_again() -> None:
    caller = active()
    for _ in range(20):
        (offer,) = sent(caller.do(Offer("c1", C_SDP)))
        assert isinstance(offer, Request)
        assert told(caller.answer(488, "a", request=offer)) == [OfferFailed("c1", 488)]
    (offer,) = sent(caller.do(Offer("c1", C_SDP)))
    assert isinstance(offer, Request)
    assert told(caller.answer(200, "a", A_SDP, request=offer)) == [Answered("c1", A_SDP)]


def test_requests_follow_the_route_of_the_dialog() -> None:
    """RFC 3261 12.2.1.1: loose routers in Route, reversed; of a strict one the URI goes into the request line."""
    caller = Caller()
    routes = "Record-Route: <sip:192.0.2.50;lr>, <sip:192.0.2.60;lr>"
    (ack,) = caller.answer(200, "a", A_SDP, extra=routes)[:1]
    assert isinstance(ack, SendDatagram)
    assert ack.remote == Address("192.0.2.60", 5060)
    (message,) = sent((ack,))
    assert message.all("route") == ("<sip:192.0.2.60;lr>", "<sip:192.0.2.50;lr>")
    strict = Caller()
    (message, *_) = sent(strict.answer(200, "a", A_SDP, extra="Record-Route: <sip:192.0.2.50>, <sip:192.0.2.60>"))
    assert isinstance(message, Request)
    assert message.uri == "sip:192.0.2.60"
    assert message.all("route") == ("<sip:192.0.2.50>", "<sip:romeo@192.0.2.11:5070>")


def test_a_stray_2xx_is_acknowledged_and_ended_where_it_came_from() -> None:
    caller = Caller()
    assert isinstance(caller.invite, Request)
    stray = caller.invite.response(200, tag="x", body=SDP).encode().replace(b"branch=z9hG4bK", b"branch=z9hG4bKno")
    outputs = agent(ALICE, BOB).handle(DatagramReceived(0, Address("192.0.2.9", 5060), stray), 0.0)
    assert start_lines(outputs) == ["ACK", "BYE"]
    assert {one.remote.host for one in outputs if isinstance(one, SendDatagram)} == {"192.0.2.9"}
    others = stray.replace(b"UDP 192.0.2.1:5060", b"UDP 192.0.2.4:5060")
    assert agent(ALICE, BOB).handle(DatagramReceived(0, BOB, others), 0.0) == ()
    failure = caller.invite.response(486).encode()
    assert agent(ALICE, BOB).handle(DatagramReceived(0, BOB, failure), 0.0) == ()


# --- the side that is called -----------------------------------------------------------------------------------------


def invite(
    extra: str = "", body: bytes = SDP, uri: str = "sip:romeo@example.net", call: str = "c1"
) -> DatagramReceived:
    head = f"""
        INVITE {uri} SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK{call}
        From: <sip:juliet@example.com;gr=balcony>;tag=j
        To: <sip:romeo@example.net>
        Call-ID: {call}
        CSeq: 1 INVITE
        Contact: <sip:juliet@192.0.2.1>
        Content-Type: application/sdp
    """
    return DatagramReceived(0, ALICE, sip(head + extra.strip(), body))


def within(method: str, number: int, answer: Response, extra: str = "", body: bytes = b"") -> DatagramReceived:
    """Return a request of Juliet within the dialog that an answer made, or for CANCEL of the same transaction."""
    branch = "c1" if method == "CANCEL" else f"{method}{number}"
    head = f"""
        {method} sip:romeo@192.0.2.2 SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK{branch}
        From: {answer.one("from")}
        To: {answer.one("to")}
        Call-ID: c1
        CSeq: {number} {method}
        Content-Type: application/sdp
    """
    return DatagramReceived(0, ALICE, sip(head + extra, body))


def response(outputs: tuple[object, ...]) -> Response:
    (found,) = (one for one in sent(outputs) if isinstance(one, Response) and one.status > 100)
    return found


@pytest.mark.parametrize(
    ("event", "status", "field"),
    [
        (invite("Require: 100rel, replaces"), 420, ("unsupported", "replaces")),
        (invite("Max-Forwards: 0"), 483, None),
        (invite(uri="tel:+15551234"), 416, None),
        (
            invite(body=b"hello", extra="").__class__(0, ALICE, invite(body=b"x").data.replace(b"/sdp", b"/isup")),
            415,
            ("accept", "application/sdp"),
        ),
    ],
)
def test_what_cannot_be_served_is_refused(event: DatagramReceived, status: int, field: tuple[str, str] | None) -> None:
    callee = agent(BOB, ALICE)
    outputs = callee.handle(event, 0.0)
    assert told(outputs) == []
    assert response(outputs).status == status
    if field is not None:
        assert response(outputs).one(field[0]) == field[1]
    assert callee.calls == frozenset()


def test_strangers_may_not_call() -> None:
    """The socket is open to everybody, and calls to the SIP server's."""
    stranger = DatagramReceived(0, Address("192.0.2.9", 5060), invite().data)
    outputs = agent(BOB, ALICE).handle(stranger, 0.0)
    assert (response(outputs).status, told(outputs)) == (403, [])


@pytest.mark.parametrize(
    ("method", "status"), [("INFO", 405), ("REGISTER", 405), ("BREW", 501), ("OPTIONS", 200), ("BYE", 481)]
)
def test_other_methods_are_answered(method: str, status: int) -> None:
    data = invite().data.replace(b"INVITE", method.encode())
    outputs = agent(BOB, ALICE).handle(DatagramReceived(0, ALICE, data), 0.0)
    assert response(outputs).status == status
    if status != 481:
        assert "INVITE" in response(outputs).one("allow")


def test_a_call_is_answered_and_the_2xx_sent_until_its_ack() -> None:
    """RFC 3261 13.3.1.4: retransmitted "with an interval that starts at T1 seconds and doubles ... until T2"."""
    callee = agent(BOB, ALICE)
    (event,) = told(callee.handle(invite(), 0.0))
    assert isinstance(event, Invited)
    assert (event.caller.gruu, event.callee, event.sdp) == ("balcony", ROMEO, SDP)
    ringing = response(callee.handle(Ring("c1"), 1.0))
    assert ringing.status == 180
    assert callee.handle(Ring("c1"), 1.5) == ()
    final = response(callee.handle(Answer("c1", B_SDP), 2.0))
    assert (final.status, final.sdp, final.to.tag) == (200, B_SDP, ringing.to.tag)
    assert final.contact == "sip:romeo@192.0.2.2:5060"
    seen = []
    while callee.deadline is not None and callee.deadline <= 10.0:
        at = callee.deadline
        if "200 INVITE" in start_lines(callee.handle(TimerFired(), at)):
            seen.append(at)
    assert seen == [2.5, 3.5, 5.5, 9.5]
    assert callee.handle(within("ACK", 1, final), 10.0) == ()
    assert drain(callee, 60.0) == []
    assert callee.calls == {"c1"}


def test_without_an_ack_the_call_ends_with_bye() -> None:
    callee = agent(BOB, ALICE)
    callee.handle(invite(), 0.0)
    callee.handle(Answer("c1", B_SDP), 1.0)
    assert drain(callee, 200.0) == [(33.0, Ended("c1"))]
    assert (callee.pending, callee.calls) == (0, frozenset())


def test_bye_waits_for_the_ack() -> None:
    """RFC 3261 15: the callee "MUST NOT send a BYE on a confirmed dialog until it has received an ACK"."""
    callee = agent(BOB, ALICE)
    callee.handle(invite(), 0.0)
    final = response(callee.handle(Answer("c1", B_SDP), 1.0))
    assert callee.handle(HangUp("c1"), 1.1) == ()
    assert start_lines(callee.handle(within("ACK", 1, final), 1.2)) == ["BYE"]


def test_an_invite_without_offer_gets_one_and_the_ack_has_the_answer() -> None:
    callee = agent(BOB, ALICE)
    (event,) = told(callee.handle(invite(body=b""), 0.0))
    assert isinstance(event, Invited)
    assert event.sdp is None
    final = response(callee.handle(Answer("c1", B_SDP), 1.0))
    assert told(callee.handle(within("ACK", 1, final, body=A_SDP), 1.1)) == [Answered("c1", A_SDP)]
    bare = agent(BOB, ALICE)
    bare.handle(invite(body=b""), 0.0)
    final = response(bare.handle(Answer("c1", B_SDP), 1.0))
    outputs = bare.handle(within("ACK", 1, final), 1.1)
    assert (start_lines(outputs), told(outputs)) == (["BYE"], [Ended("c1")])


def test_ringing_is_reliable_where_the_caller_demands_it() -> None:
    """RFC 3262 3: retransmitted from T1, doubling; PRACK ends it; after 64*T1 the request is rejected with 5xx."""
    callee = agent(BOB, ALICE)
    callee.handle(invite("Require: 100rel"), 0.0)
    ringing = response(callee.handle(Ring("c1"), 1.0))
    assert ringing.rseq is not None
    assert "100rel" in ringing.tokens("require")
    assert start_lines(callee.handle(TimerFired(), 1.5)) == ["180 INVITE"]
    wrong = within("PRACK", 2, ringing, f"RAck: {ringing.rseq + 1} 1 INVITE")
    assert start_lines(callee.handle(wrong, 1.6)) == ["481 PRACK"]
    assert start_lines(callee.handle(within("PRACK", 3, ringing, f"RAck: {ringing.rseq} 1 INVITE"), 1.7)) == [
        "200 PRACK"
    ]
    assert callee.handle(TimerFired(), 3.0) == ()
    lost = agent(BOB, ALICE)
    lost.handle(invite("Require: 100rel"), 0.0)
    lost.handle(Ring("c1"), 1.0)
    assert drain(lost, 200.0) == [(33.0, Ended("c1"))]


def test_a_cancel_ends_what_is_not_answered_and_nothing_else() -> None:
    """RFC 3261 9.2: 200 to the CANCEL, 487 to the INVITE; no effect once a final response is sent."""
    callee = agent(BOB, ALICE)
    callee.handle(invite(), 0.0)
    ringing = response(callee.handle(Ring("c1"), 1.0))
    plain = Response(
        status=0, fields=tuple((n, v.partition(";tag=")[0] if n == "To" else v) for n, v in ringing.fields)
    )
    outputs = callee.handle(within("CANCEL", 1, plain), 2.0)
    assert (start_lines(outputs), told(outputs)) == (["200 CANCEL", "487 INVITE"], [Ended("c1")])
    assert start_lines(agent(BOB, ALICE).handle(within("CANCEL", 1, plain), 2.0)) == ["481 CANCEL"]
    late = agent(BOB, ALICE)
    late.handle(invite(), 0.0)
    late.handle(Answer("c1", B_SDP), 1.0)
    outputs = late.handle(within("CANCEL", 1, plain), 1.1)
    assert (start_lines(outputs), told(outputs)) == (["200 CANCEL"], [])


def test_an_offer_may_be_taken_back() -> None:
    callee = agent(BOB, ALICE)
    callee.handle(invite(), 0.0)
    final = response(callee.handle(Answer("c1", B_SDP), 1.0))
    callee.handle(within("ACK", 1, final), 1.1)
    callee.handle(within("INVITE", 2, final, body=SDP), 2.0)
    cancel = within("INVITE", 2, final).data.replace(b"INVITE sip", b"CANCEL sip").replace(b"2 INVITE", b"2 CANCEL")
    outputs = callee.handle(DatagramReceived(0, ALICE, cancel), 3.0)
    assert (start_lines(outputs), told(outputs)) == (["200 CANCEL", "487 INVITE"], [OfferWithdrawn("c1")])
    assert callee.calls == {"c1"}


def test_a_merged_request_is_a_loop() -> None:
    """RFC 3261 8.2.2.2; draft-ietf-stox-media-04 8: gateways "MUST block re-entrant messages"."""
    callee = agent(BOB, ALICE)
    callee.handle(invite(), 0.0)
    merged = DatagramReceived(0, ALICE, invite().data.replace(b"branch=z9hG4bKc1", b"branch=z9hG4bKother"))
    assert response(callee.handle(merged, 0.1)).status == 482
    caller = Caller()
    assert response(caller.do(invite())).status == 482


def test_calls_are_limited() -> None:
    callee = agent(BOB, ALICE, calls=3)
    for number in range(5):
        outputs = callee.handle(invite(call=f"c{number}"), 0.0)
        if number >= 3:
            assert (response(outputs).status, told(outputs)) == (503, [Overloaded(ALICE)])
    assert told(callee.handle(Invite("new", JULIET, ROMEO, SDP), 0.1)) == [Failed("new", 482)]


# --- two of them -----------------------------------------------------------------------------------------------------

_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ring", "answer", "reject", "hang up", "offer", "offer back", "hang up back", "wait"]),
        st.floats(0.0, 3.0),
    ),
    max_size=12,
)


@given(_STEPS, st.integers(0, 2**32), st.sampled_from([0.0, 0.1, 0.3]))
def test_whatever_happens_both_end_within_64_t1_and_nothing_is_left(
    steps: list[tuple[str, float]], seed: int, loss: float
) -> None:
    """RFC 3261 17: each request is answered once finally; all transactions terminate; both parties agree in the end."""
    chance = random.Random(seed)
    alice, bob = agent(ALICE, BOB, seed), agent(BOB, ALICE, seed + 1)
    wire = Wire({ALICE: alice, BOB: bob}, lambda: chance.random() < loss)
    wire.tell(ALICE, Invite("c1", JULIET, ROMEO, SDP))
    commands = {
        "ring": (BOB, Ring("c1")),
        "answer": (BOB, Answer("c1", B_SDP)),
        "reject": (BOB, Reject("c1", 486)),
        "hang up": (ALICE, HangUp("c1")),
        "hang up back": (BOB, HangUp("c1")),
        "offer": (ALICE, Offer("c1", A_SDP)),
        "offer back": (BOB, Offer("c1", C_SDP)),
    }
    for step, pause in steps:
        if step in commands:
            wire.tell(*commands[step])
        wire.run(wire.now + pause)
        for _, address, event in wire.said[:]:
            if isinstance(event, Reoffered):
                wire.tell(address, Answer("c1", B_SDP if address == BOB else A_SDP))
        wire.said.clear()
    wire.tell(ALICE, HangUp("c1"))
    wire.run(wire.now + 300.0)
    assert not alice.calls
    assert not bob.calls
    assert alice.pending == bob.pending == 0
    finals = Counter(
        (where, one.via.branch, one.cseq_method, one.to.tag, one.status)
        for _, where, one in wire.log
        if isinstance(one, Response) and one.status >= 200
    )
    by_request: Counter[tuple[object, ...]] = Counter()
    for where, branch, method, _, _ in finals:
        by_request[where, branch, method] += 1
    assert set(by_request.values()) <= {1}
