"""A file that takes another's place when it is complete, and not before.

Rule: whatever goes wrong while it is written (a full disk, a value that cannot be written, Ctrl-C), what
stood at the path stands there still, and nothing is left beside it.

How it works: it is written beside the old one, in the same folder, because only there can a file take
another's name in one step (`os.replace`).
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO
from uuid import uuid4

Path = str | bytes | os.PathLike[str]


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write bytes to, which becomes the one at `path` where the block ends without an exception.

    It has the permissions of the file that it replaces. What a symbolic link points to is replaced, not the
    link. What is no file that could be replaced (a terminal, a pipe, /dev/null) is written to at once.

    Raises: OSError, with the name of `path`, where the file cannot be written; TypeError where that is none.
    """
    name = os.fsdecode(path)
    try:
        if _is_special(name):
            with open(name, "wb") as file:
                yield file
        else:
            with _beside(os.path.realpath(name)) as file:
                yield file
    except OSError as error:
        if error.filename is not None:  # the name of a file that is gone by now
            error.filename = path
            del error.filename2  # one that is None would be told, too: "-> None"
        raise


@contextmanager
def _beside(target: str) -> Iterator[BinaryIO]:
    # A short name: that of the target may be as long as a name can be.
    beside = os.path.join(os.path.dirname(target), f".{uuid4().hex[:16]}.part")
    try:
        with open(beside, "xb") as file:
            yield file
        with suppress(OSError):  # there is none yet, or the file system has no permissions
            shutil.copymode(target, beside)
        os.replace(beside, target)
    finally:
        try:
            _remove(beside)
        finally:  # a Ctrl-C may have come first
            _remove(beside)


def _remove(beside: str) -> None:
    with suppress(FileNotFoundError):  # it has taken the other's place
        os.unlink(beside)


def _is_special(name: str) -> bool:
    try:
        return not stat.S_ISREG(os.stat(name).st_mode)
    except OSError:  # there is none yet, or it cannot be looked at: opening it says why
        return False
