"""What a learner read from a timeline is understood in whichever form it was written down."""

from __future__ import annotations

import sys

import pytest

from course import Course

sys.path.insert(0, str(Course().notebooks))

from exercises.reading import read

NAMES = ("ann", "bob", "phil-0")


@pytest.mark.parametrize(
    "answer", [("bob", 4), ["Bob", 4.0], (4, "BOB"), "bob waited 4 s", {"who": "bob", "seconds": 4}, "bob: 4"]
)
def test_a_name_and_a_number_are_found_in_any_form(answer: object) -> None:
    assert read(answer, NAMES).is_about("bob", 4)
    assert not list(read(answer, NAMES).problems("seconds"))


def test_a_number_within_a_name_is_no_number_of_its_own() -> None:
    assert read("phil-0 ate 3 times", NAMES).is_about("phil-0", 3)


def test_a_name_within_a_word_is_none() -> None:
    assert read("bobby 4", NAMES).names == ()


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((), "no names and no numbers"),
        ("ann and bob, 3", "2 names and 1 number"),
        ("ann", "1 name and no numbers"),
    ],
)
def test_an_answer_that_has_too_much_or_too_little_is_told_what_it_has(answer: object, says: str) -> None:
    (problem,) = read(answer, NAMES).problems("meals")
    assert says in str(problem)
    assert "Give one name (ann, bob or phil-0) and one number of meals." in str(problem)


def test_another_name_or_another_number_is_not_the_answer() -> None:
    assert not read(("bob", 4), NAMES).is_about("ann", 4)
    assert not read(("bob", 4), NAMES).is_about("bob", 5)
