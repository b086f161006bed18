"""`python -m jinglecodec` is `jinglecodec`."""

from __future__ import annotations

from jinglecodec.cli import run

if __name__ == "__main__":
    run()
