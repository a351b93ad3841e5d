"""The vocabulary of a trace: pure data, no behaviour, nothing imported from the package.

Owns: what can happen (`Kind`), and the frozen records that carry it: `TraceEvent`, `ThreadInfo`,
`ObjectInfo`, `Site`, `Call`, `Stand`, `Ending`, `Turns`, and `EventLog`, the complete, immutable result of
one run.

Rule: numbers, not identities. Threads, objects, sites and texts are counted 1..N within a log (0 means
"none"), in the order in which they first appear, so that a log means the same in every process that opens it.
What comes after the last number (`Limits`) is not in a log, and `notes` say so.

How it works: a log keeps sixteen bytes an event: a time, and a code that packs kind, site, object and thread
(`pack`). What few events need beyond that stands in the sparse mapping `args`.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, unique
from types import MappingProxyType


@unique
class Kind(IntEnum):
    """What happened. The comment says who records it, and what `arg` means where it means anything.

    The numbers are part of the file format: append, never renumber.
    """

    # Threads. `arg` is the number of the other thread.
    STARTED = 1  # by the parent, just before the child is let go; arg = child
    BEGAN = 2  # by the child, first thing; arg = parent
    ENDED = 3  # by the thread, last thing; arg = text "SystemExit: ..." where sys.exit() ended it, else none
    FAILED = 4  # by the thread, last thing, instead of ENDED; arg = text "ValueError: ..."
    JOIN_WAIT = 5  # join() found the thread alive and waits; arg = the joined thread
    JOINED = 6  # join() returned and the thread had ended; arg = the joined thread
    JOIN_TIMED_OUT = 7  # join() returned and the thread was alive; arg = the joined thread
    SLEEP = 8  # arg = duration asked for, ns
    WOKE = 9  # the sleep is over

    # Whatever can be waited for: Lock, RLock, Semaphore, Event, Barrier, SimpleQueue, an executor's workers
    # (never a Condition's notification).
    # the attempt could not succeed at once: from here the thread waits; arg = timeout in ns, -1 = none
    WAIT = 10
    TIMED_OUT = 11  # that wait ended without success
    WOULD_BLOCK = 12  # a non-blocking attempt failed
    CUT = 13  # that wait ended by an exception (Ctrl-C)

    # Lock, RLock, Semaphore
    # stamped after the real acquire; arg = levels taken (an RLock restored after Condition.wait), else 1;
    # 0 = one level, by an attempt that would have given up (non-blocking, or with a timeout)
    ACQUIRED = 14
    RELEASED = 15  # stamped before the real release; arg = levels or permits given back, else 1
    # an operation raised instead (release of an unlocked lock, ...); arg = text "RuntimeError: ..."
    REFUSED = 16

    # Condition
    COND_WAIT = 17  # wait() is about to give the lock up; arg = timeout in ns, -1 = none
    NOTIFY = 18  # notify() was called; arg = how many waiters it woke. One NOTIFIED for each follows
    NOTIFIED = 19  # recorded by the notifier; arg = the thread that it woke
    COND_WOKE = 20  # by the waiter: awake, and now needs the lock back; arg = see Woken

    # Event
    SET = 21  # stamped before the flag is really set
    CLEARED = 22
    PASSED = 23  # wait() of an Event returned True / wait() of a Barrier returned; arg = the barrier's index

    # Barrier
    ARRIVED = 24  # arg = how many are there now, this one included
    TRIPPED = 25  # by the last to arrive, before the action
    ACTION = 26  # by the last to arrive: the action begins
    ACTION_DONE = 27
    BROKEN = 28  # the barrier broke; arg = text: "abort", "timeout", "reset", or the action's exception
    BROKE_OUT = 29  # wait() raised BrokenBarrierError in this thread
    RESET = 30

    # Timer
    PENDING = 31  # by the timer's thread: it waits for its interval; arg = interval, ns
    FIRED = 32  # by the timer's thread: the callback begins
    CANCELLED = 33  # by whoever called cancel() while it was pending
    CANCEL_LATE = 34  # cancel() after it fired or after an earlier cancel: no effect

    # Marks of the program's own: `mark()`; more of them below
    NOTE = 35  # arg = text

    # Queue, LifoQueue, PriorityQueue; stamped while the queue's mutex is held. (SimpleQueue has no mutex, and
    # no arg: PUT is stamped before the item is really there, GOT after it is really taken.) An item's number
    # counts the puts of its queue, from 1; 0: not known (it was put before the run, or the queue gives
    # another object)
    PUT = 36  # arg = item and length after it, see item_and_length
    GOT = 37  # arg = the same
    PUT_WAIT = 38  # put() found no room: from here the thread waits; arg = timeout in ns, -1 = none
    GET_WAIT = 39  # get() found it empty; arg = timeout in ns, -1 = none
    TASK_DONE = 40  # arg = how many tasks are unfinished now
    TASKS_WAIT = 41  # join() of a queue found unfinished tasks; arg = how many
    TASKS_JOINED = 42  # join() of a queue returned
    SHUT_DOWN = 43  # arg = how many items were thrown away; also of an executor: 0
    SHUT_OUT = 44  # put() or get() raised ShutDown in this thread

    # Future: a call that an executor makes, or what the program makes of a Future by itself
    SUBMITTED = 45  # by who submits it; arg = text: the function's name
    CALL_BEGAN = 46  # by the worker
    CALL_ENDED = 47  # by the worker: the result is there
    CALL_FAILED = 48  # by the worker; arg = text: the exception
    CALL_CANCELLED = 49  # by whoever called cancel() before it began
    RESULT_WAIT = 50  # result() or exception() found it unfinished; arg = timeout in ns, -1 = none
    RESULT = 51  # result() or exception() gave what there is, be it an exception
    # wait() or as_completed() found it unfinished, the first of those it waits for; arg = timeout in ns, -1
    FUTURES_WAIT = 52
    FUTURES_CAME = 53  # that wait has ended

    # ThreadPoolExecutor: SHUT_DOWN, then WAIT where workers have not ended yet, and
    WORKERS_ENDED = 54  # shutdown(wait=True) found that all workers have ended

    # Marks of the program's own: `with mark()` and `mark(value=...)`
    BAND_BEGAN = 55  # arg = text: its name
    BAND_ENDED = 56  # arg = the same
    BAND_LEFT = 57  # by an exception; arg = the same
    VALUE = 58  # arg = text: name and number, "shelf = 3", see VALUE_SIGN

    # Put in by explore() and replay(): what a finding is about
    READ = 59  # of a variable; arg = text: its name, and its value where that is known: "counter = 0"
    WRITE = 60  # arg = the same

    # Barrier: wait() found the round before still leaving; ARRIVED follows; arg = -1
    ROUND_WAIT = 61

    # Future: by who called a callback, which raised (concurrent.futures only logs that); arg = text: the
    # exception
    CALLBACK_FAILED = 62


@unique
class Woken(IntEnum):
    """How a thread woke up from a Condition's wait: the arg of COND_WOKE."""

    TIMED_OUT = 0
    NOTIFIED = 1
    INTERRUPTED = 2  # by an exception (Ctrl-C)


# How a code is packed. Of the kinds one number is left; then there is a bit to spare in a code, and files
# have the kinds by name. Thread highest: a per-thread log is packed with thread 0 and gets its number when
# logs merge.
KIND_BITS, SITE_BITS, OBJECT_BITS, THREAD_BITS = 6, 20, 20, 16
SITE_SHIFT = KIND_BITS
OBJECT_SHIFT = SITE_SHIFT + SITE_BITS
THREAD_SHIFT = OBJECT_SHIFT + OBJECT_BITS
KIND_MASK, SITE_MASK, OBJECT_MASK = ((1 << bits) - 1 for bits in (KIND_BITS, SITE_BITS, OBJECT_BITS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many of each a log can number: the fields of a code are so wide. What comes later has no number."""

    threads: int = (1 << THREAD_BITS) - 1
    objects: int = OBJECT_MASK
    sites: int = SITE_MASK
    texts: int = (1 << 20) - 1


LIMITS = Limits()

LENGTH_BITS = 31
LENGTH_MASK = (1 << LENGTH_BITS) - 1


def item_and_length(arg: int | None) -> tuple[int, int]:
    """What the arg of PUT and GOT says: the item's number, and how long the queue is now."""
    return (arg or 0) >> LENGTH_BITS, (arg or 0) & LENGTH_MASK


TOUCHES = frozenset({Kind.READ, Kind.WRITE})
"""The kinds of what is read and written."""

BANDS = frozenset({Kind.BAND_BEGAN, Kind.BAND_ENDED, Kind.BAND_LEFT})
"""The kinds of where a stretch that the program marks begins and ends."""

MARKS = BANDS | TOUCHES | {Kind.NOTE, Kind.VALUE}
"""The kinds of marks: nothing that a thread does by an operation of a primitive."""

VALUE_SIGN = " = "  # between the name and the number

TEXT_KINDS = MARKS | {
    *(Kind.ENDED, Kind.FAILED, Kind.REFUSED, Kind.BROKEN),
    *(Kind.SUBMITTED, Kind.CALL_FAILED, Kind.CALLBACK_FAILED),
}
"""The kinds whose argument is the number of a text."""

THREAD_KINDS = frozenset(
    {Kind.STARTED, Kind.BEGAN, Kind.JOIN_WAIT, Kind.JOINED, Kind.JOIN_TIMED_OUT, Kind.NOTIFIED}
)
"""The kinds whose argument is the number of a thread."""

CAUSES = frozenset(
    {
        *(
            Kind.RELEASED,
            Kind.SET,
            Kind.NOTIFIED,
            Kind.TRIPPED,
            Kind.BROKEN,
            Kind.STARTED,
            Kind.ENDED,
            Kind.PUT,
        ),
        *(Kind.TASK_DONE, Kind.SHUT_DOWN),
        *(Kind.SUBMITTED, Kind.CALL_ENDED, Kind.CALL_FAILED, Kind.CALL_CANCELLED),
    }
)
"""The kinds by which other threads may go on: of events with one stamp they come first. Not GOT: of a put and
the get of the same item the put comes first.
"""

GIVING = frozenset({Kind.RELEASED, Kind.ENDED, Kind.NOTIFY, Kind.PUT})
"""The kinds of an operation that gives others what they need before they can do anything: such a step cannot
happen in place of theirs.
"""


def pack(kind: int, *, site: int = 0, obj: int = 0, thread: int = 0) -> int:
    """The event's code: one int of at most 62 bits."""
    return kind | site << SITE_SHIFT | obj << OBJECT_SHIFT | thread << THREAD_SHIFT


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceEvent:
    """One thing that one thread did, at one time."""

    seq: int  # position in the log, from 0
    time: int  # ns since the run began
    thread: int  # who: ThreadInfo.number
    kind: Kind
    obj: int = 0  # on what: ObjectInfo.number, 0 = on no primitive
    site: int = 0  # where in the source: index + 1 into EventLog.sites, 0 = not recorded
    arg: int | None = None  # see Kind; the number of a text for TEXT_KINDS, of a thread for THREAD_KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadInfo:
    """A thread of the run."""

    number: int  # 1..N
    name: str
    parent: int = 0  # the thread that started it; 0 for the main thread of the run
    daemon: bool = False
    timer: int = 0  # the Timer object whose thread this is
    # the call that stands where its target should, and that gave None: its text is that of the call
    called: Site | None = None
    hides: tuple[str, ...] = ()  # attributes of its own that hide methods of Thread: "Pinger._stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectInfo:
    """A primitive that the run touched."""

    number: int  # 1..N
    type: str  # "Lock", ...: what that is stands in `tracing.natures`
    name: str
    site: int = 0  # where it was made
    # when the run first met it: a semaphore's value, an event's flag (0/1), a barrier's parties, a queue's
    # room (0: without limit), how many workers an executor may have. Of a future: 1 where a thread of no run
    # asked for its result
    value: int | None = None
    lock: int = 0  # a Condition's lock: its object number
    # the Condition that made this lock for itself (`Condition()`): drawn in that Condition's lane; the
    # executor that makes this call
    owner: int = 0


NOTHING = ObjectInfo(number=0, type="", name="")
"""What an event is on that has no primitive, or one that the log does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place in the program."""

    file: str  # as a reader knows it: "lesson.py", or "cell 3" in a notebook
    line: int
    function: str = ""
    text: str = ""  # the source line, stripped; "" when it cannot be had
    # of a Condition.wait: does the program test again before it goes on? "tested", "untested", "" (not known)
    after_wait: str = ""
    raised: bool = False  # a `with` block is left there by an exception


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A line of the program that was being executed: the innermost, or one that had called another."""

    site: Site
    # who made the call that this line is in, where no line of the program did: "finaliser", "signal handler",
    # "import", or the function of a library that called back ("set_result")
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Where a thread stood when the run was ended."""

    thread: int
    calls: tuple[Call, ...] = ()  # innermost first
    polls: bool = False  # its wait has a deadline, in a loop that does nothing but look again
    module: str = ""  # it waits until another thread has imported that
    importer: int = 0  # that thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a run came to its end, where that was not the plain end of the block."""

    # "done", "running" (looked at meanwhile), "hung" (every thread waits, no deadline), "timeout",
    # "interrupted", "full" (the program went on), "steps", "stuck", "stopped" (by its schedule), "truncated"
    # (a file)
    reason: str
    time: int  # ns: nothing is recorded after it
    leaked: tuple[str, ...] = ()  # threads that could not be unwound, each "name at file:line"
    detail: str = ""
    # of a run that hung: its threads, by number; of a program that ended: its daemons that were at work
    stands: tuple[Stand, ...] = ()
    fork: Site | None = None  # of a process that another one forked: at which line


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """Who had the turn in a simulated run: columns side by side, a row where that or the step changes.

    The threads of a simulated run go on one at a time. At each choice of its schedule one of those that can
    go on gets the turn; where only one can, it gets it without a choice. A step is what happens from one
    choice to the next, numbered as in the schedule: in "1:2 7:3" at step 1 thread 2, at step 7 thread 3.
    Without rows it is not known who had the turn: on the real clock, and in a file of version 1.
    """

    seqs: array[int] = field(default_factory=lambda: array("q"))  # so many events stand before the row
    times: array[int] = field(default_factory=lambda: array("q"))  # ns since the run began
    # who has the turn from there on; 0: nobody, all wait and the clock goes on to the next deadline
    threads: array[int] = field(default_factory=lambda: array("q"))
    steps: array[int] = field(default_factory=lambda: array("q"))  # the latest one; -1: before the first

    def __len__(self) -> int:
        return len(self.seqs)

    def step(self, seq: int) -> int:
        """The step in which that event happened; -1 before the first choice, and where it is not known."""
        row = bisect_right(self.seqs, seq) - 1
        return self.steps[row] if row >= 0 else -1


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLog:
    """Everything that one run recorded: sixteen bytes an event, and the tables that its numbers point into.

    Iterating gives `TraceEvent`s in order. Times never decrease; events of one thread stand in program order.
    """

    times: array[int]  # 'q': ns since the run began
    codes: array[int]  # 'q': see pack()
    args: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))  # seq -> arg
    threads: tuple[ThreadInfo, ...] = ()
    objects: tuple[ObjectInfo, ...] = ()
    sites: tuple[Site, ...] = ()
    texts: tuple[str, ...] = ()
    clock: str = "real"  # or "virtual"
    title: str = ""
    schedule: str = ""  # virtual clock: the seed or the schedule, as a reader can paste it
    turns: Turns = field(default_factory=Turns)  # virtual clock
    ending: Ending = Ending(reason="done", time=0)
    python: str = ""  # "3.13.0"
    # what the record itself has to say: "events after 10,000,000 were dropped", ...
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.times)

    def __iter__(self) -> Iterator[TraceEvent]:
        return (self[seq] for seq in range(len(self.times)))

    def __getitem__(self, seq: int) -> TraceEvent:
        code = self.codes[seq]
        return TraceEvent(
            seq=seq,
            time=self.times[seq],
            thread=code >> THREAD_SHIFT,
            kind=Kind(code & KIND_MASK),
            obj=code >> OBJECT_SHIFT & OBJECT_MASK,
            site=code >> SITE_SHIFT & SITE_MASK,
            arg=self.args.get(seq),
        )

    def events_of(self, kinds: Collection[Kind]) -> Iterator[TraceEvent]:
        """The events of these kinds, in order. An object for each of the others would take far longer."""
        return (self[seq] for seq, code in enumerate(self.codes) if code & KIND_MASK in kinds)

    def thread(self, number: int) -> ThreadInfo:
        """The thread with that number."""
        return self.threads[number - 1]

    def object(self, number: int) -> ObjectInfo:
        """The primitive with that number; one of no type for 0, and for what is no number of a primitive."""
        return self.objects[number - 1] if 0 < number <= len(self.objects) else NOTHING

    def site(self, number: int) -> Site | None:
        """The place with that number; None for 0 (not recorded)."""
        return self.sites[number - 1] if number else None

    def text(self, number: int | None) -> str:
        """The text with that number; "" for None, 0, and what is no number of a text."""
        return self.texts[number - 1] if number and 0 < number <= len(self.texts) else ""
