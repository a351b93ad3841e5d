"""Which thread goes on: schedules and the strategies that choose.

Owns: `Schedule`, a printable record of choices, and the strategies.

Rule: a strategy is one class with at most three methods, and what it picks depends on nothing but its
parameters, the number of the run and what it has been asked before.

How it works: at each point at which more than one thread can go on, the simulator asks `pick`. A schedule
holds only the deviations from the default (stay on the current thread, else the lowest number; a thread
that yields, or has had a long turn, gives way to the next one), so it is short, can be pasted, and survives
minimising.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from tracing.runtime import Access, Waitable


class Option(Protocol):
    """A thread that can go on."""

    number: int
    next: Access  # what it is going to do
    needs: Waitable | None  # what it must have for that, however long it has to wait
    waiting: Waitable | None  # what it waits for; it is there, or time is up
    retakes: Waitable | None  # what it must have again once its wait is over
    bounded: bool  # its wait has a deadline


class Choice(Protocol):
    """What a strategy is told at a point.

    trail: what was done since the last choice, thread by thread; kept for strategies that ask for all points.
    """

    index: int  # counts the points of this run at which there was a choice, from 0
    enabled: list[Option]  # who can go on, by number
    current: Option | None  # the thread that has come to the point; None where it cannot go on, or yields
    default: Option
    trail: list[tuple[int, Access]]


class Strategy(Protocol):
    """Chooses who goes on.

    all_points: `pick` is asked also where only one thread can go on, and `Choice.trail` is kept.
    """

    all_points: bool

    def begin(self, run: int) -> None:
        """A run begins; `run` counts them from 0."""

    def pick(self, choice: Choice) -> Option:
        """One of `choice.enabled`."""


class Diverged(Exception):
    """A run did not go as an earlier one with the same choices: it depends on more than its schedule."""


class Stay:
    """The default: a thread runs until it waits."""

    all_points = False

    def begin(self, run: int) -> None:
        """Nothing to prepare."""

    def pick(self, choice: Choice) -> Option:
        return choice.default


class RoundRobin(Stay):
    """At every point the next thread in turn."""

    def __init__(self) -> None:
        self._last = 0

    def begin(self, run: int) -> None:
        self._last = 0

    def pick(self, choice: Choice) -> Option:
        picked = next((each for each in choice.enabled if each.number > self._last), choice.enabled[0])
        self._last = picked.number
        return picked


class SeededRandom(Stay):
    """At every point any thread, each as likely as the others.

    seed: the same one gives the same choices, on every machine and version of Python.
    """

    def __init__(self, seed: int | str = 0) -> None:
        self.seed = seed
        self.begin(0)

    def begin(self, run: int) -> None:
        self._random = random.Random(f"{self.seed}:{run}").random  # the one method whose numbers never change

    def pick(self, choice: Choice) -> Option:
        return choice.enabled[int(self._random() * len(choice.enabled))]


class Replay(Stay):
    """The choices of a schedule.

    `missed` has the choices at which the thread that the schedule names could not go on: the program has
    changed, or depends on more than its schedule.
    """

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self.missed: list[int] = []

    def begin(self, run: int) -> None:
        self.missed = []

    def pick(self, choice: Choice) -> Option:
        wanted = self.schedule.get(choice.index)
        if wanted is None:
            return choice.default
        found = next((each for each in choice.enabled if each.number == wanted), None)
        if found is None:
            self.missed.append(choice.index)
        return found or choice.default


class DepthFirst:
    """Every schedule with at most `bound` preemptions, one a run; ask `advance` after each for the next.

    A preemption is a switch away from a thread that could have gone on. Source of the bound: Musuvathi and
    Qadeer, "Iterative context bounding for systematic testing of multithreaded programs", PLDI 2007.
    Raises Diverged where a run does not repeat its prefix.
    """

    all_points = False

    def __init__(self, bound: int = 2) -> None:
        self.bound = bound
        self._nodes: list[list[int]] = []  # at each choice: the thread taken, then those still to be tried
        self._depth = self._preemptions = 0

    def begin(self, run: int) -> None:
        self._depth = self._preemptions = 0

    def pick(self, choice: Choice) -> Option:
        if self._depth == len(self._nodes):
            self._nodes.append(self._options(choice))
        wanted = self._nodes[self._depth][0]
        self._depth += 1
        picked = next((each for each in choice.enabled if each.number == wanted), None)
        if picked is None:
            raise Diverged(f"choice {choice.index}: thread {wanted} could go on before, and now it cannot")
        self._preemptions += choice.current not in (None, picked)
        return picked

    def _options(self, choice: Choice) -> list[int]:
        others = [each.number for each in choice.enabled if each is not choice.default]
        free = choice.current is None or self._preemptions < self.bound
        return [choice.default.number, *(others if free else ())]

    def advance(self) -> bool:
        """Go on to the next schedule. False: there is none."""
        del self._nodes[self._depth :]
        while self._nodes and len(self._nodes[-1]) == 1:
            self._nodes.pop()
        if self._nodes:
            del self._nodes[-1][0]
        return bool(self._nodes)


class Schedule(Mapping[int, int]):
    """The choices of a run that were not the default: at choice i, thread t went on.

    Written "12:2 15:1" (at choice 12 thread 2, at choice 15 thread 1); the empty one is "". Immutable. Made
    from that text or from a mapping. Raises ValueError for anything else.
    """

    __slots__ = ("_choices",)

    def __init__(self, choices: Mapping[int, int] | str = "") -> None:
        pairs = _parse(choices) if isinstance(choices, str) else choices
        if not all(_is_choice(*pair) for pair in pairs.items()):
            raise ValueError(
                f"{choices!r} is no schedule: it maps numbers of choices (0, 1, ...) to those of threads."
            )
        self._choices = dict(sorted(pairs.items()))

    def __getitem__(self, index: int) -> int:
        return self._choices[index]

    def __iter__(self) -> Iterator[int]:
        return iter(self._choices)

    def __len__(self) -> int:
        return len(self._choices)

    def __hash__(self) -> int:
        return hash(tuple(self._choices.items()))

    def __str__(self) -> str:
        return " ".join(f"{index}:{thread}" for index, thread in self._choices.items())

    def __repr__(self) -> str:
        return f'Schedule("{self}")'


def _is_choice(index: object, thread: object) -> bool:
    return isinstance(index, int) and isinstance(thread, int) and index >= 0 and thread >= 1


def _parse(text: str) -> Mapping[int, int]:
    try:
        return dict(_pair(word.split(":")) for word in text.split())
    except ValueError:
        raise ValueError(
            f'{text!r} is no schedule: write "12:2 15:1" for "at choice 12 thread 2, at choice 15 thread 1".'
        ) from None


def _pair(parts: Sequence[str]) -> tuple[int, int]:
    index, thread = parts
    return int(index), int(thread)
