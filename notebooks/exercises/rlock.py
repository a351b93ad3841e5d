"""The checks of lesson 05: is the lock held around all that must be one, and given back as often as taken?

In the first a timeline is read. The next two explore the learner's function. The last tells stories on the
virtual clock, then searches at any bytecode: what an RLock has inside are plain variables. Names and numbers
differ from case to case: no answer may depend on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Protocol

from exercises.answer import (
    DAYS,
    STEPS,
    TIMEOUT,
    Answer,
    Problem,
    Verdict,
    at_length,
    exercise,
    explored,
    failed,
    judged,
    number_of,
    searched,
    strangers,
    stuck,
    together,
)
from exercises.reading import Unexplained, not_one_of_each, said
from tracing import RLock, Thread, Trace, simulate, sleep
from tracing.asking import Held

WORK = 1.0  # s of simulated work, on the virtual clock

AS_OFTEN = "Release as often as you acquired, on every way out: `with` does."
TAKE_AGAIN = "Take the RLock that you were given: its owner may take it again."
ONLY_YOU = "Only its owner may take it again: while you hold it, do not wait for a thread that needs it."


def _stuck(run: Trace) -> Iterator[Problem]:
    circle = [len(finding.threads) for finding in run.found("deadlock")]
    yield from stuck(run, TAKE_AGAIN if 1 in circle else ONLY_YOU if circle else AS_OFTEN)


def _failed(run: Trace) -> Iterator[Problem]:
    for failure in failed(run):
        yield Problem(failure, AS_OFTEN if "un-acquired" in failure else "")


def _kept(run: Trace) -> Iterator[Problem]:
    """Who has ended, and holds a level of the lock until now."""
    for hold in (hold for thread in run.model.threads for hold in thread.holds if hold.open):
        name = run.log.thread(hold.thread).name
        yield Problem(
            f"{name} has ended, and still holds {run.log.object(hold.obj).name} ×{hold.depth}.", AS_OFTEN
        )


def _took(run: Trace, who: str, name: str) -> bool:
    """Whether that thread ever held the lock with that name."""
    number = number_of(run, name)
    holds = run.model.objects[number - 1].holds if number else ()
    return any(run.log.thread(hold.thread).name == who for hold in holds)


# -- 1: read a timeline --------------------------------------------------------------------------------------

COME_AT = {"ann": 0.0, "bob": 0.5, "cho": 6.0}  # s
STEPS_OF = {"ann": "++-+--", "bob": "+++--", "cho": "+-"}  # +: taken; -: given back


def at_the_vault() -> Unexplained:
    """Ann, Bob and Cho come one after the other; one of them gives back less often than he took."""

    def climb(name: str) -> None:
        sleep(COME_AT[name])  # the way to the vault
        for step in STEPS_OF[name]:
            if step == "+":
                vault.acquire()
            else:
                vault.release()
            sleep(WORK)  # simulated work

    with simulate(title="At the vault") as run:
        vault = RLock()
        for name in STEPS_OF:
            Thread(target=climb, args=(name,), name=name).start()
    return Unexplained(run)


@exercise
def check_reading(answer: object) -> Answer:
    """Who has kept the vault, and at which depth?

    answer: both, in any form: ("ann", 2), "ann at depth 2", {"who": "ann", "depth": 2}.
    """
    run = at_the_vault()
    kept = run.holds_of("vault")[-1]
    who, depth = said(answer, [*STEPS_OF])
    verdict = Verdict.PASSED if (who, depth) == ([kept.thread], [kept.depth]) else Verdict.FAILED
    praise = f"{kept}, at depth {kept.depth}. {run.explained.findings[0].sentence}"
    shown = run.explained if verdict is Verdict.PASSED else run
    return judged(shown, verdict, _reading_problems(run, who, depth, kept), praise)


def _reading_problems(
    run: Trace, names: list[str], numbers: list[float], kept: Held
) -> Iterator[Problem | str]:
    yield from not_one_of_each([*STEPS_OF], names, numbers, "levels")
    who, depth = names[0], numbers[0]
    if who not in run.holders("vault"):
        yield Problem(f"{who.capitalize()} waits, and has never had the vault.", "Who had it before her?")
    if who != kept.thread:
        yield Problem(
            f"{who.capitalize()} took the vault {STEPS_OF[who].count('+')} times, and gave it back as often.",
            "Whose strip does not come down to nothing?",
        )
    highest = max(hold.depth for hold in run.holds_of("vault") if hold.thread == who)
    if depth == 0:
        yield Problem("At depth 0 the vault would be free, and cho would be in it.", "Count again.")
    if depth == highest:
        yield Problem(
            f"{depth:g} is the highest that {who} came to. After that {who} gave back some.",
            f"At which depth is the strip when {who} ends?",
        )
    if depth != kept.depth:
        yield Problem(
            f"At its end {who} did not hold the vault ×{depth:g}.",
            "Count the steps up, and take away the steps down.",
        )


# -- 2: count the tree ---------------------------------------------------------------------------------------


class Folder:
    """A folder of a tree with one lock. Who looks at it without the lock may be interrupted."""

    def __init__(self, lock: RLock, files: int, *folders: Folder) -> None:
        self.lock, self.number, self.folders = lock, files, list(folders)

    @property
    def files(self) -> int:
        """How many files it has itself."""
        number = self.number
        if not self.lock._is_owned():
            sleep(0)  # others may come in
        return number


MOVES = 2


@dataclass
class Tree:
    """Files in four folders, and what was found."""

    lock: RLock
    files: int  # 10 or more
    seconds: float = 0.0  # that it takes to move one
    found: list[object] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.right = Folder(self.lock, self.files - 6)
        self.left = Folder(self.lock, 2, Folder(self.lock, 3))
        self.root = Folder(self.lock, 1, self.left, self.right)

    def move(self) -> None:
        """Files go, one by one, from the folder that is counted last to the one that is counted first."""
        for _ in range(MOVES):
            with self.lock:
                self.right.number -= 1
                if self.seconds:
                    sleep(self.seconds)  # simulated work
                self.root.number += 1

    def well_counted(self) -> bool:
        """Whether all files were found."""
        return self.found == [self.files]


@exercise
def check_count(count: Callable[[Folder], object]) -> Answer:
    """Ann counts while the mover moves two files: does she find all, under every schedule?"""

    def begin(files: int, seconds: float = 0.0) -> Tree:
        lock = RLock()
        return Tree(lock, files, seconds)

    def perform(tree: Tree) -> None:
        def look() -> None:
            if tree.seconds:
                sleep(WORK)  # until the mover is at work
            tree.found.append(count(tree.root))

        together(Thread(target=look, name="ann"), Thread(target=tree.move, name="mover"))

    for files in (10, 27):
        title = "Ann counts, files move"
        found = explored(title, partial(begin, files), perform, Tree.well_counted, schedules=MANY)
        slowly = partial(begin, files, DAYS)
        run, tree, verdict = at_length(found, f"{title} slowly", slowly, perform, Tree.well_counted)
        problems = list(islice(_count_problems(run, tree), 1))
        if problems or verdict is not Verdict.PASSED:
            break
    praise = "The lock is held from the first folder to the last: nobody can move a file meanwhile."
    return judged(run, verdict, problems, praise)


def _count_problems(run: Trace, tree: Tree) -> Iterator[Problem]:
    yield from _stuck(run)
    yield from _failed(run)
    yield from _kept(run)
    found, files = tree.found[0], tree.files
    if not isinstance(found, int):
        yield Problem(f"`count` returned {found!r}.", "Return the number of files, on every way out.")
        return
    marks = {mark.what for mark in run.model.marks}
    if "would block" in marks or "timed out" in marks and found != files:
        yield Problem(
            "Ann did not get the lock, and did not wait until it was free.", "`with folder.lock:` waits."
        )
    if not _took(run, "ann", "lock"):
        yield Problem(
            f"Ann found {found} of {files} files, and never took the lock.", "Take it: `with folder.lock:`."
        )
    if abs(found - files) > MOVES:
        yield Problem(
            f"Ann found {found} of {files} files.",
            "Add up your own and `count(inner)` of each inner folder.",
        )
    if found != files:
        yield Problem(
            f"Ann found {found} of {files} files: the mover came in while the lock was free, between one "
            "folder and the next.",
            "Put your own files and the inner calls into one block.",
        )


# -- 3: transfer ---------------------------------------------------------------------------------------------


class Bank:
    """One lock for all accounts. Each method takes it."""

    def __init__(self, lock: RLock, amount: int, source: str, *targets: str, seconds: float) -> None:
        self.lock, self.amount, self.source, self.targets = lock, amount, source, targets
        self.seconds = seconds  # that an audit takes
        self.money = {source: amount, **dict.fromkeys(targets, 0)}
        self.answers: dict[str, object] = {}  # by target
        self.totals: list[int] = []
        self.lowest = 0  # that the source ever had, or less

    def balance(self, name: str) -> int:
        """The money of one."""
        with self.lock:
            return self.money[name]

    def change(self, name: str, amount: int) -> None:
        """More money for one, or less."""
        with self.lock:
            self.money[name] += amount
            self.lowest = min(self.lowest, self.money[self.source])

    def audit(self) -> None:
        """Somebody looks at all of it at once."""
        with self.lock:
            self.totals.append(sum(self.money.values()))
            if self.seconds:
                sleep(self.seconds)  # simulated work

    def all_well(self) -> bool:
        """Whether one was served and one refused, each heard which, and no money was missing at any time."""
        served = {name: self.money[name] == self.amount for name in self.targets}
        told = all(self.answers.get(name) is served[name] for name in served)
        whole = self.totals == [self.amount] == [sum(self.money.values())]
        return told and any(served.values()) and whole and self.lowest == 0


@exercise
def check_transfer(transfer: Callable[[Bank, str, str, int], object]) -> Answer:
    """Two transfers of all that one has; an auditor looks. Is one refused, and is no money missing?"""

    def begin(amount: int, source: str, *targets: str, seconds: float = 0.0) -> Bank:
        lock = RLock()
        return Bank(lock, amount, source, *targets, seconds=seconds)

    def perform(bank: Bank) -> None:
        def pay(target: str) -> None:
            if bank.seconds:
                sleep(WORK)  # until the auditor is at work
            bank.answers[target] = transfer(bank, bank.source, target, bank.amount)

        payers = (Thread(target=pay, args=(name,), name=f"pay_{name}") for name in bank.targets)
        together(*payers, Thread(target=bank.audit, name="auditor"))

    for amount, *who in ((100, "ann", "bob", "cho"), (30, "dan", "eve", "flo")):
        title, start = f"{who[0].title()} has {amount}, and pays {amount} twice", partial(begin, amount, *who)
        found = explored(title, start, perform, Bank.all_well, schedules=MANY)
        slowly = partial(start, seconds=DAYS)
        run, bank, verdict = at_length(found, f"{title}; an audit lasts", slowly, perform, Bank.all_well)
        problems = list(islice(_transfer_problems(run, bank), 1))
        if problems or verdict is not Verdict.PASSED:
            break
    praise = "The question and both changes are one: nobody comes in between, and the methods take it again."
    return judged(run, verdict, problems, praise)


def _transfer_problems(run: Trace, bank: Bank) -> Iterator[Problem]:
    yield from _stuck(run)
    yield from _failed(run)
    yield from _kept(run)
    source, amount = bank.source.capitalize(), bank.amount
    if sum(bank.money.values()) != amount:
        yield Problem(
            f"There was {amount}, and now there is {bank.money}.", "Take from one, give it to the other."
        )
    if any(bank.money[name] < 0 for name in bank.targets):
        yield Problem(f"Now there is {bank.money}.", "Take from `source`, give to `target`.")
    if bank.lowest < 0:
        yield Problem(
            f"{source}'s balance fell to {bank.lowest}: "
            f"{'one took before it asked' if False in bank.answers.values() else 'both took'}.",
            "Ask and take in one block, in this order, `with bank.lock:`.",
        )
    if bank.totals != [amount]:
        yield Problem(
            f"The auditor saw {bank.totals[0]} instead of {amount}: the lock was free between the two "
            "changes.",
            "Put both into one block, `with bank.lock:`.",
        )
    if [*bank.answers.values()] == [False, False]:
        yield Problem(
            f"{source} had {amount}, but could not pay {amount}.",
            "Wait for the lock, and refuse only where the balance is less than the amount.",
        )
    if bank.money[bank.source] == amount:
        yield Problem(
            f"No money was moved: {source} still has {amount}.",
            "`bank.change(source, -amount)` takes it away; give it to `target` in the same block.",
        )
    if not bank.all_well():
        yield Problem(
            f"You returned {bank.answers}, and now there is {bank.money}.",
            "Return True after a transfer, and False where money is short.",
        )


# -- 4: an RLock of one's own --------------------------------------------------------------------------------


GIVE_BACK = "Give the Lock back when `depth` is 0 again; count only while you hold it."
RUSHES = 150  # schedules: a second or so


class Reentrant(Protocol):
    """What the learner builds."""

    def acquire(self) -> object:
        """Take it, or take it again."""

    def release(self) -> object:
        """Give one level back."""


@dataclass
class Room:
    """Who is in, and what must not have been."""

    lock: Reentrant
    make: Callable[[], Reentrant]  # another one
    inside: str = ""
    crowd: str = ""  # who met whom inside
    refused: bool = False  # whether a stranger's release was an error

    def stay(self, name: str, seconds: float = WORK) -> None:
        """Be inside; nobody else may come meanwhile."""
        self.inside = name
        if seconds:
            sleep(seconds)  # simulated work
        if self.inside != name:
            self.crowd = self.crowd or f"{self.inside} and {name}"

    def deep(self) -> None:
        """Ann takes it three times, gives it back three times, and comes again."""
        take, give = self.lock.acquire, self.lock.release
        for operation in (take, take, take, give, give):
            operation()
            self.stay("ann")
        self.lock.release()
        self.visit("ann")

    def visit(self, name: str, seconds: float = WORK) -> None:
        """Come in once."""
        self.lock.acquire()
        self.stay(name, seconds)
        self.lock.release()

    def strange(self) -> None:
        """Release what another thread holds."""
        try:
            self.lock.release()
        except RuntimeError:
            self.refused = True

    def alone(self) -> None:
        """The main thread is inside while a stranger comes; then it goes, and bob comes."""
        self.lock.acquire()
        together(Thread(target=self.strange, name="stranger"))
        if self.refused:
            self.lock.release()
            together(Thread(target=self.visit, args=("bob",), name="bob"))

    def apart(self) -> None:
        """Ann is in another room, whose lock has nothing to do with this one, while bob comes in here."""

        def be_elsewhere() -> None:
            another = self.make()
            another.acquire()
            together(Thread(target=self.visit, args=("bob",), name="bob"))
            another.release()

        together(Thread(target=be_elsewhere, name="ann"))

    def both(self) -> None:
        """Ann comes twice, the first time three levels deep. Bob wants to come in between."""
        together(Thread(target=self.deep, name="ann"), Thread(target=self.visit, args=("bob",), name="bob"))

    def namesakes(self) -> None:
        """As both; the other thread is called ann, too."""
        another = Thread(target=self.visit, args=("another ann",), name="ann")
        together(Thread(target=self.deep, name="ann"), another)

    def rush(self) -> None:
        """Two come at the same moment, and stay for none. When both have gone the next one can come in."""
        together(*(Thread(target=self.visit, args=(name, 0), name=name) for name in ("ann", "bob")))
        self.visit("main", 0)
        assert not self.crowd, f"{self.crowd} were inside at the same time"


@exercise
def check_own_rlock(own_rlock: Callable[[], Reentrant]) -> Answer:
    """Does it let its owner in again, nobody else before depth 0, and refuse a stranger's release?"""
    made = _made(own_rlock)
    if slips := list(failed(made)):
        return judged(made, Verdict.FAILED, slips, "")
    for title, perform, problems_of in (
        ("Ann takes it three times, Bob once", Room.both, _room_problems),
        ("Both threads are called ann", Room.namesakes, _room_problems),
        ("Ann has one, Bob takes another", Room.apart, _apart_problems),
        ("A stranger releases it", Room.alone, _stranger_problems),
    ):
        run, room = _story(title, own_rlock, perform)
        verdict = Verdict.of(run, not room.crowd)
        problems: list[str | Problem] = [*islice(strangers(own_rlock), 1)]
        problems = problems or list(problems_of(run, room))
        if problems or verdict is not Verdict.PASSED:
            break
    if verdict is Verdict.PASSED and not problems:
        verdict, failure = searched(_rush(own_rlock), grain="bytecode", schedules=RUSHES, seconds=10.0)
        if failure is not None:
            run, problems = failure.trace, list(_rush_problems(failure.trace))
    praise = "It knows its owner and its depth, and a stranger cannot open it: you have built an RLock."
    return judged(run, verdict, problems, praise)


def _made(own_rlock: Callable[[], Reentrant]) -> Trace:
    with simulate(title="You make one") as run:
        together(Thread(target=own_rlock, name="builder"))
    return run


def _story(
    title: str, own_rlock: Callable[[], Reentrant], perform: Callable[[Room], None]
) -> tuple[Trace, Room]:
    with simulate(title=title, max_steps=STEPS, timeout=TIMEOUT) as run:
        own = own_rlock()
        room = Room(own, own_rlock)
        perform(room)
    return run, room


def _rush(own_rlock: Callable[[], Reentrant]) -> Callable[[], None]:
    """A program to be searched at any bytecode."""

    def rush() -> None:
        own = own_rlock()
        Room(own, own_rlock).rush()

    return rush


def _room_problems(run: Trace, room: Room) -> Iterator[str | Problem]:
    if not run.log.objects:
        yield from (said for said in failed(run) if "RuntimeError" not in said)
        yield Problem(
            "No Lock was used.", "Make one in `__init__`, and take it where the thread is not the owner."
        )
    if any(info.type == "RLock" for info in run.log.objects):
        yield Problem("There is an RLock in it already.", "Make it of a Lock, an owner and a depth.")
    if any(finding.kind == "deadlock" and len(finding.threads) == 1 for finding in run.findings):
        yield Problem(
            f"The run hangs. {run.findings[0].sentence}",
            "Where `owner` is the thread that asks, do not take the Lock again: only add 1 to `depth`. "
            "Write `owner` only when you have got the Lock.",
        )
    if room.crowd:
        yield Problem(
            f"{room.crowd} were inside at the same time.",
            "`acquire` may pass by the Lock only where `owner` is the thread that asks. `release` may give "
            "it back only at depth 0, and must set `owner` to None before.",
        )
    yield from stuck(run, GIVE_BACK)
    yield from failed(run)


def _apart_problems(run: Trace, room: Room) -> Iterator[str | Problem]:
    advice = (
        "Make the Lock, the owner and the depth in `__init__`, where the owner is None yet: what stands "
        "outside, all OwnRLocks share."
    )
    yield from stuck(run, advice)
    yield from (Problem(failure, advice) for failure in failed(run))


def _stranger_problems(run: Trace, room: Room) -> Iterator[str | Problem]:
    yield from stuck(run, GIVE_BACK)
    for failure in failed(run):
        yield Problem(failure, "Where a stranger releases, raise a RuntimeError.")
    if not room.refused:
        yield Problem(
            "stranger called `release()` while MainThread held the lock, and it was no error.",
            "Raise a RuntimeError where `owner` is not the thread that asks.",
        )


def _rush_problems(run: Trace) -> Iterator[Problem]:
    advice = "Write `owner` and `depth` only while you hold the Lock: forget the owner before you release it."
    yield from stuck(run, advice)
    yield Problem(f"A switch at a bad moment breaks it. {run.findings[0].sentence}", advice)


MANY = 1_000  # schedules: only a few of them catch who looks at the lock before he takes it
