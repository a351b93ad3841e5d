"""What a program calls an object of which nobody saw how it was made: a name that holds it now."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from types import FrameType
from typing import Any

from tracing.naming.frames import is_library


def held_by(frame: FrameType | None, thing: object) -> str:
    """ "jobs" or "Pool.jobs": the name in the program that holds the thing, as seen from that frame; "" for
    none.

    A global name comes before a variable, and one of the innermost function before those around it. Among
    several names, the first one counts. Where no line of the program is executed (`target=jobs.get`), it is a
    global name of the main module.
    """
    frames = list(_of_program(frame))
    if not frames:
        return _key_of(thing, vars(sys.modules["__main__"]))
    for names in (*(each.f_globals for each in frames), *(each.f_locals for each in frames)):
        if found := _key_of(thing, names):
            return found
    return next(filter(None, (_in_self(each.f_locals, thing) for each in frames)), "")


def _of_program(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        if not is_library(frame.f_code.co_filename):
            yield frame
        frame = frame.f_back


def _key_of(thing: object, names: Mapping[str, Any]) -> str:
    # In one go, in C: other threads may add names meanwhile.
    return next((name for name, value in tuple(names.items()) if value is thing), "")


def _in_self(names: Mapping[str, Any], thing: object) -> str:
    """Where `self` is the first of a method's names: the attribute of its class."""
    owner = names.get("self")
    attribute = _key_of(thing, getattr(owner, "__dict__", {}))
    return attribute and f"{type(owner).__name__}.{attribute}"
