"""`with lock:`, the short way: entering and leaving the block of a Lock that is free, while recording.

Owns: `entering` and `leaving`, which make a lock's own `__enter__` and `__exit__`; and `OwnBlocks`, the type
of classes whose instances have their own.

Rule: the short way does nothing that the long way (`Lock.enter`, `Lock.leave`) does not; it only does it in
fewer steps. An event's time and code are written by one call, so that an asynchronous exception cannot part
them. What need not be done while the lock is held is not done then: wherever Python calls something it may
switch threads, and one that is switched out while it holds a lock makes others wait that would not wait
without us.

How it works: `with` looks up `__enter__` in the class, finds a slot, and takes from it a function made for
this one lock: what it works on stands in cells, not in attributes, and no bound method is made, which saves
a third of the time. The functions know the lock's `core`, not the lock, or it would be part of a cycle. They
remember the pen that they saw last (see `recorder.log.Pen`) and the places in the program that they saw.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import perf_counter_ns as now
from typing import TYPE_CHECKING, Any

from tracing.events import Kind
from tracing.recorder import NOBODYS
from tracing.runtime import here

if TYPE_CHECKING:
    from tracing.primitives.lock import Lock, Seen

_getframe = sys._getframe
NOWHERE = (None, 0)  # in no code object


def entering(core: Lock) -> Callable[[], bool]:
    """The `__enter__` of the lock with that core."""
    raw, plain, last = core._raw, core._acquired_plain, NOBODYS
    places: Seen = {}

    def __enter__() -> bool:
        nonlocal last
        pen = last
        if not pen.hand._is_owned():
            if here.agent is None:
                return raw.acquire()
            if here.pen is None:
                return core.enter()
            last = pen = here.pen
        code = plain
        if pen.lines:
            frame = _getframe(1)
            seen, code = places.get(frame.f_lasti, NOWHERE)
            if frame.f_code is not seen:
                code = core._see(Kind.ACQUIRED, frame, places)
        if raw.acquire(False):
            pen.entries.extend((now(), code))
            return True
        return core.enter()

    return __enter__


def leaving(core: Lock) -> Callable[..., None]:
    """The `__exit__` of the lock with that core. No line is recorded: on the way out of a `with` block the
    interpreter stands on the line of the `with` itself.
    """
    raw, code, last = core._raw, core._released_plain, NOBODYS

    def __exit__(kind: object = None, error: object = None, traceback: object = None) -> None:
        nonlocal last
        pen = last
        if not pen.hand._is_owned():
            if here.agent is None:
                return raw.release()
            if here.pen is None:
                return core.leave()
            last = pen = here.pen
        time = now()
        try:
            raw.release()
        except RuntimeError as refused:
            core._refuse(refused)
            raise
        pen.entries.extend((time, code))

    return __exit__


class OwnBlocks(type):
    """A class whose instances have `__enter__` and `__exit__` of their own, in slots.

    Who asks the class for them, as contextlib.ExitStack does, gets functions that ask the instance.
    """

    @property
    def __enter__(cls) -> Callable[[Any], Any]:
        return lambda instance: instance.__enter__()

    @property
    def __exit__(cls) -> Callable[..., Any]:
        return lambda instance, *error: instance.__exit__(*error)
