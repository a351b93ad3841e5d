"""Small programs that some schedule breaks, each beside its corrected version.

Each program is a function without arguments that makes all its state itself; it asserts or returns what came
of it. Shared by the tests, the notebooks and the benchmarks. `SCENARIOS` lists them.

races.py     lost update, check-then-act
hangs.py     two locks in opposite orders, five philosophers
signals.py   lost signal, `if` around wait, a shutdown that one permit is missing for

corpus.py has these and many more, by primitive (locks.py, conditions.py, ...), each with the findings that
the diagnosis must give, or must not: see programs.py. It is imported by itself, so that the classics can also
be run with other packages' primitives.

lessons.py reads the programs of the lessons from the notebooks; diagnosing.py runs programs under many
schedules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scenarios import hangs, races, signals


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A broken program and the same program corrected.

    kind: how the broken one ends where it fails, as `explore` calls it. grain: at which it breaks.
    """

    name: str
    broken: Callable[[], object]
    fixed: Callable[[], object]
    kind: str
    grain: str = "sync"


SCENARIOS = (
    Scenario(
        name="lost update",
        broken=races.lost_update,
        fixed=races.every_update,
        kind="raised",
        grain="bytecode",
    ),
    Scenario(name="check-then-act", broken=races.check_then_act, fixed=races.check_and_act, kind="raised"),
    Scenario(name="AB/BA", broken=hangs.opposite_orders, fixed=hangs.one_order, kind="hung"),
    Scenario(name="lost signal", broken=signals.lost_signal, fixed=signals.kept_signal, kind="hung"),
    Scenario(
        name="if around wait", broken=signals.if_around_wait, fixed=signals.while_around_wait, kind="raised"
    ),
    Scenario(
        name="semaphore shutdown",
        broken=signals.one_permit_short,
        fixed=signals.a_permit_each,
        kind="hung",
    ),
    Scenario(
        name="five philosophers", broken=hangs.philosophers, fixed=hangs.polite_philosophers, kind="hung"
    ),
)
