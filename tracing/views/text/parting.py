"""Where two runs part, in a sentence.

Rule: without times, so that it is the same for the same order on every machine.
"""

from __future__ import annotations

from types import MappingProxyType

from tracing.diagnosis.names import plain
from tracing.events import EventLog, TraceEvent
from tracing.model import Parting, unlike
from tracing.views.text.words import Words
from tracing.views.units import count

_OVER = MappingProxyType(
    {
        "done": "is over",
        "running": "has come no further",
        "hung": "hangs",
        "full": "is not recorded any more",
        "truncated": "breaks off",
    }
)
"""What a run does, by its ending's reason, where another one goes on."""


def parting_sentence(a: EventLog, b: EventLog, parting: Parting | None) -> str:
    """ "The runs are the same for 14 events; then in "broken" teller-1 acquires lock at line 4, while in
    "fixed" ...".

    Parameters: `parting`, what `tracing.model.part(a, b)` gave.
    """
    if parting is None:
        return f"The runs are the same: {count(len(a), 'event')} in the same order."
    first, second = _titles(a, b)
    how = f"{_next(a, parting.event_a, first)}, while {_next(b, parting.event_b, second)}."
    if missing := unlike(a, b):
        return f"The runs seem to be of different programs, with no {missing} in common: {how}"
    if parting.index == 0:
        return f"The runs differ from the beginning: {how}"
    return f"The runs are the same for {count(parting.index, 'event')}; then {how}"


def _titles(a: EventLog, b: EventLog) -> tuple[str, str]:
    """What the runs are called: by their titles, where these tell them apart."""
    first, second = plain(a.title), plain(b.title)
    if first and second and first != second:
        return f'"{first}"', f'"{second}"'
    return "the first run", "the second run"


def _next(log: EventLog, event: TraceEvent | None, run: str) -> str:
    """What happens next in a run."""
    if event is None:
        return f"{run} {_OVER.get(log.ending.reason, 'is ended')}"
    words = Words(log)
    return f"in {run} {words.thread(event.thread)} {words.phrase(event)}{words.at(event.site)}"
