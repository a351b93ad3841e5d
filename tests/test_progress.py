"""The bar of a long search: a reader sees it, and what a cell stores does not depend on it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

import notebooks
from benchmarks.traces import contended_log
from course import read_notebook, write_notebook
from tracing.diagnosis import QUESTIONS
from tracing.events import Ending
from tracing.trace import Trace

SEARCH = """
import tracing.progress as progress
from tracing import Thread, explore

progress.PATIENCE = 0.01  # s: each search is a long one


def program():
    sum(range(4_000_000))  # tqdm draws ten times a second
    threads = [Thread(target=print, kwargs={"end": ""}) for _ in range(2)]
    for thread in threads:
        thread.start()


explore(program, prune=False).exhausted
"""

SEARCH_THAT_ENDS_EARLY = """
from tracing.progress import Progress

progress = Progress(total=20_000, unit="schedules", wanted=True)
progress.step("all")
progress.close()
progress.bar.container.comm
"""


def executed(path: Path, source: str = SEARCH) -> list[dict[str, Any]]:
    """The outputs of the search, as the kernel sent them."""
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    nbclient.NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(path)}}).execute()
    outputs: list[dict[str, Any]] = notebook.cells[0].outputs
    return outputs


def test_in_a_notebook_the_bar_is_a_widget_and_no_text(tmp_path: Path) -> None:
    bar, value = executed(tmp_path)
    assert list(bar["data"]) == [notebooks.WIDGET_VIEW]
    assert value["data"] == {"text/plain": "True"}


def test_in_a_notebook_the_bar_goes_where_fewer_schedules_were_enough(tmp_path: Path) -> None:
    assert executed(tmp_path, SEARCH_THAT_ENDS_EARLY) == []  # its widget has no comm any more: it is closed


def test_no_bar_is_drawn_into_a_file_by_a_process_that_only_imports_the_kernel() -> None:
    pytest.importorskip("ipykernel", reason="ipykernel is not installed")
    program = (
        "import ipykernel.kernelapp; from tracing.progress import Progress; print(Progress(9, 'words').bar)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("None\n", "")


def test_a_notebook_stores_no_bar(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "id": "", "metadata": {}, "source": SEARCH, "execution_count": 1}
    bar = {"output_type": "display_data", "data": {notebooks.WIDGET_VIEW: {"model_id": "1"}}, "metadata": {}}
    path = tmp_path / "04_search.ipynb"
    write_notebook(path, {"cells": [{**cell, "outputs": [bar]}], "metadata": {}})
    notebooks.tidy(path)
    assert read_notebook(path)["cells"][0]["outputs"] == []


class Told:
    """Stands in place of a bar: what it was told."""

    def __init__(self, total: int, unit: str, wanted: bool | None = None) -> None:
        self.total, self.unit, self.wanted, self.done, self.closed = total, unit, wanted, 0, False
        BARS.append(self)

    def step(self, doing: str, by: int = 1) -> None:
        self.done += by

    def close(self) -> None:
        self.closed = True


BARS: list[Told] = []


def test_the_bars_of_a_long_record_count_each_event_and_each_question_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = contended_log(120_000)
    monkeypatch.setattr("tracing.trace.Progress", Told)
    BARS.clear()
    trace = Trace(log)
    assert trace.findings == Trace(log).findings
    first, second, *again = BARS
    assert (first.total, first.unit, first.done, first.closed) == (len(log), "events", len(log), True)
    assert (second.total, second.unit, second.closed) == (QUESTIONS, "questions", True)
    assert second.done == QUESTIONS
    assert [bar.done for bar in again] == [len(log), QUESTIONS]


@pytest.mark.parametrize(("events", "wanted"), [(1_000, False), (60_000, None)])
def test_a_short_record_shows_no_bar_however_long_it_takes(
    monkeypatch: pytest.MonkeyPatch, events: int, wanted: bool | None
) -> None:
    monkeypatch.setattr("tracing.trace.Progress", Told)
    BARS.clear()
    assert Trace(contended_log(events)).findings is not None
    assert [(bar.unit, bar.wanted) for bar in BARS] == [("events", wanted), ("questions", wanted)]


def test_a_picture_of_a_long_record_has_the_findings_that_were_asked_for() -> None:
    log = replace(contended_log(60_000), ending=Ending(reason="timeout", time=10**9))
    trace = Trace(log)
    with mock.patch("tracing.views.timeline.draw_timeline") as draw:
        trace.timeline()
        assert "findings" not in draw.call_args.kwargs
        found = trace.findings
        assert found
        trace.timeline()
        assert draw.call_args.kwargs["findings"] == found


def test_a_long_record_that_is_shown_in_a_notebook_is_examined_first() -> None:
    trace = Trace(contended_log(60_000))
    with mock.patch("tracing.views.timeline.draw_timeline", side_effect=KeyboardInterrupt) as draw:
        with pytest.raises(KeyboardInterrupt):
            trace._repr_mimebundle_()
        assert "findings" in draw.call_args.kwargs
