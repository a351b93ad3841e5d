"""Every error that the package raises on its own account (its primitives raise what `threading`'s raise).

Rule: a message is one plain sentence or two: who, what, where, and what to do next.
"""

from __future__ import annotations


class TracingError(Exception):
    """The base of the package's own errors."""


class TraceFileError(TracingError, ValueError):
    """A file is not a trace, or not one that this version can open."""


class RecordError(TracingError, RuntimeError):
    """record() cannot begin here."""


class SimulateError(TracingError, RuntimeError):
    """simulate() cannot begin here, or cannot simulate what its program asks for."""


class NoSuchThreadError(TracingError, LookupError):
    """A run has no thread of the name or number that was asked for."""


class NoSuchPrimitiveError(TracingError, LookupError):
    """A run has no primitive of the name or number that was asked for."""


class TimelineError(TracingError, ValueError):
    """A timeline cannot be drawn as it was asked for."""


class ExploreError(TracingError, RuntimeError):
    """A program cannot be explored, or not in this way."""


class ScriptError(TracingError, RuntimeError):
    """run_script() was given nothing that it can run, or no interpreter to run it."""
