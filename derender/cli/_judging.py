"""Pairs of pictures before judges: who judges, in which order, and what is said of it."""

import sys
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from derender.core import BadPicture, UserError

from ._exits import Exit, one_line
from ._models import metered, tell_spent
from ._output import Output, mark, style
from ._pairs import Pair, Single, is_program, match

if TYPE_CHECKING:
    from derender.judges import Case, Judge, Mode, Rubric, Verdict
    from derender.models import ChatModel, Ledger

RubricName = Annotated[
    str, typer.Option("--rubric", "-r", metavar="NAME", help="What to look at; `derender judge rubrics` lists them.")
]
Judges = Annotated[
    list[str],
    typer.Option("--model", "-m", metavar="MODEL", help="Who judges: openai/NAME or replay/PATH; several as a,b."),
]
Instruction = Annotated[str | None, typer.Option(metavar="TEXT", help="What was asked for, where the rubric shows it.")]
Code = Annotated[Path | None, typer.Option(metavar="FILE", help="The program to judge, where the rubric shows it.")]
CodeBefore = Annotated[Path | None, typer.Option(metavar="FILE", help="The program before the edit, likewise.")]
BothOrders = Annotated[
    bool, typer.Option("--both-orders", help="Judge with either picture first, and say how often that changes it.")
]
Plain = Annotated[bool, typer.Option("--plain", help="Send no schema and no temperature, which some endpoints refuse.")]
AtOnce = Annotated[int | None, typer.Option("--jobs", "-j", metavar="N", help="Pairs judged at once; 8 by default.")]
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Settings:
    """How the user wants to have judged."""

    rubric: "Rubric"
    mode: "Mode"
    models: Sequence[str]
    base_url: str | None
    ledger: "Ledger"
    both_orders: bool
    plain: bool
    cache: bool
    extra_body: str | None = None

    def judges(self) -> "list[Judge]":
        """One per model, and per order where both are wanted.

        Raises:
            UserError: there is no such model, or the rubric has no order to swap.
        """
        from derender.judges import Judge, Shown
        from derender.judges.judge import MAX_TOKENS
        from derender.models import Sampling

        if not self.models:
            raise UserError("name who is to judge: --model openai/NAME")
        if self.both_orders and not {Shown.REFERENCE, Shown.CANDIDATE} <= set(self.rubric.shows):
            raise UserError(f"{self.rubric.name} shows no two pictures, so that there is no order to swap")
        sampling = Sampling(temperature=None if self.plain else 0.0, max_tokens=MAX_TOKENS)
        asked = [self._model(name) for name in self.models]
        orders = (False, True) if self.both_orders else (False,)
        return [
            Judge(each, self.rubric, swapped, self.mode, sampling, not self.plain)
            for each in asked
            for swapped in orders
        ]

    def _model(self, name: str) -> "ChatModel":
        from derender.judges import load_judge_model

        # A recording may be one judge beside another at an endpoint.
        model = load_judge_model(name, None if name.startswith("replay/") else self.base_url)
        return metered(model, self.ledger, cache=self.cache, extra_body=self.extra_body)


@dataclass(frozen=True, slots=True)
class _Item:
    """What is judged at once: one pair, or the one picture or program that the rubric shows."""

    reference: Path | None
    candidate: Path | None

    @property
    def name(self) -> str:
        """What recorded answers and lines call it."""
        path = self.candidate or self.reference
        return path.stem if path else "program"


def judge_all(settings: Settings, files: Sequence[Path], said: "Case", *, jobs: int | None, json_lines: bool) -> Exit:
    """Judge what the files hold, and say what came of it.

    Args:
        settings: who judges, and by what.
        files: as many pictures as the rubric shows, or two folders of them.
        said: the texts that go with the pictures.
        jobs: pairs judged at once.
        json_lines: whether a program reads the results.

    Raises:
        UserError: files or texts are not what the rubric shows.
    """
    if jobs is not None and jobs < 1:
        raise UserError(f"--jobs must be at least 1, not {jobs}")
    found = _found(settings.rubric, files)
    _check_texts(settings.rubric, said, several=len(found) > 1)
    judges = settings.judges()
    items = [each for each in found if isinstance(each, _Item)]
    everything: list[list[Verdict]] = []
    with Output(len(found), "judged", json_lines=json_lines) as out:
        for single in found:
            if isinstance(single, Single):
                out.rejected(_record(single.reference, single.candidate, [], single.problem), single.problem)
        with closing(_judged(judges, items, said, jobs or _AT_ONCE)) as judged:
            for item, verdicts in judged:
                if isinstance(verdicts, UserError):
                    out.rejected(_record(item.reference, item.candidate, [], str(verdicts)), str(verdicts))
                    continue
                everything.append(verdicts)
                row = _record(item.reference, item.candidate, verdicts, None)
                line = _page(item, verdicts) if len(found) == 1 else _line(item, verdicts)
                out.result(row, line, ok=row["rating"] is not None)
    if not json_lines:
        for sentence in _together(settings, everything):
            print(style(sentence, sys.stderr, dim=True), file=sys.stderr)
        tell_spent(settings.ledger)
    return out.exit_code


def _found(rubric: "Rubric", files: Sequence[Path]) -> list[_Item | Single]:
    from derender.judges import Shown

    wanted = [shown.upper() for shown in (Shown.REFERENCE, Shown.CANDIDATE) if shown in rubric.shows]
    if len(files) != len(wanted):
        needed = " and ".join(wanted) or "no picture"
        given = f"{len(files)} {'file' if len(files) == 1 else 'files'}"
        raise UserError(f"{rubric.name} looks at {needed}, and {given} came")
    if not files:
        return [_Item(None, None)]
    if len(files) == 1:
        if files[0].is_dir():
            raise UserError(f"{files[0]}: is a folder, and {rubric.name} looks at one picture with its instruction")
        return [_Item(None, files[0])]
    return [_item(each) for each in match(*files)]


def _item(found: Pair | Single) -> _Item | Single:
    if isinstance(found, Single):
        return found
    programs = [path for path in (found.reference, found.candidate) if is_program(path)]
    if programs:
        problem = f"{programs[0]}: is a program, and judges look at pictures; draw it with `derender render`"
        return Single(found.reference, found.candidate, problem)
    return _Item(found.reference, found.candidate)


def _check_texts(rubric: "Rubric", said: "Case", *, several: bool) -> None:
    for name, text in (("instruction", said.instruction), ("code", said.code), ("code_before", said.code_before)):
        option, shown = f"--{name.replace('_', '-')}", name in rubric.shows
        if text is not None and not shown:
            raise UserError(f"{rubric.name} does not look at {option}: leave it out")
        if shown and text is None:
            raise UserError(f"{rubric.name} needs {option}")
        if shown and several:
            raise UserError(f"{rubric.name} needs {option} for each pair: judge them one by one")


def _judged(
    judges: "Sequence[Judge]", items: Sequence[_Item], said: "Case", jobs: int
) -> "Generator[tuple[_Item, list[Verdict] | UserError]]":
    """Each item's verdicts, in order; several items are judged at once."""
    threads = ThreadPoolExecutor(jobs, thread_name_prefix="judge")
    try:
        futures: list[Future[list[Verdict] | UserError]] = [
            threads.submit(
                _verdicts, judges, replace(said, reference=each.reference, candidate=each.candidate), each.name
            )
            for each in items
        ]
        for item, future in zip(items, futures, strict=True):
            yield item, future.result()
    finally:
        # Not waited for: when this breaks off, a judge may be busy for long and nobody wants its answer.
        threads.shutdown(wait=False, cancel_futures=True)


def _verdicts(judges: "Sequence[Judge]", case: "Case", name: str) -> "list[Verdict] | UserError":
    import asyncio

    async def all_of_them() -> "list[Verdict]":
        return await asyncio.gather(*(each.judge(case, item=name) for each in judges))

    try:
        for source in (case.reference, case.candidate):
            if isinstance(source, Path) and not source.exists():
                raise BadPicture(f"{source}: no such file")
        return asyncio.run(all_of_them())
    except UserError as error:
        return error


def _record(
    reference: Path | None, candidate: Path | None, verdicts: "Sequence[Verdict]", problem: str | None
) -> dict[str, Any]:
    from derender.judges import majority, mean_rating

    unscored = [each.unscored for each in verdicts if each.unscored]
    rating = mean_rating(verdicts)
    return {
        "reference": str(reference.absolute()) if reference else None,
        "candidate": str(candidate.absolute()) if candidate else None,
        "rating": rating,
        "passed": majority(verdicts),
        "unscored": problem or (None if rating is not None else "; ".join(dict.fromkeys(unscored))),
        "verdicts": [each.record() for each in verdicts],
    }


def _line(item: _Item, verdicts: "Sequence[Verdict]") -> str:
    from derender.judges import mean_rating

    rating = mean_rating(verdicts)
    name = one_line((item.candidate or Path(item.name)).name)
    why = "; ".join(dict.fromkeys(each.unscored for each in verdicts if each.unscored))
    said = f"{rating:.2f}" if rating is not None else "not scored"
    notes = [*([why] if why else []), *(["capped"] if any(map(_is_capped, verdicts)) else [])]
    if any(each.marks and each.marks.addressed for each in verdicts):
        notes.append("speaks to the judge")
    return f"{mark(rating is not None)} {name}  {said}  {style(one_line('; '.join(notes)), dim=True)}".rstrip()


def _page(item: _Item, verdicts: "Sequence[Verdict]") -> str:
    lines = [_line(item, verdicts)]
    for each in verdicts:
        order = ", candidate first" if each.swapped else ""
        lines.append(style(f"  {each.judge}{order}: {each.rubric}", dim=True))
        if each.rating:
            wide = max(map(len, each.rating.scores))
            lines += [f"    {name:<{wide}}  {score:g}" for name, score in each.rating.scores.items()]
            passed = {True: ", passed", False: ", not passed", None: ""}[each.rating.passed]
            lines.append(f"    raw {each.rating.raw:.4g}, final {each.rating.final:g}{passed}")
            lines += [f"    capped to {cap.cap_to:g}: {cap.type}" for cap in each.rating.caps if cap.changed]
        if each.marks:
            lines += [f"    - {one_line(issue)}" for issue in each.marks.issues]
            lines += [f"    speaks to the judge: {one_line(words)}" for words in each.marks.addressed]
    return "\n".join(lines)


def _is_capped(verdict: "Verdict") -> bool:
    return verdict.rating is not None and any(cap.changed for cap in verdict.rating.caps)


def _together(settings: Settings, everything: "Sequence[list[Verdict]]") -> Iterator[str]:
    """What there is to say of all pairs: agreement, flips and cost."""
    from derender.judges import cost_per_thousand, flips, krippendorff_alpha, mean_rating

    columns = [list(column) for column in zip(*everything, strict=True)]
    step = 2 if settings.both_orders else 1
    upright = columns[::step]
    if len(everything) > 1:
        ratings = [rating for rating in map(mean_rating, everything) if rating is not None]
        if ratings:
            yield f"mean {sum(ratings) / len(ratings):.3f} of {len(ratings)} that are scored"
    if len(everything) > 1 and len(upright) > 1:
        alpha = krippendorff_alpha([[each.final for each in column] for column in upright])
        yield "Krippendorff's alpha is not defined" if alpha is None else f"Krippendorff's alpha {alpha:.3f} (interval)"
    for column, other in zip(upright, columns[1::step] if settings.both_orders else upright, strict=False):
        name = column[0].judge
        if settings.both_orders:
            found = flips(zip(column, other, strict=True))
            yield f"{name}: the order changed {found.flipped} of {found.cases} verdicts"
        price = settings.ledger.price(name)
        cost = cost_per_thousand(column, price) if price else None
        if cost is not None:
            yield f"{name}: {cost:.2f} a thousand verdicts"
