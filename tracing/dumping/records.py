"""What a process has recorded so far: the text of this file runs there, after that of `cpython.probe`.

Rule: it imports nothing of this package. Where that is not loaded, nothing is recorded.
"""

import os
import sys
from typing import Any


def records(folder: str) -> list[str]:
    """Write the record of each `record()` that lasts in this process; the names of the files."""
    recording: Any = sys.modules.get("tracing.recording")
    files: Any = sys.modules.get("tracing.files")
    runs = list(recording.RUNS) if recording and files else []
    names = [f"record-{number}.jsonl" for number in range(len(runs))]
    for run, name in zip(runs, names, strict=True):
        files.save(run.log(), os.path.join(folder, name))
    return names
