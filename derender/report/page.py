"""The page around the data: template, styles and scripts joined, and the policy that lets nothing else run."""

import html
import json
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files
from string import Template

from .runs import Row, Run

_STYLES = ("theme.css", "summary.css", "toolbar.css", "list.css", "detail.css", "program.css")
_SCRIPTS = (
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
    style = "\n".join(map(_read, _STYLES))
    script = "(() => {\n'use strict';\n" + "\n".join(map(_read, _SCRIPTS)) + "})();\n"
    values = {
        "title": html.escape(title),
        "policy": _policy(style, script),
        "style": style,
        "script": script,
        "index": _inert(index),
        "plain": _plain(run),
    }
    head, tail = _read("page.html").split("<!-- blocks -->\n")
    return Template(head).substitute(values), Template(tail).substitute(values)


def _read(name: str) -> str:
    return files("derender.report").joinpath("page", name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    return (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
        f"style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    )


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _inert(data: object) -> str:
    """JSON that can stand inside a script element: no text in it can end the element or open a comment."""
    return json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


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
