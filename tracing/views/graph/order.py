"""The lock-order graph, to look at: which locks threads take while they hold others, and where it goes round.

Owns: `LockOrder`, the graph of a run with its words and its picture, and `OrderWording`, what the picture
says. Layout and paint are those of the wait-for graph.

Rule: the edges and the circles are the diagnosis'. An arrow points from the lock held to the lock taken, in
the order of taking; dashed where the thread would have given up. Of locks taken one inside the other, words
and picture have the step from each to the next; what follows from these stands in `edges` alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from tracing.diagnosis.names import Names, listed
from tracing.diagnosis.order import Cycle, OrderEdge, inversions, lock_order
from tracing.events import EventLog
from tracing.model import Model
from tracing.views.alternative import Bundle, bundle, of_graph
from tracing.views.graph.layout import Arrow, Node, Ring
from tracing.views.graph.words import MOST_EDGES, MOST_IN_CIRCLES, WORDS, Wording, ring_around, room_for
from tracing.views.png import to_png
from tracing.views.timeline import Palette
from tracing.views.timeline.words import fitted, plain
from tracing.views.units import count

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LINES = 200  # of the text; the circles have lines of their own
WIDEST = 130.0  # points of words on an arrow
NOTHING = "No lock was taken while another was held."


@dataclass(frozen=True, kw_only=True)
class LockOrder:
    """Which locks threads took while they held others. As the last expression of a cell it is a picture.

    The same run gives an equal graph, the same words and the same bytes.
    """

    edges: tuple[OrderEdge, ...]  # in the order in which they arose
    inversions: tuple[Cycle, ...]  # the circles that can deadlock, each as its edges
    log: EventLog = field(repr=False)
    palette: Palette = field(repr=False, compare=False)

    @cached_property
    def cycles(self) -> tuple[tuple[int, ...], ...]:
        """The circles that can deadlock: the numbers of their locks, in the order of taking."""
        return tuple(tuple(edge.first for edge in cycle) for cycle in self.inversions)

    @property
    def cycle(self) -> tuple[int, ...]:
        """The smallest circle; empty where there is none."""
        return min(self.cycles, key=len, default=())

    @cached_property
    def shown(self) -> tuple[OrderEdge, ...]:
        """The steps from lock to lock, and what circles are made of; all else follows from these."""
        steps = {(edge.first, edge.second) for cycle in self.inversions for edge in cycle}
        return tuple(e for e in self.edges if e.direct or (e.first, e.second) in steps)

    def text(self) -> str:
        """A line for each order and its places, sorted, then a sentence for each circle."""
        lines = sorted(self._lines())
        if not lines:
            return NOTHING
        more = [f"… and {len(lines) - LINES} more lines"] if len(lines) > LINES else []
        return "\n".join([*lines[:LINES], *more, *map(self._ring, self.inversions)])

    def _lines(self) -> Iterator[str]:
        names, alike = Names(self.log), dict[tuple[object, ...], list[OrderEdge]]()
        for edge in self.shown:
            places = (edge.first, edge.second, edge.first_site, edge.second_site)
            alike.setdefault((*places, edge.gates, edge.blocking), []).append(edge)
        for edges in alike.values():
            first, second = (
                f"{names.object(obj)}{names.at(site, ' ')}"
                for obj, site in (
                    (edges[0].first, edges[0].first_site),
                    (edges[0].second, edges[0].second_site),
                )
            )
            yield f"{first} → {second}, by {names.threads(_threads(edges))}{_limits(names, edges[0])}"

    def _ring(self, cycle: Cycle) -> str:
        names = Names(self.log)
        locks = " → ".join(names.object(edge.first) for edge in (*cycle, cycle[0]))
        return f"{locks} is a circle: {names.threads(_threads(cycle))} can deadlock."

    def figure(self) -> Figure:
        """The picture as a matplotlib figure of its own; it is not shown."""
        from tracing.views.graph.paint import draw

        return draw(OrderWording(self))

    def png(self) -> bytes:
        """The picture; the same bytes for the same graph."""
        return to_png(self.figure())

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        text = self.text()
        return bundle(self.png(), text, of_graph("Lock-order graph", self.log, text))


def order_graph(log: EventLog, model: Model, palette: Palette | None = None) -> LockOrder:
    """The lock-order graph of a run.

    Parameters: `log` and `model`, the run and its fold; `palette`, shared with other figures to give the same
    name the same colour in all of them.
    """
    edges = lock_order(log, model)
    return LockOrder(edges=edges, inversions=inversions(log, edges), log=log, palette=palette or Palette())


def _threads(edges: Sequence[OrderEdge]) -> list[int]:
    return sorted({edge.thread for edge in edges})


def _limits(names: Names, edge: OrderEdge) -> str:
    """What keeps it from being part of a deadlock."""
    gates = [names.object(number) for number in edge.gates]
    held = f", while it also held {listed(gates)}" if gates else ""
    return held + ("" if edge.blocking else ", and would have given up")


class OrderWording(Wording):
    """What a lock-order graph's picture says, measured."""

    title = "Which lock is taken while which is held"

    def __init__(self, graph: LockOrder) -> None:
        super().__init__(graph.log, graph.palette)
        self.circling = {edge for cycle in graph.inversions for edge in cycle}
        self.steps = {(edge.first, edge.second) for edge in self.circling}
        self.marked = {("object", number) for cycle in graph.cycles for number in cycle}
        groups = self._groups(graph.shown)
        most = max(MOST_EDGES, min(len(self.steps), MOST_IN_CIRCLES))
        self.left_out = len(groups[most:])
        self.arrows = [self._arrow(edges) for edges in groups[:most]]
        drawn = set(self.nodes())
        circles = [tuple(("object", number) for number in cycle) for cycle in graph.cycles]
        self.rings = [ring_around(nodes, "inversion") for nodes in circles if drawn.issuperset(nodes)]
        self.harmless = list(self._harmless())
        self.rings += self.harmless

    def _groups(self, edges: Sequence[OrderEdge]) -> list[list[OrderEdge]]:
        """The edges that one arrow stands for; those of circles first."""
        groups: dict[tuple[int, int], list[OrderEdge]] = {}
        for edge in sorted(edges, key=lambda edge: edge not in self.circling):
            groups.setdefault((edge.first, edge.second), []).append(edge)
        return list(groups.values())

    def _arrow(self, edges: list[OrderEdge]) -> Arrow:
        edge, threads = edges[0], [plain(self.places.thread(number)) for number in _threads(edges)]
        places = [self.places.place(site) for site in (edge.first_site, edge.second_site)]
        others = len({(each.first_site, each.second_site) for each in edges}) - 1
        gates = sorted(set(edge.gates).intersection(*(each.gates for each in edges)))
        words = [" → ".join(dict.fromkeys(filter(None, places)))]
        words += [f"and {count(others, 'more place')}"] if others else []
        words += [f"by {listed(threads, most=2)}"]
        words += [f"inside {listed([self.places.object(n) for n in gates], most=2)}"] if gates else []
        fitting = tuple(fitted(plain(word), WORDS, WIDEST) for word in words if word)
        return Arrow(
            source=("object", edge.first),
            target=("object", edge.second),
            size=room_for(fitting),
            words=fitting,
            waits=not any(each.blocking for each in edges),
            marked=(edge.first, edge.second) in self.steps,
            bends=True,
        )

    def _harmless(self) -> Iterator[Ring]:
        """A circle that cannot deadlock, in each part of the graph without one that can."""
        ahead: dict[Node, list[Node]] = {arrow.source: [] for arrow in self.arrows}
        for arrow in self.arrows:
            ahead[arrow.source].append(arrow.target)
        while ended := {node for node in ahead if not any(target in ahead for target in ahead[node])}:
            ahead = {node: targets for node, targets in ahead.items() if node not in ended}
        taken = set(self.marked)
        for node in sorted(ahead):
            walk: list[Node] = []
            while node not in taken:
                taken.add(node)
                walk.append(node)
                node = next(target for target in ahead[node] if target in ahead)
            if node in walk:
                yield Ring(nodes=tuple(walk[walk.index(node) :]), size=(0.0, 0.0), words="")

    def notes(self) -> list[str]:
        if not self.arrows:
            return [NOTHING]
        more = f"{count(self.left_out, 'more order is', 'more orders are')} not drawn; text() says them."
        lines = [more] if self.left_out else []
        return [*lines, *(["A circle that is not marked cannot deadlock."] if self.harmless else [])]
