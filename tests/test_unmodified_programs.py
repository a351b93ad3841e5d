"""Programs that know nothing of this package do under `python -m tracing` what they do without it."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from unmodified.programs import PROGRAMS

import tracing

ROOT = Path(tracing.__file__).resolve().parent.parent
NEEDS = {"os.fork": "fork", "SIGALRM": "setitimer", "SIGUSR1": "setitimer"}  # only where systems are POSIX
MEANT = {
    name: text
    for name, text in PROGRAMS.items()
    if os.name == "posix" or not any(need in text for need in NEEDS)
}
Seen = tuple[int, str]  # exit status, standard output


def run(*words: str) -> Seen:
    done = subprocess.run(
        [sys.executable, *words, "an", "argument"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input="two words\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout


@cache
def all_seen() -> dict[str, tuple[Seen, Seen]]:
    """Of each program: without us and with us. All at once: most of the time they wait."""
    with TemporaryDirectory() as folder, ThreadPoolExecutor(4) as pool:
        files = {name: Path(folder, f"program{number}.py") for number, name in enumerate(MEANT)}
        for name, file in files.items():
            file.write_text(MEANT[name], encoding="utf-8")
        without = {name: pool.submit(run, str(file)) for name, file in files.items()}
        with_ = {name: pool.submit(run, "-m", "tracing", "-q", str(file)) for name, file in files.items()}
        return {name: (without[name].result(), with_[name].result()) for name in files}


@pytest.mark.timeout(400)  # the first one runs them all
@pytest.mark.parametrize("name", MEANT)
def test_a_program_does_the_same_with_us_and_without_us(name: str) -> None:
    without, with_ = all_seen()[name]
    assert with_ == without


def test_there_are_at_least_thirty_programs() -> None:
    assert len(PROGRAMS) >= 30
