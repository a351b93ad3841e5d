"""The checks of lesson 11: does the learner's code let go of what it holds on every way out?

The first asks to read a timeline. The code of the others runs in threads of its own: what they raise is part
of the record. What they raise inside a block must come out of it as it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from exercises.answer import (
    DAYS,
    Answer,
    Problem,
    Verdict,
    at_length,
    exercise,
    explored,
    failed,
    holds_of,
    judged,
    once,
    stuck,
    together,
)
from exercises.reading import is_near, not_one_of_each, said
from tracing import Lock, Thread, Trace, current_thread, mark, simulate, sleep
from tracing.asking import Held

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
    "cannot be interpreted as an integer": "`acquire` takes `blocking` first: write `timeout=`.",
    "__exit__() takes": "`__exit__` gets three arguments beside `self`: write `def __exit__(self, *error):`.",
}  # what Python says of a slip: what to do about it


def _slips(run: Trace) -> Iterator[Problem]:
    """What Python says of a slip, and what to do about it."""
    for thread in run.model.threads:
        error = thread.error or ""
        if advice := next((advice for words, advice in SLIPS.items() if words in error), ""):
            yield Problem(f"{run.log.thread(thread.number).name} failed with {error}.", advice)


def _hangs(run: Trace, abandoned: str, otherwise: str) -> Iterator[Problem]:
    """What there is to say of a run that hangs: of one that waits for itself, or for one who is gone."""
    finding = run.findings[0] if run.findings else None
    advice = otherwise
    if finding and "which it holds itself" in finding.sentence:
        advice = "Take it once: by `with`, or by `acquire()`, and not by both."
    elif finding and finding.kind == "abandoned lock":
        advice = abandoned
    yield from stuck(run, advice)


# -- 1: read a timeline --------------------------------------------------------------------------------------

COOKS = ("ann", "bob", "cho")


def at_the_stove() -> Trace:
    """Three want one pan, and one of them leaves the block by an exception that it catches further out."""

    def cook(comes: float, fries: float, what: str) -> None:
        sleep(comes)  # simulated way
        with suppress(ValueError), pan, mark("frying"):
            sleep(fries)  # simulated work
            if what == "stone":
                raise ValueError(what)
        sleep(1)  # simulated washing

    with simulate(title="At the stove") as run:
        pan = Lock()
        together(
            Thread(target=cook, args=(0, 2, "egg"), name="ann"),
            Thread(target=cook, args=(1, 3, "stone"), name="bob"),
            Thread(target=cook, args=(3, 1, "egg"), name="cho"),
        )
    return run


@exercise
def check_reading(answer: object) -> Answer:
    """Whose block was left by an exception, and how many seconds did that cook hold the pan?"""
    run = at_the_stove()
    (left,) = (block for block in run.model.blocks if block.raised)
    (hold,) = (hold for hold in run.holds_of("pan") if hold.thread == run.log.thread(left.thread).name)
    who, seconds = said(answer, COOKS)
    is_right = who == [hold.thread] and len(seconds) == 1 and is_near(seconds[0], hold.end - hold.start)
    praise = (
        f"An exception left the block of {hold.thread} at {hold.end:.0f} s, and the hold of the pan ended "
        f"there, after {hold.end - hold.start:.0f} s."
    )
    return judged(run, Verdict.of(run, is_right), _reading_problems(hold, who, seconds), praise)


def _reading_problems(hold: Held, who: list[str], seconds: list[float]) -> Iterator[Problem]:
    for problem in not_one_of_each(COOKS, who, seconds, "seconds"):
        yield Problem(problem)
    if who != [hold.thread]:
        yield Problem(
            f"{who[0]} left its block at its end.", "The frame of a block says so if an exception left it."
        )
    for moment, does in ((hold.start, "begins"), (hold.end, "ends")):
        if is_near(seconds[0], moment):
            yield Problem(f"{seconds[0]:g} s is the time at which the hold {does}.", "How long is its bar?")
    if not is_near(seconds[0], hold.end - hold.start):
        yield Problem(
            f"{hold.thread} did not hold the pan for {seconds[0]:g} s.",
            "A filled bar is a hold, a hatched one a wait: read the time at the hold's begin and at its end.",
        )


# -- 2: every way out ----------------------------------------------------------------------------------------


AMOUNTS = {"ann": 40, "bob": 500, "cho": 60}
FOR_ONE = {"ann": 60, "cho": 70}  # of 100: there is enough for either, and not for both


class Account:
    """An account with 100 in it. To look takes its time, and notes whether the lock was held."""

    def __init__(self, amounts: dict[str, int] = AMOUNTS, seconds: float = 0.0) -> None:
        lock = Lock()
        self.lock, self.left, self.unguarded = lock, 100, False
        self.amounts, self.seconds = amounts, seconds
        self.seen: dict[str, int] = {}  # by thread: what it read last
        self.outdated = False  # whether somebody wrote when another had written since his last look
        self.refused: set[str] = set()
        self.taken: Counter[str] = Counter()

    @property
    def balance(self) -> int:
        """The money in it."""
        self.unguarded |= not self.lock.locked()
        money = self.seen[current_thread().name] = self.left
        sleep(self.seconds)  # others may come in
        return money

    @balance.setter
    def balance(self, amount: int) -> None:
        self.unguarded |= not self.lock.locked()
        who = current_thread().name
        self.outdated |= self.left != self.seen.get(who, self.left)
        self.taken[who] += self.left - amount
        self.left = self.seen[who] = amount

    def all_well(self) -> bool:
        """Whether everybody got the money, but for those for whom there was not enough."""
        right = {who: amount for who, amount in self.amounts.items() if who not in self.refused}
        short = all(self.amounts[who] > self.left for who in self.refused)
        return +self.taken == right and short and self.left >= 0 and not self.unguarded


@exercise
def check_withdraw(withdraw: Callable[[Account, int], object]) -> Answer:
    """Ann takes 40, Bob 500, Cho 60, of 100: Bob is refused, and the others must not notice. Then Ann wants
    60 and Cho 70: one of them is refused.
    """

    def perform(account: Account) -> None:
        def call(name: str) -> None:
            try:
                withdraw(account, account.amounts[name])
            except ValueError:
                account.refused.add(name)

        together(*(Thread(target=call, args=(name,), name=name) for name in account.amounts))

    found = explored("Three withdrawals", Account, perform, Account.all_well)
    if found[2] is Verdict.PASSED:
        for_one = partial(Account, FOR_ONE)
        found = explored("Enough for one of two", for_one, perform, Account.all_well)
    for_days = partial(Account, seconds=DAYS)
    run, account, verdict = at_length(found, "To look takes days", for_days, perform, Account.all_well)
    praise = "The block lets go on both ways out: at its end, and where the exception leaves."
    return judged(run, verdict, _withdrawal_problems(run, account), praise)


def _withdrawal_problems(run: Trace, account: Account) -> Iterator[Problem | str]:
    advice = "Whoever leaves must release the lock, also by an exception: `with` does."
    yield from _went_away(run)
    yield from _slips(run)
    yield from _hangs(run, advice, advice)
    yield from failed(run)
    if not holds_of(run, "lock"):
        yield Problem(
            "Nobody took `account.lock`.", "Put all that touches the balance into `with account.lock:`."
        )
    if account.unguarded:
        yield Problem(
            "The balance was read or written while nobody held the lock.", "Put both into the block."
        )
    if account.outdated:
        yield Problem(
            f"In the end the balance is {account.left}. Between a thread's read and its write another one "
            "wrote, and that was lost or not seen.",
            "To mend it, put both into one block.",
        )
    if account.amounts is FOR_ONE and account.left < 0:
        wanted = " and ".join(f"{who} {amount}" for who, amount in account.amounts.items())
        yield Problem(
            f"Of 100, {wanted} were taken: each looked before the other took.",
            "Look and take in one block: whoever comes second must look again.",
        )
    yield from _refusal_problems(account)


def _refusal_problems(account: Account) -> Iterator[Problem | str]:
    for who in sorted(account.refused):
        if account.taken[who]:
            yield Problem(
                f"{who} was refused, and {account.taken[who]} was taken.", "Compare before you subtract."
            )
    served = sorted(account.amounts.keys() - account.refused)
    if "bob" in served:
        yield Problem(
            "Bob asked for 500 of 100, and no ValueError told him so.", "Keep the `raise ValueError(...)`."
        )
    for who in served:
        if account.taken[who] not in (0, account.amounts[who]):
            yield Problem(
                f"{who} wanted {account.amounts[who]}, and {account.taken[who]} was taken.",
                "Subtract the amount, once.",
            )
    if refused := [who for who in sorted(account.refused) if account.amounts[who] <= account.left]:
        yield Problem(
            f"{refused[0]} was refused, though the money was there.",
            "Refuse only where the amount is more than the balance.",
        )
    for who in served:
        if not account.taken[who]:
            yield Problem(f"{who} was not refused, and nothing was taken.", "Subtract the amount.")


def _went_away(run: Trace) -> Iterator[Problem]:
    for note in run.model.marks:
        if note.what in ("would block", "timed out"):
            who = run.log.thread(note.thread).name
            yield Problem(
                f"{who} did not get the lock at once, and did not wait until it was free.", "`with` waits."
            )


# -- 3: a block of one's own ---------------------------------------------------------------------------------


PATIENTLY = "Wait up to `seconds`: `lock.acquire(timeout=seconds)`."

Block = Callable[[Lock, float], AbstractContextManager[object]]


def _failures() -> dict[str, BaseException]:
    """By visitor: what each raises inside the block."""
    return {
        "unlucky": LookupError("lost"),
        "hasty": TimeoutError("the work takes too long"),
        "leaver": SystemExit("I go home"),
    }


@dataclass
class Visits:
    """Who was let in, who was not, and what was wrong afterwards."""

    lock: Lock
    patience: float = PATIENCE  # s
    failures: dict[str, BaseException] = field(default_factory=_failures)
    inside: list[str] = field(default_factory=list)
    errors: dict[str, BaseException] = field(default_factory=dict)  # that came out of the block
    left_locked: str = ""  # who left it so
    open_inside: bool = False  # whether somebody was inside while nobody held the lock
    taken_away: bool = False

    def perform(self, taken_within: Block) -> None:
        """Three fail inside; then one is let in, one has to wait for that, and one has to give up."""
        for name in self.failures:
            together(self.visit(taken_within, name))
            if self.lock.locked():
                self.left_locked = name
                return
        together(self.visit(taken_within, "lucky"))
        with self.lock:
            patient = self.visit(taken_within, "patient")
            patient.start()
            sleep(WORK)  # simulated work
        patient.join()
        with self.lock:
            together(self.visit(taken_within, "late"))
            self.taken_away = not self.lock.locked()
            if self.taken_away:
                self.lock.acquire()

    def visit(self, taken_within: Block, name: str) -> Thread:
        """A thread that goes through the block."""

        def call() -> None:
            try:
                with taken_within(self.lock, self.patience):
                    self.inside.append(name)
                    self.open_inside |= not self.lock.locked()
                    sleep(WORK)  # simulated work
                    if name in self.failures:
                        raise self.failures[name]
            except (TimeoutError, LookupError, SystemExit) as raised:
                self.errors[name] = raised

        return Thread(target=call, name=name)

    def all_well(self) -> bool:
        """Whether everybody saw what the block promises."""
        late = self.errors.get("late")
        as_they_were = {name: error for name, error in self.errors.items() if name != "late"} == self.failures
        well = self.inside == [*self.failures, "lucky", "patient"] and isinstance(late, TimeoutError)
        return well and as_they_were and not (self.left_locked or self.open_inside or self.taken_away)


@exercise
def check_taken_within(taken_within: Block) -> Answer:
    """Does the block take the lock, give it back on every way out, and raise TimeoutError where it must?"""

    def begin(patience: float) -> Visits:
        lock = Lock()
        return Visits(lock, patience)

    for patience, tried in ((PATIENCE, explored), (2 * PATIENCE, once)):
        run, visits, verdict = tried(
            "Some fail inside, some must wait",
            partial(begin, patience),
            lambda visits: visits.perform(taken_within),
            Visits.all_well,
        )
        if verdict is not Verdict.PASSED or any(_visit_problems(run, visits)):
            break
    praise = "What comes before `yield` is the way in, what stands in `finally` is every way out."
    return judged(run, verdict, _visit_problems(run, visits), praise)


def _visit_problems(run: Trace, visits: Visits) -> Iterator[Problem | str]:
    yield from _slips(run)
    yield from _hangs(
        run,
        "Release it on every way out, also at the end of the block: in a `finally`.",
        "Wait with a timeout, and call it so: `lock.acquire(timeout=seconds)`.",
    )
    yield from _wrong_ways_out(run, visits)
    yield from failed(run)
    yield from _changed_errors(visits)
    yield from _wrong_waits(run, visits)


def _wrong_ways_out(run: Trace, visits: Visits) -> Iterator[Problem]:
    """Of the block that fails, and of the one that was not to be let in."""
    if visits.left_locked not in ("", *visits.inside):
        yield Problem(
            f"{visits.left_locked} could have the lock, was not let in, and the lock is still held.",
            "`acquire(timeout=...)` returns True where it gets the lock: raise TimeoutError where it returns "
            "False.",
        )
    if visits.left_locked:
        yield Problem(
            f"An exception ({type(visits.failures[visits.left_locked]).__name__}) left the block of "
            f"{visits.left_locked}, and the lock is still held.",
            "At `yield` the exception comes back into your function: put the `yield` into a `try`, and the "
            "release into its `finally`, with the brackets: `lock.release()`.",
        )
    if "late" in visits.inside:
        yield Problem(
            "late went in while MainThread held the lock.",
            "`acquire(timeout=...)` returns False where it gives up: look at what it returns, and raise "
            "TimeoutError then.",
        )
    if visits.taken_away:
        yield Problem(
            "late gave up, and released a lock it did not have.", "Begin the `try` after you got the lock."
        )
    if any("didn't yield" in (thread.error or "") for thread in run.model.threads):
        yield Problem(
            "late gave up, and your function ended without `yield`.", "Raise TimeoutError where it got none."
        )


def _wrong_waits(run: Trace, visits: Visits) -> Iterator[Problem]:
    """For the lock: none, too short, too long, or with another end than it should have."""
    if visits.open_inside:
        yield Problem(
            "Nobody held the lock inside the block.", "Take it before `yield`; to look is not enough."
        )
    if tries := [note for note in run.model.marks if note.what == "would block"]:
        who, by = run.log.thread(tries[0].thread).name, [note.thread for note in tries]
        tried = " tried again and again, and" * (by.count(by[0]) > 1)
        yield Problem(f"{who}{tried} did not wait for the lock.", PATIENTLY)
    if "patient" not in visits.inside:
        yield Problem(
            f"The lock was free after {WORK:.0f} s, and patient was not let in, with a patience of "
            f"{visits.patience:.0f} s.",
            PATIENTLY,
        )
    if abs((waited := _waited(run, "late")) - visits.patience) > MOMENT / 1e9:
        yield Problem(
            f"late waited {waited:.0f} s for the lock, with a patience of {visits.patience:.0f} s.", PATIENTLY
        )
    if not isinstance(visits.errors.get("late"), TimeoutError):
        seen = _kind(visits.errors["late"]) if "late" in visits.errors else "nothing"
        yield Problem(
            f"late could not get the lock. It should see a TimeoutError, and saw {seen}.",
            "Where `acquire(timeout=seconds)` returns False, raise TimeoutError.",
        )


def _changed_errors(visits: Visits) -> Iterator[Problem]:
    """Whose own exception did not come out of the block as it went in."""
    for name, own in visits.failures.items():
        if name not in visits.errors:
            raised = f"{name} raised {_kind(own)} inside the block"
            yield Problem(f"{raised}, and it was swallowed.", "Let it pass: no `except`.")
        elif (seen := visits.errors[name]) is not own:
            yield Problem(
                f"{name} raised {_kind(own)} inside the block, and its caller saw "
                f"{'another one' if type(seen) is type(own) else _kind(seen)} instead.",
                "What the block raises must pass as it is; TimeoutError is for who does not get the lock.",
            )


def _kind(error: BaseException) -> str:
    name = type(error).__name__
    return f"{'an' if name[0] in 'AEIO' else 'a'} {name}"


def _waited(run: Trace, name: str) -> float:
    """How long that thread waited for locks, in seconds."""
    waits = (wait for wait in run.model.waits if wait.obj and run.log.thread(wait.thread).name == name)
    return sum(wait.end - wait.start for wait in waits) / 1e9


# -- 4: several locks ----------------------------------------------------------------------------------------

Wanted = dict[str, tuple[str, ...]]  # by cook: what, and in which order


class Accident(Exception):
    """What may happen at work."""


@dataclass
class Kitchen:
    """Locks, and who was at work with all that he needs in his hands."""

    locks: dict[str, Lock]
    wanted: Wanted
    unlucky: str
    seconds: float = 0.0  # that a work lasts
    done: list[str] = field(default_factory=list)
    hurt: set[str] = field(default_factory=set)  # who saw an accident
    without: set[str] = field(default_factory=set)

    def work(self, name: str) -> Callable[[], None]:
        """Something to do with all the things wanted."""

        def work() -> None:
            if not all(self.locks[thing].locked() for thing in self.wanted[name]):
                self.without.add(name)
            self.done.append(name)
            if self.seconds:
                sleep(self.seconds)  # simulated work
            if name == self.unlucky:
                raise Accident(f"{name} burnt a finger")

        return work

    def all_well(self) -> bool:
        """Whether all worked with what they need, and nothing is left locked."""
        left = any(lock.locked() for lock in self.locks.values())
        well = sorted(self.done) == sorted(self.wanted) and self.hurt == {self.unlucky}
        return well and not (self.without or left)


def _hot_kitchen() -> Kitchen:
    oven, pan, sink = Lock(), Lock(), Lock()
    wanted: Wanted = {"ann": ("oven", "pan"), "bob": ("pan", "sink", "oven"), "cho": ("sink", "oven")}
    return Kitchen({"oven": oven, "pan": pan, "sink": sink}, wanted, unlucky="cho")


def _cold_kitchen() -> Kitchen:
    fork, knife, spoon = Lock(), Lock(), Lock()
    wanted: Wanted = {"dan": ("knife", "spoon"), "eve": ("spoon", "fork", "knife"), "flo": ("fork", "spoon")}
    return Kitchen({"fork": fork, "knife": knife, "spoon": spoon}, wanted, unlucky="dan")


def _large_kitchen() -> Kitchen:
    """Where one wants more things than the others: the order of a set depends on how many there are.

    Who takes them in two orders is seen in one run, whether it hangs or not.
    """
    bowl, cup, fan, jar, jug, lid = Lock(), Lock(), Lock(), Lock(), Lock(), Lock()
    pot, rack, tap, tin, urn, wok = Lock(), Lock(), Lock(), Lock(), Lock(), Lock()
    locks = {"pot": pot, "cup": cup, "lid": lid, "bowl": bowl, "jug": jug, "rack": rack}
    locks |= {"wok": wok, "fan": fan, "tin": tin, "jar": jar, "urn": urn, "tap": tap}
    things = tuple(locks)
    wanted = {"gil": things[4::-1], "ian": things[4:8], "joe": things[8:], "hal": things}
    return Kitchen(locks, wanted, unlucky="gil")


def _kitchen_for_days() -> Kitchen:
    """Where somebody has to wait for so long that who gives up does it here."""
    kitchen = _hot_kitchen()
    kitchen.seconds = DAYS
    return kitchen


@exercise
def check_work_with(work_with: Callable[[dict[str, Lock], Callable[[], None]], object]) -> Answer:
    """Three cooks want two or three things each, in orders of their own: does everybody get to work?"""

    def perform(kitchen: Kitchen) -> None:
        def call(name: str) -> None:
            try:
                work_with({thing: kitchen.locks[thing] for thing in kitchen.wanted[name]}, kitchen.work(name))
            except Accident:
                kitchen.hurt.add(name)

        together(*(Thread(target=call, args=(name,), name=name) for name in kitchen.wanted))

    for title, begin, tried in (
        ("Three cooks", _hot_kitchen, explored),
        ("Three cooks", _cold_kitchen, explored),
        ("Four cooks", _large_kitchen, once),
        ("Three cooks", _kitchen_for_days, once),
    ):
        made = begin()  # its locks stay the same in each run, or who sorts them by their `id()` does not
        again = partial(Kitchen, made.locks, made.wanted, made.unlucky, made.seconds)
        run, kitchen, verdict = tried(title, again, perform, Kitchen.all_well)
        problems = list(islice(_kitchen_problems(run, kitchen), 1))
        if problems or verdict is not Verdict.PASSED:
            break
    else:  # of a run of days nothing else could be seen
        run, *_ = once("Three cooks", _hot_kitchen, perform, Kitchen.all_well)
    praise = "One order for all, and the stack gives back all it took: nobody waits in a circle."
    return judged(run, verdict, problems, praise)


IN_ONE_ORDER = "Take the locks in one order for everybody, by their names; give all back."


def _kitchen_problems(run: Trace, kitchen: Kitchen) -> Iterator[Problem | str]:
    yield from _slips(run)
    yield from _against_the_rules(run, kitchen)
    yield from _hangs(
        run,
        "Give all back on every way out: enter them into a stack, by `with ExitStack() as stack:`.",
        IN_ONE_ORDER,
    )
    yield from failed(run)
    if missing := sorted({*kitchen.wanted} - {*kitchen.done}):
        yield Problem(f"{missing[0]} never worked.", "Call `work()` when you hold all the locks.")
    if kitchen.without:
        yield Problem(
            f"{min(kitchen.without)} worked without one of the locks.",
            "Keep all of them until `work()` is over: put `work()` into the block of the ExitStack.",
        )
    if left := [name for name, lock in kitchen.locks.items() if lock.locked()]:
        yield Problem(
            f"All have gone; still held: {', '.join(left)}.",
            "Enter each lock into the stack: `stack.enter_context(lock)`. It releases on every way out.",
        )
    if len(kitchen.done) > len(kitchen.wanted):
        yield Problem("Somebody worked more than once.", "Call `work()` once, when you hold all the locks.")
    if kitchen.unlucky not in kitchen.hurt:
        yield Problem(
            f"The work of {kitchen.unlucky} failed, and the caller never saw it.",
            "Let the error pass: catch nothing.",
        )
    for finding in run.found("lock-order inversion"):
        yield Problem(f"This run went well. {finding.sentence}", IN_ONE_ORDER)


def _against_the_rules(run: Trace, kitchen: Kitchen) -> Iterator[Problem]:
    """Of the puzzle: no lock but those that are given, and nobody gives up."""
    advice = "The locks that you get are enough, if everybody takes them in one order, by their names."
    for thing in run.log.objects:
        if thing.name not in kitchen.locks:
            yield Problem(f"{thing.name} is none of the locks that were given.", advice)
    for note in run.model.marks:
        if note.what in ("would block", "timed out"):
            who = run.log.thread(note.thread).name
            yield Problem(f"{who} could not get a lock, and gave up.", f"Wait without a time-out. {advice}")
