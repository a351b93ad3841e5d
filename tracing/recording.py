"""`record()`: real threads, real clock, the operating system schedules.

Owns: when a recorded run is ended, and how its threads are freed.

Rule: a program that can go on is left alone; one that cannot never hangs the caller.

How it works: `RecordedBlockKeeper`, a thread outside the run, looks at the run's threads from time to time.
When nobody can go on (`standstill`), or when time is up, the run is ended: nothing is recorded any more, and
each thread is made to raise `Unwind`, by opening what it waits for or, where it is running, by an
asynchronous exception.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack
from dataclasses import dataclass, replace
from time import perf_counter, perf_counter_ns
from time import sleep as _pause  # bound early: the name in `time` is replaced while a run lasts
from types import FrameType
from typing import Any

from tracing.cpython.executors import forget_workers
from tracing.cpython.frames import getframe
from tracing.cpython.threads import let_interpreter_exit
from tracing.diagnosis.graph import blockers, cycles, wait_for_graph
from tracing.errors import RecordError
from tracing.events import Kind
from tracing.keeping import KEEPERS
from tracing.model import Model, fold
from tracing.patching import PATCHES, program_names
from tracing.patching.recorded import RECORDED, RECORDED_PLACES
from tracing.primitives.futures import no_word_of_unwinding
from tracing.primitives.life import MOMENT, agent_of, call_off, has_begun
from tracing.recorder import Recorder, user_frame
from tracing.running import Block, BlockKeeper, OneRun
from tracing.runtime import Agent, Waitable
from tracing.runtime.raising import push, whereabouts
from tracing.runtime.strangers import Others
from tracing.runtime.system import System
from tracing.standstill import Standstill
from tracing.trace import Trace


class RecordedRun(OneRun):
    """The threads of one `record()` block and how it stands with them."""

    def __init__(self, recorder: Recorder, runtime: System) -> None:
        super().__init__(recorder, runtime)
        self.others = Others()

    def elapsed(self) -> int:
        return perf_counter_ns() - self.recorder.began

    def awaited(self) -> str:
        """While all its threads wait: who may let them go."""
        alive = self.alive()
        if not all(agent.stuck for agent in alive):
            return ""
        others = self.others.in_words(_known(), older=any(agent.older for agent in alive))
        return f"Every thread waits; there may still come something from {others}" if others else ""


@dataclass(frozen=True, slots=True)
class Opened:
    """When something was opened for those that waited for it, and in which of its waits each was."""

    time: float
    waiters: dict[Agent, int]


RUNS: set[RecordedRun] = set()  # that last, in whichever threads


def _known() -> set[int | None]:
    """Threads that let nobody go: those that wait in this run or another one, and keepers."""
    waiting: set[int | None] = {agent.ident for run in RUNS.copy() for agent in run.alive() if agent.stuck}
    return waiting | {keeper.ident for keeper in KEEPERS.copy()}


class RecordedBlockKeeper(BlockKeeper):
    """The keeper of a recorded run.

    timeout: seconds after which the run is ended; None: never. max_events: recording stops there. names:
    where the program's names stand, besides its modules. settings: of the recorder.
    """

    REST = 0.1  # s between looks while somebody can go on: each look takes time from the program
    HASTE = 0.005  # s between looks at the threads of an ended run
    PATIENCE = 0.125  # s that a thread of an ended run has: a running one before it gets an asynchronous
    # exception, one that was let go before what it waits for is opened again
    LIMIT = 2.0  # s that unwinding may take, and
    CHANCES = 200  # looks: where the whole machine stood still, the seconds say nothing

    def __init__(
        self,
        main: threading.Thread,
        names: dict[str, Any],
        *,
        timeout: float | None,
        patience: int,
        max_events: int,
        **settings: Any,
    ) -> None:
        super().__init__()
        self.timeout, self.patience, self.max_events = timeout, patience, max_events
        self._thread, self._names, self._settings = main, names, settings
        self._left_at = float("inf")
        self._ended_at = 0.0
        self._chances = 0  # looks at what still unwinds, since then
        self._running: dict[int, float] = {}  # thread: since when, or when it was sent the last exception
        self._opened: dict[int, Opened] = {}  # by the id of what is waited for
        self.run: RecordedRun
        self._standstill: Standstill

    def set_up(self, around: ExitStack) -> None:
        recorder = Recorder(**self._settings)
        around.callback(recorder.close)
        run = RecordedRun(recorder, System(self.patience, waits_for_threads=True))
        self.begin(run, self._thread)
        self._standstill = Standstill(
            run,
            run.others,
            _known,
            confirms=lambda: _holders_known(fold(run.log())),
            has_circle=lambda: any(cycles(blockers(wait_for_graph(fold(run.log()))))),
        )
        RUNS.add(run)
        around.callback(RUNS.discard, run)
        around.callback(PATCHES.remove, PATCHES.install(RECORDED, program_names(self._names)))
        around.callback(PATCHES.remove, PATCHES.place(RECORDED_PLACES))
        around.enter_context(no_word_of_unwinding())
        self._began = perf_counter()

    def pause(self) -> float:
        if self.run.ended:
            return self.HASTE
        pause = Standstill.INTERVAL if self._standstill.is_near else self.REST
        return min(pause, self._rest())

    def _rest(self) -> float:
        """Seconds until time is up."""
        return float("inf") if self.timeout is None else self.timeout - (perf_counter() - self._began)

    def is_over(self) -> bool:
        if self._left_at == float("inf"):
            self._left_at = perf_counter()
        late = perf_counter() - self._left_at > self.LIMIT and self._chances >= self.CHANCES
        return late or not self._unfinished()

    def _unfinished(self) -> list[Agent]:
        return [agent for agent in self.run.alive() if agent is not self.run.agents[0]]

    def look(self) -> None:
        if self.left:
            self.run.end("interrupted")  # unless it was ended before
        if self.run.ended:
            self._unwind()
            self._say_what_holds()
        elif self._rest() <= 0:
            self.run.end("timeout")
        elif self._standstill.look():
            self.run.end("hung")
        else:
            self._limit()

    def _say_what_holds(self) -> None:
        """The block's own thread waits where nothing can end it: whoever looks from outside is told so."""
        self._ended_at = self._ended_at or perf_counter()
        ending, main = self.run.ending, self.run.agents[0]
        if ending is None or ending.detail or main.finished or perf_counter() - self._ended_at < self.LIMIT:
            return
        place = whereabouts(main.whose())
        self.run.ending = replace(ending, detail=f"{place} waits for something that nothing here can end")

    def finish(self) -> None:
        self.run.end("interrupted")
        own = [agent.whose() for agent in self._unfinished()]
        of_libraries = self._others_left()  # a worker that has unwound may be on its way out
        left = [thread for thread in own if thread is not None]
        left += [thread for thread in of_libraries if thread not in left]  # a pool's worker may be both
        for thread in of_libraries:
            let_interpreter_exit(thread)
        forget_workers(of_run=left.__contains__)
        self._see_off()
        self.wind_up(tuple(map(whereabouts, left)))
        for thread in self._others_left(stuck=True):  # what they waited for was not to be given back
            let_interpreter_exit(thread)
        del self._thread, self._names  # who keeps the block keeps neither

    def _others_left(self, *, stuck: bool = False) -> list[threading.Thread]:
        """Threads of others that, after a moment, would still keep the interpreter from its exit; stuck: in a
        primitive of ours. Where several threads record at the same time, nobody can say whose they are.
        """
        assert self.run.ending is not None
        if self._thread is not threading.main_thread() or self.run.ending.reason not in ("hung", "timeout"):
            return []
        until = perf_counter() + MOMENT
        while found := self._strangers_left(stuck=stuck):
            if perf_counter() >= until:
                break
            _pause(self.HASTE)
        return found

    def _strangers_left(self, *, stuck: bool) -> list[threading.Thread]:
        found = self.run.others.left(_known(), stuck=stuck)
        return [thread for thread in found if agent_of(thread) is None]

    def _see_off(self) -> None:
        """Threads that have ended may still be on their way out of threading.enumerate(). Not by a join: that
        would register this thread there.
        """
        until = perf_counter() + self.LIMIT
        ended = [agent.whose() for agent in self.run.agents[1:] if agent.finished and not agent.worker]
        leaving = [thread for thread in ended if thread is not None]
        while any(map(threading.Thread.is_alive, leaving)) and perf_counter() < until:
            _pause(0.0005)

    def _limit(self) -> None:
        recorder = self.run.recorder
        if recorder.compact() > self.max_events and recorder.full is None:
            recorder.notes.append(f"the record was full after {self.max_events:,} events")
            recorder.stop(self.run.elapsed())

    # Unwinding

    def _unwind(self) -> None:
        self._chances += self.left
        waits: dict[int, tuple[Waitable, dict[Agent, int]]] = {}  # what is waited for; who, in which wait
        for agent in self.run.alive():
            waiting = agent.waiting
            if waiting is None:
                self._push(agent)
            else:
                waits.setdefault(id(waiting), (waiting, {}))[1][agent] = agent.waits
        for waiting, waiters in waits.values():
            self._open(waiting, waiters)

    def _open(self, waiting: Waitable, waiters: dict[Agent, int]) -> None:
        """Let one of the waiters go, or all: it depends on what it is. Not again before one has gone: it may
        have taken the lock and not have come to say so; opened once more, the lock would be free, though
        somebody else holds it.
        """
        now, last = perf_counter(), self._opened.get(id(waiting))
        if last is not None and now - last.time < self.PATIENCE and last.waiters.items() <= waiters.items():
            return
        self._opened[id(waiting)] = Opened(now, waiters)
        for agent in waiters:
            agent.forced = True
        waiting.open()

    def _push(self, agent: Agent) -> None:
        """A thread that runs gets some time to come to an operation by itself, or to begin."""
        now, thread = perf_counter(), agent.whose()
        if thread is None:
            return
        since = self._running.setdefault(agent.number, now)
        if not has_begun(thread):
            if now - since >= MOMENT:
                call_off(thread)
        elif now - since >= self.PATIENCE:
            self._running[agent.number] = now
            push(agent)


def _holders_known(model: Model) -> bool:
    """Whether each lock that is waited for at the end is held by a thread of the record."""
    open_waits = [wait for wait in model.waits if wait.outcome.value == "open" and wait.obj]
    holds = [model.objects[wait.obj - 1].holds for wait in open_waits]
    return all(hold[-1].open for hold in holds if hold)


def _names_of(caller: FrameType) -> dict[str, Any]:
    """The program's globals, also where `contextlib` enters the block. A notebook has them in no file."""
    return (user_frame(caller) or caller).f_globals


def _check_settings(title: object, timeout: object, patience: object, max_events: object) -> None:
    """Raise RecordError for what no run can be recorded with."""
    if not (title is None or isinstance(title, str)):
        raise RecordError(f"record(title={title!r}): give a text, or None.")
    if not (timeout is None or isinstance(timeout, int | float) and timeout >= 0):
        raise RecordError(f"record(timeout={timeout!r}): give seconds, from 0 on, or None for no limit.")
    for name, number in (("patience", patience), ("max_events", max_events)):
        if not (isinstance(number, int) and number >= 0):
            raise RecordError(f"record({name}={number!r}): give a whole number, from 0 on.")


class record(Block):
    """Record what the threads of a block do: `with record() as run: ...`, then look at `run`.

    title: stands above the timeline.
    timeout: seconds after which the run is ended where it has not ended by itself; None: never.
    lines: record the source line of each event (it costs about a third of an uncontended `with lock`).
    patience: how often a thread that finds a lock taken naps for 50 µs and tries again before it parks. 0
    shows the program's waits as they are; 1 is faster where many threads crowd at one lock, and hides some of
    their waits. See `runtime.system`.
    max_events: about so many are kept; what comes later is not, and the record says so. They are counted
    every 0.1 s, so what the threads do within 0.1 s may be kept on top.

    The thread that enters the block is the run's main thread; a traced Thread belongs to the run of the
    thread that starts it. At its end the block waits for all threads that are not daemons; then daemons are
    cut off. When nobody can go on, or time is up, the run is ended: blocked threads unwind, the block ends
    normally, and `run.findings` says what hung. Threads that ran before the block began do not count: they
    may never let anybody go. A process that is forked in the block leaves it without waiting; where it hangs
    for a lock, it says so and ends (`tracing.forked`).

    `time.sleep` is recorded by whatever name the program's modules have it (`from time import sleep`), but
    not where the program kept it elsewhere before the block: as a default argument, a class attribute, in a
    list.

    Raises RecordError for settings of the wrong kind, where it is entered twice, or by a thread that is being
    recorded, and where another thread than the one that entered it leaves it. Different threads may record at
    the same time, each its own run.
    """

    def __init__(
        self,
        title: str | None = None,
        timeout: float | None = None,
        *,
        lines: bool = True,
        patience: int = 0,
        max_events: int = 10_000_000,
    ) -> None:
        super().__init__()
        _check_settings(title, timeout, patience, max_events)
        self._settings: dict[str, Any] = dict(
            title=title or "", lines=lines, timeout=timeout, patience=patience, max_events=max_events
        )

    error = RecordError

    def __enter__(self) -> Trace:
        self._check()
        names, main = _names_of(getframe(1)), threading.current_thread()
        return self._open(RecordedBlockKeeper(main, names, **self._settings))

    def _begin(self, main: Agent) -> None:
        main.run.recorder.began = perf_counter_ns()  # what was done until now is ours
        main.enter()
        main.record(Kind.BEGAN)
