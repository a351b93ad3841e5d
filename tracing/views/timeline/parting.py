"""Where runs part: a line through each of them, and the sentence below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tracing.views.timeline.scene import FRONT, Label, Line, Scene, Spot
from tracing.views.timeline.style import FONT, INK

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZE, ROW, GAP = 8.0, 11.5, 6.0  # points: of the sentence


def mark_parting(scene: Scene, time: int) -> None:
    """Draw the line through a run at that time, ns, with the words for it at its foot."""
    if not any(shape.what == "ever after" for shape in scene.shapes):
        scene.height += 10  # a row of its own below the lanes
    y = scene.height - 6
    spots = (
        Spot(x=time, y=y, align="left", nudge=4),
        Spot(x=time, y=y, align="right", nudge=-4),
    )
    points = ((float(time), 0.0), (float(time), scene.height))
    scene.add(
        Line(what="parting", points=points, colour=INK, width=0.9, dash=(4, 2.5), level=FRONT),
        Label(
            what="parting",
            texts=("here the runs part", "they part", "part"),
            spots=spots,
            size=7.2,
            colour=INK,
            backed=False,
            rank=0,
        ),
    )


def rows_high(lines: Sequence[str]) -> float:
    """Points that the sentence needs, in so many lines."""
    return len(lines) * ROW + 1.5 * GAP if lines else 0.0


def say_parting(figure: Figure, lines: Sequence[str], left: float) -> None:
    """Write the sentence at the foot of the figure, from so many points on."""
    from matplotlib.font_manager import FontProperties

    wide, high = figure.get_figwidth() * 72, figure.get_figheight() * 72
    font = FontProperties(family=FONT, size=SIZE)
    for row, line in enumerate(reversed(lines)):
        y = (GAP + row * ROW + 0.2 * SIZE) / high
        figure.text(left / wide, y, line, fontproperties=font, color=INK, parse_math=False)
