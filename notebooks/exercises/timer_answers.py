"""Answers to the exercises of lesson 09: right ones, and wrong ones with what the check must say of them.

The stubs of the notebook are among the wrong ones. tests/test_exercises.py runs them all. Long, because each
answer stands whole, as a learner would write it, and all answers of a lesson stand in one file.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from time import monotonic

from tracing import Condition, Event, Lock, Thread, Timer, sleep

# -- 2: an alarm, unless the work ends in time ---------------------------------------------------------------


def call_with_alarm(work, seconds, alarm):
    timer = Timer(seconds, alarm)
    timer.start()
    try:
        return work()
    finally:
        timer.cancel()


def alarm_of_a_daemon(work, seconds, alarm):
    timer = Timer(seconds, alarm)
    timer.daemon = True
    timer.start()
    try:
        result = work()
    finally:
        timer.cancel()
        timer.join()
    return result


def alarm_never_cancelled(work, seconds, alarm):
    timer = Timer(seconds, alarm)
    timer.start()
    return work()


def alarm_cancelled_without_brackets(work, seconds, alarm):
    timer = Timer(seconds, alarm)
    timer.start()
    try:
        return work()
    finally:
        timer.cancel  # noqa: B018


def alarm_cancelled_where_all_goes_well(work, seconds, alarm):
    timer = Timer(seconds, alarm)
    timer.start()
    result = work()
    timer.cancel()
    return result


def alarm_called_at_once(work, seconds, alarm):
    timer = Timer(seconds, alarm())
    timer.start()
    try:
        return work()
    finally:
        timer.cancel()


def alarm_never_started(work, seconds, alarm):
    timer = Timer(seconds, alarm)
    try:
        return work()
    finally:
        timer.cancel()


def alarm_without_a_timer(work, seconds, alarm):
    began = monotonic()
    try:
        return work()
    finally:
        if monotonic() - began > seconds:
            alarm()


def alarm_started_after_the_work(work, seconds, alarm):
    timer = Timer(seconds, alarm)
    result = work()
    timer.start()
    timer.cancel()
    return result


def alarm_run_instead_of_started(work, seconds, alarm):
    timer = Timer(seconds, alarm)
    timer.run()
    try:
        return work()
    finally:
        timer.cancel()


def alarm_waited_for(work, seconds, alarm):
    timer = Timer(seconds, alarm)
    timer.start()
    timer.join()
    return work()


def work_in_the_timer(work, seconds, alarm):
    timer = Timer(seconds, work)
    timer.start()
    timer.join()


def alarm_without_a_result(work, seconds, alarm):
    timer = Timer(seconds, alarm)
    timer.start()
    try:
        work()
    finally:
        timer.cancel()


def alarm_after_work_twice(work, seconds, alarm):
    timer = Timer(seconds, alarm)
    timer.start()
    work()
    timer.cancel()
    return work()


def alarm_that_returns_the_words_of_the_error(work, seconds, alarm):
    timer = Timer(seconds, alarm)
    timer.start()
    try:
        return work()
    except Exception as error:
        return str(error)
    finally:
        timer.cancel()


def alarm_that_swallows(work, seconds, alarm):
    timer = Timer(seconds, alarm)
    timer.start()
    try:
        return work()
    except Exception:
        return None
    finally:
        timer.cancel()


def alarm_that_keeps_none(work, seconds, alarm):
    timer = Timer(seconds, alarm).start()
    try:
        return work()
    finally:
        timer.cancel()


def alarm_by_a_thread(work, seconds, alarm):
    def watch():
        if not over.wait(seconds):
            alarm()

    over = Event()
    Thread(target=watch).start()
    try:
        return work()
    finally:
        over.set()


def alarm_cancelled_on_both_ways(work, seconds, alarm):
    timer = Timer(interval=seconds, function=alarm)
    timer.start()
    try:
        result = work()
    except BaseException:
        timer.cancel()
        raise
    timer.cancel()
    return result


def alarm_with_a_lambda(work, seconds, alarm):
    ended = []
    timer = Timer(seconds, lambda: ended or alarm())
    timer.start()
    try:
        return work()
    finally:
        ended.append(True)
        timer.cancel()


def alarm_after_two_seconds(work, seconds, alarm):
    timer = Timer(2, alarm)
    timer.start()
    try:
        return work()
    finally:
        timer.cancel()


def alarm_that_rings_twice(work, seconds, alarm):
    timers = [Timer(seconds, alarm), Timer(seconds + 1, alarm)]
    for timer in timers:
        timer.start()
    try:
        return work()
    finally:
        for timer in timers:
            timer.cancel()


def alarm_beside_a_pool(work, seconds, alarm):
    with ThreadPoolExecutor(max_workers=1) as pool:
        future = pool.submit(work)
        try:
            return future.result(timeout=seconds)
        except TimeoutError:
            alarm()
            return future.result()


def alarm_beside_a_thread_that_fails(work, seconds, alarm):
    results = []
    worker = Thread(target=lambda: results.append(work()), name="worker")
    worker.start()
    worker.join(seconds)
    if worker.is_alive():
        alarm()
        worker.join()
    return results[0]


def alarm_by_a_thread_that_sleeps(work, seconds, alarm):
    def watch():
        sleep(seconds)
        alarm()

    Thread(target=watch).start()
    return work()


def alarm_cancelled_unless_it_fails_late(work, seconds, alarm):
    began = monotonic()
    timer = Timer(seconds, alarm)
    timer.start()
    try:
        return work()
    except LookupError:
        if monotonic() - began < 1.5:
            raise
    finally:
        timer.cancel()


def alarm_of_a_plain_timer(work, seconds, alarm):
    timer = threading.Timer(seconds, alarm)
    timer.start()
    try:
        return work()
    finally:
        timer.cancel()


def alarm_in_a_stack(work, seconds, alarm):
    with ExitStack() as stack:
        timer = Timer(seconds, alarm)
        timer.start()
        stack.callback(timer.cancel)
        return work()


def alarm_again_and_again(work, seconds, alarm):
    def watch():
        while not over.wait(seconds - 0.5):
            alarm()

    over = Event()
    Thread(target=watch).start()
    try:
        return work()
    finally:
        over.set()


def alarm_in_half_the_time(work, seconds, alarm):
    timer = Timer(seconds / 2, alarm)
    timer.start()
    try:
        return work()
    finally:
        timer.cancel()


def alarm_that_suppresses(work, seconds, alarm):
    timer = Timer(seconds, alarm)
    timer.start()
    with suppress(Exception):
        return work()
    timer.cancel()


def alarm_cancelled_and_suppressed(work, seconds, alarm):
    timer = Timer(seconds, alarm)
    timer.start()
    try:
        with suppress(Exception):
            return work()
    finally:
        timer.cancel()


def alarm_before_the_seconds(work, seconds, alarm):
    timer = Timer(alarm, seconds)
    timer.start()
    try:
        return work()
    finally:
        timer.cancel()


def alarm_cancelled_at_once(work, seconds, alarm):
    timer = Timer(seconds, alarm)
    timer.start()
    timer.cancel()
    return work()


# -- 3: search when the typing stops -------------------------------------------------------------------------


class Debounced:
    def __init__(self, seconds, function):
        self.seconds, self.function = seconds, function
        self.timer, self.guard = None, Lock()

    def press(self, text):
        with self.guard:
            if self.timer:
                self.timer.cancel()
            self.timer = Timer(self.seconds, self.function, args=(text,))
            self.timer.start()


class DebouncedByNumbers:
    def __init__(self, seconds, function):
        self.seconds, self.function = seconds, function
        self.guard, self.last = Lock(), 0

    def press(self, text):
        with self.guard:
            self.last += 1
            Timer(self.seconds, self.search, args=(self.last, text)).start()

    def search(self, number, text):
        with self.guard:
            is_last = number == self.last
        if is_last:
            self.function(text)


class DebouncedByJoining(Debounced):
    def press(self, text):
        with self.guard:
            if self.timer is not None:
                self.timer.cancel()
                self.timer.join()
            self.timer = Timer(self.seconds, lambda: self.function(text))
            self.timer.start()


class DebouncedAsTheStub(Debounced):
    def press(self, text):
        self.timer = Timer(self.seconds, self.function, args=(text,))
        self.timer.start()


class EachKeySearches:
    def __init__(self, seconds, function):
        self.seconds, self.function = seconds, function

    def press(self, text):
        Timer(self.seconds, self.function, args=(text,)).start()


class DebouncedWithoutALock:
    def __init__(self, seconds, function):
        self.seconds, self.function, self.timer = seconds, function, None

    def press(self, text):
        if self.timer:
            self.timer.cancel()
        self.timer = Timer(self.seconds, self.function, args=(text,))
        self.timer.start()


class DebouncedLockedTooShort(Debounced):
    def press(self, text):
        with self.guard:
            if self.timer:
                self.timer.cancel()
        self.timer = Timer(self.seconds, self.function, args=(text,))
        self.timer.start()


class DebouncedOneTimer:
    def __init__(self, seconds, function):
        self.seconds, self.function, self.timer, self.guard = seconds, function, None, Lock()

    def press(self, text):
        with self.guard:
            if self.timer is None:
                self.timer = Timer(self.seconds, self.function, args=(text,))
                self.timer.start()


class DebouncedStartedAgain:
    def __init__(self, seconds, function):
        self.timer, self.guard = Timer(seconds, function, args=("thr",)), Lock()

    def press(self, text):
        with self.guard:
            self.timer.cancel()
            self.timer.start()


class DebouncedAtOnce(Debounced):
    def press(self, text):
        with self.guard:
            if self.timer:
                self.timer.cancel()
            self.timer = Timer(self.seconds, self.function(text))
            self.timer.start()


class DebouncedBySleeping(Debounced):
    def press(self, text):
        with self.guard:
            sleep(self.seconds)
            self.function(text)


class DebouncedNeverStarted(Debounced):
    def press(self, text):
        with self.guard:
            if self.timer:
                self.timer.cancel()
            self.timer = Timer(self.seconds, self.function, args=(text,))


class DebouncedByThreads(Debounced):
    def press(self, text):
        Thread(target=lambda: (sleep(self.seconds), self.function(text))).start()


class DebouncedThatKeepsTheLock(Debounced):
    def press(self, text):
        self.guard.acquire()
        if self.timer:
            self.timer.cancel()
        self.timer = Timer(self.seconds, self.function, args=(text,))
        self.timer.start()


class DebouncedThatForgets(Debounced):
    def press(self, text):
        with self.guard:
            if self.timer:
                self.timer.cancel()
            Timer(self.seconds, self.function, args=(text,)).start()


class DebouncedThatNeverLooks(Debounced):
    def press(self, text):
        with self.guard:
            self.timer.cancel()
            self.timer = Timer(self.seconds, self.function, args=(text,))
            self.timer.start()


class DebouncedWithoutInit:
    def __init__(self, seconds, function):
        self.seconds, self.function = seconds, function

    def press(self, text):
        self.timer.cancel()
        self.timer = Timer(self.seconds, self.function, args=(text,))
        self.timer.start()


class DebouncedWithoutAComma(Debounced):
    def press(self, text):
        with self.guard:
            if self.timer:
                self.timer.cancel()
            self.timer = Timer(self.seconds, self.function, args=(text))
            self.timer.start()


class DebouncedByOneThread:
    def __init__(self, seconds, function):
        self.seconds, self.function = seconds, function
        self.changed, self.text, self.due = Condition(), "", None
        Thread(target=self.serve, daemon=True).start()

    def press(self, text):
        with self.changed:
            self.text, self.due = text, monotonic() + self.seconds
            self.changed.notify()

    def serve(self):
        while True:
            with self.changed:
                while self.due is None:
                    self.changed.wait()
                while (left := self.due - monotonic()) > 0:
                    self.changed.wait(left)
                text, self.due = self.text, None
            self.function(text)


class DebouncedWithoutBrackets(Debounced):
    def press(self, text):
        with self.guard:
            if self.timer:
                self.timer.cancel  # noqa: B018
            self.timer = Timer(self.seconds, self.function, args=(text,))
            self.timer.start()


class DebouncedWithoutTheText(Debounced):
    def press(self, text):
        with self.guard:
            if self.timer:
                self.timer.cancel()
            self.timer = Timer(self.seconds, self.function)
            self.timer.start()


class DebouncedKeepsNone(Debounced):
    def press(self, text):
        with self.guard:
            if self.timer:
                self.timer.cancel()
            self.timer = Timer(self.seconds, self.function, args=(text,)).start()


class DebouncedByEvents:
    def __init__(self, seconds, function):
        self.seconds, self.function = seconds, function
        self.newer, self.guard = Event(), Lock()

    def press(self, text):
        with self.guard:
            self.newer.set()
            self.newer = newer = Event()
        Thread(target=self.search, args=(newer, text)).start()

    def search(self, newer, text):
        if not newer.wait(self.seconds):
            self.function(text)


class DebouncedByHand(Debounced):
    def press(self, text):
        timer = Timer(self.seconds, lambda: self.function(text))
        self.guard.acquire()
        try:
            if self.timer is not None:
                self.timer.cancel()
            self.timer = timer
            timer.start()
        finally:
            self.guard.release()


class DebouncedForTwoSeconds(Debounced):
    def __init__(self, seconds, function):
        super().__init__(2, function)


class DebouncedWithAMark(Debounced):
    def press(self, text):
        old = getattr(self, "timer", None)
        if old:
            old.cancel()
        timer = Timer(self.seconds, self.function, args=(text,))
        setattr(self, "timer", timer)  # noqa: B010
        timer.start()


class DebouncedWithALockEach(Debounced):
    def press(self, text):
        with Lock():
            if self.timer:
                self.timer.cancel()
            self.timer = Timer(self.seconds, self.function, args=(text,))
            self.timer.start()


class DebouncedForTheFirstLetters(Debounced):
    def press(self, text):
        super().press(text[:3])


class DebouncedOfPlainTimers(Debounced):
    def press(self, text):
        with self.guard:
            if self.timer:
                self.timer.cancel()
            self.timer = threading.Timer(self.seconds, self.function, args=(text,))
            self.timer.start()


class DebouncedJoinedUnderTheLockOfItsCallback(Debounced):
    def press(self, text):
        with self.guard:
            if self.timer:
                self.timer.cancel()
                self.timer.join()
            self.timer = Timer(self.seconds, self.fire, args=(text,))
            self.timer.start()

    def fire(self, text):
        with self.guard:
            self.function(text)


class DebouncedByOneText(Debounced):
    def press(self, text):
        with self.guard:
            self.text = text
            if self.timer:
                self.timer.cancel()
            self.timer = Timer(self.seconds, self.fire)
            self.timer.start()

    def fire(self):
        self.function(self.text)


class DebouncedByTheClock(Debounced):
    def press(self, text):
        self.last = monotonic()
        Timer(self.seconds, self.fire, args=(text,)).start()

    def fire(self, text):
        if monotonic() - self.last >= self.seconds:
            self.function(text)


class _DebouncedThatFires(Debounced):
    def press(self, text):
        with self.guard:
            if self.timer:
                self.timer.cancel()
            self.timer = Timer(self.seconds, self.fire, args=(text,))
            self.timer.start()


class DebouncedThatForgetsTheNewer(_DebouncedThatFires):
    def fire(self, text):
        with self.guard:
            self.timer = None
        self.function(text)


class DebouncedThatForgetsTheNewerLater(_DebouncedThatFires):
    def fire(self, text):
        self.function(text)
        with self.guard:
            self.timer = None


class DebouncedThatForgetsWithoutTheLock(_DebouncedThatFires):
    def fire(self, text):
        self.timer = None
        self.function(text)


class DebouncedThatForgetsLaterWithoutTheLock(_DebouncedThatFires):
    def fire(self, text):
        self.function(text)
        self.timer = None


class DebouncedThatCancelsTheNewer(_DebouncedThatFires):
    def fire(self, text):
        with self.guard:
            self.timer.cancel()
        self.function(text)


class DebouncedByAFlag(Debounced):
    pending = False

    def press(self, text):
        with self.guard:
            if self.pending:
                self.timer.cancel()
            self.timer, self.pending = Timer(self.seconds, self.fire, args=(text,)), True
            self.timer.start()

    def fire(self, text):
        with self.guard:
            self.pending = False
        self.function(text)


class DebouncedThatForgetsItsOwn(Debounced):
    def press(self, text):
        with self.guard:
            if self.timer:
                self.timer.cancel()
            self.timer = timer = Timer(self.seconds, lambda: self.fire(timer, text))
            timer.start()

    def fire(self, timer, text):
        with self.guard:
            if self.timer is timer:
                self.timer = None
        self.function(text)


class DebouncedThatForgetsItsOwnWithoutTheLock(DebouncedThatForgetsItsOwn):
    def fire(self, timer, text):
        if self.timer is timer:
            self.timer = None
        self.function(text)


class DebouncedByADeadline(Debounced):
    """One timer at a time: when it fires too early, it starts one for the rest."""

    def press(self, text):
        with self.guard:
            self.text, self.due = text, monotonic() + self.seconds
            if self.timer is None:
                self.wait(self.seconds)

    def wait(self, seconds):
        self.timer = Timer(seconds, self.fire)
        self.timer.start()

    def fire(self):
        with self.guard:
            if (left := self.due - monotonic()) > 0:
                self.wait(left)
                return
            text, self.timer = self.text, None
        self.function(text)


class DebouncedByADeadlineThatLosesAKey(DebouncedByADeadline):
    def fire(self):
        with self.guard:
            if (left := self.due - monotonic()) > 0:
                self.wait(left)
                return
            text = self.text
        self.function(text)
        with self.guard:
            self.timer = None


# -- 4: called off, or not? ----------------------------------------------------------------------------------


class Later:
    def __init__(self, seconds, function):
        self.function, self.guard, self.open = function, Lock(), True
        self.timer = Timer(seconds, self.call)
        self.timer.start()

    def comes_first(self):
        with self.guard:
            first, self.open = self.open, False
        return first

    def call(self):
        if self.comes_first():
            self.function()

    def call_off(self):
        self.timer.cancel()
        return self.comes_first()


class LaterThatJoins:
    def __init__(self, seconds, function):
        self.function, self.called = function, False
        self.timer = Timer(seconds, self.call)
        self.timer.start()

    def call(self):
        self.called = True
        self.function()

    def call_off(self):
        self.timer.cancel()
        self.timer.join()
        return not self.called


class LaterWithATicket:
    def __init__(self, seconds, function):
        self.function, self.ticket = function, Lock()
        self.timer = Timer(seconds, self.call)
        self.timer.start()

    def call(self):
        if self.ticket.acquire(blocking=False):
            self.function()

    def call_off(self):
        self.timer.cancel()
        return self.ticket.acquire(blocking=False)


class LaterAlwaysTrue:
    def __init__(self, seconds, function):
        self.function = function
        self.timer = Timer(seconds, self.call)
        self.timer.start()

    def call(self):
        self.function()

    def call_off(self):
        self.timer.cancel()
        return True


class LaterThatReturnsCancel(LaterAlwaysTrue):
    def call_off(self):
        return self.timer.cancel()


class LaterAlive(LaterAlwaysTrue):
    def call_off(self):
        alive = self.timer.is_alive()
        self.timer.cancel()
        return alive


class LaterFlagFirst(LaterThatJoins):
    def call_off(self):
        self.timer.cancel()
        return not self.called


class LaterFlagLast(LaterFlagFirst):
    def call(self):
        self.function()
        self.called = True


class LaterJoinsForAMoment(LaterFlagLast):
    def call_off(self):
        self.timer.cancel()
        self.timer.join(0.1)
        return not self.called


class LaterCalledAtOnce(LaterAlwaysTrue):
    def __init__(self, seconds, function):
        self.timer = Timer(seconds, function())
        self.timer.start()


class LaterTwoFlags(LaterAlwaysTrue):
    def __init__(self, seconds, function):
        self.off = self.called = False
        super().__init__(seconds, function)

    def call(self):
        if not self.off:
            self.called = True
            self.function()

    def call_off(self):
        self.off = True
        self.timer.cancel()
        return not self.called


class LaterLockedTwice(LaterAlwaysTrue):
    def __init__(self, seconds, function):
        self.guard, self.off, self.called = Lock(), False, False
        super().__init__(seconds, function)

    def call(self):
        with self.guard:
            off = self.off
        if not off:
            with self.guard:
                self.called = True
            self.function()

    def call_off(self):
        with self.guard:
            self.off = True
            return not self.called


class LaterNeverCancelled(LaterAlwaysTrue):
    def call_off(self):
        return True


class LaterJoinsUnderTheLock(Later):
    def call_off(self):
        self.timer.cancel()
        with self.guard:
            self.timer.join()
            return self.open


class LaterTheWrongWayRound(Later):
    def call_off(self):
        self.timer.cancel()
        return not self.comes_first()


class LaterNotStarted(Later):
    def __init__(self, seconds, function):
        self.function, self.guard, self.open = function, Lock(), True
        self.timer = Timer(seconds, self.call)


class LaterByAThread:
    def __init__(self, seconds, function):
        self.seconds, self.function = seconds, function
        self.off, self.ticket = Event(), Lock()
        Thread(target=self.wait).start()

    def wait(self):
        if not self.off.wait(self.seconds) and self.ticket.acquire(blocking=False):
            self.function()

    def call_off(self):
        self.off.set()
        return self.ticket.acquire(blocking=False)


class LaterWithALock(Later):
    def __init__(self, seconds, function):
        self.function, self.ticket = function, Lock()
        self.timer = Timer(seconds, self.call)
        self.timer.start()

    def call(self):
        if self.ticket.acquire(blocking=False):
            self.function()

    def call_off(self):
        return self.ticket.acquire(blocking=False)


class LaterToBuild:
    """Yours to build."""


class LaterAfterTwoSeconds(Later):
    def __init__(self, seconds, function):
        super().__init__(2, function)


class LaterWithAMark(LaterAlwaysTrue):
    def call(self):
        if not hasattr(self, "mark"):
            self.mark = "called"
            self.function()

    def call_off(self):
        self.timer.cancel()
        if not hasattr(self, "mark"):
            self.mark = "off"
            return True
        return False


class LaterWithAListOfMarks(LaterAlwaysTrue):
    def __init__(self, seconds, function):
        self.marks = []
        super().__init__(seconds, function)

    def call(self):
        if not self.marks:
            self.marks.append("called")
            self.function()

    def call_off(self):
        self.timer.cancel()
        if not self.marks:
            self.marks.append("off")
        return self.marks[0] == "off"


class LaterOfAPlainTimer(Later):
    def __init__(self, seconds, function):
        self.function, self.guard, self.open = function, Lock(), True
        self.timer = threading.Timer(seconds, self.call)
        self.timer.start()


class LaterByACondition:
    def __init__(self, seconds, function):
        self.seconds, self.function = seconds, function
        self.changed, self.state = Condition(), "pending"
        Thread(target=self.wait).start()

    def wait(self):
        with self.changed:
            if self.changed.wait_for(lambda: self.state == "off", timeout=self.seconds):
                return
            self.state = "called"
        self.function()

    def call_off(self):
        with self.changed:
            if self.state == "pending":
                self.state = "off"
                self.changed.notify()
            return self.state == "off"


class LaterBeforeTheSeconds(Later):
    def __init__(self, seconds, function):
        self.function, self.guard, self.open = function, Lock(), True
        self.timer = Timer(self.call, seconds)
        self.timer.start()


class LaterTwice(LaterWithATicket):
    def call(self):
        if self.ticket.acquire(blocking=False):
            self.function()
            self.function()


class LaterByTheClock(LaterAlwaysTrue):
    def __init__(self, seconds, function):
        self.due = monotonic() + seconds
        super().__init__(seconds, function)

    def call_off(self):
        self.timer.cancel()
        return monotonic() < self.due


class LaterInTimeByTheClock(LaterAlwaysTrue):
    def __init__(self, seconds, function):
        self.began, self.seconds = monotonic(), seconds
        super().__init__(seconds, function)

    def call_off(self):
        if monotonic() - self.began < self.seconds:
            self.timer.cancel()
            return True
        return False


# -- what the checks must say of them ------------------------------------------------------------------------

RIGHT = {
    "check_reading": [("tea", 6), ["Tea", 6.0], "tea, 6 s", {"which": "tea", "s": 6}, "6 seconds; tea"],
    "check_call_with_alarm": [
        call_with_alarm,
        alarm_of_a_daemon,
        alarm_by_a_thread,
        alarm_cancelled_on_both_ways,
        alarm_with_a_lambda,
        alarm_in_a_stack,
        alarm_beside_a_pool,
    ],
    "check_later": [
        Later,
        LaterThatJoins,
        LaterWithATicket,
        LaterByAThread,
        LaterWithALock,
        LaterByACondition,
    ],
    "check_debounce": [
        Debounced,
        DebouncedByNumbers,
        DebouncedByEvents,
        DebouncedByHand,
        DebouncedByJoining,
        DebouncedByOneThread,
        DebouncedThatForgetsItsOwn,
        DebouncedByADeadline,
    ],
}
WRONG = {
    "check_reading": {
        ("?", 0): "Your answer has no names and 1 number",
        "tea": "1 name and no numbers",
        ("egg", 6): "The callback egg had begun before it was cancelled",
        ("bread", 6): "bread had begun before it was cancelled. Look at its row",
        ("tea", 3): "At 3 s a callback has not ended yet",
        ("tea", 5): "At 5 s a callback has not ended yet",
        ("tea", 2): "which of the rows ends last",
        ("tea", 4): "which of the rows ends last",
        ("tea and egg", 6): "2 names and 1 number",
    },
    "check_call_with_alarm": {
        alarm_never_cancelled: "Cancel the timer after the work",
        alarm_cancelled_without_brackets: "with the brackets: `timer.cancel()`",
        alarm_cancelled_where_all_goes_well: "Cancel on every way out",
        alarm_called_at_once: "Give the Timer the function itself",
        alarm_never_started: "start it before `work()`",
        alarm_without_a_timer: "No timer was started",
        alarm_started_after_the_work: "start it before, cancel it after",
        alarm_run_instead_of_started: "go on with `work()` at once",
        alarm_waited_for: "go on with `work()` at once",
        work_in_the_timer: "Call `work()` here",
        alarm_without_a_result: "Return what `work()` returns",
        alarm_after_work_twice: "Call `work()` once",
        alarm_that_swallows: "Let it pass: no `except`",
        alarm_that_returns_the_words_of_the_error: "Let it pass: no `except`",
        alarm_that_keeps_none: "`start()` returns None, or no timer was made yet",
        alarm_after_two_seconds: "The alarm rang after 2.0 s, and `seconds` was 12",
        alarm_that_rings_twice: "The alarm rang 2 times",
        alarm_by_a_thread_that_sleeps: "No timer was started",
        alarm_beside_a_thread_that_fails: "The work was done in another thread",
        alarm_cancelled_unless_it_fails_late: "Let it pass: no `except`",
        alarm_again_and_again: "The alarm rang 2 times",
        alarm_in_half_the_time: "The alarm rang after 1.0 s, and `seconds` was 2",
        alarm_that_suppresses: "Cancel the timer after the work",
        alarm_cancelled_and_suppressed: "no `suppress`, no `return` in a `finally`",
        alarm_before_the_seconds: "the seconds first",
        alarm_cancelled_at_once: "The work took 4 s, and no alarm rang after 2 s",
        alarm_of_a_plain_timer: "Write `from tracing import Timer`",
    },
    "check_later": {
        LaterToBuild: "() takes no arguments",
        LaterAlwaysTrue: "Let the timer call a method of yours that remembers it",
        LaterThatReturnsCancel: "Return True or False",
        LaterAlive: "remembers it, and then calls the function",
        LaterFlagFirst: "look and change under one lock",
        LaterFlagLast: "remembers it, and then calls the function",
        LaterJoinsForAMoment: "remembers it, and then calls the function",
        LaterCalledAtOnce: "Give the Timer the function itself",
        LaterTwoFlags: "under one lock",
        LaterLockedTwice: "under one lock",
        LaterNeverCancelled: "Cancel the timer",
        LaterJoinsUnderTheLock: "never while you wait for the timer",
        LaterTheWrongWayRound: "True means: it will never be called",
        LaterNotStarted: "Keep `self.timer.start()`",
        LaterAfterTwoSeconds: "planned for 5 s, called off after 4 s, and made all the same",
        LaterWithAMark: "look and change under one lock",
        LaterWithAListOfMarks: "look and change under one lock",
        LaterBeforeTheSeconds: "the seconds first",
        LaterTwice: "The function was called 2 times",
        LaterInTimeByTheClock: "the timer had fired, and its thread was on its way",
        LaterByTheClock: "`call_off()` said",
        LaterOfAPlainTimer: "Write `from tracing import Timer`",
    },
    "check_debounce": {
        DebouncedAsTheStub: "cancel the timer of the key before",
        EachKeySearches: "cancel the timer of the key before",
        DebouncedWithoutALock: "under one lock",
        DebouncedLockedTooShort: "under one lock",
        DebouncedOneTimer: "Search for the text of the last key",
        DebouncedStartedAgain: "Make a new Timer for each key",
        DebouncedAtOnce: "function itself",
        DebouncedBySleeping: "Let a Timer do it",
        DebouncedNeverStarted: "No timer was started",
        DebouncedByThreads: "Let a Timer do it",
        DebouncedThatKeepsTheLock: "Hold the lock for a moment only",
        DebouncedThatForgets: "self.timer",
        DebouncedThatNeverLooks: "cancel it only if there is one",
        DebouncedWithoutInit: "Make it None in `__init__`",
        DebouncedWithoutAComma: "with the comma",
        DebouncedWithoutBrackets: "cancel the timer of the key before, with the brackets",
        DebouncedWithoutTheText: "The function wants one argument, the text",
        DebouncedKeepsNone: "`start()` returns None",
        DebouncedForTwoSeconds: "2.0 s after the last key, and `seconds` was 5",
        DebouncedWithAMark: "under one lock",
        DebouncedWithALockEach: "under one lock",
        DebouncedForTheFirstLetters: "Search for the text of the last key: 'lock'",
        DebouncedJoinedUnderTheLockOfItsCallback: "never while you wait for a timer",
        DebouncedByOneText: "Give each Timer a text of its own",
        DebouncedByTheClock: "two searches: nobody called the other off",
        DebouncedThatForgetsTheNewer: "only if it is still its own",
        DebouncedThatForgetsTheNewerLater: "Then came 'sof', and nobody called 'so' off",
        DebouncedThatForgetsWithoutTheLock: "No common lock guards self.timer",
        DebouncedThatForgetsLaterWithoutTheLock: "No common lock guards self.timer",
        DebouncedThatForgetsItsOwnWithoutTheLock: "No common lock guards self.timer",
        DebouncedByAFlag: "Then came 'sof', and nobody called 'so' off",
        DebouncedThatCancelsTheNewer: "let a fired one cancel nothing",
        DebouncedByADeadlineThatLosesAKey: "let no key count on one that has fired",
        DebouncedOfPlainTimers: "Write `from tracing import Timer`",
    },
}
