"""A limit is a limit, a healthy program is never ended, and nothing is left behind."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import dis
import logging
import logging.handlers
import os
import queue
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from _thread import RLock as RawRLock
from _thread import start_new_thread
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Any

import pytest
from process import changes, lasting_changes, state_of_process
from steps import LIMIT, pause, until

from tracing import (
    Barrier,
    BoundedSemaphore,
    Condition,
    Event,
    Kind,
    Lock,
    RLock,
    Semaphore,
    SimpleQueue,
    Thread,
    Timer,
    Trace,
    explore,
    record,
    replay,
    simulate,
)
from tracing.cpython.ownership import alone, exclusive, give_back_mine
from tracing.cpython.threads import spawn
from tracing.keeping import Owner
from tracing.recording import RecordedBlockKeeper
from tracing.running import Block
from tracing.runtime import Unwind, here, simulated, unlock
from tracing.runtime.raising import WAKE_UP, push, seal
from tracing.standstill import Standstill

HERE = Path(__file__).resolve().parent
wakes_main = pytest.mark.skipif(WAKE_UP is None, reason="no signal reaches a thread that waits in C here")
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork()")


def reason(run: Trace) -> str:
    return run.log.ending.reason


def child(program: str, *arguments: str) -> str:
    """What a program of its own prints, to its real end."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, *arguments],
        cwd=HERE.parent,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# A limit is a limit


def wait_for_raw_lock() -> None:
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def wait_for_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.accept()


def wait_for_process() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        try:
            other.wait()
        finally:
            other.kill()


def wait_for_input() -> None:
    ours, theirs = os.pipe()
    try:
        os.read(ours, 1)
    finally:
        os.close(ours)
        os.close(theirs)


def sleep_in_asyncio() -> None:
    asyncio.run(asyncio.sleep(LIMIT))


def with_a_handler_of_its_own() -> None:
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        wait_for_connection()
    finally:
        signal.signal(signal.SIGINT, before)


SYSTEMS = [wait_for_connection, wait_for_process, wait_for_input, sleep_in_asyncio, with_a_handler_of_its_own]
PYTHONS = [wait_for_raw_lock, queue.Queue().get, Future[None]().result]  # these are simulated


@wakes_main
@pytest.mark.parametrize("wait", [*SYSTEMS, *PYTHONS], ids=lambda each: each.__name__)
def test_a_recorded_block_that_waits_in_c_is_ended_by_its_timeout(wait: Callable[[], object]) -> None:
    with record(timeout=0.1) as run:
        wait()
        pytest.fail("nobody can get here")
    assert reason(run) == "timeout"


@wakes_main
@pytest.mark.parametrize("wait", SYSTEMS, ids=lambda each: each.__name__)
def test_a_simulated_block_that_waits_in_c_is_ended_by_its_timeout(wait: Callable[[], object]) -> None:
    with simulate(timeout=0.2) as run:
        wait()
        pytest.fail("nobody can get here")
    assert reason(run) == "stuck"
    assert "MainThread at test_ends.py" in run.log.ending.detail


@wakes_main
def test_a_block_that_catches_everything_and_waits_again_is_ended_all_the_same() -> None:
    tries = 0
    with record(timeout=0.05) as run:
        while tries < 3:
            try:
                wait_for_raw_lock()
            except BaseException:
                tries += 1
    assert reason(run) == "timeout"


def test_what_a_block_in_another_thread_waits_for_is_said_and_holds_up_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(RecordedBlockKeeper, "LIMIT", 0.1)
    door, runs, unwound = threading.Lock(), list[Trace](), threading.Event()
    door.acquire()

    def waits() -> None:
        try:
            Event().wait()
        finally:
            unwound.set()

    def block() -> None:
        with record(timeout=0.05) as run:
            runs.append(run)
            Thread(target=waits, name="a").start()
            door.acquire()

    thread = threading.Thread(target=block, name="the block's own")
    thread.start()
    assert unwound.wait(LIMIT)
    end = time.monotonic() + LIMIT
    while not runs[0].log.ending.detail and time.monotonic() < end:
        pause(0.001)
    assert runs[0].log.ending.detail.startswith("the block's own at test_ends.py:")
    assert "waits for something that nothing here can end" in runs[0].text()
    door.release()
    thread.join()
    assert reason(runs[0]) == "timeout"


def test_a_loop_that_only_looks_at_the_clock_lets_the_others_go_on() -> None:
    done: list[int] = []
    with simulate() as run:
        thread = Thread(target=done.append, args=(1,))
        thread.start()
        while not done:
            time.monotonic()
        thread.join()
    assert reason(run) == "done"


def test_a_loop_that_looks_at_the_clock_for_ever_is_ended_by_the_number_of_steps() -> None:
    with simulate(max_steps=1000) as run:
        while True:
            time.perf_counter()
    assert reason(run) == "steps"


# A healthy program is never ended


def of_a_pool(answer: Callable[[], object]) -> Callable[[], object]:
    pool = ThreadPool(1)
    pool.apply_async(pause, (1.5,), callback=lambda result: answer())
    return pool.terminate


def of_a_listener(answer: Callable[[], object]) -> Callable[[], object]:
    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            answer()

    records: Any = queue.Queue()
    listener = logging.handlers.QueueListener(records, Handler())
    listener.start()
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1.5)"])
    waiter = threading.Thread(target=lambda: (other.wait(), records.put(logging.makeLogRecord({}))))
    waiter.start()

    def stop() -> None:
        waiter.join()
        listener.stop()

    return stop


@pytest.mark.parametrize("call_back", [of_a_pool, of_a_listener], ids=lambda each: each.__name__)
def test_a_main_thread_that_a_librarys_thread_will_let_go_is_left_alone(
    call_back: Callable[[Callable[[], object]], Callable[[], object]],
) -> None:
    with record(timeout=LIMIT) as run:
        done = Event()
        stop = call_back(done.set)
        assert done.wait()
    stop()
    assert reason(run) == "done"


class InC:
    """A thread of the C library that waits for a semaphore of it."""

    def __init__(self) -> None:
        self.libc, self.ident = ctypes.CDLL(None), ctypes.c_ulong()
        self.semaphore = ctypes.create_string_buffer(64)
        self.libc.sem_init(self.semaphore, 0, 0)
        self.libc.pthread_create(ctypes.byref(self.ident), None, self.libc.sem_wait, self.semaphore)

    def end(self) -> None:
        self.libc.sem_post(self.semaphore)
        self.libc.pthread_join(self.ident, None)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how many threads there are")
@pytest.mark.parametrize("another_ends", [False, True])
def test_a_thread_made_in_c_may_call_back(another_ends: bool) -> None:
    """It has no Python before it does. One that was there before the run may end meanwhile."""
    before, runs, begun = InC(), list[Trace](), list[InC]()

    def block() -> None:
        with record(timeout=1.5) as run:
            runs.append(run)
            begun.append(InC())
            if another_ends:
                before.end()
            Event().wait()

    thread = threading.Thread(target=block)
    thread.start()
    thread.join()
    begun[0].end()
    if not another_ends:
        before.end()
    assert reason(runs[0]) == "timeout"  # not "hung": nobody can know


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no alarms")
def test_a_signal_that_is_to_come_may_let_the_main_thread_go() -> None:
    program = """
import signal
from tracing import Event, record
with record() as run:
    done = Event()
    signal.signal(signal.SIGALRM, lambda *_: done.set())
    signal.setitimer(signal.ITIMER_REAL, 1.5)
    done.wait()
print(run.log.ending.reason)
"""
    assert child(program) == "done\n"


SIGNALLED = """
import os, signal, subprocess, sys
from tracing import Event, Lock, Thread, record
with record() as run:
    done, lock = Event(), Lock()
    signal.signal(signal.SIGTERM, lambda *_: done.set())
    %s
print(run.log.ending.reason)
"""
SENDS = """Thread(target=done.wait).start()
    code = f"import os, time; time.sleep(1.5); os.kill({os.getpid()}, 15)"
    subprocess.Popen([sys.executable, "-c", code])
    done.wait()"""
needs_signals = pytest.mark.skipif(os.name != "posix", reason="no process signals another on this system")


@needs_signals
def test_a_signal_of_another_process_may_let_go_who_waits_since_the_block_has_a_handler_for_it() -> None:
    assert child(SIGNALLED % SENDS) == "done\n"


@needs_signals
def test_a_circle_hangs_whatever_signal_may_come() -> None:
    assert child(SIGNALLED % "lock.acquire(), lock.acquire()") == "hung\n"


@needs_signals
def test_a_handler_of_before_the_block_lets_nobody_go() -> None:
    program = """
import signal
from tracing import Event, record
signal.signal(signal.SIGTERM, lambda *_: None)
with record() as run:
    Event().wait()
print(run.log.ending.reason)
"""
    assert child(program) == "hung\n"


def test_while_it_waits_a_run_says_from_whom_something_may_still_come() -> None:
    texts: list[str] = []
    door = threading.Lock()
    door.acquire()

    def look(run: Trace, done: Event) -> None:
        until(run, "MainThread", Kind.WAIT)
        texts.append(run.text())
        done.set()

    with record(timeout=LIMIT) as run:
        done = Event()
        threading.Thread(target=look, args=(run, done), name="helper").start()
        done.wait()
    assert "Every thread waits; there may still come something from helper at test_ends.py:" in texts[0]
    assert reason(run) == "done"


# Strangers that are stuck


def with_lock(lock: Any) -> None:
    with lock:
        pytest.fail("nobody can get here")


def in_condition(condition: Condition) -> None:
    with condition:
        condition.wait()


def notify(condition: Condition) -> None:
    with condition:
        condition.notify_all()


def nothing(_: object) -> None:
    """The end of the run has given it back."""


STUCK: dict[str, tuple[Any, Callable[[Any], object], Callable[[Any], object]]] = {
    "Lock.acquire": (Lock, lambda lock: lock.acquire(), nothing),
    "Lock, with": (Lock, with_lock, nothing),
    "RLock.acquire": (RLock, lambda lock: lock.acquire(), nothing),
    "RLock, with": (RLock, with_lock, nothing),
    "Semaphore": (lambda: Semaphore(0), lambda semaphore: semaphore.acquire(), Semaphore.release),
    "Event": (Event, lambda event: event.wait(), Event.set),
    "Barrier": (lambda: Barrier(2), lambda barrier: barrier.wait(), Barrier.abort),
    "Condition": (Condition, in_condition, notify),
}


@pytest.mark.parametrize(("make", "wait", "free"), STUCK.values(), ids=STUCK)
def test_a_plain_thread_that_waits_for_one_of_ours_keeps_no_hang_from_being_ended(
    make: Any, wait: Callable[[Any], object], free: Callable[[Any], object]
) -> None:
    thing, never = make(), Lock()

    def stranger() -> None:
        with contextlib.suppress(BaseException):  # what becomes of it afterwards is no matter
            wait(thing)

    with record(timeout=LIMIT) as run:
        if make in (Lock, RLock):
            thing.acquire()
        threading.Thread(target=stranger).start()
        never.acquire()
        never.acquire()
    free(thing)
    assert reason(run) == "hung"


def resolve(future: Any) -> None:
    future.set_result(None)


def put(items: Any) -> None:
    items.put(None)


TARGETS: dict[str, tuple[Callable[[], Any], str, Callable[[Any], object]]] = {  # made, its method, freed by
    "Lock": (Lock, "acquire", nothing),
    "Lock, with": (Lock, "__enter__", nothing),
    "RLock": (RLock, "acquire", nothing),
    "Semaphore": (lambda: Semaphore(0), "acquire", Semaphore.release),
    "BoundedSemaphore": (BoundedSemaphore, "acquire", BoundedSemaphore.release),
    "Event": (Event, "wait", Event.set),
    "Barrier": (lambda: Barrier(2), "wait", Barrier.wait),
    "SimpleQueue": (SimpleQueue, "get", put),
    "Queue": (queue.Queue, "get", put),
    "Future": (Future, "result", resolve),
}
CALLS: dict[str, Callable[[Callable[[], object]], object]] = {
    "Thread": lambda target: threading.Thread(target=target).start(),
    "Thread.run": lambda target: type("Runs", (threading.Thread,), {"run": staticmethod(target)})().start(),
    "partial": lambda target: threading.Thread(target=partial(target)).start(),
    "Timer": lambda target: threading.Timer(0, target).start(),
    "a thread made in C": lambda target: start_new_thread(target, ()),
    "a pool of the block": lambda target: in_pool(target),
    "a pool of a plain thread": lambda target: in_plain_thread(lambda: in_pool(target)),
}


def in_pool(function: Callable[[], object]) -> None:
    pool = ThreadPoolExecutor(1)
    pool.submit(function)
    pool.shutdown(wait=False)


def in_plain_thread(function: Callable[[], object]) -> None:
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()


@pytest.mark.parametrize(
    ("target", "call"), [*((target, "Thread") for target in TARGETS), *(("Lock", call) for call in CALLS)]
)
def test_a_plain_thread_that_calls_a_method_of_ours_at_once_keeps_no_hang_from_being_ended(
    target: str, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Standstill, "UNSEEN", 0.2)
    make, method, free = TARGETS[target]
    thing, never = make(), Lock()
    with record(timeout=LIMIT) as run:
        if hasattr(thing, "acquire") and target != "Semaphore":
            thing.acquire()
        CALLS[call](getattr(thing, method))
        never.acquire()
        never.acquire()
    free(thing)
    assert reason(run) == "hung"


def test_a_plain_thread_that_waits_for_what_a_thread_of_before_holds_may_let_others_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Standstill, "UNSEEN", 0.2)
    lock, taken, gate = Lock(), threading.Event(), Event()

    def hold() -> None:
        with lock:
            taken.set()
            time.sleep(1)

    def stranger() -> None:
        with lock:
            gate.set()

    threading.Thread(target=hold).start()
    assert taken.wait(LIMIT)
    with record(timeout=LIMIT) as run:
        threading.Thread(target=stranger).start()
        assert gate.wait()
    assert reason(run) == "done"


OLDER: dict[
    str, Callable[[Callable[[], object]], object]
] = {  # calls it later, and is no code of the program
    "Timer": lambda function: threading.Timer(1, function).start(),
    "a call's callback": lambda function: after_sleeping(function),
}


def after_sleeping(function: Callable[[], object]) -> None:
    pool = ThreadPoolExecutor(1)
    pool.submit(time.sleep, 1).add_done_callback(lambda _: function())
    pool.shutdown(wait=False)


@pytest.mark.parametrize("call", OLDER.values(), ids=OLDER)
def test_what_was_to_call_something_back_before_a_block_may_let_its_threads_go(
    call: Callable[[Callable[[], object]], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Standstill, "UNSEEN", 0.2)
    items: queue.Queue[None] = queue.Queue()
    call(partial(items.put, None))
    with record(timeout=LIMIT) as run:
        items.get()
    assert reason(run) == "done"


def test_an_idle_worker_of_before_keeps_no_hang_from_being_ended() -> None:
    items: queue.Queue[None] = queue.Queue()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        with record(timeout=LIMIT) as run:
            items.get()
    assert reason(run) == "hung"


def test_a_plain_thread_that_waits_with_a_deadline_may_let_others_go() -> None:
    gate, other = Event(), Event()

    def stranger() -> None:
        other.wait(1.5)
        gate.set()

    with record(timeout=LIMIT) as run:
        threading.Thread(target=stranger).start()
        assert gate.wait()
    assert reason(run) == "done"


# Nothing is left behind


@pytest.mark.skipif(sys.version_info < (3, 12), reason="all interpreters of a process have one memory")
def test_an_interpreter_that_the_program_makes_lives_and_ends_while_it_is_looked_at() -> None:
    program = """
try:
    import _interpreters as others
except ImportError:  # 3.12
    import _xxsubinterpreters as others
from tracing import record
work = '''
import threading, time
def work():
    for _ in range(4):
        time.sleep(0.1)
thread = threading.Thread(target=work)
thread.start()
thread.join()
'''
with record() as run:
    for _ in range(2):
        one = others.create()
        others.run_string(one, work)
        others.destroy(one)
print(run.log.ending.reason)
"""
    assert child(program) == "done\n"


def test_a_thread_that_cannot_be_ended_does_not_keep_the_interpreter_from_its_exit() -> None:
    program = """
from _thread import allocate_lock
from tracing import Thread, record
lock = allocate_lock()
lock.acquire()
with record(timeout=0.05) as run:
    Thread(target=lock.acquire, name="consumer").start()
print(run.log.ending.reason, *run.log.ending.leaked)
"""
    assert child(program).startswith("timeout consumer")


def test_a_search_goes_on_while_a_thread_that_cannot_be_ended_is_left_behind() -> None:
    """On 3.11 who traces comes to no function while it has an exception to come."""
    program = """
from _thread import allocate_lock
from tracing import Thread, explore, record
lock = allocate_lock()
lock.acquire()
with record(timeout=0.05) as run:
    Thread(target=lock.acquire, name="consumer").start()
print(len(run.log.ending.leaked), explore(lambda: Thread(target=len, args=((),)).start()).failure)
"""
    assert child(program) == "1 None\n"


def test_a_debugger_goes_on_while_a_thread_that_cannot_be_ended_is_left_behind() -> None:
    program = """
import sys
from _thread import allocate_lock
from tracing import Thread, record
lock = allocate_lock()
lock.acquire()
with record(timeout=0.05) as run:
    Thread(target=lock.acquire, name="consumer").start()
sys.settrace(lambda *about: None)
print(len(run.log.ending.leaked), (lambda: "traced")())
"""
    assert child(program) == "1 traced\n"


@pytest.mark.skipif(sys.version_info >= (3, 15), reason="the interpreter waits for it in C")
@pytest.mark.parametrize("target", ["permits.acquire", "lambda: permits.acquire()"])
def test_a_plain_thread_that_is_stuck_does_not_keep_the_interpreter_from_its_exit(target: str) -> None:
    program = f"""
import threading
from tracing import Lock, Semaphore, record
permits, lock = Semaphore(0), Lock()
with record() as run, lock:
    threading.Thread(target={target}).start()
    lock.acquire()
print(run.log.ending.reason)
"""
    assert child(program) == "hung\n"


def test_a_plain_thread_that_goes_on_when_its_lock_is_given_back_is_waited_for() -> None:
    program = """
import threading, time
from tracing import Lock, record
lock = Lock()
def late():
    with lock:
        time.sleep(0.2)
        print("waited for")
with record() as run:
    lock.acquire()
    threading.Thread(target=late).start()
    lock.acquire()
print(run.log.ending.reason)
"""
    assert set(child(program).splitlines()) == {"hung", "waited for"}


def test_a_thread_whose_class_computes_its_run_is_ended_as_any_other() -> None:
    gate, ends = Event(), []

    class Odd(Thread):
        @property
        def run(self) -> Callable[[], None]:  # type: ignore[override]
            return self.work

        def work(self) -> None:
            try:
                gate.wait()
            finally:
                ends.append("unwound")

    with record(timeout=0.05) as run:
        thread = Odd()
        thread.start()
    thread.join(LIMIT)
    assert (reason(run), ends, thread.is_alive()) == ("timeout", ["unwound"], False)


def test_a_thread_whose_class_computes_its_run_does_not_keep_the_interpreter_from_its_exit() -> None:
    program = """
from _thread import allocate_lock
from tracing import Thread, record
lock = allocate_lock()
lock.acquire()
class Odd(Thread):
    run = property(lambda self: lock.acquire)
with record(timeout=0.05) as run:
    Odd(name="consumer").start()
print(run.log.ending.reason, *run.log.ending.leaked)
"""
    assert child(program).startswith("timeout consumer")


def test_a_thread_whose_class_computes_its_run_is_what_it_was_after_a_start_cut_short(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    class Odd(Thread):
        run = property(lambda self: lambda: None)  # type: ignore[assignment]

    thread = Odd()
    before = set(vars(thread))
    with record() as run:
        with monkeypatch.context() as patched:
            patched.setattr("tracing.runtime.system.start_unwaited", interrupted)
            with pytest.raises(KeyboardInterrupt):
                thread.start()
        left = set(vars(thread)) - before - {"_tracing_agent"}
        thread.start()
        thread.join()
    assert (reason(run), left, thread.is_alive()) == ("done", set(), False)


@wakes_main
def test_a_worker_of_a_pool_that_cannot_be_ended_is_named() -> None:
    program = """
from concurrent.futures import ThreadPoolExecutor
from _thread import allocate_lock
import os, sys
from tracing import record
lock = allocate_lock()
lock.acquire()
with record(timeout=0.2) as run:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: lock.acquire()).result()
print(run.log.ending.reason, *run.log.ending.leaked)
sys.stdout.flush()
os._exit(0)
"""
    assert child(program).startswith("timeout ThreadPoolExecutor-0_0 at ")


@wakes_main
def test_a_worker_of_a_pool_that_cannot_be_ended_does_not_keep_the_interpreter_from_its_exit() -> None:
    program = """
from concurrent.futures import ThreadPoolExecutor
from _thread import allocate_lock
from tracing import record
lock = allocate_lock()
lock.acquire()
with record(timeout=0.2) as run:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: lock.acquire()).result()
print(run.log.ending.reason, *run.log.ending.leaked)
"""
    assert child(program).startswith("timeout ThreadPoolExecutor-0_0 at ")


def test_a_worker_of_a_pool_is_no_daemon_for_the_program_nor_is_what_it_starts() -> None:
    def look() -> list[bool]:
        return [threading.current_thread().daemon, threading.Thread(target=int).daemon]

    with record() as run, ThreadPoolExecutor(1) as pool:
        found = pool.submit(look).result()
        (worker,) = (each for each in threading.enumerate() if each.name.startswith("ThreadPoolExecutor"))
        found += [worker.daemon, threading.current_thread().daemon]
    assert (reason(run), found) == ("done", [False] * 4)


def test_the_interpreter_waits_for_a_call_that_a_pool_makes_after_the_block() -> None:
    program = """
import time
from concurrent.futures import ThreadPoolExecutor
from tracing import record
pool = ThreadPoolExecutor(1)
with record():
    pool.submit(int).result()
def late():
    time.sleep(0.2)
    print("made")
pool.submit(late)
"""
    assert child(program) == "made\n"


@wakes_main
def test_the_interpreter_waits_for_all_but_a_thread_that_cannot_be_ended() -> None:
    program = """
import threading, time
from concurrent.futures import ThreadPoolExecutor
from _thread import allocate_lock
from tracing import record
lock = allocate_lock()
lock.acquire()
with record(timeout=0.2):
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: lock.acquire()).result()
def late():
    threading.main_thread().join()
    time.sleep(0.05)
    print("waited for")
threading.Thread(target=late).start()
"""
    assert child(program) == "waited for\n"


@pytest.mark.parametrize("how", ["bare", "record", "simulate"])
def test_an_excepthook_that_ends_its_thread_is_called_once(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    def hook(failed: threading.ExceptHookArgs) -> None:
        told.append(failed.exc_type.__name__)
        raise SystemExit

    blocks: dict[str, Callable[[], Any]] = {
        "bare": contextlib.nullcontext,
        "record": record,
        "simulate": simulate,
    }
    monkeypatch.setattr(threading, "excepthook", hook)
    with blocks[how]():
        thread = Thread(target=int, args=("nothing",))
        thread.start()
        thread.join()
    assert told == ["ValueError"]


def test_threads_that_have_ended_are_looked_at_no_more() -> None:
    with record():
        for _ in range(5):
            thread = Thread(target=int)
            thread.start()
            thread.join()
        assert here.agent is not None
        run: Any = here.agent.run
        assert run.alive() == [here.agent]
        assert list(run.unfinished) == [here.agent]


def start_again() -> None:
    Timer(0.001, start_again).start()


def test_timers_without_end_are_ended_by_the_number_of_steps() -> None:
    with simulate(max_steps=2000) as run:
        start_again()
    assert reason(run) == "steps"


def test_a_search_of_a_program_without_end_is_ended_in_its_first_run() -> None:
    found = explore(start_again, seconds=0.05, max_steps=10**9, progress=False)
    assert "The search was stopped after 0.05 s" in str(found)


def test_a_thread_of_a_run_is_for_the_program_what_it_was_made() -> None:
    seen: list[bool] = []

    def look() -> None:
        seen.extend((threading.current_thread().daemon, threading.Thread().daemon))

    with record():
        plain, daemon = Thread(target=look), Thread(target=look, daemon=True)
        for thread in (plain, daemon):
            thread.start()
            seen.append(thread.daemon)
            thread.join()
    assert sorted(seen) == [False, False, False, True, True, True]


FORK = """
import os, sys, threading, time
sys.path[:0] = ["tests"]
from process import changes, state_of_process
from tracing import Lock, Thread, explore, record, simulate
how = sys.argv[1]

def child(before):
    state = state_of_process()
    state["threads"] = before["threads"]  # they are others
    wrong = changes(before, state)
    with simulate() as run:
        thread = Thread(target=Lock().acquire)
        thread.start()
        thread.join()
    print(*wrong, run.log.ending.reason)
    sys.stdout.flush()
    os._exit(0)

def program():
    lock = Lock()
    def hold():
        with lock:
            time.sleep(0.01)
    thread = Thread(target=hold)
    thread.start()
    pid = os.fork()
    if not pid:
        child(BEFORE)
    os.waitpid(pid, 0)
    thread.join()

BEFORE = state_of_process()
if how == "in a thread":
    with simulate() as run:
        Thread(target=program).start()
else:
    with (record if how == "record" else simulate)() as run:
        program()
print(run.log.ending.reason)
"""


@forks
@pytest.mark.parametrize("how", ["record", "simulate", "in a thread"])
def test_a_forked_process_is_one_like_any_other(how: str) -> None:
    assert child(FORK, how) == "done\ndone\n"


@forks
def test_a_forked_process_may_leave_a_simulated_block() -> None:
    program = """
import os
from tracing import simulate
with simulate() as run:
    pid = os.fork()
if not pid:
    os._exit(3)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), run.log.ending.reason)
"""
    assert child(program) == "3 done\n"


EXPLORED_FORK = """
import os, sys
from tracing import ExploreError, explore, replay
def ends():
    pid = os.fork()
    if not pid:
        os._exit(3)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
def goes_on():
    pid = os.fork()
    if pid:
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 4
verb = {"explore": lambda program: explore(program, progress=False), "replay": replay}[sys.argv[1]]
me = os.getpid()
verb(ends)
try:
    verb(goes_on)
except ExploreError as error:
    os._exit(4 if os.getpid() != me and "forked in the program" in str(error) else 5)
print(os.getpid() == me)
"""


@forks
@pytest.mark.parametrize("verb", ["record", "simulate"])
def test_what_a_forked_process_writes_to_a_stream_that_was_kept_appears(verb: str) -> None:
    program = """
import logging, os, sys
import tracing
with getattr(tracing, sys.argv[1])():
    log = logging.getLogger("kept")
    log.addHandler(logging.StreamHandler(sys.stdout))
    log.warning("before")
    sys.stdout.flush()
    if not (pid := os.fork()):
        log.warning("child")
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(pid, 0)
"""
    assert sorted(child(program, verb).split()) == ["before", "child"]


@forks
@pytest.mark.parametrize("verb", ["explore", "replay"])
def test_a_process_that_was_forked_in_an_explored_program_ends_there_or_is_refused(verb: str) -> None:
    assert child(EXPLORED_FORK, verb) == "True\n"


@forks
@pytest.mark.parametrize("name", ["PARSING", "PLACES._counter._lock"])
def test_a_fork_while_another_thread_is_in_our_own_code_leaves_no_lock_held(name: str) -> None:
    program = f"""
import os, signal, threading
from tracing.naming.bound import PARSING
from tracing.recorder import PLACES
held, over = threading.Event(), threading.Event()
def hold():
    with {name}:
        held.set()
        over.wait()
threading.Thread(target=hold).start()
held.wait()
pid = os.fork()
if not pid:
    signal.alarm({LIMIT:.0f})
    with {name}:
        os._exit(3)
over.set()
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
    assert child(program) == "3\n"


# Asynchronous exceptions


def test_nothing_is_sent_to_a_thread_that_has_left_its_own_code() -> None:
    with record() as run:
        thread = Thread(target=int)
        thread.start()
        thread.join()
        agent: Any = thread._tracing_agent  # type: ignore[attr-defined]
        assert not agent.reachable
        push(agent)  # to an ident that another thread may have by now
    assert reason(run) == "done"


def test_what_was_sent_to_a_thread_comes_before_it_leaves_its_own_code() -> None:
    order: list[str] = []

    def work() -> None:
        agent = threading.current_thread()._tracing_agent  # type: ignore[attr-defined]
        agent.wakes = False
        try:
            push(agent)
            seal(agent)
            order.append("sealed")
            for _ in range(10_000):
                pass
        except Unwind:
            order.append("too late")

    with record() as run:
        thread = Thread(target=work)
        thread.start()
        thread.join()
    assert reason(run) == "done"
    assert order in (["sealed"], ["too late"])


def test_threads_that_end_while_their_run_is_ended_are_not_lost() -> None:
    before = state_of_process()
    for _ in range(10):
        with record(timeout=0.03) as run:
            while True:
                for thread in [Thread(target=sum, args=(range(2000),)) for _ in range(4)]:
                    thread.start()
        assert reason(run) == "timeout"
        assert not lasting_changes(before)


# Interrupts


@pytest.mark.parametrize("step", [Block.__exit__, Block._leave, seal])
def test_nothing_is_raised_at_the_first_instruction_of_what_leaves_a_block(step: Any) -> None:
    """No `try` has been reached there: what wakes a thread of an ended run would come out of the block."""
    (entry,) = (each.arg for each in dis.get_instructions(step) if each.opname == "RESUME")
    assert entry & 3 == 2  # "after a yield from": the interpreter does not look for signals


SIGNALS = int(os.environ.get("TRACING_SIGNALS", "60"))
"""How many interrupts each verb gets: 2,000 before a release, some for each run of the tests."""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no alarms")
@pytest.mark.timeout(60 + SIGNALS)
@pytest.mark.parametrize("verb", ["record", "simulate", "explore", "replay", "replay_bytecode", "tweak"])
def test_an_interrupt_at_any_moment_leaves_the_process_as_it_was(verb: str) -> None:
    storm(verb, SIGNALS if verb in ("record", "simulate") else SIGNALS // 4)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no alarms")
@pytest.mark.timeout(60 + SIGNALS)
@pytest.mark.parametrize("verb", ["record", "simulate", "explore", "replay"])
def test_a_storm_of_interrupts_leaves_the_process_as_it_was(verb: str) -> None:
    storm(verb, SIGNALS // (2 if verb in ("record", "simulate") else 6), burst=4)


class Interrupted:
    """Stands in front of a function: the first calls do nothing but raise what a Ctrl-C does."""

    def __init__(self, function: Callable[..., Any], times: int) -> None:
        self.function, self.left = function, times

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        self.left -= 1
        if self.left >= 0:
            raise KeyboardInterrupt
        return self.function(*arguments, **named)


@pytest.mark.parametrize("verb", [replay, lambda program: explore(program, progress=False)])
def test_interrupts_one_after_the_other_while_a_watched_run_is_left_leave_nothing_behind(
    verb: Callable[[Callable[[], None]], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    def program() -> None:
        with Lock():
            pass

    before = state_of_process()
    let_go = Interrupted(Owner._let_go, 4)
    monkeypatch.setattr(Owner, "_let_go", lambda self: let_go(self))
    with pytest.raises(KeyboardInterrupt):
        verb(program)
    monkeypatch.undo()
    assert not lasting_changes(before)
    verb(program)


def test_a_start_in_a_simulated_run_that_is_cut_short_twice_leaves_no_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def spawned_and_interrupted(*arguments: Any, **named: Any) -> None:
        spawn(*arguments, **named)
        raise KeyboardInterrupt

    before = state_of_process()
    with contextlib.suppress(KeyboardInterrupt), simulate():
        thread = Thread(target=pytest.fail)
        with monkeypatch.context() as patched:
            patched.setattr(simulated, "spawn", spawned_and_interrupted)
            patched.setattr(simulated, "unlock", Interrupted(unlock, 1))
            thread.start()
    assert not lasting_changes(before)


def storm(verb: str, times: int, burst: int = 1) -> None:
    done = subprocess.run(
        [sys.executable, str(HERE / "storm.py"), verb, str(times), "1", str(burst)],
        capture_output=True,
        text=True,
        timeout=50 + SIGNALS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 failures, " in done.stdout


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no alarms")
def test_a_lock_that_is_taken_alone_is_given_back_whenever_an_interrupt_comes() -> None:
    """With a `with`, 15 of 100 rounds leave it held on 3.14; see `tracing.cpython.ownership`."""
    lock, when = RawRLock(), random.Random(1)
    lost = 0
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        for _ in range(500):
            with contextlib.suppress(KeyboardInterrupt):
                signal.setitimer(signal.ITIMER_REAL, when.random() * 2e-5 + 1e-6)
                while True:
                    alone(lock, int)
            lost += lock._is_owned()  # type: ignore[attr-defined]
    finally:
        signal.signal(signal.SIGALRM, before)
    assert not lost


def test_a_dead_runs_remains_are_cleared_by_the_next_run() -> None:
    with record():
        pass
    block = record()
    block.__enter__()
    main: Any = block._main
    block._let_go()
    here.agent = main  # as if that had been cut short, too
    with simulate() as run:
        Lock().acquire()
    assert reason(run) == "done"
    assert here.agent is None


def test_the_comparison_sees_what_a_run_might_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    before = state_of_process()
    monkeypatch.setattr(time, "sleep", pause.__class__)
    assert [line.split(" was")[0] for line in changes(before, state_of_process())] == ["time.sleep"]


def test_a_run_gives_its_locks_back_while_another_threads_run_makes_its_own() -> None:
    done = threading.Event()

    def make() -> None:
        made: list[object] = []
        while not done.is_set():
            made = [*made[-50:], exclusive()]

    other, interval = threading.Thread(target=make), sys.getswitchinterval()
    other.start()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(3000):
            give_back_mine()  # raised "Set changed size during iteration", some times in a thousand
    finally:
        sys.setswitchinterval(interval)
        done.set()
        other.join()


@pytest.mark.skipif(not hasattr(signal, "sigwait"), reason="this system has no sigwait()")
def test_a_signal_that_a_thread_waits_for_comes_to_that_thread() -> None:
    """In a thread of ours, which was begun before the program blocked it, it would end the process."""
    program = """
import os, signal
from tracing import Thread, record
with record() as run:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    listener = Thread(target=signal.sigwait, args=([signal.SIGUSR1],))
    listener.start()
    os.kill(os.getpid(), signal.SIGUSR1)
    listener.join()
print(run.log.ending.reason)
"""
    assert child(program) == "done\n"


def test_what_is_imported_to_look_at_the_record_keeps_no_run_from_its_end() -> None:
    """The first look imports numpy, which may begin a thread in C, as a library does that calls back."""
    program = """
from concurrent.futures import ThreadPoolExecutor, wait
import queue, sys
from tracing import Event, record
assert "numpy" not in sys.modules
with record(timeout=20) as run:
    begun, never = Event(), queue.Queue()
    pool = ThreadPoolExecutor(2)
    calls = [pool.submit(begun.wait), pool.submit(never.get)]
    begun.set()
    wait(calls)
print(run.log.ending.reason, *(finding.sentence for finding in run.findings), sep="\\n")
"""
    reason, *found = child(program).splitlines()
    assert reason == "hung"
    assert (
        "Stalled: MainThread waits for calls[0] (among others) at line 11, "
        "which do not all come to their end."
    ) in found
