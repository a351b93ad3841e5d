"""Whether a program looks again after a Condition.wait is read from its source, and in doubt not at all."""

from __future__ import annotations

import linecache
from itertools import count
from textwrap import dedent, indent

import pytest

from tracing import Condition, Thread, simulate, sleep
from tracing.naming import after_wait

NUMBERS = count(1)


def judged(block: str, *, method: str = "wait") -> str:
    """What is said of the only wait in these lines of a function."""
    source = f"def program(cond, lock, items, ready, self):\n{indent(dedent(block).strip(), '    ')}\n"
    name = f"/lesson_{next(NUMBERS)}.py"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    namespace: dict[str, object] = {}
    exec(compile(source, name, "exec"), namespace)
    code = namespace["program"].__code__  # type: ignore[attr-defined]
    line = next(n for n, text in enumerate(source.splitlines(), 1) if f".{method}(" in text)
    ends = [i for i, found in enumerate(code.co_positions()) if found[0] == line]
    said = {after_wait(code, 2 * i) for i in ends} - {""}
    assert len(said) <= 1
    return said.pop() if said else ""


TESTED = {
    "while": """
        with cond:
            while not items:
                cond.wait()
            items.pop()""",
    "while, and more in the loop": """
        with cond:
            while not items:
                cond.wait()
                print("woken")
            items.pop()""",
    "while, with a timeout": """
        with lock:
            while not items:
                cond.wait(0.1)
            items.pop()""",
    "the lock of the condition": """
        with self.lock:
            while not self.items:
                self.cond.wait()""",
}
UNTESTED = {
    "if": """
        with cond:
            if not items:
                cond.wait()
            items.pop()""",
    "if, with the lock by its own name": """
        with lock:
            if not items:
                cond.wait()
            return items.pop()""",
    "if, in a loop around the lock": """
        while ready:
            with cond:
                if not items:
                    cond.wait()
                items.pop()""",
    "if, and the item is used after the lock": """
        with cond:
            if not items:
                cond.wait()
        return items.pop()""",
    "if, and what was waited for never comes up again": """
        with cond:
            if not ready:
                cond.wait()
            print("go")""",
    "no test at all, and something done under the lock": """
        with cond:
            cond.wait()
            items.pop()""",
    "no test at all, in an endless loop": """
        while True:
            with cond:
                cond.wait()
                items.pop()""",
}
UNKNOWN = {
    "an endless loop that tests": """
        with cond:
            while True:
                if items:
                    break
                cond.wait()""",
    "an endless loop that waits first": """
        with cond:
            while True:
                cond.wait()
                if items:
                    break""",
    "an if in a loop that is about something else": """
        with cond:
            while ready:
                if not items:
                    cond.wait()
                items.pop()""",
    "a loop around the lock": """
        while not ready:
            with cond:
                cond.wait()""",
    "a loop around the lock, tested within": """
        while not ready:
            with cond:
                if not ready:
                    cond.wait()""",
    "a rendezvous that nothing follows": """
        with cond:
            cond.wait()""",
    "a test afterwards": """
        with cond:
            if not items:
                cond.wait()
            if items:
                items.pop()""",
    "a test in the expression that uses it": """
        with cond:
            if not items:
                cond.wait()
            return items.pop() if items else None""",
    "an error that is caught": """
        with cond:
            if not items:
                cond.wait()
            try:
                items.pop()
            except IndexError:
                pass""",
    "a timed wait": """
        with cond:
            if not items:
                cond.wait(1)
            items.pop()""",
    "a wait whose result is used": """
        with cond:
            if not items:
                ok = cond.wait()
            items.pop()""",
    "a helper whose caller holds the lock": """
        if not items:
            cond.wait()
        items.pop()""",
    "a helper whose caller may look": """
        with cond:
            if not ready:
                cond.wait()""",
    "a for loop": """
        with cond:
            for _ in range(3):
                cond.wait()
                items.pop()""",
}


@pytest.mark.parametrize("block", TESTED.values(), ids=TESTED)
def test_a_loop_that_tests_again_is_known(block: str) -> None:
    assert judged(block) == "tested"


@pytest.mark.parametrize("block", UNTESTED.values(), ids=UNTESTED)
def test_a_program_that_goes_on_without_a_test_is_known(block: str) -> None:
    assert judged(block) == "untested"


@pytest.mark.parametrize("block", UNKNOWN.values(), ids=UNKNOWN)
def test_in_doubt_nothing_is_said(block: str) -> None:
    assert judged(block) == ""


def test_wait_for_tests_by_itself() -> None:
    block = """
        with cond:
            cond.wait_for(lambda: items)
            items.pop()"""
    assert judged(block, method="wait_for") == "tested"


def test_code_without_a_source_is_not_judged() -> None:
    code = compile("with cond:\n    cond.wait()\n    items.pop()\n", "/nowhere.py", "exec")
    assert {after_wait(code, 2 * i) for i, _ in enumerate(code.co_positions())} == {""}


def test_only_the_places_of_waits_on_conditions_are_judged() -> None:
    cond = Condition()

    def waiter() -> None:
        with cond:
            while not done:
                cond.wait()

    done: list[int] = []
    with simulate() as run:
        thread = Thread(target=waiter)
        thread.start()
        sleep(1)
        with cond:
            done.append(1)
            cond.notify()
        thread.join()
    judgements = {site.text: site.after_wait for site in run.log.sites}
    assert judgements.pop("cond.wait()") == "tested"
    assert set(judgements.values()) == {""}
