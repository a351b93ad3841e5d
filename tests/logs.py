"""Event logs written by hand, for tests: `log.at(5).acquired(writer, lock_a, line=12)`.

A method per `Kind`; threads and objects are the numbers that `thread`, `lock`, ... returned; times are ns.
`build()` gives the `EventLog`.
"""

from __future__ import annotations

from array import array

from tracing.events import Ending, EventLog, Kind, ObjectInfo, Site, ThreadInfo, Woken, pack


class LogBuilder:
    """Collects events in the order in which its methods are called."""

    def __init__(self, *, clock: str = "virtual", title: str = "") -> None:
        self.clock, self.title = clock, title
        self.now = 0
        self.times, self.codes = array("q"), array("q")
        self.args: dict[int, int] = {}
        self.threads: list[ThreadInfo] = []
        self.objects: list[ObjectInfo] = []
        self.sites: list[Site] = []
        self.texts: list[str] = []

    def build(
        self,
        *,
        end: int | None = None,
        reason: str = "done",
        leaked: tuple[str, ...] = (),
        notes: tuple[str, ...] = (),
    ) -> EventLog:
        ending = Ending(reason=reason, time=self.now if end is None else end, leaked=leaked)
        return EventLog(
            times=self.times,
            codes=self.codes,
            args=self.args,
            threads=tuple(self.threads),
            objects=tuple(self.objects),
            sites=tuple(self.sites),
            texts=tuple(self.texts),
            clock=self.clock,
            title=self.title,
            ending=ending,
            notes=notes,
        )

    # Who and what

    def thread(self, name: str = "main", *, parent: int = 0, daemon: bool = False, timer: int = 0) -> int:
        """Another thread of the run; says nothing yet about when it starts."""
        number = len(self.threads) + 1
        self.threads.append(ThreadInfo(number=number, name=name, parent=parent, daemon=daemon, timer=timer))
        return number

    def spawn(self, parent: int, name: str, *, line: int = 0, daemon: bool = False, timer: int = 0) -> int:
        """A thread that `parent` starts and that begins at once."""
        child = self.thread(name, parent=parent, daemon=daemon, timer=timer)
        self.started(parent, child, line=line).began(child, parent)
        return child

    def object(
        self,
        type_: str,
        name: str = "",
        *,
        value: int | None = None,
        lock: int = 0,
        owner: int = 0,
        line: int = 0,
    ) -> int:
        number = len(self.objects) + 1
        name = name or f"{type_}-{number}"
        site = self.site(line)
        self.objects.append(
            ObjectInfo(number=number, type=type_, name=name, value=value, lock=lock, owner=owner, site=site)
        )
        return number

    def lock(self, name: str = "") -> int:
        return self.object("Lock", name)

    def rlock(self, name: str = "") -> int:
        return self.object("RLock", name)

    def condition(self, name: str = "", *, lock: int) -> int:
        return self.object("Condition", name, lock=lock)

    def semaphore(self, name: str = "", *, value: int = 1) -> int:
        return self.object("Semaphore", name, value=value)

    def event(self, name: str = "", *, value: int = 0) -> int:
        return self.object("Event", name, value=value)

    def barrier(self, name: str = "", *, parties: int) -> int:
        return self.object("Barrier", name, value=parties)

    def timer(self, name: str = "") -> int:
        return self.object("Timer", name)

    def site(self, line: int) -> int:
        if not line:
            return 0
        site = Site(file="lesson.py", line=line, function="work")
        if site not in self.sites:
            self.sites.append(site)
        return self.sites.index(site) + 1

    def text(self, text: str) -> int:
        if text not in self.texts:
            self.texts.append(text)
        return self.texts.index(text) + 1

    # What happens

    def at(self, time: int) -> LogBuilder:
        """The events that follow happen at this time."""
        assert time >= self.now, "times never decrease"
        self.now = time
        return self

    def add(self, kind: Kind, thread: int, obj: int = 0, arg: int | None = None, line: int = 0) -> LogBuilder:
        if arg is not None:
            self.args[len(self.times)] = arg
        self.times.append(self.now)
        self.codes.append(pack(kind, site=self.site(line), obj=obj, thread=thread))
        return self

    def started(self, thread: int, child: int, *, line: int = 0) -> LogBuilder:
        return self.add(Kind.STARTED, thread, arg=child, line=line)

    def began(self, thread: int, parent: int | None = None) -> LogBuilder:
        return self.add(Kind.BEGAN, thread, arg=parent)

    def ended(self, thread: int) -> LogBuilder:
        return self.add(Kind.ENDED, thread)

    def failed(self, thread: int, text: str = "ValueError: no", *, line: int = 0) -> LogBuilder:
        return self.add(Kind.FAILED, thread, arg=self.text(text), line=line)

    def join_wait(self, thread: int, other: int, *, line: int = 0) -> LogBuilder:
        return self.add(Kind.JOIN_WAIT, thread, arg=other, line=line)

    def joined(self, thread: int, other: int, *, line: int = 0) -> LogBuilder:
        return self.add(Kind.JOINED, thread, arg=other, line=line)

    def join_timed_out(self, thread: int, other: int, *, line: int = 0) -> LogBuilder:
        return self.add(Kind.JOIN_TIMED_OUT, thread, arg=other, line=line)

    def sleep(self, thread: int, duration: int, *, line: int = 0) -> LogBuilder:
        return self.add(Kind.SLEEP, thread, arg=duration, line=line)

    def woke(self, thread: int) -> LogBuilder:
        return self.add(Kind.WOKE, thread)

    def wait(self, thread: int, obj: int, *, timeout: int = -1, line: int = 0) -> LogBuilder:
        return self.add(Kind.WAIT, thread, obj, timeout, line)

    def timed_out(self, thread: int, obj: int, *, line: int = 0) -> LogBuilder:
        return self.add(Kind.TIMED_OUT, thread, obj, line=line)

    def would_block(self, thread: int, obj: int, *, line: int = 0) -> LogBuilder:
        return self.add(Kind.WOULD_BLOCK, thread, obj, line=line)

    def cut(self, thread: int, obj: int, *, line: int = 0) -> LogBuilder:
        return self.add(Kind.CUT, thread, obj, line=line)

    def acquired(self, thread: int, obj: int, *, levels: int | None = None, line: int = 0) -> LogBuilder:
        return self.add(Kind.ACQUIRED, thread, obj, levels, line)

    def released(self, thread: int, obj: int, *, levels: int | None = None, line: int = 0) -> LogBuilder:
        return self.add(Kind.RELEASED, thread, obj, levels, line)

    def refused(self, thread: int, obj: int, text: str, *, line: int = 0) -> LogBuilder:
        return self.add(Kind.REFUSED, thread, obj, self.text(text), line)

    def cond_wait(self, thread: int, cond: int, *, timeout: int = -1, line: int = 0) -> LogBuilder:
        return self.add(Kind.COND_WAIT, thread, cond, timeout, line)

    def notify(self, thread: int, cond: int, *woken: int, line: int = 0) -> LogBuilder:
        """notify() that wakes these threads: a NOTIFY, and a NOTIFIED for each."""
        self.add(Kind.NOTIFY, thread, cond, len(woken), line)
        for waiter in woken:
            self.add(Kind.NOTIFIED, thread, cond, waiter, line)
        return self

    def cond_woke(self, thread: int, cond: int, how: Woken = Woken.NOTIFIED) -> LogBuilder:
        return self.add(Kind.COND_WOKE, thread, cond, how)

    def set(self, thread: int, event: int, *, line: int = 0) -> LogBuilder:
        return self.add(Kind.SET, thread, event, line=line)

    def cleared(self, thread: int, event: int, *, line: int = 0) -> LogBuilder:
        return self.add(Kind.CLEARED, thread, event, line=line)

    def passed(self, thread: int, obj: int, *, index: int | None = None, line: int = 0) -> LogBuilder:
        return self.add(Kind.PASSED, thread, obj, index, line)

    def arrived(self, thread: int, barrier: int, count: int, *, line: int = 0) -> LogBuilder:
        return self.add(Kind.ARRIVED, thread, barrier, count, line)

    def round_wait(self, thread: int, barrier: int, *, line: int = 0) -> LogBuilder:
        return self.add(Kind.ROUND_WAIT, thread, barrier, -1, line)

    def tripped(self, thread: int, barrier: int) -> LogBuilder:
        return self.add(Kind.TRIPPED, thread, barrier)

    def action(self, thread: int, barrier: int) -> LogBuilder:
        return self.add(Kind.ACTION, thread, barrier)

    def action_done(self, thread: int, barrier: int) -> LogBuilder:
        return self.add(Kind.ACTION_DONE, thread, barrier)

    def broken(self, thread: int, barrier: int, text: str, *, line: int = 0) -> LogBuilder:
        return self.add(Kind.BROKEN, thread, barrier, self.text(text), line)

    def broke_out(self, thread: int, barrier: int, *, line: int = 0) -> LogBuilder:
        return self.add(Kind.BROKE_OUT, thread, barrier, line=line)

    def reset(self, thread: int, barrier: int, *, line: int = 0) -> LogBuilder:
        return self.add(Kind.RESET, thread, barrier, line=line)

    def pending(self, thread: int, timer: int, interval: int) -> LogBuilder:
        return self.add(Kind.PENDING, thread, timer, interval)

    def fired(self, thread: int, timer: int) -> LogBuilder:
        return self.add(Kind.FIRED, thread, timer)

    def cancelled(self, thread: int, timer: int, *, line: int = 0) -> LogBuilder:
        return self.add(Kind.CANCELLED, thread, timer, line=line)

    def cancel_late(self, thread: int, timer: int, *, line: int = 0) -> LogBuilder:
        return self.add(Kind.CANCEL_LATE, thread, timer, line=line)

    def note(self, thread: int, text: str, *, line: int = 0) -> LogBuilder:
        return self.add(Kind.NOTE, thread, arg=self.text(text), line=line)
