"""Odd but legal programs behave bare, recorded and simulated as they do with `threading` alone.

Each program gets a module (`threading`, or `tracing` in its place) and returns what it saw. What cannot be
alike stands under Limits in the README.
"""

from __future__ import annotations

import copy
import gc
import pickle
import queue
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator, Sized
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from pathlib import Path
from typing import Any

import pytest

import tracing
from tracing import record, simulate

Module = Any  # threading, or tracing
Program = Callable[[Module], list[Any]]
PROGRAMS: dict[str, Program] = {}


def program(function: Program) -> Program:
    PROGRAMS[function.__name__] = function
    return function


def ran(thread: threading.Thread) -> threading.Thread:
    thread.start()
    thread.join()
    return thread


def attempt(operation: Callable[..., object], *args: Any, **named: Any) -> str:
    """Its result, without its address, or its exception."""
    try:
        return f"{operation(*args, **named)!r}".split(" at 0x")[0]
    except BaseException as error:
        return f"{type(error).__name__}: {error}"


@contextmanager
def hooked(said: list[Any]) -> Iterator[None]:
    """A `threading.excepthook` of the program."""

    def hook(args: threading.ExceptHookArgs) -> None:
        thread = args.thread.name if args.thread else None
        said.append((args.exc_type.__name__, str(args.exc_value), thread, args.exc_traceback is not None))

    before, threading.excepthook = threading.excepthook, hook
    try:
        yield
    finally:
        threading.excepthook = before


# Threads whose class is odd


@program
def run_is_a_property(t: Module) -> list[Any]:
    said: list[Any] = []

    class Odd(t.Thread):  # type: ignore[misc]
        @property
        def run(self) -> Callable[[], None]:
            said.append(("asked in", threading.current_thread() is self))
            return lambda: said.append("ran")

    thread = ran(Odd())
    return [*said, thread.is_alive(), "run" in vars(thread)]


@program
def run_is_a_property_that_fails(t: Module) -> list[Any]:
    said: list[Any] = []

    class Odd(t.Thread):  # type: ignore[misc]
        @property
        def run(self) -> Callable[[], None]:
            raise LookupError("no run")

    with hooked(said):
        ran(Odd(name="odd"))
    return said


@program
def run_is_a_slot(t: Module) -> list[Any]:
    said: list[Any] = []

    class Odd(t.Thread):  # type: ignore[misc]
        __slots__ = ("run",)

    thread = Odd()
    thread.run = lambda: said.append(thread.is_alive())
    return [ran(thread).is_alive(), *said]


@program
def run_is_found_by_getattribute(t: Module) -> list[Any]:
    said: list[Any] = []

    class Odd(t.Thread):  # type: ignore[misc]
        def __getattribute__(self, name: str) -> Any:
            return (lambda: said.append("ran")) if name == "run" else super().__getattribute__(name)

    ran(Odd())
    return said


@program
def run_is_a_static_or_a_class_method_or_a_callable(t: Module) -> list[Any]:
    said: list[Any] = []

    class Call:
        def __call__(self) -> None:
            said.append("called")

    class Static(t.Thread):  # type: ignore[misc]
        @staticmethod
        def run() -> None:
            said.append("static")

    class Class(t.Thread):  # type: ignore[misc]
        @classmethod
        def run(cls) -> None:
            said.append(cls.__name__)

    class Object(t.Thread):  # type: ignore[misc]
        run = Call()

    for cls in (Static, Class, Object):
        ran(cls())
    return said


@program
def run_is_no_function(t: Module) -> list[Any]:
    said: list[Any] = []

    class Odd(t.Thread):  # type: ignore[misc]
        run = None

    with hooked(said):
        ran(Odd(name="odd"))
    return said


@program
def run_is_given_to_the_object_or_to_the_class_later(t: Module) -> list[Any]:
    said: list[Any] = []
    thread = t.Thread(target=lambda: said.append("target"))
    thread.run = lambda: said.append("instance")

    class Odd(t.Thread):  # type: ignore[misc]
        pass

    other = Odd()
    Odd.run = lambda self: said.append("class")
    ran(thread), ran(other)
    thread.run()
    return said


@program
def a_class_that_refuses_attributes(t: Module) -> list[Any]:
    said: list[Any] = []

    class Odd(t.Thread):  # type: ignore[misc]
        def __setattr__(self, name: str, value: object) -> None:
            if name == "run" or "tracing" in name:
                raise AttributeError(f"read-only: {name}")
            super().__setattr__(name, value)

        def run(self) -> None:
            said.append("ran")

    return [ran(Odd()).is_alive(), *said]


@program
def a_timer_whose_class_refuses_attributes(t: Module) -> list[Any]:
    said: list[Any] = []

    class Odd(t.Timer):  # type: ignore[misc]
        def __setattr__(self, name: str, value: object) -> None:
            if "tracing" in name:
                raise AttributeError(f"read-only: {name}")
            super().__setattr__(name, value)

    ran(Odd(0, said.append, ("fired",)))
    return said


@program
def a_computed_run_asks_what_thread_it_is_in(t: Module) -> list[Any]:
    said: list[Any] = []

    class Odd(t.Thread):  # type: ignore[misc]
        @property
        def run(self) -> Callable[[], None]:
            said.append((self.daemon, threading.Thread().daemon, self.native_id == t.get_native_id()))
            return lambda: None

    for daemon in (False, True):
        thread = ran(Odd(daemon=daemon))
        said.append((thread.daemon, sorted(set(vars(thread)) & {"_bootstrap_inner", "_set_native_id"})))
    return said


@program
def a_class_that_answers_everything(t: Module) -> list[Any]:
    asked: set[str] = set()

    class Odd(t.Thread):  # type: ignore[misc]
        def __getattr__(self, name: str) -> str:
            asked.add(name)
            return f"made up {name}"

        def run(self) -> None:
            asked.add(self.answer)

    ran(Odd(name="odd"))
    return sorted(asked)


@program
def a_class_with_its_own_start_join_and_is_alive(t: Module) -> list[Any]:
    said: list[Any] = []

    class Odd(t.Thread):  # type: ignore[misc]
        def start(self) -> None:
            said.append("start")
            super().start()

        def join(self, timeout: float | None = None) -> None:
            said.append(("join", timeout))
            super().join(timeout)

        def is_alive(self) -> bool:
            said.append("is_alive")
            return super().is_alive()

    return [ran(Odd(target=int)).is_alive(), *said]


@program
def threads_that_compare_equal_and_have_no_truth(t: Module) -> list[Any]:
    class Odd(t.Thread):  # type: ignore[misc]
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = t.Thread.__hash__

        def __bool__(self) -> bool:
            return False

        def __len__(self) -> int:
            return 0

    threads = [Odd(target=int) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [thread.is_alive() for thread in threads]


@program
def a_thread_that_starts_in_its_constructor(t: Module) -> list[Any]:
    said: list[Any] = []

    class Odd(t.Thread):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.start()
            self.join()
            said.append("made")

        def run(self) -> None:
            said.append("ran")

    Odd()
    return said


@program
def a_thread_whose_constructor_is_not_called(t: Module) -> list[Any]:
    class Odd(t.Thread):  # type: ignore[misc]
        def __init__(self) -> None:
            pass

    return [attempt(Odd().start), attempt(Odd().join), attempt(Odd().is_alive), attempt(repr, Odd())]


@program
def a_thread_started_by_a_finalizer(t: Module) -> list[Any]:
    said: list[Any] = []

    class Last:
        def __del__(self) -> None:
            ran(t.Thread(target=lambda: said.append("ran")))

    Last()
    gc.collect()
    return said


@program
def a_thread_used_wrongly(t: Module) -> list[Any]:
    thread = t.Thread(target=int)
    before = [attempt(thread.join), thread.ident, thread.is_alive()]
    ran(thread)
    return [
        *before,
        attempt(thread.start),
        attempt(setattr, thread, "daemon", True),
        attempt(thread.join, -1),
        attempt(thread.join, "soon"),
        attempt(thread.join, 1, 2),
        attempt(t.current_thread().join),
        attempt(t.Thread, group=1),
        attempt(t.Thread, nonsense=1),
        attempt(t.Timer, 1),
    ]


@program
def a_thread_is_run_without_being_started(t: Module) -> list[Any]:
    said: list[Any] = []
    thread = t.Thread(target=lambda: said.append(threading.current_thread() is thread))
    thread.run()
    return [*said, thread.is_alive(), thread.ident, attempt(thread.run)]


@program
def a_thread_forgets_what_it_ran(t: Module) -> list[Any]:
    class Payload:
        pass

    payload = Payload()
    gone = weakref.ref(payload)
    thread = t.Thread(target=lambda *_: None, args=(payload,))
    del payload
    ran(thread)
    gc.collect()
    return [gone() is None, sorted(name for name in vars(thread) if name in ("_target", "_args"))]


@program
def a_thread_dies_with_its_last_reference(t: Module) -> list[Any]:
    thread = t.Thread(target=int)
    gone = weakref.ref(thread)
    del thread
    gc.collect()
    return [gone() is None]


# How threads end


@program
def exits_and_failures_and_who_is_told(t: Module) -> list[Any]:
    said: list[Any] = []

    def fail(error: BaseException) -> None:
        raise error

    errors = [SystemExit(), SystemExit(3), SystemExit("bye"), ValueError("v"), KeyboardInterrupt("k")]
    errors += [GeneratorExit("g"), BaseExceptionGroup("both", [KeyError("a"), SystemExit(1)])]
    with hooked(said):
        for number, error in enumerate(errors):
            ran(t.Thread(target=fail, args=(error,), name=f"t{number}"))
        ran(t.Thread(target=sys.exit, name="exit"))
    return said


@program
def a_hook_that_fails_or_is_none(t: Module) -> list[Any]:
    said: list[Any] = []

    def hook(args: object) -> None:
        raise LookupError("in the hook")

    before, sys_before = threading.excepthook, sys.excepthook
    threading.excepthook, sys.excepthook = hook, lambda kind, error, trace: said.append(kind.__name__)
    try:
        ran(t.Thread(target=divmod, args=(1, 0)))
    finally:
        threading.excepthook, sys.excepthook = before, sys_before
    return said


@program
def a_hook_sees_the_thread_alive_and_current(t: Module) -> list[Any]:
    said: list[Any] = []

    def hook(args: threading.ExceptHookArgs) -> None:
        assert args.thread is not None
        said.append((threading.current_thread() is args.thread, args.thread.is_alive()))

    before, threading.excepthook = threading.excepthook, hook
    try:
        ran(t.Thread(target=divmod, args=(1, 0)))
    finally:
        threading.excepthook = before
    return said


def deeper(operation: Callable[[], object]) -> None:
    operation()
    deeper(operation)


@program
def too_deep_a_recursion_between_acquire_and_release(t: Module) -> list[Any]:
    found: list[Any] = []
    # Without a Lock: on 3.13 a method with arguments is entered where one without is not.
    for make in (t.Semaphore, t.BoundedSemaphore):
        lock = make()

        def inside(lock: Any = lock) -> None:
            lock.acquire()
            lock.release()

        found.append(attempt(deeper, inside)[:14])
        found.append(attempt(lock.acquire, False))
    return found


@program
def too_deep_a_recursion_in_a_condition_and_in_a_lock(t: Module) -> list[Any]:
    # Without a Semaphore: threading's own loses a permit so (see test_depths), ours does not.
    found: list[Any] = []
    for make in (t.Lock, t.RLock, t.Condition, lambda: t.Condition(t.Lock())):
        lock = make()

        def inside(lock: Any = lock) -> None:
            with lock:
                pass

        found.append(attempt(deeper, inside)[:14])
        found.append(attempt(lock.acquire, False))
    return found


@program
def too_deep_a_recursion_that_holds_a_lock_at_each_level(t: Module) -> list[Any]:
    found: list[Any] = []
    for make in (t.RLock, t.Condition):
        lock = make()

        def hold(lock: Any = lock) -> None:
            with lock:
                hold(lock)

        found.append(attempt(hold)[:14])
        ran(t.Thread(target=lambda lock=lock: found.append(lock.acquire(False))))
    return found


@program
def too_deep_a_recursion_in_a_thread(t: Module) -> list[Any]:
    said: list[Any] = []
    with hooked(said):
        ran(t.Thread(target=deeper, args=(int,), name="deep"))
    return [each[0] for each in said]


# What is known of threads


@program
def who_is_current(t: Module) -> list[Any]:
    found: list[Any] = []

    def ask() -> None:
        current = t.current_thread()
        found.extend([current is thread, current in t.enumerate(), current.ident == t.get_ident()])
        found.extend([current.native_id == t.get_native_id(), isinstance(current, threading.Thread)])
        found.append((current.name, current.daemon, t.main_thread() is current))

    thread = t.Thread(target=ask, name="asks")
    ran(thread)
    return [*found, thread in t.enumerate(), isinstance(t.main_thread(), threading.Thread), repr(thread)[:14]]


@program
def names_and_daemons(t: Module) -> list[Any]:
    def inner() -> None:
        child = t.Thread()
        found.append(child.daemon)

    found: list[Any] = []
    ran(t.Thread(target=inner, daemon=True))
    thread = t.Thread(target=inner, name=5)
    found += [thread.name, attempt(setattr, thread, "daemon", 1), thread.daemon, t.Thread(name="").name[:7]]
    thread.name = ("a", "tuple")
    ran(thread)
    return [*found, thread.name, attempt(t.Thread().setName, "x") if hasattr(thread, "setName") else ""]


@program
def local_data_of_subclasses(t: Module) -> list[Any]:
    made: list[Any] = []

    class Own(t.local):  # type: ignore[misc]
        __slots__ = ("slot",)
        shared = 1

        def __init__(self, value: int) -> None:
            self.value = value
            made.append(value)

    own = Own(7)
    own.value, own.slot = 8, 9

    def look() -> None:
        made.append((own.value, own.slot, own.shared))
        own.value = 10

    ran(t.Thread(target=look))
    return [*made, own.value]


@program
def profile_and_trace_functions(t: Module) -> list[Any]:
    called: list[str] = []

    def note(frame: Any, event: str, arg: object) -> None:
        if event == "call" and frame.f_code.co_name == "body":
            called.append(event)

    def body() -> None:
        pass

    for setter in (t.setprofile, t.settrace):
        before = threading.getprofile() if setter is t.setprofile else threading.gettrace()
        setter(note)
        try:
            ran(t.Thread(target=body))
        finally:
            setter(before)
    return called


@program
def a_generator_closed_in_another_thread(t: Module) -> list[Any]:
    said: list[Any] = []
    lock = t.RLock()

    def generate() -> Iterator[int]:
        try:
            with lock:
                yield 1
        except BaseException as error:
            said.append(f"{type(error).__name__}: {error}")

    generator = generate()
    next(generator)
    ran(t.Thread(target=lambda: said.append(attempt(generator.close))))  # type: ignore[attr-defined]
    lock.release()
    return [*said, attempt(lock.release)]


# Primitives as objects


def all_made(t: Module) -> dict[str, Any]:
    return {
        "Lock": t.Lock(),
        "RLock": t.RLock(),
        "Condition": t.Condition(),
        "Semaphore": t.Semaphore(2),
        "BoundedSemaphore": t.BoundedSemaphore(2),
        "Event": t.Event(),
        "Barrier": t.Barrier(2),
        "Thread": t.Thread(),
        "Timer": t.Timer(1, int),
        "local": t.local(),
    }


@program
def primitives_in_sets_and_weak_references(t: Module) -> list[Any]:
    return [
        (name, each in {each: 1}, each == each, each != object(), bool(each), weakref.ref(each)() is each)
        for name, each in all_made(t).items()
    ]


@program
def primitives_refuse_to_be_copied_as_those_of_threading_do(t: Module) -> list[Any]:
    return [
        (name, *(attempt(way, each)[:10] for way in (pickle.dumps, copy.copy, copy.deepcopy)))
        for name, each in all_made(t).items()
        if name not in ("local", "Thread", "Timer")
    ]


@program
def primitives_can_have_attributes_or_not(t: Module) -> list[Any]:
    return [(name, attempt(setattr, each, "mine", 1).split(":")[0]) for name, each in all_made(t).items()]


@program
def wrong_uses(t: Module) -> list[Any]:
    return [
        attempt(t.Lock().release),
        attempt(t.RLock().release),
        attempt(t.Condition().notify),
        attempt(t.Condition().wait, 0),
        attempt(t.Semaphore, -1),
        attempt(t.Semaphore(1).release, 0),
        attempt(t.Semaphore(1).acquire, False, 1),
        attempt(t.BoundedSemaphore(1).release),
        attempt(t.Barrier, 0),
        attempt(t.Barrier, "two"),
        attempt(t.Lock().acquire, True, -2),
        attempt(t.Lock().acquire, False, 1),
        attempt(t.Lock().acquire, True, 1e300),
        attempt(t.Lock().acquire, 1, 2, 3).split(":")[0],  # ours is written in Python: other words
        attempt(t.Event().wait, "x").split(":")[0],
        attempt(t.Event().wait, float("-inf")),
    ]


@program
def a_lock_handed_over_and_conditions_that_share_it(t: Module) -> list[Any]:
    lock = t.Lock()
    lock.acquire()
    ran(t.Thread(target=lock.release))
    one, two = t.Condition(lock), t.Condition(lock)
    with one:
        found = [lock.locked(), attempt(two.notify_all), two.wait(0)]
    return [*found, lock.locked(), attempt(one.notify)]


@program
def a_condition_on_a_lock_of_the_program_s_own(t: Module) -> list[Any]:
    calls: list[str] = []

    class Own:
        def __init__(self) -> None:
            self.inner = threading.Lock()

        def acquire(self, *args: Any) -> bool:
            calls.append("acquire")
            return self.inner.acquire(*args)

        def release(self) -> None:
            calls.append("release")
            self.inner.release()

        def __enter__(self) -> bool:
            return self.acquire()

        def locked(self) -> bool:  # asked for from 3.14 on
            return self.inner.locked()

        def __exit__(self, *_: object) -> None:
            self.release()

    condition = t.Condition(Own())
    with condition:
        condition.notify()
    return [calls[0], calls[-1], condition.acquire(), condition.release()]


@program
def queues_and_executors(t: Module) -> list[Any]:
    channel: queue.Queue[int] = queue.Queue(1)
    thread = t.Thread(target=lambda: [channel.put(number) for number in range(3)])
    thread.start()
    found = [channel.get() for _ in range(3)]
    thread.join()
    with ThreadPoolExecutor(1) as pool:
        return [*found, pool.submit(pow, 2, 3).result(), list(pool.map(abs, [-1])), channel.empty()]


@program
def timers_of_all_sorts(t: Module) -> list[Any]:
    said: list[Any] = []

    class Own(t.Timer):  # type: ignore[misc]
        def run(self) -> None:
            said.append("own run")
            super().run()

    with hooked(said):
        ran(Own(0, said.append, ("fired",)))
        ran(t.Timer(0, divmod, (1, 0)))
        early = t.Timer(60, said.append, ("never",))
        early.cancel()
        ran(early)
        held: list[Any] = []
        held.append(t.Timer(0, lambda: held[0].cancel()))
        ran(held[0])
        done = t.Timer(60, said.append, ("never",))
        done.finished.set()
        ran(done)
    kinds = [(each[0], each[1]) if isinstance(each, tuple) else each for each in said]
    return [*kinds, early.finished.is_set(), held[0].finished.is_set(), early.interval, early.args]


@program
def conditions_with_odd_predicates_and_deep_locks(t: Module) -> list[Any]:
    condition = t.Condition()
    answers = iter([0, "", [], "yes"])
    with condition, condition, condition:
        found = [condition.wait(0), condition.wait_for(lambda: False, 0), condition.wait_for(lambda: 7)]
        found.append(condition.wait_for(lambda: next(answers), 0))
        found.append(attempt(condition.wait_for, lambda: 1 // 0))
        found += [
            attempt(condition.notify, 0),
            attempt(condition.notify, -1),
            attempt(condition.notify, "x")[:9],
        ]
    return [*found, attempt(condition.release), condition.acquire(False)]


@program
def barriers_whose_action_fails_or_comes_back(t: Module) -> list[Any]:
    def again() -> None:
        found.append(barrier.n_waiting)

    found: list[Any] = []
    barrier = t.Barrier(1, action=again)
    found += [barrier.wait(), barrier.wait(), barrier.parties, barrier.broken]
    failing = t.Barrier(1, action=lambda: 1 // 0)
    found += [attempt(failing.wait), failing.broken, attempt(failing.wait), failing.reset(), failing.broken]
    return [*found, attempt(t.Barrier(2).wait, 0)]


@program
def subclasses_of_primitives(t: Module) -> list[Any]:
    class Gate(t.Event):  # type: ignore[misc]
        def is_set(self) -> bool:
            return not super().is_set()

    class Pool(t.Semaphore):  # type: ignore[misc]
        def acquire(self, *args: Any, **named: Any) -> Any:
            found.append("acquire")
            return super().acquire(*args, **named)

        def __exit__(self, *_: object) -> Any:
            self.release()
            return True

    class Room(t.Condition):  # type: ignore[misc]
        __slots__ = ("extra",)

    found: list[Any] = []
    gate, pool, room = Gate(), Pool(1), Room()
    gate.set()
    pool.acquire(timeout=1)
    pool.release(n=2)
    with pool:
        1 // 0  # noqa: B018
    room.extra = 1
    return [*found, gate.is_set(), gate.wait(0), pool.acquire(blocking=False), room.extra]


@program
def what_a_subclass_of_a_thread_and_an_abstract_class_is(t: Module) -> list[Any]:
    class Odd(t.Thread, Sized):  # type: ignore[misc]
        def __len__(self) -> int:
            return 0

    thread = ran(Odd(target=int))
    return [isinstance(thread, Sized), type(Odd).__name__, issubclass(t.Timer, t.Thread), thread.is_alive()]


@program
def a_thread_initialised_again_and_another_s_attributes(t: Module) -> list[Any]:
    said: list[Any] = []
    options = {"end": 1}
    thread = t.Thread(target=lambda **named: said.append(named), kwargs=options)
    options["more"] = 2
    ran(thread)
    thread.__init__(target=lambda: said.append("again"))
    return [*said, ran(thread).is_alive(), *said[1:], hasattr(thread, "_target")]


@program
def context_variables_in_threads(t: Module) -> list[Any]:
    variable: ContextVar[str] = ContextVar("variable", default="default")
    variable.set("outside")
    said: list[Any] = []

    def look() -> None:
        said.append(variable.get())
        variable.set("inside")

    ran(t.Thread(target=look))
    ran(t.Thread(target=copy_context().run, args=(look,)))
    return [*said, variable.get()]


@program
def exceptions_keep_their_context_and_frames(t: Module) -> list[Any]:
    said: list[Any] = []

    def fail() -> None:
        try:
            1 // 0  # noqa: B018
        except ZeroDivisionError as error:
            raise ValueError("because") from error

    def hook(args: threading.ExceptHookArgs) -> None:
        trace, names = args.exc_traceback, []
        while trace:
            names.append(trace.tb_frame.f_code.co_name)
            trace = trace.tb_next
        said.extend([names[-1], repr(args.exc_value.__cause__) if args.exc_value else None])

    before, threading.excepthook = threading.excepthook, hook
    try:
        ran(t.Thread(target=fail))
    finally:
        threading.excepthook = before
    return said


@program
def locks_released_by_finalizers_and_in_other_orders(t: Module) -> list[Any]:
    one, two = t.Lock(), t.RLock()

    class Holder:
        def __init__(self) -> None:
            one.acquire()

        def __del__(self) -> None:
            one.release()

    holder = Holder()
    found = [one.locked()]
    del holder
    gc.collect()
    one.acquire(), two.acquire(), one.release(), two.acquire(), two.release(), two.release()
    return [*found, one.locked(), attempt(two.release)]


@program
def threads_that_start_threads_that_outlive_them(t: Module) -> list[Any]:
    gate, said = t.Event(), []
    inner: list[Any] = []

    def outer() -> None:
        inner.append(t.Thread(target=lambda: (gate.wait(), said.append("inner"))))
        inner[0].start()

    ran(t.Thread(target=outer))
    found = inner[0].is_alive()
    gate.set()
    inner[0].join()
    return [found, *said, t.active_count() >= 1]


NOT_UNWOUND = "the run was ended from outside"


def bare(run: Program) -> list[Any]:
    return run(threading)


def unrecorded(run: Program) -> list[Any]:
    return run(tracing)


def recorded(run: Program) -> list[Any]:
    with record(timeout=60):
        return run(tracing)
    raise AssertionError(NOT_UNWOUND)


def simulated(run: Program) -> list[Any]:
    with simulate(timeout=60):
        return run(tracing)
    raise AssertionError(NOT_UNWOUND)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("way", [unrecorded, recorded, simulated])
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_sees_what_it_sees_with_threading_alone(
    name: str, way: Callable[[Program], list[Any]]
) -> None:
    assert way(PROGRAMS[name]) == bare(PROGRAMS[name])


AT_THE_END = """
import atexit, sys, threading
from contextlib import nullcontext
import tracing
t = {module}

def say(*words):  # print() writes a line in pieces
    sys.stdout.write(" ".join(map(str, words)) + "\\n")

def late(name):
    try:
        thread = t.Thread(target=say, args=(name, "ran"))
        thread.start()
        thread.join()
    except RuntimeError as error:
        say(name, type(error).__name__)

class Last:
    def __del__(self):
        late("finalizer")

def outlives(gate):
    gate.wait()
    say("outlives")

kept = Last()
atexit.register(late, "atexit")
sys.excepthook = lambda kind, *_: say("sys.excepthook", kind.__name__)
with {run}:
    thread = t.Thread(target=late, args=("within",))
    thread.start()
    thread.join()
gate = t.Event()
t.Thread(target=outlives, args=(gate,)).start()
t.Timer(0, gate.set).start()
say("main is over", t.main_thread().is_alive())
raise LookupError
"""


@pytest.mark.parametrize("run", ["nullcontext()", "tracing.record()", "tracing.simulate()"])
def test_an_interpreter_ends_as_with_threading_alone(run: str) -> None:
    def output(module: str, run: str) -> tuple[int, list[str]]:
        script = AT_THE_END.format(module=module, run=run)
        folder = Path(tracing.__file__).parent.parent
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return done.returncode, sorted(done.stdout.splitlines())  # main and the thread end in any order

    assert output("tracing", run) == output("threading", "nullcontext()")
