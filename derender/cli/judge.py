"""``derender judge``: pictures judged by a model and a rubric, and what category scores come to."""

import json as json_text
import sys
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import typer

from derender.core import UnknownName, UserError

from ._exits import Exit, complain
from ._files import reason
from ._help import Section, TeachingCommand, TeachingGroup
from ._judging import AtOnce, BothOrders, Code, CodeBefore, Instruction, Judges, Plain, RubricName, Settings, judge_all
from ._models import BaseUrl, ExtraBody, NoCacheOfAnswers, Prices, ledger_of
from ._options import Json, split_names
from ._output import folded, say, style

_EPILOG = """
Examples:
  derender judge chart.png out/chart.png --rubric ChartQA --model openai/NAME
  derender judge references/ out/ --rubric generic --model openai/NAME --json
  derender judge apply vision2code < ratings.jsonl > rated.jsonl
  derender judge rubrics

The word pictures may be left out.
"""
_PICTURES_EPILOG = """
Examples:
  derender judge chart.png out/chart.png --rubric ChartQA --model openai/NAME
  derender judge references/ out/ --rubric generic --model openai/A,openai/B
  derender judge before.png after.png --rubric januscoder/chart_edit \\
      --instruction "Make the bars green" --model openai/NAME
  derender judge plot.png --rubric januscoder/chart_generation \\
      --instruction "Sales by month" --code plot.py --model replay/said.jsonl

Files of two folders are matched by name. Several models are averaged, and how
far they agree is said. Where a judge can't be reached or understood, a pair has
no rating: that is never a zero.
"""
_APPLY_EPILOG = """
Examples:
  derender judge apply vision2code < ratings.jsonl > rated.jsonl
  derender judge apply vision2code ratings.jsonl --mode fixed

A line is a JSON object with dataset, scores (category: number),
candidate_readable, is_blank_or_degenerate, and execution_status: "ok", or why
there is no picture; then the two before it are not needed. It is given back
with raw_score_0_to_5, applied_caps (type, cap, whether it lowered the rating),
provisional_rating_0_to_5 and final_rating_0_to_5.
A line that can't be rated is said on standard error, and the others go on.

--mode fixed calls a candidate blank only if it is emptier than its reference; a
line that says blank then needs candidate_inspection and reference_inspection.
"""
ModeName = Annotated[
    str, typer.Option(metavar="official|fixed", help="The formula as published, or with its defects corrected.")
]


class _Judge(TeachingGroup):
    """A group that takes what is no command of its own as pictures."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - click's context
        known = {*self.commands, *self.get_help_option_names(ctx)}
        named = not args or args[0] in known or self._is_misspelt(args[0])
        rest: list[str] = super().parse_args(ctx, args if named else ["pictures", *args])
        return rest

    def _is_misspelt(self, word: str) -> bool:
        return bool(get_close_matches(word, self.commands)) and not Path(word).exists()


def register(app: typer.Typer) -> None:
    """Add the command and what it can do."""
    group = typer.Typer(cls=_Judge, no_args_is_help=True, rich_markup_mode=None)
    group.command(cls=TeachingCommand, epilog=_PICTURES_EPILOG)(pictures)
    group.command(cls=TeachingCommand, epilog=_APPLY_EPILOG)(apply)
    group.command(cls=TeachingCommand)(rubrics)
    text = "Judge pictures by a rubric, or rate scores one already has."
    app.add_typer(group, name="judge", help=text, epilog=_EPILOG, rich_help_panel=Section.PICTURES)


def pictures(
    rubric: RubricName,
    model: Judges,
    reference: Annotated[
        Path | None, typer.Argument(metavar="REFERENCE", help="The picture to recreate or to edit, or a folder.")
    ] = None,
    candidate: Annotated[
        Path | None, typer.Argument(metavar="CANDIDATE", help="The picture to judge, or a folder; alone if need be.")
    ] = None,
    instruction: Instruction = None,
    code: Code = None,
    code_before: CodeBefore = None,
    mode: ModeName = "official",
    both_orders: BothOrders = False,
    plain: Plain = False,
    base_url: BaseUrl = None,
    extra_body: ExtraBody = None,
    prices: Prices = None,
    jobs: AtOnce = None,
    no_cache: NoCacheOfAnswers = False,
    json: Json = False,
) -> None:
    """Judge a picture, or those of two folders."""
    from derender.judges import Case, Mode, get_rubric

    if mode not in set(Mode):
        raise UnknownName("mode", mode, set(Mode))
    settings = Settings(
        rubric=get_rubric(rubric),
        mode=Mode(mode),
        models=split_names(model),
        base_url=base_url,
        ledger=ledger_of(prices),
        both_orders=both_orders,
        plain=plain,
        cache=not no_cache,
        extra_body=extra_body,
    )
    said = Case(instruction=instruction, code=_read(code), code_before=_read(code_before))
    files = [each for each in (reference, candidate) if each is not None]
    raise typer.Exit(judge_all(settings, files, said, jobs=jobs, json_lines=json))


def rubrics(json: Json = False) -> None:
    """List the rubrics: categories, scale, threshold."""
    from derender.judges import get_rubric, rubric_names

    for name in rubric_names():
        each = get_rubric(name)
        if json:
            shows = [shown.value for shown in each.shows]
            weights = {one.id: one.weight for one in each.categories}
            row = {"name": name, "version": each.version, "edition": each.edition, "sha256": each.digest}
            row |= {"shows": shows, "low": each.low, "high": each.high, "aggregate": each.aggregate.value}
            say(json_text.dumps({**row, "gate": each.gate, "weights": weights}))
            continue
        gate = "" if each.gate is None else f", passes at {each.gate:g}"
        say(f"{style(name, bold=True)}  {each.low:g}–{each.high:g} {each.aggregate.replace('_', ' ')}{gate}")
        say(style(folded("  ", [*(f"{one}," for one in each.ids[:-1]), each.ids[-1]], " "), dim=True))


def apply(
    family: Annotated[str, typer.Argument(metavar="RUBRICS", help="vision2code or januscoder.")],
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="Ratings; standard input by default.")] = None,
    mode: ModeName = "official",
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


def _read(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        raise UserError(f"{file}: is not UTF-8 text") from None
    except OSError as error:
        raise UserError(f"{file}: can't be read ({reason(error)})") from None
