"""The checks of lesson 04: a timeline is read, and the learner's functions are explored in several threads.

The bad moment is searched for, not left to luck: what the function gets to work with lets other threads in at
the very place where that could do harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Any

from exercises.answer import (
    DAYS,
    Answer,
    Problem,
    Verdict,
    at_length,
    exercise,
    explored,
    failed,
    gave_up,
    holds_of,
    judged,
    once,
    stuck,
    together,
)
from exercises.reading import is_near, not_one_of_each, said
from tracing import Kind, Lock, Thread, Trace, mark, simulate, sleep
from tracing.asking import SECOND, Waited

WORK = 1.0  # s of simulated work, on the virtual clock
MOMENT = 0.05  # s: what takes longer is not at once


# -- 1: read a timeline --------------------------------------------------------------------------------------


def at_the_till() -> Trace:
    """Ann, Bob and Cho come one after the other and want the same till."""

    def pay(seconds: float, comes_after: float) -> None:
        sleep(comes_after)  # the way to the till
        with till:
            sleep(seconds)  # simulated work

    with simulate(title="At the till") as run:
        till = Lock()
        together(
            Thread(target=pay, args=(2, 0), name="ann"),
            Thread(target=pay, args=(3, 0.5), name="bob"),
            Thread(target=pay, args=(1, 1), name="cho"),
        )
    return run


CUSTOMERS = ("ann", "bob", "cho")


@exercise
def check_reading(answer: object) -> Answer:
    """Who let cho go on, and how many seconds had she waited?

    answer: both, in any form: ("ann", 2), "ann, 2 s", {"who": "ann", "seconds": 2.0}.
    """
    run = at_the_till()
    (wait,) = (each for each in run.waits_of("cho") if each.thing == "till")
    who, seconds = said(answer, CUSTOMERS)
    is_right = who == [wait.ended_by] and len(seconds) == 1 and is_near(seconds[0], _length(wait))
    verdict = Verdict.of(run, is_right)
    praise = f"{wait}, and that took {_length(wait):.0f} s. Ann had left before."
    return judged(run, verdict, _reading_problems(wait, who, seconds), praise)


def _length(wait: Waited) -> float:
    return wait.end - wait.start


def _reading_problems(wait: Waited, who: list[str], seconds: list[float]) -> Iterator[Problem | str]:
    yield from not_one_of_each(CUSTOMERS, who, seconds, "seconds")
    if who == ["cho"]:
        yield Problem("Cho waits. She cannot let herself go on.", "Whose hold ends where her wait ends?")
    elif who != [wait.ended_by]:
        yield Problem(
            f"{who[0].capitalize()} had the till when cho came, and gave it to somebody else.",
            "Follow the arrow at the end of cho's wait back to where it begins.",
        )
    if is_near(seconds[0], wait.end):
        yield Problem(f"{seconds[0]:g} s is the time at which she got the till.", "When did her wait begin?")
    elif not is_near(seconds[0], _length(wait)):
        yield Problem(
            f"She did not wait {seconds[0]:g} s.",
            "The hatched bar is her wait: read the time at its begin and at its end.",
        )


# -- 2: two deposits -----------------------------------------------------------------------------------------


class Balance:
    """A number that takes its time when you read or write it: another thread may come in."""

    def __init__(self, lock: Lock, seconds: float, start: int) -> None:
        self.lock, self.seconds, self.start = lock, seconds, start
        self.value = start
        self.reads: list[int] = []  # what was read, and below what was written
        self.writes: list[int] = []

    def read(self) -> int:
        """The value, as it was when you asked."""
        value = self.value
        self.reads.append(value)
        mark(f"reads {value}")
        sleep(self.seconds)  # others may come in
        return value

    def write(self, value: int) -> None:
        """Replace the value, when the others have had their turn."""
        sleep(self.seconds)  # others may come in
        self.value = value
        self.writes.append(value)
        mark(f"writes {value}")


@exercise
def check_deposit(deposit: Callable[[Balance, Lock], object]) -> Answer:
    """Two threads deposit 1 each: is the balance 2, under every schedule?"""

    def begin(seconds: float = 0.0, start: int = 0) -> Balance:
        lock = Lock()
        return Balance(lock, seconds, start)

    def perform(balance: Balance) -> None:
        together(
            *(Thread(target=deposit, args=(balance, balance.lock), name=name) for name in ("ann", "bob"))
        )

    def is_right(balance: Balance) -> bool:
        return balance.value == balance.start + 2

    found = explored("Two deposits of 1", begin, perform, is_right)
    run, balance, verdict = at_length(
        found, "Two deposits of 1 that take long", partial(begin, DAYS, 10), perform, is_right
    )
    praise = (
        "The second reader had to wait until the first had written: no schedule that was tried loses one."
    )
    return judged(run, verdict, _deposit_problems(run, balance), praise)


def _deposit_problems(run: Trace, balance: Balance) -> Iterator[Problem | str]:
    yield from _hangs(run, "Release the lock on every way out: `with lock:` does.")
    start, wrong = balance.start, balance.value != balance.start + 2
    to = f" to {start}" if start else ""
    now = f"Two deposits of 1{to}, {'but' if wrong else 'and'} the balance is {balance.value}"
    if wrong and len(balance.writes) < 2 and _tried_in_vain(run):
        yield Problem(
            f"{now}. One of them did not get `lock`, and deposited nothing.", "Wait for it, by `with lock:`."
        )
    yield from failed(run)
    if len(balance.reads) < 2 or len(balance.writes) < 2:
        yield f"{now}. Each deposit must call `balance.read()` and `balance.write(...)`."
    if wrong and ({*balance.reads}, balance.writes) != ({start}, [start + 1] * 2):
        yield f"{now}. Write what you have read, and 1 more, once."
    lost = f"{now}: both threads read {start}, then both wrote {start + 1}."
    if wrong and not holds_of(run, "lock"):
        yield Problem(
            f"{lost} Nobody took `lock`.", "Take it before you read, release it after you have written."
        )
    if not holds_of(run, "lock"):
        yield Problem(
            "The balance is right, but nobody took `lock`.",
            "A lock of your own keeps out only those who take it too: whoever touches this balance takes "
            "`lock`.",
        )
    if wrong and _tried_in_vain(run):
        yield Problem(
            f"{lost} One of them did not get `lock` and went on without it.", "Wait for it, by `with lock:`."
        )
    if wrong:
        yield Problem(
            f"{lost} The other came in between the read and the write.", "Put both into one `with lock:`."
        )


def _hangs(run: Trace, advice: str) -> Iterable[Problem]:
    """As `stuck`; who waits for a lock that it has itself needs another advice."""
    alone = any(len(finding.threads) == 1 for finding in run.found("deadlock"))
    again = "A Lock does not know who has it: while you have it, do not take it again."
    return stuck(run, again if alone else advice)


def _tried_in_vain(run: Trace) -> bool:
    return any(event.kind in (Kind.WOULD_BLOCK, Kind.TIMED_OUT) for event in run)


# -- 3: refresh, unless somebody else is at it ---------------------------------------------------------------


class Visits:
    """Calls of the learner's function, in threads of their own."""

    def __init__(self, refresh_once: Callable[[Lock, Callable[[], None]], object], lock: Lock) -> None:
        self.refresh_once, self.lock = refresh_once, lock
        self.done: list[str] = []  # who refreshed
        self.results: dict[str, object] = {}
        self.taken_away = self.left_locked = False
        self.main_holds = self.not_kept_out = False  # the lock; whether somebody refreshed all the same
        self.took: dict[str, float] = {}  # s

    def one_by_one(self) -> None:
        """Three: with the lock taken, with the lock free, and one that fails."""
        self.lock.acquire()
        self.main_holds = True
        late = self.visit("latecomer", self.refresh, patience=2 * WORK)
        self.main_holds = False
        self.taken_away = not self.lock.locked()
        if not self.taken_away:
            self.lock.release()
        late.join()
        self.visit("follower", self.refresh)
        self.left_locked = self.lock.locked()
        if not self.left_locked:
            self.visit("unlucky", self.break_down)
            self.left_locked = self.lock.locked()

    def all_well(self) -> bool:
        """Whether they did what they should."""
        well = self.results == {"latecomer": False, "follower": True} and self.took["latecomer"] < MOMENT
        return well and "latecomer" not in self.done and not (self.taken_away or self.left_locked)

    def at_once(self) -> None:
        """Two, at the same moment."""
        together(*(self.visitor(name, self.refresh) for name in ("ann", "bob")))

    def one_refreshed(self) -> bool:
        """Whether one of the two left it to the other."""
        return len(self.done) == 1

    def visit(self, name: str, refresh: Callable[[], None], patience: float | None = None) -> Thread:
        """A thread calls the learner's function; wait for it, at most so many seconds."""
        thread = self.visitor(name, refresh)
        thread.start()
        thread.join(patience)
        return thread

    def visitor(self, name: str, refresh: Callable[[], None]) -> Thread:
        """A thread that will call the learner's function."""

        def logged_refresh() -> None:
            self.done.append(name)
            self.not_kept_out |= self.main_holds
            refresh()

        def call() -> None:
            began = monotonic()
            with suppress(ConnectionError):
                self.results[name] = self.refresh_once(self.lock, logged_refresh)
            self.took[name] = monotonic() - began

        return Thread(target=call, name=name)

    def refresh(self) -> None:
        """A refresh that works."""
        sleep(WORK)  # simulated work

    def break_down(self) -> None:
        """A refresh that does not."""
        raise ConnectionError("no network")


@exercise
def check_refresh(refresh_once: Callable[[Lock, Callable[[], None]], object]) -> Answer:
    """Does it return False at once where the lock is taken, and does it always give back what it took?"""

    def begin() -> Visits:
        lock = Lock()
        return Visits(refresh_once, lock)

    run, visits, verdict = explored("Three calls of refresh_once", begin, Visits.one_by_one, Visits.all_well)
    problems = list(_refresh_problems(run, visits))
    if verdict is not Verdict.FAILED and not problems:
        run, visits, verdict = explored(
            "Two calls at the same moment", begin, Visits.at_once, Visits.one_refreshed
        )
        problems = list(_rush_problems(run, visits))
    praise = (
        "Who comes late does not wait, whichever schedule was tried, and not even unlucky keeps the lock."
    )
    return judged(run, verdict, problems, praise)


def _refresh_problems(run: Trace, visits: Visits) -> Iterator[Problem | str]:
    if visits.taken_away:
        yield Problem(
            "latecomer released a lock that it did not get: MainThread had it.", "Release only what you got."
        )
    yield from _late_problems(run, visits)
    yield from _hangs(run, "Release the lock when the refresh is over.")
    yield from failed(run)
    if "latecomer" in visits.results and "follower" not in visits.done:
        yield Problem(
            "follower found the lock free, but did not refresh.", "Call `refresh()` where you got the lock."
        )
    if visits.left_locked:
        who = "unlucky" if "unlucky" in visits.done else "follower"
        yield Problem(
            f"{who} has ended, and the lock is still held.", "Release it in a `finally`: errors pass there."
        )
    if visits.results.get("latecomer") is not False or visits.results.get("follower") is not True:
        yield "Return True after a refresh, and False where the lock was taken."
    if "unlucky" in visits.results:
        yield Problem("unlucky's refresh failed, and nobody was told.", "Let the exception pass.")


def _late_problems(run: Trace, visits: Visits) -> Iterator[Problem]:
    """What the latecomer did while the main thread held the lock."""
    if any(wait.thing == "lock" for wait in run.waits_of("latecomer")):
        yield Problem(
            "latecomer waited for the lock, but it should return False at once.",
            "Try to take it without waiting: `lock.acquire(blocking=False)`.",
        )
    elif visits.not_kept_out:
        yield Problem("latecomer refreshed while MainThread held the lock.", "Ask for the lock first.")
    elif visits.took.get("latecomer", 0.0) >= MOMENT:
        yield Problem(
            f"latecomer came back after {visits.took['latecomer']:.1f} s, but should return False at once, "
            "because it did not get the lock.",
            "Try once.",
        )


def _rush_problems(run: Trace, visits: Visits) -> Iterator[Problem | str]:
    """What went wrong where two came at the same moment."""
    yield from stuck(run, "Release the lock when the refresh is over.")
    yield from failed(run)
    if not visits.one_refreshed():
        yield Problem(
            f"{' and '.join(visits.done) or 'Nobody'} refreshed, where one should leave it to the other.",
            "To ask `lock.locked()` is not enough: the answer may be old before your next line. Let "
            "`lock.acquire(blocking=False)` ask and take in one step, and keep the lock until `refresh()` "
            "has ended.",
        )


# -- 4: a cache ----------------------------------------------------------------------------------------------


class Server:
    """Pages that take their time. It knows who asked for what; the page "gone" is there later only, and
    "blank" is empty.
    """

    def __init__(self, seconds: float = WORK) -> None:
        self.seconds = seconds  # that it takes to load a page
        self.asked: list[str] = []
        self.got: dict[str, object] = {}
        self.refused: list[str] = []
        self.ended = 0.0  # s: when all had their pages
        self.missing = "gone"

    def load(self, name: str) -> str:
        """The text of a page."""
        self.asked.append(name)
        sleep(self.seconds)  # simulated work
        if name == self.missing:
            raise ConnectionError(f"no page {name}")
        return self.text(name)

    def text(self, name: str) -> str:
        """What the page says."""
        return "" if name == "blank" else f"text of {name}"

    def serve(
        self,
        cache: Callable[[Callable[[str], str]], Any],
        readers: dict[str, str],
        later: dict[str, str] | None = None,
    ) -> None:
        """The readers ask the learner's cache at the same time, each in a thread of its own; later others."""
        pages: list[Any] = []
        together(Thread(target=lambda: pages.append(cache(self.load)), name="you"))
        began = monotonic()
        for page in pages:  # none where the cache could not be made
            for some in (readers, later or {}):
                together(
                    *(Thread(target=self.visit, args=(page, *each), name=each[0]) for each in some.items())
                )
                self.missing = ""
        self.ended = monotonic() - began

    def visit(self, cache: Any, who: str, name: str) -> None:
        """A thread asks the learner's cache for a page."""
        try:
            self.got[who] = cache.get(name)
        except ConnectionError:
            self.refused.append(who)

    def has_served(self, readers: dict[str, str]) -> bool:
        """Whether each has the page that was asked for, and each was loaded once, and in time."""
        texts = {who: self.text(name) for who, name in readers.items()}
        once_each = sorted(self.asked) == sorted(set(readers.values()))
        return self.got == texts and once_each and self.ended < 1.5 * self.seconds

    def has_forgotten(self) -> bool:
        """Whether two heard that there is no such page, and the third got it."""
        return sorted(self.refused) == [*GONE] and self.got == {who: self.text("gone") for who in LATER}


SAME = {"ann": "news", "bob": "news"}
TWO = {**SAME, "cho": "maps"}  # who keeps cho waiting may be bob, who waits himself
AGAIN = {"dan": "news", "eve": "news"}  # who leaves a lock behind where the page is kept keeps eve waiting
EMPTY = {"ann": "blank", "bob": "blank"}
GONE, LATER = {"dan": "gone", "eve": "gone"}, {"flo": "gone"}


@exercise
def check_cache(cache: Callable[[Callable[[str], str]], Any]) -> Answer:
    """Two ask for one page, three for two, two for one that is kept, for an empty one, and for one that is
    there only later.
    """
    serve = partial(Server.serve, cache=cache)
    same, is_right = partial(serve, readers=SAME), partial(Server.has_served, readers=SAME)
    # finely: two may look into the dict of locks before either has put one in
    found = explored("Two ask for one page", Server, same, is_right, finely=True)
    run, server, verdict = at_length(
        found, "Two ask for one page that takes days", partial(Server, DAYS), same, is_right
    )
    problems = list(_cache_problems(run, server, SAME))
    for title, asked, is_right, problems_of in _other_pages():
        if verdict is not Verdict.FAILED and not problems:
            run, server, verdict = once(title, Server, partial(serve, **asked), is_right)
            problems = list(problems_of(run, server))
    praise = "Each page was loaded once, two pages at the same time, and an error leaves no lock behind."
    return judged(run, verdict, problems, praise)


Why = Callable[[Trace, Server], Iterator[Problem | str]]
Pages = tuple[str, dict[str, dict[str, str]], Callable[[Server], bool], Why]


def _other_pages() -> Iterator[Pages]:
    """What else they ask for: a title, who asks for what, and whether that went well, and why not."""
    served = partial(Server.has_served, readers={**TWO, **AGAIN})
    asked = {"readers": TWO, "later": AGAIN}
    yield "Three ask, and two later", asked, served, partial(_cache_problems, readers={**TWO, **AGAIN})
    served = partial(Server.has_served, readers=EMPTY)
    yield "Two ask for an empty page", {"readers": EMPTY}, served, _empty_problems
    asked = {"readers": GONE, "later": LATER}
    yield "A page that is there only later", asked, Server.has_forgotten, _refused_problems


def _cache_problems(run: Trace, server: Server, readers: dict[str, str]) -> Iterator[Problem | str]:
    yield from stuck(run, "Release each lock on every way out: `with` does.")
    for who in readers:
        if server.seconds == DAYS and gave_up(run, who):
            yield Problem(
                f"{who} waited for the page, and gave up after a time-out.",
                "Wait without one: nobody knows how long `load` takes.",
            )
    yield from failed(run)
    if not server.asked and server.got.keys() == readers.keys() and all(server.got.values()):
        yield Problem(
            "Nobody called `load(name)`, and the pages were there: another cache of yours had kept them.",
            "Let each object have its own dictionaries and locks: make them in `__init__`.",
        )
    if not server.asked:
        yield "Nobody called `load(name)`: the cache must load a page that it does not have."
    yield from _loaded_often(run, server, readers)
    for who, name in readers.items():
        if server.got.get(who) != server.text(name):
            yield f"{who} asked for {name} and got {server.got.get(who)!r}, not {server.text(name)!r}."
    if server.ended >= 1.5 * server.seconds:
        yield Problem(
            f"It took {server.ended:.0f} s: who wanted one page waited while the other was loaded.",
            "One lock for all pages is too much: keep a lock for each name, and guard the dict of these "
            "locks by another one, which nobody holds while he loads or waits.",
        )


def _loaded_often(run: Trace, server: Server, readers: dict[str, str]) -> Iterator[Problem]:
    often = [name for name in server.asked if server.asked.count(name) > 1]
    held = [_held_meanwhile(run, server, who) for who, name in readers.items() if name in often]
    if often and all(held) and not set.intersection(*held):
        yield Problem(
            f"The page {often[0]} was loaded {len(often)} times. Each who loaded it held another lock.",
            "Only the same lock keeps the others out: for each name make one, and guard the dict of these "
            "locks by another one, from the look into it until the new lock is in it.",
        )
    elif often:
        yield Problem(
            f"The page {often[0]} was loaded {len(often)} times: who loaded it again had not found it.",
            "Look, load and keep must be one step: hold a lock, the same for all who want that page, from "
            "the look until the page is kept.",
        )


def _held_meanwhile(run: Trace, server: Server, who: str) -> set[int]:
    """The locks that a reader held for so long that it loaded a page meanwhile."""
    holds = [hold for thing in run.model.objects for hold in thing.holds]
    return {
        hold.obj
        for hold in holds
        if run.log.thread(hold.thread).name == who and hold.end - hold.start >= server.seconds * SECOND
    }


def _empty_problems(run: Trace, server: Server) -> Iterator[Problem | str]:
    """What goes wrong of a page that is empty, where all goes well of others."""
    cure = (
        "An empty text counts as false, but it is a page: ask whether the name is in the dictionary, "
        "`name in ...`, or whether what you found `is None`."
    )
    empty = "The page blank is empty: `load` gave ''."
    if run.log.ending.reason == "hung":
        yield Problem(f"{empty} Who waited for it waits for ever.", cure)
    yield from stuck(run, cure)
    yield from failed(run)
    if len(server.asked) > 1:
        yield Problem(f"{empty} It was loaded {len(server.asked)} times.", cure)
    for who, got in server.got.items():
        if got != "":
            yield Problem(f"{empty} {who} got {got!r}.", cure)


def _refused_problems(run: Trace, server: Server) -> Iterator[Problem | str]:
    yield from stuck(run, "Release the lock by `with`, and tell who waits in a `finally`: errors pass there.")
    yield from failed(run)
    if len({*server.refused} & {*GONE}) < len(GONE):
        told = server.refused[0] if server.refused else "nobody"
        yield Problem(
            f"dan and eve asked for a page that does not exist; {told} heard of it.",
            "Let the exception of `load` pass, and keep nothing where it failed.",
        )
    if server.got.get("flo") != "text of gone":
        yield Problem(
            "dan and eve heard that there is no such page. Later there was, but flo, who asked then, got "
            f"{'the old error' if 'flo' in server.refused else repr(server.got.get('flo'))}.",
            "Keep nothing where `load` failed, no error either: the next one may try again.",
        )
