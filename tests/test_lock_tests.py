"""CPython's own tests of the primitives pass on ours: every test method, outside of any run.

(test_lock_tests_recorded.py does the same while they are recorded.)
"""

from __future__ import annotations

import pytest
from cpython import OfAnRLockOnly, copy_of

import tracing

lock_tests = copy_of("test.lock_tests")
pytestmark = pytest.mark.timeout(100)


class LockTests(lock_tests.LockTests):
    locktype = tracing.Lock


class RLockTests(lock_tests.RLockTests):
    locktype = tracing.RLock


class ConditionAsRLockTests(OfAnRLockOnly, lock_tests.RLockTests):
    locktype = tracing.Condition


class ConditionTests(lock_tests.ConditionTests):
    condtype = tracing.Condition


class EventTests(lock_tests.EventTests):
    eventtype = tracing.Event


class SemaphoreTests(lock_tests.SemaphoreTests):
    semtype = tracing.Semaphore


class BoundedSemaphoreTests(lock_tests.BoundedSemaphoreTests):
    semtype = tracing.BoundedSemaphore


class BarrierTests(lock_tests.BarrierTests):
    barriertype = tracing.Barrier
