"""CPython's own tests of the primitives pass on ours while they are recorded: every test method.

Their threads are of the run, and each run ends as it should: not hung, nobody left behind.
"""

from __future__ import annotations

import pytest
from cpython import OfAnRLockOnly, Recorded, copy_of, start_traced_thread

import tracing

lock_tests = copy_of("test.lock_tests")
lock_tests.start_new_thread = start_traced_thread
pytestmark = pytest.mark.timeout(100)


class LockTests(Recorded, lock_tests.LockTests):
    locktype = tracing.Lock


class RLockTests(Recorded, lock_tests.RLockTests):
    locktype = tracing.RLock


class ConditionAsRLockTests(Recorded, OfAnRLockOnly, lock_tests.RLockTests):
    locktype = tracing.Condition


class ConditionTests(Recorded, lock_tests.ConditionTests):
    condtype = tracing.Condition


class EventTests(Recorded, lock_tests.EventTests):
    eventtype = tracing.Event


class SemaphoreTests(Recorded, lock_tests.SemaphoreTests):
    semtype = tracing.Semaphore


class BoundedSemaphoreTests(Recorded, lock_tests.BoundedSemaphoreTests):
    semtype = tracing.BoundedSemaphore


class BarrierTests(Recorded, lock_tests.BarrierTests):
    barriertype = tracing.Barrier
