"""A call that an executor makes, and what comes of it: a future."""

from __future__ import annotations

from collections.abc import Sequence

from tracing.events import ObjectInfo
from tracing.model.families.executor import Workers
from tracing.model.families.thing import Stretch, Thing, new_hold
from tracing.model.lanes import Lane, Moment
from tracing.natures import Nature


class Call(Thing):
    """While a worker makes the call, it has the future: who waits for the result waits for that worker."""

    def __init__(self, info: ObjectInfo, nature: Nature, lanes: Sequence[Lane]) -> None:
        super().__init__(info, nature, lanes)
        self.worker = self.since = self.site = 0
        self.queued = Stretch(self.bands)  # submitted, and no worker has begun
        self.pool: Workers | None = None

    def belong(self, owner: Thing) -> None:
        if isinstance(owner, Workers):
            self.pool = owner

    def submit(self, now: Moment) -> None:
        """It waits for a worker from here on."""
        self.sent = now.seq
        self.queued.begin(now.time, now.thread)
        self._queue_up(now.time, 1)

    def _leave_queue(self, now: Moment) -> None:
        if self.queued.open:
            self.queued.end(now.time, now.thread)
            self._queue_up(now.time, -1)

    def _queue_up(self, time: int, by: int) -> None:
        if self.pool:
            self.pool.queue_up(time, by)

    def holders(self) -> tuple[tuple[int, ...], int]:
        return ((self.worker,), self.site) if self.worker else ((), 0)

    def take(self, now: Moment) -> None:
        """A worker begins."""
        self._leave_queue(now)
        self.worker, self.since, self.site = now.thread, now.time, now.site
        for draft in self.waiting.values():  # from here on they wait for it
            draft.holders, draft.holder_site = self.holders()

    def give(self, now: Moment) -> None:
        """The result is there, or an exception; or it was cancelled."""
        self._leave_queue(now)
        if self.worker:
            self._keep(now.time, now.thread, now.site, failed=bool(now.arg))  # its exception, as a text
        self.worker = 0
        self.cause = now.seq

    def close(self, end: int) -> None:
        if self.worker:
            self._keep(end, is_open=True)
        self.queued.end(end, is_open=True)

    def _keep(
        self, end: int, by: int = 0, site: int = 0, *, is_open: bool = False, failed: bool = False
    ) -> None:
        self.keep(
            new_hold(
                obj=self.info.number,
                thread=self.worker,
                start=self.since,
                end=end,
                depth=1,
                site=self.site,
                released_by=by,
                released_site=site,
                open=is_open,
                unseen=False,
                failed=failed,
            )
        )
