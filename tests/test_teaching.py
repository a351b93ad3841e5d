"""docs/teaching.md: what it says of a lesson is found there, and the extra solutions do what they say."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from course import Course, Lesson, read_notebook

COURSE = Course()
PAGE = COURSE.root / "docs" / "teaching.md"
TEXT = PAGE.read_text(encoding="utf-8")
SECTIONS = {text[:2]: text for text in re.split(r"^### ", TEXT, flags=re.MULTILINE)[1:]}
BEFORE_ANY_HEADING = "the opening"
EACH = pytest.mark.parametrize("lesson", COURSE.lessons, ids=lambda lesson: lesson.name)


def prose(lesson: Lesson) -> list[str]:
    cells = read_notebook(lesson.path)["cells"]
    return [cell["source"] for cell in cells if cell["cell_type"] == "markdown"]


def headings(lesson: Lesson) -> set[str]:
    return set(re.findall(r"^#+ (.+?)\s*$", "\n".join(prose(lesson)), re.MULTILINE))


def minutes(text: str) -> list[str]:
    """All that a text says in minutes, to read and to practise; the second may be there or not."""
    return re.findall(r"\d+(?= minutes| \+ \d+ minutes)", text)


def test_every_lesson_has_its_section_and_no_other_has_one() -> None:
    assert {lesson.number for lesson in COURSE.lessons} == SECTIONS.keys()


@EACH
def test_a_section_has_the_title_of_its_lesson_as_a_link(lesson: Lesson) -> None:
    heading = SECTIONS[lesson.number].splitlines()[0]
    assert heading == f"{lesson.number} [{lesson.title}](../notebooks/{lesson.name})"


@EACH
def test_the_minutes_are_those_of_the_lesson_s_head(lesson: Lesson) -> None:
    """One that names none refers to the head."""
    if said := minutes(SECTIONS[lesson.number].split("Extra:")[0]):
        assert said == minutes(prose(lesson)[0])


@EACH
def test_a_wrong_idea_is_met_under_a_heading_that_the_lesson_has(lesson: Lesson) -> None:
    places = re.findall(r"^- .* → (.+)$", SECTIONS[lesson.number], re.MULTILINE)
    named = {name for place in places for name in re.findall(r"\*(.+?)\*", place)}
    assert named <= headings(lesson) | {BEFORE_ANY_HEADING}


def test_a_timetable_names_headings_that_its_lessons_have() -> None:
    rows = re.findall(r"^\| (\d\d): (.+?) \|", TEXT, re.MULTILINE)
    assert rows
    of = {lesson.number: headings(lesson) | {BEFORE_ANY_HEADING} for lesson in COURSE.lessons}
    for number, named in rows:
        assert set(re.findall(r"\*(.+?)\*", named)) <= of[number], number


def test_links_to_other_files_resolve() -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", TEXT)
    assert [target for target in targets if not (PAGE.parent / target).exists()] == []


@EACH
def test_an_extra_solution_does_what_it_says(lesson: Lesson, tmp_path: Path) -> None:
    """Each ends in assertions about its own run. From a file, as a learner would run it."""
    (solution,) = re.findall(r"```python\n(.*?)```", SECTIONS[lesson.number], re.DOTALL)
    assert "\nassert " in solution
    program = tmp_path / "solution.py"
    program.write_text(solution, encoding="utf-8")
    runpy.run_path(str(program))
