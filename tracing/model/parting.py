"""Where two runs part: the first event at which their orders differ.

Owns: `Parting` and `part`. Rule: an event is the same in both where the same thread does the same to the same
thing, each known by its name, and says the same in a note or an exception; times, lines and numbers do not
count. So the runs may be of two programs, the broken one and the fixed one. Reads and writes of a variable
count where both runs have some: they are put into a run for its findings, and the other one may have none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import zip_longest

from tracing.events import (
    KIND_MASK,
    OBJECT_MASK,
    OBJECT_SHIFT,
    SITE_MASK,
    SITE_SHIFT,
    TEXT_KINDS,
    THREAD_KINDS,
    THREAD_SHIFT,
    TOUCHES,
    VALUE_SIGN,
    EventLog,
    ObjectInfo,
    ThreadInfo,
    TraceEvent,
)

_WITHOUT_SITE = ~(SITE_MASK << SITE_SHIFT)
_TELLING = THREAD_KINDS | TEXT_KINDS  # the others' args are numbers

Deed = tuple[str, int, str, str]  # who, what (a Kind), to which primitive, and to which thread or which text


@dataclass(frozen=True, slots=True, kw_only=True)
class Parting:
    """The first difference of two runs."""

    index: int  # so many events are the same
    event_a: TraceEvent | None  # what follows in the first run; None: nothing, it is over
    event_b: TraceEvent | None
    at: tuple[
        int, int
    ]  # where that is in each: after so many of its events, reads and writes of all variables too


def part(a: EventLog, b: EventLog) -> Parting | None:
    """Where two runs part; None where the same happens in the same order in both."""
    both = _touched(a) & _touched(b)
    deeds = zip_longest(_deeds(a, both), _deeds(b, both), fillvalue=(None, None))
    for index, ((seq_a, one), (seq_b, other)) in enumerate(deeds):
        if one != other:
            at = len(a) if seq_a is None else seq_a, len(b) if seq_b is None else seq_b
            return Parting(index=index, event_a=_event(a, at[0]), event_b=_event(b, at[1]), at=at)
    return None


def _touched(log: EventLog) -> set[str]:
    """The variables whose reads and writes are in it."""
    return {_variable(_text(log, event.arg or 0)) for event in log.events_of(TOUCHES)}


def _variable(text: str) -> str:
    return text.partition(VALUE_SIGN)[0]


def unlike(a: EventLog, b: EventLog) -> str:
    """What tells that two runs are of different programs, and not of one or of two versions of it: of what
    they have nothing in common, "name" (of a primitive, or of a thread besides the first) or "function".

    "" where nothing tells it: also where one of them has none.
    """
    for what, of in (("name", _names), ("function", _functions)):
        one, other = of(a), of(b)
        if one and other and not one & other:
            return what
    return ""


def _names(log: EventLog) -> set[str]:
    return {info.name for info in log.threads[1:]} | {info.name for info in log.objects}


def _functions(log: EventLog) -> set[str]:
    """The functions from which something was done; of what is in none, the lines. Not the line at which the
    record begins and ends: that is in whoever calls the program.
    """
    begin = log.codes[0] >> SITE_SHIFT & SITE_MASK if len(log) else 0
    around = {(each.file, each.line) for each in log.sites[begin - 1 : begin]} if begin else set()
    sites = (each for each in log.sites if (each.file, each.line) not in around)
    return {each.text if each.function in ("", "<module>") else each.function for each in sites}


def _event(log: EventLog, index: int) -> TraceEvent | None:
    return log[index] if index < len(log) else None


def _deeds(log: EventLog, touched: Set[str]) -> Iterator[tuple[int, Deed]]:
    """What was done, each with its place in the log. touched: variables whose reads and writes count."""
    known: dict[tuple[int, int | None], Deed] = {}  # most of a long run repeats itself
    for seq, code in enumerate(log.codes):
        kind = code & KIND_MASK
        key = code & _WITHOUT_SITE, log.args.get(seq) if kind in _TELLING else None
        deed = known.get(key) or known.setdefault(key, _deed(log, *key))
        if kind not in TOUCHES or _variable(deed[-1]) in touched:
            yield seq, deed


def _deed(log: EventLog, code: int, arg: int | None) -> Deed:
    kind, obj = code & KIND_MASK, code >> OBJECT_SHIFT & OBJECT_MASK
    thread = _name(log.threads, code >> THREAD_SHIFT)
    primitive = _name(log.objects, obj)
    if kind in THREAD_KINDS or arg is None:
        return thread, kind, primitive, _name(log.threads, arg or 0)
    return thread, kind, primitive, _text(log, arg)


def _text(log: EventLog, number: int) -> str:
    """ "" where there is none of that number."""
    return log.text(number) if 0 < number <= len(log.texts) else ""


def _name(infos: Sequence[ThreadInfo] | Sequence[ObjectInfo], number: int) -> str:
    """ "" where there is none of that number."""
    return infos[number - 1].name if 0 < number <= len(infos) else ""
