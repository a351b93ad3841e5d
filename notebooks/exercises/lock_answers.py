"""Answers to the exercises of lesson 04: right ones, and wrong ones with what the check must say of them.

The stubs of the notebook are among the wrong ones. tests/test_exercises.py runs them all.
"""

from __future__ import annotations

from contextlib import suppress

from tracing import Lock, sleep

# -- 1: two deposits -----------------------------------------------------------------------------------------


def deposit(balance, lock):
    with lock:
        balance.write(balance.read() + 1)


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
    "check_deposit": [deposit],
    "check_transfer": [transfer, transfer_by_giving_way],
    "check_refresh": [refresh_once],
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
        deposit_past_the_methods: "must call `balance.read()` once",
        deposit_with_a_slip: "has no attribute 'reed'",
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
    },
}
