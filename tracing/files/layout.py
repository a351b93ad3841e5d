"""The layout of a trace file: what both ends, `writer` and `reader`, have to agree on.

A trace file is JSON lines in UTF-8, compressed by gzip where its name ends in ".gz". Each line is one object,
and its "is" says what it is:

    {"is": "trace", "version": 2, "about": "...", "clock": "real", "title": "...", "python": "3.13.0"}
    {"is": "thread", "number": 1, "name": "main"}              a row of a table, without what has its default
    {"is": "object", "number": 1, "type": "Lock", "name": "lock_a", "site": 1}
    {"is": "site", "number": 1, "file": "lesson.py", "line": 12, "function": "main", "text": "with lock_a:"}
    {"is": "text", "number": 1, "text": "ValueError: no"}
    {"is": "ops", "first": 1, "rows": [[1, "ACQUIRED", 1, 2]]}  what happened: thread, kind, object, site
    {"is": "events", "first": 0, "time": 0, "dt": [0, 1200], "op": [1, 2], "at": [1], "arg": [5]}
    {"is": "turns", "first": 0, "events": [0, 2], "time": 0, "dt": [0, 9], "thread": [1, 2], "step": [-1, 0]}
    {"is": "note", "text": "..."}
    {"is": "ending", "reason": "done", "time": 5000, "events": 2}

Events stand in columns, a few thousand to a line: the ns since the event before (`dt`, counted from `time`),
which row of "ops" it was (`op`), and, for the few that have one, the argument (`arg`) and the position in
this line of the event that it belongs to (`at`). `first` is the position in the log of the line's first
event, so that a lost line is noticed. "turns" has columns, too: who had the turn in a simulated run, after
how many events (`events`), from when on, and by which step of the schedule (see `events.Turns`).

Version 2 has "turns", and kinds of events that version 1 has not. A file of version 1 is read as before: in
it nobody knows who had the turn.

Rule: append only. A row stands before the first event that uses it, so every prefix of a file is a file. A
row of threads or objects may be written again to correct it: the last one counts. Lines of events may overlap
in time (a stream flushes one thread before another): the reader sorts. A file without its "ending" was cut
off.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from types import MappingProxyType
from typing import Any

from tracing.events import LIMITS, Call, Ending, ObjectInfo, Site, Stand, ThreadInfo

VERSION = 2
ABOUT = "A recorded run of a program with threads. Times are in nanoseconds."
CHUNK = 4096  # events a line
MAX_LINE = 4 << 20  # bytes; a line of the writer has at most about a tenth of it
MAX_TEXT = 100_000  # characters of one name, source line or message
LARGEST = (1 << 63) - 1

Check = Callable[[Any], Any]
"""Makes of a field as JSON has it one as the record has it; Unfit where that cannot be."""


class Unfit(ValueError):
    """What stands in a file cannot be what it should be; the message says why, in our words."""


def whole(low: int, high: int) -> Check:
    """A check for an integer from `low` to `high`."""

    def check(value: Any) -> int:
        if type(value) is not int or not low <= value <= high:
            raise Unfit(f"a number from {low} to {high} is expected, not {_short(value)}")
        return value

    return check


def exactly(number: int) -> Check:
    """A check for that number: what stands before is whole."""

    def check(value: Any) -> int:
        if type(value) is not int or value != number:
            raise Unfit(
                f"{number} is expected, not {_short(value)}: a line before it is missing, or there twice"
            )
        return value

    return check


def rows(value: Any) -> list[list[Any]]:
    """A check for a list of lists."""
    if type(value) is not list or any(type(each) is not list for each in value):
        raise Unfit("a list of lists is expected")
    return value


def string(value: Any) -> str:
    """A check for a text of bounded length."""
    if type(value) is not str or len(value) > MAX_TEXT:
        raise Unfit(f"a text of at most {MAX_TEXT:,} characters is expected, not {_short(value)}")
    return value


def flag(value: Any) -> bool:
    """A check for true or false."""
    if type(value) is not bool:
        raise Unfit(f"true or false is expected, not {_short(value)}")
    return value


def strings(value: Any) -> tuple[str, ...]:
    """A check for a list of texts."""
    if type(value) is not list:
        raise Unfit(f"a list of texts is expected, not {_short(value)}")
    return tuple(string(each) for each in value)


def numbers(value: Any) -> array[int]:
    """A check for a list of integers of 64 bits."""
    if type(value) is not list:
        raise Unfit(f"a list of numbers is expected, not {_short(value)}")
    try:
        return array("q", value)
    except (TypeError, OverflowError):
        check = whole(-LARGEST - 1, LARGEST)
        return array("q", [each if type(each) is bool else check(each) for each in value])


def list_of(check: Check) -> Check:
    """A check for a list of what that check lets pass."""

    def checked(value: Any) -> tuple[Any, ...]:
        if type(value) is not list:
            raise Unfit("a list is expected")
        return tuple(map(check, value))

    return checked


def inside(row: Row) -> Check:
    """A check for a record within another one."""

    def check(value: Any) -> Any:
        if type(value) is not dict:
            raise Unfit("an object is expected")
        return filled(row, value)

    return check


def filled(row: Row, line: Mapping[str, Any]) -> Any:
    """A record from a line's fields; fields that it does not know are left alone."""
    wanted = {name: check for name, check in row.checks.items() if name in line or name in row.required}
    return row.cls(**{name: field(line, name, check) for name, check in wanted.items()})


def field(line: Mapping[str, Any], name: str, check: Check) -> Any:
    """A field of a line, checked; whatever is wrong with it is said of its name."""
    if name not in line:
        raise Unfit(f"{name!r} is missing")
    try:
        return check(line[name])
    except Unfit as unfit:
        raise Unfit(f"{name!r}: {unfit}") from None


def _short(value: Any) -> str:
    """What was found instead, in a few characters whatever it is."""
    if isinstance(value, str):
        return repr(value[:20])
    if value is None or isinstance(value, bool | float):
        return json.dumps(value)
    if isinstance(value, int):
        return str(value) if abs(value) <= LARGEST else "a huge number"
    return "a list" if isinstance(value, list) else "an object"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How one kind of record stands in a line: its class, and the check of each field."""

    cls: type[Any]
    checks: MappingProxyType[str, Check]
    required: frozenset[str]  # the fields without a default


def _row(cls: type[Any], **checks: Check) -> Row:
    required = frozenset(each.name for each in fields(cls) if each.default is MISSING)
    return Row(cls=cls, checks=MappingProxyType(checks), required=required)


_thread, _object, _site = whole(0, LIMITS.threads), whole(0, LIMITS.objects), whole(0, LIMITS.sites)
_time = whole(0, LARGEST)

OBJECT = _row(
    ObjectInfo,
    number=whole(1, LIMITS.objects),
    type=string,
    name=string,
    site=_site,
    value=whole(-LARGEST, LARGEST),
    lock=_object,
    owner=_object,
)
SITE = _row(
    Site,
    file=string,
    line=whole(0, LARGEST),
    function=string,
    text=string,
    after_wait=string,
    raised=flag,
)
THREAD = _row(
    ThreadInfo,
    number=whole(1, LIMITS.threads),
    name=string,
    parent=_thread,
    daemon=flag,
    timer=_object,
    called=inside(SITE),
    hides=strings,
)
CALL = _row(Call, site=inside(SITE), by=string)
STAND = _row(Stand, thread=_thread, calls=list_of(inside(CALL)), polls=flag, module=string, importer=_thread)
ENDING = _row(
    Ending,
    reason=string,
    time=_time,
    leaked=strings,
    detail=string,
    stands=list_of(inside(STAND)),
    fork=inside(SITE),
)
HEADER = MappingProxyType({"clock": string, "title": string, "schedule": string, "python": string})
"""The fields of the log that stand in the header, and their checks."""
