"""What a request of a running session says of a content: the fewest that change one, and what each makes of it.

A request tells a part only: who sends, some candidates, a codec that has changed. `difference` finds such parts and
`merged` puts them back; a part is right when the second undoes the first, and that is how it is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import attrs

from jinglecodec.mapping.transport import Ice, certificates, is_ice
from jinglecodec.model.dtls import Fingerprint, Setup
from jinglecodec.model.ice import IceCandidate, IceRemoteCandidate
from jinglecodec.model.ice_udp import Candidate, IceUdpTransport, RemoteCandidate
from jinglecodec.model.jingle import Action, Content, named
from jinglecodec.model.rtp import RtpDescription

__all__ = ["ADDING", "MERGING", "REMOVING", "difference", "is_foreign", "merged", "negotiated"]

ADDING = {Action.CONTENT_ADD, Action.CONTENT_ACCEPT}
"Actions whose contents are whole: added, or accepted by the party that was asked (XEP-0166 7.2.1, 7.2.2)."
REMOVING = {Action.CONTENT_REMOVE, Action.CONTENT_REJECT}
"Actions after which their contents are no more (XEP-0166 7.2.4, 7.2.5)."


def merged(content: Content, action: Action, said: Content) -> Content:
    """Return what a content is after the request `action`, one of `MERGING`, said `said` of it: the same if foreign."""
    return content if is_foreign(content, action, said) else MERGING[action](content, said)


def is_foreign(content: Content, action: Action, said: Content) -> bool:
    """Tell whether a request informs of another application or transport than a content has, or of other credentials.

    Such as candidates of the ICE generation before this one, which come without its password.
    """
    if action is Action.DESCRIPTION_INFO:
        return said.description is not None and type(said.description) is not type(content.description)
    if action is not Action.TRANSPORT_INFO:
        return False
    old, new = content.transport, said.transport
    if not is_ice(old) or not is_ice(new):
        return type(old) is not type(new)
    return new.pwd is None and old.ufrag is not None and new.ufrag not in (None, old.ufrag)


def difference(before: Content, after: Content) -> tuple[tuple[Action, Content], ...] | None:
    """Return the fewest requests that make `after` of `before`, one for each part; None where only a new content does.

    The codecs of a content cannot be changed: description-info is advisory (XEP-0167 9), and content-modify is for
    the senders alone (XEP-0166 7.2.3).
    """
    requests: list[tuple[Action, Content]] = []
    result = before
    for part, tries in (("senders", _senders), ("description", _descriptions), ("transport", _transports)):
        if getattr(before, part) == getattr(after, part):
            continue
        for action, said in tries(before, after):
            made = merged(result, action, said)
            if _unordered(getattr(made, part)) == _unordered(getattr(after, part)):
                requests.append((action, said))
                result = attrs.evolve(made, **{part: getattr(after, part)})
                break
    return tuple(requests) if result == after else None


def _unordered(part: object) -> object:
    """Return a transport with its candidates in an order of their own, which trickling does not keep."""
    if not isinstance(part, IceUdpTransport):
        return part
    candidates = sorted(part.candidates, key=lambda one: (-one.priority, one.id or ""))
    return attrs.evolve(part, candidates=tuple(candidates))


# --- senders ---------------------------------------------------------------------------------------------------------


def _senders(_: Content, after: Content) -> Iterator[tuple[Action, Content]]:
    yield Action.CONTENT_MODIFY, attrs.evolve(named(after), senders=after.senders)


def _modified(content: Content, said: Content) -> Content:
    return attrs.evolve(content, senders=said.senders)


# --- description -----------------------------------------------------------------------------------------------------


def _descriptions(before: Content, after: Content) -> Iterator[tuple[Action, Content]]:
    """Give what description-info may say: the parts that changed, or all (XEP-0167 9)."""
    old, new = before.description, after.description
    if not (isinstance(old, RtpDescription) and isinstance(new, RtpDescription) and _codecs(old) == _codecs(new)):
        return
    known = set(old.payload_types)
    fields = {name: value for name in _FIELDS if (value := getattr(new, name)) != getattr(old, name)}
    fields |= {"media": new.media, "payload_types": tuple(one for one in new.payload_types if one not in known)}
    for said in (RtpDescription(**fields), new):
        yield Action.DESCRIPTION_INFO, attrs.evolve(named(after), description=said)


_FIELDS = tuple(field.name for field in attrs.fields(RtpDescription))
_SILENT = RtpDescription(media="")


def _codecs(description: RtpDescription) -> list[tuple[object, ...]]:
    return [(one.id, one.name, one.clockrate, one.channels) for one in description.payload_types]


def _described(content: Content, said: Content) -> Content:
    before, after = content.description, said.description
    if isinstance(before, RtpDescription) and isinstance(after, RtpDescription):
        after = _merged_descriptions(before, after)
    return attrs.evolve(content, description=after or before)


def _merged_descriptions(before: RtpDescription, said: RtpDescription) -> RtpDescription:
    """Return a description with what was said of it.

    "The description-info message SHOULD include only the modified codecs" (XEP-0167 9): one that repeats a codec
    which is not modified says all of the description, so that what it leaves out is no more.
    """
    known = set(before.payload_types)
    if any(payload in known for payload in said.payload_types):
        return said
    by_id = {payload.id: payload for payload in reversed(said.payload_types)}
    fields = {name: value for name in _FIELDS if (value := getattr(said, name)) != getattr(_SILENT, name)}
    fields["payload_types"] = tuple(by_id.get(payload.id, payload) for payload in before.payload_types)
    return attrs.evolve(before, **fields)


# --- transport -------------------------------------------------------------------------------------------------------


def _transports(before: Content, after: Content) -> Iterator[tuple[Action, Content]]:
    """Give what transport-info may say, and transport-replace, which says all (XEP-0166 7.2.13, 7.2.15)."""
    old, new = before.transport, after.transport
    if isinstance(old, IceUdpTransport) and isinstance(new, IceUdpTransport):
        yield Action.TRANSPORT_INFO, attrs.evolve(named(after), transport=_news(old, new))
    yield Action.TRANSPORT_REPLACE, attrs.evolve(named(after), transport=new)


def _news(old: IceUdpTransport, new: IceUdpTransport) -> IceUdpTransport:
    """Return what is new in a transport, with the credentials that it belongs to."""
    same: dict[str, Any] = {name: () for name in _LISTS if getattr(old, name) == getattr(new, name)}
    known = set() if _restarts(old, new) else set(old.candidates)
    return attrs.evolve(new, candidates=tuple(one for one in new.candidates if one not in known), **same)


_LISTS = ("fingerprints", "sctpmaps", "channels")
"Fields of a transport that hold until another value is said, as the credentials do."


def _restarts(old: Ice, new: Ice) -> bool:
    """Tell whether credentials change, which restarts ICE (RFC 8839 4.4.1.1.1, XEP-0176 5.9)."""
    known = old.ufrag is not None and new.ufrag is not None
    return known and (new.ufrag, new.pwd or old.pwd) != (old.ufrag, old.pwd)


def _informed(content: Content, said: Content) -> Content:
    """Return a content that knows what a transport-info said; a restart begins the candidates anew."""
    old, new = content.transport, said.transport
    if not is_ice(old) or not is_ice(new):
        return attrs.evolve(content, transport=new)
    restarts = _restarts(old, new)
    fields: dict[str, Any] = {name: value for name in ("ufrag", "pwd", *_LISTS) if (value := getattr(new, name))}
    candidates = _alike(old, new.candidates)
    fields["candidates"] = tuple(dict.fromkeys((*(() if restarts else old.candidates), *candidates)))
    fields["gathering_complete"] = new.gathering_complete or (old.gathering_complete and not restarts)
    if restarts or new.remote_candidates:
        fields["remote_candidates"] = _alike(old, new.remote_candidates)
    if new.fingerprints:
        fields["fingerprints"] = negotiated(old.fingerprints, new.fingerprints)
    return attrs.evolve(content, transport=attrs.evolve(old, **fields))


def _alike(old: Ice, said: Iterable[Candidate | RemoteCandidate]) -> tuple[Any, ...]:
    """Return what was said in the classes of the transport that it is for: those of XEP-0176 or of XEP-0371."""
    return tuple(one if isinstance(old, IceUdpTransport) == (type(one) in _TWINS) else _twin(one) for one in said)


_TWINS = {Candidate: IceCandidate, RemoteCandidate: IceRemoteCandidate}
_CLASSES = {**_TWINS, **{twin: cls for cls, twin in _TWINS.items()}}


def _twin(one: Candidate | RemoteCandidate) -> Candidate | RemoteCandidate:
    fields: dict[str, Any] = {field.name: getattr(one, field.name) for field in attrs.fields(type(one))}
    twin: Candidate | RemoteCandidate = _CLASSES[type(one)](**fields)
    return twin


def negotiated(before: tuple[Fingerprint, ...], said: tuple[Fingerprint, ...]) -> tuple[Fingerprint, ...]:
    """Return fingerprints with the DTLS role that was negotiated, which the same certificates keep (RFC 8842 5.3)."""
    role = next((one.setup for one in before if one.setup in (Setup.ACTIVE, Setup.PASSIVE)), None)
    if role is None or certificates(before) != certificates(said):
        return said
    return tuple(attrs.evolve(one, setup=role) for one in said)


def _replaced(content: Content, said: Content) -> Content:
    return attrs.evolve(content, transport=said.transport)


MERGING: dict[Action, Callable[[Content, Content], Content]] = {
    Action.CONTENT_MODIFY: _modified,
    Action.DESCRIPTION_INFO: _described,
    Action.TRANSPORT_ACCEPT: _replaced,
    Action.TRANSPORT_INFO: _informed,
    Action.TRANSPORT_REPLACE: _replaced,
}
"Actions that tell a part of a content (XEP-0166 7.2) -> what makes a content of the one before and of what was said."
