"""The thread that stands beside a run: it sets it up, looks after it, and puts everything back.

Owns: what a run changes in the process, and that it is undone, however the run ends.

Rule: whatever belongs to the whole process (replaced names, the output, the collector, ...) is changed and
put back by a `Keeper` and by nobody else. Signal handlers run in the process's main thread alone, so no
Ctrl-C can come there between doing a thing and remembering to undo it. (Only the handler of the wake-up
signal is set and put back by the main thread: no other may.) The thread of the block, its `Owner`,
only says that it has left. It waits until all is as it was, but nothing depends on that wait.

How it works: `Keeper.start` begins a thread that does `set_up`, then looks after the run until its owner has
left, then does `finish`, and undoes what `set_up` put on its stack. A process that is forked meanwhile has no
such thread: there the forking thread undoes it before it goes on.
"""

from __future__ import annotations

import os
from _thread import allocate_lock, get_ident, start_new_thread
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import ExitStack
from typing import TypeVar

from tracing.cpython.exceptions import entered_at_once, lower_flag
from tracing.cpython.forking import unmute_warning
from tracing.cpython.ownership import free_in_child, give_back_mine
from tracing.patching import PATCHES
from tracing.runtime import AGENTS, Agent, here, unlock
from tracing.runtime.raising import no_wake_up, take_no_signals

LAYERS = 5  # of what lets go, where steps of ours are watched
T = TypeVar("T")


class Keeper(ABC):
    """The thread beside a run. It does not belong to it, and does not show in threading.enumerate().

    left: its owner wants no more. ready: it is set up. done: everything is as it was. error: what kept it
    from being set up, or from being put back.
    """

    LOOK_UP = 0.1  # s between an owner's looks for a Ctrl-C: on some systems it does not end a wait

    def __init__(self) -> None:
        self.left = self.ready = self.done = False
        self.error: BaseException | None = None
        self.ident = 0
        self._around = ExitStack()
        self._started: list[int] = []
        self._bell, self._told = allocate_lock(), allocate_lock()
        self._bell.acquire()
        self._told.acquire()

    @abstractmethod
    def set_up(self, around: ExitStack) -> None:
        """Change what has to be changed; `around` undoes it."""

    @abstractmethod
    def pause(self) -> float:
        """Seconds until the next look."""

    @abstractmethod
    def look(self) -> None:
        """Look after the run."""

    def is_over(self) -> bool:
        """Whether nothing is left to look after, now that the owner has left."""
        return True

    @abstractmethod
    def finish(self) -> None:
        """The owner has left, and nothing was put back yet."""

    # By the owner

    def start(self) -> None:
        """Begin; returns when it is set up. Raises what kept it from that."""
        # C fills the list: whatever is raised after the call, it is known whether there is a thread.
        self._started.extend(map(start_new_thread, (self._live,), ((),)))
        while not (self.ready or self.done):
            self._told.acquire(True, self.LOOK_UP)
        if self.error is not None:
            raise self.error

    def wait(self) -> None:
        """By the owner that has left: until everything is as it was. May be called again."""
        unlock(self._bell)
        while self._started and not self.done:
            self._told.acquire()

    # In the thread

    def _live(self) -> None:
        try:
            take_no_signals()
            with self._around:
                self.ident = get_ident()
                KEEPERS.add(self)
                self._around.callback(KEEPERS.discard, self)
                self.set_up(self._around)
                self.ready = True
                unlock(self._told)
                self._look_after()
                self.finish()
            lower_flag()  # else a debugger on 3.11 waits for the threads that could not be ended
        except BaseException as error:
            self.error = error
        finally:
            unmute_warning()
            self.done = True
            unlock(self._told)

    def _look_after(self) -> None:
        while not (self.left and self.is_over()):
            self._bell.acquire(True, max(self.pause(), 0.0))
            self.look()

    # In a forked process

    def undo(self) -> None:
        """By the thread that a forked process consists of."""
        self.left = self.done = True
        self._around.close()


KEEPERS: set[Keeper] = set()  # of the runs that last, in whichever threads


class Owner:
    """Who has a keeper: a block, a search. Its thread is the run's main thread."""

    def __init__(self) -> None:
        self._keeper: Keeper | None = None
        self._main: Agent | None = None

    @entered_at_once
    def _let_go(self) -> None:
        """Leave the run, whatever became of it. Up to the first call in `_settle` there is no step at which
        anything could be raised.
        """
        keeper, main = self._keeper, self._main
        if keeper is None:
            return
        keeper.left = True  # from here on it ends by itself
        if main is not None:
            main.reachable, main.quick, main.finished = False, False, True
            if here.agent is main:
                here.agent = None
        self._settle(keeper, main)

    def let_go_after(self, work: Callable[[], T], layers: int = LAYERS) -> T:
        """Do work that enters the run and leaves it; and then leave it, whatever came out of that.

        A run may be watched, by functions that the interpreter calls at any step of ours, too
        (`runtime.preemption`); a Ctrl-C that is raised in one of them comes out at that step, be it the one
        that leaves. So one who leaves is not enough: each layer stands on the stack before the run begins,
        and it takes one Ctrl-C more for each of them.
        """
        try:
            return self.let_go_after(work, layers - 1) if layers > 1 else work()
        finally:
            self._let_go()

    @entered_at_once
    def _settle(self, keeper: Keeper, main: Agent | None, tries: int = 100) -> None:
        """What may be raised meanwhile comes out when it is done."""
        try:
            if main is not None:
                main.leave()
            give_back_mine()
            no_wake_up()
            keeper.wait()
        except BaseException:  # Ctrl-C: once more
            if tries:
                self._settle(keeper, main, tries - 1)
            raise


class _Fork:
    """What is done around `os.fork`. In the child `threading` mends itself by means of names that a simulated
    run has replaced: meanwhile the forking thread belongs to no run.
    """

    def __init__(self) -> None:
        self._aside: dict[int, Agent] = {}  # by thread: what it was

    def before(self) -> None:
        """In the thread that forks."""
        if KEEPERS and here.agent is not None:
            self._aside[get_ident()] = here.agent
            here.agent = None

    def in_parent(self) -> None:
        """As if nothing had been."""
        if get_ident() in self._aside:
            here.agent = self._aside.pop(get_ident())

    def in_child(self) -> None:
        """The threads are gone, and the runs with them: a process like any other."""
        free_in_child()
        agent = self._aside.pop(get_ident(), None)
        self._aside.clear()
        if KEEPERS:
            AGENTS.clear()
        if agent is not None:
            agent.leave()
            no_wake_up()
        PATCHES.after_fork()
        for keeper in KEEPERS.copy():
            keeper.undo()


if hasattr(os, "register_at_fork"):
    _fork = _Fork()
    os.register_at_fork(before=_fork.before, after_in_parent=_fork.in_parent, after_in_child=_fork.in_child)
