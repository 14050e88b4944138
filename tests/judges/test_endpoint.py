"""Where a judge is asked, and with which key."""

import pytest

from derender.judges import load_judge_model
from derender.models import Replay


@pytest.fixture(autouse=True)
def places(monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://models:1/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-models")


def test_a_judge_is_asked_where_other_models_are_unless_it_has_a_place_of_its_own(monkeypatch):
    assert load_judge_model("openai/m").identity == "openai m http://models:1/v1"
    monkeypatch.setenv("RATER_BASE_URL", "http://judge:2/v1")
    monkeypatch.setenv("RATER_API_KEY", "sk-judge")
    judge = load_judge_model("openai/m")
    assert (judge.identity, judge.api_key) == ("openai m http://judge:2/v1", "sk-judge")
    assert "sk-judge" not in repr(judge)
    assert load_judge_model("openai/m", "http://named:3/v1").identity == "openai m http://named:3/v1"


def test_other_judges_need_no_place(monkeypatch, tmp_path):
    monkeypatch.setenv("RATER_BASE_URL", "http://judge:2/v1")
    (tmp_path / "a.txt").write_text("said")
    assert isinstance(load_judge_model(f"replay/{tmp_path}"), Replay)
