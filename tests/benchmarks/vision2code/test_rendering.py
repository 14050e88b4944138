"""Programs drawn the official way and without its losses, by the real engine in the real environment."""

import textwrap
from dataclasses import replace

import pytest

from derender.benchmarks.vision2code import OPTIONS, FailureClass, prepare
from derender.core import Failure, FailureKind, Program, Rendering
from derender.judges import Mode
from derender.render import Limits
from derender.render.environments import find

PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n"
SAVED = PLOT + "plt.savefig(OUTPUT_PATH)\n"


@pytest.fixture(scope="module", autouse=True)
def environment():
    if find("vision2code").environment() is None:
        pytest.skip("the environment vision2code is not built here")


@pytest.fixture
def draw(engine):
    def drawn(source, mode=Mode.OFFICIAL, size=(333, 217), options=OPTIONS):
        prepared = prepare(Program(textwrap.dedent(source), "python"), mode, size)
        return prepared.read(engine.render(prepared.program, options))

    return drawn


@pytest.mark.parametrize("size", [(333, 217), (420, 756), (512, 512)])
def test_a_chart_gets_the_references_size(draw, size):
    found = draw(PLOT + "plt.gcf().set_size_inches(9, 9)\nplt.savefig(OUTPUT_PATH, dpi=300)", size=size)
    assert found.status == "ok" and found.failure is None and found.failure_class is None
    assert (found.picture.width, found.picture.height) == size


@pytest.mark.parametrize("short", [57, 114, 201])
def test_of_some_sizes_a_pixel_is_lost_as_there(draw, short):
    picture = draw(SAVED, size=(short, 300)).picture
    assert (picture.width, picture.height) == (short - 1, 300)


@pytest.mark.parametrize(
    "save",
    [
        "plt.savefig('OUTPUT_PATH')",
        "plt.savefig(OUTPUT_PATH + '.png', bbox_inches='tight', pad_inches=2)",
        "plt.savefig(fname='/elsewhere/plot.jpg')",
        "plt.gcf().savefig('plot.pdf', transparent=False)",
        "import io; buffer = io.BytesIO(); plt.savefig(buffer); assert not buffer.getvalue()",
        "plt.savefig(OUTPUT_PATH); raise SystemExit(0)",
    ],
)
def test_every_save_lands_in_the_one_file_at_the_one_size(draw, save):
    found = draw(PLOT + save)
    assert found.status == "ok"
    assert (found.picture.name, found.picture.width, found.picture.height) == ("rendered_image.png", 333, 217)


def test_the_last_save_counts(draw):
    found = draw(
        """
        import matplotlib.pyplot as plt
        for color in ("red", "blue"):
            figure = plt.figure(facecolor=color)
            figure.savefig(color + ".png")
        """
    )
    assert found.picture.image().convert("RGB").getpixel((5, 5)) == (0, 0, 255)


def test_axes_of_three_dimensions(draw):
    assert draw(PLOT + "plt.close('all')\nplt.figure().add_subplot(projection='3d')\nplt.savefig(OUTPUT_PATH)").picture


def test_pictures_that_matplotlib_does_not_save_keep_their_size(draw):
    found = draw("from PIL import Image\nImage.new('RGB', (40, 30), 'red').save(OUTPUT_PATH)\n")
    assert (found.status, found.picture.width) == ("ok", 40)
    found = draw("import numpy as np\nplt.imsave(OUTPUT_PATH, np.zeros((20, 50)))\n")
    assert (found.status, found.picture.width) == ("ok", 50)


@pytest.mark.parametrize(
    "source", [PLOT + "plt.show()\n", PLOT, "print('nothing')", PLOT + "plt.imsave('other.png', [[0, 1]])", ""]
)
def test_what_does_not_reach_the_file_is_no_picture(draw, source):
    found = draw(source)
    assert (found.status, found.picture) == ("no_output_image", None)
    assert found.failure_class is FailureClass.OTHER_RUNTIME
    assert found.failure.kind is FailureKind.NO_PICTURE


def test_a_failure_has_the_status_of_its_traceback_and_its_own_line(draw):
    found = draw(SAVED + "plt.gca().w_xaxis\n")
    assert found.status.startswith("Traceback (most recent call last):")
    assert 'program.py", line 43' in found.status
    assert found.status.rstrip().endswith("has no attribute 'w_xaxis'")
    assert found.failure.line == 4
    assert 'program.py", line 4' in found.failure.detail
    assert found.failure_class is FailureClass.HALLUCINATED_API_ARGUMENT
    assert not found.render_success and found.picture is None and found.unscored is None


@pytest.mark.parametrize(
    ("source", "official", "fixed"),
    [
        ("x = (", FailureClass.SYNTAX_TRUNCATION, FailureClass.SYNTAX_TRUNCATION),
        ("if True:\nx = 1", FailureClass.OTHER_RUNTIME, FailureClass.SYNTAX_TRUNCATION),
        ("import seaborn", FailureClass.MISSING_DEPENDENCY_FILE, FailureClass.MISSING_DEPENDENCY_FILE),
        ("open('data.csv')", FailureClass.MISSING_DEPENDENCY_FILE, FailureClass.MISSING_DEPENDENCY_FILE),
        ("raise SystemExit(3)", FailureClass.OTHER_RUNTIME, FailureClass.OTHER_RUNTIME),
        ("raise ValueError('timeout')", FailureClass.TIMEOUT, FailureClass.SHAPE_3D_GEOMETRY),
    ],
)
def test_classes_of_real_failures_the_papers_and_ours(draw, source, official, fixed):
    assert draw(source).failure_class is official
    assert draw(source, Mode.FIXED).failure_class is fixed


def test_a_program_without_end_is_a_timeout(draw):
    options = replace(OPTIONS, limits=Limits.of_timeout(1))
    found = draw(SAVED + "while True: pass", options=options)
    assert (found.status, found.failure_class) == ("timeout", FailureClass.TIMEOUT)
    assert draw("while True: pass", Mode.FIXED, options=options).failure_class is FailureClass.TIMEOUT


def test_official_a_future_import_comes_too_late_and_fixed_it_does_not(draw):
    source = '"""A chart."""\nfrom __future__ import annotations\n' + SAVED
    assert draw(source).failure_class is FailureClass.SYNTAX_TRUNCATION
    assert draw(source, Mode.FIXED).status == "ok"
    failed = draw(source + "1 / 0\n", Mode.FIXED)
    assert failed.failure.line == 6 and 'program.py", line 6' in failed.status


def test_fixed_keeps_the_programs_own_size_and_what_it_shows(draw):
    found = draw(PLOT + "plt.gcf().set_size_inches(4, 3)\nplt.savefig(OUTPUT_PATH, dpi=50)\n", Mode.FIXED)
    assert (found.picture.width, found.picture.height) == (200, 150)
    shown = draw(PLOT + "plt.show()\n", Mode.FIXED)
    assert shown.status == "ok" and shown.picture.name.startswith("figure-1")
    two = draw(PLOT + "plt.savefig('a.png')\nplt.savefig(OUTPUT_PATH)\n", Mode.FIXED)
    assert two.picture.name == "rendered_image.png"


def test_a_failure_of_the_machine_has_no_status_and_is_never_a_zero():
    prepared = prepare(Program(SAVED, "python"), Mode.OFFICIAL)
    lost = Rendering(prepared.program, failure=Failure(FailureKind.WORKER_LOST, "the worker died twice"))
    found = prepared.read(lost)
    assert found.status is None and found.failure_class is None and not found.render_success
    assert found.unscored == "the worker died twice"


def test_the_models_own_text_stands_in_the_program_unchanged():
    program = Program("x = 1\r\n", "python", {"data.csv": b"1"})
    prepared = prepare(program, Mode.OFFICIAL)
    assert prepared.program.source.splitlines()[39] == "x = 1"
    assert prepared.program.source.endswith(program.source)
    assert prepared.program.assets == program.assets and prepared.program.environment == "vision2code"
    with pytest.raises(ValueError, match="draws Python, not svg"):
        prepare(Program("<svg/>", "svg"), Mode.OFFICIAL)
