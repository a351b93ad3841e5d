"""Wherever a Ctrl-C comes in while a thread starts, or is joined, it comes out, and no thread is left.

It is tried at each point at which the interpreter looks for signals, in the package and in `threading`: see
`test_interrupted_locks`.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from process import lasting_changes, state_of_process
from steps import LIMIT

import tracing
from tracing import Thread, Timer, record, simulate
from tracing.primitives import life

PACKAGE = str(Path(tracing.__file__).parent)
PLACES = (threading.__file__, *(f"{PACKAGE}/{room}/" for room in ("primitives", "runtime", "cpython")))


class Interrupt(KeyboardInterrupt):
    """What the Ctrl-C raises, and nothing else does."""


class InterruptAt:
    """Raises at the nth point, in those files, that the thread comes through which enters it."""

    def __init__(self, number: int) -> None:
        self.left, self.where = number, ""

    def __enter__(self) -> InterruptAt:
        sys.setprofile(self.look)
        return self

    def __exit__(self, *exc_info: object) -> None:
        sys.setprofile(None)

    def look(self, frame: FrameType, event: str, arg: object) -> None:
        code = frame.f_code
        if event in ("call", "c_return") and code.co_filename.startswith(PLACES) and code.co_name != "room":
            self.left -= 1
            if self.left == 0:
                sys.setprofile(None)
                self.where = f"{code.co_qualname}, line {frame.f_lineno}: {event} {arg}"
                raise Interrupt


@contextmanager
def unraised() -> Iterator[list[object]]:
    """What the interpreter prints of exceptions that it cannot raise."""
    said: list[object] = []
    before, sys.unraisablehook = sys.unraisablehook, lambda args: said.append(args.exc_value)
    try:
        yield said
    finally:
        sys.unraisablehook = before


def a_thread() -> None:
    thread = Thread(target=int)
    thread.start()
    thread.join()


def a_timer() -> None:
    timer = Timer(LIMIT, int)
    timer.start()
    timer.cancel()


def a_thread_whose_class_computes_its_run() -> None:
    class Odd(Thread):
        run = property(lambda self: lambda: None)  # type: ignore[assignment]

    Odd().start()


@pytest.mark.parametrize(
    ("run_in", "use"),
    [
        (record, a_thread),
        (record, a_timer),
        (record, a_thread_whose_class_computes_its_run),
        (simulate, a_timer),
    ],
)
def test_wherever_ctrl_c_comes_in_while_a_thread_starts_it_comes_out_and_no_thread_is_left(
    run_in: Callable[..., Any], use: Callable[[], None]
) -> None:
    number, came, wrong = 1, True, []
    while came:
        interrupt, out = InterruptAt(number), None
        with unraised() as said:
            before = state_of_process(hooks=False)
            try:
                with run_in(timeout=LIMIT) as run, interrupt:
                    use()
            except BaseException as error:
                out = error
            left = lasting_changes(before)
        came = interrupt.left <= 0
        if came and not isinstance(out, Interrupt) or said or left or run.log.ending.leaked:
            wrong.append((interrupt.where, out, said, left, run.log.ending))
        number += 1
    assert number > 20
    assert wrong == []


def test_a_thread_that_comes_after_its_start_was_given_up_goes_without_a_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    door, over, ran = threading.Event(), threading.Event(), list[int]()

    class Late(Thread):
        def _bootstrap(self) -> None:
            door.wait()
            super()._bootstrap()  # type: ignore[misc]
            over.set()

    def interrupted() -> None:
        raise Interrupt

    monkeypatch.setattr(life, "MOMENT", 0.0)
    with unraised() as said, record() as run:
        thread = Late(target=ran.append, args=(1,))
        monkeypatch.setattr(thread._started, "wait", interrupted)  # type: ignore[attr-defined]
        with pytest.raises(Interrupt):
            thread.start()
        door.set()
        assert over.wait(LIMIT)
    assert (said, ran, run.log.ending.leaked) == ([], [], ())
    assert "_bootstrap_inner" not in vars(thread)
