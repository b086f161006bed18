"""Fuzzing of everything that reads octets from the network.

    python tests/stun/stun_fuzz.py 1000000 [seed]

The law is totality: whatever comes in, each reader gives a value or raises StunError, and what was not sealed with a
key does not verify with it.
"""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from contextlib import suppress

from stun_support import (
    RFC5769_LONG_TERM,
    RFC5769_REQUEST,
    RFC5769_RESPONSE_IPV4,
    RFC5769_RESPONSE_IPV6,
    RFC8489_B1,
    corpus,
)

from jinglecodec import stun
from jinglecodec.errors import StunError
from jinglecodec.stun import credentials, turn

NUMBERS = re.compile(r"0x[0-9A-F]+|[0-9]+")
TYPES = tuple(stun.ATTRIBUTES)
FOREIGN_KEY = b"a key that sealed nothing"


def check(data: bytes) -> str:
    """Show `data` to every reader and return what the message decoder made of it."""
    stun.classify(data)
    for framing in turn.Framing:
        deframer = turn.Deframer(framing)
        deframer.feed(data)
        assert deframer.feed(b"") == ()
    with suppress(StunError):
        turn.decode_channel_data(data)
    try:
        message = stun.decode(data)
    except StunError as error:
        return NUMBERS.sub("#", str(error).partition(" (RFC")[0])
    check_message(message)
    return "message"


def check_message(message: stun.Message) -> None:
    """Ask a decoded message for everything it could be asked for."""
    assert not message.verify(FOREIGN_KEY, sha256_size=16)
    message.verify_fingerprint()
    message.unknown_required()
    repr(message)
    for row in stun.ATTRIBUTES.values():
        for reader in (message.get, message.get_all, message.__getitem__):
            with suppress(StunError):
                reader(row)
    for reader_of_message in (credentials.Challenge.of, credentials.is_bid_down, _agreed):
        with suppress(StunError):
            reader_of_message(message)
    if len(message.encode()) <= 0xFF00:
        assert stun.decode(message.encode(FOREIGN_KEY)) == message


def _agreed(message: stun.Message) -> object:
    return credentials.agreed_algorithm(message, (credentials.SHA_256, credentials.MD5))


def mutated(rng: random.Random, data: bytes) -> bytes:
    """Return `data` with a few octets changed, cut out, doubled or put in, mostly under a right message length."""
    octets = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        at = rng.randrange(len(octets) + 1)
        word = at & ~3
        match rng.randrange(6):
            case 0 | 1:
                octets[at : at + 1] = bytes((rng.randrange(256),))
            case 2:
                octets[word:word] = octets[word : word + rng.choice((4, 8, 24))]
            case 3:
                octets[word:word] = rng.choice(TYPES).to_bytes(2) + b"\0\4" + rng.randbytes(4)
            case 4:
                del octets[word : word + rng.choice((4, 8, 24))]
            case 5:
                octets[at:at] = rng.randbytes(1)
    if len(octets) >= 20 and rng.random() < 0.9:
        del octets[20 + (len(octets) - 20 & ~3) :]
        octets[2:4] = (len(octets) - 20 & 0xFFFF).to_bytes(2)
    return bytes(octets)


def fuzz(iterations: int, seed: int) -> Counter[str]:
    """Run `iterations` inputs, a tenth of them random, and return how often each outcome was seen."""
    rng = random.Random(seed)
    vectors = (RFC5769_REQUEST, RFC5769_RESPONSE_IPV4, RFC5769_RESPONSE_IPV6, RFC5769_LONG_TERM, RFC8489_B1)
    sources = vectors + tuple(row.data for row in corpus())
    seen: Counter[str] = Counter()
    for number in range(iterations):
        random_octets = number % 10 == 0
        data = rng.randbytes(rng.randrange(120)) if random_octets else mutated(rng, rng.choice(sources))
        seen[check(data)] += 1
    return seen


if __name__ == "__main__":
    count, start = (*map(int, sys.argv[1:]), 0)[:2]
    for outcome, times in fuzz(count, start).most_common():
        sys.stdout.write(f"{times:10} {outcome}\n")
