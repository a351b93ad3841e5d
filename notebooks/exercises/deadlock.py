"""The checks of lesson 12: who is in the circle, and functions of the learner's that take several locks.

The circle is searched for, not left to luck: the locks are taken under every schedule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress

from exercises.answer import (
    STEPS,
    Answer,
    Problem,
    Verdict,
    at_length,
    exercise,
    explored,
    failed,
    holds_of,
    judged,
    lucky,
    once,
    sleeps_of,
    stuck,
    together,
)
from exercises.reading import Unexplained
from tracing import Lock, Thread, Trace, simulate, sleep

# -- 1: who is in the circle ---------------------------------------------------------------------------------


def in_the_office() -> Unexplained:
    """Four at work with a printer and a scanner, until nobody gets on."""

    def work(first: Lock, second: Lock | None) -> None:
        with first:
            sleep(2)  # simulated work
            if second:
                with second:
                    sleep(1)  # simulated work

    with simulate(title="In the office") as run:
        printer = Lock()
        scanner = Lock()
        Thread(target=work, args=(printer, scanner), name="ann").start()
        Thread(target=work, args=(scanner, printer), name="bob").start()
        sleep(1)
        Thread(target=work, args=(printer, None), name="cho").start()
        Thread(target=sleep, args=(1,), name="dan").start()
    return Unexplained(run)


STAFF = ("ann", "bob", "cho", "dan")
NAMES = {name: name for name in STAFF} | {"MainThread": "main( ?thread)?"}


@exercise
def check_circle(answer: object) -> Answer:
    """Which threads wait for each other in a circle? The names in any form: ("ann", "dan"), "dan and ann"."""
    run = in_the_office()
    (deadlock,) = run.explained.found("deadlock")
    circle = {run.log.thread(number).name for number in deadlock.threads}
    named = {name for name in NAMES if re.search(rf"\b{NAMES[name]}\b", str(answer).lower())}
    verdict = Verdict.PASSED if named == circle else Verdict.FAILED
    praise = f"{deadlock.sentence} Cho only waits behind them: nobody waits for her."
    shown = run.explained if named == circle else run
    return judged(shown, verdict, _circle_problems(run, named, circle), praise)


def _circle_problems(run: Trace, named: set[str], circle: set[str]) -> Iterator[Problem | str]:
    if not named:
        yield f"Give the names of those who are in the circle, some of {', '.join(STAFF)}."
    for name in sorted(named - circle):
        if run.waits_of(name):
            yield Problem(
                f"{name.capitalize()} waits, but nobody waits for {name}.",
                "In a circle each holds what the one before wants. What does that one hold?",
            )
        else:
            yield f"{name[0].upper()}{name[1:]} never waited: that thread {run.outcome_of(name)}."
    if named < circle:
        yield Problem(
            "One alone makes no circle here: each of those who are in it waits for a lock that another has.",
            "Follow the two hatched bars that reach to the end, and read who holds what they want.",
        )


# -- what stays held, or is taken twice ----------------------------------------------------------------------


def _stuck(run: Trace, advice: str) -> Iterator[Problem]:
    """What there is to say of a run that had to be ended; the advice is the cure of a circle of several."""
    give_back = "Give each lock back, once, on every way out of the function: `with` does."
    deadlocks = run.found("deadlock")
    if deadlocks and len(deadlocks[0].threads) == 1:
        advice = (
            "Who holds a Lock cannot take it again: take each once, and give it back before the next try."
        )
    elif not deadlocks and run.found("abandoned lock"):
        advice = give_back
    elif run.log.ending.reason == "steps" and not list(failed(run)):
        for kept in run.found("held at thread end"):
            yield Problem(f"{kept.sentence} Another one tries to get it, again and again.", give_back)
    yield from stuck(run, advice)


# -- who gives way, and comes back in step, or no more -------------------------------------------------------


BUSY = 30  # s: tries enough for almost everybody who counts them


def _beside_a_holder(lock: Lock, thread: Thread) -> bool:
    """The main thread has the lock for a while, and the other one tries meanwhile. Does that one wait?"""
    waits = False
    with suppress(RuntimeError), lock:  # if it releases what is not its own
        thread.start()
        sleep(BUSY)
        waits = thread.is_alive()
    thread.join()
    return waits


class SlowLock(Lock):
    """A lock that takes a moment to take: so those who begin together have their first ones together."""

    __slots__ = ()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As always, and then the moment."""
        taken = super().acquire(blocking, timeout)
        sleep(0.001)
        return taken

    __enter__ = acquire


def _in_step_problems(run: Trace) -> Iterator[Problem]:
    """Of a run with slow locks: no search finds it, for in most schedules one is a moment earlier."""
    if run.log.ending.reason == "steps":
        yield Problem(
            "Two who began at the same moment tried again and again in step, and neither ever had both.",
            "With equal pauses they can do so for ever: let each pause for another time, best at random. Or "
            "let all take the locks in one order.",
        )


# -- 2: two transfers ----------------------------------------------------------------------------------------


class Account:
    """An account with a lock of its own."""

    def __init__(self, number: int, lock: Lock, other: Lock) -> None:
        self.number = number  # accounts can be put in order by it
        self.other = other  # the lock of the other account
        self.too_early = False  # whether money ever moved while nobody held that one
        self.unguarded = False  # whether the balance was ever touched while nobody held the lock
        self.lock, self.money = lock, 100
        self.waited_for = False  # whether who wanted it waited until another had given its lock back

    @property
    def balance(self) -> int:
        """The money in it."""
        self.unguarded |= not self.lock.locked()
        return self.money

    @balance.setter
    def balance(self, amount: int) -> None:
        self.unguarded |= not self.lock.locked()
        self.too_early |= not self.other.locked()
        self.money = amount


@exercise
def check_transfer(transfer: Callable[[Account, Account, int], object]) -> Answer:
    """Ann moves 30 from account 1 to 2, Bob moves 10 from 2 to 1: do both end, and is the money right?"""

    def begin(kind: type[Lock] = Lock) -> tuple[Account, Account]:
        lock_1 = kind()
        lock_2 = kind()
        return Account(1, lock_1, lock_2), Account(2, lock_2, lock_1)

    def perform(accounts: tuple[Account, Account]) -> None:
        one, two = accounts
        together(
            Thread(target=transfer, args=(one, two, 30), name="ann"),
            Thread(target=transfer, args=(two, one, 10), name="bob"),
        )

    def perform_late(accounts: tuple[Account, Account]) -> None:
        ann = Thread(target=transfer, args=(*accounts, 30), name="ann")
        accounts[1].waited_for = _beside_a_holder(accounts[1].lock, ann)

    run, accounts, verdict = explored("Two transfers at the same time", begin, perform, _is_fair)
    problems = list(_transfer_problems(run, *accounts))
    if verdict is Verdict.PASSED and not problems:
        run, accounts, verdict = once("Two in step", lambda: begin(SlowLock), perform, _is_fair)
        problems = [*_in_step_problems(run), *_transfer_problems(run, *accounts)]
    if verdict is Verdict.PASSED and not problems:
        found, title = (run, accounts, verdict), "Account 2 is locked for long"
        run, accounts, verdict = at_length(found, title, begin, perform_late, _has_moved)
        problems = list(_late_problems(accounts)) if verdict is Verdict.FAILED else []
    praise = "Both locks are held while the money moves, and no schedule closes the circle."
    return judged(run, verdict, problems, praise)


def _is_fair(accounts: tuple[Account, Account]) -> bool:
    are_guarded = not any(each.unguarded or each.too_early for each in accounts)
    return [each.money for each in accounts] == [80, 120] and are_guarded


def _has_moved(accounts: tuple[Account, Account]) -> bool:
    return [each.money for each in accounts] == [70, 130] and accounts[1].waited_for


def _late_problems(accounts: tuple[Account, Account]) -> Iterator[Problem]:
    if [each.money for each in accounts] == [100, 100]:
        yield Problem(
            f"Account 2 was locked for {BUSY} s, and ann moved no money.",
            "Who does not get a lock must try again, as often as it takes.",
        )
    elif not accounts[1].waited_for:
        yield Problem(
            "Ann moved money while the main thread held the lock of account 2.",
            "`acquire()` with a time-out gives False where it has no lock: look at that, and try again.",
        )


def _transfer_problems(run: Trace, one: Account, two: Account) -> Iterator[Problem | str]:
    yield from _stuck(run, "Let both transfers take the locks in the same order, by `account.number`.")
    for said in failed(run):
        compared, entered = "'<' not supported" in said, "context manager" in said
        yield said + " Sort by `account.number`." * compared + " Take `account.lock`." * entered
    if (one.money, two.money) == (100, 100):
        yield "No money was moved: both balances are still 100; they should be 80 and 120."
    unguarded = Problem(
        "A balance was read or written while nobody held its lock.", "Hold both locks while money moves."
    )
    if not (holds_of(run, "lock_1") or holds_of(run, "lock_2")):
        yield unguarded
    balances = (one.money, two.money)
    if balances in ((70, 130), (110, 90)):
        yield Problem(
            f"{'bob' if one.money == 70 else 'ann'} moved no money: the balances are {one.money} and "
            f"{two.money}; they should be 80 and 120.",
            "Who does not get a lock must try again.",
        )
    for name in ("ann", "bob"):
        if not _held_together(run, name, "lock_1", "lock_2"):
            yield Problem(
                f"{name} never held both locks at once. In between, money is missing, and others can see it.",
                "Take the second lock while you hold the first.",
            )
    if one.unguarded or two.unguarded:
        yield unguarded
    if one.too_early or two.too_early:
        yield Problem(
            "Money moved while one of the two locks was free.",
            "Hold both until it has left the one account and is in the other.",
        )
    if balances != (80, 120):
        yield f"The balances are {balances[0]} and {balances[1]}; they should be 80 and 120."
    yield from lucky(run)


def _held_together(run: Trace, who: str, first: str, second: str) -> bool:
    return any(
        name == other == who and start < other_end and other_start < end
        for name, start, end in holds_of(run, first)
        for other, other_start, other_end in holds_of(run, second)
    )


# -- 3: take both, or give way -------------------------------------------------------------------------------

TakeBoth = Callable[[Lock, Lock, float], object]
PAUSES = {"ann": 1.0, "bob": 2.0}  # s


class Desk:
    """Two locks, and two who want both, in different orders."""

    def __init__(self) -> None:
        lock_a = Lock()
        lock_b = Lock()
        self.locks = {"a": lock_a, "b": lock_b}
        self.had_both: list[str] = []

    def use(self, take_both: TakeBoth, who: str, order: str, pause: float) -> None:
        """Take both by the learner's function, work, and give both back."""
        first, second = (self.locks[name] for name in order)
        take_both(first, second, pause)
        if first.locked() and second.locked():
            self.had_both.append(who)
        sleep(1)  # simulated work
        first.release()
        second.release()

    def all_well(self) -> bool:
        """Whether both had both, and both locks are free."""
        return sorted(self.had_both) == ["ann", "bob"] and not any(map(Lock.locked, self.locks.values()))


@exercise
def check_take_both(take_both: TakeBoth) -> Answer:
    """Ann takes a, then b; bob b, then a. Does each get both, under every schedule?"""

    def perform(desk: Desk) -> None:
        together(
            Thread(target=desk.use, args=(take_both, "ann", "ab", PAUSES["ann"]), name="ann"),
            Thread(target=desk.use, args=(take_both, "bob", "ba", PAUSES["bob"]), name="bob"),
        )

    run, desk, verdict = explored("Two who give way", Desk, perform, Desk.all_well)
    problems = list(_both_problems(run, desk))
    if verdict is Verdict.PASSED and not problems:
        paused, returned = _busy_for_both(take_both)
        problems = [*_patience_problems(paused, returned), *_pause_problems(paused)]
        run = paused if problems else run
    praise = "Whoever does not get the second lock lets go of the first, pauses, and tries again."
    return judged(run, verdict, problems, praise)


def _busy_for_both(take_both: TakeBoth) -> tuple[Trace, list[str]]:
    """Ann and Bob have two locks each, and the main thread has the second of each pair for a while. Gives
    also who came back meanwhile.
    """
    returned = []
    with simulate(title="Two who find the second lock taken", max_steps=STEPS) as run:
        anns_first, anns_second = Lock(), Lock()
        bobs_first, bobs_second = Lock(), Lock()
        ann = Thread(target=take_both, args=(anns_first, anns_second, PAUSES["ann"]), name="ann")
        bob = Thread(target=take_both, args=(bobs_first, bobs_second, PAUSES["bob"]), name="bob")
        with suppress(RuntimeError), anns_second, bobs_second:  # if they release what is not theirs
            ann.start()
            bob.start()
            sleep(BUSY)  # both try some times meanwhile
            returned = [thread.name for thread in (ann, bob) if not thread.is_alive()]
    return run, returned


def _patience_problems(run: Trace, returned: list[str]) -> Iterator[Problem | str]:
    """Who came back without the second lock, or took it from its holder."""
    yield from failed(run)
    for name in PAUSES:
        if any(end - start < BUSY - 1 for who, start, end in _held_by_main(run, name)):
            yield Problem(
                f"The main thread had the second lock, and {name} released it.",
                "After a try in vain you have only the first: release that one alone.",
            )
    for name in returned:
        yield Problem(
            f"{name} came back from `take_both` while the main thread had the second lock.",
            "Try again as often as it takes: return only when you have both.",
        )


def _held_by_main(run: Trace, name: str) -> list[tuple[str, int, int]]:
    return [hold for hold in holds_of(run, f"{name}s_second") if hold[0] == "MainThread"]


def _pause_problems(run: Trace) -> Iterator[Problem]:
    """Equal pauses: those of ann should be shorter than those of bob."""
    ann, bob = (set(sleeps_of(run, name)) for name in PAUSES)
    if ann and ann == bob:
        yield Problem(
            f"Ann was given a pause of {PAUSES['ann']:g} s, and bob one of {PAUSES['bob']:g} s, but both "
            f"paused for {max(ann):g} s. With equal pauses they can try again in step, for ever.",
            "Pause for the time that you are given: `sleep(pause)`.",
        )


def _both_problems(run: Trace, desk: Desk) -> Iterator[Problem | str]:
    let_go = "Release the first lock before you pause, and take it again with the next try."
    if run.log.ending.reason == "steps" and not list(failed(run)):
        yield Problem(
            "They try again and again, and one of them gets nowhere: your code went on and on.",
            "Give the first lock back, and only then pause: so the other one can take it meanwhile.",
        )
    for said in failed(run):
        if "release unlocked lock" in said:
            yield Problem(
                f"{said.partition('. ')[0]}. Somebody came back from `take_both` without both locks, or "
                "released a lock that another one had.",
                "Return only when you have both, and release none of the two then. After a try in vain you "
                "have only the first: release that one alone.",
            )
    yield from stuck(run, let_go)
    yield from failed(run)
    for name in ("ann", "bob"):
        if not _held_together(run, name, "lock_a", "lock_b"):
            yield Problem(
                f"{name} never had both locks at the same time.",
                "Return only when you have both; release none of the two then.",
            )
    yield from lucky(run)


# -- 4: the philosophers -------------------------------------------------------------------------------------

Philosopher = Callable[[int, list[Lock], Callable[[], None]], object]


class Table:
    """A fork between each two neighbours, and who has eaten with which forks in hand."""

    def __init__(self, seats: int, kind: type[Lock] = Lock) -> None:
        self.forks = [kind() for _ in range(seats)]
        self.eaten = [0] * seats
        self.without: list[int] = []  # who ate while a fork beside him was not held
        self.waited_for = False  # whether the first waited until another had put a fork back

    def eat(self, number: int) -> None:
        """A meal of one philosopher."""
        beside = self.forks[number], self.forks[(number + 1) % len(self.forks)]
        if not all(fork.locked() for fork in beside):
            self.without.append(number)
        sleep(1)  # a meal
        self.eaten[number] += 1

    def dine(self, philosopher: Philosopher) -> None:
        """All at the same time."""
        together(*(self.guest(philosopher, number) for number in range(len(self.forks))))

    def guest(self, philosopher: Philosopher, number: int) -> Thread:
        """One of them."""
        arguments = number, self.forks, lambda: self.eat(number)
        return Thread(target=philosopher, args=arguments, name=f"phil-{number}")

    def has_fed_one(self) -> bool:
        """Whether the first has eaten, who came alone, and not before he could have both forks."""
        return self.eaten[0] == 1 and self.waited_for

    def all_well(self) -> bool:
        """Whether each ate once, by both forks, and all forks lie on the table."""
        free = not any(fork.locked() for fork in self.forks)
        return self.eaten == [1] * len(self.eaten) and not self.without and free


@exercise
def check_philosopher(philosopher: Philosopher) -> Answer:
    """Two philosophers, then five, sit down at the same time: does everybody eat once, with both forks?"""
    title = "{} philosophers"

    def dine(table: Table) -> None:
        table.dine(philosopher)

    def dine_late(table: Table) -> None:
        table.waited_for = _beside_a_holder(table.forks[1], table.guest(philosopher, 0))

    run, table, verdict = explored(title.format("Two"), lambda: Table(2), dine, Table.all_well)
    problems = list(_dinner_problems(run, table))
    if verdict is not Verdict.FAILED and not problems:
        run, table, verdict = once(title.format("Five"), lambda: Table(5), dine, Table.all_well)
        problems = list(_dinner_problems(run, table))
    if verdict is Verdict.PASSED and not problems:
        run, table, verdict = once("Two in step", lambda: Table(2, SlowLock), dine, Table.all_well)
        problems = [*_in_step_problems(run), *_dinner_problems(run, table)]
    if verdict is Verdict.PASSED and not problems:
        found, title = (run, table, verdict), "Fork 1 is taken for long"
        run, table, verdict = at_length(found, title, lambda: Table(2), dine_late, Table.has_fed_one)
        late = [*_against_the_rules(run), *_dinner_problems(run, table)]
        problems = late if verdict is Verdict.FAILED else []
    praise = "Everybody has eaten, with both forks in hand, and no schedule that was tried closes the circle."
    return judged(run, verdict, problems, praise)


def _dinner_problems(run: Trace, table: Table) -> Iterator[Problem | str]:
    yield from _stuck(run, "Let everybody take the fork with the smaller number first.")
    for said in failed(run):
        yield said + " Sort their numbers." * ("'<' not supported" in said)
    hungry = [number for number, meals in enumerate(table.eaten) if meals == 0]
    if hungry:
        yield Problem(
            f"phil-{hungry[0]} has not eaten.",
            "Call `eat()`, once, while you hold both forks; try until you do.",
        )
    if greedy := [number for number, meals in enumerate(table.eaten) if meals > 1]:
        yield f"phil-{greedy[0]} ate {table.eaten[greedy[0]]} times. Once is what was asked for."
    for number in table.without:
        yield Problem(
            f"phil-{number} ate while one of the two forks lay on the table.",
            "The forks of philosopher n are `forks[n]` and `forks[(n + 1) % len(forks)]`: hold both "
            "while you eat.",
        )
    if any(fork.locked() for fork in table.forks):
        yield Problem("A fork is still held when all have eaten.", "Put both forks back: `with` does.")
    yield from _against_the_rules(run)
    yield from lucky(run)


def _against_the_rules(run: Trace) -> Iterator[Problem]:
    """Of the puzzle: the forks alone, and no time-out."""
    advice = "The forks are enough, if everybody takes the one with the smaller number first."
    for thing in run.log.objects:
        if not thing.name.startswith("Table.forks"):
            yield Problem(f"{thing.name} is no fork, and the puzzle is to do without.", advice)
    if run.notes_of("timed out"):
        yield Problem("Somebody gave up a fork after a time-out: the puzzle is to do without.", advice)
