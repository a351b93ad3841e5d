"""The rules of a lesson's form, each a sentence where it is broken.

Owns: `problems`, for the lessons that are in the new form (`SECOND_EDITION`). Rule: only what can be seen in
the file is asked here: that it is executed is in notebooks.py, what it must contain in tests/test_lessons.py.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from course import joined

Cell = dict[str, Any]

SECOND_EDITION = (  # until all lessons are in it
    "01_creating_threads.ipynb",
    "02_subclassing_thread.ipynb",
    "03_daemon_threads.ipynb",
    "04_lock.ipynb",
    "05_rlock.ipynb",
    "06_condition.ipynb",
    "07_semaphore.ipynb",
    "08_event.ipynb",
    "09_timer.ipynb",
    "10_barrier.ipynb",
    "11_with.ipynb",
    "12_deadlock.ipynb",
    "13_races_and_the_gil.ipynb",
    "14_producers_and_consumers.ipynb",
    "15_pools_and_futures.ipynb",
)

WORDS = range(900, 1801)  # unfolded, before the exercises, which have as many again
MOST_FIGURES, MOST_LINES = 9, 12
PROOF = "proof"
HEAD = ("**After this lesson you can**", "**Time:**", "**You need**")
FOOT = ("## In practice", "## When not to", "## Key points", "## Recap")
DOCUMENTATION = "https://docs.python.org/3/library/"
HELP = ("<summary>Where to look", "<summary>The shape", "<summary>Solution")


def is_proof(cell: Cell) -> bool:
    return PROOF in cell["metadata"].get("tags", [])


def problems(notebook: dict[str, Any]) -> list[str]:
    """What is against the form, a sentence each."""
    cells = notebook["cells"]
    prose = "\n".join(cell["source"] for cell in cells if cell["cell_type"] == "markdown")
    return [*_of_head_and_foot(cells[0]["source"], prose), *_of_size(cells, prose), *of_proofs(cells)]


def _of_head_and_foot(title: str, prose: str) -> Iterator[str]:
    yield from (f"its title cell has no {part}" for part in HEAD if part not in title)
    if (number := len(re.findall(r"^- ", title, re.MULTILINE))) != 3:
        yield f"its title cell lists {number} things that one can do after it, not 3"
    if not re.search(r"\*\*Time:\*\*.*\d+ minutes.*\d+ minutes", title):
        yield "its title cell does not say how many minutes it takes to read and to practise"
    yield from (f"it has no part {part}" for part in FOOT if part not in prose)
    recap = prose.partition("## Recap")[2].partition("\n## ")[0]
    if (number := recap.count("<details><summary>")) != 5:
        yield f"its recap has {number} questions with folded answers, not 5"
    if (number := len(re.findall(r"\(Lesson \d\d\)", recap))) < 2:
        yield f"its recap asks {number} questions about earlier lessons, marked (Lesson NN), not 2"
    if DOCUMENTATION not in prose:
        yield f"it has no link to Python's own documentation ({DOCUMENTATION}...)"


def _of_size(cells: list[Cell], prose: str) -> Iterator[str]:
    told, *exercises = re.split(r"^## Exercise", prose, flags=re.MULTILINE)
    if (number := words(told)) not in WORDS:
        yield f"it has {number} words before its exercises, not {WORDS.start} to {WORDS.stop - 1}"
    if len(exercises) != 4:
        yield f"it has {len(exercises)} exercises, not 4"
    for number, text in enumerate(exercises, start=1):
        yield from (f"its exercise {number} has no help {part!r}" for part in HELP if part not in text)
    own = [cell for cell in cells if cell["cell_type"] == "code" and "exercise" not in cell["metadata"]]
    if (number := sum(map(has_figure, own))) > MOST_FIGURES:
        yield f"it has {number} figures, more than {MOST_FIGURES}"
    for cell in own:
        lines = [line for line in cell["source"].splitlines() if line.strip()]
        if len(lines) > MOST_LINES and not is_proof(cell):
            yield f"the cell that begins with {lines[0]!r} has {len(lines)} lines, more than {MOST_LINES}"


def words(prose: str) -> int:
    """How many a reader reads who opens nothing: without code, and without what is folded."""
    seen = re.sub(r"```.*?```|<details>.*?</details>", "", prose, flags=re.DOTALL)
    return len(re.findall(r"\w[\w'’.-]*", seen))


def has_figure(cell: Cell) -> bool:
    return any("image/png" in output.get("data", {}) for output in cell["outputs"])


def of_proofs(cells: list[Cell]) -> Iterator[str]:
    """What is against the rules of proofs, which hold on the start page, too: it is no lesson."""
    if not any(map(is_proof, cells)):
        yield "it proves nothing: it has no cell tagged proof"
    for before, cell in pairwise(cells):
        if is_proof(cell):
            first = cell["source"].splitlines()[0]
            yield from (f"the proof {first!r} {problem}" for problem in _of_proof(before, cell))
        elif cell["cell_type"] == "code" and asserts(cell["source"]):
            yield f"the reader's cell {cell['source'].splitlines()[0]!r} asserts: let a proof cell do that"


def _of_proof(before: Cell, cell: Cell) -> Iterator[str]:
    if before["cell_type"] != "code" or is_proof(before):
        yield "does not follow the cell that it proves"
    if not cell["metadata"].get("jupyter", {}).get("source_hidden"):
        yield "is not folded (jupyter.source_hidden)"
    printed = "".join(joined(output.get("text", "")) for output in cell["outputs"]).splitlines()
    if not printed or any("data" in output for output in cell["outputs"]):
        yield "does not print what it proves"
    if any(not line.startswith("✓ ") for line in printed):
        yield "prints what is no line with a ✓"


def asserts(source: str) -> bool:
    """Whether a cell asserts of itself; what a function of the reader's asserts is part of the program."""
    try:
        statements = ast.parse(source).body
    except SyntaxError:  # a magic command, or a lesson's deliberate mistake
        return False
    inside = [
        statement for statement in statements if not isinstance(statement, ast.FunctionDef | ast.ClassDef)
    ]
    return any(isinstance(each, ast.Assert) for statement in inside for each in ast.walk(statement))
