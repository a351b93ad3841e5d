"""CPython's own test.test_threading on ours: each test is run, run recorded, run simulated, or left
out with a reason.
"""

from __future__ import annotations

import unittest

import pytest
from cpython import Recorded, Simulated, copy_of

original = copy_of("test.test_threading")
pytestmark = pytest.mark.timeout(100)

CASES = tuple(
    case
    for name in (
        *("ThreadTests", "ThreadingExceptionTests", "ExceptHookTests", "TimerTests"),
        "ThreadingIteratorToolsTests",  # from 3.15 on
    )
    if (case := getattr(original, name, None)) is not None
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
    "test_keyboard_interrupt_during_threading_shutdown": SCRIPT,
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
    "test_PyThreadState_SetAsyncExc_interrupts_sleep": "a recorded sleep waits at a lock, which an exception "
    "sent to the thread does not end, as it ends no lock's wait",
    "test_tstate_lock": "about an inner lock of threading, up to 3.12",
    "test_excepthook": "exceptions in a run are recorded, not printed: test_thread.py",
    "test_original_excepthook": "exceptions in a run are recorded, not printed: test_thread.py",
    "test_custom_excepthook": "a hook of a library is not the program's own: test_thread.py",
    "test_custom_excepthook_fail": "a hook of a library is not the program's own: test_thread.py",
}
RAW = "it waits for a lock of _thread, or for a thread of it: these are not simulated"
NOT_SIMULATED = {
    "test_foreign_thread": RAW,
    "test_ident_of_no_threading_threads": RAW,
    "test_join_with_timeout": RAW,
    "test_limbo_cleanup": "about an inner function of threading, up to 3.12",
    "test_repr_stopped": RAW,
}


def names(case: type[unittest.TestCase]) -> list[str]:
    return unittest.defaultTestLoader.getTestCaseNames(case)


def cases(prefix: str, *bases: type, without: dict[str, str]) -> dict[str, type[unittest.TestCase]]:
    """The test cases of CPython by name, without the tests that are left out."""
    return {
        prefix + case.__name__: type(
            case.__name__, (*bases, case), dict.fromkeys({*names(case)} & without.keys())
        )
        for case in CASES
    }


BARE = cases("", without=LEFT_OUT)
RECORDED = cases("Recorded", Recorded, without=LEFT_OUT | NOT_RECORDED)
SIMULATED = cases("Simulated", Simulated, without=LEFT_OUT | NOT_RECORDED | NOT_SIMULATED)
globals().update(BARE | RECORDED | SIMULATED)  # where pytest finds them


def test_each_test_case_of_cpython_is_run_or_left_out_for_a_reason() -> None:
    theirs = {
        name
        for name, case in vars(original).items()
        if isinstance(case, type)
        and issubclass(case, unittest.TestCase)
        and any(getattr(case, method).__module__ == original.__name__ for method in names(case))
    }
    assert theirs <= {case.__name__ for case in CASES} | OTHER_CASES.keys()


@pytest.mark.parametrize("ours", [RECORDED, SIMULATED], ids=["recorded", "simulated"])
def test_most_tests_are_run_in_a_run_too(ours: dict[str, type[unittest.TestCase]]) -> None:
    assert sum(map(len, map(names, ours.values()))) >= 25
