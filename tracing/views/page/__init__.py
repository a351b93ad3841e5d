"""A run as one page for a browser: the picture, the findings, the numbers and the words; with script also a
timeline to move in.

Owns: the page. `data` is what its script knows, `page.css` how it looks, `page.js` what it does.

Rule: one file, and nothing from anywhere else: the page itself forbids it (Content-Security-Policy). Whoever
has no script reads all that is said; the script adds only the moving. Every word of a program is escaped: in
the page by `html.escape`, in the data so that no text can end its element.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files

from tracing.diagnosis import Finding
from tracing.diagnosis.names import LONGEST_TEXT, plain
from tracing.events import EventLog
from tracing.model import Model
from tracing.views.page.data import data_of
from tracing.views.tables import table
from tracing.views.text import explain, text
from tracing.views.timeline import Palette
from tracing.views.units import count, duration

MOST_WAITS = 200  # that are told in words
MOST_FINDINGS = 100
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
KEYS = (
    ("← →", "the event before, the next one"),
    ("Home End", "the first event, the last one"),
    ("w W", "the next wait, the one before"),
    ("Enter", "from a wait to who held what it waited for"),
    ("+ −", "closer, farther"),
    ("Shift ← →", "earlier, later"),
    ("0", "all of it"),
    ("?", "this list"),
    ("Esc", "close it"),
)


def page(
    log: EventLog,
    model: Model,
    findings: Sequence[Finding],
    *,
    picture: bytes,
    alternative: str,
    palette: Palette,
) -> str:
    """The page, as HTML.

    picture: the timeline as PNG; alternative: what it says, in a sentence. palette: for the colours of the
    primitives, which should be those of the picture.
    """
    title = plain(log.title, LONGEST_TEXT) or "A run"
    image = b64encode(picture).decode()
    data = json.dumps(data_of(log, model, palette), separators=(",", ":"))
    parts = [
        *_head(title),
        f"<header><h1>{escape(title)}</h1><p>{escape(_summary(log, model))}</p></header>",
        "<main>",
        *_findings(findings),
        '<section aria-labelledby="h-timeline"><h2 id="h-timeline">Timeline</h2>',
        f'<figure id="still"><img src="data:image/png;base64,{image}" alt="{escape(alternative)}"></figure>',
        _LIVE,
        "</section>",
        f'<section><h2>Numbers</h2><div class="wide">{table(log, model)._repr_html_()}</div></section>',
        f"<section><h2>Waits</h2><pre>{escape(explain(log, model, most=MOST_WAITS))}</pre></section>",
        f"<section><h2>In words</h2><pre>{escape(text(log, model, findings))}</pre></section>",
        "</main>",
        _keys(),
        f'<script type="application/json" id="run">{_harmless(data)}</script>',
        f"<script>{_part('page.js')}</script>",
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _head(title: str) -> Iterator[str]:
    yield '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">'
    yield f"<title>{escape(title)}</title><style>{_part('page.css')}</style></head><body>"


def _summary(log: EventLog, model: Model) -> str:
    """How long, on which clock, how much of what."""
    clock = f"virtual clock, {log.schedule}" if log.schedule else f"{log.clock} clock"
    sizes = (
        count(len(log.threads), "thread"),
        count(len(log.objects), "primitive"),
        count(len(log), "event"),
    )
    python = [f"Python {plain(log.python)}"] if log.python else []
    return "; ".join([f"{duration(model.duration)} ({clock})", ", ".join(sizes), *python])


def _findings(findings: Sequence[Finding]) -> Iterator[str]:
    yield '<section aria-labelledby="h-findings"><h2 id="h-findings">Findings</h2>'
    if not findings:
        yield "<p>Nothing was found to be wrong.</p>"
    else:
        yield '<ul class="findings">'
        yield from map(_finding, findings[:MOST_FINDINGS])
        yield "</ul>"
    if len(findings) > MOST_FINDINGS:
        yield f"<p>… and {count(len(findings) - MOST_FINDINGS, 'more finding')}</p>"
    yield "</section>"


def _finding(finding: Finding) -> str:
    hint = f"<br><small>→ {escape(finding.hint)}</small>" if finding.hint else ""
    severity = escape(finding.severity)
    return f'<li class="{severity}"><b>{severity}</b> {escape(finding.sentence)}{hint}</li>'


def _keys() -> str:
    rows = "".join(
        f"<tr><th scope='row'>{escape(key)}</th><td>{escape(does)}</td></tr>" for key, does in KEYS
    )
    return (
        '<dialog id="keys" aria-labelledby="h-keys"><h2 id="h-keys">Keys</h2>'
        f'<table>{rows}</table><form method="dialog"><button>Close</button></form></dialog>'
    )


_LIVE = """\
<div id="live" hidden>
<p class="tools"><button id="closer">Closer</button> <button id="farther">Farther</button>
<button id="all">All</button> <button id="help" aria-haspopup="dialog">Keys (?)</button>
<span>Drag to move; Ctrl and the wheel to come closer; click on a wait to go to who held it.</span></p>
<canvas id="chart" tabindex="0" role="img" aria-label="Timeline to move in; press ? for its keys"
 aria-describedby="told"></canvas>
<p id="told" role="status" aria-live="polite"></p>
<div id="tip" hidden></div>
</div>"""


def _part(name: str) -> str:
    return files(__name__).joinpath(name).read_text(encoding="utf-8")


def _harmless(data: str) -> str:
    """JSON in which no text can end the element that it stands in, or begin another."""
    return data.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
