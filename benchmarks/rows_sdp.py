"""The rows of SDP: reading with every typed view touched, and building a description of ready values and writing it.

Inputs: a Chromium offer of audio, video and data, cut to 129 lines by dropping payload types; the same with 500 sources
and 182 groups, 1,311 lines, as Jitsi's conferences have. Each comes in sixteen variants that differ in session,
credentials and names of sources. Every callable of a row does one operation; each is checked once against the input.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinglecodec import sdp
from jinglecodec.sdp.views import MediaViews, SessionViews, SharedViews

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Row", "jitsi_like", "offer", "rows"]

Row = tuple[str, "Callable[[], object]", "Callable[[], object] | None", float, float]
"Name; ours; the peer's; the ratio of medians that must hold, and the one aimed at."

_OFFER = Path(__file__).parents[1] / "examples" / "offer.sdp"
_VARIANTS = 16


def offer(lines: int = 129) -> str:
    """Return a Chromium offer of audio, video and data with so many lines."""
    text = _OFFER.read_bytes().decode()
    while (surplus := text.count("\n") - lines) > 0:
        formats = re.findall(r"^m=video .*?([0-9 ]+)\r$", text, re.MULTILINE)[0].split()
        sizes = {one: len(re.findall(rf"^a=(?:rtpmap|fmtp|rtcp-fb):{one} ", text, re.MULTILINE)) for one in formats}
        victim = max((one for one in formats if sizes[one] <= surplus), key=lambda one: (sizes[one], one))
        text = re.sub(rf"^a=(?:rtpmap|fmtp|rtcp-fb):{victim} .*\n", "", text, flags=re.MULTILINE)
        text = re.sub(rf"^(m=video .*) {victim}\b", r"\1", text, flags=re.MULTILINE)
    return text


def jitsi_like(lines: int = 1311) -> str:
    """Return the offer of 129 lines with 500 sources more in its audio and video, two lines each, and 182 groups."""
    head, audio, video, data = re.split(r"(?=^m=)", offer(), flags=re.MULTILINE)
    audio += "".join(_source(number) for number in range(100))
    pairs = lines - 129 - 1000
    video += "".join(f"a=ssrc-group:FID {_ssrc(2 * n + 100)} {_ssrc(2 * n + 101)}\r\n" for n in range(pairs))
    video += "".join(_source(number) for number in range(100, 500))
    return head + audio + video + data


def _ssrc(number: int) -> int:
    return (1000000007 + 6700417 * number) % 2**32


def _source(number: int) -> str:
    name = f"a=ssrc:{_ssrc(number)}"
    return f"{name} cname:participant-{number:05d}\r\n{name} msid:stream-{number:05d} track-{number:05d}\r\n"


def _variants(text: str) -> list[str]:
    """Return texts that differ in credentials, sources and session, not in length."""
    return [re.sub(r"(?<=ice-pwd:)..|(?<=cname:)..|(?<=o=- )..", f"{n + 10}", text) for n in range(_VARIANTS)]


_SESSION = attrgetter(*(name for kind in (SharedViews, SessionViews) for name in vars(kind) if name[0] != "_"))
_MEDIA = attrgetter(*(name for kind in (SharedViews, MediaViews) for name in vars(kind) if name[0] != "_"))


def read_and_touch(text: str) -> sdp.SessionDescription:
    """Read a description and look at every typed view of it and its sections."""
    description = sdp.loads(text)
    _SESSION(description)
    for media in description.media:
        _MEDIA(media)
    return description


def build_and_write(values: tuple[Any, ...]) -> str:
    """Make a description of ready values, and its text."""
    origin, name, session, sections = values
    media = [sdp.Media.build(*head, connection=connection, values=rest) for head, connection, rest in sections]
    return sdp.dumps(sdp.SessionDescription.build(origin, name=name, values=session, media=media))


def _values(description: sdp.SessionDescription) -> tuple[Any, ...]:
    """Return what `build_and_write` takes."""
    session = tuple(value for value in description.values if value.line()[0] == "a")
    sections = [
        (
            (media.kind, media.port, media.protocol, media.formats),
            media.connection,
            tuple(value for value in media.values if value.line()[0] not in "mc"),
        )
        for media in description.media
    ]
    return description.origin, description.name, session, sections


def _over(function: Callable[[Any], object], inputs: list[Any]) -> Callable[[], object]:
    """Return `function` over one input after another."""
    turn: Iterator[Any] = itertools.cycle(inputs)
    return lambda: function(next(turn))


def _many_sections(copies: int = 101) -> str:
    """Return the offer of 129 lines with its sections so many times: some 12,000 lines."""
    head, *media = re.split(r"(?=^m=)", offer(), flags=re.MULTILINE)
    return head + "".join(media) * copies


def rows() -> list[Row]:
    """Return the rows, each result having been checked once."""
    from aiortc.sdp import SessionDescription

    made: list[Row] = []
    for text, must, aim in ((offer(), 0.8, 0.6), (jitsi_like(), 0.4, 0.3)):
        lines, texts = text.count("\n"), _variants(text)
        descriptions = [read_and_touch(one) for one in texts]
        values = [_values(one) for one in descriptions]
        theirs = [SessionDescription.parse(one) for one in texts]
        for one, description, built in zip(texts, descriptions, values, strict=True):
            assert sdp.dumps(description) == one
            assert all(not media.unknown for media in description.media)
            expected = one.replace("msid-semantic: ", "msid-semantic:").split("\r\n")
            assert sorted(build_and_write(built).split("\r\n")) == sorted(expected)
        lost = sum((Counter(texts[0].split("\r\n")) - Counter(str(theirs[0]).split("\r\n"))).values())
        peer = _over(SessionDescription.parse, texts)
        name = f"{lines} lines (aiortc, {lost} lost)"
        made.append((f"SDP loads + views, {name}", _over(read_and_touch, texts), peer, must, aim))
        peer = _over(str, theirs)
        made.append((f"SDP build + dumps, {name}", _over(build_and_write, values), peer, 1.0, 0.7))
    made.append(_linear())
    return made


def _linear() -> Row:
    """Return the row of a large offer, beside as many lines in offers of 129."""
    large, small = _many_sections(), offer()
    lines = large.count("\n")
    pieces = range(round(lines / small.count("\n")))
    name = f"SDP loads + views, {lines} lines (as many in 129s)"
    return name, lambda: read_and_touch(large), lambda: [read_and_touch(small) for _ in pieces], 1.3, 1.1
