"""Answers to the exercises of lesson 01: right ones, and wrong ones with what the check must say of them.

The stubs of the notebook are among the wrong ones. tests/test_exercises.py runs them all.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait
from queue import Queue
from time import monotonic

from tracing import Event, Lock, Thread, sleep

# -- 2: all at once ------------------------------------------------------------------------------------------


def bake_all(jobs):
    threads = [Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def bake_in_a_pool(jobs):
    with ThreadPoolExecutor(max_workers=len(jobs)) as pool:
        for job in jobs:
            pool.submit(job)


def bake_by_append(jobs):
    threads = []
    for number, job in enumerate(jobs):
        thread = Thread(target=job, name=f"oven-{number}")
        thread.start()
        threads.append(thread)
    while threads:
        threads.pop().join()


def bake_by_lambdas_with_defaults(jobs):
    threads = [Thread(target=lambda job=job: job()) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            thread.join(0.5)


def bake_by_futures(jobs):
    pool = ThreadPoolExecutor(len(jobs))
    wait([pool.submit(job) for job in jobs])
    pool.shutdown()


def bake_as_completed(jobs):
    with ThreadPoolExecutor(max_workers=len(jobs)) as pool:
        for future in as_completed([pool.submit(job) for job in jobs]):
            future.result()


class Baker(Thread):
    def __init__(self, job):
        super().__init__()
        self.job = job

    def run(self):
        self.job()


def bake_by_a_class(jobs):
    bakers = list(map(Baker, jobs))
    for baker in bakers:
        baker.start()
    for baker in reversed(bakers):
        baker.join()


def bake_the_last_oneself(jobs):
    threads = [Thread(target=job) for job in jobs[:-1]]
    for thread in threads:
        thread.start()
    jobs[-1]()
    for thread in threads:
        thread.join()


def bake_the_first_oneself(jobs):
    jobs[0]()
    threads = [Thread(target=job) for job in jobs[1:]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def bake_the_longest_oneself(jobs):
    threads = [Thread(target=jobs[0]), Thread(target=jobs[2])]
    for thread in threads:
        thread.start()
    jobs[1]()
    for thread in threads:
        thread.join()


def bake_twice(jobs):
    for job in jobs:
        job()
    bake_all(jobs)


def bake_in_a_pool_of_its_own_choice(jobs):
    with ThreadPoolExecutor() as pool:
        for job in jobs:
            pool.submit(job)


def bake_the_first_three(jobs):
    threads = [Thread(target=jobs[number]) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def bake_with_a_bare_argument(jobs):
    for job in jobs:
        Thread(target=job, args=(job)).start()


def bake_one_thing(jobs):
    thread = Thread(target=jobs[0])
    thread.start()
    thread.join()


def bake_in_two_threads(jobs):
    with ThreadPoolExecutor(max_workers=2) as pool:
        for job in jobs:
            pool.submit(job)


def bake_under_a_lock(jobs):
    lock = Lock()

    def alone(job):
        with lock:
            job()

    threads = [Thread(target=alone, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def bake_with_a_guess(jobs):
    threads = [Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)


def bake_within_an_hour(jobs):
    threads = [Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=3600)


def bake_by_polling(jobs):
    threads = [Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        sleep(0.1)


def bake_with_a_countdown(jobs):
    left, all_done = len(jobs), Event()

    def count_down(job):
        nonlocal left
        job()
        left -= 1
        if left == 0:
            all_done.set()

    threads = [Thread(target=count_down, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    all_done.wait()


def bake_and_rest(jobs):
    bake_all(jobs)
    sleep(1)


def bake_with_pauses(jobs):
    threads = [Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
        sleep(2.5)
    for thread in threads:
        thread.join()


def bake_one_by_one(jobs):
    for job in jobs:
        thread = Thread(target=job)
        thread.start()
        thread.join()


def bake_without_a_join(jobs):
    for job in jobs:
        Thread(target=job).start()


def bake_and_join_the_last(jobs):
    for job in jobs:
        thread = Thread(target=job)
        thread.start()
    thread.join()


def bake_and_join_the_first(jobs):
    threads = [Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
        return


def bake_by_sleeping_long(jobs):
    for job in jobs:
        Thread(target=job).start()
    sleep(10)


def bake_in_one_thread(jobs):
    thread = Thread(target=lambda: [job() for job in jobs])
    thread.start()
    thread.join()


def bake_by_late_lambdas(jobs):
    threads = [Thread(target=lambda: job()) for job in jobs]  # noqa: B023
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def bake_by_lambdas_without_brackets(jobs):
    threads = [Thread(target=lambda job=job: job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def bake_by_daemons(jobs):
    for job in jobs:
        Thread(target=job, daemon=True).start()


def bake_with_brackets(jobs):
    for job in jobs:
        Thread(target=job()).start()


def bake_by_run(jobs):
    for job in jobs:
        Thread(target=job).run()


def bake_without_a_start(jobs):
    threads = [Thread(target=job) for job in jobs]
    for thread in threads:
        thread.join()


def bake_what_start_returns(jobs):
    threads = [Thread(target=job).start() for job in jobs]
    for thread in threads:
        thread.join()


def bake_as_group(jobs):
    for job in jobs:
        Thread(job).start()


def bake_by_sleeping(jobs):
    for job in jobs:
        Thread(target=job).start()
    sleep(2)


# -- 3: wait, but not for ever -------------------------------------------------------------------------------


def ends_within(thread, seconds):
    thread.start()
    thread.join(seconds)
    return not thread.is_alive()


def ends_within_by_keyword(thread, seconds):
    thread.start()
    thread.join(timeout=seconds)
    in_time = True
    if thread.is_alive():
        in_time = False
    return in_time


def ends_within_by_none(thread, seconds):
    thread.start()
    return thread.join(seconds) is None and thread.is_alive() is False


def ends_within_in_slices(thread, seconds):
    thread.start()
    for _ in range(10):
        thread.join(seconds / 10)
    return not thread.is_alive()


def ends_within_by_the_clock(thread, seconds):
    end = monotonic() + seconds
    thread.start()
    while thread.is_alive() and monotonic() < end:
        thread.join(end - monotonic())
    return not thread.is_alive()


def join_for_2_s(thread, seconds):
    thread.start()
    thread.join(2)
    return not thread.is_alive()


def join_for_a_moment_less(thread, seconds):
    thread.start()
    thread.join(1.5)
    return not thread.is_alive()


def join_for_half_the_time(thread, seconds):
    thread.start()
    thread.join(seconds / 2)
    return not thread.is_alive()


def join_for_4_s(thread, seconds):
    thread.start()
    thread.join(4)
    return not thread.is_alive()


def poll_instead(thread, seconds):
    thread.start()
    end = monotonic() + seconds
    while thread.is_alive() and monotonic() < end:
        sleep(0.1)
    return not thread.is_alive()


def sleep_and_then_join(thread, seconds):
    thread.start()
    sleep(seconds)
    thread.join(0)
    return not thread.is_alive()


def always_true(thread, seconds):
    thread.start()
    thread.join(seconds)
    return True


def answer_of_join(thread, seconds):
    thread.start()
    return thread.join(seconds)


def join_without_a_timeout(thread, seconds):
    thread.start()
    thread.join()
    return not thread.is_alive()


def alive_means_ended(thread, seconds):
    thread.start()
    thread.join(seconds)
    return thread.is_alive()


def never_started(thread, seconds):
    thread.join(seconds)
    return not thread.is_alive()


def no_start_no_join(thread, seconds):
    return not thread.is_alive()


def forget_the_brackets(thread, seconds):
    thread.start()
    thread.join(seconds)
    return not thread.is_alive


def forget_the_brackets_and_the_not(thread, seconds):
    thread.start()
    thread.join(seconds)
    return thread.is_alive


def wait_for_an_error(thread, seconds):
    thread.start()
    try:
        thread.join(seconds)
    except TimeoutError:
        return False
    return True


def only_say_yes(thread, seconds):
    thread.start()
    thread.join(seconds)
    if not thread.is_alive():
        return True


def wait_twice(thread, seconds):
    thread.start()
    thread.join(seconds)
    thread.join(seconds)
    return not thread.is_alive()


def sleep_instead(thread, seconds):
    thread.start()
    sleep(seconds)
    return not thread.is_alive()


# -- 4: hand it back -----------------------------------------------------------------------------------------


def call_in_thread(function):
    results, errors = [], []

    def call():
        try:
            results.append(function())
        except Exception as error:
            errors.append(error)

    thread = Thread(target=call)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


def call_in_a_pool(function):
    with ThreadPoolExecutor() as pool:
        return pool.submit(function).result()


def call_by_a_dict(function):
    kept = {}

    def call():
        try:
            kept["value"] = function()
        except BaseException as error:
            kept["error"] = error

    thread = Thread(target=call)
    thread.start()
    thread.join()
    if "error" in kept:
        raise kept["error"]
    return kept["value"]


class Caller(Thread):
    value = error = None

    def __init__(self, function):
        super().__init__()
        self.function = function

    def run(self):
        try:
            self.value = self.function()
        except Exception as error:
            self.error = error


def call_by_a_class(function):
    caller = Caller(function)
    caller.start()
    caller.join()
    if caller.error is not None:
        raise caller.error
    return caller.value


def call_by_a_future(function):
    future = Future()

    def call():
        try:
            future.set_result(function())
        except Exception as error:
            future.set_exception(error)

    Thread(target=call).start()
    return future.result()


def call_by_a_queue(function):
    queue = Queue()

    def call():
        try:
            queue.put((True, function()))
        except Exception as error:
            queue.put((False, error))

    Thread(target=call).start()
    worked, kept = queue.get()
    if not worked:
        raise kept
    return kept


def call_twice(function):
    thread = Thread(target=function)
    thread.start()
    thread.join()
    return function()


def call_here_and_there(function):
    result = function()
    Thread(target=function).start()
    return result


def call_again_for_the_result(function):
    results = []

    def call():
        try:
            function()
            results.append(function())
        except Exception as error:
            results.append(error)

    thread = Thread(target=call)
    thread.start()
    thread.join()
    if isinstance(results[0], Exception):
        raise results[0]
    return results[0]


def call_and_sleep(function):
    results, errors = [], []

    def call():
        try:
            results.append(function())
        except Exception as error:
            errors.append(error)

    Thread(target=call).start()
    sleep(5)
    if errors:
        raise errors[0]
    return results[0]


def call_and_look_again(function):
    results, errors = [], []

    def call():
        try:
            results.append(function())
        except Exception as error:
            errors.append(error)

    Thread(target=call).start()
    while not results and not errors:
        sleep(1)
    if errors:
        raise errors[0]
    return results[0]


def call_and_spin(function):
    results, errors = [], []

    def call():
        try:
            results.append(function())
        except Exception as error:
            errors.append(error)

    thread = Thread(target=call)
    thread.start()
    while thread.is_alive():
        pass
    if errors:
        raise errors[0]
    return results[0]


def call_with_patience(function):
    results, errors = [], []

    def call():
        try:
            results.append(function())
        except Exception as error:
            errors.append(error)

    thread = Thread(target=call)
    thread.start()
    thread.join(5)
    if errors:
        raise errors[0]
    return results[0]


def call_within_an_hour(function):
    results, errors = [], []

    def call():
        try:
            results.append(function())
        except Exception as error:
            errors.append(error)

    thread = Thread(target=call)
    thread.start()
    thread.join(timeout=3600)
    if errors:
        raise errors[0]
    return results[0]


def call_by_a_class_within(function):
    class Call(Thread):
        result = error = None

        def run(self):
            try:
                self.result = function()
            except Exception as error:
                self.error = error

    call = Call()
    call.start()
    call.join()
    if call.error is not None:
        raise call.error
    return call.result


RESULTS = []


def call_with_results_for_all(function):
    errors = []

    def call():
        try:
            RESULTS.append(function())
        except Exception as error:
            errors.append(error)

    thread = Thread(target=call)
    RESULTS.clear()
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return RESULTS[0]


def call_with_a_default(function, results=[]):  # noqa: B006
    errors = []

    def call():
        try:
            results.append(function())
        except Exception as error:
            errors.append(error)

    thread = Thread(target=call)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results.pop()


def call_with_one_kind_of_error(function):
    results, errors = [], []

    def call():
        try:
            results.append(function())
        except LookupError as error:
            errors.append(error)

    thread = Thread(target=call)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


def call_that_always_raises(function):
    results, errors = [], []

    def call():
        try:
            results.append(function())
        except Exception as error:
            errors.append(error)

    thread = Thread(target=call)
    thread.start()
    thread.join()
    raise errors[0]


def call_with_a_copy_of_the_error(function):
    results, errors = [], []

    def call():
        try:
            results.append(function())
        except Exception as error:
            errors.append(str(error))

    thread = Thread(target=call)
    thread.start()
    thread.join()
    if errors:
        raise LookupError(errors[0])
    return results[0]


def call_with_a_new_error(function):
    results, errors = [], []

    def call():
        try:
            results.append(function())
        except Exception as error:
            errors.append(error)

    thread = Thread(target=call)
    thread.start()
    thread.join()
    if errors:
        raise RuntimeError("it failed")
    return results[0]


def call_without_the_error(function):
    results = []
    thread = Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join()
    return results[0] if results else None


def call_without_a_join(function):
    results = []
    Thread(target=lambda: results.append(function())).start()
    return results[0]


def call_that_returns_the_error(function):
    results = []

    def call():
        try:
            results.append(function())
        except Exception as error:
            results.append(error)

    thread = Thread(target=call)
    thread.start()
    thread.join()
    return results[0]


def call_that_looks_what_the_result_is(function):
    results = []

    def call():
        try:
            results.append(function())
        except Exception as error:
            results.append(error)

    thread = Thread(target=call)
    thread.start()
    thread.join()
    if isinstance(results[0], Exception):
        raise results[0]
    return results[0]


def call_that_asks_the_thread(function):
    thread = Thread(target=function)
    thread.start()
    thread.join()
    return thread.result


def call_without_a_thread(function):
    return function()


def call_without_a_result(function):
    thread = Thread(target=function)
    thread.start()
    return thread.join()


def call_with_too_few_parameters():
    return None


def call_with_another_error(function):
    results = []

    def call():
        try:
            results.append(function())
        except ValueError:
            results.append(None)

    thread = Thread(target=call)
    thread.start()
    thread.join()
    return results[0]


def call_that_returns_the_list(function):
    results = []
    thread = Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join()
    return results


def call_that_returns_a_future(function):
    with ThreadPoolExecutor() as pool:
        return pool.submit(function)


def call_that_tests_the_result(function):
    result = error = None

    def call():
        nonlocal result, error
        try:
            result = function()
        except Exception as raised:
            error = raised

    thread = Thread(target=call)
    thread.start()
    thread.join()
    if result:
        return result
    raise error


def call_that_takes_none_for_nothing(function):
    result = error = None

    def call():
        nonlocal result, error
        try:
            result = function()
        except Exception as raised:
            error = raised

    thread = Thread(target=call)
    thread.start()
    thread.join()
    if result is not None:
        return result
    raise error


def call_that_raises_in_both(function):
    results, errors = [], []

    def call():
        try:
            results.append(function())
        except Exception as error:
            errors.append(error)
            raise

    thread = Thread(target=call)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


def call_that_returns_both(function):
    result = error = None

    def call():
        nonlocal result, error
        try:
            result = function()
        except Exception as raised:
            error = raised

    thread = Thread(target=call)
    thread.start()
    thread.join()
    return result, error


def call_around_the_join(function):
    results = []
    thread = Thread(target=lambda: results.append(function()))
    thread.start()
    try:
        thread.join()
    except LookupError as error:
        raise error
    return results[0] if results else None


# -- what the checks must say of them ------------------------------------------------------------------------

RIGHT = {
    "check_reading": [("bob", 4), ["Bob", 4.0], (4, "bob"), "bob, 4 s", {"who": "bob", "seconds": 3.99}],
    "check_bake_all": [
        bake_all,
        bake_in_a_pool,
        bake_by_append,
        bake_by_lambdas_with_defaults,
        bake_by_futures,
        bake_as_completed,
        bake_by_a_class,
    ],
    "check_ends_within": [
        ends_within,
        ends_within_by_keyword,
        ends_within_by_none,
        ends_within_in_slices,
        ends_within_by_the_clock,
    ],
    "check_call_in_thread": [
        call_in_thread,
        call_in_a_pool,
        call_by_a_dict,
        call_by_a_class,
        call_by_a_class_within,
        call_by_a_future,
        call_by_a_queue,
    ],
}
WRONG = {
    "check_reading": {
        ("?", 0): "one name (ann, bob or cho) and one number of seconds",
        (): "no names and no numbers",
        ("ann", 4): "Ann had ended when the main thread went on",
        ("cho", 4): "Cho had ended when the main thread went on",
        ("bob", 7): "7 s is the time at which bob ended",
        ("bob", 3): "3 s is the time at which the main thread gave up",
        ("bob", 2): "Bob did not go on for 2 s",
        ("bob", 1): "Bob did not go on for 1 s",
        ("ann and bob", 4): "2 names",
        "bob": "no numbers",
    },
    "check_bake_all": {
        bake_one_by_one: "Start all in one loop, then join all in a second loop",
        bake_without_a_join: "Join every thread first",
        bake_and_join_the_last: "You returned before bread and cake had ended",
        bake_with_brackets: "without brackets after `job`",
        bake_by_run: "ran in your own thread",
        bake_without_a_start: "cannot join thread before it is started",
        bake_what_start_returns: "`start()` returns None",
        bake_as_group: "write `target=...`",
        bake_by_sleeping: "Join every thread first",
        bake_and_join_the_first: "You returned before cake had ended",
        bake_by_sleeping_long: "You did not wait. A sleep is a guess",
        bake_in_one_thread: "One thread ran all the jobs",
        bake_by_late_lambdas: "no lambda",
        bake_by_lambdas_without_brackets: "No job has run",
        bake_by_daemons: "daemons are cut off at the end",
        bake_the_last_oneself: "tart ran in your own thread",
        bake_the_first_oneself: "bread ran in your own thread",
        bake_the_longest_oneself: "cake ran in your own thread",
        bake_twice: "bread and cake and tart ran in your own thread",
        bake_one_thing: "cake and tart did not run",
        bake_in_a_pool_of_its_own_choice: "threads shared the jobs",
        bake_the_first_three: "loaf 4 and 36 more did not run",
        bake_with_a_bare_argument: "a single one needs its comma: `args=(one,)`",
        bake_in_two_threads: "2 threads shared the jobs",
        bake_under_a_lock: "let none wait",
        bake_with_a_guess: "that time was a guess",
        bake_within_an_hour: "that time was a guess",
        bake_by_polling: "to look again and again is polling",
        bake_with_a_countdown: "No common lock guards left",
        bake_and_rest: "You returned 1.0 s after the last job had ended",
        bake_with_pauses: "Start all at once",
    },
    "check_ends_within": {
        answer_of_join: "that is what `join` returns, always",
        join_without_a_timeout: "after 5.0 s, which is too late: slow works 5 s, and `seconds` was 1",
        alive_means_ended: "You answered False for quick, True for slow",
        never_started: "cannot join thread before it is started",
        no_start_no_join: "Nothing runs before `thread.start()`",
        forget_the_brackets: "with brackets",
        forget_the_brackets_and_the_not: "return `not thread.is_alive()`, with brackets",
        wait_for_an_error: "Only the thread itself knows",
        only_say_yes: "a function without `return`",
        wait_twice: "after 2.0 s, which is too late",
        sleep_instead: "You did not wait for the thread",
        join_for_2_s: "after 2.0 s, which is too early: quick works 3 s, and `seconds` was 4",
        join_for_a_moment_less: "after 1.5 s, which is too early",
        join_for_half_the_time: "after 2.0 s, which is too early",
        join_for_4_s: "after 4.0 s, which is too late: slow works 5 s",
        poll_instead: "to look again and again, is no waiting",
        sleep_and_then_join: "after 4.0 s, which is too late: quick works 3 s",
        always_true: "You answered True for quick, True for slow",
    },
    "check_call_in_thread": {
        call_without_the_error: "Catch it inside the thread, keep it, and raise it after the join",
        call_without_a_join: "Wait with `join()` before you look",
        call_that_returns_the_error: "Raise it",
        call_that_looks_what_the_result_is: "gift() returned this, and did not raise it",
        call_that_asks_the_thread: "a thread has no result: look where your code has put it",
        call_without_a_thread: "The function ran in your own thread",
        call_without_a_result: "A thread has no result of its own",
        call_with_too_few_parameters: "takes 0 positional arguments",
        call_with_another_error: "raise the same one after the join",
        call_that_returns_the_list: "Return what is in it",
        call_that_returns_a_future: "You returned a Future",
        call_that_tests_the_result: "gift() returned 0, and your caller did not get it",
        call_that_takes_none_for_nothing: "gift() returned None, and your caller did not get it",
        call_that_raises_in_both: "ended with an exception that it did not catch",
        call_that_returns_both: "you returned (42, None). Return what is in it, the value alone",
        call_around_the_join: "`join()` hands nothing on",
        call_twice: "The function ran in your own thread: price(), for one",
        call_here_and_there: "The function ran in your own thread: price(), for one",
        call_again_for_the_result: "price() was called more than once",
        call_and_sleep: "Wait with `join()` before you look",
        call_and_look_again: "You did not wait. A sleep is a guess",
        call_and_spin: "to look again and again is polling",
        call_with_patience: "that time was a guess",
        call_within_an_hour: "that time was a guess",
        call_with_results_for_all: "Two called at the same time",
        call_with_a_default: "is one for all",
        call_with_one_kind_of_error: "fail() raised OSError('no network')",
        call_with_a_copy_of_the_error: "your caller got a new exception, LookupError('no price for tart')",
        call_that_always_raises: "price() itself raises nothing",
        call_with_a_new_error: "your caller got RuntimeError('it failed')",
    },
}
