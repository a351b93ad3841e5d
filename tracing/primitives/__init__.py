"""The faces: what a program imports from `threading` it can import from here, and it is recorded.

Each has the signatures, results, exceptions and messages of `threading` on the running version of Python.
Only a call that no signature allows (too many arguments, a name that nobody knows) may be refused in other
words: ours are methods in Python, some of theirs are functions in C.

lock.py       Lock
rlock.py      RLock
condition.py  Condition
semaphore.py  Semaphore, BoundedSemaphore
event.py      Event
simple_queue.py  SimpleQueue
barrier.py    Barrier
thread.py     Thread, Timer, sleep
mutex.py      what Lock and RLock share; locks without a record
life.py       a thread's life in the record
queues.py     what a plain queue.Queue, LifoQueue, PriorityQueue does while a run lasts
futures.py    what a plain Future and a ThreadPoolExecutor do while a run lasts
known.py      what is known of such a plain object, beside it
ended.py      what an ended run leaves in them, put right
inner.py      what Condition, Semaphore, Event, Barrier, queues and futures wait with
"""

from tracing.primitives.barrier import Barrier
from tracing.primitives.condition import Condition
from tracing.primitives.event import Event
from tracing.primitives.lock import Lock
from tracing.primitives.rlock import RLock
from tracing.primitives.semaphore import BoundedSemaphore, Semaphore
from tracing.primitives.simple_queue import SimpleQueue
from tracing.primitives.thread import Thread, Timer, sleep

__all__ = [
    "Barrier",
    "BoundedSemaphore",
    "Condition",
    "Event",
    "Lock",
    "RLock",
    "Semaphore",
    "SimpleQueue",
    "Thread",
    "Timer",
    "sleep",
]
