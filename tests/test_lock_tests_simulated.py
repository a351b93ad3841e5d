"""CPython's own tests of the primitives pass on ours while they are simulated, under four kinds of schedule.

Each test method is a run of its own, which must end as it should: not hung, nobody left behind. Depth-first
it is five runs, with the first five schedules that such a search tries.
"""

from __future__ import annotations

import unittest
from collections.abc import Iterator

from cpython import OfAnRLockOnly, Simulated, copy_of, start_traced_thread

import tracing
from tracing.runtime.schedules import DepthFirst, RoundRobin, SeededRandom, Stay

lock_tests = copy_of("test.lock_tests")
lock_tests.start_new_thread = start_traced_thread
STRATEGIES = {"stay": Stay, "round_robin": RoundRobin, "random": SeededRandom, "depth_first": DepthFirst}
RUNS = 5  # of a depth-first search


class Scheduled(Simulated):
    """The same, depth-first several times."""

    def run(self, result: unittest.TestResult | None = None) -> unittest.TestResult | None:
        strategy = self.strategy()
        outcome = self.run_once(result, strategy)
        if isinstance(strategy, DepthFirst):
            for _ in range(RUNS - 1):
                if strategy.advance():
                    self.run_once(result, strategy)
        return outcome


class AsRLock:
    """Not a test case by itself."""

    class ConditionAsRLockTests(OfAnRLockOnly, lock_tests.RLockTests):
        pass


def _cases() -> Iterator[tuple[str, type]]:
    for name, strategy in STRATEGIES.items():
        for cls, attributes in {
            lock_tests.LockTests: {"locktype": tracing.Lock},
            lock_tests.RLockTests: {"locktype": tracing.RLock},
            AsRLock.ConditionAsRLockTests: {"locktype": tracing.Condition},
            lock_tests.ConditionTests: {"condtype": tracing.Condition},
            lock_tests.EventTests: {"eventtype": tracing.Event},
            lock_tests.SemaphoreTests: {"semtype": tracing.Semaphore},
            lock_tests.BoundedSemaphoreTests: {"semtype": tracing.BoundedSemaphore},
            lock_tests.BarrierTests: {"barriertype": tracing.Barrier},
        }.items():
            title = f"{cls.__name__}_{name}"
            yield title, type(title, (Scheduled, cls), {**attributes, "strategy": strategy})


globals().update(_cases())
