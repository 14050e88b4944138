"""A small run folder as a user would have it, and a real browser to open its gallery in."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, sync_playwright

HOSTILE = """</script><script>window.pwned=1</script><img src=x onerror="window.pwned=1">'${window.pwned=1}"""

SVG = '<svg xmlns="http://www.w3.org/2000/svg">\n  <rect width="90" height="40" fill="#1f77b4"/>\n</svg>\n'
PYTHON = 'import matplotlib.pyplot as plt\n\n# the bars\nplt.bar(["a", "b"], [1, 2.5])\nplt.frobnicate()\n'


def draw(path: Path, bars: list[int], colour: str = "#1f77b4", size: tuple[int, int] = (320, 240)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGB", size, "white")
    pencil = ImageDraw.Draw(image)
    pencil.text((size[0] // 2 - 40, 8), path.stem[:20], fill="black")
    for i, bar in enumerate(bars):
        pencil.rectangle((20 + i * 40, size[1] - 20 - bar, 48 + i * 40, size[1] - 20), fill=colour)
    image.save(path)


def row(name: str, **fields: object) -> dict[str, object]:
    """A well-formed line of a run, to be bent by a test."""
    return {
        "id": name,
        "reference": f"reference/{name}.png",
        "target": "svg",
        "program": f"{name}.svg",
        "rendering": {"ok": True, "failure": None, "pictures": [f"{name}.png"], "warnings": [], "elapsed_s": 0.2},
        "scores": {"ssim": {"ssim": 0.9}, "words": {"recall": 1.0, "precision": 0.5}},
        "unscored": {},
        "model": "trace",
        "group": "chart",
    } | fields


def failed(kind: str, message: str, *, line: int | None = None, ours: bool = False) -> dict[str, object]:
    failure = {"kind": kind, "message": message, "line": line, "ours": ours}
    return {"ok": False, "failure": failure, "pictures": [], "warnings": [], "elapsed_s": 1.5}


def write_results(folder: Path, rows: list[dict[str, object]], tail: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n" + tail)
    return folder


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows that went well, failed by the program and by us, lost their picture, or are out to break the page."""
    folder = tmp_path_factory.mktemp("runs") / "small"
    for name, bars in {"bars": [90, 40, 150], "more": [20, 60, 100], "third": [10, 10, 180]}.items():
        draw(folder / "reference" / f"{name}.png", bars)
        draw(folder / f"{name}.png", [*bars[:2], bars[2] - 20], "#1f77b4")
        (folder / f"{name}.svg").write_text(SVG)
        (folder / f"{name}.py").write_text(PYTHON)
    (folder / "hostile.py").write_text(f"print({HOSTILE!r})\n")
    ok = {"ok": True, "failure": None, "warnings": [], "elapsed_s": 0.1}
    broken = "AttributeError: module 'matplotlib.pyplot' has no attribute 'frobnicate'"
    rows = [
        row("bars", scores={"ssim": {"ssim": 0.97}, "words": {"recall": 1.0, "precision": 0.5}}),
        row("bars", target="python", program="bars.py", rendering=failed("runtime", broken, line=5), scores={}),
        row("more", scores={"ssim": {"ssim": 0.6}}, unscored={"words": "no text in the reference"}, group="icon"),
        row("third", rendering=failed("worker_lost", "the worker died", ours=True), scores={}, group="icon"),
        row("gone", rendering=ok | {"pictures": ["gone.png"]}, scores={"ssim": {"ssim": 0.8}}),
        row(
            HOSTILE,
            reference="reference/bars.png",
            program="hostile.py",
            target=HOSTILE,
            group=HOSTILE,
            model=HOSTILE,
            rendering=failed("runtime", HOSTILE, line=1) | {"warnings": [HOSTILE], "pictures": [f"{HOSTILE}.png"]},
            scores={HOSTILE: {HOSTILE: 0.1}},
            unscored={"ssim": HOSTILE},
        ),
        {"id": "bare"},
        row("several", reference="reference/bars.png", rendering=ok | {"pictures": ["bars.png", "more.png"]}),
    ]
    return write_results(folder, rows, tail='{"id": "torn", "refer')


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium-headless-shell"), args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a file; when the test is over, the page must have complained of nothing and asked for nothing."""
    pages: list[Page] = []
    trouble: list[str] = []

    def open_file(path: Path, *, scheme: str = "light", size: tuple[int, int] = (1400, 900), anchor: str = "") -> Page:
        page = browser.new_page(color_scheme=scheme, viewport={"width": size[0], "height": size[1]})
        page.set_default_timeout(8_000)
        page.on("console", lambda message: trouble.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("request", lambda request: trouble.extend(_foreign(request.url, path)))
        page.goto(path.as_uri() + anchor)
        pages.append(page)
        return page

    yield open_file
    for page in pages:
        page.close()
    assert not trouble


def _foreign(url: str, path: Path) -> list[str]:
    return [] if url.startswith("data:") or url.split("#")[0] == path.as_uri() else [f"request: {url[:200]}"]
