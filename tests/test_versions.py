"""On a Python that is too old, too new or not CPython, `import tracing` says so in one sentence."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

import tracing
from tracing.cpython.versions import NEWEST, OLDEST, check

PACKAGE = Path(tracing.__file__).parent
OLD = "sys.version_info = (3, 10, 5, 'final', 0)"
READ_BY_ALL = ("__init__.py", "cpython/__init__.py", "cpython/command_line.py", "cpython/versions.py")


REFUSED = "ImportError: `tracing` needs CPython 3.11 or newer, and this is {}: run it with another Python."

# The module of the sentence, loaded before the package does it, and told that another version is the newest.
NEWER = f"""
from importlib.util import module_from_spec, spec_from_file_location
spec = spec_from_file_location("tracing.cpython.versions", {str(PACKAGE / "cpython" / "versions.py")!r})
sys.modules[spec.name] = versions = module_from_spec(spec)
spec.loader.exec_module(versions)
versions.NEWEST = (3, 10)
"""


def importing(pretending: str, then: str = "pass") -> subprocess.CompletedProcess[str]:
    """`import tracing`, in an interpreter that was told what it is."""
    program = f"import platform, sys\n{pretending}\ntry:\n    import tracing\nfinally:\n    {then}"
    command = [sys.executable, "-W", "default", "-c", program]
    return subprocess.run(command, cwd=PACKAGE.parent, capture_output=True, text=True, check=False)


def test_a_python_that_is_too_old_is_refused_in_one_sentence() -> None:
    done = importing(OLD)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == REFUSED.format("CPython 3.10.5")


def test_a_python_that_is_not_cpython_is_refused_in_one_sentence() -> None:
    done = importing("platform.python_implementation = lambda: 'PyPy'")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == REFUSED.format("PyPy {}.{}.{}".format(*sys.version_info))


def test_a_python_is_refused_before_anything_is_imported_that_it_might_not_have() -> None:
    done = importing(OLD, then="print(sorted(n for n in sys.modules if n.startswith('tracing')))")
    first = ["tracing.cpython", "tracing.cpython.command_line", "tracing.cpython.versions"]
    assert done.stdout.strip() == str(first)


@pytest.mark.parametrize("name", READ_BY_ALL)
def test_what_comes_before_the_sentence_can_be_read_by_an_old_python(name: str) -> None:
    text = (PACKAGE / name).read_text(encoding="utf-8")
    tree = ast.parse(text, feature_version=(3, 6))
    assert not [
        node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "__future__"
    ]


def test_a_python_that_is_newer_than_any_tested_is_warned_of_once_and_works() -> None:
    done = importing(NEWER, then="import tracing.model; print(tracing.Lock())")
    assert done.returncode == 0, done.stderr
    assert "Lock" in done.stdout
    assert done.stderr.count("Warning") == 1
    here = re.escape("{}.{}".format(*sys.version_info))
    assert re.match(
        r"<string>:\d+: RuntimeWarning: `tracing` was tested on CPython 3\.11 to 3\.10, "
        rf"not on {here}: if something fails here, use one of those\.\n",
        done.stderr,
    )


@pytest.mark.parametrize("name", ["threading._PyRLock", "queue._PySimpleQueue", "threading._allocate_lock"])
def test_where_a_python_has_no_such_name_record_works_and_simulate_refuses_by_that_name(name: str) -> None:
    use = "with tracing.record(), tracing.Lock(): pass\n    with tracing.simulate(): pass"
    done = importing(f"import queue, threading\ndel {name}", then=use)
    assert done.returncode == 1
    refusal = f"tracing.errors.SimulateError: Python {sys.version.split()[0]} has no {name}, which "
    assert done.stderr.splitlines()[-1].startswith(refusal)


@pytest.mark.parametrize("known", [OLDEST, NEWEST])
def test_a_python_that_is_tested_hears_nothing(
    known: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", (*known, 99, "final", 0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check()


@pytest.mark.skipif(sys.version_info[:2] > NEWEST, reason="this Python is newer than any tested")
def test_this_python_hears_nothing() -> None:
    assert importing("").stderr == ""
