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
from tracing.natures import Effect


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
    phrase: str = ""  # what the thread does, in the present tense; "{obj}", "{aim}", "{other}", ...
    aim: str = ""  # what the wait is for that it begins; "": what the primitive's nature says
    lacks: str = ""  # what is missing while it lasts; "": the same
    freed: str = ""  # what a thread did so that it ended; "": the same
    mark: str = ""  # Mark.what; "": leaves no mark
    link: str = ""  # Arrow.what, from who sent what the thread gets without a wait for it; "": no arrow
    arg: Arg = Arg.NOTHING
    about: About = About.OBJECT
    whose: Whose = Whose.ACTOR
    after: Kind | None = None


def runs(
    *,
    phrase: str,
    ends: Outcome = Outcome.CUT,
    effect: Effect | None = None,
    mark: str = "",
    link: str = "",
    about: About = About.OBJECT,
) -> Transition:
    """The row of an event that ends its thread's wait for, or sleep of, what it is about."""
    return Transition(
        state=State.RUNNING,
        unless=State.RUNNING,
        phrase=phrase,
        ends=ends,
        effect=effect,
        mark=mark,
        link=link,
        about=about,
    )


K, S, Out, E, A = Kind, State, Outcome, Effect, About

ROWS: dict[int, Transition] = {
    K.STARTED: Transition(phrase="starts {other}", arg=Arg.THREAD),
    K.BEGAN: Transition(phrase="begins"),
    K.ENDED: Transition(phrase="ends: {text}", final=True),
    K.FAILED: Transition(phrase="fails: {text}", final=True, mark="failed", arg=Arg.TEXT),
    K.JOIN_WAIT: Transition(phrase="waits for {other} to end", state=S.WAITING, about=A.THREAD),
    K.JOINED: runs(phrase="joins {other}", ends=Out.ENDED, about=A.THREAD),
    K.JOIN_TIMED_OUT: runs(
        phrase="waits for {other} to end, in vain", ends=Out.TIMED_OUT, mark="timed out", about=A.THREAD
    ),
    K.SLEEP: Transition(phrase="sleeps {length}", state=S.SLEEPING, arg=Arg.DURATION, about=A.SLEEP),
    K.WOKE: runs(phrase="wakes up", about=A.SLEEP),
    # In State.NOTIFIED a WAIT for the condition's lock changes nothing: that wait has begun already.
    K.WAIT: Transition(phrase="waits {aim}", state=S.WAITING, arg=Arg.TIMEOUT),
    K.TIMED_OUT: runs(phrase="gives up waiting {aim}", ends=Out.TIMED_OUT, mark="timed out"),
    K.WOULD_BLOCK: Transition(phrase="tries {obj}, in vain", mark="would block"),
    K.CUT: runs(phrase="is interrupted", ends=Out.CUT, mark="cut"),
    K.ACQUIRED: runs(phrase="acquires {obj}", ends=Out.ACQUIRED, effect=E.TAKE),
    # A Condition's waiter gives its lock up and goes on waiting.
    K.RELEASED: Transition(phrase="releases {obj}", effect=E.GIVE),
    K.REFUSED: Transition(phrase="misuses {obj}: {text}", mark="refused", arg=Arg.TEXT),
    K.COND_WAIT: Transition(phrase="waits {aim}", state=S.WAITING, arg=Arg.TIMEOUT),
    K.NOTIFY: Transition(phrase="notifies {obj}", mark="notify", arg=Arg.COUNT),
    K.NOTIFIED: Transition(
        phrase="wakes {other} on {obj}",
        state=S.NOTIFIED,
        ends=Out.NOTIFIED,
        whose=Whose.ARG,
        after=K.COND_WAIT,
    ),
    # Where a NOTIFIED came before, the wait for the notification has ended already.
    K.COND_WOKE: Transition(
        phrase="wakes up from {obj}", state=S.NOTIFIED, unless=S.NOTIFIED, ends=Out.TIMED_OUT, arg=Arg.FLAG
    ),
    K.SET: Transition(phrase="sets {obj}", effect=E.RAISE, mark="set"),
    K.CLEARED: Transition(phrase="clears {obj}", effect=E.LOWER, mark="clear"),
    # How a wait for a barrier came out stands in families.barrier.
    K.PASSED: Transition(
        phrase="passes {obj}",
        state=S.RUNNING,
        unless=S.RUNNING,
        ends=Out.SET,
        effect=E.LEAVE,
        mark="pass",
        arg=Arg.COUNT,
    ),
    K.ROUND_WAIT: Transition(
        phrase="waits for the round before to leave {obj}",
        aim="for the round before to leave {}",
        lacks="not empty",
        state=S.WAITING,
        arg=Arg.TIMEOUT,
    ),
    K.ARRIVED: Transition(
        phrase="arrives at {obj} as number {number}",
        state=S.RUNNING,
        unless=S.RUNNING,
        ends=Out.EMPTIED,
        effect=E.ARRIVE,
        mark="arrive",
        arg=Arg.COUNT,
    ),
    K.TRIPPED: Transition(phrase="trips {obj}", effect=E.TRIP, mark="trip"),
    K.ACTION: Transition(phrase="begins the action of {obj}", effect=E.ACT),
    K.ACTION_DONE: Transition(phrase="ends the action of {obj}", effect=E.ACTED),
    K.BROKEN: Transition(phrase="breaks {obj}: {text}", effect=E.BREAK, mark="broken", arg=Arg.TEXT),
    K.BROKE_OUT: runs(phrase="finds {obj} broken", ends=Out.BROKEN, mark="broke out"),
    K.RESET: Transition(phrase="resets {obj}", effect=E.MEND, mark="reset"),
    K.PENDING: Transition(phrase="waits {aim}", state=S.WAITING, effect=E.PEND, arg=Arg.TIMEOUT),
    K.FIRED: runs(phrase="fires {obj}", ends=Out.FIRED, effect=E.FIRE, mark="fired"),
    K.CANCELLED: Transition(
        phrase="cancels {obj}",
        state=S.RUNNING,
        ends=Out.CANCELLED,
        effect=E.CALL_OFF,
        mark="cancelled",
        whose=Whose.TIMER,
        after=K.PENDING,
    ),
    K.CANCEL_LATE: Transition(phrase="cancels {obj}, too late", mark="cancelled late"),
    K.NOTE: Transition(phrase="notes: {text}", mark="note", arg=Arg.TEXT),
    K.BAND_BEGAN: Transition(phrase="begins: {text}", arg=Arg.TEXT),
    K.BAND_ENDED: Transition(phrase="ends: {text}", arg=Arg.TEXT),
    K.BAND_LEFT: Transition(phrase="leaves by an exception: {text}", arg=Arg.TEXT),
    K.READ: Transition(phrase="reads {text}", mark="read", arg=Arg.TEXT),
    K.WRITE: Transition(phrase="writes {text}", mark="write", arg=Arg.TEXT),
    K.VALUE: Transition(phrase="notes: {text}", arg=Arg.TEXT),
    K.PUT: runs(phrase="puts an item into {obj}", ends=Out.ACQUIRED, effect=E.GIVE),
    K.GOT: runs(phrase="gets an item from {obj}", ends=Out.ACQUIRED, effect=E.TAKE, link="item"),
    K.PUT_WAIT: Transition(
        phrase="waits for room in {obj}",
        aim="for room in {}",
        lacks="full",
        freed="got one out",
        state=S.WAITING,
        arg=Arg.TIMEOUT,
    ),
    K.GET_WAIT: Transition(
        phrase="waits for an item of {obj}",
        aim="for an item of {}",
        lacks="empty",
        state=S.WAITING,
        arg=Arg.TIMEOUT,
    ),
    K.TASK_DONE: Transition(phrase="is done with a task of {obj}", effect=E.ACTED, mark="task done"),
    K.TASKS_WAIT: Transition(
        phrase="waits until all tasks of {obj} are done",
        aim="for the tasks of {}",
        lacks="tasks not done",
        freed="did the last one",
        state=S.WAITING,
    ),
    K.TASKS_JOINED: runs(phrase="finds all tasks of {obj} done", ends=Out.ACQUIRED, mark="joined"),
    K.SHUT_DOWN: Transition(phrase="shuts {obj} down", mark="shut down"),
    K.SHUT_OUT: runs(phrase="finds {obj} shut down", mark="shut out"),
    K.SUBMITTED: Transition(phrase="submits {obj}", effect=E.SUBMIT, mark="submitted", arg=Arg.TEXT),
    K.CALL_BEGAN: Transition(phrase="begins {obj}", effect=E.TAKE, mark="call", link="submit"),
    K.CALL_ENDED: Transition(phrase="ends {obj}", effect=E.GIVE, mark="call ended"),
    K.CALL_FAILED: Transition(
        phrase="fails in {obj}: {text}", effect=E.GIVE, mark="call failed", arg=Arg.TEXT
    ),
    K.CALLBACK_FAILED: Transition(
        phrase="fails in a callback of {obj}: {text}", mark="callback failed", arg=Arg.TEXT
    ),
    K.CALL_CANCELLED: Transition(phrase="cancels {obj}", effect=E.GIVE, mark="call cancelled"),
    K.RESULT_WAIT: Transition(
        phrase="waits for the result of {obj}",
        aim="for {}",
        lacks="not done",
        state=S.WAITING,
        arg=Arg.TIMEOUT,
    ),
    K.RESULT: runs(phrase="takes the result of {obj}", ends=Out.ACQUIRED, mark="result"),
    K.FUTURES_WAIT: Transition(
        phrase="waits for {obj} (among others)",
        aim="for {} (among others)",
        lacks="not done",
        state=S.WAITING,
        arg=Arg.TIMEOUT,
    ),
    K.FUTURES_CAME: runs(phrase="waits no more for {obj}", ends=Out.ACQUIRED),
    K.WORKERS_ENDED: runs(phrase="finds the workers of {obj} ended", ends=Out.ACQUIRED),
}

TABLE: tuple[Transition, ...] = tuple(ROWS.get(kind, Transition()) for kind in range(1 << KIND_BITS))
"""The rows by number, as long as a code's kind can be large: an unknown kind changes nothing."""
