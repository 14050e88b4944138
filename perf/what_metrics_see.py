"""What each metric sees, and what it can be cheated with: `python perf/what_metrics_see.py` writes docs/metrics-see.svg
and docs/reward-hacking.md.

Everything is a real program drawn by the engine. *Seeing*: a chart, a page and an icon are spoiled more and more in one
way at a time, and the share of the headline score that is lost is shown. *Cheating*: what a model does that learns from
a reward and not from the picture, scored beside two honest attempts.
"""

import argparse
import io
import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from spoiled_scenes import ADDRESS, LEVELS, SCENES

from derender.metrics import FAMILIES, Facts, Metric, Mode, get_metric, metric_names, observe, score
from derender.render import Engine

DOCS = Path(__file__).parents[1] / "docs"
_OF_FAMILY = {"charts": ("chart",), "pages": ("page",), "vector": ("icon",), "molecules": ()}
_SEES_NOTHING = 0.5
"""What a metric that is of any use gives a program for itself, at least."""


def scenes_of(metric: Metric) -> tuple[str, ...]:
    """The scenes that a metric is looked at with: those of its family, or all."""
    return _OF_FAMILY.get(metric.family, tuple(scene.name for scene in SCENES))


def goodness(metric: Metric, value: float | None) -> float | None:
    """A headline value on a scale from 0, what a failure gets or worse, to 1, the best."""
    part = metric.parts[0]
    if value is None:
        return None
    if math.isfinite(part.best) and part.at_failure is not None:
        return min(1.0, max(0.0, (value - part.at_failure) / (part.best - part.at_failure)))
    # A distance or a ratio without a bound: halved at its unit.
    return value / (1 + value) if part.higher_is_better else 1 / (1 + max(0.0, value))


def headline(metric: Metric, sides: tuple[Facts, Facts], mode: Mode = Mode.OFFICIAL) -> tuple[float | None, str]:
    """The goodness of the first part, or why there is none."""
    result = score(*sides, [metric], mode=mode)
    first = metric.parts[0].name
    if metric.name in result.scores and first in result.scores[metric.name]:
        return goodness(metric, result.scores[metric.name][first]), "it has no value for equal sides"
    return None, result.unscored.get(metric.name) or result.unscored.get(f"{metric.name}.{first}") or ""


Table = dict[tuple[str, str], dict[str, float | None]]
"""(metric, scene) → what was tried → goodness; ``metric, fixed`` in the mode that corrects."""


def measure(engine: Engine, metrics: Iterable[Metric]) -> tuple[Table, Table, dict[str, str]]:
    """What is lost by spoiling, what cheating gets, and why some metrics say nothing here."""
    seen: Table = {}
    cheated: Table = {}
    silent: dict[str, str] = {}
    for scene in SCENES:
        poor = scene.attempts(engine)["poor attempt"].source
        reference = observe(scene.make(), engine=engine, original=poor)
        spoiled = {
            f"{what} {level:g}": observe(version, engine=engine, original=poor)
            for what, versions in scene.spoiled(engine).items()
            for level, version in zip(LEVELS, versions, strict=True)
        }
        attempts = {
            what: observe(program, engine=engine, original=poor) for what, program in scene.attempts(engine).items()
        }
        for metric in metrics:
            if scene.name not in scenes_of(metric):
                continue
            own, why = headline(metric, (reference, reference))
            if own is None:
                silent.setdefault(metric.name, why)
                continue
            if own >= _SEES_NOTHING:
                seen[metric.name, scene.name] = {
                    what: headline(metric, (reference, side))[0] for what, side in spoiled.items()
                }
            for mode in Mode if metric.fixed else (Mode.OFFICIAL,):
                name = metric.name if mode is Mode.OFFICIAL else f"{metric.name}, fixed"
                own = headline(metric, (reference, reference), mode)[0]
                if own is None:
                    continue
                cheated[name, scene.name] = {"itself": own} | {
                    what: headline(metric, (reference, side), mode)[0] for what, side in attempts.items()
                }
            print(metric.name, scene.name, flush=True)
    return seen, cheated, {name: why for name, why in silent.items() if not any(name == key[0] for key in cheated)}


HONEST = ("itself", "good attempt", "poor attempt")
NEARLY = 0.9
"""The share of an honest attempt's score from which on cheating pays as well."""


def beaten_by(row: Mapping[str, float | None]) -> list[str]:
    """The ways to cheat that get nearly as much as the poorer honest attempt; a pasted bitmap aside."""
    poorer = min(row[what] or 0.0 for what in ("good attempt", "poor attempt"))
    return [
        what
        for what, value in row.items()
        if what not in {*HONEST, "pasted bitmap"} and value is not None and value > NEARLY * poorer
    ]


def verdict(rows: Iterable[Mapping[str, float | None]]) -> str:
    """Whether a metric is safe as a reward by itself, from what cheating gets in every scene."""
    rows = list(rows)
    if any((row["itself"] or 0) < _SEES_NOTHING for row in rows):
        return "no: it does not know the thing itself"
    beaten = list(dict.fromkeys(what for row in rows for what in beaten_by(row)))
    pasted = any((row["pasted bitmap"] or 0) >= 0.95 for row in rows)
    if beaten:
        return f"no: {', '.join(beaten)}"
    return "yes, where pasted bitmaps are refused" if pasted else "yes"


def hacking_page(cheated: Table, silent: Mapping[str, str]) -> str:
    """docs/reward-hacking.md."""
    columns = list(next(iter(cheated.values())))
    lines = [
        "# Which metrics are safe as rewards",
        "",
        "A model that learns from a score learns what the score pays for. Each line holds real programs drawn by",
        "the engine and scored by the metric's first part, on a scale from 0, what a program that fails gets, to 1,",
        "the best there is. *Good* is an honest attempt with a few values off; *poor* has the right kind of thing",
        "with most values, the title and a colour wrong. A metric is safe by itself when no way to cheat gets more",
        f"than {NEARLY:.0%} of the poorer attempt's score, in any scene: the verdict stands beside the first.",
        "Made by `python perf/what_metrics_see.py`.",
        "",
        f"| metric | scene | {' | '.join(columns)} | safe by itself |",
        f"|---|---|{'---|' * len(columns)}---|",
    ]
    for name in dict.fromkeys(name for name, _ in cheated):
        rows = {scene: row for (metric, scene), row in cheated.items() if metric == name}
        for place, (scene, row) in enumerate(rows.items()):
            shown = " | ".join(map(_shown, row.values()))
            lines.append(f"| `{name}` | {scene} | {shown} | {'' if place else verdict(rows.values())} |")
    lines += ["", "## Not in the table", ""]
    lines += [f"- `{name}`: {_first_sentence(why)}" for name, why in silent.items()]
    lines += [
        "",
        "## What was tried",
        "",
        "- **blank**, **mean colour**: a canvas of the reference's size in white, or in the mean of its colours.",
        "- **noise texture**: the reference's own pixels in any order: every histogram is right.",
        "- **heap of words**: all the right words in one paragraph.",
        "- **giant canvas**: the right thing on a canvas many times as large.",
        "- **pasted bitmap**: the reference's very pixels, embedded. What compares pictures must call it perfect: a",
        "  reward has to look at the program as well (an embedded picture, the length of the source).",
        f"- **address to a judge**: “{ADDRESS}”",
    ]
    return "\n".join(lines) + "\n"


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=\w)[.;:] ", text, maxsplit=1)[0].rstrip(".")


def seeing_chart(seen: Table) -> bytes:
    """docs/metrics-see.svg: a row per metric, a cell per way of spoiling, darker where more is lost."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    ways = list(dict.fromkeys(key.rpartition(" ")[0] for row in seen.values() for key in row))
    columns = [f"{way} {level:g}" for way in ways for level in LEVELS]
    names = sorted({name for name, _ in seen}, key=lambda name: (FAMILIES.index(get_metric(name).family), name))
    grid = np.full((len(names), len(columns)), np.nan)
    for y, name in enumerate(names):
        for x, key in enumerate(columns):
            values = [row[key] for (metric, _), row in seen.items() if metric == name and row.get(key) is not None]
            if values:
                grid[y, x] = 1 - sum(values) / len(values)
    plt.rcParams |= {"svg.hashsalt": "derender", "font.family": "DejaVu Sans"}
    figure, axes = plt.subplots(figsize=(8.5, 0.2 * len(names) + 1.4))
    colours = plt.get_cmap("Blues").copy()
    colours.set_bad("#e8e8e8")
    shown = axes.imshow(grid, cmap=colours, vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    axes.set_yticks(range(len(names)), names, fontsize=7.5)
    axes.set_xticks([len(LEVELS) * place + 1 for place in range(len(ways))], ways, fontsize=8.5)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    for place in range(1, len(ways)):
        axes.axvline(len(LEVELS) * place - 0.5, color="white", linewidth=3)
    for place in range(1, len(names)):
        new = get_metric(names[place]).family != get_metric(names[place - 1]).family
        axes.axhline(place - 0.5, color="white" if not new else "#606060", linewidth=0.6 if not new else 0.9)
    bar = figure.colorbar(shown, ax=axes, orientation="horizontal", fraction=0.02, pad=0.01, aspect=40)
    bar.set_label("share of the score that is lost, mean of all scenes; grey: nothing to compare", fontsize=8)
    bar.ax.tick_params(labelsize=7)
    figure.tight_layout()
    out = io.BytesIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": "derender"})
    return out.getvalue()


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("metrics", nargs="*", help="only these")
    parser.add_argument("-o", "--output", type=Path, default=DOCS)
    options = parser.parse_args()
    metrics = [get_metric(name) for name in options.metrics or metric_names()]
    metrics.sort(key=lambda metric: FAMILIES.index(metric.family))
    with Engine() as engine:
        seen, cheated, silent = measure(engine, metrics)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "reward-hacking.md").write_text(hacking_page(cheated, silent))
    (options.output / "metrics-see.svg").write_bytes(seeing_chart(seen))


if __name__ == "__main__":
    main()
