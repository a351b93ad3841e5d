"""A run in numbers: how often each primitive was taken, wanted and held, and where each thread's time went.

Owns: `table` and the records it gives. Rule: the records hold integers (counts, ns) to calculate and assert
with; only their text and HTML forms round. The HTML is a bare table without styles, because a notebook that
is not trusted shows that too.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from html import escape
from importlib import import_module
from types import MappingProxyType
from typing import Any, TypeVar

from tracing.events import KIND_MASK, OBJECT_MASK, OBJECT_SHIFT, EventLog, Kind, ObjectInfo
from tracing.model import Model, State, Step, ThreadModel, without_collector
from tracing.natures import Family
from tracing.views.text.words import Words
from tracing.views.units import count, duration

MOST_ROWS = 50  # of a table that is shown
_KIND_AND_OBJECT = KIND_MASK | OBJECT_MASK << OBJECT_SHIFT


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
class QueueRow:
    """The numbers of one queue. Times in ns."""

    name: str
    type: str
    puts: int
    gets: int
    longest_length: int
    mean_time_inside: int | None  # of an item, up to the end of the record; None where there was none
    waits: int  # how often somebody had to wait: for an item, for room, for its tasks
    total_wait: int
    longest_wait: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolRow:
    """The numbers of one executor. Times in ns."""

    name: str
    type: str
    most_workers: int | None  # how many it may have; None: not in the record
    tasks: int  # calls submitted
    failed: int  # calls that ended with an exception
    most_queued: int  # calls in waiting at one time
    mean_wait_for_worker: int | None  # of a task, up to the end of the record; None where there was none
    longest_wait_for_worker: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadRow:
    """Where one thread's time went. Times in ns."""

    name: str
    running: int  # or ready, where `ready` is None
    ready: int | None  # could go on, and another one had the turn; None: not known (real clock, old file)
    waiting: int  # in start(), too, until the other thread has begun; a pool's worker also for its next call
    sleeping: int
    end: str  # "ended", "failed", "cut off", "still running"


_Row = TypeVar("_Row", PrimitiveRow, QueueRow, PoolRow, ThreadRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The numbers of a run. As the last expression of a cell it shows a table of each sort that there is.

    `primitives` has a row for all of them; queues, pools and the calls of pools are shown in tables of their
    own, and what a pool's calls were, in its row.
    """

    primitives: tuple[PrimitiveRow, ...]
    threads: tuple[ThreadRow, ...]
    queues: tuple[QueueRow, ...] = ()
    pools: tuple[PoolRow, ...] = ()
    calls: frozenset[str] = frozenset()  # the names of the calls that pools make

    def primitive(self, name: str) -> PrimitiveRow:
        """The first primitive of that name. Raises KeyError where there is none."""
        return _named(self.primitives, name)

    def queue(self, name: str) -> QueueRow:
        """The first queue of that name. Raises KeyError where there is none."""
        return _named(self.queues, name)

    def pool(self, name: str) -> PoolRow:
        """The first executor of that name. Raises KeyError where there is none."""
        return _named(self.pools, name)

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
        """The tables in words, the head first."""
        elsewhere = {*self.calls, *(row.name for row in self.queues), *(row.name for row in self.pools)}
        others = tuple(row for row in self.primitives if row.name not in elsewhere)
        if others:
            yield _grid(PrimitiveRow, others)
        if self.queues:
            yield _grid(QueueRow, self.queues)
        if self.pools:
            yield _grid(PoolRow, self.pools)
        yield _grid(ThreadRow, self.threads)


def table(log: EventLog, model: Model) -> Table:
    """The numbers of a run: a row for each primitive, and one for each thread, by number."""
    words = Words(log)
    with without_collector(len(log.objects)):
        counts = Counter(map(_KIND_AND_OBJECT.__and__, log.codes))
        calls = _calls(log, words)
        rows = [
            row(info, model, words, calls[info.number], counts)
            for info in log.objects
            if (row := OWN_ROWS.get(words.nature(info.number).family))
        ]
        return Table(
            primitives=tuple(_primitives(log, model, words, counts)),
            threads=tuple(_thread(each, words, known=bool(model.slices)) for each in model.threads),
            queues=tuple(row for row in rows if isinstance(row, QueueRow)),
            pools=tuple(row for row in rows if isinstance(row, PoolRow)),
            calls=frozenset(words.object(number) for numbers in calls.values() for number in numbers),
        )


def _calls(log: EventLog, words: Words) -> defaultdict[int, list[int]]:
    """The futures of each executor."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for info in log.objects:
        if info.owner and words.nature(info.number).work:
            found[info.owner].append(info.number)
    return found


def _queue(
    info: ObjectInfo, model: Model, words: Words, calls: Sequence[int], counts: Counter[int]
) -> QueueRow:
    thing, on = model.objects[info.number - 1], info.number << OBJECT_SHIFT
    lengths = [model.waits[index].end - model.waits[index].start for index in thing.waits]
    items = counts[Kind.PUT | on] + thing.value[0].value
    return QueueRow(
        name=words.object(info.number),
        type=info.type,
        puts=counts[Kind.PUT | on],
        gets=counts[Kind.GOT | on],
        longest_length=max(step.value for step in thing.value),
        mean_time_inside=_mean_time(thing.value, items, model.duration),
        waits=len(lengths),
        total_wait=sum(lengths),
        longest_wait=max(lengths, default=0),
    )


def _pool(
    info: ObjectInfo, model: Model, words: Words, calls: Sequence[int], counts: Counter[int]
) -> PoolRow:
    steps = model.objects[info.number - 1].value
    queued = [band for number in calls for band in model.objects[number - 1].bands]
    return PoolRow(
        name=words.object(info.number),
        type=info.type,
        most_workers=info.value,
        tasks=len(queued),
        failed=sum(counts[Kind.CALL_FAILED | number << OBJECT_SHIFT] for number in calls),
        most_queued=max(step.value for step in steps),
        mean_wait_for_worker=_mean_time(steps, len(queued), model.duration),
        longest_wait_for_worker=max((band.end - band.start for band in queued), default=0),
    )


OWN_ROWS: Mapping[Family, Callable[..., QueueRow | PoolRow]] = MappingProxyType(
    {Family.QUEUE: _queue, Family.EXECUTOR: _pool}
)
"""What has a table of its own."""


def _mean_time(steps: Sequence[Step], items: int, end: int) -> int | None:
    """How long each of so many was in a line of which the steps say how long it was.

    All were there together for as long as the area under the steps, whoever came out first (Little, "A proof
    for the queuing formula L = λW", 1961). So nothing needs to be known of which item was which.
    """
    ends = [*(step.time for step in steps[1:]), end]
    area = sum(step.value * (until - step.time) for step, until in zip(steps, ends, strict=True))
    return area // items if items else None


def _primitives(log: EventLog, model: Model, words: Words, counts: Counter[int]) -> Iterator[PrimitiveRow]:
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
    waiting = (State.WAITING, State.NOTIFIED, State.STARTING, State.IDLE)
    return ThreadRow(
        name=words.thread(thread.number),
        running=spent[State.RUNNING],
        ready=spent[State.READY] if known else None,
        waiting=sum(spent[state] for state in waiting),
        sleeping=spent[State.SLEEPING],
        end=thread.fate.value,
    )


def _named(rows: Sequence[_Row], name: str) -> _Row:
    for row in rows:
        if row.name == name:
            return row
    raise KeyError(f"no row is called {name!r}; there are {', '.join(row.name for row in rows) or 'none'}")


_TIMES = frozenset(
    {
        *("total_wait", "longest_wait", "total_hold", "running", "ready", "waiting", "sleeping"),
        *("mean_time_inside", "mean_wait_for_worker", "longest_wait_for_worker"),
    }
)
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
