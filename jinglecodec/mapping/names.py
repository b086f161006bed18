"""Names: which `a=mid` stands for which content. Kept by the caller over the life of a session."""

from __future__ import annotations

import attrs

from jinglecodec.lexical import is_token
from jinglecodec.model.jingle import Creator
from jinglecodec.records import Record

__all__ = ["Name", "Names", "succeeds", "successor", "token"]


@attrs.frozen(eq=False, repr=False)
class Name(Record):
    """One content and its identification tag."""

    mid: str
    "A token (RFC 5888 4)."
    creator: Creator
    name: str
    retired: bool = False
    "The tag stands for another content by now: this one can be spoken of to remove it, and its name is not used again."


@attrs.frozen(eq=False, repr=False)
class Names(Record):
    """The contents of a session and their tags. Immutable: each addition gives a larger value."""

    entries: tuple[Name, ...] = ()

    def of_mid(self, mid: str) -> Name | None:
        """Return the content that `mid` stands for, or None."""
        return next((entry for entry in self.entries if entry.mid == mid and not entry.retired), None)

    def of_content(self, creator: Creator, name: str) -> Name | None:
        """Return the tag of a content, or None. Contents are told apart by creator and name (XEP-0166 7.3)."""
        return next((entry for entry in self.entries if (entry.creator, entry.name) == (creator, name)), None)

    def renewed(self, mid: str, creator: Creator) -> tuple[Names, Name]:
        """Return names in which `mid` stands for a new content of `creator`, and that; the old one is retired."""
        entries = tuple(attrs.evolve(one, retired=True) if one.mid == mid else one for one in self.entries)
        old = self.of_mid(mid)
        name = successor(mid if old is None else old.name)
        while self.of_content(creator, name) is not None:
            name = successor(name)
        entry = Name(mid, creator, name)
        return Names((*entries, entry)), entry

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
        while any(entry.mid == mid for entry in self.entries):
            count += 1
            mid = f"{token(name)}~{count}"
        return self._with(Name(mid, creator, name))

    def _with(self, entry: Name) -> tuple[Names, Name]:
        return Names((*self.entries, entry)), entry


def successor(name: str) -> str:
    """Return what the content is called that takes the place of another, whose codecs cannot be changed.

    >>> successor("video"), successor("video~2")
    ('video~2', 'video~3')
    """
    stem, count = _parted(name)
    return f"{stem}~{count + 1}"


def succeeds(name: str, other: str) -> bool:
    """Tell whether a content is called as if it took the place of another."""
    stem, count = _parted(name)
    if count == 1 or not other.startswith(stem):
        return False
    other_stem, other_count = _parted(other)
    return stem == other_stem and count > other_count


def _parted(name: str) -> tuple[str, int]:
    """Return the name of the first in a row of contents, and which of the row this is."""
    stem, _, digits = name.rpartition("~")
    if stem and digits.isascii() and digits.isdigit() and len(digits) < 10 and int(digits) > 1:
        return stem, int(digits)
    return name, 1


def token(name: str) -> str:
    """Return a content's name as a token: other characters become `~` and their code point in hex.

    >>> token("Media call")
    'Media~20call'
    """
    if is_token(name):
        return name
    return "".join(c if is_token(c) and c != "~" else f"~{ord(c):x}" for c in name) or "~"
