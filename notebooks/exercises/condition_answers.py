"""Answers to the exercises of lesson 06: right ones, and wrong ones with what the check must say of them.

The stubs of the notebook are among the wrong ones. tests/test_exercises.py runs them all.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress
from time import monotonic

from tracing import Condition, Event, Lock, Semaphore, sleep

# -- 2: a latch ----------------------------------------------------------------------------------------------


class Latch:
    def __init__(self, count):
        self.count, self.changed = count, Condition()

    def count_down(self):
        with self.changed:
            self.count -= 1
            self.changed.notify_all()

    def wait(self):
        with self.changed:
            self.changed.wait_for(lambda: self.count <= 0)


class LatchThatTellsOnce(Latch):
    def count_down(self):
        with self.changed:
            self.count -= 1
            if self.count == 0:
                self.changed.notify_all()


class LatchWithALoop(Latch):
    def wait(self):
        with self.changed:
            while self.count > 0:
                self.changed.wait()


class LatchThatPolls(Latch):
    def count_down(self):
        self.count -= 1

    def wait(self):
        while self.count:
            sleep(0.1)


class LatchThatPollsWithTheLock(Latch):
    def wait(self):
        while True:
            with self.changed:
                if self.count <= 0:
                    return
            sleep(0.1)


class LatchThatSpins(Latch):
    def wait(self):
        while self.count:
            pass


class LatchThatKeepsTheLock(Latch):
    def wait(self):
        with self.changed:
            while self.count > 0:
                sleep(0.1)


class LatchForOne(Latch):
    def count_down(self):
        with self.changed:
            self.count -= 1
            self.changed.notify()


class LatchThatTellsNobody(Latch):
    def count_down(self):
        with self.changed:
            self.count -= 1


class LatchThatLooksOnce(Latch):
    def wait(self):
        with self.changed:
            if self.count > 0:
                self.changed.wait()


class LatchThatDoesNotLook(Latch):
    def wait(self):
        with self.changed:
            self.changed.wait()


class LatchWithoutTheLock(Latch):
    def count_down(self):
        self.count -= 1
        self.changed.notify_all()


class LatchThatWaitsWithoutTheLock(Latch):
    def wait(self):
        while self.count > 0:
            self.changed.wait()


class LatchThatCountsOutside(Latch):
    def count_down(self):
        self.count -= 1
        with self.changed:
            self.changed.notify_all()


class LatchThatTellsTooEarly(Latch):
    def count_down(self):
        with self.changed:
            self.changed.notify_all()
        sleep(0)
        with self.changed:
            self.count -= 1


class LatchThatTellsBeforeTheLast(Latch):
    def count_down(self):
        with self.changed:
            if self.count == 0:
                self.changed.notify_all()
            self.count -= 1


class LatchThatMayMissIt(Latch):
    def wait(self):
        while self.count > 0:
            with self.changed:
                self.changed.wait()


class LatchThatKeepsItsLock(Latch):
    def wait(self):
        self.changed.acquire()
        self.changed.wait_for(lambda: self.count <= 0)


class LatchThatKeepsItsLockWhereItIsOpen(Latch):
    def wait(self):
        self.changed.acquire()
        if self.count <= 0:
            return
        self.changed.wait_for(lambda: self.count <= 0)
        self.changed.release()


class LatchWithoutACount(Latch):
    def __init__(self):
        super().__init__(2)


class LatchWithoutALambda(Latch):
    def wait(self):
        with self.changed:
            self.changed.wait_for(self.count <= 0)


class LatchWithALongTimeout(Latch):
    def wait(self):
        with self.changed:
            self.changed.wait_for(lambda: self.count <= 0, timeout=10)


class LatchThatPollsWithATimeout(LatchThatTellsNobody):
    def wait(self):
        with self.changed:
            while self.count > 0:
                self.changed.wait(timeout=0.1)


class LatchWithATimeout(Latch):
    def wait(self):
        with self.changed:
            self.changed.wait_for(lambda: self.count <= 0, timeout=0.5)


class LatchByHand(Latch):
    def count_down(self):
        self.changed.acquire()
        try:
            self.count -= 1
            self.changed.notify_all()
        finally:
            self.changed.release()

    def wait(self):
        self.changed.acquire()
        while not self.count < 1:
            self.changed.wait()
        self.changed.release()


class LatchThatStopsAtZero(Latch):
    def count_down(self):
        with self.changed:
            if self.count > 0:
                self.count -= 1
            if not self.count:
                self.changed.notify_all()

    def wait(self):
        with self.changed:
            self.changed.wait_for(lambda: self.count == 0)


class LatchWithAFlag(Latch):
    def __init__(self, count):
        self.count, self.changed, self.open = count, Condition(Lock()), False

    def count_down(self):
        with self.changed:
            self.count -= 1
            self.open = self.open or self.count == 0
            self.changed.notify(100)

    def wait(self):
        with self.changed:
            while not self.open:
                self.changed.wait()


class LatchThatHoldsUpTheJobs(Latch):
    def count_down(self):
        with self.changed:
            self.count -= 1
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.count <= 0)


class LatchForTwo(Latch):
    def count_down(self):
        with self.changed:
            self.count -= 1
            self.changed.notify(2)


class LatchThatLooksTwice(Latch):
    def wait(self):
        with self.changed:
            if self.count > 0:
                self.changed.wait()
            if self.count > 0:
                self.changed.wait()


class LatchThatWantsZero(Latch):
    def wait(self):
        with self.changed:
            while self.count != 0:
                self.changed.wait()


class LatchWithTheTestTurnedRound(Latch):
    def wait(self):
        with self.changed:
            self.changed.wait_for(lambda: self.count)


class LatchWithTheTestOfTheLoop(Latch):
    def wait(self):
        with self.changed:
            self.changed.wait_for(lambda: self.count > 0)


class LatchWhoseJobsWaitWhereItIsOpen(Latch):
    def count_down(self):
        with self.changed:
            self.changed.wait_for(lambda: self.count > 0)
            self.count -= 1
            self.changed.notify_all()


class LatchThatTakesALockTwice(Latch):
    def __init__(self, count):
        self.count, self.changed = count, Condition(Lock())

    def count_down(self):
        with self.changed:
            self.count -= 1
            with self.changed:
                self.changed.notify_all()


class LatchWithAPlainCondition(Latch):
    def __init__(self, count):
        self.count, self.changed = count, threading.Condition()


# -- 3: at most so long --------------------------------------------------------------------------------------


def take_within(seconds, items, stocked):
    with stocked:
        if not stocked.wait_for(lambda: items, timeout=seconds):
            return None
        return items.pop(0)


def take_with_a_short_form(seconds, items, stocked):
    with stocked:
        return items.pop(0) if stocked.wait_for(lambda: items, seconds) else None


def take_with_a_deadline(seconds, items, stocked):
    deadline = monotonic() + seconds
    with stocked:
        while not items:
            left = deadline - monotonic()
            if left <= 0:
                return None
            stocked.wait(left)
        return items.pop(0)


def take_that_does_not_look_when_time_is_up(seconds, items, stocked):
    deadline = monotonic() + seconds
    with stocked:
        while not items:
            left = deadline - monotonic()
            if left <= 0 or not stocked.wait(left):
                return None
        return items.pop(0)


def take_and_return_the_list(seconds, items, stocked):
    with stocked:
        return items if stocked.wait_for(lambda: items, timeout=seconds) else None


def take_that_begins_anew(seconds, items, stocked):
    with stocked:
        while not items:
            if not stocked.wait(seconds):
                return None
        return items.pop(0)


def take_in_small_steps(seconds, items, stocked):
    with stocked:
        while seconds > 0 and not items:
            stocked.wait(0.1)
            seconds -= 0.1
        return items.pop(0) if items else None


def take_after_so_many_waits(seconds, items, stocked):
    with stocked:
        for _ in range(int(seconds * 10)):
            if items:
                return items.pop(0)
            stocked.wait(0.1)
        return None


def take_with_a_slip_in_the_sum(seconds, items, stocked):
    began = monotonic()
    with stocked:
        while not items:
            left = seconds - monotonic() - began
            if left <= 0:
                return None
            stocked.wait(left)
        return items.pop(0)


def take_that_never_gives_up(seconds, items, stocked):
    with stocked:
        while not items:
            stocked.wait(timeout=seconds)
        return items.pop(0)


def take_that_looks_once(seconds, items, stocked):
    with stocked:
        if not items and not stocked.wait(seconds):
            return None
        return items.pop(0)


def take_that_gives_up(seconds, items, stocked):
    with stocked:
        if not items:
            stocked.wait(seconds)
        return items.pop(0) if items else None


def take_that_does_not_ask(seconds, items, stocked):
    with stocked:
        stocked.wait_for(lambda: items, timeout=seconds)
        return items.pop(0)


def take_without_patience(seconds, items, stocked):
    with stocked:
        return items.pop(0) if items else None


def take_without_a_timeout(seconds, items, stocked):
    with stocked:
        stocked.wait_for(lambda: items)
        return items.pop(0)


def take_that_does_not_look_first(seconds, items, stocked):
    with stocked:
        if stocked.wait(seconds):
            return items.pop(0)
        return None


def take_that_polls(seconds, items, stocked):
    for _ in range(10):
        with stocked:
            if items:
                return items.pop(0)
        sleep(seconds / 10)
    return None


def take_that_sleeps_with_the_lock(seconds, items, stocked):
    with stocked:
        if not items:
            sleep(seconds)
        return items.pop(0) if items else None


def take_that_leaves_it(seconds, items, stocked):
    with stocked:
        return items[0] if stocked.wait_for(lambda: items, timeout=seconds) else None


def take_without_a_lambda(seconds, items, stocked):
    with stocked:
        return items.pop(0) if stocked.wait_for(items, timeout=seconds) else None


def take_without_the_lock(seconds, items, stocked):
    if not stocked.wait_for(lambda: items, timeout=seconds):
        return None
    return items.pop(0)


def take_in_two_blocks(seconds, items, stocked):
    with stocked:
        if not stocked.wait_for(lambda: items, timeout=seconds):
            return None
    with stocked:
        return items.pop(0)


def take_after_the_block(seconds, items, stocked):
    with stocked:
        there = stocked.wait_for(lambda: items, timeout=seconds)
    if there:
        return items.pop(0)


def take_without_a_result(seconds, items, stocked):
    with stocked:
        if stocked.wait_for(lambda: items, timeout=seconds):
            items.pop(0)


def take_by_hand(seconds, items, stocked):
    stocked.acquire()
    try:
        if stocked.wait_for(lambda: len(items) > 0, timeout=seconds):
            first = items[0]
            del items[0]
            return first
    finally:
        stocked.release()


def take_and_be_sorry(seconds, items, stocked):
    with stocked:
        stocked.wait_for(lambda: items, timeout=seconds)
        try:
            return items.pop(0)
        except IndexError:
            return None


def take_the_last(seconds, items, stocked):
    with stocked:
        if not stocked.wait_for(lambda: items, timeout=seconds):
            return None
        return items.pop()


def take_within_a_second(seconds, items, stocked):
    with stocked:
        return items.pop(0) if stocked.wait_for(lambda: items, timeout=1) else None


def take_within_three_seconds(seconds, items, stocked):
    with stocked:
        return items.pop(0) if stocked.wait_for(lambda: items, timeout=3) else None


def take_all(seconds, items, stocked):
    with stocked:
        if not stocked.wait_for(lambda: items, timeout=seconds):
            return None
        first = items[0]
        items.clear()
        return first


def take_the_smallest(seconds, items, stocked):
    with stocked:
        if not stocked.wait_for(lambda: items, timeout=seconds):
            return None
        item = max(items)
        items.remove(item)
        return item


def take_all_that_are_left(seconds, items, stocked):
    with stocked:
        if stocked.wait_for(lambda: items, timeout=seconds):
            first, *_ = [items.pop(0) for _ in range(len(items))]
            return first


def take_two(seconds, items, stocked):
    with stocked:
        if stocked.wait_for(lambda: items, timeout=seconds):
            item = items.pop(0)
            items[:1] = []
            return item


def take_after_the_block_and_be_sorry(seconds, items, stocked):
    with stocked:
        stocked.wait_for(lambda: items, timeout=seconds)
    try:
        return items.pop(0)
    except IndexError:
        return None


def take_after_the_block_if_there_are_any(seconds, items, stocked):
    with stocked:
        stocked.wait_for(lambda: items, timeout=seconds)
    if len(items) > 0:
        return items.pop(0)


def take_by_hand_and_keep_the_lock(seconds, items, stocked):
    stocked.acquire()
    if not stocked.wait_for(lambda: items, timeout=seconds):
        return None
    item = items.pop(0)
    stocked.release()
    return item


def take_with_a_plain_condition(seconds, items, stocked):
    own = threading.Condition()
    with own:
        return items.pop(0) if own.wait_for(lambda: items, timeout=seconds) else None


# -- 4: take turns -------------------------------------------------------------------------------------------


class Turns:
    def __init__(self, names):
        self.names, self.now, self.changed = names, 0, Condition()

    def take(self, name, job):
        with self.changed:
            self.changed.wait_for(lambda: self.names[self.now] == name)
            try:
                job()
            finally:
                self.now = (self.now + 1) % len(self.names)
                self.changed.notify_all()


class TurnsInALoop(Turns):
    def take(self, name, job):
        with self.changed:
            while self.names[self.now] != name:
                self.changed.wait()
        try:
            job()
        finally:
            with self.changed:
                self.now = (self.now + 1) % len(self.names)
                self.changed.notify_all()


class TurnsOfADeque(Turns):
    def __init__(self, names):
        self.left, self.changed = deque(names), Condition(Lock())

    def take(self, name, job):
        with self.changed:
            while self.left[0] != name:
                self.changed.wait()
            try:
                return job()
            finally:
                self.left.rotate(-1)
                self.changed.notify(len(self.left))


class TurnsWithAConditionEach(Turns):
    def __init__(self, names):
        lock = Lock()
        self.names, self.now = names, 0
        self.mine = {name: Condition(lock) for name in names}

    def take(self, name, job):
        with self.mine[name]:
            self.mine[name].wait_for(lambda: self.names[self.now] == name)
            try:
                job()
            finally:
                self.now = (self.now + 1) % len(self.names)
                self.mine[self.names[self.now]].notify()


class TurnsByHand(Turns):
    def take(self, name, job):
        self.changed.acquire()
        try:
            while self.names[0] != name:
                self.changed.wait()
            job()
        finally:
            self.names.append(self.names.pop(0))
            self.changed.notify_all()
            self.changed.release()


class TurnsThatTellInTheSameBlock(Turns):
    """Who is told needs the lock to look, and gets it when the turn has been changed."""

    def take(self, name, job):
        with self.changed:
            self.changed.wait_for(lambda: self.names[self.now] == name)
            try:
                job()
            finally:
                self.changed.notify_all()
                self.now = (self.now + 1) % len(self.names)


class TurnsChangedByTheirOwner(Turns):
    """Nobody but who has the turn changes it, and it tells under the lock after that."""

    def take(self, name, job):
        with self.changed:
            self.changed.wait_for(lambda: self.names[self.now] == name)
        try:
            job()
        finally:
            self.now = (self.now + 1) % len(self.names)
            with self.changed:
                self.changed.notify_all()


class TurnsOfEvents:
    def __init__(self, names):
        self.mine = {name: Event() for name in names}
        self.next = dict(zip(names, names[1:] + names[:1], strict=True))
        self.mine[names[0]].set()

    def take(self, name, job):
        self.mine[name].wait()
        self.mine[name].clear()
        try:
            job()
        finally:
            self.mine[self.next[name]].set()


class TurnsOfSemaphores(Turns):
    def __init__(self, names):
        self.mine = {name: Semaphore(0) for name in names}
        self.next = dict(zip(names, names[1:] + names[:1], strict=True))
        self.mine[names[0]].release()

    def take(self, name, job):
        self.mine[name].acquire()
        try:
            job()
        finally:
            self.mine[self.next[name]].release()


class TurnsOfEventsThatClearTooLate(TurnsOfEvents):
    """Before one clears its Event, the others may have had their turns, and have set it again."""

    def take(self, name, job):
        self.mine[name].wait()
        try:
            job()
        finally:
            self.mine[self.next[name]].set()
            self.mine[name].clear()


class TurnsToBuild:
    """Yours to build."""


class TurnsWithoutAMethod:
    def __init__(self, names):
        self.names = names


class TurnsThatTellOne(Turns):
    def take(self, name, job):
        with self.changed:
            self.changed.wait_for(lambda: self.names[self.now] == name)
            try:
                job()
            finally:
                self.now = (self.now + 1) % len(self.names)
                self.changed.notify()


class TurnsThatTellNobody(Turns):
    def take(self, name, job):
        with self.changed:
            self.changed.wait_for(lambda: self.names[self.now] == name)
            job()
            self.now = (self.now + 1) % len(self.names)


class TurnsThatLookOnce(Turns):
    def take(self, name, job):
        with self.changed:
            if self.names[self.now] != name:
                self.changed.wait()
            job()
            self.now = (self.now + 1) % len(self.names)
            self.changed.notify_all()


class TurnsThatLookOutside(Turns):
    def take(self, name, job):
        while self.names[self.now] != name:
            with self.changed:
                self.changed.wait()
        try:
            job()
        finally:
            with self.changed:
                self.now = (self.now + 1) % len(self.names)
                self.changed.notify_all()


class TurnsOfTheLastComer(Turns):
    """Who comes last does the jobs of all."""

    def __init__(self, names):
        super().__init__(names)
        self.jobs = {}

    def take(self, name, job):
        with self.changed:
            self.jobs[name] = job
            if len(self.jobs) < len(self.names):
                self.changed.wait()
                return
            for each in self.names:
                self.jobs.pop(each)()
            self.changed.notify_all()


class TurnsThatPoll(Turns):
    def take(self, name, job):
        while self.names[self.now] != name:
            sleep(0.1)
        job()
        self.now = (self.now + 1) % len(self.names)


class TurnsThatPollByATimeout(Turns):
    def take(self, name, job):
        with self.changed:
            while self.names[self.now] != name:
                self.changed.wait(timeout=0.1)
            job()
            self.now = (self.now + 1) % len(self.names)


class TurnsThatGiveUp(Turns):
    def take(self, name, job):
        with self.changed:
            self.changed.wait_for(lambda: self.names[self.now] == name, timeout=1)
            try:
                job()
            finally:
                self.now = (self.now + 1) % len(self.names)
                self.changed.notify_all()


class TurnsThatGiveUpAfterAMinute(Turns):
    def take(self, name, job):
        with self.changed:
            self.changed.wait_for(lambda: self.names[self.now] == name, timeout=60)
        try:
            job()
        finally:
            with self.changed:
                self.now = (self.now + 1) % len(self.names)
                self.changed.notify_all()


class TurnsThatRaiseAfterAnHour(Turns):
    def take(self, name, job):
        with self.changed:
            if not self.changed.wait_for(lambda: self.names[self.now] == name, timeout=3600):
                raise TimeoutError(name)
            try:
                job()
            finally:
                self.now = (self.now + 1) % len(self.names)
                self.changed.notify_all()


class TurnsThatReturnAfterAMinute(Turns):
    def take(self, name, job):
        with self.changed:
            if self.changed.wait_for(lambda: self.names[self.now] == name, timeout=60):
                try:
                    job()
                finally:
                    self.now = (self.now + 1) % len(self.names)
                    self.changed.notify_all()


class TurnsThatLookEachMinute(Turns):
    def take(self, name, job):
        with self.changed:
            while self.names[self.now] != name:
                self.changed.wait(timeout=60)
            try:
                job()
            finally:
                self.now = (self.now + 1) % len(self.names)
                self.changed.notify_all()


class TurnsThatTellTooEarly(Turns):
    def take(self, name, job):
        try:
            with self.changed:
                self.changed.wait_for(lambda: self.names[self.now] == name)
                try:
                    job()
                finally:
                    self.changed.notify_all()
        finally:
            self.now = (self.now + 1) % len(self.names)


class TurnsThatTellInABlockBefore(Turns):
    def take(self, name, job):
        with self.changed:
            self.changed.wait_for(lambda: self.names[self.now] == name)
            try:
                job()
            finally:
                self.changed.notify_all()
        with self.changed:
            self.now = (self.now + 1) % len(self.names)


class TurnsThatSpin(Turns):
    def take(self, name, job):
        while self.names[self.now] != name:
            pass
        job()
        self.now = (self.now + 1) % len(self.names)


class TurnsWithoutTheLock(Turns):
    def take(self, name, job):
        self.changed.wait_for(lambda: self.names[self.now] == name)
        job()
        self.now = (self.now + 1) % len(self.names)
        self.changed.notify_all()


class TurnsThatDoNotWait(Turns):
    def take(self, name, job):
        with self.changed:
            job()


class TurnsOfNobody(Turns):
    def take(self, name, job):
        job()


class TurnsPassedOnTooEarly(Turns):
    def take(self, name, job):
        with self.changed:
            self.changed.wait_for(lambda: self.names[self.now] == name)
            self.now = (self.now + 1) % len(self.names)
            self.changed.notify_all()
        job()


class TurnsThatEnd(Turns):
    def take(self, name, job):
        with self.changed:
            self.changed.wait_for(lambda: self.names[self.now] == name)
            job()
            self.now += 1
            self.changed.notify_all()


class TurnsOfThree(Turns):
    def take(self, name, job):
        with self.changed:
            self.changed.wait_for(lambda: self.names[self.now] == name)
            try:
                job()
            finally:
                self.now = (self.now + 1) % 3
                self.changed.notify_all()


class TurnsByName(Turns):
    def __init__(self, names):
        super().__init__(sorted(names))


class TurnsLostByAnError(Turns):
    def take(self, name, job):
        with self.changed:
            self.changed.wait_for(lambda: self.names[self.now] == name)
            job()
            self.now = (self.now + 1) % len(self.names)
            self.changed.notify_all()


class TurnsThatHideErrors(Turns):
    def take(self, name, job):
        with suppress(Exception):
            super().take(name, job)


class TurnsWithoutJobs(Turns):
    def take(self, name, job):
        super().take(name, lambda: None)


# -- what the checks must say of them ------------------------------------------------------------------------

RIGHT = {
    "check_reading": [
        ("baker", 3),
        ["baker", 3.0],
        "baker, 3 s",
        {"who": "baker", "s": 3},
        "3 s, Baker",
    ],
    "check_latch": [
        Latch,
        LatchThatTellsOnce,
        LatchWithALoop,
        LatchByHand,
        LatchThatStopsAtZero,
        LatchWithAFlag,
    ],
    "check_take_within": [
        take_within,
        take_with_a_short_form,
        take_with_a_deadline,
        take_by_hand,
        take_and_be_sorry,
    ],
    "check_turns": [
        Turns,
        TurnsInALoop,
        TurnsOfADeque,
        TurnsWithAConditionEach,
        TurnsByHand,
        TurnsThatTellInTheSameBlock,
        TurnsChangedByTheirOwner,
        TurnsOfEvents,
        TurnsOfSemaphores,
    ],
}
WRONG = {
    "check_reading": {
        ("?", 0): "Your answer has no names and 1 number",
        "baker": "1 name and no numbers",
        ("ann", 3): "Ann released the lock that ben needed, but did not wake him",
        ("ben", 3): "he cannot wake himself",
        ("baker", 8): "8 s is the time at which he went on",
        ("baker", 5): "5 s is the time at which he was woken",
        ("baker", 4): "4 s is how long he slept before he was woken",
        ("baker", 7): "7 s is all of his wait",
        ("baker", 1): "He did not go on 1 s after he was woken",
        ("ann and baker", 3): "2 names and 1 number",
    },
    "check_latch": {
        LatchThatPolls: "that is polling",
        LatchThatPollsWithTheLock: "that is polling",
        LatchThatSpins: "looks again and again",
        LatchThatKeepsTheLock: "that is polling",
        LatchForOne: "`self.changed.notify_all()`",
        LatchThatTellsNobody: "`self.changed.notify_all()`",
        LatchThatLooksOnce: "wait in a `while` loop",
        LatchThatDoesNotLook: "Neither a notification nor a time-out says that the count is 0",
        LatchWithoutTheLock: "when you wait and when you notify",
        LatchWithoutALambda: "`wait_for(lambda: ...)`",
        LatchThatWaitsWithoutTheLock: "un-acquired lock",
        LatchThatCountsOutside: "while you hold the Condition's lock",
        LatchThatTellsTooEarly: "in one block of the lock, first change it and then wake all",
        LatchThatTellsBeforeTheLast: "first change it and then wake all who wait",
        LatchThatKeepsItsLock: "Take the lock by `with`",
        LatchThatKeepsItsLockWhereItIsOpen: "latecomer ended while it held",
        LatchWithoutACount: "Your code failed with TypeError",
        LatchWithATimeout: "nor a time-out says that the count is 0",
        LatchWithALongTimeout: "Wait without one",
        LatchThatPollsWithATimeout: "Wait without one",
        LatchThatMayMissIt: "in one block of the lock",
        LatchThatHoldsUpTheJobs: "job_1 was held up in `count_down()`",
        LatchForTwo: "`self.changed.notify_all()`",
        LatchThatLooksTwice: "wait in a `while` loop",
        LatchThatWantsZero: "A latch that is open stays open",
        LatchWithTheTestTurnedRound: "or with `wait_for`, until it is",
        LatchWithTheTestOfTheLoop: "ann and bob and cem went on before all jobs were done",
        LatchWhoseJobsWaitWhereItIsOpen: "one_more was held up in `count_down()`",
        LatchThatTakesALockTwice: "which it holds itself",
        LatchWithAPlainCondition: "Write `from tracing import Condition`",
    },
    "check_take_within": {
        take_that_begins_anew: "the time begins anew",
        take_after_so_many_waits: "gave up after 0.8 s, when it was woken in vain",
        take_with_a_slip_in_the_sum: "gave up after 0.0 s. Look again",
        take_that_never_gives_up: "unlucky was to wait 1 s, and still waits. Return None",
        take_in_small_steps: "gave up after 0.9 s, when it was woken in vain",
        take_that_looks_once: "look before you take",
        take_that_gives_up: "when it was woken in vain",
        take_that_does_not_ask: "look before you take",
        take_within_a_second: "patient was to wait 3 s, and came back after 1.0 s",
        take_within_three_seconds: "unlucky was to wait 1 s, but waited 3.0 s",
        take_without_patience: "patient was to wait 3 s, and came back after 0.0 s",
        take_without_a_timeout: "Give `wait_for` the timeout",
        take_that_does_not_look_first: "look before you take",
        take_that_polls: "that is polling",
        take_that_sleeps_with_the_lock: "that is polling",
        take_that_leaves_it: "`items.pop(0)`",
        take_without_the_lock: "Hold the Condition's lock",
        take_without_a_lambda: "`wait_for(lambda: ...)`",
        take_in_two_blocks: "Look and take in one `with stocked:`",
        take_after_the_block: "Look and take in one `with stocked:`",
        take_without_a_result: "but early got None",
        take_the_last: "bread, milk, jam were there, and early took 'jam'. Take the first item",
        take_all: "early took 'bread', of bread, milk, jam; now there is []",
        take_the_smallest: "Take the first item",
        take_all_that_are_left: "Take the first item alone",
        take_that_does_not_look_when_time_is_up: "look once more, as `wait_for` does",
        take_and_return_the_list: "but early got ['bread', 'milk', 'jam']",
        take_two: "now there is ['jam']",
        take_after_the_block_and_be_sorry: "gave up too soon",
        take_after_the_block_if_there_are_any: "Look and take in one `with stocked:`",
        take_by_hand_and_keep_the_lock: "unlucky ended while it held Shop.stocked.lock",
        take_with_a_plain_condition: "Write `from tracing import Condition`",
    },
    "check_turns": {
        TurnsToBuild: "() takes no arguments",
        TurnsWithoutAMethod: "Does your class have what the exercise calls?",
        TurnsThatTellOne: "`notify()` may wake one whose turn it is not",
        TurnsThatTellNobody: "tell all, by `notify_all()`",
        TurnsThatLookOnce: "Wait in a `while` loop",
        TurnsThatLookOutside: "look and begin to wait in one block of the lock",
        TurnsOfEventsThatClearTooLate: "had cleared again",
        TurnsOfTheLastComer: "bob's job failed, and the others wait for ever",
        TurnsThatPoll: "that is polling",
        TurnsThatPollByATimeout: "To look again and again is polling",
        TurnsThatGiveUp: "A wait of bob gave up by its time-out",
        TurnsThatGiveUpAfterAMinute: "A wait of bob gave up by its time-out",
        TurnsThatRaiseAfterAnHour: "A wait of bob gave up by its time-out",
        TurnsThatReturnAfterAMinute: "A wait of bob gave up by its time-out",
        TurnsThatLookEachMinute: "To look again and again is polling",
        TurnsThatTellTooEarly: "Change the turn under the lock, to the next of all the names, and only then",
        TurnsThatTellInABlockBefore: "only then tell: who is told before that looks, and sleeps again",
        TurnsThatSpin: "looks again and again",
        TurnsWithoutTheLock: "Hold the Condition's lock",
        TurnsThatDoNotWait: "Wait in a `while` loop",
        TurnsOfNobody: "Wait for the turn, and pass it on when the job is over",
        TurnsPassedOnTooEarly: "pass it on when the job is over, not before",
        TurnsThatEnd: "list index out of range",
        TurnsOfThree: "Change the turn under the lock, to the next of all the names",
        TurnsByName: "in the order in which the names were given",
        TurnsLostByAnError: "Pass the turn on in a `finally`",
        TurnsThatHideErrors: "Let the exception pass",
        TurnsWithoutJobs: "0 jobs were done, of 3",
    },
}
