"""`explore()` and `replay()`.

Owns: the order of the search and its budget.

How it works: first the whole space, reduced: small programs have few schedules that differ in more than the
order of independent steps. Where that takes more than its share of the budget: all schedules with no
preemption, with one, ..., up to the bound; then random ones. Any failure is then minimised, and every outcome
is run again, to see that it depends on the schedule alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from tracing.errors import ExploreError
from tracing.exploring.budget import Budget
from tracing.exploring.executing import MAX_STEPS, Executor, Result
from tracing.exploring.minimising import Minimal, minimise
from tracing.exploring.outcomes import PASSED, Coverage, Exploration, Failure, Outcome
from tracing.exploring.programs import Program
from tracing.exploring.recorded import recorded
from tracing.exploring.searching import LOOK_FOR, Search
from tracing.progress import Progress
from tracing.runtime.preemption import Watch
from tracing.runtime.schedules import Choice, Diverged, Option, Replay, Schedule, SeededRandom, Strategy
from tracing.trace import Trace

GRAINS = ("sync", "bytecode")
SHARE = 0.4  # of the budget, for the whole space
FIRST = 2.0  # of the budget, for the first run
RANDOM = 200  # schedules at random, where the bound leaves something out and the budget allows it
MINIMISING = 5.0  # s, besides the budget
LOOKING = 2.0  # s, besides the budget, for what goes wrong at variables in runs that pass
MOST_LOOKED = 40  # of these runs


def explore(
    program: Callable[[], object],
    *,
    bound: int = 2,
    schedules: int = 20_000,
    seconds: float = 10.0,
    grain: str = "sync",
    seed: int = 0,
    first: bool = False,
    prune: bool = True,
    max_steps: int = MAX_STEPS,
    progress: bool | None = None,
) -> Exploration:
    """Run a program under many schedules: how can it end, and which schedule breaks it?

    program: a function without arguments. It makes all that its threads share, starts them, and asserts or
    returns what came of it. bound: preemptions up to which all schedules are tried where there are too many
    for all; a preemption is a switch away from a thread that could go on. schedules, seconds: the budget;
    seconds are the processor's, so that a busy machine finds what an idle one finds.
    grain: where threads may be switched: "sync" at operations of primitives. seed: of the random schedules
    after that. first: stop at the first failure. prune: leave out what must end as another schedule does.
    max_steps: operations after which a run is a livelock. progress: show a bar; None: where the search is
    long and somebody can see it.

    Raises ExploreError where the program takes arguments, or does different things under the same schedule.
    """
    explorer = _Explorer(
        Program.of(program), schedules=_positive("schedules", schedules), seconds=seconds, first=first
    )
    explorer.grain = _grain(grain)
    watch = Watch(points=grain == "bytecode", notes=prune)
    explorer.progress = Progress(schedules, "schedules", progress)  # before the output is held back
    explorer.executor = Executor(explorer.program, watch=watch, max_steps=max_steps)
    try:
        minimal = explorer.executor.let_go_after(lambda: explorer.look(bound, prune=prune, seed=seed))
    except Diverged as error:
        raise ExploreError(f"{explorer.program.name}: {error}") from None
    finally:
        explorer.progress.close()
    return explorer.exploration(minimal)


def replay(
    program: Callable[[], object], schedule: Schedule | Mapping[int, int] | str = "", *, grain: str = "sync"
) -> Trace:
    """Run a program under one schedule, as `explore` prints it, and give the record of that run.

    What the program raises is in the record. Raises ValueError for a schedule that is none, ExploreError
    where it names a thread that could not go on: the program is not the one that it was found for.
    """
    wanted = Schedule(schedule)
    strategy = Replay(wanted)
    called = Program.of(program)
    trace, _ = recorded(called, strategy, grain=_grain(grain), title=f"{called.name} replayed")
    if strategy.missed:
        raise ExploreError(
            f"{getattr(program, '__name__', program)} does not go as schedule {str(wanted)!r} says: "
            f"at choice {strategy.missed[0]} thread {wanted[strategy.missed[0]]} cannot go on. "
            "It was found for another program, another grain or another version of Python."
        )
    return trace


def _positive(name: str, number: int, *, least: int = 1) -> int:
    if not isinstance(number, int) or number < least:
        raise ValueError(f"explore() got {name}={number!r}: give it a whole number from {least} on.")
    return number


def _grain(grain: str) -> str:
    if grain not in GRAINS:
        raise ValueError(f"there is no grain {grain!r}: it is one of {', '.join(map(repr, GRAINS))}.")
    return grain


class _Stop(Exception):
    """The search ends here."""


class _Limited:
    """A strategy, asked by a run that looks at the time every now and then."""

    EVERY = 200  # choices

    def __init__(self, strategy: Strategy, check: Callable[[], None]) -> None:
        self._strategy, self._check, self._count = strategy, check, 0
        self.all_points = strategy.all_points

    def begin(self, run: int) -> None:
        """See `Strategy`."""
        self._strategy.begin(run)

    def pick(self, choice: Choice) -> Option:
        """See `Strategy`. Raises what the check raises."""
        self._count += 1
        if self._count % self.EVERY == 0:
            self._check()
        return self._strategy.pick(choice)


class _Explorer:
    """One exploration while it goes on."""

    budget: Budget
    executor: Executor
    progress: Progress
    grain: str

    def __init__(self, program: Program, *, schedules: int, seconds: float, first: bool) -> None:
        self.program, self.first = program, first
        self.limit, self.seconds = schedules, seconds
        self.found: dict[tuple[str, str], list[Result]] = {}  # in order of appearance
        self.count = self.random = 0
        self.about: frozenset[str] = frozenset()  # variables whose updates are lost in the failing run
        self.bound: int | None = None
        self.everything = False
        self.stopped = ""

    def look(self, bound: int, *, prune: bool, seed: int) -> Minimal | None:
        """The whole of it; returns the first failure, minimised. Raises Diverged."""
        _positive("bound", bound, least=0)
        with self.executor:
            self.search(bound, prune=prune, seed=seed)
            self.confirm()
            return self.minimised()

    def search(self, bound: int, *, prune: bool, seed: int) -> None:
        """Until nothing is left or the budget is spent."""
        self.budget = Budget(self.seconds)  # from here on: setting up may have to wait for a core
        with suppress(_Stop):
            if prune and self._search(Search(None), "all schedules", share=SHARE):
                self.everything = True
                return
            for each in range(bound + 1):
                search = Search(each, prune=prune)
                self._search(search, f"up to {each} preemptions")
                self.bound, self.everything = each, search.complete
                if self.everything:
                    return
            self._sample(SeededRandom(seed))

    def _search(self, search: Search, doing: str, *, share: float = 1.0) -> bool:
        """Whether it came to its end within that share of the budget. Raises _Stop where all is spent."""
        while share == 1 or (self.count < self.limit * share and not self.budget.is_spent(share)):
            self._count(self._run(search), doing)
            if not search.advance():
                return True
        return False

    def _sample(self, strategy: SeededRandom) -> None:
        for _ in range(min(RANDOM, self.limit - self.count)):
            self._count(self._run(strategy, self.random), "random")
            self.random += 1

    def _run(self, strategy: Strategy, number: int = 0) -> Result:
        if self.count >= self.limit:
            self._stop(f"the search was stopped after {self.limit:,} schedules")
        if self.budget.is_spent():
            self._stop(f"the search was stopped after {self.seconds:g} s")
        return self.executor.run(_Limited(strategy, self._check_time), number)

    def _check_time(self) -> None:
        """Within a run: one alone may last for minutes. The first gets some more time, to show anything."""
        if self.budget.is_spent(1.0 if self.count else FIRST):
            self._stop(f"the search was stopped after {self.seconds:g} s")

    def _stop(self, why: str) -> None:
        self.stopped = why
        raise _Stop

    def _count(self, result: Result, doing: str) -> None:
        self.count += 1
        self.progress.step(doing)
        self.found.setdefault((result.kind, result.text), []).append(result)
        if self.first and result.kind != PASSED:
            self._stop("the search was stopped at the first failure")

    def confirm(self) -> None:
        """Each outcome once more: the same schedule must give the same. Raises Diverged."""
        for results in self.found.values():
            again = self.executor.run(Replay(results[0].schedule))
            if (again.kind, again.text) != (results[0].kind, results[0].text):
                raise Diverged(
                    "the program depends on more than its schedule: the same one gave "
                    f'"{_told(results[0])}" and then "{_told(again)}". {LOOK_FOR}'
                )

    def minimised(self) -> Minimal | None:
        """The first failure, with what is needed of its schedule; None where nothing failed."""
        failing = next((results[0] for (kind, _), results in self.found.items() if kind != PASSED), None)
        return None if failing is None else minimise(self.executor.run, failing, seconds=MINIMISING)

    def exploration(self, minimal: Minimal | None) -> Exploration:
        """What came of it, with the runs to look at recorded."""
        passing = [each for (kind, _), results in self.found.items() if kind == PASSED for each in results]
        failure = None if minimal is None else self._failure(minimal)  # first: what it is about is marked
        return Exploration(
            program=self.program.name,
            grain=self.grain,
            coverage=Coverage(
                schedules=self.count,
                bound=self.bound,
                everything=self.everything,
                random=self.random,
                stopped=self.stopped,
            ),
            outcomes=self._outcomes(),
            failure=failure,
            passing=self._telling(passing) if failure is None else self._first(passing),
        )

    def _outcomes(self) -> tuple[Outcome, ...]:
        outcomes = [
            Outcome(kind=kind, text=text, count=len(results), schedule=results[0].schedule)
            for (kind, text), results in self.found.items()
        ]
        return tuple(sorted(outcomes, key=lambda each: (not each.failed, -each.count, each.kind, each.text)))

    def _failure(self, minimal: Minimal) -> Failure:
        result, trace = minimal.result, self._trace(minimal.result.schedule, "fails")
        hung = next((each.kind for each in trace.findings if each.hangs), "")
        return Failure(
            kind=result.kind,
            text=hung if result.kind == "hung" else result.text,
            schedule=result.schedule,
            preemptions=minimal.preemptions,
            trace=trace,
        )

    def _first(self, passing: list[Result]) -> Trace | None:
        return self._trace(passing[0].schedule, "passes") if passing else None

    def _telling(self, passing: list[Result]) -> Trace | None:
        """Of runs that pass, one in which the threads are in each other's way at a variable; else the first.

        Nothing fails, and yet an update may be lost, or nothing guards a variable: where one run shows that,
        and the first does not, it is the one to look at.
        """
        first, budget = self._first(passing), Budget(LOOKING)
        if self.grain == "bytecode" and not self.about:
            for other in passing[1 :: max(1, len(passing) // MOST_LOOKED)]:
                if budget.is_spent():
                    break
                trace = self._trace(other.schedule, "passes")
                if self.about:
                    return trace
        return first

    def _trace(self, schedule: Schedule, what: str) -> Trace:
        title = f"{self.program.name} {what}"
        trace, names = recorded(
            self.program,
            Replay(schedule),
            grain=self.grain,
            title=title,
            about=self.about,
            max_steps=self.executor.max_steps,
        )
        self.about |= names
        return trace


def _told(result: Result) -> str:
    return f"{result.kind} {result.text}".strip()
