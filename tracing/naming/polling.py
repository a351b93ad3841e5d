"""Does a loop do nothing but look, again and again? Its source says.

Owns: `polls`, whether a frame that waits with a deadline stands in a loop that can only come round, as long
as nobody else does anything; and `may_go_on_for_ever`, whether it stands in a loop without an end in sight.

Rule: in doubt it does not. All that may stand in the loop are names, attributes and constants, what compares
them, primitives in a `with`, and calls that look or wait: those of `LOOKS`, of primitives and threads of
`threading`, or ours. Nothing in it is stored, so each round is like the one before. A loop that only sleeps
looks at nothing.

How it works: from the call one climbs to the outermost loop of its function. What a name is bound to is read
from the frame, without calling anything of the program.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import threading
import time
from collections import deque
from collections.abc import Iterator
from types import FrameType, FunctionType, ModuleType
from typing import Any

from tracing.cpython.generated import is_generated
from tracing.naming.bound import call_at, parent_of, source_of
from tracing.naming.frames import is_library

LOOKS = {"wait", "is_set", "is_alive", "locked", "join", "acquire"}  # with a timeout, or at once
PLAIN = (bool, int, float, str, bytes, type(None), list, tuple, dict, set, frozenset, deque)

_PRIMITIVE = {each.__module__ for each in (threading.Event, type(threading.Lock()))} | {"tracing"}
_LOOPS = (ast.While, ast.For, ast.AsyncFor)
_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef | ast.Module
_HARMLESS = (
    *(ast.While, ast.If, ast.With, ast.Expr, ast.Pass, ast.Continue, ast.Break, ast.Return),
    *(ast.BoolOp, ast.UnaryOp, ast.Compare, ast.Constant, ast.keyword),
    *(ast.boolop, ast.unaryop, ast.cmpop, ast.expr_context),
)


def polls(frame: FrameType) -> bool:
    """Whether the program's frame, which stands in a call that waits, does nothing but look in a loop."""
    code = frame.f_code
    try:
        if is_library(code.co_filename) or is_generated(code):
            return False
        call = call_at(code, frame.f_lasti)
        loop = None if call is None else _outermost_loop(call)
        return isinstance(loop, ast.While) and _only_looks(loop, frame)
    except Exception:  # an observer never breaks the observed program
        return False


def may_go_on_for_ever(frame: FrameType) -> bool:
    """Whether the program's frame stands in a `while` loop, or nobody knows."""
    try:
        statements = source_of(frame.f_code).statements_at_line(frame.f_lineno)
        return not statements or any(map(_is_in_while, statements))
    except Exception:  # an observer never breaks the observed program
        return True


def _is_in_while(node: ast.AST | None) -> bool:
    while node is not None and not isinstance(node, ast.While | _FUNCTIONS):
        node = parent_of(node)
    return isinstance(node, ast.While)


def _outermost_loop(node: ast.AST) -> ast.AST | None:
    found, parent = None, parent_of(node)
    while parent is not None and not isinstance(parent, _FUNCTIONS):
        found = parent if isinstance(parent, _LOOPS) else found
        parent = parent_of(parent)
    return found


def _only_looks(loop: ast.While, frame: FrameType) -> bool:
    parts = [loop.test, *loop.body]
    return all(_is_harmless(part, frame) for part in parts) and any(
        isinstance(node, ast.Name | ast.Attribute) and not _is_sleep(_value(node, frame))
        for part in parts
        for node in _outer_names(part)
    )


def _outer_names(node: ast.AST) -> Iterator[ast.AST]:
    """The names and attributes in it, without those that only lead to an attribute."""
    if isinstance(node, ast.Name | ast.Attribute):
        yield node
    else:
        for inner in ast.iter_child_nodes(node):
            yield from _outer_names(inner)


def _is_harmless(node: ast.AST, frame: FrameType) -> bool:
    if isinstance(node, ast.Name | ast.Attribute):
        return type(_value(node, frame)) in PLAIN  # not one of a class of the program's
    if isinstance(node, ast.withitem):
        return node.optional_vars is None and _is_primitive(_value(node.context_expr, frame))
    if isinstance(node, ast.Call):
        return _looks(node, frame) and all(_is_harmless(each, frame) for each in (*node.args, *node.keywords))
    return isinstance(node, _HARMLESS) and all(
        _is_harmless(inner, frame) for inner in ast.iter_child_nodes(node)
    )


def _looks(call: ast.Call, frame: FrameType) -> bool:
    function = call.func
    if isinstance(function, ast.Attribute) and function.attr in LOOKS:
        return _is_primitive(_value(function.value, frame))
    value = _value(function, frame)
    return value is len or _is_sleep(value)


def _is_sleep(value: Any) -> bool:
    module = getattr(value, "__module__", "") or ""
    return value is time.sleep or module.startswith("tracing.") and getattr(value, "__name__", "") == "sleep"


def _is_primitive(value: Any) -> bool:
    """Whether its methods are those of `threading` or ours, and not of a class of the program's."""
    return type(value).__module__.split(".")[0] in _PRIMITIVE


class _Unknown:
    """What nothing is known of."""


def _value(node: ast.AST, frame: FrameType) -> Any:
    """What a name or an attribute is bound to in that frame; `_Unknown` where that takes a call to know."""
    if isinstance(node, ast.Name):
        for names in (frame.f_locals, frame.f_globals, vars(builtins)):
            if node.id in names:
                return names[node.id]
    if isinstance(node, ast.Attribute):
        owner = _value(node.value, frame)
        return _Unknown if owner is _Unknown else _attribute(owner, node.attr)
    return _Unknown


def _attribute(owner: Any, name: str) -> Any:
    if isinstance(owner, ModuleType):
        return getattr(owner, name, _Unknown)
    found = inspect.getattr_static(owner, name, _Unknown)
    computed = hasattr(type(found), "__get__") and not isinstance(found, FunctionType)
    return _Unknown if computed else found
