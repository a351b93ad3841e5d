"""A run as Chrome's Trace Event JSON, which Perfetto (ui.perfetto.dev) and chrome://tracing open.

Owns: what each thing of the model is in that format.

Rule: what overlaps does not share a lane, because slices of one lane have to nest. So threads are one
process, each with a slice for its life and its waits inside, and primitives are a second process, each with a
slice for whoever has it; a semaphore with several holders has several lanes, and so has what a thread marks
(`mark()`: instants, slices, counters). Lanes are counted 1..N over both processes.

How it works: `to_chrome` writes what the generators below it give, one JSON object to a line, so that a long
run is never there twice.

Source of the format: "Trace Event Format", Google, 2016 (X, B: slices; s, f: flows; C: counters; i: instants;
M: names).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from math import inf, nextafter
from os import PathLike
from typing import Any

from tracing.events import EventLog
from tracing.files.replacing import replacing
from tracing.files.writer import packed_for
from tracing.model.shapes import Block, Fate, Hold, Model, ObjectModel, Outcome, Span, State, ThreadModel
from tracing.natures import Nature, nature_of

_THREADS, _PRIMITIVES = 1, 2  # process ids

Entry = dict[str, Any]


def to_chrome(log: EventLog, model: Model, path: str | PathLike[str]) -> None:
    """Write the run to `path` in Chrome's Trace Event JSON, compressed where the name ends in ".gz".

    Parameters: `log` and `model`, the run and its fold; `path`, replaced when the new file is complete.

    Raises: OSError where the file cannot be written; an existing one is then as it was.
    """
    with replacing(path) as raw:
        file = packed_for(path, raw)
        for line in _lines(log, model):
            file.write(line.encode(errors="replace"))  # half of a pair of surrogates is no text
        file.close()


def _lines(log: EventLog, model: Model) -> Iterator[str]:
    about = {"title": log.title, "clock": log.clock, "schedule": log.schedule, "python": log.python}
    yield '{"displayTimeUnit": "ns", "otherData": ' + _json(about) + ', "traceEvents": ['
    for number, entry in enumerate(_Export(log, model).entries()):
        yield (",\n" if number else "\n") + _json(entry)
    yield "\n]}\n"


def _json(content: Entry) -> str:
    """Letters stand as they are: Perfetto shows an escaped one as its escape."""
    return json.dumps(content, ensure_ascii=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slice:
    """Something that lasts, on a primitive's lane."""

    name: str
    start: int
    end: int
    open: bool
    site: int = 0


class _Export:
    """All entries of one run."""

    def __init__(self, log: EventLog, model: Model) -> None:
        self._log, self._model = log, model
        self._lanes = count(len(log.threads) + 1)  # of the primitives

    def entries(self) -> Iterator[Entry]:
        yield _meta("process_name", _THREADS, 0, name=self._log.title or "Threads")
        yield _meta("process_name", _PRIMITIVES, 0, name="Primitives")
        for thread in self._model.threads:
            yield from self._thread(thread)
        for obj in self._model.objects:
            yield from self._object(obj)
        for number, blocks in self._blocks():
            yield from self._marked(number, blocks)
        for series in self._model.series:
            steps = ((each.time, each.value) for each in series.readings)
            yield from _counter(series.name, _THREADS, steps)
        yield from self._instants()
        yield from self._flows()

    def _thread(self, thread: ThreadModel) -> Iterator[Entry]:
        yield from _lane(_THREADS, thread.number, self._name(thread.number))
        ended = thread.fate in (Fate.ENDED, Fate.FAILED)
        name = f"{self._name(thread.number)}: {thread.error or thread.fate.value}"
        yield _slice(_THREADS, thread.number, name, thread.begin, thread.end if ended else None)
        for span in thread.spans:
            if span.state is not State.RUNNING:  # running is the life with nothing inside
                yield self._span(span)

    def _span(self, span: Span) -> Entry:
        if span.wait is None:
            return _slice(_THREADS, span.thread, span.state.value, span.start, span.end)
        wait = self._model.waits[span.wait]
        target = f"{self._name(wait.target)} to end" if wait.target else self._thing(wait.obj)
        name = f"waiting for {target}" if span.state is State.WAITING else f"notified by {target}"
        still = wait.outcome is Outcome.OPEN and span.end >= wait.end
        args = {
            "outcome": wait.outcome.value,
            "held by": ", ".join(map(self._name, wait.holders)),
            "ended by": self._name(wait.ended_by),
            "at": self._place(wait.site),
        }
        return _slice(_THREADS, span.thread, name, span.start, None if still else span.end, args)

    def _blocks(self) -> Iterator[tuple[int, list[Block]]]:
        """What each thread marked."""
        for thread in self._model.threads:
            blocks = [each for each in self._model.blocks if each.thread == thread.number]
            if blocks:
                yield thread.number, blocks

    def _marked(self, thread: int, blocks: list[Block]) -> Iterator[Entry]:
        """Blocks need not nest with waits, nor with each other: they have lanes of their own."""
        slices = [
            _Slice(
                name=f"{each.name} (left by an exception)" if each.raised else each.name,
                start=each.start,
                end=each.end,
                open=each.open,
                site=each.site,
            )
            for each in blocks
        ]
        yield from self._lay(_THREADS, f"{self._name(thread)}: marks", slices)

    def _lay(self, process: int, name: str, slices: Iterable[_Slice]) -> Iterator[Entry]:
        """On as many lanes as they need."""
        for lane, own in enumerate(_apart(slices), start=1):
            number = next(self._lanes)
            yield from _lane(process, number, name if lane == 1 else f"{name} ({lane})")
            for each in own:
                args = {"at": self._place(each.site)}
                yield _slice(process, number, each.name, each.start, None if each.open else each.end, args)

    def _object(self, obj: ObjectModel) -> Iterator[Entry]:
        name = self._thing(obj.number)
        yield from self._lay(_PRIMITIVES, name, self._slices(obj))
        for what, steps in (
            (nature_of(self._log, obj.number).counter, obj.value),
            ("waiting", self._model.queue(obj.number)),
        ):
            values = ((step.time, step.value) for step in steps)
            yield from _counter(f"{name} {what}", _PRIMITIVES, values)

    def _slices(self, obj: ObjectModel) -> list[_Slice]:
        """Whatever lasts: holds, the flag of an event, a broken barrier, a pending timer."""
        nature = nature_of(self._log, obj.number)
        holds = [
            _Slice(
                name=self._holder(nature, each),
                start=each.start,
                end=each.end,
                open=each.open,
                site=each.site,
            )
            for each in obj.holds
        ]
        bands = [
            _Slice(
                name=each.text or nature.band,
                start=each.start,
                end=each.end,
                open=each.open,
            )
            for each in obj.bands
        ]
        meetings = [
            _Slice(name="meeting", start=each.start, end=each.end, open=each.open) for each in obj.generations
        ]
        return holds + bands + meetings

    def _holder(self, nature: Nature, hold: Hold) -> str:
        name = self._name(hold.thread)
        return f"{name} (depth {hold.depth})" if nature.owned and hold.depth > 1 else name

    def _instants(self) -> Iterator[Entry]:
        for mark in self._model.marks:
            name = f"{mark.what} {self._thing(mark.obj)}".rstrip()
            if mark.what == "note":
                name = mark.text
            args = {"text": mark.text, "at": self._place(mark.site)}
            yield _entry("i", _THREADS, mark.thread, mark.time, name=name, s="t", args=args)

    def _flows(self) -> Iterator[Entry]:
        for number, arrow in enumerate(self._model.arrows, start=1):
            shared = {"name": arrow.what, "cat": "cause", "id": number}
            source_end = self._model.threads[arrow.source - 1].end
            # An arrow hangs on a slice that is open at its time: at its very end, a thread's life is over.
            leave = arrow.source_time - (0 < arrow.source_time == source_end)
            yield _entry("s", _THREADS, arrow.source, leave, **shared)
            yield _entry("f", _THREADS, arrow.target, arrow.target_time, bp="e", **shared)

    def _name(self, number: int) -> str:
        """Never empty for a thread: Perfetto refuses a lane without a name."""
        return (self._log.thread(number).name or f"thread {number}") if number else ""

    def _thing(self, number: int) -> str:
        """Never empty for a primitive, as with threads."""
        return (self._log.object(number).name or f"object {number}") if number else ""

    def _place(self, number: int) -> str:
        site = self._log.site(number)
        return f"{site.file}:{site.line}" if site else ""


def _apart(slices: Iterable[_Slice]) -> list[list[_Slice]]:
    """The slices on as few lanes as there are at one time, none over another; always one lane at least."""
    lanes: list[list[_Slice]] = [[]]
    for each in sorted(slices, key=lambda one: (one.start, one.end)):
        free = (lane for lane in lanes if not lane or (lane[-1].end <= each.start and not lane[-1].open))
        lane = next(free, None)
        if lane is None:
            lanes.append(lane := [])
        lane.append(each)
    return lanes


def _lane(process: int, lane: int, name: str) -> Iterator[Entry]:
    yield _meta("thread_name", process, lane, name=name)
    yield _meta("thread_sort_index", process, lane, sort_index=lane)


def _meta(what: str, process: int, lane: int, **args: Any) -> Entry:
    return {"ph": "M", "name": what, "pid": process, "tid": lane, "args": args}


def _slice(
    process: int, lane: int, name: str, start: int, end: int | None, args: dict[str, str] | None = None
) -> Entry:
    """A slice; without an end one that is begun and never ended."""
    said = {key: value for key, value in (args or {}).items() if value}
    if end is None:
        return _entry("B", process, lane, start, name=name, args=said)
    return _entry("X", process, lane, start, name=name, dur=_micros(end - start), args=said)


def _counter(name: str, process: int, values: Iterable[tuple[int, float]]) -> Iterator[Entry]:
    """values: since when it is what."""
    for time, value in values:
        yield _entry("C", process, 0, time, name=name, args={"value": value})


def _entry(phase: str, process: int, lane: int, time: int, **content: Any) -> Entry:
    """One entry; times are microseconds there, with the ns as a fraction."""
    return {"ph": phase, "pid": process, "tid": lane, "ts": _micros(time), **content}


def _micros(ns: int) -> float:
    """Microseconds of which a thousandfold, cut to an integer, is that number again.

    So Perfetto reads them. One number of 200 would else come out 1 ns smaller, and a slice that should end
    where the one around it ends would overlap it: an import error.
    """
    micros = ns / 1000
    return micros if int(micros * 1000.0) == ns else nextafter(micros, inf)
