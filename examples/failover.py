"""A call that outlives the process that handles it: the endpoint is kept in SQLite, for one worker after another.

    python examples/failover.py call.db

Romeo calls Juliet on loopback and sends datagrams, which she sends back; her worker is killed twice meanwhile. A worker
stores the endpoint after each event, together with what it said, before anybody hears of it. The one that comes after
it is asked the same once more: what is stored is answered as it was, and anything else never happened.

Sockets and the clock are the front's, which starts the workers: while there is none, datagrams wait in the sockets. On
another machine a worker needs a clock that both have, such as the time of day.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import pickle
import sqlite3
import sys
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any, TypeVar

from asyncio_driver import Driver

import jinglecodec as jc
from jinglecodec import endpoint, ice, session

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from jinglecodec.machine import Machine

__all__ = ["JULIET", "KEY", "ROMEO", "VOICE", "Kept", "Party", "call", "work"]

T = TypeVar("T")

ROMEO, JULIET = "romeo@montague.lit/orchard", "juliet@capulet.lit/balcony"
KEY = session.SessionKey(JULIET, "call")
"How Romeo's endpoint names the call."
PROCESSES = multiprocessing.get_context("spawn")
CONFIG = endpoint.Config(ice=ice.Config(loopback=True))
DESCRIPTION = jc.RtpDescription(media="audio", payload_types=(jc.PayloadType(id=0),), rtcp_mux=True)
VOICE = jc.Content(creator=jc.Creator.INITIATOR, name="voice", description=DESCRIPTION, transport=jc.IceUdpTransport())


class Kept:
    """A machine that is kept in a file; to a driver it is the machine."""

    def __init__(self, path: str, machine: Machine[Any, Any]) -> None:
        """Store a machine, and start a worker for it."""
        self.path, self.deadline = path, machine.deadline
        self.number, self.workers = 0, 0
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("CREATE TABLE kept (number INTEGER, state BLOB)")
            database.execute("INSERT INTO kept VALUES (0, ?)", (pickle.dumps((machine, ())),))
        self.start()

    def start(self) -> None:
        """Start a worker."""
        self.pipe, theirs = PROCESSES.Pipe()
        self.process = PROCESSES.Process(target=work, args=(self.path, theirs), daemon=True)
        self.process.start()
        theirs.close()  # so that the pipe ends with the worker
        self.workers += 1

    def close(self) -> None:
        """End the worker."""
        self.pipe.close()
        self.process.join()

    def handle(self, event: object, now: float) -> tuple[object, ...]:
        """Return what the worker says, or the one after it; raises LocalError for misuse."""
        self.number += 1
        while True:
            try:
                self.pipe.send((self.number, event, now))
                said, self.deadline = self.pipe.recv()
            except (EOFError, ConnectionError):  # the worker is no more
                self.close()
                self.start()
            else:
                if isinstance(said, Exception):
                    raise said
                return tuple(said)


def work(path: str, pipe: Connection) -> None:
    """Take events until the front ends."""
    database = sqlite3.connect(path)
    done, state = database.execute("SELECT number, state FROM kept").fetchone()
    machine, said = pickle.loads(state)  # noqa: S301 - our own
    while True:
        try:
            number, event, now = pipe.recv()
        except EOFError:
            return
        if number != done:
            try:
                said = machine.handle(event, now)
            except jc.JinglecodecError as error:
                said = error
            with database:  # all of it, or nothing
                database.execute("UPDATE kept SET number = ?, state = ?", (number, pickle.dumps((machine, said))))
            done = number
        pipe.send((said, machine.deadline))


class Party:
    """One side of the call: stanzas go to the other, as bytes."""

    def __init__(self, machine: Machine[Any, Any]) -> None:
        """Drive a machine; to be called in a coroutine."""
        self.told: list[Any] = []
        self.connected = asyncio.Event()
        self.driver = Driver(machine, self.perform)
        self.driver.handle(endpoint.AddLocalAddress("127.0.0.1"))

    def meet(self, other: Party) -> None:
        """Send stanzas to the other."""
        self.other = other

    def heard(self, kind: type[T]) -> list[T]:
        """Return what the endpoint told of one kind."""
        return [one for one in self.told if isinstance(one, kind)]

    def perform(self, output: object) -> None:
        """Do what the endpoint says that is not about sockets."""
        self.told.append(output)
        match output:
            case session.SendStanza(stanza):
                received = session.StanzaReceived(jc.loads(jc.dumps(stanza)))
                self.driver.loop.call_soon(self.other.driver.handle, received)
            case session.IncomingSession(key, jingle):
                self.driver.handle(endpoint.Accept(key, jingle.contents))
            case endpoint.Connected():
                self.connected.set()
            case endpoint.DataReceived(key, content, component, _, data) if key.peer == ROMEO:
                self.driver.handle(endpoint.SendData(key, content, component, data))


async def call(path: str, count: int) -> tuple[Party, Party, Kept]:
    """Return both parties, and what kept Juliet's endpoint, after so many datagrams."""
    kept = Kept(path, endpoint.Endpoint(JULIET, session.Policy(strangers=True), CONFIG))
    romeo, juliet = Party(endpoint.Endpoint(ROMEO, config=CONFIG)), Party(kept)
    romeo.meet(juliet)
    juliet.meet(romeo)
    romeo.driver.handle(endpoint.Place(JULIET, (VOICE,), "call"))
    await juliet.connected.wait()
    await romeo.connected.wait()
    for number in range(count):
        if number in (count // 3, count * 2 // 3):
            kept.process.kill()
        data = b"\x80\0" + number.to_bytes(2, "big") + bytes(8)  # RTP
        romeo.driver.handle(endpoint.SendData(KEY, (VOICE.creator, VOICE.name), 1, data))
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.2)
    for party in (romeo, juliet):
        party.driver.close()
    kept.close()
    return romeo, juliet, kept


def main(path: str) -> None:
    """Make a call, and print what each party was told."""
    romeo, juliet, kept = asyncio.run(call(path, 60))
    for party in (romeo, juliet):
        counts = Counter(type(one).__name__ for one in party.told)
        print(dict(counts))
    print("workers:", kept.workers)


if __name__ == "__main__":
    main(sys.argv[1])
