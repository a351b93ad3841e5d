"""How the tests start a notebook's kernel."""

from __future__ import annotations

import pytest
from kernels import tried_twice
from nbval import kernel


class Starts:
    """Starts a kernel; the first few die."""

    def __init__(self, dying: int) -> None:
        self.dying, self.asked = dying, 0

    def start(self, name: str) -> str:
        self.asked += 1
        if self.asked <= self.dying:
            raise RuntimeError(f"Kernel died before replying to kernel_info ({self.asked})")
        return f"kernel {name}"


def test_a_kernel_that_lives_is_started_once() -> None:
    starts = Starts(dying=0)
    assert tried_twice(starts.start)("python") == "kernel python"
    assert starts.asked == 1


def test_a_kernel_that_dies_at_once_is_started_once_more() -> None:
    starts = Starts(dying=1)
    assert tried_twice(starts.start)(name="python") == "kernel python"
    assert starts.asked == 2


def test_a_kernel_that_dies_twice_is_told_of() -> None:
    starts = Starts(dying=2)
    with pytest.raises(RuntimeError, match=r"Kernel died .* \(2\)"):
        tried_twice(starts.start)("python")
    assert starts.asked == 2


def test_nbval_starts_its_kernels_so() -> None:
    assert kernel.start_new_kernel.__module__ == tried_twice.__module__
