"""How deep an RLock is held, in words: "acquires door again, depth 2", "releases door, depth 1 left".

Rule: said only where the depth is not what anybody would take for granted: 1 after an acquire, 0 after a
release.
"""

from __future__ import annotations

from tracing.events import OBJECT_SHIFT, EventLog, Kind
from tracing.natures import nature_of


def levels_of(log: EventLog) -> frozenset[int]:
    """The kinds of event, each with its object, that change the depth of an RLock."""
    deep = [info.number for info in log.objects if nature_of(log, info.number).owned]
    return frozenset(kind | obj << OBJECT_SHIFT for obj in deep for kind in (Kind.ACQUIRED, Kind.RELEASED))


class Depths:
    """Counts the levels of the RLocks, event by event. counted: see `levels_of`."""

    def __init__(self, counted: frozenset[int]) -> None:
        self.counted = counted
        self._held: dict[int, tuple[int, int]] = {}  # by object: its owner, and how deep

    def after(self, thread: int, kind: int, obj: int, arg: int | None) -> str:
        """What is to be added to the words for that event; "" for what changes no depth."""
        if kind | obj << OBJECT_SHIFT not in self.counted:
            return ""
        levels = arg if arg and arg > 0 else 1
        owner, depth = self._held.get(obj, (thread, 0))
        if kind == Kind.RELEASED:
            left = max(0, depth - levels)
            self._held[obj] = owner, left
            return f", depth {left} left" if left else ""
        below = depth if owner == thread else 0
        self._held[obj] = thread, below + levels
        if below + levels == 1:
            return ""
        return f"{' again' if below else ''}, depth {below + levels}"
