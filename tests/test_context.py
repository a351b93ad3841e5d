"""Context variables and the names that the system knows: as with `threading`, whichever way a thread is run.

From Python 3.14 on a thread runs in a context, a given one or (where `sys.flags.thread_inherit_context` says
so) a copy of its starter's, and the system is told its name.
"""

from __future__ import annotations

import contextvars
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest

import tracing

has_contexts = pytest.mark.skipif(sys.version_info < (3, 14), reason="Thread(context=) is new in Python 3.14")
has_names = pytest.mark.skipif(
    sys.version_info < (3, 14) or sys.platform != "linux", reason="the system knows names from Python 3.14 on"
)
WAYS: dict[str, tuple[Any, Callable[[], Any]]] = {
    "recorded": (tracing.Thread, tracing.record),
    "simulated": (tracing.Thread, tracing.simulate),
    "plain, simulated": (threading.Thread, tracing.simulate),
}
variable = contextvars.ContextVar("variable", default="default")


def seen_by(thread_type: Any, **named: Any) -> list[str]:
    """What a thread finds in the variable, and what its starter finds afterwards."""
    seen: list[str] = []

    def look() -> None:
        seen.append(variable.get())
        variable.set("changed by the thread")

    variable.set("set by the starter")
    thread = thread_type(target=look, **named)
    thread.start()
    thread.join()
    return [*seen, variable.get()]


def system_name() -> str:
    with open(f"/proc/self/task/{threading.get_native_id()}/comm", encoding="utf-8") as file:
        return file.read().strip()


def names_told(thread_type: Any) -> list[str]:
    told: list[str] = []

    def look() -> None:
        told.append(system_name())
        threading.current_thread().name = "cook-2"
        told.append(system_name())

    thread = thread_type(target=look, name="cook-1")
    thread.start()
    thread.join()
    return told


@pytest.mark.parametrize("way", WAYS)
def test_a_thread_without_a_given_context_sees_what_one_of_threading_sees(way: str) -> None:
    thread_type, block = WAYS[way]
    with block():
        ours = seen_by(thread_type)
    with nullcontext():
        theirs = seen_by(threading.Thread)
    assert ours == theirs
    assert ours[1] == "set by the starter"


@has_contexts
@pytest.mark.parametrize("way", WAYS)
def test_a_thread_runs_in_the_context_that_it_is_given(way: str) -> None:
    thread_type, block = WAYS[way]
    given = contextvars.Context()
    given.run(variable.set, "given")
    with block():
        assert seen_by(thread_type, context=given) == ["given", "set by the starter"]
    assert given[variable] == "changed by the thread"


@has_names
@pytest.mark.parametrize("way", WAYS)
def test_the_system_is_told_a_thread_s_name_and_each_new_one(way: str) -> None:
    thread_type, block = WAYS[way]
    with block():
        assert names_told(thread_type) == ["cook-1", "cook-2"]


@has_contexts
@pytest.mark.parametrize("inherits", ["0", "1"])
def test_the_flag_decides_whether_the_starter_s_context_is_inherited(inherits: str) -> None:
    program = (
        "import sys, threading; sys.path.insert(0, 'tests')\n"
        "from test_context import WAYS, seen_by\n"
        "print(seen_by(threading.Thread)[0])\n"
        "for thread_type, block in WAYS.values():\n"
        "    with block(): seen = seen_by(thread_type)[0]\n"
        "    print(seen)\n"
    )
    done = subprocess.run(
        [sys.executable, "-X", f"thread_inherit_context={inherits}", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    expected = "set by the starter" if inherits == "1" else "default"
    assert done.stdout.split("\n") == [expected] * 4 + [""]
