"""A thread's life in the record: started by, begin, end or exception, joined by.

Owns: starting, joining and asking after a thread of a run, be it a face or a plain `threading.Thread`.

Rule: a thread belongs to the run of the thread that starts it. Started by a thread without a run, it is a
plain thread.

How it works: `start` gives the child an agent and puts a `Life` in front of `run`, on the instance, so that
subclasses that override `run` are recorded as well. Where the class computes `run`, and nothing on the
instance comes before that, the `Life` is around all that the thread does; then no exception is sent to it,
for `threading`'s own lines are in there (see `runtime.raising`).
"""

from __future__ import annotations

import threading
from _thread import allocate_lock
from collections.abc import Callable
from time import perf_counter
from time import sleep as _pause  # bound early: the name in `time` is replaced while a run lasts

from tracing.cpython.ownership import give_back_mine
from tracing.cpython.stack import room
from tracing.cpython.threads import (
    as_daemon,
    begin_around,
    forget_start,
    interruption,
    invoke_excepthook,
    is_startable,
    is_starting,
)
from tracing.events import Kind
from tracing.naming import is_library
from tracing.primitives.inner import in_words
from tracing.runtime import THREADS, Agent, Unwind, here
from tracing.runtime.preemption import NUMBERS, READ
from tracing.runtime.raising import seal

MOMENT = 0.5  # s that a thread may take to begin
# `threading`'s own: the names in the class are replaced while a simulated run lasts.
START, JOIN, IS_ALIVE = threading.Thread.start, threading.Thread.join, threading.Thread.is_alive


def agent_of(thread: threading.Thread) -> Agent | None:
    """The agent of a thread that was started in a run."""
    return thread.__dict__.get("_tracing_agent")


def alive(thread: threading.Thread) -> bool:
    """Whether the thread was started and has not ended."""
    agent = agent_of(thread)
    if agent is None:
        return IS_ALIVE(thread)
    # A simulated thread is told that it has ended before anybody else goes on: no need to ask the system.
    return not agent.finished and (not agent.runtime.direct or IS_ALIVE(thread))


def look(thread: threading.Thread) -> None:
    """The program is about to ask how far the thread is: see `Agent.glance`."""
    asking = here.agent
    if asking is None:
        return
    known = agent_of(thread)
    asking.glance(Kind.ENDED, _touched(known))
    started = agent_of(thread)
    if known is None and started is not None:  # meanwhile
        asking.also(Kind.ENDED, _touched(started))


def _touched(agent: Agent | None) -> int:
    """What touches a thread with that agent; one that was not started is changed by who starts threads."""
    return THREADS if agent is None else -agent.number


def is_alive(thread: threading.Thread) -> bool:
    """The same as `alive`, asked by the program."""
    look(thread)
    # In this order: up to 3.12 it is IS_ALIVE that notes the end, for repr().
    return IS_ALIVE(thread) and alive(thread)


def start(thread: threading.Thread) -> None:
    """`Thread.start` in whichever thread."""
    parent = here.agent
    if parent is None:
        START(thread)
        return
    room()
    if parent.unwinding:
        if parent.runtime.direct:
            START(thread)
    elif parent.point(Kind.STARTED, THREADS):
        if is_startable(thread):  # asked no earlier: another thread may have started it meanwhile
            _start(thread, parent)
        else:
            _or_refused(parent, START, thread)


def _start(thread: threading.Thread, parent: Agent) -> None:
    agent = parent.run.adopt(thread, parent)
    agent.serves = parent.hires
    try:  # no later: whoever is adopted, and never begins, would be waited for
        _prepare(thread, parent, agent)
        parent.record(Kind.STARTED, arg=agent.number)
        parent.runtime.start(agent, thread)
    except BaseException as error:  # the system has no more threads, or Ctrl-C while it begins
        error = interruption(error) or error
        _settle(agent)
        parent.record(Kind.REFUSED, arg=f"{type(error).__name__}: {error}")
        raise error


def _prepare(thread: threading.Thread, parent: Agent, agent: Agent) -> None:
    parent.also(Kind.STARTED, _touched(agent))  # who asks after it, or joins it, asks that as well
    parent.touch({NUMBERS.of("daemon"): READ})  # which may be set until now
    vars(thread)["_tracing_agent"] = agent  # not as an attribute: the program's class may refuse those
    Life(agent).step_in()


def _settle(agent: Agent) -> None:
    """A start was cut short: nobody knows whether there is a thread. It has begun within a moment, or it
    never will. Where the system refused it, `threading` knows that there is none.
    """
    give_back_mine()  # or the thread would wait for it
    thread, until = agent.thread, perf_counter() + MOMENT
    while not has_begun(thread) and (is_starting(thread) or IS_ALIVE(thread)) and perf_counter() < until:
        _pause(0.001)
    call_off(thread)
    if _life_of(thread) is None and not agent.ident:  # it was not prepared
        agent.finished = True


def _life_of(thread: threading.Thread) -> Life | None:
    """What a thread that was started in a run, and has not begun, is going to do."""
    return vars(thread).get("_tracing_life")


def has_begun(thread: threading.Thread) -> bool:
    """Whether it has begun, or never will."""
    life = _life_of(thread)
    return life is None or life.begun


def call_off(thread: threading.Thread) -> None:
    """By a keeper: a thread that has not begun is not to begin any more."""
    life = _life_of(thread)
    if life is not None:
        life.call_off()


class Life:
    """What a thread of a run does: stands in front of its `run`, or around all of it where that
    cannot be.
    """

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.own = vars(agent.thread).get("run")  # given to the instance, not the class
        self.over = False  # its end is recorded
        self._turn = allocate_lock()  # whoever has it first: the thread begins, or is not to begin any more
        self._undo: Callable[[], None] | None = None

    def step_in(self) -> None:
        """The thread begins and ends with this life."""
        thread = self.agent.thread
        state = vars(thread)
        state["_tracing_life"] = self
        if self.agent.runtime.direct and _is_computed(type(thread)):
            self._undo = begin_around(thread, self.begin, self.caught, self.end, self.agent.log.daemon)
        else:
            state["run"] = self

    def step_aside(self) -> None:
        """The thread is what it was."""
        state = vars(self.agent.thread)
        state.pop("_tracing_life", None)
        if self._undo is not None:
            return self._undo()
        state.pop("run", None)
        if self.own is not None:
            state["run"] = self.own

    def call_off(self) -> None:
        """It is not to begin any more, if it ever would."""
        thread = self.agent.thread
        if self._turn.acquire(False):
            if not IS_ALIVE(thread):  # else it is on its way here
                forget_start(thread)
                self.step_aside()
            self.agent.finished = True

    @property
    def begun(self) -> bool:
        """Whether it has begun, or never will."""
        return self._turn.locked()

    def __call__(self) -> None:
        thread = self.agent.thread
        if not self.begin():
            return self.step_aside()
        try:
            self.step_aside()
            as_daemon(thread, self.agent.log.daemon)
            self._live(thread)
        except Unwind:  # it was sent to this thread, and came late
            pass
        finally:
            seal(self.agent)
            self.end()

    def _live(self, thread: threading.Thread) -> None:
        self.agent.reachable = True
        try:
            thread.run()
        except BaseException as error:
            self.caught(error, invoke_excepthook)

    def begin(self) -> bool:
        """Whether it is to begin."""
        if not self._turn.acquire(False):
            return False
        self.agent.enter()
        self.agent.record(Kind.BEGAN, arg=self.agent.log.parent)
        return True

    def caught(self, error: BaseException, tell: Callable[[threading.Thread], None]) -> None:
        """An exception left `run`. `tell` calls `threading.excepthook`, which is a part of the thread's life
        if it is the program's own.
        """
        if isinstance(error, Unwind):
            return
        try:
            if _has_hook(any_hook=self.agent.any_hook):
                tell(self.agent.thread)
        except Unwind:
            pass
        finally:
            self.over = True
            if isinstance(error, SystemExit):
                self.agent.exit(error, in_words(error))
            else:
                self.agent.fail(error, in_words(error))

    def end(self) -> None:
        """The thread does nothing more."""
        try:
            if not self.over:
                self.agent.record(Kind.ENDED)
        finally:
            self.agent.leave()


def _is_computed(cls: type[threading.Thread]) -> bool:
    """Whether what an instance has as `run` may be more than a look into its attributes: a property, a
    slot, `__getattribute__`.
    """
    runs = [vars(base)["run"] for base in cls.__mro__ if "run" in vars(base)]
    run = runs[0]  # not next(): what a profiler raises while the generator is dropped would be lost
    return hasattr(type(run), "__set__") or cls.__getattribute__ is not object.__getattribute__


def _has_hook(*, any_hook: bool) -> bool:
    """`threading.excepthook` is to be called. any_hook: not only the program's own, but also that of a
    kernel, a test runner, a library.
    """
    if any_hook:
        return threading.excepthook is not threading.__excepthook__
    code = getattr(threading.excepthook, "__code__", None)
    return code is not None and not is_library(code.co_filename)


def join(thread: threading.Thread, timeout: float | None = None) -> None:
    """`Thread.join` in whichever thread."""
    agent = here.agent
    if agent is None:
        return JOIN(thread, timeout)
    room()
    target, end = agent_of(thread), _end_of(thread, agent)
    touched = _touched(end.main if isinstance(end, EndOfMain) else target)
    if agent.point(Kind.JOINED, touched, end if timeout is None else None):  # with a timeout it needs nothing
        try:
            _probe(thread, agent)
            if isinstance(end, EndOfMain):
                _join_main(end, agent, _seconds(timeout))
            else:
                _join(thread, agent, timeout)
        finally:
            agent.needs = None  # the thread is kept no longer than it is waited for


def _end_of(thread: threading.Thread, agent: Agent) -> EndOf | EndOfMain:
    """What a join waits for. The main thread of a block lives on: what ends is its part in the run."""
    main = agent.run.main
    if main is not None and agent_of(thread) is None and main.whose() is thread and main is not agent:
        return EndOfMain(main)
    return EndOf((thread,))


def _join_main(end: EndOfMain, agent: Agent, seconds: float | None) -> None:
    if not end.ready():
        _await_end(end, agent, end.main.number, seconds)
    agent.record(Kind.JOINED if end.ready() else Kind.JOIN_TIMED_OUT, arg=end.main.number)


def _probe(thread: threading.Thread, agent: Agent) -> None:
    """Raise what threading raises for a thread that cannot be joined."""
    if not agent.runtime.direct and agent_of(thread) not in (None, agent):
        return  # it can: asking the system would take longer than all the rest
    _or_refused(agent, JOIN, thread, 0)


def _or_refused(agent: Agent, operation: Callable[..., object], *args: object) -> None:
    """Do what `threading` does; where it raises, that is part of the record."""
    try:
        operation(*args)
    except RuntimeError as error:
        agent.record(Kind.REFUSED, arg=in_words(error))
        raise


def _join(thread: threading.Thread, agent: Agent, timeout: float | None) -> None:
    target = agent_of(thread)
    number = target.number if target is not None and target.run is agent.run else 0
    if not number and not agent.runtime.direct:
        JOIN(thread, timeout)  # it is not of the run: its time is real
    elif alive(thread):
        _await_end(EndOf((thread,)), agent, number, _seconds(timeout))
    elif agent.runtime.direct:
        JOIN(thread, timeout)  # raises what threading raises for an odd timeout
        JOIN(thread)  # it may still be on its way out
    else:
        _seconds(timeout)
    if number:
        ended = not alive(thread)
        if ended and not agent.runtime.direct:
            JOIN(thread)  # it said so before it was on its way out: repr() would tell
        agent.record(Kind.JOINED if ended else Kind.JOIN_TIMED_OUT, arg=number)


def _seconds(timeout: float | None) -> float | None:
    """What such a timeout means; raises what threading raises for one that cannot be waited for."""
    if timeout is None:
        return None
    allocate_lock().acquire(True, max(timeout, 0))
    return float(timeout)  # from 3.15 on it may be a Decimal


def _await_end(end: EndOf | EndOfMain, agent: Agent, number: int, timeout: float | None) -> None:
    try:
        if number:
            agent.record(Kind.JOIN_WAIT, arg=number)
        agent.wait_until(end, timeout)
    except BaseException:
        if number:
            agent.record(Kind.CUT)
        raise


class EndOf:
    """The end of threads, as something to wait for."""

    # s: a join cannot be opened from outside, so it looks up now and then whether its run has ended.
    SLICE = 0.05

    def __init__(self, threads: tuple[threading.Thread, ...]) -> None:
        self.threads = threads
        self._opened = False

    def ready(self) -> bool:
        return not any(map(alive, self.threads))

    def take(self, seconds: float) -> bool:
        deadline = perf_counter() + seconds if seconds >= 0 else float("inf")
        for thread in self.threads:
            while alive(thread) and not self._opened:
                rest = deadline - perf_counter()
                if rest <= 0:
                    return False
                JOIN(thread, min(rest, self.SLICE))
            if seconds and not alive(thread):
                JOIN(thread)  # it may still be on its way out of threading.enumerate()
        return not self._opened

    def open(self) -> None:
        self._opened = True


class EndOfMain:
    """The end of what the main thread of a block does in it, as something to wait for: from then on it waits
    for the others, as an interpreter does at its end.
    """

    SLICE = 0.002  # s between looks

    def __init__(self, main: Agent) -> None:
        self.main = main
        self._opened = False

    def ready(self) -> bool:
        return self.main.over

    def take(self, seconds: float) -> bool:
        deadline = perf_counter() + seconds if seconds >= 0 else float("inf")
        while not (self.ready() or self._opened):
            if perf_counter() >= deadline:
                return False
            _pause(self.SLICE)
        return not self._opened

    def open(self) -> None:
        self._opened = True
