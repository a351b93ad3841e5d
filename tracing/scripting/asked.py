"""A signal that asks what the threads wait for, in a program that was started to be asked so.

Rule: the process that waits for the program answers, from the record; the program itself only hands the
question on, where it came to it.
"""

from __future__ import annotations

import os
import signal
from types import FrameType


def hand_up(number: int) -> None:
    """From now on that signal is handed on to the parent. 0: none is."""
    if number:
        signal.signal(number, _hand_up)


def is_hand_up(handler: object) -> bool:
    """Whether it is that signal's, and none of the program's own."""
    return handler is _hand_up


def _hand_up(number: int, frame: FrameType | None) -> None:
    os.kill(os.getppid(), number)
