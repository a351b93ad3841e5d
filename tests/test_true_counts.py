"""A switch that no wait forced is counted; what threads share that no bytecode shows is tried."""

from __future__ import annotations

import functools
import itertools
import sys
from array import array
from collections.abc import Callable, Iterator
from typing import ClassVar

import pytest

from tracing import Lock, Thread, explore, simulate
from tracing.events import Kind
from tracing.exploring import Exploration
from tracing.runtime.preemption import Watch
from tracing.runtime.schedules import Stay
from tracing.runtime.spinning import Looks

pytestmark = pytest.mark.usefixtures("outcomes_alone")


def in_two_threads(work: Callable[[], object]) -> None:
    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def returned(found: Exploration) -> set[str]:
    assert all(each.kind == "returned" for each in found.outcomes), found.outcomes
    return {each.text for each in found.outcomes}


def adding_twice() -> int:
    total = {"n": 0}

    def add() -> None:
        for _ in range(2):
            n = total["n"]
            total["n"] = n + 1

    in_two_threads(add)
    return total["n"]


def adding_twice_rightly() -> None:
    assert adding_twice() == 4


def test_a_loop_that_reads_what_it_wrote_is_no_spin() -> None:
    values = []
    with simulate(strategy=Stay(), watch=Watch(points=True, notes=False)):
        values.append(adding_twice())
    assert values == [4]


class Meter:
    """A class of the program's, in a module of any name."""

    def __init__(self, step: int) -> None:
        self.n, self.step = 0, step


@pytest.mark.parametrize("module", ["shop", "tracing_tools"])
@pytest.mark.parametrize("step", [0, 1])
def test_a_thread_whose_object_changes_meanwhile_is_not_spinning(
    module: str, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Meter, "__module__", module)
    looks, meter, spins = Looks(), Meter(step), array("b")  # into which no look is taken
    while len(spins) < 3:
        spins.append(looks.is_spin(1, (int(Kind.SET), 1, False)))
        meter.n += meter.step
    assert list(spins) == ([0, 0, 0] if step else [0, 1, 1])


def test_a_lost_update_of_a_loop_takes_a_preemption() -> None:
    found = explore(adding_twice_rightly, grain="bytecode")
    assert found.failure is not None
    assert found.failure.preemptions >= 1


# generators and iterators


kept: list[Iterator[int]] = []


def numbers() -> Iterator[int]:
    number = 0
    while True:
        number += 1
        yield number


def by_next(each: Iterator[int]) -> int:
    return next(each)


def by_for(each: Iterator[int]) -> int:
    for number in each:
        return number
    return 0


def by_method(each: Iterator[int]) -> int:
    return each.__next__()


def by_send(each: Iterator[int]) -> int:
    return each.send(None)  # type: ignore[attr-defined, no-any-return]


def by_yield_from(each: Iterator[int]) -> int:
    def inner() -> Iterator[int]:
        yield from each

    delegating = inner()
    kept.append(delegating)  # closing it would close the other one
    return next(delegating)


@pytest.mark.parametrize("advance", [by_next, by_for, by_method, by_send, by_yield_from])
def test_two_threads_in_one_generator_are_found(advance: Callable[[Iterator[int]], int]) -> None:
    def program() -> None:
        shared = numbers()
        in_two_threads(lambda: advance(shared))

    found = explore(program, grain="bytecode", first=True)
    assert "raised ValueError: generator already executing" in " ".join(map(str, found.outcomes))


@pytest.mark.parametrize(
    "make",
    [
        lambda: iter([1, 2, 3, 4]),
        lambda: iter((1, 2, 3, 4)),
        lambda: itertools.count(1),
        lambda: itertools.cycle([1, 2, 3]),
        lambda: map(int, "1234"),
        lambda: (first for first, _ in zip([1, 2, 3], [1, 2, 3], strict=True)),
        lambda: zip([1, 2, 3], strict=True),
        lambda: enumerate([5, 6, 7]),
        lambda: reversed([1, 2, 3]),
    ],
    ids=["list", "tuple", "count", "cycle", "map", "expression", "zip", "enumerate", "reversed"],
)
@pytest.mark.parametrize("advance", [by_next, by_for])
def test_who_gets_which_item_of_a_shared_iterator_is_tried_both_ways(
    make: Callable[[], Iterator[int]], advance: Callable[[Iterator[int]], int]
) -> None:
    def program() -> str:
        shared, got = make(), ["", ""]

        def work(place: int) -> None:
            got[place] = str(advance(shared))

        threads = [Thread(target=work, args=(place,)) for place in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return str(got[0] < got[1])

    found = explore(program, grain="bytecode")
    assert {each.text for each in found.outcomes if each.kind == "returned"} == {"'True'", "'False'"}


# what a name does not show


def test_a_property_s_update_is_lost() -> None:
    class Account:
        def __init__(self) -> None:
            self._balance = 0

        @property
        def balance(self) -> int:
            return self._balance

        @balance.setter
        def balance(self, value: int) -> None:
            self._balance = value

    def program() -> int:
        account = Account()

        def add() -> None:
            account.balance += 1

        in_two_threads(add)
        return account.balance

    assert returned(explore(program, grain="bytecode")) == {"1", "2"}


def test_a_descriptor_s_update_is_lost() -> None:
    class Stored:
        values: ClassVar[dict[int, int]] = {}

        def __get__(self, instance: object, owner: type) -> int:
            return self.values.get(id(instance), 0)

        def __set__(self, instance: object, value: int) -> None:
            self.values[id(instance)] = value

    class Account:
        balance = Stored()

    def program() -> int:
        account = Account()
        account.balance = 0

        def add() -> None:
            account.balance += 1

        in_two_threads(add)
        return account.balance

    assert returned(explore(program, grain="bytecode")) == {"1", "2"}


@pytest.mark.parametrize("keep", [functools.cache, functools.lru_cache(maxsize=4)], ids=["cache", "lru"])
def test_a_cached_function_is_found_to_run_twice(keep: Callable[..., Callable[[], int]]) -> None:
    def program() -> int:
        runs: list[int] = []

        @keep
        def answer() -> int:
            runs.append(1)
            return 42

        in_two_threads(lambda: answer())
        return len(runs)

    assert returned(explore(program, grain="bytecode")) == {"1", "2"}


def test_a_cached_property_is_found_to_run_twice() -> None:
    def program() -> int:
        runs: list[int] = []

        class Page:
            @functools.cached_property
            def text(self) -> str:
                runs.append(1)
                return "text"

        page = Page()
        in_two_threads(lambda: page.text)
        return len(runs)

    twice = {"2"} if sys.version_info >= (3, 12) else set()  # until then it has a lock
    assert returned(explore(program, grain="bytecode")) == {"1"} | twice


def test_a_default_argument_that_is_shared_is_looked_at_and_changed() -> None:
    def program() -> int:
        def once(done: list[int] = []) -> None:  # noqa: B006
            if not done:
                done.append(1)
                runs.append(1)

        runs: list[int] = []
        in_two_threads(once)
        return len(runs)

    assert returned(explore(program, grain="bytecode")) == {"1", "2"}


class Counted:
    """Counts, badly, how often it is compared and hashed."""

    def __init__(self) -> None:
        self.times = 0

    def __eq__(self, other: object) -> bool:
        self.times += 1
        return True

    def __hash__(self) -> int:
        self.times += 1
        return 1


@pytest.mark.parametrize(
    "use",
    [
        lambda counted: counted == 1,
        lambda counted: counted in [1],
        lambda counted: [1].count(counted),
        lambda counted: hash(counted),
        lambda counted: {counted: 1},
        lambda counted: {}.get(counted),
    ],
    ids=["==", "in", "count", "hash", "display", "get"],
)
def test_what_eq_and_hash_in_python_do_is_seen(use: Callable[[Counted], object]) -> None:
    def program() -> int:
        counted = Counted()
        in_two_threads(lambda: use(counted))
        return counted.times

    assert returned(explore(program, grain="bytecode")) == {"1", "2"}


def test_a_class_attribute_s_update_is_lost() -> None:
    def program() -> int:
        class Account:
            made = 0

            def __init__(self) -> None:
                Account.made += 1

        in_two_threads(Account)
        return Account.made

    assert returned(explore(program, grain="bytecode")) == {"1", "2"}


def test_a_class_body_that_updates_is_seen() -> None:
    def program() -> int:
        total = [0]

        def define() -> None:
            class Each:
                total[0] += 1

        in_two_threads(define)
        return total[0]

    assert returned(explore(program, grain="bytecode", schedules=150)) == {"1", "2"}


def test_what_is_read_from_a_file_two_threads_share_is_tried_both_ways(tmp_path: object) -> None:
    def program() -> str:
        got = ["", ""]
        with open(f"{tmp_path}/lines") as lines:

            def work(place: int) -> None:
                got[place] = next(lines)

            threads = [Thread(target=work, args=(place,)) for place in (0, 1)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        return str(got[0] < got[1])

    with open(f"{tmp_path}/lines", "w") as lines:
        lines.write("1\n2\n3\n")
    assert returned(explore(program, grain="bytecode")) == {"'True'", "'False'"}


def test_a_cached_function_that_touches_nothing_gives_two_objects() -> None:
    def program() -> int:
        got: list[object] = [None, None]

        @functools.cache
        def the_one() -> object:
            return object()

        def work(place: int) -> None:
            got[place] = the_one()

        threads = [Thread(target=work, args=(place,)) for place in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return int(got[0] is got[1])

    assert returned(explore(program, grain="bytecode")) == {"0", "1"}


def test_a_dict_that_grows_while_another_thread_goes_through_it_is_found() -> None:
    def program() -> int:
        shared, total = {1: 1, 2: 2}, [0]

        def go_through() -> None:
            count = 0
            for number in shared:
                count += number
            total[0] = count

        def grow() -> None:
            shared[3] = 3

        threads = [Thread(target=go_through), Thread(target=grow)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return total[0]

    found = " ".join(map(str, explore(program, grain="bytecode").outcomes))
    assert "dictionary changed size during iteration" in found


def test_loops_over_what_each_thread_made_itself_make_no_schedules() -> None:
    def program() -> None:
        def work() -> None:
            own = [0, 0]
            for number in own:
                own[0] = number

        in_two_threads(work)

    assert explore(program, grain="bytecode").schedules == 1


def test_a_variable_of_two_functions_keeps_what_another_thread_wrote() -> None:
    """Whatever a tracer read of the variables before."""

    def program() -> int:
        number, key, box = 0, "a", {"a": 0}

        def look() -> tuple[int, int]:
            own = key
            box[own] = 1
            return box[own], number

        def set_it() -> None:
            nonlocal number
            number = 50

        threads = [Thread(target=look), Thread(target=set_it)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return number

    assert returned(explore(program, grain="bytecode", prune=False, schedules=100)) == {"50"}


def test_a_turn_that_ends_unasked_is_a_preemption_and_stands_in_the_schedule() -> None:
    def program() -> None:
        lock, total = Lock(), [0]

        def add() -> None:
            seen = total[0]
            for _ in range(150):
                with lock:
                    pass
            total[0] = seen + 1

        in_two_threads(add)
        assert total[0] == 2

    found = explore(program, first=True, schedules=2)
    assert found.failure is not None
    assert found.failure.preemptions >= 1
    assert len(found.failure.schedule) >= 1
