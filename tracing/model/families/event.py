"""What is up or down, and lets go all who wait while it is up: an Event."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracing.events import ObjectInfo
from tracing.model.families.thing import Stretch, Thing
from tracing.model.lanes import Lane, Moment
from tracing.model.shapes import ObjectModel
from tracing.natures import Effect, Nature


class Flag(Thing):
    """An Event: its flag, up or down."""

    def __init__(self, info: ObjectInfo, nature: Nature, lanes: Sequence[Lane]) -> None:
        super().__init__(info, nature, lanes)
        self.up = Stretch(self.bands)
        if self.counted:
            self.up.begin(0)

    def put_up(self, now: Moment) -> None:
        if not self.up.open or self.cause is None:
            self.rouse(now)  # a second set() wakes nobody
        self._turn(Effect.RAISE, now)

    def put_down(self, now: Moment) -> None:
        self._turn(Effect.LOWER, now)

    def _turn(self, effect: Effect, now: Moment) -> None:
        turn = self.up.begin if self.recount(effect, now) else self.up.end
        turn(now.time, now.thread)

    def close(self, end: int) -> None:
        self.up.end(end, is_open=True)

    @staticmethod
    def let_go(thing: ObjectModel, start: int) -> Iterator[int]:
        return (band.start for band in thing.bands if band.end > start)
