"""Scenes read out of replies, checked and scaled as the paper's runner does it."""

import copy
import json

import pytest

from derender.benchmarks.vision2code.ablations.excalidraw import (
    SHAPES,
    BadScene,
    Canvas,
    read_scene,
    scaled,
    scene_text,
)


@pytest.mark.parametrize(
    ("size", "canvas"),
    [
        ((1024, 768), (1024, 768, 1.0)),
        ((2400, 1800), (2400, 1800, 1.0)),
        ((4800, 1000), (2400, 500, 0.5)),
        ((1000, 7200), (250, 1800, 0.25)),
        ((5672, 3096), (2400, 1310, 2400 / 5672)),
        ((0, 10), (1, 10, 1.0)),
    ],
)
def test_a_canvas_is_as_large_as_the_picture_within_bounds(size, canvas):
    found = Canvas.of_size(size)
    assert (found.width, found.height, found.scale) == canvas


def test_every_length_is_scaled_and_nothing_else():
    element = {"type": "arrow", "x": 10, "y": -20, "width": 30, "height": 4.0, "fontSize": 20, "strokeWidth": 2}
    element |= {"points": [[0, 0], [30, 4, 0.7], [1], "x"], "angle": 1.5, "roughness": 1, "opacity": 80, "seed": 7}
    scene = {
        "type": "excalidraw",
        "elements": [element, {"type": "text", "x": None, "text": "1"}],
        "appState": {"x": 4},
    }
    before = copy.deepcopy(scene)
    found = scaled(scene, 0.5)
    assert scene == before and scaled(scene, 1.0) is scene
    first, second = found["elements"]
    assert first == {
        **element,
        **{"x": 5.0, "y": -10.0, "width": 15.0, "height": 2.0, "fontSize": 10.0, "strokeWidth": 1.0},
        "points": [[0.0, 0.0], [15.0, 2.0, 0.7], [1], "x"],
    }
    assert second == {"type": "text", "x": None, "text": "1"} and found["appState"] == {"x": 4}


def test_a_scene_is_taken_from_the_first_brace_to_the_last():
    scene = '{"elements": [{"type": "frame"}], "files": {}}'
    for reply in (scene, f"```json\n{scene}\n```", f"Here it is: {scene} That is all."):
        assert scene_text(reply) == scene
    assert read_scene(scene)["elements"] == [{"type": "frame"}]
    with pytest.raises(BadScene, match="no JSON object"):
        scene_text("} nothing {")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[]", "is no JSON object"),
        ("{}", "no list of elements"),
        ('{"elements": {}}', "no list of elements"),
        ('{"elements": ["box"]}', "element 0 is no object"),
        ('{"elements": [{"type": "line"}, {"type": "circle"}]}', "element 1 is of the type 'circle'"),
        ('{"elements": [{"type": ["line"]}]}', "element 0 is of the type"),
        ('{"elements": [{}]}', "of the type None"),
        ('{"elements": [], "files": {"a": {}}}', "embedded files"),
        ('{"elements": [], "files": ["a"]}', "embedded files"),
        *((f'{{"elements": [{{"type": "line", "x": {odd}}}]}}', "no number") for odd in ("NaN", "1e999", "9" * 400)),
    ],
)
def test_what_may_not_be_drawn_is_said(text, said):
    with pytest.raises(BadScene, match=said):
        read_scene(text)


def test_all_eight_shapes_may_be_drawn():
    assert len(SHAPES) == 8
    read_scene(json.dumps({"elements": [{"type": shape} for shape in SHAPES], "files": None}))
