"""Of a failing schedule, what is needed: found in few runs, and no choice of it can be left out."""

from __future__ import annotations

import pytest

from tracing.exploring.executing import Result
from tracing.exploring.minimising import LONG, minimise
from tracing.runtime.schedules import Replay, Schedule, Strategy


class Runs:
    """Stands in place of a program: it fails where the schedule has all of the choices `needed`."""

    def __init__(self, needed: set[int]) -> None:
        self.needed, self.count = needed, 0

    def __call__(self, strategy: Strategy) -> Result:
        self.count += 1
        strategy.begin(0)
        assert isinstance(strategy, Replay)
        schedule = strategy.schedule
        kind = "raised" if self.needed <= set(schedule) else "returned"
        return Result(kind=kind, text="", schedule=schedule)


def minimal(choices: int, needed: set[int]) -> tuple[set[int], int]:
    run = Runs(needed)
    failing = Result(kind="raised", text="", schedule=Schedule(dict.fromkeys(range(choices), 2)))
    return set(minimise(run, failing, seconds=60).result.schedule), run.count


@pytest.mark.parametrize("choices", [0, 1, LONG - 1, LONG, 100, 301])
def test_what_is_left_is_what_is_needed_and_no_more(choices: int) -> None:
    for needed in ({0}, {choices - 1}, {0, choices // 2, choices - 1}, set(range(0, choices, 7))):
        needed = {each for each in needed if 0 <= each < choices}
        assert minimal(choices, needed)[0] == needed


def test_a_long_schedule_of_which_little_is_needed_takes_few_runs() -> None:
    _, few = minimal(2_000, {700})
    assert few < 60
