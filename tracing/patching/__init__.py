"""Names of the standard library replaced while runs last, so that unmodified code is recorded or simulated.

recorded.py     what a recorded run replaces: sleep, plain queues, futures and executors
simulated.py    what a simulated run replaces besides: locks, clocks, threads
process.py      what else of the process a simulated run needs: one core, no collector, counters as new
interpreter.py  what the interpreter of `run_script()` replaces for its program, for as long as it lives

Owns: `Patches`, which names are replaced at present, by how many runs.

Rule: a replacement does what the original does for a thread that belongs to no run, so it may stand while
other threads of the process go about their business. Nothing of the standard library is replaced but here.

How it works: each name is counted, so that runs may overlap; the last to leave puts the original back,
unless somebody else has replaced the name since. `install` replaces by value, wherever in a namespace that
value is found (`from time import sleep`); `place` replaces what has to be replaced in one place only. What is
searched are the globals of the program's own modules. What it keeps elsewhere, as a default argument
(`def nap(sleep=time.sleep)`), a class attribute or an element of a list, stays the original.
"""

from __future__ import annotations

import sys
import time
from _thread import allocate_lock
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any

from tracing.naming import is_library

Replacements = tuple[tuple[Any, Any], ...]  # original, ours
MISSING: Any = object()


class Patches:
    """The names that are replaced at present, in this process."""

    def __init__(self) -> None:
        self._uses: dict[tuple[int, str], tuple[int, Any, Any]] = {}  # owner, name: how often, original, ours
        self._lock = allocate_lock()

    def __len__(self) -> int:
        return len(self._uses)

    def after_fork(self) -> None:
        """In the child: the thread that had the lock may be gone."""
        self._lock = allocate_lock()

    def install(self, names: Replacements, namespaces: Iterable[Any]) -> list[tuple[Any, str]]:
        """Replace, in each namespace (a dict, a module, a class), what is bound to an original.

        Returns what to hand to `remove`.
        """
        ours = {id(original): replacement for original, replacement in names}
        with self._lock:
            replaced = {owner for owner, _ in self._uses}
            return [
                self._put(owner, name, ours[id(original)])
                for owner in namespaces
                if id(owner) in replaced or _has_any(owner, ours)
                for name, value in list(_contents(owner).items())
                if id(original := self._original(owner, name, value)) in ours
            ]

    def place(self, places: Iterable[tuple[Any, str, Any]]) -> list[tuple[Any, str]]:
        """Replace each owner's name by a value of ours, whatever it is bound to."""
        with self._lock:
            return [self._put(owner, name, ours) for owner, name, ours in places]

    def _original(self, owner: Any, name: str, value: Any) -> Any:
        return self._uses.get((id(owner), name), (0, value))[1]

    def _put(self, owner: Any, name: str, ours: Any) -> tuple[Any, str]:
        uses, original, ours = self._uses.get(
            (id(owner), name), (0, _contents(owner).get(name, MISSING), ours)
        )
        self._uses[id(owner), name] = uses + 1, original, ours
        _bind(owner, name, ours)
        return owner, name

    def remove(self, installed: Iterable[tuple[Any, str]]) -> None:
        """Put back what an `install` or `place` replaced, where no other run needs it."""
        with self._lock:
            for owner, name in installed:
                uses, original, ours = self._uses.pop((id(owner), name))
                if uses > 1:
                    self._uses[id(owner), name] = uses - 1, original, ours
                elif _contents(owner).get(name) is ours:
                    _bind(owner, name, original)


def _contents(owner: Any) -> Mapping[str, Any]:
    return owner if isinstance(owner, dict) else vars(owner)


def _has_any(owner: Any, wanted: Mapping[int, Any]) -> bool:
    """Whether one of these is bound to a name there, by identity. Asked in C: a program's modules may have
    thousands of names, and most modules none of these.
    """
    return not wanted.keys().isdisjoint(map(id, list(_contents(owner).values())))


def _bind(owner: Any, name: str, value: Any) -> None:
    if isinstance(owner, dict):
        owner[name] = value
    elif value is MISSING:
        delattr(owner, name)
    else:
        setattr(owner, name, value)


PATCHES = Patches()


def program_names(*namespaces: dict[str, Any]) -> list[dict[str, Any]]:
    """Where the program may have a name of the standard library: these, its modules, and the module time."""
    return list({id(each): each for each in (vars(time), *_program_modules(), *namespaces)}.values())


def _program_modules() -> Iterator[dict[str, Any]]:
    """Of all modules that are neither a library's nor ours: they may say `from time import sleep`.

    The main module is a notebook's cells, which have no file.
    """
    modules, main = tuple(sys.modules.values()), sys.modules.get("__main__")
    for names in map(vars, [each for each in modules if isinstance(each, ModuleType)]):
        file = names.get("__file__")
        if isinstance(file, str) and not is_library(file):
            yield names
    if isinstance(main, ModuleType):
        yield vars(main)
