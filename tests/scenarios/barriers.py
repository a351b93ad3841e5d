"""Barrier: a place to meet."""

from __future__ import annotations

from contextlib import suppress

from scenarios.programs import Finds, Group, together
from tracing import Barrier, BrokenBarrierError, Lock, sleep

GROUP = Group()


@GROUP.right("BAR-1")
def meet_at_the_bus() -> None:
    """They come at different times and leave together."""
    bus = Barrier(3)

    def travel(delay: float) -> None:
        sleep(delay)  # simulated work
        bus.wait()

    together(ann=lambda: travel(0.01), bob=lambda: travel(0.03), cem=lambda: travel(0.02))


@GROUP.right("BAR-2")
def photograph() -> None:
    """The last to arrive does it, before anybody leaves."""
    pictures: list[str] = []
    group = Barrier(3, action=lambda: pictures.append("click"))

    def pose() -> None:
        group.wait()
        assert pictures == ["click"]

    together(ann=pose, bob=pose, cem=pose)


@GROUP.wrong(Finds(kind="uncaught exception", lines=("gate.wait()",)), curriculum="BAR-3")
def called_off() -> None:
    """abort() raises in all who wait."""
    gate = Barrier(4)

    def wait() -> None:
        gate.wait()

    def call_off() -> None:
        sleep(0.05)  # simulated work
        gate.abort()

    together(ann=wait, bob=wait, cem=wait, guard=call_off)


@GROUP.right("BAR-3")
def called_off_and_caught() -> None:
    """Each of them knows what to do when the meeting is called off."""
    gate, went_home = Barrier(4), []

    def wait(name: str) -> None:
        try:
            gate.wait()
        except BrokenBarrierError:
            went_home.append(name)

    def call_off() -> None:
        sleep(0.05)  # simulated work
        gate.abort()

    together(ann=lambda: wait("ann"), bob=lambda: wait("bob"), guard=call_off)
    assert len(went_home) == 2


@GROUP.right("BAR-4")
def reset_and_met() -> None:
    """Broken by a time-out, then reset: the second meeting works."""
    table = Barrier(2)

    with suppress(BrokenBarrierError):
        table.wait(timeout=0.01)
    table.reset()
    together(ann=lambda: table.wait(), bob=lambda: table.wait())
    assert not table.broken


@GROUP.wrong(Finds(kind="uncaught exception", lines=("table.wait(timeout=0.02)",)), curriculum="BAR-4")
def impatient_guest() -> None:
    """One gives up, and the barrier is broken for all."""
    table = Barrier(3)

    def come() -> None:
        table.wait(timeout=0.02)

    together(ann=come, bob=come)


@GROUP.wrong(Finds(kind="uncaught exception"), curriculum="BAR-4")
def action_that_fails() -> None:
    """An error in the action breaks the barrier."""
    pictures: list[str] = []
    group = Barrier(2, action=lambda: pictures.pop())
    together(ann=lambda: group.wait(), bob=lambda: group.wait())


@GROUP.right("BAR-5")
def three_rounds() -> None:
    """The same barrier, round after round; nobody is a round ahead."""
    rounds = {"ann": 0, "bob": 0}
    net = Barrier(2)

    def play(name: str) -> None:
        for _ in range(3):
            rounds[name] += 1
            net.wait()
            assert abs(rounds["ann"] - rounds["bob"]) <= 1

    together(ann=lambda: play("ann"), bob=lambda: play("bob"))


@GROUP.wrong(
    Finds(kind="stalled", threads=("ann", "bob"), objects=("table",), lines=("table.wait()",)),
    curriculum="BAR-1",
)
def one_short() -> None:
    """A table for three, and two come."""
    table = Barrier(3)

    def come() -> None:
        table.wait()

    together(ann=come, bob=come)


@GROUP.wrong(
    Finds(kind="stalled", threads=("bob", "cem"), objects=("table",)),
    Finds(kind="uncaught exception", threads=("ann",)),
    curriculum="BAR-1",
)
def fell_on_the_way() -> None:
    """One fails before it arrives."""
    table = Barrier(3)

    def come(speed: int) -> None:
        sleep(0.1 // speed)  # simulated work
        table.wait()

    together(ann=lambda: come(0), bob=lambda: come(1), cem=lambda: come(2))


@GROUP.wrong(
    Finds(kind="stalled", objects=("table",), lines=("table.wait()",)),
    curriculum="BAR-1",
)
def met_with_the_key_in_hand() -> None:
    """Each comes to the table with the key, which the others need to come."""
    table, key = Barrier(2), Lock()

    def come() -> None:
        with key:
            table.wait()

    together(ann=come, bob=come)


@GROUP.wrong(
    Finds(kind="stalled", threads=("ann",), objects=("net",)),
    curriculum="BAR-5",
)
def one_round_more() -> None:
    """Ann plays three rounds, Bob two."""
    net = Barrier(2)

    def play(rounds: int) -> None:
        for _ in range(rounds):
            net.wait()

    together(ann=lambda: play(3), bob=lambda: play(2))
