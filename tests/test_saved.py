"""Files that an earlier version saved open for ever, and say what they said.

Rule: a file in tests/saved is never changed. Each version of the format adds its own.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from tracing import Trace, open_trace
from tracing.events import Kind
from tracing.files import layout

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
