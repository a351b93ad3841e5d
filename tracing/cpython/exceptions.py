"""An exception raised in another thread, and a function that none comes to before its first line.

`raise_in_thread`. What for: a thread of a run that was ended is made to unwind while it executes Python. No
public way: a thread cannot be stopped from outside; `PyThreadState_SetAsyncExc` is in the documented C API,
and reached by `ctypes.pythonapi`. All versions of CPython; where there is no `ctypes`, nothing is raised, and
the thread is named as left behind. Never take such an exception back by sending NULL: that leaves the
interpreter's signal flag set on 3.11 and 3.12.

`lower_flag`. What for: that flag stays up while a thread that executes no Python any more has an exception to
come, and on 3.11 a thread with a trace function then looks for signals at the first instruction of a
function, and looks again, for ever. No public way. Source: Python/ceval.c of 3.11, DO_TRACING and
`eval_frame_handle_pending`: a thread that takes its own exception lowers the flag for all. (What others have
to come, comes when they next look.) Only 3.11: from 3.12 on who traces goes on (tried on each, and on 3.13t).

`entered_at_once`. What for: `__exit__` of a block. A `with` calls it once; a Ctrl-C that is raised at its
first instruction, before any `try` of its own, would leave the block open for ever. No public way: signal
handlers run in the main thread whatever it does. Source: Python/bytecodes.c (ceval.c in 3.11): the
interpreter looks for signals in RESUME, the first instruction of a function, where its argument says "from
the start" (0) or "after a yield" (1), not where it says "after a yield from" (2). All versions from 3.11 on;
where a function does not begin so, it stays as it is, and a Ctrl-C at that one instruction leaves the block
open.
"""

from __future__ import annotations

import dis
import sys
from _thread import LockType, allocate_lock, get_ident, start_new_thread
from collections.abc import Callable
from types import FunctionType
from typing import TypeVar

try:
    import ctypes
except ImportError:  # a Python that was built without it
    ctypes = None  # type: ignore[assignment]

Function = TypeVar("Function", bound=Callable[..., object])
_AFTER_YIELD_FROM = 2


def raise_in_thread(ident: int, exception: type[BaseException]) -> None:
    """Raise it in that thread when it next executes Python; nothing where the thread has gone."""
    if ctypes is not None:
        RAISED.add(ident)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), ctypes.py_object(exception))


RAISED: set[int] = set()  # threads in which something may still have to come
_FLAG_STAYS_UP = sys.version_info < (3, 12)


def lower_flag() -> None:
    """By a thread that is going to trace: what is still to come in others does not keep it from going on."""
    if _FLAG_STAYS_UP and RAISED:
        RAISED.clear()
        done = allocate_lock()
        done.acquire()
        start_new_thread(_lower_flag, (done,))  # in this one a Ctrl-C could come before the exception
        done.acquire()


def _lower_flag(done: LockType) -> None:
    try:
        raise_in_thread(get_ident(), SystemExit)
        for _ in range(1000):  # until the interpreter looks
            pass
    except SystemExit:
        RAISED.discard(get_ident())
    finally:
        done.release()


def entered_at_once(function: Function) -> Function:
    """Let the function reach its first `try` before any signal handler runs."""
    assert isinstance(function, FunctionType)
    code = function.__code__
    steps = bytearray(code.co_code)
    entry = next((each.offset for each in dis.get_instructions(code) if each.opname == "RESUME"), None)
    if entry is not None:
        steps[entry + 1] = _AFTER_YIELD_FROM
        function.__code__ = code.replace(co_code=bytes(steps))
    return function
