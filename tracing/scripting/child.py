"""The life of a program in its own interpreter: begun, recorded, and left to the interpreter's own end.

Owns: what an interpreter does for a script (its module, arguments, path, the report of what it did not
catch), done so that the record sees it.

Rule: after the program's last line nothing is done for it. The interpreter itself waits for the threads that
are not daemons, runs the atexit functions, and cuts the daemons off; the stream closes with the last atexit
function, which is the moment before they are cut off. Where nobody can go on any more, `deciding` ends it.
"""

from __future__ import annotations

import atexit
import io
import platform
import sys
import threading
from pathlib import Path
from time import perf_counter_ns
from typing import NoReturn

import executing  # noqa: F401 (the stream will need it: loaded before the program's time begins)

from tracing.events import Kind
from tracing.patching.interpreter import patch_interpreter
from tracing.primitives.inner import in_words
from tracing.recorder import Recorder
from tracing.running import OneRun
from tracing.runtime import Agent
from tracing.runtime.raising import allow_wake_up
from tracing.runtime.standing import at_work
from tracing.runtime.system import System
from tracing.scripting.asked import pass_on_to_parent
from tracing.scripting.deciding import Judge
from tracing.scripting.forking import follow_forks
from tracing.scripting.job import Job, mark_process
from tracing.scripting.program import Program
from tracing.scripting.stream import Stream
from tracing.scripting.uncaught import say_failed, say_uncaught


class ScriptAgent(Agent):
    """A thread of the program. What it did not catch is reported as well as recorded."""

    any_hook = True  # in an interpreter of its own, what a library has set it has set for the program

    def fail(self, error: BaseException, words: str) -> None:
        super().fail(error, words)
        if threading.excepthook is threading.__excepthook__ and self.log.parent:
            assert isinstance(self.run, ScriptRun)
            say_failed(self.thread.name, error, short=self.run.captured)


class ScriptRun(OneRun):
    """The threads of the program."""

    agent_type = ScriptAgent
    captured = True  # its standard streams are ours

    def elapsed(self) -> int:
        return perf_counter_ns() - self.recorder.began


def live(folder: Path, at_start: frozenset[str]) -> None:
    """Be the interpreter of the job in that folder; returns, or raises SystemExit, at the end of its main
    thread. at_start: the modules that this interpreter began with.
    """
    job = Job.read(folder)
    mark_process(folder)
    pass_on_to_parent(job.asked_by)
    if job.captured:
        _terminal()
    if job.simulated is not None:
        from tracing.scripting.simulated import live_simulated

        return live_simulated(job, folder, at_start)
    recorder = Recorder(title=job.title)
    run = ScriptRun(recorder, System())
    run.captured = job.captured
    main = run.adopt(threading.main_thread(), None)
    vars(threading.main_thread())["_tracing_agent"] = main  # who joins it, waits for a thread of the run
    stream = Stream(recorder, folder, python=platform.python_version())
    atexit.register(_finish, run, stream)  # the first to come is the last to run
    patch_interpreter(main, write=stream.flush, finish=stream.finish)
    follow_forks(run, stream)
    program = Program(job, folder, at_start)
    main.enter()  # and never left: atexit functions belong to the main thread as well
    recorder.began = perf_counter_ns()
    main.record(Kind.BEGAN)
    stream.start()
    allow_wake_up()
    Judge(run, stream).start()
    _run(program, main)


def _finish(run: ScriptRun, stream: Stream) -> None:
    """The last that is done before the daemons are cut off."""
    daemons = [agent for agent in run.alive() if agent.log.daemon]
    stream.finish("done", stands=at_work(daemons))


def _run(program: Program, main: Agent) -> None:
    try:
        program.run()
    except SystemExit:
        main.record(Kind.ENDED)
        raise
    except BaseException as error:
        main.fail(error, in_words(error))
        end_uncaught(program, error)
    main.record(Kind.ENDED)


def end_uncaught(program: Program, error: BaseException) -> NoReturn:
    """As an interpreter ends by what its main thread did not catch."""
    say_uncaught(error, short=program.job.captured)
    if isinstance(error, KeyboardInterrupt):  # the interpreter ends as after any Ctrl-C: by its signal
        sys.excepthook = lambda *_: None  # it was reported
        raise error
    raise SystemExit(1) from None


def _terminal() -> None:
    """Output as a terminal would have it: each line when it is complete."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace", line_buffering=True)
