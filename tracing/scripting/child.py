"""The life of a program in its own interpreter: begun, recorded, and left to the interpreter's own end.

Owns: what an interpreter does for a script (its module, arguments, path, the report of what it did not
catch), done so that the record sees it.

Rule: after the program's last line nothing is done for it. The interpreter itself waits for the threads that
are not daemons, runs the atexit functions, and cuts the daemons off; the stream closes with the last atexit
function, which is the moment before they are cut off. Where nobody can go on any more, `deciding` ends it.
"""

from __future__ import annotations

import atexit
import builtins
import io
import linecache
import os
import platform
import re
import sys
import threading
import traceback
from contextlib import suppress
from pathlib import Path, PurePath
from time import perf_counter_ns
from types import ModuleType
from typing import Any

import executing  # noqa: F401 (the stream will need it: loaded before the program's time begins)

from tracing.events import Kind
from tracing.naming import is_library
from tracing.patching.interpreter import patch_interpreter
from tracing.primitives.inner import in_words
from tracing.recorder import Recorder
from tracing.running import OneRun
from tracing.runtime import Agent
from tracing.runtime.raising import allow_wake_up
from tracing.runtime.standing import at_work
from tracing.runtime.system import System
from tracing.scripting.deciding import Judge
from tracing.scripting.forking import follow_forks
from tracing.scripting.job import CELL, Job
from tracing.scripting.stream import Stream


class ScriptAgent(Agent):
    """A thread of the program. What it did not catch is reported as well as recorded."""

    def fail(self, error: BaseException, words: str) -> None:
        super().fail(error, words)
        if threading.excepthook is threading.__excepthook__ and self.log.parent:
            _say(f"Exception in thread {self.thread.name}:\n{report(error)}")


class ScriptRun(OneRun):
    """The threads of the program."""

    agent_type = ScriptAgent

    def elapsed(self) -> int:
        return perf_counter_ns() - self.recorder.began


def live(folder: Path) -> None:
    """Be the interpreter of the job in that folder; returns, or raises SystemExit, at the end of its main
    thread.
    """
    job = Job.read(folder)
    _terminal()
    recorder = Recorder(title=job.title)
    run = ScriptRun(recorder, System())
    main = run.adopt(threading.main_thread(), None)
    vars(threading.main_thread())["_tracing_agent"] = main  # who joins it, waits for a thread of the run
    stream = Stream(recorder, folder, python=platform.python_version())
    atexit.register(_finish, run, stream)  # the first to come is the last to run
    patch_interpreter(main, write=stream.flush, finish=stream.finish)
    follow_forks(run, stream)
    module = _module(job)
    is_library(job.file)  # so that it knows whose code is whose
    main.enter()  # and never left: atexit functions belong to the main thread as well
    recorder.began = perf_counter_ns()
    main.record(Kind.BEGAN)
    stream.start()
    allow_wake_up()
    Judge(run, stream).start()
    _run(job, module, main)


def _finish(run: ScriptRun, stream: Stream) -> None:
    """The last that is done before the daemons are cut off."""
    daemons = [agent for agent in run.alive() if agent.log.daemon]
    stream.finish("done", stands=at_work(daemons))


def _run(job: Job, module: ModuleType, main: Agent) -> None:
    try:
        exec(compile(job.text, job.file, "exec", dont_inherit=True), vars(module))
        if job.call:
            vars(module)[job.call]()
    except SystemExit:
        main.record(Kind.ENDED)
        raise
    except BaseException as error:
        main.fail(error, in_words(error))
        _uncaught(error)
        if isinstance(error, KeyboardInterrupt):  # the interpreter ends as after any Ctrl-C: by its signal
            sys.excepthook = lambda *_: None  # it was reported
            raise
        raise SystemExit(1) from None
    main.record(Kind.ENDED)


def _terminal() -> None:
    """Output as a terminal would have it: each line when it is complete."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace", line_buffering=True)


def _module(job: Job) -> ModuleType:
    """`__main__`, as an interpreter prepares it for a script."""
    module = ModuleType("__main__")
    vars(module).update(__builtins__=builtins, __cached__=None)
    if job.path:
        vars(module)["__file__"] = job.path
    lines = job.text.splitlines(keepends=True)
    linecache.cache[job.file] = (len(job.text), None, lines, job.file)
    sys.modules["__main__"] = module
    sys.argv = [job.path or "-c", *job.args]
    sys.path.insert(0, os.path.dirname(job.path))
    return module


def _uncaught(error: BaseException) -> None:
    if sys.excepthook is sys.__excepthook__:
        _say(report(error))
    else:
        sys.excepthook(type(error), error, error.__traceback__)


def _say(text: str) -> None:
    """As the interpreter says it: where there is no standard error, or none that works, not at all."""
    with suppress(Exception):
        sys.stderr.write(text)


def report(error: BaseException) -> str:
    """The traceback with the program's own lines alone, the same on every machine and every Python."""
    whole = traceback.TracebackException.from_exception(error)
    _reduce(whole)
    lines = "".join(whole.format()).splitlines(keepends=True)
    return "".join(line for line in lines if not re.fullmatch(r"\s*[~^]+\s*", line))


def _reduce(told: Any) -> None:
    own = [frame for frame in told.stack or () if not is_library(frame.filename)]
    for frame in own:
        frame.filename = _short(frame.filename)
    told.stack = traceback.StackSummary.from_list(own) if own else None
    if getattr(told, "filename", None):  # a SyntaxError's
        told.filename = _short(told.filename)
    for other in (told.__cause__, told.__context__, *(getattr(told, "exceptions", None) or ())):
        if other is not None:
            _reduce(other)


def _short(file: str) -> str:
    if file == CELL:
        return "cell"
    return file if file.startswith("<") else PurePath(file).name
