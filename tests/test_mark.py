"""`mark`: what the program itself says of a moment, a stretch or a number."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from logs import LogBuilder
from steps import did
from test_density import assert_agrees

from tracing import (
    Lock,
    Thread,
    Trace,
    explore,
    mark,
    open_trace,
    record,
    replay,
    run_script,
    simulate,
    sleep,
)
from tracing.events import Kind
from tracing.model import Block, density, fold


def cooking(*, fail: bool = False) -> None:
    mark("looks")
    with mark("cooking"):
        mark("shelf", value=3)
        if fail:
            raise ValueError("burnt")


def blocks(run: Trace) -> list[tuple[str, bool, bool]]:
    return [(each.name, each.raised, each.open) for each in run.model.blocks]


@pytest.mark.parametrize("kind", [record, simulate])
def test_an_instant_a_block_and_a_number_are_on_the_record(kind: Callable[[], Any]) -> None:
    with kind() as run:
        cooking()
    told = ["note looks", "band_began cooking", "value shelf = 3", "band_ended cooking"]
    assert did(run) == told
    assert [each.text for each in run.model.marks] == ["looks"]
    assert blocks(run) == [("cooking", False, False)]
    (series,) = run.model.series
    assert (series.name, [each.value for each in series.readings]) == ("shelf", [3])


def test_the_line_of_each_mark_is_the_programs_own() -> None:
    with simulate() as run:
        cooking()
    first = cooking.__code__.co_firstlineno
    lines = {event.kind: run.log.site(event.site) for event in run}
    assert [lines[kind].line - first for kind in (Kind.NOTE, Kind.BAND_BEGAN, Kind.VALUE)] == [1, 2, 3]  # type: ignore[union-attr]


def test_outside_a_run_nothing_is_done_and_nothing_looked_at() -> None:
    cooking()
    not_asked: Any = object()
    with mark(not_asked):
        pass
    mark("x", value=not_asked)


def test_a_block_that_an_exception_leaves_says_so_and_lets_it_through() -> None:
    with pytest.raises(ValueError, match="burnt"), simulate() as run:
        cooking(fail=True)
    assert blocks(run) == [("cooking", True, False)]
    assert "leaves by an exception: cooking" in run.text()


def test_a_mark_that_is_never_entered_is_an_instant() -> None:
    with simulate() as run:
        entered = mark("made")
        sleep(1)
    assert did(run)[0] == "note made"
    assert blocks(run) == []
    with entered:  # no run is there any more
        pass


def test_a_mark_entered_later_is_an_instant_and_then_a_block() -> None:
    with simulate() as run:
        later = mark("x")
        mark("y")
        with later:
            pass
    assert did(run) == ["note x", "note y", "band_began x", "band_ended x"]


def test_a_block_that_lasts_at_the_end_of_the_record_is_open() -> None:
    with simulate() as run:
        mark("a").__enter__()
    assert blocks(run) == [("a", False, True)]


def test_a_block_within_one_of_the_same_name_ends_first() -> None:
    with simulate() as run, mark("a"):
        sleep(1)
        with mark("a"):
            sleep(1)
        sleep(1)
    outer, inner = run.model.blocks
    assert outer.start < inner.start < inner.end < outer.end


def test_a_thread_of_a_run_that_was_ended_leaves_its_block_in_silence() -> None:
    def stuck() -> None:
        with mark("waiting"), lock:
            pass

    lock = Lock()
    with simulate() as run:
        lock.acquire()
        Thread(target=stuck).start()
    assert run.log.ending.reason == "hung"
    assert blocks(run) == [("waiting", False, True)]


BAD: Any = [
    (lambda: mark(5), TypeError, 'mark() got 5: give it a text, as in mark("cooking").'),  # type: ignore[call-overload]
    (
        lambda: mark("x", value="3"),
        TypeError,
        "mark('x', value='3'): a number is expected, or no value at all.",
    ),  # type: ignore[call-overload]
    (
        lambda: mark("x", value=float("nan")),
        ValueError,
        "mark('x'): its value is not finite; give it one that is, or none.",
    ),
    (
        lambda: mark("x", value=10**400),
        ValueError,
        "mark('x'): its value is not finite; give it one that is, or none.",
    ),
]


@pytest.mark.parametrize(("bad", "error", "says"), BAD)
def test_what_cannot_be_marked_is_refused_in_one_sentence(
    bad: Callable[[], object], error: type[Exception], says: str
) -> None:
    with simulate() as run, pytest.raises(error) as caught:
        bad()
    assert str(caught.value) == says
    assert did(run) == []


@settings(deadline=None, max_examples=50)
@given(
    st.text(max_size=20),
    st.lists(st.integers(-(2**62), 2**62) | st.floats(allow_nan=False, allow_infinity=False) | st.booleans()),
)
def test_a_number_comes_out_of_the_record_as_it_went_in(name: str, values: list[Any]) -> None:
    with simulate() as run:
        for value in values:
            mark(name, value=value)
    found = [each for series in run.model.series for each in series.readings]
    assert [each.value for each in found] == values
    assert {series.name for series in run.model.series} <= {name}


def test_what_counts_as_a_number_is_kept_as_the_nearest_that_a_record_holds() -> None:
    with simulate() as run:
        mark("x", value=Fraction(1, 2))  # type: ignore[call-overload]
        mark("x", value=2**70)
    assert [each.value for each in run.model.series[0].readings] == [0.5, 2.0**70]


# A mark is no step


def lost() -> int:
    """Two threads, an update that can be lost."""
    shared = [0]

    def deposit() -> None:
        with lock:
            before = shared[0]
        with lock:
            shared[0] = before + 1

    lock = Lock()
    threads = [Thread(target=deposit) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return shared[0]


def lost_with_marks() -> int:
    shared = [0]

    def deposit() -> None:
        mark("begins")
        with lock, mark("reading"):
            before = shared[0]
        mark("before", value=before)
        with lock, mark("writing"):
            shared[0] = before + 1

    lock = Lock()
    threads = [Thread(target=deposit) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    mark("shared", value=shared[0])
    return shared[0]


def test_a_search_tries_as_many_schedules_with_marks_as_without() -> None:
    without, marked = explore(lost), explore(lost_with_marks)
    assert marked.schedules == without.schedules
    assert marked.coverage == without.coverage
    assert [(each.text, each.count, each.schedule) for each in marked.outcomes] == [
        (each.text, each.count, each.schedule) for each in without.outcomes
    ]


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 1000))
def test_a_schedule_means_the_same_with_marks_and_without(seed: int) -> None:
    with simulate(seed=seed) as without:
        lost()
    with simulate(seed=seed) as marked:
        lost_with_marks()
    others = [(event.time, event.thread, event.kind) for event in marked if not is_mark(event.kind)]
    assert others == [(event.time, event.thread, event.kind) for event in without]


def is_mark(kind: Kind) -> bool:
    return kind in (Kind.NOTE, Kind.BAND_BEGAN, Kind.BAND_ENDED, Kind.VALUE)


def test_what_a_search_shows_has_the_marks() -> None:
    failing = replay(lost_with_marks, explore(lost_with_marks).outcomes[-1].schedule)
    assert [series.name for series in failing.model.series] == ["before", "shared"]


# In files and elsewhere


def test_a_file_keeps_the_marks(tmp_path: Path) -> None:
    with simulate() as run:
        cooking()
    run.save(tmp_path / "run.jsonl")
    assert open_trace(tmp_path / "run.jsonl").model == run.model


def test_perfetto_gets_an_instant_a_slice_and_a_counter(tmp_path: Path) -> None:
    with simulate() as run:
        cooking()
    run.to_perfetto(tmp_path / "run.json")
    entries = json.loads((tmp_path / "run.json").read_text())["traceEvents"]
    found = {(entry["ph"], entry["name"]) for entry in entries}
    assert {("i", "looks"), ("X", "cooking"), ("C", "shelf")} <= found
    assert ("C", {"value": 3}) in [(entry["ph"], entry["args"]) for entry in entries]


def test_a_program_that_run_script_runs_marks_as_any_other(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("from tracing import mark\nwith mark('cooking'):\n    mark('shelf', value=1)\n")
    run = run_script(program)
    assert blocks(run) == [("cooking", False, False)]
    assert [each.value for series in run.model.series for each in series.readings] == [1]


def test_a_program_that_marks_runs_by_itself(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("from tracing import mark\nwith mark('cooking'):\n    print(mark('shelf', value=1))\n")
    done = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, check=True, cwd=Path.cwd(), env=None
    )
    assert done.stdout == "None\n"


# Odd files


KINDS = [Kind.BAND_BEGAN, Kind.BAND_ENDED, Kind.BAND_LEFT, Kind.VALUE]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(KINDS), st.integers(1, 3), st.sampled_from(["a", "b", "a = 1", " = ", "b = x"])
        )
    )
)
def test_marks_in_any_order_change_nothing_else_and_every_block_is_of_its_thread(
    deeds: list[tuple[Kind, int, str]],
) -> None:
    log = LogBuilder()
    for name in ("x", "y", "z"):
        log.thread(name)
    for kind, thread, text in deeds:
        log.at(log.now + 1).add(kind, thread, 0, log.text(text))
    model = fold(log.build())
    assert all(1 <= block.start <= block.end <= model.duration for block in model.blocks)
    assert len(model.blocks) == sum(kind is Kind.BAND_BEGAN for kind, _, _ in deeds)
    assert [block.start for block in model.blocks] == sorted(block.start for block in model.blocks)
    assert all(
        isinstance(block, Block) and log.times[block.start - 1] == block.start for block in model.blocks
    )
    assert_agrees(log.build(), model, density(log.build(), bins=5))
