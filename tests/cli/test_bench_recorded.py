"""Thirty pictures, three recorded models and a recorded judge through the whole pipeline.

The numbers follow from the recorded marks by the published formula; they were computed by hand from the rubrics'
weights and caps, and by another program.
"""

import csv
import json
from pathlib import Path

import pytest

from derender.benchmarks.statistics import Verdict, paired_difference, rank_stability
from derender.benchmarks.vision2code.data import read_manifest
from derender.benchmarks.vision2code.sources import SOURCES
from derender.render.environments import find

from .conftest import make_shell

RECORDED = Path(__file__).parents[2] / "demo/vision2code"
MODELS = ("careful", "hasty", "poor")
ENDLESS = "matplotlib-2"
"""The sample whose program of the poor model never ends: half a minute that these tests don't take."""
MEANS = {
    "careful": (4.65, 2.7, 4.8, 4.85, 4.8, 4.95, 5.0, 5.0, 4.75, 4.9, 5.0, 4.7, 4.8, 4.85, 2.1),
    "hasty": (3.65, 2.2, 3.2, 1.9, 1.25, 3.15, 1.25, 3.3, 1.85, 1.2, 3.25, 3.75, 3.9, 1.25, 3.1),
    "poor": (1.05, 0.7, 0.25, 0.45, 0.0, 0.6, 0.75, 0.5, 0.7, 0.5, 0.7, 1.4, 0.85, 0.9, 0.35),
}
"""The datasets' means by the published formula, in the order of their names."""
FIXED = {"careful": {"ChemVQA-2K": 4.9}, "hasty": {}, "poor": {"ChemVQA-2K": 1.05}}
"""Where the corrected formula differs: molecules in thin lines are not blank."""
MACRO = {"careful": (4.5233, 4.67), "hasty": (2.5467, 2.5467), "poor": (0.6467, 0.67)}
FAILURES = {
    "careful": {"spatialvlm_qa-2": "hallucinated_api_argument"},
    "hasty": {
        "ChemVQA-2K-2": "missing_dependency_file",
        "EEE-Bench-2": "syntax_truncation",
        "GEOQA_8K_R1V-2": "syntax_truncation",
        "Graph-Algorithms-1": "missing_dependency_file",
        "OlympiadBench-1": "hallucinated_api_argument",
        "Physics-2": "other_runtime",
        "matplotlib-2": "other_runtime",
    },
    "poor": {
        "DocVQA-2": "hallucinated_api_argument",
        "EEE-Bench-1": "other_runtime",
        "GEOQA_8K_R1V-1": "syntax_truncation",
        "Geoperception-1": "shape_3d_geometry",
        "GraphVQA-Swift-1": "other_runtime",
        "OlympiadBench-1": "hallucinated_api_argument",
        "Physics-1": "missing_dependency_file",
        "dvqa-2": "syntax_truncation",
        "spatialvlm_qa-2": "hallucinated_api_argument",
    },
}
DROPPED = {
    "careful": {},
    "hasty": {"DocVQA-2": "no_answer", "geometry3k-2": "judge_failed"},
    "poor": {"figureqa-2": "judge_failed", ENDLESS: "no_prediction"},
}


@pytest.fixture(scope="module", autouse=True)
def environment():
    if find("vision2code").environment() is None:
        pytest.skip("the environment vision2code is not built here")


@pytest.fixture(scope="module")
def derender(tmp_path_factory):
    return make_shell(tmp_path_factory.mktemp("recorded"))


@pytest.fixture(scope="module")
def names():
    """Folder → what these tests call the sample."""
    samples = read_manifest(RECORDED / "data")
    return {each.question_folder: f"{each.source_dataset}-{each.source_jsonl_line}" for each in samples}


@pytest.fixture(scope="module")
def runs(derender, names):
    """Each model scored once, and its run folder."""
    for model in MODELS:
        lines = (RECORDED / f"said/{model}.jsonl").read_text().splitlines(keepends=True)
        kept = [line for line in lines if (model, names[json.loads(line)["id"]]) != ("poor", ENDLESS)]
        (derender.folder / f"{model}.jsonl").write_text("".join(kept))
        done = _score(derender, model, model)
        assert done.code == (1 if DROPPED[model] else 0), done.err
    return {model: derender.folder / model for model in MODELS}


def _score(derender, model, folder, *more):
    return derender("bench", "score", "vision2code", f"{model}.jsonl", *_about(model), "-o", folder, *more)


def _about(model):
    judge = f"replay/{RECORDED}/judged/{model}/judge.jsonl"
    return ("--data", RECORDED / "data", "--split", "test", "--judge", judge)


def _rows(run):
    return [json.loads(line) for line in (run / "results.jsonl").read_text().splitlines()]


def _table(run):
    return json.loads((run / "summary.json").read_text())


@pytest.mark.parametrize("model", MODELS)
def test_the_table_is_what_the_marks_come_to_by_both_formulas(runs, model):
    table = _table(runs[model])
    official = dict(zip(SOURCES, MEANS[model], strict=True))
    assert {name: each["official"] for name, each in table["datasets"].items()} == official
    assert {name: each["fixed"] for name, each in table["datasets"].items()} == official | FIXED[model]
    assert tuple(table[mode]["benchmark_score_0_to_5"] for mode in ("official", "fixed")) == MACRO[model]
    for mode in ("official", "fixed"):
        assert table[mode]["macro"]["low"] < table[mode]["macro"]["value"] < table[mode]["macro"]["high"]


@pytest.mark.parametrize("model", MODELS)
def test_programs_fail_and_samples_are_dropped_as_they_were_meant_to(runs, names, model):
    rows = {names[row["question_folder"]]: row for row in _rows(runs[model])}
    assert {name: row["failure_class"] for name, row in rows.items() if row["failure_class"]} == FAILURES[model]
    assert {name: row["dropped"] for name, row in rows.items() if row["dropped"]} == DROPPED[model]
    assert all(rows[name]["official"]["final_rating_0_to_5"] == 0 for name in FAILURES[model])
    assert _table(runs[model])["samples"] == 30


@pytest.mark.parametrize(
    ("model", "name", "raw", "official", "fixed", "caps"),
    [
        # 4.9 × .3 + 4.6 × .3 + 4.3 × .25 + 4.0 × .15
        ("careful", "ChartQA-1", 4.525, 4.5, 4.5, []),
        # 4.9 × .4 + 4.9 × .3 + 4.8 × .2 + 4.8 × .1, of which 98.6 % is white, as it is of the reference
        ("careful", "ChemVQA-2K-1", 4.87, 0.5, 4.9, ["blank_or_degenerate"]),
        # 4.8 × .3 + 2.6 × .3 + 4.0 × .25 + 3.8 × .15: upright bars
        ("hasty", "ChartQA-1", 3.79, 3.5, 3.5, ["chart_orientation_or_type_mismatch"]),
        # 4.6 × .4 + 1.2 × .25 + 4.2 × .2 + 2.8 × .15: no arrows
        (
            "hasty",
            "Graph-Algorithms-2",
            3.4,
            2.5,
            2.5,
            ["critical_category_floor", "graph_topology_or_direction_error"],
        ),
        # 3.6 × .25 + 3.0 × .35 + 0.8 × .25 + 2.4 × .15
        ("hasty", "spatialvlm_qa-2", 2.51, 2.5, 2.5, ["flattened_two_d_scene"]),
        # Text where molecules should be: blank by itself, not beside a molecule in thin lines.
        (
            "poor",
            "ChemVQA-2K-2",
            1.17,
            0.5,
            1.2,
            [
                "blank_or_degenerate",
                "critical_category_floor",
                "multiple_critical_weaknesses",
                "structure_or_symbol_failure",
            ],
        ),
    ],
)
def test_single_ratings_follow_from_the_marks(runs, names, model, name, raw, official, fixed, caps):
    row = next(row for row in _rows(runs[model]) if names[row["question_folder"]] == name)
    assert row["official"]["raw_score_0_to_5"] == pytest.approx(raw, abs=1e-9)
    finals = [row[mode]["final_rating_0_to_5"] for mode in ("official", "fixed")]
    assert finals == [official, fixed]
    assert [type_ for type_, _, _ in row["official"]["applied_caps"]] == caps


def test_replies_around_and_beside_the_json_are_understood(runs, names):
    replies = {
        (model, names[row["question_folder"]]): row["verdict"]["replies"]
        for model in MODELS
        for row in _rows(runs[model])
        if row["verdict"]
    }
    prose, fence, thoughts = ("Physics-2", "GraphVQA-Swift-1", "matplotlib-1")
    assert [replies["careful", name] for name in (prose, fence, thoughts)] == [1, 1, 1]
    assert {key for key, count in replies.items() if count == 2} == {
        ("hasty", "ChartQA-2"),
        ("hasty", "geometry3k-2"),
        ("poor", "figureqa-2"),
    }


def test_the_careful_model_is_better_than_the_hasty_one_and_that_than_the_poor_one(runs):
    finals = {
        model: [float("nan") if (one := row["official"]) is None else one["final_rating_0_to_5"] for row in _rows(run)]
        for model, run in runs.items()
    }
    for better, worse in (("careful", "hasty"), ("hasty", "poor")):
        assert paired_difference(finals[better], finals[worse]).verdict is Verdict.A_HIGHER
        assert _table(runs[better])["official"]["macro"]["low"] > _table(runs[worse])["official"]["macro"]["high"]
    ranks = rank_stability(list(finals.values()))
    assert [each.rank for each in ranks] == [1, 2, 3]
    # Of thirty samples three have no rating by one model or another.
    assert [each.n for each in ranks] == [26] * 3
    assert min(each.probabilities[each.rank - 1] for each in ranks) > 0.99


def test_drawn_anew_every_byte_is_the_same(derender, runs):
    assert _score(derender, "careful", "again", "--no-cache", "-j", 1).code == 0
    first, second = (derender.folder / name for name in ("careful", "again"))
    files = sorted(path.name for path in first.iterdir() if path.suffix in {".png", ".py", ".json", ".jsonl"})
    assert len([name for name in files if name.endswith(".png")]) == 29
    for name in files:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


@pytest.mark.parametrize("model", ["careful", "hasty"])
def test_through_inspect_the_table_is_the_same_to_the_byte(derender, runs, model):
    pytest.importorskip("inspect_ai")
    done = derender("bench", "run", "vision2code", "-m", f"replay/{model}.jsonl", *_about(model), "-o", f"ran-{model}")
    assert done.code == (1 if DROPPED[model] else 0), done.err
    ran = derender.folder / f"ran-{model}"
    assert (ran / "summary.json").read_bytes() == (runs[model] / "summary.json").read_bytes()


def test_the_leaderboard_ranks_them_and_shows_every_sample(derender, runs):
    shuffled = [runs[model] for model in ("hasty", "poor", "careful")]
    done = derender("bench", "leaderboard", "vision2code", *shuffled, "-o", "page.html", "--csv")
    assert done.code == 0, done.err
    lines = list(csv.DictReader(done.out.splitlines()))
    assert [(line["model"], float(line["macro"])) for line in lines] == [(each, MACRO[each][0]) for each in MODELS]
    assert "hasty: 2 of 30 samples without a rating: 1 judge failed" in done.err
    page = (derender.folder / "page.html").read_text()
    assert all(row["question_folder"] in page for row in _rows(runs["careful"]))
