"""The parent's side: start the interpreter, see to its end, read what it left.

Owns: `run_script`; `Child`, a process and what is read of it; `ScriptTrace`, what the caller gets.

Rule: whatever happens (the program hangs, kills itself, the caller is interrupted), the child and its folder
are gone when `run_script` returns or raises.

How it works: the parent looks every few ms: has the child ended, is its time up, has it written too much?
Then it waits for what the program has forked, as long as that may still tell of a hang of its own
(`ForkedProcess`). What the process itself could not say of its end, a signal or a time-out, is put together
from its exit code and from how the record ends (`_End`).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum, auto
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from types import MappingProxyType
from typing import Any, Self

from tracing.diagnosis import Finding, diagnose
from tracing.diagnosis.names import Names, listed
from tracing.errors import ScriptError
from tracing.events import Ending, EventLog, Kind, Site
from tracing.exploring.containers import KIND as CHANGED_MEANWHILE
from tracing.files import open_log
from tracing.forked import HUNG
from tracing.model import Fate, fold
from tracing.patching.interpreter import BECOMES
from tracing.scripting.job import (
    FORKED,
    FRESH,
    PREFIX,
    TOLD,
    LastPlaces,
    Program,
    Pulse,
    WatchFile,
    job_of,
    whole_trace,
)
from tracing.trace import Trace

POLL = 0.005  # s between looks at the child
LINGER = 5.0  # s for which a forked process that outlives the program is looked at; of silence, at most
ANSWER = 0.5  # s for the answer of a program that is to be stopped
LIMIT = 30.0  # s that an interpreter may take to begin
MOST_OUTPUT = 100_000  # characters that are kept of each stream
RUNAWAY = 64 << 20  # bytes of output after which the program is stopped
MOST_LINES = 12  # of each stream in the text form


def run_script(
    source_or_path: Program,
    *args: str,
    timeout: float = 10.0,
    interpreter: str | os.PathLike[str] | None = None,
    title: str | None = None,
) -> ScriptTrace:
    """Run a program in a fresh interpreter, recorded, and give its trace: interpreter exit included.

    The program may be unmodified (`import threading`), or use this package's names. It meets the end of the
    interpreter as CPython has it: the main thread waits for threads that are not daemons, atexit functions
    run, daemons are cut off, a Ctrl-C that it does not catch ends it by a signal. A process that ends at once
    (`os._exit`, a signal) leaves what it did up to 0.1 s before. A program in which nobody can go on is ended
    within 2 s, without another line of its own, with exit code 70: `findings` say who waits for what. Threads
    that libraries start, and locks inside them, are not recorded. `importlib.reload(threading)` puts back
    what the program has replaced.

    source_or_path: the text of a program; the path of a .py file; or a function without parameters, whose
    body, its imports included, is the program.
    args: what the program finds in sys.argv[1:].
    timeout: seconds from its first line after which a program that goes on is stopped from outside; the
    threads that live then are drawn as still running.
    interpreter: the Python to run it, 3.11 or newer; None: this one.
    title: stands above the timeline; None: the name of the file or function.

    Raises ScriptError where there is nothing to run, or the interpreter cannot run it.
    """
    if not timeout > 0:
        raise ScriptError(f"run_script() got timeout={timeout}: give it seconds, more than 0.")
    job = job_of(source_or_path, args)
    job = job if title is None else replace(job, title=title)
    with TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        job.write(folder)
        with Child(folder, os.fspath(interpreter or sys.executable), timeout=timeout) as child:
            child.wait_until_all_is_over()
        return child.trace()


class HowEnded(Enum):
    """How the process of a program came to its end."""

    EXITED = auto()  # by itself, in whatever way
    HUNG = auto()  # it was ended because nobody in it could go on
    STOPPED = auto()  # from outside: its time was up, or it wrote without end
    KILLED = auto()  # by a signal


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """How the process came to its end, and what is said of that. ended: see `ScriptTrace`."""

    how: HowEnded
    ended: str
    exit_code: int | None
    said: str = ""
    finding: str = ""
    hint: str = ""
    signal: int = 0


class ScriptTrace(Trace):
    """The trace of a program that had an interpreter of its own.

    exit_code: what the process gave to its parent; None where it was killed or stopped.
    output, errors: what it wrote to its standard streams, at most 100,000 characters each.
    how_ended: in which of the ways there are. ended: the same in words: "exited", "exited by os._exit(3)",
    "ended as hung" (with exit code 70), "killed by signal 9", "stopped after 3 s", "became another program"
    (by os.execv and its kind).
    signal: the number of the one that killed it, 0 where none did.
    exploration: of a program that was run under many schedules: what came of it, ready for JSON; else None.
    places: of one that was stopped: by a thread's number, where it stood then, if the process said so.
    """

    exploration: dict[str, Any] | None = None
    places: Mapping[int, Site] = MappingProxyType({})

    def __init__(self, log: EventLog, end: _End, output: str, errors: str) -> None:
        super().__init__(log)
        self.exit_code, self.ended, self.signal = end.exit_code, end.ended, end.signal
        self.how_ended = end.how
        self.output, self.errors = output, errors
        said = end.said or f"The program {end.ended} with code {end.exit_code}."
        self._said = [] if end.finding else [said]
        if end.finding:
            self.add_findings((_finding(self, end),))

    def add_told(self, told: dict[str, Any]) -> None:
        """What the child of a simulated program has found besides its record."""
        self.exploration = told["exploration"]
        known = {finding.sentence for finding in self.findings}
        found = [Finding(**{key: _frozen(value) for key, value in each.items()}) for each in told["findings"]]
        self.add_findings(
            tuple(each for each in found if each.sentence not in known),
            instead={
                ("uncaught exception", each.threads[0]) for each in found if each.kind == CHANGED_MEANWHILE
            },
        )

    def timeline(self, **options: Any) -> Any:
        """As for any trace; below it stands how the program ended, and the beginning of what it wrote."""
        written = [("Output", self.output), ("Errors", "" if self._explained() else self.errors)]
        notes = [*self._said, *(f"{what}: {_brief(text)}" for what, text in written if text.strip())]
        return super().timeline(**{"notes": notes, **options})

    def _explained(self) -> bool:
        """Whether a finding says what stands in `errors`."""
        return any(finding.kind in ("uncaught exception", CHANGED_MEANWHILE) for finding in self.findings)

    def text(self, *, columns: bool = False, width: int = 100) -> str:
        """The run in words, as of any trace, how the program ended, and what it wrote."""
        told = super().text(columns=columns, width=width)
        lines = [told, *self._said, *_block("Output", self.output), *_block("Errors", self.errors)]
        return "\n".join(lines)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _brief(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return " ⏎ ".join(lines[:3] if len(lines) < 4 else [*lines[:2], f"… and {len(lines) - 2} more lines"])


def _block(title: str, text: str) -> list[str]:
    lines = text.rstrip().splitlines()
    more = len(lines) - MOST_LINES
    shown = lines if more <= 1 else lines[:MOST_LINES]
    rest = [] if more <= 1 else [f"… and {more} more lines"]
    return [f"{title}:", *(f"  {line}".rstrip() for line in shown), *rest] if lines else []


def _finding(run: Trace, end: _End) -> Finding:
    alive = [
        thread.number for thread in run.model.threads if thread.fate in (Fate.STILL_RUNNING, Fate.CUT_OFF)
    ]
    keepers = tuple(number for number in alive if not run.log.thread(number).daemon)
    sentence = end.finding
    if end.how is HowEnded.STOPPED:
        sentence += f": {_keeping(run, keepers)}" if keepers else ""
    return Finding(
        kind="ending",
        severity="error",
        threads=keepers if end.how is HowEnded.STOPPED else (),
        time=run.model.duration,
        sentence=sentence + ".",
        hint=end.hint,
    )


def _keeping(run: Trace, keepers: tuple[int, ...]) -> str:
    """Who kept the interpreter from its end."""
    names = Names(run.log)
    main = [number for number in keepers if not run.log.thread(number).parent]
    if main:
        return f"{names.threads(main)} had not come to its end"
    whose = "which is no daemon" if len(keepers) == 1 else "which are no daemons"
    said = listed([names.thread(number) for number in keepers])
    return f"{said}, {whose}, kept the interpreter alive after the main thread's end"


class ForkedProcess:
    """A process that the program has forked, from the program's end on, seen from outside.

    It may yet tell that it hangs, until its own judge has looked at it for LINGER, by the judge's own count.
    One from which nothing is heard for LINGER is not followed: it runs another program now, or is stopped.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._watch_file = path, WatchFile(path)
        self._first = self._last = self._watch_file.read()
        self._heard = perf_counter()

    def may_tell(self) -> bool:
        """Whether that is still to be waited for."""
        seen, now = self._watch_file.read(), perf_counter()
        if seen != self._last:
            self._last, self._heard = seen, now
            self._first = self._first or seen
        if not self._is_there():
            return False
        is_decided = seen is not None and seen[1] == WatchFile.DECIDED
        return is_decided or (now < self._heard + LINGER and not self._was_watched())

    def stop(self) -> None:
        """End it where it lives. Not where it has not been heard of for long: its number may be another
        process's by now.
        """
        if self._last is not None and self._watch_file.age() < FRESH and self._is_there():
            with suppress(OSError):
                os.kill(self._last[0], signal.SIGKILL)

    def _is_there(self) -> bool:
        """Whether it lives, and has not told."""
        with suppress(FileNotFoundError):  # it ended well
            return self._path.stat().st_size == 0 and (self._last is None or _lives(self._last[0]))
        return False

    def _was_watched(self) -> bool:
        return bool(self._first and self._last and self._last[1] >= self._first[1] + LINGER * 1e9)


def _lives(process: int) -> bool:
    with suppress(PermissionError):  # it is another user's by now
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return False
    return True


class Child:
    """The interpreter, from its start until nothing of it is left.

    timeout: seconds from the program's first line; None: as long as it likes. flags: of the interpreter.
    """

    who = "run_script()"

    def __init__(
        self, folder: Path, interpreter: str, *, timeout: float | None, flags: tuple[str, ...] = ()
    ) -> None:
        self.folder, self.interpreter, self.timeout, self.flags = folder, interpreter, timeout, flags
        self.stopped = ""

    def __enter__(self) -> Self:
        begin = Path(__file__).resolve().with_name("__main__.py")
        try:
            self.process = self.start([self.interpreter, *self.flags, str(begin), str(self.folder)])
        except OSError as error:
            raise ScriptError(
                f"{self.who} cannot start {self.interpreter}: {error.strerror or error}. "
                "Give it the path of a Python interpreter, or none for this one."
            ) from None
        return self

    def start(self, command: list[str]) -> subprocess.Popen[bytes]:
        """In a session of its own, with its streams in files."""
        with open(self.folder / "output", "wb") as output, open(self.folder / "errors", "wb") as errors:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                start_new_session=os.name == "posix",  # Ctrl-C comes to us alone
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )

    def __exit__(self, *exc_info: object) -> None:
        self.kill()
        self.process.wait()

    def kill(self) -> None:
        """It, and what it has started."""
        if os.name == "posix":
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)  # it leads a session: its own children go as well
        else:
            self.process.kill()

    def wait_until_all_is_over(self) -> None:
        """Wait for its end, and stop it where that does not come in time; then for what it has forked."""
        began, over = self._wait_for_process(), perf_counter()
        until = max(over + LINGER, began + (self.timeout or LIMIT))
        left: dict[Path, ForkedProcess] = {}
        while not self.stopped and self._may_be_told(left) and perf_counter() < until:
            sleep(POLL)

    def _may_be_told(self, left: dict[Path, ForkedProcess]) -> bool:
        """Whether a process that the program has forked may yet tell that it hangs. left: those known."""
        for path in self.folder.glob(f"{FORKED}*"):
            left.setdefault(path, ForkedProcess(path))
        return any(process.may_tell() for process in left.values())

    def _wait_for_process(self) -> float:
        """Until it has ended, or is stopped; returns when its first line began, s."""
        born, pulse = perf_counter(), Pulse(self.folder)
        began: float | None = None
        while self.process.poll() is None:
            now = perf_counter()
            if began is None and pulse.seen() is not None:
                began = now
            if now > (born + LIMIT if began is None else began + (self.timeout or inf)):
                self.stopped = f"stopped after {self.timeout or LIMIT:g} s"
            elif self._written() > RUNAWAY:
                self.stopped = f"stopped after {RUNAWAY >> 20} MB of output"
            if self.stopped:
                self._ask_places()
                self.kill()
                self._stop_forked()
                break
            self.pause(POLL)
        return born if began is None else began

    def _ask_places(self) -> None:
        """Where its threads stand, before it is killed. One that sits in C with the GIL says nothing."""
        places, until = LastPlaces(self.folder), perf_counter() + ANSWER
        places.ask()
        while places.told() is None and self.process.poll() is None and perf_counter() < until:
            self.pause(POLL)

    def _stop_forked(self) -> None:
        """Those that hang, too, and have not been found out, or that would only go on."""
        for path in self.folder.glob(f"{FORKED}*"):
            ForkedProcess(path).stop()

    def pause(self, seconds: float) -> None:
        """Between looks."""
        sleep(seconds)

    def _written(self) -> int:
        with suppress(FileNotFoundError):  # the program has removed it: `trace` says so
            return sum((self.folder / name).stat().st_size for name in ("output", "errors"))
        return 0

    def trace(self) -> ScriptTrace:
        """What the process left."""
        seen = Pulse(self.folder).seen()
        if not self.folder.exists():
            raise ScriptError(
                f"{self.who} has lost the record: the program has removed {self.folder}, to which it was "
                "written. Let the program leave that folder alone."
            )
        if seen is None:
            raise ScriptError(self._why_not())
        log = open_log(self.folder / "trace")
        end = self._end(log)
        run = ScriptTrace(_settled(log, seen, self.stopped), end, self._text("output"), self._text("errors"))
        run.places = LastPlaces(self.folder).told() or {}
        if (self.folder / TOLD).exists():
            run.add_told(json.loads((self.folder / TOLD).read_text(encoding="utf-8")))
        for path in sorted(self.folder.glob(f"{FORKED}*")):
            with suppress(OSError, ValueError):
                run.add_findings(self._of_forked(run, whole_trace(path)))
        return run

    def _of_forked(self, run: ScriptTrace, whole: bytes) -> tuple[Finding, ...]:
        """What is found in a process that the program forked, and that hung, besides what is found in it."""
        (self.folder / "whole").write_bytes(whole)
        log = open_log(self.folder / "whole")
        known = {finding.sentence for finding in run.findings}
        where = Names(log).line(log.ending.fork) if log.ending.fork else ""
        return tuple(
            Finding(
                kind=found.kind,
                severity=found.severity,
                threads=tuple(number for number in found.threads if number <= len(run.log.threads)),
                time=min(found.time, run.model.duration),
                sentence=f"In the process forked at {where}: {found.sentence}",
                hint=found.hint,
            )
            for found in diagnose(log, fold(log))
            if found.severity == "error" and found.sentence not in known
        )

    def _why_not(self) -> str:
        """Why the program never began."""
        who = f"{self.who} cannot run {self.interpreter}"
        if self.stopped:
            return (
                f"{who}: the interpreter was not ready after {LIMIT:g} s. Try again when the machine is idle."
            )
        last = (self._text("errors").strip().splitlines() or [f"it ended with {self.process.returncode}"])[-1]
        return (
            f"{who}: it cannot import this package ({last}). Give it Python 3.11 or newer, with the packages "
            "that this one has."
        )

    def _end(self, log: EventLog) -> _End:
        code, ending = self.process.returncode, log.ending
        if self.stopped:
            return _End(
                how=HowEnded.STOPPED,
                ended=self.stopped,
                exit_code=None,
                finding=f"The program had not ended and was {self.stopped}",
                hint="Let each thread come to its end: tell it with an Event, then join it.",
            )
        if code < 0:
            return _by_signal(-code, log)
        if code == HUNG and "hung" in (ending.reason, ending.detail):
            return _End(
                how=HowEnded.HUNG,
                ended="ended as hung",
                exit_code=code,
                said=f"No thread could go on: the program was ended, with code {code}.",
            )
        if ending.reason == "killed":
            return _End(
                how=HowEnded.EXITED,
                ended=f"exited by {ending.detail}",
                exit_code=code,
                finding=f"{ending.detail} ended the process at once: its threads were cut off, "
                "and nothing was tidied up",
                hint="Use sys.exit(), in the main thread.",
            )
        if other := _became(log):
            return _End(
                how=HowEnded.EXITED,
                ended="became another program",
                exit_code=code,
                said=f"The process became another program, {other}, which ended with code {code}.",
            )
        return _End(how=HowEnded.EXITED, ended="exited", exit_code=code)

    def _text(self, name: str) -> str:
        if not (self.folder / name).exists():  # it has gone where the caller's own goes
            return ""
        with open(self.folder / name, encoding="utf-8", errors="replace") as file:
            text = file.read(MOST_OUTPUT + 1)
        return text if len(text) <= MOST_OUTPUT else text[:MOST_OUTPUT] + "…\n"


def _by_signal(number: int, log: EventLog) -> _End:
    end = _End(how=HowEnded.KILLED, ended=f"killed by signal {number}", signal=number, exit_code=None)
    if number == signal.SIGINT and log.ending.reason == "done":  # a Ctrl-C that the program did not catch
        return replace(end, said=f"The program ended as a Ctrl-C ends it, by signal {number}.")
    return replace(end, finding=f"The program was killed by signal {number}: its threads were cut off")


def _became(log: EventLog) -> str:
    """The program that took this one's place (`os.execv`), where its record breaks off for that; else ""."""
    if log.ending.reason != "truncated":
        return ""
    last = {event.thread: event for event in log}
    notes = (log.text(event.arg) for event in last.values() if event.kind is Kind.NOTE)
    return next((note.removeprefix(BECOMES) for note in notes if note.startswith(BECOMES)), "")


def _settled(log: EventLog, seen: int, stopped: str) -> EventLog:
    """The log of a process that could not say itself how it ended.

    One that was stopped is "running": its threads went on when the record broke off.
    """
    if log.ending.reason != "truncated":
        return log
    last = max(seen, log.times[-1] if len(log) else 0)
    ending = Ending(reason="running" if stopped else "killed", time=last)
    damage = tuple(note for note in log.notes if " is cut off after line " not in note)
    return replace(log, ending=ending, notes=damage)
