"""What threads did wrong by themselves: uncaught exceptions, refused operations, locks never given back."""

from __future__ import annotations

from collections.abc import Iterator

from tracing.diagnosis.finding import Case, Finding
from tracing.diagnosis.names import LONGEST_TEXT, plain
from tracing.model import Hold, Mark

MOST_REFUSED = 20  # different ones; the rest are counted


def misuse(case: Case, abandoned: set[int]) -> Iterator[Finding]:
    """All findings of this family. `abandoned`: the locks of which it is said already who left them held."""
    yield from uncaught(case)
    yield from refused(case)
    yield from held_at_end(case, abandoned)


def uncaught(case: Case) -> Iterator[Finding]:
    """Threads that an exception ended."""
    operations = {(mark.thread, mark.text): mark for mark in _refusals(case)}
    for mark in case.model.marks:
        if mark.what != "failed":
            continue
        operation = operations.get((mark.thread, mark.text))
        site = mark.site or (operation.site if operation else 0)
        on = f" ({case.names.object(operation.obj)})" if operation and operation.obj else ""
        yield Finding(
            kind="uncaught exception",
            severity="error",
            threads=(mark.thread,),
            objects=(operation.obj,) if operation and operation.obj else (),
            sites=(site,) if site else (),
            time=mark.time,
            sentence=f"{case.names.thread(mark.thread)} ended with an exception that it did not catch"
            f"{case.names.at(site)}: {_text(mark)}{on}.",
            hint="Catch it where you can do something about it; join() does not hand it on.",
        )


def refused(case: Case) -> Iterator[Finding]:
    """Operations that raised because they were not allowed; not those that ended their thread."""
    fatal = {(mark.thread, mark.text) for mark in case.model.marks if mark.what == "failed"}
    groups: dict[tuple[int, int, int, str], list[Mark]] = {}
    for mark in _refusals(case):
        if (mark.thread, mark.text) not in fatal:
            groups.setdefault((mark.thread, mark.obj, mark.site, mark.text), []).append(mark)
    for marks in list(groups.values())[:MOST_REFUSED]:
        yield _refused(case, marks[0], len(marks))
    if len(groups) > MOST_REFUSED:
        left = len(groups) - MOST_REFUSED
        yield Finding(
            kind="refused operation", severity="warning", sentence=f"{left} more kinds of operations raised."
        )


def _refused(case: Case, mark: Mark, count: int) -> Finding:
    names = case.names
    on = f" on {names.object(mark.obj)}" if mark.obj else ""
    times = f", {count} times" if count > 1 else ""
    return Finding(
        kind="refused operation",
        severity="warning",
        threads=(mark.thread,),
        objects=(mark.obj,) if mark.obj else (),
        sites=(mark.site,) if mark.site else (),
        time=mark.time,
        sentence=f"{names.thread(mark.thread)} was refused an operation{on}{names.at(mark.site)}{times}: "
        f"{_text(mark)}.",
        hint="The operation did nothing. The exception says what it would have needed.",
    )


def held_at_end(case: Case, told: set[int]) -> Iterator[Finding]:
    """Locks that a thread still held when it ended."""
    for obj, holds in case.open_holds.items():
        info = case.log.object(obj)
        hold = holds[-1]
        if info.type in ("Lock", "RLock") and obj not in told and case.over(hold.thread):
            yield _held(case, hold)


def _held(case: Case, hold: Hold) -> Finding:
    names = case.names
    acquired = names.at(hold.site, "acquired at")
    acquired = f", {acquired.strip()}" if acquired else ""
    return Finding(
        kind="held at thread end",
        severity="warning",
        threads=(hold.thread,),
        objects=(hold.obj,),
        sites=(hold.site,) if hold.site else (),
        time=case.model.threads[hold.thread - 1].end,
        sentence=f"{names.thread(hold.thread)} ended while it held {names.object(hold.obj)}{acquired}.",
        hint="Use `with`, or release in `finally`: whoever wants it next would wait for ever.",
    )


def _refusals(case: Case) -> Iterator[Mark]:
    return (mark for mark in case.model.marks if mark.what == "refused")


def _text(mark: Mark) -> str:
    return plain(mark.text, LONGEST_TEXT).rstrip(".") or "an exception"
