"""Answers to the exercises of lesson 13: right ones, and wrong ones with what the check must say of them.

The stubs of the notebook are among the wrong ones. tests/test_exercises.py runs them all.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tracing import Lock, RLock, Semaphore, Thread, current_thread, local, sleep

# -- 2: a lock that guards -----------------------------------------------------------------------------------

guard = Lock()
own_guard = RLock()
permit = Semaphore(1)


def visit(counts, page):
    with guard:
        counts[page] = counts.get(page, 0) + 1


def visit_by_acquire(counts, page):
    guard.acquire()
    try:
        counts.setdefault(page, 0)
        counts[page] += 1
    finally:
        guard.release()


def visit_with_a_default(counts, page, lock=Lock()):  # noqa: B008
    with lock:
        if page in counts:
            counts[page] += 1
        else:
            counts[page] = 1


def visit_with_an_rlock(counts, page):
    with own_guard:
        old = counts.get(page, 0)
        counts[page] = old + 1


def visit_with_a_permit(counts, page):
    with permit:
        try:
            counts[page] += 1
        except KeyError:
            counts[page] = 1


def visit_with_a_lock_of_its_own(counts, page):
    with Lock():
        counts[page] = counts.get(page, 0) + 1


def visit_without_a_lock(counts, page):
    counts[page] = counts.get(page, 0) + 1


def visit_that_locks_the_reading(counts, page):
    with guard:
        old = counts.get(page, 0)
    counts[page] = old + 1


def visit_that_locks_the_writing(counts, page):
    old = counts.get(page, 0)
    with guard:
        counts[page] = old + 1


def visit_of_nobody(counts, page):
    pass


def visit_that_forgets_the_others(counts, page):
    with guard:
        counts[page] = 1


def visit_that_counts_twice(counts, page):
    with guard:
        counts[page] = counts.get(page, 0) + 2


def visit_that_keeps_the_lock(counts, page, lock=Lock()):  # noqa: B008
    lock.acquire()
    counts[page] = counts.get(page, 0) + 1


def visit_that_expects_the_page(counts, page):
    with guard:
        counts[page] += 1


def visit_with_a_lock_a_thread(counts, page, locks={}):  # noqa: B006
    with locks.setdefault(current_thread().name, Lock()):
        counts[page] = counts.get(page, 0) + 1


mine = local()


def visit_with_a_local_lock(counts, page):
    if not hasattr(mine, "lock"):
        mine.lock = Lock()
    with mine.lock:
        counts[page] = counts.get(page, 0) + 1


late_guard = None


def visit_with_a_lock_made_by_the_first(counts, page):
    global late_guard
    if late_guard is None:
        late_guard = Lock()
    with late_guard:
        counts[page] = counts.get(page, 0) + 1


locks_by_page = {}


def visit_with_a_lock_a_page(counts, page):
    if page not in locks_by_page:
        locks_by_page[page] = Lock()
    with locks_by_page[page]:
        counts[page] = counts.get(page, 0) + 1


made_before = {"home": Lock(), "news": Lock()}


def visit_with_the_lock_of_the_page(counts, page):
    with made_before[page]:
        counts[page] = counts.get(page, 0) + 1


def visit_that_only_tries(counts, page):
    if guard.acquire(blocking=False):
        counts[page] = counts.get(page, 0) + 1
        guard.release()


def visit_that_tries_and_counts_anyway(counts, page):
    got = guard.acquire(blocking=False)
    counts[page] = counts.get(page, 0) + 1
    if got:
        guard.release()


# -- 3: an iterator for many ---------------------------------------------------------------------------------


class _Frame:
    def __init__(self, iterator):
        self.iterator, self.lock = iterator, Lock()

    def __iter__(self):
        return self


class Shared(_Frame):
    def __next__(self):
        with self.lock:
            return next(self.iterator)


class SharedByAcquire(_Frame):
    def __next__(self):
        self.lock.acquire()
        try:
            return next(self.iterator)
        finally:
            self.lock.release()


class SharedInALine(_Frame):
    def __next__(self):
        with self.lock:
            for number in self.iterator:
                return number
        raise StopIteration


class SharedWithAnRLock(_Frame):
    def __init__(self, iterator):
        super().__init__(iterator)
        self.guard = RLock()

    def __next__(self):
        with self.guard:
            return next(self.iterator)


class SharedWithAMark(_Frame):
    def __next__(self):
        with self.lock:
            number = next(self.iterator, self)
        if number is self:
            raise StopIteration
        return number


class SharedAsTheStub(_Frame):
    def __next__(self):
        return next(self.iterator)


class SharedWithALockEach(_Frame):
    def __next__(self):
        with Lock():
            return next(self.iterator)


class SharedThatLocksTooLittle(_Frame):
    def __next__(self):
        with self.lock:
            iterator = self.iterator
        return next(iterator)


class SharedThatKeepsTheLock(_Frame):
    def __next__(self):
        self.lock.acquire()
        return next(self.iterator)


class SharedThatForgetsTheEnd(_Frame):
    def __next__(self):
        self.lock.acquire()
        number = next(self.iterator)
        self.lock.release()
        return number


class SharedThatReturnsNothing(_Frame):
    def __next__(self):
        with self.lock:
            next(self.iterator)


class SharedThatIsNoIterator(_Frame):
    __next__ = None


class SharedThatEndsWithNone(_Frame):
    def __next__(self):
        with self.lock:
            return next(self.iterator, None)


class SharedThatSkips(_Frame):
    def __next__(self):
        with self.lock:
            next(self.iterator)
            return next(self.iterator)


class SharedThatTakesAll(_Frame):
    def __init__(self, iterator):
        super().__init__(iter(list(iterator)))

    def __next__(self):
        with self.lock:
            return next(self.iterator)


def shared_list(iterator):
    return iter(list(iterator))


class SharedWithAFlag(_Frame):
    """A lock made by hand: between the look and the flag another one may look."""

    busy = False

    def __next__(self):
        while self.busy:
            sleep(0.1)
        self.busy = True
        try:
            return next(self.iterator)
        finally:
            self.busy = False


class SharedThatTries(_Frame):
    def __next__(self):
        if not self.lock.acquire(blocking=False):
            raise StopIteration
        try:
            return next(self.iterator)
        finally:
            self.lock.release()


# -- 4: a sum without locks ----------------------------------------------------------------------------------


def add_up(work, parts):
    results = [0] * len(parts)

    def job(place, part):
        results[place] = work(part)

    threads = [Thread(target=job, args=(place, part)) for place, part in enumerate(parts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(results)


def add_up_a_list(work, parts):
    results = []
    threads = [Thread(target=lambda part=part: results.append(work(part))) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(results)


class Worker(Thread):
    def __init__(self, work, part):
        super().__init__()
        self.work, self.part, self.result = work, part, None

    def run(self):
        self.result = self.work(self.part)


def add_up_workers(work, parts):
    workers = [Worker(work, part) for part in parts]
    for worker in workers:
        worker.start()
    total = 0
    for worker in workers:
        worker.join()
        total += worker.result
    return total


def add_up_by_name(work, parts):
    results = {}

    def job(part):
        results[current_thread()] = work(part)

    threads = [Thread(target=job, args=[part]) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(results.values())


def add_up_pairs(work, parts):
    places = [[part, None] for part in parts]

    def job(place):
        place[1] = work(place[0])

    threads = [Thread(target=job, args=(place,)) for place in places]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(result for _, result in places)


def add_up_in_a_pool(work, parts):
    with ThreadPoolExecutor(len(parts)) as pool:
        return sum(pool.map(work, parts))


def add_up_to_build(work, parts):
    """As the notebook has it."""


def _each_in_a_thread(job, parts):
    threads = [Thread(target=job, args=(part,)) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def add_up_in_one_line(work, parts):
    total = 0

    def job(part):
        nonlocal total
        total += work(part)

    _each_in_a_thread(job, parts)
    return total


def add_up_in_two_lines(work, parts):
    total = 0

    def job(part):
        nonlocal total
        result = work(part)
        total += result

    _each_in_a_thread(job, parts)
    return total


def add_up_with_a_lock(work, parts):
    total, lock = 0, Lock()

    def job(part):
        nonlocal total
        result = work(part)
        with lock:
            total += result

    _each_in_a_thread(job, parts)
    return total


def add_up_one_by_one(work, parts):
    total = 0
    for part in parts:
        worker = Worker(work, part)
        worker.start()
        worker.join()
        total += worker.result
    return total


def add_up_without_threads(work, parts):
    return sum(map(work, parts))


def add_up_without_join(work, parts):
    results = []
    for part in parts:
        Thread(target=lambda part=part: results.append(work(part))).start()
    return sum(results)


def add_up_equal_parts(work, parts):
    results = {}

    def job(part):
        results[part] = work(part)

    _each_in_a_thread(job, parts)
    return sum(results.values())


def add_up_nothing(work, parts):
    return 0


def add_up_the_parts(work, parts):
    _each_in_a_thread(work, parts)
    return sum(parts)


def add_up_to_a_list(work, parts):
    results = []
    _each_in_a_thread(lambda part: results.append(work(part)), parts)
    return results


def add_up_with_calls(work, parts):
    threads = [Thread(target=work(part)) for part in parts]
    for thread in threads:
        thread.start()
    return 0


def add_up_that_prints(work, parts):
    _each_in_a_thread(work, parts)


# -- what the checks must say of them ------------------------------------------------------------------------


def add_up_within_five_seconds(work, parts):
    results = []
    threads = [Thread(target=lambda part=part: results.append(work(part))) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    return sum(results)


def add_up_and_look_again(work, parts):
    results = [0] * len(parts)

    def job(place):
        results[place] = work(parts[place])

    threads = [Thread(target=job, args=(place,)) for place in range(len(parts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            thread.join(1)
    return sum(results)


RIGHT = {
    "check_lost": [
        ("bob", 5),
        ["bob", 5.0],
        "Bob, 5",
        {"lost": "bob", "left": 5},
        "5 are left; bob's is lost",
    ],
    "check_visit": [
        visit,
        visit_by_acquire,
        visit_with_a_default,
        visit_with_an_rlock,
        visit_with_a_permit,
        visit_with_the_lock_of_the_page,
    ],
    "check_shared": [Shared, SharedByAcquire, SharedInALine, SharedWithAnRLock, SharedWithAMark],
    "check_add_up": [
        add_up,
        add_up_a_list,
        add_up_workers,
        add_up_by_name,
        add_up_pairs,
        add_up_and_look_again,
    ],
}
WRONG = {
    "check_lost": {
        (): "Your answer has no names and no numbers",
        "bob": "Your answer has 1 name and no numbers",
        ("ann", "bob", 5): "Your answer has 2 names and 1 number",
        ("ann", 5): "ann's sale is kept",
        ("cho", 5): "cho's sale is kept",
        ("ann", 3): "ann's sale is kept",
        ("bob", 3): "would be left if no sale were lost",
        ("bob", 9): "9 was written, and overwritten later",
        ("bob", 8): "8 was written, and overwritten later",
        ("bob", 7): "does not hold 7 at the end",
    },
    "check_visit": {
        visit_with_a_lock_of_its_own: "Make one lock, once, outside of the function",
        visit_with_a_lock_a_thread: "Make one lock, once, outside of the function",
        visit_with_a_local_lock: "Make one lock, once, outside of the function",
        visit_with_a_lock_made_by_the_first: "Make one lock, once, outside of the function",
        visit_with_a_lock_a_page: "Make one lock, once, outside of the function",
        visit_without_a_lock: "held from the reading to the writing",
        visit_that_locks_the_reading: "held from the reading to the writing",
        visit_that_locks_the_writing: "held from the reading to the writing",
        visit_of_nobody: "counts['home'] is None, and should be 2",
        visit_that_forgets_the_others: "counts['home'] is 1, and should be 2",
        visit_that_counts_twice: "counts['home'] is 4, and should be 2",
        visit_that_keeps_the_lock: "Release the lock on every way out",
        visit_that_expects_the_page: "KeyError",
        visit_that_only_tries: "did not get it, and did not wait",
        visit_that_tries_and_counts_anyway: "did not get it, and did not wait",
    },
    "check_shared": {
        SharedAsTheStub: "Two threads were inside the generator",
        SharedWithALockEach: "Two threads were inside the generator",
        SharedThatLocksTooLittle: "Two threads were inside the generator",
        SharedThatKeepsTheLock: "Take the lock with `with`",
        SharedThatForgetsTheEnd: "Take the lock with `with`",
        SharedThatReturnsNothing: "Ticket 1 was lost: taken were None",
        SharedThatIsNoIterator: "not callable",
        SharedThatEndsWithNone: "whoever asked got None",
        SharedThatSkips: "Ticket 1 was lost",
        SharedThatTakesAll: "nobody has asked for so many",
        shared_list: "nobody has asked for so many",
        SharedWithAFlag: "Two threads were inside the generator",
        SharedThatTries: "was told that there are no more tickets",
    },
    "check_add_up": {
        add_up_to_build: "`work` was never called",
        add_up_in_one_line: "the results add up to",
        add_up_in_two_lines: "the results add up to",
        add_up_with_a_lock: "There is a Lock. The puzzle allows Thread",
        add_up_in_a_pool: "There is a ThreadPoolExecutor. The puzzle allows Thread",
        add_up_one_by_one: "At most 1 of 4 calls of `work`",
        add_up_without_threads: "The main thread called `work` itself",
        add_up_without_join: "without waiting for its threads",
        add_up_within_five_seconds: "a `join` gave up",
        add_up_equal_parts: "the results add up to",
        add_up_nothing: "`work` was never called",
        add_up_the_parts: "the results add up to",
        add_up_to_a_list: "return one number, the sum",
        add_up_with_calls: "Where a function is wanted, give one",
        add_up_that_prints: "returned None: return the sum",
    },
}
