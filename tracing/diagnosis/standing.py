"""What the stands of a run that hung add to its record: how a thread came to where it waits, and who looks
again and again at what nobody will change.

Rule: said only where nobody in the program made the call: a finaliser and a signal handler come at any line,
and whoever reads the lines in order does not find them. That a library called back is said of a thread that
waits for itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from types import MappingProxyType

from tracing.diagnosis.finding import Case, Finding
from tracing.diagnosis.names import listed, plain, verb
from tracing.events import Call, Kind, ObjectInfo, Site, Stand
from tracing.model import Fate, Wait

UNCALLED = MappingProxyType(
    {  # who made the call: how it is said, and what to do where a thread so waits for itself
        "finaliser": (
            "in {function}, called while {line} was running",
            "A finaliser runs wherever the last reference goes, whatever is held there: let it take no lock.",
        ),
        "signal handler": (
            "in the signal handler {function}, called while {line} was running",
            "A signal handler runs between any two steps of the main thread: let it take no lock, "
            "and only put down that the signal has come.",
        ),
    }
)
CALLED_BACK = (
    "in {function}, called back by {by}() at {line}",
    "Let go of the lock before you do what calls back, or use an RLock.",
)

GENERATOR = "a generator"  # of a module: the only code without a name that something else can call


def way(case: Case, wait: Wait, *, alone: bool = False) -> str:
    """How its thread came there, in parentheses; "" where the program simply called it. `alone`: it waits for
    itself.
    """
    found = _unusual(case, wait, alone)
    if found is None:
        return ""
    call, outer = found
    line = case.names.line(outer.site)
    form, _ = _words(call)
    function = ".".join(call.site.function.split(".")[-2:]) or GENERATOR
    return f" ({form.format(function=plain(function), by=plain(call.by), line=line)})"


def way_out(case: Case, wait: Wait) -> str:
    """What to do where a thread that waits for itself came there so; "" where the program simply called."""
    found = _unusual(case, wait, alone=True)
    return "" if found is None else _words(found[0])[1]


def called_at_once(case: Case, thread: int) -> str:
    """What to add where the thread stands in what should have been the target of another one; else ""."""
    stand = case.stands.get(thread)
    for call in stand.calls[1:] if stand else ():
        target = re.search(r"\bThread\(.*?\btarget\s*=\s*([\w.]+)\(", call.site.text)
        if target:
            line, name = case.names.line(call.site), plain(target[1])
            return f" (`target={name}(...)` at {line} calls {name} there and then: no thread runs it)"
    return ""


def _words(call: Call) -> tuple[str, str]:
    return UNCALLED.get(call.by, CALLED_BACK)


def _unusual(case: Case, wait: Wait, alone: bool) -> tuple[Call, Call] | None:
    """The innermost call that no line of the program made, and the line that was running."""
    stand = case.stands.get(wait.thread)
    known = 0 < wait.site <= len(case.log.sites)
    site = case.log.sites[wait.site - 1] if known else None
    if stand is None or site is None or not stand.calls or stand.calls[0].site.line != site.line:
        return None
    for call, outer in pairwise(stand.calls):
        called_back = alone and call.by not in ("", "import") and not call.by.startswith("_")
        if call.by in UNCALLED or called_back and not _taken_within(case, wait, stand, call):
            return call, outer
    return None


def _taken_within(case: Case, wait: Wait, stand: Stand, called: Call) -> bool:
    """Whether the thread took what it waits for in that call, and not before it: what a runner of tests, or
    of coroutines, calls is all of the program, and nothing comes back.
    """
    hold = next((hold for hold in case.open_holds.get(wait.obj, ()) if hold.thread == wait.thread), None)
    if hold is None or not 0 < hold.site <= len(case.log.sites):
        return False
    taken, number = _function(case.log.sites[hold.site - 1]), stand.calls.index(called) + 1
    within, before = stand.calls[:number], stand.calls[number:]
    return taken in {_function(each.site) for each in within} - {_function(each.site) for each in before}


def _function(site: Site) -> tuple[str, str]:
    return site.file, site.function


# Imports


def importing(case: Case, stand: Stand) -> str:
    """ "for the import of warmup at line 24, which MainThread has been in since line 45"."""
    names, importer = case.names, case.stands.get(stand.importer)
    here = f" at {names.line(stand.calls[0].site)}" if stand.calls else ""
    there = _import_line(importer, stand.module)
    since = f" since {names.line(there.site)}" if there else ""
    who = names.thread(stand.importer)
    return f"for the import of {plain(stand.module)}{here}, which {who} has been in{since}"


def _import_line(stand: Stand | None, module: str) -> Call | None:
    """The line of a thread that imports that module."""
    calls = stand.calls if stand else ()
    outer = [line for call, line in pairwise(calls) if call.by == "import"]
    named = [line for line in outer if module.rpartition(".")[2] in line.site.text]
    return next(iter([*named, *outer]), None)


# Looking again and again


def polling(case: Case) -> Iterator[Finding]:
    """Threads that sleep and look again at what nobody is left to change."""
    waiting = {wait.thread for wait in case.open_waits}
    for number, stand in case.stands.items():
        if stand.polls and number not in waiting and stand.calls:
            line = stand.calls[0].site
            yield Finding(
                kind="stalled",
                severity="error",
                threads=(number,),
                time=case.model.duration,
                sentence=f"Stalled: {case.names.thread(number)} looks again and again at "
                f"{case.names.line(line)}, and nobody is left to change what it looks at"
                f"{kept_alive(case, (number,))}.",
                hint="Make sure that it is told, also where an error comes first, and wait with an Event.",
            )


def without(case: Case, thing: ObjectInfo, waiting: tuple[int, ...], told: tuple[int, ...] = ()) -> str:
    """What to add to what these wait for: who has failed, or was called off, and with them perhaps what is
    waited for; whom the interpreter waits for. told: of whom it is said already what became of them.
    """
    kept = kept_alive(case, waiting)
    return _failed(case, thing, (*told, 1) if kept else told) + _called_off(case) + kept


def _called_off(case: Case) -> str:
    """The last timer that was cancelled before it fired."""
    cancelled = list(case.log.events_of({Kind.CANCELLED}))[-1:]
    if not cancelled:
        return ""
    timer, site = cancelled[0].obj, cancelled[0].site
    return f"; {case.names.object(timer)} was cancelled{case.names.at(site)} before it fired"


def _failed(case: Case, thing: ObjectInfo, told: tuple[int, ...]) -> str:
    came = {mark.thread for mark in case.model.marks if mark.obj == thing.number and mark.what == "arrive"}
    others = [each for each in case.model.threads if each.number not in came.union(told)]
    gone = [each.number for each in others if each.fate is Fate.FAILED or each.error]
    said = [case.how_over((number,)) for number in gone[:3]]
    return f"; {listed(said)}" if said else ""


def kept_alive(case: Case, threads: tuple[int, ...]) -> str:
    """What to add where the interpreter, at its end, waits for those threads."""
    main = case.model.threads[0] if case.model.threads else None
    keepers = [number for number in threads if not case.log.thread(number).daemon]
    if main is None or not case.over(main.number) or not keepers or case.log.clock != "real":
        return ""
    are = verb(len(keepers), "is no daemon", "are no daemons")
    how = case.how_over((main.number,))
    return f"; {how}, and the interpreter waits, for {case.names.threads(keepers)} {are}"
