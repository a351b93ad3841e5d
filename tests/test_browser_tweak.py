"""A reader drags a slider in JupyterLab, moves it from the keyboard, and sees the picture change.

Needs what `test_browser.py` needs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_browser import ERROR, FIGURE, STDERR, Lab, lab, opened, pytestmark, run_all, wait_until_run

__all__ = ["lab", "pytestmark"]  # pytest finds them here

CELLS = (
    """from tracing import Semaphore, Thread, sleep, tweak


def crossing(cars=3, permits=2, hold_s=0.5):
    gate = Semaphore(permits)

    def cross():
        with gate:
            sleep(hold_s)

    for number in range(cars):
        Thread(target=cross, name=f"car-{number + 1}").start()""",
    "tweaked = tweak(crossing, cars=(1, 8), permits=(1, 4), hold_s=(0.1, 2.0), seed=(0, 9))\ntweaked",
    "print(tweaked.values['cars'], len(tweaked.run.model.threads))",
)
HANDLE = ".noUi-handle"
READOUT = ".widget-readout"
WATCH = """selector => {
    const output = document.querySelector(selector).closest('.jp-OutputArea-output');
    window.lowest = Infinity;
    const look = () => {
        window.lowest = Math.min(window.lowest, output.getBoundingClientRect().height);
        requestAnimationFrame(look);
    };
    look();
}"""


@pytest.fixture
def page(lab: Lab, tmp_path: Path) -> Iterator[Any]:
    """A notebook with sliders, executed."""
    cells = [
        {
            "cell_type": "code",
            "id": f"c{n}",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": s,
        }
        for n, s in enumerate(CELLS)
    ]
    kernel = {"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}}
    text = json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})
    (tmp_path / "notebooks" / "tweak.ipynb").write_text(text, encoding="utf-8")
    with opened(lab, "tweak.ipynb") as page:
        run_all(page)
        wait_until_run(page, len(CELLS))
        page.wait_for_selector(HANDLE)
        yield page


def figure_height(page: Any) -> int:
    return int(page.locator(FIGURE).first.evaluate("image => image.naturalHeight"))


def wait_for_figure(page: Any, condition: str, height: int) -> None:
    """Until the figure's height is such: it has a lane for each thread. "> height", "< height"."""
    page.wait_for_function(
        "([figure, height]) => { const image = document.querySelector(figure);"
        f" return image !== null && image.complete && image.naturalHeight {condition}; }}",
        arg=[FIGURE, height],
    )


def asked_again(page: Any) -> str:
    """What the last cell prints now."""
    cell = page.locator(".jp-CodeCell").nth(2)
    number = cell.locator(".jp-InputPrompt").inner_text()
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    page.wait_for_function(
        "number => ![number, '[*]:'].includes("
        "document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')[2].textContent.trim())",
        arg=number,
    )
    return str(cell.locator(".jp-OutputArea-output").inner_text()).strip()


def test_a_slider_is_moved_from_the_keyboard_and_dragged_and_the_figure_follows(page: Any) -> None:
    assert page.locator(FIGURE).count() == 1
    assert page.locator(HANDLE).count() == 4
    page.evaluate(WATCH, FIGURE)
    cars = page.locator(HANDLE).first

    before = figure_height(page)
    cars.focus()
    page.keyboard.press("ArrowRight")
    wait_for_figure(page, "> height", before)  # a lane more
    assert page.locator(READOUT).first.inner_text() == "4"
    assert asked_again(page) == "4 5"

    cars.scroll_into_view_if_needed()
    box = cars.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 400, y, steps=40)
    page.mouse.up()
    page.wait_for_function("readout => document.querySelector(readout).textContent === '1'", arg=READOUT)
    answers = (asked_again(page) for _ in range(20))  # the last position may still be on its way
    assert any(answer == "1 2" for answer in answers)
    wait_for_figure(page, "< height", before)

    assert page.locator(FIGURE).count() == 1
    assert page.evaluate("lowest") >= 100, "between two figures there was none"
    assert page.locator(f"{ERROR}, {STDERR}").all_inner_texts() == []
