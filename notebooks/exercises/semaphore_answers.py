"""Answers to the exercises of lesson 07: right ones, and wrong ones with what the check must say of them.

The stubs of the notebook are among the wrong ones. tests/test_exercises.py runs them all.
"""

from __future__ import annotations

from tracing import Lock, current_thread, sleep

# -- 2: meet -------------------------------------------------------------------------------------------------


def meet(mine, theirs):
    mine.release()
    theirs.acquire()


def meet_the_other_way_round(mine, theirs):
    theirs.release()
    mine.acquire()


def meet_after_you(mine, theirs):
    theirs.acquire()
    mine.release()


def meet_without_waiting(mine, theirs):
    mine.release()


def meet_without_telling(mine, theirs):
    theirs.acquire()


def meet_oneself(mine, theirs):
    mine.release()
    mine.acquire()


def meet_at_a_glance(mine, theirs):
    mine.release()
    theirs.acquire(blocking=False)


def meet_with_a_block(mine, theirs):
    with mine, theirs:
        pass


def meet_for_a_while(mine, theirs):
    mine.release()
    theirs.acquire(timeout=1)


def meet_twice_as_loud(mine, theirs):
    mine.release(2)
    theirs.acquire()


def meet_with_a_short_patience_again_and_again(mine, theirs):
    mine.release()
    while not theirs.acquire(timeout=1):
        pass


def meet_with_a_number(mine, theirs):
    mine.release(1)
    theirs.acquire(blocking=True)


def meet_and_wait_in_a_block(mine, theirs):
    mine.release()
    with theirs:
        pass
    theirs.acquire()


def meet_for_a_minute(mine, theirs):
    mine.release()
    theirs.acquire(timeout=60)


def meet_for_an_hour(mine, theirs):
    mine.release()
    return theirs.acquire(timeout=3600)


def meet_by_asking_again_and_again(mine, theirs):
    mine.release()
    while not theirs.acquire(blocking=False):
        sleep(0.5)


def meet_by_asking_without_a_pause(mine, theirs):
    mine.release()
    while not theirs.acquire(blocking=False):
        pass


def meet_and_take_back(mine, theirs):
    mine.release()
    theirs.acquire()
    mine.acquire()


def meet_after_ann(mine, theirs):
    if current_thread().name == "ann":
        mine.release()
        theirs.acquire()
    else:
        mine.release()


# -- 3: closing time -----------------------------------------------------------------------------------------


def close(shop):
    shop.closed = True
    shop.orders.release(shop.workers)


def close_one_by_one(shop):
    shop.closed = True
    for _ in range(shop.workers):
        shop.orders.release()


def close_for_one(shop):
    shop.closed = True
    shop.orders.release()


def close_in_silence(shop):
    shop.closed = True


def close_too_late(shop):
    shop.orders.release(shop.workers)
    shop.closed = True


def close_without_the_flag(shop):
    shop.orders.release(shop.workers)


def close_too_loudly(shop):
    shop.closed = True
    shop.orders.release(100)


def close_a_little_too_loudly(shop):
    shop.closed = True
    shop.orders.release(shop.workers + 1)


def close_by_acquiring(shop):
    shop.closed = True
    for _ in range(shop.workers):
        shop.orders.acquire()


def close_with_a_countdown(shop):
    shop.closed = True
    left = shop.workers
    while left > 0:
        shop.orders.release()
        left -= 1


def close_by_name(shop):
    shop.closed = True
    shop.orders.release(n=shop.workers)


def close_one_and_the_rest(shop):
    shop.closed = True
    shop.orders.release()
    for _ in range(1, shop.workers):
        shop.orders.release()


def close_too_late_with_a_countdown(shop):
    while shop.workers:
        shop.orders.release()
        shop.workers -= 1
    shop.closed = True


def close_with_a_countdown_to_one(shop):
    shop.closed = True
    while shop.workers > 1:
        shop.orders.release()
        shop.workers -= 1


def close_for_two(shop):
    shop.closed = True
    shop.orders.release(2)


def close_for_two_one_by_one(shop):
    shop.closed = True
    shop.orders.release()
    shop.orders.release()


def close_for_three(shop):
    shop.closed = True
    shop.orders.release(3)


def close_for_all_but_one(shop):
    shop.closed = True
    shop.orders.release(max(1, shop.workers - 1))


def close_for_at_least_two(shop):
    shop.closed = True
    shop.orders.release(max(2, shop.workers))


def close_after_the_first(shop):
    shop.orders.release()
    shop.closed = True
    if shop.workers > 1:
        shop.orders.release(shop.workers - 1)


def close_before_and_after(shop):
    shop.orders.release(shop.workers)
    shop.closed = True
    shop.orders.release(shop.workers)


def close_and_take_the_permits_back(shop):
    shop.closed = True
    shop.orders.release(shop.workers)
    for _ in range(shop.workers):
        shop.orders.acquire()


# -- 4: two connections --------------------------------------------------------------------------------------


def ask(pool, question):
    with pool.permits:
        connection = pool.take()
        try:
            return connection.ask(question)
        finally:
            pool.put(connection)


def ask_by_hand(pool, question):
    pool.permits.acquire()
    try:
        connection = pool.take()
        try:
            return connection.ask(question)
        finally:
            pool.put(connection)
    finally:
        pool.permits.release()


def ask_to_build(pool, question):
    pass


def ask_without_a_permit(pool, question):
    connection = pool.take()
    answer = connection.ask(question)
    pool.put(connection)
    return answer


def ask_and_lose_the_connection(pool, question):
    with pool.permits:
        connection = pool.take()
        answer = connection.ask(question)
        pool.put(connection)
    return answer


def ask_and_keep_the_permit(pool, question):
    pool.permits.acquire()
    connection = pool.take()
    try:
        return connection.ask(question)
    finally:
        pool.put(connection)


def ask_and_lose_both(pool, question):
    pool.permits.acquire()
    connection = pool.take()
    answer = connection.ask(question)
    pool.put(connection)
    pool.permits.release()
    return answer


def ask_after_the_block(pool, question):
    with pool.permits:
        connection = pool.take()
    try:
        return connection.ask(question)
    finally:
        pool.put(connection)


def ask_and_put_too_late(pool, question):
    try:
        with pool.permits:
            connection = pool.take()
            return connection.ask(question)
    finally:
        pool.put(connection)


def ask_with_a_late_permit(pool, question):
    connection = pool.take()
    with pool.permits:
        try:
            return connection.ask(question)
        finally:
            pool.put(connection)


def ask_with_nothing_for_an_error(pool, question):
    with pool.permits:
        connection = pool.take()
        try:
            return connection.ask(question)
        except ConnectionError:
            return None
        finally:
            pool.put(connection)


def ask_without_patience(pool, question):
    pool.permits.acquire(blocking=False)
    connection = pool.take()
    try:
        return connection.ask(question)
    finally:
        pool.put(connection)
        pool.permits.release()


def ask_with_a_typing_error(pool, question):
    with pool.permits:
        return pool.take().aks(question)


ONE_AT_A_TIME = Lock()


def ask_one_by_one(pool, question):
    with ONE_AT_A_TIME, pool.permits:
        connection = pool.take()
        try:
            return connection.ask(question)
        finally:
            pool.put(connection)


def ask_and_tell_nobody(pool, question):
    with pool.permits:
        connection = pool.take()
        try:
            connection.ask(question)
        finally:
            pool.put(connection)


def ask_in_silence(pool, question):
    with pool.permits:
        connection = pool.take()
        try:
            return connection.ask(question)
        except ConnectionError:
            return "no answer"
        finally:
            pool.put(connection)


def ask_in_two_steps(pool, question):
    pool.permits.acquire()
    connection = pool.take()
    try:
        answer = connection.ask(question)
    except ConnectionError:
        pool.put(connection)
        pool.permits.release()
        raise
    pool.put(connection)
    pool.permits.release()
    return answer


def ask_with_a_short_patience_again_and_again(pool, question):
    while not pool.permits.acquire(timeout=30):
        pass
    try:
        connection = pool.take()
        try:
            return connection.ask(question)
        finally:
            pool.put(connection)
    finally:
        pool.permits.release()


def ask_with_an_else(pool, question):
    with pool.permits:
        connection = pool.take()
        try:
            answer = connection.ask(question)
        except BaseException as error:
            pool.put(connection)
            raise error
        else:
            pool.put(connection)
    return answer


def ask_with_a_long_timeout(pool, question):
    pool.permits.acquire(timeout=1_000)
    try:
        connection = pool.take()
        try:
            return connection.ask(question)
        finally:
            pool.put(connection)
    finally:
        pool.permits.release()


def ask_until_there_is_a_permit(pool, question):
    while not pool.permits.acquire(blocking=False):
        sleep(0.1)
    try:
        connection = pool.take()
        try:
            return connection.ask(question)
        finally:
            pool.put(connection)
    finally:
        pool.permits.release()


def ask_where_bob_must_put_it_back(pool, question):
    with pool.permits:
        connection = pool.take()
        try:
            answer = connection.ask(question)
        except ConnectionError:
            if question == "bob":
                pool.put(connection)
            raise
        pool.put(connection)
        return answer


TWO_AT_A_TIME = [Lock(), Lock()]


def ask_after_putting_it_back(pool, question):
    with pool.permits:
        connection = pool.take()
        pool.put(connection)
        return connection.ask(question)


def ask_two_at_a_time(pool, question):
    with TWO_AT_A_TIME["ann" < current_thread().name < "e"], pool.permits:
        connection = pool.take()
        try:
            return connection.ask(question)
        finally:
            pool.put(connection)


# -- what the checks must say of them ------------------------------------------------------------------------

RIGHT = {
    "check_reading": [("cho", 3), ["Cho", 3.0], "cho, 3 s", {"who": "cho", "s": 3}, "3 seconds; cho"],
    "check_ask": [
        ask,
        ask_by_hand,
        ask_in_two_steps,
        ask_with_a_short_patience_again_and_again,
        ask_with_an_else,
    ],
    "check_meet": [
        meet,
        meet_the_other_way_round,
        meet_with_a_short_patience_again_and_again,
        meet_with_a_number,
        meet_and_wait_in_a_block,
    ],
    "check_close": [
        close,
        close_one_by_one,
        close_with_a_countdown,
        close_by_name,
        close_one_and_the_rest,
    ],
}
WRONG = {
    "check_reading": {
        ("?", 0): "Your answer has no names and 1 number",
        "cho": "1 name and no numbers",
        ("ann", 3): "Ann was still on the water when dan got his boat",
        ("ben", 3): "Ben's boat went to cho",
        ("dan", 3): "He cannot let himself go on",
        ("cho", 6): "6 s is the time at which he got a boat",
        ("cho", 2): "He did not wait 2 s",
        ("cho", 7): "He did not wait 7 s",
        ("cho and ann", 3): "2 names and 1 number",
    },
    "check_ask": {
        ask_to_build: "Nobody took a permit",
        ask_without_a_permit: "Nobody took a permit",
        ask_and_lose_the_connection: "Call `pool.put(connection)` in a `finally`",
        ask_and_keep_the_permit: "Give the permit back on every way out",
        ask_and_lose_both: "in a `finally`",
        ask_after_the_block: "Put the connection back first",
        ask_and_put_too_late: "Put the connection back first",
        ask_with_a_late_permit: "Acquire the permit first",
        ask_with_nothing_for_an_error: "Let the exception pass",
        ask_without_patience: "went on all the same",
        ask_with_a_typing_error: "has no attribute 'aks'",
        ask_after_putting_it_back: "Put it back when the question is over",
        ask_one_by_one: "At most 1 of 2 connections were in use",
        ask_two_at_a_time: "At most 2 of 3 connections were in use",
        ask_with_a_long_timeout: "went on all the same",
        ask_until_there_is_a_permit: "that is polling",
        ask_where_bob_must_put_it_back: "dan's question failed, and the connection was not put back",
        ask_and_tell_nobody: "Return what `connection.ask(question)` returns",
        ask_in_silence: "Let the exception pass",
    },
    "check_meet": {
        meet_after_you: "Before you wait, release",
        meet_without_waiting: "wait for one with `theirs.acquire()`",
        meet_without_telling: "Before you wait, release",
        meet_oneself: "only the *other* thread can release",
        meet_at_a_glance: "With `blocking=False` nobody waits",
        meet_with_a_block: "Before you wait, release",
        meet_for_a_while: "To wait without one",
        meet_for_a_minute: "To wait without one",
        meet_for_an_hour: "To wait without one",
        meet_by_asking_again_and_again: "that is polling",
        meet_by_asking_without_a_pause: "that is polling",
        meet_and_take_back: "Your permit is for the other one",
        meet_after_ann: "went on before both were there",
        meet_twice_as_loud: "2 permits are left",
    },
    "check_close": {
        close_for_one: "One permit wakes one worker",
        close_in_silence: "A flag wakes nobody",
        close_too_late: "set the flag first",
        close_too_late_with_a_countdown: "2 of 2 workers still wait for a permit. Who got a permit before",
        close_with_a_countdown_to_one: "1 of 2 workers still waits for a permit. One permit wakes one",
        close_without_the_flag: "Set `shop.closed = True`",
        close_too_loudly: "98 permits are left over",
        close_a_little_too_loudly: "1 permit is left over",
        close_by_acquiring: "A flag wakes nobody",
        close_for_two: "1 of 3 workers still waits",
        close_for_two_one_by_one: "1 of 3 workers still waits",
        close_for_three: "All 2 workers went home, but 1 permit is left over",
        close_for_all_but_one: "1 of 2 workers still waits",
        close_for_at_least_two: "All 1 worker went home, but 1 permit is left over",
        close_after_the_first: "set the flag first",
        close_before_and_after: "left over",
        close_and_take_the_permits_back: "The boss took a permit that a worker needs",
    },
}
