"""The call of draft-ietf-stox-media-04 11, its examples of hold and of telephone events: message by message.

The documents' examples are read from the draft itself; what is wrong in them is mended by `CORRECTIONS`, each with its
reason. Of SIP messages the names of transactions and dialogs are ours, so that they are compared by their parts.
"""

from __future__ import annotations

import re
from pathlib import Path

import attrs
import pytest
from sip_support import BOB, gateway, sent

import jinglecodec as jc
from jinglecodec.machine import DatagramReceived
from jinglecodec.model.jingle import Content, Jingle, Senders
from jinglecodec.model.raw_udp import RawUdpTransport
from jinglecodec.model.stanza import Iq, IqType, Presence
from jinglecodec.sdp import loads
from jinglecodec.sdp.session import SessionDescription
from jinglecodec.session.events import SendStanza, StanzaReceived
from jinglecodec.sip.addresses import Uri, to_call_id
from jinglecodec.sip.messages import Request, Response

JULIET, ROMEO = "juliet@example.com/t3hr0zny", "romeo@example.net/v3rsch1kk3l1jk"
SID = "a73sjjvkl37jfea"

CORRECTIONS: dict[int, tuple[tuple[str, str, str], ...]] = {
    4: (
        (f"id='hu2s61f4'\nfrom='{ROMEO}'", f"id='hu2s61f4'\nto='{ROMEO}'", "an IQ has one sender"),
        ("id='18' name='G729'", "id='18' name='G729' clockrate='8000'", "RFC 8866 6.6: rtpmap needs the clock rate"),
    ),
    5: (
        (f"from='{JULIET}'", f"to='{JULIET}'", "the answer goes to the one who asked"),
        (f"\nto='{ROMEO}'", f"\nfrom='{ROMEO}'", "the answer comes from the one who was asked"),
    ),
    6: (
        ("SIP/2.0/TCP client", "SIP/2.0/UDP client", "this gateway is one over UDP"),
        (";transport=tcp", "", "this gateway is one over UDP"),
        ("o=alice", "o=juliet", "table 1: the local part of the initiator"),
        ("RTP/AVP 18 96 97", "RTP/AVP 96 97 18", "XEP-0167 4: the order of payload types is that of preference"),
        ("sppex", "speex", "a slip"),
        ("rtpmap:18 G729", "rtpmap:18 G729/8000", "RFC 8866 6.6: rtpmap needs the clock rate"),
        ("Content-Length: 184", "", "counted anew"),
    ),
    7: (("SIP/2.0/TCP client", "SIP/2.0/UDP client", "this gateway is one over UDP"),),
    8: (("romeo@montague.net", "romeo@example.net", "the user who was called"),),
    10: (
        ("SIP/2.0/TCP client", "SIP/2.0/UDP client", "this gateway is one over UDP"),
        ("Content-Length: 147", "", "counted anew"),
    ),
    11: (
        ("ip='192.0.2.101'", "ip='192.0.2.201'", "example 10: c=, not the initiator's own address"),
        ("port='49172'", "port='3456'", "example 10: m="),
    ),
    13: (
        ("SIP/2.0/TCP client", "SIP/2.0/UDP client", "this gateway is one over UDP"),
        ("8321234356", "v3rsch1kk3l1jk", "example 10: the tag of the dialog"),
        ("9fxced76sl", "t3hr0zny", "example 6: the tag of the dialog"),
    ),
    14: (("sid='a73sjjvkla37jfea' />", f"sid='{SID}'>", "the element has content, and the sid a slip"),),
}
"Example -> what it says, what it has to say, and why."

EVERYWHERE = (
    ("urn:xmpp:jingle:app:rtp:1", "urn:xmpp:jingle:apps:rtp:1", "XEP-0167 10.1"),
    ("urn:xmpp:jingle:transport:raw-udp", "urn:xmpp:jingle:transports:raw-udp:1", "XEP-0177 5"),
    ("\nmedia='audio'", "", "XEP-0167 4: an attribute of the description"),
    ("xmlns='urn:xmpp:jingle:apps:rtp:1'>", "xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'>", "XEP-0167 4"),
)
"The same for all examples."


@pytest.fixture(scope="module")
def draft(specs: Path) -> dict[int, str]:
    """Return the examples by number, corrected."""
    text = (specs / "seeds" / "draft-ietf-stox-media-04.txt").read_text(encoding="utf-8")
    parts = re.split(r"^Example (\d+): .*$", text, flags=re.MULTILINE)
    examples = {int(number): _body(part) for number, part in zip(parts[1::2], parts[2::2], strict=True)}
    for number, rows in CORRECTIONS.items():
        for old, new, _ in rows:
            assert old in examples[number], (number, old)
            examples[number] = examples[number].replace(old, new)
    for old, new, _ in EVERYWHERE:
        examples = {number: example.replace(old, new) for number, example in examples.items()}
    return examples


def _body(part: str) -> str:
    """Return the lines of an example, which stand in a fence and mostly behind bars, without their indentation."""
    lines = (line.strip().removeprefix("|").strip() for line in part.split("```")[1].strip().splitlines())
    return "\n".join(lines).replace(";\\\nreceived", ";received")


def stanza(text: str) -> Iq:
    iq = jc.loads(text.replace("<iq ", "<iq xmlns='jabber:client' ", 1), errors="keep")
    assert isinstance(iq, Iq)
    return iq


def message(text: str, **fields: str) -> bytes:
    """Return the SIP message of an example, with other values in some header fields."""
    head, _, body = text.partition("\n\n")
    for name, value in fields.items():
        head = re.sub(
            rf"^{name.replace('_', '-')}: .*$", f"{name.replace('_', '-')}: {value}", head, flags=re.MULTILINE
        )
    data = body.strip().replace("\n", "\r\n").encode()
    data += b"\r\n" if data else b""
    head = re.sub(r"^Content-Length: .*\n?", "", head, flags=re.MULTILINE).strip().replace("\n", "\r\n")
    return f"{head}\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data


def body(text: str) -> SessionDescription:
    return loads(message(text).partition(b"\r\n\r\n")[2])


class Run:
    """The gateway, and what it says to each message."""

    def __init__(self) -> None:
        self.gateway = gateway()
        self.now = 0.0

    def take(self, event: object) -> tuple[list[Iq], list[Request | Response]]:
        self.now += 0.1
        outputs = self.gateway.handle(event, self.now)  # type: ignore[arg-type]
        stanzas = [one.stanza for one in outputs if isinstance(one, SendStanza)]
        return [one for one in stanzas if isinstance(one, Iq)], sent(outputs)

    def stanza(self, text: str) -> tuple[list[Iq], list[Request | Response]]:
        return self.take(StanzaReceived(stanza(text)))

    def sip(self, data: bytes) -> tuple[list[Iq], list[Request | Response]]:
        return self.take(DatagramReceived(0, BOB, data))

    def acknowledge(self, iq: Iq) -> None:
        self.take(StanzaReceived(Iq(type=IqType.RESULT, id=iq.id, from_=iq.to, to=iq.from_)))


def comparable(iq: Iq) -> Jingle:
    """Return the payload without what the draft leaves to us: ids, and whom it names who is known (XEP-0166 7.1)."""
    jingle = iq.payload
    assert isinstance(jingle, Jingle)
    return attrs.evolve(jingle, initiator=None, contents=tuple(map(_plain, jingle.contents)))


def _plain(content: Content) -> Content:
    transport = content.transport
    if not isinstance(transport, RawUdpTransport):
        return content
    candidates = tuple(attrs.evolve(one, id=None) for one in transport.candidates)
    return attrs.evolve(content, transport=RawUdpTransport(candidates=candidates))


def same_media(one: SessionDescription, other: SessionDescription) -> bool:
    """Tell whether two descriptions say the same of their sections, `c=` of the session included."""

    def media(desc: SessionDescription) -> list[object]:
        return [
            (m.kind, m.port, m.protocol, m.formats, m.rtpmaps, (m.connections or (desc.connection,))[0], desc.name)
            for m in desc.media
        ]

    return media(one) == media(other)


def dialog_of(invite: Request, tag: str) -> dict[str, str]:
    """Return the header fields that name the dialog, from the side of the one who is called."""
    return {"From": f"{invite.one('to')};tag={tag}", "To": invite.one("from"), "Call_ID": invite.call_id}


def test_the_call_of_section_11_from_xmpp_to_sip(draft: dict[int, str]) -> None:
    run = Run()
    # F1 to F5
    (result,), (invite,) = run.stanza(draft[4])
    assert result == stanza(draft[5])
    expected = body(draft[6])
    assert isinstance(invite, Request)
    assert invite.method == "INVITE"
    uri, drafted = Uri.parse(invite.uri), Uri.parse(draft[6].split()[1])
    assert uri is not None
    assert attrs.evolve(uri, gruu=None) == drafted  # with the resource as RFC 7247 6.5 has it
    assert uri.gruu == "v3rsch1kk3l1jk"
    assert (invite.from_.uri, invite.to.uri, invite.to.tag) == ("sip:juliet@example.com", "sip:romeo@example.net", "")
    assert (invite.one("max-forwards"), invite.one("cseq"), invite.content_type) == (
        "70",
        "1 INVITE",
        "application/sdp",
    )
    assert invite.sdp is not None
    offer = loads(invite.sdp)
    assert same_media(offer, expected)
    assert offer.origin is not None
    assert offer.origin.username == "juliet"
    # F7, F8
    ours = {"Via": invite.one("via"), "From": invite.one("from"), "Call_ID": invite.call_id}
    (ringing,), nothing = run.sip(message(draft[7], **ours))
    assert nothing == []
    assert comparable(ringing) == comparable(stanza(draft[8]))
    assert (ringing.from_, ringing.to) == (ROMEO, JULIET)
    run.stanza(draft[9].replace("ol3ba71g", str(ringing.id)))
    # F13, F15
    (accept,), (ack,) = run.sip(message(draft[10], **ours))
    assert comparable(accept) == comparable(stanza(draft[11]))
    assert isinstance(ack, Request)
    assert (ack.method, ack.to.tag) == ("ACK", "v3rsch1kk3l1jk")
    run.stanza(draft[12].replace("pd1bf839", str(accept.id)))
    # F21, F23
    via = "SIP/2.0/UDP client.example.net:5060;branch=z9hG4bKnashds7"
    (terminate,), (ok,) = run.sip(message(draft[13], Via=via, **dialog_of(invite, "v3rsch1kk3l1jk")))
    assert comparable(terminate) == comparable(stanza(draft[14]))
    assert isinstance(ok, Response)
    assert (ok.status, ok.cseq_method) == (200, "BYE")
    run.acknowledge(terminate)
    assert run.gateway.calls == frozenset()


def test_the_call_of_section_11_from_sip_to_xmpp(draft: dict[int, str]) -> None:
    """The same messages, with Juliet on the side of SIP and Romeo on that of XMPP."""
    run = Run()
    run.take(StanzaReceived(Presence(from_=ROMEO, to="juliet@example.com")))
    (initiate,), (trying,) = run.sip(message(draft[6], Call_ID=to_call_id(SID)))
    assert isinstance(trying, Response)
    assert trying.status == 100
    drafted, said = comparable(stanza(draft[4])), comparable(initiate)
    (content,) = said.contents
    assert said == attrs.evolve(drafted, contents=(attrs.evolve(drafted.contents[0], name=content.name),))
    assert (initiate.from_, initiate.to) == ("juliet@example.com/sip", ROMEO)
    run.acknowledge(initiate)

    def from_romeo(number: int) -> str:
        turned = (
            draft[number].replace(JULIET, "juliet@example.com/sip").replace("romeo@montague.net", "romeo@example.net")
        )
        return turned.replace("this-is-the-audio-content", content.name)

    (result,), (ringing,) = run.stanza(from_romeo(8))
    assert result.type is IqType.RESULT
    assert isinstance(ringing, Response)
    assert ringing.status == 180
    (_,), (final,) = run.stanza(from_romeo(11))
    assert isinstance(final, Response)
    assert (final.status, final.to.tag, final.call_id) == (200, ringing.to.tag, to_call_id(SID))
    assert final.sdp is not None
    answer = loads(final.sdp)
    assert same_media(answer, body(draft[10]))
    assert answer.origin is not None
    assert answer.origin.username == "romeo"
    ack = message(draft[6].partition("\n\n")[0], CSeq="1 ACK", To=final.one("to"), Call_ID=to_call_id(SID))
    run.sip(ack.replace(b"INVITE sip:romeo", b"ACK sip:romeo").replace(b"bf9", b"bfa"))
    (_,), (bye,) = run.stanza(from_romeo(14))
    assert isinstance(bye, Request)
    assert (bye.method, bye.uri) == ("BYE", "sip:juliet@client.example.com")
    assert (bye.from_.tag, bye.to.tag) == (final.to.tag, "t3hr0zny")
    assert run.gateway.calls == frozenset()


HOLDERS = {"juliet@capulet.lit/balcony": ROMEO, "romeo@montague.lit/orchard": "juliet@example.com/sip"}
"Who holds in section 6, the responder, as she is named in section 11."


@pytest.mark.parametrize("number", [2, 3])
def test_the_holds_of_section_6(draft: dict[int, str], number: int) -> None:
    """The responder holds, by senders or by session-info: "MUST generate a new offer ... all streams in sendonly"."""
    run = Run()
    run.take(StanzaReceived(Presence(from_=ROMEO, to="juliet@example.com")))
    (initiate,), _ = run.sip(message(draft[6], Call_ID=to_call_id(SID)))
    run.acknowledge(initiate)
    (content,) = comparable(initiate).contents
    accept = draft[11].replace(JULIET, "juliet@example.com/sip").replace("this-is-the-audio-content", content.name)
    _, (final,) = run.stanza(accept)
    ack = message(draft[6].partition("\n\n")[0], CSeq="1 ACK", To=final.one("to"), Call_ID=to_call_id(SID))
    run.sip(ack.replace(b"INVITE sip:romeo", b"ACK sip:romeo").replace(b"bf9", b"bfa"))
    text = draft[number].replace("this-is-the-audio-content", content.name)
    for drafted, ours in HOLDERS.items():
        text = text.replace(drafted, ours)
    (result,), (offer,) = run.stanza(text)
    assert result.type is IqType.RESULT
    assert isinstance(offer, Request)
    assert offer.sdp is not None
    assert final.sdp is not None
    held = final.sdp.replace(b"a=sendrecv", b"a=sendonly").replace(b" 1 IN IP4", b" 2 IN IP4", 1)
    assert sorted(offer.sdp.splitlines()) == sorted(held.splitlines())


def test_telephone_events_of_section_9(draft: dict[int, str]) -> None:
    """SDP `0-15,66,70` is one parameter without name, and back (the draft's own example has 66-70 by mistake)."""
    run = Run()
    run.take(StanzaReceived(Presence(from_=ROMEO, to="juliet@example.com")))
    text = draft[6].replace("96 97 18", "97 100") + "\na=rtpmap:100 telephone-event/8000\na=fmtp:100 0-15,66,70"
    (initiate,), _ = run.sip(message(text, Call_ID=to_call_id(SID)))
    (content,) = comparable(initiate).contents
    types = {one.id: one for one in getattr(content.description, "payload_types", ())}
    assert [(one.name, one.value) for one in types[100].parameters] == [("", "0-15,66,70")]
    out = Run()
    second = draft[4].replace(
        "<payload-type id='97'",
        "<payload-type id='100' name='telephone-event' clockrate='8000'>"
        "<parameter name='' value='0-15,66,70'/></payload-type><payload-type id='101' name='x' clockrate='8000'>"
        "<parameter name='a' value='1'/><parameter name='b' value='2'/></payload-type><payload-type id='97'",
    )
    _, (invite,) = out.stanza(second)
    assert invite.sdp is not None
    assert b"a=fmtp:100 0-15,66,70\r\n" in invite.sdp
    assert b"a=fmtp:101 a=1; b=2\r\n" in invite.sdp  # section 9: "a semi-colon and a space"


def test_senders_of_the_examples_are_by_role(draft: dict[int, str]) -> None:
    """Example 2 is sent by the responder, who goes on sending: XEP-0166 7.3."""
    payload = stanza(draft[2]).payload
    assert isinstance(payload, Jingle)
    assert payload.contents[0].senders is Senders.RESPONDER
