"""Futures and executors: what plain ones of `concurrent.futures` do while a run lasts.

Owns: the methods that stand in `Future` and `ThreadPoolExecutor` meanwhile; what is known of one future and
of one executor; and the part that an executor's workers have in a run.

Rule: as for queues (see `queues`): the objects are not touched, a thread of no run does what it always does,
one operation is one record. What lets others go (a result, an exception) is stamped before it is there. A
wait counts as one that only threads of the run can end where the future is a call that the run has submitted,
or where the program has made it by itself: any other may be a library's, whose threads nobody knows.

How it works: the originals do the work, with a record before or after; only where a thread has to wait, it
waits at a `Gate` on the future's own condition. A worker belongs to the run that has submitted a call for as
long as it makes that call, whenever the worker was started; in between it is idle, and of no run. It shows as
one thread, from its first call on.
"""

from __future__ import annotations

import logging
import sys
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial, wraps
from time import perf_counter
from time import sleep as _pause  # bound early: the name in `time` is replaced while a run lasts
from types import FrameType, TracebackType
from typing import Any

from tracing.cpython.durations import above_zero
from tracing.cpython.exceptions import entered_at_once
from tracing.cpython.executors import (
    ADDING,
    LOGGER,
    TOLD,
    WAITERS,
    WORK_ITEM,
    WORKERS_LIFE,
    call_off,
    condition_of,
    executor_of,
    future_of,
    has_all_workers,
    is_done,
    is_open,
    lock_of_executor,
    most_workers,
    unlock,
    unwaited,
    with_initializer,
    workers_of,
)
from tracing.cpython.frames import getframe
from tracing.cpython.locks import PyRLock, inner_condition, is_up, lock_of
from tracing.cpython.threads import as_daemon
from tracing.errors import SimulateError
from tracing.events import OBJECT_SHIFT, SITE_SHIFT, Kind
from tracing.naming import held_by
from tracing.primitives.inner import in_words, wait_at_gate
from tracing.primitives.known import Known, is_inside
from tracing.primitives.life import IS_ALIVE, JOIN, EndOf, agent_of
from tracing.primitives.mutex import LibraryLock
from tracing.recorder import OPEN, PLACES, Identity, raised_at, user_frame
from tracing.runtime import AGENTS, Agent, Run, Unwind, here, nanoseconds
from tracing.runtime.raising import seal

# As numbers: to take them for kinds is for who reads the record.
SUBMITTED, CALL_BEGAN, CALL_ENDED = int(Kind.SUBMITTED), int(Kind.CALL_BEGAN), int(Kind.CALL_ENDED)
CALL_FAILED, GAVE, RESULT_WAIT = int(Kind.CALL_FAILED), int(Kind.RESULT), int(Kind.RESULT_WAIT)
CALLBACK_FAILED = int(Kind.CALLBACK_FAILED)
PATIENCE = 1.0  # s that the workers of an executor get to unwind
FUTURE: Any = Future
POOL: Any = ThreadPoolExecutor


# What is known


class PoolLog(Known):
    """What runs know of one executor. by: who has submitted a call last, a weak reference.

    daemon: while a worker is added, what it is for the program; else None.
    """

    __slots__ = ("by", "daemon")

    def __init__(self, pool: object, identity: Identity) -> None:
        super().__init__(pool, identity, FORGET_POOL)
        self.by: Callable[[], Agent | None] = _nobody
        self.daemon: bool | None = None


def _nobody() -> None:
    """In place of a reference."""


class FutureLog(Known):
    """What runs know of one future. by: who has submitted it, as long as the call is not over; pool: to what.

    decided: whether a wait for it is one that only threads of the run can end.
    """

    __slots__ = ("began", "by", "decided", "pool")

    def __init__(self, future: object, identity: Identity, *, decided: bool) -> None:
        super().__init__(future, identity, FORGET_FUTURE)
        self.decided = decided
        self.began = False
        self.by: Agent | None = None
        self.pool: PoolLog | None = None

    def begins(self, by: Agent, kind: int) -> bool:
        """A thread of a run is about to do something with it. False: it unwinds.

        What a future that was made in a simulated run is about to do, its lock announces.
        """
        if by.runtime.direct or not isinstance(lock_of(condition_of(self.thing())), PyRLock):
            return by.quick or by.point(Kind(kind), self.identity.serial)
        return not by.run.ended or by.unwind()

    def record(self, by: Agent, kind: int, place: int = 0, arg: int | None = None) -> None:
        """The thread does that, now. (`Agent.record` would look for the place each time, and keep the code
        for use again; a future has but few events.)
        """
        code = kind | place << SITE_SHIFT | self.identity.serial << OBJECT_SHIFT
        now = by.now()
        by.log.extend((now, code) if arg is None else (now, code, arg, 0))

    def is_over(self) -> None:
        """The call was made, or will not be."""
        by, self.by = self.by, None
        if by is not None:
            by.run.calls.discard(self)

    def may_begin(self) -> bool:
        """Whether it waits for a worker, and one is idle: it is about to take it."""
        pool = None if self.began or self.pool is None else self.pool.thing()
        return pool is not None and any(map(_is_idle, workers_of(pool)))


def _is_idle(worker: threading.Thread) -> bool:
    agent = WORKERS.get(worker)
    return IS_ALIVE(worker) and (agent is None or agent.finished)


FUTURES: dict[int, FutureLog] = {}
POOLS: dict[int, PoolLog] = {}
"""By id: of those that runs have met."""
FORGET_FUTURE, FORGET_POOL = FUTURES.pop, POOLS.pop
WORKERS: weakref.WeakKeyDictionary[threading.Thread, Agent] = weakref.WeakKeyDictionary()
"""Their part in the last run for which they have worked."""


def _log_of(future: Any, by: Agent | None) -> FutureLog | None:
    """What is to be recorded about; None: not a thread of a run, or not the program's business."""
    if by is None:
        return None
    log = FUTURES.get(id(future))
    if log is None:
        caller = getframe(2)
        identity = Identity("Future", future, found=held_by(caller, future))
        if is_inside(identity, caller):
            return None
        log = FUTURES.setdefault(id(future), FutureLog(future, identity, decided=False))
    return log


def _pool_log_of(pool: Any, caller: FrameType) -> PoolLog:
    return POOLS.get(id(pool)) or POOLS.setdefault(
        id(pool),
        PoolLog(pool, Identity("ThreadPoolExecutor", pool, found=held_by(caller, pool))),
    )


# Submitting


class Submission:
    """What a thread is submitting, by which line. The future is made on the way. name: of the function."""

    __slots__ = ("frame", "name", "pool")

    def __init__(self, pool: PoolLog, frame: FrameType, name: str) -> None:
        self.pool, self.frame, self.name = pool, frame, name


OUTSIDE = (
    "submit() in a simulated run, to a ThreadPoolExecutor that was made outside of it: its workers would "
    "wait in real time, for what nobody can do meanwhile. Make the executor inside the block, or in the "
    "function that explore() runs."
)
POOL_INIT, SUBMIT, SHUTDOWN = POOL.__init__, POOL.submit, POOL.shutdown


@wraps(POOL_INIT)
def pool_init(self: Any, *args: Any, **named: Any) -> None:
    POOL_INIT(self, *args, **named)
    if here.agent is not None:
        POOLS[id(self)] = PoolLog(self, Identity("ThreadPoolExecutor", self))


@wraps(SUBMIT)
def submit(self: Any, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
    by, caller = here.agent if AGENTS else None, getframe(1)
    if by is None or by.unwinding:
        return SUBMIT(self, fn, *args, **kwargs)
    if not (by.runtime.direct or isinstance(lock_of_executor(self), LibraryLock)):
        raise SimulateError(OUTSIDE)
    pool = _pool_log_of(self, caller)
    pool.by, values = weakref.ref(by), by.run.recorder.values
    if pool.identity.serial not in values:
        values[pool.identity.serial] = most_workers(self)
    around, by.submits = by.submits, Submission(pool, caller, _name_of(fn))
    try:
        return SUBMIT(self, fn, *args, **kwargs)
    finally:
        by.submits = around


ADD_WORKER: Any = getattr(*ADDING, None)


def add_worker(self: Any) -> None:
    """In place of what starts a worker where none is idle: the interpreter's exit does not depend on it."""
    by, pool = here.agent if AGENTS else None, POOLS.get(id(self))
    if by is None or pool is None or has_all_workers(self):
        ADD_WORKER(self)
        return
    if not by.runtime.direct:
        _hire(by, pool, self)
        return
    pool.daemon = threading.current_thread().daemon
    try:
        unwaited(self, ADD_WORKER)
    finally:
        pool.daemon = None


def _hire(by: Agent, pool: PoolLog, executor: Any) -> None:
    """Simulated, it is known as a worker before its first step: the main thread may be at its end by then."""
    by.hires = pool
    try:
        ADD_WORKER(executor)
    finally:
        by.hires = None


def _name_of(function: Any) -> str:
    """Of what is called: of a `partial`, the function behind it."""
    while not hasattr(function, "__name__") and hasattr(function, "func"):
        function = function.func
    return str(getattr(function, "__name__", type(function).__name__)).strip("<>")


INIT, RESULT, EXCEPTION, CANCEL = FUTURE.__init__, FUTURE.result, FUTURE.exception, FUTURE.cancel
SET_RUNNING, SET_RESULT = FUTURE.set_running_or_notify_cancel, FUTURE.set_result
SET_EXCEPTION = FUTURE.set_exception


@wraps(INIT)
def init(self: Any, *args: Any, **named: Any) -> None:
    INIT(self, *args, **named)
    by = here.agent
    if by is None or by.unwinding:
        return
    submission, by.submits = by.submits, None
    if submission is not None:
        _is_submitted(self, by, submission)
    elif (identity := Identity("Future", self)).direct:
        FUTURES[id(self)] = FutureLog(self, identity, decided=True)


def _is_submitted(future: Any, by: Agent, what: Submission) -> None:
    """Nobody but the thread that submits it knows the future yet."""
    identity = Identity("Future", future, owner=what.pool.identity.serial, by=what.frame, otherwise=what.name)
    log = FUTURES[id(future)] = FutureLog(future, identity, decided=True)
    log.by, log.pool = by, what.pool
    by.run.calls.add(log)
    log.record(by, SUBMITTED, identity.place if by.lines else 0, by.run.recorder.text(what.name))


def _place(by: Agent, frame: FrameType) -> int:
    """Of the program, which called what stands in `frame`, or is it."""
    user = user_frame(frame) if by.lines else None
    return PLACES.number(user) if user else 0


# Making calls


def _log_here(future: Any) -> tuple[Agent | None, FutureLog | None]:
    """Of a future that is about to change, in whichever thread: who does it, and what is known."""
    by = here.agent if AGENTS else None
    return by, FUTURES.get(id(future)) if by is not None and not by.unwinding else None


@wraps(SET_RUNNING)
def set_running_or_notify_cancel(self: Any) -> bool:
    by, log = _log_here(self)
    if log is None or by is None or not log.begins(by, CALL_BEGAN):
        return bool(SET_RUNNING(self))
    goes_on = bool(SET_RUNNING(self))
    if goes_on:
        log.began = True
        log.record(by, CALL_BEGAN)
        by.reachable = by.reachable or by.worker
    else:
        log.is_over()
    return goes_on


@wraps(SET_RESULT)
def set_result(self: Any, result: Any) -> None:
    _ends(self, CALL_ENDED)
    SET_RESULT(self, result)


@wraps(SET_EXCEPTION)
def set_exception(self: Any, exception: Any) -> None:
    _ends(self, CALL_FAILED, exception)
    SET_EXCEPTION(self, exception)


def _ends(future: Any, kind: int, error: BaseException | None = None) -> None:
    """The call is over: recorded before anybody can have what came of it."""
    by, log = _log_here(future)
    if by is not None and by.worker:
        seal(by)  # what follows is not the program's code
    if log is None or by is None or not log.begins(by, kind):
        log = FUTURES.get(id(future))
    elif not is_done(future):  # else it is refused
        _record_end(by, log, kind, error)
    if log is not None:
        log.is_over()


def _record_end(by: Agent, log: FutureLog, kind: int, error: BaseException | None) -> None:
    """With the line of the program from which an exception came, where there is one."""
    if error is None:
        log.record(by, kind)
    else:
        log.record(by, kind, raised_at(error) if by.lines else 0, by.run.recorder.text(in_words(error)))


class Telling:
    """In place of the logger of futures, which alone is told of what a callback has raised: in the record as
    well, also where the program has silenced the logger.
    """

    def exception(self, words: str, *args: Any) -> None:
        error = sys.exception()
        by, log = _log_here(args[0]) if args else (None, None)
        if by is not None and log is not None and error is not None:
            place = raised_at(error) if by.lines else 0
            log.record(by, CALLBACK_FAILED, place, by.run.recorder.text(in_words(error)))
        LOGGER.exception(words, *args, stacklevel=2)

    def __getattr__(self, name: str) -> Any:
        return getattr(LOGGER, name)


@wraps(CANCEL)
def cancel(self: Any) -> bool:
    by, log = _log_here(self)
    if log is None or by is None or not log.begins(by, Kind.CALL_CANCELLED):
        return bool(CANCEL(self))
    time, before, late = by.now(), self.cancelled(), self.running()
    cancelled = bool(CANCEL(self))
    if cancelled and not before:
        by.record_at(time, Kind.CALL_CANCELLED, log.identity)
        log.is_over()
    elif late:
        by.record_at(time, Kind.CANCEL_LATE, log.identity)
    return cancelled


# Asking


@wraps(RESULT)
def result(self: Any, timeout: float | None = None) -> Any:
    try:
        return _ask(self, RESULT, timeout)
    finally:
        self = None  # as the original: the exception that comes out must not keep the future that keeps it


@wraps(EXCEPTION)
def exception(self: Any, timeout: float | None = None) -> Any:
    try:
        return _ask(self, EXCEPTION, timeout)
    finally:
        self = None


def _ask(future: Any, ask: Callable[[Any, float | None], Any], timeout: float | None) -> Any:
    by = here.agent if AGENTS else None
    log = _log_of(future, by)
    try:
        if by is None and AGENTS:
            _is_asked_by_others(future)
        if log is None or by is None:
            return ask(future, timeout)
        if not log.begins(by, GAVE):
            return None
        place = _place(by, getframe(2))
        if not is_done(future):
            _wait(future, log, by, timeout, place)
        if not is_done(future):
            return ask(future, timeout)
        log.record(by, GAVE, place)
        return ask(future, 0)
    finally:
        future = log = None


def _is_asked_by_others(future: Any) -> None:
    """A thread of no run asks: no event can say so, but nobody must be told that it was never asked."""
    log = FUTURES.get(id(future))
    if log is not None:
        for recorder in OPEN.copy():
            recorder.values[log.identity.serial] = 1


def _wait(future: Any, log: FutureLog, by: Agent, timeout: float | None, place: int) -> None:
    """Until it is done. Raises TimeoutError."""
    timeout = None if timeout is None else above_zero(timeout)
    if timeout == 0:
        by.record(Kind.WOULD_BLOCK, log.identity)
        return
    condition = condition_of(future)
    with condition:
        if is_done(future):
            return
        try:
            log.record(by, RESULT_WAIT, place, -1 if timeout is None else nanoseconds(timeout))
            came = wait_at_gate(condition, by, timeout) if log.decided else condition.wait(timeout)
        except BaseException:
            by.record(Kind.CUT, log.identity)
            raise
        if not came:
            by.record(Kind.TIMED_OUT, log.identity)
            raise TimeoutError


class Coming(threading.Event):
    """What `wait` and `as_completed` wait for: it is set when enough of these futures are done."""

    def __init__(self, logs: list[FutureLog]) -> None:
        super().__init__()
        self._logs = logs

    def wait(self, timeout: float | None = None) -> bool:
        by, log = here.agent, self._first_unfinished()
        if by is None or by.unwinding or log is None:
            return super().wait(timeout)
        with inner_condition(self):
            return is_up(self) or self._wait(by, log, above_zero(timeout))

    def _first_unfinished(self) -> FutureLog | None:
        """One that is cancelled is done, but who waits is told of it by a worker only: that comes last."""
        there = [(log, future) for log in self._logs if (future := log.thing()) is not None]
        unfinished = [log for log, future in there if not future.done()]
        return next(iter([*unfinished, *(log for log, future in there if future.cancelled())]), None)

    def _wait(self, by: Agent, log: FutureLog, timeout: float | None) -> bool:
        try:
            by.record(Kind.FUTURES_WAIT, log.identity, nanoseconds(timeout))
            came = wait_at_gate(inner_condition(self), by, timeout)
        except BaseException:
            by.record(Kind.CUT, log.identity)
            raise
        by.record(Kind.FUTURES_CAME if came else Kind.TIMED_OUT, log.identity)
        return is_up(self)


CREATE_WAITERS: Any = getattr(*WAITERS)


def create_waiters(fs: Iterable[Any], return_when: str) -> Any:
    """In place of the function by which `wait` and `as_completed` make what they wait with."""
    futures = list(fs)
    waiter = CREATE_WAITERS(futures, return_when)
    logs = [log for future in futures if (log := FUTURES.get(id(future))) is not None]
    if here.agent is not None and logs and len(logs) == len(futures) and all(log.decided for log in logs):
        coming = Coming(sorted(logs, key=lambda log: log.identity.serial))
        if waiter.event.is_set():
            coming.set()
        waiter.event = coming
    return waiter


# Workers

RUN: Any = getattr(WORK_ITEM, "run", None)
WORKER: Any = getattr(*WORKERS_LIFE, None)


def make_call(self: Any, *context: Any) -> None:
    """In place of what a worker does for a call."""
    log = FUTURES.get(id(future_of(self)))
    by = None if log is None else log.by
    if by is not None and by.run.ended:
        call_off(future_of(self))  # the others of the run are gone: it might wait for them
    if by is None or here.agent is not None or by.run.ended or not by.runtime.direct:
        RUN(self, *context)
    else:
        with Employment(by):
            RUN(self, *context)


class Employment:
    """A worker belongs to the run of who has submitted a call, for as long as it makes it."""

    def __init__(self, by: Agent) -> None:
        thread = threading.current_thread()
        agent = WORKERS.get(thread)
        self._first = agent is None or agent.run is not by.run
        if agent is None or agent.run is not by.run:
            agent = WORKERS[thread] = by.run.adopt(thread, by)
            agent.worker = True
        self._agent, self._by = agent, by

    def __enter__(self) -> Agent:
        self._agent.finished = False
        self._agent.enter()
        if self._first:
            self._agent.record(Kind.BEGAN, arg=self._by.number)
        return self._agent

    @entered_at_once  # what makes it unwind may come late, and must not keep it from leaving
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if self._agent.reachable:  # else the call has come to its end, and that has sealed it
                seal(self._agent)
        finally:
            self._agent.leave()


class Initialization:
    """What a worker does first, where its executor was given an initializer: recorded as a call of the
    executor that nobody has submitted. Until it is over, the worker makes no other one.
    """

    def __init__(self, pool: PoolLog, initializer: Callable[..., object]) -> None:
        self._pool, self._initializer = pool, initializer

    def __call__(self, *args: Any) -> None:
        by = self._pool.by()
        if by is None or by.run.ended:
            self._initializer(*args)
        elif here.agent is not None:  # simulated: the worker is of the run anyway
            self._record(here.agent, args)
        else:
            with Employment(by) as agent:
                self._record(agent, args)

    def _record(self, by: Agent, args: tuple[Any, ...]) -> None:
        name = _name_of(self._initializer)
        call = Identity("Future", self, owner=self._pool.identity.serial, found="", otherwise=name)
        by.record(Kind.CALL_BEGAN, call)
        by.reachable = by.reachable or by.worker
        try:
            self._initializer(*args)
        except Unwind:
            seal(by)
            raise
        except BaseException as error:
            place = raised_at(error) if by.lines else 0
            code = CALL_FAILED | place << SITE_SHIFT | call.serial << OBJECT_SHIFT
            by.log.extend((by.now(), code, by.run.recorder.text(in_words(error)), 0))
            raise
        by.record(Kind.CALL_ENDED, call)


def work(*args: Any) -> None:
    """In place of what a worker does from its first step to its last."""
    pool = POOLS.get(id(executor_of(args)))
    daemon = None if pool is None else pool.daemon
    if daemon is not None:
        as_daemon(threading.current_thread(), daemon)
    if here.agent is not None:
        here.agent.serves = pool
    try:
        WORKER(*(with_initializer(args, partial(Initialization, pool)) if pool is not None else args))
    finally:
        agent = WORKERS.pop(threading.current_thread(), None)
        if agent is not None:
            retire(agent)


def retire(agent: Agent) -> None:
    """A worker that is idle does not work for the run any more."""
    if not agent.run.ended:
        agent.log.extend((agent.now(), int(Kind.ENDED)))


def retire_all(run: Run) -> None:
    """The run comes to its end, and all that it has submitted was done."""
    for thread, agent in list(WORKERS.items()):
        if agent.run is run and agent.finished and WORKERS.pop(thread, None) is agent:
            retire(agent)


# The end


@contextmanager
def no_word_of_unwinding() -> Iterator[None]:
    """Executors log whatever ends their threads: not where that is the end of a run."""

    def has_another_reason(record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, Unwind) and (here.agent is None or not here.agent.run.ended)

    LOGGER.addFilter(has_another_reason)
    try:
        yield
    finally:
        LOGGER.removeFilter(has_another_reason)


@wraps(SHUTDOWN)
def shutdown(self: Any, wait: bool = True, *, cancel_futures: bool = False) -> None:
    by = here.agent if AGENTS else None
    if by is None:
        SHUTDOWN(self, wait, cancel_futures=cancel_futures)
        return
    if by.unwinding:  # its workers unwind as well, where they are of the run
        SHUTDOWN(self, False, cancel_futures=cancel_futures)
        if wait and by.runtime.direct:
            _see_off(workers_of(self))
        return
    identity = _pool_log_of(self, getframe(1)).identity
    if by.point(Kind.SHUT_DOWN, identity.serial):
        by.record(Kind.SHUT_DOWN, identity, 0)
        SHUTDOWN(self, False, cancel_futures=cancel_futures)
        if wait:
            _wait_for_workers(workers_of(self), by, identity)


def _see_off(workers: list[threading.Thread]) -> None:
    """Wait for workers that are made to unwind; not for those that cannot be."""
    until = perf_counter() + PATIENCE
    for worker in workers:
        if worker is not threading.current_thread():
            JOIN(worker, max(until - perf_counter(), 0))


def _wait_for_workers(workers: list[threading.Thread], by: Agent, identity: Identity) -> None:
    if threading.current_thread() in workers:
        JOIN(threading.current_thread())  # raises what `threading` raises
    waits = False
    for worker in workers:
        agent = agent_of(worker)
        end = EndOf((worker,))
        if not by.runtime.direct and agent is not None and not by.point(Kind.JOINED, -agent.number, end):
            return
        if not end.ready():
            _await(end, by, identity, begins=not waits)
            waits = True
    by.record(Kind.WORKERS_ENDED, identity)


def _await(end: EndOf, by: Agent, identity: Identity, *, begins: bool) -> None:
    try:
        if begins:
            by.record(Kind.WAIT, identity, -1)
        by.wait_until(end, None)
    except BaseException:
        by.record(Kind.CUT, identity)
        raise


class EndOfCalls:
    """The end of all that a run has submitted, as something to wait for: an interpreter waits for it, too."""

    SLICE = 0.002  # s between looks

    def __init__(self, run: Run) -> None:
        self._run, self._opened = run, False

    def ready(self) -> bool:
        return not self._run.calls

    def take(self, seconds: float) -> bool:
        while not (self.ready() or self._opened):
            _pause(self.SLICE)
        return not self._opened

    def open(self) -> None:
        self._opened = True


def shut_down_all(workers: Iterable[Agent]) -> None:
    """By the main thread of a simulated run, at its end: as the interpreter ends the workers of executors
    that nobody has shut down.
    """
    pools = {id(worker.serves): worker.serves for worker in workers}
    for pool in [log.thing() for log in pools.values()]:
        if pool is not None and is_open(pool):
            SHUTDOWN(pool, False)


def let_go_of_calls(run: Run, *, off: bool) -> None:
    """After the end of a run. off: the calls that no worker has begun are not made any more."""
    for log in tuple(run.calls):
        future = log.thing()
        if off and future is not None:
            unlock(future)
            call_off(future)
        log.is_over()


METHODS: tuple[tuple[Any, str, Any], ...] = (
    (FUTURE, "__init__", init),
    (FUTURE, "set_running_or_notify_cancel", set_running_or_notify_cancel),
    (FUTURE, "set_result", set_result),
    (FUTURE, "set_exception", set_exception),
    (FUTURE, "cancel", cancel),
    (FUTURE, "result", result),
    (FUTURE, "exception", exception),
    (POOL, "__init__", pool_init),
    (POOL, "submit", submit),
    (POOL, "shutdown", shutdown),
    (*TOLD, Telling()),
    (*WAITERS, create_waiters),
    (*WORKERS_LIFE, work),
    *(((*ADDING, add_worker),) if ADD_WORKER else ()),
)
IN_WORKERS: tuple[tuple[Any, str, Any], ...] = ((WORK_ITEM, "run", make_call),) if WORK_ITEM else ()
"""What stands in `concurrent.futures` while a run lasts: owner, name, method."""
