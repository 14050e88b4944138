"""What a score costs: `python perf/metrics.py [--ocr] [--family NAME …]` prints CPU milliseconds at 1024x768.

The reference's facts are known beforehand, as when many candidates meet one reference; a candidate's are observed each
time, on one thread. The metrics that are computed when nobody names any stand first, then the others, family by family;
below each group stands all of it in one call, where facts are shared. *near* is a candidate that differs in a few
places, as a good redrawing does; *far* differs in every pixel. *blurs* is the latter in Gaussian blurs of the picture,
taken in between: on a busy machine it changes less than the milliseconds do. Metrics that compare programs are measured
where programs are.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from derender.metrics import Facts, Metric, get_metric, metric_names, observe, score

HERE = Path(__file__).parent
WIDTH, HEIGHT = 1024, 768


def chart(*, title: str, bars: Sequence[int]) -> np.ndarray:
    """A bar chart with axes, grid lines and labels."""
    picture = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    cv2.putText(picture, title, (330, 60), cv2.FONT_HERSHEY_SIMPLEX, 1, (20, 20, 20), 2, cv2.LINE_AA)
    for line in range(8):
        height = 680 - 75 * line
        cv2.line(picture, (100, height), (960, height), (220, 220, 220), 1)
        cv2.putText(picture, str(10 * line), (50, height + 6), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0, 0, 0), 1, cv2.LINE_AA)
    for index, value in enumerate(bars):
        left = 130 + 105 * index
        cv2.rectangle(picture, (left, 680 - value), (left + 70, 680), (60 + 20 * index, 110, 200 - 20 * index), -1)
        label = f"Item {index}"
        cv2.putText(picture, label, (left, 715), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0, 0, 0), 1, cv2.LINE_AA)
    return picture


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU milliseconds of scoring a candidate, medians.

    Attributes:
        near: of one that differs in few places.
        far: of one that differs everywhere.
        blurs: the latter in Gaussian blurs of the picture.
    """

    near: float
    far: float
    blurs: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=21)
    parser.add_argument("--ocr", action="store_true", help="measure words read by OCR too")
    parser.add_argument("--family", action="append", default=[], help="measure this family alone; may be repeated")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    values = [310, 420, 150, 520, 260, 480, 90, 350]
    reference = observe(chart(title="Units sold by item", bars=values))
    near = chart(title="Units sold by items", bars=[*values[:4], 270, 480, 96, 350])
    noise = np.random.default_rng(0).normal(0, 12, near.shape)
    far = np.clip(cv2.GaussianBlur(near, (5, 5), 0) + noise, 0, 255).astype(np.uint8)

    table = Table(
        "metric", "near, ms", "far, ms", "blurs", "stated, ms", title=f"{WIDTH}x{HEIGHT}, one thread, CPU time"
    )
    result: dict[str, dict[str, dict[str, float]]] = {}
    for group, names in groups(ocr=options.ocr):
        if options.family and group not in options.family:
            continue
        scored = [name for name in names if not score(reference, near, [name]).unscored]
        costs = {name: cost(reference, near, far, [name], options.repeats) for name in scored}
        table.add_section()
        for name, spent in costs.items():
            table.add_row(name, *(f"{value:.2f}" for value in _values(spent)), f"{get_metric(name).cost_ms:g}")
        if len(scored) > 1:
            costs["together"] = cost(reference, near, far, scored, options.repeats)
            table.add_row(f"[b]{group}, together[/b]", *(f"{value:.2f}" for value in _values(costs["together"])))
        if lacking := [name for name in names if name not in scored]:
            table.add_row(f"[dim]not measured: {', '.join(lacking)}[/dim]")
        result[group] = {
            name: dict(zip(("near", "far", "blurs"), _values(spent), strict=True)) for name, spent in costs.items()
        }
    Console().print(table)
    out = HERE / "out" / "metrics.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(result, indent=1))


def groups(*, ocr: bool) -> Iterable[tuple[str, list[str]]]:
    """The default metrics, then the others by family: those that compare pictures, OCR's only when asked for."""
    known = [get_metric(name) for name in metric_names()]
    wanted = [one for one in known if not one.of_programs and (ocr or not _reads(one))]
    yield "default", [one.name for one in wanted if one.default]
    for family in dict.fromkeys(one.family for one in wanted):
        yield family, [one.name for one in wanted if one.family == family and not one.default]


def _reads(metric: Metric) -> bool:
    return any(need.name in {"words", "ocr_words"} for need in metric.needs) or "rapidocr" in metric.tools


def cost(reference: Facts, near: np.ndarray, far: np.ndarray, metrics: Sequence[str], repeats: int) -> Cost:
    """What scoring costs, near, far and blurs taken in turns; what is slow is measured less often."""
    works: dict[str, Callable[[np.ndarray], object]] = {
        "near": lambda picture: score(reference, picture, metrics),
        "far": lambda picture: score(reference, picture, metrics),
        "blurs": lambda picture: cv2.GaussianBlur(picture, (11, 11), 1.5),
    }
    pictures = {"near": near.copy(), "far": far.copy(), "blurs": near.copy()}
    times: dict[str, list[float]] = {name: [cpu_ms(work, pictures[name])] for name, work in works.items()}
    for index in range(max(3, min(repeats, int(3000 / (times["far"][0] + 1))))):
        for name, work in works.items():
            # A picture that was never seen: models remember what they saw.
            pictures[name][0, 0] = index
            times[name].append(cpu_ms(work, pictures[name]))
    middle = {name: statistics.median(each[1:]) for name, each in times.items()}
    return Cost(round(middle["near"], 2), round(middle["far"], 2), round(middle["far"] / middle["blurs"], 2))


def cpu_ms(work: Callable[[np.ndarray], object], picture: np.ndarray) -> float:
    """CPU milliseconds of some work on a picture, all threads of this process included."""
    started = time.process_time()
    work(picture)
    return 1000 * (time.process_time() - started)


def _values(spent: Cost) -> tuple[float, float, float]:
    return spent.near, spent.far, spent.blurs


if __name__ == "__main__":
    main()
