"""Where is it: an instruction's file, line, function and text as a reader knows them; and its source."""

from __future__ import annotations

import linecache
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from itertools import islice
from types import CodeType

from tracing.cpython.blocks import leaves_by_exception
from tracing.events import Site


def site_of(code: CodeType, lasti: int) -> Site:
    """The place of an instruction as a reader knows it.

    `file` is the base name, and "cell" for every cell of a notebook: a cell's number is not the same in
    JupyterLab, which counts executions, and under nbval, which does not. `text` is the stripped source
    line, "" when it cannot be had.
    """
    return _site_of(code, code.co_filename, lasti)


@lru_cache(maxsize=4096)
def _site_of(code: CodeType, _filename: str, lasti: int) -> Site:  # equal code may be of another file
    line = span(code, lasti)[0] or code.co_firstlineno
    return Site(
        file=_file(code.co_filename),
        line=line,
        function=_function(code),
        text=_line_text(code, line),
        raised=leaves_by_exception(code, lasti),
    )


def span(code: CodeType, lasti: int) -> tuple[int | None, int | None, int | None, int | None]:
    """First line, last line, first column, last column of the instruction."""
    nothing = (None, None, None, None)
    return next(islice(code.co_positions(), max(lasti, 0) // 2, None), nothing) if lasti >= 0 else nothing


_CELL = re.compile(r"^<(ipython|python)-input-|[\\/](ipykernel|xpython)_\d+[\\/]")


def _file(filename: str) -> str:
    if _CELL.search(filename) or filename in _cells_of_ipython():
        return "cell"
    *folders, name = re.split(r"[\\/]", filename)
    return f"{folders[-1]}/{name}" if folders and name in ("__init__.py", "__main__.py") else name


def _cells_of_ipython() -> Mapping[str, int]:
    """IPython's own table of the file names that stand for cells; empty outside IPython."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(getattr(shell, "compile", None), "_filename_map", {})


def _function(code: CodeType) -> str:
    """The function's qualified name, "" for a module or cell. A comprehension belongs to its function, as it
    does from Python 3.12 on."""
    return _function_in(code.co_qualname)


@lru_cache(maxsize=4096)
def _function_in(qualified: str) -> str:
    parts = [part for part in qualified.split(".") if part != "<locals>"]
    while parts and re.match(r"<(module|cell line|listcomp|setcomp|dictcomp|genexpr)", parts[-1]):
        parts.pop()
    return ".".join(parts)


def scope_of(code: CodeType) -> tuple[str, str]:
    """The function, module or cell that the code is of. Cells are compiled statement by statement."""
    return code.co_filename, _function(code)


def is_module(code: CodeType) -> bool:
    """Whether it is what stands in a module or a cell outside of functions. (A statement of a cell has a name
    of its own in some versions of IPython.)
    """
    return code.co_name.startswith(("<module", "<cell line"))


def _line_text(code: CodeType, line: int) -> str:
    try:
        lines = lines_of(code)
        return lines[line - 1].strip() if 0 < line <= len(lines) else ""
    except Exception:
        return ""


def lines_of(code: CodeType) -> tuple[str, ...]:
    if code.co_filename == "<string>":
        return _command_line_source() if _is_from_command_line(code) else ()
    return tuple(linecache.getlines(code.co_filename))


@cache
def _command_line_source() -> tuple[str, ...]:
    """The program of `python -c`, which the interpreter does not keep as a source before 3.13."""
    if not sys.argv or sys.argv[0] != "-c":
        return ()
    argument = sys.orig_argv[-len(sys.argv)]
    return tuple(argument.removeprefix("-c").splitlines(keepends=True))


@lru_cache(maxsize=256)
def _is_from_command_line(code: CodeType) -> bool:
    """Whether the code is that of `python -c`: exec() of a text has the same file name, "<string>"."""
    text = "".join(_command_line_source())
    return bool(text) and code in _codes_within(compile(text, "<string>", "exec", dont_inherit=True))


def _codes_within(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes_within(constant)
