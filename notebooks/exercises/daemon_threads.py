"""The checks of lesson 03: a program's end is read from a timeline, and what is left of the learner's threads
when the program ends.

The end of a check's run is the end of a program: threads that are no daemons are waited for, daemons are
cut off. The learner's function is called in a thread named `you` where what it raises must be told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import Any

from exercises.answer import (
    Answer,
    Problem,
    Verdict,
    exercise,
    explored,
    failed,
    judged,
    once,
    slept,
    stuck,
    waits_of,
)
from exercises.reading import is_near, not_one_of_each, said
from tracing import Event, Thread, Trace, current_thread, mark, simulate, sleep


def _in_a_thread(call: Callable[[], None]) -> None:
    you = Thread(target=call, name="you")
    you.start()
    you.join()


# -- 1: read a timeline --------------------------------------------------------------------------------------

WORKSHOP = ("lamp", "painter", "broom")


def in_the_workshop() -> Trace:
    """A lamp that is never switched off, a painter, and a broom that is done early: two of them daemons."""

    def shine() -> None:
        while True:
            sleep(1.5)  # a look whether it is dark

    with simulate(title="In the workshop") as run:
        Thread(target=shine, name="lamp", daemon=True).start()
        Thread(target=sleep, args=(5,), name="painter").start()
        Thread(target=sleep, args=(3,), name="broom", daemon=True).start()
        sleep(2)  # the main thread's own work
    return run


@exercise
def check_reading(answer: object) -> Answer:
    """Which thread was cut off, and at which second?

    answer: both, in any form: ("broom", 3), "broom, 3 s", {"who": "broom", "seconds": 3.0}.
    """
    run = in_the_workshop()
    (cut,) = (run.life_of(name) for name in WORKSHOP if run.outcome_of(name) == "cut off")
    who, seconds = said(answer, WORKSHOP)
    is_right = who == [cut.thread] and len(seconds) == 1 and is_near(seconds[0], cut.end)
    praise = (
        f"{cut.thread} was {cut.outcome} at {cut.end:.0f} s: until then the painter, who is no daemon, kept "
        "the program alive."
    )
    return judged(run, Verdict.of(run, is_right), _reading_problems(run, who, seconds, cut.end), praise)


def _reading_problems(
    run: Trace, names: list[str], numbers: list[float], end: float
) -> Iterator[Problem | str]:
    yield from not_one_of_each(WORKSHOP, names, numbers, "seconds")
    who, seconds = names[0], numbers[0]
    if run.outcome_of(who) == "ended":
        yield Problem(
            f"The {who} was not cut off: it came to its own end, at {run.life_of(who).end:.0f} s.",
            "Look for the zigzag: a thread that is cut off has no upright mark at its end.",
        )
    if is_near(seconds, run.life_of("MainThread").end):
        yield Problem(
            f"At {seconds:g} s the main thread's own code had ended, and the {who} went on after that.",
            "For whom does Python still wait then?",
        )
    if not is_near(seconds, end):
        yield Problem(
            f"At {seconds:g} s the {who} was not cut off.",
            "When does the last thread end that is no daemon? Read the time under its upright mark.",
        )


# -- 2: which one is the daemon? -----------------------------------------------------------------------------

ORDER = 5.0  # s that it takes to save the order
MAIN_WORKS = 3.0  # s
MOMENT = 0.5  # s: what comes later comes too late


@dataclass
class Shop:
    """An endless clock and an order that must be saved, and who was which."""

    begun: list[str] = field(default_factory=list)
    daemons: dict[str, bool] = field(default_factory=dict)  # by job: whether it ran in a daemon
    ran_in: dict[str, str] = field(default_factory=dict)
    saves: int = 0  # how often the order was saved
    took: float = 0.0  # s until the learner's function returned

    def tick(self) -> None:
        """Shows the time, for ever."""
        self._note("tick")
        while True:
            sleep(2)  # simulated work

    def save(self) -> None:
        """Saves the order."""
        self._note("save")
        sleep(ORDER)  # simulated work
        self.saves += 1

    def _note(self, job: str) -> None:
        self.begun.append(job)
        self.daemons[job], self.ran_in[job] = current_thread().daemon, current_thread().name

    def all_well(self) -> bool:
        """Whether both began once, the clock alone as a daemon, and nobody waited for the order."""
        right = self.daemons == {"tick": True, "save": False} and len(self.begun) == 2
        return right and self.took < MOMENT


@exercise
def check_start_both(start_both: Callable[[Callable[[], None], Callable[[], None]], object]) -> Answer:
    """Does the program end, and is the order saved then?"""

    def perform(shop: Shop) -> None:
        def call() -> None:
            began = monotonic()
            start_both(shop.tick, shop.save)
            shop.took = monotonic() - began

        _in_a_thread(call)
        sleep(MAIN_WORKS)  # the main thread's own work

    run, shop, verdict = explored("A clock that never ends, an order to save", Shop, perform, Shop.all_well)
    praise = "The program waited for `save`, and left the clock behind."
    return judged(run, verdict, _shop_problems(run, shop), praise)


def _shop_problems(run: Trace, shop: Shop) -> Iterator[Problem | str]:
    for job, thread in shop.ran_in.items():
        if thread == "you":
            yield Problem(
                f"{job} ran in your own thread.",
                f"Give the job itself to a thread, without brackets: `Thread(target={job})`, then `start()`.",
            )
    yield from failed(run)
    if missing := [job for job in ("tick", "save") if job not in shop.daemons]:
        names = " and ".join(missing)
        yield Problem(f"{names} did not run.", "Make a thread for each: `Thread(target=...)`, and start it.")
    if twice := [job for job in ("tick", "save") if shop.begun.count(job) > 1]:
        yield Problem(
            f"{' and '.join(twice)} ran more than once.", "Make one thread for each job, and start it once."
        )
    if shop.took >= MOMENT:
        yield Problem(
            f"You returned after {shop.took:.1f} s.", "Start both and return at once: Python itself waits."
        )
    if not shop.daemons["tick"]:
        yield Problem(
            "The program does not end: `tick` goes on for ever, and Python waits for it, as it is no daemon.",
            "May a clock be cut off? Then say `daemon=True`.",
        )
    if shop.daemons["save"] and shop.saves:
        yield Problem(
            "`save` was a daemon, and the order is only saved because another thread waited for it.",
            "Make it a plain thread: Python waits for it, and you need not.",
        )
    if shop.daemons["save"]:
        yield Problem(
            "The order is lost: `save` was a daemon, and was cut off in the middle when the main thread "
            "ended.",
            "Make it a plain thread, and Python waits for it.",
        )
    if run.log.ending.reason != "done":
        yield Problem(
            "You never returned: `tick` goes on for ever.", "Do not join it: start both, and return at once."
        )


# -- 3: tell it to stop --------------------------------------------------------------------------------------

TIDIES, PATIENCE = {"polite": 3.0}, {"polite": 4.0, "deaf": 1.0}  # s; no single number does for both


@dataclass
class Workers:
    """What the learner's function answers for a worker that listens, and for one that does not, and when."""

    answers: dict[str, object] = field(default_factory=dict)
    took: dict[str, float] = field(default_factory=dict)  # s
    told: set[str] = field(default_factory=set)

    def stop(self, stop_worker: Callable[[Thread, Event, float], object]) -> None:
        """Both, one after the other."""
        for target in (self.polite, self.deaf):
            stop = Event()
            name = target.__name__
            worker = Thread(target=target, args=(stop,), name=name, daemon=True)
            worker.start()
            began = monotonic()
            self.answers[name] = stop_worker(worker, stop, PATIENCE[name])
            self.took[name] = monotonic() - began
            self.told |= {name} if stop.is_set() else set()

    def polite(self, stop: Event) -> None:
        """Ends 3 s after it was told to."""
        while not stop.wait(5):
            pass
        sleep(TIDIES["polite"])

    def deaf(self, stop: Event) -> None:
        """Never looks whether it should stop."""
        sleep(60)  # simulated work

    def over(self, name: str) -> float:
        """How many seconds later than it should the function came back."""
        return self.took.get(name, 0.0) - min(PATIENCE[name], TIDIES.get(name, 60.0))

    def all_well(self) -> bool:
        """Whether both were told, and both answers are right, and came in time."""
        right = self.answers.get("polite") is True and self.answers.get("deaf") is False
        in_time = all(abs(self.over(name)) < MOMENT for name in PATIENCE)
        return right and in_time and self.told == {"polite", "deaf"}


@exercise
def check_stop_worker(stop_worker: Callable[[Thread, Event, float], object]) -> Answer:
    """A worker that ends when told, and 4 s of patience; one that never listens, and 1 s."""

    def perform(workers: Workers) -> None:
        _in_a_thread(lambda: workers.stop(stop_worker))

    case = ("One listens, one does not", Workers, perform, Workers.all_well)
    run, workers, verdict = once(*case)
    if waits_of(run, "you"):  # who polls is told so, and takes too many steps to search long
        run, workers, verdict = explored(*case)
    praise = "You told both, waited as long as you have patience, and know who has ended."
    return judged(run, verdict, _stopping_problems(run, workers), praise)


def _stopping_problems(run: Trace, workers: Workers) -> Iterator[Problem | str]:
    yield from stuck(run, "Set the Event, then join with a timeout.")
    yield from failed(run)
    if untold := [name for name in ("polite", "deaf") if name not in workers.told]:
        yield Problem(f"Nobody told {' and '.join(untold)} to stop.", "Call `stop.set()` first, always.")
    if not waits_of(run, "you"):
        yield Problem(
            "You did not wait, and a worker needs time to tidy up: to sleep, or to look again and again, is "
            "no waiting.",
            "`worker.join(seconds)` waits until it has ended.",
        )
    if workers.answers == {"polite": False, "deaf": False} and abs(workers.over("deaf")) < MOMENT:
        yield Problem(
            "polite ends 3 s after `stop.set()`, and you said it had not.",
            "First set, then join, and then ask `is_alive()`: is this your order?",
        )
    if workers.over("deaf") >= MOMENT or workers.over("polite") >= MOMENT:
        yield _too_late(workers)
    if None in workers.answers.values():
        yield Problem(
            "You answered None: that is what `join` returns, always, and a function without `return`.",
            "Ask `worker.is_alive()` after the join, and return True or False.",
        )
    if workers.over("deaf") <= -MOMENT or workers.over("polite") <= -MOMENT:
        yield Problem(
            "You came back before the worker had ended, and before `seconds` were over.",
            "Give `join` just these: `worker.join(seconds)`.",
        )
    if not workers.all_well():
        said = ", ".join(f"{answer!r} for {name}" for name, answer in workers.answers.items())
        yield Problem(
            f"You answered {said}. It should be True where the worker has ended in time, else False.",
            "Only the worker itself knows: after the join, return `not worker.is_alive()`, with brackets.",
        )


def _too_late(workers: Workers) -> Problem:
    name = "deaf" if workers.over("deaf") >= MOMENT else "polite"
    after = f"`seconds` was {PATIENCE[name]:.0f}, and you came back from {name} after"
    return Problem(
        f"{after} {workers.took[name]:.1f} s.", "First set `stop`, then join once: `worker.join(seconds)`."
    )


# -- 4: the last lines ---------------------------------------------------------------------------------------


EARLY, LATE = ["opened", "ordered"], ["paid", "sent"]


class Lines(list[str]):
    """Who finds nothing in it, or empties it at once, goes by what he has seen: others may come in before."""

    def __init__(self, lines: Iterable[str]) -> None:
        super().__init__(lines)
        self.seen = Event()
        self.watched = False

    def watch(self) -> None:
        """Wait until somebody has seen what he goes by, at most 3 s."""
        self.watched = True
        self.seen.wait(3)

    def __len__(self) -> int:
        number = super().__len__()
        if self.watched and not number:
            self.seen.set()
        return number

    def _let_others_in(self) -> None:
        if self.watched:
            self.seen.set()
        sleep(0)

    def clear(self) -> None:
        """As a list's."""
        self._let_others_in()
        super().clear()

    def __delitem__(self, which: Any) -> None:
        self._let_others_in()
        super().__delitem__(which)

    def __setitem__(self, which: Any, lines: Any) -> None:
        self._let_others_in()
        super().__setitem__(which, lines)


class File(list[str]):
    """What stands in it is seen at once."""

    def __init__(self) -> None:
        super().__init__()
        self.written = Event()
        self.times: list[float] = []  # s

    def append(self, line: str) -> None:
        """As a list's, and whoever waits for the first line is told."""
        super().append(line)
        self.times.append(monotonic())
        mark(f"writes {line}")
        self.written.set()

    def extend(self, lines: Iterable[str]) -> None:
        """Line by line, and then it takes a moment."""
        for line in tuple(lines):
            self.append(line)
        sleep(0.1)  # simulated work

    def __iadd__(self, lines: Iterable[str]) -> File:  # type: ignore[override,misc]
        self.extend(lines)
        return self


@dataclass
class Log:
    """Lines that the main thread hands over, and what stands in the file."""

    pause: Callable[[Log], object]  # between the first lines and the last
    lines: Lines = field(default_factory=lambda: Lines(EARLY))
    file: File = field(default_factory=File)
    early: bool = False  # whether the first line was in the file within 3 s
    kept: list[str] = field(
        default_factory=list
    )  # what was written before the pause was over, and never taken out
    alive: bool = False  # whether the logger still ran 10 s after it was told to stop

    def all_well(self) -> bool:
        """Whether each line stands in the file once, the first ones early, and the logger has ended."""
        in_time = self.early and self.apart < MOMENT
        return self.file == EARLY + LATE and in_time and not (self.kept or self.alive)

    @property
    def apart(self) -> float:
        """How many seconds after the first line the second one was written; it was there as early."""
        first, second, *_ = [*self.file.times, 0.0, 0.0]
        return second - first

    @property
    def lost(self) -> list[str]:
        """The late lines that did not reach the file."""
        return [line for line in LATE if line not in self.file]


PAUSES: dict[str, Callable[[Log], object]] = {
    "The last lines, and stop": lambda log: None,
    "The last lines 1 s later, and stop": lambda log: sleep(1),
    "The last lines behind the logger's back, and stop": lambda log: log.lines.watch(),
}


@exercise
def check_write_log(write_log: Callable[[list[str], list[str], Event], object]) -> Answer:
    """Two lines at the beginning, and two just before the end: do all reach the file?

    The last ones come at once, or when the logger looks for the second time, or right after it has looked.
    """

    def perform(log: Log) -> None:
        stop = Event()
        logger = Thread(target=write_log, args=(log.lines, log.file, stop), name="logger", daemon=True)
        logger.start()
        log.early = log.file.written.wait(3)
        log.pause(log)  # the main thread's own work
        written = [line for line in log.lines if line in log.file]
        log.lines.extend(LATE)
        mark("paid and sent come")
        stop.set()
        logger.join(timeout=10)
        log.alive = logger.is_alive()
        log.kept = [line for line in written if line in log.lines]

    for title, pause in PAUSES.items():
        run, log, verdict = explored(title, partial(Log, pause), perform, Log.all_well)
        if verdict is not Verdict.PASSED:
            break
    praise = "Under every schedule that was tried all four lines are in the file, each once."
    return judged(run, verdict, _log_problems(run, log), praise)


def _log_problems(run: Trace, log: Log) -> Iterator[Problem | str]:
    yield from failed(run)
    if len(run.log.threads) > 2 and not log.all_well():
        yield Problem(
            "Your function starts a thread of its own, and it runs in one already, called `logger`.",
            "Let the loop stand in `write_log` itself.",
        )
    if not any(waits_of(run, info.name) or slept(run, info.name) for info in run.log.threads[1:]):
        yield from _restless(run, log)
    if log.alive or run.log.ending.reason != "done":
        yield Problem(
            "The logger did not end when it was told to.",
            "`stop.wait(1)` gives True once `stop` is set: then write what is left, and leave the loop.",
        )
    yield from _file_problems(log)
    if not log.all_well():
        yield f"The file has {log.file}. It should have {EARLY + LATE}."


def _file_problems(log: Log) -> Iterator[Problem]:
    """Of the lines alone: each should be in the file once, soon, and no more in `lines`."""
    if any(line not in EARLY + LATE for line in log.file):
        yield Problem(
            f"The file has {log.file}: not only lines that came.",
            "Put in one line at a time, as it is: `lines.pop(0)`.",
        )
    if any(log.file.count(line) > 1 for line in log.file):
        yield Problem(
            f"The file has {log.file}: a line twice.", "Take each line out of `lines`: `lines.pop(0)`."
        )
    if not log.early:
        yield Problem(
            "After 3 s `opened` was not in the file.",
            "Do not leave all to the end: look once a second, `stop.wait(1)`, and write what is there.",
        )
    if log.kept:
        yield Problem(
            f"{log.kept[0]} is in the file, and also still in `lines`, which grows for ever.",
            "Take each line out of `lines`: `lines.pop(0)`.",
        )
    names = " and ".join(log.lost)
    if log.lost and log.lost[-1] in log.lines:
        yield Problem(
            f"Lost: {names}, put in just before `stop.set()`, and still in `lines` when the logger ended.",
            "Take out all that is in `lines` once more *after* you know that you must stop.",
        )
    if log.lost:
        yield Problem(
            f"Gone: {names}, taken out of `lines` and not put into the file.",
            "Others put in lines at any moment. Take out one line at a time, to write it: `lines.pop(0)`.",
        )
    if log.apart >= MOMENT:
        yield Problem(
            f"opened and ordered lay in `lines` together, and were written {log.apart:.1f} s apart.",
            "Take out all that is there at each look: `while lines`, not `if lines`.",
        )


def _restless(run: Trace, log: Log) -> Iterator[Problem]:
    """A logger that never paused: it went round and round, or it looked once and was gone."""
    if run.log.ending.reason != "done" or not log.lost:
        yield Problem(
            "Your loop never pauses, and keeps a processor busy.", "Let `stop.wait(1)` be its pause."
        )
