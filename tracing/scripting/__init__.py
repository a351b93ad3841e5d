"""`run_script()`: a program in an interpreter of its own, and what became of it.

Owns: the child interpreter, from its start until nothing of it is left; what it is told, and what it tells.

Rule: the program meets the interpreter as it is. Exit, daemons cut off mid-work, atexit, exit codes and
output are CPython's own; what is recorded so far survives any end of the process.

How it works: a folder for the time of the run. The parent (`parent`) puts the job into it (`job`) and starts
the interpreter on this package (`__main__`); the child (`child`) records the program with the same faces as
`record()` and streams the record into the folder (`stream`). Unmodified programs get the faces when they
import `threading` (`patching.interpreter`). Where nobody in the program can go on, the child ends it
(`deciding`), and so does each process that it forks (`forking`). When the child is gone, however it went, the
parent reads what is there. `foreground` does the same for a program that keeps the caller's own
streams (`python -m tracing`), and may be asked meanwhile what it waits for (`asked`); `simulated` is the
child's side of one that is simulated. `program` is how the child runs it: as `python FILE`, `-m` or `-c`.
"""

from __future__ import annotations

from tracing.scripting.foreground import NotRunError, run_in_foreground
from tracing.scripting.job import FOLDER, Job
from tracing.scripting.parent import HowEnded, ScriptTrace, run_script

__all__ = ["FOLDER", "HowEnded", "Job", "NotRunError", "ScriptTrace", "run_in_foreground", "run_script"]
