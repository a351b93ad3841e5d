"""Figures and axes: the room around the lanes, and bytes.

Rule: no pyplot and no global state, so that figures can be made in any thread and are shown once. What a
figure looks like depends on what is drawn, not on the settings of whoever imports it.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracing.events import EventLog
from tracing.views.timeline.axis import axis_label, ticks
from tracing.views.timeline.compose import Composition
from tracing.views.timeline.frame import Lane
from tracing.views.timeline.labels import Box, Placed, Placer, Scale, box_of, fitted, width
from tracing.views.timeline.layout import TIGHT_FROM
from tracing.views.timeline.paint import Painter
from tracing.views.timeline.scene import Label
from tracing.views.timeline.style import FONT, INK, PAPER, QUIET
from tracing.views.timeline.words import told_apart

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 110
EDGE = 6.0  # points between the outermost words and the figure's edge
TITLE, AXIS, NOTE = 24.0, 32.0, 10.5  # points: the title's row, the ticks with their label, a footnote's row
NOTE_SIZE, TICK_SIZE, TITLE_SIZE = 7.0, 8.0, 11.0
MOST_NOTE_ROWS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Margins:
    """Points around the lanes."""

    left: float
    right: float
    top: float
    bottom: float


def left_margin(lanes: Sequence[tuple[str, str]], size: float, total: float) -> float:
    """Room for the lanes' names and notes, at most a quarter of the figure."""
    widest = max((max(width(name, size), width(note, size - 1.8)) for name, note in lanes), default=20.0)
    return min(widest + 12, total * 0.25) + EDGE


def margins(part: Composition, left: float, total: float) -> Margins:
    """The room that title, axis and footnotes need."""
    rows = len(wrapped(part.footnotes, total - left - EDGE))
    return Margins(
        left=left,
        right=EDGE,
        top=TITLE if part.title else 6.0,
        bottom=AXIS + (rows * NOTE + 4 if rows else 0),
    )


def wrapped(notes: Sequence[str], room: float, size: float = NOTE_SIZE) -> list[str]:
    """The footnotes in lines of that many points."""
    letters = max(20, int(room / (size * 0.53)))
    lines = [line for note in notes for line in textwrap.wrap(note, letters, subsequent_indent="    ")]
    if len(lines) > MOST_NOTE_ROWS:
        lines = [*lines[: MOST_NOTE_ROWS - 1], "…"]
    return [fitted(line, size, room) for line in lines]


def new_figure(points_wide: float, points_high: float) -> Figure:
    """An empty figure with a canvas of its own, white."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(points_wide / 72, points_high / 72), dpi=DPI, facecolor=PAPER)
    figure.set_layout_engine("none")
    FigureCanvasAgg(figure)
    return figure


def add_axes(figure: Figure, around: Margins, top: float, height: float) -> Axes:
    """Axes for lanes of that height, so many points below the figure's top."""
    wide, high = figure.get_figwidth() * 72, figure.get_figheight() * 72
    box = (
        around.left / wide,
        1 - (top + height) / high,
        (wide - around.left - around.right) / wide,
        height / high,
    )
    return figure.add_axes(box)


def render(ax: Axes, part: Composition, log: EventLog) -> None:
    """Draw a composition into axes, whatever their size: words that do not fit are shortened or left out."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    dpi = figure.dpi
    wide, high = figure.bbox.width * 72 / dpi, figure.bbox.height * 72 / dpi
    box = ax.get_window_extent()
    points, tall = box.width * 72 / dpi, box.height * 72 / dpi
    scale = Scale(
        start=part.left, per_ns=points / (part.right - part.left), width=points, stretch=tall / part.height
    )
    x0, top = box.x0 * 72 / dpi, high - box.y1 * 72 / dpi
    placer = Placer(scale)
    painter = Painter(ax, scale, (part.right - part.left) / part.unit.ns / points)
    _prepare(ax, part, points)
    names = _all_lane_names(part.lanes, scale, x0 - EDGE)
    notes = _footnotes(part, tall, points, high - top - tall, min(points, wide - x0 - EDGE))
    names = [words for words in names if placer.claim(words.box)]
    for words in notes:
        placer.reserve(words.box)
    painter.paint(part.scene, [*names, *notes, *placer.place_all(part.scene)])
    _axis(ax, part, log, points)


def _prepare(ax: Axes, part: Composition, points: float) -> None:
    ax.set_xlim(part.left / part.unit.ns, part.right / part.unit.ns)
    ax.set_ylim(part.height, 0)
    ax.set_facecolor(PAPER)
    ax.set_yticks([])
    ax.margins(0)
    ax.grid(False)
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    ax.spines["bottom"].set_color(QUIET)
    ax.spines["bottom"].set_linewidth(0.8)


def _ticks(part: Composition, points: float) -> list[tuple[float, str]]:
    """As many as there is room for.

    Only the first where the record ends soon and the axis goes on: that of a deadlock above a run that lasts.
    """
    room = points * (part.settled - part.start) / (part.right - part.left)
    end = part.settled if room >= 80 else part.start
    return ticks(part.start, end, part.unit, max(2, min(9, int(points / 60), int(room / 40))))


def _axis(ax: Axes, part: Composition, log: EventLog, points: float) -> None:
    from matplotlib.font_manager import FontProperties

    # imshow of dense lanes moves the limits: they are set again
    ax.set_aspect("auto")
    ax.set_xlim(part.left / part.unit.ns, part.right / part.unit.ns)
    ax.set_ylim(part.height, 0)
    marks = _ticks(part, points)
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
    label = fitted(axis_label(log, part.unit), TICK_SIZE, points)
    ax.set_xlabel(label, fontproperties=font, color=QUIET, labelpad=2, parse_math=False, loc="center")
    if part.title:
        bold = FontProperties(family=FONT, size=TITLE_SIZE, weight="bold")
        title = fitted(part.title, TITLE_SIZE, points, bold=True, middle=False)
        ax.set_title(title, loc="left", fontproperties=bold, color=INK, pad=8, parse_math=False)


def _fits(ax: Axes, value: float, text: str) -> bool:
    """Whether a tick's words stay in the figure."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    x = ax.transData.transform((value, 0))[0] * 72 / figure.dpi
    half = width(text, TICK_SIZE) / 2 + 1
    return bool(half <= x <= figure.bbox.width * 72 / figure.dpi - half)


def _all_lane_names(lanes: Sequence[Lane], scale: Scale, room: float) -> list[Placed]:
    """What stands in front of the lanes: different names stay different, however short."""
    big = 9.0 if len(lanes) <= TIGHT_FROM else 8.0
    names = told_apart((lane.name for lane in lanes), lambda name, at: fitted(name, big, room - 8, at=at))
    return [words for lane in lanes for words in _lane_names(lane, names[lane.name], scale, room, big)]


def _lane_names(lane: Lane, name: str, scale: Scale, room: float, big: float) -> list[Placed]:
    """The lane's name in front of it, its note below."""
    middle = scale.y(lane.top) + min(scale.y(lane.height), 16.0 if lane.key[0] == "thread" else 26.0) / 2
    note = fitted(lane.note, big - 1.8, room - 8)
    if not note or scale.y(lane.height) < (12 if big > 8 else 18):  # with many lanes the gaps are narrow
        return [_beside(name, middle, big, INK, "name")] if name else []
    above, below = middle - 4.9, middle + 5.2
    return [_beside(name, above, big, INK, "name"), _beside(note, below, big - 1.8, QUIET, "note")]


def _beside(text: str, middle: float, size: float, colour: str, what: str) -> Placed:
    left = -8 - width(text, size)
    label = Label(what=what, texts=(text,), spots=(), size=size, colour=colour, backed=False)
    box = box_of(left, middle, -8 - left, size)
    return Placed(label=label, text=text, x=-8, y=middle + 0.36 * size, box=box, align="right")


def _footnotes(part: Composition, below: float, points: float, space: float, room: float) -> list[Placed]:
    """The footnotes under the axis, as many lines as the figure has room for."""
    found = []
    for row, line in enumerate(wrapped(part.footnotes, room)):
        middle = AXIS + 2 + row * NOTE + NOTE / 2
        if line and middle + NOTE / 2 <= space:
            label = Label(
                what="footnote", texts=(line,), spots=(), size=NOTE_SIZE, colour=QUIET, backed=False
            )
            box = Box(0, below + middle - NOTE / 2, points, below + middle + NOTE / 2)
            found.append(Placed(label=label, text=line, x=0, y=below + middle + 0.36 * NOTE_SIZE, box=box))
    return found


def to_png(figure: Figure, dpi: float = DPI) -> bytes:
    """The figure as PNG: the same bytes for the same figure, on every run."""
    from PIL import Image

    from tracing.views.timeline.few import few_colours

    full, small = io.BytesIO(), io.BytesIO()
    figure.savefig(full, format="png", dpi=dpi, facecolor=PAPER)
    few_colours(Image.open(full)).save(small, format="png", optimize=True)
    return small.getvalue()


def to_quick_png(figure: Figure) -> bytes:
    """The same picture in half the time and three times the bytes: for one that is soon replaced."""
    from PIL import Image

    canvas: Any = figure.canvas
    canvas.draw()
    image = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba(), "raw", "RGBA", 0, 1)
    quick = io.BytesIO()
    image.convert("RGB").save(quick, format="png", compress_level=1)
    return quick.getvalue()
