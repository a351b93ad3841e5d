"""The checks of lesson 11: does the learner's code let go of what it holds on every way out?

The learner's code runs in threads of its own: what they raise is part of the record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from exercises.answer import Answer, explored, failed, holds_of, judged, stuck, together
from tracing import Lock, Thread, Trace, sleep

WORK = 1.0  # s of simulated work, on the virtual clock
PATIENCE = 2.0  # s
MOMENT = 1_000_000  # ns; a step of the simulation takes less

SLIPS = {
    "'Lock' object is not callable": "The lock is an object, not a function: leave out the brackets.",
    "'generator' object does not support the context manager": (
        "It is a plain function with a `yield`: write `@contextmanager` in the line above it."
    ),
    "'NoneType' object is not an iterator": "Without a `yield` there is no place for the block. Put one in.",
    "'<' not supported between": "Locks have no order, but their names have: sort the names.",
    "object does not support the context manager": (
        "Enter the lock itself: not its name, not what it belongs to, and not what `acquire()` returns."
    ),
    "release unlocked lock": "Release only what you hold, and once. `with` does both.",
}  # what Python says of a slip: what to do about it


def _slips(run: Trace) -> Iterator[str]:
    """What Python says of a slip, and what to do about it."""
    for thread in run.model.threads:
        error = thread.error or ""
        if advice := next((advice for words, advice in SLIPS.items() if words in error), ""):
            yield f"{run.log.thread(thread.number).name} failed with {error}. {advice}"


def _hangs(run: Trace, abandoned: str, otherwise: str) -> Iterator[str]:
    """What there is to say of a run that hangs: of one that waits for itself, or for one who is gone."""
    finding = run.findings[0] if run.findings else None
    advice = otherwise
    if finding and "which it holds itself" in finding.sentence:
        advice = "Take it once: by `with`, or by `acquire()`, and not by both."
    elif finding and finding.kind == "abandoned lock":
        advice = abandoned
    yield from stuck(run, advice)


# -- 1: every way out ----------------------------------------------------------------------------------------


class Account:
    """An account with 100 in it. To look takes its time, and notes whether the lock was held."""

    def __init__(self) -> None:
        lock = Lock()
        self.lock, self.money, self.unguarded = lock, 100, False
        self.answers: dict[str, object] = {}

    @property
    def balance(self) -> int:
        """The money in it."""
        self.unguarded |= not self.lock.locked()
        money = self.money
        sleep(0)  # others may come in
        return money

    @balance.setter
    def balance(self, amount: int) -> None:
        self.unguarded |= not self.lock.locked()
        self.money = amount

    def all_well(self) -> bool:
        """Whether Ann and Cho got their money, and Bob was refused."""
        well = self.answers == {"ann": None, "bob": "refused", "cho": None}
        return well and self.money == 30 and not self.unguarded


AMOUNTS = {"ann": 40, "bob": 500, "cho": 30}


def check_withdraw(withdraw: Callable[[Account, int], object]) -> Answer:
    """Ann takes 40, Bob 500, Cho 30, of 100: Bob is refused, and the others must not notice."""

    def perform(account: Account) -> None:
        def call(name: str) -> None:
            try:
                account.answers[name] = withdraw(account, AMOUNTS[name])
            except ValueError:
                account.answers[name] = "refused"

        together(*(Thread(target=call, args=(name,), name=name) for name in AMOUNTS))

    run, account, verdict = explored("Three withdrawals", Account, perform, Account.all_well)
    praise = "The block lets go on both ways out: at its end, and where the exception leaves."
    return judged(run, verdict, _withdrawal_problems(run, account), praise)


def _withdrawal_problems(run: Trace, account: Account) -> Iterator[str]:
    advice = "Whoever leaves must release the lock, also by an exception: `with` does."
    yield from _slips(run)
    yield from _hangs(run, advice, advice)
    yield from failed(run)
    if account.answers.get("bob") != "refused":
        yield "Bob asked for 500 of 100, and no ValueError told him so. Keep the `raise ValueError(...)`."
    if refused := [name for name in ("ann", "cho") if account.answers.get(name) == "refused"]:
        yield f"{refused[0]} was refused, though the money was there. Compare before you subtract."
    if not holds_of(run, "lock"):
        yield "Nobody took `account.lock`. Put all that touches the balance into `with account.lock:`."
    if account.unguarded:
        yield "The balance was read or written while nobody held the lock. Put both into the block."
    if account.money != 30:
        yield (
            f"The balance is {account.money}; of 100, Ann took 40 and Cho 30. Another thread came in between "
            "your read and your write: put both into one block."
        )


# -- 2: a block of one's own ---------------------------------------------------------------------------------


@dataclass
class Visits:
    """Who was let in, who was not, and what was wrong afterwards."""

    lock: Lock
    inside: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    left_locked: bool = False
    open_inside: bool = False  # whether somebody was inside while nobody held the lock

    def perform(self, taken_within: Callable[[Lock, float], AbstractContextManager[object]]) -> None:
        """One fails inside; then one is let in; then one has to give up."""
        self.visit(taken_within, "unlucky", LookupError("lost"))
        self.left_locked = self.lock.locked()
        if not self.left_locked:
            self.visit(taken_within, "lucky", None)
            with self.lock:
                self.visit(taken_within, "late", None)
                self.errors["main"] = "" if self.lock.locked() else "taken away"
                if not self.lock.locked():
                    self.lock.acquire()

    def visit(
        self,
        taken_within: Callable[[Lock, float], AbstractContextManager[object]],
        name: str,
        error: Exception | None,
    ) -> None:
        """One thread goes through the block, and is waited for."""

        def call() -> None:
            try:
                with taken_within(self.lock, PATIENCE):
                    self.inside.append(name)
                    self.open_inside |= not self.lock.locked()
                    sleep(WORK)  # simulated work
                    if error:
                        raise error
            except (TimeoutError, LookupError) as raised:
                self.errors[name] = type(raised).__name__

        together(Thread(target=call, name=name))

    def all_well(self) -> bool:
        """Whether everybody saw what the block promises."""
        expected = {"unlucky": "LookupError", "late": "TimeoutError", "main": ""}
        well = self.inside == ["unlucky", "lucky"] and self.errors == expected
        return well and not (self.left_locked or self.open_inside)


def check_taken_within(taken_within: Callable[[Lock, float], AbstractContextManager[object]]) -> Answer:
    """Does the block take the lock, give it back on every way out, and raise TimeoutError where it must?"""

    def begin() -> Visits:
        lock = Lock()
        return Visits(lock)

    run, visits, verdict = explored(
        "unlucky, lucky, late", begin, lambda visits: visits.perform(taken_within), Visits.all_well
    )
    praise = "What comes before `yield` is the way in, what stands in `finally` is every way out."
    return judged(run, verdict, _visit_problems(run, visits), praise)


def _visit_problems(run: Trace, visits: Visits) -> Iterator[str]:
    yield from _slips(run)
    yield from _hangs(
        run,
        "Release it on every way out, also at the end of the block: in a `finally`.",
        "Wait with a timeout, and call it so: `lock.acquire(timeout=seconds)`.",
    )
    if visits.left_locked:
        yield (
            "An exception left the block of unlucky, and the lock is still held. At `yield` the exception "
            "comes back into your function: put the `yield` into a `try`, and the release into its `finally`."
        )
    if "late" in visits.inside:
        yield (
            "late went in while MainThread held the lock. `acquire(timeout=...)` returns False where it "
            "gives up: look at what it returns, and raise TimeoutError then."
        )
    if visits.errors.get("main") == "taken away":
        yield "late gave up, and released a lock it did not have. Begin the `try` after you got the lock."
    if any("didn't yield" in (thread.error or "") for thread in run.model.threads):
        yield "late gave up, and your function ended without `yield`. Raise TimeoutError where it got none."
    yield from failed(run)
    if "unlucky" not in visits.errors:
        yield "unlucky raised a LookupError inside the block, and it was swallowed. Let it pass: no `except`."
    if visits.open_inside:
        yield "Nobody held the lock inside the block: to look at it is not enough. Take it before `yield`."
    if visits.all_well() and not PATIENCE <= (waited := _waited(run, "late")) < PATIENCE + MOMENT / 1e9:
        yield (
            f"late waited {waited:.0f} s for the lock, with a patience of {PATIENCE:.0f} s. "
            "Wait up to `seconds`: `lock.acquire(timeout=seconds)`."
        )
    if not visits.all_well():
        yield f"late should see a TimeoutError, and saw {visits.errors.get('late', 'nothing')}."


def _waited(run: Trace, name: str) -> float:
    """How long that thread waited for locks, in seconds."""
    waits = (wait for wait in run.model.waits if wait.obj and run.log.thread(wait.thread).name == name)
    return sum(wait.end - wait.start for wait in waits) / 1e9


# -- 3: several locks ----------------------------------------------------------------------------------------

WANTED = {"ann": ("oven", "pan"), "bob": ("pan", "sink", "oven"), "cho": ("sink", "oven")}


class Accident(Exception):
    """What may happen at work."""


@dataclass
class Kitchen:
    """Three locks, and who was at work with all that he needs in his hands."""

    locks: dict[str, Lock]
    done: list[str] = field(default_factory=list)
    hurt: set[str] = field(default_factory=set)  # who saw an accident
    without: set[str] = field(default_factory=set)

    def work(self, name: str) -> Callable[[], None]:
        """Something to do with all the things wanted."""

        def work() -> None:
            if not all(self.locks[thing].locked() for thing in WANTED[name]):
                self.without.add(name)
            self.done.append(name)
            if name == "cho":
                raise Accident("cho burnt a finger")

        return work

    def all_well(self) -> bool:
        """Whether all three worked with what they need, and nothing is left locked."""
        left = any(lock.locked() for lock in self.locks.values())
        return sorted(self.done) == sorted(WANTED) and self.hurt == {"cho"} and not (self.without or left)


def check_work_with(work_with: Callable[[dict[str, Lock], Callable[[], None]], object]) -> Answer:
    """Three cooks want two or three things each, in orders of their own: does everybody get to work?"""

    def begin() -> Kitchen:
        oven, pan, sink = Lock(), Lock(), Lock()
        return Kitchen({"oven": oven, "pan": pan, "sink": sink})

    def perform(kitchen: Kitchen) -> None:
        def call(name: str) -> None:
            try:
                work_with({thing: kitchen.locks[thing] for thing in WANTED[name]}, kitchen.work(name))
            except Accident:
                kitchen.hurt.add(name)

        together(*(Thread(target=call, args=(name,), name=name) for name in WANTED))

    run, kitchen, verdict = explored("Three cooks", begin, perform, Kitchen.all_well)
    praise = "One order for all, and the stack gives back all it took: nobody waits in a circle."
    return judged(run, verdict, _kitchen_problems(run, kitchen), praise)


def _kitchen_problems(run: Trace, kitchen: Kitchen) -> Iterator[str]:
    yield from _slips(run)
    yield from _hangs(
        run,
        "Give all back on every way out: enter them into a stack, by `with ExitStack() as stack:`.",
        "Take the locks in one order for everybody, by their names; give all back.",
    )
    yield from failed(run)
    if missing := sorted(set(WANTED) - {*kitchen.done}):
        yield f"{missing[0]} never worked. Call `work()` when you hold all the locks."
    if kitchen.without:
        yield (
            f"{min(kitchen.without)} worked without one of the locks. Keep all of them until `work()` is "
            "over: put `work()` into the block of the ExitStack."
        )
    if left := [name for name, lock in kitchen.locks.items() if lock.locked()]:
        yield (
            f"All have gone; still held: {', '.join(left)}. Enter each lock into the stack: "
            "`stack.enter_context(lock)`. It releases on every way out."
        )
    if len(kitchen.done) > len(WANTED):
        yield "Somebody worked more than once. Call `work()` once, when you hold all the locks."
    if "cho" not in kitchen.hurt:
        yield "The work of cho failed, and the caller never saw it. Let the error pass: catch nothing."
