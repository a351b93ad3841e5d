"""Lost updates: what one thread wrote was overwritten by another one that had not seen it.

Owns: `Accesses`, what a run's threads read and wrote, in order; `lost_updates`, and the findings of them.

Rule: an update of a variable is lost where thread A reads it, thread B writes it, and A then writes it
without having looked again. That B had read the same value is not asked: its write is gone all the same. But
who gives a variable the very list that it has, as `+=` does, writes nothing.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from types import CellType, CodeType, FrameType
from typing import Any

from tracing.cpython.bytecodes import Expression, Item, Site
from tracing.cpython.frames import cells_of, frames_now
from tracing.diagnosis import Finding
from tracing.events import EventLog
from tracing.events import Site as Place
from tracing.naming import site_of
from tracing.recorder import Recorder
from tracing.runtime import Agent
from tracing.runtime.preemption import CONTAINERS, UNKNOWN, attribute_of, item_of, value_of

SHOWN = (bool, int, float, str, type(None))  # what is shown with its value: their repr is not the program's
LONGEST_VALUE = 40  # characters
MOST_PAIRS = 3  # of threads that are named for having done the same
MOST_LOOKS = 50  # of a run, for a variable whose call has returned: each looks through all objects
WALKS = (("items",), ("keys",), ("values",))
OWN: tuple[Any, ...] = ("own",)  # the key of what each thread has of its own
CHANGING = frozenset(
    {
        *("append", "appendleft", "extend", "extendleft", "insert", "add", "update", "setdefault"),
        *("pop", "popleft", "popitem", "remove", "discard", "clear", "sort", "reverse", "rotate"),
        *("difference_update", "intersection_update", "symmetric_difference_update"),
    }
)
"""Methods of containers that change what is in them."""


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
    after: int  # so many events of its thread
    lasting: bool  # whether nothing else can have had the same key in this run
    value: str = ""  # read or written; "" where it cannot be told
    container: tuple[int, int] | None = None  # that is looked into, or changed
    changes: bool = False  # what is in that


class Accesses:
    """What is read and written while a run is watched."""

    def __init__(self) -> None:
        self.seen: list[Access] = []
        self.unjudged: list[Access] = []  # writes of what cannot be told from another: one key for all alike
        self.recorder: Recorder | None = None
        # By the last of them, which is over by now; where it stands, and the id of the list that was there.
        self._written: tuple[Site, FrameType, list[list[Access]], int] | None = None
        self._counted: dict[int, tuple[int, int]] = {}  # by thread: entries of its log, events among them
        self._numbers = count(1)
        self._looks = 0  # for a variable whose call has returned
        self._owners: dict[int, tuple[Callable[[], Any], int]] = {}  # by id: how to get it, and its number

    def add(self, agent: Agent, site: Site, frame: FrameType) -> None:
        """A thread is about to do that."""
        self.look()
        added = []
        key, name, lasting = self.identity(site, frame)
        if name:
            container, changes = _container(site, frame, key)
            access = self._access(agent, site, frame, (key, name, lasting))
            self.seen.append(replace(access, container=container, changes=changes))
            added += [self.seen] if access.writes else []
        if site.writes and not lasting and key is not OWN and _may_be_shared(site):
            place = site_of(frame.f_code, frame.f_lasti)
            alike = place.file, site.name if site.what == "variable" else place
            self.unjudged.append(self._access(agent, site, frame, (alike, name or site.name, True)))
            added.append(self.unjudged)
        if added:
            self._written = site, frame, added, _container_in(site, frame)

    def _access(
        self, agent: Agent, site: Site, frame: FrameType, identity: tuple[tuple[Any, ...], str, bool]
    ) -> Access:
        runtime: Any = agent.runtime
        key, name, lasting = identity
        self.recorder = agent.run.recorder
        writes = site.writes and site.what != "next"  # that changes an iterator alone
        return Access(
            thread=agent.number,
            key=key,
            name=name,
            writes=writes,
            place=site_of(frame.f_code, frame.f_lasti),
            time=runtime.clock,
            stamp=len(runtime.times),
            turns=len(runtime.turns) // 4,
            after=self._events(agent),
            lasting=lasting,
            value="" if writes else _value(site, frame),
        )

    def look(self) -> None:
        """What was written last, now that it is. Nobody has written it since: that would have been told."""
        if self._written is not None:
            site, frame, added, before = self._written
            for accesses in added:
                access = accesses.pop()
                if not before or before != _container_in(site, frame):
                    accesses.append(replace(access, value=_value(site, frame)))
            self._written = None

    def end(self) -> None:
        """The run is over: nothing of the program is kept any longer, though the record keeps this object."""
        self.look()
        self._owners.clear()

    def of(self, keys: Collection[tuple[Any, ...]]) -> list[Access]:
        """Those of these variables."""
        return [each for each in self.seen if each.key in keys]

    def _events(self, agent: Agent) -> int:
        """How many events the thread has recorded. Of an entry that is another one's arg the code is 0."""
        entries: Any = agent.log.entries
        before, events = self._counted.get(agent.number, (0, 0))
        events += sum(1 for code in entries[before + 1 :: 2] if code)
        self._counted[agent.number] = len(entries), events
        return events

    def identity(self, site: Site, frame: FrameType) -> tuple[tuple[Any, ...], str, bool]:
        """What tells a variable from all others, what the program calls it ("" where that is not known), and
        whether nothing else can get the same key.
        """
        if site.what == "variable":
            home = self._home(frame, site.name)
            return (("variable", home, site.name), site.name, True) if home else ((), "", False)
        path = _path(site)
        owner = value_of(frame, path)
        called = _called(frame, path)
        if owner is UNKNOWN or not called:
            return (), "", False
        if isinstance(owner, threading.local):
            return OWN, "", False
        number = self._number(owner)
        whose = (id(owner), number)
        if site.what == "attribute":
            return ("attribute", *whose, site.name), f"{called}.{site.name}", number > 0
        if site.what == "next" or site.index is None and not site.writes:
            return ("contents", *whose), called, number > 0
        index = value_of(frame, site.index)
        if not isinstance(index, int | str):
            return (), "", False
        return ("item", *whose, index), f"{called}[{index!r}]", number > 0

    def _home(self, frame: FrameType, name: str) -> int:
        """Where a variable lives: the id of its module's namespace, or of the running call whose variable it
        is; of one that has returned, below zero, the number of the variable. 0 where that cannot be told.
        """
        code = frame.f_code
        if name in code.co_cellvars:
            return id(frame)
        if name not in code.co_freevars:
            return id(frame.f_globals)
        calls = {id(call): call for call in _running() if name in call.f_code.co_cellvars}
        homes = [number for number, call in calls.items() if _contains(call.f_code, code)]
        return homes[0] if len(homes) == 1 else -self._cell(frame, name)

    def _cell(self, frame: FrameType, name: str) -> int:
        """The number of the variable; 0 where it may be another one, or too many were asked for."""
        if self._looks >= MOST_LOOKS:
            return 0
        self._looks += 1
        cells = cells_of(frame, name)
        if cells is None:  # nor will the next look tell, in this run
            self._looks = MOST_LOOKS
        return self._number(cells[0]) if cells and len(cells) == 1 else 0

    def _number(self, owner: Any) -> int:
        """Of an object, which another one with the same address does not get; 0 where that cannot be had."""
        get, number = self._owners.get(id(owner), (lambda: None, 0))
        if get() is owner:
            return number
        try:
            get = weakref.ref(owner)
        except TypeError:
            if type(owner) not in (list, dict, CellType):
                return 0
            get = partial(_itself, owner)  # it is kept: nothing can be asked to tell when it goes
        self._owners[id(owner)] = get, (number := next(self._numbers))
        return number


def _path(site: Site) -> Expression:
    """What gives the object that is touched; of a loop what it goes through, be it by way of `items()`."""
    if site.what == "next" and not site.expression and site.call:
        function = site.call[0] or ()
        return function[:-1] if function[-1:] in WALKS else None
    return site.expression


def _called(frame: FrameType, path: Expression) -> str:
    """What the program calls what that gives; "" where it has no such name."""
    if isinstance(path, Item):
        container = _called(frame, path.container)
        return f"{container}[{value_of(frame, path.at)!r}]" if container else ""
    return ".".join(path or ())


def _may_be_shared(site: Site) -> bool:
    """Whether it writes a variable, an attribute or an item. (`+=` changes what is in a thing, too, but most
    things have nothing in them.)
    """
    return site.what in ("variable", "attribute") or site.what == "contents" and site.index is not None


def _container(site: Site, frame: FrameType, key: tuple[Any, ...]) -> tuple[tuple[int, int] | None, bool]:
    """The list, dict, ... that is looked into, and whether what is in it is changed."""
    if site.what == "variable" or not isinstance(value_of(frame, _path(site)), CONTAINERS):
        return None, False
    changes = site.name in CHANGING if site.what == "attribute" else site.what == "contents" and site.writes
    return (key[1], key[2]), changes


def _container_in(site: Site, frame: FrameType) -> int:
    """The id of the list, dict, ... that a variable has; 0 where it has none."""
    value = _content(site, frame)
    return id(value) if isinstance(value, CONTAINERS) else 0


def _value(site: Site, frame: FrameType) -> str:
    """What a variable has, in a few characters; "" where that cannot be seen."""
    value = _content(site, frame)
    told = repr(value) if type(value) in SHOWN else ""
    return told if len(told) <= LONGEST_VALUE else ""


def _content(site: Site, frame: FrameType) -> Any:
    if site.what == "variable":
        return value_of(frame, (site.name,))
    if site.what == "attribute":
        return attribute_of(value_of(frame, site.expression), site.name)
    return item_of(value_of(frame, site.expression), value_of(frame, site.index))


def _itself(thing: Any) -> Any:
    return thing


def _running() -> Iterator[FrameType]:
    """Every call that some thread is in."""
    for innermost in frames_now().values():
        frame: FrameType | None = innermost
        while frame is not None:
            yield frame
            frame = frame.f_back


def _contains(outer: CodeType, inner: CodeType) -> bool:
    """Whether a function is written within another one."""
    within = [each for each in outer.co_consts if isinstance(each, CodeType)]
    return any(each is inner or _contains(each, inner) for each in within)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """An update that is gone, and how."""

    read: Access
    between: Access  # by another thread
    write: Access

    @property
    def places(self) -> tuple[Access, ...]:
        """What it is about."""
        return self.read, self.between, self.write


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


def with_places(log: EventLog, accesses: Iterable[Access]) -> EventLog:
    """The log with the places of these accesses in its table: reading a variable is no event."""
    places = [access.place for access in accesses]
    new = dict.fromkeys(place for place in places if place not in log.sites)
    return replace(log, sites=(*log.sites, *new))


def findings_of(found: Iterable[Lost], log: EventLog) -> Iterator[Finding]:
    """What is said of them: of several pairs of threads at the same lines it is said once. log: of the run,
    with its places.
    """
    alike: dict[tuple[Any, ...], list[Lost]] = {}
    for lost in found:
        lines = ((access.place.file, access.place.line) for access in lost.places)
        alike.setdefault((lost.read.key, *lines), []).append(lost)
    for first, *others in alike.values():
        yield _finding(first, others, log)


def _finding(lost: Lost, others: Sequence[Lost], log: EventLog) -> Finding:
    reader, writer = _pair(lost, log)
    name = lost.read.name
    sites = (log.sites.index(access.place) + 1 for access in lost.places)
    return Finding(
        kind="lost update",
        severity="error",
        threads=(lost.read.thread, lost.between.thread),
        sites=tuple(dict.fromkeys(sites)),
        time=lost.write.time,
        sentence=f"Lost update: {reader} read {name} at {said(lost.read)}, "
        f"{writer} wrote it at {said(lost.between)}, and "
        f"{reader} overwrote that at {said(lost.write)} with what it had made of the old value."
        f"{_also([_pair(other, log) for other in others])}",
        hint=f"Hold one lock from reading {name} to writing it, in every thread that does.",
    )


def _pair(lost: Lost, log: EventLog) -> tuple[str, str]:
    """Who read, and who wrote meanwhile."""
    return log.thread(lost.read.thread).name, log.thread(lost.between.thread).name


def _also(pairs: Sequence[tuple[str, str]]) -> str:
    if not pairs:
        return ""
    shown = [" and ".join(pair) for pair in pairs[:MOST_PAIRS]]
    left = len(pairs) - len(shown)
    more = [f"{left} other {'pair' if left == 1 else 'pairs'} of threads"] if left else []
    return f" The same befell {'; '.join([*shown, *more])}."


def said(access: Access) -> str:
    """Where it is."""
    return f"{access.place.file} line {access.place.line}"
