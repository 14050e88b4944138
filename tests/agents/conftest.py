"""Answers of known quality about one picture, given again by a replay, and drawn by the real engine."""

import json

import numpy as np
import pytest

from derender.agents import MetricScorer, Task
from derender.core import Language, Program
from derender.models import Replay


def svg(body: str) -> str:
    return f"<svg xmlns='http://www.w3.org/2000/svg' width='120' height='80'>{body}</svg>"


GROUND = "<rect width='120' height='80' fill='#fff'/>"
WANTED = svg(f"{GROUND}<rect x='20' y='20' width='50' height='40' fill='#086'/><circle cx='95' cy='40' r='15'/>")
CLOSE = svg(f"{GROUND}<rect x='20' y='20' width='50' height='40' fill='#086'/><circle cx='95' cy='40' r='8'/>")
ROUGH = svg(f"{GROUND}<rect x='10' y='10' width='50' height='40' fill='#086'/>")
WORSE = svg("<rect width='120' height='80' fill='#a00'/>")
BROKEN = "<svg xmlns='http://www.w3.org/2000/svg' width='120' height='80'>\n<rect width='9'\n</svg>"


def fenced(source: str) -> str:
    return f"Here it is:\n```svg\n{source}\n```\n"


class Watched:
    """A model that writes down what it is asked."""

    def __init__(self, model):
        self.model = model
        self.name, self.identity = model.name, model.identity
        self.asked = []

    async def ask(self, messages, sampling=None, *, deadline=None, item=None):
        self.asked.append((messages, sampling, deadline, item))
        return await self.model.ask(messages, sampling, deadline=deadline, item=item)

    def text(self, number: int) -> str:
        (message,) = self.asked[number - 1][0]
        return "\n".join(part for part in message.parts if isinstance(part, str))

    def pictures(self, number: int) -> int:
        (message,) = self.asked[number - 1][0]
        return sum(not isinstance(part, str) for part in message.parts)


@pytest.fixture(scope="session")
def image(engine):
    return np.asarray(engine.render(Program(WANTED, "svg")).image().convert("RGB"))


@pytest.fixture
def task(image):
    return Task(image, Language.SVG, "chart")


@pytest.fixture
def scorer(image):
    return MetricScorer(image, "ssim")


@pytest.fixture
def answers(tmp_path):
    """A model that gives these answers, one a round; a mapping is a row of the recording."""

    def recorded(*replies):
        rows = []
        for number, reply in enumerate(replies, 1):
            item = "chart" if number == 1 else f"chart~{number}"
            rows.append({"id": item, **(reply if isinstance(reply, dict) else {"text": reply})})
        path = tmp_path / "answers.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return Watched(Replay(path))

    return recorded
