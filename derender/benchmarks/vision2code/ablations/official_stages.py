"""Test-time scaling as the paper's runner leaves it: four files for each sample and stage, and a table a stage."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from derender.benchmarks.vision2code._official_names import as_bytes, sample_folders
from derender.benchmarks.vision2code.data import Sample
from derender.benchmarks.vision2code.similarity import similarity
from derender.core import UserError
from derender.core.files import read_file
from derender.core.pictures import write_whole

VERSION = "benchmark_tts_v1"
COLUMNS = (
    *("tts_version", "stage", "benchmark_split", "sample_id", "dataset", "subset", "source_filtered_split"),
    *("question_folder", "question", "source_image_path", "previous_stage", "previous_generated_code_path"),
    *("previous_rendered_image_path", "generated_code_path", "rendered_image_path", "execution_error_path"),
    *("result_path", "sample_dir", "render_success", "status", "similarity", "generated_code_chars", "model"),
)
"""Columns of ``benchmark_tts_stage<k>.csv``."""


def write_stages(
    root: Path, samples: Sequence[Sample], stages: Sequence[tuple[Path, Sequence[Mapping[str, Any]]]], model: str
) -> int:
    """Write the paper's layout of a finished run.

    Args:
        root: the folder to write to.
        samples: in order.
        stages: each stage's run folder and its rows, in the samples' order.
        model: its name.

    Returns:
        How many rows are left out because the machine or the model's endpoint failed: the layout has no word for it.

    Raises:
        InfraError: something can't be written.
        UserError: a program or picture of the run can't be read, or is none of its own folder's.
    """
    left_out = 0
    folders = [root / name for name in sample_folders(samples)]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    for number, (home, rows) in enumerate(stages, 1):
        written = []
        for sample, folder, row in zip(samples, folders, rows, strict=True):
            if row["render_status"] is None:
                left_out += 1
                continue
            written.append({**_of_sample(sample, row), **_write(folder, number, home, row), "model": model})
            write_whole(folder / f"tts_stage{number}_result.json", as_bytes(written[-1]))
        _write_table(root / f"benchmark_tts_stage{number}", number, written)
    return left_out


def _of_sample(sample: Sample, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "tts_version": VERSION,
        "benchmark_split": sample.benchmark_split,
        "sample_id": sample.source_record_id or sample.question_folder,
        "dataset": sample.source_dataset,
        "subset": sample.source_subset,
        "source_filtered_split": sample.split,
        "question_folder": sample.question_folder,
        "question": sample.question,
        "source_image_path": row["reference"] or "",
    }


def _write(folder: Path, number: int, home: Path, row: Mapping[str, Any]) -> dict[str, Any]:
    """Write a stage's files; the fields that name them."""
    names = {kind: folder / f"tts_stage{number}_{kind}" for kind in _KINDS}
    before = {kind: folder / f"tts_stage{number - 1}_{kind}" for kind in _KINDS}
    drawn = row["rendering"]["pictures"]
    code, picture = (_own(home, name) if name else None for name in (row["program"], drawn[0] if drawn else None))
    source = read_file(code, "program").decode("utf-8", "replace") if code else ""
    alike = 0.0
    if code:
        write_whole(names["code.py"], as_bytes(f"{source}\n"))
    if picture and row["reference"]:
        content = read_file(picture, "picture")
        write_whole(names["rendered.png"], content)
        alike = similarity(Path(row["reference"]), content)
    failed = code is not None and not row["render_success"]
    if failed:
        write_whole(names["execution_error.txt"], as_bytes(f"{row['render_status']}\n"))
    return {
        "stage": number,
        "previous_stage": number - 1 if number > 1 else "",
        "previous_generated_code_path": str(before["code.py"]) if number > 1 else "",
        "previous_rendered_image_path": str(before["rendered.png"]) if number > 1 else "",
        "generated_code_path": str(names["code.py"]) if code else "",
        "rendered_image_path": str(names["rendered.png"]) if picture else "",
        "execution_error_path": str(names["execution_error.txt"]) if failed else "",
        "result_path": str(names["result.json"]),
        "sample_dir": str(folder),
        "render_success": row["render_success"],
        "status": row["render_status"],
        "similarity": alike,
        "generated_code_chars": len(source),
    }


def _own(home: Path, name: str) -> Path:
    path = home / name
    if not path.resolve().is_relative_to(home.resolve()):
        raise UserError(f"{path}: lies elsewhere than its run")
    return path


_KINDS = ("code.py", "rendered.png", "result.json", "execution_error.txt")


def _write_table(path: Path, number: int, rows: Sequence[Mapping[str, Any]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_whole(path.with_name(f"{path.name}.csv"), as_bytes(text.getvalue()))
    summary = {"stage": number, "num_rows": len(rows)}
    write_whole(path.with_name(f"{path.name}.json"), as_bytes({"rows": list(rows), "summary": summary}))
