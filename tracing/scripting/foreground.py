"""A program that has the caller's own terminal: `python -m tracing`.

Owns: `run_in_foreground`, and whose a signal is that comes to the waiting process.

Rule: the program has standard streams, folder, environment and process group as without us. A signal is the
program's: it decides what becomes of it. This process only waits, and reads what was left.

How it works: a terminal sends Ctrl-C to all processes in front, so the program has it already; what somebody
sent to this process alone is handed on. Where the system says who sent it (`sigtimedwait`) that is certain;
elsewhere a Ctrl-C counts as the terminal's while this process is in front of one.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from typing import Any

from tracing.scripting.job import PREFIX, Job, Pulse, mark_process
from tracing.scripting.parent import Child, ScriptTrace

SIGNALS = {
    number for name in ("SIGINT", "SIGTERM", "SIGHUP") if (number := getattr(signal, name, None)) is not None
}
GRACE = 2.0  # s that a simulated program has to write its record down when it is told to end


def run_in_foreground(
    job: Job,
    *,
    timeout: float | None = None,
    flags: tuple[str, ...] = (),
    beside: Callable[[Path], None] | None = None,
    asked: Callable[[Path], None] | None = None,
) -> ScriptTrace:
    """Run a program to its real end with the caller's own streams; then its trace.

    timeout: seconds from its first line; None: as long as it likes. flags: of the interpreter. beside: called
    with the folder of the record when the program has ended. asked: called with it whenever `Job.asked_by`
    comes.

    Raises ScriptError where it cannot be run, KeyboardInterrupt where a Ctrl-C came before it began.
    """
    with TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        job.write(folder)
        mark_process(folder)
        with _Foreground(folder, job, timeout=timeout, flags=flags, asked=asked) as child:
            child.see_off()
        if child.was_sent and Pulse(folder).seen() is None:
            raise KeyboardInterrupt
        if beside is not None:
            beside(folder)
        return child.trace()


class _Foreground(Child):
    """The interpreter of a program that has the caller's streams."""

    who = "tracing"

    def __init__(
        self,
        folder: Path,
        job: Job,
        *,
        timeout: float | None,
        flags: tuple[str, ...],
        asked: Callable[[Path], None] | None,
    ) -> None:
        super().__init__(folder, sys.executable, timeout=timeout, flags=flags)
        self.simulated, self.was_sent = job.simulated is not None, 0
        self.asked_by, self.asked = job.asked_by, asked
        self.signals = SIGNALS | {job.asked_by} - {0}

    def start(self, command: list[str]) -> subprocess.Popen[bytes]:
        # What it inherited the program inherits in turn: `program.py 3< file`, a socket, make's jobserver.
        process = subprocess.Popen(command, close_fds=os.name != "posix")
        self._around = ExitStack()
        if hasattr(signal, "sigtimedwait"):
            before = signal.pthread_sigmask(signal.SIG_BLOCK, self.signals)
            self._around.callback(signal.pthread_sigmask, signal.SIG_SETMASK, before)
        else:
            for number in self.signals:
                self._around.callback(signal.signal, number, signal.signal(number, self._caught))
        return process

    def __exit__(self, *exc_info: object) -> None:
        super().__exit__(*exc_info)
        self._around.close()

    def pause(self, seconds: float) -> None:
        if not hasattr(signal, "sigtimedwait"):
            sleep(seconds)
            return
        sent: Any = signal.sigtimedwait(self.signals, seconds)
        if sent is not None:
            self._hand_on(sent.si_signo, of_terminal=sent.si_code > 0)  # not by a process: by the system

    def _caught(self, number: int, frame: object) -> None:
        self._hand_on(number, of_terminal=number == signal.SIGINT and _in_front())

    def _hand_on(self, number: int, *, of_terminal: bool) -> None:
        if number == self.asked_by and self.asked is not None:
            return self.asked(self.folder)
        self.was_sent = number
        if not of_terminal:
            with suppress(OSError):
                # A simulated program holds its record back until its end: a Ctrl-C is what it can write after
                self.process.send_signal(signal.SIGINT if self.simulated else number)

    def kill(self) -> None:
        """It alone: who else is in its process group is the caller's."""
        if self.simulated and self.process.poll() is None:
            with suppress(OSError, ValueError, subprocess.TimeoutExpired):
                self.process.send_signal(signal.SIGINT)
                self.process.wait(GRACE)
        self.process.kill()


def _in_front() -> bool:
    """Whether a Ctrl-C at the terminal comes to this process group."""
    if os.name != "posix":
        return True  # a console sends it to all of its processes
    with suppress(OSError), open("/dev/tty", "rb") as terminal:
        return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    return False
