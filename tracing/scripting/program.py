"""A program as the interpreter would run it: `python FILE`, `python -m MODULE`, `python -c TEXT`.

Owns: `__main__`, `sys.argv` and `sys.path[0]`, as an interpreter prepares each of them.

Rule: what the program can ask about itself is what it would be told without us. It may be run again and
again: each time in a new `__main__`, and its own modules are imported anew.
"""

from __future__ import annotations

import builtins
import linecache
import os
import sys
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import find_spec
from types import CodeType, ModuleType
from typing import Any

from tracing.naming import is_library
from tracing.scripting.job import Job


class Program:
    """The program of a job, in this interpreter."""

    def __init__(self, job: Job) -> None:
        self.job = job
        front = os.path.dirname(job.path) if job.front is None else job.front
        if not sys.flags.safe_path:
            sys.path.insert(0, front)
        linecache.cache[job.file] = (len(job.text), None, job.text.splitlines(keepends=True), job.file)
        is_library(job.file)  # so that it knows whose code is whose
        self.module = ModuleType("__main__")
        self.renew()

    def renew(self) -> None:
        """A `__main__` in which nothing was done yet."""
        job = self.job
        self.module = sys.modules["__main__"] = ModuleType("__main__")
        vars(self.module).update(__builtins__=builtins, __cached__=None)
        if job.path and not job.module:
            vars(self.module).update(__file__=job.path, __loader__=SourceFileLoader("__main__", job.path))
        sys.argv = [job.name or job.path or "-c", *job.args]

    def forget_modules(self) -> None:
        """The program's own modules are to be imported anew."""
        for name, module in tuple(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if name != "__main__" and isinstance(file, str) and not is_library(file):
                del sys.modules[name]

    def run(self) -> None:
        """From its first line to its last."""
        exec(self._code(), vars(self.module))
        if self.job.call:
            vars(self.module)[self.job.call]()

    def _code(self) -> CodeType:
        if not self.job.module:
            return compile(self.job.text, self.job.file, "exec", dont_inherit=True)
        spec = _spec(self.job)
        loader: Any = spec.loader
        code: CodeType | None = loader.get_code(spec.name)
        if code is None:
            raise SystemExit(f"{sys.executable}: No code object available for {spec.name}")
        vars(self.module).update(
            __spec__=spec,
            __loader__=loader,
            __file__=code.co_filename,
            __cached__=spec.cached,
            __package__=spec.parent,
        )
        sys.argv[0] = self.job.path or code.co_filename
        return code


def _spec(job: Job) -> ModuleSpec:
    """Where that module is. Raises SystemExit, with the interpreter's own words, where it is not."""
    if job.path:  # a folder or an archive, run by the `__main__.py` that it has
        found = PathFinder.find_spec("__main__", [job.path])
    else:
        found = _found(job.module)
        if found is not None and found.submodule_search_locations is not None:
            found = _found(f"{job.module}.__main__")
    if found is None or not hasattr(found.loader, "get_code"):
        raise SystemExit(f"{sys.executable}: No module named {job.module}")
    return found


def _found(name: str) -> ModuleSpec | None:
    """Raises whatever the package around it raises while it is imported."""
    try:
        return find_spec(name)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{name}.".startswith(f"{error.name}."):
            return None
        raise
    except ValueError:  # a relative name, or one of a module that says that it has no spec
        return None
