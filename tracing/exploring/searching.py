"""Depth-first search of all schedules with few preemptions, leaving out those that must end as another one
does.

Owns: `Search`, a strategy that gives one schedule a run until there is none left.

Rule: what is left out differs from a schedule that is tried only in the order of steps that do not depend on
each other. Two steps depend on each other where they touch the same thing and one of them may change it; all
that a step touched is known when it is over: what it announced (`Agent.next`), and what the program read and
wrote meanwhile (`runtime.preemption`). Whatever has to do with time depends on everything: each step takes a
tick.

How it works: a run is a path of nodes, one for each step, each with the threads that could go on there. At
first only the default is tried at a node. Where a step turns out to depend on an earlier one of another
thread, and nothing in between has put them in order, its thread is to be tried before that one: dynamic
partial-order reduction (Flanagan and Godefroid, POPL 2005; the idea of dependence: Godefroid, "Partial-Order
Methods for the Verification of Concurrent Systems", 1996). Under a bound on preemptions that is not enough,
because the switch may be one too many at that node and none at all where its thread was switched to: so it is
tried there as well (Coons, Musuvathi and McKinley, "Bounded Partial-Order Reduction", OOPSLA 2013). The
bound, and that few preemptions find most errors: Musuvathi and Qadeer, PLDI 2007; Musuvathi et al. (CHESS),
OSDI 2008.
"""

from __future__ import annotations

from typing import Any

from tracing.events import GIVING, Kind
from tracing.runtime.preemption import CHECK, EVERYTHING, READ, WRITE
from tracing.runtime.schedules import Choice, Diverged, Option

Key = Any  # a primitive's serial number, minus that of a thread, or what `runtime.preemption` says
GIVES = 4  # has it, or lets others have it: cannot happen in place of a step that needs it
NEEDS = 8
ANY = 1 << 30  # preemptions
Footprint = dict[Key, int]  # how a step touched what
Footprints = dict[int, Footprint]  # by thread
Clock = dict[int, int]  # by thread: its last step that came before


LOOK_FOR = "Look for unseeded random numbers, the order of sets, files, or state left from run to run."


class Node:
    """A step of the current path: who could have done it, who does, and who is still to be tried.

    current: the thread that was switched away from if another one is chosen; 0: that costs no preemption.
    preemptions: of the path up to here. start: the index of the step at which this one's thread was switched
    to. done: what the steps tried here touched. sleep: the threads, with what they would touch, that need not
    be tried.
    """

    __slots__ = ("chosen", "current", "done", "options", "preemptions", "sleep", "start", "todo", "tried")

    def __init__(
        self, *, options: tuple[int, ...], current: int, chosen: int, preemptions: int, sleep: Footprints
    ) -> None:
        self.options, self.current, self.chosen = options, current, chosen
        self.preemptions = preemptions
        self.sleep = sleep
        self.tried = {chosen, *sleep}
        self.todo: set[int] = set()
        self.done: Footprints = {}
        self.start = 0

    def sleepers(self) -> Footprints:
        """Who need not be tried after this step: it would come to the same as trying it before."""
        made = self.done[self.chosen]
        others = {**self.sleep, **self.done}
        return {
            thread: its for thread, its in others.items() if thread != self.chosen and independent(its, made)
        }

    def cost(self, thread: int) -> int:
        """Preemptions of the path when that thread goes on here."""
        return self.preemptions + (self.current not in (0, thread))

    def next_within(self, bound: int) -> int | None:
        """A thread that is still to be tried and costs no more than that."""
        return next((each for each in sorted(self.todo - self.tried) if self.cost(each) <= bound), None)


Branch = list[tuple[Node, int]]  # a path, with the thread that was chosen at each node


def lasting(footprint: Footprint) -> Footprint:
    """The same for other runs: there a container has another identity, and may be any of its type."""
    known: Footprint = {}
    for key, how in footprint.items():
        general = key[:-1] if isinstance(key, tuple) else key
        known[general] = known.get(general, 0) | how
    return known


def independent(one: Footprint, other: Footprint) -> bool:
    """Whether two steps may be exchanged."""
    return not any(_clash(how, other[key]) for key, how in one.items() if key in other)


def _clash(one: int, other: int) -> bool:
    if (one | other) & WRITE:
        return True
    return bool(one & CHECK and other & READ or other & CHECK and one & READ)


class Search:
    """Every schedule with at most `bound` preemptions, but for those that must end as another one.

    prune: False tries them all. A strategy; ask `advance` after each run whether there is another schedule.
    `complete` says, when there is none, whether the bound left anything out. Raises Diverged where a run does
    not repeat what an earlier one did under the same choices.

    widening: `widen` can go on from there, which costs memory. Such a search saves many runs and makes no
    claim: it may miss what a bound admits only because a thread tries, in vain, to get a thing before that is
    given.
    """

    all_points = True

    def __init__(self, bound: int | None, *, prune: bool = True, widening: bool = False) -> None:
        self.bound = ANY if bound is None else bound
        self.prune, self._may_sleep = prune, prune and bound is None
        self.widening, self.complete = widening, True
        self._path: list[Node] = []
        self._beyond: list[Branch] = []  # that have something to try, with more preemptions
        self._branches: list[Branch] = []  # that are still to be gone on with
        self._known = 0  # so many steps are those of the run before
        self.begin(0)

    def begin(self, run: int) -> None:
        """Start from the beginning of the path."""
        self._depth = 0
        self._preemptions = 0
        self._steps = Steps(bounded=self.bound is not ANY and not self.widening)
        self._choice: Any = None
        self._last = 0
        self._redundant = False  # this run ends as an earlier one did

    def pick(self, choice: Choice) -> Option:
        """The thread that the path says; the default beyond its end."""
        self._close(choice)
        node = self._node(choice)
        chosen = next(each for each in choice.enabled if each.number == node.chosen)
        self._preemptions = node.cost(node.chosen)
        same = self._last == node.chosen and self._depth > 0
        node.start = self._path[self._depth - 1].start if same else self._depth
        self._last = node.chosen
        self._depth += 1
        self._announced = _announced(chosen, self._choice.first)
        self._in_vain = not _can_go_on(chosen)
        return chosen

    def _node(self, choice: Choice) -> Node:
        options = self._options(choice)
        if self._depth < len(self._path):
            node = self._path[self._depth]
            if node.options != options:
                raise Diverged(_difference(choice.index, node.options, options))
            return node
        sleep = self._path[-1].sleepers() if self._may_sleep and self._path else {}
        node = Node(
            options=options,
            current=choice.current.number if choice.current else 0,
            chosen=self._first(options, choice.default.number, sleep),
            preemptions=self._preemptions,
            sleep=sleep,
        )
        if not self.prune:
            node.todo.update(options)
        self._path.append(node)
        return node

    def _first(self, options: tuple[int, ...], default: int, sleep: Footprints) -> int:
        """Which thread to try first: the default, where it is worth trying."""
        if default not in sleep:
            return default
        awake = next((each for each in options if each not in sleep), None)
        self._redundant = self._redundant or awake is None
        return default if awake is None else awake

    def _options(self, choice: Choice) -> tuple[int, ...]:
        """Who is worth choosing: not one that only finds out that it has to wait, which changes nothing;
        where that is the default's turn, it does so first.
        """
        if not self.prune:
            return tuple(each.number for each in choice.enabled)
        if not _can_go_on(choice.default):
            return (choice.default.number,)
        return tuple(each.number for each in choice.enabled if _can_go_on(each))

    def _close(self, choice: Any) -> None:
        """The step before this choice is over: what it touched, and what that means for earlier steps."""
        self._choice = choice
        touched: dict[Key, int] = choice.touched
        if self._depth and self.prune:
            if self._in_vain:
                self._compare(self._depth - 1, self._last, self._announced)
                self._announced = {}
            accesses = {**self._announced, **touched}
            accesses[EVERYTHING] = accesses.get(EVERYTHING, 0) | READ
            for _, (kind, obj, _) in choice.trail[1:]:
                key = _key(obj, choice.first)
                accesses[key] = accesses.get(key, 0) | WRITE | (GIVES if kind in GIVING else 0)
            self._learn(self._depth - 1, self._last, accesses)
        touched.clear()
        choice.trail.clear()
        if self._depth and self.prune:
            self._steps.let_go(choice.enabled, self._last)

    def _learn(self, index: int, thread: int, accesses: Footprint) -> None:
        if self._may_sleep:
            self._path[index].done[thread] = lasting(accesses)
        self._compare(index, thread, accesses)
        self._steps.add(index, thread, accesses)

    def _compare(self, index: int, thread: int, accesses: Footprint) -> None:
        """Where the order with an earlier step matters, have the other order tried as well."""
        if index >= self._known and not self._redundant:
            for earlier in sorted(self._steps.rivals(thread, accesses)):
                self._reverse(earlier, thread)

    def _reverse(self, index: int, thread: int) -> None:
        """Have that thread tried before the step with that index."""
        self._path[index].todo.update(self._wanted(index, thread))
        start = self._path[index].start
        if start != index and self.bound is not ANY:
            self._path[start].todo.update(self._wanted(start, thread))

    def _wanted(self, index: int, thread: int) -> tuple[int, ...]:
        options = self._path[index].options
        return (thread,) if thread in options else options

    def _leave(self, left: tuple[Option, ...]) -> None:
        """The run has ended, and these threads with it: what they were about to do might have come before."""
        for option in left if self.prune else ():
            self._compare(self._depth, option.number, _announced(option, self._choice.first))
            if option.number in self._path[self._depth - 1].options:
                self._reverse(self._depth - 1, option.number)

    def advance(self) -> bool:
        """Go on to the next schedule. False: there is none."""
        if self._choice is not None:
            self._close(self._choice)
            self._leave(self._choice.left)
        del self._path[self._depth :]
        return self._go_on()

    def widen(self) -> bool:
        """Go on with one preemption more, when there is no schedule left. False: there is none with that."""
        self.bound, self.complete = self.bound + 1, True
        self._branches, self._beyond = self._beyond[::-1], []
        return self._go_on()

    def _go_on(self) -> bool:
        while not self._turn():
            if not self._branches:
                return False
            self._path = _restored(self._branches.pop())
        return True

    def _turn(self) -> bool:
        """At the last node of the path that has something to try, try it. False: none has."""
        path = self._path
        while path:
            node = path[-1]
            following = node.next_within(self.bound)
            if following is not None:
                node.chosen = following
                node.tried.add(following)
                self._known = len(path) - 1
                return True
            if node.todo - node.tried:
                self.complete = False
                if self.widening:
                    self._beyond.append([(each, each.chosen) for each in path])
            path.pop()
        return False


def _restored(branch: Branch) -> list[Node]:
    for node, chosen in branch:
        node.chosen = chosen
    return [node for node, _ in branch]


class Steps:
    """The steps of a run so far, and which came before which: happens-before, as vector clocks.

    bounded: preemptions are counted, so it matters also whether a thread tries to get a thing before or after
    it is given: where it has to wait, switching back costs nothing.
    """

    def __init__(self, *, bounded: bool) -> None:
        self._bounded = bounded
        self._clocks: dict[int, Clock] = {}
        self._able: set[int] = set()
        self._touched: dict[Key, Touched] = {}

    def let_go(self, enabled: list[Option], by: int) -> None:
        """The last step, of the thread `by`, started who is new, and let go who could not go on before it."""
        for option in enabled:
            number = option.number
            if number not in self._clocks or number not in self._able and _is_let_go(option):
                _join(self._clocks.setdefault(number, {}), self._clocks.get(by, {}))
        self._able = {option.number for option in enabled}

    def rivals(self, thread: int, accesses: Footprint) -> set[int]:
        """The steps of others whose order with such a step matters."""
        found = self._last(thread, accesses)
        if self._bounded:
            found |= self._last(thread, {key: how & ~NEEDS for key, how in accesses.items()})
        return found

    def _last(self, thread: int, accesses: Footprint) -> set[int]:
        """For each thing and each other thread: the last step that depends on such a step and need not have
        come first.

        For each thing: a later step that has to do with another one may stand where this thread cannot go on,
        so that the order of the two cannot be turned there. A thread that wakes up while it holds a lock says
        nothing of who might have had the lock before.
        """
        clock = self._clocks.get(thread, {})
        return {
            last
            for key, how in accesses.items()
            if key in self._touched
            for rivals in self._touched[key].rivals(how)
            for other, last in rivals.items()
            if other != thread and last > clock.get(other, -1)
        }

    def add(self, index: int, thread: int, accesses: Footprint) -> None:
        """A step is over."""
        clock = self._clocks.setdefault(thread, {})
        things = [(self._of(key), how) for key, how in accesses.items()]
        for thing, how in things:
            _join(clock, thing.after_all if how & (WRITE | CHECK) else thing.after_writes)
        clock[thread] = index
        now = clock.copy()
        for thing, how in things:
            if how != CHECK:
                thing.add(index, thread, how, now)

    def _of(self, key: Key) -> Touched:
        found = self._touched.get(key)
        if found is None:
            found = self._touched[key] = Touched()
        return found


class Touched:
    """Who touched a thing last, who changed it last, and what came before that. Its clocks are replaced, not
    changed: things share them.
    """

    __slots__ = ("after_all", "after_writes", "any", "looks", "takes", "writes")

    def __init__(self) -> None:
        self.any: Clock = {}
        self.takes: Clock = {}  # those that needed it
        self.looks: Clock = {}  # those that did not, and did not give it either
        self.writes: Clock = {}
        self.after_all: Clock = {}
        self.after_writes: Clock = {}

    def rivals(self, how: int) -> tuple[Clock, ...]:
        """By thread: the last steps whose order with one that touches it like that matters.

        Who has a lock may look at it: nobody could have taken it in place of that look, but in place of the
        step that took it.
        """
        if how & NEEDS:
            return self.takes, self.looks
        return (self.any if how & (WRITE | CHECK) else self.writes,)

    def add(self, index: int, thread: int, how: int, clock: Clock) -> None:
        """A step touched it. clock: what came before that, the step itself included; what had to come before
        it by this thing is in there.
        """
        self.any[thread] = index
        if how & NEEDS:  # it may give it back, too
            self.takes[thread] = index
        elif not how & GIVES:
            self.looks[thread] = index
        if how & WRITE:
            self.writes[thread] = index
            self.after_all = self.after_writes = clock  # which has both
        else:
            self.after_all = _joined(self.after_all, clock)


def _can_go_on(option: Option) -> bool:
    """Whether it does something when it is chosen."""
    needed = option.needs if option.waiting is None else None if option.bounded else option.retakes
    return needed is None or needed.ready()


OLD = 1 << 40  # added to the serial numbers of primitives that the run did not make


def _key(obj: Any, first: int) -> Key:
    """What stands for a primitive or a thread in each run that has the same beginning."""
    if isinstance(obj, tuple) or obj <= 0:
        return obj
    return obj - first if obj > first else obj + OLD


def _announced(option: Option, first: int) -> dict[Key, int]:
    """What its step is known to touch beforehand."""
    kind, obj, writes = option.next
    how = (WRITE if writes else READ) | _manner(option, kind)
    return {_key(obj, first): how}


def _manner(option: Option, kind: int) -> int:
    if kind == Kind.COND_WAIT:
        return GIVES if option.waiting is None else NEEDS if option.retakes else 0
    if kind in GIVING:
        return GIVES
    return NEEDS if option.needs is not None and option.waiting in (None, option.needs) else 0


def _is_let_go(option: Option) -> bool:
    """Whether the step that made it able to go on must have come first."""
    return option.waiting is not None and option.waiting not in (option.needs, option.retakes)


def _join(clock: Clock, other: Clock) -> None:
    for thread, index in other.items():
        if index > clock.get(thread, -1):
            clock[thread] = index


def _joined(clock: Clock, other: Clock) -> Clock:
    both = clock.copy()
    _join(both, other)
    return both


def _difference(index: int, before: tuple[int, ...], now: tuple[int, ...]) -> str:
    return (
        "the program depends on more than its schedule: under the same choices, "
        f"threads {_list(before)} could go on at choice {index} before, and now {_list(now)}. {LOOK_FOR}"
    )


def _list(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers)) or "none"
