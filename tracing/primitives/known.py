"""What runs know of a plain object of the standard library, beside the object: nothing is put into it."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

from tracing.naming import CALLERS_OF_TARGETS, is_library
from tracing.recorder import Identity


class Known:
    """Of one object. forget: `pop` of the table of what is known of its like, by id: it goes when the object
    goes. (The bound method itself, of which one is enough for all of them.)
    """

    __slots__ = ("__weakref__", "identity", "thing")

    def __init__(self, thing: object, identity: Identity, forget: Callable[[int], Any]) -> None:
        self.identity = identity
        self.thing: Any = weakref.ref(thing, partial(forget, id(thing)))  # no step in Python


def is_inside(identity: Identity, caller: FrameType | None) -> bool:
    """Whether the object is a library's own business: made in there (caller: None), or met when `caller` used
    it, in a library, and the program has no name for it. What calls a target, calls for who gave it.
    """
    if caller is None:
        return not identity.direct
    code = caller.f_code
    return not identity.field and is_library(code.co_filename) and code not in CALLERS_OF_TARGETS
