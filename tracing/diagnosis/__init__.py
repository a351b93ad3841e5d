"""What went wrong in a run: who did it, at which lines, and what to do about it.

Owns: `diagnose`, which gives the findings of a run, and `wait_for_graph`. `finding` is what they are made of,
`names` how a sentence calls things, `graph` who waits for whom; each other module looks for one family of
findings: `hangs` (deadlock, abandoned lock, stalled; `standing`: how a thread
came there; or, by `signals`, what `event` and `condition` know of a signal: lost signal, wrong waiter; by
`handover`, what hangs in queues and pools), `condition` (wait not re-checked), `fairness` (starvation,
overtaking), `order` (lock-order inversion; `happens`: what is ordered in every schedule), `misuse` (what a
thread did wrong by itself), `silent` (what goes wrong without a word), `endings` (how the run ended, and what
the record has to say about itself).

Rule: never a false error. What is said follows from the record; where it does not, nothing is said. Sentences
name threads, objects and lines, and no times, so that they are the same wherever the order of the events is.

To add a finding: write `Iterator[Finding]` from a `Case` in the module of its family and call it in
`diagnose`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from tracing.diagnosis.condition import unchecked
from tracing.diagnosis.endings import bad_endings, brief
from tracing.diagnosis.fairness import unfair_turns
from tracing.diagnosis.finding import SEVERITIES, UNSETTLED, Case, Finding
from tracing.diagnosis.graph import Edge, wait_for_graph
from tracing.diagnosis.handover import failed_callbacks, unasked
from tracing.diagnosis.hangs import could_end, hung_threads
from tracing.diagnosis.misuse import misuses
from tracing.diagnosis.order import lock_order_inversions, mutexes
from tracing.diagnosis.silent import silent_failures
from tracing.events import EventLog
from tracing.model import Model

__all__ = [
    "QUESTIONS",
    "UNSETTLED",
    "Edge",
    "Finding",
    "brief",
    "by_severity",
    "diagnose",
    "mutexes",
    "wait_for_graph",
    "who_could_end",
]


QUESTIONS = 9
"""So many does `diagnose` put to a run."""


def who_could_end(log: EventLog, model: Model) -> tuple[Edge, ...]:
    """Further edges of the wait-for graph at the end of a run that hung: of what nobody holds, a queue say,
    who could end a wait for it. Parameters as for `diagnose`.
    """
    return could_end(Case(log, model))


def diagnose(log: EventLog, model: Model, done: Callable[[int], None] | None = None) -> tuple[Finding, ...]:
    """The findings of a run, errors first, then by time; empty where nothing went wrong.

    `model` is `fold(log)`. The same log gives the same findings. done: is told now and then how many more of
    the `QUESTIONS` are answered.
    """
    case = Case(log, model)
    # Two of the others want to know of these; all others are asked when it is their turn.
    hung = tuple(replace(finding, hangs=True) for finding in hung_threads(case))
    told = {obj for finding in hung if finding.kind == "abandoned lock" for obj in finding.objects}
    deadlocks = [finding for finding in hung if finding.kind == "deadlock"]
    answers = (
        hung,
        lock_order_inversions(case, deadlocks),
        misuses(case, told),
        unchecked(case),
        unfair_turns(case),
        silent_failures(case),
        bad_endings(case, explained=bool(hung)),
        unasked(case),
        failed_callbacks(case),
    )
    found: list[Finding] = []
    for answer in answers:
        found += answer
        if done:
            done(1)
    return by_severity(sorted(found, key=lambda finding: finding.time))


def by_severity(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Errors first, else in the same order."""
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))
