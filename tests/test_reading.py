"""What a learner read from a timeline is understood in whichever form it was written down."""

from __future__ import annotations

import sys

import pytest

from course import Course

sys.path.insert(0, str(Course().notebooks))

from exercises.reading import is_near, not_one_of_each, said

NAMES = ("ann", "bob", "cho")


@pytest.mark.parametrize(
    "answer", [("bob", 4), ["Bob", 4.0], (4, "BOB"), "bob waited 4 s", {"who": "bob", "seconds": 4}, "bob: 4"]
)
def test_a_name_and_a_number_are_found_in_any_form(answer: object) -> None:
    who, numbers = said(answer, NAMES)
    assert (who, numbers) == (["bob"], [4.0])
    assert not list(not_one_of_each(NAMES, who, numbers, "seconds"))


def test_a_name_within_a_word_is_none() -> None:
    assert said("bobby 4", NAMES) == ([], [4.0])


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((), "no names and no numbers"),
        ("ann and bob, 3", "2 names and 1 number"),
        ("ann", "1 name and no numbers"),
    ],
)
def test_an_answer_that_has_too_much_or_too_little_is_told_what_it_has(answer: object, says: str) -> None:
    (problem,) = not_one_of_each(NAMES, *said(answer, NAMES), "meals")
    assert says in problem
    assert "Give one name (ann, bob or cho) and one number of meals." in problem


def test_a_time_that_is_read_a_little_beside_is_the_same() -> None:
    assert is_near(3.98, 4)
    assert not is_near(3.9, 4)
