"""Steps between which the interpreter does not switch threads.

Owns: how a lock is taken and released, the clock is read and a function is entered without a switch point.

Rule: a recorded hold has no switch point of ours. A thread that is switched out while it holds a lock makes
all others run into it; in `with lock: x += 1` that never happens to a lock written in C, so it must not
happen to one that records. (Right after `lock.acquire()` a thread may be switched out without us, and is not
when it is recorded: there the record may show less contention than there would be, never more.) Nor does a
signal that raises, as Ctrl-C does, come between a lock and its block, or its record, also where the lock was
waited for; or between a release and its record.

How it works: CPython lets another thread go on, and delivers signals, only where it looks at its
`eval_breaker` (Python/ceval.c, Python/bytecodes.c): at the entry of a function, after a call, and at a jump
backwards. A `for` calls its iterator without looking, and a loop that is left at once does not jump
backwards: so `for time in CLOCK: break` reads the clock, and `for got in repeated(raw.acquire, False): break`
tries a lock. At its entry a function looks only where the argument of its RESUME instruction says 0, "from
its start", or 1, "after a yield"; `unswitched` writes 2, "after a yield from". The iterators have no state,
so threads may share them, also without the GIL.
"""

from __future__ import annotations

import dis
import sys
from _thread import get_ident
from collections.abc import Callable, Iterator
from itertools import repeat, starmap
from time import perf_counter_ns
from types import CodeType, FunctionType
from typing import TypeVar

Function = TypeVar("Function", bound=Callable[..., object])
Result = TypeVar("Result")


def repeated(function: Callable[..., Result], *arguments: object) -> Iterator[Result]:
    """Each step calls the function, which must be written in C."""
    return starmap(function, repeat(arguments))


CLOCK = repeated(perf_counter_ns)  # its next is now, ns
ME = repeated(get_ident)
CALLER = repeated(sys._getframe, 1)  # the frame that called the function that asks
CALLERS_CALLER = repeated(sys._getframe, 2)

_AFTER_YIELD_FROM = 2


def unswitched(function: Function) -> Function:
    """Let the function, and those that it makes, be entered without a switch point.

    A tool that watches functions start (a debugger, a profiler) sees this one go on instead. Where the
    interpreter has no such instruction, the function stays as it is.
    """
    assert isinstance(function, FunctionType)
    function.__code__ = _unswitched(function.__code__)
    return function


def _unswitched(code: CodeType) -> CodeType:
    inner = tuple(_unswitched(each) if isinstance(each, CodeType) else each for each in code.co_consts)
    steps = bytearray(code.co_code)
    entry = next((step.offset for step in dis.get_instructions(code) if step.opname == "RESUME"), None)
    if entry is not None:
        steps[entry + 1] = _AFTER_YIELD_FROM
    return code.replace(co_code=bytes(steps), co_consts=inner)
