"""A number as a step line over a filled area, with the number in it: permits, arrivals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from tracing.model import ObjectModel, Step
from tracing.views.timeline.frame import Frame
from tracing.views.timeline.objects.wanted import is_wanted
from tracing.views.timeline.scene import Bar, Label, Line, Scene, Spot
from tracing.views.timeline.style import QUIET


class Changes(Protocol):
    """A value from a time on."""

    @property
    def time(self) -> int: ...
    @property
    def value(self) -> float: ...


def stair_height(frame: Frame, thing: ObjectModel) -> float:
    """Points: the queue, and the steps with room for a number above the highest."""
    return frame.metrics.stair + 8 + (frame.metrics.band + 1 if is_wanted(thing) else 0)


def pieces(frame: Frame, steps: Sequence[Changes]) -> Iterator[tuple[float, float, Any]]:
    """The stretches between steps that the window shows.

    Of several steps in one pixel the highest and the last count.
    """
    lasting = [
        s for s, after in zip(steps, [*steps[1:], None], strict=True) if after is None or after.time > s.time
    ]
    steps = tuple(
        s
        for s, before in zip(lasting, [None, *lasting], strict=False)
        if before is None or before.value != s.value
    )
    for step, after in zip(steps, [*steps[1:], None], strict=True):
        end = after.time if after else frame.end
        if frame.sees(step.time, end) and (end > step.time or after is None):
            yield *frame.clip(step.time, end), step.value


def without_spikes(steps: tuple[Step, ...], pixel: float) -> tuple[Step, ...]:
    """The steps but for those that lead back to the same number within a pixel, with rest before and after.

    So it is where a permit is handed on: whether the spike met a pixel would depend on rounding.
    """
    kept: list[Step] = []
    index = 0
    while index < len(steps):
        back = _back(steps, index, pixel) if kept and steps[index].time - kept[-1].time >= pixel else 0
        if back and steps[back].value == kept[-1].value:
            index = back + 1
            continue
        kept.append(steps[index])
        index += 1
    return tuple(kept)


def _back(steps: tuple[Step, ...], first: int, pixel: float) -> int:
    """The last step within a pixel from there, if rest follows; else 0."""
    last = first
    while last + 1 < len(steps) and steps[last + 1].time - steps[first].time < pixel:
        last += 1
    rests = last + 1 == len(steps) or steps[last + 1].time - steps[last].time >= pixel
    return last if rests else 0


def draw_stairs(
    scene: Scene, frame: Frame, thing: ObjectModel, steps: tuple[Step, ...], top: float, most: int, of: str
) -> None:
    ink, base = frame.ink(thing.number), top + 8 + frame.metrics.stair
    height = frame.metrics.stair - 1
    scene.add(
        Line(what="free", points=((frame.start, base), (frame.end, base)), colour=QUIET, width=0.6, level=0)
    )
    points: list[tuple[float, float]] = []
    for x0, x1, value in pieces(frame, steps):
        y = base - height * min(1.0, value / most)
        points += [(x0, y), (x1, y)]
        if value:
            scene.add(Bar(what="steps", x0=x0, x1=x1, y0=y, y1=base, fill=ink.pale))
        elif of:
            continue  # nobody there: no need to say so
        spots = [Spot(x=(x0 + x1) / 2, y=y - 4.6, room=(x0, x1))]
        if len(points) == 2:  # what there is at first is worth a place in front of the lane
            spots.append(Spot(x=x0, y=y, align="right", nudge=-2))
        texts = (f"{value}{of}", str(value))
        scene.add(
            Label(
                what="steps",
                texts=texts,
                spots=tuple(spots),
                size=frame.metrics.small,
                colour=ink.dark,
                backed=False,
                rank=5,
            )
        )
    if points:
        scene.add(Line(what="steps", points=tuple(points), colour=ink.solid, width=1.4))
