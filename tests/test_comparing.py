"""Runs beside each other: what `compare` shows of them."""

from __future__ import annotations

import pytest

from tracing import Lock, Trace, compare, record, simulate, sleep


def run_of(title: str) -> Trace:
    with record(title=title) as run:
        lock_a = Lock()
        with lock_a:
            pass
    return run


def test_a_comparison_shows_each_run_on_one_axis_and_in_words() -> None:
    broken, fixed = run_of("Broken"), run_of("Fixed")
    both = compare(broken, fixed)
    upper, lower = both.figure().axes
    assert upper.get_xlim() == lower.get_xlim()
    assert (upper.get_title(loc="left"), lower.get_title(loc="left")) == ("Broken", "Fixed")
    bundle = both._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert bundle["text/plain"] == f"{broken.text()}\n\n{fixed.text()}" == repr(both)


def test_a_comparison_of_nothing_says_what_to_give_it() -> None:
    with pytest.raises(ValueError, match=r"compare\(broken, fixed\)"):
        compare()


def test_a_run_that_hangs_at_once_above_a_long_one_is_marked_only_at_its_beginning() -> None:
    with simulate() as stuck:
        lock_a = Lock()
        lock_a.acquire()
        lock_a.acquire()
    with simulate() as long:
        sleep(2)
    upper, lower = compare(stuck, long).figure().axes
    assert [label.get_text() for label in upper.get_xticklabels()] == ["0"]
    assert len(lower.get_xticklabels()) > 2
