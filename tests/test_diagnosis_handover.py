"""Queues, futures and executors that hang or hide something: told with who, where, how many, what to do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait
from queue import PriorityQueue, Queue
from typing import Any

import pytest

from tracing import Event, Lock, Thread, Trace, record, simulate, sleep
from tracing.diagnosis import Finding
from tracing.events import Kind

SEEDS = range(20)


def run_of(program: Callable[[], object], seed: int = 0) -> Trace:
    with simulate(seed) as run:
        program()
    return run


def told(run: Trace) -> Finding:
    """The first finding, but for what a thread died of."""
    return next(finding for finding in run.findings if finding.kind != "uncaught exception")


def start(*functions: Callable[[], object]) -> list[Thread]:
    threads = [Thread(target=function, name=function.__name__) for function in functions]
    for thread in threads:
        thread.start()
    return threads


def join(threads: list[Thread]) -> None:
    for thread in threads:
        thread.join()


# -- broken, and cured ---------------------------------------------------------------------------------------


def starved(workers: int) -> Callable[[], object]:
    """Each call waits for another one of the same pool."""

    def program() -> None:
        with ThreadPoolExecutor(workers, thread_name_prefix="pool") as pool:

            def leaf() -> int:
                return 1

            def branch() -> int:
                return pool.submit(leaf).result()

            few = [pool.submit(branch) for _ in range(2)]
            assert [each.result() for each in few] == [1, 1]

    return program


def starved_by_wait() -> None:
    with ThreadPoolExecutor(1, thread_name_prefix="pool") as pool:

        def branch() -> None:
            wait([pool.submit(int), pool.submit(int)])

        pool.submit(branch).result()


def called_off_by_shutdown(*, first: bool) -> Callable[[], object]:
    """Python tells nobody who waits for several calls that shutdown() has cancelled some of them."""

    def program() -> None:
        go = Event()
        pool = ThreadPoolExecutor(1)
        jobs = [pool.submit(go.wait), pool.submit(int), pool.submit(int)]
        pool.shutdown(wait=False, cancel_futures=True)
        go.set()
        wait(jobs if first else jobs[1:])

    return program


def dead_producer() -> None:
    jobs: Queue[int] = Queue()

    def producer() -> None:
        jobs.put(1)
        raise KeyError("lost")

    def consumer() -> None:
        jobs.get()
        jobs.get()

    join(start(producer, consumer))


def no_producer() -> None:
    jobs: Queue[int] = Queue()

    def consumer() -> None:
        jobs.get()

    join(start(consumer))


def producer_that_never_came_to_it() -> None:
    jobs: Queue[int] = Queue()

    def producer() -> None:
        jobs.put(int("lost"))

    join(start(producer, jobs.get))


def consumer_whose_get_failed() -> None:
    jobs: Queue[Any] = PriorityQueue()
    jobs.queue[:] = [(0, {}), (1, {1: 1}), (1, {2: 2})]  # two that cannot be compared
    jobs.put((2, {}))

    def worker() -> None:
        jobs.get()

    start(worker)
    jobs.join()


def gone_with_the_only_one() -> None:
    things: Queue[str] = Queue()
    things.put("connection")

    def borrower() -> None:
        things.get()
        raise KeyError("lost")

    join(start(borrower))
    join(start(things.get))


def dead_consumer() -> None:
    jobs: Queue[int] = Queue(1)

    def consumer() -> None:
        jobs.get()
        raise KeyError("lost")

    def producer() -> None:
        for number in range(3):
            jobs.put(number)

    join(start(consumer, producer))


def no_consumer() -> None:
    jobs: Queue[int] = Queue(1)
    jobs.put(1)
    jobs.put(2)


def forgotten_task_done() -> None:
    jobs: Queue[int] = Queue()
    for number in range(2):
        jobs.put(number)

    def worker() -> None:
        jobs.get()
        jobs.task_done()
        jobs.get()

    start(worker)
    jobs.join()


def full_circle(room: int) -> Callable[[], object]:
    """Two bounded queues between two threads."""

    def program() -> None:
        jobs: Queue[int] = Queue(room)
        results: Queue[int] = Queue(room)

        def worker() -> None:
            for _ in range(6):
                results.put(jobs.get())

        threads = start(worker)
        for number in range(6):
            jobs.put(number)
        for _ in range(6):
            results.get()
        join(threads)

    return program


def stop_markers(count: int) -> Callable[[], object]:
    """Three consumers, each until it gets None."""

    def program() -> None:
        jobs: Queue[int | None] = Queue()

        def consume() -> None:
            while jobs.get() is not None:
                pass

        threads = [Thread(target=consume, name=f"consumer{number}") for number in range(3)]
        for thread in threads:
            thread.start()
        for number in range(3):
            jobs.put(number)
        for _ in range(count):
            jobs.put(None)
        join(threads)

    return program


def stuck_shutdown() -> None:
    with ThreadPoolExecutor(1, thread_name_prefix="pool") as pool:
        pool.submit(Event().wait)


def lock_and_future() -> None:
    lock = Lock()
    with ThreadPoolExecutor(1, thread_name_prefix="pool") as pool:

        def needs_lock() -> None:
            with lock:
                pass

        with lock:
            pool.submit(needs_lock).result()


def unasked(ask: bool) -> Callable[[], object]:
    """One of three calls fails."""

    def program() -> None:
        with ThreadPoolExecutor(1, thread_name_prefix="pool") as pool:
            calls = [pool.submit(int, text) for text in ("1", "two", "3")]
        if ask:
            assert [each.exception() is None for each in as_completed(calls)].count(True) == 2

    return program


# -- what is said --------------------------------------------------------------------------------------------

BROKEN: dict[str, tuple[Callable[[], object], str, tuple[str, ...]]] = {
    "starved pool": (
        starved(1),
        "starved pool",
        ("1 of 1 worker of pool waits", "pool_0 waits for leaf", "queued", "second pool"),
    ),
    "starved by wait": (starved_by_wait, "starved pool", ("pool_0 waits for int-1 (among others)",)),
    "some were called off": (
        called_off_by_shutdown(first=True),
        "stalled",
        ("MainThread waits for jobs[", "jobs[1] and jobs[2] were cancelled by shutdown() at line "),
    ),
    "all were called off": (
        called_off_by_shutdown(first=False),
        "stalled",
        ("waits for jobs[1] (among others)", "which tells nobody who waits", "not cancelled()"),
    ),
    "dead producer": (
        dead_producer,
        "stalled",
        (
            *("consumer waits for an item of jobs", "producer, which put the last one"),
            *("has failed with KeyError: 'lost'", "1 put, 1 got"),
        ),
    ),
    "no producer": (
        no_producer,
        "stalled",
        ("consumer waits for an item of jobs", "nobody has ever put one in"),
    ),
    "dead before its first put": (
        producer_that_never_came_to_it,
        "stalled",
        ("for an item of jobs", "nobody has ever put one in; producer has failed with ValueError"),
    ),
    "failed in its get": (
        consumer_whose_get_failed,
        "stalled",
        ("for the tasks of jobs", "nobody has ever got one: ", "; worker has failed with TypeError"),
    ),
    "gone with the only one": (
        gone_with_the_only_one,
        "deadlock",
        (
            "for an item of things, into which MainThread puts (borrower, which got the last one at line ",
            ", has failed with KeyError: 'lost')",
            "Put back in `finally`",
        ),
    ),
    "dead consumer": (
        dead_consumer,
        "stalled",
        (
            *(
                "producer waits for room in jobs",
                "which is full (1 of 1)",
                "consumer, which got the last one",
            ),
            *("has failed with KeyError: 'lost'", "2 put, 1 got"),
        ),
    ),
    "no consumer": (
        no_consumer,
        "stalled",
        ("MainThread waits for room in jobs", "nobody has ever got one out"),
    ),
    "forgotten task_done": (
        forgotten_task_done,
        "stalled",
        (
            *("MainThread waits for the tasks of jobs", "worker, which got the last one", "has ended"),
            *("2 put, 2 got, and task_done() was said once", "in `finally`"),
        ),
    ),
    "full circle": (
        full_circle(1),
        "deadlock",
        (
            *("MainThread waits for room in jobs", "which is full (1 of 1) until worker gets one out"),
            *("worker waits for room in results", "which is full (1 of 1) until MainThread gets one out"),
        ),
    ),
    "one stop marker": (
        stop_markers(1),
        "deadlock",
        ("for an item of jobs", "into which MainThread puts", "one word to stop for each"),
    ),
    "stuck shutdown": (stuck_shutdown, "stalled", ("pool_0 waits for Event-1", "nobody is left to set it")),
    "lock and future": (
        lock_and_future,
        "deadlock",
        (
            "MainThread waits for needs_lock-1",
            "run by pool_0",
            "pool_0 waits for lock",
            "held by MainThread",
        ),
    ),
    "unasked": (
        unasked(False),
        "unasked exception",
        ("1 of 3 calls of pool failed, and nobody asked what came of it", "calls[1] in pool_0", "ValueError"),
    ),
}
CURED = {
    "two pools' worth of workers": starved(4),
    "room enough": full_circle(6),
    "a stop marker each": stop_markers(3),
    "asked": unasked(True),
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_first_finding_says_who_where_how_many_and_what_to_do(name: str) -> None:
    program, kind, words = BROKEN[name]
    finding = told(run_of(program))
    assert finding.kind == kind
    said = f"{finding.sentence} {finding.hint}"
    assert [word for word in words if word not in said] == [], said


@pytest.mark.parametrize("name", BROKEN)
def test_it_is_said_whatever_the_schedule(name: str) -> None:
    program, kind, _ = BROKEN[name]
    for seed in SEEDS:
        run = run_of(program, seed)
        if run.log.ending.reason == "hung":
            assert told(run).kind == kind, told(run).sentence


@pytest.mark.parametrize("name", CURED)
def test_the_cured_program_is_silent_whatever_the_schedule(name: str) -> None:
    for seed in SEEDS:
        assert run_of(CURED[name], seed).findings == ()


@pytest.mark.parametrize(
    "name", ["starved pool", "all were called off", "dead producer", "full circle", "one stop marker"]
)
def test_the_same_is_said_of_a_recorded_run(name: str) -> None:
    program, kind, words = BROKEN[name]
    with record(timeout=20) as run:
        program()
    assert run.log.ending.reason == "hung"
    finding = told(run)
    assert finding.kind == kind
    said = f"{finding.sentence} {finding.hint}"
    assert [word for word in words if word not in said] == [], said


def test_queues_from_which_nobody_has_ever_got_anything_are_told_of_together() -> None:
    def program() -> None:
        one: Queue[int] = Queue(1)
        other: Queue[int] = Queue(2)

        def fill(queue: Queue[int]) -> None:
            for number in range(3):
                queue.put(number)

        start(lambda: fill(one), lambda: fill(other))

    (finding,) = [finding for finding in run_of(program).findings if finding.severity == "error"]
    assert finding.kind == "stalled"
    assert len(finding.threads) == len(finding.objects) == 2
    assert "is full (1 of 1); " in finding.sentence
    assert "is full (2 of 2); nobody has ever got one out of any of these." in finding.sentence


def test_who_is_only_behind_the_circle_is_not_in_it() -> None:
    def program() -> None:
        jobs: Queue[int] = Queue(1)
        results: Queue[int] = Queue(1)
        answer: Future[int] = Future()

        def worker() -> None:
            while True:
                results.put(jobs.get())

        def behind() -> None:
            answer.result()

        start(worker, behind)
        for number in range(6):
            jobs.put(number)
        answer.set_result(results.get())

    (deadlock,) = [finding for finding in run_of(program).findings if finding.severity == "error"]
    assert (deadlock.kind, len(deadlock.threads)) == ("deadlock", 2)
    circle, _, perhaps = deadlock.sentence.partition(". Perhaps waiting behind it, too: ")
    assert "behind" not in circle
    assert perhaps.startswith("behind for answer at line ")


def test_an_exception_that_a_callback_looks_at_was_asked_for() -> None:
    def program() -> None:
        seen: list[Any] = []
        with ThreadPoolExecutor(1) as pool:
            pool.submit(int, "two").add_done_callback(lambda call: seen.append(call.exception()))
        assert len(seen) == 1

    assert run_of(program).findings == ()


def test_a_call_comes_after_its_submission_and_before_its_result_in_every_schedule() -> None:
    """So two locks that are taken in both orders on either side of it can lock nobody out."""
    with simulate() as run, ThreadPoolExecutor(1) as pool:
        first, second = Lock(), Lock()

        def other_way() -> None:
            with second, first:
                pass

        with first, second:
            pass
        pool.submit(other_way).result()
        with first, second:
            pass
    assert [finding.sentence for finding in run.findings] == []


def test_two_calls_at_the_same_time_are_in_no_order() -> None:
    with simulate() as run, ThreadPoolExecutor(2) as pool:
        first, second = Lock(), Lock()

        def one_way() -> None:
            with first, second:
                pass

        def other_way() -> None:
            with second, first:
                pass

        calls = [pool.submit(one_way), pool.submit(other_way)]
        for call in calls:
            call.result()
    assert [finding.kind for finding in run.findings] == ["lock-order inversion"]


def test_a_wait_for_room_is_not_said_to_have_been_able_to_go_on() -> None:
    with simulate() as run:
        orders: Queue[int] = Queue(maxsize=1)

        def cook() -> None:
            sleep(2)
            orders.get()

        Thread(target=cook, name="cook").start()
        orders.put(1)
        orders.put(2)
    (full,) = (each for each in run.model.waits if each.kind == Kind.PUT_WAIT)
    assert full.end - full.start >= 2_000_000_000 - 100_000
    assert "full throughout" in str(run.explain())


@pytest.mark.parametrize("asks", [True, False])
def test_a_future_that_a_thread_of_no_run_asks_is_not_said_to_be_unasked(asks: bool) -> None:
    told: list[BaseException | None] = []
    with record() as run:
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(int, "no number")
        outside = threading.Thread(target=lambda: told.append(future.exception()) if asks else None)
        outside.start()
        outside.join()
    assert len(told) == asks
    assert [each.kind for each in run.findings] == ([] if asks else ["unasked exception"])
