"""How alike two pictures or programs are: metrics as pure functions over observed facts.

::

    from derender.metrics import score
    score("reference.png", "candidate.png").scores["ssim"]["ssim"]

A `Metric` says which facts it needs, the range and direction of its parts, its source and its cost. What can't be
computed is unscored with a reason, never 0. A module put into this package is found by itself: it may define facts
(`fact`) and metrics (`metric`).
"""

from ._catalogue import default_metrics, get_metric, metric_names
from ._facts import Fact, Facts, Unscorable, fact
from ._many import score_each, score_many
from ._means import means
from ._metric import FAMILIES, Difference, Metric, Mode, Part, metric
from ._scores import Scores, score
from ._sources import Source, observe

__all__ = [
    "FAMILIES",
    "Difference",
    "Fact",
    "Facts",
    "Metric",
    "Mode",
    "Part",
    "Scores",
    "Source",
    "Unscorable",
    "default_metrics",
    "fact",
    "get_metric",
    "means",
    "metric",
    "metric_names",
    "observe",
    "score",
    "score_each",
    "score_many",
]
