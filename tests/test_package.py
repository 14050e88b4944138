"""What ``import derender`` gives, and what it costs."""

import asyncio
import pickle
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageDraw

import derender
from derender.core import UserError

ICON = "<svg xmlns='http://www.w3.org/2000/svg' width='30' height='20'><rect width='9' height='9' fill='red'/></svg>"

HEAVY = {"numpy", "PIL", "cv2", "matplotlib", "rich", "typer", "onnxruntime", "openai", "sqlite3", "asyncio"}


def modules_after(code: str) -> set[str]:
    """The modules loaded once some code has run in an interpreter of its own."""
    script = f"import sys\n{code}\nprint(*sys.modules, file=sys.__stdout__)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_heavy():
    loaded = modules_after("import derender")
    assert not loaded & HEAVY
    assert {name for name in loaded if name.startswith("derender")} == {"derender"}


def test_help_loads_nothing_but_the_commands_themselves():
    code = "from derender.cli import main\nsys.argv[1:] = ['--help']\nsys.stdout = open('/dev/null', 'w')\n"
    loaded = modules_after(f"{code}try:\n    main()\nexcept SystemExit:\n    pass")
    assert not loaded & (HEAVY - {"typer"})
    assert not {name for name in loaded if name.startswith(("derender.render", "derender.metrics", "derender.models"))}


def test_every_promised_name_is_there():
    assert dir(derender) == sorted(derender.__all__)
    for name in derender.__all__:
        assert getattr(derender, name) is not None


def test_render_is_a_function_though_it_is_a_package_too():
    code = "from derender.render import Engine\nfrom derender import render\nassert callable(render)"
    assert "derender.render.engine" in modules_after(code)
    assert derender.render.Engine is derender.Engine
    assert pickle.loads(pickle.dumps(derender.render)) is derender.render


def test_three_lines_render_a_program():
    rendering = derender.render(ICON, "svg")
    assert rendering.ok
    assert rendering.image().size == (30, 20)


def test_three_lines_convert_a_picture():
    picture = Image.new("RGB", (160, 100), "white")
    ImageDraw.Draw(picture).rectangle((30, 20, 120, 80), fill="purple")
    conversion = derender.convert(picture, to="html")
    assert conversion.program.language is derender.Language.HTML
    assert conversion.rendering.image().size == (160, 100)
    assert conversion.scores["ssim"]["ssim"] > 0.95
    assert conversion.reply is None


def test_scoring_takes_what_rendering_gives():
    rendering = derender.render(ICON, "svg")
    assert derender.score(rendering.image(), rendering, ["ssim"]).scores == {"ssim": {"ssim": 1.0}}


@pytest.mark.parametrize(
    ("image", "words"),
    [("missing.png", "no such file"), (np.zeros((4, 4, 2), np.uint8), "4 x 4 x 2"), (np.zeros((4, 4, 3)), "float64")],
)
def test_what_is_no_picture_is_told_before_a_model_is_asked(image, words):
    with pytest.raises(UserError, match=words):
        derender.convert(image)


def test_pages_and_programs_render_side_by_side_in_a_running_event_loop():
    async def drawn():
        return {index async for index, rendering in derender.render_many_async([ICON, ICON], "svg") if rendering.ok}

    assert asyncio.run(drawn()) == {0, 1}
    assert [index for index, _ in derender.render_many([ICON] * 3, "svg", in_order=True)] == [0, 1, 2]


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(derender, "nonsense")


def test_it_runs_as_a_module():
    done = subprocess.run([sys.executable, "-m", "derender", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"derender {derender.__version__}\n"
