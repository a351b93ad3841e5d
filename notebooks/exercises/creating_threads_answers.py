"""Answers to the exercises of lesson 01: right ones, and wrong ones with what the check must say of them.

The stubs of the notebook are among the wrong ones. tests/test_exercises.py runs them all.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tracing import Thread, sleep

# -- 1: all at once ------------------------------------------------------------------------------------------


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


# -- 2: wait, but not for ever -------------------------------------------------------------------------------


def ends_within(thread, seconds):
    thread.start()
    thread.join(seconds)
    return not thread.is_alive()


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


# -- 3: hand it back -----------------------------------------------------------------------------------------


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
    "check_bake_all": [bake_all, bake_in_a_pool],
    "check_ends_within": [ends_within],
    "check_call_in_thread": [call_in_thread, call_in_a_pool],
}
WRONG = {
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
        bake_by_sleeping_long: "You slept instead of waiting",
        bake_in_one_thread: "One thread ran all the jobs",
        bake_by_late_lambdas: "no lambda",
        bake_by_daemons: "daemons are cut off at the end",
    },
    "check_ends_within": {
        answer_of_join: "that is what `join` returns, always",
        join_without_a_timeout: "Give it to `join`",
        alive_means_ended: "You answered False for quick, True for slow",
        never_started: "cannot join thread before it is started",
        no_start_no_join: "nothing runs before `thread.start()`",
        forget_the_brackets: "with brackets",
        only_say_yes: "a function without `return`",
        wait_twice: "one `join(seconds)` is enough",
        sleep_instead: "You did not wait for the thread",
    },
    "check_call_in_thread": {
        call_without_the_error: "Catch it inside the thread, keep it, and raise it after the join",
        call_without_a_join: "Wait with `join()` before you look",
        call_that_returns_the_error: "Raise it",
        call_without_a_thread: "The function ran in your own thread",
        call_without_a_result: "A thread has no result of its own",
        call_with_too_few_parameters: "takes 0 positional arguments",
        call_with_another_error: "raise the same one after the join",
        call_that_returns_the_list: "Return what is in it",
        call_that_returns_a_future: "You returned a Future",
        call_that_tests_the_result: "not whether the result is true",
        call_around_the_join: "`join()` hands nothing on",
    },
}
