"""What a call's value is bound to.

How it works: the position of the instruction gives the call in the syntax tree (the library `executing` reads
and caches the sources, notebook cells included). From the call one climbs to whatever its value is bound
to, and remembers the steps on the way: an element of a list, a key of a dict, an element of a
comprehension. Where there is no source, `cpython/storing.py` looks at the instructions that follow the call.

What has no name, by decision: a value that is returned (`return Lock()`), an argument given by position
(`f(Lock())`; but the lock of `cond = Condition(Lock())` is "cond.lock"), and `with Lock() as x`, because x is
bound to True, not to the lock. (But an executor gives itself.)
"""

from __future__ import annotations

import ast
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from types import CodeType
from typing import TYPE_CHECKING, cast

from tracing.cpython.generated import is_generated
from tracing.cpython.ownership import exclusive
from tracing.cpython.storing import name_in_bytecode
from tracing.naming.frames import is_library
from tracing.naming.places import lines_of, span
from tracing.natures import AROUND_LOCK

if TYPE_CHECKING:
    from executing import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """What the program's text says of a name."""

    base: str
    several: bool = False  # many objects come from this place and stand in a container: base[0], base[1], ...
    added: bool = False  # to a container that is there already, which other places may fill as well
    tail: str = ""  # what follows the index
    members: tuple[str, ...] = ()  # `a, b = (Lock() for _ in range(2))`: the family's own names, in turn

    def text(self, rank: int) -> str:
        """The name of the family's `rank`-th object, from 0."""
        if self.members:
            return self.members[rank % len(self.members)]
        return f"{self.base}[{rank}]{self.tail}" if self.several else self.base


def name_at(code: CodeType, lasti: int) -> Naming | None:
    """What the value of the call at this instruction is bound to; None when the program gives it no name."""
    return _name_at(code, code.co_filename, lasti)


@lru_cache(maxsize=4096)
def _name_at(
    code: CodeType, _filename: str, lasti: int
) -> Naming | None:  # equal code may be of another file
    try:
        if is_library(code.co_filename) or is_generated(code):
            return None
        call = call_at(code, lasti)
        if call is None:
            base = name_in_bytecode(code, lasti)
            return Naming(base=base) if base else None
        return _name_of_value(call)
    except Exception:  # an observer never breaks the observed program
        return None


def call_at(code: CodeType, lasti: int) -> ast.Call | None:
    """The call in the syntax tree, or None without source. No two calls end at the same place, but a
    method call's position begins at the method's name: so it is found by its end."""
    line, end_line, _, end_column = span(code, lasti)
    if line is None:
        return None
    nodes = (node for statement in source_of(code).statements_at_line(line) for node in ast.walk(statement))
    calls = (node for node in nodes if isinstance(node, ast.Call))
    end = (end_line, end_column)
    return next((call for call in calls if (call.end_lineno, call.end_col_offset) == end), None)


PARSING = exclusive()
"""Held while a source is parsed: in Python 3.11 `ast.parse` may raise SystemError ("AST constructor recursion
depth mismatch") where two threads are in it at once. The program's own may be: so it is tried again.
"""
TRIES = 10


def source_of(code: CodeType) -> Source:
    """The `executing.Source` of the code: its tree, every node with its parent."""
    with PARSING:
        for _ in range(TRIES):
            with suppress(SystemError):
                return _parsed(code)
        return _parsed(code)


def _parsed(code: CodeType) -> Source:
    from executing import Source

    if code.co_filename == "<string>":
        return Source("<string>", lines_of(code))  # not in executing's cache: exec() uses the same file name
    return Source.for_filename(code.co_filename)


def parent_of(node: ast.AST) -> ast.AST | None:
    return cast("ast.AST | None", getattr(node, "parent", None))


_EACH = "[]"  # the step into a comprehension's or a loop's container
_NEXT = "[+]"  # the step into a container to which the object is added
_GATHER = {"list", "tuple", "set", "frozenset", "deque", "iter", "reversed", "sorted", "enumerate"}
_ADD = {"append", "appendleft", "add", "put", "put_nowait"}


def _name_of_value(node: ast.AST, steps: tuple[str, ...] = ()) -> Naming | None:
    """Climb from an expression to what its value is bound to; `steps` lead from there down to the object."""
    parent = parent_of(node)
    match parent:
        case ast.Assign(targets=[target, *_]) | ast.AnnAssign(target=target) | ast.NamedExpr(target=target):
            return _name_of_target(target, steps)
        case ast.For(target=target, iter=iterable) if iterable is node and steps:
            return _name_of_target(target, steps[1:])
        case ast.AugAssign(target=target, op=ast.Add()) if steps:
            return _name_of_target(target, (_NEXT, *steps[1:]))
        case ast.Lambda():
            return _name_of_made(parent, steps)
        case ast.IfExp(test=test) if test is not node:
            return _name_of_value(parent, steps)
        case ast.BoolOp():
            return _name_of_value(parent, steps)
        case ast.List() | ast.Tuple() | ast.Set() | ast.Dict():
            return _name_of_value(parent, (_step_into(parent, node), *steps))
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            return _name_of_value(parent, (_EACH, *steps)) if _is_element(parent, node) else None
        case ast.Call():
            return _name_of_argument(parent, node, steps)
        case ast.withitem(optional_vars=ast.Name() as target) if _enters_itself(node):
            return _name_of_target(target, steps)
        case ast.keyword(arg=str(name)):
            return _name_of_keyword(parent, name, steps)
        case ast.arguments():
            return _name_of_default(parent, node, steps)
    return None


def _enters_itself(node: ast.AST) -> bool:
    """Whether it is the call of a class that gives itself at the begin of a `with` block, as executors do."""
    return isinstance(node, ast.Call) and _last_name(node.func).endswith("Executor")


def _step_into(container: ast.List | ast.Tuple | ast.Set | ast.Dict, node: ast.AST) -> str:
    if isinstance(container, ast.Dict):
        position = container.values.index(cast(ast.expr, node))
        return _subscript(container.keys[position])
    position = container.elts.index(cast(ast.expr, node))
    unpacked = any(isinstance(element, ast.Starred) for element in container.elts[:position])
    return _EACH if unpacked else f"[{position}]"


def _subscript(key: ast.expr | None) -> str:
    """`['x']` for a constant key; else the next one."""
    return f"[{key.value!r}]" if isinstance(key, ast.Constant) else _NEXT


def _is_element(comprehension: ast.AST, node: ast.AST) -> bool:
    return node in (getattr(comprehension, "elt", None), getattr(comprehension, "value", None))


def _name_of_argument(call: ast.Call, node: ast.AST, steps: tuple[str, ...]) -> Naming | None:
    """The object is an argument given by position (or stands in one)."""
    if node not in call.args:
        return None
    match call.func:
        case ast.Attribute(value=container, attr=method) if method in _ADD:
            return _name_of_target(container, (_NEXT, *steps))
        case ast.Attribute(value=container, attr="extend") if steps:
            return _name_of_target(container, (_NEXT, *steps[1:]))
        case ast.Attribute(value=container, attr="setdefault") if call.args[1:] == [node]:
            return _name_of_target(container, (_subscript(call.args[0]), *steps))
    function = _last_name(call.func)
    if function in _GATHER and steps:
        return _name_of_value(call, steps)
    return _name_of_inner_lock(call, steps) if function in AROUND_LOCK else None


def _name_of_inner_lock(call: ast.Call, steps: tuple[str, ...]) -> Naming | None:
    outer = _name_of_value(call, steps)
    if outer is None or outer.members:
        return None
    if outer.several:
        return replace(outer, tail=outer.tail + ".lock")
    return replace(outer, base=outer.base + ".lock")


def _name_of_keyword(keyword: ast.keyword, name: str, steps: tuple[str, ...]) -> Naming | None:
    """`Account(lock=Lock())` is "lock"; `dict(x=Lock())` is an element of the dict."""
    call = parent_of(keyword)
    function = _last_name(call.func) if isinstance(call, ast.Call) else ""
    if isinstance(call, ast.Call) and function == "dict":
        return _name_of_value(call, (f"[{name!r}]", *steps))
    if isinstance(call, ast.Call) and function in AROUND_LOCK:
        return _name_of_inner_lock(call, steps)
    return None if steps else Naming(base=name)  # Thread(args=(Lock(),)): "args[0]" would say nothing


def _name_of_made(function: ast.Lambda, steps: tuple[str, ...]) -> Naming | None:
    """`lock: Lock = field(default_factory=lambda: Lock())` is the field."""
    match parent_of(function):
        case ast.keyword(arg="default_factory") as keyword:
            call = parent_of(keyword)
            return _name_of_value(call, steps) if call else None
    return None


def _last_name(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _name_of_default(arguments: ast.arguments, node: ast.AST, steps: tuple[str, ...]) -> Naming | None:
    """`def f(lock=Lock())` is "lock"."""
    by_position = [*arguments.posonlyargs, *arguments.args]
    defaults = [*zip(reversed(by_position), reversed(arguments.defaults), strict=False)]
    keyword_only = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    for argument, default in [*defaults, *keyword_only]:
        if default is node:
            return _with_steps(argument.arg, steps)
    return None


def _name_of_target(target: ast.expr, steps: tuple[str, ...]) -> Naming | None:
    match target:
        case ast.Name(id=name):
            return _with_steps(_in_class(target, name), steps)
        case ast.Attribute():
            return _with_steps(_dotted(target), steps)
        case ast.Subscript(value=container, slice=key):
            return _name_of_target(container, (_subscript(key), *steps))
        case ast.Tuple(elts=targets) | ast.List(elts=targets) if steps:
            return _name_of_unpacked(targets, steps)
    return None


def _name_of_unpacked(targets: list[ast.expr], steps: tuple[str, ...]) -> Naming | None:
    """`a, b = Lock(), Lock()` and `a, b = (Lock() for _ in range(2))`."""
    if steps[0] != _EACH:
        return _name_of_position(targets, int(steps[0][1:-1]), steps[1:])
    if any(isinstance(target, ast.Starred) for target in targets):
        return None
    namings = [_name_of_target(target, steps[1:]) for target in targets]
    plain = [naming.base for naming in namings if naming and not naming.several]
    return Naming(base=plain[0], members=tuple(plain)) if plain and len(plain) == len(targets) else None


def _name_of_position(targets: list[ast.expr], position: int, steps: tuple[str, ...]) -> Naming | None:
    """Of `a, *b` the first is a, the second b[0]; what comes after the starred target is not guessed."""
    for index, target in enumerate(targets[: position + 1]):
        if isinstance(target, ast.Starred):
            last = target is targets[-1]
            return _name_of_target(target.value, (f"[{position - index}]", *steps)) if last else None
    return _name_of_target(targets[position], steps)


def _with_steps(base: str, steps: tuple[str, ...]) -> Naming | None:
    """One unknown index is numbered; with more of them (a grid) only the name is sure."""
    if not base:
        return None
    unknown = [index for index, step in enumerate(steps) if step in (_EACH, _NEXT)]
    if len(unknown) > 1:
        return Naming(base=base)
    if not unknown:
        return Naming(base=base + "".join(steps))
    base, tail = base + "".join(steps[: unknown[0]]), "".join(steps[unknown[0] + 1 :])
    return Naming(base=base, several=True, added=steps[unknown[0]] == _NEXT, tail=tail)


def _in_class(node: ast.AST, name: str) -> str:
    """A class's attribute is "Account.lock"; a variable is itself."""
    scope = _scope(node)
    return f"{scope.name}.{name}" if isinstance(scope, ast.ClassDef) else name


def _dotted(target: ast.expr) -> str:
    """Of `self.mutex` in a method of Account "Account.mutex", of `account.mutex` itself, of the rest ""."""
    match target:
        case ast.Name(id=name):
            return _class_of_self(target, name) or name
        case ast.Attribute(value=value, attr=attribute):
            owner = _dotted(value)
            return f"{owner}.{attribute}" if owner else attribute
    return ""


_Function = ast.FunctionDef | ast.AsyncFunctionDef
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def _scope(node: ast.AST) -> ast.AST | None:
    """The function or class around a node."""
    parent = parent_of(node)
    while parent is not None and not isinstance(parent, _SCOPES):
        parent = parent_of(parent)
    return parent


def _class_of_self(node: ast.AST, name: str) -> str:
    """The class whose method has `name` as its first parameter, "" if there is none around."""
    scope = _scope(node)
    while scope is not None:
        owner = _scope(scope)
        if isinstance(scope, _Function) and isinstance(owner, ast.ClassDef):
            parameters = [*scope.args.posonlyargs, *scope.args.args]
            return owner.name if parameters and parameters[0].arg == name else ""
        scope = owner
    return ""
