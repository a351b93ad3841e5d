"""For pytest only: what a notebook shows must not depend on whose machine runs it.

A bare `pytest --nbval` from the root runs the tests and every notebook (`testpaths` in pyproject.toml). nbval
needs no sanitizing here: the text form of a run carries no times, ids or paths.
"""

from __future__ import annotations

import os
import signal
import tempfile

import pytest


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """What `-n auto` means here: two workers for each core, since tests wait for two fifths of their time;
    of memory each takes 300 MB.
    """
    return min(8, 2 * (os.cpu_count() or 1))


def pytest_configure(config: pytest.Config) -> None:
    """Give every kernel of this process an IPython without the reader's own start-up files and history; and
    the tests that interrupt themselves a Ctrl-C that interrupts.
    """
    from kernels import tried_twice  # of tools/, which only pytest has on its path (pyproject.toml)
    from nbval import kernel

    kernel.start_new_kernel = tried_twice(kernel.start_new_kernel)
    folder = tempfile.TemporaryDirectory(prefix="ipython-", ignore_cleanup_errors=True)
    config.add_cleanup(folder.cleanup)
    os.environ["IPYTHONDIR"] = folder.name
    os.environ.pop("MPLBACKEND", None)  # a kernel draws into the notebook unless this says otherwise
    # Of the hundreds of interpreters that tests start each would compile the whole package anew, in 0.25 s.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if (
        signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    ):  # so a shell starts what it puts into the background
        signal.signal(signal.SIGINT, signal.default_int_handler)
