"""Pictures on their way into the page."""

import base64
import io
import re
from pathlib import Path

import numpy as np
from PIL import Image

from derender.report.pictures import embed_pictures

from .conftest import draw


def embedded(paths: list[Path]) -> tuple[dict[Path, object], dict[str, Image.Image]]:
    """What the page would know of each path, and the pictures it would hold by block name."""
    spool = io.StringIO()
    album = embed_pictures(paths, spool)
    blocks = re.findall(r'id="(\w+)">([^<]+)</script>', spool.getvalue())
    pictures = {name: Image.open(io.BytesIO(base64.b64decode(data))) for name, data in blocks}
    return {path: album.entries[album.ids[path]] for path in paths}, pictures


def test_a_chart_is_stored_without_loss(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    draw(path, [10, 50])
    facts, pictures = embedded([path])
    assert facts[path] == [320, 240, 1.0, 1, 0, 0]
    assert np.array_equal(np.asarray(pictures["p0"].convert("RGB")), np.asarray(Image.open(path)))


def test_equal_files_are_stored_once(tmp_path: Path) -> None:
    paths = [tmp_path / "a" / "x.png", tmp_path / "b" / "x.png", tmp_path / "c" / "x.png"]
    for path, bars in zip(paths, ([1], [1], [2]), strict=True):
        draw(path, bars)
    _, pictures = embedded([*paths, paths[0]])
    assert sorted(pictures) == ["p0", "p1"]


def test_a_large_picture_is_held_smaller_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "wide.png"
    Image.new("RGB", (3200, 400), "red").save(path)
    facts, pictures = embedded([path])
    assert facts[path] == [3200, 400, 0.5, 1, 1, 0]
    assert pictures["p0"].size == (1600, 200)


def test_a_very_tall_page_still_fits_the_format(tmp_path: Path) -> None:
    path = tmp_path / "tall.png"
    Image.new("RGB", (100, 60_000), "red").save(path)
    _, pictures = embedded([path])
    assert max(pictures["p0"].size) <= 16_383


def test_what_does_not_compress_is_stored_with_loss_and_gets_a_thumbnail(tmp_path: Path) -> None:
    path = tmp_path / "noise.png"
    noise = np.random.default_rng(0).integers(0, 255, (600, 800, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    facts, pictures = embedded([path])
    assert facts[path] == [800, 600, 1.0, 0, 0, 1]
    assert pictures["t0"].size == (640, 480)


def test_transparency_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "glass.png"
    Image.new("RGBA", (40, 30), (255, 0, 0, 128)).save(path)
    _, pictures = embedded([path])
    assert pictures["p0"].mode == "RGBA"


def test_what_is_no_picture_becomes_a_reason_and_spoils_nothing_else(tmp_path: Path) -> None:
    good, missing, lie, folder = (tmp_path / name for name in ("good.png", "missing.png", "lie.png", "folder.png"))
    draw(good, [5])
    lie.write_text("not a picture")
    folder.mkdir()
    facts, pictures = embedded([missing, lie, folder, good])
    assert [isinstance(facts[path], str) for path in (missing, lie, folder, good)] == [True, True, True, False]
    assert str(tmp_path) not in f"{facts[missing]}{facts[lie]}{facts[folder]}"
    assert list(pictures) == ["p3"]
