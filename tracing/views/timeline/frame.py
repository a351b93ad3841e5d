"""What is known before a lane is drawn, as data.

Owns: `View`, what the caller asked for; `Choice`, the lanes that there are; `Window`, the stretch of time and
its points; `Frame`, what every lane needs to know to describe itself: the run, the window, the size of a
pixel, the colours; `Place`, `Lane` and `Rows`, where it lies.
Rule: whoever describes a lane knows no more than this.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Protocol

from tracing.events import VALUE_SIGN
from tracing.model import Block, Hold, Mark, Model, ObjectModel, Wait, kept_by
from tracing.views.timeline.axis import NO_BREAKS, Breaks
from tracing.views.timeline.style import INSET, PIXEL, QUIET, ROOMY, TIGHT, Ink, Metrics, Palette
from tracing.views.timeline.words import DrawnNames, fits, plain, shortened

TIGHT_FROM = 12  # lanes
LONGEST_SERIES = 24  # characters of the name of a number that the program marked
_time = attrgetter("time")
_JOIN = Ink(solid=QUIET, dark=QUIET, pale="#DDE2E7", hatch="/")


LaneKey = tuple[str, int]  # as in Lane
Wanted = Iterable[str | int] | None


class Finding(Protocol):
    """What a timeline needs of a finding of the diagnosis."""

    @property
    def threads(self) -> Sequence[int]: ...
    @property
    def objects(self) -> Sequence[int]: ...
    @property
    def time(self) -> int: ...
    @property
    def sentence(self) -> str: ...
    @property
    def severity(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What to show of a run, and how."""

    palette: Palette = field(default_factory=Palette)
    threads: Wanted = None
    objects: Wanted = None
    start: int | None = None  # ns
    end: int | None = None
    title: str | None = None  # None: the log's
    findings: Sequence[Finding] = ()
    notes: Sequence[str] = ()  # what stands below as well
    axis: str | None = None  # "time", "order"; None: which tells more
    cut: int | None = None  # ns: quiet stretches that are longer are cut out; None: none are
    parting: int | None = None  # so many events are as in other runs, here they part; None: it is not marked


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The lanes to draw, by number, and how many were left out."""

    threads: tuple[int, ...]
    objects: tuple[int, ...]
    more_threads: int = 0
    more_objects: int = 0
    series: tuple[str, ...] = ()  # the names of the numbers that have a lane, the first ones of the model
    squeezed: bool = False  # there is no room for more in axes of the caller's, nor for a line that says so

    @property
    def keys(self) -> tuple[LaneKey, ...]:
        """Of the lanes, from top to bottom."""
        numbers = {"thread": self.threads, "object": self.objects, "series": range(len(self.series))}
        return tuple((kind, number) for kind, own in numbers.items() for number in own)

    def first(self, most: int) -> Choice:
        """So many of these lanes: of threads and primitives as many, if there are as many."""
        objects = min(len(self.objects), max(most // 2, most - len(self.threads)))
        threads = min(len(self.threads), most - objects)
        return replace(
            self,
            threads=self.threads[:threads],
            objects=self.objects[:objects],
            series=(),
            more_threads=self.more_threads + len(self.threads) - threads,
            more_objects=self.more_objects + len(self.objects) - objects,
            squeezed=True,
        )

    def titles(self, names: DrawnNames) -> Iterator[tuple[str, str]]:
        """What stands in front of each lane: its name, and a note below."""
        yield from ((names.thread(number), names.thread_note(number)) for number in self.threads)
        yield from ((names.object(number), names.object_note(number)) for number in self.objects)
        yield from ((shortened(plain(name), LONGEST_SERIES), "a number") for name in self.series)

    @property
    def metrics(self) -> Metrics:
        """Sizes that suit this many lanes."""
        return TIGHT if len(self.threads) + len(self.objects) > TIGHT_FROM else ROOMY


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of time and the points that it is drawn on."""

    start: int
    end: int
    left: float
    right: float
    per_ns: float  # points
    breaks: Breaks = NO_BREAKS  # what is cut out

    def has(self, time: int) -> bool:
        return self.start <= time <= self.end


TOUCHES = frozenset({"read", "write"})
"""The marks whose words are what the picture is about: there is room for two rows of them."""


def variable_of(marks: Iterable[Mark]) -> str:
    """The only variable that they read and write; "" where there are several, or none."""
    found = {mark.text.partition(VALUE_SIGN)[0] for mark in marks if mark.what in TOUCHES}
    return found.pop() if len(found) == 1 else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One timeline's surroundings, the same for all of its lanes."""

    model: Model
    names: DrawnNames
    palette: Palette
    metrics: Metrics
    start: int  # ns: the window
    end: int
    pixel: float  # ns
    long: Callable[[float], str]  # a length in words; "" on the axis of order
    variable: str = ""  # the only one whose reads and writes are marked

    @property
    def last(self) -> int:
        """Where a value that changes no more ends: with the run, however long another one on its axis is."""
        return max(self.start, min(self.end, self.model.duration))

    def ink(self, number: int) -> Ink:
        """The colours of a primitive; of the ends of threads for 0."""
        return self.palette.ink(self.names.object(self.names.lane(number))) if number else _JOIN

    def tint(self, thread: int, obj: int) -> str:
        """The strength of the primitive's colour that says which thread has it."""
        return self.palette.tint(self.names.thread(thread), self.ink(obj).solid)

    def sees(self, start: float, end: float) -> bool:
        """Whether a stretch touches the window."""
        return end >= self.start and start <= self.end

    def clip(self, start: float, end: float) -> tuple[float, float]:
        """The part of a stretch that lies in the window."""
        return max(start, self.start), min(end, self.end)

    def has_room(self, text: str, size: float, start: float, end: float) -> bool:
        """Whether words of that size fit between two times."""
        return fits(text, size, (end - start) / self.pixel * PIXEL - 2 * INSET)

    def timer_of(self, thread: int) -> ObjectModel | None:
        """The Timer that is drawn in that thread's lane, because it is its thread."""
        info = self.names.log.thread(thread)
        known = 0 < info.timer <= len(self.model.objects)
        return self.model.objects[info.timer - 1] if known else None

    def wait(self, index: int | None) -> Wait | None:
        """The wait with that index."""
        return None if index is None else self.model.waits[index]

    def holders(self, wait: Wait) -> tuple[int, ...]:
        """Who kept its thread from what it waited for."""
        return kept_by(self.names.log, self.model, wait)

    def waits_for(self, number: int) -> Iterator[Wait]:
        """The waits for a primitive that the window shows."""
        waits = (self.model.waits[i] for i in self.model.objects[number - 1].waits)
        return (wait for wait in waits if self.sees(wait.start, wait.end))

    def marks(self, *, thread: int = 0, obj: int = 0) -> Iterator[Mark]:
        """The marks of a thread or of a primitive that the window shows."""
        marks = self.model.marks
        first, last = bisect_left(marks, self.start, key=_time), bisect_right(marks, self.end, key=_time)
        for mark in marks[first:last]:
            if mark.thread == thread or mark.obj == obj != 0:
                yield mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """Where a thread's lane shows what it holds of one primitive, and when."""

    top: float
    bottom: float
    holds: Sequence[Hold]  # by start, one after the other

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    def covers(self, time: int) -> bool:
        """Whether something is drawn there at that time, the end of a hold included."""
        after = bisect_right(self.holds, time, key=lambda hold: hold.start)
        return after > 0 and time <= self.holds[after - 1].end


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a thread's lane has its parts: arrows and trip lines need to know."""

    top: float  # of the activity bar
    bottom: float  # of the activity bar
    strips: Mapping[int, Strip]  # by primitive
    left_out: Sequence[Sequence[Hold]] = ()  # of each primitive for which there is no strip
    blocks: Sequence[Sequence[Block]] = ()  # that the program marked, in rows below all that
    blocks_top: float = 0.0

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    def foot(self, obj: int, time: int) -> float:
        """Where an arrow down begins that is about this primitive: at its strip, else at the lowest that is
        there.
        """
        own, there = self.strips.get(obj), [each for each in self.strips.values() if each.covers(time)]
        return own.middle if own in there else max((each.middle for each in there), default=self.bottom)

    def head(self, obj: int, time: int) -> float:
        """Where an arrow up begins that is about this primitive: at its strip, else at the bar."""
        own = self.strips.get(obj)
        return own.middle if own and own.covers(time) else self.top


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A row of the figure: its name, what stands under the name, and where it is."""

    key: tuple[str, int]  # ("thread", 3) or ("object", 1), by number; ("series", 0), by place in the model
    name: str
    note: str
    top: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The lanes that are drawn, under each other."""

    lanes: tuple[Lane, ...]
    foot: float  # where the last one's room ends
    places: Mapping[int, Place] = field(default_factory=dict)  # of the threads
