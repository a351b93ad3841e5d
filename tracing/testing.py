"""For pytest: `pytest --trace-threads`, and `@pytest.mark.explore`.

Owns: how a test is run under `record()` or `explore()`, and what its failure says.

Rule: a test that hangs fails with its diagnosis, and the rest of the suite runs. Without the option and the
mark nothing of a test is touched, and no more of this package is loaded than its front door.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack
from dataclasses import fields
from inspect import isasyncgenfunction, iscoroutinefunction, signature
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options."""
    group = parser.getgroup("threads-course")
    group.addoption(
        "--trace-threads",
        action="store_true",
        help="record the threads of each test; end and explain one that hangs",
    )
    group.addoption(
        "--trace-replay",
        metavar="SCHEDULE",
        help="run tests marked with explore under this schedule alone, as a failure of theirs has printed it",
    )


def pytest_configure(config: pytest.Config) -> None:
    """The mark, for `--markers` and `--strict-markers`. With the option, what fixtures and modules make is
    recorded, too, when a test uses it: so `threading`'s names are replaced for the whole session.
    """
    config.addinivalue_line(
        "markers", "explore(**options): run the test under many schedules; options as for tracing.explore"
    )
    if config.getoption("--trace-threads"):
        from tracing.unmodified import put_faces

        around = ExitStack()
        put_faces(around, threads=True)
        config.add_cleanup(around.close)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """Refuse the mark where it would do nothing, or not what it says."""
    mark = item.get_closest_marker("explore")
    if mark is not None:
        why = _why_not_explored(item, mark)
        if why:
            pytest.fail(f"@pytest.mark.explore cannot run {item.name}: {why}", pytrace=False)


def _why_not_explored(item: pytest.Item, mark: pytest.Mark) -> str:
    from unittest import TestCase

    from tracing.exploring import explore

    function = getattr(item, "obj", None)
    known = list(signature(explore).parameters)[1:]  # without the program
    unknown = [name for name in mark.kwargs if name not in known]
    if mark.args:
        return f"give its options by name, as in explore(seconds=5), and not {mark.args[0]!r} alone."
    if unknown:
        return f"explore() has no option {unknown[0]!r}; it has {', '.join(known)}."
    if issubclass(getattr(item, "cls", None) or object, TestCase):
        return "it is of a unittest.TestCase, which calls its tests itself. Write it as a function."
    if iscoroutinefunction(function) or isasyncgenfunction(function):
        return "it is async, and only threads are scheduled. Write `def`, and `asyncio.run(...)` in a thread."
    return ""


@pytest.hookimpl(tryfirst=True, specname="pytest_pyfunc_call")
def pytest_explore_call(pyfuncitem: pytest.Function) -> bool | None:
    """Call a test that has the mark: True; else None."""
    mark = pyfuncitem.get_closest_marker("explore")
    if mark is None:
        return None
    _explored(pyfuncitem, mark.kwargs)
    return True


@pytest.hookimpl(wrapper=True, trylast=True, specname="pytest_runtest_call")
def pytest_record_call(item: pytest.Item) -> Generator[None, object, object]:
    """Around the run of a test, whoever calls its function: pytest, a plugin for async ones, a TestCase with
    its setUp and tearDown.
    """
    if not item.config.getoption("--trace-threads") or item.get_closest_marker("explore"):
        return (yield)
    if not isinstance(item, pytest.Function):  # a doctest, a cell
        return (yield)
    from tracing.unmodified import recorded

    result = None
    names = getattr(item.obj, "__globals__", {})
    with recorded(names, title=item.name, any_hook=True) as run:
        result = yield
    if run.log.ending.reason == "hung":
        # A TestCase has taken what unwound its thread for an error of the test; pytest would tell of that.
        vars(item).pop("_excinfo", None)
        pytest.fail(f"The test hung and was ended.\n\n{run.text()}", pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, object]:
    """A part of a test that hung (`TestCase.subTest`) is told before the test is."""
    report = yield
    if item.config.getoption("--trace-threads") and call.excinfo is not None:
        from tracing.runtime import Unwind

        if isinstance(call.excinfo.value, Unwind):
            report.longrepr = "It hung and was ended, as the test tells."
    return report


def _call_of(item: pytest.Function) -> Callable[[], object]:
    names = item._fixtureinfo.argnames  # as pytest's own pytest_pyfunc_call does

    def call() -> object:
        return item.obj(**{name: item.funcargs[name] for name in names})

    call.__name__ = item.obj.__name__
    return call


def _explored(item: pytest.Function, options: Mapping[str, Any]) -> None:
    from tracing.errors import ExploreError

    schedule: str | None = item.config.getoption("--trace-replay")
    try:
        wrong = _searched(item, options) if schedule is None else _replayed(item, schedule, options)
    except (ExploreError, ValueError) as error:  # what the test itself raises is an outcome
        pytest.fail(f"@pytest.mark.explore cannot run {item.name}: {error}", pytrace=False)
    if wrong:
        pytest.fail(wrong, pytrace=False)


def _searched(item: pytest.Function, options: Mapping[str, Any]) -> str:
    """The schedule that breaks the test, in columns, and what replays it; "" where none does."""
    from tracing.exploring import Exploration, explore

    class ExploredTest(Exploration):
        def call(self, schedule: object) -> str:
            return shlex.join(["pytest", item.nodeid, "--trace-replay", str(schedule)])

    found = explore(_call_of(item), **options)
    found = ExploredTest(**{each.name: getattr(found, each.name) for each in fields(found)})
    return "" if found.failure is None else found.text()


def _replayed(item: pytest.Function, schedule: str, options: Mapping[str, Any]) -> str:
    """What went wrong under that schedule, and the run in columns; "" where nothing did."""
    from tracing.exploring import replay

    run = replay(_call_of(item), schedule, grain=options.get("grain", "sync"))
    wrong = [finding for finding in run.findings if finding.severity == "error"]
    told = [f"Under schedule {schedule!r}:", *(str(finding.sentence) for finding in wrong), ""]
    return "\n".join([*told, run.text(columns=True)]) if wrong else ""
