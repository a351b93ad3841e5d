"""A signal that asks what the threads wait for, in a program that was started to be asked so.

Rule: the process that waits for the program answers, from the record; the program itself only hands the
question on, where it came to it.
"""

from __future__ import annotations

import os
import signal
from types import FrameType


def pass_on_to_parent(number: int) -> None:
    """From now on that signal is handed on to the parent. 0: none is."""
    if number:
        signal.signal(number, _pass_on)


def passes_on(handler: object) -> bool:
    """Whether it is that signal's, and none of the program's own."""
    return handler is _pass_on


def _pass_on(number: int, frame: FrameType | None) -> None:
    os.kill(os.getppid(), number)
