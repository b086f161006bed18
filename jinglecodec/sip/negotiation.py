"""What the two parties of one call have agreed on, and what each is to be told of the other (RFC 3264, XEP-0167).

A section of the descriptions in SIP and a content in Jingle are one `Slot`; a section keeps its place for life.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from zlib import crc32

import attrs

from jinglecodec.addresses import Address
from jinglecodec.errors import MappingError, SdpError
from jinglecodec.mapping.contents import Role
from jinglecodec.mapping.names import Names
from jinglecodec.mapping.sections import rejected
from jinglecodec.mapping.session import to_jingle, to_sdp
from jinglecodec.model.grouping import Group
from jinglecodec.model.ice_udp import IceUdpTransport
from jinglecodec.model.jingle import (
    OTHER,
    Action,
    Content,
    ContentKey,
    Creator,
    Jingle,
    Senders,
    Transport,
    key_of,
    named,
)
from jinglecodec.model.raw_udp import RawUdpTransport
from jinglecodec.model.rtp import PayloadType, RtpDescription
from jinglecodec.sdp.attributes.rtp import Direction
from jinglecodec.sdp.fields import NOWHERE, Origin, address_type
from jinglecodec.sdp.session import Media, SessionDescription, dumps, loads
from jinglecodec.sip.descriptions import (
    Numbering,
    flattened,
    is_supported,
    is_void,
    joined,
    plain,
    seen,
    unified,
)
from jinglecodec.sip.flow import Flow, within

__all__ = ["Negotiation", "News", "Slot"]

_MOST_SDP = 1 << 16
_MOST_EARLY = 100
"Requests about the transport of a content that is not answered yet."
_MOST_NAMES = 256
"Contents that a call has had, whatever became of them."
_MOST_SLOTS = 32
"Sections in a call, those that are refused included."


@attrs.define
class Slot:
    """One section, one content."""

    mid: str
    content: Content
    "Of the XMPP party, with an ICE transport; before it has said anything, of the SIP party."
    is_live: bool = True
    is_answered: bool = False
    "Whether the XMPP party has said its content."
    early: tuple[Content, ...] = ()
    "What the XMPP party has told of its transport before."
    is_tagged: bool = False
    "Whether the SIP party writes `a=mid`, so that answers do, too."
    flow: Flow = attrs.field(factory=Flow)
    told: Senders = Senders.BOTH
    "What the XMPP party believes."
    said: Content | None = None
    "The SIP party's content, as the XMPP party knows it."
    ours: Direction = Direction.SENDRECV
    "In the latest description that the SIP party got."
    theirs: Direction = Direction.SENDRECV
    "In its own latest."

    @property
    def key(self) -> ContentKey:
        """What names the content."""
        return key_of(self.content)


@attrs.frozen
class News:
    """What a description of the SIP party changes for the XMPP party: contents as requests have them."""

    added: tuple[Content, ...] = ()
    removed: tuple[Content, ...] = ()
    moved: tuple[Content, ...] = ()
    "With another address, other candidates or credentials."


class Negotiation:
    """The descriptions of one call. `xmpp` is the role of the XMPP party in the Jingle session."""

    __slots__ = (
        "_before",
        "_groups",
        "_names",
        "_numbering",
        "_origin",
        "_sent",
        "_sip",
        "held",
        "sid",
        "slots",
        "xmpp",
    )

    def __init__(self, xmpp: Creator, sid: str, username: str, host: Address) -> None:
        """Start without contents; `username` and `host` are for `o=` (draft-ietf-stox-media-04, table 1)."""
        self.xmpp = xmpp
        self.sid = sid
        self.slots: list[Slot] = []
        self.held = False
        "Whether the XMPP party has the other on hold by a session-info."
        self._groups: tuple[Group, ...] = ()
        self._names = Names()
        self._numbering = Numbering()
        self._origin = Origin(
            username,
            crc32(sid.encode("utf-8", "surrogatepass")),
            1,
            address_type=address_type(host.host),
            address=host.host,
        )
        self._sent: SessionDescription | None = None
        self._before: tuple[SessionDescription | None, list[Direction]] = (None, [])
        "What was sent before an offer that is out, and the directions in it."
        self._sip: SessionDescription | None = None

    @property
    def live(self) -> list[Slot]:
        """The contents that are on."""
        return [slot for slot in self.slots if slot.is_live]

    def _role(self, party: Creator) -> Role:
        return "initiator" if party is Creator.INITIATOR else "responder"

    def slot(self, content: Content) -> Slot | None:
        """Return the slot of a content that is on."""
        return next((slot for slot in self.live if slot.key == key_of(content)), None)

    # --- what the XMPP party says ------------------------------------------------------------------------------------

    def take(self, contents: tuple[Content, ...], groups: tuple[Group, ...] = ()) -> tuple[Content, ...]:
        """Let the XMPP party offer contents; return those for which SIP has no form, or there is no room."""
        room = min(_MOST_SLOTS - len(self.slots), _MOST_NAMES - len(self._names.entries))
        supported = [one for one in contents if is_supported(one)][: max(0, room)]
        for content in supported:
            self._names, name = self._names.with_content(content.creator, content.name)
            self.slots.append(Slot(name.mid, content))
            self._fill(self.slots[-1], content)
        self._groups = groups or self._groups
        return tuple(one for one in contents if one not in supported)

    def _fill(self, slot: Slot, content: Content) -> None:
        """Let this be the XMPP party's content."""
        slot.content, slot.is_answered = unified(content), True
        for early in slot.early:
            slot.content = joined(slot.content, early)
        slot.early = ()
        slot.flow = slot.flow.of_senders(content.senders, self.xmpp)
        slot.told = slot.flow.senders(self.xmpp, held=self.held)

    def accept(self, contents: Iterable[Content]) -> None:
        """Let the XMPP party accept contents of the SIP party; what SIP has no form for is off."""
        for content in contents:
            slot = self.slot(content)
            if slot is not None and is_supported(content):
                self._fill(slot, content)
            elif slot is not None:
                slot.is_live = False

    def answer(self, contents: Iterable[Content]) -> None:
        """Let the XMPP party accept the call with these contents of the SIP party, and no others."""
        self.accept(contents)
        for slot in self.live:
            slot.is_live = slot.is_answered

    def invite(self, content: Content) -> None:
        """Let the XMPP party be asked for an offer: by a content that says nothing of the SIP party's address."""
        self._names, name = self._names.with_content(content.creator, content.name)
        self.slots.append(Slot(name.mid, content, said=content))

    def withdraw(self, contents: Iterable[Content]) -> None:
        """Forget the latest contents, which never came to be: their sections are free again."""
        keys = set(map(key_of, contents))
        while self.slots and self.slots[-1].key in keys:
            self.slots.pop()

    def drop(self, contents: Iterable[Content]) -> None:
        """Let contents be off, whoever removed or rejected them."""
        for content in contents:
            slot = self.slot(content)
            if slot is not None:
                slot.is_live = False

    def modify(self, contents: Iterable[Content]) -> None:
        """Let the XMPP party name the senders of contents."""
        for content in contents:
            slot = self.slot(content)
            if slot is not None:
                slot.flow = slot.flow.of_senders(content.senders, self.xmpp)
                slot.told = content.senders

    def move(self, contents: Iterable[Content]) -> None:
        """Let the XMPP party tell candidates or credentials."""
        for content in contents:
            slot = self.slot(content)
            if slot is None or not isinstance(content.transport, Transport):
                continue
            if slot.is_answered:
                slot.content = joined(slot.content, content)
            else:
                slot.early = (*slot.early, content)[-_MOST_EARLY:]

    @property
    def is_gathered(self) -> bool:
        """Whether every content has candidates; who supports offers and answers has sent all of them (draft 4)."""
        transports = [slot.content.transport for slot in self.live]
        ice = [one for one in transports if isinstance(one, IceUdpTransport)]
        return all(one.candidates or one.gathering_complete for one in ice)

    @property
    def sent(self) -> bytes | None:
        """The latest description that the SIP party got."""
        return None if self._sent is None else dumps(self._sent).encode("utf-8", "surrogateescape")

    # --- what the SIP party gets -------------------------------------------------------------------------------------

    def description(self, *, answers: bool) -> bytes:
        """Return the XMPP party's description: the one that was sent, or its next version (RFC 3264 8)."""
        offer = self._sip if answers else None
        contents = tuple(self._fitting(slot, number) if answers else slot.content for number, slot in self._numbered)
        jingle = Jingle(
            action=Action.SESSION_ACCEPT if answers else Action.SESSION_INITIATE,
            sid=self.sid,
            contents=contents,
            groups=self._groups,
        )
        found = to_sdp(jingle, role=self._role(self.xmpp), offer=offer, names=self._names, peer="sip")
        self._names = found.names
        self._before = self._sent, [slot.ours for slot in self.slots]
        tagged = frozenset(slot.mid for slot in self.slots if slot.is_tagged)
        desc = plain(self._directed(self._complete(found.value), answers=answers), tagged)
        if offer is not None:
            desc = _timed(desc, offer)
        version = self._origin.session_version if self._sent is None else self._sent_version
        if self._sent is not None and desc.set(attrs.evolve(self._origin, session_version=version)) != self._sent:
            version += 1
        self._sent = desc.set(attrs.evolve(self._origin, session_version=version))
        return dumps(self._sent).encode("utf-8", "surrogateescape")

    def take_back(self, proposed: Iterable[Content]) -> None:
        """Let the latest offer be as if it had not been made (RFC 3261 14.1), nor contents proposed in it."""
        self._sent, directions = self._before
        for slot, direction in zip(self.slots, directions, strict=False):
            slot.ours = direction
        self.withdraw(proposed)

    @property
    def _numbered(self) -> list[tuple[int, Slot]]:
        return [(number, slot) for number, slot in enumerate(self.slots) if slot.is_live]

    def _fitting(self, slot: Slot, number: int) -> Content:
        """Return the XMPP party's content as an answer: with what the section on offer has, too (RFC 3264 6.1)."""
        if self._sip is None or not isinstance(slot.content.description, RtpDescription):
            return slot.content
        common = _common(slot.content.description, self._sip.media[number])
        return attrs.evolve(slot.content, description=attrs.evolve(slot.content.description, payload_types=common))

    @property
    def _sent_version(self) -> int:
        origin = None if self._sent is None else self._sent.origin
        return self._origin.session_version if origin is None else origin.session_version

    def _complete(self, desc: SessionDescription) -> SessionDescription:
        """Return a description with a section for each slot, refused where nothing is on, in the order of the slots."""
        sections = {media.mid: media for media in desc.media}
        live = {slot.mid for slot in self.live}
        media = [
            sections[slot.mid] if slot.mid in live & sections.keys() else self._refused(number)
            for number, slot in enumerate(self.slots)
        ]
        return attrs.evolve(desc, media=tuple(media))

    def _refused(self, number: int) -> Media:
        for desc in (self._sent, self._sip):
            if desc is not None and number < len(desc.media):
                return rejected(desc.media[number])
        return Media.build("audio", 0, "RTP/AVP", ("0",), connection=NOWHERE)

    def _directed(self, desc: SessionDescription, *, answers: bool) -> SessionDescription:
        """Return a description with the direction in which each content flows, hold included (draft 6)."""
        for number, slot in enumerate(self.slots):
            if slot.is_live:
                direction = slot.flow.direction(held=self.held)
                slot.ours = within(direction, slot.theirs) if answers else direction
                desc = desc.replace_media(number, desc.media[number].set(slot.ours))
        return desc

    # --- what the SIP party says -------------------------------------------------------------------------------------

    def hear(self, sdp: bytes, *, answers: bool) -> News | None:
        """Take in a description of the SIP party; return what is new in it, None where it cannot be read."""
        try:
            desc = loads(sdp, errors="tolerant", max_size=_MOST_SDP)
        except SdpError:
            return None
        count = len(desc.media)
        if not len(self.slots) <= count <= _MOST_SLOTS or not count or (answers and count > len(self.slots)):
            return None
        written = [media.mid is not None for media in desc.media]
        desc = seen(desc, self._tags(desc))
        contents = self._contents(desc, answers=answers)
        if contents is None or len(self._names.entries) > _MOST_NAMES or not (answers or self._is_acceptable(desc)):
            return None
        news = News()
        for number, media in enumerate(desc.media):
            mid = media.mid or ""
            direction = self._direction(desc, media)
            news = self._compare(news, number, mid, contents.get(mid), direction, answers=answers)
        for slot, is_tagged in zip(self.slots, written, strict=True):
            slot.is_tagged = is_tagged
        self._sip = desc
        return news

    def _tags(self, desc: SessionDescription) -> list[str]:
        """Return a tag for each section: that of its slot, else its own, or one by kind and place."""
        tags = [slot.mid for slot in self.slots]
        for number, media in enumerate(desc.media[len(tags) :], len(tags)):
            tag = media.mid or f"{media.kind}-{number}"
            while tag in tags:
                tag += "~"
            tags.append(tag)
        return tags

    def _is_acceptable(self, desc: SessionDescription) -> bool:
        """Tell whether each section that is on has something on offer that the XMPP party has, too."""
        return all(
            desc.media[number].port == 0 or _common(slot.content.description, desc.media[number])
            for number, slot in self._numbered
            if slot.is_answered and isinstance(slot.content.description, RtpDescription)
        )

    def _contents(self, desc: SessionDescription, *, answers: bool) -> dict[str, Content] | None:
        """Return the contents of a description by tag, None where sections are on, and none has a form in Jingle."""
        if all(media.port == 0 for media in desc.media):
            return {}
        sip = self._role(OTHER[self.xmpp])
        action = Action.SESSION_ACCEPT if answers else Action.SESSION_INITIATE
        offer = self._sent if answers and self._sent is not None and len(self._sent.media) == len(desc.media) else None
        if offer is not None:
            offer = seen(offer, [media.mid or "" for media in desc.media])
        try:
            found = to_jingle(desc, action=action, sid=self.sid, role=sip, names=self._names, offer=offer)
        except MappingError:
            return None
        self._names = found.names
        tags = {(name.creator, name.name): name.mid for name in self._names.entries}
        contents = filter(is_supported, found.value.contents)
        return {tags[key_of(content)]: content for content in contents}

    def _direction(self, desc: SessionDescription, media: Media) -> Direction:
        direction = media.direction or desc.direction or Direction.SENDRECV
        return within(direction, Direction.RECVONLY) if is_void(desc, media) else direction

    def _compare(
        self, news: News, number: int, mid: str, content: Content | None, direction: Direction, *, answers: bool
    ) -> News:
        """Let a section say what it says of its slot, and return the news with what is new in it."""
        slot = self.slots[number] if number < len(self.slots) else None
        if content is None:
            if slot is None:
                self.slots.append(Slot(mid, Content(name=f"refused-{number}"), is_live=False))
            elif slot.is_live:
                slot.is_live = False
                return attrs.evolve(news, removed=(*news.removed, named(slot.content)))
            return news
        if slot is None or not slot.is_live:
            return news if answers else self._add(news, number, Slot(mid, content), direction)
        slot.flow = slot.flow.of_direction(slot.ours, direction, answers=answers)
        slot.theirs = direction
        return self._change(news, slot, content)

    def _add(self, news: News, number: int, slot: Slot, direction: Direction) -> News:
        """Take in a section that is new, or comes back; its content is new in any case."""
        slot.flow, slot.theirs = slot.flow.of_direction(Direction.SENDRECV, direction), direction
        self.slots[number : number + 1] = [slot]
        said = self._said(slot, slot.content)
        slot.told = said.senders
        return attrs.evolve(news, added=(*news.added, said))

    def _change(self, news: News, slot: Slot, content: Content) -> News:
        before = slot.said
        said = self._said(slot, attrs.evolve(content, creator=slot.content.creator, name=slot.content.name))
        if before is not None and said.transport == RawUdpTransport():  # it is on hold, and has no other address
            slot.said = said = attrs.evolve(said, transport=before.transport)
        if before is None or said.transport == before.transport:
            return news
        return attrs.evolve(news, moved=(*news.moved, attrs.evolve(named(said), transport=said.transport)))

    def _said(self, slot: Slot, content: Content) -> Content:
        """Return the SIP party's content as the XMPP party gets it."""
        senders = slot.flow.senders(self.xmpp, held=self.held)
        slot.said = flattened(self._numbering.numbered(attrs.evolve(content, senders=senders)))
        return slot.said

    def contents(self, keys: Container[ContentKey] | None = None) -> tuple[Content, ...]:
        """Return the SIP party's contents that are on, or those of them with these keys, to be accepted with."""
        chosen = [slot for slot in self.live if slot.said is not None and (keys is None or slot.key in keys)]
        for slot in chosen:
            slot.told = slot.flow.senders(self.xmpp, held=self.held)
        return tuple(slot.said for slot in chosen if slot.said is not None)

    def settle(self) -> tuple[Content, ...]:
        """Return the contents whose senders the XMPP party does not know yet, and remember that it knows."""
        changed = []
        for slot in self.live:
            senders = slot.flow.senders(self.xmpp, held=self.held)
            if senders is not slot.told:
                slot.told = senders
                changed.append(attrs.evolve(named(slot.content), senders=senders))
        return tuple(changed)


def _common(description: RtpDescription, offered: Media) -> tuple[PayloadType, ...]:
    """Return the payload types that a section offers, too: by number, or by the codec that the number stands for."""
    codecs = {(one.encoding.lower(), one.clock_rate) for one in offered.rtpmaps}
    return tuple(
        one
        for one in description.payload_types
        if (str(one.id) in offered.formats and one.id < 96) or ((one.name or "").lower(), one.clockrate) in codecs
    )


def _timed(desc: SessionDescription, offer: SessionDescription) -> SessionDescription:
    """Return an answer with the times of its offer (RFC 3264 6)."""
    if not offer.timings or desc.timings == offer.timings:
        return desc
    return desc.replace(desc.timings[0], offer.timings[0])
