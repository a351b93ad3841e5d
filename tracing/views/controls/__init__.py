"""What a reader moves to change a program's parameters: a slider, a list, a switch.

Owns: what each control is, and how it is read from what was given for a parameter. `panel` shows them in a
live notebook with ipywidgets; `words` says them everywhere else.

Rule: a control is data, and knows nothing of the program and of who looks at it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import floor, isclose, isfinite, log10
from typing import Any

__all__ = ["Choice", "Control", "Fixed", "Slider", "Switch", "read", "words"]

STEPS = 20  # of a slider without a step of its own, at most
UNITS = ("s", "ms", "us", "ns")  # at the end of a parameter's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A parameter of the program and the value that it has at first."""

    name: str
    start: Any

    def name_and_unit(self) -> tuple[str, str]:
        """`hold_time_s` is "hold time" and "s"; without a unit that is empty."""
        *most, last = self.name.strip("_").split("_")
        return (" ".join(most), last) if most and last in UNITS else (" ".join([*most, last]), "")

    @property
    def label(self) -> str:
        """What stands beside it: "hold time (s)"."""
        name, unit = self.name_and_unit()
        return f"{name} ({unit})" if unit else name

    def told(self, value: Any) -> str:
        """With a value: "hold time 0.5 s"."""
        name, unit = self.name_and_unit()
        return " ".join(filter(None, [name, f"{value:g}" if isinstance(value, float) else str(value), unit]))

    def accepted(self, value: Any) -> Any:
        """The value as the program gets it. Raises ValueError with what it may be instead."""
        raise NotImplementedError

    def scope(self) -> str:
        """What it may be, in words."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed(Control):
    """A parameter that nobody moves."""

    def accepted(self, value: Any) -> Any:
        raise ValueError(f"it is {self.scope()}; give tweak() a range, {self.name}=(low, high), to move it")

    def scope(self) -> str:
        return f"fixed at {self.start!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch(Control):
    """True or False."""

    def accepted(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise ValueError(f"it is {self.scope()}")
        return value

    def scope(self) -> str:
        return "True or False"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Control):
    """One of a list."""

    options: tuple[Any, ...]

    def accepted(self, value: Any) -> Any:
        if value not in self.options:
            raise ValueError(f"it is {self.scope()}")
        return value

    def scope(self) -> str:
        return "one of " + ", ".join(map(repr, self.options))


@dataclass(frozen=True, slots=True, kw_only=True)
class Slider(Control):
    """A number from `low` to `high`; whole if these are."""

    low: float
    high: float
    step: float

    @property
    def whole(self) -> bool:
        return isinstance(self.low, int)

    @property
    def decimals(self) -> int:
        """How many its values have."""
        return max(len(f"{each:.6f}".rstrip("0").partition(".")[2]) for each in (self.low, self.step))

    def accepted(self, value: Any) -> float:
        number = is_number(value) and (isinstance(value, int) or not self.whole)
        if not number or not self.low <= value <= self.high:
            raise ValueError(f"it is a {'whole ' if self.whole else ''}number {self.scope()}")
        return int(value) if self.whole else round(float(value), 9)  # 0.1 + 0.2 is 0.3 for a reader

    def scope(self) -> str:
        return f"from {self.low:g} to {self.high:g}"


def read(name: str, given: Any, default: Any = None) -> Control:
    """The control for one parameter.

    Parameters: `given`, (low, high), (low, high, step), a range, a list of options, a bool, or a value that
    stays as it is; `default`, the function's own, where the control begins (None: it has none).
    Raises ValueError or TypeError with a sentence for whoever gave it.
    """
    match given:
        case bool():
            return Switch(name=name, start=given)
        case range():
            return _stepped(name, given, default)
        case tuple():
            return _slider(name, given, default)
        case list():
            return _choice(name, given, default)
        case int() | float() | str() | None:
            return Fixed(name=name, start=given)
    raise TypeError(
        f"tweak() got {name}={given!r}: give it a range as in {name}=(1, 8) or {name}=(0.1, 2.0), a list of "
        "options, True or False, or a number or a text that stays."
    )


def is_number(value: Any) -> bool:
    """Whether it is one that a slider can show."""
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _stepped(name: str, given: range, default: Any) -> Control:
    if len(given) < 2:
        raise ValueError(
            f"tweak() got {name}={given!r}, which has fewer than two numbers: give it more, or one number "
            "to keep it fixed."
        )
    return _slider(name, (min(given), max(given), abs(given.step)), default)


def _slider(name: str, given: tuple[Any, ...], default: Any) -> Control:
    if len(given) not in (2, 3) or not all(map(is_number, given)):
        raise ValueError(
            f"tweak() got {name}={given!r}: a range is two numbers or three, {name}=(low, high) or "
            f"{name}=(low, high, step); a list in square brackets is a choice."
        )
    low, high = given[:2]
    whole = all(isinstance(each, int) for each in (*given, *([default] if is_number(default) else [])))
    start = default if is_number(default) else low
    step = given[2] if len(given) == 3 else 1 if whole else _fine(high - low, start - low)
    if not low < high or not 0 < step <= high - low:
        raise ValueError(
            f"tweak() got {name}={given!r}: low must be less than high, and the step fit in between."
        )
    if not whole:
        low, high, step = float(low), float(high), float(step)
    return _started(Slider(name=name, start=low, low=low, high=high, step=step), default)


def _fine(span: float, start: float) -> float:
    """A step of 1, 2 or 5 times a power of ten that divides the span into `STEPS` parts or a few less; or
    finer, if one of the next four leads to the start, which a browser would else move.
    """
    if span <= 0:
        return 1.0
    least = span / STEPS * (1 - 1e-9)
    power = floor(log10(least))
    steps = [factor * 10.0**each for each in range(power + 1, power - 3, -1) for factor in (5, 2, 1)]
    coarse = max(place for place, step in enumerate(steps) if step >= least)
    return next((step for step in steps[coarse : coarse + 5] if _leads(step, start)), steps[coarse])


def _leads(step: float, start: float) -> bool:
    """Whether so many steps from the low end come to the start."""
    return isclose(start / step, round(start / step), abs_tol=1e-9)


def _choice(name: str, given: list[Any], default: Any) -> Control:
    if len(given) < 2 or any(each in given[:place] for place, each in enumerate(given)):
        raise ValueError(f"tweak() got {name}={given!r}: give it two options or more, each of them once.")
    return _started(Choice(name=name, start=given[0], options=tuple(given)), default)


def _started(control: Control, default: Any) -> Control:
    """The control at the function's default, where there is one."""
    if default is None:
        return control
    try:
        return replace(control, start=control.accepted(default))
    except ValueError as error:
        raise ValueError(
            f"tweak() begins at the function's default, {control.name}={default!r}, but {error}: "
            "give it a range with the default in it, or change the default."
        ) from None


def words(controls: Iterable[Control], values: Mapping[str, Any]) -> str:
    """The controls for a reader who cannot move them: "workers from 1 to 8. Here: workers 3"."""
    moving = [each for each in controls if not isinstance(each, Fixed)]
    scopes = "; ".join(f"{each.label} {each.scope()}" for each in moving)
    return f"{scopes}. Here: {', '.join(each.told(values[each.name]) for each in moving)}"
