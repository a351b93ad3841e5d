"""The rooms of the package and the one direction in which they may know each other.

The table below is the map. A new room is a new row; a new arrow is a decision, made here.
"""

from __future__ import annotations

import ast
import dis
import importlib.util
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from types import FrameType

import gallery
import pytest

from tracing.views.timeline import draw_timeline

PACKAGE = Path(__file__).resolve().parent.parent / "tracing"

# room: the rooms it may import. A room stands below everything it imports, so there is no cycle.
ROOMS: dict[str, set[str]] = {
    "cpython": set(),
    "errors": set(),
    "events": {"errors"},
    "natures": {"events"},
    "naming": {"cpython", "errors", "events", "natures"},
    "recorder": {"cpython", "errors", "events", "naming"},
    "runtime": {"cpython", "errors", "events", "naming", "recorder"},
    "primitives": {"cpython", "errors", "events", "naming", "recorder", "runtime"},
    "patching": {"cpython", "errors", "events", "naming", "runtime", "primitives"},
    "keeping": {"cpython", "runtime", "patching"},
    "model": {"errors", "events", "natures"},
    "diagnosis": {"errors", "events", "natures", "model"},
    "views": {"errors", "events", "natures", "model", "diagnosis"},
    "files": {"errors", "events", "natures", "model", "diagnosis"},
    "asking": {"events", "model", "diagnosis", "views"},  # of the views: what is asked for by name
    "overhead": {
        *{"cpython", "events", "natures", "recorder", "runtime", "primitives"},  # to calibrate
        *{"model", "diagnosis", "views"},  # to say
    },
    "forked": {
        *{"cpython", "events", "naming", "recorder", "runtime", "keeping"},  # to watch
        *{"model", "diagnosis"},  # to say what hangs
    },
    "progress": set(),
    "trace": {"errors", "events", "model", "diagnosis", "views", "files", "asking", "overhead", "progress"},
    "comparing": {"model", "trace", "views"},
    "running": {
        *{"cpython", "errors", "events", "naming", "recorder", "runtime", "primitives"},  # to write
        *{"keeping", "model", "trace"},  # to say what is still held at the end, and to hand over the result
        "forked",  # to hear of it
    },
    "standstill": {"cpython", "runtime", "running"},
    "recording": {
        *{"cpython", "errors", "events", "naming", "recorder", "runtime", "primitives"},
        *{"patching", "keeping", "running", "standstill"},
        *{"model", "diagnosis", "trace"},  # to say what hangs while it hangs
    },
    "output": set(),
    "simulating": {
        *{"cpython", "errors", "events", "recorder", "runtime"},
        *{"patching", "keeping", "output", "running", "trace"},
    },
    "exploring": {
        *{"cpython", "errors", "events", "recorder", "runtime", "primitives"},
        *{"patching", "keeping", "progress", "running"},
        *{"naming", "model", "diagnosis", "simulating", "trace", "comparing", "views"},  # to show
    },
    "scripting": {
        *{"cpython", "errors", "events", "naming", "recorder", "runtime", "primitives"},
        *{"patching", "running", "standstill", "files"},
        "forked",  # for the exit code that it has, too
        *{"diagnosis", "model", "trace"},  # to show
        *{"simulating", "exploring"},  # of a program that is to be simulated
    },
    "dumping": {"cpython", "errors", "events", "naming", "model", "diagnosis", "views", "files", "scripting"},
    "unmodified": {"patching", "recording", "runtime", "simulating", "trace"},
    "testing": {"errors", "exploring", "runtime", "unmodified"},
    "notebook": {"errors", "exploring", "trace", "unmodified"},
    "commanding": {
        *{"errors", "events", "model", "diagnosis", "views", "trace", "scripting", "dumping"},
        "files",  # to write a file as a whole or not at all
    },
    "tweaking": {"cpython", "exploring", "naming", "simulating", "trace", "views"},
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
    named: frozenset[str] = frozenset()  # what is taken from it

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


def module_of(path: Path) -> str:
    """As it is imported: "tracing.model"."""
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> list[Import]:
    found: list[Import] = []

    def visit(node: ast.AST, lazy: bool, typing: bool) -> None:
        lazy = lazy or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        typing = typing or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
        for name in imported_names(node, path):
            line = getattr(node, "lineno", 0)
            named = frozenset(f"{name}.{alias.name}" for alias in getattr(node, "names", ()))
            found.append(Import(name, path, line, lazy=lazy or typing, typing=typing, named=named))
        for child in ast.iter_child_nodes(node):
            visit(child, lazy, typing)

    visit(tree_of(path), lazy=False, typing=False)
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
        ("import tracing.model.folding", ["tracing.model.folding"]),
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


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Not for the type checker, either: who reads one should not have to read the other first."""
    known = {module_of(path): path for path in modules()}
    waiting = {
        name: {
            module
            for each in imports(path)
            if each.typing or not each.lazy
            for module in each.named & known.keys() or {each.module} & known.keys()
        }
        for name, path in known.items()
    }
    while ready := {name for name, wanted in waiting.items() if not (wanted - {name}) & waiting.keys()}:
        waiting = {name: wanted for name, wanted in waiting.items() if name not in ready}
    assert waiting == {}


TIMELINE = PACKAGE / "views" / "timeline"
# What the timeline's stations work with on the whole way; then they, too: each may import those before it.
CARRIED = ("style", "words", "merged", "scene", "axis", "frame")
STATIONS = (*CARRIED, "stage", "lanes", "compose", "labels", "paint", "figure", "key", "__init__")
WAY = ["__init__", "stage", "compose", "lanes", "figure", "labels", "paint"]  # from a log to its picture
GOES_ON = 7  # so often, on that way, a station goes on after another one that it has called: not more


def station_of(path: Path) -> str:
    return path.relative_to(TIMELINE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", sorted(TIMELINE.rglob("*.py")), ids=name_of)
def test_a_station_of_the_timeline_imports_only_those_before_it(path: Path) -> None:
    own, home = station_of(path), "tracing.views.timeline"
    assert own in STATIONS, f"{name_of(path)} is no station: give {own!r} its place in tests/test_layers.py"
    before = {f"{home}.{station}" for station in STATIONS[: STATIONS.index(own) + 1]}
    found = [each for each in imports(path) if f"{each.module}.".startswith(f"{home}.")]
    assert [str(each) for each in found if ".".join(each.module.split(".")[:4]) not in before] == []


@cache
def _at(filename: str) -> str:
    """The station whose code stands in that file; "" for what is none."""
    path = Path(filename)
    own = station_of(path) if path.is_relative_to(TIMELINE) else ""
    return "" if own in CARRIED else own


def _station(frame: FrameType | None) -> str:
    """The station that a frame works for: its own, or that of who called it."""
    while frame is not None and not _at(frame.f_code.co_filename):
        frame = frame.f_back
    return _at(frame.f_code.co_filename) if frame else ""


def followed(draw: Callable[[], object]) -> list[tuple[str, str]]:
    """The stations at work while it draws, one after the other; and for each who had it called."""
    found: list[tuple[str, str]] = []

    def watch(frame: FrameType, event: str, arg: object) -> None:
        if event == "call" and (own := _station(frame)) and (not found or found[-1][0] != own):
            found.append((own, _station(frame.f_back)))

    sys.setprofile(watch)
    try:
        draw()
    finally:
        sys.setprofile(None)
    return found


def assert_enters_each_once(draw: Callable[[], object]) -> None:
    found = followed(draw)
    entered = [own for own, caller in found if own != caller]
    assert [own for own, _ in groupby(entered)] == WAY
    assert len(found) - len(WAY) <= GOES_ON


@pytest.mark.parametrize("axis", ["time", "order"])
@pytest.mark.parametrize(
    "name", ["nested", "condition", "barrier", "timers", "pool", "deadlock", "many_threads"]
)
def test_a_log_enters_each_station_of_the_timeline_once(name: str, axis: str) -> None:
    picture = gallery.GALLERY[name]()
    assert_enters_each_once(lambda: draw_timeline(picture.log, axis=axis))


def test_so_does_one_that_is_drawn_by_shares_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracing.views.timeline.stage.DENSE", 10)
    assert_enters_each_once(lambda: draw_timeline(gallery.nested().log))


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


def bound_at_the_top(tree: ast.Module, package: str = "") -> set[str]:
    """The names that a module imports, defines or assigns, but for what it imports from its own package."""
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            own = isinstance(node, ast.ImportFrom) and node.module == package
            found |= set() if own else {each.asname or each.name for each in node.names}
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            names = [each for each in ast.walk(node) if isinstance(each, ast.Name)]
            found |= {each.id for each in names if isinstance(each.ctx, ast.Store)}
    return found


PACKAGES = [path for path in modules() if path.name == "__init__.py"]


@pytest.mark.parametrize("path", PACKAGES, ids=name_of)
def test_no_package_has_a_module_and_something_else_of_one_name(path: Path) -> None:
    """Importing the module binds its name in the package anew: which of the two it is depends on the order,
    and where imports are lazy (`-X lazy_imports=all`, Python 3.15) on when it is first used.
    """
    inside = {each.stem for each in path.parent.glob("*.py")} | {
        each.parent.name for each in path.parent.glob("*/__init__.py")
    }
    package = ".".join(path.parent.relative_to(PACKAGE.parent).parts)
    assert bound_at_the_top(ast.parse(path.read_text(encoding="utf-8")), package) & inside == set()


@pytest.mark.parametrize(
    ("program", "names"),
    [
        ("from a.b import c", {"c"}),
        ("from a.b import c as d", {"d"}),
        ("def f():\n    x = 1", {"f"}),
        ("class C: ...", {"C"}),
        ("a = b, c = 1, 2\nd: int = a", {"a", "b", "c", "d"}),
    ],
)
def test_every_way_to_bind_a_name_is_seen(program: str, names: set[str]) -> None:
    assert bound_at_the_top(ast.parse(program)) == names


# What CPython does not promise stands in one room: tracing/cpython.

SECRETIVE = ("threading", "queue", "concurrent.futures.thread", "concurrent.futures._base", "dataclasses")
ASKED_OF_LOCKS = {  # by threading.Condition and by os.fork: methods that a lock must have, by private names
    *("_is_owned", "_release_save", "_acquire_restore", "_recursion_count", "_at_fork_reinit"),
}
PROMISED = {"_exit"}  # of os: documented, in spite of its name
PLAIN = {"ABC", "Protocol"}  # bases that have no state of their own
OF_VERSION = {"version_info", "hexversion", "python_version_tuple"}  # to say it in a sentence is free
OPCODES = {name for name in dis.opmap if "_" in name}


def is_private(name: str) -> bool:
    return name.startswith("_") and name.isidentifier() and not name.endswith("__") and name != "_"


@cache
def private_names() -> set[str]:
    """Those that the modules on which ours are built have for themselves."""
    found = set(ASKED_OF_LOCKS)
    for name in SECRETIVE:
        source = importlib.util.find_spec(name)
        assert source is not None
        assert source.origin is not None
        for node in ast.walk(ast.parse(Path(source.origin).read_text(encoding="utf-8"))):
            found |= {str(getattr(node, field, None)) for field in ("attr", "name", "id")}
    return set(filter(is_private, found))


@dataclass(frozen=True)
class Use:
    """A private name in a module of ours: of what, as it is written there, and at which line."""

    owner: str
    name: str
    line: int


def uses(tree: ast.AST) -> Iterator[Use]:
    """Of something (`thread._started`), as a text (`vars(threading)["_active"]`), imported, or defined."""
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Attribute):
            yield Use(ast.unparse(node.value), node.attr, line)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield Use("", node.value, line)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (Use(node.module, each.name, line) for each in node.names)
        elif isinstance(node, ast.FunctionDef):
            yield Use("def", node.name, line)


def from_library(tree: ast.AST) -> dict[str, str]:
    """What the module calls what it imports from the standard library."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {each.asname or each.name: each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    return {ours: theirs for ours, theirs in found.items() if theirs.split(".")[0] in sys.stdlib_module_names}


def own_names(tree: ast.Module) -> set[str]:
    """Names that the module's functions, and those of its classes that extend none of the library, have."""
    library, found = from_library(tree).keys() - PLAIN, set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef) and not library & {
            ast.unparse(b).split(".")[0] for b in node.bases
        }:
            found |= _names_in(node)
    return found


def _names_in(node: ast.ClassDef) -> set[str]:
    """Its methods, slots, and what it stores in `self`."""
    inside = list(ast.walk(node))
    methods = {each.name for each in inside if isinstance(each, ast.FunctionDef)}
    stored = {
        each.attr for each in inside if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store)
    }
    slots = [each for each in node.body if isinstance(each, ast.Assign) and "__slots__" in ast.unparse(each)]
    texts = {each.value for slot in slots for each in ast.walk(slot) if isinstance(each, ast.Constant)}
    return methods | stored | {text for text in texts if isinstance(text, str)}


def secrets(tree: ast.Module, private: set[str]) -> list[str]:
    """Uses of what belongs to CPython.

    Of a module of the library, or of what comes from one, that is any private name. Of anything else, `self`
    for example, it is one that `threading` and its like have for themselves, unless the module has it, too.
    """
    library, own = from_library(tree), own_names(tree) - ASKED_OF_LOCKS
    found = []
    for use in uses(tree):
        first, _, rest = use.owner.partition(".")
        theirs = ".".join(filter(None, (library.get(first, first), rest)))
        of_library = first in library or theirs.split(".")[0] in sys.stdlib_module_names
        if use.name in PROMISED or not is_private(use.name):
            continue
        if (of_library and use.owner not in ("", "def")) or (use.name in private and use.name not in own):
            found.append(f"line {use.line}: {use.owner}.{use.name}".replace(" .", " "))
    return found


OUTSIDE = [path for path in modules() if room_of(path) != "cpython"]


@pytest.mark.parametrize("path", OUTSIDE, ids=name_of)
def test_private_names_of_the_library_are_used_in_one_room_only(path: Path) -> None:
    assert secrets(tree_of(path), private_names()) == []


@pytest.mark.parametrize("path", OUTSIDE, ids=name_of)
def test_opcodes_and_the_interpreter_s_own_functions_are_used_in_one_room_only(path: Path) -> None:
    tree = tree_of(path)
    banned = {"dis", "opcode", "ctypes"}
    assert [str(found) for found in imports(path) if found.top in banned] == []
    assert [use for use in uses(tree) if use.name in OPCODES or use.name == "co_code"] == []


@pytest.mark.parametrize("path", OUTSIDE, ids=name_of)
def test_which_version_of_python_runs_is_asked_in_one_room_only(path: Path) -> None:
    tree = tree_of(path)
    assert [use for use in uses(tree) if use.name in OF_VERSION] == []


@pytest.mark.parametrize(
    ("program", "found"),
    [
        ("import threading\nthreading._active", ["line 2: threading._active"]),
        ("import threading as t\nt._active", ["line 2: t._active"]),
        ("import threading\nvars(threading)['_active']", ["line 2: _active"]),
        ("from threading import _active", ["line 1: threading._active"]),
        ("from threading import Thread\nThread._bootstrap", ["line 2: Thread._bootstrap"]),
        ("def f(thread):\n    thread._started", ["line 2: thread._started"]),
        ("class Lock:\n    def _is_owned(self): ...", ["line 2: def._is_owned"]),
        (
            "import threading\nclass E(threading.Event):\n    def f(self): self._flag = 1",
            ["line 3: self._flag"],
        ),
        ("class Mine:\n    def f(self): self._flag = 1", []),
        ("import os\nos._exit(1)", []),
        ("import sys\nsys._getframe()", ["line 2: sys._getframe"]),
    ],
)
def test_every_way_to_use_a_private_name_is_seen(program: str, found: list[str]) -> None:
    assert secrets(ast.parse(program), private_names()) == found
