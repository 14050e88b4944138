"""People's ratings joined with runs: the published study recomputed, and what doesn't fit together."""

import csv
import hashlib
import json
import math

import pytest

from derender.benchmarks.statistics import Resampling
from derender.benchmarks.vision2code.correlate import agreement, join, read_ratings
from derender.benchmarks.vision2code.published import PACKAGED
from derender.benchmarks.vision2code.runs import read_runs
from derender.core import UserError

STUDY = PACKAGED / "results/paper_outputs/human_validation"
ONCE = Resampling(resamples=1)
FINALS = {"a": 1, "b": 2, "c": 4, "d": 3}


def table(path):
    with path.open(newline="") as file:
        return [*csv.DictReader(file)]


def rated(name, final, raw=None, program=None, **more):
    rating = dict.fromkeys(("final_rating_0_to_5", "provisional_rating_0_to_5"), final)
    rating |= {"raw_score_0_to_5": final if raw is None else raw, "applied_caps": []}
    found = {"question_folder": name, "dataset": name.partition("_")[0], "render_success": True, "program": program}
    return found | {"official": rating, "fixed": rating, "dropped": None} | more


def write(folder, rows, model=None):
    folder.mkdir(parents=True)
    (folder / "results.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "run.json").write_text(json.dumps({"benchmark": "vision2code", "model": model}))
    return folder


def ratings(path, *rows, head="question_folder,rating"):
    path.write_text("\n".join([head, *rows]) + "\n")
    return read_ratings(path)


@pytest.fixture
def run(tmp_path):
    program = tmp_path / "run/a.py"
    folder = write(tmp_path / "run", [rated(f"ChartQA_{name}", final) for name, final in FINALS.items()])
    program.write_text("x = 1\n")
    rows = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
    rows[0]["program"] = "a.py"
    rows.append(rated("ChartQA_e", 0) | {"official": None, "fixed": None, "dropped": "judge_failed"})
    (folder / "results.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """The published study as three runs with their cosines, and its ratings."""
    home = tmp_path_factory.mktemp("study")
    models = {}
    for row in table(STUDY / "human_alignment_joined.csv"):
        models.setdefault(row["model_slug"], []).append(row)
    folders = []
    for model, rows in models.items():
        finals = [rated(row["question_folder"], float(row["ours_final"]), float(row["ours_raw"])) for row in rows]
        folders.append(write(home / model, finals, model))
        columns = [name for name in rows[0] if "_0_to_5" in name and name.startswith("cosine")]
        write(
            home / model / "cosine",
            [
                {"question_folder": row["question_folder"], "dataset": "ChartQA", "candidate_sha256": None}
                | {column: float(row[column]) if row[column] else None for column in columns}
                for row in rows
            ],
        )
    return join(read_ratings(STUDY / "human_ratings.csv"), read_runs(folders))


COLUMNS = {
    "official": "ours_final",
    "cosine_image_only": "cosine_image_only_0_to_5",
    "cosine_image_only_all_rows": "cosine_image_only_0_to_5_all_rows",
    "cosine_image_plus_text": "cosine_image_plus_text_0_to_5",
    "cosine_image_plus_text_all_rows": "cosine_image_plus_text_0_to_5_all_rows",
}


@pytest.mark.parametrize("group", ["pooled", "qwen35_9b"])
def test_the_published_correlations_come_out(study, group):
    found = agreement([each for each in study.both if group in {"pooled", each.model}], ONCE)
    published = {
        row["metric"]: row
        for row in table(STUDY / "human_alignment_correlations.csv")
        if row["group_value"] in {group, "all"} and (row["group"] == "pooled") == (group == "pooled")
    }
    for column, name in COLUMNS.items():
        row = published[name]
        assert found[column]["n"] == int(float(row["n"]))
        for kind in ("pearson", "spearman"):
            assert found[column][kind]["value"] == pytest.approx(float(row[kind]), abs=2e-10), (column, kind)
        assert found[column]["mean_metric"] == pytest.approx(float(row["mean_metric"]), abs=2e-10)


def test_the_study_has_ratings_of_samples_that_were_left_out_later(study):
    assert (study.ratings, len(study.both), study.unrated) == (600, 539, 0)
    assert study.strangers == {"the run has no such sample": 61}
    found = agreement(study.both, Resampling(resamples=200))
    delta = found["cosine_image_only"]["minus_official"]["pearson"]
    assert delta["n"] == 536 and delta["high"] < 0
    assert -1 < found["official"]["kendall"]["low"] < found["official"]["kendall"]["value"] < 1


def test_what_is_in_one_and_not_in_the_other_is_counted(run, tmp_path):
    rows = ["ChartQA_a,1", "ChartQA_a,2", "ChartQA_b,2.5", "ChartQA_e,3", "Physics_x,4"]
    found = join(ratings(tmp_path / "human.csv", *rows), read_runs([run]))
    assert (found.ratings, len(found.both), found.unrated, found.unverified) == (5, 3, 2, 4)
    assert found.strangers == {"the run has no such sample": 1}
    first, _, last = found.both
    assert first.human == 1.5 and math.isnan(last.scores["official"]) and last.why == "judge_failed"
    columns = agreement(found.both, ONCE)
    assert set(columns) == {"official", "fixed", "raw"}
    assert (columns["official"]["n"], columns["official"]["missing"]) == (2, 1)


def test_equal_order_agrees_fully(run, tmp_path):
    rows = ["ChartQA_a,0", "ChartQA_b,1", "ChartQA_c,5", "ChartQA_d,2"]
    found = agreement(join(ratings(tmp_path / "human.csv", *rows), read_runs([run])).both, ONCE)["official"]
    assert found["spearman"]["value"] == found["kendall"]["value"] == pytest.approx(1)
    assert found["pearson"]["value"] < 1


def test_ratings_of_another_program_are_refused(run, tmp_path):
    digest = hashlib.sha256((run / "a.py").read_bytes()).hexdigest()
    head = "question_folder,rating,program_sha256"
    good = join(ratings(tmp_path / "human.csv", f"ChartQA_a,1,{digest.upper()}", head=head), read_runs([run]))
    assert good.unverified == 0
    other = ratings(tmp_path / "human.csv", f"ChartQA_a,1,{64 * '0'}", head=head)
    with pytest.raises(UserError, match="one sample was rated as drawn by another program than the run's"):
        join(other, read_runs([run]))
    nothing = ratings(tmp_path / "human.csv", f"ChartQA_b,1,{digest}", head=head)
    with pytest.raises(UserError, match="ChartQA_b"):
        join(nothing, read_runs([run]))


def test_several_runs_need_the_models_name(run, tmp_path):
    other = write(tmp_path / "other", [rated("ChartQA_a", 3)], "M")
    with pytest.raises(UserError, match="add a column model"):
        join(ratings(tmp_path / "human.csv", "ChartQA_a,1"), read_runs([run, other]))
    said = ratings(
        tmp_path / "human.csv", "ChartQA_a,1,M", "ChartQA_a,2,run", "ChartQA_a,2,N", head="question_folder,rating,model"
    )
    found = join(said, read_runs([run, other]))
    assert [(each.model, each.human) for each in found.both] == [("M", 1.0), ("run", 2.0)]
    assert found.strangers == {"no run is of the model N": 1}


def test_cosines_of_other_pictures_are_refused(run, tmp_path):
    write(run / "cosine", [{"question_folder": "ChartQA_a", "dataset": "ChartQA", "candidate_sha256": 64 * "0"}])
    with pytest.raises(UserError, match="is of another picture than the run's"):
        join(ratings(tmp_path / "human.csv", "ChartQA_a,1"), read_runs([run]))


def test_lines_that_cannot_be_used_say_why(tmp_path):
    found = ratings(
        tmp_path / "human.csv", "ChartQA_a,6", "ChartQA_a,nan", ",3", "ChartQA_a,good", "ChartQA_a,0_5", "ChartQA_a"
    )
    assert all(isinstance(each, UserError) for each in found)
    assert "line 2: the rating must be a number from 0 to 5, not '6'" in str(found[0])
    assert "line 4: names no sample" in str(found[2])
    with pytest.raises(UserError, match="there is no column question_folder, rating"):
        ratings(tmp_path / "human.csv", head="a,b")
    with pytest.raises(UserError, match="can't be read"):
        read_ratings(tmp_path / "nowhere.csv")
