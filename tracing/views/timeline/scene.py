"""What a timeline consists of, before a single pixel: shapes as pure data.

Owns: the shapes, and `Scene`, into which the lanes put them. x is time in ns, y is points from the top,
downwards. Rule: lanes only describe; `labels` decides which words fit, `paint` alone knows matplotlib. So
tests can ask what a picture says without looking at it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tracing.views.timeline.style import INK, PAPER

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BACK, BAR, SLIVER, LINE, FRONT = range(5)  # what lies on what
LEFT_EDGE = 12.0  # points from the axes' left edge within which an arrow with an elbow comes from the side
TALLER = 1.5  # points that a tick goes up and down beyond its size


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A rectangle: a stretch of time in one lane."""

    what: str  # "running", "waiting", "holds", ...: for readers of the scene
    x0: float
    x1: float
    y0: float
    y1: float
    fill: str = PAPER
    edge: str = ""
    hatch: str = ""  # "/", "\\", "x", "-", "|"
    ink: str = INK  # of the hatching
    level: int = BAR


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line through two points or more."""

    what: str
    points: tuple[tuple[float, float], ...]
    colour: str = INK
    width: float = 0.8
    dash: tuple[float, ...] = ()
    level: int = LINE


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyph:
    """A mark at a moment. `nudge` moves it sideways, in points."""

    what: str
    shape: str  # "tick", "cross", "up", "down", "hollow", "right", "ring", "disc", "diamond", ...
    x: float
    y: float
    size: float = 5.0
    colour: str = INK
    nudge: float = 0.0

    @property
    def reach(self) -> float:
        """How far it goes up, and down, from its middle, in points: a tick is taller than it is wide."""
        return self.size / 2 + (TALLER if self.shape == "tick" else 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An arrow from a moment in one lane to a moment in another; `bulge` > 0 bends it to the right."""

    what: str
    x0: float
    y0: float
    x1: float
    y1: float
    colour: str = INK
    bulge: float = 0.12
    elbow: float | None = (
        None  # at the left edge: down or up first, then to the right into the lane at this height
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place where words may stand. `nudge` moves them sideways, in points."""

    x: float
    y: float  # the middle of the words
    align: str = "center"
    nudge: float = 0.0
    room: tuple[float, float] | None = None  # they must stay between these times; None: inside the axes


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Words, from the fullest form to the shortest, and the places to try. What fits nowhere is left out."""

    what: str
    texts: tuple[str, ...]
    spots: tuple[Spot, ...]
    size: float
    colour: str = INK
    backed: bool = True  # on a white patch, because hatching or an arrow may lie beneath
    halo: str = ""  # the colour of what they stand on, where an arrow or a line may cross them
    rank: int = 5  # lower ones choose first
    bold: bool = False
    spare: bool = False  # says no more than its bar: left out where an arrow would cross it
    pinned: bool = False  # stands where it stands: inside a mark that keeps the room for it


def inside(
    what: str, texts: tuple[str, ...], x0: float, x1: float, y: float, size: float, colour: str, *,
    halo: str = "", rank: int = 5,
) -> Label:  # fmt: skip
    """Words in the middle of a bar, or beside it where something stands there; with a halo instead of a white
    ground where the bar is filled.
    """
    spots = tuple(Spot(x=x0 + (x1 - x0) * share, y=y, room=(x0, x1)) for share in (0.5, 0.25, 0.75))
    texts = tuple(text for text in texts if text)
    return Label(
        what=what, texts=texts, spots=spots, size=size, colour=colour, backed=not halo, halo=halo, rank=rank
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shade:
    """A lane of a dense trace.

    For each pixel column the share of time in each of some states, as an image.
    """

    what: str
    x0: float
    x1: float
    y0: float
    y1: float
    pixels: NDArray[np.uint8]  # rows × columns × red, green, blue, opacity; bytes


Shape = Bar | Line | Glyph | Link | Label | Shade


@dataclass(slots=True, kw_only=True)
class Scene:
    """The shapes of one timeline, as they are put together."""

    shapes: list[Shape] = field(default_factory=list)
    height: float = 0.0  # points
    merged: int = 0  # stretches that were too short to be drawn for themselves
    arrows_left_out: int = 0
    strips_left_out: dict[int, int] = field(default_factory=dict)  # by thread: locks that have no strip
    notes: list[str] = field(default_factory=list)  # what the picture has to say about itself

    def add(self, *shapes: Shape) -> None:
        """Put shapes into the scene; later ones lie on earlier ones of the same level."""
        self.shapes.extend(shapes)

    def says(self) -> list[str]:
        """The fullest form of all words, for tests and for readers without eyes."""
        return [shape.texts[0] for shape in self.shapes if isinstance(shape, Label)]
