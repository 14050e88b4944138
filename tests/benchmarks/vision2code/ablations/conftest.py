"""Folders of round trips as the paper's runner leaves them, made anew for every test."""

import json
from pathlib import Path

import pytest
from PIL import Image


def trip(root: Path, name: str, r1: float | None, r2: float | None, **other: object) -> Path:
    """One sample's folder; ``other`` goes into its ``result.json``."""
    folder = root / name
    folder.mkdir(parents=True)
    shade = sum(name.encode()) % 250
    Image.new("RGB", (40, 30), (shade, 0, 0)).save(folder / "rendered_image.png")
    Image.new("RGB", (40, 30), (0, shade, 0)).save(folder / "source_image_1.png")
    (folder / "generated_code.py").write_text(f"# {name}\nplt.savefig(OUTPUT_PATH)\n")
    dataset = name.partition("_")[0]
    result = {"render_success": True, "status": "ok", "dataset": dataset, "question_folder": name, "similarity": 0.5}
    (folder / "result.json").write_text(json.dumps({**result, **other}))
    row = {}
    for which, value in (("image0_image1", r1), ("image1_image2", r2)):
        row |= {f"{which}_rating_status": "ok" if value is not None else "rating_failed"}
        row |= {f"{which}_final_0_to_5": value}
    (folder / "ssl_stage_pair_rating_result__local_vllm_rater.json").write_text(json.dumps({"row": row}))
    return folder


@pytest.fixture
def pool(tmp_path):
    """Twenty pairs that may be trained on: eight not lost, five lost, seven low."""
    root = tmp_path / "pool"
    for number in range(20):
        r1 = 4.5 if number < 13 else 2.0
        r2 = 4.5 if number < 8 else 3.0
        trip(root, f"{('ChartQA', 'Physics')[number % 2]}_train_{number:06d}_aaaaaaaaaaaa", r1, r2)
    return root
