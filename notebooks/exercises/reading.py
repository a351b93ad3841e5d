"""What a learner read from a timeline, however it was written down: ("ann", 2), "Ann, 2 s", {"who": "ann"}.

Owns: `read`, which takes names and numbers out of an answer. Which of them are right, each check says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from exercises.answer import Problem

MOMENT = 0.05  # s: times that are nearer are the same


@dataclass(frozen=True)
class Read:
    """The names and the numbers of an answer. possible: the names that it might have, and their order."""

    names: tuple[str, ...]
    numbers: tuple[float, ...]
    possible: tuple[str, ...]

    def is_about(self, name: str, number: float) -> bool:
        """Whether it is that name and that number, and nothing else."""
        return self.names == (name,) and [round(each, 1) for each in self.numbers] == [round(number, 1)]

    def problems(self, what: str) -> Iterator[Problem]:
        """The one of an answer that does not have one name and one number; what: "seconds"."""
        if len(self.names) != 1 or len(self.numbers) != 1:
            *others, last = self.possible
            yield Problem(
                f"Give one name ({', '.join(others)} or {last}) and one number of {what}. "
                f"Your answer has {_counted(self.names, 'name')} and {_counted(self.numbers, 'number')}."
            )


def _counted(found: Sequence[object], what: str) -> str:
    return f"{len(found) or 'no'} {what}{'' if len(found) == 1 else 's'}"


def read(answer: object, possible: Iterable[str]) -> Read:
    """Names and numbers of an answer in any form. A number within a name ("phil-0") is none of its own."""
    said, possible = str(answer).lower(), tuple(possible)
    names = [name for name in possible if re.search(rf"(?<![\w-]){re.escape(name.lower())}(?![\w-])", said)]
    for name in sorted(possible, key=len, reverse=True):
        said = said.replace(name.lower(), " ")
    return Read(tuple(names), tuple(map(float, re.findall(r"(?<!\w)\d+(?:\.\d+)?", said))), possible)


def is_near(number: float, other: float) -> bool:
    """Whether the picture shows both at the same place."""
    return abs(number - other) < MOMENT
