"""A thread's lane: what it does, with its strips (`strips`) below and what is marked (`marks`) around it.

The bar is the thread's life: running is filled, sleeping a dotted line, waiting hatched in the colour of what
it waits for, notified without the lock has level lines, inside start() upright ones. The end of the bar says
how it ended.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from tracing.events import Kind
from tracing.model import Fate, Span, State, ThreadModel, Wait
from tracing.views.timeline.frame import TOUCHES, Frame, Place, Strip
from tracing.views.timeline.lanes import barrier as barriers
from tracing.views.timeline.lanes import timer as timers
from tracing.views.timeline.lanes.marks import MOST_ROWS, block_rows, draw_blocks, draw_mark
from tracing.views.timeline.lanes.strips import (
    MOST_STRIPS,
    count_left_out,
    draw_strips,
    possessions,
    strip_rows,
)
from tracing.views.timeline.merged import Merged, gather
from tracing.views.timeline.scene import SLIVER, Bar, Glyph, Label, Line, Scene, Spot, inside
from tracing.views.timeline.style import ALARM, INK, PAPER, QUIET, RUNNING, Metrics, word_colour
from tracing.views.timeline.words import fate_texts, reacquire_texts, sleep_texts, wait_texts


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


def draw_thread(scene: Scene, frame: Frame, thread: ThreadModel, place: Place) -> float:
    """Describe one thread's lane; where it ends."""
    _lead(scene, frame, thread, place)
    seen = [span for span in thread.spans if frame.sees(span.start, span.end)]
    for piece in gather(seen, frame.pixel):
        if isinstance(piece, Merged):
            _crowd(scene, frame, piece, place)
        else:
            SPANS[piece.state](scene, frame, piece, place)
    draw_strips(scene, frame, place)
    draw_blocks(scene, frame, place.blocks, place.blocks_top)
    count_left_out(scene, frame, thread, place)
    for mark in frame.marks(thread=thread.number):
        draw_mark(scene, frame, mark, place)
    if timer := frame.timer_of(thread.number):
        timers.mark_timer(scene, frame, timer, place.top, place.middle)
    _draw_fate(scene, frame, thread, place)
    return _end_of(place, frame.metrics)


def _end_of(place: Place, metrics: Metrics) -> float:
    """The lane's lower edge, in points."""
    rows = len({strip.top for strip in place.strips.values()}) + min(len(place.blocks), MOST_ROWS)
    return place.bottom + rows * (metrics.strip + 1) + (metrics.gap if rows else 0)


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
        label = inside(
            "running", ("running",), x0, x1, place.middle, frame.metrics.small, colour, halo=RUNNING, rank=9
        )
        scene.add(replace(label, spare=True))


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
    scene.add(inside("no call", ("no call",), x0, x1, place.middle, frame.metrics.small, QUIET, rank=9))


def _starting(scene: Scene, frame: Frame, span: Span, place: Place) -> None:
    x0, x1 = frame.clip(span.start, span.end)
    scene.add(_bar("starting", x0, x1, place, edge=QUIET, hatch="|", ink=QUIET))
    scene.add(inside("starting", ("in start()",), x0, x1, place.middle, frame.metrics.text, INK, rank=3))


def _sleeping(scene: Scene, frame: Frame, span: Span, place: Place) -> None:
    x0, x1 = frame.clip(span.start, span.end)
    line = Line(
        what="sleeping", points=((x0, place.middle), (x1, place.middle)), colour=QUIET, width=1.3, dash=(1, 2)
    )
    scene.add(line)
    texts = sleep_texts(span.duration, frame.long(span.end - span.start))
    scene.add(inside("sleeping", texts, x0, x1, place.middle, frame.metrics.text, INK))


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
    scene.add(inside("waiting", texts, x0, x1, place.middle, frame.metrics.text, INK, rank=3))


def _outside(scene: Scene, frame: Frame, span: Span, wait: Wait, place: Place) -> None:
    """It has come too early for a barrier's next round: not among those who wait there, so not hatched."""
    left, (x0, last) = barriers.round_left(frame, wait), frame.clip(span.start, span.end)
    x1 = max(x0, min(left, last))
    scene.add(_bar("waiting", x0, x1, place, edge=frame.ink(wait.obj).solid))
    *texts, _ = wait_texts(wait, frame.names, frame.holders(wait), frame.long(left - wait.start))
    label = inside("waiting", tuple(texts), x0, x1, place.middle, frame.metrics.text, INK, rank=3)
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
    scene.add(inside("notified", texts, x0, x1, place.middle, frame.metrics.text, INK, rank=3))


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


def _draw_fate(scene: Scene, frame: Frame, thread: ThreadModel, place: Place) -> None:
    """How the lane ends."""
    if not frame.sees(thread.end, thread.end):
        return
    texts, inside = fate_texts(thread), thread.end < frame.end
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


def _bar(what: str, x0: float, x1: float, place: Place, **more: object) -> Bar:
    return Bar(what=what, x0=x0, x1=x1, y0=place.top, y1=place.bottom, **more)  # type: ignore[arg-type]
