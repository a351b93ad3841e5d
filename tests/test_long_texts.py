"""A name, a message or a place may be as long as it likes: what a view does and says depends on its room."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from logs import LogBuilder
from matplotlib.backends.backend_agg import RendererAgg

from tracing import Trace, compare
from tracing.events import Site
from tracing.views.timeline.words import width


class Log(LogBuilder):
    """A log all of whose texts are as long as `length`, no two of them alike."""

    def __init__(self, length: int) -> None:
        super().__init__(title=self.words("title", length))
        self.length = length

    @staticmethod
    def words(first: str, length: int) -> str:
        """So many characters, no stretch like another, so that no cache spares a measuring."""
        return " ".join([first, *(f"{number}{first}" for number in range(length // len(first) + 1))])[:length]

    def site(self, line: int) -> int:
        where = self.words(f"line{line}", self.length)
        self.sites.append(Site(file=f"{where}.py", line=line, function=where))
        return len(self.sites)


def deadlock(length: int) -> Trace:
    """Two threads that wait for each other, one that fails, an object misused, a note."""
    log = Log(length)
    main = log.thread(log.words("main", length))
    ann, ben, eve = (log.spawn(main, log.words(name, length), line=1) for name in ("ann", "ben", "eve"))
    one, two = (log.lock(log.words(name, length)) for name in ("one", "two"))
    log.at(1).acquired(ann, one, line=2).acquired(ben, two, line=3)
    log.at(2).failed(eve, log.words("ValueError", length), line=4)
    log.refused(main, one, log.words("refused", length), line=5).note(main, log.words("note", length))
    log.at(5).wait(ann, two, line=6).wait(ben, one, line=7)
    log.at(9).cut(ann, two).cut(ben, one)
    notes, leaked = (log.words("about", length),), (log.words("leak", length),)
    return Trace(log.build(end=10, reason="deadlock", notes=notes, leaked=leaked))


def inverted(length: int) -> Trace:
    """Two threads that take two locks in both orders, one after the other."""
    log = Log(length)
    main = log.thread(log.words("main", length))
    locks = [log.lock(log.words(name, length)) for name in ("one", "two")]
    for order in (locks, locks[::-1]):
        thread = log.spawn(main, log.words(f"thread{order}", length))
        for lock in order:
            log.at(log.now + 1).acquired(thread, lock, line=log.now)
        for lock in order[::-1]:
            log.at(log.now + 1).released(thread, lock, line=log.now)
    return Trace(log.build())


DRAWN: dict[str, Callable[[int], object]] = {
    "timeline": lambda length: deadlock(length).png(),
    "wait-for graph": lambda length: deadlock(length).wait_for_graph().figure(),
    "lock-order graph": lambda length: inverted(length).lock_order().figure(),
    "comparison": lambda length: compare(deadlock(length), inverted(length))._repr_mimebundle_()[0],
}
SAID: dict[str, Callable[[int], str]] = {
    "text": lambda length: deadlock(length).text(),
    "explain": lambda length: deadlock(length).explain(),
    "table": lambda length: str(deadlock(length).table()),
    "table in HTML": lambda length: deadlock(length).table()._repr_html_(),
    "findings": lambda length: "\n".join(map(str, deadlock(length).findings)),
    "wait-for graph": lambda length: deadlock(length).wait_for_graph().text(),
    "lock-order graph": lambda length: inverted(length).lock_order().text(),
    "comparison": lambda length: compare(deadlock(length), inverted(length)).text(),
}


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that is measured from now on."""
    texts: list[str] = []
    measure = RendererAgg.get_text_width_height_descent

    def noting(self: RendererAgg, text: str, *rest: object) -> object:
        texts.append(text)
        return measure(self, text, *rest)  # type: ignore[no-untyped-call]

    width.cache_clear()
    monkeypatch.setattr(RendererAgg, "get_text_width_height_descent", noting)
    return texts


@pytest.mark.parametrize("length", [300, 10_000])
@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_drawing_measures_few_words_however_long_the_texts_are(
    draw: Callable[[int], object], length: int, measured: list[str]
) -> None:
    """A picture of short names measures about 100 to 200 times, a letter of a long one more costs nothing."""
    draw(length)
    assert measured
    assert len(measured) <= 600
    assert sum(map(len, measured)) <= 40_000


@pytest.mark.parametrize("say", SAID.values(), ids=SAID)
def test_words_take_no_more_room_however_long_the_texts_are(say: Callable[[int], str]) -> None:
    assert len(say(10_000)) == len(say(300))
