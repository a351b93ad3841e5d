"""Traces in files: saved, opened in another year by another Python, handed to other tools.

Owns: the file format (`layout` describes it, `writer` and `reader` are its two ends), the export to Chrome's
Trace Event JSON (`chrome`), and how either takes the place of an earlier file (`replacing`).

Rule: saving costs an earlier file only when the new one is complete. Opening runs no code and trusts nothing:
a file that is not a trace gives one `TraceFileError`; a trace that is cut off or damaged gives what is whole,
and says in `log.notes` what is missing.
"""

from __future__ import annotations

from tracing.files.chrome import to_chrome
from tracing.files.reader import open_log
from tracing.files.writer import Writer, save

__all__ = ["Writer", "open_log", "save", "to_chrome"]
