"""The checks of lesson 10: do the learner's threads meet, and what if one of them cannot come?

The first asks to read a timeline; each of the others explores the learner's function in three threads. What a
thread does before it comes takes its time: others are faster or slower, and one takes days. Names and times
differ from case to case: no answer may depend on them. The picture is that of the first case that goes wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from time import monotonic

from exercises.answer import (
    DAYS,
    Answer,
    Problem,
    Verdict,
    exercise,
    explored,
    failed,
    judged,
    number_of,
    once,
    stuck,
    together,
)
from exercises.reading import is_near, not_one_of_each, said
from tracing import Barrier, Thread, Trace, simulate, sleep
from tracing.asking import Waited

NAMES, OTHERS = ("ann", "bob", "cho"), ("dan", "eve", "flo")
MOMENT = 0.001  # s; a simulated run of some hundred steps takes less

Seconds = dict[str, float]  # by name: of work, on the virtual clock


def _all_do(target: Callable[[str], object], names: Iterable[str]) -> None:
    together(*(Thread(target=target, args=(name,), name=name) for name in names))


def _came_to(run: Trace, meeting: str = "meeting") -> set[str]:
    """Who arrived at the barrier."""
    number = number_of(run, meeting)
    arrivals = (mark for mark in run.model.marks if mark.what == "arrive" and mark.obj == number)
    return {run.log.thread(mark.thread).name for mark in arrivals}


def _impatient(run: Trace) -> Iterator[Problem | str]:
    """Who broke the barrier because the others were slow."""
    for mark in run.model.marks:
        if (mark.what, mark.text) == ("broken", "timeout"):
            who = run.log.thread(mark.thread).name
            yield Problem(
                f"{who} gave up, but the others were only slow.", "Be patient: wait without a timeout."
            )


def _missing(run: Trace, names: Iterable[str]) -> str:
    """Who did not come to the meeting: "ann and bob"; empty if all came."""
    return " and ".join(name for name in names if name not in _came_to(run))


# -- 1: read a timeline --------------------------------------------------------------------------------------


def at_the_huts() -> Trace:
    """Three walk from hut to hut, and wait for each other at each of the two."""

    def walk(first: float, second: float) -> None:
        for hours in (first, second):
            sleep(hours)
            hut.wait()

    with simulate(title="At the huts") as run:
        hut = Barrier(3)
        together(
            Thread(target=walk, args=(1, 4), name="ann"),
            Thread(target=walk, args=(5, 1), name="bob"),
            Thread(target=walk, args=(3, 3), name="cho"),
        )
    return run


@exercise
def check_reading(answer: object) -> Answer:
    """Who let the others go on at the second hut, and how many seconds did bob wait there?"""
    run = at_the_huts()
    (wait,) = (each for each in run.waits_of("bob") if each.thing == "hut")  # at the first he was the last
    who, seconds = said(answer, NAMES)
    length = wait.end - wait.start
    is_right = who == [wait.ended_by] and len(seconds) == 1 and is_near(seconds[0], length)
    praise = f"{wait}, and that took {length:.0f} s."
    return judged(run, Verdict.of(run, is_right), _reading_problems(wait, who, seconds), praise)


def _reading_problems(wait: Waited, who: list[str], seconds: list[float]) -> Iterator[Problem | str]:
    yield from not_one_of_each(NAMES, who, seconds, "seconds")
    if who != [wait.ended_by]:
        yield Problem(
            f"At the second hut {who[0]} waits: a hatched bar ends there.",
            "The one who lets the others go on comes last, and does not wait.",
        )
    if is_near(seconds[0], wait.end):
        yield Problem(f"{seconds[0]:g} s is the time at which he went on.", "When did he come to the hut?")
    elif not is_near(seconds[0], wait.end - wait.start):
        yield Problem(
            f"He did not wait {seconds[0]:g} s.",
            "The hatched bar is his wait: read the time at its begin and at its end.",
        )


# -- 2: count the votes --------------------------------------------------------------------------------------

VOTES = {"ann": 2, "bob": 6, "cho": 0}
SHARES = {"ann": 0.25, "bob": 0.75, "cho": 0.0}
CLERKS: dict[str, Seconds] = {
    "Three clerks count": {"ann": 3.0, "bob": 20.0, "cho": 6.0},
    "Three clerks count, one of them for days": {"ann": 3.0, "bob": 6.0, "cho": DAYS},
}


WHAT_TO_RETURN = "Write before the meeting, and read after it: your own count, divided by the sum of all."


@dataclass(frozen=True)
class Box:
    """A box of votes."""

    votes: int
    seconds: float

    def count(self) -> int:
        """How many votes are in it: that takes its time."""
        sleep(self.seconds)  # simulated work
        return self.votes


@dataclass
class Election:
    """What three clerks share, and what each of them gave back."""

    meeting: Barrier
    counts: list[int] = field(default_factory=lambda: [0, 0, 0])
    shares: dict[str, object] = field(default_factory=dict)

    def all_well(self) -> bool:
        """Whether each clerk gave the true share."""
        return self.shares == SHARES


@exercise
def check_share_of_votes(share_of_votes: Callable[[int, Box, list[int], Barrier], object]) -> Answer:
    """Three clerks count 2, 6 and 0 votes: are the shares 0.25, 0.75 and 0, under every schedule?"""

    def begin() -> Election:
        meeting = Barrier(len(NAMES))
        return Election(meeting)

    shown: Trace | None = None
    for title, seconds in CLERKS.items():

        def perform(election: Election, seconds: Seconds = seconds) -> None:
            def clerk(name: str) -> None:
                place, box = NAMES.index(name), Box(VOTES[name], seconds[name])
                election.shares[name] = share_of_votes(place, box, election.counts, election.meeting)

            _all_do(clerk, NAMES)

        run, election, verdict = explored(title, begin, perform, Election.all_well)
        problems = list(islice(_share_problems(run, election), 1))
        if problems or verdict is not Verdict.PASSED:
            break
        shown = shown or run
    else:  # of a run of days nothing else could be seen
        run = shown or run
    praise = "Nobody reads the counts before all are written: all meet in between."
    return judged(run, verdict, problems, praise)


def _share_problems(run: Trace, election: Election) -> Iterator[Problem | str]:
    if run.log.ending.reason == "steps":
        yield Problem(
            "A clerk asks again and again. A count may well be 0.", "Let `meeting.wait()` do the waiting."
        )
    yield from stuck(run, "Every clerk must come to the meeting, as often as the others.")
    yield from _impatient(run)
    yield from failed(run)
    if tuple(election.counts) != tuple(VOTES.values()):
        yield Problem(
            f"The counts are {election.counts}.",
            "Each clerk writes `counts[place]`: what its box counted.",
        )
    wrong = next((name for name in NAMES if election.shares.get(name) != SHARES[name]), None)
    told = wrong and f"{wrong} returned {election.shares.get(wrong)!r}, but the share is {SHARES[wrong]}."
    if _missing(run, NAMES):
        yield Problem(told or "", "Let all meet before anybody reads: each clerk calls `meeting.wait()`.")
    if told:
        silent = wrong is not None and election.shares.get(wrong) is None
        yield Problem(told, "Return it." if silent else WHAT_TO_RETURN)


# -- 3: one of them tidies up --------------------------------------------------------------------------------

GUESTS: tuple[Seconds, ...] = (
    {"ann": 1.0, "bob": 2.0, "cho": 2.0},  # two come at the same moment: as the last ones,
    {"dan": 1.0, "eve": 1.0, "flo": 2.0},  # as the first ones
    {"ann": 1.0, "bob": 2.0, "cho": DAYS},
)
AT_ONCE = dict.fromkeys(OTHERS, 0.0)


@dataclass
class Party:
    """Three guests, and how often one of them tidied up."""

    meeting: Barrier
    seconds: Seconds  # until each of them comes
    here: set[str] = field(default_factory=set)
    tidied: list[int] = field(default_factory=list)  # how many guests were done at that time

    def tidy(self) -> None:
        """Tidy up."""
        self.tidied.append(len(self.here))

    def all_well(self) -> bool:
        """Whether one tidied up, when all were done."""
        return self.tidied == [len(self.seconds)]


@exercise
def check_leave(leave: Callable[[Barrier, Callable[[], None]], object]) -> Answer:
    """Three guests leave: does exactly one of them tidy up, after all have come to the meeting?

    First they come one by one, then all at the same moment: there a switch is tried between all bytecodes.
    """
    for seconds in (*GUESTS, AT_ONCE):
        run, party, verdict = _party(leave, seconds)
        problems = list(islice(_party_problems(run, party), 1))
        if problems or verdict is not Verdict.PASSED:
            break
    praise = "The numbers that `wait()` gives all differ, so one guest tidies up, under every schedule."
    return judged(run, verdict, problems, praise)


def _party(
    leave: Callable[[Barrier, Callable[[], None]], object], seconds: Seconds
) -> tuple[Trace, Party, Verdict]:
    def begin() -> Party:
        meeting = Barrier(len(seconds))
        return Party(meeting, seconds)

    def perform(party: Party) -> None:
        def guest(name: str) -> None:
            if seconds[name]:
                sleep(seconds[name])  # simulated work
            party.here.add(name)
            leave(party.meeting, party.tidy)

        _all_do(guest, seconds)

    if seconds is AT_ONCE:
        return explored("Three guests leave", begin, perform, Party.all_well, finely=True, schedules=A_RACE)
    if DAYS in seconds.values():
        return once("Three guests leave, one of them after days", begin, perform, Party.all_well)
    return explored("Three guests leave", begin, perform, Party.all_well)


A_RACE = 300  # schedules: who looks at a mark and then sets it is overtaken late in a search


def _party_problems(run: Trace, party: Party) -> Iterator[Problem | str]:
    guests = list(party.seconds)
    yield from stuck(run, "Each guest must come to the meeting once.")
    yield from _impatient(run)
    yield from failed(run)
    if any(here < len(guests) for here in party.tidied):
        yield Problem(
            "Somebody tidied up before all had come.", "Meet first: `meeting.wait()` comes before `tidy()`."
        )
    if missing := _missing(run, guests):
        yield Problem(
            f"{missing} did not come to the meeting.",
            "Each guest calls `meeting.wait()`.",
        )
    if not party.tidied:
        yield Problem(
            f"Of {', '.join(guests[:-1])} and {guests[-1]} nobody tidied up.",
            "With three parties `wait()` gives 0, 1 and 2: choose one of these, and let who gets it "
            "call `tidy()`, with the brackets.",
        )
    if len(party.tidied) > 1:
        yield Problem(
            f"{len(party.tidied)} guests tidied up, where one should.",
            "Each gets a different number from `meeting.wait()`: let that decide, and nothing else "
            "that others may change.",
        )


# -- 4: give up together -------------------------------------------------------------------------------------


TEAMS: tuple[tuple[str, Seconds], ...] = (  # whose work fails, if anybody's; and how long each works
    ("", {"ann": 3.0, "bob": 20.0, "cho": 6.0}),
    ("cho", {"ann": 3.0, "bob": 20.0, "cho": 6.0}),
    ("eve", {"dan": 3.0, "eve": 20.0, "flo": 6.0}),  # the last one
    ("", {"ann": 3.0, "bob": 6.0, "cho": DAYS}),
    ("dan", {"dan": 3.0, "eve": 6.0, "flo": 20.0}),  # the first one; a right answer is shown this run
)


@dataclass
class Team:
    """Three that prepare; unlucky is the one whose work fails, if there is one."""

    meeting: Barrier
    unlucky: str
    seconds: Seconds
    worked: set[str] = field(default_factory=set)
    results: dict[str, object] = field(default_factory=dict)
    began: float = field(default_factory=lambda: monotonic())  # the clock of the run: looked up by name
    returned: Seconds = field(default_factory=dict)

    def prepare(self, prepare: Callable[[Barrier, Callable[[], None]], object], name: str) -> None:
        """One of them calls the learner's function."""
        self.results[name] = prepare(self.meeting, self.work(name))
        self.returned[name] = monotonic() - self.began

    def work(self, name: str) -> Callable[[], None]:
        """The work of one of them."""

        def work() -> None:
            self.worked.add(name)
            sleep(self.seconds[name])  # simulated work
            if name == self.unlucky:
                raise ConnectionError("no network")

        return work

    def late(self) -> list[str]:
        """Who was still there when its work was done and the failure was known."""
        if not self.unlucky:
            return []
        failed = self.seconds[self.unlucky]
        return [
            name
            for name, returned in self.returned.items()
            if returned > max(failed, self.seconds[name]) + MOMENT
        ]

    def all_well(self) -> bool:
        """Whether all say the same, and the truth, as soon as it is known."""
        return self.results == dict.fromkeys(self.seconds, not self.unlucky) and not self.late()


@exercise
def check_prepare(prepare: Callable[[Barrier, Callable[[], None]], object]) -> Answer:
    """All do their work, or one cannot, or one works for days: does everybody know in time who is ready?"""
    for unlucky, seconds in TEAMS:
        run, team, verdict = _prepared(prepare, unlucky, seconds)
        problems = list(islice(_team_problems(run, team), 1))
        if problems or verdict is not Verdict.PASSED:
            break
    praise = "Who cannot come breaks the barrier. So nobody waits for it, and everybody knows."
    return judged(run, verdict, problems, praise)


OF_A_TEAM = 25  # schedules: there are several teams, and each shows most of it in its first run


def _prepared(
    prepare: Callable[[Barrier, Callable[[], None]], object], unlucky: str, seconds: Seconds
) -> tuple[Trace, Team, Verdict]:
    def begin() -> Team:
        meeting = Barrier(len(seconds))
        return Team(meeting, unlucky, seconds)

    def perform(team: Team) -> None:
        _all_do(lambda name: team.prepare(prepare, name), seconds)

    title = f"{unlucky} cannot do its work" if unlucky else "All do their work"
    return explored(title, begin, perform, Team.all_well, schedules=OF_A_TEAM)


def _team_problems(run: Trace, team: Team) -> Iterator[Problem | str]:
    yield from _slips(run)
    yield from stuck(run, "Let who cannot come break the barrier: `meeting.abort()`, where `work()` fails.")
    if not team.unlucky:
        yield from _spoilt(run, team)
    yield from _left_by_an_error(run)
    if idle := [name for name in team.seconds if name not in team.worked]:
        yield Problem(
            f"{idle[0]} never did its work.",
            "Call `work()`, with the brackets.",
        )
    yield from _untrue(team)
    for name in team.late():
        yield Problem(
            f"The work of {team.unlucky} failed after {team.seconds[team.unlucky]:g} s, and {name} was "
            f"still there after {team.returned[name]:.0f} s.",
            "Who cannot come must tell at once: `meeting.abort()`, where `work()` fails.",
        )
    if not team.unlucky and (missing := _missing(run, team.seconds)):
        yield Problem(
            f"{missing} did not come to the meeting.",
            "Who has done its work calls `meeting.wait()`.",
        )


def _slips(run: Trace) -> Iterator[Problem | str]:
    """Errors that are neither of the two that may come: they are repaired first."""
    threads = (run.log.thread(thread.number).name for thread in run.model.threads if _is_slip(thread.error))
    for name in threads:
        yield from failed(run, name)


def _is_slip(error: str | None) -> bool:
    return bool(error) and not str(error).startswith(("BrokenBarrierError", "ConnectionError"))


def _spoilt(run: Trace, team: Team) -> Iterator[Problem | str]:
    """All could do their work, and yet the meeting was broken."""
    yield from _impatient(run)
    broken = next((mark for mark in run.model.marks if mark.what == "broken"), None)
    if broken and not team.all_well():
        who = run.log.thread(broken.thread).name
        yield Problem(
            f"All was well, but {who} broke the barrier.",
            "Call `meeting.abort()` only where `work()` failed.",
        )


def _left_by_an_error(run: Trace) -> Iterator[Problem | str]:
    for thread in run.model.threads:
        name, error = run.log.thread(thread.number).name, thread.error or ""
        if error.startswith("BrokenBarrierError"):
            yield Problem(
                f"The barrier was broken where {name} waited.",
                "Catch BrokenBarrierError, and return False.",
            )
        if error.startswith("ConnectionError"):
            yield Problem(
                f"The error of `work()` ended {name}.",
                "Catch it, and return False: all give the same answer.",
            )


def _untrue(team: Team) -> Iterator[Problem | str]:
    """Who says something else than what is so."""
    true = not team.unlucky
    wrong = next((name for name in team.seconds if team.results.get(name) is not true), None)
    if wrong and team.unlucky:
        yield Problem(
            f"{wrong} returned {team.results.get(wrong)!r}, but the work of {team.unlucky} had failed.",
            "Who failed must not go to the meeting; it and all who get BrokenBarrierError return False.",
        )
    elif wrong:
        yield Problem(
            f"All were ready, but {wrong} returned {team.results.get(wrong)!r}.",
            "Return True after a meeting.",
        )
