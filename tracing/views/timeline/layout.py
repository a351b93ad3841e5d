"""Which lanes a timeline has, in which order, how high they are, and what stands in front of them.

Rule: threads in order of first start, then primitives in order of first appearance; the figure never grows
with the trace, so past `MOST_LANES` the rest is counted in a line of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from tracing.events import EventLog, ObjectInfo, ThreadInfo
from tracing.views.timeline.frame import Frame, Lane, Place
from tracing.views.timeline.lanes import lane_of
from tracing.views.timeline.lanes.marks import series_height, shown_name
from tracing.views.timeline.lanes.threads import head_room, place_of, thread_height
from tracing.views.timeline.style import ROOMY, TIGHT, Metrics
from tracing.views.timeline.words import DrawnNames, plain

MOST_LANES = 24
LEAST_OBJECTS = 6  # of them, kept for primitives when there are many threads
TIGHT_FROM = 12  # lanes

REACH = 6.25  # points from the middle of a finding's marker to its corner
HIGH, LOW, ABOVE_WORDS = 7.0, 2.0, 15.0
"""How far above a lane's top edge such a marker has its middle. High where what happens is marked at the top
of the lane, and is to be seen; above the words of the reads and writes that the finding is about."""

A_NUMBER = "a number"  # what stands under the name of one that the program marked

Key = tuple[str, int]  # as in Lane
Wanted = Iterable[str | int] | None


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
    def keys(self) -> tuple[Key, ...]:
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

    @property
    def metrics(self) -> Metrics:
        """Sizes that suit this many lanes."""
        return TIGHT if len(self.threads) + len(self.objects) > TIGHT_FROM else ROOMY


def choose(log: EventLog, started: Sequence[int], threads: Wanted, objects: Wanted) -> Choice:
    """The lanes that were asked for (names or numbers; None: all), as many as a figure has room for.

    A timer whose thread has a lane is drawn there, and needs none of its own unless that was asked for.

    Parameters: `started`, the threads' numbers in order of first start.
    """
    names = DrawnNames(log)
    who = [number for number in started if _asked(log.thread(number), threads)]
    shown = {log.thread(number).timer for number in who} if objects is None else set()
    what = [
        o.number
        for o in log.objects
        if _asked(o, objects) and names.lane(o.number) == o.number and o.number not in shown
    ]
    most_objects = max(LEAST_OBJECTS, MOST_LANES - len(who))
    most_threads = MOST_LANES - min(len(what), most_objects)
    return Choice(
        threads=tuple(who[:most_threads]),
        objects=tuple(what[:most_objects]),
        more_threads=max(0, len(who) - most_threads),
        more_objects=max(0, len(what) - most_objects),
    )


def _asked(info: ThreadInfo | ObjectInfo, wanted: Wanted) -> bool:
    return wanted is None or info.number in (wanted := tuple(wanted)) or info.name in wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The lanes with their places, in points from the top."""

    lanes: tuple[Lane, ...]
    places: dict[int, Place]  # of the threads
    height: float


def lay_out(frame: Frame, choice: Choice, marked: Set[Key] = frozenset()) -> Layout:
    """Put the chosen lanes under each other; those that get markers with room for them above."""
    lanes: list[Lane] = []
    places: dict[int, Place] = {}
    top = frame.metrics.pad
    for key in choice.keys:
        words = head_room(key[1], frame) if key[0] == "thread" else 0.0
        markers = headroom(frame.names, key, frame.metrics, touched=words > 0) if key in marked else 0.0
        top += max(words, markers)
        if key[0] == "thread":
            places[key[1]] = place_of(frame.model.threads[key[1] - 1], frame, top)
        lanes.append(_lane(frame, key, top, places))
        top += lanes[-1].height + frame.metrics.pad
    return Layout(lanes=tuple(lanes), places=places, height=top)


def marker_rise(names: DrawnNames, key: Key, *, touched: bool = False) -> float:
    """How far above the lane's top edge a finding's marker has its middle, in points. touched: whether reads
    and writes are marked there.
    """
    high = key[0] == "object" and names.nature(key[1]).marked_on_top
    return ABOVE_WORDS if touched else HIGH if high else LOW


def headroom(names: DrawnNames, key: Key, metrics: Metrics, *, touched: bool = False) -> float:
    """What a lane with markers needs above it, so that they stay below the line to the lane before."""
    return max(0.0, marker_rise(names, key, touched=touched) + REACH + 0.5 - metrics.pad / 2)


def _lane(frame: Frame, key: Key, top: float, places: Mapping[int, Place]) -> Lane:
    kind, number = key
    if kind == "thread":
        name, note = frame.names.thread(number), _thread_note(frame.names, number)
        height = thread_height(places[number], frame.metrics)
    elif kind == "series":
        name, note = shown_name(frame.model.series[number].name), A_NUMBER
        height = series_height(frame)
    else:
        thing = frame.model.objects[number - 1]
        name, note = frame.names.object(number), _object_note(frame.names, number)
        height = lane_of(frame, thing)[0](frame, thing)
    return Lane(key=key, name=name, note=note, top=top, height=height)


def lane_words(names: DrawnNames, choice: Choice) -> list[tuple[str, str]]:
    """The name and the note of each lane."""
    threads = [(names.thread(n), _thread_note(names, n)) for n in choice.threads]
    objects = [(names.object(n), _object_note(names, n)) for n in choice.objects]
    return threads + objects + [(shown_name(name), A_NUMBER) for name in choice.series]


def _thread_note(names: DrawnNames, number: int) -> str:
    info = names.log.thread(number)
    if info.timer:
        return f"{plain(names.type(info.timer))} {names.object(info.timer)}"
    return "daemon" if info.daemon else ""


def _object_note(names: DrawnNames, number: int) -> str:
    info = names.log.object(number)
    nature, type_ = names.nature(number), plain(info.type)
    counts_from = nature.count is not None and nature.count.given  # then 0 is worth saying
    made_with = info.value or (info.value == 0 and counts_from)
    return nature.note.format(type=type_, value=info.value) if made_with else type_
