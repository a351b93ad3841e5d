"""A thread that ended by an exception at a container which another thread had changed meanwhile.

Owns: `crossed`, and the findings of them, which stand in place of "ended with an exception that it did not
catch": who changed it is what the exception does not say.

Rule: only what was seen is said: the thread looked into the container (tested it, took a step through it),
another one changed it, and at the next operation on it the thread was ended by an exception of the kinds that
containers raise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tracing.diagnosis import Finding
from tracing.events import EventLog
from tracing.exploring.updates import Access, Accesses, said
from tracing.model import Mark, Model

KIND = "changed meanwhile"
RAISED = re.compile(
    r"RuntimeError: .*(changed|mutated).*iteration|IndexError: |KeyError: |ValueError: .* not in (list|deque)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossed:
    """What came between."""

    look: Access
    change: Access  # by another thread
    use: Access  # that raised
    error: str

    @property
    def places(self) -> tuple[Access, ...]:
        """What it is about."""
        return self.look, self.change, self.use


def crossed(accesses: Accesses, log: EventLog, model: Model) -> tuple[Crossed, ...]:
    """One for each thread that ended so."""
    ends = (mark for mark in model.marks if mark.what == "failed" and RAISED.match(mark.text))
    return tuple(found for mark in ends for found in _crossed(accesses, log, mark))


def _crossed(accesses: Accesses, log: EventLog, end: Mark) -> Iterator[Crossed]:
    own = [number for number, each in enumerate(accesses.seen) if each.thread == end.thread]
    if not own or not end.site:
        return
    used = next((number for number in reversed(own) if accesses.seen[number].container), None)
    if used is None or not _is_at(accesses.seen[used], log, end.site):
        return
    use = accesses.seen[used]
    looked = [number for number in own if number < used and accesses.seen[number].container == use.container]
    between = accesses.seen[looked[-1] + 1 : used] if looked else []
    changes = [each for each in between if each.changes and each.container == use.container]
    if changes:
        yield Crossed(look=accesses.seen[looked[-1]], change=changes[-1], use=use, error=end.text)


def _is_at(access: Access, log: EventLog, site: int) -> bool:
    place = log.sites[site - 1]
    return (access.place.file, access.place.line) == (place.file, place.line)


def finding_of(found: Crossed, log: EventLog) -> Finding:
    """What is said of it. log: of the run, with its places."""
    thread, other = log.thread(found.use.thread).name, log.thread(found.change.thread).name
    what = found.look.name.partition(".")[0] if found.look.changes else found.look.name
    sites = (log.sites.index(access.place) + 1 for access in found.places)
    return Finding(
        kind=KIND,
        severity="error",
        threads=(found.use.thread, found.change.thread),
        sites=tuple(dict.fromkeys(sites)),
        time=found.use.time,
        sentence=f"{thread} looked into {what} at {said(found.look)}, {other} changed it at "
        f"{said(found.change)}, and {thread} ended with an exception that it did not catch at "
        f"{said(found.use)}: {found.error}.",
        hint=f"Hold one lock from looking into {what} to using what was seen, and wherever it is changed; "
        "or go through a copy of it.",
    )
