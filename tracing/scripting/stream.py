"""The record of a process written to a file while it runs.

Owns: `Stream`, when it is written and by whom; `_Tables`, what has to stand before an event that mentions it.

Rule: what was recorded BEAT ago survives any end of the process, SIGKILL included. The program cannot see
who writes: it is a thread that `threading` knows nothing of.

How it works: at each beat the lists of the threads that live are emptied, their events put in order of time,
and what they mention (threads, primitives, places, texts) is written before them. Numbers, once given, stay;
a name that turns out to be shared is corrected by writing the row again, as the file format allows. What ends
a process at once writes first (see `patching.interpreter`).

A name depends on all others, so giving the right one costs a look at all. That is done at the end, and before
it as long as there are few; then only when there are half as many again, or a beat would cost the more the
longer the program runs. What is new meanwhile gets a hasty name, which stays where the process is killed.
"""

from __future__ import annotations

import os
import time
from _thread import RLock, allocate_lock, start_new_thread
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from time import perf_counter_ns
from typing import Any

from tracing.cpython.ownership import alone
from tracing.diagnosis.graph import blockers, cycles, wait_for_graph
from tracing.events import (
    KIND_MASK,
    OBJECT_SHIFT,
    SITE_MASK,
    SITE_SHIFT,
    THREAD_KINDS,
    Ending,
    Kind,
    ObjectInfo,
    Site,
    Stand,
    ThreadInfo,
    pack,
)
from tracing.files import open_log
from tracing.files.writer import Writer
from tracing.model import fold
from tracing.recorder import Recorder, ThreadLog
from tracing.recorder.merging import Objects, sites_of, thread_infos, unnumbered
from tracing.runtime.raising import take_no_signals
from tracing.scripting.job import FORKED, LastPlaces, Pulse, Tail, WatchFile

_sleep = time.sleep  # bound early: the name in `time` is replaced
Event = tuple[int, int, int, int | None]  # time, code, thread, argument


class Stream:
    """A recorder's way into a file, to be read with `open_log`.

    recorder: whose events. folder: where "trace" and the pulse are written. max_events: what comes later is
    not kept, and the record says so.
    """

    BEAT = 0.025  # s

    def __init__(self, recorder: Recorder, folder: Path, *, python: str, max_events: int = 1_000_000) -> None:
        self.recorder = recorder
        self._folder, self._tail = folder, Tail(folder / "trace")
        self._writer = Writer(self._tail, title=recorder.title, python=python)
        self._pulse, self._places = Pulse(folder), LastPlaces(folder)
        self._tables = _Tables(recorder, self._writer)
        self._living: list[ThreadLog] = []
        self._known = 0  # logs of the recorder
        self._room = max_events
        self._full: int | None = None  # ns: when there was no more room
        self._closed = False
        self._busy = False
        self._lock = RLock()  # re-entrant: a signal handler may come in
        self._process, self._parent = os.getpid(), os.getppid()
        self.ident, self._begun = 0, allocate_lock()  # of the thread that writes
        self._forks, self._of_fork, self._common = count(1), folder, 0
        self._forked: Site | None = None  # at which line this process was forked, if it was

    def start(self) -> None:
        """Write from now on; returns when the file says that the program begins."""
        self.flush()
        self._begun.acquire()
        self.ident = start_new_thread(self._loop, ())
        self._begun.acquire()  # from here on it is seen among the threads that there are

    def flush(self) -> None:
        """Write what there is."""
        self._alone(self._write)

    def finish(self, reason: str, detail: str = "", stands: tuple[Stand, ...] = ()) -> None:
        """Write what there is, and how it ended; nothing is written any more."""
        self._alone(lambda: self._close(reason, detail, stands))
        if self._forked is not None and reason != "hung":
            self._tail.take_away()

    def has_circle(self) -> bool:
        """Whether by what is written threads wait in a circle, the main one not among them."""
        self.flush()
        if self._forked is not None or self._full is not None:
            return False
        log = open_log(self._folder / "trace")
        graph = blockers(wait_for_graph(fold(log)))
        return any(1 not in circle for circle in cycles(graph))

    # Forks: see `forking`

    def hold(self) -> None:
        """By a thread that is about to fork: write what there is; nobody else writes until it has.

        The file of the new process is there before it is: whoever waits for this one knows of both.
        """
        self._lock.acquire()
        self.flush()
        self._common = self._tail.size()
        self._of_fork = self._folder / f"{FORKED}{os.getpid()}-{next(self._forks)}"
        with suppress(OSError):
            self._of_fork.touch()

    def go_on(self) -> None:
        """By the same thread, in the same process."""
        self._lock.release()

    def go_on_forked(self, line: Site | None) -> None:
        """By the same thread, in the new process: keep what is recorded from now on."""
        self._lock, self._busy = RLock(), False
        self.ident = 0  # the thread that writes is not here: another one may be given its ident
        self._forked = line or Site(file="", line=0)
        self._watch_file, self._watched = WatchFile(self._of_fork), 0
        self.looked(0)
        self._tail.go_on_at(self._of_fork, self._common)

    def looked(self, seconds: float) -> None:
        """By who looks whether a forked process hangs: it has, for so much longer."""
        if self._forked is not None:
            self._watched += round(seconds * 1e9)
            self._watch_file.write(self._watched)

    def tell_places(self, stands: Callable[[], tuple[Stand, ...]]) -> None:
        """By who looks: where the threads stand, if the parent wants to know."""
        if self._forked is None and self._places.are_asked():
            self._places.tell(stands())

    def finish_hung(self, stands: tuple[Stand, ...]) -> None:
        """Nobody can go on. The one thing that a forked process tells as well."""
        self._process = os.getpid()
        if self._forked is not None:
            self._watch_file.write(WatchFile.DECIDED)
        self.finish("hung", stands=stands)

    def _loop(self) -> None:
        take_no_signals()
        self._begun.release()
        while not self._closed:
            _sleep(self.BEAT)
            self.flush()
            if os.getppid() != self._parent:  # nobody is left who would end this process
                os._exit(1)

    def _alone(self, write: Callable[[], object]) -> None:
        if os.getpid() != self._process:  # a forked child: the file is its parent's, and so may be the lock
            return
        alone(self._lock, lambda: self._once(write))

    def _once(self, write: Callable[[], object]) -> None:
        if self._closed or self._busy:
            return
        try:
            self._busy = True
            write()
        finally:
            self._busy = False

    def _close(self, reason: str, detail: str, stands: tuple[Stand, ...]) -> None:
        self._write()
        self._tables.name_all()
        now = perf_counter_ns() - self.recorder.began
        if self._full is not None and reason in ("done", "hung"):
            reason, detail, now = "full", detail or reason, self._full
        self._closed = True
        self._writer.notes(unnumbered(self.recorder, self._tables.left))
        ending = Ending(reason=reason, time=now, detail=detail, stands=stands, fork=self._forked)
        self._writer.close(ending)

    def _write(self) -> None:
        now = perf_counter_ns()
        events = sorted(self._taken(), key=lambda event: event[0])
        if events and self._full is None:
            self._keep(events)
        self._writer.flush()
        if self._forked is None:
            self._pulse.beat(self.recorder.began, now)

    def _taken(self) -> list[Event]:
        """What was recorded since the last beat. A thread that has ended is looked at no more."""
        self._living += self.recorder.logs[self._known :]
        self._known = max((self._known, *(log.number for log in self._living)))
        taken = [(log, list(_events(log))) for log in self._living]
        self._living = [log for log, events in taken if not _has_ended(log, events)]
        return [event for _, events in taken for event in events]

    def _keep(self, events: list[Event]) -> None:
        if len(events) > self._room:
            total = self._tables.length + self._room
            self._writer.notes([f"the record was full after {total:,} events"])
            self._full = events[self._room][0] - self.recorder.began
        kept = events[: self._room]
        self._room -= len(kept)
        self._tables.write(kept)


def _events(log: ThreadLog) -> Iterator[Event]:
    """What a thread has recorded since it was last asked."""
    entries = log.take()
    times, codes = entries[::2], entries[1::2]
    arguments = [*codes[1:], 1]  # an event with an argument is followed by it, and the code 0
    for index, code in enumerate(codes):
        if code:
            yield times[index], code, log.number, None if arguments[index] else times[index + 1]


def _has_ended(log: ThreadLog, events: list[Event]) -> bool:
    """Whether no more can come: only the main thread does anything after its end, atexit functions."""
    return bool(log.parent and events and events[-1][1] & KIND_MASK in _LAST)


_LAST = frozenset({Kind.ENDED, Kind.FAILED})


class _Tables:
    """What the events mention: written when it is first mentioned, and again when it has changed."""

    FEW = 200  # threads and primitives that are named anew whenever there is another one

    def __init__(self, recorder: Recorder, writer: Writer) -> None:
        self.recorder, self.writer = recorder, writer
        self.length = 0  # events so far
        self._named = 0  # threads and primitives when all were named
        self.left = 0  # events about what has no number
        self._numbers: dict[int, int] = {}  # of primitives, by serial
        self._places: list[int] = []
        self._sites: dict[int, int] = {}  # numbers of places
        self._objects: dict[int, ObjectInfo] = {}
        self._threads: dict[int, ThreadInfo] = {}
        self._texts = 0

    def write(self, events: list[Event]) -> None:
        """These events, after what they mention; without those about what has no number."""
        events = [event for event in events if self._has_thread(event)]
        self._mention([code for _, code, _, _ in events])
        events = [event for event in events if self._has_object(event)]
        began = self.recorder.began
        self.writer.events(
            array("q", (time - began for time, _, _, _ in events)),
            array("q", (self._packed(code, thread) for _, code, thread, _ in events)),
            {position: event[3] for position, event in enumerate(events) if event[3] is not None},
        )
        self.length += len(events)

    def _has_thread(self, event: Event) -> bool:
        _, code, thread, arg = event
        most = self.recorder.limits.threads
        about = code & KIND_MASK in THREAD_KINDS
        has = thread <= most and not (about and arg is not None and arg > most)
        self.left += not has and thread <= most
        return has

    def _has_object(self, event: Event) -> bool:
        serial = event[1] >> OBJECT_SHIFT
        has = not serial or serial in self._numbers
        self.left += not has
        return has

    def _packed(self, code: int, thread: int) -> int:
        return pack(
            code & KIND_MASK,
            site=self._sites.get(_place(code), 0),
            obj=self._numbers.get(code >> OBJECT_SHIFT, 0),
            thread=thread,
        )

    def name_all(self) -> None:
        """Give each thread and primitive the name that it has in a record."""
        self._rows(list(self._numbers), self._logs(), set())

    def _logs(self) -> list[ThreadLog]:
        """Of the threads that have a number."""
        return self.recorder.logs[: self.recorder.limits.threads]

    def _mention(self, codes: list[int]) -> None:
        serials = _fresh((code >> OBJECT_SHIFT for code in codes), self._numbers)
        serials = serials[: self.recorder.limits.objects - len(self._numbers)]
        places = _fresh(map(_place, codes), self._sites)
        logs = self.recorder.logs[len(self._threads) : self.recorder.limits.threads]
        if serials or places or logs:
            self._places += places
            waits = {_place(code) for code in codes if code & KIND_MASK == Kind.COND_WAIT}
            if self._to_be_named(len(serials) + len(logs)):
                self._rows([*self._numbers, *serials], self._logs(), waits)
            else:
                self._rows(serials, logs, waits, hasty=True)
        texts = self.recorder.texts_after(self._texts)
        self.writer.texts(texts)
        self._texts += len(texts)

    def _to_be_named(self, more: int) -> bool:
        """Whether it is time to name all anew, with so many more."""
        known = len(self._numbers) + len(self._threads) + more
        if self.FEW < known < self._named * 3 // 2:
            return False
        self._named = known
        return True

    def _rows(
        self, serials: list[int], logs: Sequence[ThreadLog], waits: set[int], *, hasty: bool = False
    ) -> None:
        """Write the rows of these, or correct them. hasty: these are not all."""
        objects = Objects(self.recorder, serials, self._places, self._numbers if hasty else None)
        infos = objects.infos(hasty=hasty)  # may add places
        self._numbers = objects.numbers
        written = len(self._sites)
        fresh = self._places[written:]
        self.writer.sites(
            sites_of(fresh, {number for number, place in enumerate(fresh, 1) if place in waits})
        )
        self._sites.update({place: number for number, place in enumerate(fresh, written + 1)})
        self.writer.objects(_changed(infos, self._objects))
        self.writer.threads(_changed(thread_infos(logs, objects.numbers, hasty=hasty), self._threads))


def _place(code: int) -> int:
    return code >> SITE_SHIFT & SITE_MASK


def _fresh(numbers: Iterable[int], known: dict[int, int]) -> list[int]:
    """Those that are not known yet, in order of first appearance; 0 is nobody's."""
    return [number for number in dict.fromkeys(numbers) if number and number not in known]


def _changed(rows: Iterable[Any], written: dict[int, Any]) -> Iterator[Any]:
    """The rows that are new or have changed, which now count as written."""
    for row in rows:
        if written.get(row.number) != row:
            written[row.number] = row
            yield row
