"""The diagnosis on the corpus: what is broken is found, what is correct is left in peace.

Each correct program is run under `FEW` schedules (under all of them by `make test-sweeps`), and once on the
real clock; a broken one until all that must be found has been found, and under some more. Runs that recorded
the same are diagnosed once.
"""

from __future__ import annotations

import inspect
import threading
from collections import Counter
from collections.abc import Iterable
from functools import cache
from itertools import islice
from pathlib import Path

import pytest
from scenarios.corpus import PROGRAMS
from scenarios.diagnosing import STRATEGIES, Again, Named, missing, named, simulated
from scenarios.programs import Program

from tracing import explore, record
from tracing.patching.process import prepared

HERE = Path(__file__).resolve().parent
FEW = 42  # schedules: the two that are in order, and 40 seeds
CUTS = 10  # places at which a correct program is cut off: at every other one, and at all in a sweep
BATCH = 20  # seeds of a broken program between looks at what is still missing

NOT_YET: dict[str, str] = {}
"""Programs of which the diagnosis does not find all yet, and what it misses."""

CORRECT = [program for program in PROGRAMS if program.correct]
# A recorded run of these leaves threads behind, which no other test shall meet.
BROKEN = [program for program in PROGRAMS if not program.correct]

KINDS = (
    "deadlock",
    "abandoned lock",
    "abandoned permits",
    "lost signal",
    "wrong waiter",
    "stalled",
    "starved pool",
    "unasked exception",
    "starvation",
    "overtaking",
    "lock-order inversion",
    "lost update",
    "held at thread end",
    "thread never joined",
    "uncaught exception",
    "release by another thread",
    "wait without the lock",
    "notify without the lock",
    "wait not re-checked",
    "over-release",
    "callback after cancel",
    "thread without a target",
    "self-join",
    "refused operation",
    "failed callback",
    "exit of a thread alone",
)

ROWS = (
    *("CT-1", "CT-5", "CT-6", "CT-7", "CT-8", "SUB-2", "SUB-4", "DAE-2", "DAE-5"),
    *("LOCK-1", "LOCK-2", "LOCK-2b", "LOCK-3", "LOCK-4", "LOCK-5", "LOCK-5b", "LOCK-6", "LOCK-7", "LOCK-8"),
    *("RL-1", "RL-2", "RL-3", "RL-4", "RL-5"),
    *("CV-1", "CV-2", "CV-4", "CV-5", "CV-6", "CV-7", "CV-8", "CV-9"),
    *("SEM-2", "SEM-3", "SEM-4", "SEM-5", "SEM-6"),
    *("EV-1", "EV-2", "EV-3", "EV-4", "EV-5", "EV-6"),
    *("TM-1", "TM-3", "TM-4", "TM-5", "BAR-1", "BAR-2", "BAR-3", "BAR-4", "BAR-5"),
    *("W-4", "W-5", "W-6", "W-7", "13", "14"),
)
"""Of the curriculum: what goes wrong, and its cure."""


@cache
def shown(program: Program) -> tuple[Named, ...]:
    """What is said of a broken program, until all that must be said was."""
    if program.explored:
        failure = explore(program.run, grain=program.explored).failure
        return tuple(named(failure.trace)) if failure else ()
    found: list[Named] = []
    left = iter(STRATEGIES)
    while batch := list(islice(left, BATCH)):
        found += simulated(program, batch)
        if not missing(program, found):
            break
    return tuple(found)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """What ends a thread is in the record."""
    monkeypatch.setattr(threading, "excepthook", lambda args: None)


def marked(programs: Iterable[Program]) -> list[object]:
    """Each under its name; those not diagnosed yet are expected to fail, and noticed when they do not."""
    return [
        pytest.param(
            program,
            id=program.name,
            marks=pytest.mark.xfail(strict=True, reason=NOT_YET[program.name])
            if program.name in NOT_YET
            else (),
        )
        for program in programs
    ]


# -- the corpus itself ---------------------------------------------------------------------------------------


def test_half_of_the_corpus_is_correct() -> None:
    assert len(PROGRAMS) >= 100
    assert len(CORRECT) >= len(PROGRAMS) // 2


def test_no_two_programs_have_the_same_name() -> None:
    assert [name for name, count in Counter(each.name for each in PROGRAMS).items() if count > 1] == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_finding_has_three_programs_that_must_give_it(kind: str) -> None:
    programs = {program.name for program in BROKEN if kind in [wanted.kind for wanted in program.finds]}
    assert len(programs) >= 3, programs


def test_a_broken_program_says_what_must_be_found_in_it() -> None:
    assert [program.name for program in BROKEN if not program.finds] == []


def test_each_program_tells_in_a_sentence_what_it_shows() -> None:
    assert [program.name for program in PROGRAMS if not (program.run.__doc__ or "").endswith(".")] == []


def test_each_program_is_short_enough_to_be_shown() -> None:
    long = {each.name: len(inspect.getsource(each.run).splitlines()) for each in PROGRAMS}
    assert {name: lines for name, lines in long.items() if lines > 40} == {}


@pytest.mark.parametrize("row", ROWS)
def test_each_row_of_the_lessons_that_can_go_wrong_has_a_program(row: str) -> None:
    assert [program.name for program in PROGRAMS if program.curriculum == row] != []


# -- precision -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "schedules", [FEW, pytest.param(len(STRATEGIES), marks=pytest.mark.sweep)], ids=["few", "all"]
)
@pytest.mark.parametrize("program", CORRECT, ids=lambda program: program.name)
def test_a_correct_program_is_left_in_peace_under_many_schedules(program: Program, schedules: int) -> None:
    found = simulated(program, STRATEGIES[:schedules])
    assert [each for each in found if each.severity == "error" or each.kind not in program.may] == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # cut off in a finaliser
@pytest.mark.parametrize(
    "cuts",
    [range(0, CUTS, 2), pytest.param(range(1, CUTS, 2), marks=pytest.mark.sweep)],
    ids=["few", "between"],
)
@pytest.mark.parametrize("program", CORRECT, ids=lambda program: program.name)
def test_a_correct_program_that_is_cut_off_is_accused_of_nothing_else(program: Program, cuts: range) -> None:
    runs = []
    with prepared():
        with Again(0) as whole:
            program.run()
        for seed in cuts:
            with Again(seed, max_steps=2 + seed * len(whole) // CUTS) as run:
                program.run()
            runs.append(run)
    said = [each for run in runs for each in run.findings if each.severity == "error"]
    assert {each.kind for each in said} <= {"ending"}


@pytest.mark.parametrize("program", CORRECT, ids=lambda program: program.name)
def test_a_correct_program_is_left_in_peace_on_the_real_clock(program: Program) -> None:
    with record(timeout=20) as run:
        program.run()
    assert [each for each in named(run) if each.severity == "error" or each.kind not in program.may] == []


@pytest.mark.parametrize("program", BROKEN, ids=lambda program: program.name)
def test_nothing_else_is_said_of_a_broken_program(program: Program) -> None:
    expected = {*program.may, *(wanted.kind for wanted in program.finds)}
    assert [each for each in shown(program) if each.kind not in expected] == []


# -- and what must be found ----------------------------------------------------------------------------------


@pytest.mark.parametrize("program", marked(BROKEN))
def test_what_is_broken_is_found(program: Program) -> None:
    assert missing(program, shown(program)) == []
