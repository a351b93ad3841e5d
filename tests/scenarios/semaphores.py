"""Semaphore: a number of permits, or a signal that is counted."""

from __future__ import annotations

from contextlib import suppress

from scenarios.programs import Finds, Group, together
from tracing import BoundedSemaphore, Event, Lock, Semaphore, sleep

GROUP = Group()


@GROUP.right("SEM-2", may=("overtaking",))
def eight_guests_two_chairs() -> None:
    """Never more than two at a time."""
    chairs, sitting, most = Semaphore(2), [], []

    def sit(name: str) -> None:
        with chairs:
            sitting.append(name)
            most.append(len(sitting))
            sleep(0.01)  # simulated work
            sitting.remove(name)

    together(**{f"guest_{number}": lambda name=str(number): sit(name) for number in range(8)})
    assert max(most) <= 2


@GROUP.right("SEM-4")
def count_that_remembers() -> None:
    """Released before anybody waits: the permit is there when it is wanted."""
    ready = Semaphore(0)

    def wait() -> None:
        sleep(0.05)  # simulated work
        ready.acquire()

    together(guest=wait, cook=ready.release)


@GROUP.right("SEM-5", may=("overtaking",))
def ping_pong() -> None:
    """The finder and the printer take turns; a last turn ends both."""
    found, printed = Semaphore(0), Semaphore(1)
    box: list[int | None] = []
    shown: list[int] = []

    def find() -> None:
        for number in (2, 3, 5, None):
            printed.acquire()
            box.append(number)
            found.release()

    def show() -> None:
        while True:
            found.acquire()
            if (number := box.pop()) is None:
                return
            shown.append(number)
            printed.release()

    together(finder=find, printer=show)
    assert shown == [2, 3, 5]


@GROUP.wrong(
    Finds(kind="stalled", threads=("printer",), objects=("found",), lines=("found.acquire()",)),
    curriculum="SEM-5",
)
def flag_that_nobody_looks_at() -> None:
    """The end is told by a flag, and the printer waits for a permit."""
    found, printed, finished = Semaphore(0), Semaphore(1), Event()

    def find() -> None:
        for _ in (2, 3):
            printed.acquire()
            sleep(0.01)  # simulated work
            found.release()
        finished.set()

    def show() -> None:
        while not finished.is_set():
            found.acquire()
            printed.release()

    together(finder=find, printer=show)


@GROUP.right("SEM-6")
def three_at_once() -> None:
    """One release for all who wait."""
    start = Semaphore(0)

    def run() -> None:
        start.acquire()

    together(ann=run, bob=run, cem=run, starter=lambda: start.release(3))


@GROUP.right("SEM-6")
def permit_that_did_not_come() -> None:
    """A wait with a limit."""
    tickets, answers = Semaphore(0), []

    def queue_up() -> None:
        answers.append(tickets.acquire(timeout=0.05))

    together(fan=queue_up)
    assert answers == [False]


@GROUP.wrong(
    Finds(kind="over-release", threads=("MainThread",), objects=("lockers",), lines=("lockers.release()",)),
    curriculum="SEM-6",
)
def given_back_twice() -> None:
    """A bounded semaphore knows how many permits there are."""
    lockers = BoundedSemaphore(2)
    with lockers:
        pass
    with suppress(ValueError):
        lockers.release()


@GROUP.wrong(
    Finds(kind="over-release", objects=("lockers",), lines=("lockers.release()",)),
    curriculum="SEM-6",
    may=("uncaught exception",),
)
def given_back_after_the_block() -> None:
    """`with` has given it back already."""
    lockers = BoundedSemaphore(1)

    def swim() -> None:
        with lockers:
            sleep(0.01)  # simulated work
        lockers.release()

    together(ann=swim)


@GROUP.wrong(
    Finds(
        kind="abandoned permits",
        threads=("ann", "bob"),
        objects=("printer",),
        lines=("printer.acquire()",),
    ),
    Finds(kind="uncaught exception", threads=("ann",)),
    curriculum="W-5",
    may=("lost signal", "stalled"),
)
def permit_lost_with_its_thread() -> None:
    """An error between acquire and release: the permit does not come back."""
    printer = Semaphore(1)

    def show(pages: int) -> None:
        printer.acquire()
        sleep(0.02 // pages)  # simulated work
        printer.release()

    together(cem=lambda: show(1), ann=lambda: show(0), bob=lambda: show(2))


@GROUP.wrong(
    Finds(kind="abandoned permits", threads=("ann", "bob", "cem"), objects=("seats",)),
    curriculum="W-5",
)
def seats_kept() -> None:
    """Two leave without giving back, a third one waits."""
    seats = BoundedSemaphore(2)

    def visit(polite: bool) -> None:
        seats.acquire()
        if polite:
            seats.release()

    together(early=lambda: visit(True))
    together(ann=lambda: visit(False), bob=lambda: visit(False), cem=lambda: visit(True))


@GROUP.wrong(
    Finds(kind="abandoned permits", threads=("ann", "bob"), objects=("boats",)),
    curriculum="W-5",
)
def boat_not_brought_back() -> None:
    """Who finds no wind goes home, and the boat stays out."""
    boats, wind = Semaphore(1), 0

    def sail() -> None:
        boats.acquire()
        if wind:
            boats.release()

    together(ann=sail, bob=sail)


@GROUP.right("W-5", may=("overtaking",))
def boat_brought_back_at_last() -> None:
    """Whatever comes: `finally` brings it back."""
    boats, wind = Semaphore(1), 0

    def sail() -> None:
        boats.acquire()
        try:
            sleep(wind)
        finally:
            boats.release()

    together(ann=sail, bob=sail)


@GROUP.right("W-5", may=("overtaking",))
def boat_brought_back_whatever_comes() -> None:
    """`with` brings it back."""
    boats, wind, sailed = Semaphore(1), 0, list[str]()

    def sail() -> None:
        with boats:
            if wind:
                sailed.append("far")

    together(ann=sail, bob=sail)


@GROUP.wrong(
    Finds(
        kind="deadlock",
        threads=("ann", "bob"),
        objects=("sticks",),
        lines=("sticks.acquire()  # the second",),
    ),
    curriculum="SEM-2",
    may=("stalled",),
)
def one_stick_each() -> None:
    """Each has one of the two and waits for the other."""
    sticks = Semaphore(2)

    def eat() -> None:
        for _ in range(2):
            sticks.acquire()
            sticks.acquire()  # the second
            sticks.release(2)

    together(ann=eat, bob=eat)


@GROUP.right("SEM-2", may=("overtaking",))
def both_sticks_behind_a_gate() -> None:
    """Only one at a time collects its two."""
    sticks, gate = Semaphore(2), Lock()

    def eat() -> None:
        for _ in range(2):
            with gate:
                sticks.acquire()
                sticks.acquire()
            sticks.release(2)

    together(ann=eat, bob=eat)


@GROUP.right("SEM-4")
def rendezvous() -> None:
    """Each says that it is there, then waits for the other."""
    ann_here, bob_here = Semaphore(0), Semaphore(0)

    def ann() -> None:
        ann_here.release()
        bob_here.acquire()

    def bob() -> None:
        bob_here.release()
        ann_here.acquire()

    together(ann=ann, bob=bob)


@GROUP.wrong(
    Finds(kind="stalled", threads=("ann",), objects=("bob_here",), lines=("bob_here.acquire()",)),
    Finds(kind="stalled", threads=("bob",), objects=("ann_here",), lines=("ann_here.acquire()",)),
    curriculum="SEM-4",
)
def after_you() -> None:
    """Each waits before it says that it is there."""
    ann_here, bob_here = Semaphore(0), Semaphore(0)

    def ann() -> None:
        bob_here.acquire()
        ann_here.release()

    def bob() -> None:
        ann_here.acquire()
        bob_here.release()

    together(ann=ann, bob=bob)


@GROUP.right("BAR-5", may=("overtaking",))
def turnstiles() -> None:
    """A barrier that can be used again, made of two turnstiles (Downey, The Little Book of Semaphores)."""
    arrivals, count = Lock(), 0
    way_in, way_out = Semaphore(0), Semaphore(0)

    def step(change: int, full: int, way: Semaphore) -> None:
        nonlocal count
        with arrivals:
            count += change
            if count == full:
                way.release(3)
        way.acquire()

    def march() -> None:
        for _ in range(2):
            step(+1, 3, way_in)
            step(-1, 0, way_out)

    together(ann=march, bob=march, cem=march)


@GROUP.wrong(Finds(kind="stalled", objects=("turnstile",)), curriculum="BAR-5")
def one_permit_for_three() -> None:
    """The last to come lets one through, and nobody lets the others."""
    arrivals, turnstile = Lock(), Semaphore(0)
    here: list[str] = []

    def arrive() -> None:
        with arrivals:
            here.append("one more")
            if len(here) == 3:
                turnstile.release()
        turnstile.acquire()

    together(ann=arrive, bob=arrive, cem=arrive)


@GROUP.wrong(Finds(kind="stalled"), curriculum="SEM-3")
def smokers_in_each_others_way() -> None:
    """Each takes one of the two things on the table, and needs the other's."""
    tobacco, paper, matches = Semaphore(0), Semaphore(0), Semaphore(0)

    def smoke(first: Semaphore, second: Semaphore) -> None:
        first.acquire()
        second.acquire()

    def serve() -> None:
        tobacco.release()
        paper.release()

    together(
        has_matches=lambda: smoke(tobacco, paper),
        has_tobacco=lambda: smoke(paper, matches),
        has_paper=lambda: smoke(matches, tobacco),
        agent=serve,
    )


@GROUP.right("SEM-4", may=("overtaking",))
def smokers_called_by_name() -> None:
    """The agent knows who lacks what it puts on the table."""
    calls = {name: Semaphore(0) for name in ("tobacco", "paper", "matches")}
    table_free = Semaphore(1)

    def smoke(has: str) -> None:
        calls[has].acquire()
        table_free.release()

    def serve() -> None:
        for missing in ("paper", "matches", "tobacco"):
            table_free.acquire()
            calls[missing].release()

    together(
        agent=serve,
        ann=lambda: smoke("tobacco"),
        bob=lambda: smoke("paper"),
        cem=lambda: smoke("matches"),
    )


@GROUP.right("SEM-2", may=("overtaking",))
def first_in_last_out() -> None:
    """The first reader locks the writers out, the last one lets them in: a semaphore has no owner."""
    room_empty, door, inside = Semaphore(1), Lock(), []

    def read(name: str) -> None:
        with door:
            inside.append(name)
            if len(inside) == 1:
                room_empty.acquire()
        sleep(0.01)  # simulated work
        with door:
            inside.remove(name)
            if not inside:
                room_empty.release()

    def write() -> None:
        with room_empty:
            assert not inside or not room_empty.acquire(blocking=False)

    together(ann=lambda: read("ann"), bob=lambda: read("bob"), writer=write)


@GROUP.wrong(Finds(kind="overtaking", threads=("ann", "bob"), objects=("shower",)), curriculum="SEM-2")
def back_in_at_once() -> None:
    """Bob comes out and goes in again, while Ann waits at the door."""
    shower = Semaphore(1)

    def wash_often() -> None:
        for _ in range(7):
            with shower:
                sleep(0.005)  # simulated work

    def wash_once() -> None:
        with shower:
            pass

    together(bob=wash_often, ann=wash_once)
