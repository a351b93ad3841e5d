"""The timeline: a lane per thread, a lane per primitive, and arrows between them, drawn with matplotlib.

The way of a picture: `layout` chooses lanes; `threads`, `objects` and `links` describe them as shapes (`scene`); `compose`
puts the scene together; `labels` finds room for words; `paint` makes artists; `figure` puts title, axis and notes around.

Rule: it computes nothing that the model should, holds no state between calls (a `Palette` is the caller's), and never
touches pyplot: a figure is shown where its caller shows it, once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracing.events import EventLog
from tracing.model import Model
from tracing.views.timeline.axis import unit_for
from tracing.views.timeline.compose import Composition, Finding, View, Window, compose, span_of, tails, window
from tracing.views.timeline.figure import EDGE, add_axes, left_margin, margins, new_figure, render, to_png
from tracing.views.timeline.forever import beyond, prolonged
from tracing.views.timeline.layout import Choice, choose, lane_words
from tracing.views.timeline.style import Palette
from tracing.views.timeline.words import Names

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Palette", "Run", "compare_timelines", "compose_timeline", "draw_timeline", "to_png"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run to compare with others."""

    log: EventLog
    model: Model
    title: str | None = None  # None: the log's
    findings: Sequence[Finding] = ()


def draw_timeline(
    log: EventLog,
    model: Model,
    *,
    ax: Axes | None = None,
    width: float = 9.0,
    threads: Iterable[str | int] | None = None,
    objects: Iterable[str | int] | None = None,
    start: float | None = None,
    end: float | None = None,
    title: str | None = None,
    findings: Sequence[Finding] = (),
    palette: Palette | None = None,
) -> Axes:
    """Draw a run: what each thread did, who had each primitive, and who let whom go on.

    Words that do not fit are shortened, then left out; at most 24 lanes are drawn and the figure says how many there
    are more. Stretches shorter than a pixel are merged, which the figure says too.

    Parameters: `log` and `model`, a run and its fold; `ax`, axes to draw into (None: a new figure as high as it needs
    to be); `width`, of the new figure in inches; `threads` and `objects`, the names or numbers of those to show (None:
    all); `start` and `end`, the window in seconds since the run began (None: all of it); `title` (None: the log's, "":
    none); `findings`, marked with numbers where they happened, their sentences below; `palette`, shared with other
    figures to give the same name the same colour in all of them.

    Result: the axes. Their figure is not shown; x is in the unit that the axis names.
    """
    view = _view(palette, threads, objects, start, end, title, findings)
    stage = _Stage.of(log, model, view)
    if ax is not None:
        render(ax, stage.fit(_points_wide(ax)), log)
        return ax
    total = width * 72
    left = _left([stage], total)
    part = stage.fit(total - left - EDGE)
    around = margins(part, left, total)
    figure = new_figure(total, around.top + part.height + around.bottom)
    ax = add_axes(figure, around, around.top, part.height)
    render(ax, part, log)
    return ax


def compose_timeline(
    log: EventLog, model: Model, *, points: float = 560.0, view: View | None = None
) -> Composition:
    """What `draw_timeline` would draw, as data: lanes, shapes and words. `points` is the width of the axes."""
    return _Stage.of(log, model, view or View()).fit(points)


def compare_timelines(
    runs: Sequence[Run],
    *,
    width: float = 9.0,
    threads: Iterable[str | int] | None = None,
    objects: Iterable[str | int] | None = None,
    palette: Palette | None = None,
) -> Figure:
    """Draw runs above each other on one time axis: the broken one above the fixed one.

    The same stretch of paper is the same time in all of them, and the same name has the same colour.

    Parameters: `runs`, from top to bottom; the others as for `draw_timeline`. Result: the figure.
    Raises ValueError when there is no run.
    """
    if not runs:
        raise ValueError("compare_timelines() got no run to draw; give it a list with at least one Run.")
    views = [_view(palette or Palette(), threads, objects, None, None, run.title, run.findings) for run in runs]
    views = [View(palette=views[0].palette, threads=v.threads, objects=v.objects, title=v.title, findings=v.findings) for v in views]
    total = width * 72
    stages = [_Stage.of(run.log, run.model, view) for run, view in zip(runs, views, strict=True)]
    left = _left(stages, total)
    end = max(stage.span[1] for stage in stages)
    ends = [tail for stage in stages for tail in stage.tails((0, end))]
    shown = window((0, end), total - left - EDGE, ends)
    parts = [stage.compose(shown, end) for stage in stages]
    return _stack(runs, parts, left, total)


def _stack(runs: Sequence[Run], parts: Sequence[Composition], left: float, total: float) -> Figure:
    around = [margins(part, left, total) for part in parts]
    heights = [room.top + part.height + room.bottom for room, part in zip(around, parts, strict=True)]
    figure = new_figure(total, sum(heights))
    top = 0.0
    for run, part, room, height in zip(runs, parts, around, heights, strict=True):
        render(add_axes(figure, room, top + room.top, part.height), part, run.log)
        top += height
    return figure


def _view(
    palette: Palette | None, threads: Iterable[str | int] | None, objects: Iterable[str | int] | None,
    start: float | None, end: float | None, title: str | None, findings: Sequence[Finding],
) -> View:  # fmt: skip
    return View(
        palette=palette or Palette(),
        threads=None if threads is None else tuple(threads),
        objects=None if objects is None else tuple(objects),
        start=None if start is None else round(start * 1e9),
        end=None if end is None else round(end * 1e9),
        title=title,
        findings=tuple(findings),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    """A run with all that is decided before the size of a pixel is known."""

    log: EventLog
    model: Model
    view: View
    choice: Choice
    span: tuple[int, int]
    settled: int  # ns: the end of the record, as far as it is shown

    @classmethod
    def of(cls, log: EventLog, model: Model, view: View) -> _Stage:
        more = beyond(model) if view.end is None else 0
        after = prolonged(model, more)
        choice, span = choose(log, after, view.threads, view.objects), span_of(after, view)
        return cls(log=log, model=after, view=view, choice=choice, span=span, settled=span[1] - more)

    def tails(self, span: tuple[int, int]) -> list[tuple[float, float]]:
        return tails(self.log, self.model, self.view, self.choice, span)

    def compose(self, shown: Window, end: int) -> Composition:
        """`end`: of the axis, in ns, which the unit is chosen by."""
        settled = self.settled if self.settled < self.span[1] else shown.end
        return compose(self.log, self.model, self.view, self.choice, shown, unit_for(end - shown.start), settled)

    def fit(self, points: float) -> Composition:
        return self.compose(window(self.span, points, self.tails(self.span)), self.span[1])


def _left(stages: Sequence[_Stage], total: float) -> float:
    """The room in front of the lanes of all of these runs."""
    words = [words for stage in stages for words in lane_words(Names(stage.log), stage.choice)]
    return left_margin(words, 9.0, total)


def _points_wide(ax: Axes) -> float:
    figure = ax.get_figure(root=True)
    assert figure is not None
    return float(ax.get_window_extent().width * 72 / figure.dpi)
