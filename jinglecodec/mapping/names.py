"""Names: which `a=mid` stands for which content. Kept by the caller over the life of a session."""

from __future__ import annotations

import attrs

from jinglecodec.lexical import is_token
from jinglecodec.model.jingle import Creator
from jinglecodec.records import Record

__all__ = ["Name", "Names"]


@attrs.frozen(eq=False, repr=False)
class Name(Record):
    """One content and its identification tag."""

    mid: str
    "A token (RFC 5888 4)."
    creator: Creator
    name: str


@attrs.frozen(eq=False, repr=False)
class Names(Record):
    """The contents of a session and their tags. Immutable: each addition gives a larger value."""

    entries: tuple[Name, ...] = ()

    def of_mid(self, mid: str) -> Name | None:
        """Return the content that `mid` stands for, or None."""
        return next((entry for entry in self.entries if entry.mid == mid), None)

    def of_content(self, creator: Creator, name: str) -> Name | None:
        """Return the tag of a content, or None. Contents are told apart by creator and name (XEP-0166 7.3)."""
        return next((entry for entry in self.entries if (entry.creator, entry.name) == (creator, name)), None)

    def with_mid(self, mid: str, creator: Creator) -> tuple[Names, Name]:
        """Return names that know `mid`, and its content; a new content is called as the tag, made unique."""
        known = self.of_mid(mid)
        if known is not None:
            return self, known
        name, count = mid, 1
        while self.of_content(creator, name) is not None:
            count += 1
            name = f"{mid}~{count}"
        return self._with(Name(mid, creator, name))

    def with_content(self, creator: Creator, name: str) -> tuple[Names, Name]:
        """Return names that know a content, and its tag; a new tag is the name, made a token and unique."""
        known = self.of_content(creator, name)
        if known is not None:
            return self, known
        mid, count = token(name), 1
        while self.of_mid(mid) is not None:
            count += 1
            mid = f"{token(name)}~{count}"
        return self._with(Name(mid, creator, name))

    def _with(self, entry: Name) -> tuple[Names, Name]:
        return attrs.evolve(self, entries=(*self.entries, entry)), entry


def token(name: str) -> str:
    """Return a content's name as a token: other characters become `~` and their code point in hex.

    >>> token("Media call")
    'Media~20call'
    """
    if is_token(name):
        return name
    return "".join(c if is_token(c) and c != "~" else f"~{ord(c):x}" for c in name) or "~"
