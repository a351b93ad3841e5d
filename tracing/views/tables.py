"""A run in numbers: how often each primitive was taken, wanted and held, and where each thread's time went.

Owns: `table` and the records it gives. Rule: the records hold integers (counts, ns) to calculate and assert
with; only their text and HTML forms round. The HTML is a bare table without styles, because a notebook that
is not trusted shows that too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from html import escape
from importlib import import_module
from typing import Any, TypeVar

from tracing.events import KIND_BITS, OBJECT_BITS, OBJECT_SHIFT, EventLog, Kind
from tracing.model import Model, State, ThreadModel, without_collector
from tracing.views.text.words import Words
from tracing.views.units import count, duration

MOST_ROWS = 50  # of a table that is shown
_KIND_AND_OBJECT = (1 << KIND_BITS) - 1 | (1 << OBJECT_BITS) - 1 << OBJECT_SHIFT


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimitiveRow:
    """The numbers of one primitive. Times in ns."""

    name: str
    type: str
    acquisitions: int | None  # how often it was taken; None for what cannot be held
    contended: int  # how often somebody had to wait for it
    total_wait: int
    longest_wait: int
    total_hold: (
        int | None
    )  # of all threads together; None for what cannot be held, and where permits are signals
    overtakes: int  # how often a later comer got it first


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadRow:
    """Where one thread's time went. Times in ns."""

    name: str
    running: int  # or ready, where `ready` is None
    ready: int | None  # could go on, and another one had the turn; None: not known (real clock, old file)
    waiting: int  # in start(), too, until the other thread has begun
    sleeping: int
    end: str  # "ended", "failed", "cut off", "still running"


_Row = TypeVar("_Row", PrimitiveRow, ThreadRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The numbers of a run. As the last expression of a cell it shows two tables."""

    primitives: tuple[PrimitiveRow, ...]
    threads: tuple[ThreadRow, ...]

    def primitive(self, name: str) -> PrimitiveRow:
        """The first primitive of that name. Raises KeyError where there is none."""
        return _named(self.primitives, name)

    def thread(self, name: str) -> ThreadRow:
        """The first thread of that name. Raises KeyError where there is none."""
        return _named(self.threads, name)

    def to_dataframes(self) -> tuple[Any, Any]:
        """Primitives and threads as pandas DataFrames, times in ns. Raises ImportError without pandas."""
        try:
            frame = import_module("pandas").DataFrame
        except ImportError:
            raise ImportError(
                "to_dataframes() needs pandas, which is not installed here: run `python -m pip install "
                "pandas`, or use the rows as they are, in `.primitives` and `.threads`."
            ) from None
        return (
            frame([_values(row) for row in self.primitives], columns=_columns(PrimitiveRow)),
            frame([_values(row) for row in self.threads], columns=_columns(ThreadRow)),
        )

    def __repr__(self) -> str:
        return "\n\n".join("\n".join(_aligned(each)) for each in self._grids())

    def _repr_html_(self) -> str:
        return "\n".join("".join(_html(each)) for each in self._grids())

    def _grids(self) -> Iterator[list[list[str]]]:
        """Both tables in words, the head first."""
        if self.primitives:
            yield _grid(PrimitiveRow, self.primitives)
        yield _grid(ThreadRow, self.threads)


def table(log: EventLog, model: Model) -> Table:
    """The numbers of a run: a row for each primitive, and one for each thread, by number."""
    words = Words(log)
    with without_collector():
        return Table(
            primitives=tuple(_primitives(log, model, words)),
            threads=tuple(_thread(each, words, known=bool(model.slices)) for each in model.threads),
        )


def _primitives(log: EventLog, model: Model, words: Words) -> Iterator[PrimitiveRow]:
    counts = Counter(map(_KIND_AND_OBJECT.__and__, log.codes))
    for info, obj in zip(log.objects, model.objects, strict=True):
        waits = [model.waits[index] for index in obj.waits]
        lengths = [wait.end - wait.start for wait in waits]
        held = words.nature(info.number).held
        yield PrimitiveRow(
            name=words.object(info.number),
            type=info.type,
            acquisitions=counts[Kind.ACQUIRED | info.number << OBJECT_SHIFT] if held else None,
            contended=len(waits),
            total_wait=sum(lengths),
            longest_wait=max(lengths, default=0),
            total_hold=sum(hold.end - hold.start for hold in obj.holds) if held and not obj.signal else None,
            overtakes=sum(wait.overtaken for wait in waits),
        )


def _thread(thread: ThreadModel, words: Words, *, known: bool) -> ThreadRow:
    """known: who had the turn."""
    spent = dict.fromkeys(State, 0)
    for span in thread.spans:
        spent[span.state] += span.end - span.start
    return ThreadRow(
        name=words.thread(thread.number),
        running=spent[State.RUNNING],
        ready=spent[State.READY] if known else None,
        waiting=spent[State.WAITING] + spent[State.NOTIFIED] + spent[State.STARTING],
        sleeping=spent[State.SLEEPING],
        end=thread.fate.value,
    )


def _named(rows: Sequence[_Row], name: str) -> _Row:
    for row in rows:
        if row.name == name:
            return row
    raise KeyError(f"no row is called {name!r}; there are {', '.join(row.name for row in rows) or 'none'}")


_TIMES = frozenset({"total_wait", "longest_wait", "total_hold", "running", "ready", "waiting", "sleeping"})
_HEADS = {"name": ""}
_UNDIVIDED = {"running": "running or ready"}  # where it is not known who had the turn


def _columns(cls: type[Any]) -> list[str]:
    return [each.name for each in fields(cls)]


def _values(row: Any) -> list[Any]:
    return [getattr(row, column) for column in _columns(type(row))]


def _grid(cls: type[Any], rows: Sequence[Any]) -> list[list[str]]:
    """The rows in words, the heads first."""
    columns, heads = _columns(cls), _HEADS
    if all(getattr(row, "ready", 0) is None for row in rows):
        columns, heads = [each for each in columns if each != "ready"], _HEADS | _UNDIVIDED
    head = [heads.get(column, column.replace("_", " ")) for column in columns]
    body = [[_cell(column, getattr(row, column)) for column in columns] for row in rows[:MOST_ROWS]]
    more = [[f"… and {count(len(rows) - MOST_ROWS, 'more', 'more')}"]] if len(rows) > MOST_ROWS else []
    return [head, *body, *more]


def _cell(column: str, value: Any) -> str:
    if value is None:
        return "–"
    if column in _TIMES:
        return duration(value)
    return f"{value:,}" if isinstance(value, int) else str(value)


def _aligned(grid: list[list[str]]) -> Iterator[str]:
    """Lines of text: names to the left, everything else to the right."""
    whole = [row for row in grid if len(row) == len(grid[0])]
    widths = [max(map(len, column)) for column in zip(*whole, strict=True)]
    for row in grid:
        cells = zip(row[1:], widths[1:], strict=False)
        yield "  ".join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in cells)]).rstrip()


def _html(grid: list[list[str]]) -> Iterable[str]:
    head, *body = grid
    yield f"<table><thead><tr>{''.join(f'<th>{escape(cell)}</th>' for cell in head)}</tr></thead><tbody>"
    for row in body:
        yield f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>"
    yield "</tbody></table>"
