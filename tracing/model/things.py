"""What the fold knows of one primitive while it goes along the events.

Owns: `Thing`, one class per kind of primitive, and in its methods what each `Effect` of the table does there.
A method that a class lacks is an effect that its primitive does not know: such an event (from a damaged file)
changes nothing.

Rule: a thing writes holds into the lanes of their threads and into itself, and keeps `waiting`: the open
waits for it in the order in which they began.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from tracing.events import ObjectInfo
from tracing.model.lanes import Cause, Draft, Lane, Moment
from tracing.model.quick import quick
from tracing.model.shapes import Band, Hold, ObjectModel, Outcome, Step
from tracing.model.table import TABLE

new_band = quick(Band)
new_hold = quick(Hold)
new_step = quick(Step)

Move = Callable[[Any, Moment], None]


class Thing:
    """A primitive that is waited for, and no more: a Condition, or one of unknown type."""

    moves: ClassVar[tuple[Move | None, ...]] = (None,) * len(TABLE)
    passed: ClassVar[Outcome] = Outcome.SET  # how a wait came out that PASSED ended

    def __init_subclass__(cls) -> None:
        cls.moves = tuple(getattr(cls, row.effect.value, None) if row.effect else None for row in TABLE)

    def __init__(self, info: ObjectInfo, lanes: Sequence[Lane]) -> None:
        self.info = info
        self.lanes = lanes
        self.waiting: dict[int, Draft] = {}  # by index
        self.cause: Cause | None = None  # what last let waiters go on
        self.holds: list[Hold] = []
        self.waits: list[int] = []
        self.queue: list[Step] = []
        self.value: list[Step] = []
        self.bands: list[Band] = []
        self.generations: list[Band] = []
        self.actions: list[Band] = []
        self.signal = False

    def join_queue(self, draft: Draft, time: int) -> None:
        draft.holders, draft.holder_site = self.holders()
        self.waiting[draft.index] = draft
        self.waits.append(draft.index)
        self.queue.append(new_step(time=time, value=len(self.waiting)))

    def leave_queue(self, draft: Draft, time: int) -> None:
        self.waiting.pop(draft.index, None)
        self.queue.append(new_step(time=time, value=len(self.waiting)))

    def holders(self) -> tuple[tuple[int, ...], int]:
        """The threads that hold it now, and where the first of them took it."""
        return (), 0

    def overtake(self, now: Moment) -> None:
        """The acting thread got it: those who wait since before it began to are passed."""
        earlier = True
        for draft in self.waiting.values():
            if draft.thread == now.thread:
                earlier = False
            elif earlier:
                draft.overtaken += 1
                if now.thread not in draft.passed_by:
                    draft.passed_by += (now.thread,)

    def rouse(self, now: Moment, *, again: bool = False) -> None:
        """All who wait may go on from here; each records when it does.

        `again`: so may those who could since the last time; not those who have yet to say so since before.
        """
        before, self.cause = self.cause, now.cause()
        for draft in self.waiting.values():
            if draft.cause is None or (again and draft.cause is before):
                draft.cause = self.cause

    def keep(self, hold: Hold) -> None:
        self.holds.append(hold)
        self.lanes[hold.thread].holds.append(hold)

    def count(self, now: Moment, value: int) -> None:
        self.value.append(new_step(time=now.time, value=value))

    def close(self, end: int) -> None:
        """The record ends: what is still open becomes an open hold or band."""

    def finish(self, end: int) -> ObjectModel:
        self.close(end)
        return ObjectModel(
            number=self.info.number,
            holds=tuple(sorted(self.holds, key=lambda hold: hold.start)),
            waits=tuple(self.waits),
            value=tuple(self.value),
            queue=tuple(self.queue),
            bands=tuple(self.bands),
            generations=tuple(self.generations),
            actions=tuple(self.actions),
            signal=self.signal,
        )


class Mutex(Thing):
    """A Lock: held or free. Anybody may release it."""

    def __init__(self, info: ObjectInfo, lanes: Sequence[Lane]) -> None:
        super().__init__(info, lanes)
        self.owner = 0
        self.since = 0  # when it was last taken, or while it is free: released
        self.site = 0
        self.depth = 1

    def holders(self) -> tuple[tuple[int, ...], int]:
        return ((self.owner,), self.site) if self.owner else ((), 0)

    def take(self, now: Moment) -> None:
        if self.owner:
            self.end_hold(now.time)  # it is free, but the release was not seen
        self.owner, self.since, self.site = now.thread, now.time, now.site
        if self.waiting:
            self.overtake(now)

    def overtake(self, now: Moment) -> None:
        # Acquired is stamped after the real acquire: one who found it taken may have stamped its wait before.
        # Whom such a waiter waits for comes to light only now, and nobody has passed it.
        found = [draft for draft in self.waiting.values() if not draft.holders and draft.thread != now.thread]
        super().overtake(now)
        for draft in found:
            draft.holders, draft.holder_site = (now.thread,), now.site
            draft.overtaken, draft.passed_by = 0, ()

    def give(self, now: Moment) -> None:
        self.end_hold(now.time, now.thread, now.site)
        self.owner = 0
        self.cause = now.cause()

    def end_hold(
        self, end: int, released_by: int = 0, released_site: int = 0, *, is_open: bool = False
    ) -> None:
        """One hold is complete. Where nobody was seen to take it, the releaser did, unseen."""
        self.keep(
            new_hold(
                obj=self.info.number,
                thread=self.owner or released_by,
                start=self.since,
                end=end,
                depth=self.depth,
                site=self.site if self.owner else 0,
                released_by=released_by,
                released_site=released_site,
                open=is_open,
                unseen=not self.owner,
            )
        )
        self.since = end

    def close(self, end: int) -> None:
        if self.owner:
            self.end_hold(end, is_open=True)


class Reentrant(Mutex):
    """An RLock: levels of one owner, one hold for each stretch of constant depth."""

    def __init__(self, info: ObjectInfo, lanes: Sequence[Lane]) -> None:
        super().__init__(info, lanes)
        self.value.append(new_step(time=0, value=0))
        self.below: list[tuple[int, int]] = []  # (depth below, site) of each acquire that is not given back

    def take(self, now: Moment) -> None:
        base = self.depth if self.owner == now.thread else 0
        if not base:
            self.below.clear()
        super().take(now)
        self.below.append((base, now.site))
        self.depth = base + now.levels()
        self.count(now, self.depth)

    def holders(self) -> tuple[tuple[int, ...], int]:
        return ((self.owner,), self.below[0][1]) if self.owner else ((), 0)

    def overtake(self, now: Moment) -> None:
        if len(self.below) == 0:  # its owner, going deeper, passes nobody
            super().overtake(now)

    def give(self, now: Moment) -> None:
        left = max(0, self.depth - now.levels()) if self.owner else 0
        self.end_hold(now.time, now.thread, now.site)
        while self.below and self.below[-1][0] >= left:
            self.below.pop()
        self.count(now, left)
        if left:
            self.depth, self.site = left, self.below[-1][1]
        else:
            self.owner, self.depth = 0, 1
            self.cause = now.cause()


class Permits(Thing):
    """A Semaphore: a counter. Who took a permit holds it until it releases; others' releases are signals.

    What a thread gives back is the permit that it took last: so what it has stays numbered from 1. Whether
    the permits are possessions at all, the whole record says: see `close`.
    """

    def __init__(self, info: ObjectInfo, lanes: Sequence[Lane]) -> None:
        super().__init__(info, lanes)
        self.left = info.value or 0
        self.value.append(new_step(time=0, value=self.left))
        self.own: dict[int, list[tuple[int, int]]] = {}  # thread -> (start, site) of each permit that it has

    def holders(self) -> tuple[tuple[int, ...], int]:
        return tuple(self.own), next((taken[0][1] for taken in self.own.values()), 0)

    def take(self, now: Moment) -> None:
        self.own.setdefault(now.thread, []).append((now.time, now.site))
        self.left -= 1
        self.count(now, self.left)
        self.overtake(now)

    def give(self, now: Moment) -> None:
        taken = self.own.get(now.thread, ())
        for _ in range(min(now.levels(), len(taken))):
            self._give_back(now)
        self.left += now.levels()
        self.count(now, self.left)
        self.cause = now.cause()

    def _give_back(self, now: Moment) -> None:
        taken = self.own[now.thread]
        depth = len(taken)
        start, site = taken.pop()
        if not taken:
            del self.own[now.thread]
        self.keep(
            new_hold(
                obj=self.info.number,
                thread=now.thread,
                start=start,
                end=now.time,
                depth=depth,
                site=site,
                released_by=now.thread,
                released_site=now.site,
            )
        )

    def close(self, end: int) -> None:
        """Where all give back what they took, what is left and what is held adds up to what there was.

        It is a signal where that is not so, because others gave what somebody took (one release too many
        makes no signal of it where all gave back their own); where it began without permits; and where
        nobody ever gave one back, and one who has a permit waits for another.
        """
        one_way = not self.holds and any(draft.thread in self.own for draft in self.waiting.values())
        total = self.left + sum(map(len, self.own.values()))
        others_gave = bool(self.own) and total != self.info.value
        self.signal = one_way or not self.info.value or others_gave
        for thread, taken in self.own.items():
            for depth, (start, site) in enumerate(taken, 1):
                self.keep(
                    new_hold(
                        obj=self.info.number,
                        thread=thread,
                        start=start,
                        end=end,
                        depth=depth,
                        site=site,
                        open=True,
                    )
                )


class Stretch:
    """A band in the making."""

    def __init__(self, bands: list[Band]) -> None:
        self.bands = bands
        self.open = False
        self.start = self.thread = 0
        self.text = ""

    def begin(self, time: int, thread: int = 0, text: str = "") -> None:
        if not self.open:
            self.open, self.start, self.thread, self.text = True, time, thread, text

    def end(self, time: int, thread: int = 0, *, text: str = "", is_open: bool = False) -> None:
        if self.open:
            self.open = False
            self.bands.append(
                new_band(
                    start=self.start,
                    end=time,
                    thread=self.thread,
                    ended_by=thread,
                    open=is_open,
                    text=text or self.text,
                )
            )


class Flag(Thing):
    """An Event: its flag, up or down."""

    def __init__(self, info: ObjectInfo, lanes: Sequence[Lane]) -> None:
        super().__init__(info, lanes)
        self.up = Stretch(self.bands)
        if info.value:
            self.up.begin(0)

    def put_up(self, now: Moment) -> None:
        if not self.up.open or self.cause is None:
            self.rouse(now)  # a second set() wakes nobody
        self.up.begin(now.time, now.thread)

    def put_down(self, now: Moment) -> None:
        self.up.end(now.time, now.thread)

    def close(self, end: int) -> None:
        self.up.end(end, is_open=True)


class Meeting(Thing):
    """A Barrier: arrivals, the generation they belong to, the action, and whether it is broken."""

    passed = Outcome.TRIPPED

    def __init__(self, info: ObjectInfo, lanes: Sequence[Lane]) -> None:
        super().__init__(info, lanes)
        self.value.append(new_step(time=0, value=0))
        self.generation = Stretch(self.generations)
        self.action = Stretch(self.actions)
        self.broken = Stretch(self.bands)

    def arrive(self, now: Moment) -> None:
        self.generation.begin(now.time, now.thread)
        self.count(now, self.value[-1].value + 1 if now.arg is None or now.arg < 0 else now.arg)

    def trip(self, now: Moment) -> None:
        self._part(now)
        self.rouse(now)

    def act(self, now: Moment) -> None:
        self.action.begin(now.time, now.thread)

    def acted(self, now: Moment) -> None:
        self.action.end(now.time, now.thread)
        self.rouse(now, again=True)  # nobody leaves before the action is done

    def shatter(self, now: Moment) -> None:
        self._part(now, "broken")
        self.rouse(now, again=self.action.open)  # after a trip: the action failed
        self.action.end(now.time, now.thread, text="failed")
        self.broken.begin(now.time, now.thread)

    def mend(self, now: Moment) -> None:
        self._part(now, "reset")
        self.broken.end(now.time, now.thread)
        self.rouse(now)

    def close(self, end: int) -> None:
        for stretch in (self.generation, self.action, self.broken):
            stretch.end(end, is_open=True)

    def _part(self, now: Moment, text: str = "") -> None:
        self.generation.end(now.time, now.thread, text=text)
        if self.value[-1].value:
            self.count(now, 0)


class Countdown(Thing):
    """A Timer: its interval."""

    def __init__(self, info: ObjectInfo, lanes: Sequence[Lane]) -> None:
        super().__init__(info, lanes)
        self.pending = Stretch(self.bands)

    def pend(self, now: Moment) -> None:
        if self.cause is None:  # else it was cancelled before
            self.pending.begin(now.time, now.thread)

    def fire(self, now: Moment) -> None:
        self.pending.end(now.time, now.thread)

    def call_off(self, now: Moment) -> None:
        self.cause = now.cause()
        self.pending.end(now.time, now.thread)

    def close(self, end: int) -> None:
        self.pending.end(end, is_open=True)


TYPES: dict[str, type[Thing]] = {
    "Lock": Mutex,
    "RLock": Reentrant,
    "Semaphore": Permits,
    "BoundedSemaphore": Permits,
    "Event": Flag,
    "Barrier": Meeting,
    "Timer": Countdown,
}


def make_thing(info: ObjectInfo, lanes: Sequence[Lane]) -> Thing:
    """What the fold should keep for a primitive of that type."""
    return TYPES.get(info.type, Thing)(info, lanes)
