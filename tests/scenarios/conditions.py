"""Condition: wait until something is so."""

from __future__ import annotations

from contextlib import suppress

from scenarios.programs import Finds, Group, together
from tracing import Condition, Lock, Thread, sleep

GROUP = Group()


@GROUP.right("CV-1")
def looked_again_and_again() -> None:
    """No condition at all: the printer looks, sleeps, looks again."""
    primes: list[int] = []

    def find() -> None:
        sleep(0.15)  # simulated work
        primes.append(2)

    def show() -> None:
        while not primes:
            sleep(0.05)

    together(finder=find, printer=show)


@GROUP.wrong(
    Finds(kind="wait without the lock", threads=("guest",), objects=("table",), lines=("table.wait()",)),
    curriculum="CV-2",
    may=("uncaught exception",),
)
def wait_without_the_lock() -> None:
    """Who waits must hold the lock."""
    table = Condition()

    def sit_down() -> None:
        table.wait()

    together(guest=sit_down)


@GROUP.wrong(
    Finds(kind="wait without the lock", threads=("MainThread",), objects=("table",)), curriculum="CV-2"
)
def wait_after_the_block() -> None:
    """The wait stands one level too far out."""
    table = Condition()
    with table:
        laid = True
    with suppress(RuntimeError):
        table.wait(timeout=0.01)
    assert laid


@GROUP.wrong(
    Finds(kind="wait without the lock", threads=("guest",), objects=("table",)),
    curriculum="CV-2",
    may=("uncaught exception",),
)
def wait_for_without_the_lock() -> None:
    """What is waited for is tested without the lock, and not there: then it waits."""
    table, laid = Condition(), list[str]()

    def sit_down() -> None:
        table.wait_for(lambda: laid, timeout=1)

    together(guest=sit_down)


@GROUP.right("CV-2")
def wait_for_with_the_lock() -> None:
    """It is tested and waited for under the lock; nobody lays the table, so the time passes."""
    table, laid = Condition(), list[str]()

    def sit_down() -> None:
        with table:
            assert not table.wait_for(lambda: laid, timeout=1)

    together(guest=sit_down)


@GROUP.wrong(
    Finds(
        kind="notify without the lock", threads=("cook",), objects=("hungry",), lines=("hungry.notify_all()",)
    ),
    curriculum="CV-2",
    may=("uncaught exception", "stalled", "lost signal"),
)
def notify_after_the_block() -> None:
    """The notify stands one level too far out."""
    hungry, meals = Condition(), list[str]()

    def cook() -> None:
        with hungry:
            meals.append("soup")
        hungry.notify_all()

    together(cook=cook)


@GROUP.right("CV-2")
def notify_within_the_block() -> None:
    """Nobody waits yet, and whoever comes finds the soup."""
    hungry, meals = Condition(), list[str]()

    def cook() -> None:
        with hungry:
            meals.append("soup")
            hungry.notify_all()

    def eat() -> None:
        with hungry:
            hungry.wait_for(lambda: meals)
            meals.pop()

    together(cook=cook, guest=eat)


@GROUP.wrong(
    Finds(kind="notify without the lock", threads=("waiter",), objects=("table",), lines=("table.notify()",)),
    curriculum="CV-2",
    may=("uncaught exception",),
)
def notify_without_the_lock() -> None:
    """Who notifies must hold the lock."""
    table = Condition()

    def call() -> None:
        table.notify()

    together(waiter=call)


@GROUP.wrong(
    Finds(kind="notify without the lock", threads=("cook",), objects=("hungry",)),
    curriculum="CV-2",
    may=("uncaught exception", "stalled", "lost signal"),
)
def notify_with_another_lock() -> None:
    """The lock that is held is not the condition's."""
    kitchen, hungry = Lock(), Condition()
    meals: list[str] = []

    def cook() -> None:
        with kitchen:
            meals.append("soup")
            hungry.notify()

    together(cook=cook)


@GROUP.wrong(
    Finds(kind="uncaught exception", lines=("cakes.pop()",)),
    Finds(kind="wait not re-checked", objects=("stocked",), lines=("stocked.wait()",)),
    curriculum="CV-4",
    may=("overtaking", "lost signal", "stalled"),
)
def looked_once() -> None:
    """Between the signal and going on, somebody else took the cake."""
    cakes: list[str] = []
    stocked = Condition()

    def eat() -> None:
        with stocked:
            if not cakes:
                stocked.wait()
            cakes.pop()

    def bake() -> None:
        for kind in ("apple", "plum"):
            with stocked:
                cakes.append(kind)
                stocked.notify()

    together(ann=eat, bob=eat, baker=bake)


@GROUP.wrong(
    Finds(kind="uncaught exception", lines=("bikes.pop()",)),
    Finds(kind="wait not re-checked", objects=("returned",), lines=("returned.wait()",)),
    curriculum="CV-4",
    may=("overtaking", "lost signal", "stalled"),
)
def all_called_for_one() -> None:
    """All are woken for one bike, and all but one find none."""
    bikes: list[str] = []
    returned = Condition()

    def borrow() -> None:
        with returned:
            if not bikes:
                returned.wait()
            bikes.pop()

    def bring_back() -> None:
        with returned:
            bikes.append("red")
            returned.notify_all()

    together(ann=borrow, bob=borrow, owner=bring_back)


@GROUP.right("CV-5", may=("overtaking",))
def looked_again() -> None:
    """Who is woken looks again, and waits on."""
    cakes: list[str] = []
    stocked = Condition()

    def eat() -> None:
        with stocked:
            while not cakes:
                stocked.wait()
            cakes.pop()

    def bake() -> None:
        for kind in ("apple", "plum"):
            with stocked:
                cakes.append(kind)
                stocked.notify()

    together(ann=eat, bob=eat, baker=bake)
    assert not cakes


@GROUP.right("CV-5", may=("overtaking",))
def waited_for_it() -> None:
    """`wait_for` has the loop built in."""
    bikes: list[str] = []
    returned = Condition()

    def borrow() -> None:
        with returned:
            returned.wait_for(lambda: bikes)
            bikes.pop()

    def bring_back() -> None:
        with returned:
            bikes.extend(["red", "blue"])
            returned.notify_all()

    together(ann=borrow, bob=borrow, owner=bring_back)
    assert not bikes


@GROUP.right("CV-6", may=("overtaking",))
def prime_finder() -> None:
    """Each prime is printed once, and the printer learns of the end under the lock."""
    news, printed = Condition(), []
    primes: list[int] = []
    done = False

    def find() -> None:
        nonlocal done
        for number in (2, 3, 5):
            with news:
                primes.append(number)
                news.notify()
        with news:
            done = True
            news.notify_all()

    def show() -> None:
        while True:
            with news:
                news.wait_for(lambda: primes or done)
                if not primes:
                    return
                printed.append(primes.pop(0))

    together(finder=find, printer=show)
    assert printed == [2, 3, 5]


@GROUP.wrong(
    Finds(kind="stalled", threads=("printer",), objects=("news",), lines=("news.wait()",)),
    curriculum="CV-6",
    may=("lost signal", "wrong waiter"),
)
def told_before_it_was_so() -> None:
    """Notified first, changed afterwards: the printer looks too early and waits for ever."""
    news, done = Condition(), False

    def show() -> None:
        with news:
            while not done:
                news.wait()

    def find() -> None:
        nonlocal done
        sleep(0.01)  # simulated work
        with news:
            news.notify_all()
        sleep(0.01)  # simulated work
        done = True

    together(printer=show, finder=find)


@GROUP.wrong(
    Finds(
        kind="wrong waiter", objects=("post",), threads=("ann", "postman", "bob"), lines=("post.notify()",)
    ),
    curriculum="CV-7",
    may=("overtaking", "lost signal", "stalled"),
)
def parcel_for_bob() -> None:
    """Two wait on one condition for different things; one is woken, and it is the wrong one."""
    post, box = Condition(), []

    def expect(thing: str) -> None:
        with post:
            while thing not in box:
                post.wait()

    def deliver() -> None:
        sleep(0.05)  # simulated work: both wait by now
        with post:
            box.append("parcel")
            post.notify()
        sleep(0.05)  # simulated work
        with post:
            box.append("letter")
            post.notify()

    together(ann=lambda: expect("letter"), bob=lambda: expect("parcel"), postman=deliver)


@GROUP.wrong(
    Finds(kind="wrong waiter", objects=("turn",), lines=("turn.notify()",)),
    curriculum="CV-7",
    may=("overtaking", "lost signal", "stalled"),
)
def turns_that_are_called_one_at_a_time() -> None:
    """Each waits for a number of its own, and whoever is next wakes anybody."""
    turn, called = Condition(), [0]

    def play(mine: int) -> None:
        with turn:
            while called[0] != mine:
                turn.wait()
            called[0] += 1
            turn.notify()

    together(second=lambda: play(1), third=lambda: play(2), first=lambda: play(0))


@GROUP.right("CV-7", may=("overtaking",))
def turns_that_all_are_told_of() -> None:
    """All look whose turn it is."""
    turn, called = Condition(), [0]

    def play(mine: int) -> None:
        with turn:
            while called[0] != mine:
                turn.wait()
            called[0] += 1
            turn.notify_all()

    together(second=lambda: play(1), third=lambda: play(2), first=lambda: play(0))
    assert called == [3]


@GROUP.wrong(
    Finds(kind="wrong waiter", objects=("changed",), lines=("changed.notify()",)),
    curriculum="CV-7",
    may=("overtaking", "stalled"),
)
def one_bell_for_cooks_and_guests() -> None:
    """A counter for one plate: a cook's signal may wake another cook."""
    counter: list[str] = []
    changed = Condition()

    def cook() -> None:
        for _ in range(2):
            with changed:
                while counter:
                    changed.wait()
                counter.append("plate")
                changed.notify()

    def eat() -> None:
        for _ in range(2):
            with changed:
                while not counter:
                    changed.wait()
                counter.pop()
                changed.notify()

    together(cook_1=cook, cook_2=cook, guest_1=eat, guest_2=eat)


@GROUP.right("CV-7", may=("overtaking",))
def two_bells_on_one_lock() -> None:
    """A condition for each kind of waiter."""
    counter: list[str] = []
    lock = Lock()
    free, served = Condition(lock), Condition(lock)

    def cook() -> None:
        for _ in range(2):
            with lock:
                while counter:
                    free.wait()
                counter.append("plate")
                served.notify()

    def eat() -> None:
        for _ in range(2):
            with lock:
                while not counter:
                    served.wait()
                counter.pop()
                free.notify()

    together(cook_1=cook, cook_2=cook, guest_1=eat, guest_2=eat)
    assert not counter


@GROUP.right("CV-7", may=("overtaking",))
def bell_for_all() -> None:
    """One condition, and everybody is woken."""
    post, box = Condition(), []

    def expect(thing: str) -> None:
        with post:
            while thing not in box:
                post.wait()

    def deliver() -> None:
        for thing in ("parcel", "letter"):
            with post:
                box.append(thing)
                post.notify_all()

    together(ann=lambda: expect("letter"), bob=lambda: expect("parcel"), postman=deliver)


@GROUP.right("CV-8")
def waited_long_enough() -> None:
    """A wait with a limit returns False where nobody came."""
    bus, came = Condition(), []

    def wait() -> None:
        with bus:
            came.append(bus.wait(timeout=0.05))

    together(passenger=wait)
    assert came == [False]


@GROUP.right("CV-8", may=("overtaking",))
def waited_for_with_a_limit() -> None:
    """`wait_for` gives what became of the predicate, late or not."""
    bus, here, got_on = Condition(), [], []

    def wait() -> None:
        with bus:
            got_on.append(bool(bus.wait_for(lambda: here, timeout=0.05)))

    def drive() -> None:
        sleep(0.04)  # simulated work
        with bus:
            here.append("bus 4")
            bus.notify_all()
            sleep(0.02)  # whoever is woken, or has waited long enough, needs the lock first

    together(passenger=wait, driver=drive)
    assert len(got_on) == 1


@GROUP.right("CV-9", may=("overtaking",))
def starting_gun() -> None:
    """All are woken at once and go on one at a time."""
    start, started = Condition(), False
    order: list[str] = []

    def run(name: str) -> None:
        with start:
            start.wait_for(lambda: started)
            order.append(name)

    runners = [Thread(target=run, args=(name,), name=name) for name in ("ann", "bob", "cem")]
    for runner in runners:
        runner.start()
    with start:
        started = True
        start.notify_all()
    for runner in runners:
        runner.join()
    assert sorted(order) == ["ann", "bob", "cem"]


@GROUP.wrong(
    Finds(
        kind="lost signal",
        threads=("guest", "cook"),
        objects=("ready",),
        lines=("ready.wait()", "ready.notify()"),
    ),
    curriculum="SEM-3",
    may=("wait not re-checked",),
)
def called_before_anybody_waited() -> None:
    """A notification is not kept."""
    ready = Condition()

    def wait() -> None:
        sleep(0.05)  # simulated work
        with ready:
            ready.wait()

    def call() -> None:
        with ready:
            ready.notify()

    together(guest=wait, cook=call)


@GROUP.wrong(
    Finds(kind="stalled", threads=("guest",), objects=("ready",)),
    Finds(kind="uncaught exception", threads=("cook",)),
    curriculum="CV-6",
)
def nobody_left_to_notify() -> None:
    """The one who would have notified has failed before."""
    ready, meals = Condition(), []

    def wait() -> None:
        with ready:
            ready.wait_for(lambda: meals)

    def cook() -> None:
        meals.append(1 // len(meals))
        with ready:
            ready.notify_all()

    together(guest=wait, cook=cook)


@GROUP.right("CV-5", may=("overtaking",))
def latch() -> None:
    """One waits until three have counted down."""
    open_tasks, latch = 3, Condition()

    def work() -> None:
        nonlocal open_tasks
        sleep(0.02)  # simulated work
        with latch:
            open_tasks -= 1
            latch.notify_all()

    def wait() -> None:
        with latch:
            while open_tasks:
                latch.wait()

    together(boss=wait, ann=work, bob=work, cem=work)


@GROUP.right("CV-5", may=("overtaking",))
def notified_though_nobody_waits() -> None:
    """A notification that nobody hears is no loss where the news is kept besides."""
    mail, letters, read = Condition(), [], []

    def write() -> None:
        for number in range(3):
            with mail:
                letters.append(number)
                mail.notify()

    def read_all() -> None:
        sleep(0.05)  # simulated work: all of them are written by now
        with mail:
            while letters:
                read.append(letters.pop(0))

    together(writer=write, reader=read_all)
    assert read == [0, 1, 2]


@GROUP.right("CV-5", may=("overtaking",))
def readers_and_writers() -> None:
    """Many may read at the same time; who writes is alone."""
    library, pages = Condition(), []
    readers = 0

    def read() -> None:
        nonlocal readers
        with library:
            readers += 1
        before = len(pages)
        sleep(0.02)  # simulated work
        assert len(pages) == before
        with library:
            readers -= 1
            library.notify_all()

    def write() -> None:
        with library:
            library.wait_for(lambda: readers == 0)
            pages.append("a page")

    together(reader_1=read, reader_2=read, writer_1=write, writer_2=write)
    assert len(pages) == 2
