"""Answers to the exercises of lesson 13: right ones, and wrong ones with what the check must say of them.

The stubs of the notebook are among the wrong ones. tests/test_exercises.py runs them all.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import partial, wraps

from tracing import Condition, Event, Lock, RLock, Semaphore, Thread, current_thread, local, sleep

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


def visit_with_an_attribute_made_by_the_first(counts, page):
    if not hasattr(visit_with_an_attribute_made_by_the_first, "lock"):
        visit_with_an_attribute_made_by_the_first.lock = Lock()
    with visit_with_an_attribute_made_by_the_first.lock:
        counts[page] = counts.get(page, 0) + 1


def visit_with_an_attribute(counts, page):
    with visit_with_an_attribute.lock:
        counts[page] = counts.get(page, 0) + 1


visit_with_an_attribute.lock = Lock()


def visit_with_a_lock_among_the_counts(counts, page):
    with counts.setdefault("lock", Lock()):
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


def one_at_a_time(function):
    lock = Lock()

    @wraps(function)
    def guarded(*arguments):
        with lock:
            return function(*arguments)

    return guarded


@one_at_a_time
def visit_decorated(counts, page):
    counts[page] = counts.get(page, 0) + 1


def visit_with_a_given_lock(lock, counts, page):
    with lock:
        counts[page] = counts.get(page, 0) + 1


visit_with_a_given_lock = partial(visit_with_a_given_lock, Lock())
news = Condition()


def visit_with_a_condition(counts, page):
    with news:
        counts.update({page: counts.get(page, 0) + 1})


def visit_with_a_lock_a_page_in_one_step(counts, page, locks={}):  # noqa: B006
    with locks.setdefault(page, Lock()):
        counts[page] = counts.get(page, 0) + 1


def visit_that_tries_again(counts, page):
    while not guard.acquire(timeout=0.5):
        pass
    counts[page] = counts.get(page, 0) + 1
    guard.release()


def visit_with_a_short_time_out(counts, page):
    guard.acquire(timeout=0.001)
    counts[page] = counts.get(page, 0) + 1
    guard.release()


def visit_with_a_time_out_of_an_hour(counts, page):
    guard.acquire(timeout=3600)
    counts[page] = counts.get(page, 0) + 1
    guard.release()


def visit_within_an_hour(counts, page):
    if guard.acquire(timeout=3600):
        counts[page] = counts.get(page, 0) + 1
        guard.release()


def visit_that_raises_after_a_hundred_seconds(counts, page):
    if not guard.acquire(timeout=100):
        raise TimeoutError(page)
    counts[page] = counts.get(page, 0) + 1
    guard.release()


def visit_that_begins_the_page_before(counts, page):
    if page not in counts:
        counts[page] = 0
    with guard:
        counts[page] += 1


def visit_after_the_lock(counts, page):
    with guard:
        pass
    counts[page] = counts.get(page, 0) + 1


def visit_that_looks_at_the_lock(counts, page):
    while guard.locked():
        sleep(0.1)
    counts[page] = counts.get(page, 0) + 1


def visit_unless_it_is_locked(counts, page):
    if not guard.locked():
        with guard:
            counts[page] = counts.get(page, 0) + 1


def visit_without_the_lock_if_it_is_taken(counts, page):
    if guard.locked():
        counts[page] = counts.get(page, 0) + 1
    else:
        with guard:
            counts[page] = counts.get(page, 0) + 1


def visit_of_a_copy(counts, page):
    with guard:
        counts = dict(counts)
        counts[page] = counts.get(page, 0) + 1


def visit_with_an_rlock_of_its_own(counts, page):
    with RLock():
        counts[page] = counts.get(page, 0) + 1


def visit_with_the_class(counts, page):
    with Lock:
        counts[page] = counts.get(page, 0) + 1


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


class SharedWithALockOfTheClass(_Frame):
    guard = Lock()

    def __next__(self):
        with self.guard:
            return next(self.iterator)


class SharedDecorated(_Frame):
    @one_at_a_time
    def __next__(self):
        return next(self.iterator)


class SharedThatKnowsItsEnd(_Frame):
    is_over = False

    def __next__(self):
        with self.lock:
            if self.is_over:
                raise StopIteration
            try:
                return next(self.iterator)
            except StopIteration:
                self.is_over = True
                raise


class SharedThatTriesAgain(_Frame):
    def __next__(self):
        while not self.lock.acquire(timeout=0.5):
            pass
        try:
            return next(self.iterator)
        finally:
            self.lock.release()


class SharedWithALockOfIter(_Frame):
    def __iter__(self):
        self.lock = Lock()
        return self

    def __next__(self):
        with self.lock:
            return next(self.iterator)


class SharedThatYields(_Frame):
    def __next__(self):
        with self.lock:
            yield next(self.iterator)


class SharedThatEndsWithAClass(_Frame):
    def __next__(self):
        with self.lock:
            try:
                return next(self.iterator)
            except StopIteration:
                return StopIteration


class SharedThatCatchesTheGenerator(_Frame):
    """It guards a generator, and no other iterator."""

    def __next__(self):
        while True:
            try:
                return next(self.iterator)
            except ValueError:
                sleep(0.1)


class SharedThatGivesTheGenerator(_Frame):
    def __iter__(self):
        return self.iterator

    def __next__(self):
        with self.lock:
            return next(self.iterator)


class SharedThatCallsItself(_Frame):
    def __next__(self):
        with self.lock:
            return next(self)


class SharedWithAShortTimeOut(_Frame):
    def __next__(self):
        got = self.lock.acquire(timeout=5)
        try:
            return next(self.iterator)
        finally:
            if got:
                self.lock.release()


class SharedForAnHour(_Frame):
    def __next__(self):
        self.lock.acquire(timeout=3600)
        try:
            return next(self.iterator)
        finally:
            self.lock.release()


class SharedThatRaisesAfterAnHour(_Frame):
    def __next__(self):
        if not self.lock.acquire(timeout=3600):
            raise TimeoutError
        try:
            return next(self.iterator)
        finally:
            self.lock.release()


class SharedUnlessItTakesAnHour(_Frame):
    def __next__(self):
        if self.lock.acquire(timeout=3600):
            try:
                return next(self.iterator)
            finally:
                self.lock.release()


class SharedUntilNone(_Frame):
    """None may be an item."""

    def __next__(self):
        with self.lock:
            item = next(self.iterator, None)
        if item is None:
            raise StopIteration
        return item


class SharedUntilFalse(_Frame):
    def __next__(self):
        with self.lock:
            item = next(self.iterator, None)
            if not item:
                raise StopIteration
            return item


class SharedUnlessItIsTaken(_Frame):
    def __next__(self):
        if self.lock.acquire(blocking=False):
            try:
                return next(self.iterator)
            finally:
                self.lock.release()


class SharedUnlessItTakesLong(_Frame):
    def __next__(self):
        if self.lock.acquire(timeout=0.5):
            try:
                return next(self.iterator)
            finally:
                self.lock.release()


class SharedUnlessItTakesVeryLong(_Frame):
    def __next__(self):
        if self.lock.acquire(timeout=5):
            try:
                return next(self.iterator)
            finally:
                self.lock.release()


class SharedUnlessItIsLocked(_Frame):
    def __next__(self):
        if not self.lock.locked():
            with self.lock:
                return next(self.iterator)


class SharedOrZero(_Frame):
    def __next__(self):
        if not self.lock.acquire(blocking=False):
            return 0
        try:
            return next(self.iterator)
        finally:
            self.lock.release()


class SharedThatLooksAgain(_Frame):
    def __next__(self):
        while not self.lock.acquire(blocking=False):
            sleep(0.1)
        try:
            return next(self.iterator)
        finally:
            self.lock.release()


class SharedThatLooksAgainAndEndsWithNone(_Frame):
    def __next__(self):
        while not self.lock.acquire(blocking=False):
            sleep(0.1)
        try:
            return next(self.iterator, None)
        finally:
            self.lock.release()


class SharedThatKeepsTheLast(_Frame):
    last = None

    def __next__(self):
        with self.lock:
            self.last = next(self.iterator, self.last)
            return self.last


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


def add_up_daemons(work, parts):
    results = []
    for part in parts:
        Thread(target=lambda part=part: results.append(work(part)), daemon=True).start()
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


def add_up_a_deque(work, parts):
    results = deque()
    _each_in_a_thread(lambda part: results.append(work(part)), parts)
    return sum(results)


def add_up_attributes(work, parts):
    def job(part):
        current_thread().result = work(part)

    threads = [Thread(target=job, args=(part,)) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(thread.result for thread in threads)


def add_up_when_none_is_alive(work, parts):
    results = []
    threads = [Thread(target=lambda part=part: results.append(work(part))) for part in parts]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        sleep(1)
    return sum(results)


def add_up_one_list_that_grows(work, parts):
    results = []

    def job(part):
        nonlocal results
        results += [work(part)]  # the list itself grows: it gets the name that it has

    _each_in_a_thread(job, parts)
    return sum(results)


def add_up_a_longer_list(work, parts):
    results = []

    def job(part):
        nonlocal results
        results = [*results, work(part)]

    _each_in_a_thread(job, parts)
    return sum(results)


def add_up_the_last_part(work, parts):
    results = []
    threads = [Thread(target=lambda: results.append(work(part))) for part in parts]  # noqa: B023
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(results)


def add_up_of_the_places(work, parts):
    results = [0] * len(parts)

    def job(place):
        results[place] = work(place)

    _each_in_a_thread(job, range(len(parts)))
    return sum(results)


def add_up_what_join_returns(work, parts):
    threads = [Thread(target=work, args=(part,)) for part in parts]
    for thread in threads:
        thread.start()
    return sum(thread.join() for thread in threads)


def add_up_what_start_returns(work, parts):
    return sum(Thread(target=work, args=(part,)).start() for part in parts)


def add_up_after_a_sleep(work, parts):
    results = []
    for part in parts:
        Thread(target=lambda part=part: results.append(work(part))).start()
    sleep(max(parts) + 1)
    return sum(results)


def add_up_a_set(work, parts):
    results = set()
    _each_in_a_thread(lambda part: results.add(work(part)), parts)
    return sum(results)


def add_up_with_an_event(work, parts):
    results, is_done = [], Event()

    def job(part):
        results.append(work(part))
        if len(results) == len(parts):
            is_done.set()

    for part in parts:
        Thread(target=job, args=(part,)).start()
    is_done.wait()
    return sum(results)


def add_up_and_join_the_last(work, parts):
    results = []
    threads = [Thread(target=lambda part=part: results.append(work(part))) for part in parts]
    for thread in threads:
        thread.start()
    threads[-1].join()
    return sum(results)


def add_up_by_index(work, parts):
    results = [0] * len(parts)

    def job(part):
        results[parts.index(part)] = work(part)

    _each_in_a_thread(job, parts)
    return sum(results)


# -- what the checks must say of them ------------------------------------------------------------------------


def add_up_within_five_seconds(work, parts):
    results = []
    threads = [Thread(target=lambda part=part: results.append(work(part))) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    return sum(results)


def add_up_within_an_hour(work, parts):
    results = []
    threads = [Thread(target=lambda part=part: results.append(work(part))) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=3600)
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
        visit_with_an_attribute,
        visit_with_an_rlock,
        visit_with_a_permit,
        visit_with_the_lock_of_the_page,
        visit_decorated,
        visit_with_a_given_lock,
        visit_with_a_condition,
        visit_with_a_lock_a_page_in_one_step,
        visit_that_tries_again,
    ],
    "check_shared": [
        Shared,
        SharedByAcquire,
        SharedInALine,
        SharedWithAnRLock,
        SharedWithAMark,
        SharedWithALockOfTheClass,
        SharedDecorated,
        SharedThatKnowsItsEnd,
        SharedThatTriesAgain,
        SharedThatLooksAgain,
    ],
    "check_add_up": [
        add_up,
        add_up_a_list,
        add_up_workers,
        add_up_by_name,
        add_up_pairs,
        add_up_and_look_again,
        add_up_a_deque,
        add_up_attributes,
        add_up_when_none_is_alive,
        add_up_one_list_that_grows,
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
        ("bob", -5): "does not hold -5 at the end",
    },
    "check_visit": {
        visit_with_a_lock_of_its_own: "Make one lock, once, outside of the function",
        visit_with_a_lock_a_thread: "Make one lock, once, outside of the function",
        visit_with_a_local_lock: "Make one lock, once, outside of the function",
        visit_with_a_lock_made_by_the_first: "Make one lock, once, outside of the function",
        visit_with_an_attribute_made_by_the_first: "Make one lock, once, outside of the function",
        visit_with_a_lock_among_the_counts: "'lock' stands in `counts`, and is no page",
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
        visit_with_a_short_time_out: "waited for the lock, and gave up after a time-out",
        visit_with_a_time_out_of_an_hour: "waited for the lock, and gave up after a time-out",
        visit_within_an_hour: "waited for the lock, and gave up after a time-out",
        visit_that_raises_after_a_hundred_seconds: "waited for the lock, and gave up after a time-out",
        visit_that_begins_the_page_before: "held from the reading to the writing",
        visit_after_the_lock: "held from the reading to the writing",
        visit_that_looks_at_the_lock: "held from the reading to the writing",
        visit_unless_it_is_locked: "did without the lock. Wait for it",
        visit_without_the_lock_if_it_is_taken: "did without the lock. Wait for it",
        visit_of_a_copy: "counts['home'] is None, and should be 2",
        visit_with_an_rlock_of_its_own: "Make one lock, once, outside of the function",
        visit_with_the_class: "A class is no lock",
    },
    "check_shared": {
        SharedAsTheStub: "Two threads were inside the generator",
        SharedWithALockEach: "Two threads were inside the generator",
        SharedThatLocksTooLittle: "Two threads were inside the generator",
        SharedThatKeepsTheLock: "Take the lock with `with`",
        SharedThatForgetsTheEnd: "Take the lock with `with`",
        SharedThatReturnsNothing: "Ticket 1 was lost: taken were None",
        SharedThatIsNoIterator: "not callable",
        SharedThatEndsWithNone: "Whoever asked got None, again and again",
        SharedThatSkips: "Ticket 1 was lost",
        SharedThatTakesAll: "nobody has asked for so many",
        shared_list: "nobody has asked for so many",
        SharedWithAFlag: "Two threads were inside the generator",
        SharedThatTries: "was told that there are no more tickets",
        SharedWithALockOfIter: "Two threads were inside the generator",
        SharedThatYields: "Whoever asked got <generator object",
        SharedThatEndsWithAClass: "Whoever asked got <class 'StopIteration'>, again and again",
        SharedThatCatchesTheGenerator: "Both got ticket 1: two threads were inside the iterator",
        SharedThatGivesTheGenerator: "Two threads were inside the generator",
        SharedThatCallsItself: "The run hangs. Deadlock",
        SharedUnlessItIsTaken: "went on without the lock, and got None while there were tickets",
        SharedUnlessItTakesLong: "went on without the lock, and got None while there were tickets",
        SharedUnlessItTakesVeryLong: "went on without the lock, and got None while there were tickets",
        SharedUnlessItIsLocked: "went on without the lock, and got None while there were tickets",
        SharedOrZero: "went on without the lock, and got 0 while there were tickets",
        SharedThatLooksAgainAndEndsWithNone: "Whoever asked got None, again and again",
        SharedThatKeepsTheLast: "Whoever asked got 3, again and again",
        SharedForAnHour: "waited for the lock, and gave up after a time-out",
        SharedThatRaisesAfterAnHour: "waited for the lock, and gave up after a time-out",
        SharedUnlessItTakesAnHour: "went on without the lock, and got None while there were tickets",
        SharedUntilNone: "Ticket None was lost: taken were 0",
        SharedUntilFalse: "Ticket 0 was lost: taken were none",
        SharedWithAShortTimeOut: "Both got ticket 1: two threads were inside the iterator",
    },
    "check_add_up": {
        add_up_to_build: "`work` was never called",
        add_up_in_one_line: "the results add up to",
        add_up_in_two_lines: "the results add up to",
        add_up_a_longer_list: "the results add up to",
        add_up_with_a_lock: "There is a Lock. The puzzle allows Thread",
        add_up_in_a_pool: "There is a ThreadPoolExecutor. The puzzle allows Thread",
        add_up_one_by_one: "At most 1 of 4 calls of `work`",
        add_up_without_threads: "The main thread called `work` itself",
        add_up_without_join: "without waiting for its threads",
        add_up_daemons: "daemons are cut off at the end. Join all threads",
        add_up_within_five_seconds: "a `join` gave up",
        add_up_within_an_hour: "a `join` gave up",
        add_up_equal_parts: "the results add up to",
        add_up_nothing: "`work` was never called",
        add_up_the_parts: "the results add up to",
        add_up_to_a_list: "return one number, the sum",
        add_up_with_calls: "Where a function is wanted, give one",
        add_up_that_prints: "returned None: return the sum",
        add_up_the_last_part: "`work` was called with 2, 2, 2, 2; the parts are 3, 1, 1, 2",
        add_up_of_the_places: "Call it with the parts themselves",
        add_up_what_join_returns: "no result comes out of a thread by itself",
        add_up_what_start_returns: "no result comes out of a thread by itself",
        add_up_after_a_sleep: "without waiting for its threads",
        add_up_a_set: "the results add up to 70",
        add_up_with_an_event: "There is an Event. The puzzle allows Thread",
        add_up_and_join_the_last: "the results add up to 70",
        add_up_by_index: "the results add up to 70",
    },
}
