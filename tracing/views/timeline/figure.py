"""Figures and axes: the room around the lanes, title, ticks and notes.

Rule: no pyplot and no global state, so that figures can be made in any thread and are shown once. What a
figure looks like depends on what is drawn, not on the settings of whoever imports it.

How it works: `draw_figure` makes a figure as high as it needs to be, with axes for each run; `render` draws
into the caller's, and first measures the room for the notes. Both have the words placed, draw the axis, then
have all painted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tracing.views.png import DPI
from tracing.views.timeline.axis import Scale
from tracing.views.timeline.compose import Composition
from tracing.views.timeline.labels import (
    MOST_NOTE_ROWS,
    NOTE,
    Placer,
    noted,
    place_words,
    wrapped,
)
from tracing.views.timeline.paint import Painter
from tracing.views.timeline.scene import Scene
from tracing.views.timeline.style import EDGE, FONT, INK, PAPER, QUIET
from tracing.views.timeline.words import fits, fitted, width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SENTENCE, SENTENCE_ROW, SENTENCE_GAP = 8.0, 11.5, 6.0  # points: of the sentence below runs that part
TITLE, AXIS = 24.0, 32.0  # points: the title's row, the ticks with their label
TICK_SIZE, TITLE_SIZE = 8.0, 11.0
NOTES_SHARE = 0.4  # of the axes' height, at most, for notes that the caller's figure has no room for below


@dataclass(frozen=True, slots=True, kw_only=True)
class Margins:
    """Points around the lanes."""

    left: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """Of axes, in points."""

    x0: float
    width: float
    height: float
    around: float  # the figure's width


def _margins(left: float, title: str, notes: Sequence[str]) -> Margins:
    """The room that title, axis and the lines of the notes need."""
    return Margins(
        left=left,
        right=EDGE,
        top=TITLE if title else 6.0,
        bottom=AXIS + (len(notes) * NOTE + 4 if notes else 0),
    )


def draw_figure(parts: Sequence[Composition], left: float, total: float, note: str = "") -> Figure:
    """The compositions above each other, in a figure as high as they need; below them a sentence.

    left: points in front of the lanes; total: the figure's width in points.
    """
    points = total - left - EDGE
    parts = _with_same_ticks(parts, points)
    lines = wrapped((note,), points, SENTENCE) if note else []
    notes = [noted(part, points) for part in parts]
    around = [_margins(left, part.title, own) for part, own in zip(parts, notes, strict=True)]
    heights = [room.top + part.scene.height + room.bottom for room, part in zip(around, parts, strict=True)]
    figure = new_figure(total, sum(heights) + _rows_high(lines))
    _say_parting(figure, lines, left)
    top = 0.0
    for part, own, room, height in zip(parts, notes, around, heights, strict=True):
        ax = _add_axes(figure, room, top + room.top, part.scene.height)
        _draw(ax, part, own, part.scene.height + AXIS + 2)
        top += height
    return figure


def new_figure(points_wide: float, points_high: float) -> Figure:
    """An empty figure with a canvas of its own, white."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(points_wide / 72, points_high / 72), dpi=DPI, facecolor=PAPER)
    figure.set_layout_engine("none")
    FigureCanvasAgg(figure)
    return figure


def _add_axes(figure: Figure, around: Margins, top: float, height: float) -> Axes:
    """Axes for lanes of that height, so many points below the figure's top."""
    wide, high = figure.get_figwidth() * 72, figure.get_figheight() * 72
    box = (
        around.left / wide,
        1 - (top + height) / high,
        (wide - around.left - around.right) / wide,
        height / high,
    )
    return figure.add_axes(box)


def room_for_lanes(ax: Axes, part: Composition) -> float:
    """Points, from top to bottom: the notes may need the axes' lowest part."""
    box = extent(ax)
    return min(_noted_where(ax, part)[1], box.height)


def extent(ax: Axes) -> Extent:
    """Where the axes are in their figure, and how large."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    box, dpi = ax.get_window_extent(), figure.dpi
    return Extent(
        x0=float(box.x0 * 72 / dpi),
        width=float(box.width * 72 / dpi),
        height=float(box.height * 72 / dpi),
        around=float(figure.bbox.width * 72 / dpi),
    )


def _noted_where(ax: Axes, part: Composition) -> tuple[list[str], float]:
    """The lines of the notes, and how many points below the axes' top they begin."""
    box = extent(ax)
    room = min(box.width, box.around - box.x0 - EDGE)
    return _footnotes(part, box.height, _space(ax), room)


def render(ax: Axes, part: Composition) -> None:
    """Draw a composition into axes, whatever their size: words that do not fit are shortened or left out."""
    _draw(ax, part, *_noted_where(ax, part))


def _draw(ax: Axes, part: Composition, lines: Sequence[str], first: float) -> None:
    """Draw it with these notes, which begin so many points below the axes' top."""
    box = extent(ax)
    points, x0, tall = box.width, box.x0, box.height
    lanes = min(first, tall)
    scale = Scale(
        start=part.left,
        per_ns=(points - part.breaks.room) / (part.right - part.left - part.breaks.lost(part.right)),
        width=points,
        breaks=part.breaks,
        stretch=lanes / part.scene.height,
    )
    words = place_words(part, scale, x0 - EDGE, lines, first)
    origin, per_point = part.left / part.unit.ns, (part.right - part.left) / part.unit.ns / points
    _prepare(ax, part, tall / scale.stretch)
    _axis(ax, part, points, _marks(part, scale, origin, per_point))
    Painter(ax, scale, per_point, origin).paint(part.scene, words)


def _marks(part: Composition, scale: Scale, origin: float, per_point: float) -> list[tuple[float, str]]:
    """Where ticks stand on the axis, and what stands below them: none in a break, none over another one."""
    points = scale.width
    step = part.step or _tick_step(part, points)
    if not part.breaks.stretches:
        return part.unit.ticks(part.start, _last_tick(part, points), step)
    found, free = [], -points
    for start, end in part.breaks.parts(part.start, part.settled):
        for value, text in part.unit.ticks(start, end, step) if end - start >= 10 else ():
            x, half = scale.x(value * part.unit.ns), width(text, TICK_SIZE) / 2 + 2
            if x - half > free:
                found.append((origin + x * per_point, text))
                free = x + half
    return found


def _prepare(ax: Axes, part: Composition, foot: float) -> None:
    ax.set_aspect("auto")
    ax.set_xlim(part.left / part.unit.ns, part.right / part.unit.ns)
    ax.set_ylim(foot, 0)
    ax.set_facecolor(PAPER)
    ax.set_yticks([])
    ax.margins(0)
    ax.grid(False)
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    ax.spines["bottom"].set_color(QUIET)
    ax.spines["bottom"].set_linewidth(0.8)


def _tick_step(part: Composition, points: float) -> float:
    """From one tick to the next, so that there is room for all of them; 0 where there is but one."""
    whole, room = part.settled == part.end, _room_for_ticks(part, points)
    if _last_tick(part, points) == part.start:
        return 0.0
    kept = part.settled - round(part.breaks.lost(part.settled))
    return part.unit.step(part.start, kept, min(room, points * 2 / 3), whole=whole)


def _with_same_ticks(parts: Sequence[Composition], points: float) -> list[Composition]:
    """Several on one axis of so many points, with ticks at the same places."""
    step = max(_tick_step(part, points) for part in parts)
    return [replace(part, step=step) for part in parts]


def _last_tick(part: Composition, points: float) -> int:
    """Until when there are ticks.

    Only at the first moment where the record ends soon and the axis goes on: that of a deadlock above a run
    that lasts.
    """
    whole = part.settled == part.end
    return part.settled if whole or _room_for_ticks(part, points) >= min(80, points / 4) else part.start


def _room_for_ticks(part: Composition, points: float) -> float:
    return points * (part.settled - part.start) / (part.right - part.left)


def _axis(ax: Axes, part: Composition, points: float, marks: list[tuple[float, str]]) -> None:
    from matplotlib.font_manager import FontProperties

    font = FontProperties(family=FONT, size=TICK_SIZE)
    ax.set_xticks(
        [value for value, _ in marks],
        [text if _fits(ax, value, text) else "" for value, text in marks],
        fontproperties=font,
        color=QUIET,
    )
    ax.tick_params(
        axis="x",
        colors=QUIET,
        length=3,
        width=0.8,
        pad=2.5,
        direction="out",
        bottom=True,
        labelbottom=True,
        top=False,
    )
    label = _longest(part.called, TICK_SIZE, points)
    ax.set_xlabel(label, fontproperties=font, color=QUIET, labelpad=2, parse_math=False, loc="center")
    if part.title:
        bold = FontProperties(family=FONT, size=TITLE_SIZE, weight="bold")
        title = fitted(part.title, TITLE_SIZE, points, bold=True, middle=False)
        ax.set_title(title, loc="left", fontproperties=bold, color=INK, pad=8, parse_math=False)


def _longest(texts: Sequence[str], size: float, room: float) -> str:
    """The first that fits; the last one, shortened, where none does."""
    return next((text for text in texts if fits(text, size, room)), fitted(texts[-1], size, room))


def _fits(ax: Axes, value: float, text: str) -> bool:
    """Whether a tick's words stay in the figure."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    x = ax.transData.transform((value, 0))[0] * 72 / figure.dpi
    half = width(text, TICK_SIZE) / 2 + 1
    return bool(half <= x <= figure.bbox.width * 72 / figure.dpi - half)


def _space(ax: Axes) -> float:
    """Points below the axes: to the title of those that stand there, else to the figure's edge."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    box = ax.get_window_extent()
    others = [other.get_window_extent() for other in figure.axes if other is not ax]
    under = [o.y1 for o in others if o.y1 <= box.y0 and o.x0 < box.x1 and box.x0 < o.x1]
    floor = max(under) + TITLE * figure.dpi / 72 if under else 0.0
    return float(box.y0 - floor) * 72 / figure.dpi


def _footnotes(part: Composition, tall: float, space: float, room: float) -> tuple[list[str], float]:
    """The lines of the notes, and how many points below the axes' top they begin.

    Below the axis; where a caller's figure has not that much room, at the foot of the axes, above the axis.
    """
    full = noted(part, room)
    below = min(MOST_NOTE_ROWS, int((space - AXIS - 2) / NOTE))
    inside = min(MOST_NOTE_ROWS, max(2, int(tall * NOTES_SHARE / NOTE)))
    if len(full) <= below or below >= inside:
        return noted(part, room, below), tall + AXIS + 2
    lines = noted(part, room, inside)
    return lines, tall - len(lines) * NOTE - 2


def _rows_high(lines: Sequence[str]) -> float:
    """Points that the sentence needs, in so many lines."""
    return len(lines) * SENTENCE_ROW + 1.5 * SENTENCE_GAP if lines else 0.0


def _say_parting(figure: Figure, lines: Sequence[str], left: float) -> None:
    """Write the sentence at the foot of the figure, from so many points on."""
    from matplotlib.font_manager import FontProperties

    wide, high = figure.get_figwidth() * 72, figure.get_figheight() * 72
    font = FontProperties(family=FONT, size=SENTENCE)
    for row, line in enumerate(reversed(lines)):
        y = (SENTENCE_GAP + row * SENTENCE_ROW + 0.2 * SENTENCE) / high
        figure.text(left / wide, y, line, fontproperties=font, color=INK, parse_math=False)


def draw_scene(scene: Scene, per_point: float, points: float) -> Figure:
    """A figure of a scene and nothing around it. per_point: what is one point wide; points: of the figure."""
    figure = new_figure(points, scene.height)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set_axis_off()
    ax.set_xlim(0, points)
    ax.set_ylim(scene.height, 0)
    scale = Scale(start=0, per_ns=1 / per_point, width=points)
    Painter(ax, scale, 1.0).paint(scene, Placer(scale).place_all(scene))
    return figure
