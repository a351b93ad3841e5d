"""Which lanes a timeline has, in which order, how high they are, and what stands in front of them.

Rule: threads in order of first start, then primitives in order of first appearance; the figure never grows
with the trace, so past `MOST_LANES` the rest is counted in a line of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tracing.events import EventLog, ObjectInfo, ThreadInfo
from tracing.views.timeline.frame import Frame, Lane, Place
from tracing.views.timeline.objects import lane_of
from tracing.views.timeline.style import ROOMY, TIGHT, Metrics
from tracing.views.timeline.threads import place_of, thread_height
from tracing.views.timeline.words import Names, plain

MOST_LANES = 24
LEAST_OBJECTS = 6  # of them, kept for primitives when there are many threads
TIGHT_FROM = 12  # lanes

Wanted = Iterable[str | int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The lanes to draw, by number, and how many were left out."""

    threads: tuple[int, ...]
    objects: tuple[int, ...]
    more_threads: int = 0
    more_objects: int = 0

    @property
    def metrics(self) -> Metrics:
        """Sizes that suit this many lanes."""
        return TIGHT if len(self.threads) + len(self.objects) > TIGHT_FROM else ROOMY


def choose(log: EventLog, started: Sequence[int], threads: Wanted, objects: Wanted) -> Choice:
    """The lanes that were asked for (names or numbers; None: all), as many as a figure has room for.

    Parameters: `started`, the threads' numbers in order of first start.
    """
    names = Names(log)
    who = [number for number in started if _asked(log.thread(number), threads)]
    what = [o.number for o in log.objects if _asked(o, objects) and names.lane(o.number) == o.number]
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


def lay_out(frame: Frame, choice: Choice) -> Layout:
    """Put the chosen lanes under each other."""
    lanes: list[Lane] = []
    places: dict[int, Place] = {}
    top = frame.metrics.pad
    for number in choice.threads:
        thread = frame.model.threads[number - 1]
        places[number] = place_of(thread, frame, top)
        height = thread_height(thread, frame)
        lanes.append(
            Lane(
                key=("thread", number),
                name=frame.names.thread(number),
                note=_thread_note(frame.names, number),
                top=top,
                height=height,
            )
        )
        top += height + frame.metrics.pad
    for number in choice.objects:
        thing = frame.model.objects[number - 1]
        height = lane_of(frame, thing)[0](frame, thing)
        lanes.append(
            Lane(
                key=("object", number),
                name=frame.names.object(number),
                note=_object_note(frame.names, number),
                top=top,
                height=height,
            )
        )
        top += height + frame.metrics.pad
    return Layout(lanes=tuple(lanes), places=places, height=top)


def lane_words(names: Names, choice: Choice) -> list[tuple[str, str]]:
    """The name and the note of each lane."""
    threads = [(names.thread(n), _thread_note(names, n)) for n in choice.threads]
    return threads + [(names.object(n), _object_note(names, n)) for n in choice.objects]


def _thread_note(names: Names, number: int) -> str:
    info = names.log.thread(number)
    if info.timer:
        return "a timer's thread"
    return "daemon" if info.daemon else ""


def _object_note(names: Names, number: int) -> str:
    info = names.log.object(number)
    kind = plain(info.type)
    if kind == "Barrier" and info.value:
        return f"Barrier for {info.value}"
    if kind.endswith("Semaphore") and info.value is not None:
        return f"{kind}({info.value})"
    return kind
