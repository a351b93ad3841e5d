"""A Condition's signals that did not reach those they were meant for: lost signal, wrong waiter; and waits
after which nobody tested again.

Rule: only what the record shows as a whole chain. A notification that found nobody is no lost signal where
the waiter tests in a loop, under the lock, what it waits for. And a waiter that waits again was the wrong one
only if nobody else can have used up, between its notification and its turn, what it was told of: that would
be a stolen wake-up, and all the same to any other waiter.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from tracing.diagnosis.finding import Case, Finding
from tracing.diagnosis.names import listed, unique, verb
from tracing.events import KIND_MASK, MARKS, OBJECT_MASK, OBJECT_SHIFT, THREAD_SHIFT, Kind, ObjectInfo
from tracing.model import Fate, Mark, Outcome, Wait


def misdirected(case: Case, thing: ObjectInfo, waits: list[Wait]) -> Finding | None:
    """What became of the notification that was to end these waits; None where that is not known."""
    return unheard(case, thing, waits) or wrong_waiter(case, thing, waits)


# Lost signal


def unheard(case: Case, thing: ObjectInfo, waits: list[Wait]) -> Finding | None:
    """A notification when nobody was waiting, and then a wait."""
    told = case.marks(thing.number, "notify")
    # Where any notification arrived, an earlier one without a waiter was nothing that somebody waits for.
    if not told or any(mark.count for mark in told) or all(_after(case, wait) == "tested" for wait in waits):
        return None
    signal = told[-1]
    what = f"{case.names.thread(signal.thread)} had notified{case.names.at(signal.site)}"
    return Finding(
        kind="lost signal",
        severity="error",
        threads=unique([*(wait.thread for wait in waits), signal.thread]),
        objects=(thing.number,),
        sites=unique([*(wait.site for wait in waits), signal.site]),
        time=waits[-1].start,
        sentence=f"Lost signal: {case.who_waits(waits)}, which {what}, when nobody was waiting.",
        hint="A notification is not kept: keep what happened in a variable, and test it in a `while` loop.",
    )


def _after(case: Case, wait: Wait) -> str:
    """Whether the program tests after that wait: "tested", "untested" or "" (not known)."""
    known = 0 < wait.site <= len(case.log.sites)
    return case.log.sites[wait.site - 1].after_wait if known else ""


# Wrong waiter


def wrong_waiter(case: Case, thing: ObjectInfo, waits: list[Wait]) -> Finding | None:
    """A notify() for one that woke a thread which could only wait again, while others waited: these, or that
    thread itself, have waited since.
    """
    single = {mark.seq: mark for mark in case.marks(thing.number, "notify") if mark.count == 1}
    indices = case.model.objects[thing.number - 1].waits
    all_waits = [case.model.waits[index] for index in indices]
    for woken in (wait for wait in reversed(all_waits) if wait.outcome is Outcome.NOTIFIED):
        notify, back = _notify_of(case, woken, single), _back(case, woken)
        if notify and back and _in_vain(case, thing, woken):
            others = [wait for wait in all_waits if _at_that_time(wait, woken, back)]
            stuck = [wait for wait in others if wait in waits]
            stuck = stuck or [wait for wait in _again(all_waits, woken) if wait in waits]
            if others and stuck:
                return _wrong(case, thing, woken, notify, others, stuck)
    return None


def _again(waits: list[Wait], woken: Wait) -> list[Wait]:
    """The next wait of the woken thread on the condition."""
    return [wait for wait in waits if wait.thread == woken.thread and wait.index > woken.index][:1]


def _notify_of(case: Case, wait: Wait, single: dict[int, Mark]) -> Mark | None:
    """The notify() for one that ended the wait: the last thing that the notifier did before."""
    earlier = range((wait.ended_seq or 0) - 1, -1, -1)
    codes = case.log.codes
    return next((single.get(seq) for seq in earlier if codes[seq] >> THREAD_SHIFT == wait.ended_by), None)


def _at_that_time(other: Wait, woken: Wait, back: Wait) -> bool:
    """Whether another thread was in its wait when this one was notified; `back` began right then."""
    ended = (other.ended_seq or 0) > (woken.ended_seq or 0) or other.end > woken.end
    lasted = ended or other.outcome is Outcome.OPEN
    return other.thread != woken.thread and other.index < back.index and lasted


def _back(case: Case, woken: Wait) -> Wait | None:
    """The wait for the lock that follows a notified wait."""
    later = (case.model.waits[index] for index in range(woken.index + 1, len(case.model.waits)))
    found = next((wait for wait in later if wait.thread == woken.thread), None)
    return found if found and found.reacquire else None


def _in_vain(case: Case, thing: ObjectInfo, wait: Wait) -> bool:
    """Whether the notified thread did nothing but wait on the condition again, and nobody came before it."""
    back = False  # it has the lock again
    before: dict[int, int] = {}  # by thread: what it did last
    for thread, kind, obj in _later(case, wait.ended_seq or 0):
        if thread != wait.thread:
            # A thread that gives the lock up, and not to wait, may have used what there was.
            used = kind == Kind.RELEASED and obj == thing.lock and before.get(thread) != Kind.COND_WAIT
            if used and not back and thread != wait.ended_by:
                return False
            before[thread] = kind
        elif kind == Kind.ACQUIRED and obj == thing.lock:
            back = True
        elif kind not in MARKS | {Kind.COND_WOKE, Kind.WAIT}:
            return back and kind == Kind.COND_WAIT and obj == thing.number
    return False


def _later(case: Case, seq: int) -> Iterator[tuple[int, int, int]]:
    """Thread, kind and object of the events after that one."""
    for code in islice(case.log.codes, seq + 1, None):
        yield code >> THREAD_SHIFT, code & KIND_MASK, code >> OBJECT_SHIFT & OBJECT_MASK


def _wrong(
    case: Case, thing: ObjectInfo, woken: Wait, notify: Mark, others: list[Wait], stuck: list[Wait]
) -> Finding:
    names = case.names
    told = f"notify() of {names.object(thing.number)} by {names.thread(notify.thread)}{names.at(notify.site)}"
    again = f"woke {names.thread(woken.thread)}, which could only wait again{names.at(woken.site)}"
    known = {wait.thread for wait in stuck}
    meanwhile = [wait.thread for wait in others if wait.thread not in known]
    too = f", while {names.threads(unique(meanwhile))} waited, too" if meanwhile else ""
    return Finding(
        kind="wrong waiter",
        severity="error",
        threads=unique([notify.thread, woken.thread, *(wait.thread for wait in (*others, *stuck))]),
        objects=(thing.number,),
        sites=unique([notify.site, woken.site, *(wait.site for wait in (*others, *stuck))]),
        time=woken.end,
        sentence=f"Wrong waiter: {told} {again}{too}; {case.who_waits(stuck, 'still ')}.",
        hint="Use notify_all(), or a Condition on the same lock for each thing that is waited for.",
    )


# Wait not re-checked


def unchecked(case: Case) -> Iterator[Finding]:
    """Waits on conditions after which threads went on without a test; one finding for each place."""
    places: dict[int, list[tuple[Wait, Wait]]] = {}
    for wait in case.model.waits:
        if wait.outcome is Outcome.NOTIFIED and _after(case, wait) == "untested":
            back = _back(case, wait)
            if back and back.outcome is Outcome.ACQUIRED:
                places.setdefault(wait.site, []).append((wait, back))
    for site, pairs in places.items():
        yield _unchecked(case, site, pairs)


def _unchecked(case: Case, site: int, pairs: list[tuple[Wait, Wait]]) -> Finding:
    names = case.names
    threads = unique(wait.thread for wait, _ in pairs)
    conditions = unique(wait.obj for wait, _ in pairs)
    aim = f"on {listed([names.object(obj) for obj in conditions])}{names.at(site)}"
    what = f"what {verb(len(threads), 'it', 'they')} had waited for"
    return Finding(
        kind="wait not re-checked",
        severity="warning",
        threads=threads,
        objects=conditions,
        sites=(site,),
        time=pairs[0][1].end,
        sentence=f"{names.threads(threads)} went on after the wait {aim} without testing again {what}"
        f"{_woken_together(case, pairs)}.",
        hint="Write `while not ...: wait()` or use wait_for(): another thread may have come first.",
    )


def _woken_together(case: Case, pairs: list[tuple[Wait, Wait]]) -> str:
    """What to add where one thread woke several of them at one line: what they waited for is there once."""
    woken = unique(wait.thread for wait, _ in pairs)
    by = {(wait.ended_by, wait.ended_site) for wait, _ in pairs}
    if len(woken) < 2 or len(by) > 1:
        return ""
    ((thread, site),) = by
    each = verb(len(woken) - 1, "both", f"all {len(woken)}")
    return f"; {case.names.thread(thread)} had woken {each}{case.names.at(site)}{_came_late(case, pairs)}"


def _came_late(case: Case, pairs: list[tuple[Wait, Wait]]) -> str:
    """What to add where some of those who got the lock back after the first one have failed since."""
    first, *later = unique(back.thread for _, back in sorted(pairs, key=lambda pair: pair[1].end))
    failed = [number for number in later if case.model.threads[number - 1].fate is Fate.FAILED]
    if not failed:
        return ""
    return (
        f", {case.names.thread(first)} came first, and {listed([case.how_over((each,)) for each in failed])}"
    )
