"""CPython's own tests of `queue` pass while they are simulated: library code as it is."""

from __future__ import annotations

import queue
import unittest
from typing import Any
from unittest import mock

import pytest
from cpython import MISSING

import tracing

theirs: Any = pytest.importorskip("test.test_queue", reason=MISSING)


class Simulated:
    """A mixin for a test case whose methods are simulated, each in a run of its own."""

    queue = queue

    def run(self, result: unittest.TestResult | None = None) -> unittest.TestResult | None:
        # Here references are counted: to collect garbage as well would be most of a test's time.
        with (
            mock.patch.object(theirs, "gc_collect", create=True),
            tracing.simulate(max_steps=1_000_000) as run,
        ):
            outcome: unittest.TestResult | None = super().run(result)  # type: ignore[misc]
        ending = run.log.ending
        assert (ending.reason, ending.leaked) == ("done", ()), f"{self}: the run ended as {ending}"
        return outcome


class QueueTests(Simulated, theirs.QueueTest, unittest.TestCase):
    pass


class LifoQueueTests(Simulated, theirs.LifoQueueTest, unittest.TestCase):
    pass


class PriorityQueueTests(Simulated, theirs.PriorityQueueTest, unittest.TestCase):
    pass


class FailingQueueTests(Simulated, theirs.FailingQueueTest, unittest.TestCase):
    pass


class SimpleQueueTests(Simulated, theirs.BaseSimpleQueueTest, unittest.TestCase):
    def setUp(self):
        self.type2test = queue.SimpleQueue  # as the run has it
        super().setUp()
