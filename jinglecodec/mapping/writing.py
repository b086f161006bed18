"""The lines of one section while they are written, and what could not be."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from jinglecodec.errors import EncodeError
from jinglecodec.lexical import decimal
from jinglecodec.mapping.losses import Loss, unmapped
from jinglecodec.model.own import Carry
from jinglecodec.sdp.values import Value
from jinglecodec.xml.fields import Element, per_class
from jinglecodec.xml.plan import plan_of
from jinglecodec.xml.tree import EMPTY

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

    def derive(self, kind: Callable[..., Value], *arguments: object) -> None:
        """Add a value that says again what another line says, where it can be made."""
        with suppress(EncodeError):
            self.values.append(kind(*arguments))

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

    def lose_extra(self, *elements: Element, element: str = "") -> None:
        """Note what stands in elements and has no form here: what no specification knows, and `NO_FORM`."""
        for one in elements:
            for name, default, clause in _without_form(type(one)):
                if getattr(one, name) != default:
                    self.lose(f"{element}/{name}".removeprefix("/"), "has no form in SDP", clause)
            extra = one.extra
            if extra is EMPTY:
                continue
            for name, _ in extra.attributes:
                self.lose(f"{element}/@{name}".removeprefix("/"), "has no form in SDP", "RFC 6120 8.4")
            for node in (node for node in extra.children if not isinstance(node, Carry)):
                self.lose(element, f"{type(node).__name__} has no form in SDP", "RFC 6120 8.4")
            if extra.text:
                self.lose(element, "its text has no form in SDP", "RFC 6120 8.4")


NO_FORM = {
    "thumbnails": "XEP-0264 3",
    "categories": "XEP-0507 4",
    "rtt_sync": "XEP-0517 4",
    "zrtp_hashes": "XEP-0262 1",
}
"Fields that extend an element of the mapping, and are not mapped."
MAPPED = {"ptime", "maxptime", "rtcp_reduced_size", "gathering_complete", "trickle"}
"Fields that no specification has, and are mapped all the same."


@per_class
def _without_form(cls: type[Element]) -> tuple[tuple[str, object, str], ...]:
    """Return name, default and clause of the fields of a class that have no form in SDP."""
    return tuple(
        (field.name, field.default, NO_FORM.get(field.name, f"of {field.spec.unspecified}, in no specification"))
        for field in plan_of(cls).fields
        if field.name in NO_FORM or (field.spec.unspecified and field.name not in MAPPED)
    )
