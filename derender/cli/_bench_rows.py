"""What runs of a benchmark share: who judges, a result's key, its row, and the files that hold a run."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derender.core import UserError

from ._bench_table import table_lines, words
from ._exits import one_line
from ._files import Names
from ._models import Asked
from ._output import Output, mark, say, style
from ._run_folder import RunFolder, failure_row

if TYPE_CHECKING:
    from derender.benchmarks.vision2code import DomainMap
    from derender.benchmarks.vision2code.scoring import JudgeOf, Scored, Task

_READ = frozenset({"render_success", "render_status", "failure_class", "category_scores", "official", "fixed"})
_READ |= {"dropped", "why", "program", "reference", "rendering"}
"""Fields of a row that tables and lines need."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run folder's ``run.json`` says of it.

    Attributes:
        benchmark: its name.
        split: which of its samples.
        model: who answered; None where nobody said.
        judge: who rated; None where nobody was asked.
        settings: how, as far as that is known.
    """

    benchmark: str
    split: str
    model: str | None = None
    judge: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    def write(self, folder: RunFolder) -> None:
        """Write it down.

        Raises:
            InfraError: it can't be written.
        """
        said: dict[str, Any] = {
            "benchmark": self.benchmark,
            "model": self.model,
            "judge": self.judge,
            "split": self.split,
        }
        said |= self.settings
        folder.write("run.json", json.dumps(said, indent=1) + "\n")


def package_of(tasks: "Sequence[Task]", split: str) -> dict[str, Any]:
    """What a run says of the package that its samples come from; a run may be of a part of it.

    Raises:
        UserError: the package can't be read.
    """
    from derender.benchmarks.vision2code import Split, read_manifest, select
    from derender.benchmarks.vision2code.validation import has_published_counts

    found = Split.parse(split)
    samples = select(read_manifest(tasks[0].package), found)
    return {"package": {"samples": len(samples), "published": has_published_counts(samples, found)}}


def asked_of(
    name: str, base_url: str | None, prices: Path | None, *, cache: bool, extra_body: str | None = None
) -> Asked:
    """A judge's model by name, kept and counted.

    Raises:
        UserError: there is no such model, or prices or further fields can't be read.
    """
    from derender.judges import load_judge_model

    return Asked.around(load_judge_model(name, base_url), prices, cache=cache, extra_body=extra_body)


def judge_of(asked: Asked, *, plain: bool) -> "JudgeOf":
    """Who judges by a rubric.

    Args:
        asked: the model.
        plain: whether it is sent neither schema nor temperature.
    """
    from derender.benchmarks.vision2code.scoring import judging

    return judging(asked.model, plain=plain)


def tell_table(results: "Results", folder: RunFolder | None, domains: "DomainMap", *, json_lines: bool) -> None:
    """Write a run's table, and say it.

    Raises:
        InfraError: it can't be written.
    """
    from derender.benchmarks.vision2code.score_table import score_table

    table = score_table(results.in_order(), domains)
    if folder:
        folder.put_in_order()
        folder.write("summary.json", json.dumps(table, indent=1) + "\n")
    for line in (json.dumps({"summary": table}),) if json_lines else table_lines(table):
        say(line)


def key_of(task: "Task", judge: Asked | None, *, plain: bool, asked: Sequence[str] = ()) -> str:
    """Equal exactly when a task's result must be: what was said, who judges, and the code that draws and rates.

    Args:
        task: with what was said, or without where the model is still to be asked.
        judge: who rates.
        plain: whether it is sent neither schema nor temperature.
        asked: what a model's answer depends on that is still to be asked.
    """
    import derender
    from derender.judges.prompt import prompt_digest
    from derender.render.machine import code

    home = Path(derender.__file__).parent
    said = [derender.__version__, *(code(home / part) for part in ("render", "judges", "benchmarks/vision2code"))]
    said += [judge.model.identity, prompt_digest(), str(plain)] if judge else []
    return task.key(*said, *asked)


class Results:
    """Says what was scored, keeps its rows, and writes them to the run folder where one is wanted.

    Args:
        out: where it is said; None where the caller says it.
        folder: None where nothing is written.
        tasks: all of the run, in order.
        keys: a task's name → its key, where there is a folder.
    """

    def __init__(
        self, out: Output | None, folder: RunFolder | None, tasks: "Sequence[Task]", keys: Mapping[str, str]
    ) -> None:
        names = Names()
        self._out = out
        self._folder = folder
        self._keys = keys
        self._names = {task.sample.question_folder: names.claim(task.sample.question_folder) for task in tasks}
        self._rows: dict[str, dict[str, Any]] = {}

    def again(self, task: "Task") -> bool:
        """Whether an earlier run scored a task; its row is taken over."""
        name = task.sample.question_folder
        row = self._folder.kept.get(self._keys[name]) if self._folder else None
        if row is None or not _is_whole(row):
            return False
        self._take(name, row)
        return True

    def add(self, scored: "Scored", reply: str | None = None) -> None:
        """Take over what came of a task, and what the model said where it was asked for it."""
        name = scored.task.sample.question_folder
        # As it will be read back.
        row = json.loads(json.dumps(self._row(scored)))
        if self._folder and reply is not None:
            self._folder.write(f"reply/{self._names[name]}.txt", reply)
        if self._folder:
            self._folder.record(row)
        self._take(name, row)

    def lacks(self, task: "Task") -> bool:
        """Whether nothing came of a task yet."""
        return task.sample.question_folder not in self._rows

    def row(self, task: "Task") -> Mapping[str, Any]:
        """What came of a task."""
        return self._rows[task.sample.question_folder]

    def in_order(self) -> list[Mapping[str, Any]]:
        """The rows of all tasks."""
        return [self._rows[name] for name in self._names]

    def _take(self, name: str, row: dict[str, Any]) -> None:
        self._rows[name] = row
        rated = row["dropped"] in {None, "not_judged"}
        if self._out:
            self._out.result(row, _line(row), ok=rated)

    def _row(self, scored: "Scored") -> dict[str, Any]:
        task, drawn, dropped = scored.task, scored.drawn, scored.dropped
        folder = self._folder
        name = task.sample.question_folder
        program = task.prediction.program if task.prediction else None
        paths: dict[str, str | None] = {"program": None, "picture": None}
        if folder and program:
            paths["program"] = folder.relative(
                folder.write(f"{self._names[name]}{program.language.suffix}", program.source)
            )
        if folder and drawn and drawn.picture:
            paths["picture"] = folder.relative(folder.write(f"{self._names[name]}.png", drawn.picture.png))
        ratings = {"official": scored.official, "fixed": scored.fixed}
        finals = {mode: rating.final for mode, rating in ratings.items() if rating}
        return {
            "id": name,
            "key": self._keys.get(name),
            "again": dropped is not None and dropped.again,
            **scored.record(),
            "reference": str(task.reference) if task.reference else None,
            "program": paths["program"],
            "rendering": {
                "ok": drawn.render_success if drawn else None,
                "failure": failure_row(drawn.failure) if drawn and drawn.failure else None,
                "pictures": [paths["picture"]] if paths["picture"] else [],
                "warnings": [],
                "elapsed_s": None,
            },
            "scores": {"vision2code": finals} if finals else {},
            "unscored": {"vision2code": scored.why} if dropped else {},
            "target": None,
            "model": None,
            "group": task.sample.source_dataset,
        }


def _is_whole(row: Mapping[str, Any]) -> bool:
    """Whether a row of an earlier run, which may be anybody's, has all that is read of one."""
    from derender.benchmarks.vision2code._run_rows import row_of

    try:
        row_of(row)
    except UserError:
        return False
    if not row.keys() >= _READ:
        return False
    rated = [row[mode] is not None for mode in ("official", "fixed")]
    return rated == [row["dropped"] is None] * 2 and (row["dropped"] is None or isinstance(row["why"], str))


def _line(row: Mapping[str, Any]) -> str:
    name = one_line(row["question_folder"])
    if row["official"] is None:
        return f"{mark(False)} {name}  {style(one_line('not rated: ' + row['why']), dim=True)}"
    official, fixed = (row[mode]["final_rating_0_to_5"] for mode in ("official", "fixed"))
    corrected = f"  {style('fixed', dim=True)} {fixed:.1f}" if fixed != official else ""
    label = f"  {style(words(row['failure_class']), dim=True)}" if row["failure_class"] else ""
    return f"{mark(bool(row['render_success']))} {name}  {official:.1f}{corrected}{label}"
