"""What a run looks like once it is folded: who ran, held and waited, for whom, and who ended each wait.

Owns: the frozen records that the diagnosis and every view read. Rule: numbers as in the `EventLog` (threads,
objects, sites, seq), times in ns since the run began, 0 for "none"; a view computes nothing that could stand
here.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from itertools import accumulate


class State(Enum):
    """What a thread is doing between two of its events."""

    RUNNING = "running"  # has the turn; or could have it, where it is not known who has (see `Model.slices`)
    # could go on, and another thread has the turn. (Who waits or sleeps does so until it goes on: what of a
    # wait was readiness is `schedule` in its breakdown.)
    READY = "ready"
    IDLE = "idle"  # a pool's worker without a call: it waits for its next one in a queue of the pool's own
    STARTING = "starting"  # inside start(), until the other thread has begun; on the real clock
    SLEEPING = "sleeping"
    WAITING = "waiting"  # for a lock, a permit, an event, a barrier, a thread's end, a notification
    NOTIFIED = "notified"  # woken from Condition.wait, but the lock is not back yet


class Fate(Enum):
    """How a thread's lane ends."""

    ENDED = "ended"
    FAILED = "failed"  # ended by an exception
    CUT_OFF = "cut off"  # a daemon at the end of the program, or unwound because the run was ended
    STILL_RUNNING = "still running"  # at the end of the record


class Outcome(Enum):
    """How a wait ended."""

    __hash__ = object.__hash__  # a member is only equal to itself; the fold asks often

    ACQUIRED = "acquired"
    NOTIFIED = "notified"
    SET = "set"
    TRIPPED = "tripped"
    EMPTIED = "emptied"  # those of the barrier's round before have left
    BROKEN = "broken"
    ENDED = "ended"  # the joined thread did
    FIRED = "fired"  # the timer's interval was over
    CANCELLED = "cancelled"  # the timer was
    TIMED_OUT = "timed out"
    CUT = "cut"  # by an exception in the waiting thread
    OPEN = "open"  # not at all: it is still waiting at the end of the record


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """One wait, from the attempt that could not succeed to its end."""

    index: int  # position in Model.waits
    thread: int
    obj: int = 0  # the primitive waited for; 0 for a join
    target: int = 0  # the thread waited for (join); 0 for a primitive
    start: int  # ns
    end: int  # ns; the end of the record where outcome is OPEN
    outcome: Outcome
    kind: int = 0  # of the event that began it
    timeout: int | None = None  # ns asked for
    site: int = 0  # where the waiting thread stands
    holders: tuple[int, ...] = ()  # threads that held the object when the wait began (join: the target)
    holder_site: int = 0  # where the first of them had acquired it
    ended_by: int = 0  # the thread that released, notified, set, tripped, broke, ended; 0: nobody / unknown
    ended_seq: int | None = None  # that event's seq
    ended_site: int = 0
    reacquire: bool = False  # the wait for the lock that ends a Condition.wait
    overtaken: int = 0  # how often a later comer got it first
    passed_by: tuple[int, ...] = ()  # which threads these were, in the order of their first pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of a thread's life in one state. The spans of a thread do not overlap and leave no gap."""

    thread: int
    state: State
    start: int
    end: int
    wait: int | None = None  # index into Model.waits, for WAITING and NOTIFIED
    duration: int | None = None  # what sleep() was asked for, ns


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One turn of a thread in a simulated run: nobody else ran from its start to its end.

    Between two slices nobody ran: all waited, and the clock went on to the next deadline. A slice may take no
    time, and hold no event.
    """

    thread: int
    start: int
    end: int
    # the step of the schedule in which it begins, -1 before the first choice. chosen: it begins with that
    # choice; else the thread got the turn within that step, because nobody else could go on
    step: int
    chosen: bool
    first: int  # seq of its first event
    until: int  # its events are those from `first` to `until` - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One thread has one lock or one permit. RLock: one Hold per depth step, so depth is constant within."""

    obj: int
    thread: int
    start: int
    end: int
    depth: int = 1  # RLock depth; semaphore: with this permit the thread has so many (the last goes first)
    site: int = 0  # where it was acquired
    released_by: int = 0  # 0 = not released within the record
    released_site: int = 0
    open: bool = False  # still held at the end of the record
    unseen: bool = False  # it was held before the record began: acquired unseen
    failed: bool = False  # a pool's call, which an exception has ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A counter's value from a time on."""

    time: int
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """A thread leaves a barrier that has let it go."""

    thread: int
    time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A stretch of an object's life: an event's flag up, a barrier broken or filling up, a timer pending."""

    start: int
    end: int
    thread: int = 0  # who began it (set the flag, broke the barrier, made the timer)
    ended_by: int = 0  # the thread that cleared the flag, reset the barrier, ended the interval; 0: none yet
    open: bool = False  # not over at the end of the record
    text: str = ""  # how a barrier's generation ended, or that its action failed: as a picture says it
    left: tuple[Leaving, ...] = ()  # of a barrier's generation: who left it, in that order


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A stretch that the program marked: `with mark("cooking"):`. A thread's may be within each other."""

    name: str
    thread: int
    start: int
    end: int
    site: int = 0  # where it was entered
    raised: bool = False  # it was left by an exception
    open: bool = False  # not left within the record


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A number that the program marked: `mark("shelf", value=3)`."""

    time: int
    value: float
    thread: int  # who said it
    site: int = 0
    seq: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What the program said of one number, in order. Each counts until the next."""

    name: str
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something that takes no time: a failed try, a time-out, a notify, a refused operation, an arrival."""

    what: str  # "would block", "timed out", "refused", "notify", "set", "clear", "arrive", "trip", "broken",
    # "reset", "fired", "cancelled", "cancelled late", "note", "failed", "cut", "pass" (wait() of an event or
    # a barrier returned, whether it had to wait or not), "broke out" (BrokenBarrierError in this thread)
    time: int
    thread: int
    obj: int = 0
    site: int = 0
    seq: int = 0
    text: str = ""  # the exception, the note
    count: int | None = None  # notify: how many it woke; arrive: how many are there; pass: barrier's index


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """One thread, the source, causes another, the target, to go on. obj: the primitive between them, or 0."""

    # "start", "join", "hand-off", "notify", "set", "trip", "break", "cancel" (of a timer); "item", "submit":
    # to who got it without a wait, or took the call
    what: str
    source: int  # thread
    source_time: int
    target: int  # thread
    target_time: int
    obj: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadModel:
    """Everything about one thread."""

    number: int
    start: int  # when it was started (the parent's STARTED), ns
    begin: int  # its first own event; spans begin here: before it the thread is started, and ready
    end: int
    fate: Fate
    error: str = ""  # FAILED: "ValueError: ..."; ENDED: "SystemExit: ..." where that ended it
    spans: tuple[Span, ...] = ()
    holds: tuple[Hold, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectModel:
    """Everything about one primitive. What does not apply to its type is empty."""

    number: int
    holds: tuple[Hold, ...] = ()  # Lock, RLock, Semaphore
    waits: tuple[int, ...] = ()  # indices into Model.waits, by start
    # Semaphore: permits; Barrier: arrivals; RLock: depth; queue: length; executor: calls in waiting
    value: tuple[Step, ...] = ()
    # Event: flag up; Barrier: broken; Timer: pending; Future: submitted, and not begun
    bands: tuple[Band, ...] = ()
    generations: tuple[Band, ...] = ()  # Barrier: first arrival to trip (or break: text says how)
    actions: tuple[Band, ...] = ()  # Barrier: its action runs, in the thread of the last to arrive
    callbacks: tuple[Band, ...] = ()  # Timer: its callback runs; at most one, which may have failed
    signal: bool = False  # Semaphore: its permits tell something; who took one is not said to hold it


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A run, folded. Times are ns since the run began."""

    duration: int
    threads: tuple[ThreadModel, ...]  # by number - 1
    objects: tuple[ObjectModel, ...]  # by number - 1
    waits: tuple[Wait, ...]  # by start
    marks: tuple[Mark, ...]  # by time
    arrows: tuple[Arrow, ...]  # by source time
    # who had the turn, in order; empty where that is not known (real clock, old file): there RUNNING says
    # "running or ready". The step of an event is `log.turns.step(seq)`
    slices: tuple[Slice, ...] = ()
    blocks: tuple[Block, ...] = ()  # by start
    series: tuple[Series, ...] = ()  # in the order in which their names appear

    def queue(self, number: int) -> tuple[Step, ...]:
        """How many threads wait for the primitive with that number: one step for each time at which that
        changes.
        """
        change: Counter[int] = Counter()
        for wait in (self.waits[index] for index in self.objects[number - 1].waits):
            change[wait.start] += 1
            if wait.outcome is not Outcome.OPEN:
                change[wait.end] -= 1
        times = sorted(time for time, by in change.items() if by)
        lengths = accumulate(change[time] for time in times)
        return tuple(Step(time=time, value=length) for time, length in zip(times, lengths, strict=True))

    def free(self, number: int) -> tuple[Step, ...]:
        """How many permits of the semaphore with that number are left for who comes next.

        One that was given back while a thread waits is that thread's, although it takes a moment to take it:
        so a permit that is handed on is never free in between, however long that moment is.
        """
        value = {step.time: step.value for step in self.objects[number - 1].value}
        queue = {step.time: step.value for step in self.queue(number)}
        found: list[Step] = []
        left = waiting = 0
        for time in sorted({*value, *queue}):
            left, waiting = value.get(time, left), queue.get(time, waiting)
            step = Step(time=time, value=max(0, left - waiting))
            if not found or found[-1].value != step.value:
                found.append(step)
        return tuple(found)
