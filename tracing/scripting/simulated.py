"""A program in a child interpreter that is simulated: once, or under many schedules.

Owns: how a job says what is wanted, and what the parent is told besides the record.

Rule: a run of the program begins as in a new interpreter: a new `__main__`, and its own modules are imported
again. What it changes outside (files, modules of libraries) stays, as for any program that is run twice.

How it works: `Job.simulated` holds `seed`, and for one schedule `schedule`, for many `schedules` and
`seconds`. Where a schedule is to be had again the program is run once before, so that libraries are imported
by then, for that is done once in a process. The record is written when all is over; findings that need more
than the record, and what an exploration says, stand beside it in "told".
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from dataclasses import asdict, fields
from pathlib import Path
from time import perf_counter_ns
from typing import Any

from tracing.exploring import Exploration, explore, replay
from tracing.patching import PATCHES
from tracing.patching.interpreter import Faces
from tracing.runtime.schedules import Schedule
from tracing.scripting.child import end_uncaught
from tracing.scripting.job import TOLD, Job, Pulse
from tracing.scripting.program import Program
from tracing.simulating import Called
from tracing.trace import Trace


def live_simulated(job: Job, folder: Path, at_start: frozenset[str]) -> None:
    """As `child.live`, for a job that is to be simulated."""
    import numpy  # noqa: F401 (it is needed in the end: then modules of the program's may have its modules' names)

    wanted = job.simulated
    assert wanted is not None
    program = Program(job, folder, at_start)
    PATCHES.place(Faces().places())
    sys.dont_write_bytecode = True
    began = perf_counter_ns()
    Pulse(folder).beat(began, began)
    keep = _Keeping(folder)
    if "schedules" in wanted:
        _explored(program, keep, wanted)
    elif "schedule" in wanted:
        _replayed(program, keep, wanted["schedule"])
    else:
        _once(program, keep, wanted)


class _Keeping:
    """What the parent is to find."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, trace: Trace, found: Exploration | None = None) -> None:
        """Write the record and what is told besides."""
        told = {
            "findings": [asdict(each) for each in trace.findings],
            "exploration": found and _in_json(found),
        }
        (self._folder / TOLD).write_text(json.dumps(told), encoding="utf-8")
        trace.save(self._folder / "trace")


def _in_json(found: Exploration) -> dict[str, Any]:
    return {
        "text": found.text(),
        "schedules": found.schedules,
        "exhausted": found.exhausted,
        "coverage": str(found.coverage),
        "outcomes": [
            {"kind": each.kind, "text": each.text, "count": each.count, "schedule": str(each.schedule)}
            for each in found.outcomes
        ],
        "failure": found.failure
        and {
            "kind": found.failure.kind,
            "text": found.failure.text,
            "schedule": str(found.failure.schedule),
            "preemptions": found.failure.preemptions,
        },
    }


def _once(program: Program, keep: _Keeping, wanted: dict[str, Any]) -> None:
    called = Called(vars(program.module), seed=wanted["seed"], title=program.job.title)
    _shown(program, keep, called)


def _shown(program: Program, keep: _Keeping, called: Called) -> None:
    """One run, with the end of a program that was run alone."""
    run: Trace | None = None
    try:
        with called as run:
            program.run()
    except SystemExit:
        raise
    except BaseException as error:
        end_uncaught(program, error)
    finally:
        if run is not None:
            keep(run)


class Printed(str):
    """What a run printed, for a reader of the outcomes."""

    def __repr__(self) -> str:
        return f"and printed {super().__repr__()}" if self else "and printed nothing"


class _Again:
    """The program as a function that can be run many times; it gives what it printed, where that is not to be
    seen.
    """

    def __init__(self, program: Program, *, seen: bool = False) -> None:
        self.program, self.seen = program, seen
        self.error: BaseException | None = None
        self.__name__ = program.job.title

    def __call__(self) -> object:
        self.program.renew()
        self.program.forget_modules()
        if self.seen:
            self._run()
            return None
        bytes_ = io.BytesIO()
        printed = io.TextIOWrapper(bytes_, encoding="utf-8", errors="replace", write_through=True)
        with contextlib.redirect_stdout(printed):
            self._run()
        return Printed(bytes_.getvalue().decode("utf-8", "replace"))

    def _run(self) -> None:
        try:
            self.program.run()
        except SystemExit as error:
            self.error = error
            if error.code not in (None, 0):
                raise RuntimeError(f"exit status {error.code}") from None
        except Exception as error:
            self.error = error
            raise


def token_of(schedule: Schedule) -> str:
    """A schedule as one word for a shell; the default one is "-"."""
    return str(schedule).replace(" ", ",") or "-"


def schedule_of(token: str) -> Schedule:
    """What `token_of` wrote. Raises ValueError where it is none."""
    return Schedule("" if token == "-" else token.replace(",", " "))


class _OfScript(Exploration):
    """In words that are to be typed at a shell. The findings are for the parent to say, with all others."""

    called = ""

    def _findings(self) -> list[Any]:
        return []

    def _unguarded_here(self) -> list[Any]:
        return []

    def call(self, schedule: Schedule) -> str:
        return f"python -m tracing --replay {token_of(schedule)} {self.called}"


def _explored(program: Program, keep: _Keeping, wanted: dict[str, Any]) -> None:
    function = _Again(program)
    replay(function)
    found = explore(function, schedules=wanted["schedules"], seconds=wanted["seconds"], seed=wanted["seed"])
    found = _OfScript(**{each.name: getattr(found, each.name) for each in fields(found)})
    object.__setattr__(found, "called", wanted["called"])
    shown = found.failure.trace if found.failure is not None else found.passing
    assert shown is not None  # a run fails or passes
    keep(shown, found)
    raise SystemExit(1 if found.failure is not None else 0)


def _replayed(program: Program, keep: _Keeping, token: str) -> None:
    replay(_Again(program))
    function = _Again(program, seen=True)
    keep(replay(function, schedule_of(token)))
    if isinstance(function.error, SystemExit):
        raise function.error
    if function.error is not None:
        end_uncaught(program, function.error)
