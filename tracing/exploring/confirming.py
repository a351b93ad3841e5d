"""Can two writes that nothing is seen to keep apart really come together?

Owns: `confirmed`, which runs the program again to see it.

Rule: nobody is told of a race that was not seen to be one. What keeps two writes apart need not be a
primitive: a flag that one thread looks at again and again, an `is_alive()`, an item that is there at last,
what a library made for itself. Then the second one does not come while the first one is held back.

How it works: each thread that is about to do one of the writes is held back for a while, on the virtual
clock, on which the others go on meanwhile, whatever time they sleep. Where another thread comes to a write of
the same variable in that time, both could have been next. Source: Erickson, Musuvathi, Burckhardt and
Olynyk, "Effective Data-Race Detection for the Kernel" (DataCollider), OSDI 2010, which holds back the same
way on a real clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any

from tracing.cpython.bytecodes import Site
from tracing.events import Site as Place
from tracing.exploring.updates import Access, Accesses
from tracing.naming import site_of
from tracing.runtime import Agent
from tracing.runtime.preemption import Seen

HELD = 2.0  # s on the virtual clock: longer than most of what a program sleeps in place of a join()
MOST_HELD = 2  # times a thread is held back at one place: it may come there again and again


Variable = frozenset[tuple[str, Place]]
"""One that is written without a guard, as another run can know it again: what it is called where."""


def variable_of(accesses: Iterable[Access]) -> Variable:
    """That of these accesses."""
    return frozenset((each.name, each.place) for each in accesses)


def confirmed(wanted: Iterable[Variable], runs: Iterable[Callable[[Seen], object]]) -> set[Variable]:
    """Those that two threads were about to write at the same time. runs: each runs the program once, and
    tells of each access before it is made; they are made until all were met.
    """
    left, found = set(wanted), set[Variable]()
    for run in runs if left else ():
        delays = Delays(left)
        run(delays.before)
        found |= delays.met
        left -= delays.met
        if not left:
            break
    return found


class Delays:
    """Holds back, in one run, who is about to write one of these."""

    def __init__(self, wanted: Iterable[Variable]) -> None:
        self._wanted = set(wanted)
        self._accesses = Accesses()  # for what tells a variable from all others
        self._held: dict[tuple[Any, ...], int] = {}  # by variable: who is about to write it
        self._times: Counter[tuple[int, Place]] = Counter()
        self.met: set[Variable] = set()

    def before(self, agent: Agent, site: Site, frame: FrameType) -> None:
        """A thread is about to do that."""
        if not site.writes:
            return
        place = site_of(frame.f_code, frame.f_lasti)
        if place not in {each for variable in self._wanted for _, each in variable}:
            return
        key, name, _ = self._accesses.identity(site, frame)
        met = {each for each in self._wanted if (name, place) in each}
        if met and self._held.get(key, agent.number) != agent.number:
            self.met |= met
            self._wanted -= met
            if not self._wanted:
                agent.run.end("stopped")  # there is nothing more to see
        elif met:
            self._hold_back(agent, key, place)

    def _hold_back(self, agent: Agent, key: tuple[Any, ...], place: Place) -> None:
        self._times[agent.number, place] += 1
        if self._times[agent.number, place] > MOST_HELD:
            return
        self._held[key] = agent.number
        try:
            agent.wait_until(Never(), HELD)
        finally:
            self._held.pop(key, None)


class Never:
    """What a thread waits for that is only to wait."""

    silent = False

    def ready(self) -> bool:
        """See `Waitable`."""
        return False

    def take(self, seconds: float) -> bool:
        """See `Waitable`."""
        return False

    def open(self) -> None:
        """See `Waitable`."""
