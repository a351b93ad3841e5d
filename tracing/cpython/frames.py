"""Frames: of the caller, and of every thread that runs now.

What for: the line of the program at which something is done; where each thread stands that may be stuck. The
first two are documented, but as belonging to CPython (and PyPy), hence the underscore in their names. No
public way: `inspect.currentframe` gives the same frame, through one more call on the hottest path there is;
`traceback` and `faulthandler` give texts. All versions. Where one is missing, `import tracing` fails with its
name, for without it there is no source line to record.
"""

from __future__ import annotations

import sys
from types import CodeType
from typing import Any

getframe = sys._getframe
"""`getframe(depth)`: the frame that many calls above the one that asks."""

frames_now = sys._current_frames
"""By thread ident: the innermost frame of each thread. A snapshot: the threads go on."""


def code_of(function: Any) -> CodeType | None:
    """The code that the frames of a private function have; None where it is missing, or written in C."""
    return getattr(function, "__code__", None)
