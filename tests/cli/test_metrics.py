import json

import pytest

from derender.metrics import FAMILIES, get_metric, metric_names


def test_every_metric_is_listed_with_what_it_needs(shell):
    done = shell("metrics", "list", "--json")
    assert done.code == 0
    assert {row["name"] for row in done.rows} == set(metric_names())
    for row in done.rows:
        assert row["family"] in FAMILIES and row["summary"] and row["source"] and row["cost_ms"] >= 0
        assert {part["name"] for part in row["parts"]} == {part.name for part in get_metric(row["name"]).parts}
        assert ("fixed" in row["modes"]) == bool(row["differences"]), row["name"]


def test_people_see_families(shell):
    done = shell("metrics", "list", "--family", "pixels")
    assert done.code == 0
    assert done.out.startswith("pixels\n")
    assert "ssim_unisvg" in done.out and "clip_b32" not in done.out


def test_one_metric_is_told_in_full(shell):
    done = shell("metrics", "show", "mse")
    assert done.code == 0
    assert "0…1, lower is better" in done.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show", "taste"], "unknown metric 'taste'"),
        (["list", "--family", "taste"], "unknown family 'taste'"),
        (["list", "--family", "video"], "use one of charts"),
    ],
)
def test_wrong_use_is_one_sentence(shell, arguments, words):
    done = shell("metrics", *arguments)
    assert done.code == 2
    assert words in done.err


def test_lines_are_json_each(shell):
    assert json.loads(shell("metrics", "show", "ssim", "--json").out)["name"] == "ssim"


@pytest.mark.parametrize("columns", [80, 120])
def test_nothing_is_wider_than_the_terminal(shell, monkeypatch, columns):
    monkeypatch.setitem(shell.environment, "COLUMNS", str(columns))
    lists = (
        shell("metrics", "list").out,
        shell("metrics", "show", "chartmimic").out,
        shell("metrics", "show", "ems").out,
    )
    # A path of weights is not broken, and may stand on a line of its own.
    assert [line for text in lists for line in text.splitlines() if len(line) > columns and " " in line.strip()] == []


def test_what_is_best_is_said_where_no_bound_is(shell):
    assert "length      −2e6…2e6 tokens, 0 is best" in shell("metrics", "show", "starvector").out
    assert get_metric("starvector").parts[-1].best == 0.0
