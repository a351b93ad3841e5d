"""Whether a thread that looks at something again is spinning.

Owns: `Looks`, what threads have looked at since anybody has done anything.

Rule: a thread spins when it looks at the same thing, at the same place, all that its own frames can see is as
it was when it last did so, and nobody has done anything in between: then it will look again for ever, unless
another thread does something. A thread that counts, writes, or walks through something is not spinning.

How it works: what a frame can see are its variables, the globals that it names, and what these hold, `DEPTH`
levels deep, compared by identity. Comparing costs most, so that it begins when a place is come to again. Not
seen is where a loop stands that goes through equal constants (`for _ in (None, None, None)`).
"""

from __future__ import annotations

import collections
from operator import is_
from types import (
    BuiltinFunctionType,
    CodeType,
    FrameType,
    GetSetDescriptorType,
    MethodDescriptorType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any

from tracing.cpython.frames import getframe
from tracing.naming import is_library
from tracing.runtime import Access

DEPTH = 2
NAMED = 0x1  # of a code object: its variables are fast ones; else they are a namespace (inspect.CO_OPTIMIZED)
FLAT = frozenset(  # nothing is in their values
    {
        *(int, float, complex, bool, str, bytes, bytearray, range, slice, type(None), ModuleType, CodeType),
        *(BuiltinFunctionType, WrapperDescriptorType, MethodDescriptorType, GetSetDescriptorType),
    }
)
Place = tuple[tuple[int, int], ...]  # code and instruction of each frame, innermost first


class Looks:
    """What threads have looked at since anybody has done anything."""

    def __init__(self) -> None:
        self._counts: dict[tuple[int, Access], int] = {}
        self._states: dict[tuple[int, Access, Place], list[Any]] = {}

    def __bool__(self) -> bool:
        return bool(self._counts)

    def clear(self) -> None:
        """Somebody does something."""
        self._counts.clear()
        self._states.clear()

    def count(self, number: int, access: Access) -> int:
        """How often that thread has looked at that before; one more from now on."""
        before = self._counts.get((number, access), 0)
        self._counts[number, access] = before + 1
        return before

    def is_spin(self, number: int, access: Access) -> bool:
        """Whether the calling thread, which looks at that again, is as it was when it last did so here."""
        frames = _frames()
        look = number, access, tuple((id(frame.f_code), frame.f_lasti) for frame in frames)
        state = _with_contents([value for frame in frames for value in _visible(frame)])
        before = self._states.get(look)
        self._states[look] = state  # held, so that no other object gets the identity of one of them
        return before is not None and len(before) == len(state) and all(map(is_, before, state))


def _frames() -> list[FrameType]:
    """Of the calling thread, innermost first."""
    frames: list[FrameType] = []
    frame: FrameType | None = getframe(2)
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back
    return frames


def _visible(frame: FrameType) -> list[Any]:
    """What the program can see there; nothing in code of a library."""
    code = frame.f_code
    if is_library(code.co_filename):
        return []
    names: Any = frame.f_locals
    values = list(names.values()) if code.co_flags & NAMED else [names.get(name) for name in code.co_names]
    values += [frame.f_globals[name] for name in code.co_names if name in frame.f_globals]
    return values


def _with_contents(values: list[Any]) -> list[Any]:
    """And what they hold. What is seen in several frames counts once, at the least depth: what it holds is
    the same wherever one sees it.
    """
    found, known = [*values], set[int]()  # identities: all of it is held in `found`
    for _ in range(DEPTH):
        new = {id(value): value for value in values if type(value) not in FLAT and id(value) not in known}
        known |= new.keys()
        values = [inner for value in new.values() for inner in _contents(value)]
        found += values
    return found


def _contents(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*dict.keys(value), *dict.values(value)]
    if isinstance(value, list | tuple | set | frozenset | collections.deque):
        return list(value)
    if type(value).__module__.partition(".")[0] == "tracing" or isinstance(value, ModuleType):
        return []  # what is done to a primitive is known; a module is too large, and its names are others'
    try:
        return list(object.__getattribute__(value, "__dict__").values())
    except AttributeError:
        return []
