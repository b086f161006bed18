"""The entry point `hypothesis`: makes `st.from_type(jinglecodec.Candidate)` work where this library is installed."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from jinglecodec import sdp, stun
from jinglecodec.addresses import Address
from jinglecodec.strategies.naming import element_classes
from jinglecodec.xml.fields import Element
from jinglecodec.xml.tree import Raw

__all__ = ["register"]


def register() -> None:
    """Tell Hypothesis of every class; a strategy is made when it is asked for."""
    for cls in element_classes().values():
        st.register_type_strategy(cls, _elements)
        for base in cls.__mro__:
            if issubclass(base, Element) and not base.__tags__:
                st.register_type_strategy(base, _families)
    for name in sdp.__all__:
        value = getattr(sdp, name)
        if isinstance(value, type) and issubclass(value, sdp.Value) and value not in (sdp.Value, sdp.Line):
            st.register_type_strategy(value, _lines)
    for cls in _OTHERS:
        st.register_type_strategy(cls, _others)


def _elements(cls: type[Any]) -> st.SearchStrategy[Any]:
    from jinglecodec.strategies.elements import from_class  # noqa: PLC0415 - Hypothesis is still being imported

    return from_class(cls)


def _families(base: type[Any]) -> st.SearchStrategy[Any]:
    """Return values of all classes of a family, such as `Description`."""
    return st.one_of([_elements(cls) for cls in element_classes().values() if issubclass(cls, base)])


def _lines(cls: type[Any]) -> st.SearchStrategy[Any]:
    from jinglecodec.strategies.lines import sdp_values  # noqa: PLC0415 - as above

    return sdp_values(cls)


_OTHERS = {
    Raw: "raw_elements",
    Address: "addresses",
    sdp.SessionDescription: "sdp_descriptions",
    stun.Attribute: "stun_attributes",
    stun.Message: "stun_messages",
    stun.PasswordAlgorithm: "password_algorithms",
}
"Class -> the strategy of this package."


def _others(cls: type[Any]) -> st.SearchStrategy[Any]:
    from jinglecodec import strategies  # noqa: PLC0415 - as above

    made: st.SearchStrategy[Any] = getattr(strategies, _OTHERS[cls])()
    return made
