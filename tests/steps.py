"""Runs told in short lines, for tests, and waiting until a run has got somewhere.

`did(run, "a")` is what thread "a" did, a line an operation: "wait lock for ever", "acquired lock". `until`
lets a test order its threads by what is recorded: no test sleeps to let another thread get somewhere.
"""

from __future__ import annotations

import signal
import sys
import threading
from _thread import allocate_lock
from pathlib import Path
from time import monotonic
from time import sleep as pause  # noqa: F401  # for tests: recorded, like any other, in a thread of a run

import pytest

from tracing import Kind, Trace, TraceEvent
from tracing.events import TEXT_KINDS, EventLog, item_and_length

LIMIT = 20  # s: a test that has gone wrong ends after that
LIVES = {Kind.BEGAN, Kind.ENDED, Kind.STARTED}
TO_THREADS = {Kind.STARTED, Kind.BEGAN, Kind.JOIN_WAIT, Kind.JOINED, Kind.JOIN_TIMED_OUT, Kind.NOTIFIED}
TEXTS = TEXT_KINDS
TIMEOUTS = {
    *(Kind.WAIT, Kind.COND_WAIT, Kind.SLEEP, Kind.PENDING, Kind.PUT_WAIT, Kind.GET_WAIT),
    *(Kind.RESULT_WAIT, Kind.FUTURES_WAIT, Kind.ROUND_WAIT),
}
ITEMS = {Kind.PUT, Kind.GOT}


def unseen(seconds: float) -> None:
    """Wait really, also in a simulated run, and on no record."""
    door = allocate_lock()
    door.acquire()
    door.acquire(timeout=seconds)


def did(run: Trace, thread: str = "MainThread", *, lives: bool = False) -> list[str]:
    """What a thread did, in order; `lives`: also its own beginning and end, and whom it started."""
    log = run.log
    return [
        told(log, event) for event in log if is_by(log, event, thread) and (lives or event.kind not in LIVES)
    ]


def told(log: EventLog, event: TraceEvent) -> str:
    """One event: kind, object, argument."""
    name = log.object(event.obj).name if event.obj else ""
    return " ".join(part for part in (event.kind.name.lower(), name, _argument(log, event)) if part)


def _argument(log: EventLog, event: TraceEvent) -> str:
    if event.arg is None:
        return ""
    if event.kind in TO_THREADS:
        return log.thread(event.arg).name
    if event.kind in TEXTS:
        return log.text(event.arg)
    if event.kind in TIMEOUTS:
        return "for ever" if event.arg < 0 else f"{event.arg / 1e9:g} s"
    if event.kind in ITEMS:
        return "#{}, {} in it".format(*item_and_length(event.arg))
    return str(event.arg)


def is_by(log: EventLog, event: TraceEvent, thread: str) -> bool:
    return log.thread(event.thread).name == thread


def order(run: Trace, *wanted: str) -> list[str]:
    """Of the lines "thread kind object", those asked for, in the order of the record."""
    log = run.log
    lines = (f"{log.thread(event.thread).name} {told(log, event)}" for event in log)
    return [line for line in lines if line in wanted]


def count(run: Trace, thread: str, kind: Kind) -> int:
    log = run.log
    return sum(event.kind is kind and is_by(log, event, thread) for event in log)


def until(run: Trace, thread: str, kind: Kind, times: int = 1) -> None:
    """Wait until the record shows that the thread did that."""
    end = monotonic() + LIMIT
    while count(run, thread, kind) < times:
        assert monotonic() < end, f"{thread} never did {kind.name}: {did(run, thread, lives=True)}"
        unseen(0.001)


def until_did(run: Trace, line: str, thread: str = "MainThread") -> None:
    """Wait until the record shows that line, as `did` tells it."""
    end = monotonic() + LIMIT
    while line not in did(run, thread):
        assert monotonic() < end, f"{thread} never did {line!r}: {did(run, thread)}"
        unseen(0.001)


def is_parked(thread: threading.Thread) -> bool:
    """Whether a thread sits in the semaphore of a raw lock: in futex(), and without the deadline that the
    interpreter's own waits have. Linux only; skips the test where the kernel does not say.
    """
    try:
        call = Path(f"/proc/self/task/{thread.native_id}/syscall").read_text().split()
    except OSError as error:
        pytest.skip(f"this kernel does not say where a thread waits: {error}")
    return call[0] in ("202", "98") and int(call[4], 16) == 0  # futex on x86-64 and arm64


def until_parked(thread: threading.Thread) -> None:
    """Wait until the thread really waits."""
    end = monotonic() + LIMIT
    while not is_parked(thread):
        assert monotonic() < end, f"{thread} never parked"
        unseen(0.001)


needs_signals = pytest.mark.skipif(
    sys.platform == "win32", reason="on Windows a signal does not interrupt a thread that waits for a lock"
)


def interrupt_main(run: Trace, kind: Kind = Kind.WAIT) -> None:
    """Ctrl-C, while the main thread of the process is in a wait of that kind."""
    until(run, "MainThread", kind)
    if sys.platform == "linux" and kind in (Kind.WAIT, Kind.COND_WAIT):
        until_parked(threading.main_thread())
    assert threading.main_thread().ident is not None
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
