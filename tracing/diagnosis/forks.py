"""A process that was forked in a run, and in which a thread waits for a lock that nobody there releases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tracing.diagnosis.finding import Finding
from tracing.diagnosis.hangs import FORKED
from tracing.diagnosis.names import Names, plain
from tracing.events import EventLog, Site
from tracing.model import Model


@dataclass(frozen=True)
class Stuck:
    """One of its threads: who, for which primitive of the record (0: none of it), and where."""

    thread: str
    obj: int
    place: Site | None


def forked_hang(log: EventLog, model: Model, *, thread: int, fork: Site, stuck: Sequence[Stuck]) -> Finding:
    """What to say of them. log, model: of the run, up to the fork, by the thread with that number, there."""
    names = Names(log)
    waits = "; ".join(_wait(names, model, thread, each) for each in stuck)
    return Finding(
        kind="abandoned lock",
        severity="error",
        threads=(thread,),
        objects=tuple({each.obj: each.obj for each in stuck if each.obj}),
        time=model.duration,
        sentence=f"In the process forked at {names.line(fork)}: Abandoned lock: {waits}.",
        hint=FORKED,
    )


def _wait(names: Names, model: Model, thread: int, stuck: Stuck) -> str:
    where = f" at {names.line(stuck.place)}" if stuck.place else ""
    said = f"{plain(stuck.thread)} waits for {names.object(stuck.obj) if stuck.obj else 'a lock'}{where}, "
    holds = [hold for hold in model.objects[stuck.obj - 1].holds if hold.open] if stuck.obj else []
    if not holds:
        return f"{said}which nobody there releases"
    holder, since = names.thread(holds[-1].thread), names.at(holds[-1].site, " since ")
    if holds[-1].thread == thread:
        return f"{said}which {holder} itself had{since} when it forked"
    return f"{said}which {holder} had{since} when it was forked; {holder} does not exist there"
