"""The checks of lesson 06: a timeline is read; a latch, a wait that ends in time, and turns are taken.

Who waits must wait on the Condition, and not look again and again. So each check first runs a story on the
virtual clock and asks its record who waited how, and how long; then it searches a small program for the
schedule that breaks the learner's code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import islice, zip_longest
from time import monotonic
from typing import Any

from exercises.answer import (
    DAYS,
    STEPS,
    TIMEOUT,
    Answer,
    Problem,
    Verdict,
    exercise,
    explored,
    failed,
    gave_up,
    judged,
    once,
    searched,
    slept,
    stuck,
    together,
    waits_of,
)
from exercises.reading import is_near, not_one_of_each, said
from tracing import Condition, Thread, Trace, current_thread, simulate, sleep
from tracing.asking import Waited
from tracing.model import State

PATIENCE, LONGER = 1.0, 3.0  # s of virtual time; LONGER is patient's: no single number does for both
COMES = 1.5  # s: when patient has waited for so long there is something
LATE = 0.05  # s more are too late
SECONDS = 20.0  # of a search, on a busy machine; else it is over in less than one


def _simulated(title: str, perform: Callable[[], None]) -> Trace:
    with simulate(title=title, max_steps=STEPS, timeout=TIMEOUT) as run:
        perform()
    return run


def _hangs(run: Trace, advice: str) -> Iterator[Problem]:
    """What there is to say of a run that had to be ended, or in which the next one would hang."""
    if run.log.ending.reason in ("done", "hung"):
        if run.found("abandoned lock"):
            advice = "Take the lock by `with`: it gives it back."
        elif run.found("deadlock"):
            advice = "Take the lock once, by one `with`: a plain Lock cannot be taken again by who holds it."
        yield from stuck(run, advice)
    else:
        yield Problem(
            "Your code looks again and again, and the others cannot go on.",
            "To wait, call `wait()` or `wait_for()` of the Condition: it gives the lock up and sleeps.",
        )
    for finding in run.found("held at thread end"):
        yield Problem(finding.sentence, finding.hint)


def _waited_on_condition(run: Trace, thread: str) -> bool:
    """Whether that thread gave the lock up and waited to be notified."""
    conditions = {info.name for info in run.log.objects if info.type == "Condition"}
    return any(wait.thing in conditions for wait in waits_of(run, thread))


# -- 1: read a timeline --------------------------------------------------------------------------------------


def at_the_bakery() -> Trace:
    """Two wait for bread; the baker brings two loaves."""

    def buy(comes_after: float, seconds: float) -> None:
        sleep(comes_after)  # the way to the shop
        with bread:
            bread.wait_for(lambda: loaves)
            loaves.pop()
            sleep(seconds)  # pays at the counter

    def bake() -> None:
        sleep(5)  # simulated work
        with bread:
            loaves.extend(["rye", "wheat"])
            bread.notify_all()
            sleep(1)  # puts them on the shelf

    with simulate(title="At the bakery") as run:
        bread, loaves = Condition(), list[str]()
        together(
            Thread(target=buy, args=(1, 2), name="ben"),
            Thread(target=buy, args=(2, 2), name="ann"),
            Thread(target=bake, name="baker"),
        )
    return run


BUYERS = ("ann", "ben", "baker")


@exercise
def check_reading(answer: object) -> Answer:
    """Who woke ben, and how many seconds after that did he go on?"""
    run = at_the_bakery()
    asleep, back = (each for each in run.waits_of("ben") if not each.joins)
    who, seconds = said(answer, BUYERS)
    is_right = who == [asleep.ended_by] and [round(each, 1) for each in seconds] == [_length(back)]
    praise = f"{asleep}. Then {back}, and that took {_length(back):.0f} s."
    return judged(run, Verdict.of(run, is_right), _reading_problems(asleep, back, who, seconds), praise)


def _length(wait: Waited) -> float:
    return round(wait.end - wait.start, 1)


def _reading_problems(
    asleep: Waited, back: Waited, who: list[str], seconds: list[float]
) -> Iterator[Problem | str]:
    yield from not_one_of_each(BUYERS, who, seconds, "seconds")
    if who == ["ben"]:
        yield Problem("Ben was asleep: he cannot wake himself.", "Who notifies, where his first bar ends?")
    elif who != [asleep.ended_by]:
        yield Problem(
            f"{who[0].capitalize()} released the lock that ben needed, but did not wake him.",
            "Two arrows lead to ben. The first ends where he was notified.",
        )
    known = {
        "the time at which he went on": back.end,
        "the time at which he was woken": asleep.end,
        "how long he slept before he was woken": _length(asleep),
        "all of his wait: asleep, and then for the lock": back.end - asleep.start,
    }
    what = [f"{seconds[0]:g} s is {each}." for each, time in known.items() if is_near(time, seconds[0])]
    if not is_near(seconds[0], _length(back)):
        yield Problem(
            [*what, f"He did not go on {seconds[0]:g} s after he was woken."][0],
            "Read the times where the bar `notified, needs bread.lock` begins and ends.",
        )


# -- 2: a latch ----------------------------------------------------------------------------------------------


COUNT = 4
GUESTS = ("ann", "bob", "cem")


class Opening:
    """Four jobs count a latch down; guests wait before, one more counts, one comes when all is over."""

    def __init__(self, make_latch: Callable[[int], Any]) -> None:
        self.make_latch = make_latch
        self.latch: Any = None
        self.jobs_done = 0
        self.too_early: list[str] = []  # who went on before all jobs were done
        self.held_up: list[str] = []  # whose count_down() did not come back at once
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
        began = monotonic()
        self.latch.count_down()
        if monotonic() - began > LATE:
            self.held_up.append(f"job_{hours}")

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
        all_passed = sorted(self.passed) == sorted((*GUESTS, "latecomer"))
        return all_passed and not (self.too_early or self.held_up)


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
    praise = "Who waits sleeps until all jobs are done; who comes late goes on at once."
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


def _latch_problems(run: Trace, opening: Opening) -> Iterator[Problem | str]:
    yield from failed(run)
    for name in GUESTS:
        if slept(run, name):
            yield Problem(
                f"{name} sleeps and looks again: that is polling.",
                "Wait on the Condition instead (`self.changed.wait_for(...)`, under its lock), and let "
                "`count_down` notify it.",
            )
    late = waits_of(run, "latecomer") and sorted(opening.passed) == sorted(GUESTS)
    if run.log.ending.reason == "hung" and late and not opening.too_early:
        yield Problem(
            "The latch was open, then `count_down()` was called once more, and latecomer waits. A latch that "
            "is open stays open.",
            "Wait only while the count is above 0.",
        )
    yield from _held_up_problems(run, opening)
    if opening.too_early:
        yield Problem(
            f"{' and '.join(opening.too_early)} went on before all jobs were done.",
            "Neither a notification nor a time-out says that the count is 0: wait in a `while` loop as long "
            "as it is not, or with `wait_for`, until it is.",
        )
    yield from _hangs(
        run,
        "Test `self.count` under the lock before each wait, and let `count_down`, in one block of the lock, "
        "first change it and then wake all who wait: `self.changed.notify_all()`.",
    )
    yield from _wait_problems(run)


def _held_up_problems(run: Trace, opening: Opening) -> Iterator[Problem]:
    """Of those who count: whoever waits on the Condition, or does not come back at once."""
    crew = [*(f"job_{hours}" for hours in range(1, COUNT + 1)), "one_more"]
    waiting = [name for name in crew if _waited_on_condition(run, name)]
    for name in sorted((*opening.held_up, *waiting)):
        yield Problem(
            f"{name} was held up in `count_down()`.",
            "`count_down` only changes the count and tells; to wait is for `wait()`.",
        )


def _wait_problems(run: Trace) -> Iterator[Problem]:
    """Of the guests' waits alone: on the Condition, and until they are told."""
    for name in GUESTS:
        if not _waited_on_condition(run, name):
            yield Problem(f"{name} did not wait on the Condition.", "Wait there while the count is above 0.")
    if any(wait.timeout is not None for wait in run.model.waits):
        yield Problem(
            "A wait has a time-out. When it is over, the latch may still be closed, and to look again and "
            "again is polling.",
            "Wait without one, and let `count_down` wake all who wait.",
        )


def _count_problems(run: Trace) -> Iterator[Problem | str]:
    if run.findings and run.findings[0].kind == "lost update":
        yield Problem(
            "Both jobs counted down, but one of the two was lost: `self.count -= 1` reads, then writes, and "
            "another thread came in between.",
            "Change `count` while you hold the Condition's lock.",
        )
    yield from failed(run)
    yield from _hangs(
        run,
        "Look at the count and begin to wait in one block of the lock, and change it under the lock: else "
        "the notification comes in between, and is lost.",
    )


# -- 3: at most so long --------------------------------------------------------------------------------------

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
        together(self.customer("patient"), Thread(target=self.deliver, args=(COMES,), name="baker"))
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
            seconds = LONGER if name == "patient" else PATIENCE
            got = self.take_within(seconds, self.shelf, self.stocked)
            self.got[name] = [*got] if got is self.shelf else got  # as it is now
            self.took[name], self.left[name] = monotonic() - began, [*self.shelf]

        return Thread(target=take, name=name)

    def clear_up(self) -> None:
        """Nothing is left for the next customer."""
        self.shelf.clear()

    def at_the_last_moment(self) -> None:
        """When one's time is up there is something, but the baker still has the lock."""
        together(self.customer("late"), Thread(target=self.bake_slowly, name="baker"))

    def bake_slowly(self) -> None:
        """One thing comes before the time of who waits is up, and all are told after that."""
        sleep(0.9 * PATIENCE)  # simulated work
        with self.stocked:
            self.shelf.append("roll")
            sleep(0.2 * PATIENCE)  # simulated work
            self.stocked.notify_all()

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
            sleep(0.23 * PATIENCE)  # no multiple of 0.1: a wait that somebody counts is cut short
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
        shop = Shop(take_within)
        run = _simulated("A roll comes at the last moment", shop.at_the_last_moment)
        verdict = Verdict.of(run, shop.got == {"late": "roll"})
        problems = list(_late_problems(run, shop))
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


def _take_problems(run: Trace, shop: Shop) -> Iterator[Problem | str]:
    for problem in failed(run):
        empty = "IndexError" in problem
        hint = "Woken, or out of time, does not mean that there is an item: look before you take." * empty
        yield Problem(problem, hint)
    if gave_up(run, "unlucky") and "unlucky" not in shop.got:
        yield Problem(
            f"unlucky was to wait {PATIENCE:g} s, and still waits.",
            "Return None when the time is up: `wait_for(..., timeout=seconds)` tells by what it returns.",
        )
    yield from _hangs(run, "Give `wait_for` the timeout: `stocked.wait_for(..., timeout=seconds)`.")
    yield from _choice_problems(shop, "early", "Look at `items` before you wait", "bread", "milk", "jam")
    if slept(run, "patient"):
        yield Problem(
            "patient sleeps and looks again later, and cannot be told when an item comes: that is polling.",
            "Wait on `stocked`, which is notified when an item comes.",
        )
    if (took := shop.took.get("patient", LONGER)) < COMES:
        yield Problem(
            f"patient was to wait {LONGER:g} s, and came back after {took:.1f} s. Cake and pie came after "
            f"{COMES:g} s.",
            "Wait until there is an item, at most `seconds`: `stocked.wait_for(..., timeout=seconds)`.",
        )
    yield from _choice_problems(shop, "patient", "When the wait is over, take what has come", "cake", "pie")
    yield from _manner_problems(run)
    if shop.got.get("unlucky") is not None:
        yield f"There was nothing for unlucky, but it got {shop.got['unlucky']!r}. Return None."


def _late_problems(run: Trace, shop: Shop) -> Iterator[Problem | str]:
    yield from failed(run)
    if shop.got.get("late", "") is None:
        yield Problem(
            "The time of late was up when baker had put in a roll, and still held the lock. When late got "
            "the lock back the roll was there, but late returned None.",
            "`wait()` returns False when time is up, even if there is an item: look once more, as `wait_for` "
            "does.",
        )


def _choice_problems(shop: Shop, name: str, advice: str, first: str, *others: str) -> Iterator[Problem]:
    """What that customer took of what was there, and what was left of it."""
    there, got, left = ", ".join((first, *others)), shop.got.get(name), shop.left.get(name)
    if got in others:
        yield Problem(f"{there} were there, and {name} took {got!r}.", "Take the first item: `items.pop(0)`.")
    elif got != first:
        yield Problem(
            f"{there} were there, but {name} got {got!r}.", f"{advice}, and return the item that you take."
        )
    elif left == [first, *others]:
        yield Problem(
            f"{name} got {got!r}, and it still stands on the shelf.", "Take it away: `items.pop(0)`."
        )
    elif left != [*others]:
        yield Problem(
            f"{name} took {got!r}, of {there}; now there is {left}.",
            "Take the first item alone: `items.pop(0)`.",
        )


def _manner_problems(run: Trace) -> Iterator[Problem]:
    """How they waited."""
    unlucky = run.life_of("unlucky")
    took = unlucky.end - unlucky.start
    if took > PATIENCE + LATE:
        yield Problem(
            f"unlucky was to wait {PATIENCE:g} s, but waited {took:.1f} s, and was woken in vain meanwhile.",
            "With each `wait(...)` the time begins anew: use one `wait_for(..., timeout=seconds)`.",
        )
    elif took < PATIENCE - LATE:
        woken = any(wait.outcome == "notified" for wait in waits_of(run, "unlucky"))
        yield Problem(
            f"unlucky was to wait {PATIENCE:g} s, but gave up after {took:.1f} s"
            f"{', when it was woken in vain' if woken else ''}.",
            "Look again, and wait for the rest of the time: `wait_for(..., timeout=seconds)` does both.",
        )


def _rush_problems(run: Trace) -> Iterator[Problem | str]:
    yield from _hangs(run, "Give `wait_for` the timeout: `stocked.wait_for(..., timeout=seconds)`.")
    if (error := run.model.threads[0].error).startswith("AssertionError"):
        what = error.partition(": ")[2]
        if "too soon" in what:
            yield Problem(
                f"Two wanted one cake, and {what}, with a patience of {PATIENCE:g} s: it was woken, and the "
                "other one took the cake.",
                "Look and take in one `with stocked:`, and wait on if there is none.",
            )
        yield f"One cake for two, but they got {what}: one gets it, the other None."
    for problem in failed(run):
        yield Problem(
            f"{problem} Two want one cake.",
            "Look and take in one `with stocked:`, or another comes between.",
        )


# -- 4: take turns -------------------------------------------------------------------------------------------

NAMES = ("ann", "bob", "cho")
WORK = 1.0  # s of simulated work


class Round:
    """Who calls `take`, in threads of their own, and whose jobs were done in which order."""

    def __init__(
        self, names: tuple[str, ...] = NAMES, rounds: int = 1, fails: str = "", seconds: float = WORK
    ) -> None:
        self.names, self.rounds, self.fails, self.seconds = names, rounds, fails, seconds
        self.done: list[str] = []
        self.called_by: list[str] = []  # the threads in which the jobs were done
        self.at_work: list[str] = []
        self.overlapped: list[str] = []  # whose job began while another's was not over
        self.told: list[str] = []  # who heard of the job that failed

    def perform(self, make_turns: Callable[[list[str]], Any]) -> None:
        """All at the same time; the last of the names comes first."""
        made: list[Any] = []
        together(Thread(target=lambda: made.append(make_turns([*self.names])), name="builder"))
        for turns in made:  # none where they could not be made
            together(*(Thread(target=self.play, args=(turns, name), name=name) for name in self.names[::-1]))

    def play(self, turns: Any, name: str) -> None:
        """One takes all its turns."""
        for _ in range(self.rounds):
            with suppress(ConnectionError):
                turns.take(name, lambda: self.job(name))
                continue
            self.told.append(name)

    def job(self, name: str) -> None:
        """What must not overlap."""
        if self.at_work:
            self.overlapped.append(name)
        self.at_work.append(name)
        self.called_by.append(current_thread().name)
        if self.seconds:
            sleep(self.seconds)  # simulated work
        self.at_work.remove(name)
        self.done.append(name)
        if name == self.fails:
            raise ConnectionError("no network")

    def all_well(self) -> bool:
        """Whether each had its turns, in order, and who failed was told."""
        in_order = self.done == [*self.names] * self.rounds and not self.overlapped
        return in_order and self.told == [self.fails] * bool(self.fails)


@exercise
def check_turns(turns: Callable[[list[str]], Any]) -> Answer:
    """Three take one turn each, under every schedule, and for days; then four take two; then one fails.

    Only where a job is over at once can it end between another's look and its wait.
    """

    def perform(each: Round) -> None:
        each.perform(turns)

    found = explored("Three take turns", Round, perform, Round.all_well)
    finely = partial(explored, finely=True)  # what is done outside the lock may come too late
    for tried, title, begin in (
        (explored, "Three take turns that take no time, twice", partial(Round, rounds=2, seconds=0)),
        (finely, "Two take turns that take no time", partial(Round, NAMES[:2], seconds=0)),
        (once, "Three take turns that take days", partial(Round, seconds=DAYS)),
        (once, "Four take turns, twice", partial(Round, ("dan", "ann", "cho", "bob"), rounds=2)),
        (once, "Bob fails when it is his turn", partial(Round, fails="bob")),
    ):
        if found[2] is not Verdict.FAILED and not list(_turn_problems(*found[:2])):
            found = tried(title, begin, perform, Round.all_well)
    run, game, verdict = found
    praise = "Each waits until it is told, and passes the turn on when its own is over, also after a failure."
    return judged(run, verdict, _turn_problems(run, game), praise)


def _turn_problems(run: Trace, game: Round) -> Iterator[Problem | str]:
    for name in game.names:
        if gave_up(run, name):
            yield Problem(
                f"A wait of {name} gave up by its time-out. To look again and again is polling, and who goes "
                "on may go on out of turn.",
                "Wait on a Condition, without a time-out, until you are notified.",
            )
    yield from (
        Problem(said, "Does your class have what the exercise calls?" * ("has no attribute" in said))
        for said in failed(run)
    )
    for name in game.names:
        if _naps(run, name) > game.called_by.count(name):
            yield Problem(
                f"{name} looks again and again: that is polling.",
                "Wait on a Condition, without a time-out, until you are notified.",
            )
    if game.fails and run.log.ending.reason == "hung":
        yield Problem(
            f"{game.fails}'s job failed, and the others wait for ever.",
            "Pass the turn on in a `finally`: errors pass there.",
        )
    yield from _hangs(
        run,
        "Change the turn under the lock, to the next of all the names, and only then tell: who is told "
        "before that looks, and sleeps again."
        if _told_in_vain(run, game)
        else "Pass the turn on to the next of all the names, and tell all, by `notify_all()`: `notify()` may "
        "wake one whose turn it is not. And look and begin to wait in one block of the lock: else you may be "
        "told in between.",
    )
    yield from _order_problems(game)
    if game.fails and not game.told:
        yield Problem(f"{game.fails}'s job failed, and nobody was told.", "Let the exception pass.")


def _told_in_vain(run: Trace, game: Round) -> bool:
    """Whether who is next was told by who had the last turn, and sleeps again all the same."""
    wanted = game.names * game.rounds
    late = [name for name, done in zip_longest(wanted, game.done) if name and name != done]
    told = [wait.ended_by for name in late[:1] for wait in waits_of(run, name) if wait.outcome == "notified"]
    return bool(told) and told[-1:] == game.done[-1:]


def _naps(run: Trace, name: str) -> int:
    """How often the thread with that name slept."""
    lanes = [lane for lane in run.model.threads if run.log.thread(lane.number).name == name]
    return sum(span.state is State.SLEEPING for lane in lanes for span in lane.spans)


def _order_problems(game: Round) -> Iterator[Problem]:
    wanted = [*game.names] * game.rounds
    if game.overlapped:
        yield Problem(
            f"{game.overlapped[0]}'s job began while another's was not over.",
            "Wait for the turn, and pass it on when the job is over, not before.",
        )
    if len(game.done) != len(wanted):
        yield Problem(
            f"{len(game.done)} jobs were done, of {len(wanted)}.", "Each `take` calls its job, once."
        )
    if game.done != wanted:
        yield Problem(
            f"The jobs were done in the order {', '.join(game.done)}; wanted: {', '.join(wanted)}.",
            "Wait in a `while` loop, or with `wait_for`, until the turn is this name's, and pass it on in "
            "the order in which the names were given.",
        )
