"""`python -m tracing`: a program that was never written for this package, run from a shell.

Owns: the options, the report on standard error, the files that are asked for, the exit status.

Rule: the program is run as if we were not there (`scripting.foreground`): its arguments, streams, exit and
signals are its own. What we say goes to standard error, after its end.

    options.py    what is asked for: the command line, and `[tool.threads-course]` in pyproject.toml
    command.py    main(): from the arguments to the exit status
    report.py     what is said on standard error
    dump.py       `python -m tracing dump PID`
    summary.py    the same as one object for `--json`
    outputs.py    the files of `-o`, by their suffixes
"""

from __future__ import annotations

import sys

from tracing.commanding.command import main

__all__ = ["main", "run"]


def run() -> int:
    """The console script."""
    return main(sys.argv[1:])
