"""What the page's script knows of a run: columns of numbers, and the few words that they point to.

Rule: whatever takes the model to know is found out here; the script only draws and looks up. Times are ns,
threads and primitives are numbered as in the log, 0 is none; a text that many events share stands once.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import Any

from tracing.events import THREAD_SHIFT, EventLog
from tracing.model import Hold, Model, ObjectModel, State, ThreadModel, Wait
from tracing.views.endless import beyond, prolonged
from tracing.views.text.waits import sentence
from tracing.views.text.words import Words
from tracing.views.timeline import Palette

STATES = tuple(State)
MOST_HOLDS = 100  # before a wait that are looked through for the one in its way
MOST_LANES = 200  # of threads, and of primitives


def data_of(log: EventLog, model: Model, palette: Palette) -> dict[str, Any]:
    """Everything that the script is to know, ready for JSON."""
    words, shown = Words(log), prolonged(model, beyond(model, log.ending.reason))
    colours = [palette.ink(words.object(info.number)).solid for info in log.objects]
    return {
        "duration": shown.duration,
        "end": model.duration,  # of the record; what is shown after that lasts for ever
        "states": [state.value for state in STATES],
        "threads": [_thread(each, words) for each in shown.threads[:MOST_LANES]],
        "things": [
            _thing(each, words) | {"colour": colours[each.number - 1]}
            for each in shown.objects[:MOST_LANES]
            if each.holds or each.value
        ],
        "left": max(0, len(model.threads) - MOST_LANES) + max(0, len(model.objects) - MOST_LANES),
        "waits": _waits(model, words),
        **_events(log, words),
        "colours": colours,
    }


def _thread(thread: ThreadModel, words: Words) -> dict[str, Any]:
    spans = thread.spans
    return {
        "name": words.thread(thread.number),
        "fate": thread.fate.value,
        "starts": [span.start for span in spans],
        "end": spans[-1].end if spans else 0,
        "states": [STATES.index(span.state) for span in spans],
        "waits": [-1 if span.wait is None else span.wait for span in spans],
        **_holds(thread.holds),
    }


def _thing(thing: ObjectModel, words: Words) -> dict[str, Any]:
    info = words.log.object(thing.number)
    return {
        "number": thing.number,
        "name": words.object(thing.number),
        "type": info.type,
        "times": [step.time for step in thing.value],
        "values": [step.value for step in thing.value],
        **_holds(() if thing.signal else thing.holds),
    }


def _holds(holds: Iterable[Hold]) -> dict[str, list[int]]:
    ordered = sorted(holds, key=lambda hold: (hold.start, -hold.end))
    return {
        "from": [hold.start for hold in ordered],
        "to": [hold.end for hold in ordered],
        "by": [hold.thread for hold in ordered],
        "of": [hold.obj for hold in ordered],
    }


def _waits(model: Model, words: Words) -> dict[str, list[Any]]:
    holders = [_holder(model, wait) for wait in model.waits]
    return {
        "thread": [wait.thread for wait in model.waits],
        "start": [wait.start for wait in model.waits],
        "thing": [wait.obj for wait in model.waits],
        "holder": [thread for thread, _ in holders],
        "since": [since for _, since in holders],
        "told": [sentence(wait, words) for wait in model.waits],
    }


def _holder(model: Model, wait: Wait) -> tuple[int, int]:
    """Who held what is waited for when the wait began, and since when; (0, 0) where nobody did."""
    if wait.target:
        return wait.target, wait.start
    if not wait.holders:
        return 0, 0
    thread = wait.holders[0]
    holds = model.objects[wait.obj - 1].holds
    last = bisect_right(holds, wait.start, key=lambda hold: hold.start)
    near = (holds[index] for index in range(last - 1, max(-1, last - 1 - MOST_HOLDS), -1))
    return thread, next((hold.start for hold in near if hold.thread == thread), wait.start)


def _events(log: EventLog, words: Words) -> dict[str, Any]:
    phrases: dict[str, int] = {}
    known: dict[tuple[int, int | None], int] = {}  # what is done, at which line, with which argument
    said = []
    for seq, code in enumerate(log.codes):
        key = code & (1 << THREAD_SHIFT) - 1, log.args.get(seq)
        if key not in known:
            known[key] = phrases.setdefault(_phrase(log, words, seq), len(phrases))
        said.append(known[key])
    by = [code >> THREAD_SHIFT for code in log.codes]
    return {"times": list(log.times), "by": by, "said": said, "phrases": list(phrases)}


def _phrase(log: EventLog, words: Words, seq: int) -> str:
    event = log[seq]
    site = log.site(event.site)
    source = f": {site.text}" if site is not None and site.text else ""
    return f"{words.phrase(event)}{words.at(event.site)}{source}"
