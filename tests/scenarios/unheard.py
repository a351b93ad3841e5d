"""What fails and nobody hears of it: a callback of a future, a thread that ends by sys.exit()."""

from __future__ import annotations

import sys
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

from scenarios.programs import Finds, Group, together
from tracing import Event, Thread

GROUP = Group()


# Callbacks of futures


@GROUP.wrong(
    Finds(kind="failed callback", objects=("total",), says=("ZeroDivisionError", "no result() tells of it")),
    may=("overtaking",),
)
def share_of_nothing() -> None:
    """The sum is there, and what is to be made of it fails."""
    with ThreadPoolExecutor(1) as pool:
        total = pool.submit(sum, [1, 2, 3])
        total.add_done_callback(lambda done: done.result() // 0)
        assert total.result() == 6


@GROUP.right(may=("overtaking",))
def share_of_nothing_is_caught() -> None:
    """The callback itself says what went wrong."""
    errors: list[ZeroDivisionError] = []

    def divide(done: Future[int]) -> None:
        try:
            done.result() // 0
        except ZeroDivisionError as error:
            errors.append(error)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(sum, [1, 2, 3]).add_done_callback(divide)
    assert len(errors) == 1


@GROUP.wrong(
    Finds(
        kind="failed callback", threads=("oven",), objects=("bread",), lines=("eaten.remove(done.result())",)
    )
)
def bread_that_was_eaten_already() -> None:
    """Of a future of the program's own: its callbacks run in the thread that gives the result."""
    bread, eaten = Future[str](), list[str]()

    def forget(done: Future[str]) -> None:
        eaten.remove(done.result())

    bread.add_done_callback(forget)
    together(oven=lambda: bread.set_result("bread"))


@GROUP.right()
def bread_that_may_be_eaten() -> None:
    """What may not be there is not insisted on."""
    bread, eaten = Future[str](), list[str]()

    def forget(done: Future[str]) -> None:
        with suppress(ValueError):
            eaten.remove(done.result())

    bread.add_done_callback(forget)
    together(oven=lambda: bread.set_result("bread"))


@GROUP.wrong(
    Finds(
        kind="failed callback", objects=("answers[0]", "answers[1]"), says=("2 callbacks of", "ValueError")
    ),
    may=("overtaking",),
)
def callback_that_expects_a_number() -> None:
    """Two of three calls fail; who is called back when they are over takes a result for granted."""
    found: list[int] = []

    def keep(done: Future[int]) -> None:
        found.append(0 if done.exception() is None else int("none"))

    with ThreadPoolExecutor(1) as pool:
        answers = [pool.submit(int, text) for text in ("one", "two", "3")]
        for each in answers:
            each.add_done_callback(keep)


@GROUP.right(may=("overtaking",))
def callback_that_asks_whether_there_is_an_error() -> None:
    """It asks first."""
    found: list[int] = []

    def keep(done: Future[int]) -> None:
        if done.exception() is None:
            found.append(done.result())

    with ThreadPoolExecutor(1) as pool:
        for text in ("one", "two", "3"):
            pool.submit(int, text).add_done_callback(keep)
    assert found == [3]


# sys.exit() in a thread


@GROUP.wrong(
    Finds(
        kind="exit of a thread alone",
        threads=("reader",),
        lines=('sys.exit("no menu")',),
        says=("SystemExit: no menu",),
    )
)
def reader_that_means_to_end_the_program() -> None:
    """It gives a reason, which nobody gets to see."""
    menu: list[str] = []

    def read() -> None:
        if not menu:
            sys.exit("no menu")

    together(reader=read)


@GROUP.right()
def reader_that_has_nothing_to_do() -> None:
    """Without a reason it is a way to end the thread."""
    menu: list[str] = []

    def read() -> None:
        if not menu:
            sys.exit()

    together(reader=read)


@GROUP.wrong(Finds(kind="exit of a thread alone", threads=("checker",), says=("SystemExit: 3",)))
def status_that_is_lost() -> None:
    """A status is for who started the program, and it does not end."""
    checked: list[int] = []

    def check() -> None:
        checked.append(3)
        raise SystemExit(checked[0])

    together(checker=check)


@GROUP.right()
def status_of_success() -> None:
    """That all went well need not be told."""
    together(checker=lambda: sys.exit(0))


@GROUP.wrong(
    Finds(kind="stalled", objects=("ready",), says=("server has ended by SystemExit: no port",)),
    Finds(kind="exit of a thread alone", threads=("server",)),
)
def server_that_exits_before_it_is_ready() -> None:
    """Main waits for who has left without a word."""
    ready, port = Event(), 0

    def serve() -> None:
        if not port:
            sys.exit("no port")
        ready.set()

    Thread(target=serve, name="server").start()
    ready.wait()


@GROUP.right()
def server_that_hands_its_reason_to_main() -> None:
    """Whoever waits is told, and main decides."""
    ready, reasons, port = Event(), list[str](), 0

    def serve() -> None:
        if not port:
            reasons.append("no port")
        ready.set()

    together(server=serve)
    ready.wait()
    assert reasons == ["no port"]
