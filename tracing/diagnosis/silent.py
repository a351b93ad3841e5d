"""What goes wrong without a word: a thread that runs nothing, or ends by sys.exit(), a daemon that is cut off
in its work, an attribute that hides a method of Thread.
"""

from __future__ import annotations

from collections.abc import Iterator

from tracing.diagnosis.finding import Case, Finding
from tracing.diagnosis.names import plain
from tracing.events import Kind, Site, TraceEvent


def silent_failures(case: Case) -> Iterator[Finding]:
    """All findings of this family."""
    yield from without_target(case)
    yield from exited(case)
    yield from cut_off(case)
    yield from hidden(case)


def without_target(case: Case) -> Iterator[Finding]:
    """Threads whose target was given as the value of a call, which was None."""
    starts = {event.arg: event for event in case.log.events_of({Kind.STARTED})}
    for info in case.log.threads:
        if info.called is not None and info.number in starts:
            yield _without_target(case, info.number, info.called, starts[info.number].time)


def _without_target(case: Case, number: int, called: Site, time: int) -> Finding:
    names, parent = case.names, case.log.thread(number).parent
    call = plain(called.text, 80)
    return Finding(
        kind="thread without a target",
        severity="warning",
        threads=(number,),
        time=time,
        sentence=f"{names.thread(number)} ran nothing: `target={call}` at {names.line(called)} called it "
        f"there and then, in {names.thread(parent)}, and gave the thread what it returned, None.",
        hint="Give the function itself, without parentheses; its arguments go into args=.",
    )


def exited(case: Case) -> Iterator[Finding]:
    """Threads that ended by sys.exit() with a word or a status of an error, which nobody gets to see.

    Not those that gave none, or 0: so a thread may end where it has done its work.
    """
    for event in case.log.events_of({Kind.ENDED}):
        error = plain(case.log.text(event.arg), 80)
        if error.partition(": ")[2] not in ("", "0", "None"):
            yield _exited(case, event, error)


def _exited(case: Case, event: TraceEvent, error: str) -> Finding:
    name = case.names.thread(event.thread)
    return Finding(
        kind="exit of a thread alone",
        severity="warning",
        threads=(event.thread,),
        sites=(event.site,) if event.site else (),
        time=event.time,
        sentence=f"{name} ended{case.names.at(event.site)} by {error}: that ends a thread alone, and "
        "threading tells nobody of it.",
        hint="Raise another exception, or hand the word to the main thread: only there sys.exit() ends the "
        "program.",
    )


def cut_off(case: Case) -> Iterator[Finding]:
    """Daemons that had not come to the end of their work when the interpreter ended."""
    for stand in case.log.ending.stands if case.log.ending.reason == "done" else ():
        if stand.thread in case.stands and stand.calls:
            name, line = case.names.thread(stand.thread), case.names.line(stand.calls[0].site)
            yield Finding(
                kind="daemon cut off",
                severity="note",
                threads=(stand.thread,),
                time=case.model.duration,
                sentence=f"{name} was cut off in its work at {line}: it is a daemon, and the program ended.",
                hint="join() it before the end, or make it no daemon, where its work has to be done.",
            )


def hidden(case: Case) -> Iterator[Finding]:
    """Attributes that hide what `threading` calls: one finding for each."""
    threads: dict[str, list[int]] = {}
    for info in case.log.threads:
        for name in info.hides:
            threads.setdefault(name, []).append(info.number)
    for name, numbers in threads.items():
        attribute = plain(name).rpartition(".")[2]
        yield Finding(
            kind="hidden method",
            severity="warning",
            threads=tuple(numbers),
            sentence=f"{plain(name)} of {case.names.threads(numbers)} hides Thread.{attribute}, which "
            "threading calls when a thread starts, ends or is joined.",
            hint=f"Give the attribute another name than {attribute}.",
        )
