"""Names of the standard library are replaced while a run lasts, for its threads, and put back after."""

# ruff: noqa: PT012  -- what raises is the block of a run, of several statements

from __future__ import annotations

import threading
import time
import types
from time import sleep as doze

import pytest
from steps import LIMIT, did

from tracing import record

ORIGINAL = types.SimpleNamespace(sleep=time.sleep)  # a global name would be replaced as well


def test_names_are_put_back_though_the_block_raises() -> None:
    with pytest.raises(KeyError), record():
        assert time.sleep is not ORIGINAL.sleep
        raise KeyError
    assert time.sleep is ORIGINAL.sleep
    assert doze is ORIGINAL.sleep


def test_a_name_bound_under_another_name_is_replaced_too() -> None:
    with record() as run:
        doze(0.001)
    assert did(run) == ["sleep 0.001 s", "woke"]


def test_runs_that_overlap_put_the_name_back_when_the_last_one_is_over() -> None:
    inside, leave = threading.Event(), threading.Event()
    seen: list[bool] = []

    def other() -> None:
        with record():
            inside.set()
            assert leave.wait(LIMIT)
            seen.append(time.sleep is not ORIGINAL.sleep)

    thread = threading.Thread(target=other)
    with record():
        thread.start()
        assert inside.wait(LIMIT)
    assert time.sleep is not ORIGINAL.sleep
    leave.set()
    thread.join()
    assert seen == [True]
    assert time.sleep is ORIGINAL.sleep


def test_a_name_that_the_program_replaces_meanwhile_is_its_own() -> None:
    def mine(seconds: float) -> None:
        pass

    with record():
        time.sleep = mine
    kept = time.sleep
    time.sleep = ORIGINAL.sleep
    assert kept is mine


def test_only_the_namespace_of_the_block_is_searched() -> None:
    other = types.ModuleType("other")
    other.nap = ORIGINAL.sleep  # type: ignore[attr-defined]
    with record():
        assert other.nap is ORIGINAL.sleep


def test_a_name_bound_during_the_block_may_outlive_it() -> None:
    with record():
        late = time.sleep
    assert late(0) is None
    with record() as run:
        late(0)
    assert did(run) == ["sleep 0 s", "woke"]
