"""What the interpreter of `run_script()` replaces for its program, for as long as it lives.

Owns: what the program's own `import threading` gives; and what is done before a process ends at once.

Rule: the program's own code gets the faces when it imports `threading`; the standard library and installed
packages get the original, so that locks inside other primitives are silent. `Thread` has no face there: the
main thread and those of libraries are instances of what the program knows as `threading.Thread`, so it is the
original class, and records a thread that the program's code starts. Everything that ends a process without a
word first lets the record be written.
"""

from __future__ import annotations

import atexit
import builtins
import importlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import wraps
from types import ModuleType
from typing import Any

from tracing import primitives
from tracing.cpython.frames import getframe
from tracing.events import Kind
from tracing.naming import is_library
from tracing.patching import PATCHES
from tracing.patching.recorded import RECORDED, RECORDED_PLACES
from tracing.primitives import life
from tracing.primitives.thread import is_named, note_called
from tracing.runtime import Agent, here

FACES = ("Barrier", "BoundedSemaphore", "Condition", "Event", "Lock", "RLock", "Semaphore", "Timer")
BECOMES = "becomes "  # how a note begins of a process that is about to be another program


class _Threading(ModuleType):
    """`threading` as the program sees it: the faces, and for all else the module itself."""

    def __init__(self) -> None:
        super().__init__("threading", threading.__doc__)
        vars(self).update(_as_found={})
        vars(self).update({name: getattr(primitives, name) for name in FACES})
        vars(self).update(__file__=threading.__file__, __spec__=threading.__spec__, __all__=threading.__all__)

    def __getattr__(self, name: str) -> Any:
        return getattr(threading, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if hasattr(threading, name):
            self._as_found.setdefault(name, getattr(threading, name))
        setattr(threading, name, value)
        if name in FACES:
            vars(self)[name] = value

    def __delattr__(self, name: str) -> None:
        """As `unittest.mock.patch.object` does before it sets the name again."""
        delattr(threading, name)
        vars(self).pop(name, None)

    def renew(self) -> None:
        """Put back what the program has replaced. To run the module again would make the interpreter forget
        its threads.
        """
        for name, value in self._as_found.items():
            setattr(threading, name, value)
        vars(self).update({name: getattr(primitives, name) for name in FACES})

    def __dir__(self) -> list[str]:
        return dir(threading)


def _importer(threads: ModuleType, imported: set[tuple[int, int]]) -> Callable[..., Any]:
    """In place of `__import__`. imported: see `Faces`."""
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
        if fromlist and getattr(module, "__name__", "").partition(".")[0] == "tracing":
            wanted = FACES if "*" in fromlist else fromlist
            imported.update((id(globals), id(getattr(module, each, None))) for each in wanted)
        return threads if module is threading and _of_program(globals) else module

    return importing


def _reloader(threads: _Threading) -> Callable[..., ModuleType]:
    """In place of `importlib.reload`."""
    original = importlib.reload

    @wraps(original)
    def reload(module: ModuleType) -> ModuleType:
        if module is not threads:
            return original(module)
        threads.renew()
        return threads

    return reload


def _thread_maker() -> Callable[..., None]:
    """In place of `Thread.__init__`."""
    original: Callable[..., None] = threading.Thread.__init__

    @wraps(original)
    def init(self: Any, *args: Any, **named: Any) -> None:
        original(self, *args, **named)
        self._tracing_named = is_named(args, named)
        note_called(self, args, named, getframe(1))

    return init


def _thread_starter() -> Callable[..., None]:
    """In place of `Thread.start`."""

    @wraps(life.START)
    def start(self: threading.Thread) -> None:
        own = not is_library(getframe(1).f_code.co_filename)
        (life.start if own else life.START)(self)

    return start


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

    def __repr__(self) -> str:  # where it fails, the interpreter names it
        return repr(self._function)


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


def _before(
    first: Callable[..., object], *names: tuple[ModuleType, str]
) -> Iterator[tuple[ModuleType, str, Any]]:
    """What is to be replaced so that this is done before. Not every system has each of the names."""
    for module, name in names:
        if hasattr(module, name):
            yield module, name, _after(first, getattr(module, name))


class Faces:
    """What gives the program's own code the faces when it imports `threading`."""

    def __init__(self) -> None:
        self.module = _Threading()
        self.imported: set[tuple[int, int]] = set()
        """What a namespace got from this package itself: the ids of both."""

    def of(self, name: str) -> Any:
        """The face of that name."""
        return vars(self.module)[name]

    def places(self) -> list[tuple[Any, str, Any]]:
        """What is to be replaced; the names that the program gives to its threads are noted as well."""
        return [
            (builtins, "__import__", _importer(self.module, self.imported)),
            (importlib, "reload", _reloader(self.module)),
            (threading.Thread, "__init__", _thread_maker()),
        ]


def thread_methods() -> list[tuple[Any, str, Any]]:
    """What is to be replaced so that threads are recorded that the program starts."""
    return [
        (threading.Thread, "start", _thread_starter()),
        (threading.Thread, "join", life.join),
        (threading.Thread, "is_alive", life.is_alive),
    ]


def patch_interpreter(main: Agent, *, write: Callable[[], None], finish: Callable[[str, str], None]) -> None:
    """Replace the names, for as long as this process lives.

    main: the agent of its main thread. write: what is recorded so far, before a signal may end the process.
    finish: the record, with how it ended and by what, before the process ends at once.
    """

    def at_once(status: object = 0) -> None:
        finish("killed", f"os._exit({status})")

    def flush(*_: object) -> None:
        write()

    def become(path: object, *_: object) -> None:
        # Noted and not finished: where there is no such program, this one goes on.
        if here.agent is not None:
            here.agent.record(Kind.NOTE, arg=f"{BECOMES}{path}")
        write()

    PATCHES.install(RECORDED, [vars(time)])
    PATCHES.place(
        [
            *RECORDED_PLACES,
            *Faces().places(),
            *thread_methods(),
            (atexit, "register", _registering(main)),
            (os, "_exit", _after(at_once, os._exit)),
            *_before(flush, (os, "abort"), (os, "kill"), (os, "killpg")),
            *_before(flush, (signal, "pthread_kill"), (signal, "raise_signal")),
            *_before(become, (os, "execv"), (os, "execve")),  # what all of os.exec… end in
        ]
    )
    sys.dont_write_bytecode = True  # the program's folder stays as it is
