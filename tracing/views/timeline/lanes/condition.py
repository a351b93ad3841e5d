"""The lane of a Condition: its notifies, who waits for one, and the lock that it made for itself."""

from __future__ import annotations

from tracing.model import Mark, ObjectModel
from tracing.views.timeline.frame import Frame, Place
from tracing.views.timeline.lanes import mutex
from tracing.views.timeline.lanes.wanted import draw_wanted
from tracing.views.timeline.scene import Glyph, Label, Line, Scene, Spot
from tracing.views.timeline.style import FAINT


def _own_locks(frame: Frame, condition: ObjectModel) -> list[ObjectModel]:
    """The lock that `Condition()` made for itself: it has no lane of its own."""
    infos = frame.names.log.objects
    return [frame.model.objects[info.number - 1] for info in infos if info.owner == condition.number]


def draw(scene: Scene, frame: Frame, thing: ObjectModel, top: float, places: dict[int, Place]) -> float:
    """The notifies above the band of those who wait for one; below, who has the condition's own lock."""
    for mark in frame.marks(obj=thing.number):
        if mark.what == "notify" and mark.obj == thing.number:
            draw_notify(scene, frame, mark, top + 4)
    band = top + 8
    baseline = band + frame.metrics.band
    scene.add(
        Line(what="free", points=((frame.start, baseline), (frame.last, baseline)), colour=FAINT, level=0)
    )
    draw_wanted(scene, frame, thing, band, verb="awaited by")
    top = baseline + 2
    for lock in _own_locks(frame, thing):
        top = mutex.draw(scene, frame, lock, top, places) + 2
    return top


def draw_notify(scene: Scene, frame: Frame, mark: Mark, y: float) -> None:
    """A mark with who notifies, and how many it woke."""
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
