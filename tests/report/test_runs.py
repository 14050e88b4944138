"""Run folders as they are found, not as they ought to be."""

import json
from pathlib import Path

import pytest

from derender.core import UserError
from derender.report.runs import read_run

from .conftest import row, write_results


def test_a_whole_row_is_read_with_its_paths_under_the_folder(tmp_path: Path) -> None:
    found = read_run(write_results(tmp_path, [row("bars")])).rows[0]
    assert (found.key, found.status, found.model) == ("bars", "ok", "trace")
    assert found.reference == tmp_path / "reference" / "bars.png"
    assert found.pictures == (tmp_path / "bars.png",)
    assert found.scores == {("ssim", "ssim"): 0.9, ("words", "recall"): 1.0, ("words", "precision"): 0.5}


def test_a_torn_last_line_is_counted_and_the_rest_kept(tmp_path: Path) -> None:
    run = read_run(write_results(tmp_path, [row("a"), row("b")], tail='{"id": "c", "ref'))
    assert [item.id for item in run.rows] == ["a", "b"]
    assert run.unreadable == 1


def test_every_field_may_be_missing_or_of_the_wrong_kind(tmp_path: Path) -> None:
    wrong = dict.fromkeys(row("x"), 7) | {"id": "odd"}
    run = read_run(
        write_results(tmp_path, [{}, {"id": "bare"}, wrong, row("deep", rendering={"failure": {}, "ok": 1})])
    )
    assert [item.id for item in run.rows] == ["row 1", "bare", "odd", "deep"]
    assert [item.status for item in run.rows] == ["none", "none", "none", "failed"]


def test_lines_that_are_json_but_no_object_are_counted(tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").write_text('[1]\n"text"\n{"id": "a"}\n' + "[" * 100_000 + "\n")
    run = read_run(tmp_path)
    assert ([item.id for item in run.rows], run.unreadable) == (["a"], 3)


def test_a_row_written_again_counts_once_with_its_last_content(tmp_path: Path) -> None:
    rows = read_run(write_results(tmp_path, [row("a", scores={"ssim": 0.1}), row("b"), row("a")])).rows
    assert [item.id for item in rows] == ["a", "b"]
    assert rows[0].scores["ssim", "ssim"] == 0.9


def test_one_picture_with_several_targets_gives_several_rows_with_keys_of_their_own(tmp_path: Path) -> None:
    rows = read_run(write_results(tmp_path, [row("a"), row("a", target="html"), row("b")])).rows
    assert [item.key for item in rows] == ["a/svg/trace", "a/html/trace", "b"]


def test_whose_fault_it_was_follows_from_the_kind_when_the_row_does_not_say(tmp_path: Path) -> None:
    failures = [
        {"kind": "runtime"},
        {"kind": "worker_lost"},
        {"kind": "never heard of"},
        {"kind": "runtime", "ours": True},
    ]
    rows = [row(str(i), rendering={"ok": False, "failure": failure}) for i, failure in enumerate(failures)]
    found = read_run(write_results(tmp_path, rows)).rows
    assert [item.status for item in found] == ["failed", "ours", "failed", "ours"]


def test_scores_that_are_no_numbers_are_holes(tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").write_text(
        '{"id": "a", "scores": {"m": {"nan": NaN, "inf": Infinity, "flag": true, "text": "1", "huge": 1'
        + "0" * 400
        + "}}}"
    )
    values = {part: value for (_, part), value in read_run(tmp_path).rows[0].scores.items()}
    assert values == {"nan": None, "inf": float("inf"), "flag": None, "text": None, "huge": None}


def test_lone_surrogates_do_not_survive_into_the_page(tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").write_text(json.dumps(row("\ud800", group="\udfff")))
    found = read_run(tmp_path).rows[0]
    (found.id + found.group + found.key).encode()


@pytest.mark.parametrize("name", ["missing", "empty", "file/inside"])
def test_a_folder_without_results_is_one_clear_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"is no run folder, it holds no results\.jsonl$"):
        read_run(tmp_path / name)
