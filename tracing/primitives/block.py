"""`with lock:`, the short way: entering and leaving the block of a Lock that is free, while recording.

Owns: `blocks`, which makes a lock's own `__enter__` and `__exit__`; and `OwnBlocks`, the type of classes
whose instances have their own.

Rule: the short way does nothing that the long way (`Lock.enter`, `Lock.leave`) does not; it only does it in
fewer steps, and between taking the lock and releasing it none at which threads are switched (see
`unswitched`). What need not be done while the lock is held is not done then. A contended block waits for the
lock right here: a thread that is woken on another core finds nothing in its caches, and each call that it has
to return from costs the hand-off half a microsecond.

How it works: `with` looks up `__enter__` in the class, finds a slot, and takes from it a function made for
this one lock: what it works on stands in cells, not in attributes, and no bound method is made, which saves
a third of the time. The functions know the lock's `core`, not the lock, or it would be part of a cycle. They
remember the pen that they saw last (see `recorder.log.Pen`), the places in the program that they saw, and
with which pen the block was entered that holds the lock now. A `with` is left at the line at which it was
entered, by return, break or exception too: so the way in finds the place for the way out, while the lock is
free.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any

from tracing.events import Kind
from tracing.recorder import NOBODYS, Pen, user_frame
from tracing.runtime import here
from tracing.runtime.unswitched import CLOCK, repeated, unswitched

if TYPE_CHECKING:
    from tracing.primitives.lock import Lock

_getframe = sys._getframe

# By the offset of an instruction: the code object that it is in, the codes of the way in and of the way out.
Ways = dict[int, tuple[CodeType, int, int]]
UNKNOWN = 0  # no code: to be looked up on the way out


@unswitched
def blocks(core: Lock) -> tuple[Callable[[], bool], Callable[..., None]]:
    """The `__enter__` and the `__exit__` of the lock with that core.

    Long, and so is `__enter__`: the two share their cells, a call on the short way would cost a third of the
    time, and one around the wait would cost the hand-off what is saved by waiting here.
    """
    tries, waits, releases = core._tries, repeated(core._raw.acquire), core._releases
    acquired, released = core._acquired_plain, core._released_plain
    ways: Ways = {}
    last: Pen = NOBODYS
    holder: Pen | None = None  # who holds the lock by a block entered while recording; set in the hold
    leaving = UNKNOWN  # the code of its way out; set in the hold

    def __enter__() -> bool:
        nonlocal last, holder, leaving
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
        if pen.lines:
            frame = _getframe(1)
            try:
                seen, code, out = ways[frame.f_lasti]
            except KeyError:
                seen = None
            if frame.f_code is not seen:
                code, out = _see(core, frame, ways)
        else:
            code, out = acquired, released
        entries = pen.entries
        for got in tries:
            break
        if got:
            holder, leaving = pen, out
            for time in CLOCK:
                break
            entries += time, code
            return True
        agent: Any = here.agent
        around = agent.waiting, agent.bounded
        try:
            parks = core.begin_wait(agent)
            if parks:
                for got in waits:
                    break
                if agent.run.ended:
                    agent.woken_late(core, got)
        except BaseException:
            agent.cut(core._tracing_identity, core, around)
            raise
        if not parks:
            got = core.enter()
            holder, leaving = here.pen, out
            return got
        agent.waiting, agent.bounded = around
        holder, leaving = pen, out
        for time in CLOCK:
            break
        entries += time, code
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
        code = leaving
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
            return core.left(time, code)
        entries = pen.entries
        entries += time, code or core.way_out()

    return __enter__, __exit__


def _see(core: Lock, frame: FrameType, ways: Ways) -> tuple[int, int]:
    """The codes of the way in, and of the way out where a `with` statement of the program calls us."""
    user = user_frame(frame)
    code = core._tracing_identity.code(Kind.ACQUIRED, user)
    out = core._tracing_identity.code(Kind.RELEASED, user) if _in_with(frame) else UNKNOWN
    if user is frame:
        ways[frame.f_lasti] = (frame.f_code, code, out)
    return code, out


def _in_with(frame: FrameType) -> bool:
    """Whether it enters the block of a `with` statement now, not by a call of `__enter__`."""
    return dis.opname[frame.f_code.co_code[frame.f_lasti]] == "BEFORE_WITH"


class OwnBlocks(type):
    """A class whose instances have `__enter__` and `__exit__` of their own, in slots.

    Who asks the class for them, as contextlib.ExitStack does, gets functions that ask the instance.
    """

    @property
    def __enter__(cls) -> Callable[[Any], Any]:
        return lambda *instance: _the_one(instance).__enter__()

    @property
    def __exit__(cls) -> Callable[..., Any]:
        return lambda *arguments: _the_one(arguments[:1]).__exit__(*arguments[1:])


def _the_one(instance: tuple[Any, ...]) -> Any:
    if not instance:  # `with Lock:`, without the brackets
        raise TypeError("'type' object does not support the context manager protocol")
    return instance[0]
