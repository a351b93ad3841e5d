"""Runs beside each other: what `compare` shows of them."""

from __future__ import annotations

import pytest

from tracing import Lock, Trace, compare, record


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
