"""The checks of lesson 04: each runs the learner's function in several threads and looks at the record.

The bad moment is made certain, not left to luck: what the function gets to work with is slow at the very
place where another thread could come in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

from exercises.answer import Answer, failed, holds_of, judged, number_of, stuck
from tracing import Lock, Thread, Trace, record, sleep

SLOW = 0.15  # s of simulated work: long enough for the other thread to come
TIMEOUT = 5.0  # s


# -- 1: two deposits -----------------------------------------------------------------------------------------


class Balance:
    """A number that is slow to read, so that another thread has time to read it, too."""

    def __init__(self) -> None:
        self.value = self.reads = self.writes = 0

    def read(self) -> int:
        """The value, as it was when you asked."""
        value, self.reads = self.value, self.reads + 1
        sleep(SLOW)  # simulated work
        return value

    def write(self, value: int) -> None:
        """Replace the value."""
        self.value, self.writes = value, self.writes + 1


def check_deposit(deposit: Callable[[Balance, Lock], object]) -> Answer:
    """Two threads deposit 1 each: is the balance 2?"""
    balance = Balance()
    with record(title="Two deposits of 1", timeout=TIMEOUT) as run:
        lock = Lock()
        for name in ("ann", "bob"):
            Thread(target=deposit, args=(balance, lock), name=name).start()
    praise = "The second reader had to wait until the first had written: no deposit is lost."
    return judged(run, _deposit_problems(run, balance), praise)


def _deposit_problems(run: Trace, balance: Balance) -> Iterator[str]:
    yield from stuck(run, "Release the lock on every way out: `with lock:` does.")
    yield from failed(run)
    if (balance.reads, balance.writes) != (2, 2):
        yield "Each deposit must call `balance.read()` once and `balance.write(...)` once."
    lost = f"Two deposits of 1, but the balance is {balance.value}: both threads read 0, then both wrote 1."
    if not holds_of(run, "lock"):
        yield f"{lost} Nobody took `lock`: take it before you read, release it after you have written."
    if balance.value != 2:
        yield f"{lost} The lock was free between the read and the write: put both into one `with lock:`."
    if len(holds_of(run, "lock")) > 2:
        yield (
            "This time all went well, but the lock was free between the read and the write: another thread "
            "may come in there. Put both into one `with lock:`."
        )


# -- 2: two transfers ----------------------------------------------------------------------------------------


class Account:
    """An account with a lock of its own, which is slow to hand out its lock."""

    def __init__(self, number: int, lock: Lock) -> None:
        self.number = number  # accounts can be put in order by it
        self.unguarded = False  # whether the balance was ever touched while nobody held the lock
        self._lock, self.money = lock, 100

    @property
    def lock(self) -> Lock:
        """The account's lock."""
        sleep(SLOW)  # simulated work
        return self._lock

    @property
    def balance(self) -> int:
        """The money in it."""
        self.unguarded |= not self._lock.locked()
        return self.money

    @balance.setter
    def balance(self, amount: int) -> None:
        self.unguarded |= not self._lock.locked()
        self.money = amount


def check_transfer(transfer: Callable[[Account, Account, int], object]) -> Answer:
    """Ann moves 30 from account 1 to 2, Bob moves 10 from 2 to 1: do both end, and is the money right?"""
    with record(title="Two transfers at the same time", timeout=TIMEOUT) as run:
        lock_1 = Lock()
        lock_2 = Lock()
        one, two = Account(1, lock_1), Account(2, lock_2)
        Thread(target=transfer, args=(one, two, 30), name="ann").start()
        Thread(target=transfer, args=(two, one, 10), name="bob").start()
    praise = "Both transfers took the locks in the same order, or gave way: nobody waits in a circle."
    return judged(run, _transfer_problems(run, one, two), praise)


def _transfer_problems(run: Trace, one: Account, two: Account) -> Iterator[str]:
    yield from stuck(run, "Let both transfers take the locks in the same order, by `account.number`.")
    yield from failed(run)
    unguarded = "A balance was read or written while nobody held its lock. Hold both locks while money moves."
    if not (holds_of(run, "lock_1") or holds_of(run, "lock_2")):
        yield unguarded
    for name in ("ann", "bob"):
        if not _held_together(run, name, "lock_1", "lock_2"):
            yield (
                f"{name} never held both locks at once. In between, money is missing, and others can see it: "
                "take the second lock while you hold the first."
            )
    if one.unguarded or two.unguarded:
        yield unguarded
    if (balances := (one.money, two.money)) != (80, 120):
        yield f"The balances are {balances[0]} and {balances[1]}; they should be 80 and 120."


def _held_together(run: Trace, who: str, first: str, second: str) -> bool:
    return any(
        name == other == who and start < other_end and other_start < end
        for name, start, end in holds_of(run, first)
        for other, other_start, other_end in holds_of(run, second)
    )


# -- 3: refresh, unless somebody else is at it ---------------------------------------------------------------


class Visits:
    """Three calls of the learner's function: with the lock taken, with the lock free, and one that fails."""

    def __init__(self, refresh_once: Callable[[Lock, Callable[[], None]], object], lock: Lock) -> None:
        self.refresh_once, self.lock = refresh_once, lock
        self.done: list[str] = []  # who refreshed
        self.results: dict[str, object] = {}
        self.taken_away = self.left_locked = False

    def run(self) -> None:
        """All three, one after the other."""
        self.lock.acquire()
        late = self.visit("latecomer", self.refresh, patience=2 * SLOW)
        self.taken_away = not self.lock.locked()
        if not self.taken_away:
            self.lock.release()
        late.join()
        self.visit("follower", self.refresh)
        self.left_locked = self.lock.locked()
        if not self.left_locked:
            self.visit("unlucky", self.break_down)
            self.left_locked = self.lock.locked()

    def visit(self, name: str, refresh: Callable[[], None], patience: float | None = None) -> Thread:
        """A thread calls the learner's function; wait for it, at most so many seconds."""

        def logged_refresh() -> None:
            self.done.append(name)
            refresh()

        def call() -> None:
            with suppress(ConnectionError):
                self.results[name] = self.refresh_once(self.lock, logged_refresh)

        thread = Thread(target=call, name=name)
        thread.start()
        thread.join(patience)
        return thread

    def refresh(self) -> None:
        """A refresh that works."""
        sleep(SLOW)  # simulated work

    def break_down(self) -> None:
        """A refresh that does not."""
        raise ConnectionError("no network")


def check_refresh(refresh_once: Callable[[Lock, Callable[[], None]], object]) -> Answer:
    """Does it return False at once where the lock is taken, and does it always give back what it took?"""
    with record(title="Three calls of refresh_once", timeout=TIMEOUT) as run:
        lock = Lock()
        visits = Visits(refresh_once, lock)
        visits.run()
    praise = "The latecomer did not wait, and nobody kept the lock, not even unlucky."
    return judged(run, _refresh_problems(run, visits), praise)


def _refresh_problems(run: Trace, visits: Visits) -> Iterator[str]:
    if visits.taken_away:
        yield "latecomer released a lock that it did not get: MainThread had it. Release only what you got."
    yield from _late_problems(run, visits)
    yield from stuck(run, "Release the lock when the refresh is over.")
    if visits.left_locked:
        who = "unlucky" if "unlucky" in visits.done else "follower"
        yield f"{who} has ended, and the lock is still held. Release it in a `finally`: errors pass there."
    yield from failed(run)
    if visits.results.get("latecomer") is not False or visits.results.get("follower") is not True:
        yield "Return True after a refresh, and False where the lock was taken."


def _late_problems(run: Trace, visits: Visits) -> Iterator[str]:
    """What the latecomer did while the main thread held the lock."""
    late = next(info.number for info in run.log.threads if info.name == "latecomer")
    lock = number_of(run, "lock")
    if any(wait.thread == late and wait.obj == lock for wait in run.model.waits):
        yield (
            "latecomer waited for the lock, but it should return False at once. "
            "Try to take it without waiting: `lock.acquire(blocking=False)`."
        )
    elif "latecomer" in visits.done:
        yield "latecomer refreshed while MainThread held the lock. Ask for the lock first."
    elif not any(mark.thread == late and mark.what == "would block" for mark in run.model.marks):
        yield (
            "latecomer never tried to take the lock. To ask `lock.locked()` is not enough: the answer may be "
            "old before your next line. Let `lock.acquire(blocking=False)` ask and take in one step."
        )
