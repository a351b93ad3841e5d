"""What lies across the lanes: arrows from thread to thread, and where time is cut out of all of them."""

from __future__ import annotations

from collections.abc import Callable

from tracing.model import Arrow
from tracing.views.timeline.axis import Breaks
from tracing.views.timeline.frame import Frame, Place
from tracing.views.timeline.scene import FRONT, Bar, Label, Line, Link, Scene, Spot
from tracing.views.timeline.style import INK, PAPER, QUIET

APART = 4  # pixels: of the arrows of one sort between two threads, closer ones are left out
STRAIGHT = frozenset(
    {"start", "break"}
)  # a broken barrier fails its threads: their crosses stand to the right
MOST_ARROWS = 250  # arrows in one figure; where there would be more, none is drawn
CUT_ROW = 10.0  # points below the lanes, for what was cut out


def draw_links(scene: Scene, frame: Frame, places: dict[int, Place]) -> None:
    """Describe the arrows whose two threads have lanes; those that would be a smear are counted instead."""
    last: dict[tuple[str, int, int], int] = {}
    links: list[Link] = []
    seen = [arrow for arrow in frame.model.arrows if _visible(frame, arrow, places)]
    for arrow in seen:
        key = _sort(arrow)
        before = last.get(key)
        if before is None or arrow.target_time - before >= APART * frame.pixel:
            last[key] = arrow.target_time
            links.append(link_of(frame, arrow, places[arrow.source], places[arrow.target]))
    if len(links) > MOST_ARROWS:  # those that end a wait say more
        links = [link for link in links if link.what not in ("item", "submit")]
    if len(links) > MOST_ARROWS:
        links = []
    scene.arrows_left_out += len(seen) - len(links)
    scene.add(*links)


def _sort(arrow: Arrow) -> tuple[str, int, int]:
    """What it must not be close to. A thread joins one after the other: of several that it joined at once it
    waited for the first.
    """
    return arrow.what, 0 if arrow.what == "join" else arrow.source, arrow.target


def _visible(frame: Frame, arrow: Arrow, places: dict[int, Place]) -> bool:
    inside = frame.start <= arrow.source_time <= frame.end and frame.start <= arrow.target_time <= frame.end
    return inside and arrow.source in places and arrow.target in places and arrow.source != arrow.target


def link_of(frame: Frame, arrow: Arrow, source: Place, target: Place) -> Link:
    """Describe one arrow, from lane to lane."""
    down, starts = source.top < target.top, arrow.what == "start"
    foot = source.bottom if starts else source.foot(arrow.obj, arrow.source_time)
    return Link(
        what=arrow.what,
        x0=arrow.source_time,
        y0=foot if down else source.head(arrow.obj, arrow.source_time),
        x1=arrow.target_time,
        y1=target.top if down else target.bottom,
        elbow=target.middle if starts else None,
        colour=QUIET if arrow.what in ("start", "join") else frame.ink(arrow.obj).dark if arrow.obj else INK,
        bulge=0.0 if arrow.what in STRAIGHT else 0.12,
    )


def draw_breaks(scene: Scene, breaks: Breaks, long: Callable[[float], str]) -> None:
    """White through all lanes, between two lines; below them how much is cut out."""
    if not breaks.stretches:
        return
    bottom = scene.height
    scene.height += CUT_ROW
    for start, end in breaks.stretches:
        scene.add(Bar(what="break", x0=start, x1=end, y0=0, y1=bottom, fill=PAPER, level=FRONT))
        for x in (start, end):
            points = ((float(x), 0.0), (float(x), bottom))
            scene.add(Line(what="break", points=points, colour=QUIET, width=0.8, dash=(1, 1.5), level=FRONT))
        middle, cut = Spot(x=(start + end) / 2, y=bottom + CUT_ROW / 2), long(end - start)
        texts = (f"// {cut} cut out", f"// {cut}", "//")
        scene.add(Label(what="break", texts=texts, spots=(middle,), size=7.2, backed=False, rank=0))
