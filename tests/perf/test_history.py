import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "perf"))
import history

Figure = history.Figure


def kept(folder, *medians, better="lower", ratio=True):
    for median in medians:
        history.append(
            "case", {"a": Figure.of([median, median * 2, median / 2], better=better, ratio=ratio)}, folder=folder
        )
    return history.runs("case", folder=folder)


def test_a_run_is_kept_with_its_spread_and_its_machine(tmp_path):
    (run,) = kept(tmp_path, 4.0)
    assert run["figures"]["a"] == Figure(4.0, 2.0, 8.0, 3, "lower", True)
    assert run["machine"]["cores"] >= 1
    assert run["machine"]["cpu"]
    assert run["commit"]


@pytest.mark.parametrize(
    ("medians", "better", "ratio", "worse"),
    [
        ((1.0, 1.0, 1.2), "lower", True, 0.2),
        ((1.0, 1.0, 1.1), "lower", True, None),
        ((1.0, 1.0, 0.5), "lower", True, None),
        ((5.0, 5.0, 4.0), "higher", True, 0.25),
        ((5.0, 5.0, 9.0), "higher", True, None),
        ((1.0, 1.0, 9.0), "lower", False, None),
        ((9.0,), "lower", True, None),
        ((1.0, 1.0, 9.0, 1.1), "lower", True, None),
    ],
)
def test_only_a_ratio_that_got_worse_is_flagged(tmp_path, medians, better, ratio, worse):
    found = history.regressions(kept(tmp_path, *medians, better=better, ratio=ratio))
    assert found == ({} if worse is None else {"a": pytest.approx(worse)})


def test_the_table_names_what_got_worse(tmp_path, monkeypatch, capsys):
    kept(tmp_path, 1.0, 2.0)
    monkeypatch.setattr(history, "FOLDER", tmp_path)
    assert history.main(["case"]) == 1
    assert "100%" in capsys.readouterr().out
