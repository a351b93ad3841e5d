"""Plain queues on the record: one record an operation, each get tied to its put, and nothing left behind."""

from __future__ import annotations

import queue
import sysconfig
import threading
import weakref
from collections.abc import Callable
from logging import LogRecord
from logging.handlers import QueueHandler
from pathlib import Path
from queue import Empty, Full, LifoQueue, PriorityQueue, Queue
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from steps import did, interrupt_main, needs_signals, unseen, until
from test_explore import outcomes

from tracing import Event, Kind, Thread, Trace, explore, record, run_script, simulate
from tracing.cpython.locks import waiters_of
from tracing.events import item_and_length
from tracing.exploring.searching import Search
from tracing.primitives.queues import LOGS
from tracing.runtime.schedules import DepthFirst

needs_shutdown = pytest.mark.skipif(
    not hasattr(Queue, "shutdown"), reason="queues have shutdown from 3.13 on"
)
OLDER: Queue[int] = Queue()


def numbers(run: Trace, kind: Kind = Kind.GOT) -> list[int]:
    """Of each put, or get, the number of the item."""
    return [item_and_length(event.arg)[0] for event in run.log if event.kind is kind]


# -- what is recorded ----------------------------------------------------------------------------------------


def test_a_put_and_a_get_are_one_record_each() -> None:
    with record() as run:
        jobs: Queue[str] = Queue()
        jobs.put("a")
        jobs.get()
    assert did(run) == ["put jobs #1, 1 in it", "got jobs #1, 0 in it"]
    assert [each.type for each in run.log.objects] == ["Queue"]


def test_a_put_and_a_get_say_how_long_the_queue_is_then() -> None:
    with record() as run:
        jobs: Queue[int] = Queue()
        for number in range(3):
            jobs.put_nowait(number)
        jobs.get_nowait()
    assert did(run) == [
        "put jobs #1, 1 in it",
        "put jobs #2, 2 in it",
        "put jobs #3, 3 in it",
        "got jobs #1, 2 in it",
    ]


def test_how_much_there_is_room_for_is_recorded() -> None:
    with record() as run:
        jobs: Queue[int] = Queue(maxsize=3)
        jobs.put(1)
    assert run.log.objects[0].value == 3


class Newest(Queue[Any]):
    """Gives first what was put last, and keeps it in a dict of its own."""

    def _init(self, maxsize: int) -> None:
        self.kept: dict[int, Any] = {}

    def _qsize(self) -> int:
        return len(self.kept)

    def _put(self, item: Any) -> None:
        self.kept[len(self.kept)] = item

    def _get(self) -> Any:
        return self.kept.popitem()[1]


class Wrapping(Queue[Any]):
    """Gives something else than what was put."""

    def _get(self) -> Any:
        return [super()._get()]


@pytest.mark.parametrize(
    ("make", "order"),
    [(Queue, [1, 2, 3]), (LifoQueue, [3, 2, 1]), (PriorityQueue, [3, 1, 2]), (Newest, [3, 2, 1])],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_each_get_has_the_number_of_the_put_of_its_item(make: Callable[[], Any], order: list[int]) -> None:
    with record() as run:
        jobs = make()
        for item in ("kiwi", "lime", "fig"):
            jobs.put(item)
        for _ in range(3):
            jobs.get()
    assert numbers(run) == order


def test_an_item_that_was_put_several_times_has_one_number_each_time() -> None:
    with record() as run:
        jobs: PriorityQueue[int] = PriorityQueue()
        for _ in range(3):
            jobs.put(7)
        for _ in range(3):
            jobs.get()
    assert sorted(numbers(run)) == [1, 2, 3]


def test_another_object_than_the_one_that_was_put_has_no_number() -> None:
    with record() as run:
        jobs = Wrapping()
        jobs.put("a")
        assert jobs.get() == ["a"]
    assert numbers(run) == [0]


def test_what_was_put_before_the_run_has_no_number() -> None:
    jobs: Queue[str] = Queue()
    jobs.put("old")
    with record() as run:
        jobs.put("new")
        jobs.get()
        jobs.get()
    assert did(run) == ["put jobs #1, 2 in it", "got jobs #0, 1 in it", "got jobs #1, 0 in it"]


def test_what_a_thread_of_no_run_puts_and_gets_is_counted_and_not_recorded() -> None:
    with record() as run:
        jobs: Queue[str] = Queue()
        jobs.put("a")
        _elsewhere(lambda: (jobs.put("b"), jobs.get()))
        jobs.put("c")
        assert [jobs.get(), jobs.get()] == ["b", "c"]
    assert numbers(run, Kind.PUT) == [1, 3]
    assert numbers(run) == [2, 3]


def _elsewhere(action: Callable[[], object]) -> None:
    thread = threading.Thread(target=action)
    thread.start()
    thread.join()


def test_a_queue_that_the_program_empties_by_itself_numbers_what_comes_then() -> None:
    with record() as run:
        jobs: Queue[str] = Queue()
        jobs.put("a")
        with jobs.mutex:
            jobs.queue.clear()
        jobs.put("b")
        jobs.get()
    assert numbers(run) == [2]


def test_a_wait_for_an_item_ends_with_the_item() -> None:
    with record() as run:
        jobs: Queue[str] = Queue()
        consumer = Thread(target=lambda: jobs.get(), name="consumer")
        consumer.start()
        until(run, "consumer", Kind.GET_WAIT)
        jobs.put("a")
        consumer.join()
    assert did(run, "consumer") == ["get_wait jobs for ever", "got jobs #1, 0 in it"]


def test_a_wait_for_room_ends_with_the_put() -> None:
    with record() as run:
        jobs: Queue[str] = Queue(1)
        jobs.put("a")
        producer = Thread(target=lambda: jobs.put("b", timeout=60), name="producer")
        producer.start()
        until(run, "producer", Kind.PUT_WAIT)
        jobs.get()
        producer.join()
    assert did(run, "producer") == ["put_wait jobs 60 s", "put jobs #2, 1 in it"]


def test_what_takes_too_long_has_timed_out() -> None:
    with record() as run:
        jobs: Queue[str] = Queue(1)
        with pytest.raises(Empty):
            jobs.get(timeout=0.01)
        jobs.put("a")
        with pytest.raises(Full):
            jobs.put("b", timeout=0.01)
    assert did(run) == [
        *("get_wait jobs 0.01 s", "timed_out jobs"),
        "put jobs #1, 1 in it",
        *("put_wait jobs 0.01 s", "timed_out jobs"),
    ]


def test_what_does_not_wait_and_would_have_to_is_a_failed_try() -> None:
    with record() as run:
        jobs: Queue[str] = Queue(1)
        for attempt in (jobs.get_nowait, lambda: jobs.get(timeout=0)):
            with pytest.raises(Empty):
                attempt()
        jobs.put("a")
        for attempt in (lambda: jobs.put_nowait("b"), lambda: jobs.put("b", timeout=0)):
            with pytest.raises(Full):
                attempt()
    assert did(run) == ["would_block jobs"] * 2 + ["put jobs #1, 1 in it"] + ["would_block jobs"] * 2


def test_a_join_waits_for_the_tasks_that_are_not_done() -> None:
    with record() as run:
        jobs: Queue[str] = Queue()
        jobs.put("a")
        jobs.put("b")
        jobs.get()
        jobs.task_done()
        worker = Thread(target=lambda: (until(run, "MainThread", Kind.TASKS_WAIT), jobs.task_done()))
        worker.start()
        jobs.join()
        jobs.join()
        worker.join()
    assert did(run)[3:6] == ["task_done jobs 1", "tasks_wait jobs 1", "tasks_joined jobs"]
    assert did(run).count("tasks_wait jobs 1") == 1


def test_a_task_done_too_many_is_refused() -> None:
    with record() as run:
        jobs: Queue[str] = Queue()
        with pytest.raises(ValueError, match="called too many times"):
            jobs.task_done()
    assert did(run) == ["refused jobs ValueError: task_done() called too many times"]


@needs_shutdown
def test_who_waits_for_an_item_of_a_queue_that_is_shut_down_is_shut_out() -> None:
    with record() as run:
        jobs: Any = Queue()

        def consume() -> None:
            with pytest.raises(queue.ShutDown):
                jobs.get()

        consumer = Thread(target=consume, name="consumer")
        consumer.start()
        until(run, "consumer", Kind.GET_WAIT)
        jobs.shutdown()
        consumer.join()
        with pytest.raises(queue.ShutDown):
            jobs.put("late")
    assert did(run, "consumer") == ["get_wait jobs for ever", "shut_out jobs"]
    assert [line for line in did(run) if "jobs" in line] == ["shut_down jobs 0", "shut_out jobs"]


@needs_shutdown
def test_an_immediate_shutdown_says_how_many_items_it_throws_away() -> None:
    with record() as run:
        jobs: Any = Queue()
        jobs.put("a")
        jobs.put("b")
        jobs.shutdown(immediate=True)
        jobs.join()
    assert did(run)[2:] == ["shut_down jobs 2", "tasks_joined jobs"]


@needs_signals
def test_a_ctrl_c_ends_a_wait_and_the_queue_goes_on() -> None:
    jobs: Queue[str] = Queue()
    with record() as run:
        Thread(target=lambda: interrupt_main(run, Kind.GET_WAIT)).start()
        with pytest.raises(KeyboardInterrupt):
            jobs.get()
        jobs.put("a")
        assert jobs.get() == "a"
    assert [line for line in did(run) if "jobs" in line] == [
        *("get_wait jobs for ever", "cut jobs"),
        *("put jobs #1, 1 in it", "got jobs #1, 0 in it"),
    ]


def test_a_queue_made_before_the_run_is_called_what_holds_it_now() -> None:
    in_function: Queue[int] = Queue()

    class Pool:
        def __init__(self) -> None:
            self.jobs: Queue[int] = Queue()

        def feed(self) -> None:
            self.jobs.put(1)

    pool = Pool()
    with record() as run:
        for jobs in (OLDER, in_function):
            jobs.put(1)
        pool.feed()
    OLDER.get()
    assert [each.name for each in run.log.objects] == ["OLDER", "in_function", "Pool.jobs"]


def test_a_queue_is_called_the_same_in_the_next_run() -> None:
    with record():
        jobs: Queue[int] = Queue()
    other = jobs
    with record() as run:
        other.put(1)
    assert [each.name for each in run.log.objects] == ["jobs"]


class Mailbox(queue.SimpleQueue):  # type: ignore[type-arg]
    """Made before any run."""


def test_a_simple_queue_that_the_program_makes_in_a_run_is_recorded() -> None:
    with record() as run:
        jobs: queue.SimpleQueue[int] = queue.SimpleQueue()
        jobs.put(1)
        assert jobs.get() == 1
        assert isinstance(jobs, queue.SimpleQueue)
        assert isinstance(Mailbox(), queue.SimpleQueue)
        assert queue.SimpleQueue[int]
    assert did(run) == ["put jobs", "got jobs"]
    assert isinstance(jobs, queue.SimpleQueue)


def test_a_class_that_extends_a_simple_queue_in_a_run_is_recorded() -> None:
    with record() as run:

        class Letters(queue.SimpleQueue):  # type: ignore[type-arg]
            def put_twice(self, item: int) -> None:
                self.put(item)
                self.put(item)

        letters = Letters()
        letters.put_twice(1)
        assert issubclass(Letters, queue.SimpleQueue)
    assert did(run) == ["put letters", "put letters"]


# -- whose it is ---------------------------------------------------------------------------------------------


def library(source: str) -> dict[str, Any]:
    """The names that this code makes as a part of the standard library."""
    names: dict[str, Any] = {"Queue": Queue}
    exec(compile(source, str(Path(sysconfig.get_path("stdlib")) / "made_up.py"), "exec"), names)
    return names


CLIENT = """
class Client:
    def __init__(self):
        self._answers = Queue()
    def ask(self):
        self._answers.put(1)
        return self._answers.get()
    def wait(self):
        self._answers.get()
"""


def test_what_a_library_does_with_a_queue_of_its_own_is_silent() -> None:
    older = library(CLIENT)["Client"]()
    with record() as run:
        assert older.ask() == 1
        assert library(CLIENT)["Client"]().ask() == 1
    assert did(run) == []


def test_a_wait_inside_a_library_is_ended_when_nobody_can_go_on() -> None:
    with record(timeout=20) as run:
        library(CLIENT)["Client"]().wait()
    assert run.log.ending.reason == "hung"


def test_what_a_library_does_with_a_queue_of_the_program_is_the_program_s() -> None:
    with record() as run:
        lines: Queue[LogRecord] = Queue()
        QueueHandler(lines).enqueue(LogRecord("name", 20, "path", 1, "message", None, None))
    assert did(run) == ["put lines #1, 1 in it"]
    site = run.log.site(run.log[1].site)
    assert site is not None
    assert "QueueHandler" in site.text


# -- as it was -----------------------------------------------------------------------------------------------


def test_a_queue_is_what_it_was_after_the_run() -> None:
    jobs: Queue[int] = Queue()
    before, methods = dict(vars(jobs)), dict(vars(Queue))
    with record():
        jobs.put(1)
        jobs.get()
    assert vars(jobs) == {**before, "unfinished_tasks": 1}
    assert type(jobs) is Queue
    assert dict(vars(Queue)) == methods


def test_what_runs_knew_of_a_queue_goes_with_it() -> None:
    with record():
        jobs: Queue[int] = Queue()
        jobs.put(1)
        known = weakref.ref(LOGS[id(jobs)])
    del jobs
    assert known() is None


class Picky(Queue[Any]):
    """Takes no odd numbers."""

    def _put(self, item: Any) -> None:
        if item % 2:
            raise ValueError(f"{item} is odd")
        super()._put(item)


def test_what_a_class_of_the_program_raises_comes_out_and_is_no_put() -> None:
    with record() as run:
        jobs = Picky()
        jobs.put(2)
        with pytest.raises(ValueError, match="3 is odd"):
            jobs.put(3)
        assert jobs.get() == 2
        assert not jobs.mutex.locked()
    assert did(run) == ["put jobs #1, 1 in it", "got jobs #1, 0 in it"]


def test_room_that_is_changed_while_threads_wait_counts_from_then_on() -> None:
    with record() as run:
        jobs: Queue[int] = Queue(1)
        jobs.put(1)
        jobs.maxsize = 2
        jobs.put(2)
        jobs.maxsize = 0
        jobs.put(3)
    assert did(run) == [f"put jobs #{number}, {number} in it" for number in (1, 2, 3)]


# -- hanging -------------------------------------------------------------------------------------------------


def test_a_get_for_which_nobody_puts_is_decided_within_two_seconds() -> None:
    jobs: Queue[int] = Queue()
    began = perf_counter()
    with record() as run:
        jobs.get()
    assert perf_counter() - began < 2
    assert run.log.ending.reason == "hung"
    assert "MainThread waits for an item of jobs" in run.findings[0].sentence
    jobs.put(1)
    assert jobs.get() == 1


def test_a_put_for_which_nobody_makes_room_is_decided() -> None:
    with record(timeout=20) as run:
        jobs: Queue[int] = Queue(1)
        jobs.put(1)
        jobs.put(2)
    assert run.log.ending.reason == "hung"


def test_a_join_whose_tasks_nobody_does_is_decided() -> None:
    with record(timeout=20) as run:
        jobs: Queue[int] = Queue()
        jobs.put(1)
        jobs.join()
    assert run.log.ending.reason == "hung"


def test_who_was_made_to_unwind_is_not_waiting_in_the_queue_any_more() -> None:
    jobs: Queue[int] = Queue()
    with record(timeout=20):
        jobs.get()
    assert not waiters_of(jobs.not_empty)


def test_a_thread_of_before_the_run_may_still_answer() -> None:
    asked: Queue[int] = Queue()
    answers: Queue[int] = Queue()

    def answer() -> None:
        number = asked.get()
        unseen(1.2)  # longer than a hang takes to be decided
        answers.put(number * 2)

    older = threading.Thread(target=answer)
    older.start()
    with record(timeout=20) as run:
        asked.put(21)
        assert answers.get() == 42
    older.join()
    assert run.log.ending.reason == "done"


def test_a_thread_of_before_the_run_that_waits_itself_answers_nobody() -> None:
    asked: Queue[int] = Queue()
    answers: Queue[int] = Queue()
    older = threading.Thread(target=asked.get)
    older.start()
    with record(timeout=20) as run:
        answers.get()
    asked.put(1)
    older.join()
    assert run.log.ending.reason == "hung"


# -- a program as it is --------------------------------------------------------------------------------------

SCRIPT = """
import queue, threading
jobs = queue.Queue(2)
def work():
    while jobs.get() is not None:
        jobs.task_done()
worker = threading.Thread(target=work)
worker.start()
for number in range(3):
    jobs.put(number)
jobs.put(None)
worker.join()
"""


def test_a_script_s_queue_is_recorded() -> None:
    run = run_script(SCRIPT)
    assert [(each.name, each.type) for each in run.log.objects] == [("jobs", "Queue")]
    assert numbers(run, Kind.PUT) == [1, 2, 3, 4]
    assert numbers(run) == [1, 2, 3, 4]


def test_a_simulated_queue_is_recorded() -> None:
    with simulate() as run:
        jobs: Queue[int] = Queue(1)
        producer = Thread(target=lambda: [jobs.put(number) for number in range(3)], name="producer")
        producer.start()
        for _ in range(3):
            jobs.get()
        producer.join()
    assert numbers(run, Kind.PUT) == [1, 2, 3]
    assert numbers(run) == [1, 2, 3]


# -- searching -----------------------------------------------------------------------------------------------


class Machine:
    """What the threads of a random program work on: one method for each operation."""

    def __init__(self, jobs: Queue[int]) -> None:
        self.jobs, self.few = jobs, Queue[int](1)
        self.flag = Event()

    def put(self) -> None:
        self.jobs.put(1)

    def get(self) -> object:
        return self.jobs.get()

    def try_to_get(self) -> object:
        try:
            return self.jobs.get_nowait()
        except Empty:
            return "empty"

    def get_soon(self) -> object:
        try:
            return self.jobs.get(timeout=0.01)
        except Empty:
            return "too late"

    def done(self) -> object:
        try:
            return self.jobs.task_done()
        except ValueError:
            return "too many"

    def join(self) -> None:
        self.jobs.join()

    def size(self) -> tuple[int, bool]:
        return self.jobs.qsize(), self.jobs.empty()

    def fill(self) -> None:
        self.few.put(3)

    def drain(self) -> object:
        return self.few.get()

    def full(self) -> bool:
        return self.few.full()

    def pass_on(self) -> None:
        self.few.put(self.jobs.get())

    def announce(self) -> None:
        self.flag.set()

    def hear(self) -> bool:
        return self.flag.is_set()


OPERATIONS = sorted(name for name in vars(Machine) if name[0] != "_")
plans = st.lists(st.lists(st.sampled_from(OPERATIONS), min_size=1, max_size=3), min_size=2, max_size=2)


def random_program(plans: list[list[str]], make: Callable[[], Queue[int]]) -> Callable[[], object]:
    """A thread for each plan, a list of operations. make: the queue."""

    def program() -> object:
        machine = Machine(make())
        seen: list[list[object]] = [[] for _ in plans]

        def work(number: int) -> None:
            for name in plans[number]:
                seen[number].append(getattr(machine, name)())

        threads = [Thread(target=work, args=(number,)) for number in range(len(plans))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return machine.jobs.qsize(), machine.few.qsize(), seen

    return program


def as_new() -> Queue[int]:
    """OLDER, which was made when nothing was simulated."""
    OLDER.queue.clear()
    OLDER.unfinished_tasks = 0
    for condition in (OLDER.not_empty, OLDER.all_tasks_done):
        waiters_of(condition).clear()
    return OLDER


def assert_that_pruning_loses_nothing(program: Callable[[], object], limit: int) -> None:
    without = outcomes(program, DepthFirst(99), limit)
    if without is not None:
        assert not any(outcome.startswith("raised") for outcome in without)
        assert outcomes(program, Search(None), limit) == without


@pytest.mark.timeout(400)  # every schedule of many programs; without the GIL three times as long
@settings(max_examples=25, deadline=None, derandomize=True)
@given(plans, st.sampled_from([Queue, as_new]))
def test_pruning_loses_no_outcome_of_queues(plan: list[list[str]], make: Callable[[], Queue[int]]) -> None:
    assert_that_pruning_loses_nothing(random_program(plan, make), 300)


@pytest.mark.sweep
@pytest.mark.timeout(400)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(plans, st.sampled_from([Queue, as_new]))
def test_pruning_loses_no_outcome_of_queues_with_many_schedules(
    plan: list[list[str]], make: Callable[[], Queue[int]]
) -> None:
    assert_that_pruning_loses_nothing(random_program(plan, make), 1_500)


def test_a_run_numbers_the_items_of_a_queue_from_one() -> None:
    jobs: Queue[int] = Queue()
    for _ in range(2):
        with record() as run:
            jobs.put(1)
        assert numbers(run, Kind.PUT) == [1]


@pytest.mark.parametrize("look", ["qsize", "empty"])
def test_a_search_finds_that_a_look_at_an_older_queue_may_come_before_a_put_and_after(look: str) -> None:
    def program() -> object:
        jobs, seen = as_new(), []
        threads = [
            Thread(target=lambda: jobs.put(1)),
            Thread(target=lambda: seen.append(getattr(jobs, look)())),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return bool(seen[0])

    assert {outcome.text for outcome in explore(program).outcomes} == {"True", "False"}


def test_a_search_of_threads_with_queues_of_their_own_takes_one_run() -> None:
    def program() -> None:
        queues: list[Queue[int]] = [Queue() for _ in range(3)]

        def work(jobs: Queue[int]) -> None:
            jobs.put(1)
            jobs.get()

        threads = [Thread(target=work, args=(jobs,)) for jobs in queues]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    found = explore(program)
    assert found.schedules == 1
    assert found.coverage.everything


EMPTY: queue.Queue[int] = queue.Queue()


@pytest.mark.parametrize("block", [record, simulate], ids=["recorded", "simulated"])
def test_a_queue_that_is_older_than_the_run_is_the_programs_where_its_method_is_a_target(block: Any) -> None:
    """`threading` calls it, for who gave it."""
    with block() as run:
        consumer = Thread(target=EMPTY.get, name="consumer")
        consumer.start()
        consumer.join()
    (finding,) = (each for each in run.findings if each.severity == "error")
    assert finding.sentence.startswith("Stalled: consumer waits for an item of ")
