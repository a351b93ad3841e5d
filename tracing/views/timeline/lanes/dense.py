"""A run of too many events to draw one by one: each column of pixels shows the share of time in each state.

Rule: the shares come from `model.densities`, straight from the log; the run is not even folded. Patterns are
the same as elsewhere (filled runs, dotted sleeps, hatched waits, level lines for notified), so it reads
without colour, and the picture says what it is. Findings and how a thread ended are marked; arrows, other
marks and words inside bars are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from tracing.events import EventLog
from tracing.model import State
from tracing.natures import nature_of
from tracing.views.timeline.axis import Axis
from tracing.views.timeline.frame import Choice, LaneKey, View, Window
from tracing.views.timeline.lanes.threads import mark_fate
from tracing.views.timeline.scene import BACK, Bar, Scene, Shade
from tracing.views.timeline.style import FAINT, PAPER, QUIET, RUNNING, Metrics, channels, mix
from tracing.views.timeline.words import DrawnNames, fate_texts
from tracing.views.units import count

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tracing.model.densities import Density, ObjectDensity, ThreadDensity

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Pixels = NDArray[np.uint8]

PIXELS = 110 / 72  # in a point, of the images: one for one at the resolution that figures have
# From the bottom of a bar.
_ORDER = (
    State.RUNNING,
    State.STARTING,
    State.NOTIFIED,
    State.WAITING,
    State.SLEEPING,
    State.READY,
    State.IDLE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What the lanes of one dense timeline have in common."""

    scene: Scene
    density: Density
    names: DrawnNames
    view: View
    metrics: Metrics
    inside: Mapping[int, Sequence[int]]  # the locks that a Condition made for itself

    def shade(self, what: str, top: float, height: float, stack: list[tuple[Floats, str, str]]) -> None:
        """An image of shares stacked from the bottom, each with its colour and its pattern."""
        rows = max(2, round(height * PIXELS))
        pixels = stacked(stack, rows, self.density.bins)
        frame = Bar(
            what="whole",
            x0=self.density.start,
            x1=self.density.end,
            y0=top,
            y1=top + height,
            edge=FAINT,
            level=BACK,
        )
        self.scene.add(frame)
        self.scene.add(
            Shade(
                what=what, x0=self.density.start, x1=self.density.end, y0=top, y1=top + height, pixels=pixels
            )
        )


def sheet_of(log: EventLog, view: View, choice: Choice, shown: Window) -> Sheet:
    """What these lanes show of each state, in each column of pixels."""
    from tracing.model.densities import density

    bins = max(1, round((shown.end - shown.start) * shown.per_ns * PIXELS))
    inside = _own_locks(log, choice.objects)
    shares = density(
        log,
        start=shown.start,
        end=shown.end,
        bins=bins,
        threads=choice.threads,
        objects=[*choice.objects, *chain.from_iterable(inside.values())],
    )
    names = DrawnNames(log)
    return Sheet(scene=Scene(), density=shares, names=names, view=view, metrics=choice.metrics, inside=inside)


def notes_of(log: EventLog, shares: Density, choice: Choice, unit: Axis, events: int) -> list[str]:
    """What such a picture says about itself."""
    natures = (nature_of(log, number) for number in choice.objects)
    filled = ", ".join(dict.fromkeys(nature.filled for nature in natures if nature.filled))
    pixel = unit.long((shares.end - shares.start) // shares.bins)
    merged = f"{count(events, 'event')} merged"
    return [
        f"{merged}: each column of pixels{f' ({pixel})' if pixel else ''} shows the share of "
        f"{'time' if pixel else 'the steps' if log.turns else 'the events'}, full height is all of it",
        "thread: filled runs, hatched waits, dotted sleeps"
        f"; primitive: hatched is wanted{f', filled is {filled}' if filled else ''}",
    ]


def shade_lane(sheet: Sheet, key: LaneKey, top: float) -> float:
    """Describe a lane from `top` on; where it ends."""
    return (_shade_thread if key[0] == "thread" else _shade_object)(sheet, key[1], top)


def _shade_thread(sheet: Sheet, number: int, top: float) -> float:
    """What a thread does."""
    found: ThreadDensity = sheet.density.threads[number]
    looks = {
        State.RUNNING: (RUNNING, ""),
        State.STARTING: (QUIET, "-"),
        State.READY: (FAINT, ""),
        State.IDLE: (FAINT, ""),
        State.NOTIFIED: (QUIET, "-"),
        State.WAITING: (QUIET, "/"),
        State.SLEEPING: (QUIET, "."),
    }
    sheet.shade("states", top, sheet.metrics.bar, [(found.shares[state], *looks[state]) for state in _ORDER])
    if sheet.density.start <= found.end <= sheet.density.end:
        middle, texts = top + sheet.metrics.bar / 2, fate_texts(found)
        mark_fate(sheet.scene, found.fate, found.end, middle, texts, sheet.metrics, inside=True)
    return top + sheet.metrics.bar


def _shade_object(sheet: Sheet, number: int, top: float) -> float:
    """The band of those who want it over what its type has; a Condition's own lock below."""
    for part in (number, *sheet.inside[number]):
        found: ObjectDensity = sheet.density.objects[part]
        ink = sheet.view.palette.ink(sheet.names.object(number))
        sheet.shade("wanted", top, sheet.metrics.band, [(found.wanted, ink.solid, ink.hatch)])
        top += sheet.metrics.band + 1
        stack = _had(sheet, found, ink.solid)
        if stack:
            sheet.shade("had", top, sheet.metrics.hold, stack)
            top += sheet.metrics.hold + 1
    return top - 1


def _own_locks(log: EventLog, numbers: Sequence[int]) -> dict[int, list[int]]:
    """Of each of these primitives the locks that it made for itself."""
    found: dict[int, list[int]] = {number: [] for number in numbers}
    for info in log.objects:
        if info.owner in found:
            found[info.owner].append(info.number)
    return found


def _had(sheet: Sheet, found: ObjectDensity, solid: str) -> list[tuple[Floats, str, str]]:
    """Held by whom, up, or how many: what the primitive's type has."""
    import numpy as np

    if found.held is not None and found.holder is not None:
        tints = _tints(sheet, found.holder, solid)
        return [
            (np.where(np.isin(found.holder, holders), found.held, 0.0), tint, "")
            for tint, holders in tints.items()
        ]
    if found.up is not None:
        return [(found.up, solid, "")]
    if found.low is not None and found.high is not None:
        most = max(1, int(np.max(found.high)))
        low, high = found.low / most, found.high / most
        return [(low, solid, ""), (high - low, mix(solid, PAPER, 0.6), "")]
    return []


def _tints(sheet: Sheet, holder: Ints, solid: str) -> dict[str, list[int]]:
    """The threads that hold a primitive by their tint: there are few of those, however many threads."""
    import numpy as np

    tints: dict[str, list[int]] = {}
    for number in np.unique(holder).tolist():
        if number:
            tints.setdefault(sheet.view.palette.tint(sheet.names.thread(number), solid), []).append(number)
    return tints


def stacked(stack: list[tuple[Floats, str, str]], rows: int, bins: int) -> Pixels:
    """An image of `rows` x `bins` pixels: in each column the shares stand on each other, from the bottom."""
    import numpy as np

    image = np.zeros((rows, bins, 4), np.uint8)  # transparent
    level = (rows - np.arange(rows)[:, None] - 0.5) / rows  # of each row above the bottom
    below = np.zeros(bins)
    for share, colour, pattern in stack:
        inside = (level >= below) & (level < below + share)
        dark = inside & _pattern(pattern, rows, bins)
        image[inside] = (*channels(mix(colour, PAPER, 0.82) if pattern else colour), 255)
        image[dark] = (*channels(colour), 255)
        below = below + share
    return image


def _pattern(pattern: str, rows: int, bins: int) -> NDArray[np.bool_]:
    """Where a pattern has its lines or dots."""
    import numpy as np

    y, x = np.mgrid[0:rows, 0:bins]
    if pattern == "":
        return np.full((rows, bins), True)
    if pattern == "-":
        return np.asarray(y % 5 < 2)
    if pattern == ".":
        return np.asarray((y % 4 == 0) & (x % 4 == 0))
    up, down = (x + y) % 8 < 2, (x - y) % 8 < 2
    return np.asarray(up if pattern == "/" else down if pattern == "\\" else up | down)
