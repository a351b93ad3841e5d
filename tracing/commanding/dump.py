"""`python -m tracing dump PID`: what the threads of a living process wait for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tracing.commanding.options import Parser, seconds
from tracing.dumping import DumpError, ask, in_words

NO_ANSWER, HANGS = 1, 3  # exit statuses

EPILOG = """\
The process goes on undisturbed. Of a program that was started by python -m tracing, or that is inside a
record(): who waits for what, held by whom since which line, and whether it is a hang. Of any other process of
the same version of Python, 3.14 or newer: its threads, where each stands, and what it waits for as far as
functions of threading, queue and concurrent.futures tell.
The exit status is 0, or 3 where it hangs, 1 where the process cannot be asked, 2 for wrong usage."""


def dump(arguments: Sequence[str]) -> int:
    """Ask that process, and print what it says. Returns the exit status. Raises UsageError."""
    options = _parser().parse_args(list(arguments))
    try:
        text, hangs = in_words(ask(options.pid, options.timeout))
    except DumpError as error:
        sys.stderr.write(f"tracing: {error}\n")
        return NO_ANSWER
    print(text)
    return HANGS if hangs else 0


def _parser() -> argparse.ArgumentParser:
    found = Parser(
        prog="python -m tracing dump",
        description="Say what the threads of a living process wait for.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    found.add_argument("pid", type=_pid, metavar="PID", help="the number of the process")
    found.add_argument(
        "--timeout", type=seconds, metavar="S", default=2.0, help="seconds that it has to answer (2)"
    )
    return found


def _pid(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of a process")
    return number
