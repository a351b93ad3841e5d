"""What is pending for an interval: a Timer."""

from __future__ import annotations

from collections.abc import Sequence

from tracing.events import ObjectInfo
from tracing.model.families.thing import Stretch, Thing
from tracing.model.lanes import Lane, Moment
from tracing.natures import Nature


class Countdown(Thing):
    """A Timer: its interval, and the callback, which its thread runs to its own end."""

    def __init__(self, info: ObjectInfo, nature: Nature, lanes: Sequence[Lane]) -> None:
        super().__init__(info, nature, lanes)
        self.pending = Stretch(self.bands)
        self.callback = Stretch(self.callbacks)

    def pend(self, now: Moment) -> None:
        if self.cause is None:  # else it was cancelled before
            self.pending.begin(now.time, now.thread)

    def fire(self, now: Moment) -> None:
        self.pending.end(now.time, now.thread)
        self.callback.begin(now.time, now.thread)

    def call_off(self, now: Moment) -> None:
        self.cause = now.seq
        self.pending.end(now.time, now.thread)

    def close(self, end: int) -> None:
        self.pending.end(end, is_open=True)
        lane = self.lanes[self.callback.thread]
        if lane.end is not None:
            failed = "failed" if lane.failed else ""
            self.callback.end(max(lane.end, self.callback.start), self.callback.thread, text=failed)
        self.callback.end(end, is_open=True)
