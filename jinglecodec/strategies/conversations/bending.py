"""Machines that say something else than they would: servers and peers that are wrong, hostile, or only old."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import attrs

from jinglecodec import stun
from jinglecodec.errors import StunError
from jinglecodec.machine import Machine, SendBytes, SendDatagram, TimerFired

Bend = Callable[[stun.Message], stun.Message | bytes | None]
"What is sent in place of a message: octets, another message as it stands, or nothing."


class Bent:
    """A machine whose STUN messages are exchanged for others on their way out."""

    def __init__(self, machine: Machine[Any, Any], bend: Bend) -> None:
        self._machine = machine
        self._bend = bend

    @property
    def deadline(self) -> float | None:
        """That of the machine."""
        return self._machine.deadline

    def handle(self, event: object | TimerFired, now: float) -> tuple[object, ...]:
        """Return what the machine returns, bent."""
        return tuple(self._bent(self._machine.handle(event, now)))

    def _bent(self, outputs: Iterable[object]) -> Iterator[object]:
        for output in outputs:
            if not isinstance(output, SendDatagram | SendBytes):
                yield output
            elif data := self._packet(output.data):
                yield attrs.evolve(output, data=data)

    def _packet(self, data: bytes) -> bytes | None:
        try:
            message = stun.decode(data)
        except StunError:
            return data  # the data of a call
        bent = self._bend(message)
        if bent is message:
            return data
        return bent.encode() if isinstance(bent, stun.Message) else bent


def granting(method: stun.Method, bend: Bend) -> Bend:
    """Return what bends the success responses to a method, and nothing else."""

    def bent(message: stun.Message) -> stun.Message | bytes | None:
        is_granted = message.method == method and message.message_class is stun.MessageClass.SUCCESS
        return bend(message) if is_granted else message

    return bent


def silent(_: stun.Message) -> None:
    """Say nothing."""
