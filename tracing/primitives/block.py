"""`with lock:`, the short way: entering and leaving the block of a Lock that is free, while recording.

Owns: `blocks`, which makes a lock's own `__enter__` and `__exit__`; and `OwnBlocks`, the type of classes
whose instances have their own.

Rule: the short way does nothing that the long way (`Lock.enter`, `Lock.leave`) does not; it only does it in
fewer steps, and between taking the lock and releasing it none at which threads are switched (see
`unswitched`). What need not be done while the lock is held is not done then.

How it works: `with` looks up `__enter__` in the class, finds a slot, and takes from it a function made for
this one lock: what it works on stands in cells, not in attributes, and no bound method is made, which saves
a third of the time. The functions know the lock's `core`, not the lock, or it would be part of a cycle. They
remember the pen that they saw last (see `recorder.log.Pen`), the places in the program that they saw, and
with which pen the block was entered that holds the lock now.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tracing.events import Kind
from tracing.primitives.unswitched import CLOCK, repeated, unswitched
from tracing.recorder import NOBODYS, Pen
from tracing.runtime import here

if TYPE_CHECKING:
    from tracing.primitives.lock import Lock, Seen

_getframe = sys._getframe
NOWHERE = (None, 0)  # in no code object


@unswitched
def blocks(core: Lock) -> tuple[Callable[[], bool], Callable[..., None]]:
    """The `__enter__` and the `__exit__` of the lock with that core.

    For the way out no line is recorded: there the interpreter stands on the line of the `with` itself.
    Long, because the two share their cells, and a call inside would cost a third of the time.
    """
    tries, waits, releases = core._tries, repeated(core._raw.acquire), core._releases
    acquired, released = core._acquired_plain, core._released_plain
    places: Seen = {}
    last: Pen = NOBODYS
    holder: Pen | None = None  # who holds the lock by a block entered while recording; set in the hold

    def __enter__() -> bool:
        nonlocal last, holder
        pen = last
        if not pen.hand._is_owned():
            if here.agent is None:
                for got in waits:
                    break
                holder = None
                return got
            if here.pen is None:
                got = core.enter()
                holder = None
                return got
            last = pen = here.pen
        code = acquired
        if pen.lines:
            frame = _getframe(1)
            try:
                seen, code = places[frame.f_lasti]
            except KeyError:
                seen = None
            if frame.f_code is not seen:
                code = core._see(Kind.ACQUIRED, frame, places)
        entries = pen.entries
        for got in tries:
            break
        if got:
            holder = pen
            for time in CLOCK:
                break
            entries += time, code
            return True
        got = core.enter()
        holder = here.pen
        return got

    def __exit__(kind: object = None, error: object = None, traceback: object = None) -> None:
        nonlocal holder
        pen, holder = holder, None
        if pen is None:
            if here.agent is not None:
                return core.leave()
            for _ in releases:
                break
            return None
        for time in CLOCK:
            break
        try:
            for _ in releases:
                break
        except RuntimeError as refused:
            return core.refuse(refused)
        for mine in pen.mine:
            break
        if not mine:
            return core.left(time)
        entries = pen.entries
        entries += time, released

    return __enter__, __exit__


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
