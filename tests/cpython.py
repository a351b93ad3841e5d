"""CPython's own tests of `threading`, run on the faces of `tracing`.

`copy_of(name)` is a fresh copy of a module of the package `test` whose `import threading` gives the faces;
`Recorded` and `Simulated` are mixins for its test cases: each test method is a run of its own. A third is
`OfAnRLockOnly`, for those of an RLock.
"""

from __future__ import annotations

import gc
import importlib.util
import sys
import sysconfig
import threading
from types import ModuleType
from typing import Any
from unittest import SkipTest, TestCase, TestResult, mock

import pytest
from steps import unseen

import tracing
from tracing.runtime.schedules import Stay, Strategy

MISSING = "this Python comes without CPython's own tests (the package `test`): Debian's python3 does, for one"
support = pytest.importorskip("test.support", reason=MISSING)
WITHOUT_GIL = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
FACES = frozenset(
    "Thread Timer Lock RLock Condition Semaphore BoundedSemaphore Event Barrier".split()  # noqa: SIM905
)


def let_leave() -> None:
    """In place of `test.support.gc_collect`. CPython's tests collect garbage over and over, waiting for
    threads to leave: most of a test's time. They wait in virtual time, but leaving takes real time. On a
    free-threaded build what another thread dropped may go in a collection only.
    """
    unseen(0.001)
    if WITHOUT_GIL:
        gc.collect()


class _Threading(ModuleType):
    """`threading` as a program sees it that imports the faces instead; all else is the real module's."""

    def __getattr__(self, name: str) -> Any:
        return getattr(tracing if name in FACES else threading, name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(threading, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(threading, name)


def copy_of(name: str) -> Any:
    """A fresh copy of a module of CPython's tests, on our faces. Skips the module where there is none."""
    pytest.importorskip(name, reason=MISSING)  # the original first: what it imports keeps the real threading
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.loader is not None
    copy = importlib.util.module_from_spec(spec)
    with mock.patch.dict(sys.modules, {"threading": _Threading("threading")}):
        spec.loader.exec_module(copy)
    return copy


class Recorded(TestCase):
    """A test case whose methods are recorded, each in a run of its own, which must end as it should."""

    def run(self, result: TestResult | None = None) -> TestResult | None:
        with tracing.record(timeout=60) as self.recorded:
            outcome = super().run(result)
        ending = self.recorded.log.ending
        assert (ending.reason, ending.leaked) == ("done", ()), f"{self}: the run ended as {ending}"
        return outcome


class Simulated(TestCase):
    """A test case whose methods are simulated, each in a run of its own, which must end as it should."""

    strategy: type[Strategy] = Stay

    def run(self, result: TestResult | None = None) -> TestResult | None:
        return self.run_once(result, self.strategy())

    def run_once(self, result: TestResult | None, strategy: Strategy) -> TestResult | None:
        with mock.patch.object(support, "gc_collect", let_leave), tracing.simulate(strategy=strategy) as run:
            outcome = super().run(result)
        ending = run.log.ending
        assert (ending.reason, ending.leaked) == ("done", ()), f"{self}: the run ended as {ending}"
        return outcome


class OfAnRLockOnly:
    """Before CPython's tests of an RLock where they are run on a Condition: what those do not ask of one."""

    def test_recursion_count(self) -> None:
        raise SkipTest("CPython skips it too: a Condition does not pass on its lock's _recursion_count")

    def test_constructor_noargs(self) -> None:
        raise SkipTest("CPython skips it too (from 3.15 on): a Condition takes an argument, its lock")


def start_traced_thread(function: Any, args: tuple[Any, ...]) -> None:
    """`_thread.start_new_thread`, but the thread belongs to the run."""
    tracing.Thread(target=function, args=args).start()
