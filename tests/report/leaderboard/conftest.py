"""Run folders of the benchmark as ``bench score`` writes them, with ratings by the real formula."""

import json
from pathlib import Path
from typing import Any

import pytest

from derender.judges import AppliedCap, Mode, Outcome, Rating, rate
from derender.judges.ratings import record
from derender.judges.rubric import rubric_of
from report.conftest import HOSTILE, draw

RTL = "\u202eאבג نموذج\u202c"
LONG = "a-model-with-a-name-" * 12
EMOJI = "👩‍🔬 modèle 模型"


def sample(name: str, dataset: str, score: float, *, blank: bool = False, **more: Any) -> dict[str, Any]:
    """A sample that was drawn and rated."""
    rubric = rubric_of("vision2code", dataset)
    scores = dict.fromkeys(rubric.ids, score)
    verdict = {
        "judge": "eyes",
        "rationales": dict.fromkeys(rubric.ids, f"why {score}"),
        "strengths": ["the colours"],
        "issues": ["a label"],
        "overall_summary": f"in sum {score}",
        "addressed_to_judge": [],
    }
    ratings = {Mode.OFFICIAL: Outcome(blank=blank), Mode.FIXED: Outcome()}
    return _line(name, dataset) | {
        "render_success": True,
        "category_scores": scores,
        **{mode.value: record(rate(rubric, scores, outcome)) for mode, outcome in ratings.items()},
        "verdict": verdict,
        "rendering": {"ok": True, "failure": None, "pictures": [f"{name[:60].replace('/', '')}.png"]},
        **more,
    }


def broken(
    name: str, dataset: str, message: str = "NameError: name 'np' is not defined", **more: Any
) -> dict[str, Any]:
    """A sample whose program failed."""
    rubric = rubric_of("vision2code", dataset)
    zero = record(Rating({}, 0.0, 0.0, 0.0, (AppliedCap("execution_failure", 0.0, changed=False),)))
    failure = {"kind": "runtime", "message": message, "line": 2, "ours": False}
    return _line(name, dataset) | {
        "render_success": False,
        "failure_class": "hallucinated_api_argument",
        "failure_class_fixed": "hallucinated_api_argument",
        "failure_kind": "runtime",
        "category_scores": dict.fromkeys(rubric.ids, 0.0),
        "official": zero,
        "fixed": zero,
        "rendering": {"ok": False, "failure": failure, "pictures": []},
        **more,
    }


def dropped(name: str, dataset: str, why: str, kind: str = "judge_failed") -> dict[str, Any]:
    """A sample without a rating."""
    return _line(name, dataset) | {"render_success": True, "dropped": kind, "why": why}


def _line(name: str, dataset: str) -> dict[str, Any]:
    return {
        "id": name,
        "question_folder": name,
        "dataset": dataset,
        "render_success": None,
        "failure_class": None,
        "failure_class_fixed": None,
        "failure_kind": None,
        "category_scores": None,
        "official": None,
        "fixed": None,
        "dropped": None,
        "why": None,
        "verdict": None,
        "reference": "reference.png",
        "program": "program.py",
        "rendering": {"ok": None, "failure": None, "pictures": []},
    }


def write_run(folder: Path, rows: list[dict[str, Any]], *, tail: str = "", ledger: object = None, **said: Any) -> Path:
    """A run folder with pictures for the rows that have some."""
    folder.mkdir(parents=True)
    (folder / "results.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows) + tail)
    if said:
        stated = {"benchmark": "vision2code", "model": None, "judge": None, "split": "test_mini"} | said
        (folder / "run.json").write_text(json.dumps(stated))
    if ledger is not None:
        (folder / "ledger.json").write_text(json.dumps(ledger))
    (folder / "program.py").write_text("print('a program')\n")
    draw(folder / "reference.png", [90, 40, 150])
    for place, name in enumerate(dict.fromkeys(name for row in rows for name in row["rendering"]["pictures"])):
        draw(folder / name, [20 + place % 200, 60, 100])
    return folder


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three runs: a good one, a poor one with failures and holes, and one whose every text is out to break the page."""
    home = tmp_path_factory.mktemp("runs")
    spent = {"requests": 4, "uncounted": 0, "usage": {"input_tokens": 12345, "output_tokens": 678}, "cost": 0.0421}
    good = write_run(
        home / "good",
        [
            sample("chart-1", "ChartQA", 4.6),
            sample("chart-2", "ChartQA", 4.0),
            sample("molecule", "ChemVQA-2K", 4.8, blank=True),
            sample("page", "DocVQA", 3.5),
        ],
        model="good",
        judge="eyes",
        ledger={"eyes": spent},
    )
    poor = write_run(
        home / "poor",
        [
            sample("chart-1", "ChartQA", 2.0),
            broken("chart-2", "ChartQA"),
            dropped("molecule", "ChemVQA-2K", "the judge could not be understood"),
            sample("page", "DocVQA", 1.0),
        ],
        tail='{"torn": \n[1]\n{"question_folder": "chart-1", "dataset": "nothing"}\n',
        model="poor",
        judge="eyes",
    )
    said = {"rationales": {HOSTILE: HOSTILE}, "strengths": [HOSTILE], "issues": [RTL], "overall_summary": HOSTILE}
    hostile = write_run(
        home / "hostile",
        [
            sample("chart-1", "ChartQA", 3.0, verdict=said | {"judge": HOSTILE, "addressed_to_judge": [HOSTILE]}),
            broken(f"chart-2 {HOSTILE}", "ChartQA", HOSTILE),
            dropped(f"{RTL}{LONG}", "Physics", HOSTILE),
        ],
        model=f"{HOSTILE} {RTL} {EMOJI} {LONG}",
        judge=HOSTILE,
    )
    (hostile / "program.py").write_text(f"print({HOSTILE!r})\n")
    return [good, poor, hostile]
