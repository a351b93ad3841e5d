"""The diagnosis on the lessons' own programs: each is a scenario, as those of the corpus are.

Each is run under the same schedules as these, on the virtual clock also where its lesson uses the real one.
What may be said of a program stands in `SAID`; of those that do not stand there nothing may be.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress

import pytest
from scenarios.diagnosing import STRATEGIES, Again, each_once
from scenarios.lessons import ONCE, Cell, Given, programs

from course import Course, Lesson, read_notebook
from tracing import Trace
from tracing.runtime.schedules import Strategy

EACH = pytest.mark.parametrize("lesson", Course().lessons, ids=lambda lesson: lesson.name)

FEW, MANY = 42, 82  # schedules: they show here what all of them do, in less time

TITLE = re.compile(r'(?:simulate|record)\((?:title=)?"([^"]+)"')

SAID: dict[str, dict[str, set[str]]] = {
    "00": {"A program that would hang": {"error: deadlock"}},
    "01": {
        "Three letters, three arguments": {"error: uncaught exception"},
        "Refused three times": {"warning: refused operation", "warning: self-join"},
        "The baker fails, and join() says nothing": {"error: uncaught exception"},
        "look_up": {"error: uncaught exception"},
    },
    "02": {
        "run() is called without arguments": {"error: uncaught exception"},
        "Half a thread": {"warning: refused operation"},
        "subscribe": {"error: uncaught exception"},
    },
    "03": {"shop": {"error: uncaught exception"}},
    "04": {
        "two_deposits": {
            *("error: lost update", "error: uncaught exception", "warning: no common lock"),
        },
        "Each releases the other's lock": {"note: release by another thread"},
        "Both run the same function": {"error: abandoned lock", "error: over-release"},
        "Ten tasks, five workers": {"warning: held at thread end"},
        "The same, but waiting": {"error: abandoned lock", "warning: held at thread end"},
    },
    "05": {
        "Broken: a Lock, and a box in a box": {"error: deadlock"},
        "come_and_go": {"error: deadlock"},
        "A stranger may not open it, on the real clock": {"error: release by another thread"},
        "last_cake": {"error: uncaught exception"},
        "Lock: counted in the middle": {"error: deadlock"},
    },
    "06": {
        "two_printers": {
            *("error: lost update", "error: uncaught exception", "warning: no common lock"),
        },
        "Without the lock": {"warning: notify without the lock", "warning: wait without the lock"},
        "newsroom": {
            *("error: changed meanwhile", "error: uncaught exception", "warning: wait not re-checked"),
        },
        "hall": {"error: uncaught exception", "warning: wait not re-checked"},
        "one_condition": {"error: wrong waiter"},
    },
    "07": {
        "with_a_bell": {"error: lost signal"},
        "primes_with_a_flag": {"error: stalled"},
        "BoundedSemaphore(2), and one release too many": {"warning: over-release"},
    },
    "08": {
        "Up, and down at once": {"error: lost signal"},
        "one_call": {"error: lost signal"},
        "primes": {"error: uncaught exception"},
    },
    "09": {
        "Three timers, cancelled after 0.9 s": {"note: callback after cancel"},
        "change_of_mind": {"note: callback after cancel"},
        "tear_up": {"error: uncaught exception", "note: callback after cancel"},
        "Refused": {"warning: refused operation"},
    },
    "10": {
        "game": {"error: uncaught exception"},
        "An action that fails, a reset, a new meeting": {"error: uncaught exception"},
        "Called off while five of six wait": {"error: uncaught exception"},
    },
    "11": {
        "Ann fails inside the block": {"error: uncaught exception"},
        "breakfast": {"error: abandoned lock", "error: uncaught exception"},
        "Four doors, and what they are told": {"error: uncaught exception"},
        "Two ways to read a broken file": {"error: uncaught exception"},
        "as_they_like": {"error: deadlock", "warning: lock-order inversion"},
        "One of two saves fails": {"error: uncaught exception"},
        "The lock is back, the coins are not": {"error: uncaught exception"},
    },
    "12": {
        "two_orders": {"error: deadlock", "warning: lock-order inversion"},
        "Twice in one thread": {"error: deadlock"},
        "A lucky run": {"warning: lock-order inversion"},
        "join() under the lock": {"error: deadlock"},
        "A callback that takes the lock again": {"error: deadlock"},
        "left_first": {"error: deadlock"},
    },
    "13": {
        "two_adds": {"error: lost update", "error: uncaught exception", "warning: no common lock"},
        "two_ways": {"error: lost update", "error: uncaught exception", "warning: no common lock"},
        "load_once": {"error: lost update", "error: uncaught exception"},
        "a_day_in_the_shop": {"error: changed meanwhile"},
        "one_machine": {"error: uncaught exception"},
        "two_visits": {"error: lost update", "error: uncaught exception", "warning: no common lock"},
    },
    "14": {
        "One sentinel, three sellers": {"error: stalled"},
        "A worker dies before task_done()": {"error: stalled", "error: uncaught exception"},
        "Full on both sides": {"error: deadlock"},
    },
    "15": {
        "Plum burns, and nobody asks": {"warning: unasked exception"},
        "dinner": {"error: starved pool"},
        "More cooks, more menus": {"error: starved pool"},
    },
}
"""By lesson and program: all that some schedule shows."""


def runs_of(program: Cell | Given, strategy: Callable[[], Strategy]) -> list[Trace]:
    """What a program records under a schedule: a cell may have several blocks."""
    if isinstance(program, Given):
        with suppress(Exception), Again(strategy=strategy()) as run:
            program.run()
        return [run]
    runs: list[Again] = []

    def simulate(*first: object, title: str | None = None, **_: object) -> Again:
        runs.append(Again(strategy=strategy(), title=title or next(iter(first), None)))
        return runs[-1]

    program.again(simulate)
    return [each.trace for each in runs]


def said(lesson: Lesson, schedules: int) -> dict[str, set[str]]:
    """Of each program of a lesson, by its title or name: the findings of all its runs."""
    found: dict[str, set[str]] = defaultdict(set)
    for program in programs(lesson):
        for run in each_once(runs_of(program, strategy) for strategy in STRATEGIES[:schedules]):
            name = run.log.title or program.name
            found[name] |= {f"{each.severity}: {each.kind}" for each in run.findings}
        if isinstance(program, Given):
            for run in program.shown:
                found[program.name] |= {f"{each.severity}: {each.kind}" for each in run.findings}
    return dict(found)


def titles(lesson: Lesson) -> set[str]:
    """Of the lesson's traced blocks that are run again."""
    cells = [cell for cell in read_notebook(lesson.path)["cells"] if cell["id"] not in ONCE]
    return {title for cell in cells for title in TITLE.findall(cell["source"])}


@pytest.mark.parametrize("schedules", [FEW, pytest.param(MANY, marks=pytest.mark.sweep)], ids=["few", "many"])
@pytest.mark.timeout(400)  # hundreds of schedules; without the GIL three times as long
@EACH
def test_of_a_lessons_programs_just_that_is_said_which_is_wrong_with_them(
    lesson: Lesson, schedules: int
) -> None:
    found = said(lesson, schedules)
    assert titles(lesson) <= found.keys()  # none was passed over
    assert {name: kinds for name, kinds in found.items() if kinds} == SAID.get(lesson.number, {})


def test_the_cells_that_are_run_once_are_there() -> None:
    ids = {cell["id"] for lesson in Course().lessons for cell in read_notebook(lesson.path)["cells"]}
    assert ids >= ONCE.keys()
