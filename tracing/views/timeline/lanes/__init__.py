"""What each lane looks like. A primitive's lane: what it looked like from the primitive's own side.

Owns: the table of the families, and the lanes under each other, with what stands between and below them.
Rule: hatched is wanted, solid is had; a lane describes itself as shapes (`scene`), once, from its upper edge
on, says where it ends, and knows no other lane but by its place.

How it works: one module for each family of primitives, with the family's name; `stairs` and `wanted` are
what several of them have in common. Beside them `threads` and what they have in their hands (`strips`),
`marks` (moments, blocks, numbers), `dense` (lanes by shares of time), `across` (what lies across all lanes).
"""

from __future__ import annotations

from collections.abc import Callable, Set
from functools import partial
from itertools import pairwise

from tracing.model import ObjectModel
from tracing.natures import Family
from tracing.views.timeline.frame import Choice, Frame, Lane, LaneKey, Place, Rows, Window
from tracing.views.timeline.lanes import barrier, condition, counter, event, executor, mutex, queue, timer
from tracing.views.timeline.lanes.across import headroom, marked_lanes
from tracing.views.timeline.lanes.dense import Sheet, shade_lane
from tracing.views.timeline.lanes.marks import draw_series
from tracing.views.timeline.lanes.threads import draw_thread, head_room, place_of
from tracing.views.timeline.scene import Label, Line, Scene, Spot
from tracing.views.timeline.stage import Plan
from tracing.views.timeline.style import FAINT, QUIET
from tracing.views.timeline.words import DrawnNames
from tracing.views.units import count

Draw = Callable[[Scene, Frame, ObjectModel, float, dict[int, Place]], float]

LANES: dict[Family, Draw] = {
    Family.MUTEX: mutex.draw,
    Family.COUNTER: counter.draw,
    Family.CONDITION: condition.draw,
    Family.EVENT: event.draw,
    Family.BARRIER: barrier.draw,
    Family.TIMER: timer.draw,
    Family.QUEUE: queue.draw,
    Family.FUTURE: mutex.draw,  # the worker has it
    Family.EXECUTOR: executor.draw,
    Family.OTHER: mutex.draw,  # who waits for it: nobody is known to have it
}


def draw_lanes(scene: Scene, frame: Frame, plan: Plan) -> Rows:
    """Describe the chosen lanes, event by event."""
    places: dict[int, Place] = {}
    above = partial(_above, frame, marked_lanes(plan))
    lanes, foot = _stack(plan.choice, frame.names, above, partial(_draw_lane, scene, frame, places))
    _close(scene, lanes, plan, foot)
    return Rows(lanes=lanes, foot=foot, places=places)


def shade_lanes(sheet: Sheet, plan: Plan) -> Rows:
    """Describe the chosen lanes, by shares of time."""
    marked = marked_lanes(plan)

    def above(key: LaneKey) -> float:
        return headroom(sheet.names, key, sheet.metrics) if key in marked else 0.0

    lanes, foot = _stack(plan.choice, sheet.names, above, partial(shade_lane, sheet))
    _close(sheet.scene, lanes, plan, foot)
    return Rows(lanes=lanes, foot=foot)


def _stack(
    choice: Choice,
    names: DrawnNames,
    above: Callable[[LaneKey], float],
    draw: Callable[[LaneKey, float], float],
) -> tuple[tuple[Lane, ...], float]:
    """Lanes under each other, and where the last one's room ends.

    above: the room that a lane needs above it; draw: describes a lane from there on, and says where it ends.
    """
    lanes: list[Lane] = []
    top = choice.metrics.pad
    for key, (name, note) in zip(choice.keys, choice.titles(names), strict=True):
        top += above(key)
        foot = draw(key, top)
        lanes.append(Lane(key=key, name=name, note=note, top=top, height=foot - top))
        top = foot + choice.metrics.pad
    return tuple(lanes), top


def _above(frame: Frame, marked: Set[LaneKey], key: LaneKey) -> float:
    """The room above a lane: for a second row of words, for markers."""
    words = head_room(key[1], frame) if key[0] == "thread" else 0.0
    markers = headroom(frame.names, key, frame.metrics, touched=words > 0) if key in marked else 0.0
    return max(words, markers)


def _draw_lane(scene: Scene, frame: Frame, places: dict[int, Place], key: LaneKey, top: float) -> float:
    """Threads come first: what follows knows their places."""
    kind, number = key
    if kind == "thread":
        places[number] = place_of(frame.model.threads[number - 1], frame, top)
        return draw_thread(scene, frame, frame.model.threads[number - 1], places[number])
    if kind == "series":
        return draw_series(scene, frame, frame.model.series[number], top)
    draw = LANES[frame.names.nature(number).family]
    return draw(scene, frame, frame.model.objects[number - 1], top, places)


def _close(scene: Scene, lanes: tuple[Lane, ...], plan: Plan, foot: float) -> None:
    """Lines between the lanes, and below them what has no lane; words where nothing is above them."""
    _separators(scene, plan.shown, lanes, plan.choice.metrics.pad / 2)
    scene.height = foot + _rest(scene, plan.choice, plan.shown, foot)
    if not len(plan.log):
        _empty(scene, plan.shown)


def _separators(scene: Scene, shown: Window, lanes: tuple[Lane, ...], below: float) -> None:
    for lane, after in pairwise(lanes):
        y = lane.top + lane.height + below
        colour, width = (QUIET, 0.6) if lane.key[0] != after.key[0] else (FAINT, 0.8)
        points = ((shown.left, y), (shown.right, y))
        scene.add(Line(what="separator", points=points, colour=colour, width=width, level=0))


def _rest(scene: Scene, choice: Choice, shown: Window, top: float) -> float:
    """The line that says what has no lane; its height. Where there is no room for it, a note."""
    left_out = [
        count(number, f"more {noun}")
        for number, noun in ((choice.more_threads, "thread"), (choice.more_objects, "primitive"))
        if number
    ]
    if not left_out:
        return 0.0
    if choice.squeezed:
        more = count(choice.more_threads + choice.more_objects, "more lane")
        scene.notes.insert(0, f"{more}: no room")
        return 0.0
    spot = Spot(x=shown.start, y=top + 2, align="left")
    text = f"… and {' and '.join(left_out)}"
    scene.add(
        Label(what="rest", texts=(text,), spots=(spot,), size=choice.metrics.text, colour=QUIET, rank=0)
    )
    return 12.0


def _empty(scene: Scene, shown: Window) -> None:
    scene.height = max(scene.height, 60.0)
    spot = Spot(x=(shown.start + shown.end) / 2, y=scene.height / 2)
    scene.add(
        Label(what="empty", texts=("nothing was recorded",), spots=(spot,), size=9, colour=QUIET, rank=0)
    )
