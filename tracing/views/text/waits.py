"""A sentence for each wait: how long, for what, held by whom since where, and who ended it where.

Owns: `sentence`, as it stands below a run, and `Explainer`, whose sentences say besides what the wait was
spent on, and how it ended where that takes the whole run to know.

Rule: the sentence says what is recorded and no more: without a line, a holder or a cause, the clause is left
out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import MappingProxyType

from tracing.diagnosis.names import LONGEST_TEXT, plain
from tracing.model import Breakdown, Breakdowns, Fate, Model, Outcome, Turn, Wait, kept_by
from tracing.model.table import TABLE
from tracing.views.text.words import Words
from tracing.views.units import count, duration

MOST_TURNS = 4  # holders of a lock, one after the other, that a sentence names


def sentence(wait: Wait, words: Words) -> str:
    """ "reader waited 3.0 s for lock_a, held by writer since line 12, which released it at line 16."."""
    waited = "has waited" if wait.outcome is Outcome.OPEN else "waited"
    return f"{_begun(wait, words, waited)}{_HOW[wait.outcome](wait, words)}{_overtaken(wait)}."


def _begun(wait: Wait, words: Words, waited: str) -> str:
    what = words.wait_aim(wait)
    if wait.reacquire:
        what = f"to get {words.object(wait.obj)} back"
    length = duration(wait.end - wait.start)
    return f"{words.thread(wait.thread)} {waited} {length} {what}{_held(wait, words)}"


def holding(wait: Wait, words: Words) -> str:
    """ "held by writer"; "" where nobody held it, or it is not a thing to hold."""
    if not wait.holders or wait.target:
        return ""
    by = words.nature(wait.obj).had_by
    return f"{by} {'itself' if wait.holders == (wait.thread,) else words.threads(wait.holders)}"


def _held(wait: Wait, words: Words) -> str:
    holders = holding(wait, words)
    return f", {holders}{words.at(wait.holder_site, ' since ')}" if holders else ""


def _acquired(wait: Wait, words: Words) -> str:
    if not wait.ended_by:
        return ""
    freed = TABLE[wait.kind].freed or words.nature(wait.obj).freed
    where = words.at(wait.ended_site)
    if wait.holders == (wait.ended_by,):  # at the line where it took it: of a `with`, no news
        return f", which {freed}{where if where != words.at(wait.holder_site) else ''}"
    return f"{';' if wait.holders else ', until'} {words.thread(wait.ended_by)} {freed}{where}"


def _until(done: str) -> Callable[[Wait, Words], str]:
    """Somebody did that: ", until writer set it at line 9"."""

    def how(wait: Wait, words: Words) -> str:
        who = words.thread(wait.ended_by)
        return f", until {who} {done}{words.at(wait.ended_site)}"

    return how


def _broken(wait: Wait, words: Words) -> str:
    if wait.ended_by != wait.thread:
        return _until("broke it")(wait, words)
    return f"{_gave_up(wait, words)}, which broke it"


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
        Outcome.EMPTIED: lambda wait, words: "",
        Outcome.BROKEN: _broken,
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


class Explainer:
    """Sentences that say what each wait was spent on: "... (held 3.0 s; schedule 20 µs)."."""

    def __init__(self, words: Words, model: Model) -> None:
        self._words, self._model = words, model
        self._breakdowns = Breakdowns(words.log, model)
        self._reason = words.log.ending.reason

    def sentence(self, wait: Wait) -> str:
        waited = "has waited" if wait.outcome is Outcome.OPEN and self._reason in _GOES_ON else "waited"
        told = f"{_begun(wait, self._words, waited)}{self._ending(wait)}{_overtaken(wait)}"
        parts = list(self._parts(wait, self._breakdowns.of(wait)))
        return f"{told} ({'; '.join(parts)})." if parts else f"{told}."

    def _ending(self, wait: Wait) -> str:
        if wait.outcome is Outcome.ENDED and wait.target:
            other = self._model.threads[wait.target - 1]
            failed = f", which failed: {plain(other.error, LONGEST_TEXT)}"
            return failed if other.fate is Fate.FAILED else ", which it did"
        if wait.outcome is Outcome.OPEN and self._reason not in _GOES_ON:
            done = self._reason == "done"
            return ", and still waited at the end" if done else ", and was unwound when the run was ended"
        return _HOW[wait.outcome](wait, self._words)

    def _parts(self, wait: Wait, split: Breakdown) -> Iterator[str]:
        """What it was spent on, without what took no time; "throughout" where that was one thing."""
        parts = [(self._lack(wait), split.held), ("hand-off", split.hand_off), ("schedule", split.schedule)]
        parts = [(name, time) for name, time in parts if time]
        for name, time in parts:
            if name == "held" and len(split.turns) > 1:
                yield f"held by {', then by '.join(self._turns(split.turns))}"
            else:
                yield f"{name} {duration(time)}" if len(parts) > 1 else f"{name} throughout"
        later = kept_by(self._words.log, self._model, wait)[len(wait.holders) :]
        if later and not self._words.nature(wait.obj).exclusive:
            yield f"later held by {self._words.threads(later)}"

    def _lack(self, wait: Wait) -> str:
        if wait.target:
            return "thread alive"
        return TABLE[wait.kind].lacks or self._words.nature(wait.obj).lacks

    def _turns(self, turns: Sequence[Turn]) -> Iterator[str]:
        most = MOST_TURNS if len(turns) <= MOST_TURNS else MOST_TURNS - 1
        for turn in turns[:most]:
            who, where = self._words.thread(turn.thread), self._words.at(turn.site)
            yield f"{who}{where} for {duration(turn.time)}"
        if left := turns[most:]:
            yield f"{len(left)} more for {duration(sum(turn.time for turn in left))}"


_GOES_ON = frozenset({"running", "full", "truncated"})
"""How a record ends after which its waits went on."""
