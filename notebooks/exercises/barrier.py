"""The checks of lesson 10: do the learner's threads meet, and what if one of them cannot come?

Each explores the learner's function in three threads. What a thread does before it comes takes its time:
others are faster or slower.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from exercises.answer import Answer, Verdict, explored, failed, judged, number_of, stuck
from tracing import Barrier, Thread, Trace, sleep

NAMES = ("ann", "bob", "cho")


def _together(target: Callable[[str], object]) -> None:
    threads = [Thread(target=target, args=(name,), name=name) for name in NAMES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _came_to(run: Trace, meeting: str = "meeting") -> set[str]:
    """Who arrived at the barrier."""
    number = number_of(run, meeting)
    arrivals = (mark for mark in run.model.marks if mark.what == "arrive" and mark.obj == number)
    return {run.log.thread(mark.thread).name for mark in arrivals}


def _impatient(run: Trace) -> Iterator[str]:
    """Who broke the barrier because the others were slow."""
    for mark in run.model.marks:
        if (mark.what, mark.text) == ("broken", "timeout"):
            who = run.log.thread(mark.thread).name
            yield f"{who} gave up, but the others were only slow. Be patient: wait without a timeout."


def _missing(run: Trace) -> str:
    """Who did not come to the meeting: "ann and bob"; empty if all came."""
    return " and ".join(name for name in NAMES if name not in _came_to(run))


# -- 1: count the votes --------------------------------------------------------------------------------------

VOTES = {"ann": 2, "bob": 6, "cho": 0}
SECONDS = {"ann": 3.0, "bob": 20.0, "cho": 6.0}  # of work, on the virtual clock
SHARES = {"ann": 0.25, "bob": 0.75, "cho": 0.0}


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


def check_share_of_votes(share_of_votes: Callable[[int, Box, list[int], Barrier], object]) -> Answer:
    """Three clerks count 2, 6 and 0 votes: are the shares 0.25, 0.75 and 0, under every schedule?"""

    def begin() -> Election:
        meeting = Barrier(len(NAMES))
        return Election(meeting)

    def perform(election: Election) -> None:
        def clerk(name: str) -> None:
            place, box = NAMES.index(name), Box(VOTES[name], SECONDS[name])
            election.shares[name] = share_of_votes(place, box, election.counts, election.meeting)

        _together(clerk)

    run, election, verdict = explored(
        "Three clerks count", begin, perform, lambda election: election.shares == SHARES
    )
    praise = "Nobody reads the counts before all are written: all meet in between."
    return judged(run, verdict, _share_problems(run, election), praise)


def _share_problems(run: Trace, election: Election) -> Iterator[str]:
    if run.log.ending.reason == "steps":
        yield "A clerk asks again and again. A count may well be 0: let `meeting.wait()` do the waiting."
    yield from stuck(run, "Every clerk must come to the meeting, as often as the others.")
    yield from _impatient(run)
    yield from failed(run)
    if tuple(election.counts) != tuple(VOTES.values()):
        yield f"The counts are {election.counts}. Each clerk writes `counts[place]`: what its box counted."
    wrong = next((name for name in NAMES if election.shares.get(name) != SHARES[name]), None)
    told = wrong and f"{wrong} returned {election.shares.get(wrong)}, but the share is {SHARES[wrong]}. "
    if _missing(run):
        yield f"{told or ''}Let all meet before anybody reads: each clerk calls `meeting.wait()`."
    if told:
        silent = wrong is not None and election.shares.get(wrong) is None
        yield f"{told}{'Return it.' if silent else 'Write before the meeting, and read after it.'}"


# -- 2: one of them tidies up --------------------------------------------------------------------------------


@dataclass
class Party:
    """Three guests, and how often one of them tidied up."""

    meeting: Barrier
    seconds: dict[str, float]  # until each of them comes
    here: set[str] = field(default_factory=set)
    tidied: list[int] = field(default_factory=list)  # how many guests were done at that time

    def tidy(self) -> None:
        """Tidy up."""
        self.tidied.append(len(self.here))

    def all_well(self) -> bool:
        """Whether one tidied up, when all were done."""
        return self.tidied == [len(NAMES)]


def check_leave(leave: Callable[[Barrier, Callable[[], None]], object]) -> Answer:
    """Three guests leave: does exactly one of them tidy up, after all have come to the meeting?

    Two come at the same moment: as the last ones, then as the first ones.
    """
    for seconds in ({"ann": 1.0, "bob": 2.0, "cho": 2.0}, {"ann": 1.0, "bob": 1.0, "cho": 2.0}):
        run, party, verdict = _party(leave, seconds)
        problems = list(_party_problems(run, party))
        if problems or verdict is not Verdict.PASSED:
            break
    praise = "The numbers that `wait()` gives all differ, so one guest tidies up, under every schedule."
    return judged(run, verdict, problems, praise)


def _party(
    leave: Callable[[Barrier, Callable[[], None]], object], seconds: dict[str, float]
) -> tuple[Trace, Party, Verdict]:
    def begin() -> Party:
        meeting = Barrier(len(NAMES))
        return Party(meeting, seconds)

    def perform(party: Party) -> None:
        def guest(name: str) -> None:
            sleep(seconds[name])
            party.here.add(name)
            leave(party.meeting, party.tidy)

        _together(guest)

    return explored("Three guests leave", begin, perform, Party.all_well)


def _party_problems(run: Trace, party: Party) -> Iterator[str]:
    yield from stuck(run, "Each guest must come to the meeting once.")
    yield from failed(run)
    if any(here < len(NAMES) for here in party.tidied):
        yield "Somebody tidied up before all had come. Meet first: `meeting.wait()` comes before `tidy()`."
    if _missing(run):
        yield f"{_missing(run)} did not come to the meeting. Each guest calls `meeting.wait()`."
    if not party.tidied:
        yield (
            "Nobody tidied up. With three parties `wait()` gives 0, 1 and 2: choose one of these, "
            "and let who gets it call `tidy()`, with the brackets."
        )
    if len(party.tidied) > 1:
        yield (
            f"{len(party.tidied)} guests tidied up, where one should. Each gets a different number from "
            "`meeting.wait()`: let that decide, and nothing else that others may change."
        )


# -- 3: give up together -------------------------------------------------------------------------------------


@dataclass
class Team:
    """Three that prepare; unlucky is the one whose work fails, if there is one."""

    meeting: Barrier
    unlucky: str = ""
    worked: set[str] = field(default_factory=set)
    results: dict[str, object] = field(default_factory=dict)

    def work(self, name: str) -> Callable[[], None]:
        """The work of one of them."""

        def work() -> None:
            self.worked.add(name)
            sleep(SECONDS[name])  # simulated work
            if name == self.unlucky:
                raise ConnectionError("no network")

        return work

    def all_well(self) -> bool:
        """Whether all say the same, and the truth."""
        return self.results == dict.fromkeys(NAMES, not self.unlucky)


def check_prepare(prepare: Callable[[Barrier, Callable[[], None]], object]) -> Answer:
    """Once all do their work, and once cho cannot: does everybody return, and know whether all are ready?"""
    for unlucky, title in (("", "All do their work"), ("cho", "cho cannot do its work")):
        run, team, verdict = _prepared(prepare, unlucky, title)
        problems = list(_team_problems(run, team))
        if problems or verdict is not Verdict.PASSED:
            break
    praise = "Who cannot come breaks the barrier. So nobody waits for it, and everybody knows."
    return judged(run, verdict, problems, praise)


def _prepared(
    prepare: Callable[[Barrier, Callable[[], None]], object], unlucky: str, title: str
) -> tuple[Trace, Team, Verdict]:
    def begin() -> Team:
        meeting = Barrier(len(NAMES))
        return Team(meeting, unlucky)

    def perform(team: Team) -> None:
        def member(name: str) -> None:
            team.results[name] = prepare(team.meeting, team.work(name))

        _together(member)

    return explored(title, begin, perform, Team.all_well)


def _team_problems(run: Trace, team: Team) -> Iterator[str]:
    yield from _slips(run)
    yield from stuck(run, "Let who cannot come break the barrier: `meeting.abort()`, where `work()` fails.")
    if not team.unlucky:
        yield from _spoilt(run, team)
    yield from _left_by_an_error(run)
    if idle := [name for name in NAMES if name not in team.worked]:
        yield f"{idle[0]} never did its work. Call `work()`, with the brackets."
    yield from _untrue(team)
    if not team.unlucky and _missing(run):
        yield f"{_missing(run)} did not come to the meeting. Who has done its work calls `meeting.wait()`."


def _slips(run: Trace) -> Iterator[str]:
    """Errors that are neither of the two that may come: they are repaired first."""
    threads = (run.log.thread(thread.number).name for thread in run.model.threads if _is_slip(thread.error))
    for name in threads:
        yield from failed(run, name)


def _is_slip(error: str | None) -> bool:
    return bool(error) and not str(error).startswith(("BrokenBarrierError", "ConnectionError"))


def _spoilt(run: Trace, team: Team) -> Iterator[str]:
    """All could do their work, and yet the meeting was broken."""
    yield from _impatient(run)
    broken = next((mark for mark in run.model.marks if mark.what == "broken"), None)
    if broken and not team.all_well():
        who = run.log.thread(broken.thread).name
        yield f"All was well, but {who} broke the barrier. Call `meeting.abort()` only where `work()` failed."


def _left_by_an_error(run: Trace) -> Iterator[str]:
    for thread in run.model.threads:
        name, error = run.log.thread(thread.number).name, thread.error or ""
        if error.startswith("BrokenBarrierError"):
            yield f"The barrier was broken where {name} waited. Catch BrokenBarrierError, and return False."
        if error.startswith("ConnectionError"):
            yield f"The error of `work()` ended {name}. Catch it, and return False: all give the same answer."


def _untrue(team: Team) -> Iterator[str]:
    """Who says something else than what is so."""
    true = not team.unlucky
    wrong = next((name for name in NAMES if team.results.get(name) is not true), None)
    if wrong and team.unlucky:
        yield (
            f"{wrong} returned {team.results.get(wrong)}, but the work of {team.unlucky} had failed. "
            "Who failed must not go to the meeting; it and all who get BrokenBarrierError return False."
        )
    elif wrong:
        yield f"All were ready, but {wrong} returned {team.results.get(wrong)}. Return True after a meeting."
