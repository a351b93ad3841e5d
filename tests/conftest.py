"""What holds after each test."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from process import lasting_changes, state_of_process

from tracing.recorder.identity import OPEN

settings.register_profile("course", deadline=None)  # a slow machine is no fault
settings.register_profile("ci", deadline=None, derandomize=True, database=None)
# Where CI is set two runs of the same commit try the same; at home each run tries something new.
settings.load_profile("ci" if os.environ.get("CI") else "course")

LONG = (
    *("test_exercises.py", "test_scenarios.py", "test_lesson_programs.py", "test_scripting.py"),
    *("test_races.py", "test_unmodified_programs.py", "test_browser.py", "test_tweak.py", "test_explore.py"),
    *("test_command.py", "test_futures.py", "test_timeline.py", "test_ends.py", "test_browser_tweak.py"),
    *("test_simulating.py", "test_queue.py", "test_true_counts.py", "test_recording.py", "test_files.py"),
    *("test_deciding.py", "test_depths.py", "test_alternative.py", "test_alike.py"),
    *("test_dump.py", "test_browser_page.py"),
)
"""The files that take longest, by what they take."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those come first: a worker is handed a file at a time, and should not get a long one at the end."""
    place = {name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path.name, len(LONG)))


@pytest.fixture(autouse=True)
def _the_process_is_as_it_was() -> Iterator[None]:
    """A record that stays open would keep each primitive that is made later, and make every run slower."""
    before = state_of_process()
    yield
    changed = lasting_changes(before)
    OPEN.clear()
    assert not changed, "\n".join(changed)


@pytest.fixture
def outcomes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that ask a search for its outcomes and its failure alone: of the runs that pass it records
    the first, and no other to see whether something goes wrong there at a variable.
    """
    monkeypatch.setattr("tracing.exploring.exploring.LOOKING", 0.0)


@pytest.fixture(autouse=True, scope="module")
def _the_collector_looks_at_the_module_alone() -> None:
    """What is there by now stays (matplotlib, results of other modules): the collector need not look through
    it again and again. A full collection takes 0.2 s otherwise, and CPython's own tests ask for hundreds.
    """
    gc.collect()
    gc.freeze()
