"""What a check answers: a sentence that says what to do next, and the picture of the run that shows why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import fill

from tracing import Trace
from tracing.model import Fate

WIDTH = 96  # characters


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer of a check. In a notebook it shows its sentence above the timeline of the run."""

    right: bool
    says: str
    run: Trace

    def __str__(self) -> str:
        return fill(f"{'✓ Right.' if self.right else '✗ Not yet.'} {self.says}", WIDTH)

    def _ipython_display_(self) -> None:
        from IPython.display import display

        print(self)
        display(self.run)


def judged(run: Trace, problems: Iterable[str], praise: str) -> Answer:
    """The first problem is what the learner works on next; where there is none, praise."""
    problem = next(iter(problems), None)
    return Answer(right=problem is None, says=problem or praise, run=run)


def stuck(run: Trace, advice: str) -> Iterable[str]:
    """What there is to say of a run that had to be ended."""
    if run.log.ending.reason == "hung":
        yield f"The run hangs. {run.findings[0].sentence} {advice}"
    elif run.log.ending.reason != "done":
        yield "After some seconds your code was still busy. Does its loop ever end?"


def failed(run: Trace) -> Iterable[str]:
    """The threads that ended by an exception."""
    for thread in run.model.threads:
        if thread.fate is Fate.FAILED:
            name = run.log.thread(thread.number).name
            yield f"{name} failed with {thread.error}. Repair this first."


def number_of(run: Trace, name: str) -> int:
    """The number of the primitive with that name; 0 where nobody used it."""
    return next((info.number for info in run.log.objects if info.name == name), 0)


def holds_of(run: Trace, name: str) -> list[tuple[str, int, int]]:
    """Who held the primitive with that name, from when until when."""
    number = number_of(run, name)
    holds = run.model.objects[number - 1].holds if number else ()
    return [(run.log.thread(hold.thread).name, hold.start, hold.end) for hold in holds]
