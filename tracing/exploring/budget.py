"""How long a search may take."""

from __future__ import annotations

from time import perf_counter, process_time


class Budget:
    """Seconds of the processor's time, so that a busy machine finds what an idle one finds.

    A program that waits for something outside uses none: after `PATIENCE` times as long on the clock all is
    spent, too.
    """

    PATIENCE = 6.0

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._worked, self._began = process_time(), perf_counter()

    def is_spent(self, share: float = 1.0) -> bool:
        """Whether that share of it is gone."""
        worked, passed = process_time() - self._worked, perf_counter() - self._began
        return max(worked, passed / self.PATIENCE) > self.seconds * share
