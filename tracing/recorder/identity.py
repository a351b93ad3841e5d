"""What a primitive is, for the record."""

from __future__ import annotations

import weakref
from types import FrameType
from typing import Protocol

from tracing.cpython.frames import getframe
from tracing.events import OBJECT_SHIFT, SITE_SHIFT
from tracing.naming import creator, field_made, is_library
from tracing.recorder.places import PLACES, Counter


class Keeps(Protocol):
    """Who is told of each primitive that is made, and keeps its identity: a run while it is recorded."""

    identities: dict[int, Identity]  # by serial number
    values: dict[int, int]  # by serial number: what it had when the run first met it


_serials = Counter()  # of primitives, in this process
next_serial = _serials.next
OPEN: set[Keeps] = set()  # they keep the identity of what is made while they record


class Identities:
    """Of all primitives alive: a run names those that were made before it.

    Weak references without callbacks: what has gone is forgotten when there are twice as many. (A callback
    for each takes as long as all the rest, and three objects more for the collector to look at; a
    WeakValueDictionary still longer.) Other threads may make some meanwhile, whatever is done here.
    """

    LEAST = 1_000

    def __init__(self) -> None:
        self._known: dict[int, weakref.ref[Identity]] = {}
        self._most = self.LEAST  # to be known before those that have gone are forgotten

    def add(self, identity: Identity) -> None:
        self._known[identity.serial] = weakref.ref(identity)
        if len(self._known) > self._most:
            self._forget_the_gone()

    def __len__(self) -> int:
        """Those that have gone, and are not forgotten yet, included."""
        return len(self._known)

    def get(self, serial: int) -> Identity | None:
        reference = self._known.get(serial)
        return reference() if reference else None

    def alive(self) -> dict[int, Identity]:
        """By serial number. Not those of which but a record is left: each run would keep what the run before
        it had kept.
        """
        found = [reference() for reference in self._known.copy().values()]  # in one go, unlike a loop over it
        return {each.serial: each for each in found if each is not None and each.primitive() is not None}

    def _forget_the_gone(self) -> None:
        for serial, reference in self._known.copy().items():
            if reference() is None:
                self._known.pop(serial, None)
        self._most = 2 * len(self._known) + self.LEAST


IDENTITIES = Identities()


class Identity:
    """What the record knows of a primitive: a serial number, its type, where it was made, and its ready-made
    codes.
    """

    __slots__ = (
        *("__weakref__", "codes", "direct", "field", "lock", "otherwise", "owner", "place", "primitive"),
        *("serial", "type"),
    )

    def __init__(
        self,
        type: str,
        primitive: object,
        *,
        lock: int = 0,
        owner: int = 0,
        found: str | None = None,
        by: FrameType | None = None,
        otherwise: str = "",
    ) -> None:
        self.serial = next_serial()
        self.type = type
        self.primitive = weakref.ref(primitive)
        self.lock = lock  # serial of a Condition's lock
        self.owner = owner  # serial of the Condition that made this lock for itself; the executor of a Future
        # found: made before anybody looked, and called that now. by: the frame that had it made, where that
        # is not the one that calls this. otherwise: what it is called where the program gives it no name.
        start, self.otherwise, self.field = by or getframe(1), otherwise, found or ""
        frame: FrameType | None = None
        if found is not None:
            self.direct = False
        elif by is not None and not is_library(by.f_code.co_filename):
            frame, self.direct = by, True
        else:
            frame, self.direct = creator(start, primitive)
            self.field = "" if self.direct else field_made(start, primitive)
        self.place = PLACES.number(frame) if frame else 0  # direct: it was made there by the program itself
        self.codes: dict[int, int] = {}
        IDENTITIES.add(self)
        for recorder in OPEN.copy():
            recorder.identities[self.serial] = self

    def code(self, kind: int, frame: FrameType | None) -> int:
        """The code of an event of that kind on this primitive, done at `frame`'s line."""
        place = PLACES.number(frame) if frame else 0
        key = kind | place << SITE_SHIFT  # one int: a tuple with a Kind in it would take three times as long
        # setdefault: every event from one place shares one int object, which is what keeps an event small.
        return self.codes.get(key) or self.codes.setdefault(key, key | self.serial << OBJECT_SHIFT)
