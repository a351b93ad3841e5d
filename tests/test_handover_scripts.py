"""Hangs in queues and pools of whole programs: who is left, who is idle, what went wrong before."""

from __future__ import annotations

import pytest
from test_deciding import hung, of

BEGIN = """
import queue
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier, Event, Lock, Thread, Timer
"""

TOLD = {
    "an idle worker that has put is nobody who will put": (
        """
        q = queue.Queue()
        with ThreadPoolExecutor(1, thread_name_prefix="pool") as pool:
            pool.submit(q.put, 1)
            q.get()
            q.get()
        """,
        ["nobody is left to put one in: pool_0, which put the last one", "has nothing to do any more"],
        "",
    ),
    "a future that nobody sets lacks a result, not a call": (
        """
        answer = Future()
        answer.result()
        """,
        ["MainThread waits for answer at line 6, and nobody is left to give it a result."],
        "set_result()",
    ),
    "a wait in a function of atexit": (
        """
        import atexit
        q = queue.Queue()
        def flush():
            q.put(1)
            q.join()
        atexit.register(flush)
        """,
        ["MainThread waits for the tasks of q at line 9", "1 put, 0 got"],
        "task_done()",
    ),
    "a method of a primitive that is itself the function of atexit": (
        """
        import atexit
        lock = Lock()
        lock.acquire()
        atexit.register(lock.acquire)
        """,
        ["Deadlock: MainThread waits for lock, which it holds itself since line 7."],
        "",
    ),
    "a method of a queue that is itself the function of atexit": (
        """
        import atexit
        q = queue.Queue()
        q.put(1)
        atexit.register(q.join)
        """,
        ["MainThread waits for the tasks of q", "1 put, 0 got"],
        "task_done()",
    ),
    "an end that is registered with atexit comes only after the threads": (
        """
        import atexit
        q = queue.Queue()
        atexit.register(q.put, None)
        Thread(target=lambda: q.get(), name="writer").start()
        """,
        ["writer waits for an item of q", "the interpreter waits, for writer is no daemon"],
        "What is registered with atexit runs only when that has ended.",
    ),
    "a full queue and the lock that who gets needs": (
        """
        lock, q, full = Lock(), queue.Queue(1), Event()
        def produce():
            with lock:
                q.put(1)
                full.set()
                q.put(2)
        def consume():
            full.wait()
            with lock:
                q.get()
        threads = [Thread(target=each, name=each.__name__) for each in (produce, consume)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        """,
        ["produce waits for room in q", "Waiting behind it: consume for lock at line 13, held by produce"],
        "If that is for consume to do: do not hold lock during that wait.",
    ),
    "a barrier in a pool with too few workers": (
        """
        meet = Barrier(3)
        with ThreadPoolExecutor(2, thread_name_prefix="pool") as pool:
            list(pool.map(lambda _: meet.wait(), range(3)))
        """,
        ["Starved pool: pool_", "2 of 3 have arrived", "they are all 2 workers of pool"],
        "Give the pool a worker",
    ),
    "a timer that was cancelled": (
        """
        bell = Event()
        timer = Timer(60, bell.set)
        timer.start()
        timer.cancel()
        timer.join()
        bell.wait()
        """,
        ["MainThread waits for bell", "timer was cancelled at line 8 before it fired"],
        "",
    ),
    "who joins first and would set afterwards": (
        """
        go = Event()
        waiter = Thread(target=lambda: go.wait(), name="waiter")
        waiter.start()
        waiter.join()
        go.set()
        """,
        ["waiter waits for go"],
        "If that is for MainThread to do: before the join() at line 8.",
    ),
    "who would notify needs a lock that the waiter has besides": (
        """
        from threading import Condition
        outer, ready, inside = Lock(), Condition(), Event()
        def take():
            with outer, ready:
                inside.set()
                ready.wait()
        def give():
            inside.wait()
            with outer, ready:
                ready.notify()
        for each in (take, give):
            Thread(target=each, name=each.__name__).start()
        """,
        ["take waits on ready", "Waiting behind it: give for outer at line 13, held by take since line 8."],
        "If that is for give to do: do not hold outer during that wait.",
    ),
    "executors that shut each other down have no lock to let go of": (
        """
        a, b, both = ThreadPoolExecutor(1, "a"), ThreadPoolExecutor(1, "b"), Barrier(2)
        def stop(other):
            both.wait()
            other.shutdown()
        a.submit(stop, b)
        b.submit(stop, a)
        a.shutdown()
        """,
        [  # whoever came first
            "Deadlock: ",
            "a_0 waits for the workers of b to end at line 8, of which b_0 is one",
            "b_0 waits for the workers of a to end at line 8, of which a_0 is one",
        ],
        "Look at what the calls of its workers wait for.",
    ),
    "threads that join each other have no lock to let go of": (
        """
        go = Event()
        def join(other):
            go.wait()
            threads[other].join()
        threads = [Thread(target=join, args=(1 - number,)) for number in range(2)]
        for each in threads:
            each.start()
        go.set()
        """,
        ["Deadlock: "],
        "Let no thread join one that joins it",
    ),
}


@pytest.mark.parametrize("case", TOLD)
def test_a_hang_is_told_with_who_and_what_to_do(case: str) -> None:
    body, words, hint = TOLD[case]
    first = hung(of(body, BEGIN)).findings[0]
    assert [word for word in words if word not in first.sentence] == [], first.sentence
    assert hint in first.hint


FAILED_BEFORE = {
    "a call": (
        """
        ready = Event()
        def load():
            raise OSError("gone")
            ready.set()
        ThreadPoolExecutor(1, "pool").submit(load)
        ready.wait()
        """,
        "1 of 1 call of ThreadPoolExecutor-1 failed, and nobody had asked what came of it: load-1 in pool_0 "
        "at line 7, with OSError: gone.",
    ),
    "an initializer": (
        """
        ready = Event()
        def prepare():
            raise OSError("gone")
        pool = ThreadPoolExecutor(1, "pool", prepare)
        pool.submit(ready.set)
        ready.wait()
        """,
        "The initializer of pool failed in pool_0 at line 7, with OSError: gone: the pool makes no more "
        "calls.",
    ),
}


@pytest.mark.parametrize("case", FAILED_BEFORE)
def test_what_failed_before_is_told_of_a_run_that_hangs(case: str) -> None:
    body, sentence = FAILED_BEFORE[case]
    assert sentence in [each.sentence for each in hung(of(body, BEGIN)).findings]
