"""The published tables, recomputed; and that a value that is off is found."""

import json
import shutil

import pytest

from derender.benchmarks.vision2code import _ablation_tables as ablations
from derender.benchmarks.vision2code import _bootstrap_tables as bootstrap
from derender.benchmarks.vision2code import _failure_tables as failures
from derender.benchmarks.vision2code import _human_tables as human
from derender.benchmarks.vision2code import _leaderboard_tables as leaderboard
from derender.benchmarks.vision2code.published import PACKAGED, Published
from derender.benchmarks.vision2code.reproduction import Kind, reproduce
from derender.core import UnknownName, UserError

QUICK = ("V1", "V2", "V4", "V5")


@pytest.fixture(scope="module")
def outcomes():
    return {outcome.check.name: outcome for outcome in reproduce()}


def test_all_that_the_saved_outputs_determine_is_recomputed(outcomes):
    assert list(outcomes) == [f"V{number}" for number in range(1, 18)]
    kinds = {name: outcome.check.kind for name, outcome in outcomes.items()}
    assert kinds.pop("V8") is kinds.pop("V10") is kinds.pop("V17") is Kind.IDENTITY
    assert kinds.pop("V16") is Kind.RULES
    assert set(kinds.values()) == {Kind.RECOMPUTED}


@pytest.mark.parametrize("name", [f"V{number}" for number in range(1, 18)])
def test_every_value_agrees(outcomes, name):
    outcome = outcomes[name]
    assert outcome.problem is None
    assert outcome.cells
    assert outcome.off == ()


def test_no_count_that_stands_alone_is_said_to_be_recomputed(outcomes):
    alone = [cell.row for cell in outcomes["V3"].cells if cell.table == leaderboard.RENDERED_BY_DATASET]
    rated = {cell.row for cell in outcomes["V17"].cells if cell.table == leaderboard.RATINGS_BY_DATASET}
    assert {row for row in alone if alone.count(row) == 2} == rated
    means = {cell.table for cell in outcomes["V2"].cells if cell.column == "mean_final_rating_0_to_5"}
    assert means == {leaderboard.RATINGS}


def test_the_headline_values(outcomes):
    first = {(cell.row, cell.column): cell.ours for cell in outcomes["V1"].cells}
    assert first["gpt_5_4_mini_reasoning_medium filtered_test", "benchmark_score_0_to_5"] == 4.0567
    human = {(cell.row, cell.column): cell.ours for cell in outcomes["V5"].cells}
    assert human["all ours_final", "pearson"] == pytest.approx(0.7227804306, abs=1e-10)
    rows = {cell.row for cell in outcomes["V5"].cells if cell.column == "pearson"}
    assert len(rows) == 42
    assert len(outcomes["V9"].cells) == 421


def test_the_packages_tables_hold_numbers_and_ids_and_are_small():
    files = [path for path in PACKAGED.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 400_000
    assert not any(b"PROJECT_ROOT" in path.read_bytes() or b"@" in path.read_bytes() for path in files)


@pytest.fixture
def checkout(tmp_path):
    return shutil.copytree(PACKAGED, tmp_path / "checkout")


def edit(folder, path, old, new):
    text = (folder / path).read_text()
    assert old in text
    (folder / path).write_text(text.replace(old, new, 1))


def test_a_changed_value_is_off_and_nothing_else_is_lost(checkout):
    edit(checkout, leaderboard.RATINGS, "1.5963000000", "1.5964000000")
    found = {outcome.check.name: outcome for outcome in reproduce(checkout, QUICK)}
    assert {cell.column for cell in found["V1"].off} == {"benchmark_score_0_to_5"}
    assert found["V1"].off[0].difference == pytest.approx(-1e-4)
    assert [name for name, outcome in found.items() if outcome.off] == ["V1"]


def test_a_dataset_that_is_gone_shows(checkout):
    path = checkout / leaderboard.RATINGS_BY_DATASET
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:1] + lines[2:]))
    found = {outcome.check.name: outcome for outcome in reproduce(checkout, QUICK)}
    assert found["V1"].off and found["V2"].off and found["V4"].off
    assert not found["V5"].off


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda path: path.unlink(), "can't be read (no such file or directory)"),
        (lambda path: path.write_text(path.read_text().replace("num_rated_final", "x")), "no column num_rated_final"),
        (lambda path: path.write_text("model_slug,split\n"), "has no rows"),
        (lambda path: path.write_bytes(b"\xff\xfe"), "is not UTF-8 text"),
        (lambda path: path.write_text(path.read_text().replace(",195,", ",many,")), "must be a number"),
    ],
)
def test_a_spoilt_table_costs_its_own_checks_alone(checkout, spoil, sentence):
    spoil(checkout / leaderboard.RATINGS_BY_DATASET)
    found = {outcome.check.name: outcome for outcome in reproduce(checkout, QUICK)}
    assert sentence in found["V2"].problem
    assert "main_benchmark_ratings_by_dataset.csv" in found["V2"].problem
    assert found["V5"].problem is None and not found["V5"].off


@pytest.mark.parametrize(
    ("path", "old", "new", "check", "column"),
    [
        (human.JOINED, "qwen35_9b,human,2.0", "qwen35_9b,human,3.0", "V5", "human_rating_0_to_5"),
        (human.RATINGS, "DocVQA_test_002235_7d53cc193b61", "DocVQA_test_002236_7d53cc193b61", "V9", "question_folder"),
        (human.JOINED, "1.8000000000,1.7500000000", "1.9000000000,1.7500000000", "V8", "ours_final"),
        (leaderboard.COSINES, "4.5712003819", "4.5712003999", "V14", "mean_cosine_image_only_0_to_5"),
        (failures.PIVOT, "584,89", "584,90", "V10", "sum of the classes"),
        (ablations.TRAINING, '"ChartQA": 145', '"ChartQA": 146', "V11", "total_records"),
        (ablations.SMOKE, '"score_0_to_5": 4.7', '"score_0_to_5": 4.8', "V15", "raw_score_0_to_5"),
        (
            leaderboard.GENERIC_BY_DATASET,
            "45,0,3.6088888889,3.6088888889",
            "45,0,3.6088888889,3.6089",
            "V17",
            "mean_final_rating_0_to_5",
        ),
        (bootstrap.RANKS, "5.0561000000", "5.0562000000", "V17", "mean_bootstrap_rank"),
        (bootstrap.RANKS, "test,qwen35_9b,", "test,qwen35_8b,", "V17", "models"),
        (bootstrap.PAIRS, "qwen35_9b,kimi_k2_5,1.5521335807", "qwen35_9b,kimi_k2_5,1.5531335807", "V17", "mean_a"),
        (
            bootstrap.SCALING,
            "539,407,413,126,0.7532467532",
            "539,407,413,126,0.7542467532",
            "V17",
            "tts_render_success_rate",
        ),
        (bootstrap.SCALING, "1.6014842301,1.9150000000", "1.6014842301,1.9160000000", "V17", "mean_raw_score_0_to_5"),
        (leaderboard.INTERVALS, "1.5521335807,0.9500000000", "1.5521335807,0.9000000000", "V17", "ci_level"),
        (human.JOINED, "1.8000000000,1.7500000000,True,s", "1.8000000000,1.7600000000,True,s", "V7", "generic_raw"),
        (human.JOINED, "1.8000000000,1.7500000000,True,1", "1.8000000000,1.7510000000,True,1", "V8", "ours_raw"),
        (human.JOINED, "1.7500000000,True,1", "1.7500000000,False,1", "V8", "ours_raw"),
        (human.JOINED, "True,scored", "True,missing_render", "V7", "cosine_status"),
        (human.JOINED, "qwen35_9b,human", "qwen35_9b,auto_no_render", "V5", "completion_mode"),
        (failures.BY_MODEL, "Syntax/truncation", "Syntax", "V10", "failure_type_label"),
        (failures.BY_MODEL, "Kimi-K2.5+R", "Kimi-K2.5+S", "V10", "model"),
        (ablations.TOOLS, "1.5175,292", "1.5176,292", "V12", "mean_final_rating_0_to_5"),
        (ablations.TOOLS, "0.6575342465753424", "0.6585342465753424", "V12", "render_success_rate"),
        (ablations.EXCALIDRAW, ",4.25", ",4.26", "V12", "rating_raw_score_0_to_5"),
        (
            ablations.TRAINING,
            '"benchmark_score_0_to_5": 1.7233',
            '"benchmark_score_0_to_5": 1.7',
            "V11",
            "benchmark_score_0_to_5",
        ),
        (ablations.TRAINING, '"R1 < alpha"', '"R1 <= alpha"', "V11", "filter_definition"),
        (ablations.SMOKE, '"score_0_to_5": 2.9', '"score_0_to_5": 2.91', "V15", "score_0_to_5"),
        (ablations.SMOKE, '"candidate_readable": true', '"candidate_readable": false', "V15", "candidate_readable"),
        (ablations.SMOKE, '"weight": 0.25', '"weight": 0.2', "V15", "weight"),
        (ablations.SMOKE, '"is_critical": false', '"is_critical": true', "V15", "is_critical"),
    ],
)
def test_every_family_of_tables_shows_a_changed_value(checkout, path, old, new, check, column):
    edit(checkout, path, old, new)
    (found,) = reproduce(checkout, [check])
    assert column in {cell.column for cell in found.off}


@pytest.mark.parametrize("change", [lambda lines: lines[:-1], lambda lines: [*lines, lines[-1]]], ids=["gone", "twice"])
@pytest.mark.parametrize(
    ("path", "check"),
    [
        (human.CORRELATIONS, "V5"),
        (human.RATINGS, "V5"),
        (bootstrap.PAIRS, "V17"),
        (bootstrap.SCALING, "V17"),
        (leaderboard.PAPER, "V17"),
        (leaderboard.COSINES, "V2"),
        (leaderboard.GENERIC, "V2"),
        (leaderboard.RENDERED_BY_DATASET, "V2"),
        (ablations.TRAINING_TABLE, "V11"),
    ],
)
def test_a_row_that_is_gone_or_there_twice_shows(checkout, path, check, change):
    lines = (checkout / path).read_text().splitlines(keepends=True)
    (checkout / path).write_text("".join(change(lines)))
    (found,) = reproduce(checkout, [check])
    assert found.off or found.problem


def test_a_check_nobody_knows():
    with pytest.raises(UnknownName, match="unknown check 'V18'"):
        reproduce(only=["V18"])


def test_json_of_another_form_is_a_sentence(checkout):
    (checkout / leaderboard.SITE).write_text(json.dumps({"rows": []}))
    found = {outcome.check.name: outcome for outcome in reproduce(checkout, QUICK)}
    assert "don't fit together" in found["V4"].problem
    with pytest.raises(UserError, match="is no JSON"):
        (checkout / leaderboard.SITE).write_text("{")
        Published(checkout).json(leaderboard.SITE)
