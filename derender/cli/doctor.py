"""``derender doctor``: what works on this machine, shown by doing it."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from ._exits import Exit
from ._help import Section, TeachingCommand
from ._options import Json
from ._output import say

if TYPE_CHECKING:
    from ._checkup import Finding

_EPILOG = """
Examples:
  derender doctor           a table for people
  derender doctor --json    the same for programs, an object per line

Every language draws a small sample, without the cache. The exit code is 1 when
something that derender can do does not work here; `derender setup` installs
what is missing. Environments are built on request, so that one which is not
built is no fault.
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor", cls=TeachingCommand, epilog=_EPILOG, rich_help_panel=Section.MACHINE)(doctor)


def doctor(json_lines: Json = False) -> None:
    """Show what works on this machine, and what to install where it does not."""
    from ._checkup import examine

    findings = []
    for finding in examine():
        findings.append(finding)
        if json_lines:
            record = asdict(finding)
            del record["reason"], record["expected"]
            say(json.dumps(record))
    if not json_lines:
        _show(findings)
    broken = any(finding.expected and not finding.works for finding in findings)
    raise typer.Exit(Exit.SOME_FAILED if broken else Exit.DONE)


def _show(findings: "list[Finding]") -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("", "language", "version", "sample", "missing"):
        table.add_column(column, justify="right" if column == "sample" else "left", overflow="fold")
    for finding in findings:
        sign = "[green]✓" if finding.works else "[red]✗" if finding.expected else "[dim]–"
        sample = "" if finding.sample_ms is None else f"{finding.sample_ms:.0f} ms"
        table.add_row(sign, finding.language, finding.version or "", sample, _lacks(finding))
    console = Console()
    console.print(table)
    for line in dict.fromkeys(finding.install for finding in findings if finding.install and finding.expected):
        console.print(f"install: {line}", soft_wrap=True, highlight=False, markup=False)


def _lacks(finding: "Finding") -> str:
    from rich.markup import escape

    if not finding.expected:
        return f"[dim]not built: {finding.install}" if finding.install else "[dim]no renderer yet"
    if finding.missing and finding.works:
        return ", ".join((*finding.missing, *([escape(finding.reason)] if finding.reason else [])))
    return ", ".join(finding.missing) or escape(finding.reason)
