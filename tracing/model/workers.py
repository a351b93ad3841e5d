"""When a pool's worker has nothing to do: it is neither running nor ready, but idle.

An executor's worker waits for its next call in a queue of the executor's own, which is not recorded: to the
table of transitions its thread runs between two calls. So the model takes these stretches from what it has
found to be running, or ready, as it divides running by turns (see `turns`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from operator import attrgetter

from tracing.model.quick import quick
from tracing.model.shapes import Span, State, ThreadModel

new_span = quick(Span)

Stretch = tuple[int, int]
"""From when, until when, ns."""


def with_idle(threads: Sequence[ThreadModel], calls: Collection[int]) -> tuple[ThreadModel, ...]:
    """The threads, idle where they have been at work for a pool and have no call.

    calls: the numbers of the primitives that are calls which a pool's worker makes.
    """
    if not calls:
        return tuple(threads)
    pauses = {each.number: tuple(pauses_of(each, calls)) for each in threads}
    return tuple(
        replace(each, spans=tuple(_divided(each.spans, pauses[each.number]))) if pauses[each.number] else each
        for each in threads
    )


def pauses_of(thread: ThreadModel, calls: Collection[int]) -> Iterator[Stretch]:
    """Between two calls, and after the last. Before its first one it may be in the pool's initializer."""
    made = sorted((hold for hold in thread.holds if hold.obj in calls), key=attrgetter("start"))
    since = made[0].end if made else thread.end
    for call in made:
        if call.start > since:
            yield since, call.start
        since = max(since, call.end)
    if since < thread.end:
        yield since, thread.end


def _divided(spans: Sequence[Span], pauses: Sequence[Stretch]) -> Iterator[Span]:
    place = 0
    for span in spans:
        while place < len(pauses) and pauses[place][1] <= span.start:
            place += 1
        if span.state in (State.RUNNING, State.READY):
            yield from _cut(span, pauses, place)
        else:
            yield span


def _cut(span: Span, pauses: Sequence[Stretch], place: int) -> Iterator[Span]:
    """The span's parts; place: of the first pause that ends after it begins."""
    since = span.start
    while place < len(pauses) and pauses[place][0] < span.end:
        start, end = max(since, pauses[place][0]), min(span.end, pauses[place][1])
        if start > since:
            yield new_span(span.thread, span.state, since, start, None, None)
        if end > start:
            yield new_span(span.thread, State.IDLE, start, end, None, None)
        since, place = max(since, end), place + 1
    if since < span.end:
        yield new_span(span.thread, span.state, since, span.end, None, None)
