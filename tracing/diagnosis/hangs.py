"""Why a run could not go on: deadlock, abandoned lock, stalled (or, by `signals`, a signal gone astray).

Rule: a deadlock and an abandoned lock (or permits) are told however the run ended. As errors only where they
are certain: anybody may release a Lock or a semaphore, so while another thread could still go on, one that is
waited for by its own holder, or whose holder has ended, is a warning. The others are said only of a run that
came to a standstill, with each thread waiting for ever, and only of what the waits began with: a thread that
waits for one of those is not named again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tracing.diagnosis.finding import Case, Finding
from tracing.diagnosis.graph import Edge, blockers, cycles
from tracing.diagnosis.handover import (
    MORE_WORKERS,
    Handovers,
    as_link,
    how_to_hand_on,
    kept_busy,
    no_result,
    nobody_gets,
    nobody_left,
    not_told,
    starved_pools,
)
from tracing.diagnosis.names import listed, unique
from tracing.diagnosis.signals import misdirected
from tracing.diagnosis.standing import called_at_once, importing, polling, way, way_out, without
from tracing.events import Kind, ObjectInfo
from tracing.model import Hold, Wait

STOPPED = {"timeout", "interrupted", "steps", "stuck"}
"""The endings after which a standstill was one. At a plain end only daemons still wait, as they should."""


def hung_threads(case: Case) -> Iterator[Finding]:
    """All findings of this family."""
    handed = at_standstill(case)
    told = [*deadlocks(case, handed.enders if handed else {}), *abandoned(case)]
    if handed is None:
        yield from told
        return
    groups = unended(case, handed)
    perhaps = {obj: group for obj, group in groups.items() if told and _may_be_behind(handed, obj, group)}
    yield from _with_those_perhaps_behind(case, told, perhaps)
    others = {obj: group for obj, group in groups.items() if obj not in perhaps}
    found = [*starved_pools(handed), *stalled(case, handed, others)]
    yield from found or ([] if told else polling(case))


def at_standstill(case: Case) -> Handovers | None:
    """What was handed on in a run that came to a standstill; None for any other."""
    reason = case.log.ending.reason
    if reason == "hung":
        return Handovers(case)
    if not case.standstill or reason not in STOPPED:
        return None
    handed = Handovers(case)
    # else the record breaks off when somebody was about to go on
    return None if any(map(handed.is_over_in_truth, case.open_waits)) else handed


def could_end(case: Case) -> tuple[Edge, ...]:
    """Further edges of the wait-for graph at a standstill: who could end the waits for what nobody holds."""
    handed = at_standstill(case)
    if handed is None:
        return ()
    who = dict(handed.enders)
    for executor, waits in handed.starving.items():
        who |= {wait.thread: handed.at_work[executor] for wait in waits}
    return tuple(
        Edge(what="could end", thread=thread, obj=wait.obj, since=wait.start, wait=wait.index)
        for wait in case.open_waits
        for thread in who.get(wait.thread, ())
        if wait.index >= 0  # else it is not in the model
    )


# Deadlock


def deadlocks(case: Case, enders: Mapping[int, tuple[int, ...]]) -> Iterator[Finding]:
    """Cycles in the wait-for graph at the end of the record. enders: who could end the waits for what nobody
    holds.
    """
    waits = {wait.thread: wait for wait in case.open_waits}
    held = blockers(case.edges)
    graph = {thread: held.get(thread) or enders.get(thread, ()) for thread in waits}
    graph |= {thread: (stand.importer,) for thread, stand in case.stands.items() if stand.importer}
    for cycle in cycles(graph):
        links = [
            Link(thread, waits.get(thread), _hold_in_the_way(case, waits.get(thread), other), other)
            for thread, other in zip(cycle, (*cycle[1:], cycle[0]), strict=True)
        ]
        yield _deadlock(case, links, _behind(case, graph, cycle))


@dataclass(frozen=True, slots=True)
class Link:
    """One member of a cycle: its wait, None where it waits for an import, and the next one, with its hold."""

    thread: int
    wait: Wait | None
    hold: Hold | None
    other: int


def _deadlock(case: Case, links: list[Link], behind: str) -> Finding:
    alone = len(links) == 1
    waits = [link.wait for link in links if link.wait]
    imports = len(waits) < len(links)
    certain = imports or len(unique(wait.obj for wait in waits)) > 1 or any(wait.target for wait in waits)
    return Finding(
        kind="deadlock",
        severity="error" if certain else _severity(case, waits[0].obj),
        threads=tuple(link.thread for link in links),
        objects=unique(wait.obj for wait in waits),
        sites=unique(
            site
            for link in links
            for site in (link.wait.site if link.wait else 0, link.hold.site if link.hold else 0)
        ),
        time=max(wait.start for wait in waits) if waits else case.model.duration,
        sentence="Deadlock: " + "; ".join(_link(case, link, alone=alone) for link in links) + f".{behind}",
        hint=IMPORTING if imports else _way_out(case, waits),
    )


IMPORTING = "Start no thread, and wait for none, while a module is imported: do it in a function."


def _hold_in_the_way(case: Case, wait: Wait | None, holder: int) -> Hold | None:
    holds = case.open_holds.get(wait.obj, ()) if wait else ()
    return next((hold for hold in holds if hold.thread == holder), None)


def _link(case: Case, link: Link, *, alone: bool) -> str:
    """One member of a cycle."""
    names, wait, hold = case.names, link.wait, link.hold
    if wait is None:
        return f"{names.thread(link.thread)} waits {importing(case, case.stands[link.thread])}"
    way_there = way(case, wait, alone=alone)
    said = f"{names.thread(wait.thread)} waits {names.wait_aim(wait)}{names.at(wait.site)}{way_there}"
    if hold is None:
        return said if wait.target else said + as_link(case, wait, link.other)
    since, nature = names.at(hold.site, " since "), names.nature(hold.obj)
    if alone:
        return f"{said}, which it {nature.having} itself{since}"
    return f"{said}, {nature.had_by} {names.thread(hold.thread)}{_deep(case, hold)}{since}"


def _all_behind(graph: Mapping[int, tuple[int, ...]], first: tuple[int, ...]) -> set[int]:
    """Who could go on but for these."""
    behind: set[int] = set()
    while more := {
        thread
        for thread, who in graph.items()
        if who and thread not in behind | set(first) and behind.union(first).issuperset(who)
    }:
        behind |= more
    return behind


def _behind(case: Case, graph: dict[int, tuple[int, ...]], cycle: tuple[int, ...]) -> str:
    """Who is in no circle, and could go on but for this one; in another sentence."""
    behind = _all_behind(graph, cycle)
    if not behind:
        return ""
    waits = [wait for wait in case.open_waits if wait.thread in behind]
    told = [
        f"{case.names.thread(wait.thread)} {case.names.wait_aim(wait)}{case.names.at(wait.site)}"
        for wait in waits
    ]
    return f" Not in it, but waiting behind it: {listed(told)}." if told else ""


def _deep(case: Case, hold: Hold) -> str:
    """Of an RLock that is to be released more than once."""
    return f" at depth {hold.depth}" if hold.depth > 1 and case.names.nature(hold.obj).owned else ""


def _way_out(case: Case, waits: list[Wait]) -> str:
    if handing := how_to_hand_on(case, waits):
        return handing
    if waits and all(wait.target for wait in waits):
        return "Let no thread join one that joins it: let only the thread that started them all join them."
    if any(wait.target for wait in waits):
        return "Do not hold a lock while you join a thread that needs it."
    if not all(case.names.nature(wait.obj).held for wait in waits):
        return next(n.remedy for w in waits if not (n := case.names.nature(w.obj)).held)
    if len(waits) > 1:
        return (
            "Take the locks in the same order in every thread, or give up after a timeout and let go of all."
        )
    return way_out(case, waits[0]) or case.names.nature(waits[0].obj).alone


def _severity(case: Case, obj: int) -> str:
    """Of a wait for what its holder will not release: an error where nobody else can, either."""
    nobody = case.log.ending.reason == "hung" or case.standstill
    return "error" if nobody or case.names.nature(obj).owned else "warning"


# Abandoned lock


def abandoned(case: Case) -> Iterator[Finding]:
    """Locks that are waited for, and held by threads that are over."""
    wanted: dict[int, list[Wait]] = {}
    for wait in case.open_waits:
        wanted.setdefault(wait.obj, []).append(wait)
    for obj, waits in wanted.items():
        holds = case.open_holds.get(obj, ())
        if holds and all(case.over(hold.thread) or case.absent(hold.thread) for hold in holds):
            yield _abandoned(case, obj, waits, holds)


def _abandoned(case: Case, obj: int, waits: list[Wait], holds: tuple[Hold, ...]) -> Finding:
    names, nature = case.names, case.names.nature(obj)
    what = f"{nature.unit}s" if nature.unit else "lock" if nature.held else "call"
    gone = unique(hold.thread for hold in holds)
    owners = listed(
        [f"{names.thread(h.thread)}{_deep(case, h)}{names.at(h.site, ' since ')}" for h in _firsts(holds)]
    )
    who = case.who_waits(waits) + way(case, waits[0])
    which = f"{who}, {f'whose {what} are held by' if nature.unit else nature.had_by} {owners}"
    return Finding(
        kind=f"abandoned {what}",
        severity=_severity(case, obj),
        threads=(*unique(wait.thread for wait in waits), *gone),
        objects=(obj,),
        sites=unique([*(wait.site for wait in waits), *(hold.site for hold in holds)]),
        time=max(waits[0].start, *(case.model.threads[thread - 1].end for thread in gone)),
        sentence=f"Abandoned {what}: {which}; {case.how_over(gone)}.",
        hint=FORKED if any(map(case.absent, gone)) else GIVE_BACK if nature.held else nature.remedy,
    )


GIVE_BACK = "Use `with`, or release in `finally`: then it is given back however the code inside ends."

FORKED = 'Fork before you start threads, or hold the lock while you fork; with multiprocessing, use "spawn".'


def _firsts(holds: tuple[Hold, ...]) -> list[Hold]:
    """Of each thread its first hold."""
    return list({hold.thread: hold for hold in reversed(holds)}.values())[::-1]


# Stalled


def unended(case: Case, handed: Handovers) -> dict[int, list[Wait]]:
    """By primitive: the waits for what nobody is known to do."""
    held = {**blockers(case.edges), **handed.enders}
    starving = {wait.thread for waits in handed.starving.values() for wait in waits}
    waits: dict[int, list[Wait]] = {}
    for wait in case.open_waits:
        if not held.get(wait.thread) and wait.thread not in starving:
            waits.setdefault(wait.obj, []).append(wait)
    daemons = {info.number for info in case.log.threads if info.daemon}
    only_daemons = {obj for obj, group in waits.items() if all(wait.thread in daemons for wait in group)}
    all_daemons = len(only_daemons) == len(waits)
    return {obj: group for obj, group in waits.items() if obj and (all_daemons or obj not in only_daemons)}


def stalled(case: Case, handed: Handovers, groups: Mapping[int, list[Wait]]) -> Iterator[Finding]:
    """What nobody will do, though threads wait for it: one finding for each primitive, and one for all queues
    that are full because nobody gets anything.
    """
    held = {**blockers(case.edges), **handed.enders}
    full = {obj: waits for obj, waits in groups.items() if handed.is_full_for_good(obj, waits)}
    if len(full) > 1:
        waits = [wait for each in full.values() for wait in each]
        yield _with_those_behind(case, held, nobody_gets(handed, full), waits)
        groups = {obj: waits for obj, waits in groups.items() if obj not in full}
    for obj, group in groups.items():
        thing = case.log.object(obj)
        yield misdirected(case, thing, group) or _with_those_behind(
            case, held, nobody_left(handed, thing, group) or _stalled(handed, thing, group), group
        )


def _may_be_behind(handed: Handovers, obj: int, waits: list[Wait]) -> bool:
    """Whether nothing in the record says why it is not done: one who is stuck might have done it."""
    case, thing, threads = handed.case, handed.case.log.object(obj), unique(wait.thread for wait in waits)
    why = without(case, thing, threads) or kept_busy(handed, waits) or called_at_once(case, threads[0])
    return not (why or misdirected(case, thing, waits) or handed.who_did(waits[0]))


def _with_those_perhaps_behind(
    case: Case, found: list[Finding], groups: Mapping[int, list[Wait]]
) -> Iterator[Finding]:
    """The findings, the last one with who waits for what those who are stuck may have been about to do."""
    waits = [wait for group in groups.values() for wait in group]
    told = listed([_waits_behind(case, wait) for wait in waits])
    yield from found[:-1]
    for last in found[-1:]:
        more = f" Perhaps waiting behind it, too: {told}." if told else ""
        yield replace(last, sentence=last.sentence + more)


MOST_BEHIND = 3  # that are named


def _with_those_behind(
    case: Case, held: Mapping[int, tuple[int, ...]], found: Finding, waits: list[Wait]
) -> Finding:
    """The finding, with who waits behind these: what they would do, they cannot. Who only joins them is as a
    rule who started them, and is named in the hint.
    """
    threads = unique(wait.thread for wait in waits)
    all_behind = _all_behind(held, threads)
    behind = [wait for wait in case.open_waits if wait.thread in all_behind]
    told = "; ".join(_waits_behind(case, wait) for wait in behind[:MOST_BEHIND] if not wait.target)
    return replace(
        found,
        sentence=f"{found.sentence} Waiting behind it: {told}." if told else found.sentence,
        hint=found.hint
        + (_without_the_lock(case, threads, behind) or _before_the_join(case, threads, behind)),
    )


def _without_the_lock(case: Case, threads: tuple[int, ...], behind: list[Wait]) -> str:
    """What to do where one of these threads holds what another one waits for, who may be the one to let it go
    on.
    """
    for wait in behind:
        held = next((hold for hold in case.open_holds.get(wait.obj, ()) if hold.thread in threads), None)
        if held and case.names.nature(wait.obj).held:
            who, lock = case.names.thread(wait.thread), case.names.object(wait.obj)
            return f" If that is for {who} to do: do not hold {lock} during that wait."
    return ""


def _before_the_join(case: Case, threads: tuple[int, ...], behind: list[Wait]) -> str:
    """What to do where who joins these threads is the one who would let them go on."""
    joins = [wait for wait in behind if wait.target in threads]
    if not joins:
        return ""
    names, wait = case.names, joins[0]
    return f" If that is for {names.thread(wait.thread)} to do: before the join(){names.at(wait.site)}."


def _waits_behind(case: Case, wait: Wait) -> str:
    """ "sender for lock_a at line 3, held by ann since line 2"."""
    names, hold = case.names, next(iter(case.open_holds.get(wait.obj, ())), None)
    said = f"{names.thread(wait.thread)} {names.wait_aim(wait)}{names.at(wait.site)}"
    if hold is None or not names.nature(hold.obj).held:
        return said
    return f"{said}, held by {names.thread(hold.thread)}{names.at(hold.site, ' since ')}"


def _stalled(handed: Handovers, thing: ObjectInfo, waits: list[Wait]) -> Finding:
    case = handed.case
    nature = case.names.nature(thing.number)
    threads = unique(wait.thread for wait in waits)
    who = case.who_waits(waits) + (way(case, waits[0]) or called_at_once(case, waits[0].thread))
    reason = nature.stalled.format(count=_count(case, thing))
    hint, pool = nature.remedy, kept_busy(handed, waits)
    if Kind.FUTURES_WAIT in {wait.kind for wait in waits}:
        other = not_told(handed, thing)
        reason, hint = other[0] or "which do not all come to their end", other[1] or hint
    if {wait.kind for wait in waits} == {Kind.RESULT_WAIT}:
        other = no_result(handed, thing)
        reason, hint = other[0] or reason, other[1] or hint
    starved = pool and nature.gathers
    return Finding(
        kind="starved pool" if starved else "stalled",
        severity="error",
        threads=threads,
        objects=(thing.number,),
        sites=unique(wait.site for wait in waits),
        time=waits[-1].start,
        sentence=f"{'Starved pool' if starved else 'Stalled'}: {who}, {reason}{pool}"
        f"{without(case, thing, threads)}.",
        hint=MORE_WORKERS if starved else hint,
    )


def _count(case: Case, thing: ObjectInfo) -> str:
    """What it counted last: "3 of 5"."""
    steps = case.model.objects[thing.number - 1].value
    last = steps[-1].value if steps else 0
    return f"{last} of {thing.value}" if thing.value else f"{last}"
