"""No common lock: two threads write one variable, and nothing keeps the two writes apart.

Owns: `unguarded`, what of a run's accesses nothing guards, and the findings of them.

Rule: in doubt nothing is said. Two writes are candidates that no lock is common to and that nothing in the
run has put in order: a start or a join, an item of a queue, an event, a future, a barrier, a semaphore. That
is more than a schedule must keep to: what such a thing has let through in this run counts as ordered. What
else may keep them apart is for `confirming` to see. That both only store the same constant is no race that
anybody sees. Nor is an update lost where something has put the other thread's write before the own one: then
it is meant to be overwritten.

How it works: the log is walked with the locks that each thread holds (Savage et al., "Eraser: A Dynamic Data
Race Detector for Multithreaded Programs", 1997) and a vector clock for each (Mattern, 1989), to which locks
do not add: a lock's hand-off is the other way round in the next schedule (both together: O'Callahan and Choi,
"Hybrid Dynamic Data Race Detection", 2003).
"""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from tracing.diagnosis import Finding, mutexes
from tracing.events import EventLog, Kind, TraceEvent
from tracing.exploring.updates import Access, Lost, said
from tracing.model import Model

Clock = dict[int, int]  # by thread: how many of its parts are over


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Write:
    """One write, and what guarded it."""

    access: Access
    part: int  # of its thread's life
    locks: frozenset[int]
    seen: Clock

    def is_before(self, other: Write) -> bool:
        """Whether something has put this one before the other one."""
        return other.seen.get(self.access.thread, 0) > self.part

    def is_apart_from(self, other: Write) -> bool:
        """Whether something keeps the two apart."""
        ordered = self.is_before(other) or other.is_before(self)
        return ordered or bool(self.locks & other.locks) or _same_constant(self.access, other.access)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Race:
    """Two writes of one variable that nothing keeps apart."""

    one: Write
    other: Write

    @property
    def places(self) -> tuple[Access, Access]:
        """What it is about."""
        return self.one.access, self.other.access


def unguarded(accesses: Sequence[Access], log: EventLog, model: Model) -> tuple[Race, ...]:
    """The first for each variable."""
    writes: dict[tuple[Any, ...], dict[tuple[Any, ...], Write]] = defaultdict(dict)
    for write in _Walk(log, model).writes(each for each in accesses if each.lasting):
        guarded_like = write.access.thread, write.part, write.locks, write.access.place
        writes[write.access.key].setdefault(guarded_like, write)
    found = (_first(list(each.values())) for each in writes.values())
    return tuple(race for race in found if race is not None)


def unordered(lost: Sequence[Lost], log: EventLog, model: Model) -> dict[Lost, bool]:
    """Those that nothing in the run has put in order; and whether a lock is common to both writes, so that
    these cannot come together.
    """
    wanted = {id(write): write for each in lost for write in (each.between, each.write)}
    in_order = sorted(wanted.values(), key=lambda access: access.stamp)
    writes = {id(write.access): write for write in _Walk(log, model).writes(in_order)}
    pairs = {each: (writes.get(id(each.between)), writes.get(id(each.write))) for each in lost}
    return {
        each: bool(between.locks & write.locks)
        for each, (between, write) in pairs.items()
        if between and write and not between.is_before(write)
    }


def _first(writes: list[Write]) -> Race | None:
    for one, other in combinations(writes, 2):
        if one.access.thread != other.access.thread and not one.is_apart_from(other):
            return Race(one=one, other=other)
    return None


class _Walk:
    """Along the events, with what each thread holds, and what is over for it."""

    def __init__(self, log: EventLog, model: Model) -> None:
        self.log, self.locks = log, mutexes(log, model)
        self.held: dict[int, Counter[int]] = defaultdict(Counter)
        self.clocks: dict[int, Clock] = defaultdict(dict)
        self.sent: dict[tuple[str, int], Clock] = defaultdict(dict)

    def writes(self, accesses: Iterable[Access]) -> Iterator[Write]:
        """What is written, each as soon as its thread has come so far. accesses: in order."""
        waiting: dict[int, list[Access]] = defaultdict(list)  # the next one last
        for access in reversed(tuple(accesses)):
            if access.writes:
                waiting[access.thread].append(access)
        done: Counter[int] = Counter()
        for event in self.log:
            self._move(event)
            done[event.thread] += 1
            queue = waiting[event.thread]
            while queue and queue[-1].after <= done[event.thread]:
                yield self._write(queue.pop())

    def _write(self, access: Access) -> Write:
        clock, held = self.clocks[access.thread], +self.held[access.thread]
        part = clock.get(access.thread, 0)
        return Write(access=access, part=part, locks=frozenset(held), seen=dict(clock))

    def _move(self, event: TraceEvent) -> None:
        thread, kind = event.thread, event.kind
        if event.obj in self.locks:
            if kind in (Kind.ACQUIRED, Kind.RELEASED):
                levels = max(1, event.arg or 1)
                self.held[thread][event.obj] += levels if kind is Kind.ACQUIRED else -levels
        elif event.obj:
            for number in {event.obj, self.log.object(event.obj).owner} - {0}:
                self._receive(thread, "thing", number)
                self._send(thread, "thing", number)
        elif kind is Kind.STARTED:
            self._send(thread, "start", event.arg or 0)
        elif kind is Kind.BEGAN:
            self._receive(thread, "start", thread)
        elif kind in (Kind.ENDED, Kind.FAILED):
            self._send(thread, "end", thread)
        elif kind is Kind.JOINED:
            self._receive(thread, "end", event.arg or 0)

    def _send(self, thread: int, how: str, to: int) -> None:
        clock = self.clocks[thread]
        clock[thread] = clock.get(thread, 0) + 1
        _add(self.sent[how, to], clock)

    def _receive(self, thread: int, how: str, to: int) -> None:
        _add(self.clocks[thread], self.sent[how, to])


def _add(clock: Clock, other: Clock) -> None:
    for thread, part in other.items():
        clock[thread] = max(part, clock.get(thread, 0))


def _same_constant(one: Access, other: Access) -> bool:
    """Whether both lines do nothing but store the same constant."""
    stored = _constant(one.place.text)
    return stored is not None and stored == _constant(other.place.text)


def _constant(line: str) -> str | None:
    """What the only assignment of a line stores, where that is a constant."""
    try:
        assignments = [each for each in ast.walk(ast.parse(line)) if isinstance(each, ASSIGNMENTS)]
    except (SyntaxError, ValueError):
        return None
    if len(assignments) == 1 and isinstance(assignments[0], ast.Assign):
        value = assignments[0].value
        return repr(value.value) if isinstance(value, ast.Constant) else None
    return None


ASSIGNMENTS = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.NamedExpr, ast.Delete)


def finding_of(race: Race, log: EventLog) -> Finding:
    """What is said of it. log: of the run, with its places."""
    one, other = race.one.access, race.other.access
    sites = (log.sites.index(access.place) + 1 for access in (one, other))
    return Finding(
        kind="no common lock",
        severity="warning",
        threads=(one.thread, other.thread),
        objects=tuple(sorted(race.one.locks | race.other.locks)),
        sites=tuple(dict.fromkeys(sites)),
        time=max(one.time, other.time),
        sentence=f"No common lock guards {one.name}: {_told(race.one, log)}, {_told(race.other, log)}.",
        hint=f"Hold one and the same lock wherever {one.name} is changed, from reading it on.",
    )


def not_judged(race: Race, log: EventLog) -> Finding:
    """What is said of two writes of which it could not be seen whether they are of the same variable."""
    one, other = race.one.access, race.other.access
    sites = (log.sites.index(access.place) + 1 for access in (one, other))
    names = " and ".join(log.thread(each.thread).name for each in (one, other))
    return Finding(
        kind="not judged",
        severity="note",
        threads=(one.thread, other.thread),
        sites=tuple(dict.fromkeys(sites)),
        time=max(one.time, other.time),
        sentence=f"Not judged: whether {names} write the same {one.name or 'item'} could not be seen; "
        f"{_told(race.one, log)}, {_told(race.other, log)}.",
        hint="Where it is the same, hold one and the same lock wherever it is changed.",
    )


def _told(write: Write, log: EventLog) -> str:
    held = ", ".join(log.object(number).name for number in sorted(write.locks))
    holding = f" holding {held}" if held else ""
    return f"{log.thread(write.access.thread).name} writes it at {said(write.access)}{holding}"
