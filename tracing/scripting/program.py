"""A program as the interpreter would run it: `python FILE`, `python -m MODULE`, `python -c TEXT`.

Owns: `__main__`, `sys.argv`, `sys.path[0]` and what of `sys.modules` is the program's own, as an interpreter
prepares each of them; and the mark by which the parent knows that there was nothing to run.

Rule: what the program can ask about itself is what it would be told without us. It may be run again and
again: each time in a new `__main__`, and its own modules are imported anew.

How it works: this interpreter was itself started with a script, so its `__main__` shows which names a script
has on this version of Python. A file is compiled once, from its bytes, as the interpreter reads it; a module
is found anew for each run, since that imports the packages around it. What cannot be read or compiled is left
to a bare interpreter, which says why (`foreground`): its words and its exit status are the right ones.
"""

from __future__ import annotations

import builtins
import linecache
import os
import re
import sys
import warnings
from importlib.machinery import (
    BuiltinImporter,
    FrozenImporter,
    ModuleSpec,
    PathFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)
from io import BytesIO
from pathlib import Path
from tokenize import detect_encoding
from types import CodeType, ModuleType
from typing import Any, NoReturn

from tracing.cpython.main_modules import NoMainModuleError, main_of_folder, main_of_module
from tracing.naming import is_library
from tracing.scripting.job import FOLDER, NOT_RUN, Job


class Program:
    """The program of a job, in this interpreter. folder: the run's own (see `scripting`). at_start: the
    modules that the interpreter began with.
    """

    def __init__(self, job: Job, folder: Path, at_start: frozenset[str]) -> None:
        self.job, self._not_run = job, folder / NOT_RUN
        if job.module == FOLDER or not sys.flags.safe_path:
            own = os.path.dirname(job.path) if job.imports_from is None else job.imports_from
            sys.path.insert(0, own)
            _make_way(own, at_start)
        is_library(job.file)  # so that it knows whose code is whose
        self._compiled: CodeType | None = None
        self.module = ModuleType("__main__")
        self.renew()

    def renew(self) -> None:
        """A `__main__` in which nothing was done yet."""
        job = self.job
        self.module = sys.modules["__main__"] = ModuleType("__main__")
        vars(self.module).update(_about(job), __builtins__=builtins)
        sys.argv = [job.name or job.path or "-c", *job.args]

    def forget_modules(self) -> None:
        """The program's own modules are to be imported anew."""
        for name, module in tuple(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if name != "__main__" and isinstance(file, str) and not is_library(file):
                del sys.modules[name]

    def run(self) -> None:
        """From its first line to its last. Raises SystemExit where there is nothing to run, as well."""
        code = self._found() if self.job.module else self._from_source()
        exec(code, vars(self.module))
        if self.job.call:
            vars(self.module)[self.job.call]()

    def _found(self) -> CodeType:
        """The code of a module, which `__main__` becomes."""
        folder = self.job.module == FOLDER
        try:
            spec, code = main_of_folder() if folder else main_of_module(self.job.module)
        except NoMainModuleError as error:
            self._give_up(f"{sys.executable}: {error}")
        about = _about_module(spec)
        vars(self.module).update({name: about[name] for name in about if name in OF_SCRIPT})
        if not folder:
            sys.argv[0] = str(spec.origin)
        return code

    def _from_source(self) -> CodeType:
        """The code of a file or a text, compiled when it is first asked for."""
        if self._compiled is None:
            try:
                self._compiled = self._compile()
            except (OSError, SyntaxError, UnicodeError, ValueError, ImportError):
                if self.job.text is not None and self.job.captured:  # `run_script`: it is told in its report
                    raise
                self._give_up("")
        return self._compiled

    def _compile(self) -> CodeType:
        job = self.job
        if job.path.endswith(".pyc"):
            code = SourcelessFileLoader("__main__", job.path).get_code("__main__")
            assert code is not None
            return code
        source: str | bytes = Path(job.path).read_bytes() if job.text is None else job.text
        with warnings.catch_warnings(record=True) as said:  # else they would be said twice where it fails
            code = compile(source, job.file, "exec", dont_inherit=True)
        for each in said:
            warnings.showwarning(each.message, each.category, each.filename, each.lineno)
        text = (
            source if isinstance(source, str) else source.decode(detect_encoding(BytesIO(source).readline)[0])
        )
        linecache.cache[job.file] = (len(text), None, text.splitlines(keepends=True), job.file)
        return code

    def _give_up(self, words: str) -> NoReturn:
        """There is nothing to run: say so, and let the parent know it. words: "": it is to be found out."""
        if not self._not_run.exists():
            self._not_run.write_text(words, encoding="utf-8", errors="surrogateescape")
        raise SystemExit(1)


def _make_way(own: str, at_start: frozenset[str]) -> None:
    """Let the program find the modules in its own folder that are called as those of the standard library
    which we have loaded.

    We keep these: who has imported a module does not look for it again. So does the interpreter, but for
    `threading`, which it looks for under that name at its exit.
    """
    for name in set(sys.modules) - at_start:
        first = name.partition(".")[0]
        may_go = first in sys.stdlib_module_names - {"threading"} and not _is_built_in(first)
        if may_go and PathFinder.find_spec(first, [own]) is not None:
            del sys.modules[name]


def _is_built_in(name: str) -> bool:
    """Whether that module is found before any in a folder."""
    return BuiltinImporter.find_spec(name) is not None or FrozenImporter.find_spec(name) is not None


OF_SCRIPT = frozenset(name for name in vars(sys.modules["__main__"]) if re.fullmatch("__.*__", name))
"""The names that the `__main__` of a script begins with, on this version: this interpreter runs one."""


def _about(job: Job) -> dict[str, Any]:
    """What stands in `__main__` before the first line, besides what any module has."""
    about: dict[str, Any] = {"__annotations__": {}, "__loader__": BuiltinImporter}
    if job.path and not job.module:
        kind = SourcelessFileLoader if job.path.endswith(".pyc") else SourceFileLoader
        about |= {"__file__": job.path, "__cached__": None, "__loader__": kind("__main__", job.path)}
    elif job.name == "-":
        about |= {"__file__": "<stdin>", "__cached__": None}
    return {name: value for name, value in about.items() if name in OF_SCRIPT}


def _about_module(spec: ModuleSpec) -> dict[str, Any]:
    """The same of what is run by `-m`, and of a folder."""
    return {
        "__spec__": spec,
        "__loader__": spec.loader,
        "__file__": spec.origin,
        "__cached__": spec.cached,
        "__package__": spec.parent,
    }
