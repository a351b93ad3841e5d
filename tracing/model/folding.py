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

from tracing.events import (
    KIND_BITS,
    MARKS,
    OBJECT_BITS,
    OBJECT_SHIFT,
    SITE_BITS,
    SITE_SHIFT,
    THREAD_SHIFT,
    EventLog,
    Kind,
    ObjectInfo,
    ThreadInfo,
    Woken,
)
from tracing.model.families import make_thing
from tracing.model.lanes import ASLEEP, DEEPEST, Cause, Draft, Lane, Moment, Pause
from tracing.model.marking import Marking
from tracing.model.quick import quick, without_collector
from tracing.model.shapes import Arrow, Mark, Model, ObjectModel, Outcome, State, Wait
from tracing.model.table import TABLE, About, Arg, Transition, Whose
from tracing.model.turns import divided, slices, starting

new_arrow = quick(Arrow)
new_mark = quick(Mark)

KIND_MASK, OBJECT_MASK, SITE_MASK = ((1 << bits) - 1 for bits in (KIND_BITS, OBJECT_BITS, SITE_BITS))

ARROWS = {
    Outcome.ACQUIRED: "hand-off",
    Outcome.SET: "set",
    Outcome.TRIPPED: "trip",
    Outcome.BROKEN: "break",
    Outcome.ENDED: "join",
    Outcome.NOTIFIED: "notify",
}
"""What the arrow is called that points to the end of a wait with that outcome."""

WOKEN: dict[int | None, Outcome] = {
    Woken.TIMED_OUT: Outcome.TIMED_OUT,
    Woken.NOTIFIED: Outcome.NOTIFIED,
    Woken.INTERRUPTED: Outcome.CUT,
}
"""How a wait on a condition came out, by the arg of COND_WOKE."""

SPOKEN = tuple(TABLE[kind] for kind in MARKS - {Kind.NOTE})

Turn = Callable[[Lane, Kind, Transition], None]


def fold(log: EventLog) -> Model:
    """The run that a log records: spans, holds, waits and their causes, counters, marks and arrows.

    Never raises on a log whose codes are well formed (see `events.pack`), however odd their order is. Folding
    the same log again gives an equal model. Takes 1 to 2 µs an event, up to 5 where every acquire has to
    wait.
    """
    with without_collector():
        return _Fold(log).model()


class _Fold:
    """The state of one walk."""

    def __init__(self, log: EventLog) -> None:
        self.log = log
        self.now = Moment()
        self.lanes = [Lane(info) for info in (ThreadInfo(number=0, name=""), *log.threads)]  # [0] is nobody's
        nothing = ObjectInfo(number=0, type="", name="")
        self.things = [make_thing(info, self.lanes) for info in (nothing, *log.objects)]
        self.timers = {info.timer: info.number for info in log.threads if info.timer}
        self.waits: list[Wait | None] = []  # None while the wait is open
        self.marks: list[Mark] = []
        self.arrows: list[Arrow] = []
        self.starts: list[int] = []  # seqs of STARTED
        self.marking = Marking()

    def model(self) -> Model:
        self._walk()
        duration = max(self.log.ending.time, self.log.times[-1] if len(self.log) else 0)
        self.now.time = duration
        for lane in self.lanes[1:]:
            self._end_waits(lane, Outcome.OPEN)
        objects = tuple(thing.finish(duration) for thing in self.things[1:])
        threads = [lane.finish(duration, self.log.ending.reason) for lane in self.lanes[1:]]
        turns = slices(self.log, duration)
        return Model(
            duration=duration,
            threads=divided(threads, turns, starting(self.log, self.starts, duration)),
            objects=objects,
            waits=tuple(_told(wait, objects) for wait in self.waits if wait),
            marks=tuple(self.marks),
            arrows=tuple(sorted(self.arrows, key=lambda arrow: arrow.source_time)),
            slices=turns,
            blocks=self.marking.blocks(duration),
            series=self.marking.series(),
        )

    def _walk(self) -> None:
        now, lanes, things, args = self.now, self.lanes, self.things, self.log.args
        turns = [self._turn(row) for row in TABLE]
        kinds = {int(kind): kind for kind in Kind}
        for seq, (time, code) in enumerate(zip(self.log.times, self.log.codes, strict=False)):
            thread = code >> THREAD_SHIFT
            if not 0 < thread < len(lanes):
                continue  # nobody we know
            obj = code >> OBJECT_SHIFT & OBJECT_MASK
            now.seq, now.time, now.thread = seq, time, thread
            now.obj = obj if obj < len(things) else 0
            now.site = code >> SITE_SHIFT & SITE_MASK
            now.arg = args.get(seq)
            lane = lanes[thread]
            if lane.begin is None:
                self._begin(lane)
            lane.last = time
            kind = code & KIND_MASK
            thing = things[now.obj]
            move = thing.moves[kind]
            if move:
                move(thing, now)
            row = TABLE[kind]
            if row.mark:
                self._mark(row)
            turn = turns[kind]
            if turn and lane.state is not row.unless and not (lane.over and row.whose is Whose.ACTOR):
                turn(lane, kinds[kind], row)

    def _turn(self, row: Transition) -> Turn | None:
        """What carries out the row's change of state."""
        if row.final:
            return self._finish
        if row is TABLE[Kind.STARTED]:
            return self._start
        if row in SPOKEN:
            return self._speak
        if row.whose is not Whose.ACTOR:
            return self._rouse
        turns: dict[State | None, Turn] = {
            State.RUNNING: self._run,
            State.SLEEPING: self._sleep,
            State.WAITING: self._wait,
            State.NOTIFIED: self._wake,
        }
        return turns.get(row.state)

    # What threads do

    def _start(self, lane: Lane, kind: Kind, row: Transition) -> None:
        child = self._lane(self.now.arg)
        self.starts.append(self.now.seq)
        if child and child.start is None:
            child.start = self.now.time
            child.starter = self.now.cause()

    def _begin(self, lane: Lane) -> None:
        lane.begin = lane.since = self.now.time
        if lane.starter:
            self._arrow("start", lane.starter, lane)

    def _finish(self, lane: Lane, kind: Kind, row: Transition) -> None:
        self._end_waits(lane, Outcome.CUT)
        lane.leave(self.now.time)
        lane.end, lane.over = self.now.time, self.now.cause()
        if kind is Kind.FAILED:
            lane.failed, lane.error = True, self._text()

    def _speak(self, lane: Lane, kind: Kind, row: Transition) -> None:
        self.marking.take(kind, self.now, self._text())

    def _run(self, lane: Lane, kind: Kind, row: Transition) -> None:
        about = self._about(row)
        place = len(lane.pauses) - 1
        if lane.why.about != about:  # not the one that it is in, as nearly always
            found = lane.innermost(about)
            if found is None:
                return  # of an operation within the wait
            place = found
            self._cut_within(lane, place)
        wait = lane.pauses[place].wait
        outcome = self.things[wait.obj].passed if wait and kind is Kind.PASSED else row.ends
        self._end_wait(lane, wait, outcome)
        lane.replace(place, None, self.now.time)

    # Waits and sleeps

    def _sleep(self, lane: Lane, kind: Kind, row: Transition) -> None:
        self._make_room(lane)
        lane.pause(Pause(State.SLEEPING, duration=self.now.arg), self.now.time)

    def _wait(self, lane: Lane, kind: Kind, row: Transition) -> None:
        about = self._about(row)
        if lane.state is State.NOTIFIED and lane.why.about == about:
            return  # the wait for the condition's lock, which has begun already
        self._make_room(lane)
        draft = self._open_wait(lane, kind, about)
        draft.site = self.now.site
        if row.arg is Arg.TIMEOUT and self.now.arg is not None and self.now.arg >= 0:
            draft.timeout = self.now.arg
        lane.pause(Pause(State.WAITING, about, draft), self.now.time)

    def _wake(self, lane: Lane, kind: Kind, row: Transition) -> None:
        """Awake from Condition.wait, and no NOTIFIED before: not notified, or by a thread of no run."""
        place = lane.innermost(self.now.obj, Kind.COND_WAIT)
        if place is None:
            return
        outcome = WOKEN.get(self.now.arg, row.ends)
        if outcome is not Outcome.NOTIFIED:
            self._mark(row, outcome.value)
        self._cut_within(lane, place)
        self._end_wait(lane, lane.pauses[place].wait, outcome)
        lane.replace(place, self._retaking(lane, kind, self.now.site), self.now.time)

    def _rouse(self, lane: Lane, kind: Kind, row: Transition) -> None:
        """The acting thread ends the wait of another: NOTIFIED, CANCELLED."""
        other = self._lane(self.now.arg if row.whose is Whose.ARG else self.timers.get(self.now.obj))
        place = other.innermost(self.now.obj, row.after) if other else None
        if other is None or place is None:
            return
        wait = other.pauses[place].wait
        self._end_wait(other, wait, row.ends, self.now.cause())
        notified = wait if row.state is State.NOTIFIED else None
        follows = self._retaking(other, kind, notified.site) if notified else None
        other.replace(place, follows, self.now.time)

    def _retaking(self, lane: Lane, kind: Kind, site: int) -> Pause | None:
        """Notified or timed out: from here the thread waits for the condition's lock, if that is recorded."""
        lock = self.things[self.now.obj].info.lock
        if not 0 < lock < len(self.things):
            return None
        draft = self._open_wait(lane, kind, lock)
        draft.site, draft.reacquire = site, True
        return Pause(State.NOTIFIED, lock, draft)

    def _about(self, row: Transition) -> int:
        """What the event is about, as far as waits and sleeps go; see `lanes.Pause`."""
        if row.about is About.OBJECT:
            return self.now.obj
        if row.about is About.SLEEP:
            return ASLEEP
        other = self._lane(self.now.arg)
        return -other.info.number if other else 0

    def _open_wait(self, lane: Lane, kind: Kind, about: int) -> Draft:
        draft = Draft(
            len(self.waits),
            kind,
            seq=self.now.seq,
            thread=lane.info.number,
            start=self.now.time,
            obj=max(about, 0),
            target=max(-about, 0),
        )
        self.waits.append(None)
        if not draft.target:
            self.things[draft.obj].join_queue(draft, self.now.time)
        return draft

    def _make_room(self, lane: Lane) -> None:
        """Another pause begins within those that the thread is in."""
        if len(lane.pauses) == DEEPEST:
            self._end_wait(lane, lane.pauses.pop().wait, Outcome.CUT)

    def _cut_within(self, lane: Lane, place: int) -> None:
        """A pause is over: so is what began within it."""
        while len(lane.pauses) > place + 1:
            self._end_wait(lane, lane.pauses.pop().wait, Outcome.CUT)

    def _end_waits(self, lane: Lane, outcome: Outcome) -> None:
        """All waits of the thread are over."""
        while lane.pauses:
            self._end_wait(lane, lane.pauses.pop().wait, outcome)

    def _end_wait(
        self, lane: Lane, draft: Draft | None, outcome: Outcome, cause: Cause | None = None
    ) -> None:
        """A wait of the thread is over. (None: it was a sleep.)"""
        if draft is None:
            return
        if outcome is Outcome.CUT and self._was_cancelled(draft):
            outcome = Outcome.CANCELLED
        cause = cause or self._cause(draft, outcome)
        self.waits[draft.index] = draft.finish(self.now.time, outcome, cause)
        if outcome is Outcome.OPEN:
            return
        if not draft.target:
            self.things[draft.obj].leave_queue(draft, self.now.time)
        if cause and outcome in ARROWS:
            self._arrow(ARROWS[outcome], cause, lane, draft.obj)

    def _cause(self, draft: Draft, outcome: Outcome) -> Cause | None:
        """Who ended a wait that came out like that."""
        if outcome is Outcome.ENDED:
            return self.lanes[draft.target].over
        if outcome is Outcome.ACQUIRED:
            return self._release_before(draft)
        if outcome in (Outcome.SET, Outcome.TRIPPED, Outcome.BROKEN, Outcome.CANCELLED):
            return draft.cause or self.things[draft.obj].cause
        return None

    def _release_before(self, draft: Draft) -> Cause | None:
        # A release is stamped before the lock is free: a wait may begin right after the stamp, and owe its
        # end to it. But a condition's lock may have been free all the time that its waiter, once awake, took
        # to get it.
        cause = self.things[draft.obj].cause
        if cause is None or cause[0] == draft.thread or (draft.reacquire and cause[1] < draft.seq):
            return None
        return cause

    def _was_cancelled(self, draft: Draft) -> bool:
        # cancel() may come between start() and the PENDING of the timer's thread, which then ends without
        # another word.
        return draft.kind is Kind.PENDING and self.things[draft.obj].cause is not None

    # Small records

    def _mark(self, row: Transition, what: str = "") -> None:
        now = self.now
        self.marks.append(
            new_mark(
                what=what or row.mark,
                time=now.time,
                thread=now.thread,
                obj=now.obj,
                site=now.site,
                seq=now.seq,
                text=self._text() if row.arg is Arg.TEXT else "",
                count=now.arg if row.arg is Arg.COUNT else None,
            )
        )

    def _arrow(self, what: str, cause: Cause, target: Lane, obj: int = 0) -> None:
        thread, _, time, _ = cause
        if thread != target.info.number:
            self.arrows.append(
                new_arrow(
                    what=what,
                    source=thread,
                    source_time=time,
                    target=target.info.number,
                    target_time=self.now.time,
                    obj=obj,
                )
            )

    def _text(self) -> str:
        number = self.now.arg or 0
        return self.log.text(number) if 0 < number <= len(self.log.texts) else ""

    def _lane(self, number: int | None) -> Lane | None:
        return self.lanes[number] if number is not None and 0 < number < len(self.lanes) else None


def _told(wait: Wait, objects: tuple[ObjectModel, ...]) -> Wait:
    """The wait, now that it is known what is a signal: those have no holders."""
    if wait.holders and wait.obj and objects[wait.obj - 1].signal:
        return replace(wait, holders=(), holder_site=0)
    return wait
