"""The notebooks as files: executed, clean, numbered, linked. What their cells say is nbval's to compare."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest

import links
import notebooks
from course import START, Course, Lesson, read_notebook, write_notebook

COURSE = Course()
LESSONS = pytest.mark.parametrize("lesson", COURSE.lessons, ids=lambda lesson: lesson.name)


@LESSONS
def test_a_notebook_is_executed_and_clean(lesson: Lesson) -> None:
    assert notebooks.problems(lesson.path) == []


@LESSONS
def test_a_notebook_shows_something(lesson: Lesson) -> None:
    """A notebook without outputs passes strict nbval and tests nothing."""
    assert any(cell.get("outputs") for cell in read_notebook(lesson.path)["cells"])


@LESSONS
def test_a_notebook_is_valid(lesson: Lesson) -> None:
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
    nbformat.validate(nbformat.read(lesson.path, as_version=4))


@LESSONS
def test_a_lesson_ends_with_its_neighbours(lesson: Lesson) -> None:
    foot = read_notebook(lesson.path)["cells"][-1]
    assert links.is_navigation(foot), f"{lesson.name} has no navigation cell at its foot; run `make links`"
    assert foot["source"] == links.navigation(COURSE.lessons, lesson)


@LESSONS
def test_links_between_files_of_the_course_resolve(lesson: Lesson) -> None:
    prose = "\n".join(
        c["source"] for c in read_notebook(lesson.path)["cells"] if c["cell_type"] == "markdown"
    )
    targets = re.findall(r"\]\((?!https?:|mailto:|attachment:|#)([^)#\s]+)", prose)
    broken = [target for target in targets if not (lesson.path.parent / target).exists()]
    assert broken == []


def test_the_course_has_a_start() -> None:
    assert COURSE.lessons, "there is no notebook under notebooks/"
    assert COURSE.lessons[0].name == START


def test_no_stray_file_lies_among_the_notebooks() -> None:
    assert notebooks.strays(COURSE) == []


# -- the tools that say so -----------------------------------------------------------------------------------


@pytest.fixture
def good() -> dict[str, Any]:
    """A small notebook, executed and clean."""
    print_cell = {
        "cell_type": "code",
        "execution_count": 1,
        "id": "",
        "metadata": {},
        "outputs": [{"output_type": "stream", "name": "stdout", "text": ["4\n"]}],
        "source": "print(2 + 2)",
    }
    title = {
        "cell_type": "markdown",
        "id": "",
        "metadata": {},
        "source": "# 04 Share a lock\n\n**You'll see** a wait.",
    }
    return notebooks.tidied(
        {"cells": [title, print_cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    )


def problems_of(notebook: dict[str, Any], folder: Path) -> list[str]:
    path = folder / "04_share_a_lock.ipynb"
    write_notebook(path, notebook)
    return notebooks.problems(path)


def test_an_executed_clean_notebook_has_no_problem(good: dict[str, Any], tmp_path: Path) -> None:
    assert problems_of(good, tmp_path) == []


def test_a_notebook_that_was_not_executed_is_refused(good: dict[str, Any], tmp_path: Path) -> None:
    good["cells"][1]["execution_count"] = None
    assert "not 1 to 1" in problems_of(good, tmp_path)[0]


def test_a_stripped_output_is_refused(good: dict[str, Any], tmp_path: Path) -> None:
    good["cells"][1]["outputs"] = []
    assert "no stored output" in problems_of(good, tmp_path)[0]


def test_an_error_is_refused_unless_the_cell_announces_it(good: dict[str, Any], tmp_path: Path) -> None:
    error = {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": []}
    good["cells"][1]["outputs"] = [error]
    assert "ends in ValueError" in problems_of(good, tmp_path)[0]
    good["cells"][1]["metadata"]["tags"] = ["raises-exception"]
    assert problems_of(good, tmp_path) == []


@pytest.mark.parametrize(
    "text",
    ["/home/ann/course/x.py", "C:\\course\\x.py", "<Lock at 0x7f3a5c0d>", "File /tmp/ipykernel_1/2.py:3"],
)
def test_what_differs_between_machines_is_refused(good: dict[str, Any], tmp_path: Path, text: str) -> None:
    good["cells"][1]["outputs"][0]["text"] = [text]
    assert "differs between machines" in problems_of(good, tmp_path)[0]


@pytest.mark.parametrize(
    "text", ["reader / writer", "3.0 s/wait", "see https://docs.python.org/opt/x", "and/or"]
)
def test_ordinary_slashes_are_no_paths(good: dict[str, Any], tmp_path: Path, text: str) -> None:
    good["cells"][1]["outputs"][0]["text"] = [text]
    assert problems_of(good, tmp_path) == []


def test_tidying_removes_what_differs_from_run_to_run(good: dict[str, Any]) -> None:
    noisy = copy.deepcopy(good)
    noisy["metadata"] |= {"widgets": {"state": {}}, "language_info": {"name": "python", "version": "3.13.0"}}
    noisy["cells"][0]["id"] = "f00dcafe"
    noisy["cells"][1]["metadata"]["execution"] = {"iopub.status.busy": "2026-01-01T00:00:00Z"}
    noisy["cells"][1]["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": "4"},
        {"output_type": "stream", "name": "stdout", "text": ["\n"]},
    ]
    assert noisy != good
    assert notebooks.tidied(noisy) == good


def test_tidying_keeps_a_figure_and_drops_the_widget_view(good: dict[str, Any]) -> None:
    data = {"image/png": "iVBO\n", "text/plain": "a\nb", notebooks.WIDGET_VIEW: {"model_id": "0123"}}
    good["cells"][1]["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]
    (output,) = notebooks.tidied(good)["cells"][1]["outputs"]
    assert output["data"] == {"image/png": "iVBO\n", "text/plain": ["a\n", "b"]}


def test_tidying_joins_the_pieces_of_a_stream_that_a_widget_view_parted(good: dict[str, Any]) -> None:
    view = {"output_type": "display_data", "data": {notebooks.WIDGET_VIEW: {}}, "metadata": {}}
    pieces = [{"output_type": "stream", "name": "stdout", "text": [text]} for text in ("4", "\n")]
    noisy = copy.deepcopy(good)
    noisy["cells"][1]["outputs"] = [pieces[0], view, pieces[1]]
    assert notebooks.tidied(noisy) == good


def test_equal_cells_get_different_ids(good: dict[str, Any]) -> None:
    good["cells"].append(copy.deepcopy(good["cells"][1]))
    identities = [cell["id"] for cell in notebooks.tidied(good)["cells"]]
    assert len(set(identities)) == 3


@pytest.mark.parametrize(
    ("source", "shows"),
    [
        ("run", True),
        ("x = 1\nprint(x)", True),
        ("x = 1", False),
        ("def f():\n    print(1)", False),
        ("%%trace\nx", False),
    ],
)
def test_it_is_known_which_cells_must_have_an_output(source: str, shows: bool) -> None:
    assert notebooks.shows_something(source) is shows


# -- executing, with a real kernel ---------------------------------------------------------------------------


def unexecuted(folder: Path, source: str) -> Path:
    cell = {
        "cell_type": "code",
        "execution_count": None,
        "id": "a",
        "metadata": {},
        "outputs": [],
        "source": source,
    }
    path = folder / "04_share_a_lock.ipynb"
    write_notebook(path, {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    return path


def test_executing_stores_what_came_out_and_leaves_a_clean_file(tmp_path: Path) -> None:
    path = unexecuted(tmp_path, "import os\nprint(os.listdir())\n2 + 2")
    assert notebooks.problems(path) != []
    notebooks.execute(path)
    assert notebooks.problems(path) == []
    shown, value = read_notebook(path)["cells"][0]["outputs"]
    assert shown["text"] == ["['04_share_a_lock.ipynb']\n"]
    assert value["data"] == {"text/plain": ["4"]}


def test_a_cell_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = unexecuted(tmp_path, "1 / 0")
    before = path.read_bytes()
    with pytest.raises(SystemExit, match=r"(?s)04_share_a_lock\.ipynb: .*1 / 0.*ZeroDivisionError"):
        notebooks.execute(path)
    assert path.read_bytes() == before
