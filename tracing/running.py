"""What `record()` and `simulate()` have in common: a block of the program, run from its first event to its
last.

Owns: which threads belong to a run, how it ends, and that nothing is left behind.

Rule: the block is the program. At its end it waits for the threads that it started, as an interpreter does,
and daemons are cut off. A run that cannot go on is ended: it never hangs the caller.

How it works: `Block` is what the block's own thread does, `BlockKeeper` what is done beside it (see
`keeping`).
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from os import getpid
from types import TracebackType

from tracing.cpython.exceptions import entered_at_once
from tracing.errors import TracingError
from tracing.events import KIND_MASK, OBJECT_SHIFT, Ending, EventLog, Kind, Stand
from tracing.forked import Forks
from tracing.keeping import Keeper, Owner
from tracing.primitives.ended import put_right
from tracing.primitives.futures import EndOfCalls, FutureLog, let_go_of_calls, retire_all, shut_down_all
from tracing.primitives.inner import in_words
from tracing.primitives.life import EndOf, alive
from tracing.primitives.thread import hidden_methods, label
from tracing.recorder import Recorder, snapshot
from tracing.runtime import Agent, Runtime, Unwind, here
from tracing.runtime.raising import allow_wake_up, seal
from tracing.runtime.standing import stands
from tracing.trace import Trace


class OneRun(ABC):
    """The threads of one block and how it stands with them."""

    agent_type: type[Agent] = Agent

    def __init__(self, recorder: Recorder, runtime: Runtime) -> None:
        self.recorder, self.runtime = recorder, runtime
        self.agents: list[Agent] = []
        self.unfinished: dict[Agent, None] = {}  # in the same order; who has ended may still be in it
        self.calls: set[FutureLog] = set()  # that its threads have submitted, and that are not over
        self.ended = False
        self.ending: Ending | None = None
        self._first: dict[str, Ending] = {}
        self.forks: Forks | None = None  # of a block: a script follows its own

    @property
    def main(self) -> Agent | None:
        """Its main thread's part; None where it has not begun."""
        return self.agents[0] if self.agents else None

    @abstractmethod
    def elapsed(self) -> int:
        """ns since the run began."""

    def adopt(self, thread: threading.Thread, parent: Agent | None) -> Agent:
        """An agent for a thread that `parent` is about to start; for the main thread where that is None."""
        timer = getattr(vars(thread).get("_tracing_identity"), "serial", 0)
        log = self.recorder.add_thread(
            label(thread),
            parent=parent.number if parent else 0,
            daemon=bool(parent) and thread.daemon,
            timer=timer,
        )
        log.called, log.hides = vars(thread).get("_tracing_called"), hidden_methods(thread)
        agent = self.agent_type(self, log, thread)
        self.agents.append(agent)
        self.unfinished[agent] = None
        return agent

    def alive(self) -> list[Agent]:
        """The agents whose threads have not ended, the main one included while its block lasts; of a pool's
        workers those that make a call.
        """
        for agent in self.unfinished.copy():  # not of all: a run may start thousands, one after the other
            if (
                agent.finished and not agent.worker or agent.whose() is None
            ):  # a worker may begin another call
                self.unfinished.pop(agent, None)
        return [agent for agent in self.unfinished.copy() if not agent.finished]

    def that_hold_up(self, main: Agent) -> tuple[threading.Thread, ...]:
        """The threads that the main one has to wait for at its end; not workers, which may be idle."""
        others = [agent for agent in self.alive() if not (agent is main or agent.log.daemon)]
        return _living(agent for agent in others if not (agent.worker or agent.serves))

    def workers(self) -> list[Agent]:
        """Of a simulated run: the workers that have not ended."""
        return [agent for agent in self.alive() if agent.serves]

    def end(self, reason: str, detail: str = "") -> None:
        """Nothing is recorded from now on, every thread of the run unwinds. The first reason counts."""
        # No lock: the main thread may be interrupted while it has it. `setdefault` is one step, in C.
        stands = self.stands() if reason == "hung" and self.ending is None else ()
        ending = Ending(reason=reason, time=self.elapsed(), detail=detail, stands=stands)
        first = self._first.setdefault("ending", ending)
        if self.ending is None:
            self.ending = first
        self.ended = True

    def stands(self) -> tuple[Stand, ...]:
        """Where its threads stand, now that nobody can go on."""
        return stands(self.alive())

    def log(self) -> EventLog:
        """What is recorded so far."""
        ending = self.ending or Ending(reason="running", time=self.elapsed(), detail=self.awaited())
        return snapshot(self.recorder, ending)

    def awaited(self) -> str:
        """For who looks at it while it lasts: whom it waits for, where it cannot go on by itself."""
        return ""


def _living(agents: Iterable[Agent]) -> tuple[threading.Thread, ...]:
    threads = [agent.whose() for agent in agents]
    return tuple(thread for thread in threads if thread is not None and alive(thread))


def wait_for_threads(run: OneRun, main: Agent, before: Callable[[], None] = lambda: None) -> None:
    """By the main thread, as an interpreter at its end: wait for all that are not daemons, those included
    that are started meanwhile, and for all calls that were submitted; then idle workers end as well.

    before: called before each wait.
    """
    main.also(Kind.ENDED, -main.number)
    main.over = True
    while (waited_for := run.that_hold_up(main)) or run.calls:
        before()
        main.wait_until(EndOf(waited_for) if waited_for else EndOfCalls(run), None)
    shut_down_all(run.workers())
    while workers := _living(run.workers()):
        before()
        main.wait_until(EndOf(workers), None)


def refuse_in_run(name: str, error: type[TracingError], advice: str) -> None:
    """Raise `error` in a thread that belongs to a run already. What a dead run left in it is cleared."""
    if here.agent is not None and here.agent.finished:
        here.agent.leave()
    if here.agent is not None:
        doing = "recorded" if here.agent.runtime.direct else "simulated"
        raise error(
            f"{name}() inside a thread that is being {doing} ({threading.current_thread().name}): "
            f"one run at a time in a thread; {advice}."
        )


class Block(Owner, ABC):
    """A `with` block whose threads are one run. The thread that enters it is the run's main thread."""

    error: type[TracingError]  # what is raised where it cannot begin

    def __init__(self) -> None:
        super().__init__()
        self._used = False
        self._process = getpid()

    def _check(self) -> None:
        """Whether it can be entered. What a dead run left in this thread is cleared."""
        name = type(self).__name__
        if self._used:
            raise self.error(
                f"this {name}() was used before: write a new `with {name}() as run:` for each run."
            )
        refuse_in_run(name, self.error, "end the outer block first")
        self._used, self._process = True, getpid()

    def _open(self, keeper: BlockKeeper) -> Trace:
        """By `__enter__`: the run begins."""
        try:
            self._keeper = self._block_keeper = keeper
            keeper.start()
            self._main = main = keeper.run.agents[0]
            main.wakes = allow_wake_up()
            self._begin(main)
            main.reachable = True
            return keeper.trace
        except BaseException:
            self._let_go()
            raise

    @abstractmethod
    def _begin(self, main: Agent) -> None:
        """By the main thread, when all stands: its first event."""

    @entered_at_once
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if self._main is None or here.agent is not self._main:
            return self._not_left()
        try:
            self._leave(self._main, error)
        finally:
            self._let_go()
            self._over()
        return _unwound(error)

    def _not_left(self) -> bool:
        """A thread knows for itself that it belongs to the run: no other can leave it in its place."""
        name = f"{type(self).__name__}()"
        if self._main is None:
            raise self.error(f"{name} is left before it was entered: write `with {name} as run:`.")
        if getpid() != self._process:
            return False  # forked inside the block: it left it at that moment
        if self._main.finished:
            raise self.error(f"this {name} was left before: `with {name} as run:` leaves it by itself.")
        owner, caller = self._main.thread.name, threading.current_thread().name
        raise self.error(f"this {name} was entered by {owner}: leave it there, not in {caller}.")

    @entered_at_once  # what wakes its thread may come until it is sealed, and must not come out of here
    def _leave(self, main: Agent, error: BaseException | None) -> None:
        reason = "interrupted"
        try:
            seal(main)
            self._last_event(main, error)
            if error is None or isinstance(error, Exception | SystemExit) and not _unwound(error):
                wait_for_threads(self._block_keeper.run, main)
                retire_all(self._block_keeper.run)
                reason = "done"
        except Unwind:
            pass
        finally:
            main.run.end(reason)

    def _last_event(self, main: Agent, error: BaseException | None) -> None:
        if error is None or isinstance(error, SystemExit) and not _unwound(error):
            main.record(Kind.ENDED)
        elif not _unwound(error):
            main.fail(error, in_words(error))

    def _over(self) -> None:
        """All is as it was: say what there is to say. Raises what kept anything from being put back."""
        if self._block_keeper.error is not None:
            raise self._block_keeper.error


class BlockKeeper(Keeper):
    """The keeper of one block's run."""

    run: OneRun
    trace: Trace

    def begin(self, run: OneRun, main: threading.Thread) -> None:
        """While it is set up: the run has its main thread, and a trace that shows it while it lasts."""
        self.run, self.trace = run, Trace(run.log)
        run.forks = Forks()
        run.adopt(main, None)

    def wind_up(self, leaked: tuple[str, ...]) -> None:
        """The run's threads have ended, but for those: the record is complete. Locks that they held are free
        again.
        """
        run = self.run
        assert run.ending is not None
        run.ending = replace(run.ending, leaked=leaked)
        run.recorder.close()  # what a thread that is left behind makes from now on is not the run's
        log = run.log()
        let_go_of_calls(run, off=run.ending.reason != "done")
        if run.ending.reason != "done":
            _give_back(run)
        self.trace.seal(log)
        if run.forks is not None and (told := run.forks.told()):
            self.trace.add_findings(told)


def _unwound(error: BaseException | None) -> bool:
    """Whether it is Unwind, or what became of it in the `finally` and `with` blocks that it passed."""
    while error is not None and not isinstance(error, Unwind):
        error = error.__context__
    return error is not None


def _give_back(run: OneRun) -> None:
    """Unlock the locks that threads of an ended run still held, and give back the permits that they had
    taken: the next cell may use them again. Locks that others hold stay held.
    """
    own = {agent.whose() for agent in run.agents}
    others = {thread.ident for thread in threading.enumerate() if thread not in own}  # idents are used again
    owners = {0, *(agent.ident for agent in run.agents)} - others
    last, known, taken = _last_of_locks(run.recorder), run.recorder.identities, _taken(run.recorder)
    unsure = {serial for agent in run.agents for serial in agent.unsure}  # of these the record says no more
    begun = {agent.next[1] for agent in run.agents}  # cut short before there was anything to record
    used = {*last, *unsure, *begun, *(identity.serial for identity in run.recorder.numbered)}
    for serial in used & known.keys():  # a thread that was left may have made others since
        held = last.get(serial) == Kind.ACQUIRED or serial in unsure
        put_right(known[serial].primitive(), run, owners=owners, held=held, taken=taken[serial])


def _last_of_locks(recorder: Recorder) -> dict[int, int]:
    """Whether a primitive was last acquired or released, by serial number; also after the end of the run."""
    wanted = (Kind.ACQUIRED, Kind.RELEASED)
    last: dict[int, tuple[int, int]] = {}
    for log in recorder.logs:
        entries = log.columns()
        for time, code in zip(entries[::2], entries[1::2], strict=True):
            serial = code >> OBJECT_SHIFT
            if code & KIND_MASK in wanted and time >= last.get(serial, (0, 0))[0]:
                last[serial] = time, code & KIND_MASK
    return {serial: kind for serial, (_, kind) in last.items()}


def _taken(recorder: Recorder) -> Counter[int]:
    """How many permits more were taken than given, by serial number."""
    taken: Counter[int] = Counter()
    for log in recorder.logs:
        entries = log.columns()
        codes, numbers = [*entries[1::2], 1], [*entries[2::2], 0]
        for code, number, after in zip(codes, numbers, codes[1:], strict=False):
            if code & KIND_MASK == Kind.ACQUIRED:
                taken[code >> OBJECT_SHIFT] += 1
            elif code & KIND_MASK == Kind.RELEASED:  # how many stands after it, with no code of its own
                taken[code >> OBJECT_SHIFT] -= 1 if after else number
    return taken
