"""Lanes of what is held: Lock, RLock, and Condition with the lock that it made for itself.

Who holds it is a solid bar with the holder's name, in a tint of the lock's colour that is the holder's own;
an RLock's bar grows with its depth. Who wants it while it is held is the hatched band above.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from tracing.model import Hold, Mark, ObjectModel
from tracing.views.timeline.crowds import Crowd, gather
from tracing.views.timeline.frame import Frame, Place
from tracing.views.timeline.objects.wanted import draw_wanted, is_wanted
from tracing.views.timeline.scene import Bar, Glyph, Label, Line, Scene, Spot
from tracing.views.timeline.style import ALARM, FAINT, INK, PAPER, word_colour

SEAM = 6  # pixels that both holds must have


def lock_height(frame: Frame, thing: ObjectModel) -> float:
    """Points."""
    return frame.metrics.hold + (frame.metrics.band + 1 if is_wanted(thing) else 0)


def draw_lock(scene: Scene, frame: Frame, thing: ObjectModel, top: float, places: dict[int, Place]) -> None:
    """The band of those who want it, over the bars of those who hold it."""
    if is_wanted(thing):
        own = frame.names.lane(thing.number) != thing.number
        draw_wanted(scene, frame, thing, top, "lock wanted by" if own else "wanted by")
        top += frame.metrics.band + 1
    bottom = top + frame.metrics.hold
    scene.add(Line(what="free", points=((frame.start, bottom), (frame.end, bottom)), colour=FAINT, level=0))
    holds = [hold for hold in thing.holds if frame.sees(hold.start, hold.end)]
    deepest = max((hold.depth for hold in holds), default=1)
    for piece in gather(holds, frame.pixel):
        if isinstance(piece, Crowd):
            _several(scene, frame, piece, bottom)
        else:
            _holder(scene, frame, piece, bottom, deepest)
    _seams(scene, frame, holds, bottom)
    for mark in frame.marks(obj=thing.number):
        if mark.obj == thing.number and mark.what in ("would block", "refused"):
            colour = ALARM if mark.what == "refused" else INK
            scene.add(Glyph(what=mark.what, shape="tick", x=mark.time, y=bottom, size=3, colour=colour))


def _seams(scene: Scene, frame: Frame, holds: list[Hold], bottom: float) -> None:
    """What parts two holds, one right after the other: they may be of one tint, or of one thread."""
    top, least = bottom - frame.metrics.hold, SEAM * frame.pixel
    for before, hold in pairwise(holds):
        apart = hold.start - before.end < least / 2 and before.depth == hold.depth == 1
        if apart and min(before.end - before.start, hold.end - hold.start) >= least:
            line = ((hold.start, top), (hold.start, bottom))
            scene.add(Line(what="seam", points=line, colour=PAPER, width=1.0))


def _several(scene: Scene, frame: Frame, crowd: Crowd[Hold], bottom: float) -> None:
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


def _holder(scene: Scene, frame: Frame, hold: Hold, bottom: float, deepest: int) -> None:
    x0, x1 = frame.clip(hold.start, hold.end)
    fill = frame.tint(hold.thread, hold.obj)
    high = bottom - frame.metrics.hold * (0.5 + 0.5 * hold.depth / deepest if deepest > 1 else 1)
    edge = frame.ink(hold.obj).solid
    scene.add(Bar(what="held", x0=x0, x1=x1, y0=high, y1=bottom, fill=fill, edge=edge))
    name, times = frame.names.threads((hold.thread,)), f" ×{hold.depth}" if deepest > 1 else ""
    full = "lock held by " if frame.names.lane(hold.obj) != hold.obj else ""
    texts = tuple(dict.fromkeys(t for t in (full + name + times, name + times, name, times.strip()) if t))
    roomy = frame.has_room(name + times, frame.metrics.text, x0, x1)
    spot = Spot(x=(x0 + x1) / 2, y=(high + bottom) / 2, room=(x0, x1))
    scene.add(
        Label(
            what="held",
            texts=texts,
            spots=(spot,),
            size=frame.metrics.text if roomy else frame.metrics.small,
            colour=word_colour(fill),
            backed=False,
            halo=fill,
            rank=4,
        )
    )


def _own_locks(frame: Frame, condition: ObjectModel) -> list[ObjectModel]:
    """The lock that `Condition()` made for itself: it has no lane of its own."""
    infos = frame.names.log.objects
    return [frame.model.objects[info.number - 1] for info in infos if info.owner == condition.number]


def condition_height(frame: Frame, thing: ObjectModel) -> float:
    """Points: notifies, the waiters, and the lock if it is the condition's own."""
    locks = _own_locks(frame, thing)
    return 8 + frame.metrics.band + 2 + sum(lock_height(frame, lock) + 2 for lock in locks)


def draw_condition(
    scene: Scene, frame: Frame, thing: ObjectModel, top: float, places: dict[int, Place]
) -> None:
    """The notifies above the band of those who wait for one; below, who has the condition's own lock."""
    for mark in frame.marks(obj=thing.number):
        if mark.what == "notify" and mark.obj == thing.number:
            _notify(scene, frame, mark, top + 4)
    band = top + 8
    baseline = band + frame.metrics.band
    scene.add(
        Line(what="free", points=((frame.start, baseline), (frame.end, baseline)), colour=FAINT, level=0)
    )
    draw_wanted(scene, frame, thing, band, verb="awaited by")
    top = baseline + 2
    for lock in _own_locks(frame, thing):
        draw_lock(scene, frame, lock, top, places)
        top += lock_height(frame, lock) + 2


def _notify(scene: Scene, frame: Frame, mark: Mark, y: float) -> None:
    colour = frame.ink(mark.obj).dark
    scene.add(Glyph(what="notify", shape="down", x=mark.time, y=y + 1, colour=colour))
    whom = {None: "", 0: " nobody", 1: " 1"}.get(mark.count, f" {mark.count}")
    texts = (
        f"{frame.names.threads((mark.thread,))} notifies{whom}",
        f"notifies{whom}",
        whom.strip() or "notify",
    )
    spots = (Spot(x=mark.time, y=y, align="left", nudge=5), Spot(x=mark.time, y=y, align="right", nudge=-5))
    scene.add(Label(what="notify", texts=texts, spots=spots, size=frame.metrics.small, colour=colour, rank=6))
