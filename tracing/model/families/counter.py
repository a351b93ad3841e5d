"""What there are so many of, to take and to give: a semaphore's permits."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from tracing.events import ObjectInfo
from tracing.model.families.thing import Shut, Thing, new_hold
from tracing.model.lanes import Lane, Moment
from tracing.model.shapes import ObjectModel, Wait
from tracing.natures import Effect, Nature


class Counter(Thing):
    """A counter. Of a Semaphore, who took a permit holds it until it releases; others' releases are signals.

    What a thread gives back is the permit that it took last: so what it has stays numbered from 1. Whether
    the permits are possessions at all, the whole record says: see `close`.
    """

    def __init__(self, info: ObjectInfo, nature: Nature, lanes: Sequence[Lane]) -> None:
        super().__init__(info, nature, lanes)
        self.step(0, self.counted)
        self.own: dict[int, list[tuple[int, int]]] = {}  # thread -> (start, site) of each permit that it has

    def holders(self) -> tuple[tuple[int, ...], int]:
        return tuple(self.own), next((taken[0][1] for taken in self.own.values()), 0)

    def take(self, now: Moment) -> None:
        if self.nature.held:
            self.own.setdefault(now.thread, []).append((now.time, now.site))
        self.step(now.time, self.recount(Effect.TAKE, now))
        self.overtake(now)

    def give(self, now: Moment) -> None:
        taken = self.own.get(now.thread, ())
        for _ in range(min(now.levels(), len(taken))):
            self._give_back(now)
        self.step(now.time, self.recount(Effect.GIVE, now))
        self.cause = now.seq

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
                open=False,
                unseen=False,
            )
        )

    def close(self, end: int) -> None:
        """Where all give back what they took, what is left and what is held adds up to what there was.

        It is a signal where that is not so, because others gave what somebody took (one release too many
        makes no signal of it where all gave back their own); where it began without permits; and where
        nobody ever gave one back, and one who has a permit waits for another.
        """
        one_way = not self.holds and any(draft.thread in self.own for draft in self.waiting.values())
        total = self.counted + sum(map(len, self.own.values()))
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
                        released_by=0,
                        released_site=0,
                        open=True,
                        unseen=False,
                    )
                )

    @staticmethod
    def shut(thing: ObjectModel, wait: Wait, start: int) -> Iterator[Shut]:
        """While there is none."""
        steps = thing.value
        at = max(0, bisect_right(steps, start, key=lambda step: step.time) - 1)
        while at < len(steps) and steps[at].time < wait.end:
            after = steps[at + 1].time if at + 1 < len(steps) else wait.end
            if steps[at].value <= 0:
                yield Shut(start=steps[at].time, end=after)
            at += 1
