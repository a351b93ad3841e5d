"""Change one fact in a copy of each lesson and see strict nbval fail: a check of the checks.

    python tools/mutate.py [FILE ...] [--seed N]

Each lesson gets three mutants: an assertion turned into its opposite, a number of a stored text made greater
by one (a wrong count), and two names of threads swapped in a stored text. Which ones is drawn by the seed, so
that another seed tries others. The unchanged lesson must pass first. A mutant that nbval passes is printed,
and the exit code is 1.
"""

from __future__ import annotations

import argparse
import ast
import copy
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course import Course, joined, read_notebook, write_notebook

Notebook = dict[str, Any]
Cell = dict[str, Any]
SECONDS = 180  # for one notebook
NOT_COMPARED = {"nbval-ignore-output", "nbval-skip"}
NUMBER = re.compile(r"(?<![\w.])\d+(?![\w.])")
DOES = re.compile(r"^ +[\d.]+ \S+ +(\S+)  ", re.MULTILINE)  # "40 µs  writer  sleeps": the thread's name


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A lesson with one fact changed, and what was changed."""

    what: str
    notebook: Notebook


Mutation = Callable[[Notebook, random.Random], Mutant | None]


def denied_assertion(notebook: Notebook, draw: random.Random) -> Mutant | None:
    """One `assert fact` becomes `assert not (fact)`, or what one `proved` is told becomes its opposite."""
    places = [
        (number, fact, opposite)
        for number, cell in enumerate(notebook["cells"])
        if cell["cell_type"] == "code" and not cell["source"].startswith("%")  # a magic: no Python
        for fact, opposite in _facts(cell["source"])
    ]
    if not places:
        return None
    number, fact, opposite = draw.choice(places)
    changed = copy.deepcopy(notebook)
    source = notebook["cells"][number]["source"]
    changed["cells"][number]["source"] = _replaced(source, fact, opposite)
    return Mutant(what=f"cell {number}: {opposite.format(ast.unparse(fact))}", notebook=changed)


def _facts(source: str) -> Iterator[tuple[ast.expr, str]]:
    """What a cell says is so, each with its opposite: the test of an `assert`, or what a `proved` is told,
    which is a fact, or a record that says it.
    """
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Assert):
            yield statement.test, "not ({})"
        elif isinstance(statement, ast.Expr):
            call = statement.value
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "proved":
                yield from ((fact, "not ({})") for fact in call.args[1:])
                yield from ((record.value, "[*({})][:0]") for record in call.keywords)


def _replaced(source: str, part: ast.expr, by: str) -> str:
    """The source with something else in place of one expression. (Its columns are counted in bytes.)"""
    text = ast.get_source_segment(source, part) or ""
    lines = source.encode().splitlines(keepends=True)
    begin = sum(map(len, lines[: part.lineno - 1])) + part.col_offset
    before, after = source.encode()[:begin], source.encode()[begin + len(text.encode()) :]
    return before.decode() + by.format(text) + after.decode()


def wrong_count(notebook: Notebook, draw: random.Random) -> Mutant | None:
    """A number of a stored text, one greater."""
    places = [
        (where, match) for where in _texts(notebook) for match in NUMBER.finditer(_text(notebook, where))
    ]
    if not places:
        return None
    where, match = draw.choice(places)
    text, number = _text(notebook, where), int(match[0])
    return _with_text(
        notebook,
        where,
        text[: match.start()] + str(number + 1) + text[match.end() :],
        f"{number} becomes {number + 1}",
    )


def swapped_names(notebook: Notebook, draw: random.Random) -> Mutant | None:
    """The names of two threads, each in the place of the other, in one line of a stored text each."""
    places = [
        (where, names)
        for where in _texts(notebook)
        if len(names := sorted(set(DOES.findall(_text(notebook, where))))) > 1
    ]
    if not places:
        return None
    where, names = draw.choice(places)
    one, other = draw.sample(names, 2)
    swap = {one: other, other: one}
    text = re.sub(rf"\b({re.escape(one)}|{re.escape(other)})\b", lambda m: swap[m[0]], _text(notebook, where))
    return _with_text(notebook, where, text, f"{one} and {other} swapped")


MUTATIONS: tuple[Mutation, ...] = (denied_assertion, wrong_count, swapped_names)
Place = tuple[int, int]  # of a cell, and of its output


def _texts(notebook: Notebook) -> Iterator[Place]:
    """The stored texts that strict nbval compares."""
    for number, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] == "code" and not NOT_COMPARED & set(cell["metadata"].get("tags", [])):
            for index in range(len(cell["outputs"])):
                if _text(notebook, (number, index)):
                    yield number, index


def _text(notebook: Notebook, place: Place) -> str:
    output = notebook["cells"][place[0]]["outputs"][place[1]]
    return joined(output.get("data", {}).get("text/plain", output.get("text", "")))


def _with_text(notebook: Notebook, place: Place, text: str, what: str) -> Mutant:
    changed = copy.deepcopy(notebook)
    output = changed["cells"][place[0]]["outputs"][place[1]]
    holder, key = (output["data"], "text/plain") if "data" in output else (output, "text")
    holder[key] = text
    return Mutant(what=f"cell {place[0]}, stored text: {what}", notebook=changed)


def survives(mutant: Mutant, lesson: Path) -> bool:
    """Whether strict nbval passes the mutant."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(lesson.parent, folder, dirs_exist_ok=True)  # the start page looks at all of them
        path = Path(folder) / lesson.name
        write_notebook(path, mutant.notebook)
        command = [sys.executable, "-m", "pytest", "-q", "-x", "--nbval", "--nbval-current-env", str(path)]
        command += ["--nbval-cell-timeout=60", "-p", "no:cacheprovider", f"--rootdir={folder}"]
        found = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS)
    if found.returncode not in (0, 1):
        raise SystemExit(f"{lesson.name}: nbval could not run:\n{found.stdout}{found.stderr}")
    return found.returncode == 0


def survivors(lesson: Path, seed: int) -> list[str]:
    """What was changed in the lesson without a test that failed."""
    notebook = read_notebook(lesson)
    if not survives(Mutant(what="nothing changed", notebook=notebook), lesson):
        raise SystemExit(f"{lesson.name} fails as it stands: mend it first (pytest --nbval {lesson.name}).")
    passed = []
    for mutate in MUTATIONS:
        mutant = mutate(notebook, random.Random(f"{seed} {lesson.name}"))
        if mutant is None:
            print(f"{lesson.name}: nothing for {mutate.__name__}")
            continue
        alive = survives(mutant, lesson)
        print(f"{lesson.name}: {'SURVIVED' if alive else 'failed as it should'}: {mutant.what}", flush=True)
        passed += [mutant.what] * alive
    return passed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    files = [each.resolve() for each in asked.files] or [lesson.path for lesson in Course().lessons]
    alive = [what for lesson in files for what in survivors(lesson, asked.seed)]
    raise SystemExit(1 if alive else 0)


if __name__ == "__main__":
    main()
