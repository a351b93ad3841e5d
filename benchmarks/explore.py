"""Searching schedules: how many a second, and how long until the classics are found, and exhausted.

The peers are `interleave-test` and `frontrun`, on the same programs: see `peers`.
"""

from __future__ import annotations

import gc
import importlib
import sys
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from benchmarks import peers
from benchmarks.measure import Goal, Row
from tracing import Lock, Thread, explore
from tracing.exploring.executing import Executor
from tracing.exploring.programs import Program
from tracing.exploring.searching import Search
from tracing.runtime.preemption import Watch
from tracing.runtime.schedules import DepthFirst

# of the prototype, in schedules a second: the range that was measured
PROTOTYPE = (1_000, 6_000)


def scenarios() -> Any:
    """The programs, which the tests own."""
    tests = str(Path(__file__).resolve().parent.parent / "tests")
    if tests not in sys.path:
        sys.path.insert(0, tests)
    return importlib.import_module("scenarios").SCENARIOS


def three_threads() -> int:
    """Three threads that count under one lock."""
    lock, number = Lock(), 0

    def add() -> None:
        nonlocal number
        with lock:
            number += 1

    threads = [Thread(target=add) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return number


def rate(quick: bool) -> list[Row]:
    """Schedules a second for three threads, each tried; the prototype: 1,000 to 6,000."""
    count = 20 if quick else 400
    plain = _rate(lambda: DepthFirst(3), None, count)
    watched = _rate(lambda: Search(3, prune=False), Watch(points=False, notes=True), count)
    return [
        _row("depth-first, none left out", plain, Goal(least=2_000)),
        _row("each step's accesses seen and compared", watched, None),
    ]


def _row(what: str, found: tuple[float, float], goal: Goal | None) -> Row:
    """The processor's time says more than the clock where others use it, too."""
    return Row(
        what=f"schedules of three threads: {what}",
        number=found[0],
        unit="/s",
        goal=goal,
        note=f"{found[1]:,.0f} in a second of the processor's",
    )


def _rate(search: Any, watch: Watch | None, count: int) -> tuple[float, float]:
    """Schedules in a second by the clock, and by the processor's time: the medians over five rounds."""
    found = []
    with Executor(Program.of(three_threads), watch=watch) as runs:
        for _ in range(6):
            strategy = search()
            gc.collect()
            start, used = perf_counter(), process_time()
            for _ in range(count):
                runs.run(strategy)
                if not strategy.advance():
                    strategy = search()
            found.append((count / (perf_counter() - start), count / (process_time() - used)))
    by_clock, by_processor = zip(*found[1:], strict=True)
    return median(by_clock), median(by_processor)


def classics(quick: bool) -> list[Row]:
    """Seconds to find and minimise a failure, and to exhaust the corrected program, beside the peers."""
    rows = []
    for number, scenario in enumerate(scenarios()):
        rows += _ours(scenario, 1 if quick else 5)
        for package in () if quick else peers.MODULES:
            rows += [_peer(package, scenario, number, form) for form in ("broken", "fixed")]
    return rows


def _ours(scenario: Any, times: int) -> list[Row]:
    rows = []
    for form, what in (("broken", "found and minimised"), ("fixed", "exhausted")):
        program = getattr(scenario, form)
        found = [_timed(program, scenario.grain) for _ in range(times)]
        last = found[-1][1]
        right = last.failure is not None if form == "broken" else last.exhausted and last.failure is None
        rows.append(
            Row(
                what=f"{scenario.name}: {what}",
                number=median(seconds for seconds, _ in found) if right else None,
                unit="s",
                goal=Goal(most=1),
                note=f"{last.schedules} runs" if right else "NOT",
            )
        )
    return rows


def _timed(program: Any, grain: str) -> tuple[float, Any]:
    gc.collect()
    start = perf_counter()
    found = explore(program, grain=grain, progress=False)
    return perf_counter() - start, found


def _peer(package: str, scenario: Any, number: int, form: str) -> Row:
    answer = peers.measured(package, number, form)
    right = not answer["note"] and answer["found"] == (form == "broken")
    wrong = "fails, it says" if form == "fixed" else "no failure found"
    note = answer["note"] or ("" if right else wrong)
    runs = f"{answer['schedules']} runs" if "schedules" in answer else ""
    return Row(
        what=f"    {package}: {'found' if form == 'broken' else 'searched'}",
        number=answer.get("seconds") if right else None,
        unit="s",
        note=", ".join(part for part in (runs, note) if part),
    )
