"""`Trace`: what a run gives: its record, and everything that can be seen in it.

Owns: nothing but the way from an `EventLog` to its model, its findings and its views, each made when it is
first asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import cache, partial
from os import PathLike
from typing import TYPE_CHECKING, Any

from tracing.events import EventLog, TraceEvent
from tracing.progress import Progress

MOST_TO_EXAMINE = 50_000
"""Events that `timeline()` folds and examines before it draws: a million would take seconds, not one."""

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tracing.asking import Held, Life, Noted, Questions, Waited
    from tracing.diagnosis import Finding
    from tracing.model import Model
    from tracing.overhead import Calibration, Overhead
    from tracing.views.alternative import Bundle
    from tracing.views.dataframes import DataFrames
    from tracing.views.graph import WaitForGraph
    from tracing.views.graph.order import LockOrder
    from tracing.views.tables import Table
    from tracing.views.timeline import Palette
    from tracing.views.timeline.key import Key


@cache
def shared_palette() -> Palette:
    """One for the process: the same name has the same colour in all figures of a notebook."""
    from tracing.views.timeline import Palette

    return Palette()


def _progress(log: EventLog, total: int, unit: str) -> Progress:
    """Of a short record none is shown, however busy the machine is: in a notebook its widget would stay."""
    return Progress(total, unit, None if len(log) > MOST_TO_EXAMINE else False)


class Trace:
    """The record of one run. As the last expression of a notebook cell it shows the timeline, and the same in
    words.

    While its block lasts it shows what has happened so far; afterwards it never changes. Iterating gives the
    events. Two are equal where their records are, be they of a run or from a file.
    """

    def __init__(self, log: EventLog | Callable[[], EventLog], *, opened: bool = False) -> None:
        self._source, self._opened = log, opened  # opened: from a file
        self._model: Model | None = None
        self._findings: tuple[Finding, ...] | None = None

    def seal(self, log: EventLog) -> None:
        """The run is over: this is its record."""
        self._source, self._model, self._findings = log, None, None

    @property
    def log(self) -> EventLog:
        """The record itself."""
        return self._source if isinstance(self._source, EventLog) else self._source()

    def __iter__(self) -> Iterator[TraceEvent]:
        return iter(self.log)

    def __len__(self) -> int:
        return len(self.log)

    def __eq__(self, other: object) -> bool:
        return self is other or self.log == other.log if isinstance(other, Trace) else NotImplemented

    def __hash__(self) -> int:
        return hash(Trace)  # the same while it grows; nobody has many of them

    @property
    def model(self) -> Model:
        """The record folded: spans, holds, waits and their causes."""
        return self._folded()[1]

    def _folded(self) -> tuple[EventLog, Model]:
        """Record and model of the same moment."""
        from tracing.model import fold

        log = self.log
        if not isinstance(self._source, EventLog):
            return log, fold(log)
        if self._model is None:
            progress = _progress(log, len(log), "events")
            try:
                self._model = fold(log, partial(progress.step, "reading"))
            finally:
                progress.close()
        return log, self._model

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What went wrong, most severe first; empty where nothing did.

        A million events take some seconds: in a terminal or a notebook a bar shows how far it is.
        """
        if self._findings is None or not isinstance(self._source, EventLog):
            self._findings = self._examined()
        return self._findings

    def _examined(self) -> tuple[Finding, ...]:
        from tracing.diagnosis import QUESTIONS, diagnose

        log, model = self._folded()
        progress = _progress(log, QUESTIONS, "questions")
        try:
            return diagnose(log, model, partial(progress.step, "examining"))
        finally:
            progress.close()

    def add_findings(
        self, findings: tuple[Finding, ...], *, instead: Collection[tuple[str, int]] = ()
    ) -> None:
        """What was found out about this run by more than its record, above what the record shows that is as
        severe. instead: kind and thread of findings that say less of the same.
        """
        from tracing.diagnosis import by_severity

        kept = [each for each in self.findings if (each.kind, *each.threads) not in instead]
        self._findings = by_severity((*findings, *kept))

    def _asked(self) -> Questions:
        from tracing.asking import Questions

        return Questions(*self._folded())

    def waits_of(self, thread: str) -> tuple[Waited, ...]:
        """The waits of the thread with that name, in order: for primitives, and for other threads' ends.

        Each is a sentence by `str()`, and has `thread`, `thing`, `held_by`, `outcome`, `ended_by`, `start`
        and `end` in seconds. Raises NoSuchThreadError, which lists the names that there are.
        """
        return self._asked().waits_of(thread)

    def waits_for(self, name: str) -> tuple[Waited, ...]:
        """All threads' waits for the primitive with that name. Raises NoSuchPrimitiveError."""
        return self._asked().waits_for(name)

    def holds_of(self, name: str) -> tuple[Held, ...]:
        """Who had the lock or permit with that name, in order: `thread`, `start`, `end`, `depth`,
        `released_by`. Raises NoSuchPrimitiveError.
        """
        return self._asked().holds_of(name)

    def holders(self, name: str) -> tuple[str, ...]:
        """The names of those who had it, in order; a thread that had it twice stands there twice."""
        return tuple(hold.thread for hold in self.holds_of(name))

    def values_of(self, name: str) -> tuple[int, ...]:
        """What a primitive that counts has counted, from its first value on: permits, arrivals, an RLock's
        depth, a queue's items. Raises NoSuchPrimitiveError.
        """
        return self._asked().values_of(name)

    def life_of(self, thread: str) -> Life:
        """When the thread with that name began and ended, in seconds, and its outcome; of several, the first.

        Raises NoSuchThreadError.
        """
        return self._asked().lives_of(thread)[0]

    def outcome_of(self, thread: str) -> str:
        """How the thread with that name ended: "ended", "failed: ValueError: too hot", "cut off" or "still
        running". Raises NoSuchThreadError.
        """
        return self.life_of(thread).outcome

    def notes_of(self, what: str) -> tuple[Noted, ...]:
        """What took no time, of one sort and in order: "would block", "timed out", "notify", "set", ... (see
        `tracing.asking.Noted`).
        """
        return self._asked().notes_of(what)

    def found(self, kind: str) -> tuple[Finding, ...]:
        """The findings of one kind ("deadlock"); empty where there is none, so it answers whether."""
        return tuple(finding for finding in self.findings if finding.kind == kind)

    def timeline(self, **options: Any) -> Axes:
        """The timeline as matplotlib axes.

        Options, all optional: `width` in inches; `threads` and `objects`, names or numbers of those to show;
        `start` and `end` of the window in seconds; `title`; `ax` to draw into; `axis`,
        "time" or "order" (None: which says more); `cut`, seconds: longer stretches in which nothing happens
        are cut out; see
        `tracing.views.timeline.draw_timeline`.
        """
        from tracing.diagnosis import brief
        from tracing.views.timeline import draw_timeline

        log = self.log
        settings = {"palette": shared_palette(), **options}
        if self._findings is not None or len(log) <= MOST_TO_EXAMINE:
            settings.setdefault("findings", self.findings)
        elif "findings" not in options:
            ended = brief(log) or "Not looked yet for what went wrong"
            settings["notes"] = (f"{ended} (see run.findings)", *options.get("notes", ()))
        return draw_timeline(log, lambda: self._folded()[1], **settings)

    def text(self, *, columns: bool = False, width: int = 100) -> str:
        """The run in words. On the real clock without times, and the same wherever the order is.

        columns: one for each thread, and a row for each event, in the order of this run; with a rule wherever
        another thread goes on, and the steps of the schedule. width: of these, in characters. Raises
        ValueError where that is less than 40.
        """
        from tracing.views.text import text, text_in_columns

        if columns:
            return text_in_columns(*self._folded(), self.findings, width=width)
        return text(*self._folded(), self.findings)

    def explain(self, thread: str | int | None = None) -> str:
        """A sentence for each wait: how long, for what, held by whom, ended by whom and how, and what it was
        spent on: held by others, hand-off, schedule (`tracing.model.breakdown` says what these are).

        thread: a name, or a number counted from 1; only its waits. Raises NoSuchThreadError where there is
        none.
        """
        from tracing.views.text import explain

        return explain(*self._folded(), thread)

    def table(self) -> Table:
        """Numbers per primitive (acquisitions, waits, holds), per queue (puts, gets, how long it was, and how
        long an item was in it), per pool (tasks, and their waits for a worker) and per thread (running,
        waiting, sleeping).
        """
        from tracing.views.tables import table

        return table(*self._folded())

    def overhead(self, calibration: Calibration | None = None) -> Overhead:
        """What the record itself cost: how many events, what each cost, and the share of the run (and of each
        thread) that was recording. So it says how far durations can be trusted.

        calibration: what an event costs; by default it is measured on this machine, once per process, which
        takes about 10 ms. That is so for a run from a file, too, which may be another machine's. On the
        virtual clock recording takes no time.
        """
        from tracing.overhead import overhead

        return overhead(*self._folded(), calibration, opened=self._opened)

    def wait_for_graph(self, at: float | None = None) -> WaitForGraph:
        """Who waits for what, and who holds it, at one moment: a picture, and the same in words.

        at: seconds since the run began. By default the moment that matters most: the end of a run that hung,
        else the middle of the longest wait. Raises ValueError for a moment outside the run.
        """
        from tracing.views.graph import wait_graph

        return wait_graph(*self._folded(), at, shared_palette())

    def lock_order(self) -> LockOrder:
        """Which locks were taken while others were held, by whom and where: a picture, and the same in words.

        Circles that can deadlock in another schedule are marked; `edges` and `cycles` are there to assert on.
        """
        from tracing.views.graph.order import order_graph

        return order_graph(*self._folded(), shared_palette())

    def save(self, path: str | PathLike[str]) -> None:
        """Write the record to a file, compressed where the name ends in ".gz"; `open_trace` reads it.

        A file that is there already is replaced when all is written: where that fails (OSError; Ctrl-C), it
        stays as it was.
        """
        from tracing.files import save

        save(self.log, path)

    def to_perfetto(self, path: str | PathLike[str]) -> None:
        """Write a file that the Perfetto UI (ui.perfetto.dev) and chrome://tracing open; it replaces another
        as `save` does.
        """
        from tracing.files import to_chrome

        to_chrome(*self._folded(), path)

    def to_dataframe(self) -> DataFrames:
        """Events, spans and waits as pandas DataFrames, with a row each: `run.to_dataframe().waits`.

        Names and words, and times in ns since the run began; the column "wait" of the spans is the row of the
        wait. Raises ImportError, with what to do, where pandas is not installed.
        """
        from tracing.views.dataframes import to_dataframes

        return to_dataframes(*self._folded())

    def to_html(self, path: str | PathLike[str]) -> None:
        """Write one page for a browser: picture, findings, numbers, words, and a timeline to move in, whose
        keys `?` lists. It needs nothing else, no network either; it replaces another file as `save` does.
        """
        from tracing.files.replacing import replacing
        from tracing.views.page import page

        text = page(
            *self._folded(),
            self.findings,
            picture=self.png(),
            alternative=self._alternative(),
            palette=shared_palette(),
        )
        with replacing(path) as file:
            file.write(text.encode(errors="replace"))

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        from tracing.views.alternative import bundle

        text = self.text()  # first: what it has found stands in the picture, too
        return bundle(self._picture(), text, self._alternative())

    def _alternative(self) -> str:
        """What the timeline says, in a sentence."""
        from tracing.views.alternative import of_timeline

        log = self.log
        examined = self._findings is not None or len(log) <= MOST_TO_EXAMINE
        return of_timeline(log, self.findings if examined else None)

    def png(self) -> bytes:
        """The timeline as a picture, with what it says in a sentence as its Description; the same bytes for
        the same record.
        """
        from tracing.views.alternative import described

        return described(self._picture(), self._alternative())

    def _picture(self) -> bytes:
        from tracing.views.png import to_png

        figure = self.timeline().get_figure(root=True)
        assert figure is not None
        return to_png(figure)


def key() -> Key:
    """The key to the timelines: one of each mark, and what it says. As the last expression of a notebook cell
    it shows a figure; in words it is a list.
    """
    from tracing.views.timeline.key import Key

    return Key()


def open_trace(path: str | PathLike[str]) -> Trace:
    """The trace in a file that `Trace.save` wrote. Raises TraceFileError where it is none; OSError as open()
    does.
    """
    from tracing.files import open_log

    return Trace(open_log(path), opened=True)
