"""The rules of a lesson: what it must contain, how long it may be, and that its claims are checked."""

from __future__ import annotations

import ast
import re
from typing import Any

import pytest

from course import START, Course, Lesson, read_notebook

LESSONS = [lesson for lesson in Course().lessons if lesson.name != START]
EACH = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)

CURRICULUM = {
    "04": [
        *("LOCK-1", "LOCK-2", "LOCK-2b", "LOCK-3", "LOCK-4", "LOCK-5", "LOCK-5b", "LOCK-6", "LOCK-7"),
        *("LOCK-8", "LOCK-MYTH-OWNER", "LOCK-MYTH-GIL", "LOCK-MYTH-ORDER"),
    ],
}
"""What a lesson must show. A cell says in its metadata (`curriculum`) which of it it carries."""


def cells(lesson: Lesson, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read_notebook(lesson.path)["cells"]
    return [cell for cell in found if cell["cell_type"] == kind]


def carrying(lesson: Lesson, subject: str) -> list[dict[str, Any]]:
    return [cell for cell in cells(lesson, "code") if subject in cell["metadata"].get("curriculum", [])]


@EACH
def test_a_lesson_carries_its_curriculum_and_nothing_unknown(lesson: Lesson) -> None:
    carried = {each for cell in cells(lesson, "code") for each in cell["metadata"].get("curriculum", [])}
    assert carried == set(CURRICULUM[lesson.number])


@EACH
def test_each_subject_of_a_lesson_is_drawn_and_asserted(lesson: Lesson) -> None:
    for subject in CURRICULUM[lesson.number]:
        found = carrying(lesson, subject)
        statements = [each for cell in found for each in ast.walk(ast.parse(cell["source"]))]
        assert any(isinstance(each, ast.Assert) for each in statements) or subject == "LOCK-MYTH-ORDER", (
            subject
        )
        shown = [output.get("data", {}) for cell in found for output in cell["outputs"]]
        assert any("image/png" in data and "text/plain" in data for data in shown), subject


@EACH
def test_a_lesson_is_short(lesson: Lesson) -> None:
    assert 20 <= len(read_notebook(lesson.path)["cells"]) <= 35
    prose = "\n".join(cell["source"] for cell in cells(lesson, "markdown"))
    words = re.findall(r"\w[\w'’.-]*", re.sub(r"```.*?```", "", prose, flags=re.DOTALL))
    assert 600 <= len(words) <= 1100
    for cell in cells(lesson, "code"):
        assert sum(1 for line in cell["source"].splitlines() if line.strip()) <= 12, cell["source"]


@EACH
def test_the_reader_guesses_and_changes_something(lesson: Lesson) -> None:
    prose = "\n".join(cell["source"] for cell in cells(lesson, "markdown"))
    assert prose.count("**Your guess:**") >= 3
    assert "**Change one thing:**" in prose
    assert "**In practice:**" in prose


@EACH
def test_threads_record_and_the_main_thread_prints(lesson: Lesson) -> None:
    for cell in cells(lesson, "code"):
        tree = ast.walk(ast.parse(cell["source"]))
        inside = [
            each for function in tree if isinstance(function, ast.FunctionDef) for each in ast.walk(function)
        ]
        assert not any(isinstance(each, ast.Name) and each.id == "print" for each in inside), cell["source"]
