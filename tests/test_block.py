"""The short way through `with lock:`: a lock remembers whom it saw last, and that changes nothing."""

from __future__ import annotations

import contextvars
import copy
import pickle
import threading
import weakref
from _thread import allocate_lock, start_new_thread
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from steps import LIMIT, did, interrupt_main, needs_signals, pause, until

from tracing import Kind, Lock, Thread, current_thread, record, simulate
from tracing.recorder import NOBODYS, ThreadLog
from tracing.runtime import here, system


def pass_through(lock: Lock) -> None:
    with lock:
        pass


PAIR = ["acquired lock", "released lock"]


def test_each_thread_writes_its_own_blocks() -> None:
    lock = Lock()
    with record(timeout=LIMIT) as run:
        for name in ("a", "b"):
            pass_through(lock)
            thread = Thread(target=pass_through, args=(lock,), name=name)
            thread.start()
            thread.join()
        pass_through(lock)
    assert did(run, "a") == did(run, "b") == PAIR
    assert [event for event in did(run, "MainThread") if event.endswith(" lock")] == PAIR * 3


def test_a_block_that_another_thread_leaves_is_left_by_that_thread() -> None:
    lock, stack = Lock(), ExitStack()
    with record(timeout=LIMIT) as run:
        stack.enter_context(lock)
        thread = Thread(target=stack.close, name="a")
        thread.start()
        thread.join()
    assert did(run, "a") == ["released lock"]


def test_a_lock_remembers_no_run_that_is_over() -> None:
    lock = Lock()
    with record() as first:
        pass_through(lock)
    pass_through(lock)
    with record() as second:
        pass_through(lock)
    with simulate() as third:
        pass_through(lock)
    assert did(first) == did(second) == did(third) == PAIR


def test_a_block_that_outlives_its_run_is_left_without_a_record() -> None:
    lock = Lock()

    def hold() -> Iterator[None]:
        with lock:
            yield

    with record() as run:
        holding = hold()
        next(holding)
    holding.close()
    assert not lock.locked()
    assert did(run) == ["acquired lock"]
    with simulate() as again:
        pass_through(lock)
    assert did(again) == PAIR


def test_a_block_that_was_entered_by_hand_and_released_by_name_leaves_no_trace_in_the_next_run() -> None:
    lock = Lock()
    with record():
        lock.__enter__()
        lock.release()
    with simulate() as run:
        pass_through(lock)
        lock.acquire()
        lock.__exit__(None, None, None)
    assert did(run) == PAIR * 2


def test_a_contended_block_is_left_the_short_way_too() -> None:
    lock = Lock()
    with record(timeout=LIMIT) as run:
        with lock:
            thread = Thread(target=pass_through, args=(lock,), name="a")
            thread.start()
            until(run, "a", Kind.WAIT)
        thread.join()
        pass_through(lock)
    assert did(run, "a") == ["wait lock for ever", *PAIR]


@needs_signals
def test_ctrl_c_cuts_a_contended_blocks_wait() -> None:
    lock = Lock()
    lock.acquire()
    with record(timeout=LIMIT) as run:
        interrupter = threading.Thread(target=interrupt_main, args=(run,))
        interrupter.start()
        with pytest.raises(KeyboardInterrupt), lock:
            pytest.fail("the block was entered")
        assert here.agent is not None
        assert here.agent.waiting is None
        interrupter.join()
        lock.release()
        pass_through(lock)
    assert did(run) == ["wait lock for ever", "cut lock", "released lock", *PAIR]


def test_a_contended_block_of_a_run_that_is_ended_is_not_entered() -> None:
    lock, entered = Lock(), []

    def enter() -> None:
        with lock:
            entered.append("a")

    lock.acquire()
    with record(timeout=LIMIT) as run:
        thread = Thread(target=enter, name="a")
        thread.start()
        thread.join()
    assert run.log.ending.reason == "hung"
    assert (did(run, "a"), entered) == (["wait lock for ever"], [])
    assert lock.locked()  # it was taken before the run, so it stays so


def test_in_a_contended_block_the_thread_waits_no_more() -> None:
    lock, waiting = Lock(), []

    def enter() -> None:
        with lock:
            assert here.agent is not None
            waiting.append(here.agent.waiting)

    with record(timeout=LIMIT) as run:
        with lock:
            thread = Thread(target=enter, name="a")
            thread.start()
            until(run, "a", Kind.WAIT)
        thread.join()
    assert waiting == [None]


def test_a_patient_thread_naps_at_a_contended_block_too(monkeypatch: pytest.MonkeyPatch) -> None:
    lock, naps = Lock(), []
    monkeypatch.setattr(system, "_sleep", lambda seconds: naps.append((current_thread().name, seconds)))
    with record(timeout=LIMIT, patience=3) as run:
        with lock:
            thread = Thread(target=pass_through, args=(lock,), name="a")
            thread.start()
            while len(naps) < 3:
                pause(0.001)
        thread.join()  # patiently too
    assert [nap for nap in naps if nap[0] == "a"] == [("a", system.NAP)] * 3
    assert did(run, "a") == ["wait lock for ever", *PAIR]


def test_a_foreign_thread_writes_nothing_with_the_pen_that_the_lock_remembers() -> None:
    lock, done = Lock(), allocate_lock()
    done.acquire()

    def foreign(context: contextvars.Context) -> None:
        context.run(pass_through, lock)
        done.release()

    with record(timeout=LIMIT) as run:
        pass_through(lock)
        start_new_thread(foreign, (contextvars.copy_context(),))
        done.acquire()
    assert did(run) == PAIR


def test_a_lock_is_freed_when_nobody_has_it_any_more() -> None:
    lock = Lock()
    with record():
        pass_through(lock)
    gone = weakref.ref(lock)
    del lock
    assert gone() is None


def test_a_lock_that_only_its_block_knows_works() -> None:
    with record() as run, Lock():
        pass
    assert [event.split()[0] for event in did(run)] == ["acquired", "released"]


def test_a_pen_is_its_threads_alone_and_only_while_it_is_up() -> None:
    log = ThreadLog(number=1, name="a", parent=0, daemon=False, timer=0, lines=True)
    seen: list[bool] = []
    log.pen.take_up()
    stranger = threading.Thread(target=lambda: seen.append(log.pen.hand._is_owned()))
    stranger.start()
    stranger.join()
    assert (seen, log.pen.hand._is_owned()) == ([False], True)
    log.pen.put_down()
    log.pen.put_down()
    assert not log.pen.hand._is_owned()
    assert not NOBODYS.hand._is_owned()


def test_a_lock_cannot_be_copied_or_pickled_as_threadings_cannot() -> None:
    for lock in (threading.Lock(), Lock()):
        for attempt in (copy.copy, pickle.dumps):
            with pytest.raises(TypeError, match=r"cannot pickle '_thread.lock' object"):
                attempt(lock)


def test_the_class_offers_what_its_locks_have() -> None:
    lock = Lock()
    assert Lock.__enter__(lock) is True
    Lock.__exit__(lock, None, None, None)
    assert not lock.locked()
    with pytest.raises(TypeError, match=r"^'type' object does not support the context manager"), Lock:  # type: ignore[attr-defined]
        pass


def test_a_lock_used_on_several_lines_in_turn_keeps_them_apart() -> None:
    lock = Lock()
    with record() as run:
        for _ in range(2):
            with lock:  # here
                pass
            with lock:  # there
                pass
            lock.acquire()
            lock.release()
    texts = [site.text if (site := run.log.site(event.site)) else "" for event in run if event.obj]
    in_turn = [*["with lock:  # here"] * 2, *["with lock:  # there"] * 2, "lock.acquire()", "lock.release()"]
    assert texts == in_turn * 2


def test_the_same_offset_in_another_function_is_another_place() -> None:
    lock = Lock()
    source = "def {0}(lock):\n    with lock:\n        pass\n    lock.acquire()\n    lock.release()\n"
    functions: dict[str, Callable[[Lock], None]] = {}
    for name in ("one", "other"):
        exec(compile(source.format(name), f"{name}.py", "exec"), functions)
    with record() as run:
        for name in ("one", "other") * 2:
            functions[name](lock)
    sites = [site for event in run if event.obj and (site := run.log.site(event.site))]
    assert [site.function for site in sites] == (["one"] * 4 + ["other"] * 4) * 2
