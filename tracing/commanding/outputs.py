"""The files of `-o` and `--json`: what is written by `-o` follows from the suffix.

Rule: nothing that is there is replaced unless that was asked for, no file is asked for twice, and that is
found out before the program runs. A file is there as a whole or not at all.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from tracing.events import EventLog
from tracing.files.replacing import replacing
from tracing.trace import Trace


def _picture(run: Trace, path: Path) -> None:
    with replacing(path) as file:
        file.write(run.png())


SUFFIXES: dict[str, Callable[[Trace, Path], None]] = {
    ".jsonl": Trace.save,
    ".jsonl.gz": Trace.save,
    ".png": _picture,
    ".html": Trace.to_html,
    ".perfetto.json": Trace.to_perfetto,
}


def problem(files: Sequence[str], json: str | None, *, force: bool) -> str:
    """Why these files cannot be written, in a sentence; "" where they can.

    files: of `-o`; json: of `--json`. force: what is there may be replaced.
    """
    asked = [("-o", name) for name in files] + [
        ("--json", name) for name in (json,) if name not in (None, "-")
    ]
    known: dict[str, str] = {}
    for option, name in asked:
        call = f"{option} {name}"
        if complaint := _unwritable(Path(name), force=force):
            return f"{call}: {complaint}"
        if option == "-o" and _suffix(name) is None:
            return f"{call}: the name has to end in one of {', '.join(SUFFIXES)}."
        other = known.setdefault(os.path.normcase(os.path.realpath(name)), call)
        if other is not call:
            return f"{call}: {other} is the same file; give each a name of its own."
    return ""


def _unwritable(path: Path, *, force: bool) -> str:
    """Why that file cannot be written."""
    if path.is_dir():
        return "that is a folder; name a file."
    if path.exists() and not force:
        return "there is such a file already; give another name, or -f to replace it."
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}; make it first."
    return ""


def write(run: Trace, name: str) -> None:
    """Raises OSError."""
    suffix = _suffix(name)
    assert suffix is not None  # `problem` has looked
    SUFFIXES[suffix](run, Path(name))


def _suffix(name: str) -> str | None:
    return next((suffix for suffix in SUFFIXES if name.endswith(suffix) and name != suffix), None)


def without_source(log: EventLog) -> EventLog:
    """The log without a line of the program's text."""
    stands = tuple(
        replace(stand, calls=tuple(replace(call, site=replace(call.site, text="")) for call in stand.calls))
        for stand in log.ending.stands
    )
    return replace(
        log,
        sites=tuple(replace(site, text="") for site in log.sites),
        ending=replace(log.ending, stands=stands),
    )
