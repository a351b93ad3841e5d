"""Files that an earlier version saved open for ever, and say what they said.

Rule: a file in tests/saved is never changed. Each version of the format adds its own.
"""

from __future__ import annotations

import json
import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from tracing import Trace, open_trace
from tracing.events import (
    Call,
    Ending,
    EventLog,
    Kind,
    ObjectInfo,
    Site,
    Stand,
    ThreadInfo,
    Turns,
    pack,
)
from tracing.files import layout, save

FORMAT = Path(__file__).resolve().parent.parent / "docs" / "file-format.md"
SAVED = Path(__file__).resolve().parent / "saved"
FILES = sorted(path.name for path in SAVED.iterdir())


def test_each_version_of_the_format_has_its_files() -> None:
    versions = {int(name.split("-")[1]) for name in FILES}
    assert versions == set(
        range(2, layout.VERSION + 1)
    )  # of version 1 none was kept; see tests/test_files.py


def test_the_description_of_the_format_has_every_kind_of_line_field_and_event() -> None:
    described = set(re.findall(r"`(\w+)`", FORMAT.read_text(encoding="utf-8")))
    rows = (layout.THREAD, layout.OBJECT, layout.SITE, layout.CALL, layout.STAND, layout.ENDING)
    fields = {name for row in rows for name in row.checks} | set(layout.HEADER)
    assert {kind.name for kind in Kind} - described == set()
    assert fields - described == set()
    assert f"It\ndescribes version {layout.VERSION}." in FORMAT.read_text(encoding="utf-8")


def test_a_saved_file_has_no_line_and_no_field_that_is_not_described() -> None:
    described = set(re.findall(r"`(\w+)`", FORMAT.read_text(encoding="utf-8")))
    for line in (SAVED / "version-2-real.jsonl").read_text(encoding="utf-8").splitlines():
        content = json.loads(line)
        assert {content["is"], *content} - {"is"} <= described


# The tables of the description, and a file that has everything


def table_of(head: str) -> list[tuple[str, ...]]:
    """The cells of that table's rows, as they are written."""
    lines = FORMAT.read_text(encoding="utf-8").partition(f"\n{head}\n")[2].splitlines()[1:]
    rows = takewhile(lambda line: line.startswith("|"), lines)
    return [tuple(cell.strip() for cell in row.strip("|").split("|")) for row in rows]


def named(cell: str) -> list[str]:
    return re.findall(r"`(\w+)`", cell)


LINES = {named(what)[0]: named(fields) for what, fields, _ in table_of("| `is` | Fields | Says |")}
ARE = {
    (where.strip("`"), field): are
    for where, fields, are in table_of("| In | Fields | Are |")
    for field in named(fields)
}


def is_number(value: object) -> bool:
    return type(value) is int


def is_text(value: object) -> bool:
    return type(value) is str


def is_list(value: object, of: Callable[[object], bool]) -> bool:
    return type(value) is list and all(map(of, value))


def is_object(value: object) -> bool:
    return type(value) is dict


def is_row(value: object) -> bool:
    return type(value) is list and [type(each) for each in value] == [int, str, int, int]


def is_place(value: object) -> bool:
    return type(value) is dict and set(value) <= set(LINES["site"]) - {"number"} and "file" in value


WORDS: dict[str, Callable[[object], bool]] = {
    "whole numbers": is_number,
    "true or false": lambda value: type(value) is bool,
    "texts": is_text,
    "lists of texts": lambda value: is_list(value, is_text),
    "lists of whole numbers": lambda value: is_list(value, is_number),
    "a list of lists, each of a number, a text and two numbers": lambda value: is_list(value, is_row),
    "lists of objects": lambda value: is_list(value, is_object),
    "a place, as an object: what the line of a `site` has, but for `is` and `number`": is_place,
    "a place, likewise": is_place,
}


def fields_in(where: str, content: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Each field of an object of the file, and of those inside: where it is, its name and value."""
    for name, value in content.items():
        yield where, name, value
        for inner in value if type(value) is list else [value]:
            if type(inner) is dict:
                yield from fields_in(name, inner)


def whole(*numbers: int) -> array[int]:
    return array("q", numbers)


@pytest.fixture
def everything(tmp_path: Path) -> list[dict[str, Any]]:
    """The lines of a file with each field that there is."""
    site = Site(file="a.py", line=1, function="f", text="f()", after_wait="tested", raised=True)
    stand = Stand(thread=1, calls=(Call(site=site, by="import"),), polls=True, module="warmup", importer=2)
    log = EventLog(
        times=whole(0, 1),
        codes=whole(pack(Kind.BEGAN, thread=1), pack(Kind.NOTE, thread=1, site=1)),
        args={1: 1},
        threads=(
            ThreadInfo(number=1, name="MainThread"),
            ThreadInfo(number=2, name="a", parent=1, daemon=True, timer=1, called=site, hides=("run",)),
        ),
        objects=(
            ObjectInfo(number=1, type="Timer", name="t", site=1),
            ObjectInfo(number=2, type="Condition", name="c", site=1, value=3, lock=3, owner=1),
        ),
        sites=(site,),
        texts=("a note",),
        clock="virtual",
        title="All",
        schedule="seed 1",
        python="3.13.0",
        notes=("of the record",),
        turns=Turns(seqs=whole(0, 1), times=whole(0, 1), threads=whole(1, 2), steps=whole(-1, 0)),
        ending=Ending(reason="hung", time=9, leaked=("a",), detail="why", stands=(stand,), fork=site),
    )
    save(log, tmp_path / "run.jsonl")
    return [json.loads(line) for line in (tmp_path / "run.jsonl").read_text(encoding="utf-8").splitlines()]


def test_a_file_has_the_lines_and_fields_of_the_description_and_no_others(
    everything: list[dict[str, Any]],
) -> None:
    found: dict[str, set[str]] = {}
    for line in everything:
        found.setdefault(line["is"], set()).update(set(line) - {"is"})
    assert found == {what: set(fields) for what, fields in LINES.items()}


def test_each_field_of_a_file_is_what_the_description_says(everything: list[dict[str, Any]]) -> None:
    told = set()
    for line in everything:
        for where, name, value in fields_in(line["is"], line):
            key = (where, name) if (where, name) in ARE else ("any", name)
            assert WORDS[ARE[key]](value), (where, name, value)
            told.add(key)
    assert told == set(ARE)


@pytest.fixture(params=[name for name in FILES if name.startswith("version-2-")])
def run(request: pytest.FixtureRequest) -> Trace:
    return open_trace(SAVED / request.param)


def test_a_file_of_version_2_is_whole(run: Trace) -> None:
    assert run.log.notes == ()
    assert [info.name for info in run.log.threads] == ["MainThread", "ann", "bob", "ThreadPoolExecutor-0_0"]
    names = {info.name: info.type for info in run.log.objects}
    expected = {"lock_a": "Lock", "lock_b": "RLock", "gate": "Barrier", "jobs": "Queue", "room": "Semaphore"}
    assert names.items() >= expected.items()
    assert run.log.ending.reason == "hung"
    assert run.log.python.startswith("3.13")


def test_a_file_of_version_2_says_what_it_said(run: Trace) -> None:
    assert [(finding.kind, finding.severity) for finding in run.findings] == [
        ("uncaught exception", "error"),
        ("deadlock", "error"),
    ]
    assert run.outcome_of("ann") == "failed: ValueError: too hot"
    outcomes = Counter(wait.outcome.value for wait in run.model.waits)
    assert (outcomes["open"], outcomes["timed out"], outcomes["tripped"], outcomes["ended"]) == (1, 1, 1, 2)
    (wait,) = run.waits_for("lock_a")
    assert (wait.thread, wait.held_by, wait.ended_by) == ("bob", ("ann",), "ann")
    assert max(run.values_of("jobs")) == 1
    assert set(run.holders("lock_b")) == {"bob"}


def test_a_file_of_version_2_knows_who_had_the_turn() -> None:
    real, virtual = (open_trace(SAVED / f"version-2-{name}") for name in ("real.jsonl", "virtual.jsonl.gz"))
    assert len(real) == 63
    assert not real.model.slices
    assert (len(virtual), virtual.log.clock, virtual.log.schedule) == (65, "virtual", "seed 7")
    assert virtual.model.slices
    assert {each.thread for each in virtual.model.slices} == {1, 2, 3, 4}


def test_each_view_of_a_file_of_version_2_can_be_had(run: Trace, tmp_path: Path) -> None:
    for write in (run.to_html, run.to_perfetto, run.save):
        write(tmp_path / "file")
    assert open_trace(tmp_path / "file") == run
    assert run.png().startswith(b"\x89PNG")
    assert "Deadlock" in run.text()
