"""Names that are unique within one trace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from types import CodeType

from tracing.naming.bound import name_at

LONGEST = 60  # characters of a name


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An object to be named."""

    type: str  # "Lock"
    place: tuple[CodeType, int] | None = (
        None  # the instruction of the program that made it; None: library code
    )
    given: str = ""  # a name that the program gave explicitly
    owner: int | None = (
        None  # the Condition that made this lock for itself, by its key: the lock is "cond.lock"
    )
    shown: bool = (
        True  # False: counted for the indices of its family (forks[0], though only forks[3] is used)
    )


def name_all(made: Mapping[int, Made]) -> dict[int, str]:
    """Unique names for the objects of one trace, by the same keys. The mapping is in the order of creation.

    A name that several objects would have is numbered: "mutex-1", "mutex-2". An object without a name is
    "Lock-1", counted per type. A name is one line of at most 60 characters.
    """
    wanted = {key: text for key, text in _wanted(made).items() if made[key].shown}
    owners = {key: owner for key in wanted if (owner := made[key].owner) is not None and owner in wanted}
    names = _told_apart({key: text for key, text in wanted.items() if key not in owners}, made)
    for key, owner in owners.items():
        text = f"{names[owner]}.lock"
        taken = set(names.values())
        names[key] = text if text not in taken and len(text) <= LONGEST else _numbered(text, {}, taken)
    return names


def _told_apart(wanted: Mapping[int, str], made: Mapping[int, Made]) -> dict[int, str]:
    shared = {text for text, times in Counter(wanted.values()).items() if times > 1}
    taken = set(wanted.values()) - shared
    counters: dict[str, count[int]] = {}
    return {
        key: text if text and text not in shared else _numbered(text or made[key].type, counters, taken)
        for key, text in wanted.items()
    }


def _wanted(made: Mapping[int, Made]) -> dict[int, str]:
    """What each object would be called if it were alone; "" where nothing is known."""
    ranks: Counter[tuple[int, int]] = Counter()  # by place; equal code objects are different places
    wanted = {}
    for key, each in made.items():
        naming = None if each.given or each.place is None else name_at(*each.place)
        wanted[key] = _tidy(each.given)
        if naming is not None and each.place is not None:
            place = id(each.place[0]), each.place[1]
            wanted[key] = _tidy(naming.text(ranks[place]))
            ranks[place] += 1
    return wanted


def _tidy(text: str, longest: int = LONGEST) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _numbered(text: str, counters: dict[str, count[int]], taken: set[str]) -> str:
    for number in counters.setdefault(text, count(1)):
        suffix = f"-{number}"
        name = _tidy(text, LONGEST - len(suffix)) + suffix
        if name not in taken:
            taken.add(name)
            return name
    raise AssertionError("count() does not end")
