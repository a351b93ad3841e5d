"""What a wait was spent on: held by others, hand-off, schedule.

Owns: `Breakdown`, and `Breakdowns`, which makes one of a wait. Rule: the three parts are never negative and
their sum is the wait; they say what the record shows and no more.

How it works: at each moment of a wait, what is waited for is to be had, or it is not.

*Held*: it is not. What that means depends on the primitive:

    Lock, RLock   somebody holds it. `turns` says who, one after the other
    Semaphore     it has no permit left
    Event         its flag has been down since the wait began
    Condition     nobody has notified this thread (phase 1: the lock is given up)
    Barrier       not all parties have come, or its action still runs
    join          the thread has not ended
    Timer         its interval is not over, and nobody has cancelled it
    Queue         it is empty, or full, or has tasks that are not done
    Future        its call is not over
    Executor      a worker has not ended

It ends, where the wait does, with the release, the set(), the notify() and so on; at the deadline for a wait
that timed out; never for one that is still open and that nobody has let go. A wait for a lock or a permit
begins because it was not to be had: where the record shows it free at first and taken later, the taker's
stamp came late, and it counts as held from the beginning; where it shows neither holder nor release, it was
held by somebody unseen.

*Schedule*: the thread could go on, but another one ran: from that moment to the last event by which the
record shows another thread running. So is the time in which a lock was free and another thread was quicker
to take it, and phase 2 of a condition's wait, from the notification until the thread is awake. (Phase 3, from
there until it has the lock back, is a wait for a lock like any other.)

*Hand-off*: the rest, from the moment at which it could go on, or the last such event after that, until it
has gone on: what the operating system takes to wake a thread. On the virtual clock that takes no time:
whatever passes there between release and acquire is other threads' turns, and is schedule.

A sleep is not a wait, and has no breakdown.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from tracing.events import KIND_MASK, THREAD_SHIFT, EventLog, Kind
from tracing.model.families import THINGS, Shut, Thing
from tracing.model.shapes import Fate, Model, Outcome, Wait
from tracing.natures import nature_of

_UNDECIDED = frozenset({Outcome.OPEN, Outcome.CUT, Outcome.TIMED_OUT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """For so long of a wait, one thread held the lock."""

    thread: int
    time: int  # ns
    site: int = 0  # where it had acquired it


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """The parts of one wait, ns."""

    held: int
    hand_off: int
    schedule: int
    turns: tuple[Turn, ...] = ()  # Lock, RLock: who held it, in order; together they are `held`


class Breakdowns:
    """Breakdowns the waits of one run."""

    def __init__(self, log: EventLog, model: Model) -> None:
        self._log, self._model = log, model

    def of(self, wait: Wait) -> Breakdown:
        """The parts of that wait; see the module. Only the first wait takes longer in a longer record."""
        start = self._awake(wait) if wait.reacquire else wait.start
        shut = tuple(self._shut(wait, start))
        held = sum(each.end - each.start for each in shut)
        hand_off = self._hand_off(wait, max(start, shut[-1].end if shut else start))
        return Breakdown(
            held=held,
            hand_off=hand_off,
            schedule=wait.end - wait.start - held - hand_off,
            turns=tuple(_turns(shut)) if nature_of(self._log, wait.obj).exclusive else (),
        )

    def _family(self, wait: Wait) -> type[Thing]:
        return THINGS[nature_of(self._log, wait.obj).family]

    def _shut(self, wait: Wait, start: int) -> Iterator[Shut]:
        """The stretches, from `start` on, in which it was not to be had, in order."""
        until = self._ready(wait)
        thing = self._model.objects[wait.obj - 1] if wait.obj else None
        stretches = self._family(wait).shut(thing, wait, start) if thing else None
        if stretches is None:
            stretches = [Shut(start=start, end=until)]
        first = True
        for each in stretches:
            begin, end = max(start, each.start), min(until, each.end)
            if end > begin:
                yield Shut(start=start if first else begin, end=end, thread=each.thread, site=each.site)
                first, start = False, end
        if first and until > start and not wait.reacquire and not wait.ended_by:
            yield Shut(start=start, end=until)

    def _ready(self, wait: Wait) -> int:
        """From when on the thread could have gone on, whatever others did; the end of the wait if never."""
        found = [wait.end]
        if wait.timeout is not None and wait.outcome in (Outcome.TIMED_OUT, Outcome.FIRED):
            found.append(wait.start + wait.timeout)
        if wait.ended_seq is not None and wait.outcome is not Outcome.ACQUIRED:
            found.append(self._log.times[wait.ended_seq])
        if wait.outcome in _UNDECIDED:
            found += self._let_go(wait)
        return max(wait.start, min(found))

    def _let_go(self, wait: Wait) -> Iterator[int]:
        """When the thread was let go, although it is not seen to have gone on for that reason."""
        if wait.target:
            other = self._model.threads[wait.target - 1]
            if other.fate in (Fate.ENDED, Fate.FAILED):
                yield other.end
        elif wait.obj:
            yield from self._family(wait).let_go(self._model.objects[wait.obj - 1], wait.start)

    def _awake(self, wait: Wait) -> int:
        """When a thread whose wait on a condition is over woke up: the end of phase 2."""
        times = self._awakenings.get(wait.thread, [])
        at = bisect_left(times, wait.start)
        return min(wait.end, times[at]) if at < len(times) else wait.end

    @cached_property
    def _awakenings(self) -> dict[int, list[int]]:
        """The times at which each thread woke up from a condition."""
        found: dict[int, list[int]] = {}
        for seq, code in enumerate(self._log.codes):
            if code & KIND_MASK == Kind.COND_WOKE:
                found.setdefault(code >> THREAD_SHIFT, []).append(self._log.times[seq])
        return found

    def _hand_off(self, wait: Wait, free: int) -> int:
        """What is left of the wait after `free` and after the last event of another thread."""
        if self._log.clock == "virtual":
            return 0
        times, codes = self._log.times, self._log.codes
        seq = bisect_right(times, wait.end) - 1
        while seq >= 0 and times[seq] > free and codes[seq] >> THREAD_SHIFT == wait.thread:
            seq -= 1
        return wait.end - (max(free, times[seq]) if seq >= 0 else free)


def _turns(shut: Iterable[Shut]) -> Iterator[Turn]:
    """Who held it: one after the other, however often each took it anew."""
    for thread, group in groupby(shut, key=lambda each: each.thread):
        own = list(group)
        yield Turn(thread=thread, time=sum(each.end - each.start for each in own), site=own[0].site)
