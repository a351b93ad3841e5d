"""Where the threads of a run that hung stand, and how they came there.

Owns: `stands`, and `at_work` where a program ends by itself. They read the frames of the threads: the lines
of the program that are being executed, which of them nobody in the program called (a finaliser, a signal
handler, what a library calls back), and what is waited for that is in no record: another thread's import.

Rule: asked once, at the end: of a hang nothing moves any more, of daemons at work a line is where they were
just then. An observer never breaks the observed program: what cannot be
read is left out.
"""

from __future__ import annotations

import signal
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from types import FrameType

from tracing.cpython.frames import frames_now
from tracing.cpython.waiting import awaited_import
from tracing.events import Call, Kind, Stand
from tracing.naming import is_library, is_module, site_of
from tracing.naming.frames import ROOT
from tracing.naming.polling import may_go_on_for_ever, polls
from tracing.recorder import user_frame
from tracing.runtime import Agent

MOST_THREADS, MOST_CALLS = 200, 20  # that are kept


def stands(agents: Sequence[Agent]) -> tuple[Stand, ...]:
    """Where the threads of these agents stand now."""
    frames, found = frames_now(), []
    numbers = {agent.ident: agent.number for agent in agents}
    for agent in agents[:MOST_THREADS]:
        with suppress(Exception):
            found.append(_stand(agent, frames, numbers))
    return tuple(found)


def at_work(agents: Sequence[Agent]) -> tuple[Stand, ...]:
    """Where those of them stand that run or sleep now, in code of the program that comes to an end."""
    frames, found = frames_now(), []
    for agent in agents[:MOST_THREADS]:
        top = frames.get(agent.ident)
        with suppress(Exception):
            if _is_at_work(agent, top) and not any(map(may_go_on_for_ever, _of_program(top))):
                found.append(_stand(agent, frames, {}))
    return tuple(found)


def _is_at_work(agent: Agent, top: FrameType | None) -> bool:
    sleeps = agent.waiting is not None and agent.next[0] == Kind.SLEEP
    return sleeps or agent.waiting is None and top is not None and user_frame(top) is top


def _of_program(frame: FrameType | None) -> Iterator[FrameType]:
    """The program's frames, innermost first. Below a module or a cell that a library runs, they are of
    whoever let it be run: the line of the magic that stands above a cell, a runner of tests.
    """
    frame = user_frame(frame)
    while frame is not None:
        yield frame
        frame = None if _is_run(frame) else user_frame(frame.f_back)


def _is_run(frame: FrameType) -> bool:
    """Whether a library runs it as a whole, as a module or a cell; an import does not count."""
    outer = frame.f_back
    if not is_module(frame.f_code) or outer is None:
        return False
    file = outer.f_code.co_filename
    return is_library(file) and not file.startswith("<frozen importlib")


def _stand(agent: Agent, frames: Mapping[int, FrameType], numbers: Mapping[int, int]) -> Stand:
    top = frames.get(agent.ident)
    inner, awaited = user_frame(top), awaited_import(top)
    return Stand(
        thread=agent.number,
        calls=tuple(islice(_calls(inner), MOST_CALLS)),
        polls=agent.waiting is not None and agent.bounded and inner is not None and polls(inner),
        module=awaited.module if awaited else "",
        importer=numbers.get(awaited.owner, 0) if awaited else 0,
    )


def _calls(frame: FrameType | None) -> Iterator[Call]:
    """The program's lines, innermost first."""
    for each in _of_program(frame):
        yield Call(site=site_of(each.f_code, each.f_lasti), by=_caller(each))


def _caller(frame: FrameType) -> str:
    """Who called the function of that frame, where that was no line of the program."""
    code, outer = frame.f_code, frame.f_back
    if code.co_name == "__del__" or outer is not None and outer.f_code.co_filename == weakref.__file__:
        return "finaliser"
    if outer is not None and _handles_signals(frame):
        return "signal handler"
    if outer is None or user_frame(outer) is None or not is_library(outer.f_code.co_filename):
        return ""
    if _is_run(frame):
        return ""
    if outer.f_code.co_filename.startswith("<frozen importlib"):
        return "import"
    return _called_by_program(outer)


def _handles_signals(frame: FrameType) -> bool:
    handlers = map(signal.getsignal, signal.valid_signals())
    return any(getattr(handler, "__code__", None) is frame.f_code for handler in handlers)


def _called_by_program(frame: FrameType) -> str:
    """The function of a library that the program called, and that in the end called it back; what stands in
    its place while a run lasts (see `patching`) is none of them.
    """
    name, outer = "", frame
    while is_library(outer.f_code.co_filename):
        if not outer.f_code.co_filename.startswith(ROOT):
            name = outer.f_code.co_name
        if outer.f_back is None:
            break
        outer = outer.f_back
    return name
