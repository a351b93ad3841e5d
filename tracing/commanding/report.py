"""What is said of a run on standard error, once the program has ended.

Rule: what went wrong first, then where time went, then what to type next; no longer than a screen or two,
however long the run was. Where nothing went wrong and nobody waited, that is said in a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nlargest
from textwrap import fill

from tracing.dumping import not_waiting
from tracing.scripting import HowEnded, ScriptTrace

WIDTH = 100  # characters
MOST_WAITS = 8
MOST_FINDINGS = 12
MOST_ROWS = 24  # lines of the tables


def report(run: ScriptTrace, *, how: str, written: Sequence[str], next_command: str, quiet: bool) -> str:
    """The report. how: how the program ended. written: names of files. quiet: only what went wrong."""
    if quiet and not run.findings:
        return ""
    parts = [f"tracing: {how} {_size(run)}"]
    parts += _exploration(run)
    parts += _findings(run)
    if not quiet:
        parts += _waits(run) + _not_waiting(run) + _table(run)
    parts += [f"Written: {', '.join(written)}"] * bool(written)
    parts += [f"Next: {next_command}"] * bool(next_command and not quiet)
    return "\n".join(parts) + "\n"


def _size(run: ScriptTrace) -> str:
    threads, things = len(run.log.threads), len(run.log.objects)
    return f"{_count(threads, 'thread')}, {_count(things, 'primitive')}, {_count(len(run.log), 'event')}."


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


def _exploration(run: ScriptTrace) -> list[str]:
    return [] if run.exploration is None else ["", run.exploration["text"]]


def _findings(run: ScriptTrace) -> list[str]:
    if not run.findings:
        return _nothing(run) if run.exploration is None else []
    lines = ["", "Findings:"]
    for finding in run.findings[:MOST_FINDINGS]:
        lines.append(fill(f"- {finding.sentence}", WIDTH, subsequent_indent="  "))
        if finding.hint:
            lines.append(fill(f"→ {finding.hint}", WIDTH, initial_indent="  ", subsequent_indent="    "))
    return lines + _rest(len(run.findings) - MOST_FINDINGS, "findings")


def _nothing(run: ScriptTrace) -> list[str]:
    """What threads read and write is not in the record of a run at full speed: that is no all-clear."""
    more = "\nWhat threads do to variables is not seen at full speed: --explore 1000 looks at it."
    return [f"Nothing was found to be wrong.{more * is_at_full_speed(run)}"]


def is_at_full_speed(run: ScriptTrace) -> bool:
    """Whether there are threads in it that nobody has held back: what these do to variables is not seen."""
    return run.log.clock == "real" and len(run.log.threads) > 1


def _waits(run: ScriptTrace) -> list[str]:
    """A sentence for each of the longest waits, in the order of their beginnings."""
    from tracing.views.text.waits import sentence
    from tracing.views.text.words import Words

    words, waits = Words(run.log), run.model.waits
    if not waits:
        return []
    longest = nlargest(MOST_WAITS, waits, key=lambda wait: wait.end - wait.start)
    told = [sentence(wait, words) for wait in sorted(longest, key=lambda wait: wait.index)]
    lines = [fill(f"- {each}", WIDTH, subsequent_indent="  ") for each in told]
    title = "Waits:" if len(waits) <= MOST_WAITS else f"The longest of {len(waits):,} waits:"
    return ["", title, *lines]


def _not_waiting(run: ScriptTrace) -> list[str]:
    """Of a program that was ended from outside: it may have hung in what is not recorded."""
    if run.how_ended not in (HowEnded.STOPPED, HowEnded.KILLED):
        return []
    stood = not_waiting(run.log, run.model, run.places)
    lines = [fill(f"- {each}", WIDTH, subsequent_indent="  ") for each in stood[:MOST_WAITS]]
    return (
        ["", "Not waiting at the end:", *lines, *_rest(len(stood) - MOST_WAITS, "threads")] if stood else []
    )


def _table(run: ScriptTrace) -> list[str]:
    lines = str(run.table()).rstrip().splitlines()
    return ["", *lines[:MOST_ROWS], *_rest(len(lines) - MOST_ROWS, "lines")]


def _rest(more: int, what: str) -> list[str]:
    return [f"  … and {more:,} more {what}: open the record, -o run.jsonl.gz"] if more > 0 else []
