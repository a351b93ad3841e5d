"""The checks of lesson 01: a timeline is read, and the learner's function starts threads of its own and
waits for them.

The learner's function runs in a thread called `you`, so that what it raises is part of the record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from time import monotonic

from exercises.answer import (
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
    waits_of,
)
from exercises.reading import is_near, not_one_of_each, said
from tracing import Thread, Trace, current_thread, simulate, sleep
from tracing.asking import Waited


def _in_a_thread(call: Callable[[], None]) -> None:
    you = Thread(target=call, name="you")
    you.start()
    you.join()


SLEPT = Problem(
    "You did not wait. A sleep is a guess, and to look again and again is polling.",
    "Join every thread: you go on when the last has ended.",
)
GUESSED = Problem(
    "A `join` of yours gave up, and you went on: that time was a guess, and a job may take longer.",
    "`join()` without a time-out waits until the end.",
)


# -- 1: read a timeline --------------------------------------------------------------------------------------

BAKERS = {"ann": 2.0, "bob": 7.0, "cho": 1.0}  # s of work


def in_the_bakery() -> Trace:
    """Three bakers; the main thread joins them one after the other, and has no patience with one."""
    with simulate(title="In the bakery") as run:
        ann, bob, cho = (Thread(target=sleep, args=(seconds,), name=name) for name, seconds in BAKERS.items())
        for baker in (ann, bob, cho):
            baker.start()
        cho.join()
        bob.join(2)
        ann.join()
    return run


@exercise
def check_reading(answer: object) -> Answer:
    """Whose end did the main thread not wait for, and how many seconds did that baker go on without it?

    answer: both, in any form: ("ann", 2), "ann, 2 s", {"who": "ann", "seconds": 2.0}.
    """
    run = in_the_bakery()
    (gave_up,) = (wait for wait in run.waits_of("MainThread") if wait.outcome == "timed out")
    alone = run.life_of(gave_up.thing).end - gave_up.end
    who, seconds = said(answer, [*BAKERS])
    is_right = who == [gave_up.thing] and len(seconds) == 1 and is_near(seconds[0], alone)
    praise = f"{gave_up}, after 2 s. {gave_up.thing.capitalize()} went on for {alone:.0f} s more."
    problems = _reading_problems(run, gave_up, who, seconds)
    return judged(run, Verdict.of(run, is_right), problems, praise)


def _reading_problems(
    run: Trace, gave_up: Waited, names: list[str], numbers: list[float]
) -> Iterator[Problem | str]:
    yield from not_one_of_each([*BAKERS], names, numbers, "seconds")
    who, seconds, end = names[0], numbers[0], run.life_of(gave_up.thing).end
    if who != gave_up.thing:
        yield Problem(
            f"{who.capitalize()} had ended when the main thread went on.",
            "Look for the wait of the main thread that ends although nobody has ended there.",
        )
    if is_near(seconds, end):
        yield Problem(f"{seconds:g} s is the time at which {who} ended.", "When did the main thread give up?")
    if is_near(seconds, gave_up.end):
        yield Problem(
            f"{seconds:g} s is the time at which the main thread gave up.", f"And when did {who} end?"
        )
    if not is_near(seconds, end - gave_up.end):
        yield Problem(
            f"{who.capitalize()} did not go on for {seconds:g} s without the main thread.",
            f"Read the time at which the main thread gives up and the time at which {who} ends.",
        )


# -- 2: all at once ------------------------------------------------------------------------------------------

LENGTHS = {
    "bread": 2.0,
    "cake": 3.0,
    "tart": 1.0,
}  # s; the longest is in the middle: to join only the first or only the last is not enough
LONG = 1_000_000  # times as long as that: longer than any time-out that somebody would write
MANY = {f"loaf {number}": 1.0 for number in range(1, 41)}  # more than a pool has workers unless it is told
MOMENT = 0.5  # s; who returns later than that has waited for something else


@dataclass
class Kitchen:
    """Jobs that note when they begin and end, and in which thread."""

    lengths: dict[str, float] = field(default_factory=lambda: LENGTHS)
    stretch: int = 1  # how many times as long as usual each of them takes
    begun: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)  # what ran in the caller's own thread
    threads: set[object] = field(default_factory=set)
    done_at_return: int = -1  # how many jobs had ended when the learner's function returned; -1: it did not
    late: float = 0.0  # s from the end of the last job to that return
    waited: bool = False  # whether a job began after another had ended

    def jobs(self) -> list[Callable[[], None]]:
        """One function for each thing to bake."""
        return [self._job(name, seconds * self.stretch) for name, seconds in self.lengths.items()]

    def _job(self, name: str, seconds: float) -> Callable[[], None]:
        def job() -> None:
            self.begun.append(name)
            self.waited |= bool(self.ended)
            if current_thread().name == "you":
                self.own.append(name)
            self.threads.add(current_thread())
            sleep(seconds)  # simulated work
            self.ended.append(name)

        job.__name__ = job.__qualname__ = name
        return job

    def all_well(self) -> bool:
        """Whether all jobs ran once, in threads of their own, at the same time, and were waited for."""
        once = sorted(self.begun) == sorted(self.lengths)
        at_once = not self.own and not self.waited
        return once and at_once and self.done_at_return == len(self.lengths) and self.late < MOMENT


@exercise
def check_bake_all(bake_all: Callable[[list[Callable[[], None]]], object]) -> Answer:
    """Three jobs, then forty: are they done at the same time, and all done when the function returns?"""

    def perform(kitchen: Kitchen) -> None:
        def call() -> None:
            began = monotonic()
            bake_all(kitchen.jobs())
            kitchen.done_at_return = len(kitchen.ended)
            kitchen.late = monotonic() - began - max(kitchen.lengths.values()) * kitchen.stretch

        _in_a_thread(call)

    found = explored("Bake three things", Kitchen, perform, Kitchen.all_well)
    large = partial(Kitchen, stretch=LONG)
    found = at_length(found, "Bake three large things", large, perform, Kitchen.all_well)
    many = partial(Kitchen, MANY)
    run, kitchen, verdict = at_length(found, "Bake forty loaves", many, perform, Kitchen.all_well)
    praise = (
        "All three were in the oven at the same time, and no schedule that was tried let you go too early."
    )
    return judged(run, verdict, _baking_problems(run, kitchen), praise)


def _baking_problems(run: Trace, kitchen: Kitchen) -> Iterator[Problem | str]:
    yield from stuck(run, "Join each thread, once.")
    own = [name for name in kitchen.lengths if name in kitchen.own]
    if own and len(own) == len(kitchen.begun):
        yield Problem(
            "The jobs ran in your own thread, one after the other.",
            "Give the job itself to the thread: `Thread(target=job)`, without brackets after `job`, then "
            "`start()`.",
        )
    if own:
        yield Problem(
            f"{_named(own)} ran in your own thread, the one that calls your function.",
            "Make a thread for each job, and only start and join.",
        )
    yield from failed(run)
    if not kitchen.begun and any(info.daemon for info in run.log.threads):
        yield Problem(
            "You returned before any job had begun, and daemons are cut off at the end.", "Join every thread."
        )
    if not kitchen.begun:
        yield Problem("No job has run.", "Make a thread for each: `Thread(target=job)`, and start it.")
    yield from _count_problems(kitchen)
    yield from _overlap_problems(run, kitchen)
    if kitchen.done_at_return != len(kitchen.lengths) and gave_up(run, "you"):
        yield GUESSED
    if kitchen.done_at_return != len(kitchen.lengths):
        unfinished = [name for name in kitchen.lengths if name not in kitchen.ended[: kitchen.done_at_return]]
        yield Problem(f"You returned before {_named(unfinished)} had ended.", "Join every thread first.")
    if not waits_of(run, "you"):
        yield SLEPT
    if kitchen.late >= MOMENT:
        yield Problem(
            f"You returned {kitchen.late:.1f} s after the last job had ended.", "Wait for the threads alone."
        )


def _named(names: list[str]) -> str:
    """All of a few, of many the first and how many more."""
    return " and ".join(names) if len(names) <= len(LENGTHS) else f"{names[0]} and {len(names) - 1} more"


def _count_problems(kitchen: Kitchen) -> Iterator[Problem]:
    times = {name: kitchen.begun.count(name) for name in kitchen.lengths}
    if missing := [name for name, number in times.items() if not number]:
        late = (
            "no lambda, which looks up `job` too late" if max(times.values()) > 1 else "for each in the list"
        )
        yield Problem(
            f"{_named(missing)} did not run.",
            "Make one thread for each job, and start it once; "
            f"its target is the job itself, `target=job`: {late}.",
        )
    if often := [name for name, number in times.items() if number > 1]:
        yield Problem(
            f"{_named(often)} ran more than once.", "Make one thread for each job, and start it once."
        )


def _overlap_problems(run: Trace, kitchen: Kitchen) -> Iterator[Problem]:
    if not kitchen.waited:
        return
    began = "One began when another had already ended"
    if len(kitchen.threads) == 1:
        yield Problem("One thread ran all the jobs, one after the other.", "Make a thread for each of them.")
    if len(kitchen.threads) < len(kitchen.lengths):
        yield Problem(
            f"{began}: {len(kitchen.threads)} threads shared the jobs.", "Make a thread for each of them."
        )
    last = max(lane.start for lane in run.model.threads) / 1e9  # s
    if any(wait.joins and wait.end <= last for wait in waits_of(run, "you")):
        yield Problem(
            f"{began}: your loop joins a thread before it starts the next.",
            "Start all in one loop, then join all in a second loop.",
        )
    yield Problem(
        f"{began}, so they did not all run at the same time.", "Start all at once, and let none wait."
    )


# -- 3: wait, but not for ever -------------------------------------------------------------------------------


WORKS = {"quick": 3.0, "slow": 5.0}  # s
PATIENCE = {"quick": 4.0, "slow": 1.0}  # s; no single number does for both


@dataclass
class Deadlines:
    """What the learner's function answers for a quick and for a slow thread, and after which time."""

    answers: dict[str, object] = field(default_factory=dict)
    took: dict[str, float] = field(default_factory=dict)  # s

    def ask(self, ends_within: Callable[[Thread, float], object]) -> None:
        """One after the other."""
        for name, seconds in WORKS.items():
            thread = Thread(target=sleep, args=(seconds,), name=name)
            began = monotonic()
            self.answers[name] = ends_within(thread, PATIENCE[name])
            self.took[name] = monotonic() - began

    def over(self, name: str) -> float:
        """How many seconds later than it should the function came back."""
        return self.took.get(name, 0.0) - min(WORKS[name], PATIENCE[name])

    def all_well(self) -> bool:
        """Whether both answers are right, and came in time."""
        right = self.answers.get("quick") is True and self.answers.get("slow") is False
        return right and all(abs(self.over(name)) < MOMENT for name in WORKS)


@exercise
def check_ends_within(ends_within: Callable[[Thread, float], object]) -> Answer:
    """A thread of 3 s and 4 s of patience, one of 5 s and 1 s: what does the function answer, and when?"""

    def perform(deadlines: Deadlines) -> None:
        _in_a_thread(lambda: deadlines.ask(ends_within))

    title = "3 s of work, 4 s of patience; 5 s of work, 1 s of patience"
    case = (title, Deadlines, perform, Deadlines.all_well)
    run, deadlines, verdict = once(*case)
    if waits_of(run, "you"):  # who polls is told so, and takes too many steps to search long
        run, deadlines, verdict = explored(*case)
    praise = "You waited no longer than `seconds`, and can tell whether the thread has ended."
    return judged(run, verdict, _deadline_problems(run, deadlines), praise)


def _deadline_problems(run: Trace, deadlines: Deadlines) -> Iterator[Problem | str]:
    yield from stuck(run, "Start the thread, then join it with a timeout.")
    yield from failed(run)
    names = [info.name for info in run.log.threads]
    if "quick" not in names or "slow" not in names:
        yield Problem("The thread was not started.", "Nothing runs before `thread.start()`.")
    if not waits_of(run, "you"):
        yield Problem(
            "You did not wait for the thread: to sleep, or to look again and again, is no waiting.",
            "`thread.join(seconds)` waits until it ends, at most so long.",
        )
    yield from _patience_problems(deadlines)
    if None in deadlines.answers.values():
        yield Problem(
            "The answer was None: that is what `join` returns, always, and a function without `return`.",
            "Ask `thread.is_alive()` after the join, and return True or False.",
        )
    if deadlines.answers == {"quick": False, "slow": False}:
        yield Problem(
            "You answered False for quick, which had ended after 3 s.",
            "Ask after the join, and with brackets: `thread.is_alive()`.",
        )
    if not deadlines.all_well():
        said = ", ".join(f"{answer!r} for {name}" for name, answer in deadlines.answers.items())
        yield Problem(
            f"You answered {said}. It should be True where the thread has ended in time, else False.",
            "Only the thread itself knows: after the join, return `not thread.is_alive()`, with brackets.",
        )


def _patience_problems(deadlines: Deadlines) -> Iterator[Problem]:
    for name, took in deadlines.took.items():
        given = f"{name} works {WORKS[name]:.0f} s, and `seconds` was {PATIENCE[name]:.0f}"
        once = "Give `join` just that, once: `join(seconds)`."
        if deadlines.over(name) >= MOMENT:
            yield Problem(f"You came back after {took:.1f} s, which is too late: {given}.", once)
        if deadlines.over(name) <= -MOMENT:
            yield Problem(f"You came back after {took:.1f} s, which is too early: {given}.", once)


# -- 4: hand it back -----------------------------------------------------------------------------------------


@dataclass
class Calls:
    """What came back from a function that works and from one that fails."""

    seconds: float = 1.0  # that price() and fail() take
    returned: dict[str, object] = field(default_factory=dict)
    raised: dict[str, BaseException] = field(default_factory=dict)
    ran_in: dict[str, list[str]] = field(default_factory=dict)  # by function: the threads that called it
    error: Exception = field(default_factory=lambda: LookupError("no price for tart"))
    present: object = 0  # what gift() gives

    @classmethod
    def at_length(cls) -> Calls:
        """Of functions that take their time, of another error, and of no present."""
        return cls(LONG, error=OSError("no network"), present=None)

    def call(self, call_in_thread: Callable[[Callable[[], object]], object]) -> None:
        """One after the other."""
        for function in (self.price, self.fail, self.gift):
            name = function.__name__
            try:
                self.returned[name] = call_in_thread(function)
            except Exception as error:
                self.raised[name] = error

    def call_both(self, call_in_thread: Callable[[Callable[[], object]], object]) -> None:
        """Two callers at the same time."""

        def call(function: Callable[[], object]) -> None:
            self.returned[function.__name__] = call_in_thread(function)

        together(
            *(
                Thread(target=call, args=(function,), name=name)
                for name, function in (("ann", self.price), ("bob", self.gift))
            )
        )

    def each_its_own(self) -> bool:
        """Whether both callers got what their own function returned."""
        return self.returned == {"price": 42, "gift": self.present}

    def _note(self, name: str) -> None:
        self.ran_in.setdefault(name, []).append(current_thread().name)

    def price(self) -> int:
        """Works: gives 42."""
        self._note("price")
        sleep(self.seconds)  # simulated work
        return 42

    def fail(self) -> int:
        """Fails."""
        self._note("fail")
        sleep(self.seconds)  # simulated work
        raise self.error

    def gift(self) -> object:
        """Works, too: gives 0, None or an exception, and each is a result."""
        self._note("gift")
        return self.present

    def all_well(self) -> bool:
        """Whether 42 and the present came back, and the error too, out of other threads."""
        well = self.each_its_own() and self.raised.get("fail") is self.error
        return well and not self.at_home and all(len(names) == 1 for names in self.ran_in.values())

    @property
    def at_home(self) -> list[str]:
        """What the caller's own thread called."""
        return [function for function, names in self.ran_in.items() if "you" in names]


@exercise
def check_call_in_thread(call_in_thread: Callable[[Callable[[], object]], object]) -> Answer:
    """Does the caller get back what the function returned, and the exception that it raised?"""

    def perform(calls: Calls) -> None:
        _in_a_thread(lambda: calls.call(call_in_thread))

    title = "Two calls that work, and one that fails"
    found = explored(title, Calls, perform, Calls.all_well)
    run, calls, verdict = at_length(found, title, Calls.at_length, perform, Calls.all_well)
    problems = list(islice(_call_problems(run, calls), 1))
    if verdict is Verdict.PASSED and not problems:
        run, calls, verdict = explored(
            "Two callers at the same time",
            partial(Calls, seconds=0, present=LookupError("gift() returned this, and did not raise it")),
            lambda both: both.call_both(call_in_thread),
            Calls.each_its_own,
        )
        problems = list(_mixed_up(run, calls))
    praise = "The result came back, and so did the error: the caller can deal with both."
    return judged(run, verdict, problems, praise)


def _mixed_up(run: Trace, calls: Calls) -> Iterator[Problem | str]:
    yield from stuck(run, "Start the thread, join it, then look at what it left for you.")
    yield from failed(run)
    if not calls.each_its_own():
        got = " and ".join(repr(calls.returned.get(name)) for name in ("price", "gift"))
        yield Problem(
            f"Two called at the same time. price() returned 42 and gift() {calls.present!r}, and the callers "
            f"got {got}.",
            "Let each call make the place for its result anew, inside the function: what stands outside, or "
            "as a default like `results=[]`, is one for all.",
        )


def _call_problems(run: Trace, calls: Calls) -> Iterator[Problem | str]:
    yield from stuck(run, "Start the thread, join it, then look at what it left for you.")
    yield from _not_called_once(run, calls)
    if not calls.all_well() and gave_up(run, "you"):
        yield GUESSED
    yield from _wrong_price(run, calls)
    yield from _wrong_error(calls)
    if not waits_of(run, "you"):
        yield SLEPT


def _not_called_once(run: Trace, calls: Calls) -> Iterator[Problem | str]:
    """In a new thread each."""
    if calls.at_home:
        yield Problem(
            f"The function ran in your own thread: {calls.at_home[0]}(), for one.",
            "Let a new thread call it, and wait for that thread.",
        )
    if not calls.ran_in:
        yield from failed(run)
        yield from (f"Your function raised {error!r}. Repair this first." for error in calls.raised.values())
        yield Problem("The function did not run.", "Start a thread that calls it.")
    if often := [name for name, threads in calls.ran_in.items() if len(threads) > 1]:
        yield Problem(
            f"{often[0]}() was called more than once.", "Call it in the new thread, and keep what it returns."
        )


def _wrong_price(run: Trace, calls: Calls) -> Iterator[Problem]:
    """The result of the call that works."""
    if "price" in calls.raised:
        yield Problem(
            f"The call of price() raised {calls.raised['price']!r} in your thread.",
            "price() itself raises nothing, and a thread has no result: look where your code has put it, and "
            "raise only where there is an error to raise."
            if waits_of(run, "you")
            else "Wait with `join()` before you look for the result.",
        )
    if isinstance(calls.returned.get("price"), list | tuple | dict):
        yield Problem(
            f"price() returned 42, and you returned {calls.returned['price']!r}.",
            "Return what is in it, the value alone: `results[0]`.",
        )
    if isinstance(calls.returned.get("price"), Future):
        yield Problem("You returned a Future.", "Return what it holds: its `result()`.")
    if calls.returned.get("price") != 42:
        yield Problem(
            f"price() returned 42, and you returned {calls.returned.get('price')!r}. A thread has no result "
            "of its own.",
            "Let it put the value into a list that you share, and join it before you look.",
        )


def _wrong_error(calls: Calls) -> Iterator[Problem]:
    """The exception of the call that fails, and what is taken for one."""
    if isinstance(calls.returned.get("fail"), BaseException):
        yield Problem(
            "You returned the exception.", "Raise it: the caller must be able to catch it with `except`."
        )
    if "fail" not in calls.raised:
        yield Problem(
            f"fail() raised {calls.error!r} in its thread, and your caller never heard of it: `join()` hands "
            "nothing on.",
            "Catch it inside the thread, keep it, and raise it after the join.",
        )
    if calls.raised["fail"] is calls.error and not calls.all_well():
        yield Problem(
            f"gift() returned {calls.present!r}, and your caller did not get it.",
            f"{calls.present!r} is a result like any other: ask whether there was an error, not what "
            "the result is.",
        )
    if not calls.all_well():
        new = "a new exception, " if repr(calls.raised["fail"]) == repr(calls.error) else ""
        yield Problem(
            f"fail() raised {calls.error!r}, and your caller got {new}{calls.raised['fail']!r}.",
            "Catch every Exception inside the thread, keep it, and raise the same one after the join.",
        )
