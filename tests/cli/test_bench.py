"""The real command on benchmarks."""

import shutil

import pytest

from derender.benchmarks.vision2code.published import PACKAGED


@pytest.mark.parametrize("command", [[], ["reproduce"], ["data"]])
def test_help_fits_eighty_columns_and_shows_examples(derender, command):
    derender.environment["COLUMNS"] = "80"
    done = derender("bench", *command, "--help")
    assert max(map(len, done.out.splitlines())) <= 80
    assert "Examples" in done.out


def test_published_tables_are_recomputed_and_all_agree(derender):
    done = derender("bench", "reproduce", "vision2code", "--only", "V1,V16", "--only", "V17")
    assert done.code == 0, done.out
    assert "✗" not in done.out
    for name, kind in {"V1": "recomputed", "V16": "a check of rules", "V17": "an identity"}.items():
        assert any(line.startswith(f"✓ {name} ") and kind in line for line in done.out.splitlines())


def test_a_value_that_is_off_is_shown_and_fails(derender, tmp_path):
    checkout = shutil.copytree(PACKAGED, tmp_path / "checkout")
    path = checkout / "results/paper_outputs/main_leaderboard/main_benchmark_ratings.csv"
    path.write_text(path.read_text().replace("4.0567000000", "4.1567000000", 1))
    done = derender("bench", "reproduce", "vision2code", "--only", "V1,V16", "--from", checkout, "--json")
    assert done.code == 1
    off = [row for row in done.rows if row["off"]]
    assert [(row["check"], row["ours"], row["theirs"]) for row in off] == [("V1", 4.0567, 4.1567)]


def test_a_folder_without_tables_is_wrong_use(derender, tmp_path):
    (tmp_path / "empty").mkdir()
    done = derender("bench", "reproduce", "vision2code", "--from", "empty", "--only", "V1,V16")
    assert done.code == 2
    assert "V1 not made: empty/results/" in done.err
    assert derender("bench", "reproduce", "vision2code", "--from", "nowhere").code == 2
    done = derender("bench", "reproduce", "vision3")
    assert done.code == 2 and "use one of vision2code" in done.err


def test_sources_and_a_folder_that_is_no_package(derender, tmp_path):
    rows = derender("bench", "data", "vision2code", "--json").rows
    assert sum(row["test"] for row in rows) == 2169
    done = derender("bench", "data", "vision2code", "--check", tmp_path)
    assert done.code == 1
    assert "manifest.csv is missing" in done.out
    done = derender("bench", "data", "vision2code", "--filters", tmp_path)
    assert done.code == 1
    assert "test-filtered.json: no such file" in done.out
