"""Every element class of the package."""

from __future__ import annotations

from importlib import import_module

import jinglecodec as jc
from jinglecodec.namespaces import MODULES

MODELS = tuple(import_module(name) for name in dict.fromkeys(MODULES.values()))
"The modules whose elements the default codec knows."

ELEMENTS: tuple[type[jc.Element], ...] = tuple(
    value
    for module in MODELS
    for value in vars(module).values()
    if isinstance(value, type)
    and issubclass(value, jc.Element)
    and value.__tags__
    and value.__module__ == module.__name__
)
"Families and bases, which have no name of their own, are not among them."
