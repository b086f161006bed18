"""`examples/browser_call.py` as it stands: headless Chromium calls aiortc through Jingle stanzas."""

from __future__ import annotations

import asyncio
import os
import shutil
from typing import TYPE_CHECKING

import pytest
from namespaces import lan, require

import jinglecodec as jc

pytest.importorskip("aiortc", reason="no aiortc (PyPI)")
pytest.importorskip("websockets", reason="no websockets (PyPI)")
from browser_call import call
from browsers import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.interop

HOST = "10.55.0.1"


@pytest.fixture
def host() -> Iterator[str]:
    """Give an address that a browser uses, in a namespace with a default route."""
    require()
    if shutil.which("chromium") is None:
        assert "JINGLECODEC_REQUIRED" not in os.environ
        pytest.skip("not installed: chromium")
    with lan(HOST):
        yield HOST


def calls(host: str, times: int) -> list[tuple[list[bytes], str]]:
    """Let a browser make calls one after another, each in a page's fresh connection."""

    async def play() -> list[tuple[list[bytes], str]]:
        async with chromium() as page:
            return [await asyncio.wait_for(call(page, host), 60) for _ in range(times)]

    return asyncio.run(play())


def test_browser_hears_its_message_and_the_stanzas_are_valid(host: str) -> None:
    (((initiate, accept), heard),) = calls(host, 1)

    assert heard == "hello"
    assert all(jc.validate(stanza).ok for stanza in (initiate, accept))
    assert b'ip="10.55.0.1"' in initiate
    assert b'ip="10.55.0.1"' in accept


@pytest.mark.long
def test_browser_is_heard_ten_times_in_a_row(host: str) -> None:
    assert [heard for _, heard in calls(host, 10)] == ["hello"] * 10
