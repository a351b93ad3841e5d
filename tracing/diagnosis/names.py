"""How a finding calls the things of a run.

Rule: a name is data. It is said on one line and in bounded length, whatever it contains.
"""

from __future__ import annotations

from collections.abc import Iterable

from tracing.events import EventLog
from tracing.model import Wait

LONGEST_NAME = 40  # characters
LONGEST_TEXT = 120  # of an exception
AIMS = {
    "Condition": "on {}",
    "Barrier": "at {}",
    "Semaphore": "for a permit of {}",
    "BoundedSemaphore": "for a permit of {}",
    "Timer": "for {} to fire",
}


class Names:
    """The words for the threads, primitives and places of one log."""

    def __init__(self, log: EventLog) -> None:
        self.log = log
        self.one_file = len({site.file for site in log.sites}) <= 1

    def thread(self, number: int) -> str:
        """A thread's name; "somebody" where it is not known."""
        known = 0 < number <= len(self.log.threads)
        return (plain(self.log.thread(number).name) or f"thread {number}") if known else "somebody"

    def threads(self, numbers: Iterable[int]) -> str:
        """Several threads' names."""
        return listed([self.thread(number) for number in numbers])

    def object(self, number: int) -> str:
        """A primitive's name; "something" where it is not known."""
        known = 0 < number <= len(self.log.objects)
        return (plain(self.log.object(number).name) or f"object {number}") if known else "something"

    def aim(self, wait: Wait) -> str:
        """What a wait is for: "for lock_a", "on ready", "at gate", "for worker to end"."""
        if wait.target:
            return f"for {self.thread(wait.target)} to end"
        type_ = self.log.object(wait.obj).type if 0 < wait.obj <= len(self.log.objects) else ""
        return AIMS.get(type_, "for {}").format(self.object(wait.obj))

    def at(self, site: int, before: str = "at") -> str:
        """ " at line 12", or " at cell 3 line 12" where the run has several files; "" where there is none."""
        found = self.log.sites[site - 1] if 0 < site <= len(self.log.sites) else None
        if found is None:
            return ""
        return (
            f" {before} line {found.line}"
            if self.one_file
            else f" {before} {plain(found.file)} line {found.line}"
        )


def plain(text: str, longest: int = LONGEST_NAME) -> str:
    """The text on one line, printable everywhere, at most so long."""
    line = " ".join(text.encode(errors="replace").decode().split())
    line = "".join(char if char.isprintable() else "?" for char in line[: longest + 1])
    return line if len(line) <= longest else line[: longest - 1] + "…"


def listed(names: list[str], most: int = 6) -> str:
    """ "a", "a and b", "a, b and c", "a, b, c and 5 more"."""
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more"]
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def verb(count: int, one: str, several: str) -> str:
    """The verb that fits so many subjects."""
    return one if count == 1 else several
