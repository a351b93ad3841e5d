"""What is pending for an interval: a Timer."""

from __future__ import annotations

from collections.abc import Sequence

from tracing.events import ObjectInfo
from tracing.model.families.thing import Stretch, Thing
from tracing.model.lanes import Lane, Moment
from tracing.natures import Nature


class Countdown(Thing):
    """A Timer: its interval."""

    def __init__(self, info: ObjectInfo, nature: Nature, lanes: Sequence[Lane]) -> None:
        super().__init__(info, nature, lanes)
        self.pending = Stretch(self.bands)

    def pend(self, now: Moment) -> None:
        if self.cause is None:  # else it was cancelled before
            self.pending.begin(now.time, now.thread)

    def fire(self, now: Moment) -> None:
        self.pending.end(now.time, now.thread)

    def call_off(self, now: Moment) -> None:
        self.cause = now.seq
        self.pending.end(now.time, now.thread)

    def close(self, end: int) -> None:
        self.pending.end(end, is_open=True)
