"""What a process says of its threads when it is asked by `remote.run_in`.

What for: their names, and which thread one waits for, which stand in no stack that is read from outside. No
public way: `sys._current_frames` and the register of threads; `faulthandler` gives texts only. From 3.14 on,
as `sys.remote_exec`. The text of this file runs there, for that process need not have this package: so it
imports nothing of it.

Rule: the process goes on undisturbed. The main thread, which runs this, only starts another one; nothing of
the program is called, no `repr` and no property of its classes; whatever goes wrong is part of the answer.
"""

import json
import os
import sys
import threading
from _thread import get_ident, start_new_thread
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

MOST_FRAMES = 100  # of a thread
LOOKED_INTO = ("threading.py", "queue.py", "_base.py", "thread.py")  # whose variables are looked at

Records = Callable[[str], list[str]]
"""Writes what is recorded in that process into a folder; the names of the files."""


def begin(folder: str, records: Records) -> None:
    """By the main thread. At its exit an interpreter starts no more threads."""
    try:
        start_new_thread(answer, (folder, records))
    except RuntimeError:
        answer(folder, records)


def answer(folder: str, records: Records) -> None:
    """Write the answer into that folder; it is whole when it is there."""
    told: dict[str, Any]
    try:
        told = {"threads": threads(), "records": records(folder)}
    except BaseException as error:
        told = {"error": f"{type(error).__name__}: {error}"}
    path = os.path.join(folder, "answer")
    with suppress(OSError):  # who has asked waits no more
        with open(path + ".part", "w", encoding="utf-8") as file:
            json.dump(told, file)
        os.replace(path + ".part", path)


def threads() -> list[dict[str, Any]]:
    """All but this one."""
    main = threading.main_thread().ident
    known: dict[int, Any] = vars(threading)["_active"].copy()
    return [
        {
            "name": name_of(known.get(ident)),
            "native_id": vars(known[ident]).get("_native_id") if ident in known else None,
            "is_main": ident == main,
            "frames": list(frames(top)),
        }
        for ident, top in sys._current_frames().items()
        if ident != get_ident()
    ]


def name_of(thread: Any) -> str:
    """Of a Thread, without its properties, which a class may have for itself; "" of anything else."""
    return str(vars(thread).get("_name", "")) if isinstance(thread, threading.Thread) else ""


def frames(frame: FrameType | None) -> Any:
    """The calls, innermost first."""
    for _ in range(MOST_FRAMES):
        if frame is None:
            return
        code = frame.f_code
        yield {
            "file": code.co_filename,
            "line": frame.f_lineno or 0,
            "function": code.co_qualname,
            **(variables(frame) if os.path.basename(code.co_filename) in LOOKED_INTO else {}),
        }
        frame = frame.f_back


def variables(frame: FrameType) -> dict[str, Any]:
    """Of a function in which one waits: whose it is, and the seconds that it has."""
    own, seconds = frame.f_locals.get("self"), frame.f_locals.get("timeout")
    return {"of": name_of(own), "seconds": seconds if type(seconds) in (int, float) else None}
