"""Queues and pools: nobody puts, nobody gets, nobody says that it is done, and nobody is left to do it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from queue import LifoQueue, PriorityQueue, Queue

from scenarios.programs import Finds, Group, together
from tracing import Event, Lock, Semaphore, Thread, sleep

GROUP = Group()


# Workers that wait for calls that wait for workers


def _sum_below(pool: ThreadPoolExecutor, number: int) -> int:
    """Each call hands the rest on, and waits for it."""
    return number and number + pool.submit(_sum_below, pool, number - 1).result()


@GROUP.wrong(
    Finds(
        kind="deadlock", threads=("pool_0", "pool_1"), says=("for which no worker is free before pool_0 is",)
    )
)
def recursion_deeper_than_the_pool() -> None:
    """Each level needs a worker, and there are two."""
    with ThreadPoolExecutor(2, thread_name_prefix="pool") as pool:
        pool.submit(_sum_below, pool, 2).result()


@GROUP.right(may=("overtaking",))
def recursion_as_deep_as_the_pool() -> None:
    """There are three, for three levels."""
    with ThreadPoolExecutor(3, thread_name_prefix="pool") as pool:
        assert pool.submit(_sum_below, pool, 2).result() == 3


@GROUP.wrong(Finds(kind="starved pool", says=("1 of 1 worker of pool waits",)))
def call_that_waits_for_two_others() -> None:
    """`wait` inside of a call, of the pool that it is in."""
    with ThreadPoolExecutor(1, thread_name_prefix="pool") as pool:
        pool.submit(lambda: wait([pool.submit(int), pool.submit(str)])).result()


@GROUP.right(may=("overtaking",))
def call_that_hands_on_what_is_left() -> None:
    """It gives the futures back, and who is outside waits for them."""
    with ThreadPoolExecutor(1, thread_name_prefix="pool") as pool:
        inner = pool.submit(lambda: [pool.submit(int), pool.submit(str)]).result()
        assert [each.result() for each in inner] == [0, ""]


# Nobody is left to put something in


def _deliver(orders: Queue[str], menu: dict[str, str], wanted: list[str]) -> None:
    """A waiter puts in what the menu has; a cook wants one for each that is wanted."""

    def serve() -> None:
        with suppress(KeyError):
            for each in wanted:
                orders.put(menu[each])

    def cook() -> None:
        for _ in wanted:
            orders.get()

    together(waiter=serve, cook=cook)


@GROUP.wrong(
    Finds(
        kind="stalled",
        objects=("orders",),
        lines=("orders.get()",),
        says=("waiter, which put the last one", "has ended"),
    )
)
def waiter_that_gives_up_half_way() -> None:
    """The second order is not on the menu."""
    orders: Queue[str] = Queue()
    _deliver(orders, {"soup": "tomato"}, ["soup", "fish"])


@GROUP.right(may=("overtaking",))
def waiter_that_has_all_of_it() -> None:
    """As many as are wanted are put in."""
    orders: Queue[str] = Queue()
    _deliver(orders, {"soup": "tomato", "fish": "carp"}, ["soup", "fish"])


@GROUP.wrong(
    Finds(kind="stalled", objects=("inbox",), says=("nobody has ever put one in",)), may=("overtaking",)
)
def letter_in_the_wrong_box() -> None:
    """Two boxes, and the letter goes into the one that nobody looks into."""
    inbox, outbox = Queue[str](), Queue[str]()
    together(postman=lambda: outbox.put("letter"), reader=inbox.get)


@GROUP.wrong(
    Finds(kind="stalled", objects=("tasks",), says=("has failed with ZeroDivisionError",)),
    Finds(kind="uncaught exception"),
)
def planner_that_dies() -> None:
    """It divides before it puts anything in."""
    tasks: PriorityQueue[float] = PriorityQueue()

    def plan() -> None:
        tasks.put(3)
        tasks.put(1 / 0)

    def work() -> None:
        for _ in range(2):
            tasks.get()

    together(planner=plan, worker=work)


# Nobody is left to get something out


def _bake(count: int, eaten: int) -> None:
    """Bread for a shelf of two; so many loaves are baked and so many eaten."""
    shelf: Queue[int] = Queue(2)

    def bake() -> None:
        for loaf in range(count):
            shelf.put(loaf)

    def eat() -> None:
        for _ in range(eaten):
            shelf.get()

    together(baker=bake, eater=eat)


@GROUP.wrong(
    Finds(
        kind="stalled",
        objects=("shelf",),
        lines=("shelf.put(loaf)",),
        says=("waits for room in shelf", "full (2 of 2)", "eater"),
    )
)
def eater_that_has_had_enough() -> None:
    """It leaves after the first loaf."""
    _bake(4, 1)


@GROUP.right(may=("overtaking",))
def eater_that_leaves_room() -> None:
    """What is left has room on the shelf."""
    _bake(4, 2)


@GROUP.wrong(Finds(kind="stalled", objects=("stack",), says=("nobody has ever got one out",)))
def helper_that_is_never_started() -> None:
    """It is made, and the stack of one fills up."""
    stack: LifoQueue[int] = LifoQueue(1)
    Thread(target=stack.get, name="helper")
    stack.put(1)
    stack.put(2)


@GROUP.wrong(
    Finds(kind="stalled", objects=("lines",), says=("has failed with ValueError",)),
    Finds(kind="uncaught exception"),
)
def parser_that_meets_a_bad_line() -> None:
    """It fails at the first, and the reader has more."""
    lines: Queue[str] = Queue(1)

    def parse() -> None:
        while text := lines.get():
            int(text)

    def read() -> None:
        for text in ("one", "2", "3", ""):
            lines.put(text)

    together(parser=parse, reader=read)


@GROUP.right(may=("overtaking",))
def parser_that_passes_over_a_bad_line() -> None:
    """The next line may be better."""
    lines: Queue[str] = Queue(1)

    def parse() -> None:
        while text := lines.get():
            with suppress(ValueError):
                int(text)

    def read() -> None:
        for text in ("one", "2", ""):
            lines.put(text)

    together(parser=parse, reader=read)


# Nobody says that a task is done


def _sorted(letters: list[str], work: Callable[[Queue[str]], None]) -> None:
    """All letters are put in, one clerk works, and main waits until all of them are done."""
    tray: Queue[str] = Queue()
    for each in letters:
        tray.put(each)
    clerk = Thread(target=work, args=(tray,), name="clerk")
    clerk.start()
    tray.join()
    clerk.join()


TRAY = Finds(
    kind="stalled", objects=("tray",), lines=("tray.join()",), says=("clerk, which got the last one",)
)


@GROUP.wrong(TRAY)
def letter_that_is_skipped() -> None:
    """`continue` passes over task_done()."""

    def work(tray: Queue[str]) -> None:
        for _ in range(3):
            if not tray.get():
                continue
            tray.task_done()

    _sorted(["a", "", "c"], work)


@GROUP.wrong(TRAY)
def letter_that_says_stop() -> None:
    """The last one ends the loop, and is a task like the others."""

    def work(tray: Queue[str]) -> None:
        while tray.get() != "stop":
            tray.task_done()

    _sorted(["a", "stop"], work)


@GROUP.wrong(TRAY, Finds(kind="uncaught exception"))
def letter_that_cannot_be_read() -> None:
    """An error comes before task_done()."""

    def work(tray: Queue[str]) -> None:
        for _ in range(2):
            int(tray.get())
            tray.task_done()

    _sorted(["1", "two"], work)


@GROUP.right(may=("overtaking",))
def letters_that_are_done_whatever_comes() -> None:
    """task_done() stands in `finally`."""

    def work(tray: Queue[str]) -> None:
        text = ""
        while text != "stop":
            try:
                text = tray.get()
                with suppress(ValueError):
                    int(text)
            finally:
                tray.task_done()

    _sorted(["1", "two", "", "stop"], work)


# Full on both sides


@GROUP.wrong(
    Finds(kind="deadlock", objects=("to_left", "to_right"), threads=("left", "right")),
    may=("overtaking",),
)
def two_that_both_speak_first() -> None:
    """Both listen to a greeting, then each says two words before it listens again; there is room for one."""
    _talk(1)


@GROUP.right(may=("overtaking",))
def two_that_both_have_room_to_speak() -> None:
    """There is room for what each says."""
    _talk(2)


def _talk(room: int) -> None:
    to_left: Queue[int] = Queue(room)
    to_right: Queue[int] = Queue(room)

    def talk(mouth: Queue[int], ear: Queue[int]) -> None:
        mouth.put(0)
        ear.get()
        for word in range(2):
            mouth.put(word)
        for _ in range(2):
            ear.get()

    together(left=lambda: talk(to_right, to_left), right=lambda: talk(to_left, to_right))


@GROUP.wrong(
    Finds(kind="deadlock", threads=("a", "b", "c"), says=("is full (1 of 1) until",)), may=("overtaking",)
)
def ring_of_three_that_is_full() -> None:
    """The first round goes well; then each hands two on to the next before it takes one."""
    ring: list[Queue[int]] = [Queue(1) for _ in range(3)]

    def hand_on(place: int) -> None:
        ring[(place + 1) % 3].put(0)
        ring[place].get()
        for number in range(2):
            ring[(place + 1) % 3].put(number)
        for _ in range(2):
            ring[place].get()

    together(a=lambda: hand_on(0), b=lambda: hand_on(1), c=lambda: hand_on(2))


# An executor that is left, or a worker that ends, only when something has come that comes afterwards


@GROUP.wrong(Finds(kind="stalled", objects=("go",), threads=("pool_0",)), may=("overtaking",))
def flag_raised_after_the_pool() -> None:
    """`with` waits for the call, and the flag that it waits for is raised behind it."""
    go = Event()
    with ThreadPoolExecutor(1, thread_name_prefix="pool") as pool:
        pool.submit(go.wait)
    go.set()


@GROUP.right(may=("overtaking",))
def flag_raised_inside_of_the_pool() -> None:
    """The flag is raised before the block is left."""
    go = Event()
    with ThreadPoolExecutor(1, thread_name_prefix="pool") as pool:
        pool.submit(go.wait)
        go.set()


@GROUP.wrong(
    Finds(kind="deadlock", objects=("jobs", "pool"), says=("for the workers of pool to end",)),
    may=("overtaking",),
)
def last_job_after_the_pool() -> None:
    """The word that ends the call is put in when all calls have ended."""
    jobs: Queue[int] = Queue()
    with ThreadPoolExecutor(1, thread_name_prefix="pool") as pool:
        pool.submit(lambda: [*iter(jobs.get, 0)])
        jobs.put(1)
    jobs.put(0)


@GROUP.right(may=("overtaking",))
def last_job_inside_of_the_pool() -> None:
    """It is put in first."""
    jobs: Queue[int] = Queue()
    with ThreadPoolExecutor(1, thread_name_prefix="pool") as pool:
        heard = pool.submit(lambda: [*iter(jobs.get, 0)])
        jobs.put(1)
        jobs.put(0)
    assert heard.result() == [1]


@GROUP.wrong(
    Finds(kind="deadlock", objects=("lock", "pool"), threads=("MainThread", "pool_0")), may=("overtaking",)
)
def pool_left_under_a_lock() -> None:
    """Who leaves the pool holds what its call needs."""
    lock = Lock()
    with lock, ThreadPoolExecutor(1, thread_name_prefix="pool") as pool:
        pool.submit(lock.acquire)


@GROUP.wrong(Finds(kind="unasked exception", says=("cannot join current thread",)), may=("overtaking",))
def call_that_shuts_its_pool_down() -> None:
    """It would wait for the worker that it runs in."""
    with ThreadPoolExecutor(1, thread_name_prefix="pool") as pool:
        pool.submit(pool.shutdown)


@GROUP.wrong(Finds(kind="deadlock", threads=("worker", "closer")))
def worker_that_has_itself_closed() -> None:
    """It waits for the closer, which waits for the worker."""
    worker = Thread(target=lambda: together(closer=lambda: worker.join()), name="worker")
    worker.start()
    worker.join()


@GROUP.wrong(Finds(kind="stalled", objects=("answer",), says=("nobody is left",)))
def promise_that_nobody_keeps() -> None:
    """A future by hand: the one error that comes is not put into it."""
    answer: Future[int] = Future()

    def compute() -> None:
        with suppress(ZeroDivisionError):
            answer.set_result(1 // 0)

    together(asker=answer.result, computer=compute)


# One word to stop for three


def _read(words: int, put_back: bool = False) -> None:
    """Three readers until they are told; so often they are told."""
    news: Queue[str] = Queue()

    def read() -> None:
        while news.get() != "stop":
            pass
        if put_back:
            news.put("stop")

    readers = [Thread(target=read, name=f"reader {number}") for number in range(3)]
    for each in readers:
        each.start()
    for text in ("rain", *["stop"] * words):
        news.put(text)
    for each in readers:
        each.join()


@GROUP.wrong(Finds(kind="deadlock", objects=("news",)), may=("overtaking", "stalled"))
def one_word_to_stop_for_three() -> None:
    """The first who hears it keeps it."""
    _read(1)


@GROUP.wrong(Finds(kind="deadlock", objects=("news",)), may=("overtaking", "stalled"))
def two_words_to_stop_for_three() -> None:
    """One is left."""
    _read(2)


@GROUP.right(may=("overtaking",))
def word_to_stop_that_is_handed_on() -> None:
    """Who hears it puts it back for the next."""
    _read(1, put_back=True)


@GROUP.wrong(Finds(kind="stalled", objects=("turns",)), may=("overtaking", "deadlock"))
def permit_to_stop_that_is_not_handed_on() -> None:
    """The same with a semaphore as the queue: three wait, one permit comes."""
    turns = Semaphore(0)
    threads = [Thread(target=turns.acquire, name=f"player {number}") for number in range(3)]
    for each in threads:
        each.start()
    turns.release()
    for each in threads:
        each.join()


# An error that nobody asks for


@GROUP.wrong(Finds(kind="unasked exception", says=("ValueError",)), may=("overtaking",))
def calls_that_are_only_waited_for() -> None:
    """`wait` says that they are done, not how."""
    with ThreadPoolExecutor(1, thread_name_prefix="pool") as pool:
        wait([pool.submit(int, "one"), pool.submit(int, "2")])


@GROUP.right(may=("overtaking",))
def calls_that_are_looked_at() -> None:
    """Each is asked for its error."""
    with ThreadPoolExecutor(1, thread_name_prefix="pool") as pool:
        done = wait([pool.submit(int, "one"), pool.submit(int, "2")]).done
        assert sum(each.exception() is None for each in done) == 1


# More of what is well


@GROUP.right(may=("overtaking",))
def letter_in_the_right_box() -> None:
    """Who writes and who reads mean the same box."""
    inbox = Queue[str]()
    together(postman=lambda: inbox.put("letter"), reader=inbox.get)


@GROUP.right(may=("overtaking",))
def helper_that_is_started() -> None:
    """It takes one from the stack, which has room for one."""
    stack: LifoQueue[int] = LifoQueue(1)
    helper = Thread(target=stack.get, name="helper")
    helper.start()
    stack.put(1)
    stack.put(2)
    helper.join()


@GROUP.right(may=("overtaking",))
def promise_that_is_kept_with_an_error() -> None:
    """What goes wrong is put into the future, and who asks for it is told."""
    answer: Future[int] = Future()

    def ask() -> None:
        assert isinstance(answer.exception(), ZeroDivisionError)

    together(asker=ask, computer=lambda: answer.set_exception(ZeroDivisionError()))


@GROUP.right(may=("overtaking",))
def worker_that_closes_itself() -> None:
    """It tells that it comes to its end, and somebody else joins it."""
    closing = Event()
    worker = Thread(target=closing.set, name="worker")
    worker.start()
    closing.wait()
    worker.join()


@GROUP.right(may=("overtaking",))
def planner_that_says_that_it_failed() -> None:
    """Where it cannot go on it puts in a word for that, and the worker goes home."""
    tasks: Queue[float | None] = Queue()

    def plan() -> None:
        try:
            tasks.put(1 / 0)
        except ZeroDivisionError:
            tasks.put(None)

    def work() -> None:
        while tasks.get() is not None:
            pass

    together(planner=plan, worker=work)


# Things to use, handed round in a queue


def _share(pool: Queue[str], turns: int, rest: float, *others: Callable[[], object]) -> None:
    """The greedy one takes the thing, uses it, gives it back, and rests before it takes it again."""

    def greedy() -> None:
        for _ in range(turns):
            thing = pool.get()  # greedy
            sleep(0.01)  # use it
            pool.put(thing)
            if rest:
                sleep(rest)

    pool.put("connection")
    together(greedy=greedy, **{f"polite_{number}": other for number, other in enumerate(others)})


def _use_once(pool: Queue[str]) -> None:
    pool.put(pool.get())


@GROUP.wrong(
    Finds(
        kind="starvation",
        threads=("greedy", "polite_0"),
        objects=("pool",),
        lines=("pool.put(pool.get())",),
        says=("put it back", "got it again"),
    ),
    may=("overtaking",),
)
def connection_taken_again_at_once() -> None:
    """Who waits is told each time, and finds it gone."""
    pool: Queue[str] = Queue()
    _share(pool, 20, 0, lambda: _use_once(pool))


@GROUP.wrong(Finds(kind="starvation", objects=("pool",)), may=("overtaking",))
def last_in_first_out_connection() -> None:
    """Which of several is given does not matter where there is one."""
    pool: LifoQueue[str] = LifoQueue(1)
    _share(pool, 20, 0, lambda: _use_once(pool))


@GROUP.wrong(Finds(kind="starvation", objects=("pool",)), may=("overtaking",))
def one_connection_for_two_polite_ones() -> None:
    """Each of them is passed."""
    pool: PriorityQueue[str] = PriorityQueue()
    _share(pool, 30, 0, lambda: _use_once(pool), lambda: _use_once(pool))


@GROUP.right(may=("overtaking",))
def connection_left_alone_for_a_while() -> None:
    """Who was told has the time to come for it."""
    pool: Queue[str] = Queue()
    _share(pool, 20, 0.01, lambda: _use_once(pool))


@GROUP.right(may=("overtaking",))
def worker_that_does_it_all() -> None:
    """Who only takes from a queue takes it from nobody: the other worker has less to do."""
    jobs: Queue[int | None] = Queue()

    def work() -> None:
        while jobs.get() is not None:
            pass

    def plan() -> None:
        for number in (*range(30), None, None):
            jobs.put(number)
            sleep(0.01)  # the next one is not known yet

    together(planner=plan, one=work, other=work)


@GROUP.right(may=("overtaking",))
def connection_for_each() -> None:
    """There are as many as threads: nobody waits for one."""
    pool: Queue[str] = Queue()
    pool.put("another connection")
    _share(pool, 20, 0, lambda: _use_once(pool))


@GROUP.right(may=("overtaking",))
def connection_handed_on() -> None:
    """Who has used it gives it to the other one, by a queue for each."""
    mine: Queue[str] = Queue()
    yours: Queue[str] = Queue()

    def play(from_: Queue[str], to: Queue[str]) -> None:
        for _ in range(10):
            to.put(from_.get())

    mine.put("connection")
    together(one=lambda: play(mine, yours), other=lambda: play(yours, mine))
