"""The checks of lesson 07: are permits taken and given at the right moments, under every schedule?

What the learner's code gets to work with lets other threads in where that could do harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from exercises.answer import Answer, explored, failed, holds_of, judged, number_of, stuck, together
from tracing import Semaphore, Thread, Trace, current_thread, sleep

WORK = 1.0  # s of simulated work, on the virtual clock


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


# -- 1: two connections --------------------------------------------------------------------------------------

CONNECTIONS = 2
CLIENTS = ("ann", "bob", "cho")
UNLUCKY = "bob"


class Connection:
    """Answers one question at a time."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    def ask(self, question: str) -> str:
        """The answer; ConnectionError for one of the questions."""
        self.pool.in_use += 1
        self.pool.most = max(self.pool.most, self.pool.in_use)
        sleep(WORK)  # simulated work
        self.pool.in_use -= 1
        if question == UNLUCKY:
            raise ConnectionError("no network")
        return question.upper()


class Pool:
    """Connections, free or in use, and what came of the questions."""

    def __init__(self) -> None:
        permits = Semaphore(CONNECTIONS)
        self.permits = permits
        self.free = [Connection(self) for _ in range(CONNECTIONS)]
        self.in_use = self.most = 0
        self.found_none: list[str] = []  # who asked for a connection when none was free
        self.answers: dict[str, object] = {}

    def take(self) -> Connection:
        """A free connection. Raises IndexError where there is none."""
        if not self.free:
            self.found_none.append(current_thread().name)
            raise IndexError("no connection is free")
        return self.free.pop()

    def put(self, connection: Connection) -> None:
        """It is free again."""
        sleep(0)  # others may come in
        self.free.append(connection)

    def all_well(self) -> bool:
        """Whether everybody got what the questions deserve, and all connections are back."""
        expected = {name: ConnectionError if name == UNLUCKY else name.upper() for name in CLIENTS}
        back = len(set(self.free)) == len(self.free) == CONNECTIONS
        return self.answers == expected and back and not self.found_none and self.most == CONNECTIONS


def check_ask(ask: Callable[[Pool, str], object]) -> Answer:
    """Three clients, two connections, one question that fails: does everybody find a connection?"""

    def perform(pool: Pool) -> None:
        def call(name: str) -> None:
            try:
                pool.answers[name] = ask(pool, name)
            except ConnectionError:
                pool.answers[name] = ConnectionError
            except IndexError:
                pass  # pool.take() has noted it

        together(*(Thread(target=call, args=(name,), name=name) for name in CLIENTS))

    run, pool, verdict = explored("Three clients, two connections", Pool, perform, Pool.all_well)
    praise = "Permits and connections go in step: who has a permit finds a connection, under every schedule."
    return judged(run, verdict, _pool_problems(run, pool), praise)


def _pool_problems(run: Trace, pool: Pool) -> Iterator[str]:
    yield from stuck(run, "Give the permit back on every way out: `with pool.permits:` does.")
    yield from (said for said in failed(run) if said.split()[0] not in pool.found_none)
    if not _acquires(run, "permits"):
        none = f"{pool.found_none[0]} found no free connection. " if pool.found_none else ""
        yield f"{none}Nobody took a permit: acquire one of `pool.permits` before you take a connection."
    if in_vain := [mark for mark in run.model.marks if mark.what in ("would block", "timed out")]:
        who = run.log.thread(in_vain[0].thread).name
        yield f"{who} got no permit, and went on all the same. Wait for one: `with pool.permits:` does."
    if early := [name for name in pool.found_none if not _acquires(run, "permits", name)]:
        yield (
            f"{early[0]} found no free connection, because it had no permit yet. Acquire the permit first, "
            "then take the connection."
        )
    if pool.found_none and len(pool.free) == CONNECTIONS:
        yield (
            f"{pool.found_none[0]} had a permit, but no connection was free: a permit was given back while "
            "its connection was still in use. Put the connection back first, then release the permit."
        )
    yield from failed(run)
    yield from _loss_problems(run, pool)
    if pool.most < CONNECTIONS:
        yield "Only one connection was ever in use. Two clients may ask at the same time."
    if wrong := [name for name in CLIENTS if name != UNLUCKY and pool.answers.get(name) != name.upper()]:
        yield f"{wrong[0]} did not get the answer. Return what `connection.ask(question)` returns."
    if UNLUCKY not in pool.answers or pool.answers[UNLUCKY] is not ConnectionError:
        yield f"{UNLUCKY}'s question failed, and {UNLUCKY} was not told. Let the exception pass."


def _loss_problems(run: Trace, pool: Pool) -> Iterator[str]:
    """What did not come back, or came back too often."""
    if len(pool.free) < CONNECTIONS:
        yield (
            f"{UNLUCKY}'s question failed, and the connection was not put back: "
            "it is lost for all who come later. Call `pool.put(connection)` in a `finally`."
        )
    if len(pool.free) > CONNECTIONS:
        yield "A connection was put back twice. Call `pool.put(connection)` once for each `pool.take()`."
    if (left := _left(run, "permits")) != CONNECTIONS:
        yield (
            f"In the end there are {left} permits for {CONNECTIONS} connections. "
            "Release one for each that you acquired, on every way out: `with pool.permits:` does."
        )


# -- 2: meet -------------------------------------------------------------------------------------------------


class Meeting:
    """Two threads that are to meet, and whom they have missed."""

    def __init__(self, ann_here: Semaphore, bob_here: Semaphore) -> None:
        self.ann_here, self.bob_here = ann_here, bob_here
        self.came: list[str] = []
        self.alone: list[str] = []  # who went on before both were there

    def went_well(self) -> bool:
        """Whether both came, and nobody went on alone."""
        return len(self.came) == 2 and not self.alone


def check_meet(meet: Callable[[Semaphore, Semaphore], object]) -> Answer:
    """Ann and Bob meet: does neither go on alone, and does neither wait for ever?"""

    def begin() -> Meeting:
        ann_here = Semaphore(0)
        bob_here = Semaphore(0)
        return Meeting(ann_here, bob_here)

    def perform(meeting: Meeting) -> None:
        def come(mine: Semaphore, theirs: Semaphore, name: str) -> None:
            sleep(0)  # simulated work
            meeting.came.append(name)
            meet(mine, theirs)
            if len(meeting.came) < 2:
                meeting.alone.append(name)

        here = {"ann": meeting.ann_here, "bob": meeting.bob_here}
        ann = Thread(target=come, args=(here["ann"], here["bob"], "ann"), name="ann")
        together(ann, Thread(target=come, args=(here["bob"], here["ann"], "bob"), name="bob"))

    run, meeting, verdict = explored("Ann and Bob meet", begin, perform, Meeting.went_well)
    praise = "Each told first and waited then. Whoever comes first, the other one's permit is kept."
    return judged(run, verdict, _meeting_problems(run, meeting), praise)


def _meeting_problems(run: Trace, meeting: Meeting) -> Iterator[str]:
    yield from stuck(run, "Before you wait, release the permit that the other one waits for.")
    yield from failed(run)
    if meeting.alone:
        yield f"{meeting.alone[0]} went on before both were there. {_waiting_advice(run)}"
    if any(wait.timeout is not None for wait in run.model.waits):
        yield "A wait has a time-out: then one goes on alone. To wait without one, call `theirs.acquire()`."
    if left := _left(run, "ann_here") + _left(run, "bob_here"):
        yield (
            f"Both met, but {left} permit{'s are' if left > 1 else ' is'} left, and would let somebody "
            "through the next time. Release one, acquire one."
        )


def _waiting_advice(run: Trace) -> str:
    if not (_acquires(run, "ann_here") or _acquires(run, "bob_here")):
        return "Nobody got a permit of the other: wait for one with `theirs.acquire()`."
    return "Acquire a permit that only the *other* thread can release."


# -- 3: closing time -----------------------------------------------------------------------------------------

WORKERS = 2


class Shop:
    """Workers that wait for orders, and go home when it is closed."""

    def __init__(self) -> None:
        orders = Semaphore(0)
        self.orders, self.workers = orders, WORKERS
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
        """Whether nobody is left."""
        return len(self.gone) == WORKERS


def check_close(close: Callable[[Shop], object]) -> Answer:
    """Two workers wait for orders when the shop closes: do all go home?"""

    def perform(shop: Shop) -> None:
        names = [f"worker_{number}" for number in range(1, WORKERS + 1)]
        boss = Thread(target=close, args=(shop,), name="boss")
        together(*(Thread(target=shop.serve, args=(name,), name=name) for name in names), boss)

    run, shop, verdict = explored("Closing time", Shop, perform, Shop.all_gone)
    praise = "A permit for each worker, and the flag before the permits: all go home, under every schedule."
    return judged(run, verdict, _closing_problems(run, shop), praise)


def _closing_problems(run: Trace, shop: Shop) -> Iterator[str]:
    yield from failed(run)
    given = _given(run, "orders")
    if not shop.closed and run.log.ending.reason != "done":
        yield "The shop is still open, so nobody goes home. Set `shop.closed = True` before you release."
    elif run.log.ending.reason == "hung":
        yield f"{_still_there(shop)} {_closing_advice(shop, given)}"
    yield from stuck(run, "Give each worker a permit.")
    if (left := _left(run, "orders")) > 0:
        over = f"{left} permit{'s are' if left > 1 else ' is'} left over"
        yield f"All went home, but {over}. Release as many as there are workers."


def _still_there(shop: Shop) -> str:
    count = WORKERS - len(shop.gone)
    wait = "waits" if count == 1 else "wait"
    return f"The shop is closed, but {count} of {WORKERS} workers still {wait} for a permit."


def _closing_advice(shop: Shop, given: int) -> str:
    if not given:
        return "A flag wakes nobody: release permits of `shop.orders`, too."
    if given >= WORKERS:
        return "Who got a permit before the flag was set went to wait again: set the flag first."
    return "One permit wakes one worker: release one for each."
