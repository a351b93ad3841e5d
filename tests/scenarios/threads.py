"""Threads: started, joined, forgotten, failed."""

from __future__ import annotations

from contextlib import suppress

from scenarios.programs import Finds, Group, together
from tracing import Event, Lock, Thread, sleep

GROUP = Group()


@GROUP.right("CT-1")
def one_child() -> None:
    """A thread with arguments, started and joined."""
    greetings: list[str] = []

    def greet(name: str, *, punctuation: str) -> None:
        greetings.append(f"Hello, {name}{punctuation}")

    greeter = Thread(target=greet, args=("Ann",), kwargs={"punctuation": "!"}, name="greeter")
    greeter.start()
    greeter.join()
    assert greetings == ["Hello, Ann!"]


@GROUP.right("CT-8")
def fan_out() -> None:
    """All are started, then all are joined: they work at the same time."""
    loaves: list[int] = []

    def bake(number: int) -> None:
        sleep(0.05)  # simulated work
        loaves.append(number)

    bakers = [Thread(target=bake, args=(number,), name=f"baker {number}") for number in range(4)]
    for baker in bakers:
        baker.start()
    for baker in bakers:
        baker.join()
    assert sorted(loaves) == [0, 1, 2, 3]


@GROUP.right("CT-8")
def one_at_a_time() -> None:
    """Each is joined before the next is started: serial by accident, but nothing goes wrong."""
    for number in range(3):
        baker = Thread(target=sleep, args=(0.02,), name=f"baker {number}")
        baker.start()
        baker.join()


@GROUP.right("CT-6")
def join_again() -> None:
    """A join that gave up is asked what it came to, and followed by another one."""
    worker = Thread(target=sleep, args=(0.1,), name="worker")
    worker.start()
    worker.join(timeout=0.01)
    assert worker.is_alive()
    worker.join()
    assert not worker.is_alive()


@GROUP.wrong(
    Finds(kind="uncaught exception", threads=("clerk",), lines=("price = prices[order]",)),
    curriculum="CT-7",
)
def error_in_a_thread() -> None:
    """The error ends the thread; join() says nothing of it."""
    prices = {"tea": 2}

    def sell(order: str = "coffee") -> None:
        price = prices[order]
        prices["total"] = price

    together(clerk=sell)


@GROUP.right("CT-7")
def error_handed_back() -> None:
    """The thread keeps the error for whoever joins it."""
    errors: list[Exception] = []

    def sell() -> None:
        try:
            raise KeyError("coffee")
        except KeyError as error:
            errors.append(error)

    together(clerk=sell)
    assert len(errors) == 1


@GROUP.wrong(
    Finds(kind="thread never joined", threads=("reporter",), lines=("reporter.start()",)), curriculum="CT-1"
)
def editor_does_not_wait() -> None:
    """The paper goes to print while the report may still be written."""
    report, printed = [], []

    def write() -> None:
        sleep(0.05)  # simulated work
        report.append("all is well")

    def edit() -> None:
        reporter = Thread(target=write, name="reporter")
        reporter.start()
        printed.extend(report)

    together(editor=edit)


@GROUP.right("CT-1")
def left_to_the_end_of_the_program() -> None:
    """A program that joins nobody: Python waits for all of its threads before it ends."""
    for number in range(2):
        Thread(target=sleep, args=(0.05,), name=f"sweeper {number}").start()


@GROUP.wrong(Finds(kind="thread never joined", threads=("second",)), curriculum="CT-1")
def one_of_two_joined() -> None:
    """The loop forgets one of them."""
    copies: list[str] = []
    threads = [Thread(target=copies.append, args=(name,), name=name) for name in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads[:-1]:
        thread.join()


@GROUP.wrong(Finds(kind="thread never joined", threads=("draft",)), curriculum="CT-1")
def joined_under_one_name() -> None:
    """The name is given to the next thread, and the first one is out of sight."""

    def copy() -> None:
        copier = Thread(target=sleep, args=(0.1,), name="draft")
        copier.start()
        copier = Thread(target=sleep, args=(0.01,), name="fair copy")
        copier.start()
        copier.join()

    together(teacher=copy)


@GROUP.right("CT-1")
def joined_one_by_one() -> None:
    """Each is joined before its name is given to the next."""

    def copy() -> None:
        for name, seconds in (("draft", 0.1), ("fair copy", 0.01)):
            copier = Thread(target=sleep, args=(seconds,), name=name)
            copier.start()
            copier.join()

    together(teacher=copy)


@GROUP.right("DAE-5")
def daemon_told_to_stop() -> None:
    """A daemon that is asked to stop, and given time to do so."""
    stop, beats = Event(), []

    def beat() -> None:
        while not stop.wait(0.05):
            beats.append("tick")

    heart = Thread(target=beat, name="heart", daemon=True)
    heart.start()
    sleep(0.12)  # simulated work
    stop.set()
    heart.join(timeout=1)
    assert not heart.is_alive()


@GROUP.right("DAE-2")
def daemon_left_waiting() -> None:
    """A daemon that serves until the program ends waits for more when it does."""
    asked = Event()

    def serve() -> None:
        while asked.wait():
            asked.clear()

    Thread(target=serve, name="server", daemon=True).start()
    asked.set()
    sleep(0.05)  # simulated work


@GROUP.right("DAE-2")
def daemon_cut_off_with_a_lock() -> None:
    """A daemon may hold a lock that nobody wants when the program ends."""
    log_file = Lock()

    def write() -> None:
        with log_file:
            sleep(10)  # simulated work, cut off

    Thread(target=write, name="writer", daemon=True).start()
    sleep(0.02)


@GROUP.right("SUB-4")
def result_on_the_instance() -> None:
    """A subclass keeps its result where it can be read after join()."""

    class Adder(Thread):
        def __init__(self, numbers: list[int]) -> None:
            super().__init__(name="adder")
            self.numbers, self.total = numbers, 0

        def run(self) -> None:
            self.total = sum(self.numbers)

    adder = Adder([1, 2, 3])
    adder.start()
    adder.join()
    assert adder.total == 6


@GROUP.wrong(Finds(kind="uncaught exception", threads=("greeter",)), curriculum="SUB-2")
def arguments_for_an_overridden_run() -> None:
    """`args` are handed to `target`, and an overridden `run` is not that."""

    class Greeter(Thread):
        def run(self, name: str) -> None:  # type: ignore[override]
            raise AssertionError(name)

    greeter = Greeter(args=("Ann",), name="greeter")
    greeter.start()
    greeter.join()


@GROUP.wrong(Finds(kind="refused operation", threads=("MainThread",), lines=("worker.join()  # too early",)))
def joined_before_it_is_started() -> None:
    """There is nothing to wait for yet."""
    worker = Thread(target=sleep, args=(0.01,), name="worker")
    with suppress(RuntimeError):
        worker.join()  # too early
    worker.start()
    worker.join()


@GROUP.right()
def joined_once_it_is_started_and_once_more() -> None:
    """A second join() finds that it has ended."""
    worker = Thread(target=sleep, args=(0.01,), name="worker")
    worker.start()
    worker.join()
    worker.join()
    assert not worker.is_alive()


@GROUP.wrong(Finds(kind="refused operation", lines=("worker.start()  # mine",)))
def started_by_two() -> None:
    """Both find that it does not run yet, or did not look."""
    worker = Thread(target=sleep, args=(0.01,), name="worker")

    def start() -> None:
        with suppress(RuntimeError):
            worker.start()  # mine

    together(ann=start, bob=start)
    worker.join()


@GROUP.right(may=("overtaking",))
def started_by_the_first_of_two() -> None:
    """Who asks and who starts it is decided under a lock."""
    worker, guard, started = Thread(target=sleep, args=(0.01,), name="worker"), Lock(), list[str]()

    def start() -> None:
        with guard:
            if not started:
                started.append("worker")
                worker.start()

    together(ann=start, bob=start)
    worker.join()


@GROUP.wrong(
    Finds(kind="refused operation", threads=("MainThread",), lines=("worker.start()  # again",)),
    curriculum="CT-5",
)
def started_twice() -> None:
    """A thread runs once."""
    worker = Thread(target=sleep, args=(0.01,), name="worker")
    worker.start()
    worker.join()
    with suppress(RuntimeError):
        worker.start()  # again
