"""`compare`: runs above each other on one time axis, the broken one above the fixed one.

Owns: `Comparison`, what a notebook shows of several runs. Rule: it draws and tells what each run's own views
would; only the time axis and the colours are shared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracing.trace import Trace, shared_palette

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def compare(*runs: Trace, **options: Any) -> Comparison:
    """Put runs above each other on one time axis, from top to bottom.

    options: as for `tracing.views.timeline.compare_timelines` (width, threads, objects). As the last
    expression of a notebook cell the result shows the figure, and the runs in words. Raises ValueError where
    there is no run.
    """
    if not runs:
        raise ValueError("compare() got no run: give it two, as in compare(broken, fixed).")
    return Comparison(runs, options)


class Comparison:
    """Several runs to be looked at side by side."""

    def __init__(self, runs: tuple[Trace, ...], options: dict[str, Any]) -> None:
        self.runs = runs
        self._options = options

    def figure(self) -> Figure:
        """The timelines as a matplotlib figure."""
        from tracing.views.timeline import Run, compare_timelines

        parts = [Run(log=run.log, model=run.model, findings=run.findings) for run in self.runs]
        return compare_timelines(parts, **{"palette": shared_palette(), **self._options})

    def text(self) -> str:
        """The runs in words, one after the other."""
        return "\n\n".join(run.text() for run in self.runs)

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        from tracing.views.timeline import to_png

        return {"image/png": to_png(self.figure()), "text/plain": self.text()}
