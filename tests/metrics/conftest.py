"""Pictures to compare: a small chart and ways to spoil it."""

import cv2
import numpy as np
import pytest


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
