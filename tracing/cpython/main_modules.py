"""What `python -m NAME` and `python FOLDER` run, or why they cannot.

What for: a program that is run so is to be found as by the interpreter, and where it is not, that is said in
the interpreter's words, which differ by version. No public way: `runpy.run_module` and `runpy.run_path` find
and run in one step, in a namespace of their own that is no `__main__`, and give other words.

Source: CPython, Lib/runpy.py (`_get_module_details`, `_get_main_module_details`; the interpreter itself calls
`_run_module_as_main`, which begins with them). All versions. Where one is missing, such a program is not run:
the error has the missing name.
"""

from __future__ import annotations

import runpy
from importlib.machinery import ModuleSpec
from types import CodeType
from typing import Any

_runpy: Any = runpy


class NoMainModuleError(Exception):
    """There is nothing to run: the interpreter's words, without its own name before them."""


def main_of_module(name: str) -> tuple[ModuleSpec, CodeType]:
    """What is run for that module or package; the packages around it are imported.

    Raises NoMainModuleError; and whatever these packages raise.
    """
    _, spec, code = _runpy._get_module_details(name, NoMainModuleError)
    return spec, code


def main_of_folder() -> tuple[ModuleSpec, CodeType]:
    """The `__main__` of the folder or archive that stands first in `sys.path`. Raises NoMainModuleError."""
    _, spec, code = _runpy._get_main_module_details(NoMainModuleError)
    return spec, code
