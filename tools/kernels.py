"""Start a notebook's kernel once more where it dies before it has said a word.

Seen once in some hundred starts, beside a dozen other processes: nbval then calls each cell of the notebook
an error. What was wrong is not known. One way to it is that who starts a kernel looks for free ports and
lets them go (jupyter_client, `LocalProvisioner.pre_launch`), and the kernel binds them a second later:
meanwhile another process may have got one. What dies for a reason of its own dies the second time, too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
Kernel = TypeVar("Kernel")


def tried_twice(start: Callable[P, Kernel]) -> Callable[P, Kernel]:
    """What starts a kernel, and does so once more where that raises RuntimeError, as jupyter_client does of a
    kernel that has died, or has not answered in time.
    """

    def start_or_again(*args: P.args, **kwargs: P.kwargs) -> Kernel:
        try:
            return start(*args, **kwargs)
        except RuntimeError:
            return start(*args, **kwargs)

    return start_or_again
