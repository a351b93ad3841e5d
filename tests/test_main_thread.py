"""Who joins the main thread of a simulated run waits for what that does in it: the thread lives on."""

from __future__ import annotations

import threading

from steps import did

from tracing import Thread, explore, simulate, sleep


def test_its_join_ends_when_the_block_has_nothing_more_to_do() -> None:
    with simulate() as run:
        Thread(target=lambda: threading.main_thread().join(), name="a").start()
        sleep(0.01)
    assert run.log.ending.reason == "done"
    assert did(run, "a") == ["join_wait MainThread", "joined MainThread"]


def test_its_join_may_time_out() -> None:
    seen = []
    with simulate() as run:
        a = Thread(target=lambda: [threading.main_thread().join(0.01), seen.append(run)], name="a")
        a.start()
        a.join()
    assert run.log.ending.reason == "done"
    assert seen == [run]


def test_two_that_join_each_other_are_a_deadlock() -> None:
    with simulate() as run:
        a = Thread(target=lambda: threading.main_thread().join(), name="a")
        a.start()
        a.join()
    assert run.log.ending.reason == "hung"
    assert run.log.ending.leaked == ()
    assert [finding.kind for finding in run.findings] == ["deadlock"]
    assert "a waits for MainThread to end" in run.findings[0].sentence


def joining_all() -> None:
    """As who does not know that the main thread is one of them."""

    def join_all() -> None:
        for thread in threading.enumerate():
            if thread is not threading.current_thread():
                thread.join()

    joiner = Thread(target=join_all, name="joiner")
    joiner.start()
    joiner.join()


def test_a_search_finds_that_they_wait_for_each_other_and_the_next_one_works() -> None:
    found = explore(joining_all, schedules=3)
    assert found.failure is not None
    assert found.failure.kind == "hung"
    assert explore(lambda: None).failure is None


def test_a_search_lets_who_joins_the_main_thread_go_on_at_its_end() -> None:
    def program() -> None:
        Thread(target=lambda: threading.main_thread().join(), name="a").start()

    found = explore(program)
    assert (found.failure, found.exhausted) == (None, True)
