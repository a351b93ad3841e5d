"""What one thread has at a time: a Lock, an RLock."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from tracing.events import ObjectInfo
from tracing.model.families.thing import Shut, Thing, new_hold
from tracing.model.lanes import Lane, Moment
from tracing.model.shapes import ObjectModel, Wait
from tracing.natures import Nature


class Mutex(Thing):
    """A Lock: held or free. Anybody may release it."""

    def __init__(self, info: ObjectInfo, nature: Nature, lanes: Sequence[Lane]) -> None:
        super().__init__(info, nature, lanes)
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
        earlier = True
        for draft in self.waiting.values():
            if draft.thread == now.thread:
                earlier = False
            elif not draft.holders:
                draft.holders, draft.holder_site = (now.thread,), now.site
            elif earlier:
                draft.pass_by(now.thread)

    def give(self, now: Moment) -> None:
        self.end_hold(now.time, now.thread, now.site)
        self.owner = 0
        self.cause = now.seq

    def end_hold(
        self, end: int, released_by: int = 0, released_site: int = 0, *, is_open: bool = False
    ) -> None:
        """One hold is complete. Where nobody was seen to take it, the releaser did, unseen."""
        obj, since, depth, unseen = self.info.number, self.since, self.depth, not self.owner
        thread, site = (released_by, 0) if unseen else (self.owner, self.site)
        self.keep(new_hold(obj, thread, since, end, depth, site, released_by, released_site, is_open, unseen))
        self.since = end

    def close(self, end: int) -> None:
        if self.owner:
            self.end_hold(end, is_open=True)

    @classmethod
    def of(cls, nature: Nature) -> type[Thing]:
        return Reentrant if nature.owned else cls

    @staticmethod
    def shut(thing: ObjectModel, wait: Wait, start: int) -> Iterator[Shut]:
        """While somebody holds it."""
        at = max(0, bisect_right(thing.holds, start, key=lambda hold: hold.start) - 1)
        while at < len(thing.holds) and thing.holds[at].start < wait.end:
            hold = thing.holds[at]
            yield Shut(start=hold.start, end=hold.end, thread=hold.thread, site=hold.site)
            at += 1


class Reentrant(Mutex):
    """An RLock: levels of one owner, one hold for each stretch of constant depth."""

    def __init__(self, info: ObjectInfo, nature: Nature, lanes: Sequence[Lane]) -> None:
        super().__init__(info, nature, lanes)
        self.step(0, 0)
        self.below: list[tuple[int, int]] = []  # (depth below, site) of each acquire that is not given back

    def take(self, now: Moment) -> None:
        base = self.depth if self.owner == now.thread else 0
        if not base:
            self.below.clear()
        super().take(now)
        self.below.append((base, now.site))
        self.depth = base + now.levels()
        self.step(now.time, self.depth)

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
        self.step(now.time, left)
        if left:
            self.depth, self.site = left, self.below[-1][1]
        else:
            self.owner, self.depth = 0, 1
            self.cause = now.seq
