"""The checks of lesson 07: a timeline is read; are permits taken and given at the right moments?

That is asked under every schedule. What the learner's code gets to work with lets other threads in where that
could do harm. Names, numbers and times differ from case to case: no answer may depend on them. The picture is
that of the first case that goes wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice, pairwise
from typing import NamedTuple

from exercises.answer import (
    DAYS,
    Answer,
    Problem,
    Verdict,
    exercise,
    explored,
    failed,
    holds_of,
    judged,
    number_of,
    once,
    stuck,
    together,
)
from exercises.reading import is_near, not_one_of_each, said
from tracing import Semaphore, Thread, Trace, current_thread, mark, simulate, sleep
from tracing.asking import Waited

WORK, MINUTES = 1.0, 100.0  # s of simulated work, on the virtual clock


def _left(run: Trace, name: str) -> int:
    """How many permits the semaphore with that name had in the end."""
    return run.model.objects[number_of(run, name) - 1].value[-1].value


def _acquires(run: Trace, name: str, who: str = "") -> int:
    """How often somebody, or only the thread with that name, got a permit of it."""
    return sum(thread == who or not who for thread, *_ in holds_of(run, name))


def _given(run: Trace, name: str) -> int:
    """How many permits were released to it."""
    values = [step.value for step in run.model.objects[number_of(run, name) - 1].value]
    return sum(max(0, after - before) for before, after in pairwise(values))


def _timed_out(run: Trace) -> bool:
    """Whether somebody's patience was over: who then tries again is right, who goes on is not."""
    return any(mark.what == "timed out" for mark in run.model.marks)


def _polls(run: Trace) -> Iterator[Problem | str]:
    """Who tried again and again without a wait."""
    tries = [mark.thread for mark in run.model.marks if mark.what == "would block"]
    for thread in {*tries}:
        if tries.count(thread) > 2:
            yield Problem(
                f"{run.log.thread(thread).name} asks again and again: that is polling.",
                "`acquire()` without `blocking=False` waits until there is a permit.",
            )


# -- 1: read a timeline --------------------------------------------------------------------------------------


def at_the_lake() -> Trace:
    """Four want a boat; there are two."""

    def row(comes_after: float, seconds: float) -> None:
        sleep(comes_after)  # the way to the lake
        with boats:
            sleep(seconds)  # on the water

    with simulate(title="At the lake") as run:
        boats = Semaphore(2)
        together(
            Thread(target=row, args=(0, 7), name="ann"),
            Thread(target=row, args=(1, 3), name="ben"),
            Thread(target=row, args=(2, 2), name="cho"),
            Thread(target=row, args=(3, 1), name="dan"),
        )
    return run


GUESTS = ("ann", "ben", "cho", "dan")


@exercise
def check_reading(answer: object) -> Answer:
    """Who gave back the permit that dan got, and how many seconds had he waited?"""
    run = at_the_lake()
    (wait,) = (each for each in run.waits_of("dan") if each.thing == "boats")
    who, seconds = said(answer, GUESTS)
    length = wait.end - wait.start
    is_right = who == [wait.ended_by] and len(seconds) == 1 and is_near(seconds[0], length)
    praise = f"{wait}, and that took {length:.0f} s."
    return judged(run, Verdict.of(run, is_right), _reading_problems(run, wait, who, seconds), praise)


def _reading_problems(
    run: Trace, wait: Waited, who: list[str], seconds: list[float]
) -> Iterator[Problem | str]:
    yield from not_one_of_each(GUESTS, who, seconds, "seconds")
    back = {hold.thread: hold.end for hold in run.holds_of("boats")}
    if who == ["dan"]:
        yield Problem("Dan waits. He cannot let himself go on.", "Whose hold ends where his wait ends?")
    elif who != [wait.ended_by]:
        late = back[who[0]] > wait.end
        name = who[0].capitalize()
        yield Problem(
            f"{name} was still on the water when dan got his boat."
            if late
            else f"{name}'s boat went to cho.",
            "Follow the arrow at the end of dan's wait back to where it begins.",
        )
    if is_near(seconds[0], wait.end):
        yield Problem(f"{seconds[0]:g} s is the time at which he got a boat.", "When did his wait begin?")
    elif not is_near(seconds[0], wait.end - wait.start):
        yield Problem(
            f"He did not wait {seconds[0]:g} s.",
            "The hatched bar is his wait: read the time at its begin and at its end.",
        )


# -- 2: meet -------------------------------------------------------------------------------------------------


class Meeting:
    """Two threads that are to meet, the second of them late, and whom they have missed."""

    def __init__(self, late: float) -> None:
        ann_here, bob_here = Semaphore(0), Semaphore(0)
        self.ann_here, self.bob_here, self.late = ann_here, bob_here, late
        self.came: list[str] = []
        self.met: list[str] = []
        self.alone: list[str] = []  # who went on before both were there

    def went_well(self) -> bool:
        """Whether both came and met, and nobody went on alone."""
        return len(self.came) == len(self.met) == 2 and not self.alone


LATE = {"Ann and Bob meet": 0.0, "Bob comes late": MINUTES, "Bob comes after days": DAYS}


@exercise
def check_meet(meet: Callable[[Semaphore, Semaphore], object]) -> Answer:
    """Ann and Bob meet: does neither go on alone, and does neither wait for ever?"""

    def perform(meeting: Meeting) -> None:
        def come(mine: Semaphore, theirs: Semaphore, name: str) -> None:
            sleep(meeting.late if name == "bob" else 0)  # simulated work
            meeting.came.append(name)
            meet(mine, theirs)
            meeting.met.append(name)
            if len(meeting.came) < 2:
                meeting.alone.append(name)

        here = {"ann": meeting.ann_here, "bob": meeting.bob_here}
        ann = Thread(target=come, args=(here["ann"], here["bob"], "ann"), name="ann")
        together(ann, Thread(target=come, args=(here["bob"], here["ann"], "bob"), name="bob"))

    for tried, (title, late) in zip((explored, once, once), LATE.items(), strict=True):
        run, meeting, verdict = tried(title, partial(Meeting, late), perform, Meeting.went_well)
        problems = list(islice(_meeting_problems(run, meeting), 1))
        if problems or verdict is not Verdict.PASSED or _timed_out(run):
            break
    else:  # of a run of days nothing else could be seen
        run, *_ = once("Bob comes late", partial(Meeting, MINUTES), perform, Meeting.went_well)
    praise = "Each told first and waited then. Whoever comes first, the other one's permit is kept."
    return judged(run, verdict, problems, praise)


def _meeting_problems(run: Trace, meeting: Meeting) -> Iterator[Problem | str]:
    yield from _polls(run)
    took_back = any(_acquires(run, f"{name}_here", name) for name in ("ann", "bob"))
    own = "Your permit is for the other one: do not take it yourself."
    yield from stuck(
        run, own if took_back else "Before you wait, release the permit that the other one waits for."
    )
    yield from failed(run)
    if meeting.alone:
        yield Problem(f"{meeting.alone[0]} went on before both were there.", _waiting_advice(run))
    if left := _left(run, "ann_here") + _left(run, "bob_here"):
        yield Problem(
            f"Both met, but {left} permit{'s are' if left > 1 else ' is'} left, and would let somebody "
            "through the next time.",
            "Release one, acquire one.",
        )


def _waiting_advice(run: Trace) -> str:
    if _timed_out(run):
        return "A wait has a time-out. To wait without one, call `theirs.acquire()`."
    if any(mark.what == "would block" for mark in run.model.marks):
        return "With `blocking=False` nobody waits. Call `theirs.acquire()`."
    if not (_acquires(run, "ann_here") or _acquires(run, "bob_here")):
        return "Nobody got a permit of the other: wait for one with `theirs.acquire()`."
    return "Acquire a permit that only the *other* thread can release."


# -- 3: closing time -----------------------------------------------------------------------------------------

CREWS = (("worker_1", "worker_2"), ("ann", "bob", "cho"), ("only_one",))


class Shop:
    """Workers that wait for orders, and go home when it is closed."""

    def __init__(self, crew: tuple[str, ...]) -> None:
        orders = Semaphore(0)
        self.orders, self.crew, self.workers = orders, crew, len(crew)
        self.gone: list[str] = []
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether the workers may go home."""
        return self._closed

    @closed.setter
    def closed(self, closed: bool) -> None:
        sleep(0)  # others may come in
        self._closed = closed

    def serve(self, name: str) -> None:
        """What a worker does."""
        while True:
            self.orders.acquire()
            if self.closed:
                self.gone.append(name)
                return

    def all_gone(self) -> bool:
        """Whether nobody is left, and no permit."""
        return sorted(self.gone) == sorted(self.crew) and not self.orders._value


@exercise
def check_close(close: Callable[[Shop], object]) -> Answer:
    """Two workers, three, one wait for orders when the shop closes: do all go home?"""

    def perform(shop: Shop) -> None:
        boss = Thread(target=close, args=(shop,), name="boss")
        together(*(Thread(target=shop.serve, args=(name,), name=name) for name in shop.crew), boss)

    for crew in CREWS:
        run, shop, verdict = explored("Closing time", partial(Shop, crew), perform, Shop.all_gone)
        problems = list(islice(_closing_problems(run, shop), 1))
        if problems or verdict is not Verdict.PASSED:
            break
    praise = "A permit for each worker, and the flag before the permits: all go home, under every schedule."
    return judged(run, verdict, problems, praise)


def _closing_problems(run: Trace, shop: Shop) -> Iterator[Problem | str]:
    yield from failed(run)
    if not shop.closed and run.log.ending.reason != "done":
        yield Problem(
            "The shop is still open, so nobody goes home.",
            "Set `shop.closed = True` before you release.",
        )
    elif run.log.ending.reason == "hung":
        yield Problem(_still_there(shop), _closing_advice(run, shop))
    yield from stuck(run, "Give each worker a permit.")
    if (left := _left(run, "orders")) > 0:
        over = f"{left} permit{'s are' if left > 1 else ' is'} left over"
        yield Problem(
            f"All {_workers(shop)} went home, but {over}.",
            "Release as many as `shop.workers` says.",
        )


def _workers(shop: Shop) -> str:
    """How many there are; the learner may have counted `shop.workers` down."""
    return f"{len(shop.crew)} worker{'s' if len(shop.crew) > 1 else ''}"


def _still_there(shop: Shop) -> str:
    count = len(shop.crew) - len(shop.gone)
    wait = "waits" if count == 1 else "wait"
    return f"The shop is closed, but {count} of {_workers(shop)} still {wait} for a permit."


def _closing_advice(run: Trace, shop: Shop) -> str:
    given = _given(run, "orders")
    if not given:
        return "A flag wakes nobody: release permits of `shop.orders`, too."
    if _acquires(run, "orders", "boss"):
        return "The boss took a permit that a worker needs: only release."
    if given >= len(shop.crew):
        return "Who got a permit before the flag was set went to wait again: set the flag first."
    return "One permit wakes one worker: release one for each, as many as `shop.workers` says."


# -- 4: two connections --------------------------------------------------------------------------------------


class Office(NamedTuple):
    """Who asks, whose question fails, over how many connections, and how long an answer takes."""

    title: str
    connections: int
    clients: tuple[str, ...]
    unlucky: str
    seconds: float


OFFICES = (
    Office("Three clients, two connections", 2, ("ann", "bob", "cho"), "bob", WORK),
    Office("Four clients, three connections", 3, ("dan", "eve", "flo", "gus"), "dan", MINUTES),
    Office("Three clients, two connections, and days of waiting", 2, ("ann", "bob", "cho"), "cho", DAYS),
)


class Connection:
    """Answers one question at a time."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    def ask(self, question: str) -> str:
        """The answer; ConnectionError for one of the questions."""
        self.pool.lent_twice |= self in self.pool.free
        self.pool.in_use += 1
        self.pool.most = max(self.pool.most, self.pool.in_use)
        sleep(self.pool.office.seconds)  # simulated work
        self.pool.in_use -= 1
        if question == self.pool.office.unlucky:
            raise ConnectionError("no network")
        return question.upper()


class Pool:
    """Connections, free or in use, and what came of the questions."""

    def __init__(self, office: Office) -> None:
        permits = Semaphore(office.connections)
        self.office, self.permits = office, permits
        self.free = [Connection(self) for _ in range(office.connections)]
        self.in_use = self.most = 0
        self.lent_twice = False  # whether one was asked that another client could take meanwhile
        self.found_none: list[str] = []  # who asked for a connection when none was free
        self.answers: dict[str, object] = {}

    def take(self) -> Connection:
        """A free connection. Raises IndexError where there is none."""
        if not self.free:
            self.found_none.append(current_thread().name)
            mark("finds none")
            raise IndexError("no connection is free")
        mark("takes one")
        return self.free.pop()

    def put(self, connection: Connection) -> None:
        """It is free again."""
        sleep(0)  # others may come in
        self.free.append(connection)
        mark("puts it back")

    def all_well(self) -> bool:
        """Whether everybody got what the questions deserve, and all connections and permits are back."""
        office = self.office
        expected = {
            name: ConnectionError if name == office.unlucky else name.upper() for name in office.clients
        }
        back = len(set(self.free)) == len(self.free) == self.permits._value == office.connections
        well = back and not self.found_none and not self.lent_twice
        return self.answers == expected and well and self.most == office.connections


@exercise
def check_ask(ask: Callable[[Pool, str], object]) -> Answer:
    """More clients than connections, and one question that fails: does everybody find a connection?"""

    def perform(pool: Pool) -> None:
        def call(name: str) -> None:
            try:
                pool.answers[name] = ask(pool, name)
            except ConnectionError:
                pool.answers[name] = ConnectionError
            except IndexError:
                pass  # pool.take() has noted it

        together(*(Thread(target=call, args=(name,), name=name) for name in pool.office.clients))

    for tried, office in zip((explored, once, once), OFFICES, strict=True):
        run, pool, verdict = tried(office.title, partial(Pool, office), perform, Pool.all_well)
        problems = list(islice(_pool_problems(run, pool), 1))
        if problems or verdict is not Verdict.PASSED or _timed_out(run):
            break
    else:  # of a run of days nothing else could be seen
        run, *_ = once(OFFICES[0].title, partial(Pool, OFFICES[0]), perform, Pool.all_well)
    praise = "Permits and connections go in step: who has a permit finds a connection, under every schedule."
    return judged(run, verdict, problems, praise)


def _pool_problems(run: Trace, pool: Pool) -> Iterator[Problem | str]:
    office = pool.office
    yield from _polls(run)
    yield from stuck(run, "Give the permit back on every way out: `with pool.permits:` does.")
    yield from (said for said in failed(run) if said.split()[0] not in pool.found_none)
    yield from _permit_problems(run, pool)
    yield from failed(run)
    if pool.lent_twice:
        yield Problem(
            "A connection was put back before it was asked: somebody else may take it meanwhile.",
            "Put it back when the question is over, in a `finally`.",
        )
    yield from _loss_problems(run, pool)
    if pool.most < office.connections:
        yield Problem(
            f"At most {pool.most} of {office.connections} connections were in use at the same time, and more "
            "clients were there.",
            "Who has a permit may ask: let nobody wait for anything else.",
        )
    yield from _answer_problems(pool)


def _permit_problems(run: Trace, pool: Pool) -> Iterator[Problem]:
    """Of the permits alone: whether each had one before he took a connection, and as long."""
    if not _acquires(run, "permits"):
        none = f"{pool.found_none[0]} found no free connection. " if pool.found_none else ""
        yield Problem(
            f"{none}Nobody took a permit.", "Acquire one of `pool.permits` before you take a connection."
        )
    if in_vain := [each for each in pool.office.clients if _went_on_without(run, each)]:
        who = in_vain[0]
        yield Problem(
            f"{who} got no permit, and went on all the same.",
            "Wait for one: `with pool.permits:` does.",
        )
    if early := [name for name in pool.found_none if not _acquires(run, "permits", name)]:
        yield Problem(
            f"{early[0]} found no free connection, because it had no permit yet.",
            "Acquire the permit first, then take the connection.",
        )
    if pool.found_none and len(pool.free) == pool.office.connections:
        yield Problem(
            f"{pool.found_none[0]} had a permit, but no connection was free: a permit was given back "
            "while its connection was still in use.",
            "Put the connection back first, then release the permit.",
        )


def _answer_problems(pool: Pool) -> Iterator[Problem | str]:
    office = pool.office
    told = {name: pool.answers.get(name) for name in office.clients}
    if wrong := [name for name in told if name != office.unlucky and told[name] != name.upper()]:
        yield Problem(
            f"{wrong[0]} did not get the answer.",
            "Return what `connection.ask(question)` returns.",
        )
    if told[office.unlucky] is not ConnectionError:
        who = office.unlucky
        yield Problem(
            f"{who}'s question failed, and {who} was not told.",
            "Let the exception pass.",
        )


def _went_on_without(run: Trace, who: str) -> bool:
    """Whether that client asked for a permit, and in the end had none."""
    asked = any(
        mark.what in ("would block", "timed out") and run.log.thread(mark.thread).name == who
        for mark in run.model.marks
    )
    return asked and not _acquires(run, "permits", who)


def _loss_problems(run: Trace, pool: Pool) -> Iterator[Problem | str]:
    """What did not come back, or came back too often."""
    connections = pool.office.connections
    if len(pool.free) < connections:
        yield Problem(
            f"{pool.office.unlucky}'s question failed, and the connection was not put back: it is lost "
            "for all who come later.",
            "Call `pool.put(connection)` in a `finally`.",
        )
    if len(pool.free) > connections:
        yield Problem(
            "A connection was put back twice.",
            "Call `pool.put(connection)` once for each `pool.take()`.",
        )
    if (left := _left(run, "permits")) != connections:
        yield Problem(
            f"In the end there are {left} permits for {connections} connections.",
            "Release one for each that you acquired, on every way out: `with pool.permits:` does.",
        )
