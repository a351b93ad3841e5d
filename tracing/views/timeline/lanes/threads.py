"""A thread's lane: what it does, and under it a strip for each lock that it holds.

The upper bar is the thread's life: running is filled, sleeping a dotted line, waiting hatched in the colour
of what it waits for, notified without the lock has level lines. The strips below are solid. The end of the
bar says how it ended.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice, pairwise, takewhile
from typing import Protocol

from tracing.events import VALUE_SIGN, Kind
from tracing.model import Fate, Hold, Mark, Span, State, ThreadModel, Wait
from tracing.views.timeline.frame import Frame, Place, Strip
from tracing.views.timeline.lanes import barrier as barriers
from tracing.views.timeline.lanes import timer as timers
from tracing.views.timeline.lanes.marks import (
    MOST_ROWS,
    block_rows,
    draw_blocks,
    mark_exception,
    mark_failed_call,
)
from tracing.views.timeline.lanes.merged import Merged, gather
from tracing.views.timeline.scene import SLIVER, Bar, Glyph, Label, Line, Scene, Spot
from tracing.views.timeline.style import ALARM, INK, PAPER, QUIET, RUNNING, Metrics, word_colour
from tracing.views.timeline.words import DrawnNames, reacquire_texts, sleep_texts, wait_texts

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
        found[timer.number] = [timers.called(timer, band) for band in timer.callbacks]
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


def place_of(thread: ThreadModel, frame: Frame, top: float) -> Place:
    """Where the lane's parts are. It looks at the whole run, so that a lock has the same strip in every
    window: once for a lane, because that takes time.
    """
    held, high = possessions(thread, frame), frame.metrics.strip
    rows, bottom = strip_rows(held), top + frame.metrics.bar
    first = bottom + frame.metrics.gap
    tops = {obj: first + row * (high + 1) for obj, row in rows.items() if row < MOST_STRIPS}
    blocks = block_rows(block for block in frame.model.blocks if block.thread == thread.number)
    return Place(
        top=top,
        bottom=bottom,
        strips={obj: Strip(top=y, bottom=y + high, holds=held[obj]) for obj, y in tops.items()},
        left_out=tuple(holds for obj, holds in held.items() if obj not in tops),
        blocks=blocks,
        blocks_top=max(tops.values(), default=first - high - 1) + high + 1,
    )


def head_room(thread: int, frame: Frame) -> float:
    """Points above the lane, for the second row of words."""
    touched = any(mark.what in TOUCHES for mark in frame.marks(thread=thread))
    return frame.metrics.small * 1.3 if touched else 0.0


def thread_height(place: Place, metrics: Metrics) -> float:
    """The height of a thread's lane, in points."""
    rows = len({strip.top for strip in place.strips.values()}) + min(len(place.blocks), MOST_ROWS)
    return metrics.bar + rows * (metrics.strip + 1) + (metrics.gap if rows else 0)


def draw_thread(scene: Scene, frame: Frame, thread: ThreadModel, place: Place) -> None:
    """Describe one thread's lane."""
    _lead(scene, frame, thread, place)
    seen = [span for span in thread.spans if frame.sees(span.start, span.end)]
    for piece in gather(seen, frame.pixel):
        if isinstance(piece, Merged):
            _crowd(scene, frame, piece, place)
        else:
            SPANS[piece.state](scene, frame, piece, place)
    draw_strips(scene, frame, place)
    draw_blocks(scene, frame, place.blocks, place.blocks_top)
    _count_left_out(scene, frame, thread, place)
    for mark in frame.marks(thread=thread.number):
        draw_mark(scene, frame, mark, place)
    if timer := frame.timer_of(thread.number):
        timers.mark_timer(scene, frame, timer, place.top, place.middle)
    draw_fate(scene, frame, thread, place)


def _lead(scene: Scene, frame: Frame, thread: ThreadModel, place: Place) -> None:
    """From start() to the thread's first own event: it exists, but has not had a turn yet."""
    if thread.begin - thread.start > frame.pixel and frame.sees(thread.start, thread.begin):
        x0, x1 = frame.clip(thread.start, thread.begin)
        scene.add(
            Line(what="starting", points=((x0, place.middle), (x1, place.middle)), colour=QUIET, width=0.8)
        )


def _running(scene: Scene, frame: Frame, span: Span, place: Place) -> None:
    x0, x1 = frame.clip(span.start, span.end)
    scene.add(_bar("running", x0, x1, place, fill=RUNNING, level=SLIVER))
    if x1 - x0 > 40 * frame.pixel:
        x0, colour = max(x0, _after_actions(frame, span)), word_colour(RUNNING)
        label = _inside(
            "running", ("running",), x0, x1, place.middle, frame.metrics.small, colour, halo=RUNNING, rank=9
        )
        scene.add(label)


def _after_actions(frame: Frame, span: Span) -> int:
    """When the thread has run the actions of barriers, which cover its bar."""
    actions = (band for thing in frame.model.objects for band in thing.actions if band.thread == span.thread)
    return max((each.end for each in actions if span.start < each.end and each.start < span.end), default=0)


def _ready(scene: Scene, frame: Frame, span: Span, place: Place) -> None:
    """Another thread has the turn: as before a thread's first one."""
    points = tuple((x, place.middle) for x in frame.clip(span.start, span.end))
    scene.add(Line(what="ready", points=points, colour=QUIET, width=0.8))


def _idle(scene: Scene, frame: Frame, span: Span, place: Place) -> None:
    """A pool's worker has no call."""
    x0, x1 = frame.clip(span.start, span.end)
    points = ((x0, place.middle), (x1, place.middle))
    scene.add(Line(what="no call", points=points, colour=QUIET, width=0.8))
    scene.add(_inside("no call", ("no call",), x0, x1, place.middle, frame.metrics.small, QUIET, rank=9))


def _starting(scene: Scene, frame: Frame, span: Span, place: Place) -> None:
    x0, x1 = frame.clip(span.start, span.end)
    scene.add(_bar("starting", x0, x1, place, edge=QUIET, hatch="-", ink=QUIET))


def _sleeping(scene: Scene, frame: Frame, span: Span, place: Place) -> None:
    x0, x1 = frame.clip(span.start, span.end)
    line = Line(
        what="sleeping", points=((x0, place.middle), (x1, place.middle)), colour=QUIET, width=1.3, dash=(1, 2)
    )
    scene.add(line)
    texts = sleep_texts(span.duration, frame.long(span.end - span.start))
    scene.add(_inside("sleeping", texts, x0, x1, place.middle, frame.metrics.text, INK))


def _waiting(scene: Scene, frame: Frame, span: Span, place: Place) -> None:
    x0, x1 = frame.clip(span.start, span.end)
    wait = frame.wait(span.wait)
    if wait and wait.kind == Kind.PENDING:
        timers.draw_pending(scene, frame, wait.obj, wait, place.top, place.bottom)
        return
    if wait and wait.kind == Kind.ROUND_WAIT:
        _outside(scene, frame, span, wait, place)
        return
    ink = frame.ink(wait.obj if wait else 0)
    scene.add(_bar("waiting", x0, x1, place, edge=ink.solid, hatch=ink.hatch, ink=ink.solid))
    texts = (
        wait_texts(wait, frame.names, frame.holders(wait), frame.long(wait.end - wait.start))
        if wait
        else ("waits",)
    )
    scene.add(_inside("waiting", texts, x0, x1, place.middle, frame.metrics.text, INK, rank=3))


def _outside(scene: Scene, frame: Frame, span: Span, wait: Wait, place: Place) -> None:
    """It has come too early for a barrier's next round: not among those who wait there, so not hatched."""
    left, (x0, last) = barriers.round_left(frame, wait), frame.clip(span.start, span.end)
    x1 = max(x0, min(left, last))
    scene.add(_bar("waiting", x0, x1, place, edge=frame.ink(wait.obj).solid))
    *texts, _ = wait_texts(wait, frame.names, frame.holders(wait), frame.long(left - wait.start))
    label = _inside("waiting", tuple(texts), x0, x1, place.middle, frame.metrics.text, INK, rank=3)
    scene.add(label)
    if x1 < last:
        _ready(scene, frame, replace(span, start=left), place)
    if x1 < last and not frame.has_room(texts[-1], label.size, x0, x1):
        spot = Spot(x=x1, y=place.middle, align="left", nudge=3, room=(x1, last))
        scene.add(
            replace(label, texts=("waited for the round before", "the round before has left"), spots=(spot,))
        )


def _is_late(frame: Frame, span: Span) -> bool:
    """Whether the wait before it timed out."""
    return any(
        mark.what == "timed out" and mark.time == span.start for mark in frame.marks(thread=span.thread)
    )


def _notified(scene: Scene, frame: Frame, span: Span, place: Place) -> None:
    x0, x1 = frame.clip(span.start, span.end)
    wait = frame.wait(span.wait)
    ink = frame.ink(wait.obj if wait else 0)
    scene.add(_bar("notified", x0, x1, place, edge=ink.solid, hatch="-", ink=ink.solid))
    holders = frame.holders(wait) if wait else ()
    texts = reacquire_texts(wait, frame.names, holders, late=_is_late(frame, span))
    scene.add(_inside("notified", texts, x0, x1, place.middle, frame.metrics.text, INK, rank=3))


SPANS = {
    State.RUNNING: _running,
    State.READY: _ready,
    State.IDLE: _idle,
    State.STARTING: _starting,
    State.SLEEPING: _sleeping,
    State.WAITING: _waiting,
    State.NOTIFIED: _notified,
}


def _crowd(scene: Scene, frame: Frame, crowd: Merged[Span], place: Place) -> None:
    """A pixel shared by several spans: stacked by their share of time, running lowest."""
    scene.merged += crowd.hidden
    shares: Counter[str] = Counter()
    for span in crowd.members:
        shares[_crowd_colour(frame, span)] += span.end - span.start
    total = sum(shares.values())
    if not total:
        scene.add(_bar("running", crowd.start, crowd.end, place, fill=RUNNING, level=SLIVER))
        return
    low = place.bottom
    for colour in sorted(shares, key=lambda colour: colour != RUNNING):
        high = low - shares[colour] / total * (place.bottom - place.top)
        scene.add(
            Bar(what="merged", x0=crowd.start, x1=crowd.end, y0=high, y1=low, fill=colour, level=SLIVER)
        )
        low = high


def _crowd_colour(frame: Frame, span: Span) -> str:
    if span.state is State.RUNNING:
        return RUNNING
    wait = frame.wait(span.wait)
    return frame.ink(wait.obj).pale if wait else PAPER


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


def _count_left_out(scene: Scene, frame: Frame, thread: ThreadModel, place: Place) -> None:
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
        scene.add(_inside("holds", texts, x0, x1, middle, size, colour, halo=ink.solid, rank=4))
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


def draw_fate(scene: Scene, frame: Frame, thread: ThreadModel, place: Place) -> None:
    """How the lane ends."""
    if not frame.sees(thread.end, thread.end):
        return
    texts, inside = fate_texts(frame.names, thread), thread.end < frame.end
    mark_fate(scene, thread.fate, thread.end, place.middle, texts, frame.metrics, inside)


def mark_fate(
    scene: Scene, fate: Fate, end: int, y: float, texts: tuple[str, ...], metrics: Metrics, inside: bool
) -> None:
    """The mark at a lane's end, and its words; `inside` the window, beyond which nothing lies beneath."""
    shape, colour = _FATES[fate]
    nudge = 0.0 if shape == "end" else 5.0
    scene.add(
        Glyph(what=fate.value, shape=shape, x=end, y=y, colour=colour, size=metrics.bar * 0.5, nudge=nudge)
    )
    texts = tuple(text for text in texts if text)
    if texts:
        spots = (
            Spot(x=end, y=y, align="left", nudge=11),
            Spot(x=end, y=y, align="left", nudge=22),  # past a finding's marker
            Spot(x=end, y=y, align="right", nudge=-3),
        )
        size = metrics.small
        scene.add(
            Label(what="fate", texts=texts, spots=spots, size=size, colour=colour, backed=inside, rank=1)
        )


_FATES = {
    Fate.ENDED: ("end", INK),
    Fate.FAILED: ("cross", ALARM),
    Fate.CUT_OFF: ("zigzag", ALARM),
    Fate.STILL_RUNNING: ("right", INK),
}


class Ended(Protocol):
    """What a lane's end needs to know of its thread."""

    @property
    def fate(self) -> Fate: ...
    @property
    def error(self) -> str: ...


def fate_texts(names: DrawnNames, thread: Ended) -> tuple[str, ...]:
    """The words at the lane's end.

    The exception's name, or what became of the thread; nothing for a plain end.
    """
    if thread.fate is Fate.FAILED or thread.error:
        from tracing.views.timeline.words import plain, shortened

        name, fate = plain(thread.error.partition(":")[0]), thread.fate.value
        return shortened(f"{fate}: {name}", 36), shortened(name, 24), fate
    return () if thread.fate is Fate.ENDED else (thread.fate.value,)


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


def variable_of(marks: Iterable[Mark]) -> str:
    """The only variable that they read and write; "" where there are several, or none."""
    found = {mark.text.partition(VALUE_SIGN)[0] for mark in marks if mark.what in TOUCHES}
    return found.pop() if len(found) == 1 else ""


TOUCHES = frozenset({"read", "write"})
"""The marks whose words are what the picture is about: there is room for two rows of them."""

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
    from tracing.views.timeline.words import plain, shortened

    return shortened(plain(text), 48) or "refused"


def _bar(what: str, x0: float, x1: float, place: Place, **more: object) -> Bar:
    return Bar(what=what, x0=x0, x1=x1, y0=place.top, y1=place.bottom, **more)  # type: ignore[arg-type]


def _inside(
    what: str, texts: tuple[str, ...], x0: float, x1: float, y: float, size: float, colour: str, *,
    halo: str = "", rank: int = 5,
) -> Label:  # fmt: skip
    """Words in the middle of a bar, or beside it where something stands there; with a halo instead of a white
    ground where the bar is filled.
    """
    spots = tuple(Spot(x=x0 + (x1 - x0) * share, y=y, room=(x0, x1)) for share in (0.5, 0.25, 0.75))
    texts = tuple(text for text in texts if text)
    return Label(
        what=what, texts=texts, spots=spots, size=size, colour=colour, backed=not halo, halo=halo, rank=rank
    )
