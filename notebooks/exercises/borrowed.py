"""What an answer takes from `threading` in place of `tracing`: no record and no schedule knows of it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dis import get_instructions
from inspect import unwrap
from itertools import chain, pairwise
from types import CodeType, FunctionType

PRIMITIVES = [
    *("Thread", "Timer", "Lock", "RLock", "Condition"),
    *("Semaphore", "BoundedSemaphore", "Event", "Barrier"),
]


def strangers(learners: object) -> Iterable[str]:
    """What the learner's code takes from `threading`: no record and no schedule knows of it."""
    for name in sorted(
        {name for function in _functions(learners) for name in _taken_from_threading(function)}
    ):
        yield (
            f"Your code takes {name} from `threading`, and this check cannot see what is done with that. "
            f"Write `from tracing import {name}`: it behaves the same, and it is recorded."
        )


def _functions(learners: object) -> list[FunctionType]:
    """A function itself, or the methods of a class; none of an answer that is a value."""
    found = vars(learners).values() if isinstance(learners, type) else [_unwrapped(learners)]
    return [each for each in found if isinstance(each, FunctionType)]


def _unwrapped(learners: object) -> object:
    return unwrap(learners) if callable(learners) else learners


def _taken_from_threading(function: FunctionType) -> Iterable[str]:
    known = function.__globals__
    for names in _names_in(function):
        for before, name in pairwise(["", *names]):
            if name in PRIMITIVES and (
                known.get(before) is threading  # threading.Lock
                or known.get(name) is getattr(threading, name)
            ):
                yield name
    yield from _made_before(function)


def _names_in(function: FunctionType) -> Iterator[list[str]]:
    """Of the function and of each inside it."""
    codes = [function.__code__]
    for code in codes:
        codes += (each for each in code.co_consts if isinstance(each, CodeType))
        yield [each.argval for each in get_instructions(code) if isinstance(each.argval, str)]


def uses_what_was_made_before(learners: object) -> bool:
    """Whether it uses a primitive of `threading` that was made beside it: a search would wait for that."""
    return any(name for function in _functions(learners) for name in _made_before(function))


def _made_before(function: FunctionType) -> Iterator[str]:
    """The primitives of `threading` that were made beside the function, and are used in it."""
    for name in chain.from_iterable(_names_in(function)):
        yield from _plain(function.__globals__.get(name))
    for cell in function.__closure__ or ():
        with suppress(ValueError):  # it has none yet
            yield from _plain(cell.cell_contents)
    for default in function.__defaults__ or ():
        yield from _plain(default)


def _plain(value: object) -> Iterator[str]:
    """The name of the primitive of `threading` that it is, if it is one."""
    for name in PRIMITIVES:
        made_by = getattr(threading, name)
        if type(value) is (type(made_by()) if name in ("Lock", "RLock") else made_by):
            yield name
