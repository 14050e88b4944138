"""Excalidraw scenes as the paper's ablation takes them: read out of a reply, checked, and brought to a canvas.

What a scene may hold is less than Excalidraw's own: eight types of shapes, and no embedded files.
"""

import json
import math
from dataclasses import dataclass
from typing import Any, TypeAlias

from derender.core import UserError

Scene: TypeAlias = dict[str, Any]

SHAPES = ("rectangle", "diamond", "ellipse", "arrow", "line", "freedraw", "text", "frame")
MOST_WIDTH, MOST_HEIGHT = 2400, 1800
UNKNOWN_SIZE = (1024, 768)
"""Of a canvas whose picture's size is not known."""
_LENGTHS = ("x", "y", "width", "height", "fontSize", "strokeWidth")


class BadScene(UserError):
    """A text that is no scene, or one that may not be drawn; says why."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """What a scene is drawn on.

    Attributes:
        width: in pixels.
        height: likewise.
        scale: by which the scene is made smaller; 1 leaves it.
    """

    width: int
    height: int
    scale: float

    @classmethod
    def of_size(cls, size: tuple[int, int] = UNKNOWN_SIZE) -> "Canvas":
        """The canvas for a picture: its size, made smaller where a side is longer than is drawn."""
        width, height = (max(1, side) for side in size)
        scale = min(MOST_WIDTH / width, MOST_HEIGHT / height, 1.0)
        return cls(max(1, round(width * scale)), max(1, round(height * scale)), scale)


def scene_text(reply: str) -> str:
    """What stands from a reply's first brace to its last.

    Raises:
        BadScene: there are none.
    """
    start, end = reply.find("{"), reply.rfind("}")
    if start < 0 or end < start:
        raise BadScene("the reply holds no JSON object")
    return reply[start : end + 1]


def read_scene(text: str) -> Scene:
    """A scene that may be drawn.

    Raises:
        BadScene: it is no JSON, no scene, has shapes of other types, numbers that no canvas has, or files.
    """
    try:
        scene = json.loads(text, parse_constant=_number, parse_float=_number, parse_int=_number)
    except (ValueError, RecursionError) as error:
        raise BadScene(f"the scene is no JSON ({error})") from None
    if not isinstance(scene, dict):
        raise BadScene("the scene is no JSON object")
    elements = scene.get("elements")
    if not isinstance(elements, list):
        raise BadScene("the scene has no list of elements")
    for place, element in enumerate(elements):
        if not isinstance(element, dict):
            raise BadScene(f"element {place} is no object")
        if element.get("type") not in SHAPES:
            raise BadScene(f"element {place} is of the type {element.get('type')!r:.60}, which is none of {SHAPES}")
    if scene.get("files"):
        raise BadScene("the scene has embedded files")
    return scene


def scaled(scene: Scene, scale: float) -> Scene:
    """A scene made smaller: places, sizes, type, strokes and points. It is left as it is."""
    if scale == 1:
        return scene
    return {**scene, "elements": [_scaled(element, scale) for element in scene["elements"]]}


def _number(digits: str) -> float | int:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits:.20} is no number that can be drawn")
    return int(digits) if digits.lstrip("-").isdigit() else number


def _scaled(element: dict[str, Any], scale: float) -> dict[str, Any]:
    lengths = {name: _times(element[name], scale) for name in _LENGTHS if name in element}
    points = element.get("points")
    if isinstance(points, list):
        # What follows a point's two coordinates is no length.
        moved = [
            [*(_times(each, scale) for each in point[:2]), *point[2:]]
            if isinstance(point, list) and len(point) > 1
            else point
            for point in points
        ]
        return {**element, **lengths, "points": moved}
    return {**element, **lengths}


def _times(value: object, scale: float) -> object:
    return value * scale if isinstance(value, int | float) else value
