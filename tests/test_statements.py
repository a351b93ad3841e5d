"""Statements that read and then write what two threads share: between the two, the other may come.

Each is searched at the grain of bytecodes. Bare, it loses an update under some schedule, or does twice what
is to be done once; under a lock it never does, and the search comes to its end. So on every version of
Python, whatever its instructions are called.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from tracing import Lock, Thread, explore

pytestmark = pytest.mark.usefixtures("outcomes_alone")

count = 0


class Shared(SimpleNamespace):
    """What the threads share, as new for each run."""

    n: int
    text: str


def fresh() -> Shared:
    global count
    count = 0
    return Shared(
        n=0,
        text="",
        items=[0],
        table={"a": 0},
        bag=set(),
        queue=deque([1]),
        empty=[],
        done=[],
        more=[],
        pair=[0, 0],
    )


def a_global(shared: Shared) -> None:
    global count
    count = count + 1


def a_global_augmented(shared: Shared) -> None:
    global count
    count += 1


def a_walrus(shared: Shared) -> None:
    if (seen := shared.n) < 5:
        shared.n = seen + 1


def an_attribute(shared: Shared) -> None:
    shared.n = shared.n + 1


def an_attribute_augmented(shared: Shared) -> None:
    shared.n += 1


def an_item(shared: Shared) -> None:
    items = shared.items
    items[0] = items[0] + 1


def an_item_augmented(shared: Shared) -> None:
    shared.items[0] += 1


def a_key(shared: Shared) -> None:
    table = shared.table
    table["a"] = table["a"] + 1


def a_slice(shared: Shared) -> None:
    items = shared.items
    items[0:1] = [each + 1 for each in items[0:1]]


def a_comprehension(shared: Shared) -> None:
    items = shared.items
    items[:] = [each + 1 for each in items]


def a_loop(shared: Shared) -> None:
    items = shared.items
    for each in items:
        items[0] = each + 1


def an_unpacking(shared: Shared) -> None:
    items = shared.items
    (value,) = items
    items[0] = value + 1


def a_star(shared: Shared) -> None:
    items = shared.items
    items[0] = max(*items, -1) + 1


def an_f_string(shared: Shared) -> None:
    shared.text = f"{shared.text}x"


def the_text_of_a_list(shared: Shared) -> None:
    items = shared.items
    text = f"{items!r}"
    items[0] = int(text.strip("[]")) + 1


def a_percent(shared: Shared) -> None:
    items = shared.items
    text = "%s" % items  # noqa: UP031
    items[0] = int(text.strip("[]")) + 1


def a_sum_on_the_right(shared: Shared) -> None:
    items = shared.items
    copy = [] + items  # noqa: RUF005
    items[0] = copy[0] + 1


def a_product(shared: Shared) -> None:
    items = shared.items
    copy = 1 * items
    items[0] = copy[0] + 1


def a_product_on_the_left(shared: Shared) -> None:
    items = shared.items
    copy = items * 1
    items[0] = copy[0] + 1


def a_copy_by_its_type(shared: Shared) -> None:
    items = shared.items
    copy = list(items)
    items[0] = copy[0] + 1


def a_map(shared: Shared) -> None:
    items = shared.items
    copy = list(map(int, items))
    items[0] = copy[0] + 1


def a_match(shared: Shared) -> None:
    table = shared.table
    match table:
        case {"a": value}:
            table["a"] = value + 1


def a_get(shared: Shared) -> None:
    table = shared.table
    table["a"] = table.get("a", 0) + 1


UPDATES = (
    *(a_global, a_global_augmented, a_walrus, an_attribute, an_attribute_augmented),
    *(an_item, an_item_augmented, a_key, a_slice, a_comprehension, a_loop, an_unpacking, a_star),
    *(an_f_string, the_text_of_a_list, a_percent, a_sum_on_the_right, a_product, a_product_on_the_left),
    *(a_copy_by_its_type, a_map, a_match, a_get),
)


def counted(shared: Shared) -> int:
    """How many updates are there."""
    return max(count, shared.n, len(shared.text), shared.items[0], shared.table.get("a", 0))


def in_a_set(shared: Shared) -> None:
    if 1 not in shared.bag:
        shared.bag.add(1)
        shared.done.append(1)


def an_empty_list(shared: Shared) -> None:
    if not shared.empty:
        shared.empty.append(1)
        shared.done.append(1)


def a_length(shared: Shared) -> None:
    if len(shared.empty) == 0:
        shared.empty.append(1)
        shared.done.append(1)


def an_equal_list(shared: Shared) -> None:
    if shared.items == [0]:
        shared.items[0] = 1
        shared.done.append(1)


def an_equal_list_the_other_way_round(shared: Shared) -> None:
    zero = [0]
    if zero == shared.items:
        shared.items[0] = 1
        shared.done.append(1)


def a_deleted_key(shared: Shared) -> None:
    if "a" in shared.table:
        shared.done.append(1)
        del shared.table["a"]


def a_deque(shared: Shared) -> None:
    if shared.queue:
        shared.done.append(1)
        shared.queue.popleft()


def a_try(shared: Shared) -> None:
    try:
        shared.table["b"]
    except KeyError:
        shared.table["b"] = 1
        shared.done.append(1)


ONCE = (
    *(in_a_set, an_empty_list, a_length, an_equal_list, an_equal_list_the_other_way_round),
    *(a_deleted_key, a_deque, a_try),
)


def in_two_threads(work: Callable[[Shared], Any], shared: Shared) -> None:
    errors: list[str] = shared.more

    def guarded() -> None:
        try:
            work(shared)
        except (LookupError, TypeError) as error:
            errors.append(type(error).__name__)

    threads = [Thread(target=guarded) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def locked(work: Callable[[Shared], Any]) -> Callable[[Shared], None]:
    lock = Lock()

    def under_the_lock(shared: Shared) -> None:
        with lock:
            work(shared)

    return under_the_lock


def outcomes(work: Callable[[Shared], Any], result: Callable[[Shared], object]) -> tuple[set[object], Any]:
    def program() -> object:
        shared = fresh()
        in_two_threads(work, shared)
        return result(shared)

    found = explore(program, grain="bytecode")
    return {str(each).removeprefix("returned ") for each in found.outcomes}, found


@pytest.mark.parametrize("update", UPDATES, ids=lambda update: update.__name__)
def test_an_update_is_lost_and_not_under_a_lock(update: Callable[[Shared], None]) -> None:
    assert {"1", "2"} <= outcomes(update, counted)[0]
    right, found = outcomes(locked(update), counted)
    assert (right, found.coverage.everything) == ({"2"}, True)


@pytest.mark.parametrize("act", ONCE, ids=lambda act: act.__name__)
def test_what_is_to_be_done_once_is_done_twice_and_not_under_a_lock(act: Callable[[Shared], None]) -> None:
    assert {"1", "2"} <= outcomes(act, lambda shared: len(shared.done))[0]
    right, found = outcomes(locked(act), lambda shared: len(shared.done))
    assert (right, found.coverage.everything) == ({"1"}, True)


def test_a_torn_read_of_two_items_is_found_and_not_under_a_lock() -> None:
    def move_or_look(shared: Shared) -> None:
        pair, me = shared.pair, shared.done
        if not me:
            me.append("mover")
            pair[0] += 1
            pair[1] += 1
        else:
            shared.text = f"{pair[0]}{pair[1]}"

    torn = outcomes(move_or_look, lambda shared: shared.text)[0]
    assert {"'10'", "'11'"} <= torn
    assert "'10'" not in outcomes(locked(move_or_look), lambda shared: shared.text)[0]


LOCKED_RUNS = 2  # one order of the two threads, and the other


@pytest.mark.parametrize("work", [*UPDATES, *ONCE], ids=lambda work: work.__name__)
def test_the_locked_form_takes_the_same_number_of_runs_on_every_version(
    work: Callable[[Shared], None],
) -> None:
    assert outcomes(locked(work), counted)[1].schedules == LOCKED_RUNS
