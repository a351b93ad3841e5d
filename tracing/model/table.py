"""THE TABLE OF TRANSITIONS: what each kind of event means for its thread, its wait and its object.

Owns: `TABLE`, a row per `Kind`, and nothing else decides it: the fold walks it event by event, the density
looks it up for a million events at once. (One explicit table instead of branches all over: the style of h11's
`_state.py`.)

Rule: a row speaks of the acting thread, unless `whose` says of which other; such a row counts only while that
thread is in a wait that the row's `after` began, on the same object. A row that lets its thread run ends the
wait, or the sleep, that is about the same (`about`), and all that began within it; it changes nothing where
there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique

from tracing.events import KIND_BITS, Kind
from tracing.model.shapes import Outcome, State


@unique
class Effect(Enum):
    """What an event does to its object. The value names the method of `things.Thing` that carries it out."""

    TAKE = "take"  # a lock's level, a semaphore's permit
    GIVE = "give"
    RAISE = "put_up"  # an event's flag
    LOWER = "put_down"
    ARRIVE = "arrive"  # at a barrier
    TRIP = "trip"
    ACT = "act"
    ACTED = "acted"
    BREAK = "shatter"
    MEND = "mend"
    PEND = "pend"  # a timer
    FIRE = "fire"
    CALL_OFF = "call_off"


@unique
class Whose(Enum):
    """Whose state a row speaks of."""

    ACTOR = "the thread that recorded the event"
    ARG = "the thread whose number is the event's arg"
    TIMER = "the thread of the Timer that is the event's object"


@unique
class Arg(Enum):
    """What the arg of an event is to the model."""

    NOTHING = "nothing"
    COUNT = "for the mark: how many"
    TEXT = "for the mark: a text's number"
    TIMEOUT = "of the wait that begins, ns"
    DURATION = "of the sleep, ns"
    THREAD = "the other thread"
    FLAG = "how the thread woke up"


@unique
class About(Enum):
    """What an event is about, as far as waits and sleeps go: it ends those that are about the same."""

    OBJECT = "its object"
    THREAD = "the end of the thread whose number is its arg"
    SLEEP = "a sleep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One row: what follows from an event."""

    state: State | None = None  # of the thread from here on; None: as it was
    unless: State | None = None  # in that state the event changes no state
    final: bool = False  # the thread is over
    ends: Outcome = Outcome.CUT  # how a wait came out that this event ends
    effect: Effect | None = None
    mark: str = ""  # Mark.what; "": leaves no mark
    arg: Arg = Arg.NOTHING
    about: About = About.OBJECT
    whose: Whose = Whose.ACTOR
    after: Kind | None = None


def runs(
    *,
    ends: Outcome = Outcome.CUT,
    effect: Effect | None = None,
    mark: str = "",
    about: About = About.OBJECT,
) -> Transition:
    """The row of an event that ends its thread's wait for, or sleep of, what it is about."""
    return Transition(
        state=State.RUNNING, unless=State.RUNNING, ends=ends, effect=effect, mark=mark, about=about
    )


K, S, Out, E, A = Kind, State, Outcome, Effect, About

ROWS: dict[int, Transition] = {
    K.STARTED: Transition(arg=Arg.THREAD),
    K.BEGAN: Transition(),
    K.ENDED: Transition(final=True),
    K.FAILED: Transition(final=True, mark="failed", arg=Arg.TEXT),
    K.JOIN_WAIT: Transition(state=S.WAITING, about=A.THREAD),
    K.JOINED: runs(ends=Out.ENDED, about=A.THREAD),
    K.JOIN_TIMED_OUT: runs(ends=Out.TIMED_OUT, mark="timed out", about=A.THREAD),
    K.SLEEP: Transition(state=S.SLEEPING, arg=Arg.DURATION, about=A.SLEEP),
    K.WOKE: runs(about=A.SLEEP),
    # In State.NOTIFIED a WAIT for the condition's lock changes nothing: that wait has begun already.
    K.WAIT: Transition(state=S.WAITING, arg=Arg.TIMEOUT),
    K.TIMED_OUT: runs(ends=Out.TIMED_OUT, mark="timed out"),
    K.WOULD_BLOCK: Transition(mark="would block"),
    K.CUT: runs(ends=Out.CUT, mark="cut"),
    K.ACQUIRED: runs(ends=Out.ACQUIRED, effect=E.TAKE),
    K.RELEASED: Transition(effect=E.GIVE),  # a Condition's waiter gives its lock up and goes on waiting
    K.REFUSED: Transition(mark="refused", arg=Arg.TEXT),
    K.COND_WAIT: Transition(state=S.WAITING, arg=Arg.TIMEOUT),
    K.NOTIFY: Transition(mark="notify", arg=Arg.COUNT),
    K.NOTIFIED: Transition(state=S.NOTIFIED, ends=Out.NOTIFIED, whose=Whose.ARG, after=K.COND_WAIT),
    # Where a NOTIFIED came before, the wait for the notification has ended already.
    K.COND_WOKE: Transition(state=S.NOTIFIED, unless=S.NOTIFIED, ends=Out.TIMED_OUT, arg=Arg.FLAG),
    K.SET: Transition(effect=E.RAISE, mark="set"),
    K.CLEARED: Transition(effect=E.LOWER, mark="clear"),
    # How a wait for a barrier came out stands in things.Meeting.passed.
    K.PASSED: Transition(state=S.RUNNING, unless=S.RUNNING, ends=Out.SET, mark="pass", arg=Arg.COUNT),
    K.ARRIVED: Transition(effect=E.ARRIVE, mark="arrive", arg=Arg.COUNT),
    K.TRIPPED: Transition(effect=E.TRIP, mark="trip"),
    K.ACTION: Transition(effect=E.ACT),
    K.ACTION_DONE: Transition(effect=E.ACTED),
    K.BROKEN: Transition(effect=E.BREAK, mark="broken", arg=Arg.TEXT),
    K.BROKE_OUT: runs(ends=Out.BROKEN, mark="broke out"),
    K.RESET: Transition(effect=E.MEND, mark="reset"),
    K.PENDING: Transition(state=S.WAITING, effect=E.PEND, arg=Arg.TIMEOUT),
    K.FIRED: runs(ends=Out.FIRED, effect=E.FIRE, mark="fired"),
    K.CANCELLED: Transition(
        state=S.RUNNING,
        ends=Out.CANCELLED,
        effect=E.CALL_OFF,
        mark="cancelled",
        whose=Whose.TIMER,
        after=K.PENDING,
    ),
    K.CANCEL_LATE: Transition(mark="cancelled late"),
    K.NOTE: Transition(mark="note", arg=Arg.TEXT),
    K.PUT: runs(ends=Out.ACQUIRED, mark="put"),
    K.GOT: runs(ends=Out.ACQUIRED, mark="get"),
    K.PUT_WAIT: Transition(state=S.WAITING, arg=Arg.TIMEOUT),
    K.GET_WAIT: Transition(state=S.WAITING, arg=Arg.TIMEOUT),
    K.TASK_DONE: Transition(mark="task done"),
    K.TASKS_WAIT: Transition(state=S.WAITING),
    K.TASKS_JOINED: runs(ends=Out.ACQUIRED, mark="joined"),
    K.SHUT_DOWN: Transition(mark="shut down"),
    K.SHUT_OUT: runs(mark="shut out"),
    K.SUBMITTED: Transition(mark="submitted", arg=Arg.TEXT),
    K.CALL_BEGAN: Transition(mark="call"),
    K.CALL_ENDED: Transition(mark="call ended"),
    K.CALL_FAILED: Transition(mark="call failed", arg=Arg.TEXT),
    K.CALL_CANCELLED: Transition(mark="call cancelled"),
    K.RESULT_WAIT: Transition(state=S.WAITING, arg=Arg.TIMEOUT),
    K.RESULT: runs(ends=Out.ACQUIRED, mark="result"),
    K.FUTURES_WAIT: Transition(state=S.WAITING, arg=Arg.TIMEOUT),
    K.FUTURES_CAME: runs(ends=Out.ACQUIRED),
    K.WORKERS_ENDED: runs(ends=Out.ACQUIRED),
}

TABLE: tuple[Transition, ...] = tuple(ROWS.get(kind, Transition()) for kind in range(1 << KIND_BITS))
"""The rows by number, as long as a code's kind can be large: an unknown kind changes nothing."""
