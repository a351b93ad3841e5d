"""How findings, and the text views, call the things of a run.

Rule: a name is data. It is said on one line and in bounded length, whatever it contains.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from tracing.events import EventLog, Site
from tracing.model import Wait
from tracing.model.table import TABLE
from tracing.natures import Nature, nature_of

LONGEST_NAME = 40  # characters
LONGEST_TEXT = 120  # of an exception or a note


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
        numbers = tuple(numbers)
        return listed([self.thread(number) for number in numbers[:4]], total=len(numbers))

    def object(self, number: int) -> str:
        """A primitive's name; "something" where it is not known."""
        known = 0 < number <= len(self.log.objects)
        return (plain(self.log.object(number).name) or f"object {number}") if known else "something"

    def nature(self, number: int) -> Nature:
        """What a primitive is."""
        return nature_of(self.log, number)

    def part(self, obj: int) -> str:
        """What one takes of a primitive: "lock_a", "a permit of pool"."""
        unit = self.nature(obj).unit
        return f"a {unit} of {self.object(obj)}" if unit else self.object(obj)

    def aim(self, obj: int) -> str:
        """What somebody waits for: "for lock_a", "on ready", "at gate"."""
        return self.nature(obj).aim.format(self.object(obj))

    def wait_aim(self, wait: Wait) -> str:
        """What this wait is for: a primitive or a thread's end."""
        if wait.target:
            return f"for {self.thread(wait.target)} to end"
        aim = TABLE[wait.kind].aim
        return aim.format(self.object(wait.obj)) if aim else self.aim(wait.obj)

    def place(self, site: int) -> str:
        """ "line 12", or "cell line 12" where the run has several files; "" where it is not recorded."""
        found = self.log.sites[site - 1] if 0 < site <= len(self.log.sites) else None
        return "" if found is None else self.line(found)

    def line(self, site: Site) -> str:
        """ "line 12", or "cell line 12" where the run has several files."""
        return f"line {site.line}" if self.one_file else f"{plain(site.file)} line {site.line}"

    def at(self, site: int, before: str = " at ") -> str:
        """The place with words before it; "" where it is not recorded."""
        place = self.place(site)
        return before + place if place else ""


def plain(text: str, longest: int = LONGEST_NAME) -> str:
    """The text on one line, printable everywhere, at most so long."""
    if len(text) <= longest and text.isascii() and text.isprintable() and " " not in text:
        return text  # most names, of which a run may have very many
    return _tidied(text, longest)


@lru_cache(maxsize=4096)
def _tidied(text: str, longest: int) -> str:
    line = " ".join(text.encode(errors="replace").decode().split())
    line = "".join(char if char.isprintable() else "?" for char in line[: longest + 1])
    return line if len(line) <= longest else line[: longest - 1] + "…"


def listed(names: Sequence[str], most: int = 4, total: int = 0) -> str:
    """ "a", "a and b", "a, b and c", "a, b, c and 5 more". total: how many there are, of which these are the
    first.
    """
    total = max(total, len(names))
    if total > most:
        names = [*names[: most - 1], f"{total - most + 1} more"]
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def verb(count: int, one: str, several: str) -> str:
    """The verb that fits so many subjects."""
    return one if count == 1 else several


def unique(numbers: Iterable[int]) -> tuple[int, ...]:
    """Each number once, in the order of its first appearance; without 0."""
    return tuple(dict.fromkeys(number for number in numbers if number))
