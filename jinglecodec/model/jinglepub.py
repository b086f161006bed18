"""XEP-0358: Publishing Available Jingle Sessions."""

from __future__ import annotations

from jinglecodec import namespaces as ns
from jinglecodec.model.jingle import XML_LANG, Description
from jinglecodec.xml.fields import Element, attribute, children, element, members, text_child
from jinglecodec.xml.tree import Raw
from jinglecodec.xml.types import JID, LANGUAGE, STRING

__all__ = ["JinglePub", "JinglePubMeta", "JinglePubStart", "JinglePubStarting"]


@element(ns.JINGLE_PUB, "meta")
class JinglePubMeta(Element):
    """The session in words (XEP-0358 2.1)."""

    lang: str | None = attribute(LANGUAGE, default=None, name=XML_LANG)
    summary: str | None = attribute(STRING, default=None)
    title: str = attribute(STRING)


@element(ns.JINGLE_PUB, "jinglepub")
class JinglePub(Element):
    """A session that its owner will initiate for whoever asks (XEP-0358 2.1); published, or sent in a message."""

    description: str | None = attribute(STRING, default=None)
    "Only in the schema; `metas` say it today."
    from_: str | None = attribute(JID, default=None, expected="XEP-0358 2.1")
    "The owner; the example of a message leaves it to the sender's address."
    id: str = attribute(STRING)
    "The jinglepub identifier, unique for the owner."
    title: str | None = attribute(STRING, default=None)
    "Only in the schema; `metas` say it today."
    uri: str | None = text_child(STRING, default=None)
    "Another way to the content, or more about it."
    metas: tuple[JinglePubMeta, ...] = children(JinglePubMeta, default=())
    "One per language."
    descriptions: tuple[Description | Raw, ...] = members(Description, default=())


@element(ns.JINGLE_PUB, "start")
class JinglePubStart(Element):
    """Asks for the session to be initiated (XEP-0358 2.2)."""

    id: str = attribute(STRING)
    "The jinglepub identifier."


@element(ns.JINGLE_PUB, "starting")
class JinglePubStarting(Element):
    """The session will be initiated (XEP-0358 2.2)."""

    sid: str = attribute(STRING)
    "The session's sid."
