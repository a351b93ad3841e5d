"""What the record itself cost: how far the durations of a run can be trusted.

Owns: `Overhead`, the answer; `Calibration`, what an event costs on this machine; `Gauge`, which measures that
once.

Rule: an estimate, and it says so. The number of events is exact; the cost of one is the median of several
short rounds, so that another process that gets in the way of one does not count.

How it works: a traced primitive is used in the way of a recorded program, into a record of its own, and then
the same is done with the plain one of `threading`; what the first takes longer is the record. There are two
costs, because a Lock records on a short way of its own and everything else through the thread's agent.
"""

from __future__ import annotations

import threading
from _thread import allocate_lock, start_new_thread  # early: threading's names are replaced in a run
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from html import escape
from statistics import median
from time import perf_counter_ns
from types import CodeType
from typing import Any

from tracing.diagnosis.names import Names
from tracing.events import KIND_MASK, OBJECT_MASK, OBJECT_SHIFT, THREAD_SHIFT, EventLog, Kind
from tracing.model import Model, Span, State
from tracing.natures import nature_of
from tracing.primitives import Lock, Semaphore
from tracing.recorder import Recorder
from tracing.runtime import Agent, Runtime
from tracing.runtime.system import System

_Guard = AbstractContextManager[Any]

_WITHOUT_SITE = KIND_MASK | OBJECT_MASK << OBJECT_SHIFT | -1 << THREAD_SHIFT
_SHORT = frozenset({Kind.ACQUIRED, Kind.RELEASED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What recording one event costs, ns."""

    lock: float  # a Lock is acquired or released
    other: float  # anything else


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadOverhead:
    """What one thread spent on recording."""

    name: str
    events: int
    seconds: float
    share: float  # of the time in which it was running, or ready to run; 0 to 1


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Overhead:
    """What the record of a run cost; as text, and in a notebook, a paragraph about it.

    events: how many were recorded. ns_per_event: what one cost, as calibrated on this machine. seconds: all
    of them. share: of the time in which at least one thread was running, 0 to 1. threads: the same for each.
    On a virtual clock, which the record does not move, all costs are 0.
    """

    events: int
    ns_per_event: float
    seconds: float
    share: float
    threads: tuple[ThreadOverhead, ...] = ()
    virtual: bool = False  # the run's clock
    opened: bool = False  # from a file: the run may be another machine's

    def __repr__(self) -> str:
        from tracing.views.units import count, duration

        if self.virtual:
            return (
                f"The clock of this run is virtual: recording its {count(self.events, 'event')} took no time "
                "on it, so none of its durations includes recording."
            )
        events, each = count(self.events, "event"), duration(round(self.ns_per_event))
        if not self.events:
            return "Nothing was recorded, so recording took no time."
        return (
            f"Recording {events} took about {duration(round(self.seconds * 1e9))}, {_percent(self.share)} of "
            f"the time in which the run's threads were running{self._most()}. An event cost about {each}, as "
            f"calibrated on this machine{self._elsewhere()}: durations of much more than that can be trusted."
        )

    def _most(self) -> str:
        """The thread that spent the largest share on it, where there are several."""
        if len(self.threads) < 2:
            return ""
        most = max(self.threads, key=lambda each: each.share)
        return f"; the largest share was that of {most.name}, {_percent(most.share)}"

    def _elsewhere(self) -> str:
        if not self.opened:
            return ""
        return " (the run comes from a file, and may have been recorded on another one)"

    def _repr_html_(self) -> str:
        rows = [] if self.virtual else [*_cells(self.threads)]
        head = "<tr><th></th><th>events</th><th>recording</th><th>share</th></tr>"
        table = f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>" if rows else ""
        return f"<p>{escape(repr(self))}</p>{table}"


def _percent(share: float) -> str:
    """ "12 %", "3.4 %", "less than 0.1 %"."""
    if 0 < share < 0.001:
        return "less than 0.1 %"
    return f"{share:.0%}".replace("%", " %") if share >= 0.1 else f"{share:.1%}".replace("%", " %")


def _cells(threads: Iterable[ThreadOverhead]) -> Iterator[str]:
    from tracing.views.units import duration

    for each in threads:
        cells = [each.name, f"{each.events:,}", duration(round(each.seconds * 1e9)), _percent(each.share)]
        yield f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def overhead(
    log: EventLog, model: Model, calibration: Calibration | None = None, *, opened: bool = False
) -> Overhead:
    """What the record of a run cost.

    Parameters: `calibration`, what an event costs (None: this machine's, measured at the first call);
    `opened`, whether the run comes from a file.
    """
    if log.clock == "virtual":
        return Overhead(
            events=len(log), ns_per_event=0.0, seconds=0.0, share=0.0, virtual=True, opened=opened
        )
    costs = calibration or this_machine().calibration(lines=bool(log.sites))
    events, spent = _spent(log, costs)
    # In start() a thread waits, and between two calls a worker, but what they had recorded took time of it.
    busy = (State.RUNNING, State.STARTING, State.IDLE)
    spans = [[span for span in each.spans if span.state in busy] for each in model.threads]
    names, total = Names(log), sum(spent.values())
    return Overhead(
        events=len(log),
        ns_per_event=total / len(log) if len(log) else 0.0,
        seconds=total / 1e9,
        share=_share(total, _covered(span for own in spans for span in own)),
        threads=tuple(
            ThreadOverhead(
                name=names.thread(number),
                events=events[number],
                seconds=spent[number] / 1e9,
                share=_share(spent[number], _covered(own)),
            )
            for number, own in enumerate(spans, 1)
        ),
        opened=opened,
    )


def _spent(log: EventLog, costs: Calibration) -> tuple[Counter[int], Counter[int]]:
    """For each thread how many events it recorded, and the ns that took."""
    events: Counter[int] = Counter()
    others: Counter[int] = Counter()
    locks = {info.number for info in log.objects if nature_of(log, info.number).short}
    for code, times in Counter(map(_WITHOUT_SITE.__and__, log.codes)).items():
        thread, obj = code >> THREAD_SHIFT, code >> OBJECT_SHIFT & OBJECT_MASK
        events[thread] += times
        if code & KIND_MASK not in _SHORT or obj not in locks:
            others[thread] += times
    spent = Counter(
        {
            thread: round((times - others[thread]) * costs.lock + others[thread] * costs.other)
            for thread, times in events.items()
        }
    )
    return events, spent


def _covered(spans: Iterable[Span]) -> int:
    """The time, ns, that lies in at least one of the spans."""
    covered = end = 0
    for span in sorted(spans, key=lambda each: each.start):
        covered += max(0, span.end - max(end, span.start))
        end = max(end, span.end)
    return covered


def _share(spent: int, running: int) -> float:
    return min(1.0, spent / running) if running else 0.0


# The calibration


class _Bench:
    """A run of nobody's, to record into."""

    ended = False
    main = None

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.runtime: Runtime = System()
        self.calls: set[Any] = set()

    def adopt(self, thread: threading.Thread, parent: Agent) -> Agent:
        raise RuntimeError("nobody starts threads here")

    def end(self, reason: str, detail: str = "") -> None:
        """It has no end."""


@dataclass(kw_only=True)
class Gauge:
    """Measures what recording an event costs here and now, once, and remembers it.

    rounds: the median of so many counts. times: how often each primitive is used in a round. clock: ns.
    """

    rounds: int = 9
    times: int = 30
    clock: Callable[[], int] = perf_counter_ns
    _known: dict[bool, Calibration] = field(default_factory=dict)

    def calibration(self, *, lines: bool = True) -> Calibration:
        """The costs, where the source line of each event is recorded and where it is not.

        The first call takes about 10 ms.
        """
        return self._known.get(lines) or self._known.setdefault(lines, self._measure(lines))

    def _measure(self, lines: bool) -> Calibration:
        recorder = Recorder(lines=lines)
        try:
            return _in_a_thread(recorder, self._costs)
        finally:
            recorder.close()

    def _costs(self) -> Calibration:
        return Calibration(
            lock=self._cost(Lock(), threading.Lock()),
            other=self._cost(Semaphore(), threading.Semaphore()),
        )

    def _cost(self, traced: _Guard, plain: _Guard) -> float:
        """Of one event, ns: half of what `with` takes longer."""
        found = [self._time(traced) - self._time(plain) for _ in range(self.rounds + 1)]
        return max(0.0, median(found[1:]) / (2 * self.times))  # the first is slow: nothing is known yet

    def _time(self, guard: _Guard) -> int:
        start = self.clock()
        _use(guard, self.times)
        return self.clock() - start


def _in_a_thread(recorder: Recorder, measure: Callable[[], Calibration]) -> Calibration:
    """What it gives in a thread of its own, which records there: the calling one may be part of a run."""
    agent = Agent(_Bench(recorder), recorder.add_thread("calibration"), threading.main_thread())
    found: list[Calibration | BaseException] = []
    over = allocate_lock()
    over.acquire()

    def work() -> None:
        agent.enter()
        try:
            found.append(measure())
        except BaseException as error:
            found.append(error)
        finally:
            agent.leave()
            over.release()

    start_new_thread(work, ())
    over.acquire()
    if isinstance(found[0], BaseException):
        raise found[0]
    return found[0]


@cache
def _program() -> CodeType:
    """As if it were the program's: what this package does itself has no line."""
    return compile("for _ in range(times):\n    with guard:\n        pass", "<calibration>", "exec")


def _use(guard: _Guard, times: int) -> None:
    exec(_program(), {"guard": guard, "times": times})


@cache
def this_machine() -> Gauge:
    """One for the process."""
    return Gauge()
