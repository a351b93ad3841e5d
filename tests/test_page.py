"""The page of a run: everything on it is there without script, escaped, and from no other place."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from gallery import GALLERY

import tracing
from tracing import Lock, Thread, Trace, simulate
from tracing.commanding import main
from tracing.events import EventLog
from tracing.model import State, fold
from tracing.views.page.data import STATES, data_of
from tracing.views.timeline import Palette

NASTY = "</script><img src=x onerror=alert(1)>&\"'\ud800 \u2028"
VOID = {"meta", "link", "img", "br"}


class Reader(HTMLParser):
    """The elements of a page, which have to be closed; its words outside of scripts and styles; its data."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.words, self.json = "", ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)
        self._is_data = ("type", "application/json") in attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.json += data if self._is_data else ""
        elif self.open and self.open[-1] != "style":
            self.words += data


def deadlock() -> Trace:
    with simulate(title="Two locks", seed=1) as run:
        lock_a, lock_b = Lock(), Lock()

        def take(first: Lock, second: Lock) -> None:
            with first:
                tracing.sleep(1)
                with second:
                    pass

        Thread(target=take, args=(lock_a, lock_b), name="ann").start()
        Thread(target=take, args=(lock_b, lock_a), name="bob").start()
    return run


def one_waits() -> Trace:
    """ann holds the lock for 2 s, and bob waits for it as long."""
    with simulate(title="One waits", seed=0) as run:
        lock_a = Lock()

        def hold() -> None:
            with lock_a:
                tracing.sleep(2)

        for name in ("ann", "bob"):
            Thread(target=hold, name=name).start()
    return run


def page_of(run: Trace, folder: Path) -> tuple[str, Reader]:
    run.to_html(folder / "run.html")
    text = (folder / "run.html").read_text(encoding="utf-8")
    return text, Reader(text)


def renamed(log: EventLog, name: str) -> EventLog:
    return replace(
        log,
        title=name,
        threads=tuple(replace(each, name=name) for each in log.threads),
        objects=tuple(replace(each, name=name) for each in log.objects),
        sites=tuple(replace(each, file=name, text=name, function=name) for each in log.sites),
        texts=tuple(name for _ in log.texts),
    )


def test_the_page_says_without_script_what_the_run_says(tmp_path: Path) -> None:
    run = deadlock()
    _, page = page_of(run, tmp_path)
    assert page.open == []
    words = " ".join(page.words.split())
    for said in (run.text(), run.explain(), *(finding.sentence for finding in run.findings)):
        assert " ".join(said.split()) in words
    assert "Two locks" in words
    assert ("img", "alt", run._alternative()) in page.attributes
    assert words.count("ann") > 3
    for cell in ("acquisitions", "lock_a", "cut off"):
        assert cell in words


def test_the_page_needs_nothing_from_anywhere(tmp_path: Path) -> None:
    text, page = page_of(deadlock(), tmp_path)
    assert all(
        value.startswith("data:")
        for _, name, value in page.attributes
        if name in {"src", "href", "srcset", "action", "data"}
    )
    assert ("meta", "http-equiv", "Content-Security-Policy") in page.attributes
    assert not re.search(r"https?:|@import|url\(|fetch\(|XMLHttpRequest|import\(", text)


def test_no_name_of_a_program_becomes_an_element_or_ends_one(tmp_path: Path) -> None:
    plain, (_, page) = Reader(""), page_of(deadlock(), tmp_path)
    expected = page.tags
    text, page = page_of(Trace(renamed(deadlock().log, NASTY)), tmp_path)
    assert page.tags == expected != plain.tags
    assert page.open == []
    assert "onerror" not in {name for _, name, _ in page.attributes}
    assert "<img src=x" in page.words
    assert "<img src=x" in json.loads(page.json)["threads"][0]["name"]
    text.encode()


@pytest.mark.parametrize("name", sorted(GALLERY.keys() - {"dense"}))
def test_every_kind_of_run_becomes_a_page_whose_columns_agree(name: str) -> None:
    log = GALLERY[name]().log
    model = fold(log)
    data = json.loads(json.dumps(data_of(log, model, Palette())))
    assert data["times"] == list(log.times)
    assert data["by"] == [event.thread for event in log]
    assert len(data["said"]) == len(log)
    assert all(0 <= said < len(data["phrases"]) for said in data["said"])
    for thread, known in zip(data["threads"], model.threads, strict=True):
        assert len(thread["starts"]) == len(thread["states"]) == len(thread["waits"]) == len(known.spans)
        assert [STATES[state] for state in thread["states"]] == [span.state for span in known.spans]
    for thing in data["things"]:
        assert thing["from"] == sorted(thing["from"])
        assert len(thing["times"]) == len(thing["values"])


def test_a_wait_knows_who_held_it_and_since_when(tmp_path: Path) -> None:
    run = deadlock()
    data: dict[str, Any] = json.loads(page_of(run, tmp_path)[1].json)
    names = [thread["name"] for thread in data["threads"]]
    waits = data["waits"]
    found = {
        (names[thread - 1], names[holder - 1]): since
        for thread, holder, since, thing in zip(
            waits["thread"], waits["holder"], waits["since"], waits["thing"], strict=True
        )
        if thing
    }
    holds = {hold.thread: hold.start for each in run.model.objects for hold in each.holds}
    assert found == {
        ("ann", "bob"): holds[names.index("bob") + 1],
        ("bob", "ann"): holds[names.index("ann") + 1],
    }


def test_a_wait_without_end_that_began_at_the_end_has_room_to_be_seen(tmp_path: Path) -> None:
    run = deadlock()
    data: dict[str, Any] = json.loads(page_of(run, tmp_path)[1].json)
    assert data["end"] == run.model.duration < data["duration"]
    ann, bob = data["threads"][1:]
    for thread in (ann, bob):
        assert STATES[thread["states"][-1]] is State.WAITING
        assert thread["end"] - thread["starts"][-1] > 0.1 * data["duration"]
    assert [thing["to"] for thing in data["things"]] == [[data["duration"]]] * 2
    assert all(" 0 s " in told for told in data["waits"]["told"])  # what it lasted in the record


def test_a_run_of_nothing_is_a_page(tmp_path: Path) -> None:
    from array import array

    _, page = page_of(Trace(EventLog(times=array("q"), codes=array("q"))), tmp_path)
    assert "Nothing was found to be wrong." in page.words


def test_the_command_writes_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "program.py").write_text("from threading import Lock\nwith Lock(): pass\n", encoding="utf-8")
    assert main(["-q", "-o", "run.html", "program.py"]) == 0
    assert "program.py" in Reader((tmp_path / "run.html").read_text(encoding="utf-8")).words
