"""How a thread of a recorded run waits: at once, or after a nap."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tracing.runtime import Agent
from tracing.runtime.system import System


class Door:
    """Something to wait for that can be had at the given look, and never before; it remembers all tries."""

    def __init__(self, opens: int) -> None:
        self.opens, self.looks = opens, 0
        self.opened = 0
        self.tries: list[float] = []

    def ready(self) -> bool:
        self.looks += 1
        return self.looks >= self.opens

    def take(self, seconds: float) -> bool:
        self.tries.append(seconds)
        return True

    def open(self) -> None:
        self.opened += 1


AGENT: Any = SimpleNamespace(run=SimpleNamespace(ended=False), forced=False)


@pytest.mark.parametrize(
    ("patience", "opens", "looks", "tries"),
    [
        (0, 1, 0, [-1]),  # as threading does: it parks, even where it could be had a moment later
        (1, 1, 1, [0]),
        (1, 2, 1, [-1]),
        (3, 2, 2, [0]),
    ],
)
def test_patience_is_how_often_a_thread_naps_and_tries_again_before_it_parks(
    patience: int, opens: int, looks: int, tries: list[float]
) -> None:
    door = Door(opens)
    assert System(patience).wait_until(AGENT, door, None)
    assert (door.looks, door.tries) == (looks, tries)


def test_a_wait_with_a_deadline_does_not_nap() -> None:
    door = Door(opens=1)
    assert System(patience=1).wait_until(AGENT, door, 2.5)
    assert (door.looks, door.tries) == (0, [2.5])


@pytest.mark.parametrize(("got", "forced", "back"), [(True, False, 1), (True, True, 0), (False, False, 0)])
def test_a_thread_whose_run_was_ended_gives_back_what_it_had_by_right(
    got: bool, forced: bool, back: int
) -> None:
    door, unwound = Door(opens=1), object()
    agent: Any = SimpleNamespace(forced=forced, unwind=lambda: unwound)
    assert Agent.woken_late(agent, door, got) is unwound
    assert door.opened == back


def test_a_thread_parks_at_once_by_default() -> None:
    assert System().patience == 0
