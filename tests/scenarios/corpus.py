"""All programs of the corpus: those of each primitive's module, and the classics of `SCENARIOS`."""

from __future__ import annotations

from scenarios import (
    barriers,
    blocks,
    buffers,
    callbacks,
    circles,
    conditions,
    events,
    handover,
    hangs,
    locks,
    philosophers,
    races,
    rlocks,
    semaphores,
    signals,
    threads,
    timers,
    unheard,
)
from scenarios.programs import Finds, Group, Program

CLASSICS = Group()
CLASSICS.wrong(
    Finds(kind="lost update", threads=("ann", "bob")), may=("uncaught exception",), explored="bytecode"
)(races.lost_update)
CLASSICS.right(may=("overtaking",))(races.every_update)
CLASSICS.wrong(Finds(kind="uncaught exception", threads=("MainThread",)))(races.check_then_act)
CLASSICS.right(may=("overtaking",))(races.check_and_act)
CLASSICS.wrong(
    Finds(kind="deadlock", threads=("forth", "back"), objects=("lock_a", "lock_b")),
    Finds(kind="lock-order inversion", threads=("forth", "back"), objects=("lock_a", "lock_b")),
)(hangs.opposite_orders)
CLASSICS.right(may=("overtaking",))(hangs.one_order)
CLASSICS.wrong(Finds(kind="lost signal", threads=("waiter", "sender"), objects=("ready",)))(
    signals.lost_signal
)
CLASSICS.right(may=("overtaking",))(signals.kept_signal)
CLASSICS.wrong(
    Finds(kind="uncaught exception", lines=("items.pop()",)),
    Finds(kind="wait not re-checked", objects=("stocked",)),
    may=("overtaking", "lost signal", "stalled"),
)(signals.if_around_wait)
CLASSICS.right(may=("overtaking",))(signals.while_around_wait)
CLASSICS.wrong(Finds(kind="stalled", objects=("jobs",)))(signals.one_permit_short)
CLASSICS.right(may=("overtaking",))(signals.a_permit_each)
CLASSICS.wrong(
    Finds(kind="deadlock", threads=tuple(f"philosopher {number}" for number in range(5))),
    may=("lock-order inversion", "overtaking"),
)(hangs.philosophers)
CLASSICS.right(may=("overtaking",))(hangs.polite_philosophers)

GROUPS = (
    CLASSICS,
    *(
        module.GROUP
        for module in (
            threads,
            locks,
            rlocks,
            conditions,
            semaphores,
            events,
            timers,
            barriers,
            blocks,
            philosophers,
            buffers,
            callbacks,
            handover,
            circles,
            unheard,
        )
    ),
)
PROGRAMS: tuple[Program, ...] = tuple(program for group in GROUPS for program in group.programs)
