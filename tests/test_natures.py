"""What a primitive is stands in one row of one table, `tracing.natures`; no other module asks for a name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from logs import LogBuilder

import tracing
from tracing import primitives
from tracing.diagnosis import diagnose
from tracing.events import Kind
from tracing.model import fold
from tracing.model.families import THINGS
from tracing.model.table import TABLE
from tracing.natures import NATURES, Effect, Family, Nature
from tracing.trace import Trace
from tracing.views.timeline.lanes import LANES

PACKAGE = Path(tracing.__file__).parent
NAMES_ITS_OWN = {
    "natures.py": "the table",
    "primitives": "each face says of which type it is",
    "__init__.py": "what may be imported from the package",
    "patching": "names of threading, to be replaced in it",
    "recorder": "what was made and dropped outside of the run is taken for a Lock",
}
TABLES = {  # from a family to its module; each room has one
    *("natures.py", "model/families/__init__.py", "views/timeline/lanes/__init__.py"),
    *("diagnosis/signals.py", "views/tables.py"),
}
SHARED = {"__init__", "thing", "stairs", "wanted"}  # what several families of a room have in common
NO_FAMILY = {
    "threads",
    "marks",
    "strips",
    "dense",
    "across",
}  # other lanes, and what all lanes have in common


SAYING = {"plain", "hasty_name", "get"}  # what may be called with a type: to say it, to look up what there is


def asks(tree: ast.AST) -> Iterator[str]:
    """Where a type is asked for by its name, or by a piece of it: names of types, put together or several in
    one text; and a type, or family, with which anything else is done than to say it, or look up its row.
    """
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) in prose:
            continue
        line = getattr(node, "lineno", 0)
        if (text := _text(node)) is not None and (
            set(re.split(r"[^A-Za-z]+", text)) <= NATURES.keys() | {""}
        ):
            yield from [f"line {line}: {text!r}"] if re.search("[A-Za-z]", text) else []
        elif isinstance(node, ast.Call) and _name(node.func) in ("isinstance", "issubclass"):
            yield from (
                [f"line {line}: {ast.unparse(node)}"] if _classes(node.args[1]) & NATURES.keys() else []
            )
        elif isinstance(node, ast.MatchClass) and _name(node.cls) in NATURES:
            yield f"line {line}: {ast.unparse(node.cls)}()"
        elif any(_is_type(child) and not _is_said(node, child) for child in ast.iter_child_nodes(node)):
            yield f"line {line}: {ast.unparse(node)}"


def _text(node: ast.AST) -> str | None:
    """A text, also where it is put together of several."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _text(node.left), _text(node.right)
        return None if left is None or right is None else left + right
    return None


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _classes(node: ast.expr) -> set[str]:
    return {_name(each) for each in ast.walk(node) if isinstance(each, ast.Name | ast.Attribute)}


def _is_type(node: ast.AST) -> bool:
    """`info.type`, `names.type(number)`, `nature.family`, `getattr(info, "type")`; or that, or another."""
    if isinstance(node, ast.IfExp):
        return _is_type(node.body) or _is_type(node.orelse)
    if isinstance(node, ast.BoolOp):
        return any(map(_is_type, node.values))
    if isinstance(node, ast.Call) and _name(node.func) == "getattr":
        return _text(node.args[1]) in ("type", "family")
    node = node.func if isinstance(node, ast.Call) else node
    return (
        isinstance(node, ast.Attribute) and node.attr in ("type", "family") and isinstance(node.ctx, ast.Load)
    )


def _is_said(node: ast.AST, child: ast.AST) -> bool:
    """Whether that is no question: the type in a text, as a field, returned, as the key of a table, or as a
    value that is put into one.
    """
    if isinstance(node, ast.Call):
        return node.func is child or _name(node.func) in SAYING
    if isinstance(node, ast.IfExp):
        return node.test is not child
    if isinstance(node, ast.BoolOp):
        return True
    if isinstance(node, ast.Dict):
        return any(value is child for value in node.values)
    if isinstance(node, ast.ListComp):
        return node.elt is child
    return isinstance(node, ast.FormattedValue | ast.Return | ast.keyword | ast.Expr) or (
        isinstance(node, ast.Subscript) and node.slice is child
    )


def modules() -> list[Path]:
    return sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))


def parsed(path: Path) -> ast.Module:
    return ast.parse((PACKAGE / path).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "code",
    [
        "kind == 'Lock'",
        "{'Event': 1}[info.type]",
        "info.type in LOCKS",
        "names.type(obj).endswith('Semaphore')",
        "'maphore' in names.type(obj)",
        "nature.family is OTHER",
        "'Lo' + 'ck'",
        "'Lock RLock'.split()",
        "kind in 'Lock,RLock'",
        "match info.type:\n    case x: pass",
        "which = info.type",
        "which = info.type if info else ''",
        "(info.type or '') == x",
        "1 if info.type else 2",
        "info.type[0] == 'L'",
        "re.match('Sema', info.type)",
        "'Sema' in str(info.type)",
        "(lambda: info.type)() == x",
        "getattr(info, 'type') == x",
        "isinstance(thing, Lock)",
        "isinstance(thing, (int, primitives.RLock))",
        "match thing:\n    case RLock(): pass",
        "(family := nature.family)",
    ],
)
def test_all_ways_to_ask_for_a_type_are_seen(code: str) -> None:
    assert list(asks(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        *(
            "f'{info.type}({value})'",
            "THINGS[nature.family]",
            "TABLE.get(info.type)",
            "'a Lock'",
            "nature.held",
        ),
        *("Row(type=info.type)", "plain(names.type(number))"),
    ],
)
def test_to_say_a_type_and_to_look_up_a_family_is_not_to_ask(code: str) -> None:
    assert list(asks(ast.parse(code))) == []


@pytest.mark.parametrize("path", modules(), ids=Path.as_posix)
def test_no_module_asks_for_a_type_by_its_name(path: Path) -> None:
    if path.parts[0] not in NAMES_ITS_OWN:
        assert list(asks(parsed(path))) == []


def knows_families(tree: ast.AST) -> bool:
    """Whether it has one of them by name, or could."""
    return any(
        (isinstance(node, ast.alias) and node.name in ("Family", "tracing.natures", "natures"))
        or (isinstance(node, ast.Name | ast.Attribute) and _name(node) == "Family")
        for node in ast.walk(tree)
    )


@pytest.mark.parametrize(
    "code",
    [
        *("Family.MUTEX", "Family('mutex')", "natures.Family['MUTEX']"),
        *(
            "from tracing.natures import Family as F",
            "import tracing.natures as n",
            "from tracing import natures",
        ),
    ],
)
def test_all_ways_to_know_a_family_are_seen(code: str) -> None:
    assert knows_families(ast.parse(code))


@pytest.mark.parametrize("path", modules(), ids=Path.as_posix)
def test_only_the_tables_know_the_families(path: Path) -> None:
    assert not knows_families(parsed(path)) or path.as_posix() in TABLES


@pytest.mark.parametrize("room", ["model/families", "views/timeline/lanes"])
def test_a_family_s_module_has_its_name_in_each_room(room: str) -> None:
    names = {path.stem for path in (PACKAGE / room).glob("*.py")} - SHARED - NO_FAMILY
    assert names <= {family.value for family in Family}


def test_every_family_is_folded_and_drawn() -> None:
    assert THINGS.keys() == LANES.keys() == set(Family)


def test_every_face_has_a_row_and_every_row_a_face() -> None:
    threads = {"Thread", "sleep"}
    plain = {"Queue", "LifoQueue", "PriorityQueue", "Future", "ThreadPoolExecutor"}  # recorded as they are
    assert NATURES.keys() - plain == set(primitives.__all__) - threads


@pytest.mark.parametrize("nature", NATURES.values(), ids=lambda nature: nature.type)
def test_what_changes_a_count_is_carried_out_by_its_family(nature: Nature) -> None:
    """A change for an effect that no method carries out would be counted by the density alone."""
    effects: set[Effect] = set(nature.count.changes) if nature.count else set()
    assert all(hasattr(THINGS[nature.family], effect.value) for effect in effects)


def test_every_kind_of_event_has_a_phrase() -> None:
    assert [kind for kind in Kind if not TABLE[kind].phrase] == []


def test_of_a_primitive_without_a_row_nothing_is_made_up() -> None:
    """A file of a later version: what waits there waits for something that this one does not know."""
    log = LogBuilder()
    main, inbox = log.thread(), log.object("Mailbox", "inbox")
    log.began(main).at(5).wait(main, inbox, line=3)
    record = log.build(reason="hung", end=9)
    (finding,) = [each for each in diagnose(record, fold(record)) if each.kind == "stalled"]
    assert finding.sentence == (
        "Stalled: main waits for inbox at line 3, and what would end the wait is not in the record."
    )
    run = Trace(record)
    assert "held" not in run.text() + run.explain() + run.table().__repr__().replace("total hold", "")
    assert run.png().startswith(b"\x89PNG")
