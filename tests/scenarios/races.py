"""Data that several threads change: what is not protected as a whole is lost."""

from __future__ import annotations

from tracing import Lock, Thread


def in_threads(*targets: object) -> None:
    """Run the functions in threads of their own, to their ends."""
    threads = [Thread(target=target, name=target.__name__) for target in targets]  # type: ignore[attr-defined]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def lost_update() -> int:
    """`x += 1` reads, adds and writes: two threads may read the same number."""
    counter = 0

    def ann() -> None:
        nonlocal counter
        counter += 1

    def bob() -> None:
        nonlocal counter
        counter += 1

    in_threads(ann, bob)
    assert counter == 2, f"an update was lost: {counter}"
    return counter


def every_update() -> int:
    """A lock around it."""
    counter = 0
    lock = Lock()

    def ann() -> None:
        nonlocal counter
        with lock:
            counter += 1

    def bob() -> None:
        nonlocal counter
        with lock:
            counter += 1

    in_threads(ann, bob)
    assert counter == 2, f"an update was lost: {counter}"
    return counter


class Seats:
    """One seat is left. Looking and booking are each protected; the two together are not."""

    def __init__(self, free: int = 1) -> None:
        self.free = free
        self.lock = Lock()

    def any_free(self) -> bool:
        with self.lock:
            return self.free > 0

    def book(self) -> None:
        with self.lock:
            self.free -= 1

    def book_if_free(self) -> bool:
        with self.lock:
            if self.free == 0:
                return False
            self.free -= 1
            return True


def check_then_act() -> int:
    """What was checked is no longer true when it is acted upon."""
    seats = Seats()

    def ann() -> None:
        if seats.any_free():
            seats.book()

    def bob() -> None:
        if seats.any_free():
            seats.book()

    in_threads(ann, bob)
    assert seats.free >= 0, f"sold twice: {seats.free} seats are left"
    return seats.free


def check_and_act() -> int:
    """Both under one lock."""
    seats = Seats()

    def ann() -> None:
        seats.book_if_free()

    def bob() -> None:
        seats.book_if_free()

    in_threads(ann, bob)
    assert seats.free >= 0, f"sold twice: {seats.free} seats are left"
    return seats.free
