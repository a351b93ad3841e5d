"""What threads did wrong by themselves: uncaught exceptions, operations that raised or had no effect, locks
never given back, threads that nobody joined.

Rule: what raised is told once: an operation that ended its thread is the error, and not the exception again.
What is legal is a note: a Lock released by another thread, a cancel() that came too late, a thread that
nobody joined.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Set

from tracing.diagnosis.finding import Case, Finding
from tracing.diagnosis.names import LONGEST_TEXT, listed, plain
from tracing.events import THREAD_SHIFT, Kind, ThreadInfo
from tracing.model import Fate, Hold, Mark
from tracing.natures import Refusal

MOST_REFUSED = 20  # different ones; the rest are counted
MOST_NOTES = 10  # of each kind
JOINS = frozenset({Kind.JOIN_WAIT, Kind.JOINED, Kind.JOIN_TIMED_OUT})


def misuses(case: Case, abandoned: set[int]) -> Iterator[Finding]:
    """All findings of this family. `abandoned`: the locks of which it is said already who left them held."""
    yield from uncaught(case)
    yield from refused(case)
    yield from held_at_end(case, abandoned)
    yield from foreign_releases(case)
    yield from never_joined(case)
    yield from late_cancels(case)


# What raised


FOREIGN = Refusal(
    kind="release by another thread",
    did="tried to release {}",
    why="which {holder} holds",
    hint="Only the thread that holds an RLock may release it; use `with`, in that thread.",
)
SELF_JOIN = Refusal(
    kind="self-join",
    did="tried to join itself",
    why="which would never end",
    hint="What a thread runs must not wait for that thread: compare with current_thread() before join().",
)
ITSELF = "RuntimeError: cannot join current thread"
UNDONE = "What it was to do after that was not done, and who joins it is not told."
OTHER = Refusal(
    kind="refused operation",
    did="was refused an operation on {}",
    why="",
    hint="The operation did nothing. The exception says what it would have needed.",
)


def uncaught(case: Case) -> Iterator[Finding]:
    """Threads that an exception ended; where that came from a misuse, it is told what that was."""
    operations = {(mark.thread, mark.text): mark for mark in _refusals(case)}
    for mark in case.model.marks:
        operation = operations.get((mark.thread, mark.text))
        if mark.what != "failed":
            continue
        if operation and _refusal(case, operation) is not OTHER:
            yield _refused(case, operation, fatal=True)
        else:
            yield _uncaught(case, mark, operation)


def _uncaught(case: Case, mark: Mark, operation: Mark | None) -> Finding:
    site = mark.site or (operation.site if operation else 0)
    on = f" ({case.names.object(operation.obj)})" if operation and operation.obj else ""
    return Finding(
        kind="uncaught exception",
        severity="error",
        threads=(mark.thread,),
        objects=(operation.obj,) if operation and operation.obj else (),
        sites=(site,) if site else (),
        time=mark.time,
        sentence=f"{case.names.thread(mark.thread)} ended with an exception that it did not catch"
        f"{case.names.at(site)}: {_text(mark)}{on}.",
        hint=CHANGED if re.search("(changed|mutated).* during iteration", mark.text) else _catch(case, mark),
    )


def _catch(case: Case, mark: Mark) -> str:
    """Nobody joins the thread with which the run began."""
    joined = case.log.thread(mark.thread).parent != 0
    return f"Catch it where you can do something about it{'; join() does not hand it on' * joined}."


CHANGED = (
    "Hold one lock while you go through it and wherever it is changed, or go through a copy. explore() names "
    "the line at which another thread changed it."
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


def _refusal(case: Case, mark: Mark) -> Refusal:
    if not mark.obj and mark.text == ITSELF:
        return SELF_JOIN
    found = case.names.nature(mark.obj).refusals.get(mark.text, OTHER)
    return FOREIGN if found is not OTHER and _holder(case, mark) else found


def _holder(case: Case, mark: Mark) -> int:
    """Which other thread held the RLock that was to be released; 0 for none."""
    if not case.names.nature(mark.obj).owned:
        return 0
    holds = case.model.objects[mark.obj - 1].holds
    there = (hold for hold in holds if hold.start <= mark.time and (hold.open or mark.time < hold.end))
    return next((hold.thread for hold in there if hold.thread != mark.thread), 0)


def _refused(case: Case, mark: Mark, count: int = 1, *, fatal: bool = False) -> Finding:
    names, refusal, holder = case.names, _refusal(case, mark), _holder(case, mark)
    did = refusal.did.format(names.object(mark.obj))
    did = "was refused an operation" if not mark.obj and refusal is OTHER else did
    why = refusal.why.format(holder=names.thread(holder))
    times = f", {count} times" if count > 1 else ""
    end = ", and ended with an exception that it did not catch" if fatal else ""
    return Finding(
        kind=refusal.kind,
        severity="error" if fatal else "warning",
        threads=(mark.thread,),
        objects=(mark.obj,) if mark.obj else (),
        sites=(mark.site,) if mark.site else (),
        time=mark.time,
        sentence=f"{names.thread(mark.thread)} {did}{names.at(mark.site)}{times}{why and ', ' + why}{end}: "
        f"{_text(mark)}.",
        hint=f"{refusal.hint} {UNDONE}" if fatal else refusal.hint,
    )


def _refusals(case: Case) -> Iterator[Mark]:
    return (mark for mark in case.model.marks if mark.what == "refused")


def _text(mark: Mark) -> str:
    return plain(mark.text, LONGEST_TEXT).rstrip(".") or "an exception"


# Locks


def held_at_end(case: Case, told: set[int]) -> Iterator[Finding]:
    """Threads that still held locks when they ended."""
    left: dict[int, list[Hold]] = {}
    for obj, holds in case.open_holds.items():
        thread = holds[-1].thread
        if case.names.nature(obj).exclusive and obj not in told and case.over(thread):
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


def foreign_releases(case: Case) -> Iterator[Finding]:
    """Locks that another thread released than the one that held them: once for each two threads."""
    found: dict[tuple[int, int, int], Hold] = {}
    for thing in case.model.objects:
        nature = case.names.nature(thing.number)
        for hold in thing.holds if nature.exclusive and not nature.owned else ():
            if hold.released_by not in (0, hold.thread):
                found.setdefault((hold.obj, hold.thread, hold.released_by), hold)
    for hold in sorted(found.values(), key=lambda hold: hold.end)[:MOST_NOTES]:
        yield _foreign_release(case, hold)


def _foreign_release(case: Case, hold: Hold) -> Finding:
    names = case.names
    return Finding(
        kind="release by another thread",
        severity="note",
        threads=(hold.released_by, hold.thread),
        objects=(hold.obj,),
        sites=tuple(filter(None, (hold.released_site, hold.site))),
        time=hold.end,
        sentence=f"{names.thread(hold.released_by)} released {names.object(hold.obj)}"
        f"{names.at(hold.released_site)}, which {names.thread(hold.thread)} held"
        f"{names.at(hold.site, ' since ')}.",
        hint="A Lock allows that. Where only the holder should release it, use `with`, or an RLock.",
    )


# Threads


def never_joined(case: Case) -> Iterator[Finding]:
    """Threads that nobody joined, and that still ran when the thread that had started them was over.

    Of the main thread's only where it joined others: at its end Python waits for all that are left, and a
    program that leaves it all to that is right. Never of daemons, timers, and workers of a pool, nor of a
    thread whose record ends before it could say that it is a timer; nor where the starter failed, or the run
    was ended: it might have joined them yet.
    """
    joins = {event.arg: event.thread for event in case.log.events_of(JOINS)}
    starts = {event.arg: event for event in case.log.events_of({Kind.STARTED})}
    ends = {event.thread: event.seq for event in case.log.events_of({Kind.ENDED, Kind.FAILED})}
    joiners, candidates = set(joins.values()), dict[int, tuple[ThreadInfo, int]]()
    for info in case.log.threads:
        start = starts.get(info.number)
        if start is None or start.thread != info.parent or info.number in joins:
            continue
        careful = start.thread in joiners or case.log.thread(start.thread).parent
        if careful and _outlived(case, info, ends) and _is_plain(case, info, start.site):
            candidates[info.number] = info, start.site
    having = _have_a_life(case, candidates.keys())
    yield from (_never_joined(case, *candidates[number]) for number in candidates if number in having)


def _have_a_life(case: Case, numbers: Set[int]) -> set[int]:
    """Which of the threads did something once they had begun: what a timer does first is to say that it is
    one.
    """
    if not numbers:
        return set()
    events = Counter(number for code in case.log.codes if (number := code >> THREAD_SHIFT) in numbers)
    return {number for number, count in events.items() if count > 1}


def _is_plain(case: Case, info: ThreadInfo, site: int) -> bool:
    """Whether the program started it itself, and neither as a daemon nor as a timer."""
    if info.daemon or info.timer:
        return False
    place = case.log.sites[site - 1] if 0 < site <= len(case.log.sites) else None
    # concurrent.futures calls its threads "prefix_0", and starts them inside of submit().
    return not re.fullmatch(r".+_\d+", info.name) or bool(place and "start" in place.text)


def _outlived(case: Case, info: ThreadInfo, ends: dict[int, int]) -> bool:
    """Whether its starter ended before it did. On the virtual clock both may be at the same time."""
    done = case.model.threads[info.parent - 1].fate is Fate.ENDED and info.parent in ends
    return done and ends.get(info.number, len(case.log)) > ends[info.parent]


def _never_joined(case: Case, info: ThreadInfo, site: int) -> Finding:
    names, starter = case.names, case.names.thread(info.parent)
    return Finding(
        kind="thread never joined",
        severity="note",
        threads=(info.number,),
        sites=(site,) if site else (),
        time=case.model.threads[info.parent - 1].end,
        sentence=f"Nobody joined {names.thread(info.number)}: it still ran when {starter}, which had started "
        f"it{names.at(site)}, ended.",
        hint="join() it before you use what it made, and before you call the work done.",
    )


# Timers


def late_cancels(case: Case) -> Iterator[Finding]:
    """Timers that were cancelled when their callback had begun already: once for each.

    Not those that their own callback cancels, or that waited again: a Timer whose run() repeats is stopped
    so.
    """
    fired = {mark.obj: mark for mark in case.model.marks if mark.what == "fired"}
    late: dict[int, Mark] = {}
    for mark in case.model.marks:
        first = fired.get(mark.obj) if mark.what == "cancelled late" else None
        if first and first.seq < mark.seq and first.thread != mark.thread and not _repeats(case, mark.obj):
            late.setdefault(mark.obj, mark)
    for mark in list(late.values())[:MOST_NOTES]:
        yield _late_cancel(case, mark, fired[mark.obj].thread)


def _repeats(case: Case, timer: int) -> bool:
    return len(case.model.objects[timer - 1].bands) > 1  # it was pending more than once


def _late_cancel(case: Case, mark: Mark, timer: int) -> Finding:
    names, callback = case.names, case.model.threads[timer - 1]
    running = not case.over(timer) or mark.time < callback.end
    state = "while its callback ran" if running else "after its callback had run"
    return Finding(
        kind="callback after cancel",
        severity="note",
        threads=(mark.thread,),
        objects=(mark.obj,),
        sites=(mark.site,) if mark.site else (),
        time=mark.time,
        sentence=f"{names.thread(mark.thread)} cancelled {names.object(mark.obj)}{names.at(mark.site)} "
        f"{state}: the cancel did nothing.",
        hint="cancel() stops a timer only before it fires; a callback that must not run late has to look "
        "for itself.",
    )
