"""When a pool's worker has nothing to do: it is neither at work nor ready for anything.

An executor's worker waits for its next call in a queue of the executor's own, which is not recorded: between
two calls its thread counts as running in the model, or as ready where it is known who had the turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from tracing.model.shapes import Span, State, ThreadModel

Stretch = tuple[int, int]
"""From when, until when, ns."""


def idle(thread: ThreadModel, is_call: Callable[[int], bool]) -> list[Stretch]:
    """Between two calls, and after the last one. Before its first call it may be in the pool's initializer.

    is_call: whether the primitive of that number is a call that a pool's worker makes.
    """
    calls = [hold for hold in thread.holds if is_call(hold.obj)]
    found = [(before.end, after.start) for before, after in pairwise(calls)]
    if calls and not calls[-1].open:
        found.append((calls[-1].end, thread.end))
    return found


def at_work(thread: ThreadModel, state: State, is_call: Callable[[int], bool]) -> Iterator[Stretch]:
    """The stretches in which the thread is in that state, RUNNING or READY, without those in which it is
    idle.
    """
    pauses = idle(thread, is_call)
    for span in thread.spans:
        if span.state is state:
            yield from _outside(span, pauses)


def _outside(span: Span, pauses: list[Stretch]) -> Iterator[Stretch]:
    since = span.start
    for start, end in pauses:
        if start < span.end and end > since:
            if start > since:
                yield since, start
            since = end
    if since < span.end:
        yield since, span.end
