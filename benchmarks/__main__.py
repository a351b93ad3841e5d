"""Measure, and print a table. `--quick` only shows that everything runs: its numbers mean nothing."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from benchmarks import explore, handoff, locks, memory, queues, traces
from benchmarks.measure import Row, machine, table

PARTS: dict[str, Callable[[bool], list[Row]]] = {
    "pairs": locks.pairs,
    "contended": locks.contended,
    "waits": locks.waits,
    "switches": locks.switches,
    "handoff": handoff.hand_off,
    "queues": queues.queues,
    "memory": memory.bytes_an_event,
    "figures": traces.figures,
    "files": traces.files,
    "rate": explore.rate,
    "explore": explore.classics,
}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}; all where none is given"
    )
    parser.add_argument("--quick", action="store_true", help="small numbers, few rounds")
    options = parser.parse_args(arguments)
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        parser.error(f"there is no part {unknown[0]!r}: choose from {', '.join(PARTS)}")
    print(machine())
    for part in options.parts or PARTS:
        print(f"\n{part}: {PARTS[part].__doc__}\n", flush=True)
        print(table(PARTS[part](options.quick)), flush=True)


if __name__ == "__main__":
    main()
