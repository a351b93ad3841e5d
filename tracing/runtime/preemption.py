"""What the program's own code reads and writes between two operations of primitives, and switching threads
there.

Owns: `Watch`, which tells a simulated run what each step touched, and makes a point before each bytecode that
touches what threads may share, where that is asked for.

Rule: only the program's own code is watched, not libraries: theirs is taken to be right. In doubt a step is
said to touch more than it does.

How it works: `sys.monitoring` from Python 3.12 on. Of each function that begins or goes on it tells once; the
instructions are watched of those alone that are the program's, for to be asked about each of a library's, of
this package and of `threading` first of all, would cost several times what a short search costs. On 3.11
`sys.settrace` with events for opcodes, and `sys.setprofile` for calls into C, from each instruction that
calls to the next event (opcode events of settrace are broken on 3.12). Contents of a container are known by
its identity where it can be seen, else any container may be meant. Not seen: what a function written in C
does that another one calls (a `functools.partial` on 3.11, `map`). Nor, on 3.11, the call of a function with
`functools.cache` that a thread is given as its target, nor what the call of a type looks into that is had by
more than a name and its attributes (`kinds[0](items)`). What a function written in C does to its arguments is
known for those of `builtins`; any other may do anything, and so may `getattr` and `hasattr`: which attribute
they read is not seen. Nor is what the program does to a namespace that it keeps as a dict (`names =
vars(account)`), nor what it does by the obsolete `getName`, `setName`, `isDaemon` and `setDaemon` of threads,
nor that it asks a plain `threading.Thread` for its `ident`.
"""

from __future__ import annotations

import builtins
import collections
import enum
import functools
import inspect
import sys
import threading
from _thread import get_ident
from collections.abc import Callable
from types import (
    BuiltinFunctionType,
    CodeType,
    FrameType,
    FunctionType,
    GeneratorType,
    MethodDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any

from tracing.cpython import executors
from tracing.cpython.bytecodes import GIVEN, Constant, Expression, Item, Site, calling, calls, sites
from tracing.cpython.exceptions import lower_flag
from tracing.cpython.frames import getframe
from tracing.cpython.generated import is_generated
from tracing.events import Kind
from tracing.naming import is_library
from tracing.runtime import Agent, here

READ, WRITE = 1, 2
EVERYTHING = 0  # what each step reads; written by what may change anything
CHECK = 16  # depends on all who have read it or will, and is not one of them
ANY_LOOKED, ANY_CHANGED = -(1 << 40), -(1 << 40) - 1  # into an unknown container; a known one
ANY_ADVANCED = ANY_CHANGED - 1  # an iterator: written where it is not known which
UNKNOWN = object()
CONTAINERS = (list, dict, set, bytearray, collections.deque)
PLAIN = (int, float, complex, str, bytes, bool, type(None), tuple, frozenset, range)
SEALED = (*PLAIN, type, FunctionType, ModuleType, BaseException, enum.Enum)  # nothing in them changes
# What gives a new iterator each time. A generator expression is called with one up to 3.14, which somebody
# else may have as well; from 3.15 on with what it then asks for one. It is said to touch the same.
MAKE_ITERATORS = frozenset(
    {*CONTAINERS, tuple, frozenset, str, bytes, range, *map(type, ({}.keys(), {}.values(), {}.items()))}
)
FIXED = (FunctionType, MethodType, type, ModuleType)  # what a name of a module stays bound to
BOUND = (MethodType, functools.partial)
BUILTIN = (BuiltinFunctionType, MethodDescriptorType)
FLAT = (int, float, complex, str, bytes, type(None), range)  # nothing is in them that may change
LOOKING = frozenset(
    {
        "get",
        "keys",
        "values",
        "items",
        "index",
        "count",
        "copy",
        "isdisjoint",
        "issubset",
        "issuperset",
        "union",
    }
)
HARMLESS = {
    getattr(builtins, name)
    for name in (
        *(
            "len",
            "sum",
            "min",
            "max",
            "sorted",
            "any",
            "all",
            "abs",
            "repr",
            "print",
            "isinstance",
            "issubclass",
        ),
        *("id", "iter", "round", "divmod", "ord", "chr", "hash", "callable", "format"),
    )
}
WALKING = {range, enumerate, zip, reversed, iter, sorted, list, tuple, set, frozenset, dict}
COPYING: frozenset[Any] = frozenset(
    {list, tuple, set, frozenset, dict, str, bytes, bytearray, bool, enumerate, zip, map}
)
OURS = ("tracing", "threading", "queue", "concurrent.futures", "contextlib", "functools")
CACHED = type(functools.cache(len))  # whether it calls what it wraps depends on who has called it
TOOL = 4  # of sys.monitoring
Keys = dict[Any, int]
Seen = Callable[[Agent, Site, FrameType], None]
Sites = dict[int, tuple[Site, ...]]

# Library code that calls what the program gave it: a function written in C is seen nowhere else. By
# identity: hashing a code object reads all of it.
CALLERS = frozenset(
    {
        id(threading.Thread.run.__code__),
        id(threading.Timer.run.__code__),
        id(threading.Condition.wait_for.__code__),
        *map(id, executors.CALLERS),
    }
)
ANY_LOOK = {ANY_CHANGED: CHECK, ANY_LOOKED: READ}
ANY_CHANGE = {ANY_CHANGED: READ, ANY_LOOKED: CHECK}
CACHED = type(functools.cache(len))  # which is not in the list of public names
KEEPER = functools.cached_property.__get__.__code__  # keeps what the function that it calls returns
# 3.11 has a lock around the call: nobody can come in between.
KEEPS_UNLOCKED = not hasattr(functools.cached_property(len), "lock")
monitoring: Any = getattr(sys, "monitoring", None)


class NumbersOfNames:
    """Numbers for the names of variables and attributes, in place of a primitive's serial number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def of(self, name: str) -> int:
        """Below all numbers of threads."""
        return self._numbers.setdefault(name, ANY_ADVANCED - 1 - len(self._numbers))


NUMBERS = NumbersOfNames()


def _is_watched(code: CodeType) -> bool:
    """Code of the program itself."""
    return not is_library(code.co_filename) and not is_generated(code)


def _all_sites(code: CodeType) -> Sites:
    return {**sites(code), **calling(code)}


class Watch:
    """Looks at the program's code while a simulated run lasts. A context manager around one run or many.

    points: threads may be switched before each access. notes: what is touched is told to the run. seen: is
    told of each access that is about to be made.
    """

    def __init__(self, *, points: bool, notes: bool, seen: Seen | None = None) -> None:
        self.points, self.notes, self.seen = points, notes, seen
        self._before: dict[int, tuple[Any, Any]] = {}  # by thread: what traced it
        self._known: dict[int, tuple[CodeType, Sites | None]] = {}  # by identity
        self._tracers: dict[int, tuple[CodeType, Any]] = {}  # by identity: what is told of a frame, or None
        self._cached: set[int] = set()  # identities of code whose results are kept
        self._armed: dict[int, CodeType] = {}  # by identity: whose instructions, or calls, are told of

    def __enter__(self) -> Watch:
        if monitoring is not None:
            monitoring.use_tool_id(TOOL, "tracing")
            events = monitoring.events
            monitoring.register_callback(TOOL, events.INSTRUCTION, self._instruction)
            monitoring.register_callback(TOOL, events.CALL, self._call)
            for event in (events.PY_START, events.PY_RESUME):
                monitoring.register_callback(TOOL, event, self._begins)
            monitoring.register_callback(TOOL, events.PY_THROW, self._is_thrown_into)
            monitoring.set_events(TOOL, events.PY_START | events.PY_RESUME | events.PY_THROW)
            monitoring.restart_events()
        return self

    def __exit__(self, *exc_info: object) -> None:
        if monitoring is not None:
            monitoring.set_events(TOOL, 0)
            while self._armed:
                monitoring.set_local_events(TOOL, self._armed.popitem()[1], 0)
            monitoring.free_tool_id(TOOL)

    def enter(self) -> None:
        """By a thread of the run, first thing."""
        if monitoring is None:
            lower_flag()
            self._before[get_ident()] = sys.gettrace(), sys.getprofile()
            sys.settrace(self._new_frame)
            sys.setprofile(None)
        elif not self._armed:  # the main thread: the function that has the block began before
            self._arm_callers(getframe(1))

    def leave(self) -> None:
        """By a thread of the run, last thing. May be called again, where a Ctrl-C came first."""
        before = self._before.get(get_ident())
        if before is not None:
            sys.settrace(before[0])
            _profile_again(before[1])
            self._before.pop(get_ident(), None)

    def pause(self) -> None:
        """By a thread of the run: what comes now is not the program's. Saves most of the cost of tracing."""
        if monitoring is None:
            sys.setprofile(None)
            sys.settrace(None)

    def resume(self) -> None:
        """The program goes on."""
        if monitoring is None:
            sys.settrace(self._new_frame)

    def _sites(self, code: CodeType) -> Sites | None:
        """Those of the program's own code; None of all other code."""
        known = self._known.get(id(code))
        if known is None:
            known = self._known[id(code)] = code, _all_sites(code) if _is_watched(code) else None
        return known[1]

    # 3.12 and later

    def _begins(self, code: CodeType, offset: int) -> Any:
        if id(code) not in self._armed and self._arm(code):
            self._reach(code, offset, getframe(1))  # this instruction was under way when it was armed
        return monitoring.DISABLE

    def _is_thrown_into(self, code: CodeType, offset: int, error: BaseException) -> None:
        self._arm(code)

    def _arm_callers(self, frame: FrameType | None) -> None:
        while frame is not None:
            self._arm(frame.f_code)
            frame = frame.f_back

    def _arm(self, code: CodeType) -> bool:
        """Be told of its instructions, where it is the program's, and of its calls. Whether it is watched."""
        events = monitoring.events
        if _is_watched(code):  # what it has is read in its first event: there, nothing is told of the reading
            wanted = events.INSTRUCTION | events.CALL
        elif id(code) in CALLERS:
            wanted = events.CALL
        else:
            return False
        self._armed[id(code)] = code
        monitoring.set_local_events(TOOL, code, wanted)
        return True

    def _instruction(self, code: CodeType, offset: int) -> Any:
        return self._reach(code, offset, getframe(1))

    def _reach(self, code: CodeType, offset: int, frame: FrameType) -> Any:
        known = self._sites(code)
        if not known or offset not in known:
            return monitoring.DISABLE
        agent = here.agent
        if agent is not None and not agent.runtime.direct:
            for site in known[offset]:
                self._at(agent, site, frame)
        return None

    def _call(self, code: CodeType, offset: int, function: Any, first: Any) -> None:
        agent = here.agent
        if agent is not None and not agent.runtime.direct:
            self._touch(agent, self._cache(function) or called(function, first), point=True)

    # 3.11

    def _new_frame(self, frame: FrameType, event: str, arg: Any) -> Any:
        code = frame.f_code
        known = self._tracers.get(id(code))
        if known is None:
            known = self._tracers[id(code)] = code, self._tracer(code)
        if known[1] is not None:
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return known[1]

    def _tracer(self, code: CodeType) -> Any:
        """What is told of each instruction of the program's own code, and of who calls it; else None."""
        watched = self._sites(code)
        if watched is None and id(code) not in CALLERS:
            return None
        touching, calling, c_call = watched or {}, calls(code), self._c_call

        def tracer(frame: FrameType, event: str, arg: Any) -> Any:
            if event == "opcode":
                at = frame.f_lasti
                if at in touching:
                    self._reach(code, at, frame)
                    # Once they were read, the locals are written back when a tracer returns: as they are
                    # now, not as before others had their turn and changed variables that functions share.
                    frame.f_locals  # noqa: B018
                if at in calling:
                    sys.setprofile(c_call)
            return tracer

        return tracer

    def _c_call(self, frame: FrameType, event: str, arg: Any) -> None:
        """What is told next after such an instruction: what it calls, in C, or that something else begins.

        More is not wanted, for it would be told of each call of a library's and of this package, which costs
        more than the run.
        """
        sys.setprofile(None)
        agent = here.agent if event == "c_call" else None
        if agent is not None and not agent.runtime.direct:
            self._touch(agent, called(arg, UNKNOWN), point=True)

    # both

    def _at(self, agent: Agent, site: Site, frame: FrameType) -> None:
        if site.what in ("variable", "attribute"):  # most are
            if not _is_fixed(site, frame):
                key = NUMBERS.of(site.name)  # a global of one module is an attribute for another one
                self._touch(agent, {key: WRITE if site.writes else READ}, point=True)
        elif site.what == "contents":
            keys = _item(frame, site)
            self._touch(agent, keys, point=site.index is not None or WRITE in keys.values())
        elif site.what == "call":
            kind = _type_of(frame, site.expression)
            self._touch(agent, _made(kind), point=kind is not UNKNOWN)
        elif site.what == "next":
            self._touch(agent, _advanced(frame, site), point=True, moves=True)
        elif site.what in ("resumed", "paused"):
            self._touch(agent, _generator(frame), point=site.what == "paused")
        elif site.what == "called":
            self._touch(agent, self._cache(value_of(frame, site.expression)), point=True)
        elif site.what == "returned":
            self._touch(agent, self._kept(frame), point=True)
        elif site.what == "anything":
            self._touch(agent, {EVERYTHING: WRITE}, point=True)
        if self.seen is not None and not agent.unwinding:
            self.seen(agent, site, frame)

    def _cache(self, function: Any) -> Keys:
        """What a call touches of a function whose results are kept."""
        if not isinstance(function, CACHED):
            return {}
        code = getattr(function.__wrapped__, "__code__", None)
        if code is None or not _is_watched(code):
            return {}
        self._cached.add(id(code))
        return _results(code)

    def _kept(self, frame: FrameType) -> Keys:
        """What is changed when a function returns: the results, where they are kept."""
        if id(frame.f_code) in self._cached:
            return _results(frame.f_code)
        if KEEPS_UNLOCKED and frame.f_back is not None and frame.f_back.f_code is KEEPER:
            return {NUMBERS.of(frame.f_code.co_name): WRITE}
        return {}

    def _touch(self, agent: Agent, keys: Keys, *, point: bool, moves: bool = False) -> None:
        """moves: the thread is not as it was afterwards, also where nothing is changed that others see."""
        if not keys or agent.unwinding:
            return
        if point and self.points:
            _pause(agent, *next(iter(keys.items())), moves)
        if self.notes:
            agent.touch(keys)


def _pause(agent: Agent, key: Any, how: int, moves: bool) -> None:
    """A point before a bytecode."""
    if agent.run.ended:
        agent.unwind()
    agent.next, agent.needs, agent.retakes = (Kind.NOTE, key, how == WRITE), None, None
    if how == WRITE or moves:
        agent.runtime.point(agent)
    else:  # who only looks, again and again, is spinning
        agent.runtime.glance(agent)


def _is_fixed(site: Site, frame: FrameType) -> bool:
    """A name of the module that is bound to a function, a method, a class or a module."""
    if site.what != "variable" or site.writes:
        return False
    value = frame.f_globals.get(site.name, UNKNOWN)
    return isinstance(value, FIXED) and site.name not in frame.f_code.co_freevars


def value_of(frame: FrameType, expression: Expression) -> Any:
    """What an expression gives, where that can be seen without running anything of the program."""
    if isinstance(expression, Constant):
        return expression.value
    if isinstance(expression, Item):
        return item_of(value_of(frame, expression.container), value_of(frame, expression.at))
    if expression is None:
        return UNKNOWN
    if not expression:
        return None
    first, *attributes = expression
    value = frame.f_locals.get(first, frame.f_globals.get(first, UNKNOWN))
    for name in attributes:
        value = attribute_of(value, name)
    return value


def attribute_of(owner: Any, name: str) -> Any:
    """What an object has under that name by itself."""
    return getattr(owner, "__dict__", {}).get(name, UNKNOWN)


def item_of(container: Any, index: Any) -> Any:
    if type(container) not in (list, dict) or type(index) not in (int, str):
        return UNKNOWN
    try:
        return container[index]
    except LookupError:
        return UNKNOWN


def _known(index: Expression) -> bool:
    return bool(index) or isinstance(index, Constant)


def _item(frame: FrameType, site: Site) -> Keys:
    """What looking into a container, or changing it, touches: one item of it where that can be seen."""
    value = value_of(frame, site.expression)
    if site.deep:
        return _joined(_contents(value, site.writes), _inside(value))
    index = value_of(frame, site.index) if _known(site.index) else UNKNOWN
    if type(value) not in (list, dict) or type(index) not in (int, str):
        return _contents(value, site.writes)
    if type(value) is list and isinstance(index, int) and index < 0:
        index += len(value)
    item = {_key(value, "item", index): WRITE if site.writes else READ, _key(value, "contents"): READ}
    changed = {_key(value, "changed"): READ, _key(value, "looked"): CHECK}
    return {**item, **changed, **ANY_CHANGE} if site.writes else item


def _advanced(frame: FrameType, site: Site) -> Keys:
    """What a step of a loop touches: an iterator, where it is none of its own, and what that goes through."""
    value: Any = value_of(frame, site.expression) if site.expression else UNKNOWN
    if site.expression == GIVEN and type(value) in MAKE_ITERATORS:
        return _next(type(iter(value)), frame)
    if isinstance(value, CONTAINERS):
        return _contents(value, False)
    if isinstance(value, PLAIN):
        return {}
    if isinstance(value, GeneratorType) and value.gi_frame is not None:
        return _generator(value.gi_frame)
    if value is not UNKNOWN and hasattr(type(value), "__next__"):
        return _next(type(value), value)
    own = _own(frame, site.call) if site.call else None
    return {ANY_ADVANCED: WRITE, **ANY_LOOK} if own is None else own


def _next(kind: type, whose: object) -> Keys:
    """What advancing an iterator of that kind touches: the iterator, and whatever it goes through."""
    return {("next", kind.__name__, None, id(whose)): WRITE, ANY_ADVANCED: READ, **ANY_LOOK}


def _results(code: CodeType) -> Keys:
    """What looking for a kept result touches, and keeping it: both may change which one is dropped."""
    return {("results", "cache", code.co_qualname, id(code)): WRITE}


def _generator(frame: FrameType) -> Keys:
    """What resuming a generator touches, and pausing it: its frame is the same as long as it lives."""
    return {("next", "generator", frame.f_code.co_qualname, id(frame)): WRITE, ANY_ADVANCED: READ}


def _own(frame: FrameType, call: tuple[Expression, ...]) -> Keys | None:
    """What a step touches of an iterator that a call made, where nobody else has it; None: not known."""
    path = call[0] or ()
    function = value_of(frame, path)
    if function is UNKNOWN and len(path) == 1:
        function = getattr(builtins, path[0], UNKNOWN)
    if isinstance(function, FunctionType) and function.__code__.co_flags & inspect.CO_GENERATOR:
        return {}  # its frame is touched when it is resumed
    if function is UNKNOWN and path[-1:] in (("items",), ("keys",), ("values",)):
        walked = [value_of(frame, path[:-1])]
    elif isinstance(function, type | BuiltinFunctionType) and function in WALKING:
        walked = [value_of(frame, each) for each in call[1:]]
    else:
        return None
    known = all(isinstance(each, (*CONTAINERS, *PLAIN)) for each in walked)
    return {key: how for each in walked for key, how in _contents(each, False).items()} if known else None


def _key(container: Any, part: str, index: Any = None) -> tuple[Any, ...]:
    """Its identity stands last: it means nothing in another run."""
    return part, type(container).__name__, index, id(container)


def _contents(value: Any, writes: bool) -> Keys:
    """What looking into a value, or changing what is in it, touches."""
    if isinstance(value, CONTAINERS):
        changed = {_key(value, "changed"): CHECK, _key(value, "looked"): READ}  # single items
        contents = {_key(value, "contents"): WRITE if writes else READ, **changed}
        return {**contents, **ANY_CHANGE} if writes else contents
    if hasattr(type(value), "__next__"):  # who looks into an iterator advances it
        return {_key(value, "iterator"): WRITE, **ANY_CHANGE}
    if value is UNKNOWN or not _shows_itself(type(value)):
        return {EVERYTHING: WRITE} if writes else ANY_LOOK
    return {}


def _joined(one: Keys, other: Keys) -> Keys:
    return {key: one.get(key, 0) | other.get(key, 0) for key in (*one, *other)}


def _inside(value: Any) -> Keys:
    """What comparing a container touches, or writing it as a text: also what is in the containers in it."""
    parts = (*value, *value.values()) if isinstance(value, dict) else value
    if not isinstance(value, (*CONTAINERS, tuple, frozenset)) or all(
        isinstance(part, FLAT) for part in parts
    ):
        return {}
    return ANY_LOOK


def _type_of(frame: FrameType, expression: Expression) -> Any:
    """What is called, also where it is a builtin; None where it is a method, which other events tell of."""
    found = value_of(frame, expression)
    if found is not UNKNOWN or not expression:
        return found
    if len(expression) == 1:
        return getattr(builtins, expression[0], UNKNOWN)
    return UNKNOWN if value_of(frame, expression[:-1]) is UNKNOWN else None


def _made(kind: Any) -> Keys:
    """What the call of a type written in C touches; nothing, where it is none of these."""
    return called(kind, UNKNOWN) if isinstance(kind, type) else {}


def _shows_itself(kind: type) -> bool:
    """Whether its values have no contents, or code of the program gives them and is seen when it does."""
    return issubclass(kind, SEALED) or all(map(_is_of_the_program, kind.__mro__[:-1]))


def _is_of_the_program(kind: type) -> bool:
    file = getattr(sys.modules.get(kind.__module__), "__file__", None)
    return kind.__module__.startswith((*OURS, "typing", "abc")) or (
        kind.__module__ == "__main__" if file is None else not is_library(file)
    )


def called(function: Any, first: Any) -> Keys:
    """What a call touches by itself; what code of the program does is seen when it does it.

    first: the first argument, UNKNOWN where it cannot be seen.
    """
    while isinstance(function, BOUND):
        function = function.__func__ if isinstance(function, MethodType) else function.func
    if isinstance(function, type):
        return ANY_LOOK if function in COPYING else {}
    if isinstance(function, FunctionType):
        known = not is_library(function.__code__.co_filename) or (function.__module__ or "").startswith(OURS)
        return {} if known else {EVERYTHING: WRITE}
    if isinstance(function, BUILTIN):
        return _builtin(function, first)
    ours = getattr(type(function), "__module__", "").startswith(OURS) and not isinstance(function, CACHED)
    return {} if ours else {EVERYTHING: WRITE}


def _builtin(function: Any, first: Any) -> Keys:
    owner = getattr(function, "__self__", first)
    if isinstance(owner, CONTAINERS):
        return _joined(_contents(owner, function.__name__ not in LOOKING), _arguments(function.__name__))
    if isinstance(owner, PLAIN) or function in HARMLESS:
        return ANY_LOOK
    return {EVERYTHING: WRITE}


def _arguments(name: str) -> Keys:
    """A method of a container that looks into another one."""
    return ANY_LOOK if name.endswith(("extend", "extendleft", "update", "union")) else {}


def _profile_again(profiler: Any) -> None:
    """cProfile's is no function: what it has set in C only itself can set again."""
    sys.setprofile(None)
    if callable(profiler):
        sys.setprofile(profiler)
    elif hasattr(profiler, "enable"):
        profiler.enable()
