"""Another process: its threads' stacks, read from outside; a script that it runs.

What for: `python -m tracing dump` of a process that was never started to be looked at. No public way to the
stacks: `sys.remote_exec` (from 3.14) is public and lets the process tell more, but only when its main thread
comes to its next step of Python, and in a program that hangs it does not. So its memory is read, by what
`python -m asyncio pstree` and `python -m profiling.sampling dump` use: `_remote_debugging`, from 3.14 on.
Source: CPython, Modules/_remote_debugging. What differs: in 3.14 there is a list of threads, with a line
number in each frame; from 3.15 on a list of interpreters, with their threads, and a frame has a location.
Where the module, or what we ask of it, is missing, `stacks_of` is Refused as "unable".

Both need the same version of Python here and there. What they raise has a sentence and no class of its own,
so it is told apart by its words; what is not known is "other", with those words.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeVar

T = TypeVar("T")
_remote_exec: Callable[[int, str], None] | None = getattr(sys, "remote_exec", None)

_REASONS = (  # words of what is raised; why that is
    (r"from a Python \S+ process to a Python (\d+\.\d+)", "version"),
    (r"not enabled", "disabled"),
    (r"PyRuntime", "not python"),
    (r"find the main thread", "no main thread"),
    (r"[Pp]ermission|privilege|Access is denied|task_for_pid", "permission"),
    (r"[Nn]o such process", "gone"),
)


class Refused(Exception):
    """That process cannot be looked into. why: one of the reasons above, "unable" (by this Python), "other".
    detail: its version where that is why; else the words of what was raised.
    """

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(why, detail)
        self.why, self.detail = why, detail


@dataclass(frozen=True, slots=True)
class Frame:
    """A call that is being executed: the function's qualified name, and at which line it is."""

    file: str
    line: int
    function: str


@dataclass(frozen=True, slots=True)
class Stack:
    """The calls of one thread, innermost first; which thread that is for the operating system."""

    native_id: int
    frames: tuple[Frame, ...]


def stacks_of(pid: int) -> list[Stack]:
    """Where the threads of that process stand now. It is not stopped, and does not notice. Raises Refused."""
    try:
        unwinder: Any = import_module("_remote_debugging").RemoteUnwinder
    except (ImportError, AttributeError):
        raise Refused("unable") from None
    found: list[Any] = _asked(lambda: unwinder(pid, all_threads=True).get_stack_trace())
    return [_stack(thread) for each in found for thread in getattr(each, "threads", (each,))]


def run_in(pid: int, script: str) -> None:
    """Let the main thread of that process run the script of that path when it next can. Raises Refused."""
    if _remote_exec is None:
        raise Refused("unable")
    ask = _remote_exec
    _asked(lambda: ask(pid, script))


def _stack(thread: Any) -> Stack:
    return Stack(native_id=thread.thread_id, frames=tuple(_frames(thread.frame_info)))


def _frames(found: Any) -> Iterator[Frame]:
    for each in found:
        place = getattr(each, "location", each)  # None where C stands in between
        if place is not None:
            yield Frame(file=each.filename, line=place.lineno, function=each.funcname)


def _asked(ask: Callable[[], T]) -> T:
    """What it gives; another try where the process went on while it was read. Raises Refused."""
    for _ in range(5):
        try:
            return ask()
        except Exception as error:
            refused = _why(error)
        if refused.why != "other":
            break
    raise refused


def _why(error: Exception) -> Refused:
    words = str(error)
    for pattern, why in _REASONS:
        if known := re.search(pattern, words):
            return Refused(why, known[1] if known.re.groups else words)
    return Refused("other", words)
