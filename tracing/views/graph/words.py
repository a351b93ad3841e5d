"""What the picture of a graph says, and how much room the words take.

Owns: `Wording`, what all graphs share, and `WaitWording`, that of the wait-for graph.

Rule: a picture is for the eye. Many threads that wait for the same are a few of them and "and 12 more"; the
text has every line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracing.diagnosis.graph import Edge
from tracing.diagnosis.names import Names
from tracing.events import EventLog
from tracing.model import Fate
from tracing.views.graph.layout import Arrow, Node, Ring, Size
from tracing.views.timeline.style import Ink, Palette
from tracing.views.timeline.words import DrawnNames, fitted, plain, shortened, width
from tracing.views.units import count, duration

if TYPE_CHECKING:
    from tracing.views.graph import WaitForGraph

NAME, NOTE, WORDS, CENTRE = 9.0, 7.0, 7.2, 12.5  # font sizes
LONGEST = 22  # characters of a name
STRIP = 11.0  # points of hatching at a primitive's left end
MOST_EDGES, MOST_IN_CIRCLES = 36, 60
MOST_ALIKE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An arrow to come: one edge, or many alike from (or to) a crowd."""

    source: Node
    target: Node
    edge: Edge
    site: int  # 0 where those of a crowd differ
    count: int = 1


class Wording:
    """What the picture of any graph says: boxes with a name and a note, arrows with words, circles."""

    title = ""
    marked: Collection[Node] = ()  # members of circles
    arrows: Sequence[Arrow] = ()
    rings: Sequence[Ring] = ()

    def __init__(self, log: EventLog, palette: Palette) -> None:
        self.palette, self.names, self.places = palette, DrawnNames(log), Names(log)
        for info in log.objects:  # colours in the order of the log, as in the timeline
            self.ink(info.number)

    def nodes(self) -> list[Node]:
        """Those that an arrow joins, in the order of the log: threads first, crowds last."""
        ends = {end for arrow in self.arrows for end in (arrow.source, arrow.target)}
        return sorted(ends, key=lambda node: (("thread", "object", "more").index(node[0]), node[1]))

    def notes(self) -> list[str]:
        """The lines below the picture."""
        return []

    def ink(self, number: int) -> Ink:
        return self.palette.ink(self.names.object(self.names.lane(number)))

    def name(self, node: Node) -> str:
        kind, number = node
        full = self.names.thread(number) if kind == "thread" else self.names.object(number)
        return shortened(full, LONGEST)

    def note(self, node: Node) -> str:
        """Below the name: a primitive's type."""
        return plain(self.names.type(node[1]))

    def is_over(self, node: Node) -> bool:
        """Whether it is a thread that has ended."""
        return False

    def size(self, node: Node) -> Size:
        wide = max(width(self.name(node), NAME, True), width(self.note(node), NOTE))
        return max(wide + 16 + (STRIP if node[0] == "object" else 0), 58.0), 29.0


def room_for(words: Sequence[str]) -> Size:
    """What the words on an arrow take, a line each."""
    return max(width(word, WORDS) for word in words) + 4, len(words) * (WORDS + 1.8) + 2


def ring_around(nodes: tuple[Node, ...], word: str) -> Ring:
    """A circle with a word in its middle."""
    return Ring(nodes=nodes, words=word, size=(width(word, CENTRE, True) + 16, CENTRE + 14))


class WaitWording(Wording):
    """What a wait-for graph's picture says, measured."""

    def __init__(self, graph: WaitForGraph) -> None:
        super().__init__(graph.log, graph.palette)
        self.graph = graph
        circles = [graph.circle(cycle) for cycle in graph.cycles]
        self.marked = {node for circle in circles for node in circle}
        self.steps = {
            step for circle in circles for step in zip(circle, circle[1:] + circle[:1], strict=True)
        }
        self.merged: list[list[Edge]] = []  # edges that one arrow stands for
        steps = self._gathered(_unique(graph.edges))
        steps.sort(key=lambda step: (step.source, step.target) not in self.steps)
        most = max(MOST_EDGES, min(len(self.steps), MOST_IN_CIRCLES))
        self.left_out = sum(step.count for step in steps[most:])
        self.arrows = [self._arrow(step) for step in steps[:most]]
        self.rings = list(self._rings())
        at = "at the end" if graph.at is None else f"at {duration(graph.at)}"
        self.title = f"Who waits for whom {at}"

    def _rings(self) -> Iterator[Ring]:
        drawn = set(self.nodes())
        for cycle in self.graph.cycles:
            circle = self.graph.circle(cycle)
            if drawn.issuperset(circle):
                word = "deadlock" if self.graph.is_deadlock(cycle) else "circle"
                yield ring_around(circle, word)

    def notes(self) -> list[str]:
        if not self.arrows:
            return ["Nobody waits, and nobody holds anything."]
        more = count(self.left_out, "more wait or hold is", "more waits and holds are")
        return [f"{more} not drawn; text() says them."] if self.left_out else []

    def _gathered(self, edges: Sequence[Edge]) -> list[Step]:
        """An arrow for each edge; for many that differ only in where they begin, or end, one for most."""
        degree = Counter(node for edge in edges for node in _ends(edge))
        groups: dict[object, list[Edge]] = {}
        for edge in edges:
            leaf = _leaf(edge, degree)
            groups.setdefault((edge.what, leaf, _ends(edge)[1 - leaf]) if leaf >= 0 else edge, []).append(
                edge
            )
        return [step for group in groups.values() for step in self._group(group, _leaf(group[0], degree))]

    def _group(self, edges: list[Edge], leaf: int) -> Iterator[Step]:
        alone = edges if len(edges) <= MOST_ALIKE else edges[: MOST_ALIKE - 1]
        for edge in alone:
            source, target = _ends(edge)
            yield Step(source=source, target=target, edge=edge, site=edge.site)
        rest = edges[len(alone) :]
        if rest:
            self.merged.append(rest)
            ends = list(_ends(rest[0]))
            ends[leaf] = ("more", len(self.merged))
            site = rest[0].site if len({edge.site for edge in rest}) == 1 else 0
            yield Step(source=ends[0], target=ends[1], edge=rest[0], site=site, count=len(rest))

    def _verb(self, edge: Edge) -> str:
        if edge.what == "holds":
            return self.places.nature(edge.obj).had_by
        if edge.what == "could end":
            return self.graph.role(edge).joint
        return "waits for its end" if edge.target else self.places.nature(edge.obj).joint

    def _arrow(self, step: Step) -> Arrow:
        verb = self._verb(step.edge)
        verb = verb.replace("waits", "wait") if step.count > 1 else verb
        place = fitted(plain(self.places.place(step.site)), WORDS, 90.0)
        words = tuple(word for word in (verb, place) if word)
        return Arrow(
            source=step.source,
            target=step.target,
            size=room_for(words),
            words=words,
            waits=step.edge.what == "waits for",
            marked=(step.source, step.target) in self.steps,
        )

    def name(self, node: Node) -> str:
        kind, number = node
        if kind == "more":
            return f"and {len(self.merged[number - 1]):,} more"
        return super().name(node)

    def note(self, node: Node) -> str:
        """Below the name: a primitive's type, or what a thread does that does not wait."""
        kind, number = node
        if kind == "object":
            return super().note(node)
        if kind == "more":
            return "waiting" if self.merged[number - 1][0].what == "waits for" else "likewise"
        life = self.graph.model.threads[number - 1]
        if self.is_over(node):
            return "has failed" if life.fate is Fate.FAILED else "has ended"
        at = self.graph.model.duration if self.graph.at is None else self.graph.at
        state = next((span.state.value for span in reversed(life.spans) if span.start <= at), "")
        return state or "not begun"

    def is_over(self, node: Node) -> bool:
        return node[0] == "thread" and self.graph.is_over(node[1])


def _unique(edges: Sequence[Edge]) -> list[Edge]:
    """One arrow for several permits that one thread has of one semaphore."""
    return list({_ends(edge): edge for edge in reversed(edges)}.values())[::-1]


def _ends(edge: Edge) -> tuple[Node, Node]:
    """Source and target of the edge's arrow: a wait goes from the thread, the others to it."""
    thread: Node = ("thread", edge.thread)
    thing: Node = ("thread", edge.target) if edge.target else ("object", edge.obj)
    return (thread, thing) if edge.what == "waits for" else (thing, thread)


def _leaf(edge: Edge, degree: Counter[Node]) -> int:
    """Which end of its arrow nothing else is joined with: 0 the source, 1 the target, -1 neither or both."""
    source, target = (degree[node] == 1 for node in _ends(edge))
    return -1 if source == target else 0 if source else 1
