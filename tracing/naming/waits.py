"""Does the program look again after a `Condition.wait`? Its source says.

Owns: `after_wait`, from the instruction of a wait to "tested" (it stands in a loop that tests again before
the program goes on, or is `wait_for`), "untested" (the program goes on without), or "" (not known).

Rule: in doubt "". A timed wait, a wait whose result is used, one in a function that does not itself take the
lock by `with` (its caller may look), and a test of any kind before what was waited for is used: all in doubt.

How it works: from the call one climbs to its function and notes what would be executed next: first the rest
of each block, then the test of a loop. `if not items: cond.wait()` is untested where `items` comes up next
outside a test, or not at all. A wait without an `if` has no test that could be repeated; it is untested where
the block of the lock goes on with something that is no test. (SpotBugs: "wait not in loop", "unconditional
wait"; CERT CON36-C.)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from types import CodeType

from tracing.cpython.generated import is_generated
from tracing.naming.bound import call_at, parent_of
from tracing.naming.frames import is_library

TESTED, UNTESTED, UNKNOWN = "tested", "untested", ""

_LOOPS = (ast.While, ast.For, ast.AsyncFor)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.Module)
_TESTS = (ast.If, ast.While, ast.For, ast.Match, ast.Try, ast.Assert, ast.IfExp, ast.Compare, ast.BoolOp)


def after_wait(code: CodeType, lasti: int) -> str:
    """Whether what a `Condition.wait` at this instruction waits for is tested again before the program goes
    on: "tested", "untested", or "" where the source cannot be had or does not tell.
    """
    return _after_wait(code, code.co_filename, lasti)


@lru_cache(maxsize=1024)
def _after_wait(code: CodeType, _filename: str, lasti: int) -> str:  # equal code may be of another file
    try:
        if is_library(code.co_filename) or is_generated(code):
            return UNKNOWN
        call = call_at(code, lasti)
        return _judged(call) if call else UNKNOWN
    except Exception:  # an observer never breaks the observed program
        return UNKNOWN


def _judged(call: ast.Call) -> str:
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if method == "wait_for":
        return TESTED
    way = list(_way_up(call))
    lock = _with_lock(way, call)
    if method != "wait" or lock is None:
        return UNKNOWN
    inner = way[: way.index(lock)]
    loop = next((node for node in inner if isinstance(node, _LOOPS)), None)
    if loop:
        direct = not any(isinstance(node, ast.If) for node in inner[: inner.index(loop)])
        return TESTED if direct and _tests_something(loop) else UNKNOWN
    plain = isinstance(way[0], ast.Expr) and not call.args and not call.keywords
    return _gone_on(way, lock) if plain else UNKNOWN


def _way_up(call: ast.Call) -> Iterator[ast.AST]:
    """The call's parents up to its function, innermost first."""
    node = parent_of(call)
    while node is not None:
        yield node
        node = None if isinstance(node, _FUNCTIONS) else parent_of(node)


def _with_lock(way: list[ast.AST], call: ast.Call) -> ast.With | None:
    """The `with` that takes the condition or its lock."""
    receiver = ast.dump(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    found = [node for node in way if isinstance(node, ast.With)]
    taken = [node for node in found if receiver in (ast.dump(item.context_expr) for item in node.items)]
    named = [node for node in found if not isinstance(node.items[0].context_expr, ast.Call)]
    return next(iter([*taken, *named]), None)


def _tests_something(loop: ast.AST) -> bool:
    return isinstance(loop, ast.While) and not isinstance(loop.test, ast.Constant)


def _gone_on(way: list[ast.AST], lock: ast.With) -> str:
    """A wait that stands in no loop within its lock's block: does something look again all the same?"""
    depth = way.index(lock)
    tests = [node.test for node in way[:depth] if isinstance(node, ast.If)]
    if tests:
        return _used_unseen(way, set().union(*map(_names, tests)))
    rest = list(_following(way[: depth + 1]))
    doubt = not rest or any(map(_is_test, rest)) or any(map(_tests_something, way[depth:]))
    return UNKNOWN if doubt else UNTESTED


def _used_unseen(way: list[ast.AST], names: set[str]) -> str:
    """Of a wait in an `if` about these names: is what speaks of them next no test, or is there nothing?"""
    rest = list(_following(way))
    for statement in rest:
        if names & _names(statement):
            return UNKNOWN if _is_test(statement) else UNTESTED
    doubt = not rest or not names or any(isinstance(node, _LOOPS) for node in way)
    return UNKNOWN if doubt else UNTESTED


def _following(way: list[ast.AST]) -> Iterator[ast.stmt]:
    """What is done after the first of the way, in the blocks of the others; not beyond a loop."""
    for node, parent in pairwise(way):
        for block in (getattr(parent, name, ()) for name in ("body", "orelse", "finalbody")):
            if isinstance(block, list) and node in block:
                yield from (each for each in block[block.index(node) + 1 :] if not _is_idle(each))
        if isinstance(parent, _LOOPS):
            return


def _is_idle(statement: ast.stmt) -> bool:
    leaves = isinstance(statement, ast.Return) and statement.value is None
    return leaves or isinstance(statement, ast.Pass | ast.Break | ast.Continue)


def _is_test(statement: ast.stmt) -> bool:
    return any(isinstance(node, _TESTS) for node in ast.walk(statement))


def _names(node: ast.AST) -> set[str]:
    """What an expression or a statement speaks of: its names and attributes."""
    found = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    attributes = {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}
    return (found | attributes) - {"self", "cls"}
