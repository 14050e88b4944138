"""The paper's tables of ratings, read and summed up, and what its runner calls things."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from derender.benchmarks.vision2code._official_names import EVALUATION, INFERENCE, Model, Rater, sample_folders, slug
from derender.benchmarks.vision2code.official_tables import (
    differences,
    is_table,
    read_ratings,
    summary_beside,
    summary_record,
)
from derender.benchmarks.vision2code.similarity import similarity
from derender.benchmarks.vision2code.summary import Rated, summarise
from derender.core import UserError

VECTORS = Path(__file__).parent / "vectors"
TABLE = VECTORS / "smoke_benchmark_eval.csv"
SUMMARY = VECTORS / "smoke_benchmark_summary.json"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gpt-5.4-mini", "gpt_5_4_mini"),
        ("Qwen/Qwen3.5-9B", "Qwen_Qwen3_5_9B"),
        ("../../a b", "a_b"),
        ("._x_.", "x"),
        ("é", "value"),
        ("", "value"),
    ],
)
def test_slugs(text, expected):
    assert slug(text) == expected


def test_models_and_raters_by_name():
    assert Model.parse("openai/gpt-5.4-mini") == Model("openai", "gpt-5.4-mini")
    assert Model.parse("Qwen/Qwen3.5-9B") == Model("", "Qwen/Qwen3.5-9B")
    qwen = Rater.parse("local_vllm/Qwen/Qwen3.5-122B-A10B-GPTQ-Int4")
    assert qwen.slug == "local_vllm_qwen_qwen3_5_122b_a10b_gptq_int4"
    assert replace(qwen, reasoning=True).slug == "local_vllm_qwen_qwen3_5_122b_a10b_gptq_int4_reasoning"
    assert Rater.of_judge("Qwen/Qwen3.5-9B").slug == "openai_qwen_qwen3_5_9b"
    assert Rater.of_judge("replay/marks.jsonl").slug == "replay_marks_jsonl"
    with pytest.raises(UserError, match="a rater is named PROVIDER/MODEL"):
        Rater.parse("gpt-5.4-mini")


def test_folders_of_samples_are_told_apart_as_the_runner_does(package):
    sample = package.samples[0]
    alike = [replace(sample, source_record_id="default__test.jsonl:3") for _ in range(4)]
    other = replace(sample, question_folder="a/b: c-1.")
    name = sample.question_folder
    assert sample_folders([*alike, other]) == [
        name,
        f"{name}__default__test_jsonl_3",
        f"{name}__2",
        f"{name}__3",
        "a_b_c-1",
    ]


def test_columns_are_the_published_ones():
    assert ",".join(EVALUATION) == TABLE.read_text().splitlines()[0]
    published = list(json.loads((VECTORS / "smoke_result.json").read_text()))
    assert list(INFERENCE) == published[: len(INFERENCE)]


def test_the_published_table_has_the_published_summary():
    ours = summary_record(summarise(read_ratings(TABLE)))
    published = json.loads(SUMMARY.read_text())
    assert differences(ours, SUMMARY) == []
    same = [name for name in ours if name not in {"category_means_0_to_5", "by_dataset"}]
    assert {name: ours[name] for name in same} == {name: published[name] for name in same}


def test_category_scores_have_the_published_means():
    scores = {
        name.partition(".")[2]: mean for name, mean in json.loads(SUMMARY.read_text())["category_means_0_to_5"].items()
    }
    ours = summary_record(summarise([Rated("ChartQA", True, 3.7, 3.695, scores)]))
    published = json.loads(SUMMARY.read_text())
    assert ours == {name: published[name] for name in ours}


def test_another_number_is_told(tmp_path):
    other = json.loads(SUMMARY.read_text())
    other["benchmark_score_0_to_5"] = 3.6
    other["by_dataset"]["Physics"] = {}
    (tmp_path / "s.json").write_text(json.dumps(other))
    found = differences(summary_record(summarise(read_ratings(TABLE))), tmp_path / "s.json")
    assert found == ["benchmark_score_0_to_5 is 3.6 there, 3.7 here", "by_dataset.Physics is there alone"]


def test_the_summary_of_a_table_lies_beside_it(tmp_path):
    table = tmp_path / "benchmark_eval__openai_x.csv"
    assert summary_beside(table) is None
    (tmp_path / "benchmark_summary__openai_x.json").write_text("{}")
    assert summary_beside(table) == tmp_path / "benchmark_summary__openai_x.json"
    assert summary_beside(tmp_path / "other.csv") is None


def _table(path, *rows, columns=EVALUATION):
    cells = dict.fromkeys(columns, "") | {"dataset": "ChartQA", "question_folder": "a", "render_success": "True"}
    lines = [",".join(columns)]
    lines += [",".join(str({**cells, **row}[column]) for column in columns) for row in rows]
    path.write_text("\n".join(lines) + "\n")
    return path


def _row(name, final, **cells):
    return {"question_folder": name, "rating_final_0_to_5": final, "rating_raw_score_0_to_5": final, **cells}


def test_a_rating_that_failed_is_left_out_and_a_drawing_that_failed_is_not(tmp_path):
    rows = [_row("a", 4.0), _row("b", "", rating_status="error"), _row("c", 0.0, render_success="False")]
    found = summarise(read_ratings(_table(tmp_path / "t.csv", *rows)))
    assert (found.score, found.all.rated, found.all.rendered) == (2.0, 2, 2)
    assert found.unscored == {"error": 1}


def test_rows_of_json_say_the_same(tmp_path):
    rows = [{"dataset": "Physics", "render_success": True, **_row("a", 2.5)}]
    rows += [{"dataset": "Physics", "render_success": False, **_row("b", None)}]
    (tmp_path / "t.json").write_text(json.dumps({"summary": {}, "rows": rows}))
    assert is_table(tmp_path / "t.json")
    assert read_ratings(tmp_path / "t.json") == [
        Rated("Physics", True, 2.5, 2.5),
        Rated("Physics", False, None, None, unscored="no rating"),
    ]


def test_lines_of_predictions_are_no_table(tmp_path):
    (tmp_path / "said.json").write_text('{"id": "a", "code": ""}\n')
    assert not is_table(tmp_path / "said.json")
    assert not is_table(tmp_path / "said.jsonl")
    assert not is_table(tmp_path / "nowhere.json")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.csv", "dataset\n", "there is no column question_folder, render_success, rating_final_0_to_5"),
        ("t.csv", b"\xff\xfe", "is not UTF-8 text"),
        ("t.csv", ",".join(EVALUATION) + "\n", "has no rows"),
        ("t.json", "{", "is no JSON"),
        ("t.json", '{"rows": [3]}', "has no list of rows"),
        ("t.json", '{"rows": [{"dataset": "ChartQA"}]}', "there is no column question_folder"),
    ],
)
def test_what_is_no_table_is_said(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UserError, match=said):
        read_ratings(path)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([_row("a", 5.1)], "row 1: rating_final_0_to_5 must be from 0 to 5, not '5.1'"),
        ([_row("a", "nan")], "row 1: rating_final_0_to_5 must be from 0 to 5, not 'nan'"),
        ([_row("a", 1.0, render_success="perhaps")], "row 1: render_success must be true or false, not 'perhaps'"),
        ([_row("a", 1.0), _row("a", 2.0)], "row 2: a stood in a row before"),
    ],
)
def test_a_wrong_cell_is_said(tmp_path, rows, said):
    with pytest.raises(UserError, match=said):
        read_ratings(_table(tmp_path / "t.csv", *rows))


@pytest.mark.parametrize("cell", [10**400, "0_5", True], ids=["too long", "underscore", "truth"])
def test_a_number_that_is_no_rating_is_said(tmp_path, cell):
    (tmp_path / "t.json").write_text(
        json.dumps({"rows": [{"dataset": "dvqa", "render_success": True, **_row("a", cell)}]})
    )
    with pytest.raises(UserError, match="row 1: rating_final_0_to_5 must be from 0 to 5"):
        read_ratings(tmp_path / "t.json")


def _png(path, pixels):
    Image.fromarray(np.asarray(pixels, np.uint8)).save(path)
    return path


def test_similarity_of_plain_pictures_by_hand(tmp_path):
    black, grey, white = (_png(tmp_path / f"{level}.png", np.full((40, 60, 3), level)) for level in (0, 51, 255))
    assert similarity(black, black) == 1.0
    assert similarity(black, white) == 0.0
    assert similarity(black, grey.read_bytes()) == pytest.approx(1 - 0.04)


def test_similarity_drops_transparency_and_brings_sizes_together(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (90, 70, 3), np.uint8)
    clear = np.dstack([noise, np.zeros((90, 70), np.uint8)])
    assert similarity(_png(tmp_path / "a.png", noise), _png(tmp_path / "b.png", clear)) == 1.0
    tall = _png(tmp_path / "c.png", np.zeros((300, 20, 3)))
    sides = [
        np.asarray(Image.open(path).convert("RGB").resize((512, 512), Image.Resampling.BICUBIC), float)
        for path in (tmp_path / "a.png", tall)
    ]
    expected = 1 - ((sides[0] - sides[1]) ** 2).mean() / 255**2
    assert similarity(tmp_path / "a.png", tall) == pytest.approx(expected, abs=1e-6)
    assert 0.5 < expected < 0.9


def test_what_is_no_picture_has_no_similarity(tmp_path):
    (tmp_path / "a.png").write_bytes(b"nothing")
    with pytest.raises(UserError, match=r"a\.png: can't be read as a picture"):
        similarity(tmp_path / "a.png", tmp_path / "a.png")


def test_a_picture_never_starts_a_program(tmp_path, monkeypatch):
    started = tmp_path / "started"
    (tmp_path / "gs").write_text(f"#!/bin/sh\ntouch {started}\n")
    (tmp_path / "gs").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr("PIL.EpsImagePlugin.gs_binary", None)
    script = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n"
    with pytest.raises(UserError, match="can't be read as a picture"):
        similarity(script, script)
    assert not started.exists()
