"""The end of the file format that reads: a file, whoever wrote it, into a log that every view can trust.

Rule: the header decides whether a file is a trace: if not, one `TraceFileError`. From there on the file is
read up to the first line that is not whole and right, and what stands before it is the log; `log.notes` says
what is missing. Nothing in the file is run, looked up by name, or believed without a check; lines, text and
events are bounded, so memory is.

How it works: `_lines` cuts the file into lines (and unpacks gzip, known by its first bytes, not by the name);
`_Reader` has a method for each kind of line, which checks the whole line before it keeps any of it.
"""

from __future__ import annotations

import gzip
import json
import zlib
from array import array
from collections.abc import Iterator
from dataclasses import replace
from io import BufferedIOBase
from itertools import accumulate
from operator import lt
from os import PathLike, fsdecode
from pathlib import PurePath
from types import MappingProxyType
from typing import Any, NoReturn, TypeVar

from tracing.errors import TraceFileError
from tracing.events import (
    KIND_MASK,
    LIMITS,
    TEXT_KINDS,
    THREAD_KINDS,
    Ending,
    EventLog,
    Kind,
    ObjectInfo,
    Site,
    ThreadInfo,
    Turns,
    pack,
)
from tracing.files.layout import (
    ENDING,
    HEADER,
    LARGEST,
    MAX_LINE,
    OBJECT,
    SITE,
    THREAD,
    VERSION,
    Unfit,
    exactly,
    field,
    filled,
    numbers,
    rows,
    string,
    whole,
)

MAX_EVENTS = 10_000_000
MAX_BYTES = 1 << 28  # of the file, after unpacking

_GZIP_MAGIC = b"\x1f\x8b"
_KINDS = {kind.name: kind for kind in Kind}
_T = TypeVar("_T")


class _Damage(Exception):
    """Why the file cannot be read any further: a sentence without its subject, which is the next line."""


def open_log(
    path: str | PathLike[str], *, max_events: int = MAX_EVENTS, max_bytes: int = MAX_BYTES
) -> EventLog:
    """The log that was saved at `path`.

    Of a file that is cut off or damaged, or larger than the limits, everything up to there is returned:
    `notes` says what is missing, and `ending.reason` is "truncated" where the file's own ending was not
    reached.

    Parameters: `path`, a file written by `save` or a `Writer`, compressed or not; `max_events`, and
    `max_bytes` (of the unpacked file), how much to read at most.

    Raises: TraceFileError where the file is no trace, or of a newer version; OSError where it cannot be
    opened.
    """
    name = PurePath(fsdecode(path)).name
    with open(path, "rb") as raw:
        lines = _lines(raw, max_bytes)
        reader = _Reader(name, max_events)
        reader.header(_first(name, lines, raw))
        reader.read(lines)
    return reader.log()


def _lines(raw: BufferedIOBase, max_bytes: int) -> Iterator[bytes]:
    """The file's lines, without their ends; _Damage where it cannot be unpacked, or is too large."""
    limit = max_bytes
    packed = raw.read(2) == _GZIP_MAGIC
    raw.seek(0)
    source: BufferedIOBase = gzip.GzipFile(fileobj=raw) if packed else raw
    while line := _line(source):
        if len(line) > MAX_LINE:
            raise _Damage(f"is longer than {MAX_LINE:,} bytes")
        max_bytes -= len(line)
        if max_bytes < 0:
            raise _Damage(f"goes beyond max_bytes={limit}")
        yield line


def _line(source: BufferedIOBase) -> bytes:
    try:
        return source.readline(MAX_LINE + 1)
    except EOFError:
        return b""  # the compressed file was cut off: for us, it ends here
    except (gzip.BadGzipFile, zlib.error):
        raise _Damage("cannot be unpacked: what gzip has packed is damaged") from None


def _first(name: str, lines: Iterator[bytes], raw: BufferedIOBase) -> dict[str, Any]:
    """The header, as an object with whatever in it."""
    try:
        line = next(lines, b"")
        if not line:
            what = "is cut off before its first line ends" if raw.tell() else "is empty"
            raise TraceFileError(
                f"{name} {what}: there is no trace in it. Save the run again with run.save(path)."
            )
        return _parsed(line)
    except _Damage as damage:
        _refuse(name, f"it {damage}")


def _refuse(name: str, why: str) -> NoReturn:
    raise TraceFileError(
        f"{name} is not a trace: its first line is not the header that run.save(path) writes ({why}). "
        "Open a file that was saved with run.save(path)."
    ) from None


def _parsed(line: bytes) -> dict[str, Any]:
    """One line as a JSON object, strictly: no NaN, no name twice."""
    try:
        content = json.loads(line.decode(), object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError:
        raise _Damage("is nested too deeply") from None
    except ValueError as error:
        raise _Damage(f"is not JSON: {_in_words(error)}") from None
    if not isinstance(content, dict):
        raise _Damage("is not a JSON object")
    return content


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise Unfit("a name stands in it twice")
    return content


def _no_constant(name: str) -> NoReturn:
    raise Unfit(f"{name} is not a number here")


def _in_words(error: ValueError) -> str:
    """The same in every version of Python, and short, whatever stands there."""
    match error:
        case Unfit():
            return str(error)
        case json.JSONDecodeError():
            return f"it goes wrong at character {error.pos + 1}"
        case UnicodeDecodeError():
            return f"no UTF-8 at byte {error.start + 1}"
        case _:
            return "a number has too many digits"


class _Reader:
    """A log in the making."""

    def __init__(self, name: str, max_events: int) -> None:
        self._name, self._max_events = name, max_events
        self._whole = 1  # lines taken
        self._about: dict[str, str] = {}
        self._times, self._codes, self._args = array("q"), array("q"), dict[int, int]()
        self._ops = [0]  # code of each op; ops are counted from 1
        self._turns = Turns()
        self._threads, self._objects = list[ThreadInfo](), list[ObjectInfo]()
        self._sites, self._texts, self._notes = list[Site](), list[str](), list[str]()
        self._ending: Ending | None = None
        self._sorted = True
        self._kinds = {
            "thread": self._thread,
            "object": self._object,
            "site": self._site,
            "text": self._text,
            "note": self._note,
            "ops": self._more_ops,
            "events": self._events,
            "turns": self._more_turns,
            "ending": self._end,
        }

    def header(self, line: dict[str, Any]) -> None:
        """Take the first line, or refuse the file."""
        if line.get("is") != "trace":
            _refuse(self._name, "it says something else")
        version = line.get("version")
        if type(version) is not int or version < 1:
            _refuse(self._name, "its version is not a number from 1 on")
        if version > VERSION:
            raise TraceFileError(
                f"{self._name} is a trace in version {min(version, LARGEST)} of the file format, and this "
                f"package reads up to version {VERSION}: update the package, then open it again."
            )
        try:
            self._about = {key: field(line, key, check) for key, check in HEADER.items() if key in line}
        except Unfit as error:
            _refuse(self._name, str(error))

    def read(self, lines: Iterator[bytes]) -> None:
        """Take every further line up to the first that is damaged."""
        line = b"\n"
        try:
            for line in lines:
                self._take(line)
                self._whole += 1
        except _Damage as damage:
            if line.endswith(b"\n"):
                self._stop(f"could not be read beyond line {self._whole}: the next one {damage}")
        if self._ending is None:
            self._stop(f"is cut off after line {self._whole}")

    def log(self) -> EventLog:
        """What was read."""
        self._mend()
        if not self._sorted:
            self._sort()
        return EventLog(
            times=self._times,
            codes=self._codes,
            args=MappingProxyType(self._args),
            turns=self._turns if self._is_whole() else Turns(),
            threads=tuple(self._threads),
            objects=tuple(self._objects),
            sites=tuple(self._sites),
            texts=tuple(self._texts),
            ending=self._ending or Ending(reason="truncated", time=0),
            notes=tuple(self._notes),
            **self._about,
        )

    def _is_whole(self) -> bool:
        """Whether nothing is missing at its end: else nobody knows who had the turn there."""
        return self._sorted and self._ending is not None and self._ending.reason != "truncated"

    def _take(self, line: bytes) -> None:
        if self._ending is not None:
            raise _Damage("stands after the ending")
        content = _parsed(line)
        take = self._kinds.get(what) if isinstance(what := content.get("is"), str) else None
        if take is None:
            raise _Damage("is of no kind that this version knows")
        try:
            take(content)
        except Unfit as unfit:
            raise _Damage(f"({what}) is wrong: {unfit}") from None

    def _stop(self, why: str) -> None:
        """Say why nothing further is read."""
        if self._ending is None:
            self._ending = Ending(reason="truncated", time=max(self._times, default=0), detail=why)
            why += (
                f"; {len(self._times):,} events are here, later ones are missing. "
                "Go on with what is here, or save the run again"
            )
        self._notes.append(f"{self._name} {why}.")

    # One method for each kind of line. They raise Unfit, of which `_take` makes a sentence.

    def _thread(self, line: dict[str, Any]) -> None:
        row: ThreadInfo = filled(THREAD, line)
        _place(self._threads, row.number, row)

    def _object(self, line: dict[str, Any]) -> None:
        row: ObjectInfo = filled(OBJECT, line)
        _place(self._objects, row.number, row)

    def _site(self, line: dict[str, Any]) -> None:
        number = field(line, "number", whole(1, LIMITS.sites))
        _place(self._sites, number, filled(SITE, line))

    def _text(self, line: dict[str, Any]) -> None:
        number = field(line, "number", whole(1, LIMITS.texts))
        _place(self._texts, number, field(line, "text", string))

    def _note(self, line: dict[str, Any]) -> None:
        self._notes.append(field(line, "text", string))

    def _more_ops(self, line: dict[str, Any]) -> None:
        field(line, "first", exactly(len(self._ops)))
        codes = [self._op(row) for row in field(line, "rows", rows)]
        self._limit(len(self._ops) + len(codes))
        self._ops += codes

    def _op(self, row: list[Any]) -> int:
        if len(row) != 4:
            raise Unfit(f"an op is a thread, a kind, an object and a site, not {len(row)} things")
        thread, name, obj, site = row
        kind = _KINDS.get(string(name))
        if kind is None:
            raise Unfit(f"{name[:40]!r} is no kind of event")
        return pack(
            kind,
            thread=whole(1, len(self._threads))(thread),
            obj=whole(0, len(self._objects))(obj),
            site=whole(0, len(self._sites))(site),
        )

    def _events(self, line: dict[str, Any]) -> None:
        first = len(self._times)
        field(line, "first", exactly(first))
        times, codes = _moments(line), self._performed(field(line, "op", numbers))
        if len(times) != len(codes):
            raise Unfit("its columns differ in length")
        self._limit(first + len(times))
        self._args.update(self._arguments(line, codes))
        self._sorted = self._sorted and (not first or self._times[-1] <= times[0])
        self._times += times
        self._codes += codes

    def _more_turns(self, line: dict[str, Any]) -> None:
        turns = self._turns
        field(line, "first", exactly(len(turns)))
        added = [field(line, name, numbers) for name in ("events", "thread", "step")]
        added.append(_moments(line))
        if len(set(map(len, added))) > 1:
            raise Unfit("its columns differ in length")
        self._limit(len(turns) + len(added[0]))
        _check_ascending("events", turns.seqs, added[0], 0, len(self._times))
        _check_ascending("thread", array("q"), array("q", sorted(added[1])), 0, len(self._threads))
        _check_ascending("step", turns.steps, added[2], -1, LARGEST)
        _check_ascending("dt", turns.times, added[3], 0, LARGEST)
        for column, more in zip((turns.seqs, turns.threads, turns.steps, turns.times), added, strict=True):
            column.extend(more)

    def _performed(self, column: array[int]) -> array[int]:
        """The codes of a column of op numbers."""
        if column and not 0 < min(column) <= max(column) < len(self._ops):
            raise Unfit("'op': one of them is not in the table of ops")
        return array("q", map(self._ops.__getitem__, column))

    def _arguments(self, line: dict[str, Any], codes: array[int]) -> Iterator[tuple[int, int]]:
        """The arguments of a line's events, by their place in the whole log."""
        at, values = (field(line, name, numbers) if name in line else array("q") for name in ("at", "arg"))
        if len(at) != len(values) or not all(map(lt, at, at[1:])):
            raise Unfit("its columns of arguments do not fit each other")
        if at and not 0 <= at[0] <= at[-1] < len(codes):
            raise Unfit("an argument belongs to no event")
        kinds = [codes[each] & KIND_MASK for each in at]
        self._check_numbers(kinds, values, TEXT_KINDS, len(self._texts))
        self._check_numbers(kinds, values, THREAD_KINDS, len(self._threads))
        return zip((len(self._times) + each for each in at), values, strict=True)

    def _check_numbers(
        self, kinds: list[int], values: array[int], concerned: frozenset[Kind], length: int
    ) -> None:
        """The arguments of the kinds concerned have to be numbers of rows."""
        for kind, value in zip(kinds, values, strict=True):
            if kind in concerned and not 0 <= value <= length:
                raise Unfit("an argument is not in its table")

    def _end(self, line: dict[str, Any]) -> None:
        field(line, "events", exactly(len(self._times)))
        self._ending = filled(ENDING, line)

    def _limit(self, length: int) -> None:
        if length > self._max_events:
            raise _Damage(f"goes beyond max_events={self._max_events}")

    def _mend(self) -> None:
        """Rows may point to later rows: where the file ended before those, point to none."""
        threads, objects, sites = len(self._threads), len(self._objects), len(self._sites)
        for place, thread in enumerate(self._threads):
            if thread.parent > threads or thread.timer > objects:
                self._threads[place] = replace(
                    thread, parent=_within(thread.parent, threads), timer=_within(thread.timer, objects)
                )
        for place, obj in enumerate(self._objects):
            if obj.site > sites or max(obj.lock, obj.owner) > objects:
                self._objects[place] = replace(
                    obj,
                    site=_within(obj.site, sites),
                    lock=_within(obj.lock, objects),
                    owner=_within(obj.owner, objects),
                )

    def _sort(self) -> None:
        """Order by time what a stream wrote thread by thread; what has the same time keeps its order."""
        order = sorted(range(len(self._times)), key=self._times.__getitem__)
        self._times = array("q", map(self._times.__getitem__, order))
        self._codes = array("q", map(self._codes.__getitem__, order))
        places = {old: new for new, old in enumerate(order) if old in self._args}
        self._args = {places[old]: value for old, value in self._args.items()}


def _place(table: list[_T], number: int, row: _T) -> None:
    """Put the row at its place: the next one, or one that it corrects."""
    if number > len(table) + 1:
        raise Unfit(f"'number': {len(table) + 1} comes next, or one that was there before, not {number}")
    table[number - 1 : number] = [row]


def _moments(line: dict[str, Any]) -> array[int]:
    """The times of a line's events."""
    deltas, time = field(line, "dt", numbers), field(line, "time", whole(0, LARGEST))
    if not deltas or min(deltas) < 0:
        raise Unfit("its times go backwards or are missing")
    if time + sum(deltas) > LARGEST:
        raise Unfit("its times go beyond what 64 bits hold")
    return array("q", accumulate(deltas[1:], initial=time + deltas[0]))


def _check_ascending(name: str, before: array[int], added: array[int], least: int, most: int) -> None:
    """No number of a column is less than the one before it, nor outside of these bounds."""
    if not least <= added[0] <= added[-1] <= most or any(map(lt, added, (before[-1:] or added[:1]) + added)):
        raise Unfit(f"{name!r}: the numbers go backwards, or beyond what there is")


def _within(number: int, length: int) -> int:
    return number if number <= length else 0
