"""A wait that is interrupted as soon as it is on record is over on record, too."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from queue import Queue, SimpleQueue

import pytest

from tracing import Condition, Event, Lock, Semaphore, Thread, record, sleep
from tracing.events import KIND_MASK
from tracing.model import Outcome, State
from tracing.model.table import TABLE
from tracing.runtime import here


def interrupt_when_it_waits() -> None:
    """A Ctrl-C in the calling thread, right after the record of a wait or a sleep."""
    log = here.agent.log
    extend = log.extend

    def extend_once_more(entries: tuple[int, ...]) -> None:
        extend(entries)
        if TABLE[entries[1] & KIND_MASK].state in (State.WAITING, State.SLEEPING):
            log.extend = extend
            raise KeyboardInterrupt

    log.extend = extend_once_more


def of_a_lock() -> None:
    lock = Lock()
    with lock:
        interrupt_when_it_waits()
        lock.acquire()


def of_a_condition() -> None:
    condition = Condition()
    with condition:
        interrupt_when_it_waits()
        condition.wait()


def of_a_semaphore() -> None:
    interrupt_when_it_waits()
    Semaphore(0).acquire()


def of_an_event() -> None:
    interrupt_when_it_waits()
    Event().wait()


def of_a_sleep() -> None:
    interrupt_when_it_waits()
    sleep(20)


def of_an_item() -> None:
    interrupt_when_it_waits()
    SimpleQueue[int]().get()


def of_a_queue() -> None:
    interrupt_when_it_waits()
    Queue[int]().get()


def of_a_join() -> None:
    later = threading.Lock()  # in C, and of nobody's record
    with later:
        thread = Thread(target=later.acquire)
        thread.start()
        interrupt_when_it_waits()
        thread.join()


def of_a_result() -> None:
    later, pool = threading.Lock(), ThreadPoolExecutor(1)
    with later:
        call: Future[bool] = pool.submit(later.acquire)
        interrupt_when_it_waits()
        call.result()


def of_results() -> None:
    later, pool = threading.Lock(), ThreadPoolExecutor(1)
    with later:
        calls = [pool.submit(later.acquire)]
        interrupt_when_it_waits()
        wait(calls)


def of_a_pool() -> None:
    later, pool = threading.Lock(), ThreadPoolExecutor(1)
    with later:
        pool.submit(later.acquire)
        interrupt_when_it_waits()
        pool.shutdown()


@pytest.mark.parametrize(
    "waits",
    [
        *(of_a_lock, of_a_condition, of_a_semaphore, of_an_event, of_a_sleep, of_an_item, of_a_queue),
        *(of_a_join, of_a_result, of_results, of_a_pool),
    ],
)
def test_a_wait_is_over_when_it_is_interrupted(waits: Callable[[], None]) -> None:
    with record() as run, pytest.raises(KeyboardInterrupt):
        waits()
    assert [wait.outcome for wait in run.model.waits if wait.thread == 1] in ([], [Outcome.CUT])
    assert run.model.threads[0].spans[-1].state is State.RUNNING
