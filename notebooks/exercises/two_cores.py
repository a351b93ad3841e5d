"""Two threads that compute, recorded with the GIL and without it: for readers whose Python cannot show both.

Owns: the program, and its two records in `notebooks/traces`. Both were made on one machine with two free
cores, by one Python, a free-threaded 3.13.5, in the folder of the notebooks:

    python -X gil=1 -m exercises.two_cores
    python -X gil=0 -m exercises.two_cores

Each writes the shortest of twenty runs: the one that other programs disturbed least.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import sleep

from exercises.answer import together
from tracing import Thread, Trace, mark, open_trace, record

TRACES = Path(__file__).resolve().parent.parent / "traces"
FILES = {"With the GIL": "with_the_gil.jsonl", "Without the GIL": "without_the_gil.jsonl"}
ROUNDS = 160_000  # of a piece: about 5 ms on a core of its own
RUNS, PAUSE = 20, 0.05  # s


def compute() -> None:
    """Four pieces of work that need the processor all the time."""
    for number in range(1, 5):
        with mark(f"piece {number}"):
            left = ROUNDS
            while left:
                left -= 1


def two_that_compute(title: str) -> Trace:
    """Record ann and bob, who compute at the same time, on this Python and its real clock."""
    with record(title=title) as run:
        together(*(Thread(target=compute, name=name) for name in ("ann", "bob")))
    return run


def stored(title: str) -> Trace:
    """One of the two records, "With the GIL" or "Without the GIL"."""
    return open_trace(TRACES / FILES[title])


def has_gil() -> bool:
    """Whether only one thread at a time runs Python code in this interpreter."""
    return getattr(sys, "_is_gil_enabled", lambda: True)()  # since 3.13; before, all had one


def main() -> None:
    """Record again: the file of this Python's kind."""
    title = "With the GIL" if has_gil() else "Without the GIL"
    runs = []
    for _ in range(RUNS):
        runs.append(two_that_compute(title))
        sleep(PAUSE)
    min(runs, key=lambda run: run.model.duration).save(TRACES / FILES[title])


if __name__ == "__main__":
    main()
