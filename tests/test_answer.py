"""What all checks of the exercises say alike: of slips, and of runs that had to be ended."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

from course import Course
from tracing import Lock, Thread, Trace, simulate, sleep

sys.path.insert(0, str(Course().notebooks))

import exercises.answer
from exercises.answer import (
    UNEXPLAINED,
    UNSEARCHED,
    Answer,
    Problem,
    Verdict,
    exercise,
    explored,
    failed,
    judged,
    stuck,
)
from exercises.progress import Progress, kept, progress


class Plain:
    """No thread."""


class Forgetful(Thread):
    def run() -> None:  # type: ignore[override, misc]
        """A method without self."""


def ran(program: Callable[[], object], **options: float) -> Trace:
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


@pytest.mark.parametrize(("name", "who"), [("you", "Your code"), ("builder", "Your code"), ("ann", "ann")])
def test_of_the_thread_that_only_calls_the_learner_s_code_nobody_speaks(name: str, who: str) -> None:
    (said,) = failed(ran(lambda: Thread(target=Plain, args=(1,), name=name).start()))
    assert said.startswith(f"{who} failed with TypeError")


def test_a_loop_that_waits_for_a_thread_that_has_failed_is_told_of_it() -> None:
    def program() -> None:
        results: list[int] = []
        Thread(target=lambda: results.append(1 // 0), name="worker").start()
        while not results:
            sleep(0.1)

    problem, advice = map(str, stuck(ran(program, max_steps=200), ""))
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

    (said,) = map(str, stuck(ran(program), "Let go of it."))
    assert said.startswith("worker failed with ZeroDivisionError")
    assert "The run hangs." in said
    assert said.endswith("Let go of it.")


def test_a_loop_that_lets_nobody_else_go_on_is_told_of_its_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exercises.answer, "TIMEOUT", 0.2)

    def program() -> None:
        done: list[bool] = []
        Thread(target=lambda: done.append(True)).start()
        while not done:
            pass

    (said,) = map(str, stuck(ran(program, timeout=0.2), ""))
    assert said.startswith("For 0.2 s of real time your code went on and on")


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


# -- the cure comes late, and what is solved is kept ---------------------------------------------------------


@exercise
def check_something(right: object) -> Answer:
    verdict = Verdict.PASSED if right is True else Verdict.FAILED
    problems = [] if right is True else [Problem("Ann lost one.", "Take the lock.")]
    return judged(ran(lambda: sleep(1)), verdict, problems, "Well done.")


NAME = f"{__name__}.check_something"


@pytest.fixture
def noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Progress:
    """As in a reader's notebook: tries are counted."""
    mine = Progress(path=tmp_path / ".progress.json")
    monkeypatch.setattr(exercises.answer, "kept", lambda: mine)
    return mine


def test_the_cure_is_not_told_at_once_and_how_to_ask_for_it_is() -> None:
    says = str(check_something(False))
    assert "Ann lost one." in says
    assert "Take the lock" not in says
    assert "check_something(..., help=2)" in says


def test_who_asks_for_the_cure_is_told() -> None:
    assert str(check_something(False, help=2)) == "✗ Not yet. Ann lost one. Take the lock."


def test_the_third_try_is_told_the_cure_and_the_first_after_a_success_is_not(noted: Progress) -> None:
    told = ["Take the lock" in str(check_something(False)) for _ in range(3)]
    assert told == [False, False, True]
    check_something(True)
    assert noted.is_solved(NAME)
    assert "Take the lock" not in str(check_something(False))
    assert noted.is_solved(NAME)  # once solved, always


def test_a_teacher_can_clear_what_is_kept(noted: Progress) -> None:
    check_something(True)
    noted.clear()
    noted.clear()  # twice does no harm
    assert not noted.is_solved(NAME)


@pytest.mark.parametrize("text", ["", "no JSON", "[1]", '{"x": 3}'])
def test_a_file_that_cannot_be_read_is_no_obstacle(noted: Progress, text: str) -> None:
    assert noted.path is not None
    noted.path.write_text(text, encoding="utf-8")
    assert not noted.is_solved(NAME)
    check_something(True)
    assert noted.is_solved(NAME)


def test_a_folder_that_cannot_be_written_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = Progress(path=tmp_path / "gone" / ".progress.json")
    monkeypatch.setattr(exercises.answer, "kept", lambda: gone)
    assert [check_something(True).right for _ in range(4)] == [True] * 4


def test_under_test_nothing_is_kept_and_nothing_shown_as_solved() -> None:
    assert kept().path is None
    assert "✓" not in repr(progress())


def test_the_start_page_knows_the_exercises_of_each_lesson() -> None:
    rows = dict(progress().rows)
    assert len(rows["04_lock"]) >= 3
    assert "00_start_here" not in rows


def test_who_takes_a_lock_from_threading_is_told_so() -> None:
    def learners() -> object:
        return threading.Lock()

    says = str(check_something(learners))
    assert says.startswith("✗ Not yet. Your code takes Lock from `threading`")
    assert "from tracing import Lock" in says


OURS, PLAIN = Lock(), threading.Lock()


def test_who_uses_a_lock_of_threading_that_was_made_elsewhere_is_told_so() -> None:
    enclosed = threading.Event()

    def takes_a_global() -> None:
        with PLAIN:
            pass

    def takes_an_enclosed_one() -> None:
        enclosed.set()

    def takes_a_default(guard: object = PLAIN) -> object:
        return guard

    assert "takes Lock from `threading`" in check_something(takes_a_global).says
    assert "takes Event from `threading`" in check_something(takes_an_enclosed_one).says
    assert "takes Lock from `threading`" in check_something(takes_a_default).says


def test_what_a_search_cannot_see_it_does_not_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def use() -> None:
        with PLAIN:
            sleep(0)

    @exercise
    def check_use(learners: Callable[[], object]) -> Answer:
        run, _, verdict = explored("Use it", int, lambda _: learners(), lambda _: True)  # type: ignore[arg-type, return-value]
        return judged(run, verdict, (), "")

    monkeypatch.setattr(exercises.answer, "explore", lambda *_, **__: pytest.fail("it searched"))
    assert "takes Lock from `threading`" in check_use(use).says


def test_who_uses_a_lock_of_ours_is_not_told_of_threading() -> None:
    def takes_a_global() -> None:
        with OURS:
            pass

    assert "threading" not in check_something(takes_a_global).says


def test_of_what_two_threads_write_unguarded_one_is_told_though_nothing_was_lost() -> None:
    def perform(numbers: dict[str, int]) -> None:
        def add() -> None:
            nonlocal total
            total += 1

        total = 0
        exercises.answer.together(*(Thread(target=add) for _ in range(2)))
        numbers["total"] = total

    run, _, verdict = explored("Two add 1", dict[str, int], perform, lambda each: each["total"] == 2)
    answer = judged(run, verdict, [], "Well done.")
    assert answer.says.startswith("No common lock guards total")
    assert "place of its own" in answer.cure


def test_a_check_that_may_try_fewer_schedules_makes_fewer_runs() -> None:
    def runs_of(schedules: int) -> int:
        runs = count()

        def perform(lock: Lock) -> None:
            def take() -> None:
                with lock:
                    pass

            next(runs)
            exercises.answer.together(*(Thread(target=take) for _ in range(3)))

        explored("Three take a lock", Lock, perform, lambda _: True, finely=True, schedules=schedules)
        return next(runs)

    assert runs_of(3) < runs_of(8)
