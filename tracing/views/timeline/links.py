"""Arrows between threads: who started, let go, woke or was joined by whom."""

from __future__ import annotations

from tracing.model import Arrow
from tracing.views.timeline.frame import Frame, Place
from tracing.views.timeline.scene import Link, Scene
from tracing.views.timeline.style import INK, QUIET

APART = 4  # pixels: of the arrows of one sort between two threads, closer ones are left out
MOST = 400  # arrows in one figure


def draw_links(scene: Scene, frame: Frame, places: dict[int, Place]) -> None:
    """Describe the arrows whose two threads have lanes; those that would be a smear are counted instead."""
    last: dict[tuple[str, int, int], int] = {}
    drawn = 0
    for arrow in frame.model.arrows:
        if not _visible(frame, arrow, places):
            continue
        key = (arrow.what, arrow.source, arrow.target)
        before = last.get(key)
        if drawn >= MOST or before is not None and arrow.source_time - before < APART * frame.pixel:
            scene.arrows_left_out += 1
            continue
        last[key], drawn = arrow.source_time, drawn + 1
        scene.add(_link(frame, arrow, places[arrow.source], places[arrow.target]))


def _visible(frame: Frame, arrow: Arrow, places: dict[int, Place]) -> bool:
    inside = frame.start <= arrow.source_time <= frame.end and frame.start <= arrow.target_time <= frame.end
    return inside and arrow.source in places and arrow.target in places and arrow.source != arrow.target


def _link(frame: Frame, arrow: Arrow, source: Place, target: Place) -> Link:
    down, starts = source.top < target.top, arrow.what == "start"
    return Link(
        what=arrow.what,
        x0=arrow.source_time,
        y0=(source.bottom if starts else source.foot) if down else source.top,
        x1=arrow.target_time,
        y1=target.middle if starts else target.top if down else target.bottom,
        elbow=starts,
        colour=QUIET if arrow.what in ("start", "join") else frame.ink(arrow.obj).dark if arrow.obj else INK,
        bulge=0.12 if down else -0.12,
    )
