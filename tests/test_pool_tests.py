"""CPython's own tests of thread pools and futures pass, bare, while they are recorded, and simulated.

Each test method is a run of its own. `pools()` finds their test cases; from 3.12 on they are a package, which
`make install` of 3.12.0 and 3.12.1 forgets: there they are skipped.
"""

from __future__ import annotations

import importlib
import importlib.util
import unittest
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from cpython import MISSING, Recorded, Simulated

from tracing.primitives import futures

pytest.importorskip("test.support", reason=MISSING)
PACKAGE = "test.test_concurrent_futures"
PARTS = ("test_as_completed", "test_future", "test_init", "test_shutdown", "test_thread_pool", "test_wait")
NOT_UNDER_PYTEST = ("test_done_callback_raises", "test_done_callback_raises_already_succeeded")
"""They want logging to have no handler, and pytest has one: they fail without us as well."""
ENDLESS = "test_hang_global_shutdown_lock"
"""A call that submits itself again, until real time has passed: in virtual time that is never."""


def modules() -> Iterator[Any]:
    try:
        spec = importlib.util.find_spec(PACKAGE)
    except ImportError:
        spec = None
    if spec is None:
        pytest.skip(MISSING, allow_module_level=True)
    whole = importlib.import_module(PACKAGE)
    if spec.submodule_search_locations is None:
        yield whole
    else:
        yield from (importlib.import_module(f"{PACKAGE}.{part}") for part in PARTS)


def pools() -> Iterator[tuple[str, Any]]:
    """Their test cases of thread pools and futures, by name."""
    for module in modules():
        for name, case in vars(module).items():
            of_threads = name.startswith("ThreadPool") or name == "FutureTests"
            if of_threads and isinstance(case, type) and issubclass(case, unittest.TestCase):
                yield name, case


class Noted:
    """What is done with futures is recorded, though CPython's tests are a part of its library."""

    def run(self, result: unittest.TestResult | None = None) -> unittest.TestResult | None:
        with mock.patch.object(futures, "is_inside", return_value=False):
            outcome: unittest.TestResult | None = super().run(result)  # type: ignore[misc]
        return outcome


def cases() -> Iterator[tuple[str, type]]:
    for name, case in pools():
        without: dict[str, Any] = {each: None for each in NOT_UNDER_PYTEST if hasattr(case, each)}
        endless: dict[str, Any] = {ENDLESS: None} if hasattr(case, ENDLESS) else {}
        yield f"{name}_bare", type(name, (case,), without)
        yield f"{name}_recorded", type(name, (Noted, case, Recorded), without)
        yield f"{name}_simulated", type(name, (Noted, case, Simulated), without | endless)


globals().update(cases())
