"""How the run ended, where that was not by itself, and what the record has to say about itself."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from tracing.diagnosis.finding import Case, Finding
from tracing.diagnosis.names import LONGEST_TEXT, listed, plain
from tracing.events import EventLog
from tracing.model import Fate, Span, State, ThreadModel

REASONS = MappingProxyType(
    {  # reason: severity, sentence, hint
        "hung": (
            "error",
            "The run was ended because no thread could go on",
            "Look who waits for what at the end.",
        ),
        "timeout": (
            "error",
            "The run was ended because its time was up",
            "Give it more time, or find out what keeps these threads.",
        ),
        "steps": (
            "error",
            "The run was ended because it had taken as many steps as it was allowed",
            "Either it needs more steps, or its threads let each other go round in circles (a livelock).",
        ),
        "stuck": (
            "error",
            "The run was ended because a thread did not come back from something that is not traced",
            "Only what blocks on traced primitives can be waited for.",
        ),
        "stopped": ("error", "The run was ended by its schedule", "Give it one that fits the program."),
        "interrupted": ("warning", "The run was interrupted", ""),
        "full": ("warning", "The run went on, but the record was full", "Record less, or allow more events."),
        "truncated": ("warning", "The record breaks off: what came after is not known", ""),
    }
)
LEFT = MappingProxyType({"done": "note"})
"""At a plain end only daemons are left: an interpreter would end now, and they with it."""
MOST_NOTES = 10


def brief(log: EventLog) -> str:
    """How the run ended, without a fold: "" where it ended by itself."""
    return REASONS[log.ending.reason][1] if log.ending.reason in REASONS else ""


def bad_endings(case: Case, *, explained: bool) -> Iterator[Finding]:
    """All findings of this family. `explained`: other findings say already why no thread could go on."""
    reason = case.log.ending.reason
    if reason in REASONS and not (explained and reason == "hung"):
        yield _ending(case, reason, explained=explained)
    for leaked in case.log.ending.leaked:
        yield Finding(
            kind="leaked thread",
            severity=LEFT.get(reason, "error"),
            time=case.model.duration,
            sentence=f"{plain(leaked, LONGEST_TEXT)} could not be ended: it still runs.",
            hint="It is in code that cannot be interrupted, or that catches everything.",
        )
    for note in case.log.notes[:MOST_NOTES]:
        yield Finding(
            kind="record",
            severity="warning",
            time=case.model.duration,
            sentence=f"The record: {_sentence(note)}",
        )


def _ending(case: Case, reason: str, *, explained: bool) -> Finding:
    severity, sentence, hint = REASONS[reason]
    busy = [thread for thread in case.model.threads if thread.fate is Fate.CUT_OFF and thread.spans]
    told = [] if explained or reason in ("full", "truncated") else [_doing(case, thread) for thread in busy]
    told += [] if told or explained else _stood(case)
    detail = plain(case.log.ending.detail, LONGEST_TEXT)
    return Finding(
        kind="ending",
        severity=severity,
        threads=tuple(thread.number for thread in busy),
        time=case.model.duration,
        sentence=sentence + (f" ({detail})" if detail else "") + (f": {listed(told)}." if told else "."),
        hint=hint,
    )


def _stood(case: Case) -> list[str]:
    """Where those stood whose part in the record was over: at the interpreter's exit."""
    there = [(stand.thread, stand.calls[0].site) for stand in case.stands.values() if stand.calls]
    return [f"{case.names.thread(thread)} stood at {case.names.line(site)}" for thread, site in there]


def _doing(case: Case, thread: ThreadModel) -> str:
    """What a thread did when the run ended."""
    span: Span = thread.spans[-1]
    name = case.names.thread(thread.number)
    if span.wait is not None:
        wait = case.model.waits[span.wait]
        return f"{name} waited {case.names.wait_aim(wait)}{case.names.at(wait.site)}"
    if span.state is State.SLEEPING:
        return f"{name} slept"
    if case.log.ending.reason == "hung":
        return f"{name} waited in library code"
    return f"{name} was {span.state.value if span.state in (State.READY, State.IDLE) else 'running'}"


def _sentence(note: str) -> str:
    return plain(note, 2 * LONGEST_TEXT).rstrip(".") + "."
