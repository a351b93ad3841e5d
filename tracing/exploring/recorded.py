"""One run of the program with its record, and with what its threads did to each other at variables.

Owns: `recorded`. How it works: each read and write is noted while the run lasts; what looks like a fault is
looked at again in other runs (`confirming`), and what is left becomes findings of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from copy import copy
from io import StringIO
from itertools import chain
from os import getpid
from types import FrameType
from typing import TypeVar

from tracing.cpython.bytecodes import Site
from tracing.exploring import containers, races, updates
from tracing.exploring.confirming import confirmed, variable_of
from tracing.exploring.executing import MAX_STEPS
from tracing.exploring.programs import Program, refuse_fork
from tracing.exploring.touches import marked
from tracing.runtime import Agent
from tracing.runtime.preemption import Seen, Watch
from tracing.runtime.schedules import SeededRandom, Stay, Strategy
from tracing.simulating import Called
from tracing.trace import Trace

T = TypeVar("T")

MOST_STEPS = 10_000  # of a run that is made to look at something again


def recorded(
    program: Program,
    strategy: Strategy,
    *,
    grain: str,
    title: str = "",
    about: Collection[str] = (),
    max_steps: int = MAX_STEPS,
) -> tuple[Trace, frozenset[str]]:
    """A run with its record, and the variables that its findings are about. Reads and writes of these are
    marked in it; where there are none, those of the variables `about`.

    max_steps: points after which it is ended.
    """
    accesses = updates.Accesses()
    watch = Watch(points=grain == "bytecode", notes=False, seen=accesses.add)
    again = copy(strategy)
    trace = _watched(program, strategy, watch, title=title, most=max_steps)
    accesses.end()
    confirming = _Confirming(program, (again, Stay(), SeededRandom(1)), grain=grain, most=max_steps)
    lost = confirming.lost(races.unordered(updates.lost_updates(accesses), trace.log, trace.model))
    told = {each.read.key for each in lost}
    others = [each for each in accesses.seen if each.key not in told] if grain == "bytecode" else []
    unguarded = confirming.races(races.unguarded(others, trace.log, trace.model))
    unjudged = races.unguarded(accesses.unjudged if grain == "bytecode" else (), trace.log, trace.model)
    confirming.put_back()
    ended = containers.crossed(accesses, trace.log, trace.model)
    found: list[updates.Lost | races.Race | containers.Crossed] = [*lost, *unguarded, *ended]
    touched = accesses.of({place.key for each in found for place in each.places})
    names = frozenset(each.name for each in touched)
    touched = touched or [each for each in accesses.seen if each.name in about]
    log = trace.log
    if touched and accesses.recorder is not None:
        log = marked(log, touched, accesses.recorder.stamps)
    if touched or unjudged:
        trace.seal(updates.with_places(log, chain.from_iterable(each.places for each in (*found, *unjudged))))
    further = (
        *updates.findings_of(lost, trace.log),
        *(races.finding_of(each, trace.log) for each in unguarded),
        *(containers.finding_of(each, trace.log) for each in ended),
        *(races.not_judged(each, trace.log) for each in unjudged),
    )
    trace.add_findings(further, instead={("uncaught exception", each.use.thread) for each in ended})
    return trace, names


class _Confirming:
    """Whether what was seen in one run is what it seems to be: see `confirming`."""

    def __init__(self, program: Program, strategies: Sequence[Strategy], *, grain: str, most: int) -> None:
        self._program, self._strategies, self._grain, self._most = program, strategies, grain, most
        self._has_run = False

    def lost(self, updates: Mapping[updates.Lost, bool]) -> list[updates.Lost]:
        """Those whose writes can come together; and where they cannot because of a lock, those too: it was
        free between reading and writing.
        """
        met = self._met({each: (each.between, each.write) for each, locked in updates.items() if not locked})
        return [each for each, locked in updates.items() if locked or each in met]

    def races(self, found: Collection[races.Race]) -> list[races.Race]:
        """Those whose writes can come together."""
        met = self._met({each: each.places for each in found})
        return [each for each in found if each in met]

    def _met(self, wanted: Mapping[T, Collection[updates.Access]]) -> set[T]:
        met = confirmed({variable_of(places) for places in wanted.values()}, map(self._run, self._strategies))
        return {each for each, places in wanted.items() if variable_of(places) in met}

    def put_back(self) -> None:
        """Where it has run the program again: once more as it was shown, the first of the strategies, so that
        what the program leaves behind is of that run.
        """
        if self._has_run:
            self._again(self._strategies[0], _ignore, self._most)

    def _run(self, strategy: Strategy) -> Callable[[Seen], object]:
        return lambda seen: self._again(strategy, seen, min(self._most, MOST_STEPS))

    def _again(self, strategy: Strategy, seen: Seen, most: int) -> None:
        self._has_run = True
        watch = Watch(points=self._grain == "bytecode", notes=False, seen=seen)
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):  # it was said once
            _watched(self._program, strategy, watch, most=most)


def _ignore(agent: Agent, site: Site, frame: FrameType) -> None:
    """It was seen already."""


def _watched(program: Program, strategy: Strategy, watch: Watch, *, title: str = "", most: int) -> Trace:
    run = Called(*program.namespaces, strategy=strategy, title=title, max_steps=most, watch=watch)
    return run.let_go_after(lambda: _called(run, program))


def _called(run: Called, program: Program) -> Trace:
    trace, process = None, getpid()
    try:
        with run as trace:
            program.call()
    except Exception:  # of the program, and in the record
        if trace is None:
            raise
    refuse_fork(program, process)
    return trace
