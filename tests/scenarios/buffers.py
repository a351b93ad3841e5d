"""Producers and consumers: buffers, queues, pools."""

from __future__ import annotations

import queue
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import local

from scenarios.programs import Finds, Group, together
from tracing import Condition, Event, Lock, Semaphore, Thread, sleep

GROUP = Group()


@GROUP.right("14", may=("overtaking",))
def buffer_with_conditions() -> None:
    """A buffer for two, by one lock and two conditions."""
    buffer, lock = [], Lock()
    not_full, not_empty = Condition(lock), Condition(lock)
    eaten: list[int] = []

    def produce() -> None:
        for number in range(3):
            with not_full:
                not_full.wait_for(lambda: len(buffer) < 2)
                buffer.append(number)
                not_empty.notify()

    def consume() -> None:
        for _ in range(3):
            with not_empty:
                not_empty.wait_for(lambda: buffer)
                eaten.append(buffer.pop(0))
                not_full.notify()

    together(producer_1=produce, producer_2=produce, consumer_1=consume, consumer_2=consume)
    assert sorted(eaten) == [0, 0, 1, 1, 2, 2]


@GROUP.right("14", may=("overtaking",))
def buffer_with_semaphores() -> None:
    """One counts the free places, the other one what is there."""
    buffer: list[int] = []
    free, filled, lock = Semaphore(2), Semaphore(0), Lock()

    def produce() -> None:
        for number in range(4):
            free.acquire()
            with lock:
                buffer.append(number)
            filled.release()

    def consume() -> None:
        for _ in range(4):
            filled.acquire()
            with lock:
                buffer.pop()
            free.release()

    together(producer=produce, consumer=consume)
    assert not buffer


@GROUP.wrong(
    Finds(kind="stalled", threads=("consumer",), objects=("filled",), lines=("filled.acquire()",)),
    curriculum="14",
    may=("deadlock",),
)
def locked_before_the_permit() -> None:
    """The consumer waits for an item with the lock in its hands: nobody can put one in."""
    buffer: list[int] = []
    filled, lock = Semaphore(0), Lock()

    def produce() -> None:
        with lock:
            buffer.append(1)
        filled.release()

    def consume() -> None:
        with lock:
            filled.acquire()
            buffer.pop()

    together(producer=produce, consumer=consume)


@GROUP.right("14", may=("overtaking",))
def library_queue() -> None:
    """`queue.Queue` has all of it built in; None says that no more will come."""
    orders: queue.Queue[str | None] = queue.Queue(maxsize=1)
    served: list[str] = []

    def take() -> None:
        for order in ("tea", "coffee", None):
            orders.put(order)

    def serve() -> None:
        while (order := orders.get()) is not None:
            served.append(order)

    together(waiter=take, cook=serve)
    assert served == ["tea", "coffee"]


@GROUP.wrong(Finds(kind="deadlock", threads=("MainThread", "cook"), objects=("orders",)), curriculum="14")
def queue_without_an_end() -> None:
    """Nobody says that no more will come."""
    orders: queue.Queue[str] = queue.Queue()

    def serve() -> None:
        while True:
            orders.get()

    cook = Thread(target=serve, name="cook")
    cook.start()
    orders.put("tea")
    cook.join()


@GROUP.right("14", may=("overtaking",))
def queue_joined() -> None:
    """Daemons serve; main waits until every order is done."""
    orders: queue.Queue[str] = queue.Queue()
    served: list[str] = []

    def serve() -> None:
        while True:
            served.append(orders.get())
            orders.task_done()

    for name in ("ann", "bob"):
        Thread(target=serve, name=name, daemon=True).start()
    for order in ("tea", "coffee", "water"):
        orders.put(order)
    orders.join()
    assert len(served) == 3


@GROUP.right("14", may=("overtaking",))
def pool_of_threads() -> None:
    """An executor hands back results, and errors."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        squares = list(pool.map(lambda number: number * number, range(5)))
        failing = pool.submit(int, "no number")
    assert squares == [0, 1, 4, 9, 16]
    assert isinstance(failing.exception(), ValueError)


@GROUP.wrong(Finds(kind="starved pool"), curriculum="14")
def task_that_waits_for_a_task() -> None:
    """One worker, busy with a task that waits for another one."""
    with ThreadPoolExecutor(max_workers=1) as pool:

        def outer() -> int:
            return pool.submit(int, "1").result()

        pool.submit(outer).result()


@GROUP.right("14")
def one_for_each_thread() -> None:
    """`threading.local`: the same name, a value for each thread."""
    mine, seen = local(), []

    def work(number: int) -> None:
        mine.number = number
        sleep(0.01)  # simulated work
        seen.append(mine.number)

    together(ann=lambda: work(1), bob=lambda: work(2))
    assert sorted(seen) == [1, 2]


@GROUP.right("14", may=("overtaking",))
def own_pool() -> None:
    """Workers that take from a list under a lock until it is empty."""
    jobs, done, lock = list(range(6)), [], Lock()

    def work() -> None:
        while True:
            with lock:
                if not jobs:
                    return
                job = jobs.pop()
            sleep(0.01)  # simulated work
            done.append(job)

    together(ann=work, bob=work, cem=work)
    assert len(done) == 6


@GROUP.right("14")
def pipeline() -> None:
    """Each stage tells the next one when its part is there."""
    milled, baked, bread = Event(), Event(), []

    def mill() -> None:
        bread.append("flour")
        milled.set()

    def bake() -> None:
        milled.wait()
        bread.append("loaf")
        baked.set()

    def sell() -> None:
        baked.wait()
        bread.append("sold")

    together(seller=sell, baker=bake, miller=mill)
    assert bread == ["flour", "loaf", "sold"]


@GROUP.wrong(
    Finds(kind="stalled", threads=("MainThread", "cook"), objects=("orders",)),
    Finds(kind="uncaught exception", threads=("cook",)),
    curriculum="14",
)
def queue_whose_only_consumer_dies() -> None:
    """What it had got is never done."""
    orders: queue.Queue[str] = queue.Queue()

    def serve() -> None:
        while True:
            int(orders.get())
            orders.task_done()

    Thread(target=serve, name="cook", daemon=True).start()
    for order in ("1", "tea", "2"):
        orders.put(order)
    orders.join()


@GROUP.right("14", may=("overtaking",))
def queue_whose_consumer_catches() -> None:
    """It says task_done() whatever comes."""
    orders: queue.Queue[str] = queue.Queue()

    def serve() -> None:
        while True:
            with suppress(ValueError):
                try:
                    int(orders.get())
                finally:
                    orders.task_done()

    Thread(target=serve, name="cook", daemon=True).start()
    for order in ("1", "tea", "2"):
        orders.put(order)
    orders.join()


def _one_each(stops: int) -> None:
    """Two cooks, each until it is told to stop; so often they are told."""
    orders: queue.Queue[str | None] = queue.Queue()

    def serve() -> None:
        while orders.get() is not None:
            pass

    cooks = [Thread(target=serve, name=name) for name in ("ann", "bob")]
    for cook in cooks:
        cook.start()
    orders.put("tea")
    for _ in range(stops):
        orders.put(None)
    for cook in cooks:
        cook.join()


@GROUP.wrong(Finds(kind="deadlock", objects=("orders",)), curriculum="14")
def one_word_to_stop_for_two() -> None:
    """The other cook waits for ever."""
    _one_each(1)


@GROUP.right("14", may=("overtaking",))
def a_word_to_stop_for_each() -> None:
    """Both end."""
    _one_each(2)


def _through_two(room: int) -> None:
    """All orders in, then all dishes out."""
    orders: queue.Queue[int] = queue.Queue(room)
    dishes: queue.Queue[int] = queue.Queue(room)

    def serve() -> None:
        for _ in range(4):
            dishes.put(orders.get())

    cook = Thread(target=serve, name="cook")
    cook.start()
    for number in range(4):
        orders.put(number)
    assert [dishes.get() for _ in range(4)] == list(range(4))
    cook.join()


@GROUP.wrong(
    Finds(kind="deadlock", threads=("MainThread", "cook"), objects=("orders", "dishes")), curriculum="14"
)
def full_on_both_sides() -> None:
    """Neither gets before it has put."""
    _through_two(1)


@GROUP.right("14", may=("overtaking",))
def room_on_both_sides() -> None:
    """As many places as orders."""
    _through_two(4)


@GROUP.wrong(Finds(kind="starved pool"), curriculum="14")
def tasks_that_wait_for_a_map() -> None:
    """Both workers are busy with a task that waits for others of the same pool."""
    with ThreadPoolExecutor(max_workers=2) as pool:

        def outer(number: int) -> int:
            return sum(pool.map(abs, range(number)))

        for each in [pool.submit(outer, 2), pool.submit(outer, 3)]:
            each.result()


@GROUP.right("14", may=("overtaking",))
def tasks_that_wait_for_another_pool() -> None:
    """The inner tasks have workers of their own."""
    with ThreadPoolExecutor(max_workers=1) as outside, ThreadPoolExecutor(max_workers=1) as inside:

        def outer() -> int:
            return inside.submit(int, "1").result()

        assert outside.submit(outer).result() == 1


@GROUP.wrong(Finds(kind="unasked exception"), curriculum="14")
def failure_that_nobody_sees() -> None:
    """The error is in the future, and nobody looks into it."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        for text in ("1", "no number"):
            pool.submit(int, text)


@GROUP.wrong(Finds(kind="unasked exception"), curriculum="14")
def map_that_nobody_reads() -> None:
    """map() gives its errors to who goes through its results."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.map(int, ("1", "no number"))
