"""A scored run written as the paper's runner leaves one, so that its tools go on from it.

::

    <root>/<model>/generations/benchmark/<split>/
        benchmark_inference.csv, .json             what was drawn
        benchmark_eval__<rater>.csv, .json         and how it was rated
        benchmark_summary__<rater>.json            the means of that
        render_manifest.csv, .jsonl                the same drawings for its stand-alone rater
        <sample>/                                  source, program, drawing or error, rating, result.json

Ratings are those of the official formula. Samples whose program was never tried are left out, as if not reached yet;
one without a rating is ``rating_failed``, which is in no mean.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from derender.core import UserError
from derender.core.pictures import write_whole
from derender.judges import Mode

from . import _official_names as names
from ._official_names import Model, Rater
from ._official_rating import rating_status
from ._official_sample import SampleFolder
from .data import Sample, read_manifest, select
from .official_tables import summary_record
from .runs import ScoredRun
from .score_table import rated_of, zeros_alone
from .sources import Split
from .summary import summarise

__all__ = ["Model", "Rater", "Written", "write_official"]

_Row = Mapping[str, Any]

_NEEDED = ("render_success", "render_status", "official", "category_scores", "candidate_inspection", "dropped", "why")


@dataclass(frozen=True, slots=True)
class Written:
    """What was written.

    Attributes:
        folder: that of the split.
        samples: how many have a folder.
        rated: how many of those a rating; 0 where the run was not judged, which then has no tables of ratings.
        left_out: why samples have no folder → how many.
    """

    folder: Path
    samples: int
    rated: int
    left_out: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Made:
    """A sample that was written: its folder, the row of what was drawn, its rating where there was a rater."""

    folder: SampleFolder
    row: _Row
    rating: _Row | None


def write_official(root: Path, run: ScoredRun, package: Path, model: Model, rater: Rater | None = None) -> Written:
    """Write a run below ``root``; what other raters left there about the same programs stays.

    Args:
        root: where folders of models lie; made where it isn't there.
        run: with its programs and pictures.
        package: the published pictures.
        model: who wrote the programs.
        rater: who gave the scores; needed where there are any.

    Raises:
        UserError: the run is not of the package, lacks files, or nobody says who rated.
        InfraError: something can't be written.
    """
    split = Split.parse(run.split or Split.TEST_MINI)
    samples = select(read_manifest(package), split)
    rows = _rows(run, package, samples)
    tried = [sample for sample in samples if rows[sample.question_folder].get("render_success") is not None]
    judged = _is_judged([rows[sample.question_folder] for sample in tried])
    if judged and rater is None:
        raise UserError(f"{run.folder}: nothing says who rated: name the rater")
    home = root / model.slug / "generations" / "benchmark" / split
    _refuse_others(home, model)
    folders = [
        SampleFolder(home / name, sample, rows[sample.question_folder], run, package, rater if judged else None)
        for name, sample in zip(names.sample_folders(tried), tried, strict=True)
    ]
    for each in folders:
        # All that can be missing is missed before anything is written.
        each.read()
    made = _write_samples(folders)
    about = {
        "benchmark_split": split.replace("_", "-"),
        "model_kind": model.kind,
        "model_path": model.path,
        "output_dir": str(home),
        "num_manifest_rows": len(samples),
        **_counted(made),
        "max_new_tokens": run.sampling.get("max_tokens"),
        "reasoning_effort": run.sampling.get("reasoning_effort", "none") if run.sampling else None,
        # That is nothing a run says.
        "base_url": None,
        "num_skipped_existing_success": 0,
    }
    _write_drawn(home, about, made, model)
    if judged and rater:
        _write_rated(home, about, made, rater)
    left_out = Counter(str(row["dropped"]) for row in rows.values() if row and row["render_success"] is None)
    return Written(home, len(made), sum(_is_rated(each) for each in made), dict(sorted(left_out.items())))


def _write_samples(folders: Sequence[SampleFolder]) -> list[_Made]:
    threads = ThreadPoolExecutor(thread_name_prefix="export")
    try:
        return [*threads.map(lambda each: _Made(each, *each.write()), folders)]
    finally:
        threads.shutdown(cancel_futures=True)


def _rows(run: ScoredRun, package: Path, samples: Sequence[Sample]) -> dict[str, _Row]:
    """The row of each sample; an empty one where the run has none."""
    rows: dict[str, _Row] = {sample.question_folder: {} for sample in samples}
    for row in run.rows:
        name = row["question_folder"]
        if name not in rows:
            raise UserError(f"{run.folder}: {name} is no sample of {package}")
        lacking = [column for column in _NEEDED if column not in row]
        if lacking:
            raise UserError(f"{run.folder}: the row of {name} has no {', '.join(lacking)}")
        rows[name] = row
    return rows


def _refuse_others(home: Path, model: Model) -> None:
    """See to it that no model's folder is mixed with that of one whose name looks the same as a file's."""
    with suppress(OSError, ValueError, RecursionError, AttributeError):
        there = json.loads((home / f"{names.INFERENCE_FILE}.json").read_bytes()).get("summary", {}).get("model_path")
        if there not in {None, model.path}:
            raise UserError(f"{home}: holds what {there} wrote, not {model.path}: write somewhere else")


def _is_judged(rows: Sequence[_Row]) -> bool:
    return any(row["official"] for row in rows) and not zeros_alone(rows)


def _is_rated(made: _Made) -> bool:
    return made.rating is not None and "final_rating_0_to_5" in made.rating


def _counted(made: Sequence[_Made]) -> _Row:
    drawn = [each.row["similarity"] for each in made if each.folder.drawn]
    known = [alike for alike in drawn if alike is not None]
    return {
        "num_samples": len(made),
        "num_render_success": len(drawn),
        "render_success_rate": len(drawn) / len(made) if made else 0.0,
        "mean_similarity": sum(known) / len(known) if known else 0.0,
    }


def _write_drawn(home: Path, about: _Row, made: Sequence[_Made], model: Model) -> None:
    """The tables of what was drawn."""
    rows = [each.row for each in made]
    home.mkdir(parents=True, exist_ok=True)
    write_whole(home / f"{names.INFERENCE_FILE}.json", names.as_bytes({"summary": about, "rows": rows}))
    write_whole(home / f"{names.INFERENCE_FILE}.csv", _table(names.INFERENCE, rows))
    batch = [_batch_row(each, model) for each in made]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in batch)
    write_whole(home / f"{names.BATCH_FILE}.jsonl", names.as_bytes(lines))
    write_whole(home / f"{names.BATCH_FILE}.csv", _table([*batch[0]] if batch else [], batch))


def _batch_row(made: _Made, model: Model) -> _Row:
    """As the runner for drawings alone leaves it, paths relative to the table; names of samples are unique here."""
    folder = made.folder
    return {
        **asdict(folder.sample),
        "sample_id": folder.path.name,
        "model": model.path,
        "code_path": f"{folder.path.name}/{names.CODE}",
        "render_success": folder.drawn,
        "render_status": folder.row["render_status"],
        "rendered_image_path": f"{folder.path.name}/{names.PICTURE}" if folder.drawn else "",
        "similarity": made.row["similarity"],
    }


def _write_rated(home: Path, about: _Row, made: Sequence[_Made], rater: Rater) -> None:
    """The tables of ratings."""
    rows = [_evaluated(each, rater) for each in made]
    summary = summarise(rated_of(each.folder.row, Mode.OFFICIAL) for each in made)
    versions = [each.rating["rubric_version"] for each in made if each.rating and _is_rated(each)]
    told = {
        **about,
        "rubric_version": versions[0] if versions else None,
        "rater_provider": rater.provider,
        "rater_model": rater.model,
        "rater_reasoning_enabled": rater.reasoning,
        "rater_slug": rater.slug,
        **summary_record(summary),
    }
    write_whole(home / f"{names.evaluation_file(rater.slug)}.json", names.as_bytes({"summary": told, "rows": rows}))
    write_whole(home / f"{names.evaluation_file(rater.slug)}.csv", _table(names.EVALUATION, rows))
    write_whole(home / names.summary_file(rater.slug), names.as_bytes(told))


def _evaluated(made: _Made, rater: Rater) -> _Row:
    rating = made.rating or {}
    return {
        **made.row,
        "inference_stage": 1,
        "rater_provider": rater.provider,
        "rater_model": rater.model,
        "rater_reasoning_enabled": rater.reasoning,
        "rater_slug": rater.slug,
        "rating_path": str(made.folder.path / names.rating_file(rater.slug)),
        "rating_status": rating_status(rating),
        "rubric_dataset": rating.get("rubric_dataset"),
        "rating_final_0_to_5": rating.get("final_rating_0_to_5"),
        "rating_raw_score_0_to_5": rating.get("raw_score_0_to_5"),
    }


def _table(columns: Sequence[str], rows: Sequence[_Row]) -> bytes:
    lines: list[str] = []
    for row in (dict(zip(columns, columns, strict=True)), *rows):
        line = io.StringIO(newline="")
        # What ends lines is what is quoted in cells, and readers take a lone carriage return for an end too.
        csv.DictWriter(line, columns, extrasaction="ignore", lineterminator="\r\n").writerow(row)
        lines.append(line.getvalue().removesuffix("\r\n") + "\n")
    return names.as_bytes("".join(lines))
