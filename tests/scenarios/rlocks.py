"""RLock: the one who holds it may take it again."""

from __future__ import annotations

from scenarios.programs import Finds, Group, together
from tracing import Condition, Lock, RLock, Thread, sleep

GROUP = Group()


@GROUP.right("RL-1", may=("overtaking",))
def method_calls_method() -> None:
    """A method that holds the lock calls another one that takes it."""

    class Account:
        def __init__(self) -> None:
            self.lock, self.balance = RLock(), 0

        def deposit(self, amount: int) -> None:
            with self.lock:
                self.balance += amount

        def deposit_twice(self, amount: int) -> None:
            with self.lock:
                self.deposit(amount)
                self.deposit(amount)

    account = Account()
    together(ann=lambda: account.deposit_twice(10), bob=lambda: account.deposit(5))
    assert account.balance == 25


@GROUP.wrong(
    Finds(
        kind="deadlock",
        threads=("MainThread", "child"),
        objects=("door",),
        lines=("door.acquire()", "with door:", "child.join()"),
    ),
    curriculum="RL-2",
)
def one_release_too_few() -> None:
    """Taken twice, given back once: it is still held."""
    door = RLock()

    def enter() -> None:
        with door:
            pass

    child = Thread(target=enter, name="child")
    door.acquire()
    door.acquire()
    child.start()
    door.release()
    child.join()


@GROUP.wrong(Finds(kind="abandoned lock", threads=("second", "first"), objects=("door",)), curriculum="RL-2")
def one_release_too_few_and_gone() -> None:
    """The thread that holds it at depth 1 has ended."""
    door = RLock()

    def leave_open() -> None:
        door.acquire()
        door.acquire()
        door.release()

    def enter() -> None:
        sleep(0.05)  # simulated work
        with door:
            pass

    together(first=leave_open, second=enter)


@GROUP.right("RL-2")
def every_release() -> None:
    """As often given back as taken."""
    door = RLock()

    def enter() -> None:
        with door:
            pass

    child = Thread(target=enter, name="child")
    door.acquire()
    door.acquire()
    child.start()
    door.release()
    door.release()
    child.join()


@GROUP.right("RL-3", may=("overtaking",))
def up_and_down() -> None:
    """Three up, one down, one up, three down."""
    stairs = RLock()

    def climb() -> None:
        for _ in range(3):
            stairs.acquire()
        stairs.release()
        stairs.acquire()
        for _ in range(3):
            stairs.release()

    together(ann=climb, bob=climb)


@GROUP.wrong(
    Finds(
        kind="release by another thread",
        threads=("helper",),
        objects=("door",),
        lines=("door.release()  # not mine",),
    ),
    curriculum="RL-4",
    may=("uncaught exception",),
)
def released_by_a_stranger() -> None:
    """An RLock has an owner: nobody else can give it back."""
    door = RLock()

    def help_out() -> None:
        door.release()  # not mine

    with door:
        together(helper=help_out)


@GROUP.wrong(
    Finds(kind="deadlock", threads=("walker",), objects=("tree",), lines=("with tree:",)),
    curriculum="RL-5",
)
def lock_in_a_recursion() -> None:
    """The second call waits for the first, which waits for the second."""
    tree = Lock()

    def visit(depth: int) -> None:
        with tree:
            if depth:
                visit(depth - 1)

    together(walker=lambda: visit(2))


@GROUP.right("RL-5", may=("overtaking",))
def rlock_in_a_recursion() -> None:
    """The same with an RLock."""
    tree = RLock()

    def visit(depth: int) -> None:
        with tree:
            if depth:
                visit(depth - 1)

    together(walker=lambda: visit(2), other=lambda: visit(1))


@GROUP.right("RL-1", may=("overtaking",))
def wait_with_the_lock_taken_twice() -> None:
    """A condition's wait() gives an RLock back entirely, however often it was taken."""
    desk = Condition()
    letters: list[str] = []

    def read() -> None:
        with desk, desk:
            while not letters:
                desk.wait()

    def write() -> None:
        with desk:
            letters.append("news")
            desk.notify()

    together(reader=read, writer=write)
