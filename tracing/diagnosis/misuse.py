"""What threads did wrong by themselves: uncaught exceptions, refused operations, locks never given back."""

from __future__ import annotations

from collections.abc import Iterator

from tracing.diagnosis.finding import Case, Finding
from tracing.diagnosis.names import LONGEST_TEXT, listed, plain
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
    """Threads that still held locks when they ended."""
    left: dict[int, list[Hold]] = {}
    for obj, holds in case.open_holds.items():
        thread = holds[-1].thread
        if case.log.object(obj).type in ("Lock", "RLock") and obj not in told and case.over(thread):
            left.setdefault(thread, []).append(holds[-1])
    for thread in sorted(left):
        yield _held(case, thread, left[thread])


def _held(case: Case, thread: int, holds: list[Hold]) -> Finding:
    names = case.names
    sites = tuple(dict.fromkeys(hold.site for hold in holds if hold.site))
    acquired = names.at(sites[0], " acquired at ").strip() if len(sites) == 1 else ""
    locks = listed([names.object(hold.obj) for hold in holds])
    return Finding(
        kind="held at thread end",
        severity="warning",
        threads=(thread,),
        objects=tuple(hold.obj for hold in holds),
        sites=sites,
        time=case.model.threads[thread - 1].end,
        sentence=f"{names.thread(thread)} ended while it held {locks}{acquired and ', ' + acquired}.",
        hint="Use `with`, or release in `finally`: whoever wants it next would wait for ever.",
    )


def _refusals(case: Case) -> Iterator[Mark]:
    return (mark for mark in case.model.marks if mark.what == "refused")


def _text(mark: Mark) -> str:
    return plain(mark.text, LONGEST_TEXT).rstrip(".") or "an exception"
