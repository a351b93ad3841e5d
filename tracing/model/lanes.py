"""What the fold knows of one thread while it goes along the events.

Owns: `Moment` (the event at hand), `Draft` (a wait that is still open) and `Lane` (a thread: its state and
since when). Rule: mutable, and private to one fold; only the frozen records of `shapes` leave it.

How it works: a thread that waits or sleeps may begin another wait in the middle of that, for a signal handler
or a finalizer runs in it. So a lane keeps a stack of pauses; the thread runs where it is empty.
"""

from __future__ import annotations

from typing import NamedTuple

from tracing.events import THREAD_BITS, Kind, ThreadInfo
from tracing.model.quick import quick
from tracing.model.shapes import Fate, Hold, Outcome, Span, State, ThreadModel, Wait

new_span = quick(Span)
new_wait = quick(Wait)

Cause = tuple[int, int, int, int]
"""Who let a waiting thread go on, and with what: (thread, seq, time, site)."""


class Moment:
    """The event at hand, taken apart. One object serves for all events of a fold."""

    __slots__ = ("arg", "obj", "seq", "site", "thread", "time")

    def __init__(self) -> None:
        self.seq = self.time = self.thread = self.obj = self.site = 0
        self.arg: int | None = None

    def cause(self) -> Cause:
        return self.thread, self.seq, self.time, self.site

    def levels(self) -> int:
        """How many levels or permits an ACQUIRED or RELEASED is about."""
        return self.arg if self.arg is not None and self.arg > 0 else 1


class Draft:
    """A wait that is still open."""

    __slots__ = (
        "cause", "holder_site", "holders", "index", "kind", "obj", "overtaken", "passed_by", "reacquire",
        "seq", "site", "start", "target", "thread", "timeout",
    )  # fmt: skip

    def __init__(
        self, index: int, kind: Kind, *, seq: int, thread: int, start: int, obj: int = 0, target: int = 0
    ) -> None:
        self.index = index
        self.kind = kind  # of the event that began it
        self.seq = seq
        self.thread = thread
        self.obj = obj
        self.target = target
        self.start = start
        self.site = 0
        self.timeout: int | None = None
        self.holders: tuple[int, ...] = (target,) if target else ()
        self.holder_site = 0
        self.reacquire = False
        self.overtaken = 0
        self.passed_by: tuple[int, ...] = ()
        self.cause: Cause | None = None  # set by what ends several waits at once; see Thing.rouse

    def finish(self, end: int, outcome: Outcome, cause: Cause | None) -> Wait:
        thread, seq, _, site = cause or (0, None, 0, 0)
        return new_wait(
            index=self.index,
            thread=self.thread,
            obj=self.obj,
            target=self.target,
            start=self.start,
            end=end,
            outcome=outcome,
            kind=int(self.kind),
            timeout=self.timeout,
            site=self.site,
            holders=self.holders,
            holder_site=self.holder_site,
            ended_by=thread,
            ended_seq=seq,
            ended_site=site,
            reacquire=self.reacquire,
            overtaken=self.overtaken,
            passed_by=self.passed_by,
        )


ASLEEP = -(1 << THREAD_BITS) - 1
"""What a sleep is about: no primitive, and no thread's end."""


class Pause(NamedTuple):
    """Why a thread does not run."""

    state: State
    about: int = ASLEEP  # or a primitive's number, or below zero that of a thread that is joined
    wait: Draft | None = None  # None: it sleeps
    duration: int | None = None

    def fits(self, about: int) -> bool:
        """Whether an event about that ends it. (The CUT of a join does not say whose end it waited for.)"""
        return self.about == about or (about == 0 > self.about > ASLEEP)


RUNNING = Pause(State.RUNNING)  # no pause at all
DEEPEST = 16
"""So many pauses within each other, and no program has more: in a damaged file the next one ends the last."""


class Lane:
    """One thread: what it does now and since when, and what it did before."""

    __slots__ = (
        "begin", "end", "error", "failed", "holds", "info", "last", "over", "pauses", "since", "spans",
        "start", "starter", "state", "why",
    )  # fmt: skip

    def __init__(self, info: ThreadInfo) -> None:
        self.info = info
        self.starter: Cause | None = None
        self.start: int | None = None
        self.begin: int | None = None
        self.last = 0  # time of its latest own event
        self.state = State.RUNNING
        self.since = 0
        self.why = RUNNING
        self.pauses: list[Pause] = []  # outermost first
        self.over: Cause | None = None  # its ENDED or FAILED
        self.failed = False
        self.error = ""
        self.end: int | None = None
        self.spans: list[Span] = []
        self.holds: list[Hold] = []

    def pause(self, pause: Pause, time: int) -> None:
        """From `time` on the thread waits or sleeps, in the middle of whatever it did."""
        self.pauses.append(pause)
        self._enter(pause, time)

    def innermost(self, about: int, kind: Kind | None = None) -> int | None:
        """The place in the stack of the innermost pause that an event about that ends; None where none is.

        kind: of the event that began it.
        """
        for place in range(len(self.pauses) - 1, -1, -1):
            pause = self.pauses[place]
            if pause.fits(about) and (kind is None or (pause.wait and pause.wait.kind is kind)):
                return place
        return None

    def replace(self, place: int, pause: Pause | None, time: int) -> None:
        """A pause is over; `pause` follows, or else what it was within. What began within it goes on."""
        if pause:
            self.pauses[place] = pause
        else:
            del self.pauses[place]
        if place == len(self.pauses) - bool(pause):
            self._enter(self.pauses[-1] if self.pauses else RUNNING, time)

    def _enter(self, pause: Pause, time: int) -> None:
        self.leave(time)
        self.state, self.since, self.why = pause.state, time, pause

    def leave(self, time: int) -> None:
        """Close the span in hand. A thread that ran for no time at all is not shown as running."""
        if time > self.since or self.state is not State.RUNNING:
            self.spans.append(
                new_span(
                    thread=self.info.number,
                    state=self.state,
                    start=self.since,
                    end=time,
                    wait=self.why.wait.index if self.why.wait else None,
                    duration=self.why.duration,
                )
            )

    def finish(self, duration: int, reason: str) -> ThreadModel:
        """The thread, at the end of the record."""
        fate = self._fate(reason)
        if self.begin is None:
            self.begin = self.end = duration
        elif self.end is None:
            self.end = self.last if fate is Fate.ENDED else duration
            self.leave(self.end)
        return ThreadModel(
            number=self.info.number,
            start=self.begin if self.start is None else self.start,
            begin=self.begin,
            end=self.end,
            fate=fate,
            error=self.error,
            spans=tuple(self.spans),
            holds=tuple(sorted(self.holds, key=lambda hold: hold.start)),
        )

    def _fate(self, reason: str) -> Fate:
        if self.over:
            return Fate.FAILED if self.failed else Fate.ENDED
        if reason in ("running", "full"):  # the run goes on, or went on without being recorded
            return Fate.STILL_RUNNING
        if reason != "done" or self.info.daemon:
            return Fate.CUT_OFF
        if self.info.parent == 0 and self.begin is not None and self.state is State.RUNNING:
            return Fate.ENDED  # the main thread of the run: its block was left, and nobody records that
        return Fate.STILL_RUNNING
