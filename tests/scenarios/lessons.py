"""The programs of the lessons, read from the notebooks themselves.

Owns: `programs()`, which walks through a notebook as its reader does, and hands out each program that it
meets: a cell with traced blocks, or a function that a cell gives to `explore` or to `tweak`.

Rule: a program is to be run before the next one is asked for, since a notebook's cells share their names;
what it leaves in them is taken back. Nothing of a lesson is left out but its exercises, its magics and what
has threads in a process of its own.

How it works: a cell is run as it stands. Then it is handed out to be run again, as often as one likes, with
another `simulate` in place of `simulate` and `record`. What follows a block was written for the lesson's own
schedule: a statement that fails is passed over.
"""

from __future__ import annotations

import ast
import gc
import linecache
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from types import CodeType
from typing import Any

import pytest

import tracing
from course import Lesson, read_notebook
from tracing import Exploration, Trace

TRACED = ("simulate", "record")
GIVEN = ("explore", "tweak")
SHOWN = ("compare", "replay", "run_script")

ONCE = {
    "4fe29f8d": "it never ends: its time-out does that",
    "e6487164": "it talks to a server",
    "f128045a": "it has a server inside",
    "019fc8e5": "it has a server inside",
    "4e709054": "its main thread watches the clock's own run without an operation",
    "4ad26508": "it has 6,000 operations",
    "bdf2df98": "it waits for a real socket",
    "3a66cd30": "it has 20 runs of a function that is also explored",
    "7aaa2206": "it has 100 seeds of its own",
    "73796d5a": "it counts a million times",
}
"""Cells that are not run again, and why."""

Names = dict[str, Any]
Runner = Callable[..., AbstractContextManager[Trace]]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell with traced blocks. `again(simulate)` runs it with that in place of `simulate` and `record`,
    called with `title`.
    """

    name: str
    again: Callable[[Runner], None]


@dataclass(frozen=True, kw_only=True)
class Given:
    """A function that a cell gives to `explore`, or to `tweak`. shown: the runs that `explore` found."""

    name: str
    run: Callable[[], object]
    shown: tuple[Trace, ...] = ()


def programs(lesson: Lesson) -> Iterator[Cell | Given]:
    """All programs of a lesson, in its order."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(lesson.path.parent)  # as in a kernel
        notebook = _Notebook(patch)
        gc.collect()
        gc.freeze()  # so that the collections after each program look at this lesson alone
        for cell in read_notebook(lesson.path)["cells"]:
            tags = cell["metadata"].get("tags", [])
            if cell["cell_type"] != "code" or "exercise" in cell["metadata"] or "proof" in tags:
                continue
            if not cell["source"].startswith("%"):  # a magic: no Python
                yield from notebook.through(cell["id"], cell["source"])


class _Notebook:
    """A notebook that is walked through: its names, and the functions that its cells gave away."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.names: Names = {"__name__": "__main__"}
        self.given: list[Given] = []
        for name in GIVEN:
            patch.setattr(tracing, name, self._noting(getattr(tracing, name)))

    def _noting(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def noting(program: Callable[[], object], **options: Any) -> Any:
            answer = real(program, **options)
            shown = _shown(answer) if isinstance(answer, Exploration) else ()
            name = program.__name__.replace("<lambda>", f"lambda {len(self.given) + 1}")
            self.given.append(Given(name=name, run=program, shown=shown))
            return answer

        return noting

    def through(self, name: str, source: str) -> Iterator[Cell | Given]:
        filename = f"<cell {name}>"
        linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
        first, again = _statements(ast.parse(source), filename)
        for statement in first:
            exec(statement, self.names)
        found: list[Cell | Given] = list(self.given)
        self.given.clear()
        if name not in ONCE and ("simulate(" in source or "record(" in source):
            found.append(Cell(name=name, again=lambda runner: self._again(again, runner)))
        for each in found:
            before = dict(self.names)
            yield each
            gc.collect()  # what is left of its runs would slow down the next: a run looks for all primitives
            self.names.clear()
            self.names.update(before)

    def _again(self, statements: list[CodeType], runner: Runner) -> None:
        self.names |= dict.fromkeys(TRACED, runner)
        self.names |= dict.fromkeys((*GIVEN, *SHOWN), lambda *_, **__: None)
        for statement in statements:
            with suppress(Exception):
                exec(statement, self.names)


def _shown(found: Exploration) -> tuple[Trace, ...]:
    failed = (found.failure.trace,) if found.failure else ()
    return (*failed, found.passing) if found.passing else failed


def _statements(cell: ast.Module, filename: str) -> tuple[list[CodeType], list[CodeType]]:
    """Those that are run first, and those that are run again: assertions are the notebooks' own tests."""
    done = [each for each in cell.body if not isinstance(each, ast.Assert)]
    first = [compile(ast.Module([each], []), filename, "exec") for each in done]
    imports = [isinstance(each, ast.Import | ast.ImportFrom) for each in done]
    return first, [code for code, imported in zip(first, imports, strict=True) if not imported]
