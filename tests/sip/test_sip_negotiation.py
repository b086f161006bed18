"""What a call's two descriptions become of one another: flow, sections, codecs, numbers, and what comes too early."""

from __future__ import annotations

from itertools import product

import attrs
import pytest
from sip_support import audio, sdp

from jinglecodec.addresses import Address
from jinglecodec.mapping import check_answer
from jinglecodec.model.ice_udp import Candidate, CandidateType, IceUdpTransport
from jinglecodec.model.jingle import Content, Creator, Senders
from jinglecodec.model.raw_udp import RawUdpTransport
from jinglecodec.model.rtp import PayloadType
from jinglecodec.sdp import Direction, loads
from jinglecodec.sdp.session import SessionDescription
from jinglecodec.sip.descriptions import Numbering
from jinglecodec.sip.flow import Flow
from jinglecodec.sip.negotiation import Negotiation

BOTH = [True, False]


def outward(*contents: Content) -> Negotiation:
    """Return a negotiation in which the XMPP party has made the offer."""
    media = Negotiation(Creator.INITIATOR, "sid", "juliet", Address("192.0.2.1", 5060))
    assert media.take(contents or (audio(),)) == ()
    media.description(answers=False)
    return media


def inward(body: bytes | None = None) -> Negotiation:
    """Return a negotiation in which the SIP party has made the offer."""
    media = Negotiation(Creator.RESPONDER, "sid", "juliet", Address("192.0.2.1", 5060))
    assert media.hear(body or sdp(), answers=False) is not None
    return media


def said(media: Negotiation, *, answers: bool) -> SessionDescription:
    return loads(media.description(answers=answers))


# --- flow ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flow", [Flow(*flags) for flags in product(BOTH, repeat=4)], ids=str)
@pytest.mark.parametrize("xmpp", Creator)
def test_direction_and_senders_say_the_same(flow: Flow, xmpp: Creator) -> None:
    """Each by its own definition: RFC 3264 5.1 from the side of the XMPP party, XEP-0166 7.3 by role."""
    out = flow.xmpp_sends and flow.sip_hears
    back = flow.sip_sends and flow.xmpp_hears
    direction = flow.direction(held=False)
    assert (direction in (Direction.SENDRECV, Direction.SENDONLY)) is out
    assert (direction in (Direction.SENDRECV, Direction.RECVONLY)) is back
    senders = flow.senders(xmpp, held=False)
    sip = Creator.RESPONDER if xmpp is Creator.INITIATOR else Creator.INITIATOR
    assert (senders in (Senders.BOTH, Senders(xmpp.value))) is out
    assert (senders in (Senders.BOTH, Senders(sip.value))) is back


@pytest.mark.parametrize("flow", [Flow(*flags) for flags in product(BOTH, repeat=4)], ids=str)
def test_hold_turns_sendrecv_into_sendonly_and_recvonly_into_inactive(flow: Flow) -> None:
    turned = {"sendrecv": "sendonly", "recvonly": "inactive"}
    before, after = flow.direction(held=False).value, flow.direction(held=True).value
    assert after == turned.get(before, before)


@pytest.mark.parametrize(("ours", "theirs"), list(product(Direction, repeat=2)))
def test_a_party_forbids_only_what_it_could_have_allowed(ours: Direction, theirs: Direction) -> None:
    """RFC 3264 6.1: to sendonly the answer is recvonly or inactive, so that neither forbids sending for good."""
    flow = Flow().of_direction(ours, theirs)
    if ours in (Direction.SENDONLY, Direction.INACTIVE):
        assert flow.sip_sends
    if ours in (Direction.RECVONLY, Direction.INACTIVE):
        assert flow.sip_hears


@pytest.mark.parametrize(("ours", "theirs"), list(product(Direction, repeat=2)))
def test_an_answer_allows_only_what_was_offered(ours: Direction, theirs: Direction) -> None:
    closed = Flow(sip_sends=False, sip_hears=False).of_direction(ours, theirs, answers=True)
    assert closed.sip_sends <= (ours in (Direction.SENDRECV, Direction.RECVONLY))
    assert closed.sip_hears <= (ours in (Direction.SENDRECV, Direction.SENDONLY))


@pytest.mark.parametrize("turns", list(product(["hold", "unhold", *Direction], repeat=3)), ids=str)
def test_every_answer_fits_its_offer(turns: tuple[str | Direction, ...]) -> None:
    """RFC 3264 6.1, whatever both have said before, the SIP party against the rules included."""
    media = outward()
    media.hear(sdp(), answers=True)
    for turn in turns:
        if isinstance(turn, Direction):
            assert media.hear(sdp(turn.value), answers=False) is not None
            answer = said(media, answers=True)
            wrong = [one.message for one in check_answer(loads(sdp(turn.value)), answer) if one.code == "direction"]
            assert wrong == []
        else:
            media.held = turn == "hold"
            media.description(answers=False)
            media.hear(sdp(), answers=True)  # sendrecv, whatever was offered


# --- sections --------------------------------------------------------------------------------------------------------

FAX = "m=image 5000 udptl t38"


def test_sections_without_a_form_keep_their_place_and_are_refused() -> None:
    body = sdp(more=FAX + "\nm=audio 5002 RTP/AVP 97\na=rtpmap:97 speex/8000")
    lines = body.split(b"m=audio", 1)
    media = inward(lines[0] + b"m=image 5000 udptl t38\r\nm=audio" + lines[1])
    accepted = [audio(7000 + number, slot.content.name) for number, slot in enumerate(media.live)]
    media.answer(tuple(accepted))
    answer = said(media, answers=True)
    assert [(one.kind, one.port) for one in answer.media] == [
        ("image", 0),
        ("audio", 7000),
        ("image", 0),
        ("audio", 7001),
    ]
    again = said(media, answers=False)
    assert [(one.kind, one.port) for one in again.media] == [(one.kind, one.port) for one in answer.media]


@pytest.mark.parametrize(
    ("more", "rejected"),
    [
        ("m=image 5000 udptl t38\nc=IN XX a/b", "m=image 0 udptl t38"),
        ("m=image 5000 udptl", "m=image 0 udptl 0"),
        ("m=video 5000 RTP/AVP", "m=video 0 RTP/AVP 0"),
        ("m=video 5000 RTP/AVP é 31", "m=video 0 RTP/AVP 31"),
        ("m=video 0 RTP/AVP \x01", "m=video 0 RTP/AVP 0"),
    ],
)
def test_sections_that_no_strict_writer_makes_are_refused(more: str, rejected: str) -> None:
    media = inward(sdp(more=more))
    media.answer((audio(7000, media.live[0].content.name),))
    assert said(media, answers=True).media[1].texts[0] == rejected


@pytest.mark.parametrize("mid", ["", "a=mid:x"])
def test_tags_are_echoed_and_not_invented(mid: str) -> None:
    """RFC 5888 9.1."""
    media = inward(sdp(more=mid))
    (slot,) = media.live
    media.answer((audio(name=slot.content.name),))
    assert said(media, answers=True).media[0].mid == (mid.partition(":")[2] or None)


def test_the_times_of_an_answer_are_those_of_the_offer() -> None:
    """RFC 3264 6: "The "t=" line in the answer MUST equal that of the offer"."""
    media = inward(sdp().replace(b"t=0 0", b"t=3034423619 3042462419"))
    media.answer((audio(name=media.live[0].content.name),))
    assert media.description(answers=True).count(b"t=3034423619 3042462419\r\n") == 1


def test_an_answer_has_only_what_is_on_offer() -> None:
    media = outward(
        audio(49172, "voice", "initiator", *(PayloadType(id=n, name=f"x{n}", clockrate=8000) for n in (0, 8, 97)))
    )
    assert media.hear(sdp(), answers=True) is not None
    offer = sdp().replace(b"RTP/AVP 97", b"RTP/AVP 8 100").replace(b"rtpmap:97 speex", b"rtpmap:100 X97")
    assert media.hear(offer, answers=False) is not None
    assert said(media, answers=True).media[0].formats == ("8", "97")
    before = media.sent
    nothing = sdp().replace(b"RTP/AVP 97", b"RTP/AVP 3").replace(b"rtpmap:97 speex", b"rtpmap:3 GSM")
    assert media.hear(nothing, answers=False) is None
    assert media.sent == before


@pytest.mark.parametrize("body", [b"", b"v=0", sdp(more="m=audio 1 RTP/AVP 0\n" * 40), sdp() * 300])
def test_what_cannot_be_negotiated_changes_nothing(body: bytes) -> None:
    media = outward()
    assert media.hear(body, answers=False) is None
    assert media.hear(body, answers=True) is None
    assert len(media.live) == 1


# --- transports ------------------------------------------------------------------------------------------------------


def candidate(number: int, foundation: str = "1") -> Candidate:
    return Candidate(
        component=1,
        foundation=foundation,
        id=f"c{number}",
        ip="192.0.2.9",
        port=5000 + number,
        priority=1000 + number,
        protocol="udp",
        type=CandidateType.HOST,
    )


def ice(*candidates: Candidate) -> IceUdpTransport:
    return IceUdpTransport(ufrag="abcd", pwd="x" * 22, candidates=candidates)


def numbers(numbering: Numbering, *foundations: str) -> list[str]:
    transport = ice(*(candidate(number, text) for number, text in enumerate(foundations)))
    numbered = numbering.numbered(Content(name="a", transport=transport)).transport
    assert isinstance(numbered, IceUdpTransport)
    return [one.foundation for one in numbered.candidates]


def test_foundations_are_counted_and_the_257th_goes_on() -> None:
    """Draft 5.4: gateways "MUST guarantee that such a conversion preserves foundation uniqueness"."""
    numbering = Numbering()
    assert numbers(numbering, "a+/B", "1", "01", "1") == ["1", "2", "3", "2"]
    more = numbers(numbering, *(f"f{number}" for number in range(254)))
    assert more[-1] == "257"
    assert len(set(more)) == 254
    assert numbers(numbering, "01", "a+/B") == ["3", "1"]


def test_foundations_of_a_long_call_are_forgotten_and_never_given_twice() -> None:
    numbering = Numbering()
    given = [one for number in range(3000) for one in numbers(numbering, f"f{number}")]
    assert len(set(given)) == 3000
    assert len(numbering._foundations) <= 1000


def test_candidates_that_come_before_the_accept_are_kept_for_it() -> None:
    """XEP-0176 5.4: the responder "can" send candidates at once; they are not those of the SIP party."""
    ice_sdp = sdp(more="a=ice-ufrag:efgh\na=ice-pwd:" + "y" * 22 + "\na=candidate:1 1 UDP 99 192.0.2.201 3456 typ host")
    media = inward(ice_sdp)
    (slot,) = media.live
    media.move((Content(name=slot.content.name, transport=ice(candidate(1))),))
    media.answer((attrs.evolve(audio(name=slot.content.name), transport=ice()),))
    (section,) = said(media, answers=True).media
    assert (section.ice_ufrag, [one.port for one in section.candidates]) == ("abcd", [5001])


def test_a_raw_address_is_redefined_by_the_latest_generation() -> None:
    """XEP-0177 4.2."""
    media = outward()
    transport = audio(50000).transport
    assert isinstance(transport, RawUdpTransport)
    newer = attrs.evolve(transport, candidates=tuple(attrs.evolve(one, generation=1) for one in transport.candidates))
    media.move((Content(name="voice", transport=newer),))
    assert said(media, answers=False).media[0].port == 50000


def test_versions_count_changes_only() -> None:
    """RFC 3264 8: "the version in the origin field MUST increment by one", or the description be the same."""
    media = outward()
    first = media.description(answers=False)
    assert media.description(answers=False) == first
    media.held = True
    for expected in (2, 2):
        origin = said(media, answers=False).origin
        assert origin is not None
        assert origin.session_version == expected


def test_a_call_has_had_so_many_contents_at_most() -> None:
    media = outward()
    for number in range(1000):
        content = audio(5000, f"more-{number}")
        if content not in media.take((content,)):
            media.withdraw((content,))
    assert len(media._names.entries) == 256
    assert len(media.slots) == 1
