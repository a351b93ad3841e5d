"""Waits that never end, drawn on beyond the end of the record.

On the virtual clock a deadlock is decided the moment it happens, so its waits last no time at all, and could
not be seen: they are prolonged. Rule: only what is open at the end of the record is.
"""

from __future__ import annotations

from dataclasses import replace

from tracing.model import Band, Hold, Model, ObjectModel, Outcome, ThreadModel, Wait

SHARE = 0.22  # of the run's duration, drawn on
ENDLESS = frozenset({"hung", "timeout", "steps", "stuck"})  # how a run ends whose waits would have gone on
ENOUGH = 0.2  # of the run's duration: open waits that are all longer than this can be seen as they are


def beyond(model: Model, reason: str) -> int:
    """How many ns to draw on after the record.

    0 where every open wait is long enough to be seen, or may yet end.
    """
    if reason not in ENDLESS:
        return 0
    opened = [wait.start for wait in model.waits if wait.outcome is Outcome.OPEN]
    if not opened or model.duration - max(opened) > ENOUGH * model.duration:
        return 0
    return round(SHARE * model.duration) or 10**9


def prolonged(model: Model, by: int) -> Model:
    """The same run with all that is open lasting so many ns longer."""
    if not by:
        return model
    end = model.duration + by
    waits = tuple(replace(w, end=end) if w.outcome is Outcome.OPEN else w for w in model.waits)
    return replace(
        model,
        duration=end,
        waits=waits,
        threads=tuple(_thread(thread, waits, end) for thread in model.threads),
        objects=tuple(_object(thing, end) for thing in model.objects),
    )


def _thread(thread: ThreadModel, waits: tuple[Wait, ...], end: int) -> ThreadModel:
    last = thread.spans[-1] if thread.spans else None
    holds = tuple(_hold(hold, end) for hold in thread.holds)
    if last is None or last.wait is None or waits[last.wait].outcome is not Outcome.OPEN:
        return replace(thread, holds=holds)
    return replace(thread, end=end, holds=holds, spans=(*thread.spans[:-1], replace(last, end=end)))


def _object(thing: ObjectModel, end: int) -> ObjectModel:
    return replace(
        thing,
        holds=tuple(_hold(h, end) for h in thing.holds),
        bands=tuple(_band(b, end) for b in thing.bands),
    )


def _hold(hold: Hold, end: int) -> Hold:
    return replace(hold, end=end) if hold.open else hold


def _band(band: Band, end: int) -> Band:
    return replace(band, end=end) if band.open else band
