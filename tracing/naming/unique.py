"""Names that are unique within one trace."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from itertools import count
from types import CodeType

from tracing.naming.bound import Naming, name_at
from tracing.naming.places import scope_of

LONGEST = 60  # characters of a name


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An object to be named."""

    type: str  # "Lock"
    place: tuple[CodeType, int] | None = (
        None  # the instruction of the program that made it; None: library code
    )
    given: str = ""  # a name that the program gave explicitly
    otherwise: str = ""  # what it is called where the program gives it no name; numbered
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


def hasty_name(text: str, number: int) -> str:
    """A name for an object that is numbered after all that `name_all` has named. It is unlike theirs, but for
    one to which the program has given such a name itself.
    """
    return _tidy(text, LONGEST - len(suffix := f"-{number}")) + suffix


def _told_apart(wanted: Mapping[int, str], made: Mapping[int, Made]) -> dict[int, str]:
    shared = {text for text, times in Counter(wanted.values()).items() if times > 1}
    taken = set(wanted.values()) - shared
    counters: dict[str, count[int]] = {}
    return {
        key: text if text and text not in shared else _numbered(text or _kind(made[key]), counters, taken)
        for key, text in wanted.items()
    }


def _kind(each: Made) -> str:
    """What one without a name is called, before its number."""
    return _tidy(each.otherwise) or each.type


def _wanted(made: Mapping[int, Made]) -> dict[int, str]:
    """What each object would be called if it were alone; "" where nothing is known."""
    families = _Families()
    wanted = {}
    for key, each in made.items():
        naming = None if each.given or each.place is None else name_at(*each.place)
        wanted[key] = _tidy(each.given)
        if naming is not None and each.place is not None:
            wanted[key] = _tidy(families.text(naming, *each.place))
    return wanted


class _Families:
    """Counts the objects of each place; those that a function or a cell adds to one container, together.

    Equal code objects are different places: the cell was run again, and its containers are new.
    """

    def __init__(self) -> None:
        self._ranks: Counter[Hashable] = Counter()
        self._texts: defaultdict[Hashable, set[str]] = defaultdict(set)
        self._editions: defaultdict[tuple[str, CodeType], dict[int, int]] = defaultdict(dict)

    def text(self, naming: Naming, code: CodeType, lasti: int) -> str:
        """The name of the next object of that place; not one that the container's first elements have."""
        scope = (*scope_of(code), self._edition(code))
        family = (scope, naming.base, naming.tail) if naming.added else (id(code), lasti)
        while True:
            text = naming.text(self._ranks[family])
            self._ranks[family] += 1
            if not (naming.added and text in self._texts[scope]):
                self._texts[scope].add(text)
                return text

    def _edition(self, code: CodeType) -> int:
        """How many equal ones came before it."""
        editions = self._editions[code.co_filename, code]
        return editions.setdefault(id(code), len(editions))


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
