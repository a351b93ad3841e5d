"""Spans too short to be seen: what to draw in a pixel that holds several of them.

Rule: nothing hides. A single short span is widened until it can be seen; where several share a pixel, the pixel is
divided by the share of time that each state has in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tracing.model import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """About one pixel's worth of consecutive short spans."""

    start: int
    end: int
    spans: tuple[Span, ...]

    @property
    def hidden(self) -> int:
        """How many spans of some length are not drawn for themselves."""
        lasting = sum(span.end > span.start for span in self.spans)
        return lasting if lasting > 1 else 0


def gather(spans: Iterable[Span], pixel: float) -> Iterator[Span | Crowd]:
    """The spans in order; runs of two and more that are shorter than a pixel come as crowds."""
    run: list[Span] = []
    for span in spans:
        if span.end - span.start >= pixel:
            yield from _close(run)
            run = []
            yield span
            continue
        if run and run[-1].end - run[0].start >= pixel:
            yield from _close(run)
            run = []
        run.append(span)
    yield from _close(run)


def _close(run: list[Span]) -> Iterator[Span | Crowd]:
    if len(run) == 1:
        yield run[0]
    elif run:
        yield Crowd(start=run[0].start, end=run[-1].end, spans=tuple(run))
