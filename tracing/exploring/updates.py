"""Lost updates: what one thread wrote was overwritten by another one that had not seen it.

Owns: `Accesses`, what a run's threads read and wrote, in order; `lost_updates`, and the findings of them.

Rule: an update of a variable is lost where thread A reads it, thread B writes it, and A then writes it
without having looked again. That B had read the same value is not asked: its write is gone all the same.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any

from tracing.cpython.bytecodes import Item, Site
from tracing.diagnosis import Finding
from tracing.events import EventLog
from tracing.events import Site as Place
from tracing.naming import site_of
from tracing.recorder import Recorder
from tracing.runtime import Agent
from tracing.runtime.preemption import UNKNOWN, value_of

SHOWN = (bool, int, float, str, type(None))  # what is shown with its value: their repr is not the program's
LONGEST_VALUE = 40  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One read or write of one variable, by one thread."""

    thread: int
    key: tuple[Any, ...]
    name: str
    writes: bool
    place: Place
    time: int
    stamp: int  # of the next event
    turns: int  # who had the turn has changed so often
    value: str = ""  # read or written; "" where it cannot be told


class Accesses:
    """What is read and written while a run is watched."""

    def __init__(self) -> None:
        self.seen: list[Access] = []
        self.recorder: Recorder | None = None
        self._written: tuple[Site, FrameType] | None = None  # by the last of them, which is over by now

    def add(self, agent: Agent, site: Site, frame: FrameType) -> None:
        """A thread is about to do that."""
        self.look()
        key, name = _identity(site, frame)
        if name:
            runtime: Any = agent.runtime
            self.recorder = agent.run.recorder
            self._written = (site, frame) if site.writes else None
            self.seen.append(
                Access(
                    thread=agent.number,
                    key=key,
                    name=name,
                    writes=site.writes,
                    place=site_of(frame.f_code, frame.f_lasti),
                    time=runtime.clock,
                    stamp=len(runtime.times),
                    turns=len(runtime.turns) // 4,
                    value="" if site.writes else _value(site, frame),
                )
            )

    def look(self) -> None:
        """What was written last, now that it is. Nobody has written it since: that would have been told."""
        if self._written is not None:
            self.seen[-1] = replace(self.seen[-1], value=_value(*self._written))
            self._written = None

    def of(self, keys: Collection[tuple[Any, ...]]) -> list[Access]:
        """Those of these variables."""
        return [each for each in self.seen if each.key in keys]


def _value(site: Site, frame: FrameType) -> str:
    """What a variable has, in a few characters; "" where that cannot be seen."""
    if site.what == "variable":
        value = value_of(frame, (site.name,))
    elif site.what == "attribute":
        value = value_of(frame, (*(site.expression or ()), site.name))
    else:
        value = value_of(frame, Item.of(site.expression, site.index))
    told = repr(value) if type(value) in SHOWN else ""
    return told if len(told) <= LONGEST_VALUE else ""


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
