"""`record()` and `simulate()` for code that was never written for this package: it says `import threading`.

Owns: what stands in place of `threading`'s names in the program's modules while such a run lasts.

Rule: as everything that belongs to the process, it is put in place and put back by the run's keeper. What the
program has imported meanwhile is put back, too: afterwards no name is one of ours but those that it has from
us by its own `from tracing import`. (An object that was made meanwhile stays what it is, and works as before:
nobody records it.)

How it works: the program's modules, and the names given, get the faces by value, whatever they call them;
`import threading` gives the program a module that has the faces (`patching.interpreter`). `Thread` is the
original class; threads that the program starts are recorded by the methods put into it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any

from tracing.patching import PATCHES, Replacements, program_names
from tracing.patching.interpreter import FACES, Faces, thread_methods
from tracing.patching.recorded import RECORDED
from tracing.recording import RecordedBlockKeeper, record
from tracing.runtime import Agent
from tracing.simulating import Called, SimulatedBlockKeeper
from tracing.trace import Trace


def put_faces(around: ExitStack, *namespaces: dict[str, Any], threads: bool) -> None:
    """For a keeper, in `set_up`. namespaces: besides those of the program's modules. threads: whether
    starting and joining is not seen otherwise.
    """
    faces = Faces()
    names: Replacements = (
        (threading, faces.module),
        *((getattr(threading, name), faces.of(name)) for name in FACES),
    )
    bound = (*names, *RECORDED)  # these, too, may be imported meanwhile
    around.callback(_put_back, bound, namespaces, _bound(bound, namespaces), faces)
    around.callback(PATCHES.remove, PATCHES.install(names, program_names(*namespaces)))
    around.callback(PATCHES.remove, PATCHES.place([*faces.places(), *(thread_methods() if threads else [])]))


def _bound(names: Replacements, namespaces: Iterable[dict[str, Any]]) -> set[tuple[int, str]]:
    """Where the program itself has names of ours already: which namespace, by its id, and which name."""
    ours = {id(face) for _, face in names}
    return {
        (id(namespace), name)
        for namespace in program_names(*namespaces)
        for name, value in list(namespace.items())
        if id(value) in ours
    }


def _put_back(
    names: Replacements, namespaces: Iterable[dict[str, Any]], before: set[tuple[int, str]], faces: Faces
) -> None:
    """What was imported from `threading`, `time` and `queue` while the run lasted."""
    originals = {id(ours): original for original, ours in names}
    for namespace in program_names(*namespaces):
        for name, value in list(namespace.items()):
            if id(value) in originals and not (
                (id(namespace), name) in before or (id(namespace), id(value)) in faces.imported
            ):
                namespace[name] = originals[id(value)]


class _AgentWithHook(Agent):
    any_hook = True


class _RecordedKeeper(RecordedBlockKeeper):
    def __init__(
        self, main: threading.Thread, names: dict[str, Any], *, any_hook: bool, **settings: Any
    ) -> None:
        super().__init__(main, names, **settings)
        self._any_hook = any_hook

    def set_up(self, around: ExitStack) -> None:
        super().set_up(around)
        if self._any_hook:
            self.run.agent_type = _AgentWithHook
        put_faces(around, self._names, threads=True)


class recorded(record):
    """`record()` whose block is unmodified code. names: where its names stand, besides its modules. any_hook:
    what threads do not catch goes to whatever `threading.excepthook` is, also that of a library.

    The rest as for `record`.
    """

    def __init__(self, names: dict[str, Any], *, any_hook: bool = False, **settings: Any) -> None:
        super().__init__(**settings)
        self._names, self._settings["any_hook"] = names, any_hook

    def __enter__(self) -> Trace:
        self._check()
        return self._open(_RecordedKeeper(threading.current_thread(), self._names, **self._settings))


class _SimulatedKeeper(SimulatedBlockKeeper):
    def surround(self, around: ExitStack) -> None:
        super().surround(around)
        put_faces(around, *self._names, threads=False)


class simulated(Called):
    """`simulate()` whose block is unmodified code. names: where its names stand, besides its modules.

    The rest as for `simulate`.
    """

    keeper_type = _SimulatedKeeper
