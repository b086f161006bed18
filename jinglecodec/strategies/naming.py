"""One strategy for each element class of the package: `candidates()`, `ice_udp_transports()`, found by name (PEP 562).

The names follow from the classes, in the plural as Hypothesis has it. `named.pyi` shows them to type checkers and
editors; a test compares it with what `stub` gives.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from jinglecodec.xml.codec import Codec
from jinglecodec.xml.fields import Element

if TYPE_CHECKING:
    from hypothesis import strategies as st

__all__ = ["element_classes", "named", "strategy_name", "stub"]


@cache
def element_classes() -> dict[str, type[Element]]:
    """Return every element class that the default codec knows by the name of its strategy; loads all of them."""
    return {strategy_name(cls): cls for cls in Codec.default().members(Element)}


def strategy_name(cls: type[Element]) -> str:
    """Return the plural of a class name in snake case.

    >>> from jinglecodec import Category, Hash, IceUdpTransport
    >>> [strategy_name(cls) for cls in (IceUdpTransport, Category, Hash)]
    ['ice_udp_transports', 'categories', 'hashes']
    """
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()
    if name.endswith("y") and name[-2] not in "aeiou":
        return name[:-1] + "ies"
    return name + ("es" if name.endswith(("s", "x", "ch", "sh")) else "s")


def named(name: str) -> Callable[..., st.SearchStrategy[Element]]:
    """Return the function that gives the strategy of this name; raises AttributeError where no class has it."""
    cls = None if name.startswith("_") else element_classes().get(name)
    if cls is None:
        raise AttributeError(f"module 'jinglecodec.strategies' has no attribute {name!r}")

    def values(*, codec: Codec | None = None, unknown: bool = True) -> st.SearchStrategy[Element]:
        from jinglecodec.strategies.elements import from_class  # noqa: PLC0415 - loads Hypothesis

        return from_class(cls, codec=codec, unknown=unknown)

    values.__name__ = values.__qualname__ = name
    values.__doc__ = f"Return values of `{cls.__name__}`; `codec` and `unknown` as in `from_class`."
    return values


_HEAD = '''"""What `naming.named` finds, for type checkers; `python tests/strategies/named_stub.py` writes it."""

from hypothesis.strategies import SearchStrategy
'''
_FUNCTION = """
def {name}(*, codec: Codec | None = None, unknown: bool = True) -> SearchStrategy[{cls}]: ..."""


def stub() -> str:
    """Return the text of `named.pyi`."""
    classes = element_classes()
    imports = sorted(f"from {cls.__module__} import {cls.__name__}" for cls in classes.values())
    functions = [_FUNCTION.format(name=name, cls=classes[name].__name__) for name in sorted(classes)]
    return "\n".join(
        [_HEAD, *imports, "from jinglecodec.xml.codec import Codec", *(function[1:] for function in functions), ""]
    )
