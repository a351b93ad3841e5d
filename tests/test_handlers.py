"""A signal handler may use primitives while its thread waits: the wait goes on, and so does its record."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest
from steps import LIMIT, did, needs_signals, until, until_did, until_parked

from tracing import Barrier, Condition, Event, Kind, Lock, RLock, Semaphore, Thread, Trace, record, sleep
from tracing.model import Outcome, State

pytestmark = needs_signals


@contextmanager
def handler(handle: Callable[[], object]) -> Iterator[None]:
    before = signal.signal(signal.SIGUSR1, lambda *_: handle())
    try:
        yield
    finally:
        signal.signal(signal.SIGUSR1, before)


def signal_main(run: Trace, kind: Kind) -> None:
    """Run the handler in the main thread of the process, while it is in a wait of that kind."""
    until(run, "MainThread", kind)
    if kind is not Kind.SLEEP:
        until_parked(threading.main_thread())
    assert threading.main_thread().ident is not None
    signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)


def use(lock: Lock) -> None:
    with lock:
        pass


class Waits:
    """Whatever the main thread can wait for, and how it is let go."""

    def __init__(self) -> None:
        self.lock, self.rlock, self.semaphore, self.event = Lock(), RLock(), Semaphore(0), Event()
        self.condition, self.barrier = Condition(), Barrier(2)
        self.held, self.over = threading.Event(), Event()

    def with_lock(self) -> None:
        with self.lock:
            pass

    def acquire(self) -> None:
        self.lock.acquire()
        self.lock.release()

    def with_rlock(self) -> None:
        with self.rlock:
            pass

    def take_permit(self) -> None:
        self.semaphore.acquire()

    def wait_for_event(self) -> None:
        self.event.wait()

    def wait_on_condition(self) -> None:
        with self.condition:
            self.condition.wait()

    def meet(self) -> None:
        self.barrier.wait()

    def hold(self) -> None:
        """In another thread: keep the main one waiting until `over`, then let it go."""
        with self.lock, self.rlock:
            self.held.set()
            self.over.wait()
        self.semaphore.release()
        self.event.set()
        with self.condition:
            self.condition.notify()
        if self.barrier.n_waiting:
            self.barrier.wait()


WAYS: dict[Callable[[Waits], object], Kind] = {
    Waits.with_lock: Kind.WAIT,
    Waits.acquire: Kind.WAIT,
    Waits.with_rlock: Kind.WAIT,
    Waits.take_permit: Kind.WAIT,
    Waits.wait_for_event: Kind.WAIT,
    Waits.wait_on_condition: Kind.COND_WAIT,
    Waits.meet: Kind.WAIT,
}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_wait_goes_on_while_a_handler_waits_for_another_lock(way: Callable[[Waits], object]) -> None:
    things, spare = Waits(), Lock()

    def release_once_wanted() -> None:
        until_did(run, "wait spare for ever")
        spare.release()

    def handle() -> None:
        use(spare)
        things.over.set()

    with record(timeout=LIMIT) as run, handler(handle):
        spare.acquire()
        Thread(target=things.hold, name="holder").start()
        things.held.wait()
        Thread(target=release_once_wanted, name="releaser").start()
        threading.Thread(target=signal_main, args=(run, WAYS[way])).start()
        way(things)
    assert_nested(run, inner="spare")


def assert_nested(run: Trace, *, inner: str) -> None:
    """The main thread's last wait but one lasted longer than that within it, and both came out well."""
    waits = [wait for wait in run.model.waits if wait.thread == 1]
    within = next(wait for wait in waits if wait.obj and run.log.object(wait.obj).name == inner)
    around = waits[waits.index(within) - 1]
    assert around.start <= within.start <= within.end <= around.end
    assert within.outcome is Outcome.ACQUIRED
    assert around.outcome not in (Outcome.CUT, Outcome.OPEN, Outcome.TIMED_OUT), run.text()
    assert around.ended_by
    assert {finding.severity for finding in run.findings} <= {"note"}
    for one, other in pairwise(run.model.threads[0].spans):
        assert one.end == other.start


def test_a_handler_that_raises_cuts_both_waits() -> None:
    lock, spare = Lock(), Lock()

    def interrupt() -> None:
        signal_main(run, Kind.WAIT)
        until_did(run, "wait spare for ever")
        until_parked(threading.main_thread())
        assert threading.main_thread().ident is not None
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    lock.acquire()
    spare.acquire()
    with record(timeout=LIMIT) as run, handler(lambda: use(spare)):
        threading.Thread(target=interrupt).start()
        with pytest.raises(KeyboardInterrupt), lock:
            pytest.fail("the block was entered")
        lock.release()
        spare.release()
    assert did(run)[:4] == ["wait lock for ever", "wait spare for ever", "cut spare", "cut lock"]
    assert [wait.outcome for wait in run.model.waits] == [Outcome.CUT, Outcome.CUT]


def test_a_handler_in_a_sleep_leaves_the_thread_asleep() -> None:
    free = Lock()

    with record(timeout=LIMIT) as run, handler(lambda: use(free)):
        threading.Thread(target=signal_main, args=(run, Kind.SLEEP)).start()
        sleep(0.3)
    assert did(run) == ["sleep 0.3 s", "acquired free", "released free", "woke"]
    asleep = [span for span in run.model.threads[0].spans if span.state is State.SLEEPING]
    assert len(asleep) == 1


def test_a_run_hangs_where_its_thread_waits_in_a_handler_and_around_it() -> None:
    lock, spare = Lock(), Lock()

    def handle() -> None:
        with spare:
            pytest.fail("it hangs")

    lock.acquire()
    spare.acquire()
    with record(timeout=LIMIT) as run, handler(handle):
        threading.Thread(target=signal_main, args=(run, Kind.WAIT)).start()
        with lock:
            pytest.fail("it hangs")
    assert run.log.ending.reason == "hung"
    assert [wait.outcome for wait in run.model.waits] == [Outcome.OPEN, Outcome.OPEN]
    said = " ".join(finding.sentence for finding in run.findings)
    assert "lock" in said
    assert "spare" in said


def test_after_a_handler_that_waited_a_run_still_hangs_in_the_wait_around_it() -> None:
    lock, spare = Lock(), Lock()

    def release_once_wanted() -> None:
        until_did(run, "wait spare for ever")
        spare.release()

    lock.acquire()
    spare.acquire()
    with handler(lambda: use(spare)), record(timeout=LIMIT) as run:  # of before: it is not to let anybody go
        Thread(target=release_once_wanted).start()
        threading.Thread(target=signal_main, args=(run, Kind.WAIT)).start()
        with lock:
            pytest.fail("it hangs")
    assert run.log.ending.reason == "hung"
