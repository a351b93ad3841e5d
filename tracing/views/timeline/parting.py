"""Where runs part: a line through each of them, and the sentence below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tracing.views.timeline.style import FONT, INK

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZE, ROW, GAP = 8.0, 11.5, 6.0  # points: of the sentence


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
