"""Places in the program, numbered: whose line is it that is being executed, or that raised?"""

from __future__ import annotations

from types import CodeType, FrameType

from tracing.cpython.ownership import exclusive
from tracing.events import LIMITS
from tracing.naming import is_library


class Counter:
    """Counts 1, 2, 3, ... over all threads; re-entrant, as a signal handler or finaliser may come in."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = exclusive()

    def next(self) -> int:
        """The next number, which nobody else gets."""
        with self._lock:
            self._last += 1
            return self._last


class Places:
    """Places in the program, numbered from 1 in the order in which this process met them; 0 = not known, as
    are those that are met after the first `most`, for a code has no room for their numbers.
    """

    def __init__(self, most: int = LIMITS.sites) -> None:
        self.most = most
        self._numbers: dict[int, int] = {}
        self._places: dict[int, tuple[CodeType, int]] = {}
        self._counter = Counter()

    def number(self, frame: FrameType) -> int:
        """The number of the instruction at which `frame` stands."""
        code, lasti = frame.f_code, frame.f_lasti
        return self._numbers.get(id(code) + lasti) or self.at(code, lasti)

    def at(self, code: CodeType, lasti: int) -> int:
        """The number of an instruction."""
        # An instruction's address: unique as long as the code object lives, and _places keeps it alive.
        key = id(code) + lasti
        return self._numbers.get(key) or self._add(key, code, lasti)

    def __len__(self) -> int:
        return len(self._places)

    @property
    def full(self) -> bool:
        """Whether this process meets places that get no number."""
        return len(self) >= self.most

    def _add(self, key: int, code: CodeType, lasti: int) -> int:
        if self.full:
            return 0
        number = self._counter.next()
        self._places[number] = (code, lasti)  # before anybody can know the number
        return self._numbers.setdefault(key, number)  # another thread's, where it was quicker

    def place(self, number: int) -> tuple[CodeType, int]:
        """The code object and the offset of the instruction."""
        return self._places[number]


PLACES = Places()


def raised_at(error: BaseException) -> int:
    """The place in the program from which an exception came: its own innermost, not a library's; 0 = none."""
    place, traceback = 0, error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if not is_library(code.co_filename):
            place = PLACES.at(code, traceback.tb_lasti)
        traceback = traceback.tb_next
    return place


def user_frame(frame: FrameType | None) -> FrameType | None:
    """The innermost frame that is the program's own, not the standard library's, a package's or ours."""
    while frame is not None and is_library(frame.f_code.co_filename):
        frame = frame.f_back
    return frame
