"""What a program did not catch, said on its standard error.

Rule: as the interpreter says it, without the lines of this package. Where the streams are ours (`run_script`)
it is the same text on every machine and every Python: the program's own lines alone, and no paths.
"""

from __future__ import annotations

import re
import sys
import traceback
from contextlib import suppress
from pathlib import PurePath
from types import TracebackType
from typing import Any

from tracing.naming import is_library
from tracing.naming.frames import ROOT
from tracing.scripting.job import CELL


def say_uncaught(error: BaseException, *, short: bool) -> None:
    """Of the main thread."""
    if short and sys.excepthook is sys.__excepthook__:
        say(report(error))
    else:
        error.__traceback__ = without_ours(error.__traceback__)
        sys.excepthook(type(error), error, error.__traceback__)


def say_failed(thread: str, error: BaseException, *, short: bool) -> None:
    """Of another thread."""
    told = report(error) if short else _whole(error)
    say(f"Exception in thread {thread}:\n{told}")


def say(text: str) -> None:
    """As the interpreter says it: where there is no standard error, or none that works, not at all."""
    with suppress(Exception):
        sys.stderr.write(text)


def without_ours(trace: TracebackType | None) -> TracebackType | None:
    """A traceback without what this package called on the way to the program.

    A loop, for that of a RecursionError is as deep as any call may be.
    """
    entries, kept = [], None
    while trace is not None:
        entries.append(trace)
        trace = trace.tb_next
    for entry in reversed(entries):
        if not entry.tb_frame.f_code.co_filename.startswith(ROOT):
            kept = TracebackType(kept, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return kept


def _whole(error: BaseException) -> str:
    return "".join(traceback.format_exception(type(error), error, without_ours(error.__traceback__)))


def report(error: BaseException) -> str:
    """The traceback with the program's own lines alone, the same on every machine and every Python."""
    whole = traceback.TracebackException.from_exception(error)
    _reduce(whole)
    lines = "".join(whole.format()).splitlines(keepends=True)
    return "".join(line for line in lines if not re.fullmatch(r"\s*[~^]+\s*", line))


def _reduce(whole: Any) -> None:
    """Also the exceptions that it came from: a loop, for these may be as many as any call is deep."""
    left = [whole]
    while left:
        told = left.pop()
        own = [frame for frame in told.stack or () if not is_library(frame.filename)]
        for frame in own:
            frame.filename = _short(frame.filename)
        told.stack = traceback.StackSummary.from_list(own) if own else None
        if getattr(told, "filename", None):  # a SyntaxError's
            told.filename = _short(told.filename)
        others = (told.__cause__, told.__context__, *(getattr(told, "exceptions", None) or ()))
        left += [other for other in others if other is not None]


def _short(file: str) -> str:
    if file == CELL:
        return "cell"
    return file if file.startswith("<") else PurePath(file).name
