"""The exercises: a right answer passes, a known wrong one fails and is told what to do next."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from keyword import iskeyword
from types import ModuleType
from typing import Any

import pytest

from course import START, Course, Lesson, read_notebook
from lessons import SECOND_EDITION
from tracing import Exploration, Trace, explore

COURSE = Course()
sys.path.insert(0, str(COURSE.notebooks))  # a kernel's folder is the notebook's: so are its imports

import exercises.answer as answer_module  # noqa: E402
from exercises.answer import Answer  # noqa: E402

Check = Callable[[Any], Answer]


def label(answer: object) -> str:
    """Of a function its name; an answer may be a value. Each worker of the tests must call it the same."""
    if isinstance(answer, set | frozenset):
        return f"set of {sorted(answer, key=repr)}"
    if isinstance(answer, partial):
        return f"partial of {label(answer.func)}"
    return str(getattr(answer, "__name__", answer))


@dataclass(frozen=True)
class Exercises:
    """The exercises of a lesson: 04_lock.ipynb has its checks in lock.py, and answers in lock_answers.py."""

    lesson: Lesson

    @property
    def topic(self) -> str:
        name = self.lesson.path.stem[3:]
        return f"{name}_block" if iskeyword(name) else name  # no module can be called `with`

    @property
    def answers(self) -> ModuleType:
        return importlib.import_module(f"exercises.{self.topic}_answers")

    def check(self, name: str) -> Check:
        found: Check = getattr(importlib.import_module(f"exercises.{self.topic}"), name)
        return found

    def cells(self, kind: str) -> list[str]:
        return [
            cell["source"] for cell in read_notebook(self.lesson.path)["cells"] if cell["cell_type"] == kind
        ]

    def solutions(self) -> Iterator[tuple[str, str]]:
        """What the notebook has of each: the stub with the call of its check, and the solution beside it."""
        stubs = [
            source for source in self.cells("code") if re.search(r"^check_\w+\(\w+\)$", source, re.MULTILINE)
        ]
        folded = [match for text in self.cells("markdown") for match in _solutions_in(text)]
        return zip(stubs, folded, strict=True)

    def imported(self) -> dict[str, Callable[..., object]]:
        """What the notebook imports: an answer may use it."""
        names: dict[str, Callable[..., object]] = {}
        for statement in (each for cell in self.cells("code") for each in ast.parse(cell).body):
            if isinstance(statement, ast.Import | ast.ImportFrom):
                exec(ast.unparse(statement), names)
        return names


def _solutions_in(text: str) -> list[str]:
    pattern = r"<details>\s*<summary>Solution[^\n]*</summary>(?:(?!</details>).)*?```python\n(.*?)```"
    return re.findall(pattern, text, re.DOTALL)


ALL = [Exercises(lesson) for lesson in COURSE.lessons if lesson.name != START]
# Schedules: all the others tell of a right answer what these do, and take minutes. With fewer than 35 even a
# small search is cut short and goes on otherwise, where an answer that sorts locks by their `id()` differs.
FEW, MANY = 35, 60
BUSY = 1.0  # s of real time without a step: what tests of a loop that never ends can wait
ENOUGH = 500  # in which each wrong answer is found that a few do not find
HOW_MANY = pytest.mark.parametrize(
    "most", [FEW, pytest.param(MANY, marks=pytest.mark.sweep)], ids=["few", "many"]
)
# Answers of each check that `make test` hands in; the sweeps hand in all.
FIRST_RIGHT, FIRST_WRONG = 5, 12


def _handed_in(exercises: Exercises, name: str) -> Iterator[Any]:
    """The right answers to a check, the first with few schedules, all with many."""
    for number, right in enumerate(exercises.answers.RIGHT[name]):
        called = f"{exercises.topic}-{label(right)}"
        if number < FIRST_RIGHT:
            yield pytest.param(exercises, name, right, FEW, id=f"{called}-few")
        yield pytest.param(exercises, name, right, MANY, id=f"{called}-many", marks=pytest.mark.sweep)


def _handed_in_wrong(exercises: Exercises, name: str) -> Iterator[Any]:
    """The wrong answers to a check, and what has to be said of each."""
    for number, (wrong, says) in enumerate(exercises.answers.WRONG[name].items()):
        marks = [pytest.mark.sweep] if number >= FIRST_WRONG else []
        yield pytest.param(exercises, name, wrong, says, id=f"{exercises.topic}-{label(wrong)}", marks=marks)


RIGHT = [each for lesson in ALL for name in lesson.answers.RIGHT for each in _handed_in(lesson, name)]
WRONG = [each for lesson in ALL for name in lesson.answers.WRONG for each in _handed_in_wrong(lesson, name)]
PAIRS = [
    pytest.param(each, stub, solution, id=f"{each.topic}-{number}")
    for each in ALL
    for number, (stub, solution) in enumerate(each.solutions(), start=1)
]
EACH = pytest.mark.parametrize("exercises", ALL, ids=lambda each: each.topic)


@pytest.fixture(autouse=True)
def _what_an_answer_keeps_for_ever_goes_with_its_test() -> Iterator[None]:
    """Each run of a process looks at all primitives alive, and that answer keeps one of each run."""
    yield
    importlib.import_module("exercises.barrier_answers").MEETINGS.clear()


def _nothing(*_: object) -> None:
    """In place of a run to look at."""


@pytest.fixture
def at_most(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Makes searches short, by the number of schedules alone: a machine that is busy finds the same.

    A check looks at what fails alone: no run that passes is recorded.
    """

    def limit(most: int) -> None:
        def briefly(
            program: Callable[[], object], *, schedules: int, seconds: float, **settings: Any
        ) -> Exploration:
            return explore(program, schedules=min(schedules, most), seconds=10 * seconds, **settings)

        monkeypatch.setattr(answer_module, "explore", briefly)
        monkeypatch.setattr("tracing.exploring.exploring._Explorer._first", _nothing)
        monkeypatch.setattr("tracing.exploring.exploring.LOOKING", 0.0)

    return limit


def test_what_an_answer_is_called_is_the_same_in_each_worker_of_the_tests() -> None:
    called = [str(each.id) for each in (*RIGHT, *WRONG)]
    assert [each for each in called if " at 0x" in each] == []


@pytest.mark.parametrize(("exercises", "name", "right", "most"), RIGHT)
def test_a_right_answer_passes(
    at_most: Callable[[int], None], exercises: Exercises, name: str, right: Any, most: int
) -> None:
    at_most(most)
    answer = exercises.check(name)(right)
    assert answer.right, answer.says
    assert str(answer).startswith("✓")


TRIED_FOR_DAYS = [
    *(("barrier", check) for check in ("check_share_of_votes", "check_leave", "check_prepare")),
    *(("event", check) for check in ("check_row_together", "check_first_answer")),
    *(("semaphore", "check_ask"), ("semaphore", "check_meet"), ("with_block", "check_work_with")),
]


@pytest.mark.parametrize(("topic", "name"), TRIED_FOR_DAYS)
def test_the_run_that_a_right_answer_is_shown_takes_no_days(
    at_most: Callable[[int], None], topic: str, name: str
) -> None:
    """The check has tried one that does; beside such a wait a reader sees nothing else."""
    at_most(FEW)
    exercises = next(each for each in ALL if each.topic == topic)
    run = exercises.check(name)(exercises.answers.RIGHT[name][0]).run
    assert run.life_of("MainThread").end < 1_000


@pytest.mark.parametrize(("exercises", "name", "wrong", "says"), WRONG)
def test_a_wrong_answer_is_told_what_to_do(
    at_most: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
    exercises: Exercises,
    name: str,
    wrong: Any,
    says: str,
) -> None:
    at_most(FEW)
    check = exercises.check(name)
    for module in (answer_module, sys.modules[check.__module__]):
        monkeypatch.setattr(module, "TIMEOUT", BUSY, raising=False)
    answer = check(wrong)
    if answer.right:  # a longer search begins with the same schedules
        at_most(ENOUGH)
        answer = check(wrong)
    assert not answer.right
    assert says in answer.says
    assert answer.run.log.objects or answer.run.log.threads


POLLS = [
    ("creating_threads", "check_ends_within", "poll_instead"),
    ("daemon_threads", "check_stop_worker", "stop_by_polling"),
]


@pytest.mark.parametrize(("topic", "name", "polls"), POLLS)
def test_who_polls_is_told_so_without_a_search_of_its_many_steps(
    monkeypatch: pytest.MonkeyPatch, topic: str, name: str, polls: str
) -> None:
    monkeypatch.setattr(answer_module, "explore", None)
    exercises = next(each for each in ALL if each.topic == topic)
    answer = exercises.check(name)(getattr(exercises.answers, polls))
    assert not answer.right
    assert "to look again and again, is no waiting" in answer.says


ASKS_FOR_A_VALUE = [
    pytest.param(each, name, id=each.topic)
    for each in ALL
    for name, answers in each.answers.RIGHT.items()
    if not any(map(callable, answers))
]


@pytest.mark.parametrize(("exercises", "name"), ASKS_FOR_A_VALUE)
def test_a_run_to_be_read_does_not_tell_what_it_is_asked_for_until_it_is_answered(
    exercises: Exercises, name: str
) -> None:
    check = exercises.check(name)
    assert len(ASKS_FOR_A_VALUE) >= len(ALL)
    for wrong in exercises.answers.WRONG[name]:
        assert not check(wrong).run.findings
    assert "Finding" not in check(wrong).run.text()
    assert type(check(exercises.answers.RIGHT[name][0]).run) is Trace


@EACH
def test_each_exercise_has_a_stub_a_hint_a_solution_and_answers(exercises: Exercises) -> None:
    count = len(list(exercises.solutions()))
    assert 2 <= count <= 4
    hint = "<summary>Where to look" if exercises.lesson.name in SECOND_EDITION else "<summary>Hint"
    assert sum(text.count(hint) for text in exercises.cells("markdown")) == count
    assert len(exercises.answers.RIGHT) == len(exercises.answers.WRONG) == count


@EACH
def test_each_check_knows_three_right_answers_and_three_wrong_ones(exercises: Exercises) -> None:
    assert exercises.answers.RIGHT.keys() == exercises.answers.WRONG.keys()
    assert all(len(wrong) >= 3 for wrong in exercises.answers.WRONG.values())
    assert all(len(right) >= 3 for right in exercises.answers.RIGHT.values())
    if exercises.lesson.name in SECOND_EDITION:
        assert all(len(right) >= 5 for right in exercises.answers.RIGHT.values())
        assert all(len(wrong) >= 8 for wrong in exercises.answers.WRONG.values())


@HOW_MANY
@pytest.mark.parametrize(("exercises", "stub", "solution"), PAIRS)
def test_the_folded_solution_passes_where_the_stub_does_not(
    at_most: Callable[[int], None], exercises: Exercises, stub: str, solution: str, most: int
) -> None:
    at_most(most)
    ((name, function),) = re.findall(r"^(check_\w+)\((\w+)\)$", stub, re.MULTILINE)
    answers = {}
    for title, source in (("stub", stub), ("solution", solution)):
        names = exercises.imported()
        program = re.sub(r"(?m)^(check_\w+\(.*|from exercises.*)$", "", source)
        exec(compile(program, f"<{title}>", "exec"), names)
        answers[title] = exercises.check(name)(names[function])
    assert not answers["stub"].right
    assert answers["solution"].right, answers["solution"].says
