"""What the bytecodes of a function read and write of what threads may share.

Owns: `sites`, the places of a code object that matter, found once by reading its instructions.

Rule: in doubt a site says more than is touched, never less. Variables are known by name, attributes by name
whatever the object, and contents of containers by the expression that gives the container, where that is as
simple as a name or an attribute of one; any other container may be any.

How it works: the instructions are followed with a stack of expressions in place of values. Where that is not
easy, the stack is forgotten.
"""

from __future__ import annotations

import builtins
import dis
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from types import CodeType

Path = tuple[str, ...]  # ("items",), ("self", "items"); () is a constant
Expression = Path | None  # None: not known


class Constant(tuple[str, ...]):
    """The expression of a constant: of no names, but with a value."""

    value: object

    @classmethod
    def of(cls, value: object) -> Constant:
        constant = cls()
        constant.value = value
        return constant


@dataclass(frozen=True, slots=True)
class Site:
    """An instruction that touches something.

    what: "variable", "attribute" (of that name), or "contents" (of what that expression gives).
    """

    what: str
    name: str
    expression: Expression
    writes: bool
    index: Expression = None  # where it is one item; (): of which nothing is known


VARIABLES = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF"}
STORES = {
    *("STORE_GLOBAL", "STORE_NAME", "STORE_DEREF", "DELETE_GLOBAL", "DELETE_NAME", "DELETE_DEREF"),
}
ATTRIBUTES = {"LOAD_ATTR", "LOAD_METHOD", "STORE_ATTR", "DELETE_ATTR"}
TOP_READ = {
    *("GET_ITER", "TO_BOOL", "UNARY_NOT", "UNPACK_SEQUENCE", "UNPACK_EX", "FORMAT_VALUE", "FORMAT_SIMPLE"),
    *("LIST_EXTEND", "SET_UPDATE", "DICT_UPDATE", "DICT_MERGE", "CALL_FUNCTION_EX", "CONTAINS_OP"),
    *("POP_JUMP_IF_TRUE", "POP_JUMP_IF_FALSE", "JUMP_IF_TRUE_OR_POP", "JUMP_IF_FALSE_OR_POP"),
    *("POP_JUMP_FORWARD_IF_TRUE", "POP_JUMP_FORWARD_IF_FALSE"),
    *("POP_JUMP_BACKWARD_IF_TRUE", "POP_JUMP_BACKWARD_IF_FALSE"),
}
# how far below the top the container stands, and whether it is changed
CONTAINERS = {
    "BINARY_SUBSCR": (1, False),
    "BINARY_SLICE": (2, False),
    "STORE_SUBSCR": (1, True),
    "STORE_SLICE": (2, True),
    "DELETE_SUBSCR": (1, True),
}
INPLACE = 13  # BINARY_OP's argument from here on: +=, &=, ...
SIMPLE_CALLS = {"range", "len", "isinstance", "id", "abs", "callable"}  # give nothing that has contents
KEEPING = {"RESUME", "NOP", "CACHE", "PRECALL", "EXTENDED_ARG", "COPY_FREE_VARS", "MAKE_CELL", "KW_NAMES"}


@cache
def sites(code: CodeType) -> dict[int, Site]:
    """By offset: what the instruction there touches."""
    return dict(_Reader(code).sites())


class _Reader:
    """Goes through a function's instructions."""

    def __init__(self, code: CodeType) -> None:
        self.instructions = [each for each in dis.get_instructions(code) if each.opname != "CACHE"]
        self.stack: list[Expression] = []
        self.iterated: Expression = None  # by the loop that begins

    def sites(self) -> Iterator[tuple[int, Site]]:
        """Offset and site of each instruction that has one."""
        for each in self.instructions:
            if each.is_jump_target:
                self.stack.clear()
            yield from ((each.offset, site) for site in self._site(each))
            self._follow(each)

    def _site(self, each: dis.Instruction) -> Iterator[Site]:
        name, arg = each.opname, str(each.argval)
        if name in VARIABLES | STORES:
            if name in STORES or not (name == "LOAD_GLOBAL" and hasattr(builtins, arg)):
                yield Site("variable", arg, None, name in STORES)
        elif name in ATTRIBUTES:
            yield Site("attribute", arg, self._at(0), name[0] != "L")
        elif name in CONTAINERS:
            depth, writes = CONTAINERS[name]
            index = self._at(0) if depth == 1 else None
            yield Site("contents", "", self._at(depth), writes, () if depth == 1 and index is None else index)
        else:
            yield from self._contents(each)

    def _contents(self, each: dis.Instruction) -> Iterator[Site]:
        """Operators read what they are applied to."""
        name = each.opname
        if name in TOP_READ:
            yield from self._read(self._at(0))
        elif name == "FOR_ITER":
            yield from self._read(self.iterated)
        elif name in ("COMPARE_OP", "BINARY_OP") and () not in (self._at(0), self._at(1)):
            changes = name == "BINARY_OP" and each.arg is not None and each.arg >= INPLACE
            yield Site("contents", "", self._at(1), changes)

    def _read(self, expression: Expression) -> Iterator[Site]:
        if expression != ():
            yield Site("contents", "", expression, False)

    def _at(self, depth: int) -> Expression:
        return self.stack[-1 - depth] if len(self.stack) > depth else None

    def _follow(self, each: dis.Instruction) -> None:
        name = each.opname
        if name == "GET_ITER":
            self.iterated = self._at(0)
        if name in KEEPING:
            return
        steps: dict[str, Callable[[dis.Instruction], None]] = {
            "LOAD_CONST": lambda each: self._push(Constant.of(each.argval)),
            "LOAD_FAST_LOAD_FAST": self._load_two,
            "LOAD_ATTR": self._attribute,
            "LOAD_METHOD": self._attribute,
            "COPY": lambda each: self._push(self._at((each.arg or 1) - 1)),
            "SWAP": self._swap,
            "CALL": self._call,
            "PUSH_NULL": lambda each: self._push(None),
            "COMPARE_OP": lambda each: self._replace(2, ()),
            "CONTAINS_OP": lambda each: self._replace(2, ()),
            "IS_OP": lambda each: self._replace(2, ()),
            "UNARY_NOT": lambda each: self._replace(1, ()),
            "TO_BOOL": lambda each: self._replace(1, ()),
            "BINARY_OP": lambda each: self._replace(2, None),
            "BINARY_SUBSCR": lambda each: self._replace(2, None),
            "STORE_SUBSCR": lambda each: self._drop(3),
            "DELETE_SUBSCR": lambda each: self._drop(2),
            "STORE_ATTR": lambda each: self._drop(2),
        }
        if name in steps:
            steps[name](each)
        elif name in VARIABLES or name in ("LOAD_FAST", "LOAD_FAST_CHECK"):
            self._load(each)
        elif name in STORES or name in ("STORE_FAST", "POP_TOP"):
            self._drop(1)
        else:
            self.stack.clear()

    def _load(self, each: dis.Instruction) -> None:
        if each.opname == "LOAD_GLOBAL" and (each.arg or 0) & 1:
            self._push(None)
        self._push((str(each.argval),))

    def _load_two(self, each: dis.Instruction) -> None:
        for name in each.argval:
            self._push((str(name),))

    def _attribute(self, each: dis.Instruction) -> None:
        base = self._at(0)
        self._drop(1)
        self._push((*base, str(each.argval)) if base and len(base) < 3 else None)
        if each.opname == "LOAD_METHOD" or (
            each.argrepr.endswith("NULL|self") or "NULL|self" in each.argrepr
        ):
            self._push(None)

    def _swap(self, each: dis.Instruction) -> None:
        depth = each.arg or 2
        if len(self.stack) < depth:
            self.stack.clear()
        else:
            self.stack[-1], self.stack[-depth] = self.stack[-depth], self.stack[-1]

    def _call(self, each: dis.Instruction) -> None:
        count = (each.arg or 0) + 2
        called = self.stack[-count : len(self.stack) - count + 2] if len(self.stack) >= count else []
        simple = any(each is not None and len(each) == 1 and each[0] in SIMPLE_CALLS for each in called)
        self._replace(count, () if simple else None)

    def _push(self, expression: Expression) -> None:
        self.stack.append(expression)

    def _drop(self, count: int) -> None:
        del self.stack[max(len(self.stack) - count, 0) :]

    def _replace(self, count: int, expression: Expression) -> None:
        self._drop(count)
        self._push(expression)
