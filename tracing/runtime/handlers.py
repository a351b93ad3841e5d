"""Handlers of signals: might one of them let the main thread go?"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from functools import partial
from types import CodeType, FrameType

from tracing.naming import is_library
from tracing.runtime.raising import is_wake_up

_TIMERS = {"SIGALRM": "ITIMER_REAL", "SIGVTALRM": "ITIMER_VIRTUAL", "SIGPROF": "ITIMER_PROF"}


def may_be_interrupted(top: FrameType | None, is_ours: Callable[[object], bool] = is_wake_up) -> bool:
    """Whether a signal may let the main thread go: one that has a handler of the program's, unless that is
    what hangs; or a Ctrl-C, where the program speaks of it. is_ours: whether a handler is none of the
    program's.
    """
    codes = set(_codes(top))
    if any("KeyboardInterrupt" in code.co_names for code in codes if not is_library(code.co_filename)):
        return True
    return any(
        _code_of(handler) not in codes and not _is_spent(number)
        for number, handler in _handlers()
        if not is_ours(handler)
    )


def handlers_now() -> dict[int, object]:
    """By signal: its handler, where that is neither Python's own nor ours nor a library's for Ctrl-C."""
    return {number: handler for number, handler in _handlers() if not is_wake_up(handler)}


def came_since(before: dict[int, object], top: FrameType | None) -> bool:
    """Whether a signal may come that has another handler than before. top: the main thread's innermost frame:
    what hangs in a handler is let go by none of that signal.
    """
    codes = set(_codes(top))
    return any(
        before.get(number) is not handler and _code_of(handler) not in codes and not _is_spent(number)
        for number, handler in handlers_now().items()
    )


def _codes(top: FrameType | None) -> Iterator[CodeType]:
    while top is not None:
        yield top.f_code
        top = top.f_back


def _code_of(handler: object) -> CodeType | None:
    """Of a `partial`, that of the function behind it."""
    while isinstance(handler, partial):
        handler = handler.func
    code = getattr(handler, "__code__", None)
    return code if isinstance(code, CodeType) else None


def _handlers() -> Iterator[tuple[int, object]]:
    """The signals with handlers that are neither Python's own nor a library's for Ctrl-C, as `asyncio.run`
    has one: as Python's, it ends what the program does.
    """
    for number in signal.valid_signals():
        handler = signal.getsignal(number)
        if callable(handler) and not (
            handler is signal.default_int_handler or _is_for_library(number, handler)
        ):
            yield number, handler


def _is_for_library(number: int, handler: object) -> bool:
    code = _code_of(handler)
    return number == signal.SIGINT and code is not None and is_library(code.co_filename)


def _is_spent(number: int) -> bool:
    """Whether it comes from a timer of this process, and that is not set."""
    names = [timer for name, timer in _TIMERS.items() if getattr(signal, name, None) == number]
    return bool(names) and not any(signal.getitimer(getattr(signal, name))[0] for name in names)
