"""What a diagnosis is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from tracing.diagnosis.graph import Edge, wait_for_graph
from tracing.diagnosis.names import Names, listed, plain, unique, verb
from tracing.events import EventLog, Kind, Stand
from tracing.model import Fate, Hold, Mark, Model, Outcome, State, Wait
from tracing.model.table import TABLE, Arg

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
    hangs: bool = False  # its threads wait for ever

    def __str__(self) -> str:
        return self.sentence


class Case:
    """A run under examination: the record, the model, and what several families of findings ask of them."""

    def __init__(self, log: EventLog, model: Model) -> None:
        self.log, self.model = log, model
        self.names = Names(log)

    @cached_property
    def stands(self) -> dict[int, Stand]:
        """By thread: where it stood when the run hung."""
        known = range(1, len(self.log.threads) + 1)
        return {stand.thread: stand for stand in self.log.ending.stands if stand.thread in known}

    @cached_property
    def open_waits(self) -> tuple[Wait, ...]:
        """The waits that nobody ended and that no time-out would have ended, or only to wait again, by
        start.
        """
        polling = {number for number, stand in self.stands.items() if stand.polls}
        unended = (wait for wait in self.model.waits if wait.outcome is Outcome.OPEN)
        endless = (wait for wait in unended if wait.timeout is None or wait.thread in polling)
        waits = chain(endless, self._at_exit)
        return tuple(
            wait for wait in waits if not self.names.nature(wait.obj).elapses and not self.absent(wait.thread)
        )

    @cached_property
    def _at_exit(self) -> tuple[Wait, ...]:
        """What the main thread waits for in a function of `atexit`: after its end, as the model has it."""
        stand = self.stands.get(1)
        if stand is None or not self._has_ended(1):
            return ()
        last = next((event for event in reversed(self.log) if event.thread == 1), None)
        if last is None or TABLE[last.kind].state is not State.WAITING:
            return ()
        if TABLE[last.kind].arg is Arg.TIMEOUT and (last.arg or 0) >= 0:
            return ()  # it will end
        joins = last.kind is Kind.JOIN_WAIT
        return (
            Wait(
                index=-1,
                thread=1,
                obj=last.obj,
                target=(last.arg or 0) if joins else 0,
                start=last.time,
                end=self.model.duration,
                outcome=Outcome.OPEN,
                kind=int(last.kind),
                site=last.site,
            ),
        )

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """The wait-for graph at the end of the record."""
        return wait_for_graph(self.model, others=self._at_exit)

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

    def marks(self, obj: int, what: str) -> list[Mark]:
        """What happened to a primitive, of that kind, by time."""
        return [mark for mark in self.model.marks if mark.obj == obj and mark.what == what]

    def last_mark(self, obj: int, what: str) -> Mark | None:
        return next(iter(self.marks(obj, what)[-1:]), None)

    def who_waits(self, waits: Sequence[Wait], still: str = "") -> str:
        """ "a and b wait for lock_a at line 3 and at line 7"."""
        who = unique(wait.thread for wait in waits)
        said = f"{self.names.threads(who)} {still}{verb(len(who), 'waits', 'wait')}"
        places = dict.fromkeys(self.names.at(wait.site, "at ") for wait in waits)
        return " ".join(filter(None, [said, self.names.wait_aim(waits[0]), listed([*filter(None, places)])]))

    def absent(self, number: int) -> bool:
        """Whether that thread does not exist in the process, which was forked while it lived."""
        return self.log.ending.fork is not None and not self.over(number) and number not in self.stands

    def over(self, number: int) -> bool:
        """Whether that thread has ended, and nothing more is to come from it."""
        return self._has_ended(number) and not (number == 1 and self._at_exit)

    def _has_ended(self, number: int) -> bool:
        return self.model.threads[number - 1].fate in (Fate.ENDED, Fate.FAILED)

    def idle(self, number: int) -> bool:
        """Whether that thread is a worker of an executor, and has nothing to do."""
        return number in self._workers and not any(
            self.log.object(obj).owner and hold.thread == number
            for obj, holds in self.open_holds.items()
            for hold in holds
        )

    @cached_property
    def _workers(self) -> set[int]:
        calls = self.log.events_of({Kind.CALL_BEGAN})
        return {event.thread for event in calls if self.log.object(event.obj).owner}

    def how_over(self, threads: Sequence[int]) -> str:
        """ "ann has failed with KeyError", "ann has ended by SystemExit: 3": what became of threads that are
        over.
        """
        fork = self.log.ending.fork
        if fork is not None and any(map(self.absent, threads)):
            do, line = verb(len(threads), "does", "do"), self.names.line(fork)
            return f"{self.names.threads(threads)} {do} not exist in the process, which was forked at {line}"
        if len(threads) > 1:
            return "all of them have ended"
        thread = self.model.threads[threads[0] - 1]
        how = "failed with" if thread.fate is Fate.FAILED else "ended by" if thread.error else "ended"
        return f"{self.names.thread(thread.number)} has {how} {plain(thread.error, 80)}".rstrip()
