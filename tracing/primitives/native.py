"""Functions that stand for ones which `threading` has in C.

Owns: how such a function is called, and what it shows of itself.

Rule: a wrong call is refused by the function in C itself, in its own words, which are other ones from version
to version and never those of a function written in Python.

How it works: the function takes whatever it is called with and hands it, where there is anything, to the one
in C. `stands_for` shows people, editors and type checkers the signature that it really has.
"""

from __future__ import annotations

import inspect
from _thread import allocate_lock
from collections.abc import Callable
from typing import Any, Protocol, TypeVar, cast

Shown = TypeVar("Shown", bound=Callable[..., object])


def stands_for(shown: Shown) -> Callable[[Callable[..., Any]], Shown]:
    """Give a function, which is returned as it is, the signature of that one."""

    def show(function: Callable[..., Any]) -> Shown:
        function.__signature__ = inspect.signature(shown)  # type: ignore[attr-defined]
        return cast(Shown, function)

    return show


AT_LENGTH = True, -1.0  # blocking, without limit: acquire() without arguments


def asked(*arguments: Any, **named: Any) -> tuple[bool, float]:
    """What acquire() was called with: blocking, and timeout in s. Raises what threading raises where that is
    wrong.

    They are not passed on as they came: a call with * or ** has a switch point when it returns, and then the
    lock is held.
    """
    allocate_lock().acquire(*arguments, **named)
    return _told(*arguments, **named)


def _told(blocking: bool = True, timeout: float = -1) -> tuple[bool, float]:
    return blocking, timeout


class Native(Protocol):
    """The signatures."""

    def make(self: Any) -> None: ...

    def acquire(self: Any, blocking: bool = True, timeout: float = -1) -> bool: ...

    def release(self: Any) -> None: ...

    def locked(self: Any) -> bool: ...

    def sleep(self: Any, seconds: float, /) -> None: ...
