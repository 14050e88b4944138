"""The real commands that look at a scored run: its errors, its cosines, its agreement with people."""

import csv
import hashlib
import json
import re
import shutil
from dataclasses import asdict, fields

import pytest
from PIL import Image, ImageDraw

from derender.benchmarks.vision2code.data import Sample, sha256_of
from derender.judges import get_rubric
from derender.render.environments import find

BODY = "```python\nimport matplotlib.pyplot as plt\n{}\nplt.savefig(OUTPUT_PATH)\n```"
SAID = {
    "ChartQA_test_000001_aaaaaaaaaaaa": "plt.bar([0, 1], [2, 3])",
    "ChartQA_test_000002_aaaaaaaaaaaa": "plt.barr([0, 1])",
    "ChartQA_test_000003_aaaaaaaaaaaa": "plt.plot([1, 2, 3], [1, 2])",
    "Physics_test_000001_bbbbbbbbbbbb": "plt.pie([1, 2])",
    "Physics_test_000002_bbbbbbbbbbbb": "plt.plot([1, 2, 3, 4], [1, 2])",
    "Physics_test_000003_bbbbbbbbbbbb": "plt.bar([0, 1, 2], [2, 3, 1])",
}


def _dataset(name):
    return name.partition("_")[0]


@pytest.fixture(scope="module")
def run(shell):
    """The name of a run folder that ``bench score`` wrote."""
    if find("vision2code").environment() is None:
        pytest.skip("the environment vision2code is not built here")
    rows = []
    for place, name in enumerate(SAID):
        path = shell.folder / "data/images" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        image = Image.new("RGB", (200, 160), "white")
        ImageDraw.Draw(image).rectangle((20, 30, 80 + place, 150), fill="teal")
        image.save(path)
        cells = dict.fromkeys((field.name for field in fields(Sample)), "")
        cells |= {"split": "test_mini", "question_folder": name, "source_id": name, "source_dataset": _dataset(name)}
        rows.append(asdict(Sample(**cells | {"image_path": f"images/{name}.png", "image_sha256": sha256_of(path)})))
    with (shell.folder / "data/manifest.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    with (shell.folder / "said.jsonl").open("w") as file:
        for place, (name, code) in enumerate(SAID.items()):
            scores = dict.fromkeys(get_rubric(_dataset(name)).ids, 2 + place / 2)
            said = {"question_folder": name, "reply": BODY.format(code), "scores": scores}
            file.write(json.dumps(said) + "\n")
    done = shell("bench", "score", "vision2code", "said.jsonl", "--data", "data", "-o", "run")
    assert done.code == 0, done.err
    return "run"


@pytest.mark.parametrize("command", ["errors", "cosine", "correlate"])
def test_help_fits_eighty_columns_and_shows_examples(shell, command):
    shell.environment["COLUMNS"] = "80"
    done = shell("bench", command, "--help")
    shell.environment["COLUMNS"] = "100"
    assert max(map(len, done.out.splitlines())) <= 80
    assert "Examples" in done.out


def test_errors_are_counted_and_grouped(shell, run):
    done = shell("bench", "errors", "vision2code", run, "--datasets")
    assert done.code == 0, done.err
    counts = [line.split() for line in done.out.splitlines() if re.match(r"(run|ChartQA|Physics) ", line)]
    assert counts == [
        ["run", "6", "3", "50.0%", "1", "2"],
        ["ChartQA", "3", "2", "33.3%", "1", "1"],
        ["Physics", "3", "1", "66.7%", "0", "1"],
    ]
    (sentence,) = (line for line in done.out.splitlines() if "x and y must have same first dimension" in line)
    assert sentence.split()[:2] == ["2", "ValueError:"]
    (row,) = shell("bench", "errors", "vision2code", run, "--json", "--top", "1").rows
    assert row["failures"] == 3 and len(row["sentences"]) == 1
    assert shell("bench", "errors", "vision2code", run, "--mode", "other").code == 2
    assert shell("bench", "errors", "vision2code", "data").code == 2


def test_cosines_are_written_once_and_resumed(shell, run):
    done = shell("bench", "cosine", "vision2code", run, "-o", "pixels")
    assert done.code == 0, done.err
    folder = shell.folder / "pixels"
    rows = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
    assert [row["question_folder"] for row in rows] == [*SAID]
    assert [row["status"] for row in rows].count("missing_render") == 3
    (last,) = (line.split() for line in done.out.splitlines() if line.startswith("all "))
    assert last[1:3] == ["6", "3"]
    before = (folder / "results.jsonl").read_bytes(), (folder / "summary.json").read_bytes()
    # Half of it lost: the other half is kept, and the whole is as it was.
    (folder / "results.jsonl").write_bytes(b"\n".join(before[0].splitlines()[3:]) + b"\n")
    assert shell("bench", "cosine", "vision2code", run, "-o", "pixels", "--json").code == 0
    assert ((folder / "results.jsonl").read_bytes(), (folder / "summary.json").read_bytes()) == before
    absent = shell("bench", "cosine", "vision2code", run, "--embedder", "hf/nobody/nothing", "-o", "none")
    assert absent.code == 2 and "hf download nobody/nothing" in absent.err
    assert not (shell.folder / "none").exists()


def test_a_run_is_compared_with_people(shell, run):
    assert shell("bench", "cosine", "vision2code", run).code == 0
    first = next(iter(SAID))
    digest = hashlib.sha256((shell.folder / run / f"{first}.py").read_bytes()).hexdigest()
    rows = [f"{name},{min(place, 5)}," for place, name in enumerate(SAID)]
    rows[0] += digest
    head = "question_folder,rating,program_sha256"
    (shell.folder / "human.csv").write_text("\n".join([head, *rows, "Nobody_x,3,", "bad,9,"]) + "\n")
    done = shell("bench", "correlate", "vision2code", run, "human.csv", "--by", "dataset", "--resamples", 200)
    assert done.code == 1
    assert "human.csv, line 9: the rating must be a number from 0 to 5, not '9'" in done.err
    assert "left out  1 of the ratings: the run has no such sample" in done.out
    assert "5 of the ratings don't say which program" in done.out
    (row,) = shell("bench", "correlate", "vision2code", run, "human.csv", "--resamples", 50, "--json").rows
    assert set(row["groups"]["pooled"]) >= {"official", "fixed", "raw", "cosine_image_only", "cosine_image_plus_text"}
    assert row["groups"]["pooled"]["official"]["n"] == 6
    assert row["groups"]["pooled"]["cosine_image_only"]["n"] == 3
    text = (shell.folder / "human.csv").read_text()
    (shell.folder / "human.csv").write_text(text.replace(digest, 64 * "0"))
    done = shell("bench", "correlate", "vision2code", run, "human.csv")
    assert done.code == 2 and "another program than the run's" in done.err


def test_cosines_never_take_the_place_of_the_run(shell, run):
    before = (shell.folder / run / "results.jsonl").read_bytes()
    done = shell("bench", "cosine", "vision2code", run, "-o", f"./{run}")
    assert done.code == 2 and "holds the run itself" in done.err
    assert (shell.folder / run / "results.jsonl").read_bytes() == before


def test_what_a_run_says_never_reaches_the_terminal_as_it_is(shell, run):
    shutil.copytree(shell.folder / run, shell.folder / "odd", dirs_exist_ok=True)
    rows = [json.loads(line) for line in (shell.folder / "odd/results.jsonl").read_text().splitlines()]
    rows[0] |= {"render_success": None, "official": None, "fixed": None, "dropped": "\x1b]0;mine\x07"}
    (shell.folder / "odd/results.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (shell.folder / "people.csv").write_text("question_folder,rating\n" + "".join(f"{name},3\n" for name in SAID))
    for command in (("errors", "odd"), ("correlate", "odd", "people.csv", "--resamples", 9)):
        done = shell("bench", command[0], "vision2code", *command[1:])
        assert "]0;mine" in done.out and "\x1b" not in done.out + done.err
