"""A run as pandas DataFrames: events, spans and waits, a row each.

Rule: names and words, so that a frame can be read and grouped by itself; times in ns since the run began, to
calculate with. What there is not (no primitive, no line) is None.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple

from tracing.events import TEXT_KINDS, THREAD_KINDS, EventLog, TraceEvent
from tracing.model import Model, Wait
from tracing.views.text.words import Words

Columns = dict[str, list[Any]]


class DataFrames(NamedTuple):
    """The three frames of a run."""

    events: Any
    spans: Any
    waits: Any


def to_dataframes(log: EventLog, model: Model) -> DataFrames:
    """Raises ImportError, with what to do, where pandas is not installed."""
    try:
        frame = import_module("pandas").DataFrame
    except ImportError:
        raise ImportError(
            "to_dataframe() needs pandas, which is not installed here: run `python -m pip install pandas`, "
            "or iterate over the run for its events, and read its `model.threads` and `model.waits`."
        ) from None
    words = Words(log)
    return DataFrames(frame(_events(words)), frame(_spans(model, words)), frame(_waits(model, words)))


def _events(words: Words) -> Columns:
    log = words.log
    columns: Columns = {
        name: [] for name in ("time", "thread", "kind", "object", "file", "line", "function", "arg")
    }
    for event in log:
        site = log.site(event.site)
        row = (
            event.time,
            words.thread(event.thread),
            event.kind.name,
            words.object(event.obj) if event.obj else None,
            site.file if site else None,
            site.line if site else None,
            site.function if site else None,
            _arg(event, words),
        )
        for column, value in zip(columns.values(), row, strict=True):
            column.append(value)
    return columns


def _arg(event: TraceEvent, words: Words) -> int | str | None:
    """A text or a thread's name where it is the number of one."""
    if event.arg is not None and event.kind in TEXT_KINDS:
        return words.log.text(event.arg)
    if event.arg is not None and event.kind in THREAD_KINDS:
        return words.thread(event.arg)
    return event.arg


def _spans(model: Model, words: Words) -> Columns:
    spans = [span for thread in model.threads for span in thread.spans]
    return {
        "thread": [words.thread(span.thread) for span in spans],
        "state": [span.state.value for span in spans],
        "start": [span.start for span in spans],
        "end": [span.end for span in spans],
        "wait": [span.wait for span in spans],  # the row of `waits`
    }


def _waits(model: Model, words: Words) -> Columns:
    waits = model.waits
    return {
        "thread": [words.thread(wait.thread) for wait in waits],
        "waits_for": [_thing(wait, words) for wait in waits],
        "type": ["Thread" if wait.target else words.log.object(wait.obj).type for wait in waits],
        "start": [wait.start for wait in waits],
        "end": [wait.end for wait in waits],
        "outcome": [wait.outcome.value for wait in waits],
        "timeout": [wait.timeout for wait in waits],
        "held_by": [words.thread(wait.holders[0]) if wait.holders else None for wait in waits],
        "ended_by": [words.thread(wait.ended_by) if wait.ended_by else None for wait in waits],
        "line": [_line(wait.site, words) for wait in waits],
        "held_since_line": [_line(wait.holder_site, words) for wait in waits],
        "ended_at_line": [_line(wait.ended_site, words) for wait in waits],
    }


def _thing(wait: Wait, words: Words) -> str:
    return words.thread(wait.target) if wait.target else words.object(wait.obj)


def _line(number: int, words: Words) -> int | None:
    site = words.log.site(number)
    return site.line if site else None
