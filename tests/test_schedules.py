"""Schedules and strategies: which thread they pick, alone and in whole runs."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tracing import Thread, simulate, sleep
from tracing.runtime.schedules import (
    DepthFirst,
    Diverged,
    Replay,
    RoundRobin,
    Schedule,
    SeededRandom,
    Stay,
    Strategy,
)


@dataclass
class Option:
    number: int
    next: tuple[int, int, bool] = (0, 0, True)


@dataclass
class Choice:
    index: int
    enabled: list[Option]
    current: Option | None
    default: Option
    trail: list[tuple[int, tuple[int, int, bool]]] = field(default_factory=list)


def choices(strategy: Strategy, count: int, *, threads: int = 3, run: int = 0) -> list[int]:
    """What a strategy picks at `count` points at which all threads can go on."""
    options = [Option(number) for number in range(1, threads + 1)]
    strategy.begin(run)
    current, picked = options[0], []
    for index in range(count):
        current = strategy.pick(Choice(index, options, current, current))
        picked.append(current.number)
    return picked


def test_stay_stays() -> None:
    assert choices(Stay(), 4) == [1, 1, 1, 1]


def test_round_robin_takes_each_in_turn() -> None:
    assert choices(RoundRobin(), 5) == [1, 2, 3, 1, 2]


def test_round_robin_begins_anew_with_each_run() -> None:
    strategy = RoundRobin()
    assert choices(strategy, 2) == choices(strategy, 2)


def test_a_seed_gives_the_same_choices_on_every_version() -> None:
    assert choices(SeededRandom(3), 12) == [2, 3, 2, 1, 2, 1, 1, 2, 3, 3, 2, 1]


def test_the_runs_of_a_seed_differ_from_each_other_and_can_be_had_again() -> None:
    strategy = SeededRandom(3)
    first, second = choices(strategy, 30, run=0), choices(strategy, 30, run=1)
    assert first != second
    assert choices(strategy, 30, run=0) == first


def test_random_takes_every_thread() -> None:
    assert set(choices(SeededRandom(0), 50)) == {1, 2, 3}


def test_replay_takes_the_default_but_where_the_schedule_says() -> None:
    assert choices(Replay(Schedule({1: 3, 3: 1})), 5) == [1, 3, 3, 1, 1]


def test_replay_says_which_choices_could_not_be_had() -> None:
    strategy = Replay(Schedule({0: 1, 2: 9}))
    assert choices(strategy, 4) == [1, 1, 1, 1]
    assert strategy.missed == [2]


def run_all(bound: int, points: int, threads: int) -> list[list[int]]:
    strategy = DepthFirst(bound)
    found = [choices(strategy, points, threads=threads)]
    while strategy.advance():
        found.append(choices(strategy, points, threads=threads))
    return found


@pytest.mark.parametrize(("bound", "expected"), [(0, 1), (1, 1 + 3), (2, 1 + 3 + 3), (3, 8)])
def test_depth_first_takes_each_schedule_within_its_bound_once(bound: int, expected: int) -> None:
    """Two threads that can always go on, three points: all ways to switch at most `bound` times."""
    found = run_all(bound, 3, 2)
    assert len(found) == len({tuple(each) for each in found}) == expected


def test_depth_first_begins_with_the_default() -> None:
    assert run_all(2, 3, 2)[0] == [1, 1, 1]


def test_a_switch_away_from_a_thread_that_cannot_go_on_is_no_preemption() -> None:
    strategy = DepthFirst(0)
    options = [Option(2), Option(3)]
    strategy.begin(0)
    assert strategy.pick(Choice(0, options, None, options[0])).number == 2
    assert strategy.advance()
    strategy.begin(1)
    assert strategy.pick(Choice(0, options, None, options[0])).number == 3
    assert not strategy.advance()


def test_depth_first_says_where_a_run_does_not_repeat_itself() -> None:
    strategy = DepthFirst(1)
    choices(strategy, 2, threads=2)
    strategy.advance()
    with pytest.raises(Diverged, match="choice 1: thread 2 could go on before"):
        choices(strategy, 2, threads=1)


@pytest.mark.parametrize("text", ["", "3:2", "0:1 12:2 150:11"])
def test_a_schedule_prints_as_it_is_written(text: str) -> None:
    assert str(Schedule(text)) == text
    assert eval(repr(Schedule(text))) == Schedule(text)


def test_schedules_are_mappings_in_order_of_their_choices() -> None:
    schedule = Schedule({12: 2, 3: 1})
    assert list(schedule.items()) == [(3, 1), (12, 2)]
    assert schedule == {3: 1, 12: 2}
    assert hash(schedule) == hash(Schedule("3:1 12:2"))


@pytest.mark.parametrize("bad", ["x", "3", "3:2:1", "3:", "-1:2", "3:0", {0: "a"}, {-1: 1}])
def test_what_is_no_schedule_is_refused_in_a_sentence(bad: object) -> None:
    with pytest.raises(ValueError, match="is no schedule"):
        Schedule(bad)  # type: ignore[arg-type]


def order_of(strategy: Strategy) -> tuple[list[str], str]:
    """In which order three threads sleep nothing twice, and the schedule of that."""
    done: list[str] = []

    def work(name: str) -> None:
        for _ in range(2):
            done.append(name)
            sleep(0.001)

    with simulate(strategy=strategy) as run:
        for name in "abc":
            Thread(target=work, args=(name,)).start()
    assert run.log.ending.reason == "done"
    return done, run.log.schedule


def test_the_schedule_of_a_run_gives_the_same_run_again() -> None:
    from tracing.runtime.simulated import Simulated

    schedules: list[Schedule] = []

    class Kept(SeededRandom):
        def pick(self, choice: Simulated) -> Option:  # type: ignore[override]
            self.choice = choice
            return super().pick(choice)  # type: ignore[return-value, arg-type]

    for seed in range(5):
        strategy = Kept(seed)
        done, _ = order_of(strategy)
        schedule = strategy.choice.schedule
        replay = Replay(schedule)
        assert order_of(replay)[0] == done
        assert replay.missed == []
        schedules.append(schedule)
    assert len(set(schedules)) > 1


def test_all_points_are_asked_for_with_what_was_done() -> None:
    class Asks(Stay):
        all_points = True

        def __init__(self) -> None:
            self.trails: list[list[int]] = []

        def pick(self, choice: Choice) -> Option:  # type: ignore[override]
            self.choice = choice
            self.trails.append([number for number, _ in choice.trail])
            return choice.default

    strategy = Asks()
    with simulate(strategy=strategy):
        thread = Thread(target=sleep, args=(1,))
        thread.start()
        thread.join()
    assert strategy.choice.index == 1  # both can go on when 1 comes to the join, and nowhere else
    # start, join by 1; 2 begins and sleeps; the end of 2 belongs to what it did last
    assert strategy.trails == [[], [1], [1], [2], [2], [2, 2]]
