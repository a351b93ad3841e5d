"""Points between bytecodes, and what the program's own code is seen to touch."""

from __future__ import annotations

import collections
import cProfile
import enum
import functools
import sys
from array import array
from collections import UserList
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import CodeType, FrameType, MappingProxyType
from typing import Any

import pytest
from scenarios import races

from tracing import Kind, Lock, Thread, Trace, explore, replay, simulate
from tracing.exploring import Exploration
from tracing.naming import is_library
from tracing.runtime.preemption import Watch


def kinds(found: Exploration) -> set[str]:
    return {str(outcome) for outcome in found.outcomes}


def in_two_threads(work: Callable[[], object]) -> None:
    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_an_update_is_lost_only_between_bytecodes() -> None:
    assert kinds(explore(races.lost_update)) == {"returned 2"}
    assert "raised AssertionError: an update was lost: 1" in kinds(
        explore(races.lost_update, grain="bytecode")
    )


def test_a_lock_around_it_keeps_every_update() -> None:
    found = explore(races.every_update, grain="bytecode")
    assert kinds(found) == {"returned 2"}
    assert found.coverage.everything


total = 0


def test_a_global_s_update_is_lost() -> None:
    def program() -> int:
        global total
        total = 0

        def add() -> None:
            global total
            total += 1

        in_two_threads(add)
        return total

    assert kinds(explore(program, grain="bytecode")) == {"returned 1", "returned 2"}


def test_an_attribute_s_update_is_lost() -> None:
    class Account:
        balance = 0

    def program() -> int:
        account = Account()

        def add() -> None:
            account.balance += 1

        in_two_threads(add)
        return account.balance

    assert kinds(explore(program, grain="bytecode")) == {"returned 1", "returned 2"}


def test_an_item_s_update_is_lost() -> None:
    def program() -> int:
        counts = {"a": 0}

        def add() -> None:
            counts["a"] += 1

        in_two_threads(add)
        return counts["a"]

    assert kinds(explore(program, grain="bytecode")) == {"returned 1", "returned 2"}


def test_a_list_that_was_looked_at_may_be_empty_when_it_is_popped() -> None:
    def program() -> str:
        items = [1]
        failed: list[str] = []

        def take() -> None:
            try:
                if items:
                    items.pop()
            except IndexError:
                failed.append("empty")

        in_two_threads(take)
        return ",".join(failed)

    assert kinds(explore(program, grain="bytecode")) == {"returned ''", "returned 'empty'"}


def test_what_each_thread_has_for_itself_makes_no_schedules() -> None:
    def program() -> None:
        def work() -> None:
            own = [0, 0]
            for index in range(2):
                own[index] += 1

        in_two_threads(work)

    found = explore(program, grain="bytecode")
    assert found.schedules == 1


def test_own_slots_of_a_shared_list_make_no_schedules() -> None:
    def program() -> list[int]:
        slots = [0, 0]

        def work(number: int) -> None:
            slots[number] += 1

        threads = [Thread(target=work, args=(number,)) for number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return slots

    assert explore(program).schedules == 1


def test_reading_an_item_whose_index_is_computed_is_a_point() -> None:
    def change(cards: list[str], place: int, got: list[str]) -> None:
        cards[place] = "AB"[place]
        got[place] = cards[1 - place]

    def swap() -> str:
        cards, got = ["-", "-"], ["", ""]
        threads = [Thread(target=change, args=(cards, place, got)) for place in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return "".join(got)

    found = explore(swap, grain="bytecode")
    assert found.coverage.everything
    assert {each.text for each in found.outcomes} == {"'BA'", "'-A'", "'B-'"}


def test_plain_variables_count_also_where_they_are_no_points() -> None:
    """At the grain of operations a variable may still be read before and written after one."""

    def program() -> int:
        lock, number = Lock(), 0

        def add() -> None:
            nonlocal number
            seen = number
            with lock:
                pass
            number = seen + 1

        in_two_threads(add)
        return number

    assert kinds(explore(program)) == {"returned 1", "returned 2"}


def test_a_loop_that_waits_for_a_variable_gives_way() -> None:
    def program() -> str:
        done = False

        def finish() -> None:
            nonlocal done
            done = True

        thread = Thread(target=finish)
        thread.start()
        while not done:
            pass
        return "done"

    assert kinds(explore(program, grain="bytecode", schedules=50)) == {"returned 'done'"}


def test_a_replayed_bytecode_schedule_loses_the_update_again() -> None:
    found = explore(races.lost_update, grain="bytecode")
    assert found.failure is not None
    run = replay(races.lost_update, str(found.failure.schedule), grain="bytecode")
    assert "an update was lost: 1" in run.text()


def test_a_lost_update_is_named_with_variable_threads_and_lines() -> None:
    found = explore(races.lost_update, grain="bytecode")
    assert found.failure is not None
    finding = found.failure.trace.findings[0]
    first = races.lost_update.__code__.co_firstlineno
    ann, bob = (f"races.py line {first + offset}" for offset in (6, 10))
    assert finding.kind == "lost update"
    assert finding.sentence == (
        f"Lost update: ann read counter at {ann}, bob wrote it at {bob}, and ann overwrote that at {ann} "
        "with what it had made of the old value."
    )
    sites = found.failure.trace.log.sites
    assert [f"{sites[n - 1].file} line {sites[n - 1].line}" for n in finding.sites] == [ann, bob]
    assert finding.hint


def test_a_lost_update_is_told_in_the_text_and_marked_on_the_lanes_of_both_threads() -> None:
    failure = explore(races.lost_update, grain="bytecode").failure
    assert failure is not None
    finding = failure.trace.findings[0]
    assert [failure.trace.log.thread(number).name for number in finding.threads] == ["ann", "bob"]
    assert f"- {finding.sentence}" in failure.trace.text()
    words = [text.get_text() for text in failure.trace.timeline().texts]
    assert words.count("1") == 2
    assert any("(1) Lost update: ann read counter" in each for each in words)


def test_what_was_read_and_written_of_the_lost_variable_stands_in_the_record_with_the_values() -> None:
    found = explore(races.lost_update, grain="bytecode")
    assert found.failure is not None
    assert found.passing is not None
    assert touches(found.failure.trace) == [
        *("MainThread writes counter = 0", "ann reads counter = 0", "bob reads counter = 0"),
        *("bob writes counter = 1", "ann writes counter = 1"),
        *("MainThread reads counter = 1", "MainThread reads counter = 1"),
    ]
    assert "bob reads counter = 1" in touches(found.passing)
    assert "ann reads counter = 0" in " ".join(found.failure.trace.text().split())
    assert "counter = 1" in found.comparison.sentence


def touches(run: Trace) -> list[str]:
    names = {info.number: info.name for info in run.log.threads}
    return [f"{names[mark.thread]} {mark.what}s {mark.text}" for mark in run.model.marks if mark.what in DONE]


DONE = ("read", "write")


def test_marks_of_reads_and_writes_leave_each_event_in_its_turn_and_its_step() -> None:
    found = explore(races.lost_update, grain="bytecode")
    for run in found.runs():
        assert touches(run)
        assert list(run.log.times) == sorted(run.log.times)
        for turn in run.model.slices:
            assert {run.log[seq].thread for seq in range(turn.first, turn.until)} <= {turn.thread}
    assert found.failure is not None
    (index,) = found.failure.schedule
    log = found.failure.trace.log
    read = next(event for event in log if event.kind is Kind.READ and log.thread(event.thread).name == "bob")
    assert log.turns.step(read.seq) >= index


class Odd:
    """A number that nobody may look at."""

    def __init__(self, count: int = 0) -> None:
        self.count = count

    def __repr__(self) -> str:
        raise AssertionError("nobody asks")

    def __add__(self, other: int) -> Odd:
        return Odd(self.count + other)


class Box:
    def __init__(self) -> None:
        self.number, self.odd = 0, Odd()


def attribute(box: Box, shelf: list[int]) -> None:
    box.number = box.number + 1


def item(box: Box, shelf: list[int]) -> None:
    shelf[0] = shelf[0] + 1


def odd(box: Box, shelf: list[int]) -> None:
    box.odd = box.odd + 1


@pytest.mark.parametrize(
    ("add", "said"), [(attribute, "box.number = 1"), (item, "shelf[0] = 1"), (odd, "box.odd")]
)
def test_the_value_of_an_attribute_or_item_is_told_but_of_what_would_have_to_show_itself(
    add: Callable[[Box, list[int]], None], said: str
) -> None:
    def program() -> None:
        box, shelf = Box(), [0]
        in_two_threads(lambda: add(box, shelf))
        assert box.number + shelf[0] + box.odd.count == 2

    found = explore(program, grain="bytecode")
    assert found.failure is not None
    written = [mark.text for mark in found.failure.trace.model.marks if mark.what == "write"]
    assert written[-2:] == [said, said]


def test_a_lost_update_is_named_also_where_an_operation_stands_between() -> None:
    class Account:
        balance = 0

    def program() -> None:
        account, lock = Account(), Lock()

        def add() -> None:
            with lock:
                seen = account.balance
            with lock:
                account.balance = seen + 1

        in_two_threads(add)
        assert account.balance == 2

    found = explore(program)
    assert found.failure is not None
    assert "read account.balance at" in found.failure.trace.findings[0].sentence


def test_an_update_under_one_lock_is_no_finding() -> None:
    found = explore(races.every_update, grain="bytecode")
    assert found.passing is not None
    assert found.passing.findings == ()


def test_nothing_watches_when_the_run_is_over() -> None:
    import sys

    explore(races.lost_update, grain="bytecode", schedules=3)
    monitoring = getattr(sys, "monitoring", None)
    assert monitoring is None or monitoring.get_tool(4) is None
    assert sys.getprofile() is None


def test_a_simulated_run_may_be_watched() -> None:
    with simulate(watch=Watch(points=True, notes=False)) as run:
        races.lost_update()
    assert run.log.ending.reason == "done"


def test_a_library_s_function_around_one_of_no_module_is_called_as_ever() -> None:
    """As one defined by `exec` in a namespace without a name; `contextmanager` takes the module over."""
    names: dict[str, Callable[[], AbstractContextManager[None]]] = {}
    exec("def block(): yield", names)
    block = contextmanager(names["block"])  # type: ignore[arg-type]

    def program() -> None:
        with block():
            pass

    assert not explore(program, grain="bytecode").failure
    assert not explore(program).failure


class Flag:
    """What threads look at by name, before they set it."""


def by_hasattr(flag: Flag) -> bool:
    return hasattr(flag, "up")


def by_getattr(flag: Flag) -> bool:
    return bool(getattr(flag, "up", False))


def by_dict(flag: Flag) -> bool:
    return "up" in flag.__dict__


def by_vars(flag: Flag) -> bool:
    return "up" in vars(flag)


def by_trying(flag: Flag) -> bool:
    try:
        return bool(flag.up)  # type: ignore[attr-defined]
    except AttributeError:
        return False


def by_pattern(flag: Flag) -> bool:
    match flag:
        case Flag(up=True):  # type: ignore[misc]
            return True
    return False


@pytest.mark.usefixtures("outcomes_alone")
@pytest.mark.parametrize("look", [by_hasattr, by_getattr, by_dict, by_vars, by_trying, by_pattern])
def test_a_check_then_act_is_found_however_the_program_looks(look: Callable[[Flag], bool]) -> None:
    def program() -> int:
        flag, raised = Flag(), []

        def raise_it() -> None:
            if not look(flag):
                flag.up = True  # type: ignore[attr-defined]
                raised.append(1)

        in_two_threads(raise_it)
        return len(raised)

    assert kinds(explore(program, grain="bytecode")) == {"returned 1", "returned 2"}


shared = 0


def test_a_global_that_another_module_reads_as_an_attribute_is_one_variable() -> None:
    this = sys.modules[__name__]

    def program() -> int:
        this.shared = 0

        def as_a_global() -> None:
            global shared
            shared += 1

        def as_an_attribute() -> None:
            this.shared += 1

        threads = [Thread(target=as_a_global), Thread(target=as_an_attribute)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return shared

    assert kinds(explore(program, grain="bytecode")) == {"returned 1", "returned 2"}


def shared_iterator() -> list[tuple[str, int]]:
    numbers, got = iter([1, 2]), []

    def take(name: str) -> None:
        for number in numbers:
            got.append((name, number))  # noqa: PERF401  # in bytecode, not in C

    threads = [Thread(target=take, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def test_two_loops_over_one_iterator_may_share_what_it_gives() -> None:
    found = explore(shared_iterator, grain="bytecode")
    assert found.coverage.everything
    assert {"returned [('a', 1), ('a', 2)]", "returned [('a', 1), ('b', 2)]"} <= kinds(found)


@pytest.mark.parametrize(
    "make",
    [lambda: array("i", [0]), lambda: memoryview(bytearray(1)), lambda: UserList([0])],
    ids=["array", "memoryview", "UserList"],
)
def test_an_update_is_lost_in_a_container_of_any_library(make: Callable[[], Any]) -> None:
    def program() -> int:
        numbers = make()

        def add() -> None:
            numbers[0] += 1

        in_two_threads(add)
        return int(numbers[0])

    assert kinds(explore(program, grain="bytecode")) == {"returned 1", "returned 2"}


def test_an_item_is_read_through_another_view_of_its_container() -> None:
    def program() -> int:
        counts = {"a": 0}
        view = MappingProxyType(counts)

        def add() -> None:
            counts["a"] = view["a"] + 1

        in_two_threads(add)
        return counts["a"]

    assert kinds(explore(program, grain="bytecode")) == {"returned 1", "returned 2"}


def test_a_set_that_is_updated_meets_whoever_looks_into_a_set_that_cannot_be_seen() -> None:
    def program() -> list[int]:
        numbers = {0}

        def add() -> None:
            more = {number + 1 for number in (numbers, 0)[0]}
            numbers.clear()
            numbers.update(more)

        in_two_threads(add)
        return sorted(numbers)

    found = explore(program, grain="bytecode")
    assert kinds(found) == {
        "returned []",
        "returned [1]",
        "returned [2]",
        "returned [1, 2]",  # the set has another number, and its old size, while the other goes through it
        "raised RuntimeError: Set changed size during iteration (in add)",
    }
    assert found.coverage.everything


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the profiler of 3.11 is not told of this call")
def test_a_cached_function_may_be_called_twice_before_its_first_result_is_kept() -> None:
    def program() -> int:
        made: list[int] = []

        @functools.cache
        def make() -> int:
            made.append(1)
            return 1

        in_two_threads(make)
        return len(made)

    assert kinds(explore(program, grain="bytecode")) == {"returned 1", "returned 2"}


ITERABLES: tuple[Callable[[], Any], ...] = (
    *(tuple, list, set, frozenset, dict, str, bytes, bytearray, collections.deque),
    *(lambda: range(3), lambda: {1: 2}.keys(), lambda: {1: 2}.values(), lambda: {1: 2}.items()),
)


@pytest.mark.parametrize("make", ITERABLES)
def test_a_generator_expression_makes_as_many_steps_on_every_python(make: Callable[[], Any]) -> None:
    items, made = make(), list[Any]()

    def collect() -> None:
        given = items
        made.extend(each for each in given)

    with simulate(schedule="", watch=Watch(points=True, notes=True)) as run:
        collect()
    assert made == list(items)
    # two variables, an attribute, a call; for each item, and at the end, a step of the iterator and a pause
    assert run.log.ending.time == (4 + 2 * (len(made) + 1)) * 10_000


def test_values_that_do_not_change_make_no_schedules() -> None:
    class Colour(enum.Enum):
        RED = 1

    def program() -> None:
        def work() -> None:
            error = ValueError("no")
            f"{Colour.RED} {error} {Thread}"

        in_two_threads(work)

    assert explore(program, grain="bytecode").schedules == 1


class Counter:
    value = 0


def seen_in(block: Callable[[], object]) -> set[str]:
    """The names of what a run is seen to touch."""
    names: set[str] = set()
    watch = Watch(points=False, notes=False, seen=lambda agent, site, frame: names.add(site.name))
    with simulate(watch=watch):
        block()
    return names


def test_a_generator_that_began_before_the_run_is_watched() -> None:
    def counting(counter: Counter) -> Iterator[None]:
        yield
        counter.value += 1
        yield

    begun = counting(Counter())
    next(begun)
    assert "value" in seen_in(lambda: next(begun))


def test_a_generator_that_began_before_the_run_is_watched_when_it_is_thrown_into() -> None:
    def counting(counter: Counter) -> Iterator[None]:
        try:
            yield
        except KeyError:
            counter.value += 1
        yield

    begun = counting(Counter())
    next(begun)
    assert "value" in seen_in(lambda: begun.throw(KeyError()))


@pytest.mark.skipif(sys.version_info < (3, 12), reason="3.11 traces what is called in the block")
def test_the_function_that_has_the_block_is_watched() -> None:
    counter, names = Counter(), set()
    watch = Watch(points=False, notes=False, seen=lambda agent, site, frame: names.add(site.name))
    with simulate(watch=watch):
        counter.value += 1
    assert "value" in names


def test_a_function_is_watched_again_in_the_next_run() -> None:
    counter = Counter()

    def count() -> None:
        counter.value += 1

    assert "value" in seen_in(count)
    assert "value" in seen_in(count)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="there it is a trace function that is told")
def test_of_a_library_s_code_no_single_instruction_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    real = Watch._instruction

    def telling(self: Watch, code: CodeType, offset: int) -> Any:
        told.append(code.co_filename)
        return real(self, code, offset)

    monkeypatch.setattr(Watch, "_instruction", telling)
    explore(races.lost_update, grain="bytecode", schedules=3)
    assert told
    assert not [file for file in told if is_library(file)]


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="there a tool of sys.monitoring is told")
def test_of_the_calls_that_a_library_s_code_makes_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    real = Watch._c_call

    def telling(self: Watch, frame: FrameType, event: str, arg: Any) -> None:
        if event == "c_call":
            told.append(frame.f_code.co_filename)
        real(self, frame, event, arg)

    monkeypatch.setattr(Watch, "_c_call", telling)
    kept: list[int] = []
    explore(lambda: in_two_threads(lambda: kept.append(1)), schedules=3)
    assert told
    assert not [file for file in told if is_library(file)]


def test_a_profiler_written_in_c_goes_on_after_a_search() -> None:
    def after() -> None: ...

    profiler = cProfile.Profile()
    profiler.enable()
    try:
        explored = explore(
            lambda: Thread(target=print, args=("",), kwargs={"end": ""}).start(), grain="bytecode"
        )
        after()
    finally:
        profiler.disable()
    assert explored.failure is None
    assert "after" in {getattr(entry.code, "co_name", "") for entry in profiler.getstats()}
