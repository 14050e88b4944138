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
        (["wanted", "given", "--metric", "chartmimc"], "use one of chartmimic, "),
        (["wanted/same.png", "given/other.png", "--original", "nothing.html"], "nothing.html: no such file"),
        (["wanted/same.png", "given/other.png", "--original", "given"], "not a folder of them"),
        (["wanted/same.png", "given/other.png", "--original", "given/other.png"], "the suffix is no language's"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(shell, folders, arguments, words):
    done = shell("score", *arguments)
    assert done.code == 2
    assert words in done.err
    assert len(done.err.splitlines()) == 1


SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40"><rect width="{}" height="20" fill="teal"/></svg>'


@pytest.fixture(scope="module")
def programs(shell):
    """Two folders of programs: alike, different, broken, and one that stands against a picture."""
    wanted, given = shell.folder / "wanted-programs", shell.folder / "given-programs"
    for folder in (wanted, given):
        folder.mkdir()
    for name, width in (("alike", 30), ("broken", 30), ("other", 30)):
        (wanted / f"{name}.svg").write_text(SVG.format(width))
    (given / "alike.svg").write_text(SVG.format(30))
    (given / "alike.png").write_bytes(b"its picture, from an earlier run")
    (given / "broken.svg").write_text("<svg")
    (given / "other.svg").write_text(SVG.format(9))
    Image.new("RGB", (60, 40), "teal").save(wanted / "picture.png")
    (given / "picture.svg").write_text(SVG.format(60))
    return shell.folder


def test_programs_are_compared_by_what_they_draw_and_shown_with_it(shell, programs):
    run = shell("score", "wanted-programs", "given-programs", "-m", "mse", "-o", "drawn", "--json")
    assert run.code == 0
    names = [row["candidate"].rpartition("/")[2] for row in run.rows]
    assert names == ["alike.svg", "broken.svg", "other.svg", "picture.svg"]
    mse = [row["scores"]["mse"]["mse"] for row in run.rows]
    assert mse[0] == 0 and mse[1] == 1 and 0 < mse[2] < 1 and 0 < mse[3] < 1
    rows = [json.loads(line) for line in (shell.folder / "drawn" / "results.jsonl").read_text().splitlines()]
    assert [row["rendering"]["ok"] for row in rows] == [True, False, True, True]
    assert rows[0]["rendering"]["pictures"] == ["alike.png"]
    assert Image.open(shell.folder / "drawn" / "alike.png").size == (60, 40)
    assert rows[0]["program"].endswith("given-programs/alike.svg")
    assert shell("report", "drawn").code == 0


def test_the_same_bytes_come_out_however_many_work(shell, programs):
    one, four = (
        shell("score", "wanted-programs", "given-programs", "-m", "mse", "-o", f"jobs-{jobs}", "--json", "-j", jobs)
        for jobs in ("1", "4")
    )
    assert one.out == four.out
    first, second = ((shell.folder / f"jobs-{jobs}" / "results.jsonl").read_bytes() for jobs in ("1", "4"))
    assert first == second


def test_a_run_that_was_broken_off_is_taken_up_where_it_was(shell, programs):
    arguments = ("score", "wanted-programs", "given-programs", "-m", "mse", "-o", "resumed", "--json")
    whole = shell(*arguments)
    results = shell.folder / "resumed" / "results.jsonl"
    lines = results.read_bytes().splitlines(keepends=True)
    told = json.loads(lines[2])
    told["scores"]["mse"]["mse"] = 0.125
    # The first and third of four were done, and the next was being written.
    odd = b'{"key": []}\n[]\n\xff\n'
    results.write_bytes(lines[0] + odd + json.dumps(told).encode() + b"\n" + lines[3][:40])
    again = shell(*arguments)
    assert [row["scores"]["mse"]["mse"] for row in again.rows][2] == 0.125
    assert [again.rows[place] for place in (0, 1, 3)] == [whole.rows[place] for place in (0, 1, 3)]
    written = results.read_bytes().splitlines(keepends=True)
    assert [written[place] for place in (0, 1, 3)] == [lines[place] for place in (0, 1, 3)]


def test_what_has_changed_since_is_scored_anew(shell, programs):
    arguments = ("score", "wanted-programs", "changing", "-m", "mse", "-o", "renewed", "--json")
    changing = shell.folder / "changing"
    changing.mkdir()
    (changing / "alike.svg").write_text(SVG.format(30))
    assert shell(*arguments).rows[-1]["scores"] == {"mse": {"mse": 0.0}}
    (changing / "alike.svg").write_text(SVG.format(3))
    assert shell(*arguments).rows[-1]["scores"]["mse"]["mse"] > 0
    fixed = shell(*arguments, "--mode", "fixed")
    assert len((shell.folder / "renewed" / "results.jsonl").read_text().splitlines()) == 1
    assert fixed.rows[-1]["scores"]["mse"]["mse"] > 0


def test_what_was_unscored_for_want_of_weights_is_scored_when_they_have_come(shell, programs, monkeypatch):
    arguments = ("score", "wanted-programs", "given-programs", "-m", "mse,crystalbleu", "-o", "weighed", "--json")
    monkeypatch.setitem(shell.environment, "DERENDER_WEIGHTS", str(shell.folder / "weights"))
    key = _keys(shell, *arguments)
    assert _keys(shell, *arguments) == key
    (shell.folder / "weights" / "crystalbleu").mkdir(parents=True)
    (shell.folder / "weights" / "crystalbleu" / "datikz.json").write_text("[]")
    assert not _keys(shell, *arguments) & key


def _keys(shell, *arguments):
    shell(*arguments)
    lines = (shell.folder / "weighed" / "results.jsonl").read_text().splitlines()
    return {json.loads(line)["key"] for line in lines}


def test_what_failed_by_our_fault_is_tried_again(shell, programs):
    arguments = ("score", "wanted-programs", "given-programs", "-m", "mse", "-o", "ours", "--json")
    whole = shell(*arguments)
    results = shell.folder / "ours" / "results.jsonl"
    rows = [json.loads(line) for line in results.read_text().splitlines()]
    assert not any(row["again"] for row in rows)
    lost = {**rows[0], "again": True, "scores": {}, "unscored": {"mse": "the worker was lost"}}
    results.write_text("".join(json.dumps(row) + "\n" for row in [lost, *rows[1:]]))
    assert shell(*arguments).out == whole.out
    assert [json.loads(line) for line in results.read_text().splitlines()] == rows


def test_people_are_told_what_is_not_scored_of_many_and_of_one(shell, programs):
    metrics = ("-m", "mse,svg_structure,cms,cmls")
    many = shell("score", "wanted-programs", "given-programs", *metrics)
    assert "cms not scored in 4 of 4: cms compares two edits" in many.err
    assert "svg_structure.elements 1.000" in many.out


def test_one_reason_is_said_once_and_a_part_is_not_taken_for_its_metric(shell, folders):
    metrics = ("-m", "image2struct,image2struct_resize")
    one = shell("score", "wanted/same.png", "given/other.png", *metrics)
    assert "\nimage2struct.edit, image2struct_resize.edit  not scored: " in one.out
    assert one.out.startswith("image2struct              ssim ")
    many = shell("score", "wanted", "given", *metrics)
    assert "image2struct.ssim 1.000" in many.out


def test_pairs_of_one_stem_share_no_file_whichever_is_scored_first(shell):
    wanted, given = shell.folder / "wanted-twins", shell.folder / "given-twins"
    wanted.mkdir()
    given.mkdir()
    Image.new("RGB", (60, 40), "teal").save(wanted / "twin.png")
    (wanted / "twin.jpg").write_bytes(b"damaged")
    (given / "twin.svg").write_text(SVG.format(30))
    arguments = ("score", "wanted-twins", "given-twins", "-m", "mse", "-o", "twins", "--json")
    assert shell(*arguments).code == 1
    Image.new("RGB", (60, 40), "teal").save(wanted / "twin.jpg")
    assert shell(*arguments).code == 0
    rows = [json.loads(line) for line in (shell.folder / "twins" / "results.jsonl").read_text().splitlines()]
    assert [(row["id"], row["rendering"]["pictures"]) for row in rows] == [
        ("twin", ["twin.png"]),
        ("twin-2", ["twin-2.png"]),
    ]


def test_people_are_told_why_a_candidate_has_the_worst_scores(shell, programs):
    done = shell("score", "wanted-programs/broken.svg", "given-programs/broken.svg", "-m", "mse")
    assert "\n  ! the candidate failed (" in done.out


def test_an_unknown_mode_is_one_sentence(shell, programs):
    done = shell("score", "wanted/same.png", "given/other.png", "--mode", "better")
    assert done.code == 2
    assert "unknown mode 'better': use one of fixed, official" in done.err
