"""Random programs: threads that do random things with every primitive, simulated by the rules of the record.

`Program(seed).run()` gives an `EventLog` that a real run could have produced, and `Program.waits`: the waits
as the simulation knows them (who waited, for what, when, how and by whom it was ended), for comparison with
what the fold found out.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from logs import LogBuilder

from tracing.events import EventLog


@dataclass
class Actor:
    """A thread of the simulated program."""

    number: int
    doing: str = (
        "run"  # or what it is blocked in: "lock", "permit", "cond", "event", "barrier", "join", "sleep", ...
    )
    obj: int = 0
    since: int = 0
    timeout: bool = False
    levels: int = 1  # to take back of a condition's lock
    reacquire: bool = False
    by: int = 0  # who let it go on
    timer: int = 0


@dataclass(frozen=True)
class Waited:
    """One wait, as the simulation saw it."""

    thread: int
    obj: int
    start: int
    end: int
    outcome: str
    by: int = 0


@dataclass
class Mutex:
    owner: int = 0
    depth: int = 0
    released_by: int = 0


@dataclass
class Meeting:
    waiting: list[int] = field(default_factory=list)
    leaving: set[int] = field(default_factory=set)
    broken: bool = False


class Program:
    """A run of `steps` random steps of up to five threads."""

    def __init__(self, seed: int, *, steps: int = 200) -> None:
        self.random = random.Random(seed)
        self.steps = steps
        self.log = LogBuilder()
        log = self.log
        lock, rlock = log.lock(), log.rlock()
        self.mutexes = {lock: Mutex(), rlock: Mutex(), log.lock(): Mutex()}
        self.reentrant = {rlock}
        self.conditions = {log.condition(lock=lock): lock, log.condition(lock=rlock): rlock}
        self.gate = log.semaphore("gate", value=2)  # only who holds a permit releases
        self.permits = {self.gate: 2, log.semaphore("signal", value=0): 0}
        self.own: dict[int, int] = {}  # permits of the gate by thread
        self.flags = {log.event(): False, log.event(value=1): True}
        self.parties = {log.barrier(parties=2): 2, log.barrier(parties=3): 3}
        self.meetings = {barrier: Meeting() for barrier in self.parties}
        self.actors: dict[int, Actor] = {}
        self.released: dict[int, int] = {}  # semaphore -> who released last
        self.waits: list[Waited] = []

    def run(self) -> EventLog:
        main = Actor(self.log.thread("main"))
        self.actors[main.number] = main
        self.log.began(main.number)
        for _ in range(self.steps):
            self.log.at(self.log.now + self.random.choice((0, 0, 1, 3, 10)))
            self.step(self.random.choice(list(self.actors.values())))
        self.log.at(self.log.now + self.random.randint(0, 5))
        self.close()
        return self.log.build(reason=self.random.choice(("done", "hung", "timeout")))

    def close(self) -> None:
        for actor in self.actors.values():
            if actor.doing not in ("run", "sleep", "over", "start"):
                self.end_wait(actor, "open")

    def step(self, actor: Actor) -> None:
        if actor.doing == "run":
            if self.random.random() < 0.4:
                self.notify(actor)  # if it holds a condition's lock
            self.random.choice(self.operations())(actor)
        elif actor.doing != "over":
            getattr(self, "in_" + actor.doing)(actor)

    def operations(self) -> list[Callable[[Actor], None]]:
        often = [self.acquire, self.release, self.acquire, self.release, self.take_permit, self.give_permit]
        cond = [self.cond_wait, self.notify, self.cond_wait, self.notify]
        rest = [
            self.event_wait,
            self.set,
            self.clear,
            self.meet,
            self.abort,
            self.sleep,
            self.join,
            self.note,
        ]
        return often + cond + rest + [self.start, self.start, self.start_timer, self.cancel, self.end]

    def block(self, actor: Actor, doing: str, obj: int, *, reacquire: bool = False) -> None:
        actor.doing, actor.obj, actor.since, actor.reacquire = doing, obj, self.log.now, reacquire
        actor.timeout, actor.by = self.random.random() < 0.6, 0

    def end_wait(self, actor: Actor, outcome: str, by: int = 0) -> None:
        self.waits.append(Waited(actor.number, actor.obj, actor.since, self.log.now, outcome, by))

    def go_on(self, actor: Actor, outcome: str, by: int = 0) -> None:
        self.end_wait(actor, outcome, by)
        actor.doing = "run"

    def give_up(self, actor: Actor) -> bool:
        """The wait times out, or is cut by an exception."""
        chance = self.random.random()
        if chance < 0.01:
            self.log.cut(actor.number, actor.obj)
            self.go_on(actor, "cut")
        elif actor.timeout and chance < 0.3:
            self.log.timed_out(actor.number, actor.obj)
            self.go_on(actor, "timed out")
        return actor.doing == "run"

    # Threads

    def start(self, actor: Actor) -> None:
        if len(self.actors) < 5:
            child = self.log.thread(
                f"t{len(self.actors)}", parent=actor.number, daemon=self.random.random() < 0.3
            )
            self.log.started(actor.number, child)
            self.actors[child] = Actor(child, doing="start")

    def in_start(self, actor: Actor) -> None:
        self.log.began(actor.number)
        actor.doing = "run"
        if actor.timer:
            self.log.pending(actor.number, actor.timer, 10)
            self.block(actor, "timer", actor.timer)

    def end(self, actor: Actor) -> None:
        if self.random.random() < 0.2 and actor.number > 1:
            self.random.choice((self.log.ended, self.log.failed))(actor.number)
            actor.doing = "over"

    def join(self, actor: Actor) -> None:
        other = self.random.choice(list(self.actors.values()))
        if other.doing == "over":
            self.log.joined(actor.number, other.number)
        elif other is not actor:
            self.log.join_wait(actor.number, other.number)
            self.block(actor, "join", 0)
            actor.by = other.number

    def in_join(self, actor: Actor) -> None:
        if self.actors[actor.by].doing == "over":
            self.log.joined(actor.number, actor.by)
            self.go_on(actor, "ended", actor.by)
        elif actor.timeout:
            self.log.join_timed_out(actor.number, actor.by)
            self.go_on(actor, "timed out")

    def sleep(self, actor: Actor) -> None:
        self.log.sleep(actor.number, 5)
        actor.doing = "sleep"

    def in_sleep(self, actor: Actor) -> None:
        self.log.woke(actor.number)
        actor.doing = "run"

    def note(self, actor: Actor) -> None:
        self.log.note(actor.number, "here")

    # Locks

    def acquire(self, actor: Actor) -> None:
        obj = self.random.choice(list(self.mutexes))
        mutex = self.mutexes[obj]
        if not mutex.owner or (obj in self.reentrant and mutex.owner == actor.number):
            self.take(actor, obj)
        elif self.random.random() < 0.3:
            self.log.would_block(actor.number, obj)
        else:
            self.log.wait(actor.number, obj)
            self.block(actor, "lock", obj)

    def take(self, actor: Actor, obj: int, levels: int = 1) -> None:
        mutex = self.mutexes[obj]
        mutex.owner, mutex.depth = actor.number, mutex.depth + levels
        self.log.acquired(actor.number, obj, levels=levels if levels > 1 else None)

    def release(self, actor: Actor) -> None:
        held = [obj for obj, mutex in self.mutexes.items() if mutex.owner == actor.number]
        foreign = [obj for obj, mutex in self.mutexes.items() if mutex.owner and obj not in self.reentrant]
        choice = held if self.random.random() < 0.9 else foreign
        if choice:
            self.give(actor, self.random.choice(choice), 1)
        else:
            self.log.refused(actor.number, min(self.mutexes), "RuntimeError: release unlocked lock")

    def give(self, actor: Actor, obj: int, levels: int) -> None:
        mutex = self.mutexes[obj]
        mutex.depth -= levels
        if not mutex.depth:
            mutex.owner, mutex.released_by = 0, actor.number
            for waiter in self.actors.values():
                if waiter.doing in ("lock", "woke") and waiter.obj == obj:
                    waiter.by = actor.number
        self.log.released(actor.number, obj, levels=levels if levels > 1 else None)

    def in_lock(self, actor: Actor) -> None:
        if not self.mutexes[actor.obj].owner:
            self.go_on(actor, "acquired", actor.by if actor.by != actor.number else 0)
            self.take(actor, actor.obj, actor.levels)
            actor.levels = 1
        elif not actor.reacquire:
            self.give_up(actor)

    # Conditions

    def cond_wait(self, actor: Actor) -> None:
        held = [c for c, lock in self.conditions.items() if self.mutexes[lock].owner == actor.number]
        if held:
            cond = self.random.choice(held)
            lock = self.conditions[cond]
            self.log.cond_wait(actor.number, cond)
            self.block(actor, "cond", cond)
            actor.levels = self.mutexes[lock].depth
            self.give(actor, lock, actor.levels)

    def notify(self, actor: Actor) -> None:
        held = [c for c, lock in self.conditions.items() if self.mutexes[lock].owner == actor.number]
        if held:
            cond = self.random.choice(held)
            waiters = [a for a in self.actors.values() if a.doing == "cond" and a.obj == cond]
            woken = waiters[: self.random.randint(1, 3)]
            for waiter in woken:
                self.end_wait(waiter, "notified", actor.number)
                self.block(waiter, "woke", self.conditions[cond], reacquire=True)
            self.log.notify(actor.number, cond, *(waiter.number for waiter in woken))

    def in_cond(self, actor: Actor) -> None:
        if actor.timeout and self.random.random() < 0.2:
            cond = actor.obj
            self.end_wait(actor, "timed out")
            self.log.cond_woke(actor.number, cond, notified=False)
            self.block(actor, "lock", self.conditions[cond], reacquire=True)
            self.relock(actor)

    def in_woke(self, actor: Actor) -> None:
        cond = next(c for c, lock in self.conditions.items() if lock == actor.obj)
        self.log.cond_woke(actor.number, cond)
        actor.doing = "lock"
        self.relock(actor)

    def relock(self, actor: Actor) -> None:
        if self.mutexes[actor.obj].owner:
            self.log.wait(actor.number, actor.obj)
        else:
            self.in_lock(actor)

    # Semaphores

    def take_permit(self, actor: Actor) -> None:
        obj = self.random.choice(list(self.permits))
        if self.permits[obj]:
            self.got_permit(actor, obj)
        elif self.random.random() < 0.3:
            self.log.would_block(actor.number, obj)
        else:
            self.log.wait(actor.number, obj)
            self.block(actor, "permit", obj)

    def got_permit(self, actor: Actor, obj: int) -> None:
        self.permits[obj] -= 1
        if obj == self.gate:
            self.own[actor.number] = self.own.get(actor.number, 0) + 1
        self.log.acquired(actor.number, obj)

    def in_permit(self, actor: Actor) -> None:
        if self.permits[actor.obj]:
            by = self.released.get(actor.obj, 0)
            self.go_on(actor, "acquired", by if by != actor.number else 0)
            self.got_permit(actor, actor.obj)
        else:
            self.give_up(actor)

    def give_permit(self, actor: Actor) -> None:
        obj = self.random.choice(list(self.permits))
        count = self.random.choice((1, 1, 2))
        if obj == self.gate:
            count = min(count, self.own.get(actor.number, 0))
            self.own[actor.number] = self.own.get(actor.number, 0) - count
        if count:
            self.permits[obj] += count
            self.released[obj] = actor.number
            self.log.released(actor.number, obj, levels=count if count > 1 else None)

    # Events

    def event_wait(self, actor: Actor) -> None:
        obj = self.random.choice(list(self.flags))
        if self.flags[obj]:
            self.log.passed(actor.number, obj)
        else:
            self.log.wait(actor.number, obj)
            self.block(actor, "event", obj)

    def in_event(self, actor: Actor) -> None:
        self.give_up(actor)

    def in_woken(self, actor: Actor) -> None:
        self.log.passed(actor.number, actor.obj)
        self.go_on(actor, "set", actor.by)

    def set(self, actor: Actor) -> None:
        obj = self.random.choice(list(self.flags))
        self.log.set(actor.number, obj)
        self.flags[obj] = True
        self.rouse("event", obj, "woken", actor)

    def rouse(self, doing: str, obj: int, then: str, by: Actor) -> None:
        for waiter in self.actors.values():
            if waiter.doing == doing and waiter.obj == obj:
                waiter.doing, waiter.by = then, by.number

    def clear(self, actor: Actor) -> None:
        obj = self.random.choice(list(self.flags))
        self.log.cleared(actor.number, obj)
        self.flags[obj] = False

    # Barriers

    def meet(self, actor: Actor) -> None:
        obj = self.random.choice(list(self.meetings))
        meeting = self.meetings[obj]
        if meeting.broken:
            self.log.broke_out(actor.number, obj)
        elif not meeting.leaving:
            meeting.waiting.append(actor.number)
            self.log.arrived(actor.number, obj, len(meeting.waiting))
            if len(meeting.waiting) == self.parties[obj]:
                self.trip(actor, obj)
            else:
                self.log.wait(actor.number, obj)
                self.block(actor, "barrier", obj)

    def trip(self, actor: Actor, obj: int) -> None:
        meeting = self.meetings[obj]
        self.log.tripped(actor.number, obj)
        meeting.leaving = set(meeting.waiting) - {actor.number}
        meeting.waiting.clear()
        chance = self.random.random()
        if chance < 0.5:
            self.log.action(actor.number, obj)
        if chance < 0.1:
            self.shatter(actor, obj, "ValueError: no")
            self.log.broke_out(actor.number, obj)
            return
        if chance < 0.5:
            self.log.action_done(actor.number, obj)
        self.rouse("barrier", obj, "leaving", actor)
        self.log.passed(actor.number, obj, index=self.parties[obj] - 1)

    def shatter(self, actor: Actor, obj: int, text: str) -> None:
        meeting = self.meetings[obj]
        meeting.broken = True
        meeting.waiting.clear()
        meeting.leaving.clear()
        self.log.broken(actor.number, obj, text)
        self.rouse("barrier", obj, "broken", actor)

    def in_leaving(self, actor: Actor) -> None:
        self.meetings[actor.obj].leaving.discard(actor.number)
        self.log.passed(actor.number, actor.obj, index=0)
        self.go_on(actor, "tripped", actor.by)

    def in_broken(self, actor: Actor) -> None:
        self.log.broke_out(actor.number, actor.obj)
        self.go_on(actor, "broken", actor.by)

    def in_barrier(self, actor: Actor) -> None:
        obj = actor.obj
        if actor.timeout and self.random.random() < 0.3:
            self.log.timed_out(actor.number, obj)
            self.go_on(actor, "timed out")
            self.shatter(actor, obj, "timeout")
            self.log.broke_out(actor.number, obj)

    def abort(self, actor: Actor) -> None:
        obj = self.random.choice(list(self.meetings))
        meeting = self.meetings[obj]
        if meeting.broken:
            self.log.reset(actor.number, obj)
            meeting.broken = False
        elif not meeting.leaving and self.random.random() < 0.3:
            self.shatter(actor, obj, "abort")

    # Timers

    def start_timer(self, actor: Actor) -> None:
        if len(self.actors) < 5 and self.random.random() < 0.3:
            timer = self.log.timer()
            thread = self.log.thread(f"timer-{timer}", parent=actor.number, timer=timer)
            self.log.started(actor.number, thread)
            self.actors[thread] = Actor(thread, doing="start", timer=timer)

    def in_timer(self, actor: Actor) -> None:
        self.log.fired(actor.number, actor.timer)
        self.go_on(actor, "fired")

    def cancel(self, actor: Actor) -> None:
        for other in self.actors.values():
            if other.doing == "timer":
                self.end_wait(other, "cancelled", actor.number)
                self.log.cancelled(actor.number, other.timer)
                other.doing = "run"
            elif other.timer and other.doing == "over":
                self.log.cancel_late(actor.number, other.timer)
