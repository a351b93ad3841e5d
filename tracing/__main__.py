"""`python -m tracing program.py`: see `tracing.commanding`."""

from __future__ import annotations

import sys

from tracing.commanding import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
