"""From the arguments to the exit status.

Owns: `main`; what kind of program the words name (`_job`), which status stands for which end (`_ending`),
what is written and what is to be typed next.

Rule: nothing is said while the program runs: the terminal is the program's. What is wrong with the command is
found before it runs, and said in one sentence. What there is nothing of to run (no such file, no such module,
a program that is no Python) the interpreter itself says; then nothing is written, and nothing reported.

How it works: options → job → run → status, files, report, and at last `--json`, which tells of all of them.
A signal that comes while files are written waits until they are (`scripting.foreground`).
"""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.util import decode_source
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, NamedTuple

from tracing.commanding.dump import dump
from tracing.commanding.options import PROGRAM, Options, UsageError, parse, parser
from tracing.commanding.outputs import problem, without_source, write
from tracing.commanding.report import is_at_full_speed, report
from tracing.commanding.summary import summary
from tracing.dumping import DumpError, of_record, record_in
from tracing.errors import ScriptError
from tracing.files.replacing import replacing
from tracing.scripting import FOLDER, HowEnded, Job, NotRunError, ScriptTrace, run_in_foreground

USAGE, HUNG, TIMED_OUT, INTERRUPTED = 2, 3, 124, 130  # exit statuses
SECONDS = 60.0  # of the processor, that --explore may take where there is no --timeout


def main(arguments: Sequence[str]) -> int:
    """Run the program that the arguments name, and report. Returns the exit status.

    arguments: without the name of the command.
    """
    try:
        if arguments[:1] == ["dump"]:
            return dump(arguments[1:])
        options, program = parse(arguments, Path.cwd())
        if options.version:
            print(f"tracing {_version()}")
            return 0
        return _run(options, program)
    except UsageError as error:
        _say(f"tracing: {error}\n")
        return USAGE
    except ScriptError as error:
        _say(f"{error}\n")
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # 15 ms, for this one question

    with suppress(PackageNotFoundError):
        return version("threads-course")
    return "(not installed)"


def _run(options: Options, program: list[str]) -> int:
    _check_files(options)
    source = _standard_input() if program[:1] == ["-"] else None
    job = replace(
        _job(program, source, options),
        captured=False,
        simulated=_simulated(options, program),
        asked_by=options.dump_signal,
    )
    timeout = None if options.explore else options.timeout
    flags = _flags(sys.orig_argv, len(sys.argv) - 1)
    try:
        with run_in_foreground(job, timeout=timeout, flags=flags, asked=_tell) as run:
            status = _finish(run, options, program)
    except NotRunError as error:
        return _not_run(str(error), [sys.executable, *flags, *program], source)
    if run.signal and status != INTERRUPTED:
        _end_by(run.signal)
    return status


def _finish(run: ScriptTrace, options: Options, program: list[str]) -> int:
    """Write and say what is asked for. Returns the exit status."""
    end = _ending(run)
    if not options.source:
        run.seal(without_source(run.log))
    written = _written(run, options)
    then = _next(run, options, program)
    _say(report(run, how=end.words, written=written, next_command=then, quiet=options.quiet))
    if options.json:
        told = summary(run, program=program, status=end.status, reason=end.reason, written=written)
        _write_json(options.json, told)
    return end.status


def _not_run(words: str, command: list[str], source: bytes | None) -> int:
    """Say why there was nothing to run, as the interpreter says it. Returns its exit status."""
    if words:
        _say(f"{words}\n")
        return 1
    return subprocess.run(command, input=source, check=False).returncode


def _standard_input() -> bytes:
    return b"" if sys.stdin is None else sys.stdin.buffer.read()


def _tell(folder: Path) -> None:
    """On standard error, while the program goes on: what its threads wait for."""
    try:
        _say(of_record(record_in(folder))[0] + "\n")
    except DumpError as error:
        _say(f"tracing: {error}\n")
    except Exception as error:  # a fault of ours, which must not end a program that we only watch
        _say(f"tracing: what the threads wait for cannot be told: {type(error).__name__}: {error}.\n")


# What to run


def _job(program: list[str], source: bytes | None, options: Options) -> Job:
    """What is to be run. source: what stands on standard input, where that is the program.

    Raises UsageError.
    """
    if not program:
        raise UsageError(f"there is no program to run: {parser().usage}.")
    first, rest = program[0], program[1:]
    if first[:2] in PROGRAM:
        words = [first[2:], *rest] if first[2:] else rest
        if not words:
            raise UsageError(
                f"{first} needs the {'name of a module' if first == '-m' else 'text of a program'}."
            )
        found = (_of_module if first[:2] == "-m" else _of_text)(words[0], tuple(words[1:]))
    else:
        found = _of_path(first, tuple(rest)) if source is None else _of_input(source, tuple(rest))
    return replace(found, title=options.title or found.title)


def _of_module(name: str, args: tuple[str, ...]) -> Job:
    return Job(
        title=name, file=f"<{name}>", text="", module=name, name="-m", imports_from=os.getcwd(), args=args
    )


def _of_text(text: str, args: tuple[str, ...]) -> Job:
    return Job(title="-c", file="<string>", text=text, name="-c", imports_from="", args=args)


def _of_input(source: bytes, args: tuple[str, ...]) -> Job:
    """A program on standard input. What is no text is left to the interpreter to complain of."""
    try:
        text = decode_source(source)
    except (UnicodeDecodeError, SyntaxError):
        text = source.decode("ascii", "surrogateescape")
    return Job(title="stdin", file="<stdin>", text=text, name="-", imports_from="", args=args)


def _of_path(path: str, args: tuple[str, ...]) -> Job:
    """A file, be it there or not; a folder or an archive with a `__main__.py`."""
    if os.path.isdir(path) or zipfile.is_zipfile(path):
        module, whole, folder = FOLDER, path, os.path.abspath(path)
    else:
        module, whole, folder = "", os.path.join(os.getcwd(), path), os.path.dirname(os.path.realpath(path))
    return Job(
        title=Path(path).name,
        file=os.path.abspath(path),
        path=whole,
        text=None,
        module=module,
        name=path,
        imports_from=folder,
        args=args,
    )


def _simulated(options: Options, program: list[str]) -> dict[str, Any] | None:
    """See `scripting.simulated`."""
    seed = options.seed or 0
    if options.explore:
        seconds, called = options.timeout or SECONDS, shlex.join(program)
        return {"seed": seed, "schedules": options.explore, "seconds": seconds, "called": called}
    if options.replay:
        return {"schedule": options.replay}
    return {"seed": seed} if options.simulate else None


def _flags(words: list[str], own: int) -> tuple[str, ...]:
    """The interpreter's own options, which the program's interpreter gets as well.

    words: as the interpreter was called. own: how many of these at the end are for us.
    """
    head = words[1 : len(words) - own]
    if head and re.fullmatch(r"-\w*m\w+", head[-1]):  # -mtracing
        return tuple(head[:-1])
    if len(head) > 1 and re.fullmatch(r"-\w*[cm]", head[-2]):  # -m tracing, -Im tracing, -c "main()"
        joined = head[-2][:-1]
        return (*head[:-2], *([joined] if joined != "-" else []))
    return tuple(head[:-1])  # the console script


# How it ended


class _Ending(NamedTuple):
    """How the program ended: for the shell, for `--json`, and in words."""

    status: int
    reason: str
    words: str


def _ending(run: ScriptTrace) -> _Ending:
    # A simulated program's child tells of a hang in the record, and then ends as any other.
    if run.how_ended is HowEnded.HUNG or (run.log.ending.reason == "hung" and run.exploration is None):
        return _Ending(HUNG, "hung", "the program hung and was ended:")
    if run.how_ended is HowEnded.STOPPED:
        return _Ending(TIMED_OUT, "timeout", f"the program was {run.ended}:")
    if run.signal == signal.SIGINT:
        return _Ending(INTERRUPTED, "interrupted", "the program was ended by Ctrl-C:")
    if run.how_ended is HowEnded.KILLED:
        return _Ending(128 + run.signal, "signal", f"the program was {run.ended}:")
    code = run.exit_code or 0
    if run.exploration is not None:
        from tracing.views.units import count

        tried = count(run.exploration["schedules"], "schedule")
        return _Ending(code, "explored", f"explored {tried}; the run that is shown:")
    with_code = f" with status {code}" if code else ""
    return _Ending(code, "exited", f"the program {run.ended}{with_code}:")


def _end_by(number: int) -> None:
    """End as the program has ended; returns where that does not end this process."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the program has left one, if that is wanted
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        if number != getattr(signal, "SIGKILL", 0):
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


# What is written and said


def _check_files(options: Options) -> None:
    """Before the program runs. Raises UsageError."""
    if complaint := problem(options.output, options.json, force=options.force):
        raise UsageError(complaint)


def _written(run: ScriptTrace, options: Options) -> list[str]:
    """Write the files; those that were written."""
    names = list(options.output)
    if options.open and not names:
        names = [str(Path(mkdtemp(prefix="tracing-")) / "run.png")]
    done = []
    for name in names:
        try:
            with _progress(f"writing {name}"):
                write(run, name)
            done.append(name)
        except OSError as error:
            _say(f"tracing: {name} cannot be written: {error.strerror or error}.\n")
    if options.open and done:
        import webbrowser

        webbrowser.open(Path(done[0]).resolve().as_uri())
    return done


def _write_json(name: str, told: dict[str, Any]) -> None:
    """In ASCII: arguments and paths need be no text, and standard output may have any encoding."""
    text = json.dumps(told, indent=2) + "\n"
    try:
        if name == "-":
            sys.stdout.write(text)
            sys.stdout.flush()
        else:
            with replacing(name) as file:
                file.write(text.encode())
    except OSError as error:
        _say(f"tracing: {name} cannot be written: {error.strerror or error}.\n")


@contextmanager
def _progress(doing: str) -> Iterator[None]:
    """A line on a terminal, gone when it is done; never while the program runs: the terminal is the
    program's.
    """
    seen = sys.stderr is not None and sys.stderr.isatty()
    if seen:
        _say(f"tracing: {doing} …")
    try:
        yield
    finally:
        if seen:
            _say("\r\x1b[K")


def _say(text: str) -> None:
    """On standard error, if there is one."""
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(text)
        sys.stderr.flush()


def _next(run: ScriptTrace, options: Options, program: Sequence[str]) -> str:
    """What to type next, where there is something to see by it."""
    called = shlex.join(program)
    if run.exploration is not None:
        failure = run.exploration["failure"]
        token = failure and (failure["schedule"].replace(" ", ",") or "-")
        return f"python -m tracing --replay {token} -o run.png {called}" if failure else ""
    if options.output:
        return ""
    if is_at_full_speed(run) and (not run.findings or _says_to_explore(run)):
        return f"python -m tracing --explore 1000 {called}  (does it hold in every schedule?)"
    if run.findings or run.model.waits:
        how = (
            f"--replay {options.replay} "
            if options.replay
            else f"--seed {options.seed or 0} " * options.simulate
        )
        return f"python -m tracing {how}-o run.png {called}  (the timeline as a picture)"
    return ""


def _says_to_explore(run: ScriptTrace) -> bool:
    """Whether what went wrong is told of in full by that."""
    return any("explore()" in finding.hint for finding in run.findings)
