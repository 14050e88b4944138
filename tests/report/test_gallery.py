"""The gallery as a file: whole or absent, self-contained, and deaf to what its data says."""

import json
import re
from pathlib import Path

import pytest

from derender.core import UserError
from derender.report import write_gallery

from .conftest import HOSTILE, row, write_results


@pytest.fixture(scope="module")
def page(small_run: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_gallery(small_run, tmp_path_factory.mktemp("out") / "page.html", title=HOSTILE).read_text()


def test_it_is_the_index_of_the_run_folder_by_default(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "my run", [row("a")])
    assert write_gallery(folder) == folder / "index.html"
    assert "<title>my run</title>" in (folder / "index.html").read_text()


def test_it_is_written_where_it_is_asked_for(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "run", [row("a")])
    out = write_gallery(folder, tmp_path / "new" / "folder" / "page.html")
    assert out.is_file()
    assert not (folder / "index.html").exists()


def test_the_same_run_gives_the_same_page(small_run: Path, tmp_path: Path, page: str) -> None:
    assert write_gallery(small_run, tmp_path / "again.html", title=HOSTILE).read_text() == page


def test_nothing_half_written_is_left_and_an_older_page_survives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_results(tmp_path / "run", [row("a")])
    write_gallery(folder, title="older")
    before = sorted(folder.iterdir())

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("derender.report.gallery.run_index", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_gallery(folder, title="newer")
    assert sorted(folder.iterdir()) == before
    assert "<title>older</title>" in (folder / "index.html").read_text()


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "run", [row("a")])
    with pytest.raises(UserError, match="is a folder"):
        write_gallery(folder, folder)
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="can't be written"):
        write_gallery(folder, tmp_path / "file" / "page.html")


def test_no_text_of_the_run_is_markup(page: str) -> None:
    assert "<script>window.pwned" not in page
    assert "<img src=x" not in page
    # Ours alone: the index, the program, and one inert block per picture and per handful of rows.
    kinds = set(re.findall(r"<script([^>]*)>", page))
    assert all(kind == "" or re.fullmatch(r' type="(application/json|text/plain)" id="\w+"', kind) for kind in kinds)
    assert page.count("<script>") == 1


def test_the_index_holds_the_hostile_text_unchanged(page: str) -> None:
    index = json.loads(re.search(r'id="run">(.*?)</script>', page, re.DOTALL)[1])
    assert index["title"] == HOSTILE
    assert HOSTILE in [item["id"] for item in index["rows"]]


def test_the_page_forbids_itself_every_request(page: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert not re.search(r"""(?:src|href)=["'](?!data:,|#)""", page.split('id="run"')[0])


def test_equal_references_of_several_rows_are_held_once(page: str) -> None:
    index = json.loads(re.search(r'id="run">(.*?)</script>', page, re.DOTALL)[1])
    using = [item for item in index["rows"] if item["reference"] == index["rows"][0]["reference"]]
    assert len(using) == 4


def test_an_empty_run_has_a_page_too(tmp_path: Path) -> None:
    tmp_path.joinpath("results.jsonl").write_text("")
    assert write_gallery(tmp_path).stat().st_size > 10_000


def test_metrics_of_ours_say_which_way_is_better(tmp_path: Path) -> None:
    scores = {"ssim": {"ssim": 0.9}, "mse": {"mse": 0.1}, "of another tool": {"x": 1}}
    page = write_gallery(write_results(tmp_path, [row("a", scores=scores)])).read_text()
    index = json.loads(re.search(r'id="run">(.*?)</script>', page, re.DOTALL)[1])
    assert [part["better"] for part in index["parts"]] == ["high", "low", ""]


def test_parts_stand_by_their_metric_in_its_order_and_go_by_their_own_names(tmp_path: Path) -> None:
    whole = {"text_f1": 1.0, "layout_f1": 1.0, "color_f1": 0.5}
    rows = [
        row("a", scores={"unisvg": {"ssim": 0.9}, "ssim": {"ssim": 0.9}}, unscored={"unisvg.score": "no weights"}),
        row("b", scores={"chartmimic": {**whole}}, unscored={"chartmimic.type_f1": "why", "a.b": "of another tool"}),
    ]
    page = write_gallery(write_results(tmp_path, rows)).read_text()
    index = json.loads(re.search(r'id="run">(.*?)</script>', page, re.DOTALL)[1])
    labels = ["unisvg score", "unisvg ssim", "ssim"]
    labels += ["chartmimic text_f1", "chartmimic layout_f1", "chartmimic type_f1", "chartmimic color_f1", "a.b"]
    assert [part["label"] for part in index["parts"]] == labels
    assert all(part["headline"] for part in index["parts"])


def test_of_many_parts_the_first_of_each_metric_are_headlines(tmp_path: Path) -> None:
    scores = {"ssim": {"ssim": 0.9}, "another's": {f"p{number}": 0.5 for number in range(12)}}
    page = write_gallery(write_results(tmp_path, [row("a", scores=scores)])).read_text()
    index = json.loads(re.search(r'id="run">(.*?)</script>', page, re.DOTALL)[1])
    assert [part["label"] for part in index["parts"] if part["headline"]] == ["ssim", "another's p0"]
