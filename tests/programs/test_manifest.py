"""Every program of this folder, rendered by the engine, must give what the manifest says."""

import json
from pathlib import Path

import pytest

from derender.core import Program
from derender.render import Limits, RenderOptions

FOLDER = Path(__file__).parent
MANIFEST = json.loads((FOLDER / "manifest.json").read_text("utf-8"))
SHORT = RenderOptions(limits=Limits(wall_s=2, cpu_s=2, output_mb=16))
LIMITED = {"endless_loop.py", "sleeps.py", "output_flood.py", "endless_script.html"}


def test_the_manifest_names_every_program():
    assert {path.name for path in FOLDER.iterdir() if path.suffix in {".svg", ".html"}} <= set(MANIFEST)
    programs = {path.name for path in FOLDER.glob("*.py") if not path.name.startswith(("test_", "__"))}
    assert programs <= set(MANIFEST)


@pytest.mark.parametrize("name", MANIFEST)
def test_renders_as_the_manifest_says(engine, name):
    expected = MANIFEST[name]
    options = SHORT if name in LIMITED else RenderOptions()
    rendering = engine.render(Program.from_file(FOLDER / name), options)
    failure = rendering.failure
    assert (failure and str(failure.kind)) == expected["failure"], failure
    if expected["line"] is not None:
        assert failure.line == expected["line"]
    if expected["pictures"] is not None:
        assert len(rendering.pictures) == expected["pictures"]
    if expected["size"] is not None:
        assert {(picture.width, picture.height) for picture in rendering.pictures} == {tuple(expected["size"])}
    if expected.get("warns"):
        assert rendering.warnings
