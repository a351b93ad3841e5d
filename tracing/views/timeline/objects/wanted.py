"""The band above a primitive: hatched while somebody waits for it, with the names of those who wait."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tracing.model import ObjectModel, Wait
from tracing.views.timeline.frame import Frame, together
from tracing.views.timeline.scene import Bar, Label, Scene, Spot


def is_wanted(thing: ObjectModel) -> bool:
    """Whether the lane needs the band at all."""
    return bool(thing.waits)


def draw_wanted(scene: Scene, frame: Frame, thing: ObjectModel, top: float, verb: str = "wanted by") -> None:
    """Hatch the stretches in which threads wait, and name the threads where there is room."""
    ink, bottom = frame.ink(thing.number), top + frame.metrics.band
    waits = [wait for wait in frame.waits_for(thing.number) if wait.end > wait.start]
    for x0, x1, _ in together(_union(waits), frame.pixel):
        x0, x1 = frame.clip(x0, x1)
        scene.add(Bar(what="wanted", x0=x0, x1=x1, y0=top, y1=bottom, edge=ink.solid, hatch=ink.hatch, ink=ink.solid))
    for start, end, threads in queues(waits, frame.pixel * 8):
        spot = Spot(x=sum(frame.clip(start, end)) / 2, y=(top + bottom) / 2, room=frame.clip(start, end))
        texts = _queue_texts(frame, threads, verb)
        scene.add(Label(what="wanted", texts=texts, spots=(spot,), size=frame.metrics.small, rank=5))


def _queue_texts(frame: Frame, threads: tuple[int, ...], verb: str) -> tuple[str, ...]:
    listed, count = frame.names.threads(threads, 4), str(len(threads))
    return f"{verb} {listed}", listed, frame.names.threads(threads, 1), f"{verb} {count}", count


def _union(waits: Iterable[Wait]) -> Iterator[tuple[float, float]]:
    """The stretches in which there is at least one wait; waits sorted by start."""
    first = last = None
    for wait in waits:
        if last is None or first is None or wait.start > last:
            if first is not None and last is not None:
                yield first, last
            first, last = wait.start, wait.end
        else:
            last = max(last, wait.end)
    if first is not None and last is not None:
        yield first, last


def queues(waits: list[Wait], least: float) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """The stretches of at least that length in which the same threads wait, in the order in which they came."""
    turns = sorted([(w.start, 1, i) for i, w in enumerate(waits)] + [(w.end, 0, i) for i, w in enumerate(waits)])
    present: dict[int, None] = {}
    since = 0
    for time, comes, index in turns:
        if present and time - since >= least:
            yield since, time, tuple(dict.fromkeys(waits[i].thread for i in present))
        if comes:
            present[index] = None
        else:
            present.pop(index, None)
        since = time
