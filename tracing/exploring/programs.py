"""The program that is explored: a function without arguments.

Owns: what is asked of it, and where its names stand.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from os import getpid
from typing import Any

from tracing.errors import ExploreError

MAKERS = (inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction)


def only_makes(function: Callable[..., object]) -> bool:
    """Whether a call of it runs no line of it, and makes a generator or a coroutine."""
    called = (function, type(function).__call__)  # which of an object may be async
    return any(is_maker(each) for is_maker in MAKERS for each in called)


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A function to be run again and again. It makes all its state itself: nothing is left between runs."""

    call: Callable[[], object]
    name: str
    namespaces: tuple[dict[str, Any], ...]

    @classmethod
    def of(cls, function: Callable[[], object]) -> Program:
        """Raises ExploreError for what cannot be called without arguments."""
        if not callable(function):
            raise ExploreError(
                f"explore() got {function!r}: give it a function without arguments, "
                "and do not call it yourself."
            )
        if only_makes(function):
            raise ExploreError(
                f"explore() got {getattr(function, '__name__', 'a function')}(), of which no line runs when "
                "it is called: that makes a generator or a coroutine. Give it a function that does the work."
            )
        _check_signature(function)
        code_of = inspect.unwrap(getattr(function, "func", function))
        names = getattr(code_of, "__globals__", None)
        return cls(
            call=function,
            name=getattr(code_of, "__name__", type(function).__name__),
            namespaces=() if names is None else (names,),
        )


def refuse_fork(program: Program, process: int) -> None:
    """A process that was forked in the program, in that process, has no search to go on with: raise
    ExploreError in it.
    """
    if getpid() != process:
        raise ExploreError(
            f"{program.name}: explore() and replay() go on in the process that called them. This one was "
            "forked in the program: let it end there, by os._exit()."
        )


def _check_signature(function: Callable[[], object]) -> None:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some builtins have none
        return
    try:
        signature.bind()
    except TypeError as error:
        name = getattr(function, "__name__", repr(function))
        raise ExploreError(
            f"explore() calls the program without arguments, and {name} does not take that ({error}): "
            "wrap it in a function that makes its arguments."
        ) from None
