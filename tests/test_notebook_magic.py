"""`%%trace`: a cell of plain Python, recorded or simulated, and afterwards all is as it was."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from process import state_of_process
from traitlets.config import Config

import tracing
from tracing import Exploration, Trace
from tracing import RLock as TracedRLock

ROOT = Path(tracing.__file__).resolve().parent.parent
CELL = """%%trace {}
from threading import Event
import threading as again
lock_a, ready = Lock(), threading.Event()

def work():
    with lock_a:
        time.sleep(0.001)
    ready.set()

worker = Thread(target=work)
worker.start()
ready.wait()
worker.join()
6 * 7"""


@pytest.fixture
def shell() -> Iterator[Any]:
    found = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))  # no thread of its own
    found.run_cell("%load_ext tracing\nimport threading, time\nfrom threading import Lock, Thread")
    yield found
    InteractiveShell.clear_instance()


def test_the_extension_can_be_unloaded_and_loaded_again(shell: Any) -> None:
    with capture_output() as shown:
        shell.run_cell("%unload_ext tracing")
        assert not shell.run_cell("%%trace\n1").success
        shell.run_cell("%load_ext tracing")
        assert shell.run_cell("%%trace\n1").result == 1
    assert "how to unload" not in shown.stdout


def names_of(run: Trace) -> list[str]:
    return [thing.name for thing in run.log.objects]


ANNOTATED = "def call(x: int): pass\ncall.__annotations__"


@pytest.mark.parametrize("options", ["", "--simulate"])
def test_a_cell_has_the_future_imports_of_the_notebook_and_no_others(shell: Any, options: str) -> None:
    with capture_output():
        assert shell.run_cell(f"%%trace {options}\n{ANNOTATED}").result == {"x": int}
        shell.run_cell("from __future__ import annotations")
        assert shell.run_cell(f"%%trace {options}\n{ANNOTATED}").result == {"x": "int"}


def test_a_future_import_of_a_traced_cell_holds_for_the_cells_after_it(shell: Any) -> None:
    with capture_output():
        shell.run_cell(f"%%trace\nfrom __future__ import annotations\n{ANNOTATED}")
        assert shell.run_cell(ANNOTATED).result == {"x": "int"}


@pytest.mark.parametrize("options", ["", "--simulate", "--seed 3"])
def test_a_cell_is_recorded_its_last_value_shown_and_all_is_as_it_was(shell: Any, options: str) -> None:
    before = state_of_process()
    with capture_output() as shown:
        done = shell.run_cell(CELL.format(f"-o run --title 'mine' {options}"))
    names = shell.user_ns
    assert (done.success, done.result) == (True, 42)
    assert sorted(names_of(names["run"])) == ["lock_a", "ready"]
    assert [info.name for info in names["run"].log.threads] == ["MainThread", "work"]
    assert names["run"].log.title == "mine"
    assert {site.line for site in names["run"].log.sites} <= set(range(1, 16))  # 1 is the magic's own
    assert "acquires lock_a" in shown.stdout
    assert [names[name] for name in ("Lock", "Event", "Thread", "threading", "again")] == [
        *(threading.Lock, threading.Event, threading.Thread, threading, threading),
    ]
    assert state_of_process() == before


@pytest.mark.parametrize("options", ["", "--simulate"])
@pytest.mark.parametrize(
    ("cell", "result"),
    [("6 * 7;", None), ("6 * 7;  # the answer", None), ("6 * 7  # ;", 42), ("a = 1;", None)],
)
def test_a_semicolon_at_the_end_hides_the_last_value_as_in_any_cell(
    shell: Any, options: str, cell: str, result: int | None
) -> None:
    with capture_output():
        done = shell.run_cell(f"%%trace {options}\n{cell}")
    assert (done.success, done.result) == (True, result)


@pytest.mark.parametrize("options", ["", "--simulate", "--explore"])
def test_what_the_program_has_from_this_package_itself_stays_its_own(shell: Any, options: str) -> None:
    """Here it is this module, too: it is no library."""
    mine = TracedRLock
    shell.run_cell("from tracing import Lock as Traced, RLock")
    with capture_output():
        shell.run_cell(f"%%trace {options}\nfrom tracing import Event\nfrom threading import Semaphore\n1")
    names = shell.user_ns
    assert TracedRLock is mine is tracing.RLock
    assert (names["Traced"], names["RLock"]) == (tracing.Lock, tracing.RLock)
    if options != "--explore":  # which leaves no names
        assert (names["Event"], names["Semaphore"]) == (tracing.Event, threading.Semaphore)


@pytest.mark.parametrize("options", ["", "--simulate"])
def test_what_a_cell_imports_of_time_and_queue_is_put_back(shell: Any, options: str) -> None:
    with capture_output():
        shell.run_cell(f"%%trace {options}\nfrom time import sleep\nfrom queue import SimpleQueue as Line\n1")
        shell.run_cell("import queue")
        own = shell.run_cell("sleep is time.sleep, Line is queue.SimpleQueue").result
    assert own == (True, True)


@pytest.mark.parametrize("options", ["", "--simulate"])
@pytest.mark.parametrize("again", ["lock.acquire()", "take()", "[lock.acquire() for _ in range(2)]"])
def test_a_cell_that_waits_for_itself_is_told_without_the_frames_that_run_cells(
    shell: Any, options: str, again: str
) -> None:
    cell = f"def take():\n    lock.acquire()\nlock = Lock()\ntake()\n{again}"
    with capture_output():
        shell.run_cell(f"%%trace -o run {options}\n{cell}")
    run = shell.user_ns["run"]
    (found,) = run.findings
    assert found.sentence.endswith(", which it holds itself since line 3.")
    assert "(" not in found.sentence
    assert "Do not take a Lock that you hold" in found.hint
    assert [call.by for stand in run.log.ending.stands for call in stand.calls if call.by] == []
    assert {call.site.line for stand in run.log.ending.stands for call in stand.calls} <= {3, 6}


def test_what_a_cell_raises_is_raised_as_in_any_cell(shell: Any) -> None:
    with capture_output() as shown:
        done = shell.run_cell("%%trace -o run\n1 / 0")
    assert isinstance(done.error_in_exec, ZeroDivisionError)
    assert "line 2" in shown.stdout
    assert "run_cell_magic" not in shown.stdout
    assert isinstance(shell.user_ns["run"], Trace)


def test_what_is_no_python_is_told_and_nothing_is_run(shell: Any) -> None:
    with capture_output() as shown:
        done = shell.run_cell("%%trace -o run\ndef (")
    assert "SyntaxError" in shown.stdout
    assert "line 2" in shown.stdout or ":2" in shown.stdout
    assert "notebook.py" not in shown.stdout
    assert "run_cell_magic" not in shown.stdout
    assert not done.success
    assert "run" not in shell.user_ns


def test_a_cell_that_awaits_outside_of_a_function_is_told_what_to_do(shell: Any) -> None:
    with capture_output() as shown:
        shell.run_cell("%%trace\nimport asyncio\nawait asyncio.sleep(0)")
    assert "has `await` outside of a function" in shown.stdout + shown.stderr
    assert "notebook.py" not in shown.stdout


@pytest.mark.parametrize("line", ["async for each in numbers(): pass", "async with lock: pass"])
def test_each_way_to_await_is_seen(shell: Any, line: str) -> None:
    with capture_output() as shown:
        shell.run_cell(f"%%trace\n{line}")
    assert "has `await` outside of a function" in shown.stdout + shown.stderr


def test_a_cell_may_await_inside_of_a_function(shell: Any) -> None:
    with capture_output():
        done = shell.run_cell(
            "%%trace\nimport asyncio\nasync def main(): return 3\nfound = []\n"
            "worker = Thread(target=lambda: found.append(asyncio.run(main())))\nworker.start()\nworker.join()"
        )
    assert done.success
    assert shell.user_ns["found"] == [3]


def test_a_cell_that_hangs_ends_and_is_told_why(shell: Any) -> None:
    with capture_output():
        done = shell.run_cell("%%trace -o run\nthreading.Event().wait()")
    assert done.success
    assert shell.user_ns["run"].log.ending.reason == "hung"


def test_a_time_out_ends_a_cell_that_loops(shell: Any) -> None:
    with capture_output():
        shell.run_cell("%%trace -o run --timeout 0.1\nwhile True: time.sleep(0.01)")
    assert shell.user_ns["run"].log.ending.reason == "timeout"


def test_a_cell_may_be_explored_and_leaves_no_names(shell: Any) -> None:
    with capture_output():
        shell.run_cell(CELL.format("--explore -o found"))
    found = shell.user_ns["found"]
    assert isinstance(found, Exploration)
    assert [(each.kind, each.text) for each in found.outcomes] == [("returned", "42")]
    assert "worker" not in shell.user_ns


FAILS = """%%trace --explore {}
money = [0]

def pay():
    seen = money[0]
    time.sleep(0)
    money[0] = seen + 1

threads = [Thread(target=pay), Thread(target=pay)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert money == [2]"""


def test_how_to_see_a_failing_schedule_again_can_be_typed_in_a_cell(shell: Any) -> None:
    with capture_output() as shown:
        shell.run_cell(FAILS.format("-o mine"))
    assert "To see it again: mine.failure.trace\n" in shown.stdout
    assert eval("mine.failure.trace", shell.user_ns).outcome_of("MainThread").startswith("failed")
    with capture_output() as shown:
        shell.run_cell(FAILS.format(""))
    told = "To see it again: begin the cell with %%trace --explore -o found; then found.failure.trace\n"
    assert told in shown.stdout


SIGNALLED = """%%trace --explore -o found
from threading import Condition, Semaphore, Barrier
turn, box, ready, both, room = Condition(), [], threading.Event(), Barrier(2), Semaphore(1)

def take():
    both.wait()
    with turn:
        turn.wait_for(lambda: box)
    ready.set()

def give():
    both.wait()
    with room, turn:
        box.append(1)
        turn.notify()

threads = [Thread(target=take), Thread(target=give)]
for thread in threads: thread.start()
ready.wait()
for thread in threads: thread.join()
len(box)"""


def test_a_cell_that_is_explored_has_recorded_what_was_imported_before(shell: Any) -> None:
    cell = """%%trace --explore -o found
lock_a, seen = Lock(), []

def work():
    with lock_a:
        time.sleep(0.01)
        seen.append(1)

workers = [Thread(target=work) for _ in range(2)]
for worker in workers: worker.start()
for worker in workers: worker.join()
len(seen)"""
    with capture_output():
        shell.run_cell(cell)
    found = shell.user_ns["found"]
    assert found.never_fails
    assert [outcome.text for outcome in found.outcomes] == ["2"]
    assert "seen" not in shell.user_ns


def test_conditions_and_events_may_be_explored_in_a_cell(shell: Any) -> None:
    with capture_output():
        shell.run_cell(SIGNALLED)
    found = shell.user_ns["found"]
    assert [(each.kind, each.text) for each in found.outcomes] == [("returned", "1")]
    assert found.exhausted
    assert found.schedules > 1


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("--timeout -1", "give seconds, more than 0"),
        ("-o 1", "give the name of a variable"),
        ("--bogus", "--bogus"),
    ],
)
def test_wrong_options_are_told_in_a_line(shell: Any, line: str, complaint: str) -> None:
    with capture_output() as shown:
        shell.run_cell(f"%%trace {line}\nprint('never')")
    assert complaint in shown.stderr + shown.stdout
    assert "never" not in shown.stdout


def test_the_magic_documents_its_options(shell: Any) -> None:
    documented = shell.find_cell_magic("trace").__doc__
    assert all(
        each in documented for each in ("--simulate", "--seed", "--timeout", "--title", "--explore", "-o")
    )


def test_importing_the_package_loads_neither_notebooks_nor_tests_nor_pictures() -> None:
    unloaded = {"IPython", "pytest", "_pytest", "matplotlib", "ipywidgets"}
    program = f"import sys, tracing, tracing.commanding; print(sorted({unloaded!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
