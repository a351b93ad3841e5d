"""Frames: of the caller, and of every thread that runs now; and the variables that a call shares with others.

What for: the line of the program at which something is done; where each thread stands that may be stuck. The
first two are documented, but as belonging to CPython (and PyPy), hence the underscore in their names. No
public way: `inspect.currentframe` gives the same frame, through one more call on the hottest path there is;
`traceback` and `faulthandler` give texts. All versions. Where one is missing, `import tracing` fails with its
name, for without it there is no source line to record.

On 3.12 and 3.13 `sys._current_frames` makes frames for the threads of other interpreters as well, which then
free what this one has allocated: that ends the process (Python/pystate.c, `_PyThread_CurrentFrames`; to 3.11
all interpreters have one memory, from 3.14 on it is well). So while another one lives no frames are told
there, and who asks takes it that somebody may go on. No public way: `concurrent.interpreters` came with 3.14.
"""

from __future__ import annotations

import gc
import sys
from types import CellType, CodeType, FrameType, FunctionType
from typing import Any

getframe = sys._getframe
"""`getframe(depth)`: the frame that many calls above the one that asks."""

_INTERPRETERS = {(3, 12): "_xxsubinterpreters", (3, 13): "_interpreters"}.get(sys.version_info[:2])


def frames_now() -> dict[int, FrameType]:
    """By thread ident: the innermost frame of each thread. A snapshot: the threads go on."""
    if _INTERPRETERS in sys.modules and len(sys.modules[_INTERPRETERS].list_all()) > 1:
        return {}
    return sys._current_frames()


def cells_of(frame: FrameType, name: str) -> list[CellType] | None:
    """Where a variable of an outer function, as the call of `frame` has it, may be: the cells of all
    functions with that code that have the same in them. Its own is among these. None where a program has
    hidden functions from the collector (`gc.freeze`): one of those may be missing.

    What for: two calls of a function change the same variable or each its own, and where the call whose
    variable it is has returned, only the function that was made there knows. No public way: a frame does not
    tell which function it is a call of. It keeps that alive, and the collector knows all functions: all
    versions. Looks through all objects that there are, 10 ms and more.

    CPython counts what is hidden one by one, in as much time again. So first the look has to find what is
    here since the import: where that is hidden, functions are.
    """
    code, value = frame.f_code, frame.f_locals.get(name, _EMPTY)
    referring = gc.get_referrers(code, _FOUND[0])
    if not any(each is _FOUND for each in referring) or gc.get_freeze_count():
        return None
    functions = [
        each
        for each in referring
        if isinstance(each, FunctionType) and each.__code__ is code and each.__closure__
    ]
    place = code.co_freevars.index(name)
    cells = {id(cell): cell for each in functions for cell in (each.__closure__ or ())[place : place + 1]}
    return [cell for cell in cells.values() if _content(cell) is value]


_EMPTY = object()
_FOUND = [object()]  # no function: a free-threaded 3.13 hides those of modules once a thread has started


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return _EMPTY


def code_of(function: Any) -> CodeType | None:
    """The code that the frames of a private function have; None where it is missing, or written in C."""
    return getattr(function, "__code__", None)
