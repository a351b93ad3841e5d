"""Which words fit where: every label is moved, shortened, and in the end left out rather than drawn badly.

Owns: `place_words`, all words of a figure but its title and its axis: in front of the lanes, below them, and
in the scene.

Rule: no two texts overlap, none leaves the figure, and those in a row stand in the order of what they tell;
the work depends on the room, not on how long a text is.

How it works: labels choose in order of rank; each tries its texts from full to short, and each text all of
its spots; a box that is taken stays taken. An arrow, or a line where runs part or a barrier trips, is covered
only by words that fit nowhere else, even if half of them are left out. Only what may fit is measured.
"""

from __future__ import annotations

import math
import textwrap
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tracing.views.timeline.axis import Scale
from tracing.views.timeline.compose import Composition
from tracing.views.timeline.frame import TIGHT_FROM, Lane
from tracing.views.timeline.scene import FRONT, Bar, Glyph, Label, Line, Link, Scene, Spot
from tracing.views.timeline.style import HEAD, INK, QUIET
from tracing.views.timeline.words import fits, fitted, told_apart, width
from tracing.views.units import count

NOTE, NOTE_SIZE = 10.5, 7.0  # points: a footnote's row, its letters
MOST_NOTE_ROWS = 8
NARROW = 20  # letters: in narrower lines words are left out
_MARGIN = 1.5  # points that must stay free around words


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in points."""

    x0: float
    y0: float
    x1: float
    y1: float

    def meets(self, other: Box) -> bool:
        return self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Words in their place.

    X of their left end, middle or right end, y of the base line; points from the axes' corner.
    """

    label: Label
    text: str
    x: float
    y: float
    box: Box
    align: str = "left"
    about: float = 0.0  # when what they tell happens: a scene's x


_Told = tuple[float, int, float]
"""Of words that are placed: what time they are about, the how manieth label they are, their left end."""


class Placer:
    """Hands out room in a figure. Coordinates are points from the axes' top left corner, y downwards."""

    def __init__(self, scale: Scale) -> None:
        self.scale = scale
        self._rows: dict[int, list[Box]] = {}
        self._lines: dict[int, list[Box]] = {}  # pieces of arrows: better not covered
        self._told: dict[int, list[_Told]] = {}  # by how high they stand: the words of a row, in order

    def reserve(self, box: Box) -> None:
        """Nothing else may stand there."""
        for row in _rows(box):
            self._rows.setdefault(row, []).append(box)

    def is_free(self, box: Box) -> bool:
        """Whether it is free."""
        return not any(box.meets(other) for row in _rows(box) for other in self._rows.get(row, ()))

    def claim(self, box: Box) -> bool:
        """Reserve it if it is free; whether it was."""
        free = self.is_free(box)
        if free:
            self.reserve(box)
        return free

    def place_all(self, scene: Scene) -> list[Placed]:
        """The labels that fit, and where; marks keep their room."""
        for glyph in (shape for shape in scene.shapes if isinstance(shape, Glyph) and shape.shape != "end"):
            x, y = self.scale.x(glyph.x) + glyph.nudge, self.scale.y(glyph.y)
            self.reserve(Box(x - glyph.size / 2, y - glyph.reach, x + glyph.size / 2, y + glyph.reach))
        for bar in (s for s in scene.shapes if isinstance(s, Bar) and s.level == FRONT):
            self.reserve(
                Box(self.scale.x(bar.x0), self.scale.y(bar.y0), self.scale.x(bar.x1), self.scale.y(bar.y1))
            )
        for link in (shape for shape in scene.shapes if isinstance(shape, Link)):
            self._keep_line((link.x0, link.y0), (link.x1, link.y1))
        for line in (s for s in scene.shapes if isinstance(s, Line) and s.what in ("parting", "trip")):
            self._keep_line(*line.points)
        labels = enumerate(shape for shape in scene.shapes if isinstance(shape, Label))
        in_turn = sorted(labels, key=lambda numbered: numbered[1].rank)
        return [placed for number, label in in_turn for placed in self._place(label, number)]

    def _keep_line(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        x0, y0 = self.scale.x(start[0]), self.scale.y(start[1])
        x1, y1 = self.scale.x(end[0]), self.scale.y(end[1])
        pieces = max(1, int(math.hypot(x1 - x0, y1 - y0) / HEAD))
        for piece in range(pieces + 1):
            x, y = x1 + (x0 - x1) * piece / pieces, y1 + (y0 - y1) * piece / pieces
            for row in _rows(box := Box(x - 1, y - 1, x + 1, y + 1)):
                self._lines.setdefault(row, []).append(box)

    def _place(self, label: Label, number: int) -> Iterator[Placed]:
        tried = (self._try(label, text, spot, number) for text in label.texts for spot in label.spots)
        free = filter(None, tried)
        placed = first = next(free, None)
        if first and (label.backed or label.halo) and self._is_crossed(first.box):
            long = (each for each in free if len(each.text) * 2 >= len(first.text))
            uncrossed = (each for each in long if not self._is_crossed(each.box))
            placed = next(uncrossed, None if label.spare else first)
        if placed is None:
            return
        self.reserve(placed.box)
        if not label.pinned:
            row = self._told.setdefault(_row(placed.box), [])
            insort(row, (placed.about, number, placed.box.x0))
        yield placed

    def _is_crossed(self, box: Box) -> bool:
        return any(box.meets(other) for row in _rows(box) for other in self._lines.get(row, ()))

    def _is_in_order(self, box: Box, about: float, number: int) -> bool:
        """Whether words stand after those of their row that tell of something earlier, before later ones."""
        row = self._told.get(_row(box), [])
        place = bisect_left(row, (about, number, box.x0))
        follows = place == 0 or row[place - 1][2] <= box.x0
        return follows and (place == len(row) or box.x0 <= row[place][2])

    def _try(self, label: Label, text: str, spot: Spot, number: int) -> Placed | None:
        room = self.scale.room(spot.room)
        if room[1] - room[0] < 0.45 * label.size * len(text) * 0.5:  # far too narrow: not worth measuring
            return None
        wide = width(text, label.size, label.bold)
        x = self.scale.x(spot.x) + spot.nudge
        if spot.room and spot.align == "center":
            taken = [(self.scale.x(a), self.scale.x(b)) for a, b in self.scale.breaks.stretches]
            x = _beside_break(x, room, taken)
        left = x if spot.align == "left" else x - wide if spot.align == "right" else x - wide / 2
        if left < room[0] or left + wide > room[1]:
            return None
        middle = self.scale.y(spot.y)
        box = box_of(left, middle, wide, label.size)
        free = self.is_free(box) and self._is_in_order(box, spot.x, number)
        if not (free or label.pinned):
            return None
        base = middle + 0.36 * label.size
        return Placed(label=label, text=text, x=x, y=base, box=box, align=spot.align, about=spot.x)


def _beside_break(x: float, room: tuple[float, float], taken: Iterable[tuple[float, float]]) -> float:
    """Where the middle of words lies that would stand in a break: in the larger part of their room that is
    free of it. taken: the breaks; all in points.
    """
    for left, right in taken:
        if left <= x <= right:
            before, after = left - room[0], room[1] - right
            return left - before / 2 if before > after else right + after / 2
    return x


def box_of(left: float, middle: float, wide: float, size: float) -> Box:
    """The room that words take, with their margin."""
    return Box(left - _MARGIN, middle - 0.60 * size, left + wide + _MARGIN, middle + 0.62 * size)


def _row(box: Box) -> int:
    """Which line of words it is: its middle, in half points."""
    return round(box.y0 + box.y1)


def _rows(box: Box) -> Iterable[int]:
    return range(int(box.y0 // 12), int(box.y1 // 12) + 1)


def place_words(
    part: Composition, scale: Scale, room: float, lines: Sequence[str], first: float
) -> list[Placed]:
    """All words of a figure but for its title and its axis: those in front of the lanes, in so much room, the
    notes below, and what the scene says where they leave room. lines: the notes, `first` points below the
    axes' top; all in points.
    """
    placer = Placer(scale)
    names = [words for words in _all_lane_names(part.lanes, scale, room) if placer.claim(words.box)]
    notes = [_note(line, first + row * NOTE, scale.width) for row, line in enumerate(lines)]
    for words in notes:
        placer.reserve(words.box)
    return [*names, *notes, *placer.place_all(part.scene)]


# In front of the lanes


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


# Below them


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


def _note(line: str, top: float, points: float) -> Placed:
    label = Label(what="footnote", texts=(line,), spots=(), size=NOTE_SIZE, colour=QUIET, backed=False)
    box = Box(0, top, points, top + NOTE)
    return Placed(label=label, text=line, x=0, y=top + NOTE / 2 + 0.36 * NOTE_SIZE, box=box)
