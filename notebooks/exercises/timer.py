"""The checks of lesson 09: is a call made in time, made once, and really off when it is called off?

First a timeline is read. The learner's code runs in threads of its own: what they raise is part of the
record. What must not happen too late is looked for until every timer is over. Each exercise is tried case by
case, with times of its own: the picture is that of the first case that goes wrong. Who does without a Timer,
and is right, is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from time import monotonic
from typing import Any, Protocol

from exercises.answer import (
    Answer,
    Problem,
    Verdict,
    exercise,
    explored,
    failed,
    guarded,
    judged,
    once,
    searched,
    strangers,
    stuck,
    together,
    unguarded,
)
from exercises.reading import Unexplained, is_near, not_one_of_each, said
from tracing import Thread, Timer, Trace, current_thread, replay, simulate, sleep

PATIENCE = 2.0  # s, on the virtual clock
MOMENT = 0.01  # s; a simulated run of some hundred steps takes less
SLIPS = {
    "'NoneType' object is not callable": (
        "It searched at once: with brackets you call the function here and now. "
        "Give the Timer the function itself, and the text as `args=(text,)`."
    ),
    "'NoneType' object has no attribute 'cancel'": (
        "Cancelled was a None, not a Timer: `start()` returns None, or no timer was made yet. "
        "Keep the Timer itself, and cancel it only if there is one."
    ),
    "has no attribute 'timer'": (
        "At the first key there is no `self.timer`. Make it None in `__init__`, and look before you cancel."
    ),
    "Desk.search() ": (
        "The function wants one argument, the text. Give it as `args=(text,)`, with the comma."
    ),
}  # what Python says of a slip: what to do about it
SCHEDULES = 200  # of a search between bytecodes
SECONDS = 10.0  # for that on a slow machine


def _slips(run: Trace) -> Iterator[Problem | str]:
    """What to do about an error that says little to a learner."""
    for error in (thread.error or "" for thread in run.model.threads):
        yield from (advice for words, advice in SLIPS.items() if words in error)


def _timers_started(run: Trace) -> int:
    """How many timers began to wait: one that was never started is none."""
    return sum(bool(info.timer) for info in run.log.threads)


def _searched(
    found: tuple[Trace, Any, Verdict], begin: Callable[[], Any], perform: Callable[[Any], None]
) -> tuple[Trace, Any, Verdict]:
    """Where the run found so far is right: one that is not, if a search between bytecodes finds it."""
    run, state, verdict = found
    if verdict is not Verdict.PASSED:
        return found
    states: list[Any] = []

    def once() -> None:
        states[:] = [begin()]
        perform(states[0])

    def program() -> None:
        once()
        assert states[0].is_right()

    once.__name__ = run.log.title
    verdict, failure = searched(program, grain="bytecode", schedules=SCHEDULES, seconds=SECONDS)
    if failure is None:
        return run, state, verdict
    return replay(once, failure.schedule, grain="bytecode"), states[0], verdict


# -- 1: read a timeline --------------------------------------------------------------------------------------


def in_the_kitchen() -> Unexplained:
    """Three timers; after 3 s all are cancelled that can be."""

    def tea() -> None:
        sleep(1)  # pours it

    def egg() -> None:
        sleep(4)  # peels it

    def bread() -> None:
        sleep(1)  # cuts it

    with simulate(title="In the kitchen") as run:
        tea_timer = Timer(5, tea)
        egg_timer = Timer(2, egg)
        bread_timer = Timer(1, bread)
        for timer in (tea_timer, egg_timer, bread_timer):
            timer.start()
        sleep(3)
        for timer in (tea_timer, egg_timer, bread_timer):
            timer.cancel()
    return Unexplained(run)


DISHES = ("tea", "egg", "bread")


@exercise
def check_reading(answer: object) -> Answer:
    """Which one was called off in time, and at which second did the last callback end?"""
    run = in_the_kitchen()
    (off,) = (name for name in DISHES for wait in run.waits_of(name) if wait.outcome == "cancelled")
    end = max(run.life_of(name).end for name in DISHES)
    who, seconds = said(answer, DISHES)
    is_right = who == [off] and len(seconds) == 1 and is_near(seconds[0], end)
    praise = f"Only {off} was still pending when it was cancelled. The egg was peeled until {end:.0f} s."
    shown = run.explained if is_right else run
    return judged(shown, Verdict.of(run, is_right), _reading_problems(run, off, end, who, seconds), praise)


def _reading_problems(
    run: Trace, off: str, end: float, who: list[str], seconds: list[float]
) -> Iterator[Problem | str]:
    yield from not_one_of_each(DISHES, who, seconds, "seconds")
    if who != [off]:
        yield Problem(
            f"The callback {who[0]} had begun before it was cancelled.",
            "Look at its row: what stands there at 3 s?",
        )
    if not is_near(seconds[0], end):
        yield Problem(
            f"At {seconds[0]:g} s a callback has not ended yet, or all have ended before.",
            "A callback that has begun goes on to its end: which of the rows ends last?",
        )


# -- 2: an alarm, unless the work ends in time ---------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """How long a job takes, how patient the caller is (s), and whether the job fails."""

    name: str
    takes: float
    patience: float
    fails: bool = False

    @property
    def title(self) -> str:
        """Of the picture."""
        return f"A job that {'fails' if self.fails else 'ends'} after {self.takes:g} s"


JOBS = (
    Case("quick", 1, PATIENCE),
    Case("slow", 4, PATIENCE),
    Case("unlucky", 1, PATIENCE, fails=True),
    Case("cursed", 30, 12, fails=True),
)
NO_LUCK = "no luck"  # what a job that fails says


@dataclass
class Job:
    """One job, and when the alarm rang."""

    case: Case
    state: str = "before"  # or "during", "after" the work
    rang: list[str] = field(default_factory=list)  # the job's state then
    rang_at: float = 0.0  # s
    answer: object = None
    error: str = ""  # what reached the caller, if anything did
    worker: str = ""
    times: int = 0  # that the work was done
    began: float = field(default_factory=lambda: monotonic())  # the clock of the run: looked up by name

    def work(self) -> str:
        """Takes its time; the unlucky one fails."""
        self.worker = current_thread().name
        self.times += 1
        self.state = "during"
        sleep(self.case.takes)  # simulated work
        self.state = "after"
        if self.case.fails:
            raise LookupError(NO_LUCK)
        return "done"

    def alarm(self) -> None:
        """Notes when it rang."""
        self.rang.append(self.state)
        self.rang_at = monotonic() - self.began

    def rang_in_time(self) -> bool:
        """Whether it rang when the caller's patience was over."""
        return abs(self.rang_at - self.case.patience) < MOMENT

    def is_right(self) -> bool:
        """Whether it rang for a slow job alone, and the caller heard what came of the work."""
        slow = self.case.takes > self.case.patience
        rang = self.rang == ["during"] and self.rang_in_time() if slow else not self.rang
        came = (None, NO_LUCK) if self.case.fails else ("done", "")
        return rang and (self.answer, self.error) == came


@exercise
def check_call_with_alarm(
    call_with_alarm: Callable[[Callable[[], str], float, Callable[[], None]], object],
) -> Answer:
    """Jobs that are quick or slow, and some fail. For whom does it ring, and when?"""

    def perform(job: Job) -> None:
        def call() -> None:
            try:
                job.answer = call_with_alarm(job.work, job.case.patience, job.alarm)
            except LookupError as error:
                job.error = str(error)

        together(Thread(target=call, name="you"))
        sleep(job.case.patience + 1)  # until the timer is over

    for case in JOBS:
        run, job, verdict = explored(case.title, partial(Job, case), perform, Job.is_right)
        problems = [*islice(strangers(call_with_alarm), 1)] or [*islice(_alarm_problems(run, job), 1)]
        if problems or verdict is not Verdict.PASSED:
            break
    praise = "It rings while a slow job goes on, and never when a job has ended: not even if it failed."
    return judged(run, verdict, problems, praise)


def _alarm_problems(run: Trace, job: Job) -> Iterator[Problem | str]:
    yield from stuck(run, "Nobody needs to wait for the timer: start it, work, cancel it.")
    if "before" in job.rang:
        yield from _too_early(job)
    if job.worker not in ("", "you") and not job.is_right():
        yield Problem(
            "The work was done in another thread.",
            "Call `work()` here, and give the Timer the alarm.",
        )
    yield from _slips(run)
    yield from failed(run)
    if job.state == "before":
        yield Problem(
            "The work was never done.",
            "Call `work()` in your function.",
        )
    if job.times > 1:
        yield Problem(
            f"The work was done {job.times} times.",
            "Call `work()` once, and keep what it returns.",
        )
    case = job.case
    if not (_timers_started(run) or job.is_right() or len(job.rang) > 1):
        yield Problem(
            "No timer was started.",
            "Make a `Timer(seconds, alarm)`, and start it before `work()`.",
        )
    yield from _ring_problems(job)
    if case.fails and job.error != NO_LUCK:
        yield Problem(
            "The work raised a LookupError, and the caller never saw it.",
            "Let it pass: no `except`, no `suppress`, no `return` in a `finally`.",
        )
    if not job.is_right():
        yield Problem(
            f"The caller got {job.answer!r}.",
            "Return what `work()` returns.",
        )


def _ring_problems(job: Job) -> Iterator[Problem | str]:
    case = job.case
    if "during" not in job.rang and case.takes > case.patience:
        yield Problem(
            f"The work took {case.takes:g} s, and no alarm rang after {case.patience:g} s.",
            "The timer must count while the work goes on: start it before, cancel it after.",
        )
    if len(job.rang) > 1:
        yield Problem(
            f"The alarm rang {len(job.rang)} times.",
            "Once is enough.",
        )
    if "after" in job.rang and job.rang_at > case.patience - MOMENT:
        yield from _too_late(job)
    if job.rang and not job.rang_in_time():
        yield Problem(
            f"The alarm rang after {job.rang_at:.1f} s, and `seconds` was {case.patience:g}.",
            "Let the Timer wait for `seconds`.",
        )


def _too_early(job: Job) -> Iterator[Problem | str]:
    if job.rang_at > 1:
        yield Problem(
            "You waited until the alarm had rung, and only then began the work.",
            "`start()` does not wait: start the timer, and go on with `work()` at once.",
        )
    yield Problem(
        "The alarm rang at once: with brackets you call it here and now.",
        "Give the Timer the function itself: `Timer(seconds, alarm)`.",
    )


def _too_late(job: Job) -> Iterator[Problem | str]:
    if job.case.fails:
        yield Problem(
            "The work failed, and the alarm rang later.",
            "Cancel on every way out: `try: return work()`, and `finally: timer.cancel()`.",
        )
    yield Problem(
        "The alarm rang when the work was over.",
        "Cancel the timer after the work, with the brackets: `timer.cancel()`.",
    )


# -- 3: search when the typing stops -------------------------------------------------------------------------

TYPISTS = ("ann", "bob")
GAP = 0.25  # from key to key, in parts of the seconds that a timer waits


class Typed(Protocol):
    """What the learner writes: searches when nobody has typed for a while."""

    def press(self, text: str) -> object: ...


@dataclass(frozen=True)
class Typing:
    """A word that one types, or what two type at the same moment, and for how long all wait then (s)."""

    title: str
    keys: tuple[str, ...]
    seconds: float = PATIENCE
    first_gap: float = GAP  # from the first key to the second

    @property
    def alone(self) -> bool:
        """Whether one types."""
        return self.keys != TYPISTS

    @property
    def close(self) -> bool:
        """Whether the second key comes just as the timer of the first fires."""
        return self.first_gap == 1

    @property
    def gaps(self) -> tuple[float, ...]:
        """What follows each key."""
        return (self.first_gap, *(GAP for _ in self.keys[1:]))


TYPINGS = (
    Typing("Three keys, and a pause", ("t", "th", "thr")),
    Typing("Four keys, and a pause", ("l", "lo", "loc", "lock"), seconds=5.0),
    Typing("A key just as the timer fires", ("s", "so"), first_gap=1.0),
    Typing("A key just as the timer fires, and one more", ("s", "so", "sof"), first_gap=1.0),
    Typing("One key, then two at the same time", TYPISTS),
)


@dataclass
class Desk:
    """What was searched for."""

    typing: Typing
    searches: list[str] = field(default_factory=list)
    last_key: float = 0.0  # when it was pressed
    waited: float = 0.0  # s, from the last key to the last search

    def search(self, text: str) -> None:
        """What is to be called."""
        self.searches.append(text)
        self.waited = monotonic() - self.last_key

    @property
    def fired(self) -> bool:
        """Whether the timer of the first key fired just before the second key came."""
        return self.typing.close and self.searches[:1] == list(self.typing.keys[:1])

    def of_the_last_key(self) -> list[str]:
        """The searches, but for that of a key which another one followed just as its timer fired."""
        return self.searches[self.fired :]

    def in_time(self) -> bool:
        """Whether the last search came as soon as nobody had typed for so long, and not before."""
        return abs(self.waited - self.typing.seconds) < MOMENT

    def is_right(self) -> bool:
        """Whether it searched once for each time that the typing stopped."""
        if self.typing.alone:
            return self.of_the_last_key() == [self.typing.keys[-1]] and self.in_time()
        first, *others = self.searches or [""]
        return first == "a" and others in (["ann"], ["bob"])


@exercise
def check_debounce(debounced: Callable[[float, Callable[[str], None]], Typed]) -> Answer:
    """A word is typed; then two people type at the same time: one search each time."""

    def perform(desk: Desk) -> None:
        if desk.typing.alone:
            together(Thread(target=type_word, args=(desk,), name="typist"))
        else:
            keys = debounced(desk.typing.seconds, desk.search)
            keys.press("a")
            sleep(PATIENCE * 1.5)  # a pause: the timer fires, and is over
            for name in TYPISTS:
                Thread(target=keys.press, args=(name,), name=name).start()
        sleep(desk.typing.seconds * 2)  # a pause

    def type_word(desk: Desk) -> None:
        keys = debounced(desk.typing.seconds, desk.search)
        for text, gap in zip(desk.typing.keys, desk.typing.gaps, strict=True):
            desk.last_key = monotonic()
            keys.press(text)
            sleep(desk.typing.seconds * gap)  # simulated typing

    for typing in TYPINGS:
        begin = partial(Desk, typing)
        tried = explored if typing.close else once
        run, desk, verdict = tried(typing.title, begin, perform, Desk.is_right)
        if not typing.alone:
            found = _searched((run, desk, verdict), begin, perform)
            run, desk, verdict = guarded(found, begin, perform)
        problems = [*islice(strangers(debounced), 1)] or [*islice(_desk_problems(run, desk), 1)]
        if problems or verdict is not Verdict.PASSED:
            break
    praise = "Each key calls the last search off, and the lock lets one key at a time do so."
    return judged(run, verdict, problems, praise)


def _desk_problems(run: Trace, desk: Desk) -> Iterator[Problem | str]:
    yield from stuck(run, "Hold the lock for a moment only, `with` it, and never while you wait for a timer.")
    if desk.searches and not (_timers_started(run) or desk.is_right()):
        yield Problem(
            "You searched without a timer.",
            "Let a Timer do it: then the typing can go on, and call it off.",
        )
    yield from _slips(run)
    yield from _restart_problems(run, desk)
    yield from failed(run)
    if not (_timers_started(run) or desk.is_right()):
        yield Problem(
            "No timer was started: nothing waits for the typing to stop.",
            "Start a Timer for each key.",
        )
    if not desk.searches:
        yield Problem(
            "Nobody searched, though the typing had stopped.",
            "Start a new Timer for each key.",
        )
    yield from _typing_problems(desk)
    if {*TYPISTS} <= {*desk.searches}:
        yield Problem(
            "ann and bob typed at the same time, and there were two searches: nobody called the other off.",
            "Cancel, replace and start under one lock.",
        )
    if not desk.is_right():
        yield Problem(
            f"It searched for {', '.join(desk.searches)}.",
            "Search once, for what was typed last.",
        )
    for problem in unguarded(run):
        yield Problem(
            problem.symptom,
            "Cancel, replace and start under one lock, and hold it, too, where a timer that has fired "
            "changes what you keep.",
        )


def _restart_problems(run: Trace, desk: Desk) -> Iterator[Problem | str]:
    alone = desk.typing.alone
    if alone and any("started once" in each for each in failed(run)):
        yield Problem(
            "A Timer is started once, also when it was cancelled.",
            "Make a new Timer for each key.",
        )
    if not alone and any("started once" in each for each in failed(run)):
        yield Problem(
            "ann and bob typed at the same time: one replaced `self.timer` before the other had "
            "started his, and then both started the same.",
            "Cancel, replace and start under one lock.",
        )


def _typing_problems(desk: Desk) -> Iterator[Problem | str]:
    alone, word, searches = desk.typing.alone, desk.typing.keys[-1], desk.of_the_last_key()
    if alone and len(desk.searches) > len({*desk.searches}):
        yield Problem(
            f"It searched for {word!r} more than once: a timer of a key before fired, too, and found it.",
            "Give each Timer a text of its own: `args=(text,)`.",
        )
    if desk.fired:
        yield from _fired_problems(desk)
    if alone and len(searches) > 1:
        yield Problem(
            f"It searched for {searches[0]!r} while the word was still being typed.",
            "With each key, cancel the timer of the key before, with the brackets; to do so, keep it in "
            "`self.timer`, and start it in a line of its own: `start()` returns None.",
        )
    if alone and searches != [word]:
        yield Problem(
            f"It searched for {desk.searches[-1]!r}.",
            f"Search for the text of the last key: {word!r}.",
        )
    if alone and not desk.in_time():
        yield Problem(
            f"It searched {desk.waited:.1f} s after the last key, and `seconds` was {desk.typing.seconds:g}.",
            "Let each Timer wait for `seconds`, from its key on.",
        )


def _fired_problems(desk: Desk) -> Iterator[Problem]:
    """What a timer that has fired spoils for the keys that come after."""
    first, second, *_ = desk.typing.keys
    seen = f"The timer of {first!r} fired just as {second!r} was typed"
    if len(desk.of_the_last_key()) > 1:
        yield Problem(
            f"{seen}. Then came {desk.typing.keys[-1]!r}, and nobody called {second!r} off.",
            "What you keep may be the newer timer's by then: let a timer that has fired set it to None only "
            "if it is still its own (look under the lock), or let it be: to cancel a fired timer does "
            "nothing.",
        )
    if not desk.of_the_last_key():
        yield Problem(
            f"{seen}, and nobody searched for {second!r}.",
            "Each key needs a timer that still waits: let a fired one cancel nothing, and let no key count "
            "on one that has fired.",
        )


# -- 4: called off, or not? ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Call:
    """For when a call is planned, when it is called off, and how long what is called takes (s)."""

    title: str
    planned: float
    off: float
    takes: float = 0.0

    @property
    def is_close(self) -> bool:
        """Whether it is called off a little before it fires: a moment later it is too late."""
        return 0 < self.planned - self.off < MOMENT


CALLS = (
    Call("Called off 1 s before it fires", PATIENCE, PATIENCE - 1),
    Call("Called off 1 s after it fired", PATIENCE, PATIENCE + 1, takes=10.0),
    Call("Called off after 4 s, 1 s before it fires", 5.0, 4.0),
    Call("Called off just before it fires, while another thread is busy", PATIENCE, PATIENCE - MOMENT / 10),
    Call("Called off as it fires", PATIENCE, PATIENCE),
)


class Plan(Protocol):
    """What the learner writes: calls a function later, and can be called off."""

    def call_off(self) -> object: ...


@dataclass
class Off:
    """A call that was planned for later, and called off."""

    call: Call
    calls: int = 0
    caller: str = ""
    answer: object = None

    def planned(self) -> None:
        """What is planned."""
        self.calls += 1
        self.caller = current_thread().name
        if self.call.takes:
            sleep(self.call.takes)  # simulated work

    @property
    def early(self) -> float:
        """How long before its time it was called off; negative: after it; 0: it may come before or after."""
        return 0 if self.call.is_close else self.call.planned - self.call.off

    def as_planned(self) -> bool:
        """Whether it was called where it had to be, and not where it must not be."""
        return self.early == 0 or bool(self.calls) is (self.early < 0)

    def is_right(self) -> bool:
        """Whether it was called at most once, and what was said has come true."""
        return self.as_planned() and self.answer is (not self.calls) and self.calls <= 1


@exercise
def check_later(later: Callable[[float, Callable[[], None]], Plan]) -> Answer:
    """Called off 1 s before its time, 1 s after it, and just then: is what `call_off()` says true?"""

    def perform(off: Off) -> None:
        def use() -> None:
            plan = later(off.call.planned, off.planned)
            sleep(off.call.off)
            off.answer = plan.call_off()

        def work() -> None:
            sleep(off.call.off)
            while monotonic() - began < off.call.planned + MOMENT / 10:  # each look takes a moment
                pass

        began = monotonic()
        busy = [Thread(target=work, name="busy")] if off.call.is_close else []
        together(Thread(target=use, name="you"), *busy)
        sleep(off.call.planned)  # until the timer is over

    for call in CALLS:
        begin = partial(Off, call)
        run, off, verdict = explored(call.title, begin, perform, Off.is_right)
        if call.planned == call.off:
            run, off, verdict = _searched((run, off, verdict), begin, perform)
        problems = [*islice(strangers(later), 1)] or [*islice(_off_problems(run, off), 1)]
        if problems or verdict is not Verdict.PASSED:
            break
    praise = "Only one of the two comes first: whatever `call_off()` says is true under every schedule."
    return judged(run, verdict, problems, praise)


def _off_problems(run: Trace, off: Off) -> Iterator[Problem | str]:
    yield from stuck(run, "Hold a lock for a moment only, and never while you wait for the timer.")
    yield from failed(run)
    if not (_timers_started(run) or off.is_right()):
        yield Problem(
            "No timer was started.",
            "Keep `self.timer.start()` in `__init__`.",
        )
    yield from _call_problems(off)
    if not isinstance(off.answer, bool):
        yield Problem(
            f"`call_off()` said {off.answer!r}.",
            "Return True or False.",
        )
    if off.early < 0 and off.answer:
        yield Problem(
            "It was called off 1 s after the function was called, and `call_off()` said True. "
            "`cancel()` does not tell.",
            "Let the timer call a method of yours that remembers it, and then calls the function.",
        )
    if off.early > 0 and not off.answer:
        yield Problem(
            "It was called off in time, and `call_off()` said False.",
            "True means: it will never be called.",
        )
    if not off.is_right():
        yield from _race_problems(off)


def _call_problems(off: Off) -> Iterator[Problem]:
    """Of the call of the function alone: who made it, and whether it was to be made."""
    if off.early > 0 and off.caller == "you":
        yield Problem(
            "The function was called at once: with brackets you call it here and now.",
            "Give the Timer the function itself, without brackets.",
        )
    if off.early > 0 and off.calls:
        yield Problem(
            f"The call was planned for {off.call.planned:g} s, called off after {off.call.off:g} s, and "
            "made all the same.",
            "Let the Timer wait for `seconds`. Cancel the timer in `call_off`.",
        )
    if off.early < 0 and not off.calls:
        yield Problem(
            "Nobody called it off in time, but the function was not called.",
            "Let the timer call it.",
        )
    if off.calls > 1:
        yield Problem(f"The function was called {off.calls} times.", "Call it once.")


def _race_problems(off: Off) -> Iterator[Problem | str]:
    if off.answer:
        yield Problem(
            "`call_off()` said True, and the function was called all the same: the timer had fired, "
            "and its thread was on its way.",
            "Who comes first must be decided in one step: look and change under one lock, in what the "
            "timer calls and in `call_off`.",
        )
    yield Problem(
        "`call_off()` said False, but the function was not called: each believed that the other was first.",
        "Who comes first must be decided in one step: look and change under one lock.",
    )
