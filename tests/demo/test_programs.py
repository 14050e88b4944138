from pathlib import Path

import pytest

from derender.core import Language, Program

FOLDER = Path(__file__).parents[2] / "demo" / "programs"
PATHS = sorted(path for path in FOLDER.iterdir() if Language.of_file(path))
GROUPS = {"chart", "geometry", "graph", "circuit", "molecule", "document", "table", "page", "icon", "scene"}


@pytest.fixture(scope="module")
def renderings(engine):
    programs = [Program.from_file(path) for path in PATHS]
    return {PATHS[index].name: rendering for index, rendering in engine.render_many(programs)}


def test_every_kind_of_picture_is_there():
    groups = [path.stem.split("-")[0] for path in PATHS]
    assert set(groups) == GROUPS
    assert len(groups) >= 24
    assert groups.count("chart") >= 10
    assert groups.count("page") == 2
    assert {Language.of_file(path) for path in PATHS} == {Language.PYTHON, Language.SVG, Language.HTML}


def test_names_are_told_apart_without_their_suffix():
    assert len({path.stem for path in PATHS}) == len(PATHS)


@pytest.mark.parametrize("name", [path.name for path in PATHS])
def test_draws_one_picture_as_it_should(renderings, name):
    rendering = renderings[name]
    assert rendering.failure is None
    assert len(rendering.pictures) == 1
    assert not rendering.warnings, "a missing glyph, an outside reference or a console error spoils a demo"
    picture = rendering.picture
    assert not picture.blank
    assert 256 <= picture.width <= 1280
    assert 256 <= picture.height <= 900


@pytest.mark.parametrize("name", [path.name for path in PATHS])
def test_its_true_words_are_known(renderings, name):
    words = " ".join(renderings[name].picture.texts).split()
    fewest = 0 if name.startswith("icon") else 5
    assert fewest <= len(words) <= 110
