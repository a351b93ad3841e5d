"""The time that a search may take: the processor's, and only in the end the clock's."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tracing.exploring.budget import Budget


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Callable[[float, float], None]:
    """Sets how much the processor has worked, and how much time has passed, in s."""
    now = {"process_time": 0.0, "perf_counter": 0.0}
    for name in now:
        monkeypatch.setattr(f"tracing.exploring.budget.{name}", lambda name=name: now[name])

    def set_to(worked: float, passed: float) -> None:
        now.update(process_time=worked, perf_counter=passed)

    return set_to


def test_a_busy_machine_takes_nothing_from_the_budget(clocks: Callable[[float, float], None]) -> None:
    budget = Budget(10)
    clocks(4.0, 50.0)
    assert not budget.is_spent()
    assert not budget.is_spent(0.9)
    assert budget.is_spent(0.3)


def test_work_spends_it(clocks: Callable[[float, float], None]) -> None:
    budget = Budget(10)
    clocks(10.1, 10.1)
    assert budget.is_spent()


def test_a_program_that_waits_outside_spends_it_in_the_end(clocks: Callable[[float, float], None]) -> None:
    budget = Budget(10)
    clocks(0.1, 10 * Budget.PATIENCE + 1)
    assert budget.is_spent()


def test_no_seconds_are_spent_at_once(clocks: Callable[[float, float], None]) -> None:
    budget = Budget(0)
    clocks(0.001, 0.001)
    assert budget.is_spent()
