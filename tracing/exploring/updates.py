"""Lost updates: what one thread wrote was overwritten by another one that had not seen it.

Owns: `Accesses`, what a run's threads read and wrote, in order; `lost_updates`, and the findings of them.

Rule: an update of a variable is lost where thread A reads it, thread B writes it, and A then writes it
without having looked again. That B had read the same value is not asked: its write is gone all the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import FrameType
from typing import Any

from tracing.cpython.bytecodes import Item, Site
from tracing.diagnosis import Finding
from tracing.events import EventLog
from tracing.events import Site as Place
from tracing.naming import site_of
from tracing.runtime import Agent
from tracing.runtime.preemption import UNKNOWN, value_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One read or write of one variable, by one thread."""

    thread: int
    key: tuple[Any, ...]
    name: str
    writes: bool
    place: Place
    time: int


class Accesses:
    """What is read and written while a run is watched."""

    def __init__(self) -> None:
        self.seen: list[Access] = []

    def add(self, agent: Agent, site: Site, frame: FrameType) -> None:
        """A thread is about to do that."""
        key, name = _identity(site, frame)
        if name:
            self.seen.append(
                Access(
                    thread=agent.number,
                    key=key,
                    name=name,
                    writes=site.writes,
                    place=site_of(frame.f_code, frame.f_lasti),
                    time=getattr(agent.runtime, "clock", 0),
                )
            )


def _identity(site: Site, frame: FrameType) -> tuple[tuple[Any, ...], str]:
    """What tells a variable from all others, and what the program calls it; "" where that is not known."""
    if site.what == "variable":
        return ("variable", site.name), site.name
    owner = value_of(frame, site.expression)
    if owner is UNKNOWN or not site.expression or isinstance(site.expression, Item):
        return (), ""
    called = ".".join(site.expression)
    if site.what == "attribute":
        return ("attribute", id(owner), site.name), f"{called}.{site.name}"
    index = value_of(frame, site.index)
    return (("item", id(owner), index), f"{called}[{index!r}]") if isinstance(index, int | str) else ((), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """An update that is gone, and how."""

    read: Access
    between: Access  # by another thread
    write: Access


def lost_updates(accesses: Accesses) -> tuple[Lost, ...]:
    """One for each variable and pair of threads."""
    found: dict[tuple[Any, ...], Lost] = {}
    reads: dict[tuple[Any, ...], Access] = {}  # by variable and thread: the last look
    writes: dict[tuple[Any, ...], Access] = {}  # by variable and thread: what came after it, of others
    for access in accesses.seen:
        mine = (access.key, access.thread)
        if not access.writes:
            reads[mine] = access
            writes.pop(mine, None)
            continue
        if mine in reads and mine in writes:
            pair = sorted((access.thread, writes[mine].thread))
            lost = Lost(read=reads[mine], between=writes[mine], write=access)
            found.setdefault((access.key, *pair), lost)
        for other in reads:
            if other[0] == access.key and other[1] != access.thread:
                writes[other] = access
        reads.pop(mine, None)
        writes.pop(mine, None)
    return tuple(found.values())


def with_places(log: EventLog, updates: tuple[Lost, ...]) -> EventLog:
    """The log with the places of these updates in its table: reading a variable is no event."""
    places = [access.place for lost in updates for access in (lost.read, lost.between, lost.write)]
    new = dict.fromkeys(place for place in places if place not in log.sites)
    return replace(log, sites=(*log.sites, *new))


def finding_of(lost: Lost, log: EventLog) -> Finding:
    """What is said of it. log: of the run, with its places."""
    reader, writer = log.thread(lost.read.thread).name, log.thread(lost.between.thread).name
    name = lost.read.name
    sites = (log.sites.index(access.place) + 1 for access in (lost.read, lost.between, lost.write))
    return Finding(
        kind="lost update",
        severity="error",
        threads=(lost.read.thread, lost.between.thread),
        sites=tuple(dict.fromkeys(sites)),
        time=lost.write.time,
        sentence=f"Lost update: {reader} read {name} at {_said(lost.read)}, "
        f"{writer} wrote it at {_said(lost.between)}, and "
        f"{reader} overwrote that at {_said(lost.write)} with what it had made of the old value.",
        hint=f"Hold one lock from reading {name} to writing it, in every thread that does.",
    )


def _said(access: Access) -> str:
    return f"{access.place.file} line {access.place.line}"
