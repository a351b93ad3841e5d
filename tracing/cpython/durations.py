"""Durations as the running version of `threading` and `time` reads them.

What for: our Condition and our `sleep` take what theirs take, and leave to theirs what they refuse. No public
way: which numbers are taken is told by trying, and trying is waiting.

Source: CPython, Lib/threading.py (`Condition.wait`) and Python/pytime.c (`_PyTime_FromSecondsObject`). What
differs between the versions:

from 3.14    a Condition asks its timeout `<= 0`, no longer `> 0`: nan is waited for, which is refused
from 3.15    `time.sleep` takes whatever has `__float__`, a Decimal for one

A newer version counts as the newest of these.
"""

from __future__ import annotations

import sys
from operator import index
from typing import Any

_ASKS_FOR_ZERO = sys.version_info >= (3, 14)
_TAKES_FLOAT = sys.version_info >= (3, 15)


def above_zero(timeout: float | None) -> float | None:
    """A condition's timeout: what is not above 0 does not wait.

    nan does not wait either, up to Python 3.13; from then on it is for the wait itself to refuse. Raises
    TypeError for what is no number.
    """
    if timeout is None:
        return None
    if _ASKS_FOR_ZERO:
        return 0 if timeout <= 0 else timeout
    return timeout if timeout > 0 else 0


def slept(seconds: Any) -> Any:
    """A duration of `time.sleep` as the number that it is taken for; as it is, where that is refused."""
    if hasattr(type(seconds), "__index__"):  # as numpy's whole numbers have
        return index(seconds)
    return float(seconds) if _TAKES_FLOAT and hasattr(type(seconds), "__float__") else seconds
