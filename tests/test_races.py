"""Two threads write one variable and no common lock guards it: named with who, where and what each held.

Programs that something keeps in order are silent, whatever the schedule.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from types import CellType, FrameType
from typing import Any

import pytest

from tracing import (
    Barrier,
    Condition,
    Event,
    Kind,
    Lock,
    RLock,
    Semaphore,
    Thread,
    Trace,
    explore,
    local,
    replay,
    sleep,
)
from tracing.exploring import recorded as recording
from tracing.exploring import updates
from tracing.exploring.programs import Program
from tracing.runtime.schedules import SeededRandom

KIND = "no common lock"
Target = Callable[[], object]


class Account:
    balance = 0


instance: object = None


def run(*targets: Target, join: bool = True) -> None:
    """A thread for each, called as its function; started together."""
    threads = [Thread(target=target, name=target.__name__) for target in targets]
    for thread in threads:
        thread.start()
    for thread in threads if join else ():
        thread.join()


def races(trace: Trace) -> list[Any]:
    return [each for each in trace.findings if each.kind == KIND]


def line(program: Target, offset: int) -> str:
    return f"test_races.py line {program.__code__.co_firstlineno + offset}"


# Wrong


def two_locks() -> None:
    count, left, right = 0, Lock(), Lock()

    def ann() -> None:
        nonlocal count
        with left:
            count += 1

    def bob() -> None:
        nonlocal count
        with right:
            count += 1

    run(ann, bob)


def no_lock() -> None:
    account = Account()

    def ann() -> None:
        account.balance = account.balance + 1

    def bob() -> None:
        account.balance = account.balance + 2

    run(ann, bob)


def one_without() -> None:
    totals, lock = {"all": 0}, Lock()

    def ann() -> None:
        with lock:
            totals["all"] = totals["all"] + 1

    def bob() -> None:
        totals["all"] = totals["all"] + 2

    run(ann, bob)


def made_twice() -> None:
    global instance
    instance = None

    def get() -> None:
        global instance
        if instance is None:
            instance = object()

    run(get, get)


def counter() -> tuple[Target, Target]:
    """Two that share a variable of a call that has returned."""
    count = 0

    def one() -> None:
        nonlocal count
        count += 1

    def two() -> None:
        nonlocal count
        count += 2

    return one, two


def of_a_call_that_has_returned() -> None:
    one, two = counter()
    counter()  # another one, whose variable it is not
    run(one, two)


def one_closure_in_two_threads() -> None:
    add, _ = counter()

    def work() -> None:
        for _ in range(2):
            add()

    run(work, work)


def item_of_an_item() -> None:
    totals = {"shop": {"sold": 0}}

    def ann() -> None:
        totals["shop"]["sold"] += 1

    def bob() -> None:
        totals["shop"]["sold"] += 2

    run(ann, bob)


def attribute_of_an_item() -> None:
    accounts, number = [Account(), Account()], 1

    def ann() -> None:
        accounts[1].balance += 1

    def bob() -> None:
        accounts[number].balance += 2

    run(ann, bob)


def test_two_writes_under_different_locks_are_named_with_threads_lines_and_locks() -> None:
    (finding,) = races(replay(two_locks, "", grain="bytecode"))
    assert finding.severity == "warning"
    ann, bob = line(two_locks, 6), line(two_locks, 11)
    assert finding.sentence == (
        f"No common lock guards count: ann writes it at {ann} holding left, "
        f"bob writes it at {bob} holding right."
    )
    assert "one and the same lock" in finding.hint


@pytest.mark.parametrize(
    ("program", "name"),
    [
        *((no_lock, "account.balance"), (one_without, "totals['all']"), (two_locks, "count")),
        *((item_of_an_item, "totals['shop']['sold']"), (attribute_of_an_item, "accounts[1].balance")),
    ],
)
def test_a_variable_that_two_threads_write_and_no_lock_guards_is_found_in_a_run_that_passes(
    program: Target, name: str
) -> None:
    found = explore(program, grain="bytecode", schedules=50)
    assert found.passing is not None
    sentences = [each.sentence for each in found.passing.findings]
    assert any(f"No common lock guards {name}" in each for each in sentences)
    assert f"No common lock guards {name}" in " ".join(found.text().split())


@pytest.fixture
def thawed() -> Iterator[None]:
    """As in a program of its own: the collector knows all functions."""
    gc.unfreeze()
    yield
    gc.freeze()


@pytest.mark.usefixtures("thawed")
@pytest.mark.parametrize("program", [of_a_call_that_has_returned, one_closure_in_two_threads])
def test_a_variable_of_a_call_that_has_returned_is_known_by_the_functions_that_share_it(
    program: Target,
) -> None:
    (finding,) = races(recorded(program, 0))
    assert finding.sentence.startswith("No common lock guards count: ")


def test_where_not_all_functions_can_be_seen_nothing_is_said_of_a_call_that_has_returned() -> None:
    gc.freeze()
    assert races(recorded(of_a_call_that_has_returned, 0)) == []


@pytest.mark.parametrize(
    ("told", "looks"), [pytest.param([], 3, id="unknown"), pytest.param(None, 1, id="hidden")]
)
def test_so_many_variables_of_calls_that_have_returned_are_looked_for_and_no_more(
    monkeypatch: pytest.MonkeyPatch, told: list[CellType] | None, looks: int
) -> None:
    asked: list[str] = []

    def none(frame: FrameType, name: str) -> list[CellType] | None:
        asked.append(name)
        return told

    monkeypatch.setattr(updates, "cells_of", none)
    monkeypatch.setattr(updates, "MOST_LOOKS", 3)
    assert races(recorded(of_a_call_that_has_returned, 0)) == []
    assert asked == ["count"] * looks


def test_what_is_hidden_from_the_collector_is_not_counted_where_we_are_hidden_ourselves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gc.freeze()
    monkeypatch.setattr(gc, "get_freeze_count", lambda: pytest.fail("40 ms of counting"))
    assert races(recorded(of_a_call_that_has_returned, 0)) == []


def test_what_is_made_twice_is_found_where_both_have_made_it() -> None:
    kinds = set()
    for seed in range(30):
        trace = recorded(made_twice, seed)
        kinds |= {each.kind for each in trace.findings}
        assert all("instance" in each.sentence for each in trace.findings)
    assert kinds & {KIND, "lost update"}


def test_a_run_at_the_grain_of_operations_looks_for_no_such_thing() -> None:
    assert races(replay(two_locks, "")) == []


def test_of_many_pairs_that_lose_an_update_at_the_same_lines_one_sentence_is_said() -> None:
    def ordered() -> None:
        Account.balance = 0
        threads = [Thread(target=deposit, name=f"adder-{number}") for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def deposit() -> None:
        old = Account.balance
        sleep(1)
        Account.balance = old + 1

    trace = replay(ordered, "")
    (finding,) = (each for each in trace.findings if each.kind == "lost update")
    assert finding.sentence.startswith("Lost update: adder-1 read Account.balance at ")
    assert "adder-0 wrote it at " in finding.sentence
    also = "adder-2 and adder-1; adder-3 and adder-2; adder-4 and adder-3; 1 other pair of threads."
    assert finding.sentence.endswith(f" The same befell {also}")


def test_a_lost_update_is_not_told_a_second_time() -> None:
    for seed in range(20):
        found = [each.kind for each in recorded(no_lock, seed).findings]
        assert len([kind for kind in found if kind in (KIND, "lost update")]) == 1


# Right: silent


def guarded() -> None:
    account, lock = Account(), Lock()

    def add() -> None:
        for _ in range(2):
            with lock:
                account.balance += 1

    run(add, add)
    account.balance += 1


def guarded_twice() -> None:
    count, lock, other = 0, RLock(), Lock()

    def ann() -> None:
        nonlocal count
        with lock, lock, other:
            count += 1

    def bob() -> None:
        nonlocal count
        with lock:
            with lock:
                pass
            count += 1

    run(ann, bob)


def guarded_by_a_condition() -> None:
    count, changed = 0, Condition()

    def ann() -> None:
        nonlocal count
        with changed:
            changed.wait_for(lambda: count)
            count += 1

    def bob() -> None:
        nonlocal count
        with changed:
            count += 1
            changed.notify()

    run(ann, bob)


def guarded_by_one_permit() -> None:
    count, gate = 0, Semaphore(1)

    def add() -> None:
        nonlocal count
        with gate:
            count += 1

    run(add, add)


def joined() -> None:
    account = Account()

    def add() -> None:
        account.balance += 1

    run(add)
    run(add)


def handed_over() -> None:
    jobs: Queue[Account] = Queue()

    def ann() -> None:
        account = Account()
        account.balance += 1
        jobs.put(account)

    def bob() -> None:
        account = jobs.get()
        account.balance += 1

    run(ann, bob)


def told() -> None:
    count, ready = 0, Event()

    def ann() -> None:
        nonlocal count
        count += 1
        ready.set()

    def bob() -> None:
        nonlocal count
        ready.wait()
        count += 1

    run(ann, bob)


def signalled() -> None:
    count, items = 0, Semaphore(0)

    def ann() -> None:
        nonlocal count
        count += 1
        items.release()

    def bob() -> None:
        nonlocal count
        items.acquire()
        count += 1

    run(ann, bob)


def met() -> None:
    count, gate = 0, Barrier(2)

    def ann() -> None:
        nonlocal count
        count += 1
        gate.wait()

    def bob() -> None:
        nonlocal count
        gate.wait()
        count += 1

    run(ann, bob)


def one_call_after_the_other() -> None:
    account = Account()

    def add() -> None:
        account.balance += 1

    with ThreadPoolExecutor(2) as pool:
        pool.submit(add).result()
        pool.submit(add).result()
    account.balance += 1


def each_its_own() -> None:
    def work() -> None:
        account, mine = Account(), [0]
        for _ in range(2):
            account.balance += 1
            mine[0] += 1

    run(work, work, work)


def each_its_own_name() -> None:
    own = local()

    def work() -> None:
        own.count = 0
        own.count += 1

    run(work, work)


def each_its_own_counter() -> None:
    def counter() -> Target:
        count = 0

        def work() -> None:
            nonlocal count
            count += 1

        return work

    run(counter(), counter())


def each_its_own_closure() -> None:
    mine = [counter()[0] for _ in range(3)]
    for number, add in enumerate(mine):
        for _ in range(number):  # or it could not be told whose it is
            add()
    run(*mine)


def a_closure_under_a_lock() -> None:
    (one, two), lock = counter(), Lock()

    def ann() -> None:
        with lock:
            one()

    def bob() -> None:
        with lock:
            two()

    run(ann, bob)


def each_its_own_item() -> None:
    totals, accounts = {"ann": {"sold": 0}, "bob": {"sold": 0}}, [Account(), Account()]

    def ann() -> None:
        totals["ann"]["sold"] += 1
        accounts[0].balance += 1

    def bob() -> None:
        totals["bob"]["sold"] += 1
        accounts[1].balance += 1

    run(ann, bob)


def the_item_under_a_lock() -> None:
    totals, accounts, lock = {"shop": {"sold": 0}}, [Account()], Lock()

    def sell() -> None:
        with lock:
            totals["shop"]["sold"] += 1
            accounts[0].balance += 1

    run(sell, sell)


def the_item_before_it_is_replaced() -> None:
    totals, lock = {"shop": {"sold": 0}}, Lock()

    def sell() -> None:
        with lock:
            totals["shop"]["sold"] += 1

    def begin_anew() -> None:
        new = {"sold": 0}
        new["sold"] += 1
        with lock:
            totals["shop"] = new

    run(sell, begin_anew)


def the_same_flag() -> None:
    account: Any = Account()

    def stop() -> None:
        account.done = True

    run(stop, stop)


def written_by_one() -> None:
    account = Account()

    def ann() -> None:
        account.balance += 1

    def bob() -> None:
        sleep(account.balance)

    run(ann, bob)


def overwritten_on_purpose() -> None:
    account = Account()

    def ann() -> None:
        account.balance = 1

    before = account.balance
    run(ann)
    account.balance = before - before


def one_list_for_all() -> None:
    numbers: list[int] = []
    totals: dict[str, list[int]] = {"all": []}
    account: Any = Account()
    account.notes = []

    def add() -> None:
        nonlocal numbers
        numbers += [1]
        totals["all"] += [1]
        account.notes += [1]

    run(add, add)
    assert len(numbers) == len(totals["all"]) == len(account.notes) == 2


# What keeps two writes apart here is no primitive.


def asked_whether_it_lives() -> None:
    account = Account()

    def ann() -> None:
        account.balance += 1

    thread = Thread(target=ann)
    thread.start()
    while thread.is_alive():
        sleep(0.05)
    account.balance += 1


def asked_whether_it_is_done() -> None:
    account = Account()

    def ann() -> None:
        account.balance += 1

    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(ann)
        while not call.done():
            sleep(0.05)
        account.balance += 1


def looked_at_a_flag() -> None:
    account: Any = Account()
    account.open = False

    def ann() -> None:
        account.balance += 1
        account.open = True

    def bob() -> None:
        while not account.open:
            sleep(0.05)
        account.balance += 1

    run(ann, bob)


def looked_at_a_list() -> None:
    account, letters = Account(), list[str]()

    def ann() -> None:
        account.balance += 1
        letters.append("done")

    def bob() -> None:
        while not letters:
            sleep(0.05)
        account.balance += 1

    run(ann, bob)


def told_by_what_is_not_recorded() -> None:
    account, ready = Account(), threading.Event()

    def ann() -> None:
        account.balance += 1
        ready.set()

    def bob() -> None:
        ready.wait()
        account.balance += 1

    run(ann, bob)


def each_its_own_class() -> None:
    def ann() -> None:
        class Page:
            text = "ann's"

            def read(self) -> str:
                return self.text

        assert Page().read() == "ann's"

    run(ann, ann)


POLLING = [
    *(asked_whether_it_lives, asked_whether_it_is_done, looked_at_a_flag, looked_at_a_list),
    told_by_what_is_not_recorded,
]


RIGHT = [
    *(guarded, guarded_twice, guarded_by_a_condition, guarded_by_one_permit, joined, handed_over, told),
    *(signalled, met, one_call_after_the_other, each_its_own, each_its_own_name, each_its_own_class),
    *(each_its_own_item, the_item_under_a_lock, the_item_before_it_is_replaced),
    *(the_same_flag, written_by_one, overwritten_on_purpose, one_list_for_all),
]


def recorded(program: Target, seed: int) -> Trace:
    strategy = SeededRandom(seed)
    trace, _ = recording.recorded(Program.of(program), strategy, grain="bytecode")
    return trace


@pytest.mark.usefixtures("thawed")
@pytest.mark.parametrize("program", [each_its_own_closure, each_its_own_counter, a_closure_under_a_lock])
def test_who_has_a_variable_of_its_own_or_a_lock_around_it_is_left_in_peace(program: Target) -> None:
    for seed in range(3):
        assert races(recorded(program, seed)) == []


@pytest.mark.parametrize(
    "seeds", [range(12), pytest.param(range(12, 40), marks=pytest.mark.sweep)], ids=["few", "more"]
)
@pytest.mark.parametrize("program", RIGHT, ids=lambda program: program.__name__)
def test_what_something_keeps_in_order_is_no_race_whatever_the_schedule(
    program: Target, seeds: range
) -> None:
    for seed in seeds:
        trace = recorded(program, seed)
        assert trace.log.ending.reason == "done"
        assert [each.sentence for each in trace.findings if each.kind in (KIND, "lost update")] == []


@pytest.mark.parametrize("program", [two_locks, no_lock, one_without], ids=lambda program: program.__name__)
def test_a_race_is_found_under_every_schedule(program: Target) -> None:
    for seed in range(20):
        kinds = {each.kind for each in recorded(program, seed).findings}
        assert kinds & {KIND, "lost update"}, f"seed {seed}"


@pytest.mark.parametrize("program", POLLING, ids=lambda program: program.__name__)
def test_what_waits_until_the_other_one_has_written_is_no_race(program: Target) -> None:
    for seed in range(3):
        trace = recorded(program, seed)
        assert trace.log.ending.reason == "done"
        assert [each.sentence for each in trace.findings if each.kind in (KIND, "lost update")] == []


def test_a_sleep_keeps_nothing_apart() -> None:
    account = Account()

    def late() -> None:
        sleep(1)
        account.balance = 1

    def later() -> None:
        sleep(2)
        account.balance = 2

    assert len(races(recorded(lambda: run(late, later), 0))) == 1


def test_what_is_looked_at_again_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    def program() -> None:
        print("once")
        two_locks()

    assert races(recorded(program, 0))
    assert capsys.readouterr().out == "once\n"


def once(program: Target) -> list[str]:
    """The kinds of what is said of the run that passes, where no schedule fails."""
    found = explore(program, grain="bytecode", progress=False)
    assert found.failure is None
    assert found.passing is not None
    return [each.kind for each in found.passing.findings]


class Slotted:
    __slots__ = ("count",)


def check_then_act() -> None:
    menu: dict[str, object] = {}

    def look() -> None:
        if "soup" not in menu:
            menu["soup"] = object()

    run(look, look)


def in_two_holds() -> None:
    account, lock = Account(), Lock()

    def add() -> None:
        with lock:
            read = account.balance
        with lock:
            account.balance = read + 1

    run(add, add)


def in_a_slot() -> None:
    slotted = Slotted()
    slotted.count = 0

    def add() -> None:
        slotted.count += 1

    run(add, add)


@pytest.mark.parametrize("program", [made_twice, check_then_act, in_two_holds, in_a_slot])
def test_of_runs_that_pass_one_is_shown_in_which_they_are_in_each_others_way(program: Target) -> None:
    assert set(once(program)) & {KIND, "lost update"}


def test_what_a_replayed_program_leaves_behind_is_of_the_run_that_is_shown() -> None:
    """Other runs look whether what is told can happen: they are no business of who replays a program."""
    left: list[list[str]] = []

    def program() -> None:
        counter, log = [0], list[str]()
        left.append(log)

        def up(name: str) -> None:
            counter[0] += 1
            log.append(name)

        threads = [Thread(target=up, args=(name,), name=name) for name in ("ann", "bob")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        log.append("end")

    trace = replay(program, grain="bytecode")
    assert races(trace)
    assert len(left) > 2  # it was run again
    assert left[-1] == left[0] == ["ann", "bob", "end"]


def test_marking_reads_and_writes_moves_no_line_of_the_other_events() -> None:
    """A place may stand in a log's table several times."""

    def program() -> None:
        lock, counter = Lock(), [0]

        def up() -> None:
            with lock:
                pass
            with lock:
                pass
            counter[0] += 1

        run(up, up)

    marked = replay(program, grain="bytecode")
    assert races(marked)

    def lines(trace: Trace) -> list[tuple[str, int]]:
        touches = (Kind.READ, Kind.WRITE)
        sites = trace.log.sites
        return [
            (event.kind.name, sites[event.site - 1].line if event.site else 0)
            for event in trace
            if event.kind not in touches
        ]

    first = program.__code__.co_firstlineno
    found = {line - first for kind, line in lines(marked) if kind in ("ACQUIRED", "RELEASED")}
    assert found == {4, 6}


# What cannot be told from another thing is said not to be judged


def items_by_what_is_not_known() -> None:
    grid: dict[tuple[int, int], int] = {}

    def mark() -> None:
        grid[1, 1] = len(grid)

    run(mark, mark)


def items_three_deep() -> None:
    sold = {"shop": {"bread": {"rye": 0}}}

    def sell() -> None:
        sold["shop"]["bread"]["rye"] = len(sold)

    run(sell, sell)


def attributes_of_what_has_no_number() -> None:
    account = Slotted()

    def open_it() -> None:
        account.count = len("")

    run(open_it, open_it)


@pytest.mark.parametrize(
    ("program", "what", "offset"),
    [
        (items_by_what_is_not_known, "item", 4),
        (items_three_deep, "item", 4),
        (attributes_of_what_has_no_number, "account.count", 4),
    ],
)
def test_what_cannot_be_told_from_another_is_said_not_to_be_judged(
    program: Target, what: str, offset: int
) -> None:
    trace = recorded(program, 1)
    (finding,) = trace.findings
    assert (finding.kind, finding.severity) == ("not judged", "note")
    one, other = (trace.log.thread(number).name for number in finding.threads)
    place = line(program, offset)
    assert finding.sentence == (
        f"Not judged: whether {one} and {other} write the same {what} could not be seen; {one} writes it at "
        f"{place}, {other} writes it at {place}."
    )
    assert "Not judged" in explore(program, grain="bytecode", schedules=5).text()


def items_under_a_lock() -> None:
    grid, lock = dict[tuple[int, int], int](), Lock()

    def mark() -> None:
        with lock:
            grid[1, 1] = len(grid)

    run(mark, mark)


def items_of_one_thread_at_a_time() -> None:
    own, grid = local(), dict[tuple[int, int], int]()

    def mark() -> None:
        own.number = len(grid)
        grid[1, 1] = own.number

    run(mark)
    run(mark)


@pytest.mark.parametrize("program", [items_under_a_lock, items_of_one_thread_at_a_time])
def test_what_could_be_no_race_anyway_needs_no_judging(program: Target) -> None:
    assert recorded(program, 1).findings == ()
