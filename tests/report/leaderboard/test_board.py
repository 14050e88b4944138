"""What a leaderboard gathers from run folders, and what it says of those that can't simply be compared."""

import json
from pathlib import Path

import pytest

from derender.benchmarks.vision2code.sources import SOURCES, Split
from derender.benchmarks.vision2code.standings import Origin
from derender.core import UserError
from derender.judges import Mode
from derender.report.leaderboard import csv_text, read_board, records, text_lines

from .conftest import broken, dropped, sample, write_run


def test_runs_stand_by_their_macro_mean_and_the_formula_counts(runs: list[Path]) -> None:
    official, fixed = (read_board(runs[:2], mode=mode) for mode in Mode)
    assert [each.name for each in official.standings] == ["good", "poor"]
    # Molecules in thin lines: 0.5 as published, and their own rating corrected.
    assert official.standings[0].macro.value == pytest.approx((4.3 + 0.5 + 3.5) / 3, abs=1e-4)
    assert fixed.standings[0].macro.value == pytest.approx((4.3 + 4.8 + 3.5) / 3, abs=1e-4)
    assert official.standings[1].macro.value == pytest.approx((1.0 + 1.0) / 2)
    assert not official.of(Origin.PUBLISHED)


def test_pairs_and_ranks_are_of_common_samples_of_runs_alone(runs: list[Path]) -> None:
    board = read_board(runs[:2], published=True)
    (pair,) = (pair for pair in board.pairs if pair.a == "good")
    # The molecule has no rating of one of them.
    assert (pair.b, pair.n) == ("poor", 3)
    assert pair.difference.value == pytest.approx((2.6 + 4.0 + 2.5) / 3)
    assert [(each.name, each.n) for each in board.places[Origin.MEASURED]] == [("good", 3), ("poor", 3)]
    assert len(board.pairs) == 29 and len(board.places[Origin.PUBLISHED]) == 8


def test_what_keeps_numbers_apart_is_said(runs: list[Path], tmp_path: Path) -> None:
    other = write_run(tmp_path / "other", [sample("a", "ChartQA", 3.0)], model="other", judge="ears", split="test")
    bare = write_run(tmp_path / "bare", [sample("a", "ChartQA", 3.0)])
    notes = "\n".join(read_board([*runs[:2], other, bare], mode=Mode.FIXED, published=True).notes)
    for said in (
        "Published numbers of test_mini are those of the same samples in the paper's run over test",
        "no interval, no differences and no rank of GPT-5.4",
        "They were given by Qwen3.5-122B-A10B-GPTQ-Int4",
        "Measured ratings follow the corrected formula, published ones the official one.",
        "Published numbers are of test_mini; other and bare are not, or not said to be.",
        "good and poor of test_mini; other of test; bare of an unnamed split",
        "rated by different judges: eyes and ears",
        "good and poor: 4 of the 539 samples of test_mini.",
        "Without a rank: good, other, bare and poor. One among published models takes ratings of all samples",
        "poor: 3 lines of results.jsonl could not be used.",
        "poor: 1 of 4 samples without a rating: 1 judge failed (such as: the judge could not be understood).",
        "bare: the folder has no run.json",
        "makes the interval of the macro mean too narrow",
    ):
        assert said in notes


def test_models_that_were_asked_otherwise_are_said_to_be(tmp_path: Path) -> None:
    rows = [sample("a", "ChartQA", 3.0), sample("b", "ChartQA", 3.0)]
    runs = [write_run(tmp_path / name, rows, model=name, prompt_sha256=name[0]) for name in ("ask", "also", "beg")]
    said = "Measured models were not all asked by the same prompt."
    assert said in read_board(runs).notes
    assert said not in read_board(runs[:2]).notes


def test_a_whole_run_alone_has_nothing_to_be_said(tmp_path: Path) -> None:
    assert read_board([write_run(tmp_path / "run", _whole(), model="all", judge="eyes")]).notes == ()


def _whole() -> list[dict[str, object]]:
    """Rows of all of test_mini."""
    drawn = {"rendering": {"ok": True, "failure": None, "pictures": []}}
    each = ((name, f"{name}-{n}") for name, of in SOURCES.items() for n in range(of.mini))
    return [sample(row, name, 4.1) | drawn for name, row in each]


def test_a_run_of_the_whole_published_split_is_ranked_among_published_models(tmp_path: Path) -> None:
    rows = _whole()
    own = {"samples": len(rows), "published": False}
    runs = [
        write_run(tmp_path / "whole", rows, model="whole", package={"samples": len(rows), "published": True}),
        write_run(tmp_path / "part", rows[:-1], model="part"),
        write_run(tmp_path / "own", rows, model="own", package=own),
        write_run(tmp_path / "holes", [dropped(row["id"], row["dataset"], "no") for row in rows[:6]] + rows[6:]),
    ]
    board = read_board(runs, published=True)
    ranks = {each.name: each.rank for each in board.standings}
    assert (ranks["GPT-5.4"], ranks["GPT-5.4 Mini+R"], ranks["whole"], ranks["Qwen3.5-9B"]) == (1, 2, 3, 10)
    assert [each.name for each in board.standings[10:]] == ["part", "own", "holes"]
    assert [each.rank for each in board.standings[10:]] == [None] * 3
    assert any(note.startswith("Without a rank: part, own and holes.") for note in board.notes)
    assert "own: all 539 samples that test_mini has in a package which is not the published one." in board.notes
    assert [row["rank"] for row in records(board) if row["kind"] == "standing"] == list(ranks.values())
    assert [line.split()[0] for line in text_lines(board)][1:] == [*map(str, range(1, 11)), "–", "–", "–"]
    # The corrected formula's means stand beside no published ones.
    assert {each.rank for each in read_board(runs, published=True, mode=Mode.FIXED).of(Origin.MEASURED)} == {None}


def test_runs_of_the_same_samples_are_ranked_among_themselves(tmp_path: Path) -> None:
    rows = {name: [sample(each, "ChartQA", mark) for each in "ab"] for name, mark in {"x": 2, "y": 3, "z": 3}.items()}
    runs = [write_run(tmp_path / name, each, model=name) for name, each in rows.items()]
    assert [(each.name, each.rank) for each in read_board(runs).standings] == [("y", 1), ("z", 1), ("x", 3)]
    other = write_run(tmp_path / "other", [sample("c", "ChartQA", 3.0)], model="other")
    board = read_board([*runs, other])
    assert {each.rank for each in board.standings} == {None}
    assert any(
        note.startswith("Without a rank: y, z, other and x. One takes ratings of the sa") for note in board.notes
    )


def test_one_sample_of_each_dataset_tells_no_interval_of_their_mean(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", [sample("a", "ChartQA", 4.0), sample("b", "DocVQA", 2.0)], model="m")
    (found,) = read_board([run]).standings
    assert (found.macro.value, found.macro.low, found.macro.high) == (3.0, None, None)
    assert found.micro.low is not None


def test_models_of_one_name_are_told_apart(tmp_path: Path) -> None:
    rows = [sample("a", "ChartQA", 3.0)]
    folders = [write_run(tmp_path / name / "run", rows, model="same") for name in ("one", "two")]
    folders.append(write_run(tmp_path / "third", rows, model="GPT-5.4"))
    board = read_board([*folders, folders[0]], published=True)
    assert {each.name for each in board.of(Origin.MEASURED)} == {"same (run)", "same (run) 2", "GPT-5.4 (measured)"}
    assert len({each.name for each in board.standings}) == 12


def test_published_numbers_are_of_the_runs_split_unless_another_is_asked_for(tmp_path: Path) -> None:
    mini = write_run(tmp_path / "mini", [sample("a", "ChartQA", 3.0)], split="filtered_test_mini", model="m")
    assert read_board([mini], published=True).split is Split.TEST_MINI
    assert read_board([mini], published=True).standings[0].split == "test_mini"
    assert read_board([mini], published=True, split=Split.TEST).of(Origin.PUBLISHED)[0].samples == 2169
    assert read_board([]).split is Split.TEST


def test_zeros_alone_are_no_mean_and_stand_last(tmp_path: Path) -> None:
    rows = [broken("a", "ChartQA"), dropped("b", "ChartQA", "nobody judges", "not_judged")]
    alone = write_run(tmp_path / "alone", rows, model="alone")
    low = write_run(tmp_path / "low", [sample("a", "ChartQA", 0.1)], model="low")
    board = read_board([alone, low])
    assert [each.name for each in board.standings] == ["low", "alone"]
    assert board.standings[1].macro.value is None
    assert board.standings[1].dropped == {"not_judged": 1, "zeros_alone": 1}
    assert not board.pairs and not board.places[Origin.MEASURED]


WRONG = [
    {"dataset": "nothing"},
    {"dataset": ["ChartQA"]},
    {"question_folder": 5},
    {"render_success": "yes"},
    {"official": None},
    {"official": {"final_rating_0_to_5": 9, "raw_score_0_to_5": 1, "provisional_rating_0_to_5": 1}},
    {"fixed": {"final_rating_0_to_5": float("nan"), "raw_score_0_to_5": 1, "provisional_rating_0_to_5": 1}},
    {"fixed": 10**400},
    {"dropped": "judge_failed"},
    {"dropped": "a reason of one's own", "official": None, "fixed": None},
    {"dropped": ["judge_failed"], "official": None, "fixed": None},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_row_that_no_run_can_have_written_is_counted_and_left_out(tmp_path: Path, wrong: dict[str, object]) -> None:
    rows = [sample("a", "ChartQA", 4.0), sample("b", "ChartQA", 1.0) | wrong]
    board = read_board([write_run(tmp_path / "run", rows, model="m")])
    assert (board.standings[0].samples, board.standings[0].macro.value) == (1, 4.0)
    assert "m: 1 line of results.jsonl could not be used." in board.notes


def test_fields_that_only_people_read_may_be_anything(tmp_path: Path) -> None:
    odd = {"verdict": [1], "why": 7, "failure_class": "x", "rendering": "y", "reference": 5, "program": {}}
    scores = {"category_scores": {"a": "b", "c": 99, "d": None}}
    run = write_run(tmp_path / "run", [sample("a", "ChartQA", 4.0)], ledger={"m": {"cost": 1e999, "usage": 4}, "n": 5})
    line = json.dumps(sample("a", "ChartQA", 4.0) | odd | scores)
    (run / "results.jsonl").write_text(line.replace('"id": "a"', '"id": 10e999') + "\n")
    (run / "run.json").write_text('{"model": ["x"], "judge": 5, "split": {}}')
    board = read_board([run])
    assert (board.standings[0].name, board.standings[0].judge, board.standings[0].split) == ("run", None, None)
    assert [spent.cost for spent in board.spent["run"]] == [None, None]


def test_a_folder_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is no run folder"):
        read_board([tmp_path])
    (tmp_path / "results.jsonl").write_text('{"id": "of another kind"}\n')
    with pytest.raises(UserError, match="has no scored sample of vision2code"):
        read_board([tmp_path])
    other = write_run(tmp_path / "other", [sample("a", "ChartQA", 3.0)], benchmark="vision2code/latex")
    with pytest.raises(UserError, match="other: is a run of vision2code/latex, not of vision2code"):
        read_board([other])


def test_names_are_no_formula_to_a_spreadsheet_and_no_order_to_a_terminal(tmp_path: Path) -> None:
    rows = [sample("a", "ChartQA", 3.0)]
    board = read_board([write_run(tmp_path / "run", rows, model="=1+1\x1b[2J", judge="@SUM(A1)", split="-x\x07")])
    told = csv_text(board)
    assert "'=1+1\N{REPLACEMENT CHARACTER}[2J,measured" in told and ",'@SUM(A1)," in told and "\x07" not in told


def test_records_csv_and_text_have_the_same_numbers(runs: list[Path]) -> None:
    import csv

    board = read_board(runs, published=True)
    told = [row for row in records(board) if row["kind"] == "standing"]
    table = list(csv.DictReader(csv_text(board).splitlines()))
    names = [each.name for each in board.standings]
    assert [row["model"] for row in told] == names
    assert sum(row["model"] == name for row, name in zip(table, names, strict=True)) == len(names) - 1
    for one, other in zip(told, table, strict=True):
        assert one["macro"]["value"] == float(other["macro"])
        assert (one["micro"]["low"] is None) == (other["micro_low"] == "")
        assert one["datasets"]["ChartQA"]["value"] == float(other["ChartQA"])
    assert told[[row["model"] for row in told].index("poor")]["dropped"] == {"judge_failed": 1}
    lines = list(text_lines(board))
    assert len(lines) == 13 and all(line.isprintable() for line in lines)
    json.dumps(list(records(board)), allow_nan=False)
