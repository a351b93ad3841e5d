"""Answers to the exercises of lesson 11: right ones, and wrong ones with what the check must say of them.

The stubs of the notebook are among the wrong ones. tests/test_exercises.py runs them all.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, suppress

# -- 1: every way out ----------------------------------------------------------------------------------------


def withdraw(account, amount):
    with account.lock:
        if amount > account.balance:
            raise ValueError("not enough")
        account.balance -= amount


def withdraw_with_finally(account, amount):
    account.lock.acquire()
    try:
        if amount > account.balance:
            raise ValueError("not enough")
        account.balance -= amount
    finally:
        account.lock.release()


def withdraw_and_keep_the_lock(account, amount):
    account.lock.acquire()
    if amount > account.balance:
        raise ValueError("not enough")
    account.balance -= amount
    account.lock.release()


def withdraw_without_the_lock(account, amount):
    if amount > account.balance:
        raise ValueError("not enough")
    account.balance -= amount


def withdraw_with_two_blocks(account, amount):
    with account.lock:
        left = account.balance - amount
    if left < 0:
        raise ValueError("not enough")
    with account.lock:
        account.balance = left


def withdraw_in_silence(account, amount):
    with account.lock:
        if amount <= account.balance:
            account.balance -= amount


def withdraw_and_release_twice(account, amount):
    with account.lock:
        if amount > account.balance:
            account.lock.release()
            raise ValueError("not enough")
        account.balance -= amount


def withdraw_and_look_afterwards(account, amount):
    with account.lock:
        account.balance -= amount
        if account.balance < 0:
            raise ValueError("not enough")


def withdraw_after_the_block(account, amount):
    with account.lock:
        enough = amount <= account.balance
    if not enough:
        raise ValueError("not enough")
    account.balance -= amount


def withdraw_with_brackets(account, amount):
    with account.lock():
        account.balance -= amount


def withdraw_and_take_it_twice(account, amount):
    with account.lock:
        account.lock.acquire()
        account.balance -= amount


# -- 2: a block of one's own ---------------------------------------------------------------------------------


@contextmanager
def taken_within(lock, seconds):
    if not lock.acquire(timeout=seconds):
        raise TimeoutError("somebody else has it")
    try:
        yield
    finally:
        lock.release()


class TakenWithin:
    def __init__(self, lock, seconds):
        self.lock, self.seconds = lock, seconds

    def __enter__(self):
        if not self.lock.acquire(timeout=self.seconds):
            raise TimeoutError("somebody else has it")

    def __exit__(self, *error):
        self.lock.release()


@contextmanager
def taken_without_finally(lock, seconds):
    if not lock.acquire(timeout=seconds):
        raise TimeoutError("somebody else has it")
    yield
    lock.release()


@contextmanager
def taken_without_a_look(lock, seconds):
    got = lock.acquire(timeout=seconds)
    try:
        yield
    finally:
        if got:
            lock.release()


@contextmanager
def taken_for_ever(lock, seconds):
    lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def taken_without_a_word(lock, seconds):
    if lock.acquire(timeout=seconds):
        try:
            yield
        finally:
            lock.release()


@contextmanager
def taken_with_a_wide_try(lock, seconds):
    try:
        if not lock.acquire(timeout=seconds):
            raise TimeoutError("somebody else has it")
        yield
    finally:
        lock.release()


@contextmanager
def taken_and_swallowed(lock, seconds):
    if not lock.acquire(timeout=seconds):
        raise TimeoutError("somebody else has it")
    try:
        yield
    except LookupError:
        pass
    finally:
        lock.release()


@contextmanager
def not_taken(lock, seconds):
    if lock.locked():
        raise TimeoutError("somebody else has it")
    yield


@contextmanager
def taken_without_patience(lock, seconds):
    if not lock.acquire(blocking=False):
        raise TimeoutError("somebody else has it")
    try:
        yield
    finally:
        lock.release()


@contextmanager
def taken_with_too_much_patience(lock, seconds):
    if not lock.acquire(timeout=10 * seconds):
        raise TimeoutError("somebody else has it")
    try:
        yield
    finally:
        lock.release()


@contextmanager
def taken_and_kept_where_all_goes_well(lock, seconds):
    if not lock.acquire(timeout=seconds):
        raise TimeoutError("somebody else has it")
    try:
        yield
    except BaseException:
        lock.release()
        raise


@contextmanager
def taken_twice(lock, seconds):
    if not lock.acquire(timeout=seconds):
        raise TimeoutError("somebody else has it")
    with lock:
        yield


def taken_by_a_plain_function(lock, seconds):
    lock.acquire(timeout=seconds)
    yield
    lock.release()


# -- 3: several locks ----------------------------------------------------------------------------------------


def work_with(locks, work):
    with ExitStack() as stack:
        for _, lock in sorted(locks.items()):
            stack.enter_context(lock)
        work()


def work_with_names(locks, work):
    with ExitStack() as stack:
        for name in sorted(locks):
            stack.enter_context(locks[name])
        work()


def work_in_any_order(locks, work):
    with ExitStack() as stack:
        for lock in locks.values():
            stack.enter_context(lock)
        work()


def work_after_the_block(locks, work):
    with ExitStack() as stack:
        for name in sorted(locks):
            stack.enter_context(locks[name])
    work()


def work_one_by_one(locks, work):
    for name in sorted(locks):
        with locks[name]:
            pass
    work()


def work_without_the_stack(locks, work):
    for name in sorted(locks):
        locks[name].acquire()
    work()
    for name in sorted(locks):
        locks[name].release()


def work_never(locks, work):
    with ExitStack() as stack:
        for name in sorted(locks):
            stack.enter_context(locks[name])


def work_twice(locks, work):
    with ExitStack() as stack:
        for name in sorted(locks):
            stack.enter_context(locks[name])
        work()
        work()


def work_and_swallow(locks, work):
    with suppress(Exception), ExitStack() as stack:
        for name in sorted(locks):
            stack.enter_context(locks[name])
        work()


def work_with_sorted_locks(locks, work):
    with ExitStack() as stack:
        for lock in sorted(locks.values()):
            stack.enter_context(lock)
        work()


def work_with_entered_names(locks, work):
    with ExitStack() as stack:
        for name in sorted(locks):
            stack.enter_context(name)
        work()


def work_with_a_stack_left_open(locks, work):
    stack = ExitStack()
    for name in sorted(locks):
        stack.enter_context(locks[name])
    work()


def work_with_fixed_names(locks, work):
    with locks["oven"], locks["pan"], locks["sink"]:
        work()


# -- what the checks must say of them ------------------------------------------------------------------------

RIGHT = {
    "check_withdraw": [withdraw, withdraw_with_finally],
    "check_taken_within": [taken_within, TakenWithin],
    "check_work_with": [work_with, work_with_names],
}
WRONG = {
    "check_withdraw": {
        withdraw_and_keep_the_lock: "Whoever leaves must release the lock",
        withdraw_without_the_lock: "Nobody took `account.lock`",
        withdraw_with_two_blocks: "put both into one block",
        withdraw_in_silence: "Keep the `raise ValueError(...)`",
        withdraw_and_release_twice: "bob failed with RuntimeError",
        withdraw_and_look_afterwards: "Compare before you subtract",
        withdraw_after_the_block: "Put both into the block",
        withdraw_with_brackets: "leave out the brackets",
        withdraw_and_take_it_twice: "Take it once",
    },
    "check_taken_within": {
        taken_without_finally: "the release into its `finally`",
        taken_without_a_look: "look at what it returns",
        taken_for_ever: "Wait with a timeout",
        taken_without_a_word: "Raise TimeoutError",
        taken_with_a_wide_try: "Begin the `try` after you got the lock",
        taken_and_swallowed: "Let it pass",
        not_taken: "Nobody held the lock inside the block",
        taken_without_patience: "late waited 0 s for the lock",
        taken_with_too_much_patience: "late waited 20 s for the lock",
        taken_and_kept_where_all_goes_well: "also at the end of the block",
        taken_twice: "Take it once",
        taken_by_a_plain_function: "write `@contextmanager`",
    },
    "check_work_with": {
        work_in_any_order: "Take the locks in one order for everybody",
        work_after_the_block: "put `work()` into the block of the ExitStack",
        work_one_by_one: "Keep all of them until `work()`",
        work_without_the_stack: "It releases on every way out",
        work_never: "Call `work()` when you hold all the locks",
        work_twice: "Call `work()` once",
        work_and_swallow: "Let the error pass",
        work_with_sorted_locks: "sort the names",
        work_with_entered_names: "Enter the lock itself",
        work_with_a_stack_left_open: "by `with ExitStack() as stack:`",
        work_with_fixed_names: "failed with KeyError",
    },
}
