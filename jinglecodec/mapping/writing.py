"""The lines of one section while they are written, and what could not be."""

from __future__ import annotations

from collections.abc import Callable

from jinglecodec.errors import EncodeError
from jinglecodec.lexical import decimal
from jinglecodec.mapping.losses import Loss, unmapped
from jinglecodec.sdp.values import Value

__all__ = ["Writing"]


class Writing:
    """Values of a section in order. A value that its line cannot carry is a loss, never a line.

    This is the gate that no peer's string passes with CR, LF or NUL: every value checks itself when it is made.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.values: list[Value] = []
        self.losses: list[Loss] = []

    def put(self, element: str, kind: Callable[..., Value], *arguments: object) -> None:
        """Add the value that `kind` makes of `arguments`, which come from the child `element`."""
        try:
            self.values.append(kind(*arguments))
        except EncodeError as error:
            self.lose(element, f"cannot be written: {error}", "RFC 8866 9")

    def number(self, element: str, text: str) -> int | None:
        """Return the number that the child `element` has as text, or None after noting that it is none."""
        try:
            return decimal(text.strip(), 0, 10**20 - 1)
        except ValueError as error:
            self.lose(element, f"cannot be written: {error}", "RFC 8866 9")
            return None

    def lose(self, element: str, message: str, clause: str) -> None:
        """Note that something of the child `element` has no form here."""
        self.losses.append(unmapped(f"{self.path}/{element}", message, clause))
