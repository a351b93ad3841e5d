"""What a call's value is bound to, by the instructions that follow the call: for code without source.

Owns: `name_in_bytecode`. Rule: in doubt "". Told are a variable and an attribute in which the value is stored
at once, and the keyword with which it is given to another call (`Desk(news=Condition())` is "news").

No public way: the source says it better, where there is one. All versions; an instruction that is not known
here ends the search.

How it works: the value lies on the stack, and `above` counts what is put on top of it. The first instruction
that takes it from there gives the name, or none. Jumps end the search, too: after one it may be another
value.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable, Mapping
from itertools import islice
from types import CodeType, MappingProxyType

_IDLE = ("CACHE", "COPY", "EXTENDED_ARG")
_PUSHES = (
    *("LOAD_CLOSURE", "LOAD_CONST", "LOAD_DEREF", "LOAD_FAST", "LOAD_GLOBAL", "LOAD_NAME", "PUSH_NULL"),
    *("LOAD_COMMON_CONSTANT", "LOAD_SMALL_INT"),  # from 3.14 on
)
_BEFORE_3_12 = sys.version_info < (3, 12)

_TAKES: Mapping[str, Callable[[int], int]] = MappingProxyType(
    {
        "KW_NAMES": lambda count: 0,
        "LOAD_ATTR": lambda name: 1,
        "LOAD_METHOD": lambda name: 1,
        "BINARY_OP": lambda operator: 2,
        "BINARY_SUBSCR": lambda nothing: 2,
        "COMPARE_OP": lambda operator: 2,
        "LIST_EXTEND": lambda depth: 1 + depth,
        "BUILD_LIST": lambda count: count,
        "BUILD_SET": lambda count: count,
        "BUILD_TUPLE": lambda count: count,
        "BUILD_MAP": lambda count: 2 * count,
        "PRECALL": lambda count: count + 2,  # 3.11: it takes the arguments, and CALL the function
        "CALL": lambda count: 2 if _BEFORE_3_12 else count + 2,
        "CALL_KW": lambda count: count + 3,  # and the names
    }
)
"""How many values an instruction takes from the stack, or looks at there, by its argument."""


def name_in_bytecode(code: CodeType, lasti: int) -> str:
    """The variable, the attribute of `self` or the keyword that gets the result of the call at `lasti`."""
    after = [step for step in dis.get_instructions(code) if step.offset > lasti]
    return _stored(code, after) or _given(code, after)


def _stored(code: CodeType, after: list[dis.Instruction]) -> str:
    first, second = islice((step for step in after if step.opname not in _IDLE), 2)
    name = first.argval[0] if isinstance(first.argval, tuple) else first.argval  # 3.13: STORE_FAST_LOAD_FAST
    if first.opname.startswith("STORE_") and isinstance(name, str) and name.isidentifier():
        return "" if first.opname == "STORE_ATTR" else name
    if second.opname == "STORE_ATTR" and first.opname.startswith("LOAD_"):
        return f"{_owner(code, str(name))}.{second.argval}"
    return ""


def _owner(code: CodeType, name: str) -> str:
    parts = code.co_qualname.split(".")
    is_method = len(parts) > 1 and parts[-2] != "<locals>" and code.co_argcount
    return parts[-2] if is_method and code.co_varnames[0] == name else name


def _given(code: CodeType, after: list[dis.Instruction]) -> str:
    above = 0
    steps = [step for step in after if step.opname not in ("CACHE", "EXTENDED_ARG")]
    for before, step in zip((None, *steps), steps, strict=False):
        pushes = step.opname.startswith(_PUSHES)
        if not pushes and step.opname not in _TAKES:
            return ""
        if not pushes and _TAKES[step.opname](step.arg or 0) > above:
            return _keyword(code, before, step, above) if before else ""
        above += dis.stack_effect(step.opcode, step.arg)
    return ""


def _keyword(code: CodeType, before: dis.Instruction, call: dis.Instruction, above: int) -> str:
    """The keyword of the argument below so many values, of a call whose keywords come right before it."""
    on_stack = call.opname == "CALL_KW"  # 3.13
    if before.opname != ("LOAD_CONST" if on_stack else "KW_NAMES"):
        return ""
    names, last = code.co_consts[before.arg or 0], above - on_stack
    return str(names[-1 - last]) if last < len(names) else ""
