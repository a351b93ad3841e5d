"""The checks of lesson 04: each explores the learner's function in several threads.

The bad moment is searched for, not left to luck: what the function gets to work with lets other threads in at
the very place where that could do harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from time import monotonic

from exercises.answer import (
    Answer,
    Verdict,
    exercise,
    explored,
    failed,
    holds_of,
    judged,
    number_of,
    stuck,
    together,
)
from tracing import Kind, Lock, Thread, Trace, sleep

WORK = 1.0  # s of simulated work, on the virtual clock
MOMENT = 0.05  # s: what takes longer is not at once


# -- 1: two deposits -----------------------------------------------------------------------------------------


class Balance:
    """A number that takes its time when you read or write it: another thread may come in."""

    def __init__(self, lock: Lock) -> None:
        self.lock = lock
        self.value = 0
        self.reads: list[int] = []  # what was read, and below what was written
        self.writes: list[int] = []

    def read(self) -> int:
        """The value, as it was when you asked."""
        value = self.value
        self.reads.append(value)
        sleep(0)  # others may come in
        return value

    def write(self, value: int) -> None:
        """Replace the value, when the others have had their turn."""
        sleep(0)  # others may come in
        self.value = value
        self.writes.append(value)


@exercise
def check_deposit(deposit: Callable[[Balance, Lock], object]) -> Answer:
    """Two threads deposit 1 each: is the balance 2, under every schedule?"""

    def begin() -> Balance:
        lock = Lock()
        return Balance(lock)

    def perform(balance: Balance) -> None:
        together(
            *(Thread(target=deposit, args=(balance, balance.lock), name=name) for name in ("ann", "bob"))
        )

    run, balance, verdict = explored("Two deposits of 1", begin, perform, lambda balance: balance.value == 2)
    praise = (
        "The second reader had to wait until the first had written: no schedule that was tried loses one."
    )
    return judged(run, verdict, _deposit_problems(run, balance), praise)


def _deposit_problems(run: Trace, balance: Balance) -> Iterator[str]:
    yield from stuck(run, "Release the lock on every way out: `with lock:` does.")
    yield from failed(run)
    now = f"Two deposits of 1, but the balance is {balance.value}"
    if len(balance.reads) < 2 or len(balance.writes) < 2:
        yield f"{now}. Each deposit must call `balance.read()` and `balance.write(...)`."
    if balance.value != 2 and (balance.reads, balance.writes) != ([0, 0], [1, 1]):
        yield f"{now}. Write what you have read, and 1 more, once."
    lost = f"{now}: both threads read 0, then both wrote 1."
    if balance.value != 2 and not holds_of(run, "lock"):
        yield f"{lost} Nobody took `lock`: take it before you read, release it after you have written."
    if not holds_of(run, "lock"):
        yield (
            "The balance is right, but nobody took `lock`. A lock of your own keeps out only those who take "
            "it too: whoever touches this balance takes `lock`."
        )
    if balance.value != 2 and _tried_in_vain(run):
        yield f"{lost} One of them did not get `lock` and went on without it: wait for it, by `with lock:`."
    if balance.value != 2:
        yield f"{lost} The other came in between the read and the write: put both into one `with lock:`."


def _tried_in_vain(run: Trace) -> bool:
    return any(event.kind in (Kind.WOULD_BLOCK, Kind.TIMED_OUT) for event in run)


# -- 2: two transfers ----------------------------------------------------------------------------------------


class Account:
    """An account with a lock of its own."""

    def __init__(self, number: int, lock: Lock) -> None:
        self.number = number  # accounts can be put in order by it
        self.unguarded = False  # whether the balance was ever touched while nobody held the lock
        self.lock, self.money = lock, 100

    @property
    def balance(self) -> int:
        """The money in it."""
        self.unguarded |= not self.lock.locked()
        return self.money

    @balance.setter
    def balance(self, amount: int) -> None:
        self.unguarded |= not self.lock.locked()
        self.money = amount


@exercise
def check_transfer(transfer: Callable[[Account, Account, int], object]) -> Answer:
    """Ann moves 30 from account 1 to 2, Bob moves 10 from 2 to 1: do both end, and is the money right?"""

    def begin() -> tuple[Account, Account]:
        lock_1 = Lock()
        lock_2 = Lock()
        return Account(1, lock_1), Account(2, lock_2)

    def perform(accounts: tuple[Account, Account]) -> None:
        one, two = accounts
        together(
            Thread(target=transfer, args=(one, two, 30), name="ann"),
            Thread(target=transfer, args=(two, one, 10), name="bob"),
        )

    run, (one, two), verdict = explored("Two transfers at the same time", begin, perform, _is_fair)
    praise = "Both transfers took the locks in the same order, or gave way: nobody waits in a circle."
    return judged(run, verdict, _transfer_problems(run, one, two), praise)


def _is_fair(accounts: tuple[Account, Account]) -> bool:
    return [(each.money, each.unguarded) for each in accounts] == [(80, False), (120, False)]


def _transfer_problems(run: Trace, one: Account, two: Account) -> Iterator[str]:
    yield from stuck(run, "Let both transfers take the locks in the same order, by `account.number`.")
    for said in failed(run):
        compared, entered = "'<' not supported" in said, "context manager" in said
        yield said + " Sort by `account.number`." * compared + " Take `account.lock`." * entered
    if (one.money, two.money) == (100, 100):
        yield "No money was moved: both balances are still 100; they should be 80 and 120."
    unguarded = "A balance was read or written while nobody held its lock. Hold both locks while money moves."
    if not (holds_of(run, "lock_1") or holds_of(run, "lock_2")):
        yield unguarded
    balances = (one.money, two.money)
    if balances in ((70, 130), (110, 90)):
        yield (
            f"{'bob' if one.money == 70 else 'ann'} moved no money: the balances are {one.money} and "
            f"{two.money}; they should be 80 and 120. Who does not get a lock must try again."
        )
    for name in ("ann", "bob"):
        if not _heldtogether(run, name, "lock_1", "lock_2"):
            yield (
                f"{name} never held both locks at once. In between, money is missing, and others can see it: "
                "take the second lock while you hold the first."
            )
    if one.unguarded or two.unguarded:
        yield unguarded
    if balances != (80, 120):
        yield f"The balances are {balances[0]} and {balances[1]}; they should be 80 and 120."


def _heldtogether(run: Trace, who: str, first: str, second: str) -> bool:
    return any(
        name == other == who and start < other_end and other_start < end
        for name, start, end in holds_of(run, first)
        for other, other_start, other_end in holds_of(run, second)
    )


# -- 3: refresh, unless somebody else is at it ---------------------------------------------------------------


class Visits:
    """Calls of the learner's function, in threads of their own."""

    def __init__(self, refresh_once: Callable[[Lock, Callable[[], None]], object], lock: Lock) -> None:
        self.refresh_once, self.lock = refresh_once, lock
        self.done: list[str] = []  # who refreshed
        self.results: dict[str, object] = {}
        self.taken_away = self.left_locked = False
        self.main_holds = self.not_kept_out = False  # the lock; whether somebody refreshed all the same
        self.took: dict[str, float] = {}  # s

    def one_by_one(self) -> None:
        """Three: with the lock taken, with the lock free, and one that fails."""
        self.lock.acquire()
        self.main_holds = True
        late = self.visit("latecomer", self.refresh, patience=2 * WORK)
        self.main_holds = False
        self.taken_away = not self.lock.locked()
        if not self.taken_away:
            self.lock.release()
        late.join()
        self.visit("follower", self.refresh)
        self.left_locked = self.lock.locked()
        if not self.left_locked:
            self.visit("unlucky", self.break_down)
            self.left_locked = self.lock.locked()

    def all_well(self) -> bool:
        """Whether they did what they should."""
        well = self.results == {"latecomer": False, "follower": True} and self.took["latecomer"] < MOMENT
        return well and "latecomer" not in self.done and not (self.taken_away or self.left_locked)

    def at_once(self) -> None:
        """Two, at the same moment."""
        together(*(self.visitor(name, self.refresh) for name in ("ann", "bob")))

    def one_refreshed(self) -> bool:
        """Whether one of the two left it to the other."""
        return len(self.done) == 1

    def visit(self, name: str, refresh: Callable[[], None], patience: float | None = None) -> Thread:
        """A thread calls the learner's function; wait for it, at most so many seconds."""
        thread = self.visitor(name, refresh)
        thread.start()
        thread.join(patience)
        return thread

    def visitor(self, name: str, refresh: Callable[[], None]) -> Thread:
        """A thread that will call the learner's function."""

        def logged_refresh() -> None:
            self.done.append(name)
            self.not_kept_out |= self.main_holds
            refresh()

        def call() -> None:
            began = monotonic()
            with suppress(ConnectionError):
                self.results[name] = self.refresh_once(self.lock, logged_refresh)
            self.took[name] = monotonic() - began

        return Thread(target=call, name=name)

    def refresh(self) -> None:
        """A refresh that works."""
        sleep(WORK)  # simulated work

    def break_down(self) -> None:
        """A refresh that does not."""
        raise ConnectionError("no network")


@exercise
def check_refresh(refresh_once: Callable[[Lock, Callable[[], None]], object]) -> Answer:
    """Does it return False at once where the lock is taken, and does it always give back what it took?"""

    def begin() -> Visits:
        lock = Lock()
        return Visits(refresh_once, lock)

    run, visits, verdict = explored("Three calls of refresh_once", begin, Visits.one_by_one, Visits.all_well)
    problems = list(_refresh_problems(run, visits))
    if verdict is not Verdict.FAILED and not problems:
        run, visits, verdict = explored(
            "Two calls at the same moment", begin, Visits.at_once, Visits.one_refreshed
        )
        problems = list(_rush_problems(run, visits))
    praise = (
        "Who comes late does not wait, whichever schedule was tried, and not even unlucky keeps the lock."
    )
    return judged(run, verdict, problems, praise)


def _refresh_problems(run: Trace, visits: Visits) -> Iterator[str]:
    if visits.taken_away:
        yield "latecomer released a lock that it did not get: MainThread had it. Release only what you got."
    yield from _late_problems(run, visits)
    alone = any(finding.kind == "deadlock" and len(finding.threads) == 1 for finding in run.findings)
    again = "A successful `acquire` has taken the lock: do not take it again."
    yield from stuck(run, again if alone else "Release the lock when the refresh is over.")
    if "latecomer" in visits.results and "follower" not in visits.done:
        yield "follower found the lock free, but did not refresh. Call `refresh()` where you got the lock."
    if visits.left_locked:
        who = "unlucky" if "unlucky" in visits.done else "follower"
        yield f"{who} has ended, and the lock is still held. Release it in a `finally`: errors pass there."
    yield from failed(run)
    if visits.results.get("latecomer") is not False or visits.results.get("follower") is not True:
        yield "Return True after a refresh, and False where the lock was taken."
    if "unlucky" in visits.results:
        yield "unlucky's refresh failed, and nobody was told. Let the exception pass."


def _late_problems(run: Trace, visits: Visits) -> Iterator[str]:
    """What the latecomer did while the main thread held the lock."""
    late = next(info.number for info in run.log.threads if info.name == "latecomer")
    lock = number_of(run, "lock")
    if any(wait.thread == late and wait.obj == lock for wait in run.model.waits):
        yield (
            "latecomer waited for the lock, but it should return False at once. "
            "Try to take it without waiting: `lock.acquire(blocking=False)`."
        )
    elif visits.not_kept_out:
        yield "latecomer refreshed while MainThread held the lock. Ask for the lock first."
    elif visits.took.get("latecomer", 0.0) >= MOMENT:
        yield (
            f"latecomer came back after {visits.took['latecomer']:.1f} s, but should return False at once, "
            "because it did not get the lock. Try once."
        )


def _rush_problems(run: Trace, visits: Visits) -> Iterator[str]:
    """What went wrong where two came at the same moment."""
    yield from stuck(run, "Release the lock when the refresh is over.")
    yield from failed(run)
    if not visits.one_refreshed():
        yield (
            f"{' and '.join(visits.done) or 'Nobody'} refreshed, where one should leave it to the other. "
            "To ask `lock.locked()` is not enough: the answer may be old before your next line. Let "
            "`lock.acquire(blocking=False)` ask and take in one step, and keep the lock until `refresh()` "
            "has ended."
        )
