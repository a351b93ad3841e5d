"""More odd but legal programs, of queues, pools, futures and the corners of primitives: see `test_alike`."""

from __future__ import annotations

import copy
import functools
import gc
import heapq
import logging
import logging.handlers
import queue
import sched
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import (
    ALL_COMPLETED,
    FIRST_COMPLETED,
    FIRST_EXCEPTION,
    Future,
    ThreadPoolExecutor,
    as_completed,
    wait,
)
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any

import pytest
from test_alike import Module, Program, attempt, bare, hooked, ran, recorded, simulated, unrecorded

PROGRAMS: dict[str, Program] = {}


def program(function: Program) -> Program:
    PROGRAMS[function.__name__] = function
    return function


def unnumbered(text: object) -> str:
    return str(text).split(" at 0x")[0]


# Threads


@program
def a_constructor_that_fails(t: Module) -> list[Any]:
    made: list[Any] = []

    class Early(t.Thread):  # type: ignore[misc]
        def __init__(self) -> None:
            made.append(self)
            raise LookupError("early")

    class Late(t.Thread):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(target=int)
            made.append(self)
            raise LookupError("late")

    found = [attempt(Early), attempt(Late)]
    early, late = made
    found += [attempt(early.start), attempt(early.join), attempt(repr, early), attempt(early.is_alive)]
    return [*found, attempt(late.start), attempt(late.join), late.is_alive()]


@program
def targets_of_all_sorts(t: Module) -> list[Any]:
    said: list[Any] = []

    class Callable_:
        def __call__(self, *args: object, **named: object) -> None:
            said.append((args, named))

        def __bool__(self) -> bool:
            return False  # a target without truth is none

    class Made:
        def __init__(self, value: int) -> None:
            said.append(value)

    ran(t.Thread(target=Callable_(), args=(1,)))
    ran(t.Thread(target=Callable_().__call__, args=[1], kwargs={"a": 2}))
    ran(t.Thread(target=Made, args=(3,)))
    ran(t.Thread(target=partial(said.append, 4)))
    ran(t.Thread(target=said.append, args=(number for number in (5,))))
    ran(t.Thread(target=Callable_().__call__, kwargs=MappingProxyType({"b": 6})))
    ran(t.Thread(target=None, args=(7,)))
    ran(t.Thread(None, said.append, "name", (8,), {}))
    args = [9]
    thread = t.Thread(target=said.append, args=args, name="later")
    args.append(10)
    with hooked(said):
        ran(thread)
        ran(t.Thread(target=5, name="no call"))
        ran(t.Thread(target=said.append, args=None, name="no arguments"))
    return [*said, attempt(t.Thread, 1), attempt(t.Thread, target=int, nothing=1)]


@program
def names_of_odd_types(t: Module) -> list[Any]:
    class Text(str):
        __slots__ = ()

        def __str__(self) -> str:
            return "its own"

    names = [b"bytes", None, "", "two\nlines", "\N{SNOWMAN}" * 50, Text("text"), 3.5, ["list"]]
    threads = [t.Thread(target=int, name=name) for name in names]
    found = [thread.name if name else type(thread.name) for name, thread in zip(names, threads, strict=True)]
    for thread in threads:
        ran(thread)
        thread.name = "\ud800"
    return [*found, {thread.name for thread in threads}]


@program
def exceptions_of_all_sorts(t: Module) -> list[Any]:
    said: list[Any] = []

    class Odd(BaseException):
        def __str__(self) -> str:
            raise ValueError("no words")

    def fails(error: BaseException) -> None:
        raise error

    def exits_in_finally() -> None:
        try:
            fails(KeyError("lost"))
        finally:
            sys.exit(3)

    def hook(args: threading.ExceptHookArgs) -> None:
        said.append(args.exc_type.__name__)

    before, threading.excepthook = threading.excepthook, hook
    try:
        for error in (StopIteration(1), GeneratorExit(), KeyboardInterrupt(), Odd(), SystemExit(1)):
            ran(t.Thread(target=fails, args=(error,)))
        ran(t.Thread(target=fails, args=(ExceptionGroup("several", [ValueError(1), KeyError(2)]),)))
        ran(t.Thread(target=exits_in_finally))
    finally:
        threading.excepthook = before
    return said


@program
def local_data_that_is_dropped_with_its_thread(t: Module) -> list[Any]:
    said: list[Any] = []
    main = threading.get_ident()

    class Value:
        def __init__(self, name: str) -> None:
            self.name = name

        def __del__(self) -> None:
            said.append((self.name, threading.get_ident() == main))  # to ask for the thread would make one

    local = t.local()

    def work() -> None:
        local.value = Value("first")
        local.value = Value("second")

    ran(t.Thread(target=work))
    gc.collect()
    return [sorted(said), hasattr(local, "value")]


@program
def joins_of_all_sorts(t: Module) -> list[Any]:
    found: list[Any] = []

    def joins_itself() -> None:
        found.append(attempt(t.current_thread().join))
        found.append(attempt(t.main_thread().join, 0.001))

    thread = t.Thread(target=joins_itself)
    found.append(attempt(thread.join))
    ran(thread)
    found += [attempt(thread.join), attempt(thread.join, -1), attempt(thread.join, 0), attempt(thread.start)]
    gate = t.Event()
    waits = t.Thread(target=gate.wait)
    waits.start()
    found += [attempt(waits.join, -1), attempt(waits.join, 0), attempt(waits.join, 0.001), waits.is_alive()]
    found += [attempt(waits.join, "x"), attempt(waits.join, timeout=None) if gate.set() else None]
    waits.join()
    return [*found, attempt(t.current_thread().join)]


@program
def stack_sizes(t: Module) -> list[Any]:
    before = t.stack_size()
    found = [attempt(t.stack_size, 1), attempt(t.stack_size, -1), t.stack_size(1 << 20), t.stack_size()]
    said: list[int] = []
    ran(t.Thread(target=said.append, args=(1,)))
    t.stack_size(before)
    return [*found, *said, t.stack_size() == before]


@program
def who_is_there(t: Module) -> list[Any]:
    gate, there = t.Event(), t.Semaphore(0)

    def work() -> None:
        there.release()
        gate.wait()

    before = t.active_count()
    threads = [t.Thread(target=work, name=f"w{number}") for number in range(3)]
    for thread in threads:
        thread.start()
        there.acquire()
    names = [thread.name for thread in t.enumerate() if thread in threads]
    found = [t.active_count() - before, names, len({thread.ident for thread in threads})]
    gate.set()
    for thread in threads:
        thread.join()
    return [*found, t.active_count() - before, threads[0] in t.enumerate()]


# Primitives


@program
def primitives_in_class_bodies_and_dataclasses(t: Module) -> list[Any]:
    class Shared:
        lock = t.Lock()
        permits = t.Semaphore(1)
        with lock, permits:
            held = lock.locked()

        @functools.cached_property
        def ready(self) -> Any:
            with self.lock:
                return t.Event()

    @dataclass
    class Account:
        balance: int = 0
        lock: Any = field(default_factory=t.RLock, repr=False, compare=False)

    account = Account(3)
    with account.lock, Shared().lock:
        equal = account == Account(3)
    return [
        Shared.held,
        Shared.lock.locked(),
        Shared().ready.is_set(),
        equal,
        repr(account).split(".")[-1],
        attempt(copy.deepcopy, account),
        copy.copy(account).lock is account.lock,
    ]


@program
def ways_out_of_a_with(t: Module) -> list[Any]:
    lock, found = t.Lock(), list[Any]()

    def returns() -> str:
        with lock:
            return "returned"

    def loops() -> list[int]:
        done = []
        for number in range(4):
            with lock:
                if number == 1:
                    continue
                if number == 3:
                    break
                done.append(number)
        return done

    def generates() -> Iterator[int]:
        with lock:
            yield 1

    @contextmanager
    def both(*locks: Any) -> Iterator[int]:
        with ExitStack() as stack:
            for each in locks:
                stack.enter_context(each)
            yield len(locks)

    generator = generates()
    found += [returns(), loops(), next(generator), lock.locked(), generator.close(), lock.locked()]
    with both(lock, t.RLock(), t.Semaphore(), t.Condition()) as number:
        found += [number, lock.locked()]
    return [*found, lock.locked(), lock.__exit__(None, None, None) if lock.acquire() else 0, lock.locked()]


@program
def numbers_of_permits(t: Module) -> list[Any]:
    semaphore, bounded = t.Semaphore(True), t.BoundedSemaphore(2)
    found = [attempt(t.Semaphore, -1), attempt(t.Semaphore, "x"), attempt(semaphore.release, 0)]
    found += [
        attempt(semaphore.acquire, False, 1),
        attempt(semaphore.acquire, False),
        semaphore.acquire(False),
    ]
    semaphore.release(n=2)
    found += [semaphore.acquire(timeout=0), semaphore.acquire(timeout=-1), semaphore.acquire(timeout=0.001)]
    found += [
        attempt(bounded.release),
        bounded.acquire(),
        attempt(bounded.release, 2),
        attempt(bounded.release),
    ]
    return [*found, attempt(bounded.__exit__, None, None, None)]


@program
def subclasses_that_change_what_is_called(t: Module) -> list[Any]:
    said: list[Any] = []

    class Bell(t.Event):  # type: ignore[misc]
        def set(self) -> None:
            said.append("set")
            super().set()

        def wait(self, timeout: float | None = None) -> bool:
            said.append(("wait", timeout))
            return bool(super().wait(timeout))

    class Gate(t.Barrier):  # type: ignore[misc]
        def wait(self, timeout: float | None = None) -> int:
            said.append(self.parties)
            return int(super().wait(timeout))

    class Counted(t.Semaphore):  # type: ignore[misc]
        def acquire(self, *args: Any, **named: Any) -> bool:
            said.append("acquire")
            return bool(super().acquire(*args, **named))

        __enter__ = acquire

    class Told(t.Condition):  # type: ignore[misc]
        def notify(self, n: int = 1) -> None:
            said.append(("notify", n))
            super().notify(n)

    bell, told = Bell(), Told()
    found: list[Any] = [bell.wait(0), bell.set(), bell.wait(), Gate(1).wait()]
    with Counted(), told:
        told.notify_all()
        told.notify()
    return [*found, *said]


@program
def barriers_broken_from_inside(t: Module) -> list[Any]:
    said: list[Any] = []

    def meets(barrier: Any) -> None:
        said.append(attempt(barrier.wait).split(":")[0])

    for error in (SystemExit, KeyboardInterrupt, LookupError):

        def action(error: type[BaseException] = error) -> None:
            raise error("in the action")

        barrier = t.Barrier(2, action=action)
        other = t.Thread(target=meets, args=(barrier,))
        other.start()
        meets(barrier)
        other.join()
        said.append(barrier.broken)
        barrier.reset()
        said.append((barrier.broken, barrier.n_waiting, barrier.parties))
    said[:] = [each if isinstance(each, tuple | bool) else "raised" for each in said]
    late = t.Barrier(2, timeout=0.001)
    return [*said, attempt(late.wait).split(":")[0], late.broken, attempt(late.wait).split(":")[0]]


@program
def conditions_used_oddly(t: Module) -> list[Any]:
    condition, found = t.Condition(), list[Any]()
    found += [attempt(condition.wait), attempt(condition.notify), attempt(condition.notify_all)]
    with condition:
        found += [attempt(condition.notify, 0), attempt(condition.notify, -1), attempt(condition.notify, 10)]
        found += [condition.wait_for(lambda: "truth"), condition.wait_for(list, 0.001)]
        found += [condition.wait(0), condition.wait(-1)]
        found += [
            attempt(condition.wait_for, partial(divmod, 1, 0)),
            attempt(condition.wait, "x").split(":")[0],
        ]
    return [*found, attempt(condition.release), attempt(t.Condition, 5)]


@program
def events_at_once(t: Module) -> list[Any]:
    event, said = t.Event(), list[Any]()

    def waits() -> None:
        said.append(event.wait())
        event.clear()

    thread = t.Thread(target=waits)
    thread.start()
    event.set()
    event.set()
    thread.join()
    return [*said, event.is_set(), event.wait(0), event.wait(-1), event.wait(0.001), unnumbered(event)[-20:]]


@program
def references_to_what_dies(t: Module) -> list[Any]:
    said: list[str] = []
    makers = {
        "Lock": t.Lock,
        "RLock": t.RLock,
        "Condition": t.Condition,
        "Event": t.Event,
        "Semaphore": t.Semaphore,
        "Barrier": lambda: t.Barrier(1),
        "Thread": t.Thread,
    }
    for name, make in makers.items():
        one = make()
        seen = weakref.ref(one, lambda _, name=name: said.append(name))  # type: ignore[misc]
        del one
        gc.collect()
        said.append(str(seen()))
    return said


# Queues


@program
def queues_whose_inside_is_the_program_s(t: Module) -> list[Any]:
    class Set(queue.Queue[Any]):
        def _init(self, maxsize: int) -> None:
            self.queue: Any = set()

        def _put(self, item: Any) -> None:
            self.queue.add(item)

        def _get(self) -> Any:
            return self.queue.pop()

    class Heap(queue.Queue[Any]):
        def _init(self, maxsize: int) -> None:
            self.queue: Any = []

        def _qsize(self) -> int:
            return len(self.queue)

        def _put(self, item: Any) -> None:
            heapq.heappush(self.queue, -item)

        def _get(self) -> Any:
            return -heapq.heappop(self.queue)

    once, largest = Set(), Heap(2)
    producer = t.Thread(target=lambda: [largest.put(number) for number in (1, 2, 3)])
    producer.start()
    found: list[Any] = [largest.get(), largest.get(), largest.get()]
    producer.join()
    for item in (1, 1, 1):
        once.put(item)
    return [sorted(found), once.qsize(), once.get(), once.unfinished_tasks, once.empty()]


@program
def queues_that_refuse(t: Module) -> list[Any]:
    channel, ordered = queue.Queue[Any](1), queue.PriorityQueue[Any]()
    found = [attempt(channel.get_nowait), attempt(channel.put, 1, False), attempt(channel.put_nowait, 2)]
    found += [
        attempt(channel.put, 2, timeout=-1),
        attempt(channel.get, timeout=-1),
        attempt(channel.put, 2, True, 0.001),
    ]
    found += [
        channel.get(),
        attempt(channel.get, True, 0.001),
        attempt(channel.task_done),
        attempt(channel.task_done),
    ]
    ordered.put((1, object()))
    found += [attempt(ordered.put, (1, object())), ordered.qsize(), ordered.unfinished_tasks]
    found += [
        queue.Queue[int](-5).full(),
        queue.LifoQueue[int]().empty(),
        attempt(queue.SimpleQueue[int]().get, False),
    ]
    with channel.mutex:
        channel.queue.append("by hand")
    return [*found, channel.get(), attempt(channel.join) if hasattr(channel, "is_shutdown") else "None"]


@program
def queues_between_many(t: Module) -> list[Any]:
    jobs, done = queue.Queue[Any](2), queue.SimpleQueue[Any]()
    last = queue.LifoQueue[Any]()

    def work() -> None:
        while (job := jobs.get()) is not None:
            done.put(job * job)
            last.put(job)
            jobs.task_done()
        jobs.task_done()

    workers = [t.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for number in (*range(6), None, None, None):
        jobs.put(number)
    jobs.join()
    for worker in workers:
        worker.join()
    return [sorted(done.get() for _ in range(6)), done.empty(), last.qsize(), jobs.unfinished_tasks]


# Futures and pools


@program
def futures_set_twice_and_called_back(t: Module) -> list[Any]:
    said: list[Any] = []
    future, failed, off = Future[int](), Future[int](), Future[int]()

    def fails(_: object) -> None:
        raise LookupError("in a callback")

    logger, silent = logging.getLogger("concurrent.futures"), logging.NullHandler()
    logger.addHandler(silent)
    logger.propagate = False
    try:
        for callback in (lambda f: said.append(f.result()), fails, lambda f: said.append("after")):
            future.add_done_callback(callback)
        found = [
            attempt(future.result, 0),
            attempt(future.exception, 0),
            future.set_running_or_notify_cancel(),
        ]
        found += [future.cancel(), future.running(), future.set_result(1), attempt(future.set_result, 2)]
        future.add_done_callback(lambda f: said.append("late"))
    finally:
        logger.removeHandler(silent)
        logger.propagate = True
    failed.set_exception(KeyError("set"))
    found += [attempt(failed.result), attempt(failed.set_exception, ValueError()), off.cancel(), off.cancel()]
    found += [
        attempt(off.result),
        attempt(off.exception),
        off.set_running_or_notify_cancel(),
        off.cancelled(),
    ]
    words = [str(each).split(" at 0x")[0].split(" <Future")[0] for each in found]
    return [*words, *said, unnumbered(repr(failed))]


@program
def pools_whose_initializer_fails(t: Module) -> list[Any]:
    def fails() -> None:
        raise LookupError("no worker")

    logger, silent = logging.getLogger("concurrent.futures"), logging.NullHandler()
    logger.addHandler(silent)
    logger.propagate = False
    try:
        with ThreadPoolExecutor(1, initializer=fails) as pool:
            call = pool.submit(int)
            found = [type(call.exception()).__name__, attempt(pool.submit, int).split(":")[0]]
    finally:
        logger.removeHandler(silent)
        logger.propagate = True
    return [*found, attempt(ThreadPoolExecutor, 0), attempt(ThreadPoolExecutor, 1, initializer=5)]


@program
def pools_shut_down_early(t: Module) -> list[Any]:
    gate, begun = t.Event(), t.Event()

    def first() -> str:
        begun.set()
        gate.wait()
        return "made"

    pool = ThreadPoolExecutor(1)
    calls = [pool.submit(first), *(pool.submit(int) for _ in range(3))]
    begun.wait()
    pool.shutdown(wait=False, cancel_futures=True)
    found = [[call.cancelled() for call in calls], attempt(pool.submit, int), attempt(pool.map, int, [1])]
    gate.set()
    pool.shutdown()
    pool.shutdown()
    return [*found, calls[0].result(), attempt(calls[1].result).split(":")[0]]


@program
def exits_in_calls_of_calls(t: Module) -> list[Any]:
    with ThreadPoolExecutor(2) as outer, ThreadPoolExecutor(2) as inner:
        call = outer.submit(lambda: inner.submit(sys.exit, 3).exception())
        error = call.result()
        found = [repr(error), attempt(outer.submit(sys.exit, 4).result), outer.submit(int).result()]
        found.append(attempt(outer.submit(inner.submit, int).result).split(" at ")[0])
    return found


@program
def calls_waited_for_in_all_ways(t: Module) -> list[Any]:
    gate = t.Event()
    with ThreadPoolExecutor(3) as pool:
        quick, fails, slow = pool.submit(int), pool.submit(divmod, 1, 0), pool.submit(gate.wait)
        first = wait([slow, quick], return_when=FIRST_COMPLETED)
        failed = wait([slow, fails], return_when=FIRST_EXCEPTION)
        none = wait([slow], timeout=0)
        found = [quick in first.done, fails in failed.done, slow in none.not_done, len(wait([]).done)]
        found.append(attempt(list, as_completed([slow], timeout=0)).split(" (")[0])
        gate.set()
        done = wait([quick, fails, slow, slow], return_when=ALL_COMPLETED)
        found += [len(done.done), len(list(as_completed([quick, quick, slow])))]
        found += [attempt(list, pool.map(divmod, [1, 2], [1, 0])), list(pool.map(max, [1, 2], [2, 1]))]
        results = pool.map(abs, range(5))
        found.append(next(results))
        results.close()  # type: ignore[attr-defined]
    return found


@program
def what_workers_are(t: Module) -> list[Any]:
    variable: ContextVar[str] = ContextVar("variable", default="default")
    data = t.local()

    def begin(name: str) -> None:
        data.name = name

    def look() -> tuple[Any, ...]:
        me = t.current_thread()
        return me.name, me.daemon, data.name, me is t.main_thread(), variable.get(), me.ident == t.get_ident()

    with ThreadPoolExecutor(1, "prefix", begin, ("begun",)) as pool:
        variable.set("set")
        found = [pool.submit(look).result()[:4], pool.submit(copy_context().run, variable.get).result()]

    class Own(ThreadPoolExecutor):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **named: Any) -> Any:
            found.append(fn.__name__)
            return super().submit(fn, *args, **named)

    with Own(1) as own:
        found += list(own.map(abs, [-1, -2]))
    return found


# Of the standard library


@program
def a_scheduler_of_calls(t: Module) -> list[Any]:
    said: list[Any] = []
    calls = sched.scheduler(time.monotonic, time.sleep)
    calls.enter(0.003, 1, said.append, ("third",))
    calls.enter(0.001, 2, said.append, ("second",))
    calls.enterabs(0, 1, said.append, ("first",))
    off = calls.enter(0.002, 1, said.append, ("never",))
    calls.cancel(off)
    ran(t.Thread(target=calls.run))
    return [*said, calls.empty(), calls.run(blocking=False)]


@program
def a_log_written_by_threads(t: Module) -> list[Any]:
    kept: list[logging.LogRecord] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kept.append(record)

    logger, memory = logging.Logger("of threads"), logging.handlers.MemoryHandler(2, target=Keep())
    logger.addHandler(memory)
    for number in range(3):
        ran(t.Thread(target=logger.info, args=("%d", number), name=f"w{number}"))
    before = len(kept)
    memory.close()
    return [before, [(record.threadName, record.getMessage()) for record in kept]]


@program
def producers_that_are_generators(t: Module) -> list[Any]:
    lock, items = t.Lock(), deque[int]()

    def produce() -> Iterator[None]:
        for number in range(3):
            with lock:
                items.append(number)
            yield

    generator = produce()
    for _ in range(2):
        ran(t.Thread(target=next, args=(generator,)))
    rest = t.Thread(target=deque, args=(generator,), kwargs={"maxlen": 0})
    ran(rest)
    with hooked(found := []):
        ran(t.Thread(target=next, args=(generator,)))
    return [list(items), [each[0] for each in found], lock.locked()]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("way", [unrecorded, recorded, simulated])
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_sees_what_it_sees_with_threading_alone(
    name: str, way: Callable[[Program], list[Any]]
) -> None:
    assert way(PROGRAMS[name]) == bare(PROGRAMS[name])
