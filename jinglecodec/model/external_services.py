"""XEP-0215: External Service Discovery, and what it says of STUN and TURN servers."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from datetime import datetime

import attrs

from jinglecodec import namespaces as ns
from jinglecodec.xml.fields import Element, attribute, children, element, member
from jinglecodec.xml.tree import Raw
from jinglecodec.xml.types import BOOLEAN, DATE_TIME, NCNAME, STRING, UNSIGNED_SHORT, enum_of

__all__ = [
    "Credentials",
    "IceServer",
    "IceServerKind",
    "Service",
    "ServiceAction",
    "Services",
    "ice_servers",
]


class ServiceAction(enum.Enum):
    """What becomes of a service, in a push (XEP-0215 2, 3.2)."""

    ADD = "add"
    DELETE = "delete"
    "`remove` in the text, `delete` in example and schema."
    MODIFY = "modify"


def _in_version_1(name: str) -> tuple[str, ...]:
    """Return the name in the namespace before expiry and restricted services, which old servers have."""
    return (f"{{{ns.EXTDISCO_1}}}{name}",)


@element(ns.EXTDISCO, "service", also=_in_version_1("service"))
class Service(Element):
    """A service outside XMPP, such as a TURN server (XEP-0215 2)."""

    action: ServiceAction = attribute(
        enum_of(ServiceAction, aliases={"remove": ServiceAction.DELETE}), default=ServiceAction.ADD
    )
    expires: str | None = attribute(DATE_TIME, default=None)
    "When the credentials cease to hold, as XEP-0082 writes it, in UTC."
    host: str = attribute(STRING)
    "A name or an IP address."
    name: str | None = attribute(STRING, default=None)
    "For people."
    password: str | None = attribute(STRING, default=None)
    port: int | None = attribute(UNSIGNED_SHORT, default=None)
    restricted: bool = attribute(BOOLEAN, default=False)
    "Credentials are needed, and to be asked for where they do not stand here (XEP-0215 3.3)."
    transport: str | None = attribute(NCNAME, default=None)
    "`udp` or `tcp`."
    type: str = attribute(NCNAME, default="", expected="XEP-0215 2")
    "`stun`, `turn`, `stuns`, `turns` ...: a registry. Empty where stanza asks for the credentials of a whole host."
    username: str | None = attribute(STRING, default=None)
    information: Element | Raw | None = member(Element, default=None)
    "A data form with more (XEP-0215 4)."


@element(ns.EXTDISCO, "services", also=_in_version_1("services"))
class Services(Element):
    """Asks for services, lists them or pushes changes to the list (XEP-0215 3.1, 3.2)."""

    type: str | None = attribute(NCNAME, default=None)
    "Only those of this type."
    services: tuple[Service, ...] = children(Service, default=())


@element(ns.EXTDISCO, "credentials", also=_in_version_1("credentials"))
class Credentials(Element):
    """Asks for the credentials of a service, by host and type, or gives them (XEP-0215 3.3)."""

    services: tuple[Service, ...] = children(Service, default=())


class IceServerKind(enum.Enum):
    """What a server does, and whether it does so over TLS or DTLS (RFC 7064 3.2, RFC 7065 3.2)."""

    STUN = "stun"
    STUNS = "stuns"
    TURN = "turn"
    TURNS = "turns"

    @property
    def is_secure(self) -> bool:
        """Tell whether the server is talked to over TLS or DTLS."""
        return self in (IceServerKind.STUNS, IceServerKind.TURNS)


@attrs.frozen
class IceServer:
    """A STUN or TURN server with all that it takes to use it."""

    kind: IceServerKind
    transport: str
    "`udp` or `tcp`."
    host: str
    "A name or an IP address, IPv6 without brackets."
    port: int
    username: str | None = None
    password: str | None = attrs.field(default=None, repr=False)
    expires: datetime | None = None
    "When the credentials cease to hold."
    restricted: bool = False
    "Credentials are needed that are not here: ask for them with `Credentials` (XEP-0215 3.3)."


def ice_servers(services: Iterable[Service]) -> tuple[IceServer, ...]:
    """Return the STUN and TURN servers among `services` (XEP-0215 3.1), in order, each once.

    What is left out says nothing: RFC 8489 8.1 and RFC 8656 4.1 have UDP, but TCP where the connection is secure,
    and port 3478, but 5349 where it is. Services of other types, over other transports, and those that a push
    deletes, are not among them.
    """
    return tuple(dict.fromkeys(_ice_servers(services)))


def _ice_servers(services: Iterable[Service]) -> Iterator[IceServer]:
    for service in services:
        kind = _KINDS.get(service.type.lower())
        if kind is None or service.action is ServiceAction.DELETE:
            continue
        transport = (service.transport or ("tcp" if kind.is_secure else "udp")).lower()
        if transport in ("udp", "tcp"):
            yield _ice_server(service, kind, transport)


_KINDS = {kind.value: kind for kind in IceServerKind}


def _ice_server(service: Service, kind: IceServerKind, transport: str) -> IceServer:
    return IceServer(
        kind=kind,
        transport=transport,
        host=service.host.removeprefix("[").removesuffix("]"),
        port=service.port or (5349 if kind.is_secure else 3478),
        username=service.username,
        password=service.password,
        expires=_moment(service.expires),
        restricted=service.restricted and (service.username is None or service.password is None),
    )


def _moment(text: str | None) -> datetime | None:
    """Return the moment that a DateTime names, None for what is none (30 February looks like one)."""
    try:
        return None if text is None else datetime.fromisoformat(DATE_TIME.parse(text))
    except ValueError:
        return None
