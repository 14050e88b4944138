"""Pictures to compare, and a model that sees them."""

import cv2
import numpy as np
import pytest

from derender.metrics._embedder import Embedder


def draw_chart(width=320, height=240):
    picture = np.full((height, width, 3), 255, np.uint8)
    for index, tall in enumerate((60, 120, 90, 150)):
        left = 40 + 65 * index
        cv2.rectangle(picture, (left, 200 - tall), (left + 40, 200), (40 + 50 * index, 120, 220 - 50 * index), -1)
    cv2.line(picture, (30, 20), (30, 200), (0, 0, 0), 1)
    cv2.line(picture, (30, 200), (300, 200), (0, 0, 0), 1)
    cv2.putText(picture, "Sales 2024", (90, 30), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0, 0, 0), 2, cv2.LINE_AA)
    return picture


@pytest.fixture(scope="session")
def chart():
    return draw_chart()


class Seeded(Embedder):
    """A model with seeded random weights: sixteen cells of a picture, mixed."""

    fingerprint = "seeded"
    mixer = np.random.default_rng(0).normal(size=(48, 12)).astype(np.float32)

    def ready(self):
        """There is nothing to load."""

    def prepare(self, pixels):
        return cv2.resize(pixels, (4, 4), interpolation=cv2.INTER_AREA).astype(np.float32) / 255 - 0.5

    def forward(self, prepared):
        return prepared.reshape(len(prepared), -1) @ self.mixer


@pytest.fixture
def seeing(monkeypatch):
    """The seeded model in the place of the CLIP that pages are shown to."""
    model = Seeded("seeded", ())
    for module in ("clip", "webcode2m"):
        monkeypatch.setattr(f"derender.metrics.{module}.b32", model)
