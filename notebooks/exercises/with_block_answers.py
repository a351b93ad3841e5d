"""Answers to the exercises of lesson 11: right ones, and wrong ones with what the check must say of them.

The stubs of the notebook are among the wrong ones. tests/test_exercises.py runs them all.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, suppress
from time import monotonic

from tracing import Lock, sleep

# -- 2: every way out ----------------------------------------------------------------------------------------


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


def withdraw_and_look_only_before(account, amount):
    with account.lock:
        enough = amount <= account.balance
    if not enough:
        raise ValueError("not enough")
    with account.lock:
        account.balance -= amount


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


def withdraw_in_a_stack(account, amount):
    with ExitStack() as stack:
        stack.enter_context(account.lock)
        left = account.balance - amount
        if left < 0:
            raise ValueError("not enough")
        account.balance = left


def withdraw_with_two_releases(account, amount):
    account.lock.acquire()
    balance = account.balance
    if balance < amount:
        account.lock.release()
        raise ValueError("not enough")
    account.balance = balance - amount
    account.lock.release()
    return balance - amount


def withdraw_and_raise_outside(account, amount):
    with account.lock:
        enough = amount <= account.balance
        if enough:
            account.balance -= amount
    if not enough:
        raise ValueError("not enough")


def withdraw_and_release_where_it_fails(account, amount):
    account.lock.acquire()
    try:
        if amount > account.balance:
            raise ValueError("not enough")
        account.balance -= amount
    except ValueError:
        account.lock.release()
        raise


def withdraw_if_nobody_has_it(account, amount):
    if not account.lock.acquire(blocking=False):
        return
    try:
        if amount > account.balance:
            raise ValueError("not enough")
        account.balance -= amount
    finally:
        account.lock.release()


def withdraw_but_not_the_last(account, amount):
    with account.lock:
        if amount >= account.balance:
            raise ValueError("not enough")
        account.balance -= amount


def withdraw_with_a_lock_of_its_own(account, amount):
    with Lock():
        if amount > account.balance:
            raise ValueError("not enough")
        account.balance -= amount


def withdraw_twice(account, amount):
    with account.lock:
        if 2 * amount > account.balance:
            raise ValueError("not enough")
        account.balance -= amount
        account.balance -= amount


def withdraw_when_the_lock_looks_free(account, amount):
    while account.lock.locked():
        sleep(0.1)
    if amount > account.balance:
        raise ValueError("not enough")
    account.balance -= amount


def withdraw_what_there_is(account, amount):
    with account.lock:
        account.balance -= min(amount, account.balance)
        if amount > 100:
            raise ValueError("not enough")


def withdraw_and_put_back(account, amount):
    with account.lock:
        before = account.balance
        account.balance = before - amount
        if account.balance < 0:
            account.balance = before
            raise ValueError("not enough")


def withdraw_and_add(account, amount):
    with account.lock:
        if amount > account.balance:
            raise ValueError("not enough")
        account.balance += amount


def withdraw_after_a_second(account, amount):
    account.lock.acquire(timeout=1)
    try:
        if amount > account.balance:
            raise ValueError("not enough")
        account.balance -= amount
    finally:
        account.lock.release()


def withdraw_from_the_money(account, amount):
    with account.lock:
        if amount > account.money:
            raise ValueError("not enough")
        account.money -= amount


def withdraw_down_to_zero(account, amount):
    with account.lock:
        account.balance = max(0, account.balance - amount)


def withdraw_and_return_the_error(account, amount):
    with account.lock:
        if amount > account.balance:
            return ValueError("not enough")
        account.balance -= amount


# -- 3: a block of one's own ---------------------------------------------------------------------------------


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
def taken_as_the_frame(lock, seconds):
    lock.acquire(timeout=seconds)
    yield


@contextmanager
def taken_to_complete(lock, seconds):
    lock.acquire(timeout=seconds)


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
def taken_by_trying_again(lock, seconds):
    end = monotonic() + seconds
    while not lock.acquire(blocking=False):
        if monotonic() >= end:
            raise TimeoutError
        sleep(0.01)
    try:
        yield
    finally:
        lock.release()


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
def taken_and_released_without_brackets(lock, seconds):
    if not lock.acquire(timeout=seconds):
        raise TimeoutError("somebody else has it")
    try:
        yield
    finally:
        lock.release  # noqa: B018


@contextmanager
def taken_the_wrong_way_round(lock, seconds):
    if lock.acquire(timeout=seconds):
        raise TimeoutError("somebody else has it")
    try:
        yield
    finally:
        lock.release()


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


@contextmanager
def taken_with_a_deadline(lock, seconds):
    deadline = monotonic() + seconds
    while not lock.acquire(timeout=max(0, deadline - monotonic())):
        if monotonic() >= deadline:
            raise TimeoutError("somebody else has it")
    try:
        yield
    finally:
        lock.release()


@contextmanager
def taken_and_called_back(lock, seconds):
    with ExitStack() as stack:
        if lock.acquire(timeout=seconds):
            stack.callback(lock.release)
        else:
            raise TimeoutError
        yield lock


@contextmanager
def taken_and_raised_again(lock, seconds):
    if not lock.acquire(True, seconds):
        raise TimeoutError("somebody else has it")
    try:
        yield
    except BaseException:
        lock.release()
        raise
    else:
        lock.release()


@contextmanager
def taken_where_all_errors_look_alike(lock, seconds):
    if not lock.acquire(timeout=seconds):
        raise TimeoutError("somebody else has it")
    try:
        yield
    except Exception as error:
        raise TimeoutError("somebody else has it") from error
    finally:
        lock.release()


@contextmanager
def taken_with_a_new_error(lock, seconds):
    if not lock.acquire(timeout=seconds):
        raise TimeoutError("somebody else has it")
    try:
        yield
    except LookupError:
        raise LookupError("something was not found") from None
    finally:
        lock.release()


@contextmanager
def taken_where_time_outs_are_swallowed(lock, seconds):
    if not lock.acquire(timeout=seconds):
        raise TimeoutError("somebody else has it")
    with suppress(TimeoutError):
        try:
            yield
        finally:
            lock.release()


class TakenAndForgiven(TakenWithin):
    def __exit__(self, *error):
        self.lock.release()
        return True


@contextmanager
def taken_and_kept_by_who_leaves(lock, seconds):
    if not lock.acquire(timeout=seconds):
        raise TimeoutError("somebody else has it")
    try:
        yield
    except Exception:
        lock.release()
        raise
    else:
        lock.release()


@contextmanager
def taken_if_free_later(lock, seconds):
    if lock.locked():
        sleep(seconds)
        raise TimeoutError("somebody else has it")
    with lock:
        yield


@contextmanager
def taken_by_asking_again_and_again(lock, seconds):
    deadline = monotonic() + seconds
    while not lock.acquire(blocking=False):
        if monotonic() >= deadline:
            raise TimeoutError("somebody else has it")
        sleep(0.1)
    try:
        yield
    finally:
        lock.release()


@contextmanager
def taken_with_another_error(lock, seconds):
    if not lock.acquire(timeout=seconds):
        raise LookupError("somebody else has it")
    try:
        yield
    finally:
        lock.release()


@contextmanager
def taken_if_it_got_it(lock, seconds):
    got = lock.acquire(timeout=seconds)
    try:
        if not got:
            raise TimeoutError("somebody else has it")
        yield
    finally:
        if got:
            lock.release()


def taken_by_a_stack(lock, seconds):
    stack = ExitStack()
    if not lock.acquire(timeout=seconds):
        raise TimeoutError("somebody else has it")
    stack.callback(lock.release)
    return stack


@contextmanager
def taken_within_two_seconds(lock, seconds):
    if not lock.acquire(timeout=2):
        raise TimeoutError("somebody else has it")
    try:
        yield
    finally:
        lock.release()


@contextmanager
def taken_with_a_blocking_of_seconds(lock, seconds):
    if not lock.acquire(seconds):
        raise TimeoutError("somebody else has it")
    try:
        yield
    finally:
        lock.release()


class TakenWithoutArguments(TakenWithin):
    def __exit__(self):
        self.lock.release()


# -- 4: several locks ----------------------------------------------------------------------------------------


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


def work_to_build(locks, work):
    pass


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


def work_one_inside_the_other(locks, work):
    if not locks:
        return work()
    first = min(locks)
    with locks[first]:
        return work_one_inside_the_other({name: locks[name] for name in locks if name != first}, work)


def work_by_hand(locks, work):
    held = []
    try:
        for name in sorted(locks):
            locks[name].acquire()
            held.append(locks[name])
        work()
    finally:
        for lock in reversed(held):
            lock.release()


def work_the_other_way_round(locks, work):
    with ExitStack() as stack:
        for name in sorted(locks, reverse=True):
            stack.enter_context(locks[name])
        work()


def work_by_id(locks, work):
    with ExitStack() as stack:
        for lock in sorted(locks.values(), key=id):
            stack.enter_context(lock)
        work()


def work_in_the_order_of_lengths(locks, work):
    with ExitStack() as stack:
        for name in sorted(locks, key=len):
            stack.enter_context(locks[name])
        work()


def work_in_the_order_of_a_set(locks, work):
    with ExitStack() as stack:
        for name in set(locks):
            stack.enter_context(locks[name])
        work()


def work_from_the_end(locks, work):
    with ExitStack() as stack:
        for name in reversed(locks):
            stack.enter_context(locks[name])
        work()


def work_with_the_first_letter_only(locks, work):
    with ExitStack() as stack:
        for name in sorted(locks, key=lambda name: name[0] in "fo"):
            stack.enter_context(locks[name])
        work()


def work_and_push(locks, work):
    with ExitStack() as stack:
        for name in sorted(locks):
            stack.push(locks[name])
        work()


def work_and_lose_the_stack(locks, work):
    with ExitStack() as stack:
        for name in sorted(locks):
            stack.enter_context(locks[name])
        stack.pop_all()
        work()


GATE = Lock()


def work_behind_a_gate(locks, work):
    with GATE, ExitStack() as stack:
        for lock in locks.values():
            stack.enter_context(lock)
        work()


def work_and_take_them_behind_a_gate(locks, work):
    with ExitStack() as stack:
        with GATE:
            for lock in locks.values():
                stack.enter_context(lock)
        work()


def work_or_try_again(locks, work):
    while True:
        with ExitStack() as stack:
            for lock in locks.values():
                if not lock.acquire(blocking=False):
                    break
                stack.callback(lock.release)
            else:
                return work()
        sleep(1)


def work_with_a_long_patience(locks, work):
    with ExitStack() as stack:
        for name in sorted(locks):
            if locks[name].acquire(timeout=100):
                stack.callback(locks[name].release)
        work()


def work_in_an_order_by_how_many(locks, work):
    with ExitStack() as stack:
        for name in sorted(locks, reverse=len(locks) > 4):
            stack.enter_context(locks[name])
        work()


def work_with_each_lock(locks, work):
    for name in sorted(locks):
        with locks[name]:
            work()


def work_with_lengths_and_names(locks, work):
    with ExitStack() as stack:
        for name in sorted(locks, key=lambda name: (len(name), name)):
            stack.enter_context(locks[name])
        work()


def work_with_the_greatest_first(locks, work):
    todo = dict(locks)
    with ExitStack() as stack:
        while todo:
            stack.enter_context(todo.pop(max(todo)))
        return work()


# -- what the checks must say of them ------------------------------------------------------------------------

RIGHT = {
    "check_reading": [("bob", 3), ["Bob", 3.0], "bob, 3 s", {"who": "bob", "s": 3}, "3 seconds; bob"],
    "check_withdraw": [
        withdraw,
        withdraw_with_finally,
        withdraw_in_a_stack,
        withdraw_with_two_releases,
        withdraw_and_put_back,
        withdraw_and_raise_outside,
    ],
    "check_taken_within": [
        taken_within,
        TakenWithin,
        taken_with_a_deadline,
        taken_and_called_back,
        taken_if_it_got_it,
        taken_by_a_stack,
        taken_and_raised_again,
    ],
    "check_work_with": [
        work_with,
        work_with_names,
        work_one_inside_the_other,
        work_by_hand,
        work_with_lengths_and_names,
        work_with_the_greatest_first,
        work_the_other_way_round,
        work_by_id,
    ],
}
WRONG = {
    "check_reading": {
        ("?", 0): "Your answer has no names and 1 number",
        "bob": "1 name and no numbers",
        ("ann", 3): "ann left its block at its end",
        ("cho", 3): "cho left its block at its end",
        ("bob", 5): "5 s is the time at which the hold ends",
        ("bob", 2): "2 s is the time at which the hold begins",
        ("bob", 1): "bob did not hold the pan for 1 s",
        ("bob", 4): "bob did not hold the pan for 4 s",
        ("bob and cho", 3): "2 names and 1 number",
    },
    "check_withdraw": {
        withdraw_and_keep_the_lock: "Whoever leaves must release the lock",
        withdraw_without_the_lock: "Nobody took `account.lock`",
        withdraw_with_two_blocks: "put both into one block",
        withdraw_and_look_only_before: "whoever comes second must look again",
        withdraw_in_silence: "Keep the `raise ValueError(...)`",
        withdraw_and_release_twice: "bob failed with RuntimeError",
        withdraw_and_look_afterwards: "Compare before you subtract",
        withdraw_after_the_block: "Put both into the block",
        withdraw_with_brackets: "leave out the brackets",
        withdraw_and_take_it_twice: "Take it once",
        withdraw_and_release_where_it_fails: "Whoever leaves must release the lock",
        withdraw_if_nobody_has_it: "did not wait until it was free",
        withdraw_but_not_the_last: "Refuse only where the amount is more than the balance",
        withdraw_with_a_lock_of_its_own: "Nobody took `account.lock`",
        withdraw_twice: "ann wanted 40, and 80 was taken",
        withdraw_when_the_lock_looks_free: "Nobody took `account.lock`",
        withdraw_and_add: "ann wanted 40, and -40 was taken",
        withdraw_after_a_second: "bob did not get the lock at once, and did not wait until it was free",
        withdraw_from_the_money: "failed with AttributeError: 'Account' object has no attribute 'money'",
        withdraw_down_to_zero: "no ValueError told him so",
        withdraw_and_return_the_error: "no ValueError told him so",
        withdraw_what_there_is: "Compare before you subtract",
    },
    "check_taken_within": {
        taken_as_the_frame: "the release into its `finally`",
        taken_to_complete: "Without a `yield` there is no place for the block",
        taken_without_finally: "the release into its `finally`",
        taken_without_a_look: "look at what it returns",
        taken_for_ever: "Wait with a timeout",
        taken_without_a_word: "Raise TimeoutError",
        taken_with_a_wide_try: "Begin the `try` after you got the lock",
        taken_and_swallowed: "Let it pass",
        not_taken: "Nobody held the lock inside the block",
        taken_by_trying_again: "patient tried again and again, and did not wait",
        taken_without_patience: "patient did not wait for the lock",
        taken_with_too_much_patience: "late waited 20 s for the lock",
        taken_and_kept_where_all_goes_well: "also at the end of the block",
        taken_and_released_without_brackets: "into its `finally`, with the brackets: `lock.release()`",
        taken_the_wrong_way_round: "unlucky could have the lock, was not let in, and the lock is still held",
        taken_twice: "Take it once",
        taken_by_a_plain_function: "write `@contextmanager`",
        taken_where_all_errors_look_alike: "and its caller saw a TimeoutError instead",
        taken_with_a_new_error: "and its caller saw another one instead",
        taken_where_time_outs_are_swallowed: "hasty raised a TimeoutError inside the block, and it was",
        TakenAndForgiven: "unlucky raised a LookupError inside the block, and it was swallowed",
        taken_and_kept_by_who_leaves: "An exception (SystemExit) left the block of leaver",
        taken_if_free_later: "patient was not let in",
        taken_by_asking_again_and_again: "did not wait for the lock",
        taken_within_two_seconds: "late waited 2 s for the lock, with a patience of 4 s",
        taken_with_a_blocking_of_seconds: "timeout=",  # a TypeError, or on 3.15 a wait for ever
        TakenWithoutArguments: "write `def __exit__(self, *error):`",
        taken_with_another_error: "should see a TimeoutError, and saw a LookupError",
    },
    "check_work_with": {
        work_to_build: "ann never worked. Call `work()` when you hold all the locks",
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
        work_in_the_order_of_lengths: "Take the locks in one order for everybody",
        work_in_the_order_of_a_set: "Take the locks in one order for everybody",
        work_from_the_end: "Take the locks in one order for everybody",
        work_with_the_first_letter_only: "Take the locks in one order for everybody",
        work_in_an_order_by_how_many: "Take the locks in one order for everybody",
        work_with_each_lock: "worked without one of the locks",
        work_and_push: "Release only what you hold",
        work_and_lose_the_stack: "Give all back on every way out",
        work_behind_a_gate: "GATE is none of the locks that were given",
        work_and_take_them_behind_a_gate: "GATE is none of the locks that were given",
        work_or_try_again: "could not get a lock, and gave up. Wait without a time-out",
        work_with_a_long_patience: "could not get a lock, and gave up. Wait without a time-out",
    },
}
