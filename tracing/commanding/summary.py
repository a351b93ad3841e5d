"""The report as one object, for `--json`.

Owns: its shape, which docs/your-own-program.md describes. Fields may be added; what is there keeps its
meaning as long as `format` is 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from tracing.diagnosis import Finding
from tracing.diagnosis.names import Names
from tracing.scripting import ScriptTrace

FORMAT = 1


def summary(
    run: ScriptTrace, *, program: Sequence[str], status: int, reason: str, written: Sequence[str]
) -> dict[str, Any]:
    """program: as it was called. status: the exit status; reason: what it stands for. written: files. All
    times are seconds.
    """
    table, names = run.table(), Names(run.log)
    return {
        "format": FORMAT,
        "program": list(program),
        "exit_status": status,
        "reason": reason,
        "clock": run.log.clock,
        "duration": _seconds(run.model.duration),
        "events": len(run.log),
        "findings": [_finding(run, names, each) for each in run.findings],
        "threads": [_in_seconds(asdict(row)) for row in table.threads],
        "primitives": [_in_seconds(asdict(row)) for row in table.primitives],
        "waits": len(run.model.waits),
        "exploration": run.exploration,
        "files": list(written),
    }


def _finding(run: ScriptTrace, names: Names, finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "severity": finding.severity,
        "sentence": finding.sentence,
        "hint": finding.hint,
        "time": _seconds(finding.time),
        "threads": [run.log.thread(number).name for number in finding.threads],
        "primitives": [run.log.object(number).name for number in finding.objects],
        "lines": [
            {"file": site.file, "line": site.line, "function": site.function}
            for site in (run.log.site(number) for number in finding.sites)
            if site is not None
        ],
    }


_TIMES = {"total_wait", "longest_wait", "total_hold", "running", "waiting", "sleeping"}


def _in_seconds(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _seconds(value) if name in _TIMES else value for name, value in row.items()}


def _seconds(ns: int | None) -> float | None:
    return None if ns is None else ns / 1e9
