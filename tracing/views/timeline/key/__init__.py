"""The key: one of each thing that a timeline draws, and what it says.

Owns: the words, and which thing stands beside which. Rule: nothing is drawn here; the samples (`samples`) are
made by the code that makes the same things in figures. What that code writes beside its sample is left out:
the words of the key stand there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tracing.model import Fate, State
from tracing.views.timeline.frame import Place
from tracing.views.timeline.key import samples
from tracing.views.timeline.key.samples import LOCK, MIDDLE, POINT, ROW, Draw
from tracing.views.timeline.scene import Bar, Glyph, Label, Line, Link, Scene, Spot
from tracing.views.timeline.style import ROOMY

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WORDS, COLUMN_WIDE, EDGE = 70, 330.0, 6.0  # points: where words begin, a column, and what is free before it


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing and what it says. draw: puts the sample into a scene, around the row's middle."""

    words: str
    draw: Draw


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Things of one sort, below its name."""

    name: str
    entries: tuple[Entry, ...]


class Key:
    """What each mark of a timeline says: in a notebook a figure, else a list."""

    def __init__(self) -> None:
        self.groups = (*LEFT, *RIGHT)

    def figure(self) -> Figure:
        """The key as a matplotlib figure."""
        from tracing.views.timeline.figure import draw_scene

        return draw_scene(compose_key(), POINT, COLUMN_WIDE * 2)

    def __repr__(self) -> str:
        return "\n".join(
            line
            for group in self.groups
            for line in (group.name, *(f"  {entry.words}" for entry in group.entries))
        )

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        from tracing.views.png import to_png

        return {"image/png": to_png(self.figure()), "text/plain": repr(self)}


def compose_key() -> Scene:
    """The key as data: two columns of rows, a sample and its words in each. x is in `POINT` of a point."""
    scene, rows = Scene(height=0.0), 0
    for column, groups in enumerate((LEFT, RIGHT)):
        shapes = list(_rows(groups))
        rows = max(rows, len(shapes))
        for row, own in enumerate(shapes):
            scene.add(*(_moved(shape, (column * COLUMN_WIDE + EDGE) * POINT, row * ROW) for shape in own))
    scene.height = rows * ROW + 6
    return scene


def _rows(groups: tuple[Group, ...]) -> Iterator[list[Any]]:
    """What stands in each row of a column."""
    for group in groups:
        spot = Spot(x=0, y=MIDDLE + 2, align="left")
        yield [Label(what="group", texts=(group.name,), spots=(spot,), size=8.6, backed=False, bold=True)]
        yield from map(_sample, group.entries)


def _sample(entry: Entry) -> list[Any]:
    own = Scene(height=ROW)
    top = MIDDLE - ROOMY.bar / 2
    entry.draw(own, samples.surroundings(), Place(top=top, bottom=top + ROOMY.bar, strips={}))
    spot = Spot(x=WORDS * POINT, y=MIDDLE, align="left")
    words = Label(what="key", texts=(entry.words,), spots=(spot,), size=8.0, backed=False)
    return [*(s for s in own.shapes if not isinstance(s, Label) or s.pinned), words]


def _moved(shape: Any, x: float, y: float) -> Any:
    """The same shape in its row."""
    if isinstance(shape, Bar | Link):
        return replace(shape, x0=shape.x0 + x, x1=shape.x1 + x, y0=shape.y0 + y, y1=shape.y1 + y)
    if isinstance(shape, Line):
        return replace(shape, points=tuple((px + x, py + y) for px, py in shape.points))
    if isinstance(shape, Glyph):
        return replace(shape, x=shape.x + x, y=shape.y + y)
    return replace(shape, spots=tuple(replace(s, x=s.x + x, y=s.y + y) for s in shape.spots))


LEFT = (
    Group(
        name="What a thread does",
        entries=(
            Entry(words="filled: it runs (real clock: or could run)", draw=samples.state(State.RUNNING)),
            Entry(words="thin line: ready, another thread has the turn", draw=samples.state(State.READY)),
            Entry(words='thin line, "no call": a pool\'s worker has none', draw=samples.state(State.IDLE)),
            Entry(words="dotted: sleeps", draw=samples.state(State.SLEEPING)),
            Entry(words="hatched: waits, in the colour of what for", draw=samples.state(State.WAITING)),
            Entry(words="empty frame: waits until a barrier's last round has left", draw=samples.outside),
            Entry(words="level lines: woken, and needs the lock back", draw=samples.state(State.NOTIFIED)),
            Entry(
                words="upright lines: in start(), the new thread has yet to begin",
                draw=samples.state(State.STARTING),
            ),
            Entry(words="pale bar: a timer until, at the triangle, it fires", draw=samples.fired),
            Entry(words="strip below: what it has, or a timer's callback", draw=samples.held),
            Entry(words="framed strip below: a block, with mark()", draw=samples.block()),
            Entry(
                words="cross at its end: left by an exception; the call failed",
                draw=samples.block(raised=True),
            ),
        ),
    ),
    Group(
        name="How a thread ends",
        entries=(
            Entry(words="upright line: it has come to its end", draw=samples.fate(Fate.ENDED)),
            Entry(words="cross: an exception has ended it", draw=samples.fate(Fate.FAILED)),
            Entry(words="zigzag: it was cut off", draw=samples.fate(Fate.CUT_OFF)),
            Entry(words="triangle: it runs on when the record ends", draw=samples.fate(Fate.STILL_RUNNING)),
        ),
    ),
    Group(
        name="Marks above a thread",
        entries=(
            Entry(words="tick: a try that failed, or a wait timed out", draw=samples.mark("timed out", LOCK)),
            Entry(words="small cross: the call was refused", draw=samples.mark("refused", LOCK)),
            Entry(words="triangle: the program's own mark()", draw=samples.mark("note")),
            Entry(words="ring: reads the variable of the finding", draw=samples.mark("read")),
            Entry(words="filled disc: writes it", draw=samples.mark("write")),
            Entry(words="hollow triangle: comes last to a barrier", draw=samples.last),
        ),
    ),
)
RIGHT = (
    Group(
        name="In the row of a lock, an event, a semaphore, …",
        entries=(
            Entry(words="solid bar: who has it", draw=samples.holder),
            Entry(words="hatched band: who wants it", draw=samples.wanted),
            Entry(words="tick: a try that failed, a pass at once; cross: refused", draw=samples.tried),
            Entry(words="solid band of an Event: it is set", draw=samples.flag),
            Entry(words="triangle up: set(); triangle down: clear()", draw=samples.raised),
            Entry(words="stairs: how many permits, arrivals or items", draw=samples.stairs),
            Entry(words="dashed line: the most that a queue can hold", draw=samples.full),
            Entry(words="triangle: a Condition notifies", draw=samples.notify),
            Entry(words="red and crossed: the barrier is broken", draw=samples.broken),
            Entry(words="step line: a number, mark(value=)", draw=samples.series),
        ),
    ),
    Group(
        name="Arrows",
        entries=(
            Entry(
                words="grey: start(), to a thread's beginning; join(), from its end",
                draw=samples.arrow("start"),
            ),
            Entry(words="coloured: lets another thread go on", draw=samples.arrow("hand-off", LOCK)),
            Entry(words="coloured, to a cross: cancels a timer", draw=samples.cancel),
        ),
    ),
    Group(
        name="Through all rows",
        entries=(
            Entry(words="coloured dashes: all have come, the barrier lets them go", draw=samples.trip),
            Entry(words="thin line: another thread gets the turn", draw=samples.switch),
            Entry(words="black dashes: here two runs part", draw=samples.parting),
            Entry(words="white gap, //: quiet time is cut out, with cut=", draw=samples.cut_out),
            Entry(words="grey ground: nothing happens any more, for ever", draw=samples.ground),
        ),
    ),
    Group(
        name="What went wrong, with its sentence below",
        entries=(
            Entry(words="disc: an error", draw=samples.finding("error")),
            Entry(words="diamond: a warning", draw=samples.finding("warning")),
            Entry(words="square: a note", draw=samples.finding("note")),
        ),
    ),
)
