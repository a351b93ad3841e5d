"""An Event's signal that did not reach those who wait for it now: lost signal."""

from __future__ import annotations

from tracing.diagnosis.finding import Case, Finding
from tracing.diagnosis.names import unique
from tracing.events import ObjectInfo
from tracing.model import Wait


def cleared(case: Case, thing: ObjectInfo, waits: list[Wait]) -> Finding | None:
    """An event that was set and cleared again before the wait."""
    set_, clear = case.last_mark(thing.number, "set"), case.last_mark(thing.number, "clear")
    if set_ is None or clear is None or clear.seq < set_.seq:
        return None
    seen = {mark.thread for mark in case.marks(thing.number, "pass") if mark.seq > set_.seq}
    late = [wait for wait in waits if wait.thread not in seen and wait.thread != set_.thread]
    if not late:
        return None  # who has seen it waits for the next one, which does not come
    names = case.names
    same = clear.thread == set_.thread
    clearer = "" if same else f"{names.thread(clear.thread)} had "
    what = f"{names.thread(set_.thread)} had set{names.at(set_.site)} and {clearer}cleared again"
    return Finding(
        kind="lost signal",
        severity="error",
        threads=unique([*(wait.thread for wait in waits), set_.thread, clear.thread]),
        objects=(thing.number,),
        sites=unique([*(wait.site for wait in waits), set_.site, clear.site]),
        time=late[-1].start,
        sentence=f"Lost signal: {case.who_waits(late)}, which {what}{names.at(clear.site)} before.",
        hint="Do not clear an event while somebody may still have to see it.",
    )
