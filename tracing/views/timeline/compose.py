"""A run becomes a scene: everything that the picture will show, as data.

Owns: `Composition` (the scene, and what stands around it) and what the picture says about itself. Rule: two
ways of showing a run, event by event and by shares of time, end in the same `Composition`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tracing.model import Model
from tracing.views.timeline.axis import NO_BREAKS, Axis, Breaks
from tracing.views.timeline.frame import Finding, Frame, Lane, Rows, Window, variable_of
from tracing.views.timeline.lanes import draw_lanes, shade_lanes
from tracing.views.timeline.lanes.across import draw_across, mark_plan
from tracing.views.timeline.lanes.dense import notes_of, sheet_of
from tracing.views.timeline.lanes.strips import MOST_STRIPS
from tracing.views.timeline.scene import Scene
from tracing.views.timeline.stage import Plan
from tracing.views.timeline.style import PIXEL
from tracing.views.timeline.words import DrawnNames, plain
from tracing.views.units import count


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """A timeline, complete but for the pixels."""

    scene: Scene
    lanes: tuple[Lane, ...]
    title: str
    unit: Axis
    called: tuple[str, ...]  # the axis, from full to short
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


def composed(plan: Plan) -> Composition:
    """Describe a run as it was decided: event by event, or by shares of time."""
    return _by_events(plan, plan.model) if plan.model else _by_shares(plan)


def _by_events(plan: Plan, model: Model) -> Composition:
    """Its lanes, arrows, findings, and what the picture says about itself."""
    scene, frame = Scene(), _frame(plan, model)
    rows = draw_lanes(scene, frame, plan)
    draw_across(scene, frame, plan, rows)
    if frame.variable:
        scene.notes.append(f"ring: a read of {plain(frame.variable)}, filled disc: a write")
    _say_what_is_missing(scene, frame)
    if (more := len(model.series) - len(plan.choice.series)) and plan.view.objects is None:
        scene.notes.append(f"{count(more, 'marked number')} without a lane")
    return _composition(scene, rows, plan)


def _by_shares(plan: Plan) -> Composition:
    """The share of time in each state, in each column of pixels."""
    sheet = sheet_of(plan.log, plan.view, plan.choice, plan.shown)
    rows = shade_lanes(sheet, plan)
    mark_plan(sheet.scene, sheet.names, plan, rows)
    sheet.scene.notes += notes_of(plan.log, sheet.density, plan.choice, plan.unit, plan.events)
    return _composition(sheet.scene, rows, plan)


def _frame(plan: Plan, model: Model) -> Frame:
    """The lanes' surroundings; colours are handed out in the order of the log, not in that of drawing."""
    frame = Frame(
        model=model,
        names=DrawnNames(plan.log),
        palette=plan.view.palette,
        metrics=plan.choice.metrics,
        start=plan.shown.start,
        end=plan.shown.end,
        pixel=PIXEL / plan.shown.per_ns,
        long=plan.unit.long,
        variable=variable_of(model.marks),
    )
    for info in plan.log.objects:
        frame.ink(info.number)
    return frame


def _composition(scene: Scene, rows: Rows, plan: Plan) -> Composition:
    """The scene with all that stands around it."""
    shown, view = plan.shown, plan.view
    return Composition(
        scene=scene,
        lanes=rows.lanes,
        title=plain(plan.log.title if view.title is None else view.title),
        unit=plan.unit,
        called=plan.unit.labels(plan.log),
        start=shown.start,
        end=shown.end,
        settled=plan.settled,
        left=shown.left,
        right=shown.right,
        breaks=shown.breaks,
        sentences=tuple(_finding_notes(view.findings, shown)),
        notes=(*map(plain, view.notes), *scene.notes),
    )


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
