"""Which exercises are solved, and how often each was tried.

Owns: the file `.progress.json` beside the notebooks, which git ignores. A check notes each try in it, the
start page shows it, a teacher deletes it: `clear()`, or `python -m exercises.progress clear` in the folder of
the notebooks.

Rule: where notebooks are tested (pytest) or executed for their stored outputs (tools/notebooks.py), nothing
is noted and nothing is shown as solved, so that an output says the same everywhere. Where the file cannot be
written, the checks work all the same, and each try is the first.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NOTEBOOKS = Path(__file__).resolve().parent.parent
TESTED = {
    "PYTEST_VERSION",
    "COURSE_NOT_NOTED",
}  # variables of the environment: pytest's; tools/notebooks.py's


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What is kept of each exercise, by its module and check ("lock.check_deposit"): tries, solved or not.

    path: of the file; None: nothing is kept.
    """

    path: Path | None

    def read(self) -> dict[str, dict[str, Any]]:
        """All of it; empty where there is none, or none that can be read."""
        with suppress(OSError, ValueError, AttributeError):
            if self.path is not None:
                return dict(json.loads(self.path.read_text(encoding="utf-8")).items())
        return {}

    def note(self, exercise: str, right: bool) -> int:
        """One more try. Gives its number, counted from 1 and from the last time that it was solved."""
        if self.path is None:
            return 1
        all_of_them = self.read()
        before = all_of_them.get(exercise, {})
        tries = int(before.get("tries", 0)) + 1
        solved = right or bool(before.get("solved"))
        all_of_them[exercise] = {"tries": 0 if right else tries, "solved": solved}
        with suppress(OSError):  # a folder that is read only: the answer matters more
            beside = self.path.with_suffix(".new")
            beside.write_text(json.dumps(all_of_them, indent=1), encoding="utf-8")
            beside.replace(self.path)
        return tries

    def is_solved(self, exercise: str) -> bool:
        return bool(self.read().get(exercise, {}).get("solved"))

    def clear(self) -> None:
        """Forget all of it."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def kept() -> Progress:
    """That of whoever works with these notebooks."""
    is_tested = bool(TESTED & os.environ.keys())
    return Progress(path=None if is_tested else NOTEBOOKS / ".progress.json")


def clear() -> None:
    """Forget which exercises are solved: for the next who learns with these notebooks."""
    kept().clear()


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A row for each lesson: its number, and of each of its exercises whether it is solved."""

    rows: tuple[tuple[str, tuple[bool, ...]], ...]

    def __repr__(self) -> str:
        solved, number = sum(sum(each) for _, each in self.rows), sum(len(each) for _, each in self.rows)
        lines = [f"{name:<28} {' '.join('✓' if one else '·' for one in each)}" for name, each in self.rows]
        return "\n".join([*lines, f"{solved} of {number} exercises are solved."])


def progress() -> Shown:
    """Which exercises are solved, lesson by lesson."""
    mine = kept().read()
    return Shown(
        rows=tuple(
            (path.stem, tuple(bool(mine.get(name, {}).get("solved")) for name in names))
            for path in sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
            if (names := _exercises(path))
        )
    )


def _exercises(path: Path) -> list[str]:
    """Those of a notebook, "lock.check_deposit": its cells name the check, and import it from its module."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    found = []
    for cell in cells:
        if name := cell["metadata"].get("exercise"):
            imported = next(line for line in cell["source"] if line.startswith("from exercises."))
            found.append(f"{imported.split()[1].removeprefix('exercises.')}.{name}")
    return found


if __name__ == "__main__":
    if sys.argv[1:] == ["clear"]:
        clear()
    print(progress())
