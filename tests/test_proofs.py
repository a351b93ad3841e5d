"""`proved` prints what is so behind a ✓, and stops at what is not."""

from __future__ import annotations

import sys

import pytest

from course import Course

sys.path.insert(0, str(Course().notebooks))

from exercises.proofs import Disproved, proved


def test_what_is_so_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    proved("nobody waited", True)
    proved("one deadlock was found", ["a finding"])
    proved("ann held lock_a", by=["bob held lock_a", "ann held lock_a"])
    assert capsys.readouterr().out.splitlines() == [
        "✓ nobody waited",
        "✓ one deadlock was found",
        "✓ ann held lock_a",
    ]


@pytest.mark.parametrize("fact", [False, (), [], None, 0])
def test_what_is_not_so_stops_the_cell(fact: object, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Disproved, match=r"^✗ nobody waited\."):
        proved("nobody waited", fact)
    assert capsys.readouterr().out == ""


def test_what_the_record_does_not_say_is_told_with_what_it_says() -> None:
    with pytest.raises(Disproved, match=r"^✗ ann held lock_a\. The record says: bob held lock_a\.$"):
        proved("ann held lock_a", by=["bob held lock_a"])
    with pytest.raises(Disproved, match=r"The record says: no such thing"):
        proved("ann held lock_a", by=[])


def test_a_claim_without_a_fact_is_not_proved() -> None:
    with pytest.raises(Disproved):
        proved("the sun is cold")
