"""A run becomes a scene: everything that the picture will show, as data.

Owns: `View` (what to show, and how), `Composition` (the scene with its layout) and the order in which lanes
are described.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

from tracing.events import EventLog
from tracing.model import Model
from tracing.views.timeline.axis import NO_BREAKS, Axis, Breaks, Columns
from tracing.views.timeline.frame import Frame, Lane
from tracing.views.timeline.labels import width
from tracing.views.timeline.lanes import lane_of
from tracing.views.timeline.lanes.across import draw_breaks, draw_links
from tracing.views.timeline.lanes.marks import draw_series
from tracing.views.timeline.lanes.threads import MOST_STRIPS, TOUCHES, draw_thread, fate_texts, variable_of
from tracing.views.timeline.layout import Choice, Key, Layout, Wanted, lay_out, marker_rise
from tracing.views.timeline.scene import BACK, Bar, Glyph, Label, Line, Scene, Spot
from tracing.views.timeline.style import ALARM, CAUTION, FAINT, PAPER, PIXEL, QUIET, RULE, Palette
from tracing.views.timeline.words import DrawnNames, plain
from tracing.views.units import count

NARROWEST_RULED = 4.0  # points: of columns that are narrower the switches would be a smear


class Finding(Protocol):
    """What a timeline needs of a finding of the diagnosis."""

    @property
    def threads(self) -> Sequence[int]: ...
    @property
    def objects(self) -> Sequence[int]: ...
    @property
    def time(self) -> int: ...
    @property
    def sentence(self) -> str: ...
    @property
    def severity(self) -> str: ...


_MARKERS = {"error": ("disc", ALARM), "warning": ("diamond", CAUTION), "note": ("square", QUIET)}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What to show of a run, and how."""

    palette: Palette = field(default_factory=Palette)
    threads: Wanted = None
    objects: Wanted = None
    start: int | None = None  # ns
    end: int | None = None
    title: str | None = None  # None: the log's
    findings: Sequence[Finding] = ()
    notes: Sequence[str] = ()  # what stands below as well
    axis: str | None = None  # "time", "order"; None: which tells more
    cut: int | None = None  # ns: quiet stretches that are longer are cut out; None: none are


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """A timeline, complete but for the pixels."""

    scene: Scene
    lanes: tuple[Lane, ...]
    title: str
    unit: Axis
    start: int  # ns: the window
    end: int
    settled: int  # ns: the end of the record, where ticks end
    left: float  # ns: the axes' left and right ends, a little more than the window
    right: float
    sentences: tuple[str, ...]  # of the findings, numbered
    notes: tuple[str, ...]  # what the picture says about itself
    breaks: Breaks = NO_BREAKS  # what is cut out of the axis
    step: float = 0.0  # from one tick to the next, in the unit, as in other figures; 0: its own

    @property
    def footnotes(self) -> tuple[str, ...]:
        """All that stands below, in full."""
        return *self.sentences, *self.notes

    @property
    def height(self) -> float:
        """Of the lanes, in points."""
        return self.scene.height


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of time and the points that it is drawn on."""

    start: int
    end: int
    left: float
    right: float
    per_ns: float  # points
    breaks: Breaks = NO_BREAKS  # what is cut out

    def has(self, time: int) -> bool:
        return self.start <= time <= self.end


def span_of(length: int, view: View) -> tuple[int, int]:
    """The window that a view asks for, in ns; never empty."""
    start = max(0, view.start or 0)
    end = length if view.end is None else view.end
    return start, max(end, start + 1)


def window(
    span: tuple[int, int], points: float, tails: Sequence[tuple[float, float]], breaks: Breaks = NO_BREAKS
) -> Window:
    """Fit a stretch of time into so many points, with room at the ends for the words that stand beyond it.

    Parameters: `tails`, for each lane with words at its end: (where, as a share of the stretch; points that
    they need).
    """
    start, end = span
    margin = 9.0
    after = max((need - (1 - where) * points for where, need in tails), default=0.0)
    after = min(max(margin, after + margin), points * 0.3)
    per_ns = (points - margin - after - breaks.room) / (end - start - breaks.lost(end))
    left, right = start - margin / per_ns, end + after / per_ns
    return Window(start=start, end=end, left=left, right=right, per_ns=per_ns, breaks=breaks)


def tails(
    log: EventLog, model: Model, choice: Choice, span: tuple[int, int], breaks: Breaks = NO_BREAKS
) -> list[tuple[float, float]]:
    """Where words stand beyond the ends of lanes, and how much room they need."""
    start, end = span
    names, found = DrawnNames(log), []
    for number in choice.threads:
        thread = model.threads[number - 1]
        texts = fate_texts(names, thread)
        if texts and start <= thread.end <= end:
            kept = thread.end - start - breaks.lost(thread.end)
            where = kept / (end - start - breaks.lost(end))
            found.append((where, width(texts[0], choice.metrics.small) + 16))
    return found


def compose(
    log: EventLog, model: Model, view: View, choice: Choice, shown: Window, unit: Axis, settled: int
) -> Composition:
    """Describe a run: its lanes, arrows, findings, and what the picture says about itself."""
    frame = Frame(
        model=model,
        names=DrawnNames(log),
        palette=view.palette,
        metrics=choice.metrics,
        start=shown.start,
        end=shown.end,
        pixel=PIXEL / shown.per_ns,
        long=unit.long,
        variable=variable_of(model.marks),
    )
    _settle_colours(frame)
    marked = marked_lanes(frame.start, frame.end, view.findings)
    scene, layout = Scene(), lay_out(frame, choice, marked)
    _draw_lanes(scene, frame, layout)
    draw_links(scene, frame, layout.places)
    mark_findings(scene, frame.names, shown, view.findings, layout.lanes)
    if isinstance(unit, Columns):
        rule_switches(scene, unit, shown, layout.height)
    if frame.variable:
        scene.notes.append(f"ring: a read of {plain(frame.variable)}, filled disc: a write")
    _say_what_is_missing(scene, frame)
    if (more := len(model.series) - len(choice.series)) and view.objects is None:
        scene.notes.append(f"{count(more, 'marked number')} without a lane")
    finish(scene, layout.lanes, choice, shown, layout.height)
    if settled < shown.end:
        draw_ever_after(scene, choice, shown, settled)
    draw_breaks(scene, shown.breaks, unit.long)
    if not len(log):
        _empty(scene, shown)
    return composition(scene, layout.lanes, log, view, shown, unit, settled)


def _draw_lanes(scene: Scene, frame: Frame, layout: Layout) -> None:
    for number, place in layout.places.items():
        draw_thread(scene, frame, frame.model.threads[number - 1], place)
    for lane in layout.lanes:
        if lane.key[0] == "object":
            thing = frame.model.objects[lane.key[1] - 1]
            lane_of(frame, thing)[1](scene, frame, thing, lane.top, layout.places)
        elif lane.key[0] == "series":
            draw_series(scene, frame, frame.model.series[lane.key[1]], lane.top)


def finish(scene: Scene, lanes: tuple[Lane, ...], choice: Choice, shown: Window, height: float) -> None:
    """Lines between the lanes, and below them what has no lane."""
    _separators(scene, shown, lanes, choice.metrics.pad / 2)
    scene.height = height + _rest(scene, choice, shown, height)


def composition(
    scene: Scene, lanes: tuple[Lane, ...], log: EventLog, view: View, shown: Window, unit: Axis, settled: int
) -> Composition:
    """The scene with all that stands around it."""
    return Composition(
        scene=scene,
        lanes=lanes,
        title=plain(log.title if view.title is None else view.title),
        unit=unit,
        start=shown.start,
        end=shown.end,
        settled=settled,
        left=shown.left,
        right=shown.right,
        breaks=shown.breaks,
        sentences=tuple(_finding_notes(view.findings, shown)),
        notes=(*map(plain, view.notes), *scene.notes),
    )


def _settle_colours(frame: Frame) -> None:
    """Hand out colours in the order of the log, not in that of drawing."""
    for info in frame.names.log.objects:
        frame.ink(info.number)


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


def rule_switches(scene: Scene, columns: Columns, shown: Window, bottom: float) -> None:
    """A thin line through all lanes wherever the schedule gave the turn to another thread."""
    if columns.ns * shown.per_ns < NARROWEST_RULED:
        return
    for column in columns.switches.tolist():
        x = column * columns.ns
        if shown.has(x):
            points = ((float(x), 0.0), (float(x), bottom))
            scene.add(Line(what="switch", points=points, colour=RULE, width=0.7, level=BACK))


def draw_ever_after(scene: Scene, choice: Choice, shown: Window, settled: int) -> None:
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
            size=choice.metrics.small,
            colour=QUIET,
            backed=False,
            rank=0,
        ),
    )


def _empty(scene: Scene, shown: Window) -> None:
    scene.height = max(scene.height, 60.0)
    spot = Spot(x=(shown.start + shown.end) / 2, y=scene.height / 2)
    scene.add(
        Label(what="empty", texts=("nothing was recorded",), spots=(spot,), size=9, colour=QUIET, rank=0)
    )


def marked_lanes(start: int, end: int, findings: Sequence[Finding]) -> set[Key]:
    """The lanes that get markers, in a window of that time."""
    return {key for finding in findings if start <= finding.time <= end for key in _lanes_of(finding)}


def _lanes_of(finding: Finding) -> list[Key]:
    return [*(("thread", n) for n in finding.threads), *(("object", n) for n in finding.objects)]


def mark_findings(
    scene: Scene, names: DrawnNames, shown: Window, findings: Sequence[Finding], drawn: Sequence[Lane]
) -> None:
    """A numbered marker on each lane that a finding speaks of, where it happened: round for an error, a
    diamond for a warning, a square for a note."""
    lanes = {lane.key: lane for lane in drawn}
    seen: defaultdict[Key, list[int]] = defaultdict(list)  # lane: the times of its markers
    near = 10 / shown.per_ns  # about the width of a marker
    touches = {shape.y for shape in scene.shapes if isinstance(shape, Glyph) and shape.what in TOUCHES}
    for number, finding in enumerate(findings, 1):
        if not shown.has(finding.time):
            continue
        # Several stand beside each other by number; inside of the figure also where it ends.
        inwards = finding.time > shown.start + 0.95 * (shown.end - shown.start)
        for lane in (lanes[key] for key in _lanes_of(finding) if key in lanes):
            place = sum(abs(time - finding.time) < near for time in seen[lane.key])
            seen[lane.key].append(finding.time)
            before = place - (_crowd(findings, lane.key, finding.time, near) - 1 if inwards else 0)
            touched = any(abs(y - lane.top) < 2 for y in touches)
            y = lane.top - marker_rise(names, lane.key, touched=touched)
            draw_marker(scene, finding, number, Spot(x=finding.time, y=y, nudge=10.0 * before))


def _crowd(findings: Sequence[Finding], key: Key, time: int, near: float) -> int:
    """How many markers stand beside each other in a lane at that time."""
    return sum(abs(each.time - time) < near and key in _lanes_of(each) for each in findings)


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


def _finding_notes(findings: Sequence[Finding], shown: Window) -> list[str]:
    """Each by the number of its markers; what happened outside of the window has none."""
    return [
        f"({number if shown.has(finding.time) else 'not in this window'}) {plain(finding.sentence)}"
        for number, finding in enumerate(findings, 1)
    ]


def _say_what_is_missing(scene: Scene, frame: Frame) -> None:
    if scene.merged:
        pixel, short = frame.long(frame.pixel), count(scene.merged, "stretch", "stretches")
        scene.notes.append(
            f"{short} of less than {pixel} too short to be seen"
            if pixel
            else f"{short} too narrow to be seen"
        )
    if scene.arrows_left_out:
        scene.notes.append(f"{count(scene.arrows_left_out, 'arrow')} left out")
    if scene.strips_left_out:
        strips = count(sum(scene.strips_left_out.values()), "strip")
        who = frame.names.threads(tuple(scene.strips_left_out))
        scene.notes.append(f"{strips} of what {who} held left out: a lane has room for {MOST_STRIPS}")
