"""A run keeps its record, and nothing of the program: neither threads nor what they were given."""

from __future__ import annotations

import _threading_local
import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

import tracing
from tracing import (
    Barrier,
    Condition,
    Event,
    Lock,
    RLock,
    Semaphore,
    Thread,
    Timer,
    explore,
    record,
    simulate,
)
from tracing.exploring.executing import LeanRun, LeanSimulated
from tracing.runtime import here

MOMENT = 2.0  # s
Block = Callable[[], Any]
blocks = pytest.mark.parametrize("block", [record, simulate])


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    """What is dropped goes at once: nothing may depend on when the collector comes."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


class Given:
    """A target or an argument."""

    def __call__(self, other: object = None) -> None:
        pass


class Failing(Given):
    def __call__(self, other: object = None) -> None:
        raise ValueError("no")


class Own(Thread):
    def __init__(self, target: Given, argument: Given) -> None:
        super().__init__()
        self.target, self.argument = target, argument

    def run(self) -> None:
        self.target(self.argument)


def of_face(target: Given, argument: Given) -> threading.Thread:
    return Thread(target=target, args=(argument,))


def of_daemon(target: Given, argument: Given) -> threading.Thread:
    return Thread(target=target, kwargs={"other": argument}, daemon=True)


def of_timer(target: Given, argument: Given) -> threading.Thread:
    return Timer(0, target, [argument])


def of_library(target: Given, argument: Given) -> threading.Thread:
    return threading.Thread(target=target, args=(argument,))


MAKERS = [of_face, of_daemon, of_timer, of_library, Own]


class Watched:
    """Things that are looked at, and not kept."""

    def __init__(self) -> None:
        self._references: list[weakref.ref[Any]] = []

    def look_at(self, *things: Any) -> None:
        self._references += map(weakref.ref, things)

    def left(self) -> list[str]:
        """What is still there after a moment: a thread may be on its way out. And what another thread drops
        goes, without the GIL, only when the one that made it comes to look.
        """
        until = time.monotonic() + MOMENT
        while (found := self.there()) and time.monotonic() < until:
            time.sleep(0.001)
        return found

    def there(self) -> list[str]:
        return [type(thing).__name__ for each in self._references if (thing := each()) is not None]


@blocks
@pytest.mark.parametrize(
    ("kind", "maker"),
    [
        *((Given, maker) for maker in MAKERS),
        *((Failing, maker) for maker in MAKERS if maker is not of_library),
    ],
)
def test_a_thread_that_the_program_drops_is_gone_although_its_run_and_its_block_are_kept(
    block: Block, kind: type[Given], maker: Callable[[Given, Given], threading.Thread]
) -> None:
    watched = Watched()

    def start_some() -> list[threading.Thread]:
        threads = []
        for _ in range(3):
            target, argument = kind(), Given()
            threads.append(maker(target, argument))
            watched.look_at(threads[-1], target, argument)
            threads[-1].start()
        return threads

    kept = block()
    with kept as run, suppress(ValueError):
        threads = start_some()
        for thread in threads:
            thread.join()
    assert [each for each in watched.there() if each != kind.__name__][:1] == [type(threads[0]).__name__]
    del threads, thread
    assert watched.left() == []
    assert len(run.log.threads) == (1 if maker is of_library and block is record else 4)
    assert run.text()
    assert kept is not None


@blocks
def test_it_is_gone_as_soon_as_it_is_dropped_while_the_run_lasts(block: Block) -> None:
    watched, left = Watched(), []
    with block() as run:
        for _ in range(5):
            thread = Thread(target=Given())
            watched.look_at(thread)
            thread.start()
            thread.join()
            del thread
            left.append(watched.left())
    assert left == [[]] * 5
    assert [info.name for info in run.log.threads][1:] == [f"Thread-{number}" for number in range(1, 6)]


@blocks
def test_one_that_is_kept_keeps_no_other(block: Block) -> None:
    watched = Watched()
    with block():
        kept, dropped = Thread(target=Given()), Thread(target=Given())
        watched.look_at(dropped)
        for thread in (kept, dropped):
            thread.start()
            thread.join()
    del dropped, thread
    assert (watched.left(), kept.is_alive()) == ([], False)


@blocks
def test_one_that_was_never_started_or_was_refused_is_not_kept_either(block: Block) -> None:
    watched = Watched()
    with block() as run:
        never, twice = Thread(target=Given()), Thread(target=Given())
        watched.look_at(never, twice)
        twice.start()
        with pytest.raises(RuntimeError, match="once"):
            twice.start()
        with pytest.raises(RuntimeError, match="before it is started"):
            never.join()
    del never, twice
    assert (watched.left(), len(run.log.threads)) == ([], 2)


@blocks
def test_those_of_a_run_that_hung_are_gone_as_well(block: Block) -> None:
    watched = Watched()

    def hang() -> Any:
        lock = Lock()
        with block() as run:
            lock.acquire()
            threads = [Thread(target=lock.acquire) for _ in range(2)]
            watched.look_at(lock, *threads)
            for thread in threads:
                thread.start()
            threads[0].join()
        return run

    run = hang()
    assert run.log.ending.reason == "hung"
    gc.collect()  # a traceback that was raised out of a frame is a circle
    assert watched.left() == []


@blocks
@pytest.mark.parametrize(
    "make", [Lock, RLock, Condition, Event, Semaphore, lambda: Barrier(1), lambda: Condition(Lock())]
)
def test_a_primitive_that_the_program_drops_is_gone(block: Block, make: Callable[[], Any]) -> None:
    watched = Watched()
    with block() as run:
        thing = make()
        watched.look_at(thing)
        if hasattr(thing, "acquire"):
            with thing:
                pass
        else:
            use = getattr(thing, "set", None) or thing.wait
            use()
            del use
        during = watched.there()
    del thing
    assert (len(during), watched.left(), len(run.log.objects) > 0) == (1, [], True)


def test_an_exploration_keeps_no_thread() -> None:
    watched = Watched()

    def program() -> None:
        total, threads = {"n": 0}, []

        def add() -> None:
            with lock:
                n = total["n"]
            with lock:
                total["n"] = n + 1

        lock = Lock()
        for _ in range(2):
            thread = Thread(target=add)
            watched.look_at(thread)
            threads.append(thread)
            thread.start()
        for thread in threads:
            thread.join()
        assert total["n"] == 2

    found = tracing.explore(program)
    gc.collect()
    assert (watched.left(), found.text() != "") == ([], True)


def test_a_search_keeps_none_of_its_runs_but_the_last() -> None:
    def program() -> None:
        lock = Lock()
        threads = [Thread(target=lambda: lock.acquire() and lock.release()) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    found = explore(program)
    kept = [each for each in gc.get_objects() if isinstance(each, LeanRun | LeanSimulated)]
    assert (found.schedules > 1, len(kept)) == (True, 1)


def test_an_agent_has_no_more_attributes_than_cpython_keeps_in_an_object() -> None:
    """Else each operation of each primitive takes longer."""
    agents = []
    with record(), ThreadPoolExecutor(1) as pool:
        permits = Semaphore(0)
        thread = Thread(target=lambda: agents.append(here.agent) or permits.acquire())
        thread.start()
        pool.submit(lambda: agents.append(here.agent)).result()
        permits.release()
        thread.join()
        agents.append(here.agent)
    names = {name for agent in agents for name in vars(agent)}
    assert len(agents) == 3
    assert len(names) <= 30


def test_a_block_in_a_thread_of_its_own_does_not_keep_that() -> None:
    watched, kept = Watched(), []

    def inside() -> None:
        kept.append(record())
        with kept[0] as run:
            kept.append(run)

    thread = threading.Thread(target=inside)
    watched.look_at(thread)
    thread.start()
    thread.join()
    del thread
    assert (watched.left(), len(kept[1].log.threads)) == ([], 1)


@blocks
@pytest.mark.parametrize("local", [threading.local, _threading_local.local])
def test_what_is_local_to_threads_dies_with_them(block: Block, local: type[Any]) -> None:
    """As CPython's test_local_refs has it, in a run."""
    watched = Watched()
    mine = local()

    def target() -> None:
        mine.given = Given()
        watched.look_at(mine.given)

    with block():
        for _ in range(20):
            thread = Thread(target=target)
            thread.start()
            thread.join()
        del thread
        during = len(watched.there())
    assert during <= 1
    mine.given = None  # assignment frees that of the last thread, in some versions
    assert len(watched.left()) <= 1
