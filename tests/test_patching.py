"""Names of the standard library are replaced while a run lasts, for its threads, and put back after."""

# ruff: noqa: PT012  -- what raises is the block of a run, of several statements

from __future__ import annotations

import importlib
import sys
import threading
import time
import types
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
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


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[types.ModuleType]:
    """A module of the program's own."""
    (tmp_path / "naps.py").write_text(
        "from time import sleep\nclass Bed:\n    nap = sleep\ndef rest(): sleep(0.001)\n"
        "def doze(sleep=sleep): sleep(0.001)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("naps")
    sys.modules.pop("naps", None)


def test_a_name_that_a_module_of_the_program_imported_is_replaced_too(helper: types.ModuleType) -> None:
    with record() as run:
        helper.rest()
    assert did(run) == ["sleep 0.001 s", "woke"]
    assert helper.sleep is ORIGINAL.sleep


def test_a_module_of_a_library_is_left_alone(
    helper: types.ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helper, "__file__", pytest.__file__)
    with record():
        assert helper.sleep is ORIGINAL.sleep


def test_a_main_module_without_a_file_is_the_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = types.ModuleType("__main__")
    cells.nap = ORIGINAL.sleep  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "__main__", cells)
    with record():
        assert cells.nap is time.sleep
    assert cells.nap is ORIGINAL.sleep


def test_a_default_argument_and_a_class_attribute_are_left_alone(helper: types.ModuleType) -> None:
    with record() as run:
        helper.doze()
        helper.Bed().nap(0.001)  # a function written in Python would be given the bed
    assert did(run) == []


def test_a_module_that_replaces_its_name_meanwhile_keeps_it(helper: types.ModuleType) -> None:
    with record():
        helper.sleep = len  # type: ignore[attr-defined]
    assert helper.sleep is len


def test_a_module_that_the_program_drops_meanwhile_gets_its_name_back(helper: types.ModuleType) -> None:
    with record():
        del sys.modules["naps"]
    assert helper.sleep is ORIGINAL.sleep


def test_a_name_that_the_program_deletes_meanwhile_stays_deleted(helper: types.ModuleType) -> None:
    with record():
        del helper.sleep
    assert not hasattr(helper, "sleep")


def test_names_are_replaced_where_an_exit_stack_enters_the_block() -> None:
    namespace = {"doze": doze, "ExitStack": ExitStack, "record": record}  # as of a notebook: in no file
    program = "with ExitStack() as stack:\n    run = stack.enter_context(record())\n    doze(0.001)\n"
    exec(program, namespace)
    assert did(namespace["run"]) == ["sleep 0.001 s", "woke"]  # type: ignore[arg-type]
    assert namespace["doze"] is ORIGINAL.sleep


def test_a_name_bound_during_the_block_may_outlive_it() -> None:
    with record():
        late = time.sleep
    assert late(0) is None
    with record() as run:
        late(0)
    assert did(run) == ["sleep 0 s", "woke"]
