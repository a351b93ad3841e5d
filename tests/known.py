"""What a random program knows of its own run: kept apart from the model, to be compared with it.

A record for each wait, each hold and each stretch of an object's life, and the values of each counter.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Waited:
    """One wait: who, for what, when, how and by which event it was ended."""

    thread: int
    obj: int
    target: int = 0
    start: int
    end: int
    outcome: str
    cause: int | None = None  # seq of the event that let it go on
    timeout: int | None = None
    holders: tuple[int, ...] = ()
    reacquire: bool = False


@dataclass(frozen=True)
class Held:
    """One lock (an RLock: at one depth) or one permit in the hands of one thread."""

    thread: int
    obj: int
    depth: int
    start: int
    end: int
    released_by: int = 0
    open: bool = False


@dataclass(frozen=True)
class Lasted:
    """A stretch of an object's life: a flag was up, a barrier filled up, ...; or of a thread's: it slept."""

    what: str  # "up", "broken", "pending"; "generation", "action", "callback"; "sleep"
    number: int  # the object's, of a sleep: the thread's
    start: int
    end: int
    thread: int = 0  # who began it
    ended_by: int = 0
    text: str = ""
    open: bool = False


class Known:
    """Collects the records. What has begun stands in `taken` and `begun` until it ends."""

    def __init__(self) -> None:
        self.waits: list[Waited] = []
        self.holds: list[Held] = []
        self.stretches: list[Lasted] = []
        self.taken: dict[tuple[int, int, int], int] = {}  # (thread, object, depth) -> since when
        self.begun: dict[tuple[str, int], tuple[int, int]] = {}  # (what, number) -> since when, by whom
        self.counts: dict[int, list[tuple[int, int]]] = defaultdict(list)  # object -> (time, value)

    def take(self, time: int, thread: int, obj: int, depth: int) -> None:
        assert (thread, obj, depth) not in self.taken
        self.taken[thread, obj, depth] = time

    def give(
        self, time: int, thread: int, obj: int, depth: int, *, by: int = 0, is_open: bool = False
    ) -> None:
        start = self.taken.pop((thread, obj, depth))
        self.holds.append(Held(thread, obj, depth, start, time, by, is_open))

    def begin(self, time: int, what: str, number: int, thread: int = 0) -> None:
        self.begun.setdefault((what, number), (time, thread))

    def finish(
        self, time: int, what: str, number: int, by: int = 0, *, text: str = "", is_open: bool = False
    ) -> None:
        """The stretch is over, if there is one."""
        if (what, number) in self.begun:
            start, thread = self.begun.pop((what, number))
            self.stretches.append(Lasted(what, number, start, time, thread, by, text, is_open))

    def count(self, time: int, obj: int, value: int) -> None:
        self.counts[obj].append((time, value))

    def close(self, time: int) -> None:
        """The run ends: what has begun is open."""
        for thread, obj, depth in list(self.taken):
            self.give(time, thread, obj, depth, is_open=True)
        for what, number in list(self.begun):
            self.finish(time, what, number, is_open=True)
