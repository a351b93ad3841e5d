"""The scenarios under the PyPI packages `interleave-test` and `frontrun`, each in a process of its own.

`python -m benchmarks.peers PACKAGE NUMBER broken|fixed` prints one line of JSON. interleave-test gets the
very same source, with its own primitives in place of `tracing`'s. frontrun starts the threads itself, so its
programs are written again, in `FRONTRUN`, as what each thread does.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from types import SimpleNamespace
from typing import Any

SCENARIOS = Path(__file__).resolve().parent.parent / "tests" / "scenarios"
LIMIT = 10.0  # s that a package gets for one program
MODULES = {"interleave-test": "interleave_test", "frontrun": "frontrun"}


def measured(package: str, number: int, form: str) -> dict[str, Any]:
    """What the package made of a scenario: found, schedules, seconds, note."""
    if find_spec(MODULES[package]) is None:
        return {"note": "not installed"}
    command = [sys.executable, "-m", "benchmarks.peers", package, str(number), form]
    if package == "frontrun":  # works only under its own command
        command = [str(Path(sys.executable).with_name("frontrun")), *command]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=2 * LIMIT,
            check=False,
            cwd=Path(__file__).parents[1],
        )
    except subprocess.TimeoutExpired:
        return {"note": f"no answer within {2 * LIMIT:g} s"}
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        return {"note": (done.stderr.strip().splitlines() or ["no answer"])[-1][:70]}
    answer: dict[str, Any] = json.loads(lines[-1])
    return answer


def interleave(number: int, form: str) -> dict[str, Any]:
    """Bounded depth-first search, up to two preemptions."""
    package = importlib.import_module("interleave_test")
    with tempfile.TemporaryDirectory() as folder:
        for path in SCENARIOS.glob("*.py"):
            copy = Path(folder) / "scenarios" / path.name
            copy.parent.mkdir(exist_ok=True)
            copy.write_text(
                path.read_text(encoding="utf-8").replace("from tracing", "from interleave_test"),
                encoding="utf-8",
            )
        sys.path.insert(0, folder)
        program = getattr(importlib.import_module("scenarios").SCENARIOS[number], form)
        result, took, count = None, 0.0, 16
        start = perf_counter()
        while took < LIMIT:  # it has no limit on time: more and more schedules, the last round counts
            result = package.explore(
                program,
                strategy="dfs",
                max_preemptions=2,
                iterations=count,
                raise_on_failure=False,
                timeout=5,
            )
            took = perf_counter() - start
            if result.failure is not None or result.exhausted:
                break
            count *= 2
    assert result is not None
    note = "" if result.failure or result.exhausted else "neither found nor exhausted"
    if result.failure is not None:  # of the program, not of the package
        print(result.failure.kind, result.failure.exception, result.failure.details, file=sys.stderr)
    return {
        "found": result.failure is not None,
        "schedules": result.schedules_run,
        "seconds": result.elapsed or took,
        "note": note,
    }


Workers = list[Callable[[Any], Any]]


def _add(state: Any) -> None:
    state.number += 1


def _locked_add(state: Any) -> None:
    with state.lock:
        state.number += 1


def _book(state: Any) -> None:
    with state.lock:
        free = state.number > 0
    if free:
        with state.lock:
            state.number -= 1


def _look_and_book(state: Any) -> None:
    with state.lock:
        if state.number > 0:
            state.number -= 1


def _both(first: int, second: int) -> Callable[[Any], None]:
    def take(state: Any) -> None:
        with state.locks[first], state.locks[second]:
            state.number += 0

    return take


def _wait(state: Any) -> None:
    with state.news:
        state.news.wait()


def _wait_unless_told(state: Any) -> None:
    with state.news:
        while not state.told:
            state.news.wait()


def _tell(state: Any) -> None:
    with state.news:
        state.told = True
        state.news.notify()


def _consume_if(state: Any) -> None:
    with state.news:
        if not state.items:
            state.news.wait()
        state.items.pop()


def _consume_while(state: Any) -> None:
    with state.news:
        while not state.items:
            state.news.wait()
        state.items.pop()


def _produce(state: Any) -> None:
    for item in range(2):
        with state.news:
            state.items.append(item)
            state.news.notify()


def _work(state: Any) -> None:
    while not state.stopped.is_set():
        state.permits.acquire()


def _stop(permits: int) -> Callable[[Any], None]:
    def stop(state: Any) -> None:
        state.stopped.set()
        for _ in range(permits):
            state.permits.release()

    return stop


def _state() -> Any:
    return SimpleNamespace(
        number=0,
        lock=threading.Lock(),
        locks=[threading.Lock() for _ in range(5)],
        news=threading.Condition(),
        told=False,
        items=[],
        permits=threading.Semaphore(1),
        stopped=threading.Event(),
    )


def _one_seat() -> Any:
    state = _state()
    state.number = 1
    return state


# by scenario: state, broken, fixed, what must hold at the end
FRONTRUN: list[tuple[Callable[[], Any], Workers, Workers, Callable[[Any], bool]]] = [
    (_state, [_add, _add], [_locked_add, _locked_add], lambda state: bool(state.number == 2)),
    (_one_seat, [_book, _book], [_look_and_book, _look_and_book], lambda state: bool(state.number == 0)),
    (_state, [_both(0, 1), _both(1, 0)], [_both(0, 1), _both(0, 1)], lambda state: True),
    (_state, [_wait, _tell], [_wait_unless_told, _tell], lambda state: True),
    (
        _state,
        [_consume_if, _consume_if, _produce],
        [_consume_while, _consume_while, _produce],
        lambda state: not state.items,
    ),
    (_state, [_work, _work, _stop(1)], [_work, _work, _stop(2)], lambda state: True),
    (
        _state,
        [_both(seat, (seat + 1) % 5) for seat in range(5)],
        [_both(*sorted((seat, (seat + 1) % 5))) for seat in range(5)],
        lambda state: True,
    ),
]


def frontrun(number: int, form: str) -> dict[str, Any]:
    """Dynamic partial-order reduction, up to two preemptions."""
    package = importlib.import_module("frontrun")
    setup, broken, fixed, invariant = FRONTRUN[number]
    start = perf_counter()
    result = package.explore(
        setup=setup,
        workers=broken if form == "broken" else fixed,
        invariant=invariant,
        preemption_bound=2,
        reproduce_on_failure=0,
        total_timeout=LIMIT,
    )
    seconds = perf_counter() - start
    found = result.property_holds is False
    note = "" if found or seconds < LIMIT else "neither found nor exhausted"
    if result.property_holds is None:
        note = f"inconclusive: {result.inconclusive_reason}"[:70]
    return {"found": found, "schedules": result.num_explored, "seconds": seconds, "note": note}


if __name__ == "__main__":
    asked, which, how = sys.argv[1:]
    print(json.dumps((interleave if asked == "interleave-test" else frontrun)(int(which), how)))
