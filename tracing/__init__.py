"""See threads: drop-in primitives for `threading` that record what every thread did, and pictures of it.

    from tracing import Lock, Thread, record

    with record() as run:
        ...
    run

The map of the package; the arrows of the imports point upwards in this list:

    cpython/       what we use of CPython and it does not promise: private names, opcodes
    errors.py      the package's own errors
    events.py      the vocabulary: TraceEvent, EventLog; pure data
    natures.py     what each primitive is, in a row of one table
    naming/        an object is called what the program calls it
    recorder/      the log while it is written: a flat list per thread, merged at the end
    runtime/       the seam: how a thread waits (system.py: the operating system and the real clock;
                   simulated.py: one thread at a time and a virtual clock; schedules.py: who is next)
    primitives/    the faces: Lock, Condition, Thread, ... with the signatures of threading; and what plain
                   queues, futures and executors do while a run lasts
    patching/      names of the standard library replaced while a run lasts, of whichever kind; and
                   what else of the process a simulated run needs (process.py)
    keeping.py     the thread beside a run that sets it up and puts everything back
    model/         events folded into spans, holds, waits and their causes
    diagnosis/     what went wrong, in sentences
    files/         save and open; Chrome / Perfetto
    views/         timeline (matplotlib), graphs, text, tables, data frames, a page for the browser
    asking.py      what one asks of a run by name: waits_of("reader"), holders("lock_a"), outcome_of("ann")
    overhead.py    what the record itself cost, calibrated on this machine
    progress.py    a bar for what takes long
    trace.py       Trace: from a record to its model, findings and views
    comparing.py   compare(): runs on one time axis
    forked.py      a process that is forked in a block: where it hangs, it says so and ends
    running.py     what a recorded and a simulated run have in common, from the first event to the last
    standstill.py  has a run come to a standstill? For record() and run_script()
    recording.py   record(): real threads, real clock; a run that hangs is ended
    output.py      what a simulated run prints, held back until its end
    simulating.py  simulate(): real threads one at a time, virtual clock
    exploring/     explore(), replay(): many schedules, and the one that breaks the program
    scripting/     run_script(): a program in an interpreter of its own, to its real end
    dumping/       what the threads of a living process wait for: `python -m tracing dump PID`
    unmodified.py  record() and simulate() for code that says `import threading`
    notebook.py    %%trace
    testing.py     pytest --trace-threads, @pytest.mark.explore
    commanding/    `python -m tracing`: options, report, exit status
    tweaking/      tweak(): sliders that simulate the program again as one drags
"""

from tracing.cpython import command_line as _command_line

_command_line.leave_folder_to_program()  # first: a json.py in it would be imported in place of the library's

from tracing.cpython import versions as _versions

_versions.check()  # next: an older Python could not import what follows

import threading as _threading
from threading import (
    TIMEOUT_MAX,
    BrokenBarrierError,
    ExceptHookArgs,
    ThreadError,
    active_count,
    current_thread,
    enumerate,
    excepthook,
    get_ident,
    get_native_id,
    getprofile,
    gettrace,
    local,
    main_thread,
    setprofile,
    settrace,
    stack_size,
)
from typing import Any as _Any

from tracing.comparing import Comparison, compare
from tracing.errors import ExploreError, RecordError, ScriptError, TraceFileError, TracingError
from tracing.events import Kind, TraceEvent
from tracing.exploring import Exploration, explore, replay
from tracing.primitives import (
    Barrier,
    BoundedSemaphore,
    Condition,
    Event,
    Lock,
    RLock,
    Semaphore,
    SimpleQueue,
    Thread,
    Timer,
    sleep,
)
from tracing.primitives.mark import mark
from tracing.recording import record
from tracing.scripting import run_script
from tracing.simulating import simulate
from tracing.trace import Trace, key, open_trace
from tracing.tweaking import Tweaked, tweak

__version__ = "0.1.0"


def __getattr__(name: str) -> _Any:
    """What `threading` has besides (activeCount, setprofile_all_threads, ...)."""
    if (not name.startswith("_") or name == "__excepthook__") and hasattr(_threading, name):
        return getattr(_threading, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load_ipython_extension(shell: _Any) -> None:
    """`%load_ext tracing`: the cell magic `%%trace`."""
    from tracing.notebook import register

    register(shell)


def unload_ipython_extension(shell: _Any) -> None:
    """`%unload_ext tracing`: the magic is gone."""
    from tracing.notebook import unregister

    unregister(shell)


__all__ = [
    "TIMEOUT_MAX",
    "Barrier",
    "BoundedSemaphore",
    "BrokenBarrierError",
    "Comparison",
    "Condition",
    "Event",
    "ExceptHookArgs",
    "Exploration",
    "ExploreError",
    "Kind",
    "Lock",
    "RLock",
    "RecordError",
    "ScriptError",
    "Semaphore",
    "SimpleQueue",
    "Thread",
    "ThreadError",
    "Timer",
    "Trace",
    "TraceEvent",
    "TraceFileError",
    "TracingError",
    "Tweaked",
    "active_count",
    "compare",
    "current_thread",
    "enumerate",
    "excepthook",
    "explore",
    "get_ident",
    "get_native_id",
    "getprofile",
    "gettrace",
    "key",
    "local",
    "main_thread",
    "mark",
    "open_trace",
    "record",
    "replay",
    "run_script",
    "setprofile",
    "settrace",
    "simulate",
    "sleep",
    "stack_size",
    "tweak",
]
# What this version of Python has besides (setprofile_all_threads from 3.12 on).
__all__ += [name for name in _threading.__all__ if name not in __all__]
