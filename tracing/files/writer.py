"""The end of the file format that writes: a log at once (`save`), or a run while it happens (`Writer`).

Rule: append only, and every line whole: what has been flushed can be opened, whatever happens next.

How it works: a code (kind, site, object, thread) that has not been seen before gets a number, and a row in an
"ops" line that says it in words; an event is then two small numbers, and json's C encoder writes thousands of
them at a time.
"""

from __future__ import annotations

import json
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from itertools import count
from operator import sub
from os import PathLike, fsdecode
from types import TracebackType
from typing import Any, BinaryIO, Protocol

from tracing.events import (
    KIND_MASK,
    OBJECT_MASK,
    OBJECT_SHIFT,
    SITE_MASK,
    SITE_SHIFT,
    THREAD_SHIFT,
    Ending,
    EventLog,
    Kind,
    ObjectInfo,
    Site,
    ThreadInfo,
    Turns,
)
from tracing.files.layout import (
    ABOUT,
    CHUNK,
    ENDING,
    LARGEST,
    MAX_TEXT,
    OBJECT,
    SITE,
    THREAD,
    VERSION,
    Row,
)
from tracing.files.replacing import replacing

_FASTEST = 1  # zlib's level: three times as fast as the default, and a fifth larger
_GZIP = 16 + zlib.MAX_WBITS  # with the header and the end of a gzip file
_KIND_NAMES = {int(kind): kind.name for kind in Kind}


def save(log: EventLog, path: str | PathLike[str]) -> None:
    """Write the log to `path`, compressed where the name ends in ".gz". An existing file is replaced when the
    new one is complete.

    The same log gives the same bytes. Texts of more than 100,000 characters are cut.

    Raises: OSError where the file cannot be written; an existing one is then as it was.
    """
    about = {"clock": log.clock, "title": log.title, "schedule": log.schedule, "python": log.python}
    with replacing(path) as file, Writer(packed_for(path, file), **about) as writer:
        writer.threads(log.threads)
        writer.objects(log.objects)
        writer.sites(log.sites)
        writer.texts(log.texts)
        writer.events(log.times, log.codes, log.args)
        writer.turns(log.turns)
        writer.notes(log.notes)
        writer.close(log.ending)


class Sink(Protocol):
    """What a trace is written to."""

    def write(self, data: bytes, /) -> object:
        """Add bytes."""

    def flush(self) -> object:
        """Hand what was written to the operating system."""

    def close(self) -> object:
        """Hand over the rest; nothing is written any more. May be called again."""


class Writer:
    """A trace file being written: tables and events in any number of parts, then `close(ending)`.

    A row has to be written before the first event that uses it. As a context manager it closes the file at
    the end of the block; without `close(ending)` the file then has no ending, and opens as one that was cut
    off. Not for use by several threads at once.

    Parameters: `file`, to write to, closed with the writer; the others as in `EventLog`.

    Raises: OSError where the file cannot be written.
    """

    def __init__(
        self,
        file: Sink,
        *,
        clock: str = "real",
        title: str = "",
        schedule: str = "",
        python: str = "",
    ) -> None:
        self._file = file
        self._ops: dict[int, int] = {}  # code -> number of its row
        self._sites, self._texts = count(1), count(1)
        self._length = 0  # events so far
        about = {"clock": clock, "title": title, "schedule": schedule, "python": python}
        self._line(
            "trace", version=VERSION, about=ABOUT, **{key: value for key, value in about.items() if value}
        )

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def threads(self, rows: Iterable[ThreadInfo]) -> None:
        """Add threads, or correct those whose numbers were written before."""
        for row in rows:
            self._line("thread", **_spelled(THREAD, row))

    def objects(self, rows: Iterable[ObjectInfo]) -> None:
        """Add primitives, or correct those whose numbers were written before."""
        for row in rows:
            self._line("object", **_spelled(OBJECT, row))

    def sites(self, rows: Iterable[Site]) -> None:
        """Add places, numbered on from the last."""
        for row in rows:
            self._line("site", number=next(self._sites), **_spelled(SITE, row))

    def texts(self, rows: Iterable[str]) -> None:
        """Add texts, numbered on from the last."""
        for row in rows:
            self._line("text", number=next(self._texts), text=row)

    def notes(self, rows: Iterable[str]) -> None:
        """Add what the record itself has to say."""
        for row in rows:
            self._line("note", text=row)

    def events(self, times: array[int], codes: array[int], args: Mapping[int, int] | None = None) -> None:
        """Add events.

        Parameters: `times`, ns since the run began, not decreasing; `codes`, see `pack`; `args`, position in
        `times` -> argument, for the events that have one.
        """
        positions = sorted(args or {})
        for start in range(0, len(times), CHUNK):
            at = positions[bisect_left(positions, start) : bisect_left(positions, start + CHUNK)]
            self._chunk(
                times[start : start + CHUNK], codes[start : start + CHUNK], _columns(args or {}, at, start)
            )

    def turns(self, turns: Turns) -> None:
        """Add who had the turn, all of it, after the events."""
        for start in range(0, len(turns), CHUNK):
            seqs, times, threads, steps = (
                column[start : start + CHUNK].tolist()
                for column in (turns.seqs, turns.times, turns.threads, turns.steps)
            )
            deltas = [0, *map(sub, times[1:], times)]
            self._line(
                "turns", first=start, events=seqs, time=times[0], dt=deltas, thread=threads, step=steps
            )

    def flush(self) -> None:
        """Hand what was written to the operating system: from here on it survives this process."""
        self._file.flush()

    def close(self, ending: Ending) -> None:
        """Write how the run ended, and close the file."""
        self._line("ending", **_spelled(ENDING, ending), events=self._length)
        self._file.close()

    def _chunk(self, times: array[int], codes: array[int], arguments: Mapping[str, list[int]]) -> None:
        self._declare(codes)
        deltas = [0, *map(sub, times[1:], times)]
        numbers = list(map(self._ops.__getitem__, codes))
        self._line("events", first=self._length, time=times[0], dt=deltas, op=numbers, **arguments)
        self._length += len(times)

    def _declare(self, codes: array[int]) -> None:
        """Write the rows of the codes that were not seen before."""
        fresh = sorted(set(codes).difference(self._ops))
        if fresh:
            first = len(self._ops) + 1
            self._ops.update(zip(fresh, count(first)))
            self._line("ops", first=first, rows=[_unpacked(code) for code in fresh])

    def _line(self, what: str, **content: Any) -> None:
        self._file.write(_encoded({"is": what, **{key: _cut(value) for key, value in content.items()}}))


def packed_for(path: str | PathLike[str], file: BinaryIO) -> Sink:
    """The file, or one that compresses what goes into it, where the name of `path` says so."""
    return Packed(file) if fsdecode(path).endswith(".gz") else file


class Packed:
    """A file whose bytes go to `raw`, compressed as gzip does. The same bytes give the same bytes: neither a
    name nor a time is inside.

    Not `gzip.GzipFile`: given up half-way, that tries to write its end when it is collected, and complains.
    """

    def __init__(self, raw: BinaryIO) -> None:
        self._raw, self._closed = raw, False
        self._press = zlib.compressobj(_FASTEST, zlib.DEFLATED, _GZIP)

    def write(self, data: bytes) -> int:
        """Add bytes; how many they are."""
        self._raw.write(self._press.compress(data))
        return len(data)

    def flush(self) -> None:
        """All so far can be unpacked from here on."""
        self._raw.write(self._press.flush(zlib.Z_SYNC_FLUSH))
        self._raw.flush()

    def close(self) -> None:
        """Write the end, and close the file. May be called again."""
        if not self._closed:
            self._closed = True
            self._raw.write(self._press.flush())
        self._raw.close()


def _unpacked(code: int) -> tuple[int, str, int, int]:
    """A code as its row in a line of "ops": thread, kind, object, site."""
    kind = _KIND_NAMES[code & KIND_MASK]
    obj = code >> OBJECT_SHIFT & OBJECT_MASK
    return code >> THREAD_SHIFT, kind, obj, code >> SITE_SHIFT & SITE_MASK


def _spelled(row: Row, record: object) -> dict[str, Any]:
    """The record's fields in order, without those that have their default."""
    return dict(_differing(row, record))


def _differing(row: Row, record: object) -> Iterator[tuple[str, Any]]:
    for each in fields(row.cls):
        value = getattr(record, each.name)
        if each.default is MISSING or value != each.default:
            yield each.name, value


def _columns(args: Mapping[int, int], at: list[int], start: int) -> dict[str, list[int]]:
    """The arguments of one line, counted from its start; no columns where it has none."""
    if not at:
        return {}
    return {"at": [each - start for each in at], "arg": [_fitting(args[each]) for each in at]}


def _fitting(number: int) -> int:
    """The nearest number that the file can hold: `sleep(1e300)` has to be saved too."""
    return max(-LARGEST, min(LARGEST, number))


def _cut(value: Any) -> Any:
    """No text is so long that its line could not be read again."""
    if isinstance(value, str) and len(value) > MAX_TEXT:
        return value[: MAX_TEXT - 1] + "…"
    if isinstance(value, tuple):
        return tuple(map(_cut, value))
    if is_dataclass(value):
        return {each.name: _cut(getattr(value, each.name)) for each in fields(value)}
    return value


def _encoded(content: Mapping[str, Any]) -> bytes:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:  # half a surrogate pair (a file name that is no UTF-8): JSON can spell it
        return json.dumps(content, separators=(",", ":")).encode() + b"\n"
