"""`simulate()`: real threads one at a time, a virtual clock, a schedule that can be had again.

Owns: a simulated run from its first to its last event.

Rule: the same program with the same seed or schedule gives the same record, in every process.

How it works: as `record()`, on the simulated runtime. `SimulationKeeper`, a thread outside the run, ends it
where its threads come to no point for a long time: one of them then waits for something that is not
simulated, or loops for ever.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import ExitStack
from time import perf_counter
from typing import Any

from tracing.cpython.frames import getframe
from tracing.errors import SimulateError
from tracing.events import Kind
from tracing.keeping import Keeper
from tracing.output import HeldBack
from tracing.patching.process import Fresh, prepared
from tracing.recorder import Recorder
from tracing.running import Block, BlockKeeper, OneRun
from tracing.runtime import Agent
from tracing.runtime.preemption import Watch
from tracing.runtime.raising import push, whereabouts
from tracing.runtime.schedules import Replay, Schedule, SeededRandom, Strategy
from tracing.runtime.simulated import MAX_STEPS, TICK, Simulated, SimulatedAgent
from tracing.trace import Trace


class SimulatedRun(OneRun):
    """The threads of one simulated run."""

    agent_type = SimulatedAgent

    def __init__(self, recorder: Recorder, simulated: Simulated) -> None:
        super().__init__(recorder, simulated)
        self.simulated = simulated

    def elapsed(self) -> int:
        return self.simulated.clock

    def end(self, reason: str, detail: str = "") -> None:
        super().end(reason, detail)
        self.simulated.clock += 1  # what is done from now on is later than the ending, and not of the record


class SimulationKeeper(Keeper):
    """The keeper of simulated runs: looks whether they come to points. `run` is the one that it looks after.

    timeout: seconds of real time that may pass without a point.
    """

    INTERVAL = 0.05  # s between looks
    PATIENCE = 1.5  # s without a move that the main thread of an ended run gets, each time

    def __init__(self, timeout: float) -> None:
        super().__init__()
        self.timeout = timeout
        self.run: Any = None  # a SimulatedRun, while one lasts
        self._seen: tuple[object, ...] = ()
        self._since = perf_counter()

    def pause(self) -> float:
        return self.INTERVAL

    def look(self) -> None:
        run: SimulatedRun | None = self.run
        if run is None or self.left:
            return
        simulated = run.simulated
        seen = (run, simulated.steps, simulated.holder.number, run.ended, len(simulated.unfinished))
        if seen != self._seen:
            self._seen, self._since = seen, perf_counter()
        elif run.ended and perf_counter() - self._since > self.PATIENCE:
            self._since = perf_counter()
            push(simulated.main)
        elif not run.ended and perf_counter() - self._since > self.timeout:
            self._end(run)

    def _end(self, run: SimulatedRun) -> None:
        holder = run.simulated.holder
        place = whereabouts(holder.whose())
        run.end("stuck", f"{place} came to no synchronisation point for {self.timeout:g} s")
        if holder is run.simulated.main:
            push(holder)
        else:
            run.simulated.wake_main()

    def see_off(self, run: SimulatedRun) -> tuple[str, ...]:
        """The main thread has left: the others come to their end. Those that do not, "name at file:line"."""
        run.end("interrupted")  # unless it was ended before
        run.simulated.see_off()
        return run.simulated.close()


class SimulatedBlockKeeper(SimulationKeeper, BlockKeeper):
    """The keeper of one `simulate()` block. The settings are those of `simulate`; schedule: in words; names:
    where the program's names stand, besides its modules.
    """

    def __init__(
        self,
        main: threading.Thread,
        names: tuple[dict[str, Any], ...],
        *,
        strategy: Strategy,
        schedule: str,
        title: str,
        max_steps: int,
        timeout: float,
        tick: int,
        watch: Watch | None,
    ) -> None:
        super().__init__(timeout)
        self._thread, self._names = main, names
        self._title, self._schedule, self._watch = title, schedule, watch
        self.simulated = Simulated(strategy, tick=tick, max_steps=max_steps)
        self.simulated.watch = watch
        self.held = HeldBack()

    def set_up(self, around: ExitStack) -> None:
        self.surround(around)
        around.enter_context(Fresh())
        around.enter_context(self.held)
        if self._watch is not None:
            around.enter_context(self._watch)
        simulated = self.simulated
        recorder = Recorder(
            title=self._title,
            clock="virtual",
            now=simulated.now,
            times=simulated.times,
            turns=simulated.turns,
        )
        around.callback(recorder.close)
        recorder.schedule = self._schedule
        self.begin(SimulatedRun(recorder, simulated), self._thread)
        simulated.begin(self.run.agents[0])

    def surround(self, around: ExitStack) -> None:
        """What one run or many need of the process."""
        thread, wanted = self._thread.native_id or 0, lambda: not self.left
        around.enter_context(prepared(*self._names, thread=thread, wanted=wanted))

    def finish(self) -> None:
        self.wind_up(self.see_off(self.run))
        del self._thread, self._names  # who keeps the block keeps neither


class simulate(Block):
    """Simulate what the threads of a block do: `with simulate(seed=3) as run: ...`, then look at `run`.

    seed: of the schedule: at each synchronisation operation any thread that can may go on.
    schedule: instead of a seed, the choices that are not the default one, as `Schedule` writes them.
    strategy: instead of both, see `runtime.schedules`.
    title: stands above the timeline.
    max_steps: synchronisation operations after which the run is ended.
    timeout: seconds of real time without any, after which the run is ended: a thread then waits for something
    that is not simulated, or loops without end.
    tick: see `runtime.simulated`, in seconds.
    watch: what else is a point, see `runtime.preemption`.

    Threads run one at a time, on a virtual clock: a sleep takes no time. The block is the main thread. It
    waits at its end as that of `record()` does, and is ended where nobody can go on. Primitives made before
    the block work in it, as do `queue`, the clocks of `time`, and a `ThreadPoolExecutor` that is made in it.
    What is printed appears when the block ends.

    Raises SimulateError where it is entered twice, or by a thread that is being recorded or simulated, and
    where the block submits a call to an executor that was made before it; ValueError for a schedule that is
    none.
    """

    error = SimulateError
    _namespaces: tuple[dict[str, Any], ...] = ()  # of the program, where it stands in no module

    def __init__(
        self,
        seed: int = 0,
        *,
        schedule: Schedule | Mapping[int, int] | str | None = None,
        strategy: Strategy | None = None,
        title: str | None = None,
        max_steps: int = MAX_STEPS,
        timeout: float = 5.0,
        tick: float = TICK / 1e9,
        watch: Watch | None = None,
    ) -> None:
        super().__init__()
        picking, told = _strategy(seed, schedule, strategy)
        self._settings: dict[str, Any] = dict(
            strategy=picking,
            schedule=told,
            title=title or "",
            max_steps=max_steps,
            timeout=timeout,
            tick=round(tick * 1e9),
            watch=watch,
        )

    keeper_type = SimulatedBlockKeeper

    def __enter__(self) -> Trace:
        self._check()
        names = (getframe(1).f_globals, *self._namespaces)
        self._simulation = self.keeper_type(threading.current_thread(), names, **self._settings)
        return self._open(self._simulation)

    def _begin(self, main: Agent) -> None:
        main.enter()
        main.record(Kind.BEGAN)

    def _show(self, held: HeldBack) -> None:
        held.show()

    def _over(self) -> None:
        self._show(self._simulation.held)
        super()._over()
        if self._simulation.simulated.error is not None:
            raise self._simulation.simulated.error


class Called(simulate):
    """A simulated run of a function that the package calls: it says nothing of the line of that call.

    namespaces: where the function's names stand. echo: whether what it prints appears at the end; it is in
    `printed` anyway. The rest as for `simulate`.
    """

    def __init__(self, *namespaces: dict[str, Any], echo: bool = True, **settings: Any) -> None:
        super().__init__(**settings)
        self._namespaces, self._echo, self.printed = namespaces, echo, ""

    def _show(self, held: HeldBack) -> None:
        self.printed = held.text
        held.show(output=self._echo)

    def _begin(self, main: Agent) -> None:
        super()._begin(main)
        main.log.entries[1] = int(Kind.BEGAN)

    def _last_event(self, main: Agent, error: BaseException | None) -> None:
        main.log.lines = error is not None
        super()._last_event(main, error)


def _strategy(
    seed: int, schedule: Schedule | Mapping[int, int] | str | None, strategy: Strategy | None
) -> tuple[Strategy, str]:
    """The strategy, and what the record says of it."""
    if strategy is None:
        strategy = SeededRandom(seed) if schedule is None else Replay(Schedule(schedule))
    if isinstance(strategy, Replay):
        return strategy, f"schedule {strategy.schedule}" if strategy.schedule else "default schedule"
    if isinstance(strategy, SeededRandom):
        return strategy, f"seed {strategy.seed}"
    return strategy, f"schedule of {type(strategy).__name__}"
