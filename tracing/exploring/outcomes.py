"""What came of an exploration.

Owns: `Outcome`, `Failure` and `Exploration`, and how they are told and shown.

Rule: it never says more than was tried. "None up to 2 preemptions" is not "none". The words depend on the
program alone, not on how fast it was searched, unless time ran out, which they say.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING, Any

from tracing.comparing import Comparison, compare
from tracing.runtime.schedules import Schedule
from tracing.trace import Trace

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tracing.views.alternative import Bundle

WIDTH = 96  # characters
PASSED = "returned"
RACES = ("lost update", "no common lock")
OVERWRITTEN = (*RACES, "not judged")  # kinds of findings that a program may not notice
LONGEST = 60  # characters of a value


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One way in which the program ended: kind and text, how many of the schedules, and one of them.

    kind: "returned" (text: the value's repr), "raised" (the exception), "hung", "livelock" or "stuck".
    """

    kind: str
    text: str
    count: int
    schedule: Schedule

    @property
    def failed(self) -> bool:
        """Whether it did anything else than return."""
        return self.kind != PASSED

    def __str__(self) -> str:
        text = self.text if len(self.text) <= LONGEST else self.text[: LONGEST - 1] + "…"
        return f"{self.kind} {text}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A way in which the program fails.

    kind: as of an `Outcome`; text: of a run that hung, what the diagnosis calls it ("lost signal").
    schedule: with as few preemptions as were found, and nothing in it that is not needed. preemptions:
    switches away from a thread that could have gone on. trace: the run under that schedule.
    """

    kind: str
    text: str
    schedule: Schedule
    preemptions: int
    trace: Trace

    def __str__(self) -> str:
        times = "preemption" if self.preemptions == 1 else "preemptions"
        text = f"({self.text})" if self.kind == "hung" and self.text else self.text
        return f"{self.kind} {text}".strip() + f", with {self.preemptions} {times}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What was tried.

    bound: every schedule with at most so many preemptions was tried, or ends as one that was; None: none of
    that kind can be said. everything: whatever the number of preemptions. random: schedules chosen at random.
    stopped: what ended the search early, "" if nothing did.
    """

    schedules: int
    bound: int | None
    everything: bool
    random: int
    stopped: str

    def __str__(self) -> str:
        runs = f"{self.schedules:,} {'run' if self.schedules == 1 else 'runs'}"
        if self.everything:
            return f"Every schedule was tried, or differs only in the order of independent steps: {runs}."
        rest = f" {self._rest()}"
        if self.bound is None:
            return f"Not all schedules were tried: {runs}.{rest}".rstrip()
        upto = f"at most {self.bound} preemption{'s' * (self.bound != 1)}"
        return f"Every schedule with {upto} was tried ({runs}), not all with more.{rest}".rstrip()

    def _rest(self) -> str:
        parts = [f"{self.random:,} of the runs had random schedules" if self.random else "", self.stopped]
        return " ".join(f"{part[0].upper()}{part[1:]}." for part in parts if part)


@dataclass(frozen=True, kw_only=True)
class Exploration:
    """What came of running a program under many schedules. In a notebook it shows a failing run above a
    passing one.

    outcomes: every distinct one, failures first. failure: None where no schedule that was tried fails.
    passing: a run that returns, None where none did.
    """

    program: str
    grain: str
    coverage: Coverage
    outcomes: tuple[Outcome, ...]
    failure: Failure | None
    passing: Trace | None

    @property
    def schedules(self) -> int:
        """How many were run."""
        return self.coverage.schedules

    @property
    def exhausted(self) -> bool:
        """Whether no schedule is left, within the bound that was asked for; `coverage` says which."""
        return not self.coverage.stopped and (self.coverage.everything or self.coverage.bound is not None)

    @property
    def never_fails(self) -> bool:
        """Whether every schedule there is was tried, or is like one that was, and none fails."""
        return self.failure is None and self.coverage.everything and self.exhausted

    def text(self) -> str:
        """What was found, what was tried, how to see it again, where it parts from a run that passes, and
        what each thread did in it, side by side.
        """
        lines = [self._verdict(), "", str(self.coverage), "", "Outcomes:"]
        lines += [f"  {outcome.count:>7,} × {outcome}" for outcome in self.outcomes]
        if self.failure is not None:
            lines += ["", f"To see it again: {self.call(self.failure.schedule)}"]
            lines += [fill(f"  {each.sentence}", WIDTH, subsequent_indent="  ") for each in self._findings()]
            lines += ["", fill(self.comparison.sentence, WIDTH)] if self.passing is not None else []
            lines += ["", "The run that fails:", *self._columns(self.failure.trace)]
        for each in self._unguarded_here():
            lines += ["", fill(f"{each.sentence} {each.hint}", WIDTH)]
        return "\n".join(lines)

    def _columns(self, run: Trace) -> list[str]:
        from tracing.views.text import columns_of

        return columns_of(run.log, run.model, width=WIDTH)

    def _verdict(self) -> str:
        if self.failure is not None:
            return f"{self.program} fails: {self.failure}."
        race = any(each.kind in RACES for each in self._unguarded())
        but = ", but its threads race: see below" if race else ""
        return f"{self.program}: no schedule that was tried fails{but}."

    def _findings(self) -> list[Any]:
        assert self.failure is not None
        return [each for each in self.failure.trace.findings if each.severity == "error"]

    def _unguarded_here(self) -> list[Any]:
        """Of what this text says; see `_unguarded`."""
        return self._unguarded()

    def _unguarded(self) -> list[Any]:
        """What was written without a guard in the first of the runs, be it one that passes."""
        found = [each for run in self.runs()[:1] for each in run.findings]
        told = self._findings() if self.failure is not None else []
        return [each for each in found if each.kind in OVERWRITTEN and each not in told]

    def call(self, schedule: Schedule) -> str:
        """What to write to see the run under a schedule of this exploration."""
        grain = "" if self.grain == "sync" else f', grain="{self.grain}"'
        return f'replay({self.program}, "{schedule}"{grain})'

    def runs(self) -> tuple[Trace, ...]:
        """The failing and the passing run, where there are such."""
        return tuple(
            run for run in (self.failure.trace if self.failure else None, self.passing) if run is not None
        )

    @property
    def comparison(self) -> Comparison:
        """The failing run and the passing one, and where they part. ValueError where there is neither."""
        return compare(*self.runs())

    def figure(self) -> Figure:
        """The failing run above the passing one, on one time axis."""
        return self.comparison.figure()

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        if not self.runs():
            return {"text/plain": self.text()}, {}
        findings = self.failure.trace.findings if self.failure is not None else ()
        return self.comparison.bundle(self.text(), findings)
