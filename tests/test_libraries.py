"""Real libraries under load do under `python -m tracing` what they do without it (`make test-libraries`)."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from unmodified.libraries import PROGRAMS

import tracing

ROOT = Path(tracing.__file__).resolve().parent.parent


@pytest.mark.parametrize("library", PROGRAMS)
def test_a_program_that_uses_it_does_the_same_with_us_and_without_us(library: str, tmp_path: Path) -> None:
    if find_spec(library) is None:
        pytest.skip(f"{library} is not installed (`make test-libraries`)")
    program = tmp_path / f"uses_{library}.py"  # not the library's name: the folder comes first on the path
    program.write_text(PROGRAMS[library], encoding="utf-8")
    without, with_ = run(str(program)), run("-m", "tracing", "-q", str(program))
    assert with_[:2] == without[:2], with_
    assert without[0] == 0, without
    assert "Traceback" not in with_[2]


def run(*words: str) -> tuple[int, str, str]:
    """Exit status, standard output, standard error."""
    done = subprocess.run(
        [sys.executable, *words],
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr
