"""The demo's benchmark as `make demo` runs it."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from derender.render.environments import find

HOME = Path(__file__).parents[2] / "demo/leaderboard.py"


@pytest.fixture
def demo(tmp_path, monkeypatch):
    monkeypatch.setenv("DERENDER_CACHE", str(tmp_path / "cache"))
    spec = importlib.util.spec_from_file_location("demo_leaderboard", HOME)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_trace_is_asked_drawn_and_rated_and_stands_among_the_recorded_models(demo, tmp_path):
    for needed in ("inspect_ai", "rapidocr", "vtracer"):
        pytest.importorskip(needed)
    if find("vision2code").environment() is None:
        pytest.skip("the environment vision2code is not built here")
    page = demo.leaderboard(tmp_path, 1)
    assert page == tmp_path / "leaderboard.html", page
    tables = {run.name: json.loads((run / "summary.json").read_text()) for run in (tmp_path / "vision2code").iterdir()}
    assert {name: table["rated"] for name, table in tables.items()} == dict.fromkeys(("trace", *demo.MODELS), 15)
    scores = {name: table["official"]["benchmark_score_0_to_5"] for name, table in tables.items()}
    assert sorted(scores, key=scores.get, reverse=True) == ["careful", "trace", "hasty", "poor"]
    text = page.read_text()
    assert demo.TITLE.replace("'", "&#x27;") in text or demo.TITLE in text


def test_without_the_programs_environment_it_says_how_to_build_it(demo, tmp_path, monkeypatch):
    monkeypatch.setenv("DERENDER_HOME", str(tmp_path / "nothing"))
    assert "run `derender setup env:vision2code`" in demo.leaderboard(tmp_path, 1)
    assert not (tmp_path / "vision2code").exists()


def test_what_keeps_a_model_from_being_scored_is_said(demo, tmp_path, monkeypatch):
    if find("vision2code").environment() is None:
        pytest.skip("the environment vision2code is not built here")
    monkeypatch.setattr(demo, "RECORDED", tmp_path / "gone")
    said = demo.leaderboard(tmp_path, 1)
    assert isinstance(said, str) and "gone" in said
    assert not (tmp_path / "leaderboard.html").exists()


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path):
    (tmp_path / "index.html").write_text("a demo's")
    (tmp_path / "thesis.txt").write_text("years of work")
    for place, said in (
        (tmp_path, "holds what no demo wrote, such as thesis.txt"),
        (tmp_path / "thesis.txt", "a file"),
    ):
        done = subprocess.run(
            [sys.executable, HOME.parent / "run.py", "-o", place], capture_output=True, text=True, check=False
        )
        assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr
    assert (tmp_path / "thesis.txt").read_text() == "years of work" and (tmp_path / "index.html").exists()
