"""Other tools than Matplotlib, drawn by small renderers that are registered as any other is."""

import json
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from derender.benchmarks.vision2code.ablations.tool_use import (
    Tool,
    Toolbox,
    lacking,
    messages,
    program_of,
    task_of_picture,
    tool_digest,
)
from derender.benchmarks.vision2code.scoring import Dropped, judging
from derender.judges import get_rubric
from derender.models import ImagePart, Replay, Sampling
from derender.render import languages

RENDERERS = Path(__file__).parent / "renderers"
BOX = {"type": "rectangle", "x": 100, "y": 100, "width": 400, "height": 200}
SCENE = json.dumps({"type": "excalidraw", "elements": [BOX]})


@pytest.fixture
def registered(monkeypatch):
    """The renderers of this folder among those of the package."""
    monkeypatch.setattr(languages, "__path__", [*languages.__path__, str(RENDERERS)])
    languages.renderers.cache_clear()
    yield
    languages.renderers.cache_clear()


@pytest.fixture
def use(tmp_path, engine):
    """What comes of one reply, with every category marked alike."""

    def run(tool, reply, mark=4.0, size=(800, 600), dataset="generic"):
        image = Image.new("RGB", size, "white")
        ImageDraw.Draw(image).rectangle((100, 100, 500, 300), outline="black", width=2)
        image.save(tmp_path / "a.png")
        marks = {"category_scores": dict.fromkeys(get_rubric(f"vision2code/{dataset}").ids, mark), "rationales": {}}
        (tmp_path / "said.jsonl").write_text(json.dumps({"id": "a", "text": reply}) + "\n")
        (tmp_path / "marks.jsonl").write_text(json.dumps({"id": "a", "text": json.dumps(marks)}) + "\n")
        judge_of = judging(Replay(tmp_path / "marks.jsonl"), plain=False)
        box = Toolbox(tool, Replay(tmp_path / "said.jsonl"), engine, Sampling(), judge_of)
        return box.use(task_of_picture(tmp_path / "a.png", "a", dataset))

    return run


def test_a_scene_is_drawn_on_the_pictures_canvas_and_rated_by_the_generic_rubric(use, registered):
    found = use(Tool.EXCALIDRAW, f"```json\n{SCENE}\n```")
    assert found.drawn.status == "ok" and found.verdict.rubric == "vision2code/generic"
    assert (found.drawn.picture.width, found.drawn.picture.height) == (800, 600)
    dark = found.drawn.picture.image().convert("L").point(lambda level: 255 * (level < 128))
    assert dark.getbbox() == (99, 99, 501, 301)
    assert found.fixed.final == 4.0 and json.loads(found.task.prediction.program.source)["elements"] == [BOX]


def test_a_large_canvas_is_scaled_with_what_is_on_it(use, registered):
    found = use(Tool.EXCALIDRAW, SCENE, size=(4800, 1200))
    assert (found.drawn.picture.width, found.drawn.picture.height) == (2400, 600)
    dark = found.drawn.picture.image().convert("L").point(lambda level: 255 * (level < 128))
    assert dark.getbbox() == (49, 49, 251, 151)
    assert json.loads(found.task.prediction.program.source)["elements"] == [BOX], "the model's own scene is kept"


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (
            '{"elements": [{"type": "circle"}]}',
            "excalidraw_render_failed: ValueError: element 0 is of the type 'circle'",
        ),
        ("I can't.", "excalidraw_render_failed: ValueError: the reply holds no JSON object"),
        ('{"elements": []}', "rendered_png_invalid: {'readable': True, 'width': 800, 'height': 600, 'is_blank': True"),
    ],
)
def test_a_scene_that_gives_no_picture_is_a_zero_with_the_official_status(use, registered, reply, status):
    found = use(Tool.EXCALIDRAW, reply)
    assert found.drawn.status.startswith(status) and found.dropped is None
    assert (found.official.final, found.fixed.final) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("reply", "status", "final"),
    [
        ("```latex\n\\begin{document}many words in a row\\end{document}\n```", "ok", 4.0),
        ("\\begin{document}\\nowhere\\end{document}", "latex_compile_failed", 0.0),
        ("", "missing_generated_tex", 0.0),
        ("\\begin{document} \\end{document}", "rendered_png_invalid", 0.0),
    ],
)
def test_documents_have_the_official_statuses_and_the_datasets_rubric(use, registered, reply, status, final):
    found = use(Tool.LATEX, reply, dataset="DocVQA")
    assert found.drawn.status.partition(":")[0] == status
    assert found.fixed.final == final
    assert found.verdict is None or found.verdict.rubric == "vision2code/DocVQA"


@pytest.mark.parametrize("tool", list(Tool))
def test_without_a_renderer_there_is_no_rating_and_the_sentence_says_which_is_missing(use, tool):
    if lacking(tool) is None:
        pytest.skip(f"{tool} can be drawn here")
    found = use(tool, SCENE if tool is Tool.EXCALIDRAW else "\\documentclass{article}")
    assert found.dropped is Dropped.MACHINE_FAILED and found.official is None
    assert tool.value in found.why and tool.value in lacking(tool)


def test_a_registered_renderer_is_found_and_says_what_it_lacks(registered, monkeypatch):
    assert [lacking(tool) for tool in Tool] == [None, None]
    renderer = languages.renderers()[Tool.LATEX.language]
    monkeypatch.setattr(type(renderer), "missing", lambda self: ("fonts",))
    assert lacking(Tool.LATEX).startswith("the renderer of latex lacks ") and "install with" in lacking(Tool.LATEX)


def test_what_is_asked_has_rules_picture_and_question(tmp_path):
    Image.new("RGB", (300, 200)).save(tmp_path / "a.png")
    picture = (tmp_path / "a.png").read_bytes()
    for tool, told in ((Tool.LATEX, "How {many}?"), (Tool.EXCALIDRAW, "300 by 200")):
        rules, question = messages(tool, picture, "How {many}?")
        part, text = question.parts
        assert part == ImagePart(picture) and told in text and len(rules.parts) == 1
    assert '"roundness": {"type": 3}' in text
    assert tool_digest(Tool.LATEX) != tool_digest(Tool.EXCALIDRAW)


@pytest.mark.parametrize(
    ("reply", "source"),
    [
        ("```tex\nA\n```", "A"),
        ("  ```\nA```", "A"),
        ("A ```", "A ```"),
        ("Sure:\n```latex\nA\n```", "Sure:\n```latex\nA\n```"),
    ],
)
def test_a_documents_fence_is_taken_off_only_where_the_reply_begins_with_it(reply, source):
    assert program_of(Tool.LATEX, reply).source == source
