"""What a thread waits for, by its stack: as far as functions of `threading`, `queue` and
`concurrent.futures` tell.

Rule: a thread is said to wait only where its innermost call is one that does nothing else. Which lock is
waited for is in no stack: then the line is what there is.
"""

from __future__ import annotations

import linecache
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracing.cpython.remote import Frame, Stack
from tracing.cpython.waiting import AIMS, INNERMOST
from tracing.naming import is_library


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadStand:
    """Where a thread stands. aim: what it waits for; "" where its stack does not tell. seconds: its timeout.
    place: the innermost call of the program; None where there is none.
    """

    name: str
    is_main: bool
    aim: str
    place: Frame | None
    seconds: float | None = None

    @property
    def source(self) -> str:
        """The text of the line at which it stands; "" where there is none to read."""
        return linecache.getline(self.place.file, self.place.line).strip() if self.place else ""


def stand_from_outside(pid: int, stack: Stack) -> ThreadStand:
    """Of a thread whose stack was read from outside."""
    is_main = stack.native_id == pid  # so on Linux
    return ThreadStand(
        name="MainThread" if is_main else _system_name(pid, stack.native_id),
        is_main=is_main,
        aim=_aim([(frame, {}) for frame in stack.frames]),
        place=_place(stack.frames),
    )


def _system_name(pid: int, native_id: int) -> str:
    """From 3.14 on the system is told a thread's name: its first 15 bytes, on Linux."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/task/{native_id}/comm").read_text(errors="replace").strip()
    return f"thread {native_id}"


def stand_from_inside(told: Mapping[str, Any]) -> ThreadStand:
    """Of a thread of which its own process tells (`cpython.probe`)."""
    calls = [(_frame(each), each) for each in told["frames"]]
    waiting = list(_waiting(calls))
    limits = [more["seconds"] for _, more in waiting if more.get("seconds") is not None]
    return ThreadStand(
        name=told["name"] or f"thread {told['native_id'] or 'made in C'}",
        is_main=told["is_main"],
        aim=_aim(calls),
        place=_place([frame for frame, _ in calls]),
        seconds=limits[-1] if limits else None,
    )


def _frame(told: Mapping[str, Any]) -> Frame:
    return Frame(file=told["file"], line=told["line"], function=told["function"])


Calls = Sequence[tuple[Frame, Mapping[str, Any]]]


def _waiting(calls: Calls) -> Iterator[tuple[Frame, Mapping[str, Any]]]:
    """The innermost calls, as far as they are those of something in which one waits."""
    for frame, more in calls:
        if not (is_library(frame.file) and os.path.basename(frame.file) in _FILES):
            return
        yield frame, more


_FILES = frozenset(file for file, _ in AIMS)


def _key(frame: Frame) -> tuple[str, str]:
    return os.path.basename(frame.file), frame.function


def _aim(calls: Calls) -> str:
    waiting = list(_waiting(calls))
    if not waiting or _key(waiting[0][0]) not in INNERMOST:
        return ""
    aims = [(AIMS[_key(frame)], more) for frame, more in waiting if _key(frame) in AIMS]
    text, more = aims[-1]
    return text.format(of=more.get("of") or "a thread")


def _place(frames: Sequence[Frame]) -> Frame | None:
    """The innermost call of the program."""
    return next((frame for frame in frames if not _is_installed(frame.file)), None)


def _is_installed(file: str) -> bool:
    """Of the library, or a package: of this Python, or of another environment of it."""
    return is_library(file) or "site-packages" in Path(file).parts
