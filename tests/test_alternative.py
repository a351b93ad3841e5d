"""The alternative text of each figure: what somebody who does not see it gets at once."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Callable
from functools import cache
from html.parser import HTMLParser
from importlib.util import find_spec
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scenarios import races

from tracing import Lock, Thread, Trace, compare, explore, mark, simulate, sleep
from tracing.trace import MOST_TO_EXAMINE
from tracing.views.alternative import LONGEST, described


def crossing() -> None:
    one, other = Lock(), Lock()

    def cross(first: Lock, second: Lock) -> None:
        with first:
            sleep(0.1)
            with second:
                pass

    Thread(target=cross, args=(one, other), name="ann").start()
    Thread(target=cross, args=(other, one), name="bob").start()


@cache
def crossed(title: str = "crossing") -> Trace:
    with simulate(title=title) as run:
        crossing()
    return run


@cache
def plain() -> Trace:
    with simulate(title="fine") as run:
        mark("looks")
    return run


FIGURES: dict[str, tuple[Callable[[], Any], list[str]]] = {
    "timeline": (crossed, ['Timeline of "crossing" with MainThread, ann and bob.', "Deadlock"]),
    "a timeline in which nothing is wrong": (
        plain,
        ['Timeline of "fine" with MainThread.', "Nothing is found wrong."],
    ),
    "comparison": (
        lambda: compare(crossed(), plain()),
        ['Timelines of "crossing" with MainThread, ann and bob, and of "fine" with MainThread.'],
    ),
    "exploration": (
        lambda: explore(races.lost_update, grain="bytecode"),
        ["lost_update fails", "lost_update passes", "Lost update: ann read counter", "The runs are the same"],
    ),
    "wait-for graph": (
        lambda: crossed().wait_for_graph(),
        ['Wait-for graph of "crossing" with MainThread, ann and bob: ', "is a circle: a deadlock."],
    ),
    "lock-order graph": (lambda: crossed().lock_order(), ['Lock-order graph of "crossing"', "can deadlock"]),
}
figures = pytest.mark.parametrize("name", FIGURES)


@cache
def shown(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    found: tuple[dict[str, Any], dict[str, Any]] = FIGURES[name][0]()._repr_mimebundle_()
    return found


@figures
def test_a_figure_says_in_a_line_what_it_is_of_who_is_in_it_and_what_was_found(name: str) -> None:
    _, metadata = shown(name)
    sentence = metadata["image/png"]["alt"]
    assert [part for part in FIGURES[name][1] if part not in sentence] == []
    assert "\n" not in sentence
    assert len(sentence) <= LONGEST


@figures
def test_the_picture_itself_has_the_sentence_as_its_description(name: str) -> None:
    data, metadata = shown(name)
    with Image.open(io.BytesIO(data["image/png"])) as image:
        image.load()
        assert image.info["Description"] == metadata["image/png"]["alt"]


def test_a_picture_that_is_saved_has_its_description() -> None:
    with Image.open(io.BytesIO(crossed().png())) as image:
        assert image.info["Description"].startswith('Timeline of "crossing"')
    assert crossed().png() == crossed()._repr_mimebundle_()[0]["image/png"]


def test_in_a_run_too_long_to_examine_nobody_says_that_nothing_is_wrong() -> None:
    with simulate(title="long") as run:
        for _ in range(MOST_TO_EXAMINE + 1):
            mark("again")
    assert "was not looked for" in run._alternative()


def test_an_exploration_without_a_run_to_show_has_no_picture_to_describe() -> None:
    found = explore(races.lost_update, schedules=1)
    if not found.runs():
        assert found._repr_mimebundle_()[1] == {}


@settings(deadline=None)
@given(st.text())
def test_any_sentence_leaves_the_picture_whole(sentence: str) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (2, 3), (10, 20, 30)).save(buffer, format="png")
    with Image.open(io.BytesIO(described(buffer.getvalue(), sentence))) as image:
        image.load()
        assert (image.size, image.getpixel((0, 0))) == ((2, 3), (10, 20, 30))
        assert image.info["Description"] == sentence.encode(errors="replace").decode()


# Where a notebook's image gets its `alt`: nbviewer draws notebooks by nbconvert, from the template `classic`.


class Images(HTMLParser):
    """The alternative texts of a page's images."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.told.append(dict(attrs).get("alt"))


def notebook(name: str) -> Any:
    from nbformat import v4

    data, metadata = shown(name)
    encoded = {"image/png": b64encode(data["image/png"]).decode(), "text/plain": data["text/plain"]}
    output = v4.new_output("display_data", data=encoded, metadata=metadata)
    return v4.new_notebook(cells=[v4.new_code_cell("run", outputs=[output])])


@pytest.mark.skipif(find_spec("nbconvert") is None, reason="not installed: nbconvert")
@figures
def test_a_notebook_as_a_page_has_the_sentence_at_the_image(name: str) -> None:
    from nbconvert import HTMLExporter

    page, _ = HTMLExporter(template_name="classic").from_notebook_node(notebook(name))
    images = Images()
    images.feed(page)
    assert images.told == [shown(name)[1]["image/png"]["alt"]]


@pytest.mark.skipif(find_spec("IPython") is None, reason="not installed: IPython")
@figures
def test_what_a_kernel_sends_has_the_sentence(name: str) -> None:
    from IPython.core.formatters import DisplayFormatter

    data, metadata = DisplayFormatter().format(FIGURES[name][0]())
    assert metadata["image/png"]["alt"] == shown(name)[1]["image/png"]["alt"]
    assert data["image/png"]
