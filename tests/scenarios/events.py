"""Event: a flag that many can wait for."""

from __future__ import annotations

from scenarios.programs import Finds, Group, together
from tracing import Event, Thread, sleep

GROUP = Group()


@GROUP.right("EV-1")
def open_stays_open() -> None:
    """One set() is enough for every wait that follows."""
    door = Event()

    def enter() -> None:
        for _ in range(3):
            door.wait()

    together(visitor=enter, porter=door.set)


@GROUP.right("EV-2")
def all_let_in() -> None:
    """Many wait, one sets."""
    door, inside = Event(), []

    def enter(name: str) -> None:
        door.wait()
        inside.append(name)

    together(ann=lambda: enter("ann"), bob=lambda: enter("bob"), cem=lambda: enter("cem"), porter=door.set)
    assert len(inside) == 3


@GROUP.right("EV-3")
def two_flags() -> None:
    """The finder and the printer take turns, each clears what it has seen; None ends it."""
    found, printed = Event(), Event()
    box: list[int | None] = []
    shown: list[int] = []

    def find() -> None:
        for number in (2, 3, None):
            box.append(number)
            found.set()
            printed.wait()
            printed.clear()

    def show() -> None:
        number: int | None = 0
        while number is not None:
            found.wait()
            found.clear()
            if (number := box.pop()) is not None:
                shown.append(number)
            printed.set()

    together(finder=find, printer=show)
    assert shown == [2, 3]


@GROUP.wrong(
    Finds(kind="lost signal", threads=("bell_boy", "guest"), objects=("bell",), lines=("bell.wait()",)),
    curriculum="EV-4",
    may=("stalled",),
)
def two_rings_one_flag() -> None:
    """A flag does not count: two set() may be seen as one."""
    bell = Event()

    def ring() -> None:
        for _ in range(2):
            sleep(0.01)  # simulated work
            bell.set()

    def serve() -> None:
        for _ in range(2):
            bell.wait()
            sleep(0.015)  # simulated work
            bell.clear()

    together(guest=ring, bell_boy=serve)


@GROUP.wrong(
    Finds(
        kind="lost signal",
        threads=("late", "porter"),
        objects=("door",),
        lines=("door.wait()", "door.set()"),
    ),
    curriculum="EV-5",
)
def open_and_shut() -> None:
    """Who comes after clear() has missed it."""
    door = Event()

    def open_and_close() -> None:
        sleep(0.05)  # simulated work
        door.set()
        door.clear()

    def enter() -> None:
        sleep(0.1)  # simulated work
        door.wait()

    together(early=door.wait, late=enter, porter=open_and_close)


@GROUP.right("EV-5")
def open_and_shut_in_time() -> None:
    """Who waits already is let through, though it is cleared at once."""
    door = Event()

    def open_and_close() -> None:
        sleep(0.2)  # simulated work: all of them wait by now
        door.set()
        door.clear()

    together(ann=door.wait, bob=door.wait, porter=open_and_close)


@GROUP.right("EV-6")
def stop_flag() -> None:
    """A loop that sleeps on its stop flag."""
    stop, ticks = Event(), []

    def tick() -> None:
        while not stop.wait(0.05):
            ticks.append("tick")

    clock = Thread(target=tick, name="clock")
    clock.start()
    sleep(0.12)  # simulated work
    stop.set()
    clock.join()
    assert ticks


@GROUP.right("EV-6")
def waited_in_vain() -> None:
    """wait(timeout) says whether it was set."""
    answer, seen = Event(), []
    together(asker=lambda: seen.append(answer.wait(0.05)))
    assert seen == [False]


@GROUP.wrong(
    Finds(kind="stalled", threads=("guest",), objects=("dinner",), lines=("dinner.wait()",)),
    Finds(kind="uncaught exception", threads=("cook",)),
    curriculum="EV-6",
)
def nobody_left_to_set() -> None:
    """The error comes before the set()."""
    dinner = Event()

    def cook() -> None:
        raise ValueError("no onions")

    def eat() -> None:
        dinner.wait()

    together(cook=cook, guest=eat)


@GROUP.wrong(
    Finds(kind="stalled", threads=("worker",), objects=("stop",), lines=("stop.wait()",)),
    curriculum="EV-6",
)
def told_to_stop_too_late() -> None:
    """Main sets the flag after it has waited for the thread that waits for the flag."""
    stop = Event()

    def work() -> None:
        stop.wait()

    worker = Thread(target=work, name="worker")
    worker.start()
    worker.join()
    stop.set()


@GROUP.wrong(
    Finds(kind="stalled", threads=("ann",), objects=("bob_ready",)),
    Finds(kind="stalled", threads=("bob",), objects=("ann_ready",)),
    curriculum="EV-2",
)
def both_wait_first() -> None:
    """Each waits for the other's flag before it sets its own."""
    ann_ready, bob_ready = Event(), Event()

    def ann() -> None:
        bob_ready.wait()
        ann_ready.set()

    def bob() -> None:
        ann_ready.wait()
        bob_ready.set()

    together(ann=ann, bob=bob)
