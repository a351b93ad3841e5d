"""The lane of what one thread has at a time: Lock, RLock.

Who holds it is a solid bar with the holder's name, in a tint of the lock's colour that is the holder's own;
an RLock's bar grows with its depth. Who wants it while it is held is the hatched band above.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from tracing.model import Hold, Mark, ObjectModel
from tracing.views.timeline.frame import Frame, Place
from tracing.views.timeline.lanes.wanted import draw_queue
from tracing.views.timeline.merged import Merged, gather
from tracing.views.timeline.scene import Bar, Glyph, Line, Scene, inside
from tracing.views.timeline.style import ALARM, FAINT, INK, PAPER, word_colour

SEAM = 6  # pixels that both holds must have


def draw(scene: Scene, frame: Frame, thing: ObjectModel, top: float, places: dict[int, Place]) -> float:
    """The band of those who want it, over the bars of those who hold it."""
    own = frame.names.lane(thing.number) != thing.number
    top = draw_queue(scene, frame, thing, top, "lock wanted by" if own else "wanted by")
    bottom = top + frame.metrics.hold
    scene.add(Line(what="free", points=((frame.start, bottom), (frame.last, bottom)), colour=FAINT, level=0))
    holds = [hold for hold in thing.holds if frame.sees(hold.start, hold.end)]
    deepest = max((hold.depth for hold in holds), default=1)
    for piece in gather(holds, frame.pixel):
        if isinstance(piece, Merged):
            _several(scene, frame, piece, bottom)
        else:
            draw_holder(scene, frame, piece, bottom, deepest)
    _seams(scene, frame, holds, bottom)
    for mark in frame.marks(obj=thing.number):
        if mark.obj == thing.number and mark.what in ("would block", "refused"):
            mark_try(scene, mark, bottom)
    return bottom


def mark_try(scene: Scene, mark: Mark, bottom: float) -> None:
    """A try that failed, or a call that was refused."""
    shape, size, colour = ("cross", 4.5, ALARM) if mark.what == "refused" else ("tick", 3, INK)
    scene.add(Glyph(what=mark.what, shape=shape, x=mark.time, y=bottom, size=size, colour=colour))


def _seams(scene: Scene, frame: Frame, holds: list[Hold], bottom: float) -> None:
    """What parts two holds, one right after the other: they may be of one tint, or of one thread."""
    top, least = bottom - frame.metrics.hold, SEAM * frame.pixel
    for before, hold in pairwise(holds):
        apart = hold.start - before.end < least / 2 and before.depth == hold.depth == 1
        if apart and min(before.end - before.start, hold.end - hold.start) >= least:
            line = ((hold.start, top), (hold.start, bottom))
            scene.add(Line(what="seam", points=line, colour=PAPER, width=1.0))


def _several(scene: Scene, frame: Frame, crowd: Merged[Hold], bottom: float) -> None:
    """A pixel with several holds: stacked by each holder's share of time."""
    scene.merged += crowd.hidden
    shares: Counter[str] = Counter()
    for hold in crowd.members:
        shares[frame.tint(hold.thread, hold.obj)] += hold.end - hold.start
    low, total = bottom, max(1, crowd.end - crowd.start)
    for fill, share in sorted(shares.items()):
        high = low - frame.metrics.hold * share / total
        scene.add(Bar(what="held", x0=crowd.start, x1=crowd.end, y0=high, y1=low, fill=fill))
        low = high


def draw_holder(scene: Scene, frame: Frame, hold: Hold, bottom: float, deepest: int) -> None:
    """Who holds it, in a bar of the holder's tint."""
    x0, x1 = frame.clip(hold.start, hold.end)
    fill = frame.tint(hold.thread, hold.obj)
    high = bottom - frame.metrics.hold * (0.5 + 0.5 * hold.depth / deepest if deepest > 1 else 1)
    edge = frame.ink(hold.obj).solid
    scene.add(Bar(what="held", x0=x0, x1=x1, y0=high, y1=bottom, fill=fill, edge=edge))
    name, times = frame.names.threads((hold.thread,)), f" ×{hold.depth}" if deepest > 1 else ""
    full = "lock held by " if frame.names.lane(hold.obj) != hold.obj else ""
    texts = tuple(dict.fromkeys(t for t in (full + name + times, name + times, name, times.strip()) if t))
    roomy = frame.has_room(name + times, frame.metrics.text, x0, x1)
    size, colour = frame.metrics.text if roomy else frame.metrics.small, word_colour(fill)
    scene.add(inside("held", texts, x0, x1, (high + bottom) / 2, size, colour, halo=fill, rank=4))
