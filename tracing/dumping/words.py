"""What is known of a process, in sentences: who waits for what, and whether it is a hang.

Owns: the sentences, and the verdict at their end.

Rule: a hang is one only where that is certain: where the findings of the record so far say it as an error.
That all threads wait without a timeout is told as what it is, for what is not recorded may let one go. A line
for each thing, so that a terminal and a log can be searched; names of the program are made plain.

How it works: a record that lasts is folded into a model like any other, and the waits and holds that are open
at its end are the graph. Where there is no record, each thread's stand is a line, and there is no verdict.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from textwrap import TextWrapper
from types import MappingProxyType

from tracing.diagnosis import Edge, Finding, diagnose, wait_for_graph
from tracing.diagnosis.finding import Case
from tracing.diagnosis.names import plain
from tracing.dumping.asking import Answer
from tracing.dumping.stands import ThreadStand
from tracing.events import SITE_MASK, SITE_SHIFT, THREAD_SHIFT, EventLog, Site
from tracing.model import Fate, Model, Outcome, State, ThreadModel, Wait, fold

WIDTH = 100  # characters
MOST = 60  # threads


def in_words(answer: Answer) -> tuple[str, bool]:
    """What the answer says, and whether it is a hang."""
    told = [of_record(log, f"Process {answer.pid}") for log in answer.logs]
    parts = [text for text, _ in told] or [_of_stands(answer)]
    return "\n".join(parts), any(hangs for _, hangs in told)


# Of a record


def of_record(log: EventLog, whose: str = "tracing") -> tuple[str, bool]:
    """Of a run that lasts, and whether it hangs."""
    from tracing.views.units import count, duration

    model = fold(log)
    graph = _Graph(log, model)
    title = f"{plain(log.title)}, " * bool(log.title)
    head = (
        f"{whose}: {title}recorded for {duration(model.duration)}, "
        f"{count(len(graph.alive), 'thread')} alive of {len(log.threads):,}."
    )
    verdict, hangs = graph.verdict()
    lines = [line for thread in graph.alive[:MOST] for line in graph.lines(thread)]
    return "\n".join([head, *_listed(lines), *_more(len(graph.alive)), *verdict]), hangs


def not_waiting(log: EventLog, model: Model, places: Mapping[int, Site]) -> list[str]:
    """Where each thread stood that had not ended and waited for nobody when the record broke off.

    places: what is known of that besides the record.
    """
    graph = _Graph(log, model, (Fate.STILL_RUNNING, Fate.CUT_OFF), places)
    free = [thread for thread in graph.alive if thread.number not in graph.waits]
    return [f"{graph.words.thread(each.number)} {stood}." for each in free if (stood := graph.stood(each))]


def _filled(sentence: str, indent: str = "  ") -> str:
    """On lines of that width. A path stays whole: a terminal makes a link of it."""
    lines = TextWrapper(WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return lines.fill(sentence)


def _listed(sentences: Sequence[str]) -> list[str]:
    return [_filled(f"- {each}") for each in sentences]


def _more(threads: int) -> list[str]:
    return [f"  … and {threads - MOST:,} more threads"] if threads > MOST else []


class _Graph:
    """Who waits for whom at the end of a record that is not over."""

    def __init__(
        self,
        log: EventLog,
        model: Model,
        alive: Collection[Fate] = (Fate.STILL_RUNNING,),
        places: Mapping[int, Site] = MappingProxyType({}),
    ) -> None:
        from tracing.views.text.words import Words

        self.log, self.model, self.words, self.places = log, model, Words(log), places
        self.alive = [each for each in model.threads if each.fate in alive]
        self.waits = {wait.thread: wait for wait in model.waits if wait.outcome is Outcome.OPEN}
        edges = wait_for_graph(model)
        self.holds = [edge for edge in edges if edge.what == "holds"]

    def lines(self, thread: ThreadModel) -> Iterator[str]:
        """What that thread waits for or does, and what it holds."""
        who, wait = self.words.thread(thread.number), self.waits.get(thread.number)
        yield f"{who} {self._waits(wait) if wait else self._does(thread)}."
        for edge in self.holds:
            if edge.thread == thread.number:
                yield f"{who} {self._holds(edge)}."

    def _waits(self, wait: Wait) -> str:
        from tracing.views.units import duration

        words = self.words
        limit = "" if wait.timeout is None else f", with a timeout of {duration(wait.timeout)}"
        aim = f"to get {words.object(wait.obj)} back" if wait.reacquire else words.wait_aim(wait)
        held = [edge for edge in self.holds if wait.obj and edge.obj == wait.obj]
        by = (
            f", {words.nature(wait.obj).had_by} {words.threads(edge.thread for edge in held)}" if held else ""
        )
        since = words.at(held[0].site, " since ") if held else ""
        return f"has waited {duration(wait.end - wait.start)} {aim}{words.at(wait.site)}{by}{since}{limit}"

    def _holds(self, edge: Edge) -> str:
        from tracing.views.units import duration

        words = self.words
        for_long = duration(self.model.duration - edge.since)
        return f"has {words.part(edge.obj)}{words.at(edge.site, ' since ')}, for {for_long}"

    def _does(self, thread: ThreadModel) -> str:
        stood = self.stood(thread)
        return stood if self._is_asleep(thread) else f"can go on{', and ' * bool(stood)}{stood}"

    def stood(self, thread: ThreadModel) -> str:
        """Where one that does not wait sleeps, or was last seen; "" where no line of it is recorded."""
        from tracing.views.units import duration

        last = self._last_sites.get(thread.number, 0)
        if self._is_asleep(thread):
            return f"has slept {duration(self.model.duration - thread.spans[-1].start)}{self.words.at(last)}"
        place = self.places.get(thread.number)
        return f"was last seen at {self._line(place)}" if place else self.words.at(last, "was last seen at ")

    def _line(self, place: Site) -> str:
        """Of a place that is not in the record: there may be but one file in that, and another one here."""
        known = {site.file for site in self.log.sites} | {place.file}
        return f"line {place.line}" if len(known) == 1 else f"{plain(place.file)} line {place.line}"

    def _is_asleep(self, thread: ThreadModel) -> bool:
        return bool(thread.spans) and thread.spans[-1].state is State.SLEEPING

    @cached_property
    def _last_sites(self) -> dict[int, int]:
        """By thread that lives: the last line that is recorded."""
        found: dict[int, int] = {}
        wanted = {thread.number for thread in self.alive}
        for code in reversed(self.log.codes):
            thread, site = code >> THREAD_SHIFT, code >> SITE_SHIFT & SITE_MASK
            if site and thread in wanted:
                found[thread] = site
                wanted.discard(thread)
                if not wanted:
                    break
        return found

    def verdict(self) -> tuple[list[str], bool]:
        """Whether it is a hang, in sentences; and whether that is certain."""
        certain = _hangs(diagnose(self.log, self.model))
        if certain:
            return ["It hangs:", *_told(certain)], True
        if not Case(self.log, self.model).standstill:
            free = [each.number for each in self.alive if each.number not in self._endless]
            return [f"It is no hang that is to be seen: {self.words.threads(free)} can go on."] * bool(
                free
            ), False
        if self.log.ending.detail:
            return [_filled(self.log.ending.detail, "")], False
        as_hung = replace(self.log, ending=replace(self.log.ending, reason="hung"))
        likely = _told(_hangs(diagnose(as_hung, self.model)))
        return [
            "Every thread waits, without a timeout. It hangs, unless what is not recorded lets one go:",
            *likely,
        ], False

    @cached_property
    def _endless(self) -> set[int]:
        """The threads that wait without a timeout."""
        return {number for number, wait in self.waits.items() if wait.timeout is None}


def _hangs(findings: Sequence[Finding]) -> list[Finding]:
    """Those that say for certain that threads wait for ever."""
    return [each for each in findings if each.severity == "error" and each.hangs]


def _told(findings: Sequence[Finding]) -> list[str]:
    return [_filled(f"  {each.sentence}") for each in findings]


# Of stacks


def _of_stands(answer: Answer) -> str:
    from tracing.views.units import count

    head = f"Process {answer.pid}: {count(len(answer.stands), 'thread')}, not recorded."
    ordered = sorted(answer.stands, key=lambda stand: not stand.is_main)
    notes = [_filled(answer.note, "")] if answer.note else []
    return "\n".join(
        [head, *_listed([_stands(each) for each in ordered[:MOST]]), *_more(len(ordered)), *notes]
    )


def _stands(stand: ThreadStand) -> str:
    limit = "" if stand.seconds is None else f", with a timeout of {stand.seconds:g} s"
    does = f"waits {stand.aim}{limit}" if stand.aim else "stands"
    place = stand.place
    where = "" if place is None else f" at {place.file}:{place.line} in {place.function}"
    if not (where or stand.aim):
        return f"{plain(stand.name)} runs no code of the program."
    source = f": {plain(stand.source, 80)}" if stand.source and not stand.aim else "."
    return f"{plain(stand.name)} {does}{where}{source}"
