"""Run the notebooks, store their outputs, and keep the files clean.

    python tools/notebooks.py execute [FILE ...]    run top to bottom in this environment, store what came out
    python tools/notebooks.py tidy [FILE ...]       clean metadata and ids, run nothing
    python tools/notebooks.py check [FILE ...]      change nothing; say what is wrong, and exit with 1

Without files: every lesson. A clean notebook holds nothing that differs from run to run or from machine to
machine: no widget state (its ids are random), no timing of cells, no language version, and a cell's id is
made from its text. So a difference in git is one in the lesson, or in the picture of a run on the real clock.
"""

from __future__ import annotations

import argparse
import ast
import copy
import hashlib
import os
import re
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import lessons
from course import NOTEBOOK_NAME, Course, joined, read_notebook, write_notebook

Notebook = dict[str, Any]
Cell = dict[str, Any]

SECONDS_PER_CELL = 120
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
NOISE = {"execution", "ExecuteTime", "scrolled", "trusted", "collapsed", "jp-MarkdownHeadingCollapsed"}
MACHINE_PATH = re.compile(
    r"(?<![\w.:/~-])/(?:home|Users|root|tmp|var|opt|usr|private|mnt|srv|work)/[^\s'\",)]+|\b[A-Za-z]:\\[^\s'\",)]+"
)
ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
ALLOWED_BESIDE_LESSONS = {"exercises": ".py", "images": ".png", "traces": ".jsonl"}


# -- clean ---------------------------------------------------------------------------------------------------


def tidied(notebook: Notebook) -> Notebook:
    """A copy without anything that differs from run to run."""
    clean = copy.deepcopy(notebook)
    clean["metadata"] = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    clean["nbformat"], clean["nbformat_minor"] = 4, 5
    for cell, identity in zip(clean["cells"], _identities(clean["cells"]), strict=True):
        cell["id"] = identity
        cell["metadata"] = {key: value for key, value in cell["metadata"].items() if key not in NOISE}
        if cell["cell_type"] == "code":
            cell["outputs"] = _tidied_outputs(cell["outputs"])
    return clean


def _identities(cells: list[Cell]) -> Iterator[str]:
    """An id for each cell from its text: an inserted cell leaves the ids of all others as they were."""
    seen: dict[str, int] = {}
    for cell in cells:
        if "navigation" in cell["metadata"].get("tags", []):
            yield "navigation"
            continue
        identity = hashlib.sha256(f"{cell['cell_type']}\n{cell['source']}".encode()).hexdigest()[:8]
        seen[identity] = seen.get(identity, 0) + 1
        yield identity if seen[identity] == 1 else f"{identity}-{seen[identity]}"


def _tidied_outputs(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Widget views, dead without a kernel, go; then pieces of a stream that follow each other become one."""
    tidy: list[dict[str, Any]] = []
    alive = [piece for piece in map(_without_widget, outputs) if piece.get("data", True)]
    for stream, group in groupby(alive, key=lambda output: output.get("name")):
        if stream is None:
            tidy += group
        else:
            text = "".join(joined(piece["text"]) for piece in group)
            tidy.append({"name": stream, "output_type": "stream", "text": text.splitlines(keepends=True)})
    return tidy


def _without_widget(output: dict[str, Any]) -> dict[str, Any]:
    if "data" not in output:
        return output
    data = {mime: _lines(mime, value) for mime, value in output["data"].items() if mime != WIDGET_VIEW}
    metadata = {key: value for key, value in output["metadata"].items() if key != WIDGET_VIEW}
    return {**output, "data": data, "metadata": metadata}


def _lines(mime: str, value: Any) -> Any:
    """Text as a list of lines, as Jupyter writes it; a picture as one string; JSON as it is."""
    if mime.endswith("json"):
        return value
    text = joined(value)
    return text.splitlines(keepends=True) if mime.startswith("text/") or mime == "image/svg+xml" else text


def tidy(path: Path) -> None:
    write_notebook(path, tidied(read_notebook(path)))


# -- execute -------------------------------------------------------------------------------------------------


def execute(path: Path) -> None:
    """Run a notebook top to bottom in a fresh kernel of this environment and store its outputs.

    Raises:
        SystemExit: a cell failed that is not tagged `raises-exception`; the message says which, and the file
            is left as it was.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = nbformat.read(path, as_version=4)
    place = {"metadata": {"path": str(path.parent)}}

    class Client(NotebookClient):
        """Keeps what was shown first, as strict nbval does, where a figure is drawn again in its place."""

        def process_message(self, msg: dict[str, Any], cell: Cell, cell_index: int) -> Any:
            if msg["msg_type"] == "update_display_data":
                return None
            return super().process_message(msg, cell, cell_index)

    os.environ["COURSE_NOT_NOTED"] = "1"  # to the exercises' checks this is nobody's try
    client = Client(notebook, timeout=SECONDS_PER_CELL, kernel_name="python3", resources=place)
    try:
        client.execute()
    except CellExecutionError as error:
        raise SystemExit(f"{path.name}: {error}") from None
    nbformat.write(notebook, path)
    tidy(path)


# -- check ---------------------------------------------------------------------------------------------------


def problems(path: Path) -> list[str]:
    """What is wrong with a notebook as it is stored, a sentence each."""
    notebook = read_notebook(path)
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    found = [*_not_executed(code), *_bad_outputs(code)]
    if tidied(notebook) != notebook:
        found.append(
            "it holds metadata or ids that differ from run to run; run `python tools/notebooks.py tidy`"
        )
    if path.name in lessons.SECOND_EDITION:
        found += lessons.problems(notebook)
    return [f"{path.name}: {problem}." for problem in found]


def _not_executed(code: list[Cell]) -> Iterator[str]:
    numbers = [cell["execution_count"] for cell in code]
    if numbers != list(range(1, len(code) + 1)):
        yield f"its code cells are numbered {numbers}, not 1 to {len(code)}; run `make notebooks`"
    for number, cell in enumerate(code, start=1):
        if shows_something(cell["source"]) and not cell["outputs"]:
            yield f"code cell {number} shows something but has no stored output; run `make notebooks`"


def shows_something(source: str) -> bool:
    """Whether a cell surely has an output: it prints at its top level, or it ends in a bare name."""
    try:
        statements = ast.parse(source).body
    except SyntaxError:  # a magic command, or a lesson's deliberate mistake
        return False
    values = [statement.value for statement in statements if isinstance(statement, ast.Expr)]
    prints = any(
        isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "print"
        for value in values
    )
    return prints or (
        bool(statements) and isinstance(statements[-1], ast.Expr) and isinstance(values[-1], ast.Name)
    )


def _bad_outputs(code: list[Cell]) -> Iterator[str]:
    for number, cell in enumerate(code, start=1):
        for output in cell["outputs"]:
            if output["output_type"] == "error" and "raises-exception" not in cell["metadata"].get(
                "tags", []
            ):
                yield f"code cell {number} ends in {output['ename']} and is not tagged raises-exception"
            for pattern in (MACHINE_PATH, ADDRESS):
                if strange := pattern.search(_output_text(output)):
                    yield f"the output of code cell {number} differs between machines: {strange[0]}"


def _output_text(output: dict[str, Any]) -> str:
    data = output.get("data", {})
    texts = [joined(value) for mime, value in data.items() if mime.startswith("text/")]
    texts += [joined(output.get("text", "")), output.get("evalue", ""), *output.get("traceback", [])]
    return "\n".join(texts)


def strays(course: Course) -> list[str]:
    """Files under notebooks/ that are neither a lesson, an exercise's code, an image nor a stored record."""
    paths = (path for path in course.notebooks.rglob("*") if path.is_file())
    return [
        f"notebooks/{path.relative_to(course.notebooks).as_posix()}: a stray file; move it or delete it."
        for path in sorted(paths)
        if not _belongs(path.relative_to(course.notebooks))
    ]


def _belongs(path: Path) -> bool:
    if {".ipynb_checkpoints", "__pycache__"} & set(path.parts):
        return True  # git ignores them
    if len(path.parts) == 1 and path.name.startswith(".progress."):
        return True  # the reader's; git ignores it
    if len(path.parts) == 1:
        return bool(NOTEBOOK_NAME.fullmatch(path.name))
    return ALLOWED_BESIDE_LESSONS.get(path.parts[0]) == path.suffix


def check(course: Course, paths: list[Path]) -> int:
    found = [problem for path in paths for problem in problems(path)] + strays(course)
    print("\n".join(found) or f"{len(paths)} notebooks are executed and clean.")
    return 1 if found else 0


def main() -> int:
    parser = argparse.ArgumentParser(description="Run, clean and check the notebooks.")
    parser.add_argument("command", choices=["execute", "tidy", "check"])
    parser.add_argument("files", nargs="*", type=Path, help="notebooks; without any: every lesson")
    arguments = parser.parse_args()
    course = Course()
    paths = arguments.files or [lesson.path for lesson in course.lessons]
    if arguments.command == "check":
        return check(course, paths)
    for path in paths:
        print(f"{arguments.command} {path.name}", flush=True)
        (execute if arguments.command == "execute" else tidy)(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
