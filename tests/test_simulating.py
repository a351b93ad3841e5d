"""`simulate()`: the same run every time, every ending, and nothing left behind."""

from __future__ import annotations

import _thread
import gc
import importlib
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter as clock_by_name
from typing import Any

import pytest
import simulated_program
from steps import until_parked

from tracing import (
    Barrier,
    Condition,
    Event,
    Lock,
    RecordError,
    RLock,
    Semaphore,
    Thread,
    Timer,
    Trace,
    TracingError,
    record,
    simulate,
    sleep,
)
from tracing.runtime.schedules import Choice, Diverged, Option, RoundRobin, SeededRandom, Stay

HERE = Path(__file__).resolve().parent
MADE_BEFORE = Lock()


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """After each test the process is as it was before."""
    before = (set(threading.enumerate()), gc.isenabled(), sys.stdout, sys.stderr, threading.Lock, time.time)
    names = (time.sleep, time.monotonic, queue.SimpleQueue, threading.Thread.start, clock_by_name)
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    yield
    assert set(threading.enumerate()) <= before[0]
    assert (gc.isenabled(), sys.stdout, sys.stderr) == before[1:4]
    assert (threading.Lock, time.time) == before[4:]
    assert (
        time.sleep,
        time.monotonic,
        queue.SimpleQueue,
        threading.Thread.start,
        clock_by_name,
    ) == names
    assert "__hash__" not in vars(threading.Thread)
    assert cores is None or os.sched_getaffinity(0) == cores


def start(*works: Callable[[], object]) -> list[Thread]:
    """A thread for each, started."""
    threads = [Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    return threads


def join(threads: list[Thread]) -> None:
    for thread in threads:
        thread.join()


def next_run_works() -> None:
    with simulate() as run:
        join(start(lambda: sleep(1), lambda: sleep(2)))
    assert run.log.ending.reason == "done"


# The same run every time


def fresh_process(*options: str, seed: int) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": str(HERE.parent)}
    command = [sys.executable, str(HERE / "simulated_program.py"), *options]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, encoding="utf-8")


def outputs_of(*options: str, seeds: range) -> set[str]:
    """What processes with these seeds of hashes print, two at a time."""
    outputs = set()
    for seed in seeds[::2]:
        pair = [fresh_process(*options, seed=each) for each in (seed, seed + 1)]
        outputs |= {process.communicate()[0] for process in pair}
        assert [process.returncode for process in pair] == [0, 0]
    return outputs


def test_the_same_seed_gives_the_same_text_in_every_process() -> None:
    (output,) = outputs_of(seeds=range(1, 9))
    assert len(output.splitlines()) == 1


@pytest.mark.parametrize("seeds", [range(9, 11), pytest.param(range(11, 17), marks=pytest.mark.sweep)])
def test_the_same_seed_gives_the_same_picture_in_every_process(seeds: range) -> None:
    (output,) = outputs_of("--png", seeds=seeds)  # each of them first imports what draws
    assert len(output.splitlines()) == 2


def test_the_text_is_the_same_on_every_version_of_python() -> None:
    """This one was written by one version; the suite runs on all."""
    expected = (HERE / "simulated_program.txt").read_text(encoding="utf-8")
    assert simulated_program.run(3).text() == expected


def test_different_seeds_give_different_runs() -> None:
    assert len({simulated_program.run(seed).text() for seed in range(6)}) > 3


def test_a_second_run_in_the_same_process_is_the_same() -> None:
    assert simulated_program.run(1).text() == simulated_program.run(1).text()


def test_queues_and_executors_are_the_same_every_time() -> None:
    found = []
    for _ in range(3):
        with simulate(seed=7):
            found.append(simulated_program.libraries())
    assert found[0] == found[1] == found[2]


# Virtual time


def test_a_sleep_takes_virtual_time_only() -> None:
    began = time.perf_counter()
    with simulate() as run:
        join(start(lambda: sleep(3_000), lambda: time.sleep(4_000)))
    assert time.perf_counter() - began < 1_000
    assert run.log.ending.time // 1_000_000_000 == 4_000


def test_a_sleep_lasts_exactly_as_long_as_it_says() -> None:
    with simulate(seed=2) as run:
        join(start(lambda: sleep(3), lambda: sleep(0.25)))
    sleeps = [event for event in run if event.kind.name in ("SLEEP", "WOKE")]
    lasted = {event.thread: -event.time for event in sleeps[:2]}
    for event in sleeps[2:]:
        lasted[event.thread] += event.time
    assert sorted(lasted.values()) == [250_000_000, 3_000_000_000]


def test_all_clocks_show_virtual_time_to_the_threads_of_the_run() -> None:
    seen = {}
    with simulate():
        time.sleep(100)
        for name in ("monotonic", "perf_counter", "monotonic_ns", "perf_counter_ns"):
            seen[name] = getattr(time, name)()
        seen["by name"] = clock_by_name()
        seen["time"] = time.time() - 1_700_000_000
        seen["time_ns"] = time.time_ns() - 1_700_000_000 * 10**9
    in_seconds = [value / 10**9 if name.endswith("_ns") else value for name, value in seen.items()]
    assert [int(value) for value in in_seconds] == [100] * 7


def test_a_thread_outside_the_run_keeps_the_real_clock_and_real_locks() -> None:
    ask, answer = _thread.allocate_lock(), _thread.allocate_lock()
    ask.acquire()
    answer.acquire()
    seen: list[object] = []

    def outside() -> None:
        ask.acquire()
        seen.extend((time.monotonic(), type(threading.Lock()), type(queue.SimpleQueue())))
        time.sleep(0)
        answer.release()

    before = time.monotonic()
    _thread.start_new_thread(outside, ())
    with simulate():
        sleep(1_000)
        ask.release()
        answer.acquire()
    assert before <= seen[0] <= time.monotonic()  # type: ignore[operator]
    assert seen[1:] == [type(_thread.allocate_lock()), queue.SimpleQueue]


def test_a_loop_that_waits_for_a_time_comes_to_its_end() -> None:
    with simulate() as run:
        until = time.monotonic() + 0.05
        while time.monotonic() < until:
            pass
    assert run.log.ending.reason == "done"
    assert run.log.ending.time >= 50_000_000


@pytest.mark.parametrize("strategy", [Stay, RoundRobin])
def test_a_loop_that_asks_over_and_over_lets_the_others_go_on(strategy: type[Stay]) -> None:
    with simulate(strategy=strategy()) as run:
        event, lock = Event(), Lock()
        lock.acquire()
        threads = start(lambda: (sleep(1), event.set()), lambda: (event.wait(), lock.release()))
        while not event.is_set():
            pass
        while lock.locked():
            pass
        while threads[0].is_alive() or threads[1].is_alive():
            pass
    assert run.log.ending.reason == "done"


@pytest.mark.parametrize("strategy", [Stay, RoundRobin, SeededRandom])
def test_a_loop_that_tries_over_and_over_lets_the_others_go_on(strategy: type[Stay]) -> None:
    with simulate(strategy=strategy()) as run:
        lock, jobs = Lock(), queue.Queue[int]()
        lock.acquire()
        start(lambda: (jobs.put(1), sleep(0.01), lock.release()))
        while jobs.empty():
            pass
        while not lock.acquire(blocking=False):
            pass
    assert run.log.ending.reason == "done"


# Endings


def test_a_deadlock_is_decided_the_moment_it_is_there() -> None:
    with simulate(strategy=RoundRobin()) as run:
        a, b = Lock(), Lock()

        def cross(first: Lock, second: Lock) -> None:
            with first:
                sleep(1)
                with second:
                    pass

        start(lambda: cross(a, b), lambda: cross(b, a))
    assert run.log.ending.reason == "hung"
    assert run.log.ending.time // 1_000_000 == 1_000
    assert run.log.ending.leaked == ()
    assert any("Deadlock" in finding.sentence for finding in run.findings)
    next_run_works()


def test_a_lock_held_at_the_end_of_a_hung_run_is_given_back() -> None:
    with simulate() as run:
        MADE_BEFORE.acquire()
        join(start(lambda: MADE_BEFORE.acquire()))
    assert run.log.ending.reason == "hung"
    assert not MADE_BEFORE.locked()


def test_as_long_as_there_is_a_deadline_it_is_no_deadlock() -> None:
    got = []
    with simulate() as run:
        lock = Lock()
        lock.acquire()
        join(start(lambda: got.append(lock.acquire(timeout=1_000))))
    assert got == [False]
    assert run.log.ending.reason == "done"


def test_any_thread_may_release_a_lock_so_a_cycle_alone_is_no_deadlock() -> None:
    with simulate(strategy=RoundRobin()) as run:
        a, b = Lock(), Lock()

        def cross(first: Lock, second: Lock) -> None:
            first.acquire()
            sleep(1)
            second.acquire()

        threads = start(lambda: cross(a, b), lambda: cross(b, a))
        sleep(2)
        a.release()
        b.release()
        join(threads)
    assert run.log.ending.reason == "done"


def test_a_hung_run_says_who_waits_in_library_code() -> None:
    source = "class Client:\n    def __init__(self):\n        self._answers = Queue()\n"
    source += "    def ask(self):\n        return self._answers.get()\n"
    library: dict[str, Any] = {"Queue": queue.Queue}
    exec(compile(source, queue.__file__, "exec"), library)
    with simulate() as run:
        client = library["Client"]()

        def get() -> None:
            client.ask()

        start(get)
    assert run.log.ending.reason == "hung"
    assert "waiting in library code: Thread-1 (get) at test_simulating.py:" in run.log.ending.detail


def test_a_livelock_is_ended_by_the_number_of_steps() -> None:
    def for_ever() -> None:
        while True:
            with MADE_BEFORE:
                pass

    with simulate(max_steps=500) as run:
        start(for_ever, for_ever)
    assert run.log.ending.reason == "steps"
    assert run.log.ending.leaked == ()
    next_run_works()


def test_a_thread_that_blocks_outside_is_named_with_its_place_and_left_behind() -> None:
    ours, theirs = socket.socketpair()

    def receive() -> None:
        theirs.recv(1)

    with simulate(timeout=0.2) as run:
        start(receive)
    ours.send(b"x")  # lets it go
    while threading.active_count() > 1:
        time.sleep(0.001)
    ending = run.log.ending
    assert ending.reason == "stuck"
    assert ending.detail.startswith("Thread-1 (receive) at test_simulating.py:")
    assert [each.split(":")[0] for each in ending.leaked] == ["Thread-1 (receive) at test_simulating.py"]
    ours.close()
    theirs.close()
    next_run_works()


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no call can be interrupted here")
def test_a_main_thread_that_blocks_outside_is_freed() -> None:
    foreign = _thread.allocate_lock()
    foreign.acquire()
    with simulate(timeout=0.2) as run:
        foreign.acquire()
    assert run.log.ending.reason == "stuck"
    assert "MainThread at test_simulating.py:" in run.log.ending.detail
    next_run_works()


@pytest.mark.parametrize("in_main", [True, False])
def test_a_loop_without_end_is_ended(in_main: bool) -> None:
    def spin() -> None:
        while True:
            pass

    with simulate(timeout=0.2) as run:
        if in_main:
            spin()
        else:
            start(spin)
    assert run.log.ending.reason == "stuck"
    assert run.log.ending.leaked == ()
    next_run_works()


@pytest.mark.skipif(sys.platform == "win32", reason="no process can send itself a Ctrl-C there")
@pytest.mark.parametrize("where", ["parked", "spinning thread", "spinning main"])
def test_ctrl_c_ends_the_run_and_is_passed_on(where: str) -> None:
    def spin() -> None:
        while True:
            pass

    def interrupt() -> None:
        signal.raise_signal(signal.SIGINT)
        while True:
            sleep(1)

    def outside() -> None:
        os.kill(os.getpid(), signal.SIGINT)

    def program() -> None:
        if where == "parked":
            join(start(interrupt))
        _thread.start_new_thread(outside, ())
        if where == "spinning thread":
            join(start(spin))
        spin()

    with pytest.raises(KeyboardInterrupt), simulate() as run:
        program()
    assert run.log.ending.reason == "interrupted"
    assert run.log.ending.leaked == ()
    next_run_works()


def test_a_thread_that_will_not_be_unwound_is_named_in_the_report() -> None:
    command = [sys.executable, "-c", STUBBORN]
    stubborn = subprocess.run(
        command, capture_output=True, text=True, cwd=HERE.parent, check=True, timeout=60
    )
    assert stubborn.stdout.splitlines() == ["hung ('stubborn',)", "done ()"]


STUBBORN = """
from tracing import Event, Thread, simulate, sleep
def stubborn():
    while True:
        try:
            event.wait()
        except BaseException:
            pass
event = Event()
with simulate() as run:
    Thread(target=stubborn, name="stubborn").start()
print(run.log.ending.reason, tuple(each.split(" at ")[0] for each in run.log.ending.leaked))
with simulate() as run:
    Thread(target=sleep, args=(1,)).start()
print(run.log.ending.reason, run.log.ending.leaked)
"""


def test_what_an_unwinding_thread_raises_is_not_the_programs() -> None:
    with simulate() as run:
        lock = Lock()
        lock.acquire()
        try:
            lock.acquire()
        finally:
            raise RuntimeError("while unwinding")
    assert run.log.ending.reason == "hung"


def test_finally_and_with_blocks_run_while_unwinding() -> None:
    passed = []

    def work() -> None:
        with lock, condition:
            try:
                event.wait()
            finally:
                passed.append(lock.locked())
                sleep(1)

    with simulate():
        lock, condition, event = Lock(), Condition(RLock()), Event()
        start(work, work)
    assert True in passed
    assert not lock.locked()


def test_an_executor_is_unwound_without_a_word(capfd: pytest.CaptureFixture[str]) -> None:
    with simulate() as run:
        never = Event()
        with ThreadPoolExecutor(2) as pool:
            pool.submit(never.wait)
            pool.submit(never.wait).result()
    assert run.log.ending.reason == "hung"
    assert run.log.ending.leaked == ()
    assert capfd.readouterr() == ("", "")
    next_run_works()


def test_daemons_are_cut_off() -> None:
    def tick() -> None:
        while True:
            sleep(1)

    with simulate() as run:
        Thread(target=tick, daemon=True).start()
        sleep(3.5)
    assert run.log.ending.reason == "done"
    assert run.log.ending.time // 10**8 == 35


def test_the_block_waits_for_threads_that_threads_start() -> None:
    done = []
    with simulate():
        start(lambda: (sleep(1), start(lambda: (sleep(5), done.append(True)))))
    assert done == [True]


def test_an_exception_of_the_block_is_the_programs() -> None:
    def fail() -> None:
        start(lambda: sleep(1))
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"), simulate() as run:
        fail()
    assert run.log.ending.reason == "done"
    assert [event.kind.name for event in run if event.thread == 1][-1] == "FAILED"


def test_an_exception_of_a_thread_is_in_its_record() -> None:
    with simulate() as run:
        join(start(lambda: 1 / 0))
    failed = [run.log.text(event.arg) for event in run if event.kind.name == "FAILED"]
    assert failed == ["ZeroDivisionError: division by zero"]


def test_what_a_strategy_raises_ends_the_run_and_is_raised() -> None:
    class Broken(Stay):
        def pick(self, choice: Choice) -> Option:
            if choice.index == 2:
                raise Diverged("not as before")
            return choice.default

    with pytest.raises(Diverged, match="not as before"), simulate(strategy=Broken()) as run:
        join(start(lambda: sleep(1), lambda: sleep(1)))
    assert run.log.ending.reason == "stopped"
    next_run_works()


# What works inside


def test_primitives_made_before_the_block_work_in_it() -> None:
    lock, event, barrier, semaphore, condition = Lock(), Event(), Barrier(2), Semaphore(0), Condition()
    jobs: queue.Queue[int] = queue.Queue()

    def other() -> None:
        with lock:
            sleep(0.001)
        event.set()
        barrier.wait()
        semaphore.release()
        jobs.put(jobs.get() + 1)
        with condition:
            condition.notify()

    for simulated in (True, True, False):
        with simulate() if simulated else record() as run:
            thread = Thread(target=other)
            thread.start()
            with lock:
                pass
            event.wait()
            barrier.wait()
            semaphore.acquire()
            with condition:
                jobs.put(1)
                condition.wait(timeout=5)
            thread.join()
            assert jobs.get() == 2
        event.clear()
        assert run.log.ending.reason == "done"


@pytest.mark.parametrize(
    "make", [queue.Queue, queue.LifoQueue, lambda: queue.Queue(1), lambda: queue.SimpleQueue()]
)
@pytest.mark.parametrize("seed", range(3))
def test_queues_work(make: Callable[[], queue.Queue[int]], seed: int) -> None:
    got = []
    with simulate(seed=seed) as run:
        jobs = make()
        consumer = threading.Thread(target=lambda: [got.append(jobs.get()) for _ in range(5)])
        consumer.start()
        for job in range(5):
            jobs.put(job)
        consumer.join()
        with pytest.raises(queue.Empty):
            jobs.get(timeout=3)
    assert sorted(got) == [0, 1, 2, 3, 4]
    assert run.log.ending.time // 10**9 == 3


def test_a_simple_queue_is_still_a_type_for_annotations_and_checks() -> None:
    before: queue.SimpleQueue[int] = queue.SimpleQueue()
    with simulate():
        assert queue.SimpleQueue[int]
        assert isinstance(before, queue.SimpleQueue)
        assert isinstance(queue.SimpleQueue(), queue.SimpleQueue)
        assert not isinstance(queue.Queue(), queue.SimpleQueue)


def test_plain_threads_started_inside_belong_to_the_run() -> None:
    with simulate() as run:
        thread = threading.Thread(target=time.sleep, args=(2,), name="plain")
        thread.start()
        assert thread.is_alive()
        assert threading.active_count() == 2
        thread.join()
        assert not thread.is_alive()
        assert threading.active_count() == 1
    assert [each.name for each in run.log.threads] == ["MainThread", "plain"]


def test_default_names_count_from_one_in_each_run() -> None:
    for _ in range(2):
        with simulate():
            assert [threading.Thread().name for _ in range(2)] == ["Thread-1", "Thread-2"]


def test_a_lock_that_the_program_makes_with_threading_is_recorded() -> None:
    with simulate() as run:
        lock = threading.Lock()
        again = threading.RLock()
        with lock, again:
            pass
    assert [(each.type, each.name) for each in run.log.objects] == [("Lock", "lock"), ("RLock", "again")]


def test_an_action_of_a_barrier_may_take_its_time() -> None:
    with simulate() as run:
        barrier = Barrier(3, action=lambda: sleep(2))
        start(barrier.wait, barrier.wait)
        barrier.wait()
    assert run.log.ending.time // 10**9 == 2


def test_timers_fire_in_virtual_time_and_can_be_cancelled() -> None:
    fired = []
    with simulate():
        late = Timer(100, lambda: fired.append("late"))
        timers = [Timer(2, lambda: fired.append(time.monotonic())), late]
        timers.append(threading.Timer(3, lambda: fired.append(time.monotonic())))
        for timer in timers:
            timer.start()
        sleep(10)
        late.cancel()
    assert [round(each, 2) for each in fired] == [2.0, 3.0]


def test_a_negative_or_huge_timeout_is_refused_as_threading_does() -> None:
    with simulate():
        event = Event()
        with pytest.raises(OverflowError):
            event.wait(1e100)
        with pytest.raises(ValueError, match="non-negative"):
            sleep(-1)
        assert not event.wait(-1)


def test_what_is_printed_appears_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    with simulate():
        start(lambda: print("from a thread"))
        assert capsys.readouterr().out == ""
    assert capsys.readouterr().out == "from a thread\n"


def test_simulations_of_different_threads_take_turns() -> None:
    """A notebook's widgets run in threads of their own."""
    texts: list[str] = []

    def simulate_here() -> None:
        with simulate(seed=3) as run:
            join(start(lambda: sleep(1), lambda: sleep(2)))
        texts.append(run.text())

    threads = [threading.Thread(target=simulate_here, name="same") for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(texts) == 3
    assert len(set(texts)) == 1


def test_a_loop_without_end_is_ended_where_the_block_is_not_in_the_main_thread() -> None:
    reasons: list[str] = []

    def spin() -> None:
        with simulate(timeout=0.2) as run:
            while True:
                pass
        reasons.append(run.log.ending.reason)

    thread = threading.Thread(target=spin)
    thread.start()
    thread.join()
    assert reasons == ["stuck"]


def test_a_recorded_thread_outside_keeps_real_time_meanwhile() -> None:
    begun, go_on = _thread.allocate_lock(), _thread.allocate_lock()
    begun.acquire()
    go_on.acquire()
    traces: list[Trace] = []

    def recorded() -> None:
        with record() as run:
            join(start(lambda: (begun.release(), go_on.acquire(), sleep(0.001))))
        traces.append(run)

    thread = threading.Thread(target=recorded)
    thread.start()
    begun.acquire()
    with simulate():
        sleep(1_000)
        go_on.release()
    thread.join()
    (recording,) = traces
    assert recording.log.ending.reason == "done"
    assert recording.log.clock == "real"


def test_a_thread_outside_the_run_can_be_joined() -> None:
    outside = threading.Thread(target=time.sleep, args=(0.01,))
    outside.start()
    with simulate() as run:
        outside.join()
        assert not outside.is_alive()
    assert run.log.ending.reason == "done"


def test_a_thread_outside_the_run_may_let_one_go() -> None:
    event = Event()

    def outside() -> None:
        time.sleep(0.02)
        event.set()

    threading.Thread(target=outside).start()
    with simulate() as run:
        assert event.wait()
    assert run.log.ending.reason == "done"


def test_names_that_another_module_of_the_program_imported_are_replaced_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other_module.py").write_text(
        "from time import sleep, time\ndef nap(): sleep(100); return time()"
    )
    monkeypatch.syspath_prepend(tmp_path)
    other = importlib.import_module("other_module")
    originals = other.sleep, other.time
    with simulate():
        assert int(other.nap()) == 1_700_000_100
    assert (other.sleep, other.time) == originals


# The record


def test_the_record_says_virtual_clock_and_seed() -> None:
    with simulate(seed=12, title="mine") as run:
        pass
    assert (run.log.clock, run.log.schedule, run.log.title) == ("virtual", "seed 12", "mine")
    assert run.text().startswith("mine: virtual clock, seed 12")


def test_the_record_says_its_schedule_as_it_can_be_pasted() -> None:
    with simulate(schedule="0:2 3:1") as run:
        join(start(lambda: sleep(1)))
    assert run.log.schedule == "schedule 0:2 3:1"


def test_a_schedule_decides_who_comes_first() -> None:
    def first(schedule: dict[int, int]) -> str:
        with simulate(schedule=schedule) as run:
            lock = Lock()
            for name in ("a", "b"):
                Thread(target=lock.acquire, kwargs={"timeout": 1}, name=name).start()
        taken = next(event for event in run if event.kind.name == "ACQUIRED")
        return run.log.thread(taken.thread).name

    assert first({}) == "a"
    assert any(first({index: 3}) == "b" for index in range(6))


def test_times_never_decrease_and_threads_stand_in_program_order() -> None:
    with simulate(seed=4) as run:
        simulated_program.primitives()
    assert list(run.log.times) == sorted(run.log.times)
    kinds = [event.kind.name for event in run if event.thread == 2]
    assert (kinds[0], kinds[-1]) == ("BEGAN", "ENDED")


def test_the_order_of_the_record_is_that_of_the_run_also_where_the_clock_stands_still() -> None:
    """Without ticks nearly everything happens at one time: the holds of a lock still follow each other."""
    with simulate(seed=1, tick=0) as run:
        lock = Lock()

        def work() -> None:
            for _ in range(4):
                with lock:
                    sleep(0)

        join(start(work, work, work))
    assert run.log.ending.time == 0
    kinds = [event.kind.name for event in run if event.obj and event.kind.name in ("ACQUIRED", "RELEASED")]
    assert kinds == ["ACQUIRED", "RELEASED"] * 12
    assert run.findings == ()


def test_without_ticks_all_durations_are_round() -> None:
    with simulate(seed=1, tick=0) as run:
        lock = Lock()

        def work() -> None:
            with lock:
                sleep(3)

        join(start(work, work))
    holds = [hold.end - hold.start for thing in run.model.objects for hold in thing.holds]
    assert holds == [3_000_000_000] * 2


# Where it cannot begin


@pytest.mark.parametrize(("outer", "inner"), [(simulate, simulate), (simulate, record), (record, simulate)])
def test_a_run_within_a_run_is_refused_in_a_sentence(outer: Callable, inner: Callable) -> None:
    doing = "recorded" if outer is record else "simulated"
    sentence = rf"{inner.__name__}\(\) inside a thread that is being {doing} \(MainThread\)"
    with pytest.raises(TracingError, match=sentence), outer(), inner():
        pass
    next_run_works()


def test_a_block_is_used_once() -> None:
    block = simulate()
    with block:
        pass
    with pytest.raises(TracingError, match=r"this simulate\(\) was used before"), block:
        pass


def test_record_still_raises_its_own_error() -> None:
    with pytest.raises(RecordError), record(), record():
        pass


def test_a_bad_schedule_is_refused_before_anything_begins() -> None:
    with pytest.raises(ValueError, match="is no schedule"):
        simulate(schedule="nonsense")


def test_a_thread_that_an_ended_run_left_behind_is_nobody_to_wait_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    door = _thread.allocate_lock()
    door.acquire()
    with record() as left:
        ann = Thread(target=door.acquire, name="ann", daemon=True)
        ann.start()
        until_parked(ann)  # where no run can end it
    waited: list[float] = []
    monkeypatch.setattr("tracing.runtime.simulated.real_sleep", waited.append)
    with simulate() as run:
        lock = Lock()
        lock.acquire()
        lock.acquire()
    assert [finding.kind for finding in left.findings] == ["leaked thread"]
    door.release()
    ann.join()
    assert [finding.kind for finding in run.findings] == ["deadlock"]
    assert waited == []


@pytest.mark.parametrize("thread_type", [Thread, threading.Thread])
def test_a_started_thread_has_its_native_id_and_a_joined_one_has_stopped(
    thread_type: type[threading.Thread],
) -> None:
    """Whatever the schedule: with `threading` a thread has its id when start() returns."""
    for seed in range(20):
        with simulate(seed=seed):
            threads = [thread_type(target=sleep, args=(0,)) for _ in range(2)]
            for thread in threads:
                thread.start()
            assert all(isinstance(thread.native_id, int) for thread in threads)
            for thread in threads:
                thread.join()
                assert "stopped" in repr(thread)


def test_who_doubles_his_pause_for_ever_is_ended_by_his_steps_as_anybody_who_goes_on_and_on() -> None:
    def try_again_later() -> None:
        pause = 1.0
        while True:
            sleep(pause)
            pause = min(2 * pause, threading.TIMEOUT_MAX)

    with simulate(max_steps=200) as run:
        Thread(target=try_again_later, name="ann").start()
    assert run.log.ending.reason == "steps"
    assert run.life_of("ann").end > 100 * 365 * 86_400  # s
    assert "no end after 200 steps" in run.log.ending.detail
