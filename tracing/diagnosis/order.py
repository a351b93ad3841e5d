"""The lock-order graph: which locks threads take while they hold others, and where orders contradict.

Owns: `lock_order`, the edges of the graph; `inversions`, its circles that can deadlock; and the finding
"lock-order inversion".

Rule: what is reported can deadlock, as far as the record can know. A circle counts if its edges are of
different threads, no lock was held at two of them (a gate lock keeps the threads apart), no semaphore would
have had to give more permits for all of them than it has (a waiter lets three of four philosophers sit down),
nothing orders them in every schedule (see `happens`), and each of them waits for as long as it takes: who
tries without blocking, or with a timeout, gives up. Only locks count that are used as such: RLocks (a
Condition's own, too), Locks that no other thread ever released, and semaphores of one permit that never had
more and that each holder gave back itself.

How it works: one pass along the events for the edges, lock by lock held, as in Linux' lockdep
(Documentation/locking/lockdep-design.rst). Then chains of edges grow until they close, shortest first.
Sources: Havelund, "Using Runtime Analysis to Guide Model Checking of Java Programs", SPIN 2000 (Goodlock);
for circles of any length Agarwal and Stoller, "Run-Time Detection of Potential Deadlocks for Programs with
Locks, Semaphores, and Condition Variables", PADTAD 2006, and Bensalem and Havelund, "Dynamic Deadlock
Analysis of Multi-Threaded Programs", 2005.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tracing.diagnosis.finding import Case, Finding
from tracing.diagnosis.happens import ORDERING, HappensBefore
from tracing.diagnosis.names import Names
from tracing.events import EventLog, Kind, TraceEvent
from tracing.model import Hold, Model, ObjectModel, Outcome
from tracing.natures import nature_of

MOST_HELD = 48  # locks of one thread that are looked at, the last ones: lockdep's MAX_LOCK_DEPTH
MOST_STEPS = 50_000  # in the search for circles: the short ones come first
MOST_TOLD = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEdge:
    """A thread took a lock, or tried to, while it held another one."""

    first: int  # the lock that it held
    second: int  # the one that it took, or wanted
    thread: int
    first_site: int = 0  # where it had taken the first
    second_site: int = 0  # where it took the second
    gates: tuple[int, ...] = ()  # the other locks that it held
    permits: tuple[int, ...] = ()  # of what semaphores it had permits, one for each
    blocking: bool = True  # False: it would have given up
    direct: bool = True  # of the locks that it held, the first is the one that it took last
    time: int = 0  # ns: when it did so for the first time
    part: int = 0  # of its thread's life, see `happens`

    @property
    def held(self) -> frozenset[int]:
        """All locks that it held."""
        return frozenset((self.first, *self.gates))


KINDS = ORDERING | {Kind.ACQUIRED, Kind.RELEASED, Kind.WAIT, Kind.WOULD_BLOCK}

Cycle = tuple[OrderEdge, ...]  # each takes what the next one holds, the last what the first one holds


def lock_order(log: EventLog, model: Model) -> tuple[OrderEdge, ...]:
    """The edges of the lock-order graph, in the order in which they arose; those that repeat stand once."""
    return tuple(_Walk(log, model).edges())


def mutexes(log: EventLog, model: Model) -> set[int]:
    """The primitives that are used as locks: who took one gives it back itself."""
    return {thing.number for thing in model.objects if _is_mutex(log, thing)}


def _is_mutex(log: EventLog, thing: ObjectModel) -> bool:
    info, nature = log.object(thing.number), nature_of(log, thing.number)
    if not nature.held:
        return False
    if not nature.exclusive:
        values = [step.value for step in thing.value] or [0]
        # A release of what somebody else took shows in the sum: that hold stays open.
        held = sum(hold.open for hold in thing.holds)
        return info.value == 1 and max(values) == 1 and values[-1] + held == 1
    return nature.owned or all(hold.released_by in (0, hold.thread) for hold in thing.holds)


def _may_nest(model: Model, locks: set[int]) -> bool:
    """Whether some thread may have tried a lock while it held another; in doubt it may have."""
    in_vain = any(wait.obj in locks and wait.outcome is not Outcome.ACQUIRED for wait in model.waits)
    unsure = in_vain or any(thing.signal and thing.number in locks for thing in model.objects)
    unsure = unsure or any(mark.what == "would block" and mark.obj in locks for mark in model.marks)
    return unsure or any(_overlap(thread.holds, locks) for thread in model.threads)


def _overlap(holds: Sequence[Hold], locks: set[int]) -> bool:
    """Whether two of these holds, by start, of different locks touch each other."""
    last: Hold | None = None
    for hold in holds:
        if hold.obj not in locks:
            continue
        if last and hold.start <= last.end and hold.obj != last.obj:
            return True
        last = hold if not last or hold.end >= last.end else last
    return False


def turnstiles(log: EventLog, model: Model) -> set[int]:
    """The semaphores of several permits, of which each holder gives back its own: so many get in at once."""
    natures = ((thing, nature_of(log, thing.number)) for thing in model.objects)
    things = (thing for thing, nature in natures if nature.held and not nature.exclusive)
    return {thing.number for thing in things if not thing.signal and _never_more(thing)} - mutexes(log, model)


def _never_more(thing: ObjectModel) -> bool:
    """Whether its permits never were more than in the beginning."""
    return all(step.value <= thing.value[0].value for step in thing.value)


@dataclass(slots=True)
class _Held:
    site: int
    levels: int


class _Walk:
    """Along the events, with what each thread holds."""

    def __init__(self, log: EventLog, model: Model) -> None:
        self.log, self.locks, self.turnstiles = log, mutexes(log, model), turnstiles(log, model)
        self.nested = _may_nest(model, self.locks)
        self.permits: dict[int, Counter[int]] = defaultdict(Counter)  # by thread
        self.held: dict[int, dict[int, _Held]] = defaultdict(dict)  # by thread, in the order of taking
        self.owner: dict[int, int] = {}
        self.patience: dict[int, int] = {}  # thread: the timeout of its wait, -1 = none
        self.part: dict[int, int] = defaultdict(int)

    def edges(self) -> Iterator[OrderEdge]:
        if len(self.locks) < 2 or not self.nested:
            return  # there is no order of one: a long record is not gone through for nothing
        seen: set[object] = set()
        for event in self.log.events_of(KINDS):
            for edge in self._step(event):
                key = (edge.first, edge.second, edge.thread, edge.first_site, edge.second_site)
                known = (key, edge.gates, edge.permits, edge.blocking, edge.part)
                if known not in seen:
                    seen.add(known)
                    yield edge

    def _step(self, event: TraceEvent) -> Sequence[OrderEdge]:
        if event.kind in ORDERING:
            self.part[event.thread] += 1
        elif event.obj in self.turnstiles:
            self._pass(event)
        elif event.obj not in self.locks:
            return ()
        elif event.kind is Kind.RELEASED:
            self._release(event)
        elif event.kind is Kind.WAIT:
            self.patience[event.thread] = -1 if event.arg is None else event.arg
            return self._attempt(event, blocking=self.patience[event.thread] < 0)
        elif event.kind is Kind.WOULD_BLOCK:
            return self._attempt(event, blocking=False)
        elif event.kind is Kind.ACQUIRED:
            return self._acquire(event)
        return ()

    def _pass(self, event: TraceEvent) -> None:
        if event.kind is Kind.ACQUIRED:
            self.permits[event.thread][event.obj] += 1
        elif event.kind is Kind.RELEASED:
            self.permits[event.thread][event.obj] -= _levels(event)

    def _acquire(self, event: TraceEvent) -> Sequence[OrderEdge]:
        patience = self.patience.pop(event.thread, -1)
        edges = self._attempt(event, blocking=patience < 0 and event.arg != 0)
        if event.obj in self.held[event.thread]:
            self.held[event.thread][event.obj].levels += _levels(event)
        else:
            self._forget(event.obj)  # a release that was not seen
            self.owner[event.obj] = event.thread
            self.held[event.thread][event.obj] = _Held(event.site, _levels(event))
        return edges

    def _attempt(self, event: TraceEvent, *, blocking: bool) -> Sequence[OrderEdge]:
        """An edge from each lock held; none for a lock that the thread has already."""
        mine = self.held[event.thread]
        if not mine or event.obj in mine:
            return ()
        held = list(mine.items())[-MOST_HELD:]
        permits = tuple(sorted(self.permits[event.thread].elements()))
        return [
            OrderEdge(
                first=first,
                second=event.obj,
                thread=event.thread,
                first_site=hold.site,
                second_site=event.site,
                gates=tuple(sorted(mine.keys() - {first})),
                permits=permits,
                blocking=blocking,
                direct=first == held[-1][0],
                time=event.time,
                part=self.part[event.thread],
            )
            for first, hold in held
        ]

    def _release(self, event: TraceEvent) -> None:
        hold = self.held[self.owner.get(event.obj, 0)].get(event.obj)
        if hold:
            hold.levels -= _levels(event)
        if hold and hold.levels <= 0:
            self._forget(event.obj)

    def _forget(self, obj: int) -> None:
        self.held[self.owner.pop(obj, 0)].pop(obj, None)


def _levels(event: TraceEvent) -> int:
    return event.arg if event.arg and event.arg > 0 else 1


# Circles


def inversions(log: EventLog, edges: Iterable[OrderEdge]) -> tuple[Cycle, ...]:
    """The circles that can deadlock, shortest first, each along its edges from its lowest lock on.

    One for each set of locks, and none around the locks of a shorter one.
    """
    circular = _in_circles([edge for edge in edges if edge.blocking])
    if not circular:
        return ()  # a long record is not gone through for nothing
    found = _Search(log, circular).cycles()
    return tuple(sorted(found, key=lambda cycle: (len(cycle), max(edge.time for edge in cycle))))


def _in_circles(edges: list[OrderEdge]) -> list[OrderEdge]:
    """Without those that no circle can go along, and each once for its thread and the locks that it held."""
    alike = {(e.second, e.thread, e.first, e.gates, e.permits, e.part): e for e in reversed(edges)}
    left = list(alike.values())[::-1]
    while True:
        taken, held = {edge.second for edge in left}, {edge.first for edge in left}
        kept = [edge for edge in left if edge.first in taken and edge.second in held]
        if len(kept) == len(left):
            return kept
        left = kept


class _Search:
    """Chains of edges that grow until they close."""

    def __init__(self, log: EventLog, edges: list[OrderEdge]) -> None:
        self.log, self.edges = log, edges
        self.happens = HappensBefore(log, {edge.thread for edge in edges})
        self.after: dict[int, list[OrderEdge]] = defaultdict(list)
        for edge in edges:
            self.after[edge.first].append(edge)

    def cycles(self) -> Iterator[Cycle]:
        found: list[frozenset[int]] = []
        chains: deque[Cycle] = deque((edge,) for edge in self.edges if edge.first < edge.second)
        steps = 0
        while chains and steps < MOST_STEPS:
            chain = chains.popleft()
            steps += len(self.after[chain[-1].second])
            for longer in self._longer(chain):
                locks = frozenset(edge.first for edge in longer)
                if longer[-1].second != longer[0].first:
                    chains.append(longer)
                elif not any(known <= locks for known in found) and self._have_room(longer):
                    found.append(locks)
                    yield longer

    def _longer(self, chain: Cycle) -> Iterator[Cycle]:
        """The chain with one more edge, which closes it or goes on to a lock that is new, and higher."""
        passed = {edge.first for edge in chain[1:]} | {chain[-1].second}
        for edge in self.after[chain[-1].second]:
            ahead = edge.second >= chain[0].first and edge.second not in passed
            if ahead and all(self._together(edge, other) for other in chain):
                yield (*chain, edge)

    def _together(self, one: OrderEdge, other: OrderEdge) -> bool:
        """Whether two threads can be at both edges at once."""
        return (
            one.thread != other.thread
            and one.held.isdisjoint(other.held)
            and not self.happens.ordered((one.thread, one.part), (other.thread, other.part))
        )

    def _have_room(self, cycle: Cycle) -> bool:
        """Whether there are as many permits as the threads would have if they were at all edges at once."""
        needed = Counter(permit for edge in cycle for permit in edge.permits)
        return all((self.log.object(number).value or 0) >= count for number, count in needed.items())


# The finding


def lock_order_inversions(case: Case, deadlocks: Sequence[Finding]) -> Iterator[Finding]:
    """Locks that threads take in contradicting orders, but for those on which the run did deadlock."""
    told = [set(finding.objects) for finding in deadlocks]
    cycles = inversions(case.log, lock_order(case.log, case.model))
    new = [cycle for cycle in cycles if not any(known.issuperset(e.first for e in cycle) for known in told)]
    yield from (_inversion(case, cycle) for cycle in new[:MOST_TOLD])
    if len(new) > MOST_TOLD:
        yield Finding(
            kind="lock-order inversion",
            severity="warning",
            time=case.model.duration,
            sentence=f"Lock-order inversion: {len(new) - MOST_TOLD} more sets of locks are taken in "
            "orders that contradict each other.",
            hint="run.lock_order() draws all orders.",
        )


def _inversion(case: Case, cycle: Cycle) -> Finding:
    said = "; ".join(_order(case.names, edge) for edge in cycle)
    return Finding(
        kind="lock-order inversion",
        severity="warning",
        threads=tuple(edge.thread for edge in cycle),
        objects=tuple(edge.first for edge in cycle),
        sites=tuple(dict.fromkeys(s for e in cycle for s in (e.first_site, e.second_site) if s)),
        time=max(edge.time for edge in cycle),
        sentence=f"Lock-order inversion: {said}: in another schedule they may deadlock.",
        hint="Take the locks in the same order in every thread; run.lock_order() draws the orders.",
    )


def _order(names: Names, edge: OrderEdge) -> str:
    first, second = names.object(edge.first), names.object(edge.second)
    before, after = names.at(edge.first_site), names.at(edge.second_site)
    before = "" if before == after else before
    return f"{names.thread(edge.thread)} takes {first}{before}, then {second}{after}"
