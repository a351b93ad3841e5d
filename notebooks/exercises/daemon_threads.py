"""The checks of lesson 03: what is left of the learner's threads when the program ends.

The end of a check's run is the end of a program: threads that are no daemons are waited for, daemons are
cut off. The learner's function is called in a thread named `you` where what it raises must be told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from exercises.answer import Answer, explored, failed, judged, stuck
from tracing import Event, Thread, Trace, current_thread, sleep


def _in_a_thread(call: Callable[[], None]) -> None:
    you = Thread(target=call, name="you")
    you.start()
    you.join()


# -- 1: which one is the daemon? -----------------------------------------------------------------------------

ORDER = 5.0  # s that it takes to save the order
MAIN_WORKS = 3.0  # s


@dataclass
class Shop:
    """An endless clock and an order that must be saved, and who was which."""

    begun: list[str] = field(default_factory=list)
    daemons: dict[str, bool] = field(default_factory=dict)  # by job: whether it ran in a daemon
    ran_in: dict[str, str] = field(default_factory=dict)
    saves: int = 0  # how often the order was saved
    saved_at_return: bool = False

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
        return right and not self.saved_at_return


def check_start_both(start_both: Callable[[Callable[[], None], Callable[[], None]], object]) -> Answer:
    """Does the program end, and is the order saved then?"""

    def perform(shop: Shop) -> None:
        def call() -> None:
            start_both(shop.tick, shop.save)
            shop.saved_at_return = shop.saves > 0

        _in_a_thread(call)
        sleep(MAIN_WORKS)  # the main thread's own work

    run, shop, verdict = explored("A clock that never ends, an order to save", Shop, perform, Shop.all_well)
    praise = "The program waited for `save`, and left the clock behind."
    return judged(run, verdict, _shop_problems(run, shop), praise)


def _shop_problems(run: Trace, shop: Shop) -> Iterator[str]:
    for job, thread in shop.ran_in.items():
        if thread == "you":
            yield (
                f"{job} ran in your own thread. Give the job itself to a thread, without brackets: "
                f"`Thread(target={job})`, then `start()`."
            )
    yield from failed(run)
    if missing := [job for job in ("tick", "save") if job not in shop.daemons]:
        names = " and ".join(missing)
        yield f"{names} did not run. Make a thread for each: `Thread(target=...)`, and start it."
    if twice := [job for job in ("tick", "save") if shop.begun.count(job) > 1]:
        yield f"{' and '.join(twice)} ran more than once. One thread for each job, started once."
    if shop.saved_at_return:
        yield "You waited for `save`. Return at once: at the end Python itself waits."
    if not shop.daemons["tick"]:
        yield (
            "The program does not end: `tick` goes on for ever, and Python waits for it, as it is no daemon. "
            "May a clock be cut off? Then say `daemon=True`."
        )
    if shop.daemons["save"]:
        yield (
            "The order is lost: `save` was a daemon, and was cut off in the middle when the main thread "
            "ended. Make it a plain thread, and Python waits for it."
        )
    if run.log.ending.reason != "done":
        yield "You never returned: `tick` goes on for ever. Do not join it: start both, and return at once."


# -- 2: tell it to stop --------------------------------------------------------------------------------------

PATIENCE = 2.0  # s


@dataclass
class Workers:
    """What the learner's function answers for a worker that listens, and for one that does not."""

    answers: dict[str, object] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)

    def stop(self, stop_worker: Callable[[Thread, Event, float], object]) -> None:
        """Both, one after the other."""
        for target in (self.polite, self.deaf):
            stop = Event()
            name = target.__name__
            worker = Thread(target=target, args=(stop,), name=name, daemon=True)
            worker.start()
            self.answers[name] = stop_worker(worker, stop, PATIENCE)
            self.told |= {name} if stop.is_set() else set()

    def polite(self, stop: Event) -> None:
        """Ends 1 s after it was told to."""
        while not stop.wait(3):
            pass
        sleep(1)  # tidies up

    def deaf(self, stop: Event) -> None:
        """Never looks whether it should stop."""
        sleep(60)  # simulated work

    def all_well(self) -> bool:
        """Whether both were told, and both answers are right."""
        right = self.answers.get("polite") is True and self.answers.get("deaf") is False
        return right and self.told == {"polite", "deaf"}


def check_stop_worker(stop_worker: Callable[[Thread, Event, float], object]) -> Answer:
    """A worker that ends when told, and one that never listens; 2 s of patience for each."""

    def perform(workers: Workers) -> None:
        _in_a_thread(lambda: workers.stop(stop_worker))

    run, workers, verdict = explored("One listens, one does not", Workers, perform, Workers.all_well)
    praise = "You told both, waited as long as you have patience, and know who has ended."
    return judged(run, verdict, _stopping_problems(run, workers), praise)


def _stopping_problems(run: Trace, workers: Workers) -> Iterator[str]:
    yield from stuck(run, "Set the Event, then join with a timeout.")
    yield from failed(run)
    if untold := [name for name in ("polite", "deaf") if name not in workers.told]:
        yield f"Nobody told {' and '.join(untold)} to stop: call `stop.set()` first, always."
    waits = [wait for wait in run.model.waits if run.log.thread(wait.thread).name == "you"]
    if not waits:
        yield "You did not wait. A worker needs a moment to tidy up: `worker.join(seconds)`."
    if any((wait.end or 0) - wait.start > (PATIENCE + 0.5) * 1_000_000_000 for wait in waits):
        yield (
            "You waited for a minute: deaf never looks at `stop`. "
            "Give `join` your patience: `worker.join(seconds)`."
        )
    if None in workers.answers.values():
        yield (
            "You answered None: that is what `join` returns, always, and a function without `return`. "
            "Ask `worker.is_alive()` after the join, and return True or False."
        )
    if workers.answers == {"polite": False, "deaf": False}:
        yield (
            "polite ends 1 s after `stop.set()`, and you said it had not. "
            "First set, then join, and then ask `is_alive()`: is this your order?"
        )
    if not workers.all_well():
        said = ", ".join(f"{answer!r} for {name}" for name, answer in workers.answers.items())
        yield f"You answered {said}. It should be True where the worker has ended in time, else False."
    if sum((wait.end or 0) - wait.start for wait in waits) > 3_500_000_000:  # 1 s for polite, 2 s for deaf
        yield "You waited longer than `seconds`: set first, and then one `join(seconds)` is enough."


# -- 3: the last lines ---------------------------------------------------------------------------------------


EARLY, LATE = ["opened", "ordered"], ["paid", "sent"]


class File(list[str]):
    """What stands in it is seen at once."""

    def __init__(self) -> None:
        super().__init__()
        self.written = Event()

    def append(self, line: str) -> None:
        """As a list's, and whoever waits for the first line is told."""
        super().append(line)
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

    lines: list[str] = field(default_factory=EARLY.copy)
    file: File = field(default_factory=File)
    early: bool = False  # whether the first line was in the file within 3 s
    alive: bool = False  # whether the logger still ran 10 s after it was told to stop

    def all_well(self) -> bool:
        """Whether each line stands in the file once, the first one early, and the logger has ended."""
        return self.file == EARLY + LATE and self.early and not self.alive

    @property
    def lost(self) -> list[str]:
        """The late lines that did not reach the file."""
        return [line for line in LATE if line not in self.file]


def check_write_log(write_log: Callable[[list[str], list[str], Event], object]) -> Answer:
    """Two lines at the beginning, and two just before the end: do all reach the file?"""

    def perform(log: Log) -> None:
        stop = Event()
        logger = Thread(target=write_log, args=(log.lines, log.file, stop), name="logger", daemon=True)
        logger.start()
        log.early = log.file.written.wait(3)
        log.lines.extend(LATE)
        stop.set()
        logger.join(timeout=10)
        log.alive = logger.is_alive()

    run, log, verdict = explored("The last lines, and stop", Log, perform, Log.all_well)
    praise = "Under every schedule that was tried all four lines are in the file, each once."
    return judged(run, verdict, _log_problems(run, log), praise)


def _log_problems(run: Trace, log: Log) -> Iterator[str]:
    yield from failed(run)
    if log.alive or run.log.ending.reason != "done":
        yield (
            "The logger did not end when it was told to. `stop.wait(1)` gives True once `stop` is set: "
            "then write what is left, and leave the loop."
        )
    if any(not isinstance(line, str) for line in log.file):
        yield f"The file has {log.file}: not only lines. Put in one line at a time: `lines.pop(0)`."
    if any(log.file.count(line) > 1 for line in log.file):
        yield f"The file has {log.file}: a line twice. Take each line out of `lines`: `lines.pop(0)`."
    if not log.early:
        yield (
            "After 3 s `opened` was not in the file. Do not leave all to the end: "
            "look once a second, `stop.wait(1)`, and write what is there."
        )
    names = " and ".join(log.lost)
    if log.lost and log.lost[-1] in log.lines:
        yield (
            f"Lost: {names}. That came just before `stop.set()`, and the logger ended without another look. "
            "Take out all that is in `lines` once more *after* you know that you must stop."
        )
    if log.lost:
        yield (
            f"Gone: {names}. That came after you had copied `lines`, and before you emptied it. "
            "Take out one line at a time: `lines.pop(0)`."
        )
    if not log.all_well():
        yield f"The file has {log.file}. It should have {EARLY + LATE}."
    if not any(run.log.thread(wait.thread).name == "logger" for wait in run.model.waits):
        yield "Your loop never pauses, and keeps a processor busy. Let `stop.wait(1)` be its pause."
