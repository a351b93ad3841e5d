"""What each thread did, in its own order and without times: the text form of a run on the real clock.

Rule: what depends on timing alone is left out, so that the text is the same wherever the order is. Threads
are told one by one, not interleaved. A join is a join, whether or not it had to wait. What a thread does
again and again is told once, with how often, and without its waits. Only a wait that is a step of its own is
told, because that is what is to be seen.

How it works: a thread's events become steps, each a phrase (`what`) and the same with the wait told (`told`);
steps that repeat are folded by `what`; threads that did the same share a paragraph.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby, islice, takewhile
from types import MappingProxyType

from tracing.diagnosis.names import listed
from tracing.events import KIND_MASK, OBJECT_MASK, OBJECT_SHIFT, THREAD_SHIFT, EventLog, Kind, Woken
from tracing.model import Fate, Model, Outcome, State, Wait, without_collector
from tracing.model.table import TABLE
from tracing.views.text.depths import Depths, levels_of
from tracing.views.text.waits import holding
from tracing.views.text.words import PHRASES, Words

MOST_STEPS = 24  # a thread
MOST_LISTED = 8  # threads that one step starts or joins
LONGEST_PERIOD = 8  # steps that are folded when they repeat
IN_VAIN = "in vain"
INTERRUPTED = "and is interrupted"
_WOKEN: dict[int | None, str] = {Woken.NOTIFIED: "until it is notified", Woken.INTERRUPTED: INTERRUPTED}

_KIND_AND_OBJECT = KIND_MASK | OBJECT_MASK << OBJECT_SHIFT
_HIDDEN = frozenset(
    {
        Kind.BEGAN,
        Kind.WOKE,
        Kind.NOTIFIED,  # which of the waiters it was, and how many there were, is timing
        Kind.ARRIVED,  # so is who came when
        Kind.TRIPPED,
        Kind.ACTION,
        Kind.ACTION_DONE,
    }
)
_OPENING = frozenset(kind for kind in Kind if TABLE[kind].state is State.WAITING)
_VERBS: Mapping[int, str] = MappingProxyType({Kind.STARTED: "starts ", Kind.JOINED: "joins "})
_FATES = MappingProxyType({Fate.CUT_OFF: "is cut off", Fate.STILL_RUNNING: "still runs"})


class Step:
    """Something that a thread did. Most steps of a long run are never told: words are found when asked
    for.
    """

    __slots__ = ("_how", "_phrase", "verb")

    def __init__(self, phrase: Callable[[], str], how: str = "", verb: str = "") -> None:
        self._phrase, self._how = phrase, how
        self.verb = verb  # how `what` begins, where the thread does it to one thread after the other

    @property
    def what(self) -> str:
        """The same whenever it does the same."""
        return self._phrase()

    @property
    def told(self) -> str:
        """And with the wait, if it had to."""
        return self._how or self._phrase()


def stories(log: EventLog, model: Model, words: Words) -> Iterator[tuple[list[str], int, str]]:
    """For each thing that threads did: the names of the first threads that did it, how many did, and what."""
    told: dict[str, list[int]] = {}
    finder, counted = WaitFinder(model.waits), levels_of(log)
    with without_collector(len(log)):
        for thread, own in zip(model.threads, _by_thread(log), strict=True):
            steps = _Steps(log, words, finder, Depths(counted)).of(own)
            told.setdefault(_sentence(steps, _FATES.get(thread.fate, "")), []).append(thread.number)
    for story, numbers in told.items():
        yield [words.thread(number) for number in numbers[:MOST_LISTED]], len(numbers), story


def _by_thread(log: EventLog) -> list[array[int]]:
    """The positions of each thread's events."""
    own = [array("q") for _ in range(len(log.threads) + 1)]
    for seq, code in enumerate(log.codes):
        thread = code >> THREAD_SHIFT
        if 0 < thread < len(own):
            own[thread].append(seq)
    return own[1:]


class WaitFinder:
    """Finds the wait that an event began; to be asked event by event, in order."""

    def __init__(self, waits: Iterable[Wait]) -> None:
        self._waits: dict[int, deque[Wait]] = {}  # of each thread, by start
        for wait in waits:
            if not wait.reacquire:
                self._waits.setdefault(wait.thread, deque()).append(wait)

    def take(self, thread: int, start: int, obj: int, target: int) -> Wait | None:
        """The thread's wait that began at that time for that; None if there is none."""
        waits = self._waits.get(thread, deque())
        while waits and waits[0].start < start:
            waits.popleft()
        at_once = takewhile(lambda wait: wait.start == start, waits)
        found = next((wait for wait in at_once if (wait.obj, wait.target) == (obj, target)), None)
        if found:
            waits.remove(found)
        return found


class _Steps:
    """The steps of one thread."""

    def __init__(self, log: EventLog, words: Words, finder: WaitFinder, depths: Depths) -> None:
        self._log, self._words, self._finder = log, words, finder
        self._known: dict[tuple[int, int | None, str], Step] = {}  # by kind and object, arg, and depth
        self._depths, self._depth = depths, ""  # what the event at hand says of an RLock's depth
        self._waits: list[Wait] = []  # begun, and their ends not yet told; a signal handler's within another
        self._given_up = 0  # the lock of the condition that it waits on: it gets that back in the end

    def of(self, own: Sequence[int]) -> list[Step]:
        codes, args, known, counted = self._log.codes, self._log.args, self._known, self._depths.counted
        steps = []
        for seq in own:
            code, arg = codes[seq] & _KIND_AND_OBJECT, args.get(seq)
            kind, obj = code & KIND_MASK, code >> OBJECT_SHIFT
            self._depth = self._depths.after(0, kind, obj, arg) if code in counted else ""
            # A quick way for what is most of a long run: neither does it end a wait, nor is it new.
            quick = not self._waits and not self._given_up
            step = known.get((code, arg, self._depth)) if quick else None
            if step := step or self._step(kind, obj, arg, seq):
                steps.append(step)
        steps += [self._open(wait) for wait in self._waits if wait.outcome is Outcome.OPEN]
        known.clear()  # a step knows whom to ask for its words: a cycle
        return list(_merged(steps))

    def _step(self, kind: int, obj: int, arg: int | None, seq: int) -> Step | None:
        """The event as a step; None if it is none of its own."""
        if kind in _OPENING:
            self._begin(seq, kind, obj, arg)
        elif kind not in _HIDDEN and not self._is_of_condition(kind, obj):
            return self._told(kind, obj, arg, seq) if self._waits else self._plain(kind, obj, arg, seq)
        return None

    def _begin(self, seq: int, kind: int, obj: int, arg: int | None) -> None:
        thread, target = self._log.codes[seq] >> THREAD_SHIFT, (arg or 0) if kind == Kind.JOIN_WAIT else 0
        wait = self._finder.take(thread, self._log.times[seq], obj, target)
        if wait:
            self._waits.append(wait)
        if kind == Kind.COND_WAIT and 0 < obj <= len(self._log.objects):
            self._given_up = self._log.object(obj).lock

    def _is_of_condition(self, kind: int, obj: int) -> bool:
        """Whether it is the lock's part in a Condition.wait: given up, then taken back."""
        if not obj or obj != self._given_up or kind not in (Kind.RELEASED, Kind.ACQUIRED):
            return False
        if kind == Kind.ACQUIRED:
            self._given_up = 0
        return True

    def _plain(self, kind: int, obj: int, arg: int | None, seq: int) -> Step:
        key = (kind | obj << OBJECT_SHIFT, arg, self._depth)
        step = self._known.get(key)
        if step is None:
            phrase = partial(self._what, kind, obj, arg, seq, self._depth)
            step = self._known[key] = Step(phrase, verb=_VERBS.get(kind, ""))
        return step

    def _told(self, kind: int, obj: int, arg: int | None, seq: int) -> Step:
        """A step that ends a wait."""
        plain = self._plain(kind, obj, arg, seq)
        place = next((n for n, wait in reversed(list(enumerate(self._waits))) if wait.obj == obj), None)
        if place is None:
            return plain
        how = self._how(kind, self._waits[place])
        del self._waits[place:]
        return Step(lambda: plain.what, how) if how else plain

    def _how(self, kind: int, wait: Wait) -> str:
        aim, holder = self._words.wait_aim(wait), self._held(wait)
        if TABLE[kind].ends is Outcome.ACQUIRED:
            return f"waits {aim}{holder or ','} then {PHRASES[Kind(kind)].format(obj='it')}"
        if kind == Kind.TIMED_OUT and holder:
            return f"waits {aim}{holder} in vain"
        if kind == Kind.CUT:
            return f"waits {aim} {INTERRUPTED}"
        if kind == Kind.COND_WOKE and wait.outcome is Outcome.NOTIFIED and wait.ended_by:
            return f"waits {aim} until {self._words.thread(wait.ended_by)} notifies it"
        return ""

    def _open(self, wait: Wait) -> Step:
        told = f"still waits {self._words.wait_aim(wait)}{self._held(wait)}".rstrip(",")
        return Step(lambda: told)

    def _held(self, wait: Wait) -> str:
        holders = holding(wait, self._words)
        return f", {holders}," if holders else ""

    def _what(self, kind: int, obj: int, arg: int | None, seq: int, depth: str) -> str:
        """The phrase for what does not depend on timing."""
        return self._phrase(kind, obj, arg, seq) + depth

    def _phrase(self, kind: int, obj: int, arg: int | None, seq: int) -> str:
        name = self._words.object(obj)
        if kind == Kind.SLEEP:
            return "sleeps"
        if kind == Kind.TIMED_OUT:
            return f"waits {self._words.aim(obj)} {IN_VAIN}"
        if kind == Kind.COND_WOKE:
            return f"waits on {name} {_WOKEN.get(arg, IN_VAIN)}"
        if kind == Kind.CUT and obj:
            return f"waits {self._words.aim(obj)} {INTERRUPTED}"
        if kind == Kind.PASSED:
            return self._words.nature(obj).passing.format(name)
        return self._words.phrase(self._log[seq])


def _merged(steps: list[Step]) -> Iterator[Step]:
    """ "starts a", "starts b": "starts a and b"; so with joins."""
    for verb, group in groupby(steps, key=lambda step: step.verb):
        if not verb:
            yield from group
        elif len(alike := list(group)) == 1:
            yield alike[0]
        else:
            yield Step(partial(_listed, verb, alike))


def _listed(verb: str, steps: Sequence[Step]) -> str:
    return verb + listed(
        [step.what.removeprefix(verb) for step in steps[:MOST_LISTED]], MOST_LISTED, len(steps)
    )


def _sentence(steps: list[Step], fate: str) -> str:
    """The steps, folded, as many as can be read, and what became of the thread if it has no end."""
    shown = list(islice(_folded(steps, cut=bool(fate)), MOST_STEPS))
    parts = [text for text, _ in shown]
    left = len(steps) - sum(length for _, length in shown)
    more = [f"… and {left:,} more"] if left else []
    said = "; ".join([*parts, *more, *filter(None, [fate])]) or "does nothing that is recorded"
    return said.removesuffix(".") + "."  # the text of an exception may end with one


def _folded(steps: list[Step], *, cut: bool) -> Iterator[tuple[str, int]]:
    """Phrases, and how many steps each stands for.

    cut: the thread was cut off. Then it is timing how often it had done what it did to the last, and how far
    it had come with it.
    """
    start = 0
    while start < len(steps):
        period, times = _repeats(steps, start)
        unit, end = _whats(steps, start, period), start + period * times
        if times == 1:
            yield steps[start].told, 1
        elif cut and len(steps) - end < period and _whats(steps, end, period) == unit[: len(steps) - end]:
            return (yield _again(unit), len(steps) - start)
        else:
            yield _again(unit, times), period * times
        start = end


def _whats(steps: Sequence[Step], start: int, count: int) -> list[str]:
    return [step.what for step in steps[start : start + count]]


def _repeats(steps: Sequence[Step], start: int) -> tuple[int, int]:
    """The period from `start` on that covers most, the shortest of these, and how often it comes."""
    best = (1, 1)
    for period in range(1, LONGEST_PERIOD + 1):
        times = _times(steps, start, period)
        if times > 1 and times * period > best[0] * best[1]:
            best = (period, times)
    return best


def _times(steps: Sequence[Step], start: int, period: int) -> int:
    unit, end = steps[start : start + period], start + period
    while len(unit) == period and _same(unit, steps[end : end + period]):
        end += period
    return (end - start) // period


def _same(some: Sequence[Step], others: Sequence[Step]) -> bool:
    """Whether it is the same in words. (Most that are the same are one object.)"""
    return len(some) == len(others) and all(
        one is other or one.what == other.what for one, other in zip(some, others, strict=True)
    )


def _again(unit: list[str], times: int = 0) -> str:
    """The unit, and how often; 0: nobody knows."""
    said = f"({'; '.join(unit)})" if len(unit) > 1 else unit[0]
    # How often it tried in vain is timing.
    vague = not times or any(IN_VAIN in what for what in unit)
    return f"{said} again and again" if vague else f"{said} × {times:,}"
