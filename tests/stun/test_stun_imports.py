"""What loading the package costs: no hashes before there is a key."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
from jinglecodec import stun
message = stun.Message(stun.Method.BINDING, stun.MessageClass.REQUEST, bytes(12), (stun.USERNAME("a:b"),))
stun.decode(message.encode(fingerprint=True)).verify_fingerprint()
print(*sorted({"hashlib", "hmac", "ssl", "secrets", "random", "stringprep", "asyncio"} & set(sys.modules)))
message.encode(b"key")
print("hashlib" in sys.modules)
"""


def test_hashes_are_loaded_with_the_first_key() -> None:
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True, text=True)

    assert run.stdout.splitlines() == ["", "True"]
