"""XEP-0030: Service Discovery, as far as calls need it: what an entity can do, and what we say that we can."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jinglecodec import namespaces as ns
from jinglecodec.model.jingle import XML_LANG, Description, Transport
from jinglecodec.xml.fields import Element, attribute, children, element, members
from jinglecodec.xml.tree import Raw, split_tag
from jinglecodec.xml.types import LANGUAGE, STRING, text_matching

__all__ = ["DiscoInfo", "Feature", "Identity", "features"]

NON_EMPTY = text_matching("text that is not empty", "(?s:.+)", verbatim=True)


@element(ns.DISCO_INFO, "identity")
class Identity(Element):
    """What kind of entity it is (XEP-0030 3.1)."""

    category: str = attribute(NON_EMPTY)
    "Such as `client`; a registry."
    lang: str | None = attribute(LANGUAGE, default=None, name=XML_LANG)
    name: str | None = attribute(STRING, default=None)
    "For people."
    type: str = attribute(NON_EMPTY)
    "Such as `phone`; a registry."


@element(ns.DISCO_INFO, "feature")
class Feature(Element):
    """What the entity can do (XEP-0030 3.1)."""

    var: str = attribute(STRING)


@element(ns.DISCO_INFO, "query")
class DiscoInfo(Element):
    """Asks what an entity is and can do, or tells it (XEP-0030 3.1)."""

    node: str | None = attribute(STRING, default=None)
    identities: tuple[Identity, ...] = children(Identity, default=())
    features: tuple[Feature, ...] = children(Feature, default=())
    forms: tuple[Element | Raw, ...] = members(Element, default=())
    "More, in data forms (XEP-0128)."

    @property
    def vars(self) -> frozenset[str]:
        """Return the features as a set."""
        return frozenset(feature.var for feature in self.features)


_SOURCES = "urn:ietf:rfc:5576"  # XEP-0339 4

_VARS = {
    ns.GROUPING: (ns.GROUPING_RFC,),  # XEP-0338 3
    ns.SSMA: (_SOURCES,),
    ns.WEBRTC: (ns.WEBRTC, ns.WEBRTC_INFO_IGNITE),  # ProtoXEP Jingle WebRTC Transport 4
    ns.WEBRTC_IGNITE: (ns.WEBRTC_IGNITE, ns.WEBRTC_INFO_IGNITE),
}
"Namespace -> the features that tell of it, where they are not the namespace alone."


def features(
    applications: Iterable[str | type[Description]],
    transports: Iterable[str | type[Transport]],
    *,
    media: Iterable[str] = (),
    offer_answer: bool = False,
    grouping: bool = False,
    hashes: Iterable[str] = (),
    extensions: Iterable[str | type[Element]] = (),
) -> tuple[str, ...]:
    """Return what to advertise in disco#info for what the caller really runs (XEP-0166 11), sorted, each once.

    `applications`, `transports` and `extensions` are namespaces or classes, such as `RtpDescription`, `ns.ICE_UDP`
    and `ns.DTLS`; nothing is added that is not named here, for peers take each feature at its word.

    `media` are those that RTP sessions have, `audio` and `video` (XEP-0167 10). `offer_answer`: candidates are
    wanted all at once, which as a rule is said by gateways to SIP alone (XEP-0176 7.2). `grouping`: contents may be
    bundled (XEP-0338 3). `hashes` are the functions that files are checked with, such as `sha-256` (XEP-0300 5).
    """
    found = {ns.JINGLE, *_vars((*applications, *transports, *extensions))}
    found.update(f"urn:xmpp:jingle:apps:rtp:{kind}" for kind in media)
    algorithms = {f"urn:xmpp:hash-function-text-names:{name}" for name in hashes}
    found.update(algorithms, {ns.HASHES} if algorithms else ())
    if offer_answer:
        found.add(ns.OFFER_ANSWER)
    if grouping:
        found.update(_VARS[ns.GROUPING])
    return tuple(sorted(found))


def _vars(named: Iterable[str | type[Element]]) -> Iterator[str]:
    for one in named:
        spaces = (one,) if isinstance(one, str) else tuple(split_tag(tag)[0] for tag in one.__tags__)
        for space in spaces:
            yield from _VARS.get(space, (space,))
