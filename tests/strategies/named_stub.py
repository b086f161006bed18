"""Write what type checkers see of the strategies for element classes.

python tests/strategies/named_stub.py
"""

from __future__ import annotations

from pathlib import Path

from jinglecodec.strategies import naming

__all__ = ["STUB"]

STUB = Path(naming.__file__).with_name("named.pyi")

if __name__ == "__main__":
    STUB.write_text(naming.stub(), encoding="utf-8")
