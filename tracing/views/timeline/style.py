"""How the timeline looks: colours, sizes, and who gets which colour.

Rule: colour is never the only sign. A state has its own hatch, a lane its own position, a bar its own
words; colour says which primitive is meant, and the same name has the same colour in every figure that
shares a `Palette`.

Source of the colours: Okabe and Ito, "Color Universal Design" (2008), without yellow, which vanishes on
white.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

INK = "#1F2B36"  # words, marks
QUIET = "#66727F"  # axis, second lines, joins: 4.9 : 1 on white
FAINT = "#E6EAEE"  # lines between lanes
RULE = "#C9D1D9"  # where the turn goes to another thread
PAPER = "#FFFFFF"
RUNNING = "#AEBBC8"
ALARM = "#B3261E"  # failed, broken, an error
CAUTION = "#8F5B00"  # a warning

PIXEL = 0.72  # points: what is shorter shares its place with its neighbours
SLIVER = 1.6  # points: a stretch that is shorter is widened to this, so that it can be seen

EDGE = 6.0  # points between the outermost words and the figure's edge
HEAD = 5.5  # points: how long the head of an arrow is
INSET = 2  # points between words and the ends of what they stand in

FONT = "DejaVu Sans"  # shipped with matplotlib: the same on every machine

_OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_TINTS = (1.0, 0.45, 0.72, 0.25)  # of a primitive's colour, one for each of its holders in turn
_HATCHES = ("/", "\\", "x")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ink:
    """What a primitive is drawn with."""

    solid: str  # bars
    dark: str  # words and lines on white
    pale: str  # areas under words
    hatch: str  # direction of its hatching: "/", "\\" or "x"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """Sizes in points. One for few lanes, a tighter one for many."""

    bar: float = 16.0  # what a thread does
    strip: float = 9.0  # what it holds, one for each lock
    band: float = 9.0  # who wants a primitive
    hold: float = 15.0  # who holds it
    stair: float = 24.0  # permits, arrivals
    gap: float = 2.0
    pad: float = 10.0  # between lanes
    name: float = 9.0  # font sizes: lane names, words in bars, words in strips
    text: float = 8.0
    small: float = 6.8


ROOMY = Metrics()
TIGHT = Metrics(bar=12, strip=7.5, band=7.5, hold=12, stair=18, gap=1.5, pad=8.5, name=8, text=7, small=6)


class Palette:
    """Hands out colours by name: first come, first served, and for ever the same to the same name.

    Share one palette between figures to give a lock the same colour in all of them.
    """

    def __init__(self) -> None:
        self._threads: dict[str, int] = {}
        self._inks: dict[str, Ink] = {}

    def ink(self, name: str) -> Ink:
        """The colours and the hatching of the primitive with that name."""
        if name not in self._inks:
            self._inks[name] = _ink(_same_as(len(self._inks)))
        return self._inks[name]

    def tint(self, name: str, solid: str) -> str:
        """`solid` in the strength that tells the holder with that name from others."""
        place = self._threads.setdefault(name, len(self._threads))
        return mix(PAPER, solid, _TINTS[place % len(_TINTS)])


def _same_as(place: int) -> int:
    """The first place with the same colours and hatching: after the third turn they come again."""
    hues, past = len(_OKABE_ITO), 2 * len(_OKABE_ITO)
    return place if place < past else past + (place - past) % (hues * len(_HATCHES))


@lru_cache(maxsize=64)
def _ink(place: int) -> Ink:
    """The colours of the name that came as number `place`."""
    solid = _OKABE_ITO[place % len(_OKABE_ITO)]
    turn = place // len(_OKABE_ITO)  # past the sixth name: the same hues again, darker, hatched otherwise
    solid = mix(solid, "#000000", min(0.5, 0.25 * turn))
    hatch = _HATCHES[(place + turn) % len(_HATCHES)]
    return Ink(
        solid=solid, dark=legible(mix(solid, "#000000", 0.15)), pale=mix(solid, PAPER, 0.72), hatch=hatch
    )


@lru_cache(maxsize=4096)
def mix(first: str, second: str, share: float) -> str:
    """The colour that is `share` of the second and the rest of the first."""
    pairs = zip(channels(first), channels(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def channels(colour: str) -> tuple[int, int, int]:
    """Red, green, blue, 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def contrast(first: str, second: str) -> float:
    """From 1 (the same) to 21 (black on white). Source: WCAG 2.2, contrast ratio."""
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def word_colour(background: str) -> str:
    """White, ink or black: the first that reads well there."""
    return next((colour for colour in (PAPER, INK) if contrast(colour, background) >= 4.5), "#000000")


def legible(colour: str) -> str:
    """The colour, darkened until it can be read on white (4.5 : 1)."""
    while contrast(colour, PAPER) < 4.5:
        colour = mix(colour, "#000000", 0.1)
    return colour


def _luminance(colour: str) -> float:
    linear = [(c / 255 / 12.92) if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
