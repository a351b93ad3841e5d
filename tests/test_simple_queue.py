"""SimpleQueue: for the program like `queue.SimpleQueue`, and on record: who waited, and who ended that."""

from __future__ import annotations

import queue
import time
import unittest
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any
from unittest import mock

import pytest
from logs import LogBuilder

from tracing import SimpleQueue, Thread, Trace, explore, record, simulate
from tracing.events import EventLog, Kind
from tracing.model import Outcome, density, fold
from tracing.primitives import simple_queue
from tracing.runtime import Agent, Gate, here

RUNS: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "bare": nullcontext,
    "recorded": record,
    "simulated": simulate,
}


@pytest.fixture(params=RUNS.values(), ids=RUNS.keys())
def run(request: pytest.FixtureRequest) -> Any:
    return request.param


# -- as the original -----------------------------------------------------------------------------------------


with suppress(pytest.skip.Exception):  # a Python that comes without CPython's own tests
    from cpython import MISSING, Recorded, Simulated, let_leave

    theirs: Any = pytest.importorskip("test.test_queue", reason=MISSING)

    class Original(theirs.BaseSimpleQueueTest):
        """CPython's own tests of SimpleQueue, on ours."""

        queue = queue
        type2test = SimpleQueue

    class BareTests(Original, unittest.TestCase):
        pass

    class Few(Original):
        """Of many threads and items fewer: each operation is on record."""

        def run_threads(self, n_threads: int, q: Any, inputs: list[int], *functions: Any) -> Any:
            inputs[:] = inputs[:200]
            return super().run_threads(min(n_threads, 8), q, inputs, *functions)

    class RecordedTests(Few, Recorded):
        pass

    class SimulatedTests(Few, Simulated):
        @pytest.fixture(autouse=True)
        def leave(self) -> Iterator[None]:
            with mock.patch.object(theirs, "gc_collect", let_leave, create=True):
                yield


@pytest.mark.parametrize("timeout", [-1, -0.5, "soon", float("nan"), float("inf"), 1e300])
def test_a_timeout_that_the_original_refuses_is_refused_in_the_same_words(run: Any, timeout: Any) -> None:
    def refused(waits: Any) -> str:
        with pytest.raises((ValueError, TypeError, OverflowError)) as caught:
            waits.get(timeout=timeout)
        return repr(caught.value)

    expected = refused(queue.SimpleQueue())
    ours = SimpleQueue[None]()
    with run():
        assert refused(ours) == expected


def test_it_is_a_queue_simplequeue_and_looks_like_one(run: Any) -> None:
    ours: SimpleQueue[str] = SimpleQueue()
    with run():
        assert isinstance(ours, queue.SimpleQueue)
        assert repr(ours) == f"<_queue.SimpleQueue object at {id(ours):#x}>"


@pytest.mark.parametrize("clock", [record, simulate])
def test_a_queue_of_something_is_recorded_as_one_of_anything(clock: Any) -> None:
    with clock() as run:
        jobs = queue.SimpleQueue[int]()

        class Box(queue.SimpleQueue[str]):
            """Extends it with its type."""

        box = Box()
        jobs.put(1)
        box.put("a")
        assert (jobs.get(), box.get()) == (1, "a")
        assert repr(queue.SimpleQueue[int]) == "_queue.SimpleQueue[int]"
    assert [info.name for info in run.log.objects] == ["jobs", "box"]


def test_empty_is_raised_without_another_exception_behind_it(run: Any) -> None:
    ours = SimpleQueue[None]()
    with run():
        for timeout in (0, 0.01):
            with pytest.raises(queue.Empty) as caught:
                ours.get(timeout=timeout)
            assert caught.value.__context__ is None


def test_what_was_put_in_outside_of_a_run_is_got_in_it_and_the_other_way_round() -> None:
    ours = SimpleQueue[str]()
    ours.put("before")
    with simulate() as run:
        assert ours.get() == "before"
        ours.put("after")
    assert ours.get_nowait() == "after"
    assert [step.value for step in run.model.objects[0].value] == [1, 0, 1]


# -- on record -----------------------------------------------------------------------------------------------


def letters() -> Trace:
    """A thread waits for a letter that another one sends after a second; then there are no more."""
    with simulate() as run:
        inbox = SimpleQueue[str]()

        def send() -> None:
            time.sleep(1)
            inbox.put("letter")

        sender = Thread(target=send, name="sender")
        sender.start()
        assert inbox.get() == "letter"
        with suppress(queue.Empty):
            inbox.get(timeout=2)
        with suppress(queue.Empty):
            inbox.get_nowait()
        sender.join()
    return run


def test_a_get_that_had_to_wait_says_for_how_long_and_who_ended_that() -> None:
    run = letters()
    first, second = run.model.waits[:2]
    assert (first.outcome, run.log.thread(first.ended_by).name) == (Outcome.ACQUIRED, "sender")
    assert (second.outcome, second.timeout) == (Outcome.TIMED_OUT, 2 * 10**9)
    assert second.end - second.start == second.timeout
    told = run.explain().splitlines()[0]
    assert told.startswith("MainThread waited 1.0 s for an item of inbox, until sender put one in at line ")
    assert "(empty " in told
    assert "tries inbox, in vain" in run.text()


def test_it_has_a_lane_a_row_and_a_counter_and_nobody_holds_it() -> None:
    run = letters()
    row = run.table().primitive("inbox")
    assert (row.type, row.contended, row.acquisitions, row.total_hold) == ("SimpleQueue", 2, None, None)
    assert [step.value for step in run.model.objects[0].value] == [0, 1, 0]
    assert run.model.objects[0].holds == ()
    assert run.png().startswith(b"\x89PNG")


def test_the_density_counts_what_the_fold_counts() -> None:
    log = LogBuilder()
    main, inbox = log.thread(), log.object("SimpleQueue", "inbox", value=2)
    log.began(main)
    for time_, kind in enumerate((Kind.PUT, Kind.PUT, Kind.GOT, Kind.GOT, Kind.GOT, Kind.PUT), 1):
        log.at(10 * time_).add(kind, main, inbox)
    whole: EventLog = log.build(end=70)
    assert [step.value for step in fold(whole).objects[0].value] == [2, 3, 4, 3, 2, 1, 2]
    found = density(whole, bins=7).objects[inbox]
    assert found.low is not None
    assert found.high is not None
    assert (found.low.tolist(), found.high.tolist()) == ([2, 2, 3, 3, 2, 1, 1], [2, 3, 4, 4, 3, 2, 2])


def test_a_wait_for_an_item_that_nobody_will_put_in_is_told(run: Any) -> None:
    if run is nullcontext:
        pytest.skip("nobody would tell")
    with suppress(BaseException), run() as hung:
        inbox = SimpleQueue[str]()
        reader = Thread(target=inbox.get, name="reader")
        reader.start()
        reader.join()
    (finding,) = hung.findings
    assert finding.sentence == "Stalled: reader waits for an item of inbox, and nobody has ever put one in."


# -- who gets what -------------------------------------------------------------------------------------------


def test_in_no_schedule_does_a_getter_sleep_beside_an_item() -> None:
    def program() -> list[int]:
        inbox, got = SimpleQueue[int](), SimpleQueue[int]()
        getters = [Thread(target=lambda: got.put(inbox.get())) for _ in range(2)]
        putters = [Thread(target=inbox.put, args=(number,)) for number in (1, 2)]
        for thread in (*getters, *putters):
            thread.start()
        for thread in (*getters, *putters):
            thread.join()
        return sorted((got.get_nowait(), got.get_nowait()))

    found = explore(program)
    assert found.coverage.everything
    assert {outcome.text for outcome in found.outcomes} == {"[1, 2]"}


def test_an_item_that_comes_just_before_the_gate_is_seen() -> None:
    inbox = SimpleQueue[str]()

    class Late(Gate):
        def __init__(self, agent: Agent) -> None:
            simple_queue.Plain.put(inbox, "letter")  # by a thread that found no gate to open
            super().__init__(agent)

    with mock.patch.object(simple_queue, "Gate", Late), simulate():
        assert inbox.get() == "letter"


class Interrupted(Exception):
    """What a signal handler raises."""


def test_a_getter_that_is_interrupted_as_an_item_comes_leaves_it_to_the_next() -> None:
    real = Agent.wait_until

    def wait_until(self: Agent, gate: Any, seconds: float | None) -> bool:
        came = real(self, gate, seconds)
        if self.thread.name == "first" and isinstance(gate, Gate):
            raise Interrupted
        return came

    got: list[str] = []
    with mock.patch.object(Agent, "wait_until", wait_until), simulate() as run:
        inbox = SimpleQueue[str]()

        def read() -> None:
            with suppress(Interrupted):
                got.append(inbox.get())

        readers = [Thread(target=read, name=name) for name in ("first", "second")]
        for reader in readers:
            reader.start()
            time.sleep(1)
        inbox.put("letter")
        for reader in readers:
            reader.join()
    assert got == ["letter"]
    assert [wait.outcome for wait in run.model.waits if wait.obj] == [Outcome.CUT, Outcome.ACQUIRED]


def test_who_was_left_behind_by_an_ended_run_keeps_nobody_from_an_item() -> None:
    inbox = SimpleQueue[str]()
    with simulate():
        agent = here.agent
        assert agent is not None
    vars(inbox)["_tracing_gates"].append(Gate(agent))  # as a thread leaves it that could not be unwound
    with simulate():
        reader = Thread(target=inbox.get, name="reader")
        reader.start()
        time.sleep(1)
        inbox.put("letter")
        reader.join()
    assert inbox.empty()
