"""What the engine is compared with: cold starts, as benchmark repositories do them, and limits nothing can beat."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from timing import Spent

COLD_CHART = """
import sys, os
os.environ["MPLBACKEND"] = "Agg"
exec(compile(open(sys.argv[1]).read(), sys.argv[1], "exec"))
"""
ONE_PROCESS = """
import glob, json, sys, time
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt, mpl_toolkits.mplot3d, numpy
if "shortcuts" in sys.argv:
    from derender.render.worker.warm import fill_caches
    fill_caches()
if "encoder" in sys.argv:
    from derender.render.worker.png import pack
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    def save(canvas, file, fmt, pil_kwargs=None, metadata=None):
        FigureCanvasAgg.draw(canvas)
        with open(file, "wb") as opened:
            opened.write(pack(numpy.asarray(canvas.buffer_rgba())).png(canvas.figure.dpi))
    FigureCanvasAgg._print_pil = save
plt.plot([0], label="$x$"); plt.legend(); plt.savefig("warm.png"); plt.close("all")
sources = [open(path).read() for path in sorted(glob.glob("*.py"))]
started, cpu = time.monotonic(), time.process_time()
for source in sources:
    exec(compile(source, "program", "exec"), {"__name__": "__main__"})
    plt.close("all")
print(json.dumps([time.monotonic() - started, time.process_time() - cpu]))
"""
COLD_PAGE = """
import sys
from playwright.sync_api import sync_playwright
with sync_playwright() as p:
    arguments = ["--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    browser = p.chromium.launch(executable_path=sys.argv[2], args=arguments)
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.set_content(open(sys.argv[1]).read())
    page.screenshot(path="out.png", full_page=True)
    browser.close()
"""
ICONS_ONE_PROCESS = """
import glob, json, time
import resvg_py
sources = [open(path, encoding="utf-8").read() for path in sorted(glob.glob("*.svg"))]
resvg_py.svg_to_bytes(svg_string=sources[0], width=256)
started, cpu = time.monotonic(), time.process_time()
for source in sources:
    resvg_py.svg_to_bytes(svg_string=source, width=256)
print(json.dumps([time.monotonic() - started, time.process_time() - cpu]))
"""
COLD_ICON = """
import sys, resvg_py
open("out.png", "wb").write(resvg_py.svg_to_bytes(svg_string=open(sys.argv[1], encoding="utf-8").read(), width=256))
"""


def one_by_one(code: str, folder: Path, names: Sequence[str], *further: str) -> None:
    """A fresh interpreter for each file."""
    for name in names:
        subprocess.run([sys.executable, "-c", code, name, *further], cwd=folder, check=True)


def in_one_process(code: str, folder: Path, *options: str) -> Spent:
    """All files of a folder in one process that runs them as they are, without any isolation.

    Args:
        code: the program that does so and prints the seconds it took, its start aside.
        folder: where the files lie.
        options: ``encoder``: pictures are encoded as the engine does; ``shortcuts``: drawn as the engine does, too.
    """
    started = time.monotonic()
    command = [sys.executable, "-c", code, *options]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    wall, cpu = json.loads(done.stdout)
    if wall > time.monotonic() - started:
        raise SystemExit("a process can't have drawn for longer than it ran")
    return Spent(wall, cpu)
