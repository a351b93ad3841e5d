"""Of a failing schedule, what is needed.

Rule: fewest preemptions first, then fewest choices: what is left is what a reader has to understand.

How it works: leave out one choice after another as long as the run still fails in the same way, of a long
schedule first half of them, a quarter, ... at once (Zeller and Hildebrandt, "Simplifying and Isolating
Failure-Inducing Input", 2002); then search the schedules with fewer preemptions, 0, 1, ..., for one that
does. Source: Musuvathi and Qadeer, PLDI 2007: the first failure of a search with a growing bound has the
fewest preemptions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tracing.exploring.budget import Budget
from tracing.exploring.executing import Result
from tracing.exploring.searching import Search
from tracing.runtime.schedules import Choice, Option, Replay, Schedule, Strategy

Run = Callable[[Strategy], Result]
LONG = 16  # choices, from which several are left out at once


class CountingReplay(Replay):
    """The choices of a schedule; counts its preemptions."""

    def begin(self, run: int) -> None:
        super().begin(run)
        self.preemptions = 0

    def pick(self, choice: Choice) -> Option:
        picked = super().pick(choice)
        self.preemptions += choice.current is not None and picked is not choice.current
        return picked


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimal:
    """A failing schedule without what is not needed."""

    result: Result
    preemptions: int


def minimise(run: Run, failing: Result, *, seconds: float) -> Minimal:
    """Search for a schedule that fails in the same way (the same kind) with less, about that long."""
    budget = Budget(seconds)
    best = _shrink(run, _measured(run, failing.schedule), budget)
    search, left = Search(0, widening=True), True
    while search.bound < best.preemptions:
        smaller = _search(run, search, best.result.kind, budget) if left else None
        if smaller is not None:
            return _shrink(run, _measured(run, smaller.schedule), Budget(seconds))
        left = search.widen()
    return best


def _measured(run: Run, schedule: Schedule) -> Minimal:
    strategy = CountingReplay(schedule)
    result = run(strategy)
    return Minimal(result=result, preemptions=strategy.preemptions)


def _shrink(run: Run, best: Minimal, budget: Budget) -> Minimal:
    """Leave out what can be left out, as long as the budget lasts."""
    many = len(best.result.schedule) // 2 if len(best.result.schedule) >= LONG else 1
    while True:
        best, before = _without(run, best, many, budget), best
        if many == 1 and best is before or budget.is_spent():
            return best
        many = max(1, many // 2)


def _without(run: Run, best: Minimal, many: int, budget: Budget) -> Minimal:
    """Leave out so many choices at once, the last ones first."""
    left = list(best.result.schedule)
    while left and not budget.is_spent():
        out = set(left[-many:])
        del left[-many:]
        kept = {index: thread for index, thread in best.result.schedule.items() if index not in out}
        smaller = _measured(run, Schedule(kept))
        if smaller.result.kind == best.result.kind and _size(smaller) < _size(best):
            best, left = smaller, [index for index in smaller.result.schedule if index < min(out)]
    return best


def _size(one: Minimal) -> tuple[int, int]:
    return one.preemptions, len(one.result.schedule)


def _search(run: Run, search: Search, kind: str, budget: Budget) -> Result | None:
    while not budget.is_spent():
        result = run(search)
        if result.kind == kind:
            return result
        if not search.advance():
            break
    return None
