"""From a scene to matplotlib: the only module that makes artists.

Rule: few artists, whatever the scene's size. All rectangles are one collection for each level, all lines of
a kind one. Hatching is drawn as lines of our own, clipped to each bar: matplotlib's depends on global
settings and on the resolution.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

from tracing.views.timeline.axis import Scale
from tracing.views.timeline.labels import Placed
from tracing.views.timeline.scene import LEFT_EDGE, TALLER, Bar, Glyph, Line, Link, Scene, Shade
from tracing.views.timeline.style import FONT, HEAD, PAPER, SLIVER

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Point = tuple[float, float]
_OUTLINE = 0.9  # points
_NARROW = 6.0  # points: of a bar that is narrower, an outline around it would be a good part
_SPLINTER = 2.5  # points: of one still narrower, nothing but the outline would be seen
_SPACING = 4.6  # points between the lines of a hatching
_HALO = 1.6  # points: enough that a line which crosses the words can be told from them
_LEVELS = 10  # zorder of the first level


class Painter:
    """Draws into one axes. Everything is given in points from the axes' top left corner."""

    def __init__(self, ax: Axes, scale: Scale, per_point: float, origin: float = 0.0) -> None:
        self.ax, self.scale = ax, scale
        self.per_point, self.origin = per_point, origin  # data units of x: in a point, and at the left edge

    def paint(self, scene: Scene, placed: Iterable[Placed]) -> None:
        """Draw everything."""
        bars = [shape for shape in scene.shapes if isinstance(shape, Bar)]
        for level, group in groupby(sorted(bars, key=lambda bar: bar.level), key=lambda bar: bar.level):
            self._bars(list(group), level)
        lines = [shape for shape in scene.shapes if isinstance(shape, Line)]
        for key, same in groupby(sorted(lines, key=_line_key), key=_line_key):
            self._lines(list(same), key)
        self._links([shape for shape in scene.shapes if isinstance(shape, Link)])
        for shade in (shape for shape in scene.shapes if isinstance(shape, Shade)):
            self._shade(shade)
        for glyph in (shape for shape in scene.shapes if isinstance(shape, Glyph)):
            self._glyph(glyph)
        for words in placed:
            self.text(words)

    def data(self, x: float, y: float) -> Point:
        """Points to data coordinates."""
        return self.origin + x * self.per_point, y / self.scale.stretch

    def _corner(self, bar: Bar) -> tuple[float, float, float, float]:
        x0, x1 = self.scale.x(bar.x0), self.scale.x(bar.x1)
        return x0, max(x1, x0 + SLIVER), self.scale.y(bar.y0), self.scale.y(bar.y1)

    def _bars(self, bars: list[Bar], level: int) -> None:
        from matplotlib.collections import PolyCollection

        corners = [self._corner(bar) for bar in bars]
        polygons = [
            [self.data(x0, y0), self.data(x1, y0), self.data(x1, y1), self.data(x0, y1)]
            for x0, x1, y0, y1 in map(_inset, bars, corners)
        ]
        edges = [bar.edge or bar.fill for bar in bars]
        outlined = [
            bool(bar.edge) and x1 - x0 >= _SPLINTER for bar, (x0, x1, _, _) in zip(bars, corners, strict=True)
        ]
        faces = [bar.fill if out else edge for bar, edge, out in zip(bars, edges, outlined, strict=True)]
        widths = [_OUTLINE if out else 0.0 for out in outlined]
        collection = PolyCollection(
            polygons,
            facecolors=faces,
            edgecolors=edges,
            linewidths=widths,
            zorder=_LEVELS + level,
            closed=True,
        )
        collection.set_gid("bars")
        collection.set_snap(True)
        self.ax.add_collection(collection, autolim=False)
        self._hatching(bars, corners, level)

    def _hatching(
        self, bars: list[Bar], corners: list[tuple[float, float, float, float]], level: int
    ) -> None:
        hatched = [
            (bar.ink, bar.hatch, corner) for bar, corner in zip(bars, corners, strict=True) if bar.hatch
        ]
        segments = [
            (ink, segment) for ink, hatch, corner in hatched for segment in hatch_lines(hatch, *corner)
        ]
        if segments:
            self._segments(
                [[self.data(*p) for p in segment] for _, segment in segments],
                [ink for ink, _ in segments],
                0.9,
                level + 0.1,
                "hatch",
            )

    def _segments(
        self, segments: list[list[Point]], colours: list[str], width: float, level: float, gid: str
    ) -> Any:
        from matplotlib.collections import LineCollection

        collection = LineCollection(
            segments, colors=colours, linewidths=width, zorder=_LEVELS + level, capstyle="butt"
        )
        collection.set_gid(gid)
        self.ax.add_collection(collection, autolim=False)
        return collection

    def _lines(self, lines: list[Line], key: tuple[int, float, tuple[float, ...]]) -> None:
        level, width, dash = key
        points = [[self.data(self.scale.x(x), self.scale.y(y)) for x, y in line.points] for line in lines]
        collection = self._segments(points, [line.colour for line in lines], width, level, "lines")
        if dash:
            collection.set_linestyle((0, dash))

    def _links(self, links: list[Link]) -> None:
        from matplotlib.collections import PolyCollection

        curves = [self._curve(link) for link in links]
        if not curves:
            return
        colours = [link.colour for link in links]
        self._segments([[self.data(*p) for p in curve] for curve in curves], colours, 1.1, 3.2, "arrows")
        heads = [[self.data(*p) for p in _head(curve)] for curve in curves]
        collection = PolyCollection(heads, facecolors=colours, edgecolors="none", zorder=_LEVELS + 3.3)
        collection.set_gid("arrow heads")
        self.ax.add_collection(collection, autolim=False)

    def _curve(self, link: Link) -> list[Point]:
        start = (self.scale.x(link.x0), self.scale.y(link.y0))
        end = (self.scale.x(link.x1), self.scale.y(link.y1))
        if link.elbow is not None and end[0] < LEFT_EDGE:
            return elbow(start, (end[0], self.scale.y(link.elbow)))
        return bent(start, end, link.bulge)

    def _shade(self, shade: Shade) -> None:
        x0, y0 = self.data(self.scale.x(shade.x0), self.scale.y(shade.y0))
        x1, y1 = self.data(self.scale.x(shade.x1), self.scale.y(shade.y1))
        image = self.ax.imshow(
            shade.pixels,
            extent=(x0, x1, y1, y0),
            aspect="auto",
            interpolation="nearest",
            zorder=_LEVELS + 1,
            origin="upper",
            resample=False,
        )
        image.set_gid("density")

    def _glyph(self, glyph: Glyph) -> None:
        x, y = self.scale.x(glyph.x) + glyph.nudge, self.scale.y(glyph.y)
        strokes, filled = glyph_outline(glyph.shape, x, y, glyph.size)
        for points in strokes:
            outline = [self.data(*p) for p in points]
            (artist,) = self.ax.fill(
                *zip(*outline, strict=True),
                fill=filled,
                closed=filled or glyph.shape in _HOLLOW,
                facecolor=glyph.colour if filled else "none",
                edgecolor=glyph.colour,
                linewidth=0.0 if filled else 1.3,
                zorder=_LEVELS + 5,
            )
            artist.set_clip_on(False)
            artist.set_gid(glyph.what)

    def text(self, words: Placed) -> None:
        """Draw words where they were placed."""
        from matplotlib.patheffects import withStroke

        x, y = self.data(words.x, words.y)
        label = words.label
        patch = {"boxstyle": "square,pad=0.12", "facecolor": PAPER, "edgecolor": "none", "alpha": 0.88}
        artist = self.ax.text(
            x,
            y,
            words.text,
            ha=words.align,
            va="baseline",
            color=label.colour,
            family=FONT,
            size=label.size,
            weight="bold" if label.bold else "normal",
            parse_math=False,
            bbox=patch if label.backed else None,
            zorder=_LEVELS + 6,
            clip_on=False,
        )
        artist.set_gid(label.what)
        artist.set_usetex(False)
        if label.halo:
            artist.set_path_effects([withStroke(linewidth=_HALO, foreground=label.halo)])


def _inset(bar: Bar, corner: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Where the outline runs: of a narrow bar inside of it, so that it takes no more room than its time."""
    x0, x1, y0, y1 = corner
    if not bar.edge or not _SPLINTER <= x1 - x0 < _NARROW:
        return corner
    return x0 + _OUTLINE / 2, x1 - _OUTLINE / 2, y0, y1


def _line_key(line: Line) -> tuple[int, float, tuple[float, ...]]:
    return line.level, line.width, line.dash


def hatch_lines(hatch: str, x0: float, x1: float, y0: float, y1: float) -> Iterator[tuple[Point, Point]]:
    """The lines of a hatching inside a rectangle.

    They stand on one grid for the whole figure, so neighbours agree.
    """
    if hatch == "-":
        step = (y1 - y0) / 4
        for row in (1, 2, 3):
            yield (x0, y0 + row * step), (x1, y0 + row * step)
        return
    if x1 - x0 < 2.5:  # nothing but a blot: a half-dark sliver says as much
        yield (((x0 + x1) / 2, y0), ((x0 + x1) / 2, y1))
        return
    if hatch == "|":
        columns = range(math.ceil(x0 / _SPACING), math.floor(x1 / _SPACING) + 1)
        yield from (((column * _SPACING, y0), (column * _SPACING, y1)) for column in columns)
        return
    if hatch in "/x":
        yield from _slanted(x0, x1, y0, y1, up=True, spacing=_SPACING * (1.8 if hatch == "x" else 1))
    if hatch in "\\x":
        yield from _slanted(x0, x1, y0, y1, up=False, spacing=_SPACING * (1.8 if hatch == "x" else 1))


def _slanted(
    x0: float, x1: float, y0: float, y1: float, *, up: bool, spacing: float
) -> Iterator[tuple[Point, Point]]:
    """Lines at 45 degrees, x + y = c going up or x - y = c going down, clipped to the rectangle."""
    low, high = (x0 + y0, x1 + y1) if up else (x0 - y1, x1 - y0)
    spacing *= math.sqrt(2)
    for index in range(math.ceil(low / spacing), math.floor(high / spacing) + 1):
        c = index * spacing
        left, right = (max(x0, c - y1), min(x1, c - y0)) if up else (max(x0, c + y0), min(x1, c + y1))
        if right > left:
            yield ((left, c - left), (right, c - right)) if up else ((left, left - c), (right, right - c))


def elbow(start: Point, end: Point) -> list[Point]:
    """Up or down first, then to the right into the end; far enough to the left that there is a right."""
    x = min(start[0], end[0] - 7)
    return [(x, start[1]), (x, (start[1] + end[1]) / 2), (x, end[1]), ((x + end[0]) / 2, end[1]), end]


def bent(start: Point, end: Point, bulge: float, pieces: int = 14) -> list[Point]:
    """A curve from start to end that bends sideways by a share of its length, at most 7 points; a short one
    less, or its head would point aside.
    """
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy) or 1.0
    aside = 2 * math.copysign(min(abs(bulge) * length, 7.0), bulge) * min(1.0, length / (8 * HEAD))
    if abs(dx) > 3 * abs(dy):
        aside *= 0.4
    sign = 1 if dy > 0 else -1
    middle = (
        (start[0] + end[0]) / 2 + sign * aside * dy / length,
        (start[1] + end[1]) / 2 - sign * aside * dx / length,
    )
    return [_bezier(start, middle, end, index / pieces) for index in range(pieces + 1)]


def _bezier(a: Point, b: Point, c: Point, t: float) -> Point:
    u = 1 - t
    return u * u * a[0] + 2 * u * t * b[0] + t * t * c[0], u * u * a[1] + 2 * u * t * b[1] + t * t * c[1]


def _head(curve: list[Point], long: float = HEAD, wide: float = 2.3) -> list[Point]:
    """The arrow's point: at the curve's end, in its direction."""
    (x1, y1), (x0, y0) = curve[-1], curve[-2]
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    bx, by = x1 - ux * long, y1 - uy * long
    return [(x1, y1), (bx - uy * wide, by + ux * wide), (bx + uy * wide, by - ux * wide)]


_ROUND = {"disc": (20, 1.0, 0.0), "diamond": (4, 1.25, 0.0), "square": (4, 1.25, math.pi / 4)}
"""Shape: its corners, how far they reach, and where the first one stands."""
_HOLLOW = frozenset({"ring", "hollow"})  # strokes that come back to where they began


def glyph_outline(shape: str, x: float, y: float, size: float) -> tuple[list[list[Point]], bool]:
    """The strokes of a mark, and whether they are filled."""
    r = size / 2
    if shape == "up":
        return [[(x, y - r), (x + r, y + r), (x - r, y + r)]], True
    if shape in ("down", "hollow"):
        return [[(x, y + r), (x + r, y - r), (x - r, y - r)]], shape == "down"
    if shape == "right":
        return [[(x - r, y - r), (x + r, y), (x - r, y + r)]], True
    if shape == "cross":
        return [[(x - r, y - r), (x + r, y + r)], [(x - r, y + r), (x + r, y - r)]], False
    if shape == "zigzag":
        steps = [(-r, -0.6 * r), (r, -0.2 * r), (-r, 0.2 * r), (r, 0.6 * r)]
        return [[(x + dx * 0.6, y + dy * 1.8) for dx, dy in steps]], False
    if shape in _ROUND or shape == "ring":
        corners, reach, first = _ROUND.get(shape, _ROUND["disc"])
        turn = [first + 2 * math.pi * i / corners for i in range(corners)]
        return [[(x + reach * r * math.cos(t), y + reach * r * math.sin(t)) for t in turn]], shape != "ring"
    reach = size if shape == "end" else r + TALLER  # "end", "tick": an upright line
    return [[(x, y - reach), (x, y + reach)]], False
