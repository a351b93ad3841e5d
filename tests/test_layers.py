"""The rooms of the package and the one direction in which they may know each other.

The table below is the map. A new room is a new row; a new arrow is a decision, made here.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "tracing"

# room: the rooms it may import. A room stands below everything it imports, so there is no cycle.
ROOMS: dict[str, set[str]] = {
    "cpython": set(),
    "errors": set(),
    "events": {"errors"},
    "naming": {"cpython", "errors", "events"},
    "recorder": {"cpython", "errors", "events", "naming"},
    "runtime": {"cpython", "errors", "events", "naming", "recorder"},
    "primitives": {"cpython", "errors", "events", "naming", "recorder", "runtime"},
    "patching": {"cpython", "errors", "naming", "runtime", "primitives"},
    "keeping": {"cpython", "runtime", "patching"},
    "model": {"errors", "events"},
    "diagnosis": {"errors", "events", "model"},
    "views": {"errors", "events", "model", "diagnosis"},
    "files": {"errors", "events", "model", "diagnosis"},
    "overhead": {
        *{"cpython", "events", "recorder", "runtime", "primitives"},  # to calibrate
        *{"model", "diagnosis", "views"},  # to say
    },
    "trace": {"errors", "events", "model", "diagnosis", "views", "files", "overhead"},
    "comparing": {"model", "trace", "views"},
    "running": {
        *{"cpython", "errors", "events", "naming", "recorder", "runtime", "primitives"},  # to write
        *{"keeping", "model", "trace"},  # to say what is still held at the end, and to hand over the result
    },
    "recording": {
        *{
            "cpython",
            "errors",
            "events",
            "naming",
            "recorder",
            "runtime",
            "primitives",
            "patching",
            "running",
        },
        *{"keeping", "model", "trace"},  # to say what hangs while it hangs
    },
    "surroundings": {"cpython", "errors", "runtime", "primitives", "patching"},
    "simulating": {
        *{
            "cpython",
            "errors",
            "events",
            "recorder",
            "runtime",
            "keeping",
            "running",
            "surroundings",
            "trace",
        },
    },
    "exploring": {
        *{
            "cpython",
            "errors",
            "events",
            "recorder",
            "runtime",
            "primitives",
            "patching",
            "running",
            "surroundings",
        },
        *{"keeping", "naming", "diagnosis", "simulating", "trace", "comparing", "views"},  # to show
    },
    "scripting": {
        *{
            "cpython",
            "errors",
            "events",
            "naming",
            "recorder",
            "runtime",
            "primitives",
            "patching",
            "running",
            "files",
        },
        *{"diagnosis", "model", "trace"},  # to show
    },
    "tweaking": {"cpython", "exploring", "simulating", "trace", "views"},
}
DRAWING = {"matplotlib", "ipywidgets"}
HEAVY = DRAWING | {"numpy"}


@dataclass(frozen=True)
class Import:
    """One imported module: who imports it, and where; in a function, or only for the type checker."""

    module: str
    by: Path
    line: int
    lazy: bool  # `import tracing` alone does not load it
    typing: bool  # nothing ever loads it here

    def __str__(self) -> str:
        return f"{self.by.relative_to(PACKAGE.parent).as_posix()}:{self.line} imports {self.module}"

    @property
    def top(self) -> str:
        return self.module.split(".")[0]

    @property
    def room(self) -> str | None:
        """The room of this package that is imported; None if it is another package or the front door."""
        parts = self.module.split(".")
        return parts[1] if parts[0] == PACKAGE.name and len(parts) > 1 else None


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> list[Import]:
    found: list[Import] = []

    def visit(node: ast.AST, lazy: bool, typing: bool) -> None:
        lazy = lazy or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        typing = typing or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
        for name in imported_names(node, path):
            line = getattr(node, "lineno", 0)
            found.append(Import(module=name, by=path, line=line, lazy=lazy or typing, typing=typing))
        for child in ast.iter_child_nodes(node):
            visit(child, lazy, typing)

    visit(ast.parse(path.read_text(encoding="utf-8")), lazy=False, typing=False)
    return found


def imported_names(node: ast.AST, path: Path) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = resolved(node, path)
        # `from tracing import model` and `from . import model` name a room after the word import
        whole = base == PACKAGE.name
        yield from (f"{base}.{alias.name}" if whole else base for alias in node.names)


def resolved(node: ast.ImportFrom, path: Path) -> str:
    """The absolute name of the module that a `from` imports from."""
    if not node.level:
        return node.module or ""
    folder = path.parent
    for _ in range(node.level - 1):
        folder = folder.parent
    parts = [*folder.relative_to(PACKAGE.parent).parts, *([node.module] if node.module else [])]
    return ".".join(parts)


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("import tracing.model.fold", ["tracing.model.fold"]),
        ("from tracing import model, Lock", ["tracing.model", "tracing.Lock"]),
        ("from tracing.events import Kind", ["tracing.events"]),
        ("from . import text", ["tracing.views"]),
        ("from .text import text", ["tracing.views.text"]),
        ("from .. import model", ["tracing.model"]),
        ("from ..model import fold", ["tracing.model"]),
    ],
)
def test_every_way_to_write_an_import_is_understood(statement: str, names: list[str]) -> None:
    (node,) = ast.parse(statement).body
    assert list(imported_names(node, PACKAGE / "views" / "tables.py")) == names


INSIDE = [path for path in modules() if room_of(path) not in {"__init__", "__main__"}]


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", INSIDE, ids=name_of)
def test_a_room_imports_only_the_rooms_above_it(path: Path) -> None:
    room = room_of(path)
    assert room in ROOMS, f"{name_of(path)} stands in no room: give {room!r} a row in tests/test_layers.py"
    allowed = ROOMS[room] | {room}
    strange = [str(found) for found in imports(path) if found.room is not None and found.room not in allowed]
    assert strange == []


@pytest.mark.parametrize("path", INSIDE, ids=name_of)
def test_no_room_imports_the_front_door(path: Path) -> None:
    """`import tracing` or `from tracing import Lock` inside the package would be an arrow to everything."""
    through = [
        str(found)
        for found in imports(path)
        if found.module == PACKAGE.name or (found.room is not None and found.room not in ROOMS)
    ]
    assert through == []


def test_the_map_has_no_cycle() -> None:
    placed: set[str] = set()
    for room, above in ROOMS.items():
        assert above <= placed, f"{room} imports {sorted(above - placed)}, which stands below it in the map"
        placed.add(room)


@pytest.mark.parametrize("room", ["events", "model", "diagnosis"])
def test_what_reads_a_trace_knows_neither_threads_nor_pictures(room: str) -> None:
    paths = [path for path in modules() if room_of(path) == room]
    assert paths, f"there is no room {room}"
    banned = DRAWING | {"threading", "_thread", "queue", "concurrent"}
    assert [str(found) for path in paths for found in imports(path) if found.top in banned] == []


def test_drawing_libraries_are_used_only_in_views() -> None:
    """A face may say that it returns axes; only a view may make them."""
    outside = [found for path in modules() if room_of(path) != "views" for found in imports(path)]
    assert [str(found) for found in outside if found.top in DRAWING and not found.typing] == []


def test_views_load_only_when_asked_for() -> None:
    outside = [found for path in modules() if room_of(path) != "views" for found in imports(path)]
    assert [str(found) for found in outside if found.room == "views" and not found.lazy] == []


@pytest.mark.parametrize(
    ("program", "unloaded"),
    [
        ("import tracing", HEAVY),
        ("from tracing import Lock, record\nwith record(), Lock(): pass", DRAWING),
    ],
    ids=["importing", "recording"],
)
def test_what_draws_is_loaded_only_to_draw(program: str, unloaded: set[str]) -> None:
    program += f"\nimport sys; print(sorted({unloaded!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PACKAGE.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
