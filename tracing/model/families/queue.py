"""What hands items on: a queue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracing.events import Kind, ObjectInfo, item_and_length
from tracing.model.families import counter
from tracing.model.families.thing import Shut, Thing
from tracing.model.lanes import Lane, Moment
from tracing.model.shapes import ObjectModel, Wait
from tracing.natures import Effect, Nature


class Line(Thing):
    """A queue: its length, and who put what somebody got.

    Who waits for an item owes it to who put that item in; who waits for room, to who got one last.
    """

    def __init__(self, info: ObjectInfo, nature: Nature, lanes: Sequence[Lane]) -> None:
        super().__init__(info, nature, lanes)
        self.step(0, self.counted)
        self.puts: dict[int, int] = {}  # the event that put the item with that number
        self.last_put: int | None = None
        self.last_got: int | None = None

    def give(self, now: Moment) -> None:
        self.step(now.time, self.recount(Effect.GIVE, now))
        self.last_put = now.seq
        number, _ = item_and_length(now.arg)
        if number:
            self.puts[number] = self.last_put
        self.cause = self.last_got

    def take(self, now: Moment) -> None:
        self.step(now.time, self.recount(Effect.TAKE, now))
        number, _ = item_and_length(now.arg)
        self.sent = self.puts.pop(number, None) if number else None
        self.cause = self.sent if number else self.last_put
        self.last_got = now.seq

    def acted(self, now: Moment) -> None:
        """A task is done: where it was the last one, who waits for all of them goes on."""
        self.cause = now.seq

    @staticmethod
    def shut(thing: ObjectModel, wait: Wait, start: int) -> Iterator[Shut] | None:
        """While it is empty; None, not known, of one that is full or whose tasks are not done."""
        if wait.kind in (Kind.PUT_WAIT, Kind.TASKS_WAIT):
            return None
        return counter.Counter.shut(thing, wait, start)
