"""The checks of lesson 01: the learner's function starts threads of its own and waits for them.

The learner's function runs in a thread called `you`, so that what it raises is part of the record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field

from exercises.answer import Answer, explored, failed, judged, stuck
from tracing import Thread, Trace, current_thread, sleep
from tracing.model import State


def _in_a_thread(call: Callable[[], None]) -> None:
    you = Thread(target=call, name="you")
    you.start()
    you.join()


def _slept_instead(run: Trace) -> bool:
    """Whether the learner's function slept, and waited for nothing."""
    you = next(info.number for info in run.log.threads if info.name == "you")
    slept = any(span.state is State.SLEEPING for span in run.model.threads[you - 1].spans)
    return slept and not any(wait.thread == you for wait in run.model.waits)


# -- 1: all at once ------------------------------------------------------------------------------------------

LENGTHS = {
    "bread": 2.0,
    "cake": 3.0,
    "tart": 1.0,
}  # s; the longest is in the middle: to join only the first or only the last is not enough


@dataclass
class Kitchen:
    """Jobs that note when they begin and end, and in which thread."""

    begun: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    in_threads: set[str] = field(default_factory=set)
    threads: set[object] = field(default_factory=set)
    done_at_return: int = -1  # how many jobs had ended when the learner's function returned; -1: it did not
    waited: bool = False  # whether a job began after another had ended

    def jobs(self) -> list[Callable[[], None]]:
        """One function for each thing to bake."""
        return [self._job(name, seconds) for name, seconds in LENGTHS.items()]

    def _job(self, name: str, seconds: float) -> Callable[[], None]:
        def job() -> None:
            self.begun.append(name)
            self.waited |= bool(self.ended)
            if current_thread().name != "you":
                self.in_threads.add(name)
            self.threads.add(current_thread())
            sleep(seconds)  # simulated work
            self.ended.append(name)

        job.__name__ = job.__qualname__ = name
        return job

    @property
    def all_well(self) -> bool:
        """Whether all jobs ran once, in threads of their own, at the same time, and were waited for."""
        once = sorted(self.begun) == sorted(LENGTHS)
        return once and len(self.in_threads) == 3 and not self.waited and self.done_at_return == 3


def check_bake_all(bake_all: Callable[[list[Callable[[], None]]], object]) -> Answer:
    """Three jobs: are they done at the same time, and all done when the function returns?"""

    def perform(kitchen: Kitchen) -> None:
        def call() -> None:
            bake_all(kitchen.jobs())
            kitchen.done_at_return = len(kitchen.ended)

        _in_a_thread(call)

    run, kitchen, verdict = explored("Bake three things", Kitchen, perform, lambda kitchen: kitchen.all_well)
    praise = "All three were in the oven at the same time, and under no schedule did you return too early."
    return judged(run, verdict, _baking_problems(run, kitchen), praise)


def _baking_problems(run: Trace, kitchen: Kitchen) -> Iterator[str]:
    yield from stuck(run, "Join each thread, once.")
    if kitchen.begun and not kitchen.in_threads:
        yield (
            "The jobs ran in your own thread, one after the other. Give the job itself to the thread: "
            "`Thread(target=job)`, without brackets after `job`, then `start()`."
        )
    yield from failed(run)
    if not kitchen.begun and len(run.log.threads) > 2:  # more than MainThread and you
        yield "You returned before any job had begun, and daemons are cut off at the end. Join every thread."
    if not kitchen.begun:
        yield "No job has run. Make a thread for each: `Thread(target=job)`, and start it."
    if missing := [name for name in LENGTHS if kitchen.begun.count(name) != 1]:
        yield (
            f"{' and '.join(missing)} did not run exactly once. One thread for each job, started once; "
            "its target is the job itself, `target=job`, and no lambda, which looks up `job` too late."
        )
    if kitchen.waited and len(kitchen.threads) == 1:
        yield "One thread ran all the jobs, one after the other. Make a thread for each of them."
    if kitchen.waited:
        yield (
            "One began when another had already ended: your loop joins a thread before it starts the next. "
            "Start all in one loop, then join all in a second loop."
        )
    if kitchen.done_at_return != len(LENGTHS):
        unfinished = [name for name in LENGTHS if name not in kitchen.ended[: kitchen.done_at_return]]
        yield f"You returned before {' and '.join(unfinished)} had ended. Join every thread first."
    if _slept_instead(run):
        yield (
            "You slept instead of waiting. Nobody knows how long a job takes: "
            "join every thread, and you go on when the last has ended."
        )


# -- 2: wait, but not for ever -------------------------------------------------------------------------------


@dataclass
class Deadlines:
    """What the learner's function answers for a quick and for a slow thread, and when."""

    answers: dict[str, object] = field(default_factory=dict)

    def all_well(self) -> bool:
        """Whether both answers are right."""
        return self.answers.get("quick") is True and self.answers.get("slow") is False


def check_ends_within(ends_within: Callable[[Thread, float], object]) -> Answer:
    """A thread of 1 s and one of 5 s, 2 s of patience: what does the function answer, and when?"""

    def perform(deadlines: Deadlines) -> None:
        def call() -> None:
            for name, seconds in (("quick", 1.0), ("slow", 5.0)):
                thread = Thread(target=sleep, args=(seconds,), name=name)
                deadlines.answers[name] = ends_within(thread, 2.0)

        _in_a_thread(call)

    run, deadlines, verdict = explored(
        "1 s of work, then 5 s; 2 s of patience", Deadlines, perform, Deadlines.all_well
    )
    praise = "`join(timeout)` waited, and `is_alive()` said which it was."
    return judged(run, verdict, _deadline_problems(run, deadlines), praise)


def _deadline_problems(run: Trace, deadlines: Deadlines) -> Iterator[str]:
    yield from stuck(run, "Start the thread, then join it with a timeout.")
    yield from failed(run)
    names = [info.name for info in run.log.threads]
    if "quick" not in names or "slow" not in names:
        yield "The thread was not started: nothing runs before `thread.start()`."
    you = names.index("you") + 1
    waits = [wait for wait in run.model.waits if wait.thread == you]
    if not waits:
        yield "You did not wait for the thread. `thread.join(seconds)` waits until it ends, at most so long."
    if any((wait.end or 0) - wait.start > 2_500_000_000 for wait in waits):
        yield "You waited 5 s for slow, though your patience was 2 s. Give it to `join`: `join(seconds)`."
    if None in deadlines.answers.values():
        yield (
            "The answer was None: that is what `join` returns, always, and a function without `return`. "
            "Ask `thread.is_alive()` after the join, and return True or False."
        )
    if deadlines.answers == {"quick": False, "slow": False}:
        yield (
            "You answered False for quick, which had ended after 1 s. "
            "Ask after the join, and with brackets: `thread.is_alive()`."
        )
    if not deadlines.all_well():
        said = ", ".join(f"{answer!r} for {name}" for name, answer in deadlines.answers.items())
        yield f"You answered {said}. It should be True where the thread has ended in time, else False."
    if sum((wait.end or 0) - wait.start for wait in waits) > 3_500_000_000:  # 1 s for quick, 2 s for slow
        yield "You waited longer than `seconds`: one `join(seconds)` is enough."


# -- 3: hand it back -----------------------------------------------------------------------------------------


@dataclass
class Calls:
    """What came back from a function that works and from one that fails."""

    returned: dict[str, object] = field(default_factory=dict)
    raised: dict[str, BaseException] = field(default_factory=dict)
    ran_in: dict[str, str] = field(default_factory=dict)
    error: LookupError = field(default_factory=lambda: LookupError("no price for tart"))

    def call(self, call_in_thread: Callable[[Callable[[], object]], object]) -> None:
        """One after the other."""
        for function in (self.price, self.fail, self.gift):
            name = function.__name__
            try:
                self.returned[name] = call_in_thread(function)
            except Exception as error:
                self.raised[name] = error

    def price(self) -> int:
        """Works: gives 42."""
        self.ran_in["price"] = current_thread().name
        sleep(1)  # simulated work
        return 42

    def fail(self) -> int:
        """Fails."""
        self.ran_in["fail"] = current_thread().name
        sleep(1)  # simulated work
        raise self.error

    def gift(self) -> int:
        """Works, too: gives 0, which is not true, and yet a result."""
        self.ran_in["gift"] = current_thread().name
        return 0

    def all_well(self) -> bool:
        """Whether 42 and 0 came back, and the error too, out of other threads."""
        well = self.returned == {"price": 42, "gift": 0} and self.raised.get("fail") is self.error
        return well and "you" not in self.ran_in.values()


def check_call_in_thread(call_in_thread: Callable[[Callable[[], object]], object]) -> Answer:
    """Does the caller get back what the function returned, and the exception that it raised?"""

    def perform(calls: Calls) -> None:
        _in_a_thread(lambda: calls.call(call_in_thread))

    run, calls, verdict = explored("Two calls that work, and one that fails", Calls, perform, Calls.all_well)
    praise = "The result came back, and so did the error: the caller can deal with both."
    return judged(run, verdict, _call_problems(run, calls), praise)


def _call_problems(run: Trace, calls: Calls) -> Iterator[str]:
    yield from stuck(run, "Start the thread, join it, then look at what it left for you.")
    if "you" in calls.ran_in.values():
        yield "The function ran in your own thread. Let a new thread call it, and wait for that thread."
    if not calls.ran_in:
        yield from failed(run)
        yield from (f"Your function raised {error!r}. Repair this first." for error in calls.raised.values())
        yield "The function did not run. Start a thread that calls it."
    if "price" in calls.raised:
        yield (
            f"The call of price() raised {calls.raised['price']!r} in your thread. "
            "Wait with `join()` before you look for the result."
        )
    if calls.returned.get("price") == [42]:
        yield "You returned the list, [42]. Return what is in it: `results[0]`."
    if isinstance(calls.returned.get("price"), Future):
        yield "You returned a Future. Return what it holds: its `result()`."
    if calls.returned.get("price") != 42:
        yield (
            f"price() returned 42, and you returned {calls.returned.get('price')!r}. A thread has no result "
            "of its own: let it put the value into a list that you share, and join it before you look."
        )
    if isinstance(calls.returned.get("fail"), BaseException):
        yield "You returned the exception. Raise it: the caller must be able to catch it with `except`."
    if "fail" not in calls.raised:
        yield (
            "fail() raised a LookupError in its thread, and your caller never heard of it: `join()` hands "
            "nothing on. Catch it inside the thread, keep it, and raise it after the join."
        )
    if calls.raised["fail"] is calls.error and not calls.all_well():
        yield (
            "gift() returned 0, and your caller did not get it. 0 is a result like any other: "
            "ask whether there was an error, not whether the result is true."
        )
    if not calls.all_well():
        yield (
            f"fail() raised {calls.error!r}, and your caller got {calls.raised['fail']!r}. "
            "Catch every Exception inside the thread, keep it, and raise the same one after the join."
        )
