"""What each kind of metric is tried on: a program and its kin that are ever worse."""

import sys
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from derender.core import Program
from derender.metrics import get_metric, observe

sys.path.insert(0, str(Path(__file__).parents[2] / "perf"))
from spoiled_scenes import LEVELS, chart, icon, page

TEX = r"""\documentclass{standalone}
\usepackage{tikz}
\begin{document}
\begin{tikzpicture}
\draw[thick, blue] (0,0) -- (4,0) -- (4,3) -- cycle;
\filldraw[red] (2,1) circle (4pt) node[above] {Centre of mass};
\node[draw] at (1,2) {A rather long label};
\end{tikzpicture}
\end{document}
"""
SMILES = "CC(=O)Oc1ccccc1C(=O)O"
WORSE_SMILES = ("CC(=O)Oc1ccccc1C(=O)OC", "Oc1ccccc1C(=O)O", "CCO")


def tex(level=0.0, what=""):
    """The figure with a share of its lines gone, or its words and colours exchanged."""
    lines = TEX.splitlines()
    if what == "elements":
        lines = [line for place, line in enumerate(lines) if not 3 < place < 3 + round(4 * level)]
    text = "\n".join(lines)
    for place, (old, new) in enumerate((("Centre", "Middle"), ("label", "text"), ("blue", "green"), ("circle", "box"))):
        if what == "text" and place < round(4 * level):
            text = text.replace(old, new)
    return Program(text, "latex")


def smiles(level=0.0, what=""):
    """Aspirin and what is less and less like it."""
    return Program(SMILES if not what else WORSE_SMILES[LEVELS.index(level)], "smiles")


_MAKERS = {"charts": chart, "pages": page, "vector": icon, "molecules": smiles, "text": page, "pixels": icon}
_OF_CODE = {"html_bleu": page, "dom_ted": page, "crystalbleu": tex, "ted": tex}


def maker(name):
    """What makes programs that a metric has something to say of."""
    metric = get_metric(name)
    return _OF_CODE.get(name) or _MAKERS.get(metric.family, chart if metric.of_programs else icon)


@cache
def reference(name):
    """The facts of the reference that a metric is tried on."""
    return _facts(name, maker(name)())


@cache
def spoiled(name, what, level):
    """The facts of a candidate spoiled in one way."""
    if what in {"noise", "blur", "crop"}:
        return observe(_worse_pixels(np.asarray(reference(name).rendering().image().convert("RGB")), what, level))
    return _facts(name, maker(name)(level, what))


def _facts(name, program):
    # What an edit is an edit of, for metrics of edits.
    return observe(program, original=maker(name)(1.0, "text").source)


def _worse_pixels(pixels, what, level):
    if what == "noise":
        noise = np.random.default_rng(7).normal(size=pixels.shape)
        return np.clip(pixels + 100 * level * noise, 0, 255).astype(np.uint8)
    if what == "blur":
        return cv2.GaussianBlur(pixels, (0, 0), 8 * level)
    kept = pixels.copy()
    height, width = pixels.shape[:2]
    kept[:, round(width * (1 - 0.5 * level)) :] = 255
    kept[round(height * (1 - 0.5 * level)) :] = 255
    return kept
