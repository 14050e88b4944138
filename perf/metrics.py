"""What a score costs: `python perf/metrics.py [--ocr]` prints milliseconds per metric at 1024x768, on one thread.

The reference's facts are known beforehand, as they are when many candidates meet one reference; the candidate's are
observed each time. Beside every metric alone stands the whole family in one call, where facts are shared. *near* is a
candidate that differs in a few places, as a good redrawing does; *far* differs in every pixel.
"""

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from derender.metrics import get_metric, metric_names, observe, score

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


def median_ms(reference: object, candidate: np.ndarray, *, metrics: Sequence[str], repeats: int) -> float:
    """Median milliseconds of scoring, the candidate being new each time."""
    times = []
    for _ in range(repeats + 1):
        started = time.perf_counter()
        score(reference, candidate, metrics)
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times[1:])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=31)
    parser.add_argument("--ocr", action="store_true", help="measure words read by OCR too")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    values = [310, 420, 150, 520, 260, 480, 90, 350]
    reference = observe(chart(title="Units sold by item", bars=values))
    near = chart(title="Units sold by items", bars=[*values[:4], 270, 480, 96, 350])
    noise = np.random.default_rng(0).normal(0, 12, near.shape)
    far = np.clip(cv2.GaussianBlur(near, (5, 5), 0) + noise, 0, 255).astype(np.uint8)
    cheap = [name for name in metric_names() if name != "words"]
    rows = {name: [name] for name in cheap} | {"all of these": cheap}
    repeats = dict.fromkeys(rows, options.repeats)
    if options.ocr:
        rows["words"], repeats["words"] = ["words"], 3
    result = {}
    for name, metrics in rows.items():
        cost = {"near": near, "far": far}
        result[name] = {
            kind: round(median_ms(reference, candidate, metrics=metrics, repeats=repeats[name]), 2)
            for kind, candidate in cost.items()
        }
    table = Table("metric", "near, ms", "far, ms", "stated, ms", title=f"{WIDTH}x{HEIGHT}, one thread, median")
    for name, cost in result.items():
        stated = "" if name == "all of these" else f"{get_metric(name).cost_ms:g}"
        table.add_row(name, f"{cost['near']:.2f}", f"{cost['far']:.2f}", stated)
    Console().print(table)
    out = HERE / "out" / "metrics.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
