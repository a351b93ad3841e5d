"""A run with a column for each thread: what fits into a terminal and into the issue of a bug tracker."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from logs import LogBuilder
from programs import Program
from scenarios import races
from test_turns import programs

from tracing import Lock, Thread, Trace, explore, record, simulate
from tracing.model import fold
from tracing.views.text import columns_of, text_in_columns


def two() -> None:
    lock = Lock()

    def work() -> None:
        with lock:
            pass

    threads = [Thread(target=work, name=name) for name in ("ann", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_each_thread_has_a_column_each_event_a_row_and_each_switch_a_rule() -> None:
    with simulate(schedule="1:2") as run:
        two()
    line = two.__code__.co_firstlineno
    head, rule, *rows = run.text(columns=True, width=80).splitlines()[1:]
    assert head.split(" | ")[0] == "step"
    assert [name.strip() for name in head.split(" | ")[1:]] == ["MainThread", "ann", "bob"]
    assert set(rule) == {"=", "+"}
    cells = [[cell.strip() for cell in row.split("|")] for row in rows if "+" not in row]
    assert cells[2][:2] == ["0", f"starts bob (line {line + 9})"]
    assert cells[3][:3] == ["1", "", "begins"]
    assert cells[4][2] == "acquires lock"  # its line has no room beside it, and stands below
    assert next(place for place, row in enumerate(rows) if "+" in row) == 3


def test_in_columns_as_in_lines_the_findings_and_the_end_are_told() -> None:
    with simulate() as run:
        Lock().acquire()
        (lock := Lock()).acquire()
        lock.acquire()
    assert "Findings:" in run.text(columns=True).splitlines()


def test_on_the_real_clock_the_rows_have_times_and_the_order_of_this_run() -> None:
    with record() as run:
        two()
    head, _, first = run.text(columns=True).splitlines()[1:4]
    assert head.split(" | ")[0].strip() == "time"
    assert "begins" in first or "starts" in first


@settings(deadline=None, max_examples=40)
@given(programs, st.integers(40, 120))
def test_no_line_is_wider_than_asked_for_and_all_columns_stand_in_line(run: Trace, width: int) -> None:
    lines = columns_of(run.log, run.model, width=width, last=False)
    table = [line for line in lines if " | " in line or "+" in line]
    assert max(map(len, table)) <= width
    rules = {line for line in table if "+" in line}
    assert {tuple(place for place, sign in enumerate(rule) if sign == "+") for rule in rules} == {
        tuple(place for place, sign in enumerate(table[1]) if sign == "+")
    }
    assert all(line[table[1].index("+")] == "|" for line in table if line not in rules)


@settings(deadline=None, max_examples=40)
@given(programs)
def test_there_are_as_many_rules_as_another_thread_goes_on(run: Trace) -> None:
    lines = columns_of(run.log, run.model, last=False)
    who = [event.thread for event in run][:60]
    switches = sum(one != other for one, other in pairwise(who))
    assert sum(set(line) == {"-", "+"} for line in lines) == switches


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32), st.integers(40, 100))
def test_any_run_fits_whatever_happens_in_it(seed: int, width: int) -> None:
    log = Program(seed).run()
    lines = text_in_columns(log, fold(log), width=width).splitlines()[1:]
    assert max(len(line) for line in lines if " | " in line or "+" in line) <= width


def many(names: list[str]) -> LogBuilder:
    log = LogBuilder(clock="real")
    main = log.thread("main")
    for number, name in enumerate(names):
        child = log.thread(name, parent=main)
        log.at(number).started(main, child).began(child, main)
    return log


def test_threads_that_have_no_room_share_the_last_column_and_are_named_there() -> None:
    log = many([f"worker-{number}" for number in range(9)]).build()
    *lines, note = columns_of(log, fold(log), width=100)
    assert note == "The last column is shared by worker-2, worker-3, worker-4 and 4 more."
    assert lines[0].split(" | ")[-1] == "others"
    assert any("worker-8 begins" in line for line in lines)


def test_a_long_name_is_cut_and_the_last_line_says_whose() -> None:
    log = many(["a-thread-with-a-very-long-name-indeed"]).build()
    lines = columns_of(log, fold(log), width=60)
    assert "…" in lines[0]
    assert lines[-1] == "Names cut to fit: a-thread-with-a-very-long-name-indeed."


def test_of_a_long_run_the_first_rows_are_told_and_the_rest_is_counted() -> None:
    log = LogBuilder()
    main, lock = log.thread(), log.lock()
    for _ in range(40):
        log.acquired(main, lock).released(main, lock)
    built = log.build()
    assert columns_of(built, fold(built), last=False)[-1] == "… and 20 more events"
    assert columns_of(built, fold(built))[0] == "… 20 events before"


def test_names_are_data() -> None:
    log = many(["one\ntwo | three"]).build()
    assert all("\n" not in line for line in columns_of(log, fold(log)))


@pytest.mark.parametrize("width", [39, 0, -5, "wide", 50.0, True])
def test_a_width_that_is_none_is_one_clear_error(width: Any) -> None:
    with simulate() as run:
        pass
    with pytest.raises(ValueError, match=r"text\(\) got width=.*: columns need a whole number from 40 on\."):
        run.text(columns=True, width=width)


def test_an_empty_run_has_no_rows() -> None:
    empty = LogBuilder().build()
    assert columns_of(empty, fold(empty)) == ["time", "===="]


def test_what_explore_reports_has_the_failing_run_in_columns() -> None:
    lines = explore(races.lost_update, grain="bytecode").text().splitlines()
    at = lines.index("The run that fails:")
    assert [name.strip() for name in lines[at + 1].split(" | ")] == ["step", "MainThread", "ann", "bob"]
    reads = [line.split("|") for line in lines[at:] if "reads counter = 0" in line]
    assert [(cells[0].strip(), len(cells)) for cells in reads] == [("8", 4), ("10", 4)]
    assert max(map(len, lines)) <= 96
