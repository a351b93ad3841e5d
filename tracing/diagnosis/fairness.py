"""Threads that were passed by later comers: starvation, overtaking.

Who got what another thread had waited for since before it asked has passed that thread: whether it pushed in
without ever waiting (barging, which Python's locks allow) or waited itself and was woken first. Both count,
each time.

Rule: to be passed now and then is ordinary where locks are not fair, so it is counted in rounds: passes by
the number of those who passed. Five rounds in one wait are a note ("overtaking"). Starvation, a warning, is
ten rounds in one wait, or three rounds and never to get the thing at all, or not any more before the record
ends. (If chance chose between two threads, one wait in 32 would see five rounds, one in 1,000 ten. An
algorithm for which there is no such number lacks bounded bypass: Lynch, "Distributed Algorithms", 1996.) On
the real clock a thread may take and release a lock thousands of times before another has woken up, so there
ten rounds count only if the wait took 100 ms, twenty turns of the interpreter (`sys.getswitchinterval`).

Which waits are passed on the real clock is the operating system's doing: see `finding.UNSETTLED`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tracing.diagnosis.finding import Case, Finding
from tracing.diagnosis.names import unique
from tracing.events import Kind
from tracing.model import Outcome, Wait

MANY, SEVERAL, FEW = 10, 5, 3  # rounds
CROWD = 3  # threads that starve at the same primitive: one sentence each would say the same thing
LONG = 100_000_000  # ns


def unfair_turns(case: Case) -> Iterator[Finding]:
    """All findings of this family: starvation for each thread and primitive, or only for who was passed most
    where a crowd starved at one; overtaking for the worst wait of each primitive at which nobody starved.
    """
    passed: dict[tuple[int, int], list[Wait]] = {}
    for wait in case.model.waits:
        if wait.overtaken:
            passed.setdefault((wait.obj, wait.thread), []).append(wait)
    starved = {key: hungry for key, waits in passed.items() if (hungry := _hungry(case, waits))}
    yield from _starvations(case, starved.values())
    others = (wait for key, waits in passed.items() if key not in starved for wait in waits)
    told = {obj for obj, _ in starved}
    yield from _overtakings(case, (wait for wait in others if wait.obj not in told))


# Starvation


def _hungry(case: Case, waits: list[Wait]) -> list[Wait]:
    """Of a thread's waits for one primitive, in which it was passed: those in which it starved."""
    worst, last = max(waits, key=_rounds), waits[-1]
    if _rounds(worst) >= MANY and (case.log.clock == "virtual" or worst.end - worst.start >= LONG):
        return [worst]
    if last.obj and not case.names.nature(last.obj).held:
        return []  # nobody has a queue: whether one ever got an item from it says nothing
    if last.outcome is Outcome.OPEN:
        return [last] if _rounds(last) >= FEW and not _is_stuck(case, last) else []
    holds = case.model.objects[last.obj - 1].holds if last.obj else ()
    never = last.obj and not any(hold.thread == last.thread for hold in holds)
    return waits if never and _rounds(*waits) >= FEW else []


def _is_stuck(case: Case, wait: Wait) -> bool:
    """Whether it waits for what is not given back any more: that is no matter of being passed."""
    waiting = {each.thread for each in case.open_waits}
    holders = [hold.thread for hold in case.open_holds.get(wait.obj, ())]
    blocked = bool(holders) and all(case.over(thread) or thread in waiting for thread in holders)
    return blocked or case.standstill or case.log.ending.reason == "hung"


def _starvations(case: Case, starved: Iterable[list[Wait]]) -> Iterator[Finding]:
    by_object: dict[int, list[list[Wait]]] = {}
    for waits in starved:
        by_object.setdefault(waits[0].obj, []).append(waits)
    for hungry in by_object.values():
        if len(hungry) < CROWD:
            yield from (_starvation(case, waits) for waits in hungry)
        else:
            worst, *others = sorted(hungry, key=_passes, reverse=True)
            yield _starvation(case, worst, others)


def _starvation(case: Case, waits: list[Wait], others: Iterable[list[Wait]] = ()) -> Finding:
    """others: of those who starved at the same primitive and were passed less, and get no finding."""
    also = tuple(each[0].thread for each in others)
    crowd = f" The same befell {case.names.threads(also)}." if also else ""
    got = waits[-1].outcome is Outcome.ACQUIRED
    return Finding(
        kind="starvation",
        severity="warning",
        threads=unique([*_threads(waits), *also]),
        objects=(waits[0].obj,),
        sites=unique(wait.site for wait in waits),
        time=waits[0].start,
        sentence=f"Starvation: {_passed(case, waits)}{_again(case, waits)}"
        f"{'' if got else ', and did not get it'}.{crowd}",
        hint="Hold it for shorter and stay away from it for longer in the others, or hand it on in turn.",
    )


def _again(case: Case, waits: list[Wait]) -> str:
    """Where who passed it gave back what it had, and took it again: of what nobody holds."""
    (_, other, *_), obj = _threads(waits), waits[0].obj
    if case.names.nature(obj).held:
        return ""
    of_it = [each for each in case.log.events_of({Kind.PUT, Kind.GOT}) if each.obj == obj]
    theirs = {each.kind: each.site for each in of_it if each.thread == other and each.time <= waits[-1].end}
    put, got = (case.names.at(theirs.get(kind, 0)) for kind in (Kind.PUT, Kind.GOT))
    return f"; {case.names.thread(other)} put it back{put}, and got it again{got}"


# Overtaking


def _overtakings(case: Case, waits: Iterable[Wait]) -> Iterator[Finding]:
    worst: dict[int, Wait] = {}
    for wait in waits:
        worst[wait.obj] = max(worst.get(wait.obj, wait), wait, key=_rounds)
    for wait in worst.values():
        if _rounds(wait) >= SEVERAL:
            yield _overtaking(case, wait)


def _overtaking(case: Case, wait: Wait) -> Finding:
    return Finding(
        kind="overtaking",
        severity="note",
        threads=_threads([wait]),
        objects=(wait.obj,),
        sites=unique([wait.site]),
        time=wait.start,
        sentence=f"Overtaking: {_passed(case, [wait])}.",
        hint="Who waits longest need not come first: where turns matter, the program has to keep them.",
    )


def _passed(case: Case, waits: list[Wait]) -> str:
    """ "patient was passed 12 times by a and b while it waited for lock_a at line 3"."""
    names, first = case.names, waits[0]
    by = names.threads(_threads(waits)[1:])
    said = f"{names.thread(first.thread)} was passed {_passes(waits):,} times by {by}"
    tries = f" {len(waits)} times" if len(waits) > 1 else ""
    return f"{said} while it waited{tries} {names.wait_aim(first)}{names.at(first.site)}"


def _threads(waits: list[Wait]) -> tuple[int, ...]:
    """The waiter, and who passed it."""
    return unique([waits[0].thread, *(thread for wait in waits for thread in wait.passed_by)])


def _passes(waits: Iterable[Wait]) -> int:
    return sum(wait.overtaken for wait in waits)


def _rounds(*waits: Wait) -> float:
    """How often each of those who passed a thread did so, on average."""
    return _passes(waits) / max(1, len({thread for wait in waits for thread in wait.passed_by}))
