"""For pytest: `pytest --trace-threads`, and `@pytest.mark.explore`.

Owns: how a test is run under `record()` or `explore()`, and what its failure says.

Rule: a test that hangs fails with its diagnosis, and the rest of the suite runs. Without the option and the
mark nothing of a test is touched, and no more of this package is loaded than its front door.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option."""
    group = parser.getgroup("threads-course")
    group.addoption(
        "--trace-threads",
        action="store_true",
        help="record the threads of each test; end and explain one that hangs",
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
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Call the test, where that is for us: True; else None."""
    mark = pyfuncitem.get_closest_marker("explore")
    if mark is not None:
        _explored(_call_of(pyfuncitem), mark.kwargs)
        return True
    if pyfuncitem.config.getoption("--trace-threads"):
        _recorded(_call_of(pyfuncitem), pyfuncitem.obj.__globals__, pyfuncitem.name)
        return True
    return None


def _call_of(item: pytest.Function) -> Callable[[], object]:
    names = item._fixtureinfo.argnames  # as pytest's own pytest_pyfunc_call does

    def call() -> object:
        return item.obj(**{name: item.funcargs[name] for name in names})

    call.__name__ = item.obj.__name__
    return call


def _recorded(call: Callable[[], object], names: dict[str, Any], title: str) -> None:
    from tracing.unmodified import recorded

    with recorded(names, title=title) as run:
        call()
    if run.log.ending.reason == "hung":
        pytest.fail(f"The test hung and was ended.\n\n{run.text()}", pytrace=False)


def _explored(call: Callable[[], object], options: Mapping[str, Any]) -> None:
    from tracing.exploring import explore

    found = explore(call, **options)
    if found.failure is not None:
        pytest.fail(found.text(), pytrace=False)  # the failing schedule in columns, and what replays it
