"""Running programs under many schedules, and reading what the diagnosis says of them.

Runs that recorded the same are diagnosed once.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial

from scenarios.programs import Finds, Program
from tracing import Trace, simulate
from tracing.diagnosis import Finding
from tracing.events import EventLog
from tracing.patching.process import prepared
from tracing.runtime.schedules import RoundRobin, SeededRandom, Stay, Strategy
from tracing.simulating import SimulatedBlockKeeper

SEEDS = 200
TIDY = 10  # runs between collections, which look at all there is where threads are free: 10 to 30 ms

STRATEGIES: tuple[Callable[[], Strategy], ...] = (
    *(Stay, RoundRobin),  # each thread until it waits; each in turn; then by chance
    *(partial(SeededRandom, seed) for seed in range(SEEDS)),
)


@dataclass(frozen=True, kw_only=True)
class Named:
    """A finding in the names of the program, and the schedule that showed it."""

    schedule: str
    kind: str
    severity: str
    threads: frozenset[str]
    objects: frozenset[str]
    lines: frozenset[str]
    sentence: str

    @classmethod
    def of(cls, finding: Finding, log: EventLog) -> Named:
        sites = [log.sites[site - 1] for site in finding.sites]
        return cls(
            schedule=log.schedule,
            kind=finding.kind,
            severity=finding.severity,
            threads=frozenset(log.thread(number).name for number in finding.threads),
            objects=frozenset(log.object(number).name for number in finding.objects),
            lines=frozenset(site.text for site in sites),
            sentence=finding.sentence,
        )

    def fits(self, wanted: Finds) -> bool:
        return (
            self.kind == wanted.kind
            and (not wanted.threads or self.threads == set(wanted.threads))
            and (not wanted.objects or self.objects == set(wanted.objects))
            and self.lines.issuperset(wanted.lines)
            and all(text in self.sentence for text in wanted.says)
        )


class Among(SimulatedBlockKeeper):
    """What all runs need of the process stands around all of them (`prepared`)."""

    def surround(self, around: ExitStack) -> None:
        pass


class Again(simulate):
    """One of many simulated runs. trace: what it recorded, also for who did not name it."""

    keeper_type = Among
    trace: Trace

    def __enter__(self) -> Trace:
        self.trace = super().__enter__()
        return self.trace


def simulated(program: Program, strategies: Iterable[Callable[[], Strategy]]) -> list[Named]:
    """What these schedules show. What a broken program raises is in the record."""

    def once(strategy: Strategy) -> Iterator[Trace]:
        with suppress(() if program.correct else Exception), Again(strategy=strategy) as run:
            program.run()
        yield run

    runs = each_once(once(strategy()) for strategy in strategies)
    return [finding for run in runs for finding in named(run)]


def each_once(many: Iterable[Iterable[Trace]]) -> list[Trace]:
    """Run them; those that recorded the same count once."""
    runs: dict[object, Trace] = {}
    with prepared():
        for number, some in enumerate(many, start=1):
            for run in some:
                recorded = (run.log.title, run.log.codes.tobytes(), tuple(run.log.args.items()))
                runs.setdefault(recorded, run)
            if number % TIDY == 0:
                gc.collect(0)
    return list(runs.values())


def named(run: Trace) -> list[Named]:
    return [Named.of(finding, run.log) for finding in run.findings]


def missing(program: Program, found: Iterable[Named]) -> list[Finds]:
    return [wanted for wanted in program.finds if not any(each.fits(wanted) for each in found)]
