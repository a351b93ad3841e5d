"""Where everything in a graph stands: data in, points out.

Rule: deterministic, and no words lie on other words, on a box or on an arrow that is not theirs. How: a
component with a circle is an ellipse of its members with trees growing outwards; one without is a tree whose
arrows all point to the right. That is enough for waits, because a thread waits for one thing at a time; the
arrows of a lock-order graph may bend. (A thread may wait within a wait, in a signal handler: then those of a
wait-for graph bend too, where straight ones have no room.) A component is tried in growing sizes until every
box, arrow and word has room; where none has room for all, boxes are apart at least, and as few words as
possible left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from tracing.views.timeline.labels import Box

Node = tuple[str, int]  # ("thread", number) or ("object", number)
Point = tuple[float, float]
Size = tuple[float, float]

TRIES, GROWTH = 48, 1.06
GAP = 11.0  # points between boxes
CLEAR = 3.5  # around words
AWAY = 3.0  # between an arrow's ends and its boxes
BOWS = (0.0, 0.16, -0.16, 0.3, -0.3, 0.45, -0.45)
DEEP = 4  # boxes one after the other; more of them stand below each other
STUB = 16.0  # of an arrow that must be seen on both sides of its words


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """From one box to another."""

    source: Node
    target: Node
    size: Size  # of its words, in points
    words: tuple[str, ...]
    waits: bool  # drawn dashed: a wait; in a lock-order graph an attempt that would have given up
    marked: bool = False  # part of a circle
    bends: bool = False  # it may go round what stands in its way


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """A circle and the words in its middle."""

    nodes: tuple[Node, ...]
    size: Size
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """An arrow in its place."""

    arrow: Arrow
    points: tuple[Point, ...]
    words: Point | None  # their middle; None where there is no room for them


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the graph in its place."""

    centres: Mapping[Node, Point]
    ways: tuple[Way, ...]
    titles: tuple[tuple[str, Point], ...]  # the words in the middle of circles
    box: Box
    faults: tuple[int, ...] = ()  # how many boxes and arrows lie on strange boxes, and words are left out

    @property
    def fits(self) -> bool:
        return not any(self.faults)

    def moved(self, dx: float, dy: float) -> Part:
        def move(point: Point) -> Point:
            return point[0] + dx, point[1] + dy

        ways = tuple(
            Way(arrow=way.arrow, points=tuple(map(move, way.points)), words=way.words and move(way.words))
            for way in self.ways
        )
        return Part(
            centres={node: move(point) for node, point in self.centres.items()},
            ways=ways,
            titles=tuple((words, move(point)) for words, point in self.titles),
            box=Box(self.box.x0 + dx, self.box.y0 + dy, self.box.x1 + dx, self.box.y1 + dy),
        )


def around(centre: Point, size: Size, room: float = 0.0) -> Box:
    """The rectangle of that size around a point, with so much room on all sides."""
    (x, y), w, h = centre, size[0] / 2 + room, size[1] / 2 + room
    return Box(x - w, y - h, x + w, y + h)


def lay_out(
    sizes: Mapping[Node, Size], arrows: Sequence[Arrow], rings: Sequence[Ring]
) -> tuple[list[Part], Size]:
    """Every part in its place below the one before, and how much room all of them take."""
    parts: list[Part] = []
    for nodes in components(list(sizes), arrows):
        ring = next((ring for ring in rings if ring.nodes[0] in nodes), None)
        own = [arrow for arrow in arrows if arrow.source in nodes]
        parts.append(Component({node: sizes[node] for node in nodes}, own, ring).grown())
    wide = max((part.box.x1 - part.box.x0 for part in parts), default=0.0)
    top, placed = 0.0, []
    for part in parts:
        left = (wide - (part.box.x1 - part.box.x0)) / 2
        placed.append(part.moved(left - part.box.x0, top - part.box.y0))
        top += part.box.y1 - part.box.y0 + 2 * GAP
    return placed, (wide, max(0.0, top - 2 * GAP))


def components(nodes: Sequence[Node], arrows: Sequence[Arrow]) -> Iterator[list[Node]]:
    """The nodes that hang together, in the order of their first one."""
    near = neighbours(nodes, arrows)
    seen: set[Node] = set()
    for node in nodes:
        if node not in seen:
            group = list(spanning((node,), near))
            seen.update(group)
            yield [other for other in nodes if other in group]


def neighbours(nodes: Sequence[Node], arrows: Sequence[Arrow]) -> dict[Node, list[Node]]:
    """Of each node those that an arrow joins it with: first those that point to it."""
    near: dict[Node, list[Node]] = {node: [] for node in nodes}
    for arrow in arrows:
        near[arrow.target].append(arrow.source)
    for arrow in arrows:
        near[arrow.source].append(arrow.target)
    return near


def spanning(roots: Sequence[Node], near: Mapping[Node, Sequence[Node]]) -> dict[Node, Node | None]:
    """What is reached from the roots, breadth first: each node with the one it was reached from."""
    parents: dict[Node, Node | None] = dict.fromkeys(roots)
    queue = list(roots)
    for node in queue:
        for other in near[node]:
            if other not in parents:
                parents[other] = node
                queue.append(other)
    return parents


class Component:
    """Boxes that hang together, and the arrows between them."""

    def __init__(self, sizes: Mapping[Node, Size], arrows: Sequence[Arrow], ring: Ring | None) -> None:
        self.sizes, self.arrows, self.ring = sizes, arrows, ring
        self.members = ring.nodes if ring else ()
        near = neighbours(list(sizes), arrows)
        going = {arrow.source for arrow in arrows}
        self.step = self._step()
        roots = self.members or tuple(node for node in sizes if node not in going) or tuple(sizes)[:1]
        ranked = not ring and any(arrow.bends for arrow in arrows)
        parents = self._ranked() if ranked else spanning(roots, near)
        self.roots = [node for node, parent in parents.items() if parent is None]
        self.children: dict[Node, list[Node]] = {node: [] for node in parents}
        for node, parent in parents.items():
            if parent is not None:
                self.children[parent].append(node)

    def _step(self) -> Size:
        """How far apart two boxes beside each other (above each other) stand for an arrow with its words."""
        wide, high = (max(size[axis] for size in self.sizes.values()) for axis in (0, 1))
        words = [arrow.size for arrow in self.arrows]
        ends = 2 * (STUB + AWAY) + 6
        return wide + max(size[0] for size in words) + ends, high + max(size[1] for size in words) + ends

    def grown(self) -> Part:
        """As small as it can be with room for everything; else with as much as it can have."""
        tried = []
        for step in range(TRIES):
            tried.append(self.part(GROWTH**step))
            if tried[-1].fits:
                return tried[-1]
        if not all(arrow.bends for arrow in self.arrows):
            arrows = [replace(arrow, bends=True) for arrow in self.arrows]
            tried.append(Component(self.sizes, arrows, self.ring).grown())
        return min(tried, key=lambda part: part.faults)

    def part(self, scale: float) -> Part:
        centres = dict(self._circle(scale) if self.ring else self._tree(scale))
        title = around((0, 0), self.ring.size) if self.ring else None
        room = Room({node: around(centres[node], self.sizes[node]) for node in centres}, title)
        for arrow in self.arrows:
            line = self._line(arrow, centres, scale)
            room.add(arrow, self._round(arrow, line, room) if arrow.bends else line)
        ways = tuple(room.ways())
        words = ((self.ring.words, (0.0, 0.0)),) if self.ring else ()
        return Part(centres=centres, ways=ways, titles=words, box=room.bounds(ways), faults=room.faults(ways))

    # With a circle

    def _radii(self, scale: float) -> Size:
        high = scale * max(42.0 if len(self.members) < 4 else 68.0, 12.0 * len(self.members))
        return high * 1.4 + (28 if len(self.members) < 4 else 0), high

    def _angle(self, place: float) -> float:
        """The first to the left, then clockwise: y goes down."""
        return math.pi + 2 * math.pi * place / len(self.members)

    def _circle(self, scale: float) -> Iterator[tuple[Node, Point]]:
        wide, high = self._radii(scale)
        for place, node in enumerate(self.members):
            yield from self._branch(node, place - 0.42, place + 0.42, (wide, high), scale)

    def _branch(
        self, node: Node, low: float, high: float, radii: Size, scale: float
    ) -> Iterator[tuple[Node, Point]]:
        """A node in the middle of its sector, and what hangs on it further out, each in its share of it."""
        angle = self._angle((low + high) / 2)
        yield node, (radii[0] * math.cos(angle), radii[1] * math.sin(angle))
        further = (radii[0] + self.step[0] * scale**0.3, radii[1] + self.step[1] * scale**0.3)
        leaves = [self._leaves(child) for child in self.children[node]]
        share = min((high - low) / sum(leaves), 0.1 * len(self.members)) if leaves else 0.0
        start = (low + high) / 2 - share * sum(leaves) / 2
        for child, count in zip(self.children[node], leaves, strict=True):
            yield from self._branch(child, start, start + share * count, further, scale)
            start += share * count

    def _leaves(self, node: Node) -> int:
        return sum(map(self._leaves, self.children[node])) or 1

    # Without

    def _tree(self, scale: float) -> Iterator[tuple[Node, Point]]:
        """The last of each way to the right, what leads to it to the left, a row for each beginning."""
        step = self.step[0] * scale**0.3
        columns = self._columns()
        rows: dict[Node, float] = {}
        for root in self.roots:
            self._rows(root, rows)
            self._push(root, columns)
        down = max(columns.values()) >= DEEP and any(arrow.bends for arrow in self.arrows)
        for node, row in rows.items():
            if down:
                yield node, (row * step, -columns[node] * self.step[1] * scale**0.3)
            else:
                yield node, (-columns[node] * step, row * 44 * scale)

    def _columns(self) -> dict[Node, int]:
        """For each node the most arrows that follow it; where they lead around, none of those that close a
        circle.
        """
        columns = dict.fromkeys(self.sizes, 0)
        onward = list(_without_circles(self.arrows))
        for _ in self.sizes:
            for arrow in onward:
                columns[arrow.source] = max(columns[arrow.source], columns[arrow.target] + 1)
        return columns

    def _push(self, node: Node, columns: dict[Node, int]) -> None:
        """What hangs on a node stands beyond it: in one row with it, where it is alone."""
        for child in self.children[node]:
            columns[child] = max(columns[child], columns[node] + 1)
            self._push(child, columns)

    def _ranked(self) -> dict[Node, Node | None]:
        """Each node with the next one on its longest way: all other arrows bend around."""
        columns = self._columns()
        ways = {(a.source, columns[a.source] - columns[a.target]): a.target for a in reversed(self.arrows)}
        return {node: ways.get((node, 1)) for node in self.sizes}

    def _rows(self, node: Node, rows: dict[Node, float]) -> float:
        """A leaf takes the next free row, any other the middle of its children."""
        own = [self._rows(child, rows) for child in self.children[node]]
        free = math.floor(max(rows.values(), default=-1.0)) + 1.0
        rows[node] = (own[0] + own[-1]) / 2 if own else free
        return rows[node]

    # Arrows

    def _line(self, arrow: Arrow, centres: Mapping[Node, Point], scale: float) -> list[Point]:
        """From centre to centre: along the circle between neighbours on it, else straight."""
        if self._along(arrow):
            place = self.members.index(arrow.source)
            wide, high = self._radii(scale)
            angles = [self._angle(place + step / 80) for step in range(81)]
            return [(wide * math.cos(a), high * math.sin(a)) for a in angles]
        (x0, y0), (x1, y1) = centres[arrow.source], centres[arrow.target]
        return [(x0 + (x1 - x0) * step / 80, y0 + (y1 - y0) * step / 80) for step in range(81)]

    def _along(self, arrow: Arrow) -> bool:
        """Whether it leads from one member of the circle to the next."""
        circle = zip(self.members, self.members[1:] + self.members[:1], strict=True)
        return (arrow.source, arrow.target) in circle

    def _round(self, arrow: Arrow, line: list[Point], room: Room) -> list[Point]:
        """As straight as it can be without running through a box, or along the arrow back."""
        if self._along(arrow):
            return line
        return next((way for way in (bent(line, bow) for bow in BOWS) if room.free(arrow, way)), line)


def _without_circles(arrows: Sequence[Arrow]) -> Iterator[Arrow]:
    """The arrows but for those by which one would come back to where one was."""
    after: dict[Node, set[Node]] = {}  # of each node those that are reached from it
    for arrow in arrows:
        reached = {arrow.target, *after.get(arrow.target, ())}
        if arrow.source in reached:
            continue
        yield arrow
        for node in {arrow.source, *(each for each, others in after.items() if arrow.source in others)}:
            after.setdefault(node, set()).update(reached)


class Room:
    """What is taken already."""

    def __init__(self, boxes: Mapping[Node, Box], title: Box | None) -> None:
        self.boxes, self.title = boxes, title
        self.lines: list[tuple[Arrow, list[Point]]] = []

    def add(self, arrow: Arrow, line: list[Point]) -> None:
        ends = [_wider(self.boxes[node], AWAY) for node in (arrow.source, arrow.target)]
        free = [point for point in line if not any(_in(point, box) for box in ends)]
        self.lines.append((arrow, free or line))

    def free(self, arrow: Arrow, line: list[Point]) -> bool:
        """Whether a line meets no strange box, and keeps away from the arrow between the same boxes."""
        back = (arrow.target, arrow.source)
        twins = (points for other, points in self.lines if (other.source, other.target) == back)
        middle = line[len(line) // 2]
        apart = all(math.dist(middle, points[len(points) // 2]) > arrow.size[1] + STUB for points in twins)
        return apart and not self._crosses(arrow, line)

    def ways(self) -> Iterator[Way]:
        """Each arrow with a place for its words."""
        taken = [*self.boxes.values(), *([self.title] if self.title else [])]
        for arrow, line in self.lines:
            others = [point for other, points in self.lines if other is not arrow for point in points]
            spot = self._spot(arrow, line, taken, others)
            if spot:
                taken.append(around(spot, arrow.size))
            yield Way(arrow=arrow, points=tuple(line), words=spot)

    def _spot(self, arrow: Arrow, line: list[Point], taken: list[Box], others: list[Point]) -> Point | None:
        for share in (0.5, 0.45, 0.55, 0.4, 0.6, 0.35, 0.65, 0.3, 0.7):
            spot = line[round(share * (len(line) - 1))]
            words = around(spot, arrow.size, CLEAR)
            if (
                not any(words.meets(box) for box in taken)
                and not any(_in(point, words) for point in others)
                and _seen(line, words) >= STUB
            ):
                return spot
        return None

    def faults(self, ways: Sequence[Way]) -> tuple[int, ...]:
        """How many boxes lie on others, arrows run through what is not their own, and words have no place."""
        boxes = [_wider(box, GAP / 2) for box in self.boxes.values()]
        together = sum(one.meets(other) for one, other in combinations(boxes, 2))
        return together, sum(map(self._astray, ways)), sum(not way.words for way in ways)

    def _astray(self, way: Way) -> bool:
        return self._crosses(way.arrow, way.points)

    def _crosses(self, arrow: Arrow, points: Sequence[Point]) -> bool:
        ends = (arrow.source, arrow.target)
        strange = [box for node, box in self.boxes.items() if node not in ends]
        strange += [self.title] if self.title else []
        return any(_in(point, box) for point in points for box in strange)

    def bounds(self, ways: Sequence[Way]) -> Box:
        words = [around(way.words, way.arrow.size, 2.0) for way in ways if way.words]
        boxes = [*self.boxes.values(), *words, *([self.title] if self.title else [])]
        boxes += [Box(x, y, x, y) for way in ways for x, y in way.points]
        xs, ys = [x for box in boxes for x in (box.x0, box.x1)], [y for b in boxes for y in (b.y0, b.y1)]
        return Box(min(xs), min(ys), max(xs), max(ys))


def bent(line: Sequence[Point], bow: float) -> list[Point]:
    """The line with a bow to its left, in shares of its length."""
    (x0, y0), (x1, y1) = line[0], line[-1]
    count = len(line) - 1
    high = [4 * bow * step * (count - step) / count**2 for step in range(count + 1)]
    return [(x + (y1 - y0) * h, y - (x1 - x0) * h) for (x, y), h in zip(line, high, strict=True)]


def _wider(box: Box, room: float) -> Box:
    return Box(box.x0 - room, box.y0 - room, box.x1 + room, box.y1 + room)


def _in(point: Point, box: Box) -> bool:
    return box.x0 < point[0] < box.x1 and box.y0 < point[1] < box.y1


def _seen(line: Sequence[Point], words: Box) -> float:
    """How much of the line can be seen before its words, or after them, whichever is less; in points."""
    hidden = [place for place, point in enumerate(line) if _in(point, words)]
    if not hidden:
        return math.inf
    return min(math.dist(line[0], line[hidden[0]]), math.dist(line[hidden[-1]], line[-1]))
