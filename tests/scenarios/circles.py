"""Circles through different things: a lock, a condition, a queue, a future, a thread's end.

Who is only behind one is not in it.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from queue import Queue

from scenarios.programs import Finds, Group, together
from tracing import Condition, Lock, RLock, Thread, sleep

GROUP = Group()


@GROUP.wrong(Finds(kind="deadlock", objects=("ledger", "rows"), threads=("clerk", "auditor")))
def lock_and_queue() -> None:
    """The clerk waits for room, and has the ledger that the auditor wants before it makes room."""
    _book(inside=True)


@GROUP.right(may=("overtaking",))
def lock_then_queue() -> None:
    """The clerk puts the row in when it has given the ledger back."""
    _book(inside=False)


def _book(*, inside: bool) -> None:
    ledger, rows = Lock(), Queue[int](1)

    def clerk() -> None:
        rows.put(0)
        rows.put(0)
        with ledger:
            if inside:
                rows.put(1)
        if not inside:
            rows.put(1)

    def auditor() -> None:
        rows.get()
        with ledger:
            rows.get()

    together(clerk=clerk, auditor=auditor)


@GROUP.wrong(Finds(kind="deadlock", threads=("MainThread", "pool_0"), objects=("lock", "call")))
def lock_and_future() -> None:
    """Who asks for the result holds what the call needs."""
    _ask(inside=True)


@GROUP.right(may=("overtaking",))
def lock_then_future() -> None:
    """It asks when it has given the lock back."""
    _ask(inside=False)


def _ask(*, inside: bool) -> None:
    lock = Lock()

    def price() -> int:
        with lock:
            return 3

    with ThreadPoolExecutor(1, thread_name_prefix="pool") as pool:
        with lock:
            call = pool.submit(price)
            if inside:
                call.result()
        assert call.result() == 3


@GROUP.wrong(Finds(kind="deadlock", threads=("keeper", "guest"), objects=("door.lock",)))
def condition_and_join() -> None:
    """The keeper waits for the guest's end under the lock of the condition that the guest wants."""
    door = Condition()

    def guest() -> None:
        with door:
            door.notify()

    def keeper() -> None:
        with door:
            together(guest=guest)

    together(keeper=keeper)


@GROUP.wrong(
    Finds(
        kind="deadlock",
        threads=("front", "kitchen"),
        says=(
            "Not in it, but waiting behind it: MainThread",
            "Perhaps waiting behind it, too: waiter for an item of dishes",
        ),
    ),
)
def lock_queue_and_join() -> None:
    """The waiter waits for a dish of the kitchen, which waits for the key of the front, which joins both."""
    key, dishes = Lock(), Queue[str]()

    def kitchen() -> None:
        with key:
            dishes.put("soup")

    def front() -> None:
        with key:
            together(kitchen=kitchen, waiter=dishes.get)

    together(front=front)


@GROUP.wrong(Finds(kind="stalled", threads=("worker",), objects=("answer",)))
def future_and_join() -> None:
    """The worker waits for the answer, which comes when the worker has ended."""
    answer: Future[int] = Future()
    worker = Thread(target=answer.result, name="worker")
    worker.start()
    worker.join()
    answer.set_result(1)


# Who waits behind a circle, and what it is not blamed for


def _behind(what: str, *, crossed: bool) -> None:
    """Two that take two locks, in opposite orders or not; one waits for a lock of theirs, or for an end."""
    left, right = Lock(), Lock()

    def cross(first: Lock, second: Lock) -> None:
        with first, second:
            pass

    def pass_by() -> None:
        with left if what == "lock" else right:
            pass

    one = Thread(target=cross, args=(left, right), name="one")
    two = Thread(target=cross, args=(right, left) if crossed else (left, right), name="two")
    one.start()
    two.start()
    together(bystander=pass_by if what != "join" else one.join)
    one.join()
    two.join()


@GROUP.wrong(
    Finds(kind="deadlock", threads=("one", "two"), objects=("left", "right"), says=("one", "two")),
    may=("lock-order inversion", "overtaking", "stalled"),
)
def bystander_at_a_lock() -> None:
    """It wants the lock of one of two that are in a deadlock."""
    _behind("lock", crossed=True)


@GROUP.wrong(
    Finds(kind="deadlock", threads=("one", "two"), objects=("left", "right")),
    may=("lock-order inversion", "overtaking", "stalled"),
)
def bystander_at_a_join() -> None:
    """It waits for the end of one of two that are in a deadlock."""
    _behind("join", crossed=True)


@GROUP.right(may=("overtaking",))
def bystander_at_what_is_free_in_time() -> None:
    """The two take their locks in one order."""
    _behind("lock", crossed=False)


@GROUP.wrong(
    Finds(kind="deadlock", threads=("one", "two")), may=("overtaking", "stalled", "lock-order inversion")
)
def bystander_at_a_queue() -> None:
    """It waits for an item that one of two in a deadlock would have put in."""
    left, right, items = Lock(), Lock(), Queue[int]()

    def one() -> None:
        with left, right:
            items.put(1)

    def two() -> None:
        with right, left:
            items.put(2)

    together(one=one, two=two, bystander=lambda: items.get() and items.get())


# Taken in what somebody else calls


@GROUP.wrong(Finds(kind="deadlock", threads=("MainThread",), says=("called back by set_result()",)))
def callback_that_takes_the_lock() -> None:
    """The result is given under the lock, and the callback wants it."""
    _call_back(Lock())


@GROUP.right(may=("overtaking",))
def callback_under_an_rlock() -> None:
    """It may come in again."""
    _call_back(RLock())


def _call_back(lock: Lock | RLock) -> None:
    answer: Future[int] = Future()

    def forget(_: object) -> None:
        with lock:
            pass

    answer.add_done_callback(forget)
    with lock:
        answer.set_result(1)


@GROUP.wrong(Finds(kind="deadlock", objects=("lock",), says=("called back by cancel()",)))
def callback_of_what_is_called_off() -> None:
    """Who cancels it runs its callbacks, too."""
    lock, answer = Lock(), Future[int]()

    def forget(_: object) -> None:
        with lock:
            pass

    answer.add_done_callback(forget)
    with lock:
        answer.cancel()


@GROUP.wrong(Finds(kind="deadlock", objects=("lock",), says=("called back by add_done_callback()",)))
def callback_of_what_is_done_already() -> None:
    """It is called at once, by who adds it."""
    lock, answer = Lock(), Future[int]()
    answer.set_result(1)

    def forget(_: object) -> None:
        with lock:
            pass

    with lock:
        answer.add_done_callback(forget)


# What only looks like one


@GROUP.right(may=("overtaking",))
def tries_in_both_orders_until_it_works() -> None:
    """Who does not get the second gives the first back, and begins again."""
    left, right = Lock(), Lock()

    def take(first: Lock, second: Lock) -> None:
        for _ in range(3):
            with first:
                if second.acquire(timeout=0.01):
                    second.release()
                    return

    together(ann=lambda: take(left, right), bob=lambda: take(right, left))


@GROUP.right(may=("overtaking",))
def queue_with_a_time_limit_behind_a_lock() -> None:
    """It waits for room with the lock in its hands, but not for ever."""
    lock, room = Lock(), Queue[int](1)
    room.put(0)

    def put() -> None:
        with lock, suppress(Exception):
            room.put(1, timeout=0.01)

    def get() -> None:
        with lock:
            room.get()

    together(putter=put, getter=get)


@GROUP.right(may=("overtaking",))
def both_orders_behind_a_gate_of_one_worker() -> None:
    """Opposite orders, but one worker makes both calls, one after the other."""
    left, right = Lock(), Lock()

    def take(first: Lock, second: Lock) -> None:
        with first, second:
            pass

    with ThreadPoolExecutor(1, thread_name_prefix="pool") as pool:
        for call in [pool.submit(take, left, right), pool.submit(take, right, left)]:
            call.result()


@GROUP.right(may=("overtaking",))
def opposite_orders_under_a_gate() -> None:
    """Opposite orders, but both go through the gate first, and back out of it last."""
    gate, left, right = RLock(), Lock(), Lock()

    def take(first: Lock, second: Lock) -> None:
        with gate, first, second:
            pass

    together(ann=lambda: take(left, right), bob=lambda: take(right, left))


@GROUP.right(may=("overtaking",))
def slow_reader_of_a_full_queue() -> None:
    """There is room for one, and the reader takes its time."""
    pages = Queue[int](1)

    def write() -> None:
        for page in range(3):
            pages.put(page)

    def read() -> None:
        for _ in range(3):
            sleep(0.02)
            pages.get()

    together(writer=write, reader=read)


@GROUP.right(may=("overtaking",))
def slow_call_under_a_lock() -> None:
    """One worker keeps the lock for long, the other one and who asks for both wait."""
    lock = Lock()

    def work() -> None:
        with lock:
            sleep(0.05)

    with ThreadPoolExecutor(2, thread_name_prefix="pool") as pool:
        for call in [pool.submit(work), pool.submit(work)]:
            call.result()


# No common lock


@GROUP.wrong(
    Finds(kind="lost update", threads=("left", "right")), may=("uncaught exception",), explored="bytecode"
)
def gate_with_a_lock_each() -> None:
    """Both count under a lock, but each has one of its own."""
    _count(Lock(), Lock())


@GROUP.right(may=("overtaking",))
def gate_with_one_lock() -> None:
    """They share it."""
    lock = Lock()
    _count(lock, lock)


def _count(left: Lock, right: Lock) -> None:
    visitors = 0

    def enter(lock: Lock) -> None:
        nonlocal visitors
        with lock:
            visitors += 1

    together(left=lambda: enter(left), right=lambda: enter(right))
    assert visitors == 2
