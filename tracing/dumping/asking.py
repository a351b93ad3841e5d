"""The ways to ask a process, and why there is none.

Owns: which way is taken, and a sentence for each reason why a process cannot be asked, or not all is known.

Rule: whoever asks gets an Answer or one DumpError with what to do next, whatever becomes of the process
meanwhile. Files of the question are this process's own, in a folder that goes with it.

How it works: where a program under `python -m tracing` keeps a record in a folder, that is the answer
(`record_in`). Else the threads' stacks are read from its memory (`_stacks`), which also tell whether a
`record()` lasts there; then the process is given a script that writes the answer (`_asked`). Where that does
not come in time, the script is withdrawn, and the stacks are the answer.
"""

from __future__ import annotations

import inspect
import json
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any

from tracing.cpython import probe, versions
from tracing.cpython.remote import Refused, Stack, run_in, stacks_of
from tracing.dumping import records, withdrawn
from tracing.dumping.stands import ThreadStand, stand_from_inside, stand_from_outside
from tracing.errors import TraceFileError, TracingError
from tracing.events import Ending, EventLog
from tracing.files import open_log
from tracing.scripting.job import Job, Pulse, folder_of_process

POLL = 0.005  # s between looks for an answer
FULL = "the record was full"  # how a note begins of a record that its program has outlived
KEEPER = os.path.join("tracing", "keeping.py")  # in whose frames a thread beside a `record()` stands
BY_SIGNAL = (
    "start the program by python -m tracing --dump-signal USR1 program.py, and kill -USR1 PID lets it say "
    "what its threads wait for"
)


class DumpError(TracingError, RuntimeError):
    """A process cannot be asked: who, why, and what to do."""


class FullRecord(DumpError):
    """A record ended before its program: it does not say what is so now."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is known of a process: records of its runs, and else where its threads stand.

    note: why not more is known, in a sentence; "" where all is.
    """

    pid: int
    logs: tuple[EventLog, ...] = ()
    stands: tuple[ThreadStand, ...] = ()
    note: str = ""


def ask(pid: int, seconds: float = 2.0) -> Answer:
    """What the threads of that process wait for.

    seconds: that it has to answer, where it is asked. Raises DumpError.
    """
    _check_alive(pid)
    folder, full = folder_of_process(pid), ""
    if folder is not None:
        try:
            return Answer(pid=pid, logs=(record_in(folder),))
        except FullRecord as error:
            full = f"{error} "
    try:
        answer = _ask_process(pid, seconds)
    except DumpError as error:
        raise DumpError(f"{full}{error}") from None
    except OSError as error:  # the question and the answer are files
        raise DumpError(f"{full}process {pid} cannot be asked: {error}.") from None
    return replace(answer, note=f"{full}{answer.note}".strip())


def _ask_process(pid: int, seconds: float) -> Answer:
    stacks = _stacks(pid)
    refused: Refused | None = None
    with TemporaryDirectory(prefix="tracing-dump-", ignore_cleanup_errors=True) as name:
        try:
            told = _asked(pid, Path(name), seconds, wake=_is_recorded(stacks))
        except Refused as error:
            refused, told = error, None
        if told is not None and "error" not in told:
            return _from_inside(pid, told, Path(name))
    if not stacks:
        raise DumpError(_sentence(pid, refused) if refused else _no_answer(pid, seconds))
    stands = tuple(stand_from_outside(pid, stack) for stack in stacks)
    return Answer(pid=pid, stands=stands, note=_why_less(seconds, refused, told))


def record_in(folder: Path) -> EventLog:
    """What a program under `python -m tracing` has recorded so far. Raises DumpError: FullRecord where it has
    gone on since.
    """
    seen = Pulse(folder).seen()
    with _readable(folder):
        if seen is None or not (folder / "trace").exists():
            simulated = Job.read(folder).simulated is not None
            why = "is simulated, and has a record only at its end" if simulated else "has not begun yet"
            raise DumpError(f"the program {why}: ask again later.")
        log = open_log(folder / "trace")
    if any(note.startswith(FULL) for note in log.notes):
        raise FullRecord(f"Its record was full after {len(log):,} events: what waits now is not in it.")
    if log.ending.reason != "truncated":
        return log
    last = max(seen, log.times[-1] if len(log) else 0)
    notes = tuple(note for note in log.notes if " is cut off after line " not in note)
    return replace(log, ending=Ending(reason="running", time=last), notes=notes)


@contextmanager
def _readable(folder: Path) -> Iterator[None]:
    """Raises DumpError where a record in that folder cannot be read: it was emptied, or the folder has just
    gone with its program.
    """
    try:
        yield
    except (TraceFileError, OSError) as error:
        no_trace = "it holds no trace; was it emptied, or is its disk full?"
        why = no_trace if isinstance(error, TraceFileError) else f"{error.strerror or error}."
        raise DumpError(f"the record in {folder} cannot be read: {why}") from None


def _check_alive(pid: int) -> None:
    """Raises DumpError where there is no such process, or it is not ours."""
    if os.name != "posix":
        return  # there it would be ended
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        raise DumpError(_sentence(pid, Refused("gone"))) from None
    except PermissionError:
        raise DumpError(_sentence(pid, Refused("permission"))) from None


# From outside


def _stacks(pid: int) -> list[Stack]:
    """Empty where they cannot be read, but the process may still answer. Raises DumpError."""
    try:
        return stacks_of(pid)
    except Refused as refused:
        if refused.why not in ("unable", "other"):
            raise DumpError(_sentence(pid, refused)) from None
        return []


def _is_recorded(stacks: Sequence[Stack]) -> bool:
    """Whether a `record()` lasts there."""
    return any(frame.file.endswith(KEEPER) for stack in stacks for frame in stack.frames)


# From inside


def _asked(pid: int, folder: Path, seconds: float, *, wake: bool) -> dict[str, Any] | None:
    """What the process says; None where it does not in time. Raises Refused."""
    _let_write(pid, folder)
    script = folder / "script.py"
    parts = (inspect.getsource(probe), inspect.getsource(records), f"begin({str(folder)!r}, records)\n")
    script.write_text("\n".join(parts), encoding="utf-8")
    run_in(pid, str(script))
    if wake and hasattr(signal, "SIGURG"):  # see runtime.raising; where nobody takes it, it is ignored
        with suppress(OSError):
            os.kill(pid, signal.SIGURG)
    until = monotonic() + seconds
    while monotonic() < until:
        if (folder / "answer").exists():
            told: dict[str, Any] = json.loads((folder / "answer").read_text(encoding="utf-8"))
            return told
        sleep(POLL)
    with suppress(Refused):
        run_in(pid, str(withdrawn.__file__))
    return None


def _let_write(pid: int, folder: Path) -> None:
    """Where root asks another user's process, that user is to write the answer."""
    with suppress(OSError, AttributeError):
        owner = os.stat(f"/proc/{pid}")
        if owner.st_uid != os.getuid():
            os.chown(folder, owner.st_uid, owner.st_gid)


def _from_inside(pid: int, told: dict[str, Any], folder: Path) -> Answer:
    with _readable(folder):
        logs = [open_log(folder / name) for name in told["records"]]
    now = tuple(log for log in logs if log.ending.reason != "full")
    note = "Its record was full: what waits now is not in it." if len(now) < len(logs) else ""
    return Answer(pid=pid, logs=now, stands=tuple(map(stand_from_inside, told["threads"])), note=note)


# Why not, or not more


def _sentence(pid: int, refused: Refused) -> str:
    """Why that process cannot be asked, and what to do."""
    who, detail = f"process {pid}", refused.detail
    return {
        "gone": f"there is no process {pid}: look at the number (ps).",
        "permission": f"this user may not look into {who}: become its owner, or root (sudo). Where Linux "
        "forbids it to its owner, kernel.yama.ptrace_scope is above 0.",
        "version": f"{who} is Python {detail}, and this is {versions.THIS}: "
        f"python{detail} -m tracing dump {pid} can ask it.",
        "not python": f"{who} is no Python, or one older than 3.13 into which nobody can look: {BY_SIGNAL}.",
        "no main thread": f"{who} is just starting, or at its exit: ask again.",
        "disabled": f"{who} was started with remote debugging disabled (-X disable-remote-debug, or "
        f"PYTHON_DISABLE_REMOTE_DEBUG): start it without; or {BY_SIGNAL}.",
        "unable": f"Python {versions.THIS} cannot look into another process, Python 3.14 is the first: "
        f"{BY_SIGNAL}.",
    }.get(refused.why, f"{who} cannot be looked into: {detail}.")


def _no_answer(pid: int, seconds: float) -> str:
    return (
        f"process {pid} did not answer within {seconds:g} s: its main thread waits where it comes to no "
        f"step of Python. Give it longer (--timeout S); or {BY_SIGNAL}."
    )


def _why_less(seconds: float, refused: Refused | None, told: dict[str, Any] | None) -> str:
    if refused is None:
        answer = f"answered {told['error']}" if told else f"did not answer within {seconds:g} s"
        why = f"it {answer}"
    else:
        known = {"disabled": "remote debugging is disabled there", "no main thread": "it is at its exit"}
        why = known.get(refused.why, refused.detail)
    return f"Read from outside, for {why}: threads have the names that the system knows."
