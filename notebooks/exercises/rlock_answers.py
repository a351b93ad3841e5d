"""Answers to the exercises of lesson 05: right ones, and wrong ones with what the check must say of them.

The stubs of the notebook are among the wrong ones. tests/test_exercises.py runs them all.
"""

from __future__ import annotations

from tracing import Lock, RLock, get_ident

# -- 1: count the tree ---------------------------------------------------------------------------------------


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


def count_of_its_own_files_only(folder):
    with folder.lock:
        return folder.files


def count_without_a_result(folder):
    with folder.lock:
        folder.files + sum(inner.files for inner in folder.folders)


# -- 2: transfer ---------------------------------------------------------------------------------------------


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


# -- 3: an RLock of one's own --------------------------------------------------------------------------------


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


# -- what the checks must say of them ------------------------------------------------------------------------

RIGHT = {
    "check_count": [count, count_by_hand],
    "check_transfer": [transfer, transfer_with_the_question_turned_round],
    "check_own_rlock": [OwnRLock],
}
WRONG = {
    "check_count": {
        count_level_by_level: "Put your own files and the inner calls into one block",
        count_in_two_blocks: "Put your own files and the inner calls into one block",
        count_of_one_level_only: "`count(inner)` of each inner folder",
        count_without_a_lock: "never took the lock: `with folder.lock:`",
        count_that_releases_nothing: "Release as often as you acquired",
        count_that_leaves_early: "Release as often as you acquired",
        count_with_a_lock_of_its_own: "Take the RLock that you were given",
        count_with_an_rlock_of_its_own: "never took the lock: `with folder.lock:`",
        count_that_lets_go_for_the_walk: "moved while the lock was free",
        count_that_releases_twice: "Release as often as you acquired",
        count_of_its_own_files_only: "Ann found 1 of 10 files",
        count_without_a_result: "Return the number of files",
    },
    "check_transfer": {
        transfer_without_a_block: "`with bank.lock:`",
        transfer_that_asks_outside: "Ask and take in one block",
        transfer_that_gives_outside: "Put both into one block",
        transfer_in_three_blocks: "one block",
        transfer_with_a_lock_of_its_own: "one block",
        transfer_that_keeps_the_lock_when_it_refuses: "Release as often as you acquired",
        transfer_that_takes_first: "one took before it asked",
        transfer_that_keeps_the_last_coin: "less than the amount",
        transfer_that_never_refuses: "Ask and take",
        transfer_without_a_result: "Return True after a transfer",
        transfer_the_wrong_way: "take from `source`, give to `target`",
        transfer_that_releases_twice: "Release as often as you acquired",
        transfer_that_gives_nothing: "give it to the other",
    },
    "check_own_rlock": {
        OnlyALock: "only add 1 to `depth`",
        OpensAtTheFirstRelease: "may give it back only at depth 0",
        ForgetsNobody: "must set `owner` to",
        ForgetsTooLate: "forget the owner before you release it",
        NeverOpens: "Give the Lock back when `depth` is 0",
        OpensForAnybody: "Raise a RuntimeError",
        AsksTheDepthOnly: "only where `owner` is the thread that asks",
        HasNoLock: "No Lock was used",
        CountsBeforeItHolds: "count only while you hold it",
        HasATypingError: "has no attribute 'lok'",
        WritesTheOwnerFirst: "when you have got the Lock",
        AnswersWithAnotherError: "raise a RuntimeError",
        OwnRLockOfAnRLock: "Make it of a Lock, an owner and a depth",
    },
}
