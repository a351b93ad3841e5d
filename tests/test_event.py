"""What is recorded of an Event, and that it behaves as threading's."""

from __future__ import annotations

import pytest
from steps import LIMIT, did, interrupt_main, needs_signals, order, until

from tracing import Event, Kind, Thread, record


def test_setting_clearing_and_passing_are_recorded() -> None:
    flag = Event()
    with record() as run:
        flag.set()
        assert flag.wait() is True
        flag.clear()
        assert flag.is_set() is False
    assert did(run) == ["set flag", "passed flag", "cleared flag"]
    assert run.log.objects[0].value == 0


def test_an_event_that_was_up_before_the_run_is_up_in_its_record() -> None:
    flag = Event()
    flag.set()
    with record() as run:
        flag.wait()
    assert did(run) == ["passed flag"]
    assert run.log.objects[0].value == 1


@pytest.mark.parametrize(("timeout", "said"), [(0.01, "0.01 s"), (0, "0 s"), (-3, "0 s")])
def test_a_timed_out_wait_returns_false(timeout: float, said: str) -> None:
    flag = Event()
    with record() as run:
        assert flag.wait(timeout) is False
    assert did(run) == [f"wait flag {said}", "timed_out flag"]


def test_all_who_wait_pass_after_it_is_set() -> None:
    flag = Event()
    with record(timeout=LIMIT) as run:
        for name in "abc":
            Thread(target=flag.wait, name=name).start()
            until(run, name, Kind.WAIT)
        flag.set()
    for name in "abc":
        assert did(run, name) == ["wait flag for ever", "passed flag"]
        assert order(run, "MainThread set flag", f"{name} passed flag")[0] == "MainThread set flag"


def test_a_waiter_passes_though_the_flag_is_lowered_at_once() -> None:
    flag = Event()
    results: list[bool] = []
    with record(timeout=LIMIT) as run:
        Thread(target=lambda: results.append(flag.wait()), name="a").start()
        until(run, "a", Kind.WAIT)
        flag.set()
        flag.clear()
    assert results == [True]
    assert did(run, "a")[-1] == "passed flag"


@needs_signals
def test_an_interrupted_wait_is_cut() -> None:
    flag = Event()

    def interrupter() -> None:
        interrupt_main(run)

    with record(timeout=LIMIT) as run:
        Thread(target=interrupter, name="a").start()
        with pytest.raises(KeyboardInterrupt):
            flag.wait()
        flag.set()
        flag.wait()
    assert did(run) == ["wait flag for ever", "cut flag", "set flag", "passed flag"]


def test_the_old_name_of_is_set_works() -> None:
    with pytest.warns(DeprecationWarning, match="is_set"):
        assert Event().isSet() is False
