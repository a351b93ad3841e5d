"""Code that the standard library compiles from text: the `__init__` of a dataclass.

What for: `lock: Lock = field(default_factory=Lock)` makes its lock in such code, which has no source line,
and the lock is called after the field. No public way: `dataclasses` says nothing of how it makes a field.

Source: CPython, Lib/dataclasses.py. All versions; where the code looks otherwise, it counts as a program's
own, and the lock is called after its type.
"""

from __future__ import annotations

import dis
import re
from functools import lru_cache
from types import CodeType


def is_generated(code: CodeType) -> bool:
    """Whether it is the `__init__` of a dataclass."""
    return code.co_filename == "<string>" and code.co_qualname.startswith("__create_fn__.")


@lru_cache(maxsize=1024)
def field_at(code: CodeType, lasti: int) -> str:
    """The field whose factory is called at that offset, "" where none is.

    The factory of the field x is called by the name `__dataclass_dflt_x__`, or `_dflt_x` in Python 3.11.
    """
    before = [str(step.argval) for step in dis.get_instructions(code) if step.offset < lasti]
    found = (re.fullmatch("__dataclass_dflt_(.+)__|_dflt_(.+)", name) for name in reversed(before))
    return next((match[1] or match[2] for match in found if match), "")
