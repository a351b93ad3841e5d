"""Which Pythons the package is written for, and what is said on any other.

Owns: `OLDEST`, `NEWEST` and `check`, which `import tracing` calls before anything else.

Rule: a Python that is too old must get as far as the sentence. So this file, and what is imported before it,
keep to what Python 3.6 can read: no `from __future__ import annotations`, no type that came later.

No public way: `requires-python` is read by pip alone, has no word for CPython, and none for "tested up to".
"""

import platform
import sys
import warnings

OLDEST = (3, 11)
NEWEST = (3, 15)
"""The last of the versions that `.ci/run` tests."""


def check() -> None:
    """See that this Python is one that the package knows.

    A newer one than was ever tested gets a warning, in the line that imports `tracing`. Raises ImportError on
    an older one, and on one that is not CPython.
    """
    here = platform.python_implementation()
    if here != "CPython" or sys.version_info < OLDEST:
        raise ImportError(
            f"`tracing` needs CPython {_dotted(OLDEST)} or newer, and this is {here} "
            f"{_dotted(sys.version_info[:3])}: run it with another Python."
        )
    if sys.version_info[:2] > NEWEST:
        text = (
            f"`tracing` was tested on CPython {_dotted(OLDEST)} to {_dotted(NEWEST)}, not on "
            f"{_dotted(sys.version_info[:2])}: if something fails here, use one of those."
        )
        warnings.warn(text, RuntimeWarning, stacklevel=3)


def _dotted(version: "tuple[int, ...]") -> str:
    return ".".join(map(str, version))


THIS = _dotted(sys.version_info[:2])
"""The version that runs, for a sentence."""
