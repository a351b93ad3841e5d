"""The band above a primitive: hatched while somebody waits for it, with the names of those who wait."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tracing.events import Kind
from tracing.model import ObjectModel, Wait
from tracing.views.timeline.frame import Frame
from tracing.views.timeline.merged import Merged, gather
from tracing.views.timeline.scene import Bar, Scene, inside
from tracing.views.timeline.style import INK, PAPER, mix


def draw_wanted(scene: Scene, frame: Frame, thing: ObjectModel, top: float, verb: str = "wanted by") -> None:
    """Hatch the stretches in which threads wait, and name the threads where there is room."""
    ink, bottom = frame.ink(thing.number), top + frame.metrics.band
    waits = [wait for wait in frame.waits_for(thing.number) if wait.end > wait.start and _is_there(wait)]
    for piece in gather(_union(waits), frame.pixel):
        x0, x1 = frame.clip(piece.start, piece.end)
        if isinstance(piece, Merged):
            high = bottom - frame.metrics.band * piece.busy
            scene.add(Bar(what="wanted", x0=x0, x1=x1, y0=high, y1=bottom, fill=mix(ink.solid, PAPER, 0.5)))
            continue
        scene.add(
            Bar(
                what="wanted", x0=x0, x1=x1, y0=top, y1=bottom, edge=ink.solid, hatch=ink.hatch, ink=ink.solid
            )
        )
    for start, end, threads in queues(waits, frame.pixel * 8):
        texts, (x0, x1) = _queue_texts(frame, threads, verb), frame.clip(start, end)
        scene.add(inside("wanted", texts, x0, x1, (top + bottom) / 2, frame.metrics.small, INK))


def _is_there(wait: Wait) -> bool:
    """Whether its thread is one of those who wait there; not one that has yet to be let in."""
    return wait.kind != Kind.ROUND_WAIT


def _queue_texts(frame: Frame, threads: tuple[int, ...], verb: str) -> tuple[str, ...]:
    listed, count = frame.names.threads(threads, 4), str(len(threads))
    texts = (
        f"{verb} {listed}",
        f"{verb} {count} threads" if len(threads) > 4 else "",
        listed,
        f"{count} wait",
        count,
    )
    return tuple(text for text in texts if text and not (len(threads) == 1 and text == "1 wait"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """A stretch in which there is at least one wait."""

    start: int
    end: int


def _union(waits: Iterable[Wait]) -> Iterator[_Stretch]:
    """The stretches in which there is at least one wait; waits sorted by start."""
    found: _Stretch | None = None
    for wait in waits:
        if found is not None and wait.start <= found.end:
            found = _Stretch(start=found.start, end=max(found.end, wait.end))
            continue
        if found is not None:
            yield found
        found = _Stretch(start=wait.start, end=wait.end)
    if found is not None:
        yield found


def queues(waits: list[Wait], least: float) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """The stretches of at least that length in which the same threads wait.

    In the order in which they came.
    """
    turns = sorted(
        [(w.start, 1, i) for i, w in enumerate(waits)] + [(w.end, 0, i) for i, w in enumerate(waits)]
    )
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


def draw_queue(scene: Scene, frame: Frame, thing: ObjectModel, top: float, verb: str) -> float:
    """Draw the band of those who wait, if there ever are any; where to go on below it."""
    if not thing.waits:
        return top
    draw_wanted(scene, frame, thing, top, verb)
    return top + frame.metrics.band + 1
