"""The checks of lesson 06: a latch that opens for all, and a wait that ends in time.

Who waits must wait on the Condition, and not look again and again. So each check first runs a story on the
virtual clock and asks its record who waited how, and how long; then it searches a small program for the
schedule that breaks the learner's code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from time import monotonic
from typing import Any

from exercises.answer import (
    STEPS,
    Answer,
    Verdict,
    exercise,
    failed,
    judged,
    searched,
    strangers,
    stuck,
    together,
)
from tracing import Condition, Thread, Trace, simulate, sleep
from tracing.model import State

PATIENCE = 1.0  # s of virtual time
LATE = 0.05  # s more are too late
SECONDS = 20.0  # of a search, on a busy machine; else it is over in less than one
TIMEOUT = 1.0  # s of real time in a loop in which no thread can be switched


def _simulated(title: str, perform: Callable[[], None]) -> Trace:
    with simulate(title=title, max_steps=STEPS, timeout=TIMEOUT) as run:
        perform()
    return run


def _hangs(run: Trace, advice: str) -> Iterator[str]:
    """What there is to say of a run that had to be ended."""
    if run.log.ending.reason in ("done", "hung"):
        kinds = {finding.kind for finding in run.findings}
        if "abandoned lock" in kinds:
            advice = "Take the lock by `with`: it gives it back."
        elif "deadlock" in kinds:
            advice = "Take the lock once, by one `with`: a plain Lock cannot be taken again by who holds it."
        yield from stuck(run, advice)
    else:
        yield (
            "Your code looks again and again, and the others cannot go on. To wait, call `wait()` or "
            "`wait_for()` of the Condition: it gives the lock up and sleeps."
        )


def _number(run: Trace, thread: str) -> int:
    return next((info.number for info in run.log.threads if info.name == thread), 0)


def _waited_on_condition(run: Trace, thread: str) -> bool:
    """Whether that thread gave the lock up and waited to be notified."""
    conditions = {info.number for info in run.log.objects if info.type == "Condition"}
    number = _number(run, thread)
    return any(wait.thread == number and wait.obj in conditions for wait in run.model.waits)


def _slept(run: Trace, thread: str) -> bool:
    spans = run.model.threads[_number(run, thread) - 1].spans
    return any(span.state is State.SLEEPING for span in spans)


# -- 1: a latch ----------------------------------------------------------------------------------------------


COUNT = 4
GUESTS = ("ann", "bob", "cem")


class Opening:
    """Four jobs count a latch down; guests wait before, one more counts, one comes when all is over."""

    def __init__(self, make_latch: Callable[[int], Any]) -> None:
        self.make_latch = make_latch
        self.latch: Any = None
        self.jobs_done = 0
        self.too_early: list[str] = []  # who went on before all jobs were done
        self.passed: list[str] = []  # who went on at all

    def perform(self) -> None:
        """The whole evening."""
        together(Thread(target=self.build, name="builder"))
        if self.latch is None:
            return  # the builder failed
        crew = [self.guest(name) for name in GUESTS]
        crew += [
            Thread(target=self.work, args=(hours,), name=f"job_{hours}") for hours in range(1, COUNT + 1)
        ]
        together(*crew)
        together(Thread(target=self.latch.count_down, name="one_more"))
        together(self.guest("latecomer"))

    def build(self) -> None:
        """Make the latch."""
        self.latch = self.make_latch(COUNT)

    def work(self, hours: int) -> None:
        """A job."""
        sleep(hours)  # simulated work
        self.jobs_done += 1
        self.latch.count_down()

    def guest(self, name: str) -> Thread:
        """A thread that waits until the latch opens."""

        def wait() -> None:
            self.latch.wait()
            if self.jobs_done < COUNT:
                self.too_early.append(name)
            self.passed.append(name)

        return Thread(target=wait, name=name)

    def all_well(self) -> bool:
        """Whether all went on, and nobody too early."""
        return sorted(self.passed) == sorted((*GUESTS, "latecomer")) and not self.too_early


@exercise
def check_latch(latch: Callable[[int], Any]) -> Answer:
    """Three wait, four count down, one comes later: does each go on, and not before all have counted?"""
    opening = Opening(latch)
    run = _simulated("Three wait until four jobs are done", opening.perform)
    problems = list(islice(_latch_problems(run, opening), 1))
    verdict = Verdict.of(run, opening.all_well())
    if verdict is Verdict.PASSED and not problems:
        verdict, failure = searched(_two_jobs(latch), grain="bytecode", seconds=SECONDS)
        if failure is not None:
            run, problems = failure.trace, list(_count_problems(failure.trace))
    praise = "Who waits sleeps until it is told, and looks again; who comes late goes on at once."
    return judged(run, verdict, problems, praise)


def _two_jobs(latch: Callable[[int], Any]) -> Callable[[], None]:
    def two_jobs() -> None:
        both = latch(2)
        crew = [Thread(target=both.count_down, name=name) for name in ("job_1", "job_2")]
        for thread in crew:
            thread.start()
        both.wait()
        for thread in crew:
            thread.join()

    return two_jobs


def _latch_problems(run: Trace, opening: Opening) -> Iterator[str]:
    yield from strangers(opening.make_latch)
    yield from failed(run)
    for name in GUESTS:
        if _slept(run, name):
            yield (
                f"{name} sleeps and looks again: that is polling. Wait on the Condition instead "
                "(`self.changed.wait_for(...)`, under its lock), and let `count_down` notify it."
            )
    if run.log.ending.reason == "hung" and sorted(opening.passed) == sorted(GUESTS) and not opening.too_early:
        yield (
            "The latch was open, then `count_down()` was called once more, and latecomer waits. A latch that "
            "is open stays open: wait only while the count is above 0."
        )
    yield from _hangs(
        run,
        "Test `self.count` under the lock before each wait, and let `count_down` wake all who wait: "
        "`self.changed.notify_all()`.",
    )
    if opening.too_early:
        yield (
            f"{' and '.join(opening.too_early)} went on before all jobs were done. Neither a notification "
            "nor a time-out says that the count is 0: wait in a `while` loop, or with `wait_for`."
        )
    for name in GUESTS:
        if not _waited_on_condition(run, name):
            yield f"{name} did not wait on the Condition. Wait there while the count is above 0."
    if any(wait.timeout is not None for wait in run.model.waits):
        yield (
            "A wait has a time-out. When it is over, the latch may still be closed, and to look again and "
            "again is polling: wait without one, and let `count_down` wake all who wait."
        )


def _count_problems(run: Trace) -> Iterator[str]:
    if run.findings and run.findings[0].kind == "lost update":
        yield (
            "Both jobs counted down, but one of the two was lost: `self.count -= 1` reads, then writes, and "
            "another thread came in between. Change `count` while you hold the Condition's lock."
        )
    yield from failed(run)
    yield from _hangs(
        run,
        "Look at the count and begin to wait in one block of the lock, and change it under the lock: else "
        "the notification comes in between, and is lost.",
    )


# -- 2: at most so long --------------------------------------------------------------------------------------

Take = Callable[[float, list[str], Condition], object]


class Shop:
    """Who takes things from a shelf, and how long that took."""

    def __init__(self, take_within: Take, *shelf: str) -> None:
        self.take_within = take_within
        self.stocked, self.shelf = Condition(), [*shelf]
        self.got: dict[str, object] = {}
        self.took: dict[str, float] = {}  # s
        self.left: dict[str, list[str]] = {}  # on the shelf, when that customer had gone

    def one_by_one(self) -> None:
        """One finds things, one gets one later, one is told again and again and gets nothing."""
        together(self.customer("early"))
        self.clear_up()
        together(self.customer("patient"), Thread(target=self.deliver, args=(PATIENCE / 2,), name="baker"))
        self.clear_up()
        together(self.customer("unlucky"), Thread(target=self.tell, name="baker_in_vain"))

    def all_well(self) -> bool:
        """Whether two got the first of what there was, and the third learned that there was nothing."""
        well = self.got == {"early": "bread", "patient": "cake", "unlucky": None}
        return well and self.left == {"early": ["milk", "jam"], "patient": ["pie"], "unlucky": []}

    def customer(self, name: str) -> Thread:
        """A thread that calls the learner's function."""

        def take() -> None:
            began = monotonic()
            self.got[name] = self.take_within(PATIENCE, self.shelf, self.stocked)
            self.took[name], self.left[name] = monotonic() - began, [*self.shelf]

        return Thread(target=take, name=name)

    def clear_up(self) -> None:
        """Nothing is left for the next customer."""
        self.shelf.clear()

    def deliver(self, seconds: float) -> None:
        """Two things, after a while."""
        sleep(seconds)  # simulated work
        self.bake("cake", "pie")

    def bake(self, *things: str) -> None:
        """New things, and all are told."""
        with self.stocked:
            self.shelf.extend(things)
            self.stocked.notify_all()

    def tell(self) -> None:
        """All are told, but there is nothing: others have taken it."""
        for _ in range(4):
            sleep(0.6 * PATIENCE)  # simulated work
            with self.stocked:
                self.stocked.notify_all()


@exercise
def check_take_within(take_within: Take) -> Answer:
    """Does it take what is there or comes in time, and give up in time, however often it is woken?"""
    shop = Shop(take_within, "bread", "milk", "jam")
    run = _simulated("Three customers, one by one", shop.one_by_one)
    problems = list(islice(_take_problems(run, shop), 1))
    verdict = Verdict.of(run, shop.all_well())
    if verdict is Verdict.PASSED and not problems:
        verdict, failure = searched(_one_cake(take_within), grain="bytecode", seconds=SECONDS)
        if failure is not None:
            run, problems = failure.trace, list(_rush_problems(failure.trace))
    praise = "However often a customer is woken in vain, it looks again, and goes when its time is up."
    return judged(run, verdict, problems, praise)


def _one_cake(take_within: Take) -> Callable[[], None]:
    def one_cake() -> None:
        shop = Shop(take_within)
        crew = [shop.customer(name) for name in ("ann", "bob")]
        for thread in crew:
            thread.start()
        shop.bake("cake")
        for thread in crew:
            thread.join()
        if len(shop.got) == 2:  # else one of them failed, which is in the record
            assert set(shop.got.values()) == {"cake", None}, shop.got
            hasty = [name for name, seconds in shop.took.items() if not shop.got[name] and seconds < PATIENCE]
            assert not hasty, f"{hasty[0]} gave up too soon"

    return one_cake


def _take_problems(run: Trace, shop: Shop) -> Iterator[str]:
    yield from strangers(shop.take_within)
    for problem in failed(run):
        empty = "IndexError" in problem
        hint = " Woken, or out of time, does not mean that there is an item: look before you take."
        yield problem + hint * empty
    yield from _hangs(run, "Give `wait_for` the timeout: `stocked.wait_for(..., timeout=seconds)`.")
    yield from _choice_problems(shop, "early", "Look at `items` before you wait", "bread", "milk", "jam")
    yield from _choice_problems(shop, "patient", "When the wait is over, take what has come", "cake", "pie")
    yield from _manner_problems(run)
    if shop.got.get("unlucky") is not None:
        yield f"There was nothing for unlucky, but it got {shop.got['unlucky']!r}. Return None."


def _choice_problems(shop: Shop, name: str, advice: str, first: str, *others: str) -> Iterator[str]:
    """What that customer took of what was there, and what was left of it."""
    there, got, left = ", ".join((first, *others)), shop.got.get(name), shop.left.get(name)
    if got in others:
        yield f"{there} were there, and {name} took {got!r}. Take the first item: `items.pop(0)`."
    elif got != first:
        yield f"{there} were there, but {name} got {got!r}. {advice}, and return the item that you take."
    elif left == [first, *others]:
        yield f"{name} got {got!r}, and it still stands on the shelf. Take it away: `items.pop(0)`."
    elif left != [*others]:
        yield (
            f"{name} took {got!r}, of {there}; now there is {left}. Take the first item alone: "
            "`items.pop(0)`."
        )


def _manner_problems(run: Trace) -> Iterator[str]:
    """How they waited."""
    if _slept(run, "patient"):
        yield (
            "patient sleeps and looks again: that is polling. Wait on `stocked`, which is notified when an "
            "item comes."
        )
    unlucky = run.model.threads[_number(run, "unlucky") - 1]
    took = (unlucky.end - unlucky.begin) / 1e9
    if took > PATIENCE + LATE:
        yield (
            f"unlucky was to wait {PATIENCE:g} s, but waited {took:.1f} s: each time it was woken in vain, "
            "its time began anew. Let one `wait_for(..., timeout=seconds)` do all of it."
        )
    elif took < PATIENCE - LATE:
        yield (
            f"unlucky was to wait {PATIENCE:g} s, but gave up after {took:.1f} s, when it was woken in vain. "
            "Look again, and wait for the rest of the time: `wait_for(..., timeout=seconds)` does both."
        )


def _rush_problems(run: Trace) -> Iterator[str]:
    yield from _hangs(run, "Give `wait_for` the timeout: `stocked.wait_for(..., timeout=seconds)`.")
    if (error := run.model.threads[0].error).startswith("AssertionError"):
        what = error.partition(": ")[2]
        if "too soon" in what:
            yield (
                f"Two wanted one cake, and {what}, with a patience of {PATIENCE:g} s: it was woken, and the "
                "other one took the cake. Look and take in one `with stocked:`, and wait on if there is none."
            )
        yield f"One cake for two, but they got {what}: one gets it, the other None."
    for problem in failed(run):
        yield f"{problem} Two want one cake: look and take in one `with stocked:`, or another comes between."
