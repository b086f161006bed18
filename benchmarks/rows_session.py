"""The rows of sessions: what handling costs beside reading and writing, how it grows, and what a session weighs.

- Initiate: octets of XEP-0176's session-initiate in, octets of the result out, for 64 sessions of a new manager. The
  base is reading and writing the same stanza, which is what no program leaves out.
- Ping: a request sent and acknowledged, which arms and cancels a timer, among 10,000 sessions that wait for something;
  the base does the same among 100.
- Memory: what accepted sessions add to their models, and 10,000 of them in all; the base is what is allowed.
"""

from __future__ import annotations

import gc
import tracemalloc
from functools import partial
from itertools import count
from random import Random
from typing import TYPE_CHECKING

import jinglecodec as jc
from jinglecodec.session import (
    Accept,
    Config,
    IncomingSession,
    Manager,
    Policy,
    SendSessionInfo,
    SendStanza,
    SessionKey,
    StanzaReceived,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinglecodec.session import Output

__all__ = ["Row", "memory", "rows"]

Row = tuple[str, "Callable[[], object]", "Callable[[], object] | None", float, float]
"Name; ours; the base; the ratio of medians that must hold, and the one aimed at."

JULIET = "juliet@capulet.lit/balcony"
FEW, MANY = 100, 10_000
INITIATE = """
<iq xmlns='jabber:client' from='{peer}' id='ixt174g9' to='juliet@capulet.lit/balcony' type='set'>
  <jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' initiator='{peer}' sid='{sid}'>
    <content creator='initiator' name='this-is-the-audio-content'>
      <description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'>
        <payload-type id='96' name='speex' clockrate='16000'/>
        <payload-type id='97' name='speex' clockrate='8000'/>
        <payload-type id='18' name='G729'/>
        <payload-type id='0' name='PCMU'/>
        <payload-type id='103' name='L16' clockrate='16000' channels='2'/>
        <payload-type id='98' name='x-ISAC' clockrate='8000'/>
      </description>
      <transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' pwd='asd88fgpdd777uzjYhagZg' ufrag='8hhy'>
        <candidate component='1' foundation='1' generation='0' id='el0747fg11' ip='10.0.1.1' network='1' port='8998'
                   priority='2130706431' protocol='udp' type='host'/>
        <candidate component='1' foundation='2' generation='0' id='y3s2b30v3r' ip='192.0.2.3' network='1' port='45664'
                   priority='1694498815' protocol='udp' rel-addr='10.0.1.1' rel-port='8998' type='srflx'/>
      </transport>
    </content>
  </jingle>
</iq>
"""


def initiates(number: int) -> list[bytes]:
    """Return the session-initiate of so many peers."""
    return [
        INITIATE.format(peer=f"romeo{one}@montague.lit/orchard", sid=f"a73sjjvkla37jfea{one}").encode()
        for one in range(number)
    ]


def manager(sessions: int) -> Manager:
    """Return a manager with room for so many sessions."""
    return Manager(JULIET, Policy(strangers=True), Config(sessions=sessions), random=Random(1))


def sent(outputs: tuple[Output, ...]) -> jc.Iq:
    """Return the first stanza among outputs."""
    stanza = next(output.stanza for output in outputs if isinstance(output, SendStanza))
    if not isinstance(stanza, jc.Iq):
        raise TypeError(f"{stanza!r} is not an IQ")
    return stanza


def acknowledged(machine: Manager, outputs: tuple[Output, ...], now: float) -> None:
    """Hand in the result for the request among outputs."""
    iq = sent(outputs)
    result = jc.Iq(type=jc.IqType.RESULT, id=iq.id, from_=iq.to, to=iq.from_)
    machine.handle(StanzaReceived(result), now)


# --- handling -----------------------------------------------------------------------------------------------------


def handle(stanzas: list[bytes]) -> list[bytes]:
    """Return the answers to session-initiates."""
    machine = manager(len(stanzas))
    return [jc.dumps(sent(machine.handle(StanzaReceived(jc.loads(data, expect=jc.Iq)), 0.0))) for data in stanzas]


def read_and_write(stanzas: list[bytes]) -> list[bytes]:
    """Return the same stanzas, read and written."""
    return [jc.dumps(jc.loads(data, expect=jc.Iq)) for data in stanzas]


def pinging(sessions: int) -> Callable[[], None]:
    """Return what pings one session after the other, among so many that each wait for an acknowledgement."""
    machine = manager(sessions)
    for at, data in enumerate(initiates(sessions)):
        accepted(machine, jc.loads(data, expect=jc.Iq), 0.0)
        machine.handle(SendSessionInfo(list_key(at)), 0.0)
    turns = count()

    def ping() -> None:
        for _ in range(64):
            key = list_key(next(turns) % sessions)
            acknowledged(machine, machine.handle(SendSessionInfo(key), 1.0), 1.0)

    return ping


def list_key(at: int) -> SessionKey:
    """Return the key of the session with the peer of this number."""
    return SessionKey(f"romeo{at}@montague.lit/orchard", f"a73sjjvkla37jfea{at}")


# --- memory -------------------------------------------------------------------------------------------------------


def accepted(machine: Manager, iq: jc.Iq, now: float) -> None:
    """Let a peer begin a session, and accept it."""
    *_, incoming = machine.handle(StanzaReceived(iq), now)
    if not isinstance(incoming, IncomingSession):
        raise TypeError(f"{incoming!r} is no session")
    outputs = machine.handle(Accept(incoming.session, incoming.jingle.contents), now)
    acknowledged(machine, outputs, now)


def weight(sessions: int, *, with_models: bool) -> int:
    """Return the octets of so many accepted sessions, with the models that began them or without."""
    data = initiates(sessions)
    accepted(manager(1), jc.loads(data[0], expect=jc.Iq), 0.0)  # classes and plans
    machine = manager(sessions)
    models = [] if with_models else [jc.loads(one, expect=jc.Iq) for one in data]
    gc.collect()
    tracemalloc.start()
    if with_models:
        models += [jc.loads(one, expect=jc.Iq) for one in data]
    for iq in models:
        accepted(machine, iq, 0.0)
    gc.collect()
    octets, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    if len(machine.sessions) != sessions or machine.deadline is not None:
        raise AssertionError("not all are accepted")
    return octets


def memory() -> list[tuple[str, Callable[[], int], int, float, float]]:
    """Return the rows of memory: name; what gives the octets; those allowed; the ratio that must hold, and the aim."""
    return [
        ("session beyond its models (2 KiB)", lambda: weight(1_000, with_models=False) // 1_000, 2048, 1.0, 0.9),
        ("10,000 sessions with models (120 MB)", partial(weight, MANY, with_models=True), 120_000_000, 1.0, 0.9),
    ]


def rows() -> list[Row]:
    """Return the rows; AssertionError when an answer is not the result of its request."""
    data = initiates(64)
    answers = [jc.loads(answer, expect=jc.Iq) for answer in handle(data)]
    if any(answer.type is not jc.IqType.RESULT for answer in answers):
        raise AssertionError("a session-initiate is not acknowledged")
    return [
        ("session-initiate x64 / read + write", partial(handle, data), partial(read_and_write, data), 2.0, 1.2),
        ("ping x64 among 10,000 / among 100 sessions", pinging(MANY), pinging(FEW), 1.5, 1.2),
    ]
