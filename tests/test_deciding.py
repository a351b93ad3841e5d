"""A program that hangs for good decides it itself and ends; one that can go on is left alone."""

from __future__ import annotations

import os
import re
import signal
import threading
from typing import Any

import pytest

from tracing import run_script
from tracing.scripting import ScriptTrace, deciding

posix = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
alarms = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no alarms")
SOON = 30.0  # s: a program that hangs is not stopped, however slow the machine is


def hung(program: str) -> ScriptTrace:
    run = run_script(program, timeout=SOON)
    assert (run.ended, run.exit_code, run.log.ending.reason) == ("ended as hung", 70, "hung"), run.text()
    return run


def errors(run: ScriptTrace) -> list[str]:
    return [finding.kind for finding in run.findings if finding.severity == "error"]


# It hangs, and says why

HANGS = {
    "lost signal": """
        ready = Condition()
        with ready:
            ready.notify()
        def consume():
            with ready:
                ready.wait()
        run(consume)
    """,
    "wrong waiter": """
        cond, stage = Condition(), 0
        def step(need):
            global stage
            with cond:
                while stage < need:
                    cond.wait()
                stage = need + 1
                cond.notify()
        later = Thread(target=step, args=(2,))
        later.start()
        time.sleep(0.1)
        first = Thread(target=step, args=(1,))
        first.start()
        time.sleep(0.1)
        with cond:
            stage = 1
            cond.notify()
        first.join()
    """,
    "stalled": """
        gate = Barrier(3)
        run(gate.wait, gate.wait)
    """,
    "abandoned permits": """
        permits = Semaphore(1)
        run(permits.acquire)
        permits.acquire()
    """,
    "deadlock": """
        left, right, both = Lock(), Lock(), Barrier(2)
        def take(first, second):
            with first:
                both.wait()
                with second:
                    pass
        run(lambda: take(left, right), lambda: take(right, left))
    """,
}
BEGIN = """
import time
from threading import Barrier, Condition, Event, Lock, Semaphore, Thread

def run(*targets):
    threads = [Thread(target=target) for target in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


def of(body: str, before: str = BEGIN) -> str:
    """A program: the body, which stands further in, after the beginning."""
    indent = re.match(r"\n*( *)", body)
    assert indent is not None
    return before + re.sub(f"(?m)^{indent[1]}", "", body)


@pytest.mark.parametrize("kind", HANGS)
def test_an_unmodified_program_is_told_of_its_hang_as_a_recorded_block_is(kind: str) -> None:
    run = hung(of(HANGS[kind]))
    assert errors(run) == [kind], run.text()


def test_threads_that_wait_in_a_circle_of_joins_are_a_deadlock() -> None:
    run = hung("""
        import threading
        main = threading.current_thread()
        thread = threading.Thread(target=lambda: main.join(), name="joiner")
        thread.start()
        thread.join()
    """)
    assert errors(run) == ["deadlock"]
    assert "MainThread waits for joiner to end" in run.findings[0].sentence


def test_what_was_printed_is_there_though_nothing_else_is_run_any_more() -> None:
    run = hung("""
        import atexit, threading
        atexit.register(print, "never")
        print("half a line", end="")
        try:
            threading.Event().wait()
        finally:
            print("never")
    """)
    assert run.output == "half a line"


def test_a_thread_that_nobody_can_tell_to_stop_is_a_hang_at_the_interpreters_exit() -> None:
    run = hung("""
        import threading
        stop = threading.Event()
        threading.Thread(target=stop.wait, name="keepalive").start()
    """)
    assert errors(run) == ["stalled"]


POLLS = {
    "while not": "while not stop.wait(0.1): pass",
    "two looks": "while not stop.is_set(): stop.wait(0.1)",
    "break": """while True:
    if stop.wait(timeout=0.1):
        break""",
    "sleep": "while not results: time.sleep(0.05)",
    "length": "while len(results) < 3: time.sleep(0.05)",
    "attribute": "while not state.done: time.sleep(0.05)",
    "lock in the loop": """while not results:
    with cond:
        cond.wait(0.1)""",
    "condition": """with cond:
    while not results:
        cond.wait(0.1)""",
}
LOOKED_AT = """
import threading, time
stop, results, cond, lock = threading.Event(), [], threading.Condition(), threading.Lock()
class State: done = False
state = State()
def work():
    {}
"""


def looking(loop: str, rest: str) -> str:
    return LOOKED_AT.format(loop.replace("\n", "\n    ")) + rest


@pytest.mark.parametrize("loop", POLLS)
def test_who_only_looks_again_and_again_at_what_nobody_can_change_hangs(loop: str) -> None:
    hung(looking(POLLS[loop], "thread = threading.Thread(target=work)\nthread.start()\nthread.join()"))


def test_what_hangs_at_the_interpreters_exit_is_told_with_its_line() -> None:
    run = hung("""
        import atexit, threading
        def late():
            threading.Event().wait()
        atexit.register(late)
    """)
    assert [finding.sentence for finding in run.findings] == [
        "Stalled: MainThread waits for Event-1 at line 3, and nobody is left to set it."
    ]


def test_a_main_thread_that_looks_after_a_hung_thread_hangs_as_well() -> None:
    run = hung("""
        import threading
        lock = threading.Lock()
        def work():
            with lock, lock:
                pass
        thread = threading.Thread(target=work)
        thread.start()
        while thread.is_alive():
            thread.join(0.1)
    """)
    assert "deadlock" in errors(run)


def test_a_circle_of_threads_hangs_though_a_ctrl_c_would_let_the_main_thread_go() -> None:
    run = hung(
        of(
            """
        left, right, both = Lock(), Lock(), Barrier(2)
        def take(first, second):
            with first:
                both.wait()
                with second:
                    pass
        try:
            run(lambda: take(left, right), lambda: take(right, left))
        except KeyboardInterrupt:
            print("stopped")
            """
        )
    )
    assert errors(run) == ["deadlock"]


def test_the_handler_by_which_asyncio_ends_at_a_ctrl_c_lets_nobody_go() -> None:
    run = hung("""
        import asyncio, threading
        lock = threading.Lock()
        async def twice():
            with lock:
                await asyncio.sleep(0)
                lock.acquire()
        asyncio.run(twice())
    """)
    assert errors(run) == ["deadlock"]


# It can go on

GOES_ON = {
    "daemons that wait": """
        Thread(target=Event().wait, daemon=True).start()
        time.sleep(1.5)
    """,
    "a slow holder": """
        lock = Lock()
        def work():
            with lock:
                time.sleep(1.5)
        threads = [Thread(target=work), Thread(target=work)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    """,
    "a process": """
        import subprocess, sys
        waiter = Thread(target=Event().wait, daemon=True)
        waiter.start()
        subprocess.run([sys.executable, "-c", "import time; time.sleep(1.5)"])
    """,
    "a socket": """
        import select, socket, subprocess, sys
        server = socket.create_server(("127.0.0.1", 0))
        port = server.getsockname()[1]
        other = subprocess.Popen([sys.executable, "-c",
            f"import socket, time; time.sleep(1.5); socket.create_connection(('127.0.0.1', {port})).close()"])
        Thread(target=Event().wait, daemon=True).start()
        select.select([server], [], [])
        other.wait()
    """,
    "a pipe": """
        import os, subprocess, sys
        reading, writing = os.pipe()
        os.set_inheritable(writing, True)
        other = subprocess.Popen(
            [sys.executable, "-c", f"import os, time; time.sleep(1.5); os.write({writing}, b'x')"],
            close_fds=False)
        done = Event()
        Thread(target=lambda: (os.read(reading, 1), done.set())).start()
        done.wait()
        other.wait()
    """,
    "a pool's worker": """
        from multiprocessing.pool import ThreadPool
        done, pool = Event(), ThreadPool(1)
        pool.apply_async(time.sleep, (1.5,), callback=lambda result: done.set())
        done.wait()
        pool.terminate()
    """,
    "a thread made by hand": """
        import _thread
        done = Event()
        def answer():
            time.sleep(1.5)
            done.set()
        _thread.start_new_thread(answer, ())
        done.wait()
    """,
    "a timer": """
        from threading import Timer
        done = Event()
        Timer(1.5, done.set).start()
        done.wait()
    """,
    "a loop that counts": """
        stop = Event()
        def work():
            left = 20
            while left:
                stop.wait(0.1)
                left -= 1
        thread = Thread(target=work)
        thread.start()
        thread.join()
    """,
    "a loop that calls": """
        stop, until = Event(), time.monotonic() + 2
        while time.monotonic() < until:
            stop.wait(0.1)
    """,
    "a loop over something": """
        stop = Event()
        for _ in range(20):
            if stop.wait(0.1):
                break
    """,
    "a loop over a property": """
        class State:
            looks = 0
            @property
            def done(self):
                self.looks += 1
                return self.looks > 20
        state = State()
        while not state.done:
            time.sleep(0.1)
    """,
    "a primitive of its own": """
        class Patient(Event):
            looks = 0
            def wait(self, timeout=None):
                self.looks += 1
                return super().wait(timeout) or self.looks > 20
        stop = Patient()
        while not stop.wait(0.1):
            pass
    """,
    "an alarm": """
        import signal
        done = Event()
        signal.signal(signal.SIGALRM, lambda *_: done.set())
        signal.setitimer(signal.ITIMER_REAL, 1.5)
        done.wait()
    """,
    "a signal": """
        import os, signal, subprocess, sys
        done = Event()
        signal.signal(signal.SIGTERM, lambda *_: done.set())
        other = subprocess.Popen([sys.executable, "-c",
            f"import os, signal, time; time.sleep(1.5); os.kill({os.getpid()}, signal.SIGTERM)"])
        done.wait()
        other.wait()
    """,
    "a Ctrl-C": """
        import os, signal, subprocess, sys
        other = subprocess.Popen([sys.executable, "-c",
            f"import os, signal, time; time.sleep(1.5); os.kill({os.getpid()}, signal.SIGINT)"])
        try:
            Event().wait()
        except KeyboardInterrupt:
            other.wait()
    """,
}
OF_POSIX = {"an alarm", "a signal", "a Ctrl-C", "a pipe"}


@pytest.mark.parametrize(
    "case", [pytest.param(name, marks=posix if name in OF_POSIX else ()) for name in GOES_ON]
)
def test_a_program_that_something_else_will_let_go_is_left_alone(case: str) -> None:
    run = run_script(of(GOES_ON[case]) + '\nprint("done")', timeout=SOON)
    assert (run.ended, run.output) == ("exited", "done\n"), run.text()


def test_a_program_that_only_sleeps_is_stopped_by_its_time() -> None:
    run = run_script("import time\nwhile True:\n    time.sleep(0.1)", timeout=2.5)
    assert (run.ended, run.exit_code) == ("stopped after 2.5 s", None)


def test_an_exit_code_of_70_of_the_programs_own_is_no_hang() -> None:
    run = run_script("raise SystemExit(70)")
    assert (run.ended, run.exit_code, run.findings) == ("exited", 70, ())


def test_a_thread_that_begins_with_the_program_is_none_from_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who judges may be slow to begin: then one that lets somebody go would be taken for an old one."""
    monkeypatch.setattr(deciding, "start_new_thread", lambda *_: 0)
    monkeypatch.setattr(deciding.Flusher, "start", lambda _: 0)
    judge: Any = deciding.Judge(None, None)  # type: ignore[arg-type]
    judge.start()
    door = threading.Lock()
    with door:
        thread = threading.Thread(target=door.acquire)
        thread.start()
        assert thread.ident in judge._others.since(set())
    thread.join()
