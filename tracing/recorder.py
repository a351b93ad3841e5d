"""The log of a run while it is being written: one flat list of integers per thread, merged once at the end.

Owns: `Identity` (what a primitive is, for the record), the tables of source places, `ThreadLog` (what one
thread did) and `Recorder` (a run's threads, objects, texts; gives the immutable `EventLog`).

Rule: recording an event never blocks, takes no lock and allocates two integers at most: a thread writes only
to its own list. Order between threads is decided by the time stamps when the lists are merged.

How it works: an event is two entries, its time and its code; an event with an argument is followed by two
more, the argument and the code 0. Codes stand ready-made in each primitive (`Identity.code`), one for each
source line that uses it, so that an event costs a clock and two appends. Long lists are turned into arrays of
sixteen bytes an event on the way (`ThreadLog.compact`). Primitives and source places have process-wide serial
numbers; the merge counts them 1..N anew.
"""

from __future__ import annotations

import platform
import sys
import weakref
from _thread import RLock
from array import array
from collections.abc import Callable
from time import perf_counter_ns
from types import CodeType, FrameType, MappingProxyType
from typing import TYPE_CHECKING

from tracing.events import (
    KIND_BITS,
    OBJECT_SHIFT,
    SITE_BITS,
    SITE_SHIFT,
    THREAD_SHIFT,
    Ending,
    EventLog,
    Kind,
    ObjectInfo,
    ThreadInfo,
)
from tracing.naming import Made, creator, is_library, name_all, site_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


class Counter:
    """Counts 1, 2, 3, ... over all threads; re-entrant: a signal handler or finaliser may come in anywhere."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = RLock()

    def next(self) -> int:
        """The next number, which nobody else gets."""
        with self._lock:
            self._last += 1
            return self._last


_serials = Counter()  # of primitives, in this process
next_serial = _serials.next
WITH_TEXT = frozenset({Kind.FAILED, Kind.REFUSED, Kind.BROKEN, Kind.NOTE})


class Places:
    """Places in the program, numbered from 1 in the order in which this process met them; 0 = not known."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        self._places: dict[int, tuple[CodeType, int]] = {}
        self._counter = Counter()

    def number(self, frame: FrameType) -> int:
        """The number of the instruction at which `frame` stands."""
        return self.at(frame.f_code, frame.f_lasti)

    def at(self, code: CodeType, lasti: int) -> int:
        """The number of an instruction."""
        # An instruction's address: unique as long as the code object lives, and _places keeps it alive.
        key = id(code) + lasti
        return self._numbers.get(key) or self._add(key, code, lasti)

    def _add(self, key: int, code: CodeType, lasti: int) -> int:
        number = self._counter.next()
        self._places[number] = (code, lasti)  # before anybody can know the number
        return self._numbers.setdefault(key, number)  # another thread's, where it was quicker

    def place(self, number: int) -> tuple[CodeType, int]:
        """The code object and the offset of the instruction."""
        return self._places[number]


PLACES = Places()


def raised_at(error: BaseException) -> int:
    """The place in the program from which an exception came: its own innermost, not a library's; 0 = none."""
    place, traceback = 0, error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if not is_library(code.co_filename):
            place = PLACES.at(code, traceback.tb_lasti)
        traceback = traceback.tb_next
    return place


def user_frame(frame: FrameType | None) -> FrameType | None:
    """The innermost frame that is the program's own, not the standard library's, a package's or ours."""
    while frame is not None and is_library(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


OPEN: set[Recorder] = set()  # they keep the identity of what is made while they record
# Of all primitives alive: a run names those that were made before it.
IDENTITIES: weakref.WeakValueDictionary[int, Identity] = weakref.WeakValueDictionary()


def alive() -> dict[int, Identity]:
    """Of all primitives alive, by serial number. Other threads may make some meanwhile."""
    found = (reference() for reference in IDENTITIES.valuerefs())  # a list: iterating would stumble over them
    return {identity.serial: identity for identity in found if identity is not None}


class Identity:
    """What the record knows of a primitive: a serial number, its type, where it was made, and its ready-made
    codes.
    """

    __slots__ = ("__weakref__", "codes", "direct", "lock", "owner", "place", "primitive", "serial", "type")

    def __init__(self, type: str, primitive: object, *, lock: int = 0, owner: int = 0) -> None:
        self.serial = _serials.next()
        self.type = type
        self.primitive = weakref.ref(primitive)
        self.lock = lock  # serial of a Condition's lock
        self.owner = owner  # serial of the Condition that made this lock for itself
        frame, self.direct = creator(sys._getframe(1), primitive)  # direct: made by the program itself
        self.place = PLACES.number(frame) if frame else 0
        self.codes: dict[tuple[int, int], int] = {}
        IDENTITIES[self.serial] = self
        for recorder in OPEN.copy():
            recorder.identities[self.serial] = self

    def code(self, kind: int, frame: FrameType | None) -> int:
        """The code of an event of that kind on this primitive, done at `frame`'s line."""
        place = PLACES.number(frame) if frame else 0
        key = (kind, place)
        # setdefault: every event from one place shares one int object, which is what keeps an event small.
        return self.codes.get(key) or self.codes.setdefault(
            key, kind | place << SITE_SHIFT | self.serial << OBJECT_SHIFT
        )


class ThreadLog:
    """What one thread of a run did: only that thread writes to it."""

    __slots__ = (
        *("chunks", "daemon", "entries", "extend", "lines", "name", "number", "parent", "timer"),
        "_compacting",
    )

    def __init__(self, *, number: int, name: str, parent: int, daemon: bool, timer: int, lines: bool) -> None:
        self.number, self.name, self.parent, self.daemon, self.timer = number, name, parent, daemon, timer
        self.lines = lines
        self.entries: list[int] = []
        self.extend = self.entries.extend
        self.chunks: list[array[int]] = []
        self._compacting = RLock()  # the Watch and who looks at a run that lasts may come together

    def compact(self, least: int = 1) -> int:
        """Turn what is in the list into an array, where there are that many entries; how many there are so
        far.

        Safe while the thread writes on.
        """
        with self._compacting:
            entries = self.entries
            whole = len(entries) & ~1
            if whole < least:
                return whole + sum(map(len, self.chunks))
            if whole:
                self.chunks.append(array("q", entries[:whole]))
                del entries[:whole]  # the thread appends at the other end
            return sum(map(len, self.chunks))

    def columns(self) -> array[int]:
        """All entries so far, times and codes in turn."""
        with self._compacting:
            self.compact()
            whole = array("q")
            for chunk in self.chunks:
                whole.extend(chunk)
            self.chunks = [whole]
            return whole


class Recorder:
    """Everything that one run records.

    now: the run's clock, ns. times: of a run whose events come one after the other, so that their stamps are
    positions in this list of ns (the clock may stand still between them).
    """

    LONG = 1 << 20  # entries of one thread: 24 MB, 8 MB when they are compact

    def __init__(
        self,
        *,
        title: str = "",
        clock: str = "real",
        now: Callable[[], int] = perf_counter_ns,
        lines: bool = True,
        times: array[int] | None = None,
    ) -> None:
        self.title, self.clock, self.lines, self.schedule = title, clock, lines, ""
        self.logs: list[ThreadLog] = []
        self.values: dict[int, int] = {}  # serial -> value when the run first met the primitive
        self.first = _serials.next()  # primitives with higher serial numbers were made since the run began
        self.identities = alive()  # kept, so that what dies during the run still has a name
        self.notes: list[str] = []
        self.numbered: tuple[Identity, ...] = ()  # the primitives as the last snapshot counts them
        self.texts: dict[str, int] = {}
        self._lock = RLock()  # re-entrant: see Counter
        OPEN.add(self)
        self.times = times
        self.began = now() if times is None else 0

    def close(self) -> None:
        """No more events will come."""
        OPEN.discard(self)

    def add_thread(self, name: str, *, parent: int = 0, daemon: bool = False, timer: int = 0) -> ThreadLog:
        """A log for one more thread."""
        with self._lock:
            log = ThreadLog(
                number=len(self.logs) + 1,
                name=name,
                parent=parent,
                daemon=daemon,
                timer=timer,
                lines=self.lines,
            )
            self.logs.append(log)
            return log

    def text(self, text: str) -> int:
        """The number under which a text is kept."""
        with self._lock:
            return self.texts.setdefault(text, len(self.texts) + 1)

    def compact(self) -> int:
        """Compact the logs that have grown long, at the recorded threads' expense; the number of events so
        far.
        """
        return sum(log.compact(least=self.LONG) for log in tuple(self.logs)) // 2

    def snapshot(self, ending: Ending) -> EventLog:
        """What is recorded up to `ending.time` (ns since the run began), merged, counted from 1 and named."""
        return _Merge(self, ending).log()


class _Merge:
    """The per-thread lists of one recorder, put in order of time. numpy, because a million events must not
    take long.
    """

    def __init__(self, recorder: Recorder, ending: Ending) -> None:
        import numpy

        self.np = numpy
        self.recorder, self.ending = recorder, ending

    def log(self) -> EventLog:
        recorder = self.recorder
        times, codes, threads, args = self._ordered()
        objects, serials = self._count_anew(codes >> OBJECT_SHIFT)
        sites, places = self._count_anew(codes >> SITE_SHIFT & (1 << SITE_BITS) - 1)
        kinds = codes & (1 << KIND_BITS) - 1
        packed = kinds | sites << SITE_SHIFT | objects << OBJECT_SHIFT | threads << THREAD_SHIFT
        objects_of = _Objects(recorder, serials, places)
        infos = objects_of.infos()
        recorder.numbered = tuple(objects_of.identities.values())
        return EventLog(
            times=array("q", times.tobytes()),
            codes=array("q", packed.tobytes()),
            args=MappingProxyType(args),
            threads=_thread_infos(tuple(recorder.logs), objects_of.numbers),
            objects=infos,
            sites=tuple(site_of(*PLACES.place(place)) for place in places),
            texts=tuple(recorder.texts),
            clock=recorder.clock,
            title=recorder.title,
            schedule=recorder.schedule,
            ending=self.ending,
            python=platform.python_version(),
            notes=tuple(recorder.notes),
        )

    def _ordered(self) -> tuple[Ints, Ints, Ints, dict[int, int]]:
        """Times, live codes and threads of all events in order, and the arguments by position."""
        np = self.np
        parts = [self._events(log) for log in tuple(self.recorder.logs)]
        times, codes, threads, args, has_arg = (np.concatenate(column) for column in zip(*parts, strict=True))
        order = np.argsort(times, kind="stable")
        stamped = self.recorder.times
        if stamped is not None:
            times = np.array(stamped, dtype=np.int64)[times]
        order = order[times[order] <= self.ending.time]
        if stamped is None:
            order = self._settle_ties(order, times, codes, threads)
        positions = np.nonzero(has_arg[order])[0]
        found = dict(zip(positions.tolist(), args[order][positions].tolist(), strict=True))
        return times[order], codes[order], threads[order], found

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


CAUSES = frozenset(
    {Kind.RELEASED, Kind.SET, Kind.NOTIFIED, Kind.TRIPPED, Kind.BROKEN, Kind.STARTED, Kind.ENDED}
)


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
        heads = (queue for queue in queues if int(codes[queue[0]]) & (1 << KIND_BITS) - 1 in CAUSES)
        queue = next(heads, queues[0])
        merged.append(queue.pop(0))
        queues = [queue for queue in queues if queue]
    return merged


def _thread_infos(logs: tuple[ThreadLog, ...], numbers: dict[int, int]) -> tuple[ThreadInfo, ...]:
    names = name_all({log.number: Made(type="Thread", given=log.name) for log in logs})
    return tuple(
        ThreadInfo(
            number=log.number,
            name=names[log.number],
            parent=log.parent,
            daemon=log.daemon,
            timer=numbers.get(log.timer, 0),
        )
        for log in logs
    )


class _Objects:
    """The primitives of a log: named, numbered by first use; places that only they mention are added to
    `places`.
    """

    def __init__(self, recorder: Recorder, serials: list[int], places: list[int]) -> None:
        self.recorder, self.places = recorder, places
        self.identities = {serial: self._identity(serial) for serial in serials}
        for identity in tuple(self.identities.values()):
            for other in (identity.lock, identity.owner):  # a Condition and its lock are in the log together
                if other:
                    self.identities.setdefault(other, self._identity(other))
        self.numbers = {serial: number for number, serial in enumerate(self.identities, 1)}

    def _identity(self, serial: int) -> Identity:
        found = self.recorder.identities.get(serial) or IDENTITIES.get(serial)
        return found or Identity("Lock", self)  # made and dropped by a thread that is not of the run

    def infos(self) -> tuple[ObjectInfo, ...]:
        names = name_all({serial: self._made(serial) for serial in sorted(self._siblings())})
        sites = {place: number for number, place in enumerate(self.places, 1)}
        for identity in self.identities.values():
            if identity.place and identity.place not in sites:
                self.places.append(identity.place)
                sites[identity.place] = len(self.places)
        return tuple(self._info(serial, names[serial], sites) for serial in self.identities)

    def _siblings(self) -> set[int]:
        """All primitives made where those of the log were made: `forks[3]` is the fourth, even if used alone.

        Those made during the run and those made before it are counted apart: a program that runs again names
        its primitives as it did the first time, even where those of an earlier run are still alive.
        """
        first = self.recorder.first
        known = {**self.recorder.identities, **alive(), **self.identities}
        made = {
            (identity.place, serial > first) for serial, identity in self.identities.items() if identity.place
        }
        siblings = {serial for serial, each in known.items() if (each.place, serial > first) in made}
        return siblings | set(self.identities)

    def _made(self, serial: int) -> Made:
        identity = self.identities.get(serial) or self._identity(serial)
        return Made(
            type=identity.type,
            place=PLACES.place(identity.place) if identity.place and identity.direct else None,
            owner=identity.owner,
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
