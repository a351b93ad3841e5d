"""The rules of a lesson: what it must contain, how long it may be, and that its claims are checked."""

from __future__ import annotations

import ast
import re
from typing import Any

import pytest

from course import START, Course, Lesson, read_notebook
from lessons import SECOND_EDITION, is_proof
from tracing import Trace

LESSONS = [lesson for lesson in Course().lessons if lesson.name != START]
EACH = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)

DRAWN = {
    "01": ["CT-1", "CT-2", "CT-3", "CT-6", "CT-7", "CT-8"],
    "02": ["SUB-1", "SUB-2", "SUB-5"],
    "03": ["DAE-1", "DAE-2", "DAE-5", "DAE-MYTH"],
    "04": [
        *("LOCK-1", "LOCK-2", "LOCK-2b", "LOCK-5", "LOCK-6", "LOCK-8"),
        *("LOCK-MYTH-OWNER", "LOCK-MYTH-GIL", "LOCK-MYTH-ORDER"),
    ],
    "05": ["RL-1", "RL-2", "RL-3", "RL-4", "RL-5"],
    "06": ["CV-1", "CV-3", "CV-4", "CV-5", "CV-7", "CV-8", "CV-9"],
    "07": ["SEM-1", "SEM-2", "SEM-3", "SEM-4", "SEM-5"],
    "08": ["EV-1", "EV-2"],
    "09": ["TM-1", "TM-3", "TM-5"],
    "10": ["BAR-1", "BAR-2", "BAR-3", "BAR-5", "BAR-MYTH"],
    "11": ["W-4", "W-5"],
    "12": ["DL-1", "DL-2", "DL-3", "DL-4", "DL-5", "DL-6"],
    "13": ["RG-2", "RG-3", "RG-4", "RG-5", "RG-6"],
    "14": ["PC-1", "PC-2", "PC-3", "PC-4", "PC-5"],
    "15": ["PF-1", "PF-2", "PF-3", "PF-4", "PF-5"],
}
"""What a lesson must show in a figure and assert. A cell's metadata (`curriculum`) says what it carries."""

ASSERTED = {
    "01": ["CT-4", "CT-5", "CT-MYTH"],
    "02": ["SUB-3", "SUB-4", "SUB-MYTH"],
    "03": ["DAE-3", "DAE-4"],
    "04": ["LOCK-5b"],
    "05": [],
    "06": ["CV-2", "CV-6", "CV-MYTH-SPURIOUS", "CV-MYTH-ORDER"],
    "07": ["SEM-6", "SEM-MYTH"],
    "08": ["EV-3", "EV-4", "EV-5", "EV-6"],
    "09": ["TM-2", "TM-4"],
    "10": ["BAR-4"],
    "11": ["W-1", "W-2", "W-3", "W-6", "W-7"],
    "12": ["LOCK-7"],
    "13": ["RG-1"],
    "14": [],
    "15": ["PF-6"],
}
"""What a lesson must assert, drawn or not."""

OF_A_TRACE = {
    *("model", "findings", "log", "table", "text", "explain", "wait_for_graph", "lock_order"),
    *("failure", "passing", "outcomes", "exhausted", "coverage", "exit_code", "output", "ended"),
}
"""Attributes by which an assertion asks what was recorded, and not what the program itself believes."""


EMPHASIS = {"both", "different", "everybody", "holding", "running", "runs", "same", "this notebook"}
"""Words in italics that are no terms."""


def cells(lesson: Lesson, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read_notebook(lesson.path)["cells"]
    return [cell for cell in found if cell["cell_type"] == kind]


def carrying(lesson: Lesson, subject: str) -> list[dict[str, Any]]:
    return [cell for cell in cells(lesson, "code") if subject in cell["metadata"].get("curriculum", [])]


def shows_a_figure(cell: dict[str, Any]) -> bool:
    shown = [output.get("data", {}) for output in cell["outputs"]]
    return any("image/png" in data and "text/plain" in data for data in shown)


def assertions(found: list[dict[str, Any]]) -> list[ast.Assert]:
    statements = [each for cell in found for each in ast.walk(ast.parse(cell["source"]))]
    return [each for each in statements if isinstance(each, ast.Assert)]


def asks_the_record(statement: ast.Assert, aliases: set[str]) -> bool:
    """Whether it asserts on a trace: by an attribute of one, or by a name that was taken from one."""
    names = {each.id for each in ast.walk(statement) if isinstance(each, ast.Name)}
    attributes = {each.attr for each in ast.walk(statement) if isinstance(each, ast.Attribute)}
    return bool(attributes & OF_A_TRACE or names & aliases)


def taken_from_a_trace(found: list[dict[str, Any]]) -> set[str]:
    """The names that a cell gives to parts of a trace: `wait, = run.model.waits` gives `wait`."""
    taken = set()
    for statement in (each for cell in found for each in ast.walk(ast.parse(cell["source"]))):
        if isinstance(statement, ast.Assign):
            read = {each.attr for each in ast.walk(statement.value) if isinstance(each, ast.Attribute)}
            targets = [each for target in statement.targets for each in ast.walk(target)]
            taken |= {each.id for each in targets if isinstance(each, ast.Name) and read & OF_A_TRACE}
    return taken


def test_every_lesson_of_the_curriculum_is_there() -> None:
    assert {lesson.number for lesson in LESSONS} >= DRAWN.keys() == ASSERTED.keys()


@EACH
def test_a_lesson_carries_its_curriculum_and_nothing_unknown(lesson: Lesson) -> None:
    carried = {each for cell in cells(lesson, "code") for each in cell["metadata"].get("curriculum", [])}
    assert carried == {*DRAWN[lesson.number], *ASSERTED[lesson.number]}


@EACH
def test_each_subject_of_a_lesson_is_asserted_on_a_trace(lesson: Lesson) -> None:
    for subject in (*DRAWN[lesson.number], *ASSERTED[lesson.number]):
        found = carrying(lesson, subject)
        if lesson.name in SECOND_EDITION:
            assert any(is_proof(cell) for cell in found), subject
            continue
        aliases = taken_from_a_trace(found)
        assert any(asks_the_record(each, aliases) for each in assertions(found)), subject


@EACH
def test_what_a_lesson_must_draw_is_drawn(lesson: Lesson) -> None:
    for subject in DRAWN[lesson.number]:
        assert any(shows_a_figure(cell) for cell in carrying(lesson, subject)), subject


FIRST_EDITION = [lesson for lesson in LESSONS if lesson.name not in SECOND_EDITION]


@pytest.mark.parametrize("lesson", FIRST_EDITION, ids=lambda lesson: lesson.name)
def test_a_lesson_is_short(lesson: Lesson) -> None:
    """Those of the second edition: tools/lessons.py."""
    assert 20 <= len(read_notebook(lesson.path)["cells"]) <= 35
    prose = "\n".join(cell["source"] for cell in cells(lesson, "markdown"))
    words = re.findall(r"\w[\w'’.-]*", re.sub(r"```.*?```", "", prose, flags=re.DOTALL))
    assert 600 <= len(words) <= 1300  # what is said of real clocks stands there with its versions
    for cell in cells(lesson, "code"):
        assert sum(1 for line in cell["source"].splitlines() if line.strip()) <= 12, cell["source"]


@EACH
def test_the_reader_guesses_and_changes_something(lesson: Lesson) -> None:
    prose = "\n".join(cell["source"] for cell in cells(lesson, "markdown"))
    assert prose.count("**Your guess:**") >= 3
    assert "**Change one thing:**" in prose
    assert ("**In practice:**" if lesson.name not in SECOND_EDITION else "## In practice") in prose


def calls(lesson: Lesson) -> set[str]:
    """The names of the functions that the lesson calls."""
    tree = (each for cell in cells(lesson, "code") for each in ast.walk(ast.parse(cell["source"])))
    return {each.func.id for each in tree if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)}


@EACH
def test_a_lesson_runs_on_both_clocks_and_searches_and_has_sliders(lesson: Lesson) -> None:
    called = calls(lesson)
    assert called >= {"simulate", "explore", "tweak"}
    assert called & {"record", "run_script"}


@EACH
def test_what_a_lesson_explains_stands_in_the_glossary(lesson: Lesson) -> None:
    """A term stands in italics where it is explained."""
    start = read_notebook(Course().notebooks / START)
    (words,) = (cell["source"] for cell in start["cells"] if cell["source"].startswith("## Words"))
    known = {each.strip().lower() for row in words.splitlines()[2:] for each in row.split("|")[1:2]}
    known |= {part.strip() for each in known for part in each.split(",")}
    prose = "\n".join(cell["source"] for cell in cells(lesson, "markdown"))
    prose = re.sub(r"```.*?```|`[^`]*`", "", prose, flags=re.DOTALL)
    terms = {each.lower() for each in re.findall(r"(?<![*\w])\*([a-z][a-z -]+[a-z])\*(?!\*)", prose)}
    terms -= EMPHASIS
    assert not {each for each in terms if each not in known and each.removesuffix("s") not in known}


@EACH
def test_threads_record_and_the_main_thread_prints(lesson: Lesson) -> None:
    for cell in cells(lesson, "code"):
        tree = ast.walk(ast.parse(cell["source"]))
        inside = [
            each for function in tree if isinstance(function, ast.FunctionDef) for each in ast.walk(function)
        ]
        assert not any(isinstance(each, ast.Name) and each.id == "print" for each in inside), cell["source"]


CHANGES = [("04_lock", "seed=0", "seed=2")]
"""What a reader is asked to change where something is asserted: lesson, what stands there, what then."""


@pytest.mark.parametrize(("name", "before", "after"), CHANGES)
def test_a_change_that_a_lesson_asks_for_runs_and_shows_a_picture(name: str, before: str, after: str) -> None:
    (lesson,) = (each for each in LESSONS if each.path.stem == name)
    text = "\n".join(each["source"] for each in cells(lesson, "markdown"))
    assert f"**Change one thing:** `{after}` instead of `{before}`" in text
    sources = [each["source"] for each in cells(lesson, "code")]
    place = next(number for number, source in enumerate(sources) if before in source)
    *statements, last = ast.parse("\n".join(sources[: place + 1]).replace(before, after)).body
    names: dict[str, Any] = {}
    exec(compile(ast.Module(statements, []), name, "exec"), names)
    assert isinstance(eval(ast.unparse(last), names), Trace)
