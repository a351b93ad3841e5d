"""A program with a bit of everything, simulated: prints digests of its text and picture, or the text.

    python tests/simulated_program.py [--png] [--text]

Used by test_simulating.py in fresh processes.
"""

from __future__ import annotations

import hashlib
import queue
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

from tracing import Barrier, Condition, Event, Lock, RLock, Semaphore, Thread, Timer, Trace, simulate, sleep


def primitives() -> None:
    lock, again, ready, gate = Lock(), RLock(), Condition(), Event()
    meeting, permits = Barrier(3), Semaphore(2)
    items: list[int] = []

    def produce() -> None:
        for item in range(3):
            sleep(0.5)
            with ready:
                items.append(item)
                ready.notify()
        meeting.wait()

    def consume() -> None:
        for _ in range(3):
            with ready:
                ready.wait_for(lambda: items)
                items.pop()
            with lock, again, again, permits:
                sleep(0.25)
        meeting.wait()

    Timer(2, gate.set).start()
    threads = {Thread(target=produce), Thread(target=consume)}  # a set: its order must not matter
    for thread in threads:
        thread.start()
    with lock:
        sleep(1)
    meeting.wait()
    gate.wait(timeout=5)


def libraries() -> list[object]:
    """Queues and an executor: whatever happens in them, it happens in the same order."""
    got: list[object] = []
    jobs: queue.Queue[int | None] = queue.Queue(2)

    def work() -> None:
        while (job := jobs.get()) is not None:
            time.sleep(0.1)
            got.append((threading.current_thread().name, job))

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for job in (1, 2, 3, 4, 5, None, None):
        jobs.put(job)
    with ThreadPoolExecutor(3) as pool:
        futures = [pool.submit(lambda n: n * n, n) for n in range(6)]
        got.extend(future.result() for future in as_completed(futures))
    got.append(round(time.monotonic(), 6))
    return got


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def run(seed: int) -> Trace:
    with simulate(seed=seed, title="everything") as trace:
        primitives()
    assert trace.log.ending.reason == "done"
    return trace


if __name__ == "__main__":
    first = run(3)
    if "--text" in sys.argv:
        sys.stdout.write(first.text())
        sys.exit()
    with simulate(seed=5) as second:
        got = libraries()
    print(*[digest(run(seed).text().encode()) for seed in range(4)], digest(second.text().encode()), got)
    if "--png" in sys.argv:
        print(digest(first._repr_mimebundle_()[0]["image/png"]))
