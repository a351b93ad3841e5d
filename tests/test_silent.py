"""What goes wrong without a word: a thread without a target, one that exits alone, a daemon cut off in its
work, a callback that raises.
"""

from __future__ import annotations

import sys
from concurrent.futures import Future
from typing import Any

import pytest
from test_deciding import hung

from tracing import Kind, Thread, record, run_script, simulate
from tracing.model import Fate

# A call in place of a target


def work() -> None:
    """It is called, and not run by a thread."""


def giving() -> Any:
    return work


@pytest.mark.parametrize("clock", [record, simulate])
def test_a_thread_whose_target_was_called_instead_is_said_to_have_run_nothing(clock: Any) -> None:
    with clock() as run:
        thread = Thread(target=work(), name="worker")  # type: ignore[func-returns-value]
        thread.start()
        thread.join()
    (found,) = run.findings
    line = test_a_thread_whose_target_was_called_instead_is_said_to_have_run_nothing.__code__.co_firstlineno
    assert (found.kind, found.severity) == ("thread without a target", "warning")
    assert found.sentence == (
        f"worker ran nothing: `target=work()` at line {line + 3} called it there and then, in MainThread, "
        "and gave the thread what it returned, None."
    )


def test_a_thread_that_has_a_target_after_all_or_wants_none_is_left_in_peace() -> None:
    class Own(Thread):
        def run(self) -> None:
            """It needs no target."""

    with record() as run:
        threads = [Thread(target=giving()), Thread(target=None), Thread(), Own(target=work())]  # type: ignore[func-returns-value]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert run.findings == ()


def test_an_unmodified_program_is_told_so_and_by_position_too() -> None:
    run = run_script("""
        import threading
        thread = threading.Thread(None, print("at once"))
        thread.start()
        thread.join()
    """)
    assert [finding.kind for finding in run.findings] == ["thread without a target"]
    assert "`target=print('at once')` at line 2" in run.findings[0].sentence


def test_who_hangs_in_what_should_have_been_a_target_is_told_so() -> None:
    run = hung("""
        import threading
        stop = threading.Event()
        def poll():
            while not stop.wait(0.1):
                pass
        thread = threading.Thread(target=poll())
        thread.start()
    """)
    assert [finding.sentence for finding in run.findings] == [
        "Stalled: MainThread waits for stop at line 4 (`target=poll(...)` at line 6 calls poll there and "
        "then: no thread runs it), and nobody is left to set it."
    ]


# Daemons

DAEMON = """
import threading, time
def work():
    {}
thread = threading.Thread(target=work, daemon=True, name="saver")
thread.start()
time.sleep(0.3)
"""
UNFINISHED = {
    "in a loop over something": "for _ in range(50): time.sleep(0.1)",
    "asleep": "time.sleep(50)",
    "computing": "sum(1 for _ in iter(int, 1))",
}
SERVICES = {
    "a loop without an end": "while True: time.sleep(0.05)",
    "a loop until told": "while not stop: time.sleep(0.05)".replace("stop", "thread.name == ''"),
    "a wait": "threading.Event().wait()",
    "a queue": "import queue; [print(each) for each in iter(queue.Queue().get, None)]",
}


@pytest.mark.parametrize("case", UNFINISHED)
def test_a_daemon_that_is_cut_off_in_its_work_is_noted(case: str) -> None:
    run = run_script(DAEMON.format(UNFINISHED[case]))
    assert [(finding.kind, finding.severity) for finding in run.findings] == [("daemon cut off", "note")]
    assert run.findings[0].sentence == (
        "saver was cut off in its work at line 3: it is a daemon, and the program ended."
    )


@pytest.mark.parametrize("case", SERVICES)
def test_a_daemon_that_only_serves_is_not(case: str) -> None:
    run = run_script(DAEMON.format(SERVICES[case]))
    assert run.findings == ()


def test_a_daemon_that_has_come_to_its_end_is_not() -> None:
    assert run_script(DAEMON.format("time.sleep(0.01)")).findings == ()


# Attributes that hide methods of Thread


@pytest.mark.parametrize("clock", [record, simulate])
def test_an_attribute_that_hides_what_threading_calls_is_told(clock: Any) -> None:
    class Pinger(Thread):
        def __init__(self) -> None:
            super().__init__(name="pinger")
            self._delete_ = self._args_ = None  # of no meaning to threading

        def _bootstrap(self) -> None:
            super()._bootstrap()  # type: ignore[misc]

    with clock() as run:
        pinger = Pinger()
        pinger.start()
        pinger.join()
    assert [finding.sentence for finding in run.findings if finding.kind == "hidden method"] == [
        "Pinger._bootstrap of pinger hides Thread._bootstrap, which threading calls when a thread starts, "
        "ends or is joined."
    ]


def test_a_thread_that_joins_itself_is_told_so() -> None:
    with record() as run:
        thread = Thread(target=lambda: thread.join(), name="ticker")
        thread.start()
        thread.join()
    (found,) = run.findings
    assert (found.kind, found.severity) == ("self-join", "error")
    assert found.hint.endswith("was to do after that was not done, and who joins it is not told.")
    assert found.sentence.startswith("ticker tried to join itself at line")


def test_who_failed_before_it_came_is_named_where_the_others_wait() -> None:
    run = hung("""
        import threading
        barrier = threading.Barrier(2)
        def part(number):
            if number:
                raise ValueError("bad input")
            barrier.wait()
        for number in range(2):
            threading.Thread(target=part, args=(number,), name=f"part-{number}").start()
    """)
    assert "where 1 of 2 have arrived; part-1 has failed with ValueError: bad input" in " ".join(
        finding.sentence for finding in run.findings
    )


# sys.exit() in a thread


def exits(status: Any) -> Any:
    def leave() -> None:
        sys.exit(status)

    with record() as run:
        thread = Thread(target=leave, name="worker")
        thread.start()
        thread.join()
    return run


@pytest.mark.parametrize("status", ["no menu", 3, ("no", "menu")])
def test_a_thread_that_ends_by_sys_exit_with_a_reason_is_said_to_end_alone(status: Any) -> None:
    run = exits(status)
    (found,) = run.findings
    line = exits.__code__.co_firstlineno + 2
    assert (found.kind, found.severity) == ("exit of a thread alone", "warning")
    assert found.sentence == (
        f"worker ended at line {line} by SystemExit: {status}: that ends a thread alone, and threading tells "
        "nobody of it."
    )
    assert f"\nworker: ends: SystemExit: {status}.\n" in run.text()


@pytest.mark.parametrize("status", [None, 0])
def test_a_thread_that_exits_without_a_reason_is_left_in_peace_and_its_record_says_so(status: Any) -> None:
    run = exits(status)
    assert run.findings == ()
    assert run.log.text(next(run.log.events_of({Kind.ENDED})).arg).startswith("SystemExit")


def test_a_thread_that_exits_has_ended_and_not_failed_on_both_clocks() -> None:
    def program() -> None:
        thread = Thread(target=sys.exit, args=("no menu",), name="worker")
        thread.start()
        thread.join()

    for clock in (record(), simulate(0)):
        with clock as run:
            program()
        assert [thread.fate for thread in run.model.threads] == [Fate.ENDED, Fate.ENDED]
        assert [finding.kind for finding in run.findings] == ["exit of a thread alone"]


def test_the_main_thread_of_a_script_that_exits_ends_the_program_and_is_no_finding() -> None:
    run = run_script("import sys; sys.exit('no menu')")
    assert run.findings == ()
    assert run.log.text(next(run.log.events_of({Kind.ENDED})).arg) == ""


# Callbacks of futures


def test_a_callback_that_raises_is_found_also_where_the_program_has_silenced_the_logger() -> None:
    run = run_script("""
        import logging.config
        from concurrent.futures import Future
        logging.config.dictConfig({"version": 1})
        bread = Future()
        bread.add_done_callback(lambda done: done.result() / 0)
        bread.set_result(1)
        bread.add_done_callback(lambda done: done.result() / 0)
    """)
    assert run.output == ""
    assert [finding.sentence for finding in run.findings] == [
        f"A callback of bread failed in MainThread at line {line}, with ZeroDivisionError: division by zero: "
        "that is logged at most, and no result() tells of it."
        for line in (5, 7)
    ]


def test_a_callback_that_raises_is_logged_as_ever_with_the_place_that_called_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def logged() -> list[tuple[str, str, int, str]]:
        caplog.clear()
        bread = Future[str]()
        bread.add_done_callback(len)  # type: ignore[arg-type]
        bread.set_result("bread")
        return [(each.name, each.filename, each.lineno, each.getMessage()[:24]) for each in caplog.records]

    bare = logged()
    with record() as run:
        recorded = logged()
    assert bare == recorded != []
    (event,) = run.log.events_of({Kind.CALLBACK_FAILED})
    assert run.log.text(event.arg).startswith("TypeError: ")
