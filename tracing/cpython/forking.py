"""The warning of `os.fork` where a process has several threads.

What for: from 3.12 on the interpreter warns of a fork in a process with several threads, those that stand
beside a run included. The program is not to be warned of these. No public way to say which threads count;
and what stood in place of `os.fork` would be the line that is warned of, so it is done by a filter, which
goes by the words. Source: Modules/posixmodule.c, `warn_about_fork_with_threads`. Where the words are others,
the program is warned.
"""

from __future__ import annotations

import threading
import warnings
from typing import Any

_WARNING = r"This process \(pid=\d+\) is multi-threaded"


def mute_warning_of_own_threads() -> None:
    """By a thread that is about to fork: not to be warned where all other threads are ours."""
    unmute_warning()
    if threading.active_count() == 1:
        warnings.filterwarnings("ignore", _WARNING, DeprecationWarning)


def unmute_warning() -> None:
    """As it was before."""
    filters: Any = warnings.filters
    for entry in [each for each in filters if getattr(each[1], "pattern", "") == _WARNING]:
        filters.remove(entry)
