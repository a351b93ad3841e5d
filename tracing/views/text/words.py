"""The words of the text form: what an event is called.

Rule: a name is data. It is said on one line and in bounded length, whatever it contains.
"""

from __future__ import annotations

from types import MappingProxyType

from tracing.diagnosis.names import LONGEST_TEXT, Names, plain
from tracing.events import TEXT_KINDS, Kind, TraceEvent
from tracing.views.units import duration

PHRASES = MappingProxyType(
    {
        Kind.STARTED: "starts {other}",
        Kind.BEGAN: "begins",
        Kind.ENDED: "ends",
        Kind.FAILED: "fails: {text}",
        Kind.JOIN_WAIT: "waits for {other} to end",
        Kind.JOINED: "joins {other}",
        Kind.JOIN_TIMED_OUT: "waits for {other} to end, in vain",
        Kind.SLEEP: "sleeps {length}",
        Kind.WOKE: "wakes up",
        Kind.WAIT: "waits {aim}",
        Kind.TIMED_OUT: "gives up waiting {aim}",
        Kind.WOULD_BLOCK: "tries {obj}, in vain",
        Kind.CUT: "is interrupted",
        Kind.ACQUIRED: "acquires {obj}",
        Kind.RELEASED: "releases {obj}",
        Kind.REFUSED: "misuses {obj}: {text}",
        Kind.COND_WAIT: "waits {aim}",
        Kind.NOTIFY: "notifies {obj}",
        Kind.NOTIFIED: "wakes {other} on {obj}",
        Kind.COND_WOKE: "wakes up from {obj}",
        Kind.SET: "sets {obj}",
        Kind.CLEARED: "clears {obj}",
        Kind.PASSED: "passes {obj}",
        Kind.ARRIVED: "arrives at {obj} as number {number}",
        Kind.TRIPPED: "trips {obj}",
        Kind.ACTION: "begins the action of {obj}",
        Kind.ACTION_DONE: "ends the action of {obj}",
        Kind.BROKEN: "breaks {obj}: {text}",
        Kind.BROKE_OUT: "finds {obj} broken",
        Kind.RESET: "resets {obj}",
        Kind.PENDING: "waits {aim}",
        Kind.FIRED: "fires {obj}",
        Kind.CANCELLED: "cancels {obj}",
        Kind.CANCEL_LATE: "cancels {obj}, too late",
        Kind.NOTE: "notes: {text}",
        Kind.PUT: "puts into {obj}",
        Kind.GOT: "gets from {obj}",
        Kind.PUT_WAIT: "waits for room in {obj}",
        Kind.GET_WAIT: "waits for an item of {obj}",
        Kind.TASK_DONE: "is done with a task of {obj}",
        Kind.TASKS_WAIT: "waits for the tasks of {obj}",
        Kind.TASKS_JOINED: "finds all tasks of {obj} done",
        Kind.SHUT_DOWN: "shuts {obj} down",
        Kind.SHUT_OUT: "finds {obj} shut down",
        Kind.SUBMITTED: "submits {obj}",
        Kind.CALL_BEGAN: "begins {obj}",
        Kind.CALL_ENDED: "ends {obj}",
        Kind.CALL_FAILED: "fails in {obj}: {text}",
        Kind.CALL_CANCELLED: "cancels {obj}",
        Kind.RESULT_WAIT: "waits for the result of {obj}",
        Kind.RESULT: "takes the result of {obj}",
        Kind.FUTURES_WAIT: "waits for {obj}, among others",
        Kind.FUTURES_CAME: "waits no more for {obj}",
        Kind.WORKERS_ENDED: "finds the workers of {obj} ended",
    }
)
"""What a thread does, in the present tense, by kind of event."""


class Words(Names):
    """How the things and the events of one log are called in a sentence."""

    def phrase(self, event: TraceEvent) -> str:
        """What the event is: "acquires lock_a"."""
        arg = event.arg
        return (
            PHRASES[event.kind]
            .format(
                obj=self.object(event.obj) if event.obj else "a thread",
                aim=self.aim(event.obj),
                other=self.thread(arg or 0),
                length=duration(arg) if arg is not None else "",
                text=plain(self._text(arg), LONGEST_TEXT) if event.kind in TEXT_KINDS else "",
                number=arg,
            )
            .rstrip(" :")
        )

    def _text(self, number: int | None) -> str:
        return self.log.text(number) if number and 0 < number <= len(self.log.texts) else ""
