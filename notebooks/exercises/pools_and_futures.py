"""The checks of lesson 15: a line of jobs is read, and the learner's functions get a pool to work with.

A function of the learner's is called by a thread of its own, `caller`; the pool's threads are `worker_0` and
so on. Each piece of work takes seconds of the virtual clock, so what ran at the same time shows in how long
all of it took.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, _base
from dataclasses import dataclass, field
from itertools import count
from time import monotonic
from typing import Any
from unittest.mock import patch

from exercises.answer import (
    Answer,
    Problem,
    State,
    Verdict,
    exercise,
    failed,
    guarded,
    judged,
    once,
    stuck,
    together,
)
from exercises.reading import is_near, not_one_of_each, said
from tracing import Thread, Trace, current_thread, simulate, sleep

WORKER = "worker"
MOMENT = 0.5  # s: what takes so much longer took one more piece of work


# -- 1: read a timeline --------------------------------------------------------------------------------------

PARCELS = ("ann", "bob", "cho", "dan", "eve")


def at_the_counter() -> Trace:
    """Two clerks take care of five parcels, which come one after the other."""
    with simulate(title="Five parcels, two clerks") as run, ThreadPoolExecutor(2, "clerk") as pool:
        ann = pool.submit(sleep, 4)
        bob = pool.submit(sleep, 2)
        sleep(1)
        cho = pool.submit(sleep, 4)
        dan = pool.submit(sleep, 1)
        sleep(2)
        eve = pool.submit(sleep, 2)
    assert all(map(Future.done, (ann, bob, cho, dan, eve)))
    return run


@dataclass(frozen=True)
class InLine:
    """How long a job stood in the line, from when until when, in seconds since the run began."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.start


def in_line(run: Trace) -> dict[str, InLine]:
    """Of each job of a run, by the name of its Future."""
    return {
        run.log.object(thing.number).name: InLine(band.start / 1e9, band.end / 1e9)
        for thing in run.model.objects
        if run.log.object(thing.number).type == "Future"
        for band in thing.bands
    }


@exercise
def check_reading(answer: object) -> Answer:
    """Which parcel waited longest for a clerk, and how many seconds? In any form: ("ann", 2), "ann, 2 s"."""
    run = at_the_counter()
    lines = in_line(run)
    longest = max(lines, key=lambda name: lines[name].seconds)
    who, seconds = said(answer, PARCELS)
    is_right = who == [longest] and len(seconds) == 1 and is_near(seconds[0], lines[longest].seconds)
    praise = (
        f"{longest.capitalize()}'s parcel came at {lines[longest].start:.0f} s, and a clerk was free for it "
        f"at {lines[longest].end:.0f} s."
    )
    problems = _reading_problems(lines, longest, who, seconds)
    return judged(run, Verdict.PASSED if is_right else Verdict.FAILED, problems, praise)


def _reading_problems(
    lines: Mapping[str, InLine], longest: str, who: list[str], seconds: list[float]
) -> Iterator[Problem | str]:
    yield from not_one_of_each(PARCELS, who, seconds, "seconds")
    if who != [longest]:
        waited = lines[who[0]].seconds
        yield Problem(
            f"{who[0].capitalize()}'s parcel stood in the line for {waited:.0f} s. Another one waited "
            "longer.",
            "A wait begins where the arrow of a job begins, and ends where its bar begins.",
        )
    if is_near(seconds[0], lines[longest].end):
        yield Problem(
            f"At {seconds[0]:g} s the clerk began with {longest}'s parcel.", "When did it come into the line?"
        )
    elif not is_near(seconds[0], lines[longest].seconds):
        yield Problem(
            f"{longest.capitalize()}'s parcel did not wait {seconds[0]:g} s.",
            "Read the time where its arrow begins, and where its bar begins.",
        )


# -- 2: fetch all, at the same time --------------------------------------------------------------------------


@dataclass
class Site:
    """Pages that take their time. A page of which the time is not known does not exist.

    asked: which page, and by which thread. got: what the learner's function returned; took: in how many
    seconds.
    """

    takes: Mapping[str, float]  # s
    asked: list[tuple[str, str]] = field(default_factory=list)
    got: Any = None
    took: float = 0.0

    def fetch(self, name: str) -> str:
        """The text of a page."""
        self.asked.append((name, current_thread().name))
        sleep(self.takes.get(name, 1))  # simulated work
        if name not in self.takes:
            raise LookupError(f"no page {name}")
        return self.text(name)

    def text(self, name: str) -> str:
        """What is on a page."""
        return f"text of {name}"

    def visit(self, learners: Callable[..., object], names: Sequence[str], workers: int) -> None:
        """A thread of its own calls the learner's function."""

        def call(pool: Executor) -> None:
            began = monotonic()
            self.got = as_returned(learners(pool, self.fetch, list(names)))
            self.took = monotonic() - began

        in_a_pool(call, workers)

    def was_asked_once_for_each(self, names: Sequence[str]) -> bool:
        """Whether the pool's workers have asked for just these pages."""
        by_workers = all(thread.startswith(WORKER) for _, thread in self.asked)
        return by_workers and sorted(str(name) for name, _ in self.asked) == sorted(names)


def as_returned(got: Any) -> Any:
    """What was in it then: jobs that are still at work may put more into it."""
    if type(got) is tuple:
        return tuple(map(as_returned, got))
    return got.copy() if isinstance(got, list | dict | set) else got


class Shuffled(Future[Any]):
    """One of which the place in a set is neither that in which its job was handed over nor the opposite:
    nobody may count on a set's order, and in a simulated run that would be the order of the jobs.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def __hash__(self) -> int:
        return self.number ^ 1  # 1, 0, 3, 2, ...


Shuffled.__name__ = Future.__name__  # in its repr


def in_a_pool(call: Callable[[Executor], None], workers: int) -> None:
    """Let a thread `caller` make the call with a new pool."""
    numbers, pool = count(), ThreadPoolExecutor(workers, thread_name_prefix=WORKER)
    with patch.object(_base, "Future", lambda: Shuffled(next(numbers))), pool:
        together(Thread(target=call, args=(pool,), name="caller"))


FetchAll = Callable[[Executor, Callable[[str], str], list[str]], object]
THREE: Mapping[str, float] = {"tea": 3, "milk": 1, "bread": 2}


@exercise
def check_fetch_all(fetch_all: FetchAll) -> Answer:
    """Three pages and three workers, then two pages and one worker: all pages, in order, at the same time?"""
    run, site, verdict = _fetched(fetch_all, THREE, workers=3, seconds=3)
    problems = list(_fetch_problems(run, site, seconds=3))
    if verdict is not Verdict.FAILED and not problems:
        run, site, verdict = _fetched(fetch_all, {"tea": 2, "milk": 1}, workers=1, seconds=3)
        problems = list(_fetch_problems(run, site, seconds=3))
    praise = "All jobs were in the line before the first result was asked for, so the workers did not wait."
    return judged(run, verdict, problems, praise)


def _fetched(
    fetch_all: FetchAll, takes: Mapping[str, float], workers: int, seconds: float
) -> tuple[Trace, Site, Verdict]:
    names = list(takes)

    def is_right(site: Site) -> bool:
        right = [site.text(name) for name in names]
        in_time = site.took < seconds + MOMENT
        return as_list(site.got) == right and site.was_asked_once_for_each(names) and in_time

    title = f"{len(names)} pages, {workers} {'worker' if workers == 1 else 'workers'}"
    return _seen_closely(
        title, lambda: Site(takes), lambda site: site.visit(fetch_all, names, workers), is_right
    )


def _seen_closely(
    title: str,
    begin: Callable[[], State],
    perform: Callable[[State], None],
    is_right: Callable[[State], bool],
) -> tuple[Trace, State, Verdict]:
    """The run under the default schedule, and whether what its jobs share is guarded. A pool has too many
    schedules to search them.
    """
    return guarded(once(title, begin, perform, is_right), begin, perform)


def as_list(got: object) -> object:
    """A tuple does as well as a list."""
    return list(got) if isinstance(got, tuple) else got


def _fetch_problems(run: Trace, site: Site, seconds: float) -> Iterator[Problem | str]:
    yield from stuck(run, "A job must not wait for another job of its own pool.")
    yield from _of_strangers(site.asked, "fetched", "fetch")
    yield from failed(run)
    yield from _often(site, list(site.takes))
    if site.took >= seconds + MOMENT:
        yield Problem(
            f"It took {site.took:.0f} s, and could be done in {seconds:.0f} s: not all pages were fetched at "
            "the same time.",
            "`result()` waits. Hand over all the jobs first; ask for the results in a second loop.",
        )
    yield from _list_problems(site)


def _of_strangers(done: Sequence[tuple[str, str]], did: str, function: str) -> Iterator[Problem]:
    """Of what no worker of the pool has done: what, and by which thread."""
    for name, thread in done:
        if not thread.startswith(WORKER):
            who = "Your function itself" if thread == "caller" else f"A thread called {thread}"
            yield Problem(
                f"{who} {did} {name}, and no worker of `pool` was asked to.",
                f"Hand the function over, and do not call it: `pool.submit({function}, name)`.",
            )


def _often(site: Site, names: Sequence[str]) -> Iterator[Problem | str]:
    """Of pages that were not fetched once."""
    asked = [name for name, _ in site.asked]
    often = [name for name in names if asked.count(name) > 1]
    if often and (missed := [name for name in names if name not in asked]):
        yield Problem(
            f"The page {often[0]} was fetched {asked.count(often[0])} times, and {missed[0]} never.",
            "A function that is made in a loop looks up the loop's variable when it is called: hand the name "
            "over, `pool.submit(fetch, name)`.",
        )
    for name in names:
        times = asked.count(name)
        if not times:
            yield f"Nobody fetched the page {name}."
        elif times > 1:
            yield f"The page {name} was fetched {times} times. Once is what was asked for."


def _list_problems(site: Site) -> Iterator[Problem | str]:
    right = [site.text(name) for name in site.takes]
    got = as_list(site.got)
    if not isinstance(got, list):
        yield Problem(
            f"Your function returned {_kind(got)}, and no list.",
            "Return a list of the pages. What `pool.map` gives becomes one by `list(...)`.",
        )
    elif any(isinstance(each, Future) for each in got):
        yield Problem(
            "Your list holds Futures. They are promises, and no pages.", "Ask each one for its `result()`."
        )
    elif sorted(map(str, got)) == sorted(right) and got != right:
        yield Problem(
            f"All pages are there, but in the wrong order: {', '.join(map(str, got))}.",
            "The order of the names is the order in which you have handed the jobs over; "
            "neither `as_completed` nor a set keeps it.",
        )
    elif got != right:
        yield f"Your function returned {got!r}, and not {right!r}."


def _kind(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"


# -- 3: what there is, and what is missing -------------------------------------------------------------------

FOUR = ("tea", "gold", "milk", "ink")


@exercise
def check_fetch_what_there_is(fetch_what_there_is: FetchAll) -> Answer:
    """Four pages, two of which do not exist: are the others there, and are these two named?"""
    run, site, verdict = _seen_closely(
        "Four pages, two of them missing",
        lambda: Site({"tea": 2, "milk": 1}),
        lambda site: site.visit(fetch_what_there_is, FOUR, workers=2),
        _has_all,
    )
    praise = "Each Future was asked: what failed is named, and has kept nobody from what there is."
    return judged(run, verdict, _missing_problems(run, site), praise)


def _there(site: Site) -> dict[str, str]:
    return {name: site.text(name) for name in site.takes}


def _has_all(site: Site) -> bool:
    pages, missing = _pair(site.got)
    right = pages == _there(site) and _sorted(missing) == ["gold", "ink"]
    return right and site.was_asked_once_for_each(FOUR) and site.took < 3 + MOMENT


def _pair(got: object) -> tuple[object, object]:
    return (got[0], got[1]) if isinstance(got, tuple | list) and len(got) == 2 else (None, None)


def _sorted(names: object) -> list[str]:
    """The names in whatever they are collected."""
    return sorted(map(str, names)) if isinstance(names, Collection) and not isinstance(names, str) else []


def _missing_problems(run: Trace, site: Site) -> Iterator[Problem | str]:
    yield from stuck(run, "A job must not wait for another job of its own pool.")
    yield from _of_strangers(site.asked, "fetched", "fetch")
    if any("LookupError" in sentence for sentence in failed(run, "caller")):
        yield Problem(
            "The LookupError of a missing page came out of your function, so it returned nothing: also the "
            "pages that are there are lost.",
            "`result()` raises what the job has raised: catch the LookupError there, or ask for "
            "`future.exception()` first.",
        )
    yield from failed(run)
    yield from _often(site, FOUR)
    if site.took >= 3 + MOMENT:
        yield Problem(
            f"It took {site.took:.0f} s, and could be done in 3 s.",
            "Hand over all the jobs first; ask for the results in a second loop.",
        )
    yield from _pair_problems(site, *_pair(site.got))


def _pair_problems(site: Site, pages: object, missing: object) -> Iterator[Problem | str]:
    if not isinstance(pages, dict):
        yield (
            f"Your function returned {site.got!r}. Return two things: a dict of the pages, and a list of the "
            "names of those that are missing."
        )
    elif strange := [name for name in pages if name not in site.takes]:
        yield Problem(
            f"Among your pages is {strange[0]!r}, and there is no such page.",
            "What has failed does not belong there; a page stands under its name.",
        )
    elif pages != _there(site):
        yield Problem(
            f"Your pages are {pages!r}, and not {_there(site)!r}.",
            "Ask every Future: let `try` and `except` stand inside the loop, which goes on after an error.",
        )
    if _sorted(missing) != ["gold", "ink"]:
        yield Problem(
            f"As missing you return {missing!r}. The names gold and ink are what is missing, each once.",
            "Put the name of the page into a list where its Future has an exception.",
        )


# -- 4: count the files of a folder --------------------------------------------------------------------------

Look = Callable[[str], tuple[int, list[str]]]
CountFiles = Callable[[Executor, Look, str], object]


@dataclass
class Disk:
    """Folders, each with so many files and with folders inside. To look into one takes a second.

    looked: into which folder, and by which thread. got: what the learner's function returned, took: in how
    many seconds.
    """

    folders: Mapping[str, tuple[int, list[str]]]
    looked: list[tuple[str, str]] = field(default_factory=list)
    got: object = None
    took: float = 0.0

    def look(self, name: str) -> tuple[int, list[str]]:
        """How many files are in a folder itself, and the names of the folders in it."""
        self.looked.append((name, current_thread().name))
        sleep(1)  # simulated work
        files, inside = self.folders[name]
        return files, list(inside)

    def count(self, count_files: CountFiles, workers: int) -> None:
        """A thread of its own calls the learner's function."""

        def call(pool: Executor) -> None:
            began = monotonic()
            self.got = count_files(pool, self.look, "home")
            self.took = monotonic() - began

        in_a_pool(call, workers)

    @property
    def files(self) -> int:
        """In all the folders."""
        return sum(files for files, _ in self.folders.values())

    def is_counted(self, seconds: float) -> bool:
        """Whether the number is right, and the pool's workers have looked once into each folder, in time."""
        by_workers = all(thread.startswith(WORKER) for _, thread in self.looked)
        once_each = sorted(str(name) for name, _ in self.looked) == sorted(self.folders)
        return self.got == self.files and by_workers and once_each and self.took < seconds + MOMENT


SMALL: Mapping[str, tuple[int, list[str]]] = {"home": (1, ["a", "b"]), "a": (2, []), "b": (4, [])}
TREE: Mapping[str, tuple[int, list[str]]] = {
    "home": (2, ["photos", "music"]),
    "photos": (3, ["2024", "2025"]),
    "music": (1, ["jazz"]),
    "2024": (5, []),
    "2025": (4, []),
    "jazz": (7, []),
}


@exercise
def check_count_files(count_files: CountFiles) -> Answer:
    """Six folders and two workers, then three folders and one worker: are all files counted, and in time?"""
    run, disk, verdict = _seen_closely(
        "Six folders, two workers",
        lambda: Disk(TREE),
        lambda disk: disk.count(count_files, workers=2),
        lambda disk: disk.is_counted(seconds=5),
    )
    problems = list(_count_problems(run, disk, seconds=5))
    if verdict is not Verdict.FAILED and not problems:
        run, disk, verdict = once(
            "Three folders, one worker",
            lambda: Disk(SMALL),
            lambda disk: disk.count(count_files, workers=1),
            lambda disk: disk.is_counted(seconds=3),
        )
        problems = list(_count_problems(run, disk, seconds=3))
    praise = "No job waits for another one, so a single worker is enough, and two share the work."
    return judged(run, verdict, problems, praise)


def _count_problems(run: Trace, disk: Disk, seconds: float) -> Iterator[Problem | str]:
    yield from stuck(
        run,
        "No job may wait for a job of its own pool. Let the jobs only look, and let the caller hand over "
        "what they have found.",
    )
    yield from _of_strangers(disk.looked, "looked into", "look")
    yield from failed(run)
    for finding in run.found("unasked exception"):
        yield Problem(finding.sentence, finding.hint)
    times = {name: [looked for looked, _ in disk.looked].count(name) for name in disk.folders}
    if often := [name for name in times if times[name] > 1]:
        yield f"Your jobs looked into {often[0]} {times[often[0]]} times. Once is enough."
    if unseen := [name for name in times if not times[name]]:
        yield Problem(
            f"Nobody has looked into {unseen[0]}.",
            "What `look` returns has the folders inside as well: look into each of them, too.",
        )
    if disk.got != disk.files:
        yield f"Your function returned {disk.got!r}. There are {disk.files} files: return this number."
    if disk.took >= seconds + MOMENT:
        yield Problem(
            f"It took {disk.took:.0f} s. With two workers it can be done in 4 s.",
            "Hand over all folders that you know of, before you ask for the next result.",
        )
