"""What a primitive is stands in one row of one table, `tracing.natures`; no other module asks for a name."""

from __future__ import annotations

import ast
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
from tracing.views.timeline.objects import LANES

PACKAGE = Path(tracing.__file__).parent
NAMES_ITS_OWN = {
    "natures.py": "the table",
    "primitives": "each face says of which type it is",
    "__init__.py": "what may be imported from the package",
    "patching": "names of threading, to be replaced in it",
    "recorder": "what was made and dropped outside of the run is taken for a Lock",
}
TABLES = {  # from a family to its module; each room has one
    *("natures.py", "model/families/__init__.py", "views/timeline/objects/__init__.py"),
    *("diagnosis/signals.py", "views/tables.py"),
}
SHARED = {"__init__", "thing", "stairs", "wanted"}  # what several families of a room have in common


def asks(tree: ast.AST) -> Iterator[str]:
    """Where a type is asked for by its name, or by a piece of it."""
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Constant) and node.value in NATURES:
            yield f"line {line}: {node.value!r}"
        elif any(map(_is_type, _compared(node))):
            yield f"line {line}: {ast.unparse(node)}"


def _compared(node: ast.AST) -> list[ast.expr]:
    """What is compared, or asked for a part of it."""
    if isinstance(node, ast.Compare):
        return [node.left, *node.comparators]
    return [node.value] if isinstance(node, ast.Attribute) else []


def _is_type(node: ast.expr) -> bool:
    """`info.type`, `names.type(number)`, `nature.family`."""
    node = node.func if isinstance(node, ast.Call) else node
    return isinstance(node, ast.Attribute) and node.attr in ("type", "family")


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
    ],
)
def test_all_ways_to_ask_for_a_type_are_seen(code: str) -> None:
    assert list(asks(ast.parse(code)))


@pytest.mark.parametrize(
    "code", ["f'{info.type}({value})'", "THINGS[nature.family]", "'a Lock'", "nature.held"]
)
def test_to_say_a_type_and_to_look_up_a_family_is_not_to_ask(code: str) -> None:
    assert list(asks(ast.parse(code))) == []


@pytest.mark.parametrize("path", modules(), ids=Path.as_posix)
def test_no_module_asks_for_a_type_by_its_name(path: Path) -> None:
    if path.parts[0] not in NAMES_ITS_OWN:
        assert list(asks(parsed(path))) == []


@pytest.mark.parametrize("path", modules(), ids=Path.as_posix)
def test_only_the_tables_know_the_families(path: Path) -> None:
    named = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.Attribute)]
    families = [node for node in named if ast.unparse(node.value) == "Family"]
    assert not families or path.as_posix() in TABLES


@pytest.mark.parametrize("room", ["model/families", "views/timeline/objects"])
def test_a_family_s_module_has_its_name_in_each_room(room: str) -> None:
    names = {path.stem for path in (PACKAGE / room).glob("*.py")} - SHARED
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
