"""What the record itself cost."""

from __future__ import annotations

import threading
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from logs import LogBuilder

from tracing import Lock, Thread, open_trace, record, simulate, sleep
from tracing.events import EventLog
from tracing.model import fold
from tracing.overhead import Calibration, Gauge, Overhead, overhead, this_machine
from tracing.runtime import here

COSTS = Calibration(lock=100.0, other=1000.0)


def of(log: EventLog, *, opened: bool = False) -> Overhead:
    return overhead(log, fold(log), COSTS, opened=opened)


def worked() -> LogBuilder:
    """main runs for 20 µs, then waits; worker runs for 80 µs, with 40 events of a lock and 4 others."""
    log = LogBuilder(clock="real")
    main, lock = log.thread("main"), log.lock("lock")
    worker = log.spawn(main, "worker")
    log.at(20_000).join_wait(main, worker)
    for _ in range(20):
        log.acquired(worker, lock).released(worker, lock)
    log.at(50_000).sleep(worker, 1_000).at(70_000).woke(worker)
    return log.at(100_000).ended(worker).joined(main, worker)


def test_a_lock_costs_less_than_anything_else() -> None:
    found = of(worked().build())
    assert found.events == 47
    assert found.seconds == pytest.approx((40 * 100 + 7 * 1000) / 1e9)
    assert found.ns_per_event == pytest.approx((40 * 100 + 7 * 1000) / 47)


def test_the_share_is_of_the_time_in_which_a_thread_was_running() -> None:
    found = of(worked().build())
    assert found.share == pytest.approx(11_000 / 80_000)  # worker slept for 20 of 100 µs, and main waited


def test_each_thread_has_a_share_of_its_own() -> None:
    main, worker = of(worked().build()).threads
    assert (main.name, main.events, worker.name, worker.events) == ("main", 3, "worker", 44)
    assert (main.seconds, worker.seconds) == pytest.approx((3e-6, 8e-6))
    assert (main.share, worker.share) == pytest.approx((3 / 20, 8 / 80))


def test_time_in_which_two_threads_run_counts_once() -> None:
    log = LogBuilder(clock="real")
    one = log.thread("one")
    two = log.spawn(one, "two")
    log.at(10_000).ended(two).ended(one)
    assert of(log.build()).share == pytest.approx(4_000 / 10_000)


def test_a_thread_cannot_record_for_longer_than_it_runs() -> None:
    log = LogBuilder(clock="real")
    main = log.thread("main")
    for _ in range(50):
        log.note(main, "now")
    assert of(log.at(10).ended(main).build()).share == 1.0


def test_a_run_without_events_cost_nothing() -> None:
    found = of(LogBuilder(clock="real").build())
    assert (found.events, found.ns_per_event, found.seconds, found.share, found.threads) == (0, 0, 0, 0, ())
    assert repr(found) == "Nothing was recorded, so recording took no time."


def test_it_is_told_in_a_paragraph() -> None:
    assert repr(of(worked().build())) == (
        "Recording 47 events took about 11 µs, 14 % of the time in which the run's threads were running; the "
        "largest share was that of main, 15 %. An event cost about 234 ns, as calibrated on this machine: "
        "durations of much more than that can be trusted."
    )


@pytest.mark.parametrize(
    ("length", "told"), [(10_000_000, "less than 0.1 %"), (100_000, "2.0 %"), (4_000, "50 %")]
)
def test_a_share_is_told_with_the_digits_that_matter(length: int, told: str) -> None:
    log = LogBuilder(clock="real")
    main = log.thread("main")
    assert f", {told} of the time" in repr(of(log.began(main).at(length).ended(main).build()))


def test_virtual_time_does_not_include_recording() -> None:
    with simulate() as run:
        sleep(3)
    found = run.overhead(COSTS)
    assert (found.ns_per_event, found.seconds, found.share, found.threads) == (0, 0, 0, ())
    assert repr(found) == (
        "The clock of this run is virtual: recording its 4 events took no time on it, so none of its "
        "durations includes recording."
    )


def test_of_a_run_from_a_file_it_is_said_whose_calibration_it_is(tmp_path: Path) -> None:
    with record() as run, Lock():
        pass
    run.save(tmp_path / "run.json")
    again = open_trace(tmp_path / "run.json")
    assert "may have been recorded on another one" in repr(again.overhead(COSTS))
    assert "another one" not in repr(run.overhead(COSTS))
    assert again.overhead(COSTS).events == run.overhead(COSTS).events


def test_a_notebook_shows_the_paragraph_and_a_row_for_each_thread() -> None:
    log = worked()
    log.thread("<b>")
    html = of(log.build())._repr_html_()
    assert html.startswith("<p>Recording 47 events")
    assert "<td>worker</td><td>44</td><td>8 µs</td><td>10 %</td>" in html
    assert "&lt;b&gt;" in html
    assert "<b>" not in html


def test_the_result_never_changes() -> None:
    with pytest.raises(FrozenInstanceError):
        of(worked().build()).share = 0.5  # type: ignore[misc]


# The calibration


def entries() -> int:
    """As a clock: how much is in the calling thread's record."""
    assert here.agent is not None
    return len(here.agent.log.entries)


def test_the_calibration_goes_the_way_of_the_record() -> None:
    """A lock's two events are four entries; of a semaphore's two one has an argument: six."""
    assert Gauge(rounds=3, times=10, clock=entries).calibration() == Calibration(lock=2.0, other=3.0)


def test_one_disturbed_round_does_not_count() -> None:
    class Disturbed:
        def __init__(self) -> None:
            self.now, self.calls = 0, 0

        def __call__(self) -> int:
            """Each traced round takes 40, each plain one 20; the third traced round 9,000 more."""
            self.calls += 1
            step = (0, 40, 0, 20)[(self.calls - 1) % 4]
            self.now += step + (9_000 if self.calls == 10 else 0)
            return self.now

    assert Gauge(rounds=5, times=1, clock=Disturbed()).calibration() == Calibration(lock=10.0, other=10.0)


def test_a_calibration_is_never_negative() -> None:
    ticks = iter(range(10_000))
    slower = iter([0, 1, 1, 9] * 100)
    assert Gauge(rounds=3, times=1, clock=lambda: next(slower)).calibration().lock == 0.0
    assert Gauge(rounds=3, times=1, clock=lambda: next(ticks)).calibration().lock == 0.0


def test_it_is_measured_once() -> None:
    calls = iter(range(10_000))
    gauge = Gauge(rounds=3, times=1, clock=lambda: next(calls))
    first = gauge.calibration()
    after = next(calls)
    assert gauge.calibration() is first
    assert next(calls) == after + 1
    assert gauge.calibration(lines=False) is not first
    assert this_machine() is this_machine()


def test_measuring_within_a_run_leaves_no_trace_in_it() -> None:
    with record() as run:
        agent = here.agent
        Gauge(rounds=1, times=1).calibration()
        assert here.agent is agent
        thread = Thread(target=lambda: None, name="worker")
        thread.start()
        thread.join()
    assert {info.name for info in run.log.threads} == {"MainThread", "worker"}
    assert run.log.objects == ()


def test_measuring_leaves_no_thread_behind() -> None:
    before = threading.enumerate()
    Gauge(rounds=1, times=1).calibration()
    assert set(threading.enumerate()) <= set(before)
    assert here.agent is None


def test_what_goes_wrong_while_measuring_is_raised_where_it_was_asked_for() -> None:
    def broken() -> int:
        raise ZeroDivisionError("no clock")

    with pytest.raises(ZeroDivisionError, match="no clock"):
        Gauge(clock=broken).calibration()


def test_a_real_run_is_measured_with_this_machines_costs() -> None:
    with record() as run, Lock():
        pass
    found = run.overhead()
    assert found.events == len(run)
    assert found.ns_per_event > 0
    assert found.seconds == pytest.approx(found.events * found.ns_per_event / 1e9, rel=0.01)
