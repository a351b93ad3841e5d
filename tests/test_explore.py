"""explore() and replay(): every schedule that matters, the one that breaks the program, and honest words."""

from __future__ import annotations

import itertools
import random
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenarios import SCENARIOS, Scenario, hangs, races, signals

from tracing import (
    Condition,
    Event,
    Exploration,
    ExploreError,
    Lock,
    RLock,
    ScriptError,
    Semaphore,
    Thread,
    explore,
    replay,
    run_script,
    simulate,
    sleep,
)
from tracing.exploring.executing import Executor
from tracing.exploring.programs import Program
from tracing.exploring.searching import Search
from tracing.runtime.preemption import Watch
from tracing.runtime.schedules import DepthFirst

named = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)


# -- the seven -----------------------------------------------------------------------------------------------


@cache
def explored(scenario: Scenario) -> Exploration:
    """What is found in its broken program: several tests look at the same search."""
    return explore(scenario.broken, grain=scenario.grain)


@named
def test_the_broken_program_is_found_to_fail_as_it_does(scenario: Scenario) -> None:
    found = explored(scenario)
    assert found.failure is not None
    assert found.failure.kind == scenario.kind


@named
def test_a_failing_schedule_has_no_more_preemptions_than_it_needs(scenario: Scenario) -> None:
    found = explored(scenario)
    assert found.failure is not None
    assert found.failure.preemptions == (0 if scenario.name == "lost signal" else 1)


@named
def test_a_failing_schedule_has_no_choice_that_can_be_left_out(scenario: Scenario) -> None:
    found = explored(scenario)
    assert found.failure is not None
    choices = dict(found.failure.schedule)
    for index in choices:
        fewer = {each: thread for each, thread in choices.items() if each != index}
        with Executor(
            Program.of(scenario.broken), watch=Watch(points=scenario.grain != "sync", notes=False)
        ) as runs:
            assert runs.run(_replaying(fewer)).kind != scenario.kind


def _replaying(choices: dict[int, int]) -> object:
    from tracing.runtime.schedules import Replay, Schedule

    return Replay(Schedule(choices))


@named
def test_the_corrected_program_never_fails_whatever_the_schedule(scenario: Scenario) -> None:
    found = explore(scenario.fixed)
    assert found.failure is None
    assert found.exhausted
    assert found.coverage.everything


@named
def test_the_failing_run_pasted_into_replay_is_the_same_run(scenario: Scenario) -> None:
    found = explored(scenario)
    assert found.failure is not None
    again = replay(scenario.broken, str(found.failure.schedule), grain=scenario.grain)
    first = found.failure.trace.text().splitlines()
    assert again.text().splitlines()[1:] == first[1:]  # the first line has the title
    assert again.findings[0].sentence == found.failure.trace.findings[0].sentence


@named
def test_an_exploration_is_told_in_the_same_words_each_time(scenario: Scenario) -> None:
    assert explore(scenario.broken).text() == explore(scenario.broken).text()


def test_the_words_are_the_same_on_every_version_of_python() -> None:
    assert explore(hangs.opposite_orders).text().splitlines()[:8] == [
        "opposite_orders fails: hung (deadlock), with 1 preemption.",
        "",
        "Every schedule was tried, or differs only in the order of independent steps: 3 runs.",
        "",
        "Outcomes:",
        "        1 × hung",
        "        2 × returned None",
        "",
    ]
    assert explore(hangs.polite_philosophers).schedules == 47


# -- outcomes ------------------------------------------------------------------------------------------------


def two_writers() -> str:
    """Who writes last?"""
    lock, words = Lock(), []

    def write(word: str) -> None:
        with lock:
            words.append(word)

    threads = [Thread(target=write, args=(word,)) for word in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return "".join(words)


def test_every_outcome_is_given_with_a_schedule_that_leads_to_it() -> None:
    found = explore(two_writers)
    assert {(each.kind, each.text) for each in found.outcomes} == {("returned", "'ab'"), ("returned", "'ba'")}
    with Executor(Program.of(two_writers)) as runs:
        for outcome in found.outcomes:
            assert runs.run(_replaying(dict(outcome.schedule))).text == outcome.text


def test_the_outcomes_are_counted_by_runs() -> None:
    found = explore(two_writers)
    assert sum(each.count for each in found.outcomes) == found.schedules


def test_failures_stand_before_what_returns() -> None:
    found = explore(races.check_then_act)
    assert [each.failed for each in found.outcomes] == [True, False]


def test_what_leaves_a_thread_is_a_failure_that_names_the_thread() -> None:
    def program() -> None:
        thread = Thread(target=lambda: 1 / 0, name="divider")
        thread.start()
        thread.join()

    found = explore(program)
    assert found.failure is not None
    assert found.failure.text == "ZeroDivisionError: division by zero (in divider)"


def test_a_program_without_end_is_a_livelock() -> None:
    def program() -> None:
        lock = Lock()
        while True:
            with lock:
                pass

    found = explore(program, schedules=1, max_steps=200)
    assert [each.kind for each in found.outcomes] == ["livelock"]
    assert found.failure is not None  # and its record ends where the search gave up
    assert found.failure.trace.log.ending.detail == found.failure.text == "no end after 200 steps"


def test_a_spinning_thread_gives_way_so_that_what_it_waits_for_can_come() -> None:
    def program() -> str:
        ready = Event()
        thread = Thread(target=ready.set)
        thread.start()
        while not ready.is_set():
            pass
        return "seen"

    found = explore(program, schedules=30)  # of which there is no end: it may spin any number of times
    assert [str(each) for each in found.outcomes] == ["returned 'seen'"]


def test_objects_without_a_name_are_one_outcome_not_many() -> None:
    found = explore(object)
    assert len(found.outcomes) == 1


# -- pruning -------------------------------------------------------------------------------------------------


def outcomes(program: Callable[[], object], search: Search | DepthFirst, limit: int) -> set[str] | None:
    """All outcomes of a search; None where it is longer than that."""
    watch = Watch(points=False, notes=True) if isinstance(search, Search) else None
    found = set()
    with Executor(Program.of(program), watch=watch, max_steps=2_000) as runs:
        for _ in range(limit):
            result = runs.run(search)
            found.add(f"{result.kind} {result.text}")
            if not search.advance():
                return found
    return None


class Machine:
    """What the threads of a random program work on: one method for each operation."""

    def __init__(self) -> None:
        self.first, self.second = Lock(), RLock()
        self.permits, self.flag, self.news = Semaphore(1), Event(), Condition()
        self.number = 0
        self.items = [1]

    def both(self) -> None:
        with self.first, self.second:
            self.number = self.number * 2 + 1

    def crosswise(self) -> None:
        with self.second, self.first:
            self.number *= 3

    def surely(self) -> bool:
        with self.first:
            held = self.first.locked() and not self.first.acquire(blocking=False)
            self.number = self.number * 2 + 3
            return held

    def attempt(self) -> bool:
        got = self.first.acquire(blocking=False)
        if got:
            self.number += 5
            self.first.release()
        return got

    def hasty(self) -> bool:
        got = self.first.acquire(timeout=0.01)
        if got:
            sleep(0.02)
            self.first.release()
        return got

    def careless(self) -> None:
        seen = self.number
        with self.second:
            pass
        self.number = seen + 1

    def look(self) -> int:
        return self.number

    def take(self) -> object:
        if not self.items:
            return None
        with self.first:
            pass
        return self.items.pop()

    def put(self) -> None:
        self.items.append(2)

    def permit(self) -> None:
        self.permits.acquire()

    def give(self) -> None:
        self.permits.release()

    def announce(self) -> None:
        self.flag.set()

    def withdraw(self) -> None:
        self.flag.clear()

    def hear(self) -> bool:
        return self.flag.wait(0.01)

    def listen(self) -> None:
        with self.news:
            if not self.number:
                self.news.wait()
            self.number += 7

    def tell(self) -> None:
        with self.news:
            self.number += 1
            self.news.notify()


OPERATIONS = sorted(name for name in vars(Machine) if name[0] != "_")


def random_program(plans: list[list[str]]) -> Callable[[], object]:
    """A thread for each plan, a list of operations."""

    def program() -> object:
        machine = Machine()
        seen: list[list[object]] = [[] for _ in plans]

        def work(number: int) -> None:
            for name in plans[number]:
                seen[number].append(getattr(machine, name)())

        threads = [Thread(target=work, args=(number,)) for number in range(len(plans))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return machine.number, machine.items, seen

    return program


plans = st.lists(st.lists(st.sampled_from(OPERATIONS), min_size=1, max_size=2), min_size=2, max_size=2)


def assert_that_pruning_loses_nothing(program: Callable[[], object], limit: int) -> None:
    without = outcomes(program, DepthFirst(99), limit)
    if without is not None:
        assert outcomes(program, Search(None), limit) == without


@pytest.mark.timeout(400)  # every schedule of many programs; without the GIL three times as long
@settings(max_examples=25, deadline=None, derandomize=True)
@given(plans)
def test_pruning_loses_no_outcome(plan: list[list[str]]) -> None:
    assert_that_pruning_loses_nothing(random_program(plan), 300)


@pytest.mark.sweep
@pytest.mark.timeout(400)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(plans)
def test_pruning_loses_no_outcome_of_programs_with_many_schedules(plan: list[list[str]]) -> None:
    assert_that_pruning_loses_nothing(random_program(plan), 1_200)


@pytest.mark.timeout(400)  # every schedule of many programs; without the GIL three times as long
@settings(max_examples=25, deadline=None, derandomize=True)
@given(plans, st.integers(0, 2))
def test_pruning_loses_no_outcome_within_a_bound(plan: list[list[str]], bound: int) -> None:
    program = random_program(plan)
    without = outcomes(program, DepthFirst(bound), 600)
    if without is not None:
        found = outcomes(program, Search(bound), 1_200)
        assert found is not None
        assert found >= without


def abandoned_daemon() -> list[int]:
    """The end of the program cuts the daemon off, early or late."""
    items: list[int] = []
    lock = Lock()

    def work() -> None:
        for number in range(2):
            with lock:
                items.append(number)

    Thread(target=work, daemon=True).start()
    with lock:
        return items


def first_of_two_daemons() -> str:
    """One of them gets the lock and keeps it; the other one waits for it until the program ends."""
    lock, done, first = Lock(), Event(), []

    def work(name: str) -> None:
        lock.acquire()
        first.append(name)
        done.set()

    for name in "ab":
        Thread(target=work, args=(name,), daemon=True).start()
    done.wait()
    return first[0]


@pytest.mark.parametrize("bound", [None, 0, 1, 2])
@pytest.mark.parametrize("program", [abandoned_daemon, first_of_two_daemons])
def test_what_threads_were_about_to_do_when_the_program_ended_is_tried_before_its_end(
    program: Callable[[], object], bound: int | None
) -> None:
    without = outcomes(program, DepthFirst(99 if bound is None else bound), 2_000)
    assert without is not None
    assert outcomes(program, Search(bound), 2_000) == without


def test_of_several_threads_that_fail_the_first_by_number_is_told_whichever_came_first() -> None:
    def program() -> None:
        for error in (ValueError, KeyError):
            Thread(target=partial(_fail, error), name=error.__name__).start()

    without = outcomes(program, DepthFirst(99), 2_000)
    assert without == {"raised ValueError (in ValueError)"}
    assert outcomes(program, Search(None), 2_000) == without


def _fail(error: type[Exception]) -> None:
    raise error


@settings(max_examples=15, deadline=None, derandomize=True)
@given(plans)
def test_a_search_that_widens_repeats_nothing(plan: list[list[str]]) -> None:
    program = random_program(plan)
    search = Search(0, widening=True)
    schedules = []
    with Executor(Program.of(program), watch=Watch(points=False, notes=True), max_steps=2_000) as runs:
        for _ in range(1_200):
            schedules.append(runs.run(search).schedule)
            if not search.advance() and (search.bound == 1 or not search.widen()):
                break
    assert len(set(schedules)) == len(schedules)


def test_a_thread_that_waits_in_vain_may_save_a_preemption() -> None:
    def program() -> int:
        lock, number = Lock(), 0

        def double() -> None:
            nonlocal number
            with lock:
                number = number * 2 + 1
            with Lock():
                number += 1

        def careless() -> None:
            nonlocal number
            seen = number
            with lock:
                pass
            number = seen + 1

        threads = [Thread(target=each) for each in (double, careless)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return number

    without = outcomes(program, DepthFirst(1), 600)
    assert without is not None
    assert outcomes(program, Search(1), 1_200) == without


# Up to 3.11 the interpreter does not tell what a partial calls where that is written in C.
SEEN = ["thread", "executor"] + ["partial"] * (sys.version_info >= (3, 12))


@pytest.mark.parametrize("by", SEEN)
def test_a_function_written_in_c_that_a_thread_runs_is_seen(by: str) -> None:
    def program() -> list[int]:
        items: list[int] = []
        if by == "executor":
            with ThreadPoolExecutor(2) as pool:
                pool.submit(items.append, 0)
                pool.submit(items.append, 1)
            return items
        work = [partial(items.append, number) if by == "partial" else items.append for number in range(2)]
        threads = [
            Thread(target=each, args=() if by == "partial" else (number,)) for number, each in enumerate(work)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return items

    found = explore(program, schedules=300)  # of which an executor has many more
    assert {str(each) for each in found.outcomes} == {"returned [0, 1]", "returned [1, 0]"}


def test_pruning_leaves_out_nearly_everything_where_threads_are_independent() -> None:
    def program() -> None:
        locks = [Lock() for _ in range(4)]

        def work(lock: Lock) -> None:
            with lock:
                pass

        threads = [Thread(target=work, args=(lock,)) for lock in locks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    found = explore(program)
    assert found.schedules == 1
    assert found.coverage.everything


def test_without_pruning_the_same_is_found_in_more_runs() -> None:
    pruned, all_of_them = explore(hangs.opposite_orders), explore(hangs.opposite_orders, prune=False)
    assert {str(each) for each in pruned.outcomes} == {str(each) for each in all_of_them.outcomes}
    assert pruned.schedules < all_of_them.schedules


def test_who_looks_at_a_lock_that_it_holds_hides_no_order_of_those_who_take_it() -> None:
    def program() -> int:
        lock, money = Lock(), [100]

        def take(amount: int) -> None:
            with lock:
                enough = lock.locked() and amount <= money[0]
                sleep(0)
            if enough:
                with lock:
                    assert lock.locked()
                    money[0] -= amount

        threads = [Thread(target=take, args=(amount,)) for amount in (60, 70)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return money[0]

    assert {each.text for each in explore(program).outcomes} == {"-30", "30", "40"}


# -- budget and words ----------------------------------------------------------------------------------------


def test_no_more_schedules_are_run_than_allowed() -> None:
    found = explore(signals.while_around_wait, schedules=7)
    assert found.schedules == 7
    assert not found.exhausted
    assert "stopped after 7 schedules" in found.text()


def test_a_search_may_end_at_the_first_failure() -> None:
    found = explore(races.check_then_act, first=True)
    assert [each.count for each in found.outcomes if each.failed] == [1]
    assert "stopped at the first failure" in found.text()


def test_time_that_runs_out_is_said() -> None:
    found = explore(signals.while_around_wait, seconds=0)
    assert not found.exhausted
    assert "stopped after 0 s" in found.text()


def test_a_long_search_shows_a_bar_and_takes_it_away(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracing.progress.PATIENCE", 0.0)
    explore(hangs.polite_philosophers, progress=True)
    shown = capsys.readouterr().err
    assert "schedules" in shown
    assert shown.endswith("\r")


def test_a_search_that_nobody_watches_shows_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    explore(hangs.opposite_orders)
    assert capsys.readouterr().err == ""


def test_time_for_all_schedules_leaves_time_for_those_with_few_preemptions() -> None:
    found = explore(signals.while_around_wait, schedules=40)
    assert found.coverage.bound == 0


def test_up_to_a_bound_is_not_said_to_be_all() -> None:
    found = explore(hangs.one_order, bound=0, prune=False)
    assert found.exhausted
    assert not found.coverage.everything
    assert "at most 0 preemptions was tried" in found.text()
    assert "Every schedule was tried" not in found.text()


def test_every_schedule_is_said_only_where_every_schedule_was_tried() -> None:
    assert "Every schedule was tried" in explore(hangs.one_order).text()


def test_a_deadlock_beyond_the_bound_is_not_denied() -> None:
    found = explore(hangs.opposite_orders, bound=0, prune=False, schedules=3)
    assert found.failure is None
    assert "no schedule that was tried fails" in found.text()


def test_a_program_that_never_fails_is_not_cleared_where_its_threads_race() -> None:
    def counted() -> None:
        def add() -> None:
            seen = total["n"]
            sleep(0)
            total["n"] = seen + 1

        total = {"n": 0}
        threads = [Thread(target=add) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    found = explore(counted)
    assert found.failure is None
    verdict, *_ = found.text().splitlines()
    assert verdict.endswith("counted: no schedule that was tried fails, but its threads race: see below.")
    assert "Lost update: " in found.text()


def test_the_text_says_what_to_write_to_see_the_failure_again() -> None:
    found = explore(races.check_then_act)
    assert found.failure is not None
    assert f'replay(check_then_act, "{found.failure.schedule}")' in found.text()


def test_a_notebook_shows_the_failing_run_above_the_passing_one() -> None:
    shown, _ = explore(races.check_then_act)._repr_mimebundle_()
    assert shown["image/png"].startswith(b"\x89PNG")
    assert shown["text/plain"].startswith("check_then_act fails")


def test_a_program_that_always_fails_has_no_passing_run() -> None:
    def program() -> None:
        raise ValueError("always")

    found = explore(program)
    assert found.passing is None
    assert found.failure is not None
    assert found._repr_mimebundle_()[0]["image/png"]


# -- what a program must be ----------------------------------------------------------------------------------


def test_a_program_that_takes_arguments_is_refused_with_what_to_do() -> None:
    def program(count: int) -> None:
        raise AssertionError(count)

    with pytest.raises(ExploreError, match="wrap it in a function"):
        explore(program)  # type: ignore[arg-type]


def test_a_function_of_which_no_line_runs_is_refused() -> None:
    async def waits() -> None:
        raise AssertionError

    def makes() -> Iterator[None]:
        yield

    for program in (waits, makes):
        with pytest.raises(ExploreError, match=f"got {program.__name__}.*, of which no line runs"):
            explore(program)
        with pytest.raises(ExploreError, match="of which no line runs"):
            replay(program, "1:2")
        with pytest.raises(ScriptError, match=f"got {program.__name__}.*, of which no line runs"):
            run_script(program)


def test_a_result_of_a_call_is_refused() -> None:
    with pytest.raises(ExploreError, match="do not call it yourself"):
        explore(3)  # type: ignore[arg-type]


def test_choices_that_depend_on_more_than_the_schedule_are_named() -> None:
    counter = itertools.count()

    def program() -> None:
        lock = Lock()
        threads = [
            Thread(target=lock.acquire, kwargs={"blocking": False}) for _ in range(2 + next(counter) % 2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    with pytest.raises(ExploreError, match="program depends on more than its schedule"):
        explore(program)


def test_outcomes_that_depend_on_more_than_the_schedule_are_named() -> None:
    chance = random.Random()

    def program() -> float:
        return chance.random()

    with pytest.raises(ExploreError, match="program depends on more than its schedule"):
        explore(program)


def test_the_time_of_day_is_the_schedule_s() -> None:
    found = explore(lambda: time.time())
    assert len(found.outcomes) == 1


def test_a_schedule_for_another_program_is_refused() -> None:
    with pytest.raises(ExploreError, match="cannot go on"):
        replay(races.check_then_act, "0:9")


def test_exploring_inside_a_run_is_refused() -> None:
    with simulate(), pytest.raises(ExploreError, match="outside of the block"):
        explore(two_writers)


def test_no_thread_is_left_behind() -> None:
    import threading

    before = threading.enumerate()
    explore(hangs.philosophers, schedules=30)
    assert set(threading.enumerate()) <= set(before)


def test_a_lock_made_outside_the_program_is_free_for_the_next_run() -> None:
    lock = Lock()

    def program() -> None:
        lock.acquire()
        lock.acquire()

    found = explore(program)
    assert [each.kind for each in found.outcomes] == ["hung"]
    assert not lock.locked()


def test_a_thread_that_sleeps_in_its_hold_hides_no_other_turn_at_the_lock() -> None:
    def turns() -> str:
        lock, log = Lock(), []

        def read() -> None:
            for _ in range(3):
                with lock:
                    log.append("r")
                    sleep(1)

        def move() -> None:
            with lock:
                log.append("m")

        threads = [Thread(target=read), Thread(target=move)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return "".join(log)

    found = explore(turns)
    assert found.coverage.everything
    assert {each.text for each in found.outcomes} == {"'mrrr'", "'rmrr'", "'rrmr'", "'rrrm'"}


def test_a_run_that_hung_is_called_by_what_keeps_it_from_going_on() -> None:
    def break_down() -> None:
        lock = Lock()

        def work() -> None:
            lock.acquire()
            raise LookupError

        for _ in range(2):
            Thread(target=work).start()

    found = explore(break_down)
    assert found.failure is not None
    assert found.failure.trace.findings[0].kind == "uncaught exception"
    assert (found.failure.kind, found.failure.text) == ("hung", "abandoned lock")
