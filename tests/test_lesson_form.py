"""The form of a lesson of the second edition: what is against it is told in a sentence."""

from __future__ import annotations

import copy
from typing import Any

import pytest

import lessons
from course import START, Course, read_notebook

Notebook = dict[str, Any]


@pytest.fixture
def good() -> Notebook:
    return copy.deepcopy(read_notebook(Course().notebooks / "04_lock.ipynb"))


def proof_in(notebook: Notebook) -> dict[str, Any]:
    return next(cell for cell in notebook["cells"] if lessons.is_proof(cell))


def test_a_lesson_in_the_form_has_no_problem(good: Notebook) -> None:
    assert lessons.problems(good) == []


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("**After this lesson you can**", "", "its title cell has no **After this lesson you can**"),
        ("\n- say in which order", "\nsay in which order", "lists 2 things"),
        ("25 minutes", "a while", "how many minutes"),
        ("## Key points", "## Points", "it has no part ## Key points"),
        ("## In practice", "## Anyhow", "it has no part ## In practice"),
        ("(Lesson 01)", "", "asks 1 questions about earlier lessons"),
        ("<details><summary>5.", "<details>5.", "its recap has 4 questions"),
        ("https://docs.python.org", "https://docs.example.org", "no link to Python's own documentation"),
        ("## Exercise 2", "## Task 2", "it has 3 exercises"),
        ("<summary>The shape", "<summary>A hint", "has no help '<summary>The shape'"),
    ],
)
def test_what_a_lesson_lacks_is_told(good: Notebook, before: str, after: str, says: str) -> None:
    for cell in good["cells"]:
        cell["source"] = cell["source"].replace(before, after)
    assert any(says in problem for problem in lessons.problems(good))


def test_too_many_words_are_told_and_folded_ones_do_not_count(good: Notebook) -> None:
    good["cells"][4]["source"] += "\n<details>" + "word " * 2_000 + "</details>"
    assert lessons.problems(good) == []
    good["cells"][4]["source"] += "word " * 2_000
    assert any("words before its exercises" in problem for problem in lessons.problems(good))


def test_too_many_figures_and_too_long_a_cell_are_told(good: Notebook) -> None:
    code = [cell for cell in good["cells"] if cell["cell_type"] == "code"]
    drawn = next(filter(lessons.has_figure, code))
    assert not any("figures" in problem for problem in lessons.problems(good))
    good["cells"] += [copy.deepcopy(drawn)]
    assert any("10 figures, more than 9" in problem for problem in lessons.problems(good))
    drawn["source"] += "\nrun" * 13
    assert any("lines, more than 12" in problem for problem in lessons.problems(good))


def test_a_readers_cell_that_asserts_is_refused_and_a_program_that_does_is_not(good: Notebook) -> None:
    assert any("    assert " in cell["source"] for cell in good["cells"])  # in a function
    code = next(cell for cell in good["cells"] if cell["cell_type"] == "code")
    code["source"] += "\nassert Lock"
    assert any("let a proof cell do that" in problem for problem in lessons.problems(good))


def test_a_proof_stands_below_what_it_proves(good: Notebook) -> None:
    place = good["cells"].index(proof_in(good))
    good["cells"].insert(place, {"cell_type": "markdown", "metadata": {}, "source": "Look."})
    assert any("does not follow the cell that it proves" in problem for problem in lessons.problems(good))


def test_a_proof_is_folded(good: Notebook) -> None:
    proof_in(good)["metadata"]["jupyter"] = {}
    assert any("is not folded" in problem for problem in lessons.problems(good))


@pytest.mark.parametrize("text", ["✗ reader waited", "reader waited", "✓ reader waited\nand more"])
def test_a_proof_prints_ticks_only(good: Notebook, text: str) -> None:
    proof_in(good)["outputs"][0]["text"] = text
    assert any("prints what is no line with a ✓" in problem for problem in lessons.problems(good))


def test_a_proof_prints_something(good: Notebook) -> None:
    proof_in(good)["outputs"] = []
    assert any("does not print what it proves" in problem for problem in lessons.problems(good))


def test_the_start_page_proves_what_it_says() -> None:
    assert list(lessons.of_proofs(read_notebook(Course().notebooks / START)["cells"])) == []


def test_the_start_page_explains_what_ready_means_and_shows_the_key_and_the_magic() -> None:
    cells = read_notebook(Course().notebooks / START)["cells"]
    sources = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    assert "key()" in sources
    assert any(source.startswith("%%trace") for source in sources)
    assert any("| ready | " in cell["source"] for cell in cells if cell["cell_type"] == "markdown")


def test_a_lesson_without_proofs_is_refused(good: Notebook) -> None:
    good["cells"] = [cell for cell in good["cells"] if not lessons.is_proof(cell)]
    assert any("it proves nothing" in problem for problem in lessons.problems(good))
