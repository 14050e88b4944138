"""Stages as the paper's runner leaves them, made of rows on disk."""

import csv
import json

import pytest
from PIL import Image

from derender.benchmarks.vision2code.ablations.official_stages import COLUMNS, write_stages
from derender.benchmarks.vision2code.data import read_manifest
from derender.benchmarks.vision2code.similarity import similarity


@pytest.fixture
def run(package, tmp_path):
    """Two samples of a run in one stage: one that was drawn, and one that could not be."""
    samples = read_manifest(package.folder)[:2]
    home = tmp_path / "stage1"
    home.mkdir()
    (home / "a.py").write_text("print('é\\u2028')")
    Image.new("RGB", (9, 8), "teal").save(home / "a.png")
    rows = [
        {"render_status": "ok", "render_success": True, "program": "a.py", "rendering": {"pictures": ["a.png"]}},
        {"render_status": None, "render_success": None, "program": "a.py", "rendering": {"pictures": []}},
    ]
    return samples, home, [{**row, "reference": str(samples[0].image(package.folder))} for row in rows]


def test_what_the_machine_failed_at_is_left_out_and_counted(run, tmp_path):
    samples, home, rows = run
    assert write_stages(tmp_path / "official", samples, [(home, rows)], "m") == 1
    with (tmp_path / "official/benchmark_tts_stage1.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert tuple(row) == COLUMNS
    folder = tmp_path / "official" / samples[0].question_folder
    assert row["sample_dir"] == str(folder) and row["previous_stage"] == "" and row["model"] == "m"
    assert float(row["similarity"]) == similarity(samples[0].image(tmp_path), home / "a.png")
    assert int(row["generated_code_chars"]) == len((home / "a.py").read_text())
    assert (folder / "tts_stage1_code.py").read_text() == (home / "a.py").read_text() + "\n"
    assert json.loads((folder / "tts_stage1_result.json").read_text())["tts_version"] == "benchmark_tts_v1"
    assert not list((tmp_path / "official" / samples[1].question_folder).iterdir())
