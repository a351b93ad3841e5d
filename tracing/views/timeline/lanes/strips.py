"""What a thread has in its hands: below its bar a strip for each lock.

Rule: the same lock has the same strip in every window. What there is no strip for is counted.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice, pairwise, takewhile

from tracing.model import Hold, ThreadModel
from tracing.views.timeline.frame import Frame, Place
from tracing.views.timeline.lanes.marks import mark_exception, mark_failed_call
from tracing.views.timeline.lanes.timer import called
from tracing.views.timeline.merged import Merged, gather
from tracing.views.timeline.scene import Bar, Line, Scene, inside
from tracing.views.timeline.style import PAPER, word_colour
from tracing.views.timeline.words import DrawnNames

Period = tuple[int, int]  # from, until: ns

SEAM = 6  # pixels that two strips must have each, to be parted where they touch
MOST_STRIPS = 4  # a thread with more locks at a time shows the first ones, and a note says so


def possessions(thread: ThreadModel, frame: Frame) -> dict[int, list[Hold]]:
    """What the thread has in its hands, by object: not the permits of a semaphore that is a signal."""
    found: dict[int, list[Hold]] = {}
    for hold in thread.holds:
        if not frame.model.objects[hold.obj - 1].signal:
            found.setdefault(hold.obj, []).append(hold)
    if (timer := frame.timer_of(thread.number)) and timer.callbacks:
        found[timer.number] = [called(timer, band) for band in timer.callbacks]
    return {obj: holds if _apart(holds) else list(_uncovered(holds)) for obj, holds in found.items()}


def _apart(holds: list[Hold]) -> bool:
    """Whether each begins when the one before has ended, as those of a lock do."""
    return all(before.end <= hold.start for before, hold in pairwise(holds))


def _uncovered(holds: list[Hold]) -> Iterator[Hold]:
    """Of permits held one above the other, at each time the highest: its depth says how many there are."""
    under: list[Hold] = []
    since = 0
    for hold in (*sorted(holds, key=lambda hold: (hold.start, hold.depth)), None):
        while under and (hold is None or under[-1].end <= hold.start):
            top = under.pop()
            if top.end > since or top.end == top.start:
                yield replace(top, start=since)
            since = top.end
        if hold and under and hold.start > since:
            yield replace(under[-1], start=since, end=hold.start)
        if hold:
            under.append(hold)
            since = hold.start


def strip_rows(held: Mapping[int, list[Hold]]) -> dict[int, int]:
    """Which strip each lock gets: the same lock always the same, two that overlap never one.
    `MOST_STRIPS` for those for which there is none.
    """
    rows: dict[int, int] = {}
    taken: list[list[Period]] = [[] for _ in range(MOST_STRIPS)]  # of each strip, by start
    for obj, holds in held.items():
        periods = [(hold.start, hold.end) for hold in holds]
        free = (row for row, others in enumerate(taken) if not any(_meets(others, each) for each in periods))
        rows[obj] = next(free, MOST_STRIPS)
        for each in periods if rows[obj] < MOST_STRIPS else ():
            insort(taken[rows[obj]], each)
    return rows


def _meets(others: list[Period], period: Period) -> bool:
    """Whether a period overlaps one of the others, which do not overlap each other and are in order."""
    start, end = period
    after = bisect_left(others, (start, 0))
    if after and others[after - 1][1] > start:
        return True
    begun = takewhile(lambda other: other[0] < end, islice(others, after, None))
    return any(other[1] > start for other in begun)


def draw_strips(scene: Scene, frame: Frame, place: Place) -> None:
    """What the thread holds.

    A strip for each lock below the activity bar, taller where an RLock is deeper.
    """
    for obj, strip in place.strips.items():
        seen = [hold for hold in strip.holds if frame.sees(hold.start, hold.end)]
        if seen:
            _strip(scene, frame, obj, seen, strip.top)
    for top in {strip.top for strip in place.strips.values()}:
        _seams(
            scene,
            frame,
            [hold for each in place.strips.values() if each.top == top for hold in each.holds],
            top,
        )


def _seams(scene: Scene, frame: Frame, holds: list[Hold], top: float) -> None:
    """What parts two things of one colour, had one right after the other: two calls of one pool."""
    bottom, least = top + frame.metrics.strip, SEAM * frame.pixel
    seen = sorted((hold for hold in holds if frame.sees(hold.start, hold.end)), key=lambda hold: hold.start)
    for before, hold in pairwise(seen):
        touch = hold.start - before.end < least / 2 and before.depth == hold.depth == 1
        alike = before.obj != hold.obj and frame.ink(before.obj).solid == frame.ink(hold.obj).solid
        if touch and alike and min(before.end - before.start, hold.end - hold.start) >= least:
            line = ((hold.start, top), (hold.start, bottom))
            scene.add(Line(what="seam", points=line, colour=PAPER, width=1.6))


def count_left_out(scene: Scene, frame: Frame, thread: ThreadModel, place: Place) -> None:
    """How many strips the lane would need besides those that it has room for."""
    left_out = sum(any(frame.sees(hold.start, hold.end) for hold in holds) for holds in place.left_out)
    if left_out:
        scene.strips_left_out[thread.number] = left_out


def _strip(scene: Scene, frame: Frame, obj: int, holds: list[Hold], top: float) -> None:
    ink = frame.ink(obj)
    deepest, bottom = max(hold.depth for hold in holds), top + frame.metrics.strip
    for piece in gather(holds, frame.pixel):
        if isinstance(piece, Merged):
            scene.merged += piece.hidden
            high = bottom - frame.metrics.strip * piece.busy
            scene.add(Bar(what="holds", x0=piece.start, x1=piece.end, y0=high, y1=bottom, fill=ink.solid))
            continue
        x0, x1 = frame.clip(piece.start, piece.end)
        high = bottom - frame.metrics.strip * (0.45 + 0.55 * piece.depth / deepest if deepest > 1 else 1)
        scene.add(Bar(what="holds", x0=x0, x1=x1, y0=high, y1=bottom, fill=ink.solid))
        texts, colour, middle = _hold_texts(frame.names, piece), word_colour(ink.solid), (high + bottom) / 2
        size = min(frame.metrics.small, bottom - high)
        scene.add(inside("holds", texts, x0, x1, middle, size, colour, halo=ink.solid, rank=4))
        if not frame.sees(piece.end, piece.end):
            continue
        if piece.failed:
            mark_failed_call(scene, frame, x0, piece.end, middle, colour)
        elif frame.names.left_by_exception(piece.released_site):
            mark_exception(scene, piece.end, middle)


def _hold_texts(names: DrawnNames, hold: Hold) -> tuple[str, ...]:
    if names.left_by_exception(hold.released_site):
        texts = _hold_texts(names, replace(hold, released_site=0))
        return *(f"{text}, left by an exception" for text in texts if text), *texts
    if hold.failed:
        texts = _hold_texts(names, replace(hold, failed=False))
        return *(f"{text}, which fails" for text in texts if text), *texts
    name, times = names.short(hold.obj), f" ×{hold.depth}" if hold.depth > 1 else ""
    nature = names.nature(hold.obj)
    unit, having = nature.unit, nature.having
    if unit:
        some = f"a {unit}" if hold.depth == 1 else f"{hold.depth} {unit}s"
        full = f"has {some} of {name}"
        return *(full + each for each in names.lines(hold.site)), full, f"{name}{times}", times.strip() or "1"
    before, brief = ", since before the record" if hold.unseen else "", nature.briefly.format(name)
    full = f"{having} {name}{times}{before}"
    lines = (full + each for each in names.lines(hold.site))
    return *lines, full, f"{having} {name}{times}", f"{brief}{times}", times.strip()
