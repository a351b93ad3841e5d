"""An object is called what the program calls it: `lock_a = Lock()` is "lock_a".

Owns: the way from an instruction (a code object and an offset, taken when a primitive was made or used) to a
name and to a `Site`, and the question whose frame is whose.

Rule: nothing here raises. `frames`, `holding` and `targets` are used by threads of the program, `places` and
`polling` also by those that look at it while it runs; the rest once it is over. What the program's text does
not name is "Lock-1", "Lock-2", counted per type and trace.

    frame, direct = creator(sys._getframe(1), self)            # when an object is made
    Made(type="Lock", place=(code, lasti) if direct else None)  # when all are known, in the order of creation
    name_all({serial: made, ...})

    frames.py   is_library, creator: whose frame is it? field_made: what a dataclass's `__init__` makes
    holding.py  held_by: a name that holds, now, what was made before anybody looked
    places.py   site_of: file, line, function and text of an instruction, as a reader knows them; scope_of;
                is_module
    bound.py    name_at: what the value of a call is bound to
    targets.py  called_target: what is called where a thread's target should stand
    polling.py  polls: does a loop do nothing but look, again and again?
    waits.py    after_wait: does the program look again after a Condition.wait?
    unique.py   name_all: unique names, once all objects of a trace are known; hasty_name: one before that
"""

from tracing.naming.bound import Naming, name_at
from tracing.naming.frames import CALLERS_OF_TARGETS, creator, field_made, is_library
from tracing.naming.holding import held_by
from tracing.naming.places import is_module, scope_of, site_of
from tracing.naming.targets import called_target
from tracing.naming.unique import Made, hasty_name, name_all
from tracing.naming.waits import after_wait

__all__ = [
    "CALLERS_OF_TARGETS",
    "Made",
    "Naming",
    "after_wait",
    "called_target",
    "creator",
    "field_made",
    "hasty_name",
    "held_by",
    "is_library",
    "is_module",
    "name_all",
    "name_at",
    "scope_of",
    "site_of",
]
