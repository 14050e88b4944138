"""``derender score``: how alike two pictures or programs are, or those of two folders."""

import hashlib
from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from derender.core import UserError

from ._environments import EnvironmentName, checked
from ._exits import complain, one_line
from ._files import Names
from ._help import Section, TeachingCommand
from ._options import EngineOptions, Isolation, Jobs, Json, NoCache, split_names
from ._output import Output, mark
from ._pairs import Pair, Single, is_program, match
from ._run_folder import RunFolder, rendering_row
from ._tables import headlines, table, what_is_missing

if TYPE_CHECKING:
    from derender.metrics import Facts, Metric, Scores, Source
    from derender.render import Engine

_EPILOG = """
Examples:
  derender score chart.png out/chart.png
  derender score chart.png out/chart.png --metric ssim,words
  derender score ref.py cand.py --metric chartmimic,ssim
  derender score ref.html cand.html --metric cms --original before.html
  derender score references/ out/ --json > scores.jsonl
  derender score references/ out/ -o compared && derender report compared

Pictures and programs of two folders are matched by name, suffixes left out.
Metrics that compare programs get them, those that compare pictures get what the
programs draw. A candidate is brought to the reference's size where a metric
needs that. With -o, what an earlier run into the folder scored is not scored
again. `derender metrics list` tells what there is.
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("score", cls=TeachingCommand, epilog=_EPILOG, rich_help_panel=Section.PICTURES)(score)


def score(
    reference: Annotated[
        Path, typer.Argument(metavar="REFERENCE", help="The picture or program, or a folder of them.")
    ],
    candidate: Annotated[Path, typer.Argument(metavar="CANDIDATE", help="What to compare with it, likewise.")],
    metric: Annotated[
        list[str] | None,
        typer.Option("--metric", "-m", metavar="a,b", help="Metrics to compute; those of pixels and words by default."),
    ] = None,
    mode: Annotated[
        str,
        typer.Option(metavar="official|fixed", help="Papers' metrics as published, or with their defects corrected."),
    ] = "official",
    original: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The program before the edit, or a folder of them, for metrics of edits."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Run folder to write too, for `derender report`."),
    ] = None,
    environment: EnvironmentName = None,
    jobs: Jobs = None,
    isolation: Isolation = "strict",
    no_cache: NoCache = False,
    json: Json = False,
) -> None:
    """Say how alike two pictures or programs are, or those of two folders."""
    from derender.metrics import Mode, default_metrics, get_metric, means

    metrics = [get_metric(name) for name in split_names(metric)] or None
    engine_options = EngineOptions(jobs, isolation=isolation, cache=not no_cache)
    found = match(reference, candidate, original)
    pairs = [each for each in found if isinstance(each, Pair)]
    wanted = metrics or list(default_metrics())
    work = _Work(metrics, Mode(mode), checked(environment), jobs, means(wanted))
    with ExitStack() as stack:
        items = _items(pairs, work) if output else {}
        folder = stack.enter_context(RunFolder(output, [item.key for item in items.values()])) if output else None
        out = stack.enter_context(Output(len(found), "scored", json_lines=json))
        engine = stack.enter_context(engine_options.engine()) if any(map(_has_program, pairs)) else None
        results = _Results(out, folder, items, [each.name for each in wanted])
        for single in found:
            if isinstance(single, Single):
                results.reject(single, single.problem)
        scored = stack.enter_context(closing(work.score([pair for pair in pairs if not results.has(pair)], engine)))
        for pair in pairs:
            if results.has(pair):
                results.again(pair, alone=len(found) == 1)
            else:
                results.add(next(scored), alone=len(found) == 1)
        if folder:
            folder.put_in_order()
        if len(found) > 1 and not json:
            results.say_unscored()
    raise typer.Exit(out.exit_code)


def _has_program(pair: Pair) -> bool:
    return is_program(pair.reference) or is_program(pair.candidate)


@dataclass(frozen=True, slots=True)
class _Scored:
    """A pair, its sides and what came of it; no sides where one can't be used."""

    pair: Pair
    sides: "tuple[Facts, Facts] | None"
    scores: "Scores | UserError"


@dataclass(frozen=True, slots=True)
class _Work:
    """What is to be computed of each pair."""

    metrics: "Sequence[Metric] | None"
    mode: str
    environment: str | None
    jobs: int | None
    means: tuple[str, ...]

    def score(self, pairs: Sequence[Pair], engine: "Engine | None") -> "Generator[_Scored]":
        """The scores of all pairs, in order."""
        from derender.metrics import score_each

        seen: deque[tuple[Pair, tuple[Facts, Facts] | UserError]] = deque()

        def usable() -> "Iterator[tuple[Source, Source]]":
            for pair in pairs:
                sides = self._observed(pair, engine)
                seen.append((pair, sides))
                if not isinstance(sides, UserError):
                    yield sides

        def unusable() -> "Iterator[_Scored]":
            while seen and isinstance(error := seen[0][1], UserError):
                yield _Scored(seen.popleft()[0], None, error)

        for scores in score_each(usable(), self.metrics, jobs=self.jobs, mode=self.mode):
            yield from unusable()
            pair, sides = seen.popleft()
            yield _Scored(pair, None if isinstance(sides, UserError) else sides, scores)
        yield from unusable()

    def _observed(self, pair: Pair, engine: "Engine | None") -> "tuple[Facts, Facts] | UserError":
        from derender.core import Program
        from derender.metrics import observe

        def side(path: Path, original: str | None) -> "Facts":
            source = Program.from_file(path).in_environment(self.environment) if is_program(path) else path
            return observe(source, engine=engine, name=str(path), original=original)

        try:
            original = Program.from_file(pair.original).source if pair.original else None
            return side(pair.reference, original), side(pair.candidate, original)
        except UserError as error:
            return error

    def key(self, pair: Pair, name: str) -> str:
        """Equal exactly when the scores of two pairs must be, and the files that are written by that name."""
        import derender
        from derender.render.machine import code

        digest = hashlib.sha256()
        names = [each.name for each in self.metrics] if self.metrics else ["default"]
        said = [derender.__version__, code(), code(Path(derender.__file__).parent / "metrics"), self.mode, *names]
        said += self.means
        paths = [pair.reference, pair.candidate, *([pair.original] if pair.original else [])]
        for part in [*said, self.environment or "", name, *(str(path) for path in paths)]:
            digest.update(f"{len(part)} {part}\n".encode("utf-8", "surrogateescape"))
        for path in paths:
            digest.update(_digest(path))
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class _Item:
    """What a pair goes by in the run folder: its name there, and its key."""

    name: str
    key: str


def _items(pairs: Sequence[Pair], work: _Work) -> dict[Pair, _Item]:
    # Of all pairs, so that no two share a name whichever of them are scored in this run, or can be at all.
    names = Names()
    named = {pair: names.claim(pair.reference.stem) for pair in pairs}
    return {pair: _Item(name, work.key(pair, name)) for pair, name in named.items()}


def _digest(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        # What can't be read is said where it is scored.
        return b"unreadable"


class _Results:
    """Says what was scored, and writes it to the run folder where one is wanted."""

    def __init__(
        self, out: Output, folder: RunFolder | None, items: Mapping[Pair, _Item], metrics: Sequence[str]
    ) -> None:
        self._out = out
        self._folder = folder
        self._items = items
        self._metrics = metrics
        self._unscored: list[Mapping[str, str]] = []

    def has(self, pair: Pair) -> bool:
        """Whether an earlier run scored a pair."""
        return self._folder is not None and self._items[pair].key in self._folder.kept

    def reject(self, pair: Pair | Single, problem: str) -> None:
        """Report a pair that can't be compared."""
        self._out.rejected(_record(pair, {}, dict.fromkeys(self._metrics, problem)), problem)

    def again(self, pair: Pair, *, alone: bool) -> None:
        """Report what an earlier run found."""
        from derender.metrics import Scores

        if self._folder is not None:
            row = self._folder.kept[self._items[pair].key]
            self._say(pair, Scores(row["scores"], row["unscored"]), alone=alone)

    def add(self, scored: _Scored, *, alone: bool) -> None:
        """Report one pair's scores."""
        if isinstance(scored.scores, UserError):
            self.reject(scored.pair, str(scored.scores))
            return
        if self._folder is not None and scored.sides is not None:
            self._folder.record(self._row(self._folder, scored, scored.scores, scored.sides))
        self._say(scored.pair, scored.scores, alone=alone)

    def say_unscored(self) -> None:
        """Say of each metric how many pairs have no score by it, and why."""
        for sentence in what_is_missing(self._unscored):
            complain(sentence)

    def _say(self, pair: Pair, scores: "Scores", *, alone: bool) -> None:
        record = _record(pair, scores.scores, scores.unscored)
        self._unscored.append(scores.unscored)
        name = one_line(pair.reference.name)
        line = table(scores) if alone else f"{mark(bool(scores.scores))} {name}  {headlines(scores)}"
        self._out.result(record, line, ok=bool(scores.scores))

    def _row(
        self, folder: RunFolder, scored: _Scored, scores: "Scores", sides: "tuple[Facts, Facts]"
    ) -> dict[str, Any]:
        pair, (wanted, given) = scored.pair, sides
        failures = [side.rendering().failure for side in sides if side.rendered]
        record = _record(pair, scores.scores, scores.unscored)
        name, key = self._items[pair].name, self._items[pair].key
        row = {"id": name, **record, "key": key, "program": None}
        row["again"] = any(failure is not None and failure.ours for failure in failures)
        if wanted.program is not None:
            picture = wanted.rendering().picture if wanted.rendered else None
            row["reference"] = folder.write(f"{name}-reference.png", picture.png).name if picture else None
        if given.program is None:
            rendering = {"ok": True, "failure": None, "pictures": [record["candidate"]]}
            rendering |= {"warnings": [], "elapsed_s": None}
        else:
            row["program"] = record["candidate"]
            drawn = given.rendering() if given.rendered else None
            pictures = [folder.write(f"{name}.png", drawn.picture.png).name] if drawn and drawn.picture else []
            rendering = rendering_row(drawn, pictures) if drawn else {"ok": None, "pictures": []}
            # How long it took differs from run to run, and the scores' folder is to be the same.
            rendering["elapsed_s"] = None
        return {**row, "rendering": rendering, "target": None, "model": None, "group": None}


def _record(
    pair: Pair | Single, scores: Mapping[str, Mapping[str, float | None]], unscored: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "reference": str(pair.reference.absolute()) if pair.reference else None,
        "candidate": str(pair.candidate.absolute()) if pair.candidate else None,
        "scores": {metric: dict(parts) for metric, parts in scores.items()},
        "unscored": dict(unscored),
    }
