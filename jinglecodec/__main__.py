"""`python -m jinglecodec` is `jinglecodec`; both start here."""

from __future__ import annotations

import gc

__all__ = ["run"]


def run() -> None:
    """Run as a program.

    What start-up makes stays to the end: to look for garbage in it takes a tenth of a short process and finds none.
    """
    gc.disable()
    from jinglecodec import cli  # noqa: PLC0415  (this is the start-up meant)

    cli.run(started=_started)


def _started() -> None:
    gc.freeze()
    gc.enable()


if __name__ == "__main__":
    run()
