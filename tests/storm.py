"""A program of its own: one verb of the package, interrupted at random moments, again and again.

    python tests/storm.py VERB HOW_OFTEN SEED [BURST]

A timer's signal, whose handler raises KeyboardInterrupt, stands for Ctrl-C. It comes at any moment from
before the verb is called until after it has returned; BURST: so many, one shortly after the other. After each
the process is compared with what it was, and the verb is used again. Prints a line for each thing that was
wrong, and last of all how many signals came where they should.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from process import State, changes, lasting_changes, state_of_process  # noqa: E402

import tracing  # noqa: E402

PATIENCE = 3.0  # s until what is not as it was is taken to be so for ever
NEAR = 20e-6  # s from one signal of a burst to the next


def program() -> int:
    """Waits, starts, joins, notifies: a little of everything."""
    lock, event, count = tracing.Lock(), tracing.Event(), 0

    def work() -> None:
        nonlocal count
        with lock:
            count += 1
        event.set()

    threads = [tracing.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    event.wait()
    for thread in threads:
        thread.join()
    return count


def record() -> None:
    with tracing.record() as run:
        program()
    assert run.log.ending.reason == "done", run.log.ending


def simulate() -> None:
    with tracing.simulate() as run:
        program()
    assert run.log.ending.reason == "done", run.log.ending


def explore() -> None:
    assert not tracing.explore(program, schedules=8, progress=False).failure


def replay() -> None:
    assert tracing.replay(program).log.ending.reason == "done"


def replay_bytecode() -> None:
    assert tracing.replay(program, grain="bytecode").log.ending.reason == "done"


def tweak() -> None:
    assert tracing.tweak(program, seed=(0, 3)).run.log.ending.reason == "done"


VERBS: dict[str, Callable[[], None]] = {
    each.__name__: each for each in (record, simulate, explore, replay, replay_bytecode, tweak)
}


class Storm:
    """Signals while a verb is used."""

    def __init__(self, verb: Callable[[], None], seed: int, burst: int) -> None:
        self.verb, self.random, self.burst = verb, random.Random(seed), burst
        self.left = 0  # signals that are still to come
        self.came = 0
        signal.signal(signal.SIGALRM, self._interrupt)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self.left <= 0:
            return
        self.left -= 1
        if self.left > 0:
            signal.setitimer(signal.ITIMER_REAL, NEAR)
        self.came += 1
        raise KeyboardInterrupt

    def once(self, within: float) -> bool:
        """Whether it was interrupted. What became of the program in it is its own affair: it may be as
        unlucky as with `threading`.
        """
        self.left = self.burst
        try:
            signal.setitimer(signal.ITIMER_REAL, self.random.random() * within + 1e-6)
            self.verb()
            self.left = 0
            signal.setitimer(signal.ITIMER_REAL, 0)
        except BaseException as error:
            self.left = 0
            signal.setitimer(signal.ITIMER_REAL, 0)
            if not isinstance(error, KeyboardInterrupt):
                print(f"({type(error).__name__}: {error})")
            return True
        return False


def lasting(before: State) -> tuple[list[str], list[str]]:
    """What is not as it was at once, and what still is not after a while."""
    at_once = changes(before, state_of_process())
    return at_once, lasting_changes(before, PATIENCE) if at_once else []


def main(name: str, times: int, seed: int, burst: int = 1) -> int:
    """How many things were wrong."""
    verb = VERBS[name]
    verb()  # imports
    took = duration(verb)
    before = state_of_process()
    storm, bad, late = Storm(verb, seed, burst), 0, 0
    number = 0
    while storm.came < times * burst and number < 5 * times:
        number += 1
        storm.once(took * 1.1)
        at_once, wrong = lasting(before)
        late += bool(at_once) and not wrong
        trouble = wrong or tried(verb)
        if trouble:
            bad += 1
            print(f"signal {number}: {'; '.join(trouble)}", flush=True)
            before = state_of_process()
        elif bool(at_once):
            print(f"signal {number}, a moment too late: {'; '.join(at_once)}", flush=True)
    left = [thread for thread in threading.enumerate() if thread is not threading.main_thread()]
    print(f"{name}: {storm.came} signals, {bad} failures, {late} late, {len(left)} threads left", flush=True)
    return bad + len(left)


def duration(verb: Callable[[], None]) -> float:
    """Seconds that it takes, undisturbed."""
    began = time.perf_counter()
    for _ in range(3):
        verb()
    return (time.perf_counter() - began) / 3


def tried(verb: Callable[[], None]) -> list[str]:
    """The next use: what is wrong with it."""
    try:
        verb()
    except BaseException as error:
        return [f"the next use: {type(error).__name__}: {error}"]
    return []


if __name__ == "__main__":
    found = main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int((sys.argv[4:] or ["1"])[0]))
    sys.stdout.flush()
    os._exit(bool(found))  # not by way of what might hang
