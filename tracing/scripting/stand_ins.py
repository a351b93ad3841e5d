"""What a program in a child interpreter meets instead of a few names of the standard library.

Rule: the program's own code gets the faces when it imports `threading`; the standard library and installed
packages get the original, so that locks inside other primitives are silent. Everything that ends a process
without a word first lets the stream write what it has.
"""

from __future__ import annotations

import atexit
import builtins
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from types import ModuleType
from typing import Any

from tracing import primitives
from tracing.cpython.frames import getframe
from tracing.events import Kind
from tracing.naming import is_library
from tracing.patching import PATCHES, RECORDED
from tracing.runtime import Agent
from tracing.scripting.stream import Stream

FACES = (
    *("Barrier", "BoundedSemaphore", "Condition", "Event", "Lock", "RLock", "Semaphore", "Thread", "Timer"),
)


class _Threading(ModuleType):
    """`threading` as the program sees it: the faces, and for all else the module itself."""

    def __init__(self) -> None:
        super().__init__("threading", threading.__doc__)
        vars(self).update({name: getattr(primitives, name) for name in FACES})
        vars(self).update(__file__=threading.__file__, __spec__=threading.__spec__, __all__=threading.__all__)

    def __getattr__(self, name: str) -> Any:
        return getattr(threading, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(threading, name, value)
        if name in FACES:
            vars(self)[name] = value

    def __dir__(self) -> list[str]:
        return dir(threading)


def _importer(threads: ModuleType) -> Callable[..., Any]:
    """In place of `__import__`."""
    original = builtins.__import__

    @wraps(original)
    def importing(
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        module = original(name, globals, locals, fromlist, level)
        return threads if module is threading and _of_program(globals) else module

    return importing


def _of_program(globals: Mapping[str, object] | None) -> bool:
    return globals is not None and not is_library(str(globals.get("__file__", "<script>")))


class _AtExit:
    """A function that the program registered: noted on main's lane when it runs."""

    def __init__(self, function: Callable[..., object], main: Agent) -> None:
        self._function, self._main = function, main

    def __call__(self, *args: Any, **kwargs: Any) -> object:
        name = getattr(self._function, "__name__", type(self._function).__name__)
        self._main.record(Kind.NOTE, arg=f"atexit runs {name}")
        return self._function(*args, **kwargs)

    def __eq__(self, other: object) -> bool:  # for atexit.unregister
        return self._function == other

    __hash__ = None  # type: ignore[assignment]


def _registering(main: Agent) -> Callable[..., Any]:
    original: Any = atexit.register

    @wraps(original)
    def register(function: Any, /, *args: Any, **kwargs: Any) -> Any:
        own = callable(function) and not is_library(getframe(1).f_code.co_filename)
        original(_AtExit(function, main) if own else function, *args, **kwargs)
        return function

    return register


def _after(first: Callable[..., object], original: Callable[..., Any]) -> Callable[..., Any]:
    """The original, with that done before."""

    @wraps(original)
    def both(*args: Any, **kwargs: Any) -> Any:
        first(*args, **kwargs)
        return original(*args, **kwargs)

    return both


def put_in_place(stream: Stream, main: Agent) -> None:
    """Replace the names, for as long as this process lives."""

    def at_once(status: object = 0) -> None:
        stream.finish("killed", f"os._exit({status})")

    def flush(*_: object) -> None:
        stream.flush()

    PATCHES.install(RECORDED, [vars(time)])
    PATCHES.place(
        [
            (builtins, "__import__", _importer(_Threading())),
            (atexit, "register", _registering(main)),
            (os, "_exit", _after(at_once, os._exit)),
            (os, "abort", _after(flush, os.abort)),
            (os, "kill", _after(flush, os.kill)),
            (signal, "raise_signal", _after(flush, signal.raise_signal)),
        ]
    )
    sys.dont_write_bytecode = True  # the program's folder stays as it is
