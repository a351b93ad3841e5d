"""What the fold knows of one thread while it goes along the events.

Owns: `Moment` (the event at hand), `Draft` (a wait that is still open) and `Lane` (a thread: its state and
since when). Rule: mutable, and private to one fold; only the frozen records of `shapes` leave it.

How it works: a thread that waits or sleeps may begin another wait in the middle of that, for a signal handler
or a finalizer runs in it. So a lane keeps a stack of pauses; the thread runs where it is empty.
"""

from __future__ import annotations

from operator import attrgetter

from tracing.events import SITE_MASK, SITE_SHIFT, THREAD_BITS, THREAD_SHIFT, ThreadInfo
from tracing.model.quick import field_names, quick
from tracing.model.shapes import Fate, Hold, Outcome, Span, State, ThreadModel, Wait

new_span = quick(Span)


class Moment:
    """The event at hand, taken apart. One object serves for all events with the same code."""

    __slots__ = ("arg", "kind", "obj", "seq", "site", "thread", "time")

    def __init__(self) -> None:
        self.seq = self.time = self.kind = self.thread = self.obj = self.site = 0
        self.arg: int | None = None

    def levels(self) -> int:
        """How many levels or permits an ACQUIRED or RELEASED is about."""
        return self.arg if self.arg is not None and self.arg > 0 else 1


class Draft:
    """A wait that is still open. It has the fields of a `Wait`, and becomes that at its end (see `quick`).

    Until then `ended_seq` is the event that lets all who wait go on, if there was one; see `Thing.rouse`.
    """

    __slots__ = field_names(Wait)

    def __init__(
        self,
        index: int,
        kind: int,
        thread: int,
        start: int,
        site: int = 0,
        obj: int = 0,
        target: int = 0,
        reacquire: bool = False,
    ) -> None:
        self.index = index
        self.kind = kind
        self.thread = thread
        self.obj = obj
        self.target = target
        self.start = start
        self.site = site
        self.timeout: int | None = None
        self.holders: tuple[int, ...] = (target,) if target else ()
        self.holder_site = 0
        self.reacquire = reacquire
        self.overtaken = 0
        self.passed_by: tuple[int, ...] = ()
        self.ended_seq: int | None = None

    def pass_by(self, thread: int) -> None:
        """Another thread, which came later, got it first."""
        self.overtaken += 1
        if thread not in self.passed_by:
            self.passed_by += (thread,)

    def finish(self, end: int, outcome: Outcome, cause: int | None, code: int) -> Wait:
        """It is over. cause: the event that ended it, and its code; None and 0 where nobody did."""
        self.end = end
        self.outcome = outcome
        self.ended_seq = cause
        self.ended_by = code >> THREAD_SHIFT
        self.ended_site = code >> SITE_SHIFT & SITE_MASK
        self.__class__ = Wait  # type: ignore[assignment]  # a cast() takes as long as all of the above
        return self  # type: ignore[return-value]


ASLEEP = -(1 << THREAD_BITS) - 1
"""What a sleep is about: no primitive, and no thread's end."""


class Pause:
    """Why a thread does not run. It never changes."""

    __slots__ = ("about", "duration", "state", "wait")

    def __init__(
        self, state: State, about: int = ASLEEP, wait: Draft | None = None, duration: int | None = None
    ) -> None:
        self.state = state
        self.about = about  # or a primitive's number, or below zero that of a thread that is joined
        self.wait = wait  # None: it sleeps
        self.duration = duration

    def fits(self, about: int) -> bool:
        """Whether an event about that ends it. (The CUT of a join does not say whose end it waited for.)"""
        return self.about == about or (about == 0 > self.about > ASLEEP)


AT_WORK = State.RUNNING  # asked for at each event, as a name (see `folding`)
RUNNING = Pause(AT_WORK)  # no pause at all
DEEPEST = 16
"""So many pauses within each other, and no program has more: in a damaged file the next one ends the last."""


class Lane:
    """One thread: what it does now and since when, and what it did before."""

    __slots__ = (
        "begin", "end", "error", "failed", "holds", "info", "last", "number", "over", "pauses", "since",
        "spans", "start", "starter", "state", "why",
    )  # fmt: skip

    def __init__(self, info: ThreadInfo) -> None:
        self.info, self.number = info, info.number
        self.starter: int | None = None  # the event by which another thread started it
        self.start: int | None = None
        self.begin: int | None = None
        self.last = 0  # time of its latest own event
        self.state = State.RUNNING
        self.since = 0
        self.why = RUNNING
        self.pauses: list[Pause] = []  # outermost first
        self.over: int | None = None  # the event that is its ENDED or FAILED
        self.failed = False
        self.error = ""
        self.end: int | None = None
        self.spans: list[Span] = []
        self.holds: list[Hold] = []

    def pause(self, pause: Pause, time: int) -> None:
        """From `time` on the thread waits or sleeps, in the middle of whatever it did."""
        self.pauses.append(pause)
        self.enter(pause, time)

    def innermost(self, about: int, kind: int | None = None) -> int | None:
        """The place in the stack of the innermost pause that an event about that ends; None where none is.

        kind: of the event that began it.
        """
        for place in range(len(self.pauses) - 1, -1, -1):
            pause = self.pauses[place]
            if pause.fits(about) and (kind is None or (pause.wait and pause.wait.kind == kind)):
                return place
        return None

    def replace(self, place: int, pause: Pause | None, time: int) -> None:
        """A pause is over; `pause` follows, or else what it was within. What began within it goes on."""
        if pause:
            self.pauses[place] = pause
        else:
            del self.pauses[place]
        if place == len(self.pauses) - bool(pause):
            self.enter(self.pauses[-1] if self.pauses else RUNNING, time)

    def enter(self, pause: Pause, time: int) -> None:
        """Close the span in hand; the next one begins. A thread that ran for no time at all is not shown as
        running.
        """
        if time > self.since or self.state is not AT_WORK:
            why = self.why
            wait = why.wait.index if why.wait else None
            self.spans.append(new_span(self.number, self.state, self.since, time, wait, why.duration))
        self.state, self.since, self.why = pause.state, time, pause

    def finish(self, duration: int, reason: str) -> ThreadModel:
        """The thread, at the end of the record."""
        fate = self._fate(reason)
        if self.begin is None:
            self.begin = self.end = duration
        elif self.end is None:
            self.end = self.last if fate is Fate.ENDED else duration
            self.enter(RUNNING, self.end)
        return ThreadModel(
            number=self.info.number,
            start=self.begin if self.start is None else self.start,
            begin=self.begin,
            end=self.end,
            fate=fate,
            error=self.error,
            spans=tuple(self.spans),
            holds=tuple(sorted(self.holds, key=attrgetter("start"))),
        )

    def _fate(self, reason: str) -> Fate:
        if self.over is not None:
            return Fate.FAILED if self.failed else Fate.ENDED
        if reason in ("running", "full"):  # the run goes on, or went on without being recorded
            return Fate.STILL_RUNNING
        if reason != "done" or self.info.daemon:
            return Fate.CUT_OFF
        if self.info.parent == 0 and self.begin is not None and self.state is State.RUNNING:
            return Fate.ENDED  # the main thread of the run: its block was left, and nobody records that
        return Fate.STILL_RUNNING
