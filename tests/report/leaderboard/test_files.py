"""The files of a leaderboard: whole or absent, self-contained, and deaf to what their data says."""

import json
import os
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from derender.core import UserError
from derender.report.leaderboard import Board, read_board, write_figures, write_leaderboard
from derender.report.leaderboard.markup import shortened, width_of
from derender.report.leaderboard.samples import details_of, ordered, pictures_of
from report.conftest import HOSTILE, draw

from .conftest import EMOJI, LONG, RTL, sample, write_run

SVG = "{http://www.w3.org/2000/svg}"
FIGURES = ["intervals", "datasets", "domains", "rendered"]
COMPARED = ["differences-measured", "ranks-measured", "differences-published", "ranks-published"]


@pytest.fixture(scope="module")
def board(runs: list[Path]) -> Board:
    return read_board(runs, published=True)


@pytest.fixture(scope="module")
def page(board: Board, tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_leaderboard(board, tmp_path_factory.mktemp("page") / "page.html", title=HOSTILE).read_text()


def test_the_same_board_gives_the_same_page(board: Board, page: str, tmp_path: Path) -> None:
    assert write_leaderboard(board, tmp_path / "new" / "again.html", title=HOSTILE).read_text() == page


def test_no_text_of_a_run_is_markup(page: str) -> None:
    assert "<script>window.pwned" not in page
    assert "<img src=x" not in page
    kinds = set(re.findall(r"<script([^>]*)>", page))
    assert all(kind == "" or re.fullmatch(r' type="(application/json|text/plain)" id="\w+"', kind) for kind in kinds)
    assert page.count("<script>") == 1


def test_the_page_forbids_itself_every_request(page: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    assert policy.startswith("default-src 'none';") and "img-src data:;" in policy
    assert "unsafe" not in policy and " style=" not in page
    assert not re.search(r"""(?:src|href)=["'](?!data:,|#)""", page.split('id="run"')[0])


def test_ids_are_unique_and_what_names_a_part_is_there(page: str) -> None:
    plain = page.split('<script type="application/json"')[0]
    ids = re.findall(r'[ ]id="([^"]+)"', plain)
    assert len(ids) == len(set(ids))
    named = " ".join(re.findall(r'aria-labelledby="([^"]+)"', plain)).split()
    assert set(named) - {"large-name"} <= set(ids)
    assert set(re.findall(r'href="#([^"]+)"', plain)) <= set(ids)


def test_figures_are_files_with_text_as_text_and_the_colours_of_paper(board: Board, tmp_path: Path) -> None:
    paths = write_figures(board, tmp_path / "figures")
    assert [path.stem for path in paths] == [*FIGURES, *COMPARED, "failures"]
    for path in paths:
        source = path.read_text()
        root = ElementTree.fromstring(source)
        assert root.tag == f"{SVG}svg" and "sans-serif" in root.attrib["font-family"]
        assert "light-dark" not in source and "var(" not in source and "<script" not in source
        assert root.find(f"{SVG}title").text and root.find(f"{SVG}desc").text
        width = float(root.attrib["width"])
        assert 200 < width <= 1144 and len(root.findall(f".//{SVG}text")) > 5
        for text in root.iter(f"{SVG}text"):
            assert 0 <= float(text.attrib["x"]) <= width
            assert 0 < float(text.attrib["y"]) <= float(root.attrib["height"])


def test_figures_of_the_published_numbers_hold_them(tmp_path: Path) -> None:
    paths = {path.stem: path for path in write_figures(read_board([]), tmp_path)}
    assert [*paths] == [*FIGURES, "differences-published", "ranks-published", "failures"]
    told = " ".join(paths["datasets"].read_text().split())
    # One cell of the published table, to two decimals: GPT-5.4 on ChartQA.
    assert "<title>GPT-5.4, ChartQA, 195 of 195 rated: 4.58</title>" in told
    assert "Gemini-3.1 Flash Lite Preview: 162 Hallucinated API/argument" in paths["failures"].read_text()
    assert "Qwen3.5-9B: 1,585 of 2,169" in paths["rendered"].read_text()


def test_names_are_shortened_in_their_middle_to_what_there_is_room_for() -> None:
    for name in ("Qwen3.5-397B-A17B+R", HOSTILE, RTL, EMOJI, LONG):
        short = shortened(name, 12, 80)
        assert width_of(short, 12) <= 80 and len(short) <= len(name)
    assert shortened("Qwen3.5-397B-A17B+R", 12, 80) != shortened("Qwen3.5-397B-A17B", 12, 80)
    assert shortened("short", 12, 80) == "short"


def test_pictures_too_many_for_the_page_lie_beside_it_and_old_ones_go(runs: list[Path], tmp_path: Path) -> None:
    page = write_leaderboard(read_board(runs[:2]), tmp_path / "page.html", most=1000)
    folder = tmp_path / "page.pictures"
    names = {path.name for path in folder.iterdir()}
    index = json.loads(re.search(r'id="run">(.*?)</script>', page.read_text(), re.DOTALL)[1])
    assert index["beside"] == folder.name and set(filter(None, index["files"])) == names and len(names) > 3
    assert '<script type="text/plain" id="p' not in page.read_text()
    (folder / "of-somebody.webp").touch()
    write_leaderboard(read_board(runs[1:2]), page, most=1000)
    left = {path.name for path in folder.iterdir()}
    assert "of-somebody.webp" in left and left - {"of-somebody.webp"} < names
    (folder / "of-somebody.webp").unlink()
    write_leaderboard(read_board(runs[1:2]), page)
    assert not folder.exists()


def test_nothing_half_written_is_left_and_an_older_page_keeps_its_pictures(
    runs: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = write_leaderboard(read_board(runs[:1]), tmp_path / "page.html", most=1000)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("derender.report.leaderboard.writing.page_halves", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_leaderboard(read_board(runs[1:2]), page, most=1000)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("score", [0.0, 2.5, 5.0])
def test_models_that_are_all_rated_the_same_are_drawn(tmp_path: Path, score: float) -> None:
    runs = [write_run(tmp_path / name, [sample("a", "ChartQA", score)], model=name) for name in "xy"]
    (intervals, *_) = write_figures(read_board(runs), tmp_path / "figures")
    means = [each for each in ElementTree.parse(intervals).iter(f"{SVG}circle") if len(each)]
    assert len(means) == 2 and len({each.get("cx") for each in means}) == 1


def test_a_file_outside_of_its_run_is_not_shown_and_said(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("a secret of somebody's")
    draw(tmp_path / "secret.png", [9, 9, 9])
    rows = [sample(name, "ChartQA", 4.0) for name in ("up", "absolute", "link")]
    names = ("../secret", f"{tmp_path}/secret", "link")
    for row, name in zip(rows, names, strict=True):
        row |= {"program": f"{name}.py", "reference": f"{name}.png"}
        row["rendering"]["pictures"] = [f"{name}.png"]
    run = write_run(tmp_path / "run", [], model="m")
    (run / "results.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for suffix in (".py", ".png"):
        (run / f"link{suffix}").symlink_to(tmp_path / f"secret{suffix}")
    (run / "round.png").symlink_to("round.png")
    with (run / "results.jsonl").open("a") as lines:
        lines.write(json.dumps(sample("circle", "ChartQA", 4.0, program=None, reference="round.png")) + "\n")
    # Whoever makes a run can call its folder a package.
    (run / "manifest.csv").write_text("")
    board = read_board([run])
    assert {path.name for path in pictures_of(ordered(board))} == {"round.png", "circle.png"}
    assert {details_of(each)["program"] for each in board.runs["m"].samples} == {""}
    assert any(note.startswith("m: 9 files are not shown") for note in board.notes)


def test_references_are_shown_from_packages_that_keep_them_behind_links(tmp_path: Path) -> None:
    package = tmp_path / "package/images/test"
    package.mkdir(parents=True)
    (tmp_path / "package/manifest.csv").write_text("")
    draw(tmp_path / "blob.png", [9, 9, 9])
    (package / "a.png").symlink_to(tmp_path / "blob.png")
    rows = [sample("a", "ChartQA", 4.0, reference=str(package / "a.png"))]
    board = read_board([write_run(tmp_path / "run", rows, model="m")])
    assert pictures_of(ordered(board))[0] == package / "a.png"
    assert not any("not shown" in note for note in board.notes)


def test_pipes_and_scripts_in_pictures_are_neither_waited_for_nor_shown(tmp_path: Path) -> None:
    rows = [sample(name, "ChartQA", 4.0) for name in ("pipe", "script")]
    run = write_run(tmp_path / "run", rows, model="m")
    (run / "pipe.png").unlink()
    os.mkfifo(run / "pipe.png")
    os.mkfifo(run / "ledger.json")
    (run / "script.png").write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>window.pwned=1</script></svg>")
    text = write_leaderboard(read_board([run]), tmp_path / "page.html").read_text()
    index = json.loads(re.search(r'id="run">(.*?)</script>', text, re.DOTALL)[1])
    assert "is a pipe or device, not a picture" in index["pictures"]
    assert sum(isinstance(entry, str) for entry in index["pictures"]) == 2 and "window.pwned" not in text
    (run / "results.jsonl").unlink()
    os.mkfifo(run / "results.jsonl")
    with pytest.raises(UserError, match="is a pipe or device"):
        read_board([run])


def test_a_place_that_cannot_be_written_is_one_sentence(board: Board, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="is a folder"):
        write_leaderboard(board, tmp_path)
    with pytest.raises(UserError, match="can't be written"):
        write_leaderboard(board, tmp_path / "file" / "page.html")
    with pytest.raises(UserError, match="is a file, and a folder is needed"):
        write_figures(board, tmp_path / "file")


def test_a_picture_that_is_none_is_named_in_its_place(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", [sample("a", "ChartQA", 4.0), sample("b", "ChartQA", 3.0)], model="m")
    (run / "a.png").write_text("no picture")
    (run / "b.png").unlink()
    draw(run / "reference.png", [1, 2, 3])
    page = write_leaderboard(read_board([run]), tmp_path / "page.html", most=100)
    index = json.loads(re.search(r'id="run">(.*?)</script>', page.read_text(), re.DOTALL)[1])
    reasons = [entry for entry in index["pictures"] if isinstance(entry, str)]
    assert len(reasons) == 2 and "no such file" in reasons
    assert [name is None for name in index["files"]] == [isinstance(entry, str) for entry in index["pictures"]]
