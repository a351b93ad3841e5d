"""CPython's own test.test_threading on ours: each test is run, run recorded, or left out with a reason."""

from __future__ import annotations

import unittest
from collections.abc import Iterator

import pytest
from cpython import Recorded, copy_of

original = copy_of("test.test_threading")
pytestmark = pytest.mark.timeout(100)

CASES = (
    original.ThreadTests,
    original.ThreadingExceptionTests,
    original.ExceptHookTests,
    original.TimerTests,
)
OTHER_CASES = {
    "AtexitTests": "about the interpreter's end",
    "ConditionAsRLockTests": "test_lock_tests.py has them",
    "CRLockTests": "about the signature of CPython's RLock written in C",
    "InterruptMainTests": "about _thread.interrupt_main",
    "MiscTestCase": "about threading.__all__ and _thread; test_thread.py compares ours",
    "SubinterpThreadingTests": "about subinterpreters",
    "ThreadJoinOnShutdown": "scripts of their own, that import threading, at the interpreter's end",
}
SCRIPT = "runs a script of its own, in another interpreter, that imports threading"
FORK = "about os.fork; a forked child is no part of a run"
INTERPRETER = "about threads of _thread or about the interpreter, not about a face"
LEFT_OUT = {
    "test_daemon_threads_fatal_error": INTERPRETER,
    "test_debug_deprecation": SCRIPT,
    "test_disallow_instantiation": INTERPRETER,
    "test_dummy_thread_after_fork": FORK,
    "test_excepthook_thread_None": INTERPRETER,
    "test_finalization_shutdown": SCRIPT,
    "test_finalize_running_thread": SCRIPT,
    "test_finalize_with_trace": SCRIPT,
    "test_fork_at_exit": FORK,
    "test_frame_tstate_tracing": INTERPRETER,
    "test_import_from_another_thread": SCRIPT,
    "test_is_alive_after_fork": FORK,
    "test_join_nondaemon_on_shutdown": SCRIPT,
    "test_locals_at_exit": SCRIPT,
    "test_lock_no_subclass": "ours is a Python class: it can be subclassed, threading's cannot",
    "test_main_thread_after_fork": FORK,
    "test_main_thread_after_fork_from_dummy_thread": FORK,
    "test_main_thread_after_fork_from_foreign_thread": FORK,
    "test_main_thread_after_fork_from_nonmain_thread": FORK,
    "test_main_thread_during_shutdown": SCRIPT,
    "test_print_exception": SCRIPT,
    "test_print_exception_gh_102056": SCRIPT,
    "test_print_exception_stderr_is_none_1": SCRIPT,
    "test_print_exception_stderr_is_none_2": SCRIPT,
    "test_recursion_limit": SCRIPT,
    "test_shutdown_locks": SCRIPT,
    "test_start_new_thread_at_exit": SCRIPT,
    "test_start_new_thread_at_finalization": SCRIPT,
}
NOT_RECORDED = {
    "test_tstate_lock": "about an inner lock of threading, up to 3.12",
    "test_excepthook": "exceptions in a run are recorded, not printed: test_thread.py",
    "test_original_excepthook": "exceptions in a run are recorded, not printed: test_thread.py",
    "test_custom_excepthook": "a hook of a library is not the program's own: test_thread.py",
    "test_custom_excepthook_fail": "a hook of a library is not the program's own: test_thread.py",
}


def names(case: type[unittest.TestCase]) -> list[str]:
    return unittest.defaultTestLoader.getTestCaseNames(case)


def cases(*bases: type, without: dict[str, str]) -> Iterator[type[unittest.TestCase]]:
    """The test cases of CPython, without the tests that are left out."""
    for case in CASES:
        yield type(case.__name__, (*bases, case), {name: None for name in names(case) if name in without})


ThreadTests, ThreadingExceptionTests, ExceptHookTests, TimerTests = cases(without=LEFT_OUT)
(
    RecordedThreadTests,
    RecordedThreadingExceptionTests,
    RecordedExceptHookTests,
    RecordedTimerTests,
) = cases(Recorded, without=LEFT_OUT | NOT_RECORDED)


def test_each_test_case_of_cpython_is_run_or_left_out_for_a_reason() -> None:
    theirs = {
        name
        for name, case in vars(original).items()
        if isinstance(case, type)
        and issubclass(case, unittest.TestCase)
        and any(getattr(case, method).__module__ == original.__name__ for method in names(case))
    }
    assert theirs <= {case.__name__ for case in CASES} | OTHER_CASES.keys()


def test_most_tests_are_run_recorded_too() -> None:
    run = sum(len(names(case)) for case in (RecordedThreadTests, RecordedThreadingExceptionTests))
    assert run >= 25
