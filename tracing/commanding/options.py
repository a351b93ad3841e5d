"""What is asked for: the command line, and defaults from `[tool.threads-course]` in pyproject.toml.

Owns: the options, where they end and the program begins, and what counts where two of them contradict.

Rule: options stand before the program; whatever stands after it is the program's, be it spelled like an
option of ours. What is typed goes before a default, also where it only contradicts it; what is typed twice,
in two ways, is refused.

How it works: `split` walks over the words up to the program, and asks the parser which options take a value.
The parser reads its words without any default, so that what is typed can be told from what is not; then the
defaults of pyproject.toml are laid below it, and below these the options' own.
"""

from __future__ import annotations

import argparse
import signal
import tomllib
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, NoReturn

from tracing.commanding.outputs import SUFFIXES
from tracing.scripting.simulated import schedule_of

TABLE = "threads-course"
IN_TABLE = f"[tool.{TABLE}] in pyproject.toml"
PROGRAM = ("-m", "-c")  # what a program may begin with, besides its name
SIMULATING = ("seed", "explore", "replay")  # options that mean a simulated run
ASKING = ("SIGUSR1", "SIGUSR2")  # what systems have for the use of programs

EPILOG = """\
python -m tracing dump PID says what the threads of a living process wait for.
The exit status is the program's own, but: 3 where it hung and was ended, 124 where --timeout ended it, 2 for
wrong usage, 130 after Ctrl-C; under --explore 1 where a schedule fails, else 0.
Defaults stand in pyproject.toml of the current folder, under [tool.threads-course]: timeout = 30.
What is typed goes before them; --no-NAME undoes one: --no-timeout."""


class UsageError(Exception):
    """The command line, or pyproject.toml, asks for what there is not: a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What is asked for; each as it is where nothing is said."""

    simulate: bool = False
    seed: int | None = None
    title: str | None = None
    timeout: float | None = None
    explore: int | None = None
    replay: str | None = None
    output: Sequence[str] = ()
    force: bool = False
    json: str | None = None
    source: bool = True
    quiet: bool = False
    open: bool = False
    dump_signal: int = 0
    version: bool = False


UNSET = Options()


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, and knows its options."""

    def __init__(self, **settings: Any) -> None:
        self.options: list[argparse.Action] = []
        super().__init__(**settings)

    def add_argument(self, *names: Any, **settings: Any) -> argparse.Action:
        """As of any parser."""
        self.options.append(super().add_argument(*names, **settings))
        return self.options[-1]

    def takes_value(self, name: str) -> bool | None:
        """Whether the option of that name is followed by a value; None where there is no such option."""
        return next((each.nargs != 0 for each in self.options if name in each.option_strings), None)

    def add_undoing(self) -> None:
        """Also `--no-NAME` for each option that has a value: as if neither typed nor a default."""
        for each in [each for each in self.options if each.nargs != 0]:
            self.add_argument(
                f"--no-{each.dest.replace('_', '-')}",
                dest=each.dest,
                action="store_const",
                const=getattr(UNSET, each.dest),
                help=argparse.SUPPRESS,
            )

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see {self.prog} --help.")


def parser() -> Parser:
    """The options that stand before the program."""
    found = Parser(
        prog="python -m tracing",
        usage="python -m tracing [options] (script.py | -m module | -c code | -) [args...]",
        description="Run a program and say what its threads did: who waited, for whom, and what went wrong.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,  # what is not typed is not there: see `parse`
    )
    # A call for each option, in the order of --help: in parts, one would have to look for an option.
    add, flag = found.add_argument, argparse.BooleanOptionalAction
    add("--simulate", action=flag, help="one thread at a time, on a virtual clock")
    add("--seed", type=_whole, metavar="N", help="of the simulated schedule (implies --simulate)")
    add("--title", metavar="T", help="stands above the timeline, in place of the program's name")
    add(
        "--timeout",
        type=seconds,
        metavar="S",
        help="end the program S seconds after its first line; the start of its interpreter does not count",
    )
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
    add("-f", "--force", action=flag, help="let -o and --json replace a file")
    add("--json", metavar="FILE", help="findings and summary as one JSON object; - is standard output")
    add("--source", action=flag, help="the program's lines in files (--no-source: not)")
    add("-q", "--quiet", action=flag, help="say nothing of a run in which nothing went wrong")
    add("--open", action=flag, help="open the first file of -o, or else a picture")
    add(
        "--dump-signal",
        metavar="NAME",
        type=_signal,
        help="a signal (USR1) at which it is said what the threads wait for, while the program goes on",
    )
    add("--version", action="store_true", help="say which version this is")
    found.add_undoing()
    return found


def seconds(text: str) -> float:
    """Of an option: more than 0."""
    with suppress(ValueError):
        number = float(text)
        if number > 0:
            return number
    raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")


def _whole(text: str) -> int:
    with suppress(ValueError):
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no whole number")


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
    """Our options, each by itself (`-qoFILE` is `-q` and `-o=FILE`), and the program with its arguments."""
    reading, own, left = parser(), list[str](), deque(arguments)
    while left and left[0] != "-" and left[0].startswith("-") and not left[0].startswith(PROGRAM):
        word = left.popleft()
        if word == "--":
            break
        name, rest = (word, "") if word.startswith("--") else (word[:2], word[2:])
        takes_value = reading.takes_value(name)
        if rest and not takes_value:  # more options of one letter
            left.appendleft(f"-{rest}")
        own.append(f"{name}={rest.removeprefix('=')}" if rest and takes_value else name)
        if takes_value and not rest and left:
            own.append(left.popleft())
    return own, list(left)


def parse(arguments: Sequence[str], folder: Path) -> tuple[Options, list[str]]:
    """The options, and the program with its arguments. folder: where pyproject.toml may be.

    Raises UsageError; SystemExit for --help.
    """
    own, program = split(arguments)
    typed = vars(parser().parse_args(own))
    _refuse_contradictions(typed, "")
    table = {} if "version" in typed else _checked(defaults(folder))
    _refuse_contradictions(table, f"{IN_TABLE}: ")
    options = Options(**{**_in_force(table, typed), **typed})
    return replace(options, simulate=options.simulate or options.seed is not None), program


def _refuse_contradictions(chosen: dict[str, Any], where: str) -> None:
    """Among what is chosen in one place. Raises UsageError."""
    if chosen.get("explore") and chosen.get("replay"):
        raise UsageError(f"{where}--explore looks for a schedule and --replay has one: give one of the two.")
    for name in SIMULATING:
        if chosen.get("simulate") is False and chosen.get(name) is not None:
            raise UsageError(
                f"{where}--{name} simulates the program and --no-simulate does not: leave one out."
            )


def _in_force(table: dict[str, Any], typed: dict[str, Any]) -> dict[str, Any]:
    """The defaults that do not contradict what is typed."""
    gone: set[str] = set()
    if typed.get("simulate") is False:
        gone |= {*SIMULATING}
    if typed.get("explore"):
        gone |= {"replay"}
    if typed.get("replay"):
        gone |= {"explore", "seed"}
    if any(typed.get(name) is not None for name in SIMULATING):
        gone |= {"simulate"}
    return {name: value for name, value in table.items() if name not in gone}


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
        raise UsageError(f"{IN_TABLE} is no table: write `timeout = 30` under it.")
    return {name.replace("-", "_"): value for name, value in table.items()}


def _checked(table: dict[str, Any]) -> dict[str, Any]:
    """As the options would have it that are called so.

    Raises UsageError for what no option is called, and for values of the wrong kind.
    """
    known = {each.name: each.default for each in fields(Options) if each.name != "version"}
    for name in table:
        if name not in known:
            raise UsageError(
                f"{IN_TABLE} has {name!r}, which is no option: it is one of {', '.join(sorted(known))}."
            )
    return {name: _value(name, value, isinstance(known[name], bool)) for name, value in table.items()}


def _value(name: str, value: Any, is_flag: bool) -> Any:
    if is_flag != isinstance(value, bool):
        raise UsageError(f"{IN_TABLE}: {name} = {value!r} is of the wrong kind.")
    if is_flag:
        return value
    values = value if name == "output" and isinstance(value, list) else [value]
    words = [f"--{name.replace('_', '-')}={each}" for each in values]
    try:
        return getattr(parser().parse_args(words), name, ())
    except UsageError as error:
        raise UsageError(f"{IN_TABLE}: {error}") from None
