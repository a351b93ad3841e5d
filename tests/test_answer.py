"""What all checks of the exercises say alike: of slips, and of runs that had to be ended."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import count

import pytest

from course import Course
from tracing import Lock, Thread, Trace, simulate, sleep

sys.path.insert(0, str(Course().notebooks))

from exercises.answer import UNEXPLAINED, UNSEARCHED, Verdict, explored, failed, judged, stuck


class Plain:
    """No thread."""


class Forgetful(Thread):
    def run() -> None:  # type: ignore[override, misc]
        """A method without self."""


def ran(program: Callable[[], object], **options: int) -> Trace:
    with suppress(Exception), simulate(**options) as run:  # type: ignore[arg-type]
        program()
    return run


@pytest.mark.parametrize(
    ("slip", "advice"),
    [
        (lambda: [Thread()].start(), "in a loop"),  # type: ignore[attr-defined]
        (lambda: Thread(target=int).start().join(), "a line of its own"),  # type: ignore[attr-defined, func-returns-value]
        (lambda: Plain().start(), "class ...(Thread)"),  # type: ignore[attr-defined]
        (lambda: Thread().stop(), "let it end by itself"),  # type: ignore[attr-defined]
        (lambda: Thread(target=lambda: 0, args=("abc")).start(), "args=(one,)"),
        (lambda: Thread(target=lambda: 0, args=("a",)).start(), "are `args` given"),
        (lambda: Forgetful().start(), "first parameter is `self`"),
        (lambda: Thread(int), "`target=...`"),  # type: ignore[arg-type]
        (lambda: Thread(target=3).start(), "`target=job`"),  # type: ignore[arg-type]
        (lambda: {}["x"], "Repair this first"),
    ],
)
def test_a_slip_is_told_what_to_do_about_it(slip: Callable[[], object], advice: str) -> None:
    says = list(failed(ran(slip)))
    assert len(says) == 1
    assert advice in says[0]


def test_a_loop_that_waits_for_a_thread_that_has_failed_is_told_of_it() -> None:
    def program() -> None:
        results: list[int] = []
        Thread(target=lambda: results.append(1 // 0), name="worker").start()
        while not results:
            sleep(0.1)

    problem, advice = stuck(ran(program, max_steps=200), "")
    assert problem.startswith("worker failed with ZeroDivisionError")
    assert "went on and on" in problem
    assert "Let a thread pause" in advice


def test_a_run_that_hangs_because_a_thread_failed_is_told_of_both() -> None:
    def program() -> None:
        lock = Lock()
        with lock:
            thread = Thread(target=lambda: lock.acquire() and 1 // 0, name="worker")
            thread.start()
        thread.join()
        lock.acquire()

    (said,) = stuck(ran(program), "Let go of it.")
    assert said.startswith("worker failed with ZeroDivisionError")
    assert "The run hangs." in said
    assert said.endswith("Let go of it.")


def test_of_a_run_that_ended_nothing_is_said() -> None:
    assert list(stuck(ran(lambda: sleep(1)), "")) == []


def test_a_failure_that_no_sentence_explains_is_not_called_right() -> None:
    answer = judged(ran(lambda: sleep(1)), Verdict.FAILED, [], "Well done.")
    assert not answer.right
    assert str(answer).startswith("✗ Not yet. This is not what was asked for")
    assert answer.says == UNEXPLAINED


def test_a_problem_is_told_whatever_the_verdict_and_only_the_first() -> None:
    for verdict in Verdict:
        answer = judged(ran(lambda: sleep(1)), verdict, ["You slept.", "And slept."], "Well done.")
        assert (answer.verdict, answer.says) == (Verdict.FAILED, "You slept.")


def test_praise_is_for_what_has_passed() -> None:
    answer = judged(ran(lambda: sleep(1)), Verdict.PASSED, [], "Well done.")
    assert answer.right
    assert str(answer) == "✓ Right. Well done."


def test_the_verdict_on_a_run_that_hangs_is_a_failure_whatever_it_left() -> None:
    def hangs() -> None:
        lock = Lock()
        with lock, lock:
            pass

    assert Verdict.of(ran(hangs), is_right=True) is Verdict.FAILED
    assert Verdict.of(ran(lambda: sleep(1)), is_right=True) is Verdict.PASSED
    assert Verdict.of(ran(lambda: sleep(1)), is_right=False) is Verdict.FAILED


def test_of_a_program_that_cannot_be_repeated_nobody_says_that_every_schedule_is_right() -> None:
    runs = count()

    def perform(_: list[int]) -> None:
        def often() -> None:
            for _ in range(next(runs) % 3):
                sleep(1)

        threads = [Thread(target=often), Thread(target=sleep, args=(1,))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    run, _, verdict = explored("Another time, another run", list[int], perform, lambda _: True)
    answer = judged(run, verdict, [], "Under no schedule does it fail.")
    assert not answer.right
    assert str(answer).startswith("? Not decided.")
    assert answer.says == UNSEARCHED
