"""What the bytecodes of a function read and write of what threads may share.

What for: `explore(grain="bytecode")` switches threads where one touches what another may touch, too. No
public way: the source says what is meant, not in which steps it is done; between them another thread may
come.

Source: CPython, Lib/opcode.py and Python/bytecodes.c; the tables have the names of 3.11 to 3.15, with a
version where a name came later and does what an older one does. An opcode that stands in none of them counts
as touching everything, and a test names it.

Owns: `sites`, the places of a code object that matter, found once by reading its instructions; and `calls`.

Rule: in doubt a site says more than is touched, never less. Variables are known by name, attributes by name
whatever the object, and contents of containers by the expression that gives the container, where that is as
simple as a name or an attribute of one; any other container may be any.

How it works: the instructions are followed with a stack of expressions in place of values. Where that is not
easy, the stack is forgotten.
"""

from __future__ import annotations

import builtins
import dis
import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
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


class Item(tuple[str, ...]):
    """The expression of one item of a container: `items[0]`."""

    container: Expression
    at: Expression

    @classmethod
    def of(cls, container: Expression, index: Expression) -> Item | None:
        """None where nothing is known of one of them."""
        if not container or isinstance(container, Item) or not (index or isinstance(index, Constant)):
            return None
        item = cls(("[]",))
        item.container, item.at = container, index
        return item


@dataclass(frozen=True, slots=True)
class Site:
    """An instruction that touches something.

    what: "variable", "attribute" (of that name), "contents" (of what that expression gives), "call" (of it,
    where no other event tells of a call of a type written in C: up to 3.11), "next" (an iterator is advanced:
    that of what the expression gives), "resumed", "paused" (the generator that this code is of), "called"
    (what the expression gives), "returned" (to whom may keep what is returned), or "anything". call: where
    what is gone through was made by a call just now, the function and its arguments.
    """

    what: str
    name: str
    expression: Expression
    writes: bool
    index: Expression = None  # where it is one item; (): of which nothing is known
    deep: bool = False  # what is in the container is looked into as well
    call: tuple[Expression, ...] = ()


ANYTHING = Site("anything", "", None, True)
CALLING = ("called", "returned")
CALLS_ARE_SEEN = hasattr(sys, "monitoring")  # from 3.12 on: of whatever is called
PAUSING = {"YIELD_VALUE", "RETURN_VALUE", "RETURN_CONST"}
GIVEN = (".0",)  # what a generator expression is called with, or a comprehension that is a function
# Up to 3.14 who calls it has asked for an iterator. Some releases ask that for one again, which gives itself
# (3.12 from .8 on, 3.13 from .1 on): nothing is touched.
ITERATOR_IS_GIVEN = sys.version_info < (3, 15)
CLASS_BODY = ("__name__", "__module__", "__qualname__")  # how the names of its code begin
GENERATORS = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR

VARIABLES = {
    *("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_CLASSDEREF"),
    *("LOAD_FROM_DICT_OR_DEREF", "LOAD_FROM_DICT_OR_GLOBALS"),
}
STORES = {
    *("STORE_GLOBAL", "STORE_NAME", "STORE_DEREF", "DELETE_GLOBAL", "DELETE_NAME", "DELETE_DEREF"),
}
ATTRIBUTES = {"LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR", "IMPORT_FROM", "STORE_ATTR", "DELETE_ATTR"}
TOP_READ = {
    *("GET_ITER", "TO_BOOL", "UNARY_NOT", "UNPACK_SEQUENCE", "UNPACK_EX", "GET_LEN", "MATCH_KEYS"),
    *("FORMAT_VALUE", "FORMAT_SIMPLE", "CONVERT_VALUE", "CONTAINS_OP", "CALL_FUNCTION_EX"),
    *("LIST_EXTEND", "SET_UPDATE", "DICT_UPDATE", "DICT_MERGE", "GET_YIELD_FROM_ITER"),
    *("POP_JUMP_IF_TRUE", "POP_JUMP_IF_FALSE", "JUMP_IF_TRUE_OR_POP", "JUMP_IF_FALSE_OR_POP"),
    *("POP_JUMP_FORWARD_IF_TRUE", "POP_JUMP_FORWARD_IF_FALSE"),
    *("POP_JUMP_BACKWARD_IF_TRUE", "POP_JUMP_BACKWARD_IF_FALSE"),
}
# of those, which look into what is in there, too
DEEP = {"FORMAT_VALUE", "FORMAT_SIMPLE", "CONVERT_VALUE", "CONTAINS_OP", "MATCH_KEYS"}
CALLS_BEFORE_3_12 = {"PRECALL"} if sys.version_info < (3, 12) else set()
# how far below the top the container stands, and whether it is changed
CONTAINERS = {
    "BINARY_SUBSCR": (1, False),
    "BINARY_SLICE": (2, False),
    "STORE_SUBSCR": (1, True),
    "STORE_SLICE": (2, True),
    "DELETE_SUBSCR": (1, True),
}
INPLACE = 13  # BINARY_OP's argument from here on, but for []: +=, &=, ...
SIMPLE_CALLS = {"range", "len", "isinstance", "id", "abs", "callable"}  # give nothing that has contents
KEEPING = {
    *("RESUME", "NOP", "CACHE", "PRECALL", "EXTENDED_ARG", "COPY_FREE_VARS", "MAKE_CELL", "KW_NAMES"),
    "NOT_TAKEN",
}
# Which do what an older one does, by another name, as far as it matters here.
SAME = {
    "LOAD_FAST_BORROW": "LOAD_FAST",  # 3.14
    "LOAD_FAST_BORROW_LOAD_FAST_BORROW": "LOAD_FAST_LOAD_FAST",  # 3.14
    "LOAD_SMALL_INT": "LOAD_CONST",  # 3.14
    "LOAD_COMMON_CONSTANT": "LOAD_CONST",  # 3.14
    "LOAD_FAST_CHECK": "LOAD_FAST",  # 3.12
    "LOAD_FAST_AND_CLEAR": "LOAD_FAST",  # 3.12
}
# Which touch nothing that threads share by themselves; what they call is seen where it runs.
QUIET = KEEPING | {
    *("LOAD_FAST", "LOAD_FAST_LOAD_FAST", "LOAD_CONST", "LOAD_CLOSURE", "LOAD_LOCALS", "LOAD_BUILD_CLASS"),
    *("LOAD_ASSERTION_ERROR", "LOAD_SPECIAL", "STORE_FAST", "STORE_FAST_LOAD_FAST", "STORE_FAST_STORE_FAST"),
    *("DELETE_FAST", "SETUP_ANNOTATIONS", "IMPORT_NAME", "IMPORT_STAR"),
    *("POP_TOP", "PUSH_NULL", "COPY", "SWAP", "IS_OP", "POP_ITER", "END_FOR", "END_SEND"),
    *("CALL", "CALL_KW", "CALL_INTRINSIC_1", "CALL_INTRINSIC_2", "MAKE_FUNCTION", "SET_FUNCTION_ATTRIBUTE"),
    *("BUILD_LIST", "BUILD_MAP", "BUILD_SET", "BUILD_SLICE", "BUILD_STRING", "BUILD_TUPLE"),
    *("BUILD_CONST_KEY_MAP", "BUILD_INTERPOLATION", "BUILD_TEMPLATE", "FORMAT_WITH_SPEC"),
    *("LIST_APPEND", "LIST_TO_TUPLE", "SET_ADD", "MAP_ADD", "PRINT_EXPR"),
    *("UNARY_INVERT", "UNARY_NEGATIVE", "UNARY_POSITIVE", "MATCH_MAPPING", "MATCH_SEQUENCE"),
    *("JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT", "JUMP_FORWARD"),
    *("POP_JUMP_IF_NONE", "POP_JUMP_IF_NOT_NONE", "POP_JUMP_FORWARD_IF_NONE"),
    *("POP_JUMP_FORWARD_IF_NOT_NONE", "POP_JUMP_BACKWARD_IF_NONE", "POP_JUMP_BACKWARD_IF_NOT_NONE"),
    *("BEFORE_WITH", "BEFORE_ASYNC_WITH", "WITH_EXCEPT_START", "PUSH_EXC_INFO", "POP_EXCEPT"),
    *("CHECK_EXC_MATCH", "CHECK_EG_MATCH", "PREP_RERAISE_STAR", "RAISE_VARARGS", "RERAISE", "CLEANUP_THROW"),
    *("RETURN_VALUE", "RETURN_CONST", "RETURN_GENERATOR", "YIELD_VALUE", "SEND", "ASYNC_GEN_WRAP"),
    *("GET_AITER", "GET_ANEXT", "GET_AWAITABLE", "END_ASYNC_FOR"),
}


def sites(code: CodeType) -> dict[int, tuple[Site, ...]]:
    """By offset: what the instruction there touches."""
    touching = ((at, tuple(site for site in found if site.what not in CALLING)) for at, found in _read(code))
    return {offset: found for offset, found in touching if found}


def calling(code: CodeType) -> dict[int, tuple[Site, ...]]:
    """By offset: where something is called, or returned to who may keep it, as `functools.cache` does."""
    called = ((at, tuple(site for site in found if site.what in CALLING)) for at, found in _read(code))
    return {offset: found for offset, found in called if found}


def calls(code: CodeType) -> frozenset[int]:
    """The offsets of the instructions that call something, in C or in Python."""
    instructions = dis.get_instructions(code)
    return frozenset(each.offset for each in instructions if each.opname in ("CALL", "CALL_FUNCTION_EX"))


@lru_cache(maxsize=1024)  # each search asks anew, of the same few functions
def _read(code: CodeType) -> tuple[tuple[int, tuple[Site, ...]], ...]:
    return tuple((offset, found) for offset, found in _Reader(code).sites() if found)


def _name(each: dis.Instruction) -> str:
    if each.opname == "BINARY_OP" and each.argrepr == "[]":
        return "BINARY_SUBSCR"  # as it is called up to 3.13
    return SAME.get(each.opname, each.opname)


def _is_generator_expression(value: object) -> bool:
    return isinstance(value, CodeType) and value.co_name == "<genexpr>"


class _Reader:
    """Goes through a function's instructions."""

    def __init__(self, code: CodeType) -> None:
        self.instructions = [each for each in dis.get_instructions(code) if each.opname != "CACHE"]
        self.stack: list[Expression] = []
        # by the loop that begins; of a comprehension that is a function of its own: its only argument
        self.iterated: Expression = GIVEN if code.co_varnames[:1] == GIVEN else None
        self.called: tuple[Expression, ...] = ()  # by the last instruction, with its arguments
        self.call: tuple[Expression, ...] = ()  # that gave what is iterated
        self.generating = False  # there is a generator expression: a loop may go through it at once (3.14)
        self.steps = self._steps()
        self.resumable = bool(code.co_flags & GENERATORS)
        self.of_class = code.co_names[:3] == CLASS_BODY

    def sites(self) -> Iterator[tuple[int, tuple[Site, ...]]]:
        """Offset and sites of each instruction."""
        for each in self.instructions:
            if each.is_jump_target:
                self.stack.clear()
            yield each.offset, tuple(self._site(each))
            self._follow(each)

    def _site(self, each: dis.Instruction) -> Iterator[Site]:
        name, arg = _name(each), str(each.argval)
        if self.of_class and name in ("STORE_NAME", "DELETE_NAME"):
            return  # each time it runs, it fills a namespace of its own
        if name in VARIABLES | STORES:
            builtin = name == "LOAD_GLOBAL" and hasattr(builtins, arg)
            if name in STORES or not (builtin or arg == "__class__"):  # super() reads that since 3.12
                yield Site("variable", arg, None, name in STORES)
        elif name in ATTRIBUTES and arg == "__dict__":
            yield ANYTHING  # whatever is read and written there by its own name elsewhere
        elif name in ATTRIBUTES:
            yield Site("attribute", arg, self._at(0), name.startswith(("STORE", "DELETE")))
        elif name in CONTAINERS:
            depth, writes = CONTAINERS[name]
            index = self._at(0) if depth == 1 else None
            yield Site("contents", "", self._at(depth), writes, () if depth == 1 and index is None else index)
        else:
            yield from self._contents(each)

    def _contents(self, each: dis.Instruction) -> Iterator[Site]:
        """Operators read what they are applied to."""
        name = _name(each)
        if name == "GET_ITER" and self._at(0) == GIVEN and ITERATOR_IS_GIVEN:
            return
        if name in TOP_READ:
            yield from self._read(self._at(0), deep=name in DEEP)
        elif name in ("FOR_ITER", "SEND"):
            yield from self._advance(name)
        elif self.resumable and (name == "RESUME" or name in PAUSING):
            yield Site("resumed" if name == "RESUME" else "paused", "", None, True)
        elif name in PAUSING:
            yield Site("returned", "", None, True)
        elif name == "CALL" and not CALLS_ARE_SEEN:
            yield Site("called", "", self._callee(each), True)
        elif name in ("COMPARE_OP", "BINARY_OP"):
            yield from self._read(self._at(0), deep=True)
            changes = name == "BINARY_OP" and each.arg is not None and each.arg >= INPLACE
            yield from self._read(self._at(1), writes=changes, deep=True)
        elif name in CALLS_BEFORE_3_12:
            yield Site("call", "", self._callee(each), False)
        elif name not in QUIET:
            yield ANYTHING

    def _advance(self, name: str) -> Iterator[Site]:
        """A loop goes on, or a generator that another one delegates to."""
        iterated = self.iterated if name == "FOR_ITER" else None
        if iterated != ():
            yield Site("next", "", iterated, True, call=self.call if name == "FOR_ITER" else ())

    def _read(self, expression: Expression, *, writes: bool = False, deep: bool = False) -> Iterator[Site]:
        if expression != ():
            yield Site("contents", "", expression, writes, deep=deep)

    def _callee(self, each: dis.Instruction) -> Expression:
        """What is called: it stands below its arguments, above or below a NULL."""
        count = (each.arg or 0) + 2
        places = self.stack[-count : len(self.stack) - count + 2] if len(self.stack) >= count else []
        return next((place for place in reversed(places) if place is not None), None)

    def _at(self, depth: int) -> Expression:
        return self.stack[-1 - depth] if len(self.stack) > depth else None

    def _follow(self, each: dis.Instruction) -> None:
        name = _name(each)
        self._prepare_loop(name, each)
        if name in KEEPING:
            return
        self.called = ()
        if name in self.steps:
            self.steps[name](each)
        elif name in VARIABLES or name == "LOAD_FAST":
            self._load(each)
        elif name in STORES or name in ("STORE_FAST", "POP_TOP"):
            self._drop(1)
        else:
            self.stack.clear()

    def _prepare_loop(self, name: str, each: dis.Instruction) -> None:
        """What a loop goes through that begins next."""
        if name == "GET_ITER":
            self.iterated, self.call = self._at(0), self.called
        elif name == "CALL" and self.generating and not each.arg:
            self.iterated, self.call = (), ()  # it is nobody else's, and says itself what it touches
        self.generating |= _is_generator_expression(each.argval)

    def _steps(self) -> dict[str, Callable[[dis.Instruction], None]]:
        """By opcode: what it does to the stack."""
        return {
            "LOAD_CONST": lambda each: self._push(Constant.of(each.argval)),
            "LOAD_FAST_LOAD_FAST": self._load_two,
            "STORE_FAST_STORE_FAST": lambda each: self._drop(2),
            "STORE_FAST_LOAD_FAST": self._store_and_load,
            "LOAD_ATTR": self._attribute,
            "LOAD_METHOD": self._attribute,
            "COPY": lambda each: self._push(self._at((each.arg or 1) - 1)),
            "SWAP": self._swap,
            "BUILD_SLICE": lambda each: self._replace(each.arg or 2, ()),
            "BUILD_LIST": self._build,
            "BUILD_SET": self._build,
            "BUILD_TUPLE": self._build,
            "BUILD_MAP": lambda each: self._replace(2 * (each.arg or 0), None),
            "CALL": self._call,
            "PUSH_NULL": lambda each: self._push(None),
            "COMPARE_OP": lambda each: self._replace(2, ()),
            "CONTAINS_OP": lambda each: self._replace(2, ()),
            "IS_OP": lambda each: self._replace(2, ()),
            "UNARY_NOT": lambda each: self._replace(1, ()),
            "TO_BOOL": lambda each: self._replace(1, ()),
            "BINARY_OP": lambda each: self._replace(2, None),
            "BINARY_SUBSCR": lambda each: self._replace(2, Item.of(self._at(1), self._at(0))),
            "STORE_SUBSCR": lambda each: self._drop(3),
            "DELETE_SUBSCR": lambda each: self._drop(2),
            "STORE_ATTR": lambda each: self._drop(2),
        }

    def _load(self, each: dis.Instruction) -> None:
        if _name(each) == "LOAD_GLOBAL" and (each.arg or 0) & 1:
            self._push(None)
        self._push((str(each.argval),))

    def _load_two(self, each: dis.Instruction) -> None:
        for name in each.argval:
            self._push((str(name),))

    def _store_and_load(self, each: dis.Instruction) -> None:
        self._replace(1, (str(each.argval[1]),))

    def _attribute(self, each: dis.Instruction) -> None:
        base = self._at(0)
        self._drop(1)
        named = base and not isinstance(base, Item) and len(base) < 3
        self._push((*(base or ()), str(each.argval)) if named else None)
        if each.opname == "LOAD_METHOD" or "NULL|self" in each.argrepr:
            self._push(None)

    def _swap(self, each: dis.Instruction) -> None:
        depth = each.arg or 2
        if len(self.stack) < depth:
            self.stack.clear()
        else:
            self.stack[-1], self.stack[-depth] = self.stack[-depth], self.stack[-1]

    def _build(self, each: dis.Instruction) -> None:
        self._replace(each.arg or 0, None)

    def _call(self, each: dis.Instruction) -> None:
        count = (each.arg or 0) + 2
        called = self.stack[-count : len(self.stack) - count + 2] if len(self.stack) >= count else []
        function = self._callee(each)
        if function is not None:
            self.called = function, *self.stack[len(self.stack) - count + 2 :]
        simple = any(each is not None and len(each) == 1 and each[0] in SIMPLE_CALLS for each in called)
        self._replace(count, () if simple else None)

    def _push(self, expression: Expression) -> None:
        self.stack.append(expression)

    def _drop(self, count: int) -> None:
        del self.stack[max(len(self.stack) - count, 0) :]

    def _replace(self, count: int, expression: Expression) -> None:
        self._drop(count)
        self._push(expression)
