"""What the exercises "read a timeline" have alike: the run to read, which does not tell what is asked, and
what an answer says: a name and a number, in whatever form they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tracing import Trace
from tracing.diagnosis import Finding

MOMENT = 0.05  # s: times that are nearer are the same
NUMBER = re.compile(r"(?:(?<!\w)-)?\d+(?:\.\d+)?")  # of "ann-2", 2; of "ann, -2", -2


class Unexplained(Trace):
    """A run as it is shown to who shall read it: without what its findings say.

    explained: the run with them.
    """

    def __init__(self, run: Trace) -> None:
        super().__init__(run.log)
        self.explained = run

    @property
    def findings(self) -> tuple[Finding, ...]:
        """None."""
        return ()


def said(answer: object, names: Sequence[str]) -> tuple[list[str], list[float]]:
    """Which of the names, and which numbers stand in it: ("ann", 2), "ann, 2 s", {"who": "ann", "s": 2.0}."""
    text = str(answer).lower()
    who = [name for name in names if re.search(rf"\b{name}\b", text)]
    return who, [float(number) for number in NUMBER.findall(text)]


def not_one_of_each(names: Sequence[str], who: list[str], numbers: list[float], of: str) -> Iterator[str]:
    """That the answer has more or less than one of each. of: what is counted, "seconds"."""
    if len(who) != 1 or len(numbers) != 1:
        yield (
            f"Give one name ({', '.join(names[:-1])} or {names[-1]}) and one number of {of}. "
            f"Your answer has {_counted(who, 'name')} and {_counted(numbers, 'number')}."
        )


def _counted(found: Sequence[object], what: str) -> str:
    return f"{len(found) or 'no'} {what}{'' if len(found) == 1 else 's'}"


def is_near(number: float, other: float) -> bool:
    """Whether the picture shows both at the same place."""
    return abs(number - other) < MOMENT
