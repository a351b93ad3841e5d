"""The checks of lesson 02: a timeline is read; then the learner writes a class, and the check makes objects
of it, starts and joins them.

That happens in a thread called `you`, so that what the class raises is part of the record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
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
    waits_of,
)
from exercises.reading import is_near, not_one_of_each, said
from tracing import Thread, Trace, current_thread, simulate, sleep


def _in_a_thread(call: Callable[[], None]) -> None:
    you = Thread(target=call, name="you")
    you.start()
    you.join()


def _error_of(run: Trace, name: str) -> str:
    """What the thread with that name failed with; empty where it did not."""
    names = [info.name for info in run.log.threads]
    return run.model.threads[names.index(name)].error if name in names else ""


# -- 1: read a timeline --------------------------------------------------------------------------------------

WAYS = {"ann": 2.0, "bob": 3.0, "cho": 4.0}  # s
NOT_STARTED = "bob"


def on_the_way() -> Trace:
    """Three couriers, each an object; for one of them somebody calls `run()` instead of `start()`."""

    class Courier(Thread):
        def run(self) -> None:
            sleep(WAYS[self.name])  # simulated work

    with simulate(title="On the way") as run:
        couriers = [Courier(name=name) for name in WAYS]
        for courier in couriers:
            if courier.name == NOT_STARTED:
                courier.run()
            else:
                courier.start()
    return run


@exercise
def check_reading(answer: object) -> Answer:
    """For whom was `run()` called, and how many seconds did that way take?

    answer: both, in any form: ("ann", 2), "ann, 2 s", {"who": "ann", "seconds": 2.0}.
    """
    run = on_the_way()
    rows = {info.name for info in run.log.threads}
    (missing,) = WAYS.keys() - rows
    who, seconds = said(answer, [*WAYS])
    is_right = who == [missing] and len(seconds) == 1 and is_near(seconds[0], WAYS[missing])
    praise = (
        f"There is no row for {missing}: the main thread did that work itself, for {WAYS[missing]:.0f} s. "
        "Cho began only afterwards."
    )
    return judged(run, Verdict.of(run, is_right), _reading_problems(run, who, seconds, missing), praise)


def _reading_problems(
    run: Trace, names: list[str], numbers: list[float], missing: str
) -> Iterator[Problem | str]:
    yield from not_one_of_each([*WAYS], names, numbers, "seconds")
    who, seconds = names[0], numbers[0]
    if who != missing:
        yield Problem(
            f"{who.capitalize()} has a row, so there is a thread of that name: somebody called `start()`.",
            "Count the rows. Who is missing?",
        )
    if is_near(seconds, max(run.life_of(name).end for name in WAYS if name != missing)):
        yield Problem(
            f"{seconds:g} s is the time at which cho ended.", "Who did the work of the missing one?"
        )
    if not is_near(seconds, WAYS[missing]):
        yield Problem(
            f"The way of {missing} did not take {seconds:g} s.",
            "Whoever calls `run()` does the work: look at the row of the main thread.",
        )


# -- 2: when may it start? -----------------------------------------------------------------------------------


@dataclass
class Greetings:
    """What the greeter of the check said."""

    said: list[str] = field(default_factory=list)
    made_alive: bool = False  # whether it ran before anybody called start()


@exercise
def check_greeter(greeter: type) -> Answer:
    """A class made from the learner's: may its constructor finish before the thread begins?"""

    def perform(greetings: Greetings) -> None:
        def call() -> None:
            polite = _polite(greeter, greetings)
            greetings.made_alive = polite.is_alive() or bool(greetings.said)
            if not greetings.made_alive:
                polite.start()
            polite.join()

        _in_a_thread(call)

    def is_right(greetings: Greetings) -> bool:
        return greetings.said == ["Good morning"] and not greetings.made_alive

    run, greetings, verdict = explored("A polite greeter", Greetings, perform, is_right)
    praise = "Nothing runs until somebody calls `start()`: by then every constructor has finished."
    return judged(run, verdict, _greeting_problems(run, greetings), praise)


def _polite(greeter: Any, greetings: Greetings) -> Any:
    class Polite(greeter):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            sleep(0)  # others may come in
            self.words = "Good morning"

        def greet(self) -> None:
            """Say the words."""
            greetings.said.append(self.words)

    return Polite()


def _greeting_problems(run: Trace, greetings: Greetings) -> Iterator[Problem | str]:
    yield from stuck(run, "Let `run` greet and end.")
    errors = [thread.error for thread in run.model.threads if thread.error]
    if "has no attribute 'words'" in _error_of(run, "you"):
        yield Problem(
            "Your constructor greets itself, before the constructor of Polite has set its words.",
            "Let `run` greet: the new thread calls it when somebody has called `start()`.",
        )
    if any("has no attribute 'words'" in error for error in errors):
        yield Problem(
            "The thread began to greet before the constructor of Polite, a subclass, had set its words.",
            "Greeter's own constructor starts it. Let the caller call `start()`, when all constructors have "
            "finished.",
        )
    if any("not called" in error for error in errors):
        yield Problem(
            "start() says: thread.__init__() not called.", "Call `super().__init__()` in your constructor."
        )
    yield from failed(run)
    if greetings.made_alive:
        yield Problem(
            "It was alive before the caller called `start()`.", "A constructor makes; let the caller start."
        )
    if not greetings.said:
        yield Problem("Nobody greeted.", "`run` must call `self.greet()`.")
    if greetings.said != ["Good morning"]:
        yield f"It should greet once; it greeted {len(greetings.said)} times."


# -- 3: a thread that adds -----------------------------------------------------------------------------------


class Number(int):
    """A number that notes which thread adds it to another. That takes its time."""

    added_by: set[str]

    def __add__(self, other: int) -> int:
        self._note()
        return int(self) + other

    __radd__ = __add__

    def _note(self) -> None:
        sleep(1)  # simulated work
        self.added_by.add(current_thread().name)


def _numbers(*values: int) -> list[int]:
    numbers, added_by = [Number(value) for value in values], set[str]()
    for each in numbers:
        each.added_by = added_by
    return list[int](numbers)


def _added_by(numbers: list[int]) -> set[str]:
    """Who added them; nobody is known where they were made into other numbers first."""
    return next(each.added_by for each in numbers if isinstance(each, Number))


SUMS = {"ann": 6, "bob": 9}


@dataclass
class Sums:
    """Two adders, what stood on them before the start, and what after the join."""

    numbers: dict[str, list[int]] = field(
        default_factory=lambda: {"ann": _numbers(1, 2, 3), "bob": _numbers(4, 5)}
    )
    before: dict[str, object] = field(default_factory=dict)
    totals: dict[str, object] = field(default_factory=dict)
    began: set[str] = field(default_factory=set)  # the names of the threads that were started

    def add(self, adder: Callable[[str, list[int]], Any]) -> None:
        """Both at the same time. Each is given a list of its own, so that it may change it."""
        adders = {name: adder(name, list(numbers)) for name, numbers in self.numbers.items()}
        self.before = {name: getattr(each, "total", None) for name, each in adders.items()}
        for each in adders.values():
            each.start()
        self.began = {each.name for each in adders.values()}
        for each in adders.values():
            each.join()
        self.totals = {name: getattr(each, "total", None) for name, each in adders.items()}

    @property
    def too_early(self) -> list[str]:
        """Whose total was there before the start."""
        return [name for name, total in self.before.items() if total == SUMS[name]]

    @property
    def added_elsewhere(self) -> list[str]:
        """Whose numbers were added by the thread that made the adder, and by no other."""
        return [name for name, numbers in self.numbers.items() if _added_by(numbers) == {"you"}]

    def all_well(self) -> bool:
        """Whether both totals are right, each made after the start, in the thread of that name."""
        at_work = self.began == set(SUMS) and not (self.too_early or self.added_elsewhere)
        return self.totals == SUMS and at_work


@exercise
def check_adder(adder: Callable[[str, list[int]], Any]) -> Answer:
    """Two adders at work: is each a thread with its name, and has each its own total after the join?"""

    def perform(sums: Sums) -> None:
        _in_a_thread(lambda: sums.add(adder))

    run, sums, verdict = explored("Two adders", Sums, perform, Sums.all_well)
    praise = "The constructor keeps what `run` needs, and `run` leaves its total on the object."
    return judged(run, verdict, _adding_problems(run, sums), praise)


def _adding_problems(run: Trace, sums: Sums) -> Iterator[Problem | str]:
    yield from stuck(run, "Let `run` add and end.")
    error = _error_of(run, "you")
    if "not called" in error:
        yield Problem(
            f"Python says: {error}. Your constructor hides the one of Thread.",
            "First of all, call `super().__init__(name=name)`.",
        )
    failures = [_error_of(run, info.name) for info in run.log.threads]
    if any("required positional argument" in each and ".run()" in each for each in failures):
        yield Problem(
            "`run` is called without arguments: what you gave to `super().__init__` stays there.",
            "Keep the numbers on the object (`self.numbers = numbers`), and take them from it in `run`.",
        )
    yield from failed(run)
    if sums.too_early:
        yield Problem(
            f"The total of {sums.too_early[0]} was there before `start()`, so the new thread did not add.",
            "The constructor only keeps the numbers: add them in `run`.",
        )
    if sums.added_elsewhere:
        yield Problem(
            f"The numbers of {sums.added_elsewhere[0]} were added in the thread that made the adder, not in "
            "the new one.",
            "What the new thread does stands in `run`: add them there.",
        )
    yield from _total_problems(sums)
    if sums.began != set(SUMS):
        names = " and ".join(sorted(sums.began))
        yield Problem(
            f"The threads are called {names}, not ann and bob.", "Hand it on: `super().__init__(name=name)`."
        )


def _total_problems(sums: Sums) -> Iterator[Problem]:
    if None in sums.totals.values() and not any(map(_added_by, sums.numbers.values())):
        yield Problem(
            "Nobody added the numbers.", "What the thread does stands in a method called `run`: add there."
        )
    if None in sums.totals.values():
        yield Problem(
            "There is no sum in `total`. What `run` returns is lost.", "Store it: `self.total = ...`."
        )
    if any(callable(each) for each in sums.totals.values()):
        yield Problem("`total` is a method.", "Make it an attribute: in `run`, write `self.total = ...`.")
    if sums.totals != SUMS:
        found = " and ".join(map(repr, sums.totals.values()))
        yield Problem(
            f"The totals are {found}; they should be 6 and 9.",
            "Does `run` write to `self.total`, and does each adder have a total of its own?",
        )


# -- 4: ask the thread for its result ------------------------------------------------------------------------


@dataclass
class Results:
    """What `result()` gave for a job that works and for one that fails."""

    seconds: float = 1.0  # that price() and fail() take
    returned: dict[str, object] = field(default_factory=dict)
    raised: dict[str, BaseException] = field(default_factory=dict)
    ran_in: list[str] = field(default_factory=list)
    error: Exception = field(default_factory=lambda: LookupError("no price for tart"))
    present: object = 0  # what gift() gives

    @classmethod
    def at_length(cls) -> Results:
        """Of jobs that take their time, of another error, and of no present."""
        return cls(DAYS, error=OSError("no network"), present=None)

    def ask(self, task: Callable[[Callable[[], object]], Any]) -> None:
        """One after the other; each is asked twice."""
        for job in (self.price, self.fail, self.gift):
            thread = task(job)
            thread.start()
            for _ in range(2):
                try:
                    self.returned[job.__name__] = thread.result()
                except Exception as error:
                    self.raised[job.__name__] = error

    def ask_later(self, task: Callable[[Callable[[], object]], Any]) -> None:
        """Two at the same time; each is asked when both have been started."""
        tasks = {job.__name__: task(job) for job in (self.price, self.gift)}
        for each in tasks.values():
            each.start()
        self.returned = {name: each.result() for name, each in tasks.items()}

    def each_its_own(self) -> bool:
        """Whether each of the two gave what its own job gave."""
        return self.returned == {"price": 42, "gift": self.present}

    def price(self) -> int:
        """Works: gives 42."""
        self.ran_in.append(current_thread().name)
        sleep(self.seconds)  # simulated work
        return 42

    def fail(self) -> int:
        """Fails."""
        self.ran_in.append(current_thread().name)
        sleep(self.seconds)  # simulated work
        raise self.error

    def gift(self) -> object:
        """Works, too: gives 0, None or an exception, and each is a result."""
        self.ran_in.append(current_thread().name)
        return self.present

    def all_well(self) -> bool:
        """Whether 42 and the present came back, and the error too, each out of one other thread."""
        well = self.each_its_own() and self.raised.get("fail") is self.error
        return well and self.raised.keys() == {"fail"} and len(self.ran_in) == 3 and "you" not in self.ran_in


@exercise
def check_task(task: Callable[[Callable[[], object]], Any]) -> Answer:
    """Does `result()` wait, and give back what the job returned, or raise what it raised?"""

    def perform(results: Results) -> None:
        _in_a_thread(lambda: results.ask(task))

    title = "Two tasks that work, and one that fails"
    found = explored(title, Results, perform, Results.all_well)
    run, results, verdict = at_length(found, title, Results.at_length, perform, Results.all_well)
    problems = list(islice(_result_problems(run, results), 1))
    if verdict is Verdict.PASSED and not problems:
        run, results, verdict = once(
            "Two tasks at the same time",
            partial(Results, present=LookupError("the job returned this, and did not raise it")),
            lambda both: _in_a_thread(lambda: both.ask_later(task)),
            Results.each_its_own,
        )
        problems = list(_mixed_up(run, results))
    praise = "`result()` waits, returns, and raises: you have written a small Future."
    return judged(run, verdict, problems, praise)


def _mixed_up(run: Trace, results: Results) -> Iterator[Problem | str]:
    yield from failed(run)
    if not results.each_its_own():
        yield Problem(
            f"Two tasks ran at the same time. One job gave 42, the other {results.present!r}, and their "
            f"results are {' and '.join(map(repr, results.returned.values()))}.",
            "Keep the value on the object, `self.value`: what stands in the class is one for all.",
        )


def _result_problems(run: Trace, results: Results) -> Iterator[Problem | str]:
    yield from stuck(run, "Let `run` call the job once, and `result` join.")
    if "you" in results.ran_in:
        yield Problem(
            "The job ran in the thread that asks.", "Call it in `run`: `start()` lets a new thread do that."
        )
    yield from failed(run, only="you")
    if not results.ran_in:
        yield from failed(run)
        yield Problem("The job was never called.", "Call `self.job()` in `run`.")
    if any("has no attribute 'result'" in str(error) for error in results.raised.values()):
        yield Problem(
            "There is no method `result`.", "Write one: it joins, then returns what `run` has kept."
        )
    if len(results.ran_in) != 3:
        yield Problem(
            f"Three tasks called their jobs {len(results.ran_in)} times.", "Let `run` call it, once."
        )
    if not results.all_well() and gave_up(run, "you"):
        yield Problem(
            "A `join` in `result` gave up, and nobody knows how long a job takes.", "Join without a time-out."
        )
    yield from _value_problems(run, results)
    yield from _error_problems(results)
    if not waits_of(run, "you"):
        yield Problem(
            "You did not wait. A sleep is a guess, and to look again and again is polling.",
            "Call `self.join()`.",
        )


def _value_problems(run: Trace, results: Results) -> Iterator[Problem]:
    price_error = repr(results.raised.get("price", ""))
    if "object is not callable" in price_error:
        yield Problem(
            "`result()` calls a value: on the object, `result` is no method.",
            "Make it a method, without `@property`, and keep the value under another name, `self.value`.",
        )
    if "can only be started once" in price_error:
        yield Problem("`result` starts the thread again.", "The caller has called `start()`: only join.")
    if "price" in results.raised and "price" in results.returned:
        yield Problem(
            f"Asked twice, result() gave {results.returned['price']!r}, and then raised {price_error}.",
            "Keep the value on the object, and do not take it away: whoever asks must get it.",
        )
    if "price" in results.raised and waits_of(run, "you"):
        yield Problem(
            f"The job works, and result() raised {price_error} when it had ended.",
            "Does `run` keep the value on the object? And raise only where there is an error to raise.",
        )
    if "price" in results.raised:
        yield Problem(
            f"result() of the job that works raised {price_error}. It was asked before the job had ended.",
            "Call `self.join()` in `result` before you look.",
        )
    if isinstance(results.returned.get("price"), tuple | list | dict):
        yield Problem(
            f"The job gave 42, and result() gave {results.returned['price']!r}.", "Return the value alone."
        )
    if results.returned.get("price") != 42:
        yield Problem(
            f"The job gave 42, and result() gave {results.returned.get('price')!r}.",
            "Store the value in `run`, and let `result` call `self.join()` before it returns it.",
        )


def _error_problems(results: Results) -> Iterator[Problem]:
    if isinstance(results.returned.get("fail"), BaseException):
        yield Problem(
            "result() returned the exception.", "Raise it: the caller must be able to catch it with `except`."
        )
    if "fail" not in results.raised:
        yield Problem(
            f"The second job raised {results.error!r}, and who asked for the result never heard of it.",
            "Catch it in `run`, keep it on the object, and raise it in `result`.",
        )
    if "fail" in results.returned:
        yield Problem(
            "Asked twice, `result` raised the error only once.", "Keep it: whoever asks must hear of it."
        )
    if results.raised["fail"] is results.error and not results.all_well():
        yield Problem(
            f"The third job gave {results.present!r}, and who asked did not get it.",
            f"{results.present!r} is a result like any other: ask whether there was an error, not what "
            "the value is.",
        )
    if not results.all_well():
        new = "a new exception, " if repr(results.raised["fail"]) == repr(results.error) else ""
        yield Problem(
            f"The second job raised {results.error!r}, and result() raised {new}{results.raised['fail']!r}.",
            "Catch every Exception in `run`, keep it, and raise the same one in `result`.",
        )
