"""The recorded descriptions: which are looked at in the default run, and which offer an answer belongs to."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import attrs
import pytest
from mapping_support import Role

import jinglecodec as jc

__all__ = ["Recorded", "recorded", "sampled", "sip_files"]

_CORPUS = Path(os.environ.get("JINGLECODEC_CORPUS") or Path(__file__).parents[3] / "shared" / "corpus")
_INTERESTING = (
    "aiortc/avdata.",
    "chromium/gum-avdata.",
    "chromium/gum-answer-reject",
    "chromium/gum-connected.recycle",
    "chromium/gum-maxbundle.",
    "chromium/gum-empty.",
    "chromium/gum-simulcast",
    "chromium/mdns-avdata.",
    "chromium/nomdns-avdata.",
    "firefox/gum-avdata.",
    "firefox/gum-answer-reject",
    "firefox/gum-connected.recycle",
    "firefox/gum-simulcast",
)


@attrs.frozen
class Recorded:
    """One description as a browser wrote it."""

    path: Path

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.name}"

    @property
    def text(self) -> str:
        return self.path.read_bytes().decode("utf-8")

    @property
    def is_answer(self) -> bool:
        return ".answer." in self.path.name

    @property
    def role(self) -> Role:
        return "responder" if self.is_answer else "initiator"

    @property
    def action(self) -> str:
        return "session-accept" if self.is_answer else "session-initiate"

    @property
    def offer(self) -> jc.sdp.SessionDescription | None:
        """The offer that was recorded beside an answer, if any."""
        stem = self.path.name.replace(".answer.", ".offer.")
        for name in (stem, stem.replace(".gathered.", "."), stem.replace(".offer.sdp", ".offer.gathered.sdp")):
            if self.is_answer and (self.path.parent / name).exists():
                return jc.sdp.loads((self.path.parent / name).read_bytes())
        return None

    def to_jingle(self, *, carry: bool = False) -> jc.mapping.Mapped[jc.Jingle]:
        """Return the request that the description becomes."""
        desc = jc.sdp.loads(self.text)
        return jc.mapping.to_jingle(desc, action=self.action, sid="s1", role=self.role, offer=self.offer, carry=carry)


@cache
def recorded() -> tuple[Recorded, ...]:
    """Return all descriptions of browsers; none where the corpus is absent."""
    return tuple(Recorded(path) for path in sorted(_CORPUS.glob("browsers/*/*.sdp")))


def sampled(every: int) -> pytest.MarkDecorator:
    """Return the parameters of a test in the default run: each so many-th of them and the interesting ones."""
    chosen = [one for n, one in enumerate(recorded()) if n % every == 0 or one.name.startswith(_INTERESTING)]
    return pytest.mark.parametrize("one", chosen, ids=lambda one: str(one.name))


@cache
def sip_files() -> tuple[Path, ...]:
    """Return the descriptions of the other collection: SIP, WebRTC, documents, malformed ones."""
    return tuple(sorted(_CORPUS.glob("sdp/*/*.sdp")))
