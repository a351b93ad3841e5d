"""Every primitive's timelines, rendered to a folder: `python tests/gallery.py FOLDER [--grey]`.

Owns: `GALLERY`, the stories that the timeline must tell well. Each is a log written by hand, so that a
picture changes only when the drawing does. tests/test_timeline.py holds all of them to the contract; people
look at them.
"""

from __future__ import annotations

import random
import sys
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace

from tracing.events import LENGTH_BITS, Ending, EventLog, Kind, ObjectInfo, ThreadInfo, pack
from tracing.model import fold
from tracing.views.png import to_png
from tracing.views.timeline import Run, compare_timelines, draw_timeline

K = Kind


class Story:
    """A log in the making: who did what, at which second."""

    def __init__(self, title: str, *threads: str, clock: str = "virtual", schedule: str = "seed 0") -> None:
        self.title, self.clock, self.schedule = title, clock, schedule
        self.threads = [ThreadInfo(number=1, name="MainThread")]
        self.objects: list[ObjectInfo] = []
        self.texts: list[str] = []
        self.rows: list[tuple[int, int, int, Kind, int, int | None]] = []
        self.ending: tuple[str, float] | None = None
        for name in threads:
            self.thread(name)

    def thread(self, name: str, *, daemon: bool = False, timer: int = 0) -> int:
        """A thread that the main thread starts; its number."""
        number = len(self.threads) + 1
        self.threads.append(ThreadInfo(number=number, name=name, parent=1, daemon=daemon, timer=timer))
        return number

    def object(self, kind: str, name: str, **more: int) -> int:
        """A primitive; its number."""
        number = len(self.objects) + 1
        self.objects.append(ObjectInfo(number=number, type=kind, name=name, **more))
        return number

    def text(self, text: str) -> int:
        """A text's number."""
        self.texts.append(text)
        return len(self.texts)

    def at(self, second: float, thread: int, kind: Kind, obj: int = 0, arg: int | None = None) -> None:
        """One event. Of events at the same time the one written first comes first."""
        self.rows.append((round(second * 1e9), len(self.rows), thread, kind, obj, arg))

    def start(self, *threads: int, at: float = 0.0) -> None:
        """The main thread starts them, and they begin."""
        for thread in threads:
            self.at(at, 1, K.STARTED, arg=thread)
            self.at(at, thread, K.BEGAN, arg=1)

    def sleep(self, thread: int, start: float, end: float) -> None:
        """A sleep."""
        self.at(start, thread, K.SLEEP, arg=round((end - start) * 1e9))
        self.at(end, thread, K.WOKE)

    def join(self, start: float, ends: dict[int, float]) -> None:
        """The threads end at these times; the main thread joins them in that order."""
        for thread, end in ends.items():
            self.at(end, thread, K.ENDED)
            if end > start:
                self.at(start, 1, K.JOIN_WAIT, arg=thread)
            self.at(max(start, end), 1, K.JOINED, arg=thread)
            start = max(start, end)

    def hold(self, thread: int, obj: int, start: float, end: float, *, wait: float | None = None) -> None:
        """A hold, after a wait that begins at `wait`."""
        if wait is not None:
            self.at(wait, thread, K.WAIT, obj, -1)
        self.at(start, thread, K.ACQUIRED, obj)
        self.at(end, thread, K.RELEASED, obj)

    def log(self) -> EventLog:
        """The log."""
        rows = sorted(self.rows, key=lambda row: row[:2])
        end = round(self.ending[1] * 1e9) if self.ending else rows[-1][0] if rows else 0
        return EventLog(
            times=array("q", [row[0] for row in rows]),
            codes=array("q", [pack(kind, obj=obj, thread=thread) for _, _, thread, kind, obj, _ in rows]),
            args={seq: row[5] for seq, row in enumerate(rows) if row[5] is not None},
            threads=tuple(self.threads),
            objects=tuple(self.objects),
            texts=tuple(self.texts),
            clock=self.clock,
            schedule=self.schedule if self.clock == "virtual" else "",
            title=self.title,
            ending=Ending(reason=self.ending[0] if self.ending else "done", time=end),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A story and how it is shown."""

    log: EventLog
    options: dict[str, object] = field(default_factory=dict)


def contention() -> Picture:
    """The mock's story, on the real clock."""
    s = Story("One lock, two threads: reader waits until writer lets go", "writer", "reader", clock="real")
    lock = s.object("Lock", "my_lock")
    s.at(0.02, 1, K.STARTED, arg=2)
    s.at(0.03, 2, K.BEGAN, arg=1)
    s.at(0.04, 1, K.STARTED, arg=3)
    s.at(0.05, 3, K.BEGAN, arg=1)
    s.hold(2, lock, 0.04, 3.1)
    s.sleep(2, 0.06, 3.06)
    s.hold(3, lock, 3.13, 6.14, wait=0.055)
    s.sleep(3, 3.16, 6.1)
    s.join(0.06, {2: 3.12, 3: 6.18})
    return Picture(log=s.log())


def contention_virtual() -> Picture:
    """The same where running takes no time."""
    s = Story("One lock, two threads, on the virtual clock", "writer", "reader")
    lock = s.object("Lock", "my_lock")
    s.start(2, 3)
    s.at(0, 2, K.ACQUIRED, lock)
    s.sleep(2, 0, 3)
    s.at(0, 3, K.WAIT, lock, -1)
    s.at(3, 2, K.RELEASED, lock)
    s.at(3, 3, K.ACQUIRED, lock)
    s.sleep(3, 3, 6)
    s.at(6, 3, K.RELEASED, lock)
    s.join(0, {2: 3, 3: 6})
    return Picture(log=s.log())


def nested() -> Picture:
    """Two locks, one inside the other, three threads."""
    s = Story("Two locks, taken in one order", "mover", "auditor", "clerk")
    a, b = s.object("Lock", "accounts"), s.object("Lock", "journal")
    s.start(2, 3, 4)
    s.at(0.1, 2, K.ACQUIRED, a)
    s.sleep(2, 0.1, 1)
    s.hold(2, b, 1, 3)
    s.sleep(2, 1, 3)
    s.at(3.2, 2, K.RELEASED, a)
    s.hold(3, a, 3.2, 6, wait=0.3)
    s.sleep(3, 3.2, 4)
    s.sleep(4, 0, 2)
    s.hold(4, b, 3, 4.6, wait=2)
    s.sleep(4, 3, 4.6)
    s.hold(3, b, 4.6, 5.6, wait=4)
    s.sleep(3, 4.6, 5.6)
    s.join(0, {2: 3.4, 3: 6.1, 4: 4.8})
    return Picture(log=s.log())


def rlock_depth() -> Picture:
    """Three up, one down, one up, three down; another thread waits all the while."""
    s = Story("An RLock counts: 1, 2, 3, 2, 3, 2, 1, free", "recursive", "other")
    lock = s.object("RLock", "tree_lock")
    s.start(2, 3)
    moves = [K.ACQUIRED, K.ACQUIRED, K.ACQUIRED, K.RELEASED, K.ACQUIRED, K.RELEASED, K.RELEASED, K.RELEASED]
    for step, move in enumerate(moves):
        s.at(step, 2, move, lock)
        if step < 7:
            s.sleep(2, step, step + 1)
    s.hold(3, lock, 7, 8.5, wait=0.5)
    s.sleep(3, 7, 8.5)
    s.join(0, {2: 7.2, 3: 8.7})
    return Picture(log=s.log())


def _cond_wait(s: Story, thread: int, cond: int, lock: int, start: float) -> None:
    s.at(start, thread, K.COND_WAIT, cond, -1)
    s.at(start, thread, K.RELEASED, lock)


def condition() -> Picture:
    """The three phases of Condition.wait."""
    s = Story("Condition.wait: gives the lock up, is notified, needs the lock back", "consumer", "producer")
    cond = s.object("Condition", "item_ready", lock=2)
    lock = s.object("RLock", "item_ready's lock", owner=1)
    s.start(2, 3)
    s.at(0.2, 2, K.ACQUIRED, lock)
    s.sleep(2, 0.2, 0.8)
    _cond_wait(s, 2, cond, lock, 0.8)
    s.sleep(3, 0, 2)
    s.at(2, 3, K.ACQUIRED, lock)
    s.sleep(3, 2, 3)
    s.at(3, 3, K.NOTIFY, cond, 1)
    s.at(3, 3, K.NOTIFIED, cond, 2)
    s.at(3, 2, K.COND_WOKE, cond, 1)
    s.at(3, 2, K.WAIT, lock, -1)
    s.sleep(3, 3, 4.5)
    s.at(4.5, 3, K.RELEASED, lock)
    s.at(4.5, 2, K.ACQUIRED, lock, 1)
    s.sleep(2, 4.5, 5.5)
    s.at(5.5, 2, K.RELEASED, lock)
    s.join(0, {3: 4.6, 2: 5.6})
    return Picture(log=s.log())


def notify_all() -> Picture:
    """Three waiters woken at once go on one at a time: a staircase."""
    s = Story("notify_all wakes all three; they go on one at a time", "w1", "w2", "w3", "boss")
    cond = s.object("Condition", "go", lock=2)
    lock = s.object("Lock", "mutex")
    s.start(2, 3, 4, 5)
    for i, thread in enumerate((2, 3, 4)):
        s.at(0.1 * i, thread, K.ACQUIRED, lock)
        _cond_wait(s, thread, cond, lock, 0.1 * i + 0.05)
    s.sleep(5, 0, 2)
    s.at(2, 5, K.ACQUIRED, lock)
    s.at(2, 5, K.NOTIFY, cond, 3)
    for thread in (2, 3, 4):
        s.at(2, 5, K.NOTIFIED, cond, thread)
    for thread in (2, 3, 4):
        s.at(2, thread, K.COND_WOKE, cond, 1)
        s.at(2, thread, K.WAIT, lock, -1)
    s.sleep(5, 2, 2.5)
    s.at(2.5, 5, K.RELEASED, lock)
    for i, thread in enumerate((2, 3, 4)):
        s.at(2.5 + i, thread, K.ACQUIRED, lock)
        s.sleep(thread, 2.5 + i, 3.5 + i)
        s.at(3.5 + i, thread, K.RELEASED, lock)
    s.join(0.1, {5: 2.6, 2: 3.6, 3: 4.6, 4: 5.6})
    return Picture(log=s.log())


def semaphore() -> Picture:
    """Eight workers, two permits."""
    s = Story("Eight workers share two permits", *(f"worker-{i}" for i in range(1, 9)))
    pool = s.object("Semaphore", "pool", value=2)
    rng = random.Random(4)
    s.start(*range(2, 10))
    free, ends = [0.0, 0.0], {}
    for i, thread in enumerate(range(2, 10)):
        asked, long = 0.05 * i, round(rng.uniform(0.7, 1.8), 1)
        got = max(asked, min(free))
        free[free.index(min(free))] = got + long
        if got > asked:
            s.at(asked, thread, K.WAIT, pool, -1)
        s.at(got, thread, K.ACQUIRED, pool)
        s.sleep(thread, got, got + long)
        s.at(got + long, thread, K.RELEASED, pool)
        ends[thread] = got + long + 0.02
    s.join(0.4, ends)
    return Picture(log=s.log())


def semaphore_signal() -> Picture:
    """A Semaphore(0) that remembers: release before acquire."""
    s = Story("Semaphore(0) remembers the signal", "producer", "consumer")
    sem = s.object("Semaphore", "items", value=0)
    s.start(2, 3)
    for i in range(3):
        s.sleep(2, i * 0.5, i * 0.5 + 0.5)
        s.at(i * 0.5 + 0.5, 2, K.RELEASED, sem)
    s.sleep(3, 0, 1.2)
    s.at(1.2, 3, K.ACQUIRED, sem)
    s.sleep(3, 1.2, 1.8)
    s.at(1.8, 3, K.ACQUIRED, sem)
    s.at(1.8, 3, K.ACQUIRED, sem)
    s.at(1.8, 3, K.WAIT, sem, 600_000_000)
    s.at(2.4, 3, K.TIMED_OUT, sem)
    s.join(0, {2: 1.5, 3: 2.5})
    return Picture(log=s.log())


def event() -> Picture:
    """Many waiters, one set; then clear; then a late one waits with a time-out."""
    s = Story("One set() lets all waiters go; clear() holds up those who come later",
              "a", "b", "c", "d", "late", "setter")  # fmt: skip
    ready = s.object("Event", "ready", value=0)
    s.start(*range(2, 8))
    for i, thread in enumerate(range(2, 6)):
        s.sleep(thread, 0, 0.2 * (i + 1))
        s.at(0.2 * (i + 1), thread, K.WAIT, ready, -1)
    s.sleep(7, 0, 2)
    s.at(2, 7, K.SET, ready)
    for thread in range(2, 6):
        s.at(2, thread, K.PASSED, ready)
        s.sleep(thread, 2, 2.6)
    s.sleep(7, 2, 3.4)
    s.at(3.4, 7, K.CLEARED, ready)
    s.sleep(6, 0, 3.6)
    s.at(3.6, 6, K.WAIT, ready, 1_000_000_000)
    s.at(4.6, 6, K.TIMED_OUT, ready)
    s.join(0, {2: 2.7, 3: 2.7, 4: 2.7, 5: 2.7, 7: 3.5, 6: 4.7})
    return Picture(log=s.log())


def event_pulse() -> Picture:
    """set() and at once clear(): who waits is let through, who comes later not; then two instant passes."""
    s = Story("set() and clear() at once let through who waits, and nobody else",
              "early-1", "early-2", "late", "setter")  # fmt: skip
    ready = s.object("Event", "ready", value=0)
    s.start(*range(2, 6))
    for thread, begin in ((2, 0.2), (3, 0.8)):
        s.sleep(thread, 0, begin)
        s.at(begin, thread, K.WAIT, ready, -1)
    s.sleep(5, 0, 2)
    s.at(2, 5, K.SET, ready)
    s.at(2, 5, K.CLEARED, ready)
    for thread in (2, 3):
        s.at(2, thread, K.PASSED, ready)
        s.sleep(thread, 2, 4.5)
    s.sleep(4, 0, 2.5)
    s.at(2.5, 4, K.WAIT, ready, -1)
    s.sleep(5, 2, 4)
    s.at(4, 5, K.SET, ready)
    s.at(4, 4, K.PASSED, ready)
    for thread in (2, 3):
        s.at(4.5, thread, K.PASSED, ready)
    s.join(0, {4: 4.2, 5: 4.3, 2: 5, 3: 5})
    return Picture(log=s.log())


def with_blocks() -> Picture:
    """Blocks within each other: entered, left in the opposite order, one of them by an exception."""
    s = Story("Blocks are left in the opposite order; an exception leaves them too", "cook", "clumsy")
    s.start(2, 3)
    blocks = [s.text(name) for name in ("kitchen", "fridge", "pan")]
    for number, (entered, left) in enumerate(((0.2, 5), (1, 4), (2, 3))):
        s.at(entered, 2, K.BAND_BEGAN, arg=blocks[number])
        s.at(left, 2, K.BAND_ENDED, arg=blocks[number])
    for begin, end in ((0.2, 1), (1, 2), (2, 3), (3, 4), (4, 5)):
        s.sleep(2, begin, end)
    for number, entered in ((0, 0.5), (2, 1.5)):
        s.at(entered, 3, K.BAND_BEGAN, arg=blocks[number])
    for begin, end in ((0, 0.5), (0.5, 1.5), (1.5, 3.5)):
        s.sleep(3, begin, end)
    for number in (2, 0):
        s.at(3.5, 3, K.BAND_LEFT, arg=blocks[number])
    s.at(3.5, 3, K.FAILED, arg=s.text("ValueError: a stone does not fry"))
    s.join(0, {2: 5.2})
    return Picture(log=s.log())


def timers() -> Picture:
    """Debounce: cancelled, cancelled, fired; and one cancelled too late."""
    s = Story("Debounce: two timers cancelled, one fires")
    ends = {}
    for i in range(3):
        timer = s.object("Timer", f"save_{i + 1}")
        thread = s.thread(f"Timer-{i + 1}", timer=timer)
        begin = 0.6 * i
        s.start(thread, at=begin)
        s.at(begin, thread, K.PENDING, timer, 1_000_000_000)
        if i < 2:
            s.sleep(1, begin, begin + 0.6)
            s.at(begin + 0.6, 1, K.CANCELLED, timer)
            ends[thread] = begin + 0.6
        else:
            s.at(begin + 1, thread, K.FIRED, timer)
            s.sleep(thread, begin + 1, begin + 1.4)
            ends[thread] = begin + 1.4
    s.sleep(1, 1.2, 2.4)
    s.at(2.4, 1, K.CANCEL_LATE, 3)
    s.join(2.4, ends)
    return Picture(log=s.log())


def barrier() -> Picture:
    """Five arrive one after the other, leave together, and meet again."""
    s = Story("A barrier for five, twice", *(f"runner-{i}" for i in range(1, 6)))
    gate = s.object("Barrier", "gate", value=5)
    s.start(*range(2, 7))
    arrivals = [[0.4, 0.9, 1.6, 2.0, 2.6], [5.4, 3.3, 4.0, 4.6, 5.0]]
    begin = 0.0
    for times in arrivals:
        for thread, time in enumerate(times, 2):
            s.sleep(thread, begin, time)
        order = sorted(range(2, 7), key=lambda thread: times[thread - 2])
        for index, thread in enumerate(order, 1):
            s.at(times[thread - 2], thread, K.ARRIVED, gate, index)
            if index < 5:
                s.at(times[thread - 2], thread, K.WAIT, gate, -1)
        last = order[-1]
        begin = max(times)
        s.at(begin, last, K.TRIPPED, gate)
        s.at(begin, last, K.ACTION, gate)
        begin += 0.2
        s.at(begin, last, K.ACTION_DONE, gate)
        for thread in (last, *order[:-1]):
            s.at(begin, thread, K.PASSED, gate, 0)
    s.join(0, dict.fromkeys(range(2, 7), begin + 0.2))
    return Picture(log=s.log())


def barrier_rounds() -> Picture:
    """One is back before the others have left, twice; and a round to which all come at the same time."""
    s = Story("A barrier for three: who is early waits for the round before to leave", "a", "b", "c")
    gate = s.object("Barrier", "gate", value=3)
    s.start(2, 3, 4)
    for number, (thread, time) in enumerate(((2, 0.5), (3, 1.0), (4, 1.5)), 1):
        s.sleep(thread, 0, time)
        s.at(time, thread, K.ARRIVED, gate, number)
        s.at(time, thread, *((K.TRIPPED, gate) if number == 3 else (K.WAIT, gate, -1)))
    s.at(1.5, 4, K.PASSED, gate, 2)
    s.at(1.6, 2, K.PASSED, gate, 0)
    s.at(1.7, 4, K.ROUND_WAIT, gate, -1)
    s.at(1.8, 2, K.ROUND_WAIT, gate, -1)
    s.at(2.6, 3, K.PASSED, gate, 1)
    for number, (thread, time) in enumerate(((4, 2.6), (2, 2.7), (3, 3.2)), 1):
        s.at(time, thread, K.ARRIVED, gate, number)
        s.at(time, thread, *((K.TRIPPED, gate) if number == 3 else (K.WAIT, gate, -1)))
    for index, thread in enumerate((3, 4, 2)):
        s.at(3.2 + 0.1 * index, thread, K.PASSED, gate, index)
        s.sleep(thread, 3.2 + 0.1 * index, 4)
    for number, thread in enumerate((2, 3, 4), 1):
        s.at(4, thread, K.ARRIVED, gate, number)
        s.at(4, thread, *((K.TRIPPED, gate) if number == 3 else (K.WAIT, gate, -1)))
    for index, thread in enumerate((4, 2, 3)):
        s.at(4, thread, K.PASSED, gate, index)
    s.join(0, dict.fromkeys((2, 3, 4), 4.4))
    return Picture(log=s.log())


def barrier_broken() -> Picture:
    """abort() while four wait."""
    s = Story("abort() breaks the barrier for everybody", *(f"runner-{i}" for i in range(1, 5)))
    gate = s.object("Barrier", "gate", value=5)
    s.start(*range(2, 6))
    for index, thread in enumerate(range(2, 6), 1):
        s.sleep(thread, 0, 0.4 * index)
        s.at(0.4 * index, thread, K.ARRIVED, gate, index)
        s.at(0.4 * index, thread, K.WAIT, gate, -1)
    s.sleep(1, 0, 2.5)
    s.at(2.5, 1, K.BROKEN, gate, s.text("abort"))
    for thread in range(2, 6):
        s.at(2.5, thread, K.BROKE_OUT, gate)
        s.at(2.5, thread, K.FAILED, arg=s.text("BrokenBarrierError: "))
    s.sleep(1, 2.5, 3)
    s.at(3, 1, K.RESET, gate)
    s.sleep(1, 3, 3.5)
    return Picture(log=s.log())


def fates() -> Picture:
    """Join, sleep, a failed thread, a daemon cut off, a time-out of join."""
    s = Story("Start, join, fail, be cut off", "short", "failing", clock="real")
    daemon = s.thread("ticker", daemon=True)
    s.start(2, 3, daemon, at=0.01)
    s.sleep(2, 0.02, 0.8)
    s.sleep(3, 0.02, 0.5)
    s.at(0.52, 3, K.FAILED, arg=s.text("ZeroDivisionError: division by zero"))
    for i in range(5):
        s.sleep(daemon, 0.05 + 0.4 * i, 0.4 + 0.4 * i)
    s.at(0.02, 1, K.JOIN_WAIT, arg=2)
    s.at(0.82, 2, K.ENDED)
    s.at(0.82, 1, K.JOINED, arg=2)
    s.at(0.83, 1, K.JOINED, arg=3)
    s.at(0.84, 1, K.JOIN_WAIT, arg=daemon)
    s.at(1.5, 1, K.JOIN_TIMED_OUT, arg=daemon)
    s.at(1.6, 1, K.NOTE, arg=s.text("main is done"))
    s.at(2.1, 1, K.ENDED)
    return Picture(log=s.log())


def deadlock() -> Picture:
    """A then B against B then A, with the finding marked."""
    s = Story("Deadlock: each has what the other wants", "left", "right")
    a, b = s.object("Lock", "lock_a"), s.object("Lock", "lock_b")
    s.start(2, 3)
    for thread, first, second in ((2, a, b), (3, b, a)):
        s.at(0, thread, K.ACQUIRED, first)
        s.sleep(thread, 0, 1)
        s.at(1, thread, K.WAIT, second, -1)
    s.at(0, 1, K.JOIN_WAIT, arg=2)
    s.ending = ("hung", 1.0)
    sentence = ("Deadlock: left holds lock_a and waits for lock_b, which right holds; "
                "right holds lock_b and waits for lock_a, which left holds.")  # fmt: skip
    found = SimpleNamespace(
        kind="deadlock", severity="error", threads=(2, 3), objects=(a, b), time=10**9, sentence=sentence
    )
    return Picture(log=s.log(), options={"findings": (found,)})


def failed_tries() -> Picture:
    """Failed tries and time-outs are ticks."""
    s = Story("Tries that fail", "owner", "impatient", "patient")
    lock = s.object("Lock", "printer")
    s.start(2, 3, 4)
    s.hold(2, lock, 0, 4)
    s.sleep(2, 0, 4)
    for i in range(6):
        s.at(0.3 + i * 0.6, 3, K.WOULD_BLOCK, lock)
        s.sleep(3, 0.3 + i * 0.6, 0.9 + i * 0.6)
    for start in (0.5, 2.4):
        s.at(start, 4, K.WAIT, lock, 1_200_000_000)
        s.at(start + 1.2, 4, K.TIMED_OUT, lock)
        s.sleep(4, start + 1.2, start + 1.9)
    s.at(4.3, 4, K.REFUSED, lock, s.text("RuntimeError: release unlocked lock"))
    s.at(4.3, 4, K.FAILED, arg=s.text("RuntimeError: release unlocked lock"))
    s.join(0, {2: 4.2, 3: 4.1})
    return Picture(log=s.log())


def many_threads() -> Picture:
    """Forty threads at one lock: more than a figure has room for."""
    s = Story("Forty threads, one lock", *(f"worker-{i}" for i in range(1, 41)))
    lock = s.object("Lock", "counter_lock")
    s.start(*range(2, 42))
    for i, thread in enumerate(range(2, 42)):
        s.hold(thread, lock, i * 0.1, (i + 1) * 0.1, wait=0.0 if i else None)
    s.join(0, {thread: (i + 1) * 0.1 for i, thread in enumerate(range(2, 42))})
    return Picture(log=s.log())


def hostile() -> Picture:
    """Names that are anything but names."""
    names = [
        "<script>alert(1)</script>",
        "two\nlines\tand a tab",
        "😀🚀 emoji",
        "x" * 300,
        "$\\frac{a}{b}$ _under_",
        "",
        "名前",
    ]
    s = Story("$x_1$ <b>bold?</b>\n" + "long title " * 30, *names)
    lock = s.object("Lock", "$lock_$" + "y" * 300)
    event = s.object("Event", "<i>\n$", value=0)
    s.start(*range(2, 9))
    for i, thread in enumerate(range(2, 9)):
        s.hold(thread, lock, i, i + 1, wait=0.0 if i else None)
    s.at(7, 2, K.SET, event)
    s.at(7.2, 3, K.NOTE, arg=s.text("a note with $math$ and\nlines " * 20))
    s.at(7.5, 4, K.FAILED, arg=s.text("Weird$Error<script>: " + "z" * 400))
    s.join(0, dict.fromkeys((2, 3, 5, 6, 7, 8), 8))
    return Picture(log=s.log())


def busy() -> Picture:
    """Thousands of short holds: exact bars, merged where a pixel holds several."""
    s = Story("Three threads at one lock, 3,000 short holds", "a", "b", "c", clock="real")
    lock = s.object("Lock", "lock")
    s.start(2, 3, 4)
    rng, time = random.Random(1), 0.0
    for _ in range(3000):
        thread = rng.choice((2, 3, 4))
        s.hold(thread, lock, time, time + 0.0003)
        time += rng.choice((0.0004, 0.0005, 0.0004, 0.002))
    s.join(0, {2: time, 3: time, 4: time})
    return Picture(log=s.log())


def short() -> Picture:
    """A run of microseconds."""
    s = Story("A hundred microseconds", "a", "b", clock="real")
    lock = s.object("Lock", "lock")
    s.start(2, 3, at=5e-6)
    s.hold(2, lock, 20e-6, 60e-6)
    s.hold(3, lock, 64e-6, 90e-6, wait=30e-6)
    s.join(10e-6, {2: 70e-6, 3: 95e-6})
    return Picture(log=s.log())


def empty() -> Picture:
    """Nothing."""
    return Picture(log=EventLog(times=array("q"), codes=array("q")))


@lru_cache(maxsize=2)  # it takes a second to make, and nobody changes it
def dense(events: int = 1_000_000, threads: int = 8) -> Picture:
    """A million events: four locks, eight threads, all the time busy."""
    rng = random.Random(7)
    times, codes, time = array("q"), array("q"), 0
    cycle = (K.SLEEP, K.WOKE, K.WAIT, K.ACQUIRED, K.RELEASED)
    stage = [0] * threads
    for _ in range(events):
        thread = rng.randrange(threads)
        kind = cycle[stage[thread] % 5]
        obj = 0 if kind in (K.SLEEP, K.WOKE) else stage[thread] // 5 % 4 + 1
        stage[thread] += 1
        time += 2_000
        times.append(time)
        codes.append(pack(kind, obj=obj, thread=thread + 1))
    log = EventLog(
        times=times,
        codes=codes,
        threads=tuple(
            ThreadInfo(number=i + 1, name=f"worker-{i + 1}", parent=int(i > 0)) for i in range(threads)
        ),
        objects=tuple(ObjectInfo(number=i + 1, type="Lock", name=f"lock_{i + 1}") for i in range(4)),
        title=f"{events:,} events",
        ending=Ending(reason="done", time=time),
    )
    return Picture(log=log)


def queue() -> Picture:
    """A producer is quicker than its consumer: the queue fills up to its room, and then it waits."""
    s = Story("A queue with room for three", "producer", "consumer")
    jobs = s.object("Queue", "jobs", value=3)
    s.start(2, 3)
    s.at(0, 3, K.GET_WAIT, jobs, -1)
    for number in range(1, 5):
        s.sleep(2, 0.2 * (number - 1), 0.2 * number)
        s.at(0.2 * number, 2, K.PUT, jobs, number << LENGTH_BITS | max(1, number - 1))
    s.at(0.2, 3, K.GOT, jobs, 1 << LENGTH_BITS | 0)
    s.sleep(2, 0.8, 1.0)
    s.at(1.0, 2, K.PUT_WAIT, jobs, -1)
    for number, left in ((2, 2), (3, 2), (4, 1), (5, 0)):
        s.sleep(3, number - 1.8, number - 0.8)
        s.at(number - 0.8, 3, K.GOT, jobs, number << LENGTH_BITS | left)
    s.at(1.2, 2, K.PUT, jobs, 5 << LENGTH_BITS | 3)
    s.join(0, {2: 1.3, 3: 4.4})
    return Picture(log=s.log())


def pool() -> Picture:
    """Two workers make five calls, one of which fails; the main thread waits for one of them."""
    s = Story("A pool of two workers, five calls", "cook_0", "cook_1")
    cooks = s.object("ThreadPoolExecutor", "cooks", value=2)
    s.start(2, 3)
    plan = ((2, 0, 1.5), (3, 0, 1), (3, 1, 2), (2, 1.5, 2.5), (3, 2, 3))
    for number in range(1, len(plan) + 1):
        s.at(0, 1, K.SUBMITTED, s.object("Future", f"bake-{number}", owner=cooks), s.text("bake"))
    for call, (worker, begin, end) in enumerate(plan, 2):
        s.at(begin, worker, K.CALL_BEGAN, call)
        s.sleep(worker, begin, end)
        burnt = s.text("ValueError: burnt") if call == 5 else None
        s.at(end, worker, K.CALL_FAILED if burnt else K.CALL_ENDED, call, burnt)
    s.at(0.1, 1, K.RESULT_WAIT, 4, -1)
    s.at(2, 1, K.RESULT, 4)
    s.at(2.2, 1, K.SHUT_DOWN, cooks, 0)
    s.at(2.2, 1, K.WAIT, cooks, -1)
    s.at(3.5, 2, K.ENDED)
    s.at(3.5, 3, K.ENDED)
    s.at(3.5, 1, K.WORKERS_ENDED, cooks)
    return Picture(log=s.log())


GALLERY: dict[str, Callable[[], Picture]] = {
    make.__name__: make
    for make in (
        contention, contention_virtual, nested, rlock_depth, condition, notify_all, semaphore,
        semaphore_signal, event, event_pulse, timers, barrier, barrier_rounds, barrier_broken, queue, pool,
        fates, with_blocks, deadlock, failed_tries, many_threads, hostile, busy, short, empty, dense,
    )
}  # fmt: skip


def figures() -> Iterator[tuple[str, bytes]]:
    """Each picture's name and PNG."""
    for name, make in GALLERY.items():
        picture = make()
        ax = draw_timeline(picture.log, **picture.options)  # type: ignore[arg-type]
        yield name, to_png(ax.figure)  # type: ignore[arg-type]
    broken, fixed = deadlock(), nested()
    runs = [Run(log=p.log, model=fold(p.log), **p.options) for p in (broken, fixed)]  # type: ignore[arg-type]
    yield "compare", to_png(compare_timelines(runs))


def main(folder: str, grey: bool = False) -> None:
    """Write the gallery as PNG files."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    for name, png in figures():
        path = target / f"{name}.png"
        path.write_bytes(png)
        if grey:
            from PIL import Image

            Image.open(path).convert("L").save(target / f"{name}_grey.png")


if __name__ == "__main__":
    main(sys.argv[1], "--grey" in sys.argv)
