"""From the lists of a run's threads to the immutable record: one order, numbers from 1, names."""

from __future__ import annotations

import platform
from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from tracing.events import (
    CAUSES,
    KIND_MASK,
    OBJECT_SHIFT,
    SITE_MASK,
    SITE_SHIFT,
    THREAD_KINDS,
    THREAD_SHIFT,
    Ending,
    EventLog,
    Kind,
    ObjectInfo,
    Site,
    ThreadInfo,
    Turns,
)
from tracing.naming import Made, after_wait, hasty_name, name_all, name_at, scope_of, site_of
from tracing.recorder.identity import IDENTITIES, Identity
from tracing.recorder.log import Recorder, ThreadLog
from tracing.recorder.places import PLACES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]


def snapshot(recorder: Recorder, ending: Ending) -> EventLog:
    """What is recorded up to `ending.time` (ns since the run began), merged, counted from 1 and named."""
    if recorder.full is not None and ending.reason in ("done", "running"):
        ending = replace(ending, reason="full", time=recorder.full)
    return Merge(recorder, ending).log()


class Merge:
    """The per-thread lists of one recorder, put in order of time. numpy, because a million events must not
    take long.
    """

    def __init__(self, recorder: Recorder, ending: Ending) -> None:
        import numpy

        self.np = numpy
        self.recorder, self.ending = recorder, ending
        self.logs = tuple(recorder.logs)[: recorder.limits.threads]  # the others have no number

    def log(self) -> EventLog:
        recorder = self.recorder
        stamps, times, codes, threads, args, has_arg = self._ordered()
        objects, serials = self._count_anew(codes >> OBJECT_SHIFT)
        keeps = self._have_numbers(codes, objects, args * has_arg)
        if left := len(codes) - int(keeps.sum()):
            columns = (stamps, times, codes, threads, args, has_arg, objects)
            stamps, times, codes, threads, args, has_arg, objects = (column[keeps] for column in columns)
        if recorder.times is not None:
            recorder.stamps = array("q", stamps.tobytes())
        sites, places = self._count_anew(codes >> SITE_SHIFT & SITE_MASK)
        kinds = codes & KIND_MASK
        packed = kinds | sites << SITE_SHIFT | objects << OBJECT_SHIFT | threads << THREAD_SHIFT
        objects_of = Objects(recorder, serials[: recorder.limits.objects], places)
        infos = objects_of.infos()
        recorder.numbered = tuple(objects_of.identities.values())
        positions = self.np.nonzero(has_arg)[0]
        return EventLog(
            times=array("q", times.tobytes()),
            codes=array("q", packed.tobytes()),
            args=MappingProxyType(dict(zip(positions.tolist(), args[positions].tolist(), strict=True))),
            threads=thread_infos(self.logs, objects_of.numbers),
            objects=infos,
            sites=sites_of(places, set(sites[kinds == Kind.COND_WAIT].tolist())),
            texts=tuple(recorder.texts),
            clock=recorder.clock,
            title=recorder.title,
            schedule=recorder.schedule,
            turns=self._turns(stamps),
            ending=self.ending,
            python=platform.python_version(),
            notes=(*recorder.notes, *unnumbered(recorder, left)),
        )

    def _have_numbers(self, codes: Ints, objects: Ints, args: Ints) -> Bools:
        """Which events are on a primitive, and about a thread, that has a number. objects: numbers of any
        size.
        """
        limits = self.recorder.limits
        have: Bools = objects <= limits.objects
        if len(self.recorder.logs) > limits.threads:
            about_threads = self.np.isin(codes & KIND_MASK, list(THREAD_KINDS))
            have &= ~about_threads | (args <= limits.threads)
        return have

    def _ordered(self) -> tuple[Ints, ...]:
        """Stamps, times, live codes, threads, arguments, and whether there is one, of all events in order."""
        np = self.np
        parts = [self._events(log) for log in self.logs]
        times, codes, threads, args, has_arg = (np.concatenate(column) for column in zip(*parts, strict=True))
        order = np.argsort(times, kind="stable")
        stamps, stamped = times, self.recorder.times
        if stamped is not None:
            times = np.array(stamped, dtype=np.int64)[times]
        order = order[times[order] <= self._last()]
        if stamped is None:
            order = self._settle_ties(order, times, codes, threads)
        columns = (stamps, times, codes, threads, args, has_arg)
        return tuple(column[order] for column in columns)

    def _last(self) -> int:
        """The time of the last event that is kept."""
        full = self.recorder.full
        return self.ending.time if full is None else min(full, self.ending.time)

    def _turns(self, stamps: Ints) -> Turns:
        """Who had the turn. stamps: of the events that are kept, in order."""
        np = self.np
        if self.recorder.turns is None:
            return Turns()
        rows = np.array(self.recorder.turns, dtype=np.int64).reshape(-1, 4)
        stamp, times, threads, steps = rows[rows[:, 1] <= self._last()].T
        known = np.where(threads <= self.recorder.limits.threads, threads, 0)
        columns = (np.searchsorted(stamps, stamp), times, known, steps)
        seqs, times, threads, steps = (array("q", column.astype(np.int64).tobytes()) for column in columns)
        return Turns(seqs=seqs, times=times, threads=threads, steps=steps)

    def _events(self, log: ThreadLog) -> tuple[Ints, Ints, Ints, Ints, Ints]:
        """One thread's times, codes, thread number, arguments, and whether there is an argument."""
        np = self.np
        rows = np.frombuffer(log.columns(), dtype=np.int64).reshape(-1, 2)
        is_arg = rows[:, 1] == 0
        events = np.nonzero(~is_arg)[0]
        has_arg = np.append(is_arg, False)[events + 1]
        args = np.append(rows[:, 0], 0)[events + 1]
        threads = np.full(len(events), log.number)
        return rows[events, 0] - self.recorder.began, rows[events, 1], threads, args, has_arg

    def _settle_ties(self, order: Ints, times: Ints, codes: Ints, threads: Ints) -> Ints:
        """Where several threads have the same stamp (a coarse clock), causes come before effects."""
        np = self.np
        tied = np.nonzero(np.diff(times[order]) == 0)[0].tolist()
        for first, last in _runs(tied):
            group = order[first : last + 1].tolist()
            queues: dict[int, list[int]] = {}
            for event in group:
                queues.setdefault(int(threads[event]), []).append(event)
            if len(queues) > 1:
                order[first : last + 1] = _causes_first(list(queues.values()), codes)
        return order

    def _count_anew(self, values: Ints) -> tuple[Ints, list[int]]:
        """The values numbered 1..N in order of first appearance (0 stays 0), and the values behind the
        numbers.
        """
        np = self.np
        distinct, first, inverse = np.unique(values, return_index=True, return_inverse=True)
        ranks = np.argsort(first)
        ranks = ranks[distinct[ranks] != 0]
        numbers = np.zeros(len(distinct), dtype=np.int64)
        numbers[ranks] = np.arange(1, len(ranks) + 1)
        return numbers[inverse], distinct[ranks].tolist()


def unnumbered(recorder: Recorder, left: int) -> Iterator[str]:
    """What a record says of that which has no number. left: how many events were left out."""
    limits, threads = recorder.limits, len(recorder.logs) - recorder.limits.threads
    if threads > 0:
        yield f"{limits.threads:,} threads can be numbered: {threads:,} that came later are left out"
    if left:
        what = f"a thread or primitive that came later than {limits.threads:,} and {limits.objects:,} others"
        yield f"{left:,} events about {what} are left out"
    if recorder.unsaid:
        yield f"{limits.texts:,} messages can be numbered: {recorder.unsaid:,} that came later are left out"
    if PLACES.full:
        yield f"{PLACES.most:,} source lines can be numbered: those that came later are not known"


def _runs(positions: list[int]) -> list[tuple[int, int]]:
    """Runs of consecutive positions i (each says: i and i + 1 are tied) as first and last tied position."""
    found: list[tuple[int, int]] = []
    for position in positions:
        if found and found[-1][1] == position:
            found[-1] = (found[-1][0], position + 1)
        else:
            found.append((position, position + 1))
    return found


def _causes_first(queues: list[list[int]], codes: Ints) -> list[int]:
    """Merge events of several threads with one stamp: program order in each thread, causes as early as that
    allows.
    """
    merged: list[int] = []
    while queues:
        heads = (queue for queue in queues if int(codes[queue[0]]) & KIND_MASK in CAUSES)
        queue = next(heads, queues[0])
        merged.append(queue.pop(0))
        queues = [queue for queue in queues if queue]
    return merged


def sites_of(places: list[int], waits: set[int]) -> tuple[Site, ...]:
    """The places as a reader knows them. waits: the numbers of those at which a Condition.wait stands."""
    found = []
    for number, place in enumerate(places, 1):
        site = site_of(*PLACES.place(place))
        after = after_wait(*PLACES.place(place)) if number in waits else ""
        found.append(replace(site, after_wait=after) if after else site)
    return tuple(found)


def thread_infos(
    logs: Sequence[ThreadLog], numbers: Mapping[int, int], *, hasty: bool = False
) -> tuple[ThreadInfo, ...]:
    """The threads of a log. numbers: of its primitives. hasty: without regard to what others are called."""
    if hasty:
        names = {log.number: hasty_name(log.name or "Thread", log.number) for log in logs}
    else:
        names = name_all({log.number: Made(type="Thread", given=log.name) for log in logs})
    return tuple(
        ThreadInfo(
            number=log.number,
            name=names[log.number],
            parent=log.parent,
            daemon=log.daemon,
            timer=numbers.get(log.timer, 0),
            called=log.called,
            hides=log.hides,
        )
        for log in logs
    )


def _scope(place: int) -> tuple[str, str] | None:
    """The function, module or cell of a place, where that is known."""
    return scope_of(PLACES.place(place)[0]) if place else None


def _is_added(identity: Identity) -> bool:
    naming = name_at(*PLACES.place(identity.place)) if identity.place and identity.direct else None
    return naming is not None and naming.added


LOCKS = ("Lock", "RLock")  # a lock that a Condition made for itself is called after it


class Objects:
    """The primitives of a log: named, numbered by first use; places that only they mention are added to
    `places`.

    numbers: of those that are already in the log, to which these are added.
    """

    def __init__(
        self,
        recorder: Recorder,
        serials: list[int],
        places: list[int],
        numbers: dict[int, int] | None = None,
    ) -> None:
        self.recorder, self.places = recorder, places
        self.numbers = {} if numbers is None else numbers
        self.identities = {serial: self._identity(serial) for serial in serials}
        room = recorder.limits.objects - len(self.numbers)
        for identity in tuple(self.identities.values()):
            for other in (identity.lock, identity.owner):  # a Condition and its lock are in the log together
                if other and other not in self.numbers and len(self.identities) < room:
                    self.identities.setdefault(other, self._identity(other))
        for serial in self.identities:
            self.numbers[serial] = len(self.numbers) + 1

    def _identity(self, serial: int) -> Identity:
        found = self.recorder.identities.get(serial) or IDENTITIES.get(serial)
        return found or Identity("Lock", self)  # made and dropped by a thread that is not of the run

    def infos(self, *, hasty: bool = False) -> tuple[ObjectInfo, ...]:
        """The primitives. hasty: named without regard to all others, which may be many."""
        if hasty:
            names = {key: hasty_name(each.type, self.numbers[key]) for key, each in self.identities.items()}
        else:
            names = name_all({serial: self._made(serial) for serial in sorted(self._siblings())})
        sites = {place: number for number, place in enumerate(self.places, 1)}
        for identity in self.identities.values():
            if identity.place and identity.place not in sites:
                self.places.append(identity.place)
                sites[identity.place] = len(self.places)
        return tuple(self._info(serial, names[serial], sites) for serial in self.identities)

    def _siblings(self) -> set[int]:
        """All primitives made where those of the log were made: `forks[3]` is the fourth, even if used alone.
        Before one that was added to a container may stand others, made elsewhere in the function.

        Those made during the run and those made before it are counted apart: a program that runs again names
        its primitives as it did the first time, even where those of an earlier run are still alive.
        """
        first = self.recorder.first
        known = {**self.recorder.identities, **self.identities}
        made = {(each.place, serial > first) for serial, each in self.identities.items() if each.place}
        added = {
            (_scope(each.place), serial > first)
            for serial, each in self.identities.items()
            if _is_added(each)
        }
        there: dict[tuple[int, bool], list[int]] = defaultdict(list)  # a process may have thousands
        for serial, each in known.items():
            there[each.place, serial > first].append(serial)
        siblings = set(self.identities)
        for (place, later), serials in there.items():
            if (place, later) in made or added and (_scope(place), later) in added:
                siblings.update(serials)
        return siblings

    def _made(self, serial: int) -> Made:
        identity = self.identities.get(serial) or self._identity(serial)
        return Made(
            type=identity.type,
            place=PLACES.place(identity.place) if identity.place and identity.direct else None,
            given=identity.field,
            otherwise=identity.otherwise,
            owner=identity.owner if identity.type in LOCKS else None,
            shown=serial in self.identities,
        )

    def _info(self, serial: int, name: str, sites: dict[int, int]) -> ObjectInfo:
        identity = self.identities[serial]
        return ObjectInfo(
            number=self.numbers[serial],
            type=identity.type,
            name=name,
            site=sites.get(identity.place, 0),
            value=self.recorder.values.get(serial),
            lock=self.numbers.get(identity.lock, 0),
            owner=self.numbers.get(identity.owner, 0),
        )
