"""The wait-for graph: at one moment of a run, who waits for what, and who holds it.

A deadlock is a cycle in it. Of a semaphore's permits each holder may give one back: a thread that waits for
one is stuck only if all of them are. Source: Holt, "Some Deadlock Properties of Computer Systems", Computing
Surveys 4(3), 1972.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tracing.model import Hold, Model, Outcome, Wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A thread waits for a primitive or a thread's end ("waits for"), holds a primitive ("holds"), or is one
    of those that could end a wait for what nobody holds ("could end").
    """

    what: str  # "waits for", "holds" or "could end"
    thread: int  # the thread that waits or holds, or could end the wait
    obj: int = 0  # the primitive; 0 where a thread's end is waited for
    target: int = 0  # the thread whose end is waited for
    since: int  # ns
    site: int = 0  # where it waits; where it acquired what it holds
    wait: int | None = None  # index into Model.waits; of the wait that could be ended


def wait_for_graph(model: Model, at: int | None = None, *, others: tuple[Wait, ...] = ()) -> tuple[Edge, ...]:
    """The edges of the wait-for graph at a time: waits first, by start, then holds, by object.

    Of a semaphore that is a signal (`ObjectModel.signal`) nobody is said to hold a permit.

    `at` is ns since the run began; None means the end of the record: what is still waited for, and still
    held. others: waits that are not in the model.
    """
    waits = (wait for wait in model.waits if _is_at(wait, wait.outcome is Outcome.OPEN, at))
    things = (thing for thing in model.objects if not thing.signal)
    holds = (hold for thing in things for hold in thing.holds if _is_at(hold, hold.open, at))
    return (*map(_waits_for, waits), *map(_waits_for, others), *map(_held_by, holds))


def _waits_for(wait: Wait) -> Edge:
    return Edge(
        what="waits for",
        thread=wait.thread,
        obj=wait.obj,
        target=wait.target,
        since=wait.start,
        site=wait.site,
        wait=wait.index if wait.index >= 0 else None,
    )


def _held_by(hold: Hold) -> Edge:
    return Edge(what="holds", thread=hold.thread, obj=hold.obj, since=hold.start, site=hold.site)


def _is_at(stretch: Wait | Hold, is_open: bool, at: int | None) -> bool:
    if at is None:
        return is_open
    return stretch.start <= at and (at < stretch.end or is_open)


def blockers(edges: tuple[Edge, ...]) -> dict[int, tuple[int, ...]]:
    """For each thread that waits: the threads that could let it go on, because they hold what it waits for,
    or are known to be those that could end such a wait.

    Empty where nobody is known to: for an event, a barrier, a notification.
    """
    holders: dict[int, list[int]] = {}
    for edge in edges:
        if edge.what != "waits for" and edge.thread not in holders.setdefault(edge.obj, []):
            holders[edge.obj].append(edge.thread)
    return {
        edge.thread: (edge.target,) if edge.target else tuple(holders.get(edge.obj, ()))
        for edge in edges
        if edge.what == "waits for"
    }


def cycles(graph: Mapping[int, tuple[int, ...]]) -> Iterator[tuple[int, ...]]:
    """The cycles of waits that nobody outside could open, each along its waits, smallest first."""
    stuck = {thread for thread, who in graph.items() if who}
    while free := {thread for thread in stuck if not stuck.issuperset(graph[thread])}:
        stuck -= free  # one of those it waits for can still go on
    seen: set[int] = set()
    for thread in sorted(stuck):
        walk: list[int] = []
        while thread not in seen:
            seen.add(thread)
            walk.append(thread)
            # One that holds a permit itself is still kept waiting by who holds the others.
            thread = next((other for other in graph[thread] if other != thread), thread)
        if thread in walk:
            cycle = walk[walk.index(thread) :]
            first = cycle.index(min(cycle))
            yield (*cycle[first:], *cycle[:first])
