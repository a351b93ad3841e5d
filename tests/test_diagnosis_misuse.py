"""Misuse is told by its kind: who did what to which primitive, where, and what the primitive needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from logs import LogBuilder
from matplotlib.patches import Polygon

from tracing import (
    BoundedSemaphore,
    Condition,
    Event,
    Lock,
    RLock,
    Semaphore,
    Thread,
    Timer,
    Trace,
    simulate,
    sleep,
)
from tracing.diagnosis import Finding, diagnose
from tracing.diagnosis.misuse import _have_a_life
from tracing.events import THREAD_SHIFT, EventLog
from tracing.model import fold


def findings(log: EventLog) -> tuple[Finding, ...]:
    return diagnose(log, fold(log))


def only(run: Trace) -> Finding:
    """The one finding of a run, as it is shown: its threads and primitives exist, and it has a hint."""
    (finding,) = run.findings
    assert finding.hint.endswith(".")
    assert finding.sentence.endswith(".")
    assert 0 <= finding.time <= run.model.duration
    return finding


def names(run: Trace, finding: Finding) -> tuple[list[str], list[str]]:
    return (
        [run.log.thread(number).name for number in finding.threads],
        [run.log.object(number).name for number in finding.objects],
    )


def in_a_thread(target: Callable[[], object]) -> Trace:
    """The function in a thread called worker, to its end."""
    with simulate(seed=0) as run:
        thread = Thread(target=target, name="worker")
        thread.start()
        thread.join()
    return run


# Operations that raise


def release_unlocked() -> None:
    key = Lock()
    key.release()


def release_unlocked_rlock() -> None:
    key = RLock()
    key.release()


def release_above() -> None:
    key = BoundedSemaphore(2)
    key.release()


def wait_outside() -> None:
    key = Condition()
    key.wait()


def notify_outside() -> None:
    key = Condition()
    key.notify()


def notify_all_outside() -> None:
    key = Condition(Lock())
    key.notify_all()


MISUSES = [
    (release_unlocked, "over-release", "tried to release key", "which nobody held"),
    (release_unlocked_rlock, "over-release", "tried to release key", "which nobody held"),
    (release_above, "over-release", "tried to release key", "which had all its permits already"),
    (wait_outside, "wait without the lock", "tried to wait on key", "whose lock it did not hold"),
    (notify_outside, "notify without the lock", "tried to notify key", "whose lock it did not hold"),
    (notify_all_outside, "notify without the lock", "tried to notify key", "whose lock it did not hold"),
]
EACH = pytest.mark.parametrize(
    ("misuse", "kind", "did", "why"), MISUSES, ids=[misuse.__name__ for misuse, *_ in MISUSES]
)


@EACH
def test_a_misuse_that_was_caught_is_a_warning(
    misuse: Callable[[], None], kind: str, did: str, why: str
) -> None:
    def careful() -> None:
        with suppress(RuntimeError, ValueError):
            misuse()

    run = in_a_thread(careful)
    finding = only(run)
    assert (finding.kind, finding.severity) == (kind, "warning")
    assert names(run, finding) == (["worker"], ["key"])
    (site,) = (run.log.sites[site - 1] for site in finding.sites)
    assert site.function.endswith(misuse.__name__)
    assert finding.sentence.startswith(f"worker {did} at line ")
    assert f", {why}: " in finding.sentence


@EACH
def test_a_misuse_that_ended_its_thread_is_one_error(
    misuse: Callable[[], None], kind: str, did: str, why: str
) -> None:
    finding = only(in_a_thread(misuse))
    assert (finding.kind, finding.severity) == (kind, "error")
    assert f", {why}, and ended with an exception that it did not catch: " in finding.sentence


def test_an_rlock_that_another_thread_holds_is_released_in_vain() -> None:
    key = RLock()

    def helper() -> None:
        with suppress(RuntimeError):
            key.release()

    with simulate(seed=0) as run, key:
        thread = Thread(target=helper, name="helper")
        thread.start()
        thread.join()
    finding = only(run)
    assert (finding.kind, finding.severity) == ("release by another thread", "warning")
    assert "helper tried to release key at line" in finding.sentence
    assert "which MainThread holds: RuntimeError" in finding.sentence


def test_what_has_no_kind_of_its_own_is_a_refused_operation() -> None:
    def nothing() -> None:
        with suppress(ValueError):
            Semaphore(1).release(0)

    assert only(in_a_thread(nothing)).kind == "refused operation"


def test_the_same_misuse_at_the_same_line_is_told_once_with_its_count() -> None:
    def again() -> None:
        for _ in range(3):
            with suppress(RuntimeError):
                key.release()

    key = Lock()
    assert ", 3 times, which nobody held: " in only(in_a_thread(again)).sentence


# Released by another thread


def test_a_lock_that_another_thread_releases_is_a_note() -> None:
    key = Lock()
    with simulate(seed=0) as run:
        key.acquire()
        thread = Thread(target=key.release, name="helper")
        thread.start()
        thread.join()
    finding = only(run)
    assert (finding.kind, finding.severity) == ("release by another thread", "note")
    assert names(run, finding) == (["helper", "MainThread"], ["key"])
    assert "which MainThread held since line" in finding.sentence


def test_each_pair_of_threads_is_told_once_for_a_lock() -> None:
    log = LogBuilder()
    main, lock = log.thread("main"), log.lock("lock")
    other = log.began(main).spawn(main, "other")
    for time in range(5):
        log.at(time).acquired(main, lock, line=1).released(other, lock, line=2)
    (finding,) = findings(log.ended(other).ended(main).build())
    assert finding.sentence == "other released lock at line 2, which main held since line 1."
    assert finding.time == 0


def test_a_semaphore_may_be_released_by_anybody() -> None:
    permits = Semaphore(1)
    with simulate(seed=0) as run:
        permits.acquire()
        thread = Thread(target=permits.release)
        thread.start()
        thread.join()
    assert run.findings == ()


def test_a_condition_gives_its_lock_up_itself() -> None:
    ready = Condition(Lock())

    def wait() -> None:
        with ready:
            ready.wait(timeout=1)

    assert in_a_thread(wait).findings == ()


# Never joined


def nap() -> None:
    sleep(1)  # simulated work


def started(*names_: str, joined: tuple[str, ...] = (), daemon: bool = False) -> Trace:
    with simulate(seed=0) as run:
        threads = [Thread(target=nap, name=name, daemon=daemon) for name in names_]
        for thread in threads:
            thread.start()
        for thread in threads:
            if thread.name in joined:
                thread.join(timeout=0.1)
    return run


def test_a_thread_that_was_forgotten_among_those_joined_is_a_note() -> None:
    run = started("ann", "bob", joined=("ann",))
    finding = only(run)
    assert (finding.kind, finding.severity) == ("thread never joined", "note")
    assert names(run, finding) == (["bob"], [])
    assert finding.sentence.startswith(
        "Nobody joined bob: it still ran when MainThread, which had started it"
    )
    assert finding.time == run.model.threads[0].end


def test_a_program_that_leaves_all_waiting_to_its_end_is_right() -> None:
    assert started("ann", "bob").findings == ()


def test_who_was_over_before_its_starter_needs_no_join() -> None:
    with simulate(seed=0) as run:
        quick, slow = Thread(target=int, name="quick"), Thread(target=nap, name="slow")
        quick.start()
        slow.start()
        slow.join()
    assert run.findings == ()


def test_a_thread_whose_record_ends_before_it_says_what_it_is_may_be_a_timer() -> None:
    def said(*events: str) -> list[str]:
        log = LogBuilder()
        main = log.thread()
        tick = log.began(main).spawn(main, "tick")
        after = log.thread("after", parent=tick)
        log.started(tick, after).ended(tick)
        for event in events:
            getattr(log, event)(after)
        return [finding.kind for finding in Trace(log.at(9).build(reason="steps")).findings]

    assert said() == said("began") == ["ending"]
    assert said("began", "woke") == ["ending", "thread never joined"]


def test_a_program_of_timers_that_is_cut_off_has_forgotten_no_join() -> None:
    for seed in range(20):
        for steps in range(4, 9):
            with simulate(seed=seed, max_steps=steps) as run:
                chained_timers()
            assert [each.sentence for each in run.findings if each.kind == "thread never joined"] == []


def chained_timers() -> None:
    def tick() -> None:
        Timer(0.02, int).start()

    Timer(0.02, tick).start()
    sleep(0.2)  # simulated work


def test_daemons_and_timers_are_not_waited_for() -> None:
    assert started("ann", "bob", joined=("ann",), daemon=True).findings == ()
    with simulate(seed=0) as run:
        Timer(5, nap).start()
        thread = Thread(target=nap)
        thread.start()
        thread.join()
    assert run.findings == ()


def test_a_thread_that_ends_before_one_that_it_started_should_have_joined_it() -> None:
    def parent() -> None:
        Thread(target=nap, name="child").start()

    run = in_a_thread(parent)
    assert names(run, only(run)) == (["child"], [])


def test_workers_of_a_pool_are_the_pool_s_to_join() -> None:
    with simulate(seed=0) as run:
        pool = ThreadPoolExecutor(2, thread_name_prefix="fetch")
        pool.submit(nap)
        thread = Thread(target=nap, name="other")
        thread.start()
        thread.join()
        pool.submit(nap)
        pool.shutdown(wait=False)
    assert [info.name for info in run.log.threads][1].startswith("fetch_")
    assert run.findings == ()


def test_who_failed_may_have_meant_to_join() -> None:
    def parent() -> None:
        Thread(target=nap, name="child").start()
        raise ValueError("no")

    assert only(in_a_thread(parent)).kind == "uncaught exception"


# Timers


def test_a_cancel_after_the_callback_did_nothing() -> None:
    with simulate(seed=0) as run:
        alarm = Timer(1, int)
        alarm.start()
        alarm.join()
        alarm.cancel()
    finding = only(run)
    assert (finding.kind, finding.severity) == ("callback after cancel", "note")
    assert names(run, finding) == (["MainThread"], ["alarm"])
    assert finding.sentence.endswith("after its callback had run: the cancel did nothing.")


def test_a_cancel_while_the_callback_runs_does_not_end_it() -> None:
    with simulate(seed=0) as run:
        alarm = Timer(1, nap)
        alarm.start()
        sleep(1.5)
        alarm.cancel()
    assert only(run).sentence.endswith("while its callback ran: the cancel did nothing.")


def test_a_timer_that_repeats_is_cancelled_in_time_while_its_callback_runs() -> None:
    class Repeating(Timer):
        def run(self) -> None:
            while not self.finished.wait(self.interval):
                self.function()

    with simulate(seed=0) as run:
        alarm = Repeating(1, nap)
        alarm.start()
        sleep(1.5)
        alarm.cancel()
    assert run.findings == ()


def test_a_cancel_in_time_and_a_second_one_are_no_misuse() -> None:
    with simulate(seed=0) as run:
        alarm = Timer(1, nap)
        alarm.start()
        alarm.cancel()
        alarm.cancel()
        alarm.join()
    assert run.findings == ()


# Together


def test_notes_come_last_and_are_the_same_every_time() -> None:
    def program() -> Trace:
        with simulate(seed=3) as run:
            key, done = Lock(), Event()
            key.acquire()
            Thread(target=key.release, name="helper").start()
            Thread(target=release_unlocked, name="clumsy").start()
            done.wait(timeout=1)
        return run

    first, second = program(), program()
    assert first.findings == second.findings
    assert [finding.severity for finding in first.findings] == ["error", "note"]


@EACH
def test_a_misuse_is_marked_on_its_lanes_where_it_happened(
    misuse: Callable[[], None], kind: str, did: str, why: str
) -> None:
    run = in_a_thread(misuse)
    ax, at = run.timeline(), only(run).time
    discs = [disc for disc in ax.findobj(Polygon) if disc.get_gid() == "finding"]
    assert len(discs) == 2  # on the thread's lane and on the primitive's
    assert [text.get_text() for text in ax.texts if text.get_gid() == "finding"] == ["1", "1"]
    begin = run.model.threads[1].begin
    assert begin <= at <= run.model.threads[1].end


def test_looking_for_threads_that_nobody_joined_reads_the_record_once() -> None:
    reads: list[int] = []

    class Codes(list[int]):
        def __iter__(self) -> Iterator[int]:
            reads.append(1)
            return super().__iter__()

    codes = Codes(number << THREAD_SHIFT for number in (1, 2, 2, 3, 3, 3))
    case: Any = SimpleNamespace(log=SimpleNamespace(codes=codes))
    assert _have_a_life(case, {1, 2, 3}) == {2, 3}
    assert _have_a_life(case, set()) == set()
    assert reads == [1]
