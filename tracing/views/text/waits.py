"""A sentence for each wait: how long, for what, held by whom since where, and who ended it where.

Rule: the sentence says what is recorded and no more: without a line, a holder or a cause, the clause is left
out.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

from tracing.model import Outcome, Wait
from tracing.views.text.words import Words
from tracing.views.units import count, duration


def sentence(wait: Wait, words: Words) -> str:
    """ "reader waited 3.0 s for lock_a, held by writer since line 12, which released it at line 16."."""
    waited = "has waited" if wait.outcome is Outcome.OPEN else "waited"
    what = words.wait_aim(wait)
    if wait.reacquire:
        what = f"to get {words.object(wait.obj)} back"
    start = f"{words.thread(wait.thread)} {waited} {duration(wait.end - wait.start)} {what}"
    return f"{start}{_held(wait, words)}{_HOW[wait.outcome](wait, words)}{_overtaken(wait)}."


def holding(wait: Wait, words: Words) -> str:
    """ "held by writer"; "" where nobody held it, or it is not a thing to hold."""
    if not wait.holders or wait.target:
        return ""
    if wait.holders == (wait.thread,):
        return "held by itself"
    return f"held by {words.threads(wait.holders)}"


def _held(wait: Wait, words: Words) -> str:
    holders = holding(wait, words)
    return f", {holders}{words.at(wait.holder_site, ' since ')}" if holders else ""


def _acquired(wait: Wait, words: Words) -> str:
    if not wait.ended_by:
        return ""
    thing = "one" if "Semaphore" in words.type(wait.obj) else "it"
    done = f"released {thing}{words.at(wait.ended_site)}"
    if wait.holders == (wait.ended_by,):
        return f", which {done}"
    return f"{';' if wait.holders else ', until'} {words.thread(wait.ended_by)} {done}"


def _until(done: str) -> Callable[[Wait, Words], str]:
    """Somebody did that: ", until writer set it at line 9"."""

    def how(wait: Wait, words: Words) -> str:
        who = words.thread(wait.ended_by)
        return f", until {who} {done}{words.at(wait.ended_site)}"

    return how


def _gave_up(wait: Wait, words: Words) -> str:
    return f", and gave up after its timeout of {duration(wait.timeout)}" if wait.timeout else ", and gave up"


def _still(wait: Wait, words: Words) -> str:
    return ", and still waits"


_HOW = MappingProxyType(
    {
        Outcome.ACQUIRED: _acquired,
        Outcome.NOTIFIED: _until("notified it"),
        Outcome.SET: _until("set it"),
        Outcome.TRIPPED: _until("came as the last"),
        Outcome.BROKEN: _until("broke it"),
        Outcome.ENDED: lambda wait, words: "",
        Outcome.FIRED: lambda wait, words: "",
        Outcome.CANCELLED: _until("cancelled it"),
        Outcome.TIMED_OUT: _gave_up,
        Outcome.CUT: lambda wait, words: ", and was interrupted",
        Outcome.OPEN: _still,
    }
)
"""How a wait came out, as the end of its sentence."""


def _overtaken(wait: Wait) -> str:
    return f", after {count(wait.overtaken, 'later comer')} got it first" if wait.overtaken else ""
