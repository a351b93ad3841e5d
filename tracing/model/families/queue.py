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

    Who gets the last item, having put some in itself, passes those that have waited for one since before: it
    is a pool of things to use, and there is none left for them. Who only gets passes nobody: of several
    workers at one queue it does not matter which one does what.
    """

    def __init__(self, info: ObjectInfo, nature: Nature, lanes: Sequence[Lane]) -> None:
        super().__init__(info, nature, lanes)
        self.step(0, self.counted)
        self.puts: dict[int, int] = {}  # the event that put the item with that number
        self.last_put: int | None = None
        self.last_got: int | None = None
        self.givers: set[int] = set()  # who has put something in

    def give(self, now: Moment) -> None:
        self.step(now.time, self.recount(Effect.GIVE, now))
        self.last_put = now.seq
        self.givers.add(now.thread)
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
        if self.waiting and not self.counted and now.thread in self.givers:
            self.overtake(now)

    def overtake(self, now: Moment) -> None:
        for draft in self.waiting.values():
            if draft.thread == now.thread:
                return
            if draft.kind == Kind.GET_WAIT:
                draft.pass_by(now.thread)

    def acted(self, now: Moment) -> None:
        """A task is done: where it was the last one, who waits for all of them goes on."""
        self.cause = now.seq

    @staticmethod
    def shut(thing: ObjectModel, wait: Wait, start: int) -> Iterator[Shut] | None:
        """While it is empty; None, not known, of one that is full or whose tasks are not done."""
        if wait.kind in (Kind.PUT_WAIT, Kind.TASKS_WAIT):
            return None
        return counter.Counter.shut(thing, wait, start)
