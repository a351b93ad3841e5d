"""Queues, futures and executors that hang or hide something: who should have put, taken, or made the call.

Rule: nobody holds a queue; who could end a wait for it is who has done so before, as far as the record says.
So that is asked only of a run that came to a standstill. A thread that waits for one who could still end its
wait, but waits itself, is not named again: what that one waits for is.

How it works: `Handovers.enders` are, for each thread that waits for one of these, the living threads that
could let it go on; `hangs` looks for circles through them, as through locks. What nobody living could end is
told here, with who was the last that could, and what became of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tracing.diagnosis.finding import Case, Finding
from tracing.diagnosis.names import listed, plain, unique, verb
from tracing.diagnosis.standing import kept_alive, way, without
from tracing.events import Kind, ObjectInfo, TraceEvent
from tracing.model import Fate, Wait

HANDING = frozenset(
    {
        *(Kind.PUT, Kind.GOT, Kind.TASK_DONE, Kind.SHUT_DOWN),
        *(Kind.SUBMITTED, Kind.CALL_BEGAN, Kind.CALL_ENDED, Kind.CALL_FAILED, Kind.CALL_CANCELLED),
    }
)
ENDED_BY = {Kind.GET_WAIT: Kind.PUT, Kind.PUT_WAIT: Kind.GOT, Kind.TASKS_WAIT: Kind.GOT}
"""Of a wait for a queue: what ends it, or leads to that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What one who could end a wait for what is handed on does for that."""

    joint: str  # in a picture: on the arrow from the primitive to the thread
    does: str  # in a sentence, after the thread's name


ROLES = {
    Kind.PUT_WAIT: Role(joint="emptied by", does="gets items out of {}"),
    Kind.GET_WAIT: Role(joint="filled by", does="puts items into {}"),
    Kind.TASKS_WAIT: Role(joint="tasks done by", does="does the tasks of {}"),
    Kind.RESULT_WAIT: Role(joint="needs the worker", does="is a worker that could run {}"),
    Kind.FUTURES_WAIT: Role(joint="needs the worker", does="is a worker that could run {}"),
    Kind.WAIT: Role(joint="has the worker", does="is a worker of {}"),
}
"""By the kind of the wait."""
MOST = 3  # calls that are named, of all that failed


class Handovers:
    """What was handed on in a run, by whom."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self._events: dict[tuple[int, Kind], list[TraceEvent]] = {}
        for event in case.log.events_of(HANDING):
            self._events.setdefault((event.obj, event.kind), []).append(event)

    def of(self, obj: int, kind: Kind) -> list[TraceEvent]:
        """The events of that kind on that object, in order."""
        return self._events.get((obj, kind), [])

    @cached_property
    def beginning(self) -> set[int]:
        """The workers that are in the initializer of their executor: in a call that nobody has submitted."""
        log = self.case.log
        return {
            hold.thread
            for obj, holds in self.case.open_holds.items()
            if log.object(obj).owner and not self.of(obj, Kind.SUBMITTED)
            for hold in holds
        }

    @cached_property
    def at_work(self) -> dict[int, tuple[int, ...]]:
        """By executor: the threads that make a call for it at the end."""
        found: dict[int, list[int]] = {}
        for obj, holds in self.case.open_holds.items():
            owner = self.case.log.object(obj).owner
            if owner:
                found.setdefault(owner, []).extend(hold.thread for hold in holds)
        return {owner: unique(threads) for owner, threads in found.items()}

    def is_over_in_truth(self, wait: Wait) -> bool:
        """Whether what it waits for is there: the record breaks off before its thread has said so."""
        steps, tasks = self.case.model.objects[wait.obj - 1].value, self.of(wait.obj, Kind.TASK_DONE)
        length, room = steps[-1].value if steps else 0, self.case.log.object(wait.obj).value or 0
        return {
            Kind.GET_WAIT: length > 0,
            Kind.PUT_WAIT: length < room,
            Kind.TASKS_WAIT: bool(tasks) and not tasks[-1].arg,
            Kind.RESULT_WAIT: self.is_done(wait.obj),
            Kind.FUTURES_WAIT: self.is_done(wait.obj),
        }.get(Kind(wait.kind), False)

    def is_done(self, future: int) -> bool:
        """Whether that call has come to its end."""
        return bool(self.of(future, Kind.CALL_ENDED) or self.of(future, Kind.CALL_FAILED))

    def who_did(self, wait: Wait) -> list[TraceEvent]:
        """What has been done that ends such waits for a queue, or leads to that; nothing of all others."""
        return self.of(wait.obj, ENDED_BY[Kind(wait.kind)]) if wait.kind in ENDED_BY else []

    def is_full_for_good(self, obj: int, waits: Sequence[Wait]) -> bool:
        """Whether these wait for room in a queue from which nobody has ever got anything."""
        return waits[0].kind == Kind.PUT_WAIT and not self.of(obj, Kind.GOT)

    def executor_of_waiting(self, wait: Wait) -> int:
        """Of a wait for a call that no worker has begun: its executor; 0 for any other."""
        if wait.kind not in (Kind.RESULT_WAIT, Kind.FUTURES_WAIT) or self.of(wait.obj, Kind.CALL_BEGAN):
            return 0
        return self.case.log.object(wait.obj).owner

    def _who_has_not_come_to_get(self, wait: Wait) -> tuple[int, ...]:
        """Of a queue that is full before anybody has got anything: who waits, at another one, for this thread
        to get something.
        """
        if wait.kind != Kind.PUT_WAIT:
            return ()
        return unique(
            other.thread
            for other in self.case.open_waits
            if other.kind == Kind.PUT_WAIT
            and wait.thread in {event.thread for event in self.of(other.obj, Kind.GOT)}
        )

    @cached_property
    def starving(self) -> dict[int, list[Wait]]:
        """By executor, where all who work for it wait for calls that wait for a worker of it: their waits."""
        waits = {wait.thread: wait for wait in self.case.open_waits}
        found = {}
        for executor, threads in self.at_work.items():
            theirs = [waits[thread] for thread in threads if thread in waits]
            if len(theirs) == len(threads) and {self.executor_of_waiting(wait) for wait in theirs} == {
                executor
            }:
                found[executor] = theirs
        return found

    @cached_property
    def enders(self) -> dict[int, tuple[int, ...]]:
        """For each thread that waits for what is handed on: the living who could end its wait."""
        told = {wait.thread for waits in self.starving.values() for wait in waits}
        return {
            wait.thread: who
            for wait in self.case.open_waits
            if wait.obj and wait.thread not in told and (who := self.could_end(wait))
        }

    def could_end(self, wait: Wait) -> tuple[int, ...]:
        """The living threads, others than its own, that could end this wait, or lead to its end."""
        if wait.kind in ENDED_BY:
            who = unique(event.thread for event in self.who_did(wait))
            who = who or self._who_has_not_come_to_get(wait)
        else:
            who = self.at_work.get(self.executor_of_waiting(wait) or wait.obj, ())
        case = self.case
        gone = {thread for thread in who if case.over(thread) or case.idle(thread) or case.absent(thread)}
        return tuple(thread for thread in who if thread != wait.thread and thread not in gone)

    def queued(self, executor: int) -> list[int]:
        """Its calls that no worker has begun, and that were not called off."""
        return [
            info.number
            for info in self.case.log.objects
            if executor and info.owner == executor and self._is_queued(info.number)
        ]

    def _is_queued(self, obj: int) -> bool:
        over = (Kind.CALL_BEGAN, Kind.CALL_CANCELLED, Kind.CALL_FAILED)
        return bool(self.of(obj, Kind.SUBMITTED)) and not any(self.of(obj, kind) for kind in over)


def as_link(case: Case, wait: Wait, other: int) -> str:
    """In a circle: how the other thread could end the wait."""
    name = case.names.thread(other)
    full = _count_now(case, case.log.object(wait.obj)) if wait.kind == Kind.PUT_WAIT else ""
    return {
        Kind.GET_WAIT: f", into which {name} puts{_gone_with_it(case, wait)}",
        Kind.PUT_WAIT: f", which is full ({full}) until {name} gets one out",
        Kind.TASKS_WAIT: f", of which {name} does the tasks",
        Kind.RESULT_WAIT: f", for which no worker is free before {name} is",
        Kind.FUTURES_WAIT: f", for which no worker is free before {name} is",
        Kind.WAIT: f", of which {name} is one",
    }.get(Kind(wait.kind), "")


def _gone_with_it(case: Case, wait: Wait) -> str:
    """What to add where who got the last item has failed, and cannot put it back."""
    gets = (event for event in reversed(case.log) if event.kind == Kind.GOT and event.obj == wait.obj)
    last = next(gets, None)
    failed = last is not None and case.model.threads[last.thread - 1].fate is Fate.FAILED
    return f" ({_last(case, [last], 'got')})" if last and failed else ""


def how_to_hand_on(case: Case, waits: list[Wait]) -> str:
    """Of a circle through what is handed on; "" where it goes through locks and ends of threads alone."""
    kinds = {Kind(wait.kind) for wait in waits}
    if any(wait.kind == Kind.GET_WAIT and _gone_with_it(case, wait) for wait in waits):
        return "Put back in `finally` what is to be used again; else put in one for each that gets."
    if Kind.PUT_WAIT in kinds:
        return "Get while you put, or let one of the queues take as many items as there may be."
    if Kind.GET_WAIT in kinds:
        return "Before you wait for a thread that gets, put in what it waits for: one word to stop for each."
    if kinds & {Kind.TASKS_WAIT, Kind.RESULT_WAIT, Kind.FUTURES_WAIT}:
        return "Do not wait, while others need you, for what they are to do."
    return ""


# Starved pools


def starved_pools(handed: Handovers) -> Iterator[Finding]:
    """Executors of which every worker waits for a call that only another worker could make."""
    names = handed.case.names
    for executor, waits in handed.starving.items():
        queued = handed.queued(executor)
        workers = len(waits)  # all there may be: where none is idle and there is room, a call gets a new one
        who = f"{workers} of {workers} {verb(workers, 'worker', 'workers')} of {names.object(executor)}"
        what = [f"{names.thread(w.thread)} waits {names.wait_aim(w)}{names.at(w.site)}" for w in waits]
        yield Finding(
            kind="starved pool",
            severity="error",
            threads=unique(wait.thread for wait in waits),
            objects=(executor, *unique(wait.obj for wait in waits)),
            sites=unique(wait.site for wait in waits),
            time=max(wait.start for wait in waits),
            sentence=f"Starved pool: {who} {verb(workers, 'waits', 'wait')} for calls that no other worker "
            f"is there to make: {listed(what)}; {len(queued)} {verb(len(queued), 'call is', 'calls are')} "
            "queued.",
            hint="Do not wait in a call for another call of the same pool: use a second pool, or hand the "
            "rest on without waiting.",
        )


def kept_busy(handed: Handovers, waits: Sequence[Wait]) -> str:
    """What to add where all workers of an executor wait for the same thing, while calls are queued."""
    threads = {wait.thread for wait in waits}
    for executor, workers in handed.at_work.items():
        queued = len(handed.queued(executor))
        if queued and threads.issuperset(workers) and not threads & handed.beginning:
            these = verb(len(workers), "is the only worker", f"are all {len(workers)} workers")
            calls = verb(queued, "1 call, which is", f"{queued} calls, which are")
            of = handed.case.names.object(executor)
            return (
                f"; they {these} of {of}".replace("they is", "it is") + f", and {calls} queued, cannot begin"
            )
    return ""


MORE_WORKERS = "Give the pool a worker for each call that has to run at the same time, or make fewer wait."


# Nobody is left

AT_EXIT = "What is registered with atexit runs only when that has ended."


def nobody_left(handed: Handovers, thing: ObjectInfo, waits: list[Wait]) -> Finding | None:
    """Why a wait for a queue does not end that no living thread could; None: it is another primitive."""
    kind, case = Kind(waits[0].kind), handed.case
    if kind not in ENDED_BY:
        return None
    reason, hint = WHY[kind](handed, thing)
    last = handed.who_did(waits[0])[-1:]
    waiting, gone = unique(wait.thread for wait in waits), unique(event.thread for event in last)
    kept, rest = kept_alive(case, waiting), without(case, thing, waiting, told=gone)
    return Finding(
        kind="stalled",
        severity="error",
        threads=unique([*waiting, *gone]),
        objects=(thing.number,),
        sites=unique([*(wait.site for wait in waits), *(event.site for event in last)]),
        time=waits[-1].start,
        sentence=f"Stalled: {case.who_waits(waits)}{way(case, waits[0])}, {reason}{rest}.",
        hint=f"{hint} {AT_EXIT}" if kept else hint,
    )


def nobody_gets(handed: Handovers, groups: Mapping[int, list[Wait]]) -> Finding:
    """Of several queues from which nobody has ever got anything: by queue, who waits for room."""
    case = handed.case
    told = [
        f"{case.who_waits(waits)}, which is full ({_count_now(case, case.log.object(obj))})"
        for obj, waits in groups.items()
    ]
    waits = [wait for each in groups.values() for wait in each]
    threads = unique(wait.thread for wait in waits)
    kept = kept_alive(case, threads)
    return Finding(
        kind="stalled",
        severity="error",
        threads=threads,
        objects=tuple(groups),
        sites=unique(wait.site for wait in waits),
        time=max(wait.start for wait in waits),
        sentence=f"Stalled: {'; '.join(told)}; nobody has ever got one out of any of these{kept}.",
        hint=f"{GETTING} {AT_EXIT}" if kept else GETTING,
    )


GETTING = "Make sure that somebody gets as long as somebody puts, also where an error comes first."


def _no_producer(handed: Handovers, thing: ObjectInfo) -> tuple[str, str]:
    puts, gets = handed.of(thing.number, Kind.PUT), handed.of(thing.number, Kind.GOT)
    if not puts:
        return "and nobody has ever put one in", "Start what puts the items in before you wait for them."
    reason = f"and nobody is left to put one in: {_last(handed.case, puts, 'put')} ({_counts(handed, thing)})"
    if gets and handed.case.over(gets[-1].thread):
        took = handed.case.names.thread(gets[-1].thread)
        return reason, (
            f"{took} got the last item, and ended. If that was the word to stop: put one in for each thread "
            "that gets, or let each put it back."
        )
    return reason, "Put something in for each thread that gets, also where an error comes first."


def _no_consumer(handed: Handovers, thing: ObjectInfo) -> tuple[str, str]:
    gets = handed.of(thing.number, Kind.GOT)
    full = f"which is full ({_count_now(handed.case, thing)})"
    if not gets:
        return f"{full}, and nobody has ever got one out", GETTING
    last = _last(handed.case, gets, "got")
    return f"{full}, and nobody is left to get one out: {last} ({_counts(handed, thing)})", GETTING


def _not_done(handed: Handovers, thing: ObjectInfo) -> tuple[str, str]:
    gets, done = handed.of(thing.number, Kind.GOT), handed.of(thing.number, Kind.TASK_DONE)
    hint = "Say task_done() once for each item that was got, in `finally`."
    puts = handed.of(thing.number, Kind.PUT)
    left = f": {len(gets) - len(done)} got and not done, {len(puts) - len(gets)} still inside"
    known = len(done) <= len(gets) <= len(puts)  # else some were put in before the run
    said = f"{_counts(handed, thing)}, and task_done() was said {_times(len(done))}{left * known}"
    if not gets:
        return f"and nobody has ever got one: {said}", hint
    return f"and nobody is left to do them: {_last(handed.case, gets, 'got')} ({said})", hint


WHY = {Kind.GET_WAIT: _no_producer, Kind.PUT_WAIT: _no_consumer, Kind.TASKS_WAIT: _not_done}


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _last(case: Case, events: list[TraceEvent], did: str) -> str:
    """ "ann, which put the last one at line 3, has ended"."""
    event, names = events[-1], case.names
    gone = case.over(event.thread) or case.absent(event.thread)
    state = case.how_over((event.thread,)) if gone else ""
    who = names.thread(event.thread)
    otherwise = "has nothing to do any more" if case.idle(event.thread) else "waits itself"
    verb_phrase = state.removeprefix(f"{who} ") if state else otherwise
    return f"{who}, which {did} the last one{names.at(event.site)}, {verb_phrase}"


def _counts(handed: Handovers, thing: ObjectInfo) -> str:
    return f"{len(handed.of(thing.number, Kind.PUT))} put, {len(handed.of(thing.number, Kind.GOT))} got"


def _count_now(case: Case, thing: ObjectInfo) -> str:
    steps = case.model.objects[thing.number - 1].value
    return f"{steps[-1].value if steps else 0} of {thing.value or 0}"


def no_result(handed: Handovers, thing: ObjectInfo) -> tuple[str, str]:
    """Why nobody ends a wait for a future, and what to do: of one that was not submitted, or whose workers
    are gone; empty texts where it is neither.
    """
    case = handed.case
    if thing.owner:
        calls = case.log.events_of({Kind.CALL_BEGAN})
        workers = unique(event.thread for event in calls if case.log.object(event.obj).owner == thing.owner)
        if not workers or not all(map(case.absent, workers)):
            return "", ""
        return f"and nobody is left to make that call: {case.how_over(workers)}", (
            "Make the pool after the fork, in the process that uses it: a forked process has no workers."
        )
    if handed.of(thing.number, Kind.SUBMITTED):
        return "", ""
    return "and nobody is left to give it a result", (
        "Make sure that set_result() or set_exception() is called, also where an error comes first."
    )


def not_told(handed: Handovers, thing: ObjectInfo) -> tuple[str, str]:
    """Why a wait for several calls does not end, of which this one is over, and what to do; empty texts where
    that is not known. A worker tells who waits for several that one is cancelled, but not where shutdown()
    did it.
    """
    case = handed.case
    shut = {(event.thread, event.site) for event in handed.of(thing.owner, Kind.SHUT_DOWN) if thing.owner}
    off = [
        event
        for event in case.log.events_of({Kind.CALL_CANCELLED})
        if case.log.object(event.obj).owner == thing.owner and (event.thread, event.site) in shut
    ]
    over = handed.is_done(thing.number) or thing.number in {event.obj for event in off}
    if not off or not over:
        return "", ""
    which = listed([case.names.object(event.obj) for event in off])
    place, were = case.names.at(off[0].site), verb(len(off), "was", "were")
    return f"and {which} {were} cancelled by shutdown(){place}, which tells nobody who waits", (
        "Wait only for calls that are not cancelled() once shutdown(cancel_futures=True) was called."
    )


# What nobody asked for

TOLD_OF = frozenset({"done", "hung", "timeout"})
"""The endings of which it can be said what nobody has asked for."""


def unasked(case: Case) -> Iterator[Finding]:
    """Calls that failed, and nobody asked what came of them: one finding for each executor; and initializers
    that failed.

    Not those of which a thread of no run asked: that is in the record as the future's value.
    """
    if case.log.ending.reason not in TOLD_OF:
        return
    looked_at = {event.obj for event in case.log.events_of({Kind.RESULT})}
    submitted = {event.obj for event in case.log.events_of({Kind.SUBMITTED})}
    failed: dict[int, list[TraceEvent]] = {}
    for event in case.log.events_of({Kind.CALL_FAILED}):
        if not event.obj:  # a log that no run has written
            continue
        if case.log.object(event.obj).owner and event.obj not in submitted:
            yield _failed_initializer(case, event)
        elif event.obj not in looked_at and not case.log.object(event.obj).value:
            failed.setdefault(case.log.object(event.obj).owner, []).append(event)
    for owner, events in failed.items():
        total = sum(case.log.object(obj).owner == owner for obj in submitted) if owner else len(events)
        yield _unasked(case, owner, events, total)


def _failed_initializer(case: Case, event: TraceEvent) -> Finding:
    names, pool = case.names, case.log.object(event.obj).owner
    return Finding(
        kind="failed initializer",
        severity="warning",
        threads=(event.thread,),
        objects=(pool,),
        sites=unique([event.site]),
        time=event.time,
        sentence=f"The initializer of {names.object(pool)} failed in {names.thread(event.thread)}"
        f"{names.at(event.site)}, with {plain(case.log.text(event.arg), 80)}: the pool makes no more calls.",
        hint="Let the initializer catch what the calls can go on without.",
    )


def failed_callbacks(case: Case) -> Iterator[Finding]:
    """Callbacks of futures that raised: one finding for each line from which that came."""
    groups: dict[tuple[int, str], list[TraceEvent]] = {}
    for event in case.log.events_of({Kind.CALLBACK_FAILED}):
        groups.setdefault((event.site, case.log.text(event.arg)), []).append(event)
    for (site, error), events in groups.items():
        yield _failed_callback(case, site, error, events)


def _failed_callback(case: Case, site: int, error: str, events: list[TraceEvent]) -> Finding:
    names, objects = case.names, unique(event.obj for event in events)
    threads = unique(event.thread for event in events)
    told = listed([names.object(obj) for obj in objects[:MOST]], total=len(objects))
    callbacks = verb(len(events), "A callback", f"{len(events)} callbacks")
    return Finding(
        kind="failed callback",
        severity="warning",
        threads=threads,
        objects=objects,
        sites=unique([site]),
        time=events[0].time,
        sentence=f"{callbacks} of {told} failed in {names.threads(threads)}{names.at(site)}, with "
        f"{plain(error, 80)}: that is logged at most, and no result() tells of it.",
        hint="Let the callback itself catch what may go wrong in it.",
    )


def _unasked(case: Case, owner: int, events: list[TraceEvent], total: int) -> Finding:
    names = case.names
    had = "asked" if case.log.ending.reason == "done" else "had asked"
    told = [
        f"{names.object(event.obj)} in {names.thread(event.thread)}{names.at(event.site)}, "
        f"with {plain(case.log.text(event.arg), 80)}"
        for event in events[:MOST]
    ]
    of = f" of {names.object(owner)}" if owner else ""
    return Finding(
        kind="unasked exception",
        severity="warning",
        threads=unique(event.thread for event in events),
        objects=unique(event.obj for event in events),
        sites=unique(event.site for event in events),
        time=events[0].time,
        sentence=f"{len(events)} of {total} {verb(total, 'call', 'calls')}{of} failed, and nobody {had} what "
        f"came of {verb(len(events), 'it', 'them')}: {listed(told, total=len(events))}.",
        hint="Ask each future for its result(), or its exception(): nobody else tells of it.",
    )
