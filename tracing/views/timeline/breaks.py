"""Quiet stretches cut out of the axis of time, each with a visible break.

Owns: `Breaks`, and which stretches are quiet: those in which nothing is recorded. Rule: only the way from
time to paper is another one (`labels.Scale`): times, lengths and words say what they did, and no tick stands
in a break.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tracing.events import EventLog
from tracing.views.timeline.scene import FRONT, Bar, Label, Line, Scene, Spot
from tracing.views.timeline.style import PAPER, QUIET

GAP = 16.0  # points that a break takes
KEPT = 0.25  # of the longest quiet stretch that is not cut: so much stays before a break, and after it
SHARE = 0.25  # of the axis, at most, for breaks
ROW = 10.0  # points below the lanes, for what was cut out


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaks:
    """What is cut out of an axis of time."""

    stretches: tuple[tuple[int, int], ...] = ()  # from, until: ns, one after the other

    @property
    def room(self) -> float:
        """The points that all of them take."""
        return GAP * len(self.stretches)

    def lost(self, time: float) -> float:
        """How many ns are cut out before that time."""
        return sum(min(time, end) - start for start, end in self.stretches if start < time)

    def passed(self, time: float) -> float:
        """How many breaks lie before that time; of one that it lies in, the share."""
        return sum(min(1.0, (time - start) / (end - start)) for start, end in self.stretches if start < time)

    def parts(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """What is left of a stretch."""
        for left, right in self.stretches:
            if start < left < end:
                yield start, left
            start = max(start, min(right, end))
        yield start, end


NONE = Breaks()


def quiet(log: EventLog, start: int, end: int, longest: int, points: float) -> Breaks:
    """The stretches between two events that last longer than `longest`, without their beginnings and ends;
    only the longest ones where there are many.

    start, end: of the window, which counts as an event on both sides; all in ns. points: of the axis.
    """
    first, after = bisect_left(log.times, start), bisect_right(log.times, end)
    kept = round(longest * KEPT)
    pairs = pairwise((start, *log.times[first:after], end))
    found = sorted((b - a, a, b) for a, b in pairs if b - a > longest)
    most = int(points * SHARE / GAP)
    return Breaks(stretches=tuple(sorted((a + kept, b - kept) for _, a, b in found[-most:] if most)))


def draw_breaks(scene: Scene, breaks: Breaks, long: Callable[[float], str]) -> None:
    """White through all lanes, between two lines; below them how much is cut out."""
    if not breaks.stretches:
        return
    bottom = scene.height
    scene.height += ROW
    for start, end in breaks.stretches:
        scene.add(Bar(what="break", x0=start, x1=end, y0=0, y1=bottom, fill=PAPER, level=FRONT))
        for x in (start, end):
            points = ((float(x), 0.0), (float(x), bottom))
            scene.add(Line(what="break", points=points, colour=QUIET, width=0.8, dash=(1, 1.5), level=FRONT))
        middle, cut = Spot(x=(start + end) / 2, y=bottom + ROW / 2), long(end - start)
        texts = (f"// {cut} cut out", f"// {cut}", "//")
        scene.add(Label(what="break", texts=texts, spots=(middle,), size=7.2, backed=False, rank=0))


def beside(x: float, room: tuple[float, float], taken: Sequence[tuple[float, float]]) -> float:
    """Where the middle of words lies that would stand in a break: in the larger part of their room that is
    free of it. taken: the breaks; all in points.
    """
    for left, right in taken:
        if left <= x <= right:
            before, after = left - room[0], room[1] - right
            return left - before / 2 if before > after else right + after / 2
    return x
