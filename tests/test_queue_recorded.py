"""CPython's own tests of `queue` pass while they are recorded: plain queues, in threads of the run."""

from __future__ import annotations

import queue
import unittest
from unittest import mock

from cpython import Recorded, copy_of

from tracing.primitives import queues

theirs = copy_of("test.test_queue")


class OnOurs(Recorded):
    """Its queues are those of the module `queue`, in which a run replaces methods, not fresh copies; and what
    is done with them is recorded, though CPython's tests are a part of its library.
    """

    queue = queue

    def run(self, result: unittest.TestResult | None = None) -> unittest.TestResult | None:
        with mock.patch.object(queues, "is_inside", return_value=False):
            outcome = super().run(result)
        used = {each.type for each in self.recorded.log.objects}
        refused = "negative_timeout" in self.id()  # a call with wrong arguments does nothing
        assert refused or used & {"Queue", "LifoQueue", "PriorityQueue"}, f"{self}: no queue is on record"
        return outcome


class QueueTests(theirs.QueueTest, OnOurs):
    pass


class LifoQueueTests(theirs.LifoQueueTest, OnOurs):
    pass


class PriorityQueueTests(theirs.PriorityQueueTest, OnOurs):
    pass


class FailingQueueTests(theirs.FailingQueueTest, OnOurs):
    pass
