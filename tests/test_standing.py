"""How a thread came to where it hangs: by a finaliser, a signal handler, a callback, an import."""

from __future__ import annotations

import queue
import sys
from functools import partial
from time import perf_counter
from typing import Any

import pytest
from test_deciding import alarms, hung, of
from test_ends import child

from tracing import Lock, Thread, record, run_script, simulate
from tracing.scripting import ScriptTrace

# By what nobody called

UNCALLED = {
    "a finaliser": (
        """
        from threading import Lock
        lock = Lock()
        class Entry:
            def __del__(self):
                with lock:
                    pass
        entries = [Entry()]
        with lock:
            entries.clear()
        """,
        "waits for lock at line 5 (in Entry.__del__, called while line 9 was running), "
        "which it holds itself since line 8.",
        "finaliser",
    ),
    "a finaliser that puts into the queue that is being put into": (
        """
        import queue
        class Latest(queue.Queue):
            def _put(self, item):
                self.queue.clear()
                self.queue.append(item)
        class Entry:
            def __del__(self):
                last.put(None)
        last = Latest()
        last.put(Entry())
        last.put(None)
        """,
        "waits for last.lock at line 8 (in Entry.__del__, called while line 4 was running), "
        "which it holds itself since line 11.",
        "finaliser",
    ),
    "a finaliser's method": (
        """
        from threading import Lock
        class Pool:
            def __init__(self):
                self.lock, self.free = Lock(), [self.Connection(self)]
            def close(self):
                with self.lock:
                    pass
            def drop(self):
                with self.lock:
                    self.free.pop()
            class Connection:
                def __init__(self, pool):
                    self.pool = pool
                def __del__(self):
                    self.pool.close()
        Pool().drop()
        """,
        "at line 6 (in Connection.__del__, called while line 10 was running), "
        "which it holds itself since line 9.",
        "finaliser",
    ),
    "a function of weakref.finalize": (
        """
        import weakref
        from threading import Lock
        lock = Lock()
        class Entry:
            pass
        def gone():
            with lock:
                pass
        entry = Entry()
        weakref.finalize(entry, gone)
        with lock:
            del entry
        """,
        "waits for lock at line 7 (in gone, called while line 12 was running), which it holds itself "
        "since line 11.",
        "finaliser",
    ),
    "a finaliser of a subclass": (
        """
        from threading import Lock
        lock, entries = Lock(), {}
        class Entry:
            def __del__(self):
                with lock:
                    pass
        class Line(Entry):
            pass
        entries["a"] = Line()
        with lock:
            entries["a"] = Entry()
        """,
        "waits for lock at line 5 (in Entry.__del__, called while line 11 was running), "
        "which it holds itself since line 10.",
        "finaliser",
    ),
    "a handler that is a method": (
        """
        import signal
        from threading import Lock
        class Counter:
            def __init__(self):
                self.lock, self.count = Lock(), 0
            def on_signal(self, number, frame):
                with self.lock:
                    self.count += 1
        counter = Counter()
        signal.signal(signal.SIGINT, counter.on_signal)
        with counter.lock:
            signal.raise_signal(signal.SIGINT)
        """,
        "at line 7 (in the signal handler Counter.on_signal, called while line 12 was running), "
        "which it holds itself since line 11.",
        "signal handler",
    ),
    "a handler that logs": (
        """
        import signal
        from threading import Lock
        lock = Lock()
        def log(text):
            with lock:
                pass
        signal.signal(signal.SIGINT, lambda number, frame: log("told"))
        def work():
            with lock:
                signal.raise_signal(signal.SIGINT)
        work()
        """,
        "at line 5 (in the signal handler <lambda>, called while line 10 was running), "
        "which it holds itself since line 9.",
        "signal handler",
    ),
    "a signal handler": (
        """
        import signal
        from threading import Lock
        lock = Lock()
        def handle(number, frame):
            with lock:
                pass
        signal.signal(signal.SIGINT, handle)
        with lock:
            signal.raise_signal(signal.SIGINT)
        """,
        "waits for lock at line 5 (in the signal handler handle, called while line 9 was running), "
        "which it holds itself since line 8.",
        "signal handler",
    ),
    "a callback": (
        """
        from concurrent.futures import Future
        from threading import Lock
        lock, future = Lock(), Future()
        def forget(done):
            with lock:
                pass
        future.add_done_callback(forget)
        with lock:
            future.set_result(1)
        """,
        "waits for lock at line 5 (in forget, called back by set_result() at line 9), "
        "which it holds itself since line 8.",
        "calls back",
    ),
}


RUN_BY_A_LIBRARY = {
    "a suite": """
        import unittest
        from threading import Lock
        class Tests(unittest.TestCase):
            def test_it(self):
                lock = Lock()
                lock.acquire()
                lock.acquire()
        unittest.main(argv=["tests"], exit=False)
        """,
    "a coroutine": """
        from asyncio import new_event_loop
        from threading import Lock
        async def main():
            lock = Lock()
            lock.acquire()
            lock.acquire()
        new_event_loop().run_until_complete(main())
        """,
}


@pytest.mark.parametrize("case", RUN_BY_A_LIBRARY)
def test_what_a_library_runs_from_begin_to_end_is_not_told_as_called_back(case: str) -> None:
    found = the_deadlock(hung(of(RUN_BY_A_LIBRARY[case], "")))
    assert "called back" not in found.sentence
    assert "calls back" not in found.hint


def test_a_generator_outside_of_functions_that_a_library_goes_through_is_told_as_one() -> None:
    program = """
        from statistics import fmean
        from threading import Lock
        lock = Lock()
        lock.acquire()
        fmean(float(lock.acquire()) for _ in range(3))
        """
    found = the_deadlock(hung(of(program, "")))
    assert "(in a generator, called back by fmean() at line 5)" in found.sentence


def the_deadlock(run: Any) -> Any:
    (found,) = [finding for finding in run.findings if finding.kind == "deadlock"]
    return found


@pytest.mark.parametrize("case", UNCALLED)
def test_a_lock_that_is_wanted_where_nobody_called_is_told_with_the_line_that_was_running(case: str) -> None:
    program, words, hint = UNCALLED[case]
    found = the_deadlock(hung(of(program, "")))
    assert words in found.sentence
    assert hint in found.hint


class Entry:
    """Its finaliser takes a lock."""

    def __init__(self, lock: Any) -> None:
        self.lock = lock

    def __del__(self) -> None:
        with self.lock:
            pass


def clear(lock: Any) -> None:
    """The last reference to an entry goes while the lock is held."""
    entries = [Entry(lock)]
    with lock:
        entries.clear()


@pytest.mark.parametrize("clock", [lambda: record(), lambda: simulate()], ids=["record", "simulate"])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_block_tells_it_as_well(clock: Any) -> None:
    with clock() as run:
        thread = Thread(target=clear, args=(Lock(),))
        thread.start()
        thread.join()
    assert "(in Entry.__del__, called while line" in the_deadlock(run).sentence


class Hook:
    """Is told of what a finaliser has raised, and takes its time. cut: what came in between."""

    def __init__(self) -> None:
        self.told, self.clock = 0, perf_counter  # not the run's
        self.cut: list[BaseException] = []

    def tell(self, *_: object) -> None:
        self.told += 1
        until = self.clock() + 0.4
        try:
            while self.clock() < until:
                pass
        except BaseException as error:
            self.cut.append(error)


@pytest.mark.parametrize("main", [False, True], ids=["another thread", "the main thread"])
@pytest.mark.parametrize("clock", [lambda: record(), lambda: simulate()], ids=["record", "simulate"])
def test_a_hook_that_is_told_of_what_a_finaliser_raised_is_not_cut_short(
    clock: Any, main: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = Hook()
    monkeypatch.setattr(sys, "unraisablehook", partial(hook.tell))
    with clock() as run:
        lock = Lock()
        if main:
            clear(lock)
        else:
            thread = Thread(target=clear, args=(lock,))
            thread.start()
            thread.join()
    assert run.log.ending.reason == "hung"
    assert hook.told
    assert hook.cut == []


class Latest(queue.Queue[Any]):
    """It drops what is in it for what is put."""

    def _put(self, item: object) -> None:
        self.queue.clear()
        self.queue.append(item)


@pytest.mark.parametrize("made", ["before", "inside"])
@pytest.mark.parametrize("clock", [lambda: record(), lambda: simulate()], ids=["record", "simulate"])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_block_tells_of_a_finaliser_that_uses_the_queue_in_which_it_came(clock: Any, made: str) -> None:
    last = Latest()
    with clock() as run:
        if made == "inside":
            last = Latest()

        class Entry:
            def __del__(self) -> None:
                last.put(None)

        def put() -> None:
            last.put(Entry())
            last.put(None)

        thread = Thread(target=put)
        thread.start()
        thread.join()
    found = the_deadlock(run).sentence
    assert "waits for last.lock at line" in found
    assert "(in Entry.__del__, called while line" in found
    assert "which it holds itself since line" in found


def test_who_only_calls_on_is_told_no_way() -> None:
    run = hung("""
        from threading import Lock
        lock = Lock()
        def inner():
            with lock:
                pass
        with lock:
            inner()
    """)
    assert "(" not in the_deadlock(run).sentence


@alarms
def test_a_signal_that_waits_for_another_threads_lock_is_told_behind_whom() -> None:
    run = hung("""
        import signal
        from threading import Event, Lock, Thread
        lock, taken = Lock(), Event()
        def keep():
            with lock:
                taken.set()
                Event().wait()
        def handle(number, frame):
            with lock:
                pass
        Thread(target=keep, name="keeper").start()
        taken.wait()
        signal.signal(signal.SIGALRM, handle)
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        Event().wait()
    """)
    assert "keeper" in run.findings[0].sentence


# Imports

MAKER = """
import importlib.abc, importlib.util, sys
from threading import Event, Lock, Thread, current_thread

class Maker(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, bodies):
        self.bodies = bodies
    def find_spec(self, name, path, target=None):
        return importlib.util.spec_from_loader(name, self) if name in self.bodies else None
    def exec_module(self, module):
        self.bodies[module.__name__]()

def found(**bodies):
    sys.meta_path.insert(0, Maker(bodies))
"""
IMPORTS = {
    "a join": """
        def fill():
            import warmup
        def body():
            thread = Thread(target=fill, name="filler")
            thread.start()
            thread.join()
        found(warmup=body)
        import warmup
    """,
    "a lock": """
        lock, inside = Lock(), Event()
        def fill():
            with lock:
                inside.wait()
                import warmup
        def body():
            inside.set()
            with lock:
                pass
        found(warmup=body)
        thread = Thread(target=fill, name="filler")
        thread.start()
        while not lock.locked():
            pass
        import warmup
    """,
    "a join and a lock": """
        lock, inside = Lock(), Event()
        def hold():
            with lock:
                inside.set()
                import warmup
        def want():
            with lock:
                pass
        def body():
            threads = [Thread(target=hold, name="filler"), Thread(target=want, name="wanter")]
            threads[0].start()
            inside.wait()
            threads[1].start()
            threads[1].join()
        found(warmup=body)
        import warmup
    """,
}


@pytest.mark.parametrize("case", IMPORTS)
def test_a_circle_through_an_import_is_a_deadlock(case: str) -> None:
    run = hung(of(IMPORTS[case], MAKER))
    found = the_deadlock(run)
    names = {run.log.thread(number).name for number in found.threads}
    assert {"MainThread", "filler"} <= names
    assert "filler waits for the import of warmup at line" in found.sentence
    last = run.log.ending.stands[0].calls[-1].site
    assert f"which MainThread has been in since line {last.line}" in found.sentence


def test_a_block_in_which_an_import_hangs_is_ended_as_well() -> None:
    program = of(IMPORTS["a join"], MAKER).replace("from threading import", "from tracing import")
    before, last = program.rsplit("import warmup", 1)
    block = f"from tracing import record\nwith record() as run:\n    import warmup\n{last}"
    told = child(f"{before}{block}\nprint(*(each.sentence for each in run.findings))")
    assert "filler waits for the import of warmup at line" in told


def test_an_import_that_another_thread_comes_to_the_end_of_is_waited_for() -> None:
    run = run_script(
        of(
            """
        import time
        def body():
            time.sleep(1.5)
        def fill():
            import warmup
            print("filled")
        found(warmup=body)
        thread = Thread(target=fill)
        thread.start()
        import warmup
        thread.join()
            """,
            MAKER,
        )
    )
    assert (run.ended, run.output) == ("exited", "filled\n")


# Who keeps the interpreter from its end


def test_who_keeps_the_interpreter_is_told_with_what_became_of_the_main_thread() -> None:
    run: ScriptTrace = hung("""
        import threading
        stop = threading.Event()
        def beat():
            while not stop.wait(0.1):
                pass
        threading.Thread(target=beat, name="keepalive").start()
        raise RuntimeError("main failed")
    """)
    assert [finding.sentence for finding in run.findings if finding.kind == "stalled"] == [
        "Stalled: keepalive waits for stop at line 4, and nobody is left to set it; MainThread has failed "
        "with RuntimeError: main failed, and the interpreter waits, for keepalive is no daemon."
    ]
