"""The mutants of a lesson: each changes one fact, and only facts that strict nbval compares."""

from __future__ import annotations

import random
from typing import Any

import pytest

from mutate import denied_assertion, swapped_names, wrong_count

TEXT = "  0 s  writer  begins  line 1\n 10 µs  reader  waits   line 2"


@pytest.fixture
def notebook() -> dict[str, Any]:
    """One cell that asserts, and shows a run."""
    output = {"output_type": "execute_result", "data": {"text/plain": TEXT.splitlines(keepends=True)}}
    cell = {"cell_type": "code", "metadata": {}, "source": "assert 1 + 1 == 2\nrun", "outputs": [output]}
    return {"cells": [cell]}


def text(notebook: dict[str, Any]) -> str:
    found: str = notebook["cells"][0]["outputs"][0]["data"]["text/plain"]
    return found


def test_an_assertion_becomes_its_opposite(notebook: dict[str, Any]) -> None:
    mutant = denied_assertion(notebook, random.Random(0))
    assert mutant
    assert mutant.notebook["cells"][0]["source"] == "assert not (1 + 1 == 2)\nrun"
    with pytest.raises(AssertionError):
        exec(mutant.notebook["cells"][0]["source"].splitlines()[0])


@pytest.mark.parametrize(
    ("source", "becomes"),
    [
        ('proved("é is so", a == b)', 'proved("é is so", not (a == b))'),
        ('x = 1\nproved("so", by=run.waits_of("é"))', 'x = 1\nproved("so", by=[*(run.waits_of("é"))][:0])'),
    ],
)
def test_what_is_proved_becomes_its_opposite(notebook: dict[str, Any], source: str, becomes: str) -> None:
    notebook["cells"][0]["source"] = source
    mutant = denied_assertion(notebook, random.Random(0))
    assert mutant
    assert mutant.notebook["cells"][0]["source"] == becomes


def test_a_magic_is_no_python_and_is_passed_over(notebook: dict[str, Any]) -> None:
    notebook["cells"].insert(
        0, {"cell_type": "code", "metadata": {}, "source": "%load_ext tracing", "outputs": []}
    )
    mutant = denied_assertion(notebook, random.Random(0))
    assert mutant
    assert mutant.notebook["cells"][1]["source"].startswith("assert not")


@pytest.mark.parametrize("seed", range(5))
def test_one_number_is_one_too_great(notebook: dict[str, Any], seed: int) -> None:
    mutant = wrong_count(notebook, random.Random(seed))
    assert mutant
    changed = [
        pair for pair in zip(TEXT.split(), text(mutant.notebook).split(), strict=True) if len(set(pair)) > 1
    ]
    assert len(changed) == 1
    assert int(changed[0][1]) == int(changed[0][0]) + 1


def test_two_threads_change_their_places(notebook: dict[str, Any]) -> None:
    mutant = swapped_names(notebook, random.Random(0))
    assert mutant
    assert text(mutant.notebook).split("\n")[0].split()[2] == "reader"
    assert text(mutant.notebook).count("writer") == 1


def test_what_is_not_compared_is_not_changed(notebook: dict[str, Any]) -> None:
    notebook["cells"][0]["metadata"]["tags"] = ["nbval-ignore-output"]
    assert wrong_count(notebook, random.Random(0)) is None
    assert swapped_names(notebook, random.Random(0)) is None


def test_the_lesson_itself_stays_as_it_was(notebook: dict[str, Any]) -> None:
    for mutate in (denied_assertion, wrong_count, swapped_names):
        mutate(notebook, random.Random(0))
    assert text(notebook) == TEXT.splitlines(keepends=True)
    assert notebook["cells"][0]["source"] == "assert 1 + 1 == 2\nrun"
