"""The page of a run in headless Chromium, with the keyboard alone.

Needs Chromium and Python's playwright, as tests/test_browser.py; skipped where one is missing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from logs import LogBuilder
from test_browser import CHROMIUM, browsing
from test_page import deadlock, one_waits

from tracing import Lock, Thread, Trace, record

SECONDS = 60  # for everything that a step may take
EVENTS = 100_000
FRAME = 1.0  # s of all processes of the browser; it takes 0.04, and drawing each event would take longer

MISSING = [
    what for what, there in {"Chromium": CHROMIUM, "playwright": find_spec("playwright")}.items() if not there
]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(3 * SECONDS),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with browsing(MARK) as found:
        yield found


MARK = f"--user-agent=page-of-{os.getpid()}"  # by which the browser's processes are found


@contextmanager
def opened(browser: Any, path: Path, **settings: Any) -> Iterator[Any]:
    """The page, with its errors and whatever it asks for from elsewhere."""
    from playwright.sync_api import Error

    context = browser.new_context(viewport={"width": 1300, "height": 900}, **settings)
    page = context.new_page()
    page.set_default_timeout(SECONDS * 1000)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text))
    page.on("request", lambda request: wrong.append(request.url) if request.url[:5] == "http:" else None)
    page.goto(path.as_uri())
    yield page
    with suppress(Error):  # the browser has died since
        context.close()
    assert wrong == []


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("page") / "run.html"
    deadlock().to_html(found)
    return found


def told(page: Any) -> str:
    return str(page.locator("#told").inner_text())


def picture(page: Any) -> str:
    """What is drawn, once it is."""
    return str(
        page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame("
            "() => done(document.getElementById('chart').toDataURL()))))"
        )
    )


def test_the_keyboard_alone_goes_from_a_wait_to_who_held_it_and_event_by_event(
    browser: Any, path: Path
) -> None:
    with opened(browser, path) as page:
        page.keyboard.press("w")
        while " waits for lock_" not in told(page):
            page.keyboard.press("w")
        assert "held by bob since line" in told(page)
        page.keyboard.press("Enter")
        assert "→" in told(page)
        assert ": bob acquires lock_b at line" in told(page)
        number = int(told(page).partition("→ ")[2].split()[0])
        page.keyboard.press("ArrowRight")
        assert told(page).startswith(f"{number + 1} of ")
        page.keyboard.press("ArrowLeft")
        assert told(page).startswith(f"{number} of ")
        page.keyboard.press("Home")
        assert told(page).startswith("1 of ")
        page.keyboard.press("ArrowLeft")
        assert told(page).startswith("1 of ")


def test_the_question_mark_lists_the_keys_and_escape_closes_the_list(browser: Any, path: Path) -> None:
    with opened(browser, path) as page:
        page.keyboard.press("?")
        assert page.locator("#keys").is_visible()
        assert "the next wait" in page.locator("#keys").inner_text()
        page.keyboard.press("ArrowRight")  # for the list, not for what is behind it
        assert told(page) == ""
        page.keyboard.press("Escape")
        assert not page.locator("#keys").is_visible()


def test_keys_come_closer_move_and_show_all_again(browser: Any, path: Path) -> None:
    with opened(browser, path) as page:
        whole = picture(page)
        page.keyboard.press("+")
        closer = picture(page)
        page.keyboard.press("Shift+ArrowRight")
        moved = picture(page)
        page.keyboard.press("0")
        assert len({whole, closer, moved}) == 3
        assert picture(page) == whole


def test_each_button_can_be_reached_and_pressed_by_keys(browser: Any, path: Path) -> None:
    with opened(browser, path) as page:
        whole = picture(page)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == "closer"
        page.keyboard.press("Enter")
        assert picture(page) != whole


def test_a_click_on_a_wait_goes_to_who_held_it(browser: Any, tmp_path: Path) -> None:
    one_waits().to_html(tmp_path / "run.html")
    with opened(browser, tmp_path / "run.html") as page:
        page.locator("#chart").scroll_into_view_if_needed()
        box = page.locator("#chart").bounding_box()
        quarter = box["x"] + 150 + 0.25 * (box["width"] - 150)
        lanes = [box["y"] + 22 + 34 * number + 12 for number in range(3)]
        page.mouse.move(quarter, lanes[2])
        assert "bob: waiting for 2 s" in page.locator("#tip").inner_text()
        page.mouse.click(quarter, lanes[2])
        assert "bob waited 2.0 s for lock_a, held by ann since line" in told(page)
        assert ": ann acquires lock_a at line" in told(page)


def test_a_long_hold_is_drawn_and_told_where_many_short_ones_began_later_and_are_over(
    browser: Any, tmp_path: Path
) -> None:
    log = LogBuilder()
    long, short = log.thread("long"), log.thread("short")
    pool = log.semaphore("pool", value=2)
    log.acquired(long, pool)
    for time in range(1, 60):
        log.at(time).acquired(short, pool).released(short, pool)
    log.at(1000).released(long, pool)
    Trace(log.build()).to_html(tmp_path / "run.html")
    with opened(browser, tmp_path / "run.html") as page:
        page.locator("#chart").scroll_into_view_if_needed()
        for _ in range(3):
            page.keyboard.press("+")  # around the middle: the short ones are out of sight
        box = page.locator("#chart").bounding_box()
        top = 22 + 34 * 2 + 12
        page.mouse.move(box["x"] + 600, box["y"] + top)
        assert "pool: long has it for 1" in page.locator("#tip").inner_text()
        assert picture(page)
        ground, ink = page.evaluate(
            "top => { const row = document.getElementById('chart').getContext('2d')"
            ".getImageData(0, top, 901, 1).data;"
            " return [2, 900].map(x => row.slice(4 * x, 4 * x + 3).join()); }",
            top,
        )
        assert ground != ink


def test_a_long_hold_is_drawn_that_begins_within_the_pixel_of_a_short_one(
    browser: Any, tmp_path: Path
) -> None:
    log = LogBuilder()
    short, long = log.thread("short"), log.thread("long")
    lock = log.lock("lock_a")
    log.acquired(short, lock).at(1).released(short, lock)
    log.at(2).acquired(long, lock).at(50_000).released(long, lock)
    Trace(log.build(end=100_000)).to_html(tmp_path / "run.html")
    with opened(browser, tmp_path / "run.html") as page:
        page.locator("#chart").scroll_into_view_if_needed()
        assert picture(page)
        # Held, and free: below the thread, and in the lock's lane.
        inks = page.evaluate(
            "tops => { const across = 1201, chart = document.getElementById('chart').getContext('2d');"
            " const pixels = chart.getImageData(0, 0, across, 150).data;"
            " return tops.map(top => [300, 1200].map(x => {"
            " const at = 4 * (top * across + x); return pixels.slice(at, at + 3).join(); })); }",
            [22 + 34 + 25, 22 + 2 * 34 + 14],
        )
        assert all(held != free for held, free in inks)


def test_without_script_all_is_to_be_read(browser: Any, path: Path) -> None:
    with opened(browser, path, java_script_enabled=False) as page:
        assert page.locator("#still img").is_visible()
        assert not page.locator("#live").is_visible()
        assert "Deadlock: ann waits for lock_b" in page.locator("main").inner_text()


def test_it_is_dark_where_the_reader_s_screen_is(browser: Any, path: Path) -> None:
    grounds = {}
    for scheme in ("light", "dark"):
        with opened(browser, path, color_scheme=scheme) as page:
            ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
            drawn = page.evaluate(
                "[...document.getElementById('chart').getContext('2d').getImageData(2, 2, 1, 1).data]"
            )
            assert ground == f"rgb({', '.join(map(str, drawn[:3]))})"
            grounds[scheme] = sum(drawn[:3])
    assert grounds["dark"] < 150 < 700 < grounds["light"]


@pytest.fixture(scope="module")
def long_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 100,000 events."""
    with record("long") as run:
        locks = Lock(), Lock()

        def work() -> None:
            for number in range(EVENTS // 16):
                with locks[number % 2]:
                    pass

        threads = [Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(run) >= EVENTS
    found = tmp_path_factory.mktemp("page") / "long.html"
    run.to_html(found)
    return found


def spent() -> float:
    """Seconds of the processor that the browser's processes have taken."""
    ticks = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if MARK in (folder / "cmdline").read_text(encoding="utf-8", errors="replace"):
                numbers = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
                ticks += int(numbers[11]) + int(numbers[12])
        except OSError:  # it has ended just now
            pass
    return ticks / os.sysconf("SC_CLK_TCK")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="what a process takes is read from /proc")
def test_a_hundred_thousand_events_stay_fluid(browser: Any, long_run: Path) -> None:
    with opened(browser, long_run) as page:
        whole, before = picture(page), spent()
        keys = [*"++++", "w", "w", "ArrowRight", "Shift+ArrowRight", *"----", "End", "Home", "0"]
        for key in keys:
            page.keyboard.press(key)
            page.evaluate(
                "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
            )
        assert 0 < (spent() - before) / len(keys) < FRAME
        assert told(page).startswith("1 of 10")
        assert whole
