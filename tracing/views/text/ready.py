"""Who was ready, in sentences: a thread that could go on, and another one had the turn.

Rule: said only where it is known who had the turn, in a simulated run; see `tracing.model.turns`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator

from tracing.diagnosis.names import listed
from tracing.model import Model, State
from tracing.views.text.words import Words
from tracing.views.units import count, duration

MOST_READY = 6  # threads that one line names


def readiness(words: Words, model: Model, threads: Collection[int]) -> Iterator[str]:
    """A sentence for each of these: "bob was ready for 40 µs in 1 stretch, while ann had the turn"."""
    starts = [turn.start for turn in model.slices]
    for number in sorted(threads):
        stretches = _ready(model, number)
        if stretches:
            others = (who for stretch in stretches for who in _turns_in(model, starts, *stretch))
            whose = words.threads(dict.fromkeys(others))
            yield (
                f"{words.thread(number)} was ready for {duration(_length(stretches))} "
                f"in {count(len(stretches), 'stretch', 'stretches')}, while {whose} had the turn."
            )


def readiness_line(words: Words, model: Model) -> Iterator[str]:
    """All of them in a line; none where nobody was ready."""
    lengths = ((each.number, _length(_ready(model, each.number))) for each in model.threads)
    told = [f"{words.thread(number)} {duration(length)}" for number, length in lengths if length]
    if told:
        yield f"Ready, while another thread had the turn: {listed(told, MOST_READY)}."


def _ready(model: Model, number: int) -> list[tuple[int, int]]:
    """From when, until when."""
    spans = model.threads[number - 1].spans
    return [(span.start, span.end) for span in spans if span.state is State.READY]


def _length(stretches: Iterable[tuple[int, int]]) -> int:
    return sum(end - start for start, end in stretches)


def _turns_in(model: Model, starts: list[int], since: int, until: int) -> Iterator[int]:
    """Who had the turn meanwhile, but for turns that took no time."""
    place = max(0, bisect_left(starts, since) - 1)
    while place < len(starts) and starts[place] < until:
        turn = model.slices[place]
        if turn.end > max(turn.start, since):
            yield turn.thread
        place += 1
