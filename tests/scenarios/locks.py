"""Lock: one at a time, and what goes wrong around it."""

from __future__ import annotations

from scenarios.programs import Finds, Group, together
from tracing import Condition, Event, Lock, RLock, Thread, sleep

GROUP = Group()


@GROUP.right("LOCK-1", may=("overtaking",))
def one_writes_one_reads() -> None:
    """The reader waits until the writer is done, or comes first: it never sees half of it."""
    page, seen = [], []
    page_lock = Lock()

    def write() -> None:
        with page_lock:
            page.append("first line")
            sleep(0.05)  # simulated work
            page.append("last line")

    def read() -> None:
        with page_lock:
            seen.append(len(page))

    together(writer=write, reader=read)
    assert seen[0] in (0, 2)


@GROUP.wrong(Finds(kind="release by another thread", threads=("ann", "bob")), curriculum="LOCK-2")
def crossed_releases() -> None:
    """Each takes its own lock and gives back the other's: odd, and it ends."""
    red, blue = Lock(), Lock()

    def ann() -> None:
        red.acquire()
        sleep(0.05)  # simulated work
        blue.release()

    def bob() -> None:
        blue.acquire()
        sleep(0.05)  # simulated work
        red.release()

    together(ann=ann, bob=bob)
    assert not red.locked()
    assert not blue.locked()


@GROUP.wrong(
    Finds(kind="release by another thread", objects=("ready",), lines=("ready.release()",)),
    curriculum="LOCK-2",
)
def lock_as_a_signal() -> None:
    """A lock that one thread takes and another gives back is a signal: an Event says so."""
    ready = Lock()
    ready.acquire()

    def prepare() -> None:
        ready.release()

    preparer = Thread(target=prepare, name="preparer")
    preparer.start()
    with ready:
        pass
    preparer.join()


@GROUP.wrong(
    Finds(kind="abandoned lock", objects=("pen",), lines=("pen.acquire()",)),
    Finds(kind="over-release", objects=("paper",), lines=("paper.release()",)),
    curriculum="LOCK-2b",
)
def same_function_twice() -> None:
    """The first gives back a lock that is free, fails, and dies with the other one in its hands."""
    pen, paper = Lock(), Lock()

    def work() -> None:
        pen.acquire()
        sleep(0.05)  # simulated work
        paper.release()

    together(ann=work, bob=work)


@GROUP.wrong(
    Finds(
        kind="deadlock",
        threads=("there", "back"),
        objects=("savings", "current"),
        lines=("with savings, current:", "with current, savings:"),
    ),
    Finds(kind="lock-order inversion", objects=("savings", "current")),
    curriculum="LOCK-3",
)
def transfer_both_ways() -> None:
    """Each transfer locks the account that it takes from first."""
    savings, current = Lock(), Lock()

    def there() -> None:
        with savings, current:
            sleep(0.01)  # simulated work

    def back() -> None:
        with current, savings:
            sleep(0.01)  # simulated work

    together(there=there, back=back)


@GROUP.wrong(
    Finds(kind="deadlock", threads=("red", "green", "blue"), objects=("pen", "ink", "paper")),
    curriculum="LOCK-3",
    may=("lock-order inversion",),
)
def three_in_a_circle() -> None:
    """No two of them take the same two locks, and still all wait."""
    pen, ink, paper = Lock(), Lock(), Lock()

    def draw(first: Lock, second: Lock) -> None:
        with first, second:
            sleep(0.01)  # simulated work

    together(
        red=lambda: draw(pen, ink),
        green=lambda: draw(ink, paper),
        blue=lambda: draw(paper, pen),
    )


@GROUP.wrong(
    Finds(kind="lock-order inversion", threads=("morning", "evening"), objects=("till", "safe")),
    curriculum="LOCK-3",
)
def orders_that_did_not_meet() -> None:
    """Long before the second comes, the first has gone; nothing but luck kept them apart."""
    till, safe = Lock(), Lock()

    def morning() -> None:
        with till, safe:
            pass

    def evening() -> None:
        sleep(1)  # simulated work
        with safe, till:
            pass

    together(morning=morning, evening=evening)


@GROUP.right("LOCK-4", may=("overtaking",))
def transfer_in_one_order() -> None:
    """Both take the locks in the same order."""
    savings, current = Lock(), Lock()

    def transfer() -> None:
        with savings, current:
            sleep(0.01)  # simulated work

    together(there=transfer, back=transfer)


@GROUP.right("LOCK-4", may=("overtaking",))
def give_up_and_try_again() -> None:
    """Who does not get the second lock in time lets go of the first."""
    savings, current = Lock(), Lock()

    def transfer(first: Lock, second: Lock, patience: float) -> None:
        done = False
        while not done:
            with first:
                if done := second.acquire(timeout=patience):
                    second.release()
            sleep(patience)  # back off

    together(there=lambda: transfer(savings, current, 0.01), back=lambda: transfer(current, savings, 0.03))


@GROUP.right("LOCK-4", may=("overtaking",))
def orders_behind_a_gate() -> None:
    """Both orders, but only ever one thread inside the gate."""
    gate, left, right = Lock(), Lock(), Lock()

    def forth() -> None:
        with gate, left, right:
            pass

    def back() -> None:
        with gate, right, left:
            pass

    together(forth=forth, back=back)


@GROUP.right("LOCK-4")
def both_orders_in_one_thread() -> None:
    """One thread cannot be in its own way."""
    left, right = Lock(), Lock()

    def tidy() -> None:
        with left, right:
            pass
        with right, left:
            pass

    together(tidier=tidy)


@GROUP.right("LOCK-4")
def orders_one_after_the_other() -> None:
    """The second thread starts when the first has been joined: they never meet."""
    left, right = Lock(), Lock()

    def forth() -> None:
        with left, right:
            pass

    def back() -> None:
        with right, left:
            pass

    together(forth=forth)
    together(back=back)


@GROUP.wrong(Finds(kind="held at thread end"), curriculum="LOCK-5")
def tasks_taken_for_good() -> None:
    """Ten tasks, five workers: each task is begun once and never given back."""
    tasks = [Lock() for _ in range(10)]
    answers: list[bool] = []

    def work() -> None:
        answers.extend([task.acquire(blocking=False) for task in tasks])

    together(**{f"worker_{number}": work for number in range(5)})
    assert (answers.count(True), answers.count(False)) == (10, 40)


@GROUP.wrong(Finds(kind="abandoned lock"), curriculum="LOCK-5b", may=("held at thread end",))
def tasks_waited_for() -> None:
    """The same with blocking acquire: one takes them all and leaves, the others wait for the first."""
    tasks = [Lock() for _ in range(10)]

    def work() -> None:
        for task in tasks:
            task.acquire()

    together(**{f"worker_{number}": work for number in range(5)})


@GROUP.right("LOCK-5", may=("overtaking",))
def tasks_tried_and_given_back() -> None:
    """Who gets it does the task and gives it back."""
    printer, printed, refused = Lock(), [], []

    def work(name: str) -> None:
        if printer.acquire(blocking=False):
            printed.append(name)
            printer.release()
        else:
            refused.append(name)

    together(ann=lambda: work("ann"), bob=lambda: work("bob"))
    assert sorted(printed + refused) == ["ann", "bob"]


@GROUP.right("LOCK-6", may=("overtaking",))
def patience_that_ends() -> None:
    """Who waits for a limited time goes on without."""
    oven, answers = Lock(), []

    def bake() -> None:
        with oven:
            sleep(0.1)  # simulated work

    def warm_up() -> None:
        if got := oven.acquire(timeout=0.02):
            oven.release()
        answers.append(got)

    together(baker=bake, guest=warm_up)
    assert len(answers) == 1


@GROUP.wrong(
    Finds(kind="uncaught exception", threads=("guest",), lines=("oven.acquire(timeout=-5)",)),
    curriculum="LOCK-6",
)
def negative_patience() -> None:
    """Only -1 stands for "without end"."""
    oven = Lock()

    def warm_up() -> None:
        oven.acquire(timeout=-5)

    together(guest=warm_up)


@GROUP.wrong(
    Finds(
        kind="deadlock",
        threads=("clerk",),
        objects=("ledger",),
        lines=("with ledger:  # outer", "with ledger:  # inner"),
    ),
    curriculum="LOCK-7",
)
def taken_twice() -> None:
    """A thread waits for the lock that it holds."""
    ledger = Lock()

    def book() -> None:
        with ledger:  # outer
            total()

    def total() -> None:
        with ledger:  # inner
            pass

    together(clerk=book)


@GROUP.wrong(
    Finds(kind="lost update", threads=("ann", "bob")),
    curriculum="LOCK-8",
    explored="sync",
    may=("uncaught exception",),
)
def update_in_two_statements() -> None:
    """Read, work, write: what the other wrote meanwhile is overwritten."""
    balance = 0

    def deposit() -> None:
        nonlocal balance
        before = balance
        sleep(0.01)  # simulated work
        balance = before + 100

    together(ann=deposit, bob=deposit)
    assert balance == 200, f"{200 - balance} are missing"


@GROUP.right("LOCK-8", may=("overtaking",))
def update_under_a_lock() -> None:
    """From reading to writing nobody else comes in."""
    balance, account = 0, Lock()

    def deposit() -> None:
        nonlocal balance
        with account:
            before = balance
            sleep(0.01)  # simulated work
            balance = before + 100

    together(ann=deposit, bob=deposit)
    assert balance == 200


@GROUP.wrong(
    Finds(kind="uncaught exception", threads=("auditor",), lines=("assert sum(accounts.values()) == 100",)),
    curriculum="LOCK-8",
)
def half_of_a_transfer() -> None:
    """The auditor does not take the lock, and sees the money in neither account."""
    accounts, bank = {"ann": 100, "bob": 0}, Lock()

    def transfer() -> None:
        with bank:
            accounts["ann"] -= 50
            sleep(0.01)  # simulated work
            accounts["bob"] += 50

    def audit() -> None:
        sleep(0.005)
        assert sum(accounts.values()) == 100

    together(teller=transfer, auditor=audit)


@GROUP.right("LOCK-8", may=("overtaking",))
def made_once() -> None:
    """Looked at twice, the second time under the lock: only one of them makes it."""
    connections: list[str] = []
    opening = Lock()

    def connect() -> None:
        if not connections:
            with opening:
                if not connections:
                    connections.append("open")

    together(ann=connect, bob=connect, cem=connect)
    assert connections == ["open"]


@GROUP.wrong(Finds(kind="uncaught exception", threads=("MainThread",)), curriculum="LOCK-8")
def made_twice() -> None:
    """Looked at before the lock is taken, and not again."""
    connections: list[str] = []
    opening = Lock()

    def connect() -> None:
        if not connections:
            with opening:
                connections.append("open")

    together(ann=connect, bob=connect)
    assert connections == ["open"]


@GROUP.wrong(
    Finds(
        kind="deadlock",
        threads=("MainThread", "worker"),
        objects=("desk",),
        lines=("worker.join()", "with desk:  # by main"),
    ),
    curriculum="LOCK-3",
)
def joined_under_the_lock() -> None:
    """Who waits for a thread holds the lock that this thread needs."""
    desk = Lock()

    def write() -> None:
        with desk:
            pass

    worker = Thread(target=write, name="worker")
    with desk:  # by main
        worker.start()
        worker.join()


@GROUP.right("LOCK-3")
def joined_under_another_lock() -> None:
    """The thread that is waited for does not need the lock."""
    desk, shelf = Lock(), Lock()

    def write() -> None:
        with shelf:
            pass

    with desk:
        together(worker=write)


@GROUP.right("LOCK-3", may=("overtaking",))
def event_awaited_under_a_lock() -> None:
    """Holding a lock while one waits is harmless where the one who ends the wait does not need it."""
    door, open_now, visits = Lock(), Event(), []

    def visit() -> None:
        with door:
            open_now.wait()
            visits.append("in")

    together(ann=visit, bob=visit, porter=open_now.set)
    assert len(visits) == 2


@GROUP.wrong(
    Finds(kind="release by another thread", objects=("key",)),
    curriculum="LOCK-2",
    may=("held at thread end",),
)
def key_handed_over() -> None:
    """The one who locked has gone when somebody waits; the one who was told to unlocks."""
    key = Lock()

    def open_shop() -> None:
        key.acquire()

    def visit() -> None:
        with key:
            pass

    def close_shop() -> None:
        sleep(0.05)  # simulated work
        key.release()

    together(owner=open_shop)
    together(visitor=visit, guard=close_shop)


@GROUP.wrong(
    Finds(kind="starvation", threads=("patient", "greedy"), objects=("oven",), lines=("with oven:  # one",)),
    curriculum="LOCK-4",
    may=("overtaking",),
)
def greedy_baker() -> None:
    """One gives the oven back and takes it again before the other, who waits, can go on."""
    oven, loaves = Lock(), []

    def bake_many() -> None:
        for number in range(20):
            with oven:
                sleep(0.005)  # simulated work
                loaves.append(number)

    def bake_one() -> None:
        with oven:  # one
            loaves.append(0)

    together(greedy=bake_many, patient=bake_one)


@GROUP.wrong(
    Finds(kind="starvation", threads=("guest", "clerk"), objects=("counter",)),
    curriculum="LOCK-6",
    may=("overtaking",),
)
def asked_again_and_again() -> None:
    """The guest waits a little, goes away, comes back, and never gets a turn."""
    counter, served = Lock(), []

    def serve() -> None:
        for number in range(30):
            with counter:
                sleep(0.005)  # simulated work
                served.append(number)

    def ask() -> None:
        for _ in range(4):
            if counter.acquire(timeout=0.02):
                served.append(-1)
                counter.release()
                return

    together(clerk=serve, guest=ask)


@GROUP.wrong(
    Finds(kind="overtaking", threads=("slow", "quick"), objects=("printer",)),
    curriculum="LOCK-4",
)
def printed_first() -> None:
    """Who came later is served first, more than once: a lock keeps no queue."""
    printer, pages = Lock(), []

    def print_many() -> None:
        for number in range(7):
            with printer:
                sleep(0.005)  # simulated work
                pages.append(number)

    def print_one() -> None:
        with printer:
            pages.append(-1)

    together(quick=print_many, slow=print_one)


@GROUP.wrong(
    Finds(kind="overtaking", threads=("cook", "guest"), objects=("kitchen",)),
    curriculum="LOCK-4",
)
def back_in_the_kitchen() -> None:
    """Of an RLock, too: who has just let go of it is there first."""
    kitchen = RLock()

    def cook() -> None:
        for _ in range(7):
            with kitchen, kitchen:
                sleep(0.005)  # simulated work

    def look() -> None:
        with kitchen:
            pass

    together(cook=cook, guest=look)


@GROUP.right("LOCK-4", may=("overtaking",))
def turns_kept() -> None:
    """Tickets are called in order: nobody can push in."""
    called, next_ticket = Condition(), 0
    order: list[int] = []

    def shop(ticket: int) -> None:
        nonlocal next_ticket
        with called:
            called.wait_for(lambda: next_ticket == ticket)
            order.append(ticket)
            next_ticket += 1
            called.notify_all()

    together(cem=lambda: shop(2), ann=lambda: shop(0), bob=lambda: shop(1))
    assert order == [0, 1, 2]


@GROUP.wrong(
    Finds(kind="release by another thread", threads=("worker", "MainThread"), objects=("done",)),
    curriculum="LOCK-2",
)
def own_lock_as_a_signal() -> None:
    """Main waits for the lock that it holds itself, and is let in: a Lock has no owner."""
    done = Lock()

    def work() -> None:
        sleep(0.05)  # simulated work
        done.release()

    worker = Thread(target=work, name="worker")
    done.acquire()
    worker.start()
    done.acquire()
    done.release()
    worker.join()
