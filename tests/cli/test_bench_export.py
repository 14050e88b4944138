"""The real ``derender bench export``: what it writes is what the paper's runner writes, and is read back as it was."""

import csv
import json
import shutil
from dataclasses import asdict, fields
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from derender.benchmarks.vision2code._official_names import EVALUATION, INFERENCE
from derender.benchmarks.vision2code.data import Sample, sha256_of
from derender.benchmarks.vision2code.similarity import similarity
from derender.judges import get_rubric, rate_line
from derender.render.environments import find

PUBLISHED = json.loads((Path(__file__).parents[1] / "benchmarks/vision2code/vectors/smoke_result.json").read_text())
RATING = PUBLISHED["rubric_ratings"]["openai_gpt_5_4_mini"]
DRAWN = "import matplotlib.pyplot as plt\nplt.bar([0, 1], [2, 3])\nplt.savefig(OUTPUT_PATH)\n"
BLANK = "import matplotlib.pyplot as plt\nplt.figure()\nplt.savefig(OUTPUT_PATH)\n"
BROKEN = "import matplotlib.pyplot as plt\nplt.barr([0, 1])\n"
ODD = 'Why,\n"exactly"\rnow?'
FINE, EMPTY, FAILED = (f"ChartQA_test_00000{line}_aaaaaaaaaaaa" for line in (1, 2, 3))
UNHEARD, SILENT, NEVER, GOOD = (f"Physics_test_00000{line}_bbbbbbbbbbbb" for line in (1, 2, 3, 4))
NAMES = (FINE, EMPTY, FAILED, UNHEARD, SILENT, NEVER, GOOD)
SAID = [
    *({"id": FINE, "code": DRAWN}, {"id": EMPTY, "code": BLANK}, {"id": FAILED, "code": BROKEN}),
    *({"id": UNHEARD, "code": DRAWN + "# é"}, {"id": SILENT, "error": "down"}, {"id": GOOD, "code": DRAWN + "\n"}),
]
MARKS = {FINE: (4.7, 3.6, 2.9, 3.2), EMPTY: (5, 5, 5, 5), GOOD: (4.2, 4.2, 4.2, 4.2)}
PLACE = Path("official/gpt_5_4_mini/generations/benchmark/test_mini")
RATER = "openai_the_judge"


@pytest.fixture(scope="module")
def folder(shell):
    """A folder with a package, ``data``, and a run that was judged, ``run``."""
    if find("vision2code").environment() is None:
        pytest.skip("the environment vision2code is not built here")
    rows = []
    for line, name in enumerate(NAMES, 1):
        path = shell.folder / "data/images/test_mini" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        image = Image.new("RGB", (200, 160), "white")
        ImageDraw.Draw(image).rectangle((20, 30, 80 + line, 150), fill="teal")
        image.save(path)
        cells = dict.fromkeys((field.name for field in fields(Sample)), "")
        cells |= {"split": "test_mini", "benchmark_split": "test-mini", "question_folder": name}
        cells |= {"source_id": name.replace("_", ":"), "source_record_id": f"default__test.jsonl:{line}"}
        cells |= {"source_dataset": name.partition("_")[0], "question": ODD}
        rows.append(
            asdict(Sample(**cells | {"image_path": f"images/test_mini/{name}.png"} | {"image_sha256": sha256_of(path)}))
        )
    with (shell.folder / "data/manifest.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    _write(shell.folder / "said.jsonl", SAID)
    _write(shell.folder / "marks.jsonl", [{"id": name, "text": _reply(name, marks)} for name, marks in MARKS.items()])
    done = _score(shell, "said.jsonl", "--judge", "replay/marks.jsonl", "--model", "openai/gpt-5.4-mini", "-o", "run")
    assert done.code == 1, done.err
    exported = _export(shell, "run")
    assert exported.code == 0, exported.err
    return shell.folder


def _write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def _reply(name, marks):
    ids = get_rubric(name.partition("_")[0]).ids
    said = {"category_scores": dict(zip(ids, marks, strict=True)), "rationales": dict.fromkeys(ids, f"so {name}")}
    return json.dumps({**said, "strengths": ["much"], "issues": ["some", "more"], "overall_summary": "Fair."})


def _score(shell, said, *more):
    return shell("bench", "score", "vision2code", said, "--data", "data", *more)


def _export(shell, run, *more, to="official"):
    rater = () if "--rater" in more else ("--rater", "openai/The.Judge")
    return shell("bench", "export", "vision2code", run, "--official", to, "--data", "data", *rater, *more)


def _json(path):
    return json.loads(path.read_text())


def _in_order(rows):
    """Rows in the order of the samples; they come as each is done."""
    return sorted(rows, key=lambda row: NAMES.index(row["question_folder"]))


def _rows(path):
    with path.open(newline="") as file:
        return [*csv.DictReader(file)]


def test_every_file_of_the_layout_is_there_and_no_other(folder):
    home = folder / PLACE
    always = {"generated_code.py", "metadata.json", "result.json", f"rating__{RATER}.json"}
    drawn, judged = {"rendered_image.png"}, {f"rating_response_raw__{RATER}.txt"}
    of_sample = {FINE: drawn | judged, EMPTY: drawn | judged, FAILED: {"execution_error.txt"}, UNHEARD: drawn}
    of_sample[GOOD] = drawn | judged
    assert {path.name for path in home.iterdir() if path.is_dir()} == set(of_sample)
    for name, more in of_sample.items():
        assert {path.name for path in (home / name).iterdir()} == always | more | {f"{name}.png"}, name
    tables = {"benchmark_inference.csv", "benchmark_inference.json", "render_manifest.csv", "render_manifest.jsonl"}
    tables |= {f"benchmark_eval__{RATER}.csv", f"benchmark_eval__{RATER}.json", f"benchmark_summary__{RATER}.json"}
    assert {path.name for path in home.iterdir() if path.is_file()} == tables


def test_a_sample_that_was_rated_has_the_published_fields_and_numbers(folder):
    result = _json(folder / PLACE / FINE / "result.json")
    assert list(result) == list(PUBLISHED)
    rating = result["rubric_ratings"][RATER]
    assert list(rating) == list(RATING)
    for name in ("raw_score_0_to_5", "raw_visual_score_0_to_5", "provisional_rating_0_to_5", "final_rating_0_to_5"):
        assert rating[name] == RATING[name]
    for name, published in RATING["category_scores"].items():
        numbers = ("weight", "score_0_to_5", "weighted_score_0_to_5", "is_critical")
        assert {each: rating["category_scores"][name][each] for each in numbers} == {
            each: published[each] for each in numbers
        }
        assert rating["category_scores"][name]["rationale"] == f"so {FINE}"
    assert (rating["strengths"], rating["issues"], rating["overall_summary"]) == (["much"], ["some", "more"], "Fair.")
    assert rating == _json(folder / PLACE / FINE / f"rating__{RATER}.json")
    assert result["sample_metadata"] == result["benchmark_row"] == _json(folder / PLACE / FINE / "metadata.json")
    assert result["sample_metadata"]["question"] == ODD
    assert (result["sample_id"], result["benchmark_split"]) == ("default__test.jsonl:1", "test-mini")
    assert rate_line("vision2code", json.dumps(rating))["final_rating_0_to_5"] == 3.7
    reply = (folder / PLACE / FINE / f"rating_response_raw__{RATER}.txt").read_text()
    assert reply == _reply(FINE, MARKS[FINE]) + "\n"


def test_programs_and_pictures_are_the_runs_own(folder):
    home = folder / PLACE
    assert (home / UNHEARD / "generated_code.py").read_text() == DRAWN + "# é\n"
    assert _json(home / UNHEARD / "result.json")["generated_code_chars"] == len(DRAWN) + 3
    assert (home / FINE / "rendered_image.png").read_bytes() == (folder / f"run/{FINE}.png").read_bytes()
    assert (home / FINE / f"{FINE}.png").read_bytes() == (folder / f"data/images/test_mini/{FINE}.png").read_bytes()
    row = _json(home / FINE / "result.json")
    for name in ("copied_source_image_path", "generated_code_path", "rendered_image_path", "metadata_path"):
        assert (folder / row[name]).is_file(), name
    assert row["similarity"] == similarity(home / FINE / f"{FINE}.png", home / FINE / "rendered_image.png")


def test_a_program_that_drew_nothing_is_0_and_says_why(folder):
    home = folder / PLACE / FAILED
    rating = _json(home / f"rating__{RATER}.json")
    assert list(rating) == list(RATING)
    assert (rating["status"], rating["execution_status"], rating["final_rating_0_to_5"]) == ("render_failed",) * 2 + (
        0.0,
    )
    assert rating["execution_detail"].endswith("has no attribute 'barr'\n")
    assert [(cap["type"], cap["cap_to"]) for cap in rating["applied_caps"]] == [("execution_failure", 0.0)]
    assert {each["score_0_to_5"] for each in rating["category_scores"].values()} == {0.0}
    assert len(rating["issues"]) == 1 and "'barr'" in rating["issues"][0]
    assert (home / "execution_error.txt").read_text() == rating["execution_detail"] + "\n"
    row = _json(home / "result.json")
    assert (row["render_success"], row["similarity"], row["rendered_image_path"]) == (False, 0.0, "")


def test_caps_are_the_official_formulas_own(folder):
    rating = _json(folder / PLACE / EMPTY / f"rating__{RATER}.json")
    assert (rating["raw_score_0_to_5"], rating["final_rating_0_to_5"]) == (5.0, 0.5)
    assert [cap["type"] for cap in rating["applied_caps"]] == ["blank_or_degenerate"]
    assert rating["candidate_inspection"]["checks_triggered"]


def test_tables_have_the_official_columns_and_a_failed_rating_is_in_no_mean(folder):
    home = folder / PLACE
    drawn, rated = _rows(home / "benchmark_inference.csv"), _rows(home / f"benchmark_eval__{RATER}.csv")
    assert (tuple(drawn[0]), tuple(rated[0])) == (INFERENCE, EVALUATION)
    assert {row["question"] for row in (*drawn, *rated, *_rows(home / "render_manifest.csv"))} == {ODD}
    assert [row["question_folder"] for row in rated] == [FINE, EMPTY, FAILED, UNHEARD, GOOD]
    assert [row["rating_status"] for row in rated] == ["ok", "ok", "render_failed", "error", "ok"]
    assert [row["rating_final_0_to_5"] for row in rated] == ["3.7", "0.5", "0.0", "", "4.2"]
    assert [row["render_success"] for row in rated] == ["True", "True", "False", "True", "True"]
    failed = _json(home / UNHEARD / f"rating__{RATER}.json")
    assert failed["status"] == "rating_failed" and "no answer about" in failed["error"]
    assert "final_rating_0_to_5" not in failed
    table = _json(home / f"benchmark_eval__{RATER}.json")
    summary = _json(home / f"benchmark_summary__{RATER}.json")
    assert table["summary"] == summary
    assert [row["rating_raw_score_0_to_5"] for row in table["rows"]] == [3.695, 5.0, 0.0, None, 4.2]
    chart, physics = round((3.7 + 0.5 + 0.0) / 3, 4), 4.2
    assert {name: each["mean_final_rating_0_to_5"] for name, each in summary["by_dataset"].items()} == {
        "ChartQA": chart,
        "Physics": physics,
    }
    assert summary["benchmark_score_0_to_5"] == round((chart + physics) / 2, 4)
    assert (summary["num_samples_evaluated"], summary["num_rated"], summary["num_render_success"]) == (5, 4, 4)
    assert summary["final_rating_bins_0_to_5"] == {"0-1": 2, "1-2": 0, "2-3": 0, "3-4": 1, "4-5": 1}
    assert summary["category_means_0_to_5"]["Physics.readability_completeness"] == 4.2
    assert (summary["model_kind"], summary["model_path"]) == ("openai", "gpt-5.4-mini")
    assert summary["render_success_rate"] == 0.8
    assert summary["num_manifest_rows"] == len(NAMES)


def test_drawings_alone_are_listed_for_the_stand_alone_rater(folder):
    home = folder / PLACE
    rows = [json.loads(line) for line in (home / "render_manifest.jsonl").read_text().splitlines()]
    assert [row["render_success"] for row in rows] == [True, True, False, True, True]
    assert len({row["sample_id"] for row in rows}) == len(rows)
    for row in rows:
        assert (home / row["code_path"]).is_file()
        assert (home / row["rendered_image_path"]).is_file() == row["render_success"] or not row["rendered_image_path"]
    table = _rows(home / "render_manifest.csv")
    assert [row["render_status"] for row in table] == [row["render_status"] for row in rows]


def test_read_back_it_has_the_same_ratings_and_the_same_summary(folder, shell):
    done = _score(shell, "official", "-o", "again", "--json")
    *rows, summary = done.rows
    rows = _in_order(rows)
    before = [json.loads(line) for line in (folder / "run/results.jsonl").read_text().splitlines()]
    assert [row["official"] for row in rows] == [row["official"] for row in before]
    assert [row["fixed"] for row in rows] == [row["fixed"] for row in before]
    assert summary["summary"]["official"] == _json(folder / "run/summary.json")["official"]
    assert summary["summary"]["dropped"] == {"no_prediction": 2, "not_judged": 1}
    assert "there and" not in done.err
    about = _json(folder / "again/run.json")
    assert (about["model"], about["judge"]) == ("openai/gpt-5.4-mini", "openai/The.Judge")
    again = shell("bench", "export", "vision2code", "again", "--official", "twice", "--data", "data")
    assert again.code == 0, again.err
    for name in (f"benchmark_eval__{RATER}.csv", f"benchmark_summary__{RATER}.json"):
        there = (folder / "twice" / PLACE.relative_to("official") / name).read_text().replace("twice/", "official/")
        assert there == (folder / PLACE / name).read_text()


def test_its_table_alone_has_its_summary(folder, shell):
    for suffix in ("csv", "json"):
        done = shell("bench", "score", "vision2code", folder / PLACE / f"benchmark_eval__{RATER}.{suffix}")
        assert done.code == 0, done.err
        assert f"✓ as benchmark_summary__{RATER}.json says" in done.out
        (line,) = (line.split() for line in done.out.splitlines() if line.startswith("ChartQA "))
        assert line == ["ChartQA", "3", "3", "2", "1.40", "2.90"]
    (folder / "changed").mkdir()
    for name in (f"benchmark_eval__{RATER}.csv", f"benchmark_summary__{RATER}.json"):
        shutil.copy(folder / PLACE / name, folder / "changed" / name)
    table = folder / "changed" / f"benchmark_eval__{RATER}.csv"
    table.write_text(table.read_text().replace(",4.2,4.2", ",4.3,4.3"))
    done = shell("bench", "score", "vision2code", table, "--json")
    assert done.code == 1
    assert "by_dataset.Physics.mean_final_rating_0_to_5 is 4.2 there, 4.3 here" in done.rows[0]["differences"]


def test_the_stand_alone_list_is_read_as_predictions(folder, shell):
    done = _score(shell, folder / PLACE / "render_manifest.jsonl", "--json")
    assert [row["render_success"] for row in _in_order(done.rows[:-1])] == [True, True, False, True, None, None, True]


def test_what_was_never_tried_is_left_out_and_said(folder, shell):
    done = _export(shell, "run", to="elsewhere")
    assert done.out.startswith("✓ elsewhere/gpt_5_4_mini") and "5 samples, 4 rated" in done.out
    assert "1 left out: no answer" in done.err and "1 left out: no prediction" in done.err


def test_ratings_of_several_raters_stand_side_by_side_until_the_program_changes(folder, shell):
    home = folder / "several" / PLACE.relative_to("official")
    for rater in ("openai/one", "openai/two"):
        assert _export(shell, "run", "--rater", rater, to="several").code == 0
    result = _json(home / FINE / "result.json")
    assert (list(result["rubric_ratings"]), result["latest_rubric_rating_slug"]) == (
        ["openai_one", "openai_two"],
        "openai_two",
    )
    assert (home / FINE / "rating__openai_one.json").is_file()
    done = _score(shell, "several", "--rating", "openai_one", "--json")
    assert _in_order(done.rows[:-1])[0]["official"]["final_rating_0_to_5"] == 3.7
    rows = [{**row, "code": row["code"] + "\n# other"} if row["id"] == FINE else row for row in SAID]
    _write(folder / "other.jsonl", rows)
    _score(shell, "other.jsonl", "--model", "openai/gpt-5.4-mini", "-o", "other")
    assert _export(shell, "other", to="several").code == 0
    assert "rubric_ratings" not in _json(home / FINE / "result.json")
    assert not [*(home / FINE).glob("rating*")]
    assert list(_json(home / GOOD / "result.json")["rubric_ratings"]) == ["openai_one", "openai_two"]


def test_a_run_that_nobody_judged_has_no_tables_of_ratings(folder, shell):
    _score(shell, "said.jsonl", "-o", "unjudged")
    done = shell("bench", "export", "vision2code", "unjudged", "--official", "plain", "--data", "data", "--json")
    assert done.rows[0]["rated"] == 0
    home = folder / done.rows[0]["folder"]
    assert home.parts[-4:] == ("unjudged", *PLACE.parts[2:])
    assert {path.name for path in home.iterdir() if path.is_file()} == {
        *("benchmark_inference.csv", "benchmark_inference.json", "render_manifest.csv", "render_manifest.jsonl"),
    }
    assert not [*home.glob("*/rating*")]


def test_a_drawing_that_comes_out_otherwise_is_told(folder, shell):
    shutil.copytree(folder / "official", folder / "bent")
    home = folder / "bent" / PLACE.relative_to("official")
    (home / GOOD / "generated_code.py").write_text(BROKEN)
    done = _score(shell, "bent", "--num-samples", 7)
    assert f"a picture there and none here: 1, such as {GOOD}" in done.err
    assert "no attribute 'barr'" in done.err


def test_a_judge_that_is_named_is_asked_instead_of_taking_scores(folder, shell):
    _write(folder / "lower.jsonl", [{"id": name, "text": _reply(name, (1, 1, 1, 1))} for name in MARKS])
    done = _score(shell, "official", "--judge", "replay/lower.jsonl", "--json")
    found = {row["question_folder"]: row["official"] for row in done.rows[:-1]}
    assert found[GOOD]["final_rating_0_to_5"] == 1.0
    kept = _score(shell, "official", "--judge", "replay/lower.jsonl", "--rating", RATER, "--json")
    assert {row["question_folder"]: row["official"] for row in kept.rows[:-1]}[GOOD]["final_rating_0_to_5"] == 4.2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("data", "--official", "x", "--data", "data"), "data: is no run folder"),
        (("run", "--official", "said.jsonl", "--data", "data"), "said.jsonl: is a file, and results need a folder"),
        (("run", "--official", "x", "--data", "nowhere"), "nowhere: is no folder"),
        (("run", "--official", "x", "--data", "data", "--rater", "me"), "a rater is named PROVIDER/MODEL"),
    ],
)
def test_wrong_use_is_one_sentence(folder, shell, arguments, said):
    done = shell("bench", "export", "vision2code", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err and done.err.count("\n") == 1


def test_scores_of_nobody_need_a_name(folder, shell):
    _write(
        folder / "rated.jsonl",
        [{"id": FINE, "code": DRAWN, "scores": json.loads(_reply(FINE, MARKS[FINE]))["category_scores"]}],
    )
    _score(shell, "rated.jsonl", "-o", "rated")
    done = shell("bench", "export", "vision2code", "rated", "--official", "x", "--data", "data")
    assert (done.code, done.out) == (2, "")
    assert "nothing says who rated: name the rater" in done.err
    assert not [*(folder / "x").rglob("*")]


def test_a_run_that_lost_a_file_writes_nothing(folder, shell):
    shutil.copytree(folder / "run", folder / "torn")
    (folder / f"torn/{GOOD}.png").unlink()
    done = _export(shell, "torn", to="nothing")
    assert (done.code, done.out) == (2, "")
    assert f"{GOOD}.png: no such file" in done.err
    assert not [*(folder / "nothing").rglob("*")]


@pytest.mark.parametrize("place", ["../secret", "/etc/hostname"])
def test_a_run_that_names_files_of_others_copies_none(folder, shell, place):
    (folder / "secret").write_text("s")
    shutil.copytree(folder / "run", folder / "sly", dirs_exist_ok=True)
    path = folder / "sly/results.jsonl"
    path.write_text(path.read_text().replace(f"{GOOD}.py", place))
    done = _export(shell, "sly", to="nothing")
    assert done.code == 2 and f"a row names a file outside the run: '{place}'" in done.err
    assert not [*(folder / "nothing").rglob("*")]


def test_a_run_of_other_samples_is_refused(folder, shell):
    shutil.copytree(folder / "run", folder / "foreign")
    path = folder / "foreign/results.jsonl"
    path.write_text(path.read_text().replace(GOOD, "Physics_test_000009_bbbbbbbbbbbb"))
    done = _export(shell, "foreign", to="nothing")
    assert "Physics_test_000009_bbbbbbbbbbbb is no sample of data" in done.err and done.code == 2


def test_a_row_that_lacks_fields_is_refused(folder, shell):
    shutil.copytree(folder / "run", folder / "thin")
    path = folder / "thin/results.jsonl"
    path.write_text(path.read_text().replace('"candidate_inspection"', '"inspected"'))
    done = _export(shell, "thin", to="nothing")
    assert f"thin: the row of {FINE} has no candidate_inspection" in done.err and done.code == 2


def test_models_whose_folders_have_the_same_name_are_not_mixed(folder, shell):
    assert _export(shell, "run", "--model", "a.b", to="mixed").code == 0
    assert _export(shell, "run", "--model", "a.b", to="mixed").code == 0
    done = _export(shell, "run", "--model", "a-b", to="mixed")
    assert (done.code, done.out) == (2, "")
    assert "holds what a.b wrote, not a-b" in done.err


def test_a_damaged_reference_leaves_similarity_unknown_and_the_rest_as_it_is(folder, shell):
    shutil.copytree(folder / "data", folder / "damaged")
    picture = folder / f"damaged/images/test_mini/{GOOD}.png"
    picture.write_bytes(picture.read_bytes()[:60])
    done = shell(
        *("bench", "export", "vision2code", "run", "--official", "holes", "--rater", "openai/The.Judge"),
        *("--data", "damaged"),
    )
    assert done.code == 0, done.err
    home = folder / "holes" / PLACE.relative_to("official")
    rows = {row["question_folder"]: row for row in _rows(home / "benchmark_inference.csv")}
    assert rows[GOOD]["similarity"] == ""
    known = [float(row["similarity"]) for name, row in rows.items() if name in {FINE, EMPTY, UNHEARD}]
    assert _json(home / "benchmark_inference.json")["summary"]["mean_similarity"] == pytest.approx(sum(known) / 3)


def test_how_the_model_was_asked_is_told_where_the_run_says_it(folder, shell):
    assert _json(folder / PLACE / "benchmark_inference.json")["summary"]["max_new_tokens"] is None
    shutil.copytree(folder / "run", folder / "told")
    about = _json(folder / "told/run.json") | {"sampling": {"temperature": 0.0, "max_tokens": 8192}}
    (folder / "told/run.json").write_text(json.dumps(about))
    assert _export(shell, "told", to="known").code == 0
    summary = _json(folder / "known" / PLACE.relative_to("official") / "benchmark_inference.json")["summary"]
    assert (summary["max_new_tokens"], summary["reasoning_effort"]) == (8192, "none")


def test_a_table_takes_no_judge(folder, shell):
    done = _score(shell, folder / PLACE / f"benchmark_eval__{RATER}.csv", "--judge", "replay/marks.jsonl")
    assert done.code == 2 and "a table of ratings is only summed up" in done.err
    done = _score(shell, "said.jsonl", "--rating", "x")
    assert done.code == 2 and "said.jsonl: is no folder of the paper's runner" in done.err


def test_help_fits_eighty_columns_and_shows_examples(derender):
    derender.environment["COLUMNS"] = "80"
    done = derender("bench", "export", "--help")
    assert max(map(len, done.out.splitlines())) <= 80
    assert "Examples" in done.out
