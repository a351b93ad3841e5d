"""What a diagnosis is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from tracing.diagnosis.graph import Edge, wait_for_graph
from tracing.diagnosis.names import Names, unique, verb
from tracing.events import EventLog
from tracing.model import Fate, Hold, Model, Outcome, Wait

SEVERITIES = ("error", "warning", "note")

UNSETTLED = frozenset({"starvation", "overtaking"})
"""The kinds that on the real clock are the operating system's doing, and differ from run to run of a program
whose order is settled. The text form of such a run leaves them out, `findings` and the picture do not.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that went wrong, or that a reader should know."""

    kind: str  # "deadlock", "lock-order inversion", "over-release", ...: see the modules of the families
    severity: str  # "error", "warning", "note"
    threads: tuple[int, ...] = ()  # whom it concerns: ThreadInfo.number
    objects: tuple[int, ...] = ()  # ObjectInfo.number
    sites: tuple[int, ...] = ()  # where, in the order of the sentence
    time: int = 0  # ns: from when on it was so
    sentence: str  # who, what, where; ends in a full stop
    hint: str = ""  # what to do

    def __str__(self) -> str:
        return self.sentence


class Case:
    """A run under examination: the record, the model, and what several families of findings ask of them."""

    def __init__(self, log: EventLog, model: Model) -> None:
        self.log, self.model = log, model
        self.names = Names(log)

    @cached_property
    def open_waits(self) -> tuple[Wait, ...]:
        """The waits that nobody ended and that no time-out would have ended, by start."""
        timers = {info.number for info in self.log.objects if info.type == "Timer"}
        waits = (wait for wait in self.model.waits if wait.outcome is Outcome.OPEN and wait.timeout is None)
        return tuple(wait for wait in waits if wait.obj not in timers)

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """The wait-for graph at the end of the record."""
        return wait_for_graph(self.model)

    @cached_property
    def open_holds(self) -> dict[int, tuple[Hold, ...]]:
        """By object: who holds it at the end of the record."""
        things = [thing for thing in self.model.objects if not thing.signal]
        holds = {thing.number: tuple(hold for hold in thing.holds if hold.open) for thing in things}
        return {obj: held for obj, held in holds.items() if held}

    @cached_property
    def standstill(self) -> bool:
        """Whether nobody could go on: each thread that was not over was in a wait without an end."""
        waiting = {wait.thread for wait in self.open_waits}
        threads = (thread.number for thread in self.model.threads)
        return bool(waiting) and all(self.over(thread) or thread in waiting for thread in threads)

    def who_waits(self, waits: Sequence[Wait], still: str = "") -> str:
        """ "a and b wait for lock_a at line 3": the place is that of the first."""
        who = unique(wait.thread for wait in waits)
        said = f"{self.names.threads(who)} {still}{verb(len(who), 'waits', 'wait')}"
        return f"{said} {self.names.wait_aim(waits[0])}{self.names.at(waits[0].site)}"

    def over(self, number: int) -> bool:
        """Whether that thread has ended."""
        return self.model.threads[number - 1].fate in (Fate.ENDED, Fate.FAILED)
