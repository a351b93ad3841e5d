"""What is marked: moments above a thread's bar, blocks below it, and numbers in lanes of their own.

A moment is a try that failed, a time-out, what the program itself notes, or what was read and written of the
variable that a finding is about. Rule: what the program marks has no colour of a primitive. A block has a
frame and its name, a number the steps of its values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tracing.events import VALUE_SIGN
from tracing.model import Block, Mark, Series
from tracing.views.timeline.frame import TOUCHES, Frame, Place
from tracing.views.timeline.lanes.stairs import pieces
from tracing.views.timeline.merged import Merged, gather
from tracing.views.timeline.scene import Bar, Glyph, Label, Line, Scene, Spot
from tracing.views.timeline.style import ALARM, FAINT, INK, PIXEL, QUIET, SLIVER
from tracing.views.timeline.words import plain, shortened

MOST_ROWS = 3  # of blocks within each other; what is deeper is counted
LONGEST = 48  # characters of a name


# Above a thread's bar


def draw_mark(scene: Scene, frame: Frame, mark: Mark, place: Place) -> None:
    """Failed tries and time-outs are ticks above the bar; so is what the program itself notes."""
    texts = _mark_texts(frame, mark)
    if not texts:
        return
    wrong = mark.what in ("refused", "call failed", "callback failed")
    colour = ALARM if wrong else frame.ink(mark.obj).dark
    shape = "cross" if wrong else _SHAPES.get(mark.what, "tick")
    scene.add(Glyph(what=mark.what, shape=shape, x=mark.time, y=place.top - 1, colour=colour, size=4.5))
    y = place.top - 0.66 * frame.metrics.small  # the ground of the words ends below the strips above
    rows = (y, y - frame.metrics.small * 1.3) if mark.what in TOUCHES else (y,)
    spots = tuple(
        Spot(x=mark.time, y=row, align=align, nudge=nudge)
        for row in rows
        for align, nudge in (("left", 5), ("right", -5))
    )
    scene.add(
        Label(what=mark.what, texts=texts, spots=spots, size=frame.metrics.small, colour=colour, rank=6)
    )


def _mark_texts(frame: Frame, mark: Mark) -> tuple[str, ...]:
    """What a mark is called, from full to short; nothing for one that has no place above the bar."""
    if mark.what in TOUCHES:
        return _touch_texts(mark, frame.variable)
    name = frame.names.short(mark.obj) if mark.obj else ""
    return tuple(word.format(name=name, text=_first(mark.text)) for word in _MARK_WORDS.get(mark.what, ()))


def _touch_texts(mark: Mark, only: str) -> tuple[str, ...]:
    """What a read or a write is called. only: the one variable of the figure, which its note names; "": there
    are several, so each is named where it is touched.
    """
    verb, (variable, sign, value) = f"{mark.what}s", mark.text.partition(VALUE_SIGN)
    brief = (f"= {_first(value)}",) if sign else ()
    if only and variable == only:
        return f"{verb} {_first(value) if sign else ''}".rstrip(), *brief
    return f"{verb} {_first(mark.text)}", _first(mark.text), *brief


_SHAPES = {"note": "down", "read": "ring", "write": "disc"}  # empty: taken out; filled: put in
_MARK_WORDS = {
    "would block": ("failed try: {name} taken", "failed try"),
    "timed out": ("timed out",),
    "refused": ("{text}", "refused"),
    "call failed": ("{text}", "failed"),
    "callback failed": ("callback: {text}", "callback failed"),
    "note": ("{text}",),
    "cancelled late": ("cancel too late", "late"),
}


def _first(text: str) -> str:
    return shortened(plain(text), LONGEST) or "refused"


# Below it


def block_rows(blocks: Iterable[Block]) -> list[list[Block]]:
    """A thread's blocks in rows, in which they do not overlap; a block stands below the one it is in."""
    rows: list[list[Block]] = []
    for block in blocks:  # by start, outer ones first
        free = (row for row in rows if row[-1].end <= block.start)
        row = next(free, None)
        if row is None:
            rows.append(row := [])
        row.append(block)
    return rows


def draw_blocks(scene: Scene, frame: Frame, rows: Sequence[Sequence[Block]], top: float) -> None:
    """The rows below each other from there on."""
    high = frame.metrics.strip
    for number, row in enumerate(rows[:MOST_ROWS]):
        y = top + number * (high + 1)
        seen = [block for block in row if frame.sees(block.start, block.end)]
        for piece in gather(seen, frame.pixel):
            if isinstance(piece, Merged):
                scene.merged += piece.hidden
                scene.add(_bar(frame, piece, y, QUIET))
            else:
                _block(scene, frame, piece, y)
    if deeper := sum(map(len, rows[MOST_ROWS:])):
        scene.notes.append(f"{deeper} marked blocks left out: a lane has room for {MOST_ROWS} in each other")


def _block(scene: Scene, frame: Frame, block: Block, y: float) -> None:
    colour = ALARM if block.raised else QUIET
    bar = _bar(frame, block, y, colour)
    name = shortened(plain(block.name), LONGEST)
    texts = (f"{name}, left by an exception", name) if block.raised else (name,)
    spot = Spot(x=(bar.x0 + bar.x1) / 2, y=(bar.y0 + bar.y1) / 2, room=(bar.x0, bar.x1))
    words = Label(
        what="block",
        texts=texts,
        spots=(spot,),
        size=frame.metrics.small,
        colour=ALARM if block.raised else INK,
        halo=FAINT,
        backed=False,
    )
    scene.add(bar, words)
    if block.raised and frame.sees(block.end, block.end):
        mark_exception(scene, block.end, (bar.y0 + bar.y1) / 2)


def mark_exception(scene: Scene, time: int, y: float, nudge: float = 4.0, colour: str = ALARM) -> None:
    """What a thread had below its bar, or was in, is left there by an exception: seen in grey, too."""
    scene.add(
        Glyph(what="left by exception", shape="cross", x=time, y=y, size=5.0, colour=colour, nudge=nudge)
    )


def mark_failed_call(scene: Scene, frame: Frame, start: float, end: int, y: float, colour: str) -> None:
    """The same at the end of a call, but within its strip: the next call may begin where this one ends."""
    room = (end - start) / frame.pixel * PIXEL  # in points
    mark_exception(scene, end, y, -min(6.0, room / 2), colour)


def _bar(frame: Frame, stretch: Block | Merged[Block], y: float, edge: str) -> Bar:
    x0, x1 = frame.clip(stretch.start, stretch.end)
    x1 = max(x1, min(frame.end, x0 + SLIVER * frame.pixel))
    return Bar(what="block", x0=x0, x1=x1, y0=y, y1=y + frame.metrics.strip, fill=FAINT, edge=edge)


# Numbers, in lanes of their own


def draw_series(scene: Scene, frame: Frame, series: Series, top: float) -> float:
    """A number as a step line, from its first value on, with each value at its step; where the lane ends."""
    values = [0.0, *(each.value for each in series.readings)]
    least, most = min(values), max(values)
    base, height = top + 8 + frame.metrics.stair, frame.metrics.stair - 1
    per_unit = height / (most - least) if most > least else 0.0
    points: list[tuple[float, float]] = []
    for x0, x1, value in pieces(frame, series.readings):
        y = base - (value - least) * per_unit
        points += [(x0, y), (x1, y)]
        spot = Spot(x=(x0 + x1) / 2, y=y - 4.6, room=(x0, x1))
        words = Label(
            what="series", texts=(f"{value:g}",), spots=(spot,), size=frame.metrics.small, backed=False
        )
        scene.add(words)
    zero = base + least * per_unit
    line = ((frame.start, zero), (frame.last, zero))
    scene.add(Line(what="zero", points=line, colour=QUIET, width=0.6, level=0))
    if points:
        scene.add(Line(what="series", points=tuple(points), colour=INK, width=1.4))
    return base
