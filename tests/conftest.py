"""What holds after each test."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from tracing.recorder.identity import OPEN


@pytest.fixture(autouse=True)
def no_record_stays_open() -> Iterator[None]:
    """It would keep each primitive that is made later in the same process, and make every run slower."""
    yield
    left = len(OPEN)
    OPEN.clear()
    assert not left, f"{left} records were not closed"


def pytest_collection_finish() -> None:
    """What is there by now stays: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
