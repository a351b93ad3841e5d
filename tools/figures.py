"""Draw the pictures of README.md anew, from programs that run here and now: `make figures`.

Each figure is a program that gives a `Trace`, and the file it is drawn to. The clock is virtual, so the
picture is the same every time; look at it before you commit it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from course import ROOT
from tracing import Lock, Thread, Trace, simulate, sleep

DOTS_PER_INCH = 150


def two_threads_and_a_lock() -> Trace:
    """The first picture of the course: a reader who needs what a writer holds."""
    with simulate(title="Two threads, one lock") as run:
        lock_a = Lock()
        shared: list[str] = []

        def write() -> None:
            with lock_a:
                sleep(3)  # simulated work
                shared.append("news")

        def read() -> None:
            sleep(1)  # simulated work: the writer comes first
            with lock_a:
                sleep(1)  # simulated work
                shared.copy()

        threads = [Thread(target=write, name="writer"), Thread(target=read, name="reader")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return run


FIGURES: dict[Path, Callable[[], Trace]] = {ROOT / "docs" / "timeline.png": two_threads_and_a_lock}


def main() -> None:
    for path, program in FIGURES.items():
        path.parent.mkdir(exist_ok=True)
        program().timeline().figure.savefig(path, dpi=DOTS_PER_INCH, bbox_inches="tight")
        print(f"{path.relative_to(ROOT).as_posix()} drawn")


if __name__ == "__main__":
    main()
