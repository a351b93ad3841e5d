"""Where the child interpreter begins: `python .../tracing/scripting/__main__.py FOLDER`.

Named as a file, as a script is: after a Ctrl-C an interpreter ends differently where it runs a folder.

Works from any folder, installed or not: the package is found beside this file, and nothing of the program's
folder can stand in its way. What it has loaded for itself is not to stand in the program's way either: which
modules there were before is for `program` to know.
"""

from __future__ import annotations

import sys

AT_START = frozenset(sys.modules)  # before the next import
from pathlib import Path  # noqa: E402

if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    root = str(here.parent.parent)
    sys.path[:] = [root, *(entry for entry in sys.path if Path(entry or ".").resolve() != here)]

    from tracing.scripting.child import live

    sys.path.remove(root)
    if root not in sys.path:
        sys.path.append(root)  # for a program that says `from tracing import Thread`
    live(Path(sys.argv[1]), AT_START)
