"""``derender bench pairs``: pictures sent around through a model, so that it can be trained on what it drew."""

import hashlib
import json as json_text
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from derender.core import UserError
from derender.core.pictures import write_whole

from ._bench_ablation import Asking, Effort, Rater, RaterUrl, Writer, at_once, paper_sampling, pictures_in, side_by_side
from ._bench_check import Check, RaterFields
from ._exits import complain, one_line
from ._files import Names
from ._help import TeachingCommand
from ._judging import Plain
from ._models import BaseUrl, ExtraBody, MaxTokens, NoCacheOfAnswers, Prices
from ._options import EngineOptions, Isolation, Jobs, Json
from ._output import Output, mark, say, style
from ._run_folder import RunFolder, failure_row, kept_rows

if TYPE_CHECKING:
    from derender.benchmarks.vision2code.ablations.round_trips import Leg, RoundTrip, Source

_EPILOG = """
Examples:
  derender bench pairs vision2code pictures -m openai/NAME --judge openai/JUDGE -o pairs
  derender bench pairs vision2code chart.png --dataset ChartQA -m replay/said -o pairs
  derender bench training-sets vision2code pairs -o sets

Each picture becomes a program, what that draws becomes another, and both
drawings are rated: R1 beside the picture, R2 beside the first drawing. A
picture's dataset, whose rubric counts, is told by its name, ChartQA_train_…, or
that of its folder. Killed and started again, it asks and draws nothing twice.
"""


def register(group: typer.Typer) -> None:
    """Add the command to those of benchmarks."""
    group.command("pairs", cls=TeachingCommand, epilog=_EPILOG)(pairs)


def pairs(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The benchmark: vision2code.")],
    pictures: Annotated[list[Path], typer.Argument(metavar="PICTURE", help="Pictures, or folders of them.")],
    model: Writer,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="DIR", help="Folder of the samples' folders, and to resume."),
    ],
    judge: Rater = None,
    dataset: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whose rubric rates all of them, whatever they are called.")
    ] = None,
    base_url: BaseUrl = None,
    judge_url: RaterUrl = None,
    max_tokens: MaxTokens = None,
    reasoning_effort: Effort = None,
    extra_body: ExtraBody = None,
    judge_extra_body: RaterFields = None,
    plain: Plain = False,
    prices: Prices = None,
    jobs: Jobs = None,
    isolation: Isolation = "strict",
    check: Check = True,
    no_cache: NoCacheOfAnswers = False,
    json: Json = False,
) -> None:
    """Make pairs of picture and program to train a model on, out of any pictures."""
    from derender.benchmarks import get_benchmark
    from derender.benchmarks.vision2code.ablations.round_trips import Traveller

    get_benchmark(name)
    engine_options = EngineOptions(jobs, isolation=isolation, cache=not no_cache)
    sampling = paper_sampling(max_tokens, reasoning_effort)
    rater = (judge, judge_url, judge_extra_body)
    asking = Asking.of(
        (model, base_url, extra_body), rater, sampling, prices=prices, cache=not no_cache, plain=plain, jobs=jobs
    )
    sources, rejected = _sources(pictures_in(pictures, output), dataset)
    if not sources:
        for sentence in rejected[:3]:
            complain(sentence)
        # What lies there is taken for an earlier run's.
        place = "" if rejected else f" outside {output}"
        raise UserError(f"there is no picture that can be used{place}")
    keys = {source.name: _key(source, asking) for source in sources}
    if check and len(kept_rows(output, list(keys.values()))) < len(keys):
        asking.check()
    with ExitStack() as stack:
        folder = stack.enter_context(RunFolder(output, list(keys.values())))
        out = stack.enter_context(Output(len(sources) + len(rejected), "sent around", json_lines=json))
        engine = stack.enter_context(engine_options.engine())
        for sentence in rejected:
            out.rejected({"problem": sentence}, sentence)
        written = _Written(folder, out, keys, asking)
        left = [source for source in sources if not written.again(source)]
        traveller = Traveller(asking.writer.model, engine, asking.sampling, asking.judge_of)
        try:
            made = side_by_side(traveller.travel, left, at_once(jobs, engine.jobs))
            with closing(made) as done:
                for _, future in done:
                    written.add(future.result())
        finally:
            asking.tell(folder.path, resumed=bool(folder.kept), json_lines=json)
        folder.put_in_order()
        if not json:
            say(_summary(written.rows))
    raise typer.Exit(out.exit_code)


def _sources(paths: Iterable[Path], dataset: str | None) -> "tuple[list[Source], list[str]]":
    """The pictures, each with a name of its own, and sentences about those that can't be used."""
    from derender.benchmarks.vision2code.ablations.round_trips import Source

    # A sample's folder must not be called as a file of the run.
    names = Names(("results.jsonl", "ledger.json"))
    found: list[Source] = []
    rejected: list[str] = []
    for path in paths:
        try:
            found.append(Source.of_file(path, names.claim(path.stem), dataset))
        except UserError as error:
            rejected.append(str(error))
    return found, rejected


def _key(source: "Source", asking: Asking) -> str:
    import derender
    from derender.benchmarks.vision2code.prompt import question_digest
    from derender.judges.prompt import prompt_digest
    from derender.render.machine import code

    home = Path(derender.__file__).parent
    said: list[object] = [derender.__version__, source.name, source.sha256, source.rubric.digest, question_digest()]
    said += [code(home / part) for part in ("render", "judges", "benchmarks/vision2code")]
    said += [asking.writer.model.identity, asking.sampling.parameters()]
    said += [asking.rater.model.identity, prompt_digest(), asking.plain] if asking.rater else []
    return hashlib.sha256(json_text.dumps(said, sort_keys=True).encode()).hexdigest()


class _Written:
    """Writes samples' folders as the official runner has them, and a line for each."""

    def __init__(self, folder: RunFolder, out: Output, keys: Mapping[str, str], asking: Asking) -> None:
        from derender.benchmarks.vision2code._official_names import slug

        self.rows: list[Mapping[str, Any]] = []
        self._folder = folder
        self._out = out
        self._keys = keys
        model, judge = asking.names
        self._model = slug(model)
        self._rater = slug(judge).lower() if judge else ""

    def again(self, source: "Source") -> bool:
        """Whether an earlier run sent a picture around; its row is taken over."""
        row = self._folder.kept.get(self._keys[source.name])
        if row is None or not _is_whole(row) or not self._is_there(source.name, row):
            return False
        self._take(row)
        return True

    def _is_there(self, name: str, row: Mapping[str, Any]) -> bool:
        """Whether the sample's folder, which is what is selected from, still is."""
        from derender.benchmarks.vision2code._official_names import RESULT

        return row["statuses"][0] is None or (self._folder.path / name / RESULT).is_file()

    def add(self, made: "RoundTrip") -> None:
        """Write what came of a picture.

        Raises:
            InfraError: it can't be written.
        """
        home = self._folder.path / made.source.name
        files: dict[str, str] = {}
        if made.first is not None:
            home.mkdir(exist_ok=True)
            files = self._files(home, made)
        if made.first is not None and made.first.drawn.status is not None:
            self._write(home / "result.json", made.result(self._model, files))
        ratings = made.ratings()
        if ratings is not None:
            self._write(home / self._rating, ratings)
        row = json_text.loads(json_text.dumps(self._row(made, files)))
        self._folder.record(row)
        self._take(row)

    @property
    def _rating(self) -> str:
        from derender.benchmarks.vision2code.ablations.training_pairs import RATING

        return f"{RATING}{self._rater}.json"

    def _files(self, home: Path, made: "RoundTrip") -> dict[str, str]:
        """Write pictures and programs, and forget what an earlier run rated where they are others."""
        from derender.benchmarks.vision2code._official_names import CODE, PICTURE, RESULT
        from derender.benchmarks.vision2code.ablations.training_pairs import RATING

        source = f"source_image_1{made.source.path.suffix.lower()}"
        wanted: dict[str, bytes | None] = {source: made.source.content()}
        for leg, code, picture in ((made.first, CODE, PICTURE), (made.second, "image2_code.py", "image2_rendered.png")):
            wanted[code] = leg.program.source.encode("utf-8", "replace") + b"\n" if leg else None
            wanted[picture] = leg.drawn.picture.png if leg and leg.drawn.picture else None
        if any(_content(home / each) != content for each, content in wanted.items()):
            for old in (RESULT, *(path.name for path in home.glob(f"{RATING}*.json"))):
                (home / old).unlink(missing_ok=True)
        for each, content in wanted.items():
            if content is None:
                (home / each).unlink(missing_ok=True)
            else:
                write_whole(home / each, content)
        fields = {"copied_source_image_path": source, "generated_code_path": CODE, "rendered_image_path": PICTURE}
        return {field: each for field, each in fields.items() if wanted[each] is not None}

    def _write(self, path: Path, fields: Mapping[str, Any]) -> None:
        write_whole(path, (json_text.dumps(fields, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "replace"))

    def _row(self, made: "RoundTrip", files: Mapping[str, str]) -> dict[str, Any]:
        source, first = made.source, made.first
        rated = {name: leg.final for name, leg in (("r1", made.first), ("r2", made.second)) if leg}
        drawn = first.drawn if first else None
        picture = files.get("rendered_image_path")
        return {
            "id": source.name,
            "key": self._keys[source.name],
            "again": made.dropped is not None and made.dropped.again,
            "question_folder": source.name,
            "dataset": source.dataset,
            "r1": rated.get("r1"),
            "r2": rated.get("r2"),
            "statuses": [_status(leg) for leg in (made.first, made.second)],
            "dropped": made.dropped,
            "why": made.why or None,
            "reference": str(source.path.absolute()),
            "program": f"{source.name}/{files['generated_code_path']}" if "generated_code_path" in files else None,
            "rendering": {
                "ok": drawn.render_success if drawn else None,
                "failure": failure_row(drawn.failure) if drawn and drawn.failure else None,
                "pictures": [f"{source.name}/{picture}"] if picture else [],
                "warnings": [],
                "elapsed_s": None,
            },
            "scores": {"self_training": rated} if rated else {},
            "unscored": {"self_training": made.why} if made.dropped else {},
            "target": None,
            "model": None,
            "group": source.dataset,
        }

    def _take(self, row: Mapping[str, Any]) -> None:
        self.rows.append(row)
        self._out.result(row, _line(row), ok=row["dropped"] is None)


def _is_whole(row: Mapping[str, Any]) -> bool:
    """Whether a row of an earlier run, which may be anybody's, has all that is read of one."""
    statuses, numbers = row.get("statuses"), [row.get(name) for name in ("r1", "r2")]
    texts = [row.get("question_folder"), row.get("why") if row.get("dropped") else ""]
    return (
        all(isinstance(text, str) for text in texts)
        and all(number is None or isinstance(number, int | float) for number in numbers)
        and isinstance(statuses, list)
        and len(statuses) == len(numbers)
        and {"dropped", "r1", "r2"} <= row.keys()
    )


def _status(leg: "Leg | None") -> str | None:
    return leg.drawn.status if leg else None


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _line(row: Mapping[str, Any]) -> str:
    name = one_line(row["question_folder"])
    if row["dropped"]:
        return f"{mark(False)} {name}  {style(one_line('not rated: ' + row['why']), dim=True)}"
    first, second = row["statuses"]
    if first != "ok":
        return f"{mark(True)} {name}  {style('its program draws nothing', dim=True)}"
    said = "  ".join(f"{style(label, dim=True)} {_number(row[label.lower()])}" for label in ("R1", "R2"))
    note = "" if second == "ok" else style("  the second program draws nothing", dim=True)
    return f"{mark(True)} {name}  {said}{note}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _summary(rows: Sequence[Mapping[str, Any]]) -> str:
    if not any(row["r1"] is not None for row in rows):
        return "none is rated, and training sets are selected by rating: name a judge by --judge"
    whole = [row for row in rows if row["r1"] is not None and row["statuses"] == ["ok", "ok"] and row["r2"] is not None]
    return f"{len(whole)} of {len(rows)} may be trained on: derender bench training-sets selects"
