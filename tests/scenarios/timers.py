"""Timer: a function that is called later, unless it is cancelled."""

from __future__ import annotations

from io import StringIO

from scenarios.programs import Finds, Group, together
from tracing import Event, Lock, Timer, sleep

GROUP = Group()


@GROUP.right("TM-1")
def egg_timer() -> None:
    """Main does something else meanwhile; nobody has to join a timer."""
    rung: list[str] = []
    egg = Timer(0.05, rung.append, args=("ring",))
    egg.start()
    sleep(0.1)  # simulated work
    assert rung == ["ring"]


@GROUP.right("TM-3")
def cancelled_in_time() -> None:
    """It never fires."""
    rung: list[str] = []
    alarm = Timer(0.1, rung.append, args=("ring",))
    alarm.start()
    sleep(0.02)  # simulated work
    alarm.cancel()
    alarm.join()
    assert not rung


@GROUP.wrong(
    Finds(kind="callback after cancel", threads=("MainThread",), objects=("alarm",)), curriculum="TM-3"
)
def cancelled_too_late() -> None:
    """It has fired already: cancel() does nothing, and does not say so."""
    rung: list[str] = []
    alarm = Timer(0.01, rung.append, args=("ring",))
    alarm.start()
    sleep(0.1)  # simulated work
    alarm.cancel()
    alarm.join()


class Repeating(Timer):
    """Calls its function again and again until it is cancelled."""

    def run(self) -> None:
        while not self.finished.wait(self.interval):
            self.function(*self.args, **self.kwargs)


@GROUP.right("TM-5")
def cancelled_by_its_own_callback() -> None:
    """A timer that repeats is stopped by what it calls."""
    strikes: list[str] = []

    def strike() -> None:
        strikes.append("dong")
        if len(strikes) == 3:
            clock.cancel()

    clock = Repeating(0.01, strike)
    clock.start()
    clock.join()
    assert len(strikes) == 3


@GROUP.wrong(Finds(kind="callback after cancel", objects=("bomb",)), curriculum="TM-3")
def cancelled_while_it_runs() -> None:
    """The callback goes on after cancel()."""
    started = Event()

    def explode() -> None:
        started.set()
        sleep(0.05)  # simulated work

    bomb = Timer(0.01, explode)
    bomb.start()
    started.wait()
    bomb.cancel()
    bomb.join()


def send_or_tear_up(*, wait: bool) -> None:
    """A letter goes out after a while; at that moment its writer calls it off and closes it."""

    def send() -> None:
        sleep(0.01)  # simulated work
        sent.append(letter.read())

    letter = StringIO("Dear boss")
    sent: list[str] = []
    timer = Timer(0.05, send)
    timer.start()
    sleep(0.05)  # the writer hesitates
    timer.cancel()
    if wait:
        timer.join()
    letter.close()


@GROUP.wrong(
    Finds(kind="uncaught exception", threads=("send",), lines=("sent.append(letter.read())",)),
    Finds(kind="callback after cancel", threads=("MainThread",), objects=("timer",)),
    curriculum="TM-3",
    explored="sync",
)
def tear_up() -> None:
    """The callback was on its way when cancel() came, and works with what is closed by then."""
    send_or_tear_up(wait=False)


@GROUP.right("TM-3", may=("callback after cancel",))
def tear_up_with_care() -> None:
    """After cancel() and join() nothing of the callback is left."""
    send_or_tear_up(wait=True)


@GROUP.right("TM-4")
def repeated() -> None:
    """Each call starts the timer of the next."""
    ticks: list[int] = []

    def tick() -> None:
        ticks.append(len(ticks))
        if len(ticks) < 3:
            Timer(0.02, tick).start()

    Timer(0.02, tick).start()
    sleep(0.2)  # simulated work
    assert len(ticks) == 3


@GROUP.right("TM-5", may=("overtaking",))
def debounced() -> None:
    """Each key cancels the last timer and starts another: the search runs once."""
    searches: list[str] = []
    timer: Timer | None = None
    for text in ("t", "th", "thr"):
        if timer is not None:
            timer.cancel()
        timer = Timer(0.1, searches.append, args=(text,))
        timer.start()
        sleep(0.02)  # simulated typing
    assert timer is not None
    timer.join()
    assert searches == ["thr"]


@GROUP.wrong(Finds(kind="uncaught exception"), curriculum="TM-1")
def alarm_that_fails() -> None:
    """An error in the callback ends the timer's thread, and nobody else hears of it."""
    alarm = Timer(0.01, lambda: int("noon"))
    alarm.start()
    alarm.join()


@GROUP.wrong(
    Finds(kind="deadlock", objects=("screen",)),
    curriculum="TM-1",
)
def timer_that_needs_the_lock() -> None:
    """Main joins the timer with the lock that the callback needs."""
    screen = Lock()

    def refresh() -> None:
        with screen:
            pass

    refresher = Timer(0.01, refresh)
    with screen:
        refresher.start()
        refresher.join()


@GROUP.right("TM-3")
def watchdog() -> None:
    """A timer that would end a wait; the answer comes first, and the timer is cancelled."""
    answer = Event()
    guard = Timer(1, answer.set)
    guard.start()

    def reply() -> None:
        sleep(0.02)  # simulated work
        answer.set()

    together(server=reply, client=answer.wait)
    guard.cancel()
    guard.join()


@GROUP.right("TM-1")
def timer_ends_the_wait() -> None:
    """Nobody but the timer is left to set the event, and it does."""
    wake_up = Event()
    Timer(0.05, wake_up.set).start()
    together(sleeper=wake_up.wait)
