"""Agents: they draft a program, render it, look at the picture, and revise.

::

    from derender.agents import Budget, MetricScorer, Task, refine
    trajectory = refine(Task(image, Language.SVG), model, engine, MetricScorer(image, "ssim"), budget=Budget(rounds=4))
    trajectory.chosen.program    what the loop hands out, picked by its own scorer
    trajectory.last              what a loop without a scorer would hand out
    trajectory.oracle(truth)     what somebody would pick who knows the truth
"""

from .asking import Task
from .budget import Budget, Stop
from .judging import JudgeScorer
from .loop import Acceptance, refine
from .scoring import MetricScorer, Score, Scorer, score_of
from .trajectory import Round, Trajectory

__all__ = [
    "Acceptance",
    "Budget",
    "JudgeScorer",
    "MetricScorer",
    "Round",
    "Score",
    "Scorer",
    "Stop",
    "Task",
    "Trajectory",
    "refine",
    "score_of",
]
