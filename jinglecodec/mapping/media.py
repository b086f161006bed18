"""RTP: a media section's codecs, streams and header extensions, and the description of a content (XEP-0167 ff.)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache

from jinglecodec.mapping.writing import Writing
from jinglecodec.model.content_category import Category
from jinglecodec.model.jingle import Senders
from jinglecodec.model.rtp import Bandwidth, Crypto, Encryption, Parameter, PayloadType, RtpDescription
from jinglecodec.model.rtp_feedback import FeedbackParameter, RtcpFeedback, TrrInt
from jinglecodec.model.rtp_header_extensions import (
    HeaderExtension,
    HeaderExtensionParameter,
    HeaderExtensionSenders,
)
from jinglecodec.model.sources import Source, SourceGroup, SourceParameter
from jinglecodec.model.zrtp import ZrtpHash
from jinglecodec.sdp.attributes import grouping, rtp, security, sources
from jinglecodec.sdp.fields import Bandwidth as SdpBandwidth
from jinglecodec.sdp.inheritance import Effective
from jinglecodec.sdp.session import Media
from jinglecodec.sdp.values import Attribute
from jinglecodec.xml.fields import Element

__all__ = ["direction_of", "rtp_description", "senders_of", "write_rtp"]

# XEP-0166 7.3: the senders of a content, seen by the party that writes the description.
_SENDERS = {
    "initiator": {
        "sendrecv": Senders.BOTH,
        "sendonly": Senders.INITIATOR,
        "recvonly": Senders.RESPONDER,
        "inactive": Senders.NONE,
    },
    "responder": {
        "sendrecv": Senders.BOTH,
        "sendonly": Senders.RESPONDER,
        "recvonly": Senders.INITIATOR,
        "inactive": Senders.NONE,
    },
}
_DIRECTIONS = {
    role: {senders: rtp.Direction(word) for word, senders in table.items()} for role, table in _SENDERS.items()
}


def senders_of(direction: rtp.Direction | None, role: str) -> Senders:
    """Return who sends, given the direction that `role` wrote; none written is sendrecv (RFC 8866 6.7)."""
    return Senders.BOTH if direction is None else _SENDERS[role][direction.value]


def direction_of(senders: Senders, role: str) -> rtp.Direction:
    """Return the direction that `role` writes for `senders`."""
    return _DIRECTIONS[role][senders]


# --- SDP to Jingle ---------------------------------------------------------------------------------------------------


def rtp_description(media: Media, resolved: Effective, role: str) -> RtpDescription:
    """Return the description of an RTP section; `resolved` has what it inherits from the session level."""
    feedback = _feedback(media)
    everywhere, interval = feedback.pop("*", ((), None))
    return RtpDescription(
        media=media.kind,
        payload_types=tuple(_payload_types(media, feedback)),
        rtcp_mux=media.rtcp_mux,
        encryption=_encryption(media),
        bandwidths=tuple(Bandwidth(type=b.type, value=str(b.value)) for b in media.bandwidths),
        feedback=tuple(_message(*line) for line in everywhere),
        trr_int=None if interval is None else TrrInt(value=interval),
        header_extensions=tuple(_header_extension(extmap, role) for extmap in resolved.extmaps),
        extmap_allow_mixed=resolved.extmap_allow_mixed,
        source_groups=tuple(_source_group(group) for group in media.ssrc_groups),
        sources=_sources(media),
        categories=tuple(Category(name=name) for name in media.content),
    )


def _payload_types(media: Media, feedback: Mapping[str, _Feedback]) -> Iterator[PayloadType]:
    """Give the payload types in the order of the m= line, which is the preference."""
    encodings = {
        line.payload_type: (line.encoding, line.clock_rate, line.channels or 1)
        for line in reversed(media.rtpmaps)
        if (line.channels or 1) < 256
    }
    fmtps = {line.format: line.text for line in reversed(media.fmtps)}
    times = _milliseconds(media.ptime), _milliseconds(media.maxptime)
    for text in dict.fromkeys(media.formats):
        if text in _PAYLOAD_TYPES:  # else the line is reported
            number = int(text)
            encoding = encodings.get(number, (None, None, 1))
            yield _payload_type(number, encoding, fmtps.get(text), feedback.get(text, ((), None)), times)


# The lines of codecs are the same in call after call: what is made of them is kept for the next.
@lru_cache(maxsize=512)
def _payload_type(
    number: int,
    encoding: tuple[str | None, int | None, int],
    parameters: str | None,
    feedback: _Feedback,
    times: tuple[int | None, int | None],
) -> PayloadType:
    name, clockrate, channels = encoding
    lines, interval = feedback
    return PayloadType(
        id=number,
        name=name,
        clockrate=clockrate,
        channels=channels,
        ptime=times[0],
        maxptime=times[1],
        parameters=() if parameters is None else tuple(_parameters(rtp.Fmtp(str(number), parameters))),
        feedback=tuple(_message(*line) for line in lines),
        trr_int=None if interval is None else TrrInt(value=interval),
    )


_PAYLOAD_TYPES = {str(number) for number in range(256)}


def _milliseconds(value: float | None) -> int | None:
    return int(value) if value is not None and value == int(value) and value < 2**32 else None


def _parameters(fmtp: rtp.Fmtp) -> Iterator[Parameter]:
    """Give the parameters of a format; what has no name gets the empty one."""
    for parameter in fmtp.parameters:
        yield Parameter(name=parameter.name or "", value=parameter.value)


_Feedback = tuple[tuple[tuple[str, str | None, str | None], ...], int | None]
"Type, subtype and parameters of each message; the interval."


def _feedback(media: Media) -> dict[str, _Feedback]:
    """Return the feedback messages and the interval (XEP-0293 3) of each format, `*` included."""
    messages: defaultdict[str, list[tuple[str, str | None, str | None]]] = defaultdict(list)
    intervals: dict[str, int] = {}
    for line in media.rtcp_feedback:
        if line.type != "trr-int":
            messages[line.format].append((line.type, line.subtype, line.parameters))
        elif line.interval is not None and line.interval < 2**32:
            intervals.setdefault(line.format, line.interval)
    formats = {*messages, *intervals}
    return {text: (tuple(messages.get(text, ())), intervals.get(text)) for text in formats}


def _message(kind: str, subtype: str | None, text: str | None) -> RtcpFeedback:
    words = () if text is None else tuple(text.split(" "))
    parameters = tuple(FeedbackParameter(name=name, value=value) for name, value in map(_pair, words))
    return RtcpFeedback(type=kind, subtype=subtype, parameters=parameters)


def _encryption(media: Media) -> Encryption | None:
    cryptos = tuple(
        Crypto(
            tag=str(line.tag),
            crypto_suite=line.suite,
            key_params=";".join(line.keys),
            session_params=" ".join(line.session_parameters) or None,
        )
        for line in media.cryptos
    )
    hashes = tuple(_zrtp_hashes(media))
    return (
        Encryption(required=_requires_keys(media), cryptos=cryptos, zrtp_hashes=hashes) if cryptos or hashes else None
    )


def _zrtp_hashes(media: Media) -> Iterator[ZrtpHash]:
    """Give the hashes of ZRTP (XEP-0262 1)."""
    for line in media.unknown:
        version, _, digits = (line.value or "").partition(" ")
        if line.name == "zrtp-hash" and _HEX(digits):
            yield ZrtpHash(version=version, value=digits)


_HEX = re.compile("[0-9A-Fa-f]+").fullmatch


def _requires_keys(media: Media) -> bool | None:
    """Return True for a secure profile; without one, keys are an offer and no demand (XEP-0167 7)."""
    return True if "SAVP" in media.protocol else None


@lru_cache(maxsize=512)
def _header_extension(extmap: rtp.Extmap, role: str) -> HeaderExtension:
    senders = HeaderExtensionSenders(senders_of(extmap.direction, role).value)
    words = () if extmap.attributes is None else tuple(extmap.attributes.split(" "))
    parameters = tuple(HeaderExtensionParameter(name=name, value=value) for name, value in map(_pair, words))
    return HeaderExtension(id=extmap.id, uri=extmap.uri, senders=senders, parameters=parameters)


def _pair(word: str) -> tuple[str, str | None]:
    """Return name and value of a parameter in the form `a=b`; any other is a name alone (XEP-0293 3, XEP-0294 3)."""
    name, equals, value = word.partition("=")
    return name, value if equals else None


def _sources(media: Media) -> tuple[Source, ...]:
    """Return the sources in order of appearance, each with all its attributes."""
    attributes: dict[int, list[SourceParameter]] = {}
    for line in media.ssrcs:
        attributes.setdefault(line.ssrc, []).append(SourceParameter(name=line.attribute, value=line.value))
    return tuple(Source(ssrc=ssrc, parameters=tuple(found)) for ssrc, found in attributes.items())


def _source_group(group: sources.SsrcGroup) -> SourceGroup:
    return SourceGroup(semantics=group.semantics, sources=tuple(Source(ssrc=ssrc) for ssrc in group.ssrcs))


# --- Jingle to SDP ---------------------------------------------------------------------------------------------------

_EXTMAP = lru_cache(maxsize=512)(rtp.Extmap)
_FEEDBACK = lru_cache(maxsize=512)(rtp.RtcpFeedback)
_RTPMAP = lru_cache(maxsize=512)(rtp.Rtpmap)


@lru_cache(maxsize=512)
def _fmtp(payload_type: str, pairs: tuple[tuple[str | None, str | None], ...], joint: str) -> rtp.Fmtp:
    """Return the line; a lone parameter may come with its value as the name (XEP-0167 has no form without name)."""
    if len(pairs) == 1 and pairs[0][1] is None:
        pairs = ((None, pairs[0][0]),)
    return rtp.Fmtp.of(payload_type, (rtp.FormatParameter(name, value) for name, value in pairs), joint)


def write_rtp(out: Writing, description: RtpDescription, senders: Senders, role: str) -> list[str]:
    """Write the lines of an RTP description, in the order that browsers have; return the formats of the `m=` line."""
    for bandwidth in description.bandwidths:
        limit = out.number("description/bandwidth", bandwidth.value)
        if limit is not None:
            out.put("description/bandwidth", SdpBandwidth, bandwidth.type, limit)
    for extension in description.header_extensions:
        _write_header_extension(out, extension, role)
    if description.extmap_allow_mixed:
        out.values.append(rtp.ExtmapAllowMixed())
    out.values.append(direction_of(senders, role))
    _write_streams(out, description)
    if description.rtcp_mux:
        out.values.append(rtp.RtcpMux())
    if description.rtcp_reduced_size:
        out.values.append(rtp.RtcpRsize())
    if description.encryption is not None:
        _write_encryption(out, description.encryption)
    _write_feedback(out, "*", description.feedback, description.trr_int)
    payloads = _different(out, description.payload_types)
    for payload in payloads:
        _write_payload(out, payload)
    _write_packet_times(out, description, payloads)
    if description.categories:
        out.put("description/category", grouping.ContentTags, tuple(one.name for one in description.categories))
    _write_sources(out, description)
    out.lose_rest(*_parts(description), element="description")
    return [str(payload.id) for payload in payloads]


def _parts(description: RtpDescription) -> list[Element]:
    """Return a description and the elements in it."""
    parts: list[Element] = []
    messages = list(description.feedback)
    intervals = [description.trr_int]
    for payload in description.payload_types:
        parts += payload.parameters
        messages += payload.feedback
        intervals.append(payload.trr_int)
    parts += (description, *description.payload_types, *messages, *description.bandwidths)
    parts += [interval for interval in intervals if interval is not None]
    for message in messages:
        parts += message.parameters
    for extension in description.header_extensions:
        parts += (extension, *extension.parameters)
    for source in description.sources:
        parts += (source, *source.parameters)
    for group in description.source_groups:
        parts += (group, *group.sources)
    parts += (*description.categories, *description.streams)
    if description.encryption is not None:
        parts += (description.encryption, *description.encryption.cryptos, *description.encryption.zrtp_hashes)
    return parts


def _write_encryption(out: Writing, encryption: Encryption) -> None:
    """Write the keys; with any, the profile demands them (XEP-0167 4)."""
    for crypto in encryption.cryptos:
        tag = out.number("description/encryption/crypto", crypto.tag)
        if tag is not None:
            keys, parameters = tuple(crypto.key_params.split(";")), tuple((crypto.session_params or "").split())
            out.put("description/encryption/crypto", security.Crypto, tag, crypto.crypto_suite, keys, parameters)
    for one in encryption.zrtp_hashes:
        out.put("description/encryption/zrtp-hash", Attribute, "zrtp-hash", f"{one.version} {one.value}")
    if not encryption.cryptos and (encryption.required or not encryption.zrtp_hashes):
        out.lose("description/encryption", "has no form in SDP without keys", "RFC 4568 9.1")
    elif encryption.cryptos and not encryption.required:
        out.lose("description/encryption", "is optional, which the profile cannot say", "XEP-0167 4")


def _different(out: Writing, payloads: tuple[PayloadType, ...]) -> tuple[PayloadType, ...]:
    """Return the payload types, the first of those with the same id."""
    found = {payload.id: payload for payload in reversed(payloads)}
    if len(found) < len(payloads):
        out.lose("description/payload-type", "another has the same id", "XEP-0167 4")
        return tuple(payload for payload in payloads if found[payload.id] is payload)
    return payloads


def _write_header_extension(out: Writing, extension: HeaderExtension, role: str) -> None:
    both = extension.senders is HeaderExtensionSenders.BOTH
    direction = None if both else direction_of(Senders(extension.senders.value), role)
    words = [p.name if p.value is None else f"{p.name}={p.value}" for p in extension.parameters]
    out.put("description/rtp-hdrext", _EXTMAP, extension.id, extension.uri, direction, " ".join(words) or None)


def _write_streams(out: Writing, description: RtpDescription) -> None:
    """Write `a=msid`, which JSEP prescribes (RFC 8829 5.2.1), from the sources that name their stream.

    Some peers have an element for it.
    """
    for one in description.streams:
        out.put("description/stream", grouping.Msid, one.id, one.track)
    named = (p.value for source in description.sources for p in source.parameters if p.name == "msid" and p.value)
    known = {f"{one.id} {one.track or ''}".rstrip(" ") for one in description.streams}
    for text in (text for text in dict.fromkeys(named) if text not in known):
        stream, _, track = text.partition(" ")
        out.derive(grouping.Msid, stream, track or None)


def _write_feedback(out: Writing, text: str, messages: tuple[RtcpFeedback, ...], interval: TrrInt | None) -> None:
    for message in messages:
        rest = None
        if message.parameters:
            rest = " ".join([p.name if p.value is None else f"{p.name}={p.value}" for p in message.parameters]) or None
        out.put("description/rtcp-fb", _FEEDBACK, text, message.type, message.subtype, rest)
    if interval is not None:
        out.put("description/rtcp-fb-trr-int", rtp.RtcpFeedback, text, "trr-int", str(interval.value))


def _write_payload(out: Writing, payload: PayloadType) -> None:
    """Write rtpmap, feedback and format parameters of one payload type (XEP-0167 6)."""
    if payload.name is not None and payload.clockrate is not None:
        channels = None if payload.channels == 1 else payload.channels
        out.put("description/payload-type", _RTPMAP, payload.id, payload.name, payload.clockrate, channels)
    elif payload.id > 95 and (payload.name or payload.clockrate):
        out.lose("description/payload-type", f"{payload.id} has no name or no clock rate", "RFC 8866 6.6")
    _write_feedback(out, str(payload.id), payload.feedback, payload.trr_int)
    if payload.parameters:
        pairs = tuple((one.name or None, one.value) for one in payload.parameters)
        out.put("description/payload-type/parameter", _fmtp, str(payload.id), pairs, out.joint)


def _write_packet_times(out: Writing, description: RtpDescription, payloads: tuple[PayloadType, ...]) -> None:
    """Write the packet times, which SDP has once for a section: the largest that a payload type asks for.

    Some peers have them in the description.
    """
    for name, kind in (("ptime", rtp.Ptime), ("maxptime", rtp.Maxptime)):
        common = getattr(description, name)
        times = {common if (time := getattr(payload, name)) is None else time for payload in payloads}
        if times != {None} and times:
            out.put(f"description/payload-type/@{name}", kind, max(times - {None}))
        if len(times) > 1:
            message = "is not the same for all payload types"
            out.lose(f"description/payload-type/@{name}", message, "RFC 8866 6.4: one for a section")


def _write_sources(out: Writing, description: RtpDescription) -> None:
    for group in description.source_groups:
        if any(source.parameters for source in group.sources):
            out.lose("description/ssrc-group/source", "has its attributes outside of groups", "XEP-0339 2.2")
        members = tuple(source.ssrc for source in group.sources)
        out.put("description/ssrc-group", sources.SsrcGroup, group.semantics, members)
    for source in description.sources:
        if not source.parameters:
            out.lose("description/source", f"{source.ssrc} has no attribute to be written with", "RFC 5576 4.1")
        for parameter in source.parameters:
            out.put("description/source", sources.Ssrc, source.ssrc, parameter.name, parameter.value)
