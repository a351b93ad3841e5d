"""Answers to the exercises of lesson 05: right ones, and wrong ones with what the check must say of them.

The stubs of the notebook are among the wrong ones. tests/test_exercises.py runs them all.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tracing import Condition, Lock, RLock, current_thread, get_ident, local

# -- 2: count the tree ---------------------------------------------------------------------------------------


def count(folder):
    with folder.lock:
        return folder.files + sum(count(inner) for inner in folder.folders)


def count_by_hand(folder):
    folder.lock.acquire()
    try:
        files = folder.files
        for inner in folder.folders:
            files += count_by_hand(inner)
        return files
    finally:
        folder.lock.release()


def count_level_by_level(folder):
    with folder.lock:
        files = folder.files
    for inner in folder.folders:
        files += count_level_by_level(inner)
    return files


def count_in_two_blocks(folder):
    with folder.lock:
        files = folder.files
    with folder.lock:
        return files + sum(count_in_two_blocks(inner) for inner in folder.folders)


def count_of_one_level_only(folder):
    with folder.lock:
        return folder.files + sum(inner.files for inner in folder.folders)


def count_without_a_lock(folder):
    return folder.files + sum(count_without_a_lock(inner) for inner in folder.folders)


def count_that_releases_nothing(folder):
    folder.lock.acquire()
    return folder.files + sum(count_that_releases_nothing(inner) for inner in folder.folders)


def count_that_leaves_early(folder):
    folder.lock.acquire()
    if not folder.folders:
        return folder.files
    files = folder.files + sum(count_that_leaves_early(inner) for inner in folder.folders)
    folder.lock.release()
    return files


def count_with_a_lock_of_its_own(folder):
    own = Lock()

    def walk(folder):
        with own:
            return folder.files + sum(walk(inner) for inner in folder.folders)

    return walk(folder)


def count_with_an_rlock_of_its_own(folder):
    own = RLock()

    def walk(folder):
        with own:
            return folder.files + sum(walk(inner) for inner in folder.folders)

    return walk(folder)


def count_that_lets_go_for_the_walk(folder):
    with folder.lock:
        files = folder.files
        folder.lock.release()
        for inner in folder.folders:
            files += count_that_lets_go_for_the_walk(inner)
        folder.lock.acquire()
    return files


def count_that_releases_twice(folder):
    with folder.lock:
        files = folder.files + sum(count_that_releases_twice(inner) for inner in folder.folders)
        folder.lock.release()
    return files


def count_with_a_guess(folder):
    got = folder.lock.acquire(timeout=5)
    try:
        return folder.files + sum(count_with_a_guess(inner) for inner in folder.folders)
    finally:
        if got:
            folder.lock.release()


def count_within_an_hour(folder):
    got = folder.lock.acquire(timeout=3600)
    try:
        return folder.files + sum(count_within_an_hour(inner) for inner in folder.folders)
    finally:
        if got:
            folder.lock.release()


def count_of_its_own_files_only(folder):
    with folder.lock:
        return folder.files


def count_without_a_result(folder):
    with folder.lock:
        folder.files + sum(inner.files for inner in folder.folders)


def count_in_threads(folder):
    with folder.lock, ThreadPoolExecutor() as pool:
        return folder.files + sum(pool.map(count_in_threads, folder.folders))


def count_with_a_list(folder):
    with folder.lock:
        waiting, files = [folder], 0
        while waiting:
            next_folder = waiting.pop()
            files += next_folder.files
            waiting.extend(next_folder.folders)
        return files


def count_inside_out(folder):
    with folder.lock:
        files = [count_inside_out(inner) for inner in folder.folders]
        return sum(files, folder.files)


def count_with_a_walk(folder):
    def walk(each):
        return each.files + sum(map(walk, each.folders))

    with folder.lock:
        return walk(folder)


def count_locked_again_for_each_inner(folder):
    files = folder.files
    for inner in folder.folders:
        with inner.lock:
            files += count_locked_again_for_each_inner(inner)
    return files


def count_with_a_lock_that_is_looked_at(folder):
    if folder.lock.acquire(blocking=False):
        try:
            return folder.files + sum(map(count_with_a_lock_that_is_looked_at, folder.folders))
        finally:
            folder.lock.release()
    return 10


def count_twice_to_be_sure(folder):
    first, second = count_level_by_level(folder), count_level_by_level(folder)
    return first if first == second else count_twice_to_be_sure(folder)


def count_ten(folder):
    with folder.lock:
        return 10


# -- 3: transfer ---------------------------------------------------------------------------------------------


def transfer(bank, source, target, amount):
    with bank.lock:
        if bank.balance(source) < amount:
            return False
        bank.change(source, -amount)
        bank.change(target, amount)
        return True


def transfer_with_the_question_turned_round(bank, source, target, amount):
    with bank.lock:
        enough = bank.balance(source) >= amount
        if enough:
            bank.change(source, -amount)
            bank.change(target, amount)
    return enough


def transfer_without_a_block(bank, source, target, amount):
    if bank.balance(source) < amount:
        return False
    bank.change(source, -amount)
    bank.change(target, amount)
    return True


def transfer_that_asks_outside(bank, source, target, amount):
    if bank.balance(source) < amount:
        return False
    with bank.lock:
        bank.change(source, -amount)
        bank.change(target, amount)
    return True


def transfer_that_gives_outside(bank, source, target, amount):
    with bank.lock:
        if bank.balance(source) < amount:
            return False
        bank.change(source, -amount)
    bank.change(target, amount)
    return True


def transfer_in_three_blocks(bank, source, target, amount):
    with bank.lock:
        enough = bank.balance(source) >= amount
    if not enough:
        return False
    with bank.lock:
        bank.change(source, -amount)
    with bank.lock:
        bank.change(target, amount)
    return True


def transfer_with_a_lock_of_its_own(bank, source, target, amount):
    with RLock():
        if bank.balance(source) < amount:
            return False
        bank.change(source, -amount)
        bank.change(target, amount)
        return True


def transfer_that_keeps_the_lock_when_it_refuses(bank, source, target, amount):
    bank.lock.acquire()
    if bank.balance(source) < amount:
        return False
    bank.change(source, -amount)
    bank.change(target, amount)
    bank.lock.release()
    return True


def transfer_that_never_refuses(bank, source, target, amount):
    with bank.lock:
        bank.change(source, -amount)
        bank.change(target, amount)
        return True


def transfer_that_takes_first(bank, source, target, amount):
    with bank.lock:
        bank.change(source, -amount)
        if bank.balance(source) < 0:
            bank.change(source, amount)
            return False
        bank.change(target, amount)
        return True


def transfer_that_keeps_the_last_coin(bank, source, target, amount):
    with bank.lock:
        if bank.balance(source) <= amount:
            return False
        bank.change(source, -amount)
        bank.change(target, amount)
        return True


def transfer_of_nothing(bank, source, target, amount):
    return bank.balance(source) >= amount


def transfer_without_a_result(bank, source, target, amount):
    with bank.lock:
        if bank.balance(source) >= amount:
            bank.change(source, -amount)
            bank.change(target, amount)


def transfer_the_wrong_way(bank, source, target, amount):
    with bank.lock:
        if bank.balance(source) < amount:
            return False
        bank.change(source, amount)
        bank.change(target, -amount)
        return True


def transfer_that_releases_twice(bank, source, target, amount):
    with bank.lock:
        if bank.balance(source) < amount:
            bank.lock.release()
            return False
        bank.change(source, -amount)
        bank.change(target, amount)
        return True


def transfer_that_gives_nothing(bank, source, target, amount):
    with bank.lock:
        if bank.balance(source) < amount:
            return False
        bank.change(source, -amount)
        return True


def transfer_by_hand(bank, source, target, amount):
    bank.lock.acquire()
    try:
        if bank.balance(source) >= amount:
            bank.change(source, -amount)
            bank.change(target, amount)
            return True
        return False
    finally:
        bank.lock.release()


def transfer_with_the_change_first_in_the_other_order(bank, source, target, amount):
    with bank.lock:
        enough = not bank.balance(source) < amount
        for name, change in ((target, amount), (source, -amount)):
            if enough:
                bank.change(name, change)
        return enough


def transfer_in_nested_blocks(bank, source, target, amount):
    with bank.lock:
        if bank.balance(source) >= amount:
            with bank.lock:
                bank.change(source, -amount)
                with bank.lock:
                    bank.change(target, amount)
            return True
    return False


def transfer_for_bob_only(bank, source, target, amount):
    with bank.lock:
        if target != "bob":
            return False
        bank.change(source, -amount)
        bank.change(target, amount)
        return True


def transfer_that_asks_twice(bank, source, target, amount):
    if bank.balance(source) < amount:
        return False
    with bank.lock:
        bank.change(source, -amount)
        if bank.balance(source) < 0:
            bank.change(source, amount)
            return False
        bank.change(target, amount)
        return True


def transfer_that_answers_the_other_way_round(bank, source, target, amount):
    with bank.lock:
        if bank.balance(source) < amount:
            return True
        bank.change(source, -amount)
        bank.change(target, amount)
        return False


def transfer_if_nobody_is_in(bank, source, target, amount):
    if not bank.lock.acquire(blocking=False):
        return False
    try:
        if bank.balance(source) < amount:
            return False
        bank.change(source, -amount)
        bank.change(target, amount)
        return True
    finally:
        bank.lock.release()


def transfer_that_gives_up(bank, source, target, amount):
    if not bank.lock.acquire(timeout=1):
        return False
    try:
        if bank.balance(source) < amount:
            return False
        bank.change(source, -amount)
        bank.change(target, amount)
        return True
    finally:
        bank.lock.release()


def transfer_within_an_hour(bank, source, target, amount):
    if not bank.lock.acquire(timeout=3600):
        return False
    try:
        return transfer(bank, source, target, amount)
    finally:
        bank.lock.release()


def transfer_or_an_error_after_an_hour(bank, source, target, amount):
    if not bank.lock.acquire(timeout=3600):
        raise TimeoutError("the bank is busy")
    try:
        return transfer(bank, source, target, amount)
    finally:
        bank.lock.release()


def transfer_that_asks_again_and_again(bank, source, target, amount):
    while not bank.lock.acquire(timeout=1):
        pass
    try:
        return transfer(bank, source, target, amount)
    finally:
        bank.lock.release()


def transfer_in_time_or_not_at_all(bank, source, target, amount):
    if not bank.lock.acquire(timeout=30):
        raise TimeoutError("the bank is busy")
    try:
        if bank.balance(source) < amount:
            return False
        bank.change(source, -amount)
        bank.change(target, amount)
        return True
    finally:
        bank.lock.release()


# -- 4: an RLock of one's own --------------------------------------------------------------------------------


class OwnRLock:
    def __init__(self):
        self.lock, self.owner, self.depth = Lock(), None, 0

    def acquire(self):
        if self.owner != get_ident():
            self.lock.acquire()
            self.owner = get_ident()
        self.depth += 1

    def release(self):
        if self.owner != get_ident():
            raise RuntimeError("you do not hold it")
        self.depth -= 1
        if self.depth == 0:
            self.owner = None
            self.lock.release()


class OwnRLockOfALocal:
    def __init__(self):
        self.lock, self.mine = Lock(), local()

    def acquire(self):
        depth = getattr(self.mine, "depth", 0)
        if not depth:
            self.lock.acquire()
        self.mine.depth = depth + 1

    def release(self):
        depth = getattr(self.mine, "depth", 0)
        if not depth:
            raise RuntimeError("you do not hold it")
        self.mine.depth = depth - 1
        if depth == 1:
            self.lock.release()


class NotBuiltYet:
    """The stub of the notebook."""


class OnlyALock(OwnRLock):
    def acquire(self):
        self.lock.acquire()
        self.owner = get_ident()

    def release(self):
        self.lock.release()


class OpensAtTheFirstRelease(OwnRLock):
    def release(self):
        if self.owner != get_ident():
            raise RuntimeError("you do not hold it")
        self.depth -= 1
        if self.lock.locked():
            self.lock.release()


class ForgetsNobody(OwnRLock):
    def release(self):
        if self.owner != get_ident():
            raise RuntimeError("you do not hold it")
        self.depth -= 1
        if self.depth == 0:
            self.lock.release()


class ForgetsTooLate(OwnRLock):
    def release(self):
        if self.owner != get_ident():
            raise RuntimeError("you do not hold it")
        self.depth -= 1
        if self.depth == 0:
            self.lock.release()
            self.owner = None


class NeverOpens(OwnRLock):
    def release(self):
        if self.owner != get_ident():
            raise RuntimeError("you do not hold it")
        self.depth -= 1


class OpensForAnybody(OwnRLock):
    def release(self):
        self.depth -= 1
        if self.depth == 0:
            self.owner = None
            self.lock.release()


class AsksTheDepthOnly(OwnRLock):
    def acquire(self):
        if self.depth == 0:
            self.lock.acquire()
            self.owner = get_ident()
        self.depth += 1


class HasNoLock(OwnRLock):
    def acquire(self):
        self.owner = get_ident()
        self.depth += 1

    def release(self):
        if self.owner != get_ident():
            raise RuntimeError("you do not hold it")
        self.depth -= 1


class CountsBeforeItHolds(OwnRLock):
    def acquire(self):
        self.depth += 1
        if self.owner != get_ident():
            self.lock.acquire()
            self.owner = get_ident()


class HasATypingError(OwnRLock):
    def acquire(self):
        self.lok.acquire()


class WritesTheOwnerFirst(OwnRLock):
    def acquire(self):
        if self.owner != get_ident():
            self.owner = get_ident()
            self.lock.acquire()
        self.depth += 1


class AnswersWithAnotherError(OwnRLock):
    def release(self):
        if self.owner != get_ident():
            raise ValueError("you do not hold it")
        super().release()


class OwnRLockOfAnRLock:
    def __init__(self):
        self.lock = RLock()
        self.acquire, self.release = self.lock.acquire, self.lock.release


class OwnRLockOfACondition:
    """What it is made of has an RLock inside."""

    def __init__(self):
        self.changed, self.owner, self.depth = Condition(), None, 0

    def acquire(self):
        with self.changed:
            self.changed.wait_for(lambda: self.owner in (None, get_ident()))
            self.owner, self.depth = get_ident(), self.depth + 1

    def release(self):
        with self.changed:
            if self.owner != get_ident():
                raise RuntimeError("not yours")
            self.depth -= 1
            if self.depth == 0:
                self.owner = None
                self.changed.notify()


class OwnRLockOfThreads:
    def __init__(self):
        self.mutex, self.holder, self.times = Lock(), None, 0

    def acquire(self):
        me = current_thread()
        if self.holder is me:
            self.times += 1
            return True
        self.mutex.acquire()
        self.holder, self.times = me, 1
        return True

    def release(self):
        if self.holder is not current_thread():
            raise RuntimeError("you do not hold it")
        self.times -= 1
        if not self.times:
            self.holder = None
            self.mutex.release()


class OwnRLockOfLevels:
    def __init__(self):
        self.lock, self.levels = Lock(), []

    def acquire(self):
        if get_ident() not in self.levels:
            self.lock.acquire()
        self.levels.append(get_ident())

    def release(self):
        if get_ident() not in self.levels:
            raise RuntimeError("you do not hold it")
        if len(self.levels) == 1:
            self.levels.clear()
            self.lock.release()
        else:
            self.levels.pop()


class OwnRLockWithAGuard(OwnRLock):
    def __init__(self):
        super().__init__()
        self.guard = Lock()

    def acquire(self):
        with self.guard:
            mine = self.owner == get_ident()
            if mine:
                self.depth += 1
        if not mine:
            self.lock.acquire()
            with self.guard:
                self.owner, self.depth = get_ident(), 1


class ThreeLevelsAtMost(OwnRLock):
    def acquire(self):
        if self.owner != get_ident() or self.depth >= 2:
            self.lock.acquire()
            self.owner = get_ident()
        self.depth += 1


class KnowsItsOwnerByName(OwnRLock):
    def acquire(self):
        if self.owner != current_thread().name:
            self.lock.acquire()
            self.owner = current_thread().name
        self.depth += 1

    def release(self):
        if self.owner != current_thread().name:
            raise RuntimeError("you do not hold it")
        self.depth -= 1
        if self.depth == 0:
            self.owner = None
            self.lock.release()


class AsksWhetherItIsLocked(OwnRLock):
    def acquire(self):
        if not self.lock.locked() or self.owner != get_ident():
            self.lock.acquire()
            self.owner = get_ident()
        self.depth += 1

    def release(self):
        if not hasattr(self, "owner") or self.owner != get_ident():
            raise RuntimeError("you do not hold it")
        self.depth -= 1
        if self.depth == 0:
            self.lock.release()
            del self.owner
            self.owner = None


class CountsAfterItHasGivenBack(OwnRLock):
    def release(self):
        if self.owner != get_ident():
            raise RuntimeError("you do not hold it")
        if self.depth == 1:
            self.owner = None
            self.lock.release()
        self.depth -= 1


class OwnRLockOfTheClass(OwnRLock):
    lock, owner, depth = Lock(), None, 0

    def __init__(self):
        pass


class OwnedByItsMaker(OwnRLock):
    def __init__(self):
        self.lock, self.owner, self.depth = Lock(), get_ident(), 0


class CannotBeMade(OwnRLock):
    def __init__(self):
        self.lock, self.owner, self.depth = Lok(), None, 0  # noqa: F821


class OwnRLockWithOneOwnerForAll:
    owner, depth = None, 0

    def __init__(self):
        self.lock, self.all = Lock(), OwnRLockWithOneOwnerForAll

    def acquire(self):
        if self.all.owner != get_ident():
            self.lock.acquire()
            self.all.owner = get_ident()
        self.all.depth += 1

    def release(self):
        if self.all.owner != get_ident():
            raise RuntimeError("you do not hold it")
        self.all.depth -= 1
        if self.all.depth == 0:
            self.all.owner = None
            self.lock.release()


class CountsForStrangers(OwnRLock):
    def release(self):
        self.depth -= 1
        if self.owner != get_ident():
            raise RuntimeError("you do not hold it")
        if self.depth == 0:
            self.owner = None
            self.lock.release()


class IgnoresStrangers(OwnRLock):
    def release(self):
        if self.owner == get_ident():
            super().release()


# -- what the checks must say of them ------------------------------------------------------------------------

RIGHT = {
    "check_reading": [("bob", 1), ["Bob", 1.0], (1, "bob"), "bob, at depth 1", {"who": "bob", "depth": 1}],
    "check_count": [count, count_by_hand, count_with_a_list, count_inside_out, count_with_a_walk],
    "check_transfer": [
        transfer,
        transfer_with_the_question_turned_round,
        transfer_by_hand,
        transfer_with_the_change_first_in_the_other_order,
        transfer_in_nested_blocks,
        transfer_that_asks_again_and_again,
    ],
    "check_own_rlock": [
        OwnRLock,
        OwnRLockOfThreads,
        OwnRLockOfLevels,
        OwnRLockWithAGuard,
        OwnRLockOfALocal,
    ],
}
WRONG = {
    "check_reading": {
        ("?", 0): "one name (ann, bob or cho) and one number of levels",
        "bob": "1 name and no numbers",
        ("ann", 2): "Ann took the vault 3 times, and gave it back as often",
        ("ann", 1): "Ann took the vault 3 times, and gave it back as often",
        ("cho", 1): "Cho waits, and has never had the vault",
        ("bob", 3): "3 is the highest that bob came to",
        ("bob", 2): "At its end bob did not hold the vault ×2",
        ("bob", 0): "At depth 0 the vault would be free",
        ("ann and bob", 1): "2 names",
    },
    "check_count": {
        count_level_by_level: "Put your own files and the inner calls into one block",
        count_in_two_blocks: "Put your own files and the inner calls into one block",
        count_of_one_level_only: "`count(inner)` of each inner folder",
        count_without_a_lock: "never took the lock. Take it: `with folder.lock:`",
        count_that_releases_nothing: "Release as often as you acquired",
        count_that_leaves_early: "Release as often as you acquired",
        count_with_a_lock_of_its_own: "Take the RLock that you were given",
        count_with_an_rlock_of_its_own: "never took the lock. Take it: `with folder.lock:`",
        count_that_lets_go_for_the_walk: "came in while the lock was free",
        count_that_releases_twice: "Release as often as you acquired",
        count_with_a_guess: "Ann did not get the lock, and did not wait until it was free",
        count_within_an_hour: "Ann did not get the lock, and did not wait until it was free",
        count_of_its_own_files_only: "Ann found 1 of 10 files",
        count_without_a_result: "Return the number of files",
        count_locked_again_for_each_inner: "came in while the lock was free",
        count_with_a_lock_that_is_looked_at: "did not wait until it was free",
        count_twice_to_be_sure: "came in while the lock was free",
        count_in_threads: "do not wait for a thread that needs it",
        count_ten: "Ann found 10 of 27 files",
    },
    "check_transfer": {
        transfer_of_nothing: "No money was moved: Ann still has 100",
        transfer_without_a_block: "`with bank.lock:`",
        transfer_that_asks_outside: "Ask and take in one block",
        transfer_that_gives_outside: "Put both into one block",
        transfer_in_three_blocks: "one block",
        transfer_with_a_lock_of_its_own: "one block",
        transfer_that_keeps_the_lock_when_it_refuses: "Release as often as you acquired",
        transfer_that_takes_first: "one took before it asked",
        transfer_that_keeps_the_last_coin: "balance is less than the amount",
        transfer_that_never_refuses: "Ask and take",
        transfer_without_a_result: "Return True after a transfer",
        transfer_that_answers_the_other_way_round: "You returned {'bob': False, 'cho': True}, and now",
        transfer_the_wrong_way: "Take from `source`, give to `target`",
        transfer_that_releases_twice: "Release as often as you acquired",
        transfer_that_gives_nothing: "give it to the other",
        transfer_for_bob_only: "Dan had 30, but could not pay 30",
        transfer_that_asks_twice: "one took before it asked",
        transfer_if_nobody_is_in: "Ann had 100, but could not pay 100",
        transfer_that_gives_up: "Ann had 100, but could not pay 100",
        transfer_within_an_hour: "Ann had 100, but could not pay 100",
        transfer_in_time_or_not_at_all: "failed with TimeoutError",
        transfer_or_an_error_after_an_hour: "failed with TimeoutError",
    },
    "check_own_rlock": {
        NotBuiltYet: "has no attribute 'acquire'",
        OnlyALock: "only add 1 to `depth`",
        OpensAtTheFirstRelease: "may give it back only at depth 0",
        ForgetsNobody: "must set `owner` to",
        ForgetsTooLate: "forget the owner before you release it",
        NeverOpens: "Give the Lock back when `depth` is 0",
        OpensForAnybody: "Raise a RuntimeError",
        AsksTheDepthOnly: "only where `owner` is the thread that asks",
        HasNoLock: "No Lock was used",
        CountsBeforeItHolds: "count only while you hold it",
        CannotBeMade: "Your code failed with NameError",
        HasATypingError: "has no attribute 'lok'",
        WritesTheOwnerFirst: "when you have got the Lock",
        AnswersWithAnotherError: "raise a RuntimeError",
        OwnRLockOfAnRLock: "Make it of a Lock, an owner and a depth",
        OwnRLockOfACondition: "There is an RLock in it already",
        ThreeLevelsAtMost: "only add 1 to `depth`",
        KnowsItsOwnerByName: "another ann",
        AsksWhetherItIsLocked: "forget the owner before you release it",
        CountsForStrangers: "count only while you hold it",
        CountsAfterItHasGivenBack: "Write `owner` and `depth` only while you hold the Lock",
        OwnedByItsMaker: "where the owner is None yet",
        OwnRLockOfTheClass: "what stands outside, all OwnRLocks share",
        OwnRLockWithOneOwnerForAll: "what stands outside, all OwnRLocks share",
        IgnoresStrangers: "it was no error",
    },
}
