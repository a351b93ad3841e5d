"""What holds after each test."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from process import lasting_changes, state_of_process

from tracing.recorder.identity import OPEN


@pytest.fixture(autouse=True)
def _the_process_is_as_it_was() -> Iterator[None]:
    """A record that stays open would keep each primitive that is made later, and make every run slower."""
    before = state_of_process()
    yield
    changed = lasting_changes(before)
    OPEN.clear()
    assert not changed, "\n".join(changed)


def pytest_collection_finish() -> None:
    """What is there by now stays: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
