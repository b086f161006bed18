"""Every element class of the package."""

from __future__ import annotations

from importlib import import_module

import jinglecodec as jc
from jinglecodec.namespaces import MODULES
from jinglecodec.strategies.naming import element_classes

MODELS = tuple(import_module(name) for name in dict.fromkeys(MODULES.values()))
"The modules whose elements the default codec knows."

ELEMENTS: tuple[type[jc.Element], ...] = tuple(element_classes().values())
"Families and bases, which have no name of their own, are not among them."
