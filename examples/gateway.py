"""A gateway between SIP and XMPP on real sockets: a component of an XMPP server (XEP-0114), and a UDP port.

    python examples/gateway.py sip.example.org SECRET --sip 192.0.2.1:5060 --proxy 192.0.2.5:5060 --trust example.org

A SIP user sip:romeo@sip.example.org is romeo@sip.example.org in XMPP, and the users of the domains that are trusted may
call. Who wants to be called shows presence to a JID of the component: contacts are asked for it, in return for theirs.
"""

from __future__ import annotations

import argparse
import asyncio

import attrs
from asyncio_driver import Driver
from slixmpp import ComponentXMPP
from slixmpp.xmlstream import StanzaBase

import jinglecodec as jc
from jinglecodec import namespaces as ns
from jinglecodec.addresses import Address
from jinglecodec.sip import (
    CallEnded,
    CallStarted,
    Config,
    Gateway,
    NotHandled,
    Policy,
    SendStanza,
    Settings,
    StanzaReceived,
    Start,
    Stopped,
)

__all__ = ["Component"]

IDENTITY = jc.Identity(category="gateway", type="sip", name="SIP")
FEATURES = jc.features(
    [jc.RtpDescription],
    [jc.RawUdpTransport, jc.IceUdpTransport],
    media=["audio", "video"],
    offer_answer=True,  # candidates all at once, for SIP does not trickle
    extensions=[ns.DISCO_INFO],
)


class Component(ComponentXMPP):
    """The XMPP side: hands stanzas to the gateway, and sends what it says."""

    def __init__(self, domain: str, secret: str, server: Address, config: Config) -> None:
        """Serve the JIDs of `domain`; to be called in a coroutine."""
        super().__init__(domain, secret, server.host, server.port)  # type: ignore[no-untyped-call]
        self.driver = Driver(Gateway(config), self.perform)
        self.add_filter("in", self.take)
        self.driver.handle(Start())

    def take(self, element: StanzaBase) -> StanzaBase | None:
        """Let the gateway have all stanzas, and slixmpp the rest."""
        stanza = jc.from_element(element.xml, errors="keep")
        if not isinstance(stanza, jc.Stanza):
            return element
        self.driver.handle(StanzaReceived(stanza))
        return None

    def perform(self, output: object) -> None:
        """Do what the gateway says that is not about its socket."""
        match output:
            case SendStanza(stanza):
                self.say(stanza)
            case NotHandled(jc.Presence(type=jc.PresenceType.SUBSCRIBE) as asked):
                for kind in (jc.PresenceType.SUBSCRIBED, jc.PresenceType.SUBSCRIBE):
                    self.say(jc.Presence(type=kind, from_=asked.to, to=asked.from_))
            case NotHandled(jc.Iq(type=jc.IqType.GET, payload=jc.DiscoInfo()) as asked):
                features = tuple(jc.Feature(var=name) for name in FEATURES)
                payload = jc.DiscoInfo(identities=(IDENTITY,), features=features)
                self.say(jc.Iq(type=jc.IqType.RESULT, id=asked.id, from_=asked.to, to=asked.from_, payload=payload))
            case NotHandled(jc.Iq(type=jc.IqType.GET | jc.IqType.SET) as asked):
                condition = jc.StanzaCondition.SERVICE_UNAVAILABLE
                error = jc.StanzaError(type=jc.ErrorType.CANCEL, condition=condition)
                self.say(jc.Iq(type=jc.IqType.ERROR, id=asked.id, from_=asked.to, to=asked.from_, error=error))
            case CallStarted() | CallEnded() | Stopped():
                print(output, flush=True)

    def say(self, stanza: jc.Stanza) -> None:
        """Send a stanza in the namespace of components."""
        self.send_raw(jc.dumps(attrs.evolve(stanza, namespace=ns.COMPONENT)).decode())


def address(text: str) -> Address:
    """Return `host:port` as an address."""
    host, _, port = text.rpartition(":")
    return Address(host.strip("[]"), int(port))


def arguments() -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("domain")
    parser.add_argument("secret")
    parser.add_argument("--xmpp", type=address, default=Address("127.0.0.1", 5347), help="the XMPP server")
    parser.add_argument("--sip", type=address, default=Address("127.0.0.1", 5060), help="the address of the gateway")
    parser.add_argument("--proxy", type=address, required=True, help="the SIP server")
    parser.add_argument("--trust", action="append", default=[], help="a domain whose users may call")
    return parser.parse_args()


async def main(options: argparse.Namespace) -> None:
    """Run the gateway until the XMPP server goes."""
    config = Config(sip=Settings(options.sip, options.proxy), policy=Policy(frozenset(options.trust)))
    component = Component(options.domain, options.secret, options.xmpp, config)
    component.connect()
    await component.disconnected


if __name__ == "__main__":
    asyncio.run(main(arguments()))
