"""The exercises: a right answer passes, a known wrong one fails and is told what to do next."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
sys.path.insert(0, str(NOTEBOOKS))  # a kernel's folder is the notebook's: so are its imports

from exercises import lock, lock_answers  # noqa: E402
from exercises.answer import Answer  # noqa: E402

Check = Callable[[Callable[..., object]], Answer]
RIGHT = [(name, right) for name, answers in lock_answers.RIGHT.items() for right in answers]
WRONG = [(name, wrong, says) for name, some in lock_answers.WRONG.items() for wrong, says in some.items()]


def check(name: str) -> Check:
    found: Check = getattr(lock, name)
    return found


@pytest.mark.parametrize(("name", "right"), RIGHT, ids=lambda each: getattr(each, "__name__", ""))
def test_a_right_answer_passes(name: str, right: Callable[..., object]) -> None:
    answer = check(name)(right)
    assert answer.right, answer.says
    assert str(answer).startswith("✓")


@pytest.mark.parametrize(("name", "wrong", "says"), WRONG, ids=lambda each: getattr(each, "__name__", ""))
def test_a_wrong_answer_is_told_what_to_do(name: str, wrong: Callable[..., object], says: str) -> None:
    answer = check(name)(wrong)
    assert not answer.right
    assert says in answer.says
    assert answer.run.log.objects or answer.run.log.threads


def cells(kind: str) -> list[str]:
    notebook = json.loads((NOTEBOOKS / "04_lock.ipynb").read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == kind]


def solutions() -> Iterator[tuple[str, str]]:
    """The exercises of the notebook: the stub with the call of its check, and the solution beside it."""
    stubs = [source for source in cells("code") if re.search(r"^check_\w+\(\w+\)$", source, re.MULTILINE)]
    folded = [match for text in cells("markdown") for match in _solutions_in(text)]
    return zip(stubs, folded, strict=True)


def _solutions_in(text: str) -> list[str]:
    pattern = r"<details>\s*<summary>Solution[^\n]*</summary>(?:(?!</details>).)*?```python\n(.*?)```"
    return re.findall(pattern, text, re.DOTALL)


def test_each_exercise_has_a_stub_a_hint_and_a_solution() -> None:
    assert len(list(solutions())) == len(lock_answers.RIGHT)
    assert sum(text.count("<summary>Hint") for text in cells("markdown")) == len(lock_answers.RIGHT)


@pytest.mark.parametrize("number", range(len(lock_answers.RIGHT)))
def test_the_folded_solution_passes_where_the_stub_does_not(number: int) -> None:
    stub, solution = list(solutions())[number]
    *_, name, function = re.findall(r"^(check_\w+)\((\w+)\)$", stub, re.MULTILINE)[0]
    answers = {}
    for title, source in (("stub", stub), ("solution", solution)):
        names: dict[str, Callable[..., object]] = {}
        exec(compile(re.sub(r"(?m)^(check_\w+\(.*|from .*)$", "", source), f"<{title}>", "exec"), names)
        answers[title] = check(name)(names[function])
    assert not answers["stub"].right
    assert answers["solution"].right, answers["solution"].says
