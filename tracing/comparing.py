"""`compare`: runs above each other on one axis, the broken one above the fixed one.

Owns: `Comparison`, what a notebook shows of several runs. Rule: it draws and tells what each run's own views
would; only the axis and the colours are shared, and besides it says where the runs part.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tracing.trace import Trace, shared_palette

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tracing.model import Parting
    from tracing.views.alternative import Bundle, Finding


def compare(*runs: Trace, **options: Any) -> Comparison:
    """Put runs above each other on one axis, from top to bottom, and say where they part.

    options: as for `tracing.views.timeline.compare_timelines` (width, threads, objects, axis). As the last
    expression of a notebook cell the result shows the figure, and the runs in words. Raises ValueError where
    there is no run.
    """
    if not runs:
        raise ValueError("compare() got no run: give it two, as in compare(broken, fixed).")
    return Comparison(runs, options)


class Comparison:
    """Several runs to be looked at side by side.

    Two runs part at the first event at which their orders differ: another thread, another operation or
    another thing, by their names. Times and lines do not count; reads and writes of a variable do where both
    runs have some. Further runs are drawn and told, no more.
    """

    def __init__(self, runs: tuple[Trace, ...], options: dict[str, Any]) -> None:
        self.runs = runs
        self._options = options

    @property
    def parting(self) -> Parting | None:
        """Where the first two runs part: how many events are the same (`index`), and what follows in each
        (`event_a`, `event_b`; None where that run is over). None where they do not part, and for one run.
        """
        from tracing.model import part

        return part(self.runs[0].log, self.runs[1].log) if len(self.runs) > 1 else None

    @property
    def sentence(self) -> str:
        """Where the first two runs part, in words; "" for one run."""
        from tracing.views.text import parting_sentence

        if len(self.runs) < 2:
            return ""
        return parting_sentence(self.runs[0].log, self.runs[1].log, self.parting)

    def figure(self) -> Figure:
        """The timelines as a matplotlib figure, a line in each where they part and the sentence below."""
        from tracing.views.timeline import Run, compare_timelines

        parts = [
            Run(log=run.log, model=run.model, findings=run.findings, parting=same)
            for run, same in zip(self.runs, self._same(), strict=True)
        ]
        settings = {"palette": shared_palette(), "note": self.sentence, **self._options}
        return compare_timelines(parts, **settings)

    def _same(self) -> list[int | None]:
        """For each run how many events are the same, where that is worth a line.

        It is not where the runs are of different programs, or differ from the beginning.
        """
        from tracing.model import unlike

        parting = self.parting
        if parting is None or not parting.index or unlike(self.runs[0].log, self.runs[1].log):
            return [None] * len(self.runs)
        return [*parting.at] + [None] * (len(self.runs) - 2)

    def text(self) -> str:
        """The runs in words, one after the other, and where they part."""
        return "\n\n".join([*(run.text() for run in self.runs), *filter(None, [self.sentence])])

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        return self.bundle(self.text())

    def bundle(self, text: str, findings: Sequence[Finding] = ()) -> Bundle:
        """As a notebook shows it. text: the same in words; findings: those that it is about."""
        from tracing.views.alternative import bundle, of_timelines
        from tracing.views.png import to_png

        said = of_timelines([run.log for run in self.runs], self.sentence, findings)
        return bundle(to_png(self.figure()), text, said)
