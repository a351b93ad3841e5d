"""What recording a lock costs: alone, and with four threads that want it, beside bare and VizTracer."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

import tracing
from benchmarks.measure import Goal, Row, cpu_seconds, ratio, rounds, seconds
from benchmarks.programs import Floor, Passed, call_pairs, four_threads, four_workers, with_pairs
from tracing.events import KIND_MASK, Kind

Result = TypeVar("Result")

OUTSIDE, RECORDED = "outside a run", "recorded"
FLOORS = {OUTSIDE: "a class that only passes on", RECORDED: "the floor of recording"}


def pairs(quick: bool) -> list[Row]:
    """An uncontended pair, ns of the thread's own time; the floors: what any lock written in Python takes."""
    rows = []
    for name in ("Lock", "RLock"):
        rows += _pair_rows(name, "with", with_pairs, {OUTSIDE: Goal(most=2), RECORDED: Goal(most=5)}, quick)
        rows += _pair_rows(name, "acquire, release", call_pairs, {RECORDED: Goal(most=11)}, quick)
    return rows


def _pair_rows(
    name: str, how: str, program: Callable[[Any, int], None], goals: dict[str, Goal], quick: bool
) -> list[Row]:
    count = 5_000 if quick else 10_000  # short rounds: a machine may be slow for seconds
    bare, ours = getattr(threading, name), getattr(tracing, name)
    variants = {
        "bare": partial(_timed_pairs, program, bare, count),
        FLOORS[OUTSIDE]: partial(_timed_pairs, program, Passed, count),
        OUTSIDE: partial(_timed_pairs, program, ours, count),
        FLOORS[RECORDED]: partial(_timed_pairs, program, Floor, count),
        "recorded, no lines": partial(_recorded_pairs, program, ours, count, lines=False),
        RECORDED: partial(_recorded_pairs, program, ours, count, lines=True),
    }
    found = rounds(variants, 1 if quick else 51)
    return [
        Row(
            what=f"{name}, {how}: {variant}",
            number=median(values) / count * 1e9,
            unit="ns",
            ratio=None if variant == "bare" else ratio(found, variant, "bare"),
            goal=goals.get(variant),
            note=_out_of_reach(found, variant, goals),
        )
        for variant, values in found.items()
    ]


def _out_of_reach(found: dict[str, list[float]], variant: str, goals: dict[str, Goal]) -> str:
    """That no lock written in Python would meet a goal that ours misses, where it is so."""
    if variant not in goals:
        return ""
    met = [goals[variant].met(ratio(found, each, "bare")) for each in (variant, FLOORS[variant])]
    return "" if any(met) else "(nor does the floor)"


def _timed_pairs(program: Callable[[Any, int], None], lock: Callable[[], Any], count: int) -> float:
    return cpu_seconds(partial(program, lock(), count))


def _recorded_pairs(
    program: Callable[[Any, int], None], lock: Callable[[], Any], count: int, *, lines: bool
) -> float:
    return in_a_run(partial(_timed_pairs, program, lock, count), lines=lines)


def in_a_run(action: Callable[[], Result], **options: Any) -> Result:
    """What the action gives, recorded. Raises RuntimeError where the run was ended before its end."""
    with tracing.record(**options) as run:
        result = action()
    if run.log.ending.reason != "done":
        raise RuntimeError(
            f"the measured run was ended ({run.log.ending.reason}): its numbers would mean nothing"
        )
    return result


def contended(quick: bool) -> list[Row]:
    """Four threads x 50,000, ms: the program alone, and with the trace in a file."""
    count = 500 if quick else 50_000
    rows = []
    for calls in (False, True):
        name = "acquire, release" if calls else "with lock"
        found = rounds(_variants(count, calls), 1 if quick else 7)
        for variant, values in found.items():
            goal = Goal(most=5) if variant in ("recorded", "recorded, no lines") and not calls else None
            rows.append(
                Row(
                    what=f"four threads x {count:,}, {name}: {variant}",
                    number=median(values) * 1e3,
                    unit="ms",
                    ratio=None if variant == "bare" else ratio(found, variant, "bare"),
                    goal=goal,
                )
            )
        if "VizTracer, saved" in found:
            rows.append(
                Row(
                    what=f"four threads, {name}: VizTracer / recorded, both saved",
                    number=None,
                    unit="",
                    ratio=ratio(found, "VizTracer, saved", "recorded, saved"),
                    goal=Goal(least=2) if calls else None,
                )
            )
    return rows


def _variants(count: int, calls: bool) -> dict[str, Callable[[], float]]:
    bare = partial(four_threads_bare, count, calls)
    variants: dict[str, Callable[[], float]] = {
        "bare": partial(seconds, bare),
        "recorded, no lines": partial(_recorded_four, count, calls, lines=False),
        "recorded": partial(_recorded_four, count, calls, lines=True),
        "recorded, patience 1": partial(_recorded_four, count, calls, lines=True, patience=1),
        "recorded, saved": partial(_saved_four, count, calls),
    }
    if find_spec("viztracer"):
        variants["VizTracer"] = partial(_viztracer_four, count, calls, saved=False)
        variants["VizTracer, saved"] = partial(_viztracer_four, count, calls, saved=True)
    return variants


def four_threads_bare(count: int, calls: bool = False) -> None:
    four_threads(threading.Lock(), threading.Thread, count, calls=calls)


def four_threads_traced(count: int, calls: bool = False) -> None:
    four_threads(tracing.Lock(), tracing.Thread, count, calls=calls)


def _recorded_four(count: int, calls: bool, *, lines: bool, patience: int = 0) -> float:
    action = partial(seconds, partial(four_threads_traced, count, calls))
    return in_a_run(action, lines=lines, patience=patience)


def _saved_four(count: int, calls: bool) -> float:
    def program() -> None:
        with tracing.record() as run:
            four_threads_traced(count, calls)
        run.save(Path(folder) / "run.jsonl")

    with tempfile.TemporaryDirectory() as folder:
        return seconds(program)


def _viztracer_four(count: int, calls: bool, *, saved: bool) -> float:
    """In an interpreter of its own: a second time in one process, VizTracer 1.1 on 3.11 sees nothing."""
    call = f"from benchmarks.locks import viztracer_once; print(viztracer_once({count}, {calls}, {saved}))"
    child = subprocess.run([sys.executable, "-c", call], capture_output=True, text=True, check=True)
    return float(child.stdout)


def viztracer_once(count: int, calls: bool, saved: bool) -> float:
    """Seconds of the four-thread program under VizTracer, its file saved or not."""
    from viztracer import VizTracer  # type: ignore[import-untyped]

    with tempfile.TemporaryDirectory() as folder:
        tracer = VizTracer(
            output_file=os.path.join(folder, "run.json"), tracer_entries=20 * count + 100_000, verbose=0
        )

        def program() -> None:
            tracer.start()
            four_threads_bare(count, calls)
            tracer.stop()
            if saved:
                tracer.save()

        return seconds(program)


def waits(quick: bool) -> list[Row]:
    """Of four threads that hold a lock for next to nothing, bare, none ever waits: it is not switched out in
    a hold.
    """
    count = 500 if quick else 20_000
    found: dict[str, list[float]] = {"with lock": [], "acquire, release": []}
    for _ in range(1 if quick else 15):
        for name, values in found.items():
            values.append(_waits_in_1000(count, calls=name != "with lock"))
    return [
        Row(
            what=f"four threads x {count:,}, {name}: waits",
            number=median(values),
            unit="in 1,000 holds",
            goal=Goal(most=5),
            note=f"{min(values):.2f} to {max(values):.2f}",
        )
        for name, values in found.items()
    ]


def _waits_in_1000(count: int, *, calls: bool) -> float:
    with tracing.record() as run:
        four_threads_traced(count, calls)
    return sum(code & KIND_MASK == Kind.WAIT for code in run.log.codes) / (4 * count) * 1000


def switches(quick: bool) -> list[Row]:
    """Context switches of four threads; the ratio compares how many there are in a second."""
    if find_spec("resource") is None:
        return [Row(what="context switches", number=None, unit="", note="this system does not count them")]
    rows = []
    for name, program, count in (
        ("with lock", four_threads, 50_000),
        ("with lock, 10 µs in it and 10 µs outside", four_workers, 3_000),
    ):
        action = partial(program, count=count // 100 if quick else count)
        rows += _switch_rows(f"four threads x {count:,}, {name}", action, quick)
    return rows


def _switch_rows(name: str, program: Callable[..., None], quick: bool) -> list[Row]:
    samples: dict[str, list[tuple[float, float]]] = {}
    variants = {
        "bare": partial(_switches, partial(program, threading.Lock(), threading.Thread)),
        "recorded": partial(_recorded_switches, program, 0),
        "recorded, patience 1": partial(_recorded_switches, program, 1),
    }
    for variant, measure in variants.items():
        variants[variant] = partial(_kept, samples.setdefault(variant, []), measure)
    found = rounds(variants, 1 if quick else 9)
    rates = {variant: [count / took for count, took in values[1:]] for variant, values in samples.items()}
    goals = {"recorded": Goal(most=5)}
    return [
        Row(
            what=f"{name}: context switches, {variant}",
            number=median(values),
            unit="",
            ratio=None if variant == "bare" else ratio(rates, variant, "bare"),
            goal=goals.get(variant),
            note=f"{median(rates[variant]):,.0f} a second; {min(values):,.0f} to {max(values):,.0f}",
        )
        for variant, values in found.items()
    ]


def _kept(samples: list[tuple[float, float]], measure: Callable[[], tuple[float, float]]) -> float:
    samples.append(measure())
    return samples[-1][0]


def _switches(program: Callable[[], None]) -> tuple[float, float]:
    """How many there were, and how many seconds it took."""
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF)
    took = seconds(program)
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_nvcsw + after.ru_nivcsw - before.ru_nvcsw - before.ru_nivcsw, took


def _recorded_switches(program: Callable[..., None], patience: int) -> tuple[float, float]:
    return in_a_run(lambda: _switches(partial(program, tracing.Lock(), tracing.Thread)), patience=patience)
