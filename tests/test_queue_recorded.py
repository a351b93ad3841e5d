"""CPython's own tests of `queue` pass while they are recorded: plain queues, in threads of the run."""

from __future__ import annotations

import queue
import unittest

from cpython import Recorded, copy_of

theirs = copy_of("test.test_queue")


class OnOurs(Recorded):
    """Its queues are those of the module `queue`, in which a run replaces methods, not fresh copies."""

    queue = queue


class QueueTests(OnOurs, theirs.QueueTest, unittest.TestCase):
    pass


class LifoQueueTests(OnOurs, theirs.LifoQueueTest, unittest.TestCase):
    pass


class PriorityQueueTests(OnOurs, theirs.PriorityQueueTest, unittest.TestCase):
    pass


class FailingQueueTests(OnOurs, theirs.FailingQueueTest, unittest.TestCase):
    pass
