"""What a check answers: a sentence that says what to do next, and the picture of the run that shows why.

`explored` finds that run: the one under the schedule that breaks the learner's code, if there is one.

Rule: the runs alone decide whether an answer is right. The sentences only say why it is not: `judged` takes
the first that fits, and has one for "wrong, and this check cannot say why". What all checks ask of a run
(what hangs, fails, sleeps, gives up) stands here, and what is asked of one exercise in its lesson's module.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, replace
from enum import Enum
from functools import wraps
from itertools import chain, islice
from pathlib import Path
from textwrap import fill
from typing import Any, TypeVar

from exercises.borrowed import strangers, uses_what_was_made_before
from exercises.progress import kept
from tracing import ExploreError, Thread, Trace, explore, model, replay, simulate
from tracing.asking import Waited
from tracing.exploring import Failure
from tracing.model import Fate

WIDTH = 96  # characters
SCHEDULES, STEPS = 100, 2_000  # of a search (what is wrong shows in the first, or not at all); of a run
# s of real time in a loop in which no thread can be switched: so many that no busy machine's run ends by them
TIMEOUT = 10.0
State = TypeVar("State")

# The lines of these two stand in the stored records of all exercises: what is new comes after them.


def _simulated(
    title: str, begin: Callable[[], State], perform: Callable[[State], None], schedule: str
) -> tuple[Trace, State]:
    with simulate(title=title, schedule=schedule, max_steps=STEPS, timeout=TIMEOUT) as run:
        state = begin()
        perform(state)
    return run, state


def together(*threads: Thread) -> None:
    """Start all, then join all."""
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Verdict(Enum):
    """What the runs of the learner's code say of it; the sentences only say why."""

    PASSED = "✓ Right."
    FAILED = "✗ Not yet."
    NOT_TRIED = "? Not decided."  # one run is right, and the schedules could not be searched

    @classmethod
    def of(cls, run: Trace, is_right: bool) -> Verdict:
        """Of one run: it must have come to its end, and left what it should."""
        return cls.PASSED if is_right and run.log.ending.reason == "done" else cls.FAILED


UNEXPLAINED = (
    "This is not what was asked for, and this check has no sentence that says why. "
    "Look at the run, and read the exercise and its hint again."
)
UNSEARCHED = (
    "This run is right. But under the same schedule your code does not do the same each time, so no other "
    "schedule could be tried. What differs: a clock, a random number, an `id()`, something that is kept "
    "between two runs?"
)


@dataclass(frozen=True)
class Problem:
    """What one sees in the run, and what to do about it, which the reader should find alone first."""

    symptom: str
    cure: str = ""

    def __str__(self) -> str:
        return f"{self.symptom} {self.cure}".rstrip()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer of a check. In a notebook it shows its sentence above the timeline of the run.

    says: the symptom and the cure; the cure is left out of what is shown until `told`.
    """

    verdict: Verdict
    says: str
    run: Trace
    cure: str = ""
    told: bool = True
    check: str = ""  # its name, to say how to ask it for more

    @property
    def right(self) -> bool:
        """Whether the exercise is done."""
        return self.verdict is Verdict.PASSED

    def __str__(self) -> str:
        if self.told or not self.cure:
            return fill(f"{self.verdict.value} {self.says}", WIDTH)
        shown = fill(f"{self.verdict.value} {self.says.removesuffix(self.cure).rstrip()}", WIDTH)
        return f"{shown}\n(What to do? Try again; the third answer tells. Or ask: {self.check}(..., help=2).)"

    def _ipython_display_(self) -> None:
        from IPython.display import display

        print(self)
        display(self.run)


TRIES = 3  # from this one on the cure is told
SEARCHING = ContextVar("SEARCHING", default=True)  # False: no search, it would wait for long, and see nothing


def exercise(check: Callable[..., Answer]) -> Callable[..., Answer]:
    """A check as the notebooks have it: it knows how often it was asked, and tells the cure late.

    `check(answer)` shows what is wrong; from the third try on, or with `help=2`, also what to do about it. It
    notes whether the exercise is solved, and says so if the answer takes from `threading` what no record
    sees.
    """
    name = f"{check.__module__.removeprefix('exercises.')}.{check.__name__}"

    @wraps(check)
    def checked(learners: Any, *, help: int = 1) -> Answer:
        context = copy_context()
        context.run(SEARCHING.set, not uses_what_was_made_before(learners))
        answer = context.run(check, learners)
        if not answer.right:
            foreign = next(iter(strangers(learners)), "")
            answer = replace(answer, says=foreign, cure="") if foreign else answer
        tries = kept().note(name, answer.right)
        return replace(answer, told=help > 1 or tries >= TRIES, check=check.__name__)

    return checked


def judged(run: Trace, verdict: Verdict, problems: Iterable[str | Problem], praise: str) -> Answer:
    """The verdict with its sentence: of a failure the first problem, which the learner works on next.

    problems: sentences, each true of this run, the most helpful first. Some ask for more than the verdict
    does (not to sleep where one should join), so an answer with a problem has not passed. Where the verdict
    is a failure and there is no sentence, that is said, and no praise.
    """
    problem = next(iter(problems), "")
    if verdict is Verdict.FAILED:
        problem = problem or next(chain(unguarded(run), uncaught(run)), "")
    if problem or verdict is Verdict.FAILED:
        cure = problem.cure if isinstance(problem, Problem) else ""
        return Answer(verdict=Verdict.FAILED, says=str(problem) or UNEXPLAINED, cure=cure, run=run)
    return Answer(verdict=verdict, says=praise if verdict is Verdict.PASSED else UNSEARCHED, run=run)


def once(
    title: str,
    begin: Callable[[], State],
    perform: Callable[[State], None],
    is_right: Callable[[State], bool],
) -> tuple[Trace, State, Verdict]:
    """As `explored`, of the default schedule alone: for a case that differs in names, numbers or times."""
    run, state = _simulated(title, begin, perform, "")
    return run, state, Verdict.of(run, is_right(state))


def explored(
    title: str,
    begin: Callable[[], State],
    perform: Callable[[State], None],
    is_right: Callable[[State], bool],
    *,
    finely: bool = False,
    schedules: int = 0,
) -> tuple[Trace, State, Verdict]:
    """A run under the schedule that breaks the learner's code, or, where none does, under the default one.

    begin makes what the threads share, perform lets them work and joins them, is_right looks at what is left.
    finely: search for a switch between any two bytecodes, too; needed where one may look at what no primitive
    guards, and then act. schedules: of each search at most, 0: as many as most checks need. Gives the run,
    what is left after it, and the verdict of all runs.
    """

    def program() -> None:
        state = begin()
        perform(state)
        assert is_right(state)

    begin = _with_the_same_dice(begin)
    run, state, verdict = once(title, begin, perform, is_right)
    if verdict is Verdict.PASSED:
        verdict, failure = searched(program, schedules=schedules or SCHEDULES)
        if failure is not None:
            run, state = _simulated(title, begin, perform, str(failure.schedule))
    if finely and verdict is Verdict.PASSED:
        run, state, verdict = _explored_finely(
            (run, state), begin, perform, is_right, schedules or FINE_SCHEDULES
        )
    return guarded((run, state, verdict), begin, perform)


def _with_the_same_dice(begin: Callable[[], State]) -> Callable[[], State]:
    """Who pauses at random does the same under the same schedule, and can be searched."""

    def begun() -> State:
        min((0,), key=random.seed)  # in C, which calls the method: as many steps on each version
        return begin()

    return begun


def guarded(
    found: tuple[Trace, State, Verdict], begin: Callable[[], State], perform: Callable[[State], None]
) -> tuple[Trace, State, Verdict]:
    """What was found so far, or, if that is right, a run in which two threads write one variable of the
    learner's, and nothing keeps the two apart: between two steps of a line, what one writes can be lost.

    One run, looked at step by step, tells it, where a search for the schedule that loses it takes minutes.
    """
    if found[2] is not Verdict.PASSED:
        return found
    states: list[State] = []

    def once() -> None:
        states[:] = [begin()]
        perform(states[0])

    once.__name__ = found[0].log.title
    try:
        run = replay(once, grain="bytecode")
    except ExploreError:  # it does not do the same each time, which others say
        return found
    return (run, states[0], Verdict.FAILED) if any(unguarded(run)) else found


CHECKS = {path.name for path in Path(__file__).parent.glob("*.py") if not path.stem.endswith("_answers")}


def unguarded(run: Trace) -> Iterator[Problem]:
    """The variables of the learner's that two threads write while nothing keeps the two apart."""
    for finding in (*run.found("lost update"), *run.found("no common lock")):
        sites = (run.log.site(number) for number in finding.sites)
        if all(site is not None and site.file not in CHECKS for site in sites):
            yield Problem(
                f"{finding.sentence} What one of them writes can be lost.",
                f"{finding.hint} Or let each thread write to a place of its own.",
            )


def uncaught(run: Trace) -> Iterator[Problem]:
    """The exceptions that ended a thread: what was right before is a failure by that."""
    for finding in run.found("uncaught exception"):
        yield Problem(finding.sentence, finding.hint)


def lucky(run: Trace) -> Iterator[Problem]:
    """Of a run that went well: locks that were taken in two orders, where nothing but the time keeps the
    threads apart. No search finds what goes wrong then: on the virtual clock a sleep takes just what it says.
    """
    for finding in run.found("lock-order inversion"):
        yield Problem(
            f"This run went well. {finding.sentence}",
            "No sleep and no look at a lock keeps threads apart for certain: let all take the locks in one "
            "order.",
        )


FINE_SCHEDULES = 60  # of two or three threads: a second or two


def _explored_finely(
    found: tuple[Trace, State],
    begin: Callable[[], State],
    perform: Callable[[State], None],
    is_right: Callable[[State], bool],
    schedules: int,
) -> tuple[Trace, State, Verdict]:
    states: list[State] = []

    def once() -> None:
        states[:] = [begin()]
        perform(states[0])

    def program() -> None:
        once()
        assert is_right(states[0])

    once.__name__ = found[0].log.title
    verdict, failure = searched(program, grain="bytecode", schedules=schedules)
    if failure is None:
        return *found, verdict
    run = replay(once, failure.schedule, grain="bytecode")
    is_over = Verdict.of(run, is_right(states[0])) is Verdict.PASSED
    if failure.kind == "livelock" and is_over:  # it only had more steps than a search allows
        return *found, Verdict.PASSED
    return run, states[0], verdict


DAYS = 1_000_000.0  # s of virtual time; longer than any time-out that somebody would write


def at_length(
    found: tuple[Trace, State, Verdict],
    title: str,
    begin: Callable[[], State],
    perform: Callable[[State], None],
    is_right: Callable[[State], bool],
) -> tuple[Trace, State, Verdict]:
    """What was found so far, or, if that is right, a run of jobs that last, where that one is wrong.

    Only there it shows that a time-out was a guess. Who asks in small steps may need more operations there
    than a run can have: that is no fault of his.
    """
    if found[2] is not Verdict.PASSED:
        return found
    with simulate(title=title, max_steps=50 * STEPS, timeout=TIMEOUT) as run:
        state = begin()
        perform(state)
    is_over = run.log.ending.reason in ("done", "hung")
    return (run, state, Verdict.FAILED) if is_over and not is_right(state) else found


def searched(
    program: Callable[[], None], *, grain: str = "sync", schedules: int = SCHEDULES, seconds: float = 5.0
) -> tuple[Verdict, Failure | None]:
    """The verdict of many schedules on a program that asserts what it wants, and how it fails, if it does."""
    if not SEARCHING.get():
        return Verdict.NOT_TRIED, None
    try:
        found = explore(
            program,
            grain=grain,
            schedules=schedules,
            seconds=seconds,
            first=True,
            max_steps=STEPS,
            progress=False,
        )
    except ExploreError:  # the learner's code depends on more than the schedule
        return Verdict.NOT_TRIED, None
    return Verdict.FAILED if found.failure else Verdict.PASSED, found.failure


def stuck(run: Trace, advice: str) -> Iterable[Problem]:
    """What there is to say of a run that had to be ended; of one that hung, the advice is the cure."""
    if run.log.ending.reason == "hung":
        findings = sorted(run.findings, key=lambda each: each.kind != "deadlock")  # the cause of the others
        why = [each.sentence for each in findings if each.kind != "uncaught exception"]
        yield Problem(" ".join([*islice(failed(run), 1), "The run hangs.", *why[:1]]), advice)
    elif run.log.ending.reason == "stuck":
        yield Problem(
            f"For {TIMEOUT:g} s of real time your code went on and on, or waited for what no record sees "
            "(such as `asyncio`, `multiprocessing` or a socket), and no other thread could go on.",
            "Wait for a thread of `tracing` or of an executor, or let a thread sleep before it looks again.",
        )
    elif run.log.ending.reason != "done":
        yield from (Problem(f"{problem} Meanwhile the rest went on and on.") for problem in failed(run))
        yield Problem(
            "Your code went on and on.",
            "Does its loop end under every schedule? Let a thread pause before it tries again.",
        )


SLIPS = {
    "group argument must be None": "Thread's first parameter is `group`: write `target=...` or `name=...`.",
    "'NoneType' object has no attribute 'join'": (
        "`start()` returns None: keep the thread in a variable, and start it in a line of its own."
    ),
    "'list' object has no attribute 'put'": "That is a list, and no queue: `append` puts something into it.",
    "'list' object has no attribute 'add'": "That is a list, and no set: `append` puts something into it.",
    "'Queue' object has no attribute 'append'": "That is a queue, and no list: `put` puts something into it.",
    "'list' object has no attribute": "That is a list: do it with each that is in it, in a loop.",
    "has no attribute 'start'": "Only threads start: is its class made with `class ...(Thread)`?",
    "has no attribute 'stop'": "No thread can be stopped from outside: tell it, and let it end by itself.",
    "threads can only be started once": "It was started before: leave out one `start()`.",
    "cannot join thread before it is started": "Nobody has started it yet: `start()` comes before `join()`.",
    "__init__() not called": "Call `super().__init__()` first of all in your constructor.",
    "of 'super' object needs an argument": "Write `super()` with its brackets: `super().__init__(...)`.",
    "run() takes 0 positional arguments": "`run` is a method: its first parameter is `self`.",
    "() takes no arguments": "Does the class have an `__init__` that takes what it is called with?",
    "takes 0 positional arguments but 1": (
        "It got an argument that it does not take: is it a method without `self`, or are `args` given?"
    ),
    "after * must be an iterable": "`args` must be a tuple, and a single one needs its comma: `args=(one,)`.",
    "task_done() takes 1 positional": "It does not take the job, it only counts: `jobs.task_done()`.",
    "were given": "Does it take what it is called with? A single one needs its comma: `args=(one,)`.",
    "object is not callable": (
        "Where a function is wanted, give one: `target=job`, `wait_for(lambda: ...)`. "
        "A lock is none: `with lock:`."
    ),
    "'type' object does not support the context manager": "A class is no lock: make one, `lock = Lock()`.",
    "'bool' object does not support the context manager": (
        "`acquire()` gives True or False, and no lock: write `with lock:`. Or ask `if lock.acquire(...):`, "
        "and release it in a `finally`."
    ),
    "has no attribute 'shutdown'": "A queue has that from Python 3.13 on, and not here: ask `hasattr`.",
    "between instances of 'method' and 'int'": (
        "A function stands where a number is wanted: `Timer(seconds, function)` has the seconds first."
    ),
    "on un-acquired lock": "Hold the Condition's lock, by `with`, when you wait and when you notify.",
}  # what Python says of a slip: what to do about it


LEARNERS = ("you", "builder", "caller")  # threads of the checks' own in which the learner's code is called


def failed(run: Trace, only: str = "") -> Iterable[str]:
    """The threads that ended by an exception, or only the one with that name; and what to do about it."""
    for thread in run.model.threads:
        name = run.log.thread(thread.number).name
        if thread.fate is Fate.FAILED and only in ("", name):
            advice = (hint for words, hint in SLIPS.items() if words in thread.error)
            who = "Your code" if name in LEARNERS else name
            yield f"{who} failed with {thread.error}. {next(advice, 'Repair this first.')}"


def waits_of(run: Trace, name: str) -> tuple[Waited, ...]:
    """The waits of the thread with that name, the waits for another thread's end included."""
    return run.waits_of(name) if any(info.name == name for info in run.log.threads) else ()


def slept(run: Trace, name: str) -> bool:
    """Whether the thread with that name ever slept."""
    return bool(sleeps_of(run, name))


def sleeps_of(run: Trace, name: str) -> list[float]:
    """For how many seconds the thread with that name slept each time."""
    lanes = [lane for lane in run.model.threads if run.log.thread(lane.number).name == name]
    spans = [span for lane in lanes for span in lane.spans if span.state is model.State.SLEEPING]
    return [round((span.end - span.start) / 1e9, 2) for span in spans]


def gave_up(run: Trace, name: str) -> bool:
    """Whether a wait of the thread with that name ended by its time-out."""
    return any(wait.outcome == "timed out" for wait in waits_of(run, name))


def number_of(run: Trace, name: str) -> int:
    """The number of the primitive with that name; 0 where nobody used it."""
    return next((info.number for info in run.log.objects if info.name == name), 0)


def holds_of(run: Trace, name: str) -> list[tuple[str, int, int]]:
    """Who held the primitive with that name, from when until when; nobody where the run does not have it."""
    holds = run.holds_of(name) if number_of(run, name) else ()
    return [(hold.thread, hold.start, hold.end) for hold in holds]
