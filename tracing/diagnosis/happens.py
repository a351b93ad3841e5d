"""What comes before what in every schedule, as far as a record can know.

Owns: `HappensBefore`, the order of the parts of the threads' lives. A part ends where a thread orders itself
with another one: it starts or joins one, sets or passes an event, arrives at or passes a barrier, submits,
begins or ends a call, or takes its result.

Rule: only what holds whatever the schedule is. A lock's hand-off orders two threads in this run, and the
other way round in the next: it does not count. An event counts that one call of set() can have set, a barrier
that no more threads come to than it has parties.

How it works: vector clocks, kept only for the threads that are asked for. Source: Mattern, "Virtual Time and
Global States of Distributed Systems", 1989; to leave locks' hand-offs out, and why: Bensalem and Havelund,
"Dynamic Deadlock Analysis of Multi-Threaded Programs", 2005 (their segmentation graph).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from types import MappingProxyType

from tracing.events import EventLog, Kind, TraceEvent

Part = tuple[int, int]  # a thread's number, and which part of its life
Clock = MappingProxyType[int, int]  # of other threads: the last part that is over

CALLS = frozenset({Kind.SUBMITTED, Kind.CALL_BEGAN, Kind.CALL_ENDED, Kind.CALL_FAILED, Kind.RESULT})
ORDERING = CALLS | {Kind.STARTED, Kind.BEGAN, Kind.JOINED, Kind.SET, Kind.ARRIVED, Kind.PASSED}
"""After each of these the next part of its thread's life begins."""

NOTHING: Clock = MappingProxyType({})


class HappensBefore:
    """The order of the parts of some threads' lives in one run."""

    def __init__(self, log: EventLog, threads: Collection[int]) -> None:
        self._asked = frozenset(threads)
        self._clocks: dict[Part, Clock] = {}  # of each part
        self._now: dict[int, Clock] = defaultdict(lambda: NOTHING)  # by thread
        self._part: dict[int, int] = defaultdict(int)
        self._sent: dict[tuple[str, int], Clock] = defaultdict(lambda: NOTHING)
        moves: dict[Kind, Callable[[TraceEvent], None]] = {
            Kind.STARTED: lambda event: self._send("start", event.arg or 0, event.thread),
            Kind.BEGAN: lambda event: self._receive(event.thread, self._sent["start", event.thread]),
            Kind.JOINED: lambda event: self._receive(event.thread, self._known(event.arg or 0)),
            Kind.SET: lambda event: self._send("set", event.obj, event.thread),
            Kind.ARRIVED: lambda event: self._send("arrived", event.obj, event.thread),
            Kind.PASSED: lambda event: self._receive(event.thread, self._sent["passed", event.obj]),
            Kind.TRIPPED: self._trip,
            Kind.SUBMITTED: lambda event: self._send("call", event.obj, event.thread),
            Kind.CALL_BEGAN: lambda event: self._receive(event.thread, self._sent["call", event.obj]),
            Kind.CALL_ENDED: lambda event: self._send("result", event.obj, event.thread),
            Kind.CALL_FAILED: lambda event: self._send("result", event.obj, event.thread),
            Kind.RESULT: lambda event: self._receive(event.thread, self._sent["result", event.obj]),
        }
        reliable = _reliable(log)
        for event in log.events_of(moves):
            if not event.obj or event.obj in reliable:
                moves[event.kind](event)
            if event.kind in ORDERING:
                self._part[event.thread] += 1
                self._clocks[event.thread, self._part[event.thread]] = self._now[event.thread]

    def ordered(self, one: Part, other: Part) -> bool:
        """Whether one of the two always comes before the other, whatever the schedule is."""
        return self._before(one, other) or self._before(other, one)

    def _before(self, one: Part, other: Part) -> bool:
        return self._clocks.get(other, NOTHING).get(one[0], -1) >= one[1]

    def _known(self, thread: int) -> Clock:
        """What is over once what the thread has done so far is."""
        own = {thread: self._part[thread]} if thread in self._asked else {}
        return MappingProxyType({**self._now[thread], **own})

    def _send(self, how: str, to: int, thread: int) -> None:
        self._sent[how, to] = _latest(self._sent[how, to], self._known(thread))
        if how == "set":
            self._sent["passed", to] = self._sent[how, to]

    def _trip(self, event: TraceEvent) -> None:
        """Who passes now passes after these arrivals; later ones belong to the next round."""
        self._sent["passed", event.obj] = self._sent["arrived", event.obj]

    def _receive(self, thread: int, clock: Clock) -> None:
        self._now[thread] = _latest(self._now[thread], clock)


def _latest(one: Clock, other: Clock) -> Clock:
    if not other or one is other:
        return one
    return MappingProxyType({key: max(one.get(key, -1), other.get(key, -1)) for key in {**one, **other}})


def _reliable(log: EventLog) -> set[int]:
    """The events that one call sets, the barriers at which no round can be made up otherwise, and the calls
    of executors, each of which is made once.
    """
    setters: dict[int, list[int]] = defaultdict(list)
    comers: dict[int, set[int]] = defaultdict(set)
    for event in log.events_of({Kind.SET}):
        setters[event.obj].append(event.thread)
    for event in log.events_of({Kind.ARRIVED}):
        comers[event.obj].add(event.thread)
    made_with = {info.number: info.value for info in log.objects}
    once = {obj for obj, threads in setters.items() if len(threads) == 1 and not made_with.get(obj)}
    calls = {event.obj for event in log.events_of(CALLS)}
    return calls | once | {obj for obj, threads in comers.items() if len(threads) == made_with.get(obj)}
