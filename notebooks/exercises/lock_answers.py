"""Answers to the exercises of lesson 04: right ones, and wrong ones with what the check must say of them.

The stubs of the notebook are among the wrong ones. tests/test_exercises.py runs them all.
"""

from __future__ import annotations

from concurrent.futures import Future
from contextlib import ExitStack, suppress

from tracing import Condition, Event, Lock, RLock, sleep

# -- 2: two deposits -----------------------------------------------------------------------------------------


def deposit(balance, lock):
    with lock:
        balance.write(balance.read() + 1)


def deposit_in_a_try(balance, lock):
    lock.acquire()
    try:
        value = balance.read()
        balance.write(value + 1)
    finally:
        lock.release()


def deposit_that_polls(balance, lock):
    while not lock.acquire(blocking=False):
        sleep(0.1)
    balance.write(1 + balance.read())
    lock.release()


def deposit_that_looks_twice(balance, lock):
    with lock:
        before = balance.read()
        balance.write(before + 1)
        if balance.read() != before + 1:
            raise ValueError("somebody else came in")


def deposit_in_a_stack(balance, lock):
    with ExitStack() as stack:
        stack.enter_context(lock)
        balance.write(balance.read() + 1)


ours = Lock()


def deposit_with_a_lock_of_the_module(balance, lock):
    with ours:
        balance.write(balance.read() + 1)


def deposit_that_asks_whether_it_is_locked(balance, lock):
    if lock.locked():
        balance.write(balance.read() + 1)
        return
    with lock:
        balance.write(balance.read() + 1)


def deposit_of_a_constant(balance, lock):
    with lock:
        balance.read()
        balance.write(1)


def deposit_that_waits_a_little(balance, lock):
    got = lock.acquire(timeout=0)
    balance.write(balance.read() + 1)
    if got:
        lock.release()


def deposit_that_writes_twice(balance, lock):
    with lock:
        balance.write(balance.read() + 1)
        balance.write(balance.read() + 1)


def deposit_that_pauses(balance, lock):
    value = balance.read()
    sleep(1)
    with lock:
        balance.write(value + 1)


def deposit_without_a_lock(balance, lock):
    balance.write(balance.read() + 1)


def deposit_with_a_gap(balance, lock):
    with lock:
        value = balance.read()
    with lock:
        balance.write(value + 1)


def deposit_that_writes_after_the_release(balance, lock):
    lock.acquire()
    value = balance.read()
    lock.release()
    balance.write(value + 1)


def deposit_of_two(balance, lock):
    with lock:
        balance.write(balance.read() + 2)


def deposit_locked_too_late(balance, lock):
    value = balance.read()
    with lock:
        balance.write(value + 1)


def deposit_with_a_lock_of_its_own(balance, lock):
    own = Lock()
    with own:
        balance.write(balance.read() + 1)


def deposit_that_keeps_the_lock(balance, lock):
    lock.acquire()
    balance.write(balance.read() + 1)


def deposit_with_a_guess(balance, lock):
    got = lock.acquire(timeout=5)
    balance.write(balance.read() + 1)
    if got:
        lock.release()


def deposit_with_an_hours_guess(balance, lock):
    got = lock.acquire(timeout=3600)
    balance.write(balance.read() + 1)
    if got:
        lock.release()


def deposit_that_raises_after_a_minute(balance, lock):
    if not lock.acquire(timeout=60):
        raise TimeoutError("the lock is taken")
    try:
        balance.write(balance.read() + 1)
    finally:
        lock.release()


def deposit_of_known_numbers(balance, lock):
    with lock:
        balance.write(1 if balance.read() == 0 else 2)


def deposit_or_not(balance, lock):
    if lock.acquire(blocking=False):
        balance.write(balance.read() + 1)
        lock.release()


def deposit_that_does_not_wait(balance, lock):
    got = lock.acquire(blocking=False)
    balance.write(balance.read() + 1)
    if got:
        lock.release()


def deposit_that_locks_twice(balance, lock):
    with lock, lock:
        balance.write(balance.read() + 1)


def deposit_with_a_block_in_a_block(balance, lock):
    with lock:
        value = balance.read()
        with lock:
            balance.write(value + 1)


def deposit_that_reads_again_outside(balance, lock):
    with lock:
        balance.read()
    balance.write(balance.read() + 1)


def deposit_past_the_methods(balance, lock):
    with lock:
        balance.value += 1


def deposit_with_what_acquire_gives(balance, lock):
    with lock.acquire():
        balance.write(balance.read() + 1)


def deposit_with_a_slip(balance, lock):
    with lock:
        balance.write(balance.reed() + 1)


# -- 3: refresh, unless somebody else is at it ---------------------------------------------------------------


def refresh_once(lock, refresh):
    if not lock.acquire(blocking=False):
        return False
    try:
        refresh()
    finally:
        lock.release()
    return True


def refresh_if_got(lock, refresh):
    got = lock.acquire(False)
    try:
        if got:
            refresh()
    finally:
        if got:
            lock.release()
    return got


def refresh_within_no_time(lock, refresh):
    if lock.acquire(timeout=0):
        try:
            refresh()
            return True
        finally:
            lock.release()
    return False


def refresh_in_a_stack(lock, refresh):
    with ExitStack() as stack:
        if not lock.acquire(blocking=False):
            return False
        stack.callback(lock.release)
        refresh()
        return True


def refresh_and_raise(lock, refresh):
    if not lock.acquire(blocking=False):
        return False
    try:
        refresh()
    except ConnectionError:
        lock.release()
        raise
    lock.release()
    return True


def refresh_that_polls(lock, refresh):
    while not lock.acquire(blocking=False):
        sleep(0.1)
    try:
        refresh()
    finally:
        lock.release()
    return True


def refresh_that_tries_again(lock, refresh):
    for _ in range(2):
        if lock.acquire(blocking=False):
            try:
                refresh()
            finally:
                lock.release()
            return True
        sleep(0.5)
    return False


def refresh_after_the_release(lock, refresh):
    if not lock.acquire(blocking=False):
        return False
    lock.release()
    refresh()
    return True


def refresh_with_a_lock_of_its_own(lock, refresh):
    own = Lock()
    if not own.acquire(blocking=False):
        return False
    try:
        refresh()
    finally:
        own.release()
    return True


def refresh_that_waits(lock, refresh):
    with lock:
        refresh()
    return True


def refresh_that_waits_a_little(lock, refresh):
    if not lock.acquire(timeout=0.1):
        return False
    try:
        refresh()
    finally:
        lock.release()
    return True


def refresh_that_only_looks(lock, refresh):
    if lock.locked():
        return False
    with lock:
        refresh()
    return True


def refresh_without_the_lock(lock, refresh):
    refresh()
    return True


def refresh_that_releases_what_it_has_not(lock, refresh):
    try:
        if not lock.acquire(blocking=False):
            return False
        refresh()
        return True
    finally:
        lock.release()


def refresh_that_keeps_the_lock(lock, refresh):
    if not lock.acquire(blocking=False):
        return False
    refresh()
    return True


def refresh_that_an_error_leaves_locked(lock, refresh):
    if not lock.acquire(blocking=False):
        return False
    refresh()
    lock.release()
    return True


def refresh_with_what_acquire_gives(lock, refresh):
    with lock.acquire(blocking=False) as got:
        if not got:
            return False
        refresh()
    return True


def refresh_that_takes_twice(lock, refresh):
    if not lock.acquire(blocking=False):
        return False
    with lock:
        refresh()
    return True


def refresh_in_silence(lock, refresh):
    if not lock.acquire(blocking=False):
        return False
    try:
        refresh()
    except ConnectionError:
        return False
    finally:
        lock.release()
    return True


def refresh_that_hides_the_error(lock, refresh):
    if not lock.acquire(blocking=False):
        return False
    with suppress(ConnectionError):
        refresh()
    lock.release()
    return True


def refresh_that_does_not_refresh(lock, refresh):
    if not lock.acquire(blocking=False):
        return False
    lock.release()
    return True


def refresh_without_a_result(lock, refresh):
    if lock.acquire(blocking=False):
        try:
            refresh()
        finally:
            lock.release()


# -- 4: a cache ----------------------------------------------------------------------------------------------


class Cache:
    def __init__(self, load):
        self.load, self.pages, self.locks, self.guard = load, {}, {}, Lock()

    def get(self, name):
        with self.guard:
            lock = self.locks.setdefault(name, Lock())
        with lock:
            if name not in self.pages:
                self.pages[name] = self.load(name)
            return self.pages[name]


class CacheThatLooksFirst(Cache):
    def get(self, name):
        if name in self.pages:
            return self.pages[name]
        return super().get(name)


class CacheOfPairs:
    def __init__(self, load):
        self.load, self.entries, self.guard = load, {}, RLock()

    def get(self, name):
        with self.guard:
            if name not in self.entries:
                self.entries[name] = (Lock(), [])
        lock, texts = self.entries[name]
        lock.acquire()
        try:
            if not texts:
                texts.append(self.load(name))
        finally:
            lock.release()
        return texts[0]


class CacheWithEvents:
    """The first to ask loads; the others wait until it has."""

    def __init__(self, load):
        self.load, self.pages, self.loading, self.guard = load, {}, {}, Lock()

    def get(self, name):
        with self.guard:
            if name in self.pages:
                return self.pages[name]
            ready = self.loading.get(name)
            if not ready:
                mine = self.loading[name] = Event()
        if ready:
            ready.wait()
            return self.get(name)
        try:
            text = self.load(name)
            with self.guard:
                self.pages[name] = text
            return text
        finally:
            with self.guard:
                del self.loading[name]
            mine.set()


class CacheThatLooksForNone(Cache):
    def get(self, name):
        with self.guard:
            lock = self.locks.setdefault(name, Lock())
        with lock:
            page = self.pages.get(name)
            if page is None:
                page = self.pages[name] = self.load(name)
            return page


class CacheThatTries(Cache):
    """Who finds nothing, or an empty page, looks again under the lock of that name."""

    def get(self, name):
        if page := self.pages.get(name):
            return page
        with self.guard:
            if name not in self.locks:
                self.locks[name] = RLock()
        with self.locks[name]:
            try:
                return self.pages[name]
            except KeyError:
                self.pages[name] = self.load(name)
            return self.pages[name]


def cache_in_a_function(load):
    class Pages(dict):
        guard = Lock()

        def get(self, name):
            with self.guard:
                one = self.setdefault(name, {"lock": Lock()})
            with one["lock"]:
                if "text" not in one:
                    one["text"] = load(name)
            return one["text"]

    return Pages()


class CacheOfFutures:
    """The first to ask loads, and all who wait for it share what becomes of that."""

    def __init__(self, load):
        self.load, self.futures, self.guard = load, {}, Lock()

    def get(self, name):
        with self.guard:
            mine = name not in self.futures
            future = self.futures.setdefault(name, Future())
        if mine:
            try:
                future.set_result(self.load(name))
            except Exception as error:
                self.forget(name)
                future.set_exception(error)
        return future.result()

    def forget(self, name):
        with self.guard:
            del self.futures[name]


class CacheThatLeavesThemWaiting(CacheWithEvents):
    def get(self, name):
        with self.guard:
            mine = name not in self.loading
            ready = self.loading.setdefault(name, Event())
        if mine:
            self.pages[name] = self.load(name)
            ready.set()
        ready.wait()
        return self.pages[name]


class CacheThatKeepsErrors(CacheOfFutures):
    def forget(self, name):
        pass


class CacheThatKeepsNone(CacheOfFutures):
    def __init__(self, load):
        super().__init__(load)
        self.failed = set()

    def get(self, name):
        if name in self.failed:
            return None
        try:
            return super().get(name)
        except Exception:
            self.failed.add(name)
            raise


class CacheWithoutALock:
    def __init__(self, load):
        self.load, self.pages = load, {}

    def get(self, name):
        if name not in self.pages:
            self.pages[name] = self.load(name)
        return self.pages[name]


class CacheWithOneLock(CacheWithoutALock):
    def __init__(self, load):
        super().__init__(load)
        self.lock = Lock()

    def get(self, name):
        with self.lock:
            return super().get(name)


class CacheThatLocksOnlyTheLook(CacheWithOneLock):
    def get(self, name):
        with self.lock:
            known = name in self.pages
        if not known:
            self.pages[name] = self.load(name)
        return self.pages[name]


class CacheThatLocksOnlyTheKeeping(CacheWithOneLock):
    def get(self, name):
        if name not in self.pages:
            text = self.load(name)
            with self.lock:
                self.pages[name] = text
        return self.pages[name]


class CacheWithALockForEachCall(CacheWithoutALock):
    def get(self, name):
        with Lock():
            return super().get(name)


class CacheWithAGuess(Cache):
    def get(self, name):
        with self.guard:
            lock = self.locks.setdefault(name, Lock())
        got = lock.acquire(timeout=5)
        try:
            if name not in self.pages:
                self.pages[name] = self.load(name)
            return self.pages[name]
        finally:
            if got:
                lock.release()


class CacheWithAnHoursGuess(CacheWithAGuess):
    def get(self, name):
        with self.guard:
            lock = self.locks.setdefault(name, Lock())
        got = lock.acquire(timeout=3600)
        try:
            if name not in self.pages:
                self.pages[name] = self.load(name)
            return self.pages[name]
        finally:
            if got:
                lock.release()


class CacheThatRaisesAfterAMinute(Cache):
    def get(self, name):
        with self.guard:
            lock = self.locks.setdefault(name, Lock())
        if not lock.acquire(timeout=60):
            raise TimeoutError(name)
        try:
            if name not in self.pages:
                self.pages[name] = self.load(name)
            return self.pages[name]
        finally:
            lock.release()


class CacheWithEventsAndAGuess(CacheWithEvents):
    def get(self, name):
        with self.guard:
            mine = name not in self.loading
            ready = self.loading.setdefault(name, Event())
        if mine:
            self.pages[name] = self.load(name)
            ready.set()
        ready.wait(timeout=60)
        return self.pages[name]


class CacheThatTakesAnEmptyPageForNone(Cache):
    def get(self, name):
        with self.guard:
            lock = self.locks.setdefault(name, Lock())
        with lock:
            page = self.pages.get(name)
            if not page:
                page = self.pages[name] = self.load(name)
            return page


class CacheWithAnOr(Cache):
    def get(self, name):
        with self.guard:
            lock = self.locks.setdefault(name, Lock())
        with lock:
            self.pages[name] = self.pages.get(name) or self.load(name)
        return self.pages[name]


class CacheThatHasNoneForAnEmptyPage(Cache):
    def get(self, name):
        return super().get(name) or None


class CacheThatWaitsForText(CacheWithoutALock):
    def __init__(self, load):
        super().__init__(load)
        self.asked, self.changed = set(), Condition()

    def get(self, name):
        with self.changed:
            mine = name not in self.asked
            self.asked.add(name)
        if mine:
            page = self.load(name)
            with self.changed:
                self.pages[name] = page
                self.changed.notify_all()
        with self.changed:
            self.changed.wait_for(lambda: self.pages.get(name))
            return self.pages[name]


class CacheThatMakesALockForEachCall(Cache):
    def get(self, name):
        with self.guard:
            lock = self.locks[name] = Lock()
        with lock:
            if name not in self.pages:
                self.pages[name] = self.load(name)
            return self.pages[name]


class CacheThatMakesLocksOutsideTheGuard(Cache):
    def get(self, name):
        lock = self.locks.get(name)
        if lock is None:
            lock = Lock()
            with self.guard:
                self.locks[name] = lock
        with lock:
            if name not in self.pages:
                self.pages[name] = self.load(name)
            return self.pages[name]


class CacheThatLooksAndKeepsByTwoLocks(Cache):
    def get(self, name):
        with self.guard:
            look, keep = self.locks.setdefault(name, (Lock(), Lock()))
        with look:
            known = name in self.pages
        if not known:
            with keep:
                self.pages[name] = self.load(name)
        return self.pages[name]


class CacheOfTheClass(Cache):
    pages, locks, guard = {}, {}, Lock()

    def __init__(self, load):
        self.load = load


class CacheThatKeepsNothing(Cache):
    def get(self, name):
        with self.guard:
            return self.load(name)


class CacheThatLoadsUnderTheGuard(Cache):
    def get(self, name):
        with self.guard, self.locks.setdefault(name, Lock()):
            if name not in self.pages:
                self.pages[name] = self.load(name)
            return self.pages[name]


class CacheThatWaitsUnderTheGuard(Cache):
    def get(self, name):
        with self.guard:
            lock = self.locks.setdefault(name, Lock())
            lock.acquire()
        try:
            if name not in self.pages:
                self.pages[name] = self.load(name)
            return self.pages[name]
        finally:
            lock.release()


class CacheThatStaysLocked(Cache):
    def get(self, name):
        with self.guard:
            lock = self.locks.setdefault(name, Lock())
        lock.acquire()
        if name not in self.pages:
            self.pages[name] = self.load(name)
        lock.release()
        return self.pages[name]


class CacheThatNeverReleases(Cache):
    def get(self, name):
        with self.guard:
            lock = self.locks.setdefault(name, Lock())
        lock.acquire()
        if name not in self.pages:
            self.pages[name] = self.load(name)
        return self.pages[name]


class CacheThatGuardsNoLocks(Cache):
    def get(self, name):
        if name not in self.locks:
            self.locks[name] = Lock()
        with self.locks[name]:
            if name not in self.pages:
                self.pages[name] = self.load(name)
            return self.pages[name]


class CacheThatHasNoneForAKeptPage(Cache):
    def get(self, name):
        if name not in self.pages:
            return super().get(name)


class CacheThatLoadsAKeptPage(CacheWithEvents):
    """It knows only what is being loaded just now."""

    def get(self, name):
        with self.guard:
            mine = name not in self.loading
            ready = self.loading.setdefault(name, Event())
        if not mine:
            ready.wait()
            return self.pages[name] if name in self.pages else self.get(name)
        try:
            self.pages[name] = self.load(name)
            return self.pages[name]
        finally:
            with self.guard:
                del self.loading[name]
            ready.set()


class CacheThatStaysLockedWhereThePageIsKept(Cache):
    def get(self, name):
        self.guard.acquire()
        if name in self.pages:
            return self.pages[name]
        lock = self.locks.setdefault(name, Lock())
        self.guard.release()
        with lock:
            if name not in self.pages:
                self.pages[name] = self.load(name)
            return self.pages[name]


class CacheInSilence(Cache):
    def get(self, name):
        with suppress(ConnectionError):
            return super().get(name)


class CacheOfNothing:
    def __init__(self, load):
        pass

    def get(self, name):
        return None


class CacheToBuild:
    """As the notebook has it."""


# -- what the checks must say of them ------------------------------------------------------------------------

RIGHT = {
    "check_reading": [("bob", 4), ["Bob", 4.0], (4, "bob"), "bob, 4 s", {"who": "bob", "seconds": 3.99}],
    "check_deposit": [
        deposit,
        deposit_in_a_try,
        deposit_that_polls,
        deposit_that_looks_twice,
        deposit_in_a_stack,
    ],
    "check_refresh": [
        refresh_once,
        refresh_if_got,
        refresh_within_no_time,
        refresh_in_a_stack,
        refresh_and_raise,
    ],
    "check_cache": [
        Cache,
        CacheThatLooksFirst,
        CacheThatLooksForNone,
        CacheThatTries,
        CacheOfPairs,
        CacheWithEvents,
        CacheOfFutures,
        cache_in_a_function,
    ],
}
WRONG = {
    "check_reading": {
        ("?", 0): "one name (ann, bob or cho) and one number",
        (): "no names and no numbers",
        ("ann", 4): "Ann had the till when cho came, and gave it to somebody else",
        ("ann", 1): "gave it to somebody else",
        ("cho", 4): "Cho waits",
        ("bob", 5): "5 s is the time at which she got the till",
        ("bob", 3): "She did not wait 3 s",
        ("bob", 1): "She did not wait 1 s",
        ("ann and bob", 4): "2 names",
        "bob": "no numbers",
    },
    "check_deposit": {
        deposit_without_a_lock: "Take it before you read, release it after you have written",
        deposit_with_a_gap: "ut both into one `with lock:`",
        deposit_that_writes_after_the_release: "ut both into one `with lock:`",
        deposit_of_two: "the balance is 4. Write what you have read",
        deposit_locked_too_late: "ut both into one `with lock:`",
        deposit_with_a_lock_of_its_own: "Nobody took `lock`",
        deposit_that_keeps_the_lock: "Release the lock on every way out",
        deposit_with_a_guess: "did not get `lock` and went on without it",
        deposit_with_an_hours_guess: "did not get `lock` and went on without it",
        deposit_that_raises_after_a_minute: "One of them did not get `lock`, and deposited nothing",
        deposit_of_known_numbers: "Two deposits of 1 to 10, but the balance is 2. Write what you have read",
        deposit_or_not: "One of them did not get `lock`, and deposited nothing",
        deposit_that_does_not_wait: "did not get `lock` and went on without it",
        deposit_that_locks_twice: "while you have it, do not take it again",
        deposit_with_a_block_in_a_block: "while you have it, do not take it again",
        deposit_that_reads_again_outside: "both threads read 0, then both wrote 1. The other came in",
        deposit_past_the_methods: "and the balance is 2. Each deposit must call `balance.read()`",
        deposit_with_a_slip: "has no attribute 'reed'",
        deposit_with_what_acquire_gives: "write `with lock:`",
        deposit_with_a_lock_of_the_module: "The balance is right, but nobody took `lock`",
        deposit_that_asks_whether_it_is_locked: "ut both into one `with lock:`",
        deposit_of_a_constant: "the balance is 1. Write what you have read",
        deposit_that_waits_a_little: "did not get `lock` and went on without it",
        deposit_that_writes_twice: "the balance is 4. Write what you have read, and 1 more, once",
        deposit_that_pauses: "ut both into one `with lock:`",
    },
    "check_refresh": {
        refresh_that_waits: "without waiting: `lock.acquire(blocking=False)`",
        refresh_that_waits_a_little: "without waiting: `lock.acquire(blocking=False)`",
        refresh_that_only_looks: "ask and take in one step",
        refresh_without_the_lock: "Ask for the lock first",
        refresh_that_releases_what_it_has_not: "Release only what you got",
        refresh_that_keeps_the_lock: "follower has ended, and the lock is still held",
        refresh_that_an_error_leaves_locked: "unlucky has ended, and the lock is still held",
        refresh_with_what_acquire_gives: "`with lock:`. Or ask `if lock.acquire(...):`, and release",
        refresh_that_takes_twice: "do not take it again",
        refresh_in_silence: "Let the exception pass",
        refresh_that_hides_the_error: "Let the exception pass",
        refresh_that_does_not_refresh: "Call `refresh()`",
        refresh_without_a_result: "Return True after a refresh",
        refresh_that_polls: "latecomer came back after 3.0 s",
        refresh_that_tries_again: "latecomer came back after 1.0 s",
        refresh_after_the_release: "keep the lock until `refresh()`",
        refresh_with_a_lock_of_its_own: "Ask for the lock first",
    },
    "check_cache": {
        CacheToBuild: "Does the class have an `__init__`",
        CacheWithoutALock: "news was loaded 2 times",
        CacheThatLocksOnlyTheLook: "Look, load and keep must be one step",
        CacheThatLocksOnlyTheKeeping: "Look, load and keep must be one step",
        CacheWithALockForEachCall: "Only the same lock keeps the others out",
        CacheThatMakesALockForEachCall: "Each who loaded it held another lock",
        CacheThatMakesLocksOutsideTheGuard: "from the look into it until the new lock is in it",
        CacheThatLooksAndKeepsByTwoLocks: "hold a lock, the same for all who want that page, from the look",
        CacheThatKeepsNothing: "news was loaded 2 times",
        CacheWithOneLock: "It took 2 s: who wanted one page waited",
        CacheThatLoadsUnderTheGuard: "keep a lock for each name",
        CacheThatWaitsUnderTheGuard: "which nobody holds while he loads or waits",
        CacheThatNeverReleases: "The run hangs",
        CacheThatStaysLocked: "Abandoned lock",
        CacheThatGuardsNoLocks: "Only the same lock keeps the others out",
        CacheThatHasNoneForAKeptPage: "asked for news and got None, not 'text of news'",
        CacheThatLoadsAKeptPage: "news was loaded 2 times: who loaded it again had not found it",
        CacheThatStaysLockedWhereThePageIsKept: "Release each lock on every way out",
        CacheInSilence: "Let the exception of `load` pass",
        CacheThatLeavesThemWaiting: "tell who waits in a `finally`",
        CacheThatKeepsErrors: "flo, who asked then, got the old error",
        CacheThatKeepsNone: "flo, who asked then, got None",
        CacheWithAGuess: "gave up after a time-out",
        CacheWithAnHoursGuess: "gave up after a time-out",
        CacheThatRaisesAfterAMinute: "bob waited for the page, and gave up after a time-out. Wait without",
        CacheWithEventsAndAGuess: "bob waited for the page, and gave up after a time-out. Wait without",
        CacheThatTakesAnEmptyPageForNone: "`load` gave ''. It was loaded 2 times. An empty text counts as",
        CacheWithAnOr: "`load` gave ''. It was loaded 2 times",
        CacheThatHasNoneForAnEmptyPage: "`load` gave ''. ann got None",
        CacheThatWaitsForText: "`load` gave ''. Who waited for it waits for ever",
        CacheOfTheClass: "another cache of yours had kept them",
        CacheOfNothing: "Nobody called `load(name)`",
    },
}
