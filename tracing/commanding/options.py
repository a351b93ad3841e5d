"""What is asked for: the command line, and defaults from `[tool.threads-course]` in pyproject.toml.

Rule: options stand before the program; whatever stands after it is the program's, be it spelled like an
option of ours.
"""

from __future__ import annotations

import argparse
import signal
import tomllib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from tracing.commanding.outputs import SUFFIXES
from tracing.scripting.simulated import schedule_of

TABLE = "threads-course"
WITH_VALUE = {
    "--seed",
    "--timeout",
    "--explore",
    "--replay",
    "-o",
    "--output",
    "--json",
    "--dump-signal",
    "--title",
}

ASKING = ("SIGUSR1", "SIGUSR2")  # what systems have for the use of programs

EPILOG = """\
python -m tracing dump PID says what the threads of a living process wait for.
The exit status is the program's own, but: 3 where it hung and was ended, 124 where --timeout ended it, 2 for
wrong usage, 130 after Ctrl-C; under --explore 1 where a schedule fails, else 0.
Defaults stand in pyproject.toml of the current folder, under [tool.threads-course]: timeout = 30."""


class UsageError(Exception):
    """The command line, or pyproject.toml, asks for what there is not: a sentence."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see {self.prog} --help.")


def parser() -> argparse.ArgumentParser:
    """The options that stand before the program."""
    found = Parser(
        prog="python -m tracing",
        usage="python -m tracing [options] (script.py | -m module | -c code) [args...]",
        description="Run a program and say what its threads did: who waited, for whom, and what went wrong.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    # A call for each option, in the order of --help: in parts, one would have to look for an option.
    add, flag = found.add_argument, argparse.BooleanOptionalAction
    add("--simulate", action=flag, default=False, help="one thread at a time, on a virtual clock")
    add("--seed", type=int, metavar="N", help="of the simulated schedule (implies --simulate)")
    add("--title", metavar="T", help="stands above the timeline, in place of the program's name")
    add("--timeout", type=seconds, metavar="S", help="end the program after so many seconds")
    add(
        "--explore",
        type=_number,
        metavar="N",
        help="simulate it under up to N schedules; the first that fails",
    )
    add(
        "--replay", metavar="TOKEN", type=_token, help="simulate it under the schedule that --explore printed"
    )
    add(
        "-o",
        "--output",
        metavar="FILE",
        action="append",
        help=f"write it: {', '.join(SUFFIXES)}; may be repeated",
    )
    add("-f", "--force", action="store_true", help="let -o and --json replace a file")
    add("--json", metavar="FILE", help="findings and summary as one JSON object; - is standard output")
    add("--source", action=flag, default=True, help="the program's lines in files (--no-source: not)")
    add("-q", "--quiet", action=flag, default=False, help="say nothing of a run in which nothing went wrong")
    add("--open", action=flag, default=False, help="open the first file of -o, or else a picture")
    add(
        "--dump-signal",
        metavar="NAME",
        type=_signal,
        default=0,
        help="a signal (USR1) at which it is said what the threads wait for, while the program goes on",
    )
    add("--version", action="store_true", help="say which version this is")
    return found


def seconds(text: str) -> float:
    """Of an option: more than 0."""
    with suppress(ValueError):
        number = float(text)
        if number > 0:
            return number
    raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")


def _number(text: str) -> int:
    with suppress(ValueError):
        number = int(text)
        if number >= 1:
            return number
    raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")


def _signal(text: str) -> int:
    name = f"SIG{text.upper().removeprefix('SIG')}"
    if name not in ASKING or not hasattr(signal, name):
        raise argparse.ArgumentTypeError(f"{text!r} is none of USR1 and USR2, which POSIX systems have")
    return int(getattr(signal, name))


def _token(text: str) -> str:
    try:
        schedule_of(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no token that --explore prints, like 0:2,3:1"
        ) from None
    return text


def split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Our options, and the program with its own arguments."""
    index = 0
    while index < len(arguments):
        word = arguments[index]
        if word == "--":
            return list(arguments[:index]), list(arguments[index + 1 :])
        if word == "-" or not word.startswith("-") or word[:2] in ("-m", "-c"):
            break
        index += 2 if word in WITH_VALUE else 1
    return list(arguments[:index]), list(arguments[index:])


def parse(arguments: Sequence[str], folder: Path) -> tuple[argparse.Namespace, list[str]]:
    """The options, and the program with its arguments. folder: where pyproject.toml may be.

    Raises UsageError; SystemExit for --help.
    """
    own, program = split(arguments)
    reading = parser()
    reading.set_defaults(**_checked(reading, defaults(folder)))
    options = reading.parse_args(own)
    options.output = options.output or []
    options.simulate = options.simulate or options.seed is not None
    if options.explore and options.replay:
        raise UsageError("--explore looks for a schedule and --replay has one: give one of the two.")
    return options, program


def defaults(folder: Path) -> dict[str, Any]:
    """`[tool.threads-course]` of the pyproject.toml in that folder."""
    try:
        read = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(f"pyproject.toml cannot be read: {error}.") from None
    tools = read.get("tool", {})
    table = tools.get(TABLE, {}) if isinstance(tools, dict) else {}
    if not isinstance(table, dict):
        raise UsageError(f"[tool.{TABLE}] in pyproject.toml is no table: write `timeout = 30` under it.")
    return {name.replace("-", "_"): value for name, value in table.items()}


def _checked(reading: argparse.ArgumentParser, table: dict[str, Any]) -> dict[str, Any]:
    """Raises UsageError for what no option is called, and for values of the wrong kind."""
    known = vars(reading.parse_args([]))
    for name, value in table.items():
        if name not in known or name == "version":
            raise UsageError(
                f"[tool.{TABLE}] in pyproject.toml has {name!r}, which is no option: it is one of "
                f"{', '.join(sorted(known.keys() - {'version'}))}."
            )
        table[name] = _value(reading, name, value, isinstance(known[name], bool))
    return table


def _value(reading: argparse.ArgumentParser, name: str, value: Any, is_flag: bool) -> Any:
    if is_flag != isinstance(value, bool):
        raise UsageError(f"[tool.{TABLE}] in pyproject.toml: {name} = {value!r} is of the wrong kind.")
    if is_flag:
        return value
    values = value if name == "output" and isinstance(value, list) else [value]
    words = [word for each in values for word in (f"--{name.replace('_', '-')}", str(each))]
    try:
        return getattr(reading.parse_args(words), name)
    except UsageError as error:
        raise UsageError(f"[tool.{TABLE}] in pyproject.toml: {error}") from None
