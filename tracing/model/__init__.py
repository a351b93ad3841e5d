"""Events folded into what a reader wants to see: who ran, held, waited, for whom, and who ended each wait.

Owns: the model of a run. `shapes` are its frozen records, `table` is the one table of transitions, `folding`
walks an `EventLog` by it (with `lanes` for the threads and `families` for the primitives), `breakdown` says
each wait was spent on, `turns` who had the turn in a simulated run, `workers` when those of a pool had no
call, `parting` where two runs part, and `densities` gives, for runs too long to draw event by event, the
share of time by pixel straight from the arrays.

Rule: pure. Imports `tracing.events` and `tracing.natures` and nothing else of the package; neither threading
nor matplotlib; numpy only inside `densities`, lazily.
"""

from tracing.model.breakdown import Breakdown, Breakdowns, Turn
from tracing.model.densities import Density, ObjectDensity, ThreadDensity, density
from tracing.model.folding import fold
from tracing.model.holding import kept_by
from tracing.model.parting import Parting, part, unlike
from tracing.model.quick import without_collector
from tracing.model.shapes import (
    Arrow,
    Band,
    Block,
    Fate,
    Hold,
    Leaving,
    Mark,
    Model,
    ObjectModel,
    Outcome,
    Reading,
    Series,
    Slice,
    Span,
    State,
    Step,
    ThreadModel,
    Wait,
)

__all__ = [
    "Arrow",
    "Band",
    "Block",
    "Breakdown",
    "Breakdowns",
    "Density",
    "Fate",
    "Hold",
    "Leaving",
    "Mark",
    "Model",
    "ObjectDensity",
    "ObjectModel",
    "Outcome",
    "Parting",
    "Reading",
    "Series",
    "Slice",
    "Span",
    "State",
    "Step",
    "ThreadDensity",
    "ThreadModel",
    "Turn",
    "Wait",
    "density",
    "fold",
    "kept_by",
    "part",
    "unlike",
    "without_collector",
]
