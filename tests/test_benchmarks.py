"""The benchmarks run, and their table says what was measured. The numbers themselves are not tested."""

from __future__ import annotations

import pytest

from benchmarks.__main__ import PARTS, main
from benchmarks.locks import FLOORS, RECORDED, _out_of_reach
from benchmarks.measure import Goal, Row, percentile, ratio, rounds, table
from benchmarks.programs import four_threads
from benchmarks.traces import contended_log


def test_variants_take_turns_and_the_first_round_does_not_count():
    order = []

    def variant(name):
        order.append(name)
        return float(len(order))

    found = rounds({"a": lambda: variant("a"), "b": lambda: variant("b")}, 2)
    assert "".join(order) == "ababab"
    assert found == {"a": [3.0, 5.0], "b": [4.0, 6.0]}


def test_a_ratio_is_the_median_of_the_rounds_ratios_not_the_ratio_of_the_medians():
    assert ratio({"bare": [1.0, 2.0, 10.0], "traced": [3.0, 4.0, 10.0]}, "traced", "bare") == 2.0


def test_a_percentile_is_one_of_the_values():
    values = [float(value) for value in range(100, 0, -1)]
    assert (percentile(values, 0.5), percentile(values, 0.99), percentile([7.0], 0.99)) == (51.0, 100.0, 7.0)


def test_the_table_says_which_goals_are_not_met():
    rows = [
        Row(what="fast", number=10, unit="ns", ratio=2.0, goal=Goal(most=3)),
        Row(what="slow", number=10, unit="ns", ratio=3.5, goal=Goal(most=3)),
        Row(what="gain", number=0.5, unit="s", goal=Goal(least=2)),
        Row(what="unknown", number=None, unit="", goal=Goal(least=2)),
    ]
    lines = table(rows).splitlines()[1:]
    assert ["NOT MET" in line for line in lines] == [False, True, True, False]
    assert [line.split()[0] for line in lines] == ["fast", "slow", "gain", "unknown"]


@pytest.mark.parametrize(
    ("recorded", "floor", "note"), [(4.0, 3.0, ""), (6.0, 4.0, ""), (8.0, 6.0, "(nor does the floor)")]
)
def test_a_goal_that_is_missed_is_called_out_of_reach_only_where_the_floor_misses_it_too(
    recorded, floor, note
):
    found = {"bare": [1.0], FLOORS[RECORDED]: [floor], RECORDED: [recorded]}
    assert _out_of_reach(found, RECORDED, {RECORDED: Goal(most=5)}) == note
    assert _out_of_reach(found, RECORDED, {}) == ""


def test_the_synthetic_record_is_one_that_could_have_happened():
    log = contended_log(30_000)
    holder = 0
    for event in log:
        if event.kind.name == "ACQUIRED":
            assert holder == 0
            holder = event.thread
        elif event.kind.name == "RELEASED":
            assert holder == event.thread
            holder = 0
    assert list(log.times) == sorted(log.times)
    assert len(log) == 30_008


def test_the_measured_program_notices_a_lost_update():
    class NoLock:
        def __enter__(self):
            pass

        def __exit__(self, *_):
            pass

    class Twice:
        """Instead of a thread: its work done twice."""

        def __init__(self, target):
            self.target = target

        def start(self):
            self.target()
            self.target()

        def join(self):
            pass

    with pytest.raises(AssertionError, match="updates were lost"):
        four_threads(NoLock(), Twice, 10)


@pytest.mark.parametrize("part", PARTS)
def test_each_part_runs(part, capsys):
    main(["--quick", part])
    title, rows = capsys.readouterr().out.split("\n\n", 1)
    assert "processors" in title
    assert len(rows.splitlines()) > 3


def test_an_unknown_part_is_refused_by_name(capsys):
    with pytest.raises(SystemExit):
        main(["speed"])
    assert "there is no part 'speed': choose from pairs, " in capsys.readouterr().err
