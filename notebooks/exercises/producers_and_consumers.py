"""The checks of lesson 14: who waits for room, and functions and a class of the learner's around a queue.

The queues are those of the standard library, so an item can be got, and lost, under every schedule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from inspect import getblock
from linecache import getlines
from queue import Queue
from types import FunctionType
from typing import Any, Protocol

from exercises.answer import (
    Answer,
    Problem,
    Verdict,
    at_length,
    exercise,
    explored,
    failed,
    judged,
    once,
    sleeps_of,
    stuck,
    together,
    waits_of,
)
from exercises.reading import is_near, not_one_of_each, said
from tracing import Thread, Trace, current_thread, simulate, sleep

# -- 1: who waits for room -----------------------------------------------------------------------------------


def at_the_belt() -> Trace:
    """Ann puts seven parcels on a belt for two, cho takes one of them, and bob four."""

    def load(parcels: int) -> None:
        for number in range(parcels):
            sleep(1)  # simulated work
            belt.put(number)

    def unload(parcels: int, seconds: float) -> None:
        for _ in range(parcels):
            belt.get()
            sleep(seconds)  # simulated work

    with simulate(title="At the belt") as run:
        belt: Queue[int] = Queue(maxsize=2)
        Thread(target=unload, args=(1, 3), name="cho").start()
        Thread(target=load, args=(7,), name="ann").start()
        Thread(target=unload, args=(4, 2.5), name="bob").start()
    return run


STAFF = ("ann", "bob", "cho")


@exercise
def check_room(answer: object) -> Answer:
    """Who waits for room on the belt, and for how many seconds in all? Any form: ("bob", 1), "bob, 1 s"."""
    run = at_the_belt()
    long = [wait.end - wait.start for wait in run.waits_of("ann")]
    who, seconds = said(answer, STAFF)
    is_right = who == ["ann"] and len(seconds) == 1 and is_near(seconds[0], sum(long))
    waits = " and ".join(f"{seconds:g} s" for seconds in (round(each, 2) for each in long))
    praise = f"The belt is full, so ann waits: {waits}. Bob and cho wait while it is empty."
    verdict = Verdict.PASSED if is_right else Verdict.FAILED
    return judged(run, verdict, _room_problems(run, long, who, seconds), praise)


def _room_problems(
    run: Trace, long: list[float], who: list[str], seconds: list[float]
) -> Iterator[Problem | str]:
    yield from not_one_of_each(STAFF, who, seconds, "seconds")
    if who and who != ["ann"]:
        yield Problem(
            f"{who[0].capitalize()} waits for an item: the belt is empty then, not full.",
            "Whoever gets waits while nothing is there. Whoever puts waits while there is no room.",
        )
    elif seconds and not is_near(seconds[0], sum(long)):
        one = next((each for each in long if is_near(seconds[0], each)), 0)
        yield Problem(
            f"{seconds[0]:g} s is one of ann's waits. There is another one."
            if one
            else f"All that ann waits is not {seconds[0]:g} s.",
            "Add up the hatched bars in ann's row: each begins where the belt is full and she has one more.",
        )


# -- 2: workers that look first ------------------------------------------------------------------------------

# of schedules, where there are thousands: what is wrong with a mailbox shows in the first, or not at all
FEW = 40

Serve = Callable[["Queue[int]", "list[int]"], object]


class Counter:
    """A queue that is filled before anybody comes, and what was done."""

    def __init__(self) -> None:
        jobs: Queue[int] = Queue()
        for number in (1, 2, 3):
            jobs.put(number)
        self.jobs = jobs
        self.done: list[int] = []

    def is_served(self) -> bool:
        """Whether each job was done, once."""
        return len(self.done) == 3 and sorted(self.done, key=repr) == [1, 2, 3]


@exercise
def check_serve(serve: Serve) -> Answer:
    """Three jobs are there, and no more will come. Do two workers do each once, and do both end?"""

    def performed_by(*names: str) -> Callable[[Counter], None]:
        def perform(counter: Counter) -> None:
            together(*(Thread(target=serve, args=(counter.jobs, counter.done), name=name) for name in names))

        return perform

    run, counter, verdict = explored(
        "Two workers, three jobs", Counter, performed_by("ann", "bob"), Counter.is_served, finely=True
    )
    if verdict is Verdict.PASSED and not list(_serve_problems(run, counter)):  # do they go by the names?
        run, counter, verdict = explored(
            "Two others, three jobs", Counter, performed_by("cho", "dan"), Counter.is_served, schedules=FEW
        )
    praise = "Both workers end under every schedule: to look and to get are one operation now."
    return judged(run, verdict, _serve_problems(run, counter), praise)


def _serve_problems(run: Trace, counter: Counter) -> Iterator[Problem | str]:
    at_once = "Get without waiting, `jobs.get_nowait()`, and return when it raises `queue.Empty`."
    if run.log.ending.reason == "steps" and counter.is_served():
        yield Problem(
            "All three jobs are done, and a worker asks for more again and again.",
            "No more will come: return when `queue.Empty` is raised.",
        )
    yield from stuck(run, at_once)
    for said_ in failed(run):
        empty = Problem(f"{_first(said_)} It says: nothing is left.", "Catch `queue.Empty`, and return.")
        yield empty if "with Empty" in said_ else said_
    if strange := [each for each in counter.done if each not in (1, 2, 3)]:
        yield f"`done` holds {strange[0]!r}, which is no job."
    missing = sorted({1, 2, 3} - set(counter.done))
    if not counter.done:
        yield "No job was done: `done` is empty."
    if missing:
        yield Problem(
            f"Job {missing[0]} was not done, and both workers have ended.",
            "A worker ends only when the queue has nothing left; what it has got it appends to `done`.",
        )
    if len(counter.done) > len(set(counter.done)):
        yield f"A job was done twice: `done` is {sorted(counter.done)}."


# -- 3: a job that fails -------------------------------------------------------------------------------------

Work = Callable[["Queue[int]", Callable[[int], None], "list[object]"], object]


LATE = 300  # s: longer than most time-outs that somebody would write


class Jobs:
    """Three jobs, of which number 2 fails; and what was done by the time that `join()` returned."""

    def __init__(self) -> None:
        jobs: Queue[int] = Queue()
        self.jobs = jobs
        self.failed: list[object] = []
        self.handled: list[int] = []
        self.over: list[int] = []  # those that have come to their end, good or bad
        self.in_time = 0  # how many of them when `join()` returned
        self.joined = False
        self.noted: list[object] = []  # what was in `failed` when `join()` returned

    def rest(self) -> None:
        """`join()` has returned. Who catches everything goes on while the run ends: it does not count."""
        self.joined, self.in_time, self.noted = True, len(self.over), [*self.failed]

    def handle(self, job: int) -> None:
        """Do one. Raises ValueError: of number 2."""
        sleep(1)  # simulated work
        if self.joined:
            return
        self.over.append(job)
        if job == 2:
            raise ValueError(f"job {job} cannot be done")
        self.handled.append(job)

    def all_well(self) -> bool:
        """Whether `join()` returned when all was done and noted, and not before."""
        return self.in_time == 3 and sorted(self.handled) == [1, 3] and self.noted == [2]


@exercise
def check_work(work: Work) -> Answer:
    """A daemon works; one of three jobs fails. Does `jobs.join()` return when all are done or have failed?"""

    def perform(state: Jobs, pause: float = 0, order: tuple[int, ...] = (1, 2, 3)) -> None:
        arguments = (state.jobs, state.handle, state.failed)
        Thread(target=work, args=arguments, name="worker", daemon=True).start()
        for number in order:
            if number == 3 and pause:
                sleep(pause)
            state.jobs.put(number)
        state.jobs.join()
        state.rest()

    def perform_bad_last(state: Jobs) -> None:
        perform(state, order=(1, 3, 2))
        sleep(1)  # who notes a job only now is seen to do so

    found = explored("A job that fails", Jobs, perform, Jobs.all_well)
    late = partial(perform, pause=LATE)
    found = at_length(found, "A job that comes late", Jobs, late, Jobs.all_well)
    if found[2] is Verdict.PASSED:  # no later job gives the worker time to note the bad one
        title = "The last job fails"
        found = explored(title, Jobs, perform_bad_last, Jobs.all_well, finely=True, schedules=FEW)
    run, state, verdict = found
    praise = "Every job is said to be done, whatever comes, and the worker outlives the bad one."
    return judged(run, verdict, _work_problems(run, state), praise)


def _work_problems(run: Trace, state: Jobs) -> Iterator[Problem | str]:
    for text in failed(run):
        if "cannot be done" in text:
            yield Problem(f"{_first(text)} So nobody does the jobs that are left.", CAUGHT)
        if "too many times" in text:
            yield Problem(_first(text), DONE)
    yield from failed(run)
    if len(state.over) > 3:
        yield Problem(
            f"`handle` was called {len(state.over)} times, for 3 jobs.",
            "A job that has failed is not tried again: append it to `failed`, and that is its end.",
        )
    if run.log.ending.reason == "hung":
        yield _never_joined(state)
    yield from stuck(run, DONE)
    if state.in_time < 3:
        yield Problem(
            f"`jobs.join()` returned when only {state.in_time} of 3 jobs had come to their end.", DONE
        )
    if not state.failed:
        yield Problem(f"Job 2 failed, and `failed` is {state.failed}.", CAUGHT)
    if not state.noted:
        yield Problem(
            "When `jobs.join()` returned, job 2 had failed, and it was not in `failed` yet.",
            "It is at its end when it is noted: say `jobs.task_done()` after that, in `finally`.",
        )
    if state.noted != [2]:
        yield f"`failed` is {state.noted}; it should be [2], the job itself, once."


CAUGHT = "Put `handle(job)` into `try`; append the job to `failed` in `except ValueError`."
DONE = "Say `jobs.task_done()` once for each job, after it, in `finally`."


def _never_joined(state: Jobs) -> Problem:
    """Nobody failed, and still the main thread waits for the end of all jobs."""
    if left := state.jobs.qsize():
        return Problem(
            f"`jobs.join()` has never returned: {left} of 3 jobs {'is' if left == 1 else 'are'} left "
            "in the queue: nobody gets more.",
            "Let the worker get the next job after each one, whatever came of it and however late it comes: "
            "`while True:` around all of it, and nothing that leaves it.",
        )
    said_done = 3 - state.jobs.unfinished_tasks
    return Problem(
        "`jobs.join()` has never returned: the worker has got all 3 jobs, and called `jobs.task_done()` "
        f"{'once' if said_done == 1 else f'{said_done} times'}.",
        DONE,
    )


def _first(text: str) -> str:
    return text.removesuffix(" Repair this first.")


# -- 4: a mailbox that can be closed -------------------------------------------------------------------------


class Mailbox(Protocol):
    """What the learner's class must have."""

    def put(self, letter: str) -> object:
        """Put one in."""

    def get(self) -> str | None:
        """Wait for one; None when the box is closed and empty."""

    def close(self) -> object:
        """No more will come."""


class AnyText(str):
    """A letter of which the text may be any: whoever takes a text for the end takes this one for it."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str)

    def __ne__(self, other: object) -> bool:
        return not isinstance(other, str)


EMPTY, ANY = "", AnyText("any text")  # such letters are letters, too


@contextmanager
def as_before_3_13() -> Iterator[None]:
    """Queues that cannot be shut down."""
    shutdown: Any = vars(Queue).get("shutdown")
    if shutdown:
        del Queue.shutdown  # type: ignore[attr-defined]
    try:
        yield
    finally:
        if shutdown:
            Queue.shutdown = shutdown  # type: ignore[attr-defined]


class Mail:
    """A mailbox, and what each reader got out of it.

    pause: how many seconds the first letter is late, and so many latecomers of the readers. rest: how many
    pass after the last letter, before the end; unread: how many nobody had read by then. called: which method
    the writer called last. gone: which readers heard of the end before anybody had closed the box.
    """

    def __init__(
        self,
        kind: Callable[[], Mailbox],
        letters: tuple[str, ...],
        *,
        readers: int,
        later: int = 0,
        latecomers: int = 0,
        pause: float = 0,
        rest: float = 0,
    ) -> None:
        self.kind, self.letters, self.readers = kind, letters, readers
        self.asked_later, self.latecomers, self.pause, self.rest = later, latecomers, pause, rest
        self.read: list[str] = []
        self.later: list[str | None] = []
        self.called = ""
        self.unread = 0
        self.closing = False
        self.gone: list[str] = []

    def perform(self) -> None:
        """In a thread of its own: whatever the learner's class raises, there it is recorded."""
        together(Thread(target=self._write, name="writer"))

    def perform_as_before_3_13(self) -> None:
        """The same, where `shutdown` is missing."""
        with as_before_3_13():
            self.perform()

    def _write(self) -> None:
        """Let all read, put the letters in, close the box, and ask a few times more."""
        box = self.kind()
        crew = self._crew(box)
        for thread in crew[self.latecomers :]:
            thread.start()
        if self.pause:
            sleep(self.pause)
        for thread in crew[: self.latecomers]:
            thread.start()
        self._post(box)
        for thread in crew:
            thread.join()
        self.called = "get"
        for _ in range(self.asked_later):
            self.later.append(box.get())

    def _crew(self, box: Mailbox) -> list[Thread]:
        numbers = range(1, self.readers + 1)
        return [Thread(target=self._read, args=(box,), name=f"reader-{number}") for number in numbers]

    def _post(self, box: Mailbox) -> None:
        """Put the letters in, and close the box."""
        self.called = "put"
        for letter in self.letters:
            box.put(letter)
        if self.rest:
            sleep(self.rest)
            self.unread = len(self.letters) - len(self.read)
        self.called, self.closing = "close", True
        box.close()
        self.called = ""

    def _read(self, box: Mailbox) -> None:
        while (letter := box.get()) is not None:
            self.read.append(letter)
        if not self.closing:
            self.gone.append(current_thread().name)

    def all_well(self) -> bool:
        """Whether each letter was read, once, and whoever asked later got None."""
        early = self.unread or self.gone
        is_read = sorted(self.read, key=repr) == sorted(self.letters)
        return is_read and not early and self.later == [None] * self.asked_later


class MailReadLater(Mail):
    """Nobody reads before the box is closed."""

    def _write(self) -> None:
        box = self.kind()
        self._post(box)
        together(*self._crew(box))


@exercise
def check_mailbox(mailbox: Callable[[], Mailbox]) -> Answer:
    """Does each letter come out once, and does each who asks hear of the end, under every schedule?"""
    found, problems = None, []
    for case in _mail_cases(mailbox):
        found = run, mail, verdict = case(found)
        problems = list(_mail_problems(run, mail))
        if verdict is not Verdict.PASSED or problems:
            break
    praise = "Every letter is read once, and whoever asks after the end hears of it, however many ask."
    return judged(run, verdict, problems, praise)


def _mail_cases(mailbox: Callable[[], Mailbox]) -> Iterator[Callable[[Any], tuple[Trace, Mail, Verdict]]]:
    """One after the other: each is given what the one before has found, and tried if that is right."""

    def mail(*letters: str, **settings: Any) -> Callable[[], Mail]:
        return lambda: Mail(mailbox, letters, **settings)

    def tried(title: str, begin: Callable[[], Mail], **settings: Any) -> Any:
        return lambda _: explored(title, begin, Mail.perform, Mail.all_well, **settings)

    yield tried("One letter, two readers", mail(EMPTY, readers=2, later=1), finely=True, schedules=FEW)
    title = "Two letters, one reader, and 20 questions after the end"
    yield tried(title, mail("a", EMPTY, readers=1, later=20))
    yield lambda _: once("A letter of any text", mail(ANY, readers=1), Mail.perform, Mail.all_well)
    later = partial(MailReadLater, mailbox, (EMPTY,), readers=1)
    yield lambda _: once("One letter, read when the box is closed", later, Mail.perform, Mail.all_well)
    late_reader = mail(EMPTY, readers=2, latecomers=1, pause=1, rest=1)
    yield tried("One letter, and a reader who comes with it", late_reader, schedules=FEW)
    # for whoever looks first, then asks whether it is closed
    late = mail(EMPTY, readers=1, pause=_between_two_looks(mailbox))
    yield tried("A late letter, one reader", late, finely=True)
    # for whoever has a time-out, or puts in 100 sentinels
    title = "A very late letter, two readers, and 1,001 questions after the end"
    very_late = mail(EMPTY, readers=2, later=1_001, pause=LATE, rest=LATE)
    perform = Mail.perform if _goes_by_the_version(mailbox) else Mail.perform_as_before_3_13
    yield lambda found: at_length(found, title, very_late, perform, Mail.all_well)


def _goes_by_the_version(mailbox: Callable[[], Mailbox]) -> bool:
    """Whether its text asks for it, in a method or between them: then it may well shut its queue down."""
    first = getattr(mailbox, "__firstlineno__", 0)  # from Python 3.13 on
    files = [each.__code__.co_filename for each in vars(mailbox).values() if isinstance(each, FunctionType)]
    text = getblock(getlines(files[0])[first - 1 :]) if first and files else []
    return "version_info" in "".join(text)


def _between_two_looks(mailbox: Callable[[], Mailbox]) -> float:
    """After how many seconds a reader looks again that does not wait for as long as it takes."""
    run, _, _ = once(
        "One who waits", lambda: Mail(mailbox, (EMPTY,), readers=1, pause=LATE), Mail.perform, Mail.all_well
    )
    waits = waits_of(run, "reader-1")
    given_up = [round(wait.end - wait.start, 2) for wait in waits if wait.outcome == "timed out"]
    return next(iter([*given_up, *sleeps_of(run, "reader-1")]), 1)


def _mail_problems(run: Trace, mail: Mail) -> Iterator[Problem | str]:
    yield from failed(run)
    yield from _no_letters(mail)
    if mail.called == "close" and not mail.read and run.log.ending.reason in ("hung", "steps", "stuck"):
        yield CLOSES_LATE
    if run.log.ending.reason == "hung":
        yield _never_returned(run, mail)
    yield from stuck(run, PASS_ON)
    if mail.letters[0] is ANY and not mail.read:
        yield Problem(
            "A letter was taken for the end: it had the same text.",
            "A letter may be any text. Let `None` tell of the end, or an object of your own, `object()`.",
        )
    if mail.gone:
        yield Problem(
            f"{mail.gone[0]} got None out of `get()` before the box was closed.",
            "None comes only after `close()`. Wait for as long as it takes, and look again after each "
            "wake-up: another may be faster.",
        )
    if mail.unread:
        yield Problem(
            "A letter was put in, and who waited for it got it only when the box was closed.",
            "`put()` wakes up who waits: with a Condition, `notify()`.",
        )
    if lost := [letter for letter in mail.letters if letter not in mail.read]:
        yield Problem(
            f"The letter {lost[0]!r} was never read, and the readers have ended.",
            "`get()` returns None only when the box is closed and nothing is left in it; between two looks a "
            "letter may come. An empty letter is a letter.",
        )
    if len(mail.read) > len(mail.letters):
        yield f"A letter was read twice: {mail.read}."
    if strange := [each for each in mail.later if each is not None]:
        yield Problem(f"After the end `get()` returned {strange[0]!r}, not None.", PASS_ON)


PASS_ON = (
    "Whoever hears of the end lets the next one hear of it: who gets the sentinel puts it back before it "
    "returns None; with a Condition, `notify_all()`."
)


CLOSES_LATE = Problem(
    "`close()` was called before anybody had read the letter, and has not returned.",
    "It says that no more will come, and waits for nobody: the letter may be read later. Let it put one "
    "sentinel in, for which there is room; or, with a Condition, let it set a flag and notify all.",
)


def _no_letters(mail: Mail) -> Iterator[Problem | str]:
    for each in mail.read:
        if each not in mail.letters:
            yield Problem(
                f"A reader got {each!r} out of `get()`, and nobody put such a letter in.",
                "What tells of the end is no letter: return None in its place.",
            )


def _never_returned(run: Trace, mail: Mail) -> Problem:
    """Nobody failed; who waits in which method?"""
    if mail.called == "get":
        asked = "" if not mail.later else f" {len(mail.later) + 1} times"
        return Problem(
            f"All readers have heard of the end. Then `get()` was called{asked}, and has not returned.",
            PASS_ON,
        )
    if mail.called:
        return Problem(
            f"`{mail.called}()` was called, and has never returned.",
            "Whoever puts or closes need not wait: let there be room for every letter, and hold no lock "
            "while you wait for a letter.",
        )
    waiting = [
        f"reader-{number}"
        for number in range(1, mail.readers + 1)
        if any(wait.outcome == "open" for wait in waits_of(run, f"reader-{number}"))
    ]
    still = "still wait" if waiting[1:] else "still waits"
    return Problem(f"The box is closed, and {' and '.join(waiting)} {still} in `get()`.", PASS_ON)
