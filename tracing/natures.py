"""THE TABLE OF PRIMITIVES: what each of them is, in one row.

Owns: `NATURES`, a `Nature` for each type of primitive: its family, how it behaves, what it counts, and what
it is called wherever a reader meets it. `nature_of` gives the row; what has none is `UNKNOWN`, of which
nothing is said that is not in the record.

Rule: outside of the faces, and of what replaces names, no module asks for a type by its name (but the
recorder, which calls a lock after its Condition). Where a word or a number differs, it is a field of the row.
Where behaviour differs, each room has one table that leads from each `Family` to its code; a module for one
family has its name (`tests/test_natures.py` reads the syntax trees).

How it works: "{}" in a phrase is the primitive's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, unique
from types import MappingProxyType

from tracing.events import EventLog


@unique
class Family(Enum):
    """What behaves alike. The value is the name of its module, in each room that has one."""

    MUTEX = "mutex"  # has one holder at a time
    COUNTER = "counter"  # has so many, takes and gives
    CONDITION = "condition"  # wakes those who wait
    EVENT = "event"  # is up or down
    BARRIER = "barrier"  # lets go when all are there
    TIMER = "timer"  # is pending for an interval
    QUEUE = "queue"  # hands items on
    FUTURE = "future"  # is a call, and what comes of it
    EXECUTOR = "executor"  # hands calls to its workers
    OTHER = "other"  # is waited for, and no more is known


@unique
class Effect(Enum):
    """What an event does to its object. The value names the method of a `Thing` that carries it out."""

    TAKE = "take"  # a lock's level, one of what is counted
    GIVE = "give"
    RAISE = "put_up"  # an event's flag
    LOWER = "put_down"
    ARRIVE = "arrive"  # at a barrier
    TRIP = "trip"
    LEAVE = "leave"  # a barrier, after that
    ACT = "act"  # a barrier's action begins
    ACTED = "acted"  # it is over; of a queue: a task is done
    BREAK = "shatter"
    MEND = "mend"
    PEND = "pend"  # a timer
    FIRE = "fire"
    CALL_OFF = "call_off"
    SUBMIT = "submit"  # a call, to those who are to make it


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What becomes of a count: it is `to`, or it is so many more."""

    by: int = 0
    each: bool = False  # so many for each level or permit that the event is about
    to: int | None = None
    stated: bool = False  # it is what the low bits of the event's arg say (LENGTH_BITS), if it has one


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A number that follows from the events alone: how it begins, and what each effect makes of it.

    The fold counts event by event, the density all events at once: both read this.
    """

    changes: Mapping[Effect, Change]
    given: bool = False  # it begins with the value that the primitive was made with; else with 0
    flag: bool = False  # it is 0 or not: what matters is for how long

    def first(self, value: int | None) -> int:
        """What it begins with, of a primitive that was made with that value."""
        return (value or 0) if self.given else 0


STOCK = Count(given=True, changes={Effect.TAKE: Change(by=-1), Effect.GIVE: Change(by=1, each=True)})
ITEMS = Count(given=True, changes={Effect.TAKE: Change(by=-1), Effect.GIVE: Change(by=1)})
LENGTH = Count(
    changes={
        Effect.TAKE: Change(by=-1, stated=True),
        Effect.GIVE: Change(by=1, stated=True),
    }
)
FLAG = Count(given=True, flag=True, changes={Effect.RAISE: Change(to=1), Effect.LOWER: Change(to=0)})
ARRIVALS = Count(
    changes={
        Effect.ARRIVE: Change(by=1, stated=True),
        **dict.fromkeys((Effect.TRIP, Effect.BREAK, Effect.MEND), Change(to=0)),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An operation that raises, in the words of a finding."""

    kind: str
    did: str  # what the thread tried
    why: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Nature:
    """What a primitive is. What a row leaves out is said of none."""

    type: str = ""
    family: Family = Family.OTHER

    # How it behaves
    held: bool = False  # who took it has it until it is given back
    exclusive: bool = False  # one thread has it at a time
    owned: bool = False  # only who has it can give it back, and can take it again: it has a depth
    elapses: bool = False  # a wait for it ends by itself: nobody has to do anything
    work: bool = False  # who has it works at it: between two of them a worker has nothing to do
    gathers: bool = False  # a wait for it ends when enough threads have come
    short: bool = False  # its acquire and release are recorded in the shortest way
    around_lock: bool = False  # it is made around a lock: the program's, or one of its own
    count: Count | None = None

    # What is said of it and of a wait for it
    unit: str = ""  # what one takes of it; "": it as a whole
    aim: str = "for {}"
    lacks: str = "not to be had"  # what is missing while one waits
    freed: str = "released it"  # what a thread did so that another one got it
    passing: str = "passes {}"  # what it is called when a wait returns that was ended for all who waited
    # Why nobody ends a wait that does not end, and what to do. {count}: what it counts, of how many
    stalled: str = "and what would end the wait is not in the record"
    remedy: str = "Look for what should have ended the wait, and for who should have done it."
    alone: str = ""  # what to do where a thread waits for what it holds itself
    refusals: Mapping[str, Refusal] = field(default_factory=dict)  # by the text of the exception

    # How it is drawn
    drawn_aim: str = "for {}"
    having: str = "holds"  # what a thread does that has it
    briefly: str = "{}"  # the same where there is little room
    had_by: str = "held by"  # and by whom
    joint: str = "waits for"  # at the arrow from who waits to it
    note: str = "{type}"  # in front of its lane; {value}: what it was made with
    marked_on_top: bool = False  # what happens is marked at the top of its lane
    filled: str = ""  # what fills its lane where that shows shares of time

    # How it is exported
    counter: str = "value"  # what its counter is called
    band: str = ""  # what a stretch of its own is called


_MUTEX = Nature(
    family=Family.MUTEX,
    held=True,
    exclusive=True,
    lacks="held",
    stalled="and who holds it is not in the record",
    remedy="Look for a release that is missing.",
    filled="held",
)

_SEMAPHORE = Nature(
    family=Family.COUNTER,
    held=True,
    count=STOCK,
    unit="permit",
    aim="for a permit of {}",
    lacks="no permit",
    freed="released one",
    stalled="of which none is left, and nobody is left to release one",
    remedy="Make sure that there is a release() for each acquire(), and one that ends the last wait.",
    alone="Do not take more permits in one thread than there are.",
    drawn_aim="for a permit of {}",
    note="{type}({value})",
    filled="permits left (Semaphore)",
    counter="permits",
)

_QUEUE = Nature(
    family=Family.QUEUE,
    count=LENGTH,
    aim="for an item of {}",
    lacks="empty",
    freed="put one in",
    stalled="and nobody is left to put one in",
    remedy="Put something in for each thread that waits, also where an error comes first.",
    drawn_aim="for an item of {}",
    note="{type}({value})",
    filled="items (queues)",
    counter="items",
    refusals={
        "ValueError: task_done() called too many times": Refusal(
            kind="task done too often",
            did="said task_done() of {}",
            why="of which no task was unfinished",
            hint="Call task_done() once for each item that get() gave.",
        )
    },
)

_ROWS = (
    replace(
        _MUTEX,
        type="Lock",
        short=True,
        alone="Do not take a Lock that you hold; where a thread has to, use an RLock.",
        refusals={
            "RuntimeError: release unlocked lock": Refusal(
                kind="over-release",
                did="tried to release {}",
                why="which nobody held",
                hint="Release only what was acquired, and once: `with` does.",
            )
        },
    ),
    replace(
        _MUTEX,
        type="RLock",
        owned=True,
        refusals={
            "RuntimeError: cannot release un-acquired lock": Refusal(
                kind="over-release",
                did="tried to release {}",
                why="which nobody held",
                hint="Release it as often as it was acquired, in the same thread: `with` does.",
            )
        },
        counter="depth",
    ),
    replace(_SEMAPHORE, type="Semaphore"),
    replace(
        _SEMAPHORE,
        type="BoundedSemaphore",
        refusals={
            "ValueError: Semaphore released too many times": Refusal(
                kind="over-release",
                did="tried to release {}",
                why="which had all its permits already",
                hint="Release one permit for each that was acquired: `with` does.",
            )
        },
    ),
    Nature(
        type="Condition",
        family=Family.CONDITION,
        around_lock=True,
        aim="on {}",
        lacks="not notified",
        stalled="and nobody is left to notify it",
        remedy="Notify after each change of what is waited for, with notify_all() where different things "
        "are.",
        refusals={
            "RuntimeError: cannot wait on un-acquired lock": Refusal(
                kind="wait without the lock",
                did="tried to wait on {}",
                why="whose lock it did not hold",
                hint="Wait inside of `with condition:`: wait() gives the lock up, and takes it back.",
            ),
            "RuntimeError: cannot notify on un-acquired lock": Refusal(
                kind="notify without the lock",
                did="tried to notify {}",
                why="whose lock it did not hold",
                hint="Notify inside of `with condition:`, where what is waited for was changed.",
            ),
        },
        drawn_aim="for a notify on {}",
        joint="waits on",
        marked_on_top=True,
        filled="held",
    ),
    Nature(
        type="Event",
        family=Family.EVENT,
        count=FLAG,
        lacks="flag down",
        passing="waits until {} is set",
        stalled="and nobody is left to set it",
        remedy="Make sure that set() is called, also where an error comes first.",
        drawn_aim="for {} to be set",
        filled="up (Event)",
        band="set",
    ),
    Nature(
        type="Barrier",
        family=Family.BARRIER,
        gathers=True,
        count=ARRIVALS,
        aim="at {}",
        lacks="not all there",
        passing="meets the others at {}",
        stalled="where {count} have arrived",
        remedy="Let as many threads come as the barrier has parties, or give wait() a timeout.",
        drawn_aim="at {}",
        joint="waits at",
        note="{type} for {value}",
        marked_on_top=True,
        filled="arrivals (Barrier)",
        counter="arrived",
        band="broken",
    ),
    replace(_QUEUE, type="SimpleQueue", count=ITEMS, note="{type}"),
    *(replace(_QUEUE, type=each) for each in ("Queue", "LifoQueue", "PriorityQueue")),
    Nature(
        type="Future",
        family=Family.FUTURE,
        aim="for {}",
        lacks="not done",
        freed="came to its end",
        stalled="and nobody is left to make that call",
        remedy="Make sure that each future comes to its end: by a result, an exception, or cancel().",
        drawn_aim="for {}",
        work=True,
        having="runs",
        had_by="run by",
        band="waits for a worker",
    ),
    Nature(
        type="ThreadPoolExecutor",
        family=Family.EXECUTOR,
        aim="for the workers of {} to end",
        lacks="workers at work",
        stalled="and its workers do not end",
        remedy="Look at what the calls of its workers wait for.",
        drawn_aim="for the workers of {}",
        note="{type}({value})",
        counter="calls in waiting",
    ),
    Nature(
        type="Timer",
        family=Family.TIMER,
        elapses=True,
        having="runs the callback of",
        briefly="callback",
        aim="for {} to fire",
        lacks="interval",
        band="pending",
    ),
)

NATURES: Mapping[str, Nature] = MappingProxyType({row.type: row for row in _ROWS})
UNKNOWN = Nature()
AROUND_LOCK = frozenset(row.type for row in _ROWS if row.around_lock)


def nature_of(log: EventLog, number: int) -> Nature:
    """What the primitive with that number is; `UNKNOWN` where there is none, or none that has a row."""
    known = 0 < number <= len(log.objects)
    return NATURES.get(log.objects[number - 1].type, UNKNOWN) if known else UNKNOWN


def calls_of(log: EventLog) -> frozenset[int]:
    """The numbers of the primitives that are calls which a worker of another one makes."""
    types = {type_ for type_, nature in NATURES.items() if nature.work}
    most = len(log.objects)
    return frozenset(info.number for info in log.objects if info.type in types and 0 < info.owner <= most)
