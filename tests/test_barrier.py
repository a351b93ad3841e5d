"""What is recorded of a Barrier, and that it behaves as threading's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from steps import LIMIT, did, order, until

from tracing import Barrier, BrokenBarrierError, Kind, Semaphore, Thread, Trace, record, simulate


def test_threads_arrive_the_last_one_trips_it_and_all_leave() -> None:
    meeting = Barrier(2)
    indices: list[int] = []
    with record(timeout=LIMIT) as run:
        Thread(target=lambda: indices.append(meeting.wait()), name="a").start()
        until(run, "a", Kind.WAIT)
        indices.append(meeting.wait())
    assert did(run, "a")[:2] == ["arrived meeting 1", "wait meeting for ever"]
    assert did(run)[:2] == ["arrived meeting 2", "tripped meeting"]
    assert sorted(indices) == [0, 1]
    assert {did(run)[-1], did(run, "a")[-1]} == {"passed meeting 0", "passed meeting 1"}
    assert run.log.objects[0].value == 2


def _met_twice(seed: int) -> Trace:
    def meet_twice() -> None:
        meeting.wait()
        meeting.wait()

    with simulate(seed=seed) as run:
        meeting = Barrier(3)
        for name in "abc":
            Thread(target=meet_twice, name=name).start()
    return run


def test_who_comes_back_while_the_others_leave_waits_for_that_before_it_arrives() -> None:
    after = []
    for run in map(_met_twice, range(8)):
        for event in run.log.events_of({Kind.ROUND_WAIT}):
            own = [each.kind for each in run.log if each.thread == event.thread and each.seq > event.seq]
            after.append(own[:2])
    assert {first for first, _ in after} == {Kind.ARRIVED}
    assert {second for _, second in after} == {Kind.WAIT, Kind.TRIPPED}, "for the others, or it is the last"


def test_the_action_is_run_by_the_last_to_arrive_before_anybody_leaves() -> None:
    calls: list[str] = []
    meeting = Barrier(2, action=lambda: calls.append("action"))
    with record(timeout=LIMIT) as run:
        Thread(target=meeting.wait, name="a").start()
        until(run, "a", Kind.WAIT)
        meeting.wait()
    assert calls == ["action"]
    assert did(run)[:4] == ["arrived meeting 2", "tripped meeting", "action meeting", "action_done meeting"]
    assert order(run, "MainThread action_done meeting", did_last := f"a {did(run, 'a')[-1]}")[-1] == did_last


def test_an_action_that_raises_breaks_the_barrier() -> None:
    def action() -> None:
        raise KeyError("cake")

    meeting = Barrier(2, action)

    with record(timeout=LIMIT) as run:
        thread = Thread(target=broken(meeting.wait), name="a")
        thread.start()
        until(run, "a", Kind.WAIT)
        with pytest.raises(KeyError, match="cake"):
            meeting.wait()
        thread.join()
        assert meeting.broken
        meeting.reset()
    assert did(run)[:4] == [
        "arrived meeting 2",
        "tripped meeting",
        "action meeting",
        "broken meeting KeyError: 'cake'",
    ]
    assert did(run, "a") == ["arrived meeting 1", "wait meeting for ever", "broke_out meeting"]
    assert did(run)[-1] == "reset meeting"


def broken(wait: Callable[[], object]) -> Callable[[], None]:
    """Wait and be sent away with BrokenBarrierError."""

    def run() -> None:
        with pytest.raises(BrokenBarrierError):
            wait()

    return run


def test_abort_breaks_the_barrier_for_all() -> None:
    meeting = Barrier(3)
    with record(timeout=LIMIT) as run:
        for name in "ab":
            Thread(target=broken(meeting.wait), name=name).start()
            until(run, name, Kind.WAIT)
        meeting.abort()
        broken(meeting.wait)()
    assert did(run) == ["broken meeting abort", "broke_out meeting"]
    assert did(run, "b") == ["arrived meeting 2", "wait meeting for ever", "broke_out meeting"]


def test_a_reset_sends_waiters_away_and_the_barrier_is_as_new() -> None:
    meeting = Barrier(2)
    with record(timeout=LIMIT) as run:
        thread = Thread(target=broken(meeting.wait), name="a")
        thread.start()
        until(run, "a", Kind.WAIT)
        meeting.reset()
        thread.join()
        Thread(target=meeting.wait, name="b").start()
        meeting.wait()
    assert did(run)[0] == "reset meeting"
    assert did(run, "a")[-1] == "broke_out meeting"
    assert did(run, "b")[-1].startswith("passed meeting")


@pytest.mark.parametrize("own", [True, False])
def test_a_time_out_breaks_the_barrier(own: bool) -> None:
    meeting = Barrier(2, timeout=None if own else 0.01)
    with record() as run:
        broken(lambda: meeting.wait(0.01) if own else meeting.wait())()
    assert did(run) == [
        "arrived meeting 1",
        "wait meeting 0.01 s",
        "broken meeting timeout",
        "broke_out meeting",
    ]


def test_a_time_out_while_an_exception_is_handled_is_a_time_out() -> None:
    meeting = Barrier(2)
    with record() as run:
        try:
            raise LookupError("of the program's own")
        except LookupError:
            broken(lambda: meeting.wait(0.01))()
    assert "broken meeting timeout" in did(run)


def test_what_an_action_did_before_it_raised_is_no_wait_of_the_barriers() -> None:
    permit = Semaphore(1)

    def take_and_fail() -> None:
        permit.acquire()
        raise ValueError("no")

    with record() as run:
        meeting = Barrier(1, take_and_fail)
        with pytest.raises(ValueError, match="no"):
            meeting.wait()
    assert did(run) == [
        *("arrived meeting 1", "tripped meeting", "action meeting", "acquired permit"),
        "broken meeting ValueError: no",
    ]


def test_an_action_that_breaks_once_does_not_explain_later_time_outs() -> None:
    failures = [ValueError("once")]

    def action() -> None:
        if failures:
            raise failures.pop()

    meeting = Barrier(1, action)
    with record() as run:
        with pytest.raises(ValueError, match="once"):
            meeting.wait()
        meeting.reset()
        meeting.wait()
        meeting.abort()
    assert [line for line in did(run) if "broken" in line] == [
        "broken meeting ValueError: once",
        "broken meeting abort",
    ]
    assert "passed meeting 0" in did(run)


def test_wrong_arguments_raise_what_threading_raises() -> None:
    with pytest.raises(TypeError):
        Barrier()  # type: ignore[call-arg]
    meeting = Barrier(2)
    assert (meeting.parties, meeting.n_waiting, meeting.broken) == (2, 0, False)
