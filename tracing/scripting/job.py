"""What a child interpreter is to run, and the folder through which parent and child know of each other.

Owns: `Job`; the reading of what the caller of `run_script` gave (a path, a program's text, a function); and
the files of the folder, but for the record itself: what each is called, what is in it.

Rule: a file of the folder has one writer. Whoever reads it may come at any time: it is whole, or it counts as
not there.

How it works: "job.json" is written before the child starts. The child keeps the record at the end of "trace"
(`Tail`) and its clock in "pulse" (`Pulse`); a process that it forks has a file of its own for each
(`WatchFile`). Where its time is up, it is asked where its threads stand (`LastPlaces`). Empty files whose
names have the numbers of the processes let a stranger find the folder (`python -m tracing dump`).
"""

from __future__ import annotations

import inspect
import json
import os
import re
import struct
import textwrap
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.util import decode_source
from io import FileIO
from math import inf
from pathlib import Path
from tempfile import gettempdir
from time import time
from typing import Any

from tracing.errors import ScriptError
from tracing.events import Site, Stand
from tracing.naming import site_of

TEXT = "<script>"  # the file of a program that is given as a text
CELL = "<ipython-input-script>"  # that of a function from a notebook: its lines are those of the cell
PREFIX = "tracing-"  # of the folder's name
FRESH = 10.0  # s: a folder whose clock has stood still for longer was left behind by a process that is gone
PROCESS = "process-"
"""How the names of the empty files begin by which the folder of a process that lives is found."""
TOLD = "told"  # the file in which a simulated program's child says what is not in the record
FORKED = "forked-"
"""How the names of the files begin in which forked processes tell of their hang: empty while they live."""
WATCHED = "watched-"  # and before that name: how those begin that say how long each of them was looked at
NOT_RUN = "not-run"  # the file by which a child says that there was nothing to run; in it: why, if it knows
FOLDER = "__main__"  # the module of a job that is a folder or an archive

_CLOCK = struct.Struct("=qq")

Program = str | os.PathLike[str] | Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A program for a child interpreter."""

    title: str
    file: str  # under which its lines are known
    text: str | None  # None: to be read from the path
    path: str = ""  # where the file really is; "" where there is none
    call: str = ""  # the function to call after its last line
    args: tuple[str, ...] = ()
    module: str = ""  # to be found and run instead of the text, as by `python -m`
    name: str = ""  # sys.argv[0]; "": the path
    imports_from: str | None = None  # sys.path[0]; None: the folder of the path
    captured: bool = True  # its standard streams are files of ours, else the caller's own
    asked_by: int = 0  # the signal that asks what the threads wait for; 0: none
    simulated: dict[str, Any] | None = None  # how to simulate it (see `simulated`); None: it is recorded

    def write(self, folder: Path) -> None:
        """For the child to read."""
        (folder / "job.json").write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Job:
        """What the parent wrote."""
        return cls(**json.loads((folder / "job.json").read_text(encoding="utf-8")))


def job_of(program: Program, args: tuple[str, ...]) -> Job:
    """What the caller means. Raises ScriptError where that is nothing to run."""
    if isinstance(program, str) and (
        "\n" in program or not re.fullmatch(r".*\.pyw?", program.strip(), re.IGNORECASE)
    ):
        text = textwrap.dedent(program).lstrip("\n")  # what follows the opening quotes is line 1
        return Job(title="The script", file=TEXT, text=text, args=args)
    if isinstance(program, str | os.PathLike):
        return _of_path(Path(program), args)
    if inspect.isfunction(program):
        return _of_function(program, args)
    raise ScriptError(
        f"run_script() cannot run {type(program).__name__} objects: give it the text of a program, "
        "the path of a .py file, or a function."
    )


def _of_path(path: Path, args: tuple[str, ...]) -> Job:
    """The program in a file."""
    try:
        text = decode_source(path.read_bytes())
    except OSError as error:
        raise ScriptError(
            f"run_script() cannot read {path}: {error.strerror or error}. Look at the path; it is taken "
            "from the current folder."
        ) from None
    except (UnicodeDecodeError, SyntaxError):
        raise ScriptError(
            f"run_script() cannot read {path}: it is not UTF-8, nor what it declares instead. "
            "Save it as UTF-8."
        ) from None
    whole = os.path.abspath(path)
    return Job(title=path.name, file=whole, path=whole, text=text, args=args)


def _of_function(function: Any, args: tuple[str, ...]) -> Job:
    """A program that defines the function, to be called; each line has the number that it has at home."""
    name, code = function.__name__, function.__code__
    if code.co_flags & (inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR):
        raise ScriptError(
            f"run_script() got {name}(), of which no line runs when it is called: that makes a generator "
            "or a coroutine. Give it a function that does the work, say by asyncio.run()."
        )
    if code.co_freevars or inspect.signature(function).parameters or name == "<lambda>":
        raise ScriptError(
            f"run_script() cannot run {name} alone: in a fresh interpreter it has no parameters and none of "
            "the variables around it. Write a function (def) without either, with its imports inside."
        )
    try:
        lines, first = inspect.getsourcelines(function)
    except (OSError, TypeError):
        raise ScriptError(
            f"run_script() cannot find the source of {name}: give it the program as a text instead."
        ) from None
    text = "\n" * (max(first, 1) - 1) + textwrap.dedent("".join(lines))
    file = CELL if site_of(code, 0).file == "cell" else code.co_filename
    return Job(title=name, file=file, text=text, args=args, call=name)


def whole_trace(path: Path) -> bytes:
    """What a forked process has written, after what its parents had written until then.

    Raises OSError or ValueError where that is not whole.
    """
    first, _, own = path.read_bytes().partition(b"\n")
    return b"".join([*((path.parent / name).read_bytes()[:size] for name, size in json.loads(first)), own])


class Pulse:
    """The child's clock in a file: when its program began, and when it was last seen alive."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "pulse"

    def beat(self, began: int, now: int) -> None:
        """By the child, ns: in one write, so that the file is whole at any time."""
        with suppress(OSError), FileIO(self._path, "r+" if self._path.exists() else "w") as file:
            file.write(_CLOCK.pack(began, now))

    def seen(self) -> int | None:
        """By the parent: how long the program was seen alive, ns; None where it has not begun."""
        try:
            began, now = _CLOCK.unpack(self._path.read_bytes())
        except (OSError, struct.error):
            return None
        return int(now - began)


class WatchFile:
    """A forked process in a file: who it is, and how long its judge has looked whether it hangs.

    That time is counted in looks, each with the pause after it, and not by a clock: on a busy machine it
    lasts longer. Who waits for that much has given the judge its chance, however slow the machine is.
    """

    DECIDED = -1  # in place of that time: it hangs, and is about to tell

    def __init__(self, forked: Path) -> None:
        self._path = forked.with_name(f"{WATCHED}{forked.name}")

    def write(self, watched: int) -> None:
        """By the process: it was watched for so many ns, or DECIDED."""
        with suppress(OSError), FileIO(self._path, "r+" if self._path.exists() else "w") as file:
            file.write(_CLOCK.pack(os.getpid(), watched))

    def age(self) -> float:
        """By the parent: s since it was last written; without end where it has not begun."""
        try:
            return time() - self._path.stat().st_mtime
        except OSError:
            return inf

    def read(self) -> tuple[int, int] | None:
        """By the parent: its number, and for how long it was watched; None where it has not begun."""
        try:
            process, watched = _CLOCK.unpack(self._path.read_bytes())
        except (OSError, struct.error):
            return None
        return process, watched


class LastPlaces:
    """Where the threads of a program stand before it is stopped, in two files: the question, the answer."""

    def __init__(self, folder: Path) -> None:
        self._asked, self._told = folder / "asked", folder / "places"

    def ask(self) -> None:
        """By the parent."""
        with suppress(OSError):
            self._asked.touch()

    def are_asked(self) -> bool:
        """By the child: whether it is to tell, and has not yet."""
        return self._asked.exists() and not self._told.exists()

    def tell(self, stands: Iterable[Stand]) -> None:
        """By the child."""
        places = [(s.thread, s.calls[0].site.file, s.calls[0].site.line) for s in stands if s.calls]
        new = self._told.with_suffix(".new")
        with suppress(OSError):
            new.write_text(json.dumps(places), encoding="utf-8")
            new.replace(self._told)

    def told(self) -> dict[int, Site] | None:
        """By the parent: by thread, the line; None where nothing is told."""
        try:
            places = json.loads(self._told.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return {thread: Site(file=file, line=line) for thread, file, line in places}


def mark_process(folder: Path) -> None:
    """Say that the record in that folder is of this process, or of one for which it waits."""
    (folder / f"{PROCESS}{os.getpid()}").touch()


def folder_of_process(pid: int) -> Path | None:
    """Where a process that lives is recorded; None where it is not."""
    for found in Path(gettempdir()).glob(f"{PREFIX}*/{PROCESS}{pid}"):
        with suppress(OSError):  # of another user; or it has ended just now
            if time() - (found.parent / "pulse").stat().st_mtime < FRESH:
                return found.parent
    return None


class Tail:
    """A file that grows at its end, and is open only while it does.

    The program may close every descriptor there is (`os.closerange`, as a daemon does) and open files of its
    own in their place: what is written here must not come into one of those. What cannot be written (no
    descriptor is left, the disk is full) waits for the next time. That of a forked process is there as a
    whole or not at all: who sees that it is no longer empty ends the process.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._is_forked = False
        self._before: list[list[Any]] = []
        self._waiting = bytearray()

    def size(self) -> int:
        """How much of it is there: while its process forks, all that this and the new one have in common."""
        try:
            return self._path.stat().st_size
        except OSError:
            return 0

    def go_on_at(self, path: Path, size: int) -> None:
        """By a forked process: write what follows into a file of its own, which begins with the names and
        sizes of those before it.

        size: of this file at the fork; since then the process that goes on in it may have written more.
        """
        if size:  # else this process was forked by one that has written nothing
            self._before = [*self._before, [self._path.name, size]]
        self._path, self._is_forked = path, True
        self._waiting = bytearray(json.dumps(self._before).encode() + b"\n")

    def take_away(self) -> None:
        """By a forked process: it has nothing to tell."""
        with suppress(OSError):
            self._path.unlink()

    def write(self, data: bytes) -> None:
        """Keep bytes for the next time that it is flushed."""
        self._waiting += data

    def flush(self) -> None:
        """Hand over to the operating system what can be."""
        if not self._is_forked:
            self._append(self._path)

    def close(self) -> None:
        """Hand over the rest."""
        if not self._is_forked:
            return self._append(self._path)
        new = self._path.with_name(f"new-{self._path.name}")
        self._append(new)
        with suppress(OSError):
            new.replace(self._path)

    def _append(self, path: Path) -> None:
        with suppress(OSError), FileIO(path, "a") as file:
            while self._waiting:
                del self._waiting[: file.write(self._waiting)]
