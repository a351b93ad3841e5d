"""A number as a step line over a filled area, with the number in it: permits, arrivals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from tracing.model import ObjectModel, Step
from tracing.views.timeline.frame import Frame
from tracing.views.timeline.scene import Bar, Label, Line, Scene, Spot
from tracing.views.timeline.style import QUIET


class Changes(Protocol):
    """A value from a time on."""

    @property
    def time(self) -> int: ...
    @property
    def value(self) -> float: ...


def pieces(frame: Frame, steps: Sequence[Changes]) -> Iterator[tuple[float, float, Any]]:
    """The stretches between steps that the window shows. Of several steps at one time the last one counts."""
    lasting = [
        s for s, after in zip(steps, [*steps[1:], None], strict=True) if after is None or after.time > s.time
    ]
    steps = tuple(
        s
        for s, before in zip(lasting, [None, *lasting], strict=False)
        if before is None or before.value != s.value
    )
    for step, after in zip(steps, [*steps[1:], None], strict=True):
        end = after.time if after else frame.last
        if frame.sees(step.time, end) and (end > step.time or after is None):
            yield *frame.clip(step.time, end), step.value


def draw_stairs(
    scene: Scene, frame: Frame, thing: ObjectModel, steps: tuple[Step, ...], top: float, most: int, of: str
) -> float:
    """The steps, each with its number (and `of` how many); what there was before the first lasting one, too.
    Where the lane ends: there is room for a number above the highest step.

    steps: from the beginning of the run. most: as high as the lane is.
    """
    ink, base = frame.ink(thing.number), top + 8 + frame.metrics.stair
    height = frame.metrics.stair - 1
    scene.add(
        Line(what="free", points=((frame.start, base), (frame.last, base)), colour=QUIET, width=0.6, level=0)
    )
    first = steps[0] if steps and steps[0].time >= frame.start else None
    points: list[tuple[float, float]] = []
    for x0, x1, value in pieces(frame, steps):
        y = base - height * min(1.0, value / most)
        spots = [Spot(x=(x0 + x1) / 2, y=y - 4.6, room=(x0, x1))]
        if not points and first and first.value == value:
            spots.append(_in_front(frame, y))
        elif not points and first:
            points.append((x0, base - height * min(1.0, first.value / most)))
            scene.add(_number((str(first.value),), frame, ink.dark, _in_front(frame, points[0][1])))
        points += [(x0, y), (x1, y)]
        if value:
            scene.add(Bar(what="steps", x0=x0, x1=x1, y0=y, y1=base, fill=ink.pale))
        elif of:
            continue  # nobody there: no need to say so
        scene.add(_number((f"{value}{of}", str(value)), frame, ink.dark, *spots))
    if points:
        scene.add(Line(what="steps", points=tuple(points), colour=ink.solid, width=1.4))
    return base


def _in_front(frame: Frame, y: float) -> Spot:
    """Before the lane, where what there is at first has a place."""
    return Spot(x=frame.start, y=y, align="right", nudge=-2)


def _number(texts: tuple[str, ...], frame: Frame, colour: str, *spots: Spot) -> Label:
    return Label(
        what="steps", texts=texts, spots=spots, size=frame.metrics.small, colour=colour, backed=False, rank=5
    )
