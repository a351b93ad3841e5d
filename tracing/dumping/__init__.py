"""What the threads of a living process wait for: `python -m tracing dump PID`.

Owns: the ways to ask a process, and the words for what it answers.

Rule: the process goes on undisturbed. It is never stopped, nothing of it is called, nothing is written where
it writes; what was left for it to run, and did not run in time, is taken back.

How it works: a program under `python -m tracing` writes its record into a folder, which is read, by any
version of Python. Of another process the threads' stacks are read from its memory. Then it is asked
(`sys.remote_exec`) for its threads' names, and for the record where a `record()` lasts in it. It answers
when its main thread comes to its next step of Python; a main thread that waits in a `record()` is woken for
that. Where none comes in time, the stacks are what there is.

    asking.py     ask(): the ways, and why there is none
    stands.py     what a thread waits for, by its stack
    words.py      in sentences
    records.py    the text of a script: what a process has recorded
    withdrawn.py  the text of a script that does nothing
"""

from __future__ import annotations

from tracing.dumping.asking import Answer, DumpError, ask, record_in
from tracing.dumping.words import in_words, not_waiting, of_record

__all__ = ["Answer", "DumpError", "ask", "in_words", "not_waiting", "of_record", "record_in"]
