"""`python -m tracing dump PID`: what a living process waits for; it goes on as if nobody had asked."""

from __future__ import annotations

import importlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from logs import LogBuilder

import tracing
from tracing.commanding import command, main
from tracing.cpython import probe
from tracing.cpython.remote import Frame, Refused, Stack
from tracing.cpython.waiting import AIMS, INNERMOST
from tracing.dumping import DumpError, ask, asking, in_words, of_record
from tracing.dumping.stands import stand_from_inside, stand_from_outside
from tracing.files import save
from tracing.scripting.job import Pulse

ROOT = Path(tracing.__file__).resolve().parent.parent
SECONDS = 30  # for everything that a step may take
posix = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
looks_inside = pytest.mark.skipif(
    not hasattr(sys, "remote_exec"), reason="before Python 3.14 nobody looks into another process"
)

# The main thread has `lock_a` and waits for a line; reader waits for `lock_a`.
WAITS = """
import sys
from threading import Lock, Thread

lock_a = Lock()

def read():
    with lock_a:
        print("reader", flush=True)

with lock_a:
    reader = Thread(target=read, name="reader")
    reader.start()
    print("up", flush=True)
    print(sys.stdin.readline().strip(), flush=True)
reader.join()
print("down")
"""
# A circle that is not ended: the main thread is in it, and a signal may let it go.
CIRCLE = """
import signal
from threading import Barrier, Lock, Thread

signal.signal(signal.SIGUSR2, lambda *_: None)
savings, checking, both = Lock(), Lock(), Barrier(2)

def back():
    with checking:
        both.wait()
        with savings:
            pass

Thread(target=back, name="back").start()
with savings:
    both.wait()
    print("up", flush=True)
    with checking:
        pass
"""
# As WAITS, inside a record(), with the main thread waiting in a lock and another one for the line.
RECORDED = """
import sys
from tracing import Lock, Thread, record

def hold():
    with lock_a:
        print("up", flush=True)
        print(sys.stdin.readline().strip(), flush=True)

with record("the office") as run:
    lock_a = Lock()
    holder = Thread(target=hold, name="holder")
    holder.start()
    while not lock_a.locked():
        pass
    with lock_a:
        print("main", flush=True)
"""
# Not recorded. The main thread waits where it comes to no step of Python.
PLAIN = """
import sys
from queue import Queue
from threading import Thread

lines = Queue()

def pass_on():
    print("up", flush=True)
    lines.put(sys.stdin.readline().strip())

Thread(target=pass_on, name="passer").start()
print(lines.get(), flush=True)
"""
# Not recorded, and its main thread runs.
RUNS = """
import sys, os
from threading import Event, Thread

done = Event()
waiter = Thread(target=done.wait, args=(3600.0,), name="a waiter with a long name")
waiter.start()
print("up", flush=True)
os.set_blocking(0, False)
while not sys.stdin.buffer.raw.read(1):
    pass
done.set()
print("x", flush=True)
"""


def environment() -> dict[str, str]:
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


class Program:
    """A program that lives, and has said that it is up."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process, self.pid = process, process.pid
        assert self.line() == "up"

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Meanwhile none of its threads comes to a step of Python, wherever it is."""
        os.kill(self.pid, signal.SIGSTOP)
        assert os.WIFSTOPPED(os.waitpid(self.pid, os.WUNTRACED)[1])
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)

    def go_on(self) -> tuple[int, str, str]:
        """Give it its line; its exit status, and what it writes from now on."""
        output, errors = self.process.communicate("x\n", timeout=SECONDS)
        return self.process.returncode, output, errors


@contextmanager
def running(folder: Path, text: str, *options: str) -> Iterator[Program]:
    (folder / "program.py").write_text(text, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, *options, "program.py"],
        cwd=folder,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield Program(process)
        finally:
            process.kill()


def told_by(pid: int, *words: str, seconds: float = 5.0) -> tuple[str, bool]:
    """What that process says, once it says all these words."""
    for _ in range(1000):
        text, hangs = in_words(ask(pid, seconds))
        text = " ".join(text.split())
        if all(each in text for each in words):
            return text, hangs
    raise AssertionError(f"{words!r} was never said, but:\n{text}")


# Under python -m tracing


def test_a_program_under_the_command_tells_who_waits_for_what_held_by_whom_and_goes_on(
    tmp_path: Path,
) -> None:
    with running(tmp_path, WAITS, "-m", "tracing", "-q") as program:
        text, hangs = told_by(program.pid, "reader has waited")
        assert f"Process {program.pid}: program.py, recorded for" in text
        assert "for lock_a at line 8, held by MainThread since line 11." in text
        assert "MainThread has lock_a since line 11, for" in text
        assert "no hang that is to be seen: MainThread can go on." in text
        assert not hangs
        assert program.go_on() == (0, "x\nreader\ndown\n", "")


@posix
def test_a_circle_that_may_not_be_ended_is_told_as_a_hang(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(tmp_path, CIRCLE, "-m", "tracing") as program:
        text, hangs = told_by(program.pid, "It hangs:")
        assert "Deadlock: MainThread waits for checking at line 18, held by back since line 9;" in text
        assert hangs
        assert main(["dump", str(program.pid)]) == 3
        assert "Deadlock" in capsys.readouterr().out


def child_of(pid: int) -> int:
    """The process whose folder is that of another one."""
    folder = asking.folder_of_process(pid)
    assert folder is not None
    numbers = {int(path.name.partition("-")[2]) for path in folder.glob("process-*")}
    return (numbers - {pid}).pop()


def test_the_waiting_command_and_the_program_s_own_process_say_the_same(tmp_path: Path) -> None:
    with running(tmp_path, WAITS, "-m", "tracing", "-q") as program:
        told_by(program.pid, "reader has waited")
        assert "reader has waited" in told_by(child_of(program.pid), "reader has waited")[0]


def test_a_simulated_program_has_a_record_only_at_its_end(tmp_path: Path) -> None:
    with (
        running(tmp_path, SIMULATED) as program,
        pytest.raises(DumpError, match="is simulated, and has a record only at its end"),
    ):
        ask(program.pid)


# What a simulated program prints comes at its end, "up" too: so this stands in its place.
SIMULATED = """
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from tracing.scripting.job import PREFIX, Job, Pulse, mark_process
with TemporaryDirectory(prefix=PREFIX) as name:
    folder = Path(name)
    Job(title="", file="", text="", simulated={"seed": 0}).write(folder)
    mark_process(folder)
    Pulse(folder).beat(0, 0)
    print("up", flush=True)
    sys.stdin.readline()
"""


@posix
@pytest.mark.parametrize("whose", ["command", "program"])
def test_the_signal_that_was_named_at_the_start_lets_it_be_said_on_standard_error(
    tmp_path: Path, whose: str
) -> None:
    with running(tmp_path, WAITS, "-m", "tracing", "-q", "--dump-signal", "USR1") as program:
        told_by(program.pid, "reader has waited")
        os.kill(program.pid if whose == "command" else child_of(program.pid), signal.SIGUSR1)
        errors, said = program.process.stderr, ""
        while errors is not None and "It is no hang" not in said:
            said += f"{errors.readline().strip()} "
        assert said.startswith("tracing: program.py, recorded for")
        assert "for lock_a at line 8, held by MainThread since line 11." in said
        assert program.go_on() == (0, "x\nreader\ndown\n", "")


@posix
@pytest.mark.parametrize("whose", ["command", "program"])
def test_a_record_that_cannot_be_read_is_told_and_the_program_goes_on(tmp_path: Path, whose: str) -> None:
    with running(tmp_path, WAITS, "-m", "tracing", "-q", "--dump-signal", "USR1") as program:
        told_by(program.pid, "reader has waited")
        folder = asking.folder_of_process(program.pid)
        assert folder is not None
        assert program.process.stderr is not None
        (folder / "trace").rename(folder / "kept")
        (folder / "trace").touch()
        os.kill(program.pid if whose == "command" else child_of(program.pid), signal.SIGUSR1)
        said = program.process.stderr.readline()
        (folder / "kept").replace(folder / "trace")
        assert said.startswith("tracing: the record in")
        assert "cannot be read: it holds no trace" in said
        assert program.go_on() == (0, "x\nreader\ndown\n", "")


def test_a_fault_of_ours_while_a_program_is_asked_does_not_end_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(folder: Path) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(command, "record_in", fail)
    command._tell(tmp_path)
    assert capsys.readouterr().err.endswith("cannot be told: ZeroDivisionError: ours.\n")


def emptied(folder: Path) -> None:
    Pulse(folder).beat(0, 1)
    (folder / "trace").touch()


def with_a_folder_for_a_record(folder: Path) -> None:
    Pulse(folder).beat(0, 1)
    (folder / "trace").mkdir()


def just_going(folder: Path) -> None:
    """With its job's file gone already."""


@pytest.mark.parametrize("state", [emptied, with_a_folder_for_a_record, just_going])
def test_a_process_with_a_record_that_cannot_be_read_is_told_in_one_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    state: Callable[[Path], None],
) -> None:
    state(tmp_path)
    monkeypatch.setattr(asking, "_check_alive", lambda pid: None)
    monkeypatch.setattr(asking, "folder_of_process", lambda pid: tmp_path)
    assert main(["dump", "7"]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"tracing: the record in {tmp_path} cannot be read: ")
    assert len(told.splitlines()) == 1


def test_what_a_process_has_told_may_be_unreadable_too(tmp_path: Path) -> None:
    (tmp_path / "record-0").touch()
    with pytest.raises(DumpError, match="cannot be read: it holds no trace"):
        asking._from_inside(7, {"records": ["record-0"], "threads": []}, tmp_path)


def test_a_question_that_cannot_be_written_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(pid: int, folder: Path, seconds: float, *, wake: bool) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(asking, "_check_alive", lambda pid: None)
    monkeypatch.setattr(asking, "folder_of_process", lambda pid: None)
    monkeypatch.setattr(asking, "stacks_of", lambda pid: [])
    monkeypatch.setattr(asking, "_asked", fail)
    with pytest.raises(DumpError, match=r"process 7 cannot be asked: .*No space left on device"):
        ask(7)


@posix
def test_a_signal_that_is_named_lets_a_hang_be_ended_as_without(tmp_path: Path) -> None:
    hangs = (
        "from threading import Lock\nprint('up', flush=True)\nlock = Lock()\nlock.acquire()\nlock.acquire()"
    )
    with running(tmp_path, hangs, "-m", "tracing", "--dump-signal", "USR1") as program:
        assert program.process.wait(SECONDS) == 3


def test_a_signal_that_is_none_of_two_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--dump-signal", "KILL", "program.py"]) == 2
    assert "'KILL' is none of USR1 and USR2" in capsys.readouterr().err


def test_a_record_that_is_full_is_not_taken_for_what_is_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = LogBuilder(title="long")
    full.began(full.thread("main"))
    log = replace(full.build(), notes=("the record was full after 1 events",))
    save(log, tmp_path / "trace")
    Pulse(tmp_path).beat(0, 1)
    with pytest.raises(DumpError, match="what waits now is not in it"):
        asking.record_in(tmp_path)
    monkeypatch.setattr(asking, "_check_alive", lambda pid: None)
    monkeypatch.setattr(asking, "folder_of_process", lambda pid: tmp_path)
    place = Frame(file="mine.py", line=3, function="work")
    monkeypatch.setattr(asking, "stacks_of", lambda pid: [Stack(native_id=7, frames=(place,))])
    monkeypatch.setattr(asking, "run_in", refuse_as_disabled)
    text, hangs = in_words(ask(7))
    assert "MainThread stands at mine.py:3 in work" in text
    assert "Its record was full after" in text
    assert not hangs


def refuse_as_disabled(pid: int, script: str) -> None:
    raise Refused("disabled")


def abandoned(kind: str) -> LogBuilder:
    """Thread gone has ended with all of it; the main thread waits for it."""
    log = LogBuilder()
    main = log.thread("MainThread")
    gone = log.spawn(main, "gone")
    thing = log.semaphore("seats", value=1) if kind == "permits" else log.lock("seats")
    log.at(5).acquired(gone, thing, line=2).ended(gone)
    log.at(9).wait(main, thing, line=4)
    return log


@pytest.mark.parametrize("kind", ["permits", "lock"])
def test_whatever_an_ended_thread_has_kept_is_told_as_a_hang(kind: str) -> None:
    text, hangs = of_record(abandoned(kind).build(end=99, reason="running"))
    assert f"It hangs:\n  Abandoned {kind}: MainThread" in text
    assert hangs


# Inside a record()


@looks_inside
@posix
def test_a_process_inside_a_record_tells_though_its_main_thread_waits_in_a_lock(tmp_path: Path) -> None:
    with running(tmp_path, RECORDED) as program:
        text, hangs = told_by(program.pid, "MainThread has waited", "holder can go on")
        assert f"Process {program.pid}: the office, recorded for" in text
        assert "for lock_a at line 16, held by holder since line 6." in text
        assert not hangs
        assert program.go_on() == (0, "x\nmain\n", "")


# Any other process


@looks_inside
def test_a_process_whose_main_thread_waits_is_read_from_outside_and_goes_on(tmp_path: Path) -> None:
    with running(tmp_path, PLAIN) as program:
        reads = "program.py:10 in pass_on: lines.put(sys.stdin.readline().strip())"
        # As long as it is on its way into the wait, it answers.
        silent = "did not answer within 0.2 s"
        text, hangs = told_by(program.pid, "waits for an item", reads, silent, seconds=0.2)
        assert f"Process {program.pid}: 2 threads, not recorded." in text
        assert f"MainThread waits for an item in a queue at {tmp_path / 'program.py'}:13 in <module>." in text
        assert not hangs
        assert program.go_on() == (0, "x\n", "")


@looks_inside
def test_a_process_whose_main_thread_runs_tells_its_threads_names_and_timeouts(tmp_path: Path) -> None:
    with running(tmp_path, RUNS) as program:
        text, _ = told_by(program.pid, "to be set")
        assert "a waiter with a long name waits for an event to be set, with a timeout of 3600 s." in text
        assert "MainThread stands at" in text
        assert program.go_on() == (0, "x\n", "")


@looks_inside
@posix
def test_a_process_that_cannot_be_read_and_does_not_answer_says_so_and_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unable(pid: int) -> list[Stack]:
        raise Refused("unable")

    monkeypatch.setattr(asking, "stacks_of", unable)
    with running(tmp_path, PLAIN) as program:
        with program.stopped(), pytest.raises(DumpError, match=r"did not answer within 0\.1 s"):
            ask(program.pid, 0.1)
        assert program.go_on() == (0, "x\n", "")


@looks_inside
def test_a_process_in_which_remote_debugging_is_disabled_is_read_from_outside(tmp_path: Path) -> None:
    with running(tmp_path, RUNS, "-X", "disable-remote-debug") as program:
        text, _ = told_by(program.pid, "to be set")
        assert "remote debugging is disabled there" in text
        assert program.go_on() == (0, "x\n", "")


# Why not


def test_a_number_of_no_process_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    assert main(["dump", str(process.pid)]) == 1
    error = capsys.readouterr().err
    if os.name == "posix":
        assert f"there is no process {process.pid}" in error


@posix
def test_a_process_that_is_no_python_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as process:
        assert main(["dump", str(process.pid)]) == 1
        assert process.stdin is not None
        process.stdin.close()
    error = capsys.readouterr().err
    expected = "is no Python" if hasattr(sys, "remote_exec") else "cannot look into another process"
    assert expected in error
    assert "--dump-signal USR1" in error


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root has other users")
def test_a_process_of_another_user_is_told() -> None:
    code = f"from tracing.commanding import main; raise SystemExit(main(['dump', '{os.getpid()}']))"
    done = subprocess.run(
        [sys.executable, "-c", f"import os; import tracing.commanding; os.setuid(65534); {code}"],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "this user may not look into process" in done.stderr


@pytest.mark.parametrize(
    ("why", "detail", "words"),
    [
        ("version", "3.15", "is Python 3.15, and this is"),
        ("version", "3.15", "python3.15 -m tracing dump 7 can ask it"),
        ("disabled", "", "remote debugging disabled"),
        ("no main thread", "", "ask again"),
        ("unable", "", "Python 3.14 is the first: start the program by python -m tracing --dump-signal USR1"),
        ("other", "the moon", "process 7 cannot be looked into: the moon."),
    ],
)
def test_each_reason_has_a_sentence(
    monkeypatch: pytest.MonkeyPatch, why: str, detail: str, words: str
) -> None:
    def refuse(*_: object) -> Any:
        raise Refused(why, detail)

    monkeypatch.setattr(asking, "stacks_of", refuse)
    monkeypatch.setattr(asking, "run_in", refuse)
    monkeypatch.setattr(asking, "_check_alive", lambda pid: None)
    with pytest.raises(DumpError) as caught:
        ask(7)
    assert words in str(caught.value)


@pytest.mark.parametrize("words", [[], ["none"], ["0"], ["1", "2"], ["--timeout", "0", "1"]])
def test_wrong_usage_is_one_sentence(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dump", *words]) == 2
    assert capsys.readouterr().err.count("\n") == 1


# What a stack tells


MODULES = {
    "threading.py": "threading",
    "queue.py": "queue",
    "_base.py": "concurrent.futures._base",
    "thread.py": "concurrent.futures.thread",
}


@pytest.mark.parametrize("key", sorted({*AIMS, *INNERMOST}), ids="-".join)
def test_each_function_that_is_known_to_wait_is_there(key: tuple[str, str]) -> None:
    found: Any = importlib.import_module(MODULES[key[0]])
    for name in key[1].split("."):
        found = getattr(found, name)
    assert found.__code__.co_qualname == key[1]
    assert Path(found.__code__.co_filename).name == key[0]


def ways() -> dict[str, tuple[Callable[[], object], Callable[[], object]]]:
    """By what is said: how a thread waits, and what lets it go on."""
    event, condition, one = threading.Event(), threading.Condition(), threading.Semaphore(0)
    empty, full, unfinished = queue.Queue[int](), queue.Queue[int](1), queue.Queue[int]()
    full.put(1)
    unfinished.put(1)
    barrier, call = threading.Barrier(2), Future[int]()
    ended = threading.Event()
    other = threading.Thread(target=ended.wait, name="ann", daemon=True)
    other.start()

    def wait() -> None:
        with condition:
            condition.wait()

    def notify() -> None:
        with condition:
            condition.notify()

    return {
        "for an event to be set": (event.wait, event.set),
        "for a notification of a condition": (wait, notify),
        "for a permit of a semaphore": (one.acquire, one.release),
        "for the others at a barrier": (barrier.wait, barrier.wait),
        "for an item in a queue": (empty.get, lambda: empty.put(1)),
        "for room in a queue": (lambda: full.put(2), full.get),
        "for the tasks of a queue to be done": (unfinished.join, unfinished.task_done),
        "for the result of a call": (call.result, lambda: call.set_result(1)),
        "for ann to end": (other.join, ended.set),
    }


@looks_inside
@pytest.mark.parametrize(
    "aim",
    [
        *("for an event to be set", "for a notification of a condition", "for a permit of a semaphore"),
        *("for the others at a barrier", "for an item in a queue", "for room in a queue"),
        *("for the tasks of a queue to be done", "for the result of a call", "for ann to end"),
    ],
)
def test_a_thread_that_waits_is_said_to_wait_for_that(aim: str) -> None:
    known = ways()
    thread = threading.Thread(target=known[aim][0], name="waiter", daemon=True)
    thread.start()
    found = ""
    while found != aim:
        told = next(each for each in probe.threads() if each["name"] == "waiter")
        found = stand_from_inside(told).aim
    known[aim][1]()
    known["for ann to end"][1]()
    thread.join(SECONDS)
    assert not thread.is_alive()


WAIT, MINE = ("threading.py", "Condition.wait"), ("mine.py", "f")


def frames(*calls: tuple[str, str]) -> tuple[Frame, ...]:
    folder = Path(threading.__file__).parent
    known = {**dict.fromkeys(MODULES, folder), "_base.py": folder / "concurrent" / "futures"}
    return tuple(
        Frame(file=str(known.get(file, Path("/home")) / file), line=1, function=f) for file, f in calls
    )


@pytest.mark.parametrize(
    ("calls", "aim"),
    [
        ([WAIT, ("queue.py", "Queue.get"), MINE], "for an item in a queue"),
        ([("threading.py", "Condition.notify"), ("queue.py", "Queue.put"), MINE], ""),
        ([("queue.py", "Queue.get"), MINE], ""),
        ([MINE, ("threading.py", "Thread.run")], ""),
        ([WAIT, MINE, ("queue.py", "Queue.get")], "for a notification of a condition"),
        ([], ""),
    ],
)
def test_a_thread_waits_only_where_its_innermost_call_does_nothing_else(
    calls: list[tuple[str, str]], aim: str
) -> None:
    assert stand_from_outside(1, Stack(native_id=2, frames=frames(*calls))).aim == aim


def test_what_goes_wrong_in_the_process_is_its_answer(tmp_path: Path) -> None:
    def fail(folder: str) -> list[str]:
        raise ValueError("no")

    probe.answer(str(tmp_path), fail)
    assert json.loads((tmp_path / "answer").read_text(encoding="utf-8")) == {"error": "ValueError: no"}


def test_a_name_that_a_class_computes_is_not_asked_for() -> None:
    class Odd(threading.Thread):
        @property
        def name(self) -> str:
            raise AssertionError("called")

        @name.setter
        def name(self, value: str) -> None:
            pass

    assert probe.name_of(Odd(name="quiet")) == "quiet"
    assert probe.name_of(SimpleNamespace(_name="no thread")) == ""
