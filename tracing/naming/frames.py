"""Whose frame is it: the program's, or a library's?"""

from __future__ import annotations

import os
import site
import sysconfig
import threading
from functools import cache
from types import FrameType

from tracing.cpython.executors import CALLERS
from tracing.cpython.generated import field_at, is_generated

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep  # of this package
CALLERS_OF_TARGETS = (threading.Thread.run.__code__, threading.Timer.run.__code__, *CALLERS)
"""Library code that calls, in a thread, what whoever started that gave it."""


@cache
def is_library(filename: str) -> bool:
    """Whether code of that file belongs to the standard library, an installed package, or this package."""
    if filename.startswith("<"):
        return filename.startswith(("<frozen ", "<attrs generated "))
    path = os.path.normcase(os.path.abspath(filename))
    return path.startswith(_library_roots())


@cache
def _library_roots() -> tuple[str, ...]:
    keys = ("stdlib", "platstdlib", "purelib", "platlib")
    extra = {site.getusersitepackages(), os.path.dirname(os.__file__), ROOT}
    found = {sysconfig.get_path(key) for key in keys} | extra
    paths = (os.path.normcase(os.path.abspath(path)) for path in found if path)
    return tuple(path.rstrip(os.sep) + os.sep for path in paths)


def creator(frame: FrameType | None, made: object = None) -> tuple[FrameType | None, bool]:
    """The program's own frame that had an object made, and whether it made the object itself.

    Frames of this package and the constructors of subclasses (an `__init__` whose first argument is `made`)
    are passed over. When library code stands between, for example `Queue()` making its mutex, the second
    result is False: the place is right, but what the program calls the result of that call is not the
    object.
    """
    nearest = frame = _nearest(frame, made)
    while frame is not None and (is_library(frame.f_code.co_filename) or is_generated(frame.f_code)):
        frame = frame.f_back
    return frame, frame is not None and frame is nearest


def field_made(frame: FrameType | None, made: object = None) -> str:
    """ "Account.lock" for what a dataclass makes by `lock: Lock = field(default_factory=Lock)`, else ""."""
    frame = _nearest(frame, made)
    if frame is None or not is_generated(frame.f_code):
        return ""
    name = field_at(frame.f_code, frame.f_lasti)
    return name and f"{type(frame.f_locals[frame.f_code.co_varnames[0]]).__name__}.{name}"


def _nearest(frame: FrameType | None, made: object) -> FrameType | None:
    while frame is not None and (_is_ours(frame.f_code.co_filename) or _constructs(frame, made)):
        frame = frame.f_back
    return frame


@cache
def _is_ours(filename: str) -> bool:
    return os.path.abspath(filename).startswith(ROOT)


def _constructs(frame: FrameType, made: object) -> bool:
    code = frame.f_code
    if made is None or code.co_name != "__init__" or not code.co_argcount:
        return False
    return frame.f_locals.get(code.co_varnames[0]) is made
