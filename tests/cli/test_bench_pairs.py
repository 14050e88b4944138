"""The real ``derender bench pairs``: pictures sent around by recorded answers, and sets selected from what it makes."""

import json
import shutil

import pytest
from PIL import Image, ImageDraw

from derender.benchmarks.vision2code.ablations.training_pairs import read_pool
from derender.benchmarks.vision2code.data import sha256_of
from derender.judges import get_rubric
from derender.render.environments import find

DRAWN = "import matplotlib.pyplot as plt\nplt.bar([0, 1], [2, {}])\nplt.savefig(OUTPUT_PATH)"
BROKEN = "import matplotlib.pyplot as plt\nplt.barr([0, 1])\nplt.savefig(OUTPUT_PATH)"
NAMES = [f"ChartQA_train_00000{number}_aaaaaaaaaaaa" for number in range(1, 6)]
# What the model says about picture and drawing, and what the judge thinks of both; None is no answer.
TRIPS = [(1, 2, 4.5, 4.6), (2, 3, 4.2, 3.0), (3, BROKEN, 4.8, 5.0), (BROKEN, 4, 5.0, 5.0), (4, None, 4.0, 5.0)]


@pytest.fixture(autouse=True)
def environment():
    if find("vision2code").environment() is None:
        pytest.skip("the environment vision2code is not built here")


@pytest.fixture
def folder(derender):
    (derender.folder / "pictures").mkdir()
    said, marks = [], []
    for place, (name, (*programs, r1, r2)) in enumerate(zip(NAMES, TRIPS, strict=True)):
        image = Image.new("RGB", (200, 160), "white")
        ImageDraw.Draw(image).rectangle((20, 30, 80 + place, 150), fill="teal")
        image.save(derender.folder / "pictures" / f"{name}.png")
        for item, program, mark in zip((name, f"{name}~2"), programs, (r1, r2), strict=True):
            if program is not None:
                source = program if program == BROKEN else DRAWN.format(program + place)
                said.append({"id": item, "text": f"```python\n{source}\n```"})
            scores = dict.fromkeys(get_rubric("ChartQA").ids, mark)
            marks.append({"id": item, "text": json.dumps({"category_scores": scores, "rationales": {}})})
    for file, rows in (("said", said), ("marks", marks)):
        (derender.folder / f"{file}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return derender.folder


def _pairs(derender, *more, pictures="pictures"):
    asked = ("-m", "replay/said.jsonl", "--judge", "replay/marks.jsonl")
    return derender("bench", "pairs", "vision2code", pictures, *asked, *more)


def test_pictures_go_around_and_what_comes_back_is_what_the_selection_reads(derender, folder):
    done = _pairs(derender, "-o", "pool", "--json")
    assert done.code == 1, done.err
    rows = {row["id"]: row for row in done.rows}
    assert [(rows[name]["r1"], rows[name]["r2"]) for name in NAMES] == [
        (4.5, 4.6),
        (4.2, 3.0),
        (4.8, 0.0),
        (0.0, None),
        (4.0, None),
    ]
    assert [rows[name]["dropped"] for name in NAMES] == [None, None, None, None, "no_answer"]
    pool = read_pool(folder / "pool")
    assert pool.record() == {
        "sample_dirs_seen": 5,
        "eligible_records": 2,
        "non_ok_or_missing_rating": 1,
        "missing_pair_rating": 2,
    }
    first, second = pool.pairs
    assert (first.r1, first.r2, second.r1, second.r2) == (4.5, 4.6, 4.2, 3.0)
    assert first.code == DRAWN.format(1) and first.dataset == "ChartQA" and first.model == "replay_said_jsonl"
    assert sha256_of(first.source) == sha256_of(folder / "pictures" / f"{NAMES[0]}.png")
    with Image.open(first.picture) as image:
        assert image.size == (200, 160)
    assert 0 < first.similarity < 1
    rating = json.loads(first.rating.read_text())
    assert rating["image1_image2"]["rating"]["final_rating_0_to_5"] == 4.6
    failed = json.loads((folder / "pool" / NAMES[3] / "result.json").read_text())
    assert failed["render_success"] is False and "barr" in failed["status"]
    assert derender("report", "pool").code == 0
    sets = derender("bench", "training-sets", "vision2code", "pool", "--variants", "all_valid", "-o", "sets")
    assert sets.code == 0 and "2 folders" not in sets.err
    (line,) = (folder / "sets/all_valid/sft_train.jsonl").read_text().splitlines()
    assert json.loads(line)["messages"][2]["content"][0]["text"] == DRAWN.format(1 if NAMES[0] in line else 3)


def test_what_is_done_is_not_done_again_and_another_model_leaves_no_old_ratings(derender, folder):
    assert _pairs(derender, "-o", "pool").code == 1
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in (folder / "pool").rglob("*.py")}
    lines = (folder / "pool/results.jsonl").read_bytes()
    again = _pairs(derender, "-o", "pool")
    assert again.code == 1 and "not rated: " in again.out
    kept = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in before if NAMES[4] not in str(path)}
    assert kept == {path: found for path, found in before.items() if path in kept}
    assert (folder / "pool/results.jsonl").read_bytes() == lines
    said = [json.loads(line) for line in (folder / "said.jsonl").read_text().splitlines()]
    said[0]["text"] = f"```python\n{DRAWN.format(9)}\n```"
    (folder / "said.jsonl").write_text("".join(json.dumps(row) + "\n" for row in said))
    assert derender("bench", "pairs", "vision2code", "pictures", "-m", "replay/said.jsonl", "-o", "pool").code == 1
    assert not list((folder / "pool" / NAMES[0]).glob("ssl_*")), "ratings of another program are gone"
    assert list((folder / "pool" / NAMES[1]).glob("ssl_*")), "those of the same one stay"


def test_what_is_gone_from_the_pool_or_was_changed_is_made_anew(derender, folder):
    assert _pairs(derender, "-o", "pool").code == 1
    rows = [json.loads(line) for line in (folder / "pool/results.jsonl").read_text().splitlines()]
    whole = (folder / "pool/results.jsonl").read_bytes()
    shutil.rmtree(folder / "pool" / NAMES[0])
    rows[1] = {"key": rows[1]["key"]}
    (folder / "pool/results.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert _pairs(derender, "-o", "pool").code == 1
    assert (folder / "pool/results.jsonl").read_bytes() == whole
    assert len(read_pool(folder / "pool").pairs) == 2


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--dataset", "Pies"), "unknown dataset 'Pies'"),
        (("--judge-url", "http://127.0.0.1:1", "--judge", "nobody"), "unknown model 'nobody'"),
        (("--jobs", 0), "--jobs must be at least 1"),
    ],
)
def test_wrong_use_is_said_and_nothing_is_written(derender, folder, more, said):
    done = _pairs(derender, "-o", "pool", *more)
    assert (done.code, done.out) == (2, "") and said in done.err
    assert not (folder / "pool").exists()


def test_a_folder_of_pictures_is_no_place_for_their_pool(derender, folder):
    done = _pairs(derender, "-o", "pictures")
    assert done.code == 2 and "no picture that can be used outside pictures" in done.err
    assert not (folder / "pictures/results.jsonl").exists()


def test_pictures_of_no_dataset_are_named_and_the_others_made(derender, folder):
    (folder / "pictures/notes.png").write_text("no picture")
    (folder / f"pictures/{NAMES[0]}.png").rename(folder / "pictures/unknown.png")
    done = _pairs(derender, "-o", "pictures/pool")
    assert done.code == 1
    assert "notes.png: is no picture" in done.err and "unknown.png: unknown dataset" in done.err
    assert f"{NAMES[1]}  R1 4.2  R2 3.0" in done.out and "1 of 4 may be trained on" in done.out
    assert "1 of 4 may be trained on" in _pairs(derender, "-o", "pictures/pool").out
