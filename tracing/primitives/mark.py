"""`mark`: what the program itself says of a moment, a stretch or a number, for the record.

Rule: a mark changes nothing. It is no step: neither does it let another thread go on, nor does the clock of
a simulated run go on for it, so a search tries no schedule more for a program that has marks, and a schedule
means the same with them and without. (It reads nothing of what threads share: what it is given, the program
has read.) Outside a run it costs one check, and looks at nothing.
"""

from __future__ import annotations

from math import isfinite
from numbers import Integral, Real
from types import TracebackType
from typing import Protocol, overload

from tracing.events import VALUE_SIGN, Kind
from tracing.runtime import LONGEST, Agent, here


class Mark(Protocol):
    """What `mark` gives: `with` makes a band of it."""

    def __enter__(self) -> Mark: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


class _Unseen:
    """A mark outside a run."""

    __slots__ = ()

    def __enter__(self) -> _Unseen:
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Nothing is kept."""


class _Seen:
    """A mark in a run. instant: the event that stands in the record for it, until it is entered."""

    __slots__ = ("_instant", "_name")

    def __init__(self, name: str, instant: tuple[int, ...]) -> None:
        self._name, self._instant = name, instant

    def __enter__(self) -> _Seen:
        agent = here.agent
        if agent is not None and not agent.run.ended:
            agent.log.retract(self._instant)
            agent.record(Kind.BAND_BEGAN, arg=self._name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        agent = here.agent
        if agent is not None and not agent.run.ended:
            agent.record(Kind.BAND_ENDED if kind is None else Kind.BAND_LEFT, arg=self._name)


_UNSEEN = _Unseen()


@overload
def mark(name: str) -> Mark: ...


@overload
def mark(name: str, *, value: float) -> None: ...


def mark(name: str, *, value: float | None = None) -> Mark | None:
    """Mark this moment in the record: `mark("looks")`. As `with mark("cooking"):`, mark the whole block; of
    a block that an exception leaves, the record says that. `mark("shelf", value=len(shelf))` records a
    number, which has a lane of its own.

    name: what the reader of the record sees. value: a finite number. Outside a run nothing is done, and
    nothing is looked at.

    Raises TypeError where the name is no text or the value no number, ValueError for one that is not finite.
    """
    agent = here.agent
    if agent is None or agent.run.ended:
        return _UNSEEN if value is None else None
    if not isinstance(name, str):
        raise TypeError(f'mark() got {name!r}: give it a text, as in mark("cooking").')
    if value is not None:
        agent.record(Kind.VALUE, arg=f"{name}{VALUE_SIGN}{_number(name, value)!r}")
        return None
    return _Seen(name, _noted(agent, name))


def _noted(agent: Agent, name: str) -> tuple[int, ...]:
    """Record it, and give the entries that it has in the log."""
    agent.record(Kind.NOTE, arg=name)
    return tuple(agent.log.entries[-4:])


def _number(name: str, value: object) -> int | float:
    """The same as a plain number. What is larger than a record holds is a float."""
    if not isinstance(value, Real):
        raise TypeError(f"mark({name!r}, value={value!r}): a number is expected, or no value at all.")
    if isinstance(value, Integral) and -LONGEST <= int(value) <= LONGEST:
        return int(value)
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if not isfinite(number):
        raise ValueError(f"mark({name!r}): its value is not finite; give it one that is, or none.")
    return number
