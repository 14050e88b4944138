"""Sets as files that trainers of models read."""

import io
import json

import pytest
from PIL import Image

from derender.benchmarks.vision2code.ablations.training_exports import write_set
from derender.benchmarks.vision2code.ablations.training_pairs import read_pool
from derender.benchmarks.vision2code.ablations.training_sets import Selection, Variant, select
from derender.benchmarks.vision2code.data import sha256_of
from derender.core import UserError

from .conftest import trip

parquet = pytest.importorskip("pyarrow.parquet")


@pytest.fixture
def chosen(pool):
    (found,) = select(read_pool(pool).pairs, Selection((Variant.HIGH,), size=10, dev_ratio=0.2))
    return found


def _lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_set_is_written_as_records_and_as_talks_with_their_pictures(chosen, tmp_path):
    write_set(tmp_path / "out", chosen, {"total_records": 10})
    home = tmp_path / "out" / "r1_ge_alpha"
    manifest, train, dev = (_lines(home / f"{name}.jsonl") for name in ("manifest", "train", "dev"))
    assert [len(rows) for rows in (manifest, train, dev)] == [10, 8, 2]
    assert train == [row for row in manifest if not row["is_dev"]] and dev == [row for row in manifest if row["is_dev"]]
    assert json.loads((home / "stats.json").read_text()) == {"total_records": 10}
    for part, rows in (("train", train), ("dev", dev)):
        talks = _lines(home / f"sft_{part}.jsonl")
        assert [talk["sample_uid"] for talk in talks] == [row["sample_uid"] for row in rows]
        for talk, row in zip(talks, rows, strict=True):
            system, user, assistant = talk["messages"]
            assert [each["role"] for each in talk["messages"]] == ["system", "user", "assistant"]
            assert "OUTPUT_PATH" in system["content"][0]["text"]
            assert [each["type"] for each in user["content"]] == ["image", "text"]
            assert assistant["content"] == [{"type": "text", "text": row["code_text"]}]
            (picture,) = talk["images"]
            assert sha256_of(tmp_path / "out" / picture) == row["image_sha256"] == talk["image_sha256"]
            assert talk["self_gap"] == row["r1_score"] - row["r2_score"]


def test_the_table_holds_the_pictures_and_says_that_they_are(chosen, tmp_path):
    write_set(tmp_path, chosen, {})
    table = parquet.read_table(tmp_path / "r1_ge_alpha" / "sft_train.parquet")
    features = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
    assert features["images"] == {"feature": {"_type": "Image"}, "_type": "Sequence"}
    assert set(features) == set(table.column_names)
    rows = table.to_pylist()
    assert len(rows) == 8
    lines = _lines(tmp_path / "r1_ge_alpha" / "sft_train.jsonl")
    for row, line, pair in zip(rows, lines, chosen.part(dev=False), strict=True):
        (picture,) = row["images"]
        assert picture["bytes"] == pair.picture.read_bytes() and picture["path"] == f"{pair.picture_sha256}.png"
        assert Image.open(io.BytesIO(picture["bytes"])).size == (40, 30)
        for said, other in zip(row["messages"], line["messages"], strict=True):
            assert said["role"] == other["role"]
            assert [part for part in said["content"] if part["type"] == "text"] == [
                part for part in other["content"] if part["type"] == "text"
            ]
        assert {name: row[name] for name in row if name not in {"images", "messages"}} == {
            name: line[name] for name in line if name not in {"images", "messages"}
        }


def test_a_picture_that_is_gone_is_said_and_no_table_is_left(chosen, tmp_path):
    chosen.pairs[0].picture.unlink()
    with pytest.raises(UserError, match=r"rendered_image\.png: no such file"):
        write_set(tmp_path / "out", chosen, {})
    left = {path.name for path in (tmp_path / "out" / "r1_ge_alpha").iterdir()}
    assert "stats.json" not in left and not any(name.startswith(".writing") for name in left)


def test_what_is_no_picture_is_said_with_its_file(chosen, tmp_path):
    chosen.pairs[0].picture.write_text("no picture")
    with pytest.raises(UserError, match=r"rendered_image\.png: a model takes PNG"):
        write_set(tmp_path / "out", chosen, {})


def test_odd_names_and_numbers_of_others_do_no_harm(tmp_path):
    odd = {"question_folder": "a\ud800b", "dataset": "../x", "similarity": float("nan"), "model_slug": ["m"]}
    for number in range(2):
        trip(tmp_path / "pool", f"{number}", 5, 5, **odd)
    (found,) = select(read_pool(tmp_path / "pool").pairs, Selection((Variant.HIGH,)))
    write_set(tmp_path / "out", found, {})
    (row,) = _lines(tmp_path / "out/r1_ge_alpha/train.jsonl")
    assert (row["question_folder"], row["similarity"], row["dataset"]) == ("a?b", None, "../x")
    assert parquet.read_table(tmp_path / "out/r1_ge_alpha/sft_dev.parquet").num_rows == 1
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"images", "r1_ge_alpha"}
