"""How high the lanes are, where they lie, and what stands in front of them.

Owns: `lay_out`, which puts the chosen lanes under each other, and a lane's name and note. Rule: a lane says
itself how high it is; those that get markers have room for them above.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from tracing.views.timeline.frame import Choice, Frame, Lane, LaneKey, Place
from tracing.views.timeline.lanes import lane_of
from tracing.views.timeline.lanes.across import headroom
from tracing.views.timeline.lanes.marks import series_height, shown_name
from tracing.views.timeline.lanes.threads import head_room, place_of, thread_height
from tracing.views.timeline.style import EDGE
from tracing.views.timeline.words import DrawnNames, plain, width_within

A_NUMBER = "a number"  # what stands under the name of one that the program marked


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The lanes with their places, in points from the top."""

    lanes: tuple[Lane, ...]
    places: dict[int, Place]  # of the threads
    height: float


def lay_out(frame: Frame, choice: Choice, marked: Set[LaneKey] = frozenset()) -> Layout:
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


def _lane(frame: Frame, key: LaneKey, top: float, places: Mapping[int, Place]) -> Lane:
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


def left_margin(lanes: Sequence[tuple[str, str]], size: float, total: float) -> float:
    """Room for the lanes' names and notes, at most a quarter of the figure."""
    most = total * 0.25 - 12
    words = [each for name, note in lanes for each in ((name, size), (note, size - 1.8))]
    return max((width_within(most, *each) for each in words), default=20.0) + 12 + EDGE


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
