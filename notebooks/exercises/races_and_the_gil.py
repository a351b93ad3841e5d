"""The checks of lesson 13: whose change is lost? A lock for all, an iterator for many, a sum.

Where a switch between two bytecodes matters, the schedules are searched as finely.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, repeat
from statistics import mode
from types import FunctionType
from typing import Any

from exercises.answer import (
    DAYS,
    Answer,
    Problem,
    Verdict,
    at_length,
    exercise,
    explored,
    failed,
    gave_up,
    judged,
    once,
    stuck,
    together,
)
from exercises.reading import Unexplained, not_one_of_each, said
from tracing import Thread, Trace, current_thread, main_thread, replay, sleep
from tracing.exploring import explore

# -- 1: whose change is lost ---------------------------------------------------------------------------------

SOLD = {"ann": 1, "bob": 2, "cho": 4}
STOCK = 10
WITHOUT_BOB = STOCK - SOLD["ann"] - SOLD["cho"]
CUSTOMERS = tuple(SOLD)


def in_the_shop() -> Unexplained:
    """Three sell from one shelf at the same time, under a schedule in which bob's sale is lost."""

    def sell(number: int) -> None:
        shop["stock"] = shop["stock"] - number

    def three_sales() -> None:
        shop["stock"] = STOCK
        together(*(Thread(target=sell, args=(number,), name=name) for name, number in SOLD.items()))

    def searched() -> None:
        three_sales()
        assert shop["stock"] != WITHOUT_BOB

    shop: dict[str, int] = {}
    found = explore(searched, grain="bytecode", first=True, progress=False).failure
    assert found is not None
    return Unexplained(replay(three_sales, found.schedule, grain="bytecode"))


@exercise
def check_lost(answer: object) -> Answer:
    """Whose sale is lost, and what does the shop hold at the end? Both in any form: ("ann", 3), "ann, 3"."""
    run = in_the_shop()
    who, numbers = said(answer, CUSTOMERS)
    verdict = Verdict.PASSED if (who, numbers) == (["bob"], [WITHOUT_BOB]) else Verdict.FAILED
    praise = (
        f"Ann read {STOCK} before bob wrote {STOCK - 2}, and wrote {STOCK - 1} after him. "
        f"Cho read ann's number, so {WITHOUT_BOB} are left, where {STOCK - sum(SOLD.values())} should be."
    )
    shown = run.explained if verdict is Verdict.PASSED else run
    return judged(shown, verdict, _lost_problems(who, numbers), praise)


def _lost_problems(who: list[str], numbers: list[float]) -> Iterator[Problem | str]:
    yield from not_one_of_each(CUSTOMERS, who, numbers, "the stock")
    if who == ["ann"]:
        yield Problem(
            "Ann wrote after bob, and cho went on with what ann had written: ann's sale is kept.",
            "Whose disc is followed by a disc of somebody who had read before it?",
        )
    elif who == ["cho"]:
        yield Problem(
            "Cho read and wrote as the last, and nobody came in between: cho's sale is kept.",
            "Whose disc is followed by a disc of somebody who had read before it?",
        )
    if numbers == [STOCK - sum(SOLD.values())]:
        yield Problem(f"{numbers[0]:g} would be left if no sale were lost.", "Read the last disc.")
    elif numbers in ([STOCK - 1], [STOCK - 2]):
        yield Problem(f"{numbers[0]:g} was written, and overwritten later.", "Read the last disc.")
    elif numbers != [WITHOUT_BOB]:
        yield Problem(f"The shop does not hold {numbers[0]:g} at the end.", "Read the last disc.")


# -- 2: a lock that guards -----------------------------------------------------------------------------------

Visit = Callable[[dict[str, int], str], object]


@exercise
def check_visit(visit: Visit) -> Answer:
    """Ann and bob visit home, cho visits news: is every visit counted, under every schedule?"""
    title = "{} visits at the same time"
    visits = _anew(visit)

    def three(counts: dict[str, int]) -> None:
        anew = next(visits)
        together(
            Thread(target=anew, args=(counts, "home"), name="ann"),
            Thread(target=anew, args=(counts, "home"), name="bob"),
            Thread(target=anew, args=(counts, "news"), name="cho"),
        )

    def two(counts: dict[str, int]) -> None:  # whose schedules are fewer, so that all are searched
        anew = next(visits)
        together(
            Thread(target=anew, args=(counts, "home"), name="ann"),
            Thread(target=anew, args=(counts, "home"), name="bob"),
        )

    right = {"home": 2, "news": 6}
    run, counts, verdict = once(
        title.format("Three"), lambda: {"news": 5}, three, lambda counts: counts == right
    )
    problems = list(_visit_problems(run, counts, right))
    if verdict is Verdict.PASSED and not problems:
        right = {"home": 2}
        run, counts, verdict = explored(
            title.format("Two"), dict, two, lambda counts: counts == right, finely=True
        )
        problems = list(_visit_problems(run, counts, right))
    if verdict is Verdict.PASSED and not problems:
        run, counts, verdict = at_length(
            (run, counts, verdict), title.format("Two long"), SlowCounts, two, lambda counts: counts == right
        )
        problems = list(_visit_problems(run, counts, right))
    return judged(run, verdict, problems, "All visits of a page take the same lock, so none is lost.")


class SlowCounts(dict[str, int]):
    """Counts that are slow to write: a time-out shorter than that shows to be a guess."""

    def __setitem__(self, page: str, number: int) -> None:
        sleep(DAYS)  # simulated work
        super().__setitem__(page, number)


def _anew(visit: Visit) -> Iterator[Visit]:
    """The same function as often as wanted, each with globals, defaults and attributes of its own: what it
    keeps there, say a lock that the first visit makes, lasts for one schedule. Made before: no step of a
    schedule lies in it.
    """
    if not isinstance(visit, FunctionType) or visit.__kwdefaults__:
        return repeat(visit)
    return chain([_copied(visit) for _ in range(SO_OFTEN)], repeat(visit))


SO_OFTEN = 500  # no search of a check has more schedules


def _copied(function: FunctionType) -> FunctionType:
    code, known = function.__code__, function.__globals__
    kept = {name: _own(known[name]) for name in code.co_names if name in known}
    defaults = tuple(map(_own, function.__defaults__ or ()))
    own = FunctionType(code, {**known, **kept}, function.__name__, defaults, function.__closure__)
    vars(own).update(vars(function))
    own.__globals__.update((name, own) for name, value in kept.items() if value is function)
    return own


def _own(value: object) -> object:
    """In a dict of locks, too, something is kept."""
    return copy(value) if isinstance(value, dict | list | set) else value


def _visit_problems(run: Trace, counts: dict[str, int], right: dict[str, int]) -> Iterator[Problem | str]:
    yield from stuck(run, "Release the lock on every way out: `with` does.")
    for note in run.notes_of("timed out") if counts != right else ():
        yield Problem(
            f"{note.thread} waited for the lock, and gave up after a time-out.",
            "Wait for as long as it takes: `with` does.",
        )
    yield from failed(run)
    wrong = [page for page, number in right.items() if counts.get(page) != number]
    for page in wrong[:1]:
        seen = f"counts[{page!r}] is {counts.get(page)}, and should be {right[page]}."
        for note in run.notes_of("would block"):
            yield Problem(
                f"{seen} {note.thread} tried for the lock, did not get it, and did not wait.",
                "Wait for it: `with` does.",
            )
        if len(right) == 1:  # under the default schedule, where one comes after the other, it was right
            yield _lost_visit(run, seen)
        yield Problem(seen, "One visit adds 1 to the number of its page, which begins at 0.")
    for strange in counts.keys() - right.keys():
        yield Problem(f"{strange!r} stands in `counts`, and is no page.", "Keep a lock in a variable.")


def _lost_visit(run: Trace, seen: str) -> Problem:
    """Both came at the same time: what kept them apart?"""
    by_ann, by_bob = (
        {
            hold.obj
            for thing in run.model.objects
            for hold in thing.holds
            if run.log.thread(hold.thread).name == name
        }
        for name in ("ann", "bob")
    )
    if by_ann and by_bob and not by_ann & by_bob:
        return Problem(
            f"{seen} Each of the two held another lock, so none kept the other out.",
            "Make one lock, once, outside of the function, and take it in every visit.",
        )
    if bool(by_ann) is not bool(by_bob):
        return Problem(
            f"{seen} {'bob' if by_ann else 'ann'} did without the lock.",
            "Wait for it, and hold it from the reading to the writing, whatever `locked()` says: "
            "`with` does.",
        )
    return Problem(
        f"{seen} Both read the old number, and both wrote.",
        "One lock must be held from the reading to the writing, by every visit.",
    )


# -- 3: an iterator for many ---------------------------------------------------------------------------------

SharedClass = Callable[[Iterator[int]], Iterator[int]]
TICKETS = [1, 2, 3]
FIRST_TWO = TICKETS[:2]
BLANK = [0, None]  # items like any other
SO_MANY = 20  # tickets that two need not have asked for


@dataclass
class Counter:
    """A place where tickets are handed out, and what was taken there."""

    last: int  # ticket that there is
    printed: int = 0
    shared: Iterator[int] = field(default_factory=lambda: iter(()))
    takes: list[tuple[str, int, int]] = field(default_factory=list)  # who, what, how many were printed then

    @property
    def taken(self) -> list[int]:
        """What was taken, if all went well: tickets."""
        return [got for _, got, _ in self.takes]

    def tickets(self) -> Iterator[int]:
        """Numbers from 1 on, each of which takes a while."""
        for number in range(1, self.last + 1):
            sleep(1)  # simulated work
            self.printed = number
            yield number

    def take_all(self) -> None:
        """Until there are no more, or far too many."""
        for number in self.shared:
            self.takes.append((current_thread().name, number, self.printed))
            if len(self.takes) > SO_MANY:
                break

    def take_one(self) -> None:
        """The next."""
        self.takes.append((current_thread().name, next(self.shared), self.printed))

    def has_given(self, right: list[Any]) -> bool:
        """Whether each of these was taken once, and nothing else."""
        return sorted(map(repr, self.taken)) == sorted(map(repr, right))


class Machine:
    """An iterator that is no generator: nobody notices when two are inside it."""

    def __init__(self) -> None:
        self.last = 0

    def __iter__(self) -> Machine:
        return self

    def __next__(self) -> int:
        number = self.last + 1
        sleep(DAYS)  # simulated work
        self.last = number
        return number


@exercise
def check_shared(shared: SharedClass) -> Answer:
    """Ann and bob take tickets from one generator: does each go out once, and do both come to the end?"""

    def of(
        iterator: Callable[[Counter], Iterator[Any]], take: Callable[[Counter], None]
    ) -> Callable[[Counter], None]:
        def perform(counter: Counter) -> None:
            counter.shared = shared(iterator(counter))
            together(*(Thread(target=take, args=(counter,), name=name) for name in ("ann", "bob")))

        return perform

    def many() -> Counter:
        return Counter(10**6)

    found = explored(
        "All from one generator",
        lambda: Counter(TICKETS[-1]),
        of(Counter.tickets, Counter.take_all),
        lambda counter: counter.has_given(TICKETS),
        finely=True,
    )
    problems = list(_shared_problems(*found[:2], TICKETS))
    for title, perform, right in (
        ("From one iterator that gives 0 and None", of(lambda _: iter(BLANK), Counter.take_all), BLANK),
        ("Two of a million from one generator", of(Counter.tickets, Counter.take_one), FIRST_TWO),
    ):
        if found[2] is Verdict.PASSED and not problems:
            found = once(title, many, perform, partial(Counter.has_given, right=right))
            problems = list(_shared_problems(*found[:2], right))
    if found[2] is Verdict.PASSED and not problems:
        title, perform = "Two from no generator", of(lambda _: Machine(), Counter.take_one)
        found = at_length(found, title, many, perform, partial(Counter.has_given, right=FIRST_TWO))
        problems = list(_shared_problems(*found[:2], FIRST_TWO))
    praise = "Only one thread at a time is inside the generator, and its end reaches everybody."
    return judged(found[0], found[2], problems, praise)


def _shared_problems(run: Trace, counter: Counter, right: list[Any]) -> Iterator[Problem | str]:
    if counter.printed > SO_MANY:
        yield Problem(
            f"The generator has printed {counter.printed} tickets, and {len(counter.taken)} of them were "
            "taken: nobody has asked for so many.",
            "Ask the generator for one ticket when somebody asks you for one: `next(self.iterator)`.",
        )
    yield from _of_who_went_on(run, counter)
    if len(counter.taken) > SO_MANY:
        yield Problem(
            f"Whoever asked got {mode(map(repr, counter.taken))}, again and again: "
            "there was no StopIteration.",
            "Return what `next(self.iterator)` gives, and have no `yield`. Let its StopIteration go on to "
            "whoever asks: catch nothing, and give `next` no second argument.",
        )
    yield from stuck(
        run,
        "Take the lock with `with`, for one ticket at a time: it is released also when the generator ends.",
    )
    yield from _of_who_failed(run)
    if counter.taken == [1, 1]:
        yield Problem(
            "Both got ticket 1: two threads were inside the iterator.",
            "Hold the one lock of this object while `next(self.iterator)` runs: not every iterator raises an "
            "error when a second thread comes in.",
        )
    taken = sorted(map(repr, counter.taken))
    if missing := [number for number in right if repr(number) not in taken]:
        yield Problem(
            f"Ticket {missing[0]} was lost: taken were {', '.join(taken) or 'none'}.",
            "Return what `next` gives, whatever it is, and let its StopIteration through.",
        )
    if taken != sorted(map(repr, right)):
        yield Problem(
            f"Taken were {', '.join(taken)}; there are only {', '.join(map(str, right))}, each once.",
            "Return what `next` gives, once, and let its StopIteration through.",
        )


def _of_who_went_on(run: Trace, counter: Counter) -> Iterator[Problem]:
    """Who got no ticket while there were some, and more often than it had a lock that others take."""
    holders = [run.log.thread(hold.thread).name for thing in run.model.objects for hold in thing.holds]
    takers = [name for name, _, _ in counter.takes]
    for name, got, printed in counter.takes if holders else ():
        is_ticket = got in range(1, counter.last + 1)
        if not is_ticket and printed < counter.last and holders.count(name) < takers.count(name):
            yield Problem(
                f"{name} went on without the lock, and got {got!r} while there were tickets.",
                "Wait for the lock, for as long as it takes: `with` does.",
            )


def _of_who_failed(run: Trace) -> Iterator[Problem | str]:
    for said_of in failed(run):
        if "already executing" in said_of:
            yield Problem(
                f"{said_of.removesuffix(' Repair this first.')} Two threads were inside the generator.",
                "Hold the one lock of this object while `next(self.iterator)` runs.",
            )
        if "StopIteration" in said_of:
            yield Problem(
                f"{said_of.partition(' ')[0]} was told that there are no more tickets, and there were.",
                "Only the generator knows its end: wait for the lock, and give on what `next` says.",
            )
        for note in run.notes_of("timed out"):
            yield Problem(
                f"{note.thread} waited for the lock, and gave up after a time-out.",
                "Wait for as long as it takes: `with` does.",
            )
        yield said_of


# -- 4: a sum without locks ----------------------------------------------------------------------------------

AddUp = Callable[[Callable[[int], int], list[int]], object]
FEW, MORE = [1, 2], [3, 1, 1, 2]


@dataclass
class Office:
    """Where the work is done. at_once: the most calls of `work` that were going on at the same time."""

    parts: list[int]
    pace: int = 1  # s for a part of 1
    done: list[int] = field(default_factory=list)
    by: list[str] = field(default_factory=list)
    inside: int = 0
    at_once: int = 0
    answer: object = None

    @staticmethod
    def calculate(part: int) -> int:
        """The result of one part, in no time."""
        return 10 * part

    def work(self, part: int) -> int:
        """The same, and it takes the longer the larger the part is."""
        self.by.append("main" if current_thread() is main_thread() else current_thread().name)
        self.inside += 1
        self.at_once = max(self.at_once, self.inside)
        sleep(part * self.pace)  # simulated work
        self.inside -= 1
        self.done.append(part)
        return self.calculate(part)

    def call(self, add_up: AddUp, work: Callable[[int], int]) -> None:
        """The learner's function. What it raises is its answer."""
        try:
            self.answer = add_up(work, list(self.parts))
        except Exception as error:
            self.answer = error

    @property
    def right(self) -> int:
        """The sum."""
        return 10 * sum(self.parts)

    def has_sum(self) -> bool:
        """Whether the sum is right."""
        return self.answer == self.right


@exercise
def check_add_up(add_up: AddUp) -> Answer:
    """The results of all parts, added up by threads that share no lock: right under every schedule?"""

    def work(office: Office) -> None:
        office.call(add_up, office.work)

    def calculate(office: Office) -> None:  # so quickly that a switch within a line matters
        office.call(add_up, Office.calculate)

    run, office, verdict = once("Four parts", lambda: Office(MORE), work, Office.has_sum)
    problems = [*_work_problems(run, office), *_sum_problems(run, office)]
    if verdict is Verdict.PASSED and not problems:
        found = explored("Two parts", lambda: Office(FEW), calculate, Office.has_sum, finely=True)
        large = partial(Office, MORE, DAYS)
        run, office, verdict = at_length(found, "Four large parts", large, work, Office.has_sum)
        problems = list(_sum_problems(run, office))
    praise = "No result can get lost, and the main thread adds up when all of them are there."
    return judged(run, verdict, problems, praise)


def _work_problems(run: Trace, office: Office) -> Iterator[Problem | str]:
    """What is wrong with how the work was done, whatever came of it."""
    yield from stuck(run, "Start all threads, then join all.")
    yield from failed(run)
    yield from _raised(office)
    if not office.by and any(info.daemon for info in run.log.threads):
        yield Problem(
            "`add_up` returned before any call of `work` had begun, and daemons are cut off at the end.",
            "Join all threads before you add up.",
        )
    elif not office.by:
        yield Problem("`work` was never called.", "Call `work(part)` for each part, in a thread.")
    elif "main" in office.by:
        yield Problem(
            "The main thread called `work` itself.",
            "Give a function to each thread: `Thread(target=job, args=(part,))`, without calling it.",
        )
    elif len(office.by) != len(office.parts):
        yield Problem(
            f"`work` was called {len(office.by)} times for {len(office.parts)} parts.",
            "One call for each part, also where two parts are equal.",
        )
    elif sorted(office.done) != sorted(office.parts) and len(office.done) == len(office.parts):
        yield Problem(
            f"`work` was called with {', '.join(map(str, office.done))}; "
            f"the parts are {', '.join(map(str, office.parts))}.",
            "Call it with the parts themselves."
            if len(set(office.done)) > 1
            else "A function that is made in a loop looks up the loop's variable when it is called: hand the "
            "part over by `args=(part,)`.",
        )
    elif office.at_once < len(office.parts):
        yield Problem(
            f"At most {office.at_once} of {len(office.parts)} calls of `work` went on at the same time.",
            "Start all threads before you join the first, and hold nothing while `work` runs.",
        )


def _raised(office: Office) -> Iterator[Problem]:
    if isinstance(office.answer, Exception):
        error = office.answer
        yield Problem(
            f"`add_up` failed with {type(error).__name__}: {error}.",
            "`start()` and `join()` return None: no result comes out of a thread by itself."
            if "NoneType" in str(error)
            else "",
        )


def _sum_problems(run: Trace, office: Office) -> Iterator[Problem | str]:
    yield from stuck(run, "Start all threads, then join all.")
    yield from failed(run)
    yield from _raised(office)
    if office.answer is None:
        yield "`add_up` returned None: return the sum."
    elif not isinstance(office.answer, int):
        yield f"`add_up` returned {office.answer!r}: return one number, the sum."
    elif not office.has_sum() and gave_up(run, "MainThread"):
        yield Problem(
            f"`add_up` returned {office.answer} when a thread was still at work: a `join` gave up.",
            "Nobody knows how long the work takes: join without a time-out.",
        )
    elif not office.has_sum() and not any(wait.target for wait in run.model.waits):
        yield Problem(
            f"`add_up` returned {office.answer} without waiting for its threads.",
            "Join all threads before you add up.",
        )
    elif not office.has_sum():
        yield Problem(
            f"`add_up` returned {office.answer}; the results add up to {office.right}.",
            "Let every thread write its result to a place of its own, and add up when all have ended.",
        )
    if used := sorted({info.type for info in run.log.objects} - {"Future"}):
        article = "an" if used[0][0] in "ER" else "a"  # an Event, an RLock
        yield Problem(
            f"There is {article} {used[0]}. The puzzle allows Thread, and nothing else of that kind.",
            "Where each thread writes to a place of its own, nothing needs a lock.",
        )
