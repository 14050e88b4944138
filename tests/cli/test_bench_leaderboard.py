"""The real ``derender bench leaderboard``: published numbers, and runs that ``bench score`` made."""

import csv
import json

import pytest

from derender.benchmarks.vision2code.published import PACKAGED
from derender.render.environments import find

from .six_samples import NAMES, REPLIES, marks_of, write_lines, write_package

BOARD = ("bench", "leaderboard", "vision2code")


def test_what_was_published_is_printed_and_shown(derender):
    done = derender(*BOARD, "-o", "page.html", "--figures", "figures")
    assert done.code == 0
    *lines, last = done.out.splitlines()
    assert lines[1].split()[:4] == ["1", "GPT-5.4", "Mini+R", "published"]
    assert last == "page.html" and "<html" in (done.folder / last).read_text()
    figures = {path.name for path in (done.folder / "figures").iterdir()}
    assert figures == {line.removeprefix("figures/") for line in lines if line.endswith(".svg")} and len(figures) == 7
    assert "no interval, no differences and no rank of GPT-5.4" in done.err


@pytest.mark.parametrize("split", ["test", "test_mini"])
def test_json_and_csv_are_the_published_tables(derender, split):
    rows = json.loads((PACKAGED / "landing_page/static/data/leaderboard_data.json").read_text())["rows"]
    scores = {row["model"]: row["score"] for row in rows if row["split"] == f"filtered_{split}"}
    done = derender(*BOARD, "--split", split, "--json")
    found = {row["model"]: row["macro"]["value"] for row in done.rows if row["kind"] == "standing"}
    assert found == scores
    assert sum(row["kind"] == "pair" for row in done.rows) == 28
    table = csv.DictReader(derender(*BOARD, "--split", split, "--csv").out.splitlines())
    assert {row["model"]: float(row["macro"]) for row in table} == scores


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "nowhere: is no run folder"),
        (("--mode", "strict"), "unknown mode 'strict'"),
        (("--split", "train"), "unknown split 'train'"),
        (("--json", "--csv"), "--json and --csv exclude each other"),
        (("-o", "."), "is a folder; name the file to write"),
    ],
)
def test_wrong_use_is_one_sentence(derender, arguments, said):
    done = derender(*BOARD, *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err and done.err.count("\n") == 1


@pytest.mark.skipif(find("vision2code").environment() is None, reason="the environment vision2code is not built here")
def test_runs_of_bench_score_stand_beside_what_was_published(derender):
    folder = write_package(derender.folder)
    score = ("bench", "score", "vision2code", "said.jsonl", "--data", "data", "--judge", "replay/marks.jsonl", "-j", 2)
    assert derender(*score, "--model", "good", "-o", "runs/good").code == 0
    worse = {name: reply.replace("plt.bar([0, 1]", "plt.barr([0, 1]") for name, reply in REPLIES.items()}
    write_lines(folder / "said.jsonl", *({"question_folder": name, "reply": reply} for name, reply in worse.items()))
    write_lines(folder / "marks.jsonl", *({"id": name, "text": marks_of(name)} for name in NAMES[:4]))
    assert derender(*score, "--model", "worse", "-o", "runs/worse").code == 1
    done = derender(*BOARD, "runs/good", "runs/worse", "--published", "-o", "page.html", "--json")
    assert done.code == 0
    standings = {row["model"]: row for row in done.rows if row["kind"] == "standing"}
    good, worse = standings["good"], standings["worse"]
    table = json.loads((folder / "runs/good/summary.json").read_text())
    assert good["macro"]["value"] == table["official"]["benchmark_score_0_to_5"]
    assert (good["micro"]["low"], good["micro"]["high"]) == tuple(
        table["official"]["micro"][e] for e in ("low", "high")
    )
    assert {name: each["value"] for name, each in good["datasets"].items()} == {
        name: each["official"] for name, each in table["datasets"].items()
    }
    assert good["failures"]["hallucinated_api_argument"] == 2 and worse["failures"]["hallucinated_api_argument"] == 4
    assert worse["dropped"] == {"judge_failed": 1}
    (pair,) = (row for row in done.rows if row["kind"] == "pair" and row["a"] in {"good", "worse"})
    assert pair["n"] == 5
    assert done.rows[-1]["page"] == str(folder / "page.html")
    (folder / "runs/good").rename(folder / "runs/a=b")
    called = derender(*BOARD, "runs/a=b", "runs/worse=Model = 2", "--json")
    assert [row["model"] for row in called.rows if row["kind"] == "standing"] == ["good", "Model = 2"]
    assert "no run folder" in derender(*BOARD, "runs/none=Model").err
    assert NAMES[0] in (folder / "page.html").read_text()
