"""What hands calls to its workers: a ThreadPoolExecutor."""

from __future__ import annotations

from collections.abc import Sequence

from tracing.events import ObjectInfo
from tracing.model.families.thing import Thing
from tracing.model.lanes import Lane
from tracing.natures import Nature


class Workers(Thing):
    """A pool: how many calls wait for a worker. Its calls say when they do, and when no more."""

    def __init__(self, info: ObjectInfo, nature: Nature, lanes: Sequence[Lane]) -> None:
        super().__init__(info, nature, lanes)
        self.queued = 0
        self.step(0, 0)

    def queue_up(self, time: int, by: int) -> None:
        """So many more calls wait."""
        self.queued += by
        self.step(time, self.queued)
