"""Whether an exception leaves a `with` block: the instruction that calls `__exit__` says so.

What for: a lock's block that an exception leaves is drawn as such. No public way: `__exit__` is told, but to
keep that in the record there would make each release dearer. The place of the call is in the record anyway.

Source: CPython, Python/compile.c, since 3.14 Python/codegen.c: an exception calls `__exit__` by an
instruction of its own. All versions; where it is missing, no block counts as left by an exception.
"""

from __future__ import annotations

import dis
from types import CodeType

_BY_EXCEPTION = dis.opmap.get("WITH_EXCEPT_START")


def leaves_by_exception(code: CodeType, lasti: int) -> bool:
    """Whether the instruction at that offset leaves a block because of an exception."""
    return _BY_EXCEPTION is not None and code.co_code[lasti : lasti + 1] == bytes([_BY_EXCEPTION])
