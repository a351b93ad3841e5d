"""How a number is written for a reader: one place, so that all views say it alike.

Rule: few digits, the unit that fits, and rounding that never says "1000 ms".
"""

from __future__ import annotations

_SECOND = 1_000_000_000
_SMALL_UNITS = (  # from how many ns on, ns in one, name
    (999_500, 1_000_000, "ms"),  # 999.5 µs would be written "1000 µs"
    (1_000, 1_000, "µs"),
    (0, 1, "ns"),
)


def duration(ns: int) -> str:
    """A length of time as a reader wants it: "3.0 s", "1.25 s", "12 ms", "1.5 ms", "40 µs", "2 min 5 s".

    Seconds have one or two decimals (one from 10 s on), smaller units two digits at most below 100 and no
    decimals from 10 on. Zero is "0 s". A negative length keeps its sign.

    Parameters: `ns`, nanoseconds.
    """
    if ns < 0:
        return f"-{duration(-ns)}"
    if ns == 0:
        return "0 s"
    if ns >= 999_500_000:
        return _seconds(ns)
    return _small(ns)


def _small(ns: int) -> str:
    """Below a second: the largest unit of which there is at least one after rounding."""
    size, name = next((size, name) for least, size, name in _SMALL_UNITS if ns >= least)
    tenths = _rounded(ns * 10, size)
    if tenths < 100 and tenths % 10:
        return f"{tenths // 10}.{tenths % 10} {name}"
    return f"{_rounded(ns, size)} {name}"


def _seconds(ns: int) -> str:
    hundredths = _rounded(ns, _SECOND // 100)
    if hundredths < 1_000:
        text = f"{hundredths // 100}.{hundredths % 100:02d}"
        return f"{text.removesuffix('0')} s"
    tenths = _rounded(ns, _SECOND // 10)
    if tenths < 1_200:
        return f"{tenths // 10}.{tenths % 10} s"
    return _minutes(_rounded(ns, _SECOND))


def _minutes(seconds: int) -> str:
    if seconds < 7_200:
        return f"{seconds // 60} min {seconds % 60} s"
    minutes = _rounded(seconds, 60)
    return f"{minutes // 60} h {minutes % 60} min"


def _rounded(number: int, size: int) -> int:
    """`number / size`, halves up: in integers, so that it is the same on every machine."""
    return (number + size // 2) // size


def count(number: int, noun: str, plural: str = "") -> str:
    """ "1 event", "1,234 events"; `plural` where an s does not do."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def ordinal(number: int) -> str:
    """ "1st", "2nd", "3rd", "4th", "11th"."""
    teen = number % 100 in (11, 12, 13)
    return f"{number:,}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"
