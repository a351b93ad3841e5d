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
from tracing.views.timeline.compose import Composition
from tracing.views.timeline.frame import TIGHT_FROM, Lane
from tracing.views.timeline.labels import Box, Placed, Placer, Scale, box_of
from tracing.views.timeline.paint import Painter
from tracing.views.timeline.scene import Label, Scene
from tracing.views.timeline.style import FONT, INK, PAPER, QUIET
from tracing.views.timeline.words import fits, fitted, told_apart, width, width_within
from tracing.views.units import count

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 110
EDGE = 6.0  # points between the outermost words and the figure's edge
TITLE, AXIS, NOTE = 24.0, 32.0, 10.5  # points: the title's row, the ticks with their label, a footnote's row
NOTE_SIZE, TICK_SIZE, TITLE_SIZE = 7.0, 8.0, 11.0
MOST_NOTE_ROWS = 8
NARROW = 20  # letters: in narrower lines words are left out
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


def left_margin(lanes: Sequence[tuple[str, str]], size: float, total: float) -> float:
    """Room for the lanes' names and notes, at most a quarter of the figure."""
    most = total * 0.25 - 12
    words = [each for name, note in lanes for each in ((name, size), (note, size - 1.8))]
    return max((width_within(most, *each) for each in words), default=20.0) + 12 + EDGE


def margins(part: Composition, left: float, total: float) -> Margins:
    """The room that title, axis and footnotes need."""
    rows = len(noted(part, total - left - EDGE))
    return Margins(
        left=left,
        right=EDGE,
        top=TITLE if part.title else 6.0,
        bottom=AXIS + (rows * NOTE + 4 if rows else 0),
    )


def noted(part: Composition, room: float, most: int = MOST_NOTE_ROWS) -> list[str]:
    """What stands below, in lines of so many points, at most `most` of them.

    What the picture says about itself comes first when there is not room for all; a line says how many of the
    findings' sentences are left out.
    """
    sentences = [wrapped((each,), room) for each in part.sentences]
    notes = wrapped(part.notes, room)
    if len(notes) + sum(map(len, sentences)) <= most:
        return [*(line for lines in sentences for line in lines), *notes]
    least = 1 if sentences else 0
    if len(notes) > most - least:  # all of them in one paragraph: the first ones say most
        notes = _cut(wrapped(("; ".join(part.notes),), room), max(0, most - least), room)
    return [*_first(sentences, most - len(notes), room), *notes]


def _cut(lines: list[str], most: int, room: float) -> list[str]:
    """The first lines; dots where there are more."""
    if len(lines) <= most or not most:
        return lines[:most]
    return [*lines[: most - 1], fitted(lines[most - 1], NOTE_SIZE, room - 10, middle=False) + " …"]


def _first(sentences: list[list[str]], most: int, room: float) -> list[str]:
    """As many whole sentences as there are rows for, and how many more there are."""
    found: list[str] = []
    for index, lines in enumerate(sentences):
        last = index == len(sentences) - 1
        if len(found) + len(lines) + (not last) > most:
            cut = _cut(lines, most - 1, room) if not found else []  # rather a part of the first than none
            more = len(sentences) - index - bool(cut)
            rest = f"… and {count(more, 'more finding')}" if found or cut else count(more, "finding")
            words = f"{rest}: see run.findings" if more else "… the rest stands in run.findings"
            return [*found, *cut, fitted(words, NOTE_SIZE, room)][:most]
        found += lines
    return found


def wrapped(notes: Sequence[str], room: float, size: float = NOTE_SIZE) -> list[str]:
    """The notes in lines of that many points.

    Of a note that is longer than can be drawn only a little more than that.
    """
    letters = max(NARROW, int(room / (size * 0.53)))
    most = letters * (MOST_NOTE_ROWS + 1)
    return [line for note in notes for line in _lines(note[:most], letters, size, room)]


def _lines(note: str, letters: int, size: float, room: float) -> list[str]:
    """Of so many letters, or of fewer where one of the lines is of wide ones: no word gives way."""
    lines = textwrap.wrap(note, letters, subsequent_indent="    ")
    if all(fits(line, size, room) for line in lines):
        return lines
    if letters > NARROW:
        return _lines(note, letters * 19 // 20, size, room)
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


def render(ax: Axes, part: Composition, log: EventLog) -> None:
    """Draw a composition into axes, whatever their size: words that do not fit are shortened or left out."""
    box = extent(ax)
    points, x0, tall = box.width, box.x0, box.height
    lines, first = _noted_where(ax, part)
    lanes = min(first, tall)
    scale = Scale(
        start=part.left,
        per_ns=(points - part.breaks.room) / (part.right - part.left - part.breaks.lost(part.right)),
        width=points,
        breaks=part.breaks,
        stretch=lanes / part.height,
    )
    foot = tall / scale.stretch
    placer = Placer(scale)
    per_point = (part.right - part.left) / part.unit.ns / points
    painter = Painter(ax, scale, per_point, part.left / part.unit.ns)
    _prepare(ax, part, foot)
    names = _all_lane_names(part.lanes, scale, x0 - EDGE)
    notes = [_note(line, first + row * NOTE, points) for row, line in enumerate(lines)]
    names = [words for words in names if placer.claim(words.box)]
    for words in notes:
        placer.reserve(words.box)
    painter.paint(part.scene, [*names, *notes, *placer.place_all(part.scene)])
    _axis(ax, part, log, points, foot, _marks(part, painter, points))


def _marks(part: Composition, painter: Painter, points: float) -> list[tuple[float, str]]:
    """Where ticks stand on the axis, and what stands below them: none in a break, none over another one."""
    step = part.step or tick_step(part, points)
    if not part.breaks.stretches:
        return part.unit.ticks(part.start, _last_tick(part, points), step)
    found, free = [], -points
    for start, end in part.breaks.parts(part.start, part.settled):
        for value, text in part.unit.ticks(start, end, step) if end - start >= 10 else ():
            x, half = painter.scale.x(value * part.unit.ns), width(text, TICK_SIZE) / 2 + 2
            if x - half > free:
                found.append((painter.data(x, 0)[0], text))
                free = x + half
    return found


def _prepare(ax: Axes, part: Composition, foot: float) -> None:
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


def tick_step(part: Composition, points: float) -> float:
    """From one tick to the next, so that there is room for all of them; 0 where there is but one."""
    whole, room = part.settled == part.end, _room_for_ticks(part, points)
    if _last_tick(part, points) == part.start:
        return 0.0
    kept = part.settled - round(part.breaks.lost(part.settled))
    return part.unit.step(part.start, kept, min(room, points * 2 / 3), whole=whole)


def _last_tick(part: Composition, points: float) -> int:
    """Until when there are ticks.

    Only at the first moment where the record ends soon and the axis goes on: that of a deadlock above a run
    that lasts.
    """
    whole = part.settled == part.end
    return part.settled if whole or _room_for_ticks(part, points) >= min(80, points / 4) else part.start


def _room_for_ticks(part: Composition, points: float) -> float:
    return points * (part.settled - part.start) / (part.right - part.left)


def _axis(
    ax: Axes, part: Composition, log: EventLog, points: float, foot: float, marks: list[tuple[float, str]]
) -> None:
    from matplotlib.font_manager import FontProperties

    # imshow of dense lanes moves the limits: they are set again
    ax.set_aspect("auto")
    ax.set_xlim(part.left / part.unit.ns, part.right / part.unit.ns)
    ax.set_ylim(foot, 0)
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
    label = _longest(part.unit.labels(log), TICK_SIZE, points)
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


def _note(line: str, top: float, points: float) -> Placed:
    label = Label(what="footnote", texts=(line,), spots=(), size=NOTE_SIZE, colour=QUIET, backed=False)
    box = Box(0, top, points, top + NOTE)
    return Placed(label=label, text=line, x=0, y=top + NOTE / 2 + 0.36 * NOTE_SIZE, box=box)


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


def to_png(figure: Figure, dpi: float = DPI) -> bytes:
    """The figure as PNG: the same bytes for the same figure, on every run."""
    from PIL import Image

    from tracing.views.timeline.quantize import quantized

    full, small = io.BytesIO(), io.BytesIO()
    figure.savefig(full, format="png", dpi=dpi, facecolor=PAPER)
    quantized(Image.open(full)).save(small, format="png", optimize=True)
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
