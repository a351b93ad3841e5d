"""From the graph of a run to matplotlib: its boxes, arrows and words drawn.

Rule: points everywhere, from the figure's top left corner; the words are drawn where the layout found room.
A circle's members have a thick outline and its arrows are thick: it can be seen without red.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tracing.views.graph.layout import Arrow, Node, Part, Point, Size, Way, around, lay_out
from tracing.views.graph.words import CENTRE, NAME, NOTE, STRIP, WORDS, Wording
from tracing.views.timeline.figure import TITLE_SIZE, new_figure
from tracing.views.timeline.paint import hatch_lines
from tracing.views.timeline.style import ALARM, FONT, INK, PAPER, QUIET, Ink, mix
from tracing.views.timeline.words import fitted, width
from tracing.views.units import count

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EDGE, HEAD = 10.0, 26.0  # points around everything; the title's row
LEAST_WIDTH = 330.0  # points: a small graph is not blown up by a notebook


def draw(words: Wording) -> Figure:
    """The picture of a graph, as large as it needs to be, on white."""
    sizes = {node: words.size(node) for node in words.nodes()}
    parts, (wide, high) = lay_out(sizes, words.arrows, words.rings)
    total = max(wide + 2 * EDGE, width(words.title, TITLE_SIZE, True) + 2 * EDGE, LEAST_WIDTH)
    notes = words.notes() + _wordless(parts)
    figure = new_figure(total, HEAD + high + 2 * EDGE + 11 * len(notes))
    painter = Painter(figure, words)
    painter.text((EDGE, HEAD / 2 + 3), words.title, TITLE_SIZE, INK, bold=True, align="left")
    for part in parts:
        painter.part(part.moved((total - wide) / 2, HEAD + EDGE), sizes)
    for row, note in enumerate(notes):
        line = fitted(note, NOTE, total - 2 * EDGE)
        painter.text((EDGE, HEAD + high + 2 * EDGE + 11 * row), line, NOTE, QUIET, align="left")
    return figure


def _wordless(parts: Sequence[Part]) -> list[str]:
    """What to say of arrows for whose words there is no room."""
    left = sum(not way.words for part in parts for way in part.ways)
    return [f"{count(left, 'arrow')} without room for words: print() says them"] if left else []


class Painter:
    """Draws into one figure."""

    def __init__(self, figure: Figure, words: Wording) -> None:
        self.words = words
        self.ax: Axes = figure.add_axes((0, 0, 1, 1))
        self.ax.set_xlim(0, figure.get_figwidth() * 72)
        self.ax.set_ylim(figure.get_figheight() * 72, 0)
        self.ax.set_axis_off()

    def part(self, part: Part, sizes: dict[Node, Size]) -> None:
        for way in part.ways:
            self._way(way)
        for node, centre in part.centres.items():
            self._box(node, centre, sizes[node])
        for title, centre in part.titles:
            self.text(centre, title, CENTRE, ALARM, bold=True)

    def _way(self, way: Way) -> None:
        from matplotlib.lines import Line2D
        from matplotlib.patches import Polygon

        colour = ALARM if way.arrow.marked else INK
        thick = 1.9 if way.arrow.marked else 1.1
        shaft, head = _head(way.points, 8.0 if way.arrow.marked else 6.5)
        style: Any = (0, (3.2, 2.2)) if way.arrow.waits else "-"
        xs, ys = zip(*shaft, strict=True)
        line = Line2D(xs, ys, color=colour, linewidth=thick, linestyle=style, zorder=2)
        line.set_dash_capstyle("butt")
        line.set_gid("waits" if way.arrow.waits else "holds")
        self.ax.add_line(line)
        self.ax.add_patch(Polygon(head, closed=True, facecolor=colour, edgecolor="none", zorder=3))
        if way.words:
            self._words(way.words, way.arrow)

    def _words(self, middle: Point, arrow: Arrow) -> None:
        """On white, on the arrow they belong to."""
        box = around(middle, arrow.size)
        self._rectangle(box.x0, box.y0, arrow.size, PAPER, "none", 0.0, 4)
        step = WORDS + 1.8
        for row, word in enumerate(arrow.words):
            y = middle[1] + (row - (len(arrow.words) - 1) / 2) * step
            self.text((middle[0], y), word, WORDS, INK)

    def _box(self, node: Node, centre: Point, size: Size) -> None:
        kind, number = node
        marked = node in self.words.marked
        over = self.words.is_over(node)
        if kind == "object":
            self._primitive(self.words.ink(number), centre, size, marked)
        else:
            self._thread(centre, size, marked, over)
        x = centre[0] + (STRIP / 2 if kind == "object" else 0)
        self.text((x, centre[1] - 5.2), self.words.name(node), NAME, INK, bold=True)
        self.text((x, centre[1] + 6.8), self.words.note(node), NOTE, ALARM if over else INK, bold=over)

    def _thread(self, centre: Point, size: Size, marked: bool, over: bool) -> None:
        from matplotlib.patches import FancyBboxPatch

        box = around(centre, size)
        patch = FancyBboxPatch(
            (box.x0, box.y0),
            *size,
            boxstyle="round,pad=0,rounding_size=9",
            facecolor=PAPER if over else mix(PAPER, QUIET, 0.12),
            edgecolor=ALARM if marked else QUIET if over else INK,
            linewidth=2.6 if marked else 1.0,
            linestyle=(0, (1.2, 1.6)) if over else "-",
            zorder=5,
        )
        self.ax.add_patch(patch)

    def _primitive(self, ink: Ink, centre: Point, size: Size, marked: bool) -> None:
        from matplotlib.collections import LineCollection

        box = around(centre, size)
        self._rectangle(box.x0, box.y0, size, ink.pale, "none", 0.0, 5)
        self._rectangle(box.x0, box.y0, (STRIP, size[1]), PAPER, "none", 0.0, 5.1)
        lines = list(hatch_lines(ink.hatch, box.x0, box.x0 + STRIP, box.y0, box.y1))
        self.ax.add_collection(
            LineCollection(lines, colors=ink.solid, linewidths=1.3, zorder=5.2), autolim=False
        )
        self._rectangle(box.x0, box.y0, (STRIP, size[1]), "none", ink.solid, 1.0, 5.3)
        edge, thick = (ALARM, 2.6) if marked else (ink.solid, 1.3)
        self._rectangle(box.x0, box.y0, size, "none", edge, thick, 5.4)

    def _rectangle(
        self, x: float, y: float, size: Size, face: str, edge: str, thick: float, level: float
    ) -> None:
        from matplotlib.patches import Rectangle

        patch = Rectangle((x, y), *size, facecolor=face, edgecolor=edge, linewidth=thick, zorder=level)
        self.ax.add_patch(patch)

    def text(
        self,
        middle: Point,
        words: str,
        size: float,
        colour: str,
        *,
        bold: bool = False,
        align: str = "center",
    ) -> None:
        """One line, as it is, around that height."""
        artist = self.ax.text(
            middle[0],
            middle[1] + 0.36 * size,
            words,
            ha=align,
            va="baseline",
            color=colour,
            family=FONT,
            size=size,
            weight="bold" if bold else "normal",
            parse_math=False,
            zorder=8,
            clip_on=False,
        )
        artist.set_usetex(False)


def _head(line: Sequence[Point], long: float) -> tuple[list[Point], list[Point]]:
    """The arrow without its point, and the point: three corners, in the direction of its last stretch."""
    x1, y1 = line[-1]
    shaft = [point for point in line if math.dist(point, line[-1]) >= long * 0.8] or [line[0]]
    x0, y0 = shaft[-1]
    away = math.hypot(x1 - x0, y1 - y0) or 1.0
    ux, uy = (x1 - x0) / away, (y1 - y0) / away
    bx, by = x1 - ux * long, y1 - uy * long
    half = long * 0.42
    return shaft, [(x1, y1), (bx - uy * half, by + ux * half), (bx + uy * half, by - ux * half)]
