"""What lets all go once so many are there: a Barrier."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tracing.events import ObjectInfo
from tracing.model.families.thing import Stretch, Thing
from tracing.model.lanes import Lane, Moment
from tracing.model.shapes import Leaving, ObjectModel, Outcome
from tracing.natures import Effect, Nature


class Meeting(Thing):
    """A Barrier: arrivals, the generation they belong to, the action, and whether it is broken."""

    passed = Outcome.TRIPPED

    def __init__(self, info: ObjectInfo, nature: Nature, lanes: Sequence[Lane]) -> None:
        super().__init__(info, nature, lanes)
        self.step(0, self.counted)
        self.generation = Stretch(self.generations)
        self.action = Stretch(self.actions)
        self.broken = Stretch(self.bands)
        self.inside: dict[int, int] = {}  # thread: which generation it came to, counted from 0
        self.left: dict[int, list[Leaving]] = {}  # by generation

    def arrive(self, now: Moment) -> None:
        self.generation.begin(now.time, now.thread)
        self.inside[now.thread] = len(self.generations)
        self.step(now.time, self.recount(Effect.ARRIVE, now))

    def trip(self, now: Moment) -> None:
        self._part(Effect.TRIP, now)
        self.rouse(now)

    def leave(self, now: Moment) -> None:
        generation = self.inside.pop(now.thread, None)
        if generation is not None:
            self.left.setdefault(generation, []).append(Leaving(thread=now.thread, time=now.time))

    def act(self, now: Moment) -> None:
        self.action.begin(now.time, now.thread)

    def acted(self, now: Moment) -> None:
        self.action.end(now.time, now.thread)
        self.rouse(now, again=True)  # nobody leaves before the action is done

    def shatter(self, now: Moment) -> None:
        self._part(Effect.BREAK, now, "broken")
        self.rouse(now, again=self.action.open)  # after a trip: the action failed
        self.action.end(now.time, now.thread, text="failed")
        self.broken.begin(now.time, now.thread)

    def mend(self, now: Moment) -> None:
        self._part(Effect.MEND, now, "reset")
        self.broken.end(now.time, now.thread)
        self.rouse(now)

    def close(self, end: int) -> None:
        for stretch in (self.generation, self.action, self.broken):
            stretch.end(end, is_open=True)
        for generation, left in self.left.items():
            if generation < len(self.generations):
                self.generations[generation] = replace(self.generations[generation], left=tuple(left))

    def _part(self, effect: Effect, now: Moment, text: str = "") -> None:
        self.generation.end(now.time, now.thread, text=text)
        if self.counted:
            self.step(now.time, self.recount(effect, now))

    @staticmethod
    def let_go(thing: ObjectModel, start: int) -> Iterator[int]:
        bands = thing.actions or thing.generations
        return (band.end for band in bands if band.end > start and not band.open)
