"""The real ``derender bench training-sets`` on a small pool."""

import json

import pytest
from benchmarks.vision2code.ablations.conftest import trip

pytest.importorskip("pyarrow")


@pytest.fixture
def folder(derender):
    for number in range(12):
        r1, r2 = ((4.5, 4.6), (4.2, 3.0), (1.0, 2.0))[number % 3]
        trip(derender.folder / "pool", f"ChartQA_train_{number:06d}_aaaaaaaaaaaa", r1, r2)
    trip(derender.folder / "pool", "ChartQA_test_000001_aaaaaaaaaaaa", 5, 5)
    return derender.folder


def _sets(derender, *more):
    return derender("bench", "training-sets", "vision2code", "pool", *more)


def test_sets_are_selected_counted_and_written(derender, folder):
    done = _sets(derender, "-o", "sets", "--json")
    assert done.code == 0, done.err
    (summary,) = done.rows
    assert summary == json.loads((folder / "sets/summary.json").read_text())
    assert summary["sample_size"] == 4 and summary["left_out"] == {"of_test": 1, "repeated": 0}
    candidates = {each["paper_name"]: each["candidate_records"] for each in summary["variants"].values()}
    assert candidates == {"si4_uniform": 12, "si4_self_ok": 4, "si4_self_drop": 4, "si4_low_r1": 4, "si4_high_r1": 8}
    assert all((each["train_records"], each["dev_records"]) == (3, 1) for each in summary["variants"].values())
    assert "told by their names alone" in done.err
    before = {path: path.read_bytes() for path in (folder / "sets").rglob("*") if path.suffix == ".jsonl"}
    again = _sets(derender, "-o", "other")
    assert again.code == 0 and "all_valid" in again.out and "pictures of the test split left out 1" in again.out
    assert len(before) == 25
    for path, content in before.items():
        assert (folder / "other" / path.relative_to(folder / "sets")).read_bytes() == content


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--variants", "best"), "unknown variant 'best'"),
        (("--size", 5), "has 4 pairs, and 5 are wanted"),
        (("--rater", "nobody"), "holds no pairs that may be trained on"),
        (("--exclude", "nowhere"), "manifest.csv: no such file"),
    ],
)
def test_wrong_use_is_one_sentence_and_nothing_is_written(derender, folder, arguments, said):
    done = _sets(derender, *arguments, "-o", "sets")
    assert (done.code, done.out) == (2, "")
    assert said in done.err and done.err.count("\n") == 1
    assert not (folder / "sets").exists()
