"""`python -m tracing`: the current folder is the program's, and nothing of ours is to be imported from it.

What for: where that folder has a `json.py` or a `logging.py`, each import of ours would find that one, run it
in the wrong process, and fail. No public way: `-P` and `PYTHONSAFEPATH` are for who starts the interpreter,
and hold for the program as well; a package is imported before its `__main__`, so that would come too late.

Source: the documentation of `-m` ("sys.argv[0] is '-m' while the module is being located") and of
`sys.orig_argv`; Modules/main.c puts the current folder first in `sys.path`, unless told not to. All versions.
Where it is otherwise, the folder stays where it is.

Like `versions`, it is read by any Python from 3.6 on.
"""

import sys


def leave_folder_to_program() -> None:
    """Take the current folder from `sys.path`, if this process is `python -m tracing`."""
    words = getattr(sys, "orig_argv", [])[-len(sys.argv) :]
    is_command = sys.argv[:1] == ["-m"] and words and _names_us(words[0])
    if is_command and not getattr(sys.flags, "safe_path", True):
        del sys.path[0]


def _names_us(word: str) -> bool:
    """Of the command line: `tracing` after `-m`, or `-mtracing`."""
    return word == "tracing" or (word.startswith("-") and word.endswith("mtracing"))
