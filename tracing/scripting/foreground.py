"""A program that has the caller's own terminal: `python -m tracing`.

Owns: `run_in_foreground`, and whose a signal is that comes to the waiting process.

Rule: the program has standard streams, folder, environment and process group as without us. A signal is the
program's while it lives: it decides what becomes of it. This process only waits, and reads what was left. A
signal that comes later is the caller's, once what was begun (files are being written) is done.

How it works: a terminal sends Ctrl-C to all processes in front, so the program has it already; what somebody
sent to this process is handed on. Where the system says whether it was the terminal (`sigtimedwait`) that is
certain; elsewhere a Ctrl-C counts as the terminal's while this process is in front of one. What a process
sends to the whole group (`kill -INT -PGID`) comes to the program twice: nothing says that it was not sent to
this process alone. From the program's end to that of the block `_Postponed` keeps the first signal, and lets
a second one through.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from typing import Any

from tracing.scripting.job import NOT_RUN, PREFIX, Job, Pulse, mark_process
from tracing.scripting.parent import Child, ScriptTrace

SIGNALS = {
    number for name in ("SIGINT", "SIGTERM", "SIGHUP") if (number := getattr(signal, name, None)) is not None
}
GRACE = 2.0  # s that a simulated program has to write its record down when it is told to end


class NotRunError(Exception):
    """There was nothing to run. Its text: why, in the interpreter's words; "" where only that can say it."""


@contextmanager
def run_in_foreground(
    job: Job,
    *,
    timeout: float | None = None,
    flags: tuple[str, ...] = (),
    asked: Callable[[Path], None] | None = None,
) -> Iterator[ScriptTrace]:
    """Run a program to its real end with the caller's own streams; its trace is what the block is given.

    A signal that comes in the block is kept until it is over; a second one is not.

    timeout: seconds from the program's first line, so without the start of its interpreter; None: as long as
    it likes. flags: of the interpreter. asked: called with the folder of the record whenever `Job.asked_by`
    comes.

    Raises ScriptError where it cannot be run, NotRunError where there is no program, KeyboardInterrupt where
    a Ctrl-C came before it began (another signal then ends this process).
    """
    postponed = _Postponed(unheard=job.asked_by)
    try:
        run = _run_to_its_end(job, postponed, timeout=timeout, flags=flags, asked=asked)
        if run is not None:
            yield run
    finally:
        postponed.stop()
    postponed.let_come()
    if run is None:
        raise KeyboardInterrupt


def _run_to_its_end(
    job: Job,
    postponed: _Postponed,
    *,
    timeout: float | None,
    flags: tuple[str, ...],
    asked: Callable[[Path], None] | None,
) -> ScriptTrace | None:
    """None where a signal came before the program began; it is postponed."""
    with TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        job.write(folder)
        mark_process(folder)
        child = _Foreground(folder, job, postponed, timeout=timeout, flags=flags, asked=asked)
        with child:
            child.wait_until_all_is_over()
        if child.was_sent and Pulse(folder).seen() is None:
            postponed.first = child.was_sent
            return None
        if (folder / NOT_RUN).exists():
            raise NotRunError((folder / NOT_RUN).read_text(encoding="utf-8", errors="surrogateescape"))
        return child.trace()


class _Postponed:
    """Signals that have to wait until something is done: the first of them; a second one comes at once.

    unheard: one that means nothing meanwhile. at_once: what is done with each instead, while that is set.
    """

    def __init__(self, unheard: int) -> None:
        self.first, self._unheard = 0, unheard
        self.at_once: Callable[[int], None] | None = None
        self._before: dict[int, Any] = {}

    def start(self, numbers: set[int]) -> None:
        """From now on these, but for those that are ignored anyway."""
        for number in numbers:
            before = signal.getsignal(number)
            if before not in (signal.SIG_IGN, None):
                self._before[number] = before
                signal.signal(number, self._came)

    def _came(self, number: int, frame: object) -> None:
        if self.at_once is not None:
            self.at_once(number)
        elif self.first and number != self._unheard:
            self.stop()
            signal.raise_signal(number)
        elif number != self._unheard:
            self.first = number

    def stop(self) -> None:
        """From now on each comes as before."""
        while self._before:
            signal.signal(*self._before.popitem())

    def let_come(self) -> None:
        """The one that was kept, if any was."""
        if self.first:
            signal.raise_signal(self.first)


class _Foreground(Child):
    """The interpreter of a program that has the caller's streams."""

    who = "tracing"

    def __init__(
        self,
        folder: Path,
        job: Job,
        postponed: _Postponed,
        *,
        timeout: float | None,
        flags: tuple[str, ...],
        asked: Callable[[Path], None] | None,
    ) -> None:
        super().__init__(folder, sys.executable, timeout=timeout, flags=flags)
        self.simulated, self.was_sent = job.simulated is not None, 0
        self.asked_by, self.asked = job.asked_by, asked
        self.signals = SIGNALS | {job.asked_by} - {0}
        self.postponed = postponed

    def start(self, command: list[str]) -> subprocess.Popen[bytes]:
        # What it inherited the program inherits in turn: `program.py 3< file`, a socket, make's jobserver.
        process = subprocess.Popen(command, close_fds=os.name != "posix")
        self._around = ExitStack()
        if hasattr(signal, "sigtimedwait"):
            before = signal.pthread_sigmask(signal.SIG_BLOCK, self.signals)
            self._around.callback(signal.pthread_sigmask, signal.SIG_SETMASK, before)
        else:
            self.postponed.at_once = self._caught
        self.postponed.start(self.signals)
        return process

    def __exit__(self, *exc_info: object) -> None:
        super().__exit__(*exc_info)
        while self._take_signal(0):  # came while it ended: it was the program's
            pass
        self.postponed.at_once = None
        self._around.close()

    def pause(self, seconds: float) -> None:
        if hasattr(signal, "sigtimedwait"):
            self._take_signal(seconds)
        else:
            sleep(seconds)

    def _take_signal(self, seconds: float) -> bool:
        """Whether one came in that time; it is handed on. Only where the system lets one wait for it."""
        sent: Any = signal.sigtimedwait(self.signals, seconds) if hasattr(signal, "sigtimedwait") else None
        if sent is not None:
            self._hand_on(sent.si_signo, of_terminal=sent.si_code > 0)  # not by a process: by the system
        return sent is not None

    def _caught(self, number: int) -> None:
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
