"""Who had the turn, and what that makes of a thread that waits for nothing: it runs, is ready, or starts one.

Owns: `slices`, the turns of a simulated run one after the other; and which stretches of a thread's running
are in truth something else. Rule: the table knows nothing of this. What an event does to its thread's state
is the same on both clocks; here RUNNING is divided afterwards, waits and sleeps are left as they are.

How it works: on the virtual clock a thread runs while it has the turn (`events.Turns`), and is READY for the
rest. On the real clock, and in a file that does not say who had the turn, that cannot be told: there RUNNING
is running or ready. But a thread that starts another one waits in start() until that one has begun: from its
STARTED to the first event of the child, or to its own next one, whichever comes first, it is STARTING.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from tracing.events import THREAD_SHIFT, EventLog
from tracing.model.quick import quick
from tracing.model.shapes import Slice, Span, State, ThreadModel

new_span = quick(Span)

Stretch = tuple[int, int, int]
"""A thread, from when, until when."""

Stretches = dict[int, list[tuple[int, int]]]  # by thread


def slices(log: EventLog, duration: int) -> tuple[Slice, ...]:
    """The turns of a simulated run, in order; empty where it is not known who had the turn.

    duration: of the run, ns.
    """
    return tuple(_slices(log, duration))


def _slices(log: EventLog, duration: int) -> Iterator[Slice]:
    turns, known = log.turns, range(1, len(log.threads) + 1)
    firsts = [row for row, thread in enumerate(turns.threads) if not row or thread != turns.threads[row - 1]]
    for row, after in pairwise([*firsts, len(turns)]):
        if turns.threads[row] in known:
            yield Slice(
                thread=turns.threads[row],
                start=turns.times[row],
                end=max(turns.times[row], turns.times[after] if after < len(turns) else duration),
                step=turns.steps[row],
                first=turns.seqs[row],
                until=turns.seqs[after] if after < len(turns) else len(log),
                chosen=turns.steps[row] > (turns.steps[row - 1] if row else -1),
            )


def starting(log: EventLog, seqs: Iterable[int], duration: int) -> list[Stretch]:
    """The stretches in which a thread is inside start(), on the real clock. seqs: of STARTED events."""
    if log.clock == "virtual":
        return []  # there start() awaits nobody
    return [_inside_start(log, seq, duration) for seq in seqs]


def _inside_start(log: EventLog, seq: int, duration: int) -> Stretch:
    parent, child = log.codes[seq] >> THREAD_SHIFT, log.args.get(seq, 0)
    for after in range(seq + 1, len(log)):
        if log.codes[after] >> THREAD_SHIFT in (parent, child):
            return parent, log.times[seq], log.times[after]
    return parent, log.times[seq], duration


def divided(
    threads: Sequence[ThreadModel], turns: Sequence[Slice], starts: Sequence[Stretch]
) -> tuple[ThreadModel, ...]:
    """The threads, their running divided. turns: none where they are not known."""
    if turns:
        had = _by_thread((each.thread, each.start, each.end) for each in turns)
        return _divided(threads, had, State.RUNNING, State.READY)
    return _divided(threads, _by_thread(starts), State.STARTING, State.RUNNING) if starts else tuple(threads)


def _divided(
    threads: Iterable[ThreadModel], stretches: Stretches, within: State, without: State
) -> tuple[ThreadModel, ...]:
    return tuple(
        replace(each, spans=tuple(_cut(each.spans, stretches.get(each.number, ()), within, without)))
        for each in threads
    )


def _by_thread(stretches: Iterable[Stretch]) -> Stretches:
    found: Stretches = {}
    for thread, start, end in stretches:
        if end > start:
            found.setdefault(thread, []).append((start, end))
    return found


def _cut(
    spans: Iterable[Span], stretches: Sequence[tuple[int, int]], within: State, without: State
) -> Iterator[Span]:
    """The spans, each that runs cut at the edges of these stretches, which do not overlap."""
    place = 0
    for span in spans:
        if span.state is not State.RUNNING:
            yield span
            continue
        while place < len(stretches) and stretches[place][1] <= span.start:
            place += 1
        time, at = span.start, place
        while at < len(stretches) and stretches[at][0] < span.end:
            start, end = max(time, stretches[at][0]), min(span.end, stretches[at][1])
            if start > time:
                yield new_span(thread=span.thread, state=without, start=time, end=start)
            if end > start:
                yield new_span(thread=span.thread, state=within, start=start, end=end)
            time, at = max(time, end), at + 1
        if time < span.end:
            yield new_span(thread=span.thread, state=without, start=time, end=span.end)
