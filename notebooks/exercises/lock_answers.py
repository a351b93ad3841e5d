"""Answers to the exercises of lesson 04: right ones, and wrong ones with what the check must say of them.

The stubs of the notebook are among the wrong ones. tests/test_exercises.py runs them all.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from operator import attrgetter

from tracing import Lock, sleep

# -- 1: two deposits -----------------------------------------------------------------------------------------


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


def deposit_that_does_not_wait(balance, lock):
    got = lock.acquire(blocking=False)
    balance.write(balance.read() + 1)
    if got:
        lock.release()


def deposit_that_locks_twice(balance, lock):
    with lock, lock:
        balance.write(balance.read() + 1)


def deposit_past_the_methods(balance, lock):
    with lock:
        balance.value += 1


def deposit_with_a_slip(balance, lock):
    with lock:
        balance.write(balance.reed() + 1)


# -- 2: two transfers ----------------------------------------------------------------------------------------


def transfer(source, target, amount):
    first, second = sorted([source, target], key=lambda account: account.number)
    with first.lock, second.lock:
        source.balance -= amount
        target.balance += amount


def transfer_by_giving_way(source, target, amount):
    while True:
        with source.lock:
            if target.lock.acquire(timeout=0.1):
                source.balance -= amount
                target.balance += amount
                target.lock.release()
                return
        sleep(source.number)  # back off, each for another time


def transfer_by_comparing(source, target, amount):
    locks = [source.lock, target.lock]
    if source.number > target.number:
        locks.reverse()
    locks[0].acquire()
    locks[1].acquire()
    try:
        source.balance, target.balance = source.balance - amount, target.balance + amount
    finally:
        locks[0].release()
        locks[1].release()


def transfer_in_a_stack(source, target, amount):
    with ExitStack() as stack:
        for account in sorted((source, target), key=attrgetter("number"), reverse=True):
            stack.enter_context(account.lock)
        source.balance -= amount
        target.balance += amount


gate = Lock()


def transfer_through_a_gate(source, target, amount):
    with gate, source.lock, target.lock:
        source.balance -= amount
        target.balance += amount


def transfer_that_tries(source, target, amount):
    moved = False
    while not moved:
        source.lock.acquire()
        if target.lock.acquire(blocking=False):
            source.balance -= amount
            target.balance += amount
            target.lock.release()
            moved = True
        source.lock.release()
        sleep(0.1 * source.number)  # each for another time


def transfer_with_a_lock_of_the_module(source, target, amount):
    with gate:
        source.balance -= amount
        target.balance += amount


def transfer_with_an_old_balance(source, target, amount):
    left, more = source.balance - amount, target.balance + amount
    first, second = sorted([source, target], key=lambda account: account.number)
    with first.lock, second.lock:
        source.balance, target.balance = left, more


def transfer_through_half_a_gate(source, target, amount):
    with gate:
        source.lock.acquire()
    with target.lock:
        source.balance -= amount
        target.balance += amount
    source.lock.release()


def transfer_by_amount(source, target, amount):
    locks = [source.lock, target.lock] if amount > 20 else [target.lock, source.lock]
    with locks[0], locks[1]:
        source.balance -= amount + 1
        target.balance += amount


def transfer_without_a_pause(source, target, amount):
    while True:
        with source.lock:
            if target.lock.acquire(timeout=0.1 * source.number):
                source.balance -= amount
                target.balance += amount
                target.lock.release()
                return


def transfer_in_two_orders(source, target, amount):
    with source.lock, target.lock:
        source.balance -= amount
        target.balance += amount


def transfer_without_locks(source, target, amount):
    source.balance -= amount
    target.balance += amount


def transfer_of_nothing(source, target, amount):
    pass


def transfer_with_one_lock(source, target, amount):
    with source.lock:
        source.balance -= amount
        target.balance += amount


def transfer_one_after_the_other(source, target, amount):
    with source.lock:
        source.balance -= amount
    with target.lock:
        target.balance += amount


def transfer_the_wrong_way(source, target, amount):
    first, second = sorted([source, target], key=lambda account: account.number)
    with first.lock, second.lock:
        source.balance += amount
        target.balance -= amount


def transfer_that_gives_up(source, target, amount):
    with source.lock:
        if target.lock.acquire(timeout=1):
            source.balance -= amount
            target.balance += amount
            target.lock.release()


def transfer_that_sorts_accounts(source, target, amount):
    first, second = sorted([source, target])
    with first.lock, second.lock:
        source.balance -= amount
        target.balance += amount


def transfer_that_enters_accounts(source, target, amount):
    first, second = sorted([source, target], key=lambda account: account.number)
    with first, second:
        source.balance -= amount
        target.balance += amount


def transfer_that_keeps_a_lock(source, target, amount):
    first, second = sorted([source, target], key=lambda account: account.number)
    first.lock.acquire()
    with second.lock:
        source.balance -= amount
        target.balance += amount


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


# -- what the checks must say of them ------------------------------------------------------------------------

RIGHT = {
    "check_deposit": [
        deposit,
        deposit_in_a_try,
        deposit_that_polls,
        deposit_that_looks_twice,
        deposit_in_a_stack,
    ],
    "check_transfer": [
        transfer,
        transfer_by_giving_way,
        transfer_by_comparing,
        transfer_in_a_stack,
        transfer_through_a_gate,
        transfer_that_tries,
    ],
    "check_refresh": [
        refresh_once,
        refresh_if_got,
        refresh_within_no_time,
        refresh_in_a_stack,
        refresh_and_raise,
    ],
}
WRONG = {
    "check_deposit": {
        deposit_without_a_lock: "take it before you read, release it after you have written",
        deposit_with_a_gap: "ut both into one `with lock:`",
        deposit_that_writes_after_the_release: "put both into one `with lock:`",
        deposit_of_two: "the balance is 4. Write what you have read",
        deposit_locked_too_late: "put both into one `with lock:`",
        deposit_with_a_lock_of_its_own: "Nobody took `lock`",
        deposit_that_keeps_the_lock: "Release the lock on every way out",
        deposit_that_does_not_wait: "did not get `lock` and went on without it",
        deposit_that_locks_twice: "waits for lock",
        deposit_past_the_methods: "must call `balance.read()` and `balance.write(...)`",
        deposit_with_a_slip: "has no attribute 'reed'",
        deposit_with_a_lock_of_the_module: "The balance is right, but nobody took `lock`",
        deposit_that_asks_whether_it_is_locked: "put both into one `with lock:`",
        deposit_of_a_constant: "the balance is 1. Write what you have read",
        deposit_that_waits_a_little: "did not get `lock` and went on without it",
        deposit_that_writes_twice: "the balance is 4. Write what you have read, and 1 more, once",
        deposit_that_pauses: "put both into one `with lock:`",
    },
    "check_transfer": {
        transfer_in_two_orders: "take the locks in the same order, by `account.number`",
        transfer_without_a_pause: "Let a thread pause before it tries again",
        transfer_of_nothing: "No money was moved",
        transfer_without_locks: "Hold both locks while money moves",
        transfer_with_one_lock: "take the second lock while you hold the first",
        transfer_one_after_the_other: "take the second lock while you hold the first",
        transfer_the_wrong_way: "they should be 80 and 120",
        transfer_that_gives_up: "must try again",
        transfer_that_sorts_accounts: "Sort by `account.number`",
        transfer_that_enters_accounts: "Take `account.lock`",
        transfer_that_keeps_a_lock: "Abandoned lock",
        transfer_with_a_lock_of_the_module: "written while nobody held its lock",
        transfer_with_an_old_balance: "written while nobody held its lock",
        transfer_through_half_a_gate: "take the locks in the same order",
        transfer_by_amount: "The balances are 79 and 119",
    },
    "check_refresh": {
        refresh_that_waits: "without waiting: `lock.acquire(blocking=False)`",
        refresh_that_waits_a_little: "without waiting: `lock.acquire(blocking=False)`",
        refresh_that_only_looks: "ask and take in one step",
        refresh_without_the_lock: "Ask for the lock first",
        refresh_that_releases_what_it_has_not: "Release only what you got",
        refresh_that_keeps_the_lock: "follower has ended, and the lock is still held",
        refresh_that_an_error_leaves_locked: "unlucky has ended, and the lock is still held",
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
}
