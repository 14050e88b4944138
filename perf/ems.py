"""What EMS costs: `python perf/ems.py` prints seconds of processor time and how many of the distances were needed.

*First* is a pair with nothing known, *next* another candidate of the same reference, whose plain page is known. The
pairs are the parity vectors, and pictures made hard: text, photographs and noise. The published code takes 4.4 to 6.1
seconds a pair; it works out the square of the number of patches, twice.
"""

import json
import statistics
import time
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from derender.core.pictures import flatten, read_picture
from derender.metrics import observe, score

HERE = Path(__file__).parent
VECTORS = HERE.parent / "tests" / "metrics" / "vectors" / "ems"


def vectors() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The parity vectors: reference and candidate."""
    names = sorted(path.name.removesuffix("_ref.png") for path in VECTORS.glob("*_ref.png"))
    return {
        name: tuple(flatten(read_picture(VECTORS / f"{name}_{side}.png")) for side in ("ref", "pred")) for name in names
    }


def text(seed: int) -> np.ndarray:
    """A page of 1024x768 full of words."""
    random = np.random.default_rng(seed)
    picture = np.full((768, 1024, 3), 255, np.uint8)
    for line in range(29):
        letters = "".join(chr(code) if code < 123 else " " for code in random.integers(97, 128, 95))
        cv2.putText(picture, letters, (10, 30 + 25 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA)
    return picture


def photograph(seed: int) -> np.ndarray:
    """Shades of all sizes, 600x400."""
    random = np.random.default_rng(seed)
    layers = [
        cv2.resize(random.normal(0, 40 / (1 + level), (4 << level, 6 << level, 3)), (600, 400)) for level in range(6)
    ]
    return np.clip(127 + sum(layers), 0, 255).astype(np.uint8)


def noise(seed: int, height: int, width: int) -> np.ndarray:
    """Every pixel by chance."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def hard() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Pairs in which little is alike."""
    drawing = vectors()["other"][0]
    spread = np.random.default_rng(5).normal(0, 12, drawing.shape)
    return {
        "text 1024x768": (text(1), text(2)),
        "photographs 600x400": (photograph(1), photograph(2)),
        "noise 600x400": (noise(1, 400, 600), noise(2, 400, 600)),
        "drawing, noisy": (drawing, np.clip(drawing + spread, 0, 255).astype(np.uint8)),
        "drawing, inverted": (drawing, 255 - drawing),
        "noise 80x80": (noise(1, 80, 80), noise(2, 80, 80)),
    }


def seconds(reference: object, candidate: np.ndarray) -> float:
    """Processor time of one score."""
    started = time.process_time()
    score(reference, candidate, ["ems"])
    return time.process_time() - started


def main() -> None:
    """Measure and print."""
    cv2.setNumThreads(1)
    calls = [0]
    solve = cv2.EMD

    def counted(*given: object) -> object:
        calls[0] += len(given) == 3 and given[2] == cv2.DIST_L1
        return solve(*given)

    cv2.EMD = counted
    result = {}
    score(*vectors()["tiny"], ["ems"])
    for name, (wanted, given) in (vectors() | hard()).items():
        reference = observe(wanted)
        first = seconds(reference, given)
        calls[0] = 0
        result[name] = {"first_s": first, "next_s": seconds(reference, given), "distances": calls[0]}
    table = Table("pair", "first, s", "next, s", "distances", title="EMS, one thread, processor time")
    for name, cost in result.items():
        table.add_row(name, f"{cost['first_s']:.3f}", f"{cost['next_s']:.3f}", str(cost["distances"]))
    Console().print(table)
    of_vectors = [result[name]["first_s"] for name in vectors()]
    Console().print(f"vectors: median {statistics.median(of_vectors):.3f} s, worst {max(of_vectors):.3f} s")
    out = HERE / "out" / "ems.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
