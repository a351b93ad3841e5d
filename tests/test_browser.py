"""A reader opens the lesson in JupyterLab: headless Chromium runs all cells, finds no error and the figures.

Needs Chromium (on the path, or where CHROMIUM says) and Python's playwright; skipped where one is missing.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
LESSON = "04_lock.ipynb"
SECONDS = 60  # for everything that a step may take

ERROR = ".jp-Notebook [data-mime-type='application/vnd.jupyter.error']"
STDERR = ".jp-Notebook [data-mime-type='application/vnd.jupyter.stderr']"
SELECT_KERNEL = ".jp-Dialog button.jp-mod-accept"
FIGURE = ".jp-Notebook .jp-OutputArea-output img"

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
MISSING = [
    what
    for what, there in {
        "Chromium (install it, or set CHROMIUM to its path)": CHROMIUM,
        "playwright (python -m pip install playwright)": find_spec("playwright"),
        "JupyterLab (python -m pip install jupyterlab)": find_spec("jupyterlab"),
    }.items()
    if not there
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(10 * SECONDS),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]


@dataclass(frozen=True, kw_only=True)
class Lab:
    """A JupyterLab that runs on this machine."""

    port: int
    token: str

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}{'&' if '?' in path else '?'}token={self.token}"


def settings(folder: Path, token: str) -> list[str]:
    return [
        *("--no-browser", "--allow-root", "--ip=127.0.0.1", f"--IdentityProvider.token={token}"),
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        f"--ServerApp.root_dir={folder}",
    ]


def environment(folder: Path) -> dict[str, str]:
    """Nothing of the reader's own settings, and the package of this repository."""
    own = {
        name: str(folder / name.lower())
        for name in (
            "JUPYTER_CONFIG_DIR",
            "JUPYTER_RUNTIME_DIR",
            "JUPYTERLAB_SETTINGS_DIR",
            "JUPYTERLAB_WORKSPACES_DIR",
        )
    }
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, **own, "PYTHONPATH": path}


def render_everything(folder: Path) -> None:
    """JupyterLab leaves out the cells that are far from the window, unless it is told not to."""
    settings = folder / "jupyterlab_settings_dir" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}', encoding="utf-8")


TRIES = 5  # to start JupyterLab, which looks for a free port, and ends where another one is faster to take it


def port_of(folder: Path, process: subprocess.Popen[bytes]) -> int | None:
    """Where that JupyterLab listens, by the file in which it says so; None where it has ended before."""
    told = folder / "jupyter_runtime_dir" / f"jpserver-{process.pid}.json"
    while process.poll() is None:
        with suppress(FileNotFoundError, json.JSONDecodeError):  # not yet, or half of it
            return int(json.loads(told.read_text(encoding="utf-8"))["port"])
        time.sleep(0.05)
    return None


def wait_until_up(lab: Lab, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        with suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(lab.address("api/status"), timeout=5).close()
            return
        time.sleep(0.1)


@contextmanager
def started(folder: Path, token: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The process of a JupyterLab."""
    command = [sys.executable, "-m", "jupyterlab", *settings(folder, token)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment(folder), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """JupyterLab on a copy of the notebooks, on a port that it chose, with a token."""
    course = tmp_path / "notebooks"
    shutil.copytree(ROOT / "notebooks", course, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_*"))
    strip(course / LESSON)
    render_everything(tmp_path)
    token, log = secrets.token_hex(16), tmp_path / "lab.log"
    for _ in range(TRIES):
        with started(tmp_path, token, log) as process:
            port = port_of(tmp_path, process)
            if port is not None:
                found = Lab(port=port, token=token)
                wait_until_up(found, process)
                yield found
                return
    raise AssertionError(f"JupyterLab did not come up:\n{log.read_text(errors='replace')[-3000:]}")


def strip(path: Path) -> None:
    """Without stored outputs: what is seen afterwards was made now."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    path.write_text(json.dumps(notebook), encoding="utf-8")


@contextmanager
def browsing(*arguments: str) -> Iterator[Any]:
    """Chromium, headless."""
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", *arguments],
            timeout=SECONDS * 1000,
        )
        try:
            yield browser
        finally:
            with suppress(Error):  # it has died since: what a test asked of it, it got
                browser.close()


@contextmanager
def opened(lab: Lab, notebook: str) -> Iterator[Any]:
    """A page with one of the notebooks, its kernel idle."""
    with browsing() as browser:
        page = browser.new_page(viewport={"width": 1300, "height": 900})
        page.set_default_timeout(SECONDS * 1000)
        page.goto(lab.address(f"lab/tree/notebooks/{notebook}?reset"))
        page.get_by_text("Python 3 (ipykernel)").first.wait_for()
        page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']")
        yield page


@pytest.fixture
def page(lab: Lab) -> Iterator[Any]:
    """The lesson, opened."""
    with opened(lab, LESSON) as page:
        yield page


def stored() -> tuple[int, int, int]:
    """How many code cells of the lesson show their code, and so a number; how many figures it has; and how
    many outputs that prove something.
    """
    cells = json.loads((ROOT / "notebooks" / LESSON).read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    code = sum(
        cell["cell_type"] == "code" and not cell["metadata"].get("jupyter", {}).get("source_hidden")
        for cell in cells
    )
    proofs = sum("✓" in "".join(output.get("text", "")) for output in outputs)
    return code, sum("image/png" in output.get("data", {}) for output in outputs), proofs


def run_all(page: Any) -> None:
    """Run > Run All Cells. While JupyterLab still connects it may do nothing, or ask for the kernel."""
    from playwright.sync_api import TimeoutError as TooLate

    for _ in range(4):
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        with suppress(TooLate):
            page.wait_for_selector(".jp-CodeCell .jp-InputPrompt:text-matches('[*0-9]')", timeout=5_000)
            return
        if page.locator(SELECT_KERNEL).count():
            page.locator(SELECT_KERNEL).click()
    raise AssertionError("JupyterLab ran no cell")


HAVE_RUN = """error => document.querySelector(error) !== null ? Infinity :
    [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]
    .filter(each => /\\[\\d+\\]/.test(each.textContent)).length"""


def wait_until_run(page: Any, cells: int) -> None:
    """Until so many cells have a number, or one has failed. Each may take its time."""
    from playwright.sync_api import TimeoutError as TooLate

    have_run = 0
    while have_run < cells:
        try:
            page.wait_for_function(
                f"([error, before]) => ({HAVE_RUN})(error) > before", arg=[ERROR, have_run]
            )
        except TooLate:
            prompts = " ".join(page.locator(".jp-CodeCell .jp-InputPrompt").all_inner_texts())
            raise AssertionError(f"no other cell has run for {SECONDS} s: {prompts}") from None
        have_run = page.evaluate(HAVE_RUN, ERROR)


def test_all_cells_of_the_lesson_run_in_jupyterlab_and_show_their_figures(page: Any) -> None:
    cells, figures, proofs = stored()
    assert page.locator(FIGURE).count() == 0
    run_all(page)
    wait_until_run(page, cells)
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']")
    assert page.locator(f"{ERROR}, {STDERR}").all_inner_texts() == []
    assert page.locator(FIGURE).count() == figures > 0
    assert page.locator(".jp-OutputArea-output", has_text="✓").count() == proofs > 0
    widths = page.locator(FIGURE).evaluate_all("images => images.map(image => image.naturalWidth)")
    assert all(width > 500 for width in widths)


def test_each_figure_has_its_alternative_text_where_the_lesson_is_drawn_as_nbviewer_does(
    tmp_path: Path,
) -> None:
    """By what a browser tells a screen reader. JupyterLab gives no image any; see views/alternative.py."""
    from nbconvert import HTMLExporter

    drawn, _ = HTMLExporter(template_name="classic").from_filename(str(ROOT / "notebooks" / LESSON))
    path = tmp_path / "lesson.html"
    path.write_text(drawn, encoding="utf-8")
    with browsing() as browser:
        page = browser.new_context(offline=True).new_page()
        page.goto(path.as_uri(), wait_until="domcontentloaded")
        told = [image.get_attribute("alt") or "" for image in page.get_by_role("img").all()]
        assert (
            page.get_by_role("img", name='Timeline of "Two threads, one lock" with MainThread').count() == 1
        )
    assert len(told) == stored()[1] > 0
    assert all(re.match("(Timelines? of|Wait-for graph of|Lock order of) ", each) for each in told), told
