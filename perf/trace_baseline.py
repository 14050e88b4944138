"""What the offline model adds to thirty lines: `python perf/trace_baseline.py FOLDER` compares both on its pictures.

A picture `name.png` may have `name.txt` beside it: its true words, one run a line. Both models draw SVG, which resvg
renders; `words` is the share of the true words that the program holds as text, `ssim` is of grey pictures.
"""

import argparse
import io
import statistics
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import resvg_py
import vtracer
from defusedxml import ElementTree
from PIL import Image
from rapidocr import RapidOCR
from rich.console import Console
from rich.table import Table

from derender.metrics import score
from derender.metrics.words import normalised
from derender.models.trace import Trace


def baseline(image: np.ndarray, reader: RapidOCR) -> str:
    """Read, paint the words over, trace the rest, put the words back as text."""
    height, width = image.shape[:2]
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    found = reader(bgr)
    boxes = [] if found.boxes is None else list(zip(found.boxes, found.txts, strict=True))
    mask = np.zeros((height, width), np.uint8)
    for box, _ in boxes:
        cv2.fillPoly(mask, [box.astype(np.int32)], 255)
    clean = cv2.inpaint(bgr, mask, 3, cv2.INPAINT_TELEA)
    png = cv2.imencode(".png", clean)[1].tobytes()
    traced = vtracer.convert_raw_image_to_svg(png, img_format="png", filter_speckle=2, path_precision=1)
    texts = []
    for box, words in boxes:
        left, top = box.min(axis=0)
        tall, wide = np.ptp(box[:, 1]), np.ptp(box[:, 0])
        inside = bgr[int(top) : int(top + tall) + 1, int(left) : int(left + wide) + 1].reshape(-1, 3)
        blue, green, red = inside[inside.sum(axis=1).argmin()]
        place = f'x="{left:.1f}" y="{top + 0.78 * tall:.1f}" font-size="{0.75 * tall:.1f}" textLength="{wide:.1f}"'
        escaped = words.replace("&", "&amp;").replace("<", "&lt;")
        texts.append(f'<text {place} font-family="DejaVu Sans" fill="rgb({red},{green},{blue})">{escaped}</text>')
    return traced.replace("</svg>", "\n".join([*texts, "</svg>"]))


def main() -> None:
    """Compare both on every picture of a folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    reader, trace = RapidOCR(params={"Global.log_level": "error"}), Trace()
    models = {"baseline": lambda image: baseline(image, reader), "trace": lambda image: trace.convert(image).source}
    rows = {name: [] for name in models}
    for model in models.values():
        model(np.full((64, 64, 3), 255, np.uint8))
    table = Table("picture", *(f"{name} {part}" for name in models for part in ("words", "ssim", "bytes", "s")))
    for path in sorted(folder.glob("*.png")):
        measured = {name: measure(path, model) for name, model in models.items()}
        for name, values in measured.items():
            rows[name].append(values)
        table.add_row(path.stem, *(shown(value) for values in measured.values() for value in values))
    table.add_section()
    table.add_row("words mean, else median", *(shown(value) for name in models for value in summary(rows[name])))
    Console(width=150).print(table)


def measure(path: Path, model: Callable[[np.ndarray], str]) -> tuple[float | None, float, float, float]:
    """Words, SSIM, bytes and seconds of one model on one picture."""
    image = flat(Image.open(path))
    started = time.monotonic()
    svg = model(image)
    elapsed = time.monotonic() - started
    drawn = flat(Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg)))))
    ssim = score(Image.fromarray(image), Image.fromarray(drawn), ("ssim",)).scores["ssim"]["ssim"]
    return recall(path, svg), float(ssim or 0.0), float(len(svg.encode())), elapsed


def flat(picture: Image.Image) -> np.ndarray:
    """RGB on white."""
    ground = Image.new("RGBA", picture.size, "white")
    ground.alpha_composite(picture.convert("RGBA"))
    return np.asarray(ground.convert("RGB"))


def recall(path: Path, svg: str) -> float | None:
    """Share of the true words among the program's, None without true words."""
    truth = path.with_suffix(".txt")
    wanted = Counter(normalised(truth.read_text("utf-8"))) if truth.is_file() else Counter()
    elements = ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    given = Counter(word for element in elements for word in normalised("".join(element.itertext())))
    return (wanted & given).total() / wanted.total() if wanted else None


def summary(rows: list[tuple[float | None, float, float, float]]) -> list[float | None]:
    """Mean of the words, median of the rest."""
    words = [row[0] for row in rows if row[0] is not None]
    return [
        statistics.mean(words) if words else None,
        *(statistics.median(column) for column in list(zip(*rows, strict=True))[1:]),
    ]


def shown(value: float | None) -> str:
    """Few digits."""
    return "-" if value is None else f"{value:.0f}" if value > 50 else f"{value:.3f}"


if __name__ == "__main__":
    main()
