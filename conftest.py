"""For pytest only: a bare `pytest --nbval` from the root runs the tests and every notebook.

nbval needs no sanitizing here: the text form of a run carries no times, ids or paths.
"""

import os

# A kernel that nbval starts inherits this: without it the debugger warns about frozen modules on stderr,
# which strict comparison would see.
os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")

collect_ignore = ["build", "dist", ".venv", ".cache"]
