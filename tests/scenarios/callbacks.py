"""Code that runs where nobody looks for it: called back under a lock, by a finaliser, instead of a thread.

And threads that wait for themselves, or for each other's end.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from threading import get_ident
from typing import Any

from scenarios.programs import Finds, Group, together
from tracing import Event, Lock, RLock, Thread, sleep

GROUP = Group()


# Called back under the lock


@GROUP.wrong(Finds(kind="deadlock", threads=("dealer",), objects=("table",)))
def listener_that_leaves() -> None:
    """The bell rings under the lock, and who hears it leaves: that takes the lock."""
    table = Lock()
    listeners: list[Callable[[], None]] = []

    def leave() -> None:
        with table:
            listeners.clear()

    def ring() -> None:
        with table:
            for listener in listeners:
                listener()

    listeners.append(leave)
    together(dealer=ring)


@GROUP.right()
def listener_that_is_called_afterwards() -> None:
    """The listeners are copied under the lock, and called without it."""
    table = Lock()
    listeners: list[Callable[[], None]] = []

    def leave() -> None:
        with table:
            listeners.clear()

    def ring() -> None:
        with table:
            called = listeners.copy()
        for listener in called:
            listener()

    listeners.append(leave)
    together(dealer=ring)
    assert not listeners


@GROUP.wrong(Finds(kind="deadlock", threads=("baker",), objects=("oven",)))
def result_given_under_the_lock() -> None:
    """A result is given while the lock is held, and who waits for it wants the lock at once."""
    oven, bread = Lock(), Future[str]()

    def eat(done: Future[str]) -> None:
        with oven:
            assert done.result() == "bread"

    def bake() -> None:
        with oven:
            bread.set_result("bread")

    bread.add_done_callback(eat)
    together(baker=bake)


@GROUP.right()
def result_given_after_the_lock() -> None:
    """The lock is given back first."""
    oven, bread, eaten = Lock(), Future[str](), list[str]()

    def eat(done: Future[str]) -> None:
        with oven:
            eaten.append(done.result())

    def bake() -> None:
        with oven:
            sleep(0.01)
        bread.set_result("bread")

    bread.add_done_callback(eat)
    together(baker=bake)
    assert eaten == ["bread"]


@GROUP.wrong(Finds(kind="deadlock", threads=("clerk",), objects=("till",)))
def key_that_counts_itself() -> None:
    """Sorting under the lock asks each item for its price, and that takes the lock."""
    till = Lock()

    def price(item: str) -> int:
        with till:
            return len(item)

    def close() -> None:
        with till:
            sorted(("bread", "egg"), key=price)

    together(clerk=close)


@GROUP.right()
def key_that_counts_itself_under_an_rlock() -> None:
    """An RLock lets its holder in again."""
    till = RLock()

    def price(item: str) -> int:
        with till:
            return len(item)

    def close() -> None:
        with till:
            assert sorted(("bread", "egg"), key=price) == ["egg", "bread"]

    together(clerk=close)


# Finalisers


class Ticket:
    """Hands itself back when nobody has it any more."""

    def __init__(self, back: Callable[[], object]) -> None:
        self.back = back

    def __del__(self) -> None:
        self.back()


@GROUP.right()
def ticket_dropped_outside_the_lock() -> None:
    """The last reference goes after the lock has been given back."""
    box, returned = Lock(), list[str]()

    def back() -> None:
        with box:
            returned.append("ticket")

    def drop() -> None:
        tickets = [Ticket(back)]
        with box:
            last = tickets.pop()
        del last

    together(guest=drop)
    assert returned == ["ticket"]


@GROUP.right()
def ticket_dropped_under_an_rlock() -> None:
    """Its finaliser may come in again."""
    box, returned = RLock(), list[str]()

    def back() -> None:
        with box:
            returned.append("ticket")

    def drop() -> None:
        tickets = [Ticket(back)]
        with box:
            tickets.clear()

    together(guest=drop)
    assert returned == ["ticket"]


@GROUP.right()
def ticket_that_only_puts_itself_down() -> None:
    """The finaliser takes no lock: it appends to a list, which is one step."""
    box, returned = Lock(), list[str]()

    def drop() -> None:
        tickets = [Ticket(lambda: returned.append("ticket"))]
        with box:
            tickets.clear()

    together(guest=drop)
    assert returned == ["ticket"]


# Called instead of given


@GROUP.wrong(Finds(kind="thread without a target", threads=("worker",)))
def called_instead_of_given() -> None:
    """The parentheses call it there and then."""
    done: list[str] = []

    def work() -> None:
        done.append("work")

    worker = Thread(target=work(), name="worker")  # type: ignore[func-returns-value]
    worker.start()
    worker.join()


@GROUP.wrong(Finds(kind="thread without a target", threads=("printer",)))
def called_with_its_arguments() -> None:
    """Its arguments stand in parentheses behind it, and not in args=."""
    printed: list[str] = []
    printer: Any = Thread(target=printed.append("page"), name="printer")  # type: ignore[func-returns-value]
    printer.start()
    printer.join()


@GROUP.wrong(Finds(kind="thread without a target", threads=("first",)))
def called_in_a_loop() -> None:
    """Each thread of a list runs nothing."""
    done: list[int] = []
    threads = [
        Thread(target=done.append(number), name=name)  # type: ignore[func-returns-value]
        for number, name in enumerate(("first", "second"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@GROUP.right()
def given_and_not_called() -> None:
    """The function itself is given, with its arguments beside it."""
    done: list[int] = []
    threads = [Thread(target=done.append, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [0, 1]


@GROUP.right()
def made_by_a_call() -> None:
    """A call may make the function that is given."""
    done: list[str] = []

    def work_on(what: str) -> Callable[[], None]:
        return lambda: done.append(what)

    worker = Thread(target=work_on("dough"))
    worker.start()
    worker.join()
    assert done == ["dough"]


# Waiting for oneself


def _own(stop: Callable[[Thread], None]) -> None:
    """A thread that does that to itself."""
    threads: list[Thread] = []
    threads.append(Thread(target=lambda: stop(threads[0]), name="ticker"))
    threads[0].start()
    threads[0].join()


@GROUP.wrong(Finds(kind="self-join", threads=("ticker",)))
def ticker_that_joins_itself() -> None:
    """It waits for its own end, and Python refuses."""
    _own(lambda ticker: ticker.join())


@GROUP.wrong(Finds(kind="self-join", threads=("ticker",)))
def ticker_that_shuts_itself_down() -> None:
    """It sets the flag, and then joins, as the main thread would."""
    quit_now = Event()

    def shut_down(ticker: Thread) -> None:
        quit_now.set()
        ticker.join()

    _own(shut_down)


@GROUP.wrong(Finds(kind="self-join", threads=("ticker",)))
def ticker_that_swallows_the_refusal() -> None:
    """It goes on as if it had waited."""

    def shut_down(ticker: Thread) -> None:
        with suppress(RuntimeError):
            ticker.join()

    _own(shut_down)


@GROUP.right()
def ticker_that_looks_who_it_is() -> None:
    """It joins the other threads only."""

    def shut_down(ticker: Thread) -> None:
        if ticker.ident != get_ident():
            ticker.join()

    _own(shut_down)


# Waiting for each other's end


@GROUP.wrong(Finds(kind="deadlock", threads=("ann", "bob")))
def two_that_wait_for_each_others_end() -> None:
    """Each joins the other."""
    threads: list[Thread] = []
    both = Event()

    def wait_for(number: int) -> None:
        both.wait()
        threads[number].join()

    threads += [Thread(target=wait_for, args=(1 - n,), name=name) for n, name in enumerate(("ann", "bob"))]
    for thread in threads:
        thread.start()
    both.set()
    threads[0].join()


@GROUP.wrong(Finds(kind="deadlock", threads=("ann", "bob", "cid")))
def three_that_wait_in_a_circle() -> None:
    """Each joins the next."""
    threads: list[Thread] = []
    all_there = Event()

    def wait_for(number: int) -> None:
        all_there.wait()
        threads[number % 3].join()

    names = ("ann", "bob", "cid")
    threads += [Thread(target=wait_for, args=(n + 1,), name=name) for n, name in enumerate(names)]
    for thread in threads:
        thread.start()
    all_there.set()
    threads[0].join()


@GROUP.wrong(Finds(kind="deadlock", threads=("boss", "helper"), objects=("desk",)))
def lock_held_while_joining() -> None:
    """The boss joins the helper, which needs what the boss holds."""
    desk = Lock()

    def help_out() -> None:
        with desk:
            pass

    def rule() -> None:
        helper = Thread(target=help_out, name="helper")
        with desk:
            helper.start()
            helper.join()

    together(boss=rule)


@GROUP.right()
def lock_given_back_before_joining() -> None:
    """The boss gives the lock back first."""
    desk = Lock()

    def help_out() -> None:
        with desk:
            pass

    def rule() -> None:
        helper = Thread(target=help_out, name="helper")
        with desk:
            helper.start()
        helper.join()

    together(boss=rule)


# What looks like a hang and is none


@GROUP.right(may=("overtaking",))
def both_orders_with_a_try() -> None:
    """Opposite orders, but the second is only tried, and the first is given back where it is taken."""
    left, right, done = Lock(), Lock(), list[str]()

    def move(first: Lock, second: Lock, pause: float) -> None:
        for _ in range(20):
            with first:
                if second.acquire(blocking=False):
                    done.append("moved")
                    second.release()
                    return
            sleep(pause)

    together(ann=lambda: move(left, right, 0.01), bob=lambda: move(right, left, 0.03))
    assert done


@GROUP.right(may=("overtaking",))
def slow_but_living_holder() -> None:
    """One holds the lock for long, and the other gets it in the end."""
    lock = Lock()

    def hold() -> None:
        with lock:
            sleep(3)

    together(worker=hold, waiter=hold)
