"""`pytest --trace-threads` and `@pytest.mark.explore`, in a pytest of their own."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import tracing

ROOT = Path(tracing.__file__).resolve().parent.parent
TESTS = """
import threading
import pytest

@pytest.fixture
def lock(): return threading.Lock()

def test_that_hangs(lock):
    lock.acquire()
    lock.acquire()

def test_that_passes(lock):
    with lock: pass

def test_that_fails(lock):
    assert lock.locked(), "as it should"
"""
CASES = """
import threading
import unittest

class Tests(unittest.TestCase):
    def test_that_hangs(self):
        lock = threading.Lock()
        lock.acquire()
        with self.subTest("a part"):
            lock.acquire()

    def test_that_passes(self):
        with threading.Lock(): pass

    def test_that_fails(self):
        self.fail("as it should")

    @unittest.skip("why not")
    def test_that_is_skipped(self): pass

    @unittest.expectedFailure
    def test_that_is_to_fail(self): self.fail()

class Hangs(unittest.TestCase):
    def setUp(self):
        self.lock = threading.Lock()
        self.addCleanup(self.lock.acquire)

    def tearDown(self): self.lock.acquire()

    def test_it(self): pass

class Coroutines(unittest.IsolatedAsyncioTestCase):
    async def test_coroutine(self):
        with threading.Lock(): pass
"""
UNCAUGHT = """
import threading

def test_it():
    def fail(): raise ValueError("nobody catches it")
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
"""
EXPLORED = """
import threading
import pytest

@pytest.mark.explore(seconds=5)
@pytest.mark.parametrize("count", [1, 2])
def test_money(count):
    lock, money = threading.Lock(), [0]
    def pay():
        with lock: seen = money[0]
        with lock: money[0] = seen + 1
    threads = [threading.Thread(target=pay) for _ in range(count)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    assert money[0] == count
"""


PLAIN = """
async def test_async(): assert False

async def test_async_generator():
    yield

def test_that_returns(): return 3
"""
REFUSED = """
import unittest
import pytest

@pytest.mark.explore
async def test_async(): assert False

@pytest.mark.explore
async def test_async_generator():
    yield

@pytest.mark.explore(3)
def test_number(): pass

@pytest.mark.explore(secnds=5)
def test_word(): pass

@pytest.mark.explore(schedules=-1)
def test_value(): pass

def comes_and_goes(seen=[]):
    import threading
    seen.append(0)
    lock = threading.Lock()
    def work():
        with lock: pass
    for _ in range(2 + len(seen)): threading.Thread(target=work).start()

@pytest.mark.explore
def test_that_differs(): comes_and_goes()

class Tests(unittest.TestCase):
    @pytest.mark.explore
    def test_method(self): pass
"""


def pytest_in(folder: Path, text: str, *options: str) -> str:
    (folder / "test_it.py").write_text(text)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tracing.testing",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:nbval",
    ]
    done = subprocess.run(
        [*command, *options, "test_it.py"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout


def test_a_test_that_hangs_fails_with_its_diagnosis_and_the_rest_runs(tmp_path: Path) -> None:
    said = pytest_in(tmp_path, TESTS, "--trace-threads")
    assert "2 failed, 1 passed" in said
    assert "The test hung and was ended." in said
    assert "which it holds itself" in said
    assert "as it should" in said


def test_tests_of_a_test_case_are_recorded_with_what_stands_around_them(tmp_path: Path) -> None:
    said = pytest_in(tmp_path, CASES, "--trace-threads")
    # The part of a test counts as one, where its thread comes to report it before it is told again to end.
    assert re.search("[34] failed, 2 passed, 1 skipped, 1 xfailed", said)
    assert said.count("The test hung and was ended.") == 4  # each once more in the summary
    assert "Deadlock: MainThread waits for lock at line 10, which it holds itself since line 8." in said
    assert "MainThread waits for Hangs.lock" in said
    assert "as it should" in said
    assert "Unwind" not in said


@pytest.mark.parametrize("option", ["--color=no", "--trace-threads"])
def test_what_a_thread_does_not_catch_reaches_pytest(tmp_path: Path, option: str) -> None:
    said = pytest_in(tmp_path, UNCAUGHT, option)
    assert "1 passed, 1 warning" in said
    assert "PytestUnhandledThreadExceptionWarning" in said
    assert "ValueError: nobody catches it" in said


def test_a_test_is_explored_and_says_what_replays_the_failure(tmp_path: Path) -> None:
    said = pytest_in(tmp_path, EXPLORED, "--strict-markers")
    assert "1 failed, 1 passed" in said
    assert re.search(r"MainThread +\| pay-1 +\| pay-2", said)  # a column for each thread
    command = re.search(r"To see it again: pytest (.+)", said)
    assert command is not None, said
    test, option, schedule = shlex.split(command[1])
    assert (test, option) == ("test_it.py::test_money[2]", "--trace-replay")
    again = pytest_in(tmp_path, EXPLORED, option, schedule, "-k", "money and 2")
    assert "1 failed, 1 deselected" in again
    assert f"Under schedule {schedule!r}:" in again
    assert "AssertionError" in again
    assert re.search(r"MainThread +\| pay-1 +\| pay-2", again)


def test_a_schedule_of_another_test_is_refused_in_a_sentence(tmp_path: Path) -> None:
    said = pytest_in(tmp_path, EXPLORED, "--trace-replay", "1:9", "-k", "money and 2")
    assert "cannot run test_money[2]: " in said
    assert "at choice 1 thread 9 cannot go on" in said
    assert "tracing/" not in said  # no lines of ours


def test_a_test_that_passes_under_a_schedule_passes(tmp_path: Path) -> None:
    assert "1 passed, 1 deselected" in pytest_in(
        tmp_path, EXPLORED, "--trace-replay", "", "-k", "money and 1"
    )


def test_what_pytest_makes_of_async_tests_and_returned_values_stays_as_it_is(tmp_path: Path) -> None:
    bare, recorded = pytest_in(tmp_path, PLAIN), pytest_in(tmp_path, PLAIN, "--trace-threads")
    for told in (bare, recorded):
        assert "2 failed, 1 passed, 1 warning" in told
        assert told.count("async def functions are not natively supported") >= 2
        assert "PytestReturnNotNoneWarning" in told


def test_the_mark_is_refused_where_it_would_not_do_what_it_says(tmp_path: Path) -> None:
    said = pytest_in(tmp_path, REFUSED)
    assert "7 failed" in said
    assert "@pytest.mark.explore cannot run test_async: it is async" in said
    assert "@pytest.mark.explore cannot run test_async_generator: it is async" in said
    assert "cannot run test_number: give its options by name, as in explore(seconds=5), and not 3" in said
    assert "cannot run test_word: explore() has no option 'secnds'; it has bound, schedules, seconds," in said
    assert "cannot run test_value: explore() got schedules=-1: give it a whole number" in said
    assert "cannot run test_that_differs: " in said
    assert "Traceback" not in said
    assert "tracing/" not in said  # no lines of ours
    assert "cannot run test_method: it is of a unittest.TestCase" in said


def test_without_the_option_a_test_is_left_alone(tmp_path: Path) -> None:
    text = "import sys\ndef test_it(): assert 'tracing.unmodified' not in sys.modules\n"
    assert "1 passed" in pytest_in(tmp_path, text)


def test_what_is_installed_and_what_p_names_are_one_plugin() -> None:
    """pytest refuses one module under two names: the entry point has the module's."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"tracing.testing": "tracing.testing"}
