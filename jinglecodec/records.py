"""What immutable values share: comparison, hash and repr, one of each for all instead of some generated for each.

Most of what attrs does for a class is to compile these, and an import has to wait for it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import TypeVar, cast

import attrs

__all__ = ["Record", "per_class", "short_repr"]

F = TypeVar("F", bound=Callable[..., object])


class Record:
    """Base of attrs classes made with `eq=False, repr=False`: equal are two of one class with equal fields."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        values = _values(self.__class__)
        return values(self) == values(other)

    def __hash__(self) -> int:
        return hash((self.__class__, _values(self.__class__)(self)))

    def __repr__(self) -> str:
        return short_repr(self)


def per_class(function: F) -> F:
    """Keep what `function` returns for each class; `functools.cache` with its arguments still checked by type."""
    return cast("F", cache(function))


@per_class
def _values(cls: type) -> Callable[[object], object]:
    """Return what gives the values of all fields at once."""
    names = tuple(field.name for field in attrs.fields(cls))
    return attrgetter(*names) if names else _none


def _none(_: object) -> None:
    """Return the values of a class without fields."""


def short_repr(value: object) -> str:
    """Return a constructor call that leaves out what equals its default."""
    shown = ", ".join(
        f"{field.alias}={part!r}"
        for field in attrs.fields(cast("type[attrs.AttrsInstance]", type(value)))
        if (part := getattr(value, field.name)) != field.default
    )
    return f"{type(value).__qualname__}({shown})"
