"""Lost updates: what one thread wrote was overwritten by another one that had not seen it.

Owns: `Accesses`, what a run's threads read and wrote, in order, and `lost_updates`, the findings in it.

Rule: an update of a variable is lost where thread A reads it, thread B writes it, and A then writes it
without having looked again. That B had read the same value is not asked: its write is gone all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import FrameType
from typing import Any

from tracing.diagnosis import Finding
from tracing.naming import site_of
from tracing.runtime import Agent
from tracing.runtime.bytecodes import Site
from tracing.runtime.preemption import UNKNOWN, value_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One read or write of one variable, by one thread."""

    thread: int
    key: tuple[Any, ...]
    name: str
    writes: bool
    place: str
    time: int


class Accesses:
    """What is read and written while a run is watched."""

    def __init__(self) -> None:
        self.seen: list[Access] = []

    def add(self, agent: Agent, site: Site, frame: FrameType) -> None:
        """A thread is about to do that."""
        key, name = _identity(site, frame)
        if name:
            place = site_of(frame.f_code, frame.f_lasti)
            self.seen.append(
                Access(
                    thread=agent.number,
                    key=key,
                    name=name,
                    writes=site.writes,
                    place=f"{place.file} line {place.line}",
                    time=getattr(agent.runtime, "clock", 0),
                )
            )


def _identity(site: Site, frame: FrameType) -> tuple[tuple[Any, ...], str]:
    """What tells a variable from all others, and what the program calls it; "" where that is not known."""
    if site.what == "variable":
        return ("variable", site.name), site.name
    owner = value_of(frame, site.expression)
    if owner is UNKNOWN or not site.expression:
        return (), ""
    called = ".".join(site.expression)
    if site.what == "attribute":
        return ("attribute", id(owner), site.name), f"{called}.{site.name}"
    index = value_of(frame, site.index)
    return (("item", id(owner), index), f"{called}[{index!r}]") if isinstance(index, int | str) else ((), "")


def lost_updates(accesses: Accesses, names: dict[int, str]) -> tuple[Finding, ...]:
    """One finding for each variable and pair of threads. names: of the threads, by number."""
    found: dict[tuple[Any, ...], Finding] = {}
    reads: dict[tuple[Any, ...], Access] = {}  # by variable and thread: the last look
    writes: dict[tuple[Any, ...], Access] = {}  # by variable and thread: what came after it, of others
    for access in accesses.seen:
        mine = (access.key, access.thread)
        if not access.writes:
            reads[mine] = access
            writes.pop(mine, None)
            continue
        if mine in reads and mine in writes:
            finding = _finding(reads[mine], writes[mine], access, names)
            found.setdefault((access.key, *sorted(finding.threads)), finding)
        for other in reads:
            if other[0] == access.key and other[1] != access.thread:
                writes[other] = access
        reads.pop(mine, None)
        writes.pop(mine, None)
    return tuple(found.values())


def _finding(read: Access, between: Access, write: Access, names: dict[int, str]) -> Finding:
    reader, writer = names[read.thread], names[between.thread]
    return Finding(
        kind="lost update",
        severity="error",
        threads=(read.thread, between.thread),
        time=write.time,
        sentence=f"Lost update: {reader} read {read.name} at {read.place}, "
        f"{writer} wrote it at {between.place}, and "
        f"{reader} overwrote that at {write.place} with what it had made of the old value.",
        hint=f"Hold one lock from reading {read.name} to writing it, in every thread that does.",
    )
