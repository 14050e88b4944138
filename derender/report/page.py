"""The page around the data: template, styles and scripts joined, and the policy that lets nothing else run."""

import html
from collections.abc import Mapping
from string import Template

from .document import asset, inert, policy, script_of, style_of
from .runs import Row, Run

_STYLES = ("theme.css", "summary.css", "toolbar.css", "cards.css", "list.css", "detail.css", "program.css")
_SCRIPTS = (
    "elements.js",
    "theme.js",
    "data.js",
    "filter.js",
    "compare.js",
    "summary.js",
    "list.js",
    "highlight.js",
    "program.js",
    "stage.js",
    "detail.js",
    "main.js",
)


def page_halves(title: str, index: Mapping[str, object], run: Run) -> tuple[str, str]:
    """The page before and after its picture and program blocks."""
    style, script = style_of(_STYLES), script_of(_SCRIPTS)
    values = {
        "title": html.escape(title),
        "policy": policy(style, script),
        "style": style,
        "script": script,
        "index": inert(index),
        "plain": _plain(run),
    }
    head, tail = asset("page.html").split("<!-- blocks -->\n")
    return Template(head).substitute(values), Template(tail).substitute(values)


def _plain(run: Run) -> str:
    """The rows as a table, for a browser without JavaScript."""
    names = list(dict.fromkeys(key for row in run.rows for key in row.scores))
    head = "".join(f"<th>{html.escape(text)}</th>" for text in ("name", "outcome", *map(" ".join, names)))
    return f"<table><tr>{head}</tr>{''.join(_plain_row(row, names) for row in run.rows)}</table>"


def _plain_row(row: Row, names: list[tuple[str, str]]) -> str:
    outcome = f"{row.failure.kind}: {row.failure.message}" if row.failure else row.status
    values = (row.scores.get(name) for name in names)
    cells = (row.key, outcome, *("–" if value is None else f"{value:.4g}" for value in values))
    return f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in cells)}</tr>"
