"""A process that the program forks while another thread holds a lock: it hangs, says so, and ends."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from test_deciding import SOON, of

from tracing import run_script
from tracing.scripting import ScriptTrace, parent
from tracing.scripting.job import Tail

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


SLOW = """
from tracing.scripting import deciding
def pause(seconds, at_once=deciding._pause):
    at_once(seconds * 7)
deciding._pause = pause
"""


def test_a_forked_process_has_its_judge_s_chance_to_tell_however_slow_the_machine_is() -> None:
    """Its judge needs 30 looks: here each takes so long that all of them take longer than LINGER."""
    program = of("if not os.fork():\n    lock.acquire()", HOLDING + SLOW) + "\ndone.set()"
    run = run_script(program, timeout=SOON)
    assert run.ended == "exited"
    assert "Abandoned lock" in found(run)[0]


LATE = """
from tracing.scripting import job
read, write = os.pipe()
def go_on_at(*given, at_once=job.Tail.go_on_at):
    os.close(write)
    os.read(read, 1)
    at_once(*given)
job.Tail.go_on_at = go_on_at
"""


def test_a_forked_process_tells_also_where_its_parent_is_over_before_it_does_anything() -> None:
    """Its parent has closed the record by then, which goes on in its own from the fork."""
    program = of("if not os.fork():\n    lock.acquire()", HOLDING + LATE) + "\ndone.set()"
    run = run_script(program, timeout=SOON)
    assert run.ended == "exited"
    assert "Abandoned lock" in found(run)[0]


@pytest.mark.parametrize(
    "other",
    [
        """
        child = os.fork()
        if not child:
            os.execvp("true", ["true"])
        os.waitpid(child, 0)
        """,
        """
        heard, says = os.pipe()
        child = os.fork()
        if not child:
            os.write(says, b"begun")
            time.sleep(600)
        os.read(heard, 5)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        """,
        "subprocess.run(['true'], preexec_fn=lambda: None)",
    ],
    ids=["another program", "killed", "preexec_fn"],
)
def test_a_forked_process_that_is_no_more_is_not_waited_for(
    other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parent, "LINGER", 2 * SOON)
    began = time.monotonic()
    run = run_script(of(other, "import os, signal, subprocess, time"), timeout=SOON)
    assert run.ended == "exited"
    assert time.monotonic() < began + 2 * SOON


def test_what_a_forked_process_tells_is_there_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    own = tmp_path / "forked-1-1"
    own.touch()
    (tmp_path / "trace").touch()
    tail = Tail(tmp_path / "trace")
    tail.go_on_at(own, tail.size())
    tail.write(b"half")
    tail.flush()
    assert own.read_bytes() == b""
    tail.write(b" and half")
    tail.close()
    assert own.read_bytes().endswith(b"half and half")


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


def test_a_command_whose_time_is_up_leaves_no_forked_process_behind(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        """
import os, socket, time
server = socket.create_server(("127.0.0.1", 0))
child = os.fork()
if not child:
    time.sleep(600)
print(server.getsockname()[1], flush=True)
os.waitpid(child, 0)
"""
    )
    command = [sys.executable, "-m", "tracing", "--timeout", "1", str(program)]
    done = subprocess.run(command, stdout=subprocess.PIPE, timeout=60, check=False)
    port, until = int(done.stdout.split()[0]), time.monotonic() + 10
    while _answers(port) and time.monotonic() < until:
        time.sleep(0.01)
    assert not _answers(port)


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


FEEDS = """
    import multiprocessing, time
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    process = context.Process(target=queue.put, args=("x" * 1_000_000,))
    process.start()
    while not queue._reader.poll():
        time.sleep(0.01)
    process.join(1.5)
    print(process.exitcode, len(queue.get()))
    process.join()
"""


def test_a_forked_process_in_which_a_library_s_thread_writes_into_a_full_pipe_is_left_alone() -> None:
    """Its system gives that thread the ident of one that is not there any more: of the one that wrote."""
    run = run_script(FEEDS, timeout=SOON)
    assert (run.ended, run.output, found(run)) == ("exited", "None 1000000\n", [])
