"""A process that the program forks while another thread holds a lock: it hangs, says so, and ends."""

from __future__ import annotations

import os
import socket
import time

import pytest
from test_deciding import SOON, of

from tracing import run_script
from tracing.scripting import ScriptTrace

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")

HOLDING = """
import os, sys, threading, time
lock, taken, done = threading.Lock(), threading.Event(), threading.Event()
def work():
    with lock:
        taken.set()
        done.wait()
thread = threading.Thread(target=work, name="holder")
thread.start()
taken.wait()
"""
FORKS = {
    "a lock": """
        child = os.fork()
        if not child:
            with lock:
                os._exit(5)
    """,
    "in a function": """
        def part():
            with lock:
                os._exit(5)
        child = os.fork()
        if not child:
            part()
    """,
    "in a thread": """
        def part():
            with lock:
                os._exit(5)
        child = os.fork()
        if not child:
            thread = threading.Thread(target=part)
            thread.start()
            thread.join()
    """,
    "in a fork of a fork": """
        child = os.fork()
        if not child:
            grandchild = os.fork()
            if not grandchild:
                with lock:
                    os._exit(5)
            os._exit(os.waitstatus_to_exitcode(os.waitpid(grandchild, 0)[1]))
    """,
}
AFTER = """
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
done.set()
"""


def found(run: ScriptTrace) -> list[str]:
    return [finding.sentence for finding in run.findings if finding.severity == "error"]


@pytest.mark.parametrize("case", FORKS)
def test_a_forked_process_names_the_lock_the_holder_that_is_not_there_and_the_line_of_the_fork(
    case: str,
) -> None:
    program = of(FORKS[case], HOLDING) + AFTER
    run = run_script(program, timeout=SOON)
    lines = program.lstrip("\n").splitlines()
    fork = max(number for number, line in enumerate(lines, 1) if "os.fork()" in line)
    assert (run.ended, run.output) == ("exited", "70\n"), run.text()
    (sentence,) = found(run)
    assert sentence.startswith(f"In the process forked at line {fork}: Abandoned lock: ")
    assert "waits for lock at line" in sentence
    assert sentence.endswith(
        f"held by holder since line 4; holder does not exist in the process, which was forked at line {fork}."
    )


def test_a_forked_process_that_takes_what_is_free_goes_on() -> None:
    run = run_script(
        """
        import os, threading, time
        lock = threading.Lock()
        child = os.fork()
        if not child:
            with lock:
                time.sleep(1.5)
            other = threading.Thread(target=time.sleep, args=(0.1,))
            other.start()
            other.join()
            os._exit(5)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """,
        timeout=SOON,
    )
    assert (run.output, found(run)) == ("5\n", [])


def test_a_forked_process_that_nobody_waits_for_is_told_of_as_well() -> None:
    run = run_script(of("if not os.fork():\n    lock.acquire()", HOLDING) + "\ndone.set()", timeout=SOON)
    assert run.ended == "exited"
    assert "Abandoned lock" in found(run)[0]


def test_no_process_that_the_program_has_started_is_left_behind() -> None:
    run = run_script(
        """
        import os, socket, time
        server = socket.create_server(("127.0.0.1", 0))
        child = os.fork()
        if not child:
            time.sleep(600)
        print(server.getsockname()[1])
        """,
        timeout=SOON,
    )
    until = time.monotonic() + 10
    while _answers(int(run.output)) and time.monotonic() < until:
        time.sleep(0.01)
    assert not _answers(int(run.output))


def _answers(port: int) -> bool:
    """Whether a process has that port open."""
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionError:
        return False
    return True


def test_a_process_of_multiprocessing_tells_as_well() -> None:
    program = of(
        """
        import multiprocessing
        def part():
            with lock:
                print("never")
        child = multiprocessing.get_context("fork").Process(target=part)
        child.start()
        child.join()
        done.set()
        """,
        HOLDING,
    )
    run = run_script(program, timeout=SOON)
    line = program.lstrip("\n").splitlines().index("child.start()") + 1
    assert found(run)[0].startswith(f"In the process forked at line {line}: Abandoned lock")


FORKS_ALONE = """
    import os, queue
    queue.Queue().put(1)
    pid = os.fork()
    if pid == 0:
        os._exit(3)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


def test_a_program_without_threads_is_not_warned_of_ours_when_it_forks() -> None:
    run = run_script(FORKS_ALONE)
    assert (run.output, run.errors) == ("3\n", "")


SERVED = """
    import os, queue, threading
    asked, answered = queue.Queue(), queue.Queue()
    def serve():
        while True:
            answered.put(asked.get())
    threading.Thread(target=serve, name="server", daemon=True).start()
    asked.put(1)
    answered.get()
    pid = os.fork()
    if pid == 0:
        asked.put(2)
        answered.get()
        os._exit(0)
    os.waitpid(pid, 0)
"""


def test_a_forked_process_is_told_who_would_have_put_and_is_not_there() -> None:
    (finding,) = run_script(SERVED, timeout=SOON).findings
    assert finding.sentence == (
        "In the process forked at line 9: Stalled: MainThread waits for an item of answered at line 12, and "
        "nobody is left to put one in: server, which put the last one at line 5, does not exist in the "
        "process, which was forked at line 9 (1 put, 1 got)."
    )
