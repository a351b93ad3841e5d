"""`%%trace`: a cell whose threads are recorded, or simulated.

Owns: how a cell is run as any other is: its last expression, its errors, its line numbers.

Rule: the cell is plain Python (`import threading`), and afterwards all is as it was. The notebook needs
nothing else: no server, no browser.

How it works: the magic gives back the value of the last expression, which IPython then shows, and raises what
the cell raises. Its text begins one line later than the cell, whose first line is the magic itself.
"""

# IPython's decorators have no types.
# mypy: allow-untyped-calls, allow-untyped-decorators

from __future__ import annotations

import ast
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import partial
from inspect import CO_COROUTINE
from types import CodeType, TracebackType
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring
from IPython.display import display

from tracing.exploring import Exploration, explore
from tracing.unmodified import recorded, simulated


def register(shell: Any) -> None:
    """Give that IPython the magic."""
    shell.register_magics(TraceMagics)


def unregister(shell: Any) -> None:
    """Take it away again."""
    shell.magics_manager.magics["cell"].pop("trace", None)


class _Cell:
    """The text of a cell, compiled: what is done, and the expression that stands last."""

    def __init__(self, shell: Any, text: str) -> None:
        source = "\n" + shell.transform_cell(text)
        file = shell.compile.cache(source, shell.execution_count, raw_code=f"%%trace\n{text}")
        tree = shell.transform_ast(shell.compile.ast_parse(source, filename=file))
        if _awaits(tree, file, shell.compile.flags):
            raise UsageError(
                "%%trace cannot run a cell that has `await` outside of a function, for the kernel's own loop "
                "runs that: put it into `async def main()`, and run it in a thread by asyncio.run(main())."
            )
        # of what IPython runs, the magic's call, the last character is never the `;` that hides a value
        hidden = DisplayHook.semicolon_at_end_of_expression(source)
        shown = tree.body and isinstance(tree.body[-1], ast.Expr) and not hidden
        last = tree.body.pop() if shown else None
        self.file = file
        # by the shell's compiler: with what the notebook imports from __future__, and not what this file does
        self._body: CodeType = shell.compile(tree, file, "exec")
        self._last = None if last is None else shell.compile(ast.Expression(last.value), file, "eval")

    def run(self, names: dict[str, Any]) -> Any:
        """Gives the value of the last expression."""
        exec(self._body, names)
        return None if self._last is None else eval(self._last, names)

    def own(self, trace: TracebackType | None) -> TracebackType | None:
        """The traceback from the cell's own line on."""
        while trace is not None and trace.tb_frame.f_code.co_filename != self.file:
            trace = trace.tb_next
        return trace


class NotPython(Exception):
    """A cell is no Python. It is shown as the SyntaxError that it is of any cell; were it one, IPython would
    add the lines of the magic.
    """

    def __init__(self, shell: Any, error: SyntaxError) -> None:
        super().__init__(str(error))
        self._shown = partial(shell.SyntaxTB.structured_traceback, type(error), error, [])

    def _render_traceback_(self) -> Any:
        return self._shown()


@dataclass(frozen=True, kw_only=True, repr=False)
class ExploredCell(Exploration):
    """In words that are to be typed in a cell. kept: the variable in which it is; "" where in none."""

    kept: str

    def call(self, schedule: object) -> str:
        """There is no function to replay: what is kept has the run."""
        first = "" if self.kept else "begin the cell with %%trace --explore -o found; then "
        return f"{first}{self.kept or 'found'}.failure.trace"


@magics_class
class TraceMagics(Magics):
    """The magics of `%load_ext tracing`."""

    shell: Any

    @magic_arguments()
    @argument(
        "--simulate",
        action="store_true",
        help="one thread at a time, on a virtual clock: the same run each time",
    )
    @argument(
        "--seed", type=int, default=None, metavar="N", help="of the simulated schedule (implies --simulate)"
    )
    @argument("--timeout", type=float, default=None, metavar="S", help="end the cell after so many seconds")
    @argument("--title", default=None, metavar="T", help="stands above the timeline")
    @argument(
        "--explore", action="store_true", help="run the cell under many schedules; its names are not kept"
    )
    @argument("-o", "--output", default=None, metavar="NAME", help="keep the Trace in that variable")
    @cell_magic
    def trace(self, line: str, cell: str) -> Any:
        """Run the cell, and show what its threads did.

        The cell is plain Python: what it uses of threading, queue, concurrent.futures and time is recorded
        while it runs, names that the notebook has imported before, too. A cell that hangs is ended, and told
        why.
        """
        options = parse_argstring(self.trace, line)
        _check(options)
        program = self._compiled(cell)
        if options.explore:
            return self._explored(program, options)
        names = self.shell.user_ns
        settings = {"title": _plain(options.title) or "The cell", "timeout": options.timeout}
        if options.simulate or options.seed is not None:
            settings = {name: value for name, value in settings.items() if value is not None}
            block: Any = simulated(names, seed=options.seed or 0, **settings)
        else:
            block = recorded(names, **settings)
        return self._shown(block, lambda: program.run(names), program, options.output)

    def _compiled(self, text: str) -> _Cell:
        """Raises NotPython."""
        try:
            return _Cell(self.shell, text)
        except SyntaxError as error:
            raise NotPython(self.shell, error) from error

    def _shown(self, block: Any, run: Callable[[], Any], program: _Cell, output: str | None) -> Any:
        __tracebackhide__ = True
        trace, value = None, None
        try:
            with block as trace:
                value = run()
        except BaseException as error:
            self._as_in_any_cell(error, program)
            raise
        finally:
            if trace is not None:
                if output:
                    self.shell.user_ns[output] = trace
                display(trace)
        return value

    def _as_in_any_cell(self, error: BaseException, program: _Cell) -> None:
        """IPython shows an error by this method where it has one: without the lines of the magic."""
        own, show = program.own(error.__traceback__), self.shell.InteractiveTB.structured_traceback
        if own is not None:
            with suppress(AttributeError):  # a class of the program's may refuse it
                error._render_traceback_ = lambda: show(type(error), error, own, tb_offset=0)  # type: ignore[attr-defined]

    def _explored(self, program: _Cell, options: Any) -> Any:
        def cell() -> Any:
            # A copy of the notebook's names as they are meanwhile: those of `threading` are recorded ones.
            return program.run(dict(self.shell.user_ns))

        found = explore(cell, seed=options.seed or 0, seconds=options.timeout or 10.0)
        found = ExploredCell(
            **{each.name: getattr(found, each.name) for each in fields(found)}, kept=options.output or ""
        )
        if options.output:
            self.shell.user_ns[options.output] = found
        display(found)


def _awaits(tree: ast.Module, file: str, flags: int) -> bool:
    """Whether it awaits outside of a function."""
    code = compile(tree, file, "exec", flags=flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    return bool(code.co_flags & CO_COROUTINE)


def _plain(text: str | None) -> str | None:
    """IPython leaves the quotes around an argument."""
    return text.strip("\"'") if text else text


def _check(options: Any) -> None:
    """Raises UsageError, which IPython shows as one line."""
    if options.output and not options.output.isidentifier():
        raise UsageError(f"%%trace -o {options.output}: give the name of a variable.")
    if options.timeout is not None and not options.timeout > 0:
        raise UsageError(f"%%trace --timeout {options.timeout:g}: give seconds, more than 0.")
