"""The checks of lesson 08: a timeline is read; who is told, when, and whether it is true by then.

What the learner's functions get to work with takes its time on the virtual clock; whether somebody was told
too early, too late or not at all is read from what the threads left behind, and from the record. Numbers and
times differ from case to case, and one wait takes days: no answer may depend on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice, permutations
from time import monotonic

from exercises.answer import (
    Answer,
    Problem,
    Verdict,
    at_length,
    exercise,
    explored,
    failed,
    gave_up,
    judged,
    number_of,
    once,
    strangers,
    stuck,
    together,
)
from exercises.reading import is_near, not_one_of_each, said
from tracing import Event, Thread, Trace, current_thread, simulate, sleep
from tracing.asking import Waited
from tracing.model import Fate, Mark, State, ThreadModel

SECOND = 1_000_000_000  # ns
AT_ONCE = SECOND // 1000  # ns; a simulated run of some hundred steps takes less


def _thread(run: Trace, name: str) -> ThreadModel:
    number = next(info.number for info in run.log.threads if info.name == name)
    return run.model.threads[number - 1]


def _sets(run: Trace, name: str = "") -> Iterator[Mark]:
    """Who set the Event with that name, and when; or any Event."""
    for mark in run.model.marks:
        if mark.what == "set" and (not name or mark.obj == number_of(run, name)):
            yield mark


def _told(run: Trace, name: str = "") -> int:
    """When it was set first."""
    return next((mark.time for mark in _sets(run, name)), run.model.duration)


def _cleared(run: Trace) -> Iterator[Problem | str]:
    if any(mark.what == "clear" for mark in run.model.marks):
        yield Problem(
            "You cleared a flag, so who looks later misses it.",
            "Leave it up: it stays true.",
        )


# -- 1: read a timeline --------------------------------------------------------------------------------------


def at_the_gate() -> Trace:
    """Ann, Ben and Cho come to a garden whose gate is opened, closed and opened again."""

    def visit(comes_after: float) -> None:
        sleep(comes_after)  # the way to the garden
        gate.wait()
        sleep(2)  # a walk

    def keep() -> None:
        sleep(3)
        gate.set()
        sleep(2)
        gate.clear()
        sleep(4)
        gate.set()

    with simulate(title="At the gate") as run:
        gate = Event()
        together(
            *(Thread(target=visit, args=(after,), name=name) for name, after in VISITORS.items()),
            Thread(target=keep, name="keeper"),
        )
    return run


VISITORS = {"ann": 1.0, "ben": 4.0, "cho": 6.0}  # s: when each comes


@exercise
def check_reading(answer: object) -> Answer:
    """Who went in without waiting, and how many seconds did cho wait for the gate?"""
    run = at_the_gate()
    waited = {wait.thread: wait for wait in run.waits_for("gate")}
    (free,) = VISITORS.keys() - waited.keys()
    who, seconds = said(answer, [*VISITORS])
    length = waited["cho"].end - waited["cho"].start
    is_right = who == [free] and len(seconds) == 1 and is_near(seconds[0], length)
    praise = f"The gate was open when {free} came. {waited['cho']}, and that took {length:.0f} s."
    return judged(run, Verdict.of(run, is_right), _reading_problems(waited, who, seconds), praise)


def _reading_problems(
    waited: dict[str, Waited], who: list[str], seconds: list[float]
) -> Iterator[Problem | str]:
    yield from not_one_of_each([*VISITORS], who, seconds, "seconds")
    if who[0] in waited:
        yield Problem(
            f"{who[0].capitalize()} waited for the gate.",
            "Whose row has no hatched bar? When did that one come?",
        )
    cho = waited["cho"]
    if is_near(seconds[0], cho.end):
        yield Problem(f"{seconds[0]:g} s is the time at which cho went in.", "When did her wait begin?")
    elif not is_near(seconds[0], cho.end - cho.start):
        yield Problem(
            f"Cho did not wait {seconds[0]:g} s.",
            "The hatched bar is her wait: read the time at its begin and at its end.",
        )


# -- 2: a heartbeat that can be stopped ----------------------------------------------------------------------

PATIENCE, TOO_MANY = 10.0, 20  # s, beats


class TooFast(Exception):
    """The heart beats without a pause."""


@dataclass
class Heart:
    """What beats, until it is told to stop."""

    stop: Event
    period: float = 2.0  # s
    told: float = 7.05  # s
    beats: int = 0
    began: float = field(default_factory=lambda: monotonic())  # the clock of the run: looked up by name
    last_beat: float = 0.0  # s
    pauses: list[float] = field(default_factory=list)  # s: from each beat to the next
    after_the_end: bool = False  # whether it beat when it had been told
    raced: bool = False

    def beat(self) -> None:
        """One beat."""
        now = monotonic() - self.began
        if self.beats:
            self.pauses.append(now - self.last_beat)
        self.beats += 1
        self.last_beat = now
        self.after_the_end |= self.stop.is_set()
        if self.beats > TOO_MANY:
            self.raced = True
            raise TooFast

    def in_time(self) -> bool:
        """Whether it beat once a period: the first at once or after the first period."""
        return 0 <= self.beats - int(self.told / self.period) <= 1

    def uneven(self) -> list[float]:
        """The pauses between two beats that were not a period."""
        return [pause for pause in self.pauses if abs(pause - self.period) > self.period / 100]

    def all_well(self) -> bool:
        """Whether it beat in time, and stopped."""
        return self.in_time() and not self.uneven() and not self.after_the_end


@exercise
def check_heartbeat(heartbeat: Callable[[Callable[[], None], Event, float], object]) -> Answer:
    """A beat every 2 s, or 5 s; then it is told to stop: is it gone at once?"""

    def begin(period: float, told: float) -> Heart:
        stop = Event()
        return Heart(stop, period, told)

    def perform(heart: Heart) -> None:
        thread = Thread(
            target=heartbeat, args=(heart.beat, heart.stop, heart.period), name="heart", daemon=True
        )
        thread.start()
        sleep(heart.told)  # the main thread's own work
        heart.stop.set()
        thread.join(PATIENCE)
        sleep(heart.period)  # does anything beat on?

    for period, told in ((2.0, 7.05), (5.0, 26.05)):
        title = f"A beat every {period:.0f} s, until it is told to stop"
        run, heart, verdict = explored(title, partial(begin, period, told), perform, Heart.all_well)
        problems = list(islice(_heart_problems(run, heart), 1))
        if problems or verdict is not Verdict.PASSED:
            break
    praise = "It beats in time, and it is gone as soon as it is told: who waits for the Event hears it."
    return judged(run, verdict, problems, praise)


def _heart_problems(run: Trace, heart: Heart) -> Iterator[Problem | str]:
    if heart.raced and heart.after_the_end:
        yield Problem(
            "It was told to stop, and beats on and on: the flag stays up, so `stop.wait(period)` "
            "returns True at once.",
            "Leave the loop when it does.",
        )
    if heart.raced:
        yield Problem(
            f"It beat {heart.beats} times in {heart.last_beat:.2g} s.",
            "Let it wait `period` seconds between two beats.",
        )
    if any("beat() takes 1 positional argument" in each for each in failed(run)):
        yield "`beat` wants nothing between its brackets: call `beat()`."
    yield from failed(run)
    if run.log.ending.reason not in ("done", "hung"):
        yield Problem(
            f"It looks again and again, some thousand times, and beat {heart.beats} times meanwhile.",
            "Let it spend the whole period in `stop.wait(period)`.",
        )
    thread, told = _thread(run, "heart"), _told(run, "stop")
    yield from _set_by(run, thread.number)
    if thread.fate is Fate.ENDED and thread.end < told:
        yield Problem(
            f"It ended after {thread.end / SECOND:.0f} s, before anybody told it to stop.",
            "Stay in the loop as long as `stop.wait(period)` returns False.",
        )
    yield from _cleared(run)
    for other in run.model.threads:  # the heart, and who beats for it
        if thread.number in _with_starters(run, other.number):
            yield from _late_end(other, told)
    yield from _beat_problems(heart)
    yield from stuck(run, "Wait on `stop`, with the period as timeout.")
    yield from _rhythm_problems(heart)


def _rhythm_problems(heart: Heart) -> Iterator[Problem]:
    cure = "Beat once, then `stop.wait(period)`, and so on."
    if not heart.in_time():
        yield Problem(
            f"Beats in {heart.told:.0f} s: {heart.beats}, with a period of {heart.period:.0f} s.", cure
        )
    for pause in heart.uneven():
        yield Problem(f"It beat again after {pause:.4g} s, with a period of {heart.period:.0f} s.", cure)


def _beat_problems(heart: Heart) -> Iterator[Problem | str]:
    if not heart.beats:
        yield Problem(
            "It never beat. `stop.wait()` without a time waits until it is told.",
            "Give it the period. And each time it returns False, call `beat()`, with the brackets.",
        )
    if heart.after_the_end:
        yield Problem(
            "It beat once more when it had been told to stop.",
            "First look at what `stop.wait` returns.",
        )


def _late_end(thread: ThreadModel, told: int) -> Iterator[Problem | str]:
    if thread.fate is not Fate.ENDED:
        yield Problem(
            f"It was told to stop, and {PATIENCE:.0f} s later it was still there.",
            "Ask in each round: `stop.wait(period)` returns True when it is told.",
        )
    elif (late := thread.end - told) > AT_ONCE:
        yield Problem(
            f"It was told to stop, and ended {late / SECOND:.2g} s later: a thread that sleeps hears "
            "nothing.",
            "Let it spend the whole period in `stop.wait(period)`.",
        )


# -- 3: all are ready ----------------------------------------------------------------------------------------

CREW = {"ann": 1.0, "bob": 3.0, "cem": 2.0}  # s that each needs to get ready
SLOW = {"ann": 1.0, "bob": 2.0, "cem": 1_000_000.0}  # longer than any timeout that somebody would write


class Flag(Event):
    """An Event that keeps what each thread saw when it looked first: who sees it up need not wait."""

    def __init__(self) -> None:
        super().__init__()
        self.looks: dict[str, bool] = {}

    def is_set(self) -> bool:
        """Whether it is up."""
        is_up = super().is_set()
        self.looks.setdefault(current_thread().name, is_up)
        return is_up


class Rower:
    """One of a crew; `ready` is an Event by which the others are told."""

    def __init__(self, name: str, ready: Flag, log: Log) -> None:
        self.name, self._ready, self._log = name, ready, log

    @property
    def ready(self) -> Flag:
        """Always the same: who waits for it must not miss that another stands in its place."""
        return self._ready

    def prepare(self) -> None:
        """Takes its time."""
        sleep(self._log.seconds[self.name])  # simulated work
        self._log.lied |= {self.name} if self.ready.is_set() else set()
        self._log.prepared.append(self.name)

    def row(self) -> None:
        """Must not begin before all are prepared."""
        self._log.rowed.append(self.name)
        missing = [each.name for each in self._log.crew if each.name not in self._log.prepared]
        if missing and not self._log.early:
            self._log.early = (self.name, *missing)


@dataclass
class Log:
    """What the crew did."""

    seconds: dict[str, float] = field(default_factory=lambda: CREW)
    crew: list[Rower] = field(default_factory=list)
    handed: list[Rower] = field(default_factory=list)  # one list for all rowers, who may change it
    prepared: list[str] = field(default_factory=list)
    rowed: list[str] = field(default_factory=list)
    lied: set[str] = field(default_factory=set)  # told to be ready before they were
    early: tuple[str, ...] = ()  # who rowed, and who was not prepared then

    def idle(self, done: list[str]) -> list[str]:
        """Who has not done it once: the first of them, and all who have done it as often as that one."""
        times = {each.name: done.count(each.name) for each in self.crew}
        wrong = next((often for often in times.values() if often != 1), None)
        return [name for name, often in times.items() if often == wrong]

    def all_well(self) -> bool:
        """Whether each prepared and rowed once, and nobody too early."""
        idle = self.idle(self.prepared) or self.idle(self.rowed)
        return self.handed == self.crew and not (idle or self.early or self.lied)


def _two(seconds: dict[str, float] = CREW) -> Log:
    log = Log(seconds)
    ann_ready, bob_ready = Flag(), Flag()
    log.crew += (Rower("ann", ann_ready, log), Rower("bob", bob_ready, log))
    return log


def _three(seconds: dict[str, float] = CREW) -> Log:
    log = _two(seconds)
    cem_ready = Flag()
    log.crew.append(Rower("cem", cem_ready, log))
    return log


@exercise
def check_row_together(row_together: Callable[[Rower, Sequence[Rower]], object]) -> Answer:
    """Does nobody row before all are prepared? Two and three rowers are simulated, two are explored."""

    def perform(log: Log) -> None:
        log.handed += log.crew
        threads = [Thread(target=row_together, args=(each, log.handed), name=each.name) for each in log.crew]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    praise = "Each told the other, and both heard it, under any schedule. It is right for three, too."
    for tried, title, begin in (
        (once, "Two rowers get ready", _two),
        (once, "Three rowers get ready", _three),
        (explored, "Two rowers get ready", _two),
    ):
        found = tried(title, begin, perform, Log.all_well)
        if found[2] is not Verdict.PASSED or any(_crew_problems(*found[:2])):
            break
    else:
        for_days, title = partial(_three, SLOW), "Three rowers get ready, one of them after days"
        found = at_length(found, title, for_days, perform, Log.all_well)
    run, log, verdict = found
    problems = islice(_crew_problems(run, log), 1)
    return judged(run, verdict, problems, praise)


def _crew_problems(run: Trace, log: Log) -> Iterator[Problem | str]:
    yield from _shared_problems(run, log)
    yield from failed(run)
    if log.lied:
        yield Problem(
            f"{min(log.lied)} was said to be ready, and was not.",
            "Each sets its own `me.ready`, after `me.prepare()`.",
        )
    yield from _cleared(run)
    yield from stuck(
        run,
        "Who waits had something to tell, and has not told it. Set `me.ready`, and then wait for the others.",
    )
    if idle := log.idle(log.prepared):
        yield Problem(
            f"{' and '.join(idle)} {_how_often('prepare', 'prepared', log.prepared.count(idle[0]))}.",
            "Each calls `me.prepare()` once, then tells the others.",
        )
    if log.early:
        rower, *missing = log.early
        were = "was" if len(missing) == 1 else "were"
        yield Problem(
            f"{rower} rowed when {' and '.join(missing)} {were} not prepared.",
            "Wait for `ready` of each in the crew, without a timeout.",
        )
    if idle := log.idle(log.rowed):
        yield Problem(
            f"{' and '.join(idle)} {_how_often('row', 'rowed', log.rowed.count(idle[0]))}.",
            "Each waits until all are ready, then calls `me.row()` once.",
        )
    yield from _not_waited_for(run, log.crew)


def _shared_problems(run: Trace, log: Log) -> Iterator[Problem | str]:
    """Who changed what all rowers share."""
    if log.handed != log.crew:
        yield Problem(
            f"At first `crew` had {_names(log.crew)}, at the end {_names(log.handed)}: it is one list for "
            "all rowers.",
            "Leave it as it is, or take a copy of your own: `[*crew]`.",
        )
    if any("property 'ready' of 'Rower'" in each for each in failed(run)):
        yield "`me.ready` is an Event, and remains the same one: write `me.ready.set()`."


def _names(crew: Sequence[object]) -> str:
    return " and ".join(str(getattr(each, "name", each)) for each in crew) or "nobody"


def _how_often(do: str, did: str, times: int) -> str:
    return f"{did} {times} times" if times else f"did not {do}"


def _not_waited_for(run: Trace, crew: list[Rower]) -> Iterator[Problem | str]:
    """Who rowed and had neither waited for another nor seen at its first look that it was ready."""
    passed = {
        (thread, mark.obj)
        for mark in run.model.marks
        for thread in _with_starters(run, mark.thread)
        if mark.what == "pass"
    }
    for rower, other in permutations(crew, 2):
        waited = (_thread(run, rower.name).number, number_of(run, f"{other.name}_ready")) in passed
        if not (waited or other.ready.looks.get(rower.name)):
            yield Problem(
                f"{rower.name} never called `wait()` for {other.name}. A sleep may be too short, and to look "
                "again and again is work for nothing.",
                "Wait for `ready` of each in the crew.",
            )


def _with_starters(run: Trace, number: int) -> Iterator[int]:
    """A thread, the one that started it, and so on: a rower may let others wait, and join them."""
    while number:
        yield number
        number = run.log.thread(number).parent


# -- 4: the first answer wins --------------------------------------------------------------------------------

PLACES: tuple[dict[str, float], ...] = (  # s
    {"slow": 30.0, "quick": 10.0},
    {"fast": 100_000.0, "late": 300_000.0, "later": 500_000.0},
)
MOMENT = 1.0  # s


class Board:
    """Keeps the first answer that is written on it."""

    def __init__(self) -> None:
        self.written: list[object] = []
        self.reads: list[object] = []  # what each found

    def write(self, answer: object) -> None:
        """Writing takes a moment."""
        sleep(0)  # others may come in
        self.written.append(answer)

    def read(self) -> object:
        """The first answer; None if there is none yet."""
        self.reads.append(self.written[0] if self.written else None)
        return self.reads[-1]


Search = Callable[[Event], str | None]


@dataclass
class Hunt:
    """Searches, and what came of them."""

    seconds: dict[str, float]
    board: Board = field(default_factory=Board)
    searching: set[str] = field(default_factory=set)
    begun: list[str] = field(default_factory=list)
    at_once: int = 0  # the most that searched at the same time
    to_the_end: set[str] = field(default_factory=set)
    untold: set[str] = field(default_factory=set)  # searches that should have been told to stop
    too_early: list[str] = field(default_factory=list)  # who was told when nothing stood on the board
    answer: object = None

    @property
    def quickest(self) -> str:
        """Who has the first answer."""
        return min(self.seconds, key=self.seconds.__getitem__)

    def searches(self) -> list[Search]:
        """A function for each: its answer, or None if it was told to stop."""

        def search(name: str) -> Search:
            return lambda done: self._search(name, done)

        return [search(name) for name in self.seconds]

    def _search(self, name: str, done: Event) -> str | None:
        self.begun.append(name)
        self.searching.add(name)
        self.at_once = max(self.at_once, len(self.searching))
        told = done.wait(self.seconds[name])
        self.searching.discard(name)
        if told:
            self.too_early += [] if self.board.written else [name]
            return None
        self.to_the_end.add(name)
        return name

    def call(self, first_answer: Callable[[list[Search], Board], object]) -> None:
        """Call the learner's function, and look a moment later who still searches."""
        self.answer = first_answer(self.searches(), self.board)
        sleep(MOMENT)
        self.untold = (self.searching | self.to_the_end) - {self.quickest}

    def all_well(self) -> bool:
        """Whether each began once, beside all the others, the quickest won, and the others were told."""
        together = sorted(self.begun) == sorted(self.seconds) and self.at_once == len(self.seconds)
        return together and self.answer == self.quickest and not (self.untold or self.too_early)


@exercise
def check_first_answer(first_answer: Callable[[list[Search], Board], object]) -> Answer:
    """Two searches, then three: is the answer that of the quick one, and are the others told to stop?"""

    def perform(hunt: Hunt) -> None:
        you = Thread(target=hunt.call, args=(first_answer,), name="you")
        you.start()
        you.join()

    found = explored("Two searches for one answer", partial(Hunt, PLACES[0]), perform, Hunt.all_well)
    for_days = partial(Hunt, PLACES[1])
    run, hunt, verdict = at_length(found, "Three searches, for days", for_days, perform, Hunt.all_well)
    problems = [*islice(strangers(first_answer), 1)] or [*islice(_hunt_problems(run, hunt), 1)]
    praise = (
        "You returned the first answer, and it stood on the board before the other search was told to stop."
    )
    return judged(run, verdict, problems, praise)


def _hunt_problems(run: Trace, hunt: Hunt) -> Iterator[Problem | str]:
    yield from failed(run)
    if run.log.ending.reason != "hung":
        yield from stuck(run, "")
    yield from _start_problems(hunt)
    if not (hunt.to_the_end or hunt.searching):
        yield from _early_problems(run)
    if hunt.at_once < len(hunt.seconds):
        yield Problem(
            f"No more than {hunt.at_once} of the {len(hunt.seconds)} searches ran at the same time.",
            "Start a thread for each of them, and wait after that.",
        )
    yield from stuck(run, "Who has the answer must set the Event that you wait for.")
    yield from _cleared(run)
    if not hunt.board.written:
        yield Problem(
            "Nobody wrote the answer on the board.", "Let each thread write what its search returns."
        )
    if not hunt.board.reads and hunt.answer != hunt.quickest:
        yield Problem("You never read the board.", "Return what `board.read()` gives: the first answer.")
    if hunt.answer is None and _returned(run) < _told(run):
        waited = "gave up waiting for" if gave_up(run, "you") else "did not wait for"
        yield Problem(
            f"You {waited} an answer: there was none yet.",
            "Wait for the Event, however long a search takes, then read the board.",
        )
    if hunt.untold:
        yield Problem(
            f"{min(hunt.untold)} searches on.",
            "Give one Event to all searches, and set it when the first answer is there: it tells all "
            "of them.",
        )
    yield from _answer_problems(hunt)


def _early_problems(run: Trace) -> Iterator[Problem]:
    """Of searches that were told to stop before one of them had an answer: whether they ever ran in peace."""
    if next((mark.what for mark in run.model.marks if mark.what in ("pass", "set")), "") == "pass":
        yield Problem(
            "The Event was up before the searches began: it is kept from call to call.",
            "Make a new one in your function.",
        )
    yield Problem(
        "The searches were told to stop before one had an answer.",
        "Write the answer first, then set the Event.",
    )


def _start_problems(hunt: Hunt) -> Iterator[Problem | str]:
    if missing := [name for name in hunt.seconds if name not in hunt.begun]:
        if len(hunt.begun) > len({*hunt.begun}):
            yield Problem(
                f"{hunt.begun[0]} began {hunt.begun.count(hunt.begun[0])} times, {missing[0]} never: "
                "when the threads ran, the loop's variable had gone on.",
                "Give each its own: `args=(search,)`.",
            )
        yield Problem(
            f"{' and '.join(missing)} did not begin.",
            "Start a thread for each of the searches, and let it call `search(done)` at once.",
        )
    if len(hunt.begun) > len(hunt.seconds):
        often = max(hunt.begun, key=hunt.begun.count)
        yield Problem(
            f"{often} began {hunt.begun.count(often)} times.", "Start one thread for each of the searches."
        )


def _returned(run: Trace) -> int:
    """When the learner's function did: the check's own sleep begins then."""
    spans = _thread(run, "you").spans
    return next((span.start for span in reversed(spans) if span.state is State.SLEEPING), run.model.duration)


def _set_by(run: Trace, heart: int) -> Iterator[Problem]:
    if any(mark.thread == heart for mark in _sets(run, "stop")):
        yield Problem(
            "It set `stop` itself.",
            "Only who wants it to stop does that; the heart waits to be told.",
        )


def _answer_problems(hunt: Hunt) -> Iterator[Problem]:
    if hunt.answer is None and not any(hunt.board.reads) and hunt.quickest in hunt.board.written:
        yield Problem(
            "You returned None: the Event was set, but the answer did not stand on the board yet.",
            "First write, then tell.",
        )
    if hunt.answer != hunt.quickest:
        yield Problem(
            f"You returned {hunt.answer!r}, but the first answer is {hunt.quickest!r}.",
            "Return `board.read()`.",
        )
    for name in hunt.too_early:
        yield Problem(
            f"{name} was told to stop when no answer stood on the board yet.", "First write, then tell."
        )
