"""`fold`: an `EventLog` becomes a `Model`.

Owns: the walk along the events. What an event means stands in `table.TABLE`; what it does to a primitive in
`families`; what is known of a thread in `lanes`. Here the three meet: states change, waits begin and end, and
find out who ended them.

Rule: the fold never raises on a log whose codes are well formed. A file may be truncated or odd: what does
not fit (a release of what nobody took, the end of a wait that never began) changes as little as possible.

How it works: one pass, plain Python, no event object per event. A wait is ended by an event that is about the
same thing, as its row says, and by the end of its thread. An event that is about something else belongs to an
operation within the wait, of a signal handler say: the wait goes on. The end of a wait cuts those within it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter
from typing import cast

from tracing.events import (
    BANDS,
    KIND_MASK,
    NOTHING,
    OBJECT_MASK,
    OBJECT_SHIFT,
    SITE_MASK,
    SITE_SHIFT,
    THREAD_SHIFT,
    EventLog,
    Kind,
    ThreadInfo,
    Woken,
)
from tracing.model.families import Thing, make_thing
from tracing.model.lanes import ASLEEP, DEEPEST, RUNNING, Draft, Lane, Moment, Pause
from tracing.model.marking import Marking
from tracing.model.quick import quick, without_collector
from tracing.model.shapes import Arrow, Mark, Model, ObjectModel, Outcome, State, Wait
from tracing.model.table import TABLE, About, Arg, Transition, Whose
from tracing.model.turns import divided, slices, starting
from tracing.model.workers import with_idle
from tracing.natures import calls_of

new_arrow = quick(Arrow)
new_mark = quick(Mark)

STRETCH = 50_000  # events between two words on how far it is

ARROWS = {
    Outcome.ACQUIRED: "hand-off",
    Outcome.SET: "set",
    Outcome.TRIPPED: "trip",
    Outcome.BROKEN: "break",
    Outcome.ENDED: "join",
    Outcome.NOTIFIED: "notify",
    Outcome.CANCELLED: "cancel",
}
"""What the arrow is called that points to the end of a wait with that outcome."""

WOKEN: dict[int | None, Outcome] = {
    Woken.TIMED_OUT: Outcome.TIMED_OUT,
    Woken.NOTIFIED: Outcome.NOTIFIED,
    Woken.INTERRUPTED: Outcome.CUT,
}
"""How a wait on a condition came out, by the arg of COND_WOKE."""

SPOKEN = tuple(TABLE[kind] for kind in (*BANDS, Kind.VALUE))

# An attribute of an enum takes up to ten times as long as a name, and each event asks for several.
ACTOR, TIMEOUT, TEXT, COUNT = Whose.ACTOR, Arg.TIMEOUT, Arg.TEXT, Arg.COUNT
WAITING, NOTIFIED, PASSED = State.WAITING, State.NOTIFIED, int(Kind.PASSED)
ACQUIRED, ENDED, CUT, OPEN = Outcome.ACQUIRED, Outcome.ENDED, Outcome.CUT, Outcome.OPEN
FOR_ALL = frozenset({Outcome.SET, Outcome.TRIPPED, Outcome.BROKEN, Outcome.CANCELLED})
"""How a wait came out that was ended for all who waited."""

Turn = Callable[["_Fold", "_Occurrence"], None]


class _Occurrence(Moment):
    """The event at hand, and what follows from its code, which many events have: that is found once."""

    __slots__ = ("about", "lane", "move", "row", "thing", "turn")

    def __init__(self, code: int, lane: Lane, thing: Thing) -> None:
        super().__init__()
        self.lane, self.thing = lane, thing
        self.thread, self.obj = lane.number, thing.info.number
        self.site, self.kind = code >> SITE_SHIFT & SITE_MASK, code & KIND_MASK
        self.move = thing.moves[self.kind]
        self.row, self.turn = TABLE[self.kind], TURNS[self.kind]
        # As far as waits and sleeps go, see `lanes.Pause`; None: the end of a thread, its arg says which
        self.about = {About.OBJECT: self.obj, About.SLEEP: ASLEEP, About.THREAD: None}[self.row.about]


def fold(log: EventLog, done: Callable[[int], None] | None = None) -> Model:
    """The run that a log records: spans, holds, waits and their causes, counters, marks and arrows.

    Never raises on a log whose codes are well formed (see `events.pack`), however odd their order is. Folding
    the same log again gives an equal model. Takes 2 to 2.5 µs an event where every other acquire has to wait.

    done: is told now and then how many more events it has gone through.
    """
    with without_collector(len(log)):
        return _Fold(log).model(done)


class _Fold:
    """The state of one walk."""

    def __init__(self, log: EventLog) -> None:
        self.log, self.times, self.codes = log, log.times, log.codes
        self.args = dict(log.args)  # quicker to ask than the log's own, which nobody can change
        self.now: Moment = Moment()
        self.lanes = [Lane(info) for info in (ThreadInfo(number=0, name=""), *log.threads)]  # [0] is nobody's
        self.things = [make_thing(info, self.lanes) for info in (NOTHING, *log.objects)]
        for thing in self.things:
            if 0 < thing.info.owner < len(self.things):
                thing.belong(self.things[thing.info.owner])
        self.timers = {info.timer: info.number for info in log.threads if info.timer}
        self.waits: list[Draft | Wait] = []
        self.begun: dict[int, int] = {}  # of waits for a condition's lock: by which event
        self.marks: list[Mark] = []
        self.arrows: list[Arrow] = []
        self.starts: list[int] = []  # seqs of STARTED
        self.marking = Marking()

    def model(self, done: Callable[[int], None] | None) -> Model:
        for begin in range(0, len(self.log), STRETCH):
            self._walk(begin, min(begin + STRETCH, len(self.log)))
            if done:
                done(min(STRETCH, len(self.log) - begin))
        duration = max(self.log.ending.time, self.log.times[-1] if len(self.log) else 0)
        self.now.time = duration
        for lane in self.lanes[1:]:
            self._end_waits(lane, OPEN)
        objects = tuple(thing.finish(duration) for thing in self.things[1:])
        threads = [lane.finish(duration, self.log.ending.reason) for lane in self.lanes[1:]]
        turns = slices(self.log, duration)
        running = divided(threads, turns, starting(self.log, self.starts, duration))
        return Model(
            duration=duration,
            threads=with_idle(running, calls_of(self.log)),
            objects=objects,
            waits=self._told(objects),
            marks=tuple(self.marks),
            arrows=tuple(sorted(self.arrows, key=attrgetter("source_time"))),
            slices=turns,
            blocks=self.marking.blocks(duration),
            series=self.marking.series(),
        )

    def _walk(self, begin: int, end: int) -> None:
        arg_of, nobody = self.args.get, self.lanes[0]
        known: dict[int, _Occurrence] = {}  # anew for each stretch: a log may have as many codes as events
        events = zip(range(begin, end), self.times[begin:end], self.codes[begin:end], strict=False)
        for seq, time, code in events:
            now = known.get(code)
            if now is None:
                now = known[code] = self._occurrence(code)
            lane = now.lane
            if lane is nobody:
                continue
            now.seq, now.time, now.arg = seq, time, arg_of(seq)
            self.now = now
            if lane.begin is None:
                self._begin(lane)
            lane.last = time
            if now.move:
                now.move(now.thing, now)
            row = now.row
            if row.mark:
                self._mark(row)
            if row.link and now.thing.sent is not None and lane.why.about != now.obj:
                # It has not waited; else the end of its wait makes the arrow.
                self._arrow(row.link, now.thing.sent, lane, now.obj)
            if now.turn and lane.state is not row.unless and (lane.over is None or row.whose is not ACTOR):
                now.turn(self, now)

    def _occurrence(self, code: int) -> _Occurrence:
        """The first event with that code. What it speaks of may be nobody and nothing that the log knows."""
        thread, obj = code >> THREAD_SHIFT, code >> OBJECT_SHIFT & OBJECT_MASK
        lane = self.lanes[thread if 0 < thread < len(self.lanes) else 0]
        return _Occurrence(code, lane, self.things[obj if obj < len(self.things) else 0])

    # What threads do

    def _start(self, now: _Occurrence) -> None:
        child = self._lane(now.arg)
        self.starts.append(now.seq)
        if child and child.start is None:
            child.start = now.time
            child.starter = now.seq

    def _begin(self, lane: Lane) -> None:
        lane.begin = lane.since = self.now.time
        if lane.starter is not None:
            self._arrow("start", lane.starter, lane)

    def _finish(self, now: _Occurrence) -> None:
        lane = now.lane
        self._end_waits(lane, CUT)
        lane.enter(RUNNING, now.time)
        lane.end, lane.over = now.time, now.seq
        lane.failed, lane.error = now.kind == Kind.FAILED, self._text()

    def _speak(self, now: _Occurrence) -> None:
        self.marking.take(now.kind, now, self._text())

    def _run(self, now: _Occurrence) -> None:
        about = self._joined(now) if now.about is None else now.about
        lane = now.lane
        pauses = lane.pauses
        if lane.why.about != about:  # not the one that it is in, as nearly always
            place = lane.innermost(about)
            if place is None:
                return  # of an operation within the wait
            self._cut_within(lane, place)
        wait = pauses.pop().wait
        if wait:
            self._end_wait(lane, wait, now.thing.passed if now.kind == PASSED else now.row.ends)
        lane.enter(pauses[-1] if pauses else RUNNING, now.time)

    # Waits and sleeps

    def _sleep(self, now: _Occurrence) -> None:
        if len(now.lane.pauses) == DEEPEST:
            self._make_room(now.lane)
        now.lane.pause(Pause(State.SLEEPING, duration=now.arg), now.time)

    def _wait(self, now: _Occurrence) -> None:
        about = self._joined(now) if now.about is None else now.about
        lane = now.lane
        if lane.state is NOTIFIED and lane.why.about == about:
            return  # the wait for the condition's lock, which has begun already
        if len(lane.pauses) == DEEPEST:
            self._make_room(lane)
        draft = self._open_wait(lane, now.kind, about, now.site)
        if now.arg is not None and now.arg >= 0 and now.row.arg is TIMEOUT:
            draft.timeout = now.arg
        lane.pause(Pause(WAITING, about, draft), now.time)

    def _wake(self, now: _Occurrence) -> None:
        """Awake from Condition.wait, and no NOTIFIED before: not notified, or by a thread of no run."""
        lane = now.lane
        place = lane.innermost(now.obj, Kind.COND_WAIT)
        if place is None:
            return
        outcome = WOKEN.get(now.arg, now.row.ends)
        if outcome is not Outcome.NOTIFIED:
            self._mark(now.row, outcome.value)
        self._cut_within(lane, place)
        self._end_wait(lane, lane.pauses[place].wait, outcome)
        lane.replace(place, self._retaking(lane, now, now.site), now.time)

    def _rouse(self, now: _Occurrence) -> None:
        """The acting thread ends the wait of another: NOTIFIED, CANCELLED."""
        row = now.row
        other = self._lane(now.arg if row.whose is Whose.ARG else self.timers.get(now.obj))
        place = other.innermost(now.obj, row.after) if other else None
        if other is None or place is None:
            return
        wait = other.pauses[place].wait
        self._end_wait(other, wait, row.ends, now.seq)
        notified = wait if row.state is NOTIFIED else None
        follows = self._retaking(other, now, notified.site) if notified else None
        other.replace(place, follows, now.time)

    def _retaking(self, lane: Lane, now: _Occurrence, site: int) -> Pause | None:
        """Notified or timed out: from here the thread waits for the condition's lock, if that is recorded."""
        lock = now.thing.info.lock
        if not 0 < lock < len(self.things):
            return None
        draft = self._open_wait(lane, now.kind, lock, site, reacquire=True)
        self.begun[draft.index] = now.seq
        return Pause(NOTIFIED, lock, draft)

    def _joined(self, now: Moment) -> int:
        """The end of which thread the event is about, as `lanes.Pause` says it."""
        other = self._lane(now.arg)
        return -other.info.number if other else 0

    def _open_wait(self, lane: Lane, kind: int, about: int, site: int, *, reacquire: bool = False) -> Draft:
        obj, target = (about, 0) if about >= 0 else (0, -about)
        draft = Draft(len(self.waits), kind, lane.number, self.now.time, site, obj, target, reacquire)
        self.waits.append(draft)
        if not target:
            self.things[obj].join_queue(draft)
        return draft

    def _make_room(self, lane: Lane) -> None:
        """Another pause begins within those that the thread is in, the deepest of which gives way."""
        self._end_wait(lane, lane.pauses.pop().wait, CUT)

    def _cut_within(self, lane: Lane, place: int) -> None:
        """A pause is over: so is what began within it."""
        while len(lane.pauses) > place + 1:
            self._end_wait(lane, lane.pauses.pop().wait, CUT)

    def _end_waits(self, lane: Lane, outcome: Outcome) -> None:
        """All waits of the thread are over."""
        while lane.pauses:
            self._end_wait(lane, lane.pauses.pop().wait, outcome)

    def _end_wait(self, lane: Lane, draft: Draft | None, outcome: Outcome, cause: int | None = None) -> None:
        """A wait of the thread is over. (None: it was a sleep.)"""
        if draft is None:
            return
        if outcome is CUT and self._was_cancelled(draft):
            outcome = Outcome.CANCELLED
        if cause is None:
            cause = self._cause(draft, outcome)
        wait = draft.finish(self.now.time, outcome, cause, 0 if cause is None else self.codes[cause])
        if outcome is OPEN:
            return
        if not wait.target:
            self.things[wait.obj].waiting.pop(wait.index, None)
        if cause is not None and outcome in ARROWS:
            self._arrow(ARROWS[outcome], cause, lane, wait.obj)

    def _cause(self, draft: Draft, outcome: Outcome) -> int | None:
        """Who ended a wait that came out like that."""
        if outcome is ACQUIRED:
            # A release is stamped before the lock is free: a wait may begin right after the stamp, and owe
            # its end to it. But a condition's lock may have been free all the time that its waiter, once
            # awake, took to get it.
            cause = self.things[draft.obj].cause
            if cause is None or self.codes[cause] >> THREAD_SHIFT == draft.thread:
                return None
            return None if draft.reacquire and cause < self.begun[draft.index] else cause
        if outcome is ENDED:
            return self.lanes[draft.target].over
        if outcome in FOR_ALL:
            roused = draft.ended_seq
            return self.things[draft.obj].cause if roused is None else roused
        return None

    def _was_cancelled(self, draft: Draft) -> bool:
        # cancel() may come between start() and the PENDING of the timer's thread, which then ends without
        # another word.
        return draft.kind == Kind.PENDING and self.things[draft.obj].cause is not None

    # Small records

    def _mark(self, row: Transition, what: str = "") -> None:
        now, what = self.now, what or row.mark
        text, count = self._text() if row.arg is TEXT else "", now.arg if row.arg is COUNT else None
        self.marks.append(new_mark(what, now.time, now.thread, now.obj, now.site, now.seq, text, count))

    def _arrow(self, what: str, cause: int, target: Lane, obj: int = 0) -> None:
        """From the thread that recorded the event `cause` to the target, now."""
        source, number = self.codes[cause] >> THREAD_SHIFT, target.number
        if source != number:
            self.arrows.append(new_arrow(what, source, self.times[cause], number, self.now.time, obj))

    def _text(self) -> str:
        number = self.now.arg or 0
        return self.log.text(number) if 0 < number <= len(self.log.texts) else ""

    def _lane(self, number: int | None) -> Lane | None:
        return self.lanes[number] if number is not None and 0 < number < len(self.lanes) else None

    def _told(self, objects: tuple[ObjectModel, ...]) -> tuple[Wait, ...]:
        """The waits, all ended, now that it is known what is a signal: those have no holders."""
        waits = cast("list[Wait]", self.waits)
        for thing in objects:
            for index in thing.waits if thing.signal else ():
                waits[index] = replace(waits[index], holders=(), holder_site=0)
        return tuple(waits)


def _turn(row: Transition) -> Turn | None:
    """What carries out the row's change of state."""
    if row.final:
        return _Fold._finish
    if row is TABLE[Kind.STARTED]:
        return _Fold._start
    if row in SPOKEN:
        return _Fold._speak
    if row.whose is not Whose.ACTOR:
        return _Fold._rouse
    turns: dict[State | None, Turn] = {
        State.RUNNING: _Fold._run,
        State.SLEEPING: _Fold._sleep,
        State.WAITING: _Fold._wait,
        State.NOTIFIED: _Fold._wake,
    }
    return turns.get(row.state)


TURNS = tuple(_turn(row) for row in TABLE)
"""By kind: what carries out its row's change of state."""
