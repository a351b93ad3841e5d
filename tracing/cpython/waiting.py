"""Where the interpreter's own Python code waits: for threads at its exit, for another thread's import.

What for: to know that a thread which stands in neither the program nor a primitive can still not go on, and
for whom it waits. No public way: `threading._shutdown`, which joins the threads at the interpreter's exit,
and the locks of modules that are being imported are private, and say nothing of themselves.

Source: CPython, Lib/threading.py (`_shutdown`) and Lib/importlib/_bootstrap.py (`_ModuleLock`: `acquire`, the
fields `name` and `owner`). All versions; where one of the names is missing, the thread counts as one that can
go on.
"""

from __future__ import annotations

import importlib
import threading
from dataclasses import dataclass
from types import FrameType
from typing import Any

from tracing.cpython.frames import code_of

_AT_EXIT = code_of(vars(threading).get("_shutdown"))
_bootstrap: Any = vars(importlib).get("_bootstrap")
_ACQUIRE = code_of(getattr(getattr(_bootstrap, "_ModuleLock", None), "acquire", None))


@dataclass(frozen=True, slots=True)
class Import:
    """An import by another thread: of which module, by the thread with that ident."""

    module: str
    owner: int


def waits_for_threads(top: FrameType | None) -> bool:
    """Whether a thread, by its innermost frame, waits for threads at the interpreter's exit."""
    return top is not None and top.f_code is _AT_EXIT


def awaited_import(top: FrameType | None) -> Import | None:
    """Which other thread's import a thread, by its innermost frame, waits for."""
    if top is None or top.f_code is not _ACQUIRE:
        return None
    lock = top.f_locals.get("self")
    module, owner = getattr(lock, "name", None), getattr(lock, "owner", None)
    return Import(module, owner) if isinstance(module, str) and isinstance(owner, int) else None
