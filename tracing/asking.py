"""What one asks of a run by name: who waited, who held it, how did that thread end?

Owns: `Waited`, `Held`, `Noted`, `Life`, and the functions behind `Trace.waits_of`, `holds_of` and the like.

Rule: a view of the model in words. Threads and primitives are names, times are seconds since the run began;
nothing is found out here that the model does not say. Each record is one sentence by `str()`, without times
and lines, so that it is the same on every clock and every Python: "reader waited for lock_a until writer
released it". Several things of one name are all meant; a name that the run does not have is an error that
lists those that it has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

from tracing.diagnosis.names import LONGEST_TEXT, Names, plain
from tracing.events import EventLog
from tracing.model import Fate, Hold, Mark, Model, ObjectModel, Outcome, ThreadModel, Wait
from tracing.model.table import TABLE

SECOND = 1e9  # ns


@dataclass(frozen=True, slots=True, kw_only=True)
class Waited:
    """One wait of one thread.

    thing: the name of what it waited for, a primitive, or a thread that it joins (`joins`). held_by: who had
    that when the wait began. outcome: "acquired", "timed out", "open", ... as in `tracing.model.Outcome`.
    ended_by: who released, notified, set, ...; "" for nobody. start, end: seconds.
    """

    thread: str
    thing: str
    joins: bool
    held_by: tuple[str, ...]
    outcome: str
    ended_by: str
    start: float
    end: float
    sentence: str

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One thread had one lock or permit, from `start` to `end` in seconds.

    depth: of an RLock; 1 is outermost. released_by: who gave it back; "" where nobody did.
    """

    thread: str
    thing: str
    start: float
    end: float
    depth: int
    released_by: str

    def __str__(self) -> str:
        if not self.released_by:
            return f"{self.thread} held {self.thing} and never released it"
        by = "" if self.released_by == self.thread else f" until {self.released_by} released it"
        return f"{self.thread} held {self.thing}{by}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """Something that a thread did in no time. what: "would block", "timed out", "notify", "set", "clear",
    "cancelled", "refused", ... as in `tracing.model.Mark`; thing: the primitive's name, "" without one; time:
    seconds.
    """

    what: str
    thread: str
    thing: str
    time: float

    def __str__(self) -> str:
        return f"{self.thread}: {self.what} {self.thing}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """From when until when a thread ran, in seconds, and how it ended: as `outcome_of` says."""

    thread: str
    start: float
    end: float
    outcome: str

    def __str__(self) -> str:
        return f"{self.thread} {self.outcome}"


class Questions:
    """The questions that one run answers."""

    def __init__(self, log: EventLog, model: Model) -> None:
        self._log, self._model, self._names = log, model, Names(log)

    def waits_of(self, thread: str) -> tuple[Waited, ...]:
        lanes = {lane.number for lane in self._lanes(thread, "waits_of()")}
        return tuple(self._waited(wait) for wait in self._model.waits if wait.thread in lanes)

    def waits_for(self, name: str) -> tuple[Waited, ...]:
        things = {thing.number for thing in self._things(name, "waits_for()")}
        return tuple(self._waited(wait) for wait in self._model.waits if wait.obj in things)

    def holds_of(self, name: str) -> tuple[Held, ...]:
        return tuple(self._held(hold) for thing in self._things(name, "holds_of()") for hold in thing.holds)

    def lives_of(self, thread: str) -> tuple[Life, ...]:
        return tuple(self._life(lane) for lane in self._lanes(thread, "life_of()"))

    def values_of(self, name: str) -> tuple[int, ...]:
        return tuple(step.value for thing in self._things(name, "values_of()") for step in thing.value)

    def notes_of(self, what: str) -> tuple[Noted, ...]:
        return tuple(self._noted(mark) for mark in self._model.marks if mark.what == what)

    def _lanes(self, name: str, by: str) -> Iterator[ThreadModel]:
        from tracing.views.selection import selected_threads

        selected_threads(name, [self._log], by)
        yield from (lane for lane in self._model.threads if self._log.thread(lane.number).name == name)

    def _things(self, name: str, by: str) -> Iterator[ObjectModel]:
        from tracing.views.selection import selected_objects

        selected_objects(name, [self._log], by)
        yield from (thing for thing in self._model.objects if self._log.object(thing.number).name == name)

    def _thread(self, number: int) -> str:
        return self._log.thread(number).name if number else ""

    def _thing(self, number: int) -> str:
        return self._log.object(number).name if number else ""

    def _waited(self, wait: Wait) -> Waited:
        aim = f"to get {self._names.object(wait.obj)} back" if wait.reacquire else self._names.wait_aim(wait)
        return Waited(
            thread=self._thread(wait.thread),
            thing=self._thread(wait.target) or self._thing(wait.obj),
            joins=bool(wait.target),
            held_by=tuple(map(self._thread, wait.holders)),
            outcome=wait.outcome.value,
            ended_by=self._thread(wait.ended_by),
            start=wait.start / SECOND,
            end=wait.end / SECOND,
            sentence=f"{self._names.thread(wait.thread)} waited {aim}{self._end_of(wait)}",
        )

    def _end_of(self, wait: Wait) -> str:
        """ " until writer released it"."""
        alone, did = _ENDS[wait.outcome]
        if wait.outcome is Outcome.ACQUIRED:
            did = TABLE[wait.kind].freed or self._names.nature(wait.obj).freed
        if not wait.ended_by or wait.ended_by == wait.thread or not did:
            return alone
        return f" until {self._names.thread(wait.ended_by)} {did}"

    def _held(self, hold: Hold) -> Held:
        return Held(
            thread=self._thread(hold.thread),
            thing=self._thing(hold.obj),
            start=hold.start / SECOND,
            end=hold.end / SECOND,
            depth=hold.depth,
            released_by=self._thread(hold.released_by),
        )

    def _noted(self, mark: Mark) -> Noted:
        return Noted(
            what=mark.what,
            thread=self._thread(mark.thread),
            thing=self._thing(mark.obj),
            time=mark.time / SECOND,
        )

    def _life(self, lane: ThreadModel) -> Life:
        error = f": {plain(lane.error, LONGEST_TEXT)}" if lane.fate is Fate.FAILED and lane.error else ""
        return Life(
            thread=self._thread(lane.number),
            start=lane.begin / SECOND,
            end=lane.end / SECOND,
            outcome=lane.fate.value + error,
        )


_ENDS = MappingProxyType(
    {
        Outcome.ACQUIRED: (", and got it", ""),  # what was done: its nature says it
        Outcome.NOTIFIED: (", and was notified", "notified it"),
        Outcome.SET: (", and it was set", "set it"),
        Outcome.TRIPPED: (" until all had come", "came as the last"),
        Outcome.EMPTIED: ("", ""),
        Outcome.BROKEN: (", and it broke", "broke it"),
        Outcome.ENDED: ("", ""),
        Outcome.FIRED: (", and it fired", ""),
        Outcome.CANCELLED: (", and it was cancelled", "cancelled it"),
        Outcome.TIMED_OUT: (", and gave up", ""),
        Outcome.CUT: (", and was interrupted", ""),
        Outcome.OPEN: (", and never got further", ""),
    }
)
"""How a wait came out: what to say where nobody else did it, and what somebody did."""
