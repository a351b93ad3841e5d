"""A run as pandas DataFrames."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from gallery import GALLERY
from test_page import one_waits

from tracing import Trace
from tracing.views.dataframes import DataFrames


@pytest.fixture
def frames(monkeypatch: pytest.MonkeyPatch) -> DataFrames:
    """As plain columns, so that pandas need not be there."""
    monkeypatch.setitem(sys.modules, "pandas", SimpleNamespace(DataFrame=lambda columns: columns))
    return one_waits().to_dataframe()


def rows(frame: Any) -> list[dict[str, Any]]:
    return [dict(zip(frame, row, strict=True)) for row in zip(*frame.values(), strict=True)]


def test_without_pandas_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="pip install pandas"):
        one_waits().to_dataframe()


def test_events_have_names_and_lines(frames: DataFrames) -> None:
    found = rows(frames.events)
    assert len(found) == len(one_waits())
    (acquired,) = (row for row in found if row["kind"] == "ACQUIRED" and row["thread"] == "ann")
    assert (acquired["object"], acquired["file"], acquired["function"]) == (
        "lock_a",
        "test_page.py",
        "one_waits.hold",
    )
    assert {row["arg"] for row in found if row["kind"] == "STARTED"} == {"ann", "bob"}


def test_a_wait_says_for_what_held_by_whom_how_long_and_how_it_ended(frames: DataFrames) -> None:
    (wait,) = (row for row in rows(frames.waits) if row["thread"] == "bob")
    assert (wait["waits_for"], wait["type"], wait["held_by"]) == ("lock_a", "Lock", "ann")
    assert (wait["end"] - wait["start"], wait["outcome"], wait["ended_by"]) == (2 * 10**9, "acquired", "ann")
    joins = [row for row in rows(frames.waits) if row["type"] == "Thread"]
    assert {row["waits_for"] for row in joins} <= {"ann", "bob"}


def test_spans_cover_each_thread_s_life_and_point_to_their_waits(frames: DataFrames) -> None:
    found, waits = rows(frames.spans), rows(frames.waits)
    for name in ("ann", "bob"):
        own = [row for row in found if row["thread"] == name]
        assert all(one["end"] == two["start"] for one, two in pairwise(own))
    waiting = [row for row in found if row["state"] == "waiting"]
    assert waiting
    assert all(waits[row["wait"]]["thread"] == row["thread"] for row in waiting)


@pytest.mark.skipif(not find_spec("pandas"), reason="pandas is not installed")
@pytest.mark.parametrize("name", sorted(GALLERY.keys() - {"dense"}))
def test_pandas_takes_every_kind_of_run(name: str) -> None:
    log = GALLERY[name]().log
    events, spans, waits = Trace(log).to_dataframe()
    assert len(events) == len(log)
    assert (spans["end"] >= spans["start"]).all()
    assert set(waits["outcome"]) <= {"open", *waits["outcome"]}
