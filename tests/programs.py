"""Random programs: threads that do random things with every primitive, simulated by the rules of the record.

`Program(seed).run()` gives an `EventLog` that a real run could have produced, and `Program.known`: the waits,
holds, flags and counters as the simulation knows them, for comparison with what the fold found out.

Time is virtual: where nobody can go on it jumps to the next deadline, and where there is none the run hangs.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from known import Known, Waited
from logs import LogBuilder

from tracing.events import EventLog, Woken

Operation = Callable[["Actor"], None]

MOST_THREADS = 8


@dataclass
class Actor:
    """A thread of the simulated program."""

    number: int
    doing: str = "run"  # or what it is blocked in: "lock", "permit", "cond", "event", "barrier", "join", ...
    obj: int = 0
    target: int = 0  # whom it joins
    since: int = 0
    timeout: int | None = None
    holders: tuple[int, ...] = ()  # who had what it waits for
    levels: int = 1  # to take back of a condition's lock
    reacquire: bool = False
    cause: int | None = None  # seq of the event that let it go on
    timer: int = 0

    def late(self, now: int) -> bool:
        return self.timeout is not None and now >= self.since + self.timeout


@dataclass
class Mutex:
    owner: int = 0
    depth: int = 0


@dataclass
class Meeting:
    waiting: list[int] = field(default_factory=list)
    leaving: set[int] = field(default_factory=set)
    broken: bool = False


class Program:
    """A run of at most `steps` random steps of up to eight threads."""

    def __init__(self, seed: int, *, steps: int = 150) -> None:
        self.random = random.Random(seed)
        self.steps = steps
        self.log = LogBuilder()
        self.known = Known()
        log = self.log
        lock, rlock = log.lock(), log.rlock()
        self.mutexes = {lock: Mutex(), rlock: Mutex(), log.lock(): Mutex()}
        self.reentrant = {rlock}
        self.spare = log.lock("spare")  # only signal handlers take it
        self.conditions = {log.condition(lock=lock): lock, log.condition(lock=rlock): rlock}
        self.gate = log.semaphore("gate", value=2)  # only who holds a permit releases
        self.permits = {self.gate: 2, log.semaphore("signal", value=0): 0}
        self.own: dict[int, dict[int, int]] = {sem: {} for sem in self.permits}  # how many has which thread
        self.flags = {log.event(): False, log.event(value=1): True}
        self.parties = {log.barrier(parties=2): 2, log.barrier(parties=3): 3}
        self.meetings = {barrier: Meeting() for barrier in self.parties}
        self.actors: dict[int, Actor] = {}
        self.operations = self.choose_operations()
        self.last_operations = [self.cond_wait, self.notify, self.release, self.give_permit]
        self.first_values()

    def choose_operations(self) -> list[Operation]:
        """What a thread of this program does: one program is more about locks, another about barriers."""
        families: list[list[Operation]] = [
            [self.acquire, self.acquire, self.release],
            [self.cond_wait, self.cond_wait, self.notify],
            [*[self.take_permit] * 3, self.give_permit],
            [*[self.event_wait] * 3, self.set, self.clear],
            [self.meet, self.meet, self.meet, self.meet, self.abort, self.reset],
            [self.start, self.start_timer, self.cancel, self.join, self.end, self.end],
            [self.sleep, self.note],
        ]
        return [each for family in families for each in family * self.random.choice((1, 1, 4))]

    def first_values(self) -> None:
        for obj in (*self.reentrant, *self.meetings):
            self.known.count(0, obj, 0)
        for obj, value in self.permits.items():
            self.known.count(0, obj, value)
        for obj, up in self.flags.items():
            if up:
                self.known.begin(0, "up", obj)

    # The run

    def run(self) -> EventLog:
        main = Actor(self.log.thread("main"))
        self.actors[main.number] = main
        self.log.began(main.number)
        for _ in range(self.random.randint(2, 4)):
            self.start(main)
        hung = not all(self.step() for _ in range(self.steps))
        self.pass_time(self.random.randint(0, 5))
        self.close()
        return self.log.build(reason="hung" if hung else self.random.choice(("done", "timeout")))

    def close(self) -> None:
        for actor in self.actors.values():
            if actor.doing not in ("run", "sleep", "over", "start", "stop"):
                self.end_wait(actor, "open")
        self.known.close(self.log.now)

    def step(self) -> bool:
        """Some thread that can go on does; False where nobody ever will."""
        self.pass_time(self.random.choice((0, 0, 1, 3, 10)))
        able = self.able() or self.able_later()
        if able:
            self.go(self.random.choice(able))
        if self.random.random() < 0.01:
            self.interrupt()
        if self.random.random() < 0.05:
            self.handle_signal()
        return bool(able)

    def go(self, actor: Actor) -> None:
        if actor.doing == "run":
            let_go = not self.empty_handed(actor) and self.random.random() < 0.4
            self.random.choice(self.last_operations if let_go else self.operations)(actor)
        else:
            getattr(self, ("in_" if self.ready(actor) else "late_") + actor.doing)(actor)

    def empty_handed(self, actor: Actor) -> bool:
        return all(thread != actor.number for thread, _, _ in self.known.taken)

    def pass_time(self, duration: int) -> None:
        self.log.at(self.log.now + duration)

    def able(self) -> list[Actor]:
        return [a for a in self.actors.values() if self.ready(a) or a.late(self.log.now)]

    def able_later(self) -> list[Actor]:
        """Who can go on at the next deadline, to which time jumps."""
        deadlines = [actor.since + actor.timeout for actor in self.blocked() if actor.timeout is not None]
        self.pass_time(min(deadlines, default=self.log.now) - self.log.now)
        return self.able()

    def ready(self, actor: Actor) -> bool:
        """Whether what it is blocked in lets it go on."""
        if actor.doing == "lock":
            return not self.mutexes[actor.obj].owner
        if actor.doing == "permit":
            return self.permits[actor.obj] > 0
        if actor.doing == "join":
            return self.actors[actor.target].doing == "over"
        return actor.doing not in ("cond", "event", "barrier", "sleep", "timer", "over")

    def blocked(self) -> list[Actor]:
        return [actor for actor in self.actors.values() if actor.doing not in ("run", "over")]

    @property
    def seq(self) -> int:
        """Of the latest event."""
        return len(self.log.times) - 1

    # Waits

    def patience(self) -> int | None:
        return self.random.choice((None, 5, *(20, 60, 150) * 2))

    def block(self, actor: Actor, doing: str, obj: int, *, timeout: int | None = None) -> None:
        actor.doing, actor.obj, actor.since, actor.timeout = doing, obj, self.log.now, timeout
        actor.target, actor.reacquire, actor.cause = 0, False, None
        actor.holders = self.holders(obj)

    def wait(self, actor: Actor, doing: str, obj: int) -> None:
        timeout = self.patience()
        self.log.wait(actor.number, obj, timeout=-1 if timeout is None else timeout)
        self.block(actor, doing, obj, timeout=timeout)

    def holders(self, obj: int) -> tuple[int, ...]:
        if obj in self.mutexes:
            owner = self.mutexes[obj].owner
            return (owner,) if owner else ()
        return tuple(self.own.get(obj, ()))

    def end_wait(self, actor: Actor, outcome: str, cause: int | None = None) -> None:
        self.known.waits.append(
            Waited(
                thread=actor.number,
                obj=actor.obj,
                target=actor.target,
                start=actor.since,
                end=self.log.now,
                outcome=outcome,
                cause=cause,
                timeout=None if actor.target else actor.timeout,  # of a join it is not recorded
                holders=actor.holders,
                reacquire=actor.reacquire,
            )
        )
        actor.timeout = None

    def go_on(self, actor: Actor, outcome: str, cause: int | None = None) -> None:
        self.end_wait(actor, outcome, cause)
        actor.doing = "run"

    def late(self, actor: Actor) -> None:
        self.log.timed_out(actor.number, actor.obj)
        self.go_on(actor, "timed out")

    late_lock = late_permit = late_event = late

    def interrupt(self) -> None:
        """An exception cuts a wait."""
        doing = ("lock", "permit", "event", "cond")
        cut = [a for a in self.blocked() if a.doing in doing and not a.reacquire]
        if cut:
            actor = self.random.choice(cut)
            if actor.doing == "cond":
                return self.late_cond(actor, Woken.INTERRUPTED)
            self.log.cut(actor.number, actor.obj)
            self.go_on(actor, "cut")

    def handle_signal(self) -> None:
        """A signal handler runs in a thread that is blocked: it takes a lock, for which it may have to wait.

        (A finalizer may run in any thread. Who holds that lock does so in the middle of something, too.)
        """
        blocked = [
            a for a in self.blocked() if a.doing in ("lock", "permit", "event", "cond", "join", "woke")
        ]
        others = [actor for actor in self.actors.values() if actor.doing not in ("start", "over")]
        if not blocked:
            return
        one, other = self.random.choice(blocked), self.random.choice(others)
        if one is not other:
            self.use_spare(other.number, before_release=lambda: self.wait_for_spare(one, other))
        self.use_spare(one.number)

    def use_spare(self, thread: int, before_release: Callable[[], None] | None = None) -> None:
        self.log.acquired(thread, self.spare)
        self.known.take(self.log.now, thread, self.spare, 1)
        if before_release:
            before_release()
        self.log.released(thread, self.spare)
        self.known.give(self.log.now, thread, self.spare, 1, by=thread)

    def wait_for_spare(self, actor: Actor, holder: Actor) -> None:
        since = self.log.now
        self.log.wait(actor.number, self.spare)
        self.pass_time(self.random.choice((0, 4)))
        self.known.waits.append(
            Waited(
                thread=actor.number,
                obj=self.spare,
                start=since,
                end=self.log.now,
                outcome="acquired",
                cause=self.seq + 1,
                holders=(holder.number,),
            )
        )

    def let_go(self, doing: str, obj: int, *, then: str = "") -> None:
        """The latest event lets all go on who wait for the object."""
        for actor in self.waiting(doing, obj):
            actor.cause, actor.doing = self.seq, then or doing

    def waiting(self, doing: str, obj: int) -> list[Actor]:
        return [actor for actor in self.actors.values() if actor.doing == doing and actor.obj == obj]

    def come_between(self, actor: Actor, doing: str, obj: int) -> None:
        """An operation and its stamp are two steps: another thread may have to wait in between."""
        others = [other for other in self.actors.values() if other.doing == "run" and other is not actor]
        if others and self.random.random() < 0.2:
            self.wait(self.random.choice(others), doing, obj)

    # Threads

    def start(self, actor: Actor) -> None:
        if len(self.actors) < MOST_THREADS:
            name, daemon = f"t{len(self.actors)}", self.random.random() < 0.3
            child = self.log.thread(name, parent=actor.number, daemon=daemon)
            self.log.started(actor.number, child)
            self.actors[child] = Actor(child, doing="start")

    def in_start(self, actor: Actor) -> None:
        self.log.began(actor.number)
        actor.doing = "run"
        if actor.timer:
            self.pend(actor)

    def end(self, actor: Actor) -> None:
        if actor.number > 1 and self.random.random() < (0.5 if self.empty_handed(actor) else 0.05):
            ends = self.random.choice((self.log.ended, self.log.failed))
            ends(actor.number)
            text = "failed" if ends == self.log.failed else ""
            self.known.finish(self.log.now, "callback", actor.timer, actor.number, text=text)
            actor.doing, actor.cause = "over", self.seq

    def join(self, actor: Actor) -> None:
        other = self.random.choice(list(self.actors.values())[1:])
        if other.doing == "over":
            self.log.joined(actor.number, other.number)
        elif other is not actor:
            self.log.join_wait(actor.number, other.number)
            self.block(actor, "join", 0, timeout=self.patience())
            actor.target, actor.holders = other.number, (other.number,)

    def in_join(self, actor: Actor) -> None:
        self.log.joined(actor.number, actor.target)
        self.go_on(actor, "ended", self.actors[actor.target].cause)

    def late_join(self, actor: Actor) -> None:
        self.log.join_timed_out(actor.number, actor.target)
        self.go_on(actor, "timed out")

    def sleep(self, actor: Actor) -> None:
        self.log.sleep(actor.number, 5)
        self.known.begin(self.log.now, "sleep", actor.number, actor.number)
        self.block(actor, "sleep", 0, timeout=5)

    def late_sleep(self, actor: Actor) -> None:
        self.log.woke(actor.number)
        self.known.finish(self.log.now, "sleep", actor.number, actor.number)
        actor.doing, actor.timeout = "run", None

    def note(self, actor: Actor) -> None:
        self.log.note(actor.number, "here")

    # Locks

    def acquire(self, actor: Actor) -> None:
        obj = self.random.choice(list(self.mutexes))
        mutex = self.mutexes[obj]
        if not mutex.owner or (obj in self.reentrant and mutex.owner == actor.number):
            if not mutex.owner:
                self.come_between(actor, "lock", obj)
            self.take(actor, obj)
        elif self.random.random() < 0.2:
            self.log.would_block(actor.number, obj)
        else:
            self.wait(actor, "lock", obj)

    def take(self, actor: Actor, obj: int, levels: int = 1) -> None:
        self.log.acquired(actor.number, obj, levels=levels if levels > 1 else None)
        self.set_depth(obj, actor.number, self.mutexes[obj].depth + levels)
        for waiter in self.waiting("lock", obj):
            waiter.holders = waiter.holders or (actor.number,)

    def set_depth(self, obj: int, owner: int, depth: int, *, by: int = 0) -> None:
        """A hold ends and another begins: nobody's, where it is free."""
        mutex, now = self.mutexes[obj], self.log.now
        if mutex.owner:
            self.known.give(now, mutex.owner, obj, mutex.depth, by=by)
        if depth:
            self.known.take(now, owner, obj, depth)
        if obj in self.reentrant:
            self.known.count(now, obj, depth)
        mutex.owner, mutex.depth = owner if depth else 0, depth

    def release(self, actor: Actor) -> None:
        held = [obj for obj, mutex in self.mutexes.items() if mutex.owner == actor.number]
        foreign = [obj for obj, mutex in self.mutexes.items() if mutex.owner and obj not in self.reentrant]
        choice = held if self.random.random() < 0.9 else foreign
        if choice:
            self.give(actor, self.random.choice(choice))
        elif self.random.random() < 0.2:
            self.log.refused(actor.number, min(self.mutexes), "RuntimeError: release unlocked lock")

    def give(self, actor: Actor, obj: int, levels: int = 1) -> None:
        mutex = self.mutexes[obj]
        self.log.released(actor.number, obj, levels=levels if levels > 1 else None)
        self.set_depth(obj, mutex.owner, mutex.depth - levels, by=actor.number)
        if not mutex.owner:
            at = self.seq
            self.come_between(actor, "lock", obj)
            for waiter in self.waiting("lock", obj) + self.waiting("woke", obj):
                waiter.cause = at

    def in_lock(self, actor: Actor) -> None:
        self.go_on(actor, "acquired", actor.cause)
        self.take(actor, actor.obj, actor.levels)
        actor.levels = 1

    # Conditions

    def held_condition(self, actor: Actor) -> int:
        """A condition whose lock the thread has; 0 for none."""
        held = [c for c, lock in self.conditions.items() if self.mutexes[lock].owner == actor.number]
        return self.random.choice(held) if held else 0

    def cond_wait(self, actor: Actor) -> None:
        cond = self.held_condition(actor)
        if cond:
            timeout, lock = self.patience(), self.conditions[cond]
            self.log.cond_wait(actor.number, cond, timeout=-1 if timeout is None else timeout)
            self.block(actor, "cond", cond, timeout=timeout)
            actor.levels = self.mutexes[lock].depth
            self.give(actor, lock, actor.levels)
        else:
            self.acquire(actor)

    def notify(self, actor: Actor) -> None:
        cond = self.held_condition(actor)
        if cond:
            woken = self.waiting("cond", cond)[: self.random.randint(1, 3)]
            self.log.notify(actor.number, cond, *(waiter.number for waiter in woken))
            for seq, waiter in enumerate(woken, self.seq + 1 - len(woken)):
                self.end_wait(waiter, "notified", seq)
                self.reacquire(waiter, "woke", cond)
        else:
            self.acquire(actor)

    def reacquire(self, actor: Actor, doing: str, cond: int) -> None:
        self.block(actor, doing, self.conditions[cond])
        actor.reacquire = True

    def late_cond(self, actor: Actor, how: Woken = Woken.TIMED_OUT) -> None:
        cond = actor.obj
        self.end_wait(actor, "timed out" if how is Woken.TIMED_OUT else "cut")
        self.log.cond_woke(actor.number, cond, how)
        self.reacquire(actor, "lock", cond)
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

    def any_permit(self) -> int:
        return self.random.choice([self.gate, self.gate, *self.permits])

    def take_permit(self, actor: Actor) -> None:
        obj = self.any_permit()
        if self.permits[obj]:
            self.got_permit(actor, obj)
        elif self.random.random() < 0.2:
            self.log.would_block(actor.number, obj)
        else:
            self.wait(actor, "permit", obj)

    def got_permit(self, actor: Actor, obj: int) -> None:
        self.permits[obj] -= 1
        if not self.permits[obj]:
            self.come_between(actor, "permit", obj)
        own = self.own[obj]
        own[actor.number] = own.get(actor.number, 0) + 1
        self.log.acquired(actor.number, obj)
        self.known.take(self.log.now, actor.number, obj, own[actor.number])
        self.known.count(self.log.now, obj, self.permits[obj])

    def in_permit(self, actor: Actor) -> None:
        self.go_on(actor, "acquired", actor.cause)
        self.got_permit(actor, actor.obj)

    def give_permit(self, actor: Actor) -> None:
        obj, count = self.any_permit(), self.random.choice((1, 1, 2))
        own = self.own[obj].get(actor.number, 0)
        if obj == self.gate:
            count = min(count, own)
        if count:
            self.log.released(actor.number, obj, levels=count if count > 1 else None)
            self.let_go("permit", obj)
            self.permits[obj] += count
            self.known.count(self.log.now, obj, self.permits[obj])
            self.give_back(actor.number, obj, min(count, own))

    def give_back(self, thread: int, obj: int, count: int) -> None:
        """The permits that the thread took last are no longer its own."""
        own = self.own[obj]
        for _ in range(count):
            self.known.give(self.log.now, thread, obj, own[thread], by=thread)
            own[thread] -= 1
        if not own.get(thread):
            own.pop(thread, None)

    # Events

    def event_wait(self, actor: Actor) -> None:
        obj = self.random.choice(list(self.flags))
        if self.flags[obj]:
            self.log.passed(actor.number, obj)
        else:
            self.wait(actor, "event", obj)

    def in_woken(self, actor: Actor) -> None:
        self.log.passed(actor.number, actor.obj)
        self.go_on(actor, "set", actor.cause)

    def set(self, actor: Actor) -> None:
        obj = self.random.choice(list(self.flags))
        self.log.set(actor.number, obj)
        self.known.begin(self.log.now, "up", obj, actor.number)
        self.let_go("event", obj, then="woken")
        self.flags[obj] = True

    def clear(self, actor: Actor) -> None:
        obj = self.random.choice(list(self.flags))
        self.log.cleared(actor.number, obj)
        self.known.finish(self.log.now, "up", obj, actor.number)
        self.flags[obj] = False

    # Barriers

    def meet(self, actor: Actor) -> None:
        obj = self.random.choice(list(self.meetings))
        meeting = self.meetings[obj]
        if meeting.broken:
            self.log.broke_out(actor.number, obj)
        elif not meeting.leaving:
            self.arrive(actor, obj)

    def arrive(self, actor: Actor, obj: int) -> None:
        meeting = self.meetings[obj]
        meeting.waiting.append(actor.number)
        self.log.arrived(actor.number, obj, len(meeting.waiting))
        self.known.begin(self.log.now, "generation", obj, actor.number)
        self.known.count(self.log.now, obj, len(meeting.waiting))
        if len(meeting.waiting) == self.parties[obj]:
            self.trip(actor, obj)
        else:
            self.wait(actor, "barrier", obj)

    def trip(self, actor: Actor, obj: int) -> None:
        meeting = self.meetings[obj]
        self.log.tripped(actor.number, obj)
        meeting.leaving = set(meeting.waiting) - {actor.number}
        self.part(actor, obj)
        self.let_go("barrier", obj, then="leaving")
        chance = self.random.random()
        if chance < 0.5:
            self.act(actor, obj, well=chance > 0.1)
        if not meeting.broken:
            self.log.passed(actor.number, obj, index=self.parties[obj] - 1)

    def act(self, actor: Actor, obj: int, *, well: bool) -> None:
        """The barrier's action, which the others await."""
        self.log.action(actor.number, obj)
        self.known.begin(self.log.now, "action", obj, actor.number)
        self.pass_time(self.random.randint(0, 3))
        if well:
            self.log.action_done(actor.number, obj)
            self.known.finish(self.log.now, "action", obj, actor.number)
            self.let_go("leaving", obj)
        else:
            self.shatter(actor, obj, "ValueError: no")
            self.known.finish(self.log.now, "action", obj, actor.number, text="failed")
            self.log.broke_out(actor.number, obj)

    def part(self, actor: Actor, obj: int, text: str = "") -> None:
        """A generation is over."""
        if self.meetings[obj].waiting:
            self.known.count(self.log.now, obj, 0)
        self.meetings[obj].waiting.clear()
        self.known.finish(self.log.now, "generation", obj, actor.number, text=text)

    def shatter(self, actor: Actor, obj: int, text: str) -> None:
        self.log.broken(actor.number, obj, text)
        self.known.begin(self.log.now, "broken", obj, actor.number)
        self.scatter(actor, obj, "broken")
        self.meetings[obj].broken = True

    def scatter(self, actor: Actor, obj: int, text: str) -> None:
        """Who waits at the barrier gets an error."""
        self.part(actor, obj, text)
        self.meetings[obj].leaving.clear()
        for doing in ("barrier", "leaving"):
            self.let_go(doing, obj, then="broken")

    def in_leaving(self, actor: Actor) -> None:
        self.meetings[actor.obj].leaving.discard(actor.number)
        self.log.passed(actor.number, actor.obj, index=0)
        self.go_on(actor, "tripped", actor.cause)

    def in_broken(self, actor: Actor) -> None:
        self.log.broke_out(actor.number, actor.obj)
        self.go_on(actor, "broken", actor.cause)

    def late_barrier(self, actor: Actor) -> None:
        self.late(actor)
        self.shatter(actor, actor.obj, "timeout")
        self.log.broke_out(actor.number, actor.obj)

    def abort(self, actor: Actor) -> None:
        obj = self.random.choice(list(self.meetings))
        if not self.meetings[obj].leaving and self.random.random() < 0.15:
            self.shatter(actor, obj, "abort")

    def reset(self, actor: Actor) -> None:
        broken = [obj for obj, meeting in self.meetings.items() if meeting.broken]
        obj = self.random.choice(broken or list(self.meetings))
        if not self.meetings[obj].leaving and (broken or self.random.random() < 0.1):
            self.log.reset(actor.number, obj)
            self.known.finish(self.log.now, "broken", obj, actor.number)
            self.scatter(actor, obj, "reset")
            self.meetings[obj].broken = False

    # Timers

    def start_timer(self, actor: Actor) -> None:
        if len(self.actors) < MOST_THREADS and self.random.random() < 0.5:
            timer = self.log.timer()
            thread = self.log.thread(f"timer-{timer}", parent=actor.number, timer=timer)
            self.log.started(actor.number, thread)
            self.actors[thread] = Actor(thread, doing="start", timer=timer)

    def pend(self, actor: Actor) -> None:
        cause, interval = actor.cause, self.random.choice((10, 40))
        self.log.pending(actor.number, actor.timer, interval)
        self.block(actor, "timer", actor.timer, timeout=interval)
        if cause is None:
            self.known.begin(self.log.now, "pending", actor.timer, actor.number)
        else:
            actor.doing, actor.cause = "stopped", cause

    def late_timer(self, actor: Actor) -> None:
        self.log.fired(actor.number, actor.timer)
        self.known.finish(self.log.now, "pending", actor.timer, actor.number)
        self.known.begin(self.log.now, "callback", actor.timer, actor.number)
        self.go_on(actor, "fired")

    def cancel(self, actor: Actor) -> None:
        timers = [other for other in self.actors.values() if other.timer]
        if timers:
            other = self.random.choice(timers)
            if other.doing == "timer" or (other.doing == "start" and other.cause is None):
                self.call_off(actor, other)
            else:
                self.log.cancel_late(actor.number, other.timer)

    def call_off(self, actor: Actor, other: Actor) -> None:
        self.log.cancelled(actor.number, other.timer)
        other.cause = self.seq
        if other.doing == "timer":
            self.known.finish(self.log.now, "pending", other.timer, actor.number)
            self.go_on(other, "cancelled", other.cause)
            other.doing = "stop"

    def in_stop(self, actor: Actor) -> None:
        self.log.ended(actor.number)
        actor.doing, actor.cause = "over", self.seq

    def in_stopped(self, actor: Actor) -> None:
        """It was cancelled before it was pending: its thread ends without another word."""
        self.end_wait(actor, "cancelled", actor.cause)
        self.in_stop(actor)
