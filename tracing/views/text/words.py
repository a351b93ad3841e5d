"""The words of the text form: names and places made harmless, and what an event is called.

Rule: a name is data. It is said on one line and in bounded length, whatever it contains.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from types import MappingProxyType

from tracing.events import EventLog, Kind, TraceEvent
from tracing.model import Wait
from tracing.views.units import duration

LONGEST_NAME = 40  # characters
LONGEST_TEXT = 120  # of an exception or a note

PHRASES = MappingProxyType(
    {
        Kind.STARTED: "starts {other}",
        Kind.BEGAN: "begins",
        Kind.ENDED: "ends",
        Kind.FAILED: "fails: {text}",
        Kind.JOIN_WAIT: "waits for {other} to end",
        Kind.JOINED: "joins {other}",
        Kind.JOIN_TIMED_OUT: "waits for {other} to end, in vain",
        Kind.SLEEP: "sleeps {length}",
        Kind.WOKE: "wakes up",
        Kind.WAIT: "waits {aim}",
        Kind.TIMED_OUT: "gives up waiting {aim}",
        Kind.WOULD_BLOCK: "tries {obj}, in vain",
        Kind.CUT: "is interrupted",
        Kind.ACQUIRED: "acquires {obj}",
        Kind.RELEASED: "releases {obj}",
        Kind.REFUSED: "misuses {obj}: {text}",
        Kind.COND_WAIT: "waits {aim}",
        Kind.NOTIFY: "notifies {obj}",
        Kind.NOTIFIED: "wakes {other} on {obj}",
        Kind.COND_WOKE: "wakes up from {obj}",
        Kind.SET: "sets {obj}",
        Kind.CLEARED: "clears {obj}",
        Kind.PASSED: "passes {obj}",
        Kind.ARRIVED: "arrives at {obj} as number {number}",
        Kind.TRIPPED: "trips {obj}",
        Kind.ACTION: "begins the action of {obj}",
        Kind.ACTION_DONE: "ends the action of {obj}",
        Kind.BROKEN: "breaks {obj}: {text}",
        Kind.BROKE_OUT: "finds {obj} broken",
        Kind.RESET: "resets {obj}",
        Kind.PENDING: "waits {aim}",
        Kind.FIRED: "fires {obj}",
        Kind.CANCELLED: "cancels {obj}",
        Kind.CANCEL_LATE: "cancels {obj}, too late",
        Kind.NOTE: "notes: {text}",
    }
)
"""What a thread does, in the present tense, by kind of event."""

TEXT_KINDS = frozenset({Kind.FAILED, Kind.REFUSED, Kind.BROKEN, Kind.NOTE})
_AIMS = MappingProxyType(
    {
        "Condition": "on {}",
        "Barrier": "at {}",
        "Semaphore": "for a permit of {}",
        "BoundedSemaphore": "for a permit of {}",
        "Timer": "to fire {}",
    }
)


@lru_cache(maxsize=4096)
def plain(text: str, longest: int = LONGEST_NAME) -> str:
    """The text on one line, printable everywhere, at most so long."""
    line = " ".join(text.encode(errors="replace").decode().split())
    line = "".join(char if char.isprintable() else "?" for char in line[: longest + 1])
    return line if len(line) <= longest else line[: longest - 1] + "…"


def listed(names: Sequence[str], most: int = 4) -> str:
    """ "a", "a and b", "a, b and c", "a, b, c and 5 more"."""
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more"]
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


class Words:
    """How the things of one log are called in a sentence."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._one_file = len({site.file for site in log.sites}) <= 1

    def thread(self, number: int) -> str:
        """A thread's name; "somebody" for 0."""
        if not 0 < number <= len(self._log.threads):
            return "somebody"
        return plain(self._log.thread(number).name) or f"thread {number}"

    def threads(self, numbers: Sequence[int]) -> str:
        """Several threads' names."""
        return listed([self.thread(number) for number in numbers])

    def object(self, number: int) -> str:
        """A primitive's name; "something" for 0."""
        if not 0 < number <= len(self._log.objects):
            return "something"
        return plain(self._log.object(number).name) or f"object {number}"

    def type(self, number: int) -> str:
        """A primitive's type; "" for 0."""
        return self._log.object(number).type if 0 < number <= len(self._log.objects) else ""

    def aim(self, obj: int) -> str:
        """What somebody waits for: "for lock_a", "on ready", "at gate"."""
        return _AIMS.get(self.type(obj), "for {}").format(self.object(obj))

    def wait_aim(self, wait: Wait) -> str:
        """What this wait is for: a primitive or a thread's end."""
        return f"for {self.thread(wait.target)} to end" if wait.target else self.aim(wait.obj)

    def place(self, site: int) -> str:
        """ "line 12", or "cell 3 line 12" where the run has several files; "" where it is not recorded."""
        found = self._log.site(site) if site <= len(self._log.sites) else None
        if found is None:
            return ""
        return f"line {found.line}" if self._one_file else f"{plain(found.file)} line {found.line}"

    def at(self, site: int, before: str = " at ") -> str:
        """The place with a word before it; "" where it is not recorded."""
        place = self.place(site)
        return before + place if place else ""

    def phrase(self, event: TraceEvent) -> str:
        """What the event is: "acquires lock_a"."""
        arg = event.arg
        return (
            PHRASES[event.kind]
            .format(
                obj=self.object(event.obj) if event.obj else "a thread",
                aim=self.aim(event.obj),
                other=self.thread(arg or 0),
                length=duration(arg) if arg is not None else "",
                text=plain(self._text(arg), LONGEST_TEXT) if event.kind in TEXT_KINDS else "",
                number=arg,
            )
            .rstrip(" :")
        )

    def _text(self, number: int | None) -> str:
        return self._log.text(number) if number and 0 < number <= len(self._log.texts) else ""
