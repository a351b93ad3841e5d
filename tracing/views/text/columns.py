"""A run in columns: one for each thread, a row for each event, a rule wherever another thread goes on.

Rule: plain text that fits into a width, for a terminal and for the issue of a bug tracker. Nothing is left
out in silence: what has no room is wrapped, shares a column or is counted, and the last lines say so.

How it works: the first column is the step of the schedule, where there is one ("3:2" is step 3, thread 2),
else the time. The threads that do most have columns of their own, as many as fit; the others share the last
one, and are named there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from textwrap import wrap

from tracing.diagnosis.names import listed
from tracing.events import EventLog, TraceEvent
from tracing.views.text.words import Words
from tracing.views.units import count, duration

WIDTH = 100  # characters
LEAST = 40  # of them
NARROWEST = 18  # of a thread's column
GAP = " | "
UNBROKEN = "\N{NO-BREAK SPACE}"
HEAD, SWITCH = "=", "-"  # what the rules are made of


def in_columns(
    log: EventLog, words: Words, said: Sequence[tuple[TraceEvent, str]], width: int, left_out: int = 0
) -> Iterator[str]:
    """The events in columns.

    said: each event with its words. width: characters of a line. left_out: how many events stand before them.

    Raises ValueError for a width that is too small.
    """
    if type(width) is not int or width < LEAST:
        raise ValueError(f"text() got width={width!r}: columns need a whole number from {LEAST} on.")
    sheet = _Sheet(log, words, said, width)
    if left_out:
        yield f"… {count(left_out, 'event')} before"
    yield from sheet.lines()
    yield from sheet.notes()


class _Sheet:
    """The columns of one run. threads: those with a column of their own, by number."""

    def __init__(
        self, log: EventLog, words: Words, said: Sequence[tuple[TraceEvent, str]], width: int
    ) -> None:
        self.log, self.words, self.said = log, words, said
        self.marks = ["step", *map(self._step, said)] if len(log.turns) else ["time", *map(_time, said)]
        self.margin = max(map(len, self.marks))
        room = max(1, (width - self.margin) // (NARROWEST + len(GAP)))
        self.threads, self.others = _chosen(log, said, room)
        columns = len(self.threads) + bool(self.others)
        self.cell = (width - self.margin) // max(1, columns) - len(GAP)

    def _step(self, each: tuple[TraceEvent, str]) -> str:
        step = self.log.turns.step(each[0].seq)
        return "" if step < 0 else str(step)

    def lines(self) -> Iterator[str]:
        yield from self._row(
            self.marks[0], [*map(self._head, self.threads), *(["others"] if self.others else [])]
        )
        yield self._rule(HEAD)
        before, mark = 0, ""
        for (event, phrase), at in zip(self.said, self.marks[1:], strict=True):
            if before not in (0, event.thread):
                yield self._rule(SWITCH)
            yield from self._row(at if at != mark else "", self._cells(event, phrase))
            before, mark = event.thread, at

    def _head(self, number: int) -> str:
        name = self.words.thread(number)
        return name if len(name) <= self.cell else name[: self.cell - 1] + "…"

    def _cells(self, event: TraceEvent, phrase: str) -> list[str]:
        """What stands in each column: the event in its thread's, with its line."""
        place = self.words.place(event.site)
        text = f"{phrase} ({place.replace(' ', UNBROKEN)})" if place else phrase
        if event.thread not in self.threads:
            return [*[""] * len(self.threads), f"{self.words.thread(event.thread)} {text}"]
        return [text if number == event.thread else "" for number in self.threads] + [""] * bool(self.others)

    def _row(self, mark: str, cells: Sequence[str]) -> Iterator[str]:
        """One row, over as many lines as its longest cell needs."""
        wrapped = [wrap(cell, self.cell, subsequent_indent="  ", break_on_hyphens=False) for cell in cells]
        wrapped = [[line.replace(UNBROKEN, " ") for line in own] for own in wrapped]
        for line in range(max(map(len, wrapped), default=0) or 1):
            parts = [own[line] if line < len(own) else "" for own in wrapped]
            first = mark if line == 0 else ""
            yield GAP.join([first.rjust(self.margin), *(part.ljust(self.cell) for part in parts)]).rstrip()

    def _rule(self, stroke: str) -> str:
        columns = len(self.threads) + bool(self.others)
        return f"{stroke}+{stroke}".join([stroke * self.margin, *[stroke * self.cell] * columns])

    def notes(self) -> Iterator[str]:
        """What had no room."""
        short = [self.words.thread(each) for each in self.threads if len(self.words.thread(each)) > self.cell]
        if short:
            yield f"Names cut to fit: {listed(short)}."
        if self.others:
            yield f"The last column is shared by {self.words.threads(self.others)}."


def _time(each: tuple[TraceEvent, str]) -> str:
    return duration(each[0].time)


def _chosen(
    log: EventLog, said: Sequence[tuple[TraceEvent, str]], room: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The threads that have a column of their own, and those that share the last one: by number."""
    there = Counter(event.thread for event, _ in said)
    if len(there) <= room:
        return tuple(sorted(there)), ()
    busiest = {
        number for number, _ in sorted(there.items(), key=lambda each: (-each[1], each[0]))[: room - 1]
    }
    return tuple(sorted(busiest)), tuple(sorted(there.keys() - busiest))
