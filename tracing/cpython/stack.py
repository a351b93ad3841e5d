"""Room on the stack: whether so many calls can be made within each other.

What for: an operation of several steps (a wait gives a lock up, waits, and has the lock again) must not end
between them because a program has recursed too deep: it is refused before the first.

No public way: what is left of `sys.getrecursionlimit()` is told by calling alone. All versions; up to 3.11
calls of functions in C count as well.
"""

from __future__ import annotations

# More than these make within each other:
CALLS = 40  # any operation
FEW = (
    10  # one that neither waits nor is recorded; and a `with` of a Semaphore at its end, which is the deepest
)
NOTIFYING = 6  # `threading.Condition.notify`, by a method of another primitive


def room(calls: int = CALLS) -> None:
    """Raise RecursionError where there is no room for so many calls."""
    if calls:
        room(calls - 1)
