"""Processes that the program forks: one in which nobody can go on says so, and ends.

Owns: `follow_forks`, what is done around `os.fork` in a recorded process.

Rule: a forked process is no part of the record. Only where it hangs it tells, in a file of its own: what it
has done since the fork, which goes on where the record of its parent stood then.

How it works: while it forks, nobody writes, so that both processes know what stands in the file. In the child
the other threads do not exist; what they held is held for ever.
"""

from __future__ import annotations

import os
from _thread import get_ident
from contextlib import suppress

from tracing.cpython.forking import mute_warning_of_own_threads
from tracing.cpython.frames import getframe
from tracing.events import Site
from tracing.naming import site_of
from tracing.recorder import user_frame
from tracing.running import OneRun
from tracing.runtime import AGENTS
from tracing.scripting.deciding import Judge
from tracing.scripting.stream import Stream


class _Forks:
    """Around each fork of this process, and of those that it forks."""

    def __init__(self, run: OneRun, stream: Stream) -> None:
        self.run, self.stream = run, stream
        self._line: Site | None = None

    def before(self) -> None:
        """In the thread that forks."""
        frame = user_frame(getframe(1))
        self._line = site_of(frame.f_code, frame.f_lasti) if frame else None
        mute_warning_of_own_threads()
        self.stream.hold()

    def in_parent(self) -> None:
        """As if nothing had been."""
        self.stream.go_on()

    def in_child(self) -> None:
        """The forking thread is the only one there is."""
        self.stream.go_on_forked(self._line)
        for agent in self.run.alive():
            if agent.ident != get_ident():
                agent.finished = True
                with suppress(ValueError):  # it was leaving
                    AGENTS.remove(agent)
        with suppress(RuntimeError):  # the system has no more threads
            Judge(self.run, self.stream).start()


def follow_forks(run: OneRun, stream: Stream) -> None:
    """From now on, as long as this process and those that it forks live."""
    if hasattr(os, "register_at_fork"):
        forks = _Forks(run, stream)
        os.register_at_fork(
            before=forks.before, after_in_parent=forks.in_parent, after_in_child=forks.in_child
        )
