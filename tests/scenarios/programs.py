"""What a program of the corpus is, and what must be found in it.

Each module of the corpus makes a `Group` and marks its programs with it; a marked function stays an ordinary
function without arguments, which makes all its state itself. `together` starts its threads and waits for
them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tracing import Thread

Function = Callable[[], object]


@dataclass(frozen=True, kw_only=True)
class Finds:
    """A finding that a broken program must give, in the names that the program uses.

    threads, objects: all that it concerns, in any order; lines: source lines, stripped, that are among its
    places; says: what its sentence has in it. Empty where they are not asked for.
    """

    kind: str
    threads: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    says: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Program:
    """A small program, and what is to be found in it.

    correct: no schedule may give it an error. finds: what some schedule must show, each of them. may: other
    kinds of findings that it may give; of a correct program, as notes or warnings. explored: what is found
    takes `explore`, at that grain.
    """

    run: Function
    correct: bool
    curriculum: str = ""
    finds: tuple[Finds, ...] = ()
    may: tuple[str, ...] = ()
    explored: str = ""

    @property
    def name(self) -> str:
        return self.run.__name__


class Group:
    """The programs of one module."""

    def __init__(self) -> None:
        self.programs: list[Program] = []

    def right(self, curriculum: str = "", *, may: tuple[str, ...] = ()) -> Callable[[Function], Function]:
        """Mark a program as correct."""
        return lambda run: self._add(Program(run=run, correct=True, curriculum=curriculum, may=may))

    def wrong(
        self,
        *finds: Finds,
        curriculum: str = "",
        may: tuple[str, ...] = (),
        explored: str = "",
    ) -> Callable[[Function], Function]:
        """Mark a program as broken."""
        return lambda run: self._add(
            Program(run=run, correct=False, curriculum=curriculum, finds=finds, may=may, explored=explored)
        )

    def _add(self, program: Program) -> Function:
        self.programs.append(program)
        return program.run


def together(**targets: Callable[[], object]) -> None:
    """Start a thread for each function, called as the argument is, and wait for all of them."""
    threads = [Thread(target=target, name=name) for name, target in targets.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
