"""A run in words: what strict nbval compares, and what stands beside each picture for those who cannot see
it.

Owns: `text`, the whole run in at most about 40 lines, and `explain`, a sentence for each wait. `words` has
the names and phrases, `depths` the levels of RLocks, `waits` the sentences, `steps` the story of each thread,
`readiness` who could go on and did not, `parting` where two runs part.

Rule: the same log gives the same bytes, on every machine and every Python. On the virtual clock everything is
repeatable and is told, times included: the events in order, then each wait. On the real clock nothing is told
that differs from run to run of a program whose order is settled: no times, no interleaving (see `steps`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice, takewhile
from textwrap import wrap
from types import MappingProxyType
from typing import Protocol

from tracing.diagnosis.finding import UNSETTLED
from tracing.diagnosis.names import LONGEST_TEXT, listed, plain
from tracing.events import EventLog, Kind, TraceEvent, Woken
from tracing.model import Model, Wait
from tracing.views.selection import selected_threads
from tracing.views.text.depths import Depths, levels_of
from tracing.views.text.parting import parting_sentence
from tracing.views.text.readiness import readiness, readiness_line
from tracing.views.text.steps import WaitFinder, stories
from tracing.views.text.waits import Explainer, holding, sentence
from tracing.views.text.words import Words
from tracing.views.units import count, duration

__all__ = ["explain", "parting_sentence", "text"]

MOST_EVENTS, MOST_WAITS, MOST_FINDINGS, MOST_LINES = 24, 8, 6, 26
WIDTH = 100  # characters

_ENDINGS = MappingProxyType(
    {
        "done": "",
        "running": "The run is still going on.",
        "hung": "The run was ended, because every thread waited and no wait had a time-out.",
        "timeout": "The run was ended, because its time was up.",
        "interrupted": "The run was ended by an interrupt.",
        "steps": "The run was ended, because it had taken as many steps as it was allowed.",
        "stuck": "The run was ended, because a thread did not come back.",
        "stopped": "The run was ended by its schedule.",
        "full": "The run went on, but the record was full.",
        "truncated": "The record breaks off here.",
    }
)


class Finding(Protocol):
    """What the text needs of a finding of the diagnosis."""

    @property
    def kind(self) -> str: ...

    @property
    def sentence(self) -> str: ...


def text(log: EventLog, model: Model, findings: Sequence[Finding] = ()) -> str:
    """The run in words, in at most about 40 lines; what is left out is counted.

    Virtual clock: the events in order, with times and lines, then a sentence for each wait. Real clock: what
    each thread did, without times. Both: the findings, how the run ended, and what the record says about
    itself.
    """
    words = Words(log)
    body = _events(log, model, words) if log.clock == "virtual" else _threads(log, model, words)
    return "\n".join([_title(log), *body, *_findings(_settled(log, findings)), *_closing(log, findings)])


def explain(log: EventLog, model: Model, thread: str | int | None = None, most: int | None = 100) -> str:
    """A sentence for each wait, in the order in which they began: how long, for what, held by whom and since
    where, ended by whom, where and how, and in brackets what it was spent on (see `tracing.model.breakdown`).
    Then, of a simulated run, a sentence for each thread that could go on while another one had the turn.

    Parameters: `thread`, only the waits of the thread with that number, or of those with that name; `most`,
    how many sentences at most, None for all.

    Raises: NoSuchThreadError where the run has no such thread.
    """
    words, chosen = Words(log), _chosen(log, thread)
    waits = [wait for wait in _worth_telling(model) if wait.thread in chosen]
    ready = list(readiness(words, model, chosen))
    if not waits:
        none = "Nobody waited." if thread is None else f"{words.threads(sorted(chosen))} never waited."
        return "\n".join([none, *ready])
    told = Explainer(words, model).sentence
    return "\n".join([*_sentences(waits, told, len(waits) if most is None else most), *ready])


def _chosen(log: EventLog, thread: str | int | None) -> set[int]:
    """The numbers of the threads that are asked for."""
    wanted = selected_threads(thread, [log], "explain()")
    return {info.number for info in log.threads if wanted is None or {info.number, info.name} & set(wanted)}


def _worth_telling(model: Model) -> Iterator[Wait]:
    """All waits, but for a lock that a condition's waiter got back at once."""
    return (wait for wait in model.waits if not wait.reacquire or wait.end > wait.start)


def _sentences(
    waits: Sequence[Wait], told: Callable[[Wait], str], most: int, bullet: str = ""
) -> Iterator[str]:
    for wait in waits[:most]:
        yield bullet + told(wait)
    if len(waits) > most:
        yield f"… and {count(len(waits) - most, 'more wait')}"


def _title(log: EventLog) -> str:
    schedule = f", {plain(log.schedule, LONGEST_TEXT)}" if log.schedule else ""
    title = plain(log.title, LONGEST_TEXT) or "A run"
    return f"{title}: {plain(log.clock)} clock{schedule}, {count(len(log.threads), 'thread')}."


def _events(log: EventLog, model: Model, words: Words) -> Iterator[str]:
    """The events in order, then the waits."""
    yield from _columns(log, model, words)
    if len(log) > MOST_EVENTS:
        yield f"… and {count(len(log) - MOST_EVENTS, 'more event')}"
    waits = list(_worth_telling(model))
    if waits:
        yield "Waits:"
        yield from _sentences(waits, lambda wait: sentence(wait, words), MOST_WAITS, bullet="- ")
    yield from readiness_line(words, model)


def _columns(log: EventLog, model: Model, words: Words) -> Iterator[str]:
    last = log.times[min(MOST_EVENTS, len(log)) - 1] if len(log) else 0
    finder, depths = (
        WaitFinder(takewhile(lambda wait: wait.start <= last, model.waits)),
        Depths(levels_of(log)),
    )
    rows = [
        (
            duration(event.time),
            words.thread(event.thread),
            _said(event, words, finder) + depths.after(event.thread, event.kind, event.obj, event.arg),
            words.place(event.site),
        )
        for event in islice(log, MOST_EVENTS)
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    for time, thread, said, place in rows:
        yield f"{time:>{widths[0]}}  {thread:<{widths[1]}}  {said:<{widths[2]}}  {place}".rstrip()


def _said(event: TraceEvent, words: Words, finder: WaitFinder) -> str:
    phrase = words.phrase(event)
    if event.kind is Kind.NOTIFY:
        return f"{phrase}, {'where nobody waits' if not event.arg else f'to wake {event.arg}'}"
    if event.kind is Kind.COND_WOKE and event.arg == Woken.INTERRUPTED:
        return f"is interrupted waiting {words.aim(event.obj)}"
    if event.kind is Kind.COND_WOKE and event.arg != Woken.NOTIFIED:
        return f"gives up waiting {words.aim(event.obj)}"
    if event.kind is not Kind.WAIT:
        return phrase
    wait = finder.take(event.thread, event.time, event.obj, 0)
    holders = holding(wait, words) if wait else ""
    return f"{phrase}, {holders}" if holders else phrase


def _threads(log: EventLog, model: Model, words: Words) -> Iterator[str]:
    """A paragraph a thread, as many as there is room for."""
    room, left = MOST_LINES, 0
    for names, number, story in stories(log, model, words):
        lines = wrap(
            f"{listed(names, total=number)}: {story}", WIDTH, subsequent_indent="    ", break_on_hyphens=False
        )
        room -= len(lines)
        if room >= 0:
            yield from lines
        else:
            left += number
    if left:
        yield f"… and {count(left, 'more thread')}"


def _settled(log: EventLog, findings: Sequence[Finding]) -> list[Finding]:
    """Those that are the same on every run of a program whose order is settled."""
    return [each for each in findings if log.clock == "virtual" or each.kind not in UNSETTLED]


def _findings(findings: Sequence[Finding]) -> Iterator[str]:
    if findings:
        yield "Findings:"
    for finding in findings[:MOST_FINDINGS]:
        yield f"- {finding.sentence}"
    if len(findings) > MOST_FINDINGS:
        yield f"… and {count(len(findings) - MOST_FINDINGS, 'more finding')}"


def _closing(log: EventLog, findings: Sequence[Finding]) -> Iterator[str]:
    """How the run ended and what the record says of itself, where no finding says it."""
    ending, found = log.ending, {finding.kind for finding in findings}
    said = _ENDINGS.get(ending.reason, f"The run was ended: {plain(ending.reason, LONGEST_TEXT)}.")
    if said and "ending" not in found:
        yield said
    if ending.reason == "running" and ending.detail:
        yield f"{plain(ending.detail, 2 * LONGEST_TEXT)}."
    if ending.leaked and "leaked thread" not in found:
        yield f"Not to be ended: {listed([plain(each, LONGEST_TEXT) for each in ending.leaked])}."
    if "record" not in found:
        yield from (f"Note: {plain(note, 2 * LONGEST_TEXT)}" for note in log.notes)
