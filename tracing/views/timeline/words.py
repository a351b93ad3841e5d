"""The words in a timeline: names made harmless, measured and shortened; what a wait is called, from full to
short.

Rule: a name is data. It is drawn as plain text, on one line, whatever it contains. Words are measured with
the font that is drawn.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Protocol

from tracing.diagnosis.names import Names
from tracing.events import EventLog, Kind
from tracing.model import Fate, Outcome, Wait
from tracing.model.table import TABLE
from tracing.natures import Nature, nature_of
from tracing.views.timeline.style import FONT
from tracing.views.units import duration

if TYPE_CHECKING:
    from matplotlib.backends.backend_agg import RendererAgg

LONGEST_NAME = 28  # characters of a name inside a sentence
LONGEST_SOURCE = 40  # of a source line
_FINE, _DRAWN = 720, 110  # dots an inch: as good as without hinting; as figures have it

_NARROWEST = 0.2  # of the size: every character of the font takes more, but for marks that stand on another


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """The text on one line, every character drawable.

    Line breaks are spaces; what the font has not is a box, and what cannot be seen, as a change of direction.
    """
    return "".join(
        c if c.isprintable() and ord(c) in _drawable() else "\u25a1" for c in " ".join(text.split())
    )


@lru_cache(maxsize=1)
def _drawable() -> frozenset[int]:
    from matplotlib.font_manager import findfont, get_font

    return frozenset(get_font(findfont(FONT)).get_charmap())


def shortened(text: str, longest: int = LONGEST_NAME, *, middle: bool = True, at: int = 0) -> str:
    """At most `longest` characters.

    The middle gives way, because names differ at their ends (else the end does). `at`: the character at which
    it differs from other names, and which is to stay, with what is around it.
    """
    if len(text) <= longest:
        return text
    if at and (kept := _around(text, longest, at)):
        return kept
    tail = (longest - 1) // 3 if middle else 0
    return text[: longest - 1 - tail] + "…" + (text[-tail:] if tail else "")


def _around(text: str, longest: int, at: int) -> str:
    """The beginning and what is around `at`; "" where there is no room for both."""
    head = (longest - 2) // 3
    room = longest - head - 2
    begin = at - room // 2
    if room < 3 or begin <= head + 1:
        return ""
    if begin + room + 1 >= len(text):
        return f"{text[:head]}…{text[head + 1 - longest :]}"
    return f"{text[:head]}…{text[begin : begin + room]}…"


def _first_difference(names: list[str]) -> int:
    """The character at which they are not all the same."""
    low, high = min(names), max(names)
    return next((i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), len(low))


def told_apart(names: Iterable[str], shorten: Callable[[str, int], str], at: int = 0) -> dict[str, str]:
    """Each name and how it is shortened; where that makes different names equal, so that they differ.

    Parameters: `shorten`, makes of a name, and of the character that is to stay (0: any), what fits.
    """
    groups: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        groups.setdefault(shorten(name, at), []).append(name)
    hopeless = at > 0 and len(groups) == 1
    found: dict[str, str] = {}
    for short, group in groups.items():
        alone = hopeless or len(group) == 1 or not short
        more = dict.fromkeys(group, short) if alone else told_apart(group, shorten, _first_difference(group))
        found.update(more)
    return found


def _for_sentences(name: str, at: int) -> str:
    return shortened(name, at=at)


# How wide words are


@lru_cache(maxsize=2)
def _renderer(dpi: int) -> RendererAgg:
    from matplotlib.backends.backend_agg import RendererAgg

    return RendererAgg(1, 1, dpi)  # type: ignore[no-untyped-call]


@lru_cache(maxsize=8192)
def width(text: str, size: float, bold: bool = False) -> float:
    """How wide a line of text is, in points.

    Never less than in a figure of ours, where hinting makes words of some sizes 7 % wider.
    """
    from matplotlib.font_manager import FontProperties

    font = FontProperties(family=FONT, size=size, weight="bold" if bold else "normal")
    fine, drawn = (
        _renderer(dpi).get_text_width_height_descent(text, font, False)[0] * 72 / dpi  # type: ignore[no-untyped-call]
        for dpi in (_FINE, _DRAWN)
    )
    return float(max(fine * 1.02, drawn)) + 0.4  # a little more, for other resolutions


def width_within(room: float, text: str, size: float) -> float:
    """How wide a line of text is, in points, or `room` where it is wider."""
    return min(room, width(text[: _most_letters(room, size) + 1], size))


def fits(text: str, size: float, room: float, bold: bool = False) -> bool:
    """Whether a line of text is at most `room` points wide."""
    return len(text) <= _most_letters(room, size) and width(text, size, bold) <= room


def fitted(text: str, size: float, room: float, bold: bool = False, middle: bool = True, at: int = 0) -> str:
    """The text, its middle (or its end) left out until it fits in `room` points. `at`: see `shortened`.

    "" when not even three characters do.
    """
    if fits(text, size, room, bold):
        return text
    lengths = range(3, min(len(text), _most_letters(room, size)) + 1)
    texts = [shortened(text, length, middle=middle, at=at) for length in lengths]
    too_long = bisect_left(texts, True, key=lambda each: width(each, size, bold) > room)
    return texts[too_long - 1] if too_long else ""


def _most_letters(room: float, size: float) -> int:
    """More never fit in `room` points."""
    return max(0, int(room / (size * _NARROWEST)))


# What things are called


class DrawnNames:
    """The names of one log, as they stand inside sentences and in front of lanes."""

    def __init__(self, log: EventLog) -> None:
        self.log = log

    def thread(self, number: int) -> str:
        """In full, on one line."""
        known = 0 < number <= len(self.log.threads)
        return plain(self.log.thread(number).name) or f"thread {number}" if known else f"thread {number}"

    def object(self, number: int) -> str:
        """In full, on one line."""
        known = 0 < number <= len(self.log.objects)
        return plain(self.log.object(number).name) or f"object {number}" if known else f"object {number}"

    def threads(self, numbers: tuple[int, ...], most: int = 3) -> str:
        """ "a, b and 4 more", each shortened."""
        listed = ", ".join(self.short_thread(n) for n in numbers[:most])
        return listed if len(numbers) <= most else f"{listed} and {len(numbers) - most} more"

    def short(self, number: int) -> str:
        """An object's name, short enough for a sentence."""
        name = self.object(number)
        return self._objects.get(name, name)

    def short_thread(self, number: int) -> str:
        """A thread's name, short enough for a sentence."""
        name = self.thread(number)
        return self._threads.get(name, name)

    @cached_property
    def _objects(self) -> dict[str, str]:
        return told_apart((self.object(info.number) for info in self.log.objects), _for_sentences)

    @cached_property
    def _threads(self) -> dict[str, str]:
        return told_apart((self.thread(info.number) for info in self.log.threads), _for_sentences)

    def thread_note(self, number: int) -> str:
        """What stands below its name."""
        info = self.log.thread(number)
        if info.timer:
            return f"{plain(self.type(info.timer))} {self.object(info.timer)}"
        return "daemon" if info.daemon else ""

    def object_note(self, number: int) -> str:
        """What stands below its name: what it is, and what it was made with."""
        info = self.log.object(number)
        nature, type_ = self.nature(number), plain(info.type)
        counts_from = nature.count is not None and nature.count.given  # then 0 is worth saying
        made_with = info.value or (info.value == 0 and counts_from)
        return nature.note.format(type=type_, value=info.value) if made_with else type_

    def lane(self, number: int) -> int:
        """The primitive in whose lane this one is drawn.

        Its Condition for a lock that the Condition made, else itself.
        """
        owner = self.log.object(number).owner if 0 < number <= len(self.log.objects) else 0
        return owner if 0 < owner <= len(self.log.objects) else number

    def lines(self, site: int) -> tuple[str, ...]:
        """What stands behind words where there is room, from full to short: " · line 12: with pan:"; none
        where the place is not recorded.
        """
        place = self._names.at(site, " · ")
        if not place:
            return ()
        source = shortened(plain(self.log.sites[site - 1].text), LONGEST_SOURCE, middle=False)
        return (f"{place}: {source}", place) if source else (place,)

    @cached_property
    def _names(self) -> Names:
        return Names(self.log)

    def left_by_exception(self, site: int) -> bool:
        """Whether an exception left a `with` block at that place."""
        return 0 < site <= len(self.log.sites) and self.log.sites[site - 1].raised

    def type(self, number: int) -> str:
        """ "Lock", "Semaphore", ..."""
        return self.log.object(number).type if 0 < number <= len(self.log.objects) else ""

    def nature(self, number: int) -> Nature:
        """What a primitive is."""
        return nature_of(self.log, number)


def sleep_texts(asked: int | None, long: str) -> tuple[str, ...]:
    """What a sleep is called, from full to short. asked: ns; long: how long it was, in words."""
    long = _even(duration(asked) if asked is not None else long)
    return tuple(dict.fromkeys((f"sleep {long}".rstrip(), long or "sleep")))


def _even(text: str) -> str:
    """A sleep is asked for in round numbers: "sleep 3 s"."""
    return text.replace(".0 s", " s")


def wait_texts(wait: Wait, names: DrawnNames, holders: tuple[int, ...], long: str) -> tuple[str, ...]:
    """What a wait is called, from full to short. holders: who had what it waited for, those who had it
    when the wait began first; long: how long it was, in words, "" where that says nothing.
    """
    if wait.target:
        return _join_texts(wait, names, long)
    name, waits = names.short(wait.obj), f"waits {long}".rstrip()
    broken = wait.outcome is Outcome.BROKEN
    nature = names.nature(wait.obj)
    what = (TABLE[wait.kind].aim or nature.drawn_aim).format(name)
    if wait.outcome is Outcome.OPEN:
        head = f"waits {what} for ever" if nature.elapses else f"still waits {what}"
    elif wait.outcome is Outcome.TIMED_OUT or (broken and wait.ended_by == wait.thread):
        head = f"{waits} {what}, gives up"
    else:
        head = f"{waits} {what}{' until it breaks' if broken else ''}"
    held = [f", {nature.had_by} {each}" for each in had_texts(wait, names, holders)]
    full = [head + each for each in held[:1]] or [head]
    short = _SHORT.get(wait.kind, ("waits for {}",))
    texts = [*full, *(f"waits {what}{each}" for each in held), f"waits {what}"]
    lines = [texts[0] + each for each in names.lines(wait.site)]
    return tuple(dict.fromkeys((*lines, *texts, *(each.format(name) for each in short), name)))


_SHORT: Mapping[int, tuple[str, ...]] = {
    Kind.ROUND_WAIT: ("waits for the round before", "round before leaves")
}
"""By what a wait began with: what it is called where "waits for gate" would say another thing."""


def had_texts(wait: Wait, names: DrawnNames, holders: tuple[int, ...]) -> list[str]:
    """Who had it, from full to short: "ann, bob, then cem". Those before "then" had it at once, when the wait
    began. holders: as for `wait_texts`.
    """
    at_first, later = holders[: len(wait.holders)], holders[len(wait.holders) :]
    firsts = names.threads(at_first, 2)
    if not later:
        return [firsts] if firsts else []
    return [*(f"{firsts}, then {names.threads(later, most)}" for most in (2, 1)), f"{firsts}, then others"]


def _join_texts(wait: Wait, names: DrawnNames, long: str) -> tuple[str, ...]:
    other = names.short_thread(wait.target)
    if wait.outcome is Outcome.TIMED_OUT:
        during = f" for {long}" if long else ""
        return f"joins {other}{during}, gives up", f"joins {other}, gives up", f"joins {other}", "join"
    return f"joins {other}", "join"


def reacquire_texts(
    wait: Wait | None, names: DrawnNames, holders: tuple[int, ...], *, late: bool
) -> tuple[str, ...]:
    """What it is called when a thread has been notified, or is `late`: its time is up, and does not have the
    lock back yet. holders: as for `wait_texts`.
    """
    woken = "timed out" if late else "notified"
    if wait is None or not wait.reacquire:
        return woken, "woken"
    needs = f"{woken}, needs {names.short(wait.obj)}"
    held = [f"{needs} back, held by {each}" for each in had_texts(wait, names, holders)]
    return tuple(dict.fromkeys((*held, f"{needs} back", needs, woken, "woken")))


class Ended(Protocol):
    """What a lane's end needs to know of its thread."""

    @property
    def fate(self) -> Fate: ...
    @property
    def error(self) -> str: ...


def fate_texts(thread: Ended) -> tuple[str, ...]:
    """The words at the lane's end.

    The exception's name, or what became of the thread; nothing for a plain end.
    """
    if thread.fate is Fate.FAILED or thread.error:
        name, fate = plain(thread.error.partition(":")[0]), thread.fate.value
        return shortened(f"{fate}: {name}", 36), shortened(name, 24), fate
    return () if thread.fate is Fate.ENDED else (thread.fate.value,)
