import json
import math

import pytest
from PIL import Image, ImageDraw


@pytest.fixture(scope="module")
def folders(shell):
    """References and candidates: one alike, one different, one missing on each side, one that is no picture."""
    image = Image.new("RGB", (120, 80), "white")
    ImageDraw.Draw(image).ellipse((20, 10, 90, 70), fill="navy")
    wanted, given = shell.folder / "wanted", shell.folder / "given"
    wanted.mkdir()
    given.mkdir()
    for name in ("same", "other", "alone", "cut"):
        image.save(wanted / f"{name}.png")
    image.save(given / "same.webp", lossless=True)
    image.rotate(90).save(given / "other.png")
    image.save(given / "stray.png")
    (given / "cut.png").write_bytes((wanted / "cut.png").read_bytes()[:90])
    (given / "results.jsonl").write_text("")
    (shell.folder / "empty").mkdir()
    return shell.folder


@pytest.fixture(scope="module")
def run(shell, folders):
    return shell("score", "wanted", "given", "--metric", "ssim,psnr", "-o", "compared", "--json")


def test_folders_are_matched_by_stem_with_the_agreed_fields(run, folders):
    assert run.code == 1
    assert all(list(row) == ["reference", "candidate", "scores", "unscored"] for row in run.rows)
    pairs = {(row["reference"], row["candidate"]) for row in run.rows}
    assert (str(folders / "wanted" / "same.png"), str(folders / "given" / "same.webp")) in pairs
    assert len(pairs) == 5


def test_every_metric_is_scored_or_says_why_not(run):
    for row in run.rows:
        assert set(row["scores"]) | set(row["unscored"]) == {"ssim", "psnr"}
        for parts in row["scores"].values():
            assert all(value is None or math.isfinite(value) for value in parts.values())
    ssim = {row["candidate"]: row["scores"]["ssim"]["ssim"] for row in run.rows if row["scores"]}
    assert sorted(ssim.values())[-1] == 1.0
    assert sorted(ssim.values())[0] < 0.9


def test_what_has_no_counterpart_is_one_sentence_each(run):
    assert len(run.err.splitlines()) == 3
    assert "no picture named alone in given" in run.err
    assert "no picture named stray in wanted" in run.err
    assert "damaged" in run.err


def test_the_run_folder_can_be_shown(run, shell):
    rows = [json.loads(line) for line in (shell.folder / "compared" / "results.jsonl").read_text().splitlines()]
    assert {row["id"] for row in rows} == {"same", "other"}
    assert shell("report", "compared").code == 0


def test_one_pair_is_a_table_for_people(shell, folders):
    done = shell("score", "wanted/same.png", "given/other.png", "--metric", "ssim,mse")
    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines()] == ["ssim", "mse"]
    assert "lower is better" in done.out
    assert done.err == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["wanted/same.png", "given"], "not one of each"),
        (["wanted/same.png", "nothing.png"], "nothing.png: no such file"),
        (["wanted", "nothing"], "nothing"),
        (["empty", "given"], "holds no pictures"),
        (["wanted", "given", "--metric", "taste"], "unknown metric 'taste'"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(shell, folders, arguments, words):
    done = shell("score", *arguments)
    assert done.code == 2
    assert words in done.err
    assert len(done.err.splitlines()) == 1
