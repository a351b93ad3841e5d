"""The simulated runtime: real threads, one at a time, on a virtual clock.

Owns: who runs, what time it is, and when nobody can go on.

Rule: exactly one thread of the run executes at any moment, the one that has the baton; it gives the baton
away only at a point, when it waits, or at its end. So a run depends on nothing but the program and the
strategy.

How it works: each thread parks at a raw lock of its own, its baton. At a point the strategy picks one of
the threads that can go on: those that wait for nothing, for something that is ready, or up to a deadline
that has passed. When there is none, the clock jumps to the next deadline; when there is none of those
either, the run is hung, decided at that moment and no earlier: any thread may release a Lock. The main
thread, that of the block, sees all others off when a run has ended. Each event is stamped with its position
in `times`, so that the order of the record is the order of what happened also where the clock stands still.
"""

from __future__ import annotations

import threading
from _thread import allocate_lock
from array import array
from contextlib import suppress
from time import perf_counter
from time import sleep as real_sleep  # bound early: the name in `time` is replaced while a run lasts
from typing import Any

from tracing.cpython.threads import spawn
from tracing.events import Kind
from tracing.recorder import ThreadLog
from tracing.runtime import LONGEST, Access, Agent, Run, Unwind, Waitable, here, nanoseconds, unlock
from tracing.runtime.preemption import Watch
from tracing.runtime.raising import has_other_threads, push, whereabouts
from tracing.runtime.schedules import Option, Schedule, Strategy
from tracing.runtime.spinning import Looks

TICK = 10_000  # ns
MAX_STEPS = 100_000


class SimulatedAgent(Agent):
    """An agent of a simulated run.

    deadline: when its wait ends at the latest, ns on the virtual clock. called_off: its start was cut short;
    if there is a thread, it does nothing. gone: its thread does nothing more.
    """

    LIMIT = 20 * Agent.FREE_PASSES  # operations of an unwinding thread; after that it is parked for good

    def __init__(self, run: Run, log: ThreadLog, thread: threading.Thread) -> None:
        super().__init__(run, log, thread)
        self.baton = allocate_lock()
        self.baton.acquire()
        self.deadline: int | None = None
        self.called_off = self.gone = False
        runtime: Any = run.runtime
        self.simulated: Simulated = runtime

    def enter(self) -> None:
        super().enter()
        if self.simulated.watch is not None:
            self.simulated.watch.enter()

    def leave(self) -> None:
        if self.simulated.watch is not None:
            self.simulated.watch.leave()
        super().leave()

    def unwind(self) -> bool:
        if self._passes > self.LIMIT and self is not self.simulated.main:
            self.simulated.give_up(self)
        return super().unwind()


class Simulated:
    """One simulated run. As a `Choice` it is what a strategy is asked with.

    tick: ns that pass at each point, and each time that the program looks at the clock. It keeps events apart
    and lets a loop that waits for a time come to its end. 10 µs: small beside anything that a program sleeps.
    max_steps: points after which the run is ended.
    """

    direct = False
    TURN = 200  # points in a row after which a thread gives way: it may be trying the same thing for ever
    LOOKS = 20  # at the clock, in a row, that count as one step: a loop may well wait for a second so
    SPINS = 100  # looks at the same thing by which a thread is known to look for ever
    # s between the main thread's looks for a Ctrl-C while it is parked: on some systems it does not end the
    # wait, and nowhere does one that comes just before the wait begins.
    LOOK_UP = 0.1
    GRACE = 0.25  # s that threads outside the run get to let somebody go, where nobody else can
    PATIENCE = (0.05, 0.2, 0.5, 1.0)  # s that a thread of an ended run gets, each time, before it is pushed
    # ns, 146 years: who doubles his pause for ever comes there. A wait ends then, a later one at once, so
    # that the steps end the run; the record could hold no times much later.
    LATEST = LONGEST

    def __init__(self, strategy: Strategy, *, tick: int = TICK, max_steps: int = MAX_STEPS) -> None:
        self.strategy, self.tick, self.max_steps = strategy, tick, max_steps
        self.clock = self.steps = self.index = 0
        self.times = array("q")  # of each event: its stamp is its position
        # four numbers a row: stamp of the next event, time, thread, step; see `Turns`
        self.turns = array("q")
        self._turn = 0, -1  # the latest: thread and step
        self.unfinished: list[SimulatedAgent] = []  # of threads that have not ended, by number
        self.enabled: list[Option] = []
        self.current: Option | None = None
        self.default: Option
        self.trail: list[tuple[int, Access]] = []
        self.deviations: dict[int, int] = {}
        self.error: Exception | None = None  # that the strategy raised
        self.leaked: list[str] = []
        self.watch: Watch | None = None
        self.closed = False
        self._orders = 0
        self.main: SimulatedAgent
        self.holder: SimulatedAgent  # who has the baton
        self._looks = Looks()
        self._timed = False  # the clock was looked at since
        self._clock_looks = 0  # at the clock, since anybody has done anything else
        self._alone = 0  # points since the baton last went to another thread
        self._turn_is_over = False  # who asks gives way, unless it is chosen

    @property
    def schedule(self) -> Schedule:
        """The choices so far that were not the default."""
        return Schedule(self.deviations)

    def begin(self, main: Agent, run: int = 0) -> None:
        """That is the run's main thread. run: see `Strategy.begin`."""
        assert isinstance(main, SimulatedAgent)
        self.main = self.holder = main
        self.unfinished.append(main)
        self.strategy.begin(run)
        self._note_turn(main.number, self.clock)

    # What the primitives ask. Each agent is a SimulatedAgent; where that is asked at every point it is Any: a
    # cast would be a call.

    def now(self) -> int:
        """The stamp of an event that happens now."""
        self.times.append(self.clock)
        return len(self.times) - 1

    def look_at_clock(self) -> int:
        """The time as the program sees it, ns: looking takes a tick."""
        self.clock += self.tick
        self._timed = True
        self._clock_looks += 1
        if self._clock_looks % self.TURN == 0 and (agent := here.agent) is not None:
            self._wait_for_time(agent)
        return self.clock

    def _wait_for_time(self, agent: Agent) -> None:
        """A thread does nothing but look at the clock, `TURN` times by now: whatever it waits for, others may
        have to do it. So it gives way, and the steps are counted, for it may never see what it waits for.
        """
        if agent.run.ended:
            agent.unwind()
            return
        agent.next, agent.needs, agent.retakes = (Kind.SLEEP, 0, True), None, None
        self.steps += self.TURN // self.LOOKS
        self._step(agent)
        self._switch(agent, None)

    def next_order(self) -> int:
        """A number for something of the program, in the order in which it is asked for."""
        self._orders += 1
        return self._orders

    def point(self, agent: Agent) -> None:
        if self._looks:
            self._looks.clear()
        self._clock_looks = 0
        self._step(agent)
        self._go_on(agent)

    def _go_on(self, agent: Agent) -> None:
        """This thread goes on, unless its turn is over or another one is chosen: a preemption, both."""
        self._alone += 1
        self._turn_is_over = self._alone % self.TURN == 0
        self._switch(agent, agent)

    def glance(self, agent: Agent) -> None:
        before = self._looks.count(agent.number, agent.next)
        if before >= self.SPINS and not self._timed:
            self._skip(agent)
        self._timed, self._clock_looks = False, 0
        spins = before > 0 and self._looks.is_spin(agent.number, agent.next)
        self._step(agent)
        if spins:
            self._switch(agent, None)
        else:
            self._go_on(agent)

    def _skip(self, agent: Agent) -> None:
        """A thread spins: where all others wait for a time, it will see nothing new before that."""
        others = [other for other in self.unfinished if other is not agent]
        deadlines = [other.deadline for other in others if other.deadline is not None]
        if deadlines and not any(map(self._is_able, others)):
            self.clock = min(deadlines)

    def _step(self, agent: Agent) -> None:
        self.clock += self.tick
        self.steps += 1
        if self.steps > self.max_steps:
            agent.run.end("steps", f"no end after {self.max_steps:,} steps")

    def wait_until(self, agent: Any, waitable: Waitable, seconds: float | None) -> bool:
        self._looks.clear()
        self._clock_looks = 0
        if seconds is not None:
            if not seconds <= threading.TIMEOUT_MAX:
                allocate_lock().acquire(True, seconds)  # refuses it: too large, or nan
            agent.deadline = min(self.clock + nanoseconds(seconds), self.LATEST)
        try:
            return self._wait(agent, waitable)
        finally:
            agent.deadline = None

    def _wait(self, agent: SimulatedAgent, waitable: Waitable) -> bool:
        while True:
            self._switch(agent, None)
            if waitable.ready() and waitable.take(0):
                return True
            if agent.deadline is not None and agent.deadline <= self.clock:
                return False  # else a thread outside the run was quicker

    def start(self, agent: Any, thread: threading.Thread) -> None:
        try:
            self.unfinished.append(agent)  # first, so that it is seen off whatever comes
            spawn(
                thread,
                wait=agent.baton.acquire,
                wanted=lambda: not (agent.called_off or agent.run.ended),
                finish=lambda: self._finish(agent),
                ending=Unwind,
            )
        except BaseException:  # the system has no more threads, or Ctrl-C while this one begins
            agent.called_off = True
            unlock(agent.baton)  # if it is there, it goes
            self._strike(agent)  # last: who is in the list is seen off, if another Ctrl-C cuts this short
            raise

    def _strike(self, agent: SimulatedAgent) -> None:
        """Take it off the list, whether or not its thread does the same."""
        with suppress(ValueError):
            self.unfinished.remove(agent)

    # The baton

    def _switch(self, agent: Any, current: Any) -> None:
        """Give the baton to whom the strategy picks; returns when this thread has it again."""
        if self.watch is not None:
            self.watch.pause()
        try:
            chosen = self._choose(agent, current)
            if chosen is not agent:
                self._hand(agent, chosen)
        except RecursionError:  # no room to choose: the program goes on with that
            if self.watch is not None:
                self.watch.resume()
            raise
        if agent.run.ended:
            if agent is self.main:
                self.see_off()
            agent.unwind()
        if self.watch is not None:
            self.watch.resume()

    def _hand(self, agent: SimulatedAgent, chosen: SimulatedAgent) -> None:
        self._alone = 0
        try:
            self.holder = chosen
            chosen.baton.release()
            while not agent.baton.acquire(True, self.LOOK_UP if agent is self.main else -1):
                pass
        except BaseException:  # Ctrl-C in the main thread, while another one has the baton
            if agent is self.main:
                agent.run.end("interrupted")
                self.see_off()
            raise

    def _choose(self, asking: SimulatedAgent, current: SimulatedAgent | None) -> SimulatedAgent:
        """Who goes on; the main thread where the run has ended, or ends here."""
        if asking.run.ended:
            return self.main
        before = self.clock
        enabled = self._able() or self._let_go_from_outside()
        if not enabled:
            asking.run.end("hung", _unrecorded_waits(self.unfinished))
            return self.main
        if self.clock != before:
            self._note_turn(0, before)
        if len(enabled) > 1 or self.strategy.all_points:
            chosen = self._pick(asking, enabled, current)
        else:
            self._turn_is_over, chosen = False, enabled[0]
        self._note_turn(chosen.number, self.clock)
        return chosen

    def _note_turn(self, thread: int, time: int) -> None:
        """Who has the turn from then on (0: nobody), where that or the step is another one."""
        turn = thread, self.index - 1
        if turn != self._turn:
            self._turn = turn
            self.turns.extend((len(self.times), time, *turn))

    def _able(self) -> list[SimulatedAgent]:
        """Who can go on; the clock jumps to the next deadline where that is nobody."""
        while True:
            able = [agent for agent in self.unfinished if agent.waiting is None or self._is_able(agent)]
            if able:
                return able
            deadlines = [agent.deadline for agent in self.unfinished if agent.deadline is not None]
            if not deadlines:
                return able
            self.clock = min(deadlines)

    def _let_go_from_outside(self) -> list[SimulatedAgent]:
        """Who can go on after all, because a thread of the program outside the run lets it, in real time."""
        if not has_other_threads({agent.ident for agent in self.unfinished}):
            return []
        until = perf_counter() + self.GRACE
        while not (able := self._able()) and perf_counter() < until:
            real_sleep(0.001)
        return able

    def _is_able(self, agent: SimulatedAgent) -> bool:
        if agent.deadline is not None and agent.deadline <= self.clock:
            return True
        return agent.waiting is None or agent.waiting.ready()

    def _pick(
        self, asking: SimulatedAgent, enabled: list[SimulatedAgent], current: SimulatedAgent | None
    ) -> SimulatedAgent:
        options: Any = enabled
        self.enabled = options
        self.current = current = current if current in enabled else None
        over, self._turn_is_over = self._turn_is_over, False
        self.default = default = self._next(asking, enabled) if over or current is None else current
        try:
            chosen: SimulatedAgent = self.strategy.pick(self)  # type: ignore[assignment]  # one of them
        except RecursionError:
            raise
        except Exception as error:
            self.error = error
            asking.run.end("stopped", str(error))
            return self.main
        if chosen is not default or over and chosen is not current:
            self.deviations[self.index] = chosen.number
        self.index += len(enabled) > 1  # the same count for strategies that are asked at all points
        if self.strategy.all_points:
            self.trail = [(chosen.number, chosen.next)]
        return chosen

    def _next(self, asking: SimulatedAgent, enabled: list[SimulatedAgent]) -> SimulatedAgent:
        """The default where the one that asks does not go on: the lowest number; after a yield the next."""
        if asking in enabled:
            return next((agent for agent in enabled if agent.number > asking.number), enabled[0])
        return enabled[0]

    def _finish(self, agent: SimulatedAgent) -> None:
        """By a thread, last thing that it does."""
        self._strike(agent)
        if agent.called_off:  # it has never had a turn that it could hand on
            agent.finished = agent.gone = True
            return
        self._looks.clear()
        self._alone = 0
        agent.finished = True
        if not agent.run.ended:  # else it is seen off, which is no step of the run
            self.trail.append((agent.number, (Kind.ENDED, -agent.number, True)))
        if self.closed:
            return
        chosen = self._choose(agent, None)
        agent.gone = True
        self.holder = chosen
        unlock(chosen.baton)

    # The end

    def give_up(self, agent: SimulatedAgent) -> None:
        """A thread that will not unwind: it is parked for good."""
        self._leak(agent)
        if not self.closed:
            unlock(self.main.baton)
        for_ever: Any = allocate_lock()
        while True:
            for_ever.acquire()

    def _leak(self, agent: SimulatedAgent) -> None:
        if not agent.gone:
            agent.gone = True
            self.leaked.append(whereabouts(agent.whose()))

    def see_off(self) -> None:
        """By the main thread of an ended run: let every other thread come to its end, one at a time.

        The one that has the baton comes first. A thread that does not end is left behind, named in `leaked`.
        """
        others = [agent for agent in tuple(self.unfinished) if agent is not self.main and not agent.gone]
        for agent in sorted(others, key=lambda agent: agent is not self.holder):
            self._dismiss(agent)
        self.holder = self.main

    def wake_main(self) -> None:
        """By a thread outside an ended run: the main thread sees the others off."""
        unlock(self.main.baton)

    def close(self) -> tuple[str, ...]:
        """The run is over: who is left behind finds nobody to give the baton to. Returns who that is."""
        self.closed = True
        return tuple(self.leaked)

    def _dismiss(self, agent: SimulatedAgent) -> None:
        self.holder = agent
        unlock(agent.baton)
        for patience in self.PATIENCE:
            if self._left(agent, patience):
                return
            push(agent)
        self._leak(agent)

    def _left(self, agent: SimulatedAgent, seconds: float) -> bool:
        until = perf_counter() + seconds
        while not agent.gone and (rest := until - perf_counter()) > 0:
            self.main.baton.acquire(True, rest)
        return agent.gone


def _unrecorded_waits(agents: list[SimulatedAgent]) -> str:
    """Who waits inside library code, a queue for example: the record says nothing of that."""
    waiting = [whereabouts(agent.whose()) for agent in agents if getattr(agent.waiting, "silent", False)]
    return f"waiting in library code: {', '.join(waiting)}" if waiting else ""


def simulated_here() -> Simulated | None:
    """The simulated run that the calling thread belongs to, while it lasts."""
    agent = here.agent
    runtime: Any = agent and agent.runtime
    return None if agent is None or runtime.direct else runtime
