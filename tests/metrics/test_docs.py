"""The pages that are made from the catalogue are as it is now."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))
import metrics_docs

from derender.metrics import get_metric, metric_names

ROOT = Path(__file__).parents[2]
MADE_BY = "python tools/metrics_docs.py"


def test_the_tables_say_what_the_catalogue_says():
    page = (ROOT / "docs" / "metrics.md").read_text()
    assert metrics_docs.filled(page) == page, f"run `{MADE_BY}`"


def test_every_difference_is_listed():
    assert metrics_docs.differences() == (ROOT / "docs" / "official.md").read_text(), f"run `{MADE_BY}`"


def test_every_metric_is_either_tried_as_a_reward_or_said_not_to_be():
    page = (ROOT / "docs" / "reward-hacking.md").read_text()
    missing = [name for name in metric_names() if f"`{name}`" not in page and get_metric(name).family != "molecules"]
    assert not missing, "run `python perf/what_metrics_see.py`"
