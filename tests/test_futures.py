"""Plain executors and futures on the record: who submits what, who makes the call, who waits for it."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from concurrent.futures import (
    FIRST_COMPLETED,
    CancelledError,
    Future,
    ThreadPoolExecutor,
    as_completed,
    wait,
)
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from process import lasting_changes, state_of_process
from steps import did, interrupt_main, needs_signals, unseen, until
from test_explore import outcomes

from tracing import Event, Kind, Lock, Thread, Trace, explore, record, run_script, simulate, sleep
from tracing.errors import SimulateError
from tracing.exploring.searching import Search
from tracing.primitives.futures import FUTURES, POOLS, WORKERS
from tracing.recording import RUNS
from tracing.runtime.schedules import DepthFirst


def square(number: int) -> int:
    return number * number


def fail() -> None:
    raise ValueError("no such thing")


def names(run: Trace) -> list[str]:
    return [each.name for each in run.log.objects if each.type == "Future"]


def workers(run: Trace) -> list[str]:
    return [thread.name for thread in run.log.threads if thread.parent]


# -- what is recorded ----------------------------------------------------------------------------------------


def test_a_call_is_on_the_lane_of_its_worker_from_begin_to_end() -> None:
    with record() as run, ThreadPoolExecutor(1, thread_name_prefix="pool") as pool:
        nine = pool.submit(square, 3)
        assert nine.result() == 9
    assert did(run, "pool_0") == ["call_began nine", "call_ended nine"]
    assert [line for line in did(run) if "nine" in line and "wait" not in line] == [
        "submitted nine square",
        "result nine",
    ]


def test_a_future_belongs_to_its_executor() -> None:
    with record() as run, ThreadPoolExecutor(1) as pool:
        pool.submit(square, 3)
    kinds = {each.number: each.type for each in run.log.objects}
    owners = [kinds[each.owner] for each in run.log.objects if each.type == "Future"]
    assert owners == ["ThreadPoolExecutor"]
    assert [each.name for each in run.log.objects if each.type == "ThreadPoolExecutor"] == ["pool"]


def test_a_future_without_a_name_is_called_after_its_function() -> None:
    with record() as run, ThreadPoolExecutor(1) as pool:
        few = [pool.submit(square, number) for number in range(2)]
        pool.submit(square, 3).result()
        assert list(pool.map(square, [4, 5])) == [16, 25]
        pool.submit(partial(square, 6))
        assert [each.result() for each in few] == [0, 1]
    assert names(run) == ["few[0]", "few[1]", "square-1", "square-2", "square-3", "square-4"]


def test_an_exception_is_recorded_where_it_was_raised() -> None:
    with record() as run, ThreadPoolExecutor(1, thread_name_prefix="pool") as pool:
        bad = pool.submit(fail)
        with pytest.raises(ValueError, match="no such thing"):
            bad.result()
    assert did(run, "pool_0") == ["call_began bad", "call_failed bad ValueError: no such thing"]
    (site,) = [run.log.site(event.site) for event in run.log if event.kind is Kind.CALL_FAILED]
    assert site is not None
    assert site.text == 'raise ValueError("no such thing")'


def test_who_waits_for_a_result_waits_for_that_future() -> None:
    with record() as run, ThreadPoolExecutor(1) as pool:
        late = pool.submit(lambda: until(run, "MainThread", Kind.RESULT_WAIT))
        late.result()
        slow = pool.submit(lambda: until(run, "MainThread", Kind.TIMED_OUT))
        with pytest.raises(TimeoutError):
            slow.exception(timeout=0.01)
    assert [line for line in did(run) if "late" in line or "slow" in line] == [
        *("submitted late lambda", "result_wait late for ever", "result late"),
        *("submitted slow lambda", "result_wait slow 0.01 s", "timed_out slow"),
    ]


def test_a_call_that_is_cancelled_is_never_begun() -> None:
    with record() as run, ThreadPoolExecutor(1) as pool:
        goes_on = Event()
        first = pool.submit(goes_on.wait)
        second = pool.submit(square, 2)
        until_began(first)
        assert second.cancel()
        assert not first.cancel()
        goes_on.set()
        with pytest.raises(CancelledError):
            second.result()
    assert [line for line in did(run) if "cancel" in line] == ["call_cancelled second", "cancel_late first"]
    assert not [event for event in run.log if event.kind is Kind.CALL_BEGAN and event.obj == 4]


def until_began(future: Future[Any]) -> None:
    while not future.running():
        unseen(0.001)


def test_what_a_callback_does_is_on_the_lane_of_who_calls_it() -> None:
    with record() as run, ThreadPoolExecutor(1, thread_name_prefix="pool") as pool:
        lock = Lock()
        goes_on = Event()
        call = pool.submit(goes_on.wait)
        call.add_done_callback(lambda _: (lock.acquire(), lock.release()))
        goes_on.set()
    assert did(run, "pool_0")[-3:] == ["call_ended call", "acquired lock", "released lock"]


@pytest.mark.filterwarnings("ignore")
def test_an_exception_in_a_callback_is_no_end_of_the_worker(caplog: pytest.LogCaptureFixture) -> None:
    with record(), ThreadPoolExecutor(1) as pool:
        first = pool.submit(square, 1)
        first.add_done_callback(lambda _: 1 / 0)
        assert pool.submit(square, 2).result() == 4
    assert "exception calling callback" in caplog.text


def test_who_waits_for_several_waits_for_the_first_that_is_not_done() -> None:
    with record() as run, ThreadPoolExecutor(2) as pool:
        goes_on = Event()
        few = [pool.submit(square, 1), pool.submit(goes_on.wait)]
        few[0].result()
        started = Thread(target=lambda: (until(run, "MainThread", Kind.FUTURES_WAIT), goes_on.set()))
        started.start()
        assert wait(few).not_done == set()
        assert {each.result() for each in as_completed(few)} == {1}
    assert [line for line in did(run) if "futures" in line] == [
        "futures_wait few[1] for ever",
        "futures_came few[1]",
    ]


def test_a_shutdown_waits_for_the_workers() -> None:
    with record() as run:
        pool = ThreadPoolExecutor(1)
        pool.submit(until, run, "MainThread", Kind.WAIT)
        pool.shutdown()
    assert [line for line in did(run) if "pool" in line] == [
        *("shut_down pool 0", "wait pool for ever", "workers_ended pool"),
    ]


def test_a_future_that_the_program_makes_by_itself_is_recorded() -> None:
    with record() as run:
        answer: Future[int] = Future()

        def give() -> None:
            until(run, "MainThread", Kind.RESULT_WAIT)
            answer.set_result(42)

        thread = Thread(target=give, name="other")
        thread.start()
        assert answer.result() == 42
        thread.join()
    assert did(run, "other") == ["call_ended answer"]


# -- whose threads they are ----------------------------------------------------------------------------------


def test_a_worker_is_one_thread_of_the_run_whatever_it_does() -> None:
    with record() as run, ThreadPoolExecutor(1, thread_name_prefix="pool") as pool:
        for number in range(5):
            pool.submit(square, number).result()
    assert workers(run) == ["pool_0"]
    kinds = [event.kind for event in run.log if event.thread == 2]
    assert (kinds[0], kinds[-1]) == (Kind.BEGAN, Kind.ENDED)


def test_a_pool_of_before_the_run_works_for_it_and_after_it() -> None:
    with ThreadPoolExecutor(1, thread_name_prefix="older") as pool:
        assert pool.submit(square, 1).result() == 1
        for number in (2, 3):
            with record() as run:
                assert pool.submit(square, number).result() == number * number
            assert workers(run) == ["older_0"]
            assert run.log.ending.reason == "done"
            assert run.findings == ()
        assert pool.submit(square, 4).result() == 16


def test_what_was_submitted_before_the_run_is_not_of_it() -> None:
    with ThreadPoolExecutor(1) as pool:
        door = threading.Event()
        older = pool.submit(door.wait)
        with record() as run:
            newer = pool.submit(square, 2)
            door.set()
            assert older.result()
            assert newer.result() == 4
    assert len([event for event in run.log if event.kind is Kind.CALL_BEGAN]) == 1


def test_a_block_waits_for_the_calls_that_it_has_submitted() -> None:
    pool = ThreadPoolExecutor(1)
    seen = []
    with record() as run:
        pool.submit(lambda: (unseen(0.05), seen.append(1)))
        pool.submit(lambda: seen.append(2))
    assert seen == [1, 2]
    assert run.log.ending.reason == "done"
    pool.shutdown()


def test_a_run_keeps_no_future_and_no_pool_that_the_program_has_dropped() -> None:
    with record():
        with ThreadPoolExecutor(1) as pool:
            few = [pool.submit(square, number) for number in range(3)]
            assert few[2].result() == 4
        futures = [weakref.ref(FUTURES[id(each)]) for each in few]
        known, workers = weakref.ref(POOLS[id(pool)]), set(pool._threads)
        del few, pool
        assert [each() for each in futures] == [None] * 3
    assert known() is None
    assert not workers & set(WORKERS)


def test_everything_is_what_it_was() -> None:
    before = state_of_process()
    with record(), ThreadPoolExecutor(1) as pool:
        call = pool.submit(square, 3)
        call.result()
    assert not lasting_changes(before)
    assert set(vars(call)) == set(vars(Future()))


class Own(ThreadPoolExecutor):
    """As programs extend it."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return super().submit(lambda: ("own", fn(*args, **kwargs)))


def test_a_class_of_the_program_s_own_does_what_it_does() -> None:
    with record() as run, Own(1, thread_name_prefix="own") as pool:
        assert pool.submit(square, 3).result() == ("own", 9)
    assert len([line for line in did(run, "own_0") if line.startswith("call")]) == 2


# -- hanging -------------------------------------------------------------------------------------------------


def starved(pool: ThreadPoolExecutor) -> int:
    """All workers wait for a call that waits for a worker."""
    inner: Future[int] = pool.submit(square, 3)
    return inner.result()


def test_a_starved_pool_is_decided_and_its_calls_are_not_made_afterwards() -> None:
    began, made = perf_counter(), set(threading.enumerate())
    pool = ThreadPoolExecutor(1)
    with record() as run:
        outer = pool.submit(starved, pool)
        outer.result()
    assert perf_counter() - began < 2
    assert run.log.ending.reason == "hung"
    assert run.log.ending.leaked == ()
    pool.shutdown()
    assert set(threading.enumerate()) <= made


@pytest.mark.parametrize("clock", [record, simulate])
def test_an_initializer_that_waits_for_ever_is_decided_and_told(
    clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    began = perf_counter()
    with clock() as run:
        configured = Event()

        def setup() -> None:
            configured.wait()

        pool = ThreadPoolExecutor(2, thread_name_prefix="pool", initializer=setup)
        pool.submit(square, 2).result()
        configured.set()
    assert perf_counter() - began < 10
    assert run.log.ending.reason == "hung"
    (finding,) = run.findings
    assert finding.sentence.startswith("Stalled: pool_0 waits for configured at line ")
    assert "nobody is left to set it" in finding.sentence
    assert caplog.records == []


@pytest.mark.parametrize("clock", [record, simulate])
def test_an_initializer_is_on_the_lane_of_its_worker(clock: Any) -> None:
    def setup(number: int) -> None:
        ready.append(number)

    ready: list[int] = []
    with clock() as run, ThreadPoolExecutor(1, "pool", setup, (3,)) as pool:
        assert pool.submit(square, 2).result() == 4
    assert ready == [3]
    assert did(run, "pool_0")[:4] == [
        *("call_began setup-1", "call_ended setup-1"),
        *("call_began square-1", "call_ended square-1"),
    ]
    assert run.findings == ()


@pytest.mark.parametrize("clock", [record, simulate])
def test_a_pool_that_nobody_shuts_down_is_no_hang(clock: Any) -> None:
    with clock() as run:
        pool = ThreadPoolExecutor(2)
        assert sum(pool.map(square, range(4))) == 14
        late = pool.submit(sleep, 0.01)
    assert late.done()
    assert run.log.ending.reason == "done"
    assert run.findings == ()


@pytest.mark.parametrize("seed", range(3))
def test_a_pool_whose_worker_has_not_begun_when_the_block_is_left_is_no_hang(seed: int) -> None:
    with simulate(seed) as run:
        pool = ThreadPoolExecutor(2)  # lives on: nobody collects it
        late = pool.submit(square, 3)
    assert (late.result(), run.log.ending.reason, run.findings) == (9, "done", ())


def test_a_pool_that_nobody_shuts_down_has_its_outcomes_explored() -> None:
    def program() -> int:
        return int(ThreadPoolExecutor(1).submit(square, 2).result())

    assert [each.kind for each in explore(program, seconds=2).outcomes] == ["returned"]


def test_a_pool_in_a_with_block_that_waits_for_ever_is_decided() -> None:
    began = perf_counter()
    with record() as run, ThreadPoolExecutor(1) as pool:
        pool.submit(Event().wait)
    assert perf_counter() - began < 4
    assert run.log.ending.reason == "hung"


def test_a_future_that_nobody_sets_is_decided() -> None:
    with record(timeout=20) as run:
        Future().result()
    assert run.log.ending.reason == "hung"


def test_a_slow_call_is_no_hang() -> None:
    with record() as run, ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: unseen(1.3)).result() is None
    assert run.log.ending.reason == "done"


def test_a_slow_call_of_before_the_run_is_no_hang() -> None:
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(unseen, 1.3)
        with record() as run:
            slow.result()
            assert pool.submit(square, 2).result() == 4
    assert run.log.ending.reason == "done"


@needs_signals
def test_a_ctrl_c_ends_a_wait_for_a_result() -> None:
    with record() as run:
        answer: Future[int] = Future()
        Thread(target=lambda: interrupt_main(run, Kind.RESULT_WAIT)).start()
        with pytest.raises(KeyboardInterrupt):
            answer.result()
        answer.set_result(1)
        assert answer.result() == 1
    assert [line for line in did(run) if "answer" in line] == [
        *("result_wait answer for ever", "cut answer", "call_ended answer", "result answer"),
    ]


# -- a program as it is --------------------------------------------------------------------------------------

SCRIPT = """
from concurrent.futures import ThreadPoolExecutor
def fetch(number):
    return number
with ThreadPoolExecutor(2, thread_name_prefix="pool") as pool:
    print(sum(pool.map(fetch, range(4))))
"""


def test_a_script_s_pool_is_recorded(tmp_path: Path) -> None:
    run = run_script(SCRIPT)
    assert len([event for event in run.log if event.kind is Kind.CALL_ENDED]) == 4
    assert set(workers(run)) <= {"pool_0", "pool_1"}
    assert run.log.ending.reason == "done"


def test_a_simulated_pool_is_recorded() -> None:
    with simulate() as run, ThreadPoolExecutor(1, thread_name_prefix="pool") as pool:
        nine = pool.submit(square, 3)
        assert nine.result() == 9
        assert wait([nine], return_when=FIRST_COMPLETED).done == {nine}
    assert [line for line in did(run, "pool_0") if "nine" in line] == ["call_began nine", "call_ended nine"]


# -- searching -----------------------------------------------------------------------------------------------


class Machine:
    """What the threads of a random program work on: one method for each operation."""

    def __init__(self) -> None:
        self.answer: Future[int] = Future()

    def ask(self) -> object:
        return self.answer.result()

    def ask_soon(self) -> object:
        try:
            return self.answer.result(timeout=0.01)
        except TimeoutError:
            return "too late"

    def cancel(self) -> bool:
        return self.answer.cancel()

    def begin(self) -> object:
        try:
            return self.answer.set_running_or_notify_cancel()
        except RuntimeError:
            return "begun"

    def end(self) -> object:
        try:
            return self.answer.set_result(1)
        except Exception:
            return "over"

    def look(self) -> tuple[bool, bool]:
        return self.answer.done(), self.answer.running()

    def wait(self) -> int:
        return len(wait([self.answer]).done)


OPERATIONS = sorted(name for name in vars(Machine) if name[0] != "_")
plans = st.lists(st.lists(st.sampled_from(OPERATIONS), min_size=1, max_size=2), min_size=2, max_size=2)


def random_program(plans: list[list[str]]) -> Callable[[], object]:
    """A thread for each plan, a list of operations."""

    def program() -> object:
        machine = Machine()
        seen: list[list[object]] = [[] for _ in plans]

        def work(number: int) -> None:
            for name in plans[number]:
                try:
                    seen[number].append(getattr(machine, name)())
                except CancelledError:
                    seen[number].append("cancelled")

        threads = [Thread(target=work, args=(number,)) for number in range(len(plans))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return seen

    return program


def assert_that_pruning_loses_nothing(program: Callable[[], object], limit: int) -> None:
    without = outcomes(program, DepthFirst(99), limit)
    if without is not None:
        assert not any(outcome.startswith("raised") for outcome in without)
        assert outcomes(program, Search(None), limit) == without


@pytest.mark.timeout(400)  # every schedule of many programs; without the GIL three times as long
@settings(max_examples=20, deadline=None, derandomize=True)
@given(plans)
def test_pruning_loses_no_outcome_of_futures(plan: list[list[str]]) -> None:
    assert_that_pruning_loses_nothing(random_program(plan), 300)


@pytest.mark.sweep
@pytest.mark.timeout(400)
@settings(max_examples=20, deadline=None, derandomize=True)
@given(plans)
def test_pruning_loses_no_outcome_of_futures_with_many_schedules(plan: list[list[str]]) -> None:
    assert_that_pruning_loses_nothing(random_program(plan), 1_500)


# Locks of futures that a thread of an ended run has left locked


def can_be_had(future: Future[Any]) -> bool:
    lock: Any = future._condition  # type: ignore[attr-defined]
    return bool(lock.acquire(timeout=1)) and lock.release() is None


@pytest.mark.parametrize("steps", range(2, 40))
def test_a_run_that_is_ended_in_wait_ends_and_leaves_no_future_locked(steps: int) -> None:
    calls: list[Future[int]] = []
    with simulate(5, max_steps=steps), ThreadPoolExecutor(1) as pool:
        calls += [pool.submit(int, "1"), pool.submit(int, "2")]
        wait(calls)
    assert all(map(can_be_had, calls))


@pytest.mark.parametrize("clock", [record, simulate])
def test_a_future_that_a_thread_of_a_hung_run_has_locked_can_be_used_again(clock: Any) -> None:
    """As `wait` leaves it, where it is interrupted between the locks of two futures."""

    def work() -> None:
        calls.append(pool.submit(int))
        calls[0]._condition.acquire()  # type: ignore[attr-defined]
        Event().wait()

    calls: list[Future[int]] = []
    with clock(), ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()
    assert [can_be_had(call) for call in calls] == [True]


@pytest.mark.parametrize("clock", [record, simulate])
@pytest.mark.parametrize("busy", [0, 1, 2], ids=["both idle", "one idle", "none idle"])
def test_a_pool_whose_workers_ended_with_their_run_makes_calls_again(clock: Any, busy: int) -> None:
    """Before, the workers that had gone counted, the idle ones of them twice: nobody made the next call."""
    cut_short: list[Future[Any]] = []
    with suppress(KeyboardInterrupt), clock() as run:
        pool = ThreadPoolExecutor(2)
        wait([pool.submit(sleep, 0.1), pool.submit(sleep, 0.1)])
        cut_short += [pool.submit(Event().wait) for _ in range(busy)]
        sleep(0.1)
        raise KeyboardInterrupt
    assert run.log.ending.reason == "interrupted"
    assert [pool.submit(int, number).result(10) for number in range(5)] == list(range(5))
    assert [str(call.exception(10)) for call in cut_short] == [
        "the run that this was done in has been ended"
    ] * busy
    closing = threading.Thread(target=pool.shutdown, daemon=True)  # its workers wait on the run's conditions
    closing.start()
    closing.join(10)
    assert not closing.is_alive()


def test_a_worker_that_was_idle_when_the_run_was_looked_at_is_known_when_it_hangs_later() -> None:
    with suppress(KeyboardInterrupt), record():
        (run,) = RUNS
        pool = ThreadPoolExecutor(1)
        pool.submit(int).result()
        while len(run.alive()) > 1:  # the worker's call is not over
            unseen(0.001)
        call = pool.submit(Event().wait)
        while not any(agent.waiting for agent in run.alive()):
            unseen(0.001)
        raise KeyboardInterrupt
    assert str(call.exception(10)) == "the run that this was done in has been ended"
    pool.shutdown()


@pytest.mark.parametrize("used", [False, True], ids=["new", "with an idle worker"])
def test_a_pool_that_was_made_before_a_simulated_block_is_refused_in_it_at_once(used: bool) -> None:
    with ThreadPoolExecutor(2) as pool:
        if used:
            pool.submit(int).result()
        with pytest.raises(SimulateError, match="Make the executor inside the block"), simulate() as run:
            pool.submit(int)
        assert run.log.ending.reason == "done"
        assert pool.submit(int).result() == 0
