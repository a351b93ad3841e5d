"""Stretches too short to be seen: what to draw in a pixel that holds several of them.

Rule: nothing hides. A single short stretch is widened until it can be seen; where several share a pixel,
the pixel is divided by the share of time that each of them has in it. Where so many are widened that the
lane would overstate them, `stage` has the whole run drawn by shares.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


class Stretch(Protocol):
    """Anything that lasts: a span, a hold."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


T = TypeVar("T", bound=Stretch)


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged(Generic[T]):
    """About one pixel's worth of consecutive short stretches."""

    start: int
    end: int
    members: tuple[T, ...]

    @property
    def hidden(self) -> int:
        """How many stretches of some length are not drawn for themselves."""
        lasting = sum(member.end > member.start for member in self.members)
        return lasting if lasting > 1 else 0

    @property
    def busy(self) -> float:
        """The share of the crowd's time that its members take."""
        taken = sum(member.end - member.start for member in self.members)
        return min(1.0, taken / (self.end - self.start)) if self.end > self.start else 1.0


def gather(stretches: Iterable[T], pixel: float) -> Iterator[T | Merged[T]]:
    """The stretches in order; those shorter than a pixel that stand in the same pixel come as one crowd."""
    run: list[T] = []
    for stretch in stretches:
        if run and stretch.start - run[0].start >= pixel:
            yield from _close(run)
            run = []
        if stretch.end - stretch.start >= pixel:
            yield from _close(run)
            run = []
            yield stretch
        else:
            run.append(stretch)
    yield from _close(run)


def widened(stretches: Iterable[Stretch], pixel: float, least: float) -> int:
    """How many stand alone in their pixel and are shorter than `least`, to which they are widened."""
    pieces = (piece for piece in gather(stretches, pixel) if not isinstance(piece, Merged))
    return sum(0 < piece.end - piece.start < least for piece in pieces)


def _close(run: list[T]) -> Iterator[T | Merged[T]]:
    if len(run) == 1:
        yield run[0]
    elif run:
        end = max(member.end for member in run)
        yield Merged(start=run[0].start, end=end, members=tuple(run))
