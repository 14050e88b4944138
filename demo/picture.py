"""Draws the readme's picture of what the demo made: `python demo/picture.py demo-out docs/demo.png`."""

import html
import sys
from pathlib import Path

from derender import Engine, Program, RenderOptions

NAME = "chart-exports-stacked"
LINES = 21
PAGE = """<!DOCTYPE html><meta charset="utf-8"><style>
body{{margin:0;padding:26px;width:1148px;background:#f4f5f8;font:15px 'Liberation Sans',sans-serif;color:#1c2330}}
.row{{display:flex;gap:22px}} figure{{margin:0;flex:1;background:#fff;border-radius:12px;padding:14px 14px 10px;
box-shadow:0 1px 4px #0002}} img{{width:100%;display:block;border-radius:4px}}
figcaption{{padding-top:9px;color:#5a6475}} b{{color:#1c2330}}
pre{{margin:22px 0;background:#171c28;color:#d5dcec;border-radius:12px;padding:18px 20px;overflow:hidden;
font:13px/1.5 'DejaVu Sans Mono',monospace}} i{{font-style:normal;color:#7fd1b9}}
</style><div class="row">
<figure><img src="reference.png"><figcaption><b>a picture</b></figcaption></figure>
<figure><img src="svg.png"><figcaption><b>drawn again</b> by the SVG below</figcaption></figure></div>
<pre>{code}</pre><div class="row">
<figure><img src="python.png"><figcaption><b>as Matplotlib</b> &nbsp;--to python</figcaption></figure>
<figure><img src="html.png"><figcaption><b>as a page</b> &nbsp;--to html</figcaption></figure></div>"""


def excerpt(source: str) -> str:
    """The program's first lines and its last ones, where the words are; long ones cut."""
    lines = source.splitlines()
    head, tail = lines[: LINES - 9], lines[-8:]
    shown = [*head, "…", *tail] if len(lines) > LINES else lines
    return "\n".join(html.escape(line if len(line) < 132 else line[:131] + "…") for line in shown)


def main() -> None:
    """Set the demo's pictures into a page and draw it."""
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    assets = {f"{target}.png": (folder / target / f"{NAME}.png").read_bytes() for target in ("svg", "python", "html")}
    assets["reference.png"] = (folder / "reference" / f"{NAME}.png").read_bytes()
    page = PAGE.format(code=excerpt((folder / "svg" / f"{NAME}.svg").read_text("utf-8")))
    with Engine(jobs=1) as engine:
        rendering = engine.render(Program(page, "html", assets), RenderOptions(width=1200, height=400))
    if rendering.picture is None:
        sys.exit(str(rendering.failure))
    rendering.picture.save(out)


if __name__ == "__main__":
    main()
