"""`with`: given back however the block ends."""

from __future__ import annotations

from contextlib import ExitStack, suppress

from scenarios.programs import Finds, Group, together
from tracing import Lock, RLock, Thread, sleep

GROUP = Group()


@GROUP.wrong(
    Finds(
        kind="abandoned lock",
        threads=("ann", "bob"),
        objects=("kitchen",),
        lines=("kitchen.acquire()",),
    ),
    Finds(kind="uncaught exception", lines=("eggs.pop()",)),
    curriculum="W-5",
    may=("held at thread end",),
)
def error_between_acquire_and_release() -> None:
    """The error leaves the function, and the lock stays locked."""
    kitchen, eggs = Lock(), ["egg"][1:]

    def cook() -> None:
        kitchen.acquire()
        eggs.pop()
        kitchen.release()

    together(ann=cook, bob=cook)


@GROUP.wrong(
    Finds(kind="held at thread end", threads=("clerk",), objects=("drawer",), lines=("drawer.acquire()",)),
    curriculum="W-5",
)
def early_return() -> None:
    """A way out of the function that forgets the release; nobody else has come yet."""
    drawer, stamps = Lock(), []

    def look() -> None:
        drawer.acquire()
        if not stamps:
            return
        drawer.release()

    together(clerk=look)


@GROUP.wrong(
    Finds(kind="held at thread end", threads=("clerk",), objects=("shelf",)),
    Finds(kind="uncaught exception", threads=("clerk",)),
    curriculum="W-5",
)
def error_under_an_rlock() -> None:
    """Nobody else wants the shelf: who failed has it for good."""
    shelf, stamps = RLock(), list[str]()

    def take() -> None:
        shelf.acquire()
        stamps.pop()
        shelf.release()

    together(clerk=take)


@GROUP.wrong(
    Finds(kind="abandoned lock", threads=("MainThread", "clerk"), objects=("drawer",)),
    curriculum="W-5",
)
def early_return_and_main() -> None:
    """Main wants what the clerk has kept."""
    drawer, stamps = Lock(), []

    def look() -> None:
        drawer.acquire()
        if not stamps:
            return
        drawer.release()

    together(clerk=look)
    with drawer:
        stamps.append("new")


@GROUP.right("W-4", may=("overtaking",))
def error_inside_with() -> None:
    """The error leaves the block and takes the lock off on its way."""
    kitchen, eggs = Lock(), ["egg"]

    def cook() -> None:
        with suppress(IndexError), kitchen:
            eggs.pop()

    together(ann=cook, bob=cook)
    assert not kitchen.locked()


@GROUP.right("W-4", may=("overtaking",))
def released_in_finally() -> None:
    """What `with` does, written out."""
    kitchen, meals = Lock(), []

    def cook(name: str) -> None:
        kitchen.acquire()
        try:
            meals.append(name)
        finally:
            kitchen.release()

    together(ann=lambda: cook("soup"), bob=lambda: cook("rice"))
    assert len(meals) == 2


@GROUP.wrong(
    Finds(kind="uncaught exception", threads=("ann",), lines=("raise ValueError(dish)",)), curriculum="W-4"
)
def error_inside_with_is_not_caught() -> None:
    """`with` gives the lock back; the error still ends the thread, and Bob can go on."""
    kitchen = Lock()

    def cook(dish: str) -> None:
        with kitchen:
            if dish == "stone":
                raise ValueError(dish)

    together(ann=lambda: cook("stone"), bob=lambda: cook("soup"))
    assert not kitchen.locked()


@GROUP.right("W-7", may=("overtaking",))
def as_many_locks_as_needed() -> None:
    """A varying number of locks, always in one order."""
    rooms = [Lock() for _ in range(4)]

    def clean(*numbers: int) -> None:
        with ExitStack() as keys:
            for number in sorted(numbers):
                keys.enter_context(rooms[number])
            sleep(0.01)  # simulated work

    together(ann=lambda: clean(3, 0), bob=lambda: clean(0, 2, 3), cem=lambda: clean(2, 1))


@GROUP.wrong(
    Finds(kind="deadlock", threads=("ann", "bob")),
    curriculum="W-7",
    may=("lock-order inversion",),
)
def as_many_locks_in_any_order() -> None:
    """The same without `sorted`."""
    rooms = [Lock() for _ in range(4)]

    def clean(*numbers: int) -> None:
        with ExitStack() as keys:
            for number in numbers:
                keys.enter_context(rooms[number])

    together(ann=lambda: clean(3, 0), bob=lambda: clean(0, 3))


@GROUP.right("W-6", may=("overtaking",))
def lock_held_on_purpose() -> None:
    """Taken in one function and given back in another, by the same thread."""
    desk, notes = Lock(), []

    class Writer(Thread):
        def begin(self) -> None:
            desk.acquire()

        def finish(self) -> None:
            notes.append(self.name)
            desk.release()

        def run(self) -> None:
            self.begin()
            self.finish()

    writers = [Writer(name="ann"), Writer(name="bob")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(notes) == 2
