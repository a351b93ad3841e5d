"""CPython's own test.test_threading_local on ours, run, run recorded and run simulated: what is local to a
thread dies with it, because a run keeps no thread.
"""

from __future__ import annotations

import pytest
from cpython import Recorded, Simulated, copy_of

original = copy_of("test.test_threading_local")
pytestmark = pytest.mark.timeout(100)


class ThreadLocalTest(original.ThreadLocalTest):  # type: ignore[misc]
    """`threading.local`."""


class PyThreadingLocalTest(original.PyThreadingLocalTest):  # type: ignore[misc]
    """The one that is written in Python."""


class RecordedThreadLocalTest(Recorded, original.ThreadLocalTest):  # type: ignore[misc]
    """`threading.local`, recorded."""


class RecordedPyThreadingLocalTest(Recorded, original.PyThreadingLocalTest):  # type: ignore[misc]
    """The one that is written in Python, recorded."""


class SimulatedThreadLocalTest(Simulated, original.ThreadLocalTest):  # type: ignore[misc]
    """`threading.local`, simulated."""

    test_cycle_collection = None  # about the collector, which `Simulated` leaves out


class SimulatedPyThreadingLocalTest(Simulated, original.PyThreadingLocalTest):  # type: ignore[misc]
    """The one that is written in Python, simulated."""

    test_cycle_collection = None  # about the collector, which `Simulated` leaves out
