"""Names of the standard library replaced while runs last, so that unmodified code is recorded.

Owns: the list of replaced names. Rule: a replacement does what the original does for a thread that belongs to
no run, so it may stand while other threads of the process go about their business. How it works: each name is
counted, so that runs may overlap; the last to leave puts the original back, unless somebody else has replaced
the name since.
"""

from __future__ import annotations

import time
from _thread import allocate_lock
from collections.abc import Iterable
from typing import Any

from tracing.primitives.thread import sleep

REPLACEMENTS: dict[Any, Any] = {time.sleep: sleep}  # original -> ours


class Patches:
    """The names that are replaced at present, in this process."""

    def __init__(self) -> None:
        self._uses: dict[tuple[int, str], int] = {}
        self._lock = allocate_lock()

    def install(self, namespaces: Iterable[dict[str, Any]]) -> list[tuple[dict[str, Any], str]]:
        """Replace, in each namespace, all names bound to an original. Returns what to hand to `remove`."""
        with self._lock:
            return [
                (names, name)
                for names in namespaces
                for name, value in list(names.items())
                if self._put(names, name, value)
            ]

    def _put(self, names: dict[str, Any], name: str, value: Any) -> bool:
        ours = _replacement(value)
        key = (id(names), name)
        if ours is None and key not in self._uses:
            return False
        self._uses[key] = self._uses.get(key, 0) + 1
        if ours is not None:
            names[name] = ours
        return True

    def remove(self, installed: list[tuple[dict[str, Any], str]]) -> None:
        """Put back what an `install` replaced, where no other run needs it."""
        with self._lock:
            for names, name in installed:
                key = (id(names), name)
                self._uses[key] -= 1
                if not self._uses[key]:
                    del self._uses[key]
                    original = _original(names.get(name))
                    if original is not None:
                        names[name] = original


def _replacement(value: Any) -> Any:
    return next((ours for original, ours in REPLACEMENTS.items() if original is value), None)


def _original(value: Any) -> Any:
    return next((original for original, ours in REPLACEMENTS.items() if ours is value), None)


PATCHES = Patches()
