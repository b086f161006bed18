"""A call between two clients of an XMPP server: the one that calls sends a second of silence, the other sends it back.

    python examples/slixmpp_call.py juliet@example.org/balcony SECRET --trust romeo@example.org
    python examples/slixmpp_call.py romeo@example.org/orchard SECRET --call juliet@example.org/balcony

Stanzas are slixmpp's to carry, sockets and timers the driver's; STUN and TURN servers are those that the XMPP server
tells of (XEP-0215).
"""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import struct
from xml.etree import ElementTree as ET

from asyncio_driver import Driver
from slixmpp import ClientXMPP
from slixmpp.exceptions import IqError
from slixmpp.xmlstream import StanzaBase

import jinglecodec as jc
from jinglecodec import endpoint, ice, session

__all__ = ["Phone"]

FEATURES = jc.features([jc.RtpDescription], [jc.IceUdpTransport], media=["audio"])
PCMU = jc.PayloadType(id=0, name="PCMU", clockrate=8000)
VOICE = jc.Content(
    creator=jc.Creator.INITIATOR,
    name="voice",
    description=jc.RtpDescription(media="audio", payload_types=(PCMU,), rtcp_mux=True),
    transport=jc.IceUdpTransport(),  # the endpoint fills it in
)
SILENCE = [struct.pack("!BBHII", 0x80, 0, packet, packet * 160, 1) + b"\xff" * 160 for packet in range(50)]
"RTP of PCMU, 20 ms each (RFC 3550 5.1, RFC 3551 4.5.14)."


class Phone(ClientXMPP):
    """A client that leaves its calls to an endpoint."""

    def __init__(self, jid: str, password: str) -> None:
        """Prepare to log in; to be called in a coroutine."""
        super().__init__(jid, password)
        self.online, self.connected, self.ended = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.echoes: list[bytes] = []
        self.register_plugin("xep_0030")
        for feature in FEATURES:
            self.plugin["xep_0030"].add_feature(feature)
        self.add_event_handler("session_start", lambda _: self.online.set())

    async def start(self, policy: session.Policy, *, relay_only: bool) -> None:
        """Be ready for calls, at the address that the server is reached from."""
        await self.online.wait()
        host = self.transport.get_extra_info("sockname")[0]  # type: ignore[union-attr]
        agents = ice.Config(relay_only=relay_only, loopback=ipaddress.ip_address(host).is_loopback)
        self.endpoint = endpoint.Endpoint(self.boundjid.full, policy, endpoint.Config(ice=agents))
        self.driver = Driver(self.endpoint, self.perform)
        self.driver.handle(endpoint.AddLocalAddress(host))
        services = await self.ask(self.boundjid.domain, jc.Services())
        if isinstance(services, jc.Services):
            self.driver.handle(endpoint.ServicesReceived(services.services))
        self.add_filter("in", self.take)

    async def ask(self, to: str, payload: jc.Element) -> object:
        """Return what an entity answers, None for an error."""
        iq = self.make_iq_get(ito=to)
        iq.append(jc.to_element(payload, ET.Element))
        try:
            return jc.from_element((await iq.send()).xml, jc.Iq).payload  # type: ignore[no-untyped-call]
        except IqError:
            return None

    async def call(self, peer: str) -> None:
        """Say nothing for a second, and hang up."""
        info = await self.ask(peer, jc.DiscoInfo())
        if isinstance(info, jc.DiscoInfo):
            self.driver.handle(session.PeerFeatures(peer, info.vars))
        self.driver.handle(endpoint.Place(peer, (VOICE,)))
        await self.connected.wait()
        (key,) = self.endpoint.calls
        for packet in SILENCE:
            self.driver.handle(endpoint.SendData(key, (VOICE.creator, VOICE.name), 1, packet))
            await asyncio.sleep(0.02)
        self.driver.handle(session.Terminate(key, jc.Reason(condition=jc.Condition.SUCCESS)))

    def take(self, element: StanzaBase) -> StanzaBase | None:
        """Let the endpoint have all stanzas, and slixmpp what is none of its business."""
        stanza = jc.from_element(element.xml, errors="keep")
        self.is_left = not isinstance(stanza, jc.Stanza)
        if isinstance(stanza, jc.Stanza):
            self.driver.handle(session.StanzaReceived(stanza))
        return element if self.is_left else None

    def perform(self, output: object) -> None:
        """Do what the endpoint says that is not about sockets."""
        match output:
            case session.SendStanza(stanza):
                self.send_raw(jc.dumps(stanza).decode())
            case session.NotHandled():
                self.is_left = True
            case session.IncomingSession(key, jingle):
                self.driver.handle(endpoint.Accept(key, jingle.contents))
            case endpoint.Connected(_, _, _, local, remote):
                print("connected", local.type.value, remote.type.value, flush=True)
                self.connected.set()
            case endpoint.DataReceived(key, content, component, _, data):
                if self.endpoint.calls[key].role is jc.Creator.RESPONDER:
                    self.driver.handle(endpoint.SendData(key, content, component, data))
                else:
                    self.echoes.append(data)
            case session.SessionEnded(_, reason):
                condition = reason.condition
                print("ended", condition and condition.value, len(self.echoes), flush=True)
                self.ended.set()


def arguments() -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("jid")
    parser.add_argument("password")
    parser.add_argument("--call", metavar="JID", help="whom to call; without it, wait for a call")
    parser.add_argument("--trust", metavar="JID", action="append", default=[], help="who may call")
    parser.add_argument("--relay", action="store_true", help="tell no address but those of TURN servers")
    parser.add_argument("--port", type=int, help="of a server on this machine that is not asked for TLS")
    return parser.parse_args()


async def main(options: argparse.Namespace) -> None:
    """Log in, place or take one call, and leave when TURN servers have released what it had."""
    phone = Phone(options.jid, options.password)
    if options.port is None:
        phone.connect()
    else:
        phone.enable_plaintext, phone.enable_direct_tls, phone.enable_starttls = True, False, False
        phone.plugin["feature_mechanisms"].unencrypted_scram = True
        phone.connect("127.0.0.1", options.port)
    await phone.start(session.Policy(frozenset(options.trust)), relay_only=options.relay)
    print("ready", flush=True)
    if options.call:
        await phone.call(options.call)
    await phone.ended.wait()
    while phone.driver.sockets:  # noqa: ASYNC110 - once, at the end
        await asyncio.sleep(0.05)
    phone.driver.close()
    await phone.disconnect()


if __name__ == "__main__":
    asyncio.run(main(arguments()))
