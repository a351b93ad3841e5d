"""Where the stack has no room, an operation is either done or not begun: nothing is left held or lost.

Each operation is tried at each of the last depths before RecursionError, with `threading` alone, with ours
outside any run, recorded and simulated. `threading` itself is not free of it: a Semaphore that is entered by
`with` at one depth is not given back there, for its way out is one call longer than its way in.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

import pytest

import tracing
from tracing import record, simulate
from tracing.cpython.locks import inner_condition, waiters_of

Module = Any  # threading, or tracing
DEPTHS = 100


def dive(depth: int, operation: Callable[[], object]) -> None:
    if depth:
        dive(depth - 1, operation)
    else:
        operation()


def deepest() -> int:
    """How deep `dive` gets from where it is called."""
    low, high = 1, sys.getrecursionlimit()
    while low < high:
        middle = (low + high + 1) // 2
        try:
            dive(middle, list)
            low = middle
        except RecursionError:
            high = middle - 1
    return low


def somewhere_new(function: Callable[..., Any], number: int) -> Callable[..., Any]:
    """The same function in a file that nobody has seen yet: what is remembered of places is of no help."""
    assert isinstance(function, FunctionType)

    def moved(code: CodeType) -> CodeType:
        parts = tuple(moved(part) if isinstance(part, CodeType) else part for part in code.co_consts)
        return code.replace(co_filename=f"deep_{number}.py", co_consts=parts)

    return FunctionType(moved(function.__code__), function.__globals__, closure=function.__closure__)


# What is done, with a primitive


def block(one: Any) -> None:
    with one:
        pass


def block_in_block(one: Any) -> None:
    with one, one:
        pass


def block_in_call_in_block(one: Any) -> None:
    with one:
        block(one)


def acquire_and_release(one: Any) -> None:
    one.acquire()
    one.release()


def try_for_a_while(one: Any) -> None:
    if one.acquire(timeout=1):
        one.release()


def try_once(one: Any) -> None:
    if one.acquire(False):
        one.release()


def wait_in_vain(one: Any) -> None:
    with one:
        one.wait(0.0001)


def wait_for_truth(one: Any) -> None:
    with one:
        one.wait_for(lambda: True)


def notify(one: Any) -> None:
    with one:
        one.notify_all()


def up_and_down(event: Any) -> None:
    event.set()
    event.wait()
    event.clear()


def wait_for_the_flag_in_vain(event: Any) -> None:
    event.wait(0.0001)


def meet(barrier: Any) -> None:
    barrier.wait()


def break_and_mend(barrier: Any) -> None:
    barrier.abort()
    barrier.reset()


# Whether it is as good as new


def others_can(one: Any) -> bool:
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(one.acquire(False) and (one.release() or True)))
    thread.start()
    thread.join()
    return found == [True]


def notifies_nobody(one: Any) -> bool:
    one.acquire()
    one.notify()
    one.release()
    return not waiters_of(one)


def has_one_permit(one: Any) -> bool:
    if not others_can(inner_condition(one)):
        return False
    found = [one.acquire(False), one.acquire(False)]
    if found[0]:
        one.release()
    return found == [True, False]


def rings(one: Any) -> bool:
    one.set()
    passed = one.wait(1)
    one.clear()
    inner = inner_condition(one)
    return bool(passed) and others_can(inner) and not waiters_of(inner)


def lets_pass(one: Any) -> bool:
    free = others_can(inner_condition(one))
    if free:
        one.reset()
    return free and one.wait(1) == 0 and one.n_waiting == 0


@dataclass(frozen=True)
class Kind:
    make: Callable[[Module], Any]
    as_new: Callable[[Any], bool]
    operations: tuple[Callable[[Any], None], ...]


ACQUIRING = (block, acquire_and_release, try_for_a_while, try_once)
NESTING = (block_in_block, block_in_call_in_block)
WAITING = (wait_in_vain, wait_for_truth, notify)
KINDS = {
    "Lock": Kind(lambda t: t.Lock(), others_can, ACQUIRING),
    "RLock": Kind(lambda t: t.RLock(), others_can, (*ACQUIRING, *NESTING)),
    "Condition": Kind(
        lambda t: t.Condition(),
        lambda one: others_can(one) and notifies_nobody(one),
        (*ACQUIRING, *NESTING, *WAITING),
    ),
    "Condition(Lock)": Kind(
        lambda t: t.Condition(t.Lock()),
        lambda one: others_can(one) and notifies_nobody(one),
        (*ACQUIRING, *WAITING),
    ),
    "Semaphore": Kind(lambda t: t.Semaphore(), has_one_permit, ACQUIRING),
    "BoundedSemaphore": Kind(lambda t: t.BoundedSemaphore(), has_one_permit, ACQUIRING),
    "Event": Kind(lambda t: t.Event(), rings, (up_and_down, wait_for_the_flag_in_vain)),
    "Barrier": Kind(lambda t: t.Barrier(1), lets_pass, (meet, break_and_mend)),
}
ALL = [(name, each) for name, kind in KINDS.items() for each in kind.operations]


@contextmanager
def among_others(module: Module) -> Iterator[None]:
    """While another thread can always go on: who announces an operation is switched away from."""
    gone = threading.Event()

    def idle() -> None:
        while not gone.is_set():
            tracing.sleep(0.0005)

    thread = module.Thread(target=idle, name="idle", daemon=True)
    thread.start()
    try:
        yield
    finally:
        gone.set()
        thread.join()


WAYS: dict[str, tuple[Module, Callable[[], AbstractContextManager[Any]]]] = {
    "threading": (threading, nullcontext),
    "outside any run": (tracing, nullcontext),
    "recorded": (tracing, lambda: record(timeout=60)),
    "recorded without lines": (tracing, lambda: record(timeout=60, lines=False)),
    "simulated": (tracing, lambda: simulate(3, timeout=60)),
}


def spoiled(module: Module, kind: Kind, operation: Callable[[Any], None]) -> list[Any]:
    """The numbers of calls left, at which the operation leaves a primitive that is not as good as new."""
    found: list[Any] = []
    one, deep = kind.make(module), deepest()
    for left in range(DEPTHS):
        moved = somewhere_new(operation, left)
        try:
            dive(deep - left, lambda: moved(one))  # noqa: B023
        except RecursionError:
            pass
        except Exception as error:
            found.append(f"{left}: {error!r}")
        if not kind.as_new(one):
            found.append(left)
            one = kind.make(module)
    return found


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("name", "operation"), ALL, ids=[f"{name}-{each.__name__}" for name, each in ALL])
def test_an_operation_without_room_on_the_stack_leaves_a_primitive_as_it_was(
    name: str, operation: Callable[[Any], None], way: str
) -> None:
    module, run = WAYS[way]
    found: Any = "the run was ended"
    with run() as recorded, among_others(module):
        found = spoiled(module, KINDS[name], operation)
    if recorded is not None:
        assert recorded.log.ending.reason == "done"
    theirs = way == "threading" and "Semaphore" in name and operation is block
    assert len(found) == theirs, found


def start_and_join(module: Module, made: list[Any]) -> None:
    made.append(module.Thread(target=int, name="child"))
    made[0].start()
    made[0].join()


def start_and_cancel(module: Module, made: list[Any]) -> None:
    made.append(module.Timer(0.0001, int))
    made[0].start()
    made[0].cancel()
    made[0].join()


def start_and_ask(module: Module, made: list[Any]) -> None:
    made.append(module.Thread(target=int, name="child"))
    made[0].start()
    while made[0].is_alive():
        tracing.sleep(0)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("operation", [start_and_join, start_and_cancel, start_and_ask])
def test_a_thread_started_without_room_on_the_stack_is_started_or_is_not(
    operation: Callable[[Module, list[Any]], None], way: str
) -> None:
    module, run = WAYS[way]
    found: list[Any] = []
    with run() as recorded, among_others(module):
        deep = deepest()
        for left in range(DEPTHS):
            made: list[Any] = []
            moved = somewhere_new(operation, left)
            with suppress(RecursionError):
                dive(deep - left, lambda: moved(module, made))  # noqa: B023
            for thread in made:
                if thread.ident is not None:
                    thread.join(5)
                # Of one that was cut short threading itself may list the remains.
                if thread.is_alive() or recorded is not None and thread in threading.enumerate():
                    found.append((left, thread))
    if recorded is not None:
        assert recorded.log.ending.reason == "done"
    assert found == []


def set_it(event: Any, given: list[bool]) -> None:
    event.set()


def notify_it(condition: Any, given: list[bool]) -> None:
    with condition:
        condition.notify_all()
        given.append(True)


def release_it(semaphore: Any, given: list[bool]) -> None:
    semaphore.release()


def await_notification(condition: Any) -> None:
    with condition:
        condition.wait()


TOLD: dict[str, tuple[Callable[..., Any], ...]] = {  # made, waited for, told, whether it is told
    "Event": (lambda t: t.Event(), lambda one: one.wait(), set_it, lambda one: one.is_set()),
    "Condition": (lambda t: t.Condition(), await_notification, notify_it, lambda one: False),
    "Semaphore": (lambda t: t.Semaphore(0), lambda one: one.acquire(), release_it, lambda one: False),
}


@pytest.mark.parametrize("way", list(WAYS)[1:])
@pytest.mark.parametrize("name", TOLD)
def test_who_waits_is_told_or_nothing_is_done(name: str, way: str) -> None:
    module, run = WAYS[way]
    make, wait, tell, told = TOLD[name]
    found: list[Any] = []
    with run() as recorded, among_others(module):
        deep = deepest()
        for left in range(DEPTHS):
            one, given = make(module), [False]
            thread = module.Thread(target=wait, args=(one,), name="waits")
            thread.start()
            while not waiters_of(one if name == "Condition" else inner_condition(one)):
                tracing.sleep(0)
            moved = somewhere_new(tell, left)
            try:
                dive(deep - left, lambda: moved(one, given))  # noqa: B023
                given.append(True)
            except RecursionError:
                pass
            if given[-1] or told(one):
                thread.join(5)
                found += [left] if thread.is_alive() else []
            tell(one, given)
            thread.join()
    if recorded is not None:
        assert recorded.log.ending.reason == "done"
    assert found == []
