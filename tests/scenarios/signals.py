"""Threads that tell each other something."""

from __future__ import annotations

from scenarios.races import in_threads
from tracing import Condition, Event, Semaphore, Thread


def lost_signal() -> None:
    """Nobody waits yet when the signal is given: it is gone."""
    ready = Condition()

    def waiter() -> None:
        with ready:
            ready.wait()

    def sender() -> None:
        with ready:
            ready.notify()

    in_threads(waiter, sender)


def kept_signal() -> None:
    """A flag keeps it; who finds it set need not wait."""
    ready = Condition()
    done = False

    def waiter() -> None:
        with ready:
            while not done:
                ready.wait()

    def sender() -> None:
        nonlocal done
        with ready:
            done = True
            ready.notify()

    in_threads(waiter, sender)


def one_item(*, look_again: bool) -> int:
    """Two consumers, a producer with one item for each. Returns how many items are left."""
    items: list[int] = []
    stocked = Condition()

    def consumer() -> None:
        with stocked:
            if look_again:
                while not items:
                    stocked.wait()
            elif not items:
                stocked.wait()
            items.pop()

    def producer() -> None:
        for item in range(2):
            with stocked:
                items.append(item)
                stocked.notify()

    threads = [
        Thread(target=consumer, name="ann"),
        Thread(target=consumer, name="bob"),
        Thread(target=producer),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(items)


def if_around_wait() -> int:
    """Between the signal and waking up, somebody else took the item."""
    return one_item(look_again=False)


def while_around_wait() -> int:
    """Who wakes up looks again."""
    return one_item(look_again=True)


def shut_down(permits: int) -> None:
    """Two workers take jobs, a permit each, until they are told to stop; who waits needs one to see it."""
    jobs = Semaphore(1)
    stopped = Event()

    def worker() -> None:
        while not stopped.is_set():
            jobs.acquire()

    workers = [Thread(target=worker, name=f"worker {number}") for number in (1, 2)]
    for each in workers:
        each.start()
    stopped.set()
    jobs.release(permits)
    for each in workers:
        each.join()


def one_permit_short() -> None:
    """One permit ends one waiting worker; the other one waits for ever."""
    shut_down(1)


def a_permit_each() -> None:
    """One for each worker."""
    shut_down(2)
