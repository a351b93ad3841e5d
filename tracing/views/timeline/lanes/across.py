"""What lies across the lanes: arrows from thread to thread, markers of findings, and what goes through all of
them from the top to the foot.

Rule: what would be a smear is left out and counted. A marker stands above its lane, which keeps room for it
(`headroom`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tracing.model import Arrow
from tracing.views.timeline.axis import Breaks, Columns
from tracing.views.timeline.frame import TOUCHES, Finding, Frame, Lane, LaneKey, Place, Rows, Window
from tracing.views.timeline.scene import BACK, FRONT, LEFT_EDGE, Bar, Glyph, Label, Line, Link, Scene, Spot
from tracing.views.timeline.stage import Plan
from tracing.views.timeline.style import ALARM, CAUTION, INK, PAPER, QUIET, RULE, Metrics
from tracing.views.timeline.words import DrawnNames

APART = 4  # pixels: of the arrows of one sort between two threads, closer ones are left out
STRAIGHT = frozenset(
    {"start", "break"}
)  # a broken barrier fails its threads: their crosses stand to the right
MOST_ARROWS = 250  # arrows in one figure; where there would be more, none is drawn
CUT_ROW = 10.0  # points below the lanes, for what was cut out
NARROWEST_RULED = 4.0  # points: of columns that are narrower the switches would be a smear
REACH = 6.25  # points from the middle of a finding's marker to its corner
HIGH, LOW, ABOVE_WORDS = 7.0, 2.0, 15.0
"""How far above a lane's top edge such a marker has its middle. High where what happens is marked at the top
of the lane, and is to be seen; above the words of the reads and writes that the finding is about."""


def draw_across(scene: Scene, frame: Frame, plan: Plan, rows: Rows) -> None:
    """Describe all of it, across lanes that are drawn."""
    draw_links(scene, frame, rows.places)
    if isinstance(plan.unit, Columns):
        rule_switches(scene, plan.unit, plan.shown, rows.foot)
    if plan.settled < plan.shown.end:
        draw_ever_after(scene, frame.metrics, plan.shown, plan.settled)
    draw_breaks(scene, plan.shown.breaks, frame.long)
    mark_plan(scene, frame.names, plan, rows)


def mark_plan(scene: Scene, names: DrawnNames, plan: Plan, rows: Rows) -> None:
    """The markers of findings, and where the run parts from another one."""
    mark_findings(scene, names, plan.shown, plan.view.findings, rows.lanes)
    if plan.parting is not None:
        mark_parting(scene, plan.parting)


def draw_links(scene: Scene, frame: Frame, places: Mapping[int, Place]) -> None:
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


def _visible(frame: Frame, arrow: Arrow, places: Mapping[int, Place]) -> bool:
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


# The markers of findings


_MARKERS = {"error": ("disc", ALARM), "warning": ("diamond", CAUTION), "note": ("square", QUIET)}


def marked_lanes(plan: Plan) -> set[LaneKey]:
    """The lanes that get markers."""
    return {key for each in plan.view.findings if plan.shown.has(each.time) for key in _lanes_of(each)}


def _lanes_of(finding: Finding) -> list[LaneKey]:
    return [*(("thread", n) for n in finding.threads), *(("object", n) for n in finding.objects)]


def mark_findings(
    scene: Scene, names: DrawnNames, shown: Window, findings: Sequence[Finding], drawn: Sequence[Lane]
) -> None:
    """A numbered marker on each lane that a finding speaks of, where it happened: round for an error, a
    diamond for a warning, a square for a note."""
    lanes = {lane.key: lane for lane in drawn}
    seen: defaultdict[LaneKey, list[int]] = defaultdict(list)  # lane: the times of its markers
    near = 10 / shown.per_ns  # about the width of a marker
    touches = {shape.y for shape in scene.shapes if isinstance(shape, Glyph) and shape.what in TOUCHES}
    for number, finding in enumerate(findings, 1):
        if not shown.has(finding.time):
            continue
        for lane in (lanes[key] for key in _lanes_of(finding) if key in lanes):
            place = sum(abs(time - finding.time) < near for time in seen[lane.key])
            seen[lane.key].append(finding.time)
            touched = any(abs(y - lane.top) < 2 for y in touches)
            spot = Spot(x=finding.time, y=lane.top - marker_rise(names, lane.key, touched=touched))
            crowd = sum(abs(e.time - finding.time) < near and lane.key in _lanes_of(e) for e in findings)
            place -= _to_the_left(scene, shown, spot, crowd)
            draw_marker(scene, finding, number, replace(spot, nudge=10.0 * place))


def _to_the_left(scene: Scene, shown: Window, spot: Spot, crowd: int) -> int:
    """How many places to the left the first marker of a crowd stands: they stand beside each other by number,
    inside of the figure also where it ends, and cover no arrow's head. At the left edge, to which arrows come
    from the side, there is no place.
    """
    near, edge = REACH / shown.per_ns, shown.left + LEFT_EDGE / shown.per_ns
    links = (shape for shape in scene.shapes if isinstance(shape, Link) and shape.x1 >= edge)
    if any(abs(link.x1 - spot.x) < near and abs(link.y1 - spot.y) < REACH for link in links):
        return crowd
    return crowd - 1 if spot.x > shown.start + 0.95 * (shown.end - shown.start) else 0


def draw_marker(scene: Scene, finding: Finding, number: int, spot: Spot) -> None:
    """A numbered marker of a finding."""
    shape, colour = _MARKERS[finding.severity]
    glyph = Glyph(what="finding", shape=shape, x=spot.x, y=spot.y, size=10, colour=colour, nudge=spot.nudge)
    words = Label(
        what="finding",
        texts=(str(number),),
        spots=(spot,),
        size=6.8,
        colour=PAPER,
        backed=False,
        bold=True,
        pinned=True,
    )
    scene.add(glyph, words)


def marker_rise(names: DrawnNames, key: LaneKey, *, touched: bool = False) -> float:
    """How far above the lane's top edge a finding's marker has its middle, in points. touched: whether reads
    and writes are marked there.
    """
    high = key[0] == "object" and names.nature(key[1]).marked_on_top
    return ABOVE_WORDS if touched else HIGH if high else LOW


def headroom(names: DrawnNames, key: LaneKey, metrics: Metrics, *, touched: bool = False) -> float:
    """What a lane with markers needs above it, so that they stay below the line to the lane before."""
    return max(0.0, marker_rise(names, key, touched=touched) + REACH + 0.5 - metrics.pad / 2)


# From the top of the figure to its foot


def rule_switches(scene: Scene, columns: Columns, shown: Window, bottom: float) -> None:
    """A thin line through all lanes wherever the schedule gave the turn to another thread."""
    if columns.ns * shown.per_ns < NARROWEST_RULED:
        return
    for column in columns.switches.tolist():
        x = column * columns.ns
        if shown.has(x):
            points = ((float(x), 0.0), (float(x), bottom))
            scene.add(Line(what="switch", points=points, colour=RULE, width=0.7, level=BACK))


def draw_ever_after(scene: Scene, metrics: Metrics, shown: Window, settled: int) -> None:
    """The ground on which lies what never ends, and what it is called."""
    scene.height += 10
    middle = (settled + shown.end) / 2
    ground = Bar(
        what="ever after", x0=settled, x1=shown.right, y0=0, y1=scene.height, fill="#F1F3F5", level=BACK
    )
    edge = Line(
        what="end of record",
        points=((settled, 0), (settled, scene.height)),
        colour=QUIET,
        dash=(2, 2),
        level=BACK,
    )
    spots = (Spot(x=middle, y=scene.height - 6, room=(settled, shown.right)),)
    texts = ("for ever: nothing can happen any more", "nothing more happens", "for ever")
    scene.add(
        ground,
        edge,
        Label(
            what="ever after",
            texts=texts,
            spots=spots,
            size=metrics.small,
            colour=QUIET,
            backed=False,
            rank=0,
        ),
    )


def mark_parting(scene: Scene, time: int) -> None:
    """Draw the line through a run at that time, ns, with the words for it at its foot."""
    if not any(shape.what == "ever after" for shape in scene.shapes):
        scene.height += 10  # a row of its own below the lanes
    y = scene.height - 6
    spots = (
        Spot(x=time, y=y, align="left", nudge=4),
        Spot(x=time, y=y, align="right", nudge=-4),
    )
    points = ((float(time), 0.0), (float(time), scene.height))
    scene.add(
        Line(what="parting", points=points, colour=INK, width=0.9, dash=(4, 2.5), level=FRONT),
        Label(
            what="parting",
            texts=("here the runs part", "they part", "part"),
            spots=spots,
            size=7.2,
            colour=INK,
            backed=False,
            rank=0,
        ),
    )
