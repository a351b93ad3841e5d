"""What all families of primitives have in common, while the fold goes along the events and after it.

Owns: `Thing`, the base of the families, and what they are made with.

Rule: a thing writes holds into the lanes of their threads and into itself, and keeps `waiting`: the open
waits for it in the order in which they began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, ClassVar

from tracing.events import LENGTH_MASK, ObjectInfo
from tracing.model.lanes import Draft, Lane, Moment
from tracing.model.quick import quick
from tracing.model.shapes import Band, Hold, ObjectModel, Outcome, Step, Wait
from tracing.model.table import TABLE
from tracing.natures import Effect, Nature

new_band = quick(Band)
new_hold = quick(Hold)
new_step = quick(Step)

Move = Callable[[Any, Moment], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shut:
    """A stretch of a wait in which nothing was to be had."""

    start: int
    end: int
    thread: int = 0  # who had it
    site: int = 0


class Thing:
    """A primitive that is waited for, and no more: a Condition, or one of unknown type."""

    moves: ClassVar[tuple[Move | None, ...]] = (None,) * len(TABLE)
    passed: ClassVar[Outcome] = Outcome.SET  # how a wait came out that PASSED ended

    def __init_subclass__(cls) -> None:
        cls.moves = tuple(getattr(cls, row.effect.value, None) if row.effect else None for row in TABLE)

    @classmethod
    def of(cls, nature: Nature) -> type[Thing]:
        """The class for primitives of that nature: families may have several."""
        return cls

    def __init__(self, info: ObjectInfo, nature: Nature, lanes: Sequence[Lane]) -> None:
        self.info, self.nature = info, nature
        self.lanes = lanes
        self.waiting: dict[int, Draft] = {}  # by index
        self.cause: int | None = None  # the event that last let waiters go on
        self.holds: list[Hold] = []
        self.waits: list[int] = []
        self.value: list[Step] = []
        self.bands: list[Band] = []
        self.generations: list[Band] = []
        self.actions: list[Band] = []
        self.callbacks: list[Band] = []
        self.signal = False
        self.sent: int | None = None  # the event by which came what the acting thread has just got
        self.counted = nature.count.first(info.value) if nature.count else 0

    def belong(self, owner: Thing) -> None:
        """The primitive that it was made for is that one."""

    def recount(self, effect: Effect, now: Moment) -> int:
        """What it counts, now that this has happened."""
        assert self.nature.count  # a family that counts has rows that say how
        change = self.nature.count.changes[effect]
        if change.stated and now.arg is not None and now.arg >= 0:
            self.counted = now.arg & LENGTH_MASK
        elif change.to is not None:
            self.counted = change.to
        else:
            self.counted += change.by * (now.levels() if change.each else 1)
        return self.counted

    def join_queue(self, draft: Draft) -> None:
        draft.holders, draft.holder_site = self.holders()
        self.waiting[draft.index] = draft
        self.waits.append(draft.index)

    def holders(self) -> tuple[tuple[int, ...], int]:
        """The threads that hold it now, and where the first of them took it."""
        return (), 0

    def overtake(self, now: Moment) -> None:
        """The acting thread got it: those who wait since before it began to are passed."""
        for draft in self.waiting.values():
            if draft.thread == now.thread:
                return
            draft.pass_by(now.thread)

    def rouse(self, now: Moment, *, again: bool = False) -> None:
        """All who wait may go on from here; each records when it does.

        `again`: so may those who could since the last time; not those who have yet to say so since before.
        """
        before, self.cause = self.cause, now.seq
        for draft in self.waiting.values():
            if draft.ended_seq is None or (again and draft.ended_seq == before):
                draft.ended_seq = self.cause

    def keep(self, hold: Hold) -> None:
        self.holds.append(hold)
        self.lanes[hold.thread].holds.append(hold)

    def step(self, time: int, value: int) -> None:
        """What it counts is that from here on."""
        self.value.append(new_step(time, value))

    def close(self, end: int) -> None:
        """The record ends: what is still open becomes an open hold or band."""

    def finish(self, end: int) -> ObjectModel:
        self.close(end)
        return ObjectModel(
            number=self.info.number,
            holds=tuple(sorted(self.holds, key=attrgetter("start"))),
            waits=tuple(self.waits),
            value=tuple(self.value),
            bands=tuple(self.bands),
            generations=tuple(self.generations),
            actions=tuple(self.actions),
            callbacks=tuple(self.callbacks),
            signal=self.signal,
        )

    # What a folded wait for it was spent on; see `tracing.model.breakdown`

    @staticmethod
    def shut(thing: ObjectModel, wait: Wait, start: int) -> Iterable[Shut] | None:
        """The stretches from `start` on in which nothing was to be had, and those before and after that touch
        the wait. None: there is one, from `start` to what ends the wait.
        """
        return None

    @staticmethod
    def let_go(thing: ObjectModel, start: int) -> Iterable[int]:
        """When those who waited from `start` on were let go, whether or not they are seen to have gone on."""
        return ()


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
