"""NATs with every behavior that RFC 4787 names: mapping, filtering, port assignment, refresh, hairpinning."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import attrs

from jinglecodec.addresses import Address
from jinglecodec.errors import LocalError
from jinglecodec.machine import SocketProtocol, keep_latest
from jinglecodec.testing.network.links import Attachment, Link, Realm
from jinglecodec.testing.network.packets import Fate, Packet

if TYPE_CHECKING:
    from jinglecodec.testing.network.simulator import Network

__all__ = ["TCP_LIFETIME", "Behavior", "Mapping", "Nat"]

TCP_LIFETIME = 7440.0
"Seconds that an idle connection keeps its mapping: 2 hours and 4 minutes, the least of RFC 5382 5."

_PORTS = range(1024, 65536)
"Ports above the well-known ones are mapped to such (RFC 4787 REQ-3a)."

_GUESSES = 16


class Behavior(enum.Enum):
    """What a mapping (RFC 4787 4.1) or a filter (RFC 4787 5) depends on besides the internal address and port."""

    ENDPOINT_INDEPENDENT = "endpoint-independent"
    ADDRESS_DEPENDENT = "address-dependent"
    ADDRESS_AND_PORT_DEPENDENT = "address and port-dependent"

    def scope(self, remote: Address) -> Address | str | None:
        """Return the part of an external endpoint that counts."""
        if self is Behavior.ENDPOINT_INDEPENDENT:
            return None
        return remote.host if self is Behavior.ADDRESS_DEPENDENT else remote


@attrs.define
class Mapping:
    """An internal address and port, and the external ones that stand for it."""

    protocol: SocketProtocol
    internal: Address
    external: Address
    scope: Address | str | None
    "The part of the remote endpoint that it is for."
    expires: float
    "When it ends unless it is refreshed."
    permitted: dict[Address | str | None, None] = attrs.field(factory=dict)
    "What was sent to and may therefore answer; each mapping has its own."


class Nat:
    """A NAT between the realm `inside`, where hosts and further NATs are put, and the realm that it is made in."""

    def __init__(
        self,
        realm: Realm,
        *hosts: str,
        mapping: Behavior,
        filtering: Behavior,
        hairpin: bool = False,
        preserve_ports: bool = False,
        lifetime: float = 120.0,
        refresh_inbound: bool = False,
        limit: int = 4096,
        link: Link | None = None,
        down: Link | None = None,
        name: str | None = None,
    ) -> None:
        """Join `realm` with one external address per family.

        `hairpin`: hosts inside reach each other by their external addresses, which they see as source (RFC 4787 6).
        `preserve_ports`: the external port is the internal one when it is free (RFC 4787 4.2.1), else a random one.
        `lifetime`: seconds of a UDP mapping without outbound packets, or without any packet that passes when
        `refresh_inbound` (RFC 4787 4.3, which asks for 120 at least). `limit`: mappings at a time, and filter entries
        of each; there is none to be had beyond the former, the oldest goes beyond the latter. Links as for a Host.

        Raises LocalError when an address is taken or none, or there are two of one family.
        """
        if len({":" in host for host in hosts}) != len(hosts) or not hosts:
            raise LocalError("a NAT has one external address per family")
        self.network: Network = realm.network
        self.name = self.network.place(hosts[0] if name is None else name)
        "Unique; what taps call it."
        self.inside = Realm(self.network, f"inside {self.name}")
        self.inside.gateway = self
        self.mapping = mapping
        self.filtering = filtering
        self.hairpin = hairpin
        self.preserve_ports = preserve_ports
        self.lifetime = lifetime
        self.refresh_inbound = refresh_inbound
        self.limit = limit
        self._random = self.network.generator()
        self._outer = {":" in host: self._attach(realm, host, link, down) for host in hosts}
        self._by_flow: dict[tuple[SocketProtocol, Address, Address | str | None], Mapping] = {}
        self._by_external: dict[tuple[SocketProtocol, Address], Mapping] = {}
        self._retired: set[tuple[SocketProtocol, Address]] = set()

    def _attach(self, realm: Realm, host: str, link: Link | None, down: Link | None) -> Attachment:
        attachment = Attachment(realm, host, self.name, self.receive)
        attachment.set_link(Link() if link is None else link, down)
        return attachment

    def set_link(self, link: Link, down: Link | None = None) -> None:
        """Let the links outside be like this from now on."""
        for attachment in self._outer.values():
            attachment.set_link(link, down)

    @property
    def addresses(self) -> tuple[str, ...]:
        """The external addresses."""
        return tuple(attachment.host for attachment in self._outer.values())

    @property
    def mappings(self) -> tuple[Mapping, ...]:
        """The mappings that have not ended, in the order they were made."""
        return tuple(mapping for mapping in self._by_flow.values() if self._is_live(mapping))

    def rebind(self, host: str | None = None) -> None:
        """Forget all mappings, as in a restart; the next have other ports, and the address `host` if given.

        Raises LocalError when that address is taken or none.
        """
        if host is not None:
            old = self._outer[":" in host]
            new = self._attach(old.realm, host, old.up.link, old.down.link)
            old.realm.remove(old)
            self._outer[":" in host] = new
        self._retired = set(self._by_external)
        self._by_flow.clear()
        self._by_external.clear()

    # --- packets ---

    def outbound(self, packet: Packet) -> None:
        """Take a packet from inside."""
        outer = self._outer.get(":" in packet.source.host)
        if outer is None:
            self.network.note(Fate.UNROUTED, self.name, packet)
            return
        turns_back = packet.destination.host == outer.host
        if turns_back and not self.hairpin:
            self.network.note(Fate.NO_HAIRPIN, self.name, packet)
            return
        mapping = self._mapping_for(packet, outer.host)
        if mapping is None:
            self.network.note(Fate.EXHAUSTED, self.name, packet)
            return
        self._permit(mapping, packet.destination)
        translated = packet.sent_from(mapping.external)
        self.network.note(Fate.TRANSLATED, self.name, translated)
        if turns_back:
            self.receive(translated)  # "External source IP address and port" (RFC 4787 REQ-9a)
        else:
            outer.send(translated)

    def receive(self, packet: Packet) -> None:
        """Take a packet from outside."""
        mapping = self._by_external.get((packet.protocol, packet.destination))
        if mapping is None or not self._is_live(mapping):
            self.network.note(Fate.UNMAPPED, self.name, packet)
        elif self.filtering.scope(packet.source) not in mapping.permitted:
            self.network.note(Fate.FILTERED, self.name, packet)
        else:
            if self.refresh_inbound:
                self._refresh(mapping)
            translated = packet.sent_to(mapping.internal)
            self.network.note(Fate.TRANSLATED, self.name, translated)
            self.inside.route(translated)

    # --- mappings ---

    def _mapping_for(self, packet: Packet, host: str) -> Mapping | None:
        """Return the mapping for an outbound packet, refreshed (RFC 4787 REQ-6), or None when there is no room."""
        scope = self.mapping.scope(packet.destination)
        flow = (packet.protocol, packet.source, scope)
        mapping = self._by_flow.get(flow)
        if mapping is None or not self._is_live(mapping):
            self._make_room(mapping)
            if len(self._by_flow) >= self.limit:
                return None
            external = self._assign(packet.protocol, packet.source, host)
            if external is None:
                return None
            mapping = Mapping(packet.protocol, packet.source, external, scope, 0.0)
            self._by_flow[flow] = self._by_external[packet.protocol, external] = mapping
        self._refresh(mapping)
        return mapping

    def _make_room(self, ended: Mapping | None) -> None:
        """Remove the mapping that is to be replaced, and all that have ended when the table is full."""
        if len(self._by_flow) >= self.limit:
            for mapping in [each for each in self._by_flow.values() if not self._is_live(each)]:
                self._remove(mapping)
        elif ended is not None:
            self._remove(ended)

    def _remove(self, mapping: Mapping) -> None:
        del self._by_flow[mapping.protocol, mapping.internal, mapping.scope]
        # Its port may have been given to another mapping since it ended.
        if self._by_external.get((mapping.protocol, mapping.external)) is mapping:
            del self._by_external[mapping.protocol, mapping.external]

    def _assign(self, protocol: SocketProtocol, internal: Address, host: str) -> Address | None:
        """Return an external address and port that no live mapping has (RFC 4787 REQ-3: no overloading), if any."""
        if self.preserve_ports and self._is_free(protocol, kept := Address(host, internal.port)):
            return kept
        for _ in range(_GUESSES):
            external = Address(host, self._random.choice(_PORTS))
            if self._is_free(protocol, external):
                return external
        return next((each for port in _PORTS if self._is_free(protocol, each := Address(host, port))), None)

    def _is_free(self, protocol: SocketProtocol, external: Address) -> bool:
        mapping = self._by_external.get((protocol, external))
        return (mapping is None or not self._is_live(mapping)) and (protocol, external) not in self._retired

    def _is_live(self, mapping: Mapping) -> bool:
        return self.network.now < mapping.expires

    def _refresh(self, mapping: Mapping) -> None:
        lifetime = self.lifetime if mapping.protocol is SocketProtocol.UDP else TCP_LIFETIME
        mapping.expires = self.network.now + lifetime

    def _permit(self, mapping: Mapping, remote: Address) -> None:
        """Let `remote`, or what counts of it, send to this mapping."""
        scope = self.filtering.scope(remote)
        mapping.permitted[scope] = mapping.permitted.pop(scope, None)
        keep_latest(mapping.permitted, self.limit)
