"""A process that is forked in a block: it works, it ends, and where it hangs it says so and ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from steps import LIMIT

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")

HOLDING = """\
import os, signal, sys, threading, time
from multiprocessing import get_context
from tracing import Condition, Event, Lock, RLock, Thread, record, simulate
from tracing.forked import Watch
Watch.REST, Watch.UNSEEN = 0.01, 0.2
def work():
    with lock:
        taken.set()
        done.wait()
def code_of(child):
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
with {verb}(timeout={limit}) as run:
    lock, taken, done = {make}(), Event(), Event()
    thread = Thread(target=work, name="holder")
    thread.start()
    taken.wait()
{fork}
    done.set()
print(run.log.ending.reason, *(finding.sentence for finding in run.findings), sep="\\n")
"""
FORK = """
    child = os.fork()
    if not child:
{part}
        os._exit(5)
    code_of(child)
"""


def ran(program: str, *options: str) -> tuple[list[str], str]:
    """The lines of the output of a program, to its real end, and what it says besides."""
    done = subprocess.run(
        [sys.executable, *options, "-c", program],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        timeout=2 * LIMIT,
        check=False,
    )
    return done.stdout.splitlines(), done.stderr


def forked(part: str, verb: str = "record", make: str = "Lock") -> tuple[list[str], str]:
    """The same of one that forks while another thread has the lock, and does that in the new process."""
    indented = "\n".join(f"        {line}" for line in part.splitlines())
    program = HOLDING.format(verb=verb, make=make, fork=FORK.format(part=indented), limit=LIMIT)
    return ran(program, "-W", "ignore")


AT = "In the process forked at line 18: Abandoned lock: "
TAKEN = "which holder had since line 7 when it was forked"


@pytest.mark.parametrize(("verb", "make"), [("record", "Lock"), ("simulate", "RLock")])
def test_a_forked_process_that_hangs_is_ended_and_the_run_names_the_lock_and_who_had_it(
    verb: str, make: str
) -> None:
    (code, reason, *found), errors = forked("lock.acquire()", verb, make)
    assert (code, reason) == ("70", "done")
    assert found[0] == f"{AT}MainThread waits for lock at line 20, {TAKEN}; holder does not exist there."
    assert found[0] in errors


HANGS = {
    "with": "with lock: pass",
    "in a thread": 'part = Thread(target=work, name="part")\npart.start()\npart.join()',
    "at its exit": 'Thread(target=work, name="part").start()\nsys.exit()',
    "in a fork of a fork": "if (child := os.fork()): code_of(child); os._exit(5)\nlock.acquire()",
    "of a Condition": "condition = Condition(lock)\nwith condition: pass",
    "of its own": 'mine = Lock()\nmine.acquire()\nprint("said")\nmine.acquire()',
}


@pytest.mark.parametrize("part", HANGS.values(), ids=HANGS)
def test_a_forked_process_that_waits_for_a_lock_in_any_way_is_ended(part: str) -> None:
    lines, errors = forked(part)
    assert "70" in lines, errors
    assert "Abandoned lock: " in errors


def test_a_process_of_multiprocessing_that_hangs_is_ended_and_lets_who_joins_it_go() -> None:
    fork = """
    def part():
        print("begun")
        with lock:
            print("never")
    child = get_context("fork").Process(target=part)
    child.start()
    child.join()
    print(child.exitcode, flush=True)
"""
    program = HOLDING.format(verb="record", make="Lock", fork=fork, limit=LIMIT)
    (begun, code, reason, found), _ = ran(program, "-W", "ignore")
    assert (begun, code, reason) == ("begun", "70", "done")
    assert "Abandoned lock: MainThread waits for lock at line 20, " + TAKEN in found


LIVES = {
    "takes what is free": ("with Lock(): print('had')\nos._exit(5)", "5"),
    "waits with a deadline": ("print(lock.acquire(timeout=0.5))\nos._exit(5)", "5"),
    "waits for another thread": (
        "free = Lock()\nfree.acquire()\nt = threading.Timer(0.5, free.release)\nt.start()\n"
        "free.acquire()\nos._exit(5)",
        "5",
    ),
    "waits to be let go by a signal": (
        "signal.signal(signal.SIGALRM, lambda *_: os._exit(5))\nsignal.setitimer(signal.ITIMER_REAL, 0.5)\n"
        "lock.acquire()",
        "5",
    ),
    "waits to be killed": (
        "if not (child := os.fork()): Event().wait()\ntime.sleep(0.5)\nos.kill(child, signal.SIGTERM)\n"
        "code_of(child)\nos._exit(5)",
        "-15",
    ),
}


@pytest.mark.parametrize(("part", "code"), LIVES.values(), ids=LIVES)
def test_a_forked_process_that_may_go_on_is_left_alone(part: str, code: str) -> None:
    lines, errors = forked(part)
    assert code in lines
    assert (lines[-2:], errors) == (["5", "done"], "")


def test_nothing_is_told_by_a_descriptor_that_is_another_s_by_now() -> None:
    part = """\
os.closerange(3, 50)
file = os.open("/dev/null", os.O_RDONLY)
ends = [os.pipe() for _ in range(20)]
for here, _ in ends: os.set_blocking(here, False)
def look():
    for here, there in ends:
        os.write(there, b".")
        assert os.read(here, 9000) == b"."
    print("as it was", flush=True)
from tracing import forked
at_once = forked._exit
forked._exit = lambda code: (look(), at_once(code))
lock.acquire()"""
    (said, code, reason), errors = forked(part)
    assert (said, code, reason) == ("as it was", "70", "done")
    assert "Abandoned lock" in errors


@pytest.mark.parametrize("verb", ["record", "simulate"])
def test_a_program_without_threads_is_not_warned_of_ours_when_it_forks(verb: str) -> None:
    program = f"""
import os, warnings
from tracing import {verb}
warnings.simplefilter("always")
with {verb}() as run:
    child = os.fork()
    if not child:
        if not (other := os.fork()):
            os._exit(3)
        os._exit(os.waitstatus_to_exitcode(os.waitpid(other, 0)[1]))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(any("multi-threaded" in str(each) for each in warnings.filters), run.log.ending.reason)
"""
    assert ran(program) == (["3", "False done"], "")
