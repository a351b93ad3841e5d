"""Answers to the exercises of lesson 12: right ones, and wrong ones with what the check must say of them.

The stubs of the notebook are among the wrong ones. tests/test_exercises.py runs them all.
"""

from __future__ import annotations

from contextlib import ExitStack
from operator import attrgetter
from random import random

from tracing import Lock, current_thread, sleep

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


def transfer_in_step(source, target, amount):
    while True:
        with source.lock:
            if target.lock.acquire(blocking=False):
                source.balance -= amount
                target.balance += amount
                target.lock.release()
                return
        sleep(0.1)


def transfer_in_three_tries(source, target, amount):
    for _ in range(3):
        with source.lock:
            if target.lock.acquire(timeout=0.1):
                source.balance -= amount
                target.balance += amount
                target.lock.release()
                return True
        sleep(0.1 * source.number)
    return False


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


def transfer_that_keeps_the_second(source, target, amount):
    first, second = sorted([source, target], key=lambda account: account.number)
    first.lock.acquire()
    second.lock.acquire()
    source.balance -= amount
    target.balance += amount
    first.lock.release()


def transfer_that_releases_one_twice(source, target, amount):
    first, second = sorted([source, target], key=lambda account: account.number)
    first.lock.acquire()
    second.lock.acquire()
    source.balance -= amount
    target.balance += amount
    first.lock.release()
    first.lock.release()


def transfer_that_fails_with_both(source, target, amount):
    first, second = sorted([source, target], key=lambda account: account.number)
    first.lock.acquire()
    second.lock.acquire()
    source.balanse -= amount
    second.lock.release()
    first.lock.release()


def transfer_that_releases_too_early(source, target, amount):
    first, second = sorted([source, target], key=lambda account: account.number)
    first.lock.acquire()
    second.lock.acquire()
    source.balance -= amount
    source.lock.release()
    target.balance += amount
    target.lock.release()


def transfer_that_gives_way_and_keeps(source, target, amount):
    while True:
        source.lock.acquire()
        if target.lock.acquire(timeout=0.1):
            source.balance -= amount
            target.balance += amount
            target.lock.release()
            return
        source.lock.release()
        sleep(source.number)


def transfer_that_gives_way_without_a_release(source, target, amount):
    while True:
        source.lock.acquire()
        if target.lock.acquire(timeout=0.1):
            source.balance -= amount
            target.balance += amount
            target.lock.release()
            source.lock.release()
            return
        sleep(source.number)


def transfer_with_one_lock_twice(source, target, amount):
    first = min(source, target, key=attrgetter("number"))
    second = min(target, source, key=attrgetter("number"))
    with first.lock, second.lock:
        source.balance -= amount
        target.balance += amount


def transfer_in_order_that_takes_no_heed(source, target, amount):
    first, second = sorted([source, target], key=attrgetter("number"))
    first.lock.acquire(timeout=1)
    second.lock.acquire(timeout=1)
    source.balance -= amount
    target.balance += amount
    second.lock.release()
    first.lock.release()


def transfer_in_two_branches(source, target, amount):
    if source.number < target.number:
        with source.lock, target.lock:
            source.balance -= amount
            target.balance += amount
    else:
        with target.lock, source.lock:
            source.balance -= amount
            target.balance += amount


def transfer_by_id(source, target, amount):
    first, second = sorted([source, target], key=id)
    with first.lock, second.lock:
        source.balance -= amount
        target.balance += amount


def transfer_by_a_dict(source, target, amount):
    locks = {source.number: source.lock, target.number: target.lock}
    with locks[min(locks)], locks[max(locks)]:
        source.balance = source.balance - amount
        target.balance = target.balance + amount


def transfer_that_pauses_at_random(source, target, amount):
    while True:
        source.lock.acquire()
        if target.lock.acquire(blocking=False):
            break
        source.lock.release()
        sleep(random())
    source.balance -= amount
    target.balance += amount
    target.lock.release()
    source.lock.release()


def transfer_after_a_sleep(source, target, amount):
    sleep(source.number)
    with source.lock, target.lock:
        source.balance -= amount
        target.balance += amount


def transfer_of_bob_later(source, target, amount):
    if current_thread().name == "bob":
        sleep(10)
    with source.lock, target.lock:
        source.balance -= amount
        target.balance += amount


def transfer_by_balance(source, target, amount):
    first, second = sorted([source, target], key=attrgetter("balance"))
    with first.lock, second.lock:
        source.balance -= amount
        target.balance += amount


def transfer_with_one_or_the_other(source, target, amount):
    with source.lock or target.lock:
        source.balance -= amount
        target.balance += amount


def transfer_by_new_names(source, target, amount):
    source, target = sorted([source, target], key=attrgetter("number"))
    with source.lock, target.lock:
        source.balance -= amount
        target.balance += amount


def transfer_that_looks_at_the_lock(source, target, amount):
    while target.lock.locked():
        sleep(0.1)
    with source.lock, target.lock:
        source.balance -= amount
        target.balance += amount


def transfer_that_takes_no_heed(source, target, amount):
    with source.lock:
        target.lock.acquire(timeout=1)
        source.balance -= amount
        target.balance += amount
        target.lock.release()


# -- 3: take both, or give way -------------------------------------------------------------------------------


def take_both(first, second, pause):
    while True:
        first.acquire()
        if second.acquire(timeout=0.1):
            return
        first.release()
        sleep(pause)


def take_both_without_waiting(first, second, pause):
    first.acquire()
    while not second.acquire(blocking=False):
        first.release()
        sleep(pause)
        first.acquire()


def take_both_by_turns(first, second, pause):
    while not (first.acquire() and second.acquire(timeout=pause / 2)):
        first.release()
        first, second = second, first
        sleep(pause)


def take_both_in_one_order(first, second, pause):
    for lock in sorted([first, second], key=id):
        lock.acquire()


def take_both_with_two_tries(first, second, pause):
    while True:
        if first.acquire(timeout=pause):
            if second.acquire(False):
                break
            first.release()
        sleep(pause)


def take_both_the_other_way_round_next(first, second, pause):
    while True:
        first.acquire()
        if second.acquire(timeout=0.1):
            return
        first.release()
        sleep(pause)
        first, second = second, first


def take_both_as_the_stub(first, second, pause):
    while True:
        first.acquire()
        if second.acquire(timeout=0.1):
            return


def take_both_and_keep(first, second, pause):
    first.acquire()
    while not second.acquire(timeout=0.1):
        sleep(pause)


def take_both_at_once(first, second, pause):
    first.acquire()
    second.acquire()


def take_both_without_a_pause(first, second, pause):
    while True:
        first.acquire()
        if second.acquire(blocking=False):
            return
        first.release()


def take_only_the_first(first, second, pause):
    first.acquire()


def take_none(first, second, pause):
    pass


def take_both_and_give_back(first, second, pause):
    with first, second:
        pass


def take_both_with_a_pause_of_its_own(first, second, pause):
    while True:
        first.acquire()
        if second.acquire(timeout=0.1):
            return
        first.release()
        sleep(0.2)


def take_both_with_longer_and_longer_pauses(first, second, pause):
    while True:
        first.acquire()
        if second.acquire(timeout=0.1):
            return
        first.release()
        sleep(pause)
        pause *= 2


def take_both_at_random(first, second, pause):
    while True:
        first.acquire()
        if second.acquire(timeout=0.1):
            return
        first.release()
        sleep(pause * random())


def take_both_by_a_call_of_itself(first, second, pause):
    first.acquire()
    if not second.acquire(timeout=0.1):
        first.release()
        sleep(pause)
        take_both_by_a_call_of_itself(first, second, pause)


def take_both_in_a_stack(first, second, pause):
    while True:
        with ExitStack() as stack:
            stack.enter_context(first)
            if second.acquire(timeout=0.1):
                stack.pop_all()
                return
        sleep(pause)


def take_both_and_release_both(first, second, pause):
    while True:
        first.acquire()
        if second.acquire(timeout=0.1):
            return
        first.release()
        second.release()
        sleep(pause)


def take_both_and_release_the_second(first, second, pause):
    while True:
        first.acquire()
        if second.acquire(timeout=0.1):
            return
        second.release()
        sleep(pause)


def take_both_within_a_with(first, second, pause):
    while True:
        with first:
            if second.acquire(timeout=0.1):
                return
        sleep(pause)


def take_both_in_three_tries(first, second, pause):
    for _ in range(3):
        first.acquire()
        if second.acquire(timeout=0.1):
            return
        first.release()
        sleep(pause)


def take_both_after_a_sleep(first, second, pause):
    sleep(10 * pause)
    first.acquire()
    second.acquire()


def take_both_and_pause_before_the_release(first, second, pause):
    while True:
        first.acquire()
        if second.acquire(timeout=0.1):
            return
        sleep(pause)
        first.release()


def take_both_with_at_least_five_seconds(first, second, pause):
    while True:
        first.acquire()
        if second.acquire(timeout=0.1):
            return
        first.release()
        sleep(max(pause, 5))


def take_both_once(first, second, pause):
    first.acquire()
    second.acquire(timeout=0.1)


# -- 4: the philosophers -------------------------------------------------------------------------------------


def philosopher(number, forks, eat):
    left, right = number, (number + 1) % len(forks)
    with forks[min(left, right)], forks[max(left, right)]:
        eat()


def philosopher_who_sorts(number, forks, eat):
    first, second = sorted([number, (number + 1) % len(forks)])
    forks[second].acquire()
    forks[first].acquire()
    try:
        eat()
    finally:
        forks[first].release()
        forks[second].release()


def philosopher_the_last_of_whom_is_left_handed(number, forks, eat):
    mine = [forks[number], forks[(number + 1) % len(forks)]]
    if number == len(forks) - 1:
        mine.reverse()
    with mine[0], mine[1]:
        eat()


waiter = Lock()


def philosopher_who_asks_the_waiter(number, forks, eat):
    left, right = forks[number], forks[(number + 1) % len(forks)]
    with waiter:
        left.acquire()
        right.acquire()
    eat()
    left.release()
    right.release()


def philosopher_who_is_odd(number, forks, eat):
    left, right = forks[number], forks[(number + 1) % len(forks)]
    if number % 2:
        left, right = right, left
    with left, right:
        eat()


def philosopher_with_a_time_out(number, forks, eat):
    left, right = forks[number], forks[(number + 1) % len(forks)]
    while True:
        with left:
            if right.acquire(timeout=0.2):
                eat()
                right.release()
                return
        sleep(1 + number)


def philosopher_who_gives_way(number, forks, eat):
    left, right = forks[number], forks[(number + 1) % len(forks)]
    while True:
        with left:
            if right.acquire(blocking=False):
                eat()
                right.release()
                return
        sleep(1 + number)


def philosopher_in_step(number, forks, eat):
    left, right = forks[number], forks[(number + 1) % len(forks)]
    while True:
        left.acquire()
        if right.acquire(timeout=0):
            break
        left.release()
        sleep(0.01)
    eat()
    right.release()
    left.release()


def philosopher_in_forty_tries(number, forks, eat):
    left, right = forks[number], forks[(number + 1) % len(forks)]
    for _ in range(40):
        with left:
            if right.acquire(blocking=False):
                eat()
                right.release()
                return
        sleep(0.3 * (number + 1))


def philosopher_left_first(number, forks, eat):
    with forks[number], forks[(number + 1) % len(forks)]:
        eat()


def philosopher_right_first(number, forks, eat):
    with forks[(number + 1) % len(forks)], forks[number]:
        eat()


def philosopher_to_build(number, forks, eat):
    """As the notebook has it."""


def philosopher_without_forks(number, forks, eat):
    eat()


def philosopher_with_one_fork(number, forks, eat):
    with forks[number]:
        eat()


def philosopher_of_another_seat(number, forks, eat):
    with forks[0]:
        eat()


def philosopher_who_eats_twice(number, forks, eat):
    first, second = sorted([number, (number + 1) % len(forks)])
    with forks[first], forks[second]:
        eat()
        eat()


def philosopher_who_keeps_forks(number, forks, eat):
    first, second = sorted([number, (number + 1) % len(forks)])
    forks[first].acquire()
    forks[second].acquire()
    eat()


def philosopher_who_keeps_one(number, forks, eat):
    first, second = sorted([number, (number + 1) % len(forks)])
    forks[first].acquire()
    forks[second].acquire()
    eat()
    forks[first].release()


def philosopher_who_gives_way_and_keeps(number, forks, eat):
    left, right = forks[number], forks[(number + 1) % len(forks)]
    while True:
        left.acquire()
        if right.acquire(blocking=False):
            eat()
            right.release()
            return
        left.release()
        sleep(1 + number)


def philosopher_with_fork_0_first(number, forks, eat):
    with forks[0], forks[number], forks[(number + 1) % len(forks)]:
        eat()


def philosopher_who_sorts_the_forks(number, forks, eat):
    first, second = sorted([forks[number], forks[(number + 1) % len(forks)]])
    with first, second:
        eat()


def philosopher_who_takes_no_heed(number, forks, eat):
    first, second = sorted([number, (number + 1) % len(forks)])
    forks[first].acquire(timeout=10)
    forks[second].acquire(timeout=10)
    eat()
    forks[second].release()
    forks[first].release()


def philosopher_who_gives_up(number, forks, eat):
    with forks[number]:
        if forks[(number + 1) % len(forks)].acquire(blocking=False):
            eat()
            forks[(number + 1) % len(forks)].release()


def philosopher_beyond_the_table(number, forks, eat):
    with forks[number], forks[number + 1]:
        eat()


def philosopher_who_eats_afterwards(number, forks, eat):
    first, second = sorted([number, (number + 1) % len(forks)])
    with forks[first], forks[second]:
        pass
    eat()


def philosopher_in_a_stack(number, forks, eat):
    with ExitStack() as stack:
        for fork in sorted({number, (number + 1) % len(forks)}):
            stack.enter_context(forks[fork])
        eat()


def philosopher_the_first_of_whom_is_left_handed(number, forks, eat):
    left, right = forks[number], forks[(number + 1) % len(forks)]
    if number == 0:
        left, right = right, left
    with left, right:
        eat()


def philosopher_who_gives_way_at_random(number, forks, eat):
    left, right = forks[number], forks[(number + 1) % len(forks)]
    while True:
        with left:
            if right.acquire(blocking=False):
                eat()
                right.release()
                return
        sleep(random())


def philosopher_who_comes_later(number, forks, eat):
    sleep(2 * number)
    with forks[number], forks[(number + 1) % len(forks)]:
        eat()


def philosopher_who_looks_first(number, forks, eat):
    left, right = forks[number], forks[(number + 1) % len(forks)]
    while left.locked() or right.locked():
        sleep(1)
    with left, right:
        eat()


eating = []


def philosopher_with_a_list_of_who_eats(number, forks, eat):
    while eating:
        sleep(1)
    eating.append(number)
    with forks[number], forks[(number + 1) % len(forks)]:
        eat()
    eating.remove(number)


def philosopher_who_knows_two_alone(number, forks, eat):
    first, second = (number + 1) % len(forks), number
    if len(forks) == 2:
        first, second = 0, 1
    with forks[first], forks[second]:
        eat()


def philosopher_who_knows_five_alone(number, forks, eat):
    left, right = forks[number], forks[(number + 1) % len(forks)]
    if number == 4:
        left, right = right, left
    with left, right:
        eat()


def philosopher_who_looks_to_the_other_side(number, forks, eat):
    first, second = sorted([number, (number - 1) % len(forks)])
    with forks[first], forks[second]:
        eat()


def philosopher_who_never_calls(number, forks, eat):
    first, second = sorted([number, (number + 1) % len(forks)])
    with forks[first], forks[second]:
        eat  # noqa: B018


# -- what the checks must say of them ------------------------------------------------------------------------

RIGHT = {
    "check_circle": [("ann", "bob"), ["bob", "ann"], "Ann and Bob", {"ann", "bob"}, "bob, ann", "ann & bob"],
    "check_transfer": [
        transfer,
        transfer_by_giving_way,
        transfer_by_comparing,
        transfer_in_a_stack,
        transfer_through_a_gate,
        transfer_that_tries,
        transfer_in_two_branches,
        transfer_by_id,
        transfer_by_a_dict,
        transfer_that_pauses_at_random,
    ],
    "check_take_both": [
        take_both,
        take_both_without_waiting,
        take_both_by_turns,
        take_both_with_two_tries,
        take_both_the_other_way_round_next,
        take_both_in_one_order,
        take_both_with_longer_and_longer_pauses,
        take_both_at_random,
        take_both_by_a_call_of_itself,
        take_both_in_a_stack,
    ],
    "check_philosopher": [
        philosopher,
        philosopher_who_sorts,
        philosopher_the_last_of_whom_is_left_handed,
        philosopher_who_is_odd,
        philosopher_who_gives_way,
        philosopher_in_a_stack,
        philosopher_the_first_of_whom_is_left_handed,
        philosopher_who_gives_way_at_random,
    ],
}
WRONG = {
    "check_circle": {
        (): "Give the names of those who are in the circle",
        "nobody": "Give the names of those who are in the circle",
        ("ann", "bob", "cho"): "Cho waits, but nobody waits for cho",
        ("bob", "cho"): "Cho waits, but nobody waits for cho",
        "cho": "Cho waits, but nobody waits for cho",
        ("ann", "bob", "dan"): "Dan never waited: that thread ended",
        "all: ann, bob, cho, dan": "Cho waits, but nobody waits for cho",
        "ann": "One alone makes no circle",
        "bob": "One alone makes no circle",
        ("ann", "bob", "MainThread"): "MainThread never waited: that thread ended",
        "main, ann and bob": "MainThread never waited: that thread ended",
    },
    "check_transfer": {
        transfer_in_two_orders: "take the locks in the same order, by `account.number`",
        transfer_in_three_tries: "was locked for 30 s, and ann moved no money",
        transfer_in_step: "tried again and again in step",
        transfer_without_a_pause: "Let a thread pause before it tries again",
        transfer_of_nothing: "No money was moved",
        transfer_without_locks: "Hold both locks while money moves",
        transfer_with_one_lock: "Take the second lock while you hold the first",
        transfer_one_after_the_other: "Take the second lock while you hold the first",
        transfer_the_wrong_way: "they should be 80 and 120",
        transfer_that_gives_up: "must try again",
        transfer_that_sorts_accounts: "Sort by `account.number`",
        transfer_that_enters_accounts: "Take `account.lock`",
        transfer_that_keeps_a_lock: "ann has ended. Give each lock back",
        transfer_that_keeps_the_second: "ann has ended. Give each lock back",
        transfer_that_releases_one_twice: "Give each lock back, once",
        transfer_that_releases_too_early: "Money moved while one of the two locks was free",
        transfer_that_fails_with_both: "has no attribute 'balanse'. Give each lock back",
        transfer_that_gives_way_and_keeps: "ann ended while it held lock_1",
        transfer_that_gives_way_without_a_release: "take each once, and give it back before the next try",
        transfer_with_one_lock_twice: "Who holds a Lock cannot take it again",
        transfer_in_order_that_takes_no_heed: "moved money while the main thread held the lock of account 2",
        transfer_with_a_lock_of_the_module: "written while nobody held its lock",
        transfer_with_an_old_balance: "written while nobody held its lock",
        transfer_through_half_a_gate: "take the locks in the same order",
        transfer_by_amount: "The balances are 79 and 119",
        transfer_after_a_sleep: "in another schedule they may deadlock",
        transfer_of_bob_later: "in another schedule they may deadlock",
        transfer_by_balance: "read or written while nobody held its lock",
        transfer_with_one_or_the_other: "ann never held both locks at once",
        transfer_by_new_names: "The balances are 60 and 140",
        transfer_that_looks_at_the_lock: "take the locks in",
        transfer_that_takes_no_heed: "release unlocked lock",
    },
    "check_take_both": {
        take_both_as_the_stub: "Release the first lock before you pause",
        take_both_and_keep: "Give the first lock back, and only then pause",
        take_both_at_once: "Release the first lock before you pause",
        take_both_without_a_pause: "try again and again",
        take_only_the_first: "without both locks",
        take_none: "without both locks",
        take_both_and_give_back: "without both locks",
        take_both_with_a_pause_of_its_own: "both paused for 0.2 s",
        take_both_once: "without both locks",
        take_both_and_release_both: "released a lock that another one had",
        take_both_and_release_the_second: "The main thread had the second lock, and ann released it",
        take_both_within_a_with: "without both locks",
        take_both_in_three_tries: "came back from `take_both` while the main thread had the second lock",
        take_both_after_a_sleep: "in another schedule they may deadlock",
        take_both_and_pause_before_the_release: "try again and again",
        take_both_with_at_least_five_seconds: "both paused for 5 s",
    },
    "check_philosopher": {
        philosopher_to_build: "phil-0 has not eaten",
        philosopher_who_asks_the_waiter: "waiter is no fork",
        philosopher_with_a_time_out: "after a time-out",
        philosopher_in_forty_tries: "phil-0 has not eaten",
        philosopher_in_step: "tried again and again in step",
        philosopher_left_first: "The run hangs. Deadlock",
        philosopher_right_first: "The run hangs. Deadlock",
        philosopher_without_forks: "hold both while you eat",
        philosopher_with_one_fork: "hold both while you eat",
        philosopher_of_another_seat: "hold both while you eat",
        philosopher_who_eats_twice: "ate 2 times",
        philosopher_who_keeps_forks: "phil-0 has ended. Give each lock back",
        philosopher_who_keeps_one: "phil-0 has ended. Give each lock back",
        philosopher_who_gives_way_and_keeps: "phil-0 ended while it held Table.forks[0]",
        philosopher_with_fork_0_first: "Who holds a Lock cannot take it again",
        philosopher_who_sorts_the_forks: "Sort their numbers",
        philosopher_who_takes_no_heed: "after a time-out",
        philosopher_who_gives_up: "has not eaten",
        philosopher_beyond_the_table: "list index out of range",
        philosopher_who_eats_afterwards: "hold both while you eat",
        philosopher_who_comes_later: "in another schedule they may deadlock",
        philosopher_who_looks_first: "in another schedule they may deadlock",
        philosopher_with_a_list_of_who_eats: "in another schedule they may deadlock",
        philosopher_who_knows_two_alone: "in another schedule they may deadlock",
        philosopher_who_knows_five_alone: "The run hangs. Deadlock",
        philosopher_who_looks_to_the_other_side: "hold both while you eat",
        philosopher_who_never_calls: "phil-0 has not eaten",
    },
}
