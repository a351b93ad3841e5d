"""What stands where a thread's target should: `Thread(target=work())` calls `work` there and then."""

from __future__ import annotations

import ast
from dataclasses import replace
from types import CodeType

from tracing.events import Site
from tracing.naming.bound import call_at
from tracing.naming.frames import is_library
from tracing.naming.places import site_of


def called_target(code: CodeType, lasti: int) -> Site | None:
    """The call whose value is given as `target` by the call at this instruction: its place, with the call
    itself as the text. None where it is no call, or the source cannot be had.
    """
    try:
        if is_library(code.co_filename):
            return None
        call = call_at(code, lasti)
        given = [each.value for each in call.keywords if each.arg == "target"] if call else []
        given += call.args[1:2] if call else []
        if not given or not isinstance(given[0], ast.Call):
            return None
        return replace(site_of(code, lasti), line=given[0].lineno, text=ast.unparse(given[0]))
    except Exception:  # an observer never breaks the observed program
        return None
