"""Where browsers live in tests."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from namespaces import lan, require

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["HOST", "home"]

HOST = "10.55.0.1"
PROGRAMS = {"chromium": "chromium", "firefox": "firefox-esr"}


@contextmanager
def home(name: str) -> Iterator[str]:
    """Live in a namespace with an address and a default route; skip where the browser is not installed."""
    require()
    if shutil.which(PROGRAMS[name]) is None:
        assert "JINGLECODEC_REQUIRED" not in os.environ
        pytest.skip(f"not installed: {PROGRAMS[name]}")
    with lan(HOST):
        yield name
