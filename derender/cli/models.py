"""``derender models``: whether a model can be asked, and what stands in the way."""

import json as json_text
from typing import TYPE_CHECKING, Annotated

import typer

from derender.core import UserError

from ._exits import Exit, one_line
from ._help import Section, TeachingCommand, TeachingGroup
from ._models import BaseUrl, ExtraBody, fields_of
from ._options import Json
from ._output import mark, say, seconds, style

if TYPE_CHECKING:
    from derender.models.health import Finding, Health

_EPILOG = """
Examples:
  derender models check openai/NAME --base-url http://localhost:8000/v1
  derender models check openai/NAME --judge    is it fit to be a judge?
"""
_CHECK_EPILOG = """
Examples:
  derender models check openai/NAME --base-url http://localhost:8000/v1
  derender models check openai/NAME --judge --json
  derender models check hf/CHECKPOINT

A model is asked for the colours of two squares, which costs some hundred
tokens, and for less where it does not take that. With --judge it must look at
two pictures at once and be held to a JSON Schema, unless --plain is given. The
exit code is 1 when something stands in the way; what is marked with ! is only
worth knowing.
"""


def register(app: typer.Typer) -> None:
    """Add the command and what it can do."""
    group = typer.Typer(cls=TeachingGroup, no_args_is_help=True, rich_markup_mode=None)
    # An empty callback keeps a group of one command a group.
    group.callback()(lambda: None)
    group.command(cls=TeachingCommand, epilog=_CHECK_EPILOG)(check)
    text = "Check whether models can be asked."
    app.add_typer(group, name="models", help=text, epilog=_EPILOG, rich_help_panel=Section.MACHINE)


def check(
    name: Annotated[
        str, typer.Argument(metavar="MODEL", help="openai/NAME, hf/CHECKPOINT, replay/PATH, or whatever can be asked.")
    ],
    base_url: BaseUrl = None,
    judge: Annotated[
        bool, typer.Option("--judge", help="Hold it to what judges need, at a judge's own endpoint.")
    ] = False,
    plain: Annotated[bool, typer.Option("--plain", help="Judges will send no schema and no temperature.")] = False,
    extra_body: ExtraBody = None,
    timeout: Annotated[float, typer.Option(metavar="S", help="Seconds after which to give up.")] = 120.0,
    json: Json = False,
) -> None:
    """Ask a model next to nothing, and say what works."""
    import time
    from dataclasses import replace

    from derender.core import Language
    from derender.judges import load_judge_model
    from derender.models import load_chat_model, wait
    from derender.models.health import AS_JUDGES_ASK
    from derender.models.health import check as health_of

    if not timeout > 0:
        raise UserError(f"--timeout must be more than 0 seconds, not {timeout:g}")
    model = load_judge_model(name, base_url) if judge else load_chat_model(name, base_url, target=Language.SVG)
    sampling = replace(AS_JUDGES_ASK, extra=fields_of(extra_body))
    health = wait(health_of(model, sampling=sampling, deadline=time.monotonic() + timeout))
    problem = health.problem(judge=judge, plain=plain)
    if json:
        say(json_text.dumps({**_record(health), "problem": problem}))
    else:
        _show(name, health, problem)
    raise typer.Exit(Exit.SOME_FAILED if problem else Exit.DONE)


def _record(health: "Health") -> dict[str, object]:
    findings = [{"part": each.part, "state": each.state, "says": each.sentence} for each in health.findings]
    latency_s = None if health.latency_s is None else round(health.latency_s, 3)
    return {"model": health.model, "latency_s": latency_s, "findings": findings}


def _show(name: str, health: "Health", problem: str | None) -> None:
    latency = "" if health.latency_s is None else f"  {style(f'answered in {seconds(health.latency_s)}', dim=True)}"
    say(f"{mark(problem is None)} {one_line(name)}{latency}")
    wide = max(len(each.part) for each in health.findings)
    for each in health.findings:
        say(f"  {_sign(each, problem)} {each.part:<{wide}}  {one_line(each.sentence)}")


def _sign(finding: "Finding", problem: str | None) -> str:
    if finding.state == "good":
        return mark(ok=True)
    return mark(ok=False) if finding.sentence == problem else style("!", fg="yellow")
