"""Fuzzing of the STUN server machine.

    python tests/testing/stun_server_fuzz.py 1000000 [seed]

The law: whatever datagrams come, nothing is raised, nothing is remembered, and no memory stays behind. Half of them are
sound Binding requests with wrong message integrity, the others are random or damaged.
"""

from __future__ import annotations

import random
import sys
import tracemalloc
from collections import Counter

from jinglecodec import stun
from jinglecodec.addresses import Address
from jinglecodec.errors import StunError
from jinglecodec.machine import DatagramReceived, OpenSocket, SendDatagram, SocketOpened
from jinglecodec.testing.network import Start, StunServer
from jinglecodec.testing.network.stun_server import CHANGE_REQUEST

__all__ = ["MEMORY", "fuzz", "server"]

MEMORY = 64 * 1024
"Octets that may be in use after a run in addition to those before it."

SOUND = (Address("198.51.100.1", 1), Address("2001:db8::1", 65535))
REMOTES = SOUND * 5 + (Address("fe80::1%eth0", 5), Address("name", 0))
TYPES = (0x0003, 0x0006, 0x0020, 0x0021, 0x7001, 0x8022, 0xC001)
SOCKETS = (0, 1, 2, 3) * 4 + (4,)


def server(username: str | None = "remote:local") -> StunServer:
    """Return a server with its four sockets open."""
    made = StunServer(
        Address("192.0.2.1", 3478), Address("192.0.2.2", 3479), username=username, password="the right password"
    )
    for output in made.handle(Start(), 0.0):
        assert isinstance(output, OpenSocket)
        assert output.local is not None
        made.handle(SocketOpened(output.socket, output.local), 0.0)
    return made


def _request(rng: random.Random) -> stun.Message:
    attributes = [
        stun.USERNAME("remote:local"),
        stun.PRIORITY(rng.getrandbits(32)),
        CHANGE_REQUEST(rng.getrandbits(32)),
        stun.Attribute.unknown(rng.choice(TYPES), rng.randbytes(rng.randrange(9))),
    ]
    return stun.Message.request(stun.Method.BINDING, rng.randbytes(12), *rng.sample(attributes, rng.randrange(1, 5)))


def forged(rng: random.Random) -> bytes:
    """Return a sound Binding request whose message integrity is wrong."""
    integrity = rng.choice(tuple(stun.Integrity))
    return _request(rng).encode(b"a wrong password", integrity=integrity, fingerprint=rng.random() < 0.5)


def damaged(rng: random.Random) -> bytes:
    """Return random octets, or a message with some of them changed."""
    if rng.random() < 0.2:
        return rng.randbytes(rng.randrange(100))
    octets = bytearray(_request(rng).encode(b"the right password", fingerprint=rng.random() < 0.5))
    for _ in range(rng.randrange(3)):
        octets[rng.randrange(len(octets))] = rng.randrange(256)
    return bytes(octets[: rng.choice((len(octets), len(octets), rng.randrange(len(octets))))])


def fuzz(count: int, seed: int = 0, username: str | None = "remote:local") -> Counter[str]:
    """Hand in so many datagrams and check the law; return how often each answer was given."""
    rng = random.Random(seed)
    machine = server(username)
    seen: Counter[str] = Counter()
    _run(machine, rng, 1000, seen)  # fills the caches of the codec
    snapshot = machine.snapshot()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    _run(machine, rng, count, seen)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert machine.snapshot() == snapshot
    assert machine.deadline is None
    assert after - before < MEMORY, f"{after - before} octets stay behind"
    return seen


def _run(machine: StunServer, rng: random.Random, count: int, seen: Counter[str]) -> None:
    for number in range(count):
        data = forged(rng) if number % 2 else damaged(rng)
        event = DatagramReceived(rng.choice(SOCKETS), rng.choice(REMOTES), data)
        outputs = machine.handle(event, number / 1000)
        assert len(outputs) <= 1, "at most one answer for one datagram"
        seen[_answer(outputs[0]) if outputs else "nothing"] += 1


def _answer(output: object) -> str:
    assert isinstance(output, SendDatagram)
    response = stun.decode(output.data)
    try:
        return str(response[stun.ERROR_CODE].code)
    except StunError:
        return response.message_class.name


if __name__ == "__main__":
    numbers = (*map(int, sys.argv[1:]), 0)
    for answer, times in fuzz(numbers[0], numbers[1]).most_common():
        sys.stdout.write(f"{times:10} {answer}\n")
