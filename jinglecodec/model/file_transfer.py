"""XEP-0234: Jingle File Transfer."""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.model.hashes import Hash, HashUsed
from jinglecodec.model.jingle import XML_LANG, ApplicationCondition, Creator, Description, SessionInfo
from jinglecodec.model.thumbnails import Thumbnail
from jinglecodec.xml.fields import Element, attribute, child, children, element, text, text_child
from jinglecodec.xml.types import DATE_TIME, LANGUAGE, NON_NEGATIVE_INTEGER, STRING, enum_of

__all__ = [
    "File",
    "FileChecksum",
    "FileDesc",
    "FileNotAvailable",
    "FileRange",
    "FileReceived",
    "FileTooLarge",
    "FileTransfer",
]


@element(ns.FILE_TRANSFER, "desc")
class FileDesc(Element):
    """A file in words (XEP-0234 5)."""

    lang: str | None = attribute(LANGUAGE, default=None, name=XML_LANG)
    value: str = text(STRING)


@element(ns.FILE_TRANSFER, "range")
class FileRange(Element):
    """Which part of a file is transferred; in an offer, that parts can be asked for (XEP-0234 5, 6.4)."""

    offset: int = attribute(NON_NEGATIVE_INTEGER, default=0)
    "Octets, from the start of the file."
    length: int | None = attribute(NON_NEGATIVE_INTEGER, default=None)
    "Octets; None: up to the end."
    hashes: tuple[Hash, ...] = children(Hash, default=())
    "Of the part (XEP-0234 8.2)."


@element(ns.FILE_TRANSFER, "file")
class File(Element):
    """What is known of a file (XEP-0234 5)."""

    date: str | None = text_child(DATE_TIME, default=None)
    "When it was last modified, as XEP-0082 writes it; the schema would have a day only."
    descs: tuple[FileDesc, ...] = children(FileDesc, default=())
    "One per language."
    media_type: str | None = text_child(STRING, default=None)
    "None: `application/octet-stream`."
    name: str | None = text_child(STRING, default=None)
    "Chosen by the peer, so that it may hold `/` and `..`: never a path as it stands (XEP-0234 12)."
    size: int | None = text_child(NON_NEGATIVE_INTEGER, default=None)
    "Octets; the schema would have no empty file."
    range: FileRange | None = child(FileRange, default=None)
    hashes: tuple[Hash, ...] = children(Hash, default=())
    "One per function."
    hashes_used: tuple[HashUsed, ...] = children(HashUsed, default=())
    "Instead of a hash, where a `FileChecksum` follows."
    thumbnails: tuple[Thumbnail, ...] = children(Thumbnail, default=())
    "XEP-0264 4."


@element(ns.FILE_TRANSFER, "description")
class FileTransfer(Description):
    """One file on offer or asked for; the content's `senders` tells which (XEP-0234 4.1, 5)."""

    file: File | None = child(File, default=None, expected="XEP-0234 5")


@element(ns.FILE_TRANSFER, "received")
class FileReceived(SessionInfo):
    """The file of a content has arrived whole, while others are still on their way (XEP-0234 8.1)."""

    creator: Creator = attribute(enum_of(Creator))
    name: str = attribute(STRING)
    "Of the content."


@element(ns.FILE_TRANSFER, "checksum")
class FileChecksum(SessionInfo):
    """The hash of a content's file, computed meanwhile (XEP-0234 8.2)."""

    creator: Creator = attribute(enum_of(Creator))
    name: str = attribute(STRING)
    "Of the content."
    file: File = child(File)


@element(ns.FILE_TRANSFER_ERRORS, "file-not-available")
class FileNotAvailable(ApplicationCondition):
    """The file asked for is not there; stands in the reason beside `failed-application` (XEP-0234 9.1)."""


@element(ns.FILE_TRANSFER_ERRORS, "file-too-large")
class FileTooLarge(ApplicationCondition):
    """There is no room for the file; stands in the reason beside `media-error` (XEP-0234 9.2)."""
