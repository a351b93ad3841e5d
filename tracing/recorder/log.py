"""The lists that a run writes: one for each thread."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from itertools import islice
from time import perf_counter_ns

from tracing.cpython.ownership import exclusive
from tracing.events import LIMITS, Site
from tracing.recorder.identity import IDENTITIES, OPEN, Identity, next_serial


class ThreadLog:
    """What one thread of a run did: only that thread writes to it."""

    __slots__ = (
        *("chunks", "daemon", "entries", "extend", "lines", "name", "number", "parent", "timer"),
        *("called", "hides", "_compacting"),
    )

    def __init__(self, *, number: int, name: str, parent: int, daemon: bool, timer: int, lines: bool) -> None:
        self.number, self.name, self.parent, self.daemon, self.timer = number, name, parent, daemon, timer
        self.lines = lines
        self.called: Site | None = None  # see ThreadInfo; also
        self.hides: tuple[str, ...] = ()
        self.entries: list[int] = []
        self.extend = self.entries.extend
        self.chunks: list[array[int]] = []
        self._compacting = exclusive()  # the run's keeper and who looks at a run that lasts may come together

    def compact(self, least: int = 1) -> int:
        """Turn what is in the list into an array, where there are that many entries; how many there are so
        far.

        Safe while the thread writes on, without the GIL too: each step on a list is done under its own lock.
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

    def forget(self) -> None:
        """Drop what is in the list. Safe while the thread writes on."""
        with self._compacting:
            del self.entries[: len(self.entries) & ~1]

    def retract(self, event: tuple[int, ...]) -> None:
        """By the thread itself: drop its latest event, if it is that and has not been taken."""
        with self._compacting:
            if tuple(self.entries[-len(event) :]) == event:
                del self.entries[-len(event) :]

    def take(self) -> array[int]:
        """All entries that were not taken before, which are not kept here any more: for who streams them.

        Safe while the thread writes on.
        """
        with self._compacting:
            taken = self.columns()
            self.chunks = []
            return taken

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
    positions in this list of ns (the clock may stand still between them). turns: of such a run, who had the
    turn: four numbers a row, the first a stamp; see `Turns`.
    """

    LONG = 1 << 20  # entries of one thread: 24 MB, 8 MB when they are compact
    limits = LIMITS

    def __init__(
        self,
        *,
        title: str = "",
        clock: str = "real",
        now: Callable[[], int] = perf_counter_ns,
        lines: bool = True,
        times: array[int] | None = None,
        turns: array[int] | None = None,
    ) -> None:
        self.title, self.clock, self.lines, self.schedule = title, clock, lines, ""
        self.logs: list[ThreadLog] = []
        self.values: dict[int, int] = {}  # serial -> value when the run first met the primitive
        self.first = next_serial()  # primitives with higher serial numbers were made since the run began
        self.identities: dict[int, Identity] = {}  # kept, so that what dies during the run still has a name
        OPEN.add(self)  # what is made from now on is told to it, so at its end nobody looks who is alive
        self.identities.update(IDENTITIES.alive())
        self.notes: list[str] = []
        self.numbered: tuple[Identity, ...] = ()  # the primitives as the last snapshot counts them
        self.texts: dict[str, int] = {}
        self.unsaid = 0  # texts that came when there were as many as can be numbered
        self._lock = exclusive()  # re-entrant: see Counter
        self.full: int | None = None  # ns since the run began: what comes later is not kept
        self.times, self.turns = times, turns
        self.stamps = array("q")  # of such a run, of the events of the last snapshot
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
        """The number under which a text is kept; 0 where there are too many."""
        known = self.texts.get(text)  # nearly always, and no text ever goes
        if known:
            return known
        with self._lock:
            if len(self.texts) >= self.limits.texts and text not in self.texts:
                self.unsaid += 1
                return 0
            return self.texts.setdefault(text, len(self.texts) + 1)

    def texts_after(self, number: int) -> list[str]:
        """The texts that are kept under higher numbers, in order."""
        with self._lock:
            return list(islice(reversed(self.texts), len(self.texts) - number))[::-1]

    def compact(self) -> int:
        """Compact the logs that have grown long, at the recorded threads' expense; the number of events so
        far.
        """
        if self.full is not None:
            for log in tuple(self.logs):
                log.forget()
        return sum(log.compact(least=self.LONG) for log in tuple(self.logs)) // 2

    def stop(self, time: int) -> None:
        """Keep nothing that happens after that time, ns since the run began: the record is full."""
        for log in tuple(self.logs):
            log.compact()
        self.full = time
