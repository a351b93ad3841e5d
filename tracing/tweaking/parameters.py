"""What a program can be called with, and what a reader may choose of it.

Owns: the names. Rule: whatever does not fit is refused here, in one sentence, before anything runs.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tracing.views.controls import Control

SEED = "seed"  # the simulation's, where the program has no parameter of that name
EXAMPLE = "workers=(1, 8)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """A program and a control for each parameter that was named, in that order."""

    program: Callable[..., object]
    name: str
    controls: tuple[Control, ...]
    seeds: bool  # `seed` is the simulation's

    @classmethod
    def of(cls, program: Callable[..., object], given: Mapping[str, Any]) -> Parameters:
        """Raises TypeError or ValueError for what does not fit."""
        if not callable(program):
            raise TypeError(f"tweak() got {program!r}: give it a function, and do not call it yourself.")
        name = getattr(program, "__name__", type(program).__name__)
        _check_runs(name, program)
        known = _known(program)
        seeds = SEED in given and not _takes(known, SEED)
        _check_given(name, known, [each for each in given if not (seeds and each == SEED)])
        _check_needed(name, known, given)
        controls = _controls(known, given)
        _check_controls(name, controls, seeds)
        return cls(program=program, name=name, controls=controls, seeds=seeds)

    @property
    def start(self) -> dict[str, Any]:
        """The values at first."""
        return {each.name: each.start for each in self.controls}

    @property
    def movable(self) -> dict[str, Control]:
        """The controls that can be moved, by name."""
        from tracing.views.controls import Fixed

        return {each.name: each for each in self.controls if not isinstance(each, Fixed)}

    def accepted(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values as the program gets them. Raises TypeError for a name, ValueError for a value."""
        controls, found = {each.name: each for each in self.controls}, {}
        for name, value in values.items():
            if name not in controls:
                raise TypeError(f"set() got {name!r}, but {self.name} has controls for {_listed(controls)}.")
            try:
                found[name] = controls[name].accepted(value)
            except ValueError as error:
                raise ValueError(f"set() got {name}={value!r}, but {error}.") from None
        return found

    def call(self, values: Mapping[str, Any]) -> Callable[[], object]:
        """The program with these values."""
        return partial(self.program, **{name: values[name] for name in self._own(values)})

    def seed(self, values: Mapping[str, Any]) -> int:
        """The simulation's."""
        return int(values[SEED]) if self.seeds else 0

    def title(self, values: Mapping[str, Any]) -> str:
        """Which run it is; its seed stands elsewhere."""
        movable = self.movable
        parts = [movable[name].told(values[name]) for name in self._own(values) if name in movable]
        return f"{self.name}: {', '.join(parts)}" if parts else self.name

    def _own(self, values: Mapping[str, Any]) -> list[str]:
        return [name for name in values if not (self.seeds and name == SEED)]


def _known(program: Callable[..., object]) -> dict[str, inspect.Parameter]:
    try:
        return dict(inspect.signature(program).parameters)
    except (TypeError, ValueError):  # some builtins have none
        raise TypeError(
            f"tweak() cannot see what {program!r} takes: wrap it in a function that names its parameters."
        ) from None


def _takes(known: Mapping[str, inspect.Parameter], name: str) -> bool:
    if any(each.kind is each.VAR_KEYWORD for each in known.values()):
        return True
    return name in known and known[name].kind in (
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        inspect.Parameter.KEYWORD_ONLY,
    )


def _check_runs(name: str, program: Callable[..., object]) -> None:
    from tracing.exploring import only_makes

    if only_makes(program):
        raise TypeError(
            f"tweak() got {name}(), of which no line runs when it is called: that makes a generator or a "
            "coroutine. Give it a function that does the work."
        )


def _check_given(name: str, known: Mapping[str, inspect.Parameter], given: list[str]) -> None:
    for each in given:
        if not _takes(known, each):
            takes = _listed([other for other in known if _takes(known, other)])
            raise TypeError(
                f"tweak() got {each!r}, but {name} takes {takes} by name: use one of its names, "
                f"or give {name} a parameter {each}."
            )


def _check_needed(name: str, known: Mapping[str, inspect.Parameter], given: Mapping[str, Any]) -> None:
    for each in known.values():
        optional = each.default is not each.empty or each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
        if not optional and each.name not in given:
            raise TypeError(
                f"tweak() got nothing for {each.name!r}, which {name} needs: give it a range, "
                f"{each.name}=(low, high), or one value."
            )


def _controls(known: Mapping[str, inspect.Parameter], given: Mapping[str, Any]) -> tuple[Control, ...]:
    from tracing.views.controls import read

    defaults = {name: each.default for name, each in known.items() if each.default is not each.empty}
    return tuple(read(name, each, defaults.get(name)) for name, each in given.items())


def _check_controls(name: str, controls: tuple[Control, ...], seeds: bool) -> None:
    from tracing.views.controls import Fixed

    if all(isinstance(each, Fixed) for each in controls):
        raise TypeError(
            f"tweak() got nothing to move: give it a range for a parameter of {name}, as in {EXAMPLE}, "
            "or for the seed of the simulation, seed=(0, 20)."
        )
    for each in controls:
        if seeds and each.name == SEED and type(each.start) is not int:
            raise TypeError(
                f"tweak() begins with seed={each.start!r}: seeds are whole numbers, seed=(0, 20)."
            )


def _listed(names: Mapping[str, Any] | list[str]) -> str:
    *most, last = [*names] or ["nothing"]
    return f"{', '.join(most)} and {last}" if most else last
