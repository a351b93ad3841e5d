"""The wait-for graph, to look at: who waits for what, who holds it, and where the circle is.

Owns: `WaitForGraph`, the graph of one moment with its words and its picture, and the choice of that moment.
`words` are what the picture says, `layout` finds a place for everything, `paint` makes artists.

Rule: the edges are the diagnosis'; an arrow reads as a sentence in its direction (ann waits for lock_b, held
by bob), so that a deadlock is a way that leads back to where it began.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from tracing.diagnosis import who_could_end
from tracing.diagnosis.graph import Edge, blockers, cycles, wait_for_graph
from tracing.diagnosis.handover import ROLES, Role
from tracing.diagnosis.names import Names
from tracing.events import EventLog, Kind
from tracing.model import Fate, Model, Outcome, Wait
from tracing.views.alternative import Bundle, bundle, of_graph
from tracing.views.graph.layout import Node
from tracing.views.png import to_png
from tracing.views.timeline import Palette

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["WaitForGraph", "draw_graph", "wait_graph"]

LINES = 200  # of the text; a reader looks for a circle, and that has a line of its own


@dataclass(frozen=True, kw_only=True)
class WaitForGraph:
    """Who waits for what at one moment, and who holds it. As the last expression of a cell it is a picture.

    The same run and the same moment give an equal graph, the same words and the same bytes.
    """

    # waits first, by start, then holds, by object, then who could end a wait for what nobody holds
    edges: tuple[Edge, ...]
    at: int | None  # ns since the run began; None: the end of the record
    log: EventLog = field(repr=False)
    model: Model = field(repr=False)
    palette: Palette = field(repr=False, compare=False)

    @cached_property
    def cycles(self) -> tuple[tuple[int, ...], ...]:
        """The circles: the numbers of their threads, each waiting for the next, the last for the first."""
        return tuple(cycles(blockers(self.edges)))

    @property
    def cycle(self) -> tuple[int, ...]:
        """The smallest circle; empty where there is none."""
        return min(self.cycles, key=len, default=())

    def is_deadlock(self, cycle: tuple[int, ...]) -> bool:
        """Whether nobody in this circle will give up: none of the waits has a timeout."""
        waits = (self.model.waits[edge.wait] for edge in self._waits(cycle) if edge.wait is not None)
        return all(wait.timeout is None for wait in waits)

    def circle(self, cycle: tuple[int, ...]) -> tuple[Node, ...]:
        """The threads of a circle and what each of them waits for, along the arrows."""
        waits = {edge.thread: edge for edge in self._waits(cycle)}
        stations = ((("thread", thread), ("object", waits[thread].obj)) for thread in cycle)
        return tuple(node for pair in stations for node in pair if node[1])

    def _waits(self, threads: tuple[int, ...]) -> Iterator[Edge]:
        return (edge for edge in self.edges if edge.what == "waits for" and edge.thread in threads)

    def role(self, edge: Edge) -> Role:
        """What a thread does that could end a wait."""
        return ROLES[Kind(self.model.waits[edge.wait or 0].kind)]

    def is_over(self, thread: int) -> bool:
        """Whether that thread has ended, at this moment."""
        life = self.model.threads[thread - 1]
        return life.fate in (Fate.ENDED, Fate.FAILED) and (self.at is None or life.end <= self.at)

    def text(self) -> str:
        """A line an edge, sorted, then a sentence for each circle."""
        lines = sorted({self._line(edge) for edge in self.edges})
        if not lines:
            return "Nobody waits, and nobody holds anything."
        more = [f"… and {len(lines) - LINES} more lines"] if len(lines) > LINES else []
        return "\n".join([*lines[:LINES], *more, *map(self._ring, self.cycles)])

    def _line(self, edge: Edge) -> str:
        names = Names(self.log)
        who = names.thread(edge.thread)
        if edge.what == "could end":
            return f"{who} {self.role(edge).does.format(names.object(edge.obj))}"
        if edge.wait is not None:
            wait = self.model.waits[edge.wait]
            timeout = "" if wait.timeout is None else ", with a timeout"
            return f"{who} waits {names.wait_aim(wait)}{names.at(edge.site)}{timeout}"
        has = f"{who} {names.nature(edge.obj).having} {names.part(edge.obj)}{names.at(edge.site, ' since ')}"
        return has + (", and has ended" if self.is_over(edge.thread) else "")

    def _ring(self, cycle: tuple[int, ...]) -> str:
        names, circle = Names(self.log), self.circle(cycle)
        stations = [
            names.thread(number) if kind == "thread" else names.object(number)
            for kind, number in (*circle, circle[0])
        ]
        end = "a deadlock" if self.is_deadlock(cycle) else "until a timeout opens it"
        return f"{' → '.join(stations)} is a circle: {end}."

    def figure(self) -> Figure:
        """The picture as a matplotlib figure of its own; it is not shown."""
        from tracing.views.graph.paint import draw
        from tracing.views.graph.words import WaitWording

        return draw(WaitWording(self))

    def png(self) -> bytes:
        """The picture; the same bytes for the same graph."""
        return to_png(self.figure())

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        text = self.text()
        return bundle(self.png(), text, of_graph("Wait-for graph", self.log, text))


def wait_graph(
    log: EventLog, model: Model, at: float | None = None, palette: Palette | None = None
) -> WaitForGraph:
    """The wait-for graph at a moment of a run.

    Parameters: `log` and `model`, the run and its fold; `at`, seconds since the run began (None: the end of a
    run that hung, else the middle of the longest wait for something that somebody had); `palette`, shared
    with other figures to give the same name the same colour in all of them.
    Raises ValueError where the run has no such moment.
    """
    last = WaitForGraph(
        edges=(*wait_for_graph(model), *who_could_end(log, model)),
        at=None,
        log=log,
        model=model,
        palette=palette or Palette(),
    )
    when = _ns(at, model.duration) if at is not None else _worst(last)
    return last if when is None else replace(last, at=when, edges=wait_for_graph(model, when))


def draw_graph(
    log: EventLog, model: Model, at: float | None = None, palette: Palette | None = None
) -> Figure:
    """The picture of the wait-for graph at a moment of a run; parameters and errors as for `wait_graph`."""
    return wait_graph(log, model, at, palette).figure()


def _ns(at: float, duration: int) -> int:
    if not 0 <= at <= (duration + 1) / 1e9:  # + 1: seconds that a reader computed from ns are rounded
        raise ValueError(
            f"wait_for_graph() was asked for the moment at={at!r}, but the run lasts from 0 to "
            f"{duration / 1e9:g} seconds; give a time in between, or none for the moment that matters most."
        )
    return min(round(at * 1e9), duration)


def _worst(last: WaitForGraph) -> int | None:
    """The moment to look at: None is the end, where that is a standstill."""
    waits = last.model.waits
    if last.log.ending.reason == "hung" or any(map(last.is_deadlock, last.cycles)) or not waits:
        return None
    contended = [wait for wait in waits if wait.obj and wait.holders] or [wait for wait in waits if wait.obj]
    longest = max(contended or waits, key=_length)
    return None if longest.outcome is Outcome.OPEN else (longest.start + longest.end) // 2


def _length(wait: Wait) -> int:
    return wait.end - wait.start
