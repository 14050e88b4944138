"""``derender judge``: rubrics, and what category scores come to."""

import json as json_text
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from derender.core import UnknownName, UserError

from ._exits import Exit, complain
from ._files import reason
from ._help import Section, TeachingCommand, TeachingGroup
from ._output import say

_EPILOG = """
Examples:
  derender judge apply vision2code < ratings.jsonl > rated.jsonl
  derender judge apply vision2code --mode fixed < ratings.jsonl
"""
_APPLY_EPILOG = """
Examples:
  derender judge apply vision2code < ratings.jsonl > rated.jsonl
  derender judge apply vision2code ratings.jsonl --mode fixed

A line is a JSON object with dataset, scores (category: number), execution_status
("ok", or why there is no picture), candidate_readable and is_blank_or_degenerate.
It is given back with raw_score_0_to_5, provisional_rating_0_to_5,
final_rating_0_to_5 and applied_caps: type, cap, whether it lowered the rating.
A line that can't be rated is said on standard error, and the others go on.

--mode fixed calls a candidate blank only if it is emptier than its reference; a
line that says blank then needs candidate_inspection and reference_inspection.
"""


def register(app: typer.Typer) -> None:
    """Add the command and what it can do."""
    group = typer.Typer(cls=TeachingGroup, no_args_is_help=True, rich_markup_mode=None)
    group.command(cls=TeachingCommand, epilog=_APPLY_EPILOG)(apply)
    text = "Rate pictures by a rubric, or scores one already has."
    app.add_typer(group, name="judge", help=text, epilog=_EPILOG, rich_help_panel=Section.PICTURES)


def apply(
    family: Annotated[str, typer.Argument(metavar="RUBRICS", help="vision2code or januscoder.")],
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="Ratings; standard input by default.")] = None,
    mode: Annotated[
        str, typer.Option(metavar="official|fixed", help="The formula as published, or with its defects corrected.")
    ] = "official",
) -> None:
    """Apply formula and caps to category scores, a line of JSON each."""
    from derender.judges import Mode, rate_line, rubric_families

    if mode not in set(Mode):
        raise UnknownName("mode", mode, set(Mode))
    if family not in rubric_families():
        raise UnknownName("family of rubrics", family, rubric_families())
    rated = bad = 0
    for number, line in enumerate(_lines(file), 1):
        if not line.strip():
            continue
        try:
            say(json_text.dumps(rate_line(family, line, Mode(mode))))
            rated += 1
        except UserError as error:
            complain(f"line {number}: {error}")
            bad += 1
    if not rated and not bad:
        raise UserError(f"{file or 'standard input'}: holds no ratings")
    if bad:
        complain(f"{rated} rated, {bad} could not be used")
        raise typer.Exit(Exit.SOME_FAILED if rated else Exit.WRONG_USE)


def _lines(file: Path | None) -> Iterator[bytes]:
    if file is None:
        if sys.stdin.isatty():
            raise UserError("nothing to rate: give a file, or ratings on standard input")
        yield from sys.stdin.buffer
        return
    try:
        with file.open("rb") as opened:
            yield from opened
    except OSError as error:
        raise UserError(f"{file}: can't be read ({reason(error)})") from None
