"""The insides of `concurrent.futures`: what its workers run, and what it keeps for the whole process.

What for: to know whether a worker has work; to see a function of the program that it calls, where that is
written in C; to let it forget the workers of a run that is over, which it would wait for at the interpreter's
exit; and to record what is done with plain executors and futures while a run lasts. No public way: an
executor tells nobody of its threads or of what they do, and a future not of who waits for it.

Source: CPython, Lib/concurrent/futures/thread.py and _base.py. All versions; up to 3.13 a task is called by
`_WorkItem.run`, from 3.14 on by `WorkerContext.run`, which that calls. Where a name of `thread` is missing, a
worker counts as one that has work, its calls into C are not seen, it is of no run, and nothing is forgotten;
where one of `_base`, or a field of a future or an executor, is, AttributeError says which.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import _base as _futures
from concurrent.futures import thread as _executors
from time import perf_counter
from time import sleep as _pause  # bound early: the name in `time` is replaced while a run lasts
from types import CodeType, FrameType
from typing import Any

from tracing.cpython.frames import code_of
from tracing.cpython.threads import as_daemon

_names: Any = vars(_executors)


_WORKER = code_of(_names.get("_worker"))

CALLERS: tuple[CodeType, ...] = tuple(
    code
    for name in ("_WorkItem", "WorkerContext")
    if (code := code_of(getattr(_names.get(name), "run", None))) is not None
)
"""What calls the function that was submitted."""

LOGGER: logging.Logger = logging.getLogger("concurrent.futures")
"""It is told of whatever ends a worker, or is raised by a callback of a future."""

TOLD: tuple[Any, str] = (_futures, "LOGGER")
"""Where a future finds it: `exception(words, future)` is called in place of what a callback has raised."""


def is_idle_worker(top: FrameType | None) -> bool:
    """Whether a thread, by its innermost frame, is a worker that waits for work."""
    return top is not None and top.f_code is _WORKER


def forget_workers(of_run: Callable[[threading.Thread], bool]) -> None:
    """At its exit the interpreter joins the threads of executors: from now on not those."""
    queues: Any = _names.get("_threads_queues", {})
    for thread in list(queues):
        if of_run(thread):
            queues.pop(thread, None)


def forget_ended(executor: Any, patience: float) -> None:
    """Of a run that has ended: the executor's threads that are no more. It counts them as workers that will
    make the next call, and those that were idle twice, by a permit; so a call would be made by nobody.

    patience: seconds for threads that are on their way out.
    """
    until = perf_counter() + patience
    workers = workers_of(executor)
    while any(map(threading.Thread.is_alive, workers)) and perf_counter() < until:
        _pause(0.0005)
    if all(map(threading.Thread.is_alive, workers)):
        return
    with executor._shutdown_lock:
        executor._threads.difference_update([each for each in workers if not each.is_alive()])
        while executor._idle_semaphore.acquire(blocking=False):
            pass  # also that of an idle worker that lives: at worst there is one more than needed


ADDING: tuple[Any, str] = (_executors.ThreadPoolExecutor, "_adjust_thread_count")
"""By it `submit` starts a worker where none is idle."""


def has_all_workers(executor: Any) -> bool:
    """Whether it has as many threads as it may have: `ADDING` adds none then."""
    return bool(len(executor._threads) >= executor._max_workers)


def unwaited(executor: Any, add: Callable[[Any], object]) -> None:
    """`add` a worker for which the interpreter does not wait at its exit, unless an executor does.

    What for: a worker that an ended run had to leave behind must not keep the program from its end. Executors
    wait for their workers at the exit themselves, and are made to forget those (`forget_workers`); but the
    interpreter waits as well for any thread that was no daemon when it started, on 3.15 in C. No public way:
    what an executor's thread is it has from the one that submits. So that is a daemon meanwhile; what its
    new worker is stands there again when this returns. All versions; where `_daemonic` means nothing, the
    interpreter waits.
    """
    by, before = threading.current_thread(), set(executor._threads)
    state, daemon = vars(by), by.daemon
    try:
        state["_daemonic"] = True
        add(executor)
    finally:
        state["_daemonic"] = daemon  # the first step, and no call: nothing can be raised before it
    for worker in executor._threads - before:
        as_daemon(worker, daemon)


# Futures and executors while a run lasts

WORK_ITEM: Any = _names.get("_WorkItem")
"""A call that was submitted: `run` is what a worker does for it. Without it, workers are of no run."""

WORKERS_LIFE: tuple[Any, str] = (_executors, "_worker")
"""What a worker does from its first step to its last."""


def with_initializer(
    args: tuple[Any, ...], around: Callable[[Callable[..., object]], Any]
) -> tuple[Any, ...]:
    """The arguments of `WORKERS_LIFE` with `around(initializer)` where an initializer was given: up to 3.13
    one of the arguments, from 3.14 on a field of the worker's own context. Where neither is there, as they
    were.
    """
    context = next((each for each in args if hasattr(each, "initializer")), None)
    if context is not None:
        if context.initializer is not None:
            context.initializer = around(context.initializer)
    elif len(args) == 4 and args[2] is not None:
        return (*args[:2], around(args[2]), args[3])
    return args


def executor_of(args: tuple[Any, ...]) -> Any:
    """By the arguments of `WORKERS_LIFE`: whose worker it is; None where that is gone."""
    return args[0]()


WAITERS: tuple[Any, str] = (_futures, "_create_and_install_waiters")
"""What `wait` and `as_completed` wait with: made by this, from the futures and what to wait for."""


def condition_of(future: Any) -> threading.Condition:
    """What who wants a future's result waits on; it has the future's lock."""
    condition: threading.Condition = future._condition
    return condition


_DONE = (_futures.FINISHED, _futures.CANCELLED, _futures.CANCELLED_AND_NOTIFIED)


def is_done(future: Any) -> bool:
    """`Future.done`, without taking its lock: for who asks first and looks again when it has that."""
    return future._state in _DONE


def workers_of(executor: Any) -> list[threading.Thread]:
    """The threads of an executor, so far."""
    return list(executor._threads)


def is_open(executor: Any) -> bool:
    """Whether nobody has shut it down."""
    return not executor._shutdown


def lock_of_executor(executor: Any) -> Any:
    """What `submit` holds: of the kind that `threading.Lock` was when the executor was made."""
    return executor._shutdown_lock


def most_workers(executor: Any) -> int:
    """How many threads it has at most: the picture and the table say so."""
    return int(executor._max_workers)


def future_of(item: Any) -> Any:
    """The future of a call that was submitted."""
    return item.future


MOMENT = 0.05  # s: nobody who is well holds a future's lock for longer


def unlock(future: Any) -> None:
    """Of a run that has ended: free the future's lock, where a thread of the run has left it locked. `wait`
    and `as_completed` take the locks of all futures, one after the other, and give none back where they are
    interrupted on the way.
    """
    if future._condition.acquire(timeout=MOMENT):
        future._condition.release()
    else:
        future._condition._at_fork_reinit()  # the same object, free, and nobody waits: as in a forked child


def call_off(future: Any) -> None:
    """Of a run that has ended: a call that has not begun is not made any more. Calls no code of the program,
    which `Future.cancel` does. The future's lock is to be had (`unlock`).
    """
    with future._condition:
        if future._state == _futures.PENDING:
            future._state = _futures.CANCELLED
            future._condition.notify_all()
